"""Which vectors does a matrix only stretch?

    a v = v diag(w)    eigh, for Hermitian matrices: real w, orthonormal v;  eig, for any: w and v may be complex

Each primitive returns w, and below it v, in one array; the public functions take it apart. With m = v^-1 da v (v^-1 = v^H where a is
Hermitian), and f[i, j] = 1 / (w[j] - w[i]):

    dw = the diagonal of m,      dv = v (f * m)

That leaves the choice of each vector's length and phase. The derivative is that of NumPy's choice: length 1, and real, for eig in
its largest component, for eigh in the first one (the last if UPLO='U'). A function that does not depend on the choice does not
notice.

**Equal eigenvalues.** Their vectors are an arbitrary basis, and have no derivative. Here f[i, j] = 0 for a pair that is exactly
equal: so the gradient of functions of w alone is right and finite, as is that of the space the vectors span. Whatever arrives at such
vectors is left out, with a RuntimeWarning: v diag(sqrt(w)) v^T, say, has a derivative there that this way cannot find, but `sqrtm` can.
(Close eigenvalues have large derivatives, as they should.)

Read next: `singular.py`.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from autograd.ops.constants import argmax
from autograd.ops.diagonals import on_diagonal
from autograd.ops.elementwise import absolute
from autograd.ops.hermitian import hermitian, hermitian_part, is_complex, square
from autograd.ops.inverses import solved
from autograd.ops.reductions import sum
from autograd.ops.selection import take_along_axis
from autograd.ops.shapes import conjugated, imag, matrix_transpose, real
from autograd.primitive import primitive


def reciprocal_or_zero(x: Any) -> Any:
    """1 / x, and 0 where x is 0."""
    return (x != 0) / (x + (x == 0))


def diagonal_matrix(v: Any) -> Any:
    return on_diagonal(v, (*v.shape, v.shape[-1]), 0, -2, -1)


def plain(x: Any) -> Any:
    return getattr(x, "_array", x)


def warn_of_ties(w: Any, inner: Any, name: str, what: str) -> None:
    """Say so if something arrives at vectors whose values are equal."""
    w, inner = plain(w), plain(inner)
    equal = (w[..., :, None] == w[..., None, :]) & ~np.eye(w.shape[-1], dtype=bool)
    if equal.any() and np.abs(inner[np.broadcast_to(equal, inner.shape)]).max() > 1e-12 * np.abs(inner).max():
        warnings.warn(f"the gradient of {name}: some {what} are equal. Their vectors have no derivative, and what arrives at these is left "
                      "out. (For the root, logarithm or exponential of a matrix see autograd.scipy.linalg.)", RuntimeWarning, stacklevel=2)


# ---- Hermitian matrices -------------------------------------------------------------------------------------------


def hermitian_pairs_to_a(g: Any, y: Any, lower: bool) -> Any:
    """da = the Hermitian part of v* (diag(gw) + f * v^T gv) v^T, where gw and gv are the cotangents of w and v. If v is complex, a
    cotangent that would turn the phase of a vector first moves to the component that is kept real."""
    w, v, gw, gv = real(y[..., 0, :]), y[..., 1:, :], real(g[..., 0, :]), g[..., 1:, :]
    if is_complex(v):
        gv = without_turning(gv, v, 0 if lower else v.shape[-1] - 1)
    inner = matrix_transpose(v) @ gv
    warn_of_ties(w, inner, "eigh", "eigenvalues")
    between = reciprocal_or_zero(w[..., None, :] - w[..., :, None])
    return hermitian_part(conjugated(v) @ (diagonal_matrix(gw) + between * inner) @ matrix_transpose(v))


def without_turning(g: Any, v: Any, row: int) -> Any:
    """The cotangent g of vectors whose components in a row are real: g[row] -= i Im(g^T v) / v[row], after which it is blind to phases."""
    turn = sum(imag(g * v), -2, keepdims=True) * reciprocal_or_zero(real(v[..., row: row + 1, :]))
    return g - 1j * turn * (np.arange(v.shape[-2]) == row)[:, None]


@primitive(a=hermitian_pairs_to_a)
def hermitian_pairs(a: Any, lower: bool = True) -> Any:
    """w, and below it v, of (a + a^H) / 2: both results of `eigh` in one array."""
    w, v = np.linalg.eigh(hermitian_part(np.asarray(a)), "L" if lower else "U")
    return np.concatenate([w[..., None, :].astype(v.dtype), v], -2)


Eigh: Any = type(np.linalg.eigh(np.eye(1)))
Eig: Any = type(np.linalg.eig(np.eye(1)))


def pairs_of(a: Any, UPLO: str, name: str) -> Any:
    if not isinstance(UPLO, str) or UPLO.upper() not in ("L", "U"):
        raise ValueError(f"{name}: UPLO argument must be 'L' or 'U', the triangle that is read, and not {UPLO!r}")
    lower = UPLO.upper() == "L"
    return hermitian_pairs(hermitian(square(a, name), lower), lower)


def eigh(a: Any, UPLO: str = "L") -> Any:
    """(eigenvalues, eigenvectors) of Hermitian matrices: real, in ascending order; and orthonormal, as columns.

    UPLO:  the triangle that is read if a is not Hermitian; for the gradient see `hermitian.py`

    Equal eigenvalues, and the choice of phases: see the top of this file.

    >>> import numpy as np
    >>> from autograd import grad
    >>> grad(lambda a: eigh(a).eigenvalues[1])(np.array([[2.0, 1.0], [1.0, 2.0]])).round(12)
    array([[0.5, 0.5],
           [0.5, 0.5]])
    """
    y = pairs_of(a, UPLO, "eigh")
    return Eigh(real(y[..., 0, :]), y[..., 1:, :])


def eigvalsh(a: Any, UPLO: str = "L") -> Any:
    """The eigenvalues of Hermitian matrices, in ascending order. Where some are equal the gradient is that of one choice of vectors;
    of a function that treats equal ones alike it is the gradient. (A second derivative there leaves out what the vectors contribute.)"""
    return real(pairs_of(a, UPLO, "eigvalsh")[..., 0, :])


# ---- any matrices -------------------------------------------------------------------------------------------------


def pairs_to_a(g: Any, y: Any) -> Any:
    """da = v^-T (diag(gw) + f * v^T gv) v^T, where gw and gv are the cotangents of w and v; before that, what would change the length
    of a vector is taken from gv, and what would turn it moves to its largest component, which is real."""
    w, v, gw, gv = y[..., 0, :], y[..., 1:, :], g[..., 0, :], g[..., 1:, :]
    along = sum(gv * v, -2, keepdims=True)
    gv = gv - conjugated(v) * real(along)
    if is_complex(v) and v.size:
        row = argmax(absolute(v), -2, keepdims=True)
        largest = real(take_along_axis(v, row, -2))
        gv = gv - 1j * imag(along) * reciprocal_or_zero(largest) * (np.arange(v.shape[-2])[:, None] == row)
    right = matrix_transpose(v)
    inner = right @ gv
    warn_of_ties(w, inner, "eig", "eigenvalues")
    between = reciprocal_or_zero(w[..., None, :] - w[..., :, None])
    return solved(right, (diagonal_matrix(gw) + between * inner) @ right)


@primitive(a=pairs_to_a)
def general_pairs(a: Any) -> Any:
    """w, and below it v: both results of `eig` in one array; complex unless all are real."""
    w, v = np.linalg.eig(a)
    return np.concatenate([w[..., None, :], v], -2)


def eig(a: Any) -> Any:
    """(eigenvalues, eigenvectors) of square matrices; complex, unless a and all of them are real. The vectors are columns of length 1.

    Equal eigenvalues, and the choice of phases: see the top of this file. The vectors must be independent.

    >>> import numpy as np
    >>> from autograd import grad
    >>> grad(lambda a: eig(a).eigenvalues.prod())(np.array([[2.0, 1.0], [1.0, 3.0]])).round(12)
    array([[ 3., -1.],
           [-1.,  2.]])
    """
    y = general_pairs(square(a, "eig"))
    return Eig(y[..., 0, :], y[..., 1:, :])


def eigvals(a: Any) -> Any:
    """The eigenvalues of square matrices; complex, unless a and all of them are real. Where some are equal see `eigvalsh`."""
    return general_pairs(square(a, "eigvals"))[..., 0, :]
