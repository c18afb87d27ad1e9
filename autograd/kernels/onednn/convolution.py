"""How does oneDNN compute a convolution and its two gradients?

It is told the shapes, that x and y have their channels last in memory, and how the kernel slides; in which order it wants the weights,
it says itself. Images that lie otherwise are copied first; results have their channels last.

Each function takes checked arguments as those of `../numpy.py` do, float32 all, and returns None where oneDNN cannot.

Read next: `normalization.py`.
"""

from __future__ import annotations

from functools import lru_cache
from math import prod
from typing import Any

import numpy as np

from autograd.kernels.layout import channels_last, empty_channels_last
from autograd.kernels.onednn import primitives as dnn
from autograd.kernels.onednn.library import Library, Refused
from autograd.kernels.onednn.primitives import Plan, Weights, address, description, integers, layout, strides_channels_last
from autograd.ops.windows import Axis

Axes = tuple[Axis, ...]
DIRECT = 1
"""dnnl_convolution_direct: sums the products as they are; Winograd's way is faster and less exact."""


def fits(axes: Axes, *arrays: Any) -> bool:
    """Can oneDNN slide so? It does not crop, but for what a stride leaves over at the end."""
    return len(axes) <= 3 and all(axis.lo >= 0 and axis.hi > -axis.stride for axis in axes)


def conv(library: Library, x: Any, w: Any, b: Any, axes: Axes, groups: int) -> Any:
    """y[n, o, i] = b[o] + sum over c, k of x[n, c, i stride + k dilation - lo] w[o, c, k]."""
    plans = planned(library, x.shape, w.shape, b is not None, axes, groups, "forward") if fits(axes) else None
    if plans is None:
        return None
    plan, weights = plans
    x, w = channels_last(x), np.ascontiguousarray(w)
    y = empty_channels_last(x, (len(x), len(w), *(axis.out for axis in axes)), x.dtype)
    bias = () if b is None else (address(np.ascontiguousarray(b)),)
    plan(address(x), weights.into(address(w)), *bias, address(y))
    return y


def conv_transpose(library: Library, y: Any, w: Any, b: Any, axes: Axes, groups: int) -> Any:
    """x[n, c, i stride + k dilation - lo] = b[c] + sum over o, k of y[n, o, i] w[o, c, k]."""
    shape = (len(y), w.shape[1] * groups, *(axis.length for axis in axes))
    plans = planned(library, shape, w.shape, False, axes, groups, "backward_data") if fits(axes) else None
    if plans is None:
        return None
    plan, weights = plans
    y, w = channels_last(y), np.ascontiguousarray(w)
    x = empty_channels_last(y, shape, y.dtype)
    plan(address(y), weights.into(address(w)), address(x))
    if b is not None:
        x += b.reshape(-1, *(1,) * len(axes))
    return x


def conv_weight(library: Library, x: Any, y: Any, axes: Axes, groups: int) -> Any:
    """w[o, c, k] = sum over n, i of y[n, o, i] x[n, c, i stride + k dilation - lo]."""
    shape = (y.shape[1], x.shape[1] // groups, *(axis.size for axis in axes))
    plans = planned(library, x.shape, shape, False, axes, groups, "backward_weights") if fits(axes) else None
    if plans is None:
        return None
    plan, weights = plans
    x, y = channels_last(x), channels_last(y)
    w = np.empty(shape, x.dtype)
    there = weights.place(address(w))
    plan(address(x), address(y), there)
    weights.back(there, address(w))
    return w


@lru_cache(dnn.KEPT)
def planned(library: Library, x_shape: tuple[int, ...], w_shape: tuple[int, ...], biased: bool, axes: Axes, groups: int, way: str,
            after: tuple[str, ...] = ()) -> tuple[Plan, Weights] | None:
    """How to compute one of the three, and the layout of the weights.

    after:  what happens to y before it is written: "rescale" (times a number for each channel, plus one), "add" (another array), "relu"
    """
    out = (x_shape[0], w_shape[0], *(axis.out for axis in axes))
    grouped = w_shape if groups == 1 else (groups, w_shape[0] // groups, *w_shape[1:])
    plain = layout(library, grouped, [prod(grouped[i + 1:]) for i in range(len(grouped))])
    x, y = (layout(library, shape, strides_channels_last(shape)) for shape in (x_shape, out))
    w, b = layout(library, grouped, None), layout(library, (w_shape[0],), (1,)) if biased else None
    channel = layout(library, (1, out[1], *(1,) * len(axes)), strides_channels_last((1, out[1], *(1,) * len(axes))))
    then = {"rescale": [(dnn.MULTIPLY, channel), (dnn.ADD, channel)], "add": [(dnn.ADD, y)], "relu": [(dnn.RELU, None)]}
    follows = [what for name in after for what in then[name]]
    sliding = [integers([getattr(axis, name) for axis in axes]) for name in ("stride", "lo", "hi")]
    sliding.insert(1, integers([axis.dilation - 1 for axis in axes]))
    try:
        forward = description(library, "convolution_forward", dnn.FORWARD_TRAINING, DIRECT, x, w, b, y, *sliding, after=follows)
        if way == "forward":
            described, first = forward, [(dnn.SRC, x)]
            others = [(dnn.operand_after(i), other) for i, (_, other) in enumerate(follows) if other is not None]
            last = [*([(dnn.BIAS, b)] if biased else []), (dnn.DST, y), *others]
        elif way == "backward_data":
            described = description(library, "convolution_backward_data", DIRECT, x, w, y, *sliding, forward)
            first, last = [(dnn.DIFF_DST, y)], [(dnn.DIFF_SRC, x)]
        else:
            described = description(library, "convolution_backward_weights", DIRECT, x, w, None, y, *sliding, forward)
            first, last = [(dnn.SRC, x), (dnn.DIFF_DST, y)], []
        number = dnn.DIFF_WEIGHTS if way == "backward_weights" else dnn.WEIGHTS
        chosen = library.query_md(described.handle, dnn.QUERIES[number], 0)
        return Plan(library, described, [*first, (number, chosen), *last]), Weights(library, plain, chosen, number == dnn.WEIGHTS)
    except Refused:
        return None
