"""How is an image brought to another size?

    nearest   every new element is an old one
    linear    a mean of the two old ones beside it, by distance
    cubic     a mean of four, with the weights of a cubic curve through them (Keys 1981, a = -3/4, as in PyTorch)

Along each axis that is a linear map, so it is written as one: a matrix with a row for each new element. The image is multiplied by the
matrix of one axis after the other, and the gradient is matmul's.

Read next: `recurrent.py`.
"""

from __future__ import annotations

from functools import lru_cache
from math import prod
from typing import Any

import numpy as np

from autograd.interchange import unchanging
from autograd.ops.contractions import matmul
from autograd.ops.indexing import take
from autograd.ops.repetition import repeated
from autograd.ops.shapes import floating, reshape

MODES = ("nearest", "nearest-exact", "linear", "cubic")


def interpolate(x: Any, size: tuple[int, ...], mode: str = "nearest", align_corners: bool = False,
                scales: tuple[float | None, ...] | None = None, antialias: bool = False) -> Any:
    """x with its last axes brought to `size`.

    mode:           'nearest', 'nearest-exact', 'linear' or 'cubic'
    align_corners:  do the first and last elements keep their places (True), or the outer edges of the image (False)?
    scales:         how many new elements one old one is taken for, for each axis; default: new / old length
    antialias:      when an image gets smaller, average over all that a new element covers ('linear' and 'cubic')

    >>> import numpy as np
    >>> from autograd.ops import interpolate
    >>> interpolate(np.array([0., 1.]), (5,), "linear", align_corners=True)
    array([0.  , 0.25, 0.5 , 0.75, 1.  ])

    Raises ValueError for axes or a size of length 0.
    """
    if mode not in MODES:
        raise ValueError(f"interpolate: mode must be one of {', '.join(map(repr, MODES))}, not {mode!r}")
    if len(size) > len(x.shape) or 0 in x.shape[len(x.shape) - len(size):] or min(size, default=1) < 1:
        raise ValueError(f"interpolate: an array of shape {x.shape} cannot be brought to size {tuple(size)}")
    for axis, new, scale in zip(range(len(x.shape) - len(size), len(x.shape)), size, scales or (None,) * len(size)):
        old = x.shape[axis]
        if scale is None and old == new:
            continue
        if mode.startswith("nearest"):
            whole = new % old == 0 and scale in (None, new / old)
            x = repeated(x, new // old, axis) if whole else take(x, nearest(old, new, scale, mode), axis)
            continue
        x = mapped(x, matrix(old, new, mode, align_corners, scale, antialias), axis)
    return x


def mapped(x: Any, weights: Any, axis: int) -> Any:
    """y[..., i, ...] = sum over j of weights[i, j] x[..., j, ...] along one axis; weights are constant, (new, old)."""
    x = floating(x)
    before, (old, *after) = x.shape[:axis], x.shape[axis:]
    weights = weights.astype(x.dtype)
    if not after:  # one large product
        return reshape(matmul(reshape(x, (prod(before), old)), weights.T), (*before, len(weights)))
    return reshape(matmul(weights, reshape(x, (*before, old, prod(after)))), (*before, len(weights), *after))


def nearest(old: int, new: int, scale: float | None, mode: str) -> Any:
    """Which old element each new one is."""
    i = 2 * np.arange(new) + (mode == "nearest-exact")  # in halves, so that integers say it exactly
    places = i * old // (2 * new) if scale is None else np.floor(i / 2 * (1 / scale)).astype(int)
    return np.minimum(places, old - 1)


@lru_cache(maxsize=256)
def matrix(old: int, new: int, mode: str, align_corners: bool, scale: float | None, antialias: bool) -> Any:
    """The weights of the old elements in each new one, (new, old)."""
    if align_corners:
        step = (old - 1) / (new - 1) if new > 1 else 0.0
    else:
        step = old / new if scale is None else 1 / scale
    i, j = np.arange(new)[:, None], np.arange(old)
    if antialias:
        wide, reach = max(step, 1.0), {"linear": 1, "cubic": 2}[mode]
        center = step * (i + 0.5)
        first, last = (center - reach * wide + 0.5).astype(int), (center + reach * wide + 0.5).astype(int)
        weights = curve(mode, (j - center + 0.5) / wide, -0.5) * ((j >= first) & (j < last))
        weights /= weights.sum(1, keepdims=True)
    else:
        place = i * step if align_corners else (i + 0.5) * step - 0.5
        if mode == "linear":
            place = np.maximum(place, 0)
        weights = np.zeros((new, old))
        for k in {"linear": (0, 1), "cubic": (-1, 0, 1, 2)}[mode]:  # beyond the border stands its last element
            tap = np.floor(place).astype(int) + k
            np.add.at(weights, (i, np.clip(tap, 0, old - 1)), curve(mode, place - tap, -0.75))
    return unchanging(weights)


def curve(mode: str, distance: Any, a: float) -> Any:
    """How much an element counts at a distance."""
    d = np.abs(distance)
    if mode == "linear":
        return np.maximum(1 - d, 0)
    near, far = ((a + 2) * d - (a + 3)) * d * d + 1, ((d - 5) * d + 8) * d * a - 4 * a
    return np.where(d <= 1, near, np.where(d < 2, far, 0))
