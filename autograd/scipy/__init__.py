"""SciPy's functions, with gradients: `import autograd.scipy as sp`, or `from autograd.scipy.stats import norm`.

    special      gamma, Bessel and error functions, logsumexp, ...
    linalg       solve, cholesky, expm, ... with SciPy's arguments
    stats        densities and distribution functions, with gradients to their parameters
    signal       convolve, of several axes at once
    integrate    odeint, a differential equation solved
    misc         logsumexp, at its old place

SciPy itself is needed where its values are: `pip install "onetape[scipy]"`. What is not here is SciPy's own, for plain arrays; it
refuses Tensors that require a gradient. `scipy.optimize` needs no twin: it takes what `grad`, `value_and_grad` and `hvp` return
(see `docs/scipy.md`).

Read next: `special.py`.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

MODULES = ("integrate", "linalg", "misc", "signal", "special", "stats")


def __getattr__(name: str) -> Any:
    if name in MODULES:
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}; it has {', '.join(MODULES)}")


def __dir__() -> list[str]:
    return sorted([*globals(), *MODULES])
