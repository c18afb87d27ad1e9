"""Does oneDNN compute what NumPy computes?

Every kernel against its readable twin in float64: the error must be a small multiple of float32's rounding, relative to the sum of the
absolute values that were added up. Where the library is missing the tests are skipped, and say so.
"""

import itertools
import threading

import numpy as np
import pytest

import autograd
from autograd import ops
from autograd.ops.convolution import conv_by_windows, conv_transpose_by_windows, conv_weight_by_windows
from tests.kernels.backends import LAYOUTS, MISSING, ROUNDING, WHY, backend, normal, wide  # noqa: F401

pytestmark = [pytest.mark.skipif(MISSING, reason=WHY), pytest.mark.parametrize("backend", ["onednn"], indirect=True)]


def close(ours, theirs, scale, factor=8):
    """Within `factor` roundings of what was added up."""
    assert ours.shape == theirs.shape and ours.dtype == np.float32
    assert np.all(np.abs(ours - theirs) <= factor * ROUNDING * scale + 1e-30), np.max(np.abs(ours - theirs) / (scale + 1e-30)) / ROUNDING


CONVOLUTIONS = [(n, stride, padding, dilation, groups, size) for n, stride, padding, dilation, groups, size in itertools.product(
    (1, 2, 3), (1, 2, 3), (0, 1, (2, 0)), (1, 2), ((3, 2, 1), (4, 6, 2), (3, 6, 3), (16, 8, 1)), (1, 2, 3)) if n < 3 or stride == 2]


@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_convolution(n, layout, backend):  # noqa: F811
    grid = [row for row in CONVOLUTIONS if row[0] == n]
    for _, stride, padding, dilation, (channels, out_channels, groups), size in grid[:: 1 if layout == "channels last" else 7]:
        padding = (padding,) * n if isinstance(padding, tuple) else padding
        options = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
        x, w = LAYOUTS[layout](normal(2, channels, *(7, 8, 5)[:n])), normal(out_channels, channels // groups, *(size,) * n)
        b, before = normal(out_channels), len(backend[1])
        y = ops.conv(x, w, b, **options)
        assert len(backend[1]) > before
        close(y, conv_by_windows(*wide(x, w, b), **options), conv_by_windows(*wide(abs(x), abs(w), abs(b)), **options))
        z = LAYOUTS[layout](normal(*y.shape))
        close(ops.conv_weight(x, z, w.shape[2:], **options), conv_weight_by_windows(*wide(x, z), w.shape[2:], **options),
              conv_weight_by_windows(*wide(abs(x), abs(z)), w.shape[2:], **options))
        b = normal(channels)
        if min(length + 0 for length in ops.conv_transpose(z, w, None, **options).shape) > 0:
            close(ops.conv_transpose(z, w, b, **options), conv_transpose_by_windows(*wide(z, w, b), **options),
                  conv_transpose_by_windows(*wide(abs(z), abs(w), abs(b)), **options))


def test_gradients_of_a_convolution_of_any_order(backend):  # noqa: F811
    x, w, b, v = normal(3, 4, 9, 9), normal(6, 2, 3, 3), normal(6), normal(3, 6, 5, 5)

    def loss(x, w, b):
        return (ops.conv(x, w, b, 2, 1, 1, 2) ** 2 * v[..., : x.shape[-1]]).sum()

    def of_gradient(x, w, b):
        return sum((g**2).sum() for g in autograd.grad(loss, (0, 1, 2))(x, w, b))

    for f in (loss, of_gradient):
        ours = autograd.grad(f, (0, 1, 2))(x, w, b)
        with autograd.config.kernels.using(onednn=False):
            theirs = autograd.grad(f, (0, 1, 2))(*wide(x, w, b))
        for mine, exact in zip(ours, theirs):
            assert mine.dtype == np.float32
            assert np.max(np.abs(mine - exact)) < 1e-5 * np.max(np.abs(exact))


@pytest.mark.parametrize("dtype", [np.float64, np.int32, np.complex64])
def test_other_types_are_numpys(dtype, backend):  # noqa: F811
    x, w = np.ones((2, 3, 6, 6), dtype), np.ones((4, 3, 3, 3), dtype)
    assert ops.conv(x, w).dtype == dtype and not backend[1]
    assert ops.conv(x, normal(4, 3, 3, 3)).dtype == np.result_type(dtype, np.float32) and not backend[1]


def test_half_precision_is_computed_in_single(backend):  # noqa: F811
    x, w = normal(2, 3, 6, 6).astype(np.float16), normal(4, 3, 3, 3).astype(np.float16)
    y = ops.conv(x, w)
    assert y.dtype == np.float16 and backend[1]
    assert np.max(np.abs(y - conv_by_windows(*wide(x, w)))) < 2e-3 * np.max(np.abs(y))


def test_nothing_to_convolve(backend):  # noqa: F811
    w = normal(4, 3, 3, 3)
    assert ops.conv(np.zeros((0, 3, 6, 6), np.float32), w).shape == (0, 4, 4, 4)
    assert np.array_equal(ops.conv_weight(np.zeros((0, 3, 6, 6), np.float32), np.zeros((0, 4, 4, 4), np.float32), (3, 3)), 0 * w)


def test_a_result_is_its_own_and_channels_last(backend):  # noqa: F811
    y = ops.conv(normal(2, 3, 6, 6), normal(4, 3, 3, 3))
    assert y.base is None and y.flags.writeable and y.transpose(0, 2, 3, 1).flags.c_contiguous


def test_weights_that_change_are_seen(backend):  # noqa: F811
    """Nothing is remembered of an array's values."""
    x, w = normal(2, 16, 6, 6), normal(16, 16, 3, 3)
    first = ops.conv(x, w)
    w *= 2
    assert np.array_equal(ops.conv(x, w), 2 * first)


def test_threads_may_share_a_plan(backend):  # noqa: F811
    x, w = normal(8, 16, 16, 16), normal(16, 16, 3, 3)
    inputs = [x * k for k in range(1, 9)]
    expected = [ops.conv(each, w) for each in inputs]
    wrong = []

    def work(i):
        for _ in range(20):
            if not np.array_equal(ops.conv(inputs[i], w), expected[i]):
                wrong.append(i)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
