"""Operations that pick elements out, and their transposes, which put them back.

An index is taken apart into a *pattern* (integers, slices, `...`, None: a parameter of the operation) and at most one
integer or boolean array, `indices`, which is data: a traced program that is replayed on other labels looks up those.

    subscript(x, indices, pattern)         x[index]                                 what `x[...]` records
    deposit(v, indices, pattern, shape)    zeros, with v added at the index         its transpose
    overwrite(x, v, indices, pattern)      a copy of x, with v written there        what `x[...] = v` records

Read next: `contractions.py`.
"""

from __future__ import annotations

from types import EllipsisType
from typing import Any

import numpy as np

from autograd.ops.constants import argwhere
from autograd.ops.shapes import broadcast_to, stack
from autograd.primitive import primitive
from autograd.tensor import Tensor

# ---- taking an index apart ----------------------------------------------------------------------------------------


class Row:
    """The place of an index array in a pattern: row `k` of `indices`, or all of it (None)."""

    __slots__ = ("k",)

    def __init__(self, k: int | None = None) -> None:
        self.k = k

    def __repr__(self) -> str:
        return "indices" if self.k is None else f"indices[{self.k}]"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Row) and self.k == other.k

    def __hash__(self) -> int:
        return hash((Row, self.k))


WHOLE = (Row(),)
STATIC = (int, slice, type(None), EllipsisType)


def taken_apart(index: Any, shape: tuple[int, ...]) -> tuple[Any, Any]:
    """The pattern and the index array of an index into an array of this shape. Several arrays become the rows of one."""
    if isinstance(index, STATIC):
        return index, None
    entries = list(index) if isinstance(index, tuple) else [index]
    places = [i for i, entry in enumerate(entries) if not isinstance(entry, STATIC)]
    if not places:
        return index, None
    arrays = [index_array(entries[i]) for i in places]
    if len(arrays) == 1:
        entries[places[0]] = WHOLE[0]
        return (tuple(entries), arrays[0]) if len(entries) > 1 else (WHOLE, arrays[0])
    return stacked_apart(entries, dict(zip(places, arrays)), shape)


def index_array(entry: Any) -> Any:
    """One entry of an index as an array of integers or booleans; Tensors stay Tensors, so that a trace can follow them."""
    if not isinstance(entry, (np.ndarray, np.generic, Tensor)) and not hasattr(entry, "__array_function__"):
        empty = isinstance(entry, (list, tuple)) and not entry
        entry = np.array(entry, dtype=np.intp if empty else None)
    if entry.dtype.kind not in "biu":
        raise IndexError(f"an index must hold integers or booleans, and this one holds {entry.dtype}: round and convert it with .astype(int)")
    return entry


def stacked_apart(entries: list[Any], arrays: dict[int, Any], shape: tuple[int, ...]) -> tuple[Any, Any]:
    """The same for an index with several arrays, e.g. x[rows, columns] or x[mask, [0, 1]]."""
    plain = tuple(value_of(arrays.get(i, entry)) for i, entry in enumerate(entries))
    np.broadcast_to(np.int8(0), shape)[plain]  # NumPy's own checks: does the index fit?
    pattern: list[Any] = []
    rows: list[Any] = []
    for i, entry in enumerate(entries):
        a = arrays.get(i)
        if a is None:
            pattern.append(entry)
        elif a.dtype.kind != "b":
            pattern.append(Row(len(rows)))
            rows.append(a)
        elif not a.ndim:
            pattern.append(bool(a))
        else:  # a mask is the coordinates of its true elements
            found = argwhere(a)
            pattern += [Row(len(rows) + k) for k in range(a.ndim)]
            rows += [subscript(found, None, (slice(None), k)) for k in range(a.ndim)]
    if not rows:
        return tuple(pattern), None
    common = np.broadcast_shapes(*[row.shape for row in rows])
    return tuple(pattern), stack([broadcast_to(row, common) for row in rows])


def value_of(x: Any) -> Any:
    return x._array if isinstance(x, Tensor) else x


def put_together(pattern: Any, indices: Any) -> Any:
    """The index NumPy understands."""
    if indices is None:
        return pattern
    if pattern is WHOLE:
        return indices
    return tuple([(indices if e.k is None else indices[e.k]) if isinstance(e, Row) else e for e in pattern])


# ---- the primitives -----------------------------------------------------------------------------------------------


@primitive(x=lambda g, indices, pattern, x_shape: deposit(g, indices, pattern, x_shape), indices=None, linear=True)
def subscript(x: Any, indices: Any, pattern: Any) -> Any:
    """x[pattern], with the index array in its place."""
    return x[put_together(pattern, indices)][()]


@primitive(v=lambda g, indices, pattern: subscript(g, indices, pattern), indices=None, linear=True)
def deposit(v: Any, indices: Any, pattern: Any, shape: tuple[int, ...]) -> Any:
    """Zeros of the given shape with v added at the index: elements of v that meet in one place add up."""
    z = np.zeros_like(v, shape=shape)
    index = put_together(pattern, indices)
    if indices is None or indices.dtype.kind == "b":  # every place is met once
        z[index] = v
    else:
        np.add.at(z, index, v)
    return z[()]


def getitem(x: Any, index: Any) -> Any:
    """x[index], with every index NumPy accepts; where an index is repeated, gradients add up.

    Slices and integers give a view, arrays of integers and masks a copy, exactly as in NumPy. Tensors of integers or
    booleans may be used like arrays.

    Raises IndexError as NumPy does.
    """
    pattern, indices = taken_apart(index, x.shape)
    return subscript(x, indices, pattern)
