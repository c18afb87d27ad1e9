"""How large is a box?

A picture is laid out before anybody has a font, so text is measured by counting: every font named here is monospaced, a
character is about 0.6 of the font size wide, and a wide one (Chinese, Japanese, Korean, emoji) twice that. In whole numbers
only, so that the viewer in a browser (`viewer/measure.js`) and every version of Python find the same.

Lengths are in pixels. `rows_of` says what is written in a box, row by row; `size_of` adds it up.

Read next: `layout/`.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from autograd.drawing.labels import clean
from autograd.drawing.layout import Size
from autograd.drawing.view import Box, Frame

WIDE = re.compile("[\\u1100-\\u115f\\u231a\\u231b\\u23e9-\\u23ec\\u2e80-\\u303e\\u3041-\\ua4cf\\ua960-\\ua97f\\uac00-\\ud7a3"
                  "\\uf900-\\ufaff\\ufe30-\\ufe6f\\uff00-\\uff60\\uffe0-\\uffe6\\U0001f000-\\U0001faff\\U00020000-\\U0003fffd]")
"""Characters that take two columns."""

TITLE, LINE, SMALL = 13, 11, 10
"""Font sizes: of titles, of what stands below them, and of slot labels, legends and notes."""

PAD_X, PAD_Y, CORNER = 10, 6, 14
"""Space around the rows of a box, and beside a title for the mark in its corner."""

GATE, TAIL, WORD = 34, 30, 12
"""In a circuit: the diameter of a gate, the shortest wire behind it, and the font size."""

FRAME_TITLE = 12
"""The font size of the title in the band of a frame."""


class Row(NamedTuple):
    """One row of a box.

    kind:    'title', 'line', 'value', 'gradient', 'chip' or 'badge'
    size:    of the font
    pad:     room that is kept free on either side of the text
    number:  of a chip or a badge: which of the box's it is
    """

    kind: str
    text: str
    size: int
    height: int
    pad: int
    number: int = 0


def columns(text: str) -> int:
    """How many columns of a terminal, or cells of a monospaced font, a text takes."""
    return len(text) + (0 if text.isascii() else len(WIDE.findall(text)))


def width_of(text: str, size: int) -> int:
    """The width of a text at a font size, in pixels, rounded up: 0.61 of the size per column.

    >>> width_of("relu", 10)
    25
    """
    return (columns(text) * size * 61 + 99) // 100


def rows_of(box: Box) -> list[Row]:
    """What is written in a box, from top to bottom."""
    marked = CORNER if box.kind in ("parameter", "group", "loss") else 0
    rows = [Row("title", clean(box.title), TITLE, 18, marked)]
    rows += [Row("line", clean(line), LINE, 15, 0) for line in box.lines]
    if box.value:
        rows.append(Row("value", clean(box.value), LINE, 15, 0))
    if box.gradient:
        rows.append(Row("gradient", clean(box.gradient), LINE, 15, 0))
    rows += [Row("chip", clean(chip.text), LINE, 19, 9, i) for i, chip in enumerate(box.chips)]
    rows += [Row("badge", clean(f"! {badge}"), LINE, 19, 9, i) for i, badge in enumerate(box.badges)]
    return rows


def size_of(box: Box, style: str) -> Size:
    """The size of a box. In a circuit, `tail` is the level wire behind the gate, with the value above and the gradient below."""
    if style == "circuit":
        title = width_of(clean(box.title), WORD)
        width = max(GATE, even(title + 10)) if box.ops or box.kind in ("group", "more") else even(title + 6)
        return Size(width, GATE, max(TAIL, 12 + max(width_of(clean(box.value), WORD), width_of(clean(box.gradient), WORD))))
    rows = rows_of(box)
    width = max(width_of(row.text, row.size) + 2 * row.pad for row in rows) + 2 * PAD_X
    return Size(even(max(width, 44)), even(sum(row.height for row in rows) + 2 * PAD_Y), 0)


def even(length: int) -> int:
    """Rounded up, so that the middle is a whole number."""
    return length + length % 2


def frame_title_width(frame: Frame) -> int:
    """The width of the band with the title of an open group."""
    label = width_of(clean(frame.label), LINE) + 10 if frame.label else 0
    return even(width_of(clean(frame.title), FRAME_TITLE) + label + 2 * PAD_X)
