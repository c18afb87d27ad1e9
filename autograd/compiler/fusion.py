"""Which steps run as one?

Between two convolutions of a network stand small computations on large arrays: a mean, a variance, a product, a sum, a maximum. Each
alone reads all its numbers from memory and writes all its results. oneDNN does several at once:

    both = moments x
    n m r = normalise x w b both        y both m r passed = normalise_relu x w b
    y = relu n

`PATTERNS` and `ALONG` list what is looked for, in this notation: results, `=`, an operation and its operands. A pattern matches steps
that are connected as its lines say, if no intermediate result is needed elsewhere. They become one `Fused` step, which computes by a
kernel, and step by step, as they stood, where the kernel cannot: when oneDNN was switched off, or met a number that is none.

Where oneDNN is not in use nothing is fused, so there a program gives every bit that the function itself would give.

Read next: `into.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import prod
from typing import Any, NamedTuple

import numpy as np

from autograd import kernels
from autograd.compiler.captured import Captured, Effect, Read, hollow
from autograd.kernels import active
from autograd.kernels.layout import steps
from autograd.kernels.normalization import kind_of
from autograd.ops.convolution import conv_axes, transpose_axes
from autograd.ops.windows import per_axis
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

    def replaced(self) -> list[int]:
        """The steps that become one."""
        return sorted(i for entry, i in zip(self.pattern.lines, self.steps) if i is not None and not entry.given)


class Fused:
    """Several steps as one operation.

    name, inputs:  what it is called, and its operands
    parts:         the steps, for when the kernel cannot
    constants:     the numbers among their operands
    """

    sequence, residuals, operator, params, defaults, definition = False, (), None, (), {}, None  # type: ignore[var-annotated]

    def __init__(self, name: str, inputs: tuple[str, ...], kernel: Kernel, order: Sequence[int], operands: Sequence[int],
                 results: Sequence[int | None], parts: Sequence[Step], constants: dict[int, Any]) -> None:
        self.name, self.inputs, self.kernel, self.parts = name, inputs, kernel, tuple(parts)
        self.order, self.operands, self.results = tuple(order), tuple(operands), tuple(results)
        self.constants = constants

    def forward(self, *arrays: Any) -> Any:
        """By the kernel, or step by step."""
        found = self.kernel(*arrays)
        if found is None:
            return self.by_parts(*arrays)
        return found if not self.order else tuple([found[i] for i in self.order]) if len(self.order) > 1 else found[self.order[0]]

    def by_parts(self, *arrays: Any) -> Any:
        """The readable twin: the steps as they stood. What only the kernel computes is None."""
        values: Any = {**self.constants, **dict(zip(self.operands, arrays))}
        for step in self.parts:
            step.runner()(values)
        found = tuple([None if place is None else values[place] for place in self.results])
        return found if len(found) > 1 else found[0]


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


def fused(captured: Captured) -> Captured:
    """The program with fewer steps, where oneDNN is in use."""
    if not any(np.size(value) >= active.ELEMENTS for value in captured.values) or active.library_for(1, 0) is None:
        return captured
    for pattern in PATTERNS:
        captured = Graph(captured).fused(pattern)
    for pattern in ALONG if leads(captured) else ():
        captured = Graph(captured).fused(pattern)
    return captured


def leads(captured: Captured) -> bool:
    """Does oneDNN compute what is most of the work?"""
    return any(isinstance(item, Step) and isinstance(item.primitive, Fused) for item in captured.items)


# ---- what is looked for ----------------------------------------------------------------------------------------------


def large(match: Match, *names: str) -> bool:
    """Are they all float32, of one shape, and large?"""
    arrays = [match.value(name) for name in names]
    return all(isinstance(a, np.ndarray) and a.dtype == active.FLOAT32 and a.shape == arrays[0].shape for a in arrays) and (
        arrays[0].size >= active.ELEMENTS)


def channels(match: Match, axis: Any, *parameters: str) -> bool:
    """Is x normalised over all but the channels, by parameters of float32?"""
    return large(match, "x") and singles(match, *parameters) and kind_of(match.value("x"), axis, *match.like(*parameters)) == "batch"


def singles(match: Match, *names: str) -> bool:
    """Are they all arrays of float32, or None?"""
    return all(a is None or (isinstance(a, np.ndarray) and a.dtype == active.FLOAT32) for a in match.like(*names))


def normalising(relu: bool) -> Callable[[Match], Kernel | None]:
    def kernel(match: Match) -> Kernel | None:
        axis, eps = match.option("normalise", "axis"), match.option("normalise", "eps")
        if not channels(match, axis, "w", "b") or ("both" in match.places and match.option("moments", "axis") != axis):
            return None
        return kernels.bound("normalise_at_once", *match.like("x", "w", "b"), axis, eps, relu)

    return kernel


def normalising_back(relu: bool) -> Callable[[Match], Kernel | None]:
    def kernel(match: Match) -> Kernel | None:
        axis = (0, *range(2, match.value("x").ndim))
        if not large(match, "x", "g") or not channels(match, axis, "w", "m", "r"):
            return None
        known = kernels.bound("normalise_back", *match.like("g", "x", "w", "m", "r"), axis, relu)
        return (lambda g, x, w, m, r, passed, y: known(g, x, w, m, r, passed)) if known is not None and relu else known

    return kernel


def simple(name: str, operands: str, *more: Any) -> Callable[[Match], Kernel | None]:
    """A function of large arrays that lie alike."""

    def kernel(match: Match) -> Kernel | None:
        return kernels.bound(name, *match.like(*operands.split()), *more) if alike(match, *operands.split()) else None

    return kernel


SHARED = 1 << 18
"""An array of so many numbers is added faster by all threads than by one that writes where it read."""


def adding(match: Match) -> Kernel | None:
    return simple("add", "a b", False)(match) if np.size(match.value("a")) >= SHARED else None


def adding_back(match: Match) -> Kernel | None:
    return kernels.bound("add_relu_to_x", *match.like("a", "b", "y")) if large(match, "y", "a", "b") else None


def convolving(*after: str) -> Callable[[Match], Kernel | None]:
    return lambda match: convolution(match, after)


def convolution(match: Match, after: tuple[str, ...]) -> Kernel | None:
    """A convolution, and what is done to its result."""
    x, w, b = match.like("x", "w", "b")
    stride, padding, dilation, groups = (match.option("conv", name) for name in ("stride", "padding", "dilation", "groups"))
    axes = conv_axes(x.shape, w.shape[2:], stride, padding, dilation)
    shape = (len(x), len(w), *(axis.out for axis in axes))
    channel = (1, len(w), *(1,) * len(axes))
    if not singles(match, *match.pattern.fused.operands) or any(
            match.value(name).shape != (shape if name == "z" else channel) for name in ("z", "scale", "shift") if name in match.places):
        return None
    return kernels.bound("conv", x, w, b, axes, groups, match.steady("w"), after) if many(x, w, axes) else None


def convolving_back(match: Match) -> Kernel | None:
    y, w = match.like("y", "w")
    stride, padding, more, groups, dilation = (match.option("conv_transpose", name) for name in (
        "stride", "padding", "output_padding", "groups", "dilation"))
    axes = transpose_axes(y.shape, w.shape[2:], stride, padding, more, dilation)
    return kernels.bound("conv_transpose", y, w, axes, groups) if many(y, w, axes) else None


def convolving_weight(match: Match) -> Kernel | None:
    x, z = match.like("x", "z")
    size, stride, padding, dilation, groups = (match.option("conv_weight", name) for name in (
        "size", "stride", "padding", "dilation", "groups"))
    size = per_axis("conv_weight", "size", size, x.ndim - 2, 1)
    axes = conv_axes(x.shape, size, stride, padding, dilation)
    return kernels.bound("conv_weight", x, z, axes, groups) if many(x, np.empty((z.shape[1], x.shape[1] // groups, *size)), axes) else None


def many(x: Any, w: Any, axes: Any) -> bool:
    """Is it a convolution of so many products that oneDNN would be called anyway?"""
    return len(x) * w.size * prod([axis.out for axis in axes]) >= active.PRODUCTS


def relu_back(match: Match) -> Kernel | None:
    return kernels.relu_to_x if large(match, "y", "g") else None


def alike(match: Match, *names: str) -> bool:
    """Are they large, and do they lie alike in memory?"""
    return large(match, *names) and len({steps(match.value(name)) for name in names}) == 1


NEW: dict[str, Callable[[Match], Any]] = {
    "passed": lambda match: np.empty(match.value("x").size // 8, np.uint8),
    "both": lambda match: np.empty((2, *match.value("m").shape), match.value("m").dtype),
}
"""What only a kernel computes, by name: something of its size."""

LAID_OUT = {"relu_to_x": "y", "add_relu_to_x": "y"}
"""Whose layout a result has, where it may be another than that of the parts."""

BACK = """
    dx = normalise_to_x {g} x w m r
    ? dw = normalise_to_weight {g} x m r
    ? db = normalise_to_bias {g} x
