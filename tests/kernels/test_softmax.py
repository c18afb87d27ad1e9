"""Do the kernels of softmax give what its formula says? In every layout, for rows of one and of none, and rows that are no numbers.

Read next: `test_pooling.py`.
"""

import numpy as np
import pytest

from autograd import grad, kernels, ops
from autograd.kernels.softmax import log_softmax_to_x, softmax_to_x
from tests.kernels.backends import BACKENDS, LAYOUTS, ROUNDING, backend, normal, wide  # noqa: F401

pytestmark = pytest.mark.parametrize("backend", BACKENDS, indirect=True)

SHAPES = [(7,), (1, 1), (3, 1), (1, 9), (5, 10), (4, 3, 17), (2, 3, 4, 33), (300, 200)]  # the last takes several blocks


def formula(x, axis, log):
    """In float64, with another way to the same."""
    x = wide(x)[0]
    z = x - np.log(np.sum(np.exp(x), axis=axis, keepdims=True))
    return z if log else np.exp(z)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("log", [False, True])
def test_formula(backend, layout, log):  # noqa: F811
    kernel, ran = backend
    f = ops.log_softmax if log else ops.softmax
    for shape in SHAPES:
        if layout == "channels last" and len(shape) < 3:
            continue
        x = LAYOUTS[layout](normal(*shape))
        for axis in (-1, len(shape) - 1, 0, tuple(range(len(shape)))):
            before = len(ran)
            y = f(x, axis)
            assert y.dtype == np.float32 and y.shape == shape
            assert np.max(np.abs(y - formula(x, axis, log))) < (1e-5 if log else 5e-7), (shape, axis)
            if kernel == "onednn" and axis == -1:
                assert len(ran) > before, (shape, axis)
            v = normal(*shape)
            dx = grad(lambda x, v=v, a=axis: (f(x, a) * v).sum())(x)
            p, g = formula(x, axis, False), wide(v)[0]
            exact = g - p * g.sum(axis, keepdims=True) if log else p * (g - (g * p).sum(axis, keepdims=True))
            allowed = max(2e-5, 4 * ROUNDING * np.abs(g).sum(axis).max())  # of a sum of rounded numbers
            assert dx.dtype == np.float32 and np.max(np.abs(dx - exact)) < allowed, (shape, axis)


def test_float64_and_second_derivatives(backend):  # noqa: F811
    x, v = wide(normal(6, 5), normal(6, 5))

    def slope(x, f):
        return (grad(lambda x: (f(x) * v).sum())(x) * v).sum()

    for f in (ops.softmax, ops.log_softmax):
        assert np.max(np.abs(f(x) - formula(x, -1, f is ops.log_softmax))) < 1e-14
        h, dx = 1e-6, grad(lambda x, f=f: slope(x, f))(x)
        for i, j in ((0, 0), (3, 2), (5, 4)):
            e = np.zeros_like(x)
            e[i, j] = h
            assert abs((slope(x + e, f) - slope(x - e, f)) / (2 * h) - dx[i, j]) < 1e-6


@pytest.mark.parametrize("log", [False, True])
def test_rows_that_are_no_numbers(backend, log):  # noqa: F811
    """A masked element has probability 0; NaN, an infinite score and a row with everything masked make a row NaN, and no other."""
    f = ops.log_softmax if log else ops.softmax
    x = normal(6, 11)
    x[1, 3], x[2, 4], x[3] = np.nan, np.inf, -np.inf
    with np.errstate(invalid="ignore", divide="ignore"):
        y = f(x)
        assert np.allclose(f(x.T, 0).T, y, 1e-6, 1e-6, equal_nan=True)  # along another axis
        dx = [grad(lambda x, axis=axis: f(x, axis)[..., :3, :3].sum())(a) for a, axis in ((x, 1), (np.ascontiguousarray(x.T), 0))]
        assert np.allclose(dx[0], dx[1].T, 1e-5, 1e-5, equal_nan=True)
    assert np.isnan(y[1:4]).all() and np.isfinite(y[[0, 4, 5]]).all()
    x = normal(6, 11)
    x[2, 1:4], x[4, 0] = -np.inf, 3e38
    y = f(x)
    with np.errstate(divide="ignore"):
        exact = formula(np.where(x > 1e38, 60, x), -1, log)  # exp(3e38) is no number
    assert (np.isneginf(y[2, 1:4]) if log else y[2, 1:4] == 0).all()
    assert np.allclose(y[[0, 1, 2, 3, 5]], exact[[0, 1, 2, 3, 5]], rtol=1e-5, atol=1e-6)
    assert y[4, 0] == (0 if log else 1)


