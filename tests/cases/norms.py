"""How the norms are called in tests."""

import numpy as np
from hypothesis import strategies as st

from autograd import ops
from autograd.primitive import NONZERO, Domain
from autograd.testing.cases import case
from autograd.testing.strategies import arrays, axes, axis

APART = Domain(0.3, 4.0)


@case(ops.p_norm)
def _(draw):
    x = draw(arrays(domain=NONZERO, min_side=1))
    return (x, draw(st.sampled_from([2, 3, 1.5, 4, -2]))), {"axis": draw(axes(x.ndim)), "keepdims": draw(st.booleans())}


@case(ops.vector_norm)
def _(draw):
    x = draw(arrays(domain=draw(st.sampled_from([APART, Domain(-4.0, -0.3)])), min_side=1, distinct=True))
    return (x,), {"ord": draw(st.sampled_from([2, 1, 3, 0.5, np.inf, -np.inf])), "axis": draw(axes(x.ndim)),
                                                    "keepdims": draw(st.booleans())}


@case(ops.vector_norm, "count")
def _(draw):
    x = draw(arrays(domain=NONZERO))
    return (x,), {"ord": 0, "axis": draw(axes(x.ndim))}


@case(ops.matrix_norm)
def _(draw):
    x = draw(arrays(domain=APART, min_dims=2, min_side=1, distinct=True))
    return (x,), {"ord": draw(st.sampled_from(["fro", 1, -1, np.inf, -np.inf])), "axis": draw(st.sampled_from([(0, 1), (-1, 0), (-2, -1)])),
                  "keepdims": draw(st.booleans())}


@case(ops.norm)
def _(draw):
    x = draw(arrays(domain=APART, min_dims=1, min_side=1, distinct=True))
    return (x, draw(st.sampled_from([None, 1, 2, np.inf]))), {"axis": draw(axis(x.ndim, none=False)), "keepdims": draw(st.booleans())}


@case(ops.norm, "all")
def _(draw):
    return (draw(arrays(domain=NONZERO)),), {}
