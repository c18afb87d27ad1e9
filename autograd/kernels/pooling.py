"""How are windows pooled fast with NumPy alone?

A sum and a maximum over a box are sums and maxima along its axes, one after the other; so there is no gathering of windows, only a few
additions (or comparisons) of shifted slices. Each goes over the whole array; so some images at a time take all of them, while they are
in the cache.

Read next: `softmax.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd.ops.windows import Axis, taps

Axes = tuple[Axis, ...]

BLOCK = 1 << 20
"""About how many bytes of images take their passes together."""


def some(x: Any, axes: Axes) -> Iterator[slice]:
    """Which images are pooled together."""
    if x.ndim == len(axes):  # no batch
        return iter((slice(None),))
    step = max(1, BLOCK * len(x) // x.nbytes) if x.nbytes else 1
    return (slice(i, i + step) for i in range(0, len(x), step))


def along(x: Any, dimension: int, part: slice) -> Any:
    return x[(slice(None),) * dimension + (part,)]


def swept(combine: Any, x: Any, axes: Axes, start: Any) -> Any:
    """The elements of each window combined by a ufunc, along one axis after the other."""
    steps = [(d, axis) for d, axis in enumerate(axes, x.ndim - len(axes)) if not axis.plain]
    if not steps:
        return x
    y = np.empty_like(x, shape=(*x.shape[: x.ndim - len(axes)], *(axis.out for axis in axes)))
    for block in some(x, axes):
        part = x[block]
        for dimension, axis in steps:
            shape = (*part.shape[:dimension], axis.out, *part.shape[dimension + 1:])
            target = y[block] if dimension == steps[-1][0] else np.empty_like(part, shape=shape)
            sweep(combine, part, dimension, axis, start, target)
            part = target
    return y


def sweep(combine: Any, x: Any, dimension: int, axis: Axis, start: Any, y: Any) -> None:
    """The elements of each window along one axis, combined into y."""
    places = list(axis.taps())
    everywhere = slice(0, axis.out)
    if len(places) > 1 and places[0][0] == places[1][0] == everywhere:  # two to begin with, both in all windows
        (_, first), (_, second), *places = places
        combine(along(x, dimension, first), along(x, dimension, second), out=y)
    else:
        y[...] = start
    for seen, elements in places:
        part = along(y, dimension, seen)
        combine(part, along(x, dimension, elements), out=part)


def max_pool_to_x(g: Any, x: Any, y: Any, axes: Axes) -> Any:
    """Each g to the first element of its window that is the maximum y; to the last, if that is no number."""
    places = list(taps(axes))
    apart = all(axis.stride >= axis.extent for axis in axes)  # no element lies in two windows: nothing to add up
    dx = np.empty_like(x, dtype=g.dtype)
    for block in some(x, axes):
        result, came, maxima, seen_x = dx[block], g[block], y[block], x[block]
        result[...] = 0
        missing: Any = np.ones_like(maxima, dtype=bool)
        product = np.empty_like(came)
        for k, (seen, elements) in enumerate(places, 1):
            left, target = missing[(..., *seen)], result[(..., *elements)]
            if k == len(places):
                hit = left
            else:
                hit = seen_x[(..., *elements)] == maxima[(..., *seen)]
                hit &= left
                left ^= hit
            if apart:
                np.multiply(came[(..., *seen)], hit, out=target)
            else:
                target += np.multiply(came[(..., *seen)], hit, out=product[(..., *seen)])
    return dx


def window_spread(x: Any, axes: Axes) -> Any:
    """Each number to all elements of its window, added up: the transpose of `swept` with `np.add`."""
    steps = [(d, axis) for d, axis in enumerate(axes, x.ndim - len(axes)) if not axis.plain]
    if not steps:
        return x
    y = np.empty_like(x, shape=(*x.shape[: x.ndim - len(axes)], *(axis.length for axis in axes)))
    for block in some(y, axes):
        part = x[block]
        for dimension, axis in steps:
            shape = (*part.shape[:dimension], axis.length, *part.shape[dimension + 1:])
            target = y[block] if dimension == steps[-1][0] else np.empty_like(part, shape=shape)
            target[...] = 0
            for seen, elements in axis.taps():
                elements_of = along(target, dimension, elements)
                elements_of += along(part, dimension, seen)
            part = target
    return y
