"""What is written on a box?

A box says what it is, of which type, what is known of its gradient, and how many operations it stands for; the leaves and
shape changes that are too small for boxes are written into it as chips. Everything else stands in `about`, for whoever points
at it.

Read next: `view.py`.
"""

from __future__ import annotations

from typing import NamedTuple

from autograd.drawing.chips import LEAF, SHAPE, UNREACHED
from autograd.drawing.graph import KNOWN, MARKS, NOT_KEPT, UNREACHABLE, ZERO, GraphIR, GraphNode, Operand
from autograd.drawing.groups import Groups
from autograd.drawing.numerals import gradient_text, value_text
from autograd.drawing.overlay import Paint
from autograd.drawing.signs import gate
from autograd.listing import bytes_text, count


class Chip(NamedTuple):
    """A leaf or a constant, written into a box that uses it.

    node:  the position of the leaf, or -1 for a constant
    kind:  'parameter', 'input', 'constant', or 'op' for an operation that only changes the shape
    text:  'weight f32[3,3]'
    slot:  which operand it is
    """

    node: int
    kind: str
    text: str
    slot: int


class Box(NamedTuple):
    """Something drawn with a border.

    id:        the same in every view of the graph: 'n12' is node 12, 'g3' group 3, 'm0' a stub that counts what is left out
    kind:      'input', 'parameter', 'constant', 'op', 'loss' (an output), 'group' or 'more'
    title:     'w1', 'matmul', 'layer1.0', or in a circuit the gate's sign: '×'
    lines:     what stands below the title: type, options, counts
    chips:     the leaves and constants written into it
    frame:     position of the innermost frame around it, or -1
    node, group: what it is, by position, or -1
    ops:       how many operations it stands for: 1 for an operation, 0 for a leaf
    value, gradient:  what stands above and below the wire of a circuit; in a box with a known gradient its `∂` line; else ''
    badges:    what is wrong here: kinds of problems
    about:     everything about it in sentences, for whoever points at it
    shade:     how strongly it is coloured, from 0 to 7, where boxes are coloured by an amount; -1: it has none
    """

    id: str
    kind: str
    title: str
    lines: tuple[str, ...] = ()
    chips: tuple[Chip, ...] = ()
    frame: int = -1
    node: int = -1
    group: int = -1
    ops: int = 0
    value: str = ""
    gradient: str = ""
    badges: tuple[str, ...] = ()
    about: str = ""
    shade: int = -1


def circuit_box(graph: GraphIR, i: int, kind: str, badges: tuple[str, ...]) -> Box:
    """A gate, or the name of a leaf."""
    node = graph.nodes[i]
    return Box(f"n{i}", kind, gate(node) if node.kind == "op" else node.name, node=i, ops=int(node.kind == "op"),
               value=value_text(node.value), gradient=gradient_text(node), badges=badges, about=about_node(graph, i))


def node_box(graph: GraphIR, i: int, kind: str, frame: int, chips: list[int], hidden: int, known: bool, paint: Paint,
             badges: tuple[str, ...], constants: bool) -> Box:
    """A box for one node. hidden: how many operations are chips in it; known: are any gradients known?"""
    node = graph.nodes[i]
    lines = [*written_out(node), node.type] if node.kind == "op" else [node.type]
    if paint.text(i) and paint.text(i) not in lines:
        lines.append(paint.text(i))
    if node.error:
        lines.append(node.error)
    told = node.state in (KNOWN, ZERO, UNREACHABLE) or (node.kind == "parameter" and (known or node.state == NOT_KEPT))
    return Box(f"n{i}", kind, node.op if node.kind == "op" else node.name, tuple(lines), chips_in(graph, i, chips, constants),
               frame, i, -1, int(node.kind == "op") + hidden, "", gradient_text(node) if told else "", badges, about_node(graph, i),
               paint.shade(i))


def chips_in(graph: GraphIR, i: int, chips: list[int], constants: bool) -> tuple[Chip, ...]:
    """The leaves, shape changes and constant arrays written into a box."""
    found: list[Chip] = []
    for slot, operand in enumerate(graph.nodes[i].operands):
        if operand.source < 0:
            if is_array(operand) and not constants:
                found.append(Chip(-1, "constant", operand.text, slot))
            continue
        source, way = operand.source, []
        while chips[source] == SHAPE:
            way.append(Chip(source, "op", graph.nodes[source].expression, slot))
            source = next(o.source for o in graph.nodes[source].operands if o.source >= 0)
        if chips[source] == LEAF:
            leaf = graph.nodes[source]
            found.append(Chip(source, leaf.kind, f"{leaf.name} {leaf.type}", slot))
        found.extend(reversed(way))
    return tuple(found)


