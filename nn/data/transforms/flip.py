"""How does a network learn that a cat looks left as well as right?

Half of the images are mirrored. (Krizhevsky, Sutskever & Hinton 2012, "ImageNet classification with deep convolutional neural
networks", section 4.1.)

Read next: `crop.py`.
"""

from __future__ import annotations

import numpy as np

from nn.data.draws import Array, Draws
from nn.data.transforms.transform import Transform, images, probability


class Flip(Transform):
    """Mirror an image along `axis`, counted from the end, with probability p."""

    axis = -1

    def __init__(self, p: float = 0.5) -> None:
        self.p = probability(p)

    def batch(self, x: Array, draws: Draws) -> Array:
        out = images(x, self).copy()
        flipped = draws.chance(self.p)
        out[flipped] = np.flip(x[flipped], self.axis)
        return out


class RandomHorizontalFlip(Flip):
    """Left becomes right, with probability p.

    p:  the probability

    >>> import numpy as np
    >>> from nn.data.transforms import RandomHorizontalFlip
    >>> RandomHorizontalFlip(p=1)(np.array([[[1.0, 2.0, 3.0]]]))
    array([[[3., 2., 1.]]])
    """

    axis = -1


class RandomVerticalFlip(Flip):
    """Up becomes down, with probability p. For images without an up: microscopes, satellites.

    p:  the probability
    """

    axis = -2
