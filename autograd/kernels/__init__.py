"""Where are the fast ways to the same numbers?

An operation's meaning stands in `ops/`; a kernel computes the same faster. Here is the one place that chooses which: oneDNN's where
it is found, wanted, able, and worth the call, and NumPy's otherwise.

active.py   is oneDNN in use?
memory.py   why large arrays are slow to make
address.py  where an array's numbers are
blas.py     what NumPy's own library of products can do besides
half.py     float16, multiplied as float32
multiplication.py  who multiplies matrices?
columns.py  the sums of a narrow matrix's columns
layout.py   how images lie in memory
normalization.py  channels normalised with NumPy alone
groups.py   groups of channels normalised with NumPy alone
pooling.py  windows that become numbers, with NumPy alone
softmax.py  probabilities, with NumPy alone
recurrent.py  sequences of steps, with NumPy alone
sequences.py  who runs a recurrent layer?
numpy.py    always there: NumPy, arranged so that the processor's caches and its matrix multiplication are used well
runs.py     convolution without copying what each window sees
onednn/     a library for float32, where it is installed

Read next: `active.py`.
"""

from __future__ import annotations

from math import prod
from typing import Any

from numpy import add, exp, iinfo, inf, isfinite, maximum, ndarray

from autograd.kernels import active, blas, groups, normalization, numpy, pooling
from autograd.kernels import softmax as scores
from autograd.kernels.active import by_onednn
from autograd.kernels.half import rounded_once
from autograd.kernels.multiplication import product  # noqa: F401

# ---- convolution --------------------------------------------------------------------------------------------------------


@rounded_once
def conv(x: Any, w: Any, b: Any, axes: Any, groups: int) -> Any:
    """y[n, o, i] = b[o] + sum over c, k of x[n, c, i stride + k dilation - lo] w[o, c, k]."""
    work = len(x) * w.size * prod([axis.out for axis in axes])
    y = by_onednn("conv", work, active.PRODUCTS, (x, w, b), x, w, b, axes, groups)
    return numpy.conv(x, w, b, axes, groups) if y is None else y


@rounded_once
def conv_transpose(y: Any, w: Any, b: Any, axes: Any, groups: int) -> Any:
    """x[n, c, i stride + k dilation - lo] = b[c] + sum over o, k of y[n, o, i] w[o, c, k]."""
    work = len(y) * w.size * prod([axis.out for axis in axes])
    x = by_onednn("conv_transpose", work, active.PRODUCTS, (y, w, b), y, w, b, axes, groups)
    return numpy.conv_transpose(y, w, b, axes, groups) if x is None else x


