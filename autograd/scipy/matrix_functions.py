"""What is the exponential of a matrix, and how does it change?

A function with a power series, of a matrix: expm, logm, ... Their derivatives all come from one identity. If the matrix is
put twice on the diagonal of a larger one, and a step e above it, then

    f([[a, e], [0, a]]) = [[f(a), df], [0, f(a)]],     where df is what f(a) changes by for the step e

(Najfeld and Havel 1995; Higham, "Functions of Matrices", theorem 3.6). The gradient is the same with a transposed, and as f itself
computes it, every order of derivative follows. The root has a cheaper rule, from y y = a: y dy + dy y = da, Sylvester's equation.

Read next: `structured.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd import ops
from autograd.ops.hermitian import adjoint, square
from autograd.ops.shapes import imag, matrix_transpose, real
from autograd.primitive import primitive


def scipy_linalg() -> Any:
    """`scipy.linalg`, which computes the values."""
    try:
        from scipy import linalg
    except ImportError as error:
        raise ImportError('this function has its values from SciPy, which is not installed: pip install "onetape[scipy]"') from error
    return linalg


LAPACK = {"?": np.float32, "e": np.float32, "g": np.float64, "G": np.complex128}
"""What SciPy's compiled code computes in, in place of the dtypes that it does not have: SciPy itself is about to refuse them."""


def for_lapack(*arrays: Any) -> list[Any]:
    """The arrays in dtypes that SciPy's compiled code has."""
    return [a.astype(LAPACK[a.dtype.char]) if a.dtype.char in LAPACK else a for a in map(np.asarray, arrays)]


def of_each(f: Callable[[Any], Any], a: Any) -> Any:
    """f of each matrix of a stack, in a's precision."""
    a = np.asarray(a)
    [wide] = for_lapack(a.astype(np.result_type(a.dtype, np.float64)))  # in float32 some of SciPy's functions are not exact enough
    if not a.size:
        return a if a.dtype.kind in "fc" else wide
    y = np.stack([f(x) for x in wide.reshape(-1, *a.shape[-2:])]).reshape(a.shape)
    narrow = a.dtype.kind in "fc" and np.finfo(a.dtype).bits <= 32
    return y.astype(np.complex64 if y.dtype.kind == "c" else np.float32) if narrow else y


def change(f: Callable[[Any], Any], a: Any, e: Any) -> Any:
    """What f(a) changes by for the step e, to first order: the upper right block of f([[a, e], [0, a]])."""
    n = a.shape[-1]
    above, below = ops.concatenate([a, e], -1), ops.concatenate([ops.zeros_like(a), a], -1)
    return f(ops.concatenate([above, below], -2))[..., :n, n:]


@primitive(A=lambda g, A: change(expm, matrix_transpose(A), g))
def expm(A: Any) -> Any:
    """1 + A + A^2 / 2! + A^3 / 3! + ..., of each matrix.

    >>> import numpy as np
    >>> expm(np.array([[0.0, 1.0], [0.0, 0.0]]))
    array([[1., 1.],
           [0., 1.]])
    """
    return of_each(scipy_linalg().expm, square(A, "expm"))


@primitive(A=lambda g, A: change(logm, matrix_transpose(A), g))
def logm(A: Any) -> Any:
    """The matrix whose exponential is A; complex unless A has it real. A must be invertible, without negative eigenvalues."""
    return of_each(scipy_linalg().logm, square(A, "logm"))


def sinm(A: Any) -> Any:
    """The sine of each matrix, by its power series: (expm(iA) - expm(-iA)) / 2i."""
    A = square(A, "sinm")
    return imag(expm(1j * A)) if A.dtype.kind != "c" else (expm(1j * A) - expm(-1j * A)) / 2j


def cosm(A: Any) -> Any:
    """The cosine of each matrix, by its power series: (expm(iA) + expm(-iA)) / 2."""
    A = square(A, "cosm")
    return real(expm(1j * A)) if A.dtype.kind != "c" else (expm(1j * A) + expm(-1j * A)) / 2


def sinhm(A: Any) -> Any:
    """(expm(A) - expm(-A)) / 2."""
    A = square(A, "sinhm")
    return (expm(A) - expm(-A)) / 2


def coshm(A: Any) -> Any:
    """(expm(A) + expm(-A)) / 2."""
    A = square(A, "coshm")
    return (expm(A) + expm(-A)) / 2


