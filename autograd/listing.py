"""How is a computation printed?

One line per operation: what the result is called and what type it has, which operation made it from what, the options that
are not at their defaults, what is kept for the backward pass, and the module that called it.

    %3: f32[32,256] = relu %2  keeps y  32 kB  mlp.1

A `Listing` is such lines as data. It is what tapes and programs have in common, and what is drawn.

Read next: `tape.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd.errors import argument_text
from autograd.node import type_text


class Literal(str):
    """An operand that is written out instead of named: a number, the type of a constant array, or `const`."""

    __slots__ = ()


CONST = Literal("const")


class Kept(NamedTuple):
    """An array that an operation keeps for its rules.

    name:     what the rules call it: 'a', 'y'
    bytes:    of the memory that it keeps alive (a view keeps all of what it looks into)
    storage:  a number for that memory: two with the same number share it, and it counts once
    """

    name: str
    bytes: int
    storage: int


class Entry(NamedTuple):
    """One value of a tape: a leaf, an input or a constant it started from, or the result of an operation.

    name:        what the operands of other entries call it: 'w1', or '%3' for the third operation
    op:          'matmul', ...; or of what nobody computed: 'parameter' (a leaf with a name), 'input', 'constant'
    slots:       the operands in argument order, by name; a `Literal` is a constant written out. `x * x` names x twice
    labels:      what the operation calls its operands: ('a', 'b')
    shape, dtype: of the value
    options:     the arguments that are not at their defaults, as text: (('axis', '1'),)
    keeps:       the names of the arrays it keeps for the backward pass, or kept
    kept:        these arrays, with what they take; empty once they are freed
    freed:       has a backward pass used them up?
    scope:       the calls of modules it was made in, from the outermost in: (('layer1', 'Block'), ('layer1.conv', 'Conv2d'))
    """

    name: str
    op: str
    slots: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    shape: tuple[int, ...] = ()
    dtype: Any = None
    options: tuple[tuple[str, str], ...] = ()
    keeps: tuple[str, ...] = ()
    kept: tuple[Kept, ...] = ()
    freed: bool = False
    scope: tuple[tuple[str, str], ...] = ()

    @property
    def type(self) -> str:
        """'f32[32,256]'."""
        return type_text(self.shape, self.dtype) if self.dtype is not None else "tuple"

    @property
    def size(self) -> int:
        return int(np.prod(self.shape))

    @property
    def kept_bytes(self) -> int:
        """What the operation keeps; memory that it keeps twice counts once."""
        return sum({kept.storage: kept.bytes for kept in self.kept}.values())

    @property
    def expression(self) -> str:
        """'sum %3 axis=1'."""
        return " ".join([self.op, *self.slots, *(f"{name}={value}" for name, value in self.options)])


class Listing:
    """A tape or a program as text: where it starts, one line per operation, and what it comes to.

    leaves:   the entries nobody computed
    ops:      the operations, in order
    outputs:  the names of the results
    """

    kind = "listing"

    def __init__(self, leaves: Sequence[Entry], ops: Sequence[Entry], outputs: Sequence[str]) -> None:
        self.leaves = tuple(leaves)
        self.ops = tuple(ops)
        self.outputs = tuple(outputs)
        self._places: dict[str, Entry] | None = None

    def __len__(self) -> int:
        return len(self.ops)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.ops)

    def __getitem__(self, name: str) -> Entry:
        """The entry of this name: tape['w1'], tape['%3']."""
        if self._places is None:
            self._places = {entry.name: entry for entry in (*self.leaves, *self.ops)}
        if name not in self._places:
            raise KeyError(f"there is no {name!r} on this {self.kind}; its {len(self.leaves)} leaves are called "
                           f"{', '.join(e.name for e in self.leaves[:8])}, its {len(self.ops)} operations %1, %2, ...")
        return self._places[name]

    def text(self, max_lines: int | None = None) -> str:
        """The listing. With `max_lines`, long ones are cut in the middle, and the cut says how many lines it hides."""
        left = [f"  {entry.name}: {entry.type}" for entry in self.ops]
        middle = [entry.expression for entry in self.ops]
        keeps = [kept_text(entry) for entry in self.ops]
        modules = [entry.scope[-1][0] if entry.scope else "" for entry in self.ops]
        sizes = [bytes_text(entry.kept_bytes) if entry.kept_bytes else "" for entry in self.ops]
        widths = [min(max(map(len, column), default=0), limit) for column, limit in ((left, 30), (middle, 60), (keeps, 30), (sizes, 10))]
        rows = [f"{a:<{widths[0]}} = {b:<{widths[1]}}  {c:<{widths[2]}}  {d:>{widths[3]}}  {e}".rstrip()
                for a, b, c, d, e in zip(left, middle, keeps, sizes, modules)]
        if max_lines is not None and len(rows) > max_lines:
            head = max_lines // 2
            hidden = len(rows) - head - (max_lines - head - 1)
            rows[head: head + hidden] = [f"  ... {hidden:,} more operations"]
        return "\n".join([*self._head(), *rows, *self._foot()])

    def _head(self) -> list[str]:
        return [wrapped(f"{self.kind}(", [f"{leaf.name}: {leaf.type}" for leaf in self.leaves])]

    def _foot(self) -> list[str]:
        return []

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        return self.text(max_lines=60)


# ---- names and options ---------------------------------------------------------------------------------------------


def unique(names: Sequence[str]) -> list[str]:
    """The same names, with x0, x1, ... in place of empty ones and w, w.2, w.3 in place of w, w, w."""
    taken, result = set(names), []
    used: set[str] = set()
    spare = (f"x{i}" for i in range(len(names) * 2 + 1))
    for name in names:
        if not name:
            name = next(n for n in spare if n not in taken)
        elif name in used:
            i = 2
            while f"{name}.{i}" in used or f"{name}.{i}" in taken:
                i += 1
            name = f"{name}.{i}"
        used.add(name)
        result.append(name)
    return result


def printable(name: str) -> str:
    """A user's name on one line, and not to be taken for anything else: quoted unless it is made of letters, digits, . _ [ ]."""
    plain = re.fullmatch(r"\w[\w.\[\]]*", name) and not re.fullmatch(r"[\d.]+|const|None|True|False|nan|inf", name)
    return name if plain or not name else repr(name)


