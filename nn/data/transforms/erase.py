"""How does a network learn not to rely on one part of the object?

A part of the image is taken away: dropout for neighbouring inputs. Cutout takes a square of fixed size whose centre may be anywhere,
so that it may reach over the border (DeVries & Taylor 2017, "Improved regularization of convolutional neural networks with cutout").
Random erasing takes a rectangle of random size within the image (Zhong et al. 2017, "Random erasing data augmentation").

Read next: `mix.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, log

import numpy as np

from nn.data.draws import Array, Draws
from nn.data.transforms.resize import TRIES, each
from nn.data.transforms.transform import Transform, images, interval, probability


class Cutout(Transform):
    """A square of zeros, its centre at a random pixel; what reaches over the border is cut off.

    size:   the length of its side. On CIFAR-10 16, on CIFAR-100 8 (DeVries & Taylor 2017)
    value:  what is put there. 0 is the mean once the images are normalised: put Cutout after Normalize
    p:      the probability
    """

    def __init__(self, size: int, value: float = 0, p: float = 1.0) -> None:
        if not isinstance(size, (int, np.integer)) or size < 1:
            raise ValueError(f"size is a positive integer, and not {size!r}")
        self.size, self.value, self.p = int(size), value, probability(p)

    def batch(self, x: Array, draws: Draws) -> Array:
        height, width = images(x, self).shape[2:]
        top, left = draws.integers(height) - self.size // 2, draws.integers(width) - self.size // 2
        chosen = draws.chance(self.p)
        out = x.copy()
        for i in np.flatnonzero(chosen).tolist():
            t, r = int(top[i]), int(left[i])
            out[i, :, max(t, 0): t + self.size, max(r, 0): r + self.size] = self.value
        return out


class RandomErasing(Transform):
    """A rectangle within the image is erased, with probability p.

    p:      the probability
    scale:  which share of the area it has, (low, high)
    ratio:  its height divided by its width, (low, high), uniform in the logarithm
    value:  one number, one for each channel, or 'random' for standard normal noise (floating point)
    """

    def __init__(self, p: float = 0.5, scale: tuple[float, float] = (0.02, 0.33), ratio: tuple[float, float] = (0.3, 3.3),
                 value: float | Sequence[float] | str = 0) -> None:
        if isinstance(value, str) and value != "random":
            raise ValueError(f"value is a number, a number for each channel, or 'random', and not {value!r}")
        self.p, self.scale, self.ratio = probability(p), interval(scale, "scale", 0, 1), interval(ratio, "ratio", 1e-9)
        self.value = value

    def batch(self, x: Array, draws: Draws) -> Array:
        _, channels, height, width = images(x, self).shape
        chosen = draws.chance(self.p)
        area = height * width * draws.uniform(*self.scale, size=TRIES)
        ratio = each(exp, draws.uniform(log(self.ratio[0]), log(self.ratio[1]), size=TRIES))
        h, w = np.rint(np.sqrt(area * ratio)).astype(int), np.rint(np.sqrt(area / ratio)).astype(int)
        fits = (h < height) & (w < width)
        rows, first = np.arange(len(x)), fits.argmax(axis=1)
        h, w, chosen = h[rows, first], w[rows, first], chosen & fits.any(axis=1)
        top, left = draws.integers(height - h + 1), draws.integers(width - w + 1)
        noise = draws[chosen].normal(x.shape[1:], x.dtype) if self.value == "random" else None
        value = 0 if noise is not None else np.asarray(self.value, x.dtype).reshape(-1, 1, 1)
        if noise is None and len(value) not in (1, channels):  # type: ignore[arg-type]
            raise ValueError(f"RandomErasing has values for {len(value)} channels, and the image has {channels}")  # type: ignore[arg-type]
        out = x.copy()
        for n, i in enumerate(np.flatnonzero(chosen).tolist()):
            part = np.s_[:, top[i]: top[i] + h[i], left[i]: left[i] + w[i]]
            out[i][part] = value if noise is None else noise[n][part]
        return out
