"""Do convolutions without gathering give what the gathered ones give?

Read next: `test_pooling.py`.
"""

import itertools

import numpy as np
import pytest

import autograd
from autograd import compile, grad, ops
from autograd.kernels import blas, numpy, runs
from autograd.kernels.layout import empty_channels_last, last_axis
from autograd.ops.convolution import conv_axes
from tests.kernels.backends import LAYOUTS, normal

pytestmark = pytest.mark.skipif(not blas.multiplies(np.dtype(np.float32)), reason="the BLAS that NumPy uses has other names")
LENGTHS = (9, 8, 11)
PADDINGS = (0, 1, 2, (3, 0), (0, 2), (-1, 1), (-1, -2))


@pytest.fixture(params=[2 << 20, 3000, 1], ids=["one block", "some images", "single rows"])
def block(request, monkeypatch):
    monkeypatch.setattr(runs, "BLOCK", request.param)
    monkeypatch.setattr(runs, "NARROW", 0)


@pytest.fixture(params=[2 << 20, 3000])
def always(request, monkeypatch):
    """Runs wherever they are possible. Gives the list of what was done with them."""
    done = []
    for name, value in (("BLOCK", request.param), ("LARGE", 0), ("WASTE", 1e9), ("NARROW", 0), ("FEW", 0)):
        monkeypatch.setattr(runs, name, value)
    for name in ("multiply_into", "correlate_into", "spread_into"):
        monkeypatch.setattr(runs, name, lambda *given, name=name, usual=getattr(runs, name): (done.append(name), usual(*given))[1])
    with autograd.config.kernels.using(onednn=False):
        yield done


def whole(*shape):
    return np.rint(normal(*shape) * 4)


def gathered(monkeypatch, function, *given):
    with monkeypatch.context() as m:
        m.setattr(runs, "fit", lambda *_: False)
        return function(*given)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("n", [1, 2, 3])
def test_they_are_the_same(n, dtype, block, monkeypatch):
    count = 0
    for size, padding, dilation in itertools.product((1, 2, 3, 5), PADDINGS, (1, 2)):
        try:
            axes = conv_axes((5, 3, *LENGTHS[:n]), (size,) * n, 1, (padding,) * n if isinstance(padding, tuple) else padding,
                             (*(dilation,) * (n - 1), 1))
        except ValueError:  # the kernel is longer than what is left of the image
            continue
        x, w, b = (whole(*shape).astype(dtype) for shape in ((5, 3, *LENGTHS[:n]), (4, 3, *(size,) * n), (4,)))
        for bias in (None, b):
            expected = gathered(monkeypatch, numpy.conv, x, w, bias, axes, 1)
            y = empty_channels_last(x, expected.shape, dtype)
            runs.multiply_into(last_axis(x), w, bias, last_axis(y), axes)
            assert np.array_equal(y, expected), (size, padding, dilation)
        total = np.zeros_like(w)
        assert runs.correlate_into(last_axis(x), total, last_axis(y), axes)
        assert np.array_equal(total, gathered(monkeypatch, numpy.conv_weight, x, y, axes, 1)), (size, padding, dilation)
        count += 1
    assert count >= 30


