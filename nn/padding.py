"""What stands around an image, where a kernel looks beyond its border?

    constant   one number, mostly 0        0 0 | a b c d | 0 0
    reflect    the image, mirrored         c b | a b c d | c b
    replicate  its outermost element       a a | a b c d | d d
    circular   its other end               c d | a b c d | a b

Read next: `conv.py`.
"""

from __future__ import annotations

from typing import Any

from autograd import ops
from autograd.ops.shapes import room_for
from nn.axes import check_axes
from nn.module import Module

MODES = {"constant": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}
"""PyTorch's names of them, and NumPy's."""


def pad(x: Any, pad: Any, mode: str = "constant", value: float | None = None) -> Any:
    """x with further elements around its last axes.

    pad:    (before, after) for the last axis, then (before, after) for the one in front of it, ...; negative numbers crop
    mode:   'constant', 'reflect', 'replicate' or 'circular'
    value:  of the constant, default 0; integers that cannot hold it become float64

    >>> import numpy as np, nn
    >>> nn.functional.pad(np.array([1., 2., 3.]), (2, 1), mode="reflect")
    array([3., 2., 1., 2., 3., 2.])

    Raises ValueError where the image is too short to be mirrored or continued so far.
    """
    if mode not in MODES:
        raise ValueError(f"pad: mode must be one of {', '.join(map(repr, MODES))}, not {mode!r}")
    pairs = [(int(before), int(after)) for before, after in zip(pad[::2], pad[1::2])][::-1]
    if len(pad) % 2 or len(pairs) > len(x.shape):
        raise ValueError(f"pad: there must be two numbers, before and after, for each of at most {len(x.shape)} axes, but pad={tuple(pad)}")
    pairs = [(0, 0)] * (len(x.shape) - len(pairs)) + pairs
    for n, (before, after) in zip(x.shape, pairs):
        most = {"reflect": n - 1, "circular": n, "replicate": n and max(before, after)}.get(mode, max(before, after))
        if max(before, after) > max(most, 0) or n + before + after < (mode != "constant" and (before, after) != (0, 0)):
            raise ValueError(f"pad: an axis of length {n} cannot get {(before, after)} further elements in mode {mode!r} "
                             f"(input {tuple(x.shape)}, pad {tuple(pad)})")
    if any(before < 0 or after < 0 for before, after in pairs):
        x = x[tuple(slice(max(0, -before), n - max(0, -after)) for n, (before, after) in zip(x.shape, pairs))]
        pairs = [(max(0, before), max(0, after)) for before, after in pairs]
    if mode != "constant":
        return ops.pad(x, pairs, MODES[mode])
    return ops.pad(room_for(x, value or 0), pairs, constant_values=value or 0)


class Padding(Module):
    """What the padding layers share: how far, and how many axes.

    padding:  one integer for all sides, or (left, right, top, bottom, front, back), as many as there are axes; negative ones crop
    """

    axes: int
    mode: str
    value: float = 0.0

    def __init__(self, padding: Any) -> None:
        self.padding = tuple(padding) if isinstance(padding, (tuple, list)) else (padding,) * (2 * self.axes)
        if len(self.padding) != 2 * self.axes or any(not isinstance(n, int) for n in self.padding):
            raise ValueError(f"{type(self).__name__}: padding is one integer or {2 * self.axes} of them, before and after for each axis, "
                             f"the last axis first, and not {padding!r}")

    def forward(self, x: Any) -> Any:
        shape = self.shape_of(x)
        if self.mode != "constant":
            check_axes(self.place(), shape, self.axes)
        return pad(x, self.padding, self.mode, self.value)

    def extra_repr(self) -> str:
        return f"{self.padding}"


class ConstantPad(Padding):
    """`value` all around. See `Padding`."""

    mode = "constant"

    def __init__(self, padding: Any, value: float) -> None:
        super().__init__(padding)
        self.value = value

    def extra_repr(self) -> str:
        return f"padding={self.padding}, value={self.value}"


class ZeroPad(Padding):
    """0 all around."""

    mode = "constant"


class ReflectionPad(Padding):
    """The image mirrored at its outermost elements."""

    mode = "reflect"


class ReplicationPad(Padding):
    """The outermost elements repeated."""

    mode = "replicate"


class CircularPad(Padding):
    """The image continued at its other end."""

    mode = "circular"


class ConstantPad1d(ConstantPad):
    """ConstantPad over 1 axis."""

    axes = 1


class ConstantPad2d(ConstantPad):
    """ConstantPad over 2 axes."""

    axes = 2


class ConstantPad3d(ConstantPad):
    """ConstantPad over 3 axes."""

    axes = 3


class ZeroPad1d(ZeroPad):
    """ZeroPad over 1 axis."""

    axes = 1


class ZeroPad2d(ZeroPad):
    """ZeroPad over 2 axes."""

    axes = 2


class ZeroPad3d(ZeroPad):
    """ZeroPad over 3 axes."""

    axes = 3


class ReflectionPad1d(ReflectionPad):
    """ReflectionPad over 1 axis."""

    axes = 1


class ReflectionPad2d(ReflectionPad):
    """ReflectionPad over 2 axes."""

    axes = 2


class ReflectionPad3d(ReflectionPad):
    """ReflectionPad over 3 axes."""

    axes = 3


class ReplicationPad1d(ReplicationPad):
    """ReplicationPad over 1 axis."""

    axes = 1


class ReplicationPad2d(ReplicationPad):
    """ReplicationPad over 2 axes."""

    axes = 2


class ReplicationPad3d(ReplicationPad):
    """ReplicationPad over 3 axes."""

    axes = 3


class CircularPad1d(CircularPad):
    """CircularPad over 1 axis."""

    axes = 1


class CircularPad2d(CircularPad):
    """CircularPad over 2 axes."""

    axes = 2


class CircularPad3d(CircularPad):
    """CircularPad over 3 axes."""

    axes = 3
