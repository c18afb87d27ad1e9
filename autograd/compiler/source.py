"""What does a compiled function look like?

Python, in a straight line: one line for each step, with the ufunc called directly and told where to write. Print it with
`print(compiled.source)`.

    def run(v0, v1):
        v2 = t0._array
        v3 = multiply(v0, v2, b0)
        v4 = f1(v3)
        ...

Read next: `program.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from autograd import ops
from autograd.codegen import compile_source
from autograd.compiler.blocks import Blocks
from autograd.compiler.buffers import Buffer, Plan, Pool
from autograd.compiler.captured import LARGE, Captured, Effect, Read, Write
from autograd.compiler.chains import LONG, SLOW, Chain
from autograd.compiler.into import INTO
from autograd.compiler.layout import laid, order_of
from autograd.compiler.simplify import parts
from autograd.compiler.spelling import SPELLED, Line
from autograd.compiler.updates import Update
from autograd.program import Place, Step, mapped
from autograd.tensor import constant_tensor

PLAIN = {np.add, np.subtract, np.multiply, np.divide, np.maximum, np.minimum, np.greater, np.greater_equal, np.less, np.less_equal,
         np.equal, np.not_equal}
"""Ufuncs to which a number is a number of the dtype of the array beside it."""


FEW = 512
"""For fewer elements an array full of a number is not worth its memory."""


class Writer:
    """Writes the source, and collects the objects that it names."""

    def __init__(self, captured: Captured, plan: Plan, invalid: Any) -> None:
        self.captured, self.plan, self.invalid = captured, plan, invalid
        self.scope: dict[str, Any] = {"tensor": constant_tensor}
        self.lines: list[str] = []
        self.late = False  # is it too late to begin again? An effect has happened
        self.begun = False  # has a line said that something is changed?
        self.unchecked = True  # has anything been computed since the last check?
        self.known: dict[tuple[str, int], str] = {}
        self.made: set[int] = set()
        self.large: dict[int, list[int]] = {}  # the variables that hold much memory, by the first place in it
        self.gone: set[int] = set()  # the memory that has left the program
        self.arrays: dict[int, Any] = {}
        self.literals: dict[Any, Any] = {}
        self.literals_by_name: dict[str, Any] = {}
        self.chains: list[str] = []  # the functions of chains
        self.pools: dict[int, Callable[[], Any]] = {}

    def named(self, prefix: str, value: Any) -> str:
        """A name for an object."""
        name = self.known.get((prefix, id(value)))
        if name is None:
            name = self.known[prefix, id(value)] = f"{prefix}{len(self.known)}"
            self.scope[name] = value
        return name

    def place(self, place: int) -> str:
        constants = self.captured.constants
        if place in constants:
            value = constants[place]
            return repr(value) if type(value) in (bool, int) else self.named("c", value)
        return f"v{place}"

    def source(self) -> str:
        captured = self.captured
        head = f"def run({', '.join(f'v{place}' for place in captured.inputs)}):"
        for i, item in enumerate(captured.items):
            self.late = self.late or (i > 0 and isinstance(captured.items[i - 1], Effect))
            if isinstance(item, Read):
                self.read(item)
            elif isinstance(item, Effect):
                self.effect(item, i)
            else:
                self.step(item)
                self.let_go(item, i)
        self.late = any(isinstance(item, Effect) for item in captured.items)
        self.check()
        if captured.writes:
            self.begin()
        for write in captured.writes:
            self.write(write)
        self.lines.append(f"return ({', '.join(map(self.given, captured.outputs))}{',' if captured.outputs else ''})")
        return "\n".join([head, *("    " + line for line in self.lines)])

    def read(self, read: Read) -> None:
        owner = self.named("t", read.owner)
        self.lines.append(f"v{read.place} = {owner}.node.grad._array" if read.gradient else f"v{read.place} = {owner}._array")

    def write(self, write: Write) -> None:
        owner = self.named("t", write.owner)
        value = "None" if write.place is None else self.given(write.place)
        if write.added:  # who holds the gradient sees it grow
            self.lines.append(f"if {owner}.node.grad is None: {owner}.node.grad = tensor({value})")
            self.lines.append(f"else: {owner}.node.grad._array = {value}")
        elif not write.gradient:
            self.lines.append(f"{owner}._array = {value}")
        else:
            self.lines.append(f"{owner}.node.grad = " + ("None" if write.place is None else f"tensor({value})"))

    def given(self, place: int) -> str:
        """A value that leaves the program: in memory that nobody else has."""
        root = self.plan.roots[place]
        buffer = self.plan.of.get(root)
        fresh = root in self.made and (buffer is None or buffer.pooled) and root not in self.gone
        self.gone.add(root)
        return self.place(place) if fresh else f"copy({self.place(place)})"

    def check(self) -> None:
        """Before something is changed: has an invalid value been met? Then the call is done again as it is, while it still can be."""
        if self.unchecked:
            self.lines.append(f"if invalid.noted: {'late()' if self.late else 'raise Invalid'}")
        self.unchecked = False

    def begin(self) -> None:
        """From here on the call cannot be done again, since it changes something."""
        if not self.begun:
            self.lines.append("invalid.begun = True")
        self.begun = True

    def effect(self, effect: Effect, i: int) -> None:
        self.check()
        self.begin()
        if isinstance(effect.call, Update):
            return self.update(effect, i)
        for write in effect.writes:
            self.write(write)
        dead = [f"v{item.place}" for item in self.captured.items[:i] if isinstance(item, Read) and self.plan.last.get(item.place, -1) <= i]
        dead += [f"v{p}" for p in sorted(self.made) if self.plan.last.get(self.plan.roots[p], -1) <= i]
        if dead:  # who writes to a Tensor must be alone with its memory
            self.lines.append(" = ".join(dead) + " = None")
        self.lines.append(f"{f'v{effect.result} = ' if effect.result is not None else ''}{self.named('e', self.aside(effect.call))}()")

    def update(self, effect: Effect, i: int) -> None:
        """The step of an optimiser, given the gradients. Who writes to a Tensor must be alone with its memory."""
        updated = set(map(id, effect.call.parameters))
        read = {self.plan.roots[item.place] for item in self.captured.items[:i]
                if isinstance(item, Read) and not item.gradient and id(item.owner) in updated}
        dead = [p for p, root in enumerate(self.plan.roots) if root in read and self.plan.last.get(root, -1) < i]
        dead = [p for p in dead if p in self.made or self.plan.roots[p] == p]
        if dead:
            self.lines.append(" = ".join(f"v{p}" for p in dead) + " = None")
        gradients = [self.place(write.place) for write in effect.writes if write.place is not None]
        self.lines.append(f"{self.named(effect.call.name, self.aside(effect.call.runner()))}({', '.join(gradients)})")

    def step(self, step: Step) -> None:
        self.unchecked = True
        if isinstance(step.primitive, Chain):
            return self.chain(step)
        p = step.primitive
        operands, open_ = [self.place(place) for place in step.operands], False
        buffer = self.plan.of.get(step.results[0])
        out = None
        if buffer is not None:
            out = self.out(buffer)
        if p.operator is not None and step.shape == () and len(operands) in (1, 2):
            call = f" {p.operator} ".join(operands) if len(operands) == 2 else f"{p.operator}{operands[0]}"
        elif p.operator == "**" or (p.operator is not None and out is None):
            operands = self.as_arrays(p.forward, step)
            exponent = self.captured.constants.get(step.operands[-1])
            square = p.operator == "**" and type(exponent) in (int, float) and exponent == 2 and out is not None
            call = (f"{self.named('f', np.square)}({operands[0]}, {out})" if square and step.dtype.kind == "f" else
                    f" {p.operator} ".join(operands) if len(operands) == 2 else f"{p.operator}{operands[0]}")
        elif isinstance(p.forward, np.ufunc) and out is not None:
            call = self.ufunc(p.forward, [self.full(operand, step) if p.forward in SLOW else operand
                                          for operand in self.as_arrays(p.forward, step)], out)
        elif p.forward is ops.relu.forward and out is not None and step.dtype.kind == "f":
            call = self.ufunc(np.maximum, [operands[0], self.full(self.literal(0, step.dtype), step)], out)
        else:
            write = SPELLED.get(p.forward)
            values = [self.captured.values[place] for place in step.operands]
            known = write(Line(step, operands, values, out, self.named)) if write is not None else None
            call = known or self.call(step, operands, out)
            open_ = known is None and out is None and isinstance(values[0] if values else None, np.ndarray)
        results = ", ".join(f"v{place}" for place in step.results)
        self.lines.append(f"{results} = {call}")
        if open_ and step.shape:  # how many elements there are may depend on values (x[x > 0], unique)
            self.lines.append(f"if v{step.results[0]}.shape != {step.shape!r}: {'late()' if self.late else 'raise Invalid'}")
        self.made.update(step.results)

    def chain(self, step: Step) -> None:
        """Several steps by a function of their own, which is told where the results go."""
        name = f"chain{len(self.chains) + 1}"
        blocks = Blocks(step, name, self)
        scope = {**self.scope, **blocks.scope}
        self.scope[name] = compile_source(name, blocks.source, scope)
        self.chains.append(blocks.source)
        for place in step.results:
            buffer = self.plan.of.get(place)
            if buffer is None:
                array = self.captured.values[place]
                made = self.named("n", partial(laid, array.shape, array.dtype, order_of(array)))  # type: ignore[arg-type]
            self.lines.append(f"v{place} = {f'{made}()' if buffer is None else self.out(buffer)}")
        self.lines.append(f"{name}({', '.join(dict.fromkeys(blocks.words.values()))})")
        self.made.update(step.results)

    def out(self, buffer: Buffer) -> str:
        """The memory that a result goes to."""
        return f"{self.named('p', self.pool(buffer))}()" if buffer.pooled else self.named("b", self.memory(buffer))

    def ufunc(self, ufunc: Any, operands: list[str], out: str) -> str:
        keyword = "out=" if ufunc in (np.maximum, np.minimum) else ""  # NumPy wants it so of these two
        return f"{self.named(ufunc.__name__, ufunc)}({', '.join(operands)}, {keyword}{out})"

    def as_arrays(self, ufunc: Any, step: Step) -> list[str]:
        """The operands of a ufunc; numbers among them as 0-d arrays, which NumPy takes twice as fast, and with the same result."""
        constants = self.captured.constants
        dtypes = {self.captured.values[p].dtype if np.ndim(self.captured.values[p]) else None for p in step.operands if p not in constants}
        dtype = dtypes.pop() if len(dtypes) == 1 else None
        plain = ufunc in PLAIN and dtype is not None and dtype.kind == "f"
        return [self.literal(constants[p], dtype) if plain and type(constants.get(p)) in (int, float) else self.place(p)
                for p in step.operands]

    def literal(self, value: Any, dtype: Any) -> str:
        """A number, as an array of this dtype if it has such a value."""
        key = repr(value), dtype
        if key not in self.literals:
            with np.errstate(all="ignore"):
                array = np.array(value, dtype)
            self.literals[key] = array if np.isfinite(array) or not np.isfinite(value) else value
        found = self.literals[key]
        if not isinstance(found, np.ndarray):
            return repr(value)
        self.literals_by_name[name := self.named("c", found)] = found
        return name

    def full(self, operand: str, step: Step) -> str:
        """An array full of a number, where NumPy takes longer for the number."""
        number, array = self.literals_by_name.get(operand), self.captured.values[step.results[0]]
        order = order_of(array) if isinstance(array, np.ndarray) else None
        if number is None or order is None or not FEW <= array.size < LONG:
            return operand
        key = operand, array.shape, array.dtype, order
        if key not in self.literals:
            self.literals[key] = laid(array.shape, array.dtype, order)
            self.literals[key][...] = number
        return self.named("c", self.literals[key])

    def let_go(self, step: Step, i: int) -> None:
        """Large results that were used for the last time give their memory back, as in an eager backward pass."""
        plan, values = self.plan, self.captured.values
        dying = {plan.roots[p] for p in (*step.uses, *step.results) if plan.last.get(plan.roots[p], i) <= i}
        dead = sorted(p for root in dying for p in self.large.pop(root, ()))
        if dead:
            self.lines.append(" = ".join(f"v{p}" for p in dead) + " = None")
        for p in step.results:
            if p not in plan.of and getattr(values[p], "nbytes", 0) >= LARGE and plan.last.get(plan.roots[p], i) > i:
                self.large.setdefault(plan.roots[p], []).append(p)

    def call(self, step: Step, operands: list[str], out: str | None) -> str:
        p = step.primitive
        options = []
        for name, option in zip(p.params, step.options):
            places = [part.number for part in parts(option) if isinstance(part, Place)]
            if not places:
                value = repr(option) if type(option) in (bool, int, type(None)) else self.named("o", option)
            elif isinstance(option, Place):
                value = self.place(option.number)
            else:
                value = f"{self.named('m', filled(option, places))}({', '.join(map(self.place, places))})"
            options.append(f"{name}={value}")
        given = [f"({', '.join(operands)},)"] if p.sequence else operands
        if out is not None:
            return f"{self.named('f', INTO[p.forward])}({', '.join([*given, *options, f'out={out}'])})"
        return f"{self.named('f', p.forward)}({', '.join([*given, *options])})"

    def aside(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """An effect is told of invalid values as its caller wants it."""

        def aside(*given: Any) -> Any:
            how, function = self.invalid.outer
            with np.errstate(invalid=how, call=function):
                return call(*given)

        return aside

    def pool(self, buffer: Any) -> Callable[[], Any]:
        if buffer.number not in self.pools:
            self.pools[buffer.number] = Pool(buffer).take
        return self.pools[buffer.number]

    def memory(self, buffer: Any) -> Any:
        if buffer.number not in self.arrays:
            self.arrays[buffer.number] = buffer.array()
        return self.arrays[buffer.number]


def filled(option: Any, places: list[int]) -> Callable[..., Any]:
    """A function from the values at the places to the option."""

    def fill(*values: Any) -> Any:
        at = dict(zip(places, values))
        return mapped(option, lambda part: at[part.number] if isinstance(part, Place) else part)

    return fill


def copy(value: Any) -> Any:
    return value.copy() if isinstance(value, np.ndarray) else value


def late() -> None:
    raise FloatingPointError("a compiled function met an invalid value (0/0, 0 * inf, inf - inf), or another number of elements than when "
                             "it was captured (x[x > 0]), after an optimiser had made its step, or another effect had happened. So the "
                             "call cannot be done again as it is. Compile what follows that step as a function of its own, or do not "
                             "compile it.")


def written(captured: Captured, plan: Plan, invalid: Any) -> tuple[str, Callable[..., Any], list[Any]]:
    """The source, the function, and the buffers. It raises `Invalid` where it must not go on."""
    from autograd.compiler import Invalid

    writer = Writer(captured, plan, invalid)
    source = writer.source()

    scope = {**writer.scope, "copy": copy, "invalid": invalid, "Invalid": Invalid, "late": late}
    return "\n\n\n".join([source, *writer.chains]), compile_source("run", source, scope), list(writer.arrays.values())
