"""When are derivatives right?

When they agree with differences, at first and second order; when they are linear, and forward and reverse mode each
other's transpose; when a fused operation agrees with its definition; and when, at a kink, they lie between the
derivatives from either side.

Read next: `value_laws.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from typing import Any

import numpy as np

from autograd.check import Call, check_call, moved
from autograd.differences import Array, bounded, jumps, one_sided, plain, total
from autograd.primitive import Primitive
from autograd.testing.law import close, cotangent, differentiable, law, recorded, require


@law
def gradient(call: Call, tolerance: float, order: int) -> None:
    """The gradient is right: <vjp(v), d> = d/dt <v, f(x + t d)>, for each input."""
    check_call(call, "rev", tolerance)


@law
def second_order(call: Call, tolerance: float, order: int) -> None:
    """So is the gradient of the gradient: the first law, applied to the function (x, v) -> vjp(v)."""
    if order >= 2 and differentiable(call):
        check_call(call.gradient_call(cotangent(call)), "rev", tolerance)


@law
def linear(call: Call, tolerance: float, order: int) -> None:
    """The gradient is linear in the cotangent: vjp(2u - 3v) = 2 vjp(u) - 3 vjp(v)."""
    if not differentiable(call):
        return
    u, v = cotangent(call, 1), cotangent(call, 2)
    for name, both, gu, gv in zip(call.names, call.vjp(2 * u - 3 * v), call.vjp(u), call.vjp(v)):
        size = float(np.abs(2 * gu).max(initial=0.0) + np.abs(3 * gv).max(initial=0.0))
        size += 1e-3 if both.dtype.kind == "c" else 1e-6  # where all cancels, rounding is left; products of complex numbers are sums
        require(np.allclose(both, 2 * gu - 3 * gv, rtol=0, atol=1e-10 * size),
                f"the gradient of {call.__name__} by {name} is not linear in the cotangent: "
                f"vjp(2u - 3v) = {both}, but 2 vjp(u) - 3 vjp(v) = {2 * gu - 3 * gv}")


@law
def adjoint(call: Call, tolerance: float, order: int) -> None:
    """Forward and reverse mode are each other's transpose: <v, J u> = <J' v, u>."""
    if not differentiable(call):
        return
    v, rng = cotangent(call), np.random.default_rng(3)
    u = [bounded(rng, x.shape, x.dtype) for x in call.inputs]
    pushed, pulled = v * call.jvp(u), [g * d for g, d in zip(call.vjp(v), u)]
    forward, reverse = total(pushed), sum(map(total, pulled))
    size = float(np.abs(pushed).sum()) + sum(float(np.abs(p).sum()) for p in pulled)
    size += 1e-3 if any(p.dtype.kind == "c" for p in (pushed, *pulled)) else 0  # as in `linear`
    require(abs(forward - reverse) <= 1e-10 * size, f"{call.__name__}: <v, J u> = {forward}, but <J' v, u> = {reverse}")


@law
def definition(call: Call, tolerance: float, order: int) -> None:
    """A fused operation equals its definition: result, gradient, and gradient of the gradient."""
    p = call.f
    if not isinstance(p, Primitive) or p.definition is None:
        return
    args, options = call.structure.unflatten(call.leaves), dict(p.defaults)
    options.update(zip(p.params, args[len(p.inputs):]))
    options.update(call.kwargs)

    def composed(*arrays: Any) -> Any:
        return p.definition(*arrays, **{name: v for name, v in options.items() if name in p.params})  # type: ignore[misc]

    composed.__name__ = f"the definition of {p.name}"
    twin = Call(composed, args[: len(p.inputs)])
    twin.places = call.places
    twin.inputs, twin.names = call.inputs, call.names
    mine, theirs = call(*map(recorded, call.inputs)), twin(*map(recorded, call.inputs))
    require(close(mine, theirs, tolerance), f"{p.name} is {plain(mine)}, but its definition {plain(theirs)}")
    if not differentiable(call):
        return
    v = cotangent(call)
    a, b = call.vjp(v), twin.vjp(v)
    for name, g, h in zip(call.names, a, b):
        require(close(g, h, tolerance), f"the gradient of {p.name} by {name} is {g}, but that of its definition {h}")
    if order < 2:
        return
    mine, theirs = call.gradient_call(v), twin.gradient_call(v)
    w = cotangent(mine, 5)
    for name, g, h in zip(mine.names, mine.vjp(w), theirs.vjp(w)):
        require(close(g, h, tolerance), f"the second derivative of {p.name} by {name} is {g}, but that of its definition {h}")


@partial(law, share=1 / 2)  # each example is moved to several kinks
def kinks(call: Call, tolerance: float, order: int) -> None:
    """Where elements tie or vanish, the gradient is finite and lies between the derivatives from the left and from the right."""
    if not differentiable(call):
        return
    rng = np.random.default_rng(11)
    for inputs in kinked(call, rng):
        leaves = list(call.leaves)
        for place, x in zip(call.places, inputs):
            leaves[place] = x
        now = Call(call.f, call.structure.unflatten(leaves), call.kwargs)
        with np.errstate(all="ignore"):
            try:
                v = cotangent(now)
                gradients = now.vjp(v)
            except (ValueError, ArithmeticError, np.linalg.LinAlgError):
                continue  # outside the domain
            for i, (x, g) in enumerate(zip(inputs, gradients)):
                if x.dtype.kind == "f":
                    for element in list(np.ndindex(*x.shape))[:12]:
                        require_between(now, i, element, v, float(g[element]))


def kinked(call: Call, rng: np.random.Generator) -> Iterator[list[Array]]:
    """Points where two elements of an input are equal, where one is zero, and where two inputs are equal."""
    copies = [np.array(x) for x in call.inputs]
    together: list[Any] = [range(len(copies))] if len(copies) <= 2 else [[k] for k in range(len(copies))]
    for change in ("equal", "zero"):
        for chosen in together:
            changed = [x.copy() for x in copies]
            for x in (changed[k] for k in chosen if changed[k].size):
                i, j = rng.integers(x.size, size=2)
                x.flat[i] = 0 if change == "zero" else x.flat[j]
            yield changed
    if len(copies) > 1:
        with suppress(ValueError):  # inputs of different shapes do not tie
            yield [copies[0], np.array(np.broadcast_to(copies[0], copies[1].shape)), *copies[2:]]


def require_between(call: Call, i: int, element: tuple[int, ...], v: Array, g: float) -> None:
    e = np.zeros(call.inputs[i].shape)
    e[element] = 1
    at = moved(call, i, e)
    try:
        sides = one_sided(at, v)
        if sides is None or jumps(at, v):
            return
    except (ValueError, ArithmeticError, np.linalg.LinAlgError):
        return
    slack = 1e-4 * (1 + max(map(abs, sides)))
    require(min(sides) - slack <= g <= max(sides) + slack,
            f"{call.__name__}: at a tie or kink ({call.names[i]}, element {element}) the gradient is {g}, but the derivatives from left "
            f"and right are {sides[0]:.6g} and {sides[1]:.6g}")
