"""What if both the direction and the step size were averages?

Go where the average gradient points, divided by the root of the average square: a signal-to-noise ratio, so that a step is
about lr long, whatever the scale of the loss. (CS231n, "Neural networks part 3".)

Read next: `sign.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from optim.moments import follow, follow_square
from optim.optimizer import Array, Group, Optimizer
from optim.passes import combine, descend
from optim.state import State

Betas = tuple[float, float]


class Adam(Optimizer):
    r"""Adaptive moments (Kingma & Ba 2015).

        m <- beta1 m + (1 - beta1) g,        m^ = m / (1 - beta1^t)
        v <- beta2 v + (1 - beta2) g^2,      v^ = v / (1 - beta2^t)
        p <- p - lr m^ / (sqrt(v^) + eps)

    amsgrad:                 divide by the largest v so far (Reddi, Kale & Kumar 2018)
    weight_decay:            adds weight_decay p to g
    decoupled_weight_decay:  p <- (1 - lr weight_decay) p instead: AdamW
    """

    elementwise, by_kernels, keeps = True, True, True
    optional = ("max_exp_avg_sq",)

    def __init__(self, params: Iterable[Any], lr: float = 1e-3, betas: Betas = (0.9, 0.999), eps: float = 1e-8, weight_decay: float = 0,
                 amsgrad: bool = False, *, maximize: bool = False, decoupled_weight_decay: bool = False) -> None:
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay, "amsgrad": amsgrad,
                                  "maximize": maximize, "decoupled_weight_decay": decoupled_weight_decay})

    def update(self, array: Array, g: Array, state: State, group: Group) -> None:
        (beta1, beta2), t, change = group["betas"], state.t, self.scratch(array)
        m = follow(state.zeros("exp_avg", array), g, beta1, change)
        v = follow_square(state.zeros("exp_avg_sq", array), g, beta2, change)
        if group["amsgrad"]:
            largest = state.zeros("max_exp_avg_sq", array)
            v = np.maximum(largest, v, out=largest)
        late = (1 - beta2**t) ** 0.5  # m^ / (sqrt(v) / late + eps) = late m^ / (sqrt(v) + late eps) saves a pass
        descend(array, m, v, group["lr"] * late / (1 - beta1**t), late * group["eps"], change, keep=state.keep)


class AdamW(Adam):
    r"""Adam with weight decay beside the gradient, not in it (Loshchilov & Hutter 2019): p <- (1 - lr weight_decay) p, then Adam."""

    def __init__(self, params: Iterable[Any], lr: float = 1e-3, betas: Betas = (0.9, 0.999), eps: float = 1e-8, weight_decay: float = 1e-2,
                 amsgrad: bool = False, *, maximize: bool = False) -> None:
        super().__init__(params, lr, betas, eps, weight_decay, amsgrad, maximize=maximize, decoupled_weight_decay=True)


class Adamax(Optimizer):
    r"""Adam with the largest gradient in place of the mean square (Kingma & Ba 2015, section 7.1).

        m <- beta1 m + (1 - beta1) g
        u <- max(beta2 u, |g| + eps)
        p <- p - lr / (1 - beta1^t) m / u
    """

    elementwise, by_kernels = True, True

    def __init__(self, params: Iterable[Any], lr: float = 2e-3, betas: Betas = (0.9, 0.999), eps: float = 1e-8, weight_decay: float = 0, *,
                 maximize: bool = False) -> None:
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay, "maximize": maximize})

    def update(self, array: Array, g: Array, state: State, group: Group) -> None:
        (beta1, beta2), change = group["betas"], self.scratch(array)
        m = follow(state.zeros("exp_avg", array), g, beta1, change)
        u = state.zeros("exp_inf", array)
        np.abs(g, out=change)
        change += group["eps"]
        u *= beta2
        np.maximum(u, change, out=u)
        np.divide(m, u, out=change)
        combine(array, array, 1, change, -group["lr"] / (1 - beta1**state.t), change)


class NAdam(Optimizer):
    r"""Adam that looks ahead as Nesterov's momentum does (Dozat 2016).

        mu_t = beta1 (1 - 0.96^(t momentum_decay) / 2),      M_t = mu_1 ... mu_t
        p <- p - lr ((1 - mu_t) / (1 - M_t) g + mu_{t+1} / (1 - M_{t+1}) m) / (sqrt(v^) + eps)

    with m, v, v^ and `decoupled_weight_decay` as in Adam.
    """

    elementwise, by_kernels, keeps = True, True, True
    limits = {"momentum_decay": (0, np.inf)}

    def __init__(self, params: Iterable[Any], lr: float = 2e-3, betas: Betas = (0.9, 0.999), eps: float = 1e-8, weight_decay: float = 0,
                 momentum_decay: float = 4e-3, decoupled_weight_decay: bool = False, *, maximize: bool = False) -> None:
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay, "momentum_decay": momentum_decay,
                                  "decoupled_weight_decay": decoupled_weight_decay, "maximize": maximize})

    def mu(self, t: int, group: Group) -> float:
        """The momentum of step t."""
        return float(group["betas"][0] * (1 - 0.5 * 0.96 ** (t * group["momentum_decay"])))

    def update(self, array: Array, g: Array, state: State, group: Group) -> None:
        (beta1, beta2), lr, t, change, other = group["betas"], group["lr"], state.t, self.scratch(array), self.scratch(array, "other")
        m = follow(state.zeros("exp_avg", array), g, beta1, change)
        v = follow_square(state.zeros("exp_avg_sq", array), g, beta2, change)
        now, ahead = self.mu(t, group), self.mu(t + 1, group)
        product = state.get("mu_product", 1.0) * now
        combine(change, g, lr * (1 - now) / (1 - product), m, lr * ahead / (1 - product * ahead), other)
        descend(array, change, v, 1, group["eps"], other, c=1 / (1 - beta2**t), keep=state.keep)

    def advance(self, state: State, group: Group) -> None:
        state["mu_product"] = state.get("mu_product", 1.0) * self.mu(state.t, group)
        super().advance(state, group)


class RAdam(Optimizer):
    r"""Adam that divides by v only once v is worth something (Liu et al. 2020): rectified Adam.

        rho  = 2 / (1 - beta2) - 1,      rho_t = rho - 2 t beta2^t / (1 - beta2^t)
        rho_t > 5:   p <- p - lr r_t m^ sqrt(1 - beta2^t) / (sqrt(v) + eps),     r_t^2 = (rho_t-4)(rho_t-2) rho / ((rho-4)(rho-2) rho_t)
        otherwise:   p <- p - lr m^

    with m, m^, v and `decoupled_weight_decay` as in Adam.
    """

    elementwise, by_kernels, keeps = True, True, True

    def __init__(self, params: Iterable[Any], lr: float = 1e-3, betas: Betas = (0.9, 0.999), eps: float = 1e-8, weight_decay: float = 0,
                 decoupled_weight_decay: bool = False, *, maximize: bool = False) -> None:
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay, "maximize": maximize,
                                  "decoupled_weight_decay": decoupled_weight_decay})

    def update(self, array: Array, g: Array, state: State, group: Group) -> None:
        (beta1, beta2), t, change = group["betas"], state.t, self.scratch(array)
        m = follow(state.zeros("exp_avg", array), g, beta1, change)
        v = follow_square(state.zeros("exp_avg_sq", array), g, beta2, change)
        size = group["lr"] / (1 - beta1**t)
        rho = 2 / (1 - beta2) - 1
        rho_t = rho - 2 * t * beta2**t / (1 - beta2**t)
        if rho_t > 5:
            size *= ((rho_t - 4) * (rho_t - 2) * rho / ((rho - 4) * (rho - 2) * rho_t) * (1 - beta2**t)) ** 0.5
            descend(array, m, v, size, group["eps"], change, keep=state.keep)
        else:
            combine(array, array, state.keep, m, -size, change)
