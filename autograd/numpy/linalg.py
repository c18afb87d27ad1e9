"""Where is `np.linalg` in `autograd.numpy`? NumPy's own: its functions record when they meet a Tensor.

Read next: `random.py`.
"""

from __future__ import annotations

from typing import Any

import numpy.linalg as _linalg

__all__ = sorted(_linalg.__all__)


def __getattr__(name: str) -> Any:
    return getattr(_linalg, name)


def __dir__() -> list[str]:
    return sorted({*dir(_linalg), *globals()})
