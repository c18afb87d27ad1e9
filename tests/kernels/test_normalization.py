"""Do the kernels of normalisation compute what its definition says?

Values and gradients, of any order, against the composition in float64.
"""

import numpy as np
import pytest

from autograd import grad, ops
from autograd.kernels import normalization as kernel
from autograd.ops.normalization import normalise_definition
from tests.kernels.backends import BACKENDS, LAYOUTS, MISSING, WHY, backend, normal, wide  # noqa: F401

DENSE = [name for name in LAYOUTS if name != "broadcast"]  # that would have no variance
SHAPES = {(4, 16, 8, 8): (0, 2, 3), (3, 5, 7): (0, 2), (2, 32, 4, 4, 4): (0, 2, 3, 4), (6, 130): 0, (64, 128, 2): (0, -1),
          (1, 64, 5, 4): (0, 2, 3), (5, 9): -1, (2, 3, 40): 2, (7, 1, 4, 4): (0, 2, 3), (2, 3, 4, 5): (2, 3), (1, 6): -1}


def parameters(x, axis):
    axes = {a % x.ndim for a in (axis if isinstance(axis, tuple) else (axis,))}
    shape = (x.shape[-1],) if axes == {x.ndim - 1} else tuple(1 if i in axes else n for i, n in enumerate(x.shape))
    return normal(*shape), normal(*shape)


def near(ours, exact, tolerance=2e-6):
    assert ours.shape == exact.shape and ours.dtype == np.float32
    assert np.max(np.abs(ours - exact)) <= tolerance * (np.max(np.abs(exact)) + 1e-3)


@pytest.mark.parametrize("backend", BACKENDS, indirect=True)
@pytest.mark.parametrize("layout", DENSE)
def test_against_the_definition(backend, layout):  # noqa: F811
    for shape, axis in SHAPES.items():
        x = LAYOUTS[layout](normal(*shape) * 2 + 3)
        weight, bias = parameters(x, axis)
        for w, b in ((weight, bias), (None, None), (weight, None), (None, bias)):
            exact = normalise_definition(*wide(x, w, b), None, axis, 1e-3)
            n = ops.normalise(x, w, b, None, axis, 1e-3)
            near(n, exact)
            measured = ops.moments(x, axis)
            near(ops.measured_by(n, x, axis), measured)
            near(measured, np.stack([f(wide(x)[0], axis=axis, keepdims=True) for f in (np.mean, np.var)]))
            near(ops.normalise(x, w, b, measured, axis, 1e-3), exact)


@pytest.mark.parametrize("backend", BACKENDS, indirect=True)
def test_what_was_measured_is_found_once_and_only_for_the_same_arrays(backend, monkeypatch):  # noqa: F811
    x, other, axis = LAYOUTS["channels last"](normal(2, 16, 8, 8)), normal(2, 16, 8, 8), (0, 2, 3)
    n, exact = ops.normalise(x, None, None, None, axis, 1e-3), ops.moments(x, axis)
    near(ops.measured_by(n, x, (2, 3)), ops.moments(x, (2, 3)))
    near(ops.measured_by(n, other, axis), ops.moments(other, axis))
    near(ops.measured_by(n.copy(), x, axis), exact)
    ops.normalise(other, None, None, ops.moments(other, axis), axis, 1e-3)  # finds nothing
    computed = []
    monkeypatch.setattr(ops.moments, "forward", lambda *given: computed.append(given))
    near(ops.measured_by(n, x, axis), exact)
    ops.normalise(other, None, None, None, axis, 1e-3)
    assert not computed and ops.measured_by(n, x, axis) is None and len(computed) == 1


@pytest.mark.parametrize("backend", BACKENDS, indirect=True)
@pytest.mark.parametrize("layout", DENSE)
def test_gradients(backend, layout):  # noqa: F811
    for shape, axis in SHAPES.items():
        x = LAYOUTS[layout](normal(*shape) * 2 + 3)
        arrays, v = (x, *parameters(x, axis)), normal(*shape)

        def loss(x, w, b, v=v, axis=axis):
            return (ops.normalise(x, w, b, None, axis, 1e-3) ** 2 * v).sum()

        def steepness(x, w, b, loss=loss):
            return sum((g**2).sum() for g in grad(loss, (0, 1, 2))(x, w, b))

        def definition(x, w, b, v=v, axis=axis):
            return (normalise_definition(x, w, b, None, axis, 1e-3) ** 2 * v).sum()

        exact = grad(definition, (0, 1, 2))(*wide(*arrays))
        for ours, theirs in zip(grad(loss, (0, 1, 2))(*arrays), exact):
            near(ours, theirs, 1e-4)
        for i, theirs in enumerate(exact):  # each alone: nothing was computed along with another
            near(grad(loss, i)(*arrays), theirs, 1e-4)
        for ours, theirs in zip(grad(steepness, (0, 1, 2))(*arrays), grad(steepness, (0, 1, 2))(*wide(*arrays))):
            near(ours, theirs, 1e-4)


@pytest.mark.skipif(MISSING, reason=WHY)
@pytest.mark.parametrize("backend", ["onednn"], indirect=True)
def test_onednn_takes_what_it_can(backend):  # noqa: F811
    _, ran = backend
    for shape, axis in SHAPES.items():
        x, before = normal(*shape), len(ran)
        ops.normalise(x, *parameters(x, axis), None, axis, 1e-5)
        assert (len(ran) > before) == (shape != (2, 3, 4, 5)), shape


