"""How does an image of any size become a result of one size?

By windows that are as large as it takes: window i of an axis sees the elements from floor(i length / size) to
ceil((i + 1) length / size), without the last. With size 1 that is the mean (or maximum) of the whole channel: the global pooling at the
end of GoogLeNet and ResNet.

Read next: `fractional.py`.
"""

from __future__ import annotations

from typing import Any

from autograd import ops
from nn.axes import check_axes, for_axes
from nn.module import Module

# ---- functions ----------------------------------------------------------------------------------------------------


def adaptive_avg_pool(n: int, x: Any, output_size: Any) -> Any:
    """The means of windows that divide x into `output_size` parts.

    x:            (N, C, *lengths) or (C, *lengths)
    output_size:  an integer, or one for each axis; None leaves an axis as it is
    """
    check_axes(f"adaptive_avg_pool{n}d", x.shape, n)
    return ops.adaptive_avg_pool(x, parts(n, output_size))


def adaptive_max_pool(n: int, x: Any, output_size: Any, return_indices: bool = False) -> Any:
    """The maxima of windows that divide x into `output_size` parts; and, if asked for, where they are in the flattened lengths."""
    check_axes(f"adaptive_max_pool{n}d", x.shape, n)
    size = parts(n, output_size)
    y = ops.adaptive_max_pool(x, size)
    return (y, ops.adaptive_max_pool_index(x, size)) if return_indices else y


def parts(n: int, output_size: Any) -> tuple[Any, ...]:
    size = tuple(output_size) if isinstance(output_size, (tuple, list)) else (output_size,) * n
    if len(size) != n or any(v is not None and (not isinstance(v, int) or v < 1) for v in size):
        raise ValueError(f"an adaptive pooling over {n} axes takes an output size of at least 1, or {n} of them (None for as it is), "
                         f"and not {output_size!r}")
    return size


adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d = for_axes(adaptive_avg_pool)
adaptive_max_pool1d, adaptive_max_pool2d, adaptive_max_pool3d = for_axes(adaptive_max_pool)

# ---- layers -------------------------------------------------------------------------------------------------------


class AdaptiveAvgPool(Module):
    """The means of windows that divide x into `output_size` parts.

    output_size:  of the result: an integer, or one for each axis; None leaves an axis as it is

    Shapes: x (N, C, *lengths) or (C, *lengths), y (N, C, *output_size).
    """

    axes: int

    def __init__(self, output_size: Any) -> None:
        parts(self.axes, output_size)
        self.output_size = output_size

    def forward(self, x: Any) -> Any:
        check_axes(self.place(), self.shape_of(x), self.axes)
        return adaptive_avg_pool(self.axes, x, self.output_size)

    def extra_repr(self) -> str:
        return f"output_size={self.output_size}"


class AdaptiveMaxPool(AdaptiveAvgPool):
    """The maxima of windows that divide x into `output_size` parts.

    output_size:     as for `AdaptiveAvgPool`
    return_indices:  return (y, where the maxima are in the flattened lengths)
    """

    def __init__(self, output_size: Any, return_indices: bool = False) -> None:
        super().__init__(output_size)
        self.return_indices = return_indices

    def forward(self, x: Any) -> Any:
        check_axes(self.place(), self.shape_of(x), self.axes)
        return adaptive_max_pool(self.axes, x, self.output_size, self.return_indices)


class GlobalAvgPool(Module):
    """The mean of each channel: (N, C, *lengths) to (N, C), whatever the lengths. (Lin et al. 2014, "Network in network".)

    keepdims:  leave axes of length 1 in the place of the lengths

    >>> import numpy as np, nn
    >>> nn.GlobalAvgPool()(np.ones((5, 64, 7, 7), np.float32)).shape
    (5, 64)
    """

    def __init__(self, keepdims: bool = False) -> None:
        self.keepdims = keepdims

    def forward(self, x: Any) -> Any:
        return ops.mean(x, axis=self.lengths(x), keepdims=self.keepdims)

    def lengths(self, x: Any) -> tuple[int, ...]:
        """The axes of x after the first two."""
        shape = self.shape_of(x)
        if len(shape) < 3 or 0 in shape[2:]:
            raise ValueError(f"{self.place()} takes (N, C, *lengths), at least one length and none of 0, but the input has shape {shape}")
        return tuple(range(2, len(shape)))

    def extra_repr(self) -> str:
        return "keepdims=True" if self.keepdims else ""


class GlobalMaxPool(GlobalAvgPool):
    """The maximum of each channel: (N, C, *lengths) to (N, C), whatever the lengths. Maxima that are equal share the gradient.

    keepdims:  leave axes of length 1 in the place of the lengths
    """

    def forward(self, x: Any) -> Any:
        return ops.max(x, axis=self.lengths(x), keepdims=self.keepdims)


class AdaptiveAvgPool1d(AdaptiveAvgPool):
    """`AdaptiveAvgPool` for signals (N, C, L)."""

    axes = 1


class AdaptiveAvgPool2d(AdaptiveAvgPool):
    """`AdaptiveAvgPool` for images (N, C, H, W)."""

    axes = 2


class AdaptiveAvgPool3d(AdaptiveAvgPool):
    """`AdaptiveAvgPool` for volumes (N, C, D, H, W)."""

    axes = 3


class AdaptiveMaxPool1d(AdaptiveMaxPool):
    """`AdaptiveMaxPool` for signals (N, C, L)."""

    axes = 1


class AdaptiveMaxPool2d(AdaptiveMaxPool):
    """`AdaptiveMaxPool` for images (N, C, H, W)."""

    axes = 2


class AdaptiveMaxPool3d(AdaptiveMaxPool):
    """`AdaptiveMaxPool` for volumes (N, C, D, H, W)."""

    axes = 3
