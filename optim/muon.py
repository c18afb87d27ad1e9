"""What if a matrix were updated as a matrix, not as a heap of numbers?

Its momentum is replaced by the nearest orthogonal matrix, so that all directions are learnt at the same rate, also those whose
gradients are small. The nearest orthogonal matrix U V' of G = U S V' is found by a polynomial that drives all singular
values towards 1: products of matrices only.

Read next: `lbfgs.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from optim.moments import follow, norm
from optim.optimizer import Array, Group, Optimizer
from optim.state import State


class Muon(Optimizer):
    r"""Momentum, orthogonalised by Newton and Schulz (Jordan et al. 2024, kellerjordan.github.io/posts/muon), in PyTorch's form.

        b <- momentum b + (1 - momentum) g
        u = g + momentum (b - g)   with Nesterov, else b
        X = u / max(|u|, eps);   ns_steps times:  X <- a X + (b A + c A A) X,  A = X X',   a, b, c = ns_coefficients
        p <- (1 - lr weight_decay) p - lr ratio X

    adjust_lr_fn:  the ratio for an n x m matrix: "original" (or None) sqrt(max(1, n / m));
                   "match_rms_adamw" 0.2 sqrt(max(n, m)), with which settings of AdamW can be taken over (Liu et al. 2025)

    For the matrices of hidden layers; give biases, embeddings and convolutions to AdamW. PyTorch rounds X to bfloat16; here it has
    the dtype of the parameter.
    """

    decay, counted = "decoupled", False

    def __init__(self, params: Iterable[Any], lr: float = 1e-3, weight_decay: float = 0.1, momentum: float = 0.95, nesterov: bool = True,
                 ns_coefficients: tuple[float, float, float] = (3.4445, -4.7750, 2.0315), eps: float = 1e-7, ns_steps: int = 5,
                 adjust_lr_fn: str | None = None) -> None:
        super().__init__(params, {"lr": lr, "weight_decay": weight_decay, "momentum": momentum, "nesterov": nesterov,
                                  "ns_coefficients": ns_coefficients, "eps": eps, "ns_steps": ns_steps, "adjust_lr_fn": adjust_lr_fn})

    def check(self, group: Group) -> None:
        super().check(group)
        for p in group["params"]:
            if p.ndim != 2:
                raise ValueError(f"Muon optimises matrices, and {p.name or 'a parameter'} has the shape {p.shape}: give it to AdamW, "
                                 "as in Muon([p for p in model.parameters() if p.ndim == 2]), AdamW([... if p.ndim != 2])")
        if group["adjust_lr_fn"] not in (None, "original", "match_rms_adamw"):
            raise ValueError(f"Muon: adjust_lr_fn is 'original' or 'match_rms_adamw', not {group['adjust_lr_fn']!r}")
        if len(group["ns_coefficients"]) != 3 or not 0 <= group["ns_steps"] < 100:
            raise ValueError("Muon: ns_coefficients are three numbers, and ns_steps is below 100")

    def update(self, array: Array, g: Array, state: State, group: Group) -> None:
        momentum, (n, m), u = group["momentum"], array.shape, self.scratch(array, "X")
        b = follow(state.zeros("momentum_buffer", array), g, momentum, u)
        if group["nesterov"]:
            np.subtract(b, g, out=u)
            u *= momentum
            u += g
        else:
            u[...] = b
        ratio = 0.2 * max(n, m) ** 0.5 if group["adjust_lr_fn"] == "match_rms_adamw" else max(1, n / m) ** 0.5
        u = self.orthogonalised(u if n <= m else u.T, group)
        u *= group["lr"] * ratio
        array -= u if n <= m else u.T

    def orthogonalised(self, x: Array, group: Group) -> Array:
        """The polynomial's way towards the orthogonal matrix nearest to x, which has no more rows than columns. Overwrites x."""
        a, b, c = group["ns_coefficients"]
        n = len(x)
        gram, square = (self.scratch(x, name, (n, n)) for name in ("A", "AA"))
        other = self.scratch(x, "other")
        x /= max(norm(x), group["eps"])
        for _ in range(group["ns_steps"]):
            np.matmul(x, x.T, out=gram)
            np.matmul(gram, gram, out=square)
            square *= c
            gram *= b
            gram += square
            np.matmul(gram, x, out=other)
            x *= a
            x += other
        return x
