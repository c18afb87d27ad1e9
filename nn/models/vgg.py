"""What do small kernels and depth do?

Only 3 x 3 convolutions and 2 x 2 pools: two of the first see what one of 5 x 5 sees, with fewer weights and one more
non-linearity. Half the pixels each way after a pool, twice the channels. (Simonyan & Zisserman 2014; CS231n, case studies.)

Read next: `inception.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nn import init
from nn.activation import ReLU
from nn.adaptive import AdaptiveAvgPool2d
from nn.container import Sequential
from nn.conv import Conv2d
from nn.dropout import Dropout
from nn.linear import Linear
from nn.models.start import images, started
from nn.module import Module
from nn.norm import BatchNorm2d
from nn.pool import MaxPool2d

BLOCKS = {11: (1, 1, 2, 2, 2), 13: (2, 2, 2, 2, 2), 16: (2, 2, 3, 3, 3), 19: (2, 2, 4, 4, 4)}
"""How many convolutions before each of the five pools. With three fully connected layers these are 11, 13, 16 or 19 layers."""

CHANNELS = (64, 128, 256, 512, 512)


class VGG(Module):
    """A VGG network: (N, 3, 224, 224) -> (N, num_classes).

    blocks:       how many convolutions before each of the five pools
    num_classes:  how many scores per image
    batch_norm:   normalise after each convolution?
    dropout:      the probability to drop after the first two fully connected layers
    """

    def __init__(self, blocks: Sequence[int], num_classes: int = 1000, batch_norm: bool = False, dropout: float = 0.5, *,
                 rng: init.Rng = None) -> None:
        layers: list[Module] = []
        before = 3
        with init.skipped():
            for count, channels in zip(blocks, CHANNELS):
                for _ in range(count):
                    layers += [Conv2d(before, channels, 3, padding=1), *([BatchNorm2d(channels)] if batch_norm else []), ReLU()]
                    before = channels
                layers.append(MaxPool2d(2, 2))
            self.features = Sequential(*layers)
            self.avgpool = AdaptiveAvgPool2d((7, 7))
            self.classifier = Sequential(
                Linear(512 * 7 * 7, 4096), ReLU(), Dropout(dropout),
                Linear(4096, 4096), ReLU(), Dropout(dropout),
                Linear(4096, num_classes))
        started(self, rng, conv="kaiming", linear=0.01)

    def forward(self, x: Any) -> Any:
        images(self, x, 3, 32, "(N, 3, 224, 224)")
        x = self.avgpool(self.features(x))
        return self.classifier(x.reshape((x.shape[0], -1)))


def vgg11(num_classes: int = 1000, **options: Any) -> VGG:
    """132,863,336 parameters for 1000 classes."""
    return VGG(BLOCKS[11], num_classes, **options)


def vgg13(num_classes: int = 1000, **options: Any) -> VGG:
    """133,047,848 parameters for 1000 classes."""
    return VGG(BLOCKS[13], num_classes, **options)


def vgg16(num_classes: int = 1000, **options: Any) -> VGG:
    """138,357,544 parameters for 1000 classes."""
    return VGG(BLOCKS[16], num_classes, **options)


def vgg19(num_classes: int = 1000, **options: Any) -> VGG:
    """143,667,240 parameters for 1000 classes."""
    return VGG(BLOCKS[19], num_classes, **options)


def vgg11_bn(num_classes: int = 1000, **options: Any) -> VGG:
    """`vgg11` with batch normalisation: 132,868,840 parameters."""
    return VGG(BLOCKS[11], num_classes, batch_norm=True, **options)


def vgg13_bn(num_classes: int = 1000, **options: Any) -> VGG:
    """`vgg13` with batch normalisation: 133,053,736 parameters."""
    return VGG(BLOCKS[13], num_classes, batch_norm=True, **options)


def vgg16_bn(num_classes: int = 1000, **options: Any) -> VGG:
    """`vgg16` with batch normalisation: 138,365,992 parameters."""
    return VGG(BLOCKS[16], num_classes, batch_norm=True, **options)


def vgg19_bn(num_classes: int = 1000, **options: Any) -> VGG:
    """`vgg19` with batch normalisation: 143,678,248 parameters."""
    return VGG(BLOCKS[19], num_classes, batch_norm=True, **options)
