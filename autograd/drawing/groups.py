"""What belongs together?

A large graph is read in parts. A `Group` is a part that can be shown as one box, closed, or as a frame around what is in it,
open: a module; several equal modules in a row, folded to one ('BasicBlock ×3'); or, where there are no modules, a piece of the
graph that repeats or hangs together. Groups form a tree; which of them are open is the state of a view.

Read next: `opening.py`.
"""

from __future__ import annotations

from typing import NamedTuple

from autograd.drawing.chips import BOX, LEAF, chips_of
from autograd.drawing.clusters import MANY, Clusters, sets_text
from autograd.drawing.graph import GraphIR
from autograd.drawing.opening import default_open
from autograd.drawing.structure import Item, Part, Structure
from autograd.listing import bytes_text, count

__all__ = ["Group", "Groups", "default_open", "groups_of"]


class Group(NamedTuple):
    """A part of the graph that can be shown as one box.

    title:   'layer1.0', or 'BasicBlock ×3' for a fold
    kind:    'module', 'fold' (equal neighbours folded to one; its groups are the neighbours), or 'cluster' (found, not declared)
    label:   the class of the module: 'BasicBlock'; of a fold '(3 distinct parameter sets)' or '(shared parameters)';
             of a cluster from where to where: '%12 … %340'
    parent:  the group around it, or -1
    groups:  the groups directly inside, in order
    nodes:   the operations directly inside, by position, in order
    ops:     how many operations are inside, at any depth
    lines:   what a closed box says below its title: types in and out, counts, 'call 2 of 3 (shared parameters)'
    peers:   equal groups in equal places have the same number; at first they are all open or all closed
    """

    title: str
    kind: str
    label: str
    parent: int
    groups: tuple[int, ...]
    nodes: tuple[int, ...]
    ops: int
    lines: tuple[str, ...]
    peers: int


class Groups(NamedTuple):
    """The tree of groups, and what is so small that it is no box at all.

    table:  the groups; a parent stands before what is in it, and nothing else between the first and the last in it
    of:     the innermost group around each node, or -1. A leaf is in its module, or in the group that has all its uses
    chips:  for each node 0 if it is a box, 1 for a leaf and 2 for an operation that is drawn as a chip (see `chips.py`)
    """

    table: tuple[Group, ...]
    of: tuple[int, ...]
    chips: tuple[int, ...]


FEW = 80
"""A graph with more operations than this is divided where it has no modules."""

CROWD = 24
"""More leaves than this in one place of a large graph are chips."""


def groups_of(graph: GraphIR) -> Groups:
    """The groups of a graph: its module calls, equal neighbours folded, and clusters where there is too much without a module."""
    parts, roots = parts_of(graph)
    tree = Tree(graph, parts, roots)
    chips = chips_of(graph, tree.of)
    homes = tree.homes(chips)
    crowds = [0] * (len(tree.parts) + 1)
    for i, home in enumerate(homes):
        crowds[home] += chips[i] == BOX and graph.nodes[i].kind != "op"
    outputs = set(graph.outputs)
    if sum(node.kind == "op" for node in graph.nodes) > FEW:
        for i, home in enumerate(homes):
            if chips[i] == BOX and graph.nodes[i].kind != "op" and crowds[home] > CROWD and i not in outputs:
                chips[i] = LEAF
    of = tuple(-1 if chip == LEAF else home for chip, home in zip(chips, homes))
    return Groups(tuple(tree.groups()), of, tuple(chips))


# ---- from module calls to parts ----------------------------------------------------------------------------------------


def parts_of(graph: GraphIR) -> tuple[dict[Part, int], list[Item]]:
    """The part of each module call, with the position of its scope, and what is outside of all; folded and divided."""
    found: list[Part | None] = [None] * len(graph.scopes)
    scopes: dict[Part, int] = {}
    root = Part("root", "")
    for i, node in graph.ops:
        k, item = node.scope, i
        inner: Item = item
        while k >= 0:
            part = found[k]
            if part is not None:
                part.items.append(inner)
                break
            found[k] = part = Part("module", graph.path(k), graph.scopes[k].kind, [inner])
            scopes[part] = k
            inner, k = part, graph.scopes[k].parent
        else:
            root.items.append(inner)
    structure = Structure(graph, exact=bool(scopes))
    large = sum(node.kind == "op" for node in graph.nodes) > FEW
    clusters = Clusters(structure) if large else None
    for k in range(len(found) - 1, -1, -1):  # a call before the one it was made in
        part = found[k]
        if part is not None:
            part.items = divided(folded(part.items, graph, structure, scopes), clusters)
            structure.measure(part)
    return scopes, divided(folded(root.items, graph, structure, scopes), clusters)


