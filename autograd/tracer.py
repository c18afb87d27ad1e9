"""How is a computation written down?

`trace(f, *examples)` calls f once, on Tensors, and writes down every operation: those of the forward pass, those of the
backward pass if f differentiates, and those without a gradient (comparisons, argmax). It returns a `Program`. What follows
from "once":

* Loops are unrolled. A decision on a *value* (`if loss > 0`, `float(x)`) could be wrong for other inputs, so asking for
  one raises an error that names the line.
* Random numbers would be the same at each call, so drawing them through `autograd.random` raises an error as well.
* What f closes over, the weights of a model say, is copied into the program as it is now.
* What f does besides computing (printing, appending to a list, adding to `.grad`) happens once, while tracing.

A value is recognised by its array: the tracer keeps every array it has seen, so no two can be confused. Python's numbers
and NumPy's booleans, which exist once for all, are replaced by 0-d arrays of their own.

HIPS/autograd has a module of this name, too. What is imported from it - `getval`, `isbox`, `Node`, ... - is found here as well;
it lives in `vspace.py`, `extend.py` and `spectator.py`.

Read next: `rule_text.py`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.codegen import snapshot
from autograd.errors import user_line
from autograd.listing import Entry, printable, unique
from autograd.node import MODE, Leaf, Mode, Observer, get_mode, type_text
from autograd.primitive import Primitive
from autograd.program import Place, Program, Step, mapped
from autograd.random import watched
from autograd.tape import scopes
from autograd.tensor import Tensor, constant_tensor
from autograd.tree import Structure, flatten

if TYPE_CHECKING:
    from autograd.node import Node

HIPS = {"Box": "vspace", "getval": "vspace", "isbox": "vspace", "new_box": "vspace", "primitive": "extend", "notrace_primitive": "extend",
        "register_notrace": "extend", "Node": "spectator", "subvals": "util"}


def __getattr__(name: str) -> Any:
    if name in HIPS:
        from importlib import import_module

        return getattr(import_module(f"autograd.{HIPS[name]}"), name)
    raise AttributeError(f"module 'autograd.tracer' has no attribute {name!r}")


class TraceError(RuntimeError):
    """Something in a traced function would be wrong for other inputs."""


class Tracer(Observer):
    """Watches a computation: it is the `Mode.observer` while a function is traced, called after every operation.

    seen:      the array at each place, kept alive so that an `id` never names two of them
    places:    the place of an array, by its id
    constants: what nobody computed, by place: its name, if it is a leaf that has one, and a copy
    depends:   for each place: does it depend on the inputs? Then Python must not look at it
    leaves:    the array of each leaf
    steps:     the operations so far
    """

    traces = True

    def __init__(self) -> None:
        self.seen: list[Any] = []
        self.places: dict[int, int] = {}
        self.constants: dict[int, tuple[str | None, Any]] = {}
        self.depends: list[bool] = []
        self.leaves: dict[Node, Any] = {}
        self.steps: list[Step] = []

    def __call__(self, primitive: Primitive, arrays: tuple[Any, ...], nodes: tuple[Node | None, ...], params: tuple[Any, ...],
                 results: tuple[Any, ...], tensor: Tensor) -> None:
        operands = tuple(self.place(array, node) for array, node in zip(arrays, nodes))
        options = mapped(params, self.option)
        step = Step(primitive, operands, options, (), scopes(get_mode().scope), *type_of(results[0]))
        depends = any(self.depends[i] for i in step.uses)
        tensors = [tensor, *(constant_tensor(residual) for residual in results[1:])]
        for t in tensors:
            t._array = unmistakable(t._array)
        self.steps.append(step._replace(results=tuple(self.new(t._array, depends) for t in tensors)))
        if tensor.node is not None:
            tensor.node.saved = self.visible(primitive, tensor.node, operands, dict(zip(primitive.residuals, tensors[1:])))

    def visible(self, primitive: Primitive, node: Node, operands: tuple[int, ...], residuals: dict[str, Tensor]) -> tuple[Any, ...]:
        """What a node saved, with Tensors in place of traced arrays that have no node of their own.

        A rule that calculates with one then does it on a Tensor, where we see it.
        """

        def shown(array: Any, place: int, parent: Node | None) -> Any:
            return constant_tensor(array) if parent is None and self.depends[place] else array

        def saved(name: str, value: Any) -> Any:
            if name in residuals:
                return residuals[name]
            if name not in primitive.inputs or value is None:
                return value
            if primitive.sequence:
                return tuple(map(shown, value, operands, node.inputs))
            i = primitive.inputs.index(name)
            return shown(value, operands[i], node.inputs[i])

        return tuple(map(saved, primitive.keeps, node.saved))

    def new(self, array: Any, depends: bool) -> int:
        """The next place, for an array that was computed or given."""
        self.seen.append(array)
        self.depends.append(depends)
        if stands_alone(array):
            self.places[id(array)] = len(self.seen) - 1
        return len(self.seen) - 1

    def place(self, array: Any, node: Node | None = None) -> int:
        """Where an operand is. What nobody computed is a constant, copied when it is first met and again if it has changed."""
        if isinstance(node, Leaf) and self.leaves.setdefault(node, array) is not array:
            raise TraceError(f"{user_line()}: {describe(node)} was overwritten while a function is traced. A program computes new "
                             "values and overwrites nothing: return the new value.")
        place = self.places.get(id(array)) if stands_alone(array) else None
        if place is not None and (place not in self.constants or unchanged(array, self.constants[place][1])):
            return place
        if place is None and self.looks_into_traced(array):
            raise TraceError(f"{user_line()}: an array is used that was taken out of a traced Tensor (by .data, say). It would have the "
                             "example's values in every call: use the Tensor itself.")
        constant = snapshot(array)
        place = self.new(array, False)
        self.constants[place] = (node.name if isinstance(node, Leaf) else None, constant)
        return place

    def looks_into_traced(self, array: Any) -> bool:
        while isinstance(array, np.ndarray):
            array = array.base
            if id(array) in self.places and self.depends[self.places[id(array)]]:
                return True
        return False

    def option(self, part: Any) -> Any:
        """A part of an option: a `Place` if it was computed from the inputs, else a value that cannot change."""
        if isinstance(part, Tensor):
            return Place(self.place(part._array, part.node))
        if stands_alone(part) and id(part) in self.places and self.depends[self.places[id(part)]]:
            return Place(self.places[id(part)])
        return snapshot(part) if isinstance(part, np.ndarray) else part

    def refuse_value(self, tensor: Tensor, what: str) -> None:
        """Called when Python asks for a value (`Tensor._refuse_while_traced`). Constants may be looked at."""
        place = self.places.get(id(tensor._array))
        if place is not None and self.depends[place]:
            instead = INSTEAD.get(what, "Keep it a Tensor, or return it and look at the result.")
            raise TraceError(f"{user_line()}: {what} asks for the value of {tensor._describe()} while it is traced. A program runs "
                             f"the same operations for every input, and there the value will be another. {instead}")


INSTEAD = {"if": "Write autograd.ops.where(condition, a, b) for both branches, or decide outside of the traced function.",
           "an index": "Index with the Tensor itself: x[i]."}


def stands_alone(value: Any) -> bool:
    """Does this object belong to one value alone? Not so True or 1, of which there is one for all."""
    return type(value) not in (bool, int, float, complex, np.bool_, type(None))


def unmistakable(value: Any) -> Any:
    """The same value, as an object that belongs to it alone."""
    return value if stands_alone(value) else np.array(value)


def type_of(value: Any) -> tuple[tuple[int, ...], Any]:
    return getattr(value, "shape", ()), getattr(value, "dtype", None) or (None if isinstance(value, tuple) else np.asarray(value).dtype)


def unchanged(array: Any, copy: Any) -> bool:
    """Does a constant still have the value it had when we met it? Its owner may write to it between two operations."""
    return array is copy or bool(np.array_equal(array, copy, equal_nan=array.dtype.kind in "fc"))


def describe(leaf: Leaf) -> str:
    return f"the leaf {leaf.name or ''} ({type_text(leaf.shape, leaf.dtype)})".replace("  ", " ")


def trace(f: Callable[..., Any], *examples: Any) -> Program:
    """The program that f runs on arguments like these.

    f:         any function of arrays (or trees of them) that computes with operators, NumPy's functions and autograd's
    examples:  its arguments: their shapes and dtypes count; of Tensors also whether they require grad

    >>> import numpy as np
    >>> from autograd import grad, trace
    >>> program = trace(grad(lambda x: (x * x).sum()), np.array([1.0, 2.0]))
    >>> program(np.array([3.0, 4.0]))
    array([6., 8.])

    Raises TraceError if f looks at a value that depends on its arguments, or draws random numbers.

    (Called as HIPS/autograd's `trace(node, f, x)`, it is that: see `spectator.py`.)
    """
    if hasattr(type(f), "initialize_root"):
        from autograd import spectator

        return spectator.trace(f, *examples)  # type: ignore[return-value]
    ambient = get_mode()
    if ambient.traced:
        raise TraceError(f"{user_line()}: a function is being traced already, and this one would be a part of it: call it instead")
    tracer = Tracer()
    leaves, structure = flatten(examples)
    names = unique([printable(name) for name in argument_names(f, examples)])
    tensors = [fresh(leaf, name) for leaf, name in zip(leaves, names)]
    for tensor in tensors:
        tracer.new(tensor._array, True)
    token = MODE.set(Mode(ambient.recording, ambient.scope, tracer))
    try:
        with watched() as drawn:
            y = f(*structure.unflatten(tensors))
        if drawn:
            raise TraceError(f"{getattr(f, '__name__', 'the function')} draws random numbers, and a program would have the same ones in "
                             "every call. Draw them outside and pass them as an argument; switch dropout off by model.eval().")
        outputs, form = flatten(y)
        places = [tracer.place(out._array, out.node) if isinstance(out, Tensor) else tracer.place(out) for out in outputs]
    finally:
        MODE.reset(token)
    name = getattr(inspect.unwrap(f), "__name__", "")  # of grad(loss), loss
    inputs = [Entry(name, "input", shape=tensor.shape, dtype=tensor.dtype) for name, tensor in zip(names, tensors)]
    return Program(name if name.isidentifier() else "", inputs, structure, tracer.constants, tracer.steps, places, form)


def fresh(example: Any, name: str) -> Tensor:
    """An argument to trace with: a Tensor with memory of its own, which requires grad if the example does."""
    node = example.node if isinstance(example, Tensor) else None
    array = np.array(example._array if isinstance(example, Tensor) else example)
    if array.dtype.kind not in "biufc":
        raise TypeError(f"trace: the argument {name} must be an array or a number, not {type(example).__name__} ({example!r:.40}). "
                        "What is no array goes into a closure: trace(lambda x: f(x, option), x)")
    tensor = constant_tensor(unmistakable(array if array.ndim else array[()]))
    if node is not None:
        tensor.node = Leaf(array.shape, array.dtype, name)
    return tensor


def argument_names(f: Callable[..., Any], examples: tuple[Any, ...]) -> list[str]:
    """'x', 'params.w', 'layers[0]': a name for each leaf of the arguments."""
    try:
        parameters = list(inspect.signature(f).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    positional = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    rest = next((p.name for p in parameters if p.kind is p.VAR_POSITIONAL), "x")
    names = []
    for i, example in enumerate(examples):
        name = positional[i] if i < len(positional) else f"{rest}[{i - len(positional)}]" if parameters else f"x{i}"
        names += paths(flatten(example)[1], name)
    return names


def paths(structure: Structure, name: str) -> list[str]:
    """The leaves of a tree by the way that leads to them."""
    if structure.kind is None:
        return [name]
    steps = [f".{key}" for key in structure.keys] if structure.keys else [f"[{i}]" for i in range(len(structure.children))]
    return [path for step, child in zip(steps, structure.children) for path in paths(child, name + step)]
