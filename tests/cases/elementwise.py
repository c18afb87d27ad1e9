"""How those element-wise operations are called in tests that have options, or inputs that no domain describes."""

import numpy as np
from hypothesis import strategies as st

from autograd import ops
from autograd.ops.elementwise import STEPS, direction
from autograd.primitive import NONZERO, Domain
from autograd.testing.cases import case
from autograd.testing.strategies import arrays, broadcastable

BETWEEN = Domain(-3, 3, avoid=(-1, 1))


@case(ops.clip)
def _(draw):
    x, low, high = draw(broadcastable(3))
    return (draw(arrays(x, BETWEEN)), draw(arrays(low, Domain(-1, -1))), draw(arrays(high, Domain(1, 1)))), {}


@case(ops.clip, "open")
def _(draw):
    low, high = draw(st.sampled_from([(None, 1.0), (-1.0, None), (-1, 1), (np.float64(-1), np.float64(1))]))
    return (draw(arrays(domain=BETWEEN)), low, high), {}


@case(direction)
def _(draw):
    x = draw(arrays(domain=NONZERO))
    return (x + 1j * draw(arrays(shape=x.shape)),), {}


@case(ops.angle)
def _(draw):
    x = draw(arrays(domain=NONZERO))
    return (x + 1j * draw(arrays(shape=x.shape)),), {"deg": draw(st.booleans())}


@case(ops.angle, "real")
def _(draw):
    return (draw(arrays(domain=NONZERO)), draw(st.booleans())), {}


@case(ops.sign)
def _(draw):
    return (draw(arrays(domain=STEPS)),), {}


@case(ops.where)
def _(draw):
    condition, a, b = draw(broadcastable(3))
    return (draw(arrays(condition)) > 0, draw(arrays(a)), draw(arrays(b))), {}


@case(ops.nan_to_num)
def _(draw):
    return (draw(arrays()),), {"nan": draw(st.sampled_from([0.0, -1.0])), "posinf": draw(st.sampled_from([None, 5.0]))}


@case(ops.round)
def _(draw):
    decimals = draw(st.integers(-1, 2))
    x = draw(arrays(domain=STEPS))
    return (x / 10.0**decimals,), {"decimals": decimals}


@case(ops.sinc)
def _(draw):
    x = draw(arrays())
    return (np.where(np.abs(x) < 0.3, 0, x),), {}


@case(ops.sinc_derivative)
def _(draw):
    return (draw(arrays()), draw(st.integers(0, 3))), {}


@case(ops.power, "negative base")
def _(draw):
    a, b = draw(broadcastable(2))
    return (draw(arrays(a, Domain(-3, 3, avoid=(0,)))), np.random.default_rng(draw(st.integers(0, 99))).integers(0, 4, b)), {}


@case(ops.power, "number")
def _(draw):
    return (draw(arrays(domain=Domain(-3, 3, avoid=(0,)))), draw(st.sampled_from([0, 1, 2, 3, 2.0, -1.0, -2]))), {}


@case(ops.power, "root")
def _(draw):
    return (draw(arrays(domain=Domain(0.2, 4))), draw(st.sampled_from([0.5, 1.5, -0.5]))), {}


@case(ops.power)
def _(draw):
    a, b = draw(broadcastable(2))
    return (draw(arrays(a, Domain(0.2, 4))), draw(arrays(b))), {}
