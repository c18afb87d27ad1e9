"""Does Graphviz understand us, and what if it is not there, or takes too long?"""

import json
import re
import shutil
import stat
import subprocess
import sys
import time
import warnings
import xml.etree.ElementTree as ElementTree
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings

from autograd import draw, ops, tensor
from autograd.drawing import GraphvizFailed, GraphvizMissing, dot, renderer
from autograd.drawing.labels import clean
from autograd.drawing.view import Box, Chip, Frame, View, Wire
from tests.drawing.fixtures import FIXTURES, chain, drawn
from tests.drawing.test_svg import COURSE, HOSTILE, classed, integers, tree, whole
from tests.test_tape import mlp
from tests.work import grows_in_proportion

needs_dot = pytest.mark.skipif(renderer.command("svg") is None, reason="needs Graphviz: its dot, or pip install 'onetape[draw]'")


def text_of(*boxes, frames=(), wires=(), style="boxes", caption="caption"):
    """The DOT of a view made by hand."""
    return "\n".join(["digraph {", *dot.dot_lines(View(style, "TB", tuple(boxes), tuple(frames), tuple(wires), (), caption)), "}"])


def graphviz(text, form):
    done = subprocess.run(renderer.command(form), input=text.encode(), capture_output=True, check=True)
    said = [line for line in done.stderr.decode().splitlines() if not line.startswith("Fontconfig")]  # that is about the machine's fonts
    assert not said
    return done.stdout.decode()


EVERY_KIND = [Box(f"n{i}", kind, kind, ("f32[2]",), tuple(Chip(9, k, f"{k} chip", 0) for k in ("parameter", "input", "constant", "op")),
                  value="2.00", gradient="∂⊥", badges=("dead",), about=kind, frame=i % 3 - 1)
              for i, kind in enumerate(("input", "parameter", "constant", "op", "loss", "group", "more"))]
NESTED = [Frame("g0", 0, "layer", "Sequential", -1), Frame("g1", 1, "layer.0", "", 0)]


# ---- the text -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("f", "labels"), [(lambda x: x * x, []), (lambda x: x + x, []), (lambda x: x - x, ["a", "b"])])
@pytest.mark.parametrize("value", [3.0, np.ones((2, 2))])
def test_v01_both_operands_are_drawn(f, labels, value):
    text = draw(f(tensor(value, requires_grad=True, name="x"))).to_dot()
    assert text.count("->") == 2
    assert re.findall(r'headlabel="(.*?)"', text) == labels


def test_v03_long_chains_need_no_recursion():
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(220)
    try:
        g = draw(chain(10_000)[0]).expand()
        assert g.to_dot().count("->") == 10_000
    finally:
        sys.setrecursionlimit(limit)


