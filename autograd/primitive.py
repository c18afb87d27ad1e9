"""What is an operation?

    A primitive is a NumPy function plus one line of calculus per input.
    The names a rule asks for are the arrays the tape keeps.

For example

    exp      = primitive(np.exp,      x=lambda g, y: g * y)
    multiply = primitive(np.multiply, a=lambda g, b: g * b, b=lambda g, a: g * a, broadcasts=True)

says that exp has one input, called x; that the cotangent of x is g * y, where g is the cotangent of the result y; and
therefore that the tape must keep y, and need not keep x. Called on arrays a primitive *is* NumPy; called on Tensors it
records one `Node`. The rules are written with operators and other primitives, so the same rule run on arrays is the
fast gradient, and run on Tensors is a differentiable one: every order of derivative follows, and no rule is written twice.

What a rule may name:
    g               the cotangent of the result, in the result's shape
    y               the result
    an input        its value
    <input>_shape   its shape, without keeping the value
    a parameter     any other argument of the function (axis, keepdims, ...)
    a residual      a further result of the forward function, declared with `residuals=`

What is done for every rule, centrally (`codegen.py`, `backward.py`): summing over broadcast axes, casting to the input's
dtype, checking the shape, adding contributions up. A rule that names something unknown fails here, when it is declared.

Read next: `backward.py`, which runs the rules.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MethodType
from typing import Any, overload

import numpy as np

from autograd import codegen
from autograd.errors import called_wrongly, no_array
from autograd.rule_text import rule_text

Rule = Callable[..., Any]

REGISTRY: dict[str, Primitive] = {}
"""Every primitive ever declared, by 'module.name'. The test suite walks it: to declare is to be tested."""


@dataclass(frozen=True)
class Domain:
    """Where an operation is differentiable, for tests and for `check_grads`: numbers from `low` to `high`, but not near `avoid`."""

    low: float = -3.0
    high: float = 3.0
    avoid: tuple[float, ...] = ()


REAL = Domain()
POSITIVE = Domain(0.2, 4.0)
NONZERO = Domain(-3.0, 3.0, avoid=(0.0,))
UNIT = Domain(-0.9, 0.9)


class Documentation:
    """The docstring of a class; and of each of its instances, written when it is first asked for."""

    def __init__(self, text: str | None) -> None:
        self.text = text

    def __get__(self, instance: Any, owner: Any = None) -> str | None:
        return self.text if instance is None else instance.document()


class Shown:
    """The arguments of a primitive as `help()` and editors show them; of the class, Python's own."""

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        if instance is None:
            return None
        import inspect

        kinds = inspect.Parameter
        return inspect.Signature([kinds(name, kinds.POSITIONAL_OR_KEYWORD, default=instance.defaults.get(name, kinds.empty))
                                  for name in (*instance.inputs, *instance.params)])


