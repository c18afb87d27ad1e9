r"""How far off are the numbers?

    L1           |x - t|
    MSE          (x - t)^2
    Huber        quadratic near 0, straight from delta on
    SmoothL1     Huber divided by its delta
    PoissonNLL   exp(x) - t x                           counts t with rate exp(x)
    GaussianNLL  (log var + (x - t)^2 / var) / 2        numbers with a known or predicted variance
    KLDiv        t (log t - x)                          how far is the distribution exp(x) from t?

Read next: `distance.py`.
"""

from __future__ import annotations

from math import log, pi
from typing import Any

from autograd import Tensor, ops
from autograd.ops.shapes import as_array
from nn.loss.loss import Loss, anywhere, check_reduction, numbers, reduced, same_shape


def l1_loss(x: Any, target: Any, reduction: str = "mean") -> Any:
    """|x - t|, the absolute error.

    target:  t, in the shape of x
    """
    x, target = same_shape("l1_loss", x, target)
    return reduced(ops.absolute(x - target), reduction)


class L1Loss(Loss, function=l1_loss): ...


def mse_loss(x: Any, target: Any, reduction: str = "mean") -> Any:
    """(x - t)^2, the squared error.

    target:  t, in the shape of x
    """
    x, target = same_shape("mse_loss", x, target)
    return reduced(ops.square(x - target), reduction)


class MSELoss(Loss, function=mse_loss): ...


def huber_loss(x: Any, target: Any, reduction: str = "mean", delta: float = 1.0) -> Any:
    """(x - t)^2 / 2 where |x - t| <= delta, delta (|x - t| - delta / 2) elsewhere. (Huber 1964.)

    target:  t, in the shape of x
    """
    x, target = same_shape("huber_loss", x, target)
    if not delta > 0:
        raise ValueError(f"huber_loss: delta is where the parabola becomes a line, a positive number, not {delta}")
    error = ops.absolute(x - target)
    near = ops.clip(error, None, delta)  # near^2 / 2 + delta (error - near) is both branches in one
    return reduced(near * (0.5 * near) + delta * (error - near), reduction)


class HuberLoss(Loss, function=huber_loss): ...


def smooth_l1_loss(x: Any, target: Any, reduction: str = "mean", beta: float = 1.0) -> Any:
    """(x - t)^2 / (2 beta) where |x - t| < beta, |x - t| - beta / 2 elsewhere. (Girshick 2015, Fast R-CNN.)

    target:  t, in the shape of x
    beta:    0 for the absolute error
    """
    if beta < 0:
        raise ValueError(f"smooth_l1_loss: beta is where the parabola becomes a line, not negative, but beta = {beta}")
    return l1_loss(x, target, reduction) if beta == 0 else huber_loss(x, target, reduction, beta) / beta


class SmoothL1Loss(Loss, function=smooth_l1_loss): ...


def poisson_nll_loss(x: Any, target: Any, log_input: bool = True, full: bool = False, eps: float = 1e-8, reduction: str = "mean") -> Any:
    """exp(x) - t x: the negative log-likelihood of counts t with the rate exp(x), without log(t!).

    target:     t, in the shape of x
    log_input:  False if x is the rate itself: x - t log(x + eps)
    full:       add Stirling's log(t!) = t log(t) - t + log(2 pi t) / 2 where t > 1
    """
    x, target = same_shape("poisson_nll_loss", x, target)
    loss = ops.exp(x) - target * x if log_input else x - target * ops.log(x + eps)
    if full:
        t = ops.where(target > 1, target, 1)
        loss = loss + ops.where(target > 1, t * ops.log(t) - t + 0.5 * ops.log(2 * pi * t), 0)
    return reduced(loss, reduction)


class PoissonNLLLoss(Loss, function=poisson_nll_loss): ...


def gaussian_nll_loss(x: Any, target: Any, var: Any, full: bool = False, eps: float = 1e-6, reduction: str = "mean") -> Any:
    """(log(var) + (x - t)^2 / var) / 2: the negative log-likelihood of t under a normal distribution around x. (Nix & Weigend 1994.)

    target:  t, in the shape of x
    var:     variances in the shape of x, or one for each row: that shape without the last axis, or with length 1 there
    eps:     variances count as at least this; their gradient is that at the bound
    full:    add log(2 pi) / 2

    Raises ValueError for shapes that do not fit and negative variances.
    """
    x, target = same_shape("gaussian_nll_loss", x, target)
    x, var = numbers(x, as_array(var))
    if var.shape == x.shape[:-1] and var.shape != x.shape:
        var = ops.expand_dims(var, -1)
    if var.shape not in (x.shape, (*x.shape[:-1], 1)):
        raise ValueError(f"gaussian_nll_loss: an input of shape {x.shape} takes variances of that shape, or of {(*x.shape[:-1], 1)} or "
                         f"{x.shape[:-1]}, but they have shape {var.shape}")
    if anywhere(var < 0):
        raise ValueError("gaussian_nll_loss: variances are not negative, but some of these are. Predict their logarithm, and exp() it.")
    missing = ops.relu(eps - var)
    var = var + (missing.detach() if isinstance(missing, Tensor) else missing)
    loss = 0.5 * (ops.log(var) + ops.square(x - target) / var)
    return reduced(loss + 0.5 * log(2 * pi) if full else loss, reduction)


class GaussianNLLLoss(Loss, function=gaussian_nll_loss): ...


def kl_div(x: Any, target: Any, reduction: str = "mean", log_target: bool = False) -> Any:
    """t (log(t) - x), whose sum is the Kullback-Leibler divergence of the distribution exp(x) from t.

    x:           log-probabilities
    target:      probabilities t, or their logarithms if `log_target`, in the shape of x
    reduction:   'batchmean' is the divergence: the sum divided by the number of rows; 'mean' divides by the number of elements

    Raises ValueError for shapes that differ.
    """
    check_reduction(reduction, KLDivLoss.REDUCTIONS)
    x, target = same_shape("kl_div", x, target)
    if log_target:
        loss = ops.exp(target) * (target - x)
    else:
        loss = target * (ops.log(ops.where(target > 0, target, 1)) - x)
    return ops.sum(loss) / max(x.shape[0] if x.shape else 1, 1) if reduction == "batchmean" else reduced(loss, reduction)


class KLDivLoss(Loss, function=kl_div):
    REDUCTIONS = (*Loss.REDUCTIONS, "batchmean")
