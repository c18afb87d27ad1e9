"""What is in a picture?

A `Picture` says what is drawn, and nothing about where: `Mark`s for the values and operations, `Wire`s between them in
argument order, and words. It is made from a tape or a program once; `dot.py` and `circuit.py` are ways to show it. It holds
text and small numbers only, so it keeps nothing alive.

Two kinds of picture: a **circuit**, if everything in it is a scalar and there are at most 40 operations, with the value
above each wire and the gradient below it, as on the blackboard; and boxes with shapes for everything else.

Read next: `scalars.py`, where a circuit's numbers come from.
"""

from __future__ import annotations

from typing import NamedTuple

from autograd.drawing.scalars import Scalars, scalars, short
from autograd.listing import CONST, Entry, Listing, Literal, bytes_text, count, kept_text
from autograd.tape import Tape

LARGEST_CIRCUIT = 40
COMMUTATIVE = {"add", "multiply", "maximum", "minimum", "fmax", "fmin", "logaddexp", "logaddexp2", "hypot", "equal", "not_equal",
               "logical_and", "logical_or", "logical_xor", "bitwise_and", "bitwise_or", "bitwise_xor", "inner", "vdot"}


class Mark(NamedTuple):
    """Something drawn: an input, a parameter, a constant, an operation, or the loss.

    id:        'n0', 'n1', ... in the order of the tape
    kind:      'input', 'parameter', 'constant', 'op' or 'loss'
    title:     'w1', 'matmul', or in a circuit the gate's sign: '×'
    type:      'f32[32,256]'
    options:   ('axis=1',)
    value, gradient:  in a circuit, what stands above and below its wire; else empty
    scope:     the calls of modules around it, from the outermost in
    about:     one sentence with everything, for whoever points at it
    """

    id: str
    kind: str
    title: str
    type: str
    options: tuple[str, ...] = ()
    value: str = ""
    gradient: str = ""
    scope: tuple[tuple[str, str], ...] = ()
    about: str = ""


class Wire(NamedTuple):
    """From the mark of a value to the mark of an operation that takes it as its operand number `slot`.

    label: what the operation calls the operand, where the order matters and the name is short enough to write on a wire
    """

    source: str
    target: str
    slot: int
    label: str = ""


class Picture(NamedTuple):
    """Everything to draw; `circuit` says how. `caption` sums it up in a line, `outputs` are the ids of the results."""

    marks: tuple[Mark, ...]
    wires: tuple[Wire, ...]
    outputs: tuple[str, ...]
    circuit: bool
    caption: str


