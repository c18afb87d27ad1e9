"""Is what the memory view says what the engine keeps? (V35)"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Tape, checkpoint, draw, ops, tensor
from autograd.drawing.capture import graph_of
from autograd.drawing.memory import Memory, memory_of
from autograd.node import FREED, Extra
from tests.drawing import fixtures

TAPES = [name for name in fixtures.FIXTURES if name != "program"]


def nodes_of(*roots):
    found, stack = {}, [root.node for root in roots]
    while stack:
        node = stack.pop()
        if node not in found:
            found[node] = None
            stack += [parent for parent in node.inputs if parent is not None]
    return sorted(found, key=lambda node: node.id)


def arrays(saved):
    if isinstance(saved, (tuple, list)):
        for item in saved:
            yield from arrays(item)
    elif isinstance(saved, (np.ndarray, np.generic)):
        yield saved


def held(nodes):
    """The bytes of all memory that the nodes keep, by walking them: whatever owns an array counts once."""
    owners = {}
    for node in nodes:
        for array in arrays(() if node.saved is FREED else node.saved):
            while isinstance(array, np.ndarray) and array.base is not None:
                array = array.base
            owners[id(array)] = array.nbytes
    return sum(owners.values())


def checked(memory, *roots):
    graph, nodes = memory.graph, nodes_of(*roots)
    assert memory.total == graph.kept_bytes == Tape.of(*roots).kept_bytes == held(nodes)
    assert sum(memory.bytes_by_node) == memory.total == sum(row.own for row in memory.rows)
    for row in memory.rows:
        assert row.own == memory.bytes_by_node[row.node] and row.own + row.shared == graph.nodes[row.node].kept_bytes
    forward = [moment for moment in memory.timeline if moment.kind == "forward"]
    assert [moment.node for moment in forward] == [i for i, _ in graph.ops]
    operations = [node for node in nodes if node.pullback is not None]
    for k in range(0, len(forward), max(1, len(forward) // 20)):
        assert forward[k].bytes == held(operations[: k + 1])
    backward = [moment for moment in memory.timeline if moment.kind == "backward"]
    by_position = dict(zip([i for i, _ in graph.ops], operations))
    left = dict(by_position)
    for k, moment in enumerate(backward):
        del left[moment.node]
        if k % max(1, len(backward) // 20) == 0:
            assert moment.bytes == held(left.values())
    assert not forward or memory.peak.bytes == max(moment.bytes for moment in forward) == memory.total
    return memory


@pytest.mark.parametrize("name", TAPES)
def test_v35_the_total_is_what_the_engine_keeps(name):
    result, _keep = fixtures.FIXTURES[name]()
    memory = checked(memory_of(graph_of(Tape.of(result), "none", "none")), result)
    assert memory.total > 0 and memory.timeline[-1].bytes == 0


@given(st.lists(st.tuples(st.sampled_from(["mul", "exp", "tanh", "view", "add", "matmul"]), st.integers(0, 9), st.integers(0, 9)),
                min_size=1, max_size=12))
def test_v35_random_graphs(choices):
    values = [tensor(np.full((3, 3), 0.1 * i + 0.1), requires_grad=True) for i in range(2)]
    for op, i, j in choices:
        a, b = values[i % len(values)], values[j % len(values)]
        values.append({"mul": lambda a, b: a * b, "exp": lambda a, b: ops.exp(a * 0.01), "tanh": lambda a, b: ops.tanh(b),
                       "view": lambda a, b: a.reshape(9).reshape(3, 3) * b.T, "add": lambda a, b: a + b,
                       "matmul": lambda a, b: a @ b.T}[op](a, b))
    roots = values[-2:]
    if any(root.node.pullback is not None for root in roots):
        checked(memory_of(graph_of(Tape.of(*roots), "none", "none")), *roots)


def test_v35_memory_shared_by_several_counts_once_and_for_the_first():
    x = tensor(np.ones(100), requires_grad=True, name="x")
    y = ops.exp(x)  # keeps y: 800 bytes
    z = y.reshape(10, 10)
    loss = (y * y).sum() + (z * z * np.ones((10, 10))).sum()  # y again, a view of it, and a constant
    memory = checked(draw(loss).memory(), loss)
    assert memory.total == 1600 and [(row.own, row.shared) for row in memory.rows] == [(800, 0), (0, 800), (0, 800), (800, 0)]
    assert {kept.name for kept in memory.rows[1].kept} == {"a", "b"}
    assert memory.peak.bytes == 1600 and memory.graph.nodes[memory.peak.node].op == "multiply"
    assert [moment.bytes for moment in memory.timeline if moment.kind == "backward"][-3:] == [800, 800, 0]  # let go with the last keeper


def test_the_backward_pass_lets_go_as_the_timeline_says():
    loss, model = fixtures.mlp()
    memory = memory_of(graph_of(Tape.of(loss), "none", "none"))
    nodes = nodes_of(loss)
    seen = []

    def look(gradient):
        seen.append(held(nodes))

    for node in nodes:
        if node.pullback is not None:
            node.extra = Extra()
            node.extra.hooks[0] = look  # runs when the cotangent is there, before the node lets go
    loss.backward()
    backward = [moment.bytes for moment in memory.timeline if moment.kind == "backward"]
    assert seen == [memory.total, *backward[:-1]] and backward[-1] == 0 == held(nodes)
    assert model is not None


def test_a_used_graph_keeps_nothing():
    loss, _model = fixtures.mlp()
    loss.backward()
    memory = checked(draw(loss).memory(), loss)
    assert memory.total == 0 and memory.rows == () and memory.peak.bytes == 0
    assert "0 B kept" in memory.text() and "freed what 6 operations kept" in memory.text()


def test_a_checkpoint_keeps_less():
    x = tensor(np.linspace(0, 1, 50), requires_grad=True)

    def f(x):
        return ops.tanh(ops.exp(ops.sin(x)))

    whole, again = f(x).sum(), checkpoint(f)(x).sum()
    checked(draw(whole).memory(), whole)
    assert draw(again).memory().total < draw(whole).memory().total == 3 * 400


@pytest.mark.parametrize("name", ["mlp", "resnet18", "lstm"])
def test_modules_hold_what_is_in_them(name):
    result, _keep = fixtures.FIXTURES[name]()
    memory = memory_of(graph_of(Tape.of(result), "none", "none"))
    graph, totals = memory.graph, memory.by_module()
    outer = sum(totals[graph.path(k)] for k, scope in enumerate(graph.scopes) if scope.parent < 0)
    free = sum(row.own for row in memory.rows if graph.nodes[row.node].scope < 0)
    assert outer + free == memory.total and outer > 0
    for k, scope in enumerate(graph.scopes):
        if scope.parent >= 0:
            assert totals[graph.path(k)] <= totals[graph.path(scope.parent)]


def test_the_table():
    result, _model = fixtures.resnet18()
    memory = draw(result).memory()
    text = memory.text(most=10)
    head, operations, modules = text.split("\n\n")
    assert str(memory) == memory.text() and isinstance(memory, Memory)
    assert head.startswith("46 MB kept for the backward pass, by 60 operations.") and "The most at once: 46 MB, after %" in head
    assert len(operations.splitlines()) == len(modules.splitlines()) == 10
    assert operations.splitlines()[-1].split() == ["...", "51", "more", "operations"]
    bars = [line.count("█") for line in operations.splitlines()[:-1]]
    assert bars == sorted(bars, reverse=True) and bars[0] == 20 and len(memory.rows) == 60
    assert "layer4.1.conv2" in operations and modules.splitlines()[0].endswith("layer4")


def test_nothing_kept():
    x = tensor(np.ones(3), requires_grad=True)
    memory = draw(x + 1.0).memory()
    assert memory.total == 0 and memory.text() == "0 B kept for the backward pass, by 0 operations."
