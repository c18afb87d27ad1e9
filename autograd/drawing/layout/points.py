"""Which way does a wire take?

Straight through rows, bending between them, piece after piece. Here flow and cross become x and y.

Read next: `../renderer.py`.
"""

from __future__ import annotations

from autograd.drawing.layout.items import Layout, Net
from autograd.drawing.layout.sizes import Placement


def placement(layout: Layout, levels: list[int]) -> Placement:
    """Everything from the corner of the page, in x and y."""
    corner = [(0, 0)] * (len(layout.frames) + 1)

    def spot(i: int) -> tuple[int, int]:
        flow, cross = corner[layout.around[i]]
        return flow + layout.y[i], cross + layout.x[i] - layout.cross[i] // 2

    for level in levels[1:]:
        corner[level] = spot(layout.count + level)
    places = []
    for i in range(layout.thin):
        flow, cross = spot(i)
        places.append((flow, cross, layout.flow[i], layout.cross[i]) if layout.sideways else (cross, flow, layout.cross[i], layout.flow[i]))
    wires = []
    for w, pieces in enumerate(layout.pieces):
        points: list[tuple[int, int]] = []
        for net, target in pieces:
            end = layout.ends[w] if target < layout.count else layout.x[target] + layout.offset(target, net.source, False)
            flow, cross = corner[layout.around[target]]
            points += [(flow + a, cross + b) for a, b in route(layout, net, target, end)]
        line = simple(points)
        wires.append(tuple(line if layout.sideways else [(x, y) for y, x in line]))
    width, height = layout.size if layout.sideways else layout.size[::-1]
    return Placement(tuple(places[:layout.count]), tuple(places[layout.count:]), tuple(wires), width, height)


def route(layout: Layout, net: Net, target: int, end: int) -> list[tuple[int, int]]:
    """The points, (flow, cross), of one piece of a wire: straight through rows, bending between them."""
    part, origin = net.part, net.origin
    x, r = layout.leaves(net), layout.rank_of[origin]
    points = [(layout.y[origin] + layout.flow[origin], x), (part.end[r], x)]
    if layout.in_lane(net, target):
        points += [(net.out, x), (net.out, net.lane), (net.back[target], net.lane), (net.back[target], end)]
    else:
        for item in net.way[:layout.rank_of[target] - r - 1]:
            r = layout.rank_of[item]
            points += [*bridge(layout, net, r, x, layout.x[item]), (part.start[r], layout.x[item]), (part.end[r], layout.x[item])]
            x = layout.x[item]
        points += bridge(layout, net, r + 1, x, end)
    return [*points, (part.start[layout.rank_of[target]], end), (layout.y[target], end)]


def bridge(layout: Layout, net: Net, row: int, a: int, b: int) -> list[tuple[int, int]]:
    """The way to a row that stands beside the one before."""
    if (row, net.source) not in net.part.bridges:
        return []
    out, lane, back = net.part.bridges[row, net.source]
    return [(out, a), (out, lane), (back, lane), (back, b)]


def simple(points: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The same line without points on the way straight on."""
    line: list[tuple[int, int]] = []
    for p in points:
        while len(line) > 1:
            (a, b), (c, d) = line[-2:]
            if (c - a) * (p[1] - d) != (d - b) * (p[0] - c):
                break
            line.pop()
        if not line or line[-1] != p:
            line.append(p)
    return line
