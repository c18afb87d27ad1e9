"""How the products of sequences are called in tests."""

from hypothesis import strategies as st

from autograd import ops
from autograd.testing.cases import case
from autograd.testing.strategies import arrays


def row(draw, least=1, most=6):
    return draw(arrays(min_dims=1, max_dims=1, min_side=least, max_side=most))


@case(ops.full_convolution)
def _(draw):
    return (row(draw), row(draw)), {}


@case(ops.valid_convolution)
def _(draw):
    v = row(draw, 1, 4)
    return (row(draw, len(v), 6), v), {}


for f in (ops.convolve, ops.correlate):
    @case(f)
    def _(draw):
        return (row(draw), row(draw)), {"mode": draw(st.sampled_from(["full", "same", "valid"]))}
