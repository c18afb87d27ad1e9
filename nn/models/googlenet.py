"""How deep can a network be before its gradient gets lost?

GoogLeNet, with 22 layers, gives it shorter ways: two auxiliary classifiers look at intermediate layers, and in training their
losses count 0.3 each. Nine Inception blocks, no fully connected layers but the last, and 12 times fewer weights than AlexNet.
(Szegedy et al. 2014, "Going deeper with convolutions"; CS231n, case studies. With batch normalisation, as in torchvision.)

Read next: `resnet.py`.
"""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

from autograd import ops
from nn import functional, init
from nn.adaptive import AdaptiveAvgPool2d
from nn.dropout import Dropout
from nn.linear import Linear
from nn.models.inception import BasicConv2d, Inception
from nn.models.start import images, started
from nn.module import Module
from nn.pool import MaxPool2d


class GoogLeNetOutputs(NamedTuple):
    """What `GoogLeNet` returns in training: loss = L(logits) + 0.3 L(aux_logits2) + 0.3 L(aux_logits1)."""

    logits: Any
    aux_logits2: Any
    aux_logits1: Any


class InceptionAux(Module):
    """An auxiliary classifier: (N, in_channels, H, W) -> (N, num_classes)."""

    def __init__(self, in_channels: int, num_classes: int, dropout: float = 0.7) -> None:
        self.pool = AdaptiveAvgPool2d((4, 4))
        self.conv = BasicConv2d(in_channels, 128, 1)
        self.fc1 = Linear(2048, 1024)
        self.fc2 = Linear(1024, num_classes)
        self.dropout = Dropout(dropout)

    def forward(self, x: Any) -> Any:
        x = self.conv(self.pool(x))
        return self.fc2(self.dropout(functional.relu(self.fc1(x.reshape((x.shape[0], -1))))))


class GoogLeNet(Module):
    """GoogLeNet: (N, 3, 224, 224) -> (N, num_classes), or `GoogLeNetOutputs` in training with auxiliary classifiers.

    num_classes:      how many scores per image
    aux_logits:       with auxiliary classifiers? (13,004,888 parameters; without 6,624,904)
    transform_input:  take images normalised for torchvision, where the weights were trained on [-1, 1]. (Its own weights are.)
    dropout, dropout_aux:  the probabilities to drop before the last layers
    kernel_size:      of the largest convolution in the blocks: 3 as in torchvision, or 5 as in the paper
    """

    def __init__(self, num_classes: int = 1000, aux_logits: bool = True, transform_input: bool = False, dropout: float = 0.2,
                 dropout_aux: float = 0.7, kernel_size: int = 3, *, rng: init.Rng = None) -> None:
        self.aux_logits, self.transform_input = aux_logits, transform_input
        block = partial(Inception, kernel_size=kernel_size)
        with init.skipped():
            self.conv1 = BasicConv2d(3, 64, 7, stride=2, padding=3)
            self.maxpool1 = MaxPool2d(3, stride=2, ceil_mode=True)
            self.conv2 = BasicConv2d(64, 64, 1)
            self.conv3 = BasicConv2d(64, 192, 3, padding=1)
            self.maxpool2 = MaxPool2d(3, stride=2, ceil_mode=True)
            self.inception3a = block(192, 64, 96, 128, 16, 32, 32)
            self.inception3b = block(256, 128, 128, 192, 32, 96, 64)
            self.maxpool3 = MaxPool2d(3, stride=2, ceil_mode=True)
            self.inception4a = block(480, 192, 96, 208, 16, 48, 64)
            self.inception4b = block(512, 160, 112, 224, 24, 64, 64)
            self.inception4c = block(512, 128, 128, 256, 24, 64, 64)
            self.inception4d = block(512, 112, 144, 288, 32, 64, 64)
            self.inception4e = block(528, 256, 160, 320, 32, 128, 128)
            self.maxpool4 = MaxPool2d(2, stride=2, ceil_mode=True)
            self.inception5a = block(832, 256, 160, 320, 32, 128, 128)
            self.inception5b = block(832, 384, 192, 384, 48, 128, 128)
            self.aux1 = InceptionAux(512, num_classes, dropout_aux) if aux_logits else None
            self.aux2 = InceptionAux(528, num_classes, dropout_aux) if aux_logits else None
            self.avgpool = AdaptiveAvgPool2d((1, 1))
            self.dropout = Dropout(dropout)
            self.fc = Linear(1024, num_classes)
        started(self, rng, conv="normal", linear=0.01)

    def forward(self, x: Any) -> Any:
        images(self, x, 3, 15, "(N, 3, 224, 224)")
        if self.transform_input:
            x = ops.concatenate([x[:, i: i + 1] * (std / 0.5) + (mean - 0.5) / 0.5
                                        for i, (mean, std) in enumerate(zip((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)))], axis=1)
        x = self.maxpool1(self.conv1(x))
        x = self.maxpool2(self.conv3(self.conv2(x)))
        x = self.maxpool3(self.inception3b(self.inception3a(x)))
        first = self.inception4a(x)
        second = self.inception4d(self.inception4c(self.inception4b(first)))
        x = self.maxpool4(self.inception4e(second))
        x = self.avgpool(self.inception5b(self.inception5a(x)))
        logits = self.fc(self.dropout(x.reshape((x.shape[0], -1))))
        if self.training and self.aux1 is not None and self.aux2 is not None:
            return GoogLeNetOutputs(logits, self.aux2(second), self.aux1(first))
        return logits


def googlenet(num_classes: int = 1000, **options: Any) -> GoogLeNet:
    """`GoogLeNet`, under the name that torchvision's function has."""
    return GoogLeNet(num_classes, **options)
