"""Running operations: sums and products of everything so far along an axis, and the differences that undo them.

A product's gradient is often written as g y / x, which fails at zeros. Here nothing is divided: the gradient of `cumprod`
is a linear recurrence, the gradient of a linear recurrence is one that runs the other way, and so every order of
derivative is right, with any number of zeros.

Read next: `reductions.py`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.ops.constants import isnan
from autograd.ops.elementwise import where
from autograd.ops.indexing import getitem
from autograd.ops.joining import along, concatenate
from autograd.ops.shapes import as_array, astype, broadcast_to, flip, reshape
from autograd.primitive import primitive


@primitive(x=lambda g, by, axis: shift(g, -by, axis), linear=True)
def shift(x: Any, by: int, axis: int, fill: float = 0) -> Any:
    """x moved `by` places along the axis; what falls out is lost, and the gap is filled."""
    y = np.roll(x, by, axis)
    y[along(axis, y.ndim, slice(by) if by > 0 else slice(by, None) if by else slice(0))] = fill
    return y


def backward_recurrence(a: Any, g: Any, axis: int) -> Any:
    """l[i] = g[i] + a[i+1] l[i+1], from the last to the first: the transpose of `recurrence`."""
    return flip(recurrence(flip(shift(a, -1, axis), axis), flip(g, axis), axis), axis)


@primitive(a=lambda g, y, a, axis: backward_recurrence(a, g, axis) * shift(y, 1, axis),
           b=lambda g, a, axis: backward_recurrence(a, g, axis))
def recurrence(a: Any, b: Any, axis: int = -1) -> Any:
    """y[i] = a[i] y[i-1] + b[i] along the axis, with y[-1] = 0: the linear recurrence of first order.

    a, b: of the same shape. (The first a has no effect.)
    """
    a = np.asarray(a)
    y = np.array(b, np.result_type(a, b))
    rows, factors = np.moveaxis(y, axis, 0), np.moveaxis(a, axis, 0)
    for i in range(1, len(rows)):
        rows[i] += factors[i] * rows[i - 1]
    return y


LONG = 512
"""Along an axis NumPy adds one number after the other. A row of so many at once takes a third of the time, and a tenth if it is longer."""


def row_by_row(f: Any, x: Any, axis: int | None) -> Any:
    """f.accumulate(x, axis), its numbers to the last bit, where what lies side by side belongs to different sums; else None."""
    if x.__class__ is not np.ndarray or axis is None or not -x.ndim <= axis < x.ndim or axis % x.ndim == x.ndim - 1:
        return None
    if x.dtype.char not in "fd" or not x.size or x.size < LONG * x.shape[axis] or x.shape[-1] < LONG // 8 or x.strides[-1] != x.itemsize:
        return None
    y = np.empty(x.shape, x.dtype.char)
    rows, given = np.moveaxis(y, axis, 0), np.moveaxis(x, axis, 0)
    rows[0] = given[0]
    for before, more, row in zip(rows, given[1:], rows[1:]):
        f(before, more, out=row)
    return y


@primitive(x=lambda g, x_shape, axis: reshape(flip(cumsum(flip(g, axis or 0), axis or 0), axis or 0), x_shape), linear=True)
def cumsum(x: Any, axis: int | None = None) -> Any:
    """y[i] = x[0] + ... + x[i] along the axis, or of the flattened array."""
    y = row_by_row(np.add, x, axis)
    return np.cumsum(x, axis) if y is None else y


def cumprod_to_x(g: Any, y: Any, x: Any, axis: int | None) -> Any:
    """dx[i] = (x[0] ... x[i-1]) sum over k >= i of g[k] x[i+1] ... x[k]."""
    if axis is None or not x.ndim:
        return reshape(cumprod_to_x(g, y, reshape(x, (-1,)), 0), x.shape)
    return backward_recurrence(x, g, axis) * shift(y, 1, axis, 1)


@primitive(x=cumprod_to_x)
def cumprod(x: Any, axis: int | None = None) -> Any:
    """y[i] = x[0] * ... * x[i] along the axis, or of the flattened array. Its derivatives are right at zeros too."""
    y = row_by_row(np.multiply, x, axis)
    return np.cumprod(x, axis) if y is None else y


def nancumsum(x: Any, axis: int | None = None) -> Any:
    """`cumsum` with NaN counted as 0; no gradient goes there."""
    return cumsum(where(isnan(x), 0, x), axis)


def nancumprod(x: Any, axis: int | None = None) -> Any:
    """`cumprod` with NaN counted as 1; no gradient goes there."""
    return cumprod(where(isnan(x), 1, x), axis)


def with_initial(x: Any, axis: int | None, include_initial: bool, scan: Any, dtype: Any, start: int) -> Any:
    """A scan as the array API has it: along the only axis by default, and with what it starts from in front if that is asked for."""
    x = as_array(x)
    if axis is None and x.ndim != 1:
        raise ValueError(f"{scan.__name__}: an array of shape {x.shape} has several axes (or none), so say which: axis=")
    axis = 0 if axis is None else axis
    y = scan(x if dtype is None or x.dtype == dtype else astype(x, dtype), axis)
    if not include_initial:
        return y
    shape = [1 if i == axis % y.ndim else n for i, n in enumerate(y.shape)]
    return concatenate([np.full(shape, start, y.dtype), y], axis)


def cumulative_sum(x: Any, *, axis: int | None = None, dtype: Any = None, include_initial: bool = False) -> Any:
    """`cumsum`, of a row or along an axis that must be named; with `include_initial` the result starts with 0."""
    return with_initial(x, axis, include_initial, cumsum, dtype, 0)


def cumulative_prod(x: Any, *, axis: int | None = None, dtype: Any = None, include_initial: bool = False) -> Any:
    """`cumprod`, of a row or along an axis that must be named; with `include_initial` the result starts with 1."""
    return with_initial(x, axis, include_initial, cumprod, dtype, 1)


def joinable(end: Any, x: Any, axis: int) -> Any:
    """What `diff` joins to x: a number becomes an array with one place along the axis, in the dtype of x if it is Python's."""
    end = np.asarray(end, np.result_type(x.dtype, end)) if isinstance(end, (int, float, complex)) else as_array(end)
    return end if end.ndim else broadcast_to(end, tuple([1 if i == axis % x.ndim else n for i, n in enumerate(x.shape)]))


