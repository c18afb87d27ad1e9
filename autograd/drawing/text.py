"""How does a graph look in a terminal?

    tape: 112 operations · 62 leaves · 46 MB kept for the backward pass
    ├─ conv1 Conv2d            f32[8,3,32,32] → f32[8,64,16,16] · 1 op · 96 kB kept       ∂ rms 3.1e-03
    ├─ layer1 Sequential       f32[8,64,8,8] → f32[8,64,8,8] · 22 ops · 1.7 MB kept       ∂ rms 1.2e-03
    │  └─ BasicBlock ×2        ...
    problem: fc2.bias does not reach the loss

The modules as a tree, opened level by level as long as there are lines; without modules, a line per operation. What does not fit is
counted. There are no colours and no other escape codes, so it can go into any file.

Read next: `html.py`.
"""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Sequence

from autograd.drawing.graph import GraphIR, GraphNode
from autograd.drawing.groups import Groups
from autograd.drawing.labels import clean
from autograd.drawing.measure import columns
from autograd.drawing.numerals import gradient_text, value_text
from autograd.listing import bytes_text, count

ASCII = str.maketrans({"├": "|", "└": "`", "─": "-", "│": "|", "→": "->", "×": "x", "−": "-", "∂": "d ", "·": ".", "…": "...",
                       "∅": "not kept", "⊥": "unreachable", "÷": "/", "Σ": "sum", "√": "sqrt", "²": "^2", "³": "^3", "⁴": "^4", "µ": "u"})
"""What stands for a sign that is not in ASCII."""

ALONE = 5
"""A group that is alone on its level is opened partly, if at least so many lines are left for it."""

PROBLEMS = 8
"""Lines for problems, at most."""


def text_of(graph: GraphIR, groups: Groups, width: int = 0, max_lines: int = 40, ascii: bool = False,
            only: frozenset[int] | None = None) -> str:
    """The graph as lines of text.

    width:      of a line; 0 is that of the terminal, and 100 where there is none
    max_lines:  what is beyond them is counted: '... 212 more'
    ascii:      write nothing but ASCII
    only:       the nodes to list, one by one, or None for all; operations that are left out are counted

    >>> from autograd import draw, tensor
    >>> x = tensor(3.0, requires_grad=True, name="x")
    >>> print(draw(x * x).to_text(width=80))
    tape: 1 operation · 1 leaf · 8 B kept for the backward pass
    ├─ x: f64   parameter                      3.00  ∂6.00
    └─ %1: f64  multiply x x  keeps a, b  8 B  9.00  ∂1.00
    """
    width = width or (shutil.get_terminal_size().columns if sys.stdout.isatty() else 100)
    problems = problem_lines(graph, max(0, min(PROBLEMS, max_lines - 2)), width)
    outside = sum(i not in only for i, _ in graph.ops) if only is not None else 0
    notes = [*([f"... {count(outside, 'more operation')} around these"] if outside else []), *graph.notes]
    notes = notes[: max(0, max_lines - 2 - len(problems))]
    tree = Tree(graph, groups, only)
    room = max(0, max_lines - 1 - len(problems) - len(notes))
    tree.open(room)
    lines = [headline(graph), *aligned(tree.lines(), width, ascii), *notes, *problems]
    return "\n".join(cut(written(line, ascii), width, ascii) for line in lines[:max(1, max_lines)])


def headline(graph: GraphIR) -> str:
    """What it is, and what it amounts to."""
    from autograd.drawing.boxes import caption_of

    return f"{graph.title or graph.kind}: {caption_of(graph)}"


def problem_lines(graph: GraphIR, room: int, width: int) -> list[str]:
    """What is wrong, in at most so many lines; problems that there is no room for are counted."""
    from autograd.drawing.problems import problems_of

    found = [textwrap.wrap(clean(f"problem: {problem.text}", 0), width, subsequent_indent="  ", max_lines=2, placeholder=" …")
             for problem in problems_of(graph)]
    lines: list[str] = []
    for i, problem in enumerate(found):
        if len(lines) + len(problem) + (i < len(found) - 1) > room:
            return [*lines, f"... {len(found) - i:,} more problems"][:room]
        lines += problem
    return lines


# ---- the tree -----------------------------------------------------------------------------------------------------


