"""How does an image become larger?

    Upsample      by interpolation between its elements
    PixelShuffle  by taking channels apart: r r channels become r times as many rows and columns (Shi et al. 2016)

A transposed convolution (`conv.py`) does it too, with weights.

Read next: `fold.py`.
"""

from __future__ import annotations

from typing import Any

from autograd import ops
from nn.module import Module

MODES = {"nearest": (1, 2, 3), "nearest-exact": (1, 2, 3), "area": (1, 2, 3), "linear": (1,), "bilinear": (2,), "bicubic": (2,),
         "trilinear": (3,)}
"""PyTorch's names, and over how many axes they go."""


def interpolate(x: Any, size: Any = None, scale_factor: Any = None, mode: str = "nearest", align_corners: bool | None = None,
                recompute_scale_factor: bool | None = None, antialias: bool = False) -> Any:
    """x with its lengths brought to another size.

    x:             (N, C, *lengths)
    size:          of the result: an integer, or one for each axis; or instead
    scale_factor:  by what to multiply the lengths: a number, or one for each axis
    mode:          'nearest', 'nearest-exact', 'area' (the mean of what lies there); 'linear', 'bilinear', 'trilinear', 'bicubic'
    align_corners:  do the first and last elements keep their places (True), or the outer edges of the image (False, the default)?
    recompute_scale_factor:  round the new lengths first, and interpolate by their true ratio to the old
    antialias:     when an image gets smaller, average over all that a new element covers ('bilinear' and 'bicubic')

    Raises ValueError for what does not fit.
    """
    n, lengths = len(x.shape) - 2, x.shape[2:]
    if mode not in MODES or n not in MODES[mode]:
        raise ValueError(f"interpolate: there is no mode {mode!r} for an input of shape {x.shape}, (N, C, *lengths); "
                         f"there are {', '.join(repr(name) for name, axes in MODES.items() if n in axes)}")
    kind = {"bilinear": "linear", "trilinear": "linear", "bicubic": "cubic"}.get(mode, mode)
    if align_corners is not None and kind not in ("linear", "cubic"):
        raise ValueError(f"interpolate: align_corners is a question for linear and cubic modes only, not for {mode!r}")
    if antialias and mode not in ("bilinear", "bicubic"):
        raise ValueError(f"interpolate: antialias goes with 'bilinear' and 'bicubic', not with {mode!r}")
    if (size is None) == (scale_factor is None):
        raise ValueError("interpolate: give either size or scale_factor")
    given = size if scale_factor is None else scale_factor
    values = tuple(given) if isinstance(given, (tuple, list)) else (given,) * n
    if len(values) != n or any(not v > 0 for v in values) or (size is not None and any(int(v) != v for v in values)):
        raise ValueError(f"interpolate: size={size}, scale_factor={scale_factor} must be positive, one number for all {n} axes "
                         "or one for each")
    scales = None
    if scale_factor is not None:
        scales = None if recompute_scale_factor else tuple(map(float, values))
        values = tuple(int(length * v) for length, v in zip(lengths, values))
        if 0 in values:
            raise ValueError(f"interpolate: nothing is left of {lengths} with scale_factor={scale_factor}")
    if kind == "area":
        return ops.adaptive_avg_pool(x, values)
    return ops.interpolate(x, values, kind, bool(align_corners), scales, antialias)


