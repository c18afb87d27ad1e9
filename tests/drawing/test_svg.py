"""Is the SVG the graph: all of it, readable, and the same everywhere?"""

import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from contextlib import nullcontext

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nn
from autograd import draw, ops, tensor
from autograd.drawing import dot, measure
from autograd.drawing.graph import MARKS
from autograd.drawing.labels import clean
from autograd.drawing.legend import legend_of
from autograd.drawing.view import Box, Chip, Frame, Options, View, Wire
from tests.drawing.fixtures import FIXTURES, drawn, leaves
from tests.test_tape import inside

SVG = "{http://www.w3.org/2000/svg}"
NUMBER = r"-?\d+"


def tree(g, engine="builtin"):
    return ElementTree.fromstring(g.to_svg(engine))


def classed(root, name, tag="*"):
    return [e for e in root.iter() if name in e.get("class", "").split() and (tag == "*" or e.tag == SVG + tag)]


def integers(element, *names):
    return [int(element.get(name)) for name in names]


def svg_of(*boxes, frames=(), wires=(), style="boxes", **options):
    """The SVG of a view made by hand."""
    from autograd.drawing import svg

    view = View(style, "TB", tuple(boxes), tuple(frames), tuple(wires), (), "caption")
    return svg.svg_of(view, Options(style=style)._replace(**options), "builtin")


# ---- the graph ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FIXTURES)
def test_everything_is_drawn_once_and_in_order(name):
    g = drawn(name)[0]
    root = tree(g)
    assert [e.get("data-id") for e in classed(root, "box")] == [box.id for box in g.view.boxes]
    assert [e.get("data-wire") for e in classed(root, "wire") if e.get("data-wire")] == [str(i) for i in range(len(g.view.wires))]
    assert [e.get("data-id") for e in classed(root, "open")] == [frame.id for frame in g.view.frames]
    for box, e in zip(g.view.boxes, classed(root, "box")):
        said = "\n".join(text.text for text in e.iter(SVG + "text"))
        for label in (box.title, *box.lines, *(chip.text for chip in box.chips), box.value, box.gradient):
            assert g.view.style == "circuit" or clean(label) in said
        assert box.kind in e.get("class").split()


@pytest.mark.parametrize(("f", "slots"), [(lambda x: x * x, []), (lambda x: x + x, []), (lambda x: x - x, ["a", "b"]),
                                          (lambda x: ops.concatenate([x, x]), ["0", "1"])])
@pytest.mark.parametrize("value", [3.0, np.ones((2, 2))])
def test_v01_both_operands_are_drawn(f, slots, value):
    if np.ndim(value) == 0 and slots == ["0", "1"]:
        value = np.ones(1)
    g = draw(f(tensor(value, requires_grad=True, name="x")))
    wires = [e for e in classed(tree(g), "wire") if e.get("data-wire")]
    assert len(wires) == 2 and len({e.get("d") for e in wires}) == 2
    assert [e.text for e in classed(tree(g), "slot")] == slots


@pytest.mark.parametrize("name", FIXTURES)
def test_v17_no_wire_through_a_box(name):
    check_wires(drawn(name)[0])


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20), st.sampled_from(["", "a", "b", "c"])), min_size=1, max_size=25),
       st.sampled_from(["LR", "TB"]), st.booleans())
def test_v17_no_wire_through_a_box_in_random_graphs(choices, direction, wrap):
    values = [tensor(np.ones(2), requires_grad=True, name=name) for name in "xyz"]
    for i, j, path in choices:
        with inside(path) if path else nullcontext():
            values.append(values[i % len(values)] - values[-1 - j % len(values)])
    check_wires(draw(*values[-2:] if values[-2].node and values[-2].requires_grad and len(choices) > 1 else values[-1:],
                     direction=direction, wrap=wrap))


def check_wires(g):
    """No wire goes through a box that it does not start or end at."""
    root = tree(g)
    boxes = [whole(e) if classed(e, "shape") else (0, 0, 0, 0) for e in classed(root, "box")]  # in a circuit a leaf is its name
    for wire in classed(root, "wire"):
        if not wire.get("data-wire"):
            continue
        ends = g.view.wires[int(wire.get("data-wire"))][:2]
        for x, y in flattened(wire.get("d")):
            for i, (left, top, right, bottom) in enumerate(boxes):
                assert i in ends or not (left < x < right and top < y < bottom), (wire.get("d"), g.view.boxes[i].title)


