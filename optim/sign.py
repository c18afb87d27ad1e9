"""What if only the direction of the gradient counted, weight by weight?

`Rprop` takes steps whose size grows while the sign of the gradient stays and shrinks when it changes: for full batches.
`Lion` takes the sign of an average: for mini-batches, with half of Adam's memory.

Read next: `trust.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from optim.moments import follow
from optim.optimizer import Array, Group, Optimizer
from optim.passes import combine
from optim.state import State

TRUTH = np.zeros(1, bool)
"""An array like those that comparisons give."""


class Rprop(Optimizer):
    r"""Resilient backpropagation (Riedmiller & Braun 1993).

        s <- clip(s etas[1], step_sizes) where g has kept its sign; clip(s etas[0], step_sizes) and g <- 0 where it has changed it
        p <- p - s sign(g)

    lr:          the first s
    etas:        by how much s shrinks and grows
    step_sizes:  the least and the largest s
    """

    elementwise = True
    limits = {"step_sizes": (0, np.inf, 2)}

    def __init__(self, params: Iterable[Any], lr: float = 1e-2, etas: tuple[float, float] = (0.5, 1.2),
                 step_sizes: tuple[float, float] = (1e-6, 50), *, maximize: bool = False) -> None:
        super().__init__(params, {"lr": lr, "etas": etas, "step_sizes": step_sizes, "maximize": maximize})

    def check(self, group: Group) -> None:
        super().check(group)
        if not 0 < group["etas"][0] < 1 < group["etas"][1]:
            raise ValueError(f"Rprop: etas are a factor below and one above 1, such as (0.5, 1.2), not {group['etas']}")
        if not group["step_sizes"][0] <= group["step_sizes"][1]:
            raise ValueError(f"Rprop: step_sizes are the least and the largest, such as (1e-6, 50), not {group['step_sizes']}")

    def update(self, array: Array, g: Array, state: State, group: Group) -> None:
        change = self.scratch(array)
        before, size = state.zeros("prev", array), state.full("step_size", array, group["lr"])
        np.multiply(g, before, out=change)
        turned = np.less(change, 0, out=self.scratch(TRUTH, "turned", array.shape))
        np.multiply(size, group["etas"][1], out=size, where=np.greater(change, 0, out=self.scratch(TRUTH, "kept", array.shape)))
        np.multiply(size, group["etas"][0], out=size, where=turned)
        np.clip(size, *group["step_sizes"], out=size)
        before[...] = g
        np.copyto(before, 0, where=turned)
        change[...] = before
        array -= np.multiply(to_sign(change, self.scratch(array, "other")), size, out=change)


class Lion(Optimizer):
    r"""Evolved sign momentum (Chen et al. 2023, algorithm 2).

        p <- p - lr (sign(beta1 m + (1 - beta1) g) + weight_decay p)
        m <- beta2 m + (1 - beta2) g

    Every weight moves by lr, so lr wants to be 3 to 10 times smaller than for AdamW, and weight_decay as much larger.
    """

    elementwise, keeps, counted, decay = True, True, False, "decoupled"

    def __init__(self, params: Iterable[Any], lr: float = 1e-4, betas: tuple[float, float] = (0.9, 0.99), weight_decay: float = 0, *,
                 maximize: bool = False) -> None:
        super().__init__(params, {"lr": lr, "betas": betas, "weight_decay": weight_decay, "maximize": maximize})

    def update(self, array: Array, g: Array, state: State, group: Group) -> None:
        (beta1, beta2), change = group["betas"], self.scratch(array)
        m = state.zeros("exp_avg", array)
        to_sign(follow(m, g, beta1, change, out=change), self.scratch(array, "other"))
        combine(array, array, state.keep, change, -group["lr"], change)
        follow(m, g, beta2, change)


def to_sign(x: Array, scratch: Array) -> Array:
    """x <- -1, 0 or 1, as x / |x|: without a branch, five times as fast as `np.sign` on numbers whose signs nobody can predict."""
    np.abs(x, out=scratch)
    np.maximum(scratch, np.finfo(x.dtype).smallest_subnormal, out=scratch)
    return np.divide(x, scratch, out=x)
