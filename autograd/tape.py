"""What happened?

`Tape.of(loss)` lists the operations a result was computed by, one line each, in the order they ran:

    tape(w1: f32[784,256], b1: f32[256])
      %1: f32[32,256] = matmul f32[32,784] w1  keeps a  98 kB  mlp.0
      %2: f32[32,256] = add %1 b1                              mlp.0
      %3: f32[32,256] = relu %2                keeps y  32 kB  mlp.1
    3 ops, keeps 130 kB

A line says what the result is called and what type it has, which operation made it from what, the options that are not
at their defaults, what the operation keeps for the backward pass, and the module that called it. A constant is written
out: a number as itself, an array as its type, and `const` where no rule asked for it, so that nobody kept it.

A tape is a description. It holds no array and keeps no graph alive, and the same program prints the same text everywhere.

Read next: `program.py`, a tape that runs again on other inputs.
"""

from __future__ import annotations

import re
import weakref
from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter
from typing import Any, NamedTuple

import numpy as np

from autograd.errors import argument_text
from autograd.node import FREED, Node, Scope, type_text
from autograd.tensor import Tensor
from autograd.tree import flatten


class Literal(str):
    """An operand that is written out instead of named: a number, the type of a constant array, or `const`."""

    __slots__ = ()


CONST = Literal("const")


class Entry(NamedTuple):
    """One value of a tape: a leaf, an input or a constant it started from, or the result of an operation.

    name:        what the operands of other entries call it: 'w1', or '%3' for the third operation
    op:          'matmul', ...; or 'leaf', 'input', 'constant'
    slots:       the operands in argument order, by name; a `Literal` is a constant written out. `x * x` names x twice
    labels:      what the operation calls its operands: ('a', 'b')
    shape, dtype: of the value
    options:     the arguments that are not at their defaults, as text: (('axis', '1'),)
    keeps:       the names of the arrays it keeps for the backward pass, or kept
    kept_bytes:  what these take; 0 once they are freed
    freed:       has a backward pass used them up?
    scope:       the call of the module it belongs to, from the outermost to the innermost: ('layer1', 'layer1.conv')
    """

    name: str
    op: str
    slots: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    shape: tuple[int, ...] = ()
    dtype: Any = None
    options: tuple[tuple[str, str], ...] = ()
    keeps: tuple[str, ...] = ()
    kept_bytes: int = 0
    freed: bool = False
    scope: tuple[str, ...] = ()

    @property
    def type(self) -> str:
        """'f32[32,256]'."""
        return type_text(self.shape, self.dtype) if self.dtype is not None else "tuple"

    @property
    def size(self) -> int:
        return int(np.prod(self.shape))

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
        modules = [entry.scope[-1] if entry.scope else "" for entry in self.ops]
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


class Tape(Listing):
    """The operations that some results were computed by. Make one with `Tape.of(loss)`.

    kept_bytes:  what all of them keep for the backward pass; memory that several share is counted once

    >>> from autograd import Tape, tensor
    >>> w = tensor([1.0, 2.0], requires_grad=True, name="w")
    >>> loss = (w * w).sum()
    >>> Tape.of(loss)
    tape(w: f64[2])
      %1: f64[2] = multiply w w  keeps a, b  16 B
      %2: f64    = sum %1
    2 ops, keeps 16 B
    >>> Tape.of(loss).ops[0].slots
    ('w', 'w')
    """

    kind = "tape"

    def __init__(self, leaves: Sequence[Entry], ops: Sequence[Entry], outputs: Sequence[str], kept_bytes: int,
                 nodes: dict[str, weakref.ref[Node]]) -> None:
        super().__init__(leaves, ops, outputs)
        self.kept_bytes = kept_bytes
        self._nodes = nodes

    @classmethod
    def of(cls, *results: Any) -> Tape:
        """The tape of one or several results (Tensors, or trees of them). Raises if nothing was recorded for one."""
        roots = []
        for result in flatten(results)[0]:
            if not isinstance(result, Tensor):
                raise TypeError(f"a tape belongs to Tensors, not to {type(result).__name__}: give it what a computation on Tensors returned")
            if result.node is None:
                raise ValueError(f"there is no tape of {result._describe()}: nothing it was computed from requires grad, or it was "
                                 "detached, or computed under no_grad(). To see a function of plain arrays, use autograd.trace.")
            roots.append(result.node)
        if not roots:
            raise ValueError("Tape.of() needs a result: Tape.of(loss)")
        nodes = history(roots)
        names = named(nodes)
        memory = Memory()
        entries = [entry_of(node, names, memory) for node in nodes]
        return cls([e for e in entries if e.op == "leaf"], [e for e in entries if e.op != "leaf"], [names[root] for root in roots],
                   memory.total, {names[node]: weakref.ref(node) for node in nodes})

    def node(self, name: str) -> Node | None:
        """The node an entry describes, or None if the graph is gone."""
        return self._nodes[name]()

    def _foot(self) -> list[str]:
        freed = sum(entry.freed for entry in self.ops)
        parts = [count(len(self.ops), "op")]
        if self.kept_bytes or not freed:
            parts.append(f"keeps {bytes_text(self.kept_bytes)}")
        if freed:
            parts.append("freed by backward" if freed == len(self.ops) else f"{freed:,} of them freed by backward")
        return [", ".join(parts)]