def whole(element):
    """The rectangle around the border of a box."""
    shape = classed(element, "shape")[0]
    if shape.tag == SVG + "rect":
        x, y, w, h = integers(shape, "x", "y", "width", "height")
        return x, y, x + w, y + h
    if shape.tag != SVG + "path":
        raise AssertionError(shape.tag)
    x, y, right, _, _, bottom = map(int, re.match(r"M(-?\d+) (-?\d+)H(-?\d+)L(-?\d+) (-?\d+)V(-?\d+)", shape.get("d")).groups())
    return x, y, right + 9, bottom


def flattened(path):
    """Points on a path of M, L, H, V, C and Q, close to each other."""
    found, x, y = [], 0.0, 0.0
    for letter, rest in re.findall(r"([MLHVCQ])([^MLHVCQ]*)", path):
        numbers = [float(n) for n in re.findall(NUMBER, rest)]
        if letter in "HV":
            numbers = [numbers[0], y] if letter == "H" else [x, numbers[0]]
        size = {"C": 6, "Q": 4}.get(letter, 2)
        for i in range(0, len(numbers), size):
            points = [(x, y), *zip(numbers[i: i + size: 2], numbers[i + 1: i + size: 2])]
            if letter != "M":
                found += [bezier(points, t / 24) for t in range(25)]
            x, y = points[-1]
    return found


def bezier(points, t):
    while len(points) > 1:
        points = [((1 - t) * a + t * c, (1 - t) * b + t * d) for (a, b), (c, d) in zip(points, points[1:])]
    return points[0]


def test_v17_the_check_sees_a_wire_through_a_box():
    assert (5.0, 5.0) in flattened("M5 0V10C5 10 5 20 5 20") and (5.0, 20.0) in flattened("M5 0V10C5 10 5 20 5 20")


def test_v18_a_resnet_is_small():
    g = drawn("resnet18")[0]
    assert len(g.view.boxes) <= 40 and len(g.to_svg("builtin").encode()) <= 60_000
    assert sum(box.ops for box in g.view.boxes) == sum(node.kind == "op" for node in g.graph.nodes)


# ---- circuits -----------------------------------------------------------------------------------------------------

COURSE = {
    "circuit1": "-2.00/-4.00 5.00/-4.00 -4.00/3.00 3.00/-4.00 -12.00/1.00",
    "circuit2": "2.00/-0.20 -1.00/0.39 -3.00/-0.39 -2.00/-0.59 -3.00/0.20 -2.00/0.20 6.00/0.20 4.00/0.20 1.00/0.20 -1.00/-0.20 "
                "0.37/-0.53 1.37/-0.53 0.73/1.00",
    "circuit3": "3.00/-8.00 -4.00/6.00 2.00/2.00 -1.00/0 -12.00/2.00 2.00/2.00 -10.00/2.00 -20.00/1.00",
}


@pytest.mark.parametrize("name", COURSE)
def test_v22_the_numbers_of_the_course(name):
    root = tree(drawn(name)[0])
    pairs = [(classed(e, "value")[0].text, classed(e, "gradient")[0].text) for e in classed(root, "box")]
    assert " ".join(f"{value}/{gradient}" for value, gradient in pairs).replace("−", "-").replace("∂", "") == COURSE[name]


def test_v22_the_gates_of_the_course():
    root = tree(drawn("circuit2")[0])
    titles = [e.find(f"{SVG}text").text for e in classed(root, "box")]
    assert titles == ["w0", "x0", "w1", "x1", "w2", "×", "×", "+", "+", "neg", "exp", "+1", "1/x"]


