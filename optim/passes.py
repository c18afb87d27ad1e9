"""What is an update made of?

Of a few steps over whole arrays, in place:

    combine     out <- a x + b y                                  momentum, weight decay, going downhill
    move        m <- m + share (g - m)                            a moving average, such as the first moment
    add_square  v <- a v + b g^2                                  the second moment
    descend     p <- keep p - size m / (sqrt(c v) + eps)          downhill, divided by the root of the second moment

Large float32 arrays are given to a kernel, which reads and writes each once (`autograd/kernels/onednn/update.py`; a sum of two also to
`autograd/kernels/blas.py`, in float64, too). All others are
NumPy's: its functions, one after the other in the order that stands here, are what an update is, bit for bit. `formulas.py` writes
both down, so a formula is made of such steps and of ufuncs with `out`.

Read next: `formulas.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any

import numpy as np

from autograd.kernels import active, in_place, sum_in_place
from optim.state import Array


@lru_cache(256)
def made(value: float, dtype: np.dtype[Any]) -> Array:
    return np.array(value, dtype)


ANY: Any = object()
"""The dtype of what stands for an array while a formula is written down: it will be that of any array."""


def constant(value: Any, dtype: np.dtype[Any]) -> Any:
    """A number as NumPy's functions want it: given a number of Python's, they take 1 us to make one of it, more than to compute."""
    return value if dtype is ANY else made(value, dtype)


def step(function: Callable[..., Array]) -> Callable[..., Array]:
    """A step that is written down as one (and as the ufuncs it is made of), when it meets what stands for arrays."""

    @wraps(function)
    def taken(out: Any, *operands: Any, **more: Any) -> Any:
        return out.trace.step(function, out, *operands, **more) if out.dtype is ANY else function(out, *operands, **more)

    return taken


@step
def combine(out: Array, x: Any, a: float, y: Any, b: float, scratch: Array, alone: bool = False) -> Array:
    """out <- a x + b y. x may be out; y may be scratch, or out if b is neither 1 nor -1. alone: is this all that the update does?"""
    if out.size >= active.SUMMED and sum_in_place(out, x, y, a, b, alone):
        return out
    add = np.subtract if b == -1 else np.add
    if b not in (1, -1):
        y = np.multiply(y, constant(b, out.dtype), out=scratch)
    if a != 1:
        x = np.multiply(x, constant(a, out.dtype), out=out)
    return add(x, y, out=out)  # type: ignore[no-any-return]


@step
def move(m: Array, g: Any, share: float, scratch: Array, out: Array | None = None) -> Array:
    """m <- m + share (g - m), in place, or into `out`; m, g and scratch are three."""
    out = m if out is None else out
    if out.size >= active.UPDATED and in_place("combine", (out, m, g), 1 - share, share):
        return out
    np.subtract(g, m, out=scratch)
    np.multiply(scratch, constant(share, m.dtype), out=scratch)
    return np.add(m, scratch, out=out)  # type: ignore[no-any-return]


@step
def add_square(v: Array, g: Any, a: float, b: float, scratch: Array) -> Array:
    """v <- a v + b g^2."""
    if v.size >= active.UPDATED and in_place("add_square", (v, g), a, b):
        return v
    square = np.multiply(g, g, out=scratch)
    if b != 1:
        np.multiply(square, constant(b, v.dtype), out=square)
    if a != 1:
        np.multiply(v, constant(a, v.dtype), out=v)
    return np.add(v, square, out=v)


@step
def descend(p: Array, m: Any, v: Array, size: float, eps: float, scratch: Array, c: float = 1, keep: float = 1) -> Array:
    """p <- keep p - size m / (sqrt(c v) + eps). m is not scratch."""
    if p.size >= active.UPDATED and in_place("descend", (p, m, v), size, eps, c, keep):
        return p
    if keep != 1:
        np.multiply(p, constant(keep, p.dtype), out=p)
    np.sqrt(v if c == 1 else np.multiply(v, constant(c, p.dtype), out=scratch), out=scratch)
    np.add(scratch, constant(eps, p.dtype), out=scratch)
    np.divide(m, scratch, out=scratch)
    if size != 1:
        np.multiply(scratch, constant(size, p.dtype), out=scratch)
    return np.subtract(p, scratch, out=p)
