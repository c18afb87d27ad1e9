"""How the functions of polynomials are called in tests."""

import numpy as np
from hypothesis import strategies as st

from autograd import ops
from autograd.ops import polynomials
from autograd.primitive import POSITIVE, Domain
from autograd.testing.cases import case
from autograd.testing.strategies import arrays


def coefficients(draw, least=1, most=5):
    """Coefficients of which the first is not small."""
    p = np.array(draw(arrays(min_dims=1, max_dims=1, min_side=least, max_side=most)))
    p[:1] = np.where(p[:1] < 0, p[:1] - 1, p[:1] + 1)
    return p


for f in (ops.polyadd, ops.polysub, ops.polymul):
    @case(f)
    def _(draw):
        return (coefficients(draw), coefficients(draw)), {}


@case(ops.polydiv)
def _(draw):
    return (coefficients(draw), coefficients(draw, most=3)), {}


@case(polynomials.not_negligible)
def _(draw):
    return (np.concatenate([np.zeros(draw(st.integers(0, 2))), coefficients(draw)]),), {}


@case(ops.polyder)
def _(draw):
    return (coefficients(draw),), {"m": draw(st.integers(0, 3))}


@case(ops.polyint)
def _(draw):
    m = draw(st.integers(0, 3))
    return (coefficients(draw), m, *draw(st.sampled_from([(), (draw(arrays(shape=(m,))),), (1.5,)]))), {}


@case(ops.polyval)
def _(draw):
    return (draw(arrays(min_dims=1, max_dims=1)), draw(arrays())), {}


@case(ops.vander)
def _(draw):
    return (draw(arrays(min_dims=1, max_dims=1)),), {"N": draw(st.sampled_from([None, 0, 1, 2, 4])), "increasing": draw(st.booleans())}


def with_roots(draw):
    """The coefficients of a polynomial with simple real roots, apart from each other."""
    n = draw(st.integers(1, 4))
    return np.poly(np.arange(n) * 1.5 - 1.2 + draw(arrays(shape=(n,), domain=Domain(-0.3, 0.3)))) * np.array([2.0])


@case(ops.roots, tolerance=1e-6)
def _(draw):
    return (with_roots(draw),), {}


@case(polynomials.real_if_paired)
def _(draw):
    zeros = draw(arrays(shape=(3,))) + 1j
    return (np.poly(zeros), draw(st.sampled_from([zeros, np.array([1 + 2j, 1 - 2j, 3])]))), {}


@case(ops.poly)
def _(draw):
    return (draw(arrays(min_dims=1, max_dims=1, min_side=1)),), {}


for f in (ops.poly, ops.characteristic):
    @case(f, "matrix")
    def _(draw):
        n = draw(st.integers(1, 4))
        return (draw(arrays(shape=(n, n))),), {}


@case(ops.polyfit, tolerance=1e-6)
def _(draw):
    n = 5
    x = np.linspace(-2, 2, n) + draw(arrays(shape=(n,), domain=Domain(-0.2, 0.2)))
    y = draw(arrays(shape=draw(st.sampled_from([(n,), (n, 2)]))))
    weights = draw(st.one_of(st.none(), arrays(shape=(n,), domain=POSITIVE)))
    return (x, y, draw(st.integers(0, 2)), None, False, weights), {}


@case(ops.polyfit, "covariance", tolerance=1e-6)
def _(draw):
    n = 4
    x = np.linspace(-2, 2, n) + draw(arrays(shape=(n,), domain=Domain(-0.2, 0.2)))
    y = draw(arrays(shape=draw(st.sampled_from([(n,), (n, 2)]))))
    return (x, y, 1), {"cov": draw(st.sampled_from([True, "unscaled"]))}
