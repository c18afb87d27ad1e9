r"""Incomplete gamma and beta functions, and Student's distribution: shares of a whole, differentiable in the shape as well.

    gammainc(a, x)     the share of the integral of t^(a-1) exp(-t) that lies below x
    betainc(a, b, x)   the share of that of t^(a-1) (1-t)^(b-1) from 0 to 1
    stdtr(df, t)       the share of that of (1 + s^2 / df)^(-(df+1)/2)

The values are SciPy's (`pip install "onetape[scipy]"`). The slope in x is the density p, a formula. The slope in a has none, but is
an integral again: d/da of the integral of p is the integral of p d(log p)/da, and each further derivative multiplies p by one more
polynomial in the derivatives of log p (`bell`). One rule of quadrature does them all: seen on the scale where log p is concave
(s = log t, log(t / (1-t)) or asinh(t / sqrt(df))), what lies beyond the limit falls off fast, and 80 points of Gauss see it
to rounding. Of the two sides of the limit the one without the peak is summed, so nothing cancels.

Read next: `integers.py`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.ops.elementwise import arcsinh, exp, log, logaddexp
from autograd.ops.probability import xlog1py, xlogy
from autograd.ops.special import betaln, digamma, gammaln, polygamma, scipy_special
from autograd.primitive import POSITIVE, REAL, Domain, primitive

GAUSS = (np.polynomial.legendre.leggauss(80)[0] + 1) / 2
POINTS, WEIGHTS = GAUSS**3, 1.5 * GAUSS**2 * np.polynomial.legendre.leggauss(80)[1]
"""Gauss's points between 0 and 1, drawn together towards 0, where log p bends."""

SHARE = Domain(0.1, 0.9)

FALL = 45.0
"""Where log p has fallen so far below its value at the limit, what is left is less than rounding."""

# ---- the quadrature -----------------------------------------------------------------------------------------------


