"""How do windows become single numbers?

    max_pool   the largest element of each window; its gradient goes to the first such element
    avg_pool   the mean of each window
    lp_pool    the p-norm of each window
    adaptive_  the same, with windows chosen so that the result has a given size

Below them are two pairs of linear operations, each the other's transpose, so that every order of derivative is right:

    window_sum   adds a window up                      window_spread  hands a number to all of its window
    window_take  picks one element of each window      window_put     puts a number there

The numbers come from `kernels/`: oneDNN's, or NumPy's of `kernels/pooling.py`.

Read next: `fractional.py`.
"""

from __future__ import annotations

from functools import lru_cache
from math import prod
from typing import Any

import numpy as np

from autograd import kernels
from autograd.interchange import unchanging
from autograd.kernels.pooling import swept
from autograd.node import type_text
from autograd.ops.indexing import take, zeros
from autograd.ops.reductions import mean
from autograd.ops.resampling import mapped
from autograd.ops.selection import set_along_axis
from autograd.ops.shapes import astype, floating, reshape, summable
from autograd.ops.windows import Axis, per_axis, sliding, taps
from autograd.primitive import primitive

Axes = tuple[Axis, ...]


def pool_axes(what: str, shape: tuple[int, ...], size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1,
              ceil_mode: bool = False) -> Axes:
    """How the windows of a pooling lie. One integer is for all axes after the first two; a tuple says for how many of the last axes."""
    n = len(size) if isinstance(size, (tuple, list)) else len(shape) - 2
    if not 1 <= n <= len(shape):
        needs = "an array (N, C, *lengths)" if n < 1 else f"{n} axes"
        raise ValueError(f"{what}: windows of size {size} need {needs}, but the shape is {tuple(shape)}")
    axes = sliding(what, shape[len(shape) - n:], size, size if stride is None else stride, padding, dilation, ceil_mode)
    for axis in axes:
        if not (0 <= 2 * axis.lo <= axis.extent and 0 <= 2 * axis.hi <= axis.extent):
            raise ValueError(f"{what}: padding {(axis.lo, axis.hi)} must be at most half of the window, which reaches over {axis.extent} "
                             "elements: windows that see nothing but padding have no value")
    return axes


# ---- the maximum --------------------------------------------------------------------------------------------------


def max_pool_to_x(g: Any, x: Any, y: Any, size: Any, stride: Any, padding: Any, dilation: Any, ceil_mode: bool) -> Any:
    """g goes to the first maximum of its window; where windows overlap, it adds up."""
    return maximum_put(g, x, y, pool_axes("max_pool", x.shape, size, stride, padding, dilation, ceil_mode))


@primitive(x=max_pool_to_x)
def max_pool(x: Any, size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1, ceil_mode: bool = False) -> Any:
    """y[i] = max over k of x[i stride + k dilation - padding].

    x:          (N, C, *lengths)
    size:       of the windows: one integer for all axes after the first two, or a tuple for the last axes
    stride:     default: the size, so that windows do not overlap
    padding:    elements of minus infinity around x; at most half the size
    ceil_mode:  a last window may hang over the end

    At ties the gradient goes to the first maximum of a window, in C order. Raises ValueError for windows that do not fit.

    >>> import numpy as np
    >>> from autograd.ops import max_pool
    >>> max_pool(np.array([[[1., 3., 2., 0.]]]), 2)
    array([[[3., 2.]]])
    """
    axes = pool_axes("max_pool", x.shape, size, stride, padding, dilation, ceil_mode)
    if x.dtype.kind == "c":
        raise TypeError("max_pool: complex numbers have no largest one; pool abs(x), or x.real")
    return kernels.max_pool(x, axes)


@primitive(x=None, maxima=None)
def first_maximum(x: Any, maxima: Any, axes: Any) -> Any:
    """Which element of each window of x, counted in C order, is the first that equals the window's maximum."""
    places = list(taps(axes))
    index: Any = np.zeros_like(maxima, dtype=np.uint8 if len(places) <= 256 else np.intp)
    missing: Any = np.ones_like(maxima, dtype=bool)
    for seen, elements in places[:-1]:  # counting how often it has not come yet is ten times faster than assigning where it has
        missing[(..., *seen)] &= x[(..., *elements)] != maxima[(..., *seen)]
        index += missing
    return index


@primitive(x=None)
def max_pool_index(x: Any, size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1, ceil_mode: bool = False) -> Any:
    """Where the maxima of `max_pool` are, as PyTorch's `return_indices` says it: the position in the flattened last axes of x."""
    axes = pool_axes("max_pool", x.shape, size, stride, padding, dilation, ceil_mode)
    k = np.unravel_index(first_maximum(x, max_pool(x, size, stride, padding, dilation, ceil_mode), axes), tuple(axis.size for axis in axes))
    places = [window * axis.stride + tap * axis.dilation - axis.lo
              for window, tap, axis in zip(np.ogrid[tuple(slice(axis.out) for axis in axes)], k, axes)]
    return np.ravel_multi_index(tuple(places), tuple(axis.length for axis in axes))


