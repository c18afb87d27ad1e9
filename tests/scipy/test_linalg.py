"""Is autograd.scipy.linalg SciPy's linalg, with gradients? (Its primitives obey the laws: tests/cases/matrix_functions.py.)"""

import numpy as np
import pytest
import scipy.linalg

import autograd.scipy.linalg as linalg
from autograd import grad, jacobian, tensor
from autograd.check import check_grads
from autograd.ops.hermitian import adjoint, hermitian_part
from autograd.scipy.structured import transposed_bands

RNG = np.random.default_rng(5)


def several(y):
    return y if isinstance(y, tuple) else (y,)


def numbers(*shape, kind="f"):
    return RNG.normal(size=shape) + (1j * RNG.normal(size=shape) if kind == "c" else 0)


def arguments(kind):
    def r(*shape):
        return numbers(*shape, kind=kind)

    a, b, v = 2 * np.eye(3) + 0.3 * r(3, 3), 2 * np.eye(2) + 0.2 * r(2, 2), r(3)
    return {
        "expm": (a,), "logm": (a,), "sqrtm": (a,), "sinm": (a,), "cosm": (a,), "tanm": (a / 3,), "sinhm": (a,), "coshm": (a,),
        "tanhm": (a,), "expm_frechet": (b, r(2, 2)), "solve_sylvester": (a, b, r(3, 2)), "solve_continuous_lyapunov": (b, r(2, 2)),
        "solve_discrete_lyapunov": (b / 4, r(2, 2)), "solve_triangular": (a, v), "solve": (a, v), "inv": (a,), "det": (a,), "norm": (a,),
        "pinv": (r(4, 2),), "svdvals": (a,), "eigvals": (a,), "qr": (a,), "polar": (r(3, 2),), "toeplitz": (v, r(2)), "hankel": (v, r(2)),
        "circulant": (v,), "block_diag": (r(1, 2), v, b),
    }


