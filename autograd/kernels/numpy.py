"""How is a convolution computed fast with nothing but NumPy?

Three decisions.

* **Channels last.** In memory, channels are the innermost axis, so that the elements under a kernel lie side by side: to
  gather them is to copy long runs, and what they are multiplied by is one matrix. Results keep that layout; their shape
  remains (N, C, *spatial).
* **Blocks.** A few images (or a band of one) are gathered and multiplied at a time, in buffers that stay in the cache and
  are used again. Gathering a whole batch at once is three times slower, and takes 9 times the input's memory for a 3x3 kernel.
* **Matrices as large as they are cheap.** `Gathered` columns cover the whole kernel, or all of it but its first axis, whose
  shifts are then views of the same columns: a third of the copying for 3x3, at the price of adding three products, and of a
  product for each image. Where images are small, a few rows each would keep no second thread busy, so there it is the whole.

Convolutions without a stride that are large do not gather at all (`runs.py`); nor do transposed ones with or without a stride.

Everything here takes checked arguments: x (N, C, *lengths), w (O, C / groups, *size), y (N, O, *out), and the `Axis` of
each spatial dimension, as for the convolution x -> y.

Read next: `runs.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import Any

import numpy as np

from autograd.kernels import runs
from autograd.kernels.layout import empty_channels_last, last_axis
from autograd.ops.windows import Axis, taps, window_view

BLOCK = 1 << 20
"""How many bytes of gathered columns are made at a time: about a core's second-level cache."""

FEW = 256
"""An image of so many positions is small."""

Axes = tuple[Axis, ...]


def conv(x: Any, w: Any, b: Any, axes: Axes, groups: int) -> Any:
    """y[n, o, i] = b[o] + sum over c, k of x[n, c, i stride + k dilation - lo] w[o, c, k]."""
    dtype = np.result_type(x, w) if b is None else np.result_type(x, w, b)
    y = empty_channels_last(x, (len(x), len(w), *(axis.out for axis in axes)), dtype)
    xs, ys = last_axis(x), last_axis(y)
    if not (x.size and y.size):
        ys[...] = 0 if b is None else b
        return y
    if w.shape[1] == 1 and groups > 1:
        depthwise(xs, w, b, ys, axes)
        return y
    for x_part, w_part, b_part, y_part in zip(parts(xs, groups), split(w, groups), split(b, groups), parts(ys, groups)):
        multiply_into(x_part, w_part, b_part, y_part, axes)
    return y


def conv_transpose(y: Any, w: Any, b: Any, axes: Axes, groups: int) -> Any:
    """x[n, c, i stride + k dilation - lo] = b[c] + sum over o, k of y[n, o, i] w[o, c, k]."""
    dtype = np.result_type(y, w) if b is None else np.result_type(y, w, b)
    x = empty_channels_last(y, (len(y), w.shape[1] * groups, *(axis.length for axis in axes)), dtype)
    xs, ys = last_axis(x), last_axis(y)
    if not (x.size and y.size):
        xs[...] = 0 if b is None else b
        return x
    if w.shape[1] == 1 and groups > 1:
        depthwise_transpose(ys, w, b, xs, axes)
        return x
    for x_part, w_part, b_part, y_part in zip(parts(xs, groups), split(w, groups), split(b, groups), parts(ys, groups)):
        if all(axis.stride == 1 for axis in axes):  # the same as a convolution with the kernel turned around
            turned = w_part.swapaxes(0, 1)[(slice(None), slice(None), *(slice(None, None, -1) for _ in axes))]
            back = tuple(Axis(a.out, a.size, 1, a.dilation, a.extent - 1 - a.lo, a.length + a.lo - a.out, a.length) for a in axes)
            multiply_into(y_part, turned, b_part, x_part, back)
        elif runs.fit_apart(w_part, axes, len(x), x.dtype):
            runs.spread_into(y_part, w_part, b_part, x_part, axes)
        else:
            scatter_into(y_part, w_part, b_part, x_part, axes)
    return x


