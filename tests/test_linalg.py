"""Is numpy.linalg differentiable, where it is easy and where it is not? (All its functions obey the laws: tests/cases/linalg.py.)"""

import warnings

import numpy as np
import pytest

from autograd import grad, hessian, jacobian, ops, tensor, vjp
from autograd.check import check_grads
from autograd.ops.hermitian import adjoint, hermitian_part
from tests.peer.linalg import FROZEN, FUNCTIONS, QUESTIONS, inputs, steps

RNG = np.random.default_rng(3)


def numbers(*shape, kind="f"):
    return RNG.normal(size=shape) + (1j * RNG.normal(size=shape) if kind == "c" else 0)


def several(y):
    return y if isinstance(y, tuple) else (y,)


def positive(*shape, kind="f"):
    x = numbers(*shape, kind=kind)
    return x @ adjoint(x) + np.eye(shape[-1])


# ---- values are NumPy's -------------------------------------------------------------------------------------------


def calls(kind, batch=()):
    def r(*shape):
        return numbers(*batch, *shape, kind=kind)

    a, tall, wide, p = r(3, 3), r(4, 3), r(3, 4), positive(*batch, 3, 3, kind=kind)
    vector = numbers(3, kind=kind)
    yield from [("inv", a), ("det", a), ("slogdet", a), ("solve", a, r(3, 2)), ("solve", a, vector), ("matrix_power", a, 3),
                ("matrix_power", a, -2), ("matrix_power", a, 0), ("cholesky", p), ("eigh", p), ("eigvalsh", a), ("eig", a), ("eigvals", a),
                ("eigh", a, "U"), ("qr", tall), ("qr", wide), ("qr", tall, "complete"), ("qr", wide, "r"), ("svd", tall),
                ("svd", wide, False), ("svd", wide, True, False), ("svd", p, True, True, True), ("svdvals", wide), ("pinv", wide),
                ("pinv", p, None, True),
                ("matrix_rank", tall), ("cond", tall), ("cond", tall, -2)]
    yield from [("cond", a, p) for p in (1, -1, np.inf, -np.inf, "fro", "nuc")]
    yield from [("norm", tall, ord, (-2, -1)) for ord in (None, "fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf)]
    if not batch:
        yield from [("lstsq", tall, r(4)), ("lstsq", wide, r(3, 2)), ("tensorsolve", r(2, 3, 6), r(2, 3)),
                    ("tensorsolve", np.moveaxis(r(2, 3, 6), 2, 0), r(2, 3), (0,)), ("tensorinv", r(2, 3, 6)), ("tensorinv", r(6, 2, 3), 1)]


@pytest.mark.parametrize("batch", [(), (2,), (0,)])
@pytest.mark.parametrize("kind", "fc")
def test_values(kind, batch):
    for name, *args in calls(kind, batch):
        f = getattr(np.linalg, name)
        expected = several(f(*args))
        for made in (getattr(ops, name)(*args), f(tensor(args[0]), *args[1:]), f(tensor(args[0], requires_grad=True), *args[1:])):
            found = several(made)
            assert type(made).__name__ in (type(f(*args)).__name__, "Tensor") and len(found) == len(expected)
            for y, z in zip(found, expected):
                y = np.asarray(getattr(y, "_array", y))
                assert y.shape == np.shape(z) and y.dtype == np.asarray(z).dtype, (name, args[1:])
                np.testing.assert_allclose(y, z, rtol=1e-9, atol=1e-12, err_msg=name)


def test_upper_triangle_by_keyword():
    p = positive(3, 3, kind="c")
    np.testing.assert_allclose(ops.cholesky(np.triu(p), upper=True), adjoint(np.linalg.cholesky(p)), atol=1e-12)


@pytest.mark.parametrize("call", [
    lambda a: np.linalg.inv(a), lambda a: np.linalg.cholesky(a), lambda a: np.linalg.eigh(a), lambda a: np.linalg.eig(a),
    lambda a: np.linalg.svd(a), lambda a: np.linalg.qr(a), lambda a: np.linalg.pinv(a), lambda a: np.linalg.slogdet(a),
    lambda a: np.linalg.det(a), lambda a: np.linalg.solve(a, np.ones((*a.shape[:-1], 2)))])
@pytest.mark.parametrize("shape", [(0, 0), (0, 2, 2), (2, 0, 0)])
def test_empty_matrices(call, shape):
    a = tensor(np.zeros(shape), requires_grad=True)
    total = sum(np.sum(np.real(y)) for y in several(call(a)))
    total.backward()
    assert a.grad.shape == shape


@pytest.mark.parametrize("name", ["inv", "det", "cholesky", "eigvalsh", "svdvals", "pinv", "cond"])
def test_float32_stays(name):
    a = positive(3, 3).astype(np.float32)
    f = getattr(np.linalg, name)
    assert ops.sum(f(tensor(a))).dtype == np.float32 and grad(lambda a: np.sum(f(a)))(a).dtype == np.float32


# ---- gradients are PyTorch's, and of any order --------------------------------------------------------------------


class XP:
    """Our side of the questions in tests/peer/linalg.py."""

    linalg, conj, real, imag = np.linalg, np.conj, np.real, np.imag
    is_complex = staticmethod(lambda y: y.dtype.kind == "c")
    constant = staticmethod(lambda a: a)
    values = staticmethod(lambda y: y._array)


@pytest.mark.parametrize("question", QUESTIONS)
def test_we_agree_with_pytorch(question):
    name = QUESTIONS[question][0]
    xs, ds = inputs(*QUESTIONS[question]), steps(*QUESTIONS[question])
    answers = np.load(FROZEN)
    everything = tuple(range(len(xs)))

    def f(*xs):
        return FUNCTIONS[name](XP, *map(tensor_of, xs))

    def along(*xs):
        _, pullback = vjp(f, *xs)
        return sum(np.sum(np.real(g * d)) for g, d in zip(several(pullback(1.0)), ds))

    first, second = several(vjp(f, *xs)[1](1.0)), several(vjp(along, *xs, argnums=everything)[1](1.0))
    np.testing.assert_allclose(float(f(*xs)), answers[f"{question}|value0"], rtol=1e-10)
    for key, found in (("first", first), ("second", second)):
        for i, g in enumerate(found):
            theirs = answers[f"{question}|{key}{i}"]  # PyTorch's gradient of a complex number is the conjugate of the cotangent
            np.testing.assert_allclose(np.conj(g), theirs, rtol=1e-7, atol=1e-8 * np.abs(theirs).max(), err_msg=key)


def tensor_of(x):
    return x if hasattr(x, "_array") else tensor(x)


@pytest.mark.parametrize("kind", "fc")
def test_third_derivatives(kind):
    a, b = np.eye(2) * 2 + numbers(2, 2, kind=kind) / 3, numbers(2, kind=kind)
    for f in (np.linalg.inv, np.linalg.det, lambda a: np.linalg.solve(a, b), np.linalg.svdvals,
              lambda a: np.linalg.eigvalsh(hermitian_part(a)), lambda a: np.linalg.qr(a).R,
              lambda a: np.linalg.cholesky(hermitian_part(a)), np.linalg.pinv):
        check_grads(f, a, order=3, modes=["rev"], tolerance=1e-5)


# ---- one triangle -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", "fc")
@pytest.mark.parametrize("f", [lambda a: np.linalg.cholesky(a), lambda a: np.linalg.cholesky(a, upper=True), np.linalg.eigvalsh,
                               lambda a: np.linalg.eigvalsh(a, "U"), lambda a: np.linalg.pinv(a, hermitian=True)])
def test_of_a_hermitian_matrix_the_gradient_is_hermitian(f, kind):
    p = positive(2, 3, 3, kind=kind)
    y, pullback = vjp(f, p)
    v = numbers(*y.shape, kind=y.dtype.kind)
    g = pullback(v)
    np.testing.assert_allclose(g, adjoint(g), atol=1e-12)
    np.testing.assert_allclose(g, vjp(lambda a: f(hermitian_part(a)), p)[1](v), atol=1e-12)
    check_grads(lambda a: f(hermitian_part(a)), p, order=2)


def test_of_another_matrix_the_gradient_goes_to_the_triangle_that_is_read():
    p = positive(3, 3)
    whole = grad(lambda a: np.sum(np.linalg.cholesky(a)))(p)
    for other in (np.zeros((3, 3)), np.full((3, 3), np.nan)):
        g = grad(lambda a: np.sum(np.linalg.cholesky(a)))(np.where(np.tri(3), p, other))
        np.testing.assert_allclose(g, np.tril(whole) + np.tril(whole, -1), atol=1e-12)
    g = grad(lambda a: np.sum(np.linalg.eigvalsh(a, "U") ** 2))(np.triu(p))
    np.testing.assert_allclose(g, 2 * np.triu(p) + 2 * np.triu(p, 1), atol=1e-10)


# ---- the choice of phases -----------------------------------------------------------------------------------------


def test_a_function_that_does_not_depend_on_phases_does_not_notice():
    a, turn = hermitian_part(numbers(3, 3, kind="c")), np.exp(1j * numbers(3))
    def f(a, turn):
        v = np.linalg.eigh(hermitian_part(a)).eigenvectors * turn
        return np.sum(np.real(np.conj(v) * v) * np.arange(9.0).reshape(3, 3)) + np.real(v[0, 1] * np.conj(v[2, 1]))

    np.testing.assert_allclose(grad(f)(a, turn), grad(f)(a, np.ones(3)), atol=1e-12)


@pytest.mark.parametrize("shape", [(3, 2), (2, 3), (2, 9), (9, 2)])
def test_phases_are_those_the_rules_rely_on(shape):
    a = numbers(*shape, kind="c")
    u, _, vh = np.linalg.svd(a, full_matrices=False)
    assert np.abs((vh[:, 0] if shape[0] >= shape[1] else u[0]).imag).max() < 1e-12
    square = numbers(4, 4, kind="c")
    assert np.abs(np.linalg.eigh(square)[1][0].imag).max() < 1e-12 and np.abs(np.linalg.eigh(square, "U")[1][-1].imag).max() < 1e-12
    v = np.linalg.eig(square)[1]
    assert np.abs(np.take_along_axis(v, np.abs(v).argmax(0)[None], 0).imag).max() < 1e-12
    assert np.abs(np.diag(np.linalg.qr(a)[1]).imag).max() < 1e-12


# ---- equal values, and zeros --------------------------------------------------------------------------------------


@pytest.mark.parametrize("f, expected", [
    (lambda a: np.sum(np.linalg.eigvalsh(a)), np.eye(3)),
    (lambda a: np.sum(np.linalg.eigvalsh(a) ** 3), 12 * np.eye(3)),
    (lambda a: np.sum(np.linalg.svdvals(a) ** 3), 12 * np.eye(3)),
    (lambda a: np.linalg.norm(a, "nuc"), np.eye(3)),
    (lambda a: np.linalg.norm(a, 2), np.eye(3) / 3),
    (lambda a: np.linalg.cond(a), np.zeros((3, 3))),
    (lambda a: np.real(np.sum(np.linalg.eigvals(a) ** 2)), 4 * np.eye(3)),
    (lambda a: np.sum((lambda w, v: v * w @ v.T)(*np.linalg.eigh(a)).diagonal()), np.eye(3)),
])
def test_equal_values_give_functions_of_them_their_gradient(f, expected):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_allclose(grad(f)(2 * np.eye(3)), expected, atol=1e-12)


def test_a_second_derivative_that_needs_vectors_of_equal_values_is_told():
    with pytest.warns(RuntimeWarning, match="what arrives at these is left out"):
        hessian(lambda a: np.sum(np.linalg.eigvalsh(a) ** 3))(np.eye(2))


def test_what_arrives_at_vectors_of_equal_values_is_told():
    weights = numbers(3, 3)
    for f, name in ((lambda a: np.sum(np.linalg.eigh(a).eigenvectors * weights), "eigh: some eigenvalues"),
                    (lambda a: np.sum(np.real(np.linalg.eig(a).eigenvectors) * weights), "eig: some eigenvalues"),
                    (lambda a: np.sum(np.linalg.svd(a).U * weights), "svd: some singular values")):
        with pytest.warns(RuntimeWarning, match=f"gradient of {name} are equal"):
            assert np.isfinite(grad(f)(np.diag([2.0, 2.0, 1.0]))).all()


def test_other_vectors_do_not_mind_that_two_values_are_equal():
    a = np.diag([2.0, 2.0, 1.0])
    step = hermitian_part(numbers(3, 3))

    def third(t):
        v = np.linalg.eigh(a + t * step).eigenvectors[:, 0]
        return np.sum(v * v * np.array([1.0, 2.0, 3.0]))

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_grads(third, 0.0, order=1, modes=["rev"])


def test_singular_values_that_are_zero():
    a = np.diag([2.0, 1.0, 0.0])
    assert np.isfinite(grad(lambda a: np.sum(np.linalg.svdvals(a)))(a)).all()
    np.testing.assert_allclose(grad(lambda a: np.sum(np.linalg.svdvals(a) ** 2))(a), 2 * a, atol=1e-12)
    np.testing.assert_allclose(np.abs(grad(lambda a: np.linalg.norm(a, "nuc"))(a)), np.eye(3), atol=1e-12)
    assert np.linalg.cond(tensor(a)).item() == np.inf and not np.any(grad(np.linalg.cond)(a))
    assert np.linalg.cond(tensor(a), 1).item() == np.inf and not np.any(grad(lambda a: np.linalg.cond(a, 1))(a))
    stack = np.stack([a, positive(3, 3)])
    np.testing.assert_allclose(grad(lambda s: np.linalg.cond(s, 1)[1])(stack)[1], grad(lambda a: np.linalg.cond(a, 1))(stack[1]))
    for ord in (None, "fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf):
        assert np.isfinite(grad(lambda a, ord=ord: np.linalg.norm(a, ord))(np.zeros((3, 2)))).all(), ord


def test_what_has_no_derivative_is_refused():
    tall, weights = numbers(4, 2), numbers(4, 4)
    for f, message in ((lambda a: np.sum(np.linalg.svd(a).U * weights), "more than 2 singular vectors .* write full_matrices=False"),
                       (lambda a: np.sum(np.linalg.qr(a, "complete").Q * weights), "the last columns of q .* write mode='reduced'")):
        with pytest.raises(ValueError, match=message):
            grad(f)(tall)
    with pytest.raises(ValueError, match="full_matrices=False"):
        grad(lambda a: np.sum(np.linalg.svd(a).Vh * weights))(tall.T.copy())


@pytest.mark.parametrize("kind", "fc")
@pytest.mark.parametrize("shape", [(2, 4, 2), (2, 2, 4)])
def test_with_all_vectors_the_gradient_of_the_first_is_that_of_the_thin_form(shape, kind):
    a, k = numbers(*shape, kind=kind), 2
    m, n = shape[-2:]
    wu, wv = numbers(m, k), numbers(k, n)

    def f(a, full):
        u, s, vh = np.linalg.svd(a, full_matrices=full)
        first, last = u[..., :k], vh[..., :k, :]
        return np.sum(np.real(np.conj(first) * first) * wu) + np.sum(np.real(np.conj(last) * last) * wv) + np.sum(s)

    np.testing.assert_allclose(grad(f)(a, True), grad(f)(a, False), atol=1e-12)
    np.testing.assert_allclose(np.linalg.svd(a)[1], np.linalg.svd(tensor(a))[1]._array)
    if m > n:
        np.testing.assert_allclose(grad(lambda a: np.sum(np.real(np.linalg.qr(a, "complete").R)))(a),
                                   grad(lambda a: np.sum(np.real(np.linalg.qr(a).R)))(a), atol=1e-12)


# ---- determinants, inverses and least squares ---------------------------------------------------------------------


@pytest.mark.parametrize("kind", "fc")
def test_the_determinant_has_derivatives_at_singular_matrices(kind):
    for n, rank in ((1, 0), (2, 0), (2, 1), (3, 0), (3, 1), (3, 2), (4, 2)):
        a = numbers(n, n, kind=kind)
        a[rank:] = 0
        g = vjp(np.linalg.det, a)[1](1.0)
        minors = [[(-1) ** (i + j) * np.linalg.det(np.delete(np.delete(a, i, 0), j, 1)) for j in range(n)] for i in range(n)]
        np.testing.assert_allclose(g, minors, atol=1e-10)
        step = numbers(n, n, kind=kind)
        def along(a, step=step):
            return np.real(np.sum(vjp(np.linalg.det, a)[1](1.0) * step))

        change = vjp(along, a)[1](1.0)
        h = 0.1  # differences of five points are exact for a polynomial of degree 3, as this is
        numeric = (8 * (along(a + h * step) - along(a - h * step)) - along(a + 2 * h * step) + along(a - 2 * h * step)) / (12 * h)
        assert np.real(np.sum(change * step)) == pytest.approx(numeric, rel=1e-9, abs=1e-9)


def test_the_hessian_of_a_small_determinant():
    """det = a d - b c, so its second derivatives are 1 and -1, at the zero matrix too."""
    expected = [[0, 0, 0, 1], [0, 0, -1, 0], [0, -1, 0, 0], [1, 0, 0, 0]]
    np.testing.assert_allclose(hessian(np.linalg.det)(np.zeros((2, 2))).reshape(4, 4), expected, atol=1e-12)


def test_the_logarithm_of_a_singular_determinant_has_no_gradient():
    with pytest.raises(np.linalg.LinAlgError, match="in the gradient of sign_and_log"):
        grad(lambda a: np.linalg.slogdet(a).logabsdet)(np.zeros((2, 2)))


@pytest.mark.parametrize("kind", "fc")
def test_pseudo_inverses_of_constant_rank(kind):
    left, right, b = numbers(4, 2, kind=kind), numbers(2, 3, kind=kind), numbers(4, 2, kind=kind)
    check_grads(lambda left, right: np.linalg.pinv(left @ right), (left, right), order=2)
    check_grads(lambda left, right, b: np.linalg.lstsq(left @ right, b, 1e-8)[0], (left, right, b), order=2)
    x, residuals, rank, s = np.linalg.lstsq(tensor(left @ right, requires_grad=True), b, 1e-8)
    assert rank == 2 and residuals.shape == (0,) and s.shape == (3,)
    np.testing.assert_allclose(x._array, np.linalg.pinv(left @ right, 1e-8) @ b, atol=1e-12)


def test_what_least_squares_leaves_has_a_gradient():
    a, b = numbers(5, 2), numbers(5, 3)
    for part in (0, 1, 3):
        check_grads(lambda a, b, part=part: np.linalg.lstsq(a, b)[part], (a, b), order=2)


def test_powers():
    a = 2 * np.eye(2) + numbers(2, 2) / 4
    np.testing.assert_allclose(jacobian(lambda a: np.linalg.matrix_power(a, 4))(a), jacobian(lambda a: a @ a @ a @ a)(a), atol=1e-9)
    np.testing.assert_allclose(jacobian(lambda a: np.linalg.matrix_power(a, -2))(a), jacobian(lambda a: np.linalg.inv(a @ a))(a), atol=1e-9)
    assert not np.any(jacobian(lambda a: np.linalg.matrix_power(a, 0))(a))


def test_one_matrix_for_many_right_hand_sides_gets_the_sum():
    a, b = 2 * np.eye(3) + numbers(3, 3) / 4, numbers(4, 3, 2)
    apart = sum(grad(lambda a, i=i: np.sum(np.linalg.solve(a, b[i])))(a) for i in range(4))
    np.testing.assert_allclose(grad(lambda a: np.sum(np.linalg.solve(a, b)))(a), apart, atol=1e-10)


# ---- what errors say ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("call, error, message", [
    (lambda x: np.linalg.inv(x[:, :2]), np.linalg.LinAlgError, r"inv: .*square\s.*called as inv\(a: f64\[3,2\]\)"),
    (lambda x: np.linalg.inv(0 * x), np.linalg.LinAlgError, r"inv: Singular matrix\s.*inv\(a: f64\[3,3\]\)"),
    (lambda x: np.linalg.solve(x, np.ones((4, 3))), ValueError,
     r"3 equations, .* b has shape \(4, 3\)\. A stack of vectors is written b\[..., None\]"),
    (lambda x: np.linalg.solve(x, 1.0), ValueError, "need a right-hand side of 3 rows"),
    (lambda x: np.linalg.solve(x[0], x), np.linalg.LinAlgError, r"solve: .* square, but the shape is \(3,\)"),
    (lambda x: np.linalg.cholesky(-x @ x.T), np.linalg.LinAlgError, "lower_factor: Matrix is not positive definite"),
    (lambda x: np.linalg.eigh(x, "X"), ValueError, "UPLO argument must be 'L' or 'U'"),
    (lambda x: np.linalg.qr(x, "raw"), ValueError, "'raw' is LAPACK's inner form"),
    (lambda x: np.linalg.qr(x, "all"), ValueError, "write 'reduced', 'complete' or 'r'"),
    (lambda x: np.linalg.qr(x[0]), np.linalg.LinAlgError, "must be a matrix"),
    (lambda x: np.linalg.svd(x[0]), np.linalg.LinAlgError, "must be a matrix"),
    (lambda x: np.linalg.cond(x[:0]), np.linalg.LinAlgError, "empty"),
    (lambda x: np.linalg.lstsq(x, np.ones(2)), np.linalg.LinAlgError, r"shapes are \(3, 3\) and \(2,\)"),
    (lambda x: np.linalg.tensorinv(x, 0), ValueError, "positive number of axes"),
    (lambda x: np.linalg.tensorinv(x[:, :2], 1), np.linalg.LinAlgError, "as many elements"),
    (lambda x: np.linalg.tensorsolve(x, np.ones(2)), np.linalg.LinAlgError, "a has shape"),
    (lambda x: np.linalg.matrix_norm(x, ord=3), ValueError, "'fro', 'nuc', 1, -1, 2, -2, inf or -inf"),
    (lambda x: np.linalg.matrix_power(x, 0.5), TypeError, "integer"),
])
def test_errors(call, error, message):
    with pytest.raises(error, match=f"(?s){message}"):
        call(tensor(np.eye(3) + 0.1, requires_grad=True))
