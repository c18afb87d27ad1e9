"""Which network began it all?

Eight layers won ImageNet 2012 by a wide margin. This is the version on one GPU that torchvision has: without local response
normalisation, and with slightly fewer filters. (Krizhevsky 2014, "One weird trick"; Krizhevsky et al. 2012; CS231n, case studies.)

Read next: `vgg.py`.
"""

from __future__ import annotations

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
from nn.pool import MaxPool2d


class AlexNet(Module):
    """AlexNet: (N, 3, 224, 224) -> (N, num_classes), with 61,100,840 parameters for 1000 classes.

    num_classes:  how many scores per image
    dropout:      the probability to drop before the first two fully connected layers
    """

    def __init__(self, num_classes: int = 1000, dropout: float = 0.5, *, rng: init.Rng = None) -> None:
        with init.skipped():
            self.features = Sequential(
                Conv2d(3, 64, 11, stride=4, padding=2), ReLU(), MaxPool2d(3, 2),
                Conv2d(64, 192, 5, padding=2), ReLU(), MaxPool2d(3, 2),
                Conv2d(192, 384, 3, padding=1), ReLU(),
                Conv2d(384, 256, 3, padding=1), ReLU(),
                Conv2d(256, 256, 3, padding=1), ReLU(), MaxPool2d(3, 2))
            self.avgpool = AdaptiveAvgPool2d((6, 6))
            self.classifier = Sequential(
                Dropout(dropout), Linear(256 * 6 * 6, 4096), ReLU(),
                Dropout(dropout), Linear(4096, 4096), ReLU(),
                Linear(4096, num_classes))
        started(self, rng)

    def forward(self, x: Any) -> Any:
        images(self, x, 3, 63, "(N, 3, 224, 224)")
        x = self.avgpool(self.features(x))
        return self.classifier(x.reshape((x.shape[0], -1)))


def alexnet(num_classes: int = 1000, **options: Any) -> AlexNet:
    """`AlexNet`, under the name that torchvision's function has."""
    return AlexNet(num_classes, **options)
