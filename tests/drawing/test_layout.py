"""Does everything stand where it should? (V13, V16, V17 are checks of the drawing design.)

Read next: `layout_fixtures.py`.
"""

import json
import random
import shutil
import subprocess
import sys
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd.drawing.layout import Size, place
from tests.drawing import layout_fixtures as fixtures
from tests.drawing.layout_fixtures import Graph

SMALL = fixtures.small_graphs()


def inside(inner, outer):
    """Whether a rectangle is within another."""
    return (outer[0] <= inner[0] and outer[1] <= inner[1] and inner[0] + inner[2] <= outer[0] + outer[2]
            and inner[1] + inner[3] <= outer[1] + outer[3])


def disjoint(a, b):
    """Whether two rectangles have no point inside in common."""
    return a[0] + a[2] <= b[0] or b[0] + b[2] <= a[0] or a[1] + a[3] <= b[1] or b[1] + b[3] <= a[1]


def surrounding(graph, frame):
    """A frame and all those around it."""
    found = []
    while frame >= 0:
        found.append(frame)
        frame = graph.frames[frame][0]
    return found


def assert_good(graph):
    """Nothing overlaps, nothing is outside of where it belongs, wires run from border to border and meet no box and no strange frame."""
    p = graph.placement()
    page = (0, 0, p.width, p.height)
    down = graph.direction == "TB"
    for (_, _, width, height), size in zip(p.boxes, graph.sizes):
        assert (width, height) == size[:2]
    for rectangle, frame in [*zip(p.boxes, graph.frame_of), *zip(p.frames, (parent for parent, _ in graph.frames))]:
        assert inside(rectangle, p.frames[frame] if frame >= 0 else page)
    for (_, _, width, _), (_, title) in zip(p.frames, graph.frames):
        assert width >= title
    around = [set(surrounding(graph, frame)) for frame in graph.frame_of]
    nested = [set(surrounding(graph, frame)) for frame in range(len(graph.frames))]
    assert all(disjoint(a, b) for a, b in combinations(p.boxes, 2))
    assert all(disjoint(p.frames[a], p.frames[b]) for a, b in combinations(range(len(p.frames)), 2)
               if a not in nested[b] and b not in nested[a])
    assert all(disjoint(box, p.frames[f]) for i, box in enumerate(p.boxes) for f in range(len(p.frames)) if f not in around[i])
    for (source, target, _), line in zip(graph.wires, p.wires):
        (x, y, width, height), (u, v, wide, high) = p.boxes[source], p.boxes[target]
        if down:
            assert line[0][1] == y + height and x <= line[0][0] <= x + width and line[-1][1] == v and u < line[-1][0] < u + wide
        else:
            assert line[0][0] == x + width and y <= line[0][1] <= y + height and line[-1][0] == u and v < line[-1][1] < v + high
        strange = [*p.boxes, *(f for k, f in enumerate(p.frames) if k not in around[source] | around[target])]
        for a, b in pairwise(line):
            assert all(0 <= q[0] <= p.width and 0 <= q[1] <= p.height for q in (a, b))
            assert not any(fixtures.passes(a, b, box) for box in strange)
    assert len({(source, target, slot, line) for (source, target, slot), line in zip(graph.wires, p.wires)}) == len(graph.wires)
    ends = {}
    for (_, target, slot), line in zip(graph.wires, p.wires):
        assert ends.setdefault((target, line[-1]), slot) == slot  # each operand has an end of its own
    return p


def assert_forward(graph, p):
    """Every wire goes forward along the flow, and with it its boxes."""
    flow = 1 if graph.direction == "TB" else 0
    for (source, target, _), line in zip(graph.wires, p.wires):
        assert all(a[flow] <= b[flow] for a, b in pairwise(line))
        assert p.boxes[source][flow] + p.boxes[source][flow + 2] <= p.boxes[target][flow]


# ---- V17 ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SMALL)
def test_v17_small_networks(name):
    p = assert_good(SMALL[name])
    if "alternating framed" not in name:
        assert_forward(SMALL[name], p)


@pytest.mark.parametrize("name", fixtures.SIX)
@pytest.mark.parametrize("framed", [False, True])
def test_v17_few_crossings(name, framed):
    graph = fixtures.sketched(fixtures.SIX[name], framed).graph()
    found = fixtures.crossings([list(line) for line in graph.placement().wires], graph.wires)
    print(f"{name}: {found} crossings; dot: {fixtures.DOT[name]}")
    assert 2 * found <= 3 * fixtures.DOT[name]


@given(st.integers(0, 10**6), st.integers(20, 60), st.integers(0, 9))
def test_v17_random_graphs(seed, boxes, frames):
    graph = fixtures.tangle(boxes, seed, frames)
    p = assert_good(graph)
    if not frames:
        assert_forward(graph, p)
