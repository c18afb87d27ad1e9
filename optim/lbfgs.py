"""What if one knew how the slope changes?

Newton's method divides by the curvature. L-BFGS guesses it from how the gradient changed over the last steps, without ever
building a matrix. For full batches and smooth losses, where it needs far fewer steps than any other method here.

Read next: `line_search.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from autograd import enable_grad
from autograd.node import get_mode
from autograd.tensor import Tensor
from optim.line_search import Point, strong_wolfe
from optim.optimizer import Array, Group, Optimizer
from optim.state import State


class LBFGS(Optimizer):
    r"""Limited-memory BFGS (Nocedal 1980; Nocedal & Wright, algorithm 7.4), with PyTorch's stopping rules.

        d = -H g,    H built from the last history_size pairs  s = t d,  y = g - g_before
        p <- p + t d,    t = lr, or what the line search finds

    lr:                the step length to try first (the very first one is divided by |g|_1 where that is above 1)
    max_iter:          how many directions are taken in one call of `step`
    max_eval:          how many times the loss may be computed in it; default: 1.25 max_iter
    tolerance_grad:    stop once no element of the gradient is larger
    tolerance_change:  stop once the loss, or every parameter, changes by less
    line_search_fn:    None, or "strong_wolfe"

    `step(closure)` needs the closure, which computes the loss anew and calls backward. All parameters are one group.
    """

    shaped = False
    optional = ("d", "t", "prev_flat_grad", "prev_loss", "H_diag", "old_dirs", "old_stps", "ro", "al")  # not before the first direction
    limits = {"max_iter": (1, np.inf), "max_eval": (1, np.inf), "tolerance_grad": (0, np.inf), "tolerance_change": (0, np.inf),
              "history_size": (1, np.inf)}

    def __init__(self, params: Iterable[Any], lr: float = 1, max_iter: int = 20, max_eval: int | None = None, tolerance_grad: float = 1e-7,
                 tolerance_change: float = 1e-9, history_size: int = 100, line_search_fn: str | None = None) -> None:
        super().__init__(params, {"lr": lr, "max_iter": max_iter, "max_eval": max_iter * 5 // 4 if max_eval is None else max_eval,
                                  "tolerance_grad": tolerance_grad, "tolerance_change": tolerance_change, "history_size": history_size,
                                  "line_search_fn": line_search_fn})

    def add_param_group(self, group: Mapping[str, Any]) -> None:
        if self.param_groups:
            raise ValueError("LBFGS takes all parameters as one group: the curvature it builds up is that of all of them together")
        super().add_param_group(group)

    def fresh(self, p: Tensor, group: Group) -> State:
        flat = np.zeros(sum(q.size * (2 if q.dtype.kind == "c" else 1) for q in self._params()))
        return State(func_evals=0, n_iter=0, d=flat, t=0.0, prev_flat_grad=flat, prev_loss=0.0, H_diag=1.0, old_dirs=[], old_stps=[], ro=[],
                     al=[])  # the last only in PyTorch's

    def check(self, group: Group) -> None:
        super().check(group)
        if group["line_search_fn"] not in (None, "strong_wolfe"):
            raise ValueError(f"LBFGS: line_search_fn is None or 'strong_wolfe', not {group['line_search_fn']!r}")

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Take up to max_iter directions. Returns the loss before them."""
        if closure is None:
            raise TypeError("LBFGS computes the loss several times in a step: write step(closure), where closure() zeroes the gradients, "
                            "computes the loss, calls backward and returns the loss")
        if get_mode().lowered:
            raise TypeError("LBFGS.step in a compiled function: values decide how often it calls the closure. Compile that instead")
        group, params = self.param_groups[0], self._params()
        lr, small, few = float(group["lr"]), group["tolerance_grad"], group["tolerance_change"]
        with enable_grad():
            first = closure()
        f, g, evals = float(first), self.flat_gradient(), 1
        if self.skip_nonfinite and not self.finite():
            return first
        state = self.state.setdefault(params[0], State({"func_evals": 0, "n_iter": 0}))
        state["func_evals"] += 1
        if largest(g) <= small:
            return first
        for n in range(1, group["max_iter"] + 1):
            state["n_iter"] += 1
            d = self.direction(state, g, group["history_size"])
            t = lr * min(1.0, 1.0 / float(np.abs(g).sum())) if state["n_iter"] == 1 else lr
            slope, f_before = float(g @ d), f
            state["d"], state["t"], state["prev_flat_grad"], state["prev_loss"] = d, t, g, f
            if slope > -few:
                break
            calls = 0
            if group["line_search_fn"]:
                at = self.along(d, closure)
                point, calls = strong_wolfe(at, Point(0.0, f, slope, g), t, largest(d), tolerance=few, max_calls=group["max_eval"] - evals)
                t, f, g = point.t, point.f, point.g
                self.move(d, t)
            else:
                self.move(d, t)
                if n < group["max_iter"]:  # else: the next step computes it anyway
                    with enable_grad():
                        f = float(closure())
                    g, calls = self.flat_gradient(), 1
            state["t"] = t
            evals += calls
            state["func_evals"] += calls
            if evals >= group["max_eval"] or largest(g) <= small or largest(d) * abs(t) <= few or abs(f - f_before) < few:
                break
        return first

    def direction(self, state: State, g: Array, history: int) -> Array:
        """-H g: the two loops over the remembered pairs."""
        if state["n_iter"] == 1:
            state.update(old_dirs=[], old_stps=[], ro=[], H_diag=1.0)
            return -g
        y, s = g - state["prev_flat_grad"], state["d"] * state["t"]
        curvature = float(y @ s)
        if curvature > 1e-10:
            for name, value in (("old_dirs", y), ("old_stps", s), ("ro", 1 / curvature)):
                state[name] = [*state[name], value][-history:]
            state["H_diag"] = curvature / float(y @ y)
        q, weights = -g, []
        for y, s, ro in list(zip(state["old_dirs"], state["old_stps"], state["ro"]))[::-1]:
            weights.append(float(s @ q) * ro)
            q -= weights[-1] * y
        q *= state["H_diag"]
        for y, s, ro in zip(state["old_dirs"], state["old_stps"], state["ro"]):
            q += (weights.pop() - float(y @ q) * ro) * s
        return q

    def along(self, d: Array, closure: Callable[[], Any]) -> Callable[[float], Point]:
        """f and its gradient as functions of the step length; the parameters are put back afterwards."""
        params = self._params()
        start = [np.array(p._array) for p in params]

        def at(t: float) -> Point:
            self.move(d, t)
            with enable_grad():
                f = float(closure())
            g = self.flat_gradient()
            for p, values in zip(params, start):
                with p.writing() as array:
                    array[...] = values
            return Point(t, f, float(g @ d), g)

        return at

    def flat_gradient(self) -> Array:
        """The gradients of all parameters in one line; complex ones as two real numbers per element."""
        return np.concatenate([line(np.zeros_like(p._array) if p.grad is None else p.grad._array) for p in self._params()])

    def move(self, d: Array, t: float) -> None:
        """p <- p + t d."""
        start = 0
        for p in self._params():
            with p.writing() as array:
                end = start + array.size * (2 if array.dtype.kind == "c" else 1)
                part = d[start:end]
                array += t * (part.view(array.dtype) if array.dtype.kind == "c" else part).reshape(array.shape)
                start = end


def line(array: Any) -> Array:
    flat = np.asarray(array).reshape(-1)
    return flat.view(flat.real.dtype) if flat.dtype.kind == "c" else flat


def largest(x: Array) -> float:
    return float(np.abs(x).max(initial=0))
