"""How does oneDNN normalise?

Over all but the channels (batch normalisation), or over the last axis (layer normalisation); with or without a weight and a bias.

Each function takes what `../../ops/normalization.py` does, float32 all, and returns None where oneDNN cannot.

Read next: `groups.py`.
"""

from __future__ import annotations

from functools import lru_cache
from math import prod
from typing import Any

import numpy as np

from autograd.kernels.layout import channels_last, is_channels_last
from autograd.kernels.normalization import MEASURED, kind_of
from autograd.kernels.onednn import primitives as dnn
from autograd.kernels.onednn.library import Library, Refused
from autograd.kernels.onednn.primitives import Plan, address, description, layout, strides_channels_last

GLOBAL_STATISTICS, USE_SCALE, USE_SHIFT, WITH_RELU = 1, 2, 4, 8
"""dnnl_use_global_stats: mean and variance are given. dnnl_use_scale and dnnl_use_shift: there is a weight, a bias. dnnl_fuse_norm_relu: of
the result the relu is taken; which elements passed is noted, a bit for each, for the way back."""


def laid_out(x: Any, kind: str, like: str | None = None) -> tuple[Any, str]:
    """x, or a copy, in a layout that oneDNN knows: 'channels last' or 'plain'."""
    if kind == "batch" and (like == "channels last" or (like is None and (is_channels_last(x) or not x.flags.c_contiguous))):
        return channels_last(x), "channels last"
    return np.ascontiguousarray(x), "plain"


def flat(kind: str, shape: tuple[int, ...]) -> tuple[int, ...]:
    return shape if kind == "batch" else (prod(shape[:-1]), shape[-1])


def moments(library: Library, x: Any, axis: Any) -> Any:
    """(mean, variance) along the axes, shape (2, ...)."""
    kind = kind_of(x, axis, None, None)
    if kind is None:
        return None
    x, order = laid_out(x, kind)
    plan = planned(library, kind, "forward", flat(kind, x.shape), order, 0.0, False, False)
    if plan is None:
        return None
    both = np.empty((2, *statistics(kind, x.shape)), x.dtype)
    unused = np.empty_like(x)
    plan(address(x), address(both[0]), address(both[1]), address(unused))
    return both


def normalise(library: Library, x: Any, weight: Any, bias: Any, measured: Any, axis: Any, eps: float) -> Any:
    """(y, mean, 1 / sqrt(variance + eps))."""
    kind = kind_of(x, axis, weight, bias)
    if kind is None or eps < 0:
        return None
    shown, order = laid_out(x, kind)
    way = "forward" if measured is None else "given"
    plan = planned(library, kind, way, flat(kind, x.shape), order, float(eps), weight is not None, bias is not None)
    if plan is None:
        return None
    if measured is None:
        m, v = np.empty((2, *statistics(kind, x.shape)), x.dtype)
    else:
        m, v = (np.ascontiguousarray(part) for part in measured)
    y = np.empty_like(shown)
    parameters = [np.ascontiguousarray(p) for p in (weight, bias) if p is not None]
    plan(address(shown), address(m), address(v), *map(address, parameters), address(y))
    if measured is None:
        MEASURED.put(y, x, m, v, axis)
    return y, m, 1 / np.sqrt(v + np.float32(eps))


def addresses_of(both: Any) -> tuple[int, int]:
    """Where the mean is, and where the variance."""
    start = address(both)
    return start, start + both.nbytes // 2


def rescale(library: Library, x: Any, scale: Any, shift: Any) -> Any:
    """x scale + shift, a number each for each channel: normalisation by mean 0 and variance 1."""
    if kind_of(x, (0, *range(2, x.ndim)), scale, shift) != "batch":
        return None
    x, order = laid_out(x, "batch")
    plan = planned(library, "batch", "given", x.shape, order, 0.0, True, True)
    if plan is None:
        return None
    y = np.empty_like(x)
    zero, one = np.zeros(x.shape[1], x.dtype), np.ones(x.shape[1], x.dtype)
    plan(address(x), address(zero), address(one), address(np.ascontiguousarray(scale)), address(np.ascontiguousarray(shift)), address(y))
    return y


