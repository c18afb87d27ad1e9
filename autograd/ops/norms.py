"""How long is a vector, and how large is a matrix?

`norm` is NumPy's, with its many meanings of `ord`; it hands the work to `vector_norm` and `matrix_norm`. Where a norm has a
kink - at the zero vector, at ties of the maximum norm - the gradient is PyTorch's: 0, or shared evenly.

Read next: `quantiles.py`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.ops.elementwise import absolute, sign
from autograd.ops.reductions import axes_of, kept, max, min, sum
from autograd.ops.shapes import as_array, astype, conjugated, moveaxis, real, real_dtype, reshape
from autograd.primitive import NONZERO, primitive


def p_norm_to_x(g: Any, y: Any, x: Any, ord: float, axis: Any) -> Any:
    """g sign(x) (|x| / y)^(ord - 1), conjugated if x is complex. Nothing flows to zeros (for ord < 1 the slope there is infinite), nor
    from a norm of 0."""
    length, ord = y + (y == 0), float(ord)
    if ord == 2:
        return kept(g / length, x.shape, axis) * conjugated(x)
    ratio = absolute(x) / kept(length, x.shape, axis)
    return kept(g * (y != 0), x.shape, axis) * conjugated(sign(x)) * (ratio + (x == 0)) ** (ord - 1)


@primitive(x=p_norm_to_x, domain=NONZERO)
def p_norm(x: Any, ord: float = 2, axis: Any = None, keepdims: bool = False) -> Any:
    """sum(|x|^ord)^(1/ord) over any axes."""
    if ord == 2:
        squares = np.multiply(x, x) if np.isrealobj(x) else np.real(np.multiply(x, np.conj(x)))
        return np.sqrt(np.sum(squares, axis=axis, keepdims=keepdims))
    ord = float(ord)  # one of NumPy's would make float64 of float32
    return np.sum(np.abs(x) ** ord, axis=axis, keepdims=keepdims) ** (1 / ord)


def vector_norm(x: Any, *, axis: Any = None, keepdims: bool = False, ord: Any = 2) -> Any:
    """The length of the vectors along the axes (of the flattened array if there are none).

    ord: 2 for sqrt(sum x^2), 1 for sum |x|, inf and -inf for the largest and smallest |x|, 0 for the number of elements that
         are not zero (its gradient is zero), any other number p for sum(|x|^p)^(1/p)
    """
    if isinstance(ord, str) or ord is None:
        raise ValueError(f"vector_norm: ord must be a number, inf or -inf, not {ord!r}; 'fro' and 'nuc' are norms of matrices")
    x = as_array(x)
    if ord == np.inf:
        return max(absolute(x), axis, keepdims)
    if ord == -np.inf:
        return min(absolute(x), axis, keepdims)
    if ord == 1:
        return sum(absolute(x), axis, keepdims)
    if ord == 0:
        return sum(astype(x != 0, real_dtype(x.dtype)) + 0 * real(x), axis, keepdims)
    return p_norm(x, ord, axis, keepdims)


def matrix_norm(x: Any, *, axis: tuple[int, int] = (-2, -1), keepdims: bool = False, ord: Any = "fro") -> Any:
    """The size of the matrices in two axes (rows, columns).

    ord: 'fro' for sqrt(sum x^2), 1 and -1 for the largest and smallest sum of |x| in a column, inf and -inf for those in a row;
         2 and -2 for the largest and smallest singular value, 'nuc' for their sum. Equal ones share the gradient
    """
    x = as_array(x)
    rows, columns = axes_of(axis, x.ndim)
    if rows == columns:
        raise ValueError(f"matrix_norm: a matrix has two different axes, but axis={axis} names one twice")
    if ord is None or ord == "fro":
        return p_norm(x, 2, (rows, columns), keepdims)
    lengths = tuple([(1 if keepdims else None) if i in (rows, columns) else n for i, n in enumerate(x.shape)])
    shape = tuple([n for n in lengths if n is not None])
    if ord in (2, -2, "nuc"):
        from autograd.ops.singular import svdvals

        s = svdvals(moveaxis(x, (rows, columns), (-2, -1)))
        return reshape(sum(s, -1) if ord == "nuc" else max(s, -1) if ord == 2 else min(s, -1), shape)
    if ord not in (1, -1, np.inf, -np.inf):
        raise ValueError(f"matrix_norm: ord={ord!r} is not a norm of matrices; write 'fro', 'nuc', 1, -1, 2, -2, inf or -inf")
    extremum, summed, other = (max if ord > 0 else min), *((rows, columns) if abs(ord) == 1 else (columns, rows))
    y = extremum(sum(absolute(x), summed, True), other, True)
    return reshape(y, shape)


def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    """NumPy's `linalg.norm`: of vectors if `axis` is one axis, of matrices if it is two.

    Without `axis`, x itself is the vector or the matrix; with neither `axis` nor `ord` it may have any shape, and this
    is sqrt(sum x^2). For the values of `ord` see `vector_norm` and `matrix_norm`.

    >>> import numpy as np
    >>> from autograd import grad
    >>> grad(norm)(np.array([3.0, 4.0]))
    array([0.6, 0.8])
    """
    x = as_array(x)
    if axis is None and ord is None:
        return p_norm(x, 2, None, keepdims)
    axes = axes_of(axis, x.ndim)
    if len(axes) == 1:
        return vector_norm(x, axis=axes, keepdims=keepdims, ord=2 if ord is None else ord)
    if len(axes) == 2:
        return matrix_norm(x, axis=axes, keepdims=keepdims, ord=ord)  # type: ignore[arg-type]
    raise ValueError(f"norm: ord={ord!r} along axis={axis} of an array of shape {x.shape}: a vector has one axis and a matrix two")
