"""What is the plainest network?

    y = W_n relu(... relu(W_1 x + b_1) ...) + b_n

(CS231n, Neural Networks Part 1.)

Read next: `lenet.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from nn import init
from nn.activation import ReLU
from nn.container import Sequential
from nn.dropout import Dropout
from nn.linear import Linear
from nn.module import Module

if TYPE_CHECKING:
    from numpy.typing import DTypeLike


class MLP(Sequential):
    """Linear layers with a non-linearity between them.

    sizes:       of the input, of each hidden layer, and of the output
    activation:  the class of the non-linearity
    dropout:     the probability to drop after each hidden layer; 0 leaves the layers out

    >>> from nn.models import MLP
    >>> MLP([784, 100, 10])
    MLP(
      (0): Linear(in_features=784, out_features=100, bias=True)  # 78,500
      (1): ReLU()
      (2): Linear(in_features=100, out_features=10, bias=True)  # 1,010
    )  # 79,510 parameters
    """

    def __init__(self, sizes: Sequence[int], activation: type[Module] = ReLU, dropout: float = 0.0, *, dtype: DTypeLike | None = None,
                 rng: init.Rng = None) -> None:
        if len(sizes) < 2:
            raise ValueError(f"MLP takes the sizes of its input, its hidden layers and its output, at least two, not {sizes!r}")
        drops = rng if rng is None else init.generator(rng)
        layers: list[Module] = []
        for a, b in zip(sizes, sizes[1:]):
            layers += [Linear(a, b, dtype=dtype, rng=drops), activation(), *([Dropout(dropout, rng=drops)] if dropout else [])]
        super().__init__(*layers[: -2 if dropout else -1])

    def __getitem__(self, i: Any) -> Any:
        return Sequential(*list(self)[i]) if isinstance(i, slice) else super().__getitem__(i)
