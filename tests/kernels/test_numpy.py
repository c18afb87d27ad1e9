"""Do NumPy's kernels of pooling give what the definitions say, whatever the layout, and however many images go together?

Read next: `test_activations.py`.
"""

import itertools

import numpy as np
import pytest

import autograd
from autograd import ops
from autograd.kernels import pooling
from autograd.ops.pooling import pool_axes
from tests.kernels.backends import LAYOUTS, normal

# size, stride, padding, dilation, ceil_mode
GRID = [row for row in itertools.product((1, 2, 3, (2, 3)), (1, 2, 3), (0, 1), (1, 2), (False, True)) if row[0] != 1 or not row[2]]
SHAPES = [(3, 2, 9), (5, 3, 9, 8), (0, 3, 9, 8), (2, 4, 7, 8, 7), (3, 4, 1, 9)]


@pytest.fixture(params=[1, 2000, 1 << 20], ids=["one image", "some images", "all images"], autouse=True)
def block(request, monkeypatch):
    monkeypatch.setattr(pooling, "BLOCK", request.param)
    with autograd.config.kernels.using(onednn=False):
        yield


def seen(x, axes, outside):
    """Each window's elements, one after the other, on a last axis: the definition, by indices."""
    y = np.full((*x.shape[:2], *(axis.out for axis in axes), int(np.prod([axis.size for axis in axes]))), outside, x.dtype)
    for at in np.ndindex(*y.shape[2:-1]):
        for k, tap in enumerate(np.ndindex(*(axis.size for axis in axes))):
            place = tuple(i * axis.stride + t * axis.dilation - axis.lo for i, t, axis in zip(at, tap, axes))
            if all(0 <= p < axis.length for p, axis in zip(place, axes)):
                y[(slice(None), slice(None), *at, k)] = x[(slice(None), slice(None), *place)]
    return y


def cases(layout):
    for shape in SHAPES:
        if layout == "broadcast" and 0 in shape:
            continue
        for size, *rest in GRID[:: 1 if layout == "plain" else 5]:
            if isinstance(size, tuple) and len(shape) != 4:
                continue
            try:
                yield LAYOUTS[layout](np.rint(normal(*shape) * 2)), pool_axes("pool", shape, size, *rest)
            except ValueError:  # the kernel is longer than the image
                assert 1 in shape


@pytest.mark.parametrize("layout", LAYOUTS)
def test_maxima_and_sums(layout):
    for x, axes in cases(layout):
        for combine, start in ((np.maximum, -np.inf), (np.add, 0)):
            y = pooling.swept(combine, x, axes, start)
            assert y.dtype == x.dtype and np.array_equal(y, combine.reduce(seen(x, axes, start), axis=-1)), (x.shape, axes)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_gradients(layout):
    """The maximum's goes where the definition says it does, ties and NaN included; the sum's is the transpose."""
    for x, axes in cases(layout):
        x = np.array(x, order="K")
        if x.size:
            x[0, 0, ..., -1], x[-1, -1, ..., 0] = np.nan, -np.inf
        y = pooling.swept(np.maximum, x, axes, -np.inf)
        g = np.rint(normal(*y.shape) * 4)
        assert np.array_equal(pooling.max_pool_to_x(g, x, y, axes), ops.window_put(g, ops.first_maximum(x, y, axes), axes)), (x.shape, axes)
        z = np.rint(normal(*x.shape) * 4)
        spread = pooling.window_spread(g, axes)
        assert spread.shape == x.shape and np.sum(spread * z) == np.sum(g * pooling.swept(np.add, z, axes, 0)), (x.shape, axes)
