"""How SciPy's functions of matrices are called in tests: on matrices near twice the identity, which have logarithms and roots."""

import numpy as np
from hypothesis import strategies as st

from autograd.scipy import matrix_functions as functions
from autograd.scipy.structured import banded_solution, triangular_solution
from autograd.testing.cases import case
from tests.cases.linalg import field, generator, numbers

one_batch = st.sampled_from([(), (), (), (2,), (0,)])


def near_identity(draw, n=None, kind=None, batch=None, size=2.0):
    n = draw(st.integers(0, 2)) if n is None else n
    batch = draw(one_batch) if batch is None else batch
    return size * np.eye(n) + 0.2 * numbers(generator(draw), (*batch, n, n), kind or draw(field))


def kind_of(x):
    return "complex" if x.dtype.kind == "c" else "real"


for f in (functions.expm, functions.sqrtm):
    @case(f, tolerance=1e-7)
    def _(draw):
        return (near_identity(draw, size=1.0),), {}


@case(functions.logm, tolerance=1e-7)
def _(draw):
    return (near_identity(draw, draw(st.sampled_from([0, 2]))),), {}  # the law of kinks would make a single element zero


@case(functions.solve_sylvester, tolerance=1e-7)
def _(draw):
    m, n, kind, batch = 2, draw(st.integers(0, 1)), draw(field), draw(one_batch)
    q = numbers(generator(draw), (*batch, m, n), kind)
    return (near_identity(draw, m, kind, batch), near_identity(draw, n, kind, batch), q), {}


@case(triangular_solution, tolerance=1e-7)
def _(draw):
    a = near_identity(draw, draw(st.integers(1, 3)))
    b = numbers(generator(draw), (*a.shape[:-1], draw(st.integers(1, 2))), kind_of(a))
    return (a, b), {"trans": draw(st.integers(0, 2)), "lower": draw(st.booleans()), "unit_diagonal": draw(st.booleans())}


@case(banded_solution, tolerance=1e-7)
def _(draw):
    below, above, n = draw(st.integers(0, 2)), draw(st.integers(0, 1)), 3
    ab = 0.2 * numbers(generator(draw), (below + above + 1, n), draw(field))
    ab[above] += 2
    return (ab, numbers(generator(draw), (n, 2), kind_of(ab)), below, above), {}
