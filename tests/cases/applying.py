"""How the functions that apply functions, and those with principal values, are called in tests."""

import numpy as np
from hypothesis import strategies as st

from autograd import ops
from autograd.ops import emath
from autograd.primitive import NONZERO, POSITIVE, Domain
from autograd.testing.cases import case
from autograd.testing.strategies import arrays, axis


@case(ops.piecewise)
def _(draw):
    x = draw(arrays(domain=NONZERO))
    return (x, [x < 0, x > 1], draw(st.sampled_from([[lambda x: x * x, 2.0], [-1.0, lambda x: -x, lambda x: x ** 3]]))), {}


@case(ops.apply_along_axis)
def _(draw):
    x = draw(arrays(min_dims=1, min_side=1, max_side=3))
    f = draw(st.sampled_from([lambda row: (row * row).sum(), lambda row: row[::-1] * row, lambda row: row[:, None] * row]))
    return (f, draw(axis(x.ndim, none=False)), x), {}


@case(ops.apply_over_axes)
def _(draw):
    x = draw(arrays(min_dims=2))
    return (draw(st.sampled_from([lambda a, k: a.sum(k), lambda a, k: (a * a).sum(k, keepdims=True)])), x,
            draw(st.sampled_from([0, -1, [0, 1], (1, 0)]))), {}


@case(emath.complex_outside)
def _(draw):
    return (draw(arrays(domain=NONZERO)), draw(st.sampled_from([-5.0, 0.0])), 5.0), {}


@case(emath.float_below_zero)
def _(draw):
    return (np.array(draw(st.lists(st.integers(-2, 3), max_size=4)), dtype=int),), {}


for f in (ops.principal_sqrt, ops.principal_log, ops.principal_log2, ops.principal_log10):
    @case(f)
    def _(draw):
        return (draw(arrays(domain=draw(st.sampled_from([NONZERO, POSITIVE])))),), {}


for f in (ops.principal_arccos, ops.principal_arcsin, ops.principal_arctanh):
    @case(f)
    def _(draw):
        return (draw(arrays(domain=draw(st.sampled_from([Domain(-0.8, 0.8), Domain(-3, 3, avoid=(-1, 0, 1))])))),), {}


@case(ops.principal_logn)
def _(draw):
    return (draw(arrays(shape=(), domain=Domain(1.5, 4))), draw(arrays(domain=NONZERO))), {}


@case(ops.principal_power)
def _(draw):
    x = draw(arrays(domain=NONZERO))
    return (x, draw(st.sampled_from([2, 0.5, -1, np.array(1.5)]))), {}