def group_box(groups: Groups, k: int, frame: int, paint: Paint, badges: tuple[str, ...]) -> Box:
    """A closed group."""
    group = groups.table[k]
    lines = [line for line in (group.label, *group.lines) if line]
    about = f"{group.title}: {'; '.join(lines)}"
    text = paint.group_text(k)
    if text and text not in lines:
        lines.append(text)
    return Box(f"g{k}", "group", group.title, tuple(lines), (), frame, -1, k, group.ops, badges=badges, about=about,
               shade=paint.group_shade(k))


def stub_box(graph: GraphIR, stubs: list[int], stub: int, side: str) -> Box:
    """What is left out, counted. stubs: for each node the stub that counts it; side: 'before', 'after' or 'elsewhere'."""
    left = [node.kind for node, where in zip(graph.nodes, stubs) if where == stub]
    ops = left.count("op")
    what = " and ".join(text for n, text in ((ops, count(ops, "operation")), (len(left) - ops, leaves_text(len(left) - ops))) if n)
    return Box(f"m{stub}", "more", f"+{ops or len(left):,} more", (what, side), ops=ops, about=f"{what} {side}, not shown")


def unreached_boxes(graph: GraphIR, frame: int) -> list[Box]:
    """Parameters of the model that the outputs do not depend on."""
    some = graph.unreached if len(graph.unreached) <= UNREACHED else graph.unreached[: UNREACHED - 1]
    boxes = [Box(f"u{i}", "parameter", node.name, (node.type,), frame=frame, gradient=f"∂{MARKS[UNREACHABLE]}",
                 about=f"parameter {node.name}: {node.type}; the loss does not depend on it") for i, node in enumerate(some)]
    left = len(graph.unreached) - len(some)
    if left:
        boxes.append(Box("um", "more", f"+{left:,} more", (count(left, "parameter"),), frame=frame, about=f"{left:,} more parameters"))
    return boxes


def is_array(operand: Operand) -> bool:
    """Is this operand a constant array? It is written as its type: 'f32[2,3]'."""
    return operand.source < 0 and operand.text.endswith("]")


def written_out(node: GraphNode) -> tuple[str, ...]:
    """The options of an operation, and its operands that are numbers: 'b = 2.0', 'axis = 1'."""
    binary = [o.label for o in node.operands] == ["a", "b"]  # of other operations, what is not known is mostly what was not given
    numbers = [(o.label, o.text) for o in node.operands if o.source < 0 and not o.text.endswith("]") and (binary or o.text != "const")]
    return tuple(f"{name} = {value}" for name, value in [*numbers, *node.options] if value != "None")


def about_node(graph: GraphIR, i: int) -> str:
    """One sentence with everything."""
    node = graph.nodes[i]
    if node.kind != "op":
        return f"{node.kind} {node.name}: {node.type}"
    operands = [graph.nodes[o.source].name if o.source >= 0 else o.text for o in node.operands]
    names = list(dict.fromkeys(kept.name for kept in node.kept))
    kept = f"; {'freed' if node.freed else 'keeps'} {', '.join(names)}" + (f" ({bytes_text(node.kept_bytes)})" if node.kept_bytes else "")
    return (f"{node.name}: {node.type} = {' '.join([node.op, *operands, *(f'{n}={v}' for n, v in node.options)])}{kept if names else ''}"
            + (f"; in {graph.path(node.scope)} {graph.scopes[node.scope].kind}" if node.scope >= 0 else ""))


def caption_of(graph: GraphIR) -> str:
    """'12 operations · 3 leaves · 98 kB kept for the backward pass'."""
    ops = sum(node.kind == "op" for node in graph.nodes)
    leaves = len(graph.nodes) - ops
    parts = [count(ops, "operation"), leaves_text(leaves)]
    if graph.kept_bytes:
        parts.append(f"{bytes_text(graph.kept_bytes)} kept for the backward pass")
    return " · ".join(parts)


def leaves_text(n: int) -> str:
    return count(n, "leaf").replace("leafs", "leaves")
