"""Do convolution and pooling mean what they say?

The laws (`test_laws.py`) say that the gradients belong to the values; here the values are compared with the definitions
(windows and a contraction), and with numbers that PyTorch 2.13 computed.
"""

import itertools

import numpy as np
import pytest

from autograd import grad, ops
from autograd.kernels import numpy as kernel
from autograd.kernels import runs
from autograd.ops.convolution import conv_by_windows, conv_transpose_by_windows, conv_weight_by_windows


def ints(*shape):
    """-5, 2, 9 - 11, ...: small whole numbers, so that results are exact."""
    return ((np.arange(np.prod(shape)) * 7 + 3) % 11 - 5.0).reshape(shape)


def channels_last(x):
    return np.moveaxis(np.ascontiguousarray(np.moveaxis(x, 1, -1)), -1, 1)


GRID = [(n, stride, padding, dilation, groups, size)
        for n, stride, padding, dilation, groups, size in itertools.product(
            (1, 2, 3), (1, 2, 3), (0, 1, (2, 0)), (1, 2), ((2, 3, 1), (4, 2, 2), (2, 4, 2)), (1, 2, 3))
        if n < 3 or (stride < 3 and dilation == 1)]


@pytest.fixture(params=[(1 << 20, False), (1000, False), (1000, True)], ids=["one block", "bands", "runs"])
def block(request, monkeypatch):
    size, without_gathering = request.param
    for module in (kernel, runs):
        monkeypatch.setattr(module, "BLOCK", size)
    if without_gathering:
        for name, value in (("LARGE", 0), ("WASTE", 1e9), ("NARROW", 0), ("FEW", 0)):
            monkeypatch.setattr(runs, name, value)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_definition(n, block):
    """The kernels against windows and a contraction: the values, and their gradients."""
    for _, stride, padding, dilation, (channels, out_channels, groups), size in (row for row in GRID if row[0] == n):
        padding = (padding,) * n if isinstance(padding, tuple) else padding
        x = ints(2, channels, *(6, 7, 5)[:n])
        w, b = ints(out_channels, channels // groups, *(size,) * n), ints(out_channels)
        options = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
        y = conv_by_windows(x, w, b, **options)
        for layout in (np.asarray, channels_last, np.asfortranarray):
            assert np.array_equal(ops.conv(layout(x), w, b, **options), y), options
            z = layout(ints(*y.shape))
            assert np.array_equal(ops.conv_weight(layout(x), z, w.shape[2:], **options),
                                  conv_weight_by_windows(x, z, w.shape[2:], **options)), options
        for more in range(max(stride, dilation)):
            if (y.shape[2] - 1) * stride + dilation * (size - 1) + 1 + more <= 4:
                continue
            assert np.array_equal(ops.conv_transpose(z, w, ints(channels), output_padding=more, **options),
                                  conv_transpose_by_windows(z, w, ints(channels), output_padding=more, **options)), (options, more)
        ours, theirs = (grad(lambda *args, f=f, o=options: (f(*args, **o) ** 2).sum(), (0, 1, 2))(x, w, b)
                        for f in (ops.conv, conv_by_windows))
        assert all(map(np.array_equal, ours, theirs)), options


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64, np.complex128])
def test_dtype(dtype):
    x, w = ints(2, 2, 5).astype(dtype), ints(2, 2, 3).astype(dtype)
    y = ops.conv(x, w, w[:, 0, 0])
    assert y.dtype == dtype and np.array_equal(y, conv_by_windows(x, w, w[:, 0, 0]))
    assert ops.conv_transpose(y, w).dtype == ops.conv_weight(x, y, 3).dtype == dtype


