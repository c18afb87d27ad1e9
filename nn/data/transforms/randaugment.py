"""Which augmentations should one take, and how strong?

Take n at random from a list, all at one strength m: two numbers to tune instead of thirty. (Cubuk et al. 2020, "RandAugment: practical
automated data augmentation with a reduced search space".) The list and the strengths at each m are torchvision's; half of the changes
that have a direction go the other way.

Read next: `../collate.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from math import atan, degrees

import numpy as np

from nn.data.draws import Array, Draws
from nn.data.transforms.affine import moved
from nn.data.transforms.color import blend, brightness, coloured, contrast, saturation
from nn.data.transforms.resize import each
from nn.data.transforms.transform import Transform

# ---- changes that are not elsewhere; m is the strength, one for each image ----------------------------------------


def sharpness(x: Array, factor: Array) -> Array:
    """Blend with a smoothed image: the middle pixel counts 5, its eight neighbours 1; the border stays."""
    if min(x.shape[2:]) < 3:
        return x
    total = 4 * x[:, :, 1:-1, 1:-1]
    for i in range(3):
        for j in range(3):
            total = total + x[:, :, i: x.shape[2] - 2 + i, j: x.shape[3] - 2 + j]
    smooth = x.copy()
    smooth[:, :, 1:-1, 1:-1] = total / x.dtype.type(13)
    return blend(x, smooth, factor)


def posterize(x: Array, bits: Array) -> Array:
    """Keep the first bits of each value, of eight."""
    step = (2 ** (8 - bits.astype(int)))[:, None, None, None]
    return (np.rint(x * 255).astype(int) // step * step).astype(x.dtype) / x.dtype.type(255)


def solarize(x: Array, threshold: Array) -> Array:
    """Invert what is at or above the threshold."""
    return np.where(x >= threshold.astype(x.dtype)[:, None, None, None], 1 - x, x)


def autocontrast(x: Array, m: Array) -> Array:
    """Stretch each channel to all of [0, 1]."""
    low, high = x.min(axis=(2, 3), keepdims=True), x.max(axis=(2, 3), keepdims=True)
    flat = high == low
    return np.where(flat, x, np.clip((x - low) / np.where(flat, x.dtype.type(1), high - low), 0, 1))


def equalize(x: Array, m: Array) -> Array:
    """Spread each channel so that all values become about equally frequent."""
    out = np.empty_like(x)
    for source, target in zip(x.reshape(-1, *x.shape[2:]), out.reshape(-1, *x.shape[2:])):
        level = np.rint(np.clip(source, 0, 1) * 255).astype(int)
        counts = np.bincount(level.ravel(), minlength=256)
        used = counts[counts > 0]
        step = (used.sum() - used[-1]) // 255
        table = np.arange(256) if step == 0 else np.clip(np.concatenate([[0], (counts.cumsum() + step // 2) // step])[:256], 0, 255)
        target[...] = table[level] / x.dtype.type(255)
    return out


def sheared(along_x: bool) -> Callable[[Array, Array], Array]:
    def shear(x: Array, m: Array) -> Array:
        angle = each(lambda v: degrees(atan(v)), m)
        # the top left corner is fixed, as in torchvision
        return moved(x, shear=(angle, 0 * m) if along_x else (0 * m, angle), center=(0.0, 0.0))

    return shear


# ---- the list -----------------------------------------------------------------------------------------------------

TABLE: dict[str, tuple[Callable[[Array, Array], Array], Callable[[float, int, int], float], bool]] = {
    # name: what it does, how strong it is at strength m of [0, 1] for an image of height h and width w, and whether it has a direction
    "Identity": (lambda x, m: x, lambda m, h, w: 0.0, False),
    "ShearX": (sheared(True), lambda m, h, w: 0.3 * m, True),
    "ShearY": (sheared(False), lambda m, h, w: 0.3 * m, True),
    "TranslateX": (lambda x, m: moved(x, translate=(np.trunc(m), 0 * m)), lambda m, h, w: 150 / 331 * w * m, True),
    "TranslateY": (lambda x, m: moved(x, translate=(0 * m, np.trunc(m))), lambda m, h, w: 150 / 331 * h * m, True),
    "Rotate": (lambda x, m: moved(x, -m), lambda m, h, w: 30 * m, True),
    "Brightness": (lambda x, m: brightness(x, 1 + m), lambda m, h, w: 0.9 * m, True),
    "Color": (lambda x, m: saturation(x, 1 + m), lambda m, h, w: 0.9 * m, True),
    "Contrast": (lambda x, m: contrast(x, 1 + m), lambda m, h, w: 0.9 * m, True),
    "Sharpness": (lambda x, m: sharpness(x, 1 + m), lambda m, h, w: 0.9 * m, True),
    "Posterize": (posterize, lambda m, h, w: 8 - round(4 * m), False),
    "Solarize": (solarize, lambda m, h, w: 1 - m, False),
    "AutoContrast": (autocontrast, lambda m, h, w: 0.0, False),
    "Equalize": (equalize, lambda m, h, w: 0.0, False),
}


class RandAugment(Transform):
    """`num_ops` changes at random from the table above, one after the other, all at one strength.

    num_ops:             how many
    magnitude:           how strong, from 0 to num_magnitude_bins - 1
    num_magnitude_bins:  into how many steps the strength is divided

    Floating-point images with values in [0, 1].
    """

    def __init__(self, num_ops: int = 2, magnitude: int = 9, num_magnitude_bins: int = 31) -> None:
        if num_ops < 0 or num_magnitude_bins < 2 or not 0 <= magnitude < num_magnitude_bins:
            raise ValueError(f"num_ops is not negative and magnitude is from 0 to num_magnitude_bins - 1, and not {num_ops}, {magnitude} "
                             f"of {num_magnitude_bins}")
        self.num_ops, self.magnitude, self.num_magnitude_bins = num_ops, magnitude, num_magnitude_bins

    def batch(self, x: Array, draws: Draws) -> Array:
        x = coloured(x, self).copy()
        strength = self.magnitude / (self.num_magnitude_bins - 1)
        for _ in range(self.num_ops):
            which, sign = draws.integers(len(TABLE)), np.where(draws.chance(0.5), -1.0, 1.0)
            for k, (change, size, directed) in enumerate(TABLE.values()):
                rows = np.flatnonzero(which == k)
                if len(rows):
                    x[rows] = change(x[rows], size(strength, x.shape[2], x.shape[3]) * (sign[rows] if directed else np.ones(len(rows))))
        return x
