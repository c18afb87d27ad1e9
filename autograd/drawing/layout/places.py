"""Where across the flow does everything stand?

In the order of its row, and as near as can be to what it is joined to. Lines of wires are straight: what stands in one line moves
as one block.

Read next: `flow.py`.
"""

from __future__ import annotations

from autograd.drawing.layout.items import DEEP, HIGH, Layout, Part

Pulls = dict[int, list[tuple[int, int]]]
"""What pulls at an item: other items, and how far from their middles it would stand."""

Packed = list[tuple[list[int], list[int]]]
"""Each row, and where its items stand if they stand as near to each other as they may."""


def across(layout: Layout, part: Part) -> None:
    """The middles: near those of what an item is joined to, lines of wires straight."""
    up, down = pulls(layout, part)
    line = lines(layout, part, up, down)
    straight = {a for a, _ in line.values()} | set(line)
    packed: Packed = []
    for row in part.rows:
        starts = [0] * len(row)
        for k in range(1, len(row)):
            starts[k] = starts[k - 1] + apart(layout, row[k - 1], row[k])
        for item, start in zip(row, starts):
            layout.x[item] = start
        packed.append((row, starts))
    size = sum(len(row) for row in part.rows)
    for sweep in range(8 if size < 400 else 4):
        towards = down if sweep % 2 else up
        for row, starts in reversed(packed) if sweep % 2 else packed:
            wishes = [middle([layout.x[o] + d for o, d in towards[i]]) if i in towards else layout.x[i] for i in row]
            weights = [1 if i not in towards else 256 if i in straight and i < layout.thin else 16 for i in row]
            for item, x in zip(row, settled(wishes, weights, starts)):
                layout.x[item] = x
    straighten(layout, packed, up, down, line)
    left, right = layout.extent(part.rows)
    for row in part.rows:
        for item in row:
            layout.x[item] -= left
    part.cross = right - left


