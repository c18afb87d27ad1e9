"""Why can a network have a hundred layers?

Because a block learns only what to add: y = relu(F(x) + x). The sum hands the gradient back unchanged, past the weights.
(He et al. 2015, "Deep residual learning for image recognition"; CS231n, case studies.)

    basic block        3x3, 3x3                       18 and 34 layers
    bottleneck block   1x1 down, 3x3, 1x1 up by 4     50, 101 and 152 layers

Where the shape changes, x goes through a 1 x 1 convolution (option B). As in torchvision, the stride of a bottleneck is in its 3 x 3
convolution.

Read next: `cifar_resnet.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nn import functional, init
from nn.adaptive import AdaptiveAvgPool2d
from nn.container import Sequential
from nn.conv import Conv2d
from nn.linear import Linear
from nn.models.start import images, started
from nn.module import Module
from nn.norm import BatchNorm2d
from nn.pool import MaxPool2d


class BasicBlock(Module):
    """relu(bn2(conv2(relu(bn1(conv1(x))))) + shortcut(x)), both convolutions 3 x 3: (N, C, H, W) -> (N, planes, H/stride, W/stride).

    inplanes, planes:  channels of x and of y
    stride:            of the first convolution
    downsample:        the shortcut; None: x itself
    """

    expansion = 1

    def __init__(self, inplanes: int, planes: int, stride: int = 1, downsample: Module | None = None, *, rng: init.Rng = None) -> None:
        rng = rng if rng is None else init.generator(rng)
        self.conv1 = Conv2d(inplanes, planes, 3, stride, padding=1, bias=False, rng=rng)
        self.bn1 = BatchNorm2d(planes)
        self.conv2 = Conv2d(planes, planes, 3, padding=1, bias=False, rng=rng)
        self.bn2 = BatchNorm2d(planes)
        self.downsample = downsample

    def forward(self, x: Any) -> Any:
        y = functional.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        return functional.relu(y + (x if self.downsample is None else self.downsample(x)))


class Bottleneck(Module):
    """The block of three: 1 x 1 to `planes` channels, 3 x 3, 1 x 1 to 4 planes: (N, C, H, W) -> (N, 4 planes, H/stride, W/stride).

    The arguments are those of `BasicBlock`.
    """

    expansion = 4

    def __init__(self, inplanes: int, planes: int, stride: int = 1, downsample: Module | None = None, *, rng: init.Rng = None) -> None:
        rng = rng if rng is None else init.generator(rng)
        self.conv1 = Conv2d(inplanes, planes, 1, bias=False, rng=rng)
        self.bn1 = BatchNorm2d(planes)
        self.conv2 = Conv2d(planes, planes, 3, stride, padding=1, bias=False, rng=rng)
        self.bn2 = BatchNorm2d(planes)
        self.conv3 = Conv2d(planes, planes * 4, 1, bias=False, rng=rng)
        self.bn3 = BatchNorm2d(planes * 4)
        self.downsample = downsample

    def forward(self, x: Any) -> Any:
        y = functional.relu(self.bn1(self.conv1(x)))
        y = functional.relu(self.bn2(self.conv2(y)))
        y = self.bn3(self.conv3(y))
        return functional.relu(y + (x if self.downsample is None else self.downsample(x)))


Block = type[BasicBlock] | type[Bottleneck]


class ResNet(Module):
    """A ResNet for large images: (N, 3, 224, 224) -> (N, num_classes).

    block:        `BasicBlock` or `Bottleneck`
    layers:       how many blocks in each of the four stages
    num_classes:  how many scores per image
    zero_init_residual:  start each block as the identity, with weight 0 in its last normalisation (Goyal et al. 2017)
    """

    def __init__(self, block: Block, layers: Sequence[int], num_classes: int = 1000, zero_init_residual: bool = False, *,
                 rng: init.Rng = None) -> None:
        with init.skipped():
            self.conv1 = Conv2d(3, 64, 7, stride=2, padding=3, bias=False)
            self.bn1 = BatchNorm2d(64)
            self.maxpool = MaxPool2d(3, stride=2, padding=1)
            self.layer1 = stage(block, 64, 64, layers[0])
            self.layer2 = stage(block, 64 * block.expansion, 128, layers[1], stride=2)
            self.layer3 = stage(block, 128 * block.expansion, 256, layers[2], stride=2)
            self.layer4 = stage(block, 256 * block.expansion, 512, layers[3], stride=2)
            self.avgpool = AdaptiveAvgPool2d((1, 1))
            self.fc = Linear(512 * block.expansion, num_classes)
        started(self, rng, conv="kaiming")
        for module in self.modules() if zero_init_residual else ():
            if isinstance(module, (BasicBlock, Bottleneck)):
                last = module.bn3 if isinstance(module, Bottleneck) else module.bn2
                init.zeros_(last.weight)  # type: ignore[arg-type]

    def forward(self, x: Any) -> Any:
        images(self, x, 3, 1, "(N, 3, 224, 224)")
        x = self.maxpool(functional.relu(self.bn1(self.conv1(x))))
        x = self.avgpool(self.layer4(self.layer3(self.layer2(self.layer1(x)))))
        return self.fc(x.reshape((x.shape[0], -1)))


def stage(block: Block, inplanes: int, planes: int, count: int, stride: int = 1) -> Sequential:
    """Several blocks; the first changes the shape."""
    out = planes * block.expansion
    shortcut = Sequential(Conv2d(inplanes, out, 1, stride, bias=False), BatchNorm2d(out)) if stride != 1 or inplanes != out else None
    return Sequential(block(inplanes, planes, stride, shortcut), *(block(out, planes) for _ in range(count - 1)))


def resnet18(num_classes: int = 1000, **options: Any) -> ResNet:
    """11,689,512 parameters for 1000 classes."""
    return ResNet(BasicBlock, (2, 2, 2, 2), num_classes, **options)


def resnet34(num_classes: int = 1000, **options: Any) -> ResNet:
    """21,797,672 parameters for 1000 classes."""
    return ResNet(BasicBlock, (3, 4, 6, 3), num_classes, **options)


def resnet50(num_classes: int = 1000, **options: Any) -> ResNet:
    """25,557,032 parameters for 1000 classes."""
    return ResNet(Bottleneck, (3, 4, 6, 3), num_classes, **options)


def resnet101(num_classes: int = 1000, **options: Any) -> ResNet:
    """44,549,160 parameters for 1000 classes."""
    return ResNet(Bottleneck, (3, 4, 23, 3), num_classes, **options)


def resnet152(num_classes: int = 1000, **options: Any) -> ResNet:
    """60,192,808 parameters for 1000 classes."""
    return ResNet(Bottleneck, (3, 8, 36, 3), num_classes, **options)
