"""Where did the first NaN come from?

A loss that is NaN or infinite is found at once, before it reaches a parameter. What made it so stands further up the graph, and the
tape still holds the numbers: `autograd.drawing.problems` looks through them.

Read next: `randomness.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

import autograd
from autograd import Tensor
from nn.module import Module
from nn.training.pairs import leaves

MENDS = "The usual mends are a smaller learning rate, clip_norm=1.0, and data without NaN."


class NonFiniteLoss(FloatingPointError):
    """The loss, or a gradient, became NaN or infinite.

    step, epoch:  where
    loss:         its value
    origin:       the first bad operation, in words; '' if it was not found
    checkpoint:   the newest good checkpoint; '' if there is none
    """

    def __init__(self, message: str, step: int, epoch: int, loss: float, origin: str, checkpoint: str = "") -> None:
        super().__init__(message)
        self.step, self.epoch, self.loss, self.origin, self.checkpoint = step, epoch, loss, origin, checkpoint


def origin_in(loss: Tensor, kind: str) -> str:
    """The first bad operation on the way to this loss, or ('backward origin') on the way back from it, in words."""
    if loss.node is None:
        return ""
    try:
        problems = autograd.draw(loss, values="stats", grads="compute" if kind != "origin" else "none").problems()
    except (RuntimeError, ValueError):  # the tape was freed: nothing can be said
        return ""
    return next((problem.text for problem in problems if problem.kind == kind), "")


def bad_data(inputs: Sequence[Any], targets: Any) -> str:
    """A sentence about the NaN in a batch; '' if there is none."""
    for name, values in (("inputs", inputs), ("targets", targets)):
        for array in map(np.asarray, leaves(values)):
            if array.dtype.kind in "fc" and not np.isfinite(array).all():
                rows = np.flatnonzero(~np.isfinite(array.reshape(len(array), -1)).all(axis=1)) if array.ndim else np.zeros(1, int)
                more = f" and {len(rows) - 1} others" if len(rows) > 1 else ""
                return f"The {name} of this batch hold NaN or infinity, in sample {rows[0]} of the batch{more}."
    return ""


def bad_gradients(model: Module) -> str:
    """A sentence about the parameters whose gradients are NaN or infinite."""
    bad = [name for name, p in model.named_parameters() if p.grad is not None and not np.isfinite(p.grad.data).all()]
    return f"NaN or infinite is the gradient of {', '.join(bad[:5])}{f' and {len(bad) - 5} others' if len(bad) > 5 else ''}."
