"""Operations that repeat elements: repeat, tile, pad and resize. The gradient adds up over the copies.

Read next: `padding.py`.
"""

from __future__ import annotations

import math
from operator import index
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from autograd.ops.indexing import take, zeros
from autograd.ops.shapes import as_array, reshape
from autograd.primitive import primitive


@primitive(x=lambda g, x_shape, n, axis: reshape(g, (*x_shape[: axis + 1], n, *x_shape[axis + 1:])).sum(axis + 1), linear=True)
def repeated(x: Any, n: int, axis: int) -> Any:
    """Every element n times in a row, along an axis counted from 0."""
    return np.repeat(x, n, axis)


def repeat(x: Any, repeats: Any, axis: int | None = None) -> Any:
    """Every element in a row as often as `repeats` says (a number, or one for each place), along an axis or in the flattened x."""
    x = as_array(x)
    x = reshape(x, -1) if axis is None or not x.ndim else x
    axis = normalize_axis_index(axis or 0, x.ndim)
    if np.size(repeats) == 1:
        return repeated(x, int(np.reshape(repeats, ())), axis)
    return take(x, np.repeat(np.arange(x.shape[axis]), repeats), axis)


def copies(shape: tuple[int, ...], reps: Any) -> tuple[list[int], list[int]]:
    """How often each axis is repeated, and how long it is: (r0, r1, ...) and (n0, n1, ...), both filled up with ones in front."""
    reps = [int(r) for r in reps] if np.ndim(reps) else [int(reps)]
    ndim = max(len(reps), len(shape))
    return [1] * (ndim - len(reps)) + reps, [1] * (ndim - len(shape)) + list(shape)


def untiled(g: Any, shape: tuple[int, ...], reps: Any) -> Any:
    """The sum over the copies that `tile` made."""
    times, lengths = copies(shape, reps)
    apart = reshape(g, [n for pair in zip(times, lengths) for n in pair])
    return reshape(apart.sum(tuple(range(0, 2 * len(times), 2))), shape)


@primitive(x=lambda g, x_shape, reps: untiled(g, x_shape, reps), linear=True)
def tile(x: Any, reps: Any) -> Any:
    """x side by side with itself, reps[i] times along axis i."""
    return np.tile(x, copies((), reps)[0])[()]


def resize(x: Any, shape: Any) -> Any:
    """The elements of x in another shape, of any size: cut off, or repeated from the start as often as needed."""
    x, shape = as_array(x), tuple(shape) if np.ndim(shape) else (int(shape),)
    if min(shape, default=0) < 0:
        raise ValueError(f"resize: all lengths must be 0 or more, got {shape}")
    if not x.size:
        return zeros(shape, x._array if hasattr(x, "_array") else x)
    return reshape(take(x, np.arange(math.prod(shape)) % x.size), shape)


# ---- padding ------------------------------------------------------------------------------------------------------

BY_POSITION = ("edge", "reflect", "symmetric", "wrap")


def middle(shape: tuple[int, ...], widths: Any) -> tuple[slice, ...]:
    """The index of x in the padded x."""
    return tuple([slice(before, before + n) for (before, _), n in zip(widths, shape)])


@primitive(x=lambda g, x_shape, widths: g[middle(x_shape, widths)])
def pad_constant(x: Any, widths: Any, values: Any) -> Any:
    """x with `widths[i] = (before, after)` further elements along axis i, all of them given constants."""
    if widths and (np.ndim(values) or values or min(map(min, widths)) < 0):
        return np.pad(x, widths, constant_values=values)
    y: Any = np.zeros_like(x, shape=tuple([before + n + after for (before, after), n in zip(widths, x.shape)]))
    y[middle(x.shape, widths)] = x
    return y[()]


def pad_by_position(x: Any, axis: int, pair: tuple[int, int], mode: str) -> Any:
    """x padded with copies of its elements along an axis: what NumPy does to positions, done to elements."""
    return take(x, np.pad(np.arange(x.shape[axis]), pair, mode), axis) if pair != (0, 0) else x  # type: ignore[call-overload]


def pad(x: Any, pad_width: Any, mode: Any = "constant", **options: Any) -> Any:
    """x with further elements around it.

    pad_width:  a number; (before, after); one such pair for each axis; or a dict from axes to numbers or pairs
    mode:       'constant' takes `constant_values` (0); 'edge' repeats the outermost element; 'reflect' mirrors at it, 'symmetric'
                mirrors including it (with reflect_type='odd', both go on as they began: 2 edge - mirrored); 'wrap' continues at
                the other end; 'linear_ramp' goes straight to `end_values` (0); 'maximum', 'minimum', 'mean' and 'median' are those
                of the nearest `stat_length` elements (all of them); 'empty' is anything (0); or a function, called as
                f(row, (before, after), axis, options) with each row of x in a frame of zeros, which writes into that row
    options:    those of the mode. A value may be a Tensor; and like pad_width it may be one, a pair, or a pair for each axis

    Raises ValueError for another mode, or an option that the mode does not have.
    """
    x = as_array(x)
    if isinstance(pad_width, dict):
        pairs = np.zeros((x.ndim, 2), int)
        for axis, pair in pad_width.items():
            pairs[axis] = pair
        pad_width = pairs
    widths = tuple([(index(before), index(after)) for before, after in np.broadcast_to(pad_width, (x.ndim, 2))])
    if mode == "constant" and not (options and (options.keys() != {"constant_values"} or differentiable(options["constant_values"]))):
        return pad_constant(x, widths, options.get("constant_values", 0))
    if mode in BY_POSITION and (not options or (mode in ("reflect", "symmetric") and options == {"reflect_type": "even"})):
        for axis, pair in enumerate(widths):
            x = pad_by_position(x, axis, pair, mode)
        return x
    from autograd.ops.padding import pad_with

    return pad_with(x, widths, mode, options)


def differentiable(value: Any) -> bool:
    """Is it a Tensor, or is one in this list?"""
    return any(map(differentiable, value)) if isinstance(value, (list, tuple)) else hasattr(value, "node")
