"""Statistics of samples: covariance and correlation, and quantiles that ignore NaN.

Read next: `histograms.py`.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from autograd.ops.constants import isnan
from autograd.ops.contractions import matmul
from autograd.ops.diagonals import diagonal
from autograd.ops.elementwise import clip, sqrt, where
from autograd.ops.joining import concatenate
from autograd.ops.quantiles import rows_of, shaped, shares
from autograd.ops.reductions import average, axes_of, sum
from autograd.ops.selection import sort, take_along_axis
from autograd.ops.shapes import as_array, astype, atleast_2d, broadcast_to, conj, floating, real, reshape, squeeze, transpose
from autograd.primitive import primitive

# ---- second moments -----------------------------------------------------------------------------------------------


def variables(m: Any, rowvar: bool, what: str) -> Any:
    """The variables as rows and the observations as columns."""
    m = floating(m)
    if m.ndim > 2:
        raise ValueError(f"{what}: variables and observations are two axes, but the array has shape {m.shape}")
    rows = atleast_2d(m)
    return rows if rowvar or rows.shape[0] == 1 else transpose(rows)


def checked_weights(w: Any, n: int, name: str) -> Any:
    """Weights, one for each observation, none of them negative."""
    w = as_array(w)
    if w.shape != (n,):
        raise RuntimeError(f"cov: {name} must be one number for each of the {n} observations, but have shape {w.shape}")
    if np.any(getattr(w, "_array", w) < 0):
        raise ValueError(f"cov: {name} cannot be negative")
    return w


def cov(m: Any, y: Any = None, rowvar: bool = True, bias: bool = False, ddof: int | None = None, fweights: Any = None, aweights: Any = None,
        *, dtype: Any = None) -> Any:
    """C[i, j] = sum over k of (x[i, k] - mean(x[i])) (x[j, k] - mean(x[j]))* / (n - 1), the covariance matrix.

    m:         variables in rows, observations in columns (the other way round with rowvar=False)
    y:         further variables, in the same form
    bias:      divide by n; ddof: divide by n - ddof
    fweights:  how often each observation was made: integers
    aweights:  how much each observation weighs; they have a gradient
    dtype:     of the result, and of the arithmetic

    Raises ValueError, RuntimeError or TypeError for shapes and weights that make no sense.
    """
    if ddof is not None and ddof != int(ddof):
        raise ValueError(f"cov: ddof must be an integer, but is {ddof}")
    m = as_array(m)
    x = atleast_2d(floating(m)) if m.ndim == 1 else variables(m, rowvar or m.ndim < 2, "cov")
    if not x.shape[0]:
        return np.zeros((0, 0))
    if y is not None:
        x = concatenate([x, variables(y, rowvar, "cov")], 0)
    if dtype is not None:
        x = astype(x, dtype)
    ddof = (0 if bias else 1) if ddof is None else ddof
    n = x.shape[1]
    weights: Any = None
    if fweights is not None:
        weights = checked_weights(fweights, n, "fweights")
        if np.any(getattr(weights, "_array", weights) % 1):
            raise TypeError("cov: fweights say how often each observation was made, and must be whole numbers")
        weights = astype(weights, real(x).dtype)
    if aweights is not None:
        a = checked_weights(aweights, n, "aweights")
        weights = a if weights is None else weights * a
    mean, total = average(x, 1, weights, True, keepdims=True)
    if weights is None:
        freedom: Any = n - ddof
    else:
        freedom = real(total[0, 0])
        freedom = freedom - ddof * (1 if aweights is None else sum(weights * aweights) / freedom) if ddof else freedom
    if getattr(freedom, "_array", freedom) <= 0:
        warnings.warn("cov: there are no more degrees of freedom than ddof, so the covariance is infinite or not a number", RuntimeWarning,
                      stacklevel=2)
        freedom = np.zeros((), real(x).dtype)
    x = x - mean
    with np.errstate(divide="ignore", invalid="ignore"):
        return squeeze(matmul(x, transpose(conj(x if weights is None else x * weights))) * (np.ones((), real(x).dtype) / freedom))


def corrcoef(x: Any, y: Any = None, rowvar: bool = True, *, dtype: Any = None) -> Any:
    """R[i, j] = C[i, j] / sqrt(C[i, i] C[j, j]), the correlation coefficients; C is `cov(x, y, rowvar)`."""
    c = cov(x, y, rowvar, dtype=dtype)
    if not c.ndim:
        return c / c
    deviation = sqrt(real(diagonal(c)))
    c = c / deviation[:, None] / deviation[None, :]
    return clip(c, -1, 1) if c.dtype.kind == "f" else c


# ---- quantiles, row by row ----------------------------------------------------------------------------------------


@primitive(rows=None)
def places_without_nan(rows: Any, q: Any, method: str) -> Any:
    """Where in each sorted row, whose last elements may be NaN, its quantiles lie among the others: (..., quantiles); NaN if none is."""
    counts = (~np.isnan(rows)).sum(-1)
    places = np.full((*counts.shape, np.size(q)), np.nan)
    for n in np.unique(counts):
        if n:
            places[counts == n] = np.quantile(np.arange(n, dtype=float), np.ravel(q), method=method)  # type: ignore[call-overload]
    return places


@primitive(rows=None, weights=None)
def weighted_places(rows: Any, weights: Any, q: Any, method: str, ignore_nan: bool) -> Any:
    """Where in each row, once it is sorted, its weighted quantiles lie: (..., quantiles); NaN if the quantile is NaN."""
    ranks = np.where(np.isnan(rows), np.nan, np.argsort(np.argsort(rows, -1), -1))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of NaN we tell ourselves
        find: Any = np.nanquantile if ignore_nan else np.quantile
        return np.moveaxis(find(ranks, np.ravel(q), axis=-1, weights=weights, method=method), 0, -1)


def at_places(rows: Any, places: Any, q: Any) -> Any:
    """The elements of sorted rows at places that may lie between two of them; NaN at NaN. The axes of q are the last ones."""
    missing = isnan(places)
    places = where(missing, 0, places)
    low = astype(places, np.intp)
    share = astype(places - low, rows.dtype)
    first, second = take_along_axis(rows, low, -1), take_along_axis(rows, low + astype(share > 0, np.intp), -1)
    y = where(missing, np.asarray(np.nan, rows.dtype), where(share > 0, first + share * (second - first), first))
    return reshape(y, (*rows.shape[:-1], *q.shape))


def weighted_quantile(x: Any, q: Any, axis: Any, method: str, keepdims: bool, weights: Any, ignore_nan: bool = False) -> Any:
    """The element at which the sum of the weights of the smaller ones, and its own, reaches the share q of all.

    weights:  in the shape of x, or of the one axis
    """
    weights = as_array(weights)
    if weights.shape != x.shape:
        axes = axes_of(axis, x.ndim)
        if weights.shape != tuple([x.shape[a] for a in axes]) or axis is None:
            raise ValueError(f"quantile: weights of shape {weights.shape} fit neither the array, of shape {x.shape}, nor its axis={axis}")
        order = sorted(range(len(axes)), key=axes.__getitem__)
        weights = transpose(weights, tuple(order))
        weights = broadcast_to(reshape(weights, tuple([n if i in axes else 1 for i, n in enumerate(x.shape)])), x.shape)
    rows = rows_of(x, axis)
    places = weighted_places(rows, rows_of(weights, axis), q, method, ignore_nan)
    return shaped(at_places(sort(rows, -1), places, q), q, x.shape, axis, keepdims)


def nanquantile(a: Any, q: Any, axis: Any = None, method: str = "linear", keepdims: bool = False, *, weights: Any = None,
                overwrite_input: bool = False) -> Any:
    """`quantile` of the elements that are not NaN; NaN where there is none, with a warning. No gradient goes to NaN."""
    a, q = floating(a), shares(q)
    if a.dtype.kind == "c":
        raise TypeError("complex numbers are in no order that a quantile could mean: take their real part, or their absolute value")
    nothing = isnan(a).all(axis=axis)
    if np.any(getattr(nothing, "_array", nothing)):
        warnings.warn("a slice has no element but NaN, and so has no quantile", RuntimeWarning, stacklevel=2)
    if weights is not None:
        return weighted_quantile(a, q, axis, method, keepdims, weights, True)
    rows = sort(rows_of(a, axis), -1)
    return shaped(at_places(rows, places_without_nan(rows, q, method), q), q, a.shape, axis, keepdims)


def nanpercentile(a: Any, q: Any, axis: Any = None, method: str = "linear", keepdims: bool = False, *, weights: Any = None,
                  overwrite_input: bool = False) -> Any:
    """`percentile` of the elements that are not NaN."""
    return nanquantile(a, shares(q, 100), axis, method, keepdims, weights=weights)


def nanmedian(a: Any, axis: Any = None, keepdims: bool = False, *, overwrite_input: bool = False) -> Any:
    """`median` of the elements that are not NaN."""
    return nanquantile(a, 0.5, axis, "linear", keepdims)
