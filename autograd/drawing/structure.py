"""When are two parts of a graph the same?

When they have the same operations in the same order, with the same types and options, wired in the same way, and divided into
parts that are the same. Not when a shape, a dtype, an option or the order of two operations differs. From where they take does
not matter, only of which types that is: the first of many equal blocks takes from the data, the others from each other.

Each structure has a number: that of an operation is made from what it is, that of a part from the numbers of what is in it
(a Merkle hash, with numbers in place of hashes, so that two different structures never have the same one).

Read next: `clusters.py`.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from autograd.drawing.graph import GraphIR


class Part:
    """A piece of a graph while its groups are made.

    kind, title, label: as those of a `Group`
    items:   the operations (positions) and parts directly inside, in order
    ops:     all the operations inside, at any depth, item by item
    inputs:  what they take from outside, in the order in which it is first taken: nodes, and constant arrays with negative numbers
    number:  the number of its structure
    """

    __slots__ = ("inputs", "items", "kind", "label", "number", "ops", "title")

    def __init__(self, kind: str, title: str, label: str = "", items: Sequence[Item] = ()) -> None:
        self.kind, self.title, self.label, self.items = kind, title, label, list(items)
        self.ops: list[int] = []
        self.inputs: list[int] = []
        self.number = 0


Item = int | Part


class Structure:
    """Gives numbers to the operations of a graph and to its parts.

    exact:  do constants that are written out count? Between declared modules they do; in a graph of scalars `0.1 * x` and
            `0.2 * y` are the same, as are two layers with other weights
    """

    def __init__(self, graph: GraphIR, exact: bool) -> None:
        self.graph, self.exact = graph, exact
        self.numbers: dict[Hashable, int] = {}
        self.arrays: dict[tuple[int, int], int] = {}
        self.types: list[str] = []  # of the constant arrays
        self.of = [self._number(self._operation(i)) if node.kind == "op" else -1 for i, node in enumerate(graph.nodes)]

    def _number(self, what: Hashable) -> int:
        return self.numbers.setdefault(what, len(self.numbers))

    def _operation(self, i: int) -> Hashable:
        node = self.graph.nodes[i]
        constants = tuple("" if operand.source >= 0 else self._constant(node.op, operand.text) for operand in node.operands)
        return node.op, node.type, node.options, constants

    def _constant(self, op: str, text: str) -> str:
        if text.endswith("]"):
            return ""  # an array is an input like any other: see `sources`
        return text if self.exact or op == "power" else "number"

    def _array(self, i: int, slot: int) -> int:
        """The number of a constant array: -1, -2, ..."""
        if (i, slot) not in self.arrays:
            self.arrays[i, slot] = -1 - len(self.arrays)
            self.types.append(self.graph.nodes[i].operands[slot].text)
        return self.arrays[i, slot]

    def item(self, item: Item) -> int:
        """The number of an operation or a part."""
        return self.of[item] if isinstance(item, int) else item.number

    def sources(self, item: Item) -> list[int]:
        """What an operation or a part takes from, in order: nodes, and constant arrays with negative numbers."""
        if isinstance(item, int):
            return [operand.source if operand.source >= 0 else self._array(item, slot)
                    for slot, operand in enumerate(self.graph.nodes[item].operands) if operand.source >= 0 or operand.text.endswith("]")]
        return item.inputs

    def measure(self, part: Part) -> Part:
        """Fill in what follows from the items of a part; the parts inside must be measured already."""
        part.ops = [op for item in part.items for op in ([item] if isinstance(item, int) else item.ops)]
        part.number, part.inputs = self.numbered(part.items, part.ops)
        return part

    def numbered(self, items: Sequence[Item], ops: Sequence[int]) -> tuple[int, list[int]]:
        """The number of the structure of these items, which have these operations, and their inputs."""
        nodes = self.graph.nodes
        places = {op: k for k, op in enumerate(ops)}
        outside: dict[int, int] = {}
        rows: list[Hashable] = []
        for item in items:
            wires = []
            for source in self.sources(item):
                if source in places:
                    wires.append(places[source])
                else:
                    if source not in outside:
                        outside[source] = len(outside)
                    wires.append(-1 - outside[source])
            rows.append((self.item(item), *wires))
        types = tuple(nodes[source].type if source >= 0 else self.types[-1 - source] for source in outside)
        return self._number((tuple(rows), types)), list(outside)
