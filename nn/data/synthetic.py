"""Which problems show in a picture what a network can do?

Points in the plane, with classes that no straight line separates. Each function returns (points float32 (N, 2), classes int64 (N,)):

    x, t = spiral()
    data = ArrayDataset(*spiral())

Read next: `digits.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from autograd.random import generator
from nn.data.draws import Array

Rng: TypeAlias = "np.random.Generator | int | None"  # in words: to look at np.random imports it


def spiral(n: int = 100, classes: int = 3, noise: float = 0.2, rng: Rng = None) -> tuple[Array, Array]:
    """Arms of a spiral, one for each class: a linear classifier gets about half of them right, two layers nearly all.

    (CS231n, "Putting it together: minimal neural network case study".) Arm j has r from 0 to 1 and t from 4 j to 4 (j + 1):

        x = (r sin(t + noise), r cos(t + noise))

    n:        points in each class
    classes:  how many arms
    noise:    its standard deviation, in the angle
    rng:      a generator, a seed, or None for the default generator

    >>> from nn.data import spiral
    >>> x, t = spiral(rng=0)
    >>> x.shape, t.shape
    ((300, 2), (300,))
    """
    rng, r = generator(rng), np.linspace(0.0, 1, n)
    arms = []
    for j in range(classes):
        t = np.linspace(j * 4, (j + 1) * 4, n) + rng.standard_normal(n) * noise
        arms.append(np.c_[r * np.sin(t), r * np.cos(t)])
    return np.concatenate(arms).astype(np.float32), np.repeat(np.arange(classes), n)


def moons(n: int = 100, noise: float = 0.1, rng: Rng = None) -> tuple[Array, Array]:
    """Two half circles that reach into each other.

    n:      points in each class
    noise:  standard deviation, added to both coordinates
    rng:    a generator, a seed, or None for the default generator
    """
    angle = np.linspace(0, np.pi, n)
    upper, lower = np.c_[np.cos(angle), np.sin(angle)], np.c_[1 - np.cos(angle), 0.5 - np.sin(angle)]
    return noisy([upper, lower], noise, rng)


def circles(n: int = 100, factor: float = 0.5, noise: float = 0.05, rng: Rng = None) -> tuple[Array, Array]:
    """A circle around another one.

    n:       points in each class
    factor:  the radius of the inner one, class 1; the outer one has radius 1
    noise:   standard deviation, added to both coordinates
    rng:     a generator, a seed, or None for the default generator
    """
    angle = np.linspace(0, 2 * np.pi, n, endpoint=False)
    outer = np.c_[np.cos(angle), np.sin(angle)]
    return noisy([outer, factor * outer], noise, rng)


def xor(n: int = 100, noise: float = 0.2, rng: Rng = None) -> tuple[Array, Array]:
    """Four clouds around (+-1, +-1); the class is 1 where the signs differ. No line separates them (Minsky & Papert 1969).

    n:      points in each class
    noise:  standard deviation of the clouds
    rng:    a generator, a seed, or None for the default generator
    """
    first, rest = n // 2, n - n // 2
    same = np.repeat([[-1.0, -1.0], [1.0, 1.0]], [first, rest], axis=0)
    return noisy([same, same * [1, -1]], noise, rng)


def blobs(n: int = 100, centers: int | Sequence[Sequence[float]] = 3, noise: float = 1.0, box: float = 10.0,
          rng: Rng = None) -> tuple[Array, Array]:
    """Round clouds, one for each class.

    n:        points in each class
    centers:  how many, drawn from the square [-box, box]^2; or their coordinates, of any dimension
    noise:    standard deviation of the clouds
    box:      half of the side of the square
    rng:      a generator, a seed, or None for the default generator
    """
    rng = generator(rng)
    middles = rng.uniform(-box, box, (centers, 2)) if isinstance(centers, int) else np.asarray(centers, np.float64)
    return noisy([np.repeat(middle[None], n, axis=0) for middle in middles], noise, rng)


def noisy(classes: list[Array], noise: float, rng: Rng) -> tuple[Array, Array]:
    points = np.concatenate(classes)
    points = points + generator(rng).standard_normal(points.shape) * noise
    return points.astype(np.float32), np.repeat(np.arange(len(classes)), [len(part) for part in classes])
