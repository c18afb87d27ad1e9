"""Which operations can write into memory that is there?

NumPy's ufuncs, all of them. And the functions of this table, which say how: each computes what the forward function computes, bit for
bit, into `out`.

Read next: `buffers.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd import ops
from autograd.compiler.chains import Chain
from autograd.kernels.multiplication import product, product_into
from autograd.ops.affine import linear_into
from autograd.program import Step


def sum_into(x: Any, axis: Any, keepdims: bool, out: Any) -> Any:
    return np.add.reduce(x, axis=axis, out=out, keepdims=keepdims)


def relu_into(x: Any, out: Any) -> Any:
    return np.maximum(x, 0, out=out)


INTO: dict[Any, Callable[..., Any]] = {
    product: product_into, ops.linear.forward: linear_into, ops.sum.forward: sum_into, ops.relu.forward: relu_into,
}
"""By forward function."""

POINTWISE = {ops.relu.forward}
"""Those of them that may write over an operand."""


ONE_DTYPE = {product, ops.linear.forward}
"""Those of them that need operands of the dtype of the result."""


def writes_into(step: Step, values: Sequence[Any]) -> bool:
    """Can this step be told where its result goes? (`values` has what each place was.)"""
    forward = step.primitive.forward
    if isinstance(step.primitive, Chain):
        return True
    if forward in ONE_DTYPE and not all(getattr(values[place], "dtype", None) == step.dtype for place in step.operands):
        return False
    if isinstance(forward, np.ufunc):
        return not step.primitive.sequence and forward.nout == 1
    return forward in INTO and step.dtype != np.float16


def writes_over(step: Step, result: int, operand: int, roots: Sequence[int]) -> bool:
    """May the result be written over an operand of the same shape while it is computed?"""
    primitive: Any = step.primitive
    if isinstance(primitive, Chain):  # no other operand may lie in the same memory, in another order
        return primitive.over(result, operand) and [roots[p] for p in step.operands].count(roots[operand]) == 1
    forward = primitive.forward
    return forward.signature is None if isinstance(forward, np.ufunc) else forward in POINTWISE
