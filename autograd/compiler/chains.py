"""How are element-wise operations done on large arrays?

Block by block. Each operation alone would fetch long arrays from memory and put a long one back. Of several that follow each other, a
block of some thousand elements goes through all of them while it is in the cache; intermediate results that nobody else needs are never
there as a whole:

    def chain5(v3, v4, v6):
        for at, s0, c1 in blocks:
            add(v3[at], v4, s0)
            maximum(s0, c1, out=v6[at])

The same ufuncs, in the same order for each element: the same bits. A number that NumPy compares slowly (`maximum(x, 0)` takes four times
as long as of two arrays) is a block full of it, and so a `relu` is worth a chain of its own.

`chained` finds the steps: ufuncs (and relu) on arrays of one shape, beside numbers, or rows that are the same for all blocks. A chain
stands where its last part stood.

Read next: `buffers.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd import ops
from autograd.compiler.captured import Captured, Effect, Read, Several
from autograd.compiler.layout import order_of
from autograd.program import Step

LONG = 1 << 15
"""Arrays of so many elements are long."""

BLOCK = 1 << 18
"""So many bytes a block of the result has, about. Measured: with a quarter of them a chain takes a fifth longer."""

STORED = 1 << 20
"""A chain pays if so many bytes need not be stored."""

MANY = 64
"""A chain has at most so many parts."""

SLOW = {np.maximum, np.minimum}
"""What takes longer for an array and a number than for two arrays."""


class Chain(Several):
    """Several element-wise steps as one operation. What runs is written by `blocks.py`.

    whole:  of the operands, those that are not cut into blocks
    flat:   are all arrays cut as they lie in memory? Else along their first axis
    """

    name, params = "chain", ("parts",)

    def __init__(self, parts: Sequence[Step], operands: Sequence[int], results: Sequence[int], values: Sequence[Any],
                 constants: dict[int, Any]) -> None:
        super().__init__(parts, operands, results, constants)
        self.inputs = tuple(f"x{i}" for i in range(len(operands)))
        shape = parts[0].shape
        self.whole = {place for place in operands if np.shape(values[place]) != shape}
        arrays = [values[place] for place in (*operands, *(part.results[0] for part in parts)) if place not in self.whole]
        orders = {order_of(array) for array in arrays}
        self.flat = len(orders) == 1 and None not in orders and all(np.ndim(values[place]) == 0 for place in self.whole)

    forward = Several.by_parts

    def over(self, result: int, operand: int) -> bool:
        """May a result be written into the memory of an operand of the same layout? When it is made, the operand is read no more."""
        if operand in self.whole or operand not in self.operands:
            return False
        made = next(i for i, part in enumerate(self.parts) if part.results[0] == result)
        return not any(operand in part.operands for part in self.parts[made + 1:])


def ufunc_of(step: Step, constants: dict[int, Any]) -> Any:
    """The ufunc that an element-wise step consists of; None if it is no such step."""
    p = step.primitive
    if len(step.results) != 1 or step.uses != list(step.operands):
        return None
    if p.operator == "**":  # Python's operator squares
        two = constants.get(step.operands[1])
        return np.square if type(two) in (int, float) and two == 2 and step.dtype.kind == "f" else None
    if p.forward is ops.relu.forward:
        return np.maximum if step.dtype.kind == "f" else None
    plain = isinstance(p.forward, np.ufunc) and p.forward.nout == 1 and p.forward.signature is None and not p.sequence
    return p.forward if plain and step.dtype.kind in "biuf" else None


class Group:
    """Steps that may become a chain."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape, self.steps, self.made, self.operands = shape, list[int](), set[int](), set[int]()

    def touches(self, places: Sequence[int]) -> bool:
        return not self.made.isdisjoint(places) or not self.operands.isdisjoint(places)


def chained(captured: Captured) -> Captured:
    """With chains in place of their parts."""
    open_: list[Group] = []
    done: list[Group] = []
    for i, item in enumerate(captured.items):
        if isinstance(item, Read):
            continue
        if isinstance(item, Effect):
            done += open_
            open_ = []
            continue
        arrays = long_operands(item, captured)
        group = None
        if arrays is not None:
            group = next((g for g in open_ if g.shape == item.shape and len(g.steps) < MANY and g.touches(arrays)), None)
        done += [g for g in open_ if g is not group and uses(item, g, captured)]
        open_ = [g for g in open_ if g is group or g not in done]
        if arrays is not None:
            if group is None:
                group = Group(item.shape)
                open_.append(group)
            group.steps.append(i)
            group.made.update(item.results)
            group.operands.update(arrays)
    return replaced(captured, done + open_)


