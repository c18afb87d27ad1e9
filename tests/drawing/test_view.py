"""Does a view show the graph, all of it and nothing else?"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nn
from autograd import draw, no_grad, ops, tensor
from autograd.drawing.chips import LEAF, SHAPE, ranks_of
from autograd.drawing.graph import GraphIR, GraphNode, Operand, Stats
from autograd.drawing.groups import groups_of
from autograd.drawing.overlay import power_of
from autograd.drawing.view import Options, view_of
from tests.drawing import fixtures
from tests.drawing.test_select import graphs


def ops_in(graph):
    return sum(node.kind == "op" for node in graph.nodes)


def options_for(graph, groups, data):
    """Any options: open groups, shown nodes, a style."""
    some = st.sets(st.integers(0, len(groups.table) - 1)) if groups.table else st.just(set())
    only = st.none() | st.sets(st.integers(0, len(graph.nodes) - 1)).map(frozenset)
    color = st.sampled_from(["kind", "grad", "value", "time", "bytes", "dtype"])
    return Options(open=frozenset(data.draw(some)), style=data.draw(st.sampled_from(["boxes", "circuit"])), only=data.draw(only),
                   constants=data.draw(st.booleans()), color=data.draw(color))


# ---- the graph ---------------------------------------------------------------------------------------------------------


STEPS = st.tuples(st.sampled_from("*+-@vicntm"), st.integers(0, 30), st.integers(0, 30))


@settings(max_examples=200)
@given(st.lists(STEPS, min_size=1, max_size=25), st.booleans())
def test_v02_nodes_and_edges_are_those_of_the_tape(choices, two):
    """Products of a value with itself, views, writes in place, constants, inputs without gradient, operations with several outputs."""
    one = np.ones((2, 2))
    values = [tensor(one, requires_grad=True, name="w"), tensor(one, requires_grad=True), tensor(one)]
    for kind, i, j in choices:
        x, y = values[i % len(values)], values[j % len(values)]
        if kind == "v":
            new = x.T
        elif kind == "i":
            new = x * 1.0
            new[0] = y[1]
        elif kind == "c":
            new = x - one
        elif kind == "n":
            with no_grad():
                new = x * y
        elif kind == "m":
            first, second = ops.split(x, 2)
            new = ops.concatenate([second, first * 2.0])
        elif kind == "t":
            new = ops.stack([x, y, x]).sum(axis=0)
        else:
            new = {"*": x * y, "+": x + y, "-": x - y, "@": x @ y}[kind] * 0.1
        values.append(new)
    roots = [v for v in values[-1 - two:] if v.node is not None]
    if not roots:
        return
    nodes, edges, stack = {}, [], [r.node for r in roots]
    while stack:
        node = stack.pop()
        if node not in nodes:
            nodes[node] = node.id
            edges += [(parent.id, node.id, slot) for slot, parent in enumerate(node.inputs) if parent is not None]
            stack += [parent for parent in node.inputs if parent is not None]
    leaves = sorted(i for node, i in nodes.items() if node.pullback is None)
    order = [*leaves, *sorted(i for node, i in nodes.items() if node.pullback is not None)]
    place = {i: k for k, i in enumerate(order)}
    graph = draw(*roots).graph
    assert len(graph.nodes) == len(nodes) and ops_in(graph) == len(nodes) - len(leaves)
    found = sorted((o.source, i, slot) for i, node in enumerate(graph.nodes) for slot, o in enumerate(node.operands) if o.source >= 0)
    assert found == sorted((place[a], place[b], slot) for a, b, slot in edges)
    assert set(graph.outputs) == {place[r.node.id] for r in roots}
    shapes = {place[i]: node.shape for node, i in nodes.items()}
    assert [node.shape for node in graph.nodes] == [shapes[k] for k in range(len(graph.nodes))]


@pytest.mark.parametrize("f", [lambda x: x * x, lambda x: x + x, lambda x: x - x, lambda x: ops.concatenate([x, x])])
def test_v01_both_operands_have_a_wire(f):
    view = draw(f(tensor(np.ones(2), requires_grad=True, name="x"))).view
    assert [(w.source, w.target, w.slot) for w in view.wires] == [(0, 1, 0), (0, 1, 1)]


def test_v01_slots_are_labelled_where_their_order_matters():
    x, y = (tensor(np.ones(2), requires_grad=True, name=name) for name in "xy")
    labels = {}
    for name, f in {"-": x - y, "+": x + y, "[]": ops.concatenate([x, x]), "c": x - 1.0, "where": ops.where([True, False], x, y)}.items():
        labels[name] = [w.label for w in draw(f).view.wires]
    assert labels == {"-": ["a", "b"], "+": ["", ""], "[]": ["0", "1"], "c": [""], "where": labels["where"]}
    assert all(labels["where"]) and len(set(labels["where"])) == 2


# ---- what is counted ---------------------------------------------------------------------------------------------------


@given(graphs(), st.data())
def test_every_operation_is_counted_once(graph, data):
    groups = groups_of(graph)
    options = options_for(graph, groups, data)
    view = view_of(graph, groups, options)
    assert sum(box.ops for box in view.boxes) == ops_in(graph)
    assert len({box.id for box in view.boxes}) == len(view.boxes) and len({frame.id for frame in view.frames}) == len(view.frames)
    for wire in view.wires:
        assert 0 <= wire.source < len(view.boxes) and 0 <= wire.target < len(view.boxes) and wire.source != wire.target
        assert view.boxes[wire.source].kind != "more" or view.boxes[wire.target].kind != "more"  # between stubs there is nothing to see
    for box in view.boxes:
        assert -1 <= box.frame < len(view.frames)
        assert box.group < 0 or box.group not in options.open or view.frames
    for place, frame in enumerate(view.frames):
        assert -1 <= frame.parent < place and frame.group in options.open
        assert any(box.frame == place for box in view.boxes) or any(other.parent == place for other in view.frames)
    assert all(0 <= output < len(view.boxes) for output in view.outputs)
    assert view == view_of(graph, groups, options)


@given(graphs(), st.data())
def test_every_wire_of_the_graph_is_seen_or_inside_a_box(graph, data):
    groups = groups_of(graph)
    options = options_for(graph, groups, data)._replace(only=None, constants=False)
    view = view_of(graph, groups, options)
    circuit = options.style == "circuit"
    chips = [0] * len(graph.nodes) if circuit else groups.chips

    def box_of(i):
        k, found = groups.of[i], -1
        while k >= 0:
            if k not in options.open and not circuit:
                found = k
            k = groups.table[k].parent
        return f"g{found}" if found >= 0 else f"n{i}"

    expected = {}
    for i, node in graph.ops:
        if chips[i] != SHAPE:
            for operand in node.operands:
                source = operand.source
                while chips[source] == SHAPE:
                    source = next(o.source for o in graph.nodes[source].operands)
                if chips[source] != LEAF and box_of(source) != box_of(i):
                    key = (box_of(source), box_of(i))
                    expected[key] = expected.get(key, 0) + 1
    found = {}
    for wire in view.wires:
        key = (view.boxes[wire.source].id, view.boxes[wire.target].id)
        found[key] = found.get(key, 0) + wire.count
    assert found == expected


@pytest.mark.parametrize("name", fixtures.EVERY)
def test_counts_of_the_fixtures(name):
    g = fixtures.drawn(name)[0]
    for open in (g.options.open, frozenset()):
        view = view_of(g.graph, g.groups, g.options._replace(open=open))
        assert sum(box.ops for box in view.boxes) == ops_in(g.graph)
        assert view.caption.startswith(f"{ops_in(g.graph):,} operation")


# ---- chips -------------------------------------------------------------------------------------------------------------


def test_a_leaf_that_is_used_often_or_far_apart_is_a_chip():
    def chips(uses, distance):
        x, y = (tensor(np.ones(2), requires_grad=True, name=name) for name in "xy")
        value = y * x
        for _ in range(distance - 1):
            value = ops.tanh(value)
        for _ in range(uses - 1):
            value = value * x
        g = draw(value.sum())
        assert len([w for w in g.view.wires if g.view.boxes[w.source].title == "x"]) + sum(
            chip.text == "x f64[2]" for box in g.view.boxes for chip in box.chips) == uses
        assert [chip.slot for box in g.view.boxes for chip in box.chips] in ([1] * uses, [])
        return any(box.chips for box in g.view.boxes)

    assert not chips(3, 1) and chips(4, 1)
    assert not chips(2, 6) and chips(2, 7)


def test_shapes_are_chips_where_they_are_used():
    x, w = tensor(np.ones((2, 3)), requires_grad=True, name="x"), tensor(np.ones((2, 3)), requires_grad=True, name="w")
    result = (x.reshape(6).reshape(3, 2) @ w).sum()
    view = draw(result).view
    box = next(box for box in view.boxes if box.title == "matmul")
    assert [(chip.kind, chip.text, chip.slot) for chip in box.chips] == [("op", "reshape shape=6", 0), ("op", "reshape shape=(3,2)", 0)]
    assert box.ops == 3 and [view.boxes[wire.source].title for wire in view.wires][:2] == ["x", "w"]
    view = draw(result, constants=True).view
    assert [box.title for box in view.boxes].count("reshape") == 2 and all(box.ops <= 1 for box in view.boxes)
    assert draw(x.reshape(6)).view.boxes[1].title == "reshape"  # a result is always a box
    y = x
    for _ in range(9):
        y = y.T
    assert max(len(box.chips) for box in draw((y @ w).sum()).view.boxes) == 3  # and no box is full of them


def test_a_shape_that_is_used_twice_counts_once():
    x, w = tensor(np.ones((2, 3)), requires_grad=True, name="x"), tensor(np.ones((2, 3)), requires_grad=True, name="w")
    y = x.T
    view = draw((y @ w + ops.tanh(y) @ w).sum()).view
    assert sum(bool([chip for chip in box.chips if chip.kind == "op"]) for box in view.boxes) == 2
    assert sorted(box.ops for box in view.boxes) == [0, 0, 1, 1, 1, 1, 2]


def test_constant_arrays_are_chips_unless_asked_for():
    x = tensor(np.ones(2), requires_grad=True, name="x")
    result = (x * np.arange(2.0) * 3.0).sum()
    box = draw(result).view.boxes[1]
    assert [(c.node, c.kind, c.text, c.slot) for c in box.chips] == [(-1, "constant", "f64[2]", 1)]
    view = draw(result, constants=True).view
    constant = next(k for k, box in enumerate(view.boxes) if box.kind == "constant")
    wire = next(wire for wire in view.wires if wire.source == constant)
    assert view.boxes[wire.target].title == "multiply" and wire.slot == 1 and not any(box.chips for box in view.boxes)
    assert "b = 3.0" in view.boxes[-2].lines


# ---- what is left out, what is not reached -----------------------------------------------------------------------------


def test_stubs_count_what_is_left_out():
    x = tensor(np.ones(2), requires_grad=True, name="x")
    y = x
    for _ in range(10):
        y = ops.tanh(y)
    graph = draw(y).graph
    groups = groups_of(graph)
    view = view_of(graph, groups, Options(only=frozenset({4, 5})))
    assert [(box.id, box.kind, box.title, box.ops) for box in view.boxes] == [
        ("m1", "more", "+3 more", 3), ("n4", "op", "tanh", 1), ("n5", "op", "tanh", 1), ("m2", "more", "+5 more", 5)]
    assert [(wire.source, wire.target) for wire in view.wires] == [(0, 1), (1, 2), (2, 3)] and view.outputs == (3,)
    assert view.boxes[0].lines[0] == "3 operations and 1 leaf"
    empty = view_of(graph, groups, Options(only=frozenset()))
    assert [(box.title, box.ops) for box in empty.boxes] == [("+10 more", 10)] and not empty.wires


def test_parameters_that_are_not_reached_stand_aside():
    result, _keep = fixtures.mlp()
    graph = draw(result).graph
    lost = tuple(GraphNode(f"lost.{i}", "parameter", "parameter", type="f32[3]") for i in range(40))
    for n in (3, 40):
        view = view_of(graph._replace(unreached=lost[:n]), groups_of(graph), Options())
        frame = next(k for k, frame in enumerate(view.frames) if frame.title == "not reached by the loss")
        aside = [(k, box) for k, box in enumerate(view.boxes) if box.frame == frame]
        assert view.frames[frame].label == f"{n} parameters" and len(aside) == min(n, 12)
        assert not {k for k, _ in aside} & {end for wire in view.wires for end in wire[:2]}
        assert {box.gradient for _, box in aside if box.kind == "parameter"} == {"∂⊥"}
        assert sum(box.kind == "parameter" for _, box in aside) + sum(int(box.title[1:-5]) for _, box in aside if box.kind == "more") == n
        assert sum(box.ops for box in view.boxes) == ops_in(graph)


# ---- what is written on a box ------------------------------------------------------------------------------------------


def test_gradients_are_written_where_they_are_known():
    result, model = fixtures.mlp()
    view = draw(result).view
    assert not any(box.gradient for box in view.boxes)
    result.backward()
    marks = {box.title: box.gradient for box in draw(result).view.boxes if box.kind == "parameter"}
    assert len(marks) == 6 and all(mark.startswith("∂rms ") for mark in marks.values())
    next(iter(model.parameters())).grad = None
    marks = {box.title: box.gradient for box in draw(result).view.boxes if box.kind in ("parameter", "op")}
    assert marks["0.weight"] == "∂∅" and marks["2.weight"].startswith("∂rms") and marks["relu"] == ""
    closed = draw(result, open=frozenset()).view
    assert any(line.startswith("∂ rms ") for box in closed.boxes for line in box.lines)


@given(graphs(), st.data())
def test_a_shade_belongs_to_the_graph_and_not_to_the_view(graph, data):
    amounts = st.floats(0, 1e30) | st.just(0.0) | st.floats(1e-300, 1e-3)
    nodes = [node._replace(seconds=data.draw(amounts)) for node in graph.nodes]
    graph = graph._replace(nodes=tuple(nodes))
    groups = groups_of(graph)
    whole = {box.id: box.shade for box in view_of(graph, groups, Options(open=frozenset(range(len(groups.table))), color="time")).boxes}
    part = view_of(graph, groups, options_for(graph, groups, data)._replace(color="time", style="boxes", constants=False))
    assert all(whole.get(box.id, box.shade) == box.shade for box in part.boxes)
    shades = sorted((node.seconds, whole[f"n{i}"]) for i, node in enumerate(graph.nodes) if f"n{i}" in whole)
    assert all(a[1] <= b[1] for a, b in zip(shades, shades[1:])) and all((shade < 0) == (amount == 0) for amount, shade in shades)
    assert all(-1 <= shade <= 7 for _, shade in shades)


@given(st.floats(min_value=5e-324, allow_infinity=False))
def test_the_scale_counts_powers_of_two(x):
    assert x / 2 < 2.0 ** power_of(x) <= x or power_of(x) < -1074


def test_amounts_are_printed_beside_their_shades():
    result, _keep = fixtures.mlp()
    graph = draw(result).graph
    nodes = tuple(node._replace(seconds=(i + 1) * 1e-3, value=Stats(4, 0, 1, 0.5, 2.0 ** i, 0, 0, 0)) for i, node in enumerate(graph.nodes))
    graph, groups = graph._replace(nodes=nodes), groups_of(graph)
    everything = frozenset(range(len(groups.table)))
    boxes = {color: view_of(graph, groups, Options(color=color, open=everything)).boxes
             for color in ("kind", "time", "value", "bytes", "dtype")}
    assert {box.shade for box in boxes["kind"]} == {-1}
    assert (boxes["time"][0].lines[-1], boxes["time"][0].shade) == ("1.0 ms", 0) and boxes["time"][-1].shade == 7
    assert boxes["value"][3].lines[-1] == "rms 8.0e+00" and boxes["value"][0].shade == 0 and boxes["value"][-1].shade == 7
    assert any(line.endswith(" kept") for box in boxes["bytes"] for line in box.lines)
    assert {box.shade for box in boxes["dtype"]} == {0}
    group = view_of(graph, groups, Options(color="time")).boxes[0]
    inside = [graph.nodes[i].seconds for i, k in enumerate(groups.of) if k == group.group]
    assert group.lines[-1] == f"{sum(inside) * 1e3:.1f} ms"


def test_problems_are_badges_of_what_shows_them():
    class Problem:
        def __init__(self, kind, node):
            self.kind, self.node = kind, node

    result, _keep = fixtures.residual()
    g = draw(result)
    inner = next(i for i, node in g.graph.ops if g.graph.path(node.scope) == "0.conv1")
    hidden = g.groups.chips.index(SHAPE)
    problems = [Problem("nan", inner), Problem("nan", inner), Problem("dead", inner), Problem("shape", hidden), Problem("general", -1)]
    everything = g.options._replace(open=frozenset(range(len(g.groups.table))))
    badges = {box.id: box.badges for box in view_of(g.graph, g.groups, everything, problems).boxes if box.badges}
    assert badges[f"n{inner}"] == ("nan", "dead") and sorted(badges.values()) == [("nan", "dead"), ("shape",)]
    closed = view_of(g.graph, g.groups, Options(), problems)
    assert [box.badges for box in closed.boxes if box.badges] == [("nan", "dead", "shape")]


def test_an_error_is_written_on_its_box():
    leaf = GraphNode("x", "input", "input", type="f32")
    graph = GraphIR("recording", (leaf, GraphNode("%1", "op", "reshape", (Operand(0, "x"),), error="cannot reshape")), ())
    assert "cannot reshape" in view_of(graph, groups_of(graph), Options()).boxes[1].lines


@given(graphs())
def test_ranks_are_longest_ways(graph):
    ranks = ranks_of(graph)
    for i, node in enumerate(graph.nodes):
        assert ranks[i] == (1 + max((ranks[o.source] for o in node.operands if o.source >= 0), default=0) if node.kind == "op" else 0)


def test_an_output_in_a_closed_module_is_its_box():
    model = nn.Sequential(nn.Linear(2, 2, rng=0))
    view = draw(model(np.ones((1, 2))), open=frozenset()).view
    assert [box.kind for box in view.boxes] == ["group"] and view.outputs == (0,)
