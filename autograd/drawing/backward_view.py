"""Which way do the gradients go?

Backward along the wires of the forward pass: from a result to each operand that has a rule and needs a gradient. Drawn as a graph
of its own, the backward pass has one node for each operation that a gradient reaches: `∂matmul` takes the gradient of the result,
and sends one to each of these operands. Between them stands what the engine does by itself:

    sum to f32[3]   an operand was repeated to the shape of the others, and so the contributions of its copies are summed
    +               a value was used several times, and so its contributions are added

It starts with a 1 for each output, and ends with the gradients of the leaves.

Read next: `memory.py`.
"""

from __future__ import annotations

import numpy as np

from autograd.drawing.formula import operand_names, rule_of, said, sign
from autograd.drawing.graph import KNOWN, NOT_COMPUTED, ZERO, GraphIR, GraphNode, Operand, Stats
from autograd.primitive import REGISTRY, Primitive
from autograd.rule_text import NO_DERIVATIVE

RUNS = ("program", "backward")
"""Kinds of graphs that run as they stand. If there is a backward pass in one, it is some of its operations."""


def sends(graph: GraphIR) -> list[tuple[int, ...]]:
    """For each node, the places of the operands it sends a gradient to: () for a leaf, and for what no gradient reaches."""
    found: list[tuple[int, ...]] = [()] * len(graph.nodes)
    reached = set(seeds(graph))
    for i in range(len(graph.nodes) - 1, -1, -1):
        node = graph.nodes[i]
        if i in reached and node.kind == "op":
            found[i] = tuple(slot for slot in range(len(node.operands)) if receives(graph, node, slot))
            reached.update(node.operands[slot].source for slot in found[i])
    return found


def receives(graph: GraphIR, node: GraphNode, slot: int) -> bool:
    """Does this operand get a gradient, if the result has one?"""
    source = node.operands[slot].source
    if source < 0 or not node.active or not graph.nodes[source].active:
        return False
    if node.sent and node.sent[slot] is not None:
        return True
    return rule_of(graph, node, slot) != NO_DERIVATIVE


def seeds(graph: GraphIR) -> list[int]:
    """Where the backward pass starts with a 1: the outputs, unless no gradient belongs to them."""
    return [output for output in dict.fromkeys(graph.outputs) if graph.nodes[output].active and graph.kind not in RUNS]


def contributions(graph: GraphIR, slots: list[tuple[int, ...]]) -> list[int]:
    """For each node, how many contributions its gradient has, that of an output included."""
    found = [0] * len(graph.nodes)
    for output in seeds(graph):
        found[output] += 1
    for i, sent in enumerate(slots):
        for slot in sent:
            found[graph.nodes[i].operands[slot].source] += 1
    return found


def contribution(graph: GraphIR, node: GraphNode, slot: int, expected: list[int]) -> Stats | None:
    """What an operation adds to the gradient of an operand, if it is known. If nothing else does, it is the whole gradient."""
    source = node.operands[slot].source
    return node.sent[slot] if node.sent else graph.nodes[source].gradient if expected[source] == 1 else None


def broadcast(graph: GraphIR, node: GraphNode, slot: int, p: Primitive | None) -> bool:
    """Was this operand repeated, so that its contribution has the shape of the result and is summed (`contributions.unbroadcast`)?"""
    operand, label = graph.nodes[node.operands[slot].source], node.operands[slot].label
    if p is None or not p.broadcasts or operand.shape == node.shape:
        return False
    if node.op != "matmul":
        return f"{label}_shape" not in p.needs.get(label, ())  # a rule that asks for the shape sums by itself
    # Of matrices, the axes before the last two are repeated; one matrix b that met a stack of a's gets its sum from the product.
    other = node.operands[1 - slot]
    dimensions = len(graph.nodes[other.source].shape) if other.source >= 0 else other.text.count(",") + 1
    if len(operand.shape) == 1:
        return slot == 0 and dimensions > 2
    return dimensions > 1 and operand.shape[:-2] != node.shape[:-2] and (slot == 0 or len(operand.shape) > 2)


def state_of(stats: Stats | None) -> str:
    return NOT_COMPUTED if stats is None else KNOWN if stats.nans or stats.infs or stats.rms else ZERO


def backward_graph(graph: GraphIR) -> GraphIR:
    """The backward pass of a graph, as a graph.

    Its nodes in the order of the pass: a 1 for each output; `∂name` for each operation that a gradient reaches, with what its rules
    say as options; sums where an operand was broadcast or a value was used several times; the gradient of each leaf, the outputs.

    Raises ValueError if there is no backward pass.
    """
    if not any(sends(graph)):
        what = "a program runs as it stands: draw a result that was computed by it" if graph.kind == "program" else \
            "nothing that its outputs were computed from requires a gradient" if any(True for _ in graph.ops) else "it has no operations"
        raise ValueError(f"this graph has no backward pass: {what}")
    return Reversed(graph).graph()


