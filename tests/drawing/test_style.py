"""Can everybody read the colours, and is nothing said by colour alone?"""

import re
import xml.etree.ElementTree as ElementTree
from itertools import combinations

import numpy as np
import pytest

from autograd.drawing import style, svg
from autograd.drawing.graph import MARKS
from autograd.drawing.legend import STATES
from autograd.drawing.shapes import gate_outline, outline
from autograd.drawing.view import Box, Chip, Frame, Options, View, Wire
from tests.drawing.test_svg import SVG, classed

THEMES = ("light", "dark", "cs231n")

# Machado, Oliveira and Fernandes (2009), severity 1: what is left of linear red, green and blue.
BLINDNESS = {
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


def linear(colour):
    parts = np.array([int(colour[i: i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def contrast(a, b):
    low, high = sorted(float(linear(c) @ (0.2126, 0.7152, 0.0722)) for c in (a, b))
    return (high + 0.05) / (low + 0.05)


def lab(rgb):
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ np.clip(rgb, 0, 1)
    f = [np.cbrt(v) if v > 0.008856 else 7.787 * v + 16 / 116 for v in xyz / (0.9505, 1, 1.089)]
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def everything(theme, color="kind"):
    """A picture with each kind of box in it and all that can be written in one, as it is drawn in a theme."""
    chips = tuple(Chip(9, kind, f"{kind} chip", 0) for kind in ("parameter", "input", "constant", "op"))
    boxes = [Box(f"n{i}", kind, kind, ("f32[2]",), chips, i % 3 - 1, value="2.00", gradient="∂−0.20", badges=("dead",), about=kind,
                 shade=i if color != "kind" else -1) for i, kind in enumerate([*style.KINDS, "op"])]
    frames = (Frame("g0", 0, "layer", "Sequential", -1), Frame("g1", 1, "layer.0", "Linear", 0))
    view = View("boxes", "TB", tuple(boxes), frames, (Wire(0, 3, 0, "a", 2),), (), "caption", ("a note",))
    return ElementTree.fromstring(svg.svg_of(view, Options(theme=theme, color=color), "builtin"))


class Sheet:
    """The style sheet of a picture, as far as this picture needs it: rules of one to three classes, and custom properties."""

    def __init__(self, root):
        sheet = root.find(f"{SVG}style").text
        sheet = re.sub(r"@media[^{]*\{(?:[^{}]*\{[^{}]*\})*\}", "", sheet)
        self.properties, self.rules = {}, []
        for selector, body in re.findall(r"([^{}\n]+)\{([^{}]*)\}", sheet):
            declared = dict(item.split(":", 1) for item in body.split(";"))  # the last one of a name counts
            if selector.startswith(".drawing-"):
                self.properties.update(declared)
            else:
                self.rules.append((selector.removeprefix(".drawing "), declared))

    def value(self, name, element, parents):
        """What an element has of a property: the last of the most specific rules that fit it."""
        found, strongest = None, (-1, -1)
        for i, (selector, declared) in enumerate(self.rules):
            strength = (len(re.findall(r"\.", selector)), i)
            if name in declared and strength >= strongest and fits(selector, [*parents, element]):
                found, strongest = declared[name], strength
        while found and found.startswith("var("):
            found = self.properties[found[4:-1]]
        return found


def fits(selector, way):
    def one(part, element):
        tag, *classes = part.split(".")
        return (not tag or element.tag == SVG + tag) and set(classes) <= set(element.get("class", "").split())

    if ">" in selector:
        outer, inner = selector.split(">")
        return one(inner, way[-1]) and len(way) > 1 and one(outer, way[-2])
    *outer, inner = selector.split(" ")
    return one(inner, way[-1]) and all(any(one(part, element) for element in way[:-1]) for part in outer)


def texts_and_fills(root):
    """Each text with its colour, and the fill of the smallest shape it stands on."""
    sheet = Sheet(root)
    shapes, texts = [], []

    def walk(element, parents):
        names = element.get("class", "").split()
        if element.tag == SVG + "rect" and ("shape" in names or "frame" in names or "paper" in names):
            x, y, w, h = (int(element.get(name)) for name in ("x", "y", "width", "height"))
            shapes.append((x, y, x + w, y + h, sheet.value("fill", element, parents)))
        elif element.tag == SVG + "path" and "shape" in names:
            numbers = [int(n) for n in re.findall(r"-?\d+", element.get("d"))]
            shapes.append((numbers[0], numbers[1], numbers[3], numbers[5], sheet.value("fill", element, parents)))
        elif element.tag in (SVG + "text", SVG + "tspan") and (element.text or "").strip():
            place = element if element.get("x") else parents[-1]
            texts.append((int(place.get("x")), int(place.get("y")), element.text, sheet.value("fill", element, parents)
                          or sheet.value("fill", parents[-1], parents[:-1])))
        for child in element:
            walk(child, [*parents, element])

    walk(root, [])
    for x, y, words, colour in texts:
        under = [((right - left) * (bottom - top), fill) for left, top, right, bottom, fill in shapes
                 if left <= x <= right and top <= y - 4 <= bottom]
        yield words, colour, min(under)[1]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("color", style.COLORS)
def test_v43_everything_drawn_can_be_read(theme, color):
    least = 8.7 if theme == "dark" else 4.5
    seen = set()
    for words, colour, fill in texts_and_fills(everything(theme, color)):
        assert colour and fill and contrast(colour, fill) >= least, (words, colour, fill, contrast(colour, fill))
        seen.add((colour, fill))
    assert len(seen) >= 15


@pytest.mark.parametrize("theme", THEMES)
def test_v43_every_text_on_every_fill(theme):
    colours = style.THEMES[theme]
    least = 8.7 if theme == "dark" else 4.5
    fills = [*(colours[kind] for kind in style.KINDS), colours["frame"], colours["frame2"], colours["paper"]]
    for text in ("ink", "muted", "value", "gradient"):
        for fill in fills:
            assert contrast(colours[text], fill) >= least, (text, fill, contrast(colours[text], fill))
    assert contrast(colours["badge-text"], colours["badge"]) >= least
    for color in (*style.SCALES, "dtype"):
        assert all(contrast(colours["ink"], shade) >= least for shade in style.shades(color, theme))
    for kind in style.KINDS:  # borders are no text; 3 : 1 is what graphics need
        assert contrast(colours[f"{kind}-line"], colours[kind]) >= 3 and contrast(colours[f"{kind}-line"], colours["paper"]) >= 3
    assert all(contrast(colours["wire"], fill) >= 3 for fill in (colours["paper"], colours["frame"], colours["frame2"]))


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("kind", BLINDNESS)
def test_v43_value_and_gradient_differ_for_everybody(theme, kind):
    value, gradient = (lab(BLINDNESS[kind] @ linear(style.THEMES[theme][name])) for name in ("value", "gradient"))
    assert np.linalg.norm(value - gradient) >= 40


def test_v43_the_check_sees_what_is_wrong():
    red, green = (lab(BLINDNESS["deutan"] @ linear(c)) for c in ("#ff0000", "#00ff00"))
    assert np.linalg.norm(red - green) < 40 and contrast("#ff0000", "#ffffff") < 4.5
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("color", style.SCALES)
def test_shades_grow_darker_or_brighter(theme, color):
    steps = [float(linear(shade) @ (0.2126, 0.7152, 0.0722)) for shade in style.shades(color, theme)]
    assert len(steps) == 8 and steps == sorted(steps, reverse=theme == "light") and len(set(steps)) == 8
    assert contrast(style.shades(color, theme)[0], style.shades(color, theme)[7]) >= 1.5


# ---- without colours ----------------------------------------------------------------------------------------------


def grey(drawing):
    """What is left of a shape when its colours and its place are gone."""
    return re.sub(r'\b(x|y|width|height)="-?\d+"', "", drawing)


@pytest.mark.parametrize("kinds", list(combinations(style.KINDS, 2)))
def test_v44_kinds_differ_in_grey(kinds):
    a, b = (grey(outline(kind, (0, 0, 100, 50))) for kind in kinds)
    assert a != b and "fill" not in a + b  # colours are said by classes alone
    chips = [grey(outline(kind, (0, 0, 60, 16), 6)) for kind in kinds]
    assert chips[0] != chips[1]


@pytest.mark.parametrize("kinds", list(combinations(("op", "loss", "group", "more"), 2)))
def test_v44_gates_differ_in_grey(kinds):
    a, b = (grey(gate_outline(kind, (0, 0, 34, 34))) for kind in kinds)
    assert a != b


def test_v44_shapes_are_those_of_the_design():
    def shape(kind):
        return ElementTree.fromstring(f"<g>{outline(kind, (0, 0, 100, 50))}</g>")

    assert int(shape("input")[0].get("rx")) >= 8 and int(shape("op")[0].get("rx")) <= 2 and len(shape("op")) == 1
    assert shape("constant")[0].get("stroke-dasharray") != shape("more")[0].get("stroke-dasharray")
    assert all(shape(kind)[0].get("stroke-dasharray") for kind in ("constant", "more"))
    assert len(shape("loss")) == len(shape("group")) == 3 and shape("loss")[0].get("stroke-width") == "2"
    assert len(shape("parameter")) == 2 and shape("parameter")[1].get("class") == "mark"


def test_v44_states_of_a_gradient_are_different_signs():
    marks = ["0.20", *MARKS.values()]
    assert len(set(marks)) == 5 and set(STATES) == set(MARKS.values()) and len(set(STATES.values())) == 4
    root = everything("light")
    sheet = Sheet(root)
    value, gradient = (next(e for e in root.iter() if e.get("class") == name) for name in ("value", "gradient"))
    assert sheet.value("font-style", gradient, []) == "italic" and sheet.value("font-style", value, []) is None
    assert gradient.text.startswith("∂") and not value.text.startswith("∂")


# ---- the sheet ----------------------------------------------------------------------------------------------------


def test_themes_have_the_same_names():
    assert all(set(theme) == set(style.LIGHT) for theme in style.THEMES.values())
    assert style.LIGHT["value"] == "#0b4f8a" and style.LIGHT["gradient"] == "#a8321a"


@pytest.mark.parametrize("theme", [*THEMES, "auto"])
@pytest.mark.parametrize("color", style.COLORS)
def test_every_property_that_is_used_is_there(theme, color):
    sheet = style.css(theme, (color,))
    used = set(re.findall(r"var\((--[\w-]+)\)", sheet))
    known = set(re.findall(r"(--[\w-]+):", sheet))
    assert used - known == ({f"--shade{i}" for i in range(8)} if color == "kind" else set())
    assert sheet.count("{") == sheet.count("}") and "forced-colors" in sheet and ("prefers-color-scheme" in sheet) == (theme == "auto")
    assert not re.search(r"https?:|url\(|@import|<", sheet)


def test_one_sheet_for_all_themes():
    sheet = style.css("all")
    for theme in (*THEMES, "auto"):
        assert f".drawing-{theme}{{" in sheet
        assert style.root_class(theme, "grad").split() == ["drawing", f"drawing-{theme}", "by-grad"]
    assert style.root_class("dark") == "drawing drawing-dark"


def test_pictures_of_several_themes_do_not_disturb_each_other():
    for theme in THEMES:
        root = everything(theme)
        assert root.get("class") == f"drawing drawing-{theme}"
        own = re.findall(r"([^{}\n]+)\{--|([^{}\n]+)\{color-scheme", root.find(f"{SVG}style").text)
        assert all(f".drawing-{theme}" in "".join(names) for names in own)
    assert classed(everything("dark", "grad"), "shaded")
