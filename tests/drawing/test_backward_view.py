"""Is the backward graph the backward pass, all of it and in its order? (V34)"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd.backward as engine
from autograd import Tape, draw, ops, tensor
from autograd.codegen import compile_pullback
from autograd.drawing import from_json, to_json
from autograd.drawing.backward_view import backward_graph, sends
from autograd.drawing.capture import graph_of
from autograd.drawing.steps import steps_of
from tests.drawing import fixtures

TAPES = [name for name in fixtures.FIXTURES if name != "program"]


def captured(*results):
    return graph_of(Tape.of(*results), "none", "none")


def is_rule(node):
    return node.kind == "op" and node.name.startswith("∂ of ")


def behind(graph, operand):
    """The (rule's node, label) or seed that an operand comes from, through sums; several, if they are added."""
    source = graph.nodes[operand.source]
    if is_rule(source):
        return [(source.name.removeprefix("∂ of "), operand.label.removeprefix("∂"))]
    if source.kind != "op":
        return [(source.name, "")]
    return [origin for inner in source.operands for origin in behind(graph, inner)]


def check(tape, old, new):
    """The nodes and edges of `new` are those of the engine's pass over `tape`: told by the tape's own nodes, not by `old`."""
    nodes = {entry.name: tape.node(entry.name) for entry in (*tape.leaves, *tape.ops)}
    names = {node: name for name, node in nodes.items()}
    roots = [nodes[name] for name in tape.outputs]
    leaves, order = engine.reachable(roots)
    expected = {}  # the value -> (operation that sends, the operand's label), in the engine's order
    for root in dict.fromkeys(roots):
        expected[names[root]] = [(f"1 for {names[root]}", "")]
    reached = set(roots)
    passed = []
    for node in order:
        if node in reached:
            passed.append(names[node])
            for slot, parent in enumerate(node.inputs):
                if parent is not None and node.pullback.active >> (0 if node.pullback.primitive.sequence else slot) & 1:
                    reached.add(parent)
                    expected.setdefault(names[parent], []).append((names[node], tape[names[node]].labels[slot]))
    rules = [node for node in new.nodes if is_rule(node)]
    assert [node.name.removeprefix("∂ of ") for node in rules] == passed  # one for each operation, newest first
    found = {node.name.removeprefix("∂ of "): behind(new, node.operands[0]) for node in rules}
    ends = [new.nodes[i] for i in new.outputs]
    found.update({node.name.removeprefix("∂"): behind(new, node.operands[0]) for node in ends})
    assert found == expected
    assert {node.name for node in ends} == {f"∂{names[leaf]}" for leaf in leaves if leaf in reached}
    for node in ends:
        leaf = nodes[node.name.removeprefix("∂")]
        assert node.shape == leaf.shape and node.dtype == leaf.dtype.name
    assert all(operand.source < i for i, node in enumerate(new.nodes) for operand in node.operands)
    assert len({node.name for node in new.nodes}) == len(new.nodes)
    sums = [node for node in new.nodes if node.op == "+"]
    assert sorted(len(node.operands) for node in sums) == sorted(len(origins) for origins in expected.values() if len(origins) > 1)
    assert sum(len(node.operands) - 1 for node in sums) == sum(step.kind == "add" for step in steps_of(old))


@pytest.mark.parametrize("name", TAPES)
def test_v34_nodes_and_edges_are_those_of_the_pass(name):
    result, _keep = fixtures.FIXTURES[name]()
    tape = Tape.of(result)
    old = graph_of(tape, "none", "none")
    new = backward_graph(old)
    check(tape, old, new)
    assert from_json(to_json(new)) == new


SHAPES = [(), (1,), (3,), (2, 3), (2, 1), (1, 3), (4, 2, 3)]
OPS = {"add": lambda a, b: a + b, "mul": lambda a, b: a * b, "sub": lambda a, b: a - b, "max": ops.maximum, "where": lambda a, b: ops.where(
       a._array > 0, a, b), "tanh": lambda a, b: ops.tanh(a), "sum": lambda a, b: a.sum(), "concat": lambda a, b: ops.concatenate(
       [a.reshape(-1), b.reshape(-1), a.reshape(-1)])}


def network(choices, shapes):
    values = [tensor(np.full(shape, 0.5 + k), requires_grad=True) for k, shape in enumerate(shapes)]
    for op, i, j in choices:
        a, b = values[i % len(values)], values[j % len(values)]
        try:
            values.append(OPS[op](a, b))
        except ValueError:
            continue  # these shapes do not fit
    return values


@given(st.lists(st.tuples(st.sampled_from(list(OPS)), st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=10),
       st.lists(st.sampled_from(SHAPES), min_size=3, max_size=3), st.booleans())
def test_v34_random_graphs(choices, shapes, two):
    values = network(choices, shapes)
    roots = [value for value in values[3:] if value.node.pullback is not None][-2 if two else -1:]
    if roots:
        tape = Tape.of(*roots)
        old = graph_of(tape, "none", "none")
        check(tape, old, backward_graph(old))


def summed(result):
    """The sums that the engine makes on its way back, by watching it: (shape before, shape after), in its order."""
    found = []

    def watching(g, node, slot, of):
        answer = engine.unbroadcast(g, node, slot, of)
        if g.shape != node.shape:
            found.append((of.op, slot, answer.shape))
        return answer

    for node in engine.reachable([result.node])[1]:
        pullback = node.pullback
        run = compile_pullback(pullback.primitive, pullback.active)
        if "unbroadcast" in run.__globals__:
            run.__globals__["unbroadcast"] = watching
        pullback.run = run
    result.backward(np.ones(result.shape))
    return found


def drawn_sums(graph):
    return [(new.op.removeprefix("∂"), operand.label.removeprefix("∂"), node.shape) for node in graph.nodes if node.op.startswith("sum to ")
            for operand in node.operands for new in [graph.nodes[operand.source]]]


PAIRS = [((3,), (2, 3)), ((2, 3), (1,)), ((), (2, 3)), ((2, 1), (1, 3)), ((2, 3), (2, 3)), ((4, 2, 3), (2, 1))]


@pytest.mark.parametrize(("left", "right"), PAIRS)
@pytest.mark.parametrize("op", [ops.add, ops.subtract, ops.multiply, ops.divide, ops.power, ops.maximum, ops.arctan2, ops.logaddexp])
def test_v34_sums_over_repeated_axes_are_drawn(op, left, right):
    result = op(tensor(np.full(left, 1.5), requires_grad=True), tensor(np.full(right, 2.5), requires_grad=True))
    drawn = drawn_sums(backward_graph(captured(result)))
    assert drawn == summed(result)
    assert (left == right) == (not drawn)


@pytest.mark.parametrize(("left", "right"), [((2, 3), (3, 4)), ((5, 2, 3), (3, 4)), ((2, 3), (5, 3, 4)), ((5, 2, 3), (5, 3, 4)),
                                             ((3,), (5, 3, 4)), ((5, 2, 3), (3,)), ((3,), (3,)), ((3,), (3, 4)), ((2, 3), (3,)),
                                             ((1, 2, 3), (5, 3, 4))])
def test_v34_sums_of_stacks_of_matrices(left, right):
    result = tensor(np.ones(left), requires_grad=True) @ tensor(np.ones(right), requires_grad=True)
    drawn = drawn_sums(backward_graph(captured(result)))
    assert drawn == summed(result)


def array(*shape):
    return tensor(np.linspace(0.3, 0.8, int(np.prod(shape))).reshape(shape), requires_grad=True)


@pytest.mark.parametrize("make", [
    lambda: ops.normalise(array(5, 4), array(4), array(4), axis=-1), lambda: ops.clip(array(5, 4), 0.4, array(4)), lambda: ops.logaddexp2(
        array(2, 1), 3.0), lambda: ops.where(np.ones((3, 4)) > 0, array(4), array(3, 1)), lambda: ops.broadcast_to(array(3), (2, 3)),
    lambda: array(3, 4).sum(axis=0) + array(2, 4).mean(axis=0, keepdims=True), lambda: ops.cross(array(3), array(5, 3)),
    lambda: ops.einsum("ij,j->i", array(2, 3), array(3)), lambda: ops.tril(array(3, 3)) * array(3)])
def test_v34_sums_of_other_operations(make):
    result = make()
    assert drawn_sums(backward_graph(captured(result))) == summed(result)


def test_a_bias_is_summed_and_says_so():
    x = np.ones((5, 3))
    w, b = tensor(np.ones((3, 4)), requires_grad=True, name="w"), tensor(np.ones(4), requires_grad=True, name="b")
    graph = backward_graph(captured((x @ w + b).sum()))
    assert [node.op for node in graph.nodes] == ["input", "∂sum", "∂add", "sum to f64[4]", "∂matmul", "∂w", "∂b"]
    assert [node.type for node in graph.nodes] == ["f64", "f64[5,4]", "f64[5,4], f64[4]", "f64[4]", "f64[3,4]", "f64[3,4]", "f64[4]"]
    assert dict(graph.nodes[2].options) == {"∂a": "∂y = f64[5,4]", "∂b": "∂y = f64[4]"}
    assert [graph.nodes[i].name for i in graph.outputs] == ["∂w", "∂b"] and graph.kind == "backward"


def test_gradients_are_told_where_they_are_known():
    result, _keep = fixtures.circuit2()
    graph = backward_graph(draw(result).graph)
    assert {graph.nodes[i].name: round(graph.nodes[i].gradient.first[0], 2) for i in graph.outputs} == {
        "∂w0": -0.2, "∂x0": 0.39, "∂w1": -0.39, "∂x1": -0.59, "∂w2": 0.2}
    assert graph.nodes[0].value.first == (1.0,) and dict(graph.nodes[8].options)["∂w0"] == "∂y · x0 = 0.20 · (−1.00) = −0.20"


def test_double_backward_draws_both_ways():
    g, _keep = fixtures.second_order()
    drawing = draw(g)  # the gradient was computed by operations: an ordinary graph
    assert {node.op for _, node in drawing.graph.ops} >= {"multiply", "subtract", "tanh", "add"}
    view = drawing.backward_view()
    assert "∂tanh" in view.to_dot() and view.to_svg("builtin").startswith("<svg") and view.to_text()
    assert len([node for node in view.graph.nodes if is_rule(node)]) == sum(map(bool, sends(drawing.graph))) == len(Tape.of(g).ops)


def test_it_is_drawn_by_module():
    result, _model = fixtures.mlp()
    view = draw(result).backward_view()
    text = view.to_dot()
    assert text.count("subgraph") == 5 and "∂linear" in text and view.graph.title == "backward pass"


def test_the_gradient_of_a_parameter_is_at_home_where_it_is_used():
    result, _model = fixtures.resnet18()
    graph = backward_graph(captured(result))
    homes = {graph.nodes[i].name.removeprefix("∂"): graph.path(graph.nodes[i].scope) for i in graph.outputs}
    assert len(homes) == 62 and all(name.rpartition(".")[0] == home for name, home in homes.items())
    result, _model = fixtures.lstm()
    graph = backward_graph(captured(result))
    homes = {graph.nodes[i].name: graph.path(graph.nodes[i].scope) for i in graph.outputs}
    assert homes["∂head.weight"] == "head" and homes["∂cell.weight_hh"] not in ("cell", "cell#1")  # one for all calls


def test_what_has_no_backward_pass():
    program, _ = fixtures.program()
    with pytest.raises(ValueError, match="a program runs as it stands"):
        backward_graph(graph_of(program))
    view = draw(tensor(1.0, requires_grad=True) * 2.0).backward_view()
    with pytest.raises(ValueError, match="no backward pass"):
        view.backward_view()


def test_no_gradient_crosses_an_input_without_a_rule():
    c, x = (tensor(np.ones(2), requires_grad=True, name=name) for name in "cx")
    graph = backward_graph(captured(ops.where(c * 2.0, x, 0.0)))
    assert [node.op for node in graph.nodes] == ["input", "∂where", "∂x"]
