"""What goes through the layers, forwards and backwards?

`signals` looks at one batch: what comes out of each layer, and what gradient arrives there. `UpdateRatios` looks at a whole run: by how
much an update changes the weights of a layer, as a share of their size. About 0.001 is healthy; far less, and the layer does not learn;
far more, and it jumps about. (CS231n, "Neural networks part 3", ratio of weights:updates.)

Read next: `pictures.py`, which draws both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from autograd import Tensor
from autograd.tree import flatten
from nn.module import Module
from nn.training.callbacks import Callback
from nn.training.pairs import arguments, plain
from nn.training.randomness import random_state, restore_random_state

if TYPE_CHECKING:
    from nn.training.trainer import Trainer

Array = np.ndarray[Any, Any]


class Signal(NamedTuple):
    """What came out of one layer in its first call, and the gradient of the loss by it; None if none arrived."""

    path: str
    kind: str
    activations: Array
    gradients: Array | None


def signals(model: Module, inputs: Any, targets: Any, criterion: Callable[..., Any]) -> list[Signal]:
    """The signals of all layers, modules that hold no others, in the order in which they were called.

    model:      is called as it is, in training or evaluation mode; nothing of it changes, nor its gradients
    inputs:     a batch; a tuple for several arguments
    criterion:  of the outputs and targets
    """
    layers = {module: path for path, module in model.named_modules() if next(module.named_children(), None) is None}
    seen: dict[str, list[Any]] = {}

    def forward(layer: Module, args: Any, output: Any) -> None:
        values = [plain(y) for y in flatten(output)[0] if hasattr(y, "dtype") and y.dtype.kind == "f"]
        if values:
            seen.setdefault(layers[layer], [type(layer).__name__, np.array(values[0]), None])

    def backward(layer: Module, grads: Any) -> None:
        values = [plain(g) for g in flatten(grads)[0] if g is not None]
        if values and layers[layer] in seen:
            seen[layers[layer]][2] = np.array(values[0])

    handles = [handle for layer in layers for handle in (layer.register_forward_hook(forward),
                                                         layer.register_full_backward_pre_hook(backward))]
    chance, buffers = random_state(model, criterion), [(buffer, buffer.data) for buffer in model.buffers()]
    gradients = [(p, p.grad) for p in model.parameters()]
    try:
        model.zero_grad()
        criterion(model(*arguments(inputs)), targets).backward()
    finally:
        for handle in handles:
            handle.remove()
        for p, grad in gradients:
            p.grad = grad
        for buffer, values in buffers:
            buffer.assign(Tensor(values))
        restore_random_state(chance, model, criterion)
    return [Signal(path, *found) for path, found in seen.items()]


class UpdateRatios(Callback):
    """Records |update| / |weights| (Euclidean norms) of each parameter with two axes or more.

    every:  after how many steps it looks, since that costs a copy of the parameters

    `steps` are the steps; `ratios` a list of numbers for each parameter, by name.
    """

    def __init__(self, every: int = 10) -> None:
        if every < 1:
            raise ValueError(f"UpdateRatios(every={every!r}): it looks after at least 1 step")
        self.every = every
        self.steps: list[int] = []
        self.ratios: dict[str, list[float]] = {}
        self.before: dict[str, Array] = {}

    def remember(self, trainer: Trainer) -> None:
        if trainer.step % self.every == 0:
            self.before = {name: p.data for name, p in trainer.model.named_parameters() if p.ndim > 1 and p.requires_grad}

    def on_epoch_start(self, trainer: Trainer) -> None:
        self.remember(trainer)

    def on_step_end(self, trainer: Trainer) -> None:
        self.remember(trainer)

    def on_before_zero_grad(self, trainer: Trainer) -> None:
        if not self.before:
            return
        now = {name: p.data for name, p in trainer.model.named_parameters() if name in self.before}
        for name, p in now.items():
            size = float(np.linalg.norm(self.before[name]))
            step = float(np.linalg.norm(p - self.before[name]))
            self.ratios.setdefault(name, [float("nan")] * len(self.steps)).append(step / size if size else float("nan"))
        self.steps.append(trainer.step)
        self.before = {}

    def state_dict(self) -> dict[str, Any]:
        return {"steps": list(self.steps), "ratios": {name: np.array(values) for name, values in self.ratios.items()}}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        self.steps = [int(step) for step in state_dict["steps"]]
        self.ratios = {name: np.asarray(values).tolist() for name, values in state_dict["ratios"].items()}
        self.before = {}

    def __repr__(self) -> str:
        if not self.steps:
            return "no update was looked at yet"
        width = max(map(len, self.ratios))
        rows = [f"{name:<{width}}  {values[0]:.1e}  {np.median(values):.1e}  {values[-1]:.1e}" for name, values in self.ratios.items()]
        return "\n".join([f"{'|update| / |weights|':<{width}}  first    median   last", *rows])
