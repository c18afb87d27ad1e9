"""Operations that pick elements by what is in an array: in order, along an axis, where a condition holds, by a chooser.

The choice itself is a constant: sorting is `argsort`, which has no gradient, and `take_along_axis`, which moves elements.

Read next: `repetition.py`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.ops.constants import argpartition, argsort, argwhere
from autograd.ops.elementwise import where
from autograd.ops.indexing import set_item, take, zeros
from autograd.ops.joining import stack
from autograd.ops.shapes import as_array, astype, broadcast_arrays, broadcast_to, reshape
from autograd.primitive import primitive

# ---- along an axis ------------------------------------------------------------------------------------------------


@primitive(x=lambda g, indices, axis, x_shape: deposit_along(g, indices, axis, x_shape[axis]), indices=None, broadcasts=True, linear=True)
def taken_along(x: Any, indices: Any, axis: int) -> Any:
    """y[i, j, k] = x[i, indices[i, j, k], k], for axis 1 of 3."""
    return np.take_along_axis(x, indices, axis)


@primitive(v=lambda g, indices, axis: taken_along(g, indices, axis), indices=None, linear=True)
def deposit_along(v: Any, indices: Any, axis: int, n: int) -> Any:
    """Zeros, with n places along the axis, and v added at indices: the transpose of `taken_along`."""
    shape = list(v.shape)
    shape[axis] = n
    z = zeros(tuple(shape), v)
    np.add.at(z.reshape(-1), places_along(z.shape, np.broadcast_to(indices, v.shape), axis).ravel(), v.ravel())
    return z


def places_along(shape: tuple[int, ...], indices: Any, axis: int) -> Any:
    """Where the elements that indices select lie in a flattened array of this shape, which is theirs along all other axes."""
    places: Any = 0
    for i, n in enumerate(shape):
        starts = np.arange(n, like=indices) * math.prod(shape[i + 1:])
        if i != axis % len(shape):
            places = places + np.reshape(starts, (n, *(1,) * (len(shape) - 1 - i)))
        else:
            chosen = starts[indices]
    return places + chosen


def take_along_axis(x: Any, indices: Any, axis: int | None = -1) -> Any:
    """The elements at the positions that `indices` gives along an axis, for every line of its own: what `argsort` and
    `argmax(keepdims=True)` return is meant for it. With axis=None x is flattened."""
    return taken_along(reshape(x, -1), indices, 0) if axis is None else taken_along(x, indices, axis)


def set_along_axis(x: Any, indices: Any, v: Any, axis: int | None = -1) -> Any:
    """A copy of x with v, broadcast, written at the positions that `indices` gives along an axis: `np.put_along_axis`, as a function."""
    x = as_array(x)
    if axis is None:
        return reshape(set_along_axis(reshape(x, -1), indices, v, 0), x.shape)
    places = take_along_axis(np.arange(x.size).reshape(x.shape), indices, axis)
    return reshape(set_item(reshape(x, -1), broadcast_to(v, places.shape), places), x.shape)


# ---- in order -----------------------------------------------------------------------------------------------------


KINDS = (None, "quicksort", "mergesort", "heapsort", "stable")
"""NumPy's ways of sorting; all of them give the same values."""


def sort(x: Any, axis: int | None = -1, kind: str | None = None, *, stable: bool | None = None, descending: bool | None = None) -> Any:
    """x in ascending order along an axis, or descending; NaN last. Always stable (equal elements keep their order), so `kind` and
    `stable` change nothing."""
    if kind not in KINDS:
        raise ValueError(f"sort: kind={kind!r} is no way of sorting; leave it out, or write one of {KINDS[1:]}")
    x, axis = (reshape(x, -1), 0) if axis is None else (as_array(x), axis)
    return take_along_axis(x, argsort(x, axis, "stable", True) if descending else argsort(x, axis, "stable"), axis)


