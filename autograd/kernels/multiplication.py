"""Who multiplies matrices?

NumPy's `matmul`, but for three kinds of matrices: float16 is multiplied as float32 (`half.py`); a column times a row is no sum, and BLAS
forms it in a fraction of the time that `matmul` takes; and large float32 matrices are oneDNN's where its threads are in use (`active.py`).

Eager operations and compiled functions ask here, so that both give the same numbers.

Read next: `columns.py`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy import ndarray

from autograd.kernels import active, blas
from autograd.kernels.active import by_onednn
from autograd.kernels.half import half_product

OUTER = 1 << 17
"""From so many products on, and up to four times as many, BLAS forms a column times a row with several threads in less time than `dot`,
which adds rows to zeros."""


def product(a: Any, b: Any) -> Any:
    """The matrix product a @ b, of arrays or Tensors: NumPy's `matmul`, but float16 is multiplied as float32 and rounded once,
    and where oneDNN is in use, it multiplies large float32 matrices.

    Rules write it where the operator would stand, which on arrays is NumPy's.

    >>> import numpy as np
    >>> from autograd.kernels import product
    >>> product(np.ones((1, 3), np.float16), np.ones((3, 2), np.float16))
    array([[3., 3.]], dtype=float16)
    """
    try:
        narrow = a.itemsize == 2  # to ask for the dtype takes longer
    except AttributeError:  # a list
        return np.matmul(a, b)
    if a.__class__ is b.__class__ is ndarray:
        if narrow:
            return half_product(a, b)
        if a.shape[-1] == 1 and a.ndim > 1 < b.ndim and b.shape[-2] == 1:
            return outer(a, b)
        if (a.size >= 512 or b.size >= 512) and (y := large_product(a, b)) is not None:
            return y
    return a @ b


def product_into(a: Any, b: Any, out: Any) -> Any:
    """The same of arrays of one dtype, not float16, into memory that is there."""
    if a.shape[-1] == 1 and a.ndim > 1 < b.ndim and b.shape[-2] == 1:
        return outer(a, b, out)
    y = large_product(a, b, out)
    return np.matmul(a, b, out) if y is None else y


def outer(a: Any, b: Any, out: Any = None) -> Any:
    """A column times a row: a sum of one product, which NumPy's `matmul` computes six times slower than it could."""
    size = a.size * b.size
    plain = a.ndim == b.ndim == 2 and a.dtype == b.dtype and a.dtype.kind == "f" and (out is None or out.flags.c_contiguous)
    if size < 512 or not plain:
        return np.multiply(a, b, out)
    if OUTER <= size <= 4 * OUTER and active.SWITCH.threads == "numpy" and blas.multiplies(a.dtype):
        y = np.empty((len(a), b.shape[1]), a.dtype) if out is None else out
        blas.multiplication(np.ascontiguousarray(a), np.ascontiguousarray(b), y)()
        return y
    return a.dot(b, out) if size <= active.MULTIPLIED else np.einsum("i,j->ij", a[:, 0], b[0], out=out)


def rows_times(a: Any, b: Any, out: Any = None) -> Any:
    """NumPy's product a @ b. Where a stack of matrices meets one, `matmul` multiplies one after the other; the rows of all together are one
    large product, which takes two thirds of the time."""
    if b.ndim != 2 or a.ndim < 3 or a.__class__ is not ndarray or not a.flags.c_contiguous:
        return np.matmul(a, b, out)
    there = out is not None and out.flags.c_contiguous
    y = np.matmul(a.reshape(-1, a.shape[-1]), b, out.reshape(-1, b.shape[-1]) if there else None).reshape(*a.shape[:-1], b.shape[-1])
    if out is None:
        return y
    if not there:
        out[...] = y
    return out


def is_vector(a: Any, b: Any) -> bool:
    """Is there a single row or column? For such products NumPy uses several threads sooner."""
    return a.ndim > 1 and (a.shape[-2] == 1 or b.shape[-1] == 1)


def large_product(a: Any, b: Any, out: Any = None) -> Any:
    """The product of two large arrays, if there is a faster way than `matmul`; or None."""
    work = a.size * b.shape[-1] if b.ndim > 1 else 0
    if work >= active.MULTIPLIED or (work > active.THREADED and active.SWITCH.threads == "onednn" and is_vector(a, b)):
        y = by_onednn("matmul", work, 0, (a, b), a, b, None, out)
        return rows_times(a, b, out) if y is None and b.ndim == 2 < a.ndim and a.dtype == b.dtype == active.FLOAT32 else y
    if work > active.THREADED and not active.SWITCH.threads:
        active.SWITCH.threads = "numpy"
    return None
