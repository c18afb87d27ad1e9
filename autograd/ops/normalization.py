r"""How is a signal brought to mean 0 and deviation 1?

    mean = mean(x),  var = mean((x - mean)^2),  xhat = (x - mean) / sqrt(var + eps),  y = weight xhat + bias

along some axes; which ones is all that tells batch, layer, instance and group normalisation apart. Both statistics depend on
every element, so the gradient has three terms: what arrives, minus its mean, minus what would change the variance,

    dx = (h - mean(h) - xhat mean(h xhat)) / sqrt(var + eps),   h = weight g

(Ioffe & Szegedy 2015; CS231n assignment 2, `batchnorm_backward_alt`.) Composed of primitives this takes twice
the time (128 x 16 x 32 x 32, forward and backward: 25 ms, and 14 as one operation). What it keeps is x itself, and not xhat.
For float16 all sums and statistics are float32, because squares soon exceed 65504.

Read next: `windows.py`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import kernels
from autograd.kernels.normalization import MEASURED
from autograd.ops.elementwise import sqrt
from autograd.ops.reductions import count, mean
from autograd.ops.shapes import astype, summable
from autograd.primitive import primitive


def real_signal(x: Any) -> Any:
    if x.dtype.kind == "c":
        raise TypeError("normalise: x must be real; the real and imaginary parts of a complex signal depend on each other")
    return x


def summed_product(a: Any, b: Any, shape: tuple[int, ...]) -> Any:
    """sum(a b) over the axes that have length 1 in `shape`, without making the product."""
    labels = list(range(a.ndim))
    return np.reshape(np.einsum(a, labels, b, labels, [i for i in labels if shape[i] != 1]), shape)


@primitive(x=None)
def moments(x: Any, axis: Any = None) -> Any:
    """(mean, variance) along the axes, which stay with length 1: constants of shape (2, ...), for statistics that are kept of a signal."""
    both = kernels.moments(x, axis)
    if both is not None:
        return both
    m = np.mean(summable(real_signal(x)), axis=axis, keepdims=True)
    c = x - m
    return np.stack([m, summed_product(c, c, m.shape) / count(x.shape, axis)])


@primitive(n=None, x=None)
def measured_by(n: Any, x: Any, axis: Any = None) -> Any:
    """`moments(x, axis)`, where n is `normalise(x, ..., axis=axis)`: what that found on its way is not computed a second time.

    >>> import numpy as np
    >>> x = np.array([1.0, 3.0, 5.0])
    >>> measured_by(normalise(x), x).round(3)
    array([[3.   ],
           [2.667]])
    """
    both = MEASURED.take(n, x, axis)
    return moments.forward(x, axis) if both is None else both


def normalise_definition(x: Any, weight: Any = None, bias: Any = None, measured: Any = None, axis: Any = None, eps: float = 1e-5) -> Any:
    """The same from its parts: x - mean(x), by the square root of its mean square + eps, times weight, plus bias."""
    wide = summable(x)
    c = wide - mean(wide, axis, True)
    y = c / sqrt(mean(c * c, axis, True) + eps)
    y = y if weight is None else y * weight
    y = y if bias is None else y + bias
    return y if wide is x else astype(y, x.dtype)


def normalise_to_x(g: Any, x: Any, weight: Any, m: Any, r: Any, axis: Any) -> Any:
    """r (h - mean(h) - xhat mean(h xhat)) with h = weight g. In the memory of one array; recorded passes use the definition."""
    dx = kernels.normalise_to_x(g, x, weight, m, r, axis)
    if dx is not None:
        return dx
    n, g = count(x.shape, axis), summable(g)
    scale = r
    if weight is not None:
        if any(size != 1 for size, reduced in zip(padded(weight.shape, x.ndim), m.shape) if reduced == 1):
            g = g * weight
        else:  # one weight for all that is averaged: it can wait
            scale = r * weight
    dx = x - m
    dx *= summed_product(dx, g, m.shape) * (r * r / -n)
    dx += g
    dx -= np.mean(g, axis=axis, keepdims=True)
    dx *= scale
    return dx


def normalise_to_weight(g: Any, x: Any, weight_shape: tuple[int, ...], m: Any, r: Any) -> Any:
    """sum(g xhat) over all that share a weight."""
    dweight = kernels.normalise_to_parameter(g, x, weight_shape, "weight")
    if dweight is not None:
        return dweight
    c = x - m
    shape = padded(weight_shape, x.ndim)
    if m.shape == shape:
        return np.reshape(summed_product(c, g, shape) * r, weight_shape)
    c *= r
    return np.reshape(summed_product(c, g, shape), weight_shape)


def normalise_to_bias(g: Any, x: Any, bias_shape: tuple[int, ...]) -> Any:
    """sum(g) over all that share a bias."""
    dbias = kernels.normalise_to_parameter(g, x, bias_shape, "bias")
    if dbias is not None:
        return dbias
    axes = tuple([i for i, (one, n) in enumerate(zip(padded(bias_shape, x.ndim), g.shape)) if one == 1 != n])
    return np.reshape(g.sum(axis=axes, keepdims=True) if axes else g, bias_shape)


def padded(shape: tuple[int, ...], ndim: int) -> tuple[int, ...]:
    """A shape with ones in front, up to this number of axes."""
    return (1,) * (ndim - len(shape)) + shape


@primitive(x=normalise_to_x, weight=normalise_to_weight, bias=normalise_to_bias, measured=None, residuals=("m", "r"), broadcasts=True,
           definition=normalise_definition)
def normalise(x: Any, weight: Any = None, bias: Any = None, measured: Any = None, axis: Any = None, eps: float = 1e-5) -> Any:
    """(x - mean) / sqrt(var + eps) * weight + bias, with mean and variance of x along the axes.

    weight, bias:  None, or of a shape that broadcasts against x
    measured:      `moments(x, axis)`, if they are known already: they are not computed a second time
    axis:          an axis, a tuple of axes, or None for all

    >>> import numpy as np
    >>> normalise(np.array([1.0, 3.0, 5.0]), eps=0.0).round(3)
    array([-1.225,  0.   ,  1.225])
    """
    results = kernels.normalise(x, weight, bias, measured, axis, eps)
    if results is not None:
        return results
    real_signal(x)
    if measured is None:
        m = np.mean(summable(x), axis=axis, keepdims=True)
        y = x - m
        v = summed_product(y, y, m.shape) / count(x.shape, axis)
    else:
        m, v = measured
        y = x - m
    r = 1 / np.sqrt(v + np.asarray(eps, v.dtype))
    y *= r if weight is None or m.shape != padded(weight.shape, x.ndim) else r * weight
    if weight is not None and m.shape != padded(weight.shape, x.ndim):
        y *= weight
    if bias is not None:
        y += bias
    y = y.astype(x.dtype) if x.dtype == np.float16 else y
    if measured is None:
        MEASURED.put(y, x, m, v, axis)
    return y, m, r


@primitive(x=lambda g, scale: g * scale, scale=lambda g, x: g * x, shift=lambda g: g, broadcasts=True, linear=True)
def rescale(x: Any, scale: Any, shift: Any) -> Any:
    """x scale + shift: what is left of normalisation when mean and variance are known numbers. In one pass where these are few.

    scale, shift:  of shapes that broadcast against x

    >>> import numpy as np
    >>> rescale(np.array([1.0, 2.0]), 10.0, 1.0)
    array([11., 21.])
    """
    y = kernels.rescale(x, scale, shift)
    return x * scale + shift if y is None else y
