"""Is `autograd.numpy` NumPy's namespace, with lists of Tensors?

Read next: `test_values.py`.
"""

import subprocess
import sys

import numpy as np
import pytest

import autograd.numpy as anp
import autograd.numpy.fft as anp_fft
import autograd.numpy.linalg as npla
import autograd.numpy.random as npr
from autograd import check_grads, grad, tensor
from autograd.numpy import creation
from autograd.numpy.linalg import inv, norm
from autograd.tensor import Tensor

OURS = ("array", "asanyarray", "asarray", "ascontiguousarray", "asfortranarray", "full", "require")


@pytest.mark.parametrize("name", sorted(np.__all__))
def test_every_public_name_is_numpys(name):
    if name in OURS:
        assert getattr(anp, name) is getattr(creation, name)
    elif name in ("r_", "c_"):
        assert getattr(anp, name).numpys is getattr(np, name)
    elif name in ("fft", "linalg", "random"):
        assert getattr(anp, name).__name__ == f"autograd.numpy.{name}"
    else:
        assert getattr(anp, name) is getattr(np, name)


@pytest.mark.parametrize("ours, numpys", [(npla, np.linalg), (anp_fft, np.fft), (npr, np.random)])
def test_the_modules_within(ours, numpys):
    for name in numpys.__all__:
        assert getattr(ours, name) is getattr(numpys, name) and name in dir(ours)
    assert anp.linalg is npla and anp.fft is anp_fft and anp.random is npr
    assert inv is np.linalg.inv and norm is np.linalg.norm


def test_it_is_listed():
    assert {"sin", "pi", "linalg", "array"} <= set(dir(anp))
    with pytest.raises(AttributeError, match="no_such_name"):
        anp.no_such_name  # noqa: B018


def test_everything_can_be_imported_by_star():
    names = {}
    exec("from autograd.numpy import *", names)
    assert names["array"] is creation.array and names["sin"] is np.sin and names["linalg"] is npla


def test_what_is_made_of_numbers_is_an_array():
    for make in (anp.array, anp.asarray, anp.asanyarray, anp.ascontiguousarray, anp.asfortranarray, anp.require):
        for data in ([1, 2], [[1.0], [2.0]], (1, 2.5), np.ones((2, 3))[:, ::2], 3, True, np.float32(2), []):
            made, expected = make(data), getattr(np, make.__name__)(data)
            assert type(made) is type(expected) is np.ndarray and made.dtype == expected.dtype
            np.testing.assert_array_equal(made, expected)
        assert make([1, 2], np.float32).dtype == np.float32
    assert anp.asfortranarray(np.ones((2, 3))).flags.f_contiguous and anp.ascontiguousarray(np.ones((2, 3)).T).flags.c_contiguous
    assert anp.array([1, 2], ndmin=2).shape == (1, 2)
    a = np.ones(3)
    assert anp.asarray(a) is a and anp.array(a) is not a and anp.array(a, copy=None) is a
    masked = np.ma.array([1.0, 2.0], mask=[True, False])
    assert type(anp.asanyarray(masked)) is type(masked) is type(anp.array(masked, subok=True)) and type(anp.asarray(masked)) is np.ndarray
    assert type(anp.full((2,), 3.0)) is np.ndarray and anp.full((2,), 3, dtype=np.float32).dtype == np.float32
    assert type(anp.zeros(3)) is type(anp.ones((2, 2))) is type(anp.arange(3)) is type(anp.linspace(0, 1, 3)) is np.ndarray


x, y = np.float64(0.4), np.array([0.3, 1.2])

