"""Is it the right part of the graph that is shown?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import draw
from autograd.drawing.graph import GraphIR, GraphNode, Operand, Scope
from autograd.drawing.groups import groups_of
from autograd.drawing.select import find, focus, opened, path, shut
from autograd.drawing.view import Options, view_of
from tests.drawing import fixtures

OPS = ("add", "multiply", "reshape", "tanh", "concatenate")


@st.composite
def graphs(draw_):
    """Random graphs, in modules."""
    scopes = [Scope("a", "Block"), Scope("a.conv", "Conv2d", 0, 0), Scope("b", "Block"), Scope("b.Conv", "Linear", 1, 2)]
    nodes = [GraphNode(f"w{i}", "parameter", "parameter", type="f32[2]") for i in range(draw_(st.integers(1, 4)))]
    for i in range(draw_(st.integers(1, 25))):
        sources = draw_(st.lists(st.integers(0, len(nodes) - 1), min_size=1, max_size=3))
        operands = tuple(Operand(source, "ab"[k % 2]) for k, source in enumerate(sources))
        nodes.append(GraphNode(f"%{i + 1}", "op", draw_(st.sampled_from(OPS)), operands,
                               type=draw_(st.sampled_from(["f32[2]", "f64"])), scope=draw_(st.integers(-1, 3))))
    return GraphIR("tape", tuple(nodes), (len(nodes) - 1,), tuple(scopes))


def edges(graph):
    return {(o.source, i) for i, node in enumerate(graph.nodes) for o in node.operands if o.source >= 0}


@given(graphs(), st.data(), st.integers(0, 4))
def test_v37_focus_is_what_is_near(graph, data, hops):
    start = data.draw(st.integers(0, len(graph.nodes) - 1))
    far = {i: 0 if i == start else 10**9 for i in range(len(graph.nodes))}
    for _ in graph.nodes:  # Bellman and Ford, on the undirected graph
        for a, b in edges(graph):
            far[a], far[b] = min(far[a], far[b] + 1), min(far[b], far[a] + 1)
    assert focus(graph, graph.nodes[start].name, hops) == {i for i, d in far.items() if d <= hops}


@given(graphs(), st.data())
def test_v37_path_is_what_lies_between(graph, data):
    a, b = (data.draw(st.integers(0, len(graph.nodes) - 1)) for _ in range(2))
    below = {i: {i} for i in range(len(graph.nodes))}
    for i, node in enumerate(graph.nodes):
        for operand in node.operands:
            below[i] |= below[operand.source]
    expected = {i for i in below if a in below[i] and i in below[b]}
    if expected:
        assert path(graph, graph.nodes[a].name, graph.nodes[b].name) == expected
    else:
        with pytest.raises(ValueError, match="no path"):
            path(graph, graph.nodes[a].name, graph.nodes[b].name)
    outputs = {i for i in below if a in below[i] and i in below[graph.outputs[0]]}
    if outputs:
        assert path(graph, graph.nodes[a].name) == outputs


@given(graphs(), st.sampled_from(["conv", "CONV", "f64", "w", "%1", "block", "a.c", "tanh", "Linear", "b.Conv#1", "zzz", ""]))
def test_v37_find_looks_everywhere(graph, text):
    def words(node):
        yield from (node.name, node.op, node.type, node.line)
        if node.scope >= 0:
            scope = graph.scopes[node.scope]
            yield from (scope.path + (f"#{scope.call}" if scope.call else ""), scope.kind)

    assert find(graph, text) == tuple(i for i, node in enumerate(graph.nodes) if any(text.lower() in word.lower() for word in words(node)))


def test_modules_are_found_by_their_path():
    loss, _keep = fixtures.residual()
    graph = draw(loss).graph
    first = {i for i, node in graph.ops if graph.path(node.scope).split(".")[0] == "0"}
    assert focus(graph, "0", 0) == first and len(first) > 5
    assert focus(graph, "0.conv1", 0) == {i for i, node in graph.ops if graph.path(node.scope) == "0.conv1"}
    assert graph.position("0.conv1.weight") in path(graph, "0.conv1.weight")
    loss, _keep = fixtures.lstm()
    graph = draw(loss).graph
    assert len(focus(graph, "cell", 0)) == 64 and len(focus(graph, "cell#2", 0)) == 16


def test_what_is_not_there_is_named():
    loss, _keep = fixtures.residual()
    g = draw(loss)
    with pytest.raises(KeyError, match=r"0\.conv1\.weight"):
        focus(g.graph, "0.conv1.wieght")
    with pytest.raises(ValueError, match="negative"):
        focus(g.graph, "0.conv1.weight", -1)
    with pytest.raises(ValueError, match=r"the other way: path\('0.conv1.weight', '%23'\)"):
        path(g.graph, "%23", "0.conv1.weight")
    with pytest.raises(KeyError, match=r"'0\.conv1'"):
        opened(g.groups, frozenset(), ["0.conv"])
    small, _keep = fixtures.square()
    with pytest.raises(KeyError, match="no modules"):
        opened(draw(small).groups, frozenset(), ["x"])
    graph = g.graph._replace(unreached=(GraphNode("lost.weight", "parameter", "parameter"),))
    with pytest.raises(KeyError, match="do not depend"):
        focus(graph, "lost.weight")


def test_opening_and_closing():
    loss, _keep = fixtures.residual()
    groups = draw(loss).groups
    titles = [group.title for group in groups.table]
    assert {titles[k] for k in opened(groups, frozenset(), ["0.bn1"])} == {"0", "0.bn1"}
    assert opened(groups, frozenset()) == set(range(len(titles)))
    everything = opened(groups, frozenset())
    assert {titles[k] for k in everything - shut(groups, everything, ["1"])} == {"1"}
    assert {titles[k] for k in everything - shut(groups, everything, ["BasicBlock"])} == {"0", "1"}
    assert shut(groups, everything) == frozenset()


@given(graphs(), st.data())
def test_what_is_left_out_is_counted(graph, data):
    groups = groups_of(graph)
    for only in (frozenset(data.draw(st.sets(st.integers(0, len(graph.nodes) - 1)))), focus(graph, graph.nodes[-1].name, 1)):
        open = frozenset(data.draw(st.sets(st.integers(0, len(groups.table) - 1)))) if groups.table else frozenset()
        view = view_of(graph, groups, Options(open=open, only=only))
        assert sum(box.ops for box in view.boxes) == sum(node.kind == "op" for node in graph.nodes)
        assert all(box.title == f"+{box.ops:,} more" for box in view.boxes if box.kind == "more" and box.ops)
