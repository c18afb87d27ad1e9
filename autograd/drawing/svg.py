"""How does a picture look as SVG?

A view (`view.py`), measured (`measure.py`), with everything in its place (`layout/`, or Graphviz), drawn: frames, then wires, then
boxes in the order of the tape, and below them the legend, what the graph amounts to, and notes. It is as wide as its place, never
of a fixed size, which notebooks clip; and it needs nothing but itself: no script, no font, no network.

All coordinates are whole numbers, so with the built-in layout the picture is the same, byte by byte, on every machine.

Read next: `wires.py`.
"""

from __future__ import annotations

from collections import Counter

from autograd.drawing.labels import escaped
from autograd.drawing.layout import Placement, Spacing, place
from autograd.drawing.legend import legend_of, legend_svg
from autograd.drawing.measure import LINE, PAD_X, SMALL, TAIL, WORD, frame_title_width, size_of, width_of
from autograd.drawing.renderer import by_graphviz
from autograd.drawing.shapes import END, box_svg, gate_svg, inset, is_gate, text
from autograd.drawing.style import KINDS, css, root_class
from autograd.drawing.view import Frame, Options, View
from autograd.drawing.wires import straight, wire_svg

MARGIN, NOTE = 16, 16
CIRCUIT = Spacing(cross=23, flow=24)
ROW = 1400
"""How long a row of a folded chain may be (`wrap=True`)."""


def svg_of(view: View, options: Options, engine: str = "auto") -> str:
    """The picture of a view.

    engine:  'builtin', 'graphviz', or 'auto': Graphviz if there is one, and up to 500 boxes. Circuits always have the built-in layout

    Raises ValueError for another engine, GraphvizMissing if there is no Graphviz and it was asked for.
    """
    placement, curved = placed(view, options, engine)
    circuit = view.style == "circuit"
    body = circuit_svg(view, placement) if circuit else boxes_svg(view, options, placement, curved)
    width, y = placement.width, placement.height + 10
    entries = legend_of(view, options.color)
    words = [line for line in (view.caption, *view.notes) if line]
    below = max(width, min(560, max((width_of(line, LINE) for line in words), default=0)))
    legend, taken = legend_svg(entries, 0, y, below, circuit)
    y += taken + 4 * bool(taken)
    lines = lines_of(words, below)
    notes = [text(0, y + NOTE * i + 11, line, "muted", longest=0) for i, line in enumerate(lines)]
    right = max([width, *(width_of(line, LINE) for line in lines)])
    body += [legend, f'<g font-size="{LINE}">{"".join(notes)}</g>']
    return document(view, options, body, right, y + NOTE * len(notes))


def document(view: View, options: Options, body: list[str], right: int, bottom: int) -> str:
    """The whole file around what is drawn, which extends from 0, 0."""
    width, height = right + 2 * MARGIN, bottom + 2 * MARGIN
    label = escaped(summary(view), 300)
    sheet = css(options.theme, (options.color,))
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" class="{root_class(options.theme, options.color)}" role="img" aria-label="{label}" '
        f'viewBox="{-MARGIN} {-MARGIN} {width} {height}" width="100%" style="max-width:{width}px">',
        f"<style>\n{sheet}</style>", f'<rect class="paper" x="{-MARGIN}" y="{-MARGIN}" width="{width}" height="{height}"/>',
        *filter(None, body), "</svg>", ""])


def lines_of(words: list[str], width: int) -> list[str]:
    """The caption and the notes, broken where they are wider than the picture."""
    found: list[str] = []
    for line in words:
        current = ""
        for word in line.split(" "):
            if current and width_of(f"{current} {word}", LINE) > width:
                found.append(current)
                current = word
            else:
                current = f"{current} {word}" if current else word
        found.append(current)
    return found


def summary(view: View) -> str:
    """What one hears instead of the picture: 'computation circuit: 8 operations · 5 leaves; 5 parameters, 7 operations, 1 result'."""
    counts = Counter(box.kind for box in view.boxes)
    shown = ", ".join(f"{counts[kind]} {words}" for kind, words in KINDS.items() if counts[kind])
    return f"computation {'circuit' if view.style == 'circuit' else 'graph'}: {view.caption}; shown: {shown}"


