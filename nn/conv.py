"""What does a convolutional layer compute?

The same small linear map at every place: y[n, o, i] = b[o] + sum over c, k of w[o, c, k] x[n, c, i stride + k dilation - padding].
Far fewer weights than a fully connected layer, and a shifted input gives a shifted output. (CS231n, Convolutional Networks.)

Read next: `pool.py`.
"""

from __future__ import annotations

from math import prod, sqrt
from typing import TYPE_CHECKING, Any

from autograd import ops
from autograd.ops.convolution import padded
from nn import init
from nn.axes import LENGTHS, check_axes, each, for_axes
from nn.module import Module
from nn.padding import MODES, pad
from nn.parameter import Parameter

if TYPE_CHECKING:
    from numpy.typing import DTypeLike

# ---- functions ----------------------------------------------------------------------------------------------------


def conv(n: int, x: Any, weight: Any, bias: Any = None, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1) -> Any:
    """y[n, o, i] = b[o] + sum over c, k of w[o, c, k] x[n, c, i stride + k dilation - padding].

    x:        (N, C, *lengths), or one example (C, *lengths)
    weight:   (O, C / groups, *kernel)
    bias:     (O,) or None
    padding:  zeros on both sides: an integer, or one for each axis; or 'same', 'valid'
    """
    return batched(ops.conv, f"conv{n}d", n, x, weight, bias, stride, padding, dilation, groups)


def conv_transpose(n: int, x: Any, weight: Any, bias: Any = None, stride: Any = 1, padding: Any = 0, output_padding: Any = 0,
                   groups: int = 1, dilation: Any = 1) -> Any:
    """y[n, o, i stride + k dilation - padding] = b[o] + sum over c, k of w[c, o, k] x[n, c, i]: the transpose of a convolution.

    x:        (N, C, *lengths), or one example (C, *lengths)
    weight:   (C, O / groups, *kernel)
    bias:     (O,) or None
    padding:  how much is taken away on both sides of the result
    output_padding:  how much longer the result is at the end
    """
    return batched(ops.conv_transpose, f"conv_transpose{n}d", n, x, weight, bias, stride, padding, output_padding, groups, dilation)


def batched(f: Any, what: str, n: int, x: Any, weight: Any, *args: Any) -> Any:
    """f of a batch; one example is a batch of one."""
    if len(weight.shape) != n + 2:
        raise ValueError(f"{what} takes a weight of {n + 2} axes, (out channels, in channels, *kernel), but its shape is {weight.shape}")
    args = tuple(a[0] if isinstance(a, (tuple, list)) and len(a) == 1 else a for a in args)
    return f(x, weight, *args) if check_axes(what, x.shape, n) else f(x[None], weight, *args)[0]


conv1d, conv2d, conv3d = for_axes(conv)
conv_transpose1d, conv_transpose2d, conv_transpose3d = for_axes(conv_transpose)

# ---- layers -------------------------------------------------------------------------------------------------------


class Convolution(Module):
    """What all convolutions share: a weight, a bias, and how the kernel slides.

    in_channels, out_channels:  how many channels x and y have
    kernel_size, stride, padding, dilation:  one integer, or one for each axis. A convolution's padding may be 'same' or 'valid'
    groups:        channels are divided into so many groups, each seen by its own kernels; in_channels of them: depthwise
    bias:          add b?
    padding_mode:  'zeros', 'reflect', 'replicate' or 'circular'; see `padding.py`
    dtype:         of the parameters, default float32
    rng:           where the initial weights come from; see `nn.init`

    Shapes: x (N, in_channels, *lengths) or (in_channels, *lengths); weight (out_channels, in_channels / groups, *kernel), of a
    transposed convolution (in_channels, out_channels / groups, *kernel); bias (out_channels,).
    Both start evenly distributed in (-1, 1) / sqrt(fan_in), as in PyTorch.

    Raises ValueError for arguments or inputs that do not fit.
    """

    axes: int
    transposed = False

    def __init__(self, in_channels: int, out_channels: int, kernel_size: Any, stride: Any = 1, padding: Any = 0, dilation: Any = 1,
                 groups: int = 1, bias: bool = True, padding_mode: str = "zeros", *, dtype: DTypeLike | None = None,
                 rng: init.Rng = None) -> None:
        what, n = type(self).__name__, self.axes
        if not isinstance(groups, int) or groups < 1 or in_channels % groups or out_channels % groups:
            raise ValueError(f"{what}: groups={groups} must divide in_channels={in_channels} and out_channels={out_channels}")
        if padding_mode not in ("zeros", *MODES) or padding_mode == "constant":
            raise ValueError(f"{what}: padding_mode is 'zeros', 'reflect', 'replicate' or 'circular', not {padding_mode!r}")
        self.in_channels, self.out_channels = in_channels, out_channels
        self.kernel_size = each(what, "kernel_size", kernel_size, n)
        self.stride = each(what, "stride", stride, n)
        self.padding: Any = padding if isinstance(padding, str) else each(what, "padding", padding, n, 0)
        self.dilation = each(what, "dilation", dilation, n)
        self.groups, self.padding_mode = groups, padding_mode
        padded(what, self.padding, self.kernel_size, self.stride, self.dilation)
        first, second = (in_channels, out_channels) if self.transposed else (out_channels, in_channels)
        self.weight = init.blank(first, second // groups, *self.kernel_size, dtype=dtype)
        self.bias: Parameter | None = init.blank(out_channels, dtype=dtype) if bias else None
        self.reset_parameters(rng)

    def reset_parameters(self, rng: init.Rng = None) -> None:
        """Draw new initial values."""
        rng = init.generator(rng)
        init.kaiming_uniform_(self.weight, a=sqrt(5), rng=rng)
        if self.bias is not None:
            bound = 1 / sqrt(max(prod(self.weight.shape[1:]), 1))
            init.uniform_(self.bias, -bound, bound, rng)

    def check(self, x: Any) -> None:
        shape = self.shape_of(x)
        channels = shape[check_axes(self.place(), shape, self.axes)]
        if channels != self.in_channels:
            fits = f"The layer that fits is {type(self).__name__}({channels}, {self.extra_repr().split(', ', 1)[1]})."
            if shape[-1] == self.in_channels:
                fits = f"Channels come before {LENGTHS[self.axes]} here: write numpy.moveaxis(x, -1, {-self.axes - 1})."
            raise ValueError(f"{self.place()} takes {self.in_channels} channels, but the input of shape {shape} has {channels}.\n{fits}")

    def forward(self, x: Any) -> Any:
        self.check(x)
        padding = self.padding
        if self.padding_mode != "zeros":
            pairs = padded(type(self).__name__, padding, self.kernel_size, self.stride, self.dilation)
            x, padding = pad(x, [n for pair in pairs[::-1] for n in pair], self.padding_mode), (0,) * self.axes
        return conv(self.axes, x, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)

    def extra_repr(self) -> str:
        said = {"padding": (0,) * self.axes, "dilation": (1,) * self.axes, "output_padding": (0,) * self.axes, "groups": 1,
                "padding_mode": "zeros"}
        more = [f"{name}={getattr(self, name)!r}" for name, default in said.items() if getattr(self, name, default) != default]
        return ", ".join([f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}", *more,
                          *(["bias=False"] if self.bias is None else [])])


