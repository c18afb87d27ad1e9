"""How normalisation is called in tests."""

from hypothesis import strategies as st

from autograd import ops
from autograd.testing.cases import case
from autograd.testing.strategies import arrays, axis


@case(ops.moments)
def _(draw):
    x = draw(arrays(min_dims=1, min_side=1))
    return (x,), {"axis": draw(axis(x.ndim))}


@case(ops.measured_by)
def _(draw):
    x = draw(arrays(min_dims=1, min_side=1))
    k = draw(axis(x.ndim))
    return (ops.normalise(x, axis=k, eps=0.1), x), {"axis": k}


def normalised(draw, shape):
    """x, its axes, and a weight and bias with one number for each place that `shape(x, axes)` tells apart."""
    x = draw(arrays(min_dims=1, min_side=1))
    k = draw(axis(x.ndim))
    axes = tuple(range(x.ndim)) if k is None else tuple(a % x.ndim for a in (k if isinstance(k, tuple) else (k,)))
    return x, k, draw(arrays(shape(x, axes))), draw(arrays(shape(x, axes)))


@case(ops.normalise)
def _(draw):
    x, k, *_ = normalised(draw, lambda x, axes: ())
    return (x,), {"axis": k, "eps": 0.1}


@case(ops.normalise, "channels")
def _(draw):
    """As in batch normalisation: a weight for each place that is not averaged over."""
    x, k, weight, bias = normalised(draw, lambda x, axes: tuple(1 if i in axes else n for i, n in enumerate(x.shape)))
    return (x, weight, bias), {"axis": k, "eps": 0.1}


@case(ops.normalise, "features")
def _(draw):
    """As in layer normalisation: a weight for each of the last places."""
    x, k, weight, bias = normalised(draw, lambda x, axes: x.shape[-1:])
    return (x, weight, draw(st.sampled_from([None, bias]))), {"axis": k, "eps": 0.1}


@case(ops.normalise, "groups")
def _(draw):
    """As in group normalisation: a weight for each channel of a group, over which and over space is averaged."""
    x = draw(arrays(min_dims=4, max_dims=4, min_side=1))
    shape = (1, *x.shape[1:3], 1)
    return (x, draw(arrays(shape)), draw(st.sampled_from([None, draw(arrays(shape))]))), {"axis": (2, 3), "eps": 0.1}


@case(ops.rescale)
def _(draw):
    x = draw(arrays(min_dims=1))
    shape = tuple(draw(st.sampled_from([1, n])) for n in x.shape[draw(st.integers(0, x.ndim)):])
    return (x, draw(arrays(shape)), draw(arrays(shape))), {}
