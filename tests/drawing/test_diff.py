"""Does a diff say what happened, all of it and nothing else?"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn
from autograd import draw, ops, tensor
from autograd.drawing.diff import diff
from autograd.drawing.graph import GraphIR, GraphNode, Operand, Scope
from tests.drawing import fixtures
from tests.drawing.test_select import graphs


def graph_of(result):
    return draw(result).graph


def kinds(changes):
    return sorted(change.state for change in changes.changes)


@pytest.mark.parametrize("name", fixtures.EVERY)
def test_v36_a_graph_is_not_different_from_itself(name):
    graph = fixtures.drawn(name)[0].graph
    same = diff(graph, graph)
    assert not same and not same.new and same.text() == "no differences"
    assert same.apply(graph) == graph and same.graph == graph and set(same.states) == {"same"}


class Net(nn.Module):
    def __init__(self, stride=1, dropout=False, name="head"):
        self.conv1, self.bn, self.conv2 = nn.Conv2d(3, 4, 3, rng=0), nn.BatchNorm2d(4), nn.Conv2d(4, 4, 3, stride=stride, rng=1)
        self.drop = nn.Dropout(0.5, rng=0) if dropout else None
        setattr(self, name, nn.Linear(4, 2, rng=2))
        self.name = name

    def forward(self, x):
        x = self.conv2(self.bn(self.conv1(x)).relu()).relu()
        if self.drop is not None:
            x = self.drop(x)
        return getattr(self, self.name)(x.mean(axis=(2, 3)))


IMAGE = np.linspace(-1, 1, 2 * 3 * 144, dtype=np.float32).reshape(2, 3, 12, 12)


def net(**options):
    return graph_of(Net(**options)(IMAGE).sum())


def test_v36_a_dropout_is_one_addition():
    before, after = net(), net(dropout=True)
    changes = diff(before, after)
    assert kinds(changes) == ["added"] and changes.changes[0].text.startswith("multiply") and changes.changes[0].text.endswith("drop")
    assert changes.apply(before) == after and "1 added" in changes.text() and changes.text().startswith("+ ")
    back = diff(after, before)
    assert kinds(back) == ["removed"] and back.apply(after) == before
    assert back.graph.nodes[back.states.index("removed")].name.startswith("−%")


def test_v36_a_stride_is_one_change():
    before, after = net(), net(stride=2)
    changes = diff(before, after)
    assert kinds(changes) == ["changed"] and "stride" in changes.changes[0].text and "(2,2)" in changes.changes[0].text
    assert changes.follow > 0 and "follow" in changes.text()  # shapes below are another, too, and that is no change of theirs
    assert changes.apply(before) == after


def test_v36_a_renamed_parameter_is_one_rename():
    def graph(name):
        w, v = tensor([1.0, 2.0], requires_grad=True, name=name), tensor([1.0, 2.0], requires_grad=True, name="v")
        return graph_of((ops.tanh(w * 2.0) + v * w).sum())

    before, after = graph("w"), graph("weight")
    changes = diff(before, after)
    assert kinds(changes) == ["renamed"] and changes.text().startswith("~ w  → weight") and changes.apply(before) == after
    changes = diff(net(), net(name="classifier"))  # a module of two parameters
    assert kinds(changes) == ["renamed", "renamed"] and {c.text for c in changes.changes} == {"→ classifier.weight", "→ classifier.bias"}


def test_a_layer_put_into_a_sequence():
    def graph(*layers):
        return graph_of(nn.Sequential(nn.Linear(4, 4, rng=0), *layers, nn.ReLU(), nn.Linear(4, 4, rng=1))(np.ones((2, 4))).sum())

    before, after = graph(), graph(nn.Dropout(0.5, rng=0))
    changes = diff(before, after)  # the module behind it has another number now
    assert kinds(changes) == ["added", "renamed", "renamed"] and changes.apply(before) == after


def test_what_else_is_a_change():
    x, y = tensor([1.0, 2.0], requires_grad=True, name="x"), tensor([3.0, 4.0], requires_grad=True, name="y")
    same = graph_of((x - y).sum())
    assert kinds(diff(same, graph_of((y - x).sum()))) == ["changed"]
    assert kinds(diff(graph_of(x * 2.0), graph_of(x * 3.0))) == ["changed"]
    assert kinds(diff(graph_of(x.sum()), graph_of(x.mean()))) == ["added", "removed"]
    z = tensor([1.0, 2.0, 3.0], requires_grad=True, name="x")
    longer = diff(graph_of((x * x).sum()), graph_of((z * z).sum()))
    assert kinds(longer) == ["changed"] and longer.changes[0].text.endswith("f64[2] → f64[3]") and longer.follow == 1


def test_values_and_their_tolerance():
    def graph(value):
        x = tensor(value, requires_grad=True, name="x")
        return graph_of(x * 1.5)

    before, after = graph(2.0), graph(2.1)
    assert kinds(diff(before, after)) == ["values", "values"]
    assert "2.00 → 2.10" in diff(before, after).text()
    assert not diff(before, after, tolerance=0.06) and diff(before, after, tolerance=0.06).apply(before) == after
    assert diff(before, after, tolerance=0.04)
    nan = diff(before, graph(float("nan")), tolerance=10)
    assert kinds(nan) == ["values", "values"] and not diff(graph(float("nan")), graph(float("nan")))
    for wrong in (-1.0, float("nan")):
        with pytest.raises(ValueError, match="tolerance"):
            diff(before, after, wrong)
    with pytest.raises(ValueError, match="state"):
        diff(before, after).of("deleted")
    with pytest.raises(ValueError, match="nodes"):
        diff(before, after).apply(net())


@given(graphs(), graphs())
def test_v36_any_graph_is_rebuilt_from_any_other(a, b):
    changes = diff(a, b)
    assert changes.apply(a) == b
    assert not diff(a, a) and not diff(b, b)
    assert len(changes.of("added")) - len(changes.of("removed")) == len(b.nodes) - len(a.nodes)
    both = changes.graph
    assert all(o.source < i for i, node in enumerate(both.nodes) for o in node.operands)
    assert len(both.nodes) == len(b.nodes) + len(changes.of("removed")) == len(changes.states)
    assert all(-1 <= node.scope < len(both.scopes) for node in both.nodes)
    assert sum(box.ops for box in changes.view().boxes) == sum(node.kind == "op" for node in both.nodes)


@given(graphs(), st.data())
def test_v36_one_operation_more_is_one_addition(graph, data):
    place = data.draw(st.integers(1, len(graph.nodes) - 1))
    while graph.nodes[place].kind != "op":
        place += 1

    def moved(node, i):
        operands = tuple(o._replace(source=o.source + (o.source >= place) if not (i == place and k == 0) else place)
                         for k, o in enumerate(node.operands))
        return node._replace(operands=operands, name=f"%{i}" if node.kind == "op" else node.name)

    new = GraphNode("%new", "op", "dropout", (graph.nodes[place].operands[0],), type="f32[2]", scope=graph.nodes[place].scope)
    after = graph._replace(nodes=(*graph.nodes[:place], new, *(moved(node, i) for i, node in enumerate(graph.nodes) if i >= place)),
                           outputs=tuple(o + (o >= place) for o in graph.outputs))
    changes = diff(graph, after)
    assert kinds(changes) == ["added"] and changes.changes[0].after == place and changes.apply(graph) == after
    assert kinds(diff(after, graph)) == ["removed"]


def test_marks_are_badges_of_the_picture():
    view = diff(net(), net(dropout=True, stride=2)).view()
    badges = {box.badges for box in view.boxes}
    assert ("+",) in badges and ("~",) in badges and () in badges


def test_a_removed_module_comes_back_with_its_scope():
    scopes = (Scope("a", "Block"), Scope("a.b", "Block", 0, 0))
    leaf = GraphNode("x", "input", "input", type="f32")
    small = GraphIR("tape", (leaf, GraphNode("%1", "op", "exp", (Operand(0, "x"),))), (1,))
    inner = GraphNode("%1", "op", "tanh", (Operand(0, "x"),), scope=1)
    large = GraphIR("tape", (leaf, inner, GraphNode("%2", "op", "exp", (Operand(1, "x"),))), (2,), scopes)
    both = diff(large, small).graph
    assert [node.name for node in both.nodes] == ["x", "−%1", "%1"] and both.path(both.nodes[1].scope) == "a.b" and both.scopes == scopes


def test_v36_ten_thousand_nodes():
    a, b = fixtures.drawn("wide")[0].graph, fixtures.drawn("chain")[0].graph
    for left, right in ((a, b), (b, a)):
        assert diff(left, right).apply(left) == right
