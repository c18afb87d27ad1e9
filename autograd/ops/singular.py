"""How far does a matrix stretch, and in which directions?

    a = u diag(s) v^H    svd: the columns of u and of v are orthonormal, s >= 0 and descending

The primitive returns u, s and v in one array, k = min(m, n) columns each; the public functions take it apart. The rule follows
from u^H da v = (u^H du) s + ds - s (v^H dv), where u^H du and v^H dv are skew: s gets the diagonal, and the rest has
f[i, j] = 1 / (s[j]^2 - s[i]^2) in it.

The signs of complex vectors can be any phases. NumPy's choice keeps the first row of v real (that of u, if a is wider than high),
and the derivative is that of this choice; a function that does not depend on it does not notice.

**Equal singular values, and zeros.** Vectors of equal singular values, and those of 0, are an arbitrary basis and have no derivative.
Here f[i, j] = 0 for a pair that is exactly equal, and 1 / 0 = 0: so the gradient of functions of s alone is right and finite; what
arrives at such vectors is left out, with a RuntimeWarning (`eigen.py`).

**More columns than k.** With `full_matrices=True`, NumPy's default, u or v gets further columns, an arbitrary basis of what is left of
the space. They have no derivative: a cotangent of theirs is refused.

Read next: `least_squares.py`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.ops.constants import any, argsort, isnan
from autograd.ops.diagonals import diagonal
from autograd.ops.eigen import diagonal_matrix, eigh, plain, reciprocal_or_zero, warn_of_ties
from autograd.ops.elementwise import absolute, sign, where
from autograd.ops.hermitian import adjoint, is_complex, square
from autograd.ops.inverses import inv
from autograd.ops.norms import norm
from autograd.ops.reductions import max, min, sum
from autograd.ops.selection import take_along_axis
from autograd.ops.shapes import as_array, conjugated, flip, imag, real
from autograd.ops.triangular import refuse_surplus
from autograd.primitive import primitive


def parts(y: Any, shape: tuple[int, ...]) -> tuple[Any, Any, Any]:
    """u, s and v, of which `singular_parts` makes one array."""
    m = shape[-2]
    return y[..., :m, :], real(y[..., m, :]), y[..., m + 1:, :]


def singular_parts_to_a(g: Any, y: Any, a_shape: tuple[int, ...], full: bool) -> Any:
    """da = the conjugate of u (skew(u^H gu) * f s + s f * skew(v^H gv) + diag(gs)) v^H + what leaves the spaces of u and v, where gu,
    gs and gv are the conjugate cotangents of u, s and v."""
    m, n = a_shape[-2:]
    k = m if m < n else n
    if full:
        y, g = thin(y, m, k), thin(g, m, k, refuse=True)
    (u, s, v), (gu, gs, gv) = parts(y, a_shape), parts(conjugated(g), a_shape)
    if is_complex(y):
        gu, gv = without_turning(gu, gv, u, v)
    row, column = s[..., None, :], s[..., :, None]
    by_u, by_v = adjoint(u) @ gu, adjoint(v) @ gv
    warn_of_ties(s, abs(plain(by_u)) + abs(plain(by_v)), "svd", "singular values")
    between = reciprocal_or_zero((row - column) * (row + column))
    middle = between * (by_u - adjoint(by_u)) * row + column * between * (by_v - adjoint(by_v)) + diagonal_matrix(gs)
    over = reciprocal_or_zero(s)
    if is_complex(y):
        middle = middle + diagonal_matrix(1j * imag(diagonal(by_u, 0, -2, -1)) * over)
    da = u @ middle @ adjoint(v)
    if m > k:
        da = da + ((gu - u @ by_u) * over[..., None, :]) @ adjoint(v)
    if n > k:
        da = da + u @ adjoint((gv - v @ by_v) * over[..., None, :])
    return conjugated(da)


def without_turning(gu: Any, gv: Any, u: Any, v: Any) -> tuple[Any, Any]:
    """The conjugate cotangents, after what would turn the phase of a pair of vectors has moved to the component that is kept real."""
    turn = sum(imag(conjugated(u) * gu), -2, keepdims=True) + sum(imag(conjugated(v) * gv), -2, keepdims=True)
    kept, vectors = (gv, v) if u.shape[-2] >= v.shape[-2] else (gu, u)
    first = (np.arange(vectors.shape[-2]) == 0)[:, None]
    kept = kept - 1j * turn * reciprocal_or_zero(real(vectors[..., :1, :])) * first
    return (gu, kept) if u.shape[-2] >= v.shape[-2] else (kept, gv)


def thin(y: Any, m: int, k: int, refuse: bool = False) -> Any:
    """Of an array with all vectors the k first ones, which the singular values belong to."""
    if refuse:
        refuse_surplus(y, k, "svd", f"more than {k} singular vectors", "full_matrices=False")
    return y[..., :k]


@primitive(a=singular_parts_to_a)
def singular_parts(a: Any, full: bool = False) -> Any:
    """u, below it s, and below it v: all results of `svd` in one array. With `full`, filled up with zeros."""
    u, s, vh = np.linalg.svd(a, full_matrices=full)
    columns = u.shape[-1] if u.shape[-1] > vh.shape[-2] else vh.shape[-2]
    rows = [u, s[..., None, :].astype(u.dtype), np.conj(np.swapaxes(vh, -1, -2))]
    if full:
        rows = [np.concatenate([x, np.zeros((*x.shape[:-1], columns - x.shape[-1]), x.dtype)], -1) for x in rows]
    return np.concatenate(rows, -2)


SVD: Any = type(np.linalg.svd(np.eye(1)))


def svd(a: Any, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False) -> Any:
    """(U, S, Vh), so that a = U @ diag(S) @ Vh, for each matrix of shape (m, n); k is the smaller of m and n.

    full_matrices:  U of shape (m, m) and Vh of (n, n); else (m, k) and (k, n), which is all that has a derivative
    compute_uv:     False for S alone
    hermitian:      a is Hermitian: the lower triangle is read, and `eigh` does the work

    Equal singular values, and the choice of phases: see the top of this file.

    >>> import numpy as np
    >>> from autograd import grad
    >>> grad(lambda a: svd(a).S[0])(np.array([[3.0, 0.0], [0.0, 4.0], [0.0, 0.0]]))
    array([[0., 0.],
           [0., 1.],
           [0., 0.]])

    Raises ValueError, going backward, for a cotangent of vectors beyond the k-th: write full_matrices=False.
    """
    a = as_array(a)
    if a.ndim < 2:
        raise np.linalg.LinAlgError(f"svd: a must be a matrix or a stack of matrices, and has shape {a.shape}")
    if hermitian:
        return of_hermitian(a, compute_uv)
    m, n = a.shape[-2:]
    k, full = m if m < n else n, bool(full_matrices and compute_uv and m != n)
    y = singular_parts(a, full)
    s = real(y[..., m, :k])
    if not compute_uv:
        return s
    u, v = y[..., :m, : m if full else k], y[..., m + 1:, : n if full else k]
    return SVD(u, s, adjoint(v))


def of_hermitian(a: Any, compute_uv: bool) -> Any:
    """The singular values of a Hermitian matrix are the absolute eigenvalues, and the vectors are the same, up to signs."""
    w, v = eigh(a)
    order = flip(argsort(absolute(w)), -1)
    s = take_along_axis(absolute(w), order, -1)
    if not compute_uv:
        return s
    v, signs = take_along_axis(v, order[..., None, :], -1), take_along_axis(sign(w), order, -1)
    return SVD(v, s, adjoint(v * signs[..., None, :]))


def svdvals(x: Any, /) -> Any:
    """The singular values of each matrix, in descending order. Where some are equal the gradient is that of one choice of vectors; of
    a function that treats equal ones alike it is the gradient. (A second derivative there leaves out what the vectors contribute.)"""
    return svd(x, compute_uv=False)


# ---- made of singular values --------------------------------------------------------------------------------------


@primitive(A=None, name="matrix_rank")
def matrix_rank(A: Any, tol: Any = None, hermitian: bool = False, *, rtol: Any = None) -> Any:
    """How many singular values are larger than `tol`, or than `rtol` times the largest: an integer, so without a gradient."""
    return np.linalg.matrix_rank(A, tol, hermitian, **({} if rtol is None else {"rtol": rtol}))


def cond(x: Any, p: Any = None) -> Any:
    """How much a matrix magnifies relative errors: norm(x, p) norm(inv(x), p), and infinite for a singular one.

    p:  as `ord` in `norm`; None and 2 mean the largest singular value over the smallest, -2 the other way round. At an infinite
        value the gradient is counted as zero
    """
    x = as_array(x)
    if 0 in x.shape[-2:]:
        raise np.linalg.LinAlgError(f"cond is not defined on empty arrays, and the shape is {x.shape}")
    if p is None or p in (2, -2):
        s = svdvals(x)
        ends = (min(s, -1), max(s, -1)) if p == -2 else (max(s, -1), min(s, -1))  # which share the gradient of equal ones
        zero = ends[1] == 0
        ratio = where(zero, np.inf, ends[0] / (ends[1] + zero))
        return where(isnan(ratio) & ~any(isnan(x), (-2, -1)), np.inf, ratio)
    x = square(x, "cond")
    singular = np.isinf(np.linalg.cond(plain(x), p))
    if not singular.any():
        return norm(x, p, (-2, -1)) * norm(inv(x), p, (-2, -1))
    x = where(singular[..., None, None], np.eye(x.shape[-1], dtype=x.dtype), x)
    return where(singular, np.inf, norm(x, p, (-2, -1)) * norm(inv(x), p, (-2, -1)))
