"""Why does a parameter get no gradient?

    print(drawing.why_no_grad(model.fc.weight, lambda: criterion(model(x), y)))
    # No gradient reaches fc.weight: the result of matmul (%3) is detached at train.py:12 and used by multiply (%5). ...

In a recorded block every operation is known (`recorder.py`), so the cut that matters (`cuts.py`) can be named, with its line: it is
the first one behind the parameter whose result the loss depends on. From a loss alone less can be known, for a tape has only
what a gradient needs.

Read next: `failure.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from autograd.drawing.capture import graph_of
from autograd.drawing.cuts import DETACH, DETACHED, INTEGER, NO_GRAD, cuts, first_cut, flat_at, paths, severed
from autograd.drawing.graph import GraphIR, GraphNode
from autograd.drawing.recorder import Record, located
from autograd.drawing.seen import Look
from autograd.drawing.values import existing, tensor_types
from autograd.listing import count
from autograd.node import FREED, Leaf, Node
from autograd.random import watched
from autograd.tape import Tape, arrays_in, history, named, owner_of
from autograd.tensor import Tensor
from autograd.tree import flatten

FLOWS, FLAT, FROZEN, UNUSED = "flows", "flat", "requires_grad=False", "unused"
REPLACED, NUMBER, UNKNOWN = "replaced", "number", "unknown"
"""The kinds of causes that are no cut in a graph; those that are stand in `cuts.py`."""


__all__ = ["Cause", "cuts", "severed", "why_no_grad"]


class Cause(NamedTuple):
    """What cut a parameter off from a loss. As text it is a few sentences, with what to write instead.

    kind:   'detach', 'no_grad', 'integer' (a cast), 'no derivative' (an operation that has none), 'number' (its value was taken out by
            item(), float(), ...), 'replaced' (another leaf has its place), 'unused', 'requires_grad=False', 'unknown',
            'flat' (a gradient comes, and is zero: all ways lead through round, sign, ...), or 'flows': nothing did
    op:     the operation where it happened, or ''
    line:   the line of it, as 'train.py:12', where that was recorded
    scope:  the module it happened in, or ''
    text:   the sentences
    """

    kind: str
    op: str
    line: str
    scope: str
    text: str

    def __str__(self) -> str:
        return self.text


# ---- the question ---------------------------------------------------------------------------------------------------


def why_no_grad(param: Tensor, loss: Tensor | Callable[[], Any], record: Record | None = None) -> Cause:
    """What cuts a parameter off from a loss.

    param:   the Tensor that should have got a gradient
    loss:    a function without arguments that computes the loss; it is called once, and recorded. Or a loss that was computed:
             then less can be known, unless `record` is the recording of it
    record:  the `drawing.record()` that the loss was computed in

    >>> from autograd import drawing, tensor
    >>> w = tensor([1.0, 2.0], requires_grad=True, name="w")
    >>> cause = drawing.why_no_grad(w, lambda: (w * w).detach().sum())
    >>> cause.kind
    'detach'
    >>> print(drawing.why_no_grad(w, (w * w).sum()))
    A gradient flows from the loss to w, through 2 paths.

    Raises TypeError if the parameter is no Tensor; ValueError if the loss was not computed in the recording. The function is the
    user's: what it raises is passed on. Random generators of `autograd.random` are put back.
    """
    if not isinstance(param, Tensor):
        raise TypeError(f"why_no_grad() takes a parameter, a Tensor, and not {type(param).__name__}: why_no_grad(model.fc.weight, loss)")
    if param.node is None:
        return frozen(param)
    if not isinstance(loss, Tensor):
        if not callable(loss):
            raise TypeError(f"why_no_grad() takes a loss, or a function that computes it, and not {type(loss).__name__}")
        record = Record("none", time=False, lines=True)
        record.witness.start(param._array, param.node)  # so that it is known if it is used detached
        with watched() as drawn, record:
            found = loss()
        for generator, state in drawn.values():
            generator.bit_generator.state = state
        results = [y for y in flatten(found)[0] if isinstance(y, Tensor)]
        if not results:
            return no_tensor(param, found, record)
        for y in results:  # one that no operation made, from a number perhaps
            if record.witness.find(y) is None:
                record.witness.start(y._array, y.node)
        return from_record(param, results, record)
    return from_record(param, [loss], record) if record is not None else from_tape(param, loss)


def name_of(param: Tensor) -> str:
    return param.name or "the parameter"


def frozen(param: Tensor) -> Cause:
    return Cause(FROZEN, "", "", "", f"{param._describe()[0].upper()}{param._describe()[1:]} does not require grad, so none is computed. "
                 "Write requires_grad_() before the computation. If it was computed by an update under no_grad() (w = w - step), update "
                 "in place instead: w -= step.")


def from_record(param: Tensor, results: list[Tensor], record: Record) -> Cause:
    """The cause, where every operation is known."""
    graph, position = located(record, [record.place(y) for y in results])
    witness = record.witness
    places = [i for i, s in enumerate(witness.seen) if s.node is not None and s.node() is param.node]
    start = {position[place] for place in places if place in position}
    if start:
        ways = paths(graph, start)
        if ways:
            return flows(param, graph, start, ways)
        used = set(range(len(graph.nodes)))
        cut = first_cut(graph, start, used)
        if cut is not None:
            return of_cut(param, graph, *cut, record.witness.looks)
    return elsewhere(param, graph, record, places, position)


def elsewhere(param: Tensor, graph: GraphIR, record: Record, places: list[int], position: dict[int, int]) -> Cause:
    """The loss is not computed from the parameter, as far as operations tell."""
    witness, name = record.witness, name_of(param)
    twin = witness.known(param._array)
    if twin is not None and twin in position and twin not in places:
        node = next(node for _, node in graph.ops if any(o.source == position[twin] for o in node.operands))
        if graph.nodes[position[twin]].active:
            return replaced(param, f"another leaf with the same values is used by {described(node)}{at(graph, node)}", node, graph)
        return Cause(DETACHED, DETACH, node.line, graph.path(node.scope), f"No gradient reaches {name}: it is used detached by "
                     f"{described(node)}{at(graph, node)}. A detached value is a constant: use {name} itself.")
    for i, leaf in enumerate(graph.nodes):
        if param.name and leaf.kind == "parameter" and leaf.name == param.name:
            user = next((node for _, node in graph.ops if any(o.source == i for o in node.operands)), leaf)
            return replaced(param, f"the loss is computed from another leaf of this name{at(graph, user)}", user, graph)
    behind = downstream(record, places)
    looks = [look for look in witness.looks if look.place in behind and look.what in TAKES_OUT]
    if looks:
        return taken_out(param, looks[0])
    s = next((s for s in witness.seen if any(o in places for o in s.operands)), None)
    if s is not None:
        line = f" at {s.line}" if s.line else ""
        return Cause(UNUSED, s.op, s.line, s.scope[-1][0] if s.scope else "", f"No gradient reaches {name}: it is used by {s.op}{line}, "
                     "but the loss does not depend on the result. Compute the loss from that result.")
    return Cause(UNUSED, "", "", "", f"No gradient reaches {name}: it is never used in this computation. Use it in forward(), or leave it "
                 "out of the optimiser.")


def downstream(record: Record, places: list[int]) -> set[int]:
    """Everything that was computed from these places."""
    found = set(places)
    for i, s in enumerate(record.witness.seen):
        if any(o in found for o in s.operands if isinstance(o, int)):
            found.add(i)
    return found


# ---- in words -------------------------------------------------------------------------------------------------------

TAKES_OUT = ("item()", "float()", "int()", "complex()", "tolist()", ".data", "NumPy", "Tensor(x)", "copy()")
"""The ways of Python to get at a value by which it leaves the tape. (`if` and printing only look.)"""

COMPARISON = ("A comparison is a step, and its derivative is zero wherever it has one: let the values themselves reach the loss, "
              "and not only the condition, or use something smooth, such as sigmoid.")
INSTEAD = {**dict.fromkeys(("greater", "greater_equal", "less", "less_equal", "equal", "not_equal"), COMPARISON),
           **dict.fromkeys(("argmax", "argmin"), "An index has no derivative: use the value there (max, min), or softmax weights."),
           **dict.fromkeys(("argsort", "argpartition"), "An index has no derivative: use the sorted values (sort).")}


def described(node: GraphNode) -> str:
    return f"{'astype' if node.op in ('cast', 'cast_away') else node.op} ({node.name})"


def at(graph: GraphIR, node: GraphNode) -> str:
    line, path = f" at {node.line}" if node.line else "", f" in {graph.path(node.scope)}" if node.scope >= 0 else ""
    return line + path


def flows(param: Tensor, graph: GraphIR, start: set[int], ways: int) -> Cause:
    i = flat_at(graph, start)
    if i >= 0:
        node = graph.nodes[i]
        return Cause(FLAT, node.op, node.line, graph.path(node.scope), f"The gradient of {name_of(param)} is zero: every path from the "
                     f"loss leads through an operation that is flat, such as {described(node)}{at(graph, node)}: its derivative is zero "
                     "everywhere. Leave it out while training, or let the gradient pass it by: x + (y - x).detach().")
    return Cause(FLOWS, "", "", "", f"A gradient flows from the loss to {name_of(param)}, through {count(ways, 'path')}.")


def of_cut(param: Tensor, graph: GraphIR, i: int, slot: int, kind: str, looks: list[Look]) -> Cause:
    """A cut in words."""
    node, name = graph.nodes[i], name_of(param)
    source = graph.nodes[node.operands[slot].source]
    value = "it" if source.kind != "op" else f"the result of {described(source)}"
    where, op = at(graph, node), "astype" if kind == INTEGER else node.op
    if kind == DETACHED:
        user = next((f" and used by {described(other)}" for _, other in graph.ops if any(o.source == i for o in other.operands)), "")
        text = (f"{value} is detached{where}{user}. A detached value is a constant: leave out "
                f"{'detach()' if node.op == DETACH else '.data or .numpy()'} if the gradient is wanted.")
    elif kind == NO_GRAD:
        text = (f"{described(node)}{where} ran under no_grad(), so its result is a constant. Move it out of the no_grad() block, or "
                "write 'with enable_grad():' around it.")
    elif kind == INTEGER:
        text = (f"{described(node)}{where} makes {node.dtype} of {value}, and integers and booleans have no derivative. Keep it "
                "floating-point where it leads to the loss.")
    else:
        label = node.operands[slot].label
        role = f"takes {value} as {label}, which has no derivative there" if node.active else f"of {value} has no derivative"
        text = f"{described(node)}{where} {role}. {INSTEAD.get(node.op, 'Let the value reach the loss by another operation.')}"
    return Cause(kind, op, node.line, graph.path(node.scope), f"No gradient reaches {name}: {text}")


def replaced(param: Tensor, what: str, node: GraphNode, graph: GraphIR) -> Cause:
    name = name_of(param)
    return Cause(REPLACED, node.op, node.line, graph.path(node.scope), f"No gradient reaches {name}: {what}. Something has put that "
                 "one into its place since you took hold of this one: take the parameter from the model again, also for the optimiser.")


def taken_out(param: Tensor, look: Look) -> Cause:
    line = f" at {look.line}" if look.line else ""
    return Cause(NUMBER, look.what, look.line, "", f"No gradient reaches {name_of(param)}: {look.what}{line} took the value of "
                 "something that was computed from it out of the tape, and what follows has no gradient. Calculate with the Tensor itself.")


def no_tensor(param: Tensor, found: Any, record: Record) -> Cause:
    looks = [look for look in record.witness.looks if look.what in TAKES_OUT]
    if looks:
        return taken_out(param, looks[-1])
    return Cause(NUMBER, "", "", "", f"No gradient reaches {name_of(param)}: the function returns {type(found).__name__} and not a Tensor. "
                 "Return the loss as a Tensor: without item(), float() or a detour through NumPy.")


# ---- from the tape alone ----------------------------------------------------------------------------------------------


def from_tape(param: Tensor, loss: Tensor) -> Cause:
    """What can be known from a loss alone."""
    name = name_of(param)
    more = "To learn which operation did it, and where, give it a function: why_no_grad(param, lambda: <the loss>)."
    if loss.node is None:
        return Cause(UNKNOWN, "", "", "", f"No gradient reaches {name}: the loss has no graph at all. It was detached, or computed under "
                     f"no_grad(), or nothing that it was computed from requires grad. {more}")
    nodes = history([loss.node])
    names = named(nodes)
    if param.node in names:
        graph = graph_of(Tape.of(loss), "none", "none")
        start = {graph.position(names[param.node])}
        ways = paths(graph, start)
        if ways:
            return flows(param, graph, start, ways)
    for node in nodes:
        for array in constants(node):
            scope, what = repr(node.scope) if node.scope is not None else "", f"{node.op} ({names[node]})"
            if owner_of(array) is owner_of(param._array):
                return Cause(DETACHED, DETACH, "", scope, f"No gradient reaches {name}: it is used detached by {what}. A detached "
                             f"value is a constant: use {name} itself, without detach() or .data.")
            made = maker(array, param.node)
            if made is not None:
                return Cause(DETACHED, DETACH, "", scope, f"No gradient reaches {name}: the result of {made.op}, which was computed from "
                             f"it, is used detached by {what}. Leave out the detach(), or the no_grad(), in between. {more}")
    twins = [leaf for leaf in nodes if isinstance(leaf, Leaf) and leaf.name and leaf.name == param.name]
    if twins:
        return Cause(REPLACED, "", "", "", f"No gradient reaches {name}: the loss is computed from another leaf of this name. Something "
                     "has put that one into its place since you took hold of this one; take the parameter from the model again.")
    return Cause(UNKNOWN, "", "", "", f"No gradient reaches {name}: the tape of the loss does not lead to it. It was not used, or cut "
                 f"off on the way. {more}")


def constants(node: Node) -> list[Any]:
    """The arrays that a node keeps of operands which are constants to it."""
    if node.pullback is None or node.saved is FREED:
        return []
    p: Any = node.pullback.primitive
    saved = dict(zip(p.keeps, node.saved))
    if p.sequence:
        values = saved.get(p.inputs[0], ())
        return [x for x, parent in zip(values, node.inputs) if parent is None and hasattr(x, "nbytes")]
    return [x for slot, parent in zip(p.inputs, node.inputs) if parent is None for x in arrays_in(saved.get(slot))]


def keeps_of(node: Node) -> tuple[str, ...]:
    """The names of what a node still keeps. (Another thread may be making it.)"""
    pullback: Any = getattr(node, "pullback", None)
    return () if pullback is None or getattr(node, "saved", FREED) is FREED else pullback.primitive.keeps


def maker(array: Any, param: Node | None) -> Node | None:
    """A living node that computed this array, and was itself computed from the parameter."""
    for thing in existing(tensor_types() | {Node}):
        if type(thing) is not Node:
            node = thing.node if getattr(thing, "_array", None) is array else None
        elif "y" in keeps_of(thing):
            node = thing if any(x is array for x in thing.saved) else None
        else:
            continue
        if node is not None and not isinstance(node, Leaf) and param in history([node]):
            return node
    return None
