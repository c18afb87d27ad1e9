"""Does a cotangent of zero stay zero, where the slope is infinite?

Read next: `test_anomaly.py`.
"""

import threading
import warnings

import numpy as np
import pytest

from autograd import check_grads, grad, hessian, jvp, ops, primitive, tensor, zero_stays_zero
from autograd.primitive import REGISTRY

GUARDED = {
    "log": (lambda x: np.where(x > 0, np.log(x), 0.0), [0.0, 2.0], [0.0, 0.5]),
    "sqrt": (lambda x: np.where(x > 0, np.sqrt(x), 0.0), [0.0, 4.0], [0.0, 0.25]),
    "divide": (lambda x: np.where(x != 0, 1 / x, 0.0), [0.0, 2.0], [0.0, -0.25]),
    "power": (lambda x: np.where(x > 0, x ** 0.5, 0.0), [0.0, 4.0], [0.0, 0.25]),
    "exp": (lambda x: np.where(x < 10, np.exp(x), 0.0), [1000.0, 0.0], [0.0, 1.0]),
    "arcsin": (lambda x: np.where(x < 1, np.arcsin(x), 0.0), [1.0, 0.0], [0.0, 1.0]),
    "log1p": (lambda x: np.where(x > -1, np.log1p(x), 0.0), [-1.0, 1.0], [0.0, 0.5]),
    "multiply": (lambda x: np.where(x > 0, np.log(x) * np.cos(x), 0.0), [0.0, 1.0], [0.0, np.cos(1.0)]),
    "gammaln": (lambda x: np.where(x > 0, ops.gammaln(x), 0.0), [0.0, 1.0], [0.0, -0.5772156649015329]),
}


@pytest.mark.parametrize("name", GUARDED)
def test_a_guarded_function_has_a_finite_gradient(name):
    f, x, expected = GUARDED[name]
    x = np.array(x)
    with np.errstate(divide="ignore", over="ignore"), warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.allclose(grad(lambda x: np.sum(f(x)))(x), expected)
        t = tensor(x, requires_grad=True)
        f(t).sum().backward()
        assert np.allclose(t.grad.data, expected)
        _, tangent = jvp(f, (x,), (np.ones_like(x),))
        assert np.allclose(tangent, expected)
        number = np.float64(x[0])
        assert grad(f)(number) == 0.0


@pytest.mark.parametrize("name", GUARDED)
def test_higher_derivatives_are_finite_too(name):
    f, x, _ = GUARDED[name]
    x = np.array(x)
    inner = x[1:]
    with np.errstate(all="ignore"):
        whole = hessian(lambda x: np.sum(f(x)))(x)
        assert np.isfinite(whole).all() and whole[0, 0] == 0 == whole[0, 1]
        assert np.allclose(whole[1:, 1:], hessian(lambda x: np.sum(f(x)))(inner))
        third = grad(grad(grad(lambda x: np.sum(f(x)))))  # of numbers
        assert np.isfinite(third(x[0])) and np.isclose(third(x[1]), third(inner[0]))


def test_it_can_be_switched_off():
    f, x, expected = GUARDED["log"]
    with np.errstate(all="ignore"):
        with zero_stays_zero(False):
            assert np.isnan(grad(lambda x: np.sum(f(x)))(np.array(x))[0])
            with zero_stays_zero(True):
                assert np.allclose(grad(lambda x: np.sum(f(x)))(np.array(x)), expected)
        assert np.allclose(grad(lambda x: np.sum(f(x)))(np.array(x)), expected)


def test_an_infinite_slope_that_is_used_stays_infinite():
    with np.errstate(divide="ignore"):
        assert grad(np.sqrt)(0.0) == np.inf
        assert np.isinf(grad(lambda x: np.sum(np.log(x)))(np.array([0.0, 1.0]))).tolist() == [True, False]


def not_a_number(x):
    return np.sum(np.sqrt(x * x))  # at 0: an infinite slope, times 0


def test_what_is_invalid_for_another_reason_is_reported_as_numpy_is_told_to():
    x = np.zeros(2)
    with pytest.warns(RuntimeWarning, match="invalid value.*in the gradient of multiply"), np.errstate(divide="ignore"):
        assert np.isnan(grad(not_a_number)(x)).all()
    with np.errstate(divide="ignore", invalid="ignore"), warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.isnan(grad(not_a_number)(x)).all()
    with np.errstate(divide="ignore", invalid="raise"), pytest.raises(FloatingPointError, match="multiply"):
        grad(not_a_number)(x)
    told = []
    with np.errstate(divide="ignore", invalid="call", call=lambda *args: told.append(args)):
        grad(not_a_number)(x)
    assert told
    assert np.geterr()["invalid"] == "warn"


def test_operations_that_mix_elements_are_left_alone():
    """A zero cotangent of one element of softmax is no reason for a zero gradient there."""
    x = tensor([1.0, 2.0, 3.0], requires_grad=True)
    (ops.softmax(x) * np.array([1.0, 0.0, 0.0])).sum().backward()
    assert np.all(x.grad.data != 0)
    assert not ops.softmax.pointwise and not ops.matmul.pointwise and ops.log.pointwise and ops.gammaln.pointwise


def test_a_primitive_of_ones_own_may_say_that_it_is_pointwise():
    before = dict(REGISTRY)
    try:
        @primitive(x=lambda g, x: g / (2 * ops.sqrt(x)), pointwise=True)
        def root(x):
            return np.sqrt(x)

        with np.errstate(divide="ignore"):
            assert grad(lambda x: np.sum(np.where(x > 0, root(x), 0.0)))(np.array([0.0, 4.0])).tolist() == [0.0, 0.25]
    finally:
        REGISTRY.clear()
        REGISTRY.update(before)


def test_float32_stays_float32():
    x = tensor(np.array([0.0, 4.0], np.float32), requires_grad=True)
    ops.where(x > 0, ops.sqrt(x), 0).sum().backward()
    assert x.grad.dtype == np.float32 and x.grad.data.tolist() == [0.0, 0.25]


def test_threads_do_not_disturb_each_other():
    f, x, expected = GUARDED["sqrt"]
    found = []

    def run():
        for _ in range(50):
            found.append(np.allclose(grad(lambda x: np.sum(f(x)))(np.array(x)), expected))

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 200 and all(found)


def test_the_gradient_away_from_the_edge_is_right():
    check_grads(lambda x: np.sum(np.where(x > 0, np.log(x + 2.0 * (x <= 0)), 0.0)), (np.array([-1.0, 0.5, 2.0]),))
