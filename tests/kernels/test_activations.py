"""Do the kernels of gelu and sigmoid give what their formulas say? In every layout and size, and where there are no numbers.

Read next: `test_softmax.py`.
"""

import math

import numpy as np
import pytest

from autograd import grad, ops
from tests.kernels.backends import BACKENDS, LAYOUTS, backend, normal, wide  # noqa: F401

pytestmark = pytest.mark.parametrize("backend", BACKENDS, indirect=True)

SHAPES = [(1,), (0, 3), (7,), (5, 33), (2, 3, 9, 8), (3, 2, 4, 5, 6), (70, 300)]  # the last takes several blocks


def share(x):
    """The share of a normal distribution below x, by Python's own error function."""
    return np.array([0.5 * math.erfc(-v * math.sqrt(0.5)) for v in x.ravel()]).reshape(x.shape)


FORMULAS = {
    "gelu": (lambda x: x * share(x), lambda x: share(x) + x * np.exp(-x * x / 2) / math.sqrt(2 * math.pi)),
    "sigmoid": (lambda x: 1 / (1 + np.exp(-x)), lambda x: np.exp(-x) / (1 + np.exp(-x)) ** 2),
}


@pytest.mark.parametrize("name", FORMULAS)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_formula(backend, name, layout):  # noqa: F811
    kernel, ran = backend
    f, (value, slope) = getattr(ops, name), FORMULAS[name]
    for shape in SHAPES:
        if (len(shape) < (3 if layout == "channels last" else 1) and layout != "plain") or (layout == "broadcast" and 0 in shape):
            continue
        x, g = LAYOUTS[layout](3 * normal(*shape)), normal(*shape)
        before = len(ran)
        y = np.asarray(f(x))
        assert y.shape == shape and y.dtype == np.float32
        if kernel == "onednn" and layout == "plain" and x.size:
            assert len(ran) > before, shape
        exact = value(wide(x)[0])
        assert np.allclose(y, exact, rtol=1e-5, atol=2e-6), shape
        dx = np.asarray(grad(lambda x, g=g: (f(x) * g).sum())(x))
        assert dx.dtype == np.float32 and np.allclose(dx, g * slope(wide(x)[0]), rtol=1e-5, atol=4e-6), shape
        for a, b in ((f(wide(x)[0]), exact), (grad(lambda x, g=g: (f(x) * g).sum())(wide(x)[0]), g * slope(wide(x)[0]))):
            assert np.allclose(a, b, rtol=1e-13, atol=1e-14), shape


def test_numbers(backend):  # noqa: F811
    for f in (ops.gelu, ops.sigmoid):
        for x in (1.5, np.float32(1.5), np.array(1.5, np.float32), np.array(2), np.float16(1.5)):
            y = f(x)
            assert np.shape(y) == () and np.isclose(y, f(np.array([x], np.float64))[0], rtol=1e-3), x


@pytest.mark.parametrize("layout", ["channels last", "Fortran"])
def test_the_order_of_memory_stays(backend, layout):  # noqa: F811
    x = LAYOUTS[layout](normal(2, 16, 5, 6))
    for f in (ops.gelu, ops.sigmoid):
        assert f(x).strides == x.strides
    assert ops.gelu.rules["x"](x, x).strides == x.strides


def test_second_derivative_of_gelu(backend):  # noqa: F811
    x = np.linspace(-4, 4, 41)
    twice = grad(lambda x: grad(lambda x: ops.gelu(x).sum())(x).sum())(x)
    density = np.exp(-x * x / 2) / math.sqrt(2 * math.pi)
    assert np.allclose(twice, (2 - x * x) * density, atol=1e-13)


def test_gelu_of_infinity_where_onednn_loses_it(backend, monkeypatch):  # noqa: F811
    from autograd.kernels.onednn import activations

    exact, x = activations.computed, np.tile(np.array([np.inf, 3e38, -1, 2], np.float32), 5000)
    monkeypatch.setattr(activations, "computed", lambda library, x, what: exact(library, x, what) * np.where(x > 1e38, np.nan, 1))
    activations.overflows.cache_clear()
    assert np.array_equal(ops.gelu(x)[:2], x[:2]) and np.isfinite(ops.gelu(x[2:4])).all()
    activations.overflows.cache_clear()


def test_what_is_no_number(backend):  # noqa: F811
    x = np.array([np.nan, np.inf, -np.inf, 100, -100, 0, 1e-40, 3e38, -3e38], np.float32)
    with np.errstate(all="ignore"):
        assert np.array_equal(ops.sigmoid(x), np.array([np.nan, 1, 0, 1, 0, 0.5, 0.5, 1, 0], np.float32), equal_nan=True)
        y = ops.gelu(x)
        assert np.isnan(y[[0, 2]]).all() and np.array_equal(y[[1, 3, 4, 5, 7, 8]], np.array([np.inf, 100, 0, 0, 3e38, 0], np.float32))
        dx = ops.gelu.rules["x"](np.ones_like(x), x)
        assert np.isnan(dx[0]) and np.array_equal(dx[[3, 4, 5]], np.array([1, 0, 0.5], np.float32))
