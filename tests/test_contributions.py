"""An input that is read many times in parts gets its contributions in place (`into=`): the sum is that of the rule's results."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd.ops  # noqa: F401
from autograd import ops, tensor, vjp
from autograd.primitive import REGISTRY
from autograd.testing.cases import CASES

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
