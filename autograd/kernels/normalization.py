"""How are channels normalised fast with NumPy alone?

With channels last in memory, one number for each channel is met by rows of C numbers: NumPy's inner loop would be as short as that, and
its start costs more than 16 multiplications. So `Rows` takes several places together: (N, C, *space) is seen as rows of some thousand
numbers, and what belongs to a channel is repeated to that length. Sums are taken along the columns of shorter rows, whose sums stay in the
nearest cache; that is more exact than along channels, too. And a block of rows stays in the cache while all is done to it.

What all kernels of normalisation share stands here as well: which normalisation it is, and `Found`. Going back, the gradients by weight
and bias come out of the passes that the one by x takes. So the first that is asked for computes all, and the others are found: by
the very arrays they were computed from, in the same thread, once. In the same way `Measured` keeps mean and variance.

Read next: `groups.py`.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd.kernels.layout import channels_last, is_channels_last, last_axis

WIDTH, BLOCK = 2048, 1 << 18
"""About how many bytes a row has that is added up, and a block."""

LONG = 8192
"""How many numbers a row has, at least, that meets what belongs to channels. To a shorter one NumPy (2.4) brings these through a buffer of
so many (`np.getbufsize()`), which takes as long as the work itself, and several times as long for some lengths."""


def kind_of(x: Any, axis: Any, *parameters: Any) -> str | None:
    """Which normalisation this is: 'batch' (over all but the channels), 'layer' (over the last axis), or another one.

    parameters:  weight and bias, None or arrays: of one number for each channel, or for each element of the last axis
    """
    n = x.ndim
    axes = tuple(range(n)) if axis is None else (axis,) if isinstance(axis, int) else tuple(axis)
    axes = tuple(sorted({a % n for a in axes})) if n else ()
    if not x.size:
        return None
    if 2 <= n <= 5 and axes == (0, *range(2, n)):
        shape, kind = (1, x.shape[1], *(1,) * (n - 2)), "batch"
    elif n >= 2 and axes == (n - 1,):
        shape, kind = (*(1,) * (n - 1), x.shape[-1]), "layer"
    else:
        return None
    return kind if all(p is None or (1,) * (n - p.ndim) + p.shape == shape for p in parameters) else None


class Found(threading.local):
    """The gradients by weight and bias that were computed along with the one by x: from which g and x, and both."""

    def __init__(self) -> None:
        self.arrays: tuple[Any, Any] = (None, None)
        self.gradients: dict[str, Any] = {}

    def put(self, g: Any, x: Any, weight: Any, bias: Any) -> None:
        self.arrays, self.gradients = (weakref.ref(g), weakref.ref(x)), {"weight": weight, "bias": bias}

    def take(self, g: Any, x: Any, which: str) -> Any:
        """What was computed from these two arrays; each can be had once."""
        if not self.gradients or self.arrays[0]() is not g or self.arrays[1]() is not x:
            return None
        return self.gradients.pop(which, None)


FOUND = Found()


class Measured(threading.local):
    """Mean and variance of what was normalised last, for `ops.measured_by`: of which x, and what became of it."""

    def __init__(self) -> None:
        self.arrays: tuple[Any, Any] = (None, None)
        self.moments: tuple[Any, Any] = (None, None)
        self.axis: Any = None

    def put(self, y: Any, x: Any, mean: Any, variance: Any, axis: Any) -> None:
        if y.__class__ is np.ndarray and x.__class__ is np.ndarray:
            self.arrays, self.moments, self.axis = (weakref.ref(y), weakref.ref(x)), (mean, variance), axis

    def take(self, y: Any, x: Any, axis: Any) -> Any:
        """(mean, variance), shape (2, ...), if y is the last result of `normalise`, made of x along these axes; else None."""
        made, of = self.arrays
        return None if made is None or made() is not y or of() is not x or self.axis != axis else np.stack(self.moments)


MEASURED = Measured()


class Rows:
    """Images whose channels are last in memory, seen as long rows of whole places.

    together:  how many places a row has that is added up; 0 if none of a useful length fits
    longer:    how many of these are one long row; 1 if none of that length fits
    places:    how many there are
    """

    def __init__(self, x: Any) -> None:
        self.channels = x.shape[1]
        self.places = x.size // self.channels
        place = self.channels * x.itemsize
        self.together = 1
        while self.places % (2 * self.together) == 0 and 2 * self.together * place <= WIDTH:
            self.together *= 2
        self.longer = 1
        row = self.together * self.channels
        while self.longer * row < LONG and self.places % (2 * self.longer * self.together) == 0:
            self.longer *= 2
        if self.longer * row < LONG:
            self.longer = 1
        if self.together * place < WIDTH // 2 or not is_channels_last(x):
            self.together = 0

    def of(self, x: Any) -> Any:
        """(long rows, their length), a view."""
        return last_axis(x).reshape(-1, self.longer * self.together * self.channels)

    def repeated(self, p: Any) -> Any:
        """A number for each channel, to meet a long row."""
        return np.tile(p.reshape(-1), self.longer * self.together)

    def sums(self, part: Any) -> Any:
        """The sum of each column of some rows."""
        return part.reshape(-1, self.together * self.channels).sum(0)

    def products(self, a: Any, b: Any) -> Any:
        """The same of a b."""
        shape = (-1, self.together * self.channels)
        return np.einsum("ij,ij->j", a.reshape(shape), b.reshape(shape))

    def total(self, sums: Any) -> Any:
        """The sum for each channel of one for each column."""
        return sums.reshape(self.together, self.channels).sum(0)

    def blocks(self, x: Any) -> Iterator[slice]:
        rows = self.of(x)
        step = max(1, BLOCK // rows[:1].nbytes)
        return (slice(i, i + step) for i in range(0, len(rows), step))


def rows_of(x: Any, axis: Any, *parameters: Any) -> Rows | None:
    """The rows of x, if it is normalised over all but the channels, and they help."""
    if x.dtype.char not in "fd" or any(p is not None and p.dtype != x.dtype for p in parameters) or x.ndim < 3:
        return None
    rows = Rows(x) if kind_of(x, axis, *parameters) == "batch" else None
    return rows if rows is not None and rows.together else None


def moments(x: Any, axis: Any) -> Any:
    """(mean, variance), shape (2, 1, C, 1, ...)."""
    rows = rows_of(x, axis)
    if rows is None:
        return None
    seen = rows.of(x)
    both = np.empty_like(x, shape=(2, 1, rows.channels, *(1,) * (x.ndim - 2)))
    m = rows.total(rows.sums(seen)) / rows.places
    wide, squares, c = rows.repeated(m), 0.0, None
    for block in rows.blocks(x):
        c = np.subtract(seen[block], wide, out=None if c is None or len(c) != len(seen[block]) else c)
        squares = squares + rows.products(c, c)
    both[0], both[1] = m.reshape(both.shape[1:]), (rows.total(squares) / rows.places).reshape(both.shape[1:])
    return both


def normalise(x: Any, weight: Any, bias: Any, measured: Any, axis: Any, eps: float) -> Any:
    """(y, mean, 1 / sqrt(variance + eps))."""
    rows = rows_of(x, axis, weight, bias) if measured is None or measured.dtype == x.dtype else None
    if rows is None:
        return None
    m, v = moments(x, axis) if measured is None else measured
    r = 1 / np.sqrt(v + np.asarray(eps, v.dtype))
    y = np.empty_like(x)
    seen, result = rows.of(x), rows.of(y)
    mean, scale = rows.repeated(m), rows.repeated(r if weight is None else r * weight.reshape(r.shape))
    shift = None if bias is None else rows.repeated(bias)
    for block in rows.blocks(x):
        part = np.subtract(seen[block], mean, out=result[block])
        part *= scale
        if shift is not None:
            part += shift
    if measured is None:
        MEASURED.put(y, x, m, v, axis)
    return y, m, r


def rescale(x: Any, scale: Any, shift: Any) -> Any:
    """x scale + shift, a number each for each channel."""
    rows = rows_of(x, (0, *range(2, x.ndim)), scale, shift)
    if rows is None:
        return None
    y = np.empty_like(x)
    seen, result, wide, more = rows.of(x), rows.of(y), rows.repeated(scale), rows.repeated(shift)
    for block in rows.blocks(x):
        part = np.multiply(seen[block], wide, out=result[block])
        part += more
    return y


def normalise_back(g: Any, x: Any, weight: Any, m: Any, r: Any, axis: Any) -> Any:
    """(dx, dweight, dbias); the last two have one axis."""
    rows = rows_of(x, axis, weight, m, r) if g.dtype == x.dtype else None
    if rows is None:
        return None
    g = channels_last(g)
    dx = np.empty_like(x)
    seen, came, result = rows.of(x), rows.of(g), rows.of(dx)
    mean, product, db = rows.repeated(m), 0.0, 0.0
    for block in rows.blocks(x):
        c = np.subtract(seen[block], mean, out=result[block])
        product, db = product + rows.products(c, came[block]), db + rows.sums(came[block])
    db, product, r = rows.total(db), rows.total(product), r.reshape(-1)
    by_c, shift = rows.repeated(product * (r * r / -rows.places)), rows.repeated(db / -rows.places)
    scale = rows.repeated(r if weight is None else r * weight.reshape(-1))
    for block in rows.blocks(x):
        part = result[block]
        part *= by_c
        part += came[block]
        part += shift
        part *= scale
    return dx, product * r, db
