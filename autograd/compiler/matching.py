"""Where does a pattern fit?

A `Pattern` is some lines of a listing, `n m r = normalise x w b both`. It fits steps that are connected as its lines say, if no
intermediate result is needed elsewhere; these become one `Fused` step, which keeps them as its twin.

Read next: `sums.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd.compiler.captured import Captured, Effect, Read, Several, hollow
from autograd.program import Step

Kernel = Callable[..., Any]


class Line(NamedTuple):
    """One line of a pattern: `results = operation operands`.

    optional:  need it be there? (marked by ?)
    given:     is it another step's, which stays as it is? (marked by given)
    """

    results: tuple[str, ...]
    operation: str
    operands: tuple[str, ...]
    optional: bool
    given: bool


def line(text: str) -> Line:
    """A line from its text."""
    left, right = text.split("=")
    words, (operation, *operands) = left.split(), right.split()
    marks = [word for word in words if word in ("?", "given")]
    return Line(tuple(word for word in words if word not in marks), operation, tuple(operands), "?" in marks, "given" in marks)


class Pattern:
    """What becomes one step.

    lines:   the steps, the first one being that which is looked for
    fused:   the step that they become
    kernel:  from what was matched, what computes its results; or None, where nothing can
    """

    def __init__(self, lines: str, fused: str, kernel: Callable[[Match], Kernel | None]) -> None:
        self.lines = [line(text) for text in lines.splitlines() if text.strip()]
        self.fused, self.kernel = line(fused), kernel


class Match:
    """Steps that a pattern fits.

    places:  the place of each name
    steps:   the index of the step of each line (None: an optional one that is not there)
    """

    def __init__(self, pattern: Pattern, graph: Graph, places: dict[str, int], steps: list[int | None]) -> None:
        self.pattern, self.graph, self.places, self.steps = pattern, graph, places, steps

    def value(self, name: str) -> Any:
        """What was there when the program was captured."""
        return self.graph.values[self.places[name]]

    def like(self, *names: str) -> list[Any]:
        """The same of several."""
        return [self.value(name) for name in names]

    def steady(self, name: str) -> bool:
        """Is it a Tensor's value, which this program does not change?"""
        place, captured = self.places[name], self.graph.captured
        read = next((item for item in captured.items if isinstance(item, Read) and item.place == place), None)
        return (read is not None and not read.gradient and not any(isinstance(item, Effect) for item in captured.items)
                and not any(w.owner is read.owner for w in captured.writes))

    def option(self, operation: str, name: str) -> Any:
        """An argument that is no operand."""
        where = next(i for entry, i in zip(self.pattern.lines, self.steps) if entry.operation == operation and i is not None)
        step = self.graph.items[where]
        return step.options[step.primitive.params.index(name)]

    def free(self, name: str) -> bool:
        """Is it memory that a fused step made for it, and that nobody looks at after these steps? Then they may write over it."""
        graph, place = self.graph, self.places[name]
        maker = graph.items[graph.maker[place]] if place in graph.maker else None
        return (isinstance(maker, Step) and isinstance(maker.primitive, Fused) and place not in graph.leaving
                and graph.captured.roots.count(place) == 1 and set(self.replaced()).issuperset(graph.users[place]))

    def replaced(self) -> list[int]:
        """The steps that become one."""
        return sorted(i for entry, i in zip(self.pattern.lines, self.steps) if i is not None and not entry.given)


class Fused(Several):
    """Several steps as one operation: by a kernel, and step by step where the kernel cannot.

    name, inputs:  what it is called, and its operands
    order:         which results of the kernel are wanted
    """

    def __init__(self, name: str, inputs: tuple[str, ...], kernel: Kernel, order: Sequence[int], operands: Sequence[int],
                 results: Sequence[int | None], parts: Sequence[Step], constants: dict[int, Any]) -> None:
        super().__init__(parts, operands, results, constants)
        self.name, self.inputs, self.kernel, self.order = name, inputs, kernel, tuple(order)

    def forward(self, *arrays: Any) -> Any:
        """By the kernel, or step by step."""
        found = self.kernel(*arrays)
        if found is None:
            return self.by_parts(*arrays)
        return found if not self.order else tuple([found[i] for i in self.order]) if len(self.order) > 1 else found[self.order[0]]


