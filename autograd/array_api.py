"""Which functions does code see that is written for any array library?

The Array API standard has such code ask an array for its functions: `xp = x.__array_namespace__()`. For Tensors they are
those of `autograd.numpy`, which are NumPy's and record; but here the functions that make arrays make Tensors, so that what
is written into them (`out = xp.zeros(3); out[0] = x[1]`) is recorded, too.

>>> from autograd import grad, tensor
>>> def norm(x):
...     xp = x.__array_namespace__()
...     out = xp.zeros(x.shape, dtype=x.dtype)
...     out[...] = x * x
...     return xp.sqrt(xp.sum(out))
>>> grad(norm)(tensor([3.0, 4.0]))
tensor([0.6, 0.8])

Read next: `interchange.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from types import SimpleNamespace
from typing import Any

import autograd.numpy as functions
from autograd.interchange import from_dlpack
from autograd.tensor import Tensor

__all__ = ["from_dlpack"]


def making(name: str) -> Callable[..., Tensor]:
    """A function of NumPy that makes arrays, as one that makes Tensors."""
    function = getattr(functions, name)

    @wraps(function)
    def make(*args: Any, device: Any = None, **kwargs: Any) -> Any:
        if device not in (None, "cpu"):
            raise ValueError(f"{name}(device={device!r}): Tensors are on the 'cpu'")
        y = function(*args, **kwargs)
        return y if isinstance(y, Tensor) else Tensor(y)

    return make


CREATION = {name: making(name) for name in ("arange", "asarray", "empty", "empty_like", "eye", "full", "full_like", "linspace", "ones",
                                            "ones_like", "tril", "triu", "zeros", "zeros_like")}


def __getattr__(name: str) -> Any:
    if name == "special":  # where SciPy looks for a library's own special functions
        from autograd.scipy import special

        return SimpleNamespace(**{own: getattr(special, own) for own in (*special.NAMES, "log_softmax", "logsumexp", "softmax")})
    return CREATION[name] if name in CREATION else getattr(functions, name)


def __dir__() -> list[str]:
    return sorted({*dir(functions), *globals()})
