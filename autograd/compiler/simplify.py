"""Which steps need not be run?

* What depends on nothing but numbers and arrays that nobody can change is computed once, now (`folded`).
* The same operation on the same operands is done once (`merged`).
* What nobody needs is left out (`needed`).

None of this changes a bit of any result.

Read next: `matching.py`.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from autograd import ops
from autograd.compiler.captured import Captured, Effect, Read, Write
from autograd.compiler.draws import Draw
from autograd.compiler.lowering import Rule
from autograd.program import Place, Step, mapped


def simplified(captured: Captured) -> Captured:
    return needed(merged(folded(captured)))


def references(values: dict[int, Any]) -> dict[int, int]:
    """How often each value is referred to."""
    return {place: sys.getrefcount(value) for place, value in values.items()}


def alone() -> int:
    """How often an array is referred to that only a capture knows: from its values, its constants, and a copy of these."""
    values = [np.empty(0)]
    constants = dict(enumerate(values))
    copied = dict(constants)
    return references(copied)[0]


def folded(captured: Captured) -> Captured:
    """Steps on constants that nobody else can change become constants."""
    constants, items = dict(captured.constants), []
    counts, least = references(constants), alone()
    fixed = {place for place, value in constants.items()
             if not isinstance(value, np.ndarray) or (value.base is None and counts[place] <= least)}
    for item in captured.items:
        if (isinstance(item, Step) and not isinstance(item.primitive, Draw) and all(place in fixed for place in item.uses)
                and np.size(captured.values[item.results[0]]) <= 1 << 16):
            for place in item.results:
                constants[place] = captured.values[place]
                fixed.add(place)
        else:
            items.append(item)
    return captured._replace(items=items, constants=constants)


def merged(captured: Captured) -> Captured:
    """One step for several that compute the same."""
    same: dict[int, int] = {}
    seen: dict[Any, tuple[int, ...]] = {}
    items: list[Any] = []

    def moved(place: int) -> int:
        return same.get(place, place)

    def write(w: Write) -> Write:
        return w if w.place is None else w._replace(place=moved(w.place))

    for item in captured.items:
        if isinstance(item, Effect):
            items.append(item._replace(writes=tuple(map(write, item.writes))))
            continue
        if isinstance(item, Read):
            items.append(item)
            continue
        options = mapped(item.options, lambda part: Place(moved(part.number)) if isinstance(part, Place) else part)
        item = item._replace(operands=tuple(map(moved, item.operands)), options=options)
        if changes_nothing(item, captured.values):
            same[item.results[0]] = item.operands[0]
            continue
        key = identity(item)
        if key is not None and key in seen:
            same.update(zip(item.results, seen[key]))
            continue
        if key is not None:
            seen[key] = item.results
        items.append(item)
    return captured._replace(items=items, outputs=list(map(moved, captured.outputs)), writes=list(map(write, captured.writes)))


VIEWS = {ops.reshape, ops.broadcast_to, ops.identity}


def changes_nothing(step: Step, values: list[Any]) -> bool:
    """Is the result the operand itself? (Reshaped to the shape that it has, say.)"""
    return step.primitive in VIEWS and np.shape(values[step.operands[0]]) == step.shape


def identity(step: Step) -> Any:
    """What makes two steps the same; None for one that is never the same as another."""
    if isinstance(step.primitive, (Draw, Rule)):
        return None
    key = (id(step.primitive), step.operands, repr(step.options), step.shape, step.dtype)
    whole = all(type(part) in (int, float, bool, str, type(None), Place) for part in parts(step.options))
    return key if whole else None


def parts(option: Any) -> list[Any]:
    """What an option consists of, without the containers."""
    if isinstance(option, slice):
        return [*parts(option.start), *parts(option.stop), *parts(option.step)]
    if type(option) in (tuple, list):
        return [part for inner in option for part in parts(inner)]
    return [option]


def needed(captured: Captured) -> Captured:
    """Without the steps whose results nobody needs. Effects are needed, and so are draws: they move the generator on."""
    wanted = {*captured.outputs, *(w.place for w in captured.writes if w.place is not None)}
    items: list[Any] = []
    for item in reversed(captured.items):
        if isinstance(item, Effect):
            wanted.update(w.place for w in item.writes if w.place is not None)
        elif isinstance(item, Read):
            if item.place not in wanted:
                continue
        elif wanted.intersection(item.results) or isinstance(item.primitive, Draw):
            wanted.update(item.uses)
        else:
            continue
        items.append(item)
    return captured._replace(items=items[::-1])
