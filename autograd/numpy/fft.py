"""Where is `np.fft` in `autograd.numpy`? NumPy's own: its functions record when they meet a Tensor.

Read next: `linalg.py`.
"""

from __future__ import annotations

from typing import Any

import numpy.fft as _fft

__all__ = sorted(_fft.__all__)


def __getattr__(name: str) -> Any:
    return getattr(_fft, name)


def __dir__() -> list[str]:
    return sorted({*dir(_fft), *globals()})
