"""What is a transform?

Anything that takes the input of a sample and returns another one: `f(x)`, or `f(x, rng)` with a `numpy.random.Generator`. The random
numbers depend on (seed, epoch, index) alone; see `../draws.py`.

The transforms of this package are a `Transform`: they work on a whole batch at once, and on one sample as on a batch of one. So both
give the same bits, and the fast way needs no code of its own. A subclass defines

    def batch(self, x, draws):      # x is (N, ...), draws has `uniform`, `integers`, `chance`, ... for each of the N samples

Images are (C, H, W), floating-point in [0, 1]. What only moves pixels takes bytes (uint8) too.

Read next: `compose.py`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from nn.data.draws import Array, Draws


class Transform:
    """The base of the transforms. Calling one on a single sample draws from `rng`: a generator, a seed, or None for the default one."""

    def __call__(self, x: Any, rng: Draws | np.random.Generator | int | None = None) -> Any:
        return self.batch(np.asarray(x)[None], Draws.of(rng, 1))[0]

    def batch(self, x: Array, draws: Draws) -> Array:
        """The same for (N, ...): the result for a sample does not depend on the others."""
        raise NotImplementedError(f"{type(self).__name__} does not define batch(): write 'def batch(self, x, draws): return ...'")

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in vars(self).items() if not k.startswith('_'))})"


def transformed(transform: Callable[..., Any], x: Any, draws: Draws) -> Any:
    """Apply a transform of any kind to a batch: an array (N, ...), or a list of samples whose shapes differ."""
    method = getattr(transform, "batch", None)
    if method is not None and isinstance(x, np.ndarray):
        return method(x, draws)
    if method is not None:
        samples = [method(np.asarray(sample)[None], draws[i: i + 1])[0] for i, sample in enumerate(x)]
    elif takes_rng(transform):
        samples = [transform(sample, rng) for sample, rng in zip(x, draws.generators())]
    else:
        samples = [transform(sample) for sample in x]
    if any(sample is None for sample in samples):
        raise TypeError(f"the transform {getattr(transform, '__name__', type(transform).__name__)} returned None for a sample: it must "
                        "return what takes the sample's place, also if it changed it in place")
    return stacked(samples)


def stacked(samples: list[Any]) -> Any:
    """Samples as one array, if they are of one shape; else the list."""
    arrays = [np.asarray(sample) for sample in samples]
    return np.stack(arrays) if len({(array.shape, array.dtype) for array in arrays}) == 1 else arrays


def takes_rng(function: Callable[..., Any]) -> bool:
    """Does it take a second argument that has no default, or one that is called rng?"""
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):  # written in C, without a signature
        return False
    if any(p.name == "rng" for p in parameters):
        return True
    required = [p for p in parameters if p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    return len(required) > 1


# ---- checks that several of them need -----------------------------------------------------------------------------


def images(x: Array, of: object, colours: bool = False) -> Array:
    """x, if it is a batch of images. colours: values are computed with, so bytes are refused."""
    name = type(of).__name__
    if x.ndim != 4:
        raise ValueError(f"{name} takes images (C, H, W), or a batch of them through a data set, and got one sample of shape {x.shape[1:]}")
    if x.dtype.kind == "f" or (x.dtype == np.uint8 and not colours):
        return x
    raise TypeError(f"{name} takes floating-point images with values in [0, 1]{'' if colours else ' or bytes'}, not {x.dtype}: "
                    "put ToFloat() before it")


def pair(value: Any, name: str) -> tuple[int, int]:
    """(height, width) from one integer or two."""
    values = (value, value) if isinstance(value, (int, np.integer)) else tuple(value) if isinstance(value, Sequence) else ()
    if len(values) != 2 or not all(isinstance(v, (int, np.integer)) and v > 0 for v in values):
        raise ValueError(f"{name} is a positive integer or two of them, (height, width), and not {value!r}")
    return int(values[0]), int(values[1])


def interval(value: Any, name: str, low: float = -np.inf, high: float = np.inf) -> tuple[float, float]:
    """Two numbers, the first not above the second, within bounds."""
    values = tuple(value) if isinstance(value, Sequence) and not isinstance(value, str) else ()
    if len(values) != 2 or not low <= values[0] <= values[1] <= high:
        bounds = f" between {low:g} and {high:g}" if np.isfinite(low) or np.isfinite(high) else ""
        raise ValueError(f"{name} is a pair (low, high) of numbers{bounds}, and not {value!r}")
    return float(values[0]), float(values[1])


def probability(p: float) -> float:
    if not 0 <= p <= 1:
        raise ValueError(f"p is a probability, between 0 and 1, and not {p!r}")
    return float(p)
