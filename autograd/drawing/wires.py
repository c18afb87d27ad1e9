"""Which way does a wire go, as ink?

The layout gives the points of a wire. Where it moves across the flow it swings, so that it leaves and arrives along the flow; a wire
that goes around has rounded corners. It ends in a head just before its box; near it stand the name of the operand, where the order
matters, and how many wires of the graph it stands for.

Read next: `shapes.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isqrt

from autograd.drawing.measure import SMALL
from autograd.drawing.shapes import END, text
from autograd.drawing.view import Wire

Point = tuple[int, int]

BEND, HEAD = 8, 6
"""How far from a corner a wire leaves its straight way, and the length of its head."""


def wire_svg(number: int, wire: Wire, points: Sequence[Point], sideways: bool, curved: bool = False) -> str:
    """A wire with its head and its label.

    sideways:  the flow is from left to right
    curved:    the points are those of Bézier curves, as Graphviz gives them
    """
    if len(points) < 2:
        return ""
    swings = not curved and all(forward(a, b, sideways) for a, b in zip(points, points[1:]))
    before, end = last_step(points)
    if swings:
        before = (before[0], end[1]) if sideways else (end[0], before[1])
    back = nearer(end, before, HEAD - 1)
    way = [*points[:-1], back]
    path = curve(way) if curved else swinging(way, sideways) if swings else rounded(way)
    data = f'data-wire="{number}"'
    parts = [f'<path class="wire" {data} d="{path}"/>', f'<path class="head" {data} d="{head(before, end)}"/>']
    label = " ".join(filter(None, (wire.label, f"×{wire.count}" if wire.count > 1 else "")))
    if label:
        parts.append(label_svg(label, before, end))
    return "".join(parts)


def label_svg(label: str, before: Point, end: Point) -> str:
    """Beside the end of the wire."""
    (x0, y0), (x, y) = before, end
    if abs(x - x0) > abs(y - y0):  # along the line of writing: above it
        return text(x - HEAD - 3 if x > x0 else x + HEAD + 3, y - 4, label, "muted slot", END if x > x0 else "")
    return text(x + 3, y - HEAD - 3 if y > y0 else y + HEAD + SMALL, label, "muted slot")


def last_step(points: Sequence[Point]) -> tuple[Point, Point]:
    """The end, and the last point before it that is another."""
    end = points[-1]
    return next((p for p in reversed(points) if p != end), end), end


def nearer(a: Point, b: Point, distance: int) -> Point:
    """The point so far from a on the way to b, or b, if that is nearer."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    length = isqrt(dx * dx + dy * dy)
    if length <= distance:
        return b
    return a[0] + dx * distance // length, a[1] + dy * distance // length


def head(before: Point, end: Point) -> str:
    """A triangle that points at the end."""
    (x, y), (bx, by) = end, before
    dx, dy = x - bx, y - by
    length = max(1, isqrt(dx * dx + dy * dy))
    mx, my = x - dx * HEAD // length, y - dy * HEAD // length
    sx, sy = dy * 7 // (2 * length), dx * 7 // (2 * length)
    return f"M{x} {y}L{mx + sx} {my - sy}L{mx - sx} {my + sy}Z"


def rounded(points: Sequence[Point]) -> str:
    """A path through these points, with rounded corners."""
    path = f"M{points[0][0]} {points[0][1]}"
    for before, corner, after in zip(points, points[1:], points[2:]):
        into, out = nearer(corner, middle(before, corner), BEND), nearer(corner, middle(after, corner), BEND)
        path += f"{line(into)}Q{corner[0]} {corner[1]} {out[0]} {out[1]}"
    return path + line(points[-1])


def forward(a: Point, b: Point, sideways: bool) -> bool:
    """Does this step go along the flow?"""
    return b[0] > a[0] if sideways else b[1] > a[1]


def swinging(points: Sequence[Point], sideways: bool) -> str:
    """A path that leaves and reaches each point along the flow."""
    path = f"M{points[0][0]} {points[0][1]}"
    for (x0, y0), (x, y) in zip(points, points[1:]):
        if sideways:
            path += f"H{x}" if y == y0 else f"C{(x0 + x) // 2} {y0} {(x0 + x) // 2} {y} {x} {y}"
        else:
            path += f"V{y}" if x == x0 else f"C{x0} {(y0 + y) // 2} {x} {(y0 + y) // 2} {x} {y}"
    return path


def middle(a: Point, b: Point) -> Point:
    return (a[0] + b[0]) // 2, (a[1] + b[1]) // 2


def line(point: Point) -> str:
    return f"L{point[0]} {point[1]}"


def straight(points: Sequence[Point]) -> str:
    """A path through these points, corner by corner, as wires are in a circuit."""
    return f"M{points[0][0]} {points[0][1]}" + "".join(
        f"H{x}" if y == before[1] else f"L{x} {y}" for before, (x, y) in zip(points, points[1:]))


def curve(points: Sequence[Point]) -> str:
    """A path of Bézier curves: a start, and then three points for each curve."""
    return f"M{points[0][0]} {points[0][1]}C" + " ".join(f"{x} {y}" for x, y in points[1:])
