"""How does a circuit look?

As on the blackboard: operands on the left, gates as circles, the value above each wire and the gradient below it.

The layout is the usual one for layered graphs. A gate stands in the column after its latest operand, a leaf in the column
before its first use; a wire that crosses columns gets a place of its own in each of them, so that it meets no gate. Going
through the columns from left to right and back, everything is drawn towards the middle of what it is connected to,
without changing places. All in whole numbers, so that a picture is the same everywhere.

Read next: `dot.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from autograd.drawing.dot import GRADIENT, GREY, INK, VALUE, escaped
from autograd.drawing.picture import Mark, Picture

RADIUS, ROW, SLANT, MARGIN = 17, 57, 24, 14
Item = tuple[int, ...]  # (mark,) or, for a wire on its way, (wire, column)


def svg(picture: Picture) -> str:
    """The circuit as an SVG document."""
    return Layout(picture).svg()


def width_of(text: str) -> int:
    """The width of 12-pixel monospaced text."""
    return (len(text) * 73 + 9) // 10


class Layout:
    """Where everything in a circuit stands.

    column:  of each mark
    y:       of each item
    left, right:  of the gates of each column; the wires start at `right` and run level up to `end`
    """

    def __init__(self, picture: Picture) -> None:
        self.picture = picture
        self.number = {mark.id: i for i, mark in enumerate(picture.marks)}
        self.wires = [(self.number[w.source], self.number[w.target]) for w in picture.wires]
        self.column = self._columns()
        self.items, self.links = self._items()
        self.y = self._rows()
        self.left, self.right, self.end = self._widths()

    def _columns(self) -> list[int]:
        marks = self.picture.marks
        column = [0] * len(marks)
        for source, target in sorted(self.wires, key=lambda wire: wire[1]):  # operands come before their operation
            if marks[source].kind in ("op", "loss"):
                column[target] = max(column[target], column[source] + 1)
            else:
                column[target] = max(column[target], 1)
        for i, mark in enumerate(marks):
            if mark.kind not in ("op", "loss"):
                column[i] = min((column[target] for source, target in self.wires if source == i), default=1) - 1
        return column

    def _items(self) -> tuple[list[list[Item]], list[tuple[Item, Item]]]:
        """What stands in each column, from top to bottom, and what is linked to what in the column before."""
        operands: dict[int, list[int]] = {}
        for w, (_, target) in enumerate(self.wires):
            operands.setdefault(target, []).append(w)
        items: list[list[Item]] = [[] for _ in range(max(self.column, default=0) + 1)]
        links: list[tuple[Item, Item]] = []
        seen: set[int] = set()
        stack = [(self.number[i], False) for i in reversed(dict.fromkeys(self.picture.outputs))]
        while stack:  # operands before operations, the first one first
            mark, ready = stack.pop()
            if ready:
                for w in operands.get(mark, []):
                    source = self.wires[w][0]
                    way: list[Item] = [(source,), *((w, c) for c in range(self.column[source] + 1, self.column[mark])), (mark,)]
                    for item in way[1:-1]:
                        items[item[1]].append(item)
                    links += pairwise(way)
                items[self.column[mark]].append((mark,))
            elif mark not in seen:
                seen.add(mark)
                stack.append((mark, True))
                stack += [(self.wires[w][0], False) for w in reversed(operands.get(mark, []))]
        return items, links

    def _rows(self) -> dict[Item, int]:
        before: dict[Item, list[Item]] = {}
        after: dict[Item, list[Item]] = {}
        for a, b in self.links:
            before.setdefault(b, []).append(a)
            after.setdefault(a, []).append(b)
        y = {item: ROW * i for column in self.items for i, item in enumerate(column)}
        for sweep in range(8):
            towards, columns = (before, self.items) if sweep % 2 == 0 else (after, self.items[::-1])
            for column in columns:
                wish = [sum(y[o] for o in towards[item]) // len(towards[item]) if item in towards else y[item] for item in column]
                y.update(zip(column, apart(wish, ROW)))
        for a, b in self.links:  # no kinks of a pixel or two
            if len(b) == 2 and abs(y[a] - y[b]) < 5:
                y[b] = y[a]
        top = min(y.values(), default=0)
        return {item: value - top for item, value in y.items()}

    def _widths(self) -> tuple[list[int], list[int], list[int]]:
        left, right, end = [], [], []
        x = MARGIN
        for column in self.items:
            marks = [self.picture.marks[item[0]] for item in column if len(item) == 1]
            head = max((2 * half(mark) for mark in marks), default=0)
            text = max((width_of(t) for mark in marks for t in (mark.value, mark.gradient)), default=0)
            left.append(x)
            right.append(x + head)
            end.append(x + head + max(30, text + 12))
            x = end[-1] + SLANT
        return left, right, end

    def svg(self) -> str:
        """The drawing."""
        marks = self.picture.marks
        body = []
        for w, (source, target) in enumerate(self.wires):
            body.append(self._wire(w, source, target))
        for output in dict.fromkeys(self.picture.outputs):
            i = self.number[output]
            body.append(f'<path d="M{self._start(i)} {self.y[i,]}H{self.end[self.column[i]]}"/>')
        shapes = [self._mark(i, mark) for i, mark in enumerate(marks) if (i,) in self.y]
        notes = self.picture.caption.splitlines()[1:]
        width = max([self.end[-1] + MARGIN, *(width_of(note) + 2 * MARGIN for note in notes)]) if self.end else 2 * MARGIN
        low = max(self.y.values(), default=0) + ROW // 2 + 6
        notes = [f'<text x="{MARGIN}" y="{low + 10 + 16 * i}" fill="{GREY}">{escaped(note, 200)}</text>' for i, note in enumerate(notes)]
        height = low + 16 * len(notes) + 34
        label = escaped(f"computation circuit: {self.picture.caption.splitlines()[0]}")
        return "\n".join([
            f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{label}" viewBox="0 -34 {width} {height}" width="100%" '
            f'style="max-width:{width}px" font-family="ui-monospace,Menlo,Consolas,monospace" font-size="12">',
            f'<rect y="-34" width="{width}" height="{height}" fill="#fff"/>',
            f'<g fill="none" stroke="{GREY}">', *body, "</g>", *shapes, *notes, "</svg>", ""])

    def _start(self, i: int) -> int:
        """Where the wire of a mark begins: its right edge. Heads are centred in their columns, names stand at the right."""
        mark, c = self.picture.marks[i], self.column[i]
        return self.right[c] if mark.kind not in ("op", "loss") else (self.left[c] + self.right[c]) // 2 + half(mark)

    def _wire(self, w: int, source: int, target: int) -> str:
        """Level below its numbers, slanting between columns, into the gate at a height of its own."""
        siblings = [other for other, (_, t) in enumerate(self.wires) if t == target]
        offset = (2 * siblings.index(w) - len(siblings) + 1) * 5
        path = f"M{self._start(source)} {self.y[source,]}H{self.end[self.column[source]]}"
        for c in range(self.column[source] + 1, self.column[target]):
            path += f"L{self.left[c]} {self.y[w, c]}H{self.end[c]}"
        c, mark = self.column[target], self.picture.marks[target]
        edge = (self.left[c] + self.right[c]) // 2 - half(mark) + (1 if abs(offset) <= 6 else 3 if abs(offset) <= 10 else 6)
        return f'<path d="{path}L{edge} {self.y[target,] + offset}"/>'

    def _mark(self, i: int, mark: Mark) -> str:
        c, y = self.column[i], self.y[i,]
        middle, start = (self.left[c] + self.right[c]) // 2, self._start(i)
        parts = [f"<title>{escaped(mark.about)}</title>"]
        if mark.kind in ("op", "loss"):
            h = half(mark)
            stroke = 'stroke="#5b2a9d" stroke-width="2"' if mark.kind == "loss" else f'stroke="{INK}"'
            parts.append(f'<rect x="{middle - h}" y="{y - RADIUS}" width="{2 * h}" height="{2 * RADIUS}" rx="{RADIUS}" '
                         f'fill="#fff" {stroke}/>')
            parts.append(f'<text x="{middle}" y="{y + 4}" text-anchor="middle" fill="{INK}">{escaped(mark.title)}</text>')
        else:
            parts.append(f'<text x="{start - 5}" y="{y + 4}" text-anchor="end" font-weight="bold" fill="{INK}">'
                         f'{escaped(mark.title)}</text>')
        if mark.value:
            parts.append(f'<text x="{start + 5}" y="{y - 5}" fill="{VALUE}">{escaped(mark.value)}</text>')
        if mark.gradient:
            parts.append(f'<text x="{start + 5}" y="{y + 14}" fill="{GRADIENT}" font-style="italic">{escaped(mark.gradient)}</text>')
        return f"<g>{''.join(parts)}</g>"


def half(mark: Mark) -> int:
    """Half the width of a gate or a name."""
    if mark.kind in ("op", "loss"):
        return max(RADIUS, width_of(mark.title) // 2 + 5)
    return (width_of(mark.title) + 6) // 2


def apart(wishes: Iterable[int], gap: int) -> list[int]:
    """Positions in the same order, at least `gap` apart, as near to the wishes as can be: neighbours that crowd share the push."""
    blocks: list[list[int]] = []  # [sum of (wish - rank * gap), length]
    for i, wish in enumerate(wishes):
        blocks.append([wish - i * gap, 1])
        while len(blocks) > 1 and blocks[-2][0] * blocks[-1][1] > blocks[-1][0] * blocks[-2][1]:
            total, n = blocks.pop()
            blocks[-1][0] += total
            blocks[-1][1] += n
    levels = [total // n for total, n in blocks for _ in range(n)]
    return [level + i * gap for i, level in enumerate(levels)]
