"""Have the distributions SciPy's values, and the gradients of these?

Values: against `scipy.stats`, on numbers inside, outside and at the edges of the support, with valid and invalid parameters, all
broadcast. Gradients to every argument, and second derivatives: against differences.
"""

import importlib
import warnings

import numpy as np
import pytest
import scipy.stats

import autograd.scipy.stats as sps
from autograd import grad, hessian, tensor, value_and_grad
from autograd.check import check_grads
from autograd.scipy.stats import multivariate_normal, norm

CONTINUOUS = {"norm": (), "t": (2.5,), "gamma": (1.7,), "chi2": (3.0,), "beta": (1.4, 2.2), "expon": (), "uniform": (), "laplace": (),
              "logistic": (), "cauchy": (), "lognorm": (0.8,)}
DISCRETE = {"poisson": (2.3,), "bernoulli": (0.3,), "binom": (5, 0.4)}
OF_X = ("pdf", "logpdf", "cdf", "sf", "logcdf", "logsf")


def both(name, what):
    ours = importlib.import_module(f"autograd.scipy.stats.{name}")
    return getattr(ours, what), getattr(getattr(scipy.stats, name), what)


def having(what):
    return [name for name in CONTINUOUS if what in vars(importlib.import_module(f"autograd.scipy.stats.{name}"))]


def agree(name, what, *args, atol=1e-300, **kwargs):
    f, g = both(name, what)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        expected, y = g(*args, **kwargs), f(*args, **kwargs)
        recorded = f(*[tensor(a) if isinstance(a, np.ndarray) and a.dtype.kind == "f" else a for a in args], **kwargs)
    assert np.shape(y) == np.shape(expected), (name, what, args)
    np.testing.assert_allclose(y, expected, rtol=1e-11, atol=atol, err_msg=f"{name}.{what}{args}{kwargs}")
    np.testing.assert_allclose(getattr(recorded, "data", recorded), expected, rtol=1e-11, atol=atol)


X = np.array([-30.0, -2.0, -0.4, 0.0, 0.3, 0.9, 1.0, 1.5, 4.0, 60.0, np.nan, np.inf, -np.inf])


@pytest.mark.parametrize("what", OF_X)
@pytest.mark.parametrize("name", CONTINUOUS)
def test_values_are_scipys(name, what):
    shapes, x = CONTINUOUS[name], X
    agree(name, what, x, *shapes)
    agree(name, what, x, *shapes, loc=0.3, scale=1.7)
    agree(name, what, x[:, None], *[s * np.array([0.5, 1.0, 2.0]) for s in shapes], np.array([0.0, -1.0, 2.0]), np.array([1.0, 0.5, 3.0]))
    agree(name, what, 1, *shapes, loc=1)
    if shapes:  # at the edge of the support the density is 0, 1 or infinite, as the shape says
        agree(name, what, np.array([0.0, 1.0]), *[np.array([[0.5], [1.0], [2.0], [3.0]])] * len(shapes))


@pytest.mark.parametrize("name", CONTINUOUS)
def test_invalid_parameters_are_not_a_number(name):
    shapes, f = CONTINUOUS[name], both(name, "logpdf")[0]
    for scale in (0, -1.0, np.array([0.0, -2.0]), tensor([-1.0])):
        assert np.all(np.isnan(np.asarray(getattr(f(0.5, *shapes, scale=scale), "data", f(0.5, *shapes, scale=scale)))))
    for i in range(len(shapes)):
        assert np.isnan(f(0.5, *[-1.0 if j == i else s for j, s in enumerate(shapes)]))


@pytest.mark.parametrize("name", having("ppf"))
def test_quantiles_are_scipys(name):
    q = np.array([-0.1, 0.0, 1e-9, 0.2, 0.5, 0.7, 0.999, 1.0, 1.1, np.nan])
    for what in ("ppf", "isf"):
        if name == "cauchy":
            q = q[3:7]  # elsewhere the quantiles are not finite
        agree(name, what, q, *CONTINUOUS[name], atol=1e-15)
        agree(name, what, q, *CONTINUOUS[name], loc=2.0, scale=np.array([[1.0], [3.0]]), atol=1e-15)
        check_grads(both(name, what)[0], (np.array([0.2, 0.5, 0.7]) + 0.01, *CONTINUOUS[name], 0.4, 1.3), order=2)


@pytest.mark.parametrize("name", having("entropy"))
def test_entropies_are_scipys(name):
    f, g = both(name, "entropy")
    shapes = CONTINUOUS[name]
    assert np.allclose(f(*shapes, loc=1.0, scale=2.0), g(*shapes, loc=1.0, scale=2.0), rtol=1e-11)
    assert np.allclose(f(*shapes, scale=np.array([1.0, 2.0])), g(*shapes, scale=np.array([1.0, 2.0])), rtol=1e-11)
    check_grads(lambda *a: f(*a[:-1], scale=a[-1]), (*shapes, 1.3))


