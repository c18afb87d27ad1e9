"""What stands beside what?

The order in each row, so that few wires cross: first as one reads, then better and better. Wires join neighbouring rows, so what
counts is the order of two rows at a time.

Read next: `places.py`.
"""

from __future__ import annotations

from bisect import bisect_right

from autograd.drawing.layout.items import FAR, Layout, Part


def arrange(layout: Layout, level: int) -> None:
    """The order in each row of a level, and then of the ports of the frames in it."""
    for part in layout.parts[level]:
        first_order(layout, part)
        sweep(layout, part)
        for row in part.rows:
            for item in row:
                if layout.count <= item < layout.thin:
                    order_ports(layout, item)


def first_order(layout: Layout, part: Part) -> None:
    """As one reads: from the results to the operands, the first operand first."""
    part.entries.sort(key=lambda i: layout.at[i])
    part.exits.sort(key=lambda i: layout.at[i])
    seen: set[int] = set()
    for output in [*part.exits, *(i for i in part.items if not layout.below[i])]:
        stack = [output]
        while stack:
            item = stack[-1]
            if item not in seen:
                seen.add(item)
                stack += [a for a in reversed(layout.above[item]) if a not in seen]
            else:
                stack.pop()
                if layout.at[item] >= 0:
                    layout.at[item] = -1
                    part.rows[layout.rank_of[item]].append(item)
    if part.entries:
        part.rows[0] = part.entries
    if part.exits:
        part.rows[-1] = part.exits
    number(layout, part.rows)


def number(layout: Layout, rows: list[list[int]]) -> None:
    """The place of each item in its row."""
    for row in rows:
        for i, item in enumerate(row):
            layout.at[item] = i


def sweep(layout: Layout, part: Part) -> None:
    """Towards the middle of what each is joined to, row by row, forth and back, as long as that saves crossings."""
    rows = part.rows
    size = sum(len(row) for row in rows)
    low, high = (1 if part.entries else 0), len(rows) - (1 if part.exits else 0)
    best, fewest = [row[:] for row in rows], crossings(layout, rows)
    idle = 0
    for turn in range(24 if size < 400 else 8 if size < 4000 else 4):
        if fewest == 0 or idle == 4:
            break
        down = turn % 2 == 0
        for r in range(low, high) if down else range(high - 1, low - 1, -1):
            sort(layout, rows[r], layout.above if down else layout.below)
        if size < 400:
            swap(layout, rows, low, high)
        found = crossings(layout, rows)
        idle += 1
        if found < fewest:
            best, fewest, idle = [row[:] for row in rows], found, 0
    part.rows = best
    number(layout, best)


def sort(layout: Layout, row: list[int], towards: list[list[int]]) -> None:
    """A row by the middles of what its items are joined to; those that are joined to nothing keep their places."""
    if len(row) < 2:
        return
    at = layout.at
    key = {i: sum([at[o] for o in towards[i]]) * 1000 // len(towards[i]) for i in row if towards[i]}
    if len(key) < 2:
        return
    sorted_ = iter(sorted(key, key=key.__getitem__))
    row[:] = [next(sorted_) if i in key else i for i in row]
    for i, item in enumerate(row):
        at[item] = i


def swap(layout: Layout, rows: list[list[int]], low: int, high: int) -> None:
    """Neighbours change places where that saves crossings."""
    at = layout.at
    for _ in range(4):
        better = False
        for row in rows[low:high]:
            joined = {i: (sorted([at[o] for o in layout.above[i]]), sorted([at[o] for o in layout.below[i]])) for i in row}
            for i in range(len(row) - 1):
                a, b = row[i], row[i + 1]
                found = between(joined[a], joined[b])
                if found and between(joined[b], joined[a]) < found:
                    row[i], row[i + 1] = b, a
                    at[b], at[a] = i, i + 1
                    better = True
        if not better:
            break


def between(a: tuple[list[int], list[int]], b: tuple[list[int], list[int]]) -> int:
    """The crossings of the wires of two neighbours, a before b: how often a is joined to what stands after what b is joined to."""
    total = 0
    for left, right in zip(a, b):
        for place in left:
            for other in right:
                if other >= place:
                    break
                total += 1
    return total


def crossings(layout: Layout, rows: list[list[int]]) -> int:
    """How often wires between neighbouring rows cross."""
    at, total = layout.at, 0
    for row in (row for row in rows if len(row) > 1):
        passed: list[int] = []
        for item in row:
            for place in sorted([at[o] for o in layout.below[item]]):
                before = bisect_right(passed, place)
                total += len(passed) - before
                passed.insert(before, place)
    return total


def order_ports(layout: Layout, item: int) -> None:
    """The ports of a frame in the order of what they are joined to outside."""
    frame = item - layout.count
    come = [(FAR if layout.in_lane(net, item) else layout.at[layout.hop(net, item)], layout.reading[net.source],
             layout.ports[frame, net.source, False]) for net in layout.into[item]]
    go = []
    for net in layout.out[item]:
        near = [layout.at[t] for t in (*net.way[:1], *(t for t in net.targets if layout.rank_of[t] == layout.rank_of[item] + 1))]
        go.append((sum(near) * 1000 // len(near) if near else FAR, layout.reading[net.source], layout.ports[frame, net.source, True]))
    for ports in (sorted(come), sorted(go)):
        for i, (_, _, port) in enumerate(ports):
            layout.at[port] = i
