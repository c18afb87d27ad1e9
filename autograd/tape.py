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

Read next: `program.py`.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter
from typing import Any

import numpy as np

from autograd.errors import argument_text
from autograd.listing import CONST, Entry, Kept, Listing, Literal, bytes_text, count, one_line, options_of, printable, unique
from autograd.node import FREED, Node, Scope
from autograd.tensor import Tensor
from autograd.tree import flatten


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
                raise TypeError(f"a tape belongs to Tensors, not to {type(result).__name__}: give it the result of a computation")
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
        leaves = sum(node.pullback is None for node in nodes)
        entries.sort(key=lambda entry: entry.name.startswith("%"))
        return cls(entries[:leaves], entries[leaves:], [names[root] for root in roots], memory.total,
                   {names[node]: weakref.ref(node) for node in nodes})

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


def entry_of(node: Node, names: dict[Node, str], memory: Memory) -> Entry:
    """The description of one node."""
    if node.pullback is None:
        return Entry(names[node], "parameter" if leaf_name(node) else "input", shape=node.shape, dtype=node.dtype)
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
                 () if freed else memory.held((name, saved[name]) for name in keeps), freed, scopes(node.scope))


def literal(value: Any) -> Literal:
    """A constant operand: a number is written out, an array as its type."""
    return CONST if value is None else Literal(argument_text(value))


def scopes(scope: Scope | None) -> tuple[tuple[str, str], ...]:
    """The calls a node was made in, as (path, class), from the outermost in. The root of a model has no path, and is left out."""
    found = []
    while scope is not None:
        if scope.path:
            found.append((one_line(repr(scope)), one_line(scope.kind)))
        scope = scope.parent
    return tuple(reversed(found))


# ---- what is kept -------------------------------------------------------------------------------------------------


class Memory:
    """Adds up what nodes keep alive, counting memory that several share once. A view keeps all of what it looks into.

    storages:  a number for each memory, in the order in which they were met
    total:     the bytes of all of them
    """

    def __init__(self) -> None:
        self.storages: dict[int, int] = {}
        self.total = 0

    def held(self, saved: Iterable[tuple[str, Any]]) -> tuple[Kept, ...]:
        """The arrays that one node keeps, by the names its rules give them."""
        found = []
        for name, value in saved:
            for array in arrays_in(value):
                memory, size = storage(array)
                if memory not in self.storages:
                    self.storages[memory] = len(self.storages)
                    self.total += size
                found.append(Kept(name, size, self.storages[memory]))
        return tuple(found)


def arrays_in(value: Any) -> Iterator[Any]:
    """The arrays in a saved value, which may be a tuple of them. Python's numbers are not arrays."""
    if isinstance(value, Tensor):
        yield value._array
    elif isinstance(value, (tuple, list)):
        for item in value:
            yield from arrays_in(item)
    elif hasattr(value, "nbytes") and not isinstance(value, Node):
        yield value


def owner_of(array: Any) -> Any:
    """Whose memory an array is in."""
    while isinstance(array, np.ndarray) and not array.flags.owndata and getattr(array.base, "nbytes", None) is not None:
        array = array.base
    return array


def storage(array: Any) -> tuple[int, int]:
    """Which memory an array lives in, and how much of it there is."""
    array = owner_of(array)
    if isinstance(array, np.ndarray) and not array.flags.owndata:  # made by strides alone: count what they reach
        return id(array), int(sum((n - 1) * abs(s) for n, s in zip(array.shape, array.strides)) + array.itemsize) if array.size else 0
    return id(array), int(array.nbytes)