class Primitive:
    """A function on arrays and a gradient rule for each of its inputs. Made by `primitive()`.

    name, inputs, params:  the name, the differentiable inputs and the other arguments, in order
    rules:                 the gradient rule of each input; None where there is none
    needs:                 the names that each rule asks for
    keeps:                 the names that some rule asks for, of arrays: what the tape keeps alive
    broadcasts, linear, domain, residuals, definition, into, operator, sequence, pointwise: as given to `primitive()`
    """

    __doc__ = Documentation(__doc__)  # type: ignore[assignment]
    __signature__ = Shown()

    def __init__(self, forward: Callable[..., Any], rules: Mapping[str, Rule | None], *, name: str | None = None,
                 broadcasts: bool = False, linear: bool = False, domain: Domain | Mapping[str, Domain] = REAL,
                 residuals: tuple[str, ...] = (), definition: Callable[..., Any] | None = None,
                 into: Mapping[str, Rule] | None = None, operator: str | None = None, sequence: bool = False,
                 pointwise: bool = False, constants: tuple[str, ...] = (), module: str = "") -> None:
        self.forward = forward
        self.name = name or forward.__name__
        self.module = module
        self.rules = dict(rules)
        self.inputs, self.params, self.defaults = signature(forward, self.rules, self.name)
        self.broadcasts = broadcasts
        self.linear = linear
        self.domain = domain
        self.residuals = residuals
        self.definition = definition
        self.into = dict(into or {})
        self.operator = operator
        self.sequence = sequence
        self.constants = constants
        self.pointwise = pointwise or (isinstance(forward, np.ufunc) and forward.signature is None)
        if not self.name.isidentifier():
            raise TypeError(f"primitive {self.name}: give it a name that is a word, name='...'")
        self.needs = {slot: self._check_rule(slot, rule) for slot, rule in self.rules.items() if rule is not None}
        self.keeps = self._keeps()
        self.pullbacks: dict[int, codegen.Pullback] = {}
        self.record: Callable[..., Any] = self._compile_and_record
        self.__name__ = self.__qualname__ = self.name
        self.__module__ = module
        REGISTRY[f"{module}.{self.name}"] = self

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return self.record(*args, **kwargs)
        except TypeError as error:
            if error.__traceback__ is not None and error.__traceback__.tb_next is None:  # it never got inside
                raise called_wrongly(self, error) from None
            raise

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        """As an attribute of a class, a primitive is a method: `Tensor.sum = sum`."""
        return self if instance is None else MethodType(self, instance)

    def _compile_and_record(self, *args: Any, **kwargs: Any) -> Any:
        """The first call compiles; every later one goes straight to the generated function."""
        self.compile()
        try:
            return self.record(*args, **kwargs)
        except AttributeError as error:
            raise no_array(self, error) from error

    def compile(self) -> Callable[..., Any]:
        """Generate and return the function that runs when this primitive is called. Operators bind it directly."""
        if self.record == self._compile_and_record:
            self.record = codegen.compile_record(self)
        return self.record

    def pullback(self, active: int) -> codegen.Pullback:
        """How to go backward when the inputs whose bits are set in `active` want a cotangent."""
        if active not in self.pullbacks:
            self.pullbacks[active] = codegen.Pullback(self, active)
        return self.pullbacks[active]

    @property
    def source(self) -> str:
        """The generated code: what runs forward, and what runs backward when all inputs are active."""
        return codegen.record_source(self) + "\n\n" + codegen.pullback_source(self, (1 << len(self.inputs)) - 1)

    def formula(self, slot: str) -> str:
        """The gradient rule of one input as it was written, e.g. 'g * y'."""
        return rule_text(self.rules[slot])

    def __repr__(self) -> str:
        options = (f"{name}={self.defaults[name]!r}" if name in self.defaults else name for name in self.params)
        call = f"{self.name}({', '.join([*self.inputs, *options])})"
        lines = [f"d{slot} = {self.formula(slot)}" for slot in self.needs]
        return "\n    ".join([call, *lines, f"keeps {', '.join(self.keeps) or 'nothing'}"])

    # ---- checks made once, at declaration ---------------------------------------------------------------------

    def _check_rule(self, slot: str, rule: Rule) -> tuple[str, ...]:
        code = getattr(rule, "__code__", None)
        if code is None:
            raise TypeError(f"primitive {self.name}: the rule for {slot} must be a lambda or a function, because the names of "
                            f"its arguments say what the tape keeps; got {rule!r}")
        needs = tuple(code.co_varnames[: code.co_argcount])
        if self.sequence:
            known = ["g", "y", "slot", *self.inputs, *(f"{i}_shapes" for i in self.inputs), *self.params, *self.residuals]
        else:
            known = ["g", "y", *self.inputs, *(f"{i}_shape" for i in self.inputs), *self.params, *self.residuals]
        for need in needs:
            if need not in known:
                raise TypeError(f"primitive {self.name}: the rule for {slot} names {need!r}, which does not exist; "
                                f"it may name {', '.join(known)}")
        return needs

    def _keeps(self) -> tuple[str, ...]:
        named = {need for needs in self.needs.values() for need in needs}
        if self.definition is not None:  # its derivatives are those of the definition, which starts from the inputs
            named.update(self.inputs)
        if self.sequence:
            return tuple(n for n in (*self.inputs, "y", *self.residuals, *(f"{i}_shapes" for i in self.inputs)) if n in named)
        # The shape of an input whose own rule asks is on its node; another rule's needs keeping (a few bytes).
        shapes = {f"{i}_shape" for i in self.inputs for slot, needs in self.needs.items() if slot != i and f"{i}_shape" in needs}
        return tuple(n for n in (*self.inputs, "y", *self.residuals, *sorted(shapes)) if n in named | shapes)

    def document(self) -> str:
        """What `help` shows: the docstring of the function, or the formulas."""
        if getattr(self.forward, "__doc__", None) and not isinstance(self.forward, np.ufunc):
            return str(self.forward.__doc__)
        return f"NumPy's `{self.name}`, recorded on Tensors. Its gradient:\n\n    " + repr(self).replace("\n", "\n    ")


