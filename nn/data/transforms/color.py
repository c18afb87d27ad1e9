"""How does a network learn that the light does not matter?

Brightness, contrast, saturation and hue are changed by random factors, in random order (torchvision: ColorJitter; the idea of changing
the light is that of Krizhevsky et al. 2012, section 4.1). Each is a blend of the image with another one, of which the first is none of:

    brightness   black
    contrast     the mean of its grey version
    saturation   its grey version
    hue          (a turn of the colour circle, in the space of hue, saturation and value)

Read next: `blur.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from nn.data.draws import Array, Draws
from nn.data.transforms.transform import Transform, images, interval, probability

GREY = (0.2989, 0.587, 0.114)
"""How bright the eye sees red, green and blue (ITU-R BT.601, as rounded in torchvision)."""


def coloured(x: Array, of: object) -> Array:
    """x, if it is a batch of images with one channel or three, in floating point."""
    if images(x, of, colours=True).shape[1] not in (1, 3):
        raise ValueError(f"{type(of).__name__} takes images of one channel (grey) or three (red, green, blue), not {x.shape[1]}")
    return x


def grey(x: Array) -> Array:
    """How bright each pixel is: (N, 1, H, W)."""
    if x.shape[1] == 1:
        return x
    r, g, b = (x.dtype.type(w) for w in GREY)
    return (r * x[:, 0] + g * x[:, 1] + b * x[:, 2])[:, None]


def blend(x: Array, other: Any, factor: Array) -> Array:
    """factor * x + (1 - factor) * other, in [0, 1]; a factor for each image, which may be above 1."""
    f = factor.astype(x.dtype)[:, None, None, None]
    return np.clip(f * x + (1 - f) * other, 0, 1)


def brightness(x: Array, factor: Array) -> Array:
    return blend(x, x.dtype.type(0), factor)


def contrast(x: Array, factor: Array) -> Array:
    mean = np.ascontiguousarray(grey(x)).reshape(len(x), -1).mean(axis=1)[:, None, None, None]
    return blend(x, mean, factor)


def saturation(x: Array, factor: Array) -> Array:
    return x if x.shape[1] == 1 else blend(x, grey(x), factor)


def hue(x: Array, turn: Array) -> Array:
    """Turn the colour circle by `turn`, where 1 is all the way round. Grey images have no hue and stay."""
    if x.shape[1] == 1:
        return x
    value, least = x.max(axis=1), x.min(axis=1)
    span = value - least
    safe = np.where(span == 0, x.dtype.type(1), span)
    r, g, b = ((value - x[:, i]) / safe for i in range(3))
    angle = np.where(x[:, 0] == value, b - g, np.where(x[:, 1] == value, 2 + r - b, 4 + g - r))
    angle = angle + 6 * turn.astype(x.dtype)[:, None, None]  # the circle has six parts
    out = np.empty_like(x)
    for channel, shift in enumerate((5, 3, 1)):
        k = (angle + shift) % 6
        out[:, channel] = value - span * np.clip(np.minimum(k, 4 - k), 0, 1)
    return out


CHANGES: tuple[Callable[[Array, Array], Array], ...] = (brightness, contrast, saturation, hue)


class ColorJitter(Transform):
    """Brightness, contrast, saturation and hue, each changed by a random factor, in random order.

    brightness, contrast, saturation:  the factor is within [max(0, 1 - v), 1 + v], or (low, high)
    hue:                               the turn is within [-v, v], at most 0.5, or (low, high)

    Floating-point images with values in [0, 1], which are kept there.

    >>> import numpy as np
    >>> from nn.data.transforms import ColorJitter
    >>> ColorJitter(brightness=0.4, contrast=0.4, saturation=0.4, hue=0.1)(np.ones((3, 4, 4), np.float32), rng=0).shape
    (3, 4, 4)
    """

    def __init__(self, brightness: float | Sequence[float] = 0, contrast: float | Sequence[float] = 0,
                 saturation: float | Sequence[float] = 0, hue: float | Sequence[float] = 0) -> None:
        self.brightness, self.contrast = around_one(brightness, "brightness"), around_one(contrast, "contrast")
        self.saturation = around_one(saturation, "saturation")
        self.hue = interval(hue if isinstance(hue, Sequence) else (-hue, hue), "hue", -0.5, 0.5)

    def batch(self, x: Array, draws: Draws) -> Array:
        x = coloured(x, self).copy()
        factors = [draws.uniform(*bounds) for bounds in (self.brightness, self.contrast, self.saturation, self.hue)]
        idle = [bounds == neutral for bounds, neutral in zip((self.brightness, self.contrast, self.saturation, self.hue),
                                                            ((1, 1), (1, 1), (1, 1), (0, 0)))]
        order = draws.orders(len(CHANGES))
        for turn in range(len(CHANGES)):
            for k, change in enumerate(CHANGES):
                now = np.flatnonzero(order[:, turn] == k)
                if len(now) and not idle[k]:
                    x[now] = change(x[now], factors[k][now])
        return x


def around_one(value: float | Sequence[float], name: str) -> tuple[float, float]:
    return interval(value if isinstance(value, Sequence) else (max(0.0, 1 - value), 1 + value), name, 0)


class Grayscale(Transform):
    """Colours become shades of grey.

    num_output_channels:  1, or 3 equal ones
    """

    def __init__(self, num_output_channels: int = 1) -> None:
        if num_output_channels not in (1, 3):
            raise ValueError(f"num_output_channels is 1 or 3, and not {num_output_channels!r}")
        self.num_output_channels = num_output_channels

    def batch(self, x: Array, draws: Draws) -> Array:
        return np.repeat(grey(coloured(x, self)), self.num_output_channels, axis=1)


class RandomGrayscale(Transform):
    """Colours become three equal shades of grey, with probability p.

    p:  the probability
    """

    def __init__(self, p: float = 0.1) -> None:
        self.p = probability(p)

    def batch(self, x: Array, draws: Draws) -> Array:
        out, chosen = coloured(x, self).copy(), draws.chance(self.p)
        out[chosen] = grey(x[chosen])
        return out
