r"""How does an image get another size?

Each new pixel is a weighted mean of old ones, along one axis and then along the other. The weights are a triangle around the place it
comes from: as wide as two old pixels when the image grows (linear interpolation), and as wide as two *new* ones when it shrinks, so that
no old pixel is left out (Pillow's BILINEAR, torchvision's antialias=True). In matrices, with one for the rows and one for the columns:

    y = R x C^T

Read next: `affine.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from math import exp, log
from typing import Any

import numpy as np

from nn.data.draws import Array, Draws
from nn.data.transforms.transform import Transform, images, interval, pair

TRIES = 10


def weights(start: Array, length: Array, out: int, size: int, antialias: bool = True) -> Array:
    """The matrices (N, out, size) that bring the part of `length` pixels from `start` on to `out` pixels."""
    scale = (length / out)[:, None, None]
    reach = np.maximum(scale, 1.0) if antialias else np.ones_like(scale)
    centre = start[:, None, None] + (np.arange(out)[None, :, None] + 0.5) * scale
    pixel = np.arange(size)[None, None, :] + 0.5
    w = np.maximum(1 - np.abs(pixel - centre) / reach, 0.0)
    w *= (pixel > start[:, None, None]) & (pixel < (start + length)[:, None, None])
    return w / w.sum(axis=2, keepdims=True)  # type: ignore[no-any-return]


def resized(x: Array, boxes: tuple[Array, Array, Array, Array], size: tuple[int, int], antialias: bool = True) -> Array:
    """The part (top, left, height, width) of each image, at another size. Bytes are rounded."""
    top, left, height, width = (np.asarray(values, np.float64) for values in boxes)
    dtype = x.dtype if x.dtype.kind == "f" and x.dtype.itemsize > 2 else np.dtype(np.float32)
    rows = weights(top, height, size[0], x.shape[2], antialias).astype(dtype)[:, None]
    columns = weights(left, width, size[1], x.shape[3], antialias).astype(dtype)[:, None]
    return like(rows @ np.ascontiguousarray(x, dtype) @ np.ascontiguousarray(columns.swapaxes(2, 3)), x.dtype)


def like(values: Array, dtype: Any) -> Array:
    """Computed values in the type of the image: bytes are rounded and kept in their range."""
    return values.astype(dtype, copy=False) if dtype != np.uint8 else np.clip(np.rint(values), 0, 255).astype(np.uint8)


def each(function: Callable[[float], float], values: Array) -> Array:
    """function(v) of each value, one at a time: NumPy's vectorised ones may differ in the last bit with the length of the array."""
    return np.array([function(v) for v in values.ravel().tolist()], np.float64).reshape(values.shape)


class Resize(Transform):
    """Another size.

    size:       (height, width), or one integer for the shorter side; the other one follows
    antialias:  False interpolates between the nearest pixels even where the image shrinks
    """

    def __init__(self, size: int | tuple[int, int], antialias: bool = True) -> None:
        pair(size, "size")
        self.size, self.antialias = size, antialias

    def batch(self, x: Array, draws: Draws) -> Array:
        height, width = images(x, self).shape[2:]
        size = self.size if not isinstance(self.size, int) else (
            (self.size, int(self.size * width / height)) if height <= width else (int(self.size * height / width), self.size))
        if tuple(size) == (height, width):
            return x
        n = np.ones(len(x))
        return resized(x, (0 * n, 0 * n, height * n, width * n), (size[0], size[1]), self.antialias)


class RandomResizedCrop(Transform):
    """A random part of the image, of random area and shape, at a fixed size. (Szegedy et al. 2015, section 6.)

    size:       one integer, or (height, width)
    scale:      which share of the area it has, (low, high)
    ratio:      its width divided by its height, (low, high), uniform in the logarithm
    antialias:  as for `Resize`
    """

    def __init__(self, size: int | tuple[int, int], scale: tuple[float, float] = (0.08, 1.0), ratio: tuple[float, float] = (3 / 4, 4 / 3),
                 antialias: bool = True) -> None:
        self.size, self.antialias = pair(size, "size"), antialias
        self.scale, self.ratio = interval(scale, "scale", 1e-9, 1), interval(ratio, "ratio", 1e-9)

    def batch(self, x: Array, draws: Draws) -> Array:
        return resized(images(x, self), self.boxes(x.shape[2], x.shape[3], draws), self.size, self.antialias)

    def boxes(self, height: int, width: int, draws: Draws) -> tuple[Array, Array, Array, Array]:
        """(top, left, height, width) for each sample: the first of ten tries that fits into the image, or its middle."""
        area = height * width * draws.uniform(*self.scale, size=TRIES)
        ratio = each(exp, draws.uniform(log(self.ratio[0]), log(self.ratio[1]), size=TRIES))
        w, h = np.rint(np.sqrt(area * ratio)), np.rint(np.sqrt(area / ratio))
        fits = (w >= 1) & (w <= width) & (h >= 1) & (h <= height)
        rows, first = np.arange(len(fits)), fits.argmax(axis=1)
        middle = min(max(width / height, self.ratio[0]), self.ratio[1])
        w_middle, h_middle = min(width, round(height * middle)), min(height, round(width / middle))
        found = fits.any(axis=1)
        w, h = np.where(found, w[rows, first], w_middle), np.where(found, h[rows, first], h_middle)
        top, left = draws.integers(height - h + 1), draws.integers(width - w + 1)
        return np.where(found, top, (height - h) // 2), np.where(found, left, (width - w) // 2), h, w
