r"""How is each example normalised by itself?

    LayerNorm           over the last axes                           transformers
    RMSNorm             the same without a mean                      newer transformers
    GroupNorm           over space and the channels of a group       convolutions with small batches
    LocalResponseNorm   by the neighbouring channels                 AlexNet

None of them looks at other examples, so training and use are alike.

Read next: `dropout.py`.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

from autograd import ops
from autograd.ops.shapes import floating, summable
from nn import init
from nn.module import Module
from nn.parameter import Parameter

if TYPE_CHECKING:
    from numpy.typing import DTypeLike


def as_shape(shape: Any) -> tuple[int, ...]:
    return (shape,) if isinstance(shape, int) else tuple(shape)


def last_axes(shape: Any) -> tuple[int, ...]:
    return tuple(range(-len(as_shape(shape)), 0))


def layer_norm(x: Any, normalized_shape: Any, weight: Any = None, bias: Any = None, eps: float = 1e-5) -> Any:
    """(x - mean) / sqrt(var + eps) * weight + bias, with mean and variance over the last axes, those of `normalized_shape`."""
    return ops.normalise(x, weight, bias, None, last_axes(normalized_shape), eps)


def rms_norm(x: Any, normalized_shape: Any, weight: Any = None, eps: float | None = None) -> Any:
    """x / sqrt(mean(x^2) + eps) * weight, with the mean over the last axes; eps is by default the dtype's own."""
    x = floating(x)
    if eps is None:
        eps = 2.0 ** (-52 if x.dtype.itemsize == 8 else -23)
    wide = summable(x)
    y = wide / ops.sqrt(ops.mean(ops.square(wide), last_axes(normalized_shape), True) + eps)
    y = y if wide is x else ops.astype(y, x.dtype)
    return y if weight is None else y * weight


