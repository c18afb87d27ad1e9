"""How the functions of linear algebra are called in tests: on matrices that are far from singular, and whose eigenvalues and singular
values are apart, because near such a point derivatives are large and differences cannot tell them."""

import numpy as np
from hypothesis import strategies as st

from autograd import ops
from autograd.ops.determinants import cofactor_slope, cofactors, sign_and_log
from autograd.ops.eigen import general_pairs, hermitian_pairs
from autograd.ops.hermitian import adjoint, hermitian, hermitian_part
from autograd.ops.inverses import solved
from autograd.ops.least_squares import best_solution, pseudo_inverse
from autograd.ops.singular import singular_parts
from autograd.ops.triangular import lower_factor, orthogonal_factor
from autograd.testing.cases import case
from autograd.testing.strategies import LAYOUTS, laid_out

side = st.integers(1, 3)
field = st.sampled_from(["real", "complex"])
batches = st.sampled_from([(), (), (2,), (1, 2), (0,)])


def generator(draw):
    return np.random.default_rng(draw(st.integers(0, 2**32 - 1)))


def numbers(rng, shape, kind):
    x = rng.uniform(-2, 2, shape)
    return x + 1j * rng.uniform(-2, 2, shape) if kind == "complex" else x


def orthonormal(rng, batch, n, kind):
    return np.linalg.qr(numbers(rng, (*batch, n, n), kind))[0]


def apart(rng, batch, n, low=0.6):
    """n numbers in any order, at least 0.5 apart, the smallest about `low`."""
    return rng.permuted(np.broadcast_to(low + 0.7 * np.arange(n), (*batch, n)), axis=-1) + rng.uniform(0, 0.2, (*batch, n))


def matrices(draw, m=None, n=None, kind=None, batch=None):
    """Matrices (m, n) with singular values that are apart."""
    rng, m = generator(draw), draw(side) if m is None else m
    n = m if n is None else n
    kind, batch = kind or draw(field), draw(batches) if batch is None else batch
    k = min(m, n)
    u, v = orthonormal(rng, batch, m, kind)[..., :k], orthonormal(rng, batch, n, kind)[..., :k]
    return laid_out((u * apart(rng, batch, k)[..., None, :]) @ np.swapaxes(v, -1, -2), draw(st.sampled_from(LAYOUTS)))


def symmetric(draw, positive=False):
    """Hermitian matrices with eigenvalues that are apart; no real ones of two rows, at which LAPACK has other signs than next to it.
    Positive ones are complex, because real ones with any imaginary parts are not positive."""
    rng, kind, batch = generator(draw), "complex" if positive else draw(field), draw(batches)
    n = draw(st.sampled_from([1, 3]) if kind == "real" else side)
    v = orthonormal(rng, batch, n, kind)
    w = apart(rng, batch, n, 0.6 if positive else -0.9)
    return np.asarray(hermitian_part((v * w[..., None, :]) @ adjoint(v)))


def one_triangle(draw, positive=False):
    """The same, of which only one triangle is there: (matrices, is it the lower one?)."""
    a, lower = symmetric(draw, positive), draw(st.booleans())
    other = np.triu if lower else np.tril
    return a + other(numbers(generator(draw), a.shape, "complex" if a.dtype.kind == "c" else "real"), 1 if lower else -1), lower


def diagonalisable(draw):
    """Matrices with eigenvalues that are apart: any complex ones, or pairs and real ones. Each vector has one component that is the
    largest by far, because NumPy keeps that one real."""
    rng, n, kind, batch = generator(draw), draw(side), draw(field), draw(batches)
    v = rng.permutation(np.diag([1.0, 0.4, 0.7][:n])) + 0.1 * numbers(rng, (*batch, n, n), kind)
    d = np.zeros((*batch, n, n), v.dtype)
    d[..., np.arange(n), np.arange(n)] = apart(rng, batch, n) if kind == "complex" else 0.6 + 0.7 * np.arange(n)
    if kind == "complex":
        d = d + 1j * np.eye(n) * rng.uniform(-1, 1, (*batch, n, 1))
    elif n > 1 and draw(st.booleans()):
        d[..., 0, 1], d[..., 1, 0], d[..., 1, 1] = 0.8, -0.8, d[..., 0, 0]
    return v @ d @ np.linalg.inv(v)


# ---- inverses and determinants ------------------------------------------------------------------------------------


@case(ops.inv)
def _(draw):
    return (matrices(draw),), {}


@case(solved)
def _(draw):
    n, kind = draw(st.integers(0, 3)), draw(field)
    left, right = draw(st.sampled_from([((), ()), ((2,), (2,)), ((2,), ()), ((), (2,)), ((2, 1), (3,)), ((0,), ())]))
    return (matrices(draw, n, n, kind, left), numbers(generator(draw), (*right, n, draw(st.integers(0, 2))), kind)), {}


@case(ops.solve)
def _(draw):
    a = matrices(draw)
    n, kind = a.shape[-1], "complex" if a.dtype.kind == "c" else "real"
    return (a, numbers(generator(draw), draw(st.sampled_from([(n,), (n, 2), (*a.shape[:-2], n, 1)])), kind)), {}


