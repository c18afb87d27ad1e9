r"""The special functions: the error function, gamma functions and Bessel functions.

`erf` and `erfc`, which GELU needs, are here in pure NumPy (W. J. Cody 1969, "Rational Chebyshev approximations for the error
function"): three rational functions, each for one range of |x|, right to the last digit or two. The others ask SciPy for
their values - `pip install "onetape[scipy]"` - and find their derivatives here, at any order.

Read next: `gaussian.py`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from autograd.ops.elementwise import exp, log, log1p
from autograd.primitive import POSITIVE, UNIT, Domain, primitive

# ---- the error function -------------------------------------------------------------------------------------------
# Coefficients from the highest power down, numerator and denominator.

SMALL = ((1.85777706184603153e-1, 3.16112374387056560e0, 1.13864154151050156e2, 3.77485237685302021e2, 3.20937758913846947e3),
         (1.0, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3, 2.84423683343917062e3))
MIDDLE = ((2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594e0, 6.61191906371416295e1, 2.98635138197400131e2,
           8.81952221241769090e2, 1.71204761263407058e3, 2.05107837782607147e3, 1.23033935479799725e3),
          (1.0, 1.57449261107098347e1, 1.17693950891312499e2, 5.37181101862009858e2, 1.62138957456669019e3,
           3.29079923573345963e3, 4.36261909014324716e3, 3.43936767414372164e3, 1.23033935480374942e3))
LARGE = ((1.63153871373020978e-2, 3.05326634961232344e-1, 3.60344899949804439e-1, 1.25781726111229246e-1, 1.60837851487422766e-2,
          6.58749161529837803e-4),
         (1.0, 2.56852019228982242e0, 1.87295284992346047e0, 5.27905102951428412e-1, 6.05183413124413191e-2, 2.33520497626869185e-3))
SINGLE = ((1.96039071e-08, -1.95090938e-06, 1.43809967e-04, 3.80785812e-03, 5.09233026e-02, 2.02583198e-01, 1.1283791),
          (9.79851426e-04, 1.45757782e-02, 1.16094635e-01, 5.12866195e-01, 1.0))  # fitted for erf(x) / x in x^2 up to 3.95^2: 6e-8
SPLIT = 0.46875
BLOCK = 16384  # elements at a time, so that the many passes over them stay in the cache


def ratio(coefficients: tuple[tuple[float, ...], tuple[float, ...]], t: Any) -> Any:
    """A rational function of t by Horner's scheme, in place."""
    values = []
    for first, second, *rest in coefficients:
        value = t * first
        value += second
        for c in rest:
            value *= t
            value += c
        values.append(value)
    return np.divide(values[0], values[1], out=values[0])


def blockwise(f: Callable[[Any], Any], x: Any) -> Any:
    """f on every element, a block of them at a time."""
    x = x if hasattr(x, "dtype") and x.dtype.kind in "fc" else np.add(x, 0.0)
    if x.dtype.kind == "c":
        return getattr(scipy_special(), f.__name__.removesuffix("_of"))(x)
    flat = np.ravel(x)
    y = np.empty_like(flat)
    for start in range(0, flat.size, BLOCK):
        y[start: start + BLOCK] = f(flat[start: start + BLOCK])
    return np.reshape(y, x.shape)[()]


def erf_of(x: Any) -> Any:
    if x.dtype.itemsize <= 4:  # one rational function for single precision: right to 4e-7
        x = np.maximum(np.minimum(x, 3.95), -3.95)
        return np.maximum(np.minimum(x * ratio(SINGLE, x * x), 1), -1)
    z = np.minimum(np.abs(x), 6)  # beyond, erf is 1 to the last digit
    y = 1 - ratio(MIDDLE, z) * np.exp(-z * z)
    return np.copysign(np.where(z <= SPLIT, z * ratio(SMALL, z * z), y), x)


