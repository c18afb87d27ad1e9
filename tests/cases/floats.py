"""How the operations that take numbers apart are called in tests."""

import numpy as np
from hypothesis import strategies as st

from autograd import ops
from autograd.ops.elementwise import STEPS
from autograd.ops.floats import BETWEEN_POWERS
from autograd.primitive import Domain
from autograd.testing.cases import case
from autograd.testing.strategies import arrays, broadcastable


@case(ops.frexp)
def _(draw):
    return (draw(arrays(domain=BETWEEN_POWERS)) * 2.0 ** draw(st.integers(-3, 3)),), {}


@case(ops.modf)
def _(draw):
    return (draw(arrays(domain=STEPS)),), {}


@case(ops.ldexp)
def _(draw):
    a, b = draw(broadcastable(2))
    n = np.random.default_rng(draw(st.integers(0, 2**32 - 1))).integers(-3, 4, b)
    return (draw(arrays(a)), n), {}


@case(ops.divmod)
def _(draw):
    a, b = draw(broadcastable(2))
    return (draw(arrays(a, Domain(0.1, 0.9))), draw(arrays(b, Domain(1.0, 3.0)))), {}