def sort_complex(a: Any) -> Any:
    """a in ascending order along the last axis, by real parts and then by imaginary ones, as complex numbers."""
    y = sort(a)
    return y if y.dtype.kind == "c" else astype(y, np.result_type(y.dtype, np.complex64))


def partition(x: Any, kth: Any, axis: int | None = -1, kind: str = "introselect") -> Any:
    """x with the kth smallest element along the axis in its place, smaller ones before it and larger ones behind."""
    if kind != "introselect":
        raise ValueError(f"partition: kind={kind!r} is no way of selecting; leave it out: there is only 'introselect'")
    x, axis = (reshape(x, -1), 0) if axis is None else (as_array(x), axis)
    return take_along_axis(x, argpartition(x, kth, axis), axis)


@primitive(x=None)
def unique_part(x: Any, part: int, axis: int | None = None, equal_nan: bool = True) -> Any:
    """Of the different elements of x: where each is first (part 1), which of them each element is (2), how often there is each (3)."""
    return np.unique(x, True, True, True, axis, equal_nan=equal_nan)[part][()]


def unique(x: Any, return_index: bool = False, return_inverse: bool = False, return_counts: bool = False, axis: int | None = None, *,
           equal_nan: bool = True, sorted: bool = True) -> Any:
    """The different elements (or slices along an axis) of x in ascending order. Of equal ones the first has the gradient.

    equal_nan:  all NaN count as one element
    sorted:     without it NumPy may return them in another order; here they are always sorted

    If asked for, a tuple of these, of where they are in x, of which of them each element is, and of how often there is each.
    """
    x = as_array(x)
    asked = [part for part, wanted in ((1, return_index), (2, return_inverse), (3, return_counts)) if wanted]
    values = take(x, unique_part(x, 1, axis, equal_nan), axis)
    return (values, *[unique_part(x, part, axis, equal_nan) for part in asked]) if asked else values


# ---- where a condition holds --------------------------------------------------------------------------------------


def nonzero(x: Any) -> tuple[Any, ...]:
    """The indices of the elements that are not zero, one array for each axis: x[nonzero(x)] are those elements."""
    x = as_array(x)
    if not x.ndim:
        raise ValueError("nonzero of a 0-d array: it has no axis to count along; see atleast_1d")
    found = argwhere(x)
    return tuple([found[:, i] for i in range(x.ndim)])


def flatnonzero(x: Any) -> Any:
    """The positions in the flattened x of the elements that are not zero."""
    return nonzero(reshape(x, -1))[0]


def compress(condition: Any, x: Any, axis: int | None = None) -> Any:
    """The slices of x along an axis (or the elements of the flattened x) where the condition, a list of truth values, holds."""
    return take(x, flatnonzero(condition), axis)


def extract(condition: Any, x: Any) -> Any:
    """The elements of x where the condition, of the same size, holds, in one row."""
    return take(x, flatnonzero(condition))


# ---- by a chooser -------------------------------------------------------------------------------------------------


def choose(chooser: Any, choices: Sequence[Any], mode: str = "raise") -> Any:
    """At every place the element of choices[chooser[place]]; everything is broadcast. `mode` as in `take`."""
    n = len(choices)
    dtype = np.result_type(*[c if type(c) in (int, float, complex) else as_array(c).dtype for c in choices])
    chooser, *choices = broadcast_arrays(chooser, *[np.asarray(c, dtype) if type(c) in (int, float, complex) else c for c in choices])
    if mode != "raise":
        chooser = take(np.arange(n), chooser, mode=mode)
    return take_along_axis(stack(choices), chooser[None], 0)[0]


def select(conditions: Sequence[Any], choices: Sequence[Any], default: Any = 0) -> Any:
    """At every place the element of the first choice whose condition holds there, and the default where none does."""
    if len(conditions) != len(choices) or not conditions:
        raise ValueError(f"select: {len(conditions)} conditions for {len(choices)} choices; there must be one for each, and at least one")
    y = default
    for condition, choice in zip(conditions[::-1], choices[::-1]):
        y = where(condition, choice, y)
    return y