@pytest.mark.parametrize("name", [*COURSE, "square"])
def test_v23_values_above_and_gradients_below_the_wire(name):
    g = drawn(name)[0]
    root = tree(g)
    levels = {}
    for wire in classed(root, "wire"):
        x, y = map(int, re.match(rf"M({NUMBER}) ({NUMBER})", wire.get("d")).groups())
        levels.setdefault(y, []).append(x)
    for e in classed(root, "box"):
        (value,), (gradient,) = classed(e, "value"), classed(e, "gradient")
        x, above = integers(value, "x", "y")
        below = int(gradient.get("y"))
        assert any(above < y < below for y, starts in levels.items() if any(abs(start - x) <= 8 for start in starts)), value.text
        assert gradient.get("x") == value.get("x") and below - above >= 16


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), min_size=1, max_size=20))
def test_gates_do_not_overlap(choices):
    values = list(leaves(a=1, b=2))
    for i, j in choices:
        values.append(values[i % len(values)] + values[j % len(values)])
    root = tree(draw(values[-1]))
    boxes = [whole(e) for e in classed(root, "box") if classed(e, "shape")]
    assert all(a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1] for i, a in enumerate(boxes) for b in boxes[:i])
    width, height = map(int, root.get("viewBox").split()[2:])
    assert all(-16 <= a[0] < a[2] <= width and -16 <= a[1] < a[3] <= height for a in boxes)


def test_a_result_has_a_wire_of_its_own():
    root = tree(drawn("circuit1")[0])
    (out,) = [e for e in classed(root, "wire") if not e.get("data-wire")]
    x, y, right = map(int, re.fullmatch(rf"M({NUMBER}) ({NUMBER})H({NUMBER})", out.get("d")).groups())
    left, top, edge, bottom = whole(classed(root, "box")[-1])
    assert x == edge and top < y < bottom and right - x >= 30 and left < edge


@pytest.mark.parametrize(("mark", "state"), [(mark, state) for state, mark in MARKS.items()])
def test_v24_what_is_not_known_is_marked(mark, state):
    root = ElementTree.fromstring(svg_of(Box("n0", "input", "x", value="1.00", gradient=f"∂{mark}"), style="circuit"))
    assert classed(root, "gradient")[0].text == f"∂{mark}"
    words = [e.text for e in classed(root, "muted")]
    assert any(state.split()[0] in (word or "") or "reach" in (word or "") for word in words), words


# ---- reading ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FIXTURES)
def test_v45_everything_has_a_name(name):
    g = drawn(name)[0]
    root = tree(g)
    assert root.get("role") == "img" and "operation" in root.get("aria-label")
    assert root.get("viewBox") and root.get("width") == "100%" and root.get("height") is None and "pt" not in root.get("style")
    for box, e in zip(g.view.boxes, classed(root, "box")):
        title, desc = e.find(f"{SVG}title"), e.find(f"{SVG}desc")
        assert title.text and (g.view.style == "circuit" or box.title in title.text)  # 'multiply x y' tells more than '×'
        assert box.title in desc.text and len(desc.text) > len(box.title)
        assert e[0] is title and e[1] is desc


@pytest.mark.parametrize("name", FIXTURES)
@pytest.mark.parametrize("color", ["kind", "bytes"])
@pytest.mark.parametrize("closed", [False, True])
def test_v45_the_legend_lists_what_is_there(name, color, closed):
    g = drawn(name)[0].with_options(color=color)
    g = g.collapse() if closed else g
    root = tree(g)
    listed = {e.get("data-entry") for e in classed(root, "entry")}
    body = [e for part in root if part.get("class") != "legend" for e in part.iter()]
    present = set()
    circuit = g.view.style == "circuit"
    for e in body:
        names = e.get("class", "").split()
        if "box" in names and (not circuit or names[1] in ("loss", "group", "more")):
            present.add(names[1])
        if "chip" in names:
            present.add(f"chip {names[1]}")
        present |= {"frame"} & set(names) | {"value", "badge"} & set(names)
        present |= {"color"} if "shaded" in names else set()
        if "gradient" in names:
            mark = e.text.lstrip("∂")
            present.add(f"gradient {mark}" if mark in MARKS.values() else "gradient")
        if "slot" in names:
            present |= ({"count"} if "×" in e.text else set()) | ({"slot"} if not e.text.startswith("×") else set())
    assert listed == present


