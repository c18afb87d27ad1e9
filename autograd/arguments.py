"""How is a call with NumPy's arguments turned into a call of ours?

Read next: `ufuncs.py`.
"""

from __future__ import annotations

from typing import Any

from autograd import ops


def linalg_trace(x: Any, *, offset: int = 0, dtype: Any = None) -> Any:
    """The trace of the matrices in the last two axes."""
    y = ops.trace(x, offset, -2, -1)
    return y if dtype is None else ops.astype(y, dtype)


def linalg_diagonal(x: Any, *, offset: int = 0) -> Any:
    """The diagonal of the matrices in the last two axes."""
    return ops.diagonal(x, offset, -2, -1)


def linalg_cross(x1: Any, x2: Any, *, axis: int = -1) -> Any:
    """The cross product of vectors with three components."""
    return ops.cross(x1, x2, axis=axis)


def linalg_outer(x1: Any, x2: Any) -> Any:
    """The outer product of two vectors."""
    return ops.outer(x1, x2)
