r"""Special functions that decay, or are scaled so that they do: Bessel functions, exponential integrals, erfcx, 1 / gamma.

The values are SciPy's (`pip install "onetape[scipy]"`), the derivatives are here. An order v is a constant.

Read next: `probability.py`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.ops.elementwise import exp, sign
from autograd.ops.shapes import real
from autograd.ops.special import digamma, scipy_special
from autograd.primitive import NONZERO, POSITIVE, primitive

# ---- Bessel functions ---------------------------------------------------------------------------------------------


@primitive(x=lambda g, x: -g * k1(x), domain=POSITIVE, pointwise=True)
def k0(x: Any) -> Any:
    """The modified Bessel function of the second kind, of order 0."""
    return scipy_special().k0(x)


@primitive(x=lambda g, x: -g * (k0(x) + kv(2, x)) / 2, domain=POSITIVE, pointwise=True)
def k1(x: Any) -> Any:
    """The modified Bessel function of the second kind, of order 1."""
    return scipy_special().k1(x)


@primitive(v=None, x=lambda g, v, x: -g * (kv(v - 1, x) + kv(v + 1, x)) / 2,
           broadcasts=True, domain=POSITIVE, pointwise=True, constants=("v",))
def kv(v: Any, x: Any) -> Any:
    """The modified Bessel function of the second kind, of order v."""
    return scipy_special().kv(v, x)


kn = kv


@primitive(v=None, x=lambda g, y, v, x: g * (ive(v - 1, x) + ive(v + 1, x)) / 2 - real(g * y) * sign(real(x)), broadcasts=True,
           domain=NONZERO, pointwise=True, constants=("v",))
def ive(v: Any, x: Any) -> Any:
    """exp(-|Re x|) iv(v, x): the modified Bessel function of the first kind, scaled so that it does not overflow."""
    return scipy_special().ive(v, x)


def i0e(x: Any) -> Any:
    """exp(-|x|) i0(x)."""
    return ive(0, x)


def i1e(x: Any) -> Any:
    """exp(-|x|) i1(x)."""
    return ive(1, x)


# ---- integrals of exp ---------------------------------------------------------------------------------------------


@primitive(x=lambda g, y, x: g * (2 * x * y - 2 / math.sqrt(math.pi)), pointwise=True)
def erfcx(x: Any) -> Any:
    """exp(x^2) erfc(x), where erfc itself would underflow."""
    return scipy_special().erfcx(x)


@primitive(x=lambda g, y, x: g * (1 - 2 * x * y), pointwise=True)
def dawsn(x: Any) -> Any:
    """exp(-x^2) times the integral of exp(t^2) from 0 to x: Dawson's integral."""
    return scipy_special().dawsn(x)


@primitive(x=lambda g, x: -g * exp(-x) / x, domain=POSITIVE, pointwise=True)
def exp1(x: Any) -> Any:
    """The integral of exp(-t) / t from x to infinity."""
    return scipy_special().exp1(x)


@primitive(x=lambda g, x: g * exp(x) / x, domain=NONZERO, pointwise=True)
def expi(x: Any) -> Any:
    """The integral of exp(t) / t from -infinity to x (its principal value)."""
    return scipy_special().expi(x)


# ---- gamma --------------------------------------------------------------------------------------------------------


@primitive(x=lambda g, x: g * rgamma(x + 1) * (1 - x * digamma(x + 1)), domain=POSITIVE, pointwise=True)
def rgamma(x: Any) -> Any:
    """1 / gamma(x), which is 0 at 0, -1, -2, ... (Its rule is right at 0 too, but not at -1, -2, ...)"""
    return scipy_special().rgamma(x)


@primitive(x=None)
def gammasgn(x: Any) -> Any:
    """The sign of gamma(x), where gammaln is the logarithm of its size."""
    return np.asarray(scipy_special().gammasgn(x))[()]
