"""Can a value change behind the tape's back? What a Tensor is, and what writing does.

Read next: `test_bad_input.py`.
"""

import copy
import pickle
import warnings

import numpy as np
import pytest

from autograd import Tensor, no_grad, ops, tensor


@pytest.fixture
def x():
    return tensor([1.0, 2.0, 3.0], requires_grad=True, name="x")


# ---- values cannot change behind the tape's back ----------------------------------------------------------------------


def test_detach(x):
    y = x.detach()
    assert not y.requires_grad and (x * y).requires_grad
    (x * y).sum().backward()
    np.testing.assert_array_equal(x.grad.data, x.data)


def test_tensor_copies():
    a = np.ones(3)
    t = tensor(a)
    a[:] = 5
    np.testing.assert_array_equal(t.data, [1, 1, 1])


def test_data_is_read_only(x):
    with pytest.raises(ValueError):
        x.data[0] = 5
    with pytest.raises(TypeError, match="detach"):
        x.numpy()
    with pytest.raises(ValueError):
        x.detach().numpy()[0] = 5


def test_an_array_written_after_its_use_as_a_constant(x):
    a = np.array([1.0, 2.0, 3.0])
    for wrapped in (a, a[:], a.reshape(3, 1)[:, 0]):
        y = (x * wrapped).sum()
        old = a.copy()
        a[:] = 100
        y.backward()
        np.testing.assert_array_equal(x.grad.data, old)
        x.zero_grad()
        a[:] = old


def test_writing_leaves_what_a_node_saved(x):
    w = tensor([2.0, 2.0, 2.0], requires_grad=True)
    y = (x * w).sum()
    with no_grad(), w.writing() as array:
        array -= 1
    np.testing.assert_array_equal(w.data, [1, 1, 1])
    y.backward()
    np.testing.assert_array_equal(x.grad.data, [2, 2, 2])


@pytest.mark.parametrize("look", [lambda w: w.data, lambda w: w.detach(), lambda w: w.detach().numpy(), lambda w: w.data[1:],
                                  lambda w: w.reshape(3, 1)])
def test_writing_leaves_what_others_see(look):
    w = tensor([2.0, 2.0, 2.0], requires_grad=True)
    seen = look(w)
    with no_grad(), w.writing() as array:
        array *= 5
    np.testing.assert_array_equal(np.asarray(seen.data), np.full(seen.shape, 2.0))
    np.testing.assert_array_equal(w.data, [10, 10, 10])


def test_writing_of_a_view_leaves_its_base():
    base = tensor(np.ones((2, 3)))
    view = base.reshape(3, 2)
    with view.writing() as array:
        array[:] = 5
    np.testing.assert_array_equal(base.data, np.ones((2, 3)))
    np.testing.assert_array_equal(view.data, np.full((3, 2), 5.0))


def test_writing_in_place_when_nobody_looks():
    w = tensor([2.0, 2.0, 2.0], requires_grad=True)
    where = w.data.ctypes.data
    with no_grad(), w.writing() as array:
        array -= 1
    assert w.data.ctypes.data == where


def test_writing_a_scalar():
    w = tensor(2.0, requires_grad=True)
    y = w * w
    with no_grad(), w.writing() as array:
        array -= 1
    y.backward()
    assert float(w) == 1 and float(w.grad) == 4


def test_writing_to_a_result_is_refused(x):
    with pytest.raises(RuntimeError, match="result"), (x * 2).writing():
        pass


def test_in_place_operators_rebind_the_handle(x):
    y = z = x * 2
    before = y.data.copy()
    other = y.detach()
    y += 1
    assert y is z
    np.testing.assert_array_equal(y.data, before + 1)
    np.testing.assert_array_equal(other.data, before)
    y *= x
    y.sum().backward()
    np.testing.assert_array_equal(x.grad.data, 4 * x.data + 1)


def test_in_place_on_a_leaf_is_refused_while_recording(x):
    with pytest.raises(RuntimeError, match="no_grad"):
        x += 1
    with no_grad():
        x += 1
    np.testing.assert_array_equal(x.data, [2, 3, 4])
    assert x.is_leaf and x.requires_grad


def test_in_place_that_changes_shape_or_kind_is_refused():
    t = tensor([1, 2, 3])
    with pytest.raises(TypeError):
        t += 0.5
    with pytest.raises(ValueError):
        t += np.ones((2, 3), int)
    np.testing.assert_array_equal(t.data, [1, 2, 3])


def test_item_assignment_sends_gradients_to_both_parts(x):
    v = tensor(10.0, requires_grad=True)
    y = x * 1
    old = y.detach()
    y[1] = v
    np.testing.assert_array_equal(y.data, [1, 10, 3])
    np.testing.assert_array_equal(old.data, [1, 2, 3])
    (y * y).sum().backward()
    np.testing.assert_array_equal(x.grad.data, [2, 0, 6])
    assert float(v.grad) == 20


def test_item_assignment_to_a_constant_makes_it_depend():
    buffer = tensor(np.zeros(3))
    x = tensor([1.0, 2.0, 3.0], requires_grad=True)
    for i in range(3):
        buffer[i] = x[i] ** 2
    buffer.sum().backward()
    np.testing.assert_array_equal(x.grad.data, [2, 4, 6])


def test_item_assignment_on_a_leaf(x):
    with pytest.raises(RuntimeError, match="leaf"):
        x[0] = 5.0
    with no_grad():
        x[0] = 5.0
    np.testing.assert_array_equal(x.data, [5, 2, 3])


# ---- what a Tensor is -------------------------------------------------------------------------------------------------


def test_nodes_are_ordered_and_point_at_no_tensor(x):
    y = ops.exp(x) * x
    assert y.node.id > max(parent.id for parent in y.node.inputs)
    assert not any(isinstance(getattr(y.node, slot, None), Tensor) for slot in ("inputs", "saved", "params"))
    assert not any(isinstance(a, Tensor) for a in y.node.saved)


def test_scalars_are_numpy_scalars(x):
    assert isinstance(x.sum()._array, np.float64) and isinstance((x.sum() * 2)._array, np.float64)


def test_pickle_copy_and_names(x):
    for twin in (pickle.loads(pickle.dumps(x)), copy.deepcopy(x), copy.copy(x)):
        np.testing.assert_array_equal(twin.data, x.data)
        assert twin.requires_grad and twin.name == "x" and twin.node is not x.node
    with pytest.raises(RuntimeError, match="detach"):
        copy.copy(x * 2)


def test_comparisons_carry_no_gradient(x):
    assert not (x > 1).requires_grad and not ops.argmax(x).requires_grad and (x > 1).dtype == bool


def test_a_tensor_is_a_key(x):
    assert {x: 1}[x] == 1


def test_numpy_functions_are_recorded(x):
    y = np.exp(x) + np.sum(x) * np.add(1.0, x)
    assert y.requires_grad
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (np.ones(3) * x).sum().backward()


def test_what_is_advised_for_joining_tensors_exists(x):
    for mistake in (lambda: np.asarray(x * 2), lambda: Tensor([object()])):
        with pytest.raises(TypeError, match=r"np\.stack\("):
            mistake()
    assert np.stack([x, x]).requires_grad
