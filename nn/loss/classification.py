r"""Which class is it?

    CrossEntropy    -log softmax(x)[t]                        one of C classes, from scores
    NLL             -x[t]                                     the same from log-probabilities
    BCE             -t log p - (1 - t) log(1 - p)             yes or no, from probabilities
    BCEWithLogits   the same of p = sigmoid(x)                yes or no, from scores
    Focal           (1 - p_t)^gamma times that                yes or no, where most cases are easy

Read next: `margin.py`.
"""

from __future__ import annotations

from math import exp
from typing import Any

from autograd import ops
from autograd.ops.shapes import as_array, floating
from nn.loss.loss import Loss, anywhere, check_reduction, reduced, same_shape, weighted


def one_hot(target: Any, num_classes: int = -1) -> Any:
    """1 for the class that the target is, 0 for the others, along a new last axis.

    num_classes:  default: as many as the largest target needs

    Raises IndexError for a target that is no class.
    """
    target = as_array(target)
    return ops.astype(ops.one_hot(target, int(ops.max(target)) + 1 if num_classes == -1 else num_classes), target.dtype)


def cross_entropy(x: Any, target: Any, weight: Any = None, ignore_index: int = -100, reduction: str = "mean",
                  label_smoothing: float = 0.0) -> Any:
    """-log softmax(x)[target]: how surprised the scores are by the truth. (CS231n, "Linear classification", softmax classifier.)

    x:                scores (N, C), (N, C, d1, ...) or (C,); not probabilities
    target:           class numbers (N,), (N, d1, ...) or (), or probabilities in the shape of x
    weight:           how much each class counts, (C,)
    ignore_index:     the target that does not count
    reduction:        'mean' over what counts, 'sum' or 'none'
    label_smoothing:  the share of the target that is spread evenly over all classes

    >>> import numpy as np, nn
    >>> float(nn.CrossEntropyLoss()(np.zeros((2, 4)), np.array([0, 3])).round(4))  # guessing: log 4
    1.3863

    Raises IndexError for a target that is no class, ValueError for shapes that do not fit.
    """
    return ops.cross_entropy(x, target, axis=min(1, len(x.shape) - 1), weight=weight, ignore_index=ignore_index, reduction=reduction,
                             label_smoothing=label_smoothing)


class CrossEntropyLoss(Loss, function=cross_entropy): ...


def classes_of(name: str, x: Any, target: Any, ignore_index: int | None = None) -> tuple[Any, int]:
    """Where along the axis of classes of x the targets are, as booleans in the shape of x; and that axis."""
    target, axis = as_array(target), min(1, len(x.shape) - 1)
    fits = (*x.shape[:axis], *x.shape[axis + 1:])
    if target.dtype.kind not in "iu":
        raise TypeError(f"{name}: targets are class numbers, integers, and not {target.dtype}")
    if not x.shape or target.shape != fits:
        raise ValueError(f"{name}: an input of shape {x.shape} needs class numbers of shape {fits}, not {target.shape}")
    return ops.moveaxis(ops.one_hot(target, x.shape[axis], ignore_index), -1, axis), axis


def class_weight(name: str, x: Any, weight: Any, axis: int) -> Any:
    """Weights (C,) in a shape that broadcasts against x; without them 1."""
    if weight is None:
        return 1
    weight = as_array(weight)
    if weight.shape != (x.shape[axis],):
        raise ValueError(f"{name}: weight needs a number for each of the {x.shape[axis]} classes, but has shape {weight.shape}")
    return ops.reshape(ops.astype(weight, x.dtype), (-1,) + (1,) * (len(x.shape) - 1 - axis))


