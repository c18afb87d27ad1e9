"""What can be done with a polynomial p[0] x^n + p[1] x^(n-1) + ... + p[n]?

As in NumPy's older functions, its coefficients are one array, the highest power first; gradients go to the coefficients, to the
places, and to the data a polynomial is fitted to.

Roots and characteristic polynomials have rules that are formulas of the theory: of a root r the derivative is -p_dot(r) / p'(r)
(differentiate p(r) = 0), which exists where the root is simple; and of det(xI - A) it is the adjugate, which always exists.

Read next: `statistics.py`.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from autograd.ops.contractions import matmul
from autograd.ops.elementwise import sqrt
from autograd.ops.joining import concatenate
from autograd.ops.products import outer
from autograd.ops.ranges import in_dtype
from autograd.ops.reductions import sum
from autograd.ops.scans import cumprod
from autograd.ops.sequences import trim_zeros
from autograd.ops.shapes import absolute_square, as_array, astype, atleast_1d, broadcast_to, floating, swapaxes
from autograd.ops.signals import convolve
from autograd.primitive import primitive

# ---- arithmetic ---------------------------------------------------------------------------------------------------


def with_zeros(p: Any, n: int) -> Any:
    """p with zeros in front, so that it has n coefficients."""
    return p if p.shape[0] >= n else concatenate([np.zeros(n - p.shape[0], p.dtype), p])


def polyadd(a1: Any, a2: Any) -> Any:
    """The sum of two polynomials."""
    a1, a2 = atleast_1d(a1, a2)
    n = max(a1.shape[0], a2.shape[0])
    return with_zeros(a1, n) + with_zeros(a2, n)


def polysub(a1: Any, a2: Any) -> Any:
    """The difference of two polynomials."""
    a1, a2 = atleast_1d(a1, a2)
    n = max(a1.shape[0], a2.shape[0])
    return with_zeros(a1, n) - with_zeros(a2, n)


def without_zeros(p: Any) -> Any:
    """p without the zeros in front; the last coefficient stays, even if it is one."""
    p = atleast_1d(p)
    trimmed = trim_zeros(p, "f")
    return trimmed if trimmed.shape[0] else p[-1:] if p.shape[0] else np.zeros(1, p.dtype)


def polymul(a1: Any, a2: Any) -> Any:
    """The product of two polynomials; zeros in front are left out."""
    return convolve(without_zeros(a1), without_zeros(a2))


@primitive(r=None)
def not_negligible(r: Any) -> Any:
    """The places of the coefficients of a remainder from the first that is not nearly zero, in NumPy's measure; at least the last."""
    large = np.flatnonzero(np.abs(r) > 1e-8)
    return np.arange(min(large[0] if large.size else r.size, r.size - 1), r.size)


def polydiv(u: Any, v: Any) -> tuple[Any, Any]:
    """Quotient and remainder of two polynomials, by long division: u = q v + r."""
    u, v = (floating(p) for p in atleast_1d(u, v))
    r = in_dtype(u, np.result_type(u.dtype, v.dtype))
    n = v.shape[0]
    scale, quotient = 1.0 / v[0], []
    for k in range(u.shape[0] - n + 1):
        quotient.append(scale * r[k])
        parts = [r[:k], r[k: k + n] - quotient[-1] * v, r[k + n:]]
        r = concatenate([part for part in parts if part.shape[0]])
    q = concatenate([atleast_1d(c) for c in quotient]) if quotient else np.zeros(1, r.dtype)
    return q, r[not_negligible(r)]


# ---- calculus -----------------------------------------------------------------------------------------------------


def times(name: str, m: Any) -> int:
    """How often to differentiate or integrate."""
    if int(m) != m or m < 0:
        raise ValueError(f"{name}: m must be a whole number of 0 or more, but is {m}")
    return int(m)


def polyder(p: Any, m: int = 1) -> Any:
    """The coefficients of the m-th derivative."""
    p = as_array(p)
    for _ in range(times("polyder", m)):
        p = p[:-1] * np.arange(p.shape[0] - 1, 0, -1, dtype=p.dtype if p.dtype.kind in "fc" else None)
    return p


