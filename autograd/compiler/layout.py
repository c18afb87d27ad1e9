"""How does an array lie in memory?

Its axes, from the outermost to the innermost, are its order. An image batch of shape (n, channels, rows, columns) may lie with the channels
innermost: (0, 2, 3, 1).

Read next: `chains.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np


def order_of(array: Any) -> tuple[int, ...] | None:
    """The axes from the outermost to the innermost in memory, if the array fills its memory; else None."""
    order = tuple(sorted(range(array.ndim), key=lambda axis: (-array.strides[axis], axis)))
    expected = array.itemsize
    for axis in reversed(order):
        if array.shape[axis] != 1 and array.strides[axis] != expected:
            return None
        expected *= array.shape[axis]
    return order


def laid(shape: Sequence[int], dtype: Any, order: Sequence[int]) -> Any:
    """New memory for an array of this shape, its axes in this order."""
    memory = np.empty([shape[axis] for axis in order], dtype)
    return memory.transpose(np.argsort(order)) if order else memory
