"""Which of SciPy's functions of matrices have a gradient?

Those that are defined or imported here, with SciPy's names, arguments and defaults (which differ from NumPy's: `cholesky` is upper).
Options that only say how the work is done (`overwrite_a`, `check_finite`, drivers) are taken and change nothing. All other names are
SciPy's own functions, for plain arrays: they refuse a Tensor that requires a gradient.

Read next: `../ops/inverses.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from autograd import ops
from autograd.ops.hermitian import adjoint, hermitian, square
from autograd.ops.shapes import as_array, matrix_transpose
from autograd.scipy.matrix_functions import (  # noqa: F401
    coshm,
    cosm,
    expm,
    expm_frechet,
    fractional_matrix_power,
    logm,
    scipy_linalg,
    sinhm,
    sinm,
    solve_continuous_lyapunov,
    solve_discrete_lyapunov,
    solve_lyapunov,
    solve_sylvester,
    sqrtm,
    tanhm,
    tanm,
)
from autograd.scipy.structured import block_diag, circulant, hankel, solve_banded, solve_triangular, toeplitz  # noqa: F401
from autograd.tensor import Tensor


def refuse_options(name: str, **options: Any) -> None:
    """Raise TypeError for an option that is given and not taken here."""
    for option, value in options.items():
        if value is not None and value is not False:
            raise TypeError(f"{name}: {option}={value!r} is not recorded on Tensors. Leave it out, or if no gradient is needed call "
                            f"scipy.linalg.{name} on x.detach().numpy().")


# ---- equations ----------------------------------------------------------------------------------------------------


def solve(a: Any, b: Any, lower: bool = False, overwrite_a: bool = False, overwrite_b: bool = False, check_finite: bool = True,
          assume_a: str | None = None, transposed: bool = False) -> Any:
    """The x with a x = b; with `transposed`, a^T x = b.

    assume_a:  'her' and 'pos' (and 'sym', if a is real): a is Hermitian, and only one triangle is read, the upper one unless `lower`.
               Other structure is not made use of.
    """
    a = square(a, "solve")
    if assume_a in ("her", "hermitian", "pos", "positive definite") or (assume_a in ("sym", "symmetric") and a.dtype.kind != "c"):
        a = hermitian(a, bool(lower))
    return ops.solve(matrix_transpose(a) if transposed else a, b)


def inv(a: Any, overwrite_a: bool = False, check_finite: bool = True, *, assume_a: str | None = None, lower: bool = False) -> Any:
    """The inverse; `assume_a` and `lower` as in `solve`."""
    a = square(a, "inv")
    return ops.inv(hermitian(a, bool(lower)) if assume_a in ("her", "hermitian", "pos", "positive definite") else a)


def det(a: Any, overwrite_a: bool = False, check_finite: bool = True) -> Any:
    """The determinant."""
    return ops.det(as_array(a))


def pinv(a: Any, *, atol: float | None = None, rtol: float | None = None, return_rank: bool = False, check_finite: bool = True) -> Any:
    """The pseudo-inverse; singular values up to `rtol` times the largest count as zero."""
    refuse_options("pinv", atol=atol, return_rank=return_rank)
    a = as_array(a)
    eps = 2.0 ** (-23 if a.dtype.itemsize // (2 if a.dtype.kind == "c" else 1) == 4 and a.dtype.kind in "fc" else -52)
    return ops.pinv(a, rtol=max(a.shape[-2:]) * eps if rtol is None else rtol)


def lstsq(a: Any, b: Any, cond: float | None = None, overwrite_a: bool = False, overwrite_b: bool = False, check_finite: bool = True,
          lapack_driver: str | None = None) -> Any:
    """(x, residuals, rank, s): see `autograd.ops.lstsq`; singular values up to `cond` times the largest count as zero."""
    return ops.lstsq(a, b, -1 if cond is None else cond)


def norm(a: Any, ord: Any = None, axis: Any = None, keepdims: bool = False, check_finite: bool = True) -> Any:
    """The norm of a vector or a matrix: see `autograd.ops.norm`."""
    return ops.norm(a, ord, axis, keepdims)


# ---- factors ------------------------------------------------------------------------------------------------------


def cholesky(a: Any, lower: bool = False, overwrite_a: bool = False, check_finite: bool = True) -> Any:
    """The upper triangular u with a = u^H u; with `lower` the lower triangular l with a = l l^H. Only that triangle of a is read."""
    return ops.cholesky(a, upper=not lower)


def cho_factor(a: Any, lower: bool = False, overwrite_a: bool = False, check_finite: bool = True) -> tuple[Any, bool]:
    """(the triangular factor, lower), for `cho_solve`. (SciPy leaves numbers without meaning in the other triangle, here are zeros.)"""
    return cholesky(a, lower), lower


def cho_solve(c_and_lower: tuple[Any, bool], b: Any, overwrite_b: bool = False, check_finite: bool = True) -> Any:
    """The x with a x = b, where a = u^H u or l l^H is given by `cho_factor`."""
    c, lower = c_and_lower
    first, second = (0, 2) if lower else (2, 0)
    return solve_triangular(c, solve_triangular(c, b, first, lower), second, lower)


def qr(a: Any, overwrite_a: bool = False, lwork: int | None = None, mode: str = "full", pivoting: bool = False,
       check_finite: bool = True) -> Any:
    """(q, r) with a = q r. mode: 'full', 'economic' for as many columns as are needed, 'r' for (r,)."""
    refuse_options("qr", pivoting=pivoting)
    a = as_array(a)
    if mode == "r":
        r = ops.qr(a, "complete")[1]
        return (r,)
    if mode not in ("full", "economic"):
        raise ValueError(f"qr: mode={mode!r}: write 'full', 'economic' or 'r'")
    return tuple(ops.qr(a, "complete" if mode == "full" else "reduced"))


def svd(a: Any, full_matrices: bool = True, compute_uv: bool = True, overwrite_a: bool = False, check_finite: bool = True,
        lapack_driver: str = "gesdd") -> Any:
    """(u, s, vh) with a = u diag(s) vh: see `autograd.ops.svd`."""
    y = ops.svd(a, full_matrices, compute_uv)
    return tuple(y) if compute_uv else y


def svdvals(a: Any, overwrite_a: bool = False, check_finite: bool = True) -> Any:
    """The singular values, in descending order."""
    return ops.svdvals(as_array(a))


def polar(a: Any, side: str = "right") -> tuple[Any, Any]:
    """(u, p) with a = u p (side='right') or a = p u ('left'), where u is orthonormal and p Hermitian, without negative eigenvalues."""
    if side not in ("left", "right"):
        raise ValueError(f"polar: side must be 'left' or 'right', and not {side!r}")
    w, s, vh = ops.svd(a, full_matrices=False)
    p = (adjoint(vh) * s[..., None, :]) @ vh if side == "right" else (w * s[..., None, :]) @ adjoint(w)
    return w @ vh, p


# ---- eigenvalues --------------------------------------------------------------------------------------------------


def eigh(a: Any, b: Any = None, *, lower: bool = True, eigvals_only: bool = False, overwrite_a: bool = False, overwrite_b: bool = False,
         type: int = 1, check_finite: bool = True, subset_by_index: Any = None, subset_by_value: Any = None,
         driver: str | None = None) -> Any:
    """(w, v) of a Hermitian a: see `autograd.ops.eigh`. With b, positive definite: a v = b v diag(w), and v^H b v = 1.

    subset_by_index:  (first, last), both included: only these eigenvalues and vectors
    """
    refuse_options("eigh", subset_by_value=subset_by_value, type=None if type == 1 else type)
    a = hermitian(square(a, "eigh"), bool(lower))
    low = None
    if b is not None:  # (l^-1 a l^-H) (l^H v) = (l^H v) diag(w)
        low = cholesky(b if lower else adjoint(as_array(b)), True)
        half = solve_triangular(low, a, lower=True)
        a = hermitian(adjoint(solve_triangular(low, adjoint(half), lower=True)), bool(lower))
    w, v = ops.eigh(a, "L" if lower else "U")
    if low is not None:
        v = solve_triangular(low, v, 2, lower=True)
    if subset_by_index is not None:
        first, last = subset_by_index
        w, v = w[..., first: last + 1], v[..., first: last + 1]
    return w if eigvals_only else (w, v)


def eigvalsh(a: Any, b: Any = None, *, lower: bool = True, overwrite_a: bool = False, overwrite_b: bool = False, type: int = 1,
             check_finite: bool = True, subset_by_index: Any = None, subset_by_value: Any = None, driver: str | None = None) -> Any:
    """The eigenvalues that `eigh` returns."""
    return eigh(a, b, lower=lower, eigvals_only=True, type=type, subset_by_index=subset_by_index, subset_by_value=subset_by_value)


def eig(a: Any, b: Any = None, left: bool = False, right: bool = True, overwrite_a: bool = False, overwrite_b: bool = False,
        check_finite: bool = True, homogeneous_eigvals: bool = False) -> Any:
    """(w, v) of any square a: see `autograd.ops.eig`; w is complex, as SciPy's is. Without `right`, w alone."""
    refuse_options("eig", b=b, left=left, homogeneous_eigvals=homogeneous_eigvals)
    w, v = ops.eig(a)
    w = ops.astype(w, "complex64" if w.dtype == "float32" else "complex128") if w.dtype.kind != "c" else w
    return (w, v) if right else w


def eigvals(a: Any, b: Any = None, overwrite_a: bool = False, check_finite: bool = True, homogeneous_eigvals: bool = False) -> Any:
    """The eigenvalues that `eig` returns."""
    return eig(a, b, right=False, homogeneous_eigvals=homogeneous_eigvals)


# ---- the rest is SciPy's ------------------------------------------------------------------------------------------


def for_arrays(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of SciPy's without a gradient here: it takes arrays, and refuses Tensors that require a gradient."""

    @wraps(function)
    def refusing(*args: Any, **kwargs: Any) -> Any:
        for x in (*args, *kwargs.values()):
            if isinstance(x, Tensor) and x.node is not None:
                raise TypeError(f"scipy.linalg.{function.__name__} is not recorded on Tensors. If its gradient is not needed, write "
                                "x.detach().numpy(); if it is, build it from the functions of autograd.scipy.linalg and np.linalg.")
        return function(*args, **kwargs)

    return refusing


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    found = getattr(scipy_linalg(), name)
    return for_arrays(found) if callable(found) and not isinstance(found, type) else found


def __dir__() -> list[str]:
    return sorted({*globals(), *dir(scipy_linalg())})
