"""What does a backward pass promise? Points of semantics, one test each; the laws (`test_laws.py`) cover what is true of every operation.

Read next: `test_values.py`.
"""

import threading

import numpy as np
import pytest

import autograd
from autograd import Tensor, enable_grad, grad, no_grad, ops, tensor


@pytest.fixture
def x():
    return tensor([1.0, 2.0, 3.0], requires_grad=True, name="x")


# ---- backward ---------------------------------------------------------------------------------------------------------


def test_gradient_of_a_leaf(x):
    (x * x).sum().backward()
    assert isinstance(x.grad, Tensor) and x.grad.node is None
    np.testing.assert_array_equal(x.grad.data, [2, 4, 6])


def test_gradients_accumulate_until_they_are_zeroed(x):
    for _ in range(3):
        (2 * x).sum().backward()
    np.testing.assert_array_equal(x.grad.data, [6, 6, 6])
    x.zero_grad()
    assert x.grad is None


def test_accumulation_does_not_change_a_gradient_that_was_taken_away(x):
    (2 * x).sum().backward()
    first = x.grad.data
    (2 * x).sum().backward()
    np.testing.assert_array_equal(first, [2, 2, 2])
    np.testing.assert_array_equal(x.grad.data, [4, 4, 4])


def test_a_value_used_twice_gets_both_contributions(x):
    y = x * x
    assert y.node.inputs == (x.node, x.node)
    (y + x * 3 + x).sum().backward()
    np.testing.assert_array_equal(x.grad.data, 2 * x.data + 4)


def test_second_backward_names_the_way_out(x):
    y = ops.exp(x).sum()
    y.backward()
    before = x.grad.data.copy()
    with pytest.raises(RuntimeError, match=r"(?s)already used.*(exp|sum).*retain_graph=True"):
        y.backward()
    np.testing.assert_array_equal(x.grad.data, before)


def test_second_backward_through_a_shared_part_is_refused_and_changes_nothing(x):
    shared = ops.exp(x)
    a, b = (shared * 2).sum(), (shared * 3).sum()
    a.backward()
    before = x.grad.data.copy()
    with pytest.raises(RuntimeError, match="retain_graph"):
        b.backward()
    np.testing.assert_array_equal(x.grad.data, before)


def test_retain_graph_allows_another_backward(x):
    y = ops.exp(x).sum()
    y.backward(retain_graph=True)
    y.backward()
    np.testing.assert_allclose(x.grad.data, 2 * np.exp(x.data))


def test_backward_frees_what_nodes_keep(x):
    y = ops.exp(x)
    z = y.sum()
    z.backward()
    assert "freed" in repr(y.node.saved)


def test_backward_needs_a_graph():
    with pytest.raises(RuntimeError, match="requires grad"):
        tensor([1.0]).sum().backward()


def test_backward_of_an_array_needs_a_gradient(x):
    with pytest.raises((RuntimeError, ValueError), match=r"\(3,\)"):
        (x * 2).backward()
    assert x.grad is None


def test_backward_with_a_gradient(x):
    (x * x).backward([1.0, 10.0, 100.0])
    np.testing.assert_array_equal(x.grad.data, [2, 40, 600])


@pytest.mark.parametrize("gradient", [[1.0, 2.0], 1.0, [[1.0, 2.0, 3.0]]])
def test_a_gradient_of_the_wrong_shape_is_refused(x, gradient):
    with pytest.raises(ValueError, match=r"shape.*\(3,\)"):
        (x * x).backward(gradient)
    assert x.grad is None


def test_the_gradient_given_is_neither_kept_nor_written_to(x):
    g = np.ones(3)
    (x + 0.0).backward(g)
    assert not np.shares_memory(x.grad.data, g)
    x.backward(g)
    g[:] = 7
    np.testing.assert_array_equal(x.grad.data, [2, 2, 2])


def test_no_two_gradients_share_memory():
    a, b = tensor([1.0, 2.0], requires_grad=True), tensor([3.0, 4.0], requires_grad=True)
    (a + b).backward([1.0, 1.0])
    assert not np.shares_memory(a.grad.data, b.grad.data)


def test_create_graph(x):
    y = (x * x * x).sum()
    y.backward(create_graph=True)
    g = x.grad
    assert g.node is not None
    x.zero_grad()
    (g * g).sum().backward()
    np.testing.assert_allclose(x.grad.data, 2 * 3 * x.data**2 * 6 * x.data)
    x.zero_grad()


def test_a_leaf_is_its_own_derivative(x):
    x.backward([1.0, 2.0, 3.0])
    np.testing.assert_array_equal(x.grad.data, [1, 2, 3])


