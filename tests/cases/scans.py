"""How the running sums and products are called in tests."""

import numpy as np
from hypothesis import strategies as st

from autograd import ops
from autograd.testing.cases import case
from autograd.testing.strategies import arrays, axis
from tests.cases.reductions import with_some

for f in (ops.cumsum, ops.cumprod):
    @case(f)
    def _(draw):
        x = draw(arrays())
        return (x,), {"axis": draw(axis(x.ndim))}


@case(ops.cumprod, "zeros")
def _(draw):
    x = with_some(draw, draw(arrays()), 0.0)
    return (x,), {"axis": draw(axis(x.ndim))}


for f in (ops.nancumsum, ops.nancumprod):
    @case(f)
    def _(draw):
        x = with_some(draw, draw(arrays(min_dims=1)), np.nan)
        return (x,), {"axis": draw(axis(x.ndim))}


@case(ops.recurrence)
def _(draw):
    a = draw(arrays(min_dims=1))
    return (a, draw(arrays(shape=a.shape))), {"axis": draw(axis(a.ndim, none=False))}


@case(ops.shift)
def _(draw):
    x = draw(arrays(min_dims=1))
    return (x, draw(st.integers(-3, 3)), draw(axis(x.ndim, none=False))), {"fill": draw(st.sampled_from([0, 1]))}


for f in (ops.cumulative_sum, ops.cumulative_prod):
    @case(f)
    def _(draw):
        x = draw(arrays(min_dims=1))
        return (x,), {"axis": draw(axis(x.ndim, none=x.ndim == 1)), "include_initial": draw(st.booleans())}


@case(ops.diff)
def _(draw):
    x = draw(arrays(min_dims=1))
    return (x,), {"n": draw(st.integers(0, 3)), "axis": draw(axis(x.ndim, none=False))}


@case(ops.diff, "numbers")
def _(draw):
    x = draw(arrays(min_dims=1))
    ends = dict.fromkeys(draw(st.sets(st.sampled_from(["prepend", "append"]))), 1.5)
    return (x,), {"axis": draw(axis(x.ndim, none=False)), **ends}


@case(ops.diff, "arrays")
def _(draw):
    x = draw(arrays(min_dims=1))
    return (x, 1, draw(axis(x.ndim, none=False)), draw(arrays(shape=x.shape)), draw(arrays(shape=x.shape))), {}


@case(ops.trapezoid)
def _(draw):
    y = draw(arrays(min_dims=1, min_side=1))
    return (y,), {"dx": 0.5, "axis": draw(axis(y.ndim, none=False))}


@case(ops.trapezoid, "places")
def _(draw):
    y = draw(arrays(min_dims=1, min_side=1))
    k = draw(axis(y.ndim, none=False))
    return (y, draw(arrays(shape=draw(st.sampled_from([y.shape, (y.shape[k],)]))))), {"axis": k}