def apart(layout: Layout, a: int, b: int) -> int:
    """How far apart the middles of neighbours must be."""
    thin = (a >= layout.thin) + (b >= layout.thin)
    between = (layout.spacing.cross, (layout.spacing.cross + layout.spacing.wire) // 2, layout.spacing.wire)[thin]
    return layout.cross[a] - layout.cross[a] // 2 + between + layout.cross[b] // 2


def pulls(layout: Layout, part: Part) -> tuple[Pulls, Pulls]:
    """What pulls at each item from the row above and from that below: (item, how far off its middle).

    A box follows its deepest operands and stands before its highest users; it takes no notice of others, as leaves.
    """
    up: list[Pulls] = [{}, {}, {}]  # weak, strong, stronger
    down: list[Pulls] = [{}, {}]
    for net in part.nets:
        shift, previous, high = layout.offset(net.origin, net.source, True), net.origin, 0
        port = 1 if net.origin >= layout.thin else 0
        for target, mark in net.targets.items():
            if layout.in_lane(net, target):
                continue
            near = layout.rank_of[target] == layout.rank_of[net.origin] + 1
            delta = (shift if near else 0) - layout.offset(target, net.source, False)
            hop = layout.hop(net, target)
            up[1 + port if mark & DEEP else 0].setdefault(target, []).append((hop, delta))
            down[1 if mark & HIGH and (near or hop == net.way[-1]) else 0].setdefault(hop, []).append((target, -delta))
            high = high if near or not mark & HIGH else 1
        for item in net.way:
            up[0][item] = [(previous, shift)]
            down[high if previous == net.origin else 1].setdefault(previous, []).append((item, -shift))
            previous, shift = item, 0
    return up[0] | up[1] | up[2], down[0] | down[1]


def lines(layout: Layout, part: Part, up: Pulls, down: Pulls) -> dict[int, tuple[int, int]]:
    """Which items stand straight below which: thin places, and two that follow no other. Such lines do not cross."""
    line: dict[int, tuple[int, int]] = {}
    for row in part.rows:
        kept: list[tuple[int, int, bool]] = []
        for a in row:
            for b, delta in down.get(a, []):
                thin = a >= layout.thin and b >= layout.thin
                if up[b][0][0] != a or not (thin or len(down[a]) == len(up[b]) == 1):
                    continue
                while kept and thin and layout.at[b] < kept[-1][0] and not kept[-1][2]:
                    del line[kept.pop()[1]]
                if not kept or layout.at[b] > kept[-1][0]:
                    kept.append((layout.at[b], b, thin))
                    line[b] = (a, -delta)
    return line


def straighten(layout: Layout, packed: Packed, up: Pulls, down: Pulls, line: dict[int, tuple[int, int]]) -> None:
    """What stands in one line becomes one block; blocks push each other apart, and then go where they are pulled."""
    block: dict[int, int] = {}
    inner: dict[int, int] = {}  # cross of an item in its block
    members: list[list[int]] = []
    for row, _ in packed:
        for i in row:
            if i in line:
                a, delta = line[i]
                block[i], inner[i] = block[a], inner[a] + delta
                members[block[i]].append(i)
            else:
                block[i], inner[i] = len(members), 0
                members.append([i])
    left: list[list[tuple[int, int]]] = [[] for _ in members]
    right: list[list[tuple[int, int]]] = [[] for _ in members]
    for row, starts in packed:
        for p, q, start, following in zip(row, row[1:], starts, starts[1:]):
            distance = following - start + inner[p] - inner[q]
            right[block[p]].append((block[q], distance))
            left[block[q]].append((block[p], distance))
    order = [b for b in range(len(members)) if not left[b]]
    missing = [len(pairs) for pairs in left]
    for b in order:  # grows
        for c, _ in right[b]:
            missing[c] -= 1
            if not missing[c]:
                order.append(c)
    wish = [middle([layout.x[i] - inner[i] for i in items]) for items in members]
    low, high = wish[:], wish[:]
    for b in order:
        for a, distance in left[b]:
            low[b] = max(low[b], low[a] + distance)
    for b in reversed(order):
        for c, distance in right[b]:
            high[b] = min(high[b], high[c] - distance)
    x = [(p + q) // 2 for p, q in zip(low, high)]
    pulled = []
    for b, items in enumerate(members):
        pulled.append([(block[o], inner[o] + d - inner[i]) for i in items for o, d in balanced(up.get(i, []), down.get(i, []))
                      if block[o] != b])
    for sweep in range(8 if len(block) < 400 else 4):
        for b in order if sweep % 2 else reversed(order):
            if pulled[b]:
                want = middle([x[o] + d for o, d in pulled[b]])
                if want > x[b] and right[b]:
                    want = min(want, min([x[c] - distance for c, distance in right[b]]))
                if want < x[b] and left[b]:
                    want = max(want, max([x[a] + distance for a, distance in left[b]]))
                x[b] = want
    for i, b in block.items():
        layout.x[i] = x[b] + inner[i]


def middle(places: list[int]) -> int:
    """The mean, to the nearest whole number."""
    n = len(places)
    return places[0] if n == 1 else (2 * sum(places) + n) // (2 * n)


def balanced(up: list[tuple[int, int]], down: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """What has many on one side only stands in the middle of those."""
    if len(up) > 1 >= len(down):
        return up
    return down if len(down) > 1 >= len(up) else up + down


def settled(wishes: list[int], weights: list[int], starts: list[int]) -> list[int]:
    """Places in the same order, as far apart as the starts, as near to the wishes as can be: the lighter gives way."""
    if len(wishes) == 1:
        return wishes
    blocks: list[tuple[int, int, int, int]] = []  # place, sum of weight * wish, sum of weights, length
    for wish, weight, start in zip(wishes, weights, starts):
        place, total, heavy, n = wish - start, (wish - start) * weight, weight, 1
        while blocks and blocks[-1][0] > place:
            _, t, h, m = blocks.pop()
            total, heavy, n = total + t, heavy + h, n + m
            place = (2 * total + heavy) // (2 * heavy)
        blocks.append((place, total, heavy, n))
    if len(blocks) == len(wishes):
        return wishes
    levels = [place for place, _, _, n in blocks for _ in range(n)]
    return [level + start for level, start in zip(levels, starts)]
