"""How the operations that lengthen and shorten, the sets and the ranges are called in tests."""

import numpy as np
from hypothesis import strategies as st

from autograd import ops
from autograd.ops import sequences, sets
from autograd.primitive import NONZERO, POSITIVE
from autograd.testing.cases import case
from autograd.testing.strategies import arrays, axis

# ---- sequences.py -------------------------------------------------------------------------------------------------


@case(ops.append)
def _(draw):
    x = draw(arrays(min_dims=1))
    return (x, draw(arrays(shape=x.shape))), {"axis": draw(axis(x.ndim))}


@case(sequences.inserted)
def _(draw):
    return (draw(st.sampled_from([1, [0, 2]])), (3, 2), (1,), 1), {}


@case(sequences.left_over)
def _(draw):
    return (draw(st.sampled_from([0, -1, [1, 2], [True, False, True]])), 3), {}


@case(sequences.untrimmed)
def _(draw):
    return (draw(arrays(shape=(4, 2))) * np.array([[0], [1], [0], [0]]), draw(st.sampled_from(["f", "b", "fb"])), 0), {}


@case(ops.insert)
def _(draw):
    x = draw(arrays(min_dims=1, min_side=1))
    where = draw(axis(x.ndim))
    n = x.size if where is None else x.shape[where]
    obj = draw(st.one_of(st.integers(-n, n), st.lists(st.integers(-n, n), min_size=1, max_size=1), st.just(slice(0, 1))))
    return (x, obj, draw(arrays(shape=(1,)))), {"axis": where}


@case(ops.insert, "several")
def _(draw):
    x = draw(arrays(shape=(3, 2)))
    return (x, [0, 3, 3], draw(arrays(shape=(3, 2)))), {"axis": 0}


@case(ops.delete)
def _(draw):
    x = draw(arrays(min_dims=1, min_side=1))
    where = draw(axis(x.ndim))
    n = x.size if where is None else x.shape[where]
    obj = draw(st.one_of(st.integers(-n, n - 1), st.lists(st.integers(-n, n - 1), max_size=3), st.just(slice(0, 1))))
    return (x, obj), {"axis": where}


ONE = {"min_dims": 1, "max_dims": 1} if np.lib.NumpyVersion(np.__version__) < "2.2.0" else {}  # until then NumPy's is for vectors


@case(ops.trim_zeros)
def _(draw):
    return (draw(arrays(domain=NONZERO, **ONE)),), {"trim": draw(st.sampled_from(["f", "b", "fb"]))}


@case(ops.meshgrid)
def _(draw):
    xs = [draw(arrays(min_dims=1, max_dims=1)) for _ in range(draw(st.integers(1, 3)))]
    return tuple(xs), {"indexing": draw(st.sampled_from(["xy", "ij"])), "sparse": draw(st.booleans())}


# ---- sets.py ------------------------------------------------------------------------------------------------------


def two_sets(draw):
    """Two arrays with no element in common: where they have one, it stays common only if both move."""
    return tuple(draw(arrays(distinct=True, min_dims=1, max_dims=2, min_side=2)) + k for k in (0, 10))


@case(sets.places_once)
def _(draw):
    return (draw(arrays(distinct=True)),), {}


for f in (ops.unique_all, ops.unique_counts, ops.unique_inverse, ops.unique_values):
    @case(f)
    def _(draw):
        return (draw(arrays(distinct=True)),), {}


for f in (ops.union1d, ops.intersect1d, ops.setdiff1d, ops.setxor1d):
    @case(f)
    def _(draw):
        return two_sets(draw), {}


for f in (sets.common, sets.only_in_first, sets.in_one_only):
    @case(f)
    def _(draw):
        a, b = draw(arrays(min_dims=1, max_dims=1, distinct=True)), draw(arrays(min_dims=1, max_dims=1, distinct=True))
        return (a, np.concatenate([a[:2], b + 10]), draw(st.booleans())), {}


@case(ops.sort_complex)
def _(draw):
    return (draw(arrays(min_dims=1, distinct=True)),), {}


# ---- ranges.py ----------------------------------------------------------------------------------------------------


@case(ops.linspace)
def _(draw):
    a = draw(arrays(max_dims=2))
    return (a, draw(arrays(shape=a.shape)), draw(st.integers(0, 4))), {
        "endpoint": draw(st.booleans()), "axis": draw(axis(a.ndim + 1, none=False))}


@case(ops.linspace, "step")
def _(draw):
    return (draw(arrays(shape=())), draw(arrays(shape=(2,))), draw(st.integers(2, 4))), {"endpoint": draw(st.booleans()), "retstep": True}


@case(ops.logspace)
def _(draw):
    a = draw(arrays(max_dims=2, max_side=3))
    base = draw(arrays(shape=draw(st.sampled_from([(), a.shape])), domain=POSITIVE))
    return (a, draw(arrays(shape=a.shape)), draw(st.integers(0, 4)), draw(st.booleans()), base), {
        "axis": draw(axis(a.ndim + 1, none=False))}


@case(ops.geomspace)
def _(draw):
    a, sign = draw(arrays(max_dims=2, max_side=3, domain=POSITIVE)), draw(st.sampled_from([1, -1]))
    return (sign * a, sign * draw(arrays(shape=a.shape, domain=POSITIVE)), draw(st.integers(0, 4))), {
        "endpoint": draw(st.booleans()), "axis": draw(axis(a.ndim + 1, none=False))}
