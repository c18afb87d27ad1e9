"""How are shares of a whole distributed?

    p(x) = x_1^(alpha_1 - 1) ... x_d^(alpha_d - 1) gamma(sum alpha) / (gamma(alpha_1) ... gamma(alpha_d)),    sum x = 1

Read next: `../signal.py`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import ops
from autograd.ops.shapes import floating
from autograd.scipy.stats.family import scipy_stats


def shares(what: str, x: Any, alpha: Any) -> tuple[Any, Any]:
    """x with all of its shares, and alpha in a column."""
    x, alpha = floating(x), floating(alpha)
    if alpha.ndim != 1 or not (getattr(alpha, "_array", alpha) > 0).all():
        raise ValueError(f"dirichlet.{what}: alpha must be a vector of positive numbers, and is {alpha!r:.80}")
    d = alpha.shape[0]
    if x.ndim == 0 or x.shape[0] not in (d, d - 1):
        raise ValueError(f"dirichlet.{what}: the shares stand along the first axis of x, and alpha of shape {alpha.shape} means {d} "
                         f"(or {d - 1}, if the last is left out); x has shape {x.shape}")
    if x.shape[0] == d - 1:
        x = ops.concatenate([x, 1 - ops.sum(x, axis=0, keepdims=True)], 0)
    plain = getattr(x, "_array", x)
    if (np.abs(plain.sum(0) - 1) > 1e4 * np.finfo(plain.dtype).eps).any() or (plain < 0).any() or (plain > 1).any():
        raise ValueError(f"dirichlet.{what}: x must hold shares, between 0 and 1, with a sum of 1 along the first axis. "
                         "To differentiate by shares that are free, leave the last one out.")
    return x, ops.reshape(alpha, (d,) + (1,) * (x.ndim - 1))


def logpdf(x: Any, alpha: Any) -> Any:
    """The logarithm of the density at x.

    x:      shares with a sum of 1 along the first axis, (d, ...); or all but the last, (d - 1, ...)
    alpha:  (d,), positive

    Raises ValueError for anything else.
    """
    x, alpha = shares("logpdf", x, alpha)
    return ops.sum(ops.xlogy(alpha - 1, x) - ops.gammaln(alpha), axis=0) + ops.gammaln(ops.sum(alpha))


def pdf(x: Any, alpha: Any) -> Any:
    """The density at x. Arguments as in `logpdf`."""
    return ops.exp(logpdf(x, alpha))


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    return getattr(scipy_stats().dirichlet, name)
