"""Do the kernels that a compiled program calls over and over compute what the functions say that they stand for?

Each against its parts in float64, for shapes that are odd, with one channel and three, in every layout; and with arrays that come in
another layout than the one they were shown in.
"""

import numpy as np
import pytest

from autograd import kernels, ops
from autograd.kernels import active
from autograd.ops.convolution import conv_axes, transpose_axes
from autograd.ops.normalization import normalise_definition
from tests.kernels.backends import LAYOUTS, MISSING, WHY, backend, normal, wide  # noqa: F401

pytestmark = [pytest.mark.skipif(MISSING, reason=WHY), pytest.mark.parametrize("backend", ["onednn"], indirect=True)]
SHAPES = [(4, 16, 6, 5), (3, 1, 5, 7), (2, 3, 9), (5, 8, 3, 2, 4), (1, 24, 7, 7), (2, 33, 4, 4)]
DENSE = [name for name in LAYOUTS if name != "broadcast"]


def near(ours, exact, tolerance=1e-5):
    assert ours.dtype == np.float32 and ours.shape == exact.shape
    assert np.max(np.abs(ours - exact), initial=0) <= tolerance * (np.max(np.abs(exact), initial=0) + 1e-3)


def sides(x):
    return (1, x.shape[1], *(1,) * (x.ndim - 2))


@pytest.mark.parametrize("shown", DENSE)
@pytest.mark.parametrize("relu", [False, True])
def test_normalisation_there_and_back(backend, shown, relu):  # noqa: F811
    rules = ops.normalise.rules
    for shape in SHAPES:
        x, g = normal(*shape) * 2 + 3, normal(*shape)
        axis, w, b = (0, *range(2, x.ndim)), normal(*sides(x)), normal(*sides(x))
        forward = kernels.bound("normalise_at_once", LAYOUTS[shown](x), w, b, axis, 1e-3, relu)
        n = normalise_definition(*wide(x, w, b), None, axis, 1e-3)
        for layout in DENSE:
            a = LAYOUTS[layout](x)
            y, both, m, r, passed = forward(a, w, b)
            near(y, np.maximum(n, 0) if relu else n, 3e-6)
            near(both, np.stack([f(wide(a)[0], axis=axis, keepdims=True) for f in (np.mean, np.var)]))
            near(m, both[0])
            near(r, 1 / np.sqrt(wide(both)[0][1] + 1e-3))
            back = kernels.bound("normalise_back", LAYOUTS[shown](g), LAYOUTS[shown](x), w, m, r, axis, relu)
            for other in DENSE:
                h = LAYOUTS[other](g)
                through = wide(h)[0] * (wide(y)[0] > 0) if relu else wide(h)[0]
                exact = (rules["x"](through, *wide(a, w, m, r), axis), rules["weight"](through, *wide(a), sides(x), *wide(m, r)),
                         rules["bias"](through, *wide(a), sides(x)))
                for mine, theirs in zip(back(h, a, w, m, r, *((passed,) if relu else ())), exact):
                    near(mine, theirs.reshape(mine.shape), 1e-4)
        assert (passed is not None) == relu
        if relu:
            assert back(g, a, w, m, r, None) is None and back(g, a, w, m, r, passed[:-1]) is None


def test_normalisation_does_not_hide_what_is_no_number(backend):  # noqa: F811
    x, w, b = normal(4, 16, 6, 5), normal(1, 16, 1, 1), normal(1, 16, 1, 1)
    forward = kernels.bound("normalise_at_once", x, w, b, (0, 2, 3), 1e-3, True)
    assert forward(x, w, b) is not None
    for where, bad in ((0, np.nan), (0, np.inf), (0, -np.inf), (1, np.nan), (1, np.inf), (2, np.nan), (2, -np.inf)):
        arrays = [x.copy(), w.copy(), b.copy()]
        arrays[where].reshape(-1)[5] = bad
        with np.errstate(invalid="ignore"):
            assert forward(*arrays) is None, (where, bad)


def test_other_normalisations_are_refused(backend):  # noqa: F811
    x = normal(4, 16, 6, 5)
    assert kernels.bound("normalise_at_once", x, None, None, (2, 3), 1e-5, True) is None
    assert kernels.bound("normalise_at_once", x, None, None, (0, 2, 3), 0.0, True) is None  # 0 / 0 would become 0
    assert kernels.bound("normalise_at_once", x.astype(np.float64), None, None, (0, 2, 3), 1e-5, True) is None
    assert kernels.bound("normalise_at_once", x[:0], None, None, (0, 2, 3), 1e-5, True) is None


