"""How does a network learn that an object may be turned, moved, or seen from another distance?

The image is turned, sheared, scaled and moved at once: an affine map. For each pixel of the result the inverse map tells where it comes
from, and there the image is interpolated between the four pixels around. What lies outside of the image is `fill`.

The map is torchvision's, with pixels as unit squares, angles in degrees and the centre of the image as the fixed point. The default
interpolation is bilinear, where torchvision has 'nearest'.

Read next: `color.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, radians, sin, tan
from typing import Any

import numpy as np

from nn.data.draws import Array, Draws
from nn.data.transforms.resize import each, like
from nn.data.transforms.transform import Transform, images, interval

INTERPOLATIONS = ("bilinear", "nearest")
PART = 1 << 14
"""Images are moved so many pixels at a time: what is in between stays in the processor's cache, which is faster by a third."""


def sampled(x: Array, ys: Array, xs: Array, fill: float = 0, interpolation: str = "bilinear") -> Array:
    """The values of images (N, C, H, W) at places (N, h, w), in pixels from the centre of the first one: (N, C, h, w)."""
    n, channels, height, width = x.shape
    dtype = x.dtype if x.dtype.kind == "f" and x.dtype.itemsize > 2 else np.dtype(np.float32)
    framed = np.full((channels, n, height + 2, width + 2), fill, dtype)  # one pixel of fill around: every neighbour exists
    framed[:, :, 1:-1, 1:-1] = x.swapaxes(0, 1)
    planes, wide = framed.reshape(channels, -1), width + 2
    first = (np.arange(n) * (height + 2) * wide)[:, None, None] + wide + 1

    def at(places: Array) -> Array:
        return planes.take(places, axis=1)

    if interpolation == "nearest":
        ys, xs = np.clip(np.rint(ys), -1, height), np.clip(np.rint(xs), -1, width)
        values = at((first + ys * wide + xs).astype(np.intp))
    else:
        ys, xs = np.clip(ys, -1, height - 1e-6), np.clip(xs, -1, width - 1e-6)
        y0, x0 = np.floor(ys), np.floor(xs)
        down, right = (ys - y0).astype(dtype), (xs - x0).astype(dtype)
        corner = (first + y0 * wide + x0).astype(np.intp)
        values, below = at(corner), at(corner + wide)
        values += right * (at(corner + 1) - values)
        below += right * (at(corner + wide + 1) - below)
        values += down * (below - values)
    return like(np.ascontiguousarray(values.swapaxes(0, 1)), x.dtype)


