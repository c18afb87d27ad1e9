"""Does the picture show the graph, all of it and nothing else? (V01, V03, ... are the checks of the drawing design.)"""

import re
import shutil
import subprocess
import sys
import time
import weakref
import xml.etree.ElementTree as ElementTree
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd import Tape, draw, grad, ops, random, tensor, trace
from autograd.drawing import GraphvizMissing, dot, renderer
from autograd.drawing.circuit import apart
from tests.test_tape import inside, loss_of, mlp

HAS_DOT = shutil.which("dot") is not None
SVG = "{http://www.w3.org/2000/svg}"


def leaves(**values):
    return [tensor(float(value), requires_grad=True, name=name) for name, value in values.items()]


def neuron():
    """CS231n's sigmoid neuron, as a circuit; with its leaves, which keep their values alive."""
    w0, x0, w1, x1, w2 = parts = leaves(w0=2, x0=-1, w1=-3, x1=-2, w2=-3)
    return 1 / (1 + ops.exp(-(w0 * x0 + w1 * x1 + w2))), parts


def pairs(g):
    """The numbers of a circuit, as (value, gradient), in the order of its marks."""
    return [(m.value.replace("−", "-"), m.gradient.replace("−", "-").lstrip("∂")) for m in g.picture.marks]


def big():
    x = tensor(np.ones((2, 2)), requires_grad=True, name="x")
    return x, ops.tanh(x @ x if hasattr(x, "__matmul__") else x * x).sum()


# ---- the graph ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [3.0, np.ones((2, 2))])
@pytest.mark.parametrize("f", [lambda x: x * x, lambda x: x + x, lambda x: x - x])
def test_v01_both_operands_are_drawn(f, value):
    x = tensor(value, requires_grad=True, name="x")
    g = draw(f(x))
    assert [w.slot for w in g.picture.wires] == [0, 1] and len({w.source for w in g.picture.wires}) == 1
    assert g.to_dot().count("->") == 2
    if np.ndim(value) == 0:
        tree = ElementTree.fromstring(g.to_svg())
        assert len({path.get("d") for path in tree.iter(f"{SVG}path")}) == 3  # two wires in, and the result's
    if f(2) == 0:
        assert [w.label for w in g.picture.wires] == ["a", "b"]


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
    g = draw(*roots)
    assert len(g.picture.marks) == len(nodes) and len(g.picture.wires) == edges
    assert g.to_dot().count("->") == edges


def test_v03_a_hundred_thousand_operations():
    x = tensor(1.0, requires_grad=True, name="x")
    for _ in range(50_000):
        x = x * 1.0 + 0.0
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(220)
    try:
        g = draw(x)
        start = time.perf_counter()
        text = g.to_dot()
        assert time.perf_counter() - start < 10
    finally:
        sys.setrecursionlimit(limit)
    assert text.count("->") == 100_000


def test_v04_shared_subgraphs_are_drawn_once():
    x = tensor(1.0, requires_grad=True)
    for _ in range(64):
        x = x * x
    assert sum(m.kind in ("op", "loss") for m in draw(x).picture.marks) == 64


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
    assert pairs(g)[5][1] == "·"
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
    assert [m.title for m in draw(loss).picture.marks[5:]] == ["×", "×", "+", "+", "neg", "exp", "+1", "1/x"]
    x, y, z, w = leaves(x=3, y=-4, z=2, w=-1)
    f = (x * y + ops.maximum(z, w)) * 2.0
    assert pairs(draw(f)) == [("3.00", "-8.00"), ("-4.00", "6.00"), ("2.00", "2.00"), ("-1.00", "0"), ("-12.00", "2.00"), ("2.00", "2.00"),
                              ("-10.00", "2.00"), ("-20.00", "1.00")]
    assert len(parts) == 5


def test_v23_values_above_and_gradients_below_the_wire():
    loss, _parts = neuron()
    for group in ElementTree.fromstring(draw(loss).to_svg()).findall(f"{SVG}g"):
        texts = {t.get("fill"): int(t.get("y")) for t in group.findall(f"{SVG}text")}
        if dot.VALUE in texts:
            assert texts[dot.VALUE] < texts[dot.INK] - 4 < texts[dot.GRADIENT]


