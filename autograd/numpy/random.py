"""Where is `np.random` in `autograd.numpy`? NumPy's own. Random numbers are constants.

Read next: `../random.py`.
"""

from __future__ import annotations

from typing import Any

import numpy.random as _random

__all__ = sorted(_random.__all__)


def __getattr__(name: str) -> Any:
    return getattr(_random, name)


def __dir__() -> list[str]:
    return sorted({*dir(_random), *globals()})
