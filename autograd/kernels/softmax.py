"""How are probabilities computed fast with NumPy alone?

softmax takes five passes over an array: the largest number, a difference, an exponential, a sum, a quotient. A block of rows stays in
the cache while it takes all of them. Its gradient, y (g - sum(g y)), needs no array for the product under the sum.

Each function answers None unless the axis is the last.

Read next: `recurrent.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

BLOCK = 1 << 17
"""How many bytes of rows take their passes together."""

LONGEST = 8192
"""A row of so many numbers is BLAS's, with one thread."""


def softmax(x: Any, axis: Any) -> Any:
    """exp(x) / sum(exp(x))."""
    if not is_last(x, axis):
        return None
    y = np.empty_like(x, order="C")
    for rows, e in blocks(x, y):
        np.exp(np.subtract(rows, rows.max(1, keepdims=True), out=e), out=e)
        e /= e.sum(1, keepdims=True)
    return y


def log_softmax(x: Any, axis: Any) -> Any:
    """x - log(sum(exp(x)))."""
    if not is_last(x, axis):
        return None
    y = np.empty_like(x, order="C")
    e = None
    for rows, z in blocks(x, y):
        np.subtract(rows, rows.max(1, keepdims=True), out=z)
        e = np.exp(z, out=None if e is None or len(e) != len(z) else e)
        z -= np.log(e.sum(1, keepdims=True))
    return y


def softmax_to_x(g: Any, y: Any, axis: Any) -> Any:
    """y (g - sum(g y))."""
    if not is_last(y, axis) or g.shape != y.shape or g.dtype != y.dtype:
        return None
    dx = np.subtract(g, products(g, y)[..., None])
    dx *= y
    return dx


def log_softmax_to_x(g: Any, y: Any, axis: Any) -> Any:
    """g - exp(y) sum(g)."""
    if not is_last(y, axis) or g.shape != y.shape or g.dtype != y.dtype:
        return None
    dx = np.empty_like(y, order="C")
    total = g.sum(-1).reshape(-1, 1)
    step = max(1, BLOCK // (y.itemsize * y.shape[-1]))
    came, seen, result = (a.reshape(-1, y.shape[-1]) for a in (g, y, dx))
    for i in range(0, len(seen), step):
        block = slice(i, i + step)
        e = np.exp(seen[block], out=result[block])
        e *= total[block]
        np.subtract(came[block], e, out=e)
    return dx


def products(g: Any, y: Any) -> Any:
    """sum(g y) of each row. BLAS is twice as fast as `np.einsum`, but takes several threads for what is longer."""
    return np.vecdot(g, y) if y.shape[-1] <= LONGEST else np.einsum("...i,...i->...", g, y)


def is_last(x: Any, axis: Any) -> bool:
    """Is it float32 or float64, with something along this axis, the last?"""
    return x.dtype.char in "fd" and x.size > 0 and isinstance(axis, int) and axis in (-1, x.ndim - 1)


def blocks(x: Any, y: Any) -> Iterator[tuple[Any, Any]]:
    """Some rows of each at a time."""
    seen, result = x.reshape(-1, x.shape[-1]), y.reshape(-1, x.shape[-1])
    step = max(1, BLOCK // seen[:1].nbytes)
    return ((seen[i: i + step], result[i: i + step]) for i in range(0, len(seen), step))
