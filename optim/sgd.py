"""How does one go downhill?

Against the gradient, a little at a time; with momentum, like a ball that keeps rolling.
(CS231n, "Neural networks part 3", parameter updates.)

Read next: `../examples/train_digits.py`, where it all comes together.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from optim.optimizer import Array, Group, Optimizer, State


class SGD(Optimizer):
    r"""Stochastic gradient descent.

        v <- momentum v + (1 - dampening) g            (v = g at the first step)
        p <- p - lr v,          with Nesterov:  p <- p - lr (g + momentum v)

    params:        the parameters, or groups of them; see `Optimizer`
    lr:            the step size
    momentum:      how much of the last step goes on; 0 for none
    dampening:     how much the gradient counts less
    weight_decay:  adds weight_decay p to g: the gradient of an L2 penalty
    nesterov:      look ahead (Sutskever et al. 2013); needs momentum and no dampening
    maximize:      go uphill

    The form of momentum is PyTorch's: lr multiplies all of v, and v is not scaled by lr.
    """

    def __init__(self, params: Iterable[Any], lr: float = 1e-3, momentum: float = 0, dampening: float = 0, weight_decay: float = 0,
                 nesterov: bool = False, *, maximize: bool = False) -> None:
        super().__init__(params, {"lr": lr, "momentum": momentum, "dampening": dampening, "weight_decay": weight_decay,
                                  "nesterov": nesterov, "maximize": maximize})

    def check(self, group: Group) -> None:
        super().check(group)
        if group["nesterov"] and (group["momentum"] <= 0 or group["dampening"] != 0):
            raise ValueError("SGD: Nesterov momentum needs a momentum and zero dampening, "
                             f"not momentum={group['momentum']}, dampening={group['dampening']}")

    def update(self, array: Array, g: Array, state: State, group: Group) -> None:
        momentum, change = group["momentum"], self.scratch(array)
        if momentum:
            dampening = group["dampening"] if state else 0
            v = state.zeros("momentum_buffer", array)
            v *= momentum
            v += np.multiply(g, 1 - dampening, out=change) if dampening else g
            g = np.add(g, np.multiply(v, momentum, out=change), out=change) if group["nesterov"] else v
        array -= np.multiply(g, group["lr"], out=change)