@pytest.mark.parametrize("n, groups", [(1, 1), (2, 1), (2, 2)])
def test_no_images(n, groups):
    x, w = np.zeros((0, 2, *(5,) * n), "f4"), np.ones((2, 2 // groups, *(3,) * n), "f4")
    assert ops.conv(x, w, groups=groups).shape == (0, 2, *(3,) * n)
    dx, dw = grad(lambda x, w: ops.conv(x, w, None, 1, 1, 1, groups).sum(), (0, 1))(x, w)
    assert dx.shape == x.shape and np.array_equal(dw, np.zeros_like(w))
    assert ops.max_pool(x, 2).shape == ops.avg_pool(x, 2).shape == (0, 2, *(2,) * n)


def test_results_are_our_own():
    """A convolution's result is no view: nothing larger is kept alive by it."""
    assert ops.conv(ints(2, 3, 5, 5), ints(4, 3, 3, 3)).base is None
    assert ops.conv(ints(2, 3, 5, 5), ints(4, 3, 1, 1)).base is None


# ---- PyTorch's numbers --------------------------------------------------------------------------------------------


def test_conv_as_in_pytorch():
    x, w, options = ints(1, 4, 5, 4), ints(2, 2, 3, 2), ((2, 1), (1, 0), (1, 2), 2)
    y = ops.conv(x, w, ints(2), *options)
    assert y.shape == (1, 2, 3, 2) and y.ravel().tolist() == [18, -21, -6, 46, -26, 42, -22, 67, -47, 32, -36, 17]
    dx, dw = grad(lambda x, w: (ops.conv(x, w, None, *options) * ints(*y.shape)).sum(), (0, 1))(x, w)
    assert dx[0, 0].ravel().tolist() == [-2, 5, 6, -15, -10, 26, 5, -15, 1, -3, -3, 9, -4, -12, 20, 0, 4, 0, -12, 0]
    assert dw.ravel().tolist() == [24, -25, 43, 3, -6, 8, 18, 24, -5, 43, -9, -6, -15, 22, -11, 1, 49, -5, -19, -15, 10, -11, 15, 49]


def test_conv_transpose_as_in_pytorch():
    y = ops.conv_transpose(ints(1, 2, 3, 2), ints(2, 1, 2, 3), ints(2), (2, 3), 1, (1, 0), 2)
    assert y.shape == (1, 2, 5, 4)
    assert y.ravel().tolist() == [-10, -2, -17, 18, 3, -1, 4, -17, 2, -2, 7, -14, 18, 2, -2, -2, 14, -2, -2, -2,
                                  -3, 13, -10, 11, 2, 6, 25, -10, 3, 7, 30, -5, 11, 3, 13, -1, 9, 1, 15, 1]


def test_padding_same():
    y = ops.conv(ints(1, 2, 6), ints(3, 2, 4), padding="same")
    assert y.shape == (1, 3, 6) and y.ravel().tolist() == [-23, 12, 18, -31, 14, 0, 1, -49, 13, -2, -34, 4, 3, -11, -14, 5, 17, -14]


def test_max_pool_as_in_pytorch():
    x = ints(1, 1, 5, 4)
    assert ops.max_pool(x, 3, 2, 1, ceil_mode=True).ravel().tolist() == [5, 5, 3, 5, 4, 4, 5, 4, 4]
    g = grad(lambda x: ops.max_pool(x, 3, 2, 1, ceil_mode=True).sum())(x)
    assert g.ravel().tolist() == [0, 2, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 2, 0, 0, 4, 0, 0, 0, 0]
    assert ops.max_pool(x, 2, 1, 0, 2).ravel().tolist() == [2, 5, 5, 4, 3, -1]
    assert ops.max_pool_index(x, 2, 1, 0, 2).ravel().tolist() == [10, 1, 12, 15, 18, 19]


def test_max_pool_gives_ties_to_the_first():
    g = grad(lambda x: ops.max_pool(x, 2).sum())(np.zeros((1, 1, 4, 4)))
    assert g[0, 0].tolist() == [[1, 0, 1, 0], [0, 0, 0, 0], [1, 0, 1, 0], [0, 0, 0, 0]]


def test_avg_pool_as_in_pytorch():
    x = ints(1, 1, 5, 4)
    assert np.allclose(ops.avg_pool(x, 3, 2, 1, ceil_mode=True).ravel() * 36, [28, 8, 0, 16, -16, 30, 8, 0, 18])
    assert np.allclose(ops.avg_pool(x, 3, 2, 1, ceil_mode=True, count_include_pad=False).ravel() * 36, [63, 12, 0, 24, -16, 60, 18, 0, 54])
    assert np.allclose(ops.avg_pool(x, (5, 4), divisor_override=2).ravel() * 2, x.sum())


def test_a_window_that_is_longer_than_the_input_may_hang_over_its_end():
    x = np.arange(4.0).reshape(1, 1, 2, 2)
    assert ops.max_pool(x, 3, 2, ceil_mode=True).tolist() == [[[[3]]]]
    assert ops.avg_pool(x, 3, 2, ceil_mode=True).tolist() == [[[[1.5]]]]
    for size, stride in ((3, 1), (4, 2)):  # no window starts before the end and would still hold it all
        with pytest.raises(ValueError, match="does not fit"):
            ops.max_pool(x, size, stride, ceil_mode=True)


def test_adaptive_pools_as_in_pytorch():
    x = ints(1, 1, 5, 4)
    assert np.allclose(ops.adaptive_avg_pool(x, 3).ravel() * 12, [21, 6, -9, 8, -18, 0, 6, -9, 9])
    assert ops.adaptive_max_pool(x, 3).ravel().tolist() == [5, 5, 3, 5, 2, 4, 5, 3, 4]
    assert np.allclose(ops.adaptive_avg_pool(x, 1), x.mean()) and ops.adaptive_max_pool(x, (None, 1)).shape == (1, 1, 5, 1)


def test_lp_pool_as_in_pytorch():
    x = ints(1, 1, 5, 4)
    assert np.allclose(ops.lp_pool(x, 2, 2).ravel() ** 2, [45, 35, 52, 33])
    assert grad(lambda x: ops.lp_pool(x, 2, 2).sum())(0 * x).tolist() == (0 * x).tolist()


# ---- refused ------------------------------------------------------------------------------------------------------

X, W = np.ones((8, 3, 32, 32), "f4"), np.ones((16, 3, 3, 3), "f4")


@pytest.mark.parametrize("call, words", [
    (lambda: ops.conv(X, np.ones((16, 4, 3, 3), "f4")),
     r"x has 3 channels \(f32\[8,3,32,32\]\) but the weight f32\[16,4,3,3\] with groups=1 takes 4"),
    (lambda: ops.conv(X[0], W), r"\(N, C, \*, \*\), but is f32\[3,32,32\]; for a single image write x\[None\]"),
    (lambda: ops.conv(X, W[0, 0]), r"\(out channels, in channels / groups, \*kernel\), but is f32\[3,3\]"),
    (lambda: ops.conv(X, W, groups=5), "groups=5 does not divide the 16 channels"),
    (lambda: ops.conv(X, W, groups=0), "groups=0 does not divide"),
    (lambda: ops.conv(X, W, np.ones(3)), r"bias must have shape \(16,\)"),
    (lambda: ops.conv(X[..., :2], W), r"a kernel of size \(3, 3\) does not fit into \(32, 2\): 3 is longer than 2"),
    (lambda: ops.conv(X[..., :2, :2], W, None, 1, 1, 3), r"3 \(extent 7 with dilation 3\) is longer than 2 \+ 1 \+ 1 of padding"),
    (lambda: ops.conv(X, W, stride=0), "stride must be an integer of at least 1, or 2 of them, but is 0"),
    (lambda: ops.conv(X, W, stride=(1, 1, 1)), "stride must be an integer of at least 1, or 2 of them"),
    (lambda: ops.conv(X, W, padding=1.5), "padding must be an integer"),
    (lambda: ops.conv(X, W, padding="same", stride=2), "with stride 1, 'same'"),
    (lambda: ops.conv_transpose(X, W), "x has 3 channels .* takes 16"),
    (lambda: ops.conv_transpose(X, np.ones((3, 1, 2, 2)), stride=2, output_padding=2), "output_padding=2 must be smaller than"),
    (lambda: ops.conv_transpose(X[..., :1], np.ones((3, 1, 1, 1)), padding=1), "takes away all"),
    (lambda: ops.conv_weight(X, X, 3), r"\(30, 30\) positions"),
    (lambda: ops.conv_weight(X, X[:2], 3), "do not fit"),
    (lambda: ops.max_pool(X, 33), r"a kernel of size \(33, 33\) does not fit into \(32, 32\)"),
    (lambda: ops.max_pool(X, 2, padding=2), "at most half"),
    (lambda: ops.max_pool(X, 2, stride=0), "stride must be an integer of at least 1"),
    (lambda: ops.avg_pool(X[0, 0], 2), r"windows of size 2 need an array \(N, C, \*lengths\), but the shape is \(32, 32\)"),
    (lambda: ops.adaptive_avg_pool(X, 0), "size must be an integer of at least 1"),
    (lambda: ops.adaptive_max_pool(X[..., :0], 2), "nothing to pool"),
    (lambda: ops.windows(np.ones(3), 4), r"windows: a kernel of size \(4,\) does not fit into \(3,\)"),
    (lambda: ops.windows(np.ones(3), (1, 1)), "a kernel of 2 axes cannot slide over an array of shape"),
    (lambda: ops.fold(np.ones((3, 2)), 5), r"axes of lengths \(5,\) have \(4,\) windows of size \(2,\)"),
])
def test_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_windows_are_a_read_only_view():
    x = np.arange(6.0)
    y = ops.windows(x, 3, 2)
    assert np.shares_memory(x, y) and not y.flags.writeable
