"""Between which values does one search?

    space = {"lr": log_uniform(1e-4, 1e-1), "weight_decay": choice(1e-4, 1e-5, 0), "width": integers(16, 128)}

Learning rates and strengths of regularisation act by their size, so they are drawn in log space: 10 ** uniform(-4, -1).
(CS231n, "Neural networks part 3", hyperparameter optimization.) A list stands for `choice`, a plain value for itself.

Read next: `search.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np


class Range:
    """What a hyper-parameter may be."""

    def sample(self, rng: np.random.Generator) -> Any:
        """A value at random."""
        raise NotImplementedError

    def grid(self, points: int) -> list[Any]:
        """So many values that cover the range."""
        raise NotImplementedError

    def suggest(self, trial: Any, name: str) -> Any:
        """What an optuna trial suggests."""
        raise NotImplementedError


class Uniform(Range):
    """A number between two, evenly or, if `log`, by its logarithm; an integer, if `whole`."""

    def __init__(self, low: float, high: float, log: bool = False, whole: bool = False) -> None:
        name = "integers" if whole else "log_uniform" if log else "uniform"
        if not low <= high or not np.isfinite([low, high]).all():
            raise ValueError(f"{name}({low!r}, {high!r}): the first is the smaller one, and both are finite")
        if log and not low > 0:
            raise ValueError(f"{name}({low!r}, {high!r}): only positive numbers have a logarithm; for 0 too write choice(0, ...)")
        if whole and (low != int(low) or high != int(high)):
            raise ValueError(f"{name}({low!r}, {high!r}): both are whole numbers")
        self.low, self.high, self.log, self.whole, self.name = low, high, log, whole, name

    def sample(self, rng: np.random.Generator) -> Any:
        if self.whole:
            return int(rng.integers(int(self.low), int(self.high) + 1))
        if self.log:
            return float(10 ** rng.uniform(np.log10(self.low), np.log10(self.high)))
        return float(rng.uniform(self.low, self.high))

    def grid(self, points: int) -> list[Any]:
        if points == 1:
            values = np.array([np.sqrt(self.low * self.high) if self.log else (self.low + self.high) / 2])
        else:
            values = (np.geomspace if self.log else np.linspace)(self.low, self.high, points)
        return list(dict.fromkeys(round(float(v)) for v in values)) if self.whole else [float(v) for v in values]

    def suggest(self, trial: Any, name: str) -> Any:
        if self.whole:
            return trial.suggest_int(name, int(self.low), int(self.high))
        return trial.suggest_float(name, self.low, self.high, log=self.log)

    def __repr__(self) -> str:
        return f"{self.name}({self.low:g}, {self.high:g})"


class Choice(Range):
    """One of some values."""

    def __init__(self, values: list[Any]) -> None:
        if not values:
            raise ValueError("choice() needs at least one value")
        self.values = values

    def sample(self, rng: np.random.Generator) -> Any:
        return self.values[int(rng.integers(len(self.values)))]

    def grid(self, points: int) -> list[Any]:
        return list(self.values)

    def suggest(self, trial: Any, name: str) -> Any:
        return self.values[trial.suggest_int(name, 0, len(self.values) - 1)]

    def __repr__(self) -> str:
        return f"choice({', '.join(map(repr, self.values))})"


def uniform(low: float, high: float) -> Range:
    """A number between low and high, all equally likely."""
    return Uniform(low, high)


def log_uniform(low: float, high: float) -> Range:
    """A positive number between low and high, whose logarithm is uniform: 0.001 to 0.01 is as likely as 0.01 to 0.1."""
    return Uniform(low, high, log=True)


def integers(low: int, high: int) -> Range:
    """A whole number from low to high, both included."""
    return Uniform(low, high, whole=True)


def choice(*values: Any) -> Range:
    """One of these values; or of one list of them."""
    return Choice(list(values[0]) if len(values) == 1 and isinstance(values[0], (list, tuple)) else list(values))


def space_of(space: Mapping[str, Any]) -> dict[str, Range]:
    """A space with a `Range` under each name. Raises TypeError for what is no dict, ValueError for an empty one."""
    if not isinstance(space, Mapping):
        raise TypeError(f'a space is a dict such as {{"lr": log_uniform(1e-4, 1e-1)}}, and not {type(space).__name__}')
    if not space:
        raise ValueError("the space has no hyper-parameters to search")
    return {name: value if isinstance(value, Range) else choice(value) if isinstance(value, (list, tuple)) else choice([value])
            for name, value in space.items()}
