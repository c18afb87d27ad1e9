r"""How do scores become probabilities, and what does a wrong guess cost?

For the scores ("logits") x of C classes

    softmax(x)_c     = exp(x_c) / sum_j exp(x_j)
    log_softmax(x)_c = x_c - logsumexp(x)
    cross entropy    = -sum_c q_c log_softmax(x)_c = logsumexp(x) - x_t    for the one target class t

and the gradient of the last is the loveliest of the course: softmax(x) - q, "what you said minus what is true".
(CS231n, "Linear classification", softmax classifier.) All of them subtract the largest score first, so nothing overflows.

Read next: `normalization.py`.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np

from autograd import kernels
from autograd.ops.elementwise import exp, where
from autograd.ops.reductions import kept_shape, logsumexp, sum
from autograd.ops.shapes import as_array, astype, floating, reshape
from autograd.primitive import primitive


def slope_to_p(g: Any, x: Any, p: Any, axis: Any) -> Any:
    """g (x - sum(x p)) - x sum(g p)."""
    return g * (x - sum(x * p, axis, True)) - x * sum(g * p, axis, True)


@primitive(x=lambda g, p, axis: softmax_slope(g, p, axis), p=slope_to_p)  # type: ignore[has-type]
def softmax_slope(x: Any, p: Any, axis: Any = -1) -> Any:
    """p (x - sum(x p)) along the axis (or axes): how softmax, whose result is p, changes with x; its gradient from x, as well."""
    dx = kernels.softmax_to_x(x, p, axis)
    return p * (x - np.sum(x * p, axis=axis, keepdims=True)) if dx is None else dx


@primitive(x=lambda g, y, axis: softmax_slope(g, y, axis))
def softmax(x: Any, axis: Any = -1) -> Any:
    """exp(x) / sum(exp(x)) along the axis (or axes): positive numbers that sum to 1."""
    y = kernels.softmax(x, axis)
    if y is not None:
        return y
    x = floating(x)
    m = np.max(x.real, axis=axis, keepdims=True)
    e = kernels.exp_of_difference(x - m, m)
    return np.divide(e, np.sum(e, axis=axis, keepdims=True), out=e)


def log_slope_to_x(g: Any, z: Any, axis: Any) -> Any:
    """g - sum(g exp(z))."""
    return g - sum(g * exp(z), axis, True)


def log_slope_to_z(g: Any, x: Any, z: Any, axis: Any) -> Any:
    """-g exp(z) sum(x)."""
    return -g * exp(z) * sum(x, axis, True)


@primitive(x=log_slope_to_x, z=log_slope_to_z)
def log_softmax_slope(x: Any, z: Any, axis: Any = -1) -> Any:
    """x - exp(z) sum(x) along the axis (or axes): the gradient of log softmax, whose result is z, from x."""
    dx = kernels.log_softmax_to_x(x, z, axis)
    return x - kernels.exp_of_difference(z, kept=True) * np.sum(x, axis=axis, keepdims=True) if dx is None else dx


@primitive(x=lambda g, y, axis: log_softmax_slope(g, y, axis))
def log_softmax(x: Any, axis: Any = -1) -> Any:
    """x - log(sum(exp(x))) along the axis (or axes): the logarithms of the probabilities."""
    y = kernels.log_softmax(x, axis)
    if y is not None:
        return y
    x = floating(x)
    m = np.max(x.real, axis=axis, keepdims=True)
    z = x - m
    return np.subtract(z, np.log(np.sum(kernels.exp_of_difference(z, m, kept=True), axis=axis, keepdims=True)), out=z)


# ---- cross entropy ------------------------------------------------------------------------------------------------


def wrong_target(target: Any, classes: int, where: str, ignore_index: int | None) -> IndexError:
    """The error that names the first target that is no class."""
    targets = np.atleast_1d(target)
    wrong = ((targets < 0) | (targets >= classes)) & (targets != ignore_index)
    place = tuple(int(i[0]) for i in np.nonzero(wrong))
    at = f" at position {place[0] if len(place) == 1 else place}" if np.ndim(target) else ""
    hint = "" if ignore_index is None else f" A position that shall not count takes ignore_index ({ignore_index})."
    return IndexError(f"the target{at} is class {int(targets[place])}, but {where}, 0 to {classes - 1}.{hint}")


@primitive(target=None)
def one_hot(target: Any, classes: int, ignore_index: int | None = None) -> Any:
    """Where the target is class 0, 1, ..., along a new last axis: one True for each target, none for `ignore_index`."""
    hot = np.expand_dims(target, -1) == np.arange(classes)
    known = np.any(hot, axis=-1) if ignore_index is None else np.any(hot, axis=-1) | (target == ignore_index)
    if not np.all(known):
        raise wrong_target(target, classes, f"there are {classes} classes", ignore_index)
    return hot if ignore_index is None or not 0 <= ignore_index < classes else hot & np.expand_dims(target != ignore_index, -1)


FEW = 32
"""Python looks through so few numbers in less time than NumPy needs to begin."""


def ignored(x: Any, target: Any, axis: int, ignore_index: int) -> Any:
    """Which positions do not count, as booleans; None if all do. IndexError if a target is no class."""
    classes = x.shape[axis]
    if target.ndim == 1 and 0 < target.size <= FEW:
        numbers = target.tolist()
        none = min(numbers) >= 0 and max(numbers) < classes
    else:
        none = not np.count_nonzero(target.astype(np.uintp) >= classes)  # negative numbers become huge ones
    if none and not 0 <= ignore_index < classes:
        return None
    away = target == ignore_index
    if not none and ((target * ~away).astype(np.uintp) >= classes).any():
        raise wrong_target(target, classes, f"logits of shape {x.shape} have {classes} classes along axis {axis}", ignore_index)
    return away


def first_of(count: int, step: int) -> Any:
    """Where the scores of each example begin, in one long row of all."""
    return np.arange(0, count * step, step)


kept_first_of = lru_cache(64)(first_of)
MANY = 1 << 12
"""Of so many rows it is made anew each time."""

def at_target(x: Any, target: Any, axis: int, away: Any) -> tuple[Any, Any]:
    """A view of the logits x, and the index there of each position's target class; of class 0 where the position is ignored."""
    n = x.ndim - 1
    safe = target if away is None else target * ~away
    if n == 1 and x.__class__ is np.ndarray and x.flags.c_contiguous:  # an index into one long row takes half the time
        (rows, columns), safe = x.shape, safe.astype(np.intp, copy=False)
        count, step, apart = (columns, 1, columns) if axis % 2 == 0 else (rows, columns, 1)
        return x.reshape(-1), (kept_first_of if count < MANY else first_of)(count, step) + (safe if apart == 1 else safe * apart)
    grid = [np.arange(size).reshape((-1,) + (1,) * (n - 1 - i)) for i, size in enumerate(np.shape(target))]
    grid.insert(axis % (n + 1), safe)
    return x, tuple(grid)


