"""What comes after what?

What hangs together at one level is a part. In it each item has a row: after its operands, but leaves, and what is made of leaves
alone, just before their use. A net that passes a row has a thin place in it; so each wire joins items of neighbouring rows, or
goes in the lane.

Read next: `order.py`.
"""

from __future__ import annotations

from autograd.drawing.layout.items import FAR, Layout, Net, Part


def gather(layout: Layout) -> None:
    """The parts of each level."""
    first = first_met(layout)
    inside: list[list[int]] = [[] for _ in range(len(layout.frames) + 1)]
    for item in sorted(range(len(first)), key=lambda item: first[item]):
        inside[layout.around[item]].append(item)
    layout.parts = [hanging(layout, items, first) for items in inside]


def first_met(layout: Layout) -> list[int]:
    """When one who reads first meets each item."""
    first = layout.reading + [FAR] * (len(layout.x) - layout.count)
    for i in range(layout.count):
        frame = layout.around[i]
        while frame >= 0 and first[layout.count + frame] > first[i]:
            first[layout.count + frame] = first[i]
            frame = layout.frames[frame][0]
    return first


def hanging(layout: Layout, items: list[int], first: list[int]) -> list[Part]:
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
            for net in layout.out[other] + layout.into[other]:
                for end in () if net in passed else (net.origin, *net.targets):
                    if end not in seen:
                        seen.add(end)
                        found.append(end)
                passed.add(net)
        if any(i >= layout.thin for i in found):
            ported += found
        else:
            parts.append(found)
    return [Part(sorted(part, key=lambda i: (first[i], i))) for part in ([ported] if ported else []) + parts]


# ---- the row of each item --------------------------------------------------------------------------------------------------


def rank(layout: Layout, level: int) -> None:
    """The row of each item of a level, and the ways of its nets."""
    for part in layout.parts[level]:
        ranks(layout, part)
        ways(layout, part)


def ranks(layout: Layout, part: Part) -> None:
    """Each item after its operands; leaves, and what is made of leaves of its own, just before the first use."""
    rank_of, into, out = layout.rank_of, layout.into, layout.out
    part.entries = [i for i in part.items if i >= layout.thin and not into[i]]
    part.exits = [i for i in part.items if i >= layout.thin and not out[i]]
    order = forward(layout, part.items)
    turn = {item: i for i, item in enumerate(order)}
    loose: dict[int, bool] = {}
    for i in order:
        before = [net for net in into[i] if turn[net.origin] < turn[i]]
        own = [net for net in before if len(net.targets) == 1]
        port = i >= layout.thin
        rank_of[i] = max((rank_of[net.origin] + 1 for net in before), default=1 if part.entries and (into[i] or not port) else 0)
        loose[i] = not port and len(before) == len(into[i]) and len(own) >= min(1, len(before)) and all(
            loose[net.origin] and (len(net.targets) == 1 or not into[net.origin]) for net in before)
    last = max(rank_of[i] for i in order)
    if part.exits:
        last = max((rank_of[i] for i in order if i < layout.thin or not into[i]), default=0) + 1
        for i in part.exits:
            rank_of[i] = last
    for i in reversed(order):
        if loose[i]:
            rank_of[i] = min((rank_of[t] for net in out[i] for t in net.targets if turn[t] > turn[i]), default=rank_of[i] + 1) - 1
    part.rows = [[] for _ in range(last + 1)]


def forward(layout: Layout, items: list[int]) -> list[int]:
    """The items in an order in which wires go forward; where frames use each other, the first to be used comes first."""
    missing = {i: len(layout.into[i]) for i in items}
    head = [i for i in items if not missing[i]]
    for i in head:  # grows
        for net in layout.out[i]:
            for target in net.targets:
                missing[target] -= 1
                if not missing[target]:
                    head.append(target)
    if len(head) == len(items):
        return head
    core = [i for i in items if missing[i] > 0]
    left = {i: sum(missing[t] > 0 for net in layout.out[i] for t in net.targets) for i in core}
    rest = [i for i in core if not left[i]]
    for i in rest:  # grows
        for net in layout.into[i]:
            if net.origin in left:
                left[net.origin] -= 1
                if not left[net.origin]:
                    rest.append(net.origin)
    return head + [i for i in core if left[i] > 0] + rest[::-1]


def ways(layout: Layout, part: Part) -> None:
    """The thin places of each net, and which items of neighbouring rows are joined."""
    rank_of = layout.rank_of
    part.nets = [net for i in part.items for net in layout.out[i]]
    length = [sum([max(0, rank_of[t] - rank_of[net.origin] - 1) for t in net.targets]) for net in part.nets]
    total, limit = sum(length), 8 * len(part.items) + 400
    for k in sorted(range(len(length)), key=lambda k: -length[k]):
        if total <= limit:
            break
        part.nets[k].long = True
        total -= length[k]
    for net in part.nets:
        if not net.long:
            previous = net.origin
            for r in range(rank_of[net.origin] + 1, max([rank_of[t] for t in net.targets])):
                item = layout.item(layout.around[net.origin])
                rank_of[item] = r
                net.way.append(item)
                join(layout, previous, item)
                previous = item
    for i in part.items:
        for net in layout.out[i]:
            net.part = part
        for net in layout.into[i]:
            if not layout.in_lane(net, i):
                join(layout, layout.hop(net, i), i)


def join(layout: Layout, a: int, b: int) -> None:
    """A wire goes from one item to another in the next row."""
    layout.below[a].append(b)
    layout.above[b].append(a)
