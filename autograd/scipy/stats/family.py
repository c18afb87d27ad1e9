"""How does a standard distribution get its place and its width?

By z = (x - loc) / scale. If p is the density of the standard distribution and F its distribution function,

    pdf = p(z) / scale,    cdf = F(z),    ppf(q) = loc + scale F^-1(q),    entropy = the standard one + log(scale)

A `Family` does this, once for all distributions. Beyond the support the density is 0 and its logarithm -inf, without a gradient; for
parameters that are not positive all is NaN, as in SciPy. (What is counted has no scale: see `discrete.py`.)

Read next: `norm.py`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from autograd import ops
from autograd.ops.shapes import as_array
from autograd.tensor import Tensor

Formula = Callable[..., Any]


@cache
def scipy_stats() -> Any:
    """SciPy's module of distributions, or an error that says how to get it."""
    try:
        from scipy import stats
    except ImportError as error:
        raise ImportError('this function is that of SciPy, which is not installed: pip install "onetape[scipy]"') from error
    return stats


def scipys(distribution: str, name: str) -> Any:
    """What a distribution of SciPy has by this name."""
    if name.startswith("__"):
        raise AttributeError(f"autograd.scipy.stats.{distribution} has no attribute {name}")
    return getattr(getattr(scipy_stats(), distribution), name)


def choose(condition: Any, a: Any, b: Any) -> Any:
    """a where the condition holds, b elsewhere; a itself if it holds everywhere, and will on other inputs."""
    return a if not isinstance(condition, Tensor) and np.all(condition) else ops.where(condition, a, b)


