"""Does the kernel of groups compute what normalisation's definition says, however the channels lie, and where it cannot, say so?"""

from functools import partial

import numpy as np
import pytest

from autograd import grad, ops
from autograd.kernels import active
from autograd.kernels import groups as kernel
from autograd.kernels.layout import channels_last, is_channels_last, steps
from autograd.kernels.onednn import groups as onednn
from autograd.ops.normalization import normalise_definition
from nn import functional as F
from tests.kernels.backends import BACKENDS, MISSING, WHY, backend, normal, wide  # noqa: F401

IMAGES = [(4, 12, 8, 8), (3, 8, 5, 7), (2, 64, 16, 4), (5, 6, 40), (3, 4, 1, 1), (2, 4, 3, 2, 6)]
LAYOUTS = {"first": np.ascontiguousarray, "last": channels_last}


def near(ours, exact, tolerance=3e-6):
    assert ours.shape == exact.shape
    assert np.max(np.abs(ours - exact)) <= tolerance * (np.max(np.abs(exact)) + 1)


def grouped(x, groups):
    """(N, G, K, places), and the shape of a number for each channel."""
    y = x.reshape(len(x), groups, x.shape[1] // groups, -1)
    assert np.shares_memory(x, y)
    return y, (1, *y.shape[1:3], 1)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("groups", [1, 2, 4])
def test_the_kernel_and_the_definition(layout, groups, dtype):
    for shape in IMAGES:
        if shape[1] % groups:
            continue
        x, channels = grouped(LAYOUTS[layout]((normal(*shape) * 2 + 3).astype(dtype)), groups)
        g, _ = grouped(LAYOUTS["first"](normal(*shape).astype(dtype)), groups)
        weight, bias = normal(*channels).astype(dtype), normal(*channels).astype(dtype)
        tolerance = 3e-6 if dtype == np.float32 else 1e-14
        for w, b in ((weight, bias), (None, None), (weight, None), (None, bias)):
            y, m, r = kernel.normalise(x, w, b, None, (2, 3), 0.5)
            assert y.dtype == m.dtype == r.dtype == dtype and steps(y) == steps(x)
            near(y, normalise_definition(*wide(x, w, b), None, (2, 3), 0.5), tolerance)
            near(m, wide(x)[0].mean((2, 3), keepdims=True), tolerance)
            near(r, (wide(x)[0].var((2, 3), keepdims=True) + 0.5) ** -0.5, tolerance)
            dx, dw, db = kernel.normalise_back(g, x, w, m, r, (2, 3))
            assert dx.dtype == dw.dtype == db.dtype == dtype and steps(dx) == steps(x)

            def loss(x, w, b, g=g):
                return (normalise_definition(x, w, b, None, (2, 3), 0.5) * g).sum()

            ones = np.ones(channels) if w is None else w
            exact = grad(loss, (0, 1, 2))(*wide(x, ones, np.zeros(channels)))
            near(dx, exact[0], 10 * tolerance)
            if w is not None:
                near(dw.reshape(channels), exact[1], 10 * tolerance)
                near(db.reshape(channels), exact[2], 10 * tolerance)


@pytest.mark.parametrize("backend", BACKENDS, indirect=True)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_group_and_instance_norm_with_gradients_of_the_second_order(backend, layout):  # noqa: F811
    for shape in IMAGES[:4]:
        x, v = LAYOUTS[layout](normal(*shape) * 2 + 3), normal(*shape)
        weight, bias = normal(shape[1]), normal(shape[1])
        calls = [lambda x, w, b: F.group_norm(x, 2, w, b, 0.5), lambda x, w, b: F.instance_norm(x, None, None, w, b, True, 0.1, 0.5)]
        for call, groups in zip(calls, (2, shape[1])):
            def plain(x, w, b, groups=groups, shape=shape):
                y = normalise_definition(ops.reshape(x, (shape[0], groups, -1)), None, None, None, 2, 0.5)
                channels = (-1, *(1,) * (len(shape) - 2))
                return ops.reshape(y, shape) * ops.reshape(w, channels) + ops.reshape(b, channels)

            def steepness(f, v=v):
                return lambda *a: sum((g**2).sum() for g in grad(lambda *a: (f(*a) ** 2 * v).sum(), (0, 1, 2))(*a))

            exact = wide(x, weight, bias)
            y = call(x, weight, bias)
            assert is_channels_last(y) == is_channels_last(x)
            near(y, plain(*exact))
            for f in (lambda f, v=v: lambda *a: (f(*a) ** 2 * v).sum(), steepness):
                for ours, theirs in zip(grad(f(call), (0, 1, 2))(x, weight, bias), grad(f(plain), (0, 1, 2))(*exact)):
                    near(ours, theirs, 2e-4)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_many_blocks_and_a_large_mean(layout, monkeypatch):
    x, _ = grouped(LAYOUTS[layout](normal(7, 16, 16, 16) + 1000), 4)
    whole = kernel.normalise(x, None, None, None, (2, 3), 1e-5)
    near(whole[0], normalise_definition(*wide(x), None, None, None, (2, 3), 1e-5), 1e-3)
    back = kernel.normalise_back(x, x, None, *whole[1:], (2, 3))
    monkeypatch.setattr(kernel, "BLOCK", 2 * x[0].nbytes)
    for ours, theirs in zip(kernel.normalise(x, None, None, None, (2, 3), 1e-5), whole):
        assert np.array_equal(ours, theirs)
    assert np.array_equal(kernel.normalise_back(x, x, None, *whole[1:], (2, 3))[0], back[0])


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_no_number_stays_in_its_group(layout, bad):
    x, _ = grouped(LAYOUTS[layout](normal(3, 8, 8, 8)), 2)
    x[1, 1, 2, 3] = bad
    with np.errstate(invalid="ignore"):
        y, m, r = kernel.normalise(x, None, None, None, (2, 3), 1e-5)
        dx, *_ = kernel.normalise_back(x, x, None, m, r, (2, 3))
    for result in (y, dx):
        assert np.isnan(result[1, 1]).all() and np.isfinite(np.delete(result.reshape(6, -1), 3, 0)).all()


def test_what_it_leaves_to_others():
    x, w = normal(4, 3, 5, 6), normal(1, 3, 5, 6)
    assert kernel.groups_of(x, (2, 3)) is not None
    assert kernel.groups_of(x, (1, 2, 3)) is None and kernel.groups_of(x, (0, 2, 3)) is None and kernel.groups_of(x, None) is None
    assert kernel.groups_of(x, (2, 3), w) is None and kernel.groups_of(x, (2, 3), w[0, 0, 0, :1].astype(np.float64)) is None
    assert kernel.groups_of(x.astype(np.float16), (2, 3)) is None and kernel.groups_of(x[:0], (2, 3)) is None
    assert kernel.groups_of(x[:, :, ::2], (2, 3)) is None and kernel.groups_of(x[0, 0], ()) is None


@pytest.mark.parametrize("groups", [0, 2, 6])
def test_groups_that_do_not_fit(groups):
    with pytest.raises(ValueError, match=f"5 channels do not make {groups} groups"):
        F.group_norm(np.zeros((2, 5, 4)), groups)


@pytest.mark.skipif(MISSING, reason=WHY)
@pytest.mark.parametrize("blocks", ["all", "some", "one"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_onednn_and_its_twin(layout, blocks, monkeypatch):
    """Whole batches, some examples together with a last block that is smaller, and examples alone."""
    library = active.SWITCH.find()
    monkeypatch.setattr(onednn, "LARGE", 0)
    for shape, groups in (((5, 64, 8, 8), 8), ((3, 12, 32, 8), 4), ((4, 16, 256), 16), ((3, 40, 3, 3, 3), 1)):
        x, channels = grouped(LAYOUTS[layout](normal(*shape) * 2 + 3), groups)
        monkeypatch.setattr(onednn, "BLOCK", x[0].nbytes * (2 if blocks == "some" else 100))
        monkeypatch.setattr(onednn, "ALONE", 0 if blocks == "one" else 1 << 30)
        for g in (grouped(LAYOUTS[other](normal(*shape)), groups)[0] for other in LAYOUTS):
            w, b = normal(2, *channels)
            for weight, bias in ((w, b), (None, None), (w, None), (None, b)):
                results = onednn.normalise(library, x, weight, bias, None, (2, 3), 0.5)
                twins = kernel.normalise(x, weight, bias, None, (2, 3), 0.5)
                assert steps(results[0]) == steps(x)
                for ours, theirs in zip(results, twins):
                    near(ours, theirs)
                gradients = onednn.normalise_back(library, g, x, weight, *twins[1:], (2, 3))
                assert (gradients is None) == (layout == "first")
                for ours, theirs in zip(gradients or (), kernel.normalise_back(g, x, weight, *twins[1:], (2, 3))):
                    near(ours, theirs, 1e-5)


@pytest.mark.skipif(MISSING, reason=WHY)
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("bad", [np.nan, np.inf, 1e30])
def test_what_is_no_number_with_onednn(layout, bad, monkeypatch):
    library = active.SWITCH.find()
    monkeypatch.setattr(onednn, "LARGE", 0)
    x, channels = grouped(LAYOUTS[layout](normal(3, 8, 32, 16)), 2)
    x[1, 1, 2, 3] = bad
    w = normal(*channels)
    with np.errstate(invalid="ignore", over="ignore"):
        results, twins = onednn.normalise(library, x, w, w, None, (2, 3), 1e-5), kernel.normalise(x, w, w, None, (2, 3), 1e-5)
        if layout == "last":
            dx, expected = (f(x, x, w, *twins[1:], (2, 3))[0] for f in (partial(onednn.normalise_back, library), kernel.normalise_back))
            assert np.allclose(dx, expected, 1e-4, 1e-5, equal_nan=True)
    assert np.isfinite(results[0]).sum() == (x.size if bad == 1e30 else x.size - x[0, 0].size)
    for ours, theirs in zip(results[:1], twins):
        assert np.allclose(ours, theirs, 1e-5, 1e-5, equal_nan=True)


@pytest.mark.skipif(MISSING, reason=WHY)
def test_what_onednn_leaves_to_numpy(monkeypatch):
    library, plain = active.SWITCH.find(), normal(4, 8, 4, 64)
    monkeypatch.setattr(onednn, "LARGE", 0)

    def last(*shape):
        return channels_last(normal(*shape)).reshape(shape[0], 2, shape[1] // 2, -1)

    assert onednn.normalise(library, last(4, 16, 8, 64), None, None, None, (2, 3), 1e-5) is not None
    for x in (last(4, 6, 5, 5), last(4, 64, 3, 2)):  # a number of channels that is no multiple of eight; short stretches
        assert onednn.normalise(library, x, None, None, None, (2, 3), 1e-5) is None
    assert onednn.normalise(library, plain, None, None, None, (2, 3), -1e-5) is None
    assert onednn.normalise(library, plain, None, None, None, (1, 3), 1e-5) is None
    assert onednn.normalise(library, plain, None, None, kernel.normalise(plain, None, None, None, (2, 3), 1e-5)[1:], (2, 3), 1e-5) is None
