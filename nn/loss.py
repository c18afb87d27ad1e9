"""How wrong is the network?

A loss is a module that takes the output and the target and returns one number to make small (or one per example, with
`reduction="none"`).

Read next: `../optim/optimizer.py`, which makes it small.
"""

from __future__ import annotations

from typing import Any

from nn import functional
from nn.module import Module
from nn.parameter import Buffer


class CrossEntropyLoss(Module):
    """-log softmax(x)[target]: the loss for one right class out of C. (CS231n, "Linear classification", softmax classifier.)

    weight:           how much each class counts, (C,)
    ignore_index:     the target that does not count
    reduction:        'mean' over what counts, 'sum' or 'none'
    label_smoothing:  the share of the target that is spread evenly over all classes

    Called with scores (N, C, ...) and class numbers (N, ...), or probabilities in the shape of the scores.

    >>> import numpy as np, nn
    >>> float(nn.CrossEntropyLoss()(np.zeros((2, 4)), np.array([0, 3])).round(4))  # guessing: log 4
    1.3863

    Raises IndexError for a target that is no class, ValueError for shapes that do not fit.
    """

    def __init__(self, weight: Any = None, ignore_index: int = -100, reduction: str = "mean", label_smoothing: float = 0.0) -> None:
        self.weight = None if weight is None else Buffer(weight)
        self.ignore_index, self.reduction, self.label_smoothing = ignore_index, reduction, label_smoothing

    def forward(self, x: Any, target: Any) -> Any:
        self.shape_of(x)
        return functional.cross_entropy(x, target, self.weight, self.ignore_index, self.reduction, self.label_smoothing)

    def extra_repr(self) -> str:
        said = {"ignore_index": -100, "reduction": "mean", "label_smoothing": 0.0}
        return ", ".join(f"{name}={getattr(self, name)!r}" for name, default in said.items() if getattr(self, name) != default)


class MSELoss(Module):
    """(x - target)^2, averaged over all elements.

    reduction:  'mean', 'sum' or 'none'

    Raises ValueError if the shapes differ: they are not broadcast.
    """

    def __init__(self, reduction: str = "mean") -> None:
        self.reduction = reduction

    def forward(self, x: Any, target: Any) -> Any:
        self.shape_of(x)
        self.shape_of(target, "target")
        return functional.mse_loss(x, target, self.reduction)

    def extra_repr(self) -> str:
        return "" if self.reduction == "mean" else f"reduction={self.reduction!r}"
