"""How does oneDNN multiply matrices?

As fast as the library that NumPy calls, or a little slower. So it does that only where it has other work as well, and NumPy's threads
would get in the way of its own: `../active.py` decides.

Read next: `bound.py`.
"""

from __future__ import annotations

from functools import lru_cache
from math import prod
from typing import Any

import numpy as np

from autograd.kernels.onednn import primitives as dnn
from autograd.kernels.onednn.library import Library, Refused
from autograd.kernels.onednn.primitives import Plan, address, description, layout


def laid_out(a: Any) -> tuple[Any, bool]:
    """a, or a copy: matrices that lie row after row, or (True) column after column."""
    if a.flags.c_contiguous:
        return a, False
    if a.swapaxes(-1, -2).flags.c_contiguous:
        return a, True
    return np.ascontiguousarray(a), False


def matmul(library: Library, a: Any, b: Any, bias: Any = None, out: Any = None) -> Any:
    """a @ b + bias, perhaps into memory that is there: of two matrices, of a stack of matrices and one, or of two stacks alike."""
    if a.ndim < 2 or b.ndim < 2 or a.shape[-1] != b.shape[-2] or not (a.size and b.size):
        return None
    shape = (*a.shape[:-1], b.shape[-1])
    if b.ndim == 2 and a.ndim > 2:  # the rows of all matrices make one
        a = np.ascontiguousarray(a).reshape(-1, a.shape[-1])
    elif a.shape[:-2] != b.shape[:-2]:
        return None
    (a, a_turned), (b, b_turned) = laid_out(a), laid_out(b)
    plan = planned(library, a.shape, a_turned, b.shape, b_turned, bias is not None)
    if plan is None:
        return None
    y = np.empty(shape, a.dtype) if out is None or not out.flags.c_contiguous else out
    more = () if bias is None else (address(np.ascontiguousarray(bias)),)
    plan(address(a), address(b), *more, address(y))
    if out is not None and y is not out:
        out[...] = y
        return out
    return y


def strides(shape: tuple[int, ...], turned: bool) -> list[int]:
    """The strides of matrices that lie row after row, or column after column."""
    plain = [prod(shape[i + 1:]) for i in range(len(shape))]
    return [*plain[:-2], 1, shape[-2]] if turned else plain


@lru_cache(dnn.KEPT)
def planned(library: Library, a: tuple[int, ...], a_turned: bool, b: tuple[int, ...], b_turned: bool, biased: bool) -> Plan | None:
    y = (*a[:-1], b[-1])
    left, right = layout(library, a, strides(a, a_turned)), layout(library, b, strides(b, b_turned))
    result = layout(library, y, strides(y, False))
    row = (*(1,) * (len(y) - 1), y[-1])
    bias = layout(library, row, strides(row, False)) if biased else None
    try:
        described = description(library, "matmul", left, right, bias, result)
        return Plan(library, described, [(dnn.SRC, left), (dnn.WEIGHTS, right), *([(dnn.BIAS, bias)] if biased else []), (dnn.DST, result)])
    except Refused:
        return None