@primitive(x=lambda g, index, axes: window_put(g, index, axes), index=None, linear=True)  # type: ignore[has-type]
def window_take(x: Any, index: Any, axes: Any) -> Any:
    """From each window of x the element with the given number, counted in C order; 0 where that is padding."""
    y: Any = np.zeros_like(x, shape=index.shape)
    for k, (seen, elements) in enumerate(taps(axes)):
        y[(..., *seen)] += x[(..., *elements)] * (index[(..., *seen)] == k)
    return y


@primitive(x=lambda g, index, axes: window_take(g, index, axes), index=None, linear=True)
def window_put(x: Any, index: Any, axes: Any) -> Any:
    """Each number to the element of its window that `index` names, added up there. The transpose of `window_take`."""
    y: Any = np.zeros_like(x, shape=(*x.shape[: x.ndim - len(axes)], *(axis.length for axis in axes)))
    apart = all(axis.stride >= axis.extent for axis in axes)  # no element lies in two windows: nothing to add up
    for k, (seen, elements) in enumerate(taps(axes)):
        chosen = index[(..., *seen)] == k
        if apart:
            np.multiply(x[(..., *seen)], chosen, out=y[(..., *elements)])
        else:
            y[(..., *elements)] += x[(..., *seen)] * chosen
    return y


@primitive(x=lambda g, image, maxima, axes: window_take(g, first_maximum(image, maxima, axes), axes), image=None, maxima=None, linear=True)
def maximum_put(x: Any, image: Any, maxima: Any, axes: Any) -> Any:
    """Each number to the element of its window of the image that is the first of the maxima: `window_put`, without the index."""
    return kernels.max_pool_to_x(x, image, maxima, axes)


# ---- the sum ------------------------------------------------------------------------------------------------------


@primitive(x=lambda g, axes: window_spread(g, axes), linear=True)  # type: ignore[has-type]
def window_sum(x: Any, axes: Any) -> Any:
    """y[i] = sum over k of x[i stride + k dilation - padding]."""
    return kernels.window_sum(x, axes)


@primitive(x=lambda g, axes: window_sum(g, axes), linear=True)
def window_spread(x: Any, axes: Any) -> Any:
    """y[i stride + k dilation - padding] += x[i]: the transpose of `window_sum`."""
    return kernels.window_spread(x, axes)


@primitive(x=None)
def window_count(x: Any, axes: Any, padding: bool) -> Any:
    """How many elements each window sees, with or without those of the padding, in the dtype of x."""
    if padding:
        axes = tuple(axis._replace(length=axis.length + axis.lo + axis.hi, lo=0, hi=0) for axis in axes)
    return swept(np.add, np.ones_like(x, shape=tuple(axis.length for axis in axes), order="C"), axes, 0)


def avg_pool(x: Any, size: Any, stride: Any = None, padding: Any = 0, ceil_mode: bool = False, count_include_pad: bool = True,
             divisor_override: float | None = None) -> Any:
    """The mean of each window.

    x, size, stride, padding, ceil_mode:  as in `max_pool`, with zeros as padding
    count_include_pad:  does the padding count as elements of a window?
    divisor_override:   divide by this instead of the number of elements

    >>> import numpy as np
    >>> from autograd.ops import avg_pool
    >>> avg_pool(np.array([[[1., 3., 2., 0.]]]), 2)
    array([[[2., 1.]]])
    """
    axes = pool_axes("avg_pool", x.shape, size, stride, padding, 1, ceil_mode)
    x = floating(x)
    wide = summable(x)
    if divisor_override is not None:
        y = window_sum(wide, axes) / divisor_override
    elif all(axis.span <= axis.length + axis.lo + axis.hi and (count_include_pad or axis.lo == axis.hi == 0) for axis in axes):
        y = window_sum(wide, axes) / elements(axes)
    else:
        y = window_sum(wide, axes) / window_count(wide, axes, count_include_pad)
    return y if wide is x else astype(y, x.dtype)


def elements(axes: Axes) -> int:
    """How many elements a whole window has."""
    n = 1
    for axis in axes:
        n *= axis.size
    return n


def lp_pool(x: Any, p: float, size: Any, stride: Any = None, ceil_mode: bool = False) -> Any:
    """(sum over the window of x^p)^(1/p), with gradient 0 where the sum is 0.

    As in PyTorch, no absolute value is taken, and what hangs over the end in `ceil_mode` is made up for by the mean of the rest.
    """
    axes = pool_axes("lp_pool", x.shape, size, stride, 0, 1, ceil_mode)
    x = floating(x)
    wide = summable(x)
    total = avg_pool(wide**p, tuple(axis.size for axis in axes), stride, 0, ceil_mode) * elements(axes)
    zero = total == 0
    y = (total + zero) ** (1 / p) - zero
    return y if wide is x else astype(y, x.dtype)


