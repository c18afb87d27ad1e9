"""How far may a layer go in one step?

A fixed fraction of how large its weights are: that keeps very large batches stable, where one learning rate for all layers
is too much for some. The factor |p| / |change| is called the trust ratio; it is 1 where either norm is zero.

Read next: `adafactor.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from optim.moments import follow, follow_square, norm
from optim.optimizer import Array, Group, Optimizer
from optim.state import State


class LARS(Optimizer):
    r"""Layer-wise adaptive rate scaling, for SGD with momentum (You, Gitman & Ginsburg 2017, algorithm 1).

        ratio = trust_coefficient |p| / (|g| + weight_decay |p| + eps)
        v <- momentum v + lr ratio (g + weight_decay p)
        p <- p - v
    """

    decay, counted = "own", False
    limits = {"trust_coefficient": (0, np.inf)}

    def __init__(self, params: Iterable[Any], lr: float = 0.1, momentum: float = 0.9, weight_decay: float = 0,
                 trust_coefficient: float = 1e-3, eps: float = 1e-8, *, maximize: bool = False) -> None:
        super().__init__(params, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay, "trust_coefficient": trust_coefficient,
                                  "eps": eps, "maximize": maximize})

    def update(self, array: Array, g: Array, state: State, group: Group) -> None:
        v, change, decay = state.zeros("momentum_buffer", array), self.scratch(array), group["weight_decay"]
        weights, slope = norm(array), norm(g)
        ratio = group["trust_coefficient"] * weights / (slope + decay * weights + group["eps"]) if weights and slope else 1.0
        np.multiply(array, decay, out=change)
        change += g
        change *= group["lr"] * ratio
        v *= group["momentum"]
        v += change
        array -= v


class LAMB(Optimizer):
    r"""Layer-wise adaptive moments for batch training: LARS for Adam (You et al. 2020, algorithm 2).

        u = m^ / (sqrt(v^) + eps) + weight_decay p            with m^ and v^ as in Adam
        p <- p - lr |p| / |u| u
    """

    decay = "own"

    def __init__(self, params: Iterable[Any], lr: float = 1e-3, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-6,
                 weight_decay: float = 0, *, maximize: bool = False) -> None:
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay, "maximize": maximize})

    def update(self, array: Array, g: Array, state: State, group: Group) -> None:
        (beta1, beta2), t, change, u = group["betas"], state.t, self.scratch(array), self.scratch(array, "u")
        m = follow(state.zeros("exp_avg", array), g, beta1, change)
        v = follow_square(state.zeros("exp_avg_sq", array), g, beta2, change)
        np.multiply(v, 1 / (1 - beta2**t), out=change)
        np.sqrt(change, out=change)
        change += group["eps"]
        np.multiply(m, 1 / (1 - beta1**t), out=u)
        u /= change
        if group["weight_decay"]:
            u += np.multiply(array, group["weight_decay"], out=change)
        weights, length = norm(array), norm(u)
        u *= group["lr"] * (weights / length if weights and length else 1.0)
        array -= u
