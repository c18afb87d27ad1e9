"""How does one pool by a factor that is no integer?

With regions whose starts are a random sequence of steps, on average (length - size) / (out - 1) long. For a number u, drawn evenly
from [0, 1) for each image, channel and axis, region i starts at floor((i + u) step) - floor(u step), and the last one ends at the end.

(Graham 2014, "Fractional max-pooling", as PyTorch does it.)

Read next: `resampling.py`.
"""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from autograd.ops.selection import taken_along
from autograd.ops.shapes import reshape
from autograd.ops.windows import per_axis
from autograd.primitive import primitive


def starts(u: Any, length: int, size: int, out: int) -> Any:
    """Where each region begins along one axis, (..., out)."""
    step = (length - size) / (out - 1) if out > 1 else 0.0
    u = np.asarray(u, np.float64)[..., None]
    places = ((np.arange(out) + u) * step).astype(int) - (u * step).astype(int)
    places[..., -1] = length - size
    return places


@primitive(x=None, samples=None)
def fractional_index(x: Any, samples: Any, size: Any, out: Any) -> Any:
    """Where the maxima of `fractional_max_pool` are: positions in the flattened last axes of x."""
    n = samples.shape[-1]
    batch, lengths = x.shape[: x.ndim - n], x.shape[x.ndim - n:]
    places: Any = 0
    for axis, (length, k, o) in enumerate(zip(lengths, size, out)):
        at = starts(samples[..., axis], length, k, o)[..., None] + np.arange(k)
        shape = [1] * (2 * n)
        shape[axis], shape[n + axis] = o, k
        places = places * length + at.reshape(*batch, *shape)
    places = places.reshape(*batch, *out, prod(size))
    seen = np.take_along_axis(x.reshape(*batch, prod(lengths)), places.reshape(*batch, prod(out) * prod(size)), -1).reshape(places.shape)
    return np.take_along_axis(places, seen.argmax(-1)[..., None], -1)[..., 0]


def fractional_max_pool(x: Any, samples: Any, size: Any, out: Any) -> Any:
    """The maxima of regions that divide x into `out` parts.

    x:        (..., *lengths)
    samples:  numbers in [0, 1), one for each image, channel and axis, (..., n)
    size:     of the regions, an integer for each of n axes
    out:      the lengths of the result, an integer for each axis

    The gradient goes to the first maximum of a region. Raises ValueError for regions that do not fit.
    """
    n = samples.shape[-1]
    size, out = (per_axis("fractional_max_pool", name, value, n, 1) for name, value in (("size", size), ("out", out)))
    batch, lengths = x.shape[: len(x.shape) - n], x.shape[len(x.shape) - n:]
    if samples.shape[:-1] != batch:
        raise ValueError(f"fractional_max_pool: x of shape {x.shape} needs samples of shape {(*batch, n)}, not {samples.shape}")
    if any(length < k + o - 1 for length, k, o in zip(lengths, size, out)):
        raise ValueError(f"fractional_max_pool: {out} regions of size {size} do not fit into {lengths}: "
                         "each axis must be at least size + out - 1 long")
    index = fractional_index(x, samples, size, out)
    values = taken_along(reshape(x, (*batch, prod(lengths))), reshape(index, (*batch, prod(out))), -1)
    return reshape(values, (*batch, *out))
