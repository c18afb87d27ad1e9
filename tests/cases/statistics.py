"""How the statistics and the histograms are called in tests."""

import numpy as np
from hypothesis import strategies as st

from autograd import ops
from autograd.ops import histograms, statistics
from autograd.primitive import POSITIVE
from autograd.testing.cases import case
from autograd.testing.strategies import arrays, axes, axis
from tests.cases.quantiles import METHODS

# ---- statistics.py ------------------------------------------------------------------------------------------------


@case(ops.cov)
def _(draw):
    return (draw(arrays(min_dims=1, max_dims=2, min_side=2)),), {"rowvar": draw(st.booleans()), "bias": draw(st.booleans())}


@case(ops.cov, "two")
def _(draw):
    m = draw(arrays(min_dims=1, max_dims=2, min_side=2))
    return (m, draw(arrays(shape=m.shape))), {"ddof": draw(st.sampled_from([None, 0, 1]))}


@case(ops.cov, "weights")
def _(draw):
    m = draw(arrays(shape=(2, 4)))
    fweights = draw(st.sampled_from([None, np.array([1, 2, 1, 3])]))
    return (m, None, True, False, draw(st.sampled_from([None, 0])), fweights, draw(arrays(shape=(4,), domain=POSITIVE))), {}


@case(ops.corrcoef)
def _(draw):
    return (draw(arrays(min_dims=2, max_dims=2, min_side=3)),), {"rowvar": draw(st.booleans())}


def some_nan(draw):
    """Numbers with a NaN here and there; the first is none."""
    x = np.array(draw(arrays(min_dims=1, max_dims=2, min_side=2, distinct=True)))
    x.flat[1:][np.random.default_rng(draw(st.integers(0, 99))).random(x.size - 1) < 0.3] = np.nan
    return x


@case(ops.nanmedian)
def _(draw):
    return (some_nan(draw),), {"keepdims": draw(st.booleans())}


@case(ops.nanquantile)
def _(draw):
    x = some_nan(draw)
    x = np.concatenate([x, np.linspace(3, 4, x[:1].size).reshape(x[:1].shape)])
    q = draw(st.sampled_from([0.3, 1, [0.1, 0.5, 0.9], [[0, 1], [0.25, 0.4]]]))
    return (x, q), {"axis": draw(st.sampled_from([0, None])), "method": draw(st.sampled_from(METHODS)), "keepdims": draw(st.booleans())}


@case(ops.nanpercentile)
def _(draw):
    return (some_nan(draw), draw(st.sampled_from([5, 50, [25, 75]]))), {}


OLD = np.lib.NumpyVersion(np.__version__) < "2.4.0"  # NumPy 2.2, for one, mixes up the weights if several axes are given


@case(ops.quantile, "weights")
def _(draw):
    x = draw(arrays(min_dims=1, max_dims=2, min_side=2, distinct=True))
    weights = np.random.default_rng(draw(st.integers(0, 9))).integers(1, 5, x.shape)
    return (x, draw(st.sampled_from([0.3, [0.2, 0.7]]))), {
        "axis": draw((axis if OLD else axes)(x.ndim)), "method": "inverted_cdf", "weights": weights, "keepdims": draw(st.booleans())}


@case(statistics.places_without_nan)
def _(draw):
    return (np.sort(some_nan(draw)), [0.3, 0.9], draw(st.sampled_from(METHODS))), {}


@case(statistics.weighted_places)
def _(draw):
    rows = draw(arrays(min_dims=1, max_dims=2, min_side=2, distinct=True))
    return (rows, draw(arrays(shape=rows.shape, domain=POSITIVE)), [0.3, 0.9], "inverted_cdf", draw(st.booleans())), {}


# ---- histograms.py ------------------------------------------------------------------------------------------------


@case(ops.bincount)
def _(draw):
    x = np.array(draw(st.lists(st.integers(0, 5), min_size=1, max_size=8)))
    return (x, draw(arrays(shape=x.shape))), {"minlength": draw(st.sampled_from([0, 3, 9]))}


@case(ops.bincount, "counts")
def _(draw):
    return (np.array(draw(st.lists(st.integers(0, 5), max_size=8)), dtype=int),), {"minlength": draw(st.sampled_from([0, 9]))}


@case(histograms.bin_of)
def _(draw):
    return (draw(arrays()), np.sort(draw(arrays(shape=(4,), distinct=True)))), {}


@case(ops.histogram_bin_edges)
def _(draw):
    x = draw(arrays(min_side=2, distinct=True))
    return (x, draw(st.sampled_from([1, 3, np.array([-1.0, 0.5, 2.0])]))), {"range": draw(st.sampled_from([None, (-1, 2.5)]))}


def bins_or_edges(draw):
    return draw(st.one_of(st.integers(1, 4), st.just(np.array([-2.0, -0.5, 0.25, 3.0]))))


@case(ops.histogram)
def _(draw):
    x = draw(arrays(min_dims=1, min_side=2, distinct=True))
    return (x, bins_or_edges(draw), draw(st.sampled_from([None, (-1, 2.5)])), draw(st.booleans()), draw(arrays(shape=x.shape))), {}


@case(ops.histogram, "counts")
def _(draw):
    return (draw(arrays(min_dims=1, min_side=2, distinct=True)), bins_or_edges(draw)), {"density": draw(st.booleans())}


@case(ops.histogram2d)
def _(draw):
    n = draw(st.integers(2, 3))
    x, y = draw(arrays(shape=(n,), distinct=True)), draw(arrays(shape=(n,), distinct=True))
    bins = draw(st.sampled_from([2, [1, 2], np.array([-9.0, -0.5, 0.25, 9.0])]))
    return (x, y, bins, None, draw(st.booleans()), draw(arrays(shape=(n,), domain=POSITIVE))), {}


@case(ops.histogramdd)
def _(draw):
    x = draw(arrays(min_dims=2, max_dims=2, min_side=2, max_side=3, distinct=True))
    return (x, draw(st.integers(1, 3))), {"density": draw(st.booleans()), "range": draw(st.sampled_from([None, [(-9, 9)] * x.shape[1]]))}


