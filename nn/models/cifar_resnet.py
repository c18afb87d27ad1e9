"""What does a ResNet for small images look like?

For the 32 x 32 pixels of CIFAR-10: one convolution, then three stages of n basic blocks with 16, 32 and 64 channels, and one
linear layer. That makes 6n + 2 layers: n = 3, 5, 7, 9, 18 are ResNet-20, 32, 44, 56 and 110.

The shortcuts have no weights (option A): where a stage halves the image and doubles the channels, x is sampled at every other
pixel, and the new channels are 0, half of them before the others and half after. (He et al. 2015, section 4.2.)

Read next: `language.py`.
"""

from __future__ import annotations

from typing import Any

from autograd import ops
from nn import functional, init
from nn.adaptive import AdaptiveAvgPool2d
from nn.container import Sequential
from nn.conv import Conv2d
from nn.linear import Linear
from nn.models.resnet import BasicBlock
from nn.models.start import images, started
from nn.module import Module
from nn.norm import BatchNorm2d


class PaddedShortcut(Module):
    """Every stride-th pixel, and channels of 0 before and after: (N, C, H, W) -> (N, out_channels, H/stride, W/stride)."""

    def __init__(self, in_channels: int, out_channels: int, stride: int = 2) -> None:
        self.in_channels, self.out_channels, self.stride = in_channels, out_channels, stride

    def forward(self, x: Any) -> Any:
        more = self.out_channels - self.in_channels
        return ops.pad(x[:, :, :: self.stride, :: self.stride], ((0, 0), (more // 2, more - more // 2), (0, 0), (0, 0)))

    def extra_repr(self) -> str:
        return f"{self.in_channels}, {self.out_channels}, stride={self.stride}"


class CifarResNet(Module):
    """A ResNet for small images: (N, 3, 32, 32) -> (N, num_classes).

    depth:        6n + 2
    num_classes:  how many scores per image
    """

    def __init__(self, depth: int, num_classes: int = 10, *, rng: init.Rng = None) -> None:
        n, rest = divmod(depth - 2, 6)
        if rest or n < 1:
            raise ValueError(f"the depth of a CifarResNet is 6n + 2, such as 20, 32, 44, 56 or 110, but depth = {depth}")
        with init.skipped():
            self.conv1 = Conv2d(3, 16, 3, padding=1, bias=False)
            self.bn1 = BatchNorm2d(16)
            self.layer1 = stage(16, 16, n)
            self.layer2 = stage(16, 32, n)
            self.layer3 = stage(32, 64, n)
            self.avgpool = AdaptiveAvgPool2d((1, 1))
            self.fc = Linear(64, num_classes)
        started(self, rng, conv="kaiming")

    def forward(self, x: Any) -> Any:
        images(self, x, 3, 1, "(N, 3, 32, 32)")
        x = functional.relu(self.bn1(self.conv1(x)))
        x = self.avgpool(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(x.reshape((x.shape[0], -1)))


def stage(inplanes: int, planes: int, count: int) -> Sequential:
    """Several basic blocks; the first halves the image if there are new channels."""
    first = BasicBlock(inplanes, planes, 2, PaddedShortcut(inplanes, planes)) if planes != inplanes else BasicBlock(planes, planes)
    return Sequential(first, *(BasicBlock(planes, planes) for _ in range(count - 1)))


def resnet20(num_classes: int = 10, **options: Any) -> CifarResNet:
    """269,722 parameters; 91.25 % on CIFAR-10 in the paper."""
    return CifarResNet(20, num_classes, **options)


def resnet32(num_classes: int = 10, **options: Any) -> CifarResNet:
    """464,154 parameters; 92.49 % on CIFAR-10 in the paper."""
    return CifarResNet(32, num_classes, **options)


def resnet44(num_classes: int = 10, **options: Any) -> CifarResNet:
    """658,586 parameters; 92.83 % on CIFAR-10 in the paper."""
    return CifarResNet(44, num_classes, **options)


def resnet56(num_classes: int = 10, **options: Any) -> CifarResNet:
    """853,018 parameters; 93.03 % on CIFAR-10 in the paper."""
    return CifarResNet(56, num_classes, **options)


def resnet110(num_classes: int = 10, **options: Any) -> CifarResNet:
    """1,727,962 parameters; 93.57 % on CIFAR-10 in the paper."""
    return CifarResNet(110, num_classes, **options)
