"""How did one graph become another?

    changes = diff(before, after)
    print(changes.text())
        ~ %1 conv  stride (1,1) → (2,2)
        + %4 multiply f32[8,64]  dropout
        1 added, 1 changed; 12 types follow

Nodes of the two graphs are aligned (`alignment.py`), and each is then the same, renamed, changed, of another value, added or
removed. That an operation takes from a node that was put in between is no change, and neither is a shape that follows from
another shape.

Read next: `wires.py`.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, NamedTuple

from autograd.drawing.alignment import aligned
from autograd.drawing.graph import GraphIR, GraphNode, Operand, Scope, Stats
from autograd.drawing.numerals import value_text

if TYPE_CHECKING:
    from autograd.drawing.view import View

SAME, CHANGED, VALUES, ADDED, REMOVED, RENAMED = "same", "changed", "values", "added", "removed", "renamed"
SIGNS = {ADDED: "+", REMOVED: "-", CHANGED: "~", VALUES: "~", RENAMED: "~"}


class Change(NamedTuple):
    """What happened to one node.

    state:          CHANGED, VALUES, ADDED, REMOVED or RENAMED
    before, after:  its position in each graph, or -1
    name:           what it is called
    text:           what is different: 'stride (1,1) → (2,2)'
    """

    state: str
    before: int
    after: int
    name: str
    text: str


class Mark(NamedTuple):
    """A change as a badge in a picture: kind '+', '-' or '~' on a node of `Diff.graph` (see `view_of`)."""

    kind: str
    node: int
    name: str
    text: str


class Diff(NamedTuple):
    """The differences between two graphs; false if there are none.

    changes:   of the nodes, in the order of the second graph
    follow:    how many types differ only because those of their operands do
    copies:    for each node of the second graph the one of the first it is the same as, or -1
    new:       the nodes that cannot be copied: (position in the second graph, node)
    head:      everything else of the second graph: it, without its nodes
    size:      how many nodes the first graph has
    graph:     both graphs in one, for an overlay: the second with what was removed put back in its place
    states:    of the nodes of `graph`
    marks:     the changes as badges for `graph`
    """

    changes: tuple[Change, ...]
    follow: int
    copies: tuple[int, ...]
    new: tuple[tuple[int, GraphNode], ...]
    head: GraphIR
    size: int
    graph: GraphIR
    states: tuple[str, ...]
    marks: tuple[Mark, ...]

    def __bool__(self) -> bool:
        return bool(self.changes)

    def of(self, state: str) -> tuple[Change, ...]:
        """The changes of one kind: 'added', 'removed', 'changed', 'values' or 'renamed'."""
        if state not in SIGNS:
            raise ValueError(f"there is no state {state!r}: changes are {', '.join(map(repr, SIGNS))}")
        return tuple(change for change in self.changes if change.state == state)

    def text(self) -> str:
        """A line for each change, with + - ~ in front, and a summary."""
        rows = [(f"{SIGNS[change.state]} {change.name}", change.text) for change in self.changes]
        width = min(max((len(name) for name, _ in rows), default=0), 40)
        counts = [f"{len(self.of(state)):,} {state}" for state in (ADDED, REMOVED, CHANGED, VALUES, RENAMED) if self.of(state)]
        summary = ", ".join(counts) or "no differences"
        follow = f"; {self.follow:,} type{'s follow' if self.follow != 1 else ' follows'}" if self.follow else ""
        return "\n".join([*(f"{name:<{width}}  {text}".rstrip() for name, text in rows), summary + follow])

    def __str__(self) -> str:
        return self.text()

    def apply(self, before: GraphIR) -> GraphIR:
        """The second graph, rebuilt from the first. Raises ValueError for a graph of another size."""
        if len(before.nodes) != self.size:
            raise ValueError(f"this diff was made from a graph of {self.size:,} nodes, and this one has {len(before.nodes):,}")
        new = dict(self.new)
        places = {source: j for j, source in enumerate(self.copies) if source >= 0}
        scopes = scope_places(before, self.head)
        nodes, ops = [], 0
        for j, source in enumerate(self.copies):
            node = new[j] if j in new else copied(before.nodes[source], places, scopes, ops + 1)
            ops += node.kind == "op"
            nodes.append(node)
        return self.head._replace(nodes=tuple(nodes))

    def view(self) -> View:
        """Both graphs in one picture, with + - ~ at what is different."""
        from autograd.drawing.groups import default_open, groups_of
        from autograd.drawing.view import Options, view_of

        groups = groups_of(self.graph)
        return view_of(self.graph, groups, Options(open=default_open(self.graph, groups)), self.marks)


def diff(a: GraphIR, b: GraphIR, tolerance: float = 0.0) -> Diff:
    """The differences between two graphs.

    tolerance:  by how much values and gradients may differ, relative to the larger one, where both are known

    Raises ValueError for a tolerance that is negative or no number.

    >>> from autograd import draw, tensor
    >>> x = tensor([1.0, 2.0], requires_grad=True, name="x")
    >>> print(diff(draw((x * x).sum()).graph, draw((x * x).mean()).graph).text())
    - %2  sum f64
    + %2  mean f64
    1 added, 1 removed
    """
    if not tolerance >= 0:
        raise ValueError(f"tolerance={tolerance!r}: by how much values may differ, 0.0 or more")
    places = aligned(a, b)
    back = [-1] * len(b.nodes)
    for i, j in enumerate(places):
        if j >= 0:
            back[j] = i
    changes, follow = changes_of(a, b, places, back, tolerance)
    scopes = scope_places(a, b)
    known = {i: j for i, j in enumerate(places) if j >= 0}
    new, ops = [], 0
    for j, node in enumerate(b.nodes):
        ops += node.kind == "op"
        if back[j] < 0 or copied(a.nodes[back[j]], known, scopes, ops) != node:
            new.append((j, node))
    graph, at = both(a, b, places)
    states = [SAME] * len(graph.nodes)
    marks = []
    for change in changes:
        place = at[(1, change.after) if change.after >= 0 else (0, change.before)]
        states[place] = change.state
        marks.append(Mark(SIGNS[change.state], place, graph.nodes[place].name, change.text))
    return Diff(tuple(changes), follow, tuple(back), tuple(new), b._replace(nodes=()), len(a.nodes), graph, tuple(states), tuple(marks))


# ---- what is different -------------------------------------------------------------------------------------------------


def changes_of(a: GraphIR, b: GraphIR, places: list[int], back: list[int], tolerance: float) -> tuple[list[Change], int]:
    """The changes in the order of b, each removed node behind what stood before it; and the number of types that merely follow."""
    found: list[tuple[int, int, Change]] = []
    follow = 0
    last = -1
    for i, node in enumerate(a.nodes):
        if places[i] >= 0:
            last = places[i]
        else:
            found.append((last, 0, Change(REMOVED, i, -1, node.name, described(a, node))))
    for j, node in enumerate(b.nodes):
        if back[j] < 0:
            found.append((j, 1, Change(ADDED, -1, j, node.name, described(b, node))))
            continue
        before = a.nodes[back[j]]
        notes, follows = compared(a, b, back[j], j, places, back)
        follow += follows
        values = [f"{what} {value_text(x)} → {value_text(y)}" for what, x, y in
                  (("value", before.value, node.value), ("∂", before.gradient, node.gradient)) if differ(x, y, tolerance)]
        if notes:
            found.append((j, 1, Change(CHANGED, back[j], j, node.name, f"{node.op}  {', '.join([*notes, *values])}")))
        elif node.kind != "op" and before.name != node.name:
            found.append((j, 1, Change(RENAMED, back[j], j, before.name, ", ".join([f"→ {node.name}", *values]))))
        elif values:
            found.append((j, 1, Change(VALUES, back[j], j, node.name, f"{node.op}  {', '.join(values)}")))
    return [change for _, _, change in sorted(found, key=lambda item: item[:2])], follow


def compared(a: GraphIR, b: GraphIR, i: int, j: int, places: list[int], back: list[int]) -> tuple[list[str], bool]:
    """What is different between two aligned nodes, in words; and whether the type differs as a consequence."""
    x, y = a.nodes[i], b.nodes[j]
    notes = [] if x.op == y.op else [f"{x.op} → {y.op}"]
    ours, theirs = dict(x.options), dict(y.options)
    notes += [f"{name} {ours.get(name, 'default')} → {theirs.get(name, 'default')}" for name in dict.fromkeys([*ours, *theirs])
              if ours.get(name) != theirs.get(name)]
    upstream = any(o.source >= 0 and back[o.source] >= 0 and a.nodes[back[o.source]].type != b.nodes[o.source].type for o in y.operands)
    for slot, (left, right) in enumerate(zip(x.operands, y.operands)):
        if left.source < 0 and right.source < 0:
            if left.text != right.text and not (upstream and right.text.endswith("]")):
                notes.append(f"{right.label} {left.text} → {right.text}")
        elif left.source < 0 or right.source < 0:
            sides = [g.nodes[o.source].name if o.source >= 0 else o.text for g, o in ((a, left), (b, right))]
            notes.append(f"{right.label or slot} {sides[0]} → {sides[1]}")
        elif places[left.source] != right.source and not explained(a, b, left.source, right.source, places, back):
            notes.append(f"{right.label or slot} {a.nodes[left.source].name} → {b.nodes[right.source].name}")
    if len(x.operands) != len(y.operands):
        notes.append(f"{len(x.operands)} → {len(y.operands)} operands")
    if x.type != y.type and not notes and not upstream:
        notes.append(f"{x.type} → {y.type}")
    if x.error != y.error:
        notes.append(f"error {x.error or 'none'} → {y.error or 'none'}")
    return notes, x.type != y.type and not notes


def explained(a: GraphIR, b: GraphIR, left: int, right: int, places: list[int], back: list[int]) -> bool:
    """Is another operand only that something was put in between, or taken out?"""
    if places[left] < 0 and back[right] < 0 and a.nodes[left].kind != "op" and b.nodes[right].kind != "op":
        return True  # one leaf in the place of another: that is said at the leaves
    before = {places[i] for i in through(a, left, places)}
    return not before.isdisjoint(through(b, right, back))


def through(graph: GraphIR, start: int, matched: list[int]) -> set[int]:
    """The aligned nodes that a node comes from, through those without a partner; itself, if it is aligned."""
    found, seen, stack = set(), {start}, [start]
    while stack and len(seen) < 1000:
        i = stack.pop()
        if matched[i] >= 0:
            found.add(i)
            continue
        for operand in graph.nodes[i].operands:
            if operand.source >= 0 and operand.source not in seen:
                seen.add(operand.source)
                stack.append(operand.source)
    return found


def differ(x: Stats | None, y: Stats | None, tolerance: float) -> bool:
    """Are two values further apart than the tolerance? What only one graph knows is no difference."""
    if x is None or y is None or x.size != y.size:
        return False
    if (x.nans, x.infs) != (y.nans, y.infs):
        return True
    pairs = [*zip(x[1:5], y[1:5]), *(zip(x.first, y.first))]
    return any(not close(p, q, tolerance) for p, q in pairs)


def close(p: complex, q: complex, tolerance: float) -> bool:
    if p == q or (p != p and q != q):
        return True
    return abs(p - q) <= tolerance * max(abs(p), abs(q)) and math.isfinite(abs(p - q))


def described(graph: GraphIR, node: GraphNode) -> str:
    """'multiply f32[8,64]  dropout'."""
    where = graph.path(node.scope)
    return f"{node.expression} {node.type}" + (f"  {where}" if where else "")


# ---- from one to the other ---------------------------------------------------------------------------------------------


def scope_places(a: GraphIR, b: GraphIR) -> list[int]:
    """For each scope of a the one of b with the same path and call, or -1."""
    places = {graph_scope(b, k): k for k in range(len(b.scopes))}
    return [places.get(graph_scope(a, k), -1) for k in range(len(a.scopes))]


def graph_scope(graph: GraphIR, k: int) -> tuple[str, str, int]:
    scope = graph.scopes[k]
    return scope.path, scope.kind, scope.call


def copied(node: GraphNode, places: dict[int, int], scopes: list[int], number: int) -> GraphNode:
    """A node of the first graph as it is in the second, if nothing about it changed. number: which operation it is there."""
    operands = tuple(o if o.source < 0 else Operand(places.get(o.source, -2), o.label, o.text) for o in node.operands)
    name = f"%{number}" if node.kind == "op" and re.fullmatch(r"%\d+", node.name) else node.name
    return node._replace(name=name, operands=operands, scope=scopes[node.scope] if node.scope >= 0 else -1)


def both(a: GraphIR, b: GraphIR, places: list[int]) -> tuple[GraphIR, dict[tuple[int, int], int]]:
    """The second graph with the removed nodes of the first put in, each behind what stood before it and what it takes from; and
    where the nodes of each graph are in it: (0 or 1, position) -> position."""
    behind: dict[int, list[int]] = {}
    anchors: dict[int, int] = {}
    last = -1
    for i, node in enumerate(a.nodes):
        if places[i] >= 0:
            last = places[i]
            continue
        sources = [o.source for o in node.operands if o.source >= 0]
        anchors[i] = max([last, *(places[s] if places[s] >= 0 else anchors[s] for s in sources)])
        behind.setdefault(anchors[i], []).append(i)
    order = [(0, i) for i in behind.get(-1, [])]
    for j in range(len(b.nodes)):
        order += [(1, j), *((0, i) for i in behind.get(j, []))]
    at = {item: place for place, item in enumerate(order)}
    for i, j in enumerate(places):
        if j >= 0:
            at[0, i] = at[1, j]
    table = list(b.scopes)
    scopes = scope_places(a, b)
    nodes = []
    for side, i in order:
        node = (a, b)[side].nodes[i]
        operands = tuple(o if o.source < 0 else o._replace(source=at[side, o.source]) for o in node.operands)
        node = node._replace(operands=operands)
        if not side:
            node = node._replace(name=f"−{node.name}", scope=put(a, node.scope, scopes, table))
        nodes.append(node)
    outputs = tuple(at[1, output] for output in b.outputs)
    return b._replace(nodes=tuple(nodes), outputs=outputs, scopes=tuple(table), rules={**a.rules, **b.rules}), at


def put(a: GraphIR, k: int, scopes: list[int], table: list[Scope]) -> int:
    """The place of a scope of the first graph in the common table, where it is put if it is not there."""
    missing = []
    while k >= 0 and scopes[k] < 0:
        missing.append(k)
        k = a.scopes[k].parent
    parent = scopes[k] if k >= 0 else -1
    for k in reversed(missing):
        table.append(a.scopes[k]._replace(parent=parent))
        parent = scopes[k] = len(table) - 1
    return parent
