"""What belongs together?

A large graph is read in parts. A `Group` is a part that can be shown as one box, closed, or as a frame around what is in it,
open: a module; several equal modules in a row, folded to one ('BasicBlock ×3'); or, where there are no modules, a piece of the
graph that repeats or hangs together. Groups form a tree; which of them are open is the state of a view.

Read next: `view.py`.
"""

from __future__ import annotations

from typing import NamedTuple

from autograd.drawing.chips import chips_of
from autograd.drawing.graph import GraphIR


class Group(NamedTuple):
    """A part of the graph that can be shown as one box.

    title:   'layer1.0', or 'BasicBlock ×3' for a fold
    kind:    'module', 'fold' (equal neighbours folded to one; its groups are the neighbours), or 'cluster' (found, not declared)
    label:   the class of the module: 'BasicBlock'; '' for a cluster
    parent:  the group around it, or -1
    groups:  the groups directly inside, in order
    nodes:   the operations directly inside, by position, in order
    ops:     how many operations are inside, at any depth
    lines:   what a closed box says below its title: types in and out, counts, 'called ×12 (shared parameters)'
    peers:   equal siblings have the same number, and are opened and closed together
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

    table:  the groups; a parent stands before what is in it
    of:     the innermost group around each node, or -1. A leaf is in the group that has all its uses
    chips:  for each node 0 if it is a box, 1 for a leaf and 2 for an operation that is drawn as a chip (see `chips.py`)
    """

    table: tuple[Group, ...]
    of: tuple[int, ...]
    chips: tuple[int, ...]


def groups_of(graph: GraphIR) -> Groups:
    """The modules of a graph as groups: one for each module call. (Folding and clusters are still to come.)"""
    inside: list[list[int]] = [[] for _ in graph.scopes]
    below: list[list[int]] = [[] for _ in graph.scopes]
    total = [0] * len(graph.scopes)
    for i, node in graph.ops:
        if node.scope >= 0:
            inside[node.scope].append(i)
    for k in range(len(graph.scopes) - 1, -1, -1):
        total[k] += len(inside[k])
        parent = graph.scopes[k].parent
        if parent >= 0:
            below[parent].insert(0, k)
            total[parent] += total[k]
    table = [Group(graph.path(k), "module", scope.kind, scope.parent, tuple(below[k]), tuple(inside[k]), total[k],
                   (f"{total[k]} ops",), k) for k, scope in enumerate(graph.scopes)]
    of = tuple(node.scope if node.kind == "op" else -1 for node in graph.nodes)
    return Groups(tuple(table), of, tuple(chips_of(graph, of)))


def default_open(graph: GraphIR, groups: Groups, max_nodes: int = 80) -> frozenset[int]:
    """Which groups are open at first: all, until the rule of the design is written."""
    return frozenset(range(len(groups.table)))
