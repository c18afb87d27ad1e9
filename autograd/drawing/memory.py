"""What is kept for the backward pass, by whom, and for how long?

An operation keeps the arrays that its rules name. Several operations may keep the same memory: then it counts once, for the
first of them. While the forward pass runs, what is kept can only grow; the backward pass lets go of it, each operation of its
own, and memory that is shared when the last of its keepers has run. Parameters and inputs count where a rule names them, although
somebody else keeps them alive, too.

Read next: `problems.py`.
"""

from __future__ import annotations

from typing import NamedTuple

from autograd.drawing.backward_view import sends
from autograd.drawing.graph import GraphIR
from autograd.listing import Kept, bytes_text, count

BAR = 20
"""The length of the longest bar."""


class Row(NamedTuple):
    """What one operation keeps.

    node:    its position
    kept:    the arrays
    own:     the bytes of the memory that nobody before it keeps
    shared:  the bytes of the memory that an operation before it keeps, too, and that count there
    """

    node: int
    kept: tuple[Kept, ...]
    own: int
    shared: int


class Moment(NamedTuple):
    """What is kept, by all together, once an operation has run: 'forward', or 'backward', when it has let go of its own."""

    node: int
    kind: str
    bytes: int


class Memory(NamedTuple):
    """What a graph keeps for the backward pass.

    graph:          of which it is said
    rows:           one for each operation that keeps something, in the order of the tape
    bytes_by_node:  for each node, the bytes that count there; they add up to `total`
    total:          all of it: `GraphIR.kept_bytes`, and `Tape.of(loss).kept_bytes`
    timeline:       how it grows and shrinks
    """

    graph: GraphIR
    rows: tuple[Row, ...]
    bytes_by_node: tuple[int, ...]
    total: int
    timeline: tuple[Moment, ...]

    @property
    def peak(self) -> Moment:
        """When the most is kept, for the first time."""
        return max(self.timeline, key=lambda moment: moment.bytes, default=Moment(-1, "forward", 0))

    def by_module(self) -> dict[str, int]:
        """For each module call, what is kept in it and in the modules it calls: {'layer1': 1024, 'layer1.0': 512}."""
        found = {self.graph.path(k): 0 for k in range(len(self.graph.scopes))}
        for row in self.rows:
            scope = self.graph.nodes[row.node].scope
            while scope >= 0:
                found[self.graph.path(scope)] += row.own
                scope = self.graph.scopes[scope].parent
        return found

    def text(self, most: int = 30) -> str:
        """A table, the largest first, with a bar for each; then the modules; at most so many lines of either.

        >>> import numpy as np
        >>> from autograd import draw, ops, tensor
        >>> x = tensor(np.ones((32, 64)), requires_grad=True, name="x")
        >>> print(draw(ops.exp(x * x).sum()).memory().text())
        32 kB kept for the backward pass, by 2 operations. The most at once: 32 kB, after %2 exp.
        <BLANKLINE>
          16 kB  50%  ████████████████████  %1 multiply  a, b
          16 kB  50%  ████████████████████  %2 exp       y
        """
        nodes, peak = self.graph.nodes, self.peak
        freed = sum(node.freed for node in nodes)
        head = f"{bytes_text(self.total)} kept for the backward pass, by {count(len(self.rows), 'operation')}."
        if self.total:
            head += f" The most at once: {bytes_text(peak.bytes)}, after {nodes[peak.node].name} {nodes[peak.node].op}."
        if freed:
            head += f" A backward pass has freed what {count(freed, 'operation')} kept."
        rows = sorted(self.rows, key=lambda row: (-row.own, row.node))
        cells = [(row.own, f"{nodes[row.node].name} {nodes[row.node].op}", kept_text(row), self.graph.path(nodes[row.node].scope))
                 for row in rows]
        modules = sorted(((n, path, "", "") for path, n in self.by_module().items() if n), key=lambda cell: -cell[0])
        tables = [table(cells, self.total, most, "operation"), table(modules, self.total, most, "module")]
        return "\n\n".join([head, *("\n".join(lines) for lines in tables if lines)])

    def __str__(self) -> str:
        return self.text()


def memory_of(graph: GraphIR) -> Memory:
    """What a graph keeps for the backward pass."""
    known: dict[int, int] = {}  # the bytes of each memory met so far
    rows, by_node = [], [0] * len(graph.nodes)
    for i, node in graph.ops:
        fresh = {kept.storage: kept.bytes for kept in node.kept if kept.storage not in known and not node.freed}
        known.update(fresh)
        by_node[i] = sum(fresh.values())
        if node.kept and not node.freed:
            rows.append(Row(i, node.kept, by_node[i], node.kept_bytes - by_node[i]))
    return Memory(graph, tuple(rows), tuple(by_node), sum(known.values()), timeline_of(graph, rows))


def timeline_of(graph: GraphIR, rows: list[Row]) -> tuple[Moment, ...]:
    """What is kept after each operation, first forward and then backward."""
    kept = {row.node: {k.storage: k.bytes for k in row.kept} for row in rows}
    keepers: dict[int, int] = {}  # how many operations keep each memory
    total, found = 0, []
    for i, _ in graph.ops:
        for storage, size in kept.get(i, {}).items():
            total += 0 if storage in keepers else size
            keepers[storage] = keepers.get(storage, 0) + 1
        found.append(Moment(i, "forward", total))
    reached = sends(graph)
    for i in range(len(graph.nodes) - 1, -1, -1):
        if reached[i]:
            for storage, size in kept.get(i, {}).items():
                keepers[storage] -= 1
                total -= 0 if keepers[storage] else size
            found.append(Moment(i, "backward", total))
    return tuple(found)


def kept_text(row: Row) -> str:
    """'x, weight (98 kB shared with one before)'."""
    names = ", ".join(dict.fromkeys(kept.name for kept in row.kept))
    return names + (f" ({bytes_text(row.shared)} shared with one before)" if row.shared else "")


def table(cells: list[tuple[int, str, str, str]], total: int, most: int, noun: str) -> list[str]:
    """Lines of bytes, share, bar and words; what is left out is counted."""
    largest = max((cell[0] for cell in cells), default=0)
    shown = cells if len(cells) <= most else cells[: most - 1]
    widths = [max(map(len, column), default=0) for column in ([cell[1] for cell in shown], [cell[2] for cell in shown])]
    lines = [f"{bytes_text(n):>7}  {percent(n, total):>3}  {'█' * (n * BAR // largest if largest else 0):<{BAR}}  "
             f"{name:<{widths[0]}}  {kept:<{widths[1]}}  {path}".rstrip() for n, name, kept, path in shown]
    if len(cells) > len(shown):
        lines.append(f"    ...  {count(len(cells) - len(shown), noun).replace(' ', ' more ', 1)}")
    return lines


def percent(n: int, total: int) -> str:
    return f"{100 * n // total}%" if total else ""
