"""How is an array padded with what depends on its values?

`pad` itself (in `repetition.py`) pads with constants, and with copies of elements. Here are NumPy's other modes: statistics,
ramps, odd reflections, constants that have gradients, and functions of yours. Each pads one axis after the other, and an axis
with what was padded before it.

Read next: `diagonals.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.ops.joining import along, concatenate, stack
from autograd.ops.quantiles import median
from autograd.ops.ranges import in_dtype, linspace
from autograd.ops.reductions import max, mean, min
from autograd.ops.repetition import BY_POSITION, pad_by_position, pad_constant
from autograd.ops.shapes import as_array, astype, broadcast_to, flip, moveaxis, reshape

Pair = tuple[int, int]
STATISTICS: dict[str, Callable[..., Any]] = {"maximum": max, "minimum": min, "mean": mean, "median": median}
OPTIONS = {"constant": ("constant_values",), "linear_ramp": ("end_values",), "reflect": ("reflect_type",), "symmetric": ("reflect_type",),
           "edge": (), "wrap": (), "empty": (), **dict.fromkeys(STATISTICS, ("stat_length",))}


def part(x: Any, axis: int, start: int | None, stop: int | None) -> Any:
    return x[along(axis, x.ndim, slice(start, stop))]


def around(x: Any, axis: int, before: Any, after: Any) -> Any:
    """x between two arrays, in its own dtype; None is nothing."""
    parts = [p if p.dtype == x.dtype else astype(p, x.dtype) for p in (before, x, after) if p is not None]
    return concatenate(parts, axis) if len(parts) > 1 else x


def filled(value: Any, x: Any, axis: int, n: int) -> Any:
    """n slices of x along the axis, all of them this number, or this slice; None if there are none of them."""
    shape = list(x.shape)
    shape[axis] = n
    return broadcast_to(value, tuple(shape)) if n else None


def rounded(value: Any, x: Any) -> Any:
    """A statistic of integers, as an integer."""
    return astype(np.rint(value), x.dtype) if x.dtype.kind in "biu" and value.dtype.kind == "f" else value


def statistic(x: Any, axis: int, widths: Pair, lengths: Any, f: Callable[..., Any]) -> Any:
    """x with a statistic of its first and of its last elements (of all of them, for length None) before and behind it."""
    n = x.shape[axis]
    ends = [None, None]
    for side, (width, length) in enumerate(zip(widths, lengths)):
        length = n if length is None else builtin_min(int(length), n)
        if length <= 0:
            raise ValueError(f"pad: a statistic of no elements: stat_length must be 1 or more, but is {lengths[side]}")
        if width:
            chosen = part(x, axis, 0, length) if side == 0 else part(x, axis, n - length, n)
            ends[side] = filled(rounded(f(chosen, axis, keepdims=True), x), x, axis, width)
    return around(x, axis, *ends)


def builtin_min(a: int, b: int) -> int:
    return a if a < b else b


def ramp(x: Any, axis: int, widths: Pair, ends: Any) -> Any:
    """x between two ramps, from an end value to its edges."""
    first, last = x[along(axis, x.ndim, 0)], x[along(axis, x.ndim, -1)]
    ends = [in_dtype(end, x.dtype) if x.dtype.kind in "fc" else end for end in ends]
    made = [linspace(end, edge, width, endpoint=False, dtype=x.dtype, axis=axis) if width else None
            for end, edge, width in zip(ends, (first, last), widths)]
    return around(x, axis, made[0], None if made[1] is None else flip(made[1], axis))


def odd_reflection(x: Any, axis: int, widths: Pair, with_edge: bool) -> Any:
    """x, and beyond its edges 2 * edge - its mirror image, so that it goes on in the direction it has there."""
    n, (left, right) = x.shape[axis], widths
    if n == 1:
        return pad_by_position(x, axis, widths, "edge")
    e = int(with_edge)
    while left or right:
        length = x.shape[axis]
        whole = length // n * n if with_edge else (length - 1) // (n - 1) * (n - 1)  # as much as one mirror shows
        a, b = builtin_min(whole, left), builtin_min(whole, right)
        before = 2 * part(x, axis, 0, 1) - flip(part(x, axis, 1 - e, 1 - e + a), axis) if a else None
        after = 2 * part(x, axis, length - 1, length) - flip(part(x, axis, length - 1 + e - b, length - 1 + e), axis) if b else None
        x = around(x, axis, before, after)
        left, right = left - a, right - b
    return x


def by_function(x: Any, widths: tuple[Pair, ...], f: Callable[..., Any], options: dict[str, Any]) -> Any:
    """x in a frame of zeros, each row of which, along each axis, was given to f(row, widths, axis, options), which writes into it."""
    y = pad_constant(x, widths, 0)
    for axis in range(y.ndim):
        rows = moveaxis(y, axis, -1)
        written = []
        for place in np.ndindex(*rows.shape[:-1]):
            row = rows[place] + 0
            f(row, widths[axis], axis, options)
            written.append(row)
        y = moveaxis(reshape(stack(written), rows.shape), -1, axis)
    return y


def pairs(values: Any, ndim: int) -> list[Any]:
    """(before, after) for each axis, from one value, one pair, or one for each axis; Tensors may be among them."""

    def array(value: Any) -> Any:
        return stack([array(v) for v in value]) if isinstance(value, (list, tuple)) else as_array(value)

    if values is None:
        return [(None, None)] * ndim
    spread = broadcast_to(array(values), (ndim, 2))
    return [(spread[i, 0], spread[i, 1]) for i in range(ndim)]


def pad_with(x: Any, widths: tuple[Pair, ...], mode: Any, options: dict[str, Any]) -> Any:
    """`pad`, in the modes of this file. Raises ValueError for a mode, or an option of a mode, that NumPy does not have."""
    if callable(mode):
        return by_function(x, widths, mode, options)
    if mode not in OPTIONS:
        raise ValueError(f"pad: mode must be one of {', '.join(map(repr, OPTIONS))}, or a function, but is {mode!r}")
    wrong = [name for name in options if name not in OPTIONS[mode]]
    if wrong:
        raise ValueError(f"pad: mode={mode!r} takes no {', '.join(wrong)}" + (f", but {OPTIONS[mode][0]}" if OPTIONS[mode] else ""))
    if options.get("reflect_type", "odd") != "odd":
        raise ValueError(f"pad: reflect_type must be 'even' or 'odd', but is {options['reflect_type']!r}")
    if mode == "empty":
        return pad_constant(x, widths, 0)
    given = pairs(next(iter(options.values()), 0 if mode in ("constant", "linear_ramp") else None), x.ndim) if (
        mode not in BY_POSITION) else [()] * x.ndim
    for axis, pair in enumerate(widths):
        if pair == (0, 0):
            continue
        if mode != "constant" and not x.shape[axis]:
            raise ValueError(f"pad: axis {axis} of an array of shape {x.shape} is empty, and mode={mode!r} has nothing to take there")
        if mode == "constant":
            x = around(x, axis, *[filled(value, x, axis, n) for value, n in zip(given[axis], pair)])
        elif mode == "linear_ramp":
            x = ramp(x, axis, pair, given[axis])
        elif mode in STATISTICS:
            x = statistic(x, axis, pair, given[axis], STATISTICS[mode])
        else:
            x = odd_reflection(x, axis, pair, mode == "symmetric")
    return x