def polyint(p: Any, m: int = 1, k: Any = None) -> Any:
    """The coefficients of the m-th integral.

    k:  the constants of integration, one for each time in this order, or one for m = 1 (0 by default)
    """
    p, m = as_array(p), times("polyint", m)
    k = 0 if k is None else k
    constants = atleast_1d(k if not np.isscalar(k) or p.dtype.kind not in "fc" else np.asarray(k, np.result_type(p.dtype, k)))
    if constants.shape[0] == 1:
        constants = broadcast_to(constants, (m,))
    if constants.shape[0] < m:
        raise ValueError(f"polyint: m={m} integrals need {m} constants, or one for all, but k has {constants.shape[0]}")
    for i in range(m):
        p = concatenate([p / np.arange(p.shape[0], 0, -1, dtype=p.dtype if p.dtype.kind in "fc" else None), constants[i: i + 1]])
    return p


def polyval(p: Any, x: Any) -> Any:
    """p[0] x^n + ... + p[n] at each place x, by Horner's rule: n multiplications and n additions."""
    if isinstance(x, np.poly1d):
        raise TypeError("polyval: x is a polynomial and not an array of places; to put one polynomial into another use polymul and polyadd")
    p, x = as_array(p), as_array(x)
    y = np.zeros(x.shape, x.dtype)[()]
    for i in range(p.shape[0]):
        y = y * x + p[i]
    return y


def vander(x: Any, N: int | None = None, increasing: bool = False) -> Any:
    """The matrix of the powers of each x, a row for each: x^(N-1), ..., x, 1; or 1, x, ... if `increasing`.

    Raises ValueError unless x has one axis.
    """
    x = as_array(x)
    if x.ndim != 1:
        raise ValueError(f"vander takes places along one axis, but x has shape {x.shape}")
    n = x.shape[0] if N is None else N
    x = astype(x, np.promote_types(x.dtype, int)) if x.dtype.kind in "biu" else x
    columns = [np.ones((x.shape[0], min(n, 1)), x.dtype)]
    if n > 1:
        columns.append(cumprod(broadcast_to(x[:, None], (x.shape[0], n - 1)), 1))
    powers = concatenate(columns, 1)
    return powers if increasing else powers[:, ::-1]


# ---- roots --------------------------------------------------------------------------------------------------------


def roots_to_p(g: Any, y: Any, p: Any) -> Any:
    """-g r^(n-k) / p'(r), summed over the roots r."""
    return -(matmul(g / polyval(polyder(p), y), vander(y, p.shape[0])))


@primitive(p=roots_to_p)
def roots(p: Any) -> Any:
    """The zeros of a polynomial, complex where they must be. Where two of them meet there is no derivative (it is infinite)."""
    y, dtype = np.roots(p), as_array(p).dtype
    return y.astype(dtype) if y.dtype == float and dtype.kind == "f" else y


def characteristic_to_a(g: Any, y: Any, a: Any) -> Any:
    """-(g[1] M[1] + ... + g[n] M[n])^T with M[1] = I, M[k+1] = A M[k] + y[k] I: the coefficients of the adjugate of xI - A."""
    eye = np.eye(a.shape[0], dtype=y.dtype)
    m, total = eye, -g[1] * eye
    for k in range(1, a.shape[0]):
        m = matmul(a, m) + y[k] * eye
        total = total - g[k + 1] * m
    return swapaxes(total, 0, 1)


@primitive(a=characteristic_to_a)
def characteristic(a: Any) -> Any:
    """The coefficients of det(xI - A), the characteristic polynomial of a matrix."""
    y = np.poly(a)
    return y.real if a.dtype.kind == "f" else y


@primitive(p=lambda g: g, zeros=None)
def real_if_paired(p: Any, zeros: Any) -> Any:
    """The coefficients p, without their imaginary parts if the conjugate of each zero is a zero."""
    return p.real if np.all(np.sort(zeros) == np.sort(zeros.conj())) else p


