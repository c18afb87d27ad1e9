"""Operations whose result carries no gradient: comparisons, tests, indices, and arrays of zeros and ones.

They are primitives without rules. On arrays they are NumPy; on Tensors they return a constant Tensor, and a trace
(`tracer.trace`) still sees them, so that a replayed program compares the new values and not the old ones.

Read next: `elementwise.py`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.primitive import primitive

# ---- comparisons and tests ----------------------------------------------------------------------------------------

equal = primitive(np.equal, a=None, b=None, operator="==")
not_equal = primitive(np.not_equal, a=None, b=None, operator="!=")
less = primitive(np.less, a=None, b=None, operator="<")
less_equal = primitive(np.less_equal, a=None, b=None, operator="<=")
greater = primitive(np.greater, a=None, b=None, operator=">")
greater_equal = primitive(np.greater_equal, a=None, b=None, operator=">=")
logical_and = primitive(np.logical_and, a=None, b=None)
logical_or = primitive(np.logical_or, a=None, b=None)
logical_xor = primitive(np.logical_xor, a=None, b=None)
logical_not = primitive(np.logical_not, x=None)
bitwise_and = primitive(np.bitwise_and, a=None, b=None, operator="&")
bitwise_or = primitive(np.bitwise_or, a=None, b=None, operator="|")
bitwise_xor = primitive(np.bitwise_xor, a=None, b=None, operator="^")
invert = primitive(np.invert, x=None, operator="~")
isfinite = primitive(np.isfinite, x=None)
isinf = primitive(np.isinf, x=None)
isnan = primitive(np.isnan, x=None)
signbit = primitive(np.signbit, x=None)


@primitive(a=None, b=None)
def isclose(a: Any, b: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> Any:
    """Where |a - b| <= atol + rtol |b|."""
    return np.isclose(a, b, rtol, atol, equal_nan)


@primitive(x=None)
def any(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Is any element along the axis true?"""
    return np.any(x, axis=axis, keepdims=keepdims)


@primitive(x=None)
def all(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Are all elements along the axis true?"""
    return np.all(x, axis=axis, keepdims=keepdims)


@primitive(x=None)
def count_nonzero(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """How many elements along the axis are not zero."""
    return np.count_nonzero(x, axis=axis, keepdims=keepdims)


# ---- indices ------------------------------------------------------------------------------------------------------


@primitive(x=None)
def argmax(x: Any, axis: int | None = None, keepdims: bool = False) -> Any:
    """The index of the (first) largest element along the axis, or in the flattened array."""
    return np.argmax(x, axis=axis, keepdims=keepdims)


@primitive(x=None)
def argmin(x: Any, axis: int | None = None, keepdims: bool = False) -> Any:
    """The index of the (first) smallest element along the axis, or in the flattened array."""
    return np.argmin(x, axis=axis, keepdims=keepdims)


@primitive(x=None)
def argsort(x: Any, axis: int | None = -1, kind: Any = None, descending: bool | None = None) -> Any:
    """The indices that sort x along the axis; `descending` from the largest element on, NaN last."""
    if descending:
        x, kind = (~x if x.dtype.kind in "iub" else -x), "stable"
    return np.argsort(x, axis=axis, kind=kind)


@primitive(x=None)
def argpartition(x: Any, kth: Any, axis: int | None = -1) -> Any:
    """The indices that partition x along the axis around the kth elements."""
    return np.argpartition(x, kth, axis=axis)


@primitive(x=None)
def argwhere(x: Any) -> Any:
    """The indices of the elements that are not zero, one row each."""
    return np.argwhere(x)


@primitive(a=None, v=None)
def searchsorted(a: Any, v: Any, side: Any = "left") -> Any:
    """Where the values v would have to be inserted into the sorted a."""
    return np.searchsorted(a, v, side=side)


# ---- arrays like another, but constant ----------------------------------------------------------------------------
# `np.zeros_like` and not `np.zeros`: the result lives where its model lives, on whatever device that is.


@primitive(x=None)
def zeros_like(x: Any) -> Any:
    """Zeros of the same shape and dtype."""
    return np.zeros_like(x) if np.ndim(x) else np.zeros_like(x)[()]


@primitive(x=None)
def ones_like(x: Any) -> Any:
    """Ones of the same shape and dtype."""
    return np.ones_like(x) if np.ndim(x) else np.ones_like(x)[()]