def erfc_of(x: Any) -> Any:
    z = np.minimum(np.abs(x), 30)  # beyond, erfc is 0
    scaled = ratio(MIDDLE, np.minimum(z, 4))  # exp(z^2) erfc(z)
    if (z > 4).any():
        far = np.maximum(z, 4)
        t = 1 / (far * far)
        scaled = np.where(z > 4, (1 / math.sqrt(math.pi) - t * ratio(LARGE, t)) / far, scaled)
    head = np.trunc(z * 16) / 16  # its square is exact: exp(-z^2) without the error of rounding z^2
    y = scaled * np.exp(-head * head) * np.exp((head - z) * (head + z))
    y = np.where(x < 0, 2 - y, y)
    return np.where(z <= SPLIT, 1 - x * ratio(SMALL, np.minimum(z * z, 1)), y)


@primitive(x=lambda g, x: g * (2 / math.sqrt(math.pi)) * exp(-x * x), pointwise=True)
def erf(x: Any) -> Any:
    """2 / sqrt(pi) times the integral of exp(-t^2) from 0 to x: the error function."""
    return blockwise(erf_of, x)


@primitive(x=lambda g, x: -g * (2 / math.sqrt(math.pi)) * exp(-x * x), pointwise=True)
def erfc(x: Any) -> Any:
    """1 - erf(x), accurate where that is tiny."""
    return blockwise(erfc_of, x)


# ---- by SciPy -----------------------------------------------------------------------------------------------------


@cache
def scipy_special() -> Any:
    """SciPy's module of special functions, or an error that says how to get it."""
    try:
        from scipy import special  # type: ignore[import-untyped]
    except ImportError as error:
        raise ImportError('this function has its values from SciPy, which is not installed: pip install "onetape[scipy]"') from error
    return special


@primitive(x=lambda g, y: g * (math.sqrt(math.pi) / 2) * exp(y * y), domain=UNIT, pointwise=True)
def erfinv(x: Any) -> Any:
    """The y with erf(y) = x, for -1 < x < 1."""
    return scipy_special().erfinv(x)


@primitive(x=lambda g, y: -g * (math.sqrt(math.pi) / 2) * exp(y * y), domain=Domain(0.1, 1.9), pointwise=True)
def erfcinv(x: Any) -> Any:
    """The y with erfc(y) = x, for 0 < x < 2."""
    return scipy_special().erfcinv(x)


@primitive(x=lambda g, y, x: g * y * digamma(x), domain=POSITIVE, pointwise=True)
def gamma(x: Any) -> Any:
    """The integral of t^(x-1) exp(-t) from 0 to infinity; (x-1)! at whole numbers."""
    return scipy_special().gamma(x)


@primitive(x=lambda g, x: g * digamma(x), domain=POSITIVE, pointwise=True)
def gammaln(x: Any) -> Any:
    """log |gamma(x)|, where gamma itself would overflow. PyTorch's lgamma."""
    return scipy_special().gammaln(x)


@primitive(x=lambda g, x: g * polygamma(1, x), domain=POSITIVE, pointwise=True)
def digamma(x: Any) -> Any:
    """The derivative of gammaln. SciPy's psi."""
    return scipy_special().psi(x)


@primitive(n=None, x=lambda g, n, x: g * polygamma(n + 1, x), broadcasts=True, pointwise=True, constants=("n",))
def polygamma(n: Any, x: Any) -> Any:
    """The n-th derivative of digamma, n a whole number."""
    y = scipy_special().polygamma(n, x)
    return y.astype(np.result_type(x, np.float16), copy=False)[()]


@primitive(a=lambda g, a, b: g * (digamma(a) - digamma(a + b)), b=lambda g, a, b: g * (digamma(b) - digamma(a + b)), broadcasts=True,
           domain=POSITIVE, pointwise=True)
def betaln(a: Any, b: Any) -> Any:
    """gammaln(a) + gammaln(b) - gammaln(a + b), without the cancellation."""
    return scipy_special().betaln(a, b)


