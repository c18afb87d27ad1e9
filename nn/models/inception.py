"""How does a layer choose its own kernel size?

It takes all of them: an Inception block applies convolutions of several sizes and a pool to the same input, side by side, and
stacks what comes out along the channels.

    naive        1x1, 3x3, 5x5 and the 3x3 pool directly on x. The pool keeps every channel, so the depth can only grow
    bottleneck   a 1x1 convolution before the 3x3 and the 5x5, and after the pool, reduces the channels first

For x of 28 x 28 x 256 the naive block with 128, 192 and 96 filters takes 854 million multiply-adds and returns 672 channels; with
bottlenecks of 64 it takes 271 and returns 480. (Szegedy et al. 2014, figure 2; CS231n, lecture 9, "CNN architectures".)

Read next: `googlenet.py`.
"""

from __future__ import annotations

from typing import Any

from autograd import ops
from nn import functional, init
from nn.container import Sequential
from nn.conv import Conv2d
from nn.module import Module
from nn.norm import BatchNorm2d
from nn.pool import MaxPool2d


class BasicConv2d(Module):
    """relu(normalised(conv(x))): what GoogLeNet is made of. The arguments are those of `Conv2d`; there is no bias."""

    def __init__(self, in_channels: int, out_channels: int, kernel_size: Any, **options: Any) -> None:
        self.conv = Conv2d(in_channels, out_channels, kernel_size, bias=False, **options)
        self.bn = BatchNorm2d(out_channels, eps=0.001)

    def forward(self, x: Any) -> Any:
        return functional.relu(self.bn(self.conv(x)))


class InceptionNaive(Module):
    """The Inception block without bottlenecks: (N, C, H, W) -> (N, ch1x1 + ch3x3 + ch5x5 + C, H, W).

    in_channels:          C
    ch1x1, ch3x3, ch5x5:  how many filters of each size

    >>> import numpy as np
    >>> from nn.models import InceptionNaive
    >>> InceptionNaive(8, 4, 6, 3)(np.ones((1, 8, 7, 7), np.float32)).shape
    (1, 21, 7, 7)
    """

    def __init__(self, in_channels: int, ch1x1: int, ch3x3: int, ch5x5: int, *, rng: init.Rng = None) -> None:
        rng = rng if rng is None else init.generator(rng)
        self.branch1 = BasicConv2d(in_channels, ch1x1, 1, rng=rng)
        self.branch2 = BasicConv2d(in_channels, ch3x3, 3, padding=1, rng=rng)
        self.branch3 = BasicConv2d(in_channels, ch5x5, 5, padding=2, rng=rng)
        self.branch4 = MaxPool2d(3, stride=1, padding=1)

    def forward(self, x: Any) -> Any:
        return ops.concatenate([self.branch1(x), self.branch2(x), self.branch3(x), self.branch4(x)], axis=1)


class Inception(Module):
    """The Inception block with bottlenecks: (N, C, H, W) -> (N, ch1x1 + ch3x3 + ch5x5 + pool_proj, H, W).

    in_channels:   C
    ch1x1:         filters of 1x1
    ch3x3red, ch3x3:  filters of 1x1, then as many of 3x3
    ch5x5red, ch5x5:  filters of 1x1, then as many of 5x5
    pool_proj:     filters of 1x1 after the pool
    kernel_size:   of the largest; torchvision's weights have 3 where the paper says 5
    """

    def __init__(self, in_channels: int, ch1x1: int, ch3x3red: int, ch3x3: int, ch5x5red: int, ch5x5: int, pool_proj: int,
                 kernel_size: int = 5, *, rng: init.Rng = None) -> None:
        rng = rng if rng is None else init.generator(rng)
        self.branch1 = BasicConv2d(in_channels, ch1x1, 1, rng=rng)
        self.branch2 = Sequential(BasicConv2d(in_channels, ch3x3red, 1, rng=rng),
                                  BasicConv2d(ch3x3red, ch3x3, 3, padding=1, rng=rng))
        self.branch3 = Sequential(BasicConv2d(in_channels, ch5x5red, 1, rng=rng),
                                  BasicConv2d(ch5x5red, ch5x5, kernel_size, padding=kernel_size // 2, rng=rng))
        self.branch4 = Sequential(MaxPool2d(3, stride=1, padding=1, ceil_mode=True),
                                  BasicConv2d(in_channels, pool_proj, 1, rng=rng))

    def forward(self, x: Any) -> Any:
        return ops.concatenate([self.branch1(x), self.branch2(x), self.branch3(x), self.branch4(x)], axis=1)
