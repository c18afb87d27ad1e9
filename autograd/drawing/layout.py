"""Where does everything stand?

Boxes joined by wires, some of them in frames, and frames in frames. A frame is laid out like the page: what is in it stands in
rows along the flow, each box after its operands; a wire that passes a row without ending there has a thin place of its own in it,
so that it meets no box; where it crosses the border of a frame it has a port. Then the frame is one box of the rows around it.
All wires from one box share one way until they part.

Four steps: rows (after the operands, but a leaf just before its use), order within a row (few crossings), places across the flow
(straight lines), points of the wires. Orders are found from the outside in, so that ports stand where their wires come from; places
from the inside out, as a frame is as large as what is in it. A wire that goes back, as two frames may use each other, and a very
long one in a large graph go around everything in a lane at the side.

"Flow" runs from operands to results, "cross" at right angles to it: only the first and the last step know which is x and which y.
All in whole numbers, so that a picture is the same everywhere; `viewer/layout.js` is the same, line by line.

Read next: `renderer.py`.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Sequence
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
Pulls = dict[int, list[tuple[int, int]]]
FAR = 2 ** 40
DEEP, HIGH = 1, 2  # a wire from the deepest operands of a box; a wire to the highest users of a box


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


def place(sizes: Sequence[Size], wires: Sequence[tuple[int, int, int]], frame_of: Sequence[int], frames: Sequence[tuple[int, int]],
          direction: str = "TB", spacing: Spacing = SPACING, wrap: int = 0) -> Placement:
    """Where boxes of these sizes and frames stand, and which way the wires (source, target, slot) take.

    `frame_of` names the innermost frame around each box, or -1; a frame is (frame around it, width of its title). With `wrap`,
    rows of the whole picture that go further than that are folded.
    """
    layout = Layout(sizes, wires, frame_of, frames, direction == "LR", spacing, wrap)
    levels = sorted(range(-1, len(frames)), key=lambda frame: layout.nesting[frame])
    for level in levels:
        layout.rank(level)
    for level in levels:
        layout.arrange(level)
    for level in reversed(levels):
        layout.measure(level)
    return layout.placement(levels)


class Layout:
    """The state of all this. Items are boxes, then frames, then ports, and then thin places; each is at one level, in one part."""

    def __init__(self, sizes: Sequence[Size], wires: Sequence[tuple[int, int, int]], frame_of: Sequence[int],
                 frames: Sequence[tuple[int, int]], sideways: bool, spacing: Spacing, wrap: int) -> None:
        self.count, self.thin = len(sizes), len(sizes) + len(frames)
        self.wires, self.frames, self.sideways, self.spacing, self.wrap = wires, frames, sideways, spacing, wrap
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
        self.ends = [0] * len(wires)  # cross of the end of each wire
        self.ports: dict[tuple[int, int, bool], int] = {}  # (frame, source, whether out)
        self.nesting = self._nesting()
        self.incoming, self.depth, self.height, self.reading = self._read()
        self.pieces = self._split()
        self.first = self._first()
        self.parts = self._parts()  # of each frame, and last, so at -1, those of the page

    def _nesting(self) -> list[int]:
        """How deep each frame is; last, and so at -1, the page."""
        nesting = [-1] * len(self.frames) + [0]
        for frame in range(len(self.frames)):
            way = []
            while nesting[frame] < 0:
                way.append(frame)
                frame = self.frames[frame][0]
            for inner in reversed(way):
                nesting[inner] = nesting[self.frames[inner][0]] + 1
        return nesting

    def _read(self) -> tuple[list[list[int]], list[int], list[int], list[int]]:
        """Of each box: the wires to it by slot, how far it is from leaves and from outputs, and when one who reads meets it."""
        count, wires = self.count, self.wires
        incoming: list[list[int]] = [[] for _ in range(count)]
        used = [False] * count
        for w in sorted(range(len(wires)), key=lambda w: wires[w][2]):
            incoming[wires[w][1]].append(w)
            used[wires[w][0]] = True
        order, state = [], [0] * count
        for output in [*(i for i in range(count) if not used[i]), *range(count)]:
            stack = [output]
            while stack:  # operands before results, the first operand first
                box = stack[-1]
                if state[box] == 0:
                    state[box] = 1
                    stack += [wires[w][0] for w in reversed(incoming[box]) if state[wires[w][0]] == 0]
                else:
                    stack.pop()
                    if state[box] == 1:
                        state[box] = 2
                        order.append(box)
        depth, height, reading = [0] * count, [0] * count, [0] * count
        for i, box in enumerate(order):
            reading[box] = i
            depth[box] = max((depth[wires[w][0]] + 1 for w in incoming[box]), default=0)
        for box in reversed(order):
            for w in incoming[box]:
                height[wires[w][0]] = max(height[wires[w][0]], height[box] + 1)
        return incoming, depth, height, reading

    def _item(self, level: int) -> int:
        """A new port or thin place."""
        self.around.append(level)
        for numbers in (self.flow, self.cross, self.tail, self.rank_of, self.at, self.x, self.y):
            numbers.append(0)
        for lists in (self.above, self.below):
            lists.append([])
        self.into.append([])
        self.out.append([])
        return len(self.x) - 1

    def _port(self, frame: int, source: int, out: bool) -> int:
        if (frame, source, out) not in self.ports:
            self.ports[frame, source, out] = self._item(frame)
        return self.ports[frame, source, out]

    def _split(self) -> list[list[tuple[Net, int]]]:
        """Each wire as pieces, each at one level: out of frames, across, into frames."""
        nets: dict[tuple[int, int], Net] = {}
        pieces: list[list[tuple[Net, int]]] = [[] for _ in self.wires]

        def piece(level: int, w: int, a: int, b: int) -> tuple[Net, int]:
            source, target, _ = self.wires[w]
            if (level, source) not in nets:
                nets[level, source] = Net(source, a)
                self.out[a].append(nets[level, source])
            net = nets[level, source]
            if b not in net.targets:
                net.targets[b] = 0
                self.into[b].append(net)
            net.targets[b] |= DEEP if self.depth[target] == self.depth[source] + 1 else 0
            net.targets[b] |= HIGH if self.height[source] == self.height[target] + 1 else 0
            return net, b

        for box in sorted(range(self.count), key=lambda box: self.reading[box]):
            for w in self.incoming[box]:
                a, b = self.wires[w][0], box
                inward = []
                while self.around[a] != self.around[b]:
                    outer, inner = self.around[a], self.around[b]
                    if self.nesting[outer] >= self.nesting[inner]:
                        pieces[w].append(piece(outer, w, a, self._port(outer, self.wires[w][0], True)))
                        a = self.count + outer
                    else:
                        inward.append(piece(inner, w, self._port(inner, self.wires[w][0], False), b))
                        b = self.count + inner
                pieces[w] += [piece(self.around[a], w, a, b), *reversed(inward)]
        return pieces

    # ---- rows --------------------------------------------------------------------------------------------------------------

    def rank(self, level: int) -> None:
        """The parts of a level, and the row of each of their items."""
        for part in self.parts[level]:
            self._ranks(part)
            self._ways(part)

    def _first(self) -> list[int]:
        """When one who reads first meets each item."""
        first = self.reading + [FAR] * (len(self.x) - self.count)
        for i in range(self.count):
            frame = self.around[i]
            while frame >= 0 and first[self.count + frame] > first[i]:
                first[self.count + frame] = first[i]
                frame = self.frames[frame][0]
        return first

    def _parts(self) -> list[list[Part]]:
        inside: list[list[int]] = [[] for _ in range(len(self.frames) + 1)]
        for item in sorted(range(len(self.x)), key=lambda item: self.first[item]):
            inside[self.around[item]].append(item)
        return [self._hanging(items) for items in inside]

    def _hanging(self, items: list[int]) -> list[Part]:
        """These items, by what hangs together; all that has ports comes first and together."""
        parts: list[list[int]] = []
        seen: set[int] = set()
        passed: set[Net] = set()
        ported: list[int] = []
        for item in items:
            if item in seen:
                continue
            seen.add(item)
            found = [item]
            for other in found:  # grows
                for net in self.out[other] + self.into[other]:
                    for end in () if net in passed else (net.origin, *net.targets):
                        if end not in seen:
                            seen.add(end)
                            found.append(end)
                    passed.add(net)
            if any(i >= self.thin for i in found):
                ported += found
            else:
                parts.append(found)
        return [Part(sorted(part, key=lambda i: (self.first[i], i))) for part in ([ported] if ported else []) + parts]

    def _ranks(self, part: Part) -> None:
        """Each item after its operands; leaves, and what is made of leaves of its own, just before the first use."""
        rank, into, out = self.rank_of, self.into, self.out
        part.entries = [i for i in part.items if i >= self.thin and not into[i]]
        part.exits = [i for i in part.items if i >= self.thin and not out[i]]
        order = self._forward(part.items)
        turn = {item: i for i, item in enumerate(order)}
        loose: dict[int, bool] = {}
        for i in order:
            before = [net for net in into[i] if turn[net.origin] < turn[i]]
            own = [net for net in before if len(net.targets) == 1]
            port = i >= self.thin
            rank[i] = max((rank[net.origin] + 1 for net in before), default=1 if part.entries and not (port and not into[i]) else 0)
            loose[i] = not port and len(before) == len(into[i]) and len(own) >= min(1, len(before)) and all(
                loose[net.origin] and (len(net.targets) == 1 or not into[net.origin]) for net in before)
        last = max(rank[i] for i in order)
        if part.exits:
            last = max((rank[i] for i in order if i < self.thin or not into[i]), default=0) + 1
            for i in part.exits:
                rank[i] = last
        for i in reversed(order):
            if loose[i]:
                rank[i] = min((rank[t] for net in out[i] for t in net.targets if turn[t] > turn[i]), default=rank[i] + 1) - 1
        part.rows = [[] for _ in range(last + 1)]

    def _forward(self, items: list[int]) -> list[int]:
        """The items in an order in which wires go forward; where frames use each other, the first to be used comes first."""
        missing = {i: len(self.into[i]) for i in items}
        head = [i for i in items if not missing[i]]
        for i in head:  # grows
            for net in self.out[i]:
                for target in net.targets:
                    missing[target] -= 1
                    if not missing[target]:
                        head.append(target)
        if len(head) == len(items):
            return head
        core = [i for i in items if missing[i] > 0]
        left = {i: sum(missing[t] > 0 for net in self.out[i] for t in net.targets) for i in core}
        rest = [i for i in core if not left[i]]
        for i in rest:  # grows
            for net in self.into[i]:
                if net.origin in left:
                    left[net.origin] -= 1
                    if not left[net.origin]:
                        rest.append(net.origin)
        return head + [i for i in core if left[i] > 0] + rest[::-1]

    def _ways(self, part: Part) -> None:
        """The thin places of each net, and which items of neighbouring rows are joined."""
        rank = self.rank_of
        part.nets = [net for i in part.items for net in self.out[i]]
        length = [sum([max(0, rank[t] - rank[net.origin] - 1) for t in net.targets]) for net in part.nets]
        total, limit = sum(length), 8 * len(part.items) + 400
        for k in sorted(range(len(length)), key=lambda k: -length[k]):
            if total <= limit:
                break
            part.nets[k].long = True
            total -= length[k]
        for net in part.nets:
            if not net.long:
                previous = net.origin
                for r in range(rank[net.origin] + 1, max([rank[t] for t in net.targets])):
                    item = self._item(self.around[net.origin])
                    rank[item] = r
                    net.way.append(item)
                    self._join(previous, item)
                    previous = item
        for i in part.items:
            for net in self.out[i]:
                net.part = part
            for net in self.into[i]:
                if not self.in_lane(net, i):
                    self._join(self.hop(net, i), i)

    def _join(self, a: int, b: int) -> None:
        self.below[a].append(b)
        self.above[b].append(a)

    def in_lane(self, net: Net, target: int) -> bool:
        """Whether this piece goes in the lane: if it goes back, or is too long."""
        distance = self.rank_of[target] - self.rank_of[net.origin]
        return distance < 1 or (net.long and distance > 1)

    def hop(self, net: Net, target: int) -> int:
        """The last item on the way to a target."""
        distance = self.rank_of[target] - self.rank_of[net.origin]
        return net.origin if distance == 1 else net.way[distance - 2]

    # ---- order -------------------------------------------------------------------------------------------------------------

    def arrange(self, level: int) -> None:
        """The order in each row of a level, and then of the ports of the frames in it."""
        for part in self.parts[level]:
            self._first_order(part)
            self._sweep(part)
            for row in part.rows:
                for item in row:
                    if self.count <= item < self.thin:
                        self._order_ports(item)

    def _first_order(self, part: Part) -> None:
        """As one reads: from the results to the operands, the first operand first."""
        part.entries.sort(key=lambda i: self.at[i])
        part.exits.sort(key=lambda i: self.at[i])
        seen: set[int] = set()
        for output in [*part.exits, *(i for i in part.items if not self.below[i])]:
            stack = [output]
            while stack:
                item = stack[-1]
                if item not in seen:
                    seen.add(item)
                    stack += [a for a in reversed(self.above[item]) if a not in seen]
                else:
                    stack.pop()
                    if self.at[item] >= 0:
                        self.at[item] = -1
                        part.rows[self.rank_of[item]].append(item)
        if part.entries:
            part.rows[0] = part.entries
        if part.exits:
            part.rows[-1] = part.exits
        self._number(part.rows)

    def _number(self, rows: list[list[int]]) -> None:
        for row in rows:
            for i, item in enumerate(row):
                self.at[item] = i

    def _sweep(self, part: Part) -> None:
        """Towards the middle of what each is joined to, row by row, forth and back, as long as that saves crossings."""
        rows = part.rows
        size = sum(len(row) for row in rows)
        low, high = (1 if part.entries else 0), len(rows) - (1 if part.exits else 0)
        best, fewest = [row[:] for row in rows], self.crossings(rows)
        idle = 0
        for sweep in range(24 if size < 400 else 8 if size < 4000 else 4):
            if fewest == 0 or idle == 4:
                break
            down = sweep % 2 == 0
            for r in range(low, high) if down else range(high - 1, low - 1, -1):
                self._sort(rows[r], self.above if down else self.below)
            if size < 400:
                self._swap(rows, low, high)
            found = self.crossings(rows)
            idle += 1
            if found < fewest:
                best, fewest, idle = [row[:] for row in rows], found, 0
        part.rows = best
        self._number(best)

    def _sort(self, row: list[int], towards: list[list[int]]) -> None:
        """A row by the middles of what its items are joined to; those that are joined to nothing keep their places."""
        at = self.at
        key = {i: sum([at[o] for o in towards[i]]) * 1000 // len(towards[i]) for i in row if towards[i]}
        if len(key) < 2:
            return
        sorted_ = iter(sorted(key, key=key.__getitem__))
        row[:] = [next(sorted_) if i in key else i for i in row]
        for i, item in enumerate(row):
            at[item] = i

    def _swap(self, rows: list[list[int]], low: int, high: int) -> None:
        """Neighbours change places where that saves crossings."""
        at = self.at
        for _ in range(4):
            better = False
            for row in rows[low:high]:
                for i in range(len(row) - 1):
                    a, b = row[i], row[i + 1]
                    if self._between(b, a) < self._between(a, b):
                        row[i], row[i + 1] = b, a
                        at[b], at[a] = i, i + 1
                        better = True
            if not better:
                break

    def _between(self, a: int, b: int) -> int:
        """The crossings of the wires of two neighbours, a before b."""
        at, total = self.at, 0
        for towards in (self.above, self.below):
            right = sorted([at[o] for o in towards[b]])
            for o in towards[a]:
                place = at[o]
                for other in right:
                    if other >= place:
                        break
                    total += 1
        return total

    def crossings(self, rows: list[list[int]]) -> int:
        """How often wires between neighbouring rows cross."""
        at, total = self.at, 0
        for row in rows:
            passed: list[int] = []
            for item in row:
                places = sorted([at[o] for o in self.below[item]])
                for place in places:
                    total += len(passed) - bisect_right(passed, place)
                for place in places:
                    insort(passed, place)
        return total

    def _order_ports(self, item: int) -> None:
        """The ports of a frame in the order of what they are joined to outside."""
        frame = item - self.count
        come = [(FAR if self.in_lane(net, item) else self.at[self.hop(net, item)], self.reading[net.source],
                 self.ports[frame, net.source, False]) for net in self.into[item]]
        go = []
        for net in self.out[item]:
            near = [self.at[t] for t in (*net.way[:1], *(t for t in net.targets if self.rank_of[t] == self.rank_of[item] + 1))]
            go.append((sum(near) * 1000 // len(near) if near else FAR, self.reading[net.source], self.ports[frame, net.source, True]))
        for ports in (sorted(come), sorted(go)):
            for i, (_, _, port) in enumerate(ports):
                self.at[port] = i

    # ---- places ------------------------------------------------------------------------------------------------------------

    def measure(self, level: int) -> None:
        """Where the items of a level stand, from its corner, and how large it is."""
        for part in self.parts[level]:
            self._across(part)
            self._lanes(part)
            self._along(part, level)
        self._pack(level)

    def offset(self, item: int, source: int, out: bool) -> int:
        """How far from the middle of an item a wire meets it."""
        if self.count <= item < self.thin:
            return self.x[self.ports[item - self.count, source, out]] - self.cross[item] // 2
        return 0

    def leaves(self, net: Net) -> int:
        """The cross at which the wires of a net start."""
        return self.x[net.origin] + self.offset(net.origin, net.source, True)

    def comes(self, net: Net, target: int) -> int:
        """The cross from which a wire comes to the row of its target."""
        if self.in_lane(net, target):
            return net.lane
        return self.leaves(net) if self.rank_of[target] == self.rank_of[net.origin] + 1 else self.x[self.hop(net, target)]

    def apart(self, a: int, b: int) -> int:
        """How far apart the middles of neighbours must be."""
        thin = (a >= self.thin) + (b >= self.thin)
        between = (self.spacing.cross, (self.spacing.cross + self.spacing.wire) // 2, self.spacing.wire)[thin]
        return self.cross[a] - self.cross[a] // 2 + between + self.cross[b] // 2

    def _across(self, part: Part) -> None:
        """The middles: near those of what an item is joined to, lines of wires straight."""
        up, down = self._pulls(part)
        line = self._lines(part, up, down)
        straight = {a for a, _ in line.values()} | set(line)
        packed = []
        for row in part.rows:
            starts = [0] * len(row)
            for k in range(1, len(row)):
                starts[k] = starts[k - 1] + self.apart(row[k - 1], row[k])
            for item, start in zip(row, starts):
                self.x[item] = start
            packed.append(starts)
        size = sum(len(row) for row in part.rows)
        for sweep in range(8 if size < 400 else 4):
            towards = up if sweep % 2 == 0 else down
            for r in range(len(part.rows)) if sweep % 2 == 0 else range(len(part.rows) - 1, -1, -1):
                row = part.rows[r]
                wishes = [middle([self.x[o] + d for o, d in towards[i]]) if i in towards else self.x[i] for i in row]
                weights = [1 if i not in towards else 256 if i in straight and i < self.thin else 16 for i in row]
                for item, x in zip(row, settled(wishes, weights, packed[r])):
                    self.x[item] = x
        self._straighten(part, up, down, line)
        left = min(self.x[i] - self.cross[i] // 2 for row in part.rows for i in row)
        for row in part.rows:
            for item in row:
                self.x[item] -= left
        part.cross = max(self.x[i] - self.cross[i] // 2 + self.cross[i] for row in part.rows for i in row)

    def _pulls(self, part: Part) -> tuple[Pulls, Pulls]:
        """What pulls at each item from the row above and from that below: (item, how far off its middle).

        A box follows its deepest operands and stands before its highest users; it takes no notice of others, as leaves.
        """
        up: list[Pulls] = [{}, {}, {}]  # weak, strong, stronger
        down: list[Pulls] = [{}, {}]
        for net in part.nets:
            shift, previous, high = self.offset(net.origin, net.source, True), net.origin, 0
            port = 1 if net.origin >= self.thin else 0
            for target, mark in net.targets.items():
                if self.in_lane(net, target):
                    continue
                near = self.rank_of[target] == self.rank_of[net.origin] + 1
                delta = (shift if near else 0) - self.offset(target, net.source, False)
                hop = self.hop(net, target)
                up[1 + port if mark & DEEP else 0].setdefault(target, []).append((hop, delta))
                down[1 if mark & HIGH and (near or hop == net.way[-1]) else 0].setdefault(hop, []).append((target, -delta))
                high = high if near or not mark & HIGH else 1
            for item in net.way:
                up[0][item] = [(previous, shift)]
                down[high if previous == net.origin else 1].setdefault(previous, []).append((item, -shift))
                previous, shift = item, 0
        return up[0] | up[1] | up[2], down[0] | down[1]

    def _lines(self, part: Part, up: Pulls, down: Pulls) -> dict[int, tuple[int, int]]:
        """Which items stand straight below which: thin places, and two that follow no other. Such lines do not cross."""
        line: dict[int, tuple[int, int]] = {}
        for row in part.rows:
            kept: list[tuple[int, int, bool]] = []
            for a in row:
                for b, delta in down.get(a, []):
                    thin = a >= self.thin and b >= self.thin
                    if up[b][0][0] != a or not (thin or len(down[a]) == len(up[b]) == 1):
                        continue
                    while kept and thin and self.at[b] < kept[-1][0] and not kept[-1][2]:
                        del line[kept.pop()[1]]
                    if not kept or self.at[b] > kept[-1][0]:
                        kept.append((self.at[b], b, thin))
                        line[b] = (a, -delta)
        return line

    def _straighten(self, part: Part, up: Pulls, down: Pulls, line: dict[int, tuple[int, int]]) -> None:
        """What stands in one line becomes one block; blocks push each other apart, and then go where they are pulled."""
        block: dict[int, int] = {}
        inner: dict[int, int] = {}  # cross of an item in its block
        members: list[list[int]] = []
        for row in part.rows:
            for i in row:
                if i in line:
                    a, delta = line[i]
                    block[i], inner[i] = block[a], inner[a] + delta
                    members[block[i]].append(i)
                else:
                    block[i], inner[i] = len(members), 0
                    members.append([i])
        left: list[list[tuple[int, int]]] = [[] for _ in members]
        right: list[list[tuple[int, int]]] = [[] for _ in members]
        for row in part.rows:
            for p, q in zip(row, row[1:]):
                distance = self.apart(p, q) + inner[p] - inner[q]
                right[block[p]].append((block[q], distance))
                left[block[q]].append((block[p], distance))
        order = [b for b in range(len(members)) if not left[b]]
        missing = [len(pairs) for pairs in left]
        for b in order:  # grows
            for c, _ in right[b]:
                missing[c] -= 1
                if not missing[c]:
                    order.append(c)
        wish = [middle([self.x[i] - inner[i] for i in items]) for items in members]
        low, high = wish[:], wish[:]
        for b in order:
            for a, distance in left[b]:
                low[b] = max(low[b], low[a] + distance)
        for b in reversed(order):
            for c, distance in right[b]:
                high[b] = min(high[b], high[c] - distance)
        x = [(p + q) // 2 for p, q in zip(low, high)]
        pulls = []
        for b, items in enumerate(members):
            pulls.append([(block[o], inner[o] + d - inner[i]) for i in items for o, d in balanced(up.get(i, []), down.get(i, []))
                          if block[o] != b])
        for sweep in range(8 if len(block) < 400 else 4):
            for b in order if sweep % 2 else reversed(order):
                if pulls[b]:
                    want = middle([x[o] + d for o, d in pulls[b]])
                    if want > x[b] and right[b]:
                        want = min(want, min([x[c] - distance for c, distance in right[b]]))
                    if want < x[b] and left[b]:
                        want = max(want, max([x[a] + distance for a, distance in left[b]]))
                    x[b] = want
        for i, b in block.items():
            self.x[i] = x[b] + inner[i]

    def _lanes(self, part: Part) -> None:
        """The lanes at the side: one for each net that needs one, shared by those which never meet."""
        starts: list[list[tuple[Net, int]]] = [[] for _ in range(len(part.rows) + 1)]
        ends: list[list[int]] = [[] for _ in range(len(part.rows) + 2)]
        for net in part.nets:
            heights = [self.rank_of[t] for t in net.targets if self.in_lane(net, t)]
            if heights:
                gaps = [self.rank_of[net.origin] + 1, *heights]
                starts[min(gaps)].append((net, max(gaps)))
        free: list[int] = []
        edge = part.cross + self.spacing.wire
        for gap, nets in enumerate(starts):
            free += ends[gap]
            for net, last in nets:
                if not free:
                    free.append(edge + self.spacing.wire * part.lanes)
                    part.lanes += 1
                net.lane = free.pop()
                ends[last + 1].append(net.lane)
        part.cross += self.spacing.wire * part.lanes

    def _along(self, part: Part, level: int) -> None:
        """The flow of everything: rows one after another, and between them room for wires to bend."""
        bend, wire = self._ends(part), self.spacing.wire
        out = [0] * len(part.rows)
        back = [0] * len(part.rows)
        for net in part.nets:
            lanes = [t for t in net.targets if self.in_lane(net, t)]
            if lanes:
                net.out = out[self.rank_of[net.origin]] = out[self.rank_of[net.origin]] + wire
            for t in lanes:
                net.back[t] = back[self.rank_of[t]] = back[self.rank_of[t]] + wire
        head = self._head(level)
        y = 0 if part.entries else head
        for r, row in enumerate(part.rows):
            y += back[r]
            part.start.append(y)
            length = max((self.flow[i] for i in row), default=0)
            for i in row:
                room = length - self.flow[i]
                self.y[i] = y + (room if not self.above[i] else 0 if not self.below[i] else room // 2)
            y = max((self.y[i] + self.flow[i] + self.tail[i] for i in row), default=y)
            part.end.append(y)
            y += out[r]
            if r + 1 < len(part.rows):
                if (r == 0 and part.entries) or (r + 2 == len(part.rows) and part.exits):
                    y += (head if r == 0 and part.entries else self.spacing.pad) + (self._slope(bend[r]) if bend[r] else 0)
                else:
                    y += self._slope(bend[r])
        part.flow = y
        for net in part.nets:
            net.out += part.end[self.rank_of[net.origin]]
            for t in net.back:
                net.back[t] = part.start[self.rank_of[t]] - net.back[t]
        if level < 0 < self.wrap < part.flow and not part.lanes:
            self._fold(part)

    def _fold(self, part: Part) -> None:
        """Rows that go too far go on beside the first ones, as lines of text do; each wire between them has a way of its own."""
        wire, rows = self.spacing.wire, part.rows
        passing: list[list[Net]] = [[] for _ in range(len(rows) + 1)]
        for net in part.nets:
            for r in range(self.rank_of[net.origin], self.rank_of[net.origin] + len(net.way) + 1):
                passing[r + 1].append(net)
        cross = first = part.flow = 0
        top = part.start[0]
        r = 0
        while r < len(rows):
            r = first + 1
            while r < len(rows) and part.end[r] - part.start[first] <= self.wrap:
                r += 1
            if r < len(rows):  # where the fewest wires pass, not far from there
                r = min(range(r, first + (r - first) // 2, -1), key=lambda r: len(passing[r]))
            left = min(self.x[i] - self.cross[i] // 2 for row in rows[first:r] for i in row)
            self._shift(part, first, r, top - part.start[first], cross - left)
            edge = max(self.x[i] - self.cross[i] // 2 + self.cross[i] for row in rows[first:r] for i in row)
            place = {net.source: self.passes(net, r - 1) for net in passing[r]}
            nets = sorted(passing[r], key=lambda net: (-place[net.source], net.source))
            top = wire * len(nets) + self.spacing.flow
            for k, net in enumerate(nets, 1):
                part.bridges[r, net.source] = (part.end[r - 1] + wire * k, edge + wire * k, wire * k)
            part.flow = max(part.flow, part.end[r - 1] + wire * len(nets))
            part.cross = edge
            cross, first = edge + wire * len(nets) + self.spacing.cross, r

    def _shift(self, part: Part, first: int, stop: int, flow: int, cross: int) -> None:
        """These rows, and the ends of wires in them, go elsewhere."""
        for r in range(first, stop):
            part.start[r] += flow
            part.end[r] += flow
            for i in part.rows[r]:
                self.y[i] += flow
                self.x[i] += cross
                if i < self.count:
                    for w in self.incoming[i]:
                        self.ends[w] += cross

    def passes(self, net: Net, row: int) -> int:
        """The cross at which a net leaves a row."""
        distance = row - self.rank_of[net.origin]
        return self.x[net.way[distance - 1]] if distance else self.leaves(net)

    def _slope(self, bend: int) -> int:
        """The room between rows where a wire goes so far to the side."""
        return max(self.spacing.flow, min(bend // 4, 3 * self.spacing.flow))

    def _head(self, level: int) -> int:
        """The room in a frame before its first row."""
        return 0 if level < 0 else self.spacing.pad + (0 if self.sideways else self.spacing.title)

    def _ends(self, part: Part) -> list[int]:
        """Where wires meet their boxes: in the middle, or straight on if that is near it. And how far they bend after each row."""
        bend = [0] * (len(part.rows) + 1)
        for net in part.nets:
            x, r = self.leaves(net), self.rank_of[net.origin]
            for item in net.way:
                bend[r] = max(bend[r], abs(x - self.x[item]))
                x, r = self.x[item], r + 1
            for t in net.targets:
                if t >= self.count and not self.in_lane(net, t):
                    r = self.rank_of[t] - 1
                    bend[r] = max(bend[r], abs(self.comes(net, t) - self.x[t] - self.offset(t, net.source, False)))
        for box in part.items:
            if box < self.count and self.incoming[box]:
                x, near, side = self.x[box], 3 * self.cross[box] // 8, self.cross[box] // 4
                come = sorted((self.comes(self.pieces[w][-1][0], box), k, w) for k, w in enumerate(self.incoming[box]))
                n = len(come)
                wishes = [c if abs(c - x) <= near else x if n == 1 else x - side if c < x else x + side for c, _, _ in come]
                weights = [256 if abs(c - x) <= near else 1 for c, _, _ in come]
                gap = max(0, min(self.spacing.wire, (self.cross[box] // 2 - 2) // max(1, n - 1)))
                first = x - self.cross[box] // 2 + 1
                last = first + self.cross[box] - 2
                for i, end in enumerate(settled(wishes, weights, [gap * i for i in range(n)])):
                    c, _, w = come[i]
                    self.ends[w] = max(first + i * gap, min(last - (n - 1 - i) * gap, end))
                    if c < FAR and not self.in_lane(self.pieces[w][-1][0], box):
                        bend[self.rank_of[box] - 1] = max(bend[self.rank_of[box] - 1], abs(c - self.ends[w]))
        return bend

    def _pack(self, level: int) -> None:
        """Parts side by side, small ones below each other; and so the size of the level."""
        parts, spacing = self.parts[level], self.spacing
        pad = 0 if level < 0 else spacing.pad
        head = self._head(level)
        side = pad + (spacing.title if self.sideways and level >= 0 else 0)
        area = sum((part.flow + spacing.flow) * (part.cross + spacing.cross) for part in parts)
        limit = 1
        while limit * limit < area:
            limit += limit // 8 + 1
        limit = max([limit, *(part.flow for part in parts)])
        flow, cross, width, total = head, side, 0, head
        for part in parts:
            ported = bool(part.entries or part.exits)
            if width and flow + part.flow - head > limit:
                flow, cross, width = head, cross + width + spacing.cross, 0
            self._move(part, 0 if ported else flow - head, cross)
            width = max(width, part.cross)
            total = max(total, (flow - head) + part.flow + (0 if part.exits else pad))
            flow = limit + head if ported else flow + part.flow - head + spacing.flow
        cross += width + pad
        if level < 0:
            self.size = (total, cross)
            return
        title = self.frames[level][1] + 2 * pad
        if self.sideways:
            total = max(total, title)
        elif cross < title:
            for part in parts:
                self._move(part, 0, (title - cross) // 2)
            cross = title
        for part in parts:
            if part.exits:
                part.start[-1] = part.end[-1] = total
                for i in part.exits:
                    self.y[i] = total
        self.flow[self.count + level], self.cross[self.count + level] = max(total, head + pad), cross

    def _move(self, part: Part, flow: int, cross: int) -> None:
        self._shift(part, 0, len(part.rows), flow, cross)
        part.bridges = {key: (out + flow, lane + cross, back + flow) for key, (out, lane, back) in part.bridges.items()}
        for net in part.nets:
            net.lane += cross
            net.out += flow
            for t in net.back:
                net.back[t] += flow

    # ---- points ------------------------------------------------------------------------------------------------------------

    def route(self, net: Net, target: int, end: int) -> list[tuple[int, int]]:
        """The points, (flow, cross), of one piece of a wire: straight through rows, bending between them."""
        part, origin = net.part, net.origin
        x, r = self.leaves(net), self.rank_of[origin]
        points = [(self.y[origin] + self.flow[origin], x), (part.end[r], x)]
        if self.in_lane(net, target):
            points += [(net.out, x), (net.out, net.lane), (net.back[target], net.lane), (net.back[target], end)]
        else:
            for item in net.way[:self.rank_of[target] - r - 1]:
                r = self.rank_of[item]
                points += [*self._bridge(net, r, x, self.x[item]), (part.start[r], self.x[item]), (part.end[r], self.x[item])]
                x = self.x[item]
            points += self._bridge(net, r + 1, x, end)
        return [*points, (part.start[self.rank_of[target]], end), (self.y[target], end)]

    def _bridge(self, net: Net, row: int, a: int, b: int) -> list[tuple[int, int]]:
        """The way to a row that stands beside the one before."""
        if (row, net.source) not in net.part.bridges:
            return []
        out, lane, back = net.part.bridges[row, net.source]
        return [(out, a), (out, lane), (back, lane), (back, b)]

    def placement(self, levels: list[int]) -> Placement:
        """Everything from the corner of the page, in x and y."""
        corner = [(0, 0)] * (len(self.frames) + 1)
        for level in levels[1:]:
            i = self.count + level
            flow, cross = corner[self.around[i]]
            corner[level] = (flow + self.y[i], cross + self.x[i] - self.cross[i] // 2)
        places = []
        for i in range(self.thin):
            flow, cross = corner[self.around[i]]
            flow, cross = flow + self.y[i], cross + self.x[i] - self.cross[i] // 2
            places.append((flow, cross, self.flow[i], self.cross[i]) if self.sideways else (cross, flow, self.cross[i], self.flow[i]))
        wires = []
        for w, pieces in enumerate(self.pieces):
            points: list[tuple[int, int]] = []
            for net, target in pieces:
                end = self.ends[w] if target < self.count else self.x[target] + self.offset(target, net.source, False)
                flow, cross = corner[self.around[target]]
                points += [(flow + a, cross + b) for a, b in self.route(net, target, end)]
            line = simple(points)
            wires.append(tuple(line if self.sideways else [(x, y) for y, x in line]))
        width, height = self.size if self.sideways else self.size[::-1]
        return Placement(tuple(places[:self.count]), tuple(places[self.count:]), tuple(wires), width, height)


def middle(places: list[int]) -> int:
    """The mean, to the nearest whole number."""
    n = len(places)
    return places[0] if n == 1 else (2 * sum(places) + n) // (2 * n)


def balanced(up: list[tuple[int, int]], down: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """What has many on one side only stands in the middle of those."""
    if len(up) > 1 >= len(down):
        return up
    return down if len(down) > 1 >= len(up) else up + down


def settled(wishes: list[int], weights: list[int], starts: list[int]) -> list[int]:
    """Places in the same order, as far apart as the starts, as near to the wishes as can be: the lighter gives way."""
    if len(wishes) == 1:
        return wishes
    blocks: list[tuple[int, int, int, int]] = []  # place, sum of weight * wish, sum of weights, length
    for wish, weight, start in zip(wishes, weights, starts):
        place, total, heavy, n = wish - start, (wish - start) * weight, weight, 1
        while blocks and blocks[-1][0] > place:
            _, t, h, m = blocks.pop()
            total, heavy, n = total + t, heavy + h, n + m
            place = (2 * total + heavy) // (2 * heavy)
        blocks.append((place, total, heavy, n))
    levels = [place for place, _, _, n in blocks for _ in range(n)]
    return [level + start for level, start in zip(levels, starts)]


def simple(points: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The same line without points on the way straight on."""
    line: list[tuple[int, int]] = []
    for p in points:
        while len(line) > 1 and (line[-1][0] - line[-2][0]) * (p[1] - line[-1][1]) == (line[-1][1] - line[-2][1]) * (p[0] - line[-1][0]):
            line.pop()
        if not line or line[-1] != p:
            line.append(p)
    return line
