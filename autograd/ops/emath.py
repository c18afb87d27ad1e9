"""Roots and logarithms of negative numbers, and the like: principal values, which are complex where they must be.

They are `numpy.emath` (`numpy.lib.scimath`): if one element of x lies where the real function is not defined, all of x becomes
complex. Otherwise they are the real functions.

Read next: `samples.py`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.ops.elementwise import arctanh, log, log2, log10, power, sqrt
from autograd.ops.shapes import as_array, floating
from autograd.primitive import UNIT, primitive


def complex_of(dtype: Any) -> Any:
    """The complex dtype for numbers of this one, as NumPy's emath chooses it."""
    dtype = np.dtype(dtype)
    return np.complex64 if dtype.char in "efbhBHF" else np.complex128


@primitive(x=lambda g: g)
def complex_outside(x: Any, low: float, high: float) -> Any:
    """x, as complex numbers if one element of it is not in [low, high]."""
    x = as_array(x)
    return x if x.dtype.kind == "c" or not ((x < low) | (x > high)).any() else x.astype(complex_of(x.dtype))[()]


def defined(x: Any, low: float = 0.0, high: float = np.inf) -> Any:
    return complex_outside(floating(x), low, high)


def principal_sqrt(x: Any) -> Any:
    """The square root; of a negative number i sqrt(-x)."""
    return sqrt(defined(x))


def principal_log(x: Any) -> Any:
    """The natural logarithm; of a negative number log(-x) + i pi."""
    return log(defined(x))


def principal_log2(x: Any) -> Any:
    """The logarithm to base 2; of a negative number complex."""
    return log2(defined(x))


def principal_log10(x: Any) -> Any:
    """The logarithm to base 10; of a negative number complex."""
    return log10(defined(x))


def principal_logn(n: Any, x: Any) -> Any:
    """The logarithm of x to base n."""
    return log(defined(x)) / log(defined(n))


@primitive(p=None)
def float_below_zero(p: Any) -> Any:
    """Integers p, as floating-point numbers if one of them is negative."""
    return p * 1.0 if np.any(p < 0) else p


def principal_power(x: Any, p: Any) -> Any:
    """x ** p; for negative x exp(p log(x)), complex. Integers stay integers where p is not negative."""
    if isinstance(p, int):
        p = p * 1.0 if p < 0 else p
    elif as_array(p).dtype.kind in "biu":
        p = float_below_zero(as_array(p))
    return power(complex_outside(as_array(x), 0.0, np.inf), p)


# Beyond 1, sqrt(1 - x * x) is on the wrong side of the cut; and of 1 - x the imaginary part would be 0 and not -0.
full_arccos = primitive(np.arccos, name="full_arccos", x=lambda g, x: -g / (sqrt(-(x - 1)) * sqrt(x + 1)), domain=UNIT)
full_arcsin = primitive(np.arcsin, name="full_arcsin", x=lambda g, x: g / (sqrt(-(x - 1)) * sqrt(x + 1)), domain=UNIT)


def principal_arccos(x: Any) -> Any:
    """The angle whose cosine is x; complex for |x| > 1."""
    return full_arccos(defined(x, -1.0, 1.0))


def principal_arcsin(x: Any) -> Any:
    """The angle whose sine is x; complex for |x| > 1."""
    return full_arcsin(defined(x, -1.0, 1.0))


def principal_arctanh(x: Any) -> Any:
    """The number whose hyperbolic tangent is x; complex for |x| > 1."""
    return arctanh(defined(x, -1.0, 1.0))
