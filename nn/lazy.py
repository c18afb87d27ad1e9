"""How many inputs will a layer have? Its first input tells.

A lazy layer is made without `in_features` or `in_channels`. Until it is called, its weights are there, but empty, so that an
optimiser can already hold them; the first call gives them their size and initial values, and the layer becomes an ordinary one.

Read next: `activation.py`.
"""

from __future__ import annotations

from typing import Any

from nn.conv import Conv1d, Conv2d, Conv3d, ConvTranspose1d, ConvTranspose2d, ConvTranspose3d
from nn.linear import Linear
from nn.module import Module
from nn.parameter import resize


class Lazy(Module):
    """A layer that infers its first argument: how many features or channels x has. The others are those of the layer it becomes.

    becomes:  what it is after its first call
    infers:   the name of the attribute
    """

    becomes: Any
    infers = "in_channels"

    def __init__(self, *args: Any, rng: Any = None, **options: Any) -> None:
        self._rng = rng
        self.becomes.__init__(self, 0, *args, rng=rng, **options)

    def found(self, shape: tuple[int, ...]) -> int:
        """How many there are in an input of this shape."""
        n = self.axes + 1  # type: ignore[attr-defined]
        if len(shape) not in (n, n + 1):
            raise ValueError(f"{self.place()} cannot tell its channels from an input of shape {shape}")
        return shape[-n]

    def forward(self, x: Any, *more: Any) -> Any:
        n = self.found(self.shape_of(x))
        groups = getattr(self, "groups", 1)
        if n < 1 or n % groups:
            raise ValueError(f"{self.place()} cannot become a {self.becomes.__name__} of {n} {self.infers} with groups={groups}")
        for _, owned in self._members():
            if not isinstance(owned, Module) and 0 in owned.shape:
                axis = owned.shape.index(0)
                resize(owned, tuple(length or (n // groups if axis else n) for length in owned.shape))
        setattr(self, self.infers, n)
        layer, rng = self.becomes, self._rng
        del self._rng
        self.__class__ = layer
        layer.reset_parameters(self, rng)
        return layer.forward(self, x, *more)


class LazyLinear(Lazy, Linear):
    """A `Linear` that infers `in_features`.

    >>> import numpy as np, nn
    >>> layer = nn.LazyLinear(10)
    >>> layer(np.ones((32, 64), np.float32)).shape, layer
    ((32, 10), Linear(in_features=64, out_features=10, bias=True)  # 650)
    """

    becomes, infers = Linear, "in_features"

    def found(self, shape: tuple[int, ...]) -> int:
        return shape[-1] if shape else 0


class LazyConv1d(Lazy, Conv1d):
    """A `Conv1d` that infers `in_channels`."""

    becomes = Conv1d


class LazyConv2d(Lazy, Conv2d):
    """A `Conv2d` that infers `in_channels`."""

    becomes = Conv2d


class LazyConv3d(Lazy, Conv3d):
    """A `Conv3d` that infers `in_channels`."""

    becomes = Conv3d


class LazyConvTranspose1d(Lazy, ConvTranspose1d):
    """A `ConvTranspose1d` that infers `in_channels`."""

    becomes = ConvTranspose1d


class LazyConvTranspose2d(Lazy, ConvTranspose2d):
    """A `ConvTranspose2d` that infers `in_channels`."""

    becomes = ConvTranspose2d


class LazyConvTranspose3d(Lazy, ConvTranspose3d):
    """A `ConvTranspose3d` that infers `in_channels`."""

    becomes = ConvTranspose3d
