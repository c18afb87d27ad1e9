"""Where are the fast ways to the same numbers?

An operation's meaning stands in `ops/`; a kernel computes the same faster. Here is the one place that chooses which: oneDNN's where
it is found, wanted, able, and worth the call, and NumPy's otherwise.

active.py   is oneDNN in use?
memory.py   why large arrays are slow to make
half.py     float16, multiplied as float32
layout.py   how images lie in memory
numpy.py    always there: NumPy, arranged so that the processor's caches and its matrix multiplication are used well
onednn/     a library for float32, where it is installed

Read next: `active.py`.
"""

from __future__ import annotations

from math import prod
from typing import Any

from numpy import ndarray

from autograd.kernels import active, numpy
from autograd.kernels.active import library_for
from autograd.kernels.half import product, rounded_once  # noqa: F401


@rounded_once
def conv(x: Any, w: Any, b: Any, axes: Any, groups: int) -> Any:
    """y[n, o, i] = b[o] + sum over c, k of x[n, c, i stride + k dilation - lo] w[o, c, k]."""
    y = None
    if (library := library_for(len(x) * w.size * prod([axis.out for axis in axes]), active.PRODUCTS, x, w, b)) is not None:
        from autograd.kernels.onednn import convolution

        y = convolution.conv(library, x, w, b, axes, groups)
    return numpy.conv(x, w, b, axes, groups) if y is None else y


@rounded_once
def conv_transpose(y: Any, w: Any, b: Any, axes: Any, groups: int) -> Any:
    """x[n, c, i stride + k dilation - lo] = b[c] + sum over o, k of y[n, o, i] w[o, c, k]."""
    x = None
    if (library := library_for(len(y) * w.size * prod([axis.out for axis in axes]), active.PRODUCTS, y, w, b)) is not None:
        from autograd.kernels.onednn import convolution

        x = convolution.conv_transpose(library, y, w, b, axes, groups)
    return numpy.conv_transpose(y, w, b, axes, groups) if x is None else x


@rounded_once
def conv_weight(x: Any, y: Any, axes: Any, groups: int) -> Any:
    """w[o, c, k] = sum over n, i of y[n, o, i] x[n, c, i stride + k dilation - lo]."""
    w = None
    if (library := library_for(y.size * (x.shape[1] // groups) * prod([axis.size for axis in axes]), active.PRODUCTS, x, y)) is not None:
        from autograd.kernels.onednn import convolution

        w = convolution.conv_weight(library, x, y, axes, groups)
    return numpy.conv_weight(x, y, axes, groups) if w is None else w


# ---- normalisation; what NumPy does instead stands in `ops/normalization.py` -------------------------------------------


def moments(x: Any, axis: Any) -> Any:
    """(mean, variance) along the axes, or None if no kernel is faster than NumPy."""
    if (library := library_for(x.size, active.ELEMENTS, x)) is None:
        return None
    from autograd.kernels.onednn import normalization

    return normalization.moments(library, x, axis)


def normalise(x: Any, weight: Any, bias: Any, measured: Any, axis: Any, eps: float) -> Any:
    """(y, mean, 1 / sqrt(variance + eps)), or None."""
    if (library := library_for(x.size, active.ELEMENTS, x, weight, bias, measured)) is None:
        return None
    from autograd.kernels.onednn import normalization

    return normalization.normalise(library, x, weight, bias, measured, axis, eps)


def normalise_to_x(g: Any, x: Any, weight: Any, m: Any, r: Any, axis: Any) -> Any:
    """The gradient by x, or None. Those by weight and bias are computed along with it, for `normalise_to_parameter`."""
    if (library := library_for(x.size, active.ELEMENTS, g, x, weight, m, r)) is None:
        return None
    from autograd.kernels.onednn import normalization

    gradients = normalization.normalise_back(library, g, x, weight, m, r, axis)
    if gradients is None:
        return None
    normalization.FOUND.put(g, x, *gradients[1:])
    return gradients[0]


def normalise_to_parameter(g: Any, x: Any, shape: tuple[int, ...], which: str) -> Any:
    """The gradient by 'weight' or 'bias', in this shape, if it was computed along with the one by x; or None."""
    if x.size < active.ELEMENTS or active.SWITCH.library is None or not active.SWITCH.wanted:
        return None
    from autograd.kernels.onednn import normalization

    found = normalization.FOUND.take(g, x, 2 if which == "weight" else 3)
    return None if found is None or found.size != prod(shape) else found.reshape(shape)


# ---- element by element; NumPy's way stands in `ops/elementwise.py` -----------------------------------------------------


def relu(x: Any) -> Any:
    """max(x, 0), or None."""
    if x.__class__ is not ndarray or (library := library_for(x.size, active.ELEMENTS, x)) is None:
        return None
    from autograd.kernels.onednn import elementwise

    return elementwise.relu(library, x)


def relu_to_x(g: Any, y: Any) -> Any:
    """g * (y > 0), or None."""
    if y.__class__ is not ndarray or (library := library_for(y.size, active.ELEMENTS, g, y)) is None:
        return None
    from autograd.kernels.onednn import elementwise

    return elementwise.relu_to_x(library, g, y)
