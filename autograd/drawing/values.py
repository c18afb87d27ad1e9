"""Where do the numbers come from?

A tape keeps what its gradient rules ask for and nothing else, so the value of every wire has to be looked for: the operations
kept some, the Tensors that are still alive know theirs, and what follows from these is computed again. What was kept comes
first: it is what the gradients belong to, whatever has been written into a parameter since.

What cannot be found is marked `∅`, not kept. Gradients, and the reasons why one is missing, come from `gradients.py`.

Only for small graphs, or when asked for, is any of this done; and of all arrays nothing but statistics stays.

Read next: `gradients.py`.
"""

from __future__ import annotations

import gc
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd.drawing.gradients import contributions, gradients_of
from autograd.drawing.graph import KNOWN, ZERO, Stats, is_circuit
from autograd.drawing.numerals import short
from autograd.node import FREED, Node
from autograd.primitive import Primitive
from autograd.program import OPERATORS
from autograd.tape import Tape
from autograd.tensor import Tensor

CHOICES = {"values": ("auto", "stats", "none"), "grads": ("auto", "compute", "kept", "none")}


class Measured(NamedTuple):
    """What is known about the values of a tape, by the names of its entries.

    values, gradients:  numbers about them, where they are known
    states:             of the gradients: KNOWN, ZERO, NOT_COMPUTED, NOT_KEPT, UNREACHABLE (see `graph.py`)
    constants:          operands that no rule asked for, where they follow from the values (y - x, if y = x + c), as text
    notes:              what to do if something is missing, in sentences
    sent:               what an operation adds to the gradients of its operands, if gradients were computed: for each operation
                        of a circuit, and in any graph for those that make NaN or infinity out of a finite cotangent
    """

    values: dict[str, Stats] = {}
    gradients: dict[str, Stats] = {}
    states: dict[str, str] = {}
    constants: dict[str, str] = {}
    notes: tuple[str, ...] = ()
    sent: dict[str, tuple[Stats | None, ...]] = {}


def measured(tape: Tape, values: str = "auto", grads: str = "auto") -> Measured:
    """What can be known about a tape.

    values:  'auto' (of circuits), 'stats' (whatever can be found), 'none'
    grads:   'auto' (computed for circuits, else those in .grad), 'compute', 'kept' (those in .grad), 'none'

    Raises ValueError for another choice.
    """
    for name, choice in (("values", values), ("grads", grads)):
        if choice not in CHOICES[name]:
            raise ValueError(f"{name}={choice!r} is none of the choices: {', '.join(map(repr, CHOICES[name]))}")
    nodes = {entry.name: node for entry in (*tape.leaves, *tape.ops) if (node := tape.node(entry.name)) is not None}
    circuit = is_circuit(len(tape.ops), (*tape.leaves, *tape.ops))
    look, compute = values == "stats" or (values == "auto" and circuit), grads == "compute" or (grads == "auto" and circuit)
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        arrays = values_of(list(nodes.values())) if look else {}
        found = gradients_of(list(nodes.values()), [nodes[name] for name in tape.outputs if name in nodes], compute, grads != "none")
        numbers = {name: Stats.of(arrays[node]) for name, node in nodes.items() if node in arrays}
        gradients = {name: Stats.of(found.known[node]) for name, node in nodes.items() if node in found.known}
        sent = {name: tuple(None if g is None else Stats.of(g) for g in contributions(node, found.known[node]))
                for name, node in nodes.items() if compute and node.pullback is not None and node.saved is not FREED
                and node in found.known and (circuit or spoils(name, node, gradients, found.known))}
        constants = {op.name: c for op in tape.ops if (c := forgotten(nodes.get(op.name), arrays))}
    states = {name: found.missing.get(node) or (ZERO if gradients[name].all_zero else KNOWN) for name, node in nodes.items()}
    notes = [found.failed] if found.failed else []
    if compute and any(node.saved is FREED for node in nodes.values()):
        notes.append("backward() has used this graph up: draw it before, or call backward(retain_graph=True), to see every gradient")
    elif circuit and look and len(numbers) < len(nodes):
        notes.append("∅ not kept: no rule asks for this value, and its Tensor is gone")
    return Measured(numbers, gradients, states, constants, tuple(notes), sent)


def spoils(name: str, node: Node, gradients: Mapping[str, Stats], known: Mapping[Node, Any]) -> bool:
    """May this operation have made NaN or infinity out of a finite cotangent?"""
    return gradients[name].finite and any(parent in known and not np.isfinite(known[parent]).all() for parent in node.inputs if parent)


