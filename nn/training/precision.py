"""In which precision is a network trained?

    "float32"   in that of its parameters
    "mixed"     forward and backward in float16, parameters and updates in float32, with loss scaling

Numbers in float16 reach from 6e-8 to 65504. Updates are often too small to change a weight that has 11 bits, so the parameters stay
float32: the model computes with casts of them, and the gradient comes back through the cast. Gradients are often smaller than 6e-8, so
the loss is multiplied by a scale before the backward pass, and the gradients are divided by it afterwards. The scale is found by trying:
a gradient that overflows costs one step, which is left out, and halves the scale; many good steps in a row double it.

Sums over many numbers (normalisation, softmax, means) are float32 within the engine, and the loss is computed in float32, from outputs
that are cast back. (Micikevicius et al. 2018, "Mixed precision training".)

It halves what the tape keeps. It is not faster here, but two or three times slower: NumPy has no fast float16 arithmetic. Matrix products
and convolutions are computed in float32 and rounded (`autograd/kernels/half.py`); element by element it stays slow.

Read next: `callbacks.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from autograd import Tensor, ops
from autograd.node import effect, get_mode
from nn.call import named_root
from nn.module import Module
from nn.norm import ChannelNorm
from nn.parameter import Buffer, Parameter

HALF = np.dtype(np.float16)


class Precision:
    """The precision of the parameters: nothing is cast, and no gradient is scaled."""

    scale = 1.0
    """What the loss is multiplied with."""

    def call(self, model: Module, inputs: tuple[Any, ...]) -> Any:
        """The outputs of the model."""
        return model(*inputs)

    def backward(self, loss: Tensor, weight: float = 1.0) -> None:
        """Add the gradients of the loss, times its weight among the batches of a step, to `.grad`."""
        factor = weight * self.scale
        if factor == 1:
            loss.backward()
        else:
            loss.backward(np.full(loss.shape, factor, loss.dtype))

    def gather(self, parameters: Sequence[Tensor], weight: float) -> bool:
        """Divide `.grad` by the sum of the weights. Returns False if the step must be left out."""
        factor = 1 / (weight * self.scale)
        if factor != 1:
            scale_gradients(parameters, factor)
        return True

    def state_dict(self) -> dict[str, Any]:
        """What it remembers."""
        return {}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over what `state_dict()` returned. ValueError if it is another precision's."""
        if set(state_dict) != set(self.state_dict()):
            raise ValueError("the saved run has another precision: one is 'mixed', and one is 'float32'")


class Mixed(Precision):
    """float16 with float32 parameters and dynamic loss scaling.

    scale:     of the loss, at first
    growth:    after so many good steps in a row it is doubled
    largest:   and is never more than this

    skipped:   how many steps were left out because a gradient overflowed
    """

    def __init__(self, scale: float = 2.0**15, growth: int = 1000, largest: float = 2.0**24) -> None:
        if not 0 < scale <= largest or growth < 1:
            raise ValueError(f"Mixed(scale={scale!r}, growth={growth!r}, largest={largest!r}): the scale is positive and at most the "
                             "largest, and it grows after at least 1 good step")
        self.scale, self.growth, self.largest = float(scale), growth, float(largest)
        self.good = self.skipped = 0

    def call(self, model: Module, inputs: tuple[Any, ...]) -> Any:
        with np.errstate(over="ignore", invalid="ignore"), computing_in(model, HALF):
            return mapped(model(*mapped(inputs, HALF)), np.dtype(np.float32))

    def backward(self, loss: Tensor, weight: float = 1.0) -> None:
        with np.errstate(over="ignore", invalid="ignore"):  # overflow is how the scale is found
            super().backward(loss, weight)

    def gather(self, parameters: Sequence[Tensor], weight: float) -> bool:
        if get_mode().lowered:
            raise TypeError("mixed precision decides by the gradients whether a step is taken, and a compiled function cannot decide: "
                            "compile it up to backward(), and call gather() and optimizer.step() after it")
        if all(np.isfinite(p.grad.data).all() for p in parameters if p.grad is not None):
            super().gather(parameters, weight)
            self.good += 1
            if self.good >= self.growth:
                self.scale, self.good = min(2 * self.scale, self.largest), 0
            return True
        if self.scale <= 1:
            return True  # it is not the scale that is too large: the trainer will see the NaN, and stop
        self.scale, self.good = self.scale / 2, 0
        self.skipped += 1
        return False

    def state_dict(self) -> dict[str, Any]:
        return {"scale": self.scale, "good": self.good, "skipped": self.skipped}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        super().load_state_dict(state_dict)
        self.scale, self.good, self.skipped = float(state_dict["scale"]), int(state_dict["good"]), int(state_dict["skipped"])

    def __repr__(self) -> str:
        return f"float16 with float32 parameters; scale {self.scale:g}, {self.skipped} steps left out"


