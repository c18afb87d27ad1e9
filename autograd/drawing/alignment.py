"""Which node of one graph is which of another?

Two operations are taken for the same if they were computed in the same way (from above), if the same is done with their
results (from below), if they are the same operation of the same module, or at least the same operation in the same place;
in this order, and each time without crossing what was found before. What is left over is looked for elsewhere by how it was
computed. Leaves are the same if they are used in the same places, or have the same name.

Nothing here is quadratic: only what is unique on both sides is searched for, and compared are only short remainders.

Read next: `diff.py`.
"""

from __future__ import annotations

import difflib
from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Sequence

from autograd.drawing.graph import GraphIR

Window = tuple[int, int, int, int]

SHORT = 40_000
"""Remainders with a product of lengths up to this are compared each with each."""


def aligned(a: GraphIR, b: GraphIR) -> list[int]:
    """For each node of a its position in b, or -1."""
    ops_a, ops_b = [i for i, _ in a.ops], [i for i, _ in b.ops]
    pairs: dict[int, int] = {}
    windows = [(0, len(ops_a), 0, len(ops_b))]
    for left, right in tokens(a, b):
        windows = matched([left[i] for i in ops_a], [right[i] for i in ops_b], windows, pairs)
    for a0, a1, b0, b1 in windows:
        remainder([a.nodes[i].op for i in ops_a[a0:a1]], [b.nodes[i].op for i in ops_b[b0:b1]], a0, b0, pairs)
    found = [-1] * len(a.nodes)
    for place, other in pairs.items():
        found[ops_a[place]] = ops_b[other]
    moved(a, b, found)
    match_leaves(a, b, found)
    return found


def tokens(a: GraphIR, b: GraphIR) -> list[tuple[list[Hashable], list[Hashable]]]:
    """What identifies a node, from the surest to the weakest, for both graphs."""
    numbers: dict[Hashable, int] = {}
    own = [owns(a), owns(b)]
    paths = [[graph.path(node.scope) for node in graph.nodes] for graph in (a, b)]
    above = [from_above(graph, mine, numbers) for graph, mine in zip((a, b), own)]
    below = [from_below(graph, mine, numbers) for graph, mine in zip((a, b), own)]
    sure = [[(path, up, down) for path, up, down in zip(*rows)] for rows in zip(paths, above, below)]
    located = [[(path, mine) for path, mine in zip(*rows)] for rows in zip(paths, own)]
    named = [[(path, node.op) for path, node in zip(where, graph.nodes)] for where, graph in zip(paths, (a, b))]
    return [(rows[0], rows[1]) for rows in (sure, above, below, located, own, named)]  # type: ignore[misc]


def owns(graph: GraphIR) -> list[Hashable]:
    """What each node is by itself: its operation with its options and constants."""
    return [(node.op, node.options, tuple(operand.text for operand in node.operands)) for node in graph.nodes]


def from_above(graph: GraphIR, own: Sequence[Hashable], numbers: dict[Hashable, int]) -> list[int]:
    """A number for how each node was computed."""
    found: list[int] = []
    for node, mine in zip(graph.nodes, own):
        key = (mine, node.type, node.name if node.kind != "op" else "", *(found[o.source] if o.source >= 0 else -1 for o in node.operands))
        found.append(numbers.setdefault(key, len(numbers)))
    return found


def from_below(graph: GraphIR, own: Sequence[Hashable], numbers: dict[Hashable, int]) -> list[int]:
    """A number for what is done with the result of each node."""
    uses = graph.uses()
    found = [0] * len(graph.nodes)
    outputs = {output: place for place, output in enumerate(graph.outputs)}
    for i in range(len(graph.nodes) - 1, -1, -1):
        key = ("below", own[i], outputs.get(i, -1), *sorted((found[user], slot) for user, slot in uses[i]))
        found[i] = numbers.setdefault(key, len(numbers))
    return found


def matched(left: Sequence[Hashable], right: Sequence[Hashable], windows: list[Window], pairs: dict[int, int]) -> list[Window]:
    """Match what is equal in each window: at its ends, and around what is unique in it. Returns the windows that remain."""
    remaining: list[Window] = []
    for a0, a1, b0, b1 in windows:
        anchors = [(a0 - 1, b0 - 1), *unique(left, right, (a0, a1, b0, b1)), (a1, b1)]
        for (i, j), (k, m) in zip(anchors, anchors[1:]):
            i, j = i + 1, j + 1
            while i < k and j < m and left[i] == right[j]:
                pairs[i] = j
                i, j = i + 1, j + 1
            while i < k and j < m and left[k - 1] == right[m - 1]:
                k, m = k - 1, m - 1
                pairs[k] = m
            if i < k and j < m:
                remaining.append((i, k, j, m))
        for i, j in anchors[1:-1]:
            pairs[i] = j
    return remaining


