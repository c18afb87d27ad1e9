"""How large is everything?

What `place` is given, and what it answers: all lengths are whole numbers, in pixels.

Read next: `items.py`.
"""

from __future__ import annotations

from typing import NamedTuple


class Size(NamedTuple):
    """Of one box. `tail` is the room that the wire leaving it needs along the flow before it may bend."""

    width: int
    height: int
    tail: int = 0


class Spacing(NamedTuple):
    """The room between boxes of a row, between rows, and between wires; around what is in a frame; for a frame's title."""

    cross: int = 24
    flow: int = 32
    wire: int = 12
    pad: int = 12
    title: int = 20


class Placement(NamedTuple):
    """x, y, width and height of each box and frame, and the points of each wire, in a picture of this size."""

    boxes: tuple[tuple[int, int, int, int], ...]
    frames: tuple[tuple[int, int, int, int], ...]
    wires: tuple[tuple[tuple[int, int], ...], ...]
    width: int
    height: int


SPACING = Spacing()
