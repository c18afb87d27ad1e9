"""Do the kernels of pooling give NumPy's numbers? Maxima exactly, sums to rounding; gradients of any order.

Read next: `test_normalization.py`.
"""

import itertools

import numpy as np
import pytest

from autograd import grad, ops
from autograd.kernels.onednn import pooling
from autograd.ops.pooling import pool_axes, swept
from tests.kernels.backends import LAYOUTS, MISSING, WHY, backend, normal, wide  # noqa: F401

pytestmark = [pytest.mark.skipif(MISSING, reason=WHY), pytest.mark.parametrize("backend", ["onednn"], indirect=True)]

# size, stride, padding, dilation, ceil_mode
GRID = [row for row in itertools.product((1, 2, 3, (2, 3)), (1, 2, 3), (0, 1), (1, 2), (False, True)) if row[0] != 1 or not row[2]]
SHAPES = [(2, 16, 9), (2, 3, 9, 8), (1, 16, 7, 9), (2, 4, 7, 8, 7)]


def rows(shape):
    return [row for row in GRID if not isinstance(row[0], tuple) or len(shape) == 4]


def by_numpy(x, *options):
    return swept(np.maximum, x, pool_axes("max_pool", x.shape, *options), -np.inf)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_maximum(backend, layout):  # noqa: F811
    for shape in SHAPES:
        for options in rows(shape)[:: 1 if layout == "channels last" else 7]:
            x = LAYOUTS[layout](np.rint(normal(*shape) * 2))  # many ties
            before = len(backend[1])
            y = ops.max_pool(x, *options)
            assert len(backend[1]) > before, (shape, options)
            assert np.array_equal(y, by_numpy(x, *options)), (shape, options)
            v = normal(*y.shape)
            ours, theirs = (grad(lambda x, v=v, o=options: (ops.max_pool(x, *o) * v).sum())(a) for a in (x, wide(x)[0]))
            assert ours.dtype == np.float32 and np.max(np.abs(ours - theirs)) < 2e-6 * max(1, np.max(np.abs(theirs))), (shape, options)


@pytest.mark.parametrize("layout", ["plain", "channels last"])
def test_mean(backend, layout):  # noqa: F811
    for shape in SHAPES:
        for size, stride, padding, _, ceil in [row for row in rows(shape) if row[3] == 1][:: 1 if layout == "channels last" else 7]:
            x, before = LAYOUTS[layout](normal(*shape)), len(backend[1])
            for counts in (True, False):
                y = ops.avg_pool(x, size, stride, padding, ceil, counts)
                exact = ops.avg_pool(wide(x)[0], size, stride, padding, ceil, counts)
                assert y.shape == exact.shape and np.max(np.abs(y - exact)) < 2e-6, (shape, size, stride, padding, ceil)
                v = normal(*y.shape)

                def loss(x, v=v, o=(size, stride, padding, ceil, counts)):
                    return (ops.avg_pool(x, *o) ** 2 * v).sum()

                ours, theirs = (grad(loss)(a) for a in (x, wide(x)[0]))
                assert ours.dtype == np.float32 and np.max(np.abs(ours - theirs)) < 1e-5
                ours, theirs = (grad(lambda x, loss=loss: (grad(loss)(x) ** 2).sum())(a) for a in (x, wide(x)[0]))
                assert np.max(np.abs(ours - theirs)) < 1e-4
            assert len(backend[1]) > before


@pytest.mark.parametrize("bad", [np.nan, -np.inf, np.inf, np.finfo(np.float32).min])
@pytest.mark.parametrize("searched", [0, 1 << 20])
def test_what_is_no_number_is_treated_as_numpy_does(backend, bad, searched, monkeypatch):  # noqa: F811
    monkeypatch.setattr(pooling, "SEARCHED", searched)
    x = normal(1, 16, 6, 6)
    x[0, 2, :4, :4] = bad
    x[0, 3, 1, 1] = bad
    for options in ((2,), (3, 2, 1)):
        y = ops.max_pool(x, *options)
        assert np.array_equal(y, by_numpy(x, *options), equal_nan=True)
        g = normal(*y.shape)
        axes = pool_axes("max_pool", x.shape, *options)
        expected = ops.window_put(g, ops.first_maximum(x, y, axes), axes)
        with np.errstate(invalid="ignore", over="ignore"):
            dx = grad(lambda x, o=options, g=g: (ops.max_pool(x, *o) * g).sum())(x)
        assert np.allclose(dx, expected, rtol=1e-6, atol=1e-6, equal_nan=True)


def test_the_last_axes_alone_are_numpys(backend):  # noqa: F811
    x = normal(3, 4, 5, 6)
    assert np.array_equal(ops.max_pool(x, (2,)), by_numpy(x, (2,))) and not backend[1]
    assert ops.max_pool(np.zeros((0, 4, 5, 6), np.float32), 2).shape == (0, 4, 2, 3)
