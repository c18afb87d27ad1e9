"""How windows, convolution and pooling are called in tests."""

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

from autograd import ops
from autograd.ops.convolution import channel_sum, conv_axes, transpose_axes
from autograd.ops.pooling import pool_axes
from autograd.testing.cases import case
from autograd.testing.strategies import arrays


def each(n, values):
    """One value for all axes, or one for each."""
    return st.one_of(values, st.tuples(*[values] * n))


def pads(n):
    """Padding as an integer or pairs, now and then negative."""
    return st.one_of(st.integers(0, 2), st.tuples(*[st.tuples(st.integers(-1, 2), st.integers(-1, 2))] * n))


@st.composite
def slides(draw, n, max_size=3):
    """Lengths, kernel size, stride, dilation for n axes; without padding they may not fit."""
    side = 5 if n < 3 else 3
    lengths = draw(st.tuples(*[st.integers(1, side)] * n))
    size = draw(st.tuples(*[st.integers(1, max_size if n < 3 else 2)] * n))
    return lengths, size, draw(each(n, st.integers(1, 3))), draw(each(n, st.integers(1, 2)))


def fitting(make):
    """What `make` returns, if the kernel fits."""
    try:
        return make()
    except ValueError:
        assume(False)


@case(ops.windows)
def _(draw):
    lengths, size, stride, dilation = draw(slides(draw(st.integers(1, 3))))
    x = draw(arrays(shape=(*draw(st.sampled_from([(), (2,), (0,), (2, 1)])), *lengths)))
    fitting(lambda: ops.windows(x, size, stride, dilation))
    return (x, size), {"stride": stride, "dilation": dilation}


@case(ops.fold)
def _(draw):
    lengths, size, stride, dilation = draw(slides(draw(st.integers(1, 3))))
    shape = fitting(lambda: conv_axes((1, 1, *lengths), size, stride, 0, dilation))
    y = draw(arrays(shape=(*draw(st.sampled_from([(), (2,), (0,)])), *(axis.out for axis in shape), *size)))
    return (y, lengths), {"stride": stride, "dilation": dilation}


@st.composite
def convolution(draw):
    """The shapes of x, w and y, and the options, of a convolution in 1 to 3 dimensions."""
    n = draw(st.integers(1, 3))
    lengths, size, stride, dilation = draw(slides(n))
    padding = draw(pads(n))
    groups, each_in, each_out = draw(st.sampled_from([(1, 1, 1), (1, 2, 3), (2, 1, 1), (2, 1, 2), (2, 2, 1), (3, 1, 1)]))
    axes = fitting(lambda: conv_axes((1, 1, *lengths), size, stride, padding, dilation))
    batch = draw(st.integers(0, 2))
    out = tuple(axis.out for axis in axes)
    return ((batch, groups * each_in, *lengths), (groups * each_out, each_in, *size), (batch, groups * each_out, *out),
            {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups})


@case(ops.conv)
def _(draw):
    x, w, _, options = draw(convolution())
    return (draw(arrays(shape=x)), draw(arrays(shape=w)), draw(st.one_of(st.none(), arrays(shape=w[:1])))), options


@case(ops.conv_weight)
def _(draw):
    x, w, y, options = draw(convolution())
    return (draw(arrays(shape=x)), draw(arrays(shape=y)), w[2:]), options


@case(ops.conv_transpose)
def _(draw):
    x, w, y, options = draw(convolution())
    stride, dilation = (o if isinstance(o, tuple) else (o,) * (len(x) - 2) for o in (options["stride"], options["dilation"]))
    options["output_padding"] = tuple(draw(st.integers(0, max(s, d) - 1)) for s, d in zip(stride, dilation))
    fitting(lambda: transpose_axes(y, w[2:], options["stride"], options["padding"], options["output_padding"], options["dilation"]))
    bias = st.one_of(st.none(), arrays(shape=(w[1] * options["groups"],)))
    return (draw(arrays(shape=y)), draw(arrays(shape=w)), draw(bias)), options


@case(channel_sum)
def _(draw):
    return (draw(arrays(shape=tuple(draw(st.lists(st.integers(0, 4), min_size=2, max_size=4))))),), {}