def beyond(start: Any, below: Any, log_density: Callable[[Any], Any], factor: Callable[[Any], Any]) -> Any:
    """The integral of exp(log_density) factor from -infinity to `start` where `below` holds; elsewhere minus that from there to infinity.

    log_density falls, and is concave, on the side that is summed. Where the limit is infinite the integral is 0.
    """
    infinite = np.isinf(start)
    start = np.where(infinite, 0, start).astype(start.dtype, copy=False)
    floor, reach = log_density(start) - FALL, np.where(below, -1e-4, 1e-4).astype(start.dtype)
    for _ in range(50):
        short = log_density(start + reach) > floor
        if not short.any():
            break
        reach = np.where(short, 3 * reach, reach)
    total = np.zeros_like(start)
    for part in np.array_split(np.arange(80), min(80, 1 + start.size // 1000)):  # many points at once where there are few limits
        points, weights = (x[part].astype(start.dtype).reshape((-1,) + (1,) * start.ndim) for x in (POINTS, WEIGHTS))
        s = start + reach * points
        total += (weights * np.exp(log_density(s)) * factor(s)).sum(0)
    return np.where(infinite, 0, -reach * total).astype(start.dtype, copy=False)[()]


Orders = dict[tuple[int, int], Any]


def bell(cumulants: Orders, n: int, m: int = 0) -> Any:
    """The factor B of p in its derivative d^n/da^n d^m/db^m p = B p, where cumulants[i, j] is d^i/da^i d^j/db^j log p.

    p' = p c_1 and Leibniz's rule give B_(n+1) = sum over k of (n over k) c_(k+1) B_(n-k), and so for two parameters.
    """
    found: Orders = {(0, 0): 1.0}
    for i, j in orders(n, m)[1:]:
        a, b = (i - 1, j) if i else (0, j - 1)  # differentiated once more by a, or by b
        found[i, j] = sum(math.comb(a, k) * math.comb(b, h) * cumulants[(k + 1, h) if i else (k, h + 1)] * found[a - k, b - h]
                          for k in range(a + 1) for h in range(b + 1))
    return found[n, m]


def orders(n: int, m: int) -> list[tuple[int, int]]:
    """All orders of derivative up to (n, m)."""
    return [(i, j) for i in range(n + 1) for j in range(m + 1)]


def common(x: Any, **orders: Any) -> list[Any]:
    """Arrays of one floating dtype and one shape: x, and parameters a=(value, order), not a number where there is no such derivative."""
    values = [value for value, _ in orders.values()]
    dtype = np.result_type(x, *values, 1.0)
    x, *values = np.broadcast_arrays(*[np.asarray(given, dtype) for given in (x, *values)])
    inside = [value > 0 if order else value >= 0 for value, (_, order) in zip(values, orders.values())]
    return [x, *(np.where(i, value, np.nan).astype(dtype, copy=False) for i, value in zip(inside, values))]


def psi(n: int, a: Any) -> Any:
    """The n-th derivative of digamma: gammaln differentiated n + 1 times. (Where a = 0, p is 0, and any number will do.)"""
    a = a + (a == 0)
    return digamma(a) if n == 0 else polygamma(n, a)


def log_of(x: Any) -> Any:
    """log x; where x = 0, p or its slope is 0 or infinite, and any number will do."""
    return log(x + (x == 0))


# ---- gamma --------------------------------------------------------------------------------------------------------


def gamma_cumulants(a: Any, order: int) -> Orders:
    """The derivatives by a of log p = a log x - x - gammaln(a), without the log x of the first."""
    return {(i, 0): -psi(i - 1, a) for i in range(1, order + 1)}


def gamma_factor(cumulants: Orders, log_x: Any, order: int) -> Any:
    return bell({**cumulants, (1, 0): cumulants[1, 0] + log_x}, order)


def gamma_density(a: Any, x: Any) -> Any:
    """p = x^(a-1) exp(-x) / gamma(a)."""
    return exp(xlogy(a - 1, x) - x - gammaln(a))


@primitive(a=lambda g, a, x, order: g * gammainc_slope(a, x, order + 1),
           x=lambda g, a, x, order: g * gamma_density(a, x) * gamma_factor(gamma_cumulants(a, order), log_of(x), order),
           broadcasts=True, pointwise=True, domain=POSITIVE)
def gammainc_slope(a: Any, x: Any, order: int = 1) -> Any:
    """The derivative of gammainc(a, x) by a, of the given order, 1 or more."""
    x, a = common(x, a=(a, order))
    normal, cumulants = gammaln(a), gamma_cumulants(a, order)
    with np.errstate(divide="ignore", over="ignore"):
        return beyond(np.log(x), x <= a, lambda s: a * s - np.exp(s) - normal, lambda s: gamma_factor(cumulants, s, order))


@primitive(a=lambda g, a, x: g * gammainc_slope(a, x),
           x=lambda g, a, x: g * gamma_density(a, x), broadcasts=True, pointwise=True, domain=POSITIVE)
def gammainc(a: Any, x: Any) -> Any:
    """1 / gamma(a) times the integral of t^(a-1) exp(-t) from 0 to x: the regularised incomplete gamma function."""
    return scipy_special().gammainc(a, x)


@primitive(a=lambda g, a, x: -g * gammainc_slope(a, x),
           x=lambda g, a, x: -g * gamma_density(a, x), broadcasts=True, pointwise=True, domain=POSITIVE)
def gammaincc(a: Any, x: Any) -> Any:
    """1 - gammainc(a, x), accurate where that is tiny."""
    return scipy_special().gammaincc(a, x)


# ---- beta ---------------------------------------------------------------------------------------------------------


def beta_cumulants(a: Any, b: Any, n: int, m: int) -> Orders:
    """The derivatives by a and b of log p = a log x + b log(1-x) - betaln(a, b), without the logarithms of x of the first."""
    found = {}
    for i, j in orders(max(n, 1), max(m, 1))[1:]:
        c = psi(i + j - 1, a + b)
        found[i, j] = c - psi(i - 1, a) if j == 0 else c - psi(j - 1, b) if i == 0 else c
    return found


def beta_factor(cumulants: Orders, log_x: Any, log_rest: Any, n: int, m: int) -> Any:
    return bell({**cumulants, (1, 0): cumulants[1, 0] + log_x, (0, 1): cumulants[0, 1] + log_rest}, n, m)


def beta_density(a: Any, b: Any, x: Any) -> Any:
    """p = x^(a-1) (1-x)^(b-1) / beta(a, b)."""
    return exp(xlogy(a - 1, x) + xlog1py(b - 1, -x) - betaln(a, b))


@primitive(a=lambda g, a, b, x, n, m: g * betainc_slope(a, b, x, n + 1, m),
           b=lambda g, a, b, x, n, m: g * betainc_slope(a, b, x, n, m + 1),
           x=lambda g, a, b, x, n, m: g * beta_density(a, b, x) * beta_factor(beta_cumulants(a, b, n, m), log_of(x), log_of(1 - x), n, m),
           broadcasts=True, pointwise=True, domain={"a": POSITIVE, "b": POSITIVE, "x": SHARE})
def betainc_slope(a: Any, b: Any, x: Any, n: int = 1, m: int = 0) -> Any:
    """The derivative of betainc(a, b, x), n times by a and m times by b, at least once in all."""
    x, a, b = common(x, a=(a, n), b=(b, m))
    normal, cumulants = betaln(a, b), beta_cumulants(a, b, n, m)
    with np.errstate(divide="ignore"):
        s = np.log(x) - np.log1p(-x)
    return beyond(s, x * (a + b) <= a, lambda s: a * s - (a + b) * np.logaddexp(0, s) - normal,
                  lambda s: beta_factor(cumulants, s - np.logaddexp(0, s), -np.logaddexp(0, s), n, m))


@primitive(a=lambda g, a, b, x: g * betainc_slope(a, b, x, 1, 0),
           b=lambda g, a, b, x: g * betainc_slope(a, b, x, 0, 1),
           x=lambda g, a, b, x: g * beta_density(a, b, x),
           broadcasts=True, pointwise=True, domain={"a": POSITIVE, "b": POSITIVE, "x": SHARE})
def betainc(a: Any, b: Any, x: Any) -> Any:
    """1 / beta(a, b) times the integral of t^(a-1) (1-t)^(b-1) from 0 to x: the regularised incomplete beta function."""
    return scipy_special().betainc(a, b, x)


# ---- Student ------------------------------------------------------------------------------------------------------


def log_cosh(w: Any) -> Any:
    return logaddexp(w, -w) - math.log(2)


def student_normal(df: Any) -> Any:
    """-log beta(df / 2, 1 / 2)."""
    return gammaln((df + 1) / 2) - gammaln(df / 2) - 0.5 * math.log(math.pi)


def student_density(w: Any, df: Any) -> Any:
    """p = cosh(w)^-df / beta(df / 2, 1 / 2)."""
    return exp(student_normal(df) - df * log_cosh(w))


def student_cumulants(df: Any, order: int) -> Orders:
    """The derivatives by df of log p = -df log cosh w - log beta(df / 2, 1 / 2), without the log cosh w of the first."""
    return {(i, 0): 0.5**i * (psi(i - 1, (df + 1) / 2) - psi(i - 1, df / 2)) for i in range(1, max(order, 1) + 1)}


def student_factor(cumulants: Orders, w: Any, order: int) -> Any:
    return bell({**cumulants, (1, 0): cumulants[1, 0] - log_cosh(w)}, order) if order else 1.0


@primitive(w=lambda g, w, df, order: g * student_density(w, df) * student_factor(student_cumulants(df, order), w, order),
           df=lambda g, w, df, order: g * student_share(w, df, order + 1),
           broadcasts=True, pointwise=True, domain={"w": REAL, "df": POSITIVE})
def student_share(w: Any, df: Any, order: int = 0) -> Any:
    """The share of cosh(w)^-df that lies below w, differentiated by df as often as the order says."""
    if order == 0:
        w, df = (np.asarray(part, np.result_type(w, df)) for part in (w, df))  # a number of Python's takes the other's dtype
        return scipy_special().stdtr(df, np.sinh(w) * np.sqrt(df))
    w, df = common(w, df=(df, order))
    normal, cumulants = student_normal(df), student_cumulants(df, order)
    return beyond(w, w <= 0, lambda w: normal - df * log_cosh(w), lambda w: student_factor(cumulants, w, order))


def stdtr(df: Any, t: Any) -> Any:
    """The distribution function of Student's t with df degrees of freedom, at t. (On the scale w = asinh(t / sqrt(df)).)"""
    return student_share(arcsinh(t / df ** 0.5), df)
