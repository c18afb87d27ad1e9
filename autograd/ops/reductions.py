"""Operations that reduce axes: sums, products, extrema, moments.

`axis` is None (all axes), one axis, or a tuple of axes; with `keepdims=True` the reduced axes stay with length 1. Every
rule starts from `spread`, the transpose of a sum.

Read next: `norms.py`.
"""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np

from autograd import kernels
from autograd.ops.constants import isnan
from autograd.ops.elementwise import exp, sqrt, where
from autograd.ops.scans import cumprod, shift
from autograd.ops.shapes import absolute_square, as_array, astype, broadcast_to, conjugated, flip, floating, real_dtype, reshape, transpose
from autograd.primitive import primitive

# ---- axes ---------------------------------------------------------------------------------------------------------


def axes_of(axis: Any, ndim: int) -> tuple[int, ...]:
    """The axes that `axis` means, counted from 0."""
    if axis is None:
        return tuple(range(ndim))
    return tuple([a % ndim for a in (axis if isinstance(axis, tuple) else (axis,))]) if ndim else ()


def kept_shape(shape: tuple[int, ...], axis: Any) -> tuple[int, ...]:
    """The shape of a reduction with keepdims=True: length 1 along the reduced axes."""
    if axis is None:
        return (1,) * len(shape)
    axes = axes_of(axis, len(shape))
    return tuple([1 if i in axes else n for i, n in enumerate(shape)])


def count(shape: tuple[int, ...], axis: Any) -> int:
    """How many elements one result is made from."""
    return math.prod(shape) if axis is None else math.prod([shape[a] for a in axes_of(axis, len(shape))])


def kept(y: Any, shape: tuple[int, ...], axis: Any) -> Any:
    """A reduced array as keepdims=True would have returned it: it broadcasts against what was reduced."""
    if axis is None:
        return y
    return y.reshape(kept_shape(shape, axis)) if isinstance(y, np.ndarray) else reshape(y, kept_shape(shape, axis))


FEW = 4096
"""So many elements are copied in less time than NumPy takes for a view that repeats them."""


def spread(g: Any, shape: tuple[int, ...], axis: Any) -> Any:
    """The transpose of a sum: a reduced array repeated along the reduced axes."""
    g = kept(g, shape, axis)
    if shape and isinstance(g, (np.ndarray, np.generic)) and math.prod(shape) <= FEW:
        y = np.empty(shape, g.dtype)
        y[...] = g
        return y
    return broadcast_to(g, shape)


# ---- sums and products --------------------------------------------------------------------------------------------

added_up: Any = np.add.reduce


