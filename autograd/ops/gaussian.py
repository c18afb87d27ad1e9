"""What is a relu without a corner?

    gelu(x) = x Phi(x),   Phi(x) = (1 + erf(x / sqrt(2))) / 2

x, times the share of a normal distribution that lies below x: 0 far on the left, x far on the right. (Hendrycks & Gimpel 2016.) With
phi = Phi', its slope is Phi(x) + x phi(x). Composed of primitives it would go over an array six times, and keep four of them; as one
operation it keeps x, and a block of elements stays in the cache while all is done to it.

Read next: `decaying.py`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd import kernels
from autograd.ops.shapes import floating
from autograd.ops.special import BLOCK, erf, erf_of
from autograd.primitive import primitive

ROOT, DENSITY = math.sqrt(0.5), 1 / math.sqrt(2 * math.pi)


def gelu_of(x: Any) -> Any:
    """x Phi(x), in the memory of one array."""
    y = erf_of(x * ROOT)
    y += 1
    y *= 0.5
    y *= x
    return y


def slope_of(g: Any, x: Any) -> Any:
    """g (Phi(x) + x phi(x)), in the memory of two arrays."""
    share = erf_of(x * ROOT)
    share += 1
    share *= 0.5
    dx = x * x
    dx *= -0.5
    np.exp(dx, out=dx)
    dx *= x
    dx *= DENSITY
    dx += share
    dx *= g
    return dx


def in_blocks(f: Callable[..., Any], *arrays: Any) -> Any:
    """f of arrays of one shape and memory order, some elements at a time; None if they are not that."""
    last = arrays[-1]
    y = np.empty_like(last)
    if last.dtype.kind != "f" or any(a.__class__ is not np.ndarray or a.dtype != y.dtype or a.strides != y.strides or a.shape != y.shape
                                     for a in arrays):
        return None
    *flat, result = (a.ravel("K") for a in (*arrays, y))  # views: there are no gaps
    for i in range(0, y.size, BLOCK):
        result[i: i + BLOCK] = f(*[a[i: i + BLOCK] for a in flat])
    return y if y.ndim else y[()]


def gelu_definition(x: Any) -> Any:
    """The same from its parts: the error function, a sum and a product."""
    return 0.5 * (1 + erf(x * ROOT)) * x


def gelu_to_x(g: Any, x: Any) -> Any:
    """g (Phi(x) + x phi(x)), with the normal distribution Phi and its density phi. Recorded passes use the definition."""
    dx = kernels.gelu_to_x(g, x)
    if dx is None and g.__class__ is x.__class__ is np.ndarray:
        dx = in_blocks(slope_of, g, x)
    return g * (0.5 * (1 + erf(x * ROOT)) + x * np.exp(-0.5 * x * x) * DENSITY) if dx is None else dx


@primitive(x=gelu_to_x, pointwise=True, definition=gelu_definition)
def gelu(x: Any) -> Any:
    """x Phi(x), with the normal distribution function Phi.

    >>> import numpy as np
    >>> from autograd.ops import gelu
    >>> gelu(np.array([-1.0, 0.0, 1.0])).round(4)
    array([-0.1587,  0.    ,  0.8413])
    """
    x = floating(x)
    y = kernels.gelu(x)
    if y is None and x.__class__ is np.ndarray:
        y = in_blocks(gelu_of, x)
    return gelu_definition(x) if y is None else y
