"""How the median and other quantiles are called in tests."""

from hypothesis import strategies as st

from autograd import ops
from autograd.testing.cases import case
from autograd.testing.strategies import arrays, axes

METHODS = ["inverted_cdf", "averaged_inverted_cdf", "closest_observation", "interpolated_inverted_cdf", "hazen", "weibull", "linear",
           "median_unbiased", "normal_unbiased", "lower", "higher", "midpoint", "nearest"]


@case(ops.median)
def _(draw):
    x = draw(arrays(min_side=1, distinct=True))
    return (x,), {"axis": draw(axes(x.ndim)), "keepdims": draw(st.booleans())}


@case(ops.quantile)
def _(draw):
    x = draw(arrays(min_side=1, distinct=True))
    q = draw(st.sampled_from([0.0, 0.3, 1, 0.77]))
    return (x, q), {"axis": draw(axes(x.ndim)), "method": draw(st.sampled_from(METHODS)), "keepdims": draw(st.booleans())}


@case(ops.quantile, "several")
def _(draw):
    x = draw(arrays(min_side=1, distinct=True))
    q = draw(st.sampled_from([[0.1, 0.5, 0.9], [[0, 1], [0.25, 0.4]]]))
    return (x, q), {"axis": draw(axes(x.ndim)), "keepdims": draw(st.booleans())}


@case(ops.percentile)
def _(draw):
    x = draw(arrays(min_side=1, distinct=True))
    return (x, draw(st.sampled_from([5, 50, [25, 75]]))), {"axis": draw(axes(x.ndim))}