def test_v45_the_legend_explains_every_state():
    boxes = [Box(f"n{i}", "op", "relu", gradient=f"∂{mark}") for i, mark in enumerate(["0.20", *MARKS.values()])]
    view = View("boxes", "TB", (*boxes, Box("n9", "input", "x", value="∅", badges=("dead",), shade=3)), (), (), (), "")
    keys = [entry.key for entry in legend_of(view, "grad")]
    assert keys == ["input", "op", "value", "gradient", "gradient 0", "gradient ·", "gradient ∅", "gradient ⊥", "value ∅", "badge", "color"]


def test_v15_long_labels_are_cut_and_whole_in_the_title():
    long = "layer." * 20 + "weight"
    box = Box("n0", "op", long, (long + "[0]",), (Chip(1, "parameter", long + "[1]", 0),), about="about", badges=(long + "!",))
    root = ElementTree.fromstring(svg_of(box, frames=(Frame("g0", 0, long, "Kind", -1),)))
    texts = [t.text for t in root.iter(SVG + "text") if t.text and "layer." in t.text] + [t.text for t in root.iter(SVG + "tspan")]
    assert len(texts) >= 5 and all(len(text) <= 60 for text in texts) and sum(text.endswith("…") for text in texts) == 5
    title = classed(root, "box")[0].find(f"{SVG}title").text
    assert all(label in title for label in (long, long + "[0]", long + "[1]", long + "!"))
    assert long in classed(root, "open")[0].find(f"{SVG}title").text


HOSTILE = st.text(st.one_of(st.characters(), st.sampled_from('"\\<>&;{}|\n\0N\u202e😀')), min_size=1, max_size=80) | st.sampled_from(
    ["</script>", "]]>", "-->", "<!--", "&amp;", "a\u2028b", "\ud800", "\ufffe", "' onload='x"])


@settings(max_examples=150, deadline=None)
@given(HOSTILE)
def test_v14_labels_are_escaped(label):
    box = Box("n0", "op", label, (label,), (Chip(1, "parameter", label, 0),), frame=0, about=label, badges=(label,))
    root = ElementTree.fromstring(svg_of(box, frames=(Frame("g0", 0, label, label, -1),), wires=(Wire(0, 0, 0, label),)))
    (element,) = classed(root, "box")
    seen = clean(label)
    assert [t.text for t in element.iter(SVG + "text")] == [seen, seen, seen, clean(f"! {label}")] and len(seen) <= 60
    assert [t.text for t in root.iter(SVG + "tspan")] == [seen, seen]
    assert element.find(f"{SVG}title").text.startswith(clean(label, 0))
    assert {e.tag.removeprefix(SVG) for e in root.iter()} <= {"svg", "style", "rect", "path", "g", "text", "tspan", "title", "desc"}
    names = {name for e in root.iter() for name in e.attrib}
    assert names <= {"class", "role", "aria-label", "viewBox", "width", "style", "x", "y", "height", "rx", "d", "font-size", "text-anchor",
                     "data-id", "data-wire", "data-entry", "stroke-width", "stroke-dasharray", "stroke-linecap", "dx"}


def test_control_characters_are_replaced():
    assert clean("a\0b\nc\ud800d\u2028e\ufffff") == "a\ufffdb\ufffdc\ufffdd\ufffde\ufffdf" and clean("é😀\u202e") == "é😀\u202e"
    assert clean("x" * 61) == "x" * 59 + "…" and clean("x" * 60) == "x" * 60 and clean("x" * 99, 0) == "x" * 99


# ---- sizes --------------------------------------------------------------------------------------------------------


def test_text_is_measured_by_columns():
    assert [measure.columns(text) for text in ("", "relu", "∂−0.39", "日本", "😀x", "é")] == [0, 4, 6, 4, 3, 1]
    assert measure.width_of("relu", 10) == 25 and measure.width_of("日本", 10) == 25 and measure.width_of("", 12) == 0


@given(st.text(max_size=30), st.text(max_size=30), st.integers(8, 20))
def test_more_text_is_wider(a, b, size):
    assert measure.width_of(a + b, size) >= max(measure.width_of(a, size), measure.width_of(b, size))
    assert abs(measure.width_of(a + b, size) - measure.width_of(a, size) - measure.width_of(b, size)) <= 1


