"""How is a matrix inverted, and a system of equations solved?

All here works on stacks of matrices, the last two axes of an array. The functions are holomorphic, so in their rules matrices
are transposed and never conjugated, for complex ones too.

    y = a^-1       dy = -y da y              so the gradient is  -y^T g y^T
    y = a^-1 b     dy = a^-1 (db - da y)     so b gets  a^-T g,  and a gets  -(a^-T g) y^T

Read next: `determinants.py`.
"""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

from autograd.ops.contractions import matmul
from autograd.ops.hermitian import square
from autograd.ops.shapes import as_array, matrix_transpose, reshape, transpose
from autograd.primitive import primitive


@primitive(a=lambda g, y: -(matrix_transpose(y) @ g @ matrix_transpose(y)))
def inv(a: Any) -> Any:
    """The inverse of each matrix.

    >>> import numpy as np
    >>> from autograd import grad
    >>> grad(lambda a: inv(a)[0, 0])(np.array([[2.0, 0.0], [0.0, 4.0]]))
    array([[-0.25, -0.  ],
           [-0.  , -0.  ]])

    Raises LinAlgError if one is singular.
    """
    return np.linalg.inv(a)


@primitive(a=lambda g, y, a: -solved(matrix_transpose(a), g) @ matrix_transpose(y), b=lambda g, a: solved(matrix_transpose(a), g),
           broadcasts=True)
def solved(a: Any, b: Any) -> Any:
    """a^-1 b, of matrices a and b or stacks of them, which are broadcast."""
    return np.linalg.solve(a, b)


def solve(a: Any, b: Any) -> Any:
    """The x with a x = b.

    a:  a square matrix, or a stack of them, (..., n, n)
    b:  a vector (n,); or matrices (..., n, k), whose columns are right-hand sides. (A stack of vectors is written b[..., None].)

    >>> import numpy as np
    >>> solve(np.array([[2.0, 0.0], [0.0, 4.0]]), np.array([1.0, 1.0]))
    array([0.5 , 0.25])

    Raises LinAlgError if a is singular or not square, ValueError if the shapes do not fit.
    """
    a, b = square(a, "solve"), as_array(b)
    if b.ndim == 1:
        return solved(a, b[:, None])[..., 0]
    if not b.ndim or a.shape[-1] != b.shape[-2]:
        raise ValueError(f"solve: {a.shape[-1]} equations, a of shape {a.shape}, need a right-hand side of {a.shape[-1]} rows, and b has "
                         f"shape {b.shape}." + (" A stack of vectors is written b[..., None]." if b.shape[-1:] == a.shape[-1:] else ""))
    return solved(a, b)


def tensorsolve(a: Any, b: Any, axes: Any = None) -> Any:
    """The x with tensordot(a, x, x.ndim) = b: a is a matrix whose rows are numbered by the axes of b, and whose columns by those of x.

    axes:  axes of a to be moved to the end first
    """
    a, b = as_array(a), as_array(b)
    if axes is not None:
        axes = [axis % a.ndim for axis in axes]
        a = transpose(a, [i for i in range(a.ndim) if i not in axes] + axes)
    columns = a.shape[b.ndim:]
    n = math.prod(columns)
    if a.size != n * n or b.size != n:
        raise np.linalg.LinAlgError(f"tensorsolve: the axes of a must be those of b, then those of x, and as many elements in both; "
                                    f"a has shape {a.shape} and b {b.shape}")
    return reshape(solve(reshape(a, (n, n)), reshape(b, (n,))), columns)


def tensorinv(a: Any, ind: int = 2) -> Any:
    """The inverse of a as a matrix whose rows are numbered by its first `ind` axes, and whose columns by the others."""
    a = as_array(a)
    if ind <= 0:
        raise ValueError(f"tensorinv: ind={ind}, but a matrix has rows: write a positive number of axes")
    rows, columns = a.shape[:ind], a.shape[ind:]
    n = math.prod(columns)
    if math.prod(rows) != n:
        raise np.linalg.LinAlgError(f"tensorinv: the first {ind} axes of shape {a.shape} must have as many elements as the others")
    return reshape(inv(reshape(a, (n, n))), columns + rows)


def matrix_power(a: Any, n: int) -> Any:
    """The product of n factors a, by repeated squaring: 1 for n = 0, and for a negative n the product of inverses."""
    a, n = square(a, "matrix_power"), operator.index(n)
    if n == 0:
        return 0 * a + np.eye(a.shape[-1], dtype=a.dtype)
    factor, y = inv(a) if n < 0 else a, None
    n = abs(n)
    while True:
        n, odd = divmod(n, 2)
        if odd:
            y = factor if y is None else matmul(y, factor)
        if not n:
            return y
        factor = matmul(factor, factor)
