"""Operations that lengthen and shorten: append, insert, delete, trim_zeros; and grids of coordinates.

What NumPy does to positions is done to elements: an array of positions is inserted into or deleted from, and says where each
element of the result comes from.

Read next: `sets.py`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from autograd.ops.indexing import take
from autograd.ops.joining import concatenate
from autograd.ops.shapes import as_array, astype, broadcast_to, reshape
from autograd.primitive import primitive

# ---- longer and shorter -------------------------------------------------------------------------------------------


def append(arr: Any, values: Any, axis: int | None = None) -> Any:
    """values behind arr along an axis; without one, both are flattened."""
    return concatenate([as_array(arr), as_array(values)], axis)


@primitive(obj=None)
def inserted(obj: Any, arr_shape: tuple[int, ...], values_shape: tuple[int, ...], axis: int) -> Any:
    """Where the elements of `insert` come from: positions in arr, and behind them positions in values."""
    n = math.prod(arr_shape)
    values = n + np.arange(math.prod(values_shape)).reshape(values_shape)
    return np.insert(np.arange(n).reshape(arr_shape), obj, values, axis)


def insert(arr: Any, obj: Any, values: Any, axis: int | None = None) -> Any:
    """arr with values inserted before the positions obj along an axis; without one, arr is flattened.

    obj:     an integer, a slice, or a sequence of integers: positions in arr, before anything is inserted
    values:  what to insert, broadcast; it gets the dtype of arr

    Raises TypeError for fractions inserted among integers, instead of rounding them; IndexError for positions outside.
    """
    arr, values = as_array(arr), as_array(values)
    if values.dtype.kind in "fc" and arr.dtype.kind not in "fc":
        raise TypeError(f"inserting {values.dtype} values into an array of {arr.dtype} would round them: convert it with "
                        ".astype(float) first")
    if axis is None:
        arr, axis = reshape(arr, -1), 0
    axis = normalize_axis_index(axis, arr.ndim)
    places = inserted(obj, arr.shape, values.shape, axis)
    values = values if values.dtype == arr.dtype else astype(values, arr.dtype)
    return take(concatenate([arr, values], None), places)


@primitive(obj=None)
def left_over(obj: Any, n: int) -> Any:
    """The positions below n that are not in obj."""
    return np.delete(np.arange(n), obj)


def delete(arr: Any, obj: Any, axis: int | None = None) -> Any:
    """arr without the positions obj (an integer, a slice, a sequence of integers or a mask) along an axis; or arr flattened.

    Raises IndexError for positions outside.
    """
    arr = as_array(arr)
    if axis is None:
        arr, axis = reshape(arr, -1), 0
    axis = normalize_axis_index(axis, arr.ndim)
    return take(arr, left_over(obj, arr.shape[axis]), axis)


@primitive(x=None)
def untrimmed(x: Any, trim: str, axis: int) -> Any:
    """The positions along an axis from the first to the last slice that is not all zero, on the sides that are trimmed."""
    others = tuple([i for i in range(x.ndim) if i != axis])
    found = np.flatnonzero((np.asarray(x) != 0).any(axis=others))
    if not found.size:
        return np.arange(0)
    return np.arange(found[0] if "f" in trim else 0, found[-1] + 1 if "b" in trim else x.shape[axis])


def trim_zeros(filt: Any, trim: str = "fb", axis: Any = None) -> Any:
    """filt without the zeros at its ends.

    trim:  'f' for the front, 'b' for the back, 'fb' for both
    axis:  which axes to trim (all of them by default): slices that are all zero are cut off

    Raises ValueError for another `trim`.
    """
    filt, trim = as_array(filt), trim.lower()
    if trim not in ("fb", "bf", "f", "b"):
        raise ValueError(f"trim_zeros: trim must be 'f', 'b' or 'fb', but is {trim!r}")
    axes = range(filt.ndim) if axis is None else normalize_axis_tuple(axis, filt.ndim)
    kept = [(a, untrimmed(filt, trim, a)) for a in axes]
    for a, places in kept:
        filt = take(filt, places, a)
    return filt


# ---- grids --------------------------------------------------------------------------------------------------------


def meshgrid(*xi: Any, copy: bool = True, sparse: bool = False, indexing: str = "xy") -> tuple[Any, ...]:
    """The coordinates of all points of a grid, one array for each axis.

    xi:        the coordinates along each axis, 1-d
    sparse:    leave the other axes of each result at length 1
    indexing:  'xy' (the first coordinate varies along the second axis, as in a picture) or 'ij' (along the first)

    (`copy` has no meaning: Tensors are values.) Raises ValueError for another `indexing`.
    """
    if indexing not in ("xy", "ij"):
        raise ValueError(f"meshgrid: indexing must be 'xy' or 'ij', but is {indexing!r}")
    n = len(xi)
    places = [1 - i if indexing == "xy" and n > 1 and i < 2 else i for i in range(n)]
    grids = [reshape(as_array(x), (1,) * p + (-1,) + (1,) * (n - 1 - p)) for x, p in zip(xi, places)]
    shape = np.broadcast_shapes(*[grid.shape for grid in grids])
    return tuple(grids if sparse else [broadcast_to(grid, shape) for grid in grids])
