"""Operations on diagonals and triangles of matrices.

Read next: `scans.py`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.ops.indexing import zeros
from autograd.ops.shapes import as_array, reshape
from autograd.primitive import primitive


@primitive(x=lambda g, k: tril(g, k), broadcasts=True, linear=True)
def tril(x: Any, k: int = 0) -> Any:
    """The lower triangle: zeros above the k-th diagonal."""
    return np.tril(x, k)


@primitive(x=lambda g, k: triu(g, k), broadcasts=True, linear=True)
def triu(x: Any, k: int = 0) -> Any:
    """The upper triangle: zeros below the k-th diagonal."""
    return np.triu(x, k)


@primitive(x=lambda g, x_shape, offset, axis1, axis2: on_diagonal(g, x_shape, offset, axis1, axis2), linear=True)
def diagonal(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """The diagonal of each matrix that axis1 and axis2 span, as the last axis; `offset` places above the main one."""
    return np.diagonal(x, offset, axis1, axis2)


@primitive(v=lambda g, offset, axis1, axis2: diagonal(g, offset, axis1, axis2), linear=True)
def on_diagonal(v: Any, shape: tuple[int, ...], offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """Zeros of the given shape, with v on the diagonal: the transpose of `diagonal`."""
    z = zeros(shape, v)
    line = np.diagonal(z, offset, axis1, axis2)
    line.flags.writeable = True  # a view of z, which NumPy hands out as read-only
    line[...] = v
    return z


def diag(x: Any, k: int = 0) -> Any:
    """The k-th diagonal of a matrix; or, of a vector, the matrix that has it as its k-th diagonal."""
    x = as_array(x)
    if x.ndim == 2:
        return diagonal(x, k)
    if x.ndim != 1:
        raise ValueError(f"diag: x must be a vector or a matrix, and has shape {x.shape}; for stacks of matrices see diagonal")
    n = x.shape[0] + abs(k)
    return on_diagonal(x, (n, n), k)


def diagflat(x: Any, k: int = 0) -> Any:
    """The matrix that has the elements of x as its k-th diagonal."""
    return diag(reshape(x, -1), k)


def trace(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """The sum along a diagonal."""
    return diagonal(x, offset, axis1, axis2).sum(-1)
