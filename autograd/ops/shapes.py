"""Operations that move elements and do not change them: all linear, and most are each other's transpose.

Read next: `indexing.py`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.primitive import primitive


@primitive(x=lambda g: g, linear=True)
def identity(x: Any) -> Any:
    """x itself, as a new node: where a function's own tape begins."""
    return x


@primitive(x=lambda g, x_shape: reshape(g, x_shape), linear=True)
def reshape(x: Any, shape: Any) -> Any:
    """The same elements in C order, in another shape; one entry of `shape` may be -1."""
    return np.reshape(x, shape)


@primitive(x=lambda g, axes: transpose(g, None if axes is None else tuple(np.argsort([a % len(axes) for a in axes]).tolist())), linear=True)
def transpose(x: Any, axes: Any = None) -> Any:
    """x with its axes in the given order; reversed if none is given."""
    return np.transpose(x, axes)


@primitive(x=lambda g: g, broadcasts=True, linear=True)
def broadcast_to(x: Any, shape: Any) -> Any:
    """x repeated along new axes, and along axes of length 1, up to the given shape."""
    return np.broadcast_to(x, shape)


@primitive(x=lambda g: g, linear=True)
def astype(x: Any, dtype: Any) -> Any:
    """x in another dtype. To an integer or boolean dtype no gradient flows."""
    return x.astype(dtype)
