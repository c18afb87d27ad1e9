"""What is wrong with this computation?

Everything that can be said from the numbers in a graph alone, and no more than can be proved from them:

    origin            the earliest value with NaN or infinity whose operands have none
    further origin    another one, later and on its own
    carrier           a value that has NaN or infinity from its operands
    backward origin   the first operation of the backward pass that makes NaN or infinity out of a finite gradient
    dead              a parameter whose gradient is exactly zero, with the operation that made it so
    unreachable       a parameter that the outputs do not depend on
    frozen            a parameter that does not require grad
    detached, cast    a parameter that only detached values, or integers, lead away from
    vanishing, exploding   a parameter whose gradient is a thousand times smaller, or larger, than most

Infinities that were given are no mistake: masks are made of them. What makes NaN of them is an origin, and so are they if the
outputs are infinite in the end. A gradient of nothing but rounding errors (a bias before a normalisation has one) is not called
vanishing. Nothing is said about single units: statistics do not tell which elements are zero.

For all of it give `draw` values="stats" and grads="compute", before `backward()`.

Read next: `recorder.py`.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from autograd.drawing.cuts import INTEGER, NO_RULE, is_flat, severed
from autograd.drawing.graph import KNOWN, ZERO, GraphIR, GraphNode, Stats
from autograd.drawing.graph import UNREACHABLE as UNREACHED
from autograd.drawing.numerals import number, scientific
from autograd.listing import count

ORIGIN, FURTHER, CARRIER, BACKWARD = "origin", "further origin", "carrier", "backward origin"
DEAD, UNREACHABLE, FROZEN, DETACHED, CAST = "dead", "unreachable", "frozen", "detached", "cast"
VANISHING, EXPLODING = "vanishing", "exploding"

LEGEND = {
    ORIGIN: "the first NaN or infinity comes from here",
    BACKWARD: "the backward pass makes the first NaN or infinity here, out of a finite gradient",
    FURTHER: "makes NaN or infinity out of finite numbers, too",
    DEAD: "the gradient of the whole parameter is exactly zero",
    UNREACHABLE: "the outputs do not depend on this parameter",
    FROZEN: "this parameter does not require grad",
    DETACHED: "here the gradient of a parameter is cut off",
    CAST: "integers have no gradient: the cast cuts a parameter off",
    VANISHING: "the gradient is a thousand times smaller than most",
    EXPLODING: "the gradient is a thousand times larger than most",
    CARRIER: "passes on the NaN or infinity of an operand",
}
"""A sentence for each kind, in the order in which problems are listed."""

RANGE = 1e3
"""How many times smaller or larger than the median a gradient may be."""

MIXERS = {"add", "subtract", "where", "maximum", "minimum", "joined", "stack", "pad_constant", "clip", "overwrite"}
"""Operations whose result has an infinity where a constant operand, or an option, has one."""


class Problem(NamedTuple):
    """One thing that is wrong.

    kind:  one of the keys of `LEGEND`
    node:  the position of the node where it is to be seen, or -1: an unreachable parameter is not in the graph
    name:  of that node; where a gradient is cut off, of the parameter that it costs
    text:  a sentence
    """

    kind: str
    node: int
    name: str
    text: str


def problems_of(graph: GraphIR) -> tuple[Problem, ...]:
    """The problems of a graph, by kind in the order of `LEGEND`, and by position. Empty for a healthy one."""
    found = [*forward(graph), *backward(graph), *dead(graph), *unreachable(graph), *out_of_range(graph)]
    rank = {kind: i for i, kind in enumerate(LEGEND)}
    return tuple(sorted(found, key=lambda problem: (rank[problem.kind], problem.node < 0, problem.node)))


def described(graph: GraphIR, node: GraphNode) -> str:
    """'relu (%3) in layer1.0 at train.py:12', 'w'."""
    if node.kind != "op":
        return node.name
    path = graph.path(node.scope)
    return f"{node.op} ({node.name})" + (f" in {path}" if path else "") + (f" at {node.line}" if node.line else "")


def sources(node: GraphNode) -> list[int]:
    return [operand.source for operand in node.operands if operand.source >= 0]


def holds(stats: Stats) -> str:
    """'2 nan', '1 nan and 3 inf of 64 elements'; of a scalar what it is."""
    if stats.size == 1:
        return "nan" if stats.nans else "inf"
    parts = [f"{amount:,} {name}" for amount, name in ((stats.nans, "nan"), (stats.infs, "inf")) if amount]
    return f"{' and '.join(parts)} of {count(stats.size, 'element')}"


# ---- NaN and infinity ---------------------------------------------------------------------------------------------


def forward(graph: GraphIR) -> Iterator[Problem]:
    """Where values stop being finite, and where these go."""
    given, bad = not_finite(graph)
    starts: list[int] = []
    behind: set[int] = set()  # what follows from values that are not finite, finite itself or not: 1 / inf is 0
    for i, node in enumerate(graph.nodes):
        if behind.intersection(sources(node)):
            behind.add(i)
        elif i in bad:
            starts.append(i)
            behind.add(i)
    if not starts and any(output in given for output in graph.outputs):  # they went all the way
        starts, bad = [min(given)], given
    for i in sorted(bad):
        node, stats = graph.nodes[i], graph.nodes[i].value
        assert stats is not None
        if i not in starts:
            yield Problem(CARRIER, i, node.name, f"{described(graph, node)} has it from there: {holds(stats)}.")
            continue
        what = f"{described(graph, node)} gives {holds(stats)}" if node.kind == "op" else f"{node.name} is given with {holds(stats)}"
        operands = [graph.nodes[s] for s in dict.fromkeys(sources(node))]
        ranges = [f"{described(graph, x)} is {between(x.value)}" for x in operands if x.value is not None]
        unknown = [described(graph, x) for x in operands if x.value is None and x.dtype]
        text = what + (f"; {', '.join(ranges)}" if ranges else "") + "."
        if unknown:
            text += f" (Or something before it: the value of {', '.join(unknown)} is not known.)"
        yield Problem(ORIGIN if i == starts[0] else FURTHER, i, node.name, text)


def between(stats: Stats) -> str:
    """'between −1.00 and 2.00', 'all 0.00', '3 inf of 4 elements'."""
    if not stats.finite:
        return holds(stats)
    low, high = number(stats.minimum), number(stats.maximum)
    return (low if stats.size == 1 else f"all {low}") if low == high else f"between {low} and {high}"


def not_finite(graph: GraphIR) -> tuple[set[int], set[int]]:
    """The nodes with infinities that were given (masks), and those with NaN or infinities that were not."""
    given: set[int] = set()
    bad: set[int] = set()
    for i, node in enumerate(graph.nodes):
        if node.value is None or node.value.finite:
            continue
        operands = set(sources(node))
        if node.kind != "op":
            mask = True
        else:
            constants = [*(o.text for o in node.operands if o.source < 0), *(text for _, text in node.options if text.endswith("inf"))]
            mask = bool(operands & given) or (node.op in MIXERS and not all(map(finite, constants)))
        (given if mask and not node.value.nans and not operands & bad else bad).add(i)
    return given, bad


def finite(text: str) -> bool:
    """Is this constant a finite number? Of an array nobody knows."""
    try:
        return bool(np.isfinite(complex(text)))
    except ValueError:
        return text in ("True", "False", "None")


def backward(graph: GraphIR) -> Iterator[Problem]:
    """Where gradients stop being finite."""
    spoilers = [i for i, node in graph.ops if node.gradient is not None and node.gradient.finite
                and any(sent is not None and not sent.finite for sent in node.sent)]
    broken = [i for i, node in enumerate(graph.nodes) if node.gradient is not None and not node.gradient.finite]
    uses = graph.uses()
    sums = [i for i in broken if len(uses[i]) > 1 and all(
        graph.nodes[j].sent and (sent := graph.nodes[j].sent[slot]) is not None and sent.finite for j, slot in uses[i])]
    if spoilers and spoilers[-1] > max(sums, default=-1):
        node = graph.nodes[spoilers[-1]]
        to = [f"{describe_operand(graph, node, slot)} gets {holds(sent)}" for slot, sent in enumerate(node.sent)
              if sent is not None and not sent.finite]
        text = f"{described(graph, node)} makes it out of a finite gradient: {', '.join(to)}."
        rule = "; ".join(f"∂{label} = {rule}" for label, rule in graph.rules.get(node.op, {}).items()
                         if any(o.label == label and s is not None and not s.finite for o, s in zip(node.operands, node.sent)))
        values = [f"{describe_operand(graph, node, slot)} is {between(value)}" for slot, operand in enumerate(node.operands)
                  if operand.source >= 0 and (value := graph.nodes[operand.source].value) is not None]
        text += f" Its rule is {rule}." if rule else ""
        text += f" There {', '.join(dict.fromkeys(values))}." if values else ""
        yield Problem(BACKWARD, spoilers[-1], node.name, text)
    elif sums:
        node = graph.nodes[max(sums)]
        yield Problem(BACKWARD, max(sums), node.name, f"{described(graph, node)} gets {count(len(uses[max(sums)]), 'finite gradient')}, "
                                                      "whose sum is not.")
    elif broken and broken[-1] in graph.outputs:
        node = graph.nodes[broken[-1]]
        yield Problem(BACKWARD, broken[-1], node.name, f"The backward pass starts at {described(graph, node)} with {holds_of(node)}.")
    elif broken:
        node = graph.nodes[broken[-1]]
        others = f", and {len(broken) - 1} more are not finite" if len(broken) > 1 else ""
        yield Problem(BACKWARD, broken[-1], node.name, f"The gradient of {described(graph, node)} has {holds_of(node)}{others}. "
                                                       "Which operation made it, draw(loss, grads='compute') shows, before backward().")


def holds_of(node: GraphNode) -> str:
    assert node.gradient is not None
    return holds(node.gradient)


def describe_operand(graph: GraphIR, node: GraphNode, slot: int) -> str:
    return described(graph, graph.nodes[node.operands[slot].source])


# ---- gradients that are zero, or do not come ------------------------------------------------------------------------


def dead(graph: GraphIR) -> Iterator[Problem]:
    """Parameters whose gradient is exactly zero. (In a circuit a zero is a lesson: the loser of a max gets one.)"""
    if graph.style == "circuit":
        return
    uses: list[list[tuple[int, int]]] | None = None
    for i, node in enumerate(graph.nodes):
        if node.kind == "parameter" and node.state == ZERO:
            uses = uses if uses is not None else graph.uses()
            senders = zeroed_at(graph, uses, i)
            reasons = list(dict.fromkeys(why_zero(graph, j, slot) for j, slot in senders))
            if not reasons:
                text = "which operation made it so, draw(loss, values='stats', grads='compute') shows, before backward()"
            elif len({j for j, _ in senders}) > 1 and any(may_cancel(graph.nodes[j], slot) for j, slot in senders):
                names = dict.fromkeys(described(graph, graph.nodes[j]) for j, _ in senders)
                text = f"what {' and '.join(names)} send to it is zero, or cancels"
            else:
                text = "; ".join(reasons[:3])
            yield Problem(DEAD, i, node.name, f"The gradient of {node.name} is exactly zero: {text}.")


def may_cancel(node: GraphNode, slot: int) -> bool:
    """Does it send something else than zero, as far as we know? Then another one sends the opposite."""
    sent = node.sent[slot] if node.sent else None
    return not sent.all_zero if sent is not None else node.value is None or not node.value.all_zero


def zeroed_at(graph: GraphIR, uses: list[list[tuple[int, int]]], start: int) -> list[tuple[int, int]]:
    """The operations that got a gradient and sent none to what leads here, with the slot: the nearest on each way."""
    seen, stack, found = {start}, [start], []
    while stack:
        for i, slot in uses[stack.pop()]:
            node = graph.nodes[i]
            if node.state == KNOWN or (node.state != ZERO and node.value is not None and node.value.all_zero):
                found.append((i, slot))
            elif i not in seen:
                seen.add(i)
                stack.append(i)
    return sorted(found)


def why_zero(graph: GraphIR, i: int, slot: int) -> str:
    """'relu (%3): 100 % of its inputs are <= 0'."""
    node = graph.nodes[i]
    operand = node.operands[slot]
    x, name = graph.nodes[operand.source].value, described(graph, node)
    others = [graph.nodes[o.source].value for s, o in enumerate(node.operands) if s != slot and o.source >= 0]
    if is_flat(graph, node, slot):
        return f"{name} is flat: its rule is 0 everywhere"
    if node.op == "relu" and ((x is not None and x.maximum <= 0 and not x.nans) or (node.value is not None and node.value.all_zero)):
        return f"{name}: 100 % of its inputs are <= 0"
    if x is not None and x.minimum == x.maximum and x.size > 1:
        return f"{name} sends 0 to it, where all of its inputs are {number(x.minimum)}"
    if any(other is not None and other.all_zero for other in others) or any(o.source < 0 and o.text in ("0", "0.0") for o in node.operands):
        return f"{name} sends 0 to it: the other operand is 0"
    return f"{name} sends 0 to it"


def unreachable(graph: GraphIR) -> Iterator[Problem]:
    """Parameters that no gradient comes to: they are not used, or frozen, or cut off."""
    told = set()
    for leaf, i, kind in severed(graph):
        node, name = graph.nodes[i], graph.nodes[leaf].name
        if graph.nodes[leaf].kind != "parameter":
            continue
        told.add(leaf)
        if kind == NO_RULE:
            yield Problem(UNREACHABLE, leaf, name, f"No gradient comes to {name}: {described(graph, node)} has no derivative.")
        elif kind == INTEGER:
            yield Problem(CAST, i, name, f"No gradient comes to {name}: {described(graph, node)} makes integers of it, and they have none.")
        else:
            how = "runs under no_grad()" if kind == "no_grad" else "lets go of its gradient"
            yield Problem(DETACHED, i, name, f"No gradient comes to {name}: {described(graph, node)} {how}.")
    for i, node in enumerate(graph.nodes):
        if node.kind == "parameter" and not node.active:
            yield Problem(FROZEN, i, node.name, f"{node.name} does not require grad: it will not be trained.")
        elif node.kind == "parameter" and node.state == UNREACHED and i not in told:
            yield Problem(UNREACHABLE, i, node.name, f"No gradient comes to {node.name}: no rule leads to it from the outputs.")
    for node in graph.unreached:
        if node.active:
            yield Problem(UNREACHABLE, -1, node.name, f"The outputs do not depend on {node.name}.")
        else:
            yield Problem(FROZEN, -1, node.name, f"{node.name} does not require grad, and the outputs do not depend on it.")


# ---- gradients that are small or large ------------------------------------------------------------------------------


def out_of_range(graph: GraphIR) -> Iterator[Problem]:
    """Parameters whose gradient is far from the median of all."""
    sizes = {i: node.gradient.rms for i, node in enumerate(graph.nodes)
             if node.kind == "parameter" and node.state == KNOWN and node.gradient is not None and node.gradient.finite}
    if len(sizes) < 4:
        return
    middle = statistics.median(sizes.values())
    uses = graph.uses()
    for i, size in sizes.items():
        name = graph.nodes[i].name
        says: Callable[[str], str] = lambda word, size=size, name=name: (  # type: ignore[misc]
            f"The gradient of {name} has rms {scientific(size)}, {word} than the median of {count(len(sizes), 'parameter')}, "
            f"{scientific(middle)}.")
        if size > middle * RANGE:
            yield Problem(EXPLODING, i, name, says("more than 1,000 times larger"))
        elif size * RANGE < middle and not rounding(graph, uses, i, size):
            yield Problem(VANISHING, i, name, says("more than 1,000 times smaller"))


def rounding(graph: GraphIR, uses: list[list[tuple[int, int]]], i: int, rms: float) -> bool:
    """Is this no more than what is left when numbers as large as the gradients behind it add up to zero?

    Where these are not known any more: does all that is computed from it go into a normalisation?
    """
    node = graph.nodes[i]
    users = [j for j, _ in uses[i] if graph.nodes[j].active]
    behind = [g for j in users if (g := graph.nodes[j].gradient) is not None]
    if not behind:
        after = [{graph.nodes[k].op for k, _ in uses[j] if graph.nodes[k].active} for j in users]  # (running statistics have no gradient)
        return bool(users) and all(ops == {"normalise"} for ops in after)
    precision = float(np.finfo(node.dtype).eps)
    return any(rms <= 8 * precision * g.rms * max(1.0, g.size / node.size) for g in behind)