def diff(x: Any, n: int = 1, axis: int = -1, prepend: Any = None, append: Any = None) -> Any:
    """y[i] = x[i+1] - x[i] along the axis, n times over. `prepend` and `append` are joined to x first."""
    if n < 0:
        raise ValueError(f"diff: the order n must not be negative, but is {n}")
    x = as_array(x)
    if not x.shape:
        raise ValueError("diff: a 0-d array has no neighbours to subtract")
    if n == 0:
        return x
    parts = [part if part is x else joinable(part, x, axis) for part in (prepend, x, append) if part is not None]
    x = x if len(parts) == 1 else concatenate(parts, axis)
    for _ in range(n):
        x = getitem(x, along(axis, x.ndim, slice(1, None))) - getitem(x, along(axis, x.ndim, slice(-1)))
    return x


def trapezoid(y: Any, x: Any = None, dx: float = 1.0, axis: int = -1) -> Any:
    """The integral of y along the axis by the trapezoidal rule: the sum of (y[i] + y[i+1]) / 2 * (x[i+1] - x[i]).

    x: the places of the samples, 1-d or in y's shape; without it they are `dx` apart.
    """
    y = as_array(y)
    if x is not None:
        x = as_array(x)
        dx = diff(x, axis=axis if x.ndim > 1 else 0)
        if x.ndim == 1:
            dx = reshape(dx, (-1,) + (1,) * (y.ndim - 1 - axis % y.ndim))
    heights = getitem(y, along(axis, y.ndim, slice(1, None))) + getitem(y, along(axis, y.ndim, slice(-1)))
    return (heights / 2 * dx).sum(axis=axis)
