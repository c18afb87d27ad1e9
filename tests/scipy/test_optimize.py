"""Does `scipy.optimize` take what `grad` and its kin return, as it is?"""

import numpy as np
import pytest
from scipy import optimize

from autograd import grad, hessian, hvp, jacobian, value_and_grad


def rosenbrock(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


START = np.array([1.3, 0.7, 0.8, 1.9])


@pytest.mark.parametrize("method", ["BFGS", "L-BFGS-B", "CG", "TNC", "SLSQP"])
def test_methods_that_take_a_gradient(method):
    options = {"maxfun": 2000} if method == "TNC" else {"maxiter": 2000}
    with_value = optimize.minimize(value_and_grad(rosenbrock), START, jac=True, method=method, options=options)
    apart = optimize.minimize(rosenbrock, START, jac=grad(rosenbrock), method=method, options=options)
    for result in (with_value, apart):
        assert result.success and np.allclose(result.x, 1, atol=1e-3)


@pytest.mark.parametrize("method", ["Newton-CG", "trust-ncg", "trust-exact", "dogleg", "trust-krylov"])
def test_methods_that_take_a_hessian(method):
    start = np.array([1.1, 1.15, 1.3]) if method == "dogleg" else START  # which wants it positive definite
    result = optimize.minimize(rosenbrock, start, jac=grad(rosenbrock), hess=hessian(rosenbrock), method=method)
    assert result.success and np.allclose(result.x, 1, atol=1e-4)


@pytest.mark.parametrize("method", ["Newton-CG", "trust-ncg", "trust-krylov"])
def test_methods_that_take_a_product_with_the_hessian(method):
    result = optimize.minimize(rosenbrock, START, jac=grad(rosenbrock), hessp=hvp(rosenbrock), method=method)
    assert result.success and np.allclose(result.x, 1, atol=1e-4)


def test_constraints_and_bounds():
    """The largest product on the unit circle, and within bounds."""
    def on_circle(x):
        return np.sum(x ** 2) - 1

    result = optimize.minimize(value_and_grad(lambda x: -x[0] * x[1]), [0.9, 0.2], jac=True, method="SLSQP", bounds=[(0, 2)] * 2,
                               constraints={"type": "eq", "fun": on_circle, "jac": grad(on_circle)})
    assert result.success and np.allclose(result.x, np.sqrt(0.5))
    constraint = optimize.NonlinearConstraint(on_circle, 0, 0, jac=grad(on_circle), hess=lambda x, v: v[0] * hessian(on_circle)(x))
    result = optimize.minimize(lambda x: -x[0] * x[1], [0.9, 0.2], jac=grad(lambda x: -x[0] * x[1]), hess=hessian(lambda x: -x[0] * x[1]),
                               method="trust-constr", constraints=constraint)
    assert np.allclose(result.x, np.sqrt(0.5), atol=1e-5)


T = np.linspace(0, 2, 30)


def model(p, t=T):
    return p[0] * np.exp(-p[1] * t) + p[2]


TRUE = np.array([2.0, 1.3, 0.5])


@pytest.mark.parametrize("method", ["trf", "dogbox", "lm"])
def test_least_squares(method):
    def residuals(p):
        return model(p) - model(TRUE)

    result = optimize.least_squares(residuals, np.ones(3), jac=jacobian(residuals), method=method)
    assert result.success and np.allclose(result.x, TRUE)


def test_curve_fit():
    """`curve_fit` calls f(t, a, b, c) with numbers."""
    def curve(t, a, b, c):
        return model((a, b, c), t)

    def jac(t, *p):
        return np.stack(jacobian(lambda *p: curve(t, *p), (0, 1, 2))(*p), axis=1)

    found, _ = optimize.curve_fit(curve, T, model(TRUE), p0=np.ones(3), jac=jac)
    assert np.allclose(found, TRUE)


def intersections(x):
    return np.stack([x[0] ** 2 + x[1] ** 2 - 4, np.exp(x[0]) + x[1] - 1])


@pytest.mark.parametrize("method", ["hybr", "lm"])
def test_roots(method):
    result = optimize.root(intersections, [1.0, -1.0], jac=jacobian(intersections), method=method)
    assert result.success and np.allclose(intersections(result.x), 0, atol=1e-8)


def test_a_root_on_a_line():
    def f(x):
        return np.cos(x) - x

    for options in ({"fprime": grad(f)}, {"fprime": grad(f), "fprime2": grad(grad(f))}):
        assert np.isclose(optimize.newton(f, 0.5, **options), 0.7390851332151607)
    assert np.isclose(optimize.root_scalar(f, x0=0.5, fprime=grad(f), method="newton").root, 0.7390851332151607)


def test_parameters_in_a_tree():
    """What SciPy optimises is a vector; a model's parameters are a tree, taken apart and put together."""
    from autograd.tree import flatten

    rng = np.random.default_rng(0)
    x = rng.normal(size=(40, 2))
    y = np.sin(x[:, 0]) * x[:, 1]
    start = {"w": rng.normal(size=(2, 8)), "b": np.zeros(8), "v": rng.normal(size=8)}
    leaves, structure = flatten(start)
    splits = np.cumsum([leaf.size for leaf in leaves])[:-1]

    def loss(vector):
        parts = [part.reshape(leaf.shape) for part, leaf in zip(np.split(vector, splits), leaves)]
        p = structure.unflatten(parts)
        return np.mean((np.tanh(x @ p["w"] + p["b"]) @ p["v"] - y) ** 2)

    vector = np.concatenate([leaf.ravel() for leaf in leaves])
    result = optimize.minimize(value_and_grad(loss), vector, jac=True, method="L-BFGS-B")
    assert result.fun < 0.05 * loss(vector) and optimize.check_grad(loss, grad(loss), vector) < 1e-5
