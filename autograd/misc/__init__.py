"""Which helpers of HIPS/autograd's examples are here? (The name of this package is HIPS/autograd's.)

    flatten.py        how do parameters become one vector?
    optimizers.py     sgd, rmsprop and adam as functions of a gradient function (for models, see the package `optim`)
    fixed_points.py   how is an iteration differentiated at its fixed point?
    tracers.py        const_graph: a function that is recorded once and replayed

Read next: `flatten.py`.
"""

from autograd.misc.flatten import flatten
from autograd.misc.tracers import const_graph

__all__ = ["const_graph", "flatten"]
