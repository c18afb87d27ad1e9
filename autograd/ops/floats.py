"""Operations that take numbers apart, and put them together: into a whole and a fraction, into mantissa and exponent.

    x = mantissa * 2^exponent, with 1/2 <= |mantissa| < 1        frexp and ldexp
    x = fraction + whole                                         modf
    a = quotient * b + remainder                                 divmod

Wholes, exponents and quotients are steps: their gradient is zero, or they are integers and have none.

Read next: `emath.py`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.ops.constants import zeros_like
from autograd.ops.elementwise import STEPS, floor_divide, remainder, trunc
from autograd.primitive import Domain, primitive

BETWEEN_POWERS = Domain(1.05, 1.95)


@primitive(x=None, domain=BETWEEN_POWERS)
def exponent_of(x: Any) -> Any:
    """The exponent, an integer, with which x = mantissa * 2^exponent and 1/2 <= |mantissa| < 1."""
    return np.frexp(x)[1]


@primitive(x=lambda g, x: ldexp(g, -exponent_of(x)), domain=BETWEEN_POWERS)
def mantissa(x: Any) -> Any:
    """x / 2^exponent, between 1/2 and 1 in size."""
    return np.frexp(x)[0]


def frexp(x: Any) -> tuple[Any, Any]:
    """The mantissa of x and its exponent: x = mantissa * 2^exponent."""
    return mantissa(x), exponent_of(x)


@primitive(x=lambda g, n: ldexp(g, n), n=None, broadcasts=True, linear=True)
def ldexp(x: Any, n: Any) -> Any:
    """x * 2^n, for integers n."""
    return np.ldexp(x, n)


@primitive(x=lambda g: g, domain=STEPS)
def fraction(x: Any) -> Any:
    """What is left of x without its whole part, with its sign."""
    return np.modf(x)[0]


def modf(x: Any) -> tuple[Any, Any]:
    """The fraction of x and its whole part, both with its sign."""
    return fraction(x), trunc(x)


def divmod(a: Any, b: Any) -> tuple[Any, Any]:
    """The quotient of a and b, rounded down, and the remainder."""
    return floor_divide(a, b), remainder(a, b)


nextafter = primitive(np.nextafter, a=lambda g: g, b=lambda g: zeros_like(g), broadcasts=True)
spacing = primitive(np.spacing, x=lambda g: zeros_like(g), domain=BETWEEN_POWERS)
