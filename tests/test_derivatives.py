"""Do derivatives of functions nest, take trees, and survive a checkpoint?

Read next: `test_check.py`.
"""

import numpy as np
import pytest

import autograd
from autograd import Tensor, checkpoint, ggnvp, grad, hessian, hvp, jacobian, jvp, ops, primitive, tensor, value_and_grad, vjp
from autograd.primitive import REGISTRY


@pytest.fixture
def x():
    return tensor([1.0, 2.0, 3.0], requires_grad=True, name="x")


@pytest.fixture(autouse=True)
def registry():
    """Primitives that a test declares are forgotten."""
    before = dict(REGISTRY)
    yield
    REGISTRY.clear()
    REGISTRY.update(before)


# ---- functions of functions -------------------------------------------------------------------------------------------


def test_perturbation_confusion():
    """d/dx (x d/dy (x + y)) = 1, and not 2 (Siskind and Pearlmutter 2005)."""
    assert grad(lambda x: x * grad(lambda y: x + y)(1.0))(1.0) == 1
    assert grad(lambda x: x * grad(lambda y: x * y)(2.0))(3.0) == 6
    _, outer = jvp(lambda x: x * jvp(lambda y: x + y, (1.0,), (1.0,))[1], (1.0,), (1.0,))
    assert outer == 1


def test_nested_gradients_of_any_depth():
    f = np.sin
    for expected in (np.cos(0.3), -np.sin(0.3), -np.cos(0.3), np.sin(0.3)):
        f = grad(f)
        assert f(0.3) == pytest.approx(expected, rel=1e-14)


def test_trees_in_and_out():
    p = {"w": np.array([1.0, 2.0]), "b": [np.float64(3.0), (4.0,)]}
    g = grad(lambda p: (p["w"] * p["b"][0]).sum() * p["b"][1][0])(p)
    np.testing.assert_array_equal(g["w"], [12, 12])
    assert g["b"][0] == 12 and g["b"][1][0] == 9 and isinstance(g["b"][1], tuple)
    y, pullback = vjp(lambda x: {"a": x * 2, "b": (x * 3, x * x)}, np.array([1.0, 2.0]))
    np.testing.assert_array_equal(pullback({"a": np.ones(2), "b": (np.ones(2), np.ones(2))}), [7, 9])
    np.testing.assert_array_equal(y["b"][1], [1, 4])


def test_argnums_and_keywords():
    def f(a, b, *, c=1.0):
        return a * b * c

    assert grad(f, 1)(2.0, 3.0, c=5.0) == 10
    assert grad(f, (0, 1))(2.0, 3.0) == (3, 2)
    assert grad(f, -1)(2.0, 3.0) == 2
    with pytest.raises(TypeError, match="argument 2"):
        grad(f, 2)(2.0, 3.0)


def test_has_aux():
    (y, aux), g = value_and_grad(lambda x: (x * x, {"x": x * 2, "name": "n"}), has_aux=True)(3.0)
    assert (y, g, aux["x"], aux["name"]) == (9, 6, 6, "n")
    assert not isinstance(aux["x"], Tensor)
    assert grad(lambda x: (x * x, "n"), has_aux=True)(3.0) == (6, "n")


def test_grad_of_something_not_scalar():
    with pytest.raises(TypeError, match=r"scalar.*\(3,\)"):
        grad(lambda x: x * 2)(np.ones(3))


def test_grad_of_a_constant_is_zero():
    np.testing.assert_array_equal(grad(lambda x: 3.0)(np.ones(3)), np.zeros(3))
    np.testing.assert_array_equal(grad(lambda x: ops.floor(x).sum())(np.ones(3) * 1.5), np.zeros(3))


def test_grad_does_not_touch_its_arguments_or_leaves(x):
    w = tensor([1.0, 1.0, 1.0], requires_grad=True)
    a = np.ones(3)
    g = grad(lambda a: (a * w * x).sum())(a)
    assert x.grad is None and w.grad is None
    g = np.array(g.detach() if isinstance(g, Tensor) else g)
    np.testing.assert_array_equal(g, x.data)
    np.testing.assert_array_equal(a, np.ones(3))


def test_a_gradient_belongs_to_the_outer_tape(x):
    def inner(w):
        return grad(lambda a: (a**3 * w).sum())(np.ones(3))

    inner(x).sum().backward()
    np.testing.assert_array_equal(x.grad.data, [3, 3, 3])


def test_jacobian_and_hessian():
    a = np.arange(6.0).reshape(2, 3)
    np.testing.assert_array_equal(jacobian(lambda x: ops.matmul(a, x))(np.ones(3)), a)
    h = hessian(lambda x: (x[0] * x[1] ** 2) + x[2])(np.array([1.0, 2.0, 3.0]))
    np.testing.assert_array_equal(h, [[0, 4, 0], [4, 2, 0], [0, 0, 0]])


