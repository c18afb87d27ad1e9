"""How does a computation run again?

A `Program` is what `trace(f, *examples)` returns: the operations that f consists of, in order, and a copy of every constant it
met. It prints like a tape,

    program loss(w: f64[3], x: f64[4,3])
      %1: f64[4,3] = multiply x w
      %2: f64[4,3] = power %1 2
      %3: f64      = sum %2
      return %3
    3 ops

and can be called on other arguments of the same shapes and dtypes. A call runs the operations' forward functions and
nothing else - no tape, no modules, nothing of f's Python - and returns what f would return, bit for bit.

Read next: `tracer.py`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd.errors import argument_text
from autograd.listing import Entry, Listing, Literal, bytes_text, count, options_of, printable, unique, wrapped
from autograd.node import get_mode, type_text
from autograd.primitive import Primitive
from autograd.tape import storage
from autograd.tensor import Tensor, constant_tensor
from autograd.tree import Structure, flatten

OPERATORS: dict[tuple[str, int], Callable[..., Any]] = {
    ("+", 2): operator.add, ("-", 2): operator.sub, ("*", 2): operator.mul, ("/", 2): operator.truediv, ("//", 2): operator.floordiv,
    ("%", 2): operator.mod, ("**", 2): operator.pow, ("@", 2): operator.matmul, ("&", 2): operator.and_, ("|", 2): operator.or_,
    ("^", 2): operator.xor, ("==", 2): operator.eq, ("!=", 2): operator.ne, ("<", 2): operator.lt, ("<=", 2): operator.le,
    (">", 2): operator.gt, (">=", 2): operator.ge, ("-", 1): operator.neg, ("+", 1): operator.pos, ("~", 1): operator.invert,
}
"""What a recorded call computes with where there is an operator; `x ** 2` and `np.power(x, 2)` may differ in the last bit."""


class Place(NamedTuple):
    """Stands, inside an option, for a value that was computed: an index, say."""

    number: int


class Step(NamedTuple):
    """One operation of a program.

    primitive:  the operation
    operands:   the places of its operands among the program's values
    options:    its other arguments; a `Place` inside is a value
    results:    the places for its result and its residuals
    scope:      the calls of modules it was made in
    shape, dtype: of the result
    """

    primitive: Primitive
    operands: tuple[int, ...]
    options: tuple[Any, ...]
    results: tuple[int, ...]
    scope: tuple[tuple[str, str], ...]
    shape: tuple[int, ...]
    dtype: Any

    @property
    def uses(self) -> list[int]:
        """The places it reads."""
        inside: list[int] = []
        mapped(self.options, lambda part: inside.append(part.number) if isinstance(part, Place) else None)
        return [*self.operands, *inside]

    def runner(self) -> Callable[[list[Any]], None]:
        """A function that does it, on a list of the values: what a recorded call would run, the operator or the forward function."""
        p, operands, results, shape = self.primitive, self.operands, self.results, self.shape
        forward = OPERATORS[p.operator, len(operands)] if p.operator else p.forward
        options = {} if p.operator else dict(zip(p.params, self.options))
        computed = len(self.uses) > len(operands)

        def run(values: list[Any]) -> None:
            given: list[Any] = [values[place] for place in operands]
            named = mapped(options, lambda part: values[part.number] if isinstance(part, Place) else part) if computed else options
            y = forward(tuple(given), **named) if p.sequence else forward(*given, **named)
            if p.residuals:
                for place, value in zip(results, y):
                    values[place] = value
            else:
                values[results[0]] = y
            if np.shape(values[results[0]]) != shape:
                raise ValueError(f"{p.name} gave shape {np.shape(values[results[0]])}, and {shape} when this program was traced: how many "
                                 "elements there are depends on the values. Call the function itself, or trace it with values like these.")

        return run


def mapped(option: Any, change: Callable[[Any], Any]) -> Any:
    """An option with its parts changed; it may be a number, an array, a slice, or a tuple, list or dict of these."""
    if isinstance(option, slice):
        return slice(*(mapped(part, change) for part in (option.start, option.stop, option.step)))
    if type(option) in (tuple, list):
        return type(option)([mapped(part, change) for part in option])
    if type(option) is dict:
        return {key: mapped(part, change) for key, part in option.items()}
    return change(option)


class Program(Listing):
    """A computation that runs again: call it with arguments like those it was traced with.

    leaves:     its inputs, and the constants it brings along
    ops:        its operations, without those whose results nobody needs
    constants:  the arrays it brings along, by name (read-only)

    Arrays in give arrays out; if one argument is a Tensor, results are Tensors. They are constants: to have the gradient,
    trace the gradient (`trace(value_and_grad(f), x)`).
    """

    kind = "program"

    def __init__(self, name: str, inputs: Sequence[Entry], structure: Structure, constants: dict[int, tuple[str | None, Any]],
                 steps: Sequence[Step], outputs: Sequence[int], form: Structure) -> None:
        self.name, self._inputs, self._structure, self._outputs, self._form = name, inputs, structure, outputs, form
        needed, live = set(outputs), []
        for step in reversed(steps):
            if needed.intersection(step.results):
                needed.update(step.uses)
                live.append(step)
        self._steps = live[::-1]
        self._runners = [step.runner() for step in self._steps]
        size = 1 + max([len(inputs) - 1, *constants, *(place for step in steps for place in step.results)])
        self._values: list[Any] = [constants[place][1] if place in constants and place in needed else None for place in range(size)]
        arrays = [place for place in constants if np.ndim(self._values[place])]
        spare = (f"c{i}" for i in range(len(arrays)))
        names = [entry.name for entry in inputs]
        called = unique([*names, *(printable(constants[place][0] or "") or next(spare) for place in arrays)])
        self.constants = {name: self._values[place] for name, place in zip(called[len(names):], arrays)}
        for constant in self.constants.values():
            constant.flags.writeable = False
        words: dict[int, str] = {place: Literal(argument_text(value)) for place, value in enumerate(self._values)}
        words.update(zip([*range(len(names)), *arrays], called))
        entries = []
        for i, step in enumerate(self._steps, 1):
            for place, residual in zip(step.results, ("", *(f".{r}" for r in step.primitive.residuals))):
                words[place] = f"%{i}{residual}"
            entries.append(described(step, words))
        kinds = ["parameter" if constants[place][0] else "constant" for place in arrays]
        extra = [Entry(word, kind, shape=value.shape, dtype=value.dtype) for kind, (word, value) in zip(kinds, self.constants.items())]
        super().__init__([*inputs, *extra], entries, [words[place] for place in outputs])

    def __call__(self, *arguments: Any) -> Any:
        """Run it. Raises TypeError or ValueError if the arguments are not like those it was traced with."""
        if get_mode().traced:
            raise RuntimeError(f"{self._title()} is called in a function that is being traced: call the function it was made from")
        leaves, structure = flatten(arguments)
        if structure != self._structure:
            raise TypeError(f"{self._title()} takes arguments of the structure {self._structure}, not {structure}")
        values = list(self._values)
        values[: len(leaves)] = [self._argument(leaf, entry) for leaf, entry in zip(leaves, self._inputs)]
        given = {id(value) for value in values}
        for run in self._runners:
            run(values)
        results = []
        for place in self._outputs:
            result = values[place]
            if isinstance(result, np.ndarray):
                if id(result) in given or result.base is not None or not result.flags.writeable:
                    result = result.copy() if result.ndim else result[()]
                given.add(id(result))
            results.append(result)
        if any(isinstance(leaf, Tensor) for leaf in leaves):
            results = [constant_tensor(result) for result in results]
        return self._form.unflatten(results)

    def _argument(self, given: Any, entry: Entry) -> Any:
        """An argument as an array, if it has the right shape and dtype."""
        if isinstance(given, Tensor) and given.node is not None and get_mode().recording:
            raise TypeError(f"{self._title()} computes values and records nothing, so the gradient of {entry.name} would be lost. Give it "
                            f"{entry.name}.detach(), call it under no_grad(), or trace the gradient: trace(value_and_grad(f), ...)")
        array = given._array if isinstance(given, Tensor) else np.asarray(given)
        if isinstance(given, (bool, int, float, complex)) and np.can_cast(array.dtype, entry.dtype, "same_kind"):
            array = array.astype(entry.dtype)
        if array.shape != entry.shape or array.dtype != entry.dtype:
            raise (ValueError if array.shape != entry.shape else TypeError)(
                f"{self._title()} was traced with {entry.name}: {entry.type}, and got {type_text(array.shape, array.dtype)}. "
                "A program is for one shape and dtype: convert the argument, or trace again.")
        return array[()]

    def _title(self) -> str:
        return f"program {self.name}".rstrip()

    def _head(self) -> list[str]:
        lines = [wrapped(self._title() + "(", [f"{entry.name}: {entry.type}" for entry in self._inputs])]
        if self.constants:
            lines.append(wrapped("  with ", [f"{entry.name}: {entry.type}" for entry in self.leaves[len(self._inputs):]], ""))
        return lines

    def _foot(self) -> list[str]:
        held = dict(storage(value) for value in self.constants.values())
        constants = f", {count(len(held), 'constant')} of {bytes_text(sum(held.values()))}" if held else ""
        return [f"  return {self._form.unflatten([Word(name) for name in self.outputs])!r}", count(len(self.ops), "op") + constants]


class Word(str):
    """A name that prints without quotes."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def described(step: Step, words: dict[int, str]) -> Entry:
    """A step as a line of the listing."""
    p = step.primitive
    labels = tuple(f"{p.inputs[0]}[{i}]" for i in range(len(step.operands))) if p.sequence else p.inputs
    options = [mapped(option, lambda part: Word(words[part.number]) if isinstance(part, Place) else part) for option in step.options]
    return Entry(words[step.results[0]], p.name, tuple(words[i] for i in step.operands), labels, step.shape, step.dtype,
                 options_of(p, options), scope=step.scope)
