r"""How is a model kept simple?

By a price on its weights, added to the loss. (CS231n, "Linear classification", regularization.)

    L1           strength sum |W|                  pushes weights to exactly 0
    L2           strength sum W^2                  prefers many small weights to few large ones
    ElasticNet   strength sum (beta W^2 + |W|)     both (Zou & Hastie 2005)

    penalty = nn.regularizer.L2(5e-6)
    loss = nn.functional.cross_entropy(model(x), y) + penalty(model)

The sum is over the weights that are trained: parameters with two axes or more. Biases, and the scales of normalisation, have one,
and it costs nothing to let them be large. For other choices pass the parameters themselves: `penalty(model.head.parameters())`.

In plain SGD, `weight_decay=w` of an optimiser has the same gradient as L2(w, half=True). In the adaptive optimisers a decoupled
decay (AdamW) is another thing than an L2 term. (Loshchilov & Hutter 2019.)

Read next: `init.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from autograd import Tensor, ops
from nn.module import Module


class Regularizer(Module):
    """A price on weights. Called with a module (its trained weights of two axes or more count) or with Tensors (all of them count).

    strength:  lambda, what a unit of it costs

    Raises ValueError for a negative strength, and where there is nothing to count.
    """

    def __init__(self, strength: float) -> None:
        self.strength = not_negative("strength", strength)

    def price(self, w: Any) -> Any:
        """What one Tensor costs, at strength 1; a subclass defines it."""
        raise NotImplementedError(f"{type(self).__name__} does not define price(): write 'def price(self, w): return ...' in the class")

    def forward(self, weights: Module | Iterable[Tensor]) -> Any:
        chosen = chosen_weights(weights)
        if not chosen:
            raise ValueError(f"{self.place()} found no weights: no parameters of two axes or more that require grad. "
                             "Pass the parameters that it is meant for.")
        total = self.price(chosen[0])
        for w in chosen[1:]:
            total = total + self.price(w)
        return self.strength * total

    def extra_repr(self) -> str:
        return ", ".join(f"{name}={value!r}" for name, value in vars(self).items() if name in ("strength", "half", "beta"))


class L1(Regularizer):
    """strength sum |W|. For chosen weights, see `Regularizer`. (CS231n, "Linear classification", regularization.)"""

    def price(self, w: Any) -> Any:
        return ops.sum(ops.absolute(w))


class L2(Regularizer):
    """strength sum W^2, or half of it. For chosen weights, see `Regularizer`. (CS231n, "Linear classification", regularization.)

    half:  times 1/2, so that the gradient is strength W: as in CS231n's "Neural networks" notes, and as `weight_decay`

    >>> import nn
    >>> layer = nn.Linear(3, 2)
    >>> _ = nn.init.ones_(layer.weight)
    >>> float(nn.regularizer.L2(0.5)(layer))
    3.0
    """

    def __init__(self, strength: float, half: bool = False) -> None:
        super().__init__(strength)
        self.half = half

    def price(self, w: Any) -> Any:
        squares = ops.sum(ops.square(w))
        return 0.5 * squares if self.half else squares


class ElasticNet(Regularizer):
    """strength sum (beta W^2 + |W|). For chosen weights, see `Regularizer`. (Zou & Hastie 2005; CS231n, lecture 3.)

    beta:  what a square costs, compared with an absolute value
    """

    def __init__(self, strength: float, beta: float = 1.0) -> None:
        super().__init__(strength)
        self.beta = not_negative("beta", beta)

    def price(self, w: Any) -> Any:
        return self.beta * ops.sum(ops.square(w)) + ops.sum(ops.absolute(w))


def not_negative(name: str, value: float) -> float:
    if not value >= 0:
        raise ValueError(f"{name} is the price of large weights, not negative, but {name} = {value!r}")
    return value


def chosen_weights(weights: Module | Iterable[Tensor]) -> list[Any]:
    """The weights of a module that are trained, each once; or the given Tensors."""
    if isinstance(weights, Module):
        return [p for p in weights.parameters() if p.ndim >= 2 and p.requires_grad]
    return [weights] if hasattr(weights, "shape") else list(weights)
