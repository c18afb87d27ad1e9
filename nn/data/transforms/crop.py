r"""How does a network learn that it does not matter where the object is?

It sees another part of the image every time. Small images are padded and cropped back to their size (He et al. 2016, "Deep residual
learning", section 4.2: 4 pixels on CIFAR); large ones are cropped to a random part of the area, and scaled (Szegedy et al. 2015, "Going
deeper with convolutions", section 6). For testing, the corners and the centre are all taken (Krizhevsky et al. 2012, section 4.1).

Read next: `resize.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from nn.data.draws import Array, Draws
from nn.data.transforms.transform import Transform, images, pair

MODES = {"constant": "constant", "edge": "edge", "reflect": "reflect", "symmetric": "symmetric"}


class Pad(Transform):
    """Add rows and columns around an image.

    padding:       one number, (left and right, top and bottom), or (left, top, right, bottom), as in torchvision
    fill:          the value of what is added
    padding_mode:  'constant', 'edge', 'reflect' (without the last row) or 'symmetric' (with it)
    """

    def __init__(self, padding: int | Sequence[int], fill: float = 0, padding_mode: str = "constant") -> None:
        given = [padding] * 4 if isinstance(padding, int) else list(padding)
        self.padding = given * 2 if len(given) == 2 else given
        if len(self.padding) != 4 or not all(isinstance(n, (int, np.integer)) and n >= 0 for n in self.padding):
            raise ValueError(f"padding is one, two or four integers, none negative, and not {padding!r}")
        if padding_mode not in MODES:
            raise ValueError(f"padding_mode is one of {', '.join(MODES)}, and not {padding_mode!r}")
        self.fill, self.padding_mode = fill, padding_mode

    def batch(self, x: Array, draws: Draws | None = None) -> Array:
        left, top, right, bottom = self.padding
        height, width = images(x, self).shape[2:]
        if self.padding_mode == "constant":  # np.pad does this too, in four times the time
            out = np.full((*x.shape[:2], height + top + bottom, width + left + right), self.fill, x.dtype)
            out[:, :, top: top + height, left: left + width] = x
            return out
        return np.pad(x, ((0, 0), (0, 0), (top, bottom), (left, right)), self.padding_mode)  # type: ignore[call-overload]


class CenterCrop(Transform):
    """The middle of an image; where it is smaller, zeros are added around it.

    size:  one integer, or (height, width)
    """

    def __init__(self, size: int | tuple[int, int]) -> None:
        self.size = pair(size, "size")

    def batch(self, x: Array, draws: Draws) -> Array:
        (h, w), (height, width) = self.size, images(x, self).shape[2:]
        if h > height or w > width:
            more = max(h - height, 0), max(w - width, 0)
            x = Pad([more[1] // 2, more[0] // 2, (more[1] + 1) // 2, (more[0] + 1) // 2]).batch(x)
            height, width = x.shape[2:]
        top, left = round((height - h) / 2), round((width - w) / 2)
        return x[:, :, top: top + h, left: left + w]


class RandomCrop(Transform):
    """A part of the image, of a fixed size and anywhere.

    size:           one integer, or (height, width)
    padding:        added around the image first; see `Pad`
    pad_if_needed:  smaller images are padded to the size
    fill:           the value of what is added
    padding_mode:   see `Pad`

    >>> import numpy as np
    >>> from nn.data.transforms import RandomCrop
    >>> RandomCrop(32, padding=4)(np.ones((3, 32, 32), np.float32), rng=0).shape
    (3, 32, 32)

    Raises ValueError for an image that is too small.
    """

    def __init__(self, size: int | tuple[int, int], padding: int | Sequence[int] | None = None, pad_if_needed: bool = False,
                 fill: float = 0, padding_mode: str = "constant") -> None:
        self.size = pair(size, "size")
        self.padding, self.pad_if_needed, self.fill, self.padding_mode = padding, pad_if_needed, fill, padding_mode
        self._pad = Pad(0 if padding is None else padding, fill, padding_mode)

    def batch(self, x: Array, draws: Draws) -> Array:
        h, w = self.size
        x = self._pad.batch(images(x, self)) if self.padding is not None else x
        if self.pad_if_needed and (x.shape[2] < h or x.shape[3] < w):
            x = Pad((max(w - x.shape[3], 0), max(h - x.shape[2], 0)), self.fill, self.padding_mode).batch(x)
        rows, columns = x.shape[2] - h + 1, x.shape[3] - w + 1
        if rows < 1 or columns < 1:
            raise ValueError(f"RandomCrop takes {h} x {w} out of an image of {x.shape[2]} x {x.shape[3]}, padding included: "
                             "give a smaller size, more padding, or pad_if_needed=True")
        top, left = draws.integers(rows), draws.integers(columns)
        windows = sliding_window_view(x, (h, w), axis=(2, 3))  # type: ignore[call-overload]
        return windows[np.arange(len(x)), :, top, left]  # type: ignore[no-any-return]


class FiveCrop(Transform):
    """The four corners and the centre: (C, H, W) becomes (5, C, h, w). For averaging predictions over views.

    size:  one integer, or (height, width)

    Order as in torchvision: top left, top right, bottom left, bottom right, centre.
    """

    def __init__(self, size: int | tuple[int, int]) -> None:
        self.size = pair(size, "size")

    def batch(self, x: Array, draws: Draws) -> Array:
        (h, w), (height, width) = self.size, images(x, self).shape[2:]
        if h > height or w > width:
            raise ValueError(f"{type(self).__name__} takes {h} x {w} out of an image of {height} x {width}, which is smaller")
        crops = [x[:, :, :h, :w], x[:, :, :h, width - w:], x[:, :, height - h:, :w], x[:, :, height - h:, width - w:]]
        return np.stack([*crops, CenterCrop(self.size).batch(x, draws)], axis=1)


class TenCrop(FiveCrop):
    """`FiveCrop` of the image and of its mirror image: (10, C, h, w). (Krizhevsky et al. 2012, section 4.1.)

    size:           one integer, or (height, width)
    vertical_flip:  mirror up and down instead
    """

    def __init__(self, size: int | tuple[int, int], vertical_flip: bool = False) -> None:
        super().__init__(size)
        self.vertical_flip = vertical_flip

    def batch(self, x: Array, draws: Draws) -> Array:
        mirrored: Any = np.flip(images(x, self), -2 if self.vertical_flip else -1)
        return np.concatenate([super().batch(x, draws), super().batch(mirrored, draws)], axis=1)
