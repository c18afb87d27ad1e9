"""How the incomplete integrals, entropies and decaying functions are called in tests that need words."""

from hypothesis import strategies as st

from autograd import ops
from autograd.ops import incomplete
from autograd.primitive import POSITIVE, Domain
from autograd.testing.cases import case
from autograd.testing.strategies import arrays


@case(ops.kv)
def _(draw):
    return (draw(st.integers(0, 3)), draw(arrays(domain=POSITIVE))), {}


@case(ops.ive)
def _(draw):
    return (draw(st.integers(0, 3)), draw(arrays(domain=POSITIVE))), {}


for f in (ops.i0e, ops.i1e, ops.entr):
    @case(f)
    def _(draw):
        return (draw(arrays(domain=POSITIVE)),), {}

for f in (ops.rel_entr, ops.kl_div, ops.stdtr):
    @case(f)
    def _(draw):
        x = draw(arrays(domain=POSITIVE))
        return (x, draw(arrays(shape=x.shape, domain=Domain(5.0, 8.0)))), {}


few = {"max_dims": 1, "max_side": 1}


@case(incomplete.gammainc_slope)
def _(draw):
    a = draw(arrays(domain=POSITIVE, **few))
    return (a, draw(arrays(shape=a.shape, domain=POSITIVE))), {"order": draw(st.integers(1, 3))}


@case(incomplete.student_share)
def _(draw):
    w = draw(arrays(**few))
    return (w, draw(arrays(shape=w.shape, domain=POSITIVE))), {"order": draw(st.integers(0, 3))}


@case(incomplete.betainc_slope)
def _(draw):
    a = draw(arrays(domain=POSITIVE, **few))
    x = draw(arrays(shape=a.shape, domain=incomplete.SHARE))
    return (a, draw(arrays(shape=a.shape, domain=POSITIVE)), x), {"n": draw(st.integers(0, 2)), "m": draw(st.integers(1, 2))}


@case(incomplete.betainc)
def _(draw):
    a = draw(arrays(domain=POSITIVE, **few))
    return (a, draw(arrays(domain=POSITIVE, shape=a.shape[1:])), draw(arrays(shape=a.shape, domain=incomplete.SHARE))), {}