def group_norm(x: Any, num_groups: int, weight: Any = None, bias: Any = None, eps: float = 1e-5) -> Any:
    """x, (N, C, *space), normalised over space and over the channels of each group; weight and bias are (C,) or None."""
    check_groups("group_norm", x.shape[1], num_groups)
    channels = (1, num_groups, x.shape[1] // num_groups, 1)
    weight, bias = [None if p is None else ops.reshape(p, channels) for p in (weight, bias)]
    grouped = ops.reshape(x, (x.shape[0], *channels[1:3], prod(x.shape[2:])))
    return ops.reshape(ops.normalise(grouped, weight, bias, None, (2, 3), eps), x.shape)


def check_groups(who: str, channels: int, groups: int) -> None:
    if groups < 1 or channels % groups:
        raise ValueError(f"{who} divides the channels evenly, but {channels} channels do not make {groups} groups")


def local_response_norm(x: Any, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> Any:
    """x / (k + alpha/size * sum of x^2 over the `size` nearest channels)^beta. (Krizhevsky et al. 2012, section 3.3.)"""
    if len(x.shape) < 3:
        raise ValueError(f"local_response_norm takes (N, C, *space), but the input has shape {x.shape}")
    x = floating(x)
    wide = summable(x)
    channels = ops.square(wide).swapaxes(1, -1)
    padding = [(0, 0)] * (x.ndim - 1) + [(size // 2, (size - 1) // 2)]
    near = ops.mean(ops.windows(ops.pad(channels, padding), size), -1).swapaxes(1, -1)
    y = wide / (k + alpha * near) ** beta
    return y if wide is x else ops.astype(y, x.dtype)


class LayerNorm(Module):
    """(x - mean) / sqrt(var + eps) * weight + bias, with mean and variance over the last axes of each example.

    normalized_shape:    the last axes: an integer or a tuple
    elementwise_affine:  have a weight (and a bias) of this shape?
    bias:                have a bias?

    Raises ValueError if x does not end in these axes. (Ba, Kiros & Hinton 2016, "Layer normalization".)
    """

    def __init__(self, normalized_shape: Any, eps: float = 1e-5, elementwise_affine: bool = True, bias: bool = True, *,
                 dtype: DTypeLike | None = None) -> None:
        self.normalized_shape, self.eps, self.elementwise_affine = as_shape(normalized_shape), eps, elementwise_affine
        self.weight: Parameter | None = init.blank(*self.normalized_shape, dtype=dtype) if elementwise_affine else None
        self.bias: Parameter | None = init.blank(*self.normalized_shape, dtype=dtype) if elementwise_affine and bias else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Weight 1, bias 0."""
        if self.weight is not None:
            init.ones_(self.weight)
        if self.bias is not None:
            init.zeros_(self.bias)

    def forward(self, x: Any) -> Any:
        check_last(self, x)
        return layer_norm(x, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        bias = "" if self.bias is not None or not self.elementwise_affine else ", bias=False"
        return f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}{bias}"


class RMSNorm(Module):
    """x / sqrt(mean(x^2) + eps) * weight, with the mean over the last axes of each example.

    Arguments as for `LayerNorm`; eps=None is the machine epsilon of x. (Zhang & Sennrich 2019, "Root mean square layer normalization".)
    """

    def __init__(self, normalized_shape: Any, eps: float | None = None, elementwise_affine: bool = True, *,
                 dtype: DTypeLike | None = None) -> None:
        self.normalized_shape, self.eps, self.elementwise_affine = as_shape(normalized_shape), eps, elementwise_affine
        self.weight: Parameter | None = init.blank(*self.normalized_shape, dtype=dtype) if elementwise_affine else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Weight 1."""
        if self.weight is not None:
            init.ones_(self.weight)

    def forward(self, x: Any) -> Any:
        check_last(self, x)
        return rms_norm(x, self.normalized_shape, self.weight, self.eps)

    def extra_repr(self) -> str:
        return f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}"


class GroupNorm(Module):
    """Each group of channels of each example with mean 0 and variance 1; then a weight and bias for each channel. x is (N, C, *space).

    num_groups, num_channels:  C = num_channels is divided into num_groups equal groups
    eps, affine, bias:         as for `BatchNorm1d`

    (Wu & He 2018, "Group normalization"; CS231n assignment 2.)
    """

    def __init__(self, num_groups: int, num_channels: int, eps: float = 1e-5, affine: bool = True, *, bias: bool = True,
                 dtype: DTypeLike | None = None) -> None:
        check_groups("GroupNorm", num_channels, num_groups)
        self.num_groups, self.num_channels, self.eps, self.affine = num_groups, num_channels, eps, affine
        self.weight: Parameter | None = init.blank(num_channels, dtype=dtype) if affine else None
        self.bias: Parameter | None = init.blank(num_channels, dtype=dtype) if affine and bias else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Weight 1, bias 0."""
        if self.weight is not None:
            init.ones_(self.weight)
        if self.bias is not None:
            init.zeros_(self.bias)

    def forward(self, x: Any) -> Any:
        shape = self.shape_of(x)
        if len(shape) < 2 or shape[1] != self.num_channels:
            fits = f"The layer that fits is GroupNorm(..., {shape[1]})." if len(shape) > 1 else "It needs at least two axes."
            raise ValueError(f"{self.place()} takes (N, {self.num_channels}, *space), but the input has shape {shape}.\n{fits}")
        return group_norm(x, self.num_groups, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        bias = "" if self.bias is not None or not self.affine else ", bias=False"
        return f"{self.num_groups}, {self.num_channels}, eps={self.eps}, affine={self.affine}{bias}"


class LocalResponseNorm(Module):
    """x / (k + alpha/size * sum of x^2 over the `size` nearest channels)^beta; x is (N, C, *space).

    (Krizhevsky, Sutskever & Hinton 2012, section 3.3; with PyTorch's division by size.)
    """

    def __init__(self, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> None:
        self.size, self.alpha, self.beta, self.k = size, alpha, beta, k

    def forward(self, x: Any) -> Any:
        self.shape_of(x)
        return local_response_norm(x, self.size, self.alpha, self.beta, self.k)

    def extra_repr(self) -> str:
        return f"{self.size}, alpha={self.alpha}, beta={self.beta}, k={self.k}"


def check_last(layer: LayerNorm | RMSNorm, x: Any) -> None:
    """Raise ValueError if x does not end in the axes that are normalised."""
    shape, own = layer.shape_of(x), layer.normalized_shape
    if shape[max(len(shape) - len(own), 0):] != own:
        fits = shape[-1] if len(own) == 1 else shape[-len(own):]
        raise ValueError(f"{layer.place()} takes inputs that end in the axes {own}, but the input has shape {shape}.\n"
                         f"The layer that fits is {type(layer).__name__}({fits}).")
