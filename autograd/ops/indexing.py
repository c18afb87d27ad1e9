"""Operations that pick elements out, and their transposes, which put elements in.

An index is taken apart into a *pattern* (integers, slices, `...`, None: an option of the operation) and at most one array
of integers or booleans, `indices`, which is data: a traced program replayed on other labels looks up those.

    subscript(x, indices, pattern)         x[index]                                    what `x[...]` records
    deposit(v, indices, pattern, shape)    zeros, with v added at the index            its transpose
    overwrite(x, v, indices, pattern)      a copy of x, with v written at the index    what `x[...] = v` records

Everything that NumPy calls take, put, compress, choose, ... is said with these.

Read next: `selection.py`.
"""

from __future__ import annotations

import math
from types import EllipsisType, NoneType
from typing import Any

import numpy as np

from autograd.ops.constants import argwhere
from autograd.ops.elementwise import maximum, minimum
from autograd.ops.joining import along, stack
from autograd.ops.shapes import as_array, astype, broadcast_arrays, broadcast_to, copy, reshape
from autograd.primitive import primitive
from autograd.tensor import Tensor

# ---- taking an index apart ----------------------------------------------------------------------------------------


class Row:
    """The place of the index array in a pattern: row `k` of `indices`, or all of it (None)."""

    __slots__ = ("k",)

    def __init__(self, k: int | None = None) -> None:
        self.k = k

    def __repr__(self) -> str:
        return "indices" if self.k is None else f"indices[{self.k}]"


ALL = Row()
WHOLE = (ALL,)  # the pattern of x[indices]
PLAIN = (int, bool, NoneType, EllipsisType)


def taken_apart(index: Any, shape: tuple[int, ...]) -> tuple[Any, Any]:
    """The pattern and the index array of an index into an array of this shape. Several arrays become the rows of one."""
    if type(index) in PLAIN:
        return index, None
    pattern = list(index) if isinstance(index, tuple) else [index]
    arrays = {}
    for i, entry in enumerate(pattern):
        kind = type(entry)
        if kind in PLAIN:
            continue
        if kind is slice:
            if isinstance(entry.start, Tensor) or isinstance(entry.stop, Tensor) or isinstance(entry.step, Tensor):
                pattern[i] = slice(*[int(e) if isinstance(e, Tensor) else e for e in (entry.start, entry.stop, entry.step)])
        elif isinstance(entry, np.integer):
            pattern[i] = int(entry)
        else:
            pattern[i], arrays[i] = ALL, index_array(entry)
    if len(arrays) > 1:
        return rows_apart(pattern, arrays, shape)
    if not arrays:
        return tuple(pattern), None
    return WHOLE if len(pattern) == 1 else tuple(pattern), next(iter(arrays.values()))


def index_array(entry: Any) -> Any:
    """One entry of an index as an array of integers or booleans; Tensors stay Tensors, so that a trace can follow them."""
    if not hasattr(entry, "dtype"):
        entry = np.array(entry, dtype=np.intp if isinstance(entry, (list, tuple)) and not entry else None)
    if entry.dtype.kind not in "biu":
        raise IndexError(f"an index must hold integers or booleans, and this one holds {entry.dtype}: convert it with .astype(int)")
    return entry


def rows_apart(pattern: list[Any], arrays: dict[int, Any], shape: tuple[int, ...]) -> tuple[Any, Any]:
    """The same for several arrays, as in x[rows, columns] or x[mask, [0, 1]]: they are stacked, and a mask becomes coordinates."""
    index = [arrays.get(i, entry) for i, entry in enumerate(pattern)]
    same = len(arrays) == len(index) and all(a.shape == index[0].shape and a.dtype.kind != "b" for a in index)
    if not same:  # let NumPy say whether they fit each other
        np.broadcast_to(np.int8(0), shape)[tuple([a._array if isinstance(a, Tensor) else a for a in index])]
    rows: list[Any] = []
    pattern = []
    for entry, is_array in [(entry, i in arrays) for i, entry in enumerate(index)]:
        if not is_array:
            found = [entry]
        elif entry.dtype.kind != "b":
            found = [Row(len(rows))]
            rows.append(entry if entry.dtype == np.intp else astype(entry, np.intp))
        elif not entry.ndim:
            found = [bool(entry)]
        else:
            coordinates = argwhere(entry)
            found = [Row(len(rows) + k) for k in range(entry.ndim)]
            rows += [subscript(coordinates, None, (slice(None), k)) for k in range(entry.ndim)]
        pattern += found
    if not rows:
        return tuple(pattern), None
    return tuple(pattern), stack(rows if same else broadcast_arrays(*rows))


