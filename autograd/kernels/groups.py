"""How are groups of channels normalised fast with NumPy alone?

Over all axes from the third on, for each example and each group by itself: (N, G, K, *space) for G groups of K channels, which is group
normalisation, and (N, G, *space), which is instance normalisation. So one group's memory is all that a mean needs, and some examples are
worked through together, as many as stay in the cache: what is read twice, to subtract the mean and to square, is read from memory once.

How the channels lie decides what is long enough for NumPy's inner loop. With channels first that is the space of each channel; the numbers
that belong to it stand beside. With channels last it is several places together, as in `normalization.py`. Either way an array is seen
as (examples, a, b), and what belongs to channels is brought to a form that meets that.

Read next: `pooling.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import Any

import numpy as np

from autograd.kernels.layout import steps
from autograd.kernels.normalization import WIDTH

BLOCK = 1 << 20
"""About how many bytes of examples are worked through together: more than the nearest caches hold, for what is small here is many calls."""


class Groups:
    """How an array of groups is seen.

    groups, each:  how many groups an example has, and how many channels a group
    places:        how many numbers a channel has
    together:      how many places make a row, channels last; 0 if channels are first
    count:         how many numbers a mean is taken of
    """

    def __init__(self, x: Any, each: int, last: bool) -> None:
        self.examples, self.groups, self.each = len(x), x.shape[1], each
        self.count = prod(x.shape[2:])
        self.places = self.count // each
        self.together = 0
        if last:
            self.together = 1
            row = self.groups * each * x.itemsize
            while self.places % (2 * self.together) == 0 and 2 * self.together * row <= WIDTH:
                self.together *= 2
        self.order = (0, *range(3, x.ndim), 1, 2) if each > 1 else (0, *range(2, x.ndim), 1)

    def seen(self, x: Any) -> Any:
        """(examples, a, b), a view."""
        if self.together:
            return x.transpose(self.order).reshape(self.examples, -1, self.together * self.groups * self.each)
        return x.reshape(self.examples, self.groups * self.each, self.places)

    def wide(self, p: Any) -> Any:
        """A number for each channel of some examples, or for each group, to meet a block."""
        y = np.empty((len(p), self.together or 1, self.groups, self.each), p.dtype)
        y[...] = p[:, None]
        return y.reshape(len(p), 1, -1) if self.together else y.reshape(len(p), -1, 1)

    def sums(self, block: Any) -> Any:
        """The sum for each channel of some examples, (examples, groups, each)."""
        return self.folded(block.sum(1 if self.together else 2))

    def products(self, a: Any, b: Any) -> Any:
        """The same of a b."""
        return self.folded(np.einsum("nij,nij->nj" if self.together else "nij,nij->ni", a, b))

    def folded(self, sums: Any) -> Any:
        if self.together > 1:
            sums = sums.reshape(len(sums), self.together, -1).sum(1)
        return sums.reshape(len(sums), self.groups, self.each)

    def blocks(self, seen: Any) -> Iterator[slice]:
        """Some examples each."""
        step = max(1, BLOCK // max(1, seen[:1].nbytes))
        return (slice(i, i + step) for i in range(0, len(seen), step))


def groups_of(x: Any, axis: Any, *parameters: Any) -> Groups | None:
    """How x is seen, if it is normalised over all axes from the third on, and lies in memory without gaps."""
    n = x.ndim
    if x.dtype.char not in "fd" or n < 3 or not x.size or any(p is not None and p.dtype != x.dtype for p in parameters):
        return None
    axes = range(n) if axis is None else (axis,) if isinstance(axis, int) else axis
    if sorted({a % n for a in axes}) != list(range(2, n)):
        return None
    shapes = {(1,) * (n - p.ndim) + p.shape for p in parameters if p is not None}
    ones = (1,) * (n - 3)
    if shapes <= {(1, x.shape[1], 1, *ones)}:
        if x.flags.c_contiguous:
            return Groups(x, 1, False)
        if x.transpose(0, *range(2, n), 1).flags.c_contiguous:
            return Groups(x, 1, True)
    if n > 3 and shapes <= {(1, x.shape[1], x.shape[2], *ones)}:
        if x.transpose(0, *range(3, n), 1, 2).flags.c_contiguous:
            return Groups(x, x.shape[2], True)
        if x.flags.c_contiguous:
            return Groups(x, x.shape[2], False)
    return None


def normalise(x: Any, weight: Any, bias: Any, measured: Any, axis: Any, eps: float) -> Any:
    """(y, mean, 1 / sqrt(variance + eps))."""
    form = groups_of(x, axis, weight, bias) if measured is None else None
    if form is None:
        return None
    y = np.empty_like(x)
    m, r = np.empty_like(x, shape=(2, form.examples, form.groups, 1))
    seen, result = form.seen(x), form.seen(y)
    for i in form.blocks(seen):
        part = result[i]
        m[i] = form.sums(seen[i]).sum(2, keepdims=True) / form.count
        np.subtract(seen[i], form.wide(m[i]), out=part)
        v = form.products(part, part).sum(2, keepdims=True) / form.count
        r[i] = 1 / np.sqrt(v + np.asarray(eps, v.dtype))
        part *= form.wide(r[i] if weight is None else r[i] * weight.reshape(form.groups, -1))
        if bias is not None:
            part += form.wide(bias.reshape(1, form.groups, -1))
    shape = (form.examples, form.groups, *(1,) * (x.ndim - 2))
    return y, m.reshape(shape), r.reshape(shape)


def normalise_back(g: Any, x: Any, weight: Any, m: Any, r: Any, axis: Any) -> Any:
    """(dx, dweight, dbias); the last two of the weight's form, or of m's."""
    form = groups_of(x, axis, weight) if g.dtype == x.dtype == m.dtype == r.dtype else None
    if form is None:
        return None
    if steps(g) != steps(x):
        came, g = g, np.empty_like(x)
        g[...] = came
    dx = np.empty_like(x)
    seen, given, result = form.seen(x), form.seen(g), form.seen(dx)
    m, r = m.reshape(-1, form.groups, 1), r.reshape(-1, form.groups, 1)
    w = np.ones((form.groups, 1), x.dtype) if weight is None else weight.reshape(form.groups, -1)
    dw, db, h = 0.0, 0.0, None
    for i in form.blocks(seen):
        c = np.subtract(seen[i], form.wide(m[i]), out=result[i])
        by_weight, by_bias = form.products(c, given[i]) * r[i], form.sums(given[i])
        dw, db = dw + by_weight.sum(0), db + by_bias.sum(0)
        share = r[i] / -form.count
        c *= form.wide((w * by_weight).sum(2, keepdims=True) * (share * r[i]))
        h = np.multiply(given[i], form.wide(w * r[i]), out=None if h is None or len(h) != len(c) else h)
        h += form.wide((w * by_bias).sum(2, keepdims=True) * share)
        c += h
    return dx, dw, db