def tanm(A: Any) -> Any:
    """cosm(A)^-1 sinm(A)."""
    return ops.solve(cosm(A), sinm(A))


def tanhm(A: Any) -> Any:
    """coshm(A)^-1 sinhm(A)."""
    return ops.solve(coshm(A), sinhm(A))


def fractional_matrix_power(A: Any, t: float) -> Any:
    """A^t = expm(t logm(A)), for a number t that need not be whole. A must be invertible, without negative eigenvalues."""
    return expm(t * logm(A))


def expm_frechet(A: Any, E: Any, method: str | None = None, compute_expm: bool = True, check_finite: bool = True) -> Any:
    """(expm(A), what it changes by for the step E); without `compute_expm`, the change alone."""
    A, E = square(A, "expm_frechet"), square(E, "expm_frechet")
    step = change(expm, A, E)
    return (expm(A), step) if compute_expm else step


# ---- roots and Sylvester's equation -------------------------------------------------------------------------------


def root(a: Any) -> Any:
    """SciPy's root of one matrix. (Of an older SciPy a real one may come with imaginary parts that are rounding errors.)"""
    y = scipy_linalg().sqrtm(a)
    small = a.dtype.kind != "c" and y.dtype.kind == "c" and np.abs(y.imag).max() <= 1e3 * np.finfo(y.dtype).eps * np.abs(y).max()
    return np.ascontiguousarray(y.real) if small else y


@primitive(A=lambda g, y: solve_sylvester(matrix_transpose(y), matrix_transpose(y), g))
def sqrtm(A: Any) -> Any:
    """The matrix y with y y = A whose eigenvalues have positive real parts; complex unless A has it real. A must be invertible for
    the gradient to exist.

    >>> import numpy as np
    >>> sqrtm(np.array([[4.0, 5.0], [0.0, 9.0]])).round(12)
    array([[2., 1.],
           [0., 3.]])
    """
    return of_each(root, square(A, "sqrtm"))


def sylvester_to_q(g: Any, a: Any, b: Any) -> Any:
    """dq = the solution z of a^T z + z b^T = g."""
    return solve_sylvester(matrix_transpose(a), matrix_transpose(b), g)


@primitive(a=lambda g, y, a, b: -sylvester_to_q(g, a, b) @ matrix_transpose(y),
           b=lambda g, y, a, b: -matrix_transpose(y) @ sylvester_to_q(g, a, b), q=sylvester_to_q)
def solve_sylvester(a: Any, b: Any, q: Any) -> Any:
    """The x with a x + x b = q, for each triple of matrices; a and -b must have no eigenvalue in common."""
    common = np.result_type(a, b, q)  # SciPy's answer is wrong where a real matrix with complex eigenvalues meets a complex one
    a, b, q = for_lapack(*(np.asarray(m, common) for m in (a, b, q)))
    if not q.size:
        return np.zeros_like(q)
    if q.ndim == 2:
        return scipy_linalg().solve_sylvester(a, b, q)
    if not a.shape[:-2] == b.shape[:-2] == q.shape[:-2]:
        raise ValueError(f"solve_sylvester: the stacks must have one shape, and have {a.shape}, {b.shape} and {q.shape}")
    triples = zip(*(m.reshape(-1, *m.shape[-2:]) for m in (a, b, q)))
    return np.stack([scipy_linalg().solve_sylvester(*triple) for triple in triples]).reshape(q.shape)


def solve_continuous_lyapunov(a: Any, q: Any) -> Any:
    """The x with a x + x a^H = q."""
    a = square(a, "solve_continuous_lyapunov")
    return solve_sylvester(a, adjoint(a), q)


solve_lyapunov = solve_continuous_lyapunov


def solve_discrete_lyapunov(a: Any, q: Any, method: str | None = None) -> Any:
    """The x with a x a^H - x + q = 0, by one system of n^2 equations. (`method` is SciPy's, and changes nothing.)"""
    a, q = square(a, "solve_discrete_lyapunov"), square(q, "solve_discrete_lyapunov")
    n = a.shape[-1]
    return ops.reshape(ops.solve(np.eye(n * n) - ops.kron(a, matrix_transpose(adjoint(a))), ops.reshape(q, (n * n,))), (n, n))
