"""Does the picture show the graph, all of it and nothing else? (V01, V03, ... are the checks of the drawing design.)"""

import subprocess
import sys
import weakref
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd import draw, grad, ops, random, tensor, trace
from tests.drawing.fixtures import leaves
from tests.test_tape import loss_of, mlp


def neuron():
    """CS231n's sigmoid neuron, as a circuit; with its leaves, which keep their values alive."""
    w0, x0, w1, x1, w2 = parts = leaves(w0=2, x0=-1, w1=-3, x1=-2, w2=-3)
    return 1 / (1 + ops.exp(-(w0 * x0 + w1 * x1 + w2))), parts


def pairs(g):
    """The numbers of a circuit, as (value, gradient), in the order of its boxes."""
    return [(box.value.replace("−", "-"), box.gradient.replace("−", "-").lstrip("∂")) for box in g.view.boxes]


def big():
    x = tensor(np.ones((2, 2)), requires_grad=True, name="x")
    return x, ops.tanh(x @ x if hasattr(x, "__matmul__") else x * x).sum()


# ---- the graph ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [3.0, np.ones((2, 2))])
@pytest.mark.parametrize("f", [lambda x: x * x, lambda x: x + x, lambda x: x - x])
def test_v01_both_operands_are_drawn(f, value):
    x = tensor(value, requires_grad=True, name="x")
    g = draw(f(x))
    (op,) = [node for _, node in g.graph.ops]
    assert [(operand.source, operand.label) for operand in op.operands] == [(0, "a"), (0, "b")]
    assert [w.slot for w in g.view.wires] == [0, 1] and len({w.source for w in g.view.wires}) == 1
    assert g.to_dot().count("->") == 2
    if f(2) == 0:
        assert [w.label for w in g.view.wires] == ["a", "b"]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), min_size=1, max_size=30), st.booleans())
def test_v02_nodes_and_edges_are_those_of_the_graph(choices, scalar):
    values = [tensor(1.0 if scalar else np.ones(2), requires_grad=True) for _ in range(2)]
    for i, j in choices:
        values.append(values[i % len(values)] * values[j % len(values)] * 0.5)
    roots = [v for v in values[-2:] if v.node is not None]
    nodes, edges, stack = set(), 0, [r.node for r in roots]
    while stack:
        node = stack.pop()
        if node not in nodes:
            nodes.add(node)
            edges += sum(parent is not None for parent in node.inputs)
            stack += [parent for parent in node.inputs if parent is not None]
    g = draw(*roots).expand()
    chips = [chip for box in g.view.boxes for chip in box.chips if chip.node >= 0]  # a leaf that is used often is written in each box
    assert len(g.graph.nodes) == len(nodes) == len(g.view.boxes) + len({chip.node for chip in chips})
    assert sum(operand.source >= 0 for node in g.graph.nodes for operand in node.operands) == edges == len(g.view.wires) + len(chips)
    assert g.to_dot().count("->") == edges - len(chips)


def test_v04_shared_subgraphs_are_drawn_once():
    x = tensor(1.0, requires_grad=True)
    for _ in range(64):
        x = x * x
    g = draw(x)
    assert sum(node.kind == "op" for node in g.graph.nodes) == 64
    assert sum(box.kind in ("op", "loss") for box in g.expand().view.boxes) == 64


def test_v05_drawing_changes_nothing():
    x, y = leaves(x=2, y=3)
    z = (x * y).retain_grad()
    seen = []
    z.register_hook(seen.append)
    loss = ops.exp(z) + x
    state = random.get_state()
    g = draw(loss)
    assert x.grad is None and y.grad is None and z.grad is None and not seen and random.get_state() == state
    loss.backward()  # still possible
    assert float(y.grad.item()) == pytest.approx(2 * np.exp(6)) and len(seen) == 1
    node = weakref.ref(loss.node)
    del loss
    assert node() is None
    assert "n0" in g.to_dot()


def test_v06_a_used_graph_is_drawn():
    loss, parts = neuron()
    loss.backward()
    g = draw(loss)
    assert "retain_graph" in g.to_svg() and pairs(g)[:5] == [
        ("2.00", "-0.20"), ("-1.00", "0.39"), ("-3.00", "-0.39"), ("-2.00", "-0.59"), ("-3.00", "0.20")]
    assert pairs(g)[5][1] == "∅"  # the pass was here, and nobody kept what it found
    assert len(parts) == 5
    loss, _ = mlp()
    loss.backward()
    assert "freed" in draw(loss).to_text() and "matmul" in draw(loss).to_dot()


