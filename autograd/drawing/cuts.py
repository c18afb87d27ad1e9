"""Where does a gradient stop?

The gradient takes the way of the values, backwards. A *cut* is where values went on and the gradient does not follow: a detached
value, an operation under `no_grad()`, a cast to integers, an operation without a derivative. Recordings (`recorder.py`) hold
them; a tape has only what a gradient needs.

Most cuts are harmless: the comparison in `where(x > 0, x, 0)` is one, and the gradient has another way. What counts is a leaf to
which all ways are cut.

Read next: `cause.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from autograd.drawing.graph import GraphIR, GraphNode
from autograd.rule_text import NO_DERIVATIVE

DETACH, DATA = "detach", "data"
"""The operations that stand for what no operation did: a value was detached, by `detach()`, or by `.data` or `.numpy()`."""

DETACHED, NO_GRAD, INTEGER, NO_RULE = "detach", "no_grad", "integer", "no derivative"
"""The kinds of cuts."""

Passes = Callable[[GraphNode, int], bool]
"""Whether something goes from the result of an operation back to the operand in a slot."""


def follows(graph: GraphIR, node: GraphNode, slot: int) -> bool:
    """Does a gradient go from the result of an operation back to this operand?"""
    operand = node.operands[slot]
    if operand.source < 0 or not node.active or not graph.nodes[operand.source].active:
        return False
    return has_rule(graph, node, operand.label)


def has_rule(graph: GraphIR, node: GraphNode, label: str) -> bool:
    rules = graph.rules.get(node.op)
    return node.op not in (DETACH, DATA) and (rules is None or rules.get(label.split("[")[0], NO_DERIVATIVE) != NO_DERIVATIVE)


def is_flat(graph: GraphIR, node: GraphNode, slot: int) -> bool:
    """Is the derivative by this operand zero everywhere, as that of `round`?"""
    return "zeros_like(g)" in graph.rules.get(node.op, {}).get(node.operands[slot].label, "")


def flat_at(graph: GraphIR, start: set[int]) -> int:
    """The first operation with a derivative that is zero everywhere, if every way to these leaves leads through such a one; else -1."""
    sloped: Passes = lambda node, slot: follows(graph, node, slot) and not is_flat(graph, node, slot)
    if start & upstream(graph, graph.outputs, sloped):
        return -1
    reached = upstream(graph, graph.outputs, lambda node, slot: follows(graph, node, slot))
    region = set(start)
    for i, node in graph.ops:
        for slot, operand in enumerate(node.operands):
            if i in reached and operand.source in region and follows(graph, node, slot):
                if is_flat(graph, node, slot):
                    return i
                region.add(i)
    return -1


def cut_at(graph: GraphIR, node: GraphNode, slot: int) -> str:
    """The kind of cut between an operation and an operand that has a gradient; '' if there is none."""
    operand = node.operands[slot]
    if node.error or operand.source < 0 or not graph.nodes[operand.source].active or follows(graph, node, slot):
        return ""  # (what failed has no result that could be a constant)
    if node.op in (DETACH, DATA):
        return DETACHED
    if node.op == "cast_away":
        return INTEGER
    return NO_GRAD if has_rule(graph, node, operand.label) else NO_RULE


def cuts(graph: GraphIR) -> tuple[tuple[int, str], ...]:
    """The operations of a recording that took a differentiable value and returned a constant: (position, kind).

    Most are harmless, such as a comparison in `where(x > 0, x, 0)`: see `severed`.
    """
    found = {i: kind for i, node in graph.ops if not node.active for slot in range(len(node.operands))
             if (kind := cut_at(graph, node, slot))}
    return tuple(found.items())


def severed(graph: GraphIR) -> tuple[tuple[int, int, str], ...]:
    """The leaves that the outputs are computed from, but that no gradient reaches, each with its cut: (leaf, position, kind)."""
    used = upstream(graph, graph.outputs, lambda node, slot: node.operands[slot].source >= 0)
    reached = upstream(graph, graph.outputs, lambda node, slot: follows(graph, node, slot))
    found = []
    for i, node in enumerate(graph.nodes):
        if node.kind in ("parameter", "input") and node.active and i in used and i not in reached:
            cut = first_cut(graph, {i}, used)
            if cut is not None:
                found.append((i, *cut[::2]))
    return tuple(found)


def upstream(graph: GraphIR, outputs: Iterable[int], passes: Passes) -> set[int]:
    """What leads to the outputs, over the operands for which `passes` holds."""
    found = set(outputs)
    for i in range(len(graph.nodes) - 1, -1, -1):
        if i in found:
            node = graph.nodes[i]
            found.update(operand.source for slot, operand in enumerate(node.operands) if passes(node, slot))
    return found


def first_cut(graph: GraphIR, start: set[int], used: set[int]) -> tuple[int, int, str] | None:
    """The first cut behind these leaves whose result is used: (position, slot, kind)."""
    region = set(start)
    found = None
    for i, node in graph.ops:
        if i not in used:
            continue
        for slot, operand in enumerate(node.operands):
            if operand.source in region:
                if follows(graph, node, slot):
                    region.add(i)
                elif found is None and (kind := cut_at(graph, node, slot)):
                    found = i, slot, kind
    return found


def paths(graph: GraphIR, start: set[int]) -> int:
    """How many ways a gradient has from the outputs to these leaves."""
    ways = [0] * len(graph.nodes)
    for output in graph.outputs:
        ways[output] = 1
    for i in range(len(graph.nodes) - 1, -1, -1):
        for slot, operand in enumerate(graph.nodes[i].operands):
            if ways[i] and follows(graph, graph.nodes[i], slot):
                ways[operand.source] += ways[i]
    return sum(ways[i] for i in start)