def test_float32_stays_float32():
    x = tensor(np.ones(3, np.float32), requires_grad=True)
    y = x * np.float64(2) * np.ones(3)
    assert y.dtype == np.float64
    y.sum().backward()
    assert x.grad.dtype == np.float32
    assert grad(lambda x: (x * np.float64(2)).sum())(np.ones(3, np.float32)).dtype == np.float32


def test_a_gradient_that_is_not_reached_is_none(x):
    other = tensor(1.0, requires_grad=True)
    (x * 2).sum().backward()
    assert other.grad is None


# ---- hooks and retained gradients -------------------------------------------------------------------------------------


def test_a_hook_sees_the_complete_gradient_once(x):
    seen = []
    y = x * 2
    y.register_hook(lambda g: seen.append(g.data.copy()))
    (y + y * 3).sum().backward()
    assert len(seen) == 1
    np.testing.assert_array_equal(seen[0], [4, 4, 4])


def test_a_hook_replaces_the_gradient_and_can_be_removed(x):
    remove = x.register_hook(lambda g: g * 10)
    x.sum().backward()
    np.testing.assert_array_equal(x.grad.data, [10, 10, 10])
    remove()
    x.zero_grad()
    x.sum().backward()
    np.testing.assert_array_equal(x.grad.data, [1, 1, 1])
    remove()


def test_hooks_run_in_order(x):
    x.register_hook(lambda g: g + 1)
    x.register_hook(lambda g: g * 10)
    x.sum().backward()
    np.testing.assert_array_equal(x.grad.data, [20, 20, 20])


def test_the_same_hook_twice_is_two_hooks(x):
    def double(g):
        return g * 2

    first, _second = x.register_hook(double), x.register_hook(double)
    x.sum().backward()
    np.testing.assert_array_equal(x.grad.data, [4, 4, 4])
    first()
    x.zero_grad()
    x.sum().backward()
    np.testing.assert_array_equal(x.grad.data, [2, 2, 2])


def test_a_hook_that_returns_another_shape_is_refused(x):
    x.register_hook(lambda g: g.sum())
    with pytest.raises(ValueError, match="hook"):
        x.sum().backward()


def test_a_hook_on_a_constant_is_refused():
    with pytest.raises(RuntimeError, match="does not require grad"):
        tensor([1.0]).register_hook(print)


def test_retain_grad(x):
    y = (x * 2).retain_grad()
    (y * y).sum().backward()
    np.testing.assert_array_equal(y.grad.data, 2 * y.data)


def test_without_retain_grad_a_result_has_no_gradient(x):
    y = x * 2
    y.sum().backward()
    assert y.grad is None


# ---- grad mode --------------------------------------------------------------------------------------------------------


def test_no_grad_and_enable_grad_nest(x):
    with no_grad():
        assert not autograd.is_grad_enabled() and not (x * 2).requires_grad
        with enable_grad():
            assert (x * 2).requires_grad
        assert not (x * 2).requires_grad
    assert autograd.is_grad_enabled() and (x * 2).requires_grad


def test_as_decorators(x):
    @no_grad()
    def constant():
        with pytest.raises(ZeroDivisionError):
            inner()
        return x * 2

    @enable_grad()
    def inner():
        assert (x * 2).requires_grad
        raise ZeroDivisionError

    assert not constant().requires_grad and autograd.is_grad_enabled()


def test_an_exception_restores_the_mode():
    with pytest.raises(ZeroDivisionError), no_grad():
        raise ZeroDivisionError
    assert autograd.is_grad_enabled()


def test_backward_under_no_grad_works(x):
    y = ops.exp(x).sum()
    with no_grad():
        y.backward()
    np.testing.assert_allclose(x.grad.data, np.exp(x.data))


def test_threads_have_modes_of_their_own(x):
    inside, outside = threading.Event(), threading.Event()
    found = {}

    def other():
        inside.wait(10)
        found["other"] = (x * 2).requires_grad
        outside.set()

    thread = threading.Thread(target=other)
    thread.start()
    with no_grad():
        inside.set()
        outside.wait(10)
        found["this"] = (x * 2).requires_grad
    thread.join()
    assert found == {"other": True, "this": False}


def test_threads_go_backward_at_once():
    shared = tensor(np.linspace(0, 1, 50))
    leaves = [tensor(np.full(50, float(i)), requires_grad=True) for i in range(4)]
    common = tensor(np.ones(50), requires_grad=True)

    def work(leaf):
        for _ in range(50):
            (leaf * shared * common).sum().backward()

    threads = [threading.Thread(target=work, args=(leaf,)) for leaf in leaves]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for leaf in leaves:
        np.testing.assert_allclose(leaf.grad.data, 50 * shared.data)
    np.testing.assert_allclose(common.grad.data, 50 * 6 * shared.data)
