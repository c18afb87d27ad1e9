"""Can a value change behind the tape's back? What a Tensor is, and what writing does.

Read next: `test_bad_input.py`.
"""

import copy
import math
import pickle
import re
import warnings
from types import SimpleNamespace

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import Tensor, check_grads, grad, no_grad, ops, tensor, vjp


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


@pytest.mark.parametrize("index, value", [
    (1, 5.0), (slice(1, None), [4.0, 5.0]), ([0, 2], 7.0), ([True, False, True], [8.0, 9.0]), (..., 0.5), (-1, np.float32(2.0)),
])
def test_assignment_in_a_function_under_grad(index, value):
    """The gradient of what is overwritten is zero, of what is written that of its place; the caller's arrays stay as they are."""
    x, v = np.array([1.0, 2.0, 3.0]), np.asarray(value, float)
    weights = np.array([1.0, 10.0, 100.0])

    def f(x, v):
        x[index] = v
        return np.sum(weights * x * x)

    kept, written = grad(f, argnums=(0, 1))(x, v)
    after = x.copy()
    after[index] = v
    mask = np.ones(3)
    mask[index] = 0
    np.testing.assert_allclose(kept, 2 * weights * x * mask)
    np.testing.assert_allclose(np.sum(written), np.sum(2 * weights * after * (1 - mask)))
    np.testing.assert_array_equal(x, [1, 2, 3])


def test_augmented_assignment_of_a_part():
    """`x[i] += v`, with every kind of index, as NumPy does it and with the gradient of what NumPy computes."""
    x, v = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), 0.5

    def f(x, v):
        x[x > 3] += v
        x[0, 1:] *= v
        x[[1, 0], [2, 0]] -= v
        x[:, ::2] /= 1 + v
        x[-1] **= 2
        x[...] += v * x
        x += v
        x -= 1
        x *= 2
        x /= 3
        return x.sum()

    check_grads(f, (x, np.float64(v)))
    assert f(x.copy(), v) == float(vjp(f, x, np.float64(v))[0])


def test_assignment_in_a_loop():
    """The recurrence that one writes in NumPy: an array that is filled step by step, from its own elements."""
    def f(x, n=6):
        table = tensor(np.zeros((n, 2)))
        table[0] = x
        for i in range(1, n):
            table[i, 0] = table[i - 1, 1] * 0.5 + np.sin(table[i - 1, 0])
            table[i, 1] = table[i - 1].sum()
            table[i] += x
        return np.sum(table * table)

    check_grads(f, (np.array([0.3, 0.7]),))


def test_a_sorting_in_place():
    """Swaps of elements: gradients follow the elements to their places."""
    def f(x):
        for i in range(3):
            for j in range(2 - i):
                if x[j] > x[j + 1]:
                    x[j], x[j + 1] = x[j + 1], x[j]
        return np.sum(x * np.array([1.0, 10.0, 100.0]))

    np.testing.assert_array_equal(grad(f)(np.array([3.0, 1.0, 2.0])), [100, 1, 10])


@pytest.mark.parametrize("x", [np.array([2, np.nan, -1, 3, 2, -0.0]), np.array([3, 1, 200, 0], np.uint8), np.array([-128, 127, 0], np.int8),
                               np.array([True, False, True]), np.array([2 + 1j, 1, 2 - 1j])], ids=lambda x: x.dtype.name)
def test_descending_order(x):
    """NaN last, and equal elements in their order, as NumPy 2.5 has it."""
    order = [i for *_, i in sorted((v != v, -v.real, -v.imag, i) for i, v in enumerate(x.astype(complex)))]
    for given in (x, tensor(x)):
        np.testing.assert_array_equal(ops.argsort(given, descending=True), order)
        np.testing.assert_array_equal(ops.sort(given, descending=True), x[order])
    assert tensor(x).argsort(descending=True).tolist() == order


def test_elimination_in_place():
    """A solver written for arrays, rows exchanged and rows subtracted, unchanged."""
    def solve(a, b):
        a, b = a.copy(), b.copy()
        n = len(b)
        for k in range(n):
            pivot = k + int(np.argmax(np.abs(a[k:, k])))
            a[[k, pivot]] = a[[pivot, k]]
            b[[k, pivot]] = b[[pivot, k]]
            for i in range(k + 1, n):
                factor = a[i, k] / a[k, k]
                a[i, k:] -= factor * a[k, k:]
                b[i] -= factor * b[k]
        for k in reversed(range(n)):
            b[k] = (b[k] - np.sum(a[k, k + 1:] * b[k + 1:])) / a[k, k]
        return b

    rng = np.random.default_rng(2)
    a, b = rng.normal(size=(3, 3)), rng.normal(size=3)
    np.testing.assert_allclose(solve(a, b), np.linalg.solve(a, b))
    check_grads(solve, (a, b))


