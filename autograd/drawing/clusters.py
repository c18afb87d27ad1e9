"""What belongs together where nobody said so?

A long run of operations without modules is made readable in four steps, each only if there is still too much to see:

1. operations of the same source line, where lines were recorded;
2. repetitions: what is there three times or more in a row, from the inside out. Products that are summed become
   'multiply, add ×16', what one neuron does; neurons with the same inputs a layer, and layers 'layer ×17';
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

NEAREST, PIECES, PERIOD, ROUNDS, SMALL = 12, 16, 512, 60, 4
"""How much stays around the result; into how many ranges the rest opens; the longest repetition that is looked for, and how often;
and up to how many operations a unit of a repetition is no part of its own."""


class Clusters:
    """Divides what is too much. structure: of the graph."""

    def __init__(self, structure: Structure) -> None:
        self.structure = structure
        self.nodes = structure.graph.nodes
        self.outputs = set(structure.graph.outputs)

    def divided(self, items: list[Item]) -> list[Item]:
        """The same items, put together so that there are at most MANY."""
        for step in (self.by_line, self.by_repetition, self.by_use, self.by_distance):
            if len(items) > MANY:
                items = step(items)
        return items

    def part(self, items: Sequence[Item], title: str = "") -> Part:
        """A part with these items, called after its operations if it has no title."""
        part = self.structure.measure(Part("cluster", title, "", self.divided(list(items))))
        part.title = title or names(self.nodes[op].op for op in part.ops)
        part.label = self.span(part.ops)
        return part

    def span(self, ops: Sequence[int]) -> str:
        """'%12 … %340': from the first operation to the last."""
        return f"{self.nodes[min(ops)].name} … {self.nodes[max(ops)].name}"

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
            if end - start == len(items):
                return items  # one line is all there is: that divides nothing
            found.extend([self.part(items[start:end], line)] if end - start > 1 else items[start:end])
            start = end
        return found

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
                    found.extend(self.fold(units[a:b]) for a, b in zip(*self.layers(units, first, last)))
                    done = start + last * period
                first = last
        return [*found, *items[done:]]

    def layers(self, units: list[list[Item]], first: int, last: int) -> tuple[list[int], list[int]]:
        """Where to divide equal units, some of which stand side by side while others take from the one before: at the latter,
        if that leaves no small pieces. Neurons so become layers."""
        cuts = [k for k in range(first + 1, last) if self.takes(units[k], units[k - 1])]
        starts, ends = [first, *cuts], [*cuts, last]
        return (starts, ends) if all(b - a >= 3 for a, b in zip(starts, ends)) else ([first], [last])

    def takes(self, unit: list[Item], before: list[Item]) -> bool:
        """Does a unit take from the one before?"""
        made = {op for item in before for op in ops_in(item)}
        return any(source in made for item in unit for source in self.structure.sources(item))

    def fold(self, units: list[list[Item]]) -> Part:
        """One part for equal units. Small units are put into it as they are; many are divided into ranges."""
        label = sets_text(self.structure, [[op for item in unit for op in ops_in(item)] for unit in units])
        parts: list[Item]
        if len(units[0]) == 1:
            parts = [unit[0] for unit in units]
        elif sum(len(ops_in(item)) for item in units[0]) <= SMALL:
            parts = [item for unit in units for item in unit]
        else:
            made = [self.part(unit) for unit in units]
            for part in made:
                part.number = made[0].number  # also where they have to be divided, and are divided differently
            parts = [*made]
        first = units[0][0]
        name = names(self.nodes[op].op for item in units[0] for op in ops_in(item)) if len(units[0]) > 1 or isinstance(first, int) \
            else f"({first.title})"
        return self.structure.measure(Part("fold", f"{name} ×{len(units)}", label, self.ranges(parts) if len(parts) > MANY else parts))

    def by_use(self, items: list[Item]) -> list[Item]:
        """What only one other takes from becomes one part with it."""
        items = in_order(items)
        owner = {op: k for k, item in enumerate(items) for op in ops_in(item)}
        users: dict[int, list[int]] = {op: [] for op in owner}
        for i, node in self.structure.graph.ops:
            for operand in node.operands:
                if operand.source in users:
                    users[operand.source].append(i)
        region = list(range(len(items)))
        for k in range(len(items) - 1, -1, -1):
            takers = {owner.get(user, -1) for op in ops_in(items[k]) for user in users[op]} - {k}
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
        return self.structure.measure(Part("cluster", self.span(ops), "", items))


def ops_in(item: Item) -> list[int]:
    return [item] if isinstance(item, int) else item.ops


def in_order(items: Sequence[Item]) -> list[Item]:
    """By the last operation of each: then everything stands behind what it takes from."""
    return sorted(items, key=lambda item: item if isinstance(item, int) else max(item.ops))


def names(ops: object) -> str:
    """'multiply, add, tanh': what a part is called that has no name."""
    found = list(dict.fromkeys(ops))  # type: ignore[call-overload]
    return ", ".join(found[:3]) + (", …" if len(found) > 3 else "")


def sets_text(structure: Structure, units: Sequence[Sequence[int]]) -> str:
    """'(3 distinct parameter sets)': of equal units, given by their operations."""
    nodes = structure.graph.nodes
    sets = set()
    for unit in units:
        sources = [source for op in unit for source in structure.sources(op) if source >= 0]
        sets.add(tuple(dict.fromkeys(source for source in sources if nodes[source].kind == "parameter")))
    if sets == {()}:
        return ""
    return "(shared parameters)" if len(sets) == 1 else f"({len(sets)} distinct parameter sets)"


def runs_of(codes: np.ndarray, period: int) -> list[tuple[int, int]]:
    """Where the same codes come again after each `period`, at least three times: [(start, end), ...]."""
    same = codes[period:] == codes[:-period]
    edges = np.flatnonzero(np.diff(np.concatenate(([0], same.view(np.int8), [0]))))
    starts, ends = edges[::2], edges[1::2]
    long = ends - starts >= 2 * period
    return [(int(start), int(end) + period) for start, end in zip(starts[long], ends[long])]
