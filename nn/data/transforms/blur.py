r"""How does a network learn to see through a bad camera?

Noise is added, or the image is blurred. A Gaussian blur is a weighted mean of the pixels around, and its weights are products of one
factor for the row and one for the column, so it is done along one axis and then along the other:

    w_i  ~  exp(-i^2 / 2 sigma^2)

Read next: `erase.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp

import numpy as np

from nn.data.draws import Array, Draws
from nn.data.transforms.resize import each, like
from nn.data.transforms.transform import Transform, images, interval, pair


class GaussianBlur(Transform):
    """The mean of the pixels around, with Gaussian weights; at the border the image is mirrored.

    kernel_size:  odd; one integer, or (height, width)
    sigma:        the width of the Gaussian in pixels: one number, or drawn from (low, high)
    """

    def __init__(self, kernel_size: int | tuple[int, int], sigma: float | Sequence[float] = (0.1, 2.0)) -> None:
        self.kernel_size = pair(kernel_size, "kernel_size")
        if not all(k % 2 for k in self.kernel_size):
            raise ValueError(f"kernel_size is odd, so that it has a middle, and not {kernel_size!r}")
        self.sigma = interval(sigma if isinstance(sigma, Sequence) else (sigma, sigma), "sigma", 1e-9)

    def batch(self, x: Array, draws: Draws) -> Array:
        images(x, self)
        if any(k // 2 >= n for k, n in zip(self.kernel_size, x.shape[2:])):
            raise ValueError(f"a blur of {self.kernel_size} pixels is too wide for an image of {x.shape[2:]}: it reaches beyond its mirror")
        sigma = draws.uniform(*self.sigma)
        values = x if x.dtype.kind == "f" else x.astype(np.float32)
        for axis, size in zip((2, 3), self.kernel_size):
            values = blurred(values, sigma, size, axis)
        return like(values, x.dtype)


def blurred(x: Array, sigma: Array, size: int, axis: int) -> Array:
    """The weighted mean of `size` pixels along one axis."""
    reach = size // 2
    distance = np.arange(-reach, reach + 1)
    w = each(exp, -0.5 * (distance[None] / sigma[:, None]) ** 2)
    w = (w / w.sum(axis=1, keepdims=True)).astype(x.dtype)
    padded = np.pad(x, [(reach, reach) if i == axis else (0, 0) for i in range(4)], "reflect")
    out, n = np.zeros(x.shape, x.dtype), x.shape[axis]
    for i in range(size):
        out += w[:, i, None, None, None] * (padded[:, :, i: i + n] if axis == 2 else padded[..., i: i + n])
    return out


class GaussianNoise(Transform):
    """x + mean + sigma * (standard normal), for inputs of any shape.

    mean, sigma:  of the noise
    clip:         keep the values within [0, 1]
    """

    def __init__(self, mean: float = 0.0, sigma: float = 0.1, clip: bool = True) -> None:
        if not sigma >= 0:
            raise ValueError(f"sigma is not negative, and this is {sigma!r}")
        self.mean, self.sigma, self.clip = mean, sigma, clip

    def batch(self, x: Array, draws: Draws) -> Array:
        if x.dtype.kind != "f":
            raise TypeError(f"GaussianNoise takes floating-point numbers, not {x.dtype}: put ToFloat() before it")
        noise = draws.normal(x.shape[1:], x.dtype).astype(x.dtype, copy=False)
        noise *= x.dtype.type(self.sigma)
        noise += x
        noise += x.dtype.type(self.mean)
        return np.clip(noise, 0, 1, out=noise) if self.clip else noise
