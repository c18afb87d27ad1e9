"""Where does a wire cross the border of a frame?

A wire between two frames is cut there: out of the frames around its source, across, into those around its target. Each piece is at
one level, and each level knows nothing of the others but the ports: the items where pieces meet. Pieces at one level that come
from the same box are one net.

Read next: `rows.py`.
"""

from __future__ import annotations

from collections.abc import Sequence

from autograd.drawing.layout.items import DEEP, HIGH, Layout, Net


def split(layout: Layout) -> None:
    """Each wire as pieces, each at one level: out of frames, across, into frames."""
    layout.nesting = nesting_of(layout.frames)
    layout.incoming, depth, height, layout.reading = read(layout.count, layout.wires)
    layout.pieces = [[] for _ in layout.wires]
    nets: dict[tuple[int, int], Net] = {}

    def piece(level: int, w: int, a: int, b: int) -> tuple[Net, int]:
        source, target, _ = layout.wires[w]
        if (level, source) not in nets:
            nets[level, source] = Net(source, a)
            layout.out[a].append(nets[level, source])
        net = nets[level, source]
        if b not in net.targets:
            net.targets[b] = 0
            layout.into[b].append(net)
        net.targets[b] |= DEEP if depth[target] == depth[source] + 1 else 0
        net.targets[b] |= HIGH if height[source] == height[target] + 1 else 0
        return net, b

    for box in sorted(range(layout.count), key=lambda box: layout.reading[box]):
        for w in layout.incoming[box]:
            source, inward = layout.wires[w][0], []
            a, b = source, box
            while layout.around[a] != layout.around[b]:
                outer, inner = layout.around[a], layout.around[b]
                if layout.nesting[outer] >= layout.nesting[inner]:
                    layout.pieces[w].append(piece(outer, w, a, port(layout, outer, source, True)))
                    a = layout.count + outer
                else:
                    inward.append(piece(inner, w, port(layout, inner, source, False), b))
                    b = layout.count + inner
            layout.pieces[w] += [piece(layout.around[a], w, a, b), *reversed(inward)]


def port(layout: Layout, frame: int, source: int, out: bool) -> int:
    """Where the wires from a box cross the border of a frame."""
    if (frame, source, out) not in layout.ports:
        layout.ports[frame, source, out] = layout.item(frame)
    return layout.ports[frame, source, out]


def nesting_of(frames: Sequence[tuple[int, int]]) -> list[int]:
    """How deep each frame is; last, and so at -1, the page."""
    nesting = [-1] * len(frames) + [0]
    for frame in range(len(frames)):
        way = []
        while nesting[frame] < 0:
            way.append(frame)
            frame = frames[frame][0]
        for inner in reversed(way):
            nesting[inner] = nesting[frames[inner][0]] + 1
    return nesting


def read(count: int, wires: Sequence[tuple[int, int, int]]) -> tuple[list[list[int]], list[int], list[int], list[int]]:
    """Of each box: the wires to it by slot, how far it is from leaves and from outputs, and when one who reads meets it."""
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
