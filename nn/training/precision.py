"""In which precision is a network trained?

    "float32"   in that of its parameters
    "mixed"     forward and backward in float16, parameters and updates in float32, with loss scaling

Read next: `trainer.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from autograd import Tensor
from nn.module import Module


class Precision:
    """The precision of the parameters: nothing is cast, and no gradient is scaled."""

    def call(self, model: Module, inputs: tuple[Any, ...]) -> Any:
        """The outputs of the model."""
        return model(*inputs)

    def backward(self, loss: Tensor) -> None:
        """Add the gradients of the loss to `.grad`."""
        loss.backward()

    def gather(self, parameters: Sequence[Tensor], batches: int) -> bool:
        """Make `.grad` the mean over so many batches. Returns False if a step must be left out."""
        if batches > 1:
            for p in parameters:
                if p.grad is not None:
                    with p.grad.writing() as g:
                        np.multiply(g, 1 / batches, out=g)
        return True

    def updated(self, model: Module) -> None:
        """Called after each update."""

    def state_dict(self) -> dict[str, Any]:
        return {}

    def load_state_dict(self, state_dict: Mapping[str, Any], model: Module) -> None:
        """Take over what `state_dict()` returned."""


def precision_named(name: str | Precision) -> Precision:
    """The precision of this name."""
    if isinstance(name, Precision):
        return name
    if name == "float32":
        return Precision()
    raise ValueError(f"precision is 'float32' or 'mixed', not {name!r}")
