"""How many inputs will a layer have? Its first input tells.

A lazy layer is made without `in_features`, `in_channels` or `num_features`. Until it is called, its weights are there, but empty, so
that an optimiser can already hold them; the first call gives them their size and initial values, and the layer becomes an ordinary one.
So does a state that is loaded. If the call fails or the state does not fit, it stays lazy.

Read next: `activation.py`.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

from nn.call import joined
from nn.conv import Conv1d, Conv2d, Conv3d, ConvTranspose1d, ConvTranspose2d, ConvTranspose3d
from nn.linear import Linear
from nn.module import Module
from nn.norm import BatchNorm1d, BatchNorm2d, BatchNorm3d, InstanceNorm1d, InstanceNorm2d, InstanceNorm3d
from nn.parameter import resize

if TYPE_CHECKING:
    from numpy.typing import DTypeLike


class Lazy(Module):
    """A layer that infers its first argument: how many features or channels x has. The others are those of the layer it becomes.

    becomes:  what it is after its first call
    infers:   the name of the attribute
    """

    becomes: Any
    infers = "in_channels"

    def __init_subclass__(cls) -> None:
        if "becomes" in vars(cls) and cls.__init__ is Lazy.__init__:  # for help(): the arguments of that layer, without the first
            own = list(inspect.signature(cls.becomes).parameters.values())
            cls.__signature__ = inspect.Signature(own[1:])  # type: ignore[attr-defined]

    def __init__(self, *args: Any, **options: Any) -> None:
        self._random = {"rng": options["rng"]} if "rng" in options else {}
        self.becomes.__init__(self, 0, *args, **options)

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
            raise ValueError(f"{self.place()} cannot become a {self.becomes.__name__} with {self.infers}={n}"
                             f"{f' and groups={groups}' if groups > 1 else ''} for an input of shape {x.shape}")
        with self.becoming(n):
            return self.forward(x, *more)  # that of the layer which it is now

    def _sized_by(self, state_dict: Mapping[str, Any], path: str) -> AbstractContextManager[None]:
        groups = getattr(self, "groups", 1)
        for keys, owned in self._members():
            shape: tuple[int, ...] = getattr(state_dict.get(joined(path, keys)), "shape", ())
            if not isinstance(owned, Module) and 0 in owned.shape and len(shape) == len(owned.shape):
                axis = owned.shape.index(0)
                n = shape[axis] * groups if axis else shape[axis]
                if n and n % groups == 0:
                    return self.becoming(n)
        return nullcontext()

    @contextmanager
    def becoming(self, n: int) -> Iterator[None]:
        """The layer for n features or channels, with initial values; lazy again if what follows fails."""
        lazy, layer, infers, random, groups = type(self), self.becomes, self.infers, self._random, getattr(self, "groups", 1)
        empty = [(owned, owned.shape) for _, owned in self._members() if not isinstance(owned, Module) and 0 in owned.shape]
        try:
            for owned, shape in empty:
                axis = shape.index(0)
                resize(owned, tuple(length or (n // groups if axis else n) for length in shape))
            setattr(self, infers, n)
            del self._random
            self.__class__ = layer
            layer.reset_parameters(self, **random)
            yield
        except BaseException:
            self.__class__ = lazy
            self._random = random
            setattr(self, infers, 0)
            for owned, shape in empty:
                resize(owned, shape)
            raise


class LazyNorm(Lazy):
    """A normalisation that infers `num_features`."""

    infers = "num_features"

    def found(self, shape: tuple[int, ...]) -> int:
        return shape[self._channel_axis(len(shape))] if len(shape) in self._ndims else 0  # type: ignore[attr-defined]


class LazyInstanceNorm(LazyNorm):
    """An instance normalisation that infers `num_features`, with other defaults, as in PyTorch: affine and with running statistics."""

    def __init__(self, eps: float = 1e-5, momentum: float | None = 0.1, affine: bool = True, track_running_stats: bool = True, *,
                 bias: bool = True, dtype: DTypeLike | None = None) -> None:
        super().__init__(eps, momentum, affine, track_running_stats, bias=bias, dtype=dtype)


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


class LazyBatchNorm1d(LazyNorm, BatchNorm1d):
    """A `BatchNorm1d` that infers `num_features`."""

    becomes = BatchNorm1d


class LazyBatchNorm2d(LazyNorm, BatchNorm2d):
    """A `BatchNorm2d` that infers `num_features`."""

    becomes = BatchNorm2d


class LazyBatchNorm3d(LazyNorm, BatchNorm3d):
    """A `BatchNorm3d` that infers `num_features`."""

    becomes = BatchNorm3d


class LazyInstanceNorm1d(LazyInstanceNorm, InstanceNorm1d):
    """An `InstanceNorm1d` that infers `num_features`; by default affine and with running statistics."""

    becomes = InstanceNorm1d


class LazyInstanceNorm2d(LazyInstanceNorm, InstanceNorm2d):
    """An `InstanceNorm2d` that infers `num_features`; by default affine and with running statistics."""

    becomes = InstanceNorm2d


class LazyInstanceNorm3d(LazyInstanceNorm, InstanceNorm3d):
    """An `InstanceNorm3d` that infers `num_features`; by default affine and with running statistics."""

    becomes = InstanceNorm3d
