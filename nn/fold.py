"""What does a kernel see, as the columns of a matrix?

`unfold` makes a column of each window (im2col), so that a convolution is a product of matrices, as in CS231n's assignment; `fold` adds
columns back to an image (col2im). They are each other's transpose.

Read next: `shape.py`.
"""

from __future__ import annotations

from math import prod
from typing import Any

from autograd import ops
from nn.axes import check_axes, each
from nn.module import Module
from nn.padding import pad


def unfold(x: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Any:
    """(N, C, H, W) or (C, H, W) to (N, C kernel, windows): each column is what the kernel sees at one place."""
    check_axes("unfold", x.shape, 2)
    size, dilation, (top, left), stride = sliding("unfold", kernel_size, dilation, padding, stride)
    seen = ops.windows(pad(x, (left, left, top, top)), size, stride, dilation)  # (N, C, rows, columns, *size)
    n = len(x.shape) - 3
    seen = ops.transpose(seen, (*range(n), n, n + 3, n + 4, n + 1, n + 2))
    return ops.reshape(seen, (*x.shape[:n], x.shape[n] * prod(size), prod(seen.shape[-2:])))


def fold(x: Any, output_size: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Any:
    """(N, C kernel, windows) or (C kernel, windows) to (N, C, *output_size): each column added up where `unfold` would read it."""
    size, dilation, padding, stride = sliding("fold", kernel_size, dilation, padding, stride)
    lengths = each("fold", "output_size", output_size, 2)
    out = tuple((length + 2 * p - d * (k - 1) - 1) // s + 1 for length, p, d, k, s in zip(lengths, padding, dilation, size, stride))
    if len(x.shape) not in (2, 3) or x.shape[-2] % prod(size) or x.shape[-1] != prod(out) or min(out) < 1:
        raise ValueError(f"fold: windows of {size} elements at {out} places of an image of {lengths} are columns "
                         f"(N, C * {prod(size)}, {prod(out)}), but the input has shape {x.shape}")
    n, c = len(x.shape) - 2, x.shape[-2] // prod(size)
    seen = ops.transpose(ops.reshape(x, (*x.shape[:n], c, *size, *out)), (*range(n), n, n + 3, n + 4, n + 1, n + 2))
    whole = tuple(length + 2 * p for length, p in zip(lengths, padding))
    y = ops.fold(seen, whole, stride, dilation)
    return y[(..., *(slice(p, p + length) for p, length in zip(padding, lengths)))]


def sliding(what: str, size: Any, dilation: Any, padding: Any, stride: Any) -> tuple[Any, Any, Any, Any]:
    return (each(what, "kernel_size", size, 2), each(what, "dilation", dilation, 2), each(what, "padding", padding, 2, 0),
            each(what, "stride", stride, 2))


class Unfold(Module):
    """Images to columns: (N, C, H, W) to (N, C kernel, windows); im2col.

    kernel_size, dilation, padding, stride:  of a kernel that slides over the image, as in `Conv2d`

    >>> import numpy as np, nn
    >>> nn.Unfold(3)(np.ones((5, 2, 8, 8))).shape
    (5, 18, 36)
    """

    def __init__(self, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> None:
        sliding("Unfold", kernel_size, dilation, padding, stride)
        self.kernel_size, self.dilation, self.padding, self.stride = kernel_size, dilation, padding, stride

    def forward(self, x: Any) -> Any:
        check_axes(self.place(), self.shape_of(x), 2)
        return unfold(x, self.kernel_size, self.dilation, self.padding, self.stride)

    def extra_repr(self) -> str:
        return f"kernel_size={self.kernel_size}, dilation={self.dilation}, padding={self.padding}, stride={self.stride}"


class Fold(Unfold):
    """Columns to images: (N, C kernel, windows) to (N, C, *output_size), overlapping windows added up; col2im.

    output_size:  height and width of the image
    kernel_size, dilation, padding, stride:  as in `Unfold`
    """

    def __init__(self, output_size: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> None:
        super().__init__(kernel_size, dilation, padding, stride)
        each("Fold", "output_size", output_size, 2)
        self.output_size = output_size

    def forward(self, x: Any) -> Any:
        self.shape_of(x)
        return fold(x, self.output_size, self.kernel_size, self.dilation, self.padding, self.stride)

    def extra_repr(self) -> str:
        return f"output_size={self.output_size}, {super().extra_repr()}"
