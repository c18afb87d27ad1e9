"""How the operations on integers, and the tests of what is in an array, are called in tests."""

import numpy as np
from hypothesis import strategies as st

from autograd import ops
from autograd.ops.integers import coordinate, flat_index, sorted_by
from autograd.testing.cases import case
from autograd.testing.strategies import arrays, axis, broadcastable
from tests.cases.constants import integers, not_finite


def positive(draw, shape, most=9):
    return np.random.default_rng(draw(st.integers(0, 2**32 - 1))).integers(0, most, shape)


def of_integers(p):
    """A case of an operation on integers that are not negative."""

    @case(p)
    def _(draw):
        return tuple(positive(draw, shape) for shape in draw(broadcastable(len(p.inputs)))), {}


for operation in (ops.gcd, ops.lcm, ops.left_shift, ops.right_shift, ops.bitwise_count):
    of_integers(operation)


@case(ops.packbits)
def _(draw):
    x = draw(arrays(min_dims=1))
    bits = positive(draw, x.shape, 2).astype(np.uint8)
    return (bits,), {"axis": draw(axis(x.ndim)), "bitorder": draw(st.sampled_from(["big", "little"]))}


@case(ops.unpackbits)
def _(draw):
    x = draw(arrays(min_dims=1, min_side=1))  # NumPy leaves the bits of no bytes undefined
    return (positive(draw, x.shape, 256).astype(np.uint8),), {"axis": draw(axis(x.ndim)), "count": draw(st.sampled_from([None, 5]))}


SHAPE = (3, 4, 2)


@case(flat_index)
def _(draw):
    rows = np.stack([positive(draw, (5,), n) for n in SHAPE])
    return (rows, SHAPE), {"order": draw(st.sampled_from("CF"))}


@case(ops.ravel_multi_index)
def _(draw):
    shapes = draw(broadcastable(3))
    index = tuple(positive(draw, shape, n + 2) for shape, n in zip(shapes, SHAPE))
    return (index, SHAPE), {"mode": draw(st.sampled_from(["wrap", "clip"]))}


@case(coordinate)
def _(draw):
    return (positive(draw, draw(arrays()).shape, 24), SHAPE, draw(st.integers(0, 2))), {"order": draw(st.sampled_from("CF"))}


@case(ops.unravel_index)
def _(draw):
    return (positive(draw, draw(arrays()).shape, 24), draw(st.sampled_from([SHAPE, 24]))), {"order": draw(st.sampled_from("CF"))}


@case(ops.digitize)
def _(draw):
    bins = np.sort(draw(arrays(min_dims=1, max_dims=1, distinct=True)))
    return (draw(arrays()), bins[::draw(st.sampled_from([1, -1]))]), {"right": draw(st.booleans())}


def keys(draw):
    x = draw(arrays(min_dims=1))
    return [integers(draw, x.shape) / 2 for _ in range(draw(st.integers(1, 3)))], draw(axis(x.ndim, none=False))


@case(sorted_by)
def _(draw):
    given, along = keys(draw)
    return (np.stack(given),), {"axis": along}


@case(ops.lexsort)
def _(draw):
    given, along = keys(draw)
    return (tuple(given),), {"axis": along}


@case(ops.isin)
def _(draw):
    return (integers(draw, draw(arrays()).shape) / 2, integers(draw, draw(arrays()).shape) / 2), {"invert": draw(st.booleans())}


def with_nan(p):
    """A case of a search among numbers that are not all NaN."""

    @case(p)
    def _(draw):
        x = np.array(draw(arrays(min_dims=1, min_side=1)))
        along = draw(axis(x.ndim))
        holes = positive(draw, x.shape, 2) == 1
        holes &= ~holes.all(axis=along, keepdims=True)
        return (np.where(holes, np.nan, x),), {"axis": along, "keepdims": draw(st.booleans())}


for search in (ops.nanargmax, ops.nanargmin):
    with_nan(search)
for test in (ops.isposinf, ops.isneginf):
    not_finite(test)


def complex_numbers(p):
    """A case of a test for imaginary parts."""

    @case(p)
    def _(draw):
        x = draw(arrays())
        return (x + 1j * integers(draw, x.shape),), {}


for test in (ops.iscomplex, ops.isreal):
    complex_numbers(test)