def divided(items: list[Item], clusters: Clusters | None) -> list[Item]:
    return clusters.divided(items) if clusters is not None and len(items) > MANY else items


def folded(items: list[Item], graph: GraphIR, structure: Structure, scopes: dict[Part, int]) -> list[Item]:
    """The items, with three or more equal modules in a row as one fold."""
    result: list[Item] = []
    start = 0
    while start < len(items):
        first = items[start]
        end = start + 1
        if isinstance(first, Part):
            last = max(first.ops)
            while end < len(items):
                item = items[end]
                if not isinstance(item, Part) or item.number != first.number or item.label != first.label or min(item.ops) < last:
                    break
                last = max(item.ops)
                end += 1
        if end - start >= 3 and isinstance(first, Part):
            calls = {graph.scopes[scopes[item]].path for item in items[start:end] if isinstance(item, Part)}
            title = f"{calls.pop()} called ×{end - start}" if len(calls) == 1 else f"{first.label} ×{end - start}"
            label = sets_text(structure, [item.ops for item in items[start:end] if isinstance(item, Part)])
            result.append(structure.measure(Part("fold", title, label, items[start:end])))
        else:
            result.extend(items[start:end])
        start = end
    return result


# ---- from parts to groups ----------------------------------------------------------------------------------------------