# ---- what would lose a gradient is refused ----------------------------------------------------------------------------


def fill(t):
    out = np.zeros(3)
    out[0] = t[0]


def add_to(t):
    out = np.zeros(3)
    out[0] += t[0]


def slice_of(t):
    out = np.zeros(3)
    out[:] = t


def masked(t):
    out = np.zeros(3)
    out[[True, False, True]] = t[[True, False, True]]


LOSSES = {
    "out[0] = t": (fill, r"a = autograd\.tensor\(a\)"),
    "out[0] += t": (add_to, r"a\[i\] = t\.item\(\)"),
    "out[:] = t": (slice_of, r"a = autograd\.tensor\(a\)"),
    "out[mask] = t[mask]": (masked, r"a = autograd\.tensor\(a\)"),
    "np.array([t1, t2])": (lambda t: np.array([t[0], t[1]]), r"autograd\.numpy\.array\(\[t1, 1\.0\]\)"),
    "np.array([1.0, t])": (lambda t: np.array([1.0, t[0]]), r"np\.stack"),
    "np.array([t, t])": (lambda t: np.array([t, t]), r"np\.stack"),
    "np.asarray(t)": (np.asarray, r"x\.detach\(\)\.numpy\(\)"),
    "np.array(t)": (np.array, r"x\.detach\(\)\.numpy\(\)"),
    "np.ascontiguousarray(t)": (np.ascontiguousarray, r"x\.detach\(\)\.numpy\(\)"),
    "np.full(3, t)": (lambda t: np.full(3, t[0]), "autograd"),
    "np.ones(3).dot(t)": (lambda t: np.ones(3).dot(t), r"x\.detach\(\)\.numpy\(\)"),
    "out.put": (lambda t: np.zeros(3).put([0], t[0]), r"a = autograd\.tensor\(a\)"),
    "rng.normal(t)": (lambda t: np.random.default_rng(0).normal(t), r"x\.detach\(\)\.numpy\(\)"),
    "t.numpy()": (lambda t: t.numpy(), r"x\.detach\(\)\.numpy\(\)"),
    "arr[t]": (lambda t: np.ones(3)[t[0]], r"x\.detach\(\)\.numpy\(\)"),
    "range(t)": (lambda t: range(t[0]), r"int\(x\)"),
    "memoryview(t)": (memoryview, "bytes-like"),
    "np.from_dlpack(t)": (np.from_dlpack, r"x\.detach\(\)"),
}


@pytest.mark.parametrize("what", LOSSES)
def test_what_would_lose_a_gradient_is_refused(what):
    lose, message = LOSSES[what]
    x = tensor([1.0, 2.0, 3.0], requires_grad=True)

    def whole_story(error):
        return f"{error}\n{error.__cause__}"

    for t in (x, x * 2):
        with pytest.raises((TypeError, ValueError, IndexError, BufferError)) as caught:
            lose(t)
        assert re.search(message, whole_story(caught.value)), whole_story(caught.value)
    with pytest.raises((TypeError, ValueError, IndexError, BufferError)) as caught:
        grad(lambda x: lose(x * 2) or x.sum())(np.array([1.0, 2.0, 3.0]))
    for mended in (lambda t: lose(t.detach()),) if what not in ("memoryview(t)", "arr[t]", "range(t)") else ():
        mended(x)


def test_what_the_messages_advise_works():
    x = tensor([1.0, 2.0], requires_grad=True)
    for join in (lambda a, b: anp.array([a, b]), lambda a, b: np.stack([a, b]), lambda a, b: anp.array([a, [b][0]])):
        y = join(x[0], x[1] * x[1])
        assert y.requires_grad and y.shape == (2,)
    out = tensor(np.zeros(2))
    out[0] = x[0]
    assert out.requires_grad
    plain = np.zeros(2)
    plain[0] = x[0].item()
    plain[1] = float(x[1])
    with no_grad():
        plain[0] = x[1]
    assert plain.tolist() == [2, 2]


def test_numbers_stay_possible(x):
    """Outside functions under grad, float(), int(), comparisons and `if` say what they see; item() and printing do everywhere."""
    loss = (x * x).sum()
    assert float(loss) == 14 and int(loss) == 14 and complex(loss) == 14 and loss.item() == 14
    history = [float(loss)]
    history.append(loss.item())
    assert f"{loss:.3f}" == "14.000" and str(loss).startswith("tensor(14.") and bool(loss > 3) and (1 if loss > 3 else 0)
    assert max(x[0], x[1]) is not None and sorted([float(v) for v in x]) == [1, 2, 3]
    seen = []

    def f(x):
        y = np.sum(x * x)
        seen.append(f"{y:.3f} {y.item()}")
        if y > 3:
            y = y * 2
        return y

    assert grad(f)(np.ones(4)).tolist() == [4] * 4 and seen == ["4.000 4.0"]
    with pytest.raises(TypeError, match=r"item\(\)"):
        grad(lambda x: x.sum() * float(x[0]))(np.ones(2))
    with pytest.raises(TypeError, match=r"np\.sin"):
        grad(lambda x: x.sum() * math.sin(x[0]))(np.ones(2))


