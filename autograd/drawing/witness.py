"""What has happened?

A `Witness` is the observer behind `drawing.record`: it is told of every operation and of every step of a backward pass, and writes
down what a picture needs - statistics, times, lines - in `Seen`s, in the order in which things happened. It changes nothing.

Values are recognised by their arrays, as in `tracer.py`, and by their nodes. But a witness keeps no array alive, it only holds weak
references, so an `id` counts while its array lives. (NumPy's scalars have no weak references. They are kept, for as long as
it watches.) Three things are seen that no tape can tell:

* operations without a gradient: comparisons, casts to integers, everything under `no_grad()`;
* detached values: an operand without a node, whose array we know from a result that has one, was detached. It gets an
  operation of its own, `detach` (or `data`, if it is a view that `.data` or `.numpy()` gave);
* leaves that were written to: from then on they are another value, `w.2`.

Read next: `seen.py`.
"""

from __future__ import annotations

import itertools
import time
import weakref
from typing import Any

import numpy as np

from autograd.drawing.cuts import DATA, DETACH
from autograd.drawing.graph import Stats
from autograd.drawing.seen import Look, Seen, called, nbytes, user_line, window
from autograd.errors import argument_text
from autograd.listing import Kept, Literal, options_of
from autograd.node import FREED, Leaf, Node, Observer, get_mode
from autograd.primitive import Primitive
from autograd.program import OPERATORS, mapped
from autograd.random import watched
from autograd.tape import arrays_in, leaf_name, owner_of, scopes, storage
from autograd.tensor import Tensor
from autograd.tracer import stands_alone, type_of