def put_together(pattern: Any, indices: Any) -> Any:
    """The index that NumPy understands."""
    if indices is None:
        return pattern
    return tuple([(indices if e.k is None else indices[e.k]) if type(e) is Row else e for e in pattern])


# ---- the primitives -----------------------------------------------------------------------------------------------


def deposit_into(total: Any, g: Any, indices: Any, pattern: Any) -> None:
    """Add g to an array at the index; elements of g that meet in one place add up."""
    if indices is None or not indices.ndim or indices.dtype.kind == "b":  # no place is met twice
        total[put_together(pattern, indices)] += g
        return
    axis, shape = one_axis(pattern), total.shape
    if axis is None:
        places = np.arange(total.size, like=total).reshape(shape)[put_together(pattern, indices)]
    else:
        before, n, after = math.prod(shape[:axis]), shape[axis], math.prod(shape[axis + 1:])
        if before * after > 256:
            slabs, added = total.reshape(before, n, after), g.reshape(before, -1, after)
            for k, i in enumerate(indices.ravel().tolist()):
                slabs[:, i] += added[:, k]
            return
        starts = np.arange(before, like=total)[:, None, None] * n + indices.astype(np.intp).reshape(1, -1, 1) % max(n, 1)
        places = starts * after + np.arange(after, like=total)
    np.add.at(total.reshape(-1), places.ravel(), np.ravel(g))  # NumPy adds fast at one flat index only


@primitive(x=lambda g, indices, pattern, x_shape: deposit(g, indices, pattern, x_shape), indices=None, linear=True,
           into={"x": deposit_into})
def subscript(x: Any, indices: Any, pattern: Any) -> Any:
    """x at the index: the part a pattern selects, with the index array in its place."""
    if indices is None:
        return x[pattern][()]
    axis = one_axis(pattern)
    if axis is not None and axis < x.ndim and indices.dtype.kind == "i":  # twice as fast this way
        return x.take(indices, axis)
    return x[put_together(pattern, indices)][()]


@primitive(v=lambda g, indices, pattern: subscript(g, indices, pattern), indices=None, linear=True)
def deposit(v: Any, indices: Any, pattern: Any, shape: tuple[int, ...]) -> Any:
    """Zeros of the given shape with v added at the index: elements of v that meet in one place add up."""
    z = np.zeros_like(v, shape=shape) if indices is None and v.ndim == len(shape) else zeros(shape, v)  # in the memory order of v
    if indices is None:
        z[pattern] = v
    else:
        deposit_into(z, v, indices, pattern)
    return z[()] if not shape else z


def one_axis(pattern: Any) -> int | None:
    """The axis an index array is for, if the index is x[indices], x[:, indices], x[:, :, indices], ..., else None."""
    if type(pattern) is tuple and pattern[-1] is ALL and pattern[:-1].count(slice(None)) == len(pattern) - 1:
        return len(pattern) - 1
    return None


def zeros(shape: tuple[int, ...], like: Any) -> Any:
    """Zeros of another shape, on the device of an array, with its dtype."""
    return np.zeros(shape, like.dtype) if isinstance(like, np.generic) else np.zeros(shape, like.dtype, like=like)


@primitive(x=lambda g, indices, pattern: overwrite(g, 0, indices, pattern), indices=None, linear=True, broadcasts=True,
           v=lambda g, v_shape, x_shape, indices, pattern: written(g, v_shape, x_shape, indices, pattern))
def overwrite(x: Any, v: Any, indices: Any, pattern: Any) -> Any:
    """A copy of x, with v written at the index. Of several values for one place the last one wins."""
    y = np.array(x)
    y[put_together(pattern, indices)] = v
    return y[()]


