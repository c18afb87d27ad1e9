"""What belongs together where nobody said so?

A long run of operations without modules is made readable in four steps, each only if there is still too much to see:

1. operations of the same source line, where lines were recorded;
2. repetitions: what is there three times or more in a row, from the inside out. A layer of neurons becomes
   'multiply, add ×15' in 'tanh ×16' in as many layers as there are;
3. single use: an operation whose result only one other takes belongs to that one;
4. at last a frontier: what is nearest to the result stays, and all before it is '+9,940 more', which opens into ranges.

Whatever is put together could have run in one go: no wire leaves a part and comes back.

Read next: `groups.py`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from autograd.drawing.structure import Item, Part, Structure

MANY = 40
"""More operations and parts than this in one place are divided."""

NEAREST, PIECES, PERIOD, ROUNDS = 12, 16, 512, 60
"""How much stays around the result; into how many ranges the rest opens; the longest repetition that is looked for, and how often."""


class Clusters:
    """Divides what is too much. structure: of the graph."""

    def __init__(self, structure: Structure) -> None:
        self.structure = structure
        self.nodes = structure.graph.nodes
        self.outputs = set(structure.graph.outputs)
        self.users: list[list[int]] = [[place for place, _ in uses] for uses in structure.graph.uses()]

    def divided(self, items: list[Item]) -> list[Item]:
        """The same items, put together so that there are at most MANY."""
        for step in (self.by_line, self.by_repetition, self.by_use, self.by_distance):
            if len(items) > MANY:
                items = step(items)
        return items

    def part(self, items: Sequence[Item], title: str = "", kind: str = "cluster", label: str = "") -> Part:
        """A part with these items."""
        part = self.structure.measure(Part(kind, title, label, self.divided(list(items))))
        part.title = title or names(self.nodes[op].op for op in part.ops)
        return part

    # ---- the four steps ------------------------------------------------------------------------------------------------

    def by_line(self, items: list[Item]) -> list[Item]:
        """Neighbours from the same line of source become one part."""
        found: list[Item] = []
        start = 0
        while start < len(items):
            line = self.line(items[start])
            end = start + 1
            while line and end < len(items) and self.line(items[end]) == line:
                end += 1
            found.extend([self.part(items[start:end], line)] if end - start > 1 else items[start:end])
            start = end
        return found if len(found) > 1 else items

    def line(self, item: Item) -> str:
        return self.nodes[item].line if isinstance(item, int) else ""

    def by_repetition(self, items: list[Item]) -> list[Item]:
        """What repeats itself becomes a fold, from the shortest repetition to the longest, until there is none left."""
        for _ in range(ROUNDS):
            if len(items) <= MANY:
                break
            codes = np.array([self.structure.item(item) for item in items])
            for period in range(1, min(len(items) // 3, PERIOD) + 1):
                runs = runs_of(codes, period)
                folded = self.folded(items, period, runs) if runs else items
                if len(folded) < len(items):
                    items = folded
                    break
            else:
                break
        return items

    def folded(self, items: list[Item], period: int, runs: list[tuple[int, int]]) -> list[Item]:
        """The items, with the units of these runs folded where at least three in a row have the same wiring, too."""
        found: list[Item] = []
        done = 0
        for start, end in runs:
            start = max(start, done)
            units = [items[place: place + period] for place in range(start, end - period + 1, period)]
            numbers = [self.structure.numbered(unit, [op for item in unit for op in ops_in(item)])[0] for unit in units]
            first = 0
            while first < len(units):
                last = first + 1
                while last < len(units) and numbers[last] == numbers[first]:
                    last += 1
                if last - first >= 3:
                    found.extend(items[done: start + first * period])
                    found.append(self.fold(units[first:last]))
                    done = start + last * period
                first = last
        return [*found, *items[done:]]

    def fold(self, units: list[list[Item]]) -> Part:
        """One part for equal units. Units of one operation are put into it as they are."""
        parts = [unit[0] if len(unit) == 1 else self.part(unit) for unit in units]
        first = parts[0]
        name = self.nodes[first].op if isinstance(first, int) else first.title
        return self.part_of(parts, f"{name} ×{len(units)}")

    def part_of(self, items: list[Item], title: str) -> Part:
        return self.structure.measure(Part("fold", title, "", items))

    def by_use(self, items: list[Item]) -> list[Item]:
        """What only one other takes from becomes one part with it."""
        items = in_order(items)
        owner = {op: k for k, item in enumerate(items) for op in ops_in(item)}
        region = list(range(len(items)))
        for k in range(len(items) - 1, -1, -1):
            takers = {owner.get(user, -1) for op in ops_in(items[k]) for user in self.users[op]} - {k}
            if len(takers) == 1 and not any(op in self.outputs for op in ops_in(items[k])):
                taker = takers.pop()
                if taker > k:
                    region[k] = region[taker]
        members: dict[int, list[Item]] = {}
        for k, item in enumerate(items):
            members.setdefault(region[k], []).append(item)
        if max(map(len, members.values())) > len(items) // 2:
            return items  # nearly everything: that divides nothing
        return in_order([self.part(group) if len(group) > 2 else item for group in members.values()
                         for item in (group[:1] if len(group) > 2 else group)])

    def by_distance(self, items: list[Item]) -> list[Item]:
        """What came last stays, and what came before becomes one part, divided into ranges."""
        items = in_order(items)
        before, last = items[:-NEAREST], items[-NEAREST:]
        ops = sum(len(ops_in(item)) for item in before)
        return [self.structure.measure(Part("cluster", f"+{ops:,} more", "", self.ranges(before))), *last]

    def ranges(self, items: list[Item]) -> list[Item]:
        """The items in parts of neighbours, and those in parts again, until none has too many."""
        while len(items) > PIECES:
            size = max(2, min(PIECES, -(-len(items) // PIECES)))
            pieces = [items[k: k + size] for k in range(0, len(items), size)]
            items = [self.range(piece) if len(piece) > 1 else piece[0] for piece in pieces]
        return items

    def range(self, items: Sequence[Item]) -> Part:
        """'%12 … %340': a part from one operation to another."""
        ops = [op for item in items for op in (ops_in(item)[0], ops_in(item)[-1])]
        return self.structure.measure(Part("cluster", f"{self.nodes[min(ops)].name} … {self.nodes[max(ops)].name}", "", items))


def ops_in(item: Item) -> list[int]:
    return [item] if isinstance(item, int) else item.ops


def in_order(items: Sequence[Item]) -> list[Item]:
    """By the last operation of each: then everything stands behind what it takes from."""
    return sorted(items, key=lambda item: item if isinstance(item, int) else max(item.ops))


def names(ops: object) -> str:
    """'multiply, add, tanh': what a part is called that has no name."""
    found = list(dict.fromkeys(ops))  # type: ignore[call-overload]
    return ", ".join(found[:3]) + (", …" if len(found) > 3 else "")


def runs_of(codes: np.ndarray, period: int) -> list[tuple[int, int]]:
    """Where the same codes come again after each `period`, at least three times: [(start, end), ...]."""
    same = codes[period:] == codes[:-period]
    edges = np.flatnonzero(np.diff(np.concatenate(([0], same.view(np.int8), [0]))))
    starts, ends = edges[::2], edges[1::2]
    long = ends - starts >= 2 * period
    return [(int(start), int(end) + period) for start, end in zip(starts[long], ends[long])]
