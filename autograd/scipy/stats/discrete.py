"""How likely is a count?

A distribution of whole numbers k gives each a probability p(k), and F(k) is the sum of those up to k. Gradients go to the parameters;
k itself is counted and has none. Where k is no whole number p is 0; for parameters that cannot be meant all is NaN, as in SciPy.

Read next: `poisson.py`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import ops
from autograd.ops.shapes import as_array
from autograd.scipy.stats.family import Formula, choose, scipys
from autograd.tensor import Tensor


class Discrete:
    """The distributions of whole numbers with parameters `shapes` and `loc`.

    name:      that of `scipy.stats`
    shapes:    the names of the parameters
    log_mass:  (k, *shapes) -> log p(k), on the support
    support:   (k, *shapes) -> where p(k) is not 0
    valid:     (*shapes) -> where these can be meant
    cdf, sf:   (k, *shapes) -> the probability of a number up to k >= 0, or above k
    """

    def __init__(self, name: str, shapes: tuple[str, ...], *, log_mass: Formula, support: Formula, valid: Formula, cdf: Formula,
                 sf: Formula) -> None:
        self.name = name
        self.shapes = shapes
        self.log_mass = log_mass
        self.support = support
        self.valid = valid
        self.below = cdf
        self.above = sf

    def logpmf(self, k: Any, *args: Any, **kwargs: Any) -> Any:
        """The logarithm of the probability of k."""
        k, shapes, valid = self._counted("logpmf", k, args, kwargs)
        inside = self.support(k, *shapes) & (np.floor(k) == k)
        y = self.log_mass(choose(inside, k, 0), *shapes)
        return choose(valid, choose(inside, y, -np.inf), np.nan)

    def pmf(self, k: Any, *args: Any, **kwargs: Any) -> Any:
        """The probability of k."""
        return ops.exp(self.logpmf(k, *args, **kwargs))

    def cdf(self, k: Any, *args: Any, **kwargs: Any) -> Any:
        """The probability of a number up to k."""
        return self._share("cdf", self.below, k, args, kwargs, 0.0)

    def sf(self, k: Any, *args: Any, **kwargs: Any) -> Any:
        """The probability of a number above k."""
        return self._share("sf", self.above, k, args, kwargs, 1.0)

    def functions(self) -> dict[str, Formula]:
        """Its functions, by SciPy's name: what the module of a distribution holds."""
        return {name: getattr(self, name) for name in ("logpmf", "pmf", "cdf", "sf")}

    def others(self, name: str) -> Any:
        """What `scipy.stats` has beyond these: rvs, mean, ..., for plain arrays."""
        return scipys(self.name, name)

    def _share(self, what: str, f: Formula, k: Any, args: tuple[Any, ...], kwargs: dict[str, Any], below: float) -> Any:
        k, shapes, valid = self._counted(what, k, args, kwargs)
        k = np.floor(k)
        y = f(choose(~(k < 0), k, 0), *shapes)
        return choose(valid, choose(~(k < 0), y, below), np.nan)

    def _counted(self, what: str, k: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, list[Any], Any]:
        if len(args) > len(self.shapes) + 1 or "scale" in kwargs:
            raise TypeError(f"{self.name}.{what}: takes {', '.join([*self.shapes, 'loc=0'])}; what is counted has no scale")
        names = dict(zip((*self.shapes, "loc"), args)) | kwargs
        loc = names.pop("loc", 0)
        for given, label in ((k, "k"), (loc, "loc")):
            if isinstance(given, Tensor) and given.node is not None:
                raise TypeError(f"{self.name}.{what}: {label} is counted and has no derivative, but requires a gradient. "
                                f"Write {label}.detach(), if its number alone is meant.")
        missing = [name for name in self.shapes if name not in names]
        unknown = [name for name in names if name not in self.shapes]
        if missing or unknown:
            raise TypeError(f"{self.name}.{what}: " + (f"{missing[0]} is missing" if missing else f"there is no argument {unknown[0]}")
                            + f". It takes {', '.join([*self.shapes, 'loc=0'])}")
        k, loc = (getattr(x, "_array", x) for x in (k, loc))
        shapes = [as_array(names[name]) for name in self.shapes]
        valid = self.valid(*shapes)
        return np.asarray(k) - loc, [choose(valid, s, 1) for s in shapes], valid
