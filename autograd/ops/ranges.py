"""Operations that make rows of numbers between two ends, with gradients to the ends: linspace, logspace, geomspace.

Read next: `sequences.py`.
"""

from __future__ import annotations

from operator import index
from typing import Any

import numpy as np

from autograd.ops.elementwise import absolute, floor, log10, power, sign
from autograd.ops.indexing import set_item
from autograd.ops.shapes import as_array, astype, expand_dims, moveaxis, reshape


def common_float(*ends: Any) -> np.dtype[Any]:
    """The floating-point or complex dtype that holds all ends; numbers of Python's count as in arithmetic."""
    known = [x if isinstance(x, (int, float, complex)) else as_array(x).dtype for x in ends]
    dtype = np.dtype(np.result_type(*known))
    return dtype if dtype.kind in "fc" else np.dtype(float)


def in_dtype(x: Any, dtype: Any) -> Any:
    """x as an array or Tensor of this dtype."""
    x = as_array(x)
    return x if x.dtype == dtype else astype(x, dtype)


def finished(y: Any, dtype: Any, axis: int) -> Any:
    """A range with its axis in place, in the dtype that was asked for; integers are rounded down, as NumPy does."""
    y = moveaxis(y, 0, axis) if axis else y
    if dtype is None or y.dtype == dtype:
        return y
    return astype(floor(y) if np.dtype(dtype).kind in "iu" and y.dtype.kind == "f" else y, dtype)


def linspace(start: Any, stop: Any, num: int = 50, endpoint: bool = True, retstep: bool = False, dtype: Any = None, axis: int = 0) -> Any:
    """num evenly spaced numbers from start to stop: y[i] = start + i (stop - start) / (num - 1).

    start, stop:  numbers, or arrays that broadcast; the new axis is put at `axis` of the result
    endpoint:     is stop the last of them? Else the distance is (stop - start) / num
    retstep:      also return the distance
    dtype:        of the result (an integer one has no gradient)

    >>> from autograd import jacobian
    >>> jacobian(lambda b: linspace(0.0, b, 3))(1.0)
    array([0. , 0.5, 1. ])

    Raises ValueError for a negative num.
    """
    num = index(num)
    if num < 0:
        raise ValueError(f"linspace: num says how many numbers to make, and must not be negative, but is {num}")
    kind = common_float(start, stop)
    start, stop = in_dtype(start, kind), in_dtype(stop, kind)
    delta, parts = stop - start, num - 1 if endpoint else num
    steps = np.arange(num, dtype=kind).reshape((-1,) + (1,) * delta.ndim)
    step = delta / parts if parts > 0 else np.full(delta.shape, np.nan, kind)[()]
    y = steps * (step if parts > 0 else delta) + start
    if endpoint and num > 1:
        y = set_item(y, stop, -1)
    y = finished(y, dtype, axis)
    return (y, step) if retstep else y


def logspace(start: Any, stop: Any, num: int = 50, endpoint: bool = True, base: Any = 10.0, dtype: Any = None, axis: int = 0) -> Any:
    """num numbers whose logarithms are evenly spaced: base ** linspace(start, stop). The gradient goes to the base, too."""
    if as_array(base).ndim:
        ndim = max(as_array(x).ndim for x in (start, stop, base))
        start, stop, base = (reshape(x, (1,) * (ndim - x.ndim) + x.shape) for x in map(as_array, (start, stop, base)))
        base = expand_dims(base, axis)
    y = power(base, linspace(start, stop, num, endpoint, axis=axis))
    return y if dtype is None else astype(y, dtype)


def geomspace(start: Any, stop: Any, num: int = 50, endpoint: bool = True, dtype: Any = None, axis: int = 0) -> Any:
    """num numbers from start to stop, each the same multiple of the one before.

    Raises ValueError if an end is zero.
    """
    kind = common_float(start, stop)
    if dtype is not None:
        kind = np.result_type(kind, np.zeros((), dtype))
    start, stop = in_dtype(start, kind), in_dtype(stop, kind)
    if any(np.any(getattr(x, "_array", x) == 0) for x in (start, stop)):
        raise ValueError("geomspace: from zero, or to zero, no multiple leads; both ends must be other numbers")
    turn = start / absolute(start) if kind.kind == "c" else sign(start)
    y = logspace(log10(start / turn), log10(stop / turn), num, endpoint)
    if num > 0:
        y = set_item(y, start / turn, 0)
    if num > 1 and endpoint:
        y = set_item(y, stop / turn, -1)
    return finished(y * turn, dtype, axis)
