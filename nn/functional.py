"""What do the layers compute, without the layers?

Functions of Tensors and arrays; they own nothing. A layer is one of these and its parameters. The calculus is in
`autograd.ops`, of which these are compositions, under PyTorch's names and with its conventions (classes along axis 1).

Read next: `module.py`.
"""

from __future__ import annotations

from typing import Any

from autograd import ops
from autograd.ops import linear, relu, sigmoid, tanh
from nn.adaptive import (
    adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d, adaptive_max_pool1d, adaptive_max_pool2d, adaptive_max_pool3d,
)
from nn.attention import scaled_dot_product_attention
from nn.bilinear import bilinear
from nn.conv import conv1d, conv2d, conv3d, conv_transpose1d, conv_transpose2d, conv_transpose3d
from nn.dropout import alpha_dropout, dropout, dropout1d, dropout2d, dropout3d, feature_alpha_dropout, stochastic_depth
from nn.embedding import embedding
from nn.fold import fold, unfold
from nn.fractional import fractional_max_pool2d, fractional_max_pool3d
from nn.layer_norm import group_norm, layer_norm, local_response_norm, rms_norm
from nn.norm import batch_norm, instance_norm
from nn.padding import pad
from nn.pool import (
    avg_pool1d, avg_pool2d, avg_pool3d, lp_pool1d, lp_pool2d, lp_pool3d, max_pool1d, max_pool2d, max_pool3d, max_unpool1d, max_unpool2d,
    max_unpool3d,
)
from nn.shape import flatten, unflatten
from nn.upsample import interpolate, pixel_shuffle, pixel_unshuffle, channel_shuffle

__all__ = [
    "adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_avg_pool3d", "adaptive_max_pool1d", "adaptive_max_pool2d",
    "adaptive_max_pool3d", "alpha_dropout", "avg_pool1d", "avg_pool2d", "avg_pool3d", "batch_norm", "bilinear", "channel_shuffle",
    "conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d", "cross_entropy", "dropout", "dropout1d",
    "dropout2d", "dropout3d", "embedding", "feature_alpha_dropout", "flatten", "fold", "fractional_max_pool2d", "fractional_max_pool3d",
    "group_norm", "instance_norm", "interpolate", "layer_norm", "linear", "local_response_norm", "log_softmax", "lp_pool1d", "lp_pool2d",
    "lp_pool3d", "max_pool1d", "max_pool2d", "max_pool3d", "max_unpool1d", "max_unpool2d", "max_unpool3d", "mse_loss", "pad",
    "pixel_shuffle", "pixel_unshuffle", "relu", "rms_norm", "scaled_dot_product_attention", "sigmoid", "softmax", "stochastic_depth",
    "tanh", "unflatten", "unfold",
]


def softmax(x: Any, dim: int = -1) -> Any:
    """exp(x) / sum exp(x) along one axis: positive numbers that sum to 1."""
    return ops.softmax(x, axis=dim)


def log_softmax(x: Any, dim: int = -1) -> Any:
    """log softmax(x) along one axis, without overflow."""
    return ops.log_softmax(x, axis=dim)


def cross_entropy(x: Any, target: Any, weight: Any = None, ignore_index: int = -100, reduction: str = "mean",
                  label_smoothing: float = 0.0) -> Any:
    """-log softmax(x)[target], the softmax loss of CS231n: how surprised the scores are by the truth.

    x:       scores (N, C), (N, C, d1, ...) or (C,); not probabilities
    target:  class numbers (N,), (N, d1, ...) or (), or probabilities in the shape of x
    The other arguments are those of `autograd.ops.cross_entropy`, which this is, with the classes along axis 1.
    """
    return ops.cross_entropy(x, target, axis=min(1, len(x.shape) - 1), weight=weight, ignore_index=ignore_index, reduction=reduction,
                             label_smoothing=label_smoothing)


def mse_loss(x: Any, target: Any, reduction: str = "mean") -> Any:
    """(x - target)^2, averaged over all elements.

    x, target:  the same shape
    reduction:  'mean', 'sum' or 'none'
    """
    same_shape("mse_loss", x, target)
    return reduced(ops.square(x - target), reduction)


def reduced(loss: Any, reduction: str) -> Any:
    """The losses as they are ('none'), their 'sum' or their 'mean'."""
    if reduction not in ("none", "mean", "sum"):
        raise ValueError(f"reduction is 'mean', 'sum' or 'none', not {reduction!r}")
    return loss if reduction == "none" else ops.sum(loss) if reduction == "sum" else ops.mean(loss)


def same_shape(name: str, x: Any, target: Any) -> None:
    """Refuse to broadcast a prediction against its target: (N, 1) and (N,) would silently compare each with all."""
    if x.shape != target.shape:
        hint = ""
        if tuple(n for n in x.shape if n != 1) == tuple(n for n in target.shape if n != 1):
            hint = f" Write target.reshape({x.shape}) if they mean the same."
        raise ValueError(f"{name} compares each element with its own target, but the input has shape {x.shape} "
                         f"and the target {target.shape}.{hint}")
