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


@pytest.mark.parametrize("direction", ["TB", "LR"])
def test_folded_rows(direction):
    graph = fixtures.sketched(fixtures.mlp).graph(direction)._replace(wrap=300)
    p = assert_good(graph)
    assert (p.height if direction == "TB" else p.width) < 420
    p = assert_good(fixtures.chain(200)._replace(wrap=500))
    assert p.height < 600 and p.width < 3000


# ---- V13 ----------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_v13_javascript_and_python_agree(tmp_path):
    r = random.Random(13)
    graphs = dict(SMALL)
    graphs.update({f"folded {name}": graph._replace(wrap=400) for name, graph in SMALL.items()})
    graphs.update({f"tangle {k}": fixtures.tangle(r.randrange(5, 80), k, r.randrange(10))._replace(wrap=r.choice((0, 300)))
                   for k in range(60)})
    graphs |= {"10,000 boxes": fixtures.layers(10000), "tangle of 1,000": fixtures.tangle(1000, 1, 20), "rnn": fixtures.rnn(60)}
    file = tmp_path / "graphs.json"
    file.write_text(json.dumps({name: graph._asdict() | {"placement": graph.placement()._asdict()} for name, graph in graphs.items()}))
    parity = fixtures.HERE / "parity.mjs"
    run = subprocess.run(["node", parity, file], capture_output=True, text=True, timeout=120)
    print(run.stdout)
    assert run.returncode == 0, run.stderr


# ---- V16 ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["1,000 boxes", "10,000 boxes", "rnn60", "rnn600"])
def test_v16_fast_enough(name):
    make, limit = fixtures.LIMITS[name]
    taken = fixtures.seconds(make(), 1)
    print(f"{name}: {taken:.3f} s; {limit} s is allowed")
    assert taken < 10 * limit  # machines differ


# ---- at the edge --------------------------------------------------------------------------------------------------


def test_nothing():
    assert place([], [], [], []) == ((), (), (), 0, 0)


@pytest.mark.parametrize("direction", ["TB", "LR"])
def test_one_box(direction):
    p = place([Size(50, 30)], [], [-1], [], direction)
    assert p == (((0, 0, 50, 30),), (), (), 50, 30)


def test_isolated_boxes_and_parts_stand_compactly():
    graph = Graph([Size(60, 30)] * 100, [(i, i + 1, 0) for i in range(10)], [-1] * 100, [])
    p = assert_good(graph)
    assert p.width < 1200 and p.height < 1200


@pytest.mark.parametrize("direction", ["TB", "LR"])
def test_empty_frames(direction):
    graph = Graph([Size(60, 30)] * 2, [(0, 1, 0)], [-1, 2], [(-1, 80), (0, 10), (-1, 200)], direction)
    p = assert_good(graph)
    assert all(width > 0 and height > 0 for _, _, width, height in p.frames)


def test_twice_the_same_operand_is_two_wires():
    for direction in ("TB", "LR"):
        p = assert_good(Graph([Size(40, 40)] * 2, [(0, 1, 0), (0, 1, 1)], [-1, -1], [], direction))
        assert p.wires[0] != p.wires[1] and p.wires[0][0] == p.wires[1][0]


def test_a_chain_is_straight_and_a_diamond_symmetric():
    p = fixtures.chain(5).placement()
    assert all(line == ((30, 62 * i + 30), (30, 62 * i + 62)) for i, line in enumerate(p.wires))
    p = place([Size(40, 30)] * 4, [(0, 1, 0), (0, 2, 0), (1, 3, 0), (2, 3, 1)], [-1] * 4, [])
    left, right = p.boxes[1][0], p.boxes[2][0]
    assert p.boxes[0][0] == p.boxes[3][0] == (left + right) // 2 and left == 0 and right + 40 == p.width


def test_the_middle_of_a_long_wire_is_straight():
    graph = fixtures.sketched(fixtures.residual).graph()
    for line in graph.placement().wires:
        assert len(line) <= 4


def test_room_for_the_numbers_on_a_wire():
    p = place([Size(40, 30, 70), Size(40, 30), Size(40, 30)], [(0, 1, 0), (0, 2, 0)], [-1] * 3, [], "LR")
    assert all(line[1][0] >= 40 + 70 and line[0][1] == line[1][1] for line in p.wires)


def test_a_long_chain_needs_no_recursion():
    code = "import sys; from tests.drawing.layout_fixtures import chain; g = chain(2000); sys.setrecursionlimit(200); g.placement()"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60, cwd=fixtures.HERE.parent.parent)


def test_the_same_whatever_the_order_of_hashing():
    code = "from tests.drawing.layout_fixtures import tangle; print(tangle(80, 3, 6).placement())"
    runs = [subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, timeout=60, cwd=fixtures.HERE.parent.parent,
                           env={"PYTHONHASHSEED": seed}).stdout for seed in ("1", "2")]
    assert runs[0] == runs[1] != b""