@pytest.mark.parametrize("n", [1, 2, 3])
def test_transposed_with_a_stride(n, always, monkeypatch):
    """The same as scattered, with a bias, whatever is left over behind the last window; also where a part of the result sees nothing."""
    count = 0
    for size, stride, padding, groups in itertools.product((2, 3, 4, 5), (2, 3, (1, 2)), PADDINGS, (1, 2)):
        strides = tuple(stride if isinstance(stride, int) else stride[i % 2] for i in range(n))
        try:
            axes = conv_axes((5, 4, *LENGTHS[:n]), (size,) * n, strides, (padding,) * n if isinstance(padding, tuple) else padding, 1)
        except ValueError:
            continue
        if all(axis.stride == 1 for axis in axes) or (n == 3 and size == 4):
            continue
        y, w, b = whole(5, 6, *(axis.out for axis in axes)), whole(6, 4 // groups, *(size,) * n), whole(4)
        for bias in (None, b):
            with monkeypatch.context() as m:
                m.setattr(runs, "fit_apart", lambda *_: False)
                expected = numpy.conv_transpose(y, w, bias, axes, groups)
            before = len(always)
            assert np.array_equal(numpy.conv_transpose(y, w, bias, axes, groups), expected), (size, stride, padding)
            assert always[before:].count("spread_into") == (groups if size >= max(axis.stride for axis in axes) else 0)
        count += 1
    assert count >= 30


@pytest.mark.parametrize("groups", [1, 2])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_in_every_layout(layout, groups, always, monkeypatch):
    """Through the operation and its gradients, and compiled, bit for bit."""
    x, w, b = LAYOUTS[layout](whole(3, 4, 7, 6)), whole(6, 4 // groups, 3, 3), whole(6)

    def gradients(x, w, b):
        return grad(lambda *given: (ops.conv(*given, 1, 1, 1, groups) ** 2).sum(), (0, 1, 2))(x, w, b)

    found = gradients(x, w, b)
    assert set(always) == {"multiply_into", "correlate_into"} and always.count("multiply_into") == 2 * groups
    fast = compile(gradients)
    for _ in range(3):
        assert all(map(np.array_equal, fast(x, w, b), found))
    assert all(map(np.array_equal, found, gathered(monkeypatch, gradients, x, w, b)))


@pytest.mark.parametrize("odd", [np.nan, np.inf])
def test_what_is_no_number_stays_where_it_is(odd, always, monkeypatch):
    """At an edge of the image, next to windows that are thrown away."""
    axes = conv_axes((2, 3, 6, 6), (3, 3), 1, 1, 1)
    x, w, g = normal(2, 3, 6, 6), normal(4, 3, 3, 3), normal(2, 4, 6, 6)
    x[0, 1, 2, 5] = x[1, 2, 0, 0] = odd
    for function, given in ((numpy.conv, (x, w, None)), (numpy.conv_weight, (x, g)), (numpy.conv_weight, (g, x)),
                            (numpy.conv_transpose, (x, w.swapaxes(0, 1), None))):
        with np.errstate(invalid="ignore"):
            result, expected = function(*given, axes, 1), gathered(monkeypatch, function, *given, axes, 1)
        assert np.isfinite(result).any() and not np.isfinite(result).all()
        assert np.array_equal(np.isfinite(result), np.isfinite(expected)) and np.allclose(result, expected, rtol=1e-4, equal_nan=True)
    assert len(always) == 4


def test_when_they_are_used(always, monkeypatch):
    """Not with strides, steps between neighbours, kernels of one place, one output channel, or without BLAS; nor where they do not pay."""
    x, w = normal(2, 8, 8, 8), normal(4, 8, 3, 3)
    for options in ({"stride": 2}, {"stride": (1, 2)}, {"dilation": 2}):
        ops.conv(x, w, **options)
    ops.conv(x, w[..., :1, :1])
    ops.conv(x, w[:1])
    ops.conv(x.astype(np.float16), w.astype(np.float16))
    ops.conv(np.rint(x).astype(int), np.rint(w).astype(int))
    ops.conv(x + 0j, w)
    assert always == ["multiply_into"]  # float16, which is multiplied as float32
    ops.conv(x, w, dilation=(2, 1))
    assert len(always) == 2
    for name, value in (("LARGE", 1 << 24), ("WASTE", 2)):
        with monkeypatch.context() as m:
            m.setattr(runs, name, value)
            ops.conv(x, w)
    with monkeypatch.context() as m:
        m.setattr(runs, "NARROW", 32)
        ops.conv_weight(x, x, 3, 1, 1)
    monkeypatch.setattr(blas, "library", dict)
    ops.conv(x, w)
    assert always[2:] == ["correlate_into"]