def reduced_along(f: Any, x: Any, axis: int) -> Any:
    """The largest, or the sum, along an axis, which stays with length 1."""
    if x.__class__ is np.ndarray:
        return f.reduce(x, axis, None, None, True)
    return x.max(axis=axis, keepdims=True) if f is np.maximum else x.sum(axis=axis, keepdims=True)


def divided(x: Any, n: int) -> Any:
    """x / n, also for an n that is more than float16 can hold."""
    return x / n if n <= 65504 else x * (1 / n)


def class_loss_definition(x: Any, target: Any, axis: int, ignore_index: int, reduction: str) -> Any:
    """The same from its parts: logsumexp(x) minus the sum of x times one-hot(target)."""
    classes = np.arange(x.shape[axis]).reshape((-1,) + (1,) * (x.ndim - 1 - axis % x.ndim))
    right = reshape(target, kept_shape(x.shape, axis)) == classes
    loss = where(target != ignore_index, logsumexp(x, axis) - sum(where(right, x, 0), axis), 0)
    return reduced(loss, reduction, astype(sum(target != ignore_index), x.dtype))


def is_one_row(x: Any, axis: int) -> bool:
    """A single example of few classes? Python's own numbers are through with it before NumPy has begun."""
    return x.__class__ is np.ndarray and x.ndim == 2 and len(x) == 1 and 0 < x.size <= FEW and axis in (-1, 1)


