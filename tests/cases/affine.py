"""How the affine map is called in tests."""

from hypothesis import strategies as st

from autograd import ops
from autograd.testing.cases import case
from autograd.testing.strategies import arrays, shapes


@case(ops.linear)
def _(draw):
    shape, out = draw(shapes(min_dims=1)), draw(st.integers(0, 3))
    weight = draw(arrays((out, shape[-1])))
    return (draw(arrays(shape)), weight, draw(arrays((out,)))), {}


@case(ops.linear, "unbiased")
def _(draw):
    shape = draw(shapes(min_dims=1))
    return (draw(arrays(shape)), draw(arrays((draw(st.integers(0, 3)), shape[-1])))), {}