def nll_loss(x: Any, target: Any, weight: Any = None, ignore_index: int = -100, reduction: str = "mean") -> Any:
    """-weight[target] x[target], the negative log-likelihood of the right classes.

    x:             log-probabilities (N, C), (N, C, d1, ...) or (C,), as from `log_softmax`
    target:        class numbers (N,), (N, d1, ...) or ()
    weight:        how much each class counts, (C,)
    ignore_index:  the target that does not count
    reduction:     'mean', divided by the sum of the weights of the targets; 'sum' or 'none'

    Raises IndexError for a target that is no class, ValueError for shapes that do not fit.
    """
    check_reduction(reduction)
    x = floating(x)
    hot, axis = classes_of("nll_loss", x, target, ignore_index)
    w = class_weight("nll_loss", x, weight, axis)
    loss = -ops.sum(ops.where(hot, x * w, 0), axis)
    return reduced(loss, reduction) if reduction != "mean" else ops.sum(loss) / ops.sum(ops.astype(hot, x.dtype) * w)


class NLLLoss(Loss, function=nll_loss): ...


TINY = exp(-100)


def log(p: Any) -> Any:
    """log(p), but not below -100, where a steep line goes on: the loss of a wrong certainty stays finite, and so does its gradient."""
    safe = p > TINY
    return ops.where(safe, ops.log(ops.where(safe, p, 1)), 1e12 * p - 100)


def binary_cross_entropy(x: Any, target: Any, weight: Any = None, reduction: str = "mean") -> Any:
    """-t log(x) - (1 - t) log(1 - x), with logarithms of at least -100.

    x:       probabilities between 0 and 1; from scores take `binary_cross_entropy_with_logits`
    target:  t, between 0 and 1, in the shape of x
    weight:  of each element, broadcast to x

    Raises ValueError for shapes that differ and numbers that are no probabilities.
    """
    x, t = same_shape("binary_cross_entropy", x, target)
    if anywhere((x < 0) | (x > 1)):
        raise ValueError("binary_cross_entropy takes probabilities, and some of these are below 0 or above 1: "
                         "take binary_cross_entropy_with_logits (BCEWithLogitsLoss) for scores")
    return reduced(weighted("binary_cross_entropy", -t * log(x) - (1 - t) * log(1 - x), weight), reduction)


class BCELoss(Loss, function=binary_cross_entropy): ...


def binary_cross_entropy_with_logits(x: Any, target: Any, weight: Any = None, reduction: str = "mean", pos_weight: Any = None) -> Any:
    """-pos_weight t log(sigmoid(x)) - (1 - t) log(1 - sigmoid(x)), without overflow.

    x:           scores
    target:      t, between 0 and 1, in the shape of x
    weight:      of each element, broadcast to x
    pos_weight:  how much a yes counts, broadcast to x: above 1 for more recall, below for more precision

    Raises ValueError for shapes that differ.
    """
    x, t = same_shape("binary_cross_entropy_with_logits", x, target)
    yes = weighted("binary_cross_entropy_with_logits", t * ops.softplus(-x), pos_weight)
    return reduced(weighted("binary_cross_entropy_with_logits", yes + (1 - t) * ops.softplus(x), weight), reduction)


class BCEWithLogitsLoss(Loss, function=binary_cross_entropy_with_logits): ...


def sigmoid_focal_loss(x: Any, target: Any, alpha: float = 0.25, gamma: float = 2.0, reduction: str = "none") -> Any:
    """-alpha_t (1 - p_t)^gamma log(p_t): binary cross entropy in which what is easy counts little. (Lin et al. 2017, equation 5.)

    p_t is the probability sigmoid(x) or 1 - sigmoid(x) of what is true; alpha_t is alpha or 1 - alpha.

    x:       scores
    target:  t, 0 or 1, in the shape of x
    alpha:   the weight of a yes between 0 and 1; -1 for no weights
    gamma:   0 for the plain cross entropy

    (Arguments and defaults are those of torchvision's function.) Raises ValueError for shapes that differ.
    """
    x, t = same_shape("sigmoid_focal_loss", x, target)
    p = ops.sigmoid(x)
    loss = binary_cross_entropy_with_logits(x, t, reduction="none") * (p + t - 2 * p * t) ** gamma
    return reduced(loss if alpha < 0 else loss * (alpha * t + (1 - alpha) * (1 - t)), reduction)


class FocalLoss(Loss, function=sigmoid_focal_loss): ...
