"""Is what belongs together put together, and is the first view one that can be read?"""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn
from autograd import draw, ops, tensor
from autograd.drawing.clusters import MANY
from autograd.drawing.graph import GraphIR, GraphNode, Kept, Operand, Scope, Stats
from autograd.drawing.groups import default_open, groups_of
from autograd.drawing.recorder import record
from autograd.drawing.view import Options, view_of
from tests.drawing import fixtures
from tests.drawing.test_select import graphs


def ops_in(graph):
    return sum(node.kind == "op" for node in graph.nodes)


def boxes(graph, groups, open):
    return view_of(graph, groups, Options(open=open)).boxes


class Block(nn.Module):
    """A block that can differ in one thing: its width, its dtype, an option, or the order of two operations."""

    def __init__(self, out=4, dtype=np.float64, axis=1, order="tanh sin", rng=0):
        self.linear = nn.Linear(4, out, rng=rng, dtype=dtype)
        self.axis, self.order = axis, order

    def forward(self, x):
        x = self.linear(x)
        for name in self.order.split():
            x = getattr(ops, name)(x)
        return x - x.mean(axis=self.axis, keepdims=True)


def stacked(*blocks):
    x = tensor(np.ones((4, 4)), requires_grad=True)
    model = nn.Sequential(*blocks)
    return draw(model(x).sum()), model


def folds(g):
    return [group for group in g.groups.table if group.kind == "fold"]


# ---- the tree ----------------------------------------------------------------------------------------------------------


def check_tree(graph, groups):
    """A parent stands before what is in it; every operation is in one group at most; counts are exact."""
    inside = [0] * len(groups.table)
    seen = set()
    for k, group in enumerate(groups.table):
        assert -1 <= group.parent < k and all(groups.table[child].parent == k and child > k for child in group.groups)
        assert not seen & set(group.nodes) and all(groups.of[i] == k for i in group.nodes)
        seen |= set(group.nodes)
        assert group.groups or group.nodes
    for i, _ in graph.ops:
        k = groups.of[i]
        assert k < 0 or i in seen
        while k >= 0:
            inside[k] += 1
            k = groups.table[k].parent
    assert inside == [group.ops for group in groups.table]
    for group in groups.table:
        assert any(re.match(rf"{group.ops:,} ops?\b", line) for line in group.lines)


@pytest.mark.parametrize("name", fixtures.EVERY)
def test_the_tree_of_the_fixtures(name):
    g = fixtures.drawn(name)[0]
    check_tree(g.graph, g.groups)


@given(graphs())
def test_the_tree_of_any_graph(graph):
    check_tree(graph, groups_of(graph))


def scalars(choices, lines=False):
    """A graph of scalars without modules; `choices` say what each operation takes, counted from the end."""
    nodes = [GraphNode(f"x{i}", "input", "input", type="f64") for i in range(3)]
    for i, (op, *back) in enumerate(choices):
        operands = tuple(Operand(max(0, len(nodes) - 1 - b), "ab"[k]) for k, b in enumerate(back))
        nodes.append(GraphNode(f"%{i + 1}", "op", op, operands, type="f64", line=f"train.py:{10 + i % 7 // 3}" if lines else ""))
    return GraphIR("tape", tuple(nodes), (len(nodes) - 1,))


STEPS = st.lists(st.tuples(st.sampled_from(["add", "tanh", "multiply"]), st.integers(0, 40), st.integers(0, 3)), min_size=3, max_size=30)


@given(STEPS, st.integers(1, 40), st.booleans(), st.data())
def test_closed_groups_make_no_circles(steps, times, lines, data):
    """Whatever is open, the boxes can be drawn in layers: no wire leaves a closed group and comes back."""
    graph = scalars(steps * times, lines)
    groups = groups_of(graph)
    check_tree(graph, groups)
    open = frozenset(data.draw(st.sets(st.integers(0, len(groups.table) - 1)))) if groups.table else frozenset()
    view = view_of(graph, groups, Options(open=open))
    before = [set() for _ in view.boxes]
    for wire in view.wires:
        before[wire.target].add(wire.source)
    done = set()
    while len(done) < len(view.boxes):
        ready = [k for k in range(len(view.boxes)) if k not in done and before[k] <= done]
        assert ready, "a circle"
        done.update(ready)


# ---- V20: folds --------------------------------------------------------------------------------------------------------


