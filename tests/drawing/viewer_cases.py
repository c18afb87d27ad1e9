"""What must the viewer find? For each fixture its payload, and what Python makes of it: views, sizes, coordinates, search. As JSON.

python -m tests.drawing.viewer_cases FILE writes them for viewer_test.mjs.
"""

import json
import random
import sys
from functools import cache

from autograd import draw
from autograd.drawing.labels import clean
from autograd.drawing.legend import legend_of
from autograd.drawing.measure import frame_title_width, size_of
from autograd.drawing.payload import payload_of
from autograd.drawing.problems import problems_of
from autograd.drawing.select import find, focus
from autograd.drawing.shapes import description, title_of
from autograd.drawing.svg import placed
from autograd.drawing.view import view_of
from tests.drawing.fixtures import EVERY, FIXTURES, LARGE, drawn

WORDS = ["conv", "f32", "Linear", "%3", "layer1.0", "x", "no such thing"]


def text(value):
    """Texts as they are sent, in whatever they stand."""
    if isinstance(value, str):
        return clean(value, 1000)
    return [text(item) for item in value] if isinstance(value, (tuple, list)) else value


def case(drawing, options):
    """The options, and the view, the sizes and the coordinates that follow from them."""
    view = view_of(drawing.graph, drawing.groups, options, problems_of(drawing.graph))
    placement, _ = placed(view, options, "builtin")
    return {"options": {**options._asdict(), "open": sorted(options.open), "only": options.only and sorted(options.only)},
            "view": {"style": view.style, "direction": view.direction, "boxes": text(view.boxes), "frames": text(view.frames),
                     "wires": text(view.wires), "outputs": view.outputs},
            "sizes": [size_of(box, view.style) for box in view.boxes], "titles": [frame_title_width(frame) for frame in view.frames],
            "placement": placement._asdict(),
            "words": text([(title_of(box), description(box)) for box in view.boxes]),
            "legend": [[entry.key, entry.text] for entry in legend_of(view, options.color) if entry.key != "color"]}


def variants(drawing, name):
    """The first view, and others: groups open by chance, everything open, colours, each option."""
    options, table = drawing.options, drawing.groups.table
    yield options
    if name in LARGE:
        return
    chance = random.Random(name)
    for share in (0.3, 0.7, 1.0):
        yield options._replace(open=frozenset(k for k in range(len(table)) if chance.random() < share))
    for color in ("grad", "value", "bytes", "dtype"):
        yield options._replace(color=color)
    yield options._replace(constants=True)
    yield options._replace(direction="LR", wrap=True)
    middle = drawing.graph.nodes[len(drawing.graph.nodes) // 2].name
    yield options._replace(only=focus(drawing.graph, middle, 2), open=frozenset(range(len(table))))


@cache
def cases(large=True):
    """All of them, by the name of the fixture. Gradients and values are known in some."""
    found = {}
    for name in EVERY if large else FIXTURES:
        drawing, result, _keep = drawn(name)
        if name in ("mlp", "lstm"):
            drawing = draw(result, values="stats", grads="compute")
        found[name] = {"payload": payload_of(drawing), "cases": [case(drawing, options) for options in variants(drawing, name)],
                       "found": {word: list(find(drawing.graph, word)) for word in WORDS}}
    return found


if __name__ == "__main__":
    with open(sys.argv[1], "w", encoding="utf-8") as file:
        json.dump(cases(), file, ensure_ascii=False)
