"""What does bad input get? An error that names the operation, the shapes and the way out; and nothing is changed.

Read next: `test_derivatives.py`.
"""

import numpy as np
import pytest

from autograd import grad, ops, primitive, tensor
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


@pytest.mark.parametrize("data", [["a", "b"], [object()], [None], np.array(["2020-01-01"], "datetime64[D]")])
def test_not_numbers(data):
    with pytest.raises(TypeError, match="numbers"):
        tensor(data)


@pytest.mark.parametrize("data", [[1, 2], [True, False], 3])
def test_no_gradient_by_integers(data):
    with pytest.raises(TypeError, match="floating-point"):
        tensor(data, requires_grad=True)
    with pytest.raises(TypeError, match="no derivative"):
        grad(lambda x: (x * 2.0).sum())(np.array(data))


def test_a_shape_mismatch_names_the_operation_and_the_shapes(x):
    with pytest.raises(ValueError, match=r"(?s)add.*\[3\].*\[2\]"):
        x + np.ones(2)
    with pytest.raises(ValueError, match=r"(?s)matmul.*3.*4"):
        ops.matmul(tensor(np.ones((2, 3)), requires_grad=True), np.ones((4, 2)))


def test_an_unknown_axis(x):
    with pytest.raises(np.exceptions.AxisError, match=r"(?s)sum.*axis"):
        ops.sum(x, axis=4)


def test_flatten_takes_no_axis(x):
    with pytest.raises(TypeError, match=r"(?s)flatten\(1\).*nn\.Flatten\(\), or x\.reshape\(\(len\(x\), -1\)\)"):
        x.flatten(1)


def test_operands_that_are_not_numeric(x):
    for bad in ("a", object(), ["a"]):
        with pytest.raises(TypeError):
            x * bad


def test_lists_and_numbers_are_operands(x):
    for other in ([1.0, 2.0, 3.0], (1, 2, 3), 2, 2.5, np.float32(2), np.int64(3), True):
        np.testing.assert_array_equal((x * other).data, x.data * np.asarray(other))
        np.testing.assert_array_equal((other * x).data, x.data * np.asarray(other))


def test_a_rule_that_names_something_unknown():
    with pytest.raises(TypeError, match=r"names 'z'.*may name"):
        primitive(np.exp, x=lambda g, z: g * z)


def test_a_rule_for_an_input_that_does_not_exist():
    with pytest.raises(TypeError, match="'b'"):
        primitive(x=lambda g: g, b=lambda g: g)(lambda x: x)


def test_a_ufunc_needs_a_rule_for_each_input():
    with pytest.raises(TypeError, match="2 inputs"):
        primitive(np.add, a=lambda g: g)


def test_a_rule_that_is_no_function():
    with pytest.raises(TypeError, match="lambda"):
        primitive(np.exp, x=np.exp)


def test_a_rule_that_returns_the_wrong_shape_is_reported(x):
    @primitive(x=lambda g: g.reshape(-1, 1))
    def tall(x):
        return x * 1

    with pytest.raises(ValueError, match=r"(?s)tall.*\(3, 1\).*\(3,\)"):
        tall(x).sum().backward()


def test_numpy_is_not_allowed_to_lose_a_gradient(x):
    for use in (np.asarray, lambda x: np.array([x, x]), np.isnat):
        with pytest.raises(TypeError):
            use(x)


def test_truth_of_an_array(x):
    with pytest.raises(ValueError, match="any"):
        bool(x > 1)


def test_a_derivative_that_nobody_knows_is_refused_and_not_zero():
    with pytest.raises(TypeError, match=r"(?s)jv: its derivative by v.*v\.detach\(\)"):
        grad(lambda v: ops.jv(v, 1.0))(1.5)
    assert grad(lambda x: ops.jv(1.5, x))(1.0) != 0