def test_v20_three_equal_blocks_fold_and_two_do_not():
    g, _keep = stacked(*(Block(rng=i) for i in range(3)))
    assert [(group.title, group.label) for group in folds(g)] == [("Block ×3", "(3 distinct parameter sets)")]
    assert [g.groups.table[k].title for k in folds(g)[0].groups] == ["0", "1", "2"]
    assert not folds(stacked(Block(), Block())[0])
    g, _keep = stacked(*(Block() for _ in range(3)), Block(order="sin tanh"), *(Block() for _ in range(4)))
    assert [group.title for group in folds(g)] == ["Block ×3", "Block ×4"]


@pytest.mark.parametrize("other", [{"dtype": np.float32}, {"axis": 0}, {"order": "sin tanh"}, {"order": "tanh sin sin"}], ids=str)
def test_v20_what_is_different_never_folds(other):
    assert folds(stacked(Block(), Block(), Block())[0])
    assert not folds(stacked(Block(), Block(**other), Block())[0])
    assert not folds(stacked(Block(), Block(), Block(**other))[0])


def test_v20_another_shape_never_folds():
    class Wide(nn.Module):
        def __init__(self, n, m):
            self.linear = nn.Linear(n, m, rng=0)

        def forward(self, x):
            return self.linear(x)

    def model(*widths):
        return draw(nn.Sequential(*(Wide(n, m) for n, m in zip(widths, widths[1:])))(np.ones((2, widths[0]), np.float32)).sum())

    assert not folds(model(4, 4, 4)) and not folds(model(4, 3, 4, 3))
    assert [group.title for group in folds(model(5, 4, 4, 4, 4))] == ["Wide ×3"]


def test_v20_other_wiring_never_folds():
    def graph(wires):
        scopes = tuple(Scope(name, "Block") for name in "abc")
        nodes = [GraphNode("x", "input", "input", type="f64")]
        for k, (first, second) in enumerate(wires):
            start = len(nodes) - 1
            for op, wire in (("add", first), ("multiply", second)):
                operands = tuple(Operand(start + back, "ab"[slot]) for slot, back in enumerate(wire))
                nodes.append(GraphNode(f"%{len(nodes)}", "op", op, operands, type="f64", scope=k))
        return groups_of(GraphIR("tape", tuple(nodes), (len(nodes) - 1,), scopes))

    same = ((0, 0), (1, 0))
    assert [group.title for group in graph([same, same, same]).table] == ["Block ×3", "a", "b", "c"]
    for other in (((0, 0), (0, 1)), ((0, 0), (1, 1)), ((0, 0), (0, 0))):
        found = graph([same, same, other])
        assert [group.kind for group in found.table] == ["module"] * 3
        assert found.table[0].peers == found.table[1].peers != found.table[2].peers


def test_v20_shared_and_distinct_parameters_are_worded_differently():
    cell = Block()
    g, _keep = stacked(cell, cell, cell)
    assert [(group.title, group.label) for group in folds(g)] == [("0 called ×3", "(shared parameters)")]
    assert g.groups.table[folds(g)[0].groups[1]].lines[-1] == "one of 3 calls (shared parameters)"
    result, _keep = fixtures.lstm(13)
    fold, = folds(draw(result))
    assert (fold.title, fold.label) == ("cell called ×13", "(shared parameters)")  # the first step takes constants, the others results
    shared = nn.Linear(4, 4, rng=0, dtype=np.float64)
    blocks = [Block(), Block(), Block()]
    blocks[0].linear = blocks[1].linear = shared
    titles = [(group.title, group.label) for group in folds(stacked(*blocks)[0])]
    assert titles == [("Block ×3", "(2 distinct parameter sets)")]
    assert [(group.title, group.label) for group in folds(stacked(*(nn.Tanh() for _ in range(4)))[0])] == [("Tanh ×4", "")]


def test_v20_equal_blocks_are_in_the_same_state():
    blocks = [nn.Sequential(Block(), nn.Sequential(Block(), nn.Tanh())) for _ in range(8)]
    g, _keep = stacked(*blocks)
    graph, groups = g.graph, g.groups
    for max_nodes in range(1, 200):
        open = default_open(graph, groups, max_nodes)
        for peer in {group.peers for group in groups.table}:
            states = {k in open for k, group in enumerate(groups.table) if group.peers == peer}
            assert len(states) == 1
    same = [k for k, group in enumerate(groups.table) if group.title in list("01234567")]
    assert len({groups.table[k].peers for k in same}) == 1 and len(same) == 8