class Conv1d(Convolution):
    """A convolution of signals (N, C, L). See `Convolution`.

    >>> import numpy as np, nn
    >>> nn.Conv1d(2, 8, 3)(np.ones((5, 2, 10), np.float32)).shape
    (5, 8, 8)
    """

    axes = 1


class Conv2d(Convolution):
    """A convolution of images (N, C, H, W). See `Convolution`.

    >>> import numpy as np, nn
    >>> nn.Conv2d(3, 8, 3, stride=2, padding=1)(np.ones((5, 3, 32, 32), np.float32)).shape
    (5, 8, 16, 16)
    """

    axes = 2


class Conv3d(Convolution):
    """A convolution of volumes (N, C, D, H, W). See `Convolution`."""

    axes = 3


class TransposedConvolution(Convolution):
    """y[n, o, i stride + k dilation - padding] = b[o] + sum over c, k of w[c, o, k] x[n, c, i]: the transpose of a convolution.

    What `Convolution` takes, in another order, and
    output_padding:  how much longer the result is at the end: a convolution with a stride maps several lengths to one

    `forward(x, output_size)` chooses the output padding that gives this size, (*lengths) or (N, C, *lengths).
    """

    transposed = True

    def __init__(self, in_channels: int, out_channels: int, kernel_size: Any, stride: Any = 1, padding: Any = 0, output_padding: Any = 0,
                 groups: int = 1, bias: bool = True, dilation: Any = 1, padding_mode: str = "zeros", *, dtype: DTypeLike | None = None,
                 rng: init.Rng = None) -> None:
        if padding_mode != "zeros" or isinstance(padding, str):
            raise ValueError(f"{type(self).__name__}: padding={padding!r} is a number and padding_mode={padding_mode!r} 'zeros' in a "
                             "transposed convolution: padding takes away from its result")
        self.output_padding = each(type(self).__name__, "output_padding", output_padding, self.axes, 0)
        super().__init__(in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias, dtype=dtype, rng=rng)

    def forward(self, x: Any, output_size: Any = None) -> Any:
        self.check(x)
        extra = self.output_padding if output_size is None else self.missing(x.shape[-self.axes:], tuple(output_size)[-self.axes:])
        return conv_transpose(self.axes, x, self.weight, self.bias, self.stride, self.padding, extra, self.groups, self.dilation)

    def missing(self, lengths: tuple[int, ...], wanted: tuple[int, ...]) -> tuple[int, ...]:
        """The output padding that leads to the wanted lengths."""
        shortest = tuple((n - 1) * s + d * (k - 1) + 1 - 2 * p for n, s, d, k, p in zip(
            lengths, self.stride, self.dilation, self.kernel_size, self.padding))
        extra = tuple(w - n for w, n in zip(wanted, shortest))
        if len(extra) != self.axes or any(not 0 <= e < s for e, s in zip(extra, self.stride)):
            longest = tuple(n + s - 1 for n, s in zip(shortest, self.stride))
            raise ValueError(f"{self.place()} maps lengths {lengths} to lengths from {shortest} to {longest}, not to {wanted}")
        return extra


class ConvTranspose1d(TransposedConvolution):
    """The transpose of a convolution of signals. See `TransposedConvolution` and `Convolution`."""

    axes = 1


class ConvTranspose2d(TransposedConvolution):
    """The transpose of a convolution of images. See `TransposedConvolution` and `Convolution`."""

    axes = 2


class ConvTranspose3d(TransposedConvolution):
    """The transpose of a convolution of volumes. See `TransposedConvolution` and `Convolution`."""

    axes = 3