def are_short_rows(x: Any, axis: int) -> bool:
    """Many examples of few classes? Along an axis of ten NumPy computes number by number; along the other, many at once."""
    return x.__class__ is np.ndarray and x.ndim == 2 and len(x) >= 64 and x.shape[1] <= FEW and axis in (-1, 1)


def class_loss_of_row(x: Any, t: int, reduction: str) -> Any:
    """`class_loss` of one row of scores whose class counts."""
    scores = x[0].tolist()
    m = max(scores)
    log = math.log(math.fsum([math.exp(score - m) for score in scores]))
    y = log - (scores[t] - m)
    return np.array([y], x.dtype) if reduction == "none" else x.dtype.type(y), np.array([[log + m]], x.dtype), np.array(1)


def class_loss_to_row(g: float, x: Any, t: int, logsum: float) -> Any:
    """Its gradient, g (softmax(x) - one-hot(t))."""
    dx = [g * math.exp(score - logsum) for score in x[0].tolist()]
    dx[t] -= g
    return np.array([dx], x.dtype)


def class_loss_to_x(g: Any, x: Any, target: Any, logsum: Any, n: Any, axis: int, ignore_index: int, reduction: str) -> Any:
    """g (softmax(x) - one-hot(target)); of a mean g / n. In the memory of one array, and not for Tensors: recorded passes use the
    definition."""
    n = n.item()
    if n and is_one_row(x, axis):
        return class_loss_to_row(g.item(), x, target.item(), logsum.item())
    away = None if n == target.size else target == ignore_index
    dx = kernels.exp_of_difference(np.subtract(x, logsum), logsum)
    scores, index = at_target(dx, target, axis, away)
    scores[index] -= 1
    if reduction == "mean" and n:
        g = divided(g, n)
    if away is not None:  # no product: if nothing counts, g may be infinite, and inf * 0 is NaN
        g = np.where(away, np.zeros_like(g), g)
    return np.multiply(dx, g.reshape(logsum.shape) if g.ndim else g, out=dx)


@primitive(x=class_loss_to_x, target=None, residuals=("logsum", "n"), definition=class_loss_definition)
def class_loss(x: Any, target: Any, axis: int = -1, ignore_index: int = -100, reduction: str = "none") -> Any:
    """logsumexp(x) - x[target] along the axis: the cross entropy at each position for one right class; 0 where it is ignored.
    Or the sum of these numbers, or their mean over the n positions that count."""
    away = ignored(x, target, axis, ignore_index)
    if is_one_row(x, axis) and away is None:
        return class_loss_of_row(x, target.item(), reduction)
    like = x
    if are_short_rows(x, axis):
        x, axis = np.ascontiguousarray(x.T), 0
    m = reduced_along(np.maximum, x, axis)
    z = x - m
    scores, index = at_target(z, target, axis, away)
    right = scores[index]
    logsum = np.log(reduced_along(np.add, kernels.exp_of_difference(z, m), axis))
    y = logsum.reshape(right.shape) - right
    logsum += m
    if x is not like:
        logsum = logsum.T
    n = target.size
    if away is not None:
        y, n = np.where(away, np.zeros_like(y), y), n - np.count_nonzero(away)
    if reduction != "none":
        y = np.add.reduce(y, None) if y.__class__ is np.ndarray else y.sum()
    return (divided(y, n) if reduction == "mean" else y[()]), logsum, np.array(n)


REDUCTIONS = ("mean", "sum", "none")


