"""How the operations that rearrange, join, repeat and pad are called in tests."""

import math

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograd import ops
from autograd.testing.cases import case
from autograd.testing.strategies import arrays, axes, axis, broadcastable

small = st.integers(-3, 3)


def order_of(draw, ndim):
    """All axes in some order, counted from either end."""
    return tuple(draw(st.permutations([draw(st.sampled_from([i, i - ndim])) for i in range(ndim)])))


def two_axes(draw, ndim):
    a, b = draw(st.permutations(range(ndim)))[:2]
    return draw(st.sampled_from([a, a - ndim])), draw(st.sampled_from([b, b - ndim]))


# ---- shapes.py ----------------------------------------------------------------------------------------------------


@case(ops.reshape)
def _(draw):
    x = draw(arrays(min_side=1))
    shape = list(draw(st.permutations(x.shape)))
    if len(shape) > 1 and draw(st.booleans()):
        shape[:2] = [shape[0] * shape[1]]
    if shape and draw(st.booleans()):
        shape[0] = -1
    return (x, tuple(shape)), {"order": draw(st.sampled_from("CF"))}


@case(ops.reshape, "empty")
def _(draw):
    return (draw(arrays(shape=(2, 0, 3))), draw(st.sampled_from([0, (0,), (3, 0, 1), (-1, 2)]))), {}


for f in (ops.ravel, ops.atleast_1d, ops.atleast_2d, ops.atleast_3d, ops.copy, ops.real, ops.imag):
    @case(f)
    def _(draw):
        return (draw(arrays()),), {}


for f in (ops.real_part, ops.imaginary_part, ops.conj):
    @case(f)
    def _(draw):
        x = draw(arrays())
        return (x + 1j * draw(arrays(shape=x.shape)),), {}


@case(ops.expand_dims)
def _(draw):
    x = draw(arrays(max_dims=2))
    return (x, draw(st.one_of(axis(x.ndim + 1, none=False), st.sampled_from([(0, 1), (0, -1), ()])))), {}


@case(ops.squeeze)
def _(draw):
    return (draw(arrays(max_side=2)),), {}


@case(ops.squeeze, "axis")
def _(draw):
    return (draw(arrays(shape=(1, 3, 1))), draw(st.sampled_from([0, -1, 2, (0, 2), (), None]))), {}


@case(ops.transpose)
def _(draw):
    x = draw(arrays())
    return (x, draw(st.one_of(st.none(), st.just(order_of(draw, x.ndim))))), {}


@case(ops.swapaxes)
def _(draw):
    x = draw(arrays(min_dims=1))
    return (x, draw(axis(x.ndim, none=False)), draw(axis(x.ndim, none=False))), {}


@case(ops.moveaxis)
def _(draw):
    x = draw(arrays(min_dims=1))
    n = draw(st.integers(0, x.ndim))
    return (x, order_of(draw, x.ndim)[:n], order_of(draw, x.ndim)[:n]), {}


@case(ops.rollaxis)
def _(draw):
    x = draw(arrays(min_dims=1))
    return (x, draw(axis(x.ndim, none=False)), draw(st.integers(-x.ndim, x.ndim))), {}


@case(ops.matrix_transpose)
def _(draw):
    return (draw(arrays(min_dims=2)),), {}


@case(ops.broadcast_to)
def _(draw):
    shape, larger = draw(broadcastable(2))
    return (draw(arrays(shape=shape)), np.broadcast_shapes(shape, larger)), {}


@case(ops.broadcast_arrays)
def _(draw):
    return tuple(draw(arrays(shape=shape)) for shape in draw(broadcastable(2))), {}


@case(ops.flip)
def _(draw):
    x = draw(arrays())
    return (x,), {"axis": draw(axes(x.ndim))}


@case(ops.fliplr)
def _(draw):
    return (draw(arrays(min_dims=2)),), {}


@case(ops.flipud)
def _(draw):
    return (draw(arrays(min_dims=1)),), {}


@case(ops.roll)
def _(draw):
    x = draw(arrays())
    which = draw(axes(x.ndim))
    shift = tuple(draw(small) for _ in which) if isinstance(which, tuple) and draw(st.booleans()) and which else draw(small)
    return (x, shift), {"axis": which}


@case(ops.rot90)
def _(draw):
    x = draw(arrays(min_dims=2))
    return (x,), {"k": draw(st.integers(-5, 5)), "axes": two_axes(draw, x.ndim)}


@case(ops.cast)
def _(draw):
    return (draw(arrays()), np.complex128), {}


@case(ops.astype)
def _(draw):
    return (draw(arrays()), draw(st.sampled_from([int, bool, np.complex128]))), {}


@case(ops.cast_away)
def _(draw):
    return (draw(arrays()), draw(st.sampled_from([int, bool]))), {}


# ---- joining.py ---------------------------------------------------------------------------------------------------


def to_join(draw):
    """One to three arrays that differ along one axis only, and that axis."""
    shape = list(draw(hnp.array_shapes(max_dims=3, min_side=0, max_side=3)))
    place = draw(axis(len(shape), none=False))
    xs = []
    for _ in range(draw(st.integers(1, 3))):
        shape[place] = draw(st.integers(0, 3))
        xs.append(draw(arrays(shape=tuple(shape))))
    return xs, place


for f in (ops.joined, ops.concatenate):
    @case(f)
    def _(draw):
        xs, place = to_join(draw)
        return (xs,), {"axis": place}