def test_nothing_is_nothing(backend):  # noqa: F811
    for f in (ops.softmax, ops.log_softmax):
        assert f(np.zeros((0, 3), np.float32)).shape == (0, 3)


@pytest.mark.parametrize("log", [False, True])
def test_gradients_and_their_twins(backend, log):  # noqa: F811
    """The same bits of softmax's, whatever the numbers are; of its logarithm's to rounding."""
    kernel, ran = backend
    by_kernel, twin = (kernels.log_softmax_to_x, log_softmax_to_x) if log else (kernels.softmax_to_x, softmax_to_x)
    for shape in ((90,), (40, 33), (2, 3, 4, 100), (3, 9000), (50, 7)):
        y, g = (ops.log_softmax if log else ops.softmax)(normal(*shape)), normal(*shape)
        g.ravel()[[3, 11]] = np.inf, np.nan
        before = len(ran)
        with np.errstate(invalid="ignore"):
            ours, theirs = by_kernel(g, y, -1), twin(g, y, -1)
        assert (len(ran) > before) == (kernel == "onednn" and (log or shape[-1] >= 32))
        assert np.allclose(ours, theirs, 1e-5, 1e-5, equal_nan=True) if log else np.array_equal(ours, theirs, equal_nan=True), shape


def test_cross_entropy_and_logsumexp(backend):  # noqa: F811
    """With scores that are no numbers, each of which concerns its row alone."""
    kernel, ran = backend
    x, t, v = normal(90, 200) * 9, np.arange(90) % 200, normal(90)

    def losses(x):
        return (ops.cross_entropy(x, t, reduction="none") * v).sum()

    for f, exact in ((lambda x: ops.cross_entropy(x, t, reduction="none"), lambda x: ops.logsumexp(x, 1) - x[np.arange(90), t]),
                     (lambda x: ops.logsumexp(x, 1), lambda x: np.log(np.exp(x).sum(1)))):
        before = len(ran)
        ours, theirs = f(x), exact(wide(x)[0])
        assert ours.dtype == np.float32 and np.max(np.abs(ours - theirs)) < 1e-5
        assert (len(ran) > before) == (kernel == "onednn")
    assert np.max(np.abs(grad(losses)(x) - grad(losses)(wide(x)[0]))) < 1e-5
    x[6, 1:9] = -np.inf
    before = len(ran)
    dx = grad(losses)(x)
    assert (len(ran) - before == 2) == (kernel == "onednn") and (dx[6, 1:6] == 0).all() and np.isfinite(dx).all()
    x[3, 7], x[4, 8], x[5] = np.nan, np.inf, -np.inf
    with np.errstate(invalid="ignore", divide="ignore"):
        y, dx = ops.cross_entropy(x, t, reduction="none"), grad(losses)(x)
        z = ops.logsumexp(x, 1)
    rows = np.isin(np.arange(90), (3, 4, 5))
    assert np.array_equal(np.isnan(y), rows) and np.array_equal(np.isnan(dx).any(1), rows) and np.isfinite(dx[~rows]).all()
    assert np.isnan(z[3]) and z[4] == np.inf and z[5] == -np.inf and np.isfinite(np.delete(z, (3, 4, 5))).all()
