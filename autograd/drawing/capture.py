"""Where does a graph come from?

From a tape, which says what happened, or a program, which says what runs: `graph_of` writes down their entries as a
`GraphIR`, once. To what the entries say it adds what is known about the values and gradients (`values.py`), the rules of
the operations as their authors wrote them, and a table of the module calls.

Read next: `values.py`.
"""

from __future__ import annotations

import re
from functools import cache

import numpy as np

from autograd.drawing.graph import NOT_COMPUTED, GraphIR, GraphNode, Operand, Scope, type_of
from autograd.drawing.values import Measured, measured
from autograd.listing import CONST, Entry, Listing, Literal
from autograd.primitive import REGISTRY, Primitive
from autograd.rule_text import first_sentence
from autograd.tape import Tape


def graph_of(listing: Listing, values: str = "auto", grads: str = "auto", title: str = "") -> GraphIR:
    """The graph of a tape or a program.

    values, grads: what to find out about a tape's values and gradients; see `values.measured`
    """
    known = measured(listing, values, grads) if isinstance(listing, Tape) else Measured()
    places: dict[str, int] = {}
    scopes = Scopes()
    nodes: list[GraphNode] = []
    for entry in (*listing.leaves, *listing.ops):
        places[entry.name] = len(nodes)
        nodes.append(node_of(entry, places, scopes, known))
    outputs = tuple(places[name] if name in places else places[name.rsplit(".", 1)[0]] for name in listing.outputs
                    if name.rsplit(".", 1)[0] in places)
    return GraphIR(listing.kind, tuple(nodes), outputs, tuple(scopes.table), rules_of(listing),
                   title=title or getattr(listing, "name", ""), notes=known.notes)


def node_of(entry: Entry, places: dict[str, int], scopes: Scopes, known: Measured) -> GraphNode:
    """An entry of a listing as a node."""
    computed = entry.name.startswith("%")
    dtype = np.dtype(entry.dtype).name if entry.dtype is not None else ""
    forgotten = known.constants.get(entry.name)
    operands = tuple(operand_of(slot, label, places, forgotten) for slot, label in zip(entry.slots, entry.labels))
    return GraphNode(entry.name, "op" if computed else entry.op, entry.op, operands, entry.shape, dtype, type_of(entry.shape, entry.dtype),
                     entry.options, entry.size * np.dtype(entry.dtype).itemsize if entry.dtype is not None else 0, entry.kept, entry.freed,
                     True, scopes.position(entry.scope), known.values.get(entry.name), known.gradients.get(entry.name),
                     known.states.get(entry.name, NOT_COMPUTED), sent=known.sent.get(entry.name, ()))


def operand_of(slot: str, label: str, places: dict[str, int], forgotten: str | None) -> Operand:
    if isinstance(slot, Literal):
        return Operand(-1, label, forgotten if slot == CONST and forgotten else str(slot))
    return Operand(places[slot] if slot in places else places[slot.rsplit(".", 1)[0]], label)  # '%3.mean' is a residual of %3


class Scopes:
    """The table of module calls, made while the entries are read. An entry names the calls around it, from the outermost in."""

    def __init__(self) -> None:
        self.table: list[Scope] = []
        self.known: dict[tuple[tuple[str, str], ...], int] = {(): -1}

    def position(self, calls: tuple[tuple[str, str], ...]) -> int:
        if calls not in self.known:
            parent = self.position(calls[:-1])
            path, kind = calls[-1]
            numbered = re.fullmatch(r"(.*)#(\d+)", path, re.DOTALL)
            self.table.append(Scope(numbered[1], kind, int(numbered[2]), parent) if numbered else Scope(path, kind, 0, parent))
            self.known[calls] = len(self.table) - 1
        return self.known[calls]


def rules_of(listing: Listing) -> dict[str, dict[str, str]]:
    """The gradient rules of the operations in a listing, in the order of their names, as text.

    A tape knows its primitives; elsewhere the name has to do, and the one declared first has it.
    """
    named: dict[str, Primitive] = {p.name: p for p in reversed(REGISTRY.values())}
    if isinstance(listing, Tape):
        for op in listing.ops:
            node = listing.node(op.name)
            if node is not None and isinstance(p := getattr(node.pullback, "primitive", None), Primitive):
                named[op.op] = p
    return {op: dict(local_rules(named[op])) for op in sorted({entry.op for entry in listing.ops}) if op in named}


@cache
def local_rules(p: Primitive) -> dict[str, str]:
    """{'a': 'g * b', 'b': 'g * a'}; inputs without a derivative say so. A fused operation has a 'definition', too."""
    rules = {slot: p.formula(slot) for slot in p.inputs}
    if p.definition is not None:
        rules["definition"] = f"fused: {first_sentence(p.definition.__doc__ or '') or p.definition.__name__}"
    return rules
