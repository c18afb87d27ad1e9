"""Where does each result go?

A ufunc can write its result into memory that is there (`np.multiply(a, b, out)`), which saves an allocation and, for large arrays,
the page faults that are a third of their cost. So every intermediate result of a ufunc gets a buffer that is kept from call to call:
that of an operand which is used here for the last time, if it has the same shape, dtype and layout; else one that is free; else
a new one. What the caller gets, or a `.grad`, is no such buffer: its memory belongs to whoever has it. If large, it comes from a `Pool`,
which gives the same memory again once nobody else refers to it.

Read next: `spelling.py`.
"""

from __future__ import annotations

import sys
from typing import Any, NamedTuple

import numpy as np

from autograd.compiler.captured import LARGE, Captured, Effect
from autograd.compiler.chains import Chain
from autograd.compiler.into import writes_into, writes_over
from autograd.compiler.layout import laid, order_of
from autograd.compiler.updates import Update
from autograd.program import Step


class Buffer(NamedTuple):
    """A piece of memory that is kept from call to call."""

    number: int
    shape: tuple[int, ...]
    dtype: Any
    order: tuple[int, ...]
    pooled: bool = False  # may its array be in somebody's hands?

    @property
    def nbytes(self) -> int:
        return int(np.prod(self.shape, dtype=np.int64)) * self.dtype.itemsize

    def array(self) -> Any:
        """New memory of this shape, its axes laid out in this order."""
        return laid(self.shape, self.dtype, self.order)


class Pool:
    """Arrays for one result that is given away."""

    def __init__(self, buffer: Buffer) -> None:
        self.buffer = buffer
        self.arrays = [buffer.array()]
        self.alone = self.references(0)

    def references(self, i: int) -> int:
        array = self.arrays[i]  # a part of it knows its base, the owner of the memory
        return sys.getrefcount(array) + (sys.getrefcount(array.base) if array.base is not None else 0)

    def take(self) -> Any:
        """An array that nobody else refers to."""
        for i in range(len(self.arrays)):
            if self.references(i) <= self.alone:
                return self.arrays[i]
        self.arrays.append(self.buffer.array())
        if len(self.arrays) > 3:  # who keeps every result shall not make us keep them
            del self.arrays[0]
        return self.arrays[-1]


class Plan(NamedTuple):
    """What goes where.

    buffers:  all of them
    of:       the buffer of a place
    roots:    for each place, the first one with the same memory
    last:     for each root, the last item that reads its memory
    """

    buffers: list[Buffer]
    of: dict[int, Buffer]
    roots: list[int]
    last: dict[int, int]


def reads(item: Any) -> list[int]:
    if isinstance(item, Step):
        return item.uses
    return [w.place for w in item.writes if w.place is not None] if isinstance(item, Effect) else []


def handed(item: Any) -> list[int]:
    """What an effect may keep. An update keeps nothing."""
    return reads(item) if isinstance(item, Effect) and not isinstance(item.call, Update) else []


def planned(captured: Captured) -> Plan:
    """Which results go into which buffers."""
    values, items = captured.values, captured.items
    roots = captured.roots
    last: dict[int, int] = {}
    for i, item in enumerate(items):
        for place in reads(item):
            last[roots[place]] = i
    given = {roots[place] for place in captured.outputs} | {roots[w.place] for w in captured.writes if w.place is not None}
    given |= {roots[place] for item in items for place in handed(item)}
    for place in given:
        last[place] = len(items)
    buffers: list[Buffer] = []
    of: dict[int, Buffer] = {}
    free: dict[Any, list[Buffer]] = {}
    for i, item in enumerate(items):
        dying = {roots[p] for p in reads(item) if last.get(roots[p]) == i}
        if not isinstance(item, Step):
            for p in dying.intersection(of):
                free.setdefault(of[p][1:4], []).append(of[p])
            continue
        taken: set[int] = set()  # dying operands whose memory a result has got
        for place in item.results if isinstance(item.primitive, Chain) else item.results[:1]:
            if not (writes_into(item, values) and roots[place] == place):
                continue
            array = values[place]
            order = order_of(array) if isinstance(array, np.ndarray) and array.ndim else None
            if order is not None and place in given:
                if array.nbytes >= LARGE and once(place, captured, roots):
                    of[place] = Buffer(len(buffers), array.shape, array.dtype, order, True)
                    buffers.append(of[place])
            elif order is not None:
                kind = (array.shape, array.dtype, order)
                over = next((p for p in item.operands if p in dying and p in of and of[p][1:4] == kind and not of[p].pooled
                             and p not in taken and writes_over(item, place, p, roots)), None)
                if over is not None:
                    buffer = of[over]
                    taken.add(over)
                elif free.get(kind):
                    buffer = free[kind].pop()
                else:
                    buffer = Buffer(len(buffers), *kind)
                    buffers.append(buffer)
                of[place] = buffer
                last.setdefault(place, i)
        for p in dying - taken:
            if p in of and not of[p].pooled:
                free.setdefault(of[p][1:4], []).append(of[p])
        for place in item.results:
            if place in of and not of[place].pooled and last.get(place) == i:
                free.setdefault(of[place][1:4], []).append(of[place])
    return Plan(buffers, of, roots, last)


def once(place: int, captured: Captured, roots: list[int]) -> bool:
    """Does this memory leave the program once, and as it is?"""
    leaving = [*captured.outputs, *(w.place for w in captured.writes if w.place is not None)]
    leaving += [place for item in captured.items for place in handed(item)]
    return [p for p in leaving if roots[p] == place] == [place]