def written(g: Any, v_shape: tuple[int, ...], x_shape: tuple[int, ...], indices: Any, pattern: Any) -> Any:
    """What arrives at v: the cotangent at the index, where the value was not written over."""
    part = subscript(g, indices, pattern)
    if indices is not None and indices.ndim and indices.dtype.kind != "b":
        part = part * lasting(indices, pattern, x_shape)
    return part if len(v_shape) <= part.ndim else reshape(part, (1,) * (len(v_shape) - part.ndim) + part.shape)


@primitive(indices=None)
def lasting(indices: Any, pattern: Any, shape: tuple[int, ...]) -> Any:
    """Which of the values written at an index into an array of this shape are still there afterwards."""
    index = put_together(pattern, indices)
    marks = np.zeros(shape, np.intp, like=indices)
    order = np.arange(marks[index].size, like=indices).reshape(marks[index].shape)
    marks[index] = order
    return (marks[index] == order)[()]


# ---- what users call ----------------------------------------------------------------------------------------------


def getitem(x: Any, index: Any) -> Any:
    """x[index], with every index NumPy accepts; where an index is repeated, gradients add up.

    Slices and integers give a view, arrays of integers and masks a copy, as in NumPy. Tensors of integers or booleans may
    be used like arrays.

    Raises IndexError as NumPy does.
    """
    if type(index) in PLAIN:
        return subscript(x, None, index)
    pattern, indices = taken_apart(index, x.shape)
    return subscript(x, indices, pattern)


def set_item(x: Any, v: Any, index: Any) -> Any:
    """A copy of x with v, broadcast, written at the index. What is written over has no gradient: neither the elements of x
    that were there, nor, where an index is repeated, all values of v but the last.

    Raises TypeError for fractions written among integers, or complex numbers among real ones, instead of rounding them.
    """
    x, v = as_array(x), as_array(v)
    if v.dtype.kind in "fc" and x.dtype.kind not in "fc":
        raise TypeError(f"writing {v.dtype} values into an array of {x.dtype} would round them: convert it with .astype(float) first")
    if v.dtype.kind == "c" and x.dtype.kind != "c":
        raise TypeError(f"writing {v.dtype} values into an array of {x.dtype} would lose their imaginary parts: convert it with "
                        ".astype(complex) first, or write v.real")
    pattern, indices = taken_apart(index, x.shape)
    return overwrite(x, v, indices, pattern)


def put_at(v: Any, index: Any, shape: tuple[int, ...]) -> Any:
    """Zeros of the given shape with v, broadcast, added at the index: the transpose of x[index]."""
    pattern, indices = taken_apart(index, shape)
    raw = indices._array if isinstance(indices, Tensor) else indices
    return deposit(broadcast_to(v, np.broadcast_to(np.int8(0), shape)[put_together(pattern, raw)].shape), indices, pattern, shape)


def scatter_add(x: Any, index: Any, v: Any) -> Any:
    """x with v added at the index; where an index is repeated, everything adds up (`np.add.at`, as a function)."""
    return x + put_at(v, index, as_array(x).shape)


def take(x: Any, indices: Any, axis: int | None = None, mode: str = "raise") -> Any:
    """The elements at the given positions along an axis, or of the flattened x. `mode` is for positions outside:
    'raise' an IndexError, 'wrap' around, 'clip' to the nearest end."""
    x = as_array(x)
    x = reshape(x, -1) if axis is None or not x.ndim else x
    axis = np.lib.array_utils.normalize_axis_index(axis or 0, x.ndim)
    if mode != "raise":
        indices = as_array(indices)
        indices = indices % x.shape[axis] if mode == "wrap" else minimum(maximum(indices, 0), x.shape[axis] - 1)
    return getitem(x, along(axis, x.ndim, indices))


def set_flat(x: Any, indices: Any, v: Any, mode: str = "raise") -> Any:
    """A copy of x with the values v, repeated if there are too few, written at positions of the flattened x: `np.put`, as a function.
    `mode` as in `take`."""
    x, indices, v = as_array(x), as_array(indices), as_array(v)
    if not indices.size:
        return copy(x)
    where_to = take(np.arange(x.size), reshape(indices, -1), mode=mode)
    return reshape(set_item(reshape(x, -1), take(v, np.arange(indices.size), mode="wrap"), where_to), x.shape)
