"""Which gradients are known, and why not the others?

A backward pass leaves gradients at the leaves, and at results where `retain_grad()` asked for them. The rest can be had from a
pass of our own, which is the engine's (`backward.py`) but for four things: it writes no `.grad`, calls no hook, keeps
every saved array, and remembers each cotangent that it meets. It finds the same numbers to the last bit. Where an earlier pass
has used the graph up, it goes as far as it can: no cotangent is shown unless all its contributions are there.

Of a gradient that is missing the reason is told, and only what can be proved:

    unreachable   no rule leads from the outputs to here; or rules do, but nothing came
    not kept      a pass was here, which the arrays that it has used up prove, or a gradient that it left behind
    not computed  nothing proves that a pass was here. (One with `retain_graph=True` may have been: it leaves no trace at results)

A `.grad` full of zeros where no pass was is no gradient: `zero_grad(set_to_none=False)` writes such.

Read next: `problems.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd.drawing.graph import NOT_COMPUTED, NOT_KEPT, UNREACHABLE
from autograd.invalid import Owned
from autograd.node import FREED, MODE, Leaf, Mode, Node, get_mode


class Gradients(NamedTuple):
    """The gradients of a graph.

    known:    arrays, where they are known
    missing:  NOT_COMPUTED, NOT_KEPT or UNREACHABLE, where they are not
    failed:   what went wrong in our own pass, as a sentence, or ''
    """

    known: dict[Node, Any]
    missing: dict[Node, str]
    failed: str = ""


def gradients_of(nodes: Sequence[Node], roots: Iterable[Node], compute: bool = False, kept: bool = True) -> Gradients:
    """The gradients of the roots (of their sum, if there are several).

    nodes:    all of the graph
    compute:  run a pass of our own?
    kept:     look into `.grad`?
    """
    newest_first = sorted((node for node in nodes if node.pullback is not None), key=lambda node: node.id, reverse=True)
    roots = list(dict.fromkeys(roots))
    reached = behind(newest_first, set(roots), start=False)
    passed = behind(newest_first, set(), start=True)
    known, unfinished, failed = pulled(newest_first, roots) if compute else ({}, set(nodes), "")
    unfinished -= known.keys()
    if kept:
        for node in nodes:
            if node in unfinished and node in reached and (g := grad_of(node)) is not None and (node in passed or np.any(g)):
                known[node] = g
    missing = {node: UNREACHABLE if node not in reached or node not in unfinished else NOT_KEPT if node in passed else NOT_COMPUTED
               for node in nodes if node not in known}
    return Gradients(known, missing, failed)


def receivers(node: Node) -> Iterator[tuple[int, Node]]:
    """The operands that a node sends a cotangent to, with their slots. A rule that does not exist sends nothing."""
    pullback: Any = node.pullback
    every = pullback is not None and pullback.primitive.sequence
    for slot, parent in enumerate(node.inputs):
        if parent is not None and (every or pullback.active >> slot & 1):
            yield slot, parent


def behind(newest_first: Sequence[Node], found: set[Node], start: bool) -> set[Node]:
    """What a cotangent comes to that starts at the nodes in `found`; with `start`, also where a pass has been for sure."""
    for node in newest_first:
        if node in found or (start and (node.saved is FREED or (node.extra is not None and node.extra.grad is not None))):
            found.add(node)
            found.update(parent for _, parent in receivers(node))
    return found


def grad_of(node: Node) -> Any:
    """What earlier backward passes have left in `.grad`, if anything."""
    grad = node.grad if isinstance(node, Leaf) else node.extra.grad if node.extra is not None else None
    return None if grad is None else grad._array


def pulled(newest_first: Sequence[Node], roots: Iterable[Node]) -> tuple[dict[Node, Any], set[Node], str]:
    """A backward pass for the picture alone: the cotangents, where it could not finish, and what went wrong.

    (Running a checkpointed function again is what its pull-back does; then it runs here, too.)
    """
    cotangents: dict[Node, Any] = {root: np.ones(root.shape, root.dtype)[()] for root in roots}
    known: dict[Node, Any] = {}
    unfinished: set[Node] = set()
    failed = ""
    token = MODE.set(Mode(False, get_mode().scope))
    try:
        with Owned(newest_first) as owned:
            for node in newest_first:
                g = cotangents.pop(node, None)
                if g is None and node not in unfinished:
                    continue
                if node not in unfinished:
                    known[node] = g
                    if node.saved is not FREED:
                        try:
                            node.pullback.run(node, g, node.saved, cotangents, owned)  # type: ignore[union-attr]
                            continue
                        except Exception as error:  # a picture is drawn with a number missing rather than not at all
                            failed = failed or f"the gradient rule of {node.op} fails: {error}"
                unfinished.update(parent for _, parent in receivers(node))
    finally:
        MODE.reset(token)
    known.update((node, g) for node, g in cotangents.items() if node not in unfinished)
    return {node: as_grad(g, node) for node, g in known.items()}, unfinished, failed


def as_grad(g: Any, node: Node) -> Any:
    """A cotangent as `.grad` has it, or back again: the conjugate, if the node is complex."""
    return g if g is None or node.dtype.kind != "c" else np.conj(g)


def contributions(node: Node, g: Any) -> tuple[Any, ...]:
    """What a node adds to the gradient of each operand if that of its result is g: its pull-back, run for one at a time."""
    slots, g = dict(receivers(node)), as_grad(g, node)
    return tuple(as_grad(contribution(node, g, slot, slots[slot]), slots[slot]) if slot in slots else None
                 for slot in range(len(node.inputs)))


def contribution(node: Node, g: Any, slot: int, parent: Node) -> Any:
    """What goes back to one operand, if the cotangent of the result is g; None if nothing does."""
    pullback: Any = node.pullback
    arrived: dict[Node, Any] = {}
    only = node
    if hasattr(pullback, "active"):  # else it runs a whole function again, and takes its operands from there
        only = Node(node.id, pullback, tuple(x if i == slot else None for i, x in enumerate(node.inputs)), node.saved, node.params,
                    node.shape, node.dtype, node.scope)
        pullback = pullback.only(1 << slot)
    token = MODE.set(Mode(False, get_mode().scope))
    try:
        with Owned() as owned:
            pullback.run(only, g, node.saved, arrived, owned)
    except Exception:
        return None
    finally:
        MODE.reset(token)
    return arrived.get(parent)
