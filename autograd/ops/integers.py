"""Operations on integers and on bits, and tests of what is in an array: results without a gradient that few programs need.

Read next: `floats.py`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.ops.joining import stack
from autograd.ops.shapes import as_array, broadcast_arrays
from autograd.primitive import primitive

# ---- integers and bits --------------------------------------------------------------------------------------------

gcd = primitive(np.gcd, a=None, b=None)
lcm = primitive(np.lcm, a=None, b=None)
left_shift = primitive(np.left_shift, a=None, b=None)
right_shift = primitive(np.right_shift, a=None, b=None)
bitwise_count = primitive(np.bitwise_count, x=None)


@primitive(x=None)
def packbits(x: Any, axis: int | None = None, bitorder: Any = "big") -> Any:
    """Eight truth values along the axis as the bits of one byte."""
    return np.packbits(x, axis, bitorder)


@primitive(x=None)
def unpackbits(x: Any, axis: int | None = None, count: int | None = None, bitorder: Any = "big") -> Any:
    """The bits of bytes along the axis, as many as `count`."""
    return np.unpackbits(x, axis, count, bitorder)


# ---- places -------------------------------------------------------------------------------------------------------


@primitive(indices=None)
def flat_index(indices: Any, dims: Any, outside: Any = "raise", order: Any = "C") -> Any:
    """Where x[indices[0], indices[1], ...] is in the flattened x."""
    return np.ravel_multi_index(tuple(indices), dims, outside, order)


def ravel_multi_index(multi_index: Any, dims: Any, mode: Any = "raise", order: Any = "C") -> Any:
    """Where x[multi_index], one array for each axis, is in the flattened x, which has the shape `dims`."""
    return flat_index(stack(broadcast_arrays(*multi_index)), dims, mode, order)


@primitive(indices=None)
def coordinate(indices: Any, shape: Any, axis: int, order: Any = "C") -> Any:
    """Where the elements at flat positions are along one axis."""
    return np.unravel_index(indices, shape, order)[axis]


def unravel_index(indices: Any, shape: Any, order: Any = "C") -> tuple[Any, ...]:
    """The coordinates of the elements at flat positions, one array for each axis."""
    shape = (shape,) if isinstance(shape, int) else tuple(shape)
    return tuple([coordinate(as_array(indices), shape, axis, order) for axis in range(len(shape))])


# ---- what is in an array ------------------------------------------------------------------------------------------


@primitive(x=None, bins=None)
def digitize(x: Any, bins: Any, right: bool = False) -> Any:
    """The number of the bin that each element falls into; the bins' edges are in order."""
    return np.digitize(x, bins, right)


@primitive(keys=None)
def sorted_by(keys: Any, axis: int = -1) -> Any:
    """The indices that sort by the last key, keys[-1], and of equal ones by the key before, and so on."""
    return np.lexsort(keys, axis)


def lexsort(keys: Any, axis: int = -1) -> Any:
    """The indices that sort by the last of several keys, and of equal ones by the key before, and so on."""
    return sorted_by(keys if hasattr(keys, "dtype") else stack(keys), axis)


@primitive(x=None, among=None)
def isin(x: Any, among: Any, assume_unique: bool = False, invert: bool = False, *, kind: Any = None) -> Any:
    """Which elements of x are among the others."""
    return np.isin(x, among, assume_unique, invert, kind=kind)


@primitive(x=None)
def nanargmax(x: Any, axis: int | None = None, keepdims: bool = False) -> Any:
    """The index of the largest element that is not NaN."""
    return np.nanargmax(x, axis, keepdims=keepdims)


@primitive(x=None)
def nanargmin(x: Any, axis: int | None = None, keepdims: bool = False) -> Any:
    """The index of the smallest element that is not NaN."""
    return np.nanargmin(x, axis, keepdims=keepdims)


@primitive(x=None)
def isposinf(x: Any) -> Any:
    """Which elements are +inf."""
    return np.isposinf(x)[()]


@primitive(x=None)
def isneginf(x: Any) -> Any:
    """Which elements are -inf."""
    return np.isneginf(x)[()]


@primitive(x=None)
def iscomplex(x: Any) -> Any:
    """Which elements have an imaginary part that is not zero."""
    return np.iscomplex(x)


@primitive(x=None)
def isreal(x: Any) -> Any:
    """Which elements have no imaginary part."""
    return np.isreal(x)