def normalise_back(library: Library, g: Any, x: Any, weight: Any, m: Any, r: Any, axis: Any) -> Any:
    """(dx, dweight, dbias), of the forms of x, m and m."""
    kind = kind_of(x, axis, weight, None)
    if kind is None:
        return None
    x, order = laid_out(x, kind)
    g, _ = laid_out(g, kind, order)
    plan = planned(library, kind, "backward", flat(kind, x.shape), order, 0.0, True, True)
    if plan is None:
        return None
    channels = x.shape[1] if kind == "batch" else x.shape[-1]
    w = np.ones(channels, x.dtype) if weight is None else np.ascontiguousarray(weight)
    m, v = np.ascontiguousarray(m), 1 / (r * r)
    dx, dw, db = np.empty_like(x), np.empty(channels, x.dtype), np.empty(channels, x.dtype)
    shift = [address(w)] if kind == "layer" else []
    plan(address(x), address(m), address(v), address(w), address(g), address(dx), address(dw), address(db), *shift)
    return dx, dw, db


def statistics(kind: str, shape: tuple[int, ...]) -> tuple[int, ...]:
    """The shape of a mean."""
    return (1, shape[1], *(1,) * (len(shape) - 2)) if kind == "batch" else (*shape[:-1], 1)


class Normalisation(Plan):
    """noted: how many bytes it takes to note which elements passed the relu."""

    noted = 0


@lru_cache(dnn.KEPT)
def planned(library: Library, kind: str, way: str, shape: tuple[int, ...], order: str, eps: float, scaled: bool, shifted: bool,
            relu: bool = False) -> Normalisation | None:
    """How to normalise: forward, forward with given statistics, or backward; and relu."""
    strides = strides_channels_last(shape) if order == "channels last" else [prod(shape[i + 1:]) for i in range(len(shape))]
    x = layout(library, shape, strides)
    count = shape[1] if kind == "batch" else shape[0]
    each, per_channel = layout(library, (count,), (1,)), layout(library, (shape[1],), (1,))
    flags = USE_SCALE * scaled | USE_SHIFT * shifted | GLOBAL_STATISTICS * (way == "given") | WITH_RELU * relu
    name, measured = ("batch_normalization", ()) if kind == "batch" else ("layer_normalization", (each,))
    parameters = [(number, per_channel) for number, used in ((dnn.SCALE, scaled), (dnn.SHIFT, shifted)) if used]
    try:
        training = dnn.FORWARD_INFERENCE if way == "given" else dnn.FORWARD_TRAINING
        forward = description(library, f"{name}_forward", training, x, x, *measured, eps, flags)
        notes = library.query_md(forward.handle, dnn.QUERIES[dnn.WORKSPACE], 0) if relu else None
        more = [(dnn.WORKSPACE, notes)] if relu else []
        if way != "backward":
            plan = Normalisation(library, forward, [(dnn.SRC, x), (dnn.MEAN, each), (dnn.VARIANCE, each), *parameters, (dnn.DST, x), *more])
        else:
            described = description(library, f"{name}_backward", dnn.BACKWARD, x, x, x, *measured, eps, flags, forward)
            asked = [(dnn.SHIFT, per_channel)] if kind == "layer" else []  # it must be there, and is not read
            plan = Normalisation(library, described, [
                (dnn.SRC, x), (dnn.MEAN, each), (dnn.VARIANCE, each), (dnn.SCALE, per_channel), (dnn.DIFF_DST, x), (dnn.DIFF_SRC, x),
                (dnn.DIFF_SCALE, per_channel), (dnn.DIFF_SHIFT, per_channel), *asked, *more])
        plan.noted = int(library.memory_desc_get_size(notes)) if relu else 0
        return plan
    except Refused:
        return None
