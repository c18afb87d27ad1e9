"""Operations that put arrays together, and take them apart again.

The gradient of a concatenation is the section each operand filled. To take an array apart is to slice it n times.

Read next: `indexing.py`.
"""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from autograd.ops.shapes import as_array, atleast_1d, atleast_2d, atleast_3d, ravel, transpose
from autograd.primitive import primitive
from autograd.tensor import Tensor


def along(axis: int, ndim: int, part: Any) -> tuple[Any, ...]:
    """The index that takes a part of one axis and all of the others."""
    return (slice(None),) * (axis % ndim) + (part,)


# ---- putting together ---------------------------------------------------------------------------------------------


def section(g: Any, slot: int, shapes: tuple[tuple[int, ...], ...], axis: int) -> Any:
    """The part of a concatenation that came from operand `slot`."""
    start = builtins.sum([shape[axis] for shape in shapes[:slot]])
    return g[along(axis, g.ndim, slice(start, start + shapes[slot][axis]))]


@primitive(xs=lambda g, slot, xs_shapes, axis: section(g, slot, xs_shapes, axis), sequence=True, linear=True)
def joined(xs: Any, axis: int = 0) -> Any:
    """Arrays one after the other along an axis that they have."""
    return np.concatenate(xs, axis)


def concatenate(xs: Any, axis: int | None = 0) -> Any:
    """Arrays one after the other along an axis that they have; with axis=None they are flattened first."""
    if axis is None:
        return joined([ravel(as_array(x)) for x in xs], 0)
    return joined([as_array(x) for x in xs] if isinstance(xs, (list, tuple)) else xs, axis)


concat = concatenate


@primitive(xs=lambda g, slot, axis: g[along(axis, g.ndim, slot)], sequence=True, linear=True)
def stack(xs: Any, axis: int = 0) -> Any:
    """Arrays of one shape side by side along a new axis."""
    return np.stack(xs, axis)


def holds_tensor(x: Any) -> bool:
    """Is there a Tensor in these nested lists?"""
    return builtins.any(map(holds_tensor, x)) if isinstance(x, (list, tuple)) else isinstance(x, Tensor)


def stacked(x: Any) -> Any:
    """Nested lists of Tensors, arrays and numbers, stacked: one axis for each level. Lists without Tensors are left to NumPy."""
    if isinstance(x, Tensor):
        return x
    if not holds_tensor(x):
        return np.asarray(x)
    parts = [stacked(part) for part in x]
    shapes = {part.shape for part in parts}
    if len(shapes) > 1:
        raise ValueError(f"np.array: a list joins parts of one shape, and these have shapes {', '.join(map(str, sorted(shapes)))}: "
                         "to put them one after the other write np.concatenate")
    return stack(parts)


def vstack(xs: Any) -> Any:
    """Arrays one below the other: concatenated along the first axis, rows being made of what has one axis."""
    return joined([atleast_2d(x) for x in xs], 0)


def hstack(xs: Any) -> Any:
    """Arrays side by side: concatenated along the second axis, or along the first if they have only one."""
    xs = [atleast_1d(x) for x in xs]
    return joined(xs, 0 if xs and xs[0].ndim == 1 else 1)


def dstack(xs: Any) -> Any:
    """Arrays one behind the other: concatenated along the third axis."""
    return joined([atleast_3d(x) for x in xs], 2)


def column_stack(xs: Any) -> Any:
    """Arrays side by side, those with one axis being columns."""
    return joined([transpose(atleast_2d(x)) if as_array(x).ndim < 2 else x for x in xs], 1)


def block(blocks: Any) -> Any:
    """An array from nested lists of blocks: the innermost lists are joined along the last axis, those around them along the one before."""

    def depth(b: Any) -> int:
        return 1 + max(map(depth, b), default=0) if isinstance(b, list) else 0

    def ndim(b: Any) -> int:
        return max(map(ndim, b), default=0) if isinstance(b, list) else as_array(b).ndim

    levels, axes = depth(blocks), max(ndim(blocks), depth(blocks))

    def build(b: Any, level: int) -> Any:
        if level == levels:
            if isinstance(b, list):
                raise ValueError("block: the lists are nested to different depths")
            b = as_array(b)
            return b[(None,) * (axes - b.ndim) + (...,)]
        if not isinstance(b, list) or not b:
            raise ValueError("block: the lists are nested to different depths, or one is empty")
        return joined([build(inner, level + 1) for inner in b], level - levels)

    return build(blocks, 0)


# ---- taking apart -------------------------------------------------------------------------------------------------


def array_split(x: Any, parts: int | Sequence[int], axis: int = 0) -> list[Any]:
    """x cut along an axis: into that many parts, as equal as can be, or before the given positions."""
    x = as_array(x)
    n = x.shape[normalize_axis_index(axis, x.ndim)]
    if isinstance(parts, (int, np.integer)):
        if parts <= 0:
            raise ValueError("number sections must be larger than 0.")
        size, longer = divmod(n, int(parts))
        cuts = [i * size + min(i, longer) for i in range(1, int(parts))]
    else:
        cuts = [int(cut) for cut in parts]
    return [x[along(axis, x.ndim, slice(start, stop))] for start, stop in zip([0, *cuts], [*cuts, n])]


def split(x: Any, parts: int | Sequence[int], axis: int = 0) -> list[Any]:
    """x cut along an axis: into that many equal parts, or before the given positions."""
    x = as_array(x)
    pieces = array_split(x, parts, axis)
    if isinstance(parts, (int, np.integer)) and pieces[0].shape != pieces[-1].shape:
        raise ValueError(f"split: {x.shape[axis]} elements along axis {axis} do not make {parts} equal parts; see array_split")
    return pieces


def vsplit(x: Any, parts: int | Sequence[int]) -> list[Any]:
    """x cut along its first axis."""
    return split(at_least(x, 2, "vsplit"), parts, 0)


def hsplit(x: Any, parts: int | Sequence[int]) -> list[Any]:
    """x cut along its second axis, or along the only one."""
    x = at_least(x, 1, "hsplit")
    return split(x, parts, 1 if x.ndim > 1 else 0)


def dsplit(x: Any, parts: int | Sequence[int]) -> list[Any]:
    """x cut along its third axis."""
    return split(at_least(x, 3, "dsplit"), parts, 2)


def at_least(x: Any, ndim: int, name: str) -> Any:
    x = as_array(x)
    if x.ndim < ndim:
        raise ValueError(f"{name} only works on arrays of {ndim} or more dimensions, and this one has shape {x.shape}")
    return x


def unstack(x: Any, axis: int = 0) -> tuple[Any, ...]:
    """The slices of x along an axis: what `stack` puts together."""
    x = at_least(x, 1, "unstack")
    return tuple([x[along(axis, x.ndim, i)] for i in range(x.shape[normalize_axis_index(axis, x.ndim)])])
