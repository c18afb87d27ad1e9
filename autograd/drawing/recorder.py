"""How is everything recorded that happens?

    with drawing.record() as record:
        loss = model(x).sum()
        loss.backward()
    draw(record, loss).save("step.html")

A tape holds what a gradient needs. A `Record` holds every operation of a block: those without a gradient too, and of each
its value and gradient in numbers, its time, and its line in the user's code. It is how `draw(model, x)` sees a model, and
how `on_error` (`failure.py`) sees what went before an exception.

A record only watches (`witness.py`): results, gradients and random numbers are those of the same block without it.

Read next: `witness.py`.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.drawing.capture import Scopes, local_rules
from autograd.drawing.gradients import gradients_of
from autograd.drawing.graph import KNOWN, NOT_COMPUTED, NOT_KEPT, UNREACHABLE, ZERO, GraphIR, GraphNode, Operand, Stats, is_circuit, type_of
from autograd.drawing.seen import Seen
from autograd.drawing.witness import Witness
from autograd.listing import Literal, count, printable, unique
from autograd.node import FREED, MODE, Mode, Node, get_mode
from autograd.primitive import REGISTRY, Primitive
from autograd.random import watched
from autograd.tape import history
from autograd.tensor import Tensor, constant_tensor, tensor
from autograd.tracer import argument_names
from autograd.tree import flatten, map_tree

if TYPE_CHECKING:
    from autograd.drawing.failure import OnError


def record(values: str = "stats", time: bool = True, lines: bool = True) -> Record:
    """A block in which every operation is recorded: `with record() as r: ...`, and then `draw(r)` or `r.graph()`.

    values:  'stats': numbers about each value and gradient; 'none'
    time:    how long each operation takes. Its forward function runs once more for that, on the same arrays, and so does each
             step of a backward pass: the block takes about twice as long
    lines:   the line of the user's code that asked for the operation, as 'train.py:12'

    >>> from autograd import drawing, no_grad, tensor
    >>> w = tensor([1.0, 2.0], requires_grad=True, name="w")
    >>> with drawing.record() as record:
    ...     with no_grad():
    ...         big = w > 1.0
    ...     loss = (w * big).sum()
    >>> [node.op for _, node in record.graph(loss).ops]
    ['greater', 'multiply', 'sum']

    Raises ValueError for another choice of values.
    """
    return Record(values, time, lines)


def on_error(file: Any = None, show: bool = True, values: str = "none") -> OnError:
    """A block in which an exception prints the graph up to what failed: `with on_error(): ...`.

    file:    a path to save the picture to, too: 'failure.html'
    show:    print the graph as text?
    values:  'stats' for numbers about each value, so that a NaN is found; it takes a little time

    The exception goes on as it is. After it, `.drawing` of what `as` named is the picture. Everything in the block is recorded: of a
    long training put it around one step.
    """
    from autograd.drawing.failure import OnError

    return OnError(file, show, values)


class Record:
    """What happened in a block. It holds text and numbers, and keeps nothing alive.

    witness:  the observer that wrote it
    """

    def __init__(self, values: str = "stats", time: bool = True, lines: bool = True) -> None:
        if values not in ("stats", "none"):
            raise ValueError(f"record(values={values!r}): values is one of 'stats', 'none'")
        self.witness = Witness(values, time, lines)
        self._token: Any = None
        self._used = False

    def __enter__(self) -> Record:
        if self._used:
            raise RuntimeError("a record is of one block: write 'with drawing.record() as another:' for another one")
        self._used = True
        mode = get_mode()
        self.witness.outer = mode.observer
        self._token = MODE.set(Mode(mode.recording, mode.scope, self.witness))
        return self

    def __exit__(self, *_: object) -> None:
        MODE.reset(self._token)
        self._token = None
        self.witness.close()

    def __len__(self) -> int:
        return sum(seen.kind == "op" for seen in self.witness.seen)

    def __repr__(self) -> str:
        return f"<record of {count(len(self), 'operation')}>"

    def place(self, result: Any) -> int:
        """Where a Tensor of the block is among `witness.seen`. Raises ValueError for one that was not seen there."""
        if not isinstance(result, Tensor):
            raise TypeError(f"a result of the recorded block is a Tensor, not {type(result).__name__}")
        place = self.witness.find(result)
        if place is None:
            raise ValueError(f"{result._describe()} was not seen in this recorded block: compute it inside of 'with drawing.record()'")
        return place

    def graph(self, *outputs: Any, title: str = "") -> GraphIR:
        """The graph of what happened.

        outputs:  results (or trees of them): only what they were computed from is in the graph. Without any it is everything,
                  and its outputs are the results that nobody used

        Raises ValueError for a result that was not computed in the block.
        """
        seen = self.witness.seen
        if outputs:
            places = [self.place(result) for result in flatten(outputs)[0]]
            return written(self.witness, ancestors(seen, places), places, "recording", title)
        used = {operand for s in seen for operand in s.operands if isinstance(operand, int)}
        unused = [i for i, s in enumerate(seen) if s.kind == "op" and i not in used]
        return written(self.witness, range(len(seen)), unused, "recording", title)


def graph_of_record(record: Record, *outputs: Any, title: str = "") -> GraphIR:
    """The graph of a recorded block, or of some of its results: what `draw(record)` and `draw(record, loss)` show."""
    return record.graph(*outputs, title=title)


def ancestors(seen: list[Seen], places: Iterable[int]) -> list[int]:
    """What these values were computed from, and they themselves, in order."""
    found, stack = set(places), list(places)
    while stack:
        for operand in seen[stack.pop()].operands:
            if isinstance(operand, int) and operand not in found:
                found.add(operand)
                stack.append(operand)
    return sorted(found)


# ---- as a graph -------------------------------------------------------------------------------------------------------


def order_of(seen: list[Seen], places: Iterable[int]) -> list[int]:
    """Leaves first, then operations, each in the order they were met."""
    return sorted(places, key=lambda place: (seen[place].kind == "op", place))


def located(record: Record, outputs: list[int]) -> tuple[GraphIR, dict[int, int]]:
    """The graph behind these places, and where each place is in it."""
    order = order_of(record.witness.seen, ancestors(record.witness.seen, outputs))
    return written(record.witness, order, outputs, "recording"), {place: i for i, place in enumerate(order)}


def written(witness: Witness, places: Iterable[int], outputs: Iterable[int], kind: str, title: str = "",
            unreached: tuple[GraphNode, ...] = (), notes: tuple[str, ...] = ()) -> GraphIR:
    """The values at these places as a graph: leaves first, named as on a tape."""
    seen = witness.seen
    order = order_of(seen, places)
    position = {place: i for i, place in enumerate(order)}
    names = names_of([seen[place] for place in order])
    scopes, storages = Scopes(), dict[int, int]()
    last = max(witness.passes, default=-1)
    nodes = []
    for place, name in zip(order, names):
        s = seen[place]
        operands = tuple(Operand(-1, label, str(operand)) if isinstance(operand, Literal) else Operand(position[operand], label)
                         for operand, label in zip(s.operands, s.labels))
        kept = tuple(k._replace(storage=storages.setdefault(k.storage, len(storages))) for k in s.kept)
        node = s.node() if s.node is not None else None
        dtype = np.dtype(s.dtype).name if s.dtype is not None else ""
        form = type_of(s.shape, s.dtype) if s.dtype is not None or not s.error else ""
        freed = s.freed or (node is not None and node.saved is FREED)
        nodes.append(GraphNode(name, s.kind, s.op, operands, s.shape, dtype, form, s.options, s.bytes, kept, freed, s.active,
                               scopes.position(s.scope), s.value, s.gradient, s.state or state_of(s, place < last), s.seconds,
                               s.backward_seconds, s.line, s.error, s.sent))
    named: dict[str, Primitive] = {p.name: p for p in reversed(REGISTRY.values())} | {s.op: s.primitive for s in seen if s.primitive}
    rules = {op: local_rules(named[op]) for op in sorted({node.op for node in nodes if node.kind == "op"}) if op in named}
    return GraphIR(kind, tuple(nodes), tuple(dict.fromkeys(position[place] for place in outputs)), tuple(scopes.table), rules, unreached,
                   title, notes)


def names_of(values: list[Seen]) -> list[str]:
    """Names as on a tape: w or x0, x1, ... for leaves, c0, c1, ... for constants, %1, %2, ... for operations."""
    leaves = [s for s in values if s.kind != "op"]
    taken = {s.name for s in leaves}
    spare = (name for i in itertools.count() if (name := f"c{i}") not in taken)
    own = iter(unique([printable(s.name) if s.name or s.kind != "constant" else next(spare) for s in leaves]))
    numbers = itertools.count(1)
    return [f"%{next(numbers)}" if s.kind == "op" else next(own) for s in values]


def state_of(seen: Seen, before_a_pass: bool) -> str:
    """The state of a gradient after the backward passes of the block."""
    if seen.gradient is not None:
        return ZERO if seen.gradient.all_zero else KNOWN
    if seen.reached:
        return NOT_KEPT
    return UNREACHABLE if before_a_pass and seen.active else NOT_COMPUTED


# ---- a module ---------------------------------------------------------------------------------------------------------


def graph_of_module(module: Any, *inputs: Any, values: str = "auto", grads: str = "auto", title: str = "", **options: Any) -> GraphIR:
    """The graph of one call of a module.

    inputs:   what to call it with; a tuple of integers stands for float32 zeros of that shape
    values:   'none', or else numbers about every value
    grads:    'auto' (computed for circuits, else those in .grad), 'compute' (of the outputs' sum), 'kept', 'none'
    options:  keyword arguments of the call

    The module is called once, in the mode that it is in. Running statistics and random generators are left as they were.
    Raises what the module raises.
    """
    args: Any = [constant_tensor(np.zeros(x, np.float32)) if isinstance(x, tuple) and x and all(isinstance(n, int) for n in x) else x
                 for x in inputs]
    args, options = map_tree(as_tensor, args), map_tree(as_tensor, options)
    witness = Witness("none" if values == "none" else "stats")
    parameters = dict(module.named_parameters())
    held = {name: witness.start(p._array, p.node, name, "parameter") for name, p in parameters.items()}
    for name, buffer in module.named_buffers():
        witness.start(buffer._array, None, name, "constant")
    given = flatten([args, options])[0]
    names = [*argument_names(getattr(module, "forward", module), tuple(args)), *argument_names(lambda options: None, (options,))]
    starts = [witness.start(x._array, x.node, name.removeprefix("options."), "input")
              for x, name in zip(given, names) if isinstance(x, Tensor)]
    result = called(module, args, options, witness)
    for name, place in held.items():  # a call tells parameters their names
        witness.seen[place].name = parameters[name].name or name
    results = [y for y in flatten(result)[0] if isinstance(y, Tensor)]
    if not results:
        raise ValueError(f"{type(module).__name__} returned no Tensor, so there is no graph to draw: it returned {type(result).__name__}")
    outputs = [at if isinstance(at := witness.place(y._array, y.node), int) else witness.start(y._array, None) for y in results]
    shown = sorted({*ancestors(witness.seen, outputs), *starts})
    note = differentiated(witness, shown, [y.node for y in results if y.node is not None], grads)
    unreached = tuple(unseen(name, parameters[name]) for name, place in held.items() if place not in set(shown))
    return written(witness, shown, outputs, "module", title or type(module).__name__, unreached, note)


def as_tensor(x: Any) -> Any:
    """Arrays as Tensors, so that what is done with them is seen."""
    return tensor(x) if hasattr(x, "__array_function__") and not isinstance(x, Tensor) else x


def called(module: Any, args: Any, options: Any, witness: Witness) -> Any:
    """What the module returns. Buffers and random generators are put back, whatever happens."""
    buffers = [(buffer, tensor(buffer)) for _, buffer in module.named_buffers()]
    token = MODE.set(Mode(True, None, witness))
    try:
        with watched() as generators:
            return module(*args, **options)
    finally:
        MODE.reset(token)
        for buffer, value in buffers:
            buffer.assign(value)
        for generator, state in generators.values():
            generator.bit_generator.state = state


def differentiated(witness: Witness, shown: list[int], roots: list[Node], grads: str) -> tuple[str, ...]:
    """Write down the gradients that are wanted; notes, if something went wrong."""
    seen = [witness.seen[place] for place in shown]
    ops = sum(s.kind == "op" for s in seen)
    compute = grads == "compute" or (grads == "auto" and is_circuit(ops, seen))
    found = gradients_of(history(roots), roots, compute, kept=grads != "none")
    for node, place in list(witness.nodes.items()):
        s = witness.seen[place]
        if node in found.known:
            s.gradient = Stats.of(found.known[node])
        elif node in found.missing:
            s.state = found.missing[node]
    return (found.failed,) if found.failed else ()


def unseen(name: str, p: Tensor) -> GraphNode:
    """A parameter that the outputs do not depend on."""
    return GraphNode(p.name or name, "parameter", "parameter", (), p.shape, p.dtype.name, type_of(p.shape, p.dtype), bytes=p.nbytes,
                     active=p.requires_grad, state=UNREACHABLE)