class Graph:
    """The steps of a program, and who makes and uses what."""

    def __init__(self, captured: Captured) -> None:
        self.captured, self.items, self.values = captured, captured.items, captured.values
        self.constants = captured.constants
        self.maker: dict[int, int] = {}
        self.users: dict[int, list[int]] = {}
        for i, item in enumerate(self.items):
            if isinstance(item, Step):
                self.maker.update((place, i) for place in item.results)
                for place in dict.fromkeys(item.uses):
                    self.users.setdefault(place, []).append(i)
            elif isinstance(item, Effect):
                for w in item.writes:
                    if w.place is not None:
                        self.users.setdefault(w.place, []).append(i)
                if item.result is not None:
                    self.maker[item.result] = i
            else:
                self.maker[item.place] = i
        self.leaving = {*captured.outputs, *(w.place for w in captured.writes if w.place is not None)}

    # ---- matching ---------------------------------------------------------------------------------------------------

    def matches(self, pattern: Pattern) -> Iterator[Match]:
        """Where a pattern fits; nowhere twice."""
        taken: set[int] = set()
        for i in range(len(self.items)):
            places = self.bound(pattern.lines[0], i, {})
            found = self.extended(pattern, places, [i]) if places is not None else None
            if found is not None and not taken.intersection(found.replaced()):
                taken.update(found.replaced())
                yield found

    def bound(self, entry: Line, i: int, places: dict[str, int]) -> dict[str, int] | None:
        """What the names stand for if this step is that of the line; None if it is not. The order of a sum is no matter."""
        found = self.named(entry, i, places)
        if found is None and entry.operation == "add":
            return self.named(entry._replace(operands=entry.operands[::-1]), i, places)
        return found

    def named(self, entry: Line, i: int, places: dict[str, int]) -> dict[str, int] | None:
        step = self.items[i]
        if not isinstance(step, Step) or step.primitive.name != entry.operation or len(step.uses) != len(entry.operands):
            return None
        places = dict(places)
        for name, place in (*zip(entry.operands, step.operands), *zip(entry.results, step.results)):
            if name in ("0", "None"):
                value = self.constants.get(place, self)
                if not (value is None if name == "None" else type(value) in (int, float) and value == 0):
                    return None
            elif places.setdefault(name, place) != place:
                return None
        return places

    def extended(self, pattern: Pattern, places: dict[str, int], steps: list[int | None]) -> Match | None:
        """A match of all lines, from one of the first ones."""
        if len(steps) == len(pattern.lines):
            match = Match(pattern, self, places, steps)
            return match if self.stands_alone(match) and self.slot(match) is not None else None
        entry = pattern.lines[len(steps)]
        for i in self.near(entry, places):
            more = self.bound(entry, i, places) if i not in steps else None
            found = self.extended(pattern, more, [*steps, i]) if more is not None else None
            if found is not None:
                return found
        return self.extended(pattern, places, [*steps, None]) if entry.optional else None

    def near(self, entry: Line, places: dict[str, int]) -> list[int]:
        """The steps that this line may be: those that make or use something that has been found."""
        for name in entry.results:
            if name in places:
                return [self.maker[places[name]]] if places[name] in self.maker else []
        for name in entry.operands:
            if name in places and self.users.get(places[name]):
                return self.users[places[name]]
        return []

    def stands_alone(self, match: Match) -> bool:
        """Is no intermediate result needed by others?"""
        inside, shown = set(match.replaced()), {match.places.get(name) for name in match.pattern.fused.results}
        results = {place for i in inside for place in self.items[i].results} - shown
        return not results & self.leaving and all(inside.issuperset(self.users.get(place, ())) for place in results)

    def slot(self, match: Match) -> int | None:
        """Where the one step can stand: after what it needs, before those who need it, and in the place of one of its parts."""
        steps, fused = match.replaced(), match.pattern.fused
        if any(isinstance(item, Effect) for item in self.items[steps[0]: steps[-1]]):
            return None
        if any(name not in match.places for name in fused.operands):
            return None
        first = max([self.maker.get(match.places[name], -1) for name in fused.operands])
        results = {place for i in steps for place in self.items[i].results}
        last = min([i for place in results for i in self.users.get(place, ()) if i not in steps], default=len(self.items))
        return next((i for i in steps if first < i <= last), None)

    # ---- replacing --------------------------------------------------------------------------------------------------

    def fused(self, pattern: Pattern) -> Captured:
        """The program with one step for each match."""
        values, roots, constants = list(self.values), list(self.captured.roots), self.constants
        items: list[Any] = list(self.items)
        for match in self.matches(pattern):
            kernel, slot = pattern.kernel(match), self.slot(match)
            if kernel is None or slot is None:
                continue
            parts = [self.items[i] for i in match.replaced()]
            made = {place for step in parts for place in step.results}
            names = [name for name in pattern.fused.results if match.places.get(name) in made or name in NEW]
            order = [pattern.fused.results.index(name) for name in names] if len(pattern.fused.results) > 1 else []
            known = [match.places.get(name) for name in names]
            operands = [match.places[name] for name in pattern.fused.operands]
            numbers = {place: constants[place] for step in parts for place in step.uses if place in constants}
            primitive = Fused(pattern.fused.operation, pattern.fused.operands, kernel, order, operands, known, parts, numbers)
            results = []
            for name, place in zip(names, known):
                if place is None:
                    place = len(values)
                    values.append(hollow(NEW[name](match)))
                    roots.append(place)
                results.append(place)
            if pattern.fused.operation in LAID_OUT:
                values[results[0]] = values[match.places[LAID_OUT[pattern.fused.operation]]]
            y = values[results[0]]
            outer = next(self.items[i] for i in match.replaced() if results[0] in self.items[i].results)
            for i in match.replaced():
                items[i] = None
            items[slot] = Step(primitive, tuple(operands), (), tuple(results), outer.scope, y.shape, y.dtype)  # type: ignore[arg-type]
        return self.captured._replace(items=[item for item in items if item is not None], values=values, roots=roots, constants=constants)


NEW: dict[str, Callable[[Match], Any]] = {
    "passed": lambda match: np.empty(match.value("x").size // 8, np.uint8),
    "both": lambda match: np.empty((2, *match.value("m").shape), match.value("m").dtype),
}
"""What only a kernel computes, by name: something of its size."""

LAID_OUT = {"relu_to_x": "y", "add_relu_to_x": "y"}
"""Whose layout a result has, where it may be another than that of the parts."""
