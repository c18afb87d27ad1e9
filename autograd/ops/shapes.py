"""Operations that move elements and do not change them: all linear, and most are each other's transpose.

Read next: `indexing.py`.
"""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np

from autograd.primitive import primitive


@primitive(x=lambda g: g, linear=True)
def identity(x: Any) -> Any:
    """x itself, as a new node: where a function's own tape begins."""
    return x


@primitive(x=lambda g, x_shape, order: reshape(g, x_shape, order), linear=True)
def reshape(x: Any, shape: Any, order: str = "C") -> Any:
    """The same elements, read and written in C (or Fortran) order, in another shape; one entry of `shape` may be -1."""
    return np.reshape(x, shape, order)[()]


@primitive(x=lambda g, axes: transpose(g, None if axes is None else tuple(np.argsort([a % len(axes) for a in axes]).tolist())), linear=True)
def transpose(x: Any, axes: Any = None) -> Any:
    """x with its axes in the given order; reversed if none is given."""
    return np.transpose(x, axes)[()]


@primitive(x=lambda g, axis1, axis2: swapaxes(g, axis1, axis2), linear=True)
def swapaxes(x: Any, axis1: int, axis2: int) -> Any:
    """x with two axes exchanged."""
    return np.swapaxes(x, axis1, axis2)


@primitive(x=lambda g: g, broadcasts=True, linear=True)
def broadcast_to(x: Any, shape: Any) -> Any:
    """x repeated along new axes, and along axes of length 1, up to the given shape."""
    return np.broadcast_to(x, shape)[()]


def ravel(x: Any, order: str = "C") -> Any:
    """The elements in one row."""
    return reshape(x, -1, order)


@primitive(x=lambda g: g, linear=True)
def astype(x: Any, dtype: Any) -> Any:
    """x in another dtype. To an integer or boolean dtype no gradient flows."""
    return x.astype(dtype)


@primitive(x=lambda g, x_shape: reshape(g, x_shape), linear=True)
def expand_dims(x: Any, axis: Any) -> Any:
    """x with new axes of length 1, at the places `axis` of the result."""
    return np.expand_dims(x, axis)


@primitive(x=lambda g, x_shape: reshape(g, x_shape), linear=True)
def squeeze(x: Any, axis: Any = None) -> Any:
    """x without its axes of length 1 (or those of them that are named)."""
    return np.squeeze(x, axis)[()]


# ---- joining ------------------------------------------------------------------------------------------------------


def section(g: Any, slot: int, shapes: tuple[tuple[int, ...], ...], axis: int) -> Any:
    """The part of a concatenation along `axis` that came from operand `slot`."""
    axis %= len(g.shape)
    start = builtins.sum(shape[axis] for shape in shapes[:slot])
    return g[(slice(None),) * axis + (slice(start, start + shapes[slot][axis]),)]


@primitive(xs=lambda g, slot, xs_shapes, axis: section(g, slot, xs_shapes, axis), sequence=True, linear=True)
def joined(xs: Any, axis: int = 0) -> Any:
    """Arrays one after the other along an axis they have."""
    return np.concatenate(xs, axis)


def concatenate(xs: Any, axis: int | None = 0) -> Any:
    """Arrays one after the other along an existing axis; with axis=None they are flattened first."""
    return joined(xs, axis) if axis is not None else joined([ravel(x) for x in xs], 0)


@primitive(xs=lambda g, slot, axis: g[(slice(None),) * (axis % len(g.shape)) + (slot,)], sequence=True, linear=True)
def stack(xs: Any, axis: int = 0) -> Any:
    """Arrays of one shape next to each other along a new axis."""
    return np.stack(xs, axis)