@pytest.mark.parametrize("layout", DENSE)
def test_sums(backend, layout):  # noqa: F811
    for shape in [*SHAPES, (7,), (1,), (3, 1, 1), (129, 5)]:
        if len(shape) < 3 and layout in ("channels last", "reversed"):
            continue
        a, b, y = (LAYOUTS[layout](normal(*shape)) for _ in range(3))
        if layout == "reversed":
            a, b, y = (p.copy("K") for p in (a, b, y))
        near(kernels.bound("add", a, b, False)(a, b), a + b)
        with_relu = kernels.bound("add", a, b, True)
        assert np.array_equal(with_relu(a, b), np.maximum(a + b, 0))
        back = kernels.bound("add_relu_to_x", a, b, y)
        assert np.array_equal(back(a, b, y), (a + b) * (y > 0))
        for other in (np.asfortranarray, np.ascontiguousarray):
            assert np.array_equal(back(other(a), b, y), (a + b) * (y > 0))
        for bad in (np.nan, -np.inf):  # NumPy is asked
            c = a.copy("K")
            c[(0,) * a.ndim] = bad
            assert with_relu(c, b) is None
        c[(0,) * a.ndim] = np.inf
        assert np.array_equal(with_relu(c, b), np.maximum(c + b, 0))


def test_what_may_be_written_over_is(backend):  # noqa: F811
    a, b, y = (LAYOUTS["channels last"](normal(4, 16, 6, 5)) for _ in range(3))
    for relu, above in ((False, False), (True, True), (True, False)):
        c = a.copy("K")
        found = kernels.bound("add", a, b, relu, above, True)(c, b)
        assert np.array_equal(found, np.maximum(a + b, 0) if relu else a + b)
        assert (found is c) is (above or not relu)  # where NaN is looked for, a is needed afterwards
    c = a.copy("K")
    assert kernels.bound("add_relu_to_x", a, b, y, True)(c, b, y) is c and np.array_equal(c, (a + b) * (y > 0))
    w, m, r = (normal(1, 16, 1, 1) ** 2 + 1 for _ in range(3))
    for relu in (False, True):
        passed = [kernels.bound("normalise_at_once", a, w, w, (0, 2, 3), 1e-3, True)(a, w, w)[4]] if relu else []
        exact, *others = kernels.bound("normalise_back", b, a, w, m, r, (0, 2, 3), relu)(b, a, w, m, r, *passed)
        for layout in (np.ascontiguousarray, lambda x: x.copy("K")):
            c = layout(b)
            dx, *more = kernels.bound("normalise_back", b, a, w, m, r, (0, 2, 3), relu, True)(c, a, w, m, r, *passed)
            assert (dx is c) is (c.strides == a.strides)
            for mine, theirs in zip((dx, *more), (exact, *others)):
                near(mine, theirs)


@pytest.mark.parametrize("layout", ["plain", "channels last", "Fortran"])
def test_parts_of_arrays(backend, layout):  # noqa: F811
    """A shortcut that leaves out pixels and adds channels of zeros, there and back."""
    laid = LAYOUTS[layout]
    for shape, steps, widths in [((4, 8, 6, 5), (1, 1, 2, 2), (3, 5)), ((1, 1, 7, 7), (1, 1, 3, 2), (0, 1)),
                                 ((2, 16, 3), (1, 2, 1), (0, 0))]:
        x, pattern = laid(normal(*shape)), tuple(slice(None, None, step) for step in steps)
        part = x[pattern]
        wide_shape = (len(part), part.shape[1] + sum(widths), *part.shape[2:])
        middle = (slice(None), slice(widths[0], widths[0] + part.shape[1]), *(slice(0, n) for n in part.shape[2:]))
        padded = np.zeros(wide_shape, np.float32)
        padded[middle] = part
        found = kernels.bound("pad_constant", part, wide_shape, middle)(part)
        assert np.array_equal(found, padded) and found.strides == np.zeros_like(part, shape=wide_shape).strides
        a = laid(normal(*wide_shape))
        c, add_pad_relu = a.copy("K"), kernels.bound("add_pad_relu", a, part, middle)
        assert add_pad_relu(c, part) is c and np.array_equal(c, np.maximum(a + padded, 0)) and not np.signbit(c).any()
        c[(0,) * c.ndim] = np.nan
        assert np.isnan(add_pad_relu(c, part)[(0,) * c.ndim])
        g, v, y = laid(normal(*shape)), laid(normal(*wide_shape))[middle], x
        deposited = np.zeros(shape, np.float32)
        deposited[pattern] = v
        c, back = g.copy("K"), kernels.bound("add_deposit_relu_to_x", g, v, y, pattern)
        assert back(c, v, y) is c and np.array_equal(c, (g + deposited) * (y > 0))
        if min(shape) > 1:
            for arrays in ((g, np.ascontiguousarray(v[..., ::-1])[..., ::-1], y), (g, v, laid(y[..., ::-1].copy("K"))[..., ::-1])):
                before = arrays[0].copy("K")
                assert back(*arrays) is None and np.array_equal(arrays[0], before)


