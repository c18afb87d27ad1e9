"""How do the numbers along an axis compete?

    Softmax     each gets a share                    LogSoftmax, Softmin, Softmax2d
    Maxout      the largest of each few passes
    GLU         one half says how much of the other passes

Read next: `dropout.py`.
"""

from __future__ import annotations

from typing import Any

from autograd import ops
from autograd.ops import sigmoid
from autograd.ops.shapes import floating
from nn.formula import Formula
from nn.module import Module


def axis_of(name: str, x: Any, dim: int | None) -> int:
    """The axis that `dim` means, counted from 0. Without one the last, if it is clear that this is the axis of classes."""
    ndim = len(x.shape)
    if dim is None:
        if ndim > 2:
            raise ValueError(f"{name} of an input of shape {x.shape}: along which axis? Write dim=1 for the channels of images, "
                             "dim=-1 for the last axis.")
        return ndim - 1
    if not -ndim <= dim < ndim:
        raise ValueError(f"{name} along axis {dim}: the input of shape {x.shape} has {ndim} axes")
    return dim % ndim


def softmax(x: Any, dim: int | None = None) -> Any:
    """exp(x) / sum exp(x) along one axis: positive numbers that sum to 1.

    dim:  the axis; may be left out for (N, C) and (C,), where it is that of the classes
    """
    return ops.softmax(x, axis=axis_of("softmax", x, dim))


class Softmax(Formula, function=softmax, bounds=(0, 1)): ...


def log_softmax(x: Any, dim: int | None = None) -> Any:
    """log softmax(x) along one axis, without overflow."""
    return ops.log_softmax(x, axis=axis_of("log_softmax", x, dim))


class LogSoftmax(Formula, function=log_softmax): ...


def softmin(x: Any, dim: int | None = None) -> Any:
    """softmax(-x) along one axis."""
    return ops.softmax(-floating(x), axis=axis_of("softmin", x, dim))


class Softmin(Formula, function=softmin, bounds=(0, 1)): ...


class Softmax2d(Module):
    """softmax over the channels, at each place of images (N, C, H, W) or (C, H, W)."""

    bounds = (0, 1)

    def forward(self, x: Any) -> Any:
        if len(self.shape_of(x)) not in (3, 4):
            raise ValueError(f"{self.place()} takes images (N, C, H, W) or (C, H, W), but the input has shape {x.shape}")
        return softmax(x, -3)


def maxout(x: Any, pieces: int = 2, dim: int = 1) -> Any:
    """The largest of each `pieces` neighbours along an axis: max_j x_(i pieces + j).

    After a linear layer this is the maxout unit max_j (x W_ij + b_ij), of which ReLU and Leaky ReLU are special cases.
    (Goodfellow et al. 2013; CS231n, "Neural networks": max(w1 x + b1, w2 x + b2).)

    pieces:  how many linear functions each unit chooses from
    dim:     the axis of features or channels; it gets `pieces` times shorter

    >>> import numpy as np, nn
    >>> nn.Sequential(nn.Linear(64, 10 * 3), nn.Maxout(3))(np.ones((32, 64), np.float32)).shape
    (32, 10)
    """
    axis = axis_of("maxout", x, dim)
    n = x.shape[axis]
    if pieces < 1 or n % pieces:
        raise ValueError(f"maxout chooses from {pieces} neighbours along axis {dim}, but the {n} of an input of shape {x.shape} are no "
                         f"multiple of that. The layer before it gives out units * pieces features.")
    return ops.max(ops.reshape(x, (*x.shape[:axis], n // pieces, pieces, *x.shape[axis + 1:])), axis=axis + 1)


class Maxout(Formula, function=maxout): ...


def glu(x: Any, dim: int = -1) -> Any:
    """a sigmoid(b), where a and b are the halves of x along one axis. (Dauphin et al. 2016.)"""
    axis = axis_of("glu", x, dim)
    if x.shape[axis] % 2:
        raise ValueError(f"glu halves the input along axis {dim}, where its shape {x.shape} has an odd length")
    a, b = ops.split(floating(x), 2, axis)
    return a * sigmoid(b)


class GLU(Formula, function=glu): ...
