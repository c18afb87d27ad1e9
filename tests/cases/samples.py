"""How the operations on samples are called in tests."""

import numpy as np
from hypothesis import strategies as st

from autograd import ops
from autograd.ops import samples
from autograd.primitive import POSITIVE, Domain
from autograd.testing.cases import case
from autograd.testing.strategies import arrays, axes, axis, shapes


def knots(draw, n):
    """n increasing places."""
    return np.sort(draw(arrays(shape=(n,), distinct=True)))


def between(draw, xp):
    """Places that are not near a knot."""
    return draw(arrays(domain=Domain(-4, 4, avoid=tuple(xp))))


@case(ops.interp)
def _(draw):
    xp = knots(draw, draw(st.integers(1, 4)))
    return (between(draw, xp), xp, draw(arrays(shape=xp.shape))), {}


@case(ops.interp, "outside")
def _(draw):
    xp = knots(draw, 3)
    return (between(draw, xp), xp, draw(arrays(shape=(3,))), 1.5, draw(arrays(shape=()))), {}


@case(ops.interp, "period")
def _(draw):
    n = draw(st.integers(1, 4))
    return (draw(arrays()), draw(arrays(shape=(n,), domain=POSITIVE, distinct=True)), draw(arrays(shape=(n,)))), {"period": 7.5}


@case(ops.gradient)
def _(draw):
    order = draw(st.sampled_from([1, 2]))
    f = draw(arrays(min_dims=1, min_side=order + 1))
    return (f, *draw(st.sampled_from([(), (0.5,), (0.5,) * f.ndim]))), {"edge_order": order}


@case(ops.gradient, "places")
def _(draw):
    order = draw(st.sampled_from([1, 2]))
    f = draw(arrays(min_dims=1, max_dims=2, min_side=order + 1))
    which = draw(axis(f.ndim, none=False))
    places = np.cumsum(draw(arrays(shape=(f.shape[which],), domain=POSITIVE)))
    return (f, places), {"axis": which, "edge_order": order}


@case(ops.ediff1d)
def _(draw):
    ends = [draw(st.one_of(st.none(), st.just(1.5), arrays(min_dims=1, max_dims=1))) for _ in range(2)]
    return (draw(arrays()), *ends), {}


def a_walk(draw):
    """Samples of which some are more than half a period apart, and none nearly half of one."""
    shape = draw(shapes(min_dims=1))
    steps = np.round(draw(arrays(shape=shape, domain=Domain(-9, 9)))) + 0.3
    return np.cumsum(steps, -1)


@case(ops.unwrap)
def _(draw):
    p = a_walk(draw)
    return (p,), {"axis": draw(axis(p.ndim, none=False)), "period": draw(st.sampled_from([2 * np.pi, 5.0]))}


@case(samples.turns)
def _(draw):
    return (a_walk(draw), None, -1, 5.0), {}


@case(ops.sliding_window_view)
def _(draw):
    x = draw(arrays(min_dims=1, min_side=1))
    which = draw(axes(x.ndim))
    chosen = tuple(range(x.ndim)) if which is None else (which,) if isinstance(which, int) else which
    return (x, tuple(draw(st.integers(1, x.shape[a])) for a in chosen)), {"axis": which}


@case(ops.sliding_window_view, "twice")
def _(draw):
    return (draw(arrays(shape=(2, 5))), (2, 3)), {"axis": (1, 1)}