def pixel_shuffle(x: Any, upscale_factor: int) -> Any:
    """(..., C r r, H, W) to (..., C, H r, W r): element (i, j) of a block of r rows and columns comes from channel c r r + i r + j."""
    r, (c, h, w) = upscale_factor, image("pixel_shuffle", x)
    if r < 1 or c % (r * r):
        raise ValueError(f"pixel_shuffle: the {c} channels of {x.shape} are no multiple of upscale_factor^2 = {r * r}")
    batch, n = x.shape[:-3], len(x.shape) - 3
    x = ops.transpose(ops.reshape(x, (*batch, c // (r * r), r, r, h, w)), (*range(n), n, n + 3, n + 1, n + 4, n + 2))
    return ops.reshape(x, (*batch, c // (r * r), h * r, w * r))


def pixel_unshuffle(x: Any, downscale_factor: int) -> Any:
    """(..., C, H r, W r) to (..., C r r, H, W): `pixel_shuffle` in reverse."""
    r, (c, h, w) = downscale_factor, image("pixel_unshuffle", x)
    if r < 1 or h % r or w % r:
        raise ValueError(f"pixel_unshuffle: height and width of {x.shape} are no multiples of downscale_factor={r}")
    batch, n = x.shape[:-3], len(x.shape) - 3
    x = ops.transpose(ops.reshape(x, (*batch, c, h // r, r, w // r, r)), (*range(n), n, n + 2, n + 4, n + 1, n + 3))
    return ops.reshape(x, (*batch, c * r * r, h // r, w // r))


def channel_shuffle(x: Any, groups: int) -> Any:
    """Channels in a new order: the first of each group, then the second of each, ... (Zhang et al. 2018, "ShuffleNet".)"""
    if len(x.shape) < 3 or groups < 1 or x.shape[1] % groups:
        raise ValueError(f"channel_shuffle: groups={groups} must divide the channels of an input (N, C, *lengths), not of {x.shape}")
    c = x.shape[1]
    x = ops.swapaxes(ops.reshape(x, (x.shape[0], groups, c // groups, *x.shape[2:])), 1, 2)
    return ops.reshape(x, (x.shape[0], c, *x.shape[3:]))


def image(what: str, x: Any) -> tuple[int, int, int]:
    if len(x.shape) < 3:
        raise ValueError(f"{what} takes (..., C, H, W), but the input has shape {x.shape}")
    return x.shape[-3:]  # type: ignore[no-any-return]


# ---- layers -------------------------------------------------------------------------------------------------------


class Upsample(Module):
    """x with its lengths brought to another size, by interpolation. Arguments as for `interpolate`.

    >>> import numpy as np, nn
    >>> nn.Upsample(scale_factor=2, mode="bilinear")(np.ones((5, 3, 16, 16), np.float32)).shape
    (5, 3, 32, 32)
    """

    def __init__(self, size: Any = None, scale_factor: Any = None, mode: str = "nearest", align_corners: bool | None = None,
                 recompute_scale_factor: bool | None = None) -> None:
        if mode not in MODES or (size is None) == (scale_factor is None):
            raise ValueError(f"Upsample takes either size or scale_factor, and a mode of {', '.join(map(repr, MODES))}, not {mode!r}")
        self.size, self.scale_factor, self.mode, self.align_corners = size, scale_factor, mode, align_corners
        self.recompute_scale_factor = recompute_scale_factor

    def forward(self, x: Any) -> Any:
        self.shape_of(x)
        return interpolate(x, self.size, self.scale_factor, self.mode, self.align_corners, self.recompute_scale_factor)

    def extra_repr(self) -> str:
        size = f"scale_factor={self.scale_factor}" if self.size is None else f"size={self.size}"
        if type(self) is not Upsample:  # their names say the rest
            return size
        return f"{size}, mode={self.mode!r}" + (f", align_corners={self.align_corners}" if self.align_corners is not None else "")


class UpsamplingNearest2d(Upsample):
    """`Upsample` with mode 'nearest'."""

    def __init__(self, size: Any = None, scale_factor: Any = None) -> None:
        super().__init__(size, scale_factor)


class UpsamplingBilinear2d(Upsample):
    """`Upsample` with mode 'bilinear' and aligned corners."""

    def __init__(self, size: Any = None, scale_factor: Any = None) -> None:
        super().__init__(size, scale_factor, "bilinear", True)


class PixelShuffle(Module):
    """(..., C r r, H, W) to (..., C, H r, W r), r = upscale_factor. (Shi et al. 2016, "Sub-pixel convolution".)"""

    def __init__(self, upscale_factor: int) -> None:
        self.upscale_factor = upscale_factor

    def forward(self, x: Any) -> Any:
        self.shape_of(x)
        return pixel_shuffle(x, self.upscale_factor)

    def extra_repr(self) -> str:
        return f"upscale_factor={self.upscale_factor}"


class PixelUnshuffle(Module):
    """(..., C, H r, W r) to (..., C r r, H, W), r = downscale_factor: `PixelShuffle` in reverse."""

    def __init__(self, downscale_factor: int) -> None:
        self.downscale_factor = downscale_factor

    def forward(self, x: Any) -> Any:
        self.shape_of(x)
        return pixel_unshuffle(x, self.downscale_factor)

    def extra_repr(self) -> str:
        return f"downscale_factor={self.downscale_factor}"


class ChannelShuffle(Module):
    """Channels in a new order: the first of each group, then the second of each, ... (Zhang et al. 2018, "ShuffleNet".)"""

    def __init__(self, groups: int) -> None:
        self.groups = groups

    def forward(self, x: Any) -> Any:
        self.shape_of(x)
        return channel_shuffle(x, self.groups)

    def extra_repr(self) -> str:
        return f"groups={self.groups}"