"""

PATTERNS = [
    Pattern("""
        n = rescale c scale shift
        c = conv x w b
        s = add n z
        y = relu s
    """, "y = conv_rescale_add_relu x w b scale shift z", convolving("rescale", "add", "relu")),
    Pattern("""
        n = rescale c scale shift
        c = conv x w b
        y = relu n
    """, "y = conv_rescale_relu x w b scale shift", convolving("rescale", "relu")),
    Pattern("""
        n = rescale c scale shift
        c = conv x w b
    """, "n = conv_rescale x w b scale shift", convolving("rescale")),
    Pattern("""
        c = conv x w b
        s = add c z
        y = relu s
    """, "y = conv_add_relu x w b z", convolving("add", "relu")),
    Pattern("""
        c = conv x w b
        y = relu c
    """, "y = conv_relu x w b", convolving("relu")),
    Pattern("""
        y = relu n
        n m r = normalise x w b both
        both = moments x
    """, "y both m r passed = normalise_relu x w b", normalising(True)),
    Pattern("""
        y = relu n
        n m r = normalise x w b None
    """, "y both m r passed = normalise_relu x w b", normalising(True)),
    Pattern("""
        n m r = normalise x w b both
        both = moments x
    """, "n both m r = normalise_with_moments x w b", normalising(False)),
    Pattern("""
        given y both m r passed = normalise_relu x w b
        up = greater y 0
        h = multiply g up
    """ + BACK.format(g="h"), "dx dw db = normalise_relu_back g x w m r passed y", normalising_back(True)),
    Pattern(BACK.format(g="g"), "dx dw db = normalise_back g x w m r", normalising_back(False)),
    Pattern("y = conv x w b", "y = conv x w b", convolving()),
    Pattern("x = conv_transpose y w None", "x = conv_transpose y w", convolving_back),
    Pattern("w = conv_weight x z", "w = conv_weight x z", convolving_weight),
]
"""In this order: the longest first."""

ALONG = [
    Pattern("""
        y = relu s
        s = add a b
    """, "y = add_relu a b", simple("add", "a b", True)),
    Pattern("""
        dx = multiply g up
        up = greater y 0
        g = add a b
    """, "dx = add_relu_to_x a b y", adding_back),
    Pattern("""
        dx = multiply g up
        up = greater y 0
    """, "dx = relu_to_x g y", relu_back),
    Pattern("y = add a b", "y = add_large a b", adding),
]
"""What NumPy computes nearly as fast, and chains of such steps faster (`chains.py`): by oneDNN only where that convolves or normalises."""
