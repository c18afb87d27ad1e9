"""How do two inputs multiply?

Read next: `activation.py`.
"""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, Any

from autograd import ops
from nn import init
from nn.module import Module
from nn.parameter import Parameter

if TYPE_CHECKING:
    from numpy.typing import DTypeLike


def bilinear(x1: Any, x2: Any, weight: Any, bias: Any = None) -> Any:
    """y_k = x1^T W_k x2 + b_k along the last axes."""
    y = ops.einsum("...i,kij,...j->...k", x1, weight, x2)
    return y if bias is None else y + bias


class Bilinear(Module):
    """y_k = x1^T W_k x2 + b_k, along the last axes.

    in1_features, in2_features, out_features:  the lengths of the last axes of x1, x2 and y
    bias:  add b?

    Shapes: weight (out, in1, in2), bias (out,), even in (-1, 1) / sqrt(in1) at first; the other axes of x1 and x2 are the same.
    """

    def __init__(self, in1_features: int, in2_features: int, out_features: int, bias: bool = True, *, dtype: DTypeLike | None = None,
                 rng: init.Rng = None) -> None:
        self.in1_features, self.in2_features, self.out_features = in1_features, in2_features, out_features
        self.weight = init.blank(out_features, in1_features, in2_features, dtype=dtype)
        self.bias: Parameter | None = init.blank(out_features, dtype=dtype) if bias else None
        self.reset_parameters(rng)

    def reset_parameters(self, rng: init.Rng = None) -> None:
        """Draw new initial values."""
        rng, bound = init.generator(rng), 1 / sqrt(max(self.in1_features, 1))
        init.uniform_(self.weight, -bound, bound, rng)
        if self.bias is not None:
            init.uniform_(self.bias, -bound, bound, rng)

    def forward(self, x1: Any, x2: Any) -> Any:
        first, second = self.shape_of(x1, "the first input"), self.shape_of(x2, "the second input")
        if first[-1:] != (self.in1_features,) or second[-1:] != (self.in2_features,) or first[:-1] != second[:-1]:
            agree = first and second and first[:-1] == second[:-1]
            fits = f"\nThe layer that fits is Bilinear({first[-1]}, {second[-1]}, {self.out_features})." if agree else ""
            raise ValueError(f"{self.place()} takes (..., {self.in1_features}) and (..., {self.in2_features}), but the inputs have the "
                             f"shapes {first} and {second}.{fits}")
        return bilinear(x1, x2, self.weight, self.bias)

    def extra_repr(self) -> str:
        return (f"in1_features={self.in1_features}, in2_features={self.in2_features}, out_features={self.out_features}, "
                f"bias={self.bias is not None}")