class Tree:
    """The parts in a table: a part before what is in it.

    parent, end:  of each part, the place of the one around it, and of the last in it
    of:           the innermost part around each node, -1 for leaves
    """

    def __init__(self, graph: GraphIR, scopes: dict[Part, int], roots: list[Item]) -> None:
        self.graph, self.scopes, self.roots = graph, scopes, roots
        self.parts: list[Part] = []
        self.parent: list[int] = []
        self.of = [-1] * len(graph.nodes)
        stack: list[tuple[Item, int]] = [(item, -1) for item in reversed(roots)]
        while stack:
            item, parent = stack.pop()
            if isinstance(item, int):
                self.of[item] = parent
                continue
            self.parts.append(item)
            self.parent.append(parent)
            stack.extend((inner, len(self.parts) - 1) for inner in reversed(item.items))
        self.end = list(range(len(self.parts)))
        for k in range(len(self.parts) - 1, -1, -1):
            if self.parent[k] >= 0:
                self.end[self.parent[k]] = max(self.end[self.parent[k]], self.end[k])

    def holds(self, k: int, other: int) -> bool:
        """Is part `other` part k, or in it? Nothing (-1) holds everything."""
        return k < 0 or k <= other <= self.end[k]

    # ---- where leaves belong -------------------------------------------------------------------------------------------

    def homes(self, chips: list[int]) -> list[int]:
        """The part of each node. A parameter is in its module; what no module owns is where it is used, but what comes into a model stays
        outside."""
        homes = list(self.of)
        leaves = [i for i, node in enumerate(self.graph.nodes) if node.kind != "op"]
        common: dict[int, int] = {}
        for i, node in self.graph.ops:
            for operand in node.operands:
                leaf = operand.source
                if leaf >= 0 and self.graph.nodes[leaf].kind != "op":
                    k = common.get(leaf, self.of[i])
                    while not self.holds(k, self.of[i]):
                        k = self.parent[k]
                    common[leaf] = k
        paths = {part: self.graph.scopes[scope].path for part, scope in self.scopes.items()}
        owned = {leaf: self.owner(leaf, common.get(leaf, -1), paths) for leaf in leaves}
        model = any(home >= 0 for home in owned.values())
        for leaf in leaves:
            homes[leaf] = owned[leaf] if model else common.get(leaf, -1)
        return homes

    def owner(self, leaf: int, k: int, paths: dict[Part, str]) -> int:
        """The innermost module around part k whose path begins the name of a leaf, or -1."""
        while k >= 0:
            path = paths.get(self.parts[k], "")
            if path and self.graph.nodes[leaf].name.startswith(path + "."):
                return k
            k = self.parent[k]
        return -1

    # ---- what a closed box says ----------------------------------------------------------------------------------------

    def groups(self) -> list[Group]:
        """The table of groups."""
        nodes = self.graph.nodes
        n = len(self.parts)
        ins: list[dict[int, None]] = [{} for _ in range(n)]
        outs: list[dict[int, None]] = [{} for _ in range(n)]
        parameters: list[dict[int, None]] = [{} for _ in range(n)]
        arrays: list[str] = [""] * n
        kept: list[dict[int, int]] = [{} for _ in range(n)]
        for output in self.graph.outputs:
            k = self.of[output]
            while k >= 0:
                outs[k][output] = None
                k = self.parent[k]
        for i, node in self.graph.ops:
            place = self.of[i]
            for operand in node.operands:
                source, k = operand.source, place
                if source < 0:
                    while k >= 0 and not arrays[k] and operand.text.endswith("]"):
                        arrays[k] = operand.text
                        k = self.parent[k]
                elif nodes[source].kind == "parameter":
                    while k >= 0 and source not in parameters[k]:
                        parameters[k][source] = None
                        k = self.parent[k]
                else:
                    origin = self.of[source]
                    while not self.holds(k, origin):
                        ins[k][source] = None
                        k = self.parent[k]
                    while not self.holds(origin, place):
                        outs[origin][source] = None
                        origin = self.parent[origin]
            k = place
            while k >= 0 and node.kept and not node.freed:
                for array in node.kept:
                    kept[k][array.storage] = array.bytes
                k = self.parent[k]
        peers = self.peers()
        below: list[list[int]] = [[] for _ in range(n)]
        for k, parent in enumerate(self.parent):
            if parent >= 0:
                below[parent].append(k)
        calls: dict[str, int] = {}
        for scope in self.graph.scopes:
            calls[scope.path] = calls.get(scope.path, 0) + 1
        table = []
        for k, part in enumerate(self.parts):
            given = [i for i in ins[k] if nodes[i].kind != "constant"] or ins[k]  # a mask is no input, if there is another
            lines = [types_text([nodes[i].type for i in given] or [arrays[k]][: bool(arrays[k])], [nodes[i].type for i in outs[k]])]
            lines.append(count(len(part.ops), "op") + (f" · {bytes_text(sum(kept[k].values()))} kept" if kept[k] else ""))
            if parameters[k]:
                lines.append(count(sum(nodes[i].size for i in parameters[k]), "parameter"))
            lines.append(gradients_text([nodes[i].gradient.rms for i in parameters[k] if nodes[i].gradient is not None]))  # type: ignore[union-attr]
            if part in self.scopes and part.kind == "module":
                scope = self.graph.scopes[self.scopes[part]]
                if calls[scope.path] > 1 and scope.path:
                    lines.append(f"one of {calls[scope.path]} calls" + (" (shared parameters)" if parameters[k] else ""))
            direct = tuple(item for item in part.items if isinstance(item, int))
            table.append(Group(part.title, part.kind, part.label, self.parent[k], tuple(below[k]), direct, len(part.ops),
                               tuple(line for line in lines if line), peers[k]))
        return table

    def peers(self) -> list[int]:
        """A number for equal parts in equal places."""
        numbers: dict[tuple[int, int], int] = {}
        found: list[int] = []
        for k, part in enumerate(self.parts):
            parent = self.parent[k]
            found.append(numbers.setdefault((found[parent] if parent >= 0 else -1, part.number), len(numbers)))
        return found


def types_text(ins: list[str], outs: list[str]) -> str:
    """'f32[8,64] ×2 → f32[8,10]'; of many different types only the first two."""
    sides = []
    for types in (ins, outs):
        kinds = list(dict.fromkeys(types))
        texts = [f"{kind} ×{types.count(kind)}" if types.count(kind) > 1 else kind for kind in kinds[:2]]
        sides.append(", ".join([*texts, *([f"{len(kinds) - 2} more types"] if len(kinds) > 2 else [])]))
    return " → ".join(side for side in sides if side)


def gradients_text(sizes: list[float]) -> str:
    """'∂ rms 1.2e-04 … 3.1e-03': of the parameters inside, as far as they are known."""
    from autograd.drawing.numerals import scientific

    low, high = (scientific(min(sizes)), scientific(max(sizes))) if sizes else ("", "")
    return "" if not sizes else f"∂ rms {low}" if low == high else f"∂ rms {low} … {high}"