def test_sums_of_arrays_that_lie_otherwise_are_left(backend):  # noqa: F811
    a, b = normal(4, 16, 6, 5), np.asfortranarray(normal(4, 16, 6, 5))
    assert kernels.bound("add", a, b, False) is None
    known = kernels.bound("add", a, a, False)
    assert known(a, b) is None and known(b, b) is None
    assert kernels.bound("add", a[:0], a[:0], False) is None


CONVOLUTIONS = [((2, 3, 7, 6), (4, 3, 3, 2), 1, 1, 1, 1), ((3, 4, 9), (6, 2, 3), 2, 1, 1, 2), ((1, 1, 6, 6), (1, 1, 1, 1), 1, 0, 1, 1),
                ((2, 16, 8, 8), (16, 16, 3, 3), 1, 1, 1, 1), ((2, 6, 5, 6, 4), (6, 1, 2, 3, 1), 1, 0, 1, 6),
                ((2, 8, 9, 9), (24, 8, 3, 3), 2, 2, 2, 1)]


@pytest.mark.parametrize("shown", DENSE)
@pytest.mark.parametrize("case", CONVOLUTIONS)
def test_convolutions(backend, case, shown):  # noqa: F811
    x_shape, w_shape, stride, padding, dilation, groups = case
    x, w, b = normal(*x_shape), normal(*w_shape), normal(w_shape[0])
    axes = conv_axes(x_shape, w_shape[2:], stride, padding, dilation)
    options = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    exact = ops.conv(*wide(x, w, b), **options)
    z, scale, shift = normal(*exact.shape), normal(*sides(exact)), normal(*sides(exact))
    z[(0,) * z.ndim] = 1
    for after in ((), ("relu",), ("add",), ("rescale",), ("rescale", "relu"), ("add", "relu"), ("rescale", "add", "relu")):
        more = [*((scale, shift) if "rescale" in after else ()), *((z,) if "add" in after else ())]
        y = exact * scale + shift if "rescale" in after else exact
        y = y + z if "add" in after else y
        y = np.maximum(y, 0) if "relu" in after else y
        for keep in (False, True):
            known = kernels.bound("conv", LAYOUTS[shown](x), w, b, axes, groups, keep, after)
            for layout in DENSE:
                near(known(*(LAYOUTS[layout](p) if p.shape == x.shape else p for p in (x, w)), b, *more), y, 2e-5)
                near(known(x, w, b, *(LAYOUTS[layout](p) if p.ndim > 2 else p for p in more)), y, 2e-5)
        if after[-2:] == ("add", "relu"):
            more[-1][(0,) * z.ndim] = -np.inf
            assert known(x, w, b, *more) is None
            more[-1][(0,) * z.ndim] = 1
    near(kernels.bound("conv_weight", LAYOUTS[shown](x), z, axes, groups)(x, LAYOUTS[shown](z)),
         ops.conv_weight(*wide(x, z), w_shape[2:], **options), 2e-5)
    sliding = transpose_axes(z.shape, w_shape[2:], stride, padding, 0, dilation)
    near(kernels.bound("conv_transpose", LAYOUTS[shown](z), w, sliding, groups)(z, w),
         ops.conv_transpose(*wide(z, w), None, **options), 2e-5)


def test_weights_are_kept_for_the_same_array_only(backend):  # noqa: F811
    x, w = normal(2, 16, 8, 8), normal(16, 16, 3, 3)
    known = kernels.bound("conv", x, w, None, conv_axes(x.shape, (3, 3), 1, 1, 1), 1, True)
    near(known(x, w, None), ops.conv(*wide(x, w), None, 1, 1))
    ran = len(backend[1])
    near(known(x, w * 2, None), ops.conv(*wide(x, w), None, 1, 1) * 2)
    near(known(x, w, None), ops.conv(*wide(x, w), None, 1, 1))
    part = np.concatenate([w, w])[:16]  # somebody else's memory
    near(known(x, part, None), ops.conv(*wide(x, w), None, 1, 1))
    part *= 3
    near(known(x, part, None), ops.conv(*wide(x, w), None, 1, 1) * 3)
    assert len(backend[1]) == ran  # none of this went the general way


def test_nothing_is_computed_by_a_library_that_is_not_in_use(backend):  # noqa: F811
    a = normal(40, 50)
    known = kernels.bound("add", a, a, False)
    active.SWITCH.wanted = False
    assert known(a, a) is None and kernels.bound("add", a, a, False) is None
    active.SWITCH.wanted = True
    assert known(a, a) is not None
