"""How are transforms put together?

    train = Compose([RandomCrop(32, padding=4), RandomHorizontalFlip(), Normalize(mean, std)])

Each step has its own sequence of draws, so that adding one leaves the others as they were.

Read next: `flip.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from nn.data.draws import Array, Draws
from nn.data.transforms.transform import Transform, probability, stacked, transformed

Step = Callable[..., Any]


def checked_steps(transforms: Sequence[Step]) -> list[Step]:
    steps = list(transforms)
    for step in steps:
        if not callable(step):
            raise TypeError(f"a transform is a function or an object that can be called, and not {step!r}")
    return steps


class Compose(Transform):
    """One transform after the other.

    transforms:  transforms of this package, fitted preprocessing, or functions f(x) or f(x, rng) of one sample

    >>> import numpy as np
    >>> from nn.data.transforms import Compose, CenterCrop
    >>> Compose([CenterCrop(2), lambda x: x * 10])(np.ones((1, 4, 4)))
    array([[[10., 10.],
            [10., 10.]]])
    """

    def __init__(self, transforms: Sequence[Step]) -> None:
        self.transforms = checked_steps(transforms)

    def batch(self, x: Any, draws: Draws) -> Any:
        for step in self.transforms:
            x = transformed(step, x, draws.fork())
        return x


class RandomApply(Transform):
    """All of the transforms, with probability p; else none of them. The transforms must keep the shape.

    transforms:  as for `Compose`
    p:           the probability
    """

    def __init__(self, transforms: Sequence[Step] | Step, p: float = 0.5) -> None:
        self.transforms = Compose(transforms if isinstance(transforms, Sequence) else [transforms])
        self.p = probability(p)

    def batch(self, x: Array, draws: Draws) -> Array:
        return on_some(self.transforms, x, draws, draws.chance(self.p))


class RandomChoice(Transform):
    """One of the transforms. They must keep the shape, or all change it in the same way.

    transforms:  as for `Compose`
    p:           how likely each is; default: all alike. They are divided by their sum
    """

    def __init__(self, transforms: Sequence[Step], p: Sequence[float] | None = None) -> None:
        self.transforms = checked_steps(transforms)
        weights = np.ones(len(self.transforms)) if p is None else np.asarray(p, np.float64)
        if not self.transforms or weights.shape != (len(self.transforms),) or (weights < 0).any() or not weights.sum() > 0:
            raise ValueError(f"p needs a weight for each of the {len(self.transforms)} transforms, none negative and not all 0, not {p!r}")
        self.p = (weights / weights.sum()).tolist()

    def batch(self, x: Array, draws: Draws) -> Any:
        which = np.minimum(np.searchsorted(np.cumsum(self.p), draws.uniform(), side="right"), len(self.p) - 1)
        inner, results = draws.fork(), [None] * len(x)
        for k in np.unique(which):
            rows = np.flatnonzero(which == k)
            for i, result in zip(rows, transformed(self.transforms[k], x[rows], inner[rows])):
                results[i] = result
        return stacked(results)


def on_some(transform: Step, x: Array, draws: Draws, chosen: Array) -> Array:
    """Transform the samples where `chosen` is true, and keep the others."""
    inner = draws.fork()
    if not chosen.any():
        return x
    changed = transformed(transform, x[chosen], inner[chosen])
    if not isinstance(changed, np.ndarray) or changed.shape[1:] != x.shape[1:]:
        raise ValueError(f"{transform!r} is applied to some of the samples only, so it must keep their shape {x.shape[1:]}, and it gave "
                         f"{getattr(changed, 'shape', 'several shapes')[1:]}")
    out = x.astype(np.result_type(x, changed))
    out[chosen] = changed
    return out


# ---- without chance -----------------------------------------------------------------------------------------------


class ToFloat(Transform):
    """Bytes 0 ... 255 become numbers 0 ... 1; floating-point numbers only change their type. (torchvision: ConvertImageDtype)

    dtype:  float32, float64 or float16
    """

    def __init__(self, dtype: Any = np.float32) -> None:
        self.dtype = np.dtype(dtype)
        if self.dtype.kind != "f":
            raise TypeError(f"ToFloat makes floating-point numbers, and {self.dtype} is no such type")

    def batch(self, x: Array, draws: Draws) -> Array:
        if x.dtype.kind == "f":
            return x.astype(self.dtype, copy=False)
        if x.dtype != np.uint8:
            raise TypeError(f"ToFloat takes bytes (uint8) or floating-point numbers, not {x.dtype}, whose range it cannot know")
        return np.multiply(x, self.dtype.type(1 / 255), dtype=self.dtype)


class Normalize(Transform):
    """(x - mean) / std, channel by channel.

    mean, std:  a number for each channel, or one for all; those of the training images. `ChannelStandardize` finds and keeps them
    """

    def __init__(self, mean: Sequence[float] | float, std: Sequence[float] | float) -> None:
        self.mean, self.std = np.atleast_1d(np.asarray(mean, np.float64)), np.atleast_1d(np.asarray(std, np.float64))
        if self.mean.ndim != 1 or self.std.ndim != 1 or not np.isfinite(self.mean).all() or not (self.std > 0).all():
            raise ValueError(f"mean and std need a number for each channel, std above 0, and not {mean!r} and {std!r}")

    def batch(self, x: Array, draws: Draws) -> Array:
        if x.ndim < 2 or x.dtype.kind != "f":
            raise TypeError(f"Normalize takes floating-point (C, ...), not {x.dtype} of shape {x.shape[1:]}: put ToFloat() before it")
        if {len(self.mean), len(self.std)} - {1, x.shape[1]}:
            raise ValueError(f"Normalize has {len(self.mean)} means and {len(self.std)} deviations, and the input {x.shape[1]} channels")
        shape = (-1, *(1,) * (x.ndim - 2))
        return (x - self.mean.reshape(shape).astype(x.dtype)) / self.std.reshape(shape).astype(x.dtype)