class Family:
    """The distributions with parameters `shapes`, `loc` and `scale`.

    name:        that of `scipy.stats`
    shapes:      the names of the shape parameters, which are positive
    log_density: (z, *shapes) -> log p(z), on the support
    support:     the least and the largest z; with `open`, the density vanishes at these
    cdf, sf, logcdf, logsf, ppf, isf: (z or q, *shapes) -> the function of the standard distribution, where there is a formula
    entropy:     (*shapes) -> minus the mean of log p
    """

    def __init__(self, name: str, shapes: tuple[str, ...] = (), *, log_density: Formula, support: tuple[float, float] = (-np.inf, np.inf),
                 open: bool = False, **formulas: Formula) -> None:
        self.name = name
        self.shapes = shapes
        self.support = support
        self.open = open
        self.formulas = {"logpdf": log_density, **formulas}

    # ---- the functions of SciPy -------------------------------------------------------------------------------

    def logpdf(self, x: Any, *args: Any, **kwargs: Any) -> Any:
        """The logarithm of the density at x."""
        return self._at("logpdf", self.formulas["logpdf"], x, args, kwargs, -np.inf, -np.inf, True)

    def pdf(self, x: Any, *args: Any, **kwargs: Any) -> Any:
        """The density at x."""
        return ops.exp(self.logpdf(x, *args, **kwargs))

    def cdf(self, x: Any, *args: Any, **kwargs: Any) -> Any:
        """The probability of a value up to x."""
        return self._at("cdf", self._formula("cdf"), x, args, kwargs, 0.0, 1.0)

    def sf(self, x: Any, *args: Any, **kwargs: Any) -> Any:
        """The probability of a value above x: 1 - cdf, accurate where that is tiny."""
        return self._at("sf", self._formula("sf"), x, args, kwargs, 1.0, 0.0)

    def logcdf(self, x: Any, *args: Any, **kwargs: Any) -> Any:
        """The logarithm of cdf."""
        return self._at("logcdf", self._log_of("logcdf", "cdf", "sf"), x, args, kwargs, -np.inf, 0.0)

    def logsf(self, x: Any, *args: Any, **kwargs: Any) -> Any:
        """The logarithm of sf."""
        return self._at("logsf", self._log_of("logsf", "sf", "cdf"), x, args, kwargs, 0.0, -np.inf)

    def ppf(self, q: Any, *args: Any, **kwargs: Any) -> Any:
        """The x with cdf(x) = q: the quantiles."""
        return self._quantile("ppf", q, args, kwargs)

    def isf(self, q: Any, *args: Any, **kwargs: Any) -> Any:
        """The x with sf(x) = q."""
        return self._quantile("isf", q, args, kwargs)

    def entropy(self, *args: Any, **kwargs: Any) -> Any:
        """Minus the mean of log p, in nats."""
        shapes, _, scale, valid = self._parameters("entropy", args, kwargs)
        y = self._formula("entropy")(*shapes)
        return choose(valid, y + log_of(scale), np.nan)

    def functions(self) -> dict[str, Formula]:
        """Those of its functions that there are formulas for, by SciPy's name: what the module of a distribution holds."""
        known = {"pdf", *self.formulas, *(("logcdf", "logsf") if {"cdf", "sf"} <= set(self.formulas) else ())}
        return {name: getattr(self, name) for name in sorted(known)}

    def others(self, name: str) -> Any:
        """What `scipy.stats` has beyond these: rvs, mean, fit, ..., for plain arrays."""
        return scipys(self.name, name)

    # ---- how they are computed --------------------------------------------------------------------------------

    def _formula(self, what: str) -> Formula:
        if what not in self.formulas:
            raise NotImplementedError(f"{self.name}.{what} has no formula here. For plain arrays use scipy.stats.{self.name}.{what}.")
        return self.formulas[what]

    def _log_of(self, what: str, of: str, rest: str) -> Formula:
        """The logarithm of cdf or sf, by the other one where that is the smaller."""

        def logarithm(z: Any, *shapes: Any) -> Any:
            share = self._formula(of)(z, *shapes)
            most = share > 0.5
            return ops.where(most, ops.log1p(-ops.where(most, self._formula(rest)(z, *shapes), 0)), ops.xlogy(1, share))

        return self.formulas.get(what, logarithm)

    def _parameters(self, what: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[list[Any], Any, Any, Any]:
        """The shapes, loc and scale, with 1 for what is not positive; and where all are."""
        names = (*self.shapes, "loc", "scale")
        given = dict(zip(names, args))
        unknown = [name for name in kwargs if name not in names or name in given]
        missing = [name for name in self.shapes if name not in given and name not in kwargs]
        if len(args) > len(names) or unknown or missing:
            wrong = (f"too many arguments: {len(args)}" if len(args) > len(names) else f"{', '.join(missing)} is missing" if missing
                     else f"{unknown[0]} is given twice" if unknown[0] in given else f"there is no argument {unknown[0]}")
            raise TypeError(f"{self.name}.{what}: {wrong}. It takes {', '.join([*self.shapes, 'loc=0', 'scale=1'])}")
        given.update(kwargs)
        loc, safe = given.get("loc", 0), []
        valid: Any = True
        for parameter in (*(given[name] for name in self.shapes), given.get("scale", 1)):
            parameter = parameter if isinstance(parameter, (int, float)) else as_array(parameter)
            positive = parameter > 0
            valid = valid & positive
            safe.append(choose(positive, parameter, 1))
        return safe[:-1], loc, safe[-1], valid

    def _at(self, what: str, f: Formula, x: Any, args: tuple[Any, ...], kwargs: dict[str, Any], below: float, above: float,
            density: bool = False) -> Any:
        """f(z), and constants below and above the support."""
        shapes, loc, scale, valid = self._parameters(what, args, kwargs)
        z = standard(as_array(x), loc, scale)
        shapes = [z.dtype.type(shape) if isinstance(shape, (int, float)) else shape for shape in shapes]  # float32 stays
        low, high = self.support
        if low > -np.inf or high < np.inf:
            under, over = (z <= low, z >= high) if self.open else (z < low, z > high)
            inside = ~(under | over)  # what is not a number is inside, and stays what it is
            y = f(choose(inside, z, middle(low, high)), *shapes)
        else:
            y = f(z, *shapes)
        if density and not is_number(scale, 1):
            y = y - log_of(scale)
        if low > -np.inf or high < np.inf:
            y = choose(~over, choose(~under, y, below), above)
        return choose(valid, y, np.nan)

    def _quantile(self, what: str, q: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        shapes, loc, scale, valid = self._parameters(what, args, kwargs)
        q = as_array(q)
        shapes = [np.result_type(q, 1.0).type(shape) if isinstance(shape, (int, float)) else shape for shape in shapes]
        possible = (q >= 0) & (q <= 1)
        z = self._formula(what)(choose(possible, q, 0.5), *shapes)
        return choose(valid & possible, z * scale + loc, np.nan)


def log_of(scale: Any) -> Any:
    """log(scale), a number of Python's if the scale is one: it leaves float32 what it is."""
    return math.log(scale) if isinstance(scale, (int, float)) else ops.log(scale)


def is_number(x: Any, value: float) -> bool:
    return isinstance(x, (int, float)) and x == value


def middle(low: float, high: float) -> float:
    """A number inside the support."""
    return (low + high) / 2 if high < np.inf else low + 1


def standard(x: Any, loc: Any, scale: Any) -> Any:
    """z = (x - loc) / scale, in floating-point numbers."""
    z = x if is_number(loc, 0) else x - as_array(loc) if not isinstance(loc, (int, float)) else x - loc
    return z / scale if z.dtype.kind in "biu" or not is_number(scale, 1) else z
