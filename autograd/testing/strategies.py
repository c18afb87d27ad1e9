"""Which inputs could break an operation?

Hypothesis strategies for arrays as NumPy users have them: of any shape, 0-d and empty ones included, transposed,
reversed, strided or broadcast in memory, with values from an operation's domain. Values come from a drawn seed, so a
failing example is small to print and exact to repeat.

Read next: `cases.py`, which puts them together to the arguments of a call.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograd.primitive import REAL, Domain

LAYOUTS = ("C", "F", "reversed", "strided", "offset")


def values(rng: np.random.Generator, shape: tuple[int, ...], domain: Domain = REAL, distinct: bool = False) -> np.ndarray[Any, Any]:
    """Numbers from a domain, at least 0.05 away from what it avoids; with `distinct`, no two closer than the spacing allows."""
    size = int(np.prod(shape))
    if distinct:
        grid = np.linspace(domain.low, domain.high, size + 2)[1:-1]
        x = rng.permutation(grid + rng.uniform(-0.2, 0.2) * (grid[1] - grid[0] if size > 1 else 0.1))
    else:
        x = rng.uniform(domain.low, domain.high, size)
    for point in domain.avoid:
        near = np.abs(x - point) < 0.05
        x[near] = point + np.where(x[near] >= point, 0.1, -0.1)
    return x.reshape(shape)


def laid_out(x: np.ndarray[Any, Any], layout: str) -> np.ndarray[Any, Any]:
    """The same values in another memory layout."""
    if x.ndim == 0 or layout == "C":
        return x
    if layout == "F":
        return np.asfortranarray(x)
    if layout == "reversed":
        return x[::-1].copy()[::-1]
    if layout == "strided":
        wide = np.empty((*x.shape[:-1], 2 * x.shape[-1]), x.dtype)
        wide[..., ::2] = x
        return wide[..., ::2]
    padded = np.empty((x.shape[0] + 1, *x.shape[1:]), x.dtype)
    padded[1:] = x
    return padded[1:]


def shapes(min_dims: int = 0, max_dims: int = 3, min_side: int = 0, max_side: int = 4) -> st.SearchStrategy[tuple[int, ...]]:
    """Shapes of a few small axes; `min_side=0` lets empty arrays come too."""
    return hnp.array_shapes(min_dims=min_dims, max_dims=max_dims, min_side=min_side, max_side=max_side)


@st.composite
def arrays(draw: Any, shape: Any = None, domain: Domain = REAL, dtype: Any = np.float64, min_dims: int = 0, max_dims: int = 3,
           min_side: int = 0, max_side: int = 4, distinct: bool = False) -> np.ndarray[Any, Any]:
    """Arrays of a shape (a tuple, or a strategy; by default any), with values from a domain, in any memory layout."""
    if shape is None:
        shape = shapes(min_dims, max_dims, min_side, max_side)
    if isinstance(shape, st.SearchStrategy):
        shape = draw(shape)
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    return laid_out(values(rng, shape, domain, distinct).astype(dtype), draw(st.sampled_from(LAYOUTS)))


@st.composite
def broadcastable(draw: Any, n: int, min_side: int = 0, max_dims: int = 3, max_side: int = 4) -> tuple[tuple[int, ...], ...]:
    """`n` shapes that broadcast against each other."""
    return draw(hnp.mutually_broadcastable_shapes(num_shapes=n, min_side=min_side, max_side=max_side, max_dims=max_dims)).input_shapes


def axis(ndim: int, none: bool = True) -> st.SearchStrategy[Any]:
    """One axis of an array of `ndim` dimensions, counted from either end, or None."""
    choices: list[Any] = [None] if none or ndim == 0 else []
    return st.sampled_from(choices + list(range(-ndim, ndim)))


def axes(ndim: int) -> st.SearchStrategy[Any]:
    """What NumPy takes as `axis`: None, one axis, or a tuple of different ones."""
    if ndim == 0:
        return st.just(None)
    several = st.lists(st.integers(0, ndim - 1), unique=True, max_size=ndim).map(tuple)
    return st.one_of(axis(ndim), several)
