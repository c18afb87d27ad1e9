"""How is the same function called over and over?

A compiled program calls one function at one place, always with arrays of the same shapes. What the general way finds out in every call
- does it fit, which plan, which layout - is found out once here; 60 us become 10. Each function takes arrays like those that will come,
their layout alone matters, and returns what computes the result; or None where oneDNN cannot.

Read next: `sums.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite
from typing import Any

import numpy as np

from autograd.kernels.layout import channels_last, empty_channels_last
from autograd.kernels.onednn import convolution, normalization
from autograd.kernels.onednn.convolution import Axes, fits
from autograd.kernels.onednn.elementwise import has_nan
from autograd.kernels.onednn.library import Library
from autograd.kernels.onednn.normalization import addresses_of, kind_of, laid_out, statistics
from autograd.kernels.onednn.primitives import DST, SCRATCH, SRC, Call, Plan, Weights, address, description, layout, strides_channels_last
from autograd.kernels.onednn.sums import Kernel, add, add_deposit_relu_to_x, add_pad_relu, add_relu_to_x, pad_constant  # noqa: F401


class Reordered:
    """Weights as oneDNN wants them.

    keep:  shall they be kept for the next call, if that comes with the same array? Nobody writes to an array of a Tensor's that we hold.
    """

    def __init__(self, weights: Weights, keep: bool = False) -> None:
        self.size, self.call = weights.size, None if weights.plan is None else Call(weights.plan)
        self.known: Any = None
        self.kept = np.empty(self.size + 64 if keep and self.call is not None else 0, np.uint8)

    def into(self, w: Any) -> int:
        """Where they are."""
        if self.call is None:
            return address(row(w))
        if not self.kept.size:
            there = SCRATCH.address("weights", self.size)
            self.call(address(row(w)), there)
            return there
        there = address(self.kept)
        there += -there % 64
        if w is not self.known:
            self.call(address(row(w)), there)
            self.known = w if w.base is None else None
        return there


def last(library: Library, example: Any) -> Callable[[Any], Any]:
    """What brings an array like this one into channels-last memory."""
    shape, strides = example.shape, tuple(step * example.itemsize for step in strides_channels_last(example.shape))
    if example.strides == strides or not example.flags.c_contiguous:
        return lambda x: x if x.strides == strides else channels_last(x)
    plain = layout(library, shape, [step // example.itemsize for step in example.strides])
    target, pattern = layout(library, shape, strides_channels_last(shape)), empty_channels_last(example, (2,) * example.ndim, example.dtype)
    described = description(library, "reorder", plain, library.engine, target, library.engine)
    call = Call(Plan(library, described, [(SRC, plain), (DST, target)]))

    def bring(x: Any) -> Any:
        if not x.flags.c_contiguous or x.strides == strides:
            return x if x.strides == strides else channels_last(x)
        y = np.empty_like(pattern, shape=shape)
        call(address(x), address(y))
        return y

    return bring


def row(w: Any) -> Any:
    return w if w.flags.c_contiguous else np.ascontiguousarray(w)


def conv(library: Library, x: Any, w: Any, b: Any, axes: Axes, groups: int, keep: bool = False,
         after: tuple[str, ...] = (), above: bool = False) -> Kernel | None:
    """`convolution.conv`, and what is done to its result: the arrays for that follow the others.

    keep:   do the weights stay the same from call to call?
    after:  "rescale" (with a number for each channel to multiply by, and one to add), "add" (with an array), "relu"
    above:  is what is added never minus infinity? See `add`
    """
    plans = convolution.planned(library, x.shape, w.shape, b is not None, axes, groups, "forward", after) if fits(axes) else None
    if plans is None or not x.size:
        return None
    call, weights, bring = Call(plans[0]), Reordered(plans[1], keep), last(library, x)
    shape, pattern = (len(x), len(w), *(axis.out for axis in axes)), empty_channels_last(x, (2,) * x.ndim, x.dtype)
    doubtful = "add" in after and "relu" in after and not above
    strides = tuple(step * x.itemsize for step in strides_channels_last(shape))

    def kernel(x: Any, w: Any, b: Any, *others: Any) -> Any:
        y = np.empty_like(pattern, shape=shape)
        others = tuple([row(z) if z.shape != shape else z if z.strides == strides else channels_last(z) for z in others])
        bias = () if b is None else (address(row(b)),)
        x = bring(x)
        call(address(x), weights.into(w), *bias, address(y), *map(address, others))
        return None if doubtful and has_nan(y) else y

    return kernel


def conv_transpose(library: Library, y: Any, w: Any, axes: Axes, groups: int) -> Kernel | None:
    """`convolution.conv_transpose`, without a bias."""
    shape = (len(y), w.shape[1] * groups, *(axis.length for axis in axes))
    plans = convolution.planned(library, shape, w.shape, False, axes, groups, "backward_data") if fits(axes) else None
    if plans is None:
        return None
    call, weights, bring = Call(plans[0]), Reordered(plans[1]), last(library, y)
    pattern = empty_channels_last(y, (2,) * y.ndim, y.dtype)

    def kernel(y: Any, w: Any) -> Any:
        x = np.empty_like(pattern, shape=shape)
        y = bring(y)
        call(address(y), weights.into(w), address(x))
        return x

    return kernel


def conv_weight(library: Library, x: Any, y: Any, axes: Axes, groups: int) -> Kernel | None:
    """`convolution.conv_weight`"""
    shape = (y.shape[1], x.shape[1] // groups, *(axis.size for axis in axes))
    plans = convolution.planned(library, x.shape, shape, False, axes, groups, "backward_weights") if fits(axes) else None
    if plans is None:
        return None
    call, weights = Call(plans[0]), plans[1]
    back = None if weights.plan is None else Call(weights.plan)
    bring_x, bring_y = last(library, x), last(library, y)

    def kernel(x: Any, y: Any) -> Any:
        w = np.empty(shape, x.dtype)
        x, y = bring_x(x), bring_y(y)
        if back is None:
            call(address(x), address(y), address(w))
        else:
            there = SCRATCH.address("weights", weights.size)
            call(address(x), address(y), there)
            back(there, address(w))
        return w

    return kernel


def normalise_at_once(library: Library, x: Any, weight: Any, bias: Any, axis: Any, eps: float, relu: bool) -> Kernel | None:
    """(y, moments, mean, 1 / sqrt(variance + eps), which elements passed the relu): moments, `normalise` and, if asked for, relu in one.

    Of NaN the relu would make 0. There is some only if a mean or variance, a weight or bias is infinite or none: then the answer is None.
    """
    if kind_of(x, axis, weight, bias) != "batch" or eps < 0 or (relu and not eps):
        return None
    order = laid_out(x, "batch")[1]
    plan = normalization.planned(library, "batch", "forward", x.shape, order, float(eps), weight is not None, bias is not None, relu)
    if plan is None:
        return None
    call, noted, small, shape = Call(plan), plan.noted, np.float32(eps), (2, *statistics("batch", x.shape))
    bring = last(library, x) if order == "channels last" else row

    def kernel(x: Any, weight: Any, bias: Any) -> Any:
        x = bring(x)
        both, y = np.empty(shape, x.dtype), np.empty_like(x)
        parameters = [row(p) for p in (weight, bias) if p is not None]
        if relu:
            passed = np.empty(noted, np.uint8)
            call(address(x), *addresses_of(both), *map(address, parameters), address(y), address(passed))
            if not finite(*both) or (parameters and not finite(parameters[0], parameters[-1])):
                return None
        else:
            passed = None
            call(address(x), *addresses_of(both), *map(address, parameters), address(y))
        m, v = both
        return y, both, m, 1 / np.sqrt(v + small), passed

    return kernel


def finite(a: Any, b: Any) -> bool:
    """Are all their numbers finite? (Or so large that their products are not.)"""
    return isfinite(a.ravel().dot(b.ravel()))


def normalise_back(library: Library, g: Any, x: Any, weight: Any, m: Any, r: Any, axis: Any, relu: bool,
                   over: bool = False) -> Kernel | None:
    """(dx, dweight, dbias) of a normalisation, or of one with its relu. x must be shown in the layout in which it was shown on the way
    forward: how it is noted what passed depends on it.

    over:  may g be written over?
    """
    if kind_of(x, axis, weight, None) != "batch":
        return None
    order = laid_out(x, "batch")[1]
    plan = normalization.planned(library, "batch", "backward", x.shape, order, 0.0, True, True, relu)
    if plan is None:
        return None
    call, channels, noted = Call(plan), x.shape[1], plan.noted
    bring_x, bring_g = (last(library, x), last(library, g)) if order == "channels last" else (row, row)

    def kernel(g: Any, x: Any, weight: Any, m: Any, r: Any, passed: Any = None) -> Any:
        if relu and (passed is None or passed.size != noted):
            return None
        x, g = bring_x(x), bring_g(g)
        m, v, weight = row(m), 1 / (r * r), row(weight)
        dx = g if over and g.strides == x.strides else np.empty_like(x)
        dw, db = np.empty(channels, x.dtype), np.empty(channels, x.dtype)
        notes = (address(passed),) if relu else ()
        call(address(x), address(m), address(v), address(weight), address(g), address(dx), address(dw), address(db), *notes)
        return dx, dw, db

    return kernel