@primitive(a=lambda g, y, a, b: g * y * (digamma(a) - digamma(a + b)), b=lambda g, y, a, b: g * y * (digamma(b) - digamma(a + b)),
           broadcasts=True, domain=POSITIVE, pointwise=True)
def beta(a: Any, b: Any) -> Any:
    """gamma(a) gamma(b) / gamma(a + b)."""
    return scipy_special().beta(a, b)


def multigammaln(a: Any, d: int) -> Any:
    """The logarithm of the d-dimensional gamma function: d (d - 1) / 4 log(pi) + the sum of gammaln(a - j / 2) for j < d."""
    y = gammaln(a) + d * (d - 1) / 4 * math.log(math.pi)
    for j in range(1, d):
        y = y + gammaln(a - j / 2)
    return y


def logit(x: Any) -> Any:
    """log(x / (1 - x)), the inverse of the sigmoid."""
    return log(x) - log1p(-x)


@primitive(x=lambda g, y, x: g * y * expit(-x), pointwise=True)
def expit(x: Any) -> Any:
    """1 / (1 + exp(-x)), the sigmoid, right to the last digit or two where that is tiny. (`sigmoid` is faster, and right to 1e-17.)"""
    x = np.multiply(x, 1.0)
    if x.dtype.kind == "c":
        return 1 / (1 + np.exp(-x))
    e = np.exp(-np.abs(x))
    return np.where(x > 0, 1, e).astype(e.dtype, copy=False)[()] / (1 + e)


lgamma, psi = gammaln, digamma

# ---- Bessel functions: the derivative of one is the difference (or sum) of its neighbours -----------------------------


@primitive(x=lambda g, x: g * i1(x), pointwise=True)
def i0(x: Any) -> Any:
    """The modified Bessel function of the first kind, of order 0."""
    return scipy_special().i0(x)


@primitive(x=lambda g, x: g * (i0(x) + iv(2, x)) / 2, pointwise=True)
def i1(x: Any) -> Any:
    """The modified Bessel function of the first kind, of order 1."""
    return scipy_special().i1(x)


@primitive(v=None, x=lambda g, v, x: g * (iv(v - 1, x) + iv(v + 1, x)) / 2, broadcasts=True, pointwise=True, constants=("v",))
def iv(v: Any, x: Any) -> Any:
    """The modified Bessel function of the first kind, of order v (a constant)."""
    return scipy_special().iv(v, x)


@primitive(x=lambda g, x: -g * j1(x), pointwise=True)
def j0(x: Any) -> Any:
    """The Bessel function of the first kind, of order 0."""
    return scipy_special().j0(x)


@primitive(x=lambda g, x: g * (j0(x) - jv(2, x)) / 2, pointwise=True)
def j1(x: Any) -> Any:
    """The Bessel function of the first kind, of order 1."""
    return scipy_special().j1(x)


@primitive(v=None, x=lambda g, v, x: g * (jv(v - 1, x) - jv(v + 1, x)) / 2, broadcasts=True, pointwise=True, constants=("v",))
def jv(v: Any, x: Any) -> Any:
    """The Bessel function of the first kind, of order v (a constant)."""
    return scipy_special().jv(v, x)


@primitive(x=lambda g, x: -g * y1(x), domain=POSITIVE, pointwise=True)
def y0(x: Any) -> Any:
    """The Bessel function of the second kind, of order 0."""
    return scipy_special().y0(x)


@primitive(x=lambda g, x: g * (y0(x) - yv(2, x)) / 2, domain=POSITIVE, pointwise=True)
def y1(x: Any) -> Any:
    """The Bessel function of the second kind, of order 1."""
    return scipy_special().y1(x)


@primitive(v=None, x=lambda g, v, x: g * (yv(v - 1, x) - yv(v + 1, x)) / 2,
           broadcasts=True, domain=POSITIVE, pointwise=True, constants=("v",))
def yv(v: Any, x: Any) -> Any:
    """The Bessel function of the second kind, of order v (a constant)."""
    return scipy_special().yv(v, x)


jn, yn = jv, yv
