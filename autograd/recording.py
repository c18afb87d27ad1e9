"""How is a function put on the tape?

A `Recording` runs a function with some of its arguments replaced by Tensors that start a tape of their own, and can then
send cotangents of the results back to these arguments. All of `functional.py` is built on it.

The delicate question is what the derivative itself depends on. If, during the call, the function met something else that
is being differentiated - an argument of an enclosing `grad`, the weights of a model - then the derivative is a function
of that too, and the backward pass is recorded. If not, it runs on plain arrays. Each call of `grad` differentiates by
nodes made for it alone, so derivatives nest without confusing one level's argument with another's.

Read next: `functional.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd import ops
from autograd.backward import handed_out, pull, reachable
from autograd.node import MODE, RUNNING, Leaf, Mode, Node, get_mode
from autograd.tensor import Tensor, constant_tensor
from autograd.tree import Structure, flatten

Argnums = int | Sequence[int]


def positions(argnums: Any, argnum: Any = None) -> Any:
    """The positions to differentiate by: an int or a tuple of ints, under either name."""
    chosen = argnums if argnum is None else argnum
    if isinstance(chosen, (int, np.integer)) and not isinstance(chosen, bool):
        return int(chosen)
    if isinstance(chosen, (tuple, list)) and all(isinstance(i, (int, np.integer)) and not isinstance(i, bool) for i in chosen):
        return tuple(map(int, chosen))
    raise TypeError(f"the position of an argument is an int, or a tuple of them, not {chosen!r}: grad(f, 0), grad(f, (0, 2)). By its "
                    "name: autograd.differential_operators.grad_named(f, 'w')")


class Argument(Leaf):
    """The leaf that stands for an argument of a function under `grad` and its kin; `running` while that function runs."""

    __slots__ = ("running",)

    rebinds = True  # a function may write `x += 1` to its argument, as it may in NumPy

    def __init__(self, shape: tuple[int, ...], dtype: Any) -> None:
        super().__init__(shape, dtype)
        self.running = True


def zero_of(box: Any) -> Any:
    from autograd.vspace import vspace

    return vspace(box).zeros()


class Recording:
    """A function that was run on Tensors, ready to go backward.

    f, args, kwargs:  what to run
    argnums:          the positions of the arguments to differentiate by
    """

    def __init__(self, f: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], argnums: Argnums, what: str) -> None:
        self.f, self.purpose = f, what
        self.single = isinstance(argnums, int)
        places: Sequence[int] = (argnums,) if isinstance(argnums, int) else argnums
        self.ambient = get_mode()
        self.inputs: list[Tensor] = []
        self.raw: list[bool] = []
        self.structures: list[Structure] = []
        arguments = list(args)
        for place in places:
            if not -len(args) <= place < len(args):
                raise TypeError(f"{self.what}: argument {place} was to be differentiated, but the call has {len(args)} by position")
            if args[place] is None:
                raise TypeError(f"{self.what}: argument {place} is None, and gradients are by numbers, arrays, and trees of them")
            leaves, structure = flatten(args[place])
            tensors = [self._input(leaf, place) for leaf in leaves]
            self.inputs += tensors
            self.structures.append(structure)
            arguments[place] = structure.unflatten(tensors)
        if not self.single and len({place % len(args) for place in places}) < len(places):
            raise TypeError(f"{self.what}: an argument is named twice in argnums={argnums}")
        self.wanted = [x.node for x in self.inputs]
        self.outputs, self.output_structure = flatten(self._call(arguments, kwargs))
        roots = {t.node for t in self.outputs if isinstance(t, Tensor) and t.node is not None}
        if not roots and any(hasattr(t, "_node") for t in self.outputs):
            raise TypeError(f"{self.what}: the function must return arrays, and returned a {type(self.outputs[0]).__name__}")
        ends, self.order = reachable(roots, self.wanted)  # type: ignore[arg-type]
        inside = set(self.wanted)
        other_ends = [end for end in ends if end not in inside]
        # Does anything further out differentiate what was computed here? Then our results belong on its tape.
        outer = (any(not isinstance(node, Argument) for node in self.wanted)
                 or any(not isinstance(end, Argument) or end.running for end in other_ends))
        self.records = (outer and self.ambient.recording) or (self.ambient.traced and not self.ambient.lowered)
        self.needed: Any = None
        if other_ends:  # leave out what leads only to them
            self.needed = set(inside)
            for node in reversed(self.order):  # oldest first, so a node's inputs are settled before it
                if any(parent in self.needed for parent in node.inputs):
                    self.needed.add(node)
            self.order = [node for node in self.order if node in self.needed]

    @property
    def what(self) -> str:
        """'the gradient of loss', for messages."""
        return f"{self.purpose} of {getattr(self.f, '__name__', 'the function')}"

    def _call(self, arguments: list[Any], kwargs: dict[str, Any]) -> Any:
        """Run the function, recording."""
        mode = self.ambient if self.ambient.recording else Mode(True, self.ambient.scope, self.ambient.observer)
        token, running = MODE.set(mode), RUNNING.set(RUNNING.get() + 1)
        try:
            return self.f(*arguments, **kwargs)
        finally:
            MODE.reset(token)
            RUNNING.reset(running)
            for node in self.wanted:
                if isinstance(node, Argument):
                    node.running = False

    def _input(self, leaf: Any, place: int) -> Tensor:
        """An argument as the start of a tape of its own."""
        array: Any
        if isinstance(leaf, Tensor):
            self.raw.append(False)
            if leaf.node is not None and self.ambient.recording:
                return ops.identity(leaf)  # type: ignore[no-any-return]
            array = leaf._array
        else:
            self.raw.append(True)
            array = np.float64(leaf) if type(leaf) is float else np.array(leaf)
            if array.dtype.kind == "O":
                return self._object(leaf, place)  # type: ignore[no-any-return]
            if not array.ndim:
                array = array[()]
        if array.dtype.kind not in "fc":
            raise TypeError(f"{self.what}: argument {place} holds {array.dtype} ({array!r:.40}), which has no derivative: "
                            + ("pass it as an argument of its own" if array.dtype.kind in "US" else
                               "write the numbers with a point (3.0), or convert with .astype(float)"))
        return constant_tensor(array, Argument(array.shape, array.dtype))

    def _object(self, leaf: Any, place: int) -> Any:
        """An argument of a class that the user made known (`vspace.py`)."""
        from autograd.vspace import Box, new_box

        if isinstance(leaf, Box) or type(leaf) not in Box.type_mappings:
            more = ("A second derivative by an object is not recorded." if isinstance(leaf, Box) else
                    "A class of your own is made known by a Box and a VSpace (autograd.extend).")
            raise TypeError(f"{self.what}: argument {place} holds a {type(leaf).__name__}, and gradients are by numbers, arrays, and "
                            f"tuples, lists and dicts of them. {more}")
        return new_box(leaf, None, Argument((), np.dtype(object)))

    def value(self) -> Any:
        """What the function returned, as plain values unless something further out differentiates it."""
        return self.output_structure.unflatten([self.released(y, all(self.raw)) for y in self.outputs])

    def released(self, y: Any, raw: bool) -> Any:
        if not isinstance(y, Tensor):
            return y
        if self.records and (y.node is not None or self.ambient.traced):
            return y
        if self.ambient.lowered:  # a compiler knows its arrays
            return constant_tensor(y._array)
        if not raw:
            return y.detach()
        return y._array.copy() if isinstance(y._array, np.ndarray) else y._array  # the tape may keep the array itself

    def pull(self, cotangents: Sequence[Any], keep: bool) -> list[Any]:
        """The cotangents of the inputs for these cotangents of the outputs, as a flat list."""
        record = self.records or any(isinstance(g, Tensor) and g.node is not None for g in cotangents)
        start: dict[Node, Any] = {}
        for y, g in zip(self.outputs, cotangents):
            if isinstance(y, Tensor) and y.node is not None:
                g = self._cotangent(y, g, record)
                start[y.node] = start[y.node] + g if y.node in start else g
        given = list(start.values())
        arrived = pull(start, self.order, keep or record, record, self.needed)
        found = {node: arrived[node] for node in self.wanted if node is not None and node in arrived}
        found = handed_out(found, *given)
        results = []
        for x, node, raw in zip(self.inputs, self.wanted, self.raw):
            g = found.get(node) if node is not None else None  # type: ignore[assignment]
            if g is None:
                g = ops.zeros_like(x._array) if isinstance(x, Tensor) else zero_of(x)
            elif isinstance(g, Tensor) and (g.node is None or not record) and raw and not self.ambient.traced:
                g = g._array
            results.append(g if raw or isinstance(g, Tensor) else constant_tensor(g))
        return results

    def _cotangent(self, y: Tensor, g: Any, record: bool) -> Any:
        if not isinstance(g, (Tensor, np.generic)):
            g = np.asarray(g)[()]
        if g.shape != y.shape:
            raise ValueError(f"{self.what}: a cotangent of shape {g.shape} was given for a result of shape {y.shape}")
        if g.dtype.kind == "c" and y.dtype.kind != "c":
            raise TypeError(f"{self.what}: a {g.dtype} cotangent (or tangent) was given for {y.dtype} numbers: theirs are real")
        if g.dtype != y.dtype:
            g = g.astype(y.dtype)
        if isinstance(g, Tensor) and not record:
            g = g._array
        return g

    def refuse_complex(self, what: str) -> None:
        """The derivative of a complex result by a real argument is complex, and a gradient has the argument's dtype."""
        results = [y.dtype for y in self.outputs if isinstance(y, Tensor) and y.dtype.kind == "c"]
        arguments = self.real_arguments() if results else []
        if arguments:
            raise TypeError(f"{self.what}: the function returned a {results[0]} number, and its argument is {arguments[0].dtype}: {what} "
                            "would lose the imaginary part of the derivative. Take np.real, np.imag or abs of the result; or see jacobian.")

    def real_arguments(self) -> list[Tensor]:
        return [x for x in self.inputs if isinstance(x, Tensor) and x.dtype.kind != "c"]

    def gathered(self, results: list[Any]) -> Any:
        """A flat list of cotangents, in the form of the arguments."""
        if self.single:
            return self.structures[0].unflatten(results)
        rest, trees = list(results), []
        for structure in self.structures:
            n = structure.size
            trees.append(structure.unflatten(rest[:n]))
            rest = rest[n:]
        return tuple(trees)

    def scalar(self) -> Tensor | None:
        """The one scalar output, for `grad`; None if it does not depend on the inputs."""
        if len(self.outputs) != 1:
            raise TypeError(f"{self.what}: the function must return one scalar, and returned {self.output_structure}. "
                            "For several results use vjp or jacobian, or has_aux=True if only the first is to be differentiated.")
        y = self.outputs[0]
        if isinstance(y, (str, bytes)):
            raise TypeError(f"{self.what}: the function must return one scalar, and returned {y!r:.40}")
        shape = y.shape if isinstance(y, Tensor) else np.shape(y)
        if shape != () and (not isinstance(y, Tensor) or y.size != 1):
            raise TypeError(f"{self.what}: the function must return a scalar, and returned shape {shape}. "
                            "Reduce it (.sum(), .mean()), or use jacobian or elementwise_grad.")
        return y if isinstance(y, Tensor) and y.node is not None else None
