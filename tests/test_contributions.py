"""An input that is read many times in parts gets its contributions in place (`into=`): the sum is that of the rule's results."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd.ops  # noqa: F401
from autograd import contributions, grad, ops, tensor, vjp
from autograd.primitive import REGISTRY
from autograd.testing.cases import CASES
from tests.kernels.backends import BACKENDS, LAYOUTS, backend  # noqa: F401

IN_PLACE = [name for name, p in REGISTRY.items() if p.into and name.startswith("autograd.")]


@pytest.mark.parametrize("name", IN_PLACE)
@given(data=st.data())
@settings(max_examples=50, deadline=None)
def test_in_place_is_the_sum(name, data):
    p = REGISTRY[name]
    args, kwargs = data.draw(data.draw(st.sampled_from(CASES[name])).arguments)
    x = tensor(args[0], requires_grad=True)
    rng = np.random.default_rng(0)
    ys = [p(x, *args[1:], **kwargs) for _ in range(4)]
    vs = [rng.normal(size=y.shape) for y in ys]
    ops.sum(ops.stack([ops.sum(y * v) for y, v in zip(ys, vs)])).backward()
    pullback = vjp(lambda x: p(x, *args[1:], **kwargs), args[0])[1]
    np.testing.assert_allclose(x.grad.data, sum(pullback(v) for v in vs), rtol=1e-12, atol=1e-12)


def test_many_slices_cost_what_they_hold():
    """A thousand slices of one array make one array of zeros, not a thousand."""
    x = tensor(np.ones((1000, 10)), requires_grad=True)
    total = 0
    for i in range(1000):
        total = total + i * x[i].sum()
    total.backward()
    np.testing.assert_array_equal(x.grad.data, np.arange(1000.0)[:, None] * np.ones(10))


@pytest.mark.parametrize("backend", BACKENDS, indirect=True)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_large_cotangents_are_added_by_whoever_has_the_processors(backend, layout, monkeypatch):  # noqa: F811
    monkeypatch.setattr(contributions, "SHARED", 0)
    rng = np.random.default_rng(1)
    x, *vs = (LAYOUTS[layout](rng.standard_normal((3, 4, 5, 6)).astype(np.float32)) for _ in range(4))
    before = [v.copy() for v in vs]
    _, ran = backend
    ran.clear()
    dx = grad(lambda x: sum((x * v).sum() for v in vs))(x)
    np.testing.assert_allclose(dx, sum(v.astype(np.float64) for v in vs), rtol=1e-5, atol=1e-6)
    assert len(ran) == (2 if backend[0] == "onednn" else 0)
    for v, was in zip(vs, before):
        np.testing.assert_array_equal(v, was)  # what was borrowed is not written to


@pytest.mark.parametrize("backend", BACKENDS, indirect=True)
def test_one_cotangent_may_come_twice(backend, monkeypatch):  # noqa: F811
    monkeypatch.setattr(contributions, "SHARED", 0)
    x, v = (np.ones((3, 4), np.float32) * k for k in (1, 3))
    np.testing.assert_array_equal(grad(lambda x: ((x + x + x) * v).sum())(x), 3 * v)


@pytest.mark.parametrize("backend", BACKENDS, indirect=True)
def test_cotangents_that_lie_otherwise_are_added_by_numpy(backend, monkeypatch):  # noqa: F811
    monkeypatch.setattr(contributions, "SHARED", 0)
    x, v = np.ones((3, 4), np.float32), np.arange(12, dtype=np.float32).reshape(4, 3).T
    dx = grad(lambda x: (x * v).sum() + (ops.reshape(x, (12,)) * np.arange(12, dtype=np.float32)).sum())(x)
    np.testing.assert_array_equal(dx, v + np.arange(12).reshape(3, 4))
