r"""How does a network keep its signal in range?

By normalising: subtract a mean, divide by a deviation, and let the network undo it if it wants,

    y = weight (x - mean) / sqrt(var + eps) + bias

What differs is over what mean and variance are taken. For x of shape (N, C, *space):

    BatchNorm     over N and space: one mean for each channel, the same for all examples
    InstanceNorm  over space: one mean for each channel of each example
    LayerNorm     over the last axes: one mean for each example (each word)           layer_norm.py
    GroupNorm     over space and the channels of a group                              layer_norm.py

The first two may keep running statistics of what they saw in training, for later use: PyTorch's momentum m means
running = (1 - m) running + m new, and the running variance is the unbiased one. (Ioffe & Szegedy 2015; CS231n assignment 2.)

Read next: `layer_norm.py`.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

from autograd import ops
from nn import init
from nn.module import Module
from nn.parameter import Buffer, Parameter

if TYPE_CHECKING:
    from numpy.typing import DTypeLike


def per_channel(p: Any, ndim: int) -> Any:
    """Something of shape (C,), to be broadcast against (N, C, *space)."""
    return None if p is None else ops.reshape(p, (1, -1) + (1,) * (ndim - 2))


def channel_norm(x: Any, axes: tuple[int, ...], running_mean: Any, running_var: Any, weight: Any, bias: Any, measure: bool, momentum: Any,
                 eps: float) -> Any:
    """Each channel of x normalised: by its moments along the axes, which also update the running ones, or by the running ones."""
    if not measure or (running_mean is not None and not prod(x.shape)):  # of nothing there are no moments
        scale = 1 / ops.sqrt(running_var + eps)
        scale = scale if weight is None else scale * weight
        shift = -running_mean * scale if bias is None else bias - running_mean * scale
        return ops.rescale(x, per_channel(scale, x.ndim), per_channel(shift, x.ndim))
    weight, bias = per_channel(weight, x.ndim), per_channel(bias, x.ndim)
    if running_mean is None:
        return ops.normalise(x, weight, bias, None, axes, eps)
    y = ops.normalise(x, weight, bias, None, axes, eps)
    measured = ops.measured_by(y, x, axes)
    n = prod([x.shape[a] for a in axes])
    examples = tuple(i + 1 for i in range(x.ndim) if i != 1)
    mean, var = ops.reshape(measured, (2, -1)) if 0 in axes else ops.mean(measured, axis=examples)
    running_mean.assign((1 - momentum) * running_mean + momentum * mean)
    running_var.assign((1 - momentum) * running_var + momentum * n / max(n - 1, 1) * var)
    return y


def batch_norm(x: Any, running_mean: Any, running_var: Any, weight: Any = None, bias: Any = None, training: bool = False,
               momentum: float = 0.1, eps: float = 1e-5) -> Any:
    """Each channel of x, (N, C, *space), normalised over all examples and places, or by the running statistics if not `training`.

    running_mean, running_var:  (C,) Tensors, updated in training; or None
    weight, bias:               (C,) or None
    """
    if training and prod(x.shape) == x.shape[1]:
        raise ValueError(f"batch normalisation of an input of shape {x.shape}: the variance of a single value per channel is always 0. "
                         "Give it more examples, or call model.eval() first.")
    return channel_norm(x, (0, *range(2, x.ndim)), running_mean, running_var, weight, bias, training, momentum, eps)


def instance_norm(x: Any, running_mean: Any = None, running_var: Any = None, weight: Any = None, bias: Any = None,
                  use_input_stats: bool = True, momentum: float = 0.1, eps: float = 1e-5) -> Any:
    """Each channel of each example of x, (N, C, *space), normalised over its places. Arguments as for `batch_norm`."""
    if use_input_stats and prod(x.shape[2:]) == 1:
        raise ValueError(f"instance normalisation of an input of shape {x.shape}: the variance of a single place is always 0")
    return channel_norm(x, tuple(range(2, x.ndim)), running_mean, running_var, weight, bias, use_input_stats, momentum, eps)


class ChannelNorm(Module):
    """What BatchNorm and InstanceNorm share: a weight and bias for each channel, and the running statistics."""

    _ndims: tuple[int, ...] = ()

    def __init__(self, num_features: int, eps: float = 1e-5, momentum: float | None = 0.1, affine: bool = True,
                 track_running_stats: bool = True, *, bias: bool = True, dtype: DTypeLike | None = None) -> None:
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.affine, self.track_running_stats = affine, track_running_stats
        self.weight: Parameter | None = init.blank(num_features, dtype=dtype) if affine else None
        self.bias: Parameter | None = init.blank(num_features, dtype=dtype) if affine and bias else None
        self.running_mean = Buffer(init.blank(num_features, dtype=dtype)) if track_running_stats else None
        self.running_var = Buffer(init.blank(num_features, dtype=dtype)) if track_running_stats else None
        self.num_batches_tracked = Buffer(0) if track_running_stats else None
        self.reset_parameters()

    def reset_running_stats(self) -> None:
        """Forget what was seen: mean 0, variance 1."""
        if self.running_mean is not None and self.running_var is not None and self.num_batches_tracked is not None:
            init.zeros_(self.running_mean)
            init.ones_(self.running_var)
            init.zeros_(self.num_batches_tracked)

    def reset_parameters(self) -> None:
        """Weight 1, bias 0, no statistics."""
        self.reset_running_stats()
        if self.weight is not None:
            init.ones_(self.weight)
        if self.bias is not None:
            init.zeros_(self.bias)

    def check(self, x: Any) -> None:
        shape, name = self.shape_of(x), type(self).__name__
        if len(shape) not in self._ndims:
            others = f"{name[:-2]}{len(shape) - 2}d" if 3 <= len(shape) <= 5 else f"x.reshape((N, {self.num_features}, ...)) first"
            raise ValueError(f"{self.place()} takes {' or '.join(map(str, self._ndims))} axes, (N, C, *space), but the input has shape "
                             f"{shape}.\nWhat fits is {others}.")
        channels = shape[self._channel_axis(len(shape))]
        if channels != self.num_features:
            raise ValueError(f"{self.place()} takes {self.num_features} channels, but the input has shape {shape}.\n"
                             f"The layer that fits is {name}({channels}).")

    def _channel_axis(self, ndim: int) -> int:
        return 1

    def extra_repr(self) -> str:
        bias = "" if self.bias is not None or not self.affine else "bias=False, "
        return (f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.affine}, {bias}"
                f"track_running_stats={self.track_running_stats}")


class _BatchNorm(ChannelNorm):
    def forward(self, x: Any) -> Any:
        self.check(x)
        factor: Any = self.momentum or 0.0
        count = self.num_batches_tracked if self.training else None
        if self.momentum is None and count is not None and self.running_mean is not None:  # a Tensor: in a compiled function it grows
            factor = ops.astype(1 / (count + 1), self.running_mean.dtype)
        measure = self.training or self.running_mean is None
        y = batch_norm(x, self.running_mean, self.running_var, self.weight, self.bias, measure, factor, self.eps)
        if count is not None:
            count.assign(count + 1)
        return y


class BatchNorm1d(_BatchNorm):
    """Each channel with mean 0 and variance 1 over the batch, times weight plus bias; x is (N, C) or (N, C, L).

    num_features:         C
    eps:                  added to the variance
    momentum:             how much the newest batch counts in the running statistics; None for the mean of all batches
    affine:               have a weight (and a bias)?
    track_running_stats:  keep running statistics and use them after `eval()`? If not, those of the batch are always used
    bias:                 have a bias, if affine?

    >>> import numpy as np, nn
    >>> y = nn.BatchNorm1d(3)(np.random.default_rng(0).normal(5, 2, (100, 3)))
    >>> bool(abs(y.mean(0)).max() < 1e-6 and abs(y.std(0) - 1).max() < 1e-4)
    True

    Raises ValueError for another number of channels or axes, and in training if there is one value per channel.
    (Ioffe & Szegedy 2015, "Batch normalization: accelerating deep network training"; CS231n assignment 2.)
    """

    _ndims = (2, 3)


class BatchNorm2d(_BatchNorm):
    """`BatchNorm1d` for x of shape (N, C, H, W): spatial batch normalisation."""

    _ndims = (4,)


class BatchNorm3d(_BatchNorm):
    """`BatchNorm1d` for x of shape (N, C, D, H, W)."""

    _ndims = (5,)


class _InstanceNorm(ChannelNorm):
    def __init__(self, num_features: int, eps: float = 1e-5, momentum: float | None = 0.1, affine: bool = False,
                 track_running_stats: bool = False, *, bias: bool = True, dtype: DTypeLike | None = None) -> None:
        super().__init__(num_features, eps, momentum, affine, track_running_stats, bias=bias, dtype=dtype)

    def _channel_axis(self, ndim: int) -> int:
        return 0 if ndim == self._ndims[0] else 1

    def forward(self, x: Any) -> Any:
        self.check(x)
        alone = x.ndim == self._ndims[0]
        y = instance_norm(x[None] if alone else x, self.running_mean, self.running_var, self.weight, self.bias,
                          self.training or self.running_mean is None, self.momentum or 0.0, self.eps)
        return y[0] if alone else y


class InstanceNorm1d(_InstanceNorm):
    """Each channel of each example with mean 0 and variance 1 over its places; x is (N, C, L) or (C, L).

    The arguments are those of `BatchNorm1d`; by default there is neither weight and bias nor running statistics.
    (Ulyanov et al. 2016, "Instance normalization: the missing ingredient for fast stylization".)
    """

    _ndims = (2, 3)


class InstanceNorm2d(_InstanceNorm):
    """`InstanceNorm1d` for x of shape (N, C, H, W) or (C, H, W)."""

    _ndims = (3, 4)


class InstanceNorm3d(_InstanceNorm):
    """`InstanceNorm1d` for x of shape (N, C, D, H, W) or (C, D, H, W)."""

    _ndims = (4, 5)