class Witness(Observer):
    """Watches a computation.

    values:  'stats' or 'none': numbers about every value and gradient?
    timed:   run each forward function once more, right there and on the same arrays, to measure how long it takes?
    lines:   note the user's line of each operation?
    outer:   who was watching already, and is told everything, too

    seen:    what there is, by place, in the order it was met
    nodes:   the place of each node that is alive
    passes:  how much there was when each backward pass began
    looks:   where Python asked for values
    """

    def __init__(self, values: str = "stats", timed: bool = False, lines: bool = False) -> None:
        self.values, self.timed, self.lines = values, timed, lines
        self.outer: Observer | None = None
        self.seen: list[Seen] = []
        self.nodes: weakref.WeakKeyDictionary[Node, int] = weakref.WeakKeyDictionary()
        self.passes: list[int] = []
        self.looks: list[Look] = []
        self._arrays: dict[int, tuple[Any, int]] = {}  # by id: a weak reference, and the place
        self._scalars: dict[int, tuple[Any, int]] = {}  # by id: the scalar itself, and the place
        self._tensors: dict[int, tuple[Any, int]] = {}  # of scalars, by id: a weak reference to the Tensor, and the place
        self._windows: dict[Any, tuple[Any, int]] = {}  # the same, by address, shape and strides
        self._twins: dict[tuple[int, str], int] = {}  # the detached value of a place
        self._detached: dict[int, str] = {}  # the line where it was detached last
        self._storages: dict[int, tuple[Any, int]] = {}  # by id: who owns the memory, and its number
        self._numbers = itertools.count()
        self._begun = False

    @property
    def traces(self) -> bool:  # type: ignore[override]
        """A tracer that watches, too, needs the backward pass as operations."""
        return self.outer is not None and self.outer.traces

    # ---- what it is told ----------------------------------------------------------------------------------------------

    def __call__(self, primitive: Primitive, arrays: tuple[Any, ...], nodes: tuple[Node | None, ...], params: tuple[Any, ...],
                 results: tuple[Any, ...], tensor: Tensor) -> None:
        if self.outer is not None:
            self.outer(primitive, arrays, nodes, params, results, tensor)
        if not stands_alone(tensor._array):  # True exists once for all: an array of its own can be recognised
            tensor._array = np.array(tensor._array)
        operands = [self.place(array, node) for array, node in zip(arrays, nodes)]
        labels = [f"{primitive.inputs[0]}[{i}]" for i in range(len(arrays))] if primitive.sequence else list(primitive.inputs)
        for name, option in zip(primitive.params, params):
            for place in self.inside(option):
                operands.append(place)
                labels.append(name)
        y = results[0]
        shape, dtype = type_of(y)
        seen = Seen("op", primitive.name, shape, dtype, nbytes(y), "", tuple(operands), tuple(labels), options_of(primitive, params),
                    primitive=primitive, active=tensor.node is not None, scope=scopes(get_mode().scope), value=self.stats(y),
                    line=self.line())
        if tensor.node is not None:
            seen.kept = self.kept_by(tensor.node)
        if self.timed:
            seen.seconds = self.seconds(primitive, arrays, params)
        self.add(seen, tensor._array, tensor.node)
        if not tensor.ndim:
            self._tensors[id(tensor)] = weakref.ref(tensor), len(self.seen) - 1

    def pulled(self, node: Node, g: Any, sent: tuple[Any, ...], seconds: float) -> None:
        if self.outer is not None:
            self.outer.pulled(node, g, sent, seconds)
        place = self.nodes.get(node)
        if place is None:
            return
        if not self._begun:
            self.passes.append(len(self.seen))
            self._begun = True
        seen = self.seen[place]
        seen.reached, seen.freed = True, node.saved is FREED
        seen.gradient, seen.sent = self.stats(g), ()
        if self.timed:
            seen.backward_seconds = seconds
        if seen.gradient is not None:
            scalars = all(np.size(x) == 1 for x in (g, *sent) if x is not None)
            if scalars or (seen.gradient.finite and not all(np.isfinite(x).all() for x in sent if x is not None)):
                seen.sent = tuple(None if x is None else Stats.of(x) for x in sent)

    def arrived(self, cotangents: dict[Node, Any]) -> None:
        if self.outer is not None:
            self.outer.arrived(cotangents)
        self._begun = False
        for node, g in cotangents.items():
            place = self.nodes.get(node)
            if place is not None:
                self.seen[place].gradient, self.seen[place].reached = self.stats(g), True

    def refuse_value(self, tensor: Tensor, what: str) -> None:
        if self.outer is not None:
            self.outer.refuse_value(tensor, what)
        place = self.find(tensor)
        if place is not None and self.seen[place].active:
            self.looks.append(Look(place, what, self.line()))

    def detached(self, tensor: Tensor) -> None:
        if self.outer is not None:
            self.outer.detached(tensor)
        place = self.find(tensor)
        if place is not None:
            self._detached[place] = self.line()

    # ---- places -------------------------------------------------------------------------------------------------------

    def add(self, seen: Seen, array: Any, node: Node | None) -> int:
        """A new value."""
        place = len(self.seen)
        self.seen.append(seen)
        if node is not None:
            self.nodes[node] = place
            seen.node = weakref.ref(node)
        if isinstance(array, np.ndarray):
            self._arrays[id(array)] = weakref.ref(array), place
            self._windows[window(array)] = self._arrays[id(array)]
        elif stands_alone(array):
            self._scalars[id(array)] = array, place
        return place

    def known(self, array: Any) -> int | None:
        """The place of an array that was seen before."""
        reference, place = self._arrays.get(id(array), (None, -1))
        if reference is not None and reference() is array:
            return place
        scalar, place = self._scalars.get(id(array), (None, -1))
        return place if scalar is not None and scalar is array else None

    def find(self, tensor: Tensor) -> int | None:
        """The place of a Tensor, also when the watch is over."""
        if tensor.node is not None:
            return self.nodes.get(tensor.node)
        place = self.known(tensor._array)
        if place is None:
            reference, at = self._tensors.get(id(tensor), (None, -1))
            place = at if reference is not None and reference() is tensor else None
        return place

    def place(self, array: Any, node: Node | None = None) -> int | Literal:
        """Where an operand comes from; a number that nobody computed is written out."""
        if node is not None:
            place = self.nodes.get(node)
            if place is None:
                place = None if isinstance(node, Leaf) else self.known(array)
                if place is None:
                    return self.start(array, node)
                self.nodes[node] = place  # a call that was checkpointed: one node for what we have seen piece by piece
                self.adopt(place, node)
                return place
            return place if self.unwritten(place, array) else self.start(array, node)
        place = self.known(array)
        if place is not None:
            if self.seen[place].active:
                return self.twin(place, DETACH)
            return place if self.unwritten(place, array) else self.start(array, None, self.seen[place].name)
        if isinstance(array, np.ndarray):
            reference, place = self._windows.get(window(array), (None, -1))
            if reference is not None and reference() is not None and array.base is not None and self.seen[place].active:
                return self.twin(place, DATA)
            if array.ndim:
                return self.start(array, None)
        return Literal(argument_text(array))

    def start(self, array: Any, node: Node | None, name: str = "", kind: str = "") -> int:
        """Something that nobody computed, or not while we watched: a leaf, an input, a constant."""
        if not name and not kind and (node is None or (isinstance(node, Leaf) and not node.name)):
            name, kind = called(array)
        name = name or leaf_name(node) or ""
        kind = kind or ("constant" if node is None else "parameter" if leaf_name(node) else "input")
        seen = Seen(kind, kind, *type_of(array), nbytes(array), name, active=node is not None, value=self.stats(array))
        seen.mark = self.mark(array)
        return self.add(seen, array, node)

    def twin(self, place: int, op: str) -> int:
        """The same value, detached."""
        if (place, op) not in self._twins:
            of = self.seen[place]
            self.seen.append(Seen("op", op, of.shape, of.dtype, of.bytes, "", (place,), ("x",), scope=scopes(get_mode().scope),
                                  value=of.value, line=self._detached.get(place, "") or self.line()))
            self._twins[place, op] = len(self.seen) - 1
        return self._twins[place, op]

    def inside(self, option: Any) -> list[int]:
        """The places of values that were computed and stand in an option."""
        found: list[int] = []

        def look(part: Any) -> None:
            place = self.find(part) if isinstance(part, Tensor) else self.known(part) if isinstance(part, np.ndarray) else None
            if place is not None and self.seen[place].kind == "op":
                found.append(place)

        mapped(option, look)
        return found

    def mark(self, array: Any) -> Any:
        """What changes if somebody writes to the array: which one it is, and its sum."""
        if self.values == "none" or np.ndim(array) == 0:
            return id(array) if isinstance(array, np.ndarray) else None
        with np.errstate(all="ignore"):
            return id(array), np.asarray(array.sum()).tobytes()

    def unwritten(self, place: int, array: Any) -> bool:
        seen = self.seen[place]
        return seen.kind == "op" or (seen.mark == self.mark(array) and seen.shape == np.shape(array))

    # ---- measurements -------------------------------------------------------------------------------------------------

    def stats(self, value: Any) -> Stats | None:
        if self.values == "none" or isinstance(value, tuple):
            return None
        with np.errstate(all="ignore"):
            return Stats.of(value)

    def seconds(self, primitive: Primitive, arrays: tuple[Any, ...], params: tuple[Any, ...]) -> float | None:
        """How long the forward function takes: it runs once more. Random numbers that it draws are put back."""
        forward: Any = OPERATORS[primitive.operator, len(arrays)] if primitive.operator else primitive.forward
        options = {} if primitive.operator else dict(zip(primitive.params, params))
        given = (arrays,) if primitive.sequence else arrays
        with np.errstate(all="ignore"), watched() as drawn:
            try:
                start = time.perf_counter()
                forward(*given, **options)
                return time.perf_counter() - start
            except Exception:  # a warning that is an error here, say: no time is known then
                return None
            finally:
                for generator, state in drawn.values():
                    generator.bit_generator.state = state

    def kept_by(self, node: Node) -> tuple[Kept, ...]:
        """What a node keeps, as the tape tells it; shared memory has one number."""
        pullback: Any = node.pullback
        saved = dict(zip(pullback.primitive.keeps, node.saved))
        return tuple(Kept(name, storage(owner)[1], self.number(owner)) for name in pullback.keeps
                     if not name.endswith(("_shape", "_shapes")) for array in arrays_in(saved[name]) for owner in (owner_of(array),))

    def number(self, owner: Any) -> int:
        """A number for a piece of memory; another one, if another one has its place now."""
        held, number = self._storages.get(id(owner), (None, -1))
        if (held() if isinstance(held, weakref.ref) else held) is not owner or held is None:
            number = next(self._numbers)
            self._storages[id(owner)] = weakref.ref(owner) if isinstance(owner, np.ndarray) else owner, number
        return number

    def adopt(self, place: int, node: Node) -> None:
        """A call that was checkpointed has become one node. What we saw of it piece by piece keeps nothing any more."""
        self.seen[place].node, self.seen[place].kept = weakref.ref(node), self.kept_by(node)
        place -= 1
        while place >= 0 and self.seen[place].node is not None and self.seen[place].node() is None and not self.seen[place].freed:
            self.seen[place].kept = ()
            place -= 1

    def line(self) -> str:
        return user_line() if self.lines else ""

    def close(self) -> None:
        """The watch is over: let go of the scalars that were kept to be recognised."""
        self._scalars.clear()
        self._storages.clear()