def cross_entropy(logits: Any, target: Any, axis: int = -1, weight: Any = None, ignore_index: int = -100, reduction: str = "mean",
                  label_smoothing: float = 0.0) -> Any:
    r"""-sum_c w_c q_c log softmax(logits)_c, where q is the true distribution over the C classes.

    logits:           scores, floating point, with the classes along `axis`
    target:           the right classes: integers, in the shape of the logits without `axis`;
                      or q itself: floating point, in the shape of the logits (it may require grad)
    weight:           the weights w of the classes, shape (C,)
    ignore_index:     integer targets with this value do not count
    reduction:        'none' for the loss at each position, 'sum', or 'mean': divided by the number of positions - for
                      integer targets by the sum of the weights of those that count
    label_smoothing:  mix q with the uniform distribution: (1 - s) q + s / C (Szegedy et al. 2016)

    The semantics are PyTorch's, but for the class axis: the last by default, 1 there.

    >>> import numpy as np
    >>> float(cross_entropy(np.zeros((2, 4)), np.array([0, 3])).round(4))  # guessing: log 4
    1.3863

    Raises IndexError for a target that is no class, ValueError for shapes that do not fit, TypeError for wrong dtypes.
    """
    logits, target = as_array(logits), as_array(target)
    weight = None if weight is None else as_array(weight)
    check_arguments(logits, target, axis, weight, reduction, label_smoothing)
    if weight is None and not label_smoothing and target.dtype.kind != "f":
        return class_loss(logits, target, axis, ignore_index, reduction)
    classes, label_smoothing = logits.shape[axis], float(label_smoothing)
    if weight is not None:  # in a shape that broadcasts against the logits
        w = reshape(astype(weight, logits.dtype), (-1,) + (1,) * (logits.ndim - 1 - axis % logits.ndim))
    if target.dtype.kind == "f":
        q = (1 - label_smoothing) * target + label_smoothing / classes if label_smoothing else target
        loss = -sum(log_softmax(logits, axis) * (q if weight is None else q * w), axis)
        return reduced(loss, reduction, math.prod(loss.shape))
    counts = target != ignore_index
    loss = class_loss(logits, target, axis, ignore_index)
    if weight is not None:
        hot = reshape(target, kept_shape(logits.shape, axis)) == np.arange(classes).reshape(w.shape)
        counts = sum(hot * w, axis) * counts
        loss = loss * counts
    if label_smoothing:
        log_p = log_softmax(logits, axis)
        uniform = where(target != ignore_index, -sum(log_p if weight is None else log_p * w, axis), 0)
        loss = (1 - label_smoothing) * loss + label_smoothing / classes * uniform
    return reduced(loss, reduction, astype(sum(counts), logits.dtype) if reduction == "mean" else 1)


def reduced(loss: Any, reduction: str, total: Any) -> Any:
    """The losses of all positions as they are, their sum, or their sum divided by `total`."""
    return loss if reduction == "none" else sum(loss) if reduction == "sum" else sum(loss) / total


def check_arguments(logits: Any, target: Any, axis: int, weight: Any, reduction: str, label_smoothing: float) -> None:
    logits, target = getattr(logits, "_array", logits), getattr(target, "_array", target)
    shape, kind = logits.shape, target.dtype.kind
    if logits.dtype.kind != "f":
        raise TypeError(f"cross_entropy: logits are floating-point scores, not {logits.dtype}")
    if not -len(shape) <= axis < len(shape):
        raise ValueError(f"cross_entropy: logits of shape {shape} have no axis {axis} for the classes")
    before = axis % len(shape)
    positions = shape[:before] + shape[before + 1:]
    if kind == "f" and target.shape != shape:
        hint = " They look like class numbers: convert them with .astype(int)." if target.shape == positions else ""
        raise ValueError(f"cross_entropy: floating-point targets are probabilities and need the shape of the logits, {shape}, "
                         f"not {target.shape}.{hint}")
    if kind not in "iuf":
        raise TypeError(f"cross_entropy: targets are class numbers (integers) or probabilities (floating point), not {target.dtype}")
    if kind != "f" and target.shape != positions:
        hint = " If they are one-hot rows, convert them to floating point: target.astype(float)." if target.shape == shape else ""
        raise ValueError(f"cross_entropy: logits of shape {shape} with classes along axis {axis} need integer targets of shape "
                         f"{positions}, not {target.shape}.{hint}")
    if weight is not None and weight.shape != (shape[axis],):
        raise ValueError(f"cross_entropy: weight needs a number for each of the {shape[axis]} classes, but has shape {weight.shape}")
    if reduction not in REDUCTIONS:
        raise ValueError(f"cross_entropy: reduction must be one of {', '.join(map(repr, REDUCTIONS))}, not {reduction!r}")
    if not 0 <= label_smoothing <= 1:
        raise ValueError(f"cross_entropy: label_smoothing is a share between 0 and 1, not {label_smoothing}")