@effect()
def scale_gradients(parameters: Sequence[Tensor], factor: float) -> None:
    """g <- g factor."""
    for p in parameters:
        if p.grad is not None:
            with p.grad.writing() as g:
                np.multiply(g, factor, out=g)


PRECISIONS = {"float32": Precision, "mixed": Mixed}


def precision_named(name: str | Precision) -> Precision:
    """The precision of this name."""
    if isinstance(name, Precision):
        return name
    if name not in PRECISIONS:
        raise ValueError(f"precision is {' or '.join(map(repr, PRECISIONS))}, not {name!r}")
    return PRECISIONS[name]()


# ---- float16 stand-ins --------------------------------------------------------------------------------------------


@contextmanager
def computing_in(model: Module, dtype: np.dtype[Any]) -> Iterator[None]:
    """Inside, the modules find casts of their parameters where these are. Gradients arrive at the parameters, in their own dtype.

    Buffers are cast, too, as a float32 table would make all that follows float32; but not the statistics that normalisation is updating.
    """
    if model._address != "":
        named_root(model)  # while the parameters can be found
    casts: dict[int, Any] = {}
    held: list[tuple[Module, str, Any, Any]] = []
    for module in model.modules():
        kinds: tuple[type[Any], ...] = (Parameter,) if isinstance(module, ChannelNorm) and module.training else (Parameter, Buffer)
        for name, value in vars(module).items():
            stand_in = with_casts(value, dtype, kinds, casts)
            if stand_in is not value:
                held.append((module, name, value, stand_in))
    written = [(owned, stand_in, stand_in._array) for owned, stand_in in casts.values() if isinstance(owned, Buffer)]
    try:
        for module, name, _, stand_in in held:
            module.__dict__[name] = stand_in
        yield
    finally:
        for module, name, value, _ in held:
            module.__dict__[name] = value
        for owned, stand_in, array in written:
            if stand_in._array is not array:  # the module gave it a new value
                owned.assign(ops.astype(stand_in, owned.dtype))


def with_casts(value: Any, dtype: np.dtype[Any], kinds: tuple[type[Any], ...], casts: dict[int, Any]) -> Any:
    """An attribute with casts in the place of what is of these kinds, a shared one cast once; itself if there are none."""
    if isinstance(value, kinds) and value.dtype.kind == "f":
        if id(value) not in casts:
            cast = Buffer(value.data.astype(dtype), persistent=value.persistent) if isinstance(value, Buffer) else ops.astype(value, dtype)
            casts[id(value)] = value, cast
        return casts[id(value)][1]
    if isinstance(value, dict):
        items = {key: with_casts(item, dtype, kinds, casts) for key, item in value.items()}
        return items if any(items[key] is not value[key] for key in value) else value
    if type(value) in (list, tuple):
        parts = [with_casts(item, dtype, kinds, casts) for item in value]
        return type(value)(parts) if any(a is not b for a, b in zip(parts, value)) else value
    return value


def mapped(value: Any, dtype: np.dtype[Any]) -> Any:
    """Floating-point arrays and Tensors in another dtype, in tuples, lists and dicts, too."""
    if isinstance(value, dict):
        return {key: mapped(item, dtype) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        parts = [mapped(item, dtype) for item in value]
        return type(value)(*parts) if hasattr(value, "_fields") else type(value)(parts)
    if isinstance(value, Tensor):
        return ops.astype(value, dtype) if value.dtype.kind == "f" and value.dtype != dtype else value
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        return value.astype(dtype, copy=False)
    return value
