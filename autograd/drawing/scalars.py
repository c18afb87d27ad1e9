"""Where do the numbers in a circuit come from?

A tape keeps what its gradient rules ask for and nothing else, so the value of every wire has to be looked for:
the Tensors that are still alive know theirs, the operations kept some, and what follows from these is computed again.
What cannot be found is marked `∅`, not kept.

Gradients come from a backward pass of our own, which writes no `.grad`, calls no hook and leaves the graph as it was, so a
drawing made before `backward()` is right. After it the graph is used up, and only what is in `.grad` is known;
the rest is marked `·`, not computed; `⊥` marks what the loss does not depend on.

Read next: `circuit.py`, which draws them.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from autograd.backward import reachable
from autograd.node import FREED, MODE, Leaf, Mode, Node, get_mode
from autograd.program import OPERATORS
from autograd.tape import Tape
from autograd.tensor import Tensor

NOT_KEPT, NOT_COMPUTED, UNREACHABLE = "∅", "·", "⊥"


class Scalars(NamedTuple):
    """What a circuit shows, by the names of the tape's entries.

    values, gradients:  as text
    constants:          operands that no rule asked for, where they follow from the values (y - x, if y = x + c)
    note:               what to do if something is missing
    """

    values: dict[str, str] = {}
    gradients: dict[str, str] = {}
    constants: dict[str, str] = {}
    note: str = ""


def scalars(tape: Tape) -> Scalars:
    """The numbers of a tape of scalars."""
    nodes = {entry.name: node for entry in (*tape.leaves, *tape.ops) if (node := tape.node(entry.name)) is not None}
    with np.errstate(all="ignore"):
        values = values_of(nodes)
        gradients = gradients_of(nodes, tape.outputs)
    freed = any(node.saved is FREED for node in nodes.values())
    shown = {name: number(values[node]) if (node := nodes.get(name)) in values else NOT_KEPT for name in nodes}
    if gradients is None:
        known = {name: grad_of(node) for name, node in nodes.items()}
        below = {name: NOT_COMPUTED if g is None else gradient_text(g) for name, g in known.items()}
    else:
        below = {name: gradient_text(gradients[node]) if node in gradients else UNREACHABLE for name, node in nodes.items()}
    note = "backward() has used this graph up: draw it before, or call backward(retain_graph=True), to see every gradient" if freed else ""
    if not freed and NOT_KEPT in shown.values():
        note = f"{NOT_KEPT} not kept: no rule asks for this value, and its Tensor is gone"
    return Scalars(shown, below, {op.name: c for op in tape.ops if (c := forgotten(nodes.get(op.name), values))}, note)


def forgotten(node: Node | None, values: Mapping[Node, Any]) -> str:
    """A constant operand that nobody kept, from the result and the other operand. (Rounded, since the result was.)"""
    if node is None or node not in values or node.op not in ("add", "subtract", "divide") or node.inputs.count(None) != 1:
        return ""
    first = node.inputs[0] is None
    other = node.inputs[first]
    if other is None or other not in values:
        return ""
    y, x = values[node], values[other]
    with np.errstate(all="ignore"):
        c = y - x if node.op == "add" else (y * x if first else x / y) if node.op == "divide" else (y + x if first else x - y)
    return short(np.asarray(c).item())


def values_of(nodes: Mapping[str, Node]) -> dict[Node, Any]:
    """The value of each node that can be found."""
    wanted = set(nodes.values())
    values: dict[Node, Any] = {}
    for thing in gc.get_objects():  # a node does not know its Tensor, on purpose; for a few nodes we can ask who is there
        if issubclass(type(thing), Tensor) and getattr(thing, "node", None) in wanted:
            values[thing.node] = thing._array
    for node in nodes.values():
        if node.pullback is not None and node.saved is not FREED:
            p: Any = node.pullback.primitive
            for name, value in zip(p.keeps, node.saved):
                place = node if name == "y" else node.inputs[p.inputs.index(name)] if name in p.inputs and not p.sequence else None
                if place is not None and value is not None:
                    values.setdefault(place, value)
    for node in nodes.values():  # oldest first
        if node.pullback is not None and node not in values:
            y = computed(node, values)
            if y is not None:
                values[node] = y
    return values


def computed(node: Node, values: Mapping[Node, Any]) -> Any:
    """The value of an operation from its operands, or None if one of them is not known."""
    p: Any = node.pullback.primitive  # type: ignore[union-attr]
    saved = dict(zip(p.keeps, node.saved)) if node.saved is not FREED else {}
    operands = [values.get(parent) if parent is not None else saved.get(name) for name, parent in zip(p.inputs, node.inputs)]
    if p.sequence or any(operand is None for operand in operands):
        return None
    forward: Callable[..., Any] = OPERATORS[p.operator, len(operands)] if p.operator else p.forward
    try:
        y = forward(*operands, **({} if p.operator else dict(zip(p.params, node.params))))
    except Exception:  # a picture is drawn with a number missing rather than not at all
        return None
    return y[0] if p.residuals else y


def gradients_of(nodes: Mapping[str, Node], outputs: tuple[str, ...]) -> dict[Node, Any] | None:
    """The derivative of the outputs (of their sum, if several) by each node; None if the graph is used up."""
    roots = {name: nodes[name] for name in dict.fromkeys(outputs) if name in nodes}
    if any(node.saved is FREED for node in nodes.values()):
        return None
    _, order = reachable(roots.values())
    cotangents: dict[Node, Any] = {root: np.ones(root.shape, root.dtype)[()] for root in roots.values()}
    found: dict[Node, Any] = {}
    owned: set[Node] = set()
    token = MODE.set(Mode(False, get_mode().scope))
    try:
        for node in order:
            if node in cotangents:
                found[node] = g = cotangents.pop(node)
                node.pullback.run(node, g, node.saved, cotangents, owned)  # type: ignore[union-attr]
    finally:
        MODE.reset(token)
    return {**found, **cotangents}


def grad_of(node: Node) -> Any:
    """What earlier backward passes have left in `.grad`, if anything."""
    grad = node.grad if isinstance(node, Leaf) else node.extra.grad if node.extra is not None else None
    return None if grad is None else grad._array


# ---- as text ------------------------------------------------------------------------------------------------------


def number(value: Any) -> str:
    """Two decimals, as on the blackboard: '−0.39'; more where two would hide the number."""
    value = np.asarray(value).reshape(-1)[0].item()
    if isinstance(value, float):
        plain = value == 0 or 0.005 <= abs(value) < 100_000
        return (f"{value:.2f}" if plain or value != value else f"{value:.2e}" if abs(value) != np.inf else str(value)).replace("-", "−")
    return str(value).replace("-", "−")


def gradient_text(value: Any) -> str:
    """'∂−0.39'; a gradient that is exactly zero is '∂0'."""
    return "∂0" if np.asarray(value).reshape(-1)[0] == 0 else "∂" + number(value)


def short(value: Any) -> str:
    """A constant: '1', '0.5', '−3'."""
    try:
        return f"{float(value):.4g}".replace("-", "−")
    except (TypeError, ValueError):
        return str(value)
