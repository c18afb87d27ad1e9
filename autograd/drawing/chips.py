"""What is too small for a box?

A leaf that is used often, or a parameter at places far apart, would have wires all over the picture: it is written as a chip
into each box that uses it. (What goes into a model keeps its wire: the shortcut of a residual block is to be seen.) An
operation that only changes the shape says little: it is a chip in the box that takes its result.
Both are decided once, from the whole graph, so that nothing changes its nature when groups are opened and closed.

Read next: `groups.py`.
"""

from __future__ import annotations

from collections.abc import Sequence

from autograd.drawing.graph import GraphIR
from autograd.drawing.signs import SHAPE_ONLY

BOX, LEAF, SHAPE = 0, 1, 2
"""What a node is drawn as: a box of its own, or a chip: of a leaf, or of an operation that only changes the shape."""

USES, RANKS, DEPTH = 3, 6, 3
"""A leaf with more uses than this is a chip, and so is a parameter over more ranks than this. An operation is one if it has no more
uses, and no more than DEPTH of them follow each other."""

UNREACHED = 12
"""Of the parameters that the outputs do not depend on, so many are boxes."""


def chips_of(graph: GraphIR, of: Sequence[int]) -> list[int]:
    """BOX, LEAF or SHAPE for each node. of: the innermost group around each operation; a chip stays in its group."""
    uses = graph.uses()
    ranks = ranks_of(graph)
    outputs = set(graph.outputs)
    found: list[int] = []
    depth = [0] * len(graph.nodes)
    for i, node in enumerate(graph.nodes):
        places = [place for place, _ in uses[i]]
        if node.kind != "op":
            used = [ranks[place] for place in places]
            far = node.kind != "input" and max(used, default=0) - min(used, default=0) > RANKS
            found.append(LEAF if i not in outputs and (len(used) > USES or far) else BOX)
            continue
        sources = [operand.source for operand in node.operands if operand.source >= 0]
        small = node.op in SHAPE_ONLY and len(sources) == 1 and not node.error and i not in outputs and 1 <= len(places) <= USES
        if small and all(of[place] == of[i] for place in places):
            depth[i] = depth[sources[0]] + 1
        if depth[i] > DEPTH:
            depth[i] = 0
        found.append(SHAPE if depth[i] else BOX)
    return found


def ranks_of(graph: GraphIR) -> list[int]:
    """How many operations stand before each node, on the longest way: 0 for a leaf."""
    ranks: list[int] = []
    for node in graph.nodes:
        rank = 0
        for operand in node.operands:
            if operand.source >= 0 and ranks[operand.source] > rank:
                rank = ranks[operand.source]
        ranks.append(rank + 1 if node.kind == "op" else 0)
    return ranks
