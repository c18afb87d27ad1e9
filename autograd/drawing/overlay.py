"""How strongly is a box coloured?

Boxes can be coloured by the size of the gradients or the values, by the time they took or the bytes they keep: eight shades
of one colour, from the least in the graph to the most, on a logarithmic scale. A scale belongs to the whole graph, so a box
has the same shade in every view; and the number is written on the box, so that nobody has to guess from a colour.

The scale counts powers of two, in whole numbers: it is the same on every machine.

Read next: `boxes.py`.
"""

from __future__ import annotations

import math

from autograd.drawing.graph import GraphIR, GraphNode
from autograd.drawing.groups import Groups
from autograd.drawing.memory import memory_of
from autograd.drawing.numerals import scientific
from autograd.listing import bytes_text

SHADES = 8


class Paint:
    """The amounts in a graph, by node and by group. color: 'grad', 'value', 'time', 'bytes'; 'dtype' has a shade for each dtype."""

    def __init__(self, graph: GraphIR, groups: Groups, color: str) -> None:
        self.color = color
        self.nodes: list[float] = []  # 0: nothing known
        self.groups = [0.0] * len(groups.table)
        if color == "kind":
            return
        dtypes = sorted({node.dtype for node in graph.nodes if node.dtype})
        kept = memory_of(graph).bytes_by_node if color == "bytes" else ()  # memory that several keep counts once
        for i, node in enumerate(graph.nodes):
            amount = (float(kept[i]) if color == "bytes" else float(dtypes.index(node.dtype) + 1) if color == "dtype" and node.dtype
                      else amount_of(node, color))
            self.nodes.append(amount)
            k = groups.of[i]
            while k >= 0 and color != "dtype":  # times and bytes add up; of gradients and values the largest counts
                self.groups[k] = self.groups[k] + amount if color in ("time", "bytes") else max(self.groups[k], amount)
                k = groups.table[k].parent
        powers = [power_of(amount) for amount in self.nodes if amount > 0]
        self.low, self.high = (min(powers), max(powers)) if powers else (0, 0)

    def shade(self, i: int) -> int:
        """0 to 7, or -1 if nothing is known of node i."""
        return self._shade(self.nodes[i]) if self.nodes else -1

    def group_shade(self, k: int) -> int:
        return self._shade(self.groups[k])

    def text(self, i: int) -> str:
        """The amount of node i, as a line; '' if the box says it anyway."""
        return self._text(self.nodes[i], "") if self.nodes and self.color != "grad" else ""

    def group_text(self, k: int) -> str:
        """The amount of a closed group, as a line; '' if its box says it anyway."""
        return self._text(self.groups[k], "up to ") if self.color != "bytes" else ""

    def _shade(self, amount: float) -> int:
        if amount <= 0:
            return -1
        if self.color == "dtype":
            return (int(amount) - 1) % SHADES
        if self.high == self.low:
            return SHADES // 2
        return min((power_of(amount) - self.low) * (SHADES - 1) // (self.high - self.low), SHADES - 1)

    def _text(self, amount: float, most: str) -> str:
        if amount <= 0 or self.color == "dtype":
            return ""
        if self.color == "time":
            return time_text(amount)
        return f"{bytes_text(int(amount))} kept" if self.color == "bytes" else \
            f"{'∂ rms' if self.color == 'grad' else 'rms'} {most}{scientific(amount)}"


def amount_of(node: GraphNode, color: str) -> float:
    """What a node is coloured by; 0 if it is nothing or not known."""
    if color == "time":
        return (node.seconds or 0.0) + (node.backward_seconds or 0.0)
    stats = node.gradient if color == "grad" else node.value
    return stats.rms if stats is not None and math.isfinite(stats.rms) else 0.0


def power_of(amount: float) -> int:
    """The power of two at or below it."""
    return math.frexp(amount)[1] - 1


def time_text(seconds: float) -> str:
    """'1.2 ms'."""
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds / 1e-6:.0f} µs"