def conv_weight(x: Any, y: Any, axes: Axes, groups: int) -> Any:
    """w[o, c, k] = sum over n, i of y[n, o, i] x[n, c, i stride + k dilation - lo]."""
    size = tuple(axis.size for axis in axes)
    w = np.zeros_like(x, shape=(y.shape[1], x.shape[1] // groups, *size), dtype=np.result_type(x, y), order="C")
    if not (x.size and y.size):
        return w
    if w.shape[1] == 1 and groups > 1:
        depthwise_weight(last_axis(x), w, last_axis(y), axes)
        return w
    for x_part, w_part, y_part in zip(parts(last_axis(x), groups), split(w, groups), parts(last_axis(y), groups)):
        correlate_into(x_part, w_part, y_part, axes)
    return w


def parts(a: Any, groups: int) -> Iterator[Any]:
    """The groups of the channels, which are last."""
    n = a.shape[-1] // groups
    return (a[..., i * n: (i + 1) * n] for i in range(groups))


def split(a: Any, groups: int) -> Iterator[Any]:
    """The groups of the output channels of a weight or a bias."""
    n = 0 if a is None else len(a) // groups
    return (None if a is None else a[i * n: (i + 1) * n] for i in range(groups))


# ---- gathering ----------------------------------------------------------------------------------------------------


class Gathered:
    """The elements under a kernel, as matrices, for a block of images at a time.

    Iterating gives (where the block stands in the batch and in the first output axis, the matrices): one matrix
    (rows, C * kernel) if `whole`, else one (images, rows, C * rest of the kernel) for each element of the kernel's first axis.
    """

    def __init__(self, x: Any, axes: Axes, dtype: Any, whole: bool) -> None:
        self.x, self.axes, self.dtype, self.whole = x, axes, dtype, whole

    def __iter__(self) -> Iterator[tuple[tuple[slice, slice], list[Any]]]:
        first, *rest = self.axes
        channels = self.x.shape[-1]
        row = channels * self.x.dtype.itemsize * max(1, first.size if self.whole else first.stride)
        for axis in rest:
            row *= axis.out * axis.size
        rows = max(1, min(first.out, BLOCK // max(1, row)))
        images = max(1, BLOCK // max(1, row * first.out))
        for top in range(0, first.out, rows):
            out = min(rows, first.out - top)
            band = (first._replace(lo=first.lo - top * first.stride, out=out), *rest)
            yield from self.blocks(images, band, slice(top, top + out))

    def blocks(self, images: int, axes: Axes, band: slice) -> Iterator[tuple[tuple[slice, slice], list[Any]]]:
        n, channels, last = len(self.x), self.x.shape[-1], len(axes)
        images = min(images, n)
        inner, outer = interior(axes)
        padded = np.zeros_like(self.x, shape=(images, *(axis.span for axis in axes), channels), dtype=self.dtype, order="C")
        gathered = axes if self.whole else axes[1:]
        view = window_view(padded, gathered, tuple(range(last + 1 - len(gathered), last + 1)))
        view = np.moveaxis(view, last + 1, -1)  # (block, *out, *kernel, C)
        columns = np.empty_like(padded, shape=view.shape)
        flat = columns.reshape(*columns.shape[: last + 1], -1)
        for start in range(0, n, images):
            m = min(images, n - start)
            padded[(slice(m), *inner)] = self.x[(slice(start, start + m), *outer)]
            np.copyto(columns[:m], view[:m])
            first = axes[0]
            matrices: list[Any]
            if self.whole:
                matrices = [flat[:m].reshape(-1, flat.shape[-1])]
            else:
                shifts = (k * first.dilation for k in range(first.size))
                matrices = [flat[:m, shift: shift + first.stride * (first.out - 1) + 1: first.stride].reshape(m, -1, flat.shape[-1])
                            for shift in shifts]
            yield (slice(start, start + m), band), matrices


def at_once(axes: Axes) -> bool:
    """Are all columns of a kernel better made at once, whatever the channels?"""
    return len(axes) == 1 or axes[0].stride > 1 or prod([axis.out for axis in axes]) <= FEW


def interior(axes: Axes) -> tuple[tuple[slice, ...], tuple[slice, ...]]:
    """Which part of the padded array is the array, and which part of the array that is."""
    inner, outer = [], []
    for axis in axes:
        start, stop = max(0, -axis.lo), min(axis.length, axis.span - axis.lo)
        stop = max(start, stop)
        inner.append(slice(start + axis.lo, stop + axis.lo))
        outer.append(slice(start, stop))
    return tuple(inner), tuple(outer)


# ---- one group ----------------------------------------------------------------------------------------------------
# x (N, *lengths, C), w (O, C, *size), y (N, *out, O), in any memory layout


def multiply_into(x: Any, w: Any, b: Any, y: Any, axes: Axes) -> None:
    """y = conv(x, w) + b."""
    channels, size = w.shape[1], w.shape[2:]
    kernel = np.moveaxis(w, (0, 1), (-1, -2))  # (*size, C, O)
    bias = None if b is None else b.astype(y.dtype, copy=False)
    if all(axis.size == 1 and axis.lo == 0 and axis.span <= axis.length for axis in axes):
        seen = x[(slice(None), *(slice(0, axis.span, axis.stride) for axis in axes))]
        matrix_product(seen, kernel.reshape(channels, -1), y)
        if bias is not None:
            y += bias
        return
    if runs.fit(w, axes, len(x), y.dtype):
        runs.multiply_into(x, w, b, y, axes)
        return
    # Adding up a product for each row of the kernel moves 2 O numbers per row, gathering that row moves C * width.
    whole = at_once(axes) or 2 * len(w) > channels * prod(size[1:])
    kernel = kernel.reshape(1 if whole else size[0], -1, len(w)).astype(y.dtype, copy=False)
    product = None
    for block, matrices in Gathered(x, axes, y.dtype, whole):
        target = y[block].reshape(*matrices[0].shape[:-1], len(w))  # a view: the rows of y lie evenly
        np.matmul(matrices[0], kernel[0], out=target)
        for matrix, row in zip(matrices[1:], kernel[1:]):
            if product is None or product.shape != target.shape:
                product = np.empty_like(target, order="C")
            target += np.matmul(matrix, row, out=product)
        if bias is not None:
            target += bias


def scatter_into(y: Any, w: Any, b: Any, x: Any, axes: Axes) -> None:
    """x = conv_transpose(y, w) + b: a product for each element of the kernel, added where it belongs.

    NumPy's inner loop runs over the innermost axis: where channels are few, products and sums have them outermost.
    """
    channels, narrow = x.shape[-1], x.shape[-1] < axes[-1].out
    kernel = np.moveaxis(w, (0, 1), (-1, -2)).reshape(-1, len(w)).astype(x.dtype, copy=False)  # (kernel * C, O)
    places = list(taps(axes))
    one = max(1, x.dtype.itemsize * channels * prod(y.shape[1:-1]))  # the bytes of one image's product for one element
    images, together = max(1, BLOCK // (one * len(places))), max(1, BLOCK // one)
    for start in range(0, len(y), images):
        block = y[start: start + images].astype(x.dtype, order="C", copy=False)
        rows = block.reshape(-1, len(w))
        target = x[start: start + images]
        total = np.moveaxis(np.empty_like(x, shape=(channels, *target.shape[:-1]), order="C"), 0, -1) if narrow else target
        total[...] = 0 if b is None else b
        for k in range(0, len(places), together):
            part = kernel[k * channels: (k + together) * channels]
            products = (part @ rows.T).T if narrow else rows @ part.T
            products = products.reshape(*block.shape[:-1], -1, channels)
            for i, (seen, elements) in enumerate(places[k: k + together]):
                total[(slice(None), *elements)] += products[(slice(None), *seen, i)]
        if narrow:
            target[...] = total


def correlate_into(x: Any, w: Any, y: Any, axes: Axes) -> None:
    """w += the sum over images and positions of y times what the kernel sees."""
    if runs.fit(w, axes, len(x), w.dtype) and runs.correlate_into(x, w, y, axes):
        return
    channels, size = w.shape[1], w.shape[2:]
    whole = at_once(axes)
    total = np.zeros_like(w, shape=(1 if whole else size[0], channels * prod(size) // (1 if whole else size[0]), len(w)))
    for block, matrices in Gathered(x, axes, w.dtype, whole):
        cotangent = y[block].astype(w.dtype, order="C", copy=False).reshape(*matrices[0].shape[:-1], len(w))
        for matrix, row in zip(matrices, total):
            products = np.matmul(matrix.swapaxes(-1, -2), cotangent)
            row += products if whole else products.sum(0)
    w += np.moveaxis(total.reshape(*size, channels, len(w)), (-1, -2), (0, 1))


def matrix_product(x: Any, kernel: Any, y: Any) -> None:
    """y = x @ kernel over the last axis of x: one product if that is the innermost in memory, else one for each image."""
    before = (-1,) if x.strides[-1] == x.itemsize else (len(x), -1)
    np.matmul(x.reshape(*before, x.shape[-1]), kernel.astype(y.dtype), out=y.reshape(*before, y.shape[-1]))


# ---- depthwise: each channel has its own kernels, so there is nothing to sum over but the kernel itself -----------------
# x (N, *lengths, C), w (O, 1, *size), y (N, *out, O); O / C kernels for each channel


def depthwise(x: Any, w: Any, b: Any, y: Any, axes: Axes) -> None:
    """y = conv(x, w) + b: a product of arrays for each element of the kernel."""
    kernel, blocks = depthwise_blocks(x, w, y)
    for x_block, y_block in blocks:
        y_block[...] = 0 if b is None else b.reshape(kernel.shape[1:])
        for tap, (seen, elements) in zip(kernel, taps(axes)):
            y_block[(slice(None), *seen)] += x_block[(slice(None), *elements)] * tap


def depthwise_transpose(y: Any, w: Any, b: Any, x: Any, axes: Axes) -> None:
    """x = conv_transpose(y, w) + b."""
    kernel, blocks = depthwise_blocks(x, w, y)
    for x_block, y_block in blocks:
        x_block[...] = 0 if b is None else b[:, None]
        for tap, (seen, elements) in zip(kernel, taps(axes)):
            x_block[(slice(None), *elements)] += (y_block[(slice(None), *seen)] * tap).sum(-1, keepdims=True)


def depthwise_weight(x: Any, w: Any, y: Any, axes: Axes) -> None:
    """w += the sum over images and positions of y times x."""
    total, blocks = depthwise_blocks(x, w, y)
    summed = tuple(range(len(axes) + 1))
    for x_block, y_block in blocks:
        for tap, (seen, elements) in zip(total, taps(axes)):
            tap += (x_block[(slice(None), *elements)] * y_block[(slice(None), *seen)]).sum(summed)
    w[...] = np.moveaxis(total.reshape(*w.shape[2:], len(w)), -1, 0)[:, None]


def depthwise_blocks(x: Any, w: Any, y: Any) -> tuple[Any, Iterator[tuple[Any, Any]]]:
    """The weight as (kernel, C, O / C), and blocks of images of x (.., C, 1) and y (.., C, O / C)."""
    channels, each = x.shape[-1], y.shape[-1] // x.shape[-1]
    kernel = np.moveaxis(w[:, 0], 0, -1).reshape(-1, channels, each)
    images = max(1, BLOCK // max(1, y.dtype.itemsize * prod(y.shape[1:])))
    starts = range(0, len(x), images)
    return kernel, ((x[i: i + images, ..., None], y[i: i + images].reshape(-1, *y.shape[1:-1], channels, each)) for i in starts)
