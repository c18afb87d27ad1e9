"""Which groups are open at first?

Everything, in a graph of up to 80 operations. A larger one is shown in the deepest whole level that can be taken in at a glance,
about 40 boxes: all modules of that depth, no layer in more detail than another, and modules that have only operations in them
closed. If the levels are so uneven that this leaves less than ten boxes, the largest groups of the next level are opened, too.
With `max_nodes` above 80 the boxes may be as many as asked for; with less than 40 they are as few.

Groups are opened in an order that does not depend on `max_nodes`, level by level, the largest first, equal ones together. So with
a lower `max_nodes` never anything is open that was closed.

Read next: `boxes.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from autograd.drawing.chips import BOX, UNREACHED
from autograd.drawing.graph import GraphIR

if TYPE_CHECKING:
    from autograd.drawing.groups import Groups

ALL, GLANCE = 80, 40
"""Up to so many operations everything is open; and so many boxes are enough otherwise, unless more are asked for."""

CONTAINERS, OPERATIONS, WIDE = 0, 1, 2
"""Groups of groups, groups of operations, and groups with more than a glance directly inside."""


def default_open(graph: GraphIR, groups: Groups, max_nodes: int = 80) -> frozenset[int]:
    """The groups that are open at first, so that there are at most `max_nodes` boxes (if all groups closed are not more already).

    >>> from autograd import draw, tensor
    >>> x = tensor([1.0, 2.0], requires_grad=True, name="x")
    >>> g = draw((x * x).sum())
    >>> default_open(g.graph, g.groups, 10)
    frozenset()
    """
    steps, costs, levels = plan(graph, groups)
    if costs[-1] <= max_nodes or (max_nodes >= ALL and sum(node.kind == "op" for node in graph.nodes) <= ALL):
        return frozenset(range(len(groups.table)))
    budget = max_nodes if max_nodes > ALL else min(max_nodes, GLANCE)
    taken = max((level for level in levels if costs[level] <= budget), default=0)
    if costs[taken] < budget // 4:
        while taken < len(steps) and costs[taken + 1] <= budget:
            taken += 1
    return frozenset(k for step in steps[:taken] for k in step)


def plan(graph: GraphIR, groups: Groups) -> tuple[list[list[int]], list[int], list[int]]:
    """The steps in which groups are opened; how many boxes there are after so many steps; and after how many steps a level is complete.

    First come groups with groups in them, level by level; then, as one level, those that have only operations; and last
    what has so much directly inside that it would fill a picture on its own.
    """
    inside = [len(group.groups) for group in groups.table]
    boxes = sum(group.parent < 0 for group in groups.table) + min(len(graph.unreached), UNREACHED)
    for k, chip in zip(groups.of, groups.chips):
        if chip == BOX and k >= 0:
            inside[k] += 1
        boxes += chip == BOX and k < 0
    classes: dict[int, list[int]] = {}
    for k, group in enumerate(groups.table):
        classes.setdefault(group.peers, []).append(k)
    level: list[tuple[int, int]] = [(CONTAINERS, 0)] * len(groups.table)
    depth = [0] * len(groups.table)
    for step in classes.values():  # in the order of the table: that of the groups around comes first
        parent = groups.table[step[0]].parent
        below = depth[parent] + 1 if parent >= 0 else 0
        if max(inside[k] for k in step) > GLANCE or (parent >= 0 and level[parent][0] == WIDE):
            where = WIDE, below
        else:
            where = (CONTAINERS, below) if any(groups.table[k].groups for k in step) else (OPERATIONS, 0)
        for k in step:
            level[k], depth[k] = where, below
    steps = sorted(classes.values(), key=lambda step: (level[step[0]], depth[step[0]], -groups.table[step[0]].ops, step[0]))
    costs, levels = [boxes], [0]
    for place, step in enumerate(steps):
        costs.append(costs[-1] + sum(inside[k] - 1 for k in step))
        if place + 1 == len(steps) or level[steps[place + 1][0]] != level[step[0]]:
            levels.append(place + 1)
    return steps, costs, levels