# ---- V21: how many boxes -----------------------------------------------------------------------------------------------


def check_opening(graph, groups, sizes):
    least = len(boxes(graph, groups, frozenset()))
    smaller = None
    for max_nodes in sizes:
        open = default_open(graph, groups, max_nodes)
        assert smaller is None or smaller <= open, f"max_nodes={max_nodes} closes what was open"
        assert all(groups.table[k].parent < 0 or groups.table[k].parent in open for k in open)
        shown = len(boxes(graph, groups, open))
        assert shown <= max(max_nodes, least) or (max_nodes >= 80 >= ops_in(graph))
        smaller = open


@pytest.mark.parametrize("name", fixtures.FIXTURES)
def test_v21_fewer_boxes_open_nothing(name):
    g = fixtures.drawn(name)[0]
    check_opening(g.graph, g.groups, range(1, 201))


@given(graphs(), STEPS, st.integers(1, 12))
def test_v21_of_any_graph(graph, steps, times):
    for any_graph in (graph, scalars(steps * times)):
        check_opening(any_graph, groups_of(any_graph), [*range(1, 30), 39, 40, 41, 79, 80, 81, 120, 200])


def test_small_graphs_are_shown_whole():
    result, _keep = fixtures.lstm()
    g = draw(result)
    assert ops_in(g.graph) == 66 and len(g.options.open) == len(g.groups.table)
    result, _keep = fixtures.lstm(8)
    g = draw(result)
    assert ops_in(g.graph) > 80 and len(g.options.open) < len(g.groups.table)


# ---- V18, V19: large graphs --------------------------------------------------------------------------------------------


def test_v18_resnet18_can_be_taken_in_at_a_glance():
    g = fixtures.drawn("resnet18")[0]
    assert sum(node.kind == "parameter" for node in g.graph.nodes) == 62
    assert 10 <= len(g.view.boxes) <= 40
    counted = 0
    for box in g.view.boxes:
        if box.kind == "group":
            said = next(line for line in box.lines if re.match(r"[\d,]+ ops?\b", line))
            counted += int(said.split()[0].replace(",", ""))
        elif box.node >= 0:
            counted += box.ops
    assert counted == ops_in(g.graph) == sum(box.ops for box in g.view.boxes)
    assert {group.label for k, group in enumerate(g.groups.table) if k in g.options.open} == {"Sequential"}  # a whole level
    assert len(boxes(g.graph, g.groups, default_open(g.graph, g.groups, 200))) > 100  # more only if asked for


def random_scalars(n=10_000):
    rng = np.random.default_rng(0)
    names = ["add", "multiply", "tanh", "exp", "subtract"]
    return scalars([(names[a], int(b), int(c)) for a, b, c in zip(rng.integers(0, 5, n), rng.integers(0, 60, n), rng.integers(0, 2000, n))])


@pytest.mark.parametrize("name", ["chain", "wide", "random"])
def test_v19_ten_thousand_scalars(name):
    result, _keep = fixtures.LARGE[name]() if name != "random" else (None, None)
    g = draw(result if result is not None else random_scalars())
    view = g.view
    assert 3 <= len(view.boxes) <= 80 and sum(box.ops for box in view.boxes) == ops_in(g.graph) >= 10_000
    assert len(view_of(g.graph, g.groups, Options(open=frozenset(range(len(g.groups.table))))).boxes) >= 10_000  # and the flat one is there
    most = [len(group.groups) + len(group.nodes) for group in g.groups.table]
    assert max(most) <= MANY + 1, "what is opened can be read, too"


def test_v19_layers_of_neurons_are_found():
    titles = [box.title for box in fixtures.drawn("wide")[0].view.boxes]
    assert titles == ["multiply, add, tanh ×17"] * 18 + ["add ×16"]


def test_a_frontier_remains_of_what_has_no_structure():
    rng = np.random.default_rng(1)
    steps = [(f"op{rng.integers(50)}", int(rng.integers(30)), int(rng.integers(300))) for _ in range(2000)]
    g = draw(scalars(steps))
    more = [box for box in g.view.boxes if box.title.startswith("+")] + [f for f in g.view.frames if f.title.startswith("+")]
    assert len(more) == 1
    group = g.groups.table[more[0].group]
    assert group.title == f"+{group.ops:,} more" and g.view.boxes[-1].kind == "loss"


