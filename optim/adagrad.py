"""What if every weight had a step size of its own?

Weights with large gradients then take smaller steps, and rarely touched ones larger: divide by the root of the squares
seen so far. `Adagrad` sums them all, so its steps only ever shrink; `RMSprop` and `Adadelta` forget the old ones.
(CS231n, "Neural networks part 3", per-parameter adaptive learning rates.)

Read next: `moments.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from optim.moments import follow, follow_square
from optim.optimizer import Array, Group, Optimizer
from optim.passes import add_square, combine, descend
from optim.state import State


class Adagrad(Optimizer):
    r"""Divide by the root of the sum of all squared gradients (Duchi, Hazan & Singer 2011).

        s <- s + g^2
        p <- p - lr / (1 + (t - 1) lr_decay) g / (sqrt(s) + eps)

    initial_accumulator_value:  what s starts at
    """

    elementwise, by_kernels = True, True
    limits = {"initial_accumulator_value": (0, np.inf)}

    def __init__(self, params: Iterable[Any], lr: float = 1e-2, lr_decay: float = 0, weight_decay: float = 0,
                 initial_accumulator_value: float = 0, eps: float = 1e-10, *, maximize: bool = False) -> None:
        super().__init__(params, {"lr": lr, "lr_decay": lr_decay, "eps": eps, "weight_decay": weight_decay,
                                  "initial_accumulator_value": initial_accumulator_value, "maximize": maximize})

    def update(self, array: Array, g: Array, state: State, group: Group) -> None:
        s, change = state.full("sum", array, group["initial_accumulator_value"]), self.scratch(array)
        add_square(s, g, 1, 1, change)
        descend(array, g, s, group["lr"] / (1 + (state.t - 1) * group["lr_decay"]), group["eps"], change)


class RMSprop(Optimizer):
    r"""Divide by the root of the average squared gradient (Hinton, Coursera lecture 6e).

        v <- alpha v + (1 - alpha) g^2
        b <- momentum b + g / (sqrt(v) + eps)
        p <- p - lr b

    centered:  subtract the square of the average gradient from v: the variance instead of the mean square (Graves 2013)
    """

    elementwise, by_kernels = True, True
    optional = ("momentum_buffer", "grad_avg")

    def __init__(self, params: Iterable[Any], lr: float = 1e-2, alpha: float = 0.99, eps: float = 1e-8, weight_decay: float = 0,
                 momentum: float = 0, centered: bool = False, *, maximize: bool = False) -> None:
        super().__init__(params, {"lr": lr, "momentum": momentum, "alpha": alpha, "eps": eps, "centered": centered,
                                  "weight_decay": weight_decay, "maximize": maximize})

    def update(self, array: Array, g: Array, state: State, group: Group) -> None:
        change = self.scratch(array)
        v = follow_square(state.zeros("square_avg", array), g, group["alpha"], change)
        if group["centered"]:
            mean = follow(state.zeros("grad_avg", array), g, group["alpha"], change)
            v = np.subtract(v, np.multiply(mean, mean, out=change), out=change)
        if not group["momentum"]:
            descend(array, g, v, group["lr"], group["eps"], change)
            return
        np.sqrt(v, out=change)
        change += group["eps"]
        np.divide(g, change, out=change)
        b = state.zeros("momentum_buffer", array)
        combine(b, b, group["momentum"], change, 1, change)
        combine(array, array, 1, b, -group["lr"], change)


class Adadelta(Optimizer):
    r"""Divide by the root of the average squared gradient, multiply by that of the average squared change (Zeiler 2012).

        v <- rho v + (1 - rho) g^2
        d  = g sqrt(u + eps) / sqrt(v + eps)
        u <- rho u + (1 - rho) d^2
        p <- p - lr d

    The change has the unit of the parameter, so lr = 1 is natural.
    """

    elementwise = True

    def __init__(self, params: Iterable[Any], lr: float = 1.0, rho: float = 0.9, eps: float = 1e-6, weight_decay: float = 0, *,
                 maximize: bool = False) -> None:
        super().__init__(params, {"lr": lr, "rho": rho, "eps": eps, "weight_decay": weight_decay, "maximize": maximize})

    def update(self, array: Array, g: Array, state: State, group: Group) -> None:
        rho, eps, change, other = group["rho"], group["eps"], self.scratch(array), self.scratch(array, "other")
        v = follow_square(state.zeros("square_avg", array), g, rho, change)
        u = state.zeros("acc_delta", array)
        np.add(u, eps, out=change)
        change /= np.add(v, eps, out=other)
        np.sqrt(change, out=change)
        change *= g
        follow_square(u, change, rho, other)
        combine(array, array, 1, change, -group["lr"], change)