@pytest.mark.parametrize("what", ("logpdf", "cdf", "sf", "logcdf"))
@pytest.mark.parametrize("name", CONTINUOUS)
def test_gradients_go_to_every_argument(name, what):
    x = np.array([0.37, 0.62]) if name in ("beta", "uniform") else np.array([0.3, 1.6])
    check_grads(both(name, what)[0], (x, *CONTINUOUS[name], -0.2, np.array([1.5, 2.1])), order=2)


@pytest.mark.parametrize("name", CONTINUOUS)
def test_beyond_the_support_there_is_no_gradient(name):
    f, outside = both(name, "logpdf")[0], np.array([-1.0, 0.5])
    gradients = grad(lambda x, *a: np.sum(np.where(outside > 0, f(x, *a), 0.0)), tuple(range(1 + len(CONTINUOUS[name]))))(
        outside, *CONTINUOUS[name])
    assert all(np.all(np.isfinite(g)) for g in gradients) and gradients[0][0] == 0


@pytest.mark.parametrize("what", ("pmf", "logpmf", "cdf", "sf"))
@pytest.mark.parametrize("name", DISCRETE)
def test_counts_are_scipys(name, what):
    k = np.array([-1.0, 0.0, 0.5, 1.0, 2.0, 4.0, 5.0, 6.0])
    agree(name, what, k, *DISCRETE[name])
    agree(name, what, k.astype(int), *DISCRETE[name], loc=1)
    *n, p = DISCRETE[name]
    agree(name, what, k[:, None], *n, p * np.array([0.2, 1.0, 1.5]))
    agree(name, what, 1, *n, 0.0)
    agree(name, what, 1, *n, -1.0)
    check_grads(lambda p: both(name, what)[0](np.array([0, 1, 1]), *n, p), np.array([0.2, 0.4, 0.3]))


def test_what_is_counted_has_no_gradient():
    with pytest.raises(TypeError, match=r"poisson.logpmf: k is counted and has no derivative[^$]*k.detach\(\)"):
        sps.poisson.logpmf(tensor([1.0], requires_grad=True), 2.0)
    with pytest.raises(TypeError, match="what is counted has no scale"):
        sps.poisson.pmf(1, 2.0, scale=2.0)
    with pytest.raises(TypeError, match=r"mu is missing. It takes mu, loc=0"):
        sps.poisson.pmf(1)


def test_wrong_arguments_are_told():
    with pytest.raises(TypeError, match=r"gamma.logpdf: a is missing. It takes a, loc=0, scale=1"):
        sps.gamma.logpdf(1.0)
    with pytest.raises(TypeError, match=r"norm.cdf: too many arguments: 3"):
        norm.cdf(1.0, 0.0, 1.0, 2.0)
    with pytest.raises(TypeError, match=r"norm.cdf: there is no argument sigma"):
        norm.cdf(1.0, sigma=1.0)
    with pytest.raises(TypeError, match=r"norm.cdf: loc is given twice"):
        norm.cdf(1.0, 0.0, loc=1.0)


def test_float32_stays():
    for name, shapes in CONTINUOUS.items():
        for what in OF_X:
            f = both(name, what)[0]
            args = [np.float32([0.4, 0.7]), *map(np.float32, shapes)]
            y, gradients = value_and_grad(lambda *a, f=f: np.sum(f(*a, loc=0.1, scale=2)), tuple(range(len(args))))(*args)
            assert y.dtype == np.float32 and all(g.dtype == np.float32 for g in gradients), (name, what)


def test_the_rest_is_scipys():
    assert norm.rvs(size=3, random_state=0).shape == (3,) and sps.gamma.mean(2.0) == 2.0
    assert sps.multivariate_normal.rvs(np.zeros(2), random_state=0).shape == (2,) and sps.dirichlet.mean(np.ones(3)).shape == (3,)
    assert having("ppf") and having("entropy") and sps.kstest is scipy.stats.kstest
    with pytest.raises(AttributeError):
        _ = norm.nothing


# ---- vectors ------------------------------------------------------------------------------------------------------

MEAN, FACTOR = np.array([0.5, -1.0, 2.0]), np.array([[1.0, 0, 0], [0.4, 0.8, 0], [-0.3, 0.2, 1.2]])
POINTS = np.random.default_rng(0).normal(size=(2, 4, 3))


