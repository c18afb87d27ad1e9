"""How do images lie in memory?

Their shape is (N, C, *lengths), always; their memory is best ordered (N, *lengths, C), channels last: then the channels of a place
lie side by side, and what is done to each place - a product with a matrix, a sum, a maximum - runs over long stretches. Convolutions
return such arrays, element-wise functions keep the order they find (NumPy's "K"), and whoever needs it asks here.

Read next: `normalization.py`.
"""

from __future__ import annotations

from typing import Any

import numpy as np


def empty_channels_last(like: Any, shape: tuple[int, ...], dtype: Any) -> Any:
    """An array of shape (N, C, *lengths) whose memory is ordered (N, *lengths, C)."""
    n = len(shape)
    pattern = np.empty_like(like, shape=(2,) * n, order="C").transpose(0, n - 1, *range(1, n - 1))
    return np.empty_like(pattern, dtype=dtype, shape=shape)  # order="K": the pattern's


def last_axis(x: Any) -> Any:
    """(N, C, *lengths) seen as (N, *lengths, C)."""
    return x.transpose(0, *range(2, x.ndim), 1)


def is_channels_last(x: Any) -> bool:
    """Is the memory of (N, C, *lengths) ordered (N, *lengths, C), without gaps?"""
    return last_axis(x).flags.c_contiguous  # type: ignore[no-any-return]


def channels_last(x: Any) -> Any:
    """x, or a copy of it whose channels are last in memory."""
    if is_channels_last(x):
        return x
    y = empty_channels_last(x, x.shape, x.dtype)
    y[...] = x
    return y


def steps(x: Any) -> tuple[int, ...]:
    """The strides of the axes that are longer than 1: those of the others say nothing."""
    return tuple([step for step, n in zip(x.strides, x.shape) if n != 1])
