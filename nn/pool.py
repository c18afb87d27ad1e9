"""How does a network look at a coarser picture?

A pooling layer slides a window over each channel and keeps one number of it: the maximum, the mean, the p-norm. It has no weights.
(CS231n, Convolutional Networks, pooling layer.)

Read next: `adaptive.py`.
"""

from __future__ import annotations

from typing import Any

from autograd import ops
from nn.axes import check_axes, each, for_axes
from nn.module import Module

# ---- functions ----------------------------------------------------------------------------------------------------


def max_pool(n: int, x: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1, ceil_mode: bool = False,
             return_indices: bool = False) -> Any:
    """The largest element of each window; its gradient goes to the first such element.

    x:            (N, C, *lengths) or (C, *lengths)
    kernel_size:  of the window: an integer, or one for each axis
    stride:       default: kernel_size, so that windows do not overlap
    padding:      minus infinity on both sides; at most half the kernel
    ceil_mode:    a last window may hang over the end
    return_indices:  return (y, where the maxima are): positions in the flattened *lengths, for `max_unpool`
    """
    what = f"max_pool{n}d"
    check_axes(what, x.shape, n)
    window = (*sliding(what, n, kernel_size, stride, padding), each(what, "dilation", dilation, n), ceil_mode)
    y = ops.max_pool(x, *window)
    return (y, ops.max_pool_index(x, *window)) if return_indices else y


def avg_pool(n: int, x: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, ceil_mode: bool = False,
             count_include_pad: bool = True, divisor_override: float | None = None) -> Any:
    """The mean of each window. Arguments as for `max_pool`, with zeros as padding, and

    count_include_pad:  does the padding count as elements of the window?
    divisor_override:   divide by this instead of the number of elements
    """
    what = f"avg_pool{n}d"
    check_axes(what, x.shape, n)
    size, stride, padding = sliding(what, n, kernel_size, stride, padding)
    return ops.avg_pool(x, size, stride, padding, ceil_mode, count_include_pad, divisor_override)


def lp_pool(n: int, x: Any, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False) -> Any:
    """(sum over the window of x^p)^(1/p), p = norm_type; 1 is the sum, and infinity would be the maximum."""
    what = f"lp_pool{n}d"
    check_axes(what, x.shape, n)
    size, stride, _ = sliding(what, n, kernel_size, stride, 0)
    return ops.lp_pool(x, norm_type, size, stride, ceil_mode)


def max_unpool(n: int, x: Any, indices: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, output_size: Any = None) -> Any:
    """Zeros, with x where the maxima were: `max_pool(..., return_indices=True)` in reverse.

    x, indices:   what `max_pool` returned
    kernel_size, stride, padding:  of that pooling
    output_size:  (*lengths) or a whole shape, where several lengths are pooled to one; default: the shortest that is covered
    """
    what = f"max_unpool{n}d"
    check_axes(what, x.shape, n)
    size, stride, padding = sliding(what, n, kernel_size, stride, padding)
    shortest = tuple((length - 1) * s + k - 2 * p for length, s, k, p in zip(x.shape[-n:], stride, size, padding))
    lengths = shortest if output_size is None else tuple(output_size)[-n:]
    if any(not short - s < length < short + s for length, short, s in zip(lengths, shortest, stride)):
        raise ValueError(f"{what}: lengths {x.shape[-n:]} were pooled from {shortest}, give or take less than the stride {stride}, "
                         f"and not from {lengths}")
    return ops.max_unpool(x, indices, lengths)


def sliding(what: str, n: int, size: Any, stride: Any, padding: Any) -> tuple[tuple[int, ...], ...]:
    """Kernel size, stride and padding, one for each axis."""
    return (each(what, "kernel_size", size, n), each(what, "stride", size if stride is None else stride, n),
            each(what, "padding", padding, n, 0))


max_pool1d, max_pool2d, max_pool3d = for_axes(max_pool)
avg_pool1d, avg_pool2d, avg_pool3d = for_axes(avg_pool)
lp_pool1d, lp_pool2d, lp_pool3d = for_axes(lp_pool)
max_unpool1d, max_unpool2d, max_unpool3d = for_axes(max_unpool)

# ---- layers -------------------------------------------------------------------------------------------------------


