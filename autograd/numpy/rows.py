"""How do `np.r_[x, 1.0, 0:3]` and `np.c_[x, y]` join Tensors?

NumPy's own objects decide what goes where: they are given numbers that say which element is meant, and then the elements are
taken. Without a Tensor among the parts, they do all of it.

Read next: `fft.py`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import ops
from autograd.tensor import Tensor


class Rows:
    """NumPy's `r_` or `c_`, which also takes Tensors."""

    def __init__(self, numpys: Any) -> None:
        self.numpys = numpys

    def __getitem__(self, key: Any) -> Any:
        parts = key if isinstance(key, tuple) else (key,)
        if not any(isinstance(part, Tensor) for part in parts):
            return self.numpys[key]
        pool: list[Any] = []
        places: list[Any] = []
        start = 0
        for part in parts:
            if isinstance(part, str):  # "0,2": along which axis, and so on
                places.append(part)
                continue
            values = np.r_[part] if isinstance(part, slice) else part if isinstance(part, Tensor) else np.asarray(part)
            pool.append(ops.reshape(values, -1))
            places.append(np.arange(start, start + values.size).reshape(values.shape)[()])
            start += values.size
        return ops.take(ops.concatenate(pool), self.numpys[tuple(places)])

    def __len__(self) -> int:
        return 0


r_, c_ = Rows(np.r_), Rows(np.c_)
