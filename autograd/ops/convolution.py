"""What is a convolution, and what is its gradient?

    conv            z[n, o, i] = sum over c, k of x[n, c, i stride + k dilation - padding] w[o, c, k]
    conv_transpose  the same products, summed from z and w to x
    conv_weight     the same products, summed from x and z to w

One sum of products with three factors, of which two are given and the third is computed: so the derivatives of each are the other
two, and every order of derivative stays among the three. In 1, 2, 3 or more dimensions, with stride, padding, dilation and groups.

The definitions that one can read are at the end: `windows` or `fold`, and one contraction. The numbers come from
`kernels/`, which is an order of magnitude faster; tests compare the two.

(CS231n, Convolutional Networks. The correlation that deep learning calls convolution: the kernel is not turned around.)

Read next: `pooling.py`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import kernels
from autograd.kernels.columns import column_sums
from autograd.node import type_text
from autograd.ops.products import einsum
from autograd.ops.repetition import pad
from autograd.ops.shapes import broadcast_to, reshape
from autograd.ops.windows import Axis, fold, padding_pairs, per_axis, sliding, windows
from autograd.primitive import primitive

Axes = tuple[Axis, ...]

# ---- what fits together -------------------------------------------------------------------------------------------


def check(what: str, x: Any, w: Any, groups: int, channels: int, takes: int) -> None:
    """Do an image and a weight fit? `channels` of x meet a weight that takes `takes`."""
    if w.ndim < 3:
        raise ValueError(f"{what}: the weight must have shape (out channels, in channels / groups, *kernel), "
                         f"but is {type_text(w.shape, w.dtype)}")
    if x.ndim != w.ndim:
        hint = "; for a single image write x[None]" if x.ndim == w.ndim - 1 else ""
        raise ValueError(f"{what}: the weight {type_text(w.shape, w.dtype)} slides over {w.ndim - 2} axes, so x must have shape (N, C, "
                         f"{', '.join(['*'] * (w.ndim - 2))}), but is {type_text(x.shape, x.dtype)}{hint}")
    if not isinstance(groups, (int, np.integer)) or groups < 1 or w.shape[0] % groups:
        raise ValueError(f"{what}: groups={groups} does not divide the {w.shape[0]} channels that come first in the weight "
                         f"{type_text(w.shape, w.dtype)}")
    if channels != takes:
        raise ValueError(f"{what}: x has {channels} channels ({type_text(x.shape, x.dtype)}) but the weight {type_text(w.shape, w.dtype)} "
                         f"with groups={groups} takes {takes}")


def check_bias(what: str, b: Any, channels: int) -> None:
    if b is not None and b.shape != (channels,):
        raise ValueError(f"{what}: the bias must have shape ({channels},), one number for each channel of the result, but has {b.shape}")


def padded(what: str, padding: Any, size: tuple[int, ...], stride: Any, dilation: Any) -> tuple[tuple[int, int], ...]:
    """Padding as pairs; "valid" is none, and "same" is what makes the result as long as x."""
    if not isinstance(padding, str):
        return padding_pairs(what, padding, len(size))
    if padding == "valid":
        return ((0, 0),) * len(size)
    if padding != "same" or any(s != 1 for s in per_axis(what, "stride", stride, len(size), 1)):
        raise ValueError(f"{what}: padding must be numbers, 'valid', or, with stride 1, 'same'; but is {padding!r} with stride {stride}")
    totals = [d * (k - 1) for d, k in zip(per_axis(what, "dilation", dilation, len(size), 1), size)]
    return tuple((total // 2, total - total // 2) for total in totals)


def exactly(axes: Axes) -> tuple[tuple[int, int], ...]:
    """The padding that leaves nothing over behind the last window. What a stride had left over, negative padding crops."""
    return tuple((a.lo, a.span - a.length - a.lo) for a in axes)


def conv_axes(x_shape: tuple[int, ...], size: tuple[int, ...], stride: Any, padding: Any, dilation: Any, what: str = "conv") -> Axes:
    return sliding(what, x_shape[2:], size, stride, padded(what, padding, size, stride, dilation), dilation)


def transpose_axes(y_shape: tuple[int, ...], size: tuple[int, ...], stride: Any, padding: Any, output_padding: Any, dilation: Any) -> Axes:
    """How a kernel slides over the result of a transposed convolution. Output padding is negative padding at the end."""
    n, what = len(size), "conv_transpose"
    strides, dilations, extra = (per_axis(what, name, value, n, least) for name, value, least in (
        ("stride", stride, 1), ("dilation", dilation, 1), ("output_padding", output_padding, 0)))
    axes = []
    for out, k, s, d, more, (lo, hi) in zip(y_shape[2:], size, strides, dilations, extra, padded(what, padding, size, stride, dilation)):
        if more >= max(s, d):
            raise ValueError(f"{what}: output_padding={output_padding} must be smaller than the stride {stride} or the dilation "
                             f"{dilation}: it chooses among the lengths that a convolution maps to the same length")
        length = (out - 1) * s + d * (k - 1) + 1 - lo - hi + more
        if length < 1:
            raise ValueError(f"{what}: padding={padding} takes away all of the result: of {length - more + lo + hi} elements {lo} + {hi}")
        axes.append(Axis(length, k, s, d, lo, hi - more, out))
    return tuple(axes)


# ---- the three ----------------------------------------------------------------------------------------------------


def conv_to_x(g: Any, w: Any, x_shape: Any, stride: Any, padding: Any, dilation: Any, groups: int) -> Any:
    """conv_transpose(g, w): each g goes back to the window it came from, times the weights."""
    axes = conv_axes(x_shape, w.shape[2:], stride, padding, dilation)
    return conv_transpose(g, w, None, stride, exactly(axes), 0, groups, dilation)


def conv_to_w(g: Any, x: Any, w_shape: Any, stride: Any, padding: Any, dilation: Any, groups: int) -> Any:
    """Each weight gets the sum of g times the x that it met."""
    return conv_weight(x, g, w_shape[2:], stride, padding, dilation, groups)


def along_channels(g: Any, x_shape: tuple[int, ...]) -> Any:
    """Each number to all places of its channel."""
    return broadcast_to(reshape(g, (-1,) + (1,) * (len(x_shape) - 2)), x_shape)


@primitive(x=along_channels, linear=True)
def channel_sum(x: Any) -> Any:
    """y[c] = sum over n, i of x[n, c, i]: all but the channels summed up, which is the cotangent of a bias."""
    rows = np.moveaxis(x, 1, -1)
    if x.__class__ is np.ndarray and x.dtype.char in "fd" and x.size and rows.flags.c_contiguous:
        return column_sums(rows.reshape(-1, x.shape[1]))
    return np.sum(x, axis=(0, *range(2, x.ndim)))


@primitive(x=conv_to_x, w=conv_to_w, b=lambda g: channel_sum(g), linear=True)
def conv(x: Any, w: Any, b: Any = None, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1) -> Any:
    """y[n, o, i] = b[o] + sum over c, k of x[n, c, i stride + k dilation - padding] w[o, c, k].

    x:         (N, C, *lengths)
    w:         (O, C / groups, *kernel); the number of its dimensions says how many axes it slides over
    b:         (O,), or None
    stride, dilation:  an integer, or one for each axis
    padding:   zeros around x: an integer, or for each axis an integer or a pair (before, after); negative ones crop. Or "same", "valid"
    groups:    C and O are divided into so many groups, and each sees its own channels alone; C of them are a depthwise convolution

    Returns (N, O, *out), out = (length + padding - dilation (kernel - 1) - 1) // stride + 1, in channels-last memory.
    Raises ValueError for shapes that do not fit.

    >>> import numpy as np
    >>> from autograd.ops import conv
    >>> conv(np.array([[[1., 2., 4., 8.]]]), np.array([[[-1., 1.]]]))
    array([[[1., 2., 4.]]])
    """
    check("conv", x, w, groups, x.shape[1] if x.ndim > 1 else 0, w.shape[1] * groups if w.ndim > 1 else 0)
    check_bias("conv", b, w.shape[0])
    return kernels.conv(x, w, b, conv_axes(x.shape, w.shape[2:], stride, padding, dilation), groups)


def transpose_to_x(g: Any, w: Any, x_shape: Any, stride: Any, padding: Any, output_padding: Any, groups: int, dilation: Any) -> Any:
    """conv(g, w): the transpose of a transposed convolution is the convolution."""
    axes = transpose_axes(x_shape, w.shape[2:], stride, padding, output_padding, dilation)
    return conv(g, w, None, stride, exactly(axes), dilation, groups)


def transpose_to_w(g: Any, x: Any, w_shape: Any, stride: Any, padding: Any, output_padding: Any, groups: int, dilation: Any) -> Any:
    """Each weight gets the sum of x times the g that it met."""
    axes = transpose_axes(x.shape, w_shape[2:], stride, padding, output_padding, dilation)
    return conv_weight(g, x, w_shape[2:], stride, exactly(axes), dilation, groups)


@primitive(x=transpose_to_x, w=transpose_to_w, b=lambda g: channel_sum(g), linear=True)
def conv_transpose(x: Any, w: Any, b: Any = None, stride: Any = 1, padding: Any = 0, output_padding: Any = 0, groups: int = 1,
                   dilation: Any = 1) -> Any:
    """y[n, c, i stride + k dilation - padding] = b[c] + sum over o, k of x[n, o, i] w[o, c, k]: the transpose of `conv`, and its gradient.

    x:         (N, O, *lengths)
    w:         (O, C / groups, *kernel), as for the convolution from C to O channels that this transposes
    b:         (C,), or None
    output_padding:  a convolution with a stride maps several lengths to one; by how much the result is longer than the shortest
    stride, padding, groups, dilation:  of that convolution

    Returns (N, C, *out), out = (length - 1) stride + dilation (kernel - 1) + 1 - padding + output_padding, in channels-last memory.
    Raises ValueError for shapes that do not fit.

    >>> import numpy as np
    >>> from autograd.ops import conv_transpose
    >>> conv_transpose(np.array([[[1., 2., 4.]]]), np.array([[[1., 1.]]]), stride=2)
    array([[[1., 1., 2., 2., 4., 4.]]])
    """
    check("conv_transpose", x, w, groups, x.shape[1] if x.ndim > 1 else 0, w.shape[0] if w.ndim > 0 else 0)
    check_bias("conv_transpose", b, w.shape[1] * groups)
    return kernels.conv_transpose(x, w, b, transpose_axes(x.shape, w.shape[2:], stride, padding, output_padding, dilation), groups)


def weight_to_x(g: Any, z: Any, x_shape: Any, stride: Any, padding: Any, dilation: Any, groups: int) -> Any:
    """conv_transpose(z, g): what the convolution says of its x, with g as the weights."""
    return conv_to_x(z, g, x_shape, stride, padding, dilation, groups)


@primitive(x=weight_to_x, z=lambda g, x, stride, padding, dilation, groups: conv(x, g, None, stride, padding, dilation, groups),
           linear=True)
def conv_weight(x: Any, z: Any, size: Any, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1) -> Any:
    """w[o, c, k] = sum over n, i of z[n, o, i] x[n, c, i stride + k dilation - padding]: the gradient of `conv` by its weight.

    x:     (N, C, *lengths), what went into the convolution
    z:     (N, O, *out), the cotangent of its result
    size:  of the kernel, an integer for each axis
    stride, padding, dilation, groups:  of the convolution

    Returns (O, C / groups, *size). Raises ValueError for shapes that do not fit.
    """
    size = per_axis("conv_weight", "size", size, x.ndim - 2, 1)
    if x.ndim < 3 or groups < 1 or x.shape[1] % groups or z.ndim != x.ndim or z.shape[1] % groups or len(z) != len(x):
        raise ValueError(f"conv_weight: x {type_text(x.shape, x.dtype)} and z {type_text(z.shape, z.dtype)} with groups={groups} "
                         "do not fit: they must be (N, C, *lengths) and (N, O, *out), and groups must divide C and O")
    axes = conv_axes(x.shape, size, stride, padding, dilation, "conv_weight")
    if z.shape[2:] != tuple(axis.out for axis in axes):
        raise ValueError(f"conv_weight: a kernel of size {size} has {tuple(axis.out for axis in axes)} positions on x "
                         f"{type_text(x.shape, x.dtype)}, but z {type_text(z.shape, z.dtype)} has {z.shape[2:]}")
    return kernels.conv_weight(x, z, axes, groups)


# ---- the definitions ----------------------------------------------------------------------------------------------
# n: image, g: group, c: channel, o: output channel of the group; xyz: positions, ijk: the kernel's own axes


def conv_by_windows(x: Any, w: Any, b: Any = None, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1) -> Any:
    """`conv`, as windows and a contraction."""
    n = len(w.shape) - 2
    axes, (out, kernel) = conv_axes(x.shape, w.shape[2:], stride, padding, dilation), ("xyz"[:n], "ijk"[:n])
    seen = in_groups(windows(surrounded(x, axes), w.shape[2:], stride, dilation), groups, 1)
    y = einsum(f"ngc{out}{kernel}, goc{kernel} -> ngo{out}", seen, in_groups(w, groups, 0))
    return with_bias(reshape(y, (x.shape[0], w.shape[0], *y.shape[3:])), b)


def conv_transpose_by_windows(x: Any, w: Any, b: Any = None, stride: Any = 1, padding: Any = 0, output_padding: Any = 0, groups: int = 1,
                              dilation: Any = 1) -> Any:
    """`conv_transpose`, as a contraction and a fold."""
    n = len(w.shape) - 2
    axes, (out, kernel) = transpose_axes(x.shape, w.shape[2:], stride, padding, output_padding, dilation), ("xyz"[:n], "ijk"[:n])
    seen = einsum(f"ngo{out}, goc{kernel} -> ngc{out}{kernel}", in_groups(x, groups, 1), in_groups(w, groups, 0))
    seen = reshape(seen, (x.shape[0], -1, *seen.shape[3:]))
    y = fold(seen, tuple(axis.span for axis in axes), stride, dilation)
    inside = tuple(axis._replace(length=axis.span, lo=-axis.lo, hi=axis.length + axis.lo - axis.span) for axis in axes)
    return with_bias(surrounded(y, inside), b)


def conv_weight_by_windows(x: Any, z: Any, size: Any, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1) -> Any:
    """`conv_weight`, as windows and a contraction."""
    n = len(x.shape) - 2
    axes, (out, kernel) = conv_axes(x.shape, per_axis("conv_weight", "size", size, n, 1), stride, padding, dilation), ("xyz"[:n], "ijk"[:n])
    seen = windows(surrounded(x, axes), tuple(axis.size for axis in axes), stride, dilation)
    w = einsum(f"ngc{out}{kernel}, ngo{out} -> goc{kernel}", in_groups(seen, groups, 1), in_groups(z, groups, 1))
    return reshape(w, (z.shape[1], *w.shape[2:]))


def in_groups(a: Any, groups: int, axis: int) -> Any:
    """The channels, at the given axis, as (groups, channels of a group)."""
    return reshape(a, (*a.shape[:axis], groups, a.shape[axis] // groups, *a.shape[axis + 1:]))


def surrounded(x: Any, axes: Axes) -> Any:
    """x with its padding, or without what negative padding crops."""
    x = pad(x, ((0, 0), (0, 0), *((max(0, a.lo), max(0, a.hi)) for a in axes)))
    return x[(slice(None), slice(None), *(slice(max(0, -a.lo), max(0, -a.lo) + a.length + a.lo + a.hi) for a in axes))]


def with_bias(y: Any, b: Any) -> Any:
    return y if b is None else y + reshape(b, (-1, *(1,) * (len(y.shape) - 2)))