class Pool(Module):
    """What pooling layers share: how many axes, and how the window slides."""

    axes: int

    def slide(self, kernel_size: Any, stride: Any, padding: Any = 0) -> None:
        """Keep kernel_size, stride and padding, if they can be."""
        sliding(type(self).__name__, self.axes, kernel_size, stride, padding)
        self.kernel_size, self.stride, self.padding = kernel_size, kernel_size if stride is None else stride, padding

    def check(self, x: Any) -> None:
        check_axes(self.place(), self.shape_of(x), self.axes)

    def extra_repr(self) -> str:
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class MaxPool(Pool):
    """The largest element of each window.

    kernel_size:  of the window: an integer, or one for each axis
    stride:       default: kernel_size, so that windows do not overlap
    padding:      minus infinity on both sides; at most half the kernel
    dilation:     the distance of a window's elements
    return_indices:  return (y, where the maxima are), for `MaxUnpool`
    ceil_mode:    a last window may hang over the end

    Shapes: x (N, C, *lengths) or (C, *lengths); y (N, C, *out), out = (length + 2 padding - dilation (kernel - 1) - 1) // stride + 1.
    Raises ValueError for windows that do not fit.
    """

    def __init__(self, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1, return_indices: bool = False,
                 ceil_mode: bool = False) -> None:
        self.slide(kernel_size, stride, padding)
        each(type(self).__name__, "dilation", dilation, self.axes)
        self.dilation, self.return_indices, self.ceil_mode = dilation, return_indices, ceil_mode

    def forward(self, x: Any) -> Any:
        self.check(x)
        return max_pool(self.axes, x, self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode, self.return_indices)

    def extra_repr(self) -> str:
        return f"{super().extra_repr()}, dilation={self.dilation}, ceil_mode={self.ceil_mode}"


class AvgPool(Pool):
    """The mean of each window.

    kernel_size, stride, padding, ceil_mode:  as for `MaxPool`, with zeros as padding
    count_include_pad:  does the padding count as elements of the window?
    divisor_override:   divide by this instead of the number of elements
    """

    def __init__(self, kernel_size: Any, stride: Any = None, padding: Any = 0, ceil_mode: bool = False, count_include_pad: bool = True,
                 divisor_override: float | None = None) -> None:
        self.slide(kernel_size, stride, padding)
        self.ceil_mode, self.count_include_pad, self.divisor_override = ceil_mode, count_include_pad, divisor_override

    def forward(self, x: Any) -> Any:
        self.check(x)
        return avg_pool(self.axes, x, self.kernel_size, self.stride, self.padding, self.ceil_mode, self.count_include_pad,
                        self.divisor_override)


class LPPool(Pool):
    """(sum over the window of x^p)^(1/p).

    norm_type:  p
    kernel_size, stride, ceil_mode:  as for `MaxPool`
    """

    def __init__(self, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False) -> None:
        if norm_type == 0:
            raise ValueError(f"{type(self).__name__}: there is no 0-norm of a window")
        self.slide(kernel_size, stride)
        self.norm_type, self.ceil_mode = norm_type, ceil_mode

    def forward(self, x: Any) -> Any:
        self.check(x)
        return lp_pool(self.axes, x, self.norm_type, self.kernel_size, self.stride, self.ceil_mode)

    def extra_repr(self) -> str:
        return f"norm_type={self.norm_type}, kernel_size={self.kernel_size}, stride={self.stride}, ceil_mode={self.ceil_mode}"


class MaxUnpool(Pool):
    """`MaxPool` in reverse: zeros, with x where the maxima were. (Zeiler & Fergus 2014.)

    kernel_size, stride, padding:  of the pooling, which was made with `return_indices=True`

    Called with what it returned, (x, indices), and where several lengths are pooled to one with the `output_size` that is meant.
    """

    def __init__(self, kernel_size: Any, stride: Any = None, padding: Any = 0) -> None:
        self.slide(kernel_size, stride, padding)

    def forward(self, x: Any, indices: Any, output_size: Any = None) -> Any:
        self.check(x)
        self.shape_of(indices, "indices")
        return max_unpool(self.axes, x, indices, self.kernel_size, self.stride, self.padding, output_size)


class MaxPool1d(MaxPool):
    """`MaxPool` for signals (N, C, L)."""

    axes = 1


class MaxPool2d(MaxPool):
    """`MaxPool` for images (N, C, H, W).

    >>> import numpy as np, nn
    >>> nn.MaxPool2d(2)(np.ones((5, 3, 32, 32), np.float32)).shape
    (5, 3, 16, 16)
    """

    axes = 2


class MaxPool3d(MaxPool):
    """`MaxPool` for volumes (N, C, D, H, W)."""

    axes = 3


class AvgPool1d(AvgPool):
    """`AvgPool` for signals (N, C, L)."""

    axes = 1


class AvgPool2d(AvgPool):
    """`AvgPool` for images (N, C, H, W)."""

    axes = 2


class AvgPool3d(AvgPool):
    """`AvgPool` for volumes (N, C, D, H, W)."""

    axes = 3


class LPPool1d(LPPool):
    """`LPPool` for signals (N, C, L)."""

    axes = 1


class LPPool2d(LPPool):
    """`LPPool` for images (N, C, H, W)."""

    axes = 2


class LPPool3d(LPPool):
    """`LPPool` for volumes (N, C, D, H, W)."""

    axes = 3


class MaxUnpool1d(MaxUnpool):
    """`MaxUnpool` for signals (N, C, L)."""

    axes = 1


class MaxUnpool2d(MaxUnpool):
    """`MaxUnpool` for images (N, C, H, W)."""

    axes = 2


class MaxUnpool3d(MaxUnpool):
    """`MaxUnpool` for volumes (N, C, D, H, W)."""

    axes = 3
