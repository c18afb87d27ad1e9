"""Which functions of NumPy's are ours in another form?

Those that take more, or other arguments than renaming could bring together: `np.clip` has two names for each bound, `np.where` is two
functions, `np.linalg.trace` reads the last two axes, `np.zeros_like` takes a shape.

Read next: `reducing.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd import ops
from autograd.ops.shapes import as_array
from autograd.overrides.arguments import cast
from autograd.tensor import Tensor, constant_tensor


def linalg_trace(x: Any, *, offset: int = 0, dtype: Any = None) -> Any:
    """The trace of the matrices in the last two axes."""
    return ops.trace(x if dtype is None else cast(x, dtype), offset, -2, -1)


def linalg_diagonal(x: Any, *, offset: int = 0) -> Any:
    """The diagonal of the matrices in the last two axes."""
    return ops.diagonal(x, offset, -2, -1)


def linalg_cross(x1: Any, x2: Any, *, axis: int = -1) -> Any:
    """The cross product of vectors with three components."""
    for x in (x1, x2):
        if np.shape(x)[axis] != 3:
            raise ValueError(f"np.linalg.cross: both vectors need three components along the axis, and one has shape {np.shape(x)}")
    return ops.cross(x1, x2, axis=axis)


def linalg_outer(x1: Any, x2: Any) -> Any:
    """The outer product of two vectors."""
    if np.ndim(x1) != 1 or np.ndim(x2) != 1:
        raise ValueError(f"np.linalg.outer: two vectors, and not arrays of shape {np.shape(x1)} and {np.shape(x2)}; np.outer flattens them")
    return ops.outer(x1, x2)


def clip(a: Any, a_min: Any = None, a_max: Any = None, out: Any = None, *, min: Any = None, max: Any = None, **kwargs: Any) -> Any:
    """min(max(x, low), high), with both of NumPy's names for the bounds; the other options are those of a ufunc."""
    if (a_min is not None or a_max is not None) and (min is not None or max is not None):
        raise ValueError("np.clip: a_min and min (a_max and max) are two names of one bound: give one")
    low, high = (b if a is None else a for a, b in ((a_min, min), (a_max, max)))
    if out is None and not kwargs:
        return ops.clip(a, low, high)
    from autograd.overrides.ufuncs import called

    return called("clip", lambda x: ops.clip(x, low, high), (a,), {"out": (out,) if out is not None else None, **kwargs})


def where(condition: Any, x: Any = None, y: Any = None) -> Any:
    """x where the condition holds, y elsewhere; of a condition alone the indices where it holds."""
    if x is None and y is None:
        return ops.nonzero(condition)
    if x is None or y is None:
        raise ValueError("np.where: either both or neither of x and y are given")
    x, y = (as_array(branch) if isinstance(branch, (list, tuple)) else branch for branch in (x, y))
    return ops.where(condition, x, y)


def roots(p: Any) -> Any:
    """The zeros of a polynomial. (NumPy asks a Tensor in a list of coefficients, too.)"""
    return ops.roots(as_array(p))


def argsort(a: Any, axis: int | None = -1, kind: Any = None, *, stable: Any = None, descending: Any = None) -> Any:
    """The indices that sort a along an axis."""
    kind = "stable" if stable else kind
    return ops.argsort(a, axis, kind, True) if descending else ops.argsort(a, axis, kind)


def searchsorted(a: Any, v: Any, side: Any = "left", sorter: Any = None) -> Any:
    """Where the values v belong in the sorted a; `sorter` sorts it."""
    return ops.searchsorted(a if sorter is None else ops.take(a, sorter), v, side)


def real_if_close(a: Any, tol: float = 100) -> Any:
    """Re a, if the imaginary parts are as small as rounding errors (`tol` times the machine's epsilon), else a."""
    a._refuse_while_traced("np.real_if_close")
    return a if np.iscomplexobj(np.real_if_close(a._array, tol)) else ops.real(a)


def horner(x: Any, c: Any) -> Any:
    """c[0] + c[1] x + c[2] x^2 + ..., broadcast."""
    y = c[-1] + 0 * x
    for i in range(2, len(c) + 1):
        y = c[-i] + y * x
    return y


def polyval2d(x: Any, y: Any, c: Any) -> Any:
    """The sum of c[i, j] x^i y^j."""
    x, y, c = as_array(x), as_array(y), as_array(c)
    return horner(y, horner(x, ops.reshape(c, c.shape + (1,) * x.ndim)))


def polyvalnd(pts: Any, c: Any) -> Any:
    """The sum of c[i, j, ...] x^i y^j ..., where pts are (x, y, ...)."""
    x, *others = [as_array(p) for p in pts]
    if any(p.shape != x.shape for p in others):
        raise ValueError(f"np.polynomial.polynomial.polyvalnd: the points need one shape, and have {[p.shape for p in (x, *others)]}")
    c = as_array(c)
    total = horner(x, ops.reshape(c, c.shape + (1,) * x.ndim))
    for p in others:
        total = horner(p, total)
    return total


def polygrid2d(x: Any, y: Any, c: Any) -> Any:
    """The sum of c[i, j] x^i y^j for every pair of an x and a y."""
    x, y, c = as_array(x), as_array(y), as_array(c)
    rows = horner(x, ops.reshape(c, c.shape + (1,) * x.ndim))
    return horner(y, ops.reshape(rows, rows.shape + (1,) * y.ndim))


def full_like(a: Any, fill_value: Any, dtype: Any = None, *, shape: Any = None) -> Any:
    """An array in the shape of a, full of one value (or a row of values, broadcast); gradients flow to a Tensor."""
    from autograd.numpy.creation import full

    return full(np.shape(a) if shape is None else shape, fill_value, a.dtype if dtype is None else dtype, like=a)


def zeros_like(a: Any, dtype: Any = None, *, shape: Any = None) -> Any:
    """Zeros in the shape and dtype of a, or in others."""
    return ops.zeros_like(a) if dtype is None and shape is None else blank(np.zeros, a, dtype, shape)


def ones_like(a: Any, dtype: Any = None, *, shape: Any = None) -> Any:
    """Ones in the shape and dtype of a, or in others."""
    return ops.ones_like(a) if dtype is None and shape is None else blank(np.ones, a, dtype, shape)


def empty_like(a: Any, dtype: Any = None, *, shape: Any = None) -> Any:
    """An array to be filled, in the shape and dtype of a, or in others. (It holds zeros: a Tensor has no undefined values.)"""
    return zeros_like(a, dtype, shape=shape)


def blank(make: Callable[..., Any], a: Tensor, dtype: Any, shape: Any) -> Tensor:
    return constant_tensor(make(a.shape if shape is None else shape, a.dtype if dtype is None else dtype)[()])
