"""Which images are there without downloading anything?

1797 handwritten digits of 8 x 8 pixels, which come with scikit-learn (Alpaydin & Kaynak 1998, UCI "Optical recognition of handwritten
digits").

Read next: `idx.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from nn.data.dataset import ArrayDataset
from nn.data.split import parts, sizes_of


class Digits(ArrayDataset):
    """The digits of scikit-learn: images (1, 8, 8), float32 in [0, 1], and classes 0 to 9. Needs `pip install "onetape[train]"`.

    train:             True or False for the part to learn from or the rest; None for all
    transform:         applied to the images
    target_transform:  applied to the classes
    test:              which share is held out, stratified
    seed:              of the split
    """

    def __init__(self, train: bool | None = None, transform: Callable[..., Any] | None = None,
                 target_transform: Callable[..., Any] | None = None, test: float = 1 / 3, seed: int = 0) -> None:
        try:
            from sklearn.datasets import load_digits
        except ImportError as missing:
            raise ImportError('the digits come with scikit-learn: pip install "onetape[train]"') from missing
        pixels, classes = load_digits(return_X_y=True)
        images = (pixels.reshape(-1, 1, 8, 8) / 16).astype(np.float32)
        if train is not None:
            rows = parts(images, sizes_of([1 - test, test], len(images)), classes, seed)[0 if train else 1].indices
            images, classes = images[rows], classes[rows]
        super().__init__(images, classes.astype(np.int64), transform=transform, target_transform=target_transform,
                         classes=[str(digit) for digit in range(10)])