@pytest.mark.parametrize(("x", "mean", "cov"), [
    (POINTS, MEAN, FACTOR @ FACTOR.T), (POINTS[0, 0], None, FACTOR @ FACTOR.T), (POINTS, MEAN, 2.0),
    (POINTS, MEAN, np.array([1.0, 2.0, 0.5])),
    (POINTS[0, 0], None, 1), (0.3, 0.1, 2.0), (POINTS[0, 0], 0.1, 2.0), (POINTS[0], np.zeros(3), np.eye(3))])
def test_multivariate_normal_is_scipys(x, mean, cov):
    for what in ("logpdf", "pdf"):
        f, g = both("multivariate_normal", what)
        expected = g(x, mean, cov)
        assert np.shape(f(x, mean, cov)) == np.shape(expected) and np.allclose(f(x, mean, cov), expected, rtol=1e-11)
    assert np.allclose(multivariate_normal.entropy(mean, cov), scipy.stats.multivariate_normal.entropy(mean, cov))


def test_multivariate_normal_gradients():
    def f(x, mean, factor):
        return multivariate_normal.logpdf(x, mean, factor @ factor.T)

    check_grads(f, (POINTS[0], MEAN, FACTOR), order=2)
    check_grads(lambda factor: multivariate_normal.entropy(MEAN, factor @ factor.T), FACTOR)
    gradient = grad(lambda cov: np.sum(multivariate_normal.logpdf(POINTS[0], MEAN, cov)))(FACTOR @ FACTOR.T)
    assert np.allclose(gradient, gradient.T)


def test_multivariate_normal_of_low_rank():
    tall = FACTOR[:, :2]
    cov = tall @ tall.T
    inside = MEAN + np.array([[0.3, -0.2], [1.0, 0.4]]) @ tall.T
    with pytest.raises(np.linalg.LinAlgError):
        multivariate_normal.logpdf(inside, MEAN, cov - 1e-3 * np.eye(3))
    both_in_and_out = np.concatenate([inside, MEAN[None] + 1.0])
    for x in (inside, both_in_and_out):
        expected = scipy.stats.multivariate_normal.logpdf(x, MEAN, cov, allow_singular=True)
        assert np.allclose(multivariate_normal.logpdf(x, MEAN, cov, allow_singular=True), expected)
    check_grads(lambda c: multivariate_normal.logpdf(MEAN + c @ tall.T, MEAN, cov, allow_singular=True), np.array([[0.3, -0.2]]))


def test_multivariate_normal_shapes_are_checked():
    with pytest.raises(ValueError, match=r"a mean of shape \(2,\) and a covariance of shape \(3, 3\) do not fit"):
        multivariate_normal.logpdf(POINTS, np.zeros(2), np.eye(3))
    with pytest.raises(ValueError, match=r"have 3 elements, and the covariance has shape \(2, 2\)"):
        multivariate_normal.logpdf(POINTS, None, np.eye(2))


def test_dirichlet_is_scipys():
    alpha, x = np.array([1.5, 0.7, 3.0]), np.array([[0.2, 0.5], [0.3, 0.1], [0.5, 0.4]])
    for what in ("logpdf", "pdf"):
        f, g = both("dirichlet", what)
        for given in (x, x[:2], x[:, 0], x[:2, 0]):
            assert np.allclose(f(given, alpha), g(given, alpha), rtol=1e-11) and np.shape(f(given, alpha)) == np.shape(g(given, alpha))
    check_grads(sps.dirichlet.logpdf, (x[:2], alpha), order=2)


@pytest.mark.parametrize(("x", "alpha", "says"), [
    (np.array([0.5, 0.6]), np.ones(2), "with a sum of 1"), (np.array([0.5, 0.5]), np.array([1.0, -1.0]), "positive numbers"),
    (np.ones(5) / 5, np.ones(3), r"alpha of shape \(3,\) means 3")])
def test_dirichlet_checks(x, alpha, says):
    with pytest.raises(ValueError, match=says):
        sps.dirichlet.logpdf(x, alpha)


# ---- what it is for -----------------------------------------------------------------------------------------------


def test_a_maximum_of_likelihood():
    """The gradient of a log-likelihood vanishes at its maximum, and the Hessian there is minus the information."""
    x = np.random.default_rng(0).normal(1.5, 2.0, size=200)

    def loss(parameters):
        return -np.sum(norm.logpdf(x, parameters[0], np.exp(parameters[1])))

    best = np.array([x.mean(), np.log(x.std())])
    assert np.allclose(grad(loss)(best), 0, atol=1e-9)
    assert np.allclose(hessian(loss)(best), np.diag([len(x) / x.var(), 2 * len(x)]))
