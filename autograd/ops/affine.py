"""What does a fully connected layer compute?

    y = x W^T + b,      dx = g W,      dW = g^T x,      db = sum of g over all rows

It could be composed of transpose, matmul and add. As one operation it makes one pass over the result less on the way forward, and
on the way back a gradient of W in W's own memory order: a quarter to a third off the time of a training step of a wide network.
(CS231n, "Backpropagation", gradients for vectorized operations.)

Read next: `softmax.py`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd import kernels
from autograd.kernels import active, product, rounded_once
from autograd.kernels.active import by_onednn
from autograd.kernels.multiplication import rows_times
from autograd.ops.reductions import sum
from autograd.ops.shapes import reshape
from autograd.primitive import primitive


def rows(x: Any) -> Any:
    """All axes but the last as one: a matrix with one row per example."""
    return reshape(x, (math.prod(x.shape[:-1]), x.shape[-1]))


def linear_to_x(g: Any, weight: Any) -> Any:
    """dx = g @ weight."""
    return product(g, weight)


def linear_to_weight(g: Any, x: Any) -> Any:
    """dweight = rows(g).swapaxes(0, 1) @ rows(x)."""
    return product(rows(g).swapaxes(0, 1), rows(x))


@primitive(x=linear_to_x, weight=linear_to_weight, bias=lambda g: sum(rows(g), 0))
def linear(x: Any, weight: Any, bias: Any = None) -> Any:
    """x W^T + b along the last axis of x: (..., in), (out, in), (out,) or None -> (..., out)."""
    return affine(x, weight, bias)


@rounded_once
def affine(x: Any, weight: Any, bias: Any) -> Any:
    """`linear`, of arrays."""
    y = kernels.linear(x, weight, bias)
    if y is not None:
        return y
    large = x.size * len(weight) >= active.MULTIPLIED and x.dtype == weight.dtype == active.FLOAT32
    y = rows_times(x, weight.T) if large else np.matmul(x, weight.T)
    if bias is None:
        return y
    return np.add(y, bias, out=y) if y.dtype == bias.dtype else y + bias


def linear_into(x: Any, weight: Any, bias: Any = None, *, out: Any) -> Any:
    """`linear`, of arrays of one dtype, not float16, into memory that is there."""
    work = x.size * len(weight)
    if work >= active.MULTIPLIED:
        y = by_onednn("matmul", work, active.MULTIPLIED, (x, weight, bias), x, weight.T, bias, out)
        if y is not None:
            return y
    y = rows_times(x, weight.T, out) if work >= active.MULTIPLIED and x.dtype == active.FLOAT32 else np.matmul(x, weight.T, out)
    return y if bias is None else np.add(y, bias, out)