# ---- circuits -----------------------------------------------------------------------------------------------------


def test_v22_the_numbers_of_the_course():
    x, y, z = leaves(x=-2, y=5, z=-4)
    f = (x + y) * z
    assert pairs(draw(f)) == [("-2.00", "-4.00"), ("5.00", "-4.00"), ("-4.00", "3.00"), ("3.00", "-4.00"), ("-12.00", "1.00")]
    loss, parts = neuron()
    assert pairs(draw(loss)) == [
        ("2.00", "-0.20"), ("-1.00", "0.39"), ("-3.00", "-0.39"), ("-2.00", "-0.59"), ("-3.00", "0.20"),
        ("-2.00", "0.20"), ("6.00", "0.20"), ("4.00", "0.20"), ("1.00", "0.20"), ("-1.00", "-0.20"), ("0.37", "-0.53"),
        ("1.37", "-0.53"), ("0.73", "1.00")]
    assert [box.title for box in draw(loss).view.boxes[5:]] == ["×", "×", "+", "+", "neg", "exp", "+1", "1/x"]
    x, y, z, w = leaves(x=3, y=-4, z=2, w=-1)
    f = (x * y + ops.maximum(z, w)) * 2.0
    assert pairs(draw(f)) == [("3.00", "-8.00"), ("-4.00", "6.00"), ("2.00", "2.00"), ("-1.00", "0"), ("-12.00", "2.00"), ("2.00", "2.00"),
                              ("-10.00", "2.00"), ("-20.00", "1.00")]
    assert len(parts) == 5


def test_v24_what_is_not_known_is_marked():
    x, y = leaves(x=1, y=2)
    g = draw((x + 1.0 + 1.0) * 0.0 + y)  # the Tensor of x + 1 is gone, and no rule asked for it
    boxes = {box.about.split(" = ")[-1]: box for box in g.view.boxes}
    assert boxes["add x const"].value == "∅" and "not kept" in g.to_svg()
    assert g.view.boxes[0].gradient == "∂0"


def test_arrays_are_not_a_circuit():
    assert draw(big()[1]).view.style == "boxes"
    x = tensor(1.0, requires_grad=True)
    y = x
    for _ in range(41):
        y = y + 1.0
    assert draw(y).view.style == "boxes"
    assert draw(tensor([[2.0]], requires_grad=True) * 3.0).view.style == "circuit"


# ---- formats ------------------------------------------------------------------------------------------------------


def test_unknown_suffix(tmp_path):
    with pytest.raises(ValueError, match="suffix"):
        draw(big()[1]).save(tmp_path / "graph.jpeg")


def test_v11_importing_autograd_does_not_import_the_drawing_code():
    script = "import autograd, sys; print([m for m in sys.modules if 'drawing' in m or m in ('graphviz', 'autograd.tape')])"
    assert subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout.strip() == "[]"


def test_v41_notebooks():
    loss, _parts = neuron()
    g = draw(loss)
    assert set(g._repr_mimebundle_()) == {"text/plain", "text/html", "image/svg+xml"}
    assert set(g._repr_mimebundle_(include=["text/plain"])) == {"text/plain"}
    assert set(g._repr_mimebundle_(exclude=["text/plain"])) == {"text/html", "image/svg+xml"}
    root = ElementTree.fromstring(g.to_svg())
    assert root.get("viewBox") and root.get("width") == "100%" and root.get("role") == "img" and root.get("height") is None
    assert repr(g) == g.to_text() == g._repr_mimebundle_(include=["text/plain"])["text/plain"]


def test_a_program_is_drawn():
    program = trace(grad(loss_of), {"w": np.ones(3), "b": np.ones(3)}, np.ones((2, 3)))
    g = draw(program)
    kinds = {node.name: node.kind for node in g.graph.nodes}
    assert kinds["p.w"] == "input" and kinds["x"] == "input" and "loss" in {box.kind for box in g.view.boxes}
    assert all(f"{op.name}: {op.type}" in repr(g) for op in program.ops) and repr(g).startswith("loss_of: 18 operations")