@st.composite
def pooling(draw, dilations=(1,)):
    """The shape of x and the options of a pooling."""
    n = draw(st.integers(1, 3))
    lengths, size, stride, _ = draw(slides(n))
    options = {"size": size, "stride": draw(st.sampled_from([None, stride])), "ceil_mode": draw(st.booleans()),
               "padding": tuple(draw(st.integers(0, k // 2)) for k in size)}
    if len(dilations) > 1:
        options["dilation"] = draw(each(n, st.sampled_from(dilations)))
    shape = (draw(st.integers(0, 2)), draw(st.integers(1, 2)), *lengths)
    axes = fitting(lambda: pool_axes("pool", shape, **options))
    return shape, axes, options


@st.composite
def chosen(draw):
    """The shape of x, the axes, and for each window the number of one of its elements."""
    shape, axes, options = draw(pooling((1, 2)))
    x = draw(arrays(shape=shape, distinct=True))
    assume(np.isfinite(ops.max_pool(x, **options)).all())  # with dilation a window may see padding alone
    return x, axes, ops.first_maximum(x, ops.max_pool(x, **options), axes), options


for f in (ops.max_pool, ops.max_pool_index):
    @case(f)
    def _(draw):
        x, _, _, options = draw(chosen())
        return (x,), options


@case(ops.avg_pool)
def _(draw):
    shape, _, options = draw(pooling())
    return (draw(arrays(shape=shape)),), {**options, **draw(st.sampled_from([{}, {"count_include_pad": False}, {"divisor_override": 3}]))}


@case(ops.lp_pool)
def _(draw):
    shape, _, options = draw(pooling())
    del options["padding"]
    size = options.pop("size")
    fitting(lambda: pool_axes("lp_pool", shape, size, **options))
    return (draw(arrays(shape=shape)), 2, size), options


@case(ops.window_sum)
def _(draw):
    shape, axes, _ = draw(pooling((1, 2)))
    return (draw(arrays(shape=shape)), axes), {}


@case(ops.window_spread)
def _(draw):
    shape, axes, _ = draw(pooling((1, 2)))
    return (draw(arrays(shape=(*shape[:2], *(axis.out for axis in axes)))), axes), {}


@case(ops.window_count)
def _(draw):
    shape, axes, _ = draw(pooling())
    return (draw(arrays(shape=shape)), axes, draw(st.booleans())), {}


@case(ops.window_take)
def _(draw):
    x, axes, index, _ = draw(chosen())
    return (x, index, axes), {}


@case(ops.window_put)
def _(draw):
    _, axes, index, _ = draw(chosen())
    return (draw(arrays(shape=index.shape)), index, axes), {}


@case(ops.maximum_put)
def _(draw):
    x, axes, index, options = draw(chosen())
    return (draw(arrays(shape=index.shape)), x, ops.max_pool(x, **options), axes), {}


@case(ops.first_maximum)
def _(draw):
    x, axes, _, options = draw(chosen())
    return (x, ops.max_pool(x, **options), axes), {}


for f in (ops.adaptive_avg_pool, ops.adaptive_max_pool, ops.adaptive_max_pool_index):
    @case(f)
    def _(draw):
        n = draw(st.integers(1, 3))
        lengths = draw(st.tuples(*[st.integers(1, 5 if n < 3 else 3)] * n))
        x = draw(arrays(shape=(draw(st.integers(0, 2)), draw(st.integers(1, 2)), *lengths), distinct=True))
        return (x,), {"size": draw(st.one_of(st.integers(1, 4), st.tuples(*[st.one_of(st.none(), st.integers(1, 3))] * n)))}


@case(ops.max_unpool)
def _(draw):
    x, axes, _, options = draw(chosen())
    index = ops.max_pool_index(x, **options)
    return (draw(arrays(shape=index.shape)), index, tuple(axis.length for axis in axes)), {}


@st.composite
def fractional(draw):
    """x, samples, the size of the regions and the lengths of the result."""
    n = draw(st.integers(1, 3))
    size, out, more = (draw(st.tuples(*[st.integers(least, 2)] * n)) for least in (1, 1, 0))
    batch = draw(st.sampled_from([(), (2,), (0, 2), (1, 2)]))
    x = draw(arrays(shape=(*batch, *(k + o - 1 + m for k, o, m in zip(size, out, more))), distinct=True))
    return x, np.random.default_rng(draw(st.integers(0, 99))).random((*batch, n)), size, out


for f in (ops.fractional_max_pool, ops.fractional_index):
    @case(f)
    def _(draw):
        return draw(fractional()), {}


@case(ops.interpolate)
def _(draw):
    n = draw(st.integers(1, 3))
    x = draw(arrays(shape=(*draw(st.sampled_from([(), (2,), (0, 1)])), *draw(st.tuples(*[st.integers(1, 3)] * n)))))
    mode = draw(st.sampled_from(["nearest", "nearest-exact", "linear", "cubic"]))
    options = {} if mode.startswith("nearest") else {"align_corners": draw(st.booleans()), "antialias": draw(st.booleans())}
    return (x, draw(st.tuples(*[st.integers(1, 5)] * n)), mode), options