# ---- from nodes to entries ----------------------------------------------------------------------------------------


def history(roots: Iterable[Node]) -> list[Node]:
    """Every node the roots were computed from, and they themselves, in the order of creation. Consumed graphs too."""
    stack = list(roots)
    seen = set(stack)
    while stack:
        for parent in stack.pop().inputs:
            if parent is not None and parent not in seen:
                seen.add(parent)
                stack.append(parent)
    return sorted(seen, key=attrgetter("id"))


def named(nodes: Iterable[Node]) -> dict[Node, str]:
    """Names for nodes in order: %1, %2, ... for operations, their own names or x0, x1, ... for leaves. No two are equal."""
    nodes = list(nodes)
    own = unique([printable(leaf_name(node) or "") for node in nodes if node.pullback is None])
    leaf_names, numbers = iter(own), iter(range(1, len(nodes) + 1))
    return {node: next(leaf_names) if node.pullback is None else f"%{next(numbers)}" for node in nodes}


def leaf_name(node: Node | None) -> str | None:
    return getattr(node, "name", None)


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
    return name if not name or re.fullmatch(r"(?!const$)\w[\w.\[\]]*", name) and not re.fullmatch(r"[\d.]+", name) else repr(name)


def entry_of(node: Node, names: dict[Node, str], memory: Memory) -> Entry:
    """The description of one node."""
    if node.pullback is None:
        return Entry(names[node], "leaf", shape=node.shape, dtype=node.dtype)
    p: Any = node.pullback.primitive
    freed = node.saved is FREED
    saved = {} if freed else dict(zip(p.keeps, node.saved))
    if p.sequence:
        constants = saved.get(p.inputs[0], ())
        operands = list(constants) if len(constants) == len(node.inputs) else [None] * len(node.inputs)
        labels = tuple(f"{p.inputs[0]}[{i}]" for i in range(len(node.inputs)))
    else:
        operands = [saved.get(x) for x in p.inputs]
        labels = p.inputs
    slots = tuple(names[parent] if parent is not None else literal(value) for parent, value in zip(node.inputs, operands))
    keeps = tuple(name for name in node.pullback.keeps
                  if not name.endswith(("_shape", "_shapes")) and (freed or any(True for _ in arrays_in(saved[name]))))
    return Entry(names[node], p.name, slots, labels, node.shape, node.dtype, options_of(p, node.params), keeps,
                 memory.keep(() if freed else [saved[name] for name in keeps]), freed, scopes(node.scope))


def literal(value: Any) -> Literal:
    """A constant operand: a number is written out, an array as its type."""
    return CONST if value is None else Literal(argument_text(value))


def scopes(scope: Scope | None) -> tuple[str, ...]:
    """The calls a node was made in, from the outermost in. The root of a model has no path, and is left out."""
    found = []
    while scope is not None:
        if scope.path:
            found.append(printable(scope.path) + (f"#{scope.call}" if scope.call else ""))
        scope = scope.parent
    return tuple(reversed(found))


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


# ---- what is kept -------------------------------------------------------------------------------------------------


class Memory:
    """Adds up what nodes keep alive, counting memory that several share once. A view keeps all of what it looks into."""

    def __init__(self) -> None:
        self.seen: set[int] = set()
        self.total = 0

    def keep(self, values: Iterable[Any]) -> int:
        """The bytes one node keeps."""
        own: dict[int, int] = {}
        for value in values:
            for array in arrays_in(value):
                own.update([storage(array)])
        self.total += sum(size for key, size in own.items() if key not in self.seen)
        self.seen.update(own)
        return sum(own.values())


def arrays_in(value: Any) -> Iterator[Any]:
    """The arrays in a saved value, which may be a tuple of them. Python's numbers are not arrays."""
    if isinstance(value, Tensor):
        yield value._array
    elif isinstance(value, (tuple, list)):
        for item in value:
            yield from arrays_in(item)
    elif hasattr(value, "nbytes") and not isinstance(value, Node):
        yield value


def storage(array: Any) -> tuple[int, int]:
    """Which memory an array lives in, and how much of it there is."""
    while isinstance(array, np.ndarray) and not array.flags.owndata and getattr(array.base, "nbytes", None) is not None:
        array = array.base
    if isinstance(array, np.ndarray) and not array.flags.owndata:  # made by strides alone: count what they reach
        return id(array), int(sum((n - 1) * abs(s) for n, s in zip(array.shape, array.strides)) + array.itemsize) if array.size else 0
    return id(array), int(array.nbytes)


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