def test_v24_what_is_not_known_is_marked():
    x, y = leaves(x=1, y=2)
    g = draw((x + 1.0 + 1.0) * 0.0 + y)  # the Tensor of x + 1 is gone, and no rule asked for it
    marks = {m.about.split(" = ")[-1]: m for m in g.picture.marks}
    assert marks["add x const"].value == "∅" and "not kept" in g.to_svg()
    assert g.picture.marks[0].gradient == "∂0"


def test_arrays_are_not_a_circuit():
    assert not draw(big()[1]).picture.circuit
    x = tensor(1.0, requires_grad=True)
    y = x
    for _ in range(41):
        y = y + 1.0
    assert not draw(y).picture.circuit
    assert draw(tensor([[2.0]], requires_grad=True) * 3.0).picture.circuit


@given(st.lists(st.integers(-50, 50), max_size=12))
def test_positions_keep_their_order_and_distance(wishes):
    found = apart(wishes, 10)
    assert len(found) == len(wishes) and all(b - a >= 10 for a, b in pairwise(found))
    spread = [10 * i for i in range(len(wishes))]
    assert apart(spread, 10) == spread


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), min_size=1, max_size=20))
def test_gates_do_not_overlap(choices):
    values = list(leaves(a=1, b=2))
    for i, j in choices:
        values.append(values[i % len(values)] + values[j % len(values)])
    boxes = [(int(r.get("x")), int(r.get("y"))) for r in ElementTree.fromstring(draw(values[-1]).to_svg()).iter(f"{SVG}rect") if r.get("x")]
    assert all(abs(a[0] - b[0]) >= 34 or abs(a[1] - b[1]) >= 34 for i, a in enumerate(boxes) for b in boxes[:i])


# ---- formats ------------------------------------------------------------------------------------------------------


def test_v07_what_needs_no_graphviz(tmp_path, monkeypatch):
    monkeypatch.setattr(renderer, "command", lambda form: None)
    loss, _parts = neuron()
    for suffix in ("txt", "dot", "svg"):
        assert draw(loss).save(tmp_path / "sub" / f"g.{suffix}").stat().st_size > 100
    ElementTree.parse(tmp_path / "sub" / "g.svg")


def test_v10_without_graphviz(tmp_path, monkeypatch):
    monkeypatch.setattr(renderer, "command", lambda form: None)
    _, loss = big()
    with pytest.raises(GraphvizMissing, match=r'pip install "onetape\[draw\]"'):
        draw(loss).save(tmp_path / "g.svg")
    assert (tmp_path / "g.dot").read_text() == draw(loss).to_dot()
    said = draw(loss).save_if_possible(tmp_path / "h.png")
    assert "h.dot" in said and "pip install" in said and (tmp_path / "h.dot").exists()
    assert draw(loss)._repr_svg_() is None and set(draw(loss)._repr_mimebundle_()) == {"text/plain"}
    assert "wrote" in draw(loss).save_if_possible(tmp_path / "h.txt")


def test_v10_graphviz_that_takes_too_long(tmp_path, monkeypatch):
    monkeypatch.setattr(renderer, "command", lambda form: [sys.executable, "-c", "import time; time.sleep(60)"])
    monkeypatch.setattr(renderer, "LIMIT", 0.5)
    assert "longer than" in draw(big()[1]).save_if_possible(tmp_path / "h.png")


def test_unknown_suffix(tmp_path):
    with pytest.raises(ValueError, match="suffix"):
        draw(big()[1]).save(tmp_path / "graph.jpeg")


def test_v11_importing_autograd_does_not_import_the_drawing_code():
    script = "import autograd, sys; print([m for m in sys.modules if 'drawing' in m or m in ('graphviz', 'autograd.tape')])"
    assert subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout.strip() == "[]"


def test_v41_notebooks():
    loss, _parts = neuron()
    g = draw(loss)
    assert set(g._repr_mimebundle_()) == {"text/plain", "image/svg+xml"}
    assert set(g._repr_mimebundle_(include=["text/plain"])) == {"text/plain"}
    assert set(g._repr_mimebundle_(exclude=["text/plain"])) == {"image/svg+xml"}
    root = ElementTree.fromstring(g.to_svg())
    assert root.get("viewBox") and root.get("width") == "100%" and root.get("role") == "img" and root.get("height") is None
    assert repr(g) == repr(Tape.of(loss)) and g.to_text() == f"{Tape.of(loss)}\n"


@pytest.mark.skipif(not HAS_DOT, reason="needs Graphviz")
@pytest.mark.parametrize("make", [lambda: big()[1], lambda: neuron()[0], lambda: mlp()[0],
                                  lambda: trace(grad(loss_of), {"w": np.ones(3), "b": np.ones(3)}, np.ones((2, 3)))])
