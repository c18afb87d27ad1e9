"""How a differential equation is solved in tests: y' = f(y, t, p) for two times, by its vector of start, times and parameters."""

import numpy as np

from autograd.primitive import Domain
from autograd.scipy import integrate
from autograd.testing.cases import case
from autograd.testing.strategies import arrays
from autograd.tree import flatten


def decay(y, t, p):
    return -p * y * (1 + t)


# The solver is asked for all it can do, over a time so short that it takes few steps: the laws are held to eight digits as elsewhere,
# and the backward pass, whose steps depend on the cotangent, is linear in it to ten.
@case(integrate.trajectory)
def _(draw):
    y, t, p = draw(arrays(shape=(3,), domain=Domain(0.3, 0.9)))
    equation = integrate.Equation(decay, False, [None], flatten((0.0,))[1], [0], [(1,), (2,), ()], {"rtol": 1e-12, "atol": 1e-12})
    return (np.array([y, 0.0, t / 100, p]), equation), {}
