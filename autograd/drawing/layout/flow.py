"""Where along the flow does everything stand?

Rows stand one after another, with room for their wires to bend between them. Lanes run beside them all. Where the picture would
be too long, rows are folded.

Read next: `frames.py`.
"""

from __future__ import annotations

from autograd.drawing.layout.items import Layout, Net, Part
from autograd.drawing.layout.places import settled


def lanes(layout: Layout, part: Part) -> None:
    """The lanes at the side: one for each net that needs one, shared by those which never meet."""
    starts: list[list[tuple[Net, int]]] = [[] for _ in range(len(part.rows) + 1)]
    stops: list[list[int]] = [[] for _ in range(len(part.rows) + 2)]
    for net in part.nets:
        heights = [layout.rank_of[t] for t in net.targets if layout.in_lane(net, t)]
        if heights:
            gaps = [layout.rank_of[net.origin] + 1, *heights]
            starts[min(gaps)].append((net, max(gaps)))
    free: list[int] = []
    edge = part.cross + layout.spacing.wire
    for gap, nets in enumerate(starts):
        free += stops[gap]
        for net, last in nets:
            if not free:
                free.append(edge + layout.spacing.wire * part.lanes)
                part.lanes += 1
            net.lane = free.pop()
            stops[last + 1].append(net.lane)
    part.cross += layout.spacing.wire * part.lanes


