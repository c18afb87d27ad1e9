"""How those special functions are called in tests that take an order."""

from hypothesis import strategies as st

from autograd import ops
from autograd.primitive import POSITIVE, UNIT, Domain
from autograd.testing.cases import case
from autograd.testing.strategies import arrays

for f in (ops.polygamma, ops.iv, ops.jv, ops.yv):
    @case(f)
    def _(draw):
        return (draw(st.integers(0, 3)), draw(arrays(domain=POSITIVE))), {}


@case(ops.beta)
def _(draw):
    a = draw(arrays(domain=POSITIVE))
    return (a, draw(arrays(shape=a.shape, domain=POSITIVE))), {}


@case(ops.multigammaln)
def _(draw):
    return (draw(arrays(domain=Domain(1.3, 4.0))), draw(st.integers(1, 3))), {}


@case(ops.logit)
def _(draw):
    return (draw(arrays(domain=UNIT)) / 2 + 0.5,), {}
