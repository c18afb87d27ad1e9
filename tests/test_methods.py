"""Does a Tensor have what NumPy's arrays have, with NumPy's arguments?

Each line is evaluated on an array and on a Tensor. What writes is run on both, too, under `grad`. Every attribute of an array is here, or
its absence is explained.

Read next: `test_overrides.py`.
"""

import numpy as np
import pytest

from autograd import check_grads, grad, tensor
from autograd.tensor import Tensor

A = np.array([[3.0, 1.0, 2.0], [4.0, 6.0, 5.0]])

VALUES = """
x.sum(dtype=np.float32) | x.sum(1, None, None, True) | x.sum(axis=0, out=None) | x.sum(where=x > 2) | x.sum(initial=3.0)
x.mean(dtype=np.float64) | x.mean(0, np.float32) | x.mean(axis=(0, 1)) | x.prod(0, float) | x.prod(keepdims=True)
x.std(ddof=1) | x.std(0, None, None, 1) | x.var(axis=0, ddof=1, keepdims=True) | x.std(0, mean=x.mean(0, keepdims=True))
x.max(0, None, True) | x.max(axis=0, initial=2.0) | x.min(initial=2.0, where=x > 3) | x.cumsum(0, float) | x.cumprod(axis=1, out=None)
x.all(axis=0, keepdims=True) | x.any() | x.argmax(0, None) | x.argmin(axis=1, out=None) | x.argmax(0, keepdims=True)
x.argsort(kind="stable") | x.argsort(axis=-1, stable=True) | x.argpartition(1, axis=0, kind="introselect") | x.nonzero()
x.astype(np.float32, copy=False) | x.astype("f4", "K", "unsafe", True, False) | x.astype(dtype=int)
x.clip(2) | x.clip(2, 4) | x.clip(min=2) | x.clip(max=4) | x.clip(2, 4, None) | x.clip(2, 4, out=None)
x.copy("K") | x.copy(order="C") | x.diagonal(0, 0, 1) | x.trace(0, 0, 1, float) | x.dot(x.T, None) | x.dot(3)
x.flatten("F") | x.flatten(order="K") | x.ravel("F") | x.ravel(order="K") | x.T.ravel("K") | x.T.ravel("A") | x[:, ::2].ravel("A")
x.reshape(3, 2) | x.reshape((3, 2)) | x.reshape(3, -1, order="F") | x.T.reshape(-1, order="A") | x.reshape((3, 2), copy=False)
x.repeat(2, axis=1) | x.repeat([1, 2], 0) | x.round(1, None) | x.round(decimals=1) | x.take([0, 9], axis=1, mode="clip")
x[0].searchsorted([2.5], side="right", sorter=[1, 2, 0]) | x[:1].squeeze(axis=0) | x.swapaxes(0, 1) | x.transpose(1, 0)
x.conj() | x.conjugate() | x.compress([True, False], axis=0) | x.compress([True, False, True]) | (x > 2).astype(int).choose([x, -x])
x.flat[3] | x.flat[1:4] | list(x.flat)[2] | len(x.flat) | x.flat > 2 | x.flat.copy() | x.tobytes() | x.tobytes("F")
x.item(2) | x.item(1, 2) | x.item((1, 2)) | x[0, 0].item() | x.strides | x.T.strides | x.flags.c_contiguous | x.T.flags["F_CONTIGUOUS"]
x.base | x.nbytes | x.itemsize | x.size | x.shape | 2.0 in x | 7.0 in x | divmod(x, 2) | divmod(7, x)
x.astype(int) << 1 | 1 << x.astype(int) | x.astype(int) >> 1 | (x.astype(int) & 1) | x.tolist() | x.real | x.imag | x.T | x.mT | x.ptp"""

DIFFERENTIABLE = """
x.std(0, None, None, 1) | x.max(axis=0, initial=2.5) | x.sum(where=[True, False, True]) | x.cumsum(0, float) | x.reshape(3, -1, order="F")
x.ravel("K") | x.T.ravel("K") | x.flatten("F") | x.compress([True, False, True], axis=1) | x.flat[1:4] * x.flat[2] | x.clip(min=2.5)
divmod(x, 1.7)[1] | x.conjugate() * x | x.trace(0, 0, 1, float) | x.astype("f8", "K", "same_kind") ** 2"""

WRITES = """
y.fill(2.0) | y.fill(x[0, 0]) | y.put([0, -1], x[0, :2]) | y.put([0, 1, 2], 3.0) | y.sort() | y.sort(0) | y.partition(1, axis=1)
y.flat[2] = x[0, 0] | y.flat[::4] = 0.0 | y.flat = x[:, 0] | y.flat[[1, 2, 3]] *= 2.0 | y.flat[1:] = x[1, ::-1]"""


