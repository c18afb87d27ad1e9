"""Which value lies in the middle, or above a given share of the others?

Sort, and take the element at a place that depends on the number of elements alone, or a mixture of two neighbours. So
the gradient goes to one element or two.

Read next: `contractions.py`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.ops.constants import isnan
from autograd.ops.elementwise import where
from autograd.ops.indexing import take
from autograd.ops.reductions import axes_of
from autograd.ops.selection import sort
from autograd.ops.shapes import as_array, reshape, transpose


def quantile(x: Any, q: Any, axis: Any = None, method: str = "linear", keepdims: bool = False) -> Any:
    """The values below which the shares q of the elements lie (0 <= q <= 1). q may be an array; its axes come first in the result.

    method: any of NumPy's: how to choose between two neighbours ('linear', 'lower', 'higher', 'midpoint', 'nearest', 'weibull', ...)

    NaN among the elements gives NaN. q is a constant: there is no gradient with respect to it.
    """
    if getattr(q, "node", None) is not None:
        raise TypeError("quantile has no gradient with respect to q: write q.detach() (or a plain number)")
    x, q = as_array(x), np.asarray(q if not hasattr(q, "numpy") else q.numpy())
    if x.dtype.kind != "f":
        x = x + 0.0
    axes = axes_of(axis, x.ndim)
    rest = tuple([i for i in range(x.ndim) if i not in axes])
    rows = reshape(transpose(x, rest + axes), (*[x.shape[i] for i in rest], -1) if x.size else (*[x.shape[i] for i in rest], 0))
    n = rows.shape[-1]
    if n == 0:
        raise ValueError(f"a quantile of no elements: the array has shape {x.shape} and axis={axis}")
    rows = sort(rows, -1)
    # Where NumPy finds the quantile of 0, 1, ..., n - 1 is the place in any sorted row, whatever the method.
    place = np.quantile(np.arange(n, dtype=float), q, method=method)  # type: ignore[call-overload]
    low = np.floor(place).astype(int)
    share = (place - low).astype(x.dtype)
    y = take(rows, low, -1)
    if share.any():
        y = y * (1 - share) + take(rows, np.minimum(low + 1, n - 1), -1) * share
    last = reshape(take(rows, -1, -1), (*[x.shape[i] for i in rest], *(1,) * q.ndim))
    y = where(isnan(last), last, y)  # NaN is sorted to the end
    if q.ndim:
        y = transpose(y, (*range(len(rest), y.ndim), *range(len(rest))))
    return reshape(y, (*q.shape, *[1 if i in axes else m for i, m in enumerate(x.shape)])) if keepdims else y


def percentile(x: Any, q: Any, axis: Any = None, method: str = "linear", keepdims: bool = False) -> Any:
    """`quantile`, with q in percent."""
    return quantile(x, q / 100 if hasattr(q, "dtype") else np.true_divide(q, 100), axis, method, keepdims)


def median(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The element in the middle of the sorted ones, or the mean of the two there."""
    return quantile(x, 0.5, axis, "linear", keepdims)