def unique(left: Sequence[Hashable], right: Sequence[Hashable], window: Window) -> list[tuple[int, int]]:
    """The longest chain of pairs that are unique on both sides and do not cross (as in patience sorting)."""
    a0, a1, b0, b1 = window
    times_left, times_right = Counter(left[a0:a1]), Counter(right[b0:b1])
    place = {right[j]: j for j in range(b0, b1)}
    pairs = [(i, place[left[i]]) for i in range(a0, a1) if times_left[left[i]] == 1 and times_right.get(left[i], 0) == 1]
    tails: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    for number, (_, j) in enumerate(pairs):
        at = bisect_left(tails, j)
        if at == len(tails):
            tails.append(j)
            ends.append(number)
        else:
            tails[at], ends[at] = j, number
        before.append(ends[at - 1] if at else -1)
    chain = []
    number = ends[-1] if ends else -1
    while number >= 0:
        chain.append(pairs[number])
        number = before[number]
    return chain[::-1]


def remainder(left: Sequence[str], right: Sequence[str], a0: int, b0: int, pairs: dict[int, int]) -> None:
    """Match operations of the same name in what remains."""
    if len(left) * len(right) <= SHORT:
        for block in difflib.SequenceMatcher(None, left, right, autojunk=False).get_matching_blocks():
            pairs.update((a0 + block.a + k, b0 + block.b + k) for k in range(block.size))
        return
    places: dict[str, list[int]] = {}
    for j, op in enumerate(right):
        places.setdefault(op, []).append(j)
    last = -1
    for i, op in enumerate(left):  # the next of the same name, if it is not far
        options = places.get(op, [])
        at = bisect_left(options, last + 1)
        if at < len(options) and options[at] - last <= 8:
            last = options[at]
            pairs[a0 + i] = b0 + last


def moved(a: GraphIR, b: GraphIR, found: list[int]) -> None:
    """Match what is left over and was computed in the same way, wherever it stands now."""
    taken = set(found)
    numbers: dict[Hashable, int] = {}
    hashes = [from_above(graph, owns(graph), numbers) for graph in (a, b)]
    free = [[i for i, _ in a.ops if found[i] < 0], [j for j, _ in b.ops if j not in taken]]
    times = [Counter(hashes[side][i] for i in free[side]) for side in (0, 1)]
    place = {hashes[1][j]: j for j in free[1]}
    for i in free[0]:
        h = hashes[0][i]
        if times[0][h] == 1 and times[1].get(h, 0) == 1:
            found[i] = place[h]


def match_leaves(a: GraphIR, b: GraphIR, found: list[int]) -> None:
    """Match leaves that the same operations take in the same slot; of several candidates that of the same name, or the most frequent.

    Where both graphs have leaves of both names, it is only believed that they changed places if the operation moved, too.
    """
    names_a = {node.name: i for i, node in enumerate(a.nodes) if node.kind != "op"}
    names_b = {node.name: j for j, node in enumerate(b.nodes) if node.kind != "op"}
    votes: dict[tuple[int, int], int] = {}
    for i, node in a.ops:
        if found[i] >= 0:
            other = b.nodes[found[i]]
            stayed = a.path(node.scope) == b.path(other.scope)
            for mine, its in zip(node.operands, other.operands):
                if mine.source >= 0 and its.source >= 0 and a.nodes[mine.source].kind != "op" and b.nodes[its.source].kind != "op":
                    x, y = a.nodes[mine.source].name, b.nodes[its.source].name
                    if x == y or not (stayed and x in names_b and y in names_a):
                        votes[mine.source, its.source] = votes.get((mine.source, its.source), 0) + 1
    taken: set[int] = set()
    wanted = sorted((a.nodes[i].name != b.nodes[j].name, -n, i, j) for (i, j), n in votes.items())
    for i, j in [*((i, j) for _, _, i, j in wanted), *((i, names_b.get(name, -1)) for name, i in names_a.items())]:
        if j >= 0 and found[i] < 0 and j not in taken:
            found[i] = j
            taken.add(j)