def long_operands(step: Step, captured: Captured) -> list[int] | None:
    """The arrays of the shape of the result that a step reads, if it is an element-wise one on long arrays."""
    size = int(np.prod(step.shape, dtype=np.int64)) if step.shape else 0
    if size < LONG or ufunc_of(step, captured.constants) is None:
        return None
    values, constants = captured.values, captured.constants
    result = values[step.results[0]]
    if not isinstance(result, np.ndarray) or order_of(result) is None:
        return None
    full = [place for place in step.operands if np.shape(values[place]) == step.shape]
    for place in step.operands:
        value = values[place]
        if place in full or np.ndim(value) == 0:
            continue
        if not by_rows(result) or (np.ndim(value) == result.ndim and value.shape[0] != 1):
            return None
    if any(np.ndim(constants[place]) == 0 and not isinstance(constants[place], (int, float, np.generic)) for place in step.operands
           if place in constants):
        return None
    flat = all(order_of(values[place]) == order_of(result) for place in full)
    return full if full and (flat or by_rows(result)) else None


def by_rows(array: Any) -> bool:
    """Can it be cut along its first axis into blocks that are not too long?"""
    order = order_of(array)
    return order is not None and order[0] == 0 and array.nbytes // array.shape[0] <= 2 * BLOCK


def uses(step: Step, group: Group, captured: Captured) -> bool:
    """Does a step need what a group makes?"""
    return any(captured.roots[place] in group.made or place in group.made for place in step.uses)


def replaced(captured: Captured, groups: list[Group]) -> Captured:
    """The items with those groups as chains that are worth it."""
    items, chains, gone = captured.items, dict[int, Step](), set[int]()
    needed = {*captured.outputs, *(w.place for w in captured.writes if w.place is not None)}
    users: dict[int, set[int]] = {}
    for i, item in enumerate(items):
        writes = item.writes if isinstance(item, Effect) else ()
        places = item.uses if isinstance(item, Step) else [w.place for w in writes if w.place is not None]
        for place in places:
            users.setdefault(place, set()).add(i)
    for group in groups:
        inside, parts = set(group.steps), [items[i] for i in group.steps]
        results = [place for place in (part.results[0] for part in parts) if place in needed or users.get(place, set()) - inside]
        if not pays(parts, results, captured):
            continue
        operands = list(dict.fromkeys(place for part in parts for place in part.operands
                                      if place not in captured.constants and place not in group.made))
        operands += [place for place in dict.fromkeys(p for part in parts for p in part.operands)
                     if place in captured.constants and np.ndim(captured.constants[place])]
        numbers = {place: captured.constants[place] for part in parts for place in part.operands
                   if place in captured.constants and place not in operands}
        chain: Any = Chain(parts, operands, results, captured.values, numbers)
        if not chain.flat and not all(by_rows(captured.values[part.results[0]]) for part in parts):
            continue
        named = " ".join(part.primitive.name for part in parts)
        chains[group.steps[-1]] = parts[-1]._replace(primitive=chain, operands=tuple(operands), options=(named,), results=tuple(results),
                                                     dtype=captured.values[results[0]].dtype)
        gone |= inside
    return captured._replace(items=[chains.get(i, item) for i, item in enumerate(items) if i in chains or i not in gone])


def pays(parts: list[Step], results: list[int], captured: Captured) -> bool:
    """Is a chain faster? If a number is compared faster; or if enough is never stored, of what would not fit into the cache."""
    if not results:
        return False
    if any(ufunc_of(part, captured.constants) in SLOW and slow_number(part, captured) for part in parts):
        return True
    stored = len(parts) - len(results)
    return stored * captured.values[results[0]].nbytes >= STORED


def slow_number(part: Step, captured: Captured) -> bool:
    return len(part.operands) == 1 or any(np.ndim(captured.values[place]) == 0 for place in part.operands)