@case(ops.concatenate, "flat")
def _(draw):
    return ([draw(arrays()), draw(arrays())],), {"axis": None}


@case(ops.stack)
def _(draw):
    shape = draw(hnp.array_shapes(min_dims=0, max_dims=2, min_side=0, max_side=3))
    return ([draw(arrays(shape=shape)) for _ in range(draw(st.integers(1, 3)))],), {"axis": draw(axis(len(shape) + 1, none=False))}


for f in (ops.vstack, ops.hstack, ops.dstack, ops.column_stack):
    @case(f)
    def _(draw, f=f):
        shape = draw(st.sampled_from([(3,), (2, 3), (2, 2, 2)] if f is not ops.column_stack else [(3,), (2, 3)]))
        return ([draw(arrays(shape=shape)) for _ in range(draw(st.integers(1, 3)))],), {}


@case(ops.block)
def _(draw):
    a, b, c, d = (draw(arrays(shape=shape)) for shape in ((2, 2), (2, 3), (1, 2), (1, 3)))
    return ([[a, b], [c, d]],), {}


for f in (ops.split, ops.array_split):
    @case(f)
    def _(draw, f=f):
        x = draw(arrays(min_dims=1))
        which = draw(axis(x.ndim, none=False))
        n = x.shape[which]
        parts = [k for k in range(1, 5) if n % k == 0 or f is ops.array_split]
        return (x, draw(st.one_of(st.sampled_from(parts), st.just([1, 3])))), {"axis": which}


for f, shape in ((ops.vsplit, (4, 2)), (ops.hsplit, (2, 4)), (ops.hsplit, (4,)), (ops.dsplit, (1, 2, 4))):
    @case(f, str(len(shape)))
    def _(draw, shape=shape):
        return (draw(arrays(shape=shape)), draw(st.sampled_from([2, [1], [1, 3]]))), {}


@case(ops.unstack)
def _(draw):
    x = draw(arrays(min_dims=1, min_side=1))
    return (x,), {"axis": draw(axis(x.ndim, none=False))}


# ---- repetition.py ------------------------------------------------------------------------------------------------


@case(ops.repeated)
def _(draw):
    x = draw(arrays(min_dims=1))
    return (x, draw(st.integers(0, 3)), draw(st.integers(0, x.ndim - 1))), {}


@case(ops.repeat)
def _(draw):
    x = draw(arrays())
    which = draw(axis(x.ndim))
    n = x.size if which is None else x.shape[which]
    return (x, draw(st.one_of(st.integers(0, 3), st.lists(st.integers(0, 3), min_size=n, max_size=n)))), {"axis": which}


@case(ops.tile)
def _(draw):
    return (draw(arrays()), draw(st.one_of(st.integers(0, 3), st.lists(st.integers(0, 2), max_size=4).map(tuple)))), {}


@case(ops.resize)
def _(draw):
    return (draw(arrays()), draw(st.sampled_from([5, (2, 3), (0, 2), (1,)]))), {}


@case(ops.pad_constant)
def _(draw):
    x = draw(arrays())
    return (x, tuple((draw(st.integers(0, 2)), draw(st.integers(0, 2))) for _ in x.shape), draw(st.sampled_from([0, 1.5]))), {}


@case(ops.pad)
def _(draw):
    x = draw(arrays(min_dims=1, min_side=1))
    width = st.integers(0, 5)
    widths = draw(st.one_of(width, st.tuples(width, width), st.just(tuple((draw(width), draw(width)) for _ in x.shape))))
    return (x, widths), {"mode": draw(st.sampled_from(["constant", "edge", "reflect", "symmetric", "wrap"]))}


@case(ops.pad, "values")
def _(draw):
    x = draw(arrays(min_dims=1, min_side=1, max_dims=2, distinct=True))
    width = st.integers(0, 5)
    mode, options = draw(st.sampled_from([
        ("linear_ramp", {}), ("linear_ramp", {"end_values": (1.0, 2.0)}), ("mean", {}), ("mean", {"stat_length": (1, 2)}),
        ("maximum", {"stat_length": 2}), ("minimum", {}), ("median", {}), ("reflect", {"reflect_type": "odd"}),
        ("symmetric", {"reflect_type": "odd"}), ("constant", {"constant_values": ((1.0, 2.0),)})]))
    return (x, (draw(width), draw(width)), mode), options


# ---- diagonals.py -------------------------------------------------------------------------------------------------

for f in (ops.tril, ops.triu):
    @case(f)
    def _(draw):
        return (draw(arrays(min_dims=1)),), {"k": draw(small)}


for f in (ops.diagonal, ops.trace):
    @case(f)
    def _(draw):
        x = draw(arrays(min_dims=2))
        axis1, axis2 = two_axes(draw, x.ndim)
        return (x,), {"offset": draw(small), "axis1": axis1, "axis2": axis2}


@case(ops.on_diagonal)
def _(draw):
    shape = draw(hnp.array_shapes(min_dims=2, max_dims=3, min_side=0, max_side=4))
    axis1, axis2 = two_axes(draw, len(shape))
    offset = draw(small)
    return (draw(arrays(shape=np.diagonal(np.empty(shape), offset, axis1, axis2).shape)), shape, offset, axis1, axis2), {}


@case(ops.diag)
def _(draw):
    return (draw(arrays(min_dims=1, max_dims=2)),), {"k": draw(small)}


@case(ops.diagflat)
def _(draw):
    x = draw(arrays())
    assert x.size == math.prod(x.shape)
    return (x,), {"k": draw(small)}