# ---- parts ------------------------------------------------------------------------------------------------------------


def row_of(y):
    for row in y:
        row *= 2


def part_of(y):
    part = y[0]
    part += 1


def element_of_a_part(y):
    part = y[0]
    part[0] = 7


def transposed(y):
    part = y.T
    part[0] = 7


def flat(y):
    part = y.reshape(-1)
    part -= 1


def raveled(y):
    y.ravel()[0] = 7


def attribute(y):
    box = SimpleNamespace(part=y[0])
    box.part += 1


@pytest.mark.parametrize("write", [row_of, part_of, element_of_a_part, transposed, flat, raveled, attribute])
def test_a_write_to_a_part_is_refused(write):
    """In NumPy it would change the whole. Here it would change nothing that anybody sees."""
    array = np.ones((2, 3))
    before = array.copy()
    write(array)
    assert not np.array_equal(array, before)
    for y in (tensor(np.ones((2, 3))), tensor(np.ones((2, 3)), requires_grad=True) * 1):
        with pytest.raises(TypeError, match="y\\[0"):
            write(y)
    with pytest.raises(TypeError, match=r"part of another Tensor|nobody holds"):
        grad(lambda x: write(x) or x.sum())(np.ones((2, 3)))


def test_a_part_of_nothing_may_be_written(x):
    y = x.reshape(3, 1) * 1
    for part in (y[0].copy(), y[0] * 1, y[[0, 1]], (y * 2)[0], y[0, 0], y.sum(0)):
        part += 1
    y[0] += 1
    y[1:] *= 2
    box = {"y": y}
    box["y"][0] += 1
    box["y"][..., 0] -= 1
    np.testing.assert_array_equal(y.data, [[2], [3], [5]])


# ---- writing ----------------------------------------------------------------------------------------------------------


def test_a_tensor_that_is_being_written_has_no_values(x):
    with no_grad(), x.writing() as array:
        for use in (lambda: x * 2, lambda: np.sin(x), lambda: x[0], lambda: x.data, lambda: 2.0 + x, lambda: np.float64(2) * x,
                    lambda: x.writing().__enter__(), lambda: x.detach() * 1, lambda: x.sum(), lambda: np.ones(3) @ x):
            with pytest.raises(RuntimeError, match=rf"being written.*{__file__}.*line \d+"):
                use()
        assert x.shape == (3,) and x.dtype == float and x.ndim == 1 and x.size == 3
        array *= 2
    np.testing.assert_array_equal(x.data, [2, 4, 6])


def test_writing_that_fails_leaves_a_tensor(x):
    with pytest.raises(ZeroDivisionError), no_grad(), x.writing() as array:
        array[0] = 7
        raise ZeroDivisionError
    np.testing.assert_array_equal(x.data, [7, 2, 3])


def test_what_is_kept_from_writing(x):
    with no_grad(), x.writing() as array:
        part = array[1:]
    y = (x * x).sum()
    with pytest.raises(ValueError, match="read-only"):
        array[0] = 9
    part[...] = 9
    y.backward()
    np.testing.assert_array_equal(x.grad.data, [2, 4, 6])


def test_assign_takes_what_tensor_takes(x):
    t = tensor(np.zeros(3))
    for value in (np.ones(3), [1.0, 1.0, 1.0], tensor(np.ones(3)), np.ones(3, np.float32)):
        assert t.assign(value) is t and t.tolist() == [1, 1, 1] and t.dtype == float
        t.assign(np.zeros(3))
    a = np.ones(3)
    t.assign(a)
    a[:] = 5
    assert t.tolist() == [1, 1, 1]
    with no_grad():
        x.assign([4.0, 5.0, 6.0])
    assert x.tolist() == [4, 5, 6] and x.is_leaf
    for wrong, error in ((np.ones(2), ValueError), (np.ones(3, complex), TypeError), ("abc", TypeError)):
        with pytest.raises(error):
            t.assign(wrong)


def test_a_hook_that_writes(x):
    """`g *= 2` in a hook is meant as a new gradient, as a returned one is."""
    y = x * 3
    y.register_hook(scaled)
    (y + x).sum().backward()
    np.testing.assert_array_equal(x.grad.data, [7, 7, 7])


def scaled(g):
    g *= 2


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
