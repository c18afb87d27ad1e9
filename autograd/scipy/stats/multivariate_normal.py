"""What is the normal distribution of vectors?

    p(x) = exp(-(x - mean)^T cov^-1 (x - mean) / 2) / sqrt((2 pi)^d det(cov))

With cov = L L^T (Cholesky) the square is that of L^-1 (x - mean), and the determinant the product of L's diagonal, squared. A
covariance without full rank has no density; `allow_singular=True` gives that within the space it spans, by its eigenvalues.

Read next: `dirichlet.py`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd import ops
from autograd.ops.shapes import as_array, floating, matrix_transpose
from autograd.scipy.stats.family import choose, scipy_stats


def parameters(what: str, mean: Any, cov: Any) -> tuple[Any, Any]:
    """The mean as a vector, or None for zero, and the covariance as a symmetric matrix; a number means one for all, a vector a diagonal."""
    mean, cov = None if mean is None else floating(mean), floating(cov)
    d = max(mean.size if mean is not None else 1, cov.shape[-1] if cov.ndim else 1)
    mean = mean if mean is None else ops.reshape(mean, (-1,))
    if cov.ndim < 2:
        cov = np.eye(d, dtype=cov.dtype) * (cov if cov.ndim == 0 else ops.expand_dims(cov, -1))
    if cov.shape != (d, d) or (mean is not None and mean.shape != (d,)):
        raise ValueError(f"multivariate_normal.{what}: a mean of shape {() if mean is None else mean.shape} and a covariance of shape "
                         f"{cov.shape} do not fit: for vectors of length d give (d,) and (d, d)")
    return mean, (cov + matrix_transpose(cov)) / 2


def logpdf(x: Any, mean: Any = None, cov: Any = 1, allow_singular: bool = False) -> Any:
    """The logarithm of the density at each vector of x.

    x:     of shape (..., d); for d = 1 also (...)
    mean:  (d,); None is zero
    cov:   (d, d), symmetric and positive definite; or a diagonal (d,); or a number, times the unit matrix
    allow_singular: take a covariance without full rank, too

    Raises ValueError for shapes that do not fit, and LinAlgError for a covariance that is not positive definite.
    """
    mean, cov = parameters("logpdf", mean, cov)
    x, d = floating(x), cov.shape[0]
    if x.ndim == 0:
        x = ops.reshape(x, (1,))
    elif x.ndim == 1:
        x = ops.reshape(x, (-1, 1)) if d == 1 else x
    if x.shape[-1] != d:
        raise ValueError(f"multivariate_normal.logpdf: the vectors in x, of shape {x.shape}, have {x.shape[-1]} elements, and the "
                         f"covariance has shape {cov.shape}")
    away = x if mean is None else x - mean
    y = singular(away, cov) if allow_singular else regular(away, cov)
    return ops.squeeze(y)


def regular(away: Any, cov: Any) -> Any:
    """log p by Cholesky."""
    factor = ops.cholesky(cov)
    z = ops.solve(factor, matrix_transpose(ops.reshape(away, (-1, cov.shape[0]))))
    square = ops.reshape(ops.sum(z * z, axis=0), away.shape[:-1])
    return -0.5 * (square + cov.shape[0] * math.log(2 * math.pi)) - ops.sum(ops.log(ops.diagonal(factor)))


def singular(away: Any, cov: Any) -> Any:
    """log p within the space of the eigenvalues that are not rounding; -inf outside."""
    values = ops.eigvalsh(cov)
    plain = np.asarray(getattr(values, "_array", values))
    rounding = {"f": 1e3, "d": 1e6}.get(plain.dtype.char, 1e6) * np.finfo(plain.dtype).eps * np.abs(plain).max()
    if plain.min() < -rounding:
        raise ValueError("multivariate_normal: the covariance has a negative eigenvalue, and no vectors vary so")
    kept = np.flatnonzero(plain > rounding)
    inverse = ops.pinv(cov, rcond=rounding / np.abs(plain).max(), hermitian=True)
    within = away @ inverse
    square = ops.sum(within * away, axis=-1)
    y = -0.5 * (square + len(kept) * math.log(2 * math.pi) + ops.sum(ops.log(ops.take(values, kept))))
    left = away - within @ cov
    return choose(ops.sum(left * left, axis=-1) <= rounding**2, y, -np.inf)


def pdf(x: Any, mean: Any = None, cov: Any = 1, allow_singular: bool = False) -> Any:
    """The density at each vector of x. Arguments as in `logpdf`."""
    return ops.exp(logpdf(x, mean, cov, allow_singular))


def entropy(mean: Any = None, cov: Any = 1) -> Any:
    """(d log(2 pi e) + log det(cov)) / 2."""
    _, cov = parameters("entropy", mean, cov)
    return 0.5 * cov.shape[0] * (math.log(2 * math.pi) + 1) + ops.sum(ops.log(ops.diagonal(ops.cholesky(as_array(cov)))))


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    return getattr(scipy_stats().multivariate_normal, name)