@pytest.mark.parametrize("name", [name for name in FIXTURES if name not in (*COURSE, "square")])  # in circuits numbers stand beside
def test_texts_stay_in_their_boxes(name):
    g = drawn(name)[0]
    for box, e in zip(g.view.boxes, classed(tree(g), "box")):
        left, top, right, bottom = whole(e)
        for text in e.iter(SVG + "text"):
            x, y = integers(text, "x", "y")
            half = measure.width_of(text.text, 13 if "title" in text.get("class", "") else 11) / 2
            assert left < x - half and x + half < right and top < y - 6 and y + 2 < bottom, (box.title, text.text)


# ---- files --------------------------------------------------------------------------------------------------------


def test_v12_the_same_in_every_process():
    script = ("from tests.drawing.test_svg import drawn, FIXTURES\nimport hashlib\n"
              "print(*(hashlib.sha256(drawn(n)[0].to_svg('builtin').encode()).hexdigest() for n in ('circuit2', 'lstm', 'residual')))")
    runs = {subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True,
                           env={"PYTHONHASHSEED": seed, "PATH": "", "PYTHONPATH": ":".join(sys.path)}).stdout for seed in ("1", "2")}
    assert len(runs) == 1 and len(runs.pop().split()) == 3


@pytest.mark.parametrize("name", FIXTURES)
def test_coordinates_are_whole_numbers(name):
    text = drawn(name)[0].to_svg("builtin")
    body = text[text.index("</style>"):]
    for value in re.findall(r' (?:x|y|width|height|rx|d|viewBox)="([^"]*)"', body):
        assert "." not in value and "e" not in value, value
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "") and "url(" not in text and "<script" not in text


def test_engines_have_names():
    g = drawn("mlp")[0]
    with pytest.raises(ValueError, match="'auto', 'builtin' or 'graphviz'"):
        g.to_svg("neato")


def test_modules_are_frames_around_their_boxes():
    g = drawn("mlp")[0]
    root = tree(g)
    frames = [integers(e.find(f"{SVG}rect"), "x", "y", "width", "height") for e in classed(root, "open")]
    assert len(frames) == 5
    for box, e in zip(g.view.boxes, classed(root, "box")):
        left, top, right, bottom = whole(e)
        for i, (x, y, w, h) in enumerate(frames):
            inside = x < left and right < x + w and y + 16 < top and bottom < y + h
            assert inside if i == box.frame else right <= x or left >= x + w or bottom <= y or top >= y + h


def test_a_leaf_used_often_is_drawn_at_each_use():
    x = tensor(np.ones(2), requires_grad=True, name="x")
    y = x
    for _ in range(5):
        y = ops.tanh(y) * x
    root = tree(draw(y))
    chips = [e for e in classed(root, "chip") if e.get("data-id") == "n0"]
    assert len(chips) == 6 and all("x" in e.find(f"{SVG}text").text for e in chips)
    assert not [e for e in classed(root, "box") if e.get("data-id") == "n0"]


def test_a_closed_module_says_what_it_hides():
    model = nn.Sequential(nn.Linear(3, 4, rng=0), nn.ReLU())
    g = draw(model(np.ones((2, 3))).sum()).collapse()
    closed = [e for e in classed(tree(g), "box") if "group" in e.get("class").split()]
    assert closed and all("1 op" in " ".join(t.text for t in e.iter(SVG + "text")) for e in closed)


def test_gradients_of_closed_modules_look_like_gradients():
    model = nn.Sequential(nn.Linear(3, 4, rng=0), nn.ReLU())
    g = draw(model(np.ones((2, 3))).sum(), grads="compute").collapse()
    found = [e.text for box in classed(tree(g), "group") for e in classed(box, "gradient")]
    assert found and all(text.startswith("∂ rms") for text in found) and f"<I><FONT COLOR=\"{dot.GRADIENT}\"" in g.to_dot()


def test_an_empty_view_is_a_picture():
    root = ElementTree.fromstring(svg_of())
    assert root.get("viewBox") and not classed(root, "box")