def along(layout: Layout, part: Part, level: int) -> None:
    """The flow of everything: rows one after another, and between them room for wires to bend."""
    bend, wire = bends(layout, part), layout.spacing.wire
    out = [0] * len(part.rows)
    back = [0] * len(part.rows)
    for net in part.nets:
        aside = [t for t in net.targets if layout.in_lane(net, t)]
        if aside:
            net.out = out[layout.rank_of[net.origin]] = out[layout.rank_of[net.origin]] + wire
        for t in aside:
            net.back[t] = back[layout.rank_of[t]] = back[layout.rank_of[t]] + wire
    head = head_of(layout, level)
    y = 0 if part.entries else head
    for r, row in enumerate(part.rows):
        y += back[r]
        part.start.append(y)
        length = max((layout.flow[i] for i in row), default=0)
        for i in row:
            room = length - layout.flow[i]
            layout.y[i] = y + (room if not layout.above[i] else 0 if not layout.below[i] else room // 2)
        y = max((layout.y[i] + layout.flow[i] + layout.tail[i] for i in row), default=y)
        part.end.append(y)
        y += out[r]
        if r + 1 < len(part.rows):
            entry, exit = r == 0 and part.entries, r + 2 == len(part.rows) and part.exits
            if entry or exit:
                y += head if entry else layout.spacing.pad
            if bend[r + 1] or not (entry or exit):
                y += slope(layout, bend[r + 1])
    part.flow = y
    for net in part.nets:
        net.out += part.end[layout.rank_of[net.origin]]
        for t in net.back:
            net.back[t] = part.start[layout.rank_of[t]] - net.back[t]
    if level < 0 < layout.wrap < part.flow and not part.lanes:
        fold(layout, part)


def slope(layout: Layout, bend: int) -> int:
    """The room between rows where a wire goes so far to the side."""
    return max(layout.spacing.flow, min(bend // 4, 3 * layout.spacing.flow))


def head_of(layout: Layout, level: int) -> int:
    """The room in a frame before its first row."""
    return 0 if level < 0 else layout.spacing.pad + (0 if layout.sideways else layout.spacing.title)


# ---- wires --------------------------------------------------------------------------------------------------------------------


def bends(layout: Layout, part: Part) -> list[int]:
    """How far wires go to the side before each row."""
    bend = [0] * (len(part.rows) + 1)
    for net in part.nets:
        x = layout.leaves(net)
        for r, item in enumerate(net.way, layout.rank_of[net.origin] + 1):
            bend[r] = max(bend[r], abs(x - layout.x[item]))
            x = layout.x[item]
        for t in net.targets:
            if t >= layout.count and not layout.in_lane(net, t):
                r = layout.rank_of[t]
                bend[r] = max(bend[r], abs(comes(layout, net, t) - layout.x[t] - layout.offset(t, net.source, False)))
    for box in part.items:
        if box < layout.count and layout.incoming[box]:
            r = layout.rank_of[box]
            bend[r] = max(bend[r], ends(layout, box))
    return bend


def ends(layout: Layout, box: int) -> int:
    """Where wires meet a box: in the middle, or straight on if that is near it. And how far they bend before it."""
    x, near, side = layout.x[box], 3 * layout.cross[box] // 8, layout.cross[box] // 4
    nets = [layout.pieces[w][-1][0] for w in layout.incoming[box]]
    come = sorted([(comes(layout, net, box), k) for k, net in enumerate(nets)])
    n, bend = len(come), 0
    wishes = [c if abs(c - x) <= near else x if n == 1 else x - side if c < x else x + side for c, _ in come]
    weights = [256 if abs(c - x) <= near else 1 for c, _ in come]
    gap = max(0, min(layout.spacing.wire, (layout.cross[box] // 2 - 2) // max(1, n - 1)))
    first = x - layout.cross[box] // 2 + 1
    last = first + layout.cross[box] - 2
    for i, end in enumerate(settled(wishes, weights, [gap * i for i in range(n)])):
        c, k = come[i]
        end = max(first + i * gap, min(last - (n - 1 - i) * gap, end))
        layout.ends[layout.incoming[box][k]] = end
        if not layout.in_lane(nets[k], box):
            bend = max(bend, abs(c - end))
    return bend


def comes(layout: Layout, net: Net, target: int) -> int:
    """The cross from which a wire comes to the row of its target."""
    if layout.in_lane(net, target):
        return net.lane
    hop = layout.hop(net, target)
    return layout.leaves(net) if hop == net.origin else layout.x[hop]


def passes(layout: Layout, net: Net, row: int) -> int:
    """The cross at which a net leaves a row."""
    distance = row - layout.rank_of[net.origin]
    return layout.x[net.way[distance - 1]] if distance else layout.leaves(net)


# ---- a long picture -----------------------------------------------------------------------------------------------------------


def fold(layout: Layout, part: Part) -> None:
    """Rows that go too far go on beside the first ones, as lines of text do; each wire between them has a way of its own."""
    wire, rows = layout.spacing.wire, part.rows
    passing: list[list[Net]] = [[] for _ in range(len(rows) + 1)]
    for net in part.nets:
        for r in range(layout.rank_of[net.origin], layout.rank_of[net.origin] + len(net.way) + 1):
            passing[r + 1].append(net)
    cross = first = part.flow = 0
    top = part.start[0]
    r = 0
    while r < len(rows):
        r = first + 1
        while r < len(rows) and part.end[r] - part.start[first] <= layout.wrap:
            r += 1
        if r < len(rows):  # where the fewest wires pass, not far from there
            r = min(range(r, first + (r - first) // 2, -1), key=lambda r: len(passing[r]))
        left, right = layout.extent(rows[first:r])
        shift(layout, part, first, r, top - part.start[first], cross - left)
        edge = cross + right - left
        nets = sorted(passing[r], key=lambda net: (-passes(layout, net, r - 1), net.source))
        top = wire * len(nets) + layout.spacing.flow
        for k, net in enumerate(nets, 1):
            part.bridges[r, net.source] = (part.end[r - 1] + wire * k, edge + wire * k, wire * k)
        part.flow = max(part.flow, part.end[r - 1] + wire * len(nets))
        part.cross = edge
        cross, first = edge + wire * len(nets) + layout.spacing.cross, r


def shift(layout: Layout, part: Part, first: int, stop: int, flow: int, cross: int) -> None:
    """These rows, and the ends of wires in them, go elsewhere."""
    for r in range(first, stop):
        part.start[r] += flow
        part.end[r] += flow
        for i in part.rows[r]:
            layout.y[i] += flow
            layout.x[i] += cross
            if i < layout.count:
                for w in layout.incoming[i]:
                    layout.ends[w] += cross
