"""How the reductions are called in tests."""

import numpy as np
from hypothesis import strategies as st

from autograd import ops
from autograd.primitive import POSITIVE
from autograd.testing.cases import case
from autograd.testing.strategies import arrays, axes


def reduction(draw, x, **options):
    return (x,), {"axis": draw(axes(x.ndim)), "keepdims": draw(st.booleans()), **options}


def with_some(draw, x, value):
    """x with a few elements replaced: zeros for products, NaN for the functions that ignore it."""
    x = np.array(x)
    if x.size:
        x.flat[np.random.default_rng(draw(st.integers(0, 99))).integers(x.size, size=2)] = value
    return x


for f in (ops.sum, ops.logsumexp):
    @case(f)
    def _(draw):
        return reduction(draw, draw(arrays()))


for f in (ops.mean, ops.var):
    @case(f)
    def _(draw):
        return reduction(draw, draw(arrays(min_side=1)))


@case(ops.std)
def _(draw):
    return reduction(draw, draw(arrays(min_side=3)))  # of two numbers it is |a - b| / 2, straight


for f in (ops.var, ops.std):
    @case(f, "ddof")
    def _(draw):
        return reduction(draw, draw(arrays(min_side=3)), **{draw(st.sampled_from(["ddof", "correction"])): 0.5})


for f in (ops.max, ops.min, ops.nanmax, ops.nanmin, ops.ptp):
    @case(f)
    def _(draw):
        return reduction(draw, draw(arrays(min_side=1, distinct=True)))


@case(ops.prod)
def _(draw):
    return reduction(draw, draw(arrays()))


@case(ops.prod, "zeros")
def _(draw):
    return reduction(draw, with_some(draw, draw(arrays()), 0.0))


for f in (ops.nansum, ops.nanprod):
    @case(f)
    def _(draw):
        return reduction(draw, with_some(draw, draw(arrays()), np.nan))


for f, label in ((ops.nanmax, "nan"), (ops.nanmin, "nan"), (ops.nanmean, ""), (ops.nanvar, ""), (ops.nanstd, "")):
    @case(f, label)
    def _(draw):
        x = np.array(draw(arrays(min_dims=1, min_side=1, distinct=True)))
        x = np.concatenate([x, x[:1] + 0.3, np.full_like(x[:1], np.nan)])
        return (x,), {"axis": draw(st.sampled_from([0, None, -x.ndim])), "keepdims": draw(st.booleans())}


@case(ops.average)
def _(draw):
    x = draw(arrays(min_dims=1, min_side=2))
    k = draw(st.sampled_from([None, 0, -1]))
    return (x, k, draw(arrays(shape=x.shape, domain=POSITIVE))), {"keepdims": draw(st.booleans())}


@case(ops.average, "one-axis")
def _(draw):
    x = draw(arrays(min_dims=1, min_side=2))
    k = draw(st.integers(-x.ndim, x.ndim - 1))
    return (x, k, draw(arrays(shape=(x.shape[k],), domain=POSITIVE))), {}