def poly(seq_of_zeros: Any) -> Any:
    """The coefficients of (x - z[0]) (x - z[1]) ..., the polynomial with these zeros; of a square matrix, det(xI - A).

    Complex zeros that come in conjugate pairs give real coefficients.

    Raises ValueError for an array that is neither a row nor a square matrix.
    """
    zeros = atleast_1d(seq_of_zeros)
    zeros = floating(zeros)
    if zeros.ndim == 2 and zeros.shape[0] == zeros.shape[1] and zeros.shape[0]:
        return characteristic(zeros)
    if zeros.ndim != 1:
        raise ValueError(f"poly takes a row of zeros or a square matrix, but got shape {zeros.shape}")
    if not zeros.shape[0]:
        return 1.0
    y: Any = np.ones(1, zeros.dtype)
    for i in range(zeros.shape[0]):
        y = convolve(y, concatenate([np.ones(1, zeros.dtype), -zeros[i: i + 1]]))
    return real_if_paired(y, zeros) if zeros.dtype.kind == "c" else y


# ---- fitting ------------------------------------------------------------------------------------------------------


def polyfit(x: Any, y: Any, deg: Any, rcond: float | None = None, full: bool = False, w: Any = None, cov: Any = False) -> Any:
    """The polynomial of degree deg with the smallest sum of (w (p(x) - y))^2. Gradients go to x, to y and to the weights w.

    x:      (n,) places
    y:      (n,) values, or (n, k) for k polynomials with the same places
    deg:    the degree; or a list of the powers to fit (the other coefficients are then 0 in the result)
    rcond:  singular values smaller than this share of the largest count as 0
    full:   also return the residuals, the rank, the singular values, and rcond
    cov:    also return the covariance of the coefficients, scaled by the residuals, or not with cov="unscaled"

    Returns the coefficients, (deg + 1,) or (deg + 1, k), the highest power first.

    Raises ValueError or TypeError for shapes that do not fit each other.
    """
    from autograd import ops

    x, y = floating(x), floating(y)
    degrees = np.asarray(deg)
    if degrees.ndim:
        raise TypeError("polyfit: deg must be one degree; for chosen powers solve ops.lstsq(ops.vander(x, n)[:, columns], y)")
    order = int(degrees) + 1
    if order < 1:
        raise ValueError(f"polyfit: the degree must be 0 or more, but is {deg}")
    if x.ndim != 1 or y.ndim not in (1, 2) or x.shape[0] != y.shape[0] or not x.shape[0]:
        raise TypeError(f"polyfit: x must have shape (n,) and y (n,) or (n, k) with n > 0, but they have {x.shape} and {y.shape}")
    left, right = vander(x, order), y
    if w is not None:
        w = floating(w)
        if w.shape != x.shape:
            raise TypeError(f"polyfit: one weight for each place is needed, shape {x.shape}, but w has shape {w.shape}")
        if w.dtype.kind == "c" and x.dtype.kind != "c":
            raise TypeError("polyfit: complex weights of real places are not taken, as in NumPy; write x.astype(complex) if they are meant")
        left, right = left * w[:, None], right * (w[:, None] if y.ndim == 2 else w)
    scale = sqrt(sum(left * left, 0))
    left = left / scale
    rcond = len(x) * np.finfo(x.dtype).eps if rcond is None else rcond
    c, residuals, rank, s = ops.lstsq(left, right, rcond)
    c = c / (scale if c.ndim == 1 else scale[:, None])
    if int(rank._array if hasattr(rank, "_array") else rank) != order and not full:
        warnings.warn("polyfit: the places do not determine all coefficients (the matrix is rank deficient)",
                      getattr(np.exceptions, "RankWarning", RuntimeWarning), stacklevel=2)
    if full:
        return c, residuals, rank, s, rcond
    if not cov:
        return c
    base = ops.inv(matmul(swapaxes(left, 0, 1), left)) / outer(scale, scale)
    if isinstance(cov, str) and cov == "unscaled":
        return c, base if y.ndim == 1 else base[:, :, None]
    if x.shape[0] <= order:
        raise ValueError("polyfit: the covariance is scaled by the residuals, and with no more places than coefficients there are none: "
                         "use more places, or cov='unscaled'")
    residuals = sum(absolute_square(matmul(left, c * (scale if c.ndim == 1 else scale[:, None])) - right), 0)
    factor = residuals / (x.shape[0] - order)
    return c, base * factor if y.ndim == 1 else base[:, :, None] * factor
