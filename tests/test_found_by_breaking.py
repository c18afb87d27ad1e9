"""What an adversary once found: silent wrong results first, crashes second. Each stays found.

Read next: `test_engine.py`.
"""

import math

import numpy as np
import pytest

import autograd
from autograd import Tape, checkpoint, grad, hessian, jvp, no_grad, ops, primitive, tensor, trace, vjp


def test_slices_and_a_transposed_use_of_one_array():
    w = np.ones((3, 2))

    def f(x):
        return x[np.array([0, 0])].sum() + (x.T * w).sum() + (x.T * w).sum()

    np.testing.assert_array_equal(grad(f)(np.ones((2, 3))), [[4, 4, 4], [2, 2, 2]])


def test_conversions_to_numbers_are_refused_where_they_would_lose_a_gradient():
    def into_an_array(x):
        out = np.zeros(2)
        out[0] = x[0] ** 2
        return np.sum(out)

    for f, x in ((into_an_array, np.ones(2)), (math.sin, 1.0), (lambda x: np.float64(x) * 2, 1.0)):
        with pytest.raises((TypeError, ValueError)) as caught:
            grad(f)(x)
        assert "lose its gradient" in str(caught.value.__cause__ or caught.value)  # NumPy says "a sequence", because of it
    x = tensor(2.0, requires_grad=True)
    assert float(x * x) == 4  # but a training loop may print its loss
    assert grad(lambda x: x * x.item())(3.0) == 3  # and .item() says that the number alone is meant


def test_the_value_that_vjp_returns_is_not_the_tape_s_own():
    y, pullback = vjp(np.exp, np.ones(3))
    y *= 0
    np.testing.assert_allclose(pullback(np.ones(3)), np.e)


def test_a_checkpoint_whose_surroundings_changed_says_so():
    w, x = tensor(2.0, requires_grad=True), tensor(3.0, requires_grad=True)
    y = checkpoint(lambda x: w * w * x)(x)
    with no_grad():
        w -= 1
    with pytest.raises(RuntimeError, match="changed in between"):
        y.backward()
    assert w.grad is None and x.grad is None


def test_a_checkpoint_returns_what_the_function_returns():
    x = tensor([1.0, 3.0, 2.0], requires_grad=True)
    y, i, mask, name, nothing = checkpoint(lambda x: (x * 2, ops.argmax(x), x > 1, "name", None))(x)
    assert i.dtype.kind == "i" and mask.dtype == bool and name == "name" and nothing is None
    y.sum().backward()
    np.testing.assert_array_equal(x.grad.data, [2, 2, 2])
    assert "checkpoint" in str(Tape.of(checkpoint(lambda x: x * x)(x).sum()))
    assert checkpoint(lambda x: ())(x) == ()


def test_a_program_whose_lengths_depend_on_values_does_not_guess():
    program = trace(lambda x: x[x > 0].sum() / len(x[x > 0]), np.array([1.0, 2, 3, -1]))
    with pytest.raises(ValueError, match="depends on the values"):
        program(np.array([1.0, 2, -1, -1]))


@pytest.mark.parametrize("leak", [lambda x: x * float(f"{x:.2f}"), lambda x: x * __import__("copy").copy(x)])
def test_a_program_does_not_keep_the_values_of_the_example(leak):
    with pytest.raises(Exception, match="trac"):
        trace(leak, 2.0)


def test_options_are_kept_as_they_were():
    shift, axes, x = np.array([1]), [1, 0], tensor(np.arange(6.0).reshape(2, 3), requires_grad=True)
    y = ops.roll(x, shift, (1,))
    z = ops.transpose(x, axes)
    shift[0], axes[:] = 2, [0, 1]
    y.backward(np.arange(6.0).reshape(2, 3))
    np.testing.assert_array_equal(x.grad.data, [[1, 2, 0], [4, 5, 3]])
    z.backward(np.ones((3, 2)))


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
def test_arrays_that_are_no_arrays():
    for m in (np.matrix([[1.0, 2.0], [3.0, 4.0]]), np.ma.masked_equal([1.0, 2.0], 2.0), np.array([1, 2], object)):
        with pytest.raises(TypeError):
            tensor([1.0, 2.0], requires_grad=True) * m


def test_means_of_more_elements_than_float16_counts():
    assert grad(np.mean)(np.ones(70000, np.float16))[0] > 0


def test_an_argument_is_named_once():
    for argnums in ((0, 0), (0, -2)):
        with pytest.raises(TypeError, match="twice"):
            grad(lambda a, b: a * b, argnums)(2.0, 3.0)


