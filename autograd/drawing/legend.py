"""What must a reader know to read this picture?

The legend lists the encodings that are in the picture, and no others: an entry is found by looking at the view, and drawn with the
same functions as the picture itself.

Read next: `dot.py`.
"""

from __future__ import annotations

from typing import NamedTuple

from autograd.drawing.graph import MARKS
from autograd.drawing.measure import LINE, width_of
from autograd.drawing.shapes import gate_outline, outline, rect, text
from autograd.drawing.style import KINDS, SHADES
from autograd.drawing.view import View

HEIGHT, GAP, SAMPLE, BADGE = 22, 18, 26, 14

STATES = {"0": "exactly zero", "·": "not computed", "∅": "not kept", "⊥": "does not reach the result"}
"""What the marks of a gradient mean. (`graph.MARKS` says which they are.)"""

MEASURES = {"grad": "gradient: least to largest rms, log scale", "value": "value: least to largest rms, log scale",
            "time": "time: least to most, log scale", "bytes": "bytes kept: least to most, log scale", "dtype": "dtype: a colour for each"}
"""What a coloured box shows."""


class Entry(NamedTuple):
    """One thing that is explained.

    key:   what it is: a kind of box, 'chip parameter', 'value', 'gradient', 'gradient ·', 'frame', 'slot', 'count', 'badge', 'color'
    mark:  a sample in words ('∂·'), or '' where the sample is a shape
    text:  what it means
    """

    key: str
    mark: str
    text: str


def legend_of(view: View, color: str = "kind") -> list[Entry]:
    """The entries for what is in a picture, in the order of reading."""
    circuit = view.style == "circuit"
    kinds = {box.kind for box in view.boxes}
    if circuit:  # where leaves are names and gates are round, only these look different
        found = [Entry(kind, "", words) for kind, words in KINDS.items() if kind in kinds & {"loss", "group", "more"}]
    else:
        found = [Entry(kind, "", words) for kind, words in KINDS.items() if kind in kinds]
        chips = {chip.kind for box in view.boxes for chip in box.chips}
        found += [Entry(f"chip {kind}", "", f"{KINDS[kind]} used here") for kind in KINDS if kind in chips]
    if view.frames:
        found.append(Entry("frame", "", "open group"))
    if any(box.value for box in view.boxes):
        found.append(Entry("value", "2.00", "value"))
    gradients = [line for box in view.boxes for line in (box.gradient, *box.lines) if line.startswith("∂")]
    marks = {gradient.lstrip("∂") for gradient in gradients} & set(MARKS.values())
    if any(gradient.lstrip("∂") not in MARKS.values() for gradient in gradients):
        found.append(Entry("gradient", "∂0.20", "gradient of the result"))
    found += [Entry(f"gradient {mark}", f"∂{mark}", f"gradient {STATES[mark]}") for mark in MARKS.values() if mark in marks]
    if any(box.value == MARKS["not kept"] for box in view.boxes):
        found.append(Entry("value ∅", "∅", "value not kept"))
    if any(wire.label for wire in view.wires):
        found.append(Entry("slot", "a", "which operand"))
    if any(wire.count > 1 for wire in view.wires):
        found.append(Entry("count", "×2", "wires that it stands for"))
    if any(box.badges for box in view.boxes):
        found.append(Entry("badge", "!", "problem"))
    if any(box.shade >= 0 for box in view.boxes):
        found.append(Entry("color", "", MEASURES[color]))
    return found


def legend_svg(entries: list[Entry], x: int, y: int, width: int, round_: bool = False) -> tuple[str, int]:
    """The legend in lines of at most this width, and the height that it takes. round_: boxes are gates."""
    parts, left, top = [], x, y
    for entry in entries:
        sample = sample_width(entry)
        size = sample + 6 + width_of(entry.text, LINE)
        if left > x and left + size > x + width:
            left, top = x, top + HEIGHT
        parts.append(f'<g class="entry" data-entry="{entry.key}">{sample_svg(entry, left, top, round_)}'
                     f'{text(left + sample + 6, top + 14, entry.text, "muted", longest=0)}</g>')
        left += size + GAP
    return f'<g class="legend" font-size="{LINE}">{"".join(parts)}</g>' if parts else "", top + HEIGHT - y if parts else 0


def sample_width(entry: Entry) -> int:
    if entry.key == "badge":
        return BADGE
    return width_of(entry.mark, LINE) if entry.mark else 9 * SHADES if entry.key == "color" else SAMPLE


def sample_svg(entry: Entry, x: int, y: int, round_: bool) -> str:
    """A small piece of what the entry explains."""
    place = (x, y + 2, SAMPLE, 16)
    if entry.key == "color":
        return "".join(f'<g class="shade{i} op">{rect((x + 9 * i, y + 4, 9, 12), 0)}</g>' for i in range(SHADES))
    if entry.key == "frame":
        return f'<rect class="frame" x="{x}" y="{y + 3}" width="{SAMPLE}" height="16" rx="4"/>'
    if entry.key == "badge":
        return f'<g class="badge">{rect((x, y + 3, BADGE, BADGE), 7)}{text(x + 4, y + 14, "!")}</g>'
    if entry.mark:
        role = entry.key.split(" ")[0]
        return text(x, y + 14, entry.mark, role if role in ("value", "gradient") else "muted")
    kind = entry.key.removeprefix("chip ")
    return f'<g class="{kind}">{gate_outline(kind, place) if round_ else outline(kind, place, 6)}</g>'
