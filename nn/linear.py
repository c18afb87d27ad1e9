"""What does a fully connected layer compute?

Each output is a weighted sum of all inputs, plus a bias: y = x W^T + b.

Read next: `formula.py`.
"""

from __future__ import annotations

from math import prod, sqrt
from typing import TYPE_CHECKING, Any

from nn import functional, init
from nn.module import Module
from nn.parameter import Parameter

if TYPE_CHECKING:
    from numpy.typing import DTypeLike


class Linear(Module):
    """y = x W^T + b, along the last axis.

    in_features, out_features:  the length of the last axis of x, and of y
    bias:   add b?
    dtype:  of the parameters, default float32
    rng:    where the initial weights come from; see `nn.init`

    Shapes: x (..., in_features), y (..., out_features); weight (out_features, in_features), bias (out_features,).
    Both start evenly distributed in (-1, 1) / sqrt(in_features), as in PyTorch.

    >>> import numpy as np, nn
    >>> nn.Linear(64, 10)(np.ones((32, 64), np.float32)).shape
    (32, 10)

    Raises ValueError if the last axis of x has another length.
    """

    def __init__(self, in_features: int, out_features: int, bias: bool = True, *, dtype: DTypeLike | None = None,
                 rng: init.Rng = None) -> None:
        self.in_features, self.out_features = in_features, out_features
        self.weight = init.blank(out_features, in_features, dtype=dtype)
        self.bias: Parameter | None = init.blank(out_features, dtype=dtype) if bias else None
        self.reset_parameters(rng)

    def reset_parameters(self, rng: init.Rng = None) -> None:
        """Draw new initial values."""
        rng = init.generator(rng)
        init.kaiming_uniform_(self.weight, a=sqrt(5), rng=rng)
        if self.bias is not None:
            bound = 1 / sqrt(max(self.in_features, 1))
            init.uniform_(self.bias, -bound, bound, rng)

    def forward(self, x: Any) -> Any:
        self.check(x)
        return functional.linear(x, self.weight, self.bias)

    def check(self, x: Any) -> None:
        shape = self.shape_of(x)
        if not shape or shape[-1] != self.in_features:
            fits = f"The layer that fits is Linear({shape[-1]}, {self.out_features})." if shape else "It needs at least one axis."
            if len(shape) > 2 and prod(shape[1:]) == self.in_features:
                fits = f"To make one row of each example write x.reshape(({shape[0]}, -1)) first."
            raise ValueError(f"{self.place()} takes {self.in_features} features along the last axis, "
                             f"but the input has shape {shape}.\n{fits}")

    def extra_repr(self) -> str:
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={self.bias is not None}"