@pytest.mark.parametrize("backend", BACKENDS, indirect=True)
def test_a_large_mean_does_not_drown_the_variance(backend):  # noqa: F811
    x = LAYOUTS["channels last"](normal(8, 16, 16, 16) + 1000)
    near(ops.normalise(x, None, None, None, (0, 2, 3), 1e-5), normalise_definition(*wide(x), None, None, None, (0, 2, 3), 1e-5), 1e-3)
    assert np.allclose(ops.moments(x, (0, 2, 3))[1], wide(x)[0].var((0, 2, 3), keepdims=True), rtol=1e-4)


@pytest.mark.parametrize("backend", BACKENDS, indirect=True)
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_no_number_is_not_hidden(backend, bad):  # noqa: F811
    x = LAYOUTS["channels last"](normal(4, 16, 8, 8))
    x[1, 3, 2, 2] = bad
    with np.errstate(invalid="ignore"):
        y = ops.normalise(x, None, None, None, (0, 2, 3), 1e-5)
        dx = grad(lambda x: (ops.normalise(x, None, None, None, (0, 2, 3), 1e-5) ** 3).sum())(x)
    assert np.isnan(y[:, 3]).all() and np.isfinite(np.delete(y, 3, 1)).all()
    assert np.isnan(dx[:, 3]).all() and np.isfinite(np.delete(dx, 3, 1)).all()


def test_float64_and_the_numpy_kernel():
    x = LAYOUTS["channels last"](np.random.default_rng(0).standard_normal((8, 16, 16, 16)))
    y, m, r = kernel.normalise(x, None, None, None, (0, 2, 3), 1e-5)
    assert y.dtype == m.dtype == r.dtype == np.float64 and y.strides == x.strides
    assert np.allclose(y, normalise_definition(x, None, None, None, (0, 2, 3), 1e-5), rtol=1e-12, atol=1e-12)


def test_what_was_found_is_given_once_and_to_its_arrays_only():
    g, x = normal(2, 3), normal(2, 3)
    kernel.FOUND.put(g, x, "dw", "db")
    assert kernel.FOUND.take(g.copy(), x, "weight") is None and kernel.FOUND.take(g, x.copy(), "weight") is None
    assert kernel.FOUND.take(g, x, "weight") == "dw" and kernel.FOUND.take(g, x, "weight") is None
    assert kernel.FOUND.take(g, x, "bias") == "db"


@pytest.mark.parametrize("backend", BACKENDS, indirect=True)
def test_other_numbers(backend):  # noqa: F811
    for dtype in (np.float16, np.float64):
        x = LAYOUTS["channels last"](normal(4, 16, 8, 8)).astype(dtype)
        y = ops.normalise(x, None, None, None, (0, 2, 3), 1e-5)
        assert y.dtype == dtype
        assert np.allclose(y, normalise_definition(*wide(x), None, None, None, (0, 2, 3), 1e-5), atol=4e-3 if dtype == np.float16 else 1e-9)
    assert ops.normalise(np.zeros((0, 3, 4, 4), np.float32), None, None, None, (2, 3), 1e-5).shape == (0, 3, 4, 4)


@pytest.mark.parametrize("backend", BACKENDS, indirect=True)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_rescale(backend, layout):  # noqa: F811
    for shape in [*SHAPES, (3, 4, 5, 6, 7, 2)]:
        x, sides = LAYOUTS[layout](normal(*shape)), (1, shape[1], *(1,) * (len(shape) - 2))
        scale, shift = normal(*sides), normal(*sides)
        y = ops.rescale(x, scale, shift)
        assert y.dtype == np.float32 and np.allclose(y, x * scale + shift, rtol=1e-5, atol=1e-6)
        ours = grad(lambda *a: (ops.rescale(*a) ** 2).sum(), (0, 1, 2))(x, scale, shift)
        for mine, exact in zip(ours, grad(lambda x, a, b: ((x * a + b) ** 2).sum(), (0, 1, 2))(*wide(x, scale, shift))):
            near(mine, exact, 1e-5)
    x = x.copy()
    x[..., 0] = np.nan
    assert np.array_equal(np.isnan(ops.rescale(x, scale, shift)), np.isnan(x))


@pytest.mark.parametrize("backend", BACKENDS, indirect=True)
def test_relu(backend):  # noqa: F811
    x = normal(3, 16, 5, 7)
    x[0, 0, 0, :3] = np.inf, -np.inf, 0
    for spoilt in (x, np.where(x > 2, np.nan, x).astype(np.float32)):
        for lay in LAYOUTS.values():
            a, g = lay(spoilt), lay(normal(3, 16, 5, 7))
            with np.errstate(invalid="ignore"):
                y = ops.relu(a)
                assert np.array_equal(y, np.maximum(a, 0), equal_nan=True)
                assert np.array_equal(ops.relu.rules["x"](g, y), g * (y > 0), equal_nan=True)
                assert np.array_equal(ops.relu.rules["x"](np.asfortranarray(g), y), g * (y > 0), equal_nan=True)