def test_a_fused_operation_has_the_derivatives_of_its_definition():
    @primitive(x=lambda g, y: g * y, definition=lambda x: ops.exp(x))
    def fused(x):
        return np.exp(x)

    assert grad(grad(grad(fused)))(0.5) == pytest.approx(np.exp(0.5))


# ---- checkpoint -------------------------------------------------------------------------------------------------------


def test_checkpoint_gives_the_same_gradients():
    w = tensor([2.0, 3.0], requires_grad=True)

    def f(x):
        return ops.sin(x * w) * ops.exp(x)

    def gradients(f):
        w.zero_grad()
        x = tensor([0.5, 1.5], requires_grad=True)
        f(x).sum().backward()
        return x.grad.data.copy(), w.grad.data.copy()

    np.testing.assert_allclose(gradients(checkpoint(f)), gradients(f))


def test_checkpoint_remembers_only_its_inputs(x):
    y = checkpoint(lambda x: ops.exp(ops.sin(ops.exp(x))))(x)
    assert y.node.op == "checkpoint" and y.node.inputs == (x.node,)


def test_checkpoint_draws_the_same_random_numbers():
    autograd.random.seed(3)
    seen = []

    def noisy(x):
        mask = autograd.random.generator().random(3)
        seen.append(mask)
        return x * mask

    x = tensor([1.0, 1.0, 1.0], requires_grad=True)
    y = checkpoint(noisy)(x)
    after = autograd.random.generator().random()
    y.sum().backward()
    assert len(seen) == 2
    np.testing.assert_array_equal(seen[0], seen[1])
    np.testing.assert_array_equal(x.grad.data, seen[0])
    autograd.random.seed(3)
    autograd.random.generator().random(3)
    assert after == autograd.random.generator().random()
    autograd.random.seed()


def test_checkpoint_of_several_results(x):
    a, (b, c) = checkpoint(lambda x: (x.sum(), (ops.exp(x), x * 2)))(x)
    (a + b.sum() + c.sum()).backward()
    np.testing.assert_allclose(x.grad.data, 1 + np.exp(x.data) + 2)


def test_hvp_is_the_hessian_times_a_vector():
    a, v = np.array([0.3, -1.2, 2.0]), np.array([1.0, -0.5, 0.25])

    def f(scale, x):
        return np.sum(np.sin(x[1:] * x[:-1]) * scale) + np.sum(x**4)

    h = hessian(f, 1)(2.0, a)
    np.testing.assert_allclose(hvp(f, 1)(2.0, a, v), h @ v, rtol=1e-12)
    third = jacobian(lambda x: hessian(f, 1)(2.0, x) @ v)(a).sum(axis=0)
    np.testing.assert_allclose(grad(lambda x: np.sum(hvp(f, 1)(2.0, x, v)))(a), third, rtol=1e-10)


def test_ggnvp_is_the_gauss_newton_matrix_times_a_vector():
    a, v, m = np.array([0.3, -1.2]), np.array([1.0, -0.5]), np.arange(6.0).reshape(3, 2)

    def f(x):
        return np.tanh(m @ x)

    def loss(y):
        return np.sum(np.exp(y) * y)

    j = jacobian(f)(a)
    np.testing.assert_allclose(ggnvp(f)(a, v), j.T @ (j @ v), rtol=1e-12)
    np.testing.assert_allclose(ggnvp(f, loss)(a, v), j.T @ (hessian(loss)(f(a)) @ (j @ v)), rtol=1e-12)


def test_checkpoint_in_second_order():
    f = checkpoint(lambda x: ops.sin(x) * x)
    plain = grad(grad(lambda x: ops.sin(x) * x))(0.7)
    assert grad(grad(f))(0.7) == pytest.approx(plain, rel=1e-13)
    diagonal = [2 * np.cos(0.5) - 0.5 * np.sin(0.5), plain]
    np.testing.assert_allclose(hessian(lambda x: f(x).sum())(np.array([0.5, 0.7])), np.diag(diagonal), rtol=1e-12)


def test_checkpoint_inside_checkpoint(x):
    inner = checkpoint(ops.exp)
    checkpoint(lambda x: inner(x) * inner(x))(x).sum().backward()
    np.testing.assert_allclose(x.grad.data, 2 * np.exp(2 * x.data))


def test_an_argument_of_checkpoint_written_afterwards(x):
    a = np.array([1.0, 2.0, 3.0])
    y = checkpoint(lambda x, a: ops.sin(x * a))(x, a).sum()
    a[:] = 100
    y.backward()
    np.testing.assert_allclose(x.grad.data, np.cos(x.data * [1, 2, 3]) * [1, 2, 3])
