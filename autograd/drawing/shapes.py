"""What does a box look like?

Kinds differ in their outline and in the mark in their corner, so that they can be told apart in grey: an input is round, a parameter
has a folded corner, a constant is dotted, an operation a plain box, a result has a heavy double border and a filled corner, a closed
module a thin double border and a `+`, and what is left out is dashed. A chip, the tag in a box that uses a leaf, has the shape of
its kind, only smaller. In a circuit operations are round gates, and leaves are their names.

Every function returns SVG as text. What has which colour is said by classes (`style.py`).

Read next: `legend.py`.
"""

from __future__ import annotations

from math import isqrt

from autograd.drawing.labels import LONGEST, clean, escaped
from autograd.drawing.measure import GATE, PAD_Y, Row, rows_of, width_of
from autograd.drawing.style import KINDS
from autograd.drawing.view import Box

Place = tuple[int, int, int, int]
"""x, y, width and height."""

FOLD = 9
MIDDLE, END = ' text-anchor="middle"', ' text-anchor="end"'
DOTS, DASHES = 'stroke-dasharray="1 3" stroke-linecap="round"', 'stroke-dasharray="6 4"'


def box_svg(box: Box, place: Place, shaded: bool) -> str:
    """A box with everything in it."""
    x, y, w, _ = place
    middle, top = x + w // 2, y + PAD_Y
    parts = [outline(box.kind, place)]
    for row in rows_of(box):
        parts.append(row_svg(row, box, middle, top))
        top += row.height
    return group(box, "".join(parts), f" shaded shade{box.shade}" if shaded and box.shade >= 0 else "")


def row_svg(row: Row, box: Box, middle: int, top: int) -> str:
    """One row of a box: a line of text, or a chip around it."""
    base = top + (10 * row.height + 7 * row.size) // 20
    if row.kind in ("chip", "badge"):
        width = width_of(row.text, row.size) + 2 * row.pad
        place = (middle - width // 2, top + 2, width, row.height - 3)
        if row.kind == "badge":
            return f'<g class="badge">{rect(place, 7)}{text(middle, base, row.text)}</g>'
        chip = box.chips[row.number]
        data = f' data-id="n{chip.node}"' if chip.node >= 0 else ""
        return f'<g class="chip {chip.kind}"{data}>{outline(chip.kind, place, 6)}{text(middle, base, row.text)}</g>'
    role = "gradient" if row.text.startswith("∂") and row.kind == "line" else {"line": "muted"}.get(row.kind, row.kind)
    return text(middle, base, row.text, role)


def outline(kind: str, place: Place, fold: int = FOLD) -> str:
    """The border of a kind, and the mark in its corner."""
    x, y, w, h = place
    right = x + w
    if kind == "input":
        return rect(place, min(h // 2, 11))
    if kind == "parameter":
        return (f'<path class="shape" d="M{x} {y}H{right - fold}L{right} {y + fold}V{y + h}H{x}Z"/>'
                f'<path class="mark" d="M{right - fold} {y}V{y + fold}H{right}Z"/>')
    if kind == "constant":
        return rect(place, 2, DOTS)
    if kind == "more":
        return rect(place, 2, DASHES)
    if kind == "loss":
        return (rect(place, 2, 'stroke-width="2"') + rect((x + 4, y + 4, w - 8, h - 8), 0)
                + f'<path class="mark" d="M{right - 4} {y + 4}v{fold}l-{fold} -{fold}Z"/>')
    if kind == "group":
        return (rect(place, 4) + rect((x + 3, y + 3, w - 6, h - 6), 2)
                + f'<path class="mark" d="M{right - 14} {y + 9}h3v-3h2v3h3v2h-3v3h-2v-3h-3Z"/>')
    return rect(place, 2)


def rect(place: Place, radius: int, more: str = "") -> str:
    x, y, w, h = place
    rounded = f' rx="{radius}"' if radius else ""
    return f'<rect class="shape" x="{x}" y="{y}" width="{w}" height="{h}"{rounded}{" " + more if more else ""}/>'


def text(x: int, y: int, words: str, role: str = "", more: str = "", longest: int = LONGEST) -> str:
    """A text, its classes, and other attributes. It is cut, if it is longer than `longest` characters."""
    role = f' class="{role}"' if role else ""
    return f'<text{role} x="{x}" y="{y}"{more}>{escaped(words, longest)}</text>'


def group(box: Box, inside: str, classes: str = "") -> str:
    """A box as a group with a name and a description, for a mouse and for a reader who listens."""
    return (f'<g class="box {box.kind}{classes}" data-id="{escaped(box.id)}"><title>{escaped(title_of(box), 0)}</title>'
            f'<desc>{escaped(description(box), 0)}</desc>{inside}</g>')


def title_of(box: Box) -> str:
    """Everything about it, with each label that was cut at full length."""
    cut = [label for label in (box.title, *box.lines, *(chip.text for chip in box.chips)) if clean(label) != clean(label, 0)]
    return " · ".join([box.about or box.title, *(label for label in cut if label not in box.about), *box.badges])


def description(box: Box) -> str:
    """What is drawn, in words: 'operation matmul, f32[8,10]; uses parameter weight f32[10,10]; gradient rms 3.1e-03'."""
    parts = [", ".join([f"{KINDS.get(box.kind, box.kind)} {box.title}", *box.lines])]
    parts += [f"uses {chip.kind} {chip.text}" for chip in box.chips]
    parts += [f"value {box.value}"] if box.value else []
    parts += [f"gradient {box.gradient.lstrip('∂')}"] if box.gradient else []
    parts += [f"stands for {box.ops} operations"] if box.ops > 1 else []
    return "; ".join([*parts, *(f"problem: {badge}" for badge in box.badges)])


# ---- circuits -----------------------------------------------------------------------------------------------------


def is_gate(box: Box) -> bool:
    """Is it drawn round, and not as a name?"""
    return box.ops > 0 or box.kind in ("group", "more")


def gate_svg(box: Box, place: Place) -> str:
    """A gate or a name, with the value above and the gradient below the beginning of its wire."""
    x, y, w, h = place
    level, right, parts = y + h // 2, x + w, []
    if is_gate(box):
        parts.append(gate_outline(box.kind, place))
        parts.append(text(x + w // 2, level + 4, box.title, more=MIDDLE))
    else:
        parts.append(text(right - 5, level + 4, box.title, "title", END))
    if box.value:
        parts.append(text(right + 5, level - 5, box.value, "value"))
    if box.gradient:
        parts.append(text(right + 5, level + 14, box.gradient, "gradient"))
    if box.badges:
        left = right - 12 if is_gate(box) else x + w // 2 - 7  # at the shoulder of a gate, above a name
        parts.append(f'<g class="badge">{rect((left, y - 8, 14, 14), 7)}{text(left + 7, y + 3, "!", more=MIDDLE)}</g>')
    return group(box, "".join(parts))


def gate_outline(kind: str, place: Place) -> str:
    """The border of a gate: round, double and heavy for a result, double for a closed group, dashed for what is left out."""
    x, y, w, h = place
    outer = rect(place, h // 2, {"loss": 'stroke-width="2"', "more": DASHES}.get(kind, ""))
    return outer + (rect((x + 3, y + 3, w - 6, h - 6), h // 2 - 3) if kind in ("loss", "group") else "")


def inset(off: int) -> int:
    """How far behind its bounding box the edge of a gate is, this far from its middle."""
    radius = GATE // 2
    return radius - isqrt(radius * radius - min(off * off, radius * radius))