def test_v08_graphviz_understands(make, tmp_path):
    g = draw(make())
    done = subprocess.run(["dot", "-Tplain"], input=g.to_dot().encode(), capture_output=True, check=True)
    lines = done.stdout.decode().splitlines()
    assert not done.stderr
    assert sum(line.startswith("edge ") for line in lines) == len(g.picture.wires)
    assert g.to_graphviz().pipe("svg")
    for suffix in ("svg", "png", "pdf"):
        assert g.save(tmp_path / f"g.{suffix}").stat().st_size > 500
    assert not re.search(r'<svg[^>]* (width|height)="[\d.]+p', g.to_svg())


HOSTILE = st.text(st.one_of(st.characters(), st.sampled_from('"\\<>&;{}|\n\0N')), min_size=1, max_size=80)


@settings(max_examples=200, deadline=None)
@given(HOSTILE)
def test_v14_labels_are_escaped(name):
    x = tensor(1.0, requires_grad=True, name=name)
    root = ElementTree.fromstring(draw(x * 2.0).to_svg())
    shown = next(t.text for t in root.iter(f"{SVG}text") if t.get("font-weight") == "bold")
    assert shown == dot.clean(Tape.of(x * 2.0).leaves[0].name) and len(shown) <= 60
    assert not list(root.iter("script"))
    y = tensor(np.ones(2), requires_grad=True, name=name)
    label = re.search(r"label=<<B>(.*?)</B>", draw(y * 2.0).to_dot()).group(1)
    assert ElementTree.fromstring(f"<b>{label}</b>").text.replace("\\\\", "\\") == shown


@pytest.mark.skipif(not HAS_DOT, reason="needs Graphviz")
@pytest.mark.parametrize("name", ['a"b', "\\N", "<b>", "&amp;", "{x|y}", "]]>", "-->", "a\\", "😀", "x" * 200, "</script>"])
def test_v14_graphviz_reads_the_escapes(name):
    x = tensor(np.ones(2), requires_grad=True, name=name)
    with inside(name):
        y = x * 2.0
    root = ElementTree.fromstring(draw(y).to_svg())
    assert any(t.text == dot.clean(Tape.of(y).leaves[0].name) for t in root.iter(f"{SVG}text"))


def test_modules_are_frames():
    loss, _ = mlp()
    g = draw(loss)
    text = g.to_dot()
    assert len(set(re.findall(r"subgraph cluster_\d+", text))) == 3 and text.count("{") == text.count("}")
    scopes = {mark.title: mark.scope for mark in g.picture.marks}
    linear = (("mlp.0", "Linear"),)
    assert scopes["w1"] == scopes["b1"] == scopes["f32[5,4]"] == linear  # at home where it is used
    assert scopes["relu"] == (("mlp.1", "Linear"),)
    assert scopes["sum"] == ()


def test_a_leaf_used_often_is_drawn_at_each_use():
    x = tensor(np.ones(2), requires_grad=True, name="x")
    y = x
    for _ in range(5):
        y = ops.tanh(y) * x
    text = draw(y).to_dot()
    assert text.count("<B>x</B>") == 6 and text.count("->") == 15


def test_colours_can_be_read():
    def luminance(colour):
        parts = [int(colour[i: i + 2], 16) / 255 for i in (1, 3, 5)]
        return sum(w * (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4) for w, p in zip((0.2126, 0.7152, 0.0722), parts))

    def contrast(a, b):
        low, high = sorted((luminance(a), luminance(b)))
        return (high + 0.05) / (low + 0.05)

    for _, fill, line in dot.STYLES.values():
        assert contrast(dot.INK, fill) >= 4.5 and contrast(line, fill) >= 4.5 and contrast(dot.GREY, fill) >= 4.5
    assert contrast(dot.VALUE, "#ffffff") >= 4.5 and contrast(dot.GRADIENT, "#ffffff") >= 4.5 and contrast(dot.GREY, "#f5f7f9") >= 4.5


def test_a_program_is_drawn():
    program = trace(grad(loss_of), {"w": np.ones(3), "b": np.ones(3)}, np.ones((2, 3)))
    g = draw(program)
    kinds = {m.title: m.kind for m in g.picture.marks}
    assert kinds["p.w"] == "input" and kinds["x"] == "input" and "loss" in kinds.values()
    assert repr(g) == str(program)
