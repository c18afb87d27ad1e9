"""Operations along axes: sums, products, extrema, moments, and running versions of them.

Read next: `shapes.py`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.ops.shapes import broadcast_to, reshape
from autograd.primitive import primitive


def kept_shape(shape: tuple[int, ...], axis: Any) -> tuple[int, ...]:
    """The shape of a reduction with keepdims=True: length 1 along the reduced axes."""
    if axis is None:
        return (1,) * len(shape)
    axes = {a % len(shape) for a in (axis if isinstance(axis, tuple) else (axis,))} if shape else set()
    return tuple(1 if i in axes else n for i, n in enumerate(shape))


def spread(g: Any, shape: tuple[int, ...], axis: Any) -> Any:
    """The transpose of a sum: a reduced array repeated along the reduced axes."""
    return broadcast_to(reshape(g, kept_shape(shape, axis)), shape)


@primitive(x=lambda g, x_shape, axis: spread(g, x_shape, axis), linear=True)
def sum(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The sum of the elements along the given axes (all of them by default)."""
    return np.sum(x, axis=axis, keepdims=keepdims)