@case(ops.tensorsolve)
def _(draw):
    a = np.reshape(matrices(draw, 4, 4, batch=()), (2, 2, 4))
    kind = "complex" if a.dtype.kind == "c" else "real"
    if draw(st.booleans()):
        return (a, numbers(generator(draw), (2, 2), kind)), {}
    return (np.moveaxis(a, 2, 0), numbers(generator(draw), (2, 2), kind)), {"axes": (0,)}


@case(ops.tensorinv)
def _(draw):
    ind = draw(st.sampled_from([1, 2]))
    return (np.reshape(matrices(draw, 4, 4, batch=()), (2, 2, 4) if ind == 2 else (4, 2, 2)),), {"ind": ind}


@case(ops.matrix_power, tolerance=1e-7)
def _(draw):
    return (matrices(draw), draw(st.sampled_from([0, 1, 2, 5, -1, -2]))), {}


@case(ops.det)
def _(draw):
    return (matrices(draw),), {}


@case(ops.det, "singular")
def _(draw):
    a = np.array(matrices(draw))
    a[..., draw(st.integers(0, a.shape[-1] - 1)), :] = 0
    return (a,), {}


@case(cofactors)
def _(draw):
    return (matrices(draw, 3),), {}


@case(cofactor_slope)
def _(draw):
    a = matrices(draw, 3)
    return (a, numbers(generator(draw), a.shape, "complex" if a.dtype.kind == "c" else "real")), {}


@case(sign_and_log)
def _(draw):
    return (matrices(draw),), {}


@case(ops.slogdet)
def _(draw):
    return (matrices(draw),), {}


# ---- triangular factors -------------------------------------------------------------------------------------------


@case(hermitian)
def _(draw):
    return one_triangle(draw), {}


@case(lower_factor)
def _(draw):
    return (symmetric(draw, positive=True),), {}


@case(ops.cholesky)
def _(draw):
    a, lower = one_triangle(draw, positive=True)
    return (a,), {"upper": not lower}


@case(orthogonal_factor)
def _(draw):
    return (matrices(draw, draw(side), draw(side)),), {}


@case(ops.qr)
def _(draw):
    m, n = draw(side), draw(side)
    return (matrices(draw, m, n),), {"mode": draw(st.sampled_from(["reduced", "r", "complete"] if m <= n else ["reduced", "r"]))}


# ---- eigenvalues --------------------------------------------------------------------------------------------------


@case(hermitian_pairs)
def _(draw):
    return (symmetric(draw), draw(st.booleans())), {}


@case(ops.eigh)
def _(draw):
    a, lower = one_triangle(draw)
    return (a, "L" if lower else "U"), {}


@case(ops.eigvalsh)
def _(draw):
    a, lower = one_triangle(draw)
    return (a, "L" if lower else "U"), {}


@case(general_pairs, tolerance=1e-7)
def _(draw):
    return (diagonalisable(draw),), {}


@case(ops.eig, tolerance=1e-7)
def _(draw):
    return (diagonalisable(draw),), {}


@case(ops.eigvals, tolerance=1e-7)
def _(draw):
    return (diagonalisable(draw),), {}


# ---- singular values ----------------------------------------------------------------------------------------------


@case(singular_parts, tolerance=1e-7)
def _(draw):
    return (matrices(draw, draw(side), draw(side)),), {}


@case(ops.svd, tolerance=1e-7)
def _(draw):
    m, n = draw(side), draw(side)
    return (matrices(draw, m, n),), {"full_matrices": m == n and draw(st.booleans())}


@case(ops.svd, "values")
def _(draw):
    return (matrices(draw, draw(side), draw(side)),), {"compute_uv": False, "full_matrices": draw(st.booleans())}


@case(ops.svdvals)
def _(draw):
    return (matrices(draw, draw(side), draw(side)),), {}


@case(ops.matrix_rank)
def _(draw):
    return (matrices(draw, draw(side), draw(side), "real"),), {}


@case(ops.cond, tolerance=1e-7)
def _(draw):
    p = draw(st.sampled_from([None, 2, -2, 1, -1, np.inf, -np.inf, "fro", "nuc"]))
    square = p not in (None, 2, -2)
    return (matrices(draw, 2, 2 if square else draw(side), batch=draw(st.sampled_from([(), (2,)]))), p), {}


@case(ops.matrix_norm, "singular")
def _(draw):
    return (matrices(draw, draw(side), draw(side)),), {"ord": draw(st.sampled_from([2, -2, "nuc"])), "keepdims": draw(st.booleans())}


# ---- least squares ------------------------------------------------------------------------------------------------


@case(pseudo_inverse, tolerance=1e-7)
def _(draw):
    return (matrices(draw, draw(side), draw(side)),), {"rtol": draw(st.sampled_from([None, 1e-10]))}


@case(ops.pinv, tolerance=1e-7)
def _(draw):
    return (matrices(draw, draw(side), draw(side)),), {"rcond": draw(st.sampled_from([None, 1e-10]))}


def equations(draw):
    a = matrices(draw, draw(side), draw(side), batch=())
    return a, numbers(generator(draw), (a.shape[0], draw(st.integers(1, 2))), "complex" if a.dtype.kind == "c" else "real")


@case(best_solution, tolerance=1e-7)
def _(draw):
    return equations(draw), {"rcond": draw(st.sampled_from([None, 1e-10, -1]))}


@case(ops.lstsq, tolerance=1e-7)
def _(draw):
    a, b = equations(draw)
    return (a, b if draw(st.booleans()) else b[:, 0]), {}
