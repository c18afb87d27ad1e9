"""Can one adapt step sizes without remembering a number per weight?

The average squares of an n x m matrix, kept as n row means and m column means: their product is close enough.

Read next: `muon.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from optim.moments import follow, follow_square, rms
from optim.optimizer import Array, Group, Optimizer
from optim.state import State


class Adafactor(Optimizer):
    r"""Adaptive steps with memory for rows and columns only (Shazeer & Stern 2018), in PyTorch's form.

        beta = 1 - t^beta2_decay,    size = max(eps[1], rms(p)) min(lr, 1 / sqrt(t))
        r <- beta r + (1 - beta) mean_columns(g^2),    c <- beta c + (1 - beta) mean_rows(g^2),    v = r c / mean(r)
        u = g / sqrt(v)
        p <- (1 - lr weight_decay) p - size u / max(1, rms(u) / d)

    eps:  the least v is eps[0]^2 (None: the eps of the dtype); the least rms(p) is eps[1]
    d:    where a long step is cut

    A parameter of fewer than two dimensions keeps all of v. Of more than two, the last two are rows and columns.
    """

    decay, shaped = "own", False
    limits = {"beta2_decay": (-np.inf, 0), "d": (1, np.inf), "eps": None}

    def __init__(self, params: Iterable[Any], lr: float = 1e-2, beta2_decay: float = -0.8, eps: tuple[float | None, float] = (None, 1e-3),
                 d: float = 1.0, weight_decay: float = 0, *, maximize: bool = False) -> None:
        super().__init__(params, {"lr": lr, "beta2_decay": beta2_decay, "eps": eps, "d": d, "weight_decay": weight_decay,
                                  "maximize": maximize})

    def check(self, group: Group) -> None:
        super().check(group)
        if len(group["eps"]) != 2 or not all(eps >= 0 for eps in group["eps"] if eps is not None) or group["eps"][1] is None:
            raise ValueError(f"Adafactor: eps are two numbers of at least 0, such as (None, 1e-3), not {group['eps']!r}")

    def update(self, array: Array, g: Array, state: State, group: Group) -> None:
        t, (tiny, least), u, lr = state.t, group["eps"], self.scratch(array), group["lr"]
        beta, tiny = 1 - t ** group["beta2_decay"], float(np.finfo(array.dtype).eps) if tiny is None else tiny
        size = max(least, rms(array)) * min(lr, t**-0.5)
        if group["weight_decay"]:
            array *= 1 - lr * group["weight_decay"]
        if array.ndim > 1:
            np.multiply(g, g, out=u)
            row, column = (u.mean(axis=axis, keepdims=True) for axis in (-1, -2))
            if "row_var" not in state:
                state["row_var"], state["col_var"] = np.zeros_like(row), np.zeros_like(column)
            r = follow(state["row_var"], row, beta, row)
            c = follow(state["col_var"], column, beta, column)
            np.multiply(r, c, out=u)
            u /= np.maximum(r.mean(axis=-2, keepdims=True), tiny)
        else:
            u[...] = follow_square(state.zeros("variance", array), g, beta, u)
        np.maximum(u, tiny * tiny, out=u)
        np.sqrt(u, out=u)
        np.divide(g, u, out=u)
        u *= size / max(1.0, rms(u) / group["d"])
        array -= u