def one_line(name: str) -> str:
    """A name without line breaks and other control characters."""
    return name if name.isprintable() else repr(name)[1:-1]


def options_of(p: Any, params: Sequence[Any]) -> tuple[tuple[str, str], ...]:
    """The arguments that are not at their defaults."""
    return tuple((name, option_text(value)) for name, value in zip(p.params, params)
                 if not (name in p.defaults and same(value, p.defaults[name])))


def same(a: Any, b: Any) -> bool:
    """Are two options the same? Arrays are not compared."""
    return a is b or (type(a) is type(b) and not hasattr(a, "shape") and isinstance(a, (bool, int, float, str)) and a == b)


def option_text(value: Any) -> str:
    """An option in the fewest letters: '1', '(0,2)', '[:,None,i64[3]]'."""
    if isinstance(value, slice):
        parts = ["" if v is None else option_text(v) for v in (value.start, value.stop, value.step)]
        return ":".join(parts if value.step is not None else parts[:2])
    if value is Ellipsis:
        return "..."
    if isinstance(value, np.dtype):
        return value.name
    if isinstance(value, (tuple, list)):
        inner = ",".join(option_text(v) for v in value)
        return f"[{inner}]" if isinstance(value, list) else f"({inner},)" if len(value) == 1 else f"({inner})"
    if callable(value):
        return getattr(value, "__name__", type(value).__name__)
    return argument_text(value)


# ---- words --------------------------------------------------------------------------------------------------------


def bytes_text(n: int) -> str:
    """'98 kB': a size in at most three digits; 1 kB is 1024 bytes."""
    size, unit = float(n), "B"
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if size < 999.5 or unit == "TB":
            break
        size /= 1024
    return f"{size:.0f} {unit}" if unit == "B" or size >= 9.95 else f"{size:.1f} {unit}"


def count(n: int, noun: str) -> str:
    return f"{n:,} {noun}" + ("" if n == 1 else "s")


def kept_text(entry: Entry) -> str:
    return f"{'freed' if entry.freed else 'keeps'} {', '.join(entry.keeps)}" if entry.keeps else ""


def wrapped(start: str, items: Sequence[str], end: str = ")", width: int = 110) -> str:
    """`start` and the items, separated by commas; broken into lines that are indented under the first item."""
    lines, line = [], start
    for i, item in enumerate(items):
        item += "," if i < len(items) - 1 else end
        if len(line) + len(item) > width and line.strip() and line != start:
            lines.append(line.rstrip())
            line = " " * len(start)
        line += item + " "
    return "\n".join([*lines, line.rstrip() if items else line + end])
