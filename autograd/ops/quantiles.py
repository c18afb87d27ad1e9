"""Which value lies in the middle, or above a given share of the others?

Sort, and take the element at a place that depends on the number of elements alone, or a mixture of two neighbours. So
the gradient goes to one element or two.

Read next: `contractions.py`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.ops.constants import isnan
from autograd.ops.elementwise import where
from autograd.ops.indexing import take
from autograd.ops.reductions import axes_of, kept_shape
from autograd.ops.selection import sort
from autograd.ops.shapes import as_array, reshape, transpose


def rows_of(x: Any, axis: Any) -> Any:
    """The elements of which quantiles are taken in one last axis, and the other axes before it.

    Raises ValueError if there are none.
    """
    axes = axes_of(axis, x.ndim)
    rest = tuple([i for i in range(x.ndim) if i not in axes])
    if not math.prod([x.shape[i] for i in axes]):
        raise ValueError(f"a quantile of no elements: the array has shape {x.shape} and axis={axis}")
    return reshape(transpose(x, rest + axes), (*[x.shape[i] for i in rest], -1 if x.size else 1))


def shaped(y: Any, q: Any, shape: tuple[int, ...], axis: Any, keepdims: bool) -> Any:
    """Quantiles (..., *q.shape) of an array of this shape as NumPy has them: the axes of q in front."""
    if q.ndim:
        n = y.ndim - q.ndim
        y = transpose(y, (*range(n, y.ndim), *range(n)))
    return reshape(y, (*q.shape, *kept_shape(shape, axis))) if keepdims else y


def shares(q: Any, scale: float = 1) -> Any:
    """q as an array of numbers from 0 to 1.

    Raises TypeError if q wants a gradient, which there is none for.
    """
    if getattr(q, "node", None) is not None:
        raise TypeError("quantile has no gradient with respect to q: write q.detach() (or a plain number)")
    q = np.asarray(q if not hasattr(q, "numpy") else q.numpy())
    return q if scale == 1 else np.asarray(np.true_divide(q, scale))


def quantile(x: Any, q: Any, axis: Any = None, method: str = "linear", keepdims: bool = False, *, weights: Any = None,
             overwrite_input: bool = False) -> Any:
    """The values below which the shares q of the elements lie (0 <= q <= 1). q may be an array; its axes come first in the result.

    method:   any of NumPy's: how to choose between two neighbours ('linear', 'lower', 'higher', 'midpoint', 'nearest', 'weibull', ...)
    weights:  how much each element counts, for method='inverted_cdf'; the choice of an element has no gradient with respect to them

    (`overwrite_input` has no meaning: nothing is overwritten.) NaN among the elements gives NaN. q is a constant: there is no
    gradient with respect to it.
    """
    x, q = as_array(x), shares(q)
    if x.dtype.kind == "c":
        raise TypeError("quantile: complex numbers have no order, so none lies above a share of the others; take abs(x), or x.real")
    if x.dtype.kind != "f":
        x = x + 0.0
    if weights is not None:
        from autograd.ops.statistics import weighted_quantile

        return weighted_quantile(x, q, axis, method, keepdims, weights)
    rows = sort(rows_of(x, axis), -1)
    n = rows.shape[-1]
    # Where NumPy finds the quantile of 0, 1, ..., n - 1 is the place in any sorted row, whatever the method.
    place = np.quantile(np.arange(n, dtype=float), q, method=method)  # type: ignore[call-overload]
    low = np.floor(place).astype(int)
    share = (place - low).astype(x.dtype)
    y = take(rows, low, -1)
    if share.any():
        y = y * (1 - share) + take(rows, np.minimum(low + 1, n - 1), -1) * share
    last = reshape(take(rows, -1, -1), (*rows.shape[:-1], *(1,) * q.ndim))
    y = where(isnan(last), last, y)  # NaN is sorted to the end
    return shaped(y, q, x.shape, axis, keepdims)


def percentile(x: Any, q: Any, axis: Any = None, method: str = "linear", keepdims: bool = False, *, weights: Any = None,
               overwrite_input: bool = False) -> Any:
    """`quantile`, with q in percent."""
    return quantile(x, shares(q, 100), axis, method, keepdims, weights=weights)


def median(x: Any, axis: Any = None, keepdims: bool = False, *, overwrite_input: bool = False) -> Any:
    """The element in the middle of the sorted ones, or the mean of the two there."""
    return quantile(x, 0.5, axis, "linear", keepdims)
