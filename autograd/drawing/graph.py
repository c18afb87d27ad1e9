"""What is in a graph?

A `GraphIR` says everything about a computation that a picture, a listing or a diagnosis may want to know, and nothing about
how it looks: the values and operations in the order of the tape, their operands in argument order, what each keeps for the
backward pass, the modules they were computed in, and - where somebody knew them - numbers about their values and gradients,
times and source lines. It is captured once (`capture.py`) and never changes; every picture is a function of it.

It holds text and numbers, no arrays, so it keeps nothing alive; and it is written to a file and read back without loss:
`from_json(to_json(graph)) == graph`. What the JSON looks like is said in `schema.json`.

Read next: `capture.py`.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np

from autograd.drawing.reader import comparable, fields, reader
from autograd.listing import Kept
from autograd.node import type_text

FORMAT = 1
"""The version of the JSON. A reader refuses any other."""

# The states of a gradient, and the mark that shows each. A gradient that is known is a number, and `0` if it is exactly zero.
KNOWN, ZERO, NOT_COMPUTED, NOT_KEPT, UNREACHABLE = "known", "zero", "not computed", "not kept", "unreachable"
STATES = (KNOWN, ZERO, NOT_COMPUTED, NOT_KEPT, UNREACHABLE)
MARKS = {ZERO: "0", NOT_COMPUTED: "·", NOT_KEPT: "∅", UNREACHABLE: "⊥"}

KINDS = ("parameter", "input", "constant", "op")

LARGEST_CIRCUIT = 40
"""A graph of scalars with more operations than this is no circuit to read off a blackboard."""


def is_circuit(ops: int, values: Iterable[Any]) -> bool:
    """Is everything a scalar, and little enough for a blackboard? (Values are nodes, or the entries of a tape.)"""
    return ops <= LARGEST_CIRCUIT and all(value.size == 1 and value.dtype for value in values)


FEW = 8
"""Of arrays up to this size the elements themselves are kept."""


class Stats(NamedTuple):
    """What a picture says about an array. Minimum, maximum, mean and root mean square are those of the finite elements.

    Of complex numbers these are the numbers of their magnitudes.
    """

    size: int
    minimum: float
    maximum: float
    mean: float
    rms: float
    nans: int
    infs: int
    zeros: int
    first: tuple[float | int | bool | complex, ...] = ()

    @classmethod
    def of(cls, array: Any) -> Stats:
        """The statistics of an array or a number."""
        a = np.asarray(array)
        if a.dtype.kind in "fc" and a.dtype.itemsize > (8 if a.dtype.kind == "f" else 16):
            a = a.astype(np.float64 if a.dtype.kind == "f" else np.complex128)
        first = tuple(comparable(x) for x in a.reshape(-1).tolist()) if a.size <= FEW else ()
        magnitudes = np.abs(a) if a.dtype.kind == "c" else a
        wide = magnitudes.astype(np.float64, copy=False).reshape(-1)
        finite = wide
        nans = infs = 0
        if a.dtype.kind in "fc" and not np.isfinite(wide.sum()):
            mask = np.isfinite(wide)
            nans, finite = int(np.isnan(wide).sum()), wide[mask]
            infs = wide.size - finite.size - nans
        if not finite.size:
            return cls(a.size, 0.0, 0.0, 0.0, 0.0, nans, infs, 0, first)
        top = float(np.abs(finite).max())
        with np.errstate(all="ignore"):  # scaled, so that squares of large or small numbers stay in range
            rms = top * math.sqrt(float(np.dot(finite / top, finite / top)) / finite.size) if top else 0.0
            mean = float(finite.mean())
        return cls(a.size, float(finite.min()), float(finite.max()), mean, rms, nans, infs, a.size - int(np.count_nonzero(a)), first)

    @property
    def finite(self) -> bool:
        return not (self.nans or self.infs)

    @property
    def all_zero(self) -> bool:
        """Is there something, and all of it exactly zero?"""
        return self.zeros == self.size > 0


class Operand(NamedTuple):
    """What stands in one place of an operation's argument list.

    source:  the position of the node it comes from, or -1: a constant, written out in `text`
    label:   what the operation calls it: 'a'
    text:    '2.0', the type of a constant array 'f32[3]', or 'const' for what nobody kept
    """

    source: int
    label: str = ""
    text: str = ""


class Scope(NamedTuple):
    """One call of a module: its path in the model, its class, which call of that path it is, and the scope around it, or -1."""

    path: str
    kind: str
    call: int = 0
    parent: int = -1


class GraphNode(NamedTuple):
    """A value: something a computation started from, or the result of one operation.

    name:       'w1', or '%3' for the third operation, as on the printed tape
    kind:       'parameter' (a leaf with a name), 'input', 'constant', or 'op'
    op:         the primitive's name; for what nobody computed the same as `kind`
    operands:   in argument order; `x * x` names x's node twice
    shape, dtype: of the value; the dtype is '' for a tuple
    type:       'f32[32,256]'
    options:    the arguments that are not at their defaults: (('axis', '1'),)
    bytes:      what the value itself takes
    kept:       the arrays it keeps for the backward pass, or kept before they were freed
    freed:      has a backward pass used them up?
    active:     does a gradient flow through it? (Recordings hold operations without one, too.)
    scope:      position of the innermost module call it was made in, or -1
    value:      numbers about the value, where it is known
    gradient:   numbers about the gradient of the outputs by it, where it is known
    state:      of the gradient: KNOWN, ZERO, NOT_COMPUTED, NOT_KEPT or UNREACHABLE
    seconds, backward_seconds: how long its forward function and its pull-back took, where that was recorded
    line:       'train.py:12', the line that asked for it, where that was recorded
    error:      what went wrong here, where an exception ended the computation
    sent:       numbers about what it adds to the gradient of each operand (None where it adds nothing), where that was computed
    """

    name: str
    kind: str
    op: str
    operands: tuple[Operand, ...] = ()
    shape: tuple[int, ...] = ()
    dtype: str = ""
    type: str = ""
    options: tuple[tuple[str, str], ...] = ()
    bytes: int = 0
    kept: tuple[Kept, ...] = ()
    freed: bool = False
    active: bool = True
    scope: int = -1
    value: Stats | None = None
    gradient: Stats | None = None
    state: str = NOT_COMPUTED
    seconds: float | None = None
    backward_seconds: float | None = None
    line: str = ""
    error: str = ""
    sent: tuple[Stats | None, ...] = ()

    @property
    def size(self) -> int:
        return math.prod(self.shape)

    @property
    def kept_bytes(self) -> int:
        """What this operation keeps; an array that it keeps twice counts once."""
        return sum({kept.storage: kept.bytes for kept in self.kept}.values()) if not self.freed else 0

    @property
    def expression(self) -> str:
        """'sum axis=1': the operation and its options."""
        return " ".join([self.op, *(f"{name}={value}" for name, value in self.options)])


class GraphIR(NamedTuple):
    """A computation, captured once.

    kind:       'tape', 'program', 'module' or 'recording': what it was captured from
    nodes:      in the order of the tape, leaves first: an operand stands before the operation that takes it
    outputs:    the positions of the results
    scopes:     the module calls, a caller before those it calls
    rules:      for each operation in the graph, the gradient rule of each input as its author wrote it: {'exp': {'x': 'g * y'}}
    unreached:  parameters that the outputs do not depend on, where the whole model was known
    title:      what was drawn: 'loss', 'ResNet', the name of a program
    notes:      what a reader should know, in sentences
    """

    kind: str
    nodes: tuple[GraphNode, ...]
    outputs: tuple[int, ...]
    scopes: tuple[Scope, ...] = ()
    rules: dict[str, dict[str, str]] = {}
    unreached: tuple[GraphNode, ...] = ()
    title: str = ""
    notes: tuple[str, ...] = ()

    @property
    def style(self) -> str:
        """'circuit', if everything is a scalar and there is little enough for a blackboard; else 'boxes'."""
        return "circuit" if is_circuit(sum(node.kind == "op" for node in self.nodes), self.nodes) else "boxes"

    @property
    def ops(self) -> Iterator[tuple[int, GraphNode]]:
        """The operations, with their positions."""
        return ((i, node) for i, node in enumerate(self.nodes) if node.kind == "op")

    @property
    def kept_bytes(self) -> int:
        """What all operations keep for the backward pass; memory that several share counts once."""
        return sum({kept.storage: kept.bytes for node in self.nodes if not node.freed for kept in node.kept}.values())

    def uses(self) -> list[list[tuple[int, int]]]:
        """For each node, where its value is used: (position of the operation, slot), in order."""
        found: list[list[tuple[int, int]]] = [[] for _ in self.nodes]
        for i, node in enumerate(self.nodes):
            for slot, operand in enumerate(node.operands):
                if operand.source >= 0:
                    found[operand.source].append((i, slot))
        return found

    def path(self, scope: int) -> str:
        """'layer1.0.conv1', or 'layer1.0.conv1#1' for its second call; '' outside of all modules."""
        if scope < 0:
            return ""
        s = self.scopes[scope]
        return f"{s.path or s.kind}#{s.call}" if s.call else s.path or s.kind

    def position(self, name: str) -> int:
        """The position of the node of this name. Raises KeyError, naming near ones, if there is none."""
        for i, node in enumerate(self.nodes):
            if node.name == name:
                return i
        import difflib

        near = difflib.get_close_matches(name, [node.name for node in self.nodes], n=5) or [node.name for node in self.nodes[:5]]
        raise KeyError(f"there is no {name!r} in this graph; there are {', '.join(near)}, ...")


# ---- as JSON ------------------------------------------------------------------------------------------------------


def to_json(graph: GraphIR) -> str:
    """The graph as JSON text, one node a line; fields at their defaults are left out. The same text on every machine."""
    head = {"format": FORMAT, "kind": graph.kind, "title": graph.title, "notes": graph.notes, "outputs": graph.outputs,
            "scopes": [fields(scope) for scope in graph.scopes], "rules": graph.rules,
            "unreached": [fields(node) for node in graph.unreached]}
    nodes = ",\n".join(text_of(fields(node)) for node in graph.nodes)
    return text_of(head)[:-1] + f', "nodes": [\n{nodes}\n]}}\n'


def from_json(text: str) -> GraphIR:
    """The graph that `to_json` wrote. Raises ValueError for anything else, and says what is wrong with it."""
    try:
        if not isinstance(text, (str, bytes)):
            raise ValueError(f"it is a {type(text).__name__}, and no text")
        data = json.loads(text)
        if not isinstance(data, dict):
            raise ValueError(f"it is a {type(data).__name__}, and no object with a format, nodes, ...")
        form = data.pop("format", None)
        if type(form) is not int or form != FORMAT:
            raise ValueError(f"its format is {form!r}, and this version of autograd reads format {FORMAT}")
        graph: GraphIR = reader(GraphIR)(data)
        check(graph)
        return graph
    except (ValueError, RecursionError) as error:
        raise ValueError(f"this is no graph that autograd.drawing wrote: {error}") from error


def check(graph: GraphIR) -> None:
    """Raise ValueError unless everything that is pointed at exists, and stands before what points there."""
    for i, scope in enumerate(graph.scopes):
        if not -1 <= scope.parent < i:
            raise ValueError(f"scope {i}, {scope.path!r}, is called from scope {scope.parent}, which does not stand before it")
    for i, node in enumerate((*graph.nodes, *graph.unreached)):
        if any(not -1 <= operand.source < min(i, len(graph.nodes)) for operand in node.operands):
            raise ValueError(f"{node.name} has an operand that does not stand before it")
        if not -1 <= node.scope < len(graph.scopes):
            raise ValueError(f"{node.name} is in scope {node.scope}, and there are {len(graph.scopes)}")
        if node.kind not in KINDS:
            raise ValueError(f"{node.name} is of kind {node.kind!r}, and there are {', '.join(KINDS)}")
        if node.state not in STATES or (node.gradient is not None and node.state not in (KNOWN, ZERO)):
            raise ValueError(f"the gradient of {node.name} is {'' if node.gradient is None else 'given, and '}{node.state!r}")
        if len(node.sent) not in (0, len(node.operands)):
            raise ValueError(f"{node.name} has {len(node.operands)} operands, and sends {len(node.sent)} gradients")
        if any(n < 0 for n in node.shape):
            raise ValueError(f"{node.name} has the shape {node.shape}")
    if any(not 0 <= output < len(graph.nodes) for output in graph.outputs):
        raise ValueError(f"the outputs {graph.outputs} are not all among the {len(graph.nodes)} nodes")


def text_of(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(", ", ": "))
    return HALVES.sub(lambda half: f"\\u{ord(half[0]):04x}", text)


HALVES = re.compile("[\ud800-\udfff]")
"""Halves of a surrogate pair: Python allows one alone in a text, UTF-8 does not, and JSON can write it."""


def type_of(shape: tuple[int, ...], dtype: Any) -> str:
    """'f32[32,256]', or 'tuple' for a value that is several arrays."""
    return type_text(shape, dtype) if dtype is not None else "tuple"
