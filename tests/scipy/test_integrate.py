"""Are the gradients of a differential equation's solution right: to its start, its times and its parameters?

The primitive below `odeint` obeys all laws (`cases/integrate.py`). Here: equations with known solutions, and the forms of calls.
"""

import numpy as np
import pytest
import scipy.integrate

from autograd import grad, hessian, jacobian, tensor
from autograd.check import check_grads
from autograd.scipy import integrate
from autograd.scipy.integrate import odeint

TIGHT = {"rtol": 1e-10, "atol": 1e-10}
T = np.array([0.0, 0.5, 1.2])


def test_values_are_scipys():
    def pendulum(y, t, k):
        return [y[1], -k * np.sin(y[0])]

    expected = scipy.integrate.odeint(pendulum, [1.0, 0.0], T, args=(2.0,))
    assert np.array_equal(odeint(pendulum, [1.0, 0.0], T, args=(2.0,)), expected)
    assert np.array_equal(odeint(pendulum, tensor([1.0, 0.0]), T, args=(tensor(2.0),)).data, expected)
    expected_of_one = scipy.integrate.odeint(lambda t, y: -y, 1.0, T, tfirst=True)
    assert np.array_equal(odeint(lambda t, y: -y, tensor(1.0), T, tfirst=True).data, expected_of_one)
    y, report = odeint(pendulum, [1.0, 0.0], T, args=(2.0,), full_output=True)
    assert np.array_equal(y, expected) and report["message"]


def test_growth_has_the_known_derivatives():
    """y = y0 exp(k (t - t0)): every derivative, of first and second order, is known."""
    def final(y0, t, k):
        return odeint(lambda y, t, k: k * y, y0, t, args=(k,), **TIGHT)[-1, 0]

    y0, t, k = 1.5, np.array([0.2, 0.9]), 0.7
    y, age = y0 * np.exp(k * 0.7), 0.7
    to_y0, to_t, to_k = grad(final, (0, 1, 2))(y0, t, k)
    assert np.allclose([to_y0, *to_t, to_k], [y / y0, -k * y, k * y, age * y], rtol=1e-7)
    assert np.isclose(hessian(final, 2)(y0, t, k), age**2 * y, rtol=1e-6)
    assert np.allclose(hessian(final, 1)(y0, t, k), k * k * y * np.array([[1, -1], [-1, 1]]), rtol=1e-6)


def test_an_oscillator_of_matrix_form():
    """y = expm(A t) y0, with the matrix and the start in a tree of arguments, and times that run backwards."""
    def states(y0, t, parameters):
        return odeint(lambda y, t, p, force: p["matrix"] @ y + force * np.cos(t), y0, t, args=(parameters, 0.3), **TIGHT)

    check_grads(states, (np.array([1.0, 0.5]), T[::-1].copy(), {"matrix": np.array([[0.0, 1.0], [-2.0, -0.1]])}), order=1, tolerance=1e-6)


def test_a_list_of_derivatives_and_time_first():
    def final(y0, k):
        return odeint(lambda t, y, k: [y[1], -k[0] * y[0] - k[1] * y[1]], y0, T, args=(k,), tfirst=True, **TIGHT)[-1]

    check_grads(final, (np.array([1.0, 0.5]), np.array([2.0, 0.1])), order=1, tolerance=1e-6)
    assert jacobian(final, 1)(np.array([1.0, 0.5]), np.array([2.0, 0.1])).shape == (2, 2)


def test_one_time_is_the_start():
    assert np.array_equal(grad(lambda y: np.sum(odeint(lambda y, t: -y, y, np.array([0.3]))))(np.array([1.0, 2.0])), [1.0, 1.0])


def test_float32_stays():
    g = grad(lambda k: odeint(lambda y, t, k: -k * y, np.float32(1), T.astype(np.float32), args=(k,))[-1, 0])(np.float32(0.5))
    assert g.dtype == np.float32 and np.isclose(g, -1.2 * np.exp(-0.6), rtol=1e-5)


@pytest.mark.parametrize(("call", "error", "says"), [
    (lambda x: odeint(lambda y, t: -x * y, 1.0, T), TypeError, "requires a gradient|lose its gradient"),
    (lambda x: odeint(lambda y, t: -x * y, tensor(1.0), T), TypeError, r"it: odeint\(func, y0, t, args=\(x,\)\), with func\(y, t, x\)"),
    (lambda x: odeint(lambda y, t, x: -x * y, 1.0, T, args=(x,), full_output=True), TypeError, "full_output=True is for plain arrays"),
    (lambda x: odeint(lambda y, t, x: -x * y, 1j, T, args=(x,)), TypeError, "must be real")])
def test_bad_calls_are_told(call, error, says):
    with pytest.raises(error, match=says):
        call(tensor(0.5, requires_grad=True))


def test_the_rest_is_scipys():
    assert integrate.quad is scipy.integrate.quad
    assert np.allclose(grad(lambda y: integrate.trapezoid(y, dx=0.5))(np.ones(3)), [0.25, 0.5, 0.25])


def test_a_rate_is_found():
    """Newton's method on a squared error finds the rate of decay from data."""
    data = odeint(lambda y, t: -0.8 * y, 1.0, T)

    def loss(k):
        return np.sum((odeint(lambda y, t, k: -k * y, 1.0, T, args=(k,)) - data) ** 2)

    k = 0.5
    for _ in range(5):
        k -= grad(loss)(k) / hessian(loss)(k)
    assert np.isclose(k, 0.8, atol=1e-5)
