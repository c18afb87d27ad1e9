"""SciPy's distributions, with gradients: `from autograd.scipy.stats import norm`, then `norm.logpdf(x, loc, scale)`.

    continuous      norm t gamma beta chi2 expon uniform laplace logistic cauchy lognorm
    discrete        poisson bernoulli binom
    of vectors      multivariate_normal dirichlet

Each is a module of a few lines: its density, written out, and its distribution function. Values are SciPy's, with all arguments
broadcast, and gradients go to all of them: to x, the shapes, `loc` and `scale`. What a module does not have (`rvs`, `mean`, `fit`)
is that of `scipy.stats`, for plain arrays.

Read next: `family.py`.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

MODULES = ("bernoulli", "beta", "binom", "cauchy", "chi2", "dirichlet", "expon", "gamma", "laplace", "logistic", "lognorm",
           "multivariate_normal", "norm", "poisson", "t", "uniform")


def __getattr__(name: str) -> Any:
    if name in MODULES:
        return import_module(f"{__name__}.{name}")
    if name.startswith("__"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from autograd.scipy.stats.family import scipy_stats

    return getattr(scipy_stats(), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *MODULES])
