"""Does `check_grads` see what is wrong, and say it?

Read next: `test_laws.py`, where the same comparison runs over every operation.
"""

import os
import subprocess
import sys

import numpy as np
import pytest

from autograd import ops, primitive, tensor
from autograd.check import GradientError, check_grads, numerical_gradient, numerical_jacobian
from autograd.primitive import REGISTRY
from autograd.testing import LAWS, arrays, check_primitive, laws_for

RNG = np.random.default_rng(0)
A, B = RNG.normal(size=(3, 3)), RNG.normal(size=(3, 3))


@pytest.fixture(autouse=True)
def registry():
    """Primitives that a test declares are forgotten."""
    before = dict(REGISTRY)
    yield
    REGISTRY.clear()
    REGISTRY.update(before)


def product(rule):
    return primitive(np.multiply, a=rule, b=lambda g, a: g * a, name="product", broadcasts=True)


@pytest.mark.parametrize("rule, words", [
    (lambda g, b: 2 * g * b, "factor 2"),
    (lambda g, b: -g * b, "wrong sign"),
    (lambda g, b: g * b / 3, r"1/3.*axis"),
    (lambda g, b: g * b * (1 + 1e-4), r"factor 1.0001"),
    (lambda g, b: g * 0, "is zero"),
    (lambda g, b: g / (b - b), "not finite"),
    (lambda g, b: g * b + 1 * (b == B[1, 2]), "1 of 9 elements"),
])
def test_it_says_what_is_wrong(rule, words):
    with np.errstate(all="ignore"), pytest.raises(GradientError, match=rf"(?s)product by argument 0 \(a\).*analytic.*numeric.*{words}"):
        check_grads(product(rule), (A, B))


def test_it_says_transposed():
    bad = primitive(name="bad", x=lambda g: ops.transpose(g))(lambda x: x * 1)
    with pytest.raises(GradientError, match="transpose"):
        check_grads(bad, A)


def test_it_names_the_place_in_a_tree():
    bad = product(lambda g, b: g * b * 2)
    with pytest.raises(GradientError, match=r"argument 1 \(params\) \['layers'\]\[0\]"):
        check_grads(lambda x, params: bad(params["layers"][0], x).sum(), (1.0, {"layers": [A, B]}))
    check_grads(lambda x, params: {"y": params["layers"][0] * x, "n": 3, "z": [params["layers"][1]]}, (1.0, {"layers": [A, B]}))


def test_second_order_is_checked():
    bad = primitive(np.sin, x=lambda g, x: g * np.cos(x.data if hasattr(x, "node") else x), name="bad")
    check_grads(bad, A, order=1)
    with pytest.raises(GradientError, match="the gradient of bad"):
        check_grads(bad, A, order=2)


def test_forward_mode_is_checked():
    with pytest.raises(GradientError, match="forward mode"):
        check_grads(product(lambda g, b: 2 * g * b), (A, B), modes=["fwd"])
    with pytest.raises(ValueError, match="'rev'"):
        check_grads(ops.sin, A, modes=["reverse"])


def test_kinks():
    x = np.array([0.0, 1.0, -1.0, 0.0])
    check_grads(ops.relu, x)
    check_grads(ops.absolute, x)
    check_grads(lambda x: ops.max(x), np.array([1.0, 1.0, 0.5]))
    check_grads(ops.floor, np.array([1.0, 2.5]))
    outside = primitive(name="outside", x=lambda g, x: g * (x > 0) + 2 * g * (x == 0))(lambda x: np.maximum(x, 0))
    with pytest.raises(GradientError, match=r"left.*right.*kink"):
        check_grads(outside, x)


def test_float32_and_complex():
    check_grads(lambda x, y: ops.exp(x) * y, (A.astype(np.float32), B.astype(np.float32)))
    check_grads(lambda z: ops.exp(z) * z, (A + 1j * B,))


def test_scales():
    check_grads(lambda x: ops.log(x), np.array([1e-6, 1e-6]))
    check_grads(lambda x: x * x, np.array([1e8, 1.0]))
    check_grads(lambda x: 1e-12 * ops.sin(x), np.array([0.3]))


def test_nothing_to_check():
    with pytest.raises(TypeError, match="nothing to differentiate"):
        check_grads(lambda x: x, (np.arange(3),))


def test_captured_tensors_and_keywords():
    w = tensor(A, requires_grad=True)
    check_grads(lambda x, *, scale: ops.sin(x @ w) * scale, (B,), kwargs={"scale": 2.0})
    assert w.grad is None


def test_the_same_seed_checks_the_same_directions():
    bad = product(lambda g, b: 2 * g * b)
    messages = set()
    for _ in range(2):
        with pytest.raises(GradientError) as found:
            check_grads(bad, (A, B), rng=3)
        messages.add(str(found.value))
    assert len(messages) == 1


def test_numerical_gradient_and_jacobian():
    np.testing.assert_allclose(numerical_gradient(lambda x: (x**3).sum(), A), 3 * A**2, atol=1e-8)
    np.testing.assert_allclose(numerical_gradient(lambda x: ops.sum(tensor(x) ** 3), A), 3 * A**2, atol=1e-8)
    np.testing.assert_allclose(numerical_jacobian(lambda x: A @ x, np.ones(3)), A, atol=1e-8)
    assert numerical_jacobian(lambda x: A @ x, B).shape == (3, 3, 3, 3)
    assert numerical_gradient(lambda x: x * x, 3.0) == pytest.approx(6)


def test_checking_does_not_need_hypothesis():
    code = ("import sys; sys.modules['hypothesis'] = None\n"
            "from autograd import ops; from autograd.check import check_grads; check_grads(ops.sin, 1.0)")
    subprocess.run([sys.executable, "-c", code], check=True, env=os.environ)


# ---- for primitives of one's own ----------------------------------------------------------------------------------


def swish_of(rule):
    return primitive(name="swish", x=rule)(lambda x: x / (1 + np.exp(-x)))


def right(g, x):
    s = ops.sigmoid(x)
    return g * s * (1 + x * (1 - s))


@laws_for(swish_of(right))
def test_laws_for(draw):
    return (draw(arrays()),), {}


def test_check_primitive():
    check_primitive(swish_of(right))
    check_primitive(swish_of(right), [A])
    with pytest.raises(GradientError):
        check_primitive(swish_of(lambda g, x: g * ops.sigmoid(x)))
    with pytest.raises(TypeError, match="arguments"):
        check_primitive(primitive(name="scaled", x=lambda g, factor: g * factor)(lambda x, factor: x * factor))
    check_primitive(primitive(name="scaled", x=lambda g, factor: g * factor)(lambda x, factor: x * factor), [A, 2])


def test_laws_are_documented():
    assert all(law.__doc__ for law in LAWS.values())


def test_a_kink_with_the_value_zero_is_no_jump():
    bad = primitive(np.abs, name="bad_abs", x=lambda g, x: g * x / np.abs(x))
    for x in (np.array(2.0), np.array([2.0, 1.0])):
        with pytest.raises(AssertionError):
            LAWS["kinks"](bad, (x,))


def test_a_function_that_overwrites_its_argument_deceives_no_law():
    @primitive(x=lambda g, y: y * (g - np.sum(g * y)))
    def overwriting(x):
        x -= np.max(x)
        return np.exp(x) / np.sum(np.exp(x))

    with pytest.raises(AssertionError):
        check_primitive(overwriting, (np.random.default_rng(0).normal(size=4),))
