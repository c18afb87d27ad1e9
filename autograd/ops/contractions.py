"""Operations that multiply and sum: matrix products, and everything `einsum` can say.

Read next: `../operators.py`.
"""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from autograd.ops.shapes import expand_dims, reshape
from autograd.primitive import primitive


def mT(x: Any) -> Any:
    """The transposed matrix (of the last two axes)."""
    return x.swapaxes(-1, -2)


def matmul_to_a(g: Any, a_shape: tuple[int, ...], b: Any) -> Any:
    """g b^T: what each entry of a was multiplied with, times where it went."""
    if len(a_shape) > 1 and b.ndim > 1:
        return g @ mT(b)
    if b.ndim == 1:
        return expand_dims(g, -1) * b
    return (b @ expand_dims(g, -1)).reshape(b.shape[:-1])


def matmul_to_b(g: Any, b_shape: tuple[int, ...], a: Any) -> Any:
    """a^T g. One matrix b that met many a is one product of the a's rows, without a gradient for each of them."""
    if len(b_shape) > 1 and a.ndim > 1:
        if len(b_shape) == 2 < a.ndim:
            rows = prod(a.shape[:-1])
            return mT(reshape(a, (rows, b_shape[0]))) @ reshape(g, (rows, b_shape[1]))
        return mT(a) @ g
    if a.ndim == 1:
        return a * g if len(b_shape) == 1 else expand_dims(a, -1) * expand_dims(g, -2)
    return reshape(g, (-1,)) @ reshape(a, (prod(a.shape[:-1]), b_shape[0]))


matmul = primitive(np.matmul, a=matmul_to_a, b=matmul_to_b, broadcasts=True, linear=True, operator="@")
