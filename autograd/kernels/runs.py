"""How is a convolution computed without copying what each window sees?

With channels last in memory, a row of a window (size S, C channels) is one run of S C numbers, and the next window's begins C numbers
further on. So all runs of an image are there already. They overlap; but those of every S-th window do not: they lie one after the other,
as the rows of a matrix do. For a kernel of 3x3,

    for the windows that begin at place 0, 1 or 2 of each three:
        for each row of the kernel:   their results += the matrix of their runs @ the kernel's row, a matrix (3 C, O)

are nine products without any copy, where gathering makes nine numbers of one. BLAS adds a product to what is there, and takes matrices
whose rows lie apart (`blas.py`).

What is copied is the image itself, once, to where zeros surround it. Its rows lie one after the other in flat memory: the zeros after one
are those before the next, and from a window to its runs it is equally far everywhere. Windows that begin so far right that they run over
into the next row are computed as well, and thrown away: one in nine for images of 16x16, one in five for 8x8.

The transposed convolution is one with the kernel turned around, and the gradient of the weight is the same products the other way round.
A transposed convolution with stride 2 is four convolutions: the results at even places see the even elements of the kernel alone, those at
odd places the odd ones, along each axis.

Read next: `../testing/__init__.py`.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from math import prod
from typing import Any

import numpy as np

from autograd.kernels import blas
from autograd.ops.windows import Axis

BLOCK = 2 << 20
"""How many bytes of images and results are worked on at a time: products are large enough for two threads, and a cache holds them."""

LARGE = 1 << 24
"""A convolution of so many products is large: fewer are done while Python prepares these."""

WASTE = 8
"""So many results may be thrown away for one window that is kept: to gather a number takes as long as so many multiplications."""

FEW = 16
"""A transposed convolution with a stride that makes fewer channels is better scattered: each of its convolutions copies what it takes."""

NARROW = 32
"""For the gradient of a weight, a run has at least so many numbers: a product with fewer rows is a slow one."""

Axes = tuple[Axis, ...]
Call = Callable[[], None]
Prepare = Callable[[Any, int, Any], Call]


def fit(w: Any, axes: Axes, images: int, dtype: Any) -> bool:
    """Are runs the faster way for this kernel (O, C, *size)?"""
    if axes[-1].dilation > 1 or any(axis.stride > 1 for axis in axes) or w[0, 0].size == 1 or not large(w, axes, images):
        return False
    return 1 < len(w) <= 2 * w.shape[1] * axes[-1].size and little_waste(axes, len(w)) and blas.multiplies(dtype)


def fit_apart(w: Any, axes: Axes, images: int, dtype: Any) -> bool:
    """Are they for the transposed convolution with a stride?"""
    channels = w.shape[1]
    if any(axis.dilation > 1 or axis.size < axis.stride for axis in axes) or channels < FEW or not large(w, axes, images):
        return False
    return all(little_waste(part, channels) for _, _, part in apart(axes)) and blas.multiplies(dtype)


def large(w: Any, axes: Axes, images: int) -> bool:
    return images * w.size * prod([axis.out for axis in axes]) >= LARGE


def little_waste(axes: Axes, channels: int) -> bool:
    """Are few windows thrown away, whose results have so many channels?"""
    windows = prod([axis.out for axis in axes])
    return (Flat(axes).places - windows) * channels <= WASTE * windows


class Flat:
    """Where images lie in flat memory with zeros between them, for a band of windows along the first axis.

    lengths:  of an image there, from the first zero before it to where the next one begins
    places:   their product
    shifts:   from the place of a window to its runs, one for each row of the kernel
    size:     how many places a run covers
    """

    def __init__(self, axes: Axes) -> None:
        self.size, self.out = axes[-1].size, tuple(axis.out for axis in axes)
        lengths, inside, self.seen = [], [], []
        for axis in axes:
            start, stop = max(0, -axis.lo), min(axis.length, axis.span - axis.lo)
            stop = max(start, stop)
            before, after = start + axis.lo, axis.span - stop - axis.lo
            lengths.append(max(axis.out, axis.span - min(before, after)))
            inside.append(slice(before, stop + axis.lo))
            self.seen.append(slice(start, stop))
        self.lengths, self.places, self.inside = tuple(lengths), prod(lengths), inside
        steps = [prod(lengths[i + 1:]) for i in range(len(axes))]
        rows = np.ndindex(*(axis.size for axis in axes[:-1]))
        self.shifts = [sum(k * axis.dilation * step for k, axis, step in zip(row, axes, steps)) for row in rows]

    def memory(self, images: int, channels: int, like: Any) -> Any:
        """Zeros (places, channels), for so many images and what their last windows see beyond them."""
        return np.zeros_like(like, shape=(images * self.places + self.shifts[-1] + 2 * self.size, channels), order="C")

    def shaped(self, memory: Any, images: int) -> Any:
        """(images, *lengths, channels), a view."""
        return memory[: images * self.places].reshape(images, *self.lengths, -1)

    def image(self, memory: Any, images: int) -> Any:
        """Where the images themselves belong."""
        return self.shaped(memory, images)[(slice(None), *self.inside)]

    def windows(self, memory: Any, images: int) -> Any:
        """Where the windows' results are."""
        return self.shaped(memory, images)[(slice(None), *(slice(n) for n in self.out))]

    def products(self, x: Any, y: Any, images: int) -> Iterator[tuple[Any, int, Any]]:
        """Of two such memories: (the runs of every S-th window, a row of the kernel, the results of these windows)."""
        total = images * self.places
        for phase in range(min(self.size, total)):
            results = y[phase: total: self.size]
            for row, shift in enumerate(self.shifts):
                runs = x[shift + phase: shift + phase + len(results) * self.size]
                yield runs.reshape(len(results), -1), row, results


