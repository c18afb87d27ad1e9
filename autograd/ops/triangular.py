"""How is a matrix made triangular?

    a = l l^H    cholesky: l is lower triangular, its diagonal positive
    a = q r      qr: the columns of q are orthonormal, r is upper triangular

Both conjugate, so here rules do, too. Of complex matrices the diagonals of l and r are real: that fixes the phases, and the
derivatives are those of that choice.

Read next: `eigen.py`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.ops.diagonals import tril, triu
from autograd.ops.hermitian import adjoint, hermitian, hermitian_part, square
from autograd.ops.inverses import solved
from autograd.ops.joining import concatenate
from autograd.ops.shapes import as_array, conjugated, matrix_transpose, real
from autograd.primitive import primitive

# ---- cholesky -----------------------------------------------------------------------------------------------------


def half_lower(x: Any) -> Any:
    """The lower triangle with half of the (real part of the) diagonal: what x = half + half^H is made of."""
    return tril(x, -1) + real(tril(triu(x))) / 2


def cholesky_to_a(g: Any, y: Any) -> Any:
    """da = the Hermitian part of l^-T half_lower(l^T g) l*^-1, because dl = l half_lower(l^-1 da l^-H)."""
    left = matrix_transpose(y)
    half = solved(left, half_lower(left @ g))
    return hermitian_part(matrix_transpose(solved(conjugated(left), matrix_transpose(half))))


@primitive(a=cholesky_to_a)
def lower_factor(a: Any) -> Any:
    """The lower triangular l with l l^H = (a + a^H) / 2."""
    return np.linalg.cholesky(hermitian_part(np.asarray(a)))


def cholesky(a: Any, /, *, upper: bool = False) -> Any:
    """The lower triangular l with a = l l^H; or with `upper`, the upper triangular u with a = u^H u.

    a:  Hermitian and positive definite. If it is not Hermitian only its lower (upper) triangle counts, as in NumPy; for the
        gradient see `hermitian.py`

    >>> import numpy as np
    >>> from autograd import grad
    >>> grad(lambda a: cholesky(a)[1, 0])(np.array([[4.0, 2.0], [2.0, 5.0]]))
    array([[-0.125,  0.25 ],
           [ 0.25 ,  0.   ]])

    Raises LinAlgError if a is not positive definite.
    """
    factor = lower_factor(hermitian(square(a, "cholesky"), not upper))
    return adjoint(factor) if upper else factor


# ---- qr -----------------------------------------------------------------------------------------------------------


def whole(x: Any) -> Any:
    """The Hermitian matrix of which the upper triangle is given; of the diagonal the real part."""
    above = triu(x, 1)
    return above + adjoint(above) + real(tril(triu(x)))


def factors(y: Any, shape: tuple[int, ...]) -> tuple[Any, Any]:
    """q and r, of which `orthogonal_factor` makes one array."""
    return y[..., : shape[-2], :], matrix_transpose(y[..., shape[-2]:, :])


def orthogonal_to_a(g: Any, y: Any, a_shape: tuple[int, ...]) -> Any:
    """da = (gq + q* whole(gr r^T - q^T gq)) r^-T, where gq and gr are the cotangents of q and r; columns to the right of a square
    are multiples of q and get q* gr."""
    rows, columns = a_shape[-2:]
    k = min(rows, columns)
    (q, r), (gq, gr) = factors(y, a_shape), factors(g, a_shape)
    if q.shape[-1] > k:
        gq, q, r, gr = refuse_surplus(gq, k, "qr", "the last columns of q", "mode='reduced'"), q[..., :k], r[..., :k, :], gr[..., :k, :]
    further, rest = r[..., k:], gr[..., k:]
    if columns > rows:  # a = q (r further): a change of q changes q^H (the rest of a)
        gq = gq + conjugated(q @ further) @ adjoint(rest)
    r, gr = r[..., :k], gr[..., :k]
    inner = whole(gr @ matrix_transpose(r) - matrix_transpose(q) @ gq)
    square_part = matrix_transpose(solved(r, matrix_transpose(gq + conjugated(q) @ inner)))
    return concatenate([square_part, conjugated(q) @ rest], -1) if columns > rows else square_part


def refuse_surplus(g: Any, k: int, name: str, what: str, instead: str) -> Any:
    """The cotangent of the first k columns. The others span what is left of the space in an arbitrary way: they have no derivative."""
    if np.any(getattr(g, "_array", g)[..., k:]):
        raise ValueError(f"{name}: {what} are an arbitrary basis of what the others leave, and have no derivative; write {instead}, "
                         "or do not use them in what is differentiated")
    return g[..., :k]


@primitive(a=orthogonal_to_a)
def orthogonal_factor(a: Any, complete: bool = False) -> Any:
    """q, and below it r^T: both results of `qr` in one array."""
    q, r = np.linalg.qr(a, "complete" if complete else "reduced")
    return np.concatenate([q, np.swapaxes(r, -1, -2)], -2)


QR: Any = type(np.linalg.qr(np.eye(1)))


def qr(a: Any, mode: str = "reduced") -> Any:
    """(q, r), so that a = q r, for each matrix of shape (m, n); k is the smaller of m and n.

    mode:  'reduced' for q of (m, k) and r of (k, n); 'complete' for (m, m) and (m, n), where for m > n the last columns of q have
           no derivative; 'r' for r alone. ('raw', LAPACK's own form, has no gradient here and is refused.)

    The first k columns of a must be independent: else r cannot be inverted, and the gradient does not exist.

    >>> import numpy as np
    >>> q, r = qr(np.array([[3.0, 1.0], [4.0, 1.0]]))
    >>> (q @ r).round(12)
    array([[3., 1.],
           [4., 1.]])

    Raises ValueError for an unknown mode; and, going backward, for a cotangent of columns of q without a derivative.
    """
    a = as_array(a)
    if mode not in ("reduced", "complete", "r"):
        raise ValueError(f"qr: mode={mode!r}: write 'reduced', 'complete' or 'r'." + (
            " 'raw' is LAPACK's inner form, and has no gradient here." if mode == "raw" else ""))
    if a.ndim < 2:
        raise np.linalg.LinAlgError(f"qr: a must be a matrix or a stack of matrices, and has shape {a.shape}")
    q, r = factors(orthogonal_factor(a, mode == "complete"), a.shape)
    return r if mode == "r" else QR(q, r)

