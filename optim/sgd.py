"""How does one go downhill?

Against the gradient, a little at a time; with momentum, like a ball that keeps rolling.
(CS231n, "Neural networks part 3", parameter updates.)

Read next: `adagrad.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from optim.optimizer import Array, Group, Optimizer
from optim.passes import combine
from optim.state import State


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

    elementwise, counted, by_kernels, sums = True, False, True, True
    optional = ("momentum_buffer",)

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
            dampening = 0 if state.lacks("momentum_buffer") else group["dampening"]
            v = state.zeros("momentum_buffer", array)
            combine(v, v, momentum, g, 1 - dampening, change)
            g = combine(change, v, momentum, g, 1, change) if group["nesterov"] else v
        combine(array, array, 1, g, -group["lr"], change, alone=not (momentum or group["weight_decay"]))


class ASGD(Optimizer):
    r"""Averaged stochastic gradient descent (Polyak & Juditsky 1992), in the form of Bottou and PyTorch.

        eta = lr / (1 + lambd lr t)^alpha,    mu = 1 / max(1, t - t0)         (eta = lr and mu = 1 at the first step)
        p <- (1 - lambd eta) p - eta g
        ax <- ax + mu (p - ax)

    lambd:  a decay of the weights
    alpha:  how fast the step size falls
    t0:     the step at which averaging begins; the average is `state[p]["ax"]`
    """

    elementwise, by_kernels = True, True
    limits = {"lambd": (0, np.inf), "t0": (0, np.inf)}

    def __init__(self, params: Iterable[Any], lr: float = 1e-2, lambd: float = 1e-4, alpha: float = 0.75, t0: float = 1e6,
                 weight_decay: float = 0, *, maximize: bool = False) -> None:
        super().__init__(params, {"lr": lr, "lambd": lambd, "alpha": alpha, "t0": t0, "weight_decay": weight_decay, "maximize": maximize})

    def update(self, array: Array, g: Array, state: State, group: Group) -> None:
        eta, mu = state.setdefault("eta", float(group["lr"])), state.setdefault("mu", 1.0)
        change, average = self.scratch(array), state.zeros("ax", array)
        combine(array, array, 1 - group["lambd"] * eta, g, -eta, change)
        if mu == 1:
            average[...] = array
        else:
            average += np.multiply(np.subtract(array, average, out=change), mu, out=change)

    def advance(self, state: State, group: Group) -> None:
        t, lr = state.t, group["lr"]
        state["eta"] = lr / (1 + group["lambd"] * lr * t) ** group["alpha"]
        state["mu"] = 1 / max(1, t - group["t0"])
        super().advance(state, group)