LISTS = [
    lambda np, x, y: np.array([x, 1.0, x * x]),
    lambda np, x, y: np.array([[x, 1.0], [2, x]]),
    lambda np, x, y: np.array([y, y * y, (1.0, 2.0)]),
    lambda np, x, y: np.array([[y[0], x], y]),
    lambda np, x, y: np.array((x, y[1])),
    lambda np, x, y: np.array(x),
    lambda np, x, y: np.array(y, ndmin=3),
    lambda np, x, y: np.array(y, dtype=np.complex128),
    lambda np, x, y: np.asarray([x, y[0]]),
    lambda np, x, y: np.asarray(y),
    lambda np, x, y: np.asanyarray([y, y]),
    lambda np, x, y: np.ascontiguousarray([x, x]),
    lambda np, x, y: np.ascontiguousarray(x),
    lambda np, x, y: np.asfortranarray([y, y]),
    lambda np, x, y: np.require([x, x], None, "C"),
    lambda np, x, y: np.full((2, 3), x),
    lambda np, x, y: np.full((3, 2), y),
    lambda np, x, y: np.full((3, 2), [x, 1.0]),
    lambda np, x, y: np.r_[x, 1.0, y, 0:3],
    lambda np, x, y: np.r_["0,2", y, [1.0, 2.0]],
    lambda np, x, y: np.r_["-1", y[None], y[None], [[1.0]]] + x,
    lambda np, x, y: np.c_[y, [1.0, 2.0], y * y],
    lambda np, x, y: np.c_[y] * x,
    lambda np, x, y: np.concatenate([y, [1.0], np.array([x])]),
    lambda np, x, y: np.linalg.norm(np.array([x, x])) + np.fft.fft(y),
]


@pytest.mark.parametrize("f", LISTS, ids=range(len(LISTS)))
def test_lists_of_tensors(f):
    made, expected = f(anp, tensor(x, requires_grad=True), tensor(y, requires_grad=True)), f(np, x, y)
    assert isinstance(made, Tensor) and made.node is not None
    assert made.shape == np.shape(expected) and made.dtype == expected.dtype
    np.testing.assert_array_equal(made._array, expected)
    check_grads(lambda x, y: f(anp, x, y) + 0 * x + 0 * np.sum(y), (x, y), modes=("rev",))


def test_rows_of_numbers_are_numpys():
    assert anp.r_[1:3, 0, [1.5]].tolist() == [1, 2, 0, 1.5] and type(anp.c_[[1], [2]]) is np.ndarray and len(anp.r_) == 0


def test_a_tensor_is_taken_as_it_is():
    t = tensor([1.0, 2.0], requires_grad=True)
    assert anp.asarray(t) is t and anp.asanyarray(t, copy=False) is t
    assert anp.array(t) is not t and anp.array(t).node is not None
    assert anp.array([tensor(1), tensor(2)]).dtype == np.int64 and not anp.array([tensor(1), tensor(2)]).requires_grad


def test_parts_that_do_not_fit():
    t = tensor([1.0, 2.0], requires_grad=True)
    with pytest.raises(ValueError, match=r"one shape, and these have shapes \(\), \(2,\).*concatenate"):
        anp.array([t, 1.0])
    with pytest.raises(TypeError, match="cannot be written"):
        anp.require(t, requirements=["W"])
    with pytest.raises(TypeError, match=r"autograd\.numpy\.array"):
        np.array([t, t])


def test_a_function_written_for_it():
    """Raw arrays inside stay raw; what depends on the argument is on the tape."""

    def f(w):
        a = anp.zeros(3)
        a[1] = 2.0
        assert type(a) is np.ndarray and type(anp.sin(a)) is np.ndarray
        return anp.sum(anp.array([w[0], w[1] * a[1], 1.0]) ** 2)

    np.testing.assert_allclose(grad(f)(np.array([3.0, 4.0])), [6.0, 32.0])


def test_it_is_not_imported_by_autograd():
    code = ("import sys, autograd, numpy as np; "
            "assert 'autograd.numpy' not in sys.modules and 'autograd.overrides.ufuncs' not in sys.modules; "
            "np.exp(autograd.tensor([1.0])); np.sum(autograd.tensor([1.0])); assert 'autograd.ops.eigen' not in sys.modules")
    subprocess.run([sys.executable, "-c", code], check=True)
