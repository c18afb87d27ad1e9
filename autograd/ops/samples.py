"""Operations on the samples of a function: what lies between them, and how they change.

Which samples a place lies between is a constant, `searchsorted`; the straight line through them is arithmetic, so gradients go
to the places, to the samples, and to where the samples were taken.

Read next: `ranges.py`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from autograd.ops.constants import argsort, searchsorted
from autograd.ops.elementwise import clip, where
from autograd.ops.indexing import take
from autograd.ops.joining import along, concatenate
from autograd.ops.scans import cumsum, diff
from autograd.ops.shapes import as_array, astype, floating, moveaxis, ravel, reshape
from autograd.ops.windows import windows
from autograd.primitive import primitive

# ---- between samples ----------------------------------------------------------------------------------------------


def interp(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: Any = None) -> Any:
    """The polygon through the points (xp[i], fp[i]), at the places x.

    x:            any shape
    xp, fp:       (n,) with xp increasing (which is not checked, as in NumPy)
    left, right:  the value for x < xp[0] and for x > xp[-1]; by default fp[0] and fp[-1]
    period:       of x and xp, which are then wrapped and sorted; left and right have no meaning

    At a knot, x = xp[i], the derivative is the slope on its right (on its left at the last one); outside it is 0.

    >>> import numpy as np
    >>> from autograd import grad
    >>> float(grad(interp)(0.5, np.array([0.0, 1.0, 2.0]), np.array([0.0, 3.0, 4.0])))
    3.0

    Raises ValueError for samples that are not two rows of one length, of at least one.
    """
    x, xp, fp = floating(x), floating(xp), floating(fp)
    if "c" in x.dtype.kind + xp.dtype.kind:
        raise TypeError("interp: places are real numbers (values may be complex); take the real part of x and xp, or their absolute value")
    if xp.ndim != 1 or xp.shape != fp.shape or not xp.shape[0]:
        raise ValueError(f"interp: xp and fp must be rows of one length, of at least one, but have shapes {xp.shape} and {fp.shape}")
    if period is not None:
        if not hasattr(period, "node") and period == 0:
            raise ValueError("interp: period must not be 0")
        period = abs(period)
        x, xp = x % period, xp % period
        order = argsort(xp)
        xp, fp = take(xp, order), take(fp, order)
        xp = concatenate([xp[-1:] - period, xp, xp[:1] + period])
        fp = concatenate([fp[-1:], fp, fp[:1]])
    first, last = xp[0], xp[-1]
    low, high = (fp[0] if left is None or period is not None else left), (fp[-1] if right is None or period is not None else right)
    n = xp.shape[0]
    if n == 1:
        y = fp[0] + 0 * x
    else:
        k = clip(searchsorted(xp, x, side="right") - 1, 0, n - 2)
        x0, y0 = take(xp, k), take(fp, k)
        y = (take(fp, k + 1) - y0) / (take(xp, k + 1) - x0) * (x - x0) + y0
    return where(x < first, low, where(x > last, high, y))


# ---- changes ------------------------------------------------------------------------------------------------------


def part(x: Any, axis: int, start: int | None, stop: int | None) -> Any:
    """A slice along one axis."""
    return x[along(axis, x.ndim, slice(start, stop))]


def spacings(f: Any, given: tuple[Any, ...], axes: tuple[int, ...]) -> list[Any]:
    """For each axis the distance of the samples: one number, or their differences along it."""
    if len(given) == 0:
        return [1.0] * len(axes)
    if len(given) == 1 and as_array(given[0]).ndim == 0:
        return [given[0]] * len(axes)
    if len(given) != len(axes):
        raise TypeError(f"gradient: {len(given)} spacings for {len(axes)} axes; give none, one number, or one for each axis")
    found = []
    for given_h, axis in zip(given, axes):
        h = as_array(given_h)
        if h.ndim > 1 or (h.ndim == 1 and h.shape[0] != f.shape[axis]):
            raise ValueError(f"gradient: the places along axis {axis} must be {f.shape[axis]} numbers, or one for their distance, "
                             f"but have shape {h.shape}")
        if h is not given_h and f.dtype.kind == "f":  # a list of numbers, or one, takes the dtype of the samples
            h = astype(h, f.dtype)
        found.append(reshape(diff(floating(h)), (-1,) + (1,) * (f.ndim - 1 - axis)) if h.ndim else given_h)
    return found


def differences(f: Any, h: Any, axis: int, edge_order: int) -> Any:
    """The second-order differences along one axis, of evenly spaced samples (h is a number) or others (h are the distances)."""
    even = not as_array(h).ndim
    a, b, c = part(f, axis, None, -2), part(f, axis, 1, -1), part(f, axis, 2, None)
    if even:
        inside = (c - a) / (2.0 * h)
        before = after = h
        h1 = h2 = e1 = e2 = h
    else:
        n, at = h.shape[0], h.ndim * (slice(None),)
        before, after = h[: n - 1], h[1:]
        inside = (-(after / (before * (before + after))) * a + (after - before) / (before * after) * b
                  + before / (after * (before + after)) * c)
        h1, e2 = h[:1][at], h[-1:][at]
        h2, e1 = (h[1:2], h[-2:-1]) if edge_order == 2 else (h1, e2)
    f0, f1, g0, g1 = part(f, axis, 0, 1), part(f, axis, 1, 2), part(f, axis, -1, None), part(f, axis, -2, -1)
    if edge_order == 1:
        first, last = (f1 - f0) / h1, (g0 - g1) / e2
    else:
        f2, g2 = part(f, axis, 2, 3), part(f, axis, -3, -2)
        first = -((2 * h1 + h2) / (h1 * (h1 + h2))) * f0 + (h1 + h2) / (h1 * h2) * f1 - h1 / (h2 * (h1 + h2)) * f2
        last = e2 / (e1 * (e1 + e2)) * g2 - (e2 + e1) / (e1 * e2) * g1 + (2 * e2 + e1) / (e2 * (e1 + e2)) * g0
    return concatenate([first, inside, last], axis)


def gradient(f: Any, *varargs: Any, axis: Any = None, edge_order: int = 1) -> Any:
    """How samples change along each axis: central differences, and one-sided ones at the edges.

    f:           samples of any shape
    varargs:     nothing (their distance is 1), one distance, or for each axis a distance or the places (1-d)
    axis:        one axis, several, or all of them
    edge_order:  1 or 2, the order of the differences at the edges

    Returns an array of f's shape, or a tuple of them if there are several axes.

    Raises ValueError for an axis with fewer than edge_order + 1 samples.
    """
    f = floating(f)
    axes = tuple(range(f.ndim)) if axis is None else normalize_axis_tuple(axis, f.ndim)
    if edge_order not in (1, 2):
        raise ValueError(f"gradient: edge_order must be 1 or 2, but is {edge_order}")
    for a in axes:
        if f.shape[a] < edge_order + 1:
            raise ValueError(f"gradient: axis {a} of an array of shape {f.shape} has too few samples: {edge_order + 1} are needed")
    results = tuple([differences(f, h, a, edge_order) for h, a in zip(spacings(f, varargs, axes), axes)])
    return results[0] if len(results) == 1 else results


def ediff1d(ary: Any, to_end: Any = None, to_begin: Any = None) -> Any:
    """The differences of neighbours in the flattened array, with other numbers joined before and after them."""
    x = ravel(as_array(ary))
    ends = []
    for name, end in (("to_begin", to_begin), ("to_end", to_end)):
        end = None if end is None else ravel(as_array(end) if not np.isscalar(end) or x.dtype.kind not in "fc"
                                             else np.asarray(end, np.result_type(x.dtype, end)))
        if end is not None and not np.can_cast(end.dtype, x.dtype, "same_kind"):
            raise TypeError(f"ediff1d: {name} has dtype {end.dtype}, which does not fit into an array of {x.dtype}")
        ends.append(end)
    y = x[1:] - x[:-1]
    parts = [part for part in (ends[0], y, ends[1]) if part is not None]
    if len(parts) == 1:
        return y
    y = concatenate(parts)
    return y if y.dtype == x.dtype else y.astype(x.dtype)


@primitive(p=None)
def turns(p: Any, discont: Any, axis: int, period: Any) -> Any:
    """By how many periods each step along the axis is to be corrected, so that none is larger than half a period."""
    corrected = np.unwrap(p, discont, axis, period=period)
    return np.diff(np.rint((corrected - p) / period), axis=axis)


def unwrap(p: Any, discont: Any = None, axis: int = -1, *, period: Any = 6.283185307179586) -> Any:
    """p with whole periods added, so that along the axis no step is larger than half a period.

    discont:  only steps larger than this are corrected (if it is more than half a period)

    The number of periods is a constant, so the gradient passes; at a step of exactly half a period it jumps.
    """
    p = as_array(p)
    if p.dtype.kind == "c":
        raise TypeError("unwrap: complex numbers are in no order, so they have no steps of half a period; take np.angle of them first")
    axis = normalize_axis_index(axis, p.ndim)
    if p.shape[axis] < 2:
        return p + 0 * period
    whole = [v.detach().numpy() if hasattr(v, "detach") else v for v in (discont, period)]
    added = cumsum(turns(p, whole[0], axis, whole[1]), axis)
    if p.dtype.kind in "fc":
        added = added.astype(p.dtype)
    elif not isinstance(period, float) and as_array(period).dtype.kind in "iu":
        added = added.astype(np.result_type(p.dtype, period))
    return concatenate([part(p, axis, 0, 1) + 0 * period, part(p, axis, 1, None) + added * period], axis)


# ---- what a window sees -------------------------------------------------------------------------------------------


def sliding_window_view(x: Any, window_shape: Any, axis: Any = None, *, subok: bool = False, writeable: bool = False) -> Any:
    """All positions of a window that slides over x, in new axes at the end.

    window_shape:  the length of the window along each of the axes
    axis:          the axes it slides along, in this order, perhaps one of them twice; by default all

    (`subok` and `writeable` have no meaning: Tensors are values.) For strides and dilation see `windows`.

    Raises ValueError if the window is longer than an axis, or there are not as many lengths as axes.
    """
    x = as_array(x)
    lengths = tuple(window_shape) if np.iterable(window_shape) else (window_shape,)
    axes = tuple(range(x.ndim)) if axis is None else normalize_axis_tuple(axis, x.ndim, allow_duplicate=True)
    if len(lengths) != len(axes):
        raise ValueError(f"sliding_window_view: {len(lengths)} lengths of a window for {len(axes)} axes of an array of shape {x.shape}")
    if min(lengths, default=0) < 0:
        raise ValueError(f"sliding_window_view: the lengths of a window cannot be negative, but are {lengths}")
    for a, n in zip(axes, lengths):
        x = moveaxis(windows(moveaxis(x, a, -1), n), -2, a)
    return x
