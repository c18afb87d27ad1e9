"""Are the special functions SciPy's, under SciPy's names, also when SciPy itself is called on Tensors?"""

import numpy as np
import pytest
import scipy.special

import autograd.scipy.misc
from autograd import elementwise_grad, grad, hessian, ops, tensor
from autograd.check import check_grads
from autograd.differences import numerical_gradient
from autograd.scipy import special
from autograd.scipy.special import expit, gammainc, log_softmax, logsumexp, multigammaln, softmax

PAIRS = ("beta", "betaln", "kl_div", "rel_entr", "xlogy", "xlog1py", "gammainc", "gammaincc", "stdtr")
OF_ORDER = ("iv", "ive", "jn", "jv", "kn", "kv", "polygamma", "yn", "yv")
UNIT = ("erfinv", "logit", "ndtri")
OTHERS = ("betainc", "multigammaln", "sinc")


@pytest.mark.parametrize("name", special.NAMES)
def test_values_are_scipys(name):
    theirs, ours = getattr(scipy.special, name), getattr(special, name)
    x = np.array([0.1, 0.5, 0.9]) if name in UNIT else np.array([[0.2], [1.3], [2.6]])
    y = np.array([0.4, 3.0])
    args = {**dict.fromkeys(PAIRS, (x, y)), **dict.fromkeys(OF_ORDER, (2, x)), "betainc": (x, y, np.array([0.3, 0.7])),
            "multigammaln": (x + 1, 2), "erfcinv": (x / 2,)}.get(name, (x,))
    np.testing.assert_allclose(ours(*args), theirs(*args), rtol=1e-13)


def test_tails_are_right_too():
    x = np.array([-700.0, -30.0, -1.0, 0.0, 40.0, np.inf, -np.inf, np.nan])
    for name in ("expit", "log_expit", "log_ndtr", "ndtr", "erfcx"):
        with np.errstate(over="ignore"):
            np.testing.assert_allclose(getattr(special, name)(x), getattr(scipy.special, name)(x), rtol=1e-13)
    assert np.isclose(elementwise_grad(expit)(np.array([40.0]))[0], np.exp(-40.0))
    z = np.array([0.0, 1.0, 2.0])
    for f in ("xlogy", "xlog1py"):  # 0 log 0 is 0, and no warning comes
        args = z[:, None], z - (f == "xlog1py")
        np.testing.assert_array_equal(getattr(special, f)(*args), getattr(scipy.special, f)(*args))
    assert np.array_equal(special.entr(z), scipy.special.entr(z))
    assert np.isclose(special.beta(-0.5, 1.7), scipy.special.beta(-0.5, 1.7))


UFUNCS = [name for name in special.NAMES if isinstance(getattr(scipy.special, name), np.ufunc)]


@pytest.mark.parametrize("name", UFUNCS)
def test_scipys_own_ufuncs_record(name):
    theirs, ours = getattr(scipy.special, name), getattr(special, name)
    x = tensor([0.3, 0.6], requires_grad=True)
    args = (x,) if theirs.nin == 1 else (2, x) if name in OF_ORDER else (x,) * theirs.nin
    y, expected = theirs(*args), ours(*args)
    assert y.requires_grad == (name != "gammasgn") and np.array_equal(y.data, expected.data)


def test_ufuncs_without_a_derivative_refuse():
    x = tensor([0.3, 0.6], requires_grad=True)
    with pytest.raises(TypeError, match="struve"):
        scipy.special.struve(1.0, x)
    with pytest.raises(TypeError):
        special.struve(1.0, x)
    assert special.struve is scipy.special.struve and special.binom(5, 2) == 10


# ---- logsumexp and softmax ----------------------------------------------------------------------------------------

X = np.array([[0.3, -1.0, 2.0], [800.0, 801.0, 799.5]])
B = np.array([[1.0, 0.0, 2.0], [0.5, 1.0, -0.2]])


@pytest.mark.parametrize("axis", [None, 0, 1, -1, (0, 1)])
@pytest.mark.parametrize("keepdims", [False, True])
def test_logsumexp_is_scipys(axis, keepdims):
    for b in (None, B, 2.0, np.abs(B)):
        assert np.allclose(logsumexp(X, axis, b, keepdims), scipy.special.logsumexp(X, axis, b, keepdims), rtol=1e-13, equal_nan=True)
    for mine, theirs in zip(logsumexp(X, axis, -B, keepdims, True), scipy.special.logsumexp(X, axis, -B, keepdims, True)):
        assert np.allclose(mine, theirs) and np.shape(mine) == np.shape(theirs)
    x = np.array([[0.3, -1.0, 2.0], [0.5, 1.1, -0.7]])
    check_grads(lambda x, b: logsumexp(x, axis, b, keepdims), (x, np.array([[1.0, 0.3, 2.0], [0.5, 1.0, 0.2]])))
    check_grads(lambda x: logsumexp(x, axis, -B, keepdims, True)[0], x)


