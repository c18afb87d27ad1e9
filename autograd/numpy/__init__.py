"""Why does `import autograd.numpy as np` work?

This is NumPy's namespace: every name is NumPy's own, because NumPy's functions record when they meet a Tensor
(`overrides/`). A program may as well `import numpy as np`. What differs are the few functions that NumPy does not let
anybody answer for, those that make an array of a list: here `np.array([t1, t2])` joins Tensors, and is recorded; so does
`np.r_[t1, 1.0]`.

>>> import autograd.numpy as np
>>> from autograd import grad
>>> grad(lambda x: np.sum(np.array([x, x * x, 1.0])))(3.0)
np.float64(7.0)

Of plain numbers and arrays these functions make plain arrays, as NumPy's do.

Read next: `creation.py`.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as _numpy

from autograd.numpy.creation import array, asanyarray, asarray, ascontiguousarray, asfortranarray, full, require  # noqa: F401
from autograd.numpy.rows import c_, r_  # noqa: F401

MODULES = ("fft", "linalg", "random")

__all__ = sorted(_numpy.__all__)


def __getattr__(name: str) -> Any:
    if name in MODULES:
        return import_module(f"autograd.numpy.{name}")
    return getattr(_numpy, name)


def __dir__() -> list[str]:
    return sorted({*dir(_numpy), *globals()})
