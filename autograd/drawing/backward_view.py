"""Which way do the gradients go?

Along the wires of the forward pass, backward: from a result to each operand that has a rule and needs a gradient.

Read next: `memory.py`.
"""

from __future__ import annotations

from autograd.drawing.formula import rule_of
from autograd.drawing.graph import GraphIR, GraphNode
from autograd.rule_text import NO_DERIVATIVE


def sends(graph: GraphIR) -> list[tuple[int, ...]]:
    """For each node, the places of the operands it sends a gradient to: () for a leaf, and for what no gradient reaches."""
    found: list[tuple[int, ...]] = [()] * len(graph.nodes)
    if graph.kind == "program":  # it runs as it stands; if there is a backward pass in it, that is some of its operations
        return found
    reached = {output for output in graph.outputs if graph.nodes[output].active}
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
    return node.sent[slot] is not None if node.sent else rule_of(graph, node, slot) != NO_DERIVATIVE