# ---- windows that fit a given result ------------------------------------------------------------------------------


def adaptive_axes(what: str, x: Any, size: Any) -> tuple[int, ...]:
    n = len(size) if isinstance(size, (tuple, list)) else x.ndim - 2
    if not 1 <= n <= x.ndim:
        raise ValueError(f"{what}: x must have shape (N, C, *lengths), but is {type_text(x.shape, x.dtype)}")
    values = tuple(size) if isinstance(size, (tuple, list)) else (size,) * n
    lengths = x.shape[x.ndim - n:]
    sizes = per_axis(what, "size", tuple(length if v is None else v for v, length in zip(values, lengths)), n, 1)
    if 0 in lengths:
        raise ValueError(f"{what}: there is nothing to pool in {type_text(x.shape, x.dtype)}")
    return sizes


def pieces_of(length: int, size: int) -> list[tuple[int, int]]:
    """Where each of `size` pieces of an axis starts and stops, as in PyTorch. They may overlap, and differ in length by one."""
    return [(i * length // size, -(-(i + 1) * length // size)) for i in range(size)]


def cut(x: Any, sizes: tuple[int, ...]) -> tuple[Any, tuple[int, ...]]:
    """x with every axis laid out as `sizes` pieces of equal length, for windows that do not overlap; and these lengths.

    A piece that is shorter than the others repeats its last element, which changes no maximum.
    """
    widths = []
    for dimension, size in enumerate(sizes, x.ndim - len(sizes)):
        pieces = pieces_of(x.shape[dimension], size)
        width = max(stop - start for start, stop in pieces)
        widths.append(width)
        if size * width != x.shape[dimension]:
            x = take(x, np.array([min(start + k, stop - 1) for start, stop in pieces for k in range(width)]), axis=dimension)
    return x, tuple(widths)


def adaptive_max_pool(x: Any, size: Any) -> Any:
    """The maxima of windows that divide x into `size` parts.

    x:     (N, C, *lengths)
    size:  of the result: an integer for all axes after the first two, or a tuple for the last axes; None leaves an axis as it is
    """
    pieces, widths = cut(x, adaptive_axes("adaptive_max_pool", x, size))
    return max_pool(pieces, widths)


@primitive(x=None)
def adaptive_max_pool_index(x: Any, size: Any) -> Any:
    """Where the maxima of `adaptive_max_pool` are: positions in the flattened last axes of x."""
    sizes = adaptive_axes("adaptive_max_pool", x, size)
    lengths = x.shape[len(x.shape) - len(sizes):]
    pieces, widths = cut(x, sizes)
    places, _ = cut(np.arange(prod(lengths)).reshape(lengths), sizes)
    return places.ravel()[max_pool_index(pieces, widths)]


def max_unpool(x: Any, index: Any, lengths: tuple[int, ...]) -> Any:
    """Zeros with x written where `index` says, as the maxima of `max_pool` were: positions in the flattened last axes of the result.

    x, index:  (..., *out), of the same shape
    lengths:   the last axes of the result
    """
    batch = x.shape[: len(x.shape) - len(lengths)]
    if index.shape != x.shape:
        raise ValueError(f"max_unpool: there must be one index for each element, but x has shape {x.shape} and index {index.shape}")
    y = zeros((*batch, prod(lengths)), x._array if hasattr(x, "_array") else x)
    flat = (*batch, prod(x.shape[len(batch):]))
    return reshape(set_along_axis(y, reshape(index, flat), reshape(x, flat)), (*batch, *lengths))


def adaptive_avg_pool(x: Any, size: Any) -> Any:
    """The means of windows that divide x into `size` parts. `size` as in `adaptive_max_pool`; 1 is the mean of everything."""
    sizes = adaptive_axes("adaptive_avg_pool", x, size)
    first = len(x.shape) - len(sizes)
    if set(sizes) == {1}:
        return mean(x, axis=tuple(range(first, len(x.shape))), keepdims=True)
    for axis, n in enumerate(sizes, first):
        if n != x.shape[axis]:
            x = mapped(x, means(x.shape[axis], n), axis)
    return x


@lru_cache(maxsize=256)
def means(length: int, size: int) -> Any:
    """The weights of an axis in the mean of each of its pieces, (size, length)."""
    weights = np.zeros((size, length))
    for row, (start, stop) in zip(weights, pieces_of(length, size)):
        row[start:stop] = 1 / (stop - start)
    return unchanging(weights)
