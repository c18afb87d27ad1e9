"""How the operations without a gradient are called in tests, where floating-point arrays of any shape would not do."""

import numpy as np
from hypothesis import strategies as st

from autograd import ops
from autograd.testing.cases import case
from autograd.testing.strategies import arrays, axes, axis, broadcastable


def integers(draw, shape):
    return np.random.default_rng(draw(st.integers(0, 2**32 - 1))).integers(-4, 5, shape)


def whole_numbers(p):
    """A case of an operation on the bits of integers; equal numbers come too."""

    @case(p)
    def _(draw):
        return tuple(integers(draw, shape) for shape in draw(broadcastable(len(p.inputs)))), {}


for bits in (ops.bitwise_and, ops.bitwise_or, ops.bitwise_xor, ops.invert):
    whole_numbers(bits)


def often_equal(p):
    """A case of a comparison: of numbers few enough to be equal now and then."""

    @case(p)
    def _(draw):
        return tuple(integers(draw, shape) / 2 for shape in draw(broadcastable(2))), {}


for comparison in (ops.equal, ops.not_equal, ops.less, ops.less_equal, ops.greater, ops.greater_equal, ops.logical_and, ops.logical_or,
                   ops.logical_xor, ops.isclose):
    often_equal(comparison)


def not_finite(p):
    """A case of a test for NaN and infinities."""

    @case(p)
    def _(draw):
        x = draw(arrays())
        chosen = np.random.default_rng(draw(st.integers(0, 2**32 - 1))).integers(0, 4, x.shape)
        return (np.select([chosen == 0, chosen == 1, chosen == 2], [np.nan, np.inf, -np.inf], x),), {}


for test in (ops.isfinite, ops.isinf, ops.isnan, ops.signbit):
    not_finite(test)


def along_axes(p):
    """A case of a reduction to a truth or a count."""

    @case(p)
    def _(draw):
        x = draw(arrays())
        return (integers(draw, x.shape) / 2,), {"axis": draw(axes(x.ndim)), "keepdims": draw(st.booleans())}


for reduction in (ops.all, ops.any, ops.count_nonzero):
    along_axes(reduction)


def index_of_one(p):
    """A case of the search for one element, which must exist."""

    @case(p)
    def _(draw):
        x = draw(arrays(min_side=1))
        return (x,), {"axis": draw(axis(x.ndim)), "keepdims": draw(st.booleans())}


for search in (ops.argmax, ops.argmin):
    index_of_one(search)


@case(ops.argsort)
def _(draw):
    x = draw(arrays(min_dims=1))
    return (x,), {"axis": draw(axis(x.ndim)), **draw(st.sampled_from([{}, {"kind": "stable"}, {"descending": True}]))}


@case(ops.argpartition)
def _(draw):
    x = draw(arrays(min_dims=1, min_side=1))
    along = draw(axis(x.ndim, none=False))
    return (x, draw(st.integers(0, x.shape[along] - 1))), {"axis": along}


@case(ops.argwhere)
def _(draw):
    x = draw(arrays())
    return (integers(draw, x.shape),), {}


@case(ops.searchsorted)
def _(draw):
    return (np.sort(draw(arrays(min_dims=1, max_dims=1))), draw(arrays())), {"side": draw(st.sampled_from(["left", "right"]))}
