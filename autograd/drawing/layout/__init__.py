"""Where does everything stand?

Boxes joined by wires, some of them in frames, and frames in frames. A frame is laid out like the page: what is in it stands in
rows along the flow, each box after its operands; a wire that passes a row without ending there has a thin place of its own in it,
so that it meets no box; where it crosses the border of a frame it has a port. Then the frame is one box of the rows around it.
All wires from one box share one way until they part.

Four steps: rows, order in each row, places, points of the wires. Orders are found from the outside in, so that ports stand where
their wires come from; places from the inside out, as a frame is as large as what is in it. A wire that goes back, as two frames
may use each other, and a very long one in a large graph go around everything in a lane at the side.

"Flow" runs from operands to results, "cross" at right angles to it: only the first and the last step know which is x and which y.
All in whole numbers, so that a picture is the same everywhere; in `drawing/viewer/`, JavaScript files of these names do the same,
line by line, and `layout.js` is this one.

    sizes.py     how large is everything?
    items.py     what has a place?
    pieces.py    where does a wire cross the border of a frame?
    rows.py      what comes after what? After the operands, but a leaf just before its use
    order.py     what stands beside what? So that few wires cross
    places.py    where across the flow does everything stand? So that wires are straight
    flow.py      where along the flow does everything stand? So that wires have room to bend
    frames.py    how large is a frame?
    points.py    which way does a wire take?

Read next: `sizes.py`.
"""

from __future__ import annotations

from collections.abc import Sequence

from autograd.drawing.layout.frames import measure
from autograd.drawing.layout.items import Layout
from autograd.drawing.layout.order import arrange
from autograd.drawing.layout.pieces import split
from autograd.drawing.layout.points import placement
from autograd.drawing.layout.rows import gather, rank
from autograd.drawing.layout.sizes import SPACING, Placement, Size, Spacing

__all__ = ["SPACING", "Placement", "Size", "Spacing", "place"]


def place(sizes: Sequence[Size], wires: Sequence[tuple[int, int, int]], frame_of: Sequence[int], frames: Sequence[tuple[int, int]],
          direction: str = "TB", spacing: Spacing = SPACING, wrap: int = 0) -> Placement:
    """Where boxes of these sizes and frames stand, and which way the wires (source, target, slot) take.

    `frame_of` names the innermost frame around each box, or -1; a frame is (frame around it, width of its title). With `wrap`,
    rows of the whole picture that go further than that are folded.

    >>> place([Size(50, 30), Size(50, 30)], [(0, 1, 0)], [-1, -1], []).wires
    (((25, 30), (25, 62)),)
    """
    layout = Layout(sizes, wires, frame_of, frames, direction == "LR", spacing, wrap)
    split(layout)
    gather(layout)
    levels = sorted(range(-1, len(frames)), key=lambda frame: layout.nesting[frame])
    for level in levels:
        rank(layout, level)
    for level in levels:
        arrange(layout, level)
    for level in reversed(levels):
        measure(layout, level)
    return placement(layout, levels)