@rounded_once
def conv_weight(x: Any, y: Any, axes: Any, groups: int) -> Any:
    """w[o, c, k] = sum over n, i of y[n, o, i] x[n, c, i stride + k dilation - lo]."""
    work = y.size * (x.shape[1] // groups) * prod([axis.size for axis in axes])
    w = by_onednn("conv_weight", work, active.PRODUCTS, (x, y), x, y, axes, groups)
    return numpy.conv_weight(x, y, axes, groups) if w is None else w


def linear(x: Any, weight: Any, bias: Any) -> Any:
    """x W^T + b, or None."""
    if x.__class__ is not ndarray or weight.__class__ is not ndarray or x.size * len(weight) < active.MULTIPLIED:
        return None
    return by_onednn("matmul", x.size * len(weight), active.MULTIPLIED, (x, weight, bias), x, weight.T, bias)


# ---- normalisation; where there is no faster way, all are None, and `ops/normalization.py` computes ---------------------


def large(*arrays: Any) -> bool:
    """Are they NumPy's, and the first of them worth a kernel?"""
    first = arrays[0]
    return first.__class__ is ndarray and first.size >= active.ELEMENTS and all(a.__class__ is ndarray for a in arrays)


def moments(x: Any, axis: Any) -> Any:
    """(mean, variance) along the axes, or None."""
    if not large(x):
        return None
    both = by_onednn("moments", x.size, active.ELEMENTS, (x,), x, axis)
    return normalization.moments(x, axis) if both is None else both


def normalise(x: Any, weight: Any, bias: Any, measured: Any, axis: Any, eps: float) -> Any:
    """(y, mean, 1 / sqrt(variance + eps)), or None."""
    if not large(x):
        return None
    results = by_onednn("normalise", x.size, active.ELEMENTS, (x, weight, bias, measured), x, weight, bias, measured, axis, eps)
    if results is None:
        results = normalization.normalise(x, weight, bias, measured, axis, eps)
    if results is None:
        given = (x, weight, bias, measured)
        results = by_onednn("normalise_groups", x.size, active.ELEMENTS, given, *given, axis, eps)
    return groups.normalise(x, weight, bias, measured, axis, eps) if results is None else results


def rescale(x: Any, scale: Any, shift: Any) -> Any:
    """x scale + shift for numbers for each channel, or None."""
    if not large(x, scale, shift):
        return None
    y = by_onednn("rescale", x.size, active.ELEMENTS, (x, scale, shift), x, scale, shift)
    return normalization.rescale(x, scale, shift) if y is None else y


def normalise_to_x(g: Any, x: Any, weight: Any, m: Any, r: Any, axis: Any) -> Any:
    """The gradient by x, or None. Those by weight and bias are computed along with it, for `normalise_to_parameter`."""
    if not large(x, g):
        return None
    gradients = by_onednn("normalise_back", x.size, active.ELEMENTS, (g, x, weight, m, r), g, x, weight, m, r, axis)
    if gradients is None:
        gradients = normalization.normalise_back(g, x, weight, m, r, axis)
    if gradients is None:
        given = (g, x, weight, m, r)
        gradients = by_onednn("normalise_groups_back", x.size, active.ELEMENTS, given, *given, axis)
    if gradients is None:
        gradients = groups.normalise_back(g, x, weight, m, r, axis)
    if gradients is None:
        return None
    dx, dweight, dbias = gradients
    normalization.FOUND.put(g, x, dweight, dbias)
    return dx


def normalise_to_parameter(g: Any, x: Any, shape: tuple[int, ...], which: str) -> Any:
    """The gradient by 'weight' or 'bias', in this shape, if it was computed along with the one by x; or None."""
    found = normalization.FOUND.take(g, x, which) if large(x, g) else None
    return None if found is None or found.size != prod(shape) else found.reshape(shape)


# ---- the same function over and over, for `compiler/fusion.py` ---------------------------------------------------------


def bound(name: str, *like: Any) -> Any:
    """What computes oneDNN's function of this name on arrays like these, over and over; or None. It answers None when it cannot any more.

    name, like:  a function of `onednn/bound.py`, and its arguments, of which arrays show their shapes, dtypes and strides
    """
    library = active.library_for(1, 0, *(a for a in like if isinstance(a, ndarray)))
    if library is None or active.left_to_numpy(name):
        return None
    from autograd.kernels.onednn import Refused, bound

    try:
        call = getattr(bound, name)(library, *like)
    except Refused as error:
        active.give_up(error)
        return None

    def kernel(*arrays: Any) -> Any:
        if active.SWITCH.library is not library or not active.SWITCH.wanted:
            return None
        try:
            return call(*arrays)
        except Refused as error:
            active.give_up(error)
            return None

    return kernel if call is not None else None


# ---- pooling ------------------------------------------------------------------------------------------------------------


def max_pool(x: Any, axes: Any) -> Any:
    """The largest element of each window."""
    y = by_onednn("max_pool", x.size, active.ELEMENTS, (x,), x, axes) if large(x) else None
    return pooling.swept(maximum, x, axes, -inf if x.dtype.kind == "f" else iinfo(x.dtype).min) if y is None else y


def max_pool_to_x(g: Any, x: Any, y: Any, axes: Any) -> Any:
    """Each g to the first maximum of its window, which is y."""
    dx = by_onednn("max_pool_to_x", x.size, active.ELEMENTS, (g, x, y), g, x, y, axes) if large(x, g, y) else None
    return pooling.max_pool_to_x(g, x, y, axes) if dx is None else dx


def window_sum(x: Any, axes: Any) -> Any:
    """The sum of each window."""
    y = by_onednn("window_sum", x.size, active.ELEMENTS, (x,), x, axes) if large(x) else None
    return pooling.swept(add, x, axes, 0) if y is None else y


def window_spread(x: Any, axes: Any) -> Any:
    """Each number to all elements of its window, added up."""
    lengths = tuple(axis.length for axis in axes)
    y = by_onednn("window_spread", x.size, active.ELEMENTS, (x,), x, lengths, axes) if large(x) else None
    return pooling.window_spread(x, axes) if y is None else y


# ---- softmax; where there is no faster way, all are None, and `ops/softmax.py` computes -----------------------------------


def softmax(x: Any, axis: Any) -> Any:
    """exp(x) / sum(exp(x)), or None."""
    if not large(x):
        return None
    y = by_onednn("softmax", x.size, active.ELEMENTS, (x,), x, axis)
    return scores.softmax(x, axis) if y is None else y


def log_softmax(x: Any, axis: Any) -> Any:
    """x - log(sum(exp(x))), or None."""
    if not large(x):
        return None
    y = by_onednn("log_softmax", x.size, active.ELEMENTS, (x,), x, axis)
    return scores.log_softmax(x, axis) if y is None else y


def softmax_to_x(g: Any, y: Any, axis: Any) -> Any:
    """y (g - sum(g y)), or None."""
    if not large(g, y):
        return None
    dx = by_onednn("softmax_to_x", y.size, active.ELEMENTS, (g, y), g, y, axis)
    return scores.softmax_to_x(g, y, axis) if dx is None else dx


def log_softmax_to_x(g: Any, y: Any, axis: Any) -> Any:
    """g - exp(y) sum(g), or None."""
    if not large(g, y):
        return None
    dx = by_onednn("log_softmax_to_x", y.size, active.ELEMENTS, (g, y), g, y, axis)
    return scores.log_softmax_to_x(g, y, axis) if dx is None else dx


# ---- element by element; NumPy's way stands in `ops/elementwise.py` -----------------------------------------------------


def relu(x: Any) -> Any:
    """max(x, 0), or None."""
    return by_onednn("relu", x.size, active.ELEMENTS, (x,), x) if large(x) else None


def relu_to_x(g: Any, y: Any) -> Any:
    """g * (y > 0), or None."""
    return by_onednn("relu_to_x", y.size, active.ELEMENTS, (g, y), g, y) if large(y, g) else None


def gelu(x: Any) -> Any:
    """x Phi(x), with the normal distribution function Phi, or None."""
    return by_onednn("gelu", x.size, active.ELEMENTS, (x,), x) if large(x) else None


def gelu_to_x(g: Any, x: Any) -> Any:
    """g times the slope of gelu at x, or None."""
    return by_onednn("gelu_to_x", x.size, active.ELEMENTS, (g, x), g, x) if large(x, g) else None


def exp_of_difference(z: Any, less: Any = None, kept: bool = False) -> Any:
    """exp(z) for z = x - less, where `less` is the largest of each row of x, or its logsumexp. In the memory of z, unless it is kept.

    Where `less` is finite, no x is NaN, and oneDNN's exponential, which does not know NaN, is NumPy's. It is not used where NumPy's
    threads are in use. If `less` is not given, z is searched: it is negative, or 0.
    """
    if z.__class__ is not ndarray:
        return exp(z)
    if large(z) and active.SWITCH.threads != "numpy" and isfinite(z.max() if less is None else less).all():
        e = by_onednn("exp" if kept else "exp_in_place", z.size, active.ELEMENTS, (z,), z)
        if e is not None:
            return e
    return exp(z) if kept else exp(z, out=z)


def sigmoid(x: Any) -> Any:
    """1 / (1 + exp(-x)), or None."""
    return by_onednn("sigmoid", x.size, active.ELEMENTS, (x,), x) if large(x) else None


# ---- an optimiser's update; what NumPy does stands in `optim/passes.py` -------------------------------------------------


def in_place(name: str, arrays: tuple[Any, ...], *numbers: float) -> bool:
    """Change the first array by `combine`, `add_square` or `descend` of `onednn/update.py`. Is it done?"""
    return by_onednn(name, arrays[0].size, active.UPDATED, arrays, *arrays, *numbers) is not None


def sum_in_place(out: Any, x: Any, y: Any, a: float, b: float, alone: bool = False) -> bool:
    """out <- a x + b y, where one of the two is `out`. Is it done? By BLAS where NumPy's threads are in use; or nobody's, if this is
    `alone`, all that an update does, or oneDNN is not there: where both libraries do some of an update's passes they wait for each other,
    eight times as long."""
    threads = active.SWITCH.threads
    numpys = threads == "numpy" or (not threads and (alone or active.library_for(1, 0, out, x, y) is None))
    return (numpys and blas.combine(out, x, y, a, b)) or in_place("combine", (out, x, y), a, b)


def updates(array: Any, sums: bool = False) -> bool:
    """Will `in_place` change arrays like this one; or, if there are sums, `sum_in_place`?"""
    return active.library_for(array.size, active.UPDATED, array) is not None or (
        sums and array.size >= active.SUMMED and active.SWITCH.threads != "onednn" and blas.functions_for(array, array) is not None)