class Tree:
    """What is shown: for each opened group (-1: the whole graph) its members, and how many of them have lines.

    A member is a group (k) or a node (-2 - i); -1 is the graph.
    """

    def __init__(self, graph: GraphIR, groups: Groups, only: frozenset[int] | None = None) -> None:
        self.graph, self.groups = graph, groups
        self.shown: dict[int, int] = {}
        self.top: list[int] = [-2 - i for i in sorted(only or ()) if 0 <= i < len(graph.nodes)]
        if only is not None:
            return
        seen: set[int] = set()
        modules = any(group.kind == "module" for group in groups.table)  # they know their parameters; else leaves have lines, too
        for i, node in enumerate(graph.nodes):
            k = groups.of[i] if node.kind == "op" else -1
            while k >= 0 and groups.table[k].parent >= 0:
                k = groups.table[k].parent
            if k < 0 and (node.kind == "op" or not modules):
                self.top.append(-2 - i)
            elif k >= 0 and k not in seen:
                seen.add(k)
                self.top.append(k)

    def members(self, k: int) -> list[int]:
        """What is directly in a group, in the order of the tape."""
        if k < 0:
            return self.top
        group = self.groups.table[k]
        inner = [(self.first(member), member) for member in group.groups]
        return [member for _, member in sorted([*inner, *((i, -2 - i) for i in group.nodes)])]

    def first(self, k: int) -> int:
        """The first operation in a group, at any depth."""
        while True:
            group = self.groups.table[k]
            inner = [self.groups.table[g].nodes[0] for g in group.groups if self.groups.table[g].nodes]
            if group.nodes:
                return min([group.nodes[0], *inner])
            if not group.groups:
                return 0
            k = group.groups[0]

    def open(self, room: int) -> None:
        """Open the groups, level by level, as long as there are lines: equal ones together, and the smallest first."""
        self.shown[-1] = min(len(self.top), room)
        room -= self.shown[-1]
        level, single = [member for member in self.visible(-1) if member >= 0], []
        while level:
            single += [k for k in level if self.groups.table[k].ops == 1]
            level = [k for k in level if self.groups.table[k].ops != 1]
            room = self.grant(level, room)
            level = [member for k in level if k in self.shown for member in self.visible(k) if member >= 0]
        if sum(len(self.members(k)) for k in single) <= room:  # a module with one operation says all about it
            self.grant(single, room)

    def grant(self, level: Sequence[int], room: int) -> int:
        """Open what fits of these groups; how many lines are left. One that stands alone is opened even if it does not fit."""
        needs = [len(self.members(k)) for k in level]
        for need in sorted(set(needs)):
            equal = [k for k, n in zip(level, needs) if n == need]
            if need * len(equal) <= room:
                self.shown.update((k, need) for k in equal)
                room -= need * len(equal)
        if len(level) == 1 and level[0] not in self.shown and room >= ALONE:
            self.shown[level[0]] = room
            room = 0
        return room

    def visible(self, k: int) -> list[int]:
        """The members of an opened group that have lines: from its beginning, and where some are left out, from its end, too."""
        members, lines = self.members(k), self.shown[k]
        if lines >= len(members):
            return members
        head = lines // 2
        tail = lines - head - 1
        return [*members[:head], *members[len(members) - tail:]] if lines else []

    def lines(self) -> list[tuple[str, ...]]:
        """The rows of everything that is shown, with the lines of the tree before the first column."""
        found: list[tuple[str, ...]] = []
        stack: list[tuple[str, str, int]] = []
        self.push(stack, -1, "")
        while stack:
            indent, branch, member = stack.pop()
            if branch == "...":
                found.append((f"{indent}{self.left_out(member)}", "", ""))
                continue
            first, *rest = self.group_row(member) if member >= 0 else node_row(self.graph, -2 - member)
            found.append((indent + branch + first, *rest))
            if member in self.shown:
                self.push(stack, member, indent + ("   " if branch[0] == "└" else "│  "))
        return found

    def push(self, stack: list[tuple[str, str, int]], k: int, indent: str) -> None:
        visible = self.visible(k)
        hidden = len(self.members(k)) > len(visible)
        items = [(indent, "└─ " if i == len(visible) - 1 else "├─ ", member) for i, member in enumerate(visible)]
        if hidden:
            items.insert(self.shown[k] // 2, (indent, "...", k))
        stack += reversed(items)

    def left_out(self, k: int) -> str:
        """'... 212 more': the members of a group without lines."""
        visible = set(self.visible(k))
        hidden = [member for member in self.members(k) if member not in visible]
        ops = sum(self.groups.table[m].ops if m >= 0 else self.graph.nodes[-2 - m].kind == "op" for m in hidden)
        return f"... {len(hidden):,} more" + (f", {count(ops, 'operation')}" if ops != len(hidden) else "")

    def group_row(self, k: int) -> tuple[str, ...]:
        """A module: name and class, what its box says, and the gradient of its parameters."""
        group = self.groups.table[k]
        title = f"{group.title} {group.label}" if group.label and group.label not in group.title else group.title
        gradient = next((line for line in group.lines if line.startswith("∂")), "")
        return title, " · ".join(line for line in group.lines if line != gradient), gradient


def node_row(graph: GraphIR, i: int) -> tuple[str, ...]:
    """A value: name and type, the operation with its operands, what it keeps, how much that is, its value and gradient."""
    node = graph.nodes[i]
    operands = [graph.nodes[operand.source].name if operand.source >= 0 else operand.text for operand in node.operands]
    options = [f"{name}={value}" for name, value in node.options]
    names = ", ".join(dict.fromkeys(kept.name for kept in node.kept))
    kept = f"freed {names}".rstrip() if node.freed else f"keeps {names}" if names else ""
    value = value_text(node.value) if node.value is not None else ""
    bytes_ = bytes_text(node.kept_bytes) if node.kept_bytes else ""
    return f"{node.name}: {node.type}", " ".join([node.op, *operands, *options]), kept, bytes_, value, known(node)


def known(node: GraphNode) -> str:
    """The gradient of a node; '' where nothing is known of it."""
    return gradient_text(node) if node.gradient is not None or node.state not in ("known", "not computed") else ""


# ---- lines --------------------------------------------------------------------------------------------------------


def aligned(rows: list[tuple[str, ...]], width: int, ascii: bool) -> list[str]:
    """Rows as lines: what it is, what is known of it, and its gradient, below each other. The middle of nodes has columns of its own.

    Where a line would be too long, the widest texts in the middle are cut, and then the names.
    """
    if not rows:
        return []
    rows = [tuple(written(cell, ascii) for cell in row) for row in rows]
    first, last = (max(columns(row[c]) for row in rows) for c in (0, -1))
    wanted = max((sum(map(columns, row[1:-1])) + 2 * len(row) for row in rows), default=0)
    first = min(first, max(12, width - last - 2 - min(wanted, (width - last) // 2)))  # at most half a line, if the rest needs the other
    room = max(0, width - first - 2 - (last + 2 if last else 0))
    middles = iter(table([row[1:-1] for row in rows if len(row) > 3], room, ascii))
    texts = [next(middles) if len(row) > 3 else cut(row[1], room, ascii) for row in rows]
    middle = max(map(columns, texts))
    return ["  ".join([padded(row[0], first, False, ascii), *([padded(text, middle, False, ascii)] if middle else []), row[-1]]).rstrip()
            for row, text in zip(rows, texts)]


def table(rows: list[tuple[str, ...]], room: int, ascii: bool) -> list[str]:
    """What nodes say, in columns: operation, what it keeps, bytes, value."""
    if not rows:
        return []
    widths = [max(map(columns, column)) for column in zip(*rows)]
    used = [c for c, w in enumerate(widths) if w]
    spare = room - sum(widths) - 2 * (len(used) - 1)
    for c, least in ((0, 12), (1, 6)):  # what an operation is made of and what it keeps can be looked up
        if spare < 0:
            less = min(-spare, max(0, widths[c] - least))
            widths[c] -= less
            spare += less
    return [cut("  ".join(padded(row[c], widths[c], c in NUMBERS, ascii) for c in used), room, ascii) for row in rows]


NUMBERS = (2, 3)
"""The columns that end below each other: bytes and values."""


def padded(text: str, width: int, right: bool, ascii: bool) -> str:
    text = cut(text, width, ascii)
    space = " " * (width - columns(text))
    return space + text if right else text + space


def cut(text: str, width: int, ascii: bool) -> str:
    """A text that is no wider than this; where something is missing, it ends with '…', in ASCII with '...'."""
    if columns(text) <= width:
        return text
    end = "..." if ascii else "…"
    text = text[:width]
    while text and columns(text) > width - len(end):
        text = text[:-1]
    return (text + end)[:width]


def written(text: str, ascii: bool) -> str:
    """Without control characters, so that it is one line and no escape code; in ASCII, letters without a like become escapes."""
    text = clean(text, 0)
    return text.translate(ASCII).encode("ascii", "backslashreplace").decode("ascii") if ascii and not text.isascii() else text