@pytest.mark.parametrize("kind", "fc")
@pytest.mark.parametrize("name", arguments("f"))
def test_values_and_gradients(name, kind):
    args = arguments(kind)[name]
    ours, theirs = getattr(linalg, name), getattr(scipy.linalg, name)
    for y, expected in zip(several(ours(*args)), several(theirs(*args)), strict=True):
        np.testing.assert_allclose(y, expected, rtol=1e-10, atol=1e-12)
    check_grads(ours, args, order=1)
    for y, expected in zip(several(ours(*map(tensor, args))), several(theirs(*args)), strict=True):
        np.testing.assert_allclose(y.numpy(), expected, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("kind", "fc")
@pytest.mark.parametrize("lower", [True, False])
def test_positive_matrices(kind, lower):
    x, y, b = numbers(3, 3, kind=kind), numbers(3, 3, kind=kind), numbers(3, 2, kind=kind)
    p, q = x @ adjoint(x) + np.eye(3), y @ adjoint(y) + np.eye(3)
    one = np.tril if lower else np.triu
    for f, args in ((lambda a: linalg.cholesky(hermitian_part(a), lower), (p,)),
                    (lambda a, b: linalg.cho_solve(linalg.cho_factor(hermitian_part(a), lower), b), (p, b)),
                    (lambda a, b: linalg.solve(hermitian_part(a), b, lower=lower, assume_a="pos"), (p, b)),
                    (lambda a, b: linalg.eigvalsh(hermitian_part(a), hermitian_part(b), lower=lower, subset_by_index=(1, 2)), (p, q))):
        check_grads(f, args, order=1)
    np.testing.assert_allclose(linalg.cholesky(one(p), lower), scipy.linalg.cholesky(p, lower), atol=1e-12)
    np.testing.assert_allclose(linalg.cho_solve(linalg.cho_factor(one(p), lower), b), np.linalg.solve(p, b), atol=1e-12)
    np.testing.assert_allclose(linalg.solve(one(p), b, lower=lower, assume_a="her"), np.linalg.solve(p, b), atol=1e-12)
    w, v = linalg.eigh(one(p), one(q), lower=lower)
    np.testing.assert_allclose(w, scipy.linalg.eigh(p, q)[0], atol=1e-12)
    np.testing.assert_allclose(p @ v, q @ v * w, atol=1e-11)
    np.testing.assert_allclose(adjoint(v) @ q @ v, np.eye(3), atol=1e-12)


def test_a_stack_of_triangles_is_solved_one_by_one():
    a, b = 2 * np.eye(3) + numbers(2, 3, 3) / 4, numbers(2, 3, 1)
    y = linalg.solve_triangular(a, b, lower=True)
    for i in range(2):
        np.testing.assert_allclose(y[i], scipy.linalg.solve_triangular(a[i], b[i], lower=True))
    np.testing.assert_allclose(linalg.solve_triangular(a, b[0, :, 0], "T")[1], scipy.linalg.solve_triangular(a[1], b[0, :, 0], "T"))


@pytest.mark.parametrize("below, above", [(0, 0), (1, 2), (2, 0), (0, 1)])
def test_banded_matrices(below, above):
    dense = sum((np.diag(numbers(5 - abs(k)), k) for k in range(-below, above + 1)), 4 * np.eye(5))
    ab = np.zeros((below + above + 1, 5))
    for i in range(5):
        for j in range(max(0, i - below), min(5, i + above + 1)):
            ab[above + i - j, j] = dense[i, j]
    b = numbers(5)
    np.testing.assert_allclose(linalg.solve_banded((below, above), ab, b), np.linalg.solve(dense, b))
    np.testing.assert_allclose(linalg.solve_banded((above, below), transposed_bands(ab, below, above), b), np.linalg.solve(dense.T, b))
    by_bands = grad(lambda ab: linalg.solve_banded((below, above), ab, b).sum())(ab)
    by_matrix = grad(lambda a: np.linalg.solve(a, b).sum())(dense)
    for i in range(5):
        for j in range(max(0, i - below), min(5, i + above + 1)):
            assert by_bands[above + i - j, j] == pytest.approx(by_matrix[i, j])


def test_a_rotation_is_the_exponential_of_a_turn():
    """expm of [[0, -t], [t, 0]] turns by t: all its derivatives are known."""
    def cosine(t):
        return linalg.expm(np.array([[0.0, -1.0], [1.0, 0.0]]) * t)[0, 0]

    f, t = cosine, 0.7
    for expected in (np.cos, lambda t: -np.sin(t), lambda t: -np.cos(t), np.sin, np.cos):
        assert float(f(t)) == pytest.approx(expected(t), abs=1e-12)
        f = grad(f)


def test_functions_undo_each_other():
    a = 2 * np.eye(3) + numbers(3, 3) / 5
    identity = np.einsum("ik,jl->ijkl", np.eye(3), np.eye(3))
    np.testing.assert_allclose(jacobian(lambda a: linalg.expm(linalg.logm(a)))(a), identity, atol=1e-9)
    np.testing.assert_allclose(jacobian(lambda a: linalg.sqrtm(a) @ linalg.sqrtm(a))(a), identity, atol=1e-9)
    np.testing.assert_allclose(jacobian(lambda a: linalg.fractional_matrix_power(linalg.fractional_matrix_power(a, 0.4), 2.5))(a), identity,
                               atol=1e-8)


def test_the_root_at_equal_eigenvalues():
    """Where eigenvectors have no derivative the root has one: d sqrtm at 4 is da / 4."""
    step = numbers(3, 3)
    np.testing.assert_allclose(grad(lambda a: np.sum(linalg.sqrtm(a) * step))(4 * np.eye(3)), step / 4, atol=1e-12)


def test_a_real_matrix_may_meet_a_complex_one():
    a, b, q = np.array([[2.0, 0.4], [-0.3, 2.3]]), numbers(3, 3, kind="c") + 4 * np.eye(3), numbers(2, 3)
    x = linalg.solve_sylvester(a, b, q)
    np.testing.assert_allclose(a @ x + x @ b, q, atol=1e-12)
    check_grads(linalg.solve_sylvester, (a, b, q), order=1)


def test_float32_stays():
    a = (2 * np.eye(2) + numbers(2, 2) / 5).astype(np.float32)
    for f in (linalg.expm, linalg.logm, linalg.sqrtm, linalg.cosm, linalg.inv, linalg.cholesky):
        assert f(a).dtype == np.float32 and grad(lambda a, f=f: np.sum(f(a)))(a).dtype == np.float32


def test_what_has_no_gradient_here_is_scipys_and_refuses_tensors():
    a = np.eye(2)
    assert linalg.hadamard is not scipy.linalg.hadamard and np.array_equal(linalg.hadamard(2), scipy.linalg.hadamard(2))
    assert linalg.LinAlgError is scipy.linalg.LinAlgError and {"schur", "expm"} <= set(dir(linalg))
    with pytest.raises(TypeError, match=r"scipy\.linalg\.schur is not recorded on Tensors"):
        linalg.schur(tensor(a, requires_grad=True))
    with pytest.raises(AttributeError):
        linalg.no_such_function  # noqa: B018


@pytest.mark.parametrize("call, error, message", [
    (lambda a: linalg.solve_triangular(a, np.ones(3)), ValueError, r"a has shape \(2, 2\); b must be \(2,\)"),
    (lambda a: linalg.solve_triangular(a, np.ones(2), "X"), ValueError, "trans must be"),
    (lambda a: linalg.solve_banded((1, 1), a, np.ones(2)), ValueError, r"ab must have shape \(3, n\)"),
    (lambda a: linalg.expm(np.ones((2, 3))), np.linalg.LinAlgError, r"expm: .* square, but the shape is \(2, 3\)"),
    (lambda a: linalg.qr(a, pivoting=True), TypeError, "pivoting=True is not recorded"),
    (lambda a: linalg.qr(a, mode="raw"), ValueError, "write 'full', 'economic' or 'r'"),
    (lambda a: linalg.eig(a, left=True), TypeError, "left=True"), (lambda a: linalg.pinv(a, return_rank=True), TypeError, "return_rank"),
    (lambda a: linalg.polar(a, "up"), ValueError, "side must be"),
    (lambda a: linalg.block_diag(np.ones((1, 1, 1))), ValueError, "block_diag"),
    (lambda a: linalg.solve_sylvester(np.ones((2, 1, 1)), a, np.ones((2, 1, 2))), ValueError, "the stacks must have one shape"),
])
def test_errors(call, error, message):
    with pytest.raises(error, match=message):
        call(np.eye(2))
