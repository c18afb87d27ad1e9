r"""Is the right answer ahead by a margin?

The losses of support vector machines: nothing is paid once the right answer leads by the margin, and what is missing otherwise.

    MultiMargin             sum_(j != t) max(0, margin - x_t + x_j)     one of C classes (the multiclass SVM)
    MultiLabelMargin        the same for several right classes
    MultiLabelSoftMargin    binary cross entropy for each class
    SoftMargin              log(1 + exp(-t x))                          t is 1 or -1
    HingeEmbedding          x if t = 1, max(0, margin - x) if -1        x is a distance
    MarginRanking           max(0, margin - t (x1 - x2))                which is larger?

Read next: `regression.py`.
"""

from __future__ import annotations

from typing import Any

from autograd import ops
from autograd.ops.shapes import as_array, floating
from nn.activation import logsigmoid
from nn.loss.classification import class_weight, classes_of
from nn.loss.loss import Loss, anywhere, reduced, same_shape, weighted


def multi_margin_loss(x: Any, target: Any, p: int = 1, margin: float = 1.0, weight: Any = None, reduction: str = "mean",
                      over_classes: str = "mean") -> Any:
    """sum over j != t of max(0, margin - x_t + x_j)^p, divided by C: the multiclass SVM loss (Weston & Watkins 1999).

    x:             scores (N, C) or (C,)
    target:        the right classes t, (N,) or ()
    p:             1, or 2 for squared hinges
    weight:        how much each right class counts, (C,)
    over_classes:  'mean' divides by C, as PyTorch does; 'sum' does not, as in CS231n ("Linear classification", multiclass SVM loss)

    >>> import numpy as np, nn
    >>> svm = nn.MultiMarginLoss(over_classes="sum")
    >>> float(svm(np.array([[3.2, 5.1, -1.7]]), np.array([0])).round(4))  # the cat of CS231n, lecture 3
    2.9

    Raises IndexError for a target that is no class, ValueError for shapes that do not fit.
    """
    if p not in (1, 2):
        raise ValueError(f"multi_margin_loss: p is 1 or 2, not {p!r}")
    if over_classes not in ("mean", "sum"):
        raise ValueError(f"multi_margin_loss: over_classes is 'mean' (PyTorch) or 'sum' (CS231n), not {over_classes!r}")
    if len(x.shape) not in (1, 2):
        raise ValueError(f"multi_margin_loss takes scores (N, C) or (C,), but the input has shape {x.shape}")
    x = floating(x)
    hot, axis = classes_of("multi_margin_loss", x, target)
    right = ops.sum(ops.where(hot, x, 0), axis, True)
    hinge = ops.where(hot, 0, ops.relu(x - right + margin))
    if p == 2:
        hinge = ops.square(hinge)
    if weight is not None:
        hinge = hinge * ops.sum(hot * class_weight("multi_margin_loss", x, weight, axis), axis, True)
    return reduced(ops.mean(hinge, axis) if over_classes == "mean" else ops.sum(hinge, axis), reduction)


class MultiMarginLoss(Loss, function=multi_margin_loss): ...


def multilabel_margin_loss(x: Any, target: Any, reduction: str = "mean") -> Any:
    """sum over right classes t and wrong classes j of max(0, 1 - x_t + x_j), divided by C.

    x:       scores (N, C) or (C,)
    target:  in the same shape: the numbers of the right classes, and -1 after the last

    Raises IndexError for a target that is no class, ValueError for shapes that differ.
    """
    target = as_array(target)
    x, _ = same_shape("multilabel_margin_loss", x, target)
    if len(x.shape) not in (1, 2) or target.dtype.kind not in "iu":
        raise ValueError(f"multilabel_margin_loss takes scores (N, C) or (C,) and class numbers, but the input has shape {x.shape} "
                         f"and the targets are {target.dtype}")
    counts = ops.cumprod(ops.where(target == -1, 0, 1), -1)  # 1 before the first -1
    hot = ops.one_hot(ops.where(counts == 0, -1, target), x.shape[-1], -1)  # (N, T, C)
    right = ops.sum(ops.where(hot, ops.expand_dims(x, -2), 0), -1, True)
    wrong = ~ops.any(hot, -2, True)
    pays = (ops.expand_dims(counts, -1) == 1) & wrong
    hinge = ops.where(pays, ops.relu(1 - right + ops.expand_dims(x, -2)), 0)
    return reduced(ops.sum(hinge, (-2, -1)) / x.shape[-1], reduction)


class MultiLabelMarginLoss(Loss, function=multilabel_margin_loss): ...


def multilabel_soft_margin_loss(x: Any, target: Any, weight: Any = None, reduction: str = "mean") -> Any:
    """-t log(sigmoid(x)) - (1 - t) log(1 - sigmoid(x)), averaged over the classes.

    x:       scores (N, C) or (C,)
    target:  t, 0 or 1 for each class, in the same shape
    weight:  how much each class counts, (C,)

    Raises ValueError for shapes that differ.
    """
    x, t = same_shape("multilabel_soft_margin_loss", x, target)
    loss = -t * logsigmoid(x) - (1 - t) * logsigmoid(-x)
    return reduced(ops.mean(weighted("multilabel_soft_margin_loss", loss, weight), -1), reduction)


class MultiLabelSoftMarginLoss(Loss, function=multilabel_soft_margin_loss): ...


def signs(name: str, x: Any, target: Any) -> tuple[Any, Any]:
    """x, and targets of 1 and -1 in the shape of x."""
    x, t = same_shape(name, x, target)
    if anywhere((target != 1) & (target != -1)):
        raise ValueError(f"{name}: targets are 1 or -1, but there are others. Write 2 * target - 1 if they are 0 and 1.")
    return x, t


def soft_margin_loss(x: Any, target: Any, reduction: str = "mean") -> Any:
    """log(1 + exp(-t x)), the logistic loss.

    target:  t, 1 or -1, in the shape of x
    """
    x, t = signs("soft_margin_loss", x, target)
    return reduced(ops.softplus(-t * x), reduction)


class SoftMarginLoss(Loss, function=soft_margin_loss): ...


def hinge_embedding_loss(x: Any, target: Any, margin: float = 1.0, reduction: str = "mean") -> Any:
    """x where the target is 1, max(0, margin - x) where it is -1.

    x:  distances: small for pairs that belong together (1), at least the margin for others (-1)
    """
    x, t = signs("hinge_embedding_loss", x, target)
    return reduced(ops.where(t > 0, x, ops.clip(margin - x, 0, None)), reduction)


class HingeEmbeddingLoss(Loss, function=hinge_embedding_loss): ...


def margin_ranking_loss(x1: Any, x2: Any, target: Any, margin: float = 0.0, reduction: str = "mean") -> Any:
    """max(0, margin - t (x1 - x2)).

    target:  t, 1 where x1 should be larger, -1 where x2 should be; all in one shape
    """
    x1, x2 = same_shape("margin_ranking_loss", x1, x2, "the second")
    _, t = signs("margin_ranking_loss", x1, target)
    return reduced(ops.clip(margin - t * (x1 - x2), 0, None), reduction)


class MarginRankingLoss(Loss, function=margin_ranking_loss): ...