def each(lines):
    return [line.strip() for line in lines.replace("\n", " | ").split(" | ") if line.strip()]


@pytest.mark.parametrize("expression", each(VALUES))
def test_as_on_an_array(expression):
    if "ptp" in expression:
        expression = "np.ptp(x)"  # NumPy 2 has no method any more; ours stays
    if "reshape" in expression and "copy=" in expression and np.lib.NumpyVersion(np.__version__) < "2.1.0":
        pytest.skip("NumPy 2.1 is the first whose method takes copy=")
    expected, found = (eval(expression, {"np": np}, {"x": x}) for x in (A.copy(), tensor(A)))
    if isinstance(expected, (np.ndarray, np.generic)):
        assert isinstance(found, Tensor) or not isinstance(expected, np.ndarray)
        assert found.dtype == expected.dtype
    for ours, theirs in zip(found, expected) if isinstance(expected, tuple) else [(found, expected)]:
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("expression", each(DIFFERENTIABLE))
def test_it_is_recorded(expression):
    check_grads(lambda x: eval(expression, {"np": np}, {"x": x}), (A,), order=2)


@pytest.mark.parametrize("statement", each(WRITES))
def test_what_writes_gives_the_handle_a_new_value(statement):
    def program(x):
        y = x * 1.5
        exec(statement, {"np": np}, {"x": x, "y": y})
        return y

    np.testing.assert_array_equal(program(tensor(A)), program(A.copy()))
    check_grads(program, (A,), order=1)
    with pytest.raises(RuntimeError, match="leaf that requires grad"):
        exec(statement, {"np": np}, {"x": tensor(A), "y": tensor(A, requires_grad=True)})


@pytest.mark.parametrize("statement", ["part.fill(0.0)", "part.put([0], 1.0)", "part.sort()", "part.partition(1)"])
def test_a_part_is_not_written(statement):
    whole = tensor(A) * 1
    with pytest.raises(TypeError, match="on a part of another Tensor"):
        exec(statement, {}, {"part": whole[0], "whole": whole})


def test_what_a_mask_selects_is_no_part():
    x = tensor(A) * 1
    for chosen in (x[A > 2], x[[0, 1], [1, 1]], x.T.reshape(-1)):
        chosen += 1
        chosen[0] = 0.0
    np.testing.assert_array_equal(x, A)


def test_a_part_is_written_back_by_a_function_of_operators():
    from operator import imul

    def f(x):
        y = x * 1
        y[0] = imul(y[0], 3.0)
        i = slice(1, None)
        for _ in range(20):  # Python 3.11 stops elsewhere when it has seen a line often
            y[i] = imul(y[i], 1.5)
        return y.sum()

    np.testing.assert_allclose(grad(f)(np.ones(3)), [3.0, 1.5**20, 1.5**20])
    x, z = tensor(A) * 1, tensor(A) * 1
    with pytest.raises(TypeError, match="on a part of another Tensor"):
        z[0] = imul(x[0], 3.0)


def test_every_attribute_of_an_array_is_here_or_explained():
    """Names with underscores are Python's, and those of NumPy's own protocols would give the memory away."""
    x = tensor(A)
    for name in dir(np.ndarray):
        if not name.startswith("_") and not hasattr(x, name):
            with pytest.raises(AttributeError, match=": write "):
                getattr(x, name)


def test_pytorch_s_habits_are_still_told():
    with pytest.raises(TypeError, match="axis"):
        tensor(A).sum(dim=1)
    np.testing.assert_array_equal(tensor(A).sum(0, True), A.sum(0, keepdims=True))


def test_memory_in_an_order_of_its_own_has_no_order():
    with pytest.raises(ValueError, match="lies in memory"):
        tensor(A)[:, ::2].ravel("K")
    with pytest.raises(ValueError):
        tensor(A).reshape(-1, order="K")
    view = tensor(A).flags
    assert not view.writeable
    with pytest.raises(ValueError):
        view.writeable = True


def test_what_leaves_by_flat_keeps_its_gradient():
    with pytest.raises(TypeError, match="would lose its gradient"):
        np.asarray(tensor(A, requires_grad=True).flat)
    with pytest.raises(AttributeError, match=r"write x\.ravel\(\)\.sum"):
        _ = tensor(A).flat.sum
    np.testing.assert_array_equal(np.asarray(tensor(A).flat), A.ravel())