def test_edges_of_logsumexp():
    assert logsumexp(np.array([-np.inf, -np.inf])) == -np.inf and autograd.scipy.misc.logsumexp is logsumexp
    assert np.isnan(logsumexp(np.array([1.0, 2.0]), b=np.array([1.0, -1.0])))
    assert np.array_equal(grad(logsumexp)(np.array([0.0, -np.inf])), [1.0, 0.0])
    assert np.isclose(logsumexp([1, 2, 3]), scipy.special.logsumexp([1, 2, 3]))
    y = logsumexp(np.array([1e6, 0.0]), b=np.array([0.0, 1.0]))  # what does not count does not overflow
    assert y == 0.0


@pytest.mark.parametrize("axis", [None, 0, -1])
def test_softmax_is_scipys(axis):
    assert np.allclose(softmax(X, axis), scipy.special.softmax(X, axis))
    assert np.allclose(log_softmax(X, axis), scipy.special.log_softmax(X, axis))
    check_grads(lambda x: softmax(x, axis) * log_softmax(x, axis), X % 3)


# ---- the derivatives in the shape, which have no formula ----------------------------------------------------------


@pytest.mark.parametrize("a", [0.02, 0.7, 3.0, 40.0, 900.0])
@pytest.mark.parametrize("ratio", [0.01, 0.6, 1.0, 1.3, 4.0])
def test_the_slope_of_gammainc_in_a(a, ratio):
    x = a * ratio
    smaller = (lambda a: scipy.special.gammainc(a, x)) if x <= a else (lambda a: -scipy.special.gammaincc(a, x))
    assert np.isclose(grad(gammainc)(a, x), numerical_gradient(smaller, np.array(a), h=2e-5 * a), rtol=1e-4, atol=1e-200)


@pytest.mark.parametrize(("a", "b"), [(0.02, 0.3), (1.0, 1.0), (5.0, 0.5), (60.0, 80.0), (1000.0, 2.0)])
@pytest.mark.parametrize("x", [1e-6, 0.09, 0.5, 0.97])
def test_the_slopes_of_betainc_in_a_and_b(a, b, x):
    low = x * (a + b) <= a
    share, sign = (scipy.special.betainc, 1) if low else (scipy.special.betaincc, -1)
    to_a, to_b = grad(special.betainc, (0, 1))(a, b, x)
    assert np.isclose(to_a, sign * numerical_gradient(lambda a: share(a, b, x), np.array(a), h=2e-5 * a), rtol=1e-4, atol=1e-200)
    assert np.isclose(to_b, sign * numerical_gradient(lambda b: share(a, b, x), np.array(b), h=2e-5 * b), rtol=1e-4, atol=1e-200)


def test_at_the_edges_the_slope_is_zero_or_no_number():
    a, x = np.array([0.5, 0.5, 0.5, -1.0, 0.0]), np.array([0.0, np.inf, np.nan, 1.0, 1.0])
    assert np.array_equal(ops.gammainc_slope(a, x), [0, 0, np.nan, np.nan, np.nan], equal_nan=True)
    assert ops.gammainc_slope(np.float32(0.5), np.float32(1)).dtype == np.float32 and ops.betainc_slope(1, 2, 0.5).dtype == np.float64


def test_many_limits_at_once_are_those_one_by_one():
    rng = np.random.default_rng(0)
    a, x = rng.uniform(0.1, 5, 3000), rng.uniform(0.1, 5, 3000)
    y = ops.gammainc_slope(a, x)
    assert np.allclose(y[::500], [ops.gammainc_slope(p, q) for p, q in zip(a[::500], x[::500])], rtol=1e-13)


def test_second_derivatives_in_the_shape():
    f = lambda p: gammainc(p[0], p[1]) + special.betainc(p[0], p[1], 0.4) + special.stdtr(p[0], p[1])
    p = np.array([1.3, 2.1])
    h = hessian(f)(p)
    assert np.allclose(h, h.T) and np.allclose(h[0], numerical_gradient(lambda p: grad(f)(p)[0], p), rtol=1e-6)
    assert np.isclose(grad(lambda a: multigammaln(a, 3))(2.5), numerical_gradient(lambda a: scipy.special.multigammaln(float(a), 3), 2.5))