def placed(view: View, options: Options, engine: str) -> tuple[Placement, bool]:
    """Where everything stands, and whether wires are curves."""
    if engine not in ("auto", "builtin", "graphviz"):
        raise ValueError(f"engine={engine!r}: it can be 'auto', 'builtin' or 'graphviz'")
    sizes = [size_of(box, view.style) for box in view.boxes]
    titles = [frame_title_width(frame) for frame in view.frames]
    circuit = view.style == "circuit"
    label = max([12, *(width_of(wire.label, SMALL) + 6 for wire in view.wires if wire.label)])
    if not circuit and engine != "builtin":
        found = by_graphviz(view, sizes, titles, required=engine == "graphviz")
        if found is not None:
            return found, True
    return place(sizes, [(wire.source, wire.target, wire.slot) for wire in view.wires], [box.frame for box in view.boxes],
                 [(frame.parent, title) for frame, title in zip(view.frames, titles)], "LR" if circuit else view.direction,
                 CIRCUIT if circuit else Spacing(wire=label), ROW if options.wrap else 0), False


# ---- boxes --------------------------------------------------------------------------------------------------------


def boxes_svg(view: View, options: Options, placement: Placement, curved: bool) -> list[str]:
    """Frames, wires and boxes."""
    shaded = options.color != "kind"
    depth: list[int] = []
    for frame in view.frames:
        depth.append(depth[frame.parent] + 1 if frame.parent >= 0 else 0)
    frames = [frame_svg(frame, where, depth[i]) for i, (frame, where) in enumerate(zip(view.frames, placement.frames))]
    sideways = view.direction == "LR"
    wires = [wire_svg(i, wire, points, sideways, curved) for i, (wire, points) in enumerate(zip(view.wires, placement.wires))]
    bands = [band_svg(frame, where, depth[i]) for i, (frame, where) in enumerate(zip(view.frames, placement.frames))]
    boxes = [box_svg(box, where, shaded) for box, where in zip(view.boxes, placement.boxes)]
    return [*frames, f'<g font-size="{SMALL}">', *wires, "</g>", f'<g font-size="{LINE}">', *bands, "</g>",
            f'<g text-anchor="middle" font-size="{LINE}">', *boxes, "</g>"]


def frame_svg(frame: Frame, where: tuple[int, int, int, int], depth: int) -> str:
    """The rounded border of an open group."""
    x, y, w, h = where
    return (f'<g class="open" data-id="{escaped(frame.id)}"><title>{escaped(f"{frame.title} {frame.label}", 0)}</title>'
            f'<rect class="frame{" odd" if depth % 2 else ""}" x="{x}" y="{y}" width="{w}" height="{h}" rx="6"/></g>')


def band_svg(frame: Frame, where: tuple[int, int, int, int], depth: int) -> str:
    """The title of an open group, on top of the wires that come in beside it."""
    x, y, _, _ = where
    label = f'<tspan class="muted" dx="10">{escaped(frame.label)}</tspan>' if frame.label else ""
    return (f'<text class="band{" odd" if depth % 2 else ""}" x="{x + PAD_X}" y="{y + 15}">'
            f'<tspan class="name">{escaped(frame.title)}</tspan>{label}</text>')


# ---- circuits -----------------------------------------------------------------------------------------------------


def circuit_svg(view: View, placement: Placement) -> list[str]:
    """Wires, and then gates and names with the numbers on the wires. The results have wires, too."""
    paths = []
    for i, (wire, points) in enumerate(zip(view.wires, placement.wires)):
        if len(points) > 1:
            x, y, _, h = placement.boxes[wire.target]
            end = (x + (inset(points[-1][1] - y - h // 2) if is_gate(view.boxes[wire.target]) else 0), points[-1][1])
            paths.append(f'<path class="wire" data-wire="{i}" d="{straight([*points[:-1], end])}"/>')
            if wire.label:  # beside the end: above the upper wire, below the lower one
                paths.append(text(end[0] - 4, end[1] - 6 if end[1] <= y + h // 2 else end[1] + 13, wire.label, "muted slot", END))
    sizes = [size_of(box, "circuit") for box in view.boxes]
    for output in view.outputs:
        x, y, w, h = placement.boxes[output]
        paths.append(f'<path class="wire" d="M{x + w} {y + h // 2}H{x + w + max(TAIL, sizes[output].tail)}"/>')
    gates = [gate_svg(box, where) for box, where in zip(view.boxes, placement.boxes)]
    return [f'<g font-size="{SMALL}">', *paths, "</g>", f'<g font-size="{WORD}">', *gates, "</g>"]