def signature(forward: Callable[..., Any], rules: Mapping[str, Rule | None],
              name: str) -> tuple[tuple[str, ...], tuple[str, ...], dict[str, Any]]:
    """Inputs, parameters and defaults. A function tells its own; of a ufunc the rules name the inputs."""
    code = getattr(forward, "__code__", None)
    if code is None:
        if isinstance(forward, np.ufunc) and forward.nin != len(rules):
            raise TypeError(f"primitive {name}: its {forward.nin} inputs need a rule each (None for a constant); given: {list(rules)}")
        return tuple(rules), (), {}
    names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    for slot in rules:
        if slot not in names:
            raise TypeError(f"primitive {name}: there is a rule for {slot!r}, but the function takes {', '.join(names)}")
    inputs = tuple(n for n in names if n in rules)
    taken = {n for n in (*names, name) if n in ("g", *codegen.RESERVED) or n.endswith(("_node", "_rule", "_into"))}
    taken |= {n for n in names if n.endswith("_shape") and n.removesuffix("_shape") in rules}
    if taken:
        raise TypeError(f"primitive {name}: nothing can be called {', '.join(sorted(taken))}: in rules g is the cotangent and y the "
                        f"result, and the generated code uses {', '.join(codegen.RESERVED)}")
    if inputs != names[: len(inputs)]:
        raise TypeError(f"primitive {name}: arrays come first and options after them, but the function takes {', '.join(names)} "
                        f"and the rules are for {', '.join(inputs)}")
    values = forward.__defaults__ or ()
    defaults = dict(zip(code.co_varnames[code.co_argcount - len(values): code.co_argcount], values))
    defaults.update(forward.__kwdefaults__ or {})
    return inputs, names[len(inputs):], defaults


@overload
def primitive(forward: Callable[..., Any], /, **declaration: Any) -> Primitive: ...


@overload
def primitive(forward: None = None, /, **declaration: Any) -> Callable[[Callable[..., Any]], Primitive]: ...


def primitive(forward: Callable[..., Any] | None = None, /, *, name: str | None = None, broadcasts: bool = False, linear: bool = False,
              domain: Domain | Mapping[str, Domain] = REAL, residuals: tuple[str, ...] = (), definition: Callable[..., Any] | None = None,
              into: Mapping[str, Rule] | None = None, operator: str | None = None, sequence: bool = False, pointwise: bool = False,
              constants: tuple[str, ...] = (), **rules: Rule | None) -> Any:
    """Declare an operation: a function on arrays, and for each input the cotangent it gets.

    forward:     a NumPy function, or one of your own on arrays; its inputs come first in its signature
    <input>=:    the rule, `lambda g, ...: cotangent`, or None for an array input without a derivative
    name:        default: the function's
    broadcasts:  inputs may be broadcast, and cotangents are summed back to their shapes
    linear:      the function is linear (or affine) in each input: tests then use differences with a step of 1, which are exact
    domain:      where tests draw inputs from
    residuals:   names of what `forward` returns after the result, for rules to use. They count as constants: if they
                 depend smoothly on the inputs, give a `definition`
    definition:  for a fused operation, the composition of primitives that it must equal. When the backward pass
                 itself is recorded, derivatives come from it; tests compare the two
    into:        for an input that many operations read in parts (slices): `lambda total, g, ...: None`, which adds to an
                 array in place what the rule of that input would return as a new one, and names no more than the rule
    operator:    the Python operator that computes the same, e.g. "*" (faster on scalars)
    sequence:    the one input is a list of arrays, and the rule also gets `slot`, the position it is asked for
    pointwise:   each element of the result depends on the same element of each input alone (known of NumPy's ufuncs): where the
                 cotangent is zero it then stays zero, even if the slope is infinite (see `invalid.py`)
    constants:   inputs with a derivative that nobody has written down: recording one that requires grad is refused

    Returns the primitive: call it on arrays or on Tensors. Used as a decorator where the function is your own:

    >>> import numpy as np
    >>> from autograd import grad, primitive
    >>> @primitive(x=lambda g, y: g * (1 - y * y))
    ... def squash(x):
    ...     return np.tanh(x)
    >>> float(grad(squash)(0.0))
    1.0
    >>> squash
    squash(x)
        dx = g * (1 - y * y)
        keeps y

    Raises TypeError when a rule names something that does not exist.
    """
    module = sys._getframe(1).f_globals.get("__name__", "")

    def declare(forward: Callable[..., Any]) -> Primitive:
        return Primitive(forward, rules, name=name, broadcasts=broadcasts, linear=linear, domain=domain, residuals=residuals,
                         definition=definition, into=into, operator=operator, sequence=sequence,
                         pointwise=pointwise, constants=constants, module=module)

    if forward is not None and not rules:  # HIPS/autograd's way: the rules come later, by `extend.defvjp`
        from autograd.extend import primitive as without_rules

        return without_rules(forward)
    return declare if forward is None else declare(forward)