def test_hooks_give_gradients_of_the_right_dtype_in_their_own_memory():
    mine = np.full(3, 2.0)
    x = tensor(np.ones(3, np.float32), requires_grad=True)
    x.register_hook(lambda g: mine)
    (x * x).sum().backward()
    mine[:] = 9
    assert x.grad.dtype == np.float32
    np.testing.assert_array_equal(x.grad.data, [2, 2, 2])


def test_gradient_penalty_through_backward():
    x = tensor(2.0, requires_grad=True)
    (x**3).backward(create_graph=True)
    (x.grad**2).backward()  # d (3 x^2)^2 / dx = 36 x^3, added to 3 x^2
    assert x.grad.item() == 36 * 8 + 12
    x.zero_grad()


def test_complex_numbers_of_python():
    for y in (1j * tensor(1.0), 1j + tensor(1.0), 1j - tensor(1.0), 1j / tensor(1.0)):
        assert y.dtype == np.complex128
    assert (1j * tensor(np.float32(1))).dtype == np.complex64
    assert grad(lambda x: np.real(np.exp(1j * x)))(1.0) == pytest.approx(-np.sin(1))


def test_in_place_on_the_argument_of_grad():
    def f(x):
        x += 1
        x[0] = x[1] * 2
        return (x * x).sum()

    given = np.array([5.0, 2.0])
    np.testing.assert_array_equal(grad(f)(given), [0, 30])  # (2 (b + 1))^2 + (b + 1)^2
    np.testing.assert_array_equal(hessian(f)(given), [[0, 0], [0, 10]])
    np.testing.assert_array_equal(given, [5, 2])


@pytest.mark.parametrize("name", ["x_shape", "forward", "y", "x_node", "isinstance"])
def test_names_that_generated_code_needs(name):
    scope = {}
    exec(f"def f(x, {name}=1): return x * 1.0", scope)
    with pytest.raises(TypeError, match=name):
        primitive(x=lambda g: g)(scope["f"])


def test_a_definition_that_ignores_an_input():
    @primitive(a=lambda g, a: 2 * g * a, b=lambda g: g * 0, definition=lambda a, b: a * a)
    def square_of_the_first(a, b):
        return a * a

    assert grad(grad(square_of_the_first))(3.0, 1.0) == 2


def test_dicts_of_other_kinds():
    from collections import Counter, defaultdict

    tree = defaultdict(list, {"w": 2.0})
    assert grad(lambda p: p["w"] ** 2)(tree) == {"w": 4.0}
    assert grad(lambda p: p["w"] ** 2)(Counter({"w": 2.0})) == {"w": 4.0}


def test_writing_ends_with_its_block():
    t = tensor(np.ones(3))
    with t.writing() as array:
        array += 1
    with pytest.raises(ValueError):
        array += 100
    np.testing.assert_array_equal(t.data, [2, 2, 2])


def test_numpy_s_linalg_finds_us():
    assert grad(np.linalg.norm)(np.array([3.0, 4.0])) == pytest.approx([0.6, 0.8])


def test_jvp_through_what_was_mended():
    value, tangent = jvp(lambda x: (x, x), (2.0,), (1.0,))
    assert value == (2, 2) and tangent == (1, 1)
    assert autograd.is_grad_enabled()


def test_a_write_into_a_temporary():
    def f(y):
        y = y * 1.0
        y[0, 1] = 100.0
        y[0] += 1
        return y.sum()

    assert grad(f)(np.ones((2, 2))).tolist() == [[1, 0], [1, 1]]
    y = tensor(np.ones((2, 2)))
    with pytest.raises(TypeError, match=r"y\[0, 1\]"):
        y[0][1] = 5
    with pytest.raises(TypeError, match="nobody holds"):
        y.T[0] = 5
    box = {"y": [y]}
    box["y"][0][0] = 3
    assert y.tolist() == [[3, 3], [1, 1]]


def test_large_and_small_numbers_have_their_gradients():
    for scale in (1e200, 1e-200):
        a, b = 3 * scale, 4 * scale
        np.testing.assert_allclose(grad(np.arctan2, (0, 1))(a, b), [0.16 / scale, -0.12 / scale], rtol=1e-14)
    np.testing.assert_allclose(grad(np.arcsinh)(-1e200), 1e-200, rtol=1e-14)
    np.testing.assert_allclose(grad(np.arcsinh)(np.float16(300)), 1 / 300, rtol=1e-2)
    assert grad(np.arctan2, (0, 1))(0.0, 0.0) == (0, 0)


