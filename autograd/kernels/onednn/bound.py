"""How is the same function called over and over?

A compiled program calls one function at one place, always with arrays of the same shapes. What the general way finds out in every call
- does it fit, which plan, which layout - is found out once here; 60 us become 10. Each function takes arrays like those that will come,
their layout alone matters, and returns what computes the result; or None where oneDNN cannot.

A `Call` has its own memory objects, so one thread at a time may run it. That is the rule for compiled programs.

Read next: `../multiplication.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite
from typing import Any

import numpy as np

from autograd.kernels.layout import channels_last, empty_channels_last, steps
from autograd.kernels.onednn import binary, convolution, elementwise, normalization
from autograd.kernels.onednn.convolution import Axes, fits
from autograd.kernels.onednn.elementwise import dense, has_nan
from autograd.kernels.onednn.library import Library, Refused
from autograd.kernels.onednn.normalization import addresses_of, kind_of, laid_out, statistics
from autograd.kernels.onednn.primitives import DST, SCRATCH, SRC, Plan, Weights, address, description, layout, stream, strides_channels_last

Kernel = Callable[..., Any]


class Call:
    """A plan, and the memory objects that this place in a program calls it with."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.library = plan, plan.library
        self.arguments, self.memories, self.owners = plan.more_arguments()
        self.place: Any = plan.library.memory_set_data_handle
        self.execute: Any = plan.library.primitive_execute
        self.handle, self.count, self.scratch = plan.primitive.handle, len(self.memories), plan.scratch

    def __call__(self, *addresses: int) -> None:
        """Compute, with operands at these addresses."""
        if self.scratch:
            addresses = (*addresses, SCRATCH.address("scratch", self.scratch))
        for _ in map(self.place, self.memories, addresses):
            pass
        status = self.execute(self.handle, stream(self.library), self.count, self.arguments)
        if status:
            raise Refused(f"oneDNN {self.library.version} ({self.library.path}): status {status} when a function was run")


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


def normalise_back(library: Library, g: Any, x: Any, weight: Any, m: Any, r: Any, axis: Any, relu: bool) -> Kernel | None:
    """(dx, dweight, dbias) of a normalisation, or of one with its relu. x must be shown in the layout in which it was shown on the way
    forward: how it is noted what passed depends on it."""
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
        dx, dw, db = np.empty_like(x), np.empty(channels, x.dtype), np.empty(channels, x.dtype)
        notes = (address(passed),) if relu else ()
        call(address(x), address(m), address(v), address(weight), address(g), address(dx), address(dw), address(db), *notes)
        return dx, dw, db

    return kernel


def add(library: Library, a: Any, b: Any, relu: bool, above: bool = False) -> Kernel | None:
    """`binary.add`. The relu that keeps NaN makes it of minus infinity, too: where there is NaN, the answer is None.

    above:  are both never minus infinity? Then NaN is NaN, and not looked for
    """
    plan = binary.planned(library, a.size, relu) if steps(a) == steps(b) and dense(a) is not None else None
    if plan is None:
        return None
    call, known = Call(plan), steps(a)

    def kernel(a: Any, b: Any) -> Any:
        if steps(a) != known or steps(b) != known:
            return None
        y = np.empty_like(a)
        call(address(a), address(b), address(y))
        return None if relu and not above and has_nan(y) else y

    return kernel


def add_relu_to_x(library: Library, a: Any, b: Any, y: Any) -> Kernel | None:
    """(a + b) * (y > 0): what arrives from two sides, on its way through a relu. In the layout of y; where y is NaN, the sum passes."""
    known, plan = steps(y), elementwise.planned(library, y.size, True)
    together = add(library, y, y, False)
    if together is None or plan is None:
        return None
    call = Call(plan)

    def kernel(a: Any, b: Any, y: Any) -> Any:
        if steps(y) != known:
            return None
        g = together(*[p if steps(p) == known else laid_as(y, p) for p in (a, b)])
        if g is not None:
            where = address(g)
            call(address(y), where, where)
        return g

    return kernel


def laid_as(y: Any, p: Any) -> Any:
    """A copy of p in the layout of y."""
    copy = np.empty_like(y)
    copy[...] = p
    return copy
