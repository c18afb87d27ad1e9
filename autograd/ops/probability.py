r"""Functions of probability and information: x log y and the entropies made of it, and the normal distribution.

The normal distribution's values are SciPy's (`pip install "onetape[scipy]"`), its derivatives are here.

Read next: `incomplete.py`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.ops.elementwise import exp, log, log1p
from autograd.ops.special import scipy_special
from autograd.primitive import REAL, UNIT, Domain, primitive

# ---- x log y ------------------------------------------------------------------------------------------------------


def in_its_kind(y: Any, z: Any) -> Any:
    """y = f(z), a number of Python's where z is one, which leaves float32 as it is."""
    return float(y) if z.__class__ in (int, float) else y


def product(x: Any, log_z: Any) -> Any:
    """x * log_z, and 0 where x = 0, unless log_z is not a number."""
    with np.errstate(invalid="ignore"):
        return np.where((x == 0) & ~np.isnan(log_z), 0, x * log_z).astype(np.result_type(x, log_z), copy=False)[()]


def xlogy_to_x(g: Any, z: Any) -> Any:
    """g log(z)."""
    return g * in_its_kind(log(z), z)


@primitive(x=xlogy_to_x, z=lambda g, x, z: g * x / (z + (x == 0) * (z == 0)), broadcasts=True, pointwise=True,
           domain={"x": REAL, "z": Domain(0.2, 4.0)})
def xlogy(x: Any, z: Any) -> Any:
    """x log(z), and 0 where x = 0, even at z = 0."""
    with np.errstate(divide="ignore"):
        return product(x, in_its_kind(np.log(z), z))


def xlog1py_to_x(g: Any, z: Any) -> Any:
    """g log(1 + z)."""
    return g * in_its_kind(log1p(z), z)


@primitive(x=xlog1py_to_x, z=lambda g, x, z: g * x / (1 + z + (x == 0) * (z == -1)), broadcasts=True, pointwise=True,
           domain={"x": REAL, "z": UNIT})
def xlog1py(x: Any, z: Any) -> Any:
    """x log(1 + z), and 0 where x = 0, even at z = -1."""
    with np.errstate(divide="ignore"):
        return product(x, in_its_kind(np.log1p(z), z))


def entr(x: Any) -> Any:
    """-x log(x), a term of an entropy, for x >= 0; 0 at x = 0."""
    return -xlogy(x, x)


def rel_entr(x: Any, y: Any) -> Any:
    """x log(x / y), a term of the divergence of x from y, for x >= 0 and y > 0; 0 at x = 0."""
    return xlogy(x, x) - xlogy(x, y)


def kl_div(x: Any, y: Any) -> Any:
    """x log(x / y) - x + y, which is never negative."""
    return rel_entr(x, y) - x + y


# ---- the normal distribution --------------------------------------------------------------------------------------


@primitive(x=lambda g, x: g * exp(-x * x / 2) / math.sqrt(2 * math.pi), pointwise=True)
def ndtr(x: Any) -> Any:
    """The share of the standard normal distribution below x: its distribution function."""
    return scipy_special().ndtr(x)


@primitive(x=lambda g, y, x: g * exp(-x * x / 2 - y) / math.sqrt(2 * math.pi), pointwise=True)
def log_ndtr(x: Any) -> Any:
    """log(ndtr(x)), where ndtr itself would underflow."""
    return scipy_special().log_ndtr(x)


@primitive(p=lambda g, y: g * exp(y * y / 2) * math.sqrt(2 * math.pi), domain=Domain(0.05, 0.95), pointwise=True)
def ndtri(p: Any) -> Any:
    """The y with ndtr(y) = p: the quantiles of the standard normal distribution."""
    return scipy_special().ndtri(p)
