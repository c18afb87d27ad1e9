"""What did the first convolutional network that was used look like?

It read the digits on cheques. [conv, tanh, pool] twice, then three fully connected layers, on images of 32 x 32 pixels.

Three things are simpler here than in 1998, as is usual: the pools have no weights, the second convolution sees all channels of the
first (not ten hand-picked subsets), and the last layer is linear (not distances to drawings of the digits).

(LeCun et al. 1998, "Gradient-based learning applied to document recognition"; CS231n, Convolutional Networks, case studies.)

Read next: `alexnet.py`.
"""

from __future__ import annotations

from typing import Any

from nn import init
from nn.activation import Tanh
from nn.container import Sequential
from nn.conv import Conv2d
from nn.linear import Linear
from nn.models.start import images, started
from nn.module import Module
from nn.pool import AvgPool2d
from nn.shape import Flatten


class LeNet5(Module):
    """LeNet-5: (N, 1, 32, 32) -> (N, 10), with 61,706 parameters.

    num_classes:  how many scores per image
    in_channels:  1 for grey images, 3 for colours
    """

    def __init__(self, num_classes: int = 10, in_channels: int = 1, *, rng: init.Rng = None) -> None:
        self.in_channels = in_channels
        with init.skipped():
            self.features = Sequential(Conv2d(in_channels, 6, 5), Tanh(), AvgPool2d(2), Conv2d(6, 16, 5), Tanh(), AvgPool2d(2))
            self.classifier = Sequential(Flatten(), Linear(16 * 5 * 5, 120), Tanh(), Linear(120, 84), Tanh(), Linear(84, num_classes))
        started(self, rng)

    def forward(self, x: Any) -> Any:
        images(self, x, self.in_channels, 32, f"(N, {self.in_channels}, 32, 32)")
        if x.shape[2:] != (32, 32):
            raise ValueError(f"LeNet5 takes images of exactly 32 x 32 pixels, but the input has shape {x.shape}: "
                             "pad digits of 28 x 28 with nn.ZeroPad2d(2)")
        return self.classifier(self.features(x))
