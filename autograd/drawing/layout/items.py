"""What has a place?

Items: boxes, then frames, then ports, and then thin places, each known by its number. Each is at one level (in a frame, or on the
page), there in one part, and there in one row. What is known of it stands in lists, one for each question, that the steps fill in.

Read next: `pieces.py`.
"""

from __future__ import annotations

from collections.abc import Sequence

from autograd.drawing.layout.sizes import Size, Spacing

FAR = 2 ** 40
"""After everything."""

DEEP, HIGH = 1, 2
"""Marks of a wire: from the deepest operands of a box; to the highest users of a box."""


class Part:
    """What hangs together at one level: items in rows."""

    def __init__(self, items: list[int]) -> None:
        self.items = items
        self.nets: list[Net] = []
        self.rows: list[list[int]] = []
        self.entries: list[int] = []  # ports in the first row
        self.exits: list[int] = []  # ports in the last one
        self.start: list[int] = []  # flow of each row
        self.end: list[int] = []  # where its wires may bend
        self.lanes = 0
        self.bridges: dict[tuple[int, int], tuple[int, int, int]] = {}  # where rows are folded: of a row and a source
        self.flow = self.cross = 0


NOWHERE = Part([])


class Net:
    """The wires from one box, at one level: where they come from, where they go, and the thin places on their way."""

    def __init__(self, source: int, origin: int) -> None:
        self.source, self.origin = source, origin
        self.part = NOWHERE
        self.targets: dict[int, int] = {}  # to DEEP | HIGH
        self.way: list[int] = []
        self.long = False  # in the lane all the way
        self.lane = self.out = -1  # cross of the lane; flow of the way to it
        self.back: dict[int, int] = {}  # flow of the way from it, for each target


class Layout:
    """The state of all this."""

    def __init__(self, sizes: Sequence[Size], wires: Sequence[tuple[int, int, int]], frame_of: Sequence[int],
                 frames: Sequence[tuple[int, int]], sideways: bool, spacing: Spacing, wrap: int) -> None:
        self.wires, self.frames, self.sideways, self.spacing, self.wrap = wires, frames, sideways, spacing, wrap
        self.count, self.thin = len(sizes), len(sizes) + len(frames)  # the first frame, the first port

        # Of each item
        self.around = [*frame_of, *(parent for parent, _ in frames)]
        self.flow = [size[0] if sideways else size[1] for size in sizes] + [0] * len(frames)
        self.cross = [size[1] if sideways else size[0] for size in sizes] + [0] * len(frames)
        self.tail = [size[2] if len(size) > 2 else 0 for size in sizes] + [0] * len(frames)
        self.rank_of = [0] * self.thin
        self.at = [0] * self.thin  # place in its row
        self.x = [0] * self.thin  # cross of its middle
        self.y = [0] * self.thin  # flow of its start
        self.into: list[list[Net]] = [[] for _ in range(self.thin)]
        self.out: list[list[Net]] = [[] for _ in range(self.thin)]
        self.above: list[list[int]] = [[] for _ in range(self.thin)]
        self.below: list[list[int]] = [[] for _ in range(self.thin)]

        # Of each box: the wires to it by slot, and when one who reads meets it
        self.incoming: list[list[int]] = []
        self.reading: list[int] = []

        # Of each wire: its pieces, each with the item where it ends; and the cross of its end
        self.pieces: list[list[tuple[Net, int]]] = []
        self.ends = [0] * len(wires)

        # Of each frame, and last, so at -1, of the page: how deep it is, and its parts
        self.nesting: list[int] = []
        self.parts: list[list[Part]] = []

        self.ports: dict[tuple[int, int, bool], int] = {}  # of (frame, source, whether out)
        self.size = (0, 0)  # of the page

    def item(self, level: int) -> int:
        """A new port or thin place."""
        self.around.append(level)
        for numbers in (self.flow, self.cross, self.tail, self.rank_of, self.at, self.x, self.y):
            numbers.append(0)
        self.above.append([])
        self.below.append([])
        self.into.append([])
        self.out.append([])
        return len(self.x) - 1

    def in_lane(self, net: Net, target: int) -> bool:
        """Whether this piece goes in the lane: if it goes back, or is too long."""
        distance = self.rank_of[target] - self.rank_of[net.origin]
        return distance < 1 or (net.long and distance > 1)

    def hop(self, net: Net, target: int) -> int:
        """The last item on the way to a target."""
        distance = self.rank_of[target] - self.rank_of[net.origin]
        return net.origin if distance == 1 else net.way[distance - 2]

    def offset(self, item: int, source: int, out: bool) -> int:
        """How far from the middle of an item a wire meets it."""
        if self.count <= item < self.thin:
            return self.x[self.ports[item - self.count, source, out]] - self.cross[item] // 2
        return 0

    def leaves(self, net: Net) -> int:
        """The cross at which the wires of a net start."""
        return self.x[net.origin] + self.offset(net.origin, net.source, True)

    def extent(self, rows: list[list[int]]) -> tuple[int, int]:
        """From where to where, across the flow, some rows go."""
        starts = [(self.x[i] - self.cross[i] // 2, self.cross[i]) for row in rows for i in row]
        return min(start for start, _ in starts), max(start + cross for start, cross in starts)
