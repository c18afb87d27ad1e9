"""What solves a system of equations best, if nothing solves it?

The x that makes |a x - b| smallest, and of several such x the shortest: x = a^+ b, with the pseudo-inverse a^+ (Moore, Penrose),
in which singular values that count as zero stay zero. As long as their number does not change,

    da^+ = -p da p + p p^H da^H (1 - a p) + (1 - p a) da^H p^H p,      p = a^+

(Golub and Pereyra 1973, "The differentiation of pseudo-inverses and nonlinear least squares problems whose variables separate").
Where it does change a^+ jumps, and there is no derivative.

Read next: `affine.py`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.ops.contractions import matmul
from autograd.ops.hermitian import adjoint, square
from autograd.ops.hermitian import hermitian as read_hermitian
from autograd.ops.reductions import sum
from autograd.ops.shapes import as_array, conjugated, matrix_transpose, real
from autograd.ops.singular import svdvals
from autograd.primitive import primitive


def pseudo_inverse_to_a(g: Any, y: Any, a: Any) -> Any:
    """da = -p^T g p^T + the conjugate of (1 - a p) g^T p p^H + p^H p g^T (1 - p a), where p is the result."""
    turned = matrix_transpose(g)
    left = turned @ y @ adjoint(y)
    right = adjoint(y) @ y @ turned
    return conjugated(left - a @ (y @ left) + right - (right @ y) @ a) - matrix_transpose(y) @ g @ matrix_transpose(y)


@primitive(a=pseudo_inverse_to_a)
def pseudo_inverse(a: Any, rtol: Any = None) -> Any:
    """a^+, in which singular values up to `rtol` times the largest count as zero."""
    return np.linalg.pinv(a) if rtol is None else np.linalg.pinv(a, rtol)


def pinv(a: Any, rcond: Any = None, hermitian: bool = False, *, rtol: Any = None) -> Any:
    """The pseudo-inverse of each matrix. The gradient is that for a constant rank.

    rcond, rtol:  singular values up to this times the largest count as zero (two names for one thing)
    hermitian:    a is Hermitian: only its lower triangle is read

    >>> import numpy as np
    >>> pinv(np.array([[2.0, 0.0], [0.0, 0.0], [0.0, 4.0]]))
    array([[0.5 , 0.  , 0.  ],
           [0.  , 0.  , 0.25]])
    """
    if rcond is not None and rtol is not None:
        raise ValueError("pinv: rcond and rtol are two names for one thing: write one of them")
    if hermitian:
        a = read_hermitian(square(a, "pinv"))
    return pseudo_inverse(as_array(a), rcond if rtol is None else rtol)


def best_solution_to_a(g: Any, y: Any, a: Any, b: Any, rcond: Any) -> Any:
    """da = -p^T g x^T + the conjugate of (b - a x) g^T p p^H + p^H x g^T (1 - p a), where x is the result and p = a^+."""
    p = pseudo_inverse(a, default_rcond(a, rcond))
    turned = matrix_transpose(g)
    right = (adjoint(p) @ y) @ turned
    bent = (b - a @ y) @ ((turned @ p) @ adjoint(p)) + right - (right @ p) @ a
    return conjugated(bent) - (matrix_transpose(p) @ g) @ matrix_transpose(y)


@primitive(a=best_solution_to_a, b=lambda g, a, rcond: matrix_transpose(pseudo_inverse(a, default_rcond(a, rcond))) @ g)
def best_solution(a: Any, b: Any, rcond: Any = None) -> Any:
    """a^+ b, of matrices."""
    return np.linalg.lstsq(a, b, rcond)[0]


def default_rcond(a: Any, rcond: Any) -> float:
    """What counts as zero in `numpy.linalg.lstsq`: up to rcond times the largest singular value."""
    eps = float(np.finfo(a.dtype if a.dtype.kind in "fc" else np.float64).eps)
    return eps * max(a.shape[-2:]) if rcond is None else eps if rcond == -1 else float(rcond)


def lstsq(a: Any, b: Any, rcond: Any = None) -> tuple[Any, Any, Any, Any]:
    """(x, residuals, rank, s): the x that makes |a x - b| smallest, and of several such x the shortest.

    a:      a matrix (m, n)
    b:      right-hand sides (m,) or (m, k)
    rcond:  singular values up to this times the largest count as zero

    residuals are the sums |a x - b|^2 for each right-hand side, if n = rank < m, and else an empty array; s are the singular values
    of a. x, residuals and s have gradients (for a constant rank), the rank is a number.

    >>> import numpy as np
    >>> x, residuals, rank, s = lstsq(np.array([[1.0], [1.0]]), np.array([1.0, 3.0]))
    >>> x.round(12), residuals.round(12), int(rank)
    (array([2.]), array([2.]), 1)
    """
    a, b = as_array(a), as_array(b)
    if a.ndim != 2 or b.ndim not in (1, 2) or a.shape[0] != b.shape[0]:
        raise np.linalg.LinAlgError(f"lstsq: a must be a matrix (m, n) and b (m,) or (m, k), and the shapes are {a.shape} and {b.shape}")
    columns = b[:, None] if b.ndim == 1 else b
    x = best_solution(a, columns, rcond)
    s = svdvals(a)
    raw = getattr(s, "_array", s)
    rank = np.int32((raw > default_rcond(a, rcond) * raw[:1]).sum())
    if rank == a.shape[1] < a.shape[0]:
        left = columns - matmul(a, x)
        residuals = sum(real(conjugated(left) * left), 0)
    else:
        residuals = np.zeros(0, raw.dtype)
    return x[:, 0] if b.ndim == 1 else x, residuals, rank, s