def moved(x: Array, angle: Any = 0.0, translate: tuple[Any, Any] = (0.0, 0.0), scale: Any = 1.0, shear: tuple[Any, Any] = (0.0, 0.0),
          fill: float = 0, interpolation: str = "bilinear", center: tuple[float, float] | None = None) -> Array:
    """Images turned clockwise, sheared, scaled, then moved by translate = (right, down). Each is one number, or one for each image."""
    n, _, height, width = x.shape
    angle, right, down, scale, shear_x, shear_y = (np.broadcast_to(np.asarray(v, np.float64), n)
                                                  for v in (angle, *translate, scale, *shear))
    turn, sx, sy = each(radians, angle), each(radians, shear_x), each(radians, shear_y)
    cos_y = each(cos, sy)
    a, c = each(cos, turn - sy) / cos_y, each(sin, turn - sy) / cos_y
    b, d = -a * each(tan, sx) - each(sin, turn), -c * each(tan, sx) + each(cos, turn)
    cx, cy = ((width - 1) / 2, (height - 1) / 2) if center is None else (center[0] - 0.5, center[1] - 0.5)
    column = np.arange(width)[None, None, :] - cx - right[:, None, None]
    row = np.arange(height)[None, :, None] - cy - down[:, None, None]
    a, b, c, d = ((v / scale)[:, None, None] for v in (a, b, c, d))  # the inverse of [[a, b], [c, d]] * scale; its determinant is 1
    out, step = np.empty_like(x, order="C"), max(1, PART // max(height * width, 1))
    for part in (slice(start, start + step) for start in range(0, n, step)):
        ys = -c[part] * column[part] + a[part] * row[part] + cy
        xs = d[part] * column[part] - b[part] * row[part] + cx
        out[part] = sampled(x[part], ys, xs, fill, interpolation)
    return out


class RandomAffine(Transform):
    """Turned, moved, scaled and sheared.

    degrees:        turned by up to so much either way, or within (low, high)
    translate:      moved by up to these shares of (width, height)
    scale:          enlarged by a factor within (low, high)
    shear:          along x, up to so many degrees either way or within (low, high); four numbers for x and y
    interpolation:  'bilinear' or 'nearest'
    fill:           the value of what comes from outside
    center:         the fixed point (x, y) in pixels from the top left corner; default: the middle

    >>> import numpy as np
    >>> from nn.data.transforms import RandomAffine
    >>> RandomAffine(15, translate=(0.1, 0.1), scale=(0.9, 1.1))(np.ones((3, 32, 32), np.float32), rng=0).shape
    (3, 32, 32)
    """

    def __init__(self, degrees: float | Sequence[float], translate: tuple[float, float] | None = None,
                 scale: tuple[float, float] | None = None, shear: float | Sequence[float] | None = None, interpolation: str = "bilinear",
                 fill: float = 0, center: tuple[float, float] | None = None) -> None:
        if interpolation not in INTERPOLATIONS:
            raise ValueError(f"interpolation is 'bilinear' or 'nearest', and not {interpolation!r}")
        if translate is not None and (len(translate) != 2 or not all(0 <= t <= 1 for t in translate)):
            raise ValueError(f"translate is two shares of (width, height) between 0 and 1, and not {translate!r}")
        self.degrees = both_ways(degrees, "degrees")
        self.translate = (0.0, 0.0) if translate is None else translate
        self.scale = (1.0, 1.0) if scale is None else interval(scale, "scale", 1e-9)
        shears = list(shear) if isinstance(shear, Sequence) else None
        self.shear = (both_ways((0 if shear is None else shear) if shears is None else shears[:2], "shear"),
                      both_ways(shears[2:] if shears and len(shears) > 2 else 0, "shear"))
        self.interpolation, self.fill, self.center = interpolation, fill, center

    def batch(self, x: Array, draws: Draws) -> Array:
        dx, dy = self.translate[0] * images(x, self).shape[3], self.translate[1] * x.shape[2]
        angle = draws.uniform(*self.degrees)
        translate = np.rint(draws.uniform(-dx, dx)), np.rint(draws.uniform(-dy, dy))
        scale, shear = draws.uniform(*self.scale), (draws.uniform(*self.shear[0]), draws.uniform(*self.shear[1]))
        return moved(x, angle, translate, scale, shear, self.fill, self.interpolation, self.center)


class RandomRotation(Transform):
    """Turned by a random angle; positive ones turn against the clock, as in torchvision. The size stays.

    degrees:        up to so much either way, or within (low, high)
    interpolation:  'bilinear' or 'nearest'
    center:         the fixed point (x, y) in pixels from the top left corner; default: the middle
    fill:           the value of what comes from outside
    """

    def __init__(self, degrees: float | Sequence[float], interpolation: str = "bilinear", center: tuple[float, float] | None = None,
                 fill: float = 0) -> None:
        if interpolation not in INTERPOLATIONS:
            raise ValueError(f"interpolation is 'bilinear' or 'nearest', and not {interpolation!r}")
        self.degrees, self.interpolation, self.center, self.fill = both_ways(degrees, "degrees"), interpolation, center, fill

    def batch(self, x: Array, draws: Draws) -> Array:
        return moved(images(x, self), -draws.uniform(*self.degrees), fill=self.fill, interpolation=self.interpolation, center=self.center)


class RandomScale(Transform):
    """Nearer or farther: enlarged about the middle by a random factor; the size stays.

    scale:  the factor is within (low, high)
    fill:   the value of what comes from outside
    """

    def __init__(self, scale: tuple[float, float] = (0.8, 1.2), fill: float = 0) -> None:
        self.scale, self.fill = interval(scale, "scale", 1e-9), fill

    def batch(self, x: Array, draws: Draws) -> Array:
        return moved(images(x, self), scale=draws.uniform(*self.scale), fill=self.fill)


def both_ways(value: float | Sequence[float], name: str) -> tuple[float, float]:
    """(-v, v) from one number, or (low, high)."""
    if isinstance(value, Sequence):
        return interval(value, name)
    if not value >= 0:
        raise ValueError(f"{name} is a number that is not negative, or a pair (low, high), and not {value!r}")
    return -float(value), float(value)