class Reversed:
    """The backward pass while it is written down.

    nodes:       of the new graph
    arrived:     for each node of the old graph, what contributes to its gradient: operands for a node of the new graph
    expected:    for each node of the old graph, how many contributions there are in all
    primitives:  by name; the one declared first, if there are several
    """

    def __init__(self, graph: GraphIR) -> None:
        self.old, self.circuit = graph, graph.style == "circuit"
        self.nodes: list[GraphNode] = []
        self.arrived: dict[int, list[Operand]] = {}
        self.around = {-1: [-1]}  # each scope, and those around it, from the inside out
        for k, scope in enumerate(graph.scopes):
            self.around[k] = [k, *self.around[scope.parent]]
        self.primitives = {p.name: p for p in reversed(REGISTRY.values())}
        self.slots = sends(graph)
        self.expected = contributions(graph, self.slots)

    def graph(self) -> GraphIR:
        for output in seeds(self.old):
            self.arrived[output] = [Operand(self.add(self.seed(output)))]
        for i in range(len(self.old.nodes) - 1, -1, -1):
            if self.slots[i]:
                self.operation(i, self.slots[i])
        ends = [self.leaf(i) for i, node in enumerate(self.old.nodes) if node.kind != "op" and i in self.arrived]
        title = f"backward pass of {self.old.title}" if self.old.title else "backward pass"
        return GraphIR("backward", tuple(self.nodes), tuple(ends), self.old.scopes, title=title, notes=self.old.notes)

    def add(self, node: GraphNode) -> int:
        self.nodes.append(node)
        return len(self.nodes) - 1

    def seed(self, output: int) -> GraphNode:
        """The gradient of an output by itself is 1."""
        node = self.old.nodes[output]
        one = Stats.of(np.ones(node.shape, node.dtype)) if node.size == 1 and node.dtype else None
        return GraphNode(f"1 for {node.name}", "input", "input", shape=node.shape, dtype=node.dtype, type=node.type, bytes=node.bytes,
                         value=one)

    def gradient(self, name: str, op: str, operands: tuple[Operand, ...], of: int, stats: Stats | None, scope: int) -> int:
        """A node that computes (a part of) the gradient of one value of the old graph, which has the same shape."""
        node = self.old.nodes[of]
        return self.add(GraphNode(name, "op", op, operands, node.shape, node.dtype, node.type, bytes=node.bytes, scope=scope, value=stats,
                                  gradient=stats, state=state_of(stats)))

    def collected(self, i: int, name: str) -> Operand:
        """The whole gradient of a node of the old graph: what arrived, or the sum of all that arrived."""
        parts, node = self.arrived[i], self.old.nodes[i]
        if len(parts) == 1:
            return parts[0]
        return Operand(self.gradient(name, "+", tuple(parts), i, node.gradient, self.home(i)))

    def leaf(self, i: int) -> int:
        """The end of the pass: the gradient of a leaf."""
        name = f"∂{self.old.nodes[i].name}"
        return self.gradient(name, name, (self.collected(i, f"sum for {name[1:]}"),), i, self.old.nodes[i].gradient, self.home(i))

    def home(self, i: int) -> int:
        """The innermost module call that a value belongs to: an operation is made in one, a leaf used in one, or in several."""
        if self.old.nodes[i].kind == "op":
            return self.old.nodes[i].scope
        around = [self.around[self.nodes[part.source].scope] for part in self.arrived[i]]
        return next((scope for scope in around[0] if all(scope in others for others in around)), -1)

    def operation(self, i: int, slots: tuple[int, ...]) -> None:
        """An operation takes the gradient of its result, and sends one to each of these operands."""
        node = self.old.nodes[i]
        incoming = self.collected(i, f"∂{node.name}")
        names = [name for _, name in operand_names(self.old, node)]
        targets = [self.old.nodes[node.operands[slot].source] for slot in slots]
        parts = [contribution(self.old, node, slot, self.expected) for slot in slots]
        made = GraphNode(
            f"∂ of {node.name}", "op", f"∂{sign(node, self.circuit)}", (incoming,), type=", ".join(target.type for target in targets),
            options=tuple((f"∂{names[slot]}", said(self.old, i, slot, part)) for slot, part in zip(slots, parts)),
            bytes=sum(target.bytes for target in targets), scope=node.scope, line=node.line, seconds=node.backward_seconds)
        if len(slots) == 1:
            made = made._replace(shape=targets[0].shape, dtype=targets[0].dtype)
        vjp = self.add(made)
        for slot, target, part in zip(slots, targets, parts):
            source = node.operands[slot].source
            arriving = Operand(vjp, f"∂{node.operands[slot].label}")
            if broadcast(self.old, node, slot, self.primitives.get(node.op)):
                name = f"sum of {node.name} for {names[slot]}"
                arriving = Operand(self.gradient(name, f"sum to {target.type}", (arriving,), source, part, node.scope))
            self.arrived.setdefault(source, []).append(arriving)
