"""What do `where=`, `initial=` and `mean=` mean to a reduction?

`where=` says which elements count. In a sum the others are replaced by 0, in a product by 1, in a maximum by `initial`; a
mean divides by the number of those that count. `initial=` is one element more. `mean=` is the mean that a variance does not
need to compute.

Read next: `ufuncs.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd import ops
from autograd.ops.reductions import root

NEUTRAL = {"sum": 0, "nansum": 0, "prod": 1, "nanprod": 1, "any": False, "all": True}
COMBINE = {"sum": "add", "nansum": "add", "prod": "multiply", "nanprod": "multiply", "max": "maximum", "min": "minimum",
           "amax": "maximum", "amin": "minimum", "nanmax": "fmax", "nanmin": "fmin"}
"""How `initial` joins the result."""


def reduced(short: str, ours: Callable[..., Any], x: Any, given: dict[str, Any], where: Any = True, initial: Any = None,
            mean: Any = None) -> Any:
    """A reduction of x with these options. given: axis, keepdims, and what else the reduction itself takes."""
    x = x if hasattr(x, "dtype") else np.asarray(x)
    some = where is not True
    if some and np.shape(where) and len(np.shape(where)) > x.ndim:
        raise ValueError(f"np.{short}: where= of shape {np.shape(where)} does not broadcast to x, of shape {x.shape}")
    if short in ("mean", "nanmean", "std", "var", "nanstd", "nanvar"):
        if short.startswith("nan"):
            where = ops.logical_and(~ops.isnan(x), where)
        return moment(short.removeprefix("nan"), ours, x, where, mean, **given)
    if some:
        if short not in NEUTRAL and initial is None:
            raise ValueError(f"np.{short}(..., where=): of no elements at all there is no {short}; give initial=, the result in that case")
        x = ops.where(where, x, NEUTRAL.get(short, initial))
    if initial is None:
        return ours(x, **given)
    if x.size or short in NEUTRAL:
        y = ours(x, **given)
        return getattr(ops, COMBINE[short])(y, fitting(initial, y.dtype))
    return ops.sum(x, **given) + fitting(initial, x.dtype)  # zeros, of the right shape


def fitting(initial: Any, dtype: Any) -> Any:
    """`initial` in the dtype of what it is added to."""
    return ops.astype(initial if hasattr(initial, "dtype") else np.asarray(initial), dtype)


def moment(short: str, ours: Callable[..., Any], x: Any, where: Any, mean: Any, axis: Any = None, keepdims: bool = False, ddof: float = 0,
           correction: float | None = None) -> Any:
    """The mean, or the variance about a mean, of the elements that count."""
    x = x if x.dtype.kind in "fc" else ops.astype(x, np.float64)
    n = counted(x, where, axis, keepdims)
    if short == "mean":
        return ops.sum(ops.where(where, x, 0), axis, keepdims) / n
    if correction is not None and ddof:
        raise ValueError(f"ddof and correction are two names for one number, but ddof={ddof} and correction={correction} are given")
    if mean is None:
        mean = ops.sum(ops.where(where, x, 0), axis, True) / counted(x, where, axis, True)
    d = ops.where(where, x - mean, 0)
    squares = d * d if d.dtype.kind != "c" else ops.square(ops.real(d)) + ops.square(ops.imag(d))
    free = ops.maximum(n - n.dtype.type(ddof if correction is None else correction), n.dtype.type(0))
    variance = ops.sum(squares, axis, keepdims) / free
    return variance if short == "var" else root(variance)


def counted(x: Any, where: Any, axis: Any, keepdims: bool) -> Any:
    """How many elements count, in the real dtype of x."""
    n = ops.sum(ops.broadcast_to(np.asarray(where) if isinstance(where, (bool, list)) else where, x.shape), axis, keepdims)
    return ops.astype(n, x.real.dtype)