def bands(axes: Axes, row: int) -> Iterator[tuple[slice, Axes]]:
    """The windows along the first axis in bands of a block's size, if one row of them has so many bytes."""
    first, rest = axes[0], axes[1:]
    rows = max(1, BLOCK // row)
    for top in range(0, first.out, rows):
        out = min(rows, first.out - top)
        yield slice(top, top + out), (first._replace(lo=first.lo - top * first.stride, out=out), *rest)


def blocks(x: Any, y: Any, axes: Axes, like: Any, prepare: Prepare) -> Iterator[tuple[Any, Any, Any, list[Call]]]:
    """Puts images into flat memory. For each block: the part of y, flat memory for it, its place there, the products as prepared."""
    n, place = len(x), (x.shape[-1] + y.shape[-1]) * like.itemsize
    for band, part in bands(axes, place * Flat(axes).places // axes[0].out):
        flat = Flat(part)
        images = max(1, min(n, BLOCK // (place * flat.places)))
        into, results = flat.memory(images, x.shape[-1], like), flat.memory(images, y.shape[-1], like)
        calls: list[Call] = []
        for start in range(0, n, images):
            m = min(images, n - start)
            if m < images or not calls:
                calls = [prepare(*product) for product in flat.products(into, results, m)]
            flat.image(into, m)[...] = x[(slice(start, start + m), *flat.seen)]
            yield y[start: start + m, band], results, flat.windows(results, m), calls


def multiply_into(x: Any, w: Any, b: Any, y: Any, axes: Axes) -> None:
    """y = conv(x, w) + b: x (N, *lengths, C), w (O, C, *size), y (N, *out, O), in any memory layout."""
    rows = np.moveaxis(w, (0, 1), (-1, -2)).astype(y.dtype, order="C", copy=False).reshape(-1, axes[-1].size * w.shape[1], len(w))

    def prepare(runs: Any, row: int, results: Any) -> Call:
        return blas.multiplication(runs, rows[row], results, add=row > 0 or b is not None)

    biases = None  # to copy long memory is three times as fast as to add a short row over and over
    for y_part, results, windows, calls in blocks(x, y, axes, y, prepare):
        if b is not None:
            if biases is None or len(biases) != len(results):
                biases = np.empty_like(results)
                biases[...] = b
            results[...] = biases
        for call in calls:
            call()
        y_part[...] = windows


def correlate_into(x: Any, w: Any, y: Any, axes: Axes) -> bool:
    """w += the sum over images and positions of y times what the kernel sees. Is it done?

    Not where x has a NaN or an infinity: the windows that are thrown away bring zero times that.
    """
    if w.shape[1] * axes[-1].size < NARROW:
        return False
    total = np.zeros_like(w, shape=(prod(w.shape[2:-1]), axes[-1].size * w.shape[1], len(w)), order="C")

    def prepare(runs: Any, row: int, cotangents: Any) -> Call:
        return blas.multiplication(runs.T, cotangents, total[row], add=True)

    for y_part, _, windows, calls in blocks(x, y, axes, w, prepare):
        windows[...] = y_part
        for call in calls:
            call()
    if not np.isfinite(total).all():
        return False
    w += np.moveaxis(total.reshape(*w.shape[2:], w.shape[1], len(w)), (-1, -2), (0, 1))
    return True


# ---- a transposed convolution with a stride, as several without ----------------------------------------------------------


def apart(axes: Axes) -> Iterator[tuple[tuple[slice, ...], tuple[slice, ...], Axes]]:
    """The places of the result that have the same remainder, divided by the stride; the elements of the kernel that reach them; and the
    axes of the convolution by these elements, turned around, from y to these places."""
    for choice in itertools.product(*(range(min(axis.stride, axis.length)) for axis in axes)):
        places, elements, parts = [], [], []
        for first, axis in zip(choice, axes):
            before, k = divmod(first + axis.lo, axis.stride)
            size, out = len(range(k, axis.size, axis.stride)), len(range(first, axis.length, axis.stride))
            places.append(slice(first, None, axis.stride))
            elements.append(slice(k, None, axis.stride))
            lo = size - 1 - before
            parts.append(Axis(axis.out, size, 1, 1, lo, out - 1 + size - lo - axis.out, out))
        yield tuple(places), tuple(elements), tuple(parts)


def spread_into(y: Any, w: Any, b: Any, x: Any, axes: Axes) -> None:
    """x = conv_transpose(y, w) + b, for kernels that are at least as long as the stride."""
    every = slice(None)
    for places, elements, part in apart(axes):
        kernel = w[(every, every, *elements)].swapaxes(0, 1)[(every, every, *(slice(None, None, -1) for _ in axes))]
        multiply_into(y, kernel, b, x[(every, *places)], part)