def test_source_lines_come_first():
    nodes = [GraphNode("x", "input", "input", type="f64")]
    for k in range(120):
        nodes.append(GraphNode(f"%{k + 1}", "op", f"op{k % 7}", (Operand(k, "x"),), type="f64", line=f"train.py:{k // 10}"))
    groups = groups_of(GraphIR("recording", tuple(nodes), (120,)))
    assert [group.title for group in groups.table] == [f"train.py:{k}" for k in range(12)]
    assert [group.ops for group in groups.table] == [10] * 12 and groups.table[3].label == "%31 … %40"


# ---- what is said of a group -------------------------------------------------------------------------------------------


def test_what_a_closed_module_says():
    def node(name, kind, operands=(), scope=-1, type="f32[2]", **more):
        return GraphNode(name, "op" if kind not in ("parameter", "input") else kind, kind, tuple(Operand(o, "a") for o in operands), (2,),
                         "float32", type, scope=scope, **more)

    stats = [Stats(2, 0, 1, 0.5, rms, 0, 0, 0) for rms in (1e-3, 2e-3)]
    nodes = (node("x", "input"), node("m.w", "parameter", gradient=stats[0]), node("m.v", "parameter", gradient=stats[1]),
             node("%1", "multiply", (0, 1), 0, kept=(Kept("a", 1024, 0), Kept("b", 1024, 1))),
             node("%2", "add", (3, 2), 0, type="f32[3]", kept=(Kept("a", 1024, 1),)), node("%3", "sum", (4,)))
    groups = groups_of(GraphIR("tape", nodes, (5,), (Scope("m", "Block"),)))
    assert groups.table[0].lines == ("f32[2] → f32[3]", "2 ops · 2.0 kB kept", "4 parameters", "∂ rms 1.0e-03 … 2.0e-03")
    assert groups.of == (-1, 0, 0, 0, 0, -1)  # parameters are in their module, what comes in is not


def test_a_parameter_is_where_its_module_is():
    class Tied(nn.Module):
        def __init__(self):
            self.embed, self.last = nn.Linear(4, 4, rng=0), nn.Linear(4, 4, rng=1)

        def forward(self, x):
            return self.last(ops.tanh(self.embed(x))) @ self.embed.weight

    x = tensor(np.ones((2, 4), np.float32), requires_grad=True, name="x")
    g = draw(Tied()(x).sum())
    where = {node.name: g.groups.table[k].title if k >= 0 else "" for node, k in zip(g.graph.nodes, g.groups.of) if node.kind != "op"}
    assert where == {"x": "", "embed.weight": "", "embed.bias": "embed", "last.weight": "last", "last.bias": "last"}


def test_a_deep_nest_of_modules():
    scopes = tuple(Scope(f"m{k}", "Block", 0, k - 1) for k in range(2000))
    nodes = (GraphNode("x", "input", "input", type="f64"), GraphNode("%1", "op", "exp", (Operand(0, "x"),), type="f64", scope=1999))
    graph = GraphIR("tape", nodes, (1,), scopes)
    groups = groups_of(graph)
    assert len(groups.table) == 2000 and sum(box.ops for box in boxes(graph, groups, frozenset(range(1000)))) == 1


def test_a_long_recording_of_one_line():
    x = tensor(np.ones(3), requires_grad=True, name="x")
    with record() as recorded:
        y = x
        for _ in range(MANY + 20):
            y = ops.tanh(y)
    graph = recorded.graph(y)
    assert len({node.line for _, node in graph.ops}) == 1
    groups = groups_of(graph)
    assert sum(box.ops for box in boxes(graph, groups, frozenset())) == MANY + 20


def test_a_mask_is_no_input():
    model = nn.Sequential(nn.Linear(4, 4, rng=0), nn.Dropout(0.5, rng=0), nn.Linear(4, 2, rng=1))
    g = draw(model, (3, 4))
    assert [node.kind for node in g.graph.nodes].count("constant") == 1
    assert [group.lines[0] for group in g.groups.table] == ["f32[3,4] → f32[3,4]"] * 2 + ["f32[3,4] → f32[3,2]"]