def many_operations(n):
    boxes = [Box(f"n{i}", "op", "multiply", ("f64",), frame=i // 100, about=f"%{i}: f64 = multiply") for i in range(n)]
    frames = [Frame(f"g{k}", k, f"layer{k}", "Layer", k - 1) for k in range(n // 100)]  # each in the one before
    return text_of(*boxes, frames=frames, wires=[Wire(max(0, i - step), i) for i in range(1, n) for step in (1, 7)])


def test_v03_a_hundred_thousand_operations():
    n = 100_000
    assert grows_in_proportion(lambda: many_operations(1_000), lambda: many_operations(10_000), 10)
    text = many_operations(n)
    assert text.count("->") == 2 * n - 2 and text.count("subgraph") == n // 100 and text.count("{") == text.count("}")


def test_modules_are_frames():
    loss, _ = mlp()
    g = draw(loss)
    text = g.to_dot()
    assert len(set(re.findall(r"subgraph cluster_\w+", text))) == 3 and text.count("{") == text.count("}")
    homes = {box.title: g.view.frames[box.frame].title if box.frame >= 0 else "" for box in g.view.boxes}
    assert homes["w1"] == homes["b1"] == "mlp.0"  # at home where it is used
    assert homes["relu"] == "mlp.1" and homes["sum"] == ""
    inner = text[text.index("cluster_"):]
    assert re.search(r'cluster_g0 \{ graph \[[^\n]*mlp\.0  Linear', inner)


def test_a_leaf_used_often_is_drawn_at_each_use():
    x = tensor(np.ones(2), requires_grad=True, name="x")
    y = x
    for _ in range(5):
        y = ops.tanh(y) * x
    text = draw(y).to_dot()
    assert text.count("x f64[2]</FONT>") == 6 and text.count("->") == 9


@pytest.mark.parametrize("name", FIXTURES)
def test_the_text_is_the_view(name):
    g = drawn(name)[0]
    text = g.to_dot()
    assert text.count(" -> ") == len(g.view.wires) and text.count("subgraph") == len(g.view.frames)
    assert re.findall(r"^ *(\w+) \[", text, re.MULTILINE) == [
        "graph", "node", "edge", *(box.id for box in in_order(g.view))]


def in_order(view):
    """The boxes in the order of their frames, outermost first."""
    found = [box for box in view.boxes if box.frame < 0]
    below = {k: [i for i, frame in enumerate(view.frames) if frame.parent == k] for k in range(-1, len(view.frames))}
    stack = below[-1][::-1]
    while stack:
        k = stack.pop()
        found += [box for box in view.boxes if box.frame == k]
        stack += below[k][::-1]
    return found


@settings(max_examples=60, deadline=None)
@given(HOSTILE)
def test_v14_labels_are_escaped(label):
    text = text_of(Box("n0", "op", label, about=label))
    (shown,) = re.findall(r"label=<<B>(.*?)</B>>", text)
    assert ElementTree.fromstring(f"<b>{shown}</b>").text.replace("\\\\", "\\") == clean(label)
    (tooltip,) = re.findall(r'tooltip="((?:[^"\\]|\\.)*)"\]', text)
    assert tooltip.replace("\\\\", "\\").replace('\\"', '"').replace("&amp;", "&") == clean(label, 500)


# ---- Graphviz reads it --------------------------------------------------------------------------------------------


@needs_dot
@pytest.mark.parametrize("name", FIXTURES)
def test_v08_graphviz_understands(name):
    g = drawn(name)[0]
    lines = graphviz(g.to_dot(), "plain").splitlines()
    nodes = [line.split(" ")[1] for line in lines if line.startswith("node ")]
    edges = Counter(tuple(line.split(" ")[1:3]) for line in lines if line.startswith("edge "))
    assert sorted(nodes) == sorted(box.id for box in g.view.boxes)
    assert edges == Counter((g.view.boxes[w.source].id, g.view.boxes[w.target].id) for w in g.view.wires)


@needs_dot
@pytest.mark.parametrize("style", ["boxes", "circuit"])
def test_v08_every_kind_and_nested_frames(style):
    wires = [Wire(0, 3, 0, "a", 2), Wire(1, 3, 1, "b"), Wire(3, 4), Wire(5, 6)]
    text = text_of(*EVERY_KIND, frames=NESTED if style == "boxes" else (), wires=wires, style=style)
    data = json.loads(graphviz(text, "json"))
    assert len([o for o in data["objects"] if not o["name"].startswith("cluster")]) == 7 and len(data["edges"]) == 4
    if style == "boxes":
        clusters = {o["name"]: o for o in data["objects"] if o["name"].startswith("cluster")}
        assert set(clusters) == {"cluster_g0", "cluster_g1"} and len(clusters["cluster_g0"]["subgraphs"]) == 1


@needs_dot
def test_v14_graphviz_reads_the_escapes():
    names = ['a"b', "\\N", "<b>", "&amp;", "{x|y}", "]]>", "-->", "a\\", "😀", "x" * 200, "</script>", "", " ", "\n", "\\\\G", "%", "日本"]
    boxes = [Box(f"n{i}", "op", name, (name,), (Chip(0, "parameter", name, 0),), about=name, frame=0) for i, name in enumerate(names)]
    wires = [Wire(i, i + 1, 0, name) for i, name in enumerate(names[1:])]
    root = ElementTree.fromstring(graphviz(text_of(*boxes, frames=[Frame("g0", 0, "\\N<&", '"', -1)], wires=wires), "svg"))
    svg = "{http://www.w3.org/2000/svg}"
    seen = Counter(e.text.replace("\xa0", " ").strip() for e in root.iter(f"{svg}text"))
    for name in names[1:]:
        assert not name.strip() or seen[clean(name)] == 4, name  # as a title, a line, a chip, and at a wire
    assert '\\N<&  "' in seen


@needs_dot
def test_pictures_by_graphviz(tmp_path):
    for name in ("circuit2", "mlp"):
        g = drawn(name)[0]
        assert "digraph" in g.to_graphviz().source and (shutil.which("dot") is None or g.to_graphviz().pipe("svg"))
        for suffix, magic in (("png", b"\x89PNG"), ("pdf", b"%PDF")):
            data = g.save(tmp_path / f"g.{suffix}").read_bytes()
            assert len(data) > 500 and data.startswith(magic)


@needs_dot
@pytest.mark.parametrize("name", [name for name in FIXTURES if name not in (*COURSE, "square")])
def test_the_same_picture_with_graphviz_s_layout(name):
    g = drawn(name)[0]
    ours, theirs = tree(g, "builtin"), tree(g, "graphviz")
    for kind in ("box", "wire", "head", "open", "slot", "entry", "chip"):
        assert [(e.get("class"), e.get("data-id"), e.get("data-wire"), e.text) for e in classed(ours, kind)] == [
            (e.get("class"), e.get("data-id"), e.get("data-wire"), e.text) for e in classed(theirs, kind)]
    boxes = [whole(e) for e in classed(theirs, "box")]
    assert all(a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1] for i, a in enumerate(boxes) for b in boxes[:i])
    for e in classed(theirs, "wire"):  # a wire starts and ends at the boxes it joins
        wire = g.view.wires[int(e.get("data-wire"))]
        points = [(int(x), int(y)) for x, y in re.findall(r"(-?\d+) (-?\d+)", e.get("d"))]
        for (x, y), i in ((points[0], wire.source), (points[-1], wire.target)):
            left, top, right, bottom = boxes[i]
            assert left - 8 <= x <= right + 8 and top - 8 <= y <= bottom + 8
    for box, e in zip(g.view.boxes, classed(theirs, "box")):
        if box.frame >= 0:
            x, y, w, h = integers(classed(theirs, "open")[box.frame][1], "x", "y", "width", "height")
            left, top, right, bottom = whole(e)
            assert x < left and right < x + w and y + 14 < top and bottom < y + h


@needs_dot
def test_circuits_never_ask_graphviz(monkeypatch):
    monkeypatch.setattr(renderer, "command", lambda form: pytest.fail("a circuit asked for Graphviz"))
    assert drawn("circuit2")[0].to_svg() == drawn("circuit2")[0].to_svg("graphviz") == drawn("circuit2")[0].to_svg("builtin")


def test_frames_are_our_own_unless_told_otherwise(monkeypatch):
    monkeypatch.setattr(renderer, "render", lambda text, form: pytest.fail("asked for Graphviz"))
    monkeypatch.setattr(renderer, "command", lambda form: ["dot"])
    g = drawn("mlp")[0]
    assert g.view.frames and g.to_svg() == g.to_svg("builtin")


def test_large_views_do_not_ask_graphviz(monkeypatch):
    monkeypatch.setattr(renderer, "LARGEST", 9)
    monkeypatch.setattr(renderer, "render", lambda text, form: pytest.fail("asked for Graphviz"))
    monkeypatch.setattr(renderer, "command", lambda form: ["dot"])
    g = drawn("program")[0]
    assert len(g.view.boxes) > 9 and not g.view.frames and g.to_svg() == g.to_svg("builtin")


# ---- without Graphviz ---------------------------------------------------------------------------------------------


def test_v07_what_needs_no_graphviz(tmp_path):
    script = ("import sys, shutil\nsys.modules['pygraphviz'] = sys.modules['graphviz'] = None\nassert shutil.which('dot') is None\n"
              "from tests.drawing.test_dot import drawn\n"
              "for name in ('circuit2', 'mlp'):\n"
              "    for suffix in ('svg', 'dot', 'txt', 'json'):\n"
              "        assert drawn(name)[0].save(f'{sys.argv[1]}/sub/{name}.{suffix}').stat().st_size > 100\n")
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=True, env={"PATH": "", "PYTHONPATH": ":".join(sys.path)})
    for name in ("circuit2", "mlp"):
        ElementTree.parse(tmp_path / "sub" / f"{name}.svg")


def test_v10_without_graphviz(tmp_path, monkeypatch):
    monkeypatch.setattr(renderer, "command", lambda form: None)
    g = drawn("mlp")[0]
    with pytest.raises(GraphvizMissing) as info:
        g.to_svg("graphviz")
    assert 'pip install "onetape[draw]"' in str(info.value) and 'engine="builtin"' in str(info.value)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert g.to_svg() == g.to_svg("builtin")
    with pytest.raises(GraphvizMissing, match=r'pip install "onetape\[draw\]"'):
        g.save(tmp_path / "g.png")
    assert (tmp_path / "g.dot").read_text(encoding="utf-8") == g.to_dot()
    said = g.save_if_possible(tmp_path / "h.png")
    assert "h.dot" in said and "pip install" in said and (tmp_path / "h.dot").exists()
    assert "wrote" in g.save_if_possible(tmp_path / "h.txt")


@pytest.mark.parametrize("engine", ["auto", "graphviz"])
def test_v10_graphviz_that_hangs(tmp_path, monkeypatch, engine):
    stub = tmp_path / "dot"
    stub.write_text(f"#!{sys.executable}\nimport time\ntime.sleep(60)\n")
    stub.chmod(stub.stat().st_mode | stat.S_IEXEC)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert renderer.LIMIT <= 20
    monkeypatch.setattr(renderer, "LIMIT", 0.5)
    g = drawn("second_order")[0]
    start = time.perf_counter()
    with pytest.warns(UserWarning, match=r'longer than .* engine="builtin"|built-in layout') as caught:
        assert g.to_svg(engine) == g.to_svg("builtin")
    assert len(caught) == 1 and time.perf_counter() - start < 25
    with pytest.raises(GraphvizFailed, match="longer than"):
        renderer.render(g.to_dot(), "png")
    assert "longer than" in g.save_if_possible(tmp_path / "h.png")


@pytest.mark.parametrize("said", ["", "no json", "{}", '{"bb": "0,0,1,1"}'])
def test_a_graphviz_that_says_nonsense(tmp_path, monkeypatch, said):
    stub = tmp_path / "dot"
    stub.write_text(f"#!{sys.executable}\nprint({said!r}, end='')\n")
    stub.chmod(stub.stat().st_mode | stat.S_IEXEC)
    monkeypatch.setenv("PATH", str(tmp_path))
    g = drawn("second_order")[0]
    with pytest.warns(UserWarning, match="built-in layout"):
        assert g.to_svg() == g.to_svg("builtin")
