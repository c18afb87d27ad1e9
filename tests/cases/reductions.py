"""How the reductions are called in tests."""

from hypothesis import strategies as st

from autograd import ops
from autograd.testing.cases import case
from autograd.testing.strategies import arrays, axes


@case(ops.sum)
def _(draw):
    x = draw(arrays())
    return (x,), {"axis": draw(axes(x.ndim)), "keepdims": draw(st.booleans())}