def test_the_whole_number_in_a_remainder_is_that_of_the_remainder():
    assert grad(np.fmod, 1)(1.0, 0.1) == -9  # 1 / 0.1 rounds to 10, but fmod(1, 0.1) is 1 - 9 * 0.1
    assert grad(np.remainder, 1)(1.0, 0.1) == -9
    assert grad(np.fmod, 1)(-5.0, 3.0) == 1


@pytest.mark.parametrize("f", [np.logaddexp, np.logaddexp2])
def test_nothing_has_a_share_of_nothing(f):
    assert grad(f, (0, 1))(-np.inf, -np.inf) == (0, 0)  # as logsumexp has it
    np.testing.assert_array_equal(grad(f.reduce)(np.array([-np.inf, -np.inf, 0.0])), [0, 0, 1])
    with pytest.warns(RuntimeWarning, match="All-NaN"):
        assert grad(np.nanmax)(np.array([np.nan])) == 0


@pytest.mark.parametrize("f", [
    lambda s, x: np.append(x, [1.0, s]), lambda s, x: np.concatenate([[s], x]), lambda s, x: np.vstack([x, [s, 1, s * s]]),
    lambda s, x: np.polyval([s, 1, s], x), lambda s, x: np.ediff1d(x, to_end=[s]), lambda s, x: np.where([True, False, True], x, [s, s, 0]),
    lambda s, x: np.dot([s, 1.0, s], x), lambda s, x: np.linalg.solve(np.diag(x), [s, 1, 2]), lambda s, x: np.insert(x, [0, 2], [s, s * 2]),
])
def test_lists_of_tensors_beside_a_tensor(f):
    autograd.check_grads(f, (0.7, np.array([1.2, 0.4, 2.0])))


def test_the_largest_of_no_elements_is_still_recorded():
    x = tensor(np.zeros((0, 3)), requires_grad=True)
    y = np.max(x, axis=0, initial=2.0)
    assert isinstance(y, autograd.Tensor) and y.shape == (3,)
    np.testing.assert_array_equal(y.data, 2)


def test_places_in_a_list_leave_float32_alone():
    x = np.arange(9, dtype=np.float32).reshape(3, 3)
    assert [y.dtype for y in ops.gradient(x, 2.0, [1.0, 2, 4])] == [np.float32] * 2


def test_a_number_has_one_axis_where_numpy_says_so():
    for f in (lambda s: np.repeat(s, 2, axis=-1), lambda s: np.take(s, [0, 0], axis=0), lambda s: np.cumprod(s, axis=0)):
        autograd.check_grads(f, (0.7,))
        np.testing.assert_array_equal(f(tensor(0.7)).data, f(np.float64(0.7)))


def test_functions_that_numpy_asks_about_again_do_not_go_round_in_circles():
    autograd.check_grads(lambda s: np.roots([1.0, s, -2.0]), (0.7,))
    for x in ([1.0, 2.0], tensor([1.0, 2.0])):
        np.testing.assert_array_equal(ops.tile(x, tensor([2, 1])), [[1, 2], [1, 2]])
        np.testing.assert_array_equal(np.tile(x, tensor([2, 1])), [[1, 2], [1, 2]])


def test_numbers_among_choices_adapt():
    x = np.ones(3, np.float32)
    assert ops.choose([0, 1, 1], (x, 2.5)).dtype == np.choose([0, 1, 1], (x, 2.5)).dtype == np.float32


@pytest.mark.parametrize("other", [lambda: tensor(np.zeros(2)), lambda: np.zeros(3)])
def test_of_two_results_none_is_written_if_one_is_refused(other):
    x = tensor([1.0, 2.5, 3.0], requires_grad=True)
    y = x * 2
    before, node = y.data.copy(), y.node
    with pytest.raises((TypeError, ValueError), match="divmod"):
        np.divmod(x, 2.0, out=(y, other()))
    assert y.node is node and np.array_equal(y.data, before)
    with pytest.raises(ValueError, match=r"copyto: values of shape \(4,\) do not broadcast to x, of shape \(3,\)"):
        np.copyto(y, np.ones(4))
    q, r = tensor(np.zeros(3)), tensor(np.zeros(3))
    np.divmod(x, 2.0, out=(q, r))
    np.testing.assert_array_equal(r.data, [1, 0.5, 1])
    assert r.node is not None