@primitive(x=lambda g, x_shape, axis: spread(g, x_shape, axis), linear=True)
def sum(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The sum of the elements along the given axes (all of them by default)."""
    return added_up(x, axis, None, None, keepdims) if x.__class__ is np.ndarray else np.sum(x, axis=axis, keepdims=keepdims)


def shared(g: Any, n: int) -> Any:
    """g / n, also for an n that is more than float16 can hold. (Of no elements nobody gets a share.)"""
    return g * (1 / n) if n > 65504 else g / n if n else g


@primitive(x=lambda g, x_shape, axis: spread(shared(g, count(x_shape, axis)), x_shape, axis), linear=True)
def mean(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The sum divided by the number of elements."""
    if x.__class__ is np.ndarray and x.dtype.char in "fd" and 0 < x.size < 1 << 24:  # the same as NumPy's, in half the time
        return added_up(x, axis, None, None, keepdims) / (x.size if axis is None else count(x.shape, axis))
    return np.mean(x, axis=axis, keepdims=keepdims)


def average(x: Any, axis: Any = None, weights: Any = None, returned: bool = False, *, keepdims: bool = False) -> Any:
    """sum(w x) / sum(w).

    weights:   in the shape of x, or of the axes that are reduced; without them this is the mean
    returned:  also return sum(w)

    Raises ZeroDivisionError if the weights (an array, not a Tensor) sum to zero, as NumPy does.
    """
    x = as_array(x)
    if weights is None:
        y = mean(x, axis, keepdims)
        return (y, broadcast_to(y.dtype.type(count(x.shape, axis)), y.shape)) if returned else y
    w = as_array(weights)
    axes = axes_of(axis, x.ndim)
    if w.shape != x.shape:
        if axis is None or w.shape != tuple([x.shape[a] for a in axes]):
            raise ValueError(f"average: weights of shape {w.shape} fit neither x, of shape {x.shape}, nor its axis={axis}")
        order = sorted(range(len(axes)), key=axes.__getitem__)
        w = reshape(transpose(w, tuple(order)), tuple([n if i in axes else 1 for i, n in enumerate(x.shape)]))
    total = sum(w, axis, True)
    if not hasattr(total, "node") and (total == 0).any():
        raise ZeroDivisionError("average: the weights sum to zero, so they cannot be normalised")
    y = sum(w * x, axis, True) / total
    shape = y.shape if keepdims else tuple([n for i, n in enumerate(x.shape) if i not in axes])
    return (reshape(y, shape), broadcast_to(reshape(total + 0 * y, shape), shape)) if returned else reshape(y, shape)


def others(x: Any, axis: int) -> Any:
    """For each element the product of the other ones along an axis: of those before it times of those after it."""
    before = shift(cumprod(x, axis), 1, axis, 1)
    after = flip(shift(cumprod(flip(x, axis), axis), 1, axis, 1), axis)
    return before * after


def prod_to_x(g: Any, x: Any, axis: Any) -> Any:
    """g times the product of the others, one axis after the other. Nothing is divided by, so zeros do no harm."""
    g = kept(g, x.shape, axis)
    for a in axes_of(axis, x.ndim):
        g = g * others(x, a)
        x = prod(x, a, True)
    return g


@primitive(x=prod_to_x)
def prod(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The product of the elements. Its derivatives are right at zeros too, however many there are."""
    return np.prod(x, axis=axis, keepdims=keepdims)


# ---- extrema ------------------------------------------------------------------------------------------------------


def extremum_to_x(g: Any, y: Any, x: Any, axis: Any) -> Any:
    """The elements that attain the extremum share the cotangent evenly, as in PyTorch's amax."""
    attained = x == kept(y, x.shape, axis)
    return kept(g, x.shape, axis) / astype(sum(attained, axis, True), g.dtype) * attained


@primitive(x=extremum_to_x)
def max(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The largest element. Where several are equally large they share the gradient."""
    return np.max(x, axis=axis, keepdims=keepdims)


@primitive(x=extremum_to_x)
def min(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The smallest element. Where several are equally small they share the gradient."""
    return np.min(x, axis=axis, keepdims=keepdims)


amax, amin = max, min


def ptp(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """max - min, the range of the values ("peak to peak")."""
    return max(x, axis, keepdims) - min(x, axis, keepdims)


# ---- moments ------------------------------------------------------------------------------------------------------


def freedom(shape: tuple[int, ...], axis: Any, ddof: float, correction: float | None) -> float:
    """n - ddof, the number a sum of squares is divided by to give a variance."""
    n = float(count(shape, axis) - (ddof if correction is None else correction))
    return n if n > 0 else 0.0


def one_ddof(ddof: float, correction: float | None) -> float:
    """The array API calls ddof `correction`; only one of them may be given."""
    if correction is not None and ddof:
        raise ValueError(f"ddof and correction are two names for one number, but ddof={ddof} and correction={correction} are given")
    return ddof if correction is None else correction


def var_to_x(g: Any, x: Any, axis: Any, ddof: float, correction: float | None) -> Any:
    """2 g (x - mean) / (n - ddof), conjugated if it is complex: the variance is that of |x - mean|."""
    return kept(g * 2 / freedom(x.shape, axis, ddof, correction), x.shape, axis) * conjugated(x - mean(x, axis, True))


def std_to_x(g: Any, y: Any, x: Any, axis: Any, ddof: float, correction: float | None) -> Any:
    """g (x - mean) / ((n - ddof) y), conjugated, and 0 where all elements are equal (y = 0), as in PyTorch."""
    return kept(g / (y + (y == 0)) / freedom(x.shape, axis, ddof, correction), x.shape, axis) * conjugated(x - mean(x, axis, True))


@primitive(x=var_to_x)
def var(x: Any, axis: Any = None, ddof: float = 0, keepdims: bool = False, *, correction: float | None = None) -> Any:
    """sum(|x - mean(x)|^2) / (n - ddof). With ddof=1 it is the unbiased estimate. (`correction` is another name of ddof.)"""
    return np.var(x, axis=axis, ddof=one_ddof(ddof, correction), keepdims=keepdims)


@primitive(x=std_to_x)
def std(x: Any, axis: Any = None, ddof: float = 0, keepdims: bool = False, *, correction: float | None = None) -> Any:
    """The square root of the variance. Where all elements are equal its gradient is 0."""
    return np.std(x, axis=axis, ddof=one_ddof(ddof, correction), keepdims=keepdims)


# ---- ignoring NaN -------------------------------------------------------------------------------------------------


def nansum(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The sum of the elements that are not NaN."""
    return sum(where(isnan(x), 0, x), axis, keepdims)


def nanprod(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The product of the elements that are not NaN."""
    return prod(where(isnan(x), 1, x), axis, keepdims)


def nan_where(nothing: Any, n: Any, warning: str) -> Any:
    """n, to divide by, and NaN where there is nothing to divide; that is told."""
    if np.any(getattr(nothing, "_array", nothing)):
        warnings.warn(warning, RuntimeWarning, stacklevel=3)
    return where(nothing, np.asarray(np.nan, n.dtype), n)


def counted(x: Any, axis: Any, keepdims: bool) -> Any:
    """How many elements are not NaN, in the dtype of |x|."""
    return astype(sum(~isnan(x), axis, keepdims), real_dtype(x.dtype))


def mean_of_numbers(x: Any, axis: Any, keepdims: bool) -> Any:
    """The mean of the elements that are not NaN, and 0 where there is none."""
    n = counted(x, axis, keepdims)
    return nansum(x, axis, keepdims) / where(n == 0, np.ones((), n.dtype), n)


def nanmean(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The mean of the elements that are not NaN; NaN where there is none, with a warning."""
    x = floating(x)
    n = counted(x, axis, keepdims)
    return nansum(x, axis, keepdims) / nan_where(n == 0, n, "nanmean: there are no elements but NaN, so there is no mean")


def nanvar(x: Any, axis: Any = None, ddof: float = 0, keepdims: bool = False, *, correction: float | None = None) -> Any:
    """The variance of the elements that are not NaN; NaN where there are no more than ddof, with a warning."""
    x = floating(x)
    deviation = where(isnan(x), 0, x - mean_of_numbers(x, axis, True))
    n = counted(x, axis, keepdims) - float(one_ddof(ddof, correction))
    return sum(absolute_square(deviation), axis, keepdims) / nan_where(
        n <= 0, n, "nanvar: there are no more elements than ddof, NaN not counted, so there is no variance")


def root(variance: Any) -> Any:
    """The square root, with gradient 0 at 0, as `std` has it."""
    zero = variance == 0
    return where(zero, 0, sqrt(where(zero, 1, variance)))


def nanstd(x: Any, axis: Any = None, ddof: float = 0, keepdims: bool = False, *, correction: float | None = None) -> Any:
    """The standard deviation of the elements that are not NaN. Where all of them are equal its gradient is 0."""
    return root(nanvar(x, axis, ddof, keepdims, correction=correction))


def nan_extremum_to_x(g: Any, y: Any, x: Any, axis: Any) -> Any:
    """The same; and where there is nothing but NaN nothing has a share."""
    attained = x == kept(y, x.shape, axis)
    n = sum(attained, axis, True)
    return kept(g, x.shape, axis) / astype(n + (n == 0), g.dtype) * attained


@primitive(x=nan_extremum_to_x)
def nanmax(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The largest element that is not NaN."""
    return np.nanmax(x, axis=axis, keepdims=keepdims)


@primitive(x=nan_extremum_to_x)
def nanmin(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The smallest element that is not NaN."""
    return np.nanmin(x, axis=axis, keepdims=keepdims)


INTEGER = np.dtype(int)

# ---- in the logarithm ---------------------------------------------------------------------------------------------


def logsumexp_to_x(g: Any, y: Any, x: Any, axis: Any) -> Any:
    """g softmax(x), and 0 where all elements are -inf."""
    y = where(y == -np.inf, 0, y)
    return kept(g, x.shape, axis) * exp(x - kept(y, x.shape, axis))


@primitive(x=logsumexp_to_x)
def logsumexp(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """log(sum(exp(x))), computed without overflow; -inf if all elements are -inf. Its gradient is the softmax."""
    x = np.multiply(x, 1.0) if getattr(x, "dtype", INTEGER).kind in "biu" else x
    largest = np.max(np.real(x), axis=axis, keepdims=True, initial=-np.inf)
    m = np.where(np.isfinite(largest), largest, 0).astype(largest.dtype, copy=False)
    with np.errstate(divide="ignore"):
        y = np.log(np.sum(kernels.exp_of_difference(x - m, largest), axis=axis, keepdims=True)) + m
    return y if keepdims else np.squeeze(y, axis=axis)[()]
