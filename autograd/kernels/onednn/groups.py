"""How does oneDNN normalise groups of channels?

It has no function for that (before version 3.3), but its parts: the mean of windows, which are stretches of a channel, and the
difference, product and sum of an image and a number for each of its channels. They run with all threads, so five passes take half the
time that NumPy's take with one:

    the means of x;  (x - mean)^2;  its means;  x scale + shift, for which scale and shift are known by now

With channels last, some places together are seen as one of more channels, as in `../groups.py`. With channels first a group is a row, and
rows are normalised as layers are; on the way back they are NumPy's.

Each function takes what those of `../groups.py` do, float32 all, and returns None where oneDNN cannot or NumPy is faster.

Read next: `pooling.py`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from autograd.kernels.groups import Groups, groups_of
from autograd.kernels.layout import steps
from autograd.kernels.onednn import normalization, pooling
from autograd.kernels.onednn import primitives as dnn
from autograd.kernels.onednn.library import Library, Refused
from autograd.kernels.onednn.primitives import Plan, address, description, layout, operand_after
from autograd.ops.windows import Axis

TOGETHER, FEWEST = 8, 32
"""How many channels oneDNN computes at once, and how many it needs to be fast."""

LARGE = 1 << 18
"""Of how many numbers in channels-last memory it takes less time than NumPy."""

LONGEST = 256
"""How many numbers are added up one after the other, at most: it keeps rounding errors small."""


ALONE, BLOCK = 1 << 20, 1 << 23
"""An example of so many bytes is computed by itself; of smaller ones so many bytes together: all that is read again is still in a cache."""


class Plans(NamedTuple):
    """How some examples are computed.

    length:      how many numbers of a channel are a stretch
    mean:        the mean of each
    less_square: (x - p)^2 for one p for each channel of each example
    less_times:  (x - p) z for a z in the shape of x
    times:       x p
    times_z:     x p + z
    times_p:     x p + q, with one q for each channel, too; there is one for one example alone
    plus:        x + p
    """

    length: int
    mean: Plan
    less_square: Plan
    less_times: Plan
    times: Plan
    times_z: Plan
    times_p: Plan | None
    plus: Plan

    def means(self, x: Any, form: Groups) -> Any:
        """The mean for each channel of each example, (examples, groups, each)."""
        parts = np.empty((len(x), form.places // form.together // self.length, form.together * form.groups * form.each), x.dtype)
        self.mean(address(x), address(parts))
        found = form.folded(parts[:, 0] if parts.shape[1] == 1 else parts.mean(1))
        found /= form.together
        return found

    def rescale(self, x: Any, scale: Any, shift: Any, y: Any) -> None:
        """y = x scale + shift"""
        if self.times_p is not None:
            self.times_p(address(x), address(scale), address(y), address(shift))
        else:
            self.times(address(x), address(scale), address(y))
            self.plus(address(y), address(shift), address(y))


def stretch(places: int) -> int:
    """The longest stretch into many of which so many places can be cut."""
    return max(n for n in range(1, LONGEST + 1) if places % n == 0)


@lru_cache(dnn.KEPT)
def planned(library: Library, examples: int, channels: int, places: int) -> Plans | None:
    """For images in channels-last memory: of long rows, which are some places together, seen as one of many channels."""
    shape, length = (examples, channels, places), stretch(places)
    x = layout(library, shape, (channels * places, 1, channels))
    p = layout(library, (examples, channels, 1), (channels, 1, channels))

    def binary(what: int, *after: tuple[int, Any]) -> Plan:
        others = [(operand_after(i), other) for i, (_, other) in enumerate(after) if other is not None]
        described = description(library, "binary", what, x, p, x, after=after)
        return Plan(library, described, [(dnn.SRC, x), (dnn.SECOND, p), (dnn.DST, x), *others])

    mean = pooling.planned(library, shape, (Axis(places, length, length, 1, 0, 0, places // length),), pooling.MEAN, False)
    try:
        return None if mean is None else Plans(
            length, mean[0], binary(dnn.SUBTRACT, (dnn.SQUARE, None)), binary(dnn.SUBTRACT, (dnn.MULTIPLY, x)), binary(dnn.MULTIPLY),
            binary(dnn.MULTIPLY, (dnn.ADD, x)), binary(dnn.MULTIPLY, (dnn.ADD, p)) if examples == 1 else None, binary(dnn.ADD))
    except Refused:
        return None


def blocks(library: Library, form: Groups, x: Any) -> list[tuple[slice, Plans]] | None:
    """Which examples are computed together, and how; None if channels are first, or not as many as oneDNN is good for."""
    if not form.together or x.size < LARGE:
        return None
    channels, places, one = form.together * form.groups * form.each, form.places // form.together, x[:1].nbytes
    if channels < FEWEST or channels % TOGETHER or stretch(places) < TOGETHER:
        return None
    step = 1 if one >= ALONE else BLOCK // one
    parts = [slice(i, min(i + step, form.examples)) for i in range(0, form.examples, step)]
    plans = [(part, planned(library, part.stop - part.start, channels, places)) for part in parts]
    return None if any(plan is None for _, plan in plans) else plans  # type: ignore[return-value]


def normalise(library: Library, x: Any, weight: Any, bias: Any, measured: Any, axis: Any, eps: float) -> Any:
    """(y, mean, 1 / sqrt(variance + eps))."""
    form = groups_of(x, axis, weight, bias) if measured is None else None
    if form is None:
        return None
    if not form.together:
        return by_rows(library, x, weight, bias, eps, form)
    plans = blocks(library, form, x)
    if plans is None:
        return None
    y, w = np.empty_like(x), None if weight is None else weight.reshape(form.groups, -1)
    m, r = np.empty((2, form.examples, form.groups, 1), x.dtype)
    for part, plan in plans:
        seen, result = x[part], y[part]
        m[part] = plan.means(seen, form).mean(2, keepdims=True)
        shift = form.wide(m[part])
        plan.less_square(address(seen), address(shift), address(result))
        r[part] = 1 / np.sqrt(plan.means(result, form).mean(2, keepdims=True) + np.float32(eps))
        scale = form.wide(r[part] if w is None else r[part] * w)
        shift *= -scale
        if bias is not None:
            shift += form.wide(bias.reshape(1, form.groups, -1))
        plan.rescale(seen, scale, shift, result)
    shape = (form.examples, form.groups, *(1,) * (x.ndim - 2))
    return y, m.reshape(shape), r.reshape(shape)


def by_rows(library: Library, x: Any, weight: Any, bias: Any, eps: float, form: Groups) -> Any:
    """The same for channels first."""
    rows = form.examples * form.groups
    if eps < 0:
        return None
    plan = normalization.planned(library, "layer", "forward", (rows, form.count), "plain", float(eps), False, False)
    after = None if weight is None and bias is None else scaled(library, form.examples, form.groups * form.each, form.places)
    if plan is None or (after is None) != (weight is None and bias is None):
        return None
    m, v = np.empty((2, form.examples, form.groups, *(1,) * (x.ndim - 2)), x.dtype)
    y = np.empty_like(x)
    plan(address(x), address(m), address(v), address(y))
    if after is not None:
        w, b = (np.full(form.groups * form.each, default, x.dtype) if p is None else np.ascontiguousarray(p)
                for p, default in ((weight, 1), (bias, 0)))
        after(address(y), address(w), address(y), address(b))
    return y, m, 1 / np.sqrt(v + np.float32(eps))


@lru_cache(dnn.KEPT)
def scaled(library: Library, examples: int, channels: int, places: int) -> Plan | None:
    """x w + b, a number each for each channel, of images with channels first."""
    x = layout(library, (examples, channels, places), (channels * places, places, 1))
    p = layout(library, (1, channels, 1), (channels, 1, 1))
    try:
        described = description(library, "binary", dnn.MULTIPLY, x, p, x, after=[(dnn.ADD, p)])
        return Plan(library, described, [(dnn.SRC, x), (dnn.SECOND, p), (dnn.DST, x), (operand_after(0), p)])
    except Refused:
        return None


def normalise_back(library: Library, g: Any, x: Any, weight: Any, m: Any, r: Any, axis: Any) -> Any:
    """(dx, dweight, dbias); the last two have one axis for groups and one for their channels."""
    form = groups_of(x, axis, weight)
    plans = None if form is None else blocks(library, form, x)
    if form is None or plans is None:
        return None
    if steps(g) != steps(x):
        came, g = g, np.empty_like(x)
        g[...] = came
    dx, dw, db = np.empty_like(x), 0.0, 0.0
    m, r = m.reshape(-1, form.groups, 1), r.reshape(-1, form.groups, 1)
    w = np.ones((form.groups, 1), x.dtype) if weight is None else weight.reshape(form.groups, -1)
    for part, plan in plans:
        seen, given, result, deviation = x[part], g[part], dx[part], r[part]
        at = form.wide(m[part])
        plan.less_times(address(seen), address(at), address(result), address(given))
        by_weight, by_bias = plan.means(result, form) * deviation, plan.means(given, form)
        share = deviation / -form.each
        by_x = form.wide((w * by_weight).sum(2, keepdims=True) * (share * deviation))
        at *= -by_x
        at += form.wide((w * by_bias).sum(2, keepdims=True) * share)
        plan.rescale(given, form.wide(w * deviation), at, result)
        plan.times_z(address(seen), address(by_x), address(result), address(result))
        dw, db = dw + by_weight.sum(0), db + by_bias.sum(0)
    return dx, dw * form.places, db * form.places
