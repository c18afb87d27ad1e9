"""What does a kernel see as it slides over an array?

`windows` shows every position of a sliding kernel as a strided view; `fold` adds such windows back where they came from.
They are each other's transpose, and with a contraction between them they are convolution, in a form one can read:

    conv(x, w)            =  einsum(windows(x), w)
    its transpose         =  fold(einsum(z, w))
    the weight's gradient =  einsum(windows(x), z)

`Axis` is the arithmetic of sliding along one axis; convolution and pooling share it.

Read next: `convolution.py`.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from autograd.primitive import primitive

Slices = tuple[slice, ...]


class Axis(NamedTuple):
    """A kernel sliding along one axis: window i sees the elements i * stride + k * dilation - lo, for k < size.

    length:    of the axis
    size:      of the kernel
    lo, hi:    how many elements of padding stand before and after; negative ones crop
    out:       how many windows there are
    """

    length: int
    size: int
    stride: int
    dilation: int
    lo: int
    hi: int
    out: int

    @property
    def extent(self) -> int:
        """From the first to the last element of a window."""
        return self.dilation * (self.size - 1) + 1

    @property
    def span(self) -> int:
        """From the first element of the first window to the last of the last."""
        return self.stride * (self.out - 1) + self.extent if self.out else 0

    @property
    def plain(self) -> bool:
        """Is every window one element, and the windows the axis itself?"""
        return self.size == self.stride == 1 and self.lo == self.hi == 0

    def taps(self) -> Iterator[tuple[slice, slice]]:
        """For each of the kernel's elements: the windows in which it lies on the array, and the elements it sees there."""
        for k in range(self.size):
            shift = k * self.dilation - self.lo
            first = max(0, -(shift // self.stride))
            last = max(first, min(self.out, (self.length - 1 - shift) // self.stride + 1))
            start = first * self.stride + shift
            yield slice(first, last), slice(start, start + (last - first - 1) * self.stride + 1 if last > first else start, self.stride)


def taps(axes: Sequence[Axis]) -> Iterator[tuple[Slices, Slices]]:
    """The taps of a kernel of several axes, in C order: an index of the windows, and an index of the array."""
    for pairs in itertools.product(*(tuple(axis.taps()) for axis in axes)):
        yield tuple(pair[0] for pair in pairs), tuple(pair[1] for pair in pairs)


def integers(values: tuple[Any, ...], n: int) -> bool:
    """Are they n, and all of Python's own integers?"""
    return [*map(type, values)] == [int] * n


def per_axis(what: str, name: str, value: Any, n: int, least: int) -> tuple[int, ...]:
    """One integer for all axes, or one for each."""
    if type(value) is tuple and integers(value, n) and min(value, default=least) >= least:  # the usual case
        return value
    values = tuple(value) if isinstance(value, (tuple, list)) else (value,) * n
    if len(values) != n or any(not isinstance(v, (int, np.integer)) or v < least for v in values):
        raise ValueError(f"{what}: {name} must be an integer of at least {least}, or {n} of them, but is {value!r}")
    return tuple(int(v) for v in values)


def padding_pairs(what: str, padding: Any, n: int) -> tuple[tuple[int, int], ...]:
    """(before, after) for each axis, from one integer, or for each axis an integer or a pair."""
    if type(padding) is tuple and len(padding) == n:  # the usual cases
        if integers(padding, n):
            return tuple(zip(padding, padding))
        if all(type(pair) is tuple and integers(pair, 2) for pair in padding):
            return padding
    values = tuple(padding) if isinstance(padding, (tuple, list)) else (padding,) * n
    pairs = tuple(tuple(v) if isinstance(v, (tuple, list)) else (v, v) for v in values)
    if len(pairs) != n or any(len(pair) != 2 or not all(isinstance(v, (int, np.integer)) for v in pair) for pair in pairs):
        raise ValueError(f"{what}: padding must be an integer, or for each of the {n} axes an integer or a pair (before, after), "
                         f"but is {padding!r}")
    return tuple((int(lo), int(hi)) for lo, hi in pairs)


def sliding(what: str, lengths: Sequence[int], size: Any, stride: Any = 1, padding: Any = 0, dilation: Any = 1,
            ceil_mode: bool = False) -> tuple[Axis, ...]:
    """How a kernel slides over axes of these lengths. With `ceil_mode`, a last window may hang over the end, if it starts before it.

    Raises ValueError where that is impossible, saying `what` was asked for.
    """
    n = len(lengths)
    sizes, strides, dilations = (per_axis(what, name, value, n, 1) for name, value in (
        ("size", size), ("stride", stride), ("dilation", dilation)))
    return placed(what, tuple(lengths), sizes, strides, padding_pairs(what, padding, n), dilations, bool(ceil_mode))


@lru_cache(1024)
def placed(what: str, lengths: tuple[int, ...], sizes: tuple[int, ...], strides: tuple[int, ...], pairs: tuple[tuple[int, int], ...],
           dilations: tuple[int, ...], ceil_mode: bool) -> tuple[Axis, ...]:
    """The same, of integers for each axis. (A network asks the same over and over.)"""
    axes = []
    for length, k, s, d, (lo, hi) in zip(lengths, sizes, strides, dilations, pairs):
        room = length + lo + hi - d * (k - 1) - 1
        if room < 0 and not (ceil_mode and length and room > -s):  # one window may hang over the end
            padded = "" if lo == hi == 0 else f" + {lo} + {hi} of padding"
            spread = "" if d == 1 else f" (extent {d * (k - 1) + 1} with dilation {d})"
            raise ValueError(f"{what}: a kernel of size {tuple(sizes)} does not fit into {tuple(lengths)}: "
                             f"{k}{spread} is longer than {length}{padded}")
        out = (-(-room // s) if ceil_mode else room // s) + 1
        if ceil_mode and (out - 1) * s >= length + lo:
            out -= 1
        axes.append(Axis(length, k, s, d, lo, hi, out))
    return tuple(axes)


def as_tuple(size: Any) -> tuple[int, ...]:
    return tuple(size) if isinstance(size, (tuple, list)) else (size,)


def last(shape: tuple[int, ...], n: int) -> tuple[int, ...]:
    """The last n lengths."""
    return shape[len(shape) - n:]


@primitive(x=lambda g, x_shape, size, stride, dilation: fold(g, last(x_shape, len(as_tuple(size))), stride, dilation),  # type: ignore[has-type]
           linear=True)
def windows(x: Any, size: Any, stride: Any = 1, dilation: Any = 1) -> Any:
    """y[..., i, k] = x[..., i * stride + k * dilation]: what a kernel sees at each position, as a read-only view.

    x:       (..., *lengths)
    size:    of the kernel along the last axes, one integer each; a single integer for the last axis alone
    stride, dilation:  an integer, or one for each of these axes

    Returns (..., *positions, *size). Raises ValueError if the kernel is longer than an axis.

    >>> import numpy as np
    >>> from autograd.ops import windows
    >>> windows(np.arange(5), 3)
    array([[0, 1, 2],
           [1, 2, 3],
           [2, 3, 4]])
    """
    shape, n = np.shape(x), len(as_tuple(size))
    if len(shape) < n:
        raise ValueError(f"windows: a kernel of {n} axes cannot slide over an array of shape {shape}")
    axes = sliding("windows", last(shape, n), as_tuple(size), stride, 0, dilation)
    return window_view(x, axes, tuple(range(len(shape) - n, len(shape))))


def window_view(x: Any, axes: Sequence[Axis], at: tuple[int, ...]) -> Any:
    """The windows over the dimensions `at` of an array that is padded already; the kernel's dimensions come last."""
    view = np.lib.stride_tricks.sliding_window_view(x, tuple(axis.extent for axis in axes), at)
    index = [slice(None)] * view.ndim
    for i, (axis, dimension) in enumerate(zip(axes, at)):
        index[dimension] = slice(None, None, axis.stride)
        index[view.ndim - len(axes) + i] = slice(None, None, axis.dilation)
    return view[tuple(index)]


@primitive(x=lambda g, x_shape, shape, stride, dilation: windows(g, last(x_shape, len(as_tuple(shape))), stride, dilation), linear=True)
def fold(x: Any, shape: Any, stride: Any = 1, dilation: Any = 1) -> Any:
    """y[..., i * stride + k * dilation] += x[..., i, k]: overlapping windows added up. The transpose of `windows`.

    x:      (..., *positions, *size)
    shape:  the lengths of the last axes of the result; a single integer for one axis
    stride, dilation:  as in `windows`

    Returns (..., *shape). Raises ValueError if `windows` of an array of that shape would not have the shape of x.

    >>> import numpy as np
    >>> from autograd.ops import fold
    >>> fold(np.ones((3, 3)), 5)
    array([1., 2., 3., 2., 1.])
    """
    lengths = as_tuple(shape)
    n = len(lengths)
    if x.ndim < 2 * n:
        raise ValueError(f"fold: {n} axes need an array (..., positions, kernel) of {2 * n} dimensions or more, but its shape is {x.shape}")
    batch, positions, size = x.shape[: x.ndim - 2 * n], x.shape[x.ndim - 2 * n: x.ndim - n], last(x.shape, n)
    axes = sliding("fold", lengths, size, stride, 0, dilation)
    if tuple(axis.out for axis in axes) != positions:
        raise ValueError(f"fold: axes of lengths {lengths} have {tuple(axis.out for axis in axes)} windows of size {size} "
                         f"(stride {stride}, dilation {dilation}), but the array of shape {x.shape} brings {positions}")
    y: Any = np.zeros_like(x, shape=(*batch, *lengths), order="C")
    for k, (seen, elements) in zip(np.ndindex(*size), taps(axes)):
        y[(..., *elements)] += x[(..., *seen, *k)]
    return y