def picture_of(listing: Listing) -> Picture:
    """The picture of a tape or a program."""
    circuit = len(listing.ops) <= LARGEST_CIRCUIT and all(e.size == 1 and e.dtype is not None for e in (*listing.leaves, *listing.ops))
    numbers = scalars(listing) if circuit and isinstance(listing, Tape) else Scalars()
    homes = common_scopes(listing)
    ids: dict[str, str] = {}
    marks: list[Mark] = []
    wires: list[Wire] = []

    def mark(kind: str, name: str, title: str, about: str, type: str = "", options: tuple[str, ...] = (),
             scope: tuple[tuple[str, str], ...] = ()) -> str:
        value, gradient = numbers.values.get(name, ""), numbers.gradients.get(name, "")
        marks.append(Mark(f"n{len(marks)}", kind, title, type, options, value, gradient, scope, about))
        return marks[-1].id

    for leaf in listing.leaves:
        home = homes.get(leaf.name, ()) if leaf.op != "input" else ()
        ids[leaf.name] = mark(leaf.op, leaf.name, leaf.name, f"{leaf.op} {leaf.name}: {leaf.type}", leaf.type, scope=home)
    for op in listing.ops:
        sources = [None if isinstance(slot, Literal) else ids[slot if slot in ids else slot.rsplit(".", 1)[0]] for slot in op.slots]
        if not circuit:
            for i, slot in enumerate(op.slots):
                if is_array(slot):
                    sources[i] = mark("constant", "", slot, f"constant {slot}", scope=op.scope)
        kept = f"; {kept_text(op)}" + (f" ({bytes_text(op.kept_bytes)})" if op.kept_bytes else "") if op.keeps else ""
        about = f"{op.name}: {op.type} = {op.expression}{kept}" + (f"; in {' '.join(op.scope[-1])}" if op.scope else "")
        kind = "loss" if op.name in listing.outputs else "op"
        if circuit:
            id = mark(kind, op.name, gate(op, numbers.constants.get(op.name, "c")), about, op.type, scope=op.scope)
        else:
            id = mark(kind, op.name, op.op, about, op.type, written_out(op), op.scope)
        ids[op.name] = id
        ordered = op.op not in COMMUTATIVE and sum(source is not None for source in sources) > 1
        labels = [label if ordered and len(label) <= 2 else "" for label in op.labels]
        wires += [Wire(source, id, i, labels[i]) for i, source in enumerate(sources) if source is not None]
    parts = [count(len(listing.ops), "operation"), count(len(listing.leaves), "leaf").replace("leafs", "leaves")]
    if isinstance(listing, Tape) and listing.kept_bytes and not circuit:
        parts.append(f"{bytes_text(listing.kept_bytes)} kept for the backward pass")
    outputs = tuple(ids[name] for name in listing.outputs if name in ids)
    return Picture(tuple(marks), tuple(wires), outputs, circuit, " · ".join(parts) + (f"\n{numbers.note}" if numbers.note else ""))


def common_scopes(listing: Listing) -> dict[str, tuple[tuple[str, str], ...]]:
    """The innermost module that all uses of a value are in: where a parameter is at home."""
    homes: dict[str, tuple[tuple[str, str], ...]] = {}
    for op in listing.ops:
        for slot in op.slots:
            known = homes.setdefault(slot, op.scope)
            same = [a == b for a, b in zip(known, op.scope)]
            homes[slot] = known[: [*same, False].index(False)]
    return homes


def is_array(slot: str) -> bool:
    """Is an operand an array that is written out as its type?"""
    return isinstance(slot, Literal) and slot.endswith("]")


def written_out(entry: Entry) -> tuple[str, ...]:
    """The options of an operation, and its operands that are numbers: 'b = 2.0', 'axis = 1'."""
    numbers = [(label, slot) for label, slot in zip(entry.labels, entry.slots) if isinstance(slot, Literal) and not is_array(slot)]
    return tuple(f"{name} = {value}" for name, value in [*numbers, *entry.options] if value != "None")


SIGNS = {"add": "+", "subtract": "−", "multiply": "×", "divide": "÷", "negative": "neg", "maximum": "max", "minimum": "min",
         "reciprocal": "1/x", "absolute": "|x|", "sqrt": "√", "square": "x²", "power": "xʸ", "sum": "Σ"}
POWERS = {"2": "x²", "3": "x³", "4": "x⁴", "−1": "1/x", "0.5": "√"}


def gate(entry: Entry, forgotten: str) -> str:
    """The sign in a gate: '×', 'exp', and with a constant '+1', '1/x', 'x²'."""
    sign = SIGNS.get(entry.op, entry.op)
    constants = [isinstance(slot, Literal) for slot in entry.slots]
    if len(constants) != 2 or not any(constants):
        return sign
    slot = entry.slots[constants.index(True)]
    c = forgotten if slot == CONST else short(slot)
    if constants[1]:
        if entry.op == "power":
            return POWERS.get(c, f"x^{c}")
        signed = {"add": f"−{c[1:]}", "subtract": f"+{c[1:]}"}
        if c.startswith("−") and entry.op in signed:
            return signed[entry.op]
    elif entry.op in ("subtract", "divide", "power"):
        return {"subtract": f"{c}−x", "divide": f"{c}/x", "power": f"{c}^x"}[entry.op]
    return f"{sign}{c}" if len(sign) == 1 else f"{sign} {c}"