def forgotten(node: Node | None, values: Mapping[Node, Any]) -> str:
    """A constant operand that nobody kept, from the result and the other operand. (Rounded, since the result was.)"""
    if node is None or node not in values or node.op not in ("add", "subtract", "divide") or node.inputs.count(None) != 1:
        return ""
    first = node.inputs[0] is None
    other = node.inputs[first]
    if other is None or other not in values:
        return ""
    y, x = values[node], values[other]
    if np.size(y) != 1:
        return ""
    c = y - x if node.op == "add" else (y * x if first else x / y) if node.op == "divide" else (y + x if first else x - y)
    return short(np.asarray(c).item())


# ---- values -------------------------------------------------------------------------------------------------------


def values_of(nodes: Sequence[Node]) -> dict[Node, Any]:
    """The value of each node that can be found. The nodes come oldest first, at least the computed ones."""
    wanted = set(nodes)
    values: dict[Node, Any] = {}
    for node in nodes:
        for place, value in saved_values(node):
            if place in wanted and np.shape(value) == place.shape:
                values.setdefault(place, value)
    if len(values) < len(wanted):
        for place, value in alive(wanted):
            values.setdefault(place, value)
    for node in nodes:
        if node.pullback is not None and node not in values and (y := computed(node, values)) is not None and np.shape(y) == node.shape:
            values[node] = y
    return values


def saved_values(node: Node) -> Iterator[tuple[Node, Any]]:
    """The values that a node keeps, with the nodes they belong to: its operands, and itself."""
    if node.pullback is None or node.saved is FREED:
        return
    p: Any = node.pullback.primitive
    for name, value in zip(p.keeps, node.saved):
        if value is None:
            continue
        if name == "y":
            yield node, value
        elif name in p.inputs and isinstance(p, Primitive):
            pairs = zip(node.inputs, value) if p.sequence else [(node.inputs[p.inputs.index(name)], value)]
            yield from ((parent, x) for parent, x in pairs if parent is not None)


def alive(wanted: set[Node]) -> Iterator[tuple[Node, Any]]:
    """The values of Tensors that somebody still holds. A node does not know its Tensor, on purpose; but we can ask who is there."""
    for thing in existing(tensor_types()):
        try:
            node, array = thing.node, thing._array
        except AttributeError:  # another thread is making it
            continue
        if node in wanted:
            yield node, array


def tensor_types() -> set[type]:
    """Tensor and all that is derived from it."""
    kinds: set[type] = {Tensor}
    stack: list[type] = [Tensor]
    while stack:
        found: set[type] = set(stack.pop().__subclasses__()) - kinds
        kinds |= found
        stack += found
    return kinds


def existing(kinds: set[type]) -> list[Any]:
    """All objects of these classes: each refers to its own.

    (`gc.get_objects` would hold everything there is for a moment, tuples that another thread is in the middle of making, too; and such
    a one cannot be finished while somebody else holds it.)
    """
    return [thing for thing in gc.get_referrers(*kinds) if type(thing) in kinds]


def computed(node: Node, values: Mapping[Node, Any]) -> Any:
    """The value of an operation from its operands, or None if one of them is not known."""
    pullback: Any = node.pullback
    p = pullback.primitive
    if not isinstance(p, Primitive):
        return None
    saved = {name: x for name, x in zip(p.keeps, node.saved) if name in pullback.keeps} if node.saved is not FREED else {}
    if p.sequence:
        constants = saved.get(p.inputs[0]) or [MISSING] * len(node.inputs)
        operands = [values.get(parent, MISSING) if parent is not None else c for parent, c in zip(node.inputs, constants)]
    else:
        operands = [values.get(parent, MISSING) if parent is not None else saved.get(name, MISSING)
                    for name, parent in zip(p.inputs, node.inputs)]
    if any(operand is MISSING for operand in operands):
        return None
    forward: Callable[..., Any] = OPERATORS[p.operator, len(operands)] if p.operator else p.forward
    try:
        y = forward(*([tuple(operands)] if p.sequence else operands), **({} if p.operator else dict(zip(p.params, node.params))))
    except Exception:  # a picture is drawn with a number missing rather than not at all
        return None
    return y[0] if p.residuals else y


MISSING = object()
"""In place of an operand that no rule asked for, so that nobody kept it. (One that was kept and is None was not given.)"""
