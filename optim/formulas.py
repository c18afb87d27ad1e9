"""How is the formula of an optimiser written down?

By trying it once, on stand-ins. `optimizer.change(array, g, state, group)` is Python that calls ufuncs on arrays and computes with a few
numbers (the learning rate, how many steps there were). Given a `Spot` for each array and a `Number` for each number it leaves a trace,
and the trace is a function without decisions, here that of SGD with momentum:

    def numbers(group, t):
        n0 = group['momentum']
        n1 = group['lr']
        if not (bool(n0) is True and group['nesterov'] is False ...): return None
        return n0, n1

    def sgd(array, g, momentum_buffer, scratch, n0, n1):
        multiply(momentum_buffer, n0, momentum_buffer)
        add(momentum_buffer, g, momentum_buffer)
        multiply(momentum_buffer, n1, scratch)
        subtract(array, scratch, array)

The same ufuncs, on the same operands, in the same order: the same bits. For long arrays, which kernels change, there is the same in the
steps of `passes.py`:

    def long_sgd(array, g, momentum_buffer, scratch, n0, n1):
        combine(momentum_buffer, momentum_buffer, n0, g, 1, scratch)
        combine(array, array, 1, momentum_buffer, -n1, scratch, alone=False)

What decides is asked again in each call, and where it is decided
otherwise, the formula is tried anew. One that does something else (`np.where`, numbers of its own in the state) is not written down:
it is called as it is.

Read next: `updater.py`.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from copy import copy
from math import isfinite
from typing import Any, NamedTuple

import numpy as np

from autograd.codegen import compile_source
from optim import passes
from optim.passes import ANY


class Formula(NamedTuple):
    """A formula as functions.

    change:     of the parameter, its gradient, what is remembered, scratch memory, and numbers (arrays are faster): the update
    long:       the same in steps for kernels; the numbers are Python's
    numbers:    of the settings and the number of the step: the numbers; None if something is decided otherwise
    remembered: the names of the arrays in the state
    scratch:    the names of the scratch memory
    sums:       are there sums of two, to which a kernel may give other bits?
    source:     these functions, to read
    """

    change: Callable[..., None]
    long: Callable[..., None]
    numbers: Callable[[dict[str, Any], int], tuple[Any, ...] | None]
    remembered: list[str]
    scratch: list[str]
    sums: bool
    source: str


STEPS = {function.__name__: function for function in (passes.combine, passes.move, passes.add_square, passes.descend)}


class Unwritten(Exception):
    """The formula does something that is not written down."""


class Trace:
    """What a formula has done so far."""

    def __init__(self) -> None:
        self.calculations: list[str] = []
        self.decisions: dict[str, None] = {}
        self.calls: list[str] = []
        self.steps: list[str] = []
        self.within = False  # a step?
        self.used: dict[str, None] = {}  # numbers that arrays meet
        self.remembered: dict[str, None] = {}
        self.scratch: dict[str, None] = {}
        self.ufuncs: dict[str, Any] = {}
        self.sums = False

    def number(self, value: Any, text: str) -> Number:
        self.calculations.append(f"n{len(self.calculations)} = {text}")
        return Number(self, value, f"n{len(self.calculations) - 1}")

    def text(self, operand: Any) -> str:
        if isinstance(operand, (Spot, Number)):
            if isinstance(operand, Number):
                self.used[operand.name] = None
            return operand.name
        if (type(operand) in (int, float) and isfinite(operand)) or operand is None or type(operand) is bool:
            return repr(operand)
        raise Unwritten

    def call(self, ufunc: Any, inputs: Any, out: Any) -> Spot:
        if not isinstance(out, Spot) or ufunc.nout != 1 or ufunc.signature is not None:
            raise Unwritten
        self.ufuncs[ufunc.__name__] = ufunc
        keyword = "out=" if ufunc in (np.maximum, np.minimum) else ""  # NumPy wants it so of these two
        call = f"{ufunc.__name__}({', '.join(map(self.text, inputs))}, {keyword}{out.name})"
        self.calls.append(call)
        if not self.within:
            self.steps.append(call)
        return out

    def step(self, function: Any, *operands: Any, **more: Any) -> Any:
        """A step of `passes.py`, and what it is made of."""
        said = [*map(self.text, operands), *(f"{name}={self.text(operand)}" for name, operand in more.items())]
        self.steps.append(f"{function.__name__}({', '.join(said)})")
        self.sums |= function.__name__ == "combine"
        self.within = True
        try:
            return function(*operands, **more)
        finally:
            self.within = False


class Number:
    """Stands for a number."""

    def __init__(self, trace: Trace, value: Any, name: str) -> None:
        self.trace, self.value, self.name = trace, value, name

    def __bool__(self) -> bool:
        self.trace.decisions[f"bool({self.name}) is {bool(self.value)}"] = None
        return bool(self.value)

    def __neg__(self) -> Number:
        return self.trace.number(-self.value, f"-{self.name}")

    def refuse(self, *_: Any) -> Any:
        raise Unwritten

    __float__ = __int__ = __index__ = __array__ = __array_function__ = refuse
    __hash__ = object.__hash__

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, out: Any = (None,), **more: Any) -> Spot:
        return spotted(self.trace, ufunc, method, inputs, out, more)


def arithmetic(sign: str, function: Callable[[Any, Any], Any], turned: bool) -> Any:
    def calculate(self: Number, other: Any) -> Any:
        if isinstance(other, Number):
            value, text = other.value, other.name
        elif type(other) in (int, float) and isfinite(other):
            value, text = other, repr(other)
        else:
            return NotImplemented
        left, right = ((value, text), (self.value, self.name))[:: 1 if turned else -1]
        return self.trace.number(function(left[0], right[0]), f"{left[1]} {sign} {right[1]}")

    return calculate


def comparison(sign: str, function: Callable[[Any, Any], Any]) -> Any:
    def compare(self: Number, other: Any) -> bool:
        value, text = (other.value, other.name) if isinstance(other, Number) else (other, repr(other))
        if type(value) not in (int, float) or not isfinite(value):
            raise Unwritten
        found = bool(function(self.value, value))
        self.trace.decisions[f"({self.name} {sign} {text}) is {found}"] = None
        return found

    return compare


for _name, _sign in (("add", "+"), ("sub", "-"), ("mul", "*"), ("truediv", "/"), ("pow", "**")):
    setattr(Number, f"__{_name}__", arithmetic(_sign, getattr(operator, _name), False))
    setattr(Number, f"__r{_name}__", arithmetic(_sign, getattr(operator, _name), True))
for _name, _sign in (("lt", "<"), ("le", "<="), ("gt", ">"), ("ge", ">="), ("eq", "=="), ("ne", "!=")):
    setattr(Number, f"__{_name}__", comparison(_sign, getattr(operator, _name)))


class Spot:
    """Stands for an array."""

    def __init__(self, trace: Trace, name: str) -> None:
        self.trace, self.name, self.shape, self.ndim, self.size, self.dtype = trace, name, (7,), 1, 7, ANY

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, out: Any = (None,), **more: Any) -> Spot:
        return spotted(self.trace, ufunc, method, inputs, out, more)

    def refuse(self, *_: Any, **__: Any) -> Any:
        raise Unwritten

    __array__ = __array_function__ = __getitem__ = __setitem__ = __bool__ = __float__ = __len__ = refuse
    __neg__ = __lt__ = __gt__ = __eq__ = __ne__ = refuse
    __hash__ = object.__hash__

    def __iadd__(self, other: Any) -> Any:
        return self.trace.call(np.add, (self, other), self)

    def __isub__(self, other: Any) -> Any:
        return self.trace.call(np.subtract, (self, other), self)

    def __imul__(self, other: Any) -> Any:
        return self.trace.call(np.multiply, (self, other), self)

    def __itruediv__(self, other: Any) -> Any:
        return self.trace.call(np.true_divide, (self, other), self)


def spotted(trace: Trace, ufunc: Any, method: str, inputs: Any, out: Any, more: Any) -> Spot:
    if method != "__call__" or more:
        raise Unwritten
    return trace.call(ufunc, inputs, out[0])


class Remembered:
    """Stands for a `State` that is complete."""

    trace: Trace
    step: int
    number: Number
    counted: bool

    def __init__(self, trace: Trace, t: int, counted: bool) -> None:
        self.__dict__.update(trace=trace, step=t - 1, number=Number(trace, t, "t"), counted=counted)

    @property
    def t(self) -> Number:
        if not self.counted:
            raise Unwritten
        return self.number

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in ("t", "made", "keep"):
            raise Unwritten
        if name != "t":
            self.__dict__[name] = value

    def __getitem__(self, name: str) -> Any:
        raise Unwritten

    def get(self, name: str, default: Any = None) -> int:
        if name != "step":
            raise Unwritten
        return self.step

    def zeros(self, name: str, array: Any) -> Spot:
        self.trace.remembered[name] = None
        return Spot(self.trace, name)

    def full(self, name: str, array: Any, value: Any) -> Spot:
        return self.zeros(name, array)

    def lacks(self, name: str) -> bool:
        return False

    def pieces(self, array: Any, g: Any, *how: Any) -> list[tuple[Any, Any]]:
        return [(array, g)]


def written_down(optimizer: Any, settings: dict[str, Any], t: int) -> Formula | None:
    """The formula of an optimiser, for settings like these; None if it cannot be written down."""
    from optim.optimizer import Optimizer

    if not optimizer.elementwise or type(optimizer).advance is not Optimizer.advance:
        return None
    trace = Trace()
    group: dict[str, Any] = {}
    for name, value in settings.items():
        if name != "params":
            group[name] = setting(trace, f"group[{name!r}]", value)
    twin = copy(optimizer)

    def scratch(array: Any, name: str = "", shape: Any = None) -> Spot:
        name = f"{name}_scratch".lstrip("_")
        trace.scratch[name] = None
        return Spot(trace, name)

    twin.scratch = scratch
    try:
        twin.change(Spot(trace, "array"), Spot(trace, "g"), Remembered(trace, t, optimizer.counted), group)
    except (Unwritten, TypeError, AttributeError, ValueError, ArithmeticError):
        return None
    return compiled(trace, optimizer.name.lower())


def setting(trace: Trace, text: str, value: Any) -> Any:
    if type(value) in (int, float):
        return trace.number(value, text)
    if type(value) in (tuple, list):
        return tuple(setting(trace, f"{text}[{i}]", part) for i, part in enumerate(value))
    if type(value) not in (bool, type(None), str):
        raise Unwritten
    trace.decisions[f"{text} {'==' if isinstance(value, str) else 'is'} {value!r}"] = None
    return value


def compiled(trace: Trace, name: str) -> Formula:
    decided = " and ".join(trace.decisions) or "True"
    lines: list[str] = []
    wanted = {*trace.used, *re.findall(r"\bn\d+", decided)}
    for line in reversed(trace.calculations):
        if line.split(" = ")[0] in wanted:
            wanted.update(re.findall(r"\bn\d+", line))
            lines.append(line)
    head = ["def numbers(group, t):", *(f"    {line}" for line in reversed(lines))]
    numbers = "\n".join([*head, f"    if not ({decided}): return None", f"    return ({''.join(f'{n}, ' for n in trace.used)})"])
    arguments = ", ".join(["array", "g", *trace.remembered, *trace.scratch, *trace.used])
    change = "\n".join([f"def {name}({arguments}):", *(f"    {line}" for line in trace.calls or ["pass"])])
    long = "\n".join([f"def long_{name}({arguments}):", *(f"    {line}" for line in trace.steps or ["pass"])])
    return Formula(compile_source(name, change, dict(trace.ufuncs)), compile_source(f"long_{name}", long, {**STEPS, **trace.ufuncs}),
                   compile_source("numbers", numbers, {}), list(trace.remembered), list(trace.scratch), trace.sums,
                   f"{numbers}\n\n{change}\n\n{long}")
