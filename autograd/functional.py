"""How do I differentiate a function?

Everything here is one idea used again: run the function on Tensors (`Recording`), then run the tape backward. Since the
backward pass consists of the same recorded operations, derivatives nest to any order:

    grad(f)(x)             df/dx of a scalar function
    vjp(f, x)              f(x), and the function v -> v^T J
    jvp(f, (x,), (v,))     f(x) and J v, by differentiating v -> v^T J, which is linear
    jacobian(f)(x)         J, row by row
    hessian(f)(x)          jacobian(grad(f))
    hvp(f)(x, v)           H v, without forming H
    ggnvp(f)(x, v)         J^T H_g J v, Gauss and Newton's approximation of it
    checkpoint(f)          f, recomputed in the backward pass instead of remembered

Arguments and results may be trees: tuples, lists and dicts of arrays. Arrays in give arrays out and Tensors give Tensors.
A gradient that still depends on something being differentiated further out - another argument, an outer `grad`, the
weights of a model - is a Tensor on the tape of that; under `no_grad()` it is not.

Read next: `check.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import numpy as np

from autograd import ops
from autograd.backward import handed_out, pull, reachable
from autograd.node import MODE, Leaf, Mode, Node, get_mode, next_id
from autograd.random import replayed, watched
from autograd.tensor import Tensor, constant_tensor
from autograd.tree import Structure, flatten

Argnums = int | Sequence[int]


class Argument(Leaf):
    """The leaf that stands for an argument of a function under `grad` and its kin; `running` while that function runs."""

    __slots__ = ("running",)

    def __init__(self, shape: tuple[int, ...], dtype: Any) -> None:
        super().__init__(shape, dtype)
        self.running = True


class Recording:
    """A function that was run on Tensors, ready to go backward.

    f, args, kwargs:  what to run
    argnums:          the positions of the arguments to differentiate by
    """

    def __init__(self, f: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], argnums: Argnums, what: str) -> None:
        self.what = f"{what} of {getattr(f, '__name__', 'the function')}"
        self.single = not isinstance(argnums, Sequence)
        places = [argnums] if isinstance(argnums, int) else list(argnums)  # type: ignore[arg-type]
        for place in places:
            if not -len(args) <= place < len(args):
                raise TypeError(f"{self.what}: argument {place} was to be differentiated, but the call has {len(args)} positional argument(s)")
        self.ambient = get_mode()
        self.inputs: list[Tensor] = []
        self.raw: list[bool] = []
        self.structures: list[Structure] = []
        arguments = list(args)
        for place in places:
            leaves, structure = flatten(args[place])
            tensors = [self._input(leaf, place) for leaf in leaves]
            self.inputs += tensors
            self.structures.append(structure)
            arguments[place] = structure.unflatten(tensors)
        token = MODE.set(Mode(True, self.ambient.scope, self.ambient.observer))
        try:
            y = f(*arguments, **kwargs)
        finally:
            MODE.reset(token)
            for x in self.inputs:
                if isinstance(x.node, Argument):
                    x.node.running = False
        self.outputs, self.output_structure = flatten(y)
        self.wanted = [t.node for t in self.inputs]
        roots = {t.node for t in self.outputs if isinstance(t, Tensor) and t.node is not None}
        ends, order = reachable(roots, self.wanted)  # type: ignore[arg-type]
        inside = set(self.wanted)
        strangers = [end for end in ends if end not in inside]
        # Does anything further out differentiate what was computed here? Then our results belong on its tape.
        outer = (any(not isinstance(x.node, Argument) for x in self.inputs)
                 or any(not isinstance(end, Argument) or end.running for end in strangers))
        self.records = (outer and self.ambient.recording) or self.ambient.observer is not None
        self.needed: Any = None
        self.order = order
        if strangers:  # leave out what leads only to them
            self.needed = set(inside)
            for node in reversed(order):  # oldest first, so a node's inputs are settled before it
                if any(parent in self.needed for parent in node.inputs):
                    self.needed.add(node)
            self.order = [node for node in order if node in self.needed]

    def _input(self, leaf: Any, place: int) -> Tensor:
        """An argument as the start of a tape of its own."""
        self.raw.append(not isinstance(leaf, Tensor))
        if isinstance(leaf, Tensor) and leaf.node is not None and self.ambient.recording:
            return ops.identity(leaf)  # type: ignore[no-any-return]
        array = leaf._array if isinstance(leaf, Tensor) else np.array(leaf)[()]
        if array.dtype.kind not in "fc":
            raise TypeError(f"{self.what}: argument {place} holds {array.dtype} ({array!r:.40}), which has no derivative: "
                            "write the numbers with a point (3.0), or convert with .astype(float)")
        return constant_tensor(array, Argument(array.shape, array.dtype))

    def value(self) -> Any:
        """What the function returned, as plain values unless something further out differentiates it."""
        return self.output_structure.unflatten([self.released(y, all(self.raw)) for y in self.outputs])

    def released(self, y: Any, raw: bool) -> Any:
        if not isinstance(y, Tensor):
            return y
        if self.records and (y.node is not None or self.ambient.observer is not None):
            return y
        return y._array if raw else y.detach()

    def pull(self, cotangents: Sequence[Any], keep: bool) -> list[Any]:
        """The cotangents of the inputs for these cotangents of the outputs, as a flat list."""
        active = any(isinstance(g, Tensor) and g.node is not None for g in cotangents)
        record = active or self.records
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
                g = ops.zeros_like(x._array)
            elif isinstance(g, Tensor) and (g.node is None or not record) and raw and self.ambient.observer is None:
                g = g._array
            results.append(g if raw or isinstance(g, Tensor) else constant_tensor(g))
        return results

    def _cotangent(self, y: Tensor, g: Any, record: bool) -> Any:
        if not isinstance(g, Tensor):
            g = np.asarray(g)[()]
        if g.shape != y.shape:
            raise ValueError(f"{self.what}: a cotangent of shape {g.shape} was given for a result of shape {y.shape}")
        if g.dtype != y.dtype:
            g = g.astype(y.dtype)
        if isinstance(g, Tensor) and not record:
            g = g._array
        return g

    def gathered(self, results: list[Any]) -> Any:
        """A flat list of cotangents, in the form of the arguments."""
        rest, trees = list(results), []
        for structure in self.structures:
            n = structure.size
            trees.append(structure.unflatten(rest[:n]))
            rest = rest[n:]
        return trees[0] if self.single else tuple(trees)

    def scalar(self) -> Tensor | None:
        """The one scalar output, for `grad`; None if it does not depend on the inputs."""
        if len(self.outputs) != 1:
            raise TypeError(f"{self.what}: the function must return one scalar, and returned {self.output_structure}. "
                            "For several results use vjp or jacobian, or has_aux=True if only the first is to be differentiated.")
        y = self.outputs[0]
        if np.shape(y._array if isinstance(y, Tensor) else y) != () and (not isinstance(y, Tensor) or y.size != 1):
            raise TypeError(f"{self.what}: the function must return a scalar, and returned shape {np.shape(y._array if isinstance(y, Tensor) else y)}. "
                            "Reduce it (.sum(), .mean()), or use jacobian or elementwise_grad.")
        return y if isinstance(y, Tensor) and y.node is not None else None


def ones_for(y: Tensor) -> Any:
    return np.ones(y.shape, y.dtype)[()]


def value_and_grad(f: Callable[..., Any], argnums: Argnums = 0, has_aux: bool = False) -> Callable[..., tuple[Any, Any]]:
    """The function (args) -> (f(args), df/d args[argnums]).

    With `has_aux=True`, f returns (scalar, anything), and the result is ((scalar, anything), gradient).

    >>> from autograd import value_and_grad
    >>> y, g = value_and_grad(lambda x: x ** 3)(2.0)
    >>> float(y), float(g)
    (8.0, 12.0)
    """

    @wraps(f)
    def value_and_gradient(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        aux: list[Any] = []

        def head(*args: Any, **kwargs: Any) -> Any:
            y, *rest = f(*args, **kwargs)
            aux.extend(rest)
            return y

        head.__name__ = getattr(f, "__name__", "the function")
        recording = Recording(head if has_aux else f, args, kwargs, argnums, "the gradient")
        y = recording.scalar()
        value = recording.value()
        g = recording.gathered(recording.pull([ones_for(y) if y is not None else None], keep=False))
        if has_aux:
            leaves, structure = flatten(aux[0] if len(aux) == 1 else tuple(aux))
            value = (value, structure.unflatten([recording.released(leaf, all(recording.raw)) for leaf in leaves]))
        return value, g

    return value_and_gradient


def grad(f: Callable[..., Any], argnums: Argnums = 0, has_aux: bool = False) -> Callable[..., Any]:
    """The gradient of a scalar function: (args) -> df/d args[argnums].

    f:        takes arrays (or trees of them) and returns one scalar
    argnums:  the position of the argument to differentiate by; a tuple of positions gives a tuple of gradients
    has_aux:  f returns (scalar, anything); the result is then (gradient, anything)

    The gradient has the structure, shapes and dtypes of the argument.

    >>> import autograd.numpy as np
    >>> from autograd import grad
    >>> float(grad(np.tanh)(0.0)), float(grad(grad(grad(np.sin)))(0.0))
    (1.0, -1.0)
    >>> grad(lambda p: p["w"] * p["b"])({"w": 2.0, "b": 5.0})
    {'w': np.float64(5.0), 'b': np.float64(2.0)}

    Raises TypeError if f does not return a scalar, or the argument does not hold floating-point numbers.
    """
    both = value_and_grad(f, argnums, has_aux)

    @wraps(f)
    def gradient(*args: Any, **kwargs: Any) -> Any:
        value, g = both(*args, **kwargs)
        return (g, value[1]) if has_aux else g

    return gradient


def vjp(f: Callable[..., Any], *args: Any, argnums: Argnums | None = None, **kwargs: Any) -> tuple[Any, Callable[[Any], Any]]:
    """f(*args), and the function v -> v^T J: the vector-Jacobian product, or pullback.

    `argnums` defaults to all arguments, and the pullback then returns a tuple with one cotangent for each (a single one
    if there is one argument and no `argnums`). It can be called any number of times; v has the form of the result.

    >>> from autograd import vjp
    >>> y, pullback = vjp(lambda a, b: a * b, 3.0, 4.0)
    >>> [float(g) for g in pullback(1.0)]
    [4.0, 3.0]
    """
    if argnums is None:
        argnums = 0 if len(args) == 1 else tuple(range(len(args)))
    recording = Recording(f, args, kwargs, argnums, "the vjp")

    def pullback(v: Any) -> Any:
        leaves, structure = flatten(v)
        if structure != recording.output_structure:
            raise ValueError(f"{recording.what}: the result has the structure {recording.output_structure}, the cotangent {structure}")
        return recording.gathered(recording.pull(leaves, keep=True))

    return recording.value(), pullback


def jvp(f: Callable[..., Any], args: Sequence[Any], tangents: Sequence[Any], **kwargs: Any) -> tuple[Any, Any]:
    """f(*args) and J v: how the result changes when the arguments change by the tangents.

    args, tangents:  tuples of the same form

    The pullback v -> v^T J is linear in v, so its own pullback is J: two backward passes make a forward one.

    >>> from autograd import jvp
    >>> y, dy = jvp(lambda x: x * x, (3.0,), (1.0,))
    >>> float(y), float(dy)
    (9.0, 6.0)
    """
    recording = Recording(f, tuple(args), kwargs, tuple(range(len(args))), "the jvp")
    steps, structure = flatten(tuple(tangents))
    if structure != flatten(tuple(args))[1]:
        raise ValueError(f"{recording.what}: arguments and tangents must have the same structure")
    for x, t in zip(recording.inputs, steps):
        if np.shape(t._array if isinstance(t, Tensor) else t) != x.shape:
            raise ValueError(f"{recording.what}: a tangent of shape {np.shape(t)} was given for an argument of shape {x.shape}")
    dependent = [y for y in recording.outputs if isinstance(y, Tensor) and y.node is not None]
    dummies = [constant_tensor(ops.zeros_like(y._array), Leaf(y.shape, y.dtype)) for y in dependent]

    def transposed(*us: Any) -> list[Any]:
        given = iter(us)
        return recording.pull([next(given) if isinstance(y, Tensor) and y.node is not None else None for y in recording.outputs], keep=True)

    pushed: list[Any] = []
    if dummies:
        linear = Recording(transposed, tuple(dummies), {}, tuple(range(len(dummies))), "the jvp")
        pushed = linear.pull(steps, keep=True)
    arrived = iter(pushed)
    results = []
    for y in recording.outputs:
        if isinstance(y, Tensor) and y.node is not None:
            results.append(recording.released(next(arrived), all(recording.raw)))
        else:
            results.append(ops.zeros_like(y._array if isinstance(y, Tensor) else np.asarray(y)))
    return recording.value(), recording.output_structure.unflatten(results)


def elementwise_grad(f: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., Any]:
    """The gradient of the sum of f's result: for a function that acts on each element alone, its derivative there.

    >>> import autograd.numpy as np
    >>> from autograd import elementwise_grad
    >>> elementwise_grad(np.square)(np.array([1.0, 2.0]))
    array([2., 4.])
    """

    @wraps(f)
    def gradient(*args: Any, **kwargs: Any) -> Any:
        recording = Recording(f, args, kwargs, argnums, "the elementwise gradient")
        ones = [ones_for(y) if isinstance(y, Tensor) else None for y in recording.outputs]
        return recording.gathered(recording.pull(ones, keep=False))

    return gradient


def jacobian(f: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., Any]:
    """The function (args) -> J, with J[i, j] = d f(args)[i] / d args[argnums][j].

    The shape is f's shape followed by the argument's. For trees the result is the tree of f's results, each of them
    the tree of the arguments.

    >>> import autograd.numpy as np
    >>> from autograd import jacobian
    >>> jacobian(lambda x: x ** 2)(np.array([1.0, 2.0]))
    array([[2., 0.],
           [0., 4.]])
    """

    @wraps(f)
    def jacobian_of(*args: Any, **kwargs: Any) -> Any:
        recording = Recording(f, args, kwargs, argnums, "the jacobian")
        blocks = []
        for place, y in enumerate(recording.outputs):
            if not isinstance(y, Tensor):
                y = constant_tensor(np.asarray(y)[()])
            rows = []
            for index in np.ndindex(*y.shape):
                basis = np.zeros(y.shape, y.dtype)
                basis[index] = 1
                rows.append(recording.pull([basis[()] if i == place else zeros_of(o) for i, o in enumerate(recording.outputs)], keep=True))
            columns = [[row[j] for row in rows] for j in range(len(recording.inputs))]
            shapes = [y.shape + x.shape for x in recording.inputs]
            blocks.append(recording.gathered([stacked(column, shape, y) for column, shape in zip(columns, shapes)]))
        return recording.output_structure.unflatten(blocks)

    return jacobian_of


def zeros_of(y: Any) -> Any:
    return ops.zeros_like(y._array) if isinstance(y, Tensor) else None


def stacked(rows: list[Any], shape: tuple[int, ...], y: Tensor) -> Any:
    if not rows:
        return np.zeros(shape, y.dtype)
    return ops.reshape(ops.stack(rows), shape)


def hessian(f: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., Any]:
    """The matrix of second derivatives of a scalar function: jacobian(grad(f)). Its shape is the argument's, twice.

    >>> import autograd.numpy as np
    >>> from autograd import hessian
    >>> hessian(lambda x: x[0] ** 2 * x[1])(np.array([1.0, 2.0]))
    array([[4., 2.],
           [2., 0.]])
    """
    return jacobian(grad(f, argnums), argnums)


def inner(a: Any, b: Any) -> Any:
    """The inner product of two trees of equal structure."""
    total: Any = 0.0
    for x, y in zip(flatten(a)[0], flatten(b)[0], strict=True):
        total = total + ops.sum(ops.multiply(x, y))
    return total


def hvp(f: Callable[..., Any], argnums: int = 0) -> Callable[..., Any]:
    """The Hessian times a vector, (args..., v) -> H v, at the cost of two gradients: the gradient of <grad f, v>.

    >>> import autograd.numpy as np
    >>> from autograd import hvp
    >>> hvp(lambda x: np.sum(x ** 3))(np.array([1.0, 2.0]), np.array([1.0, 0.0]))
    array([6., 0.])
    """
    gradient = grad(f, argnums)

    @wraps(f)
    def product(*args: Any, **kwargs: Any) -> Any:
        *point, v = args
        return grad(lambda *a: inner(gradient(*a, **kwargs), v), argnums)(*point)

    return product


def ggnvp(f: Callable[..., Any], g: Callable[..., Any] | None = None, argnums: int = 0) -> Callable[..., Any]:
    """The generalised Gauss-Newton product, (args..., v) -> J^T H_g J v, where J is the Jacobian of f and H_g the Hessian of g at f.

    f:  the model, from parameters to predictions
    g:  the convex loss of the predictions; default: half their squared norm, whose Hessian is 1
    (Schraudolph 2002, "Fast curvature matrix-vector products".)
    """

    @wraps(f)
    def product(*args: Any, **kwargs: Any) -> Any:
        *point, v = args

        def of_one(x: Any) -> Any:
            return f(*point[:argnums], x, *point[argnums + 1:], **kwargs)

        y, jv = jvp(of_one, (point[argnums],), (v,))
        hjv = jv if g is None else hvp(g)(y, jv)
        return vjp(of_one, point[argnums])[1](hjv)

    return product


# ---- checkpoint ---------------------------------------------------------------------------------------------------


class Recompute:
    """The pullback of a checkpointed call: run the function again, this time remembering, and go backward through that.

    It stands where a generated `codegen.Pullback` stands otherwise, and answers to the same names.
    """

    class primitive:
        name, keeps, inputs, params, needs, sequence, definition = "checkpoint", ("args",), ("args",), (), {}, True, None  # type: ignore[var-annotated]

    active = -1
    keeps = ("args",)

    def __init__(self, f: Callable[[list[Any]], Tensor], states: dict[Any, Any], scope: Any) -> None:
        self.f, self.states, self.scope = f, states, scope

    def only(self, active: int) -> Recompute:
        return self

    def run(self, node: Node, g: Any, saved: Any, cotangents: dict[Node, Any], owned: set[Node], record: bool = False) -> None:
        from autograd.backward import accumulate

        token = MODE.set(Mode(True, self.scope, get_mode().observer))
        try:
            with replayed(self.states):
                y = self.f([constant_tensor(array, parent) for array, parent in saved[0]])
        finally:
            MODE.reset(token)
        stop = [parent for parent in node.inputs if parent is not None]
        _, order = reachable([y.node], stop)  # type: ignore[list-item]
        arrived = pull({y.node: g}, order, keep=record, record=record)  # type: ignore[dict-item]
        for parent in stop:
            if parent not in arrived:
                continue
            if parent in cotangents:
                accumulate(parent, arrived[parent], cotangents, owned)
            else:
                cotangents[parent] = arrived[parent]

    def run_recorded(self, node: Node, g: Any, saved: Any, cotangents: dict[Node, Any], owned: set[Node]) -> None:
        self.run(node, g, saved, cotangents, owned, record=True)


def checkpoint(f: Callable[..., Any]) -> Callable[..., Any]:
    """f, with memory traded for time: what happens inside is not remembered but computed again in the backward pass.

    Gradients are those of f, to its arguments and to whatever else it uses (the weights of a model); derivatives of any
    order work. Random numbers drawn through `autograd.random` are the same ones the second time.

    f may take and return trees. (Chen et al. 2016, "Training deep nets with sublinear memory cost".)
    """

    @wraps(f)
    def checkpointed(*args: Any, **kwargs: Any) -> Any:
        leaves, structure = flatten((args, kwargs))
        places = [i for i, leaf in enumerate(leaves) if isinstance(leaf, Tensor)]
        rest = [leaf.copy() if isinstance(leaf, np.ndarray) else None if isinstance(leaf, Tensor) else leaf for leaf in leaves]
        forms: list[Any] = []

        def run(tensors: list[Any]) -> Any:
            """The call on these Tensors; several results are joined into one vector, because a node has one result."""
            filled = list(rest)
            for place, tensor in zip(places, tensors):
                filled[place] = tensor
            call_args, call_kwargs = structure.unflatten(filled)
            results, form = flatten(f(*call_args, **call_kwargs))
            if not forms:
                forms.append((form, [np.shape(r._array if isinstance(r, Tensor) else r) for r in results]))
            return results[0] if len(results) == 1 else ops.concatenate([ops.reshape(r, (-1,)) for r in results])

        mode, first = get_mode(), next_id()
        with watched() as states:
            y = run([leaves[i] for i in places])
        if not isinstance(y, Tensor) or y.node is None or not mode.recording or y.node.id < first:
            outcome = y
        else:
            # Run once on the tape to find the older nodes it leads to; then let go of everything in between.
            frontier = older_than(first, y.node)
            saved = ([(leaves[i]._array, leaves[i].node) for i in places],)
            pullback: Any = Recompute(run, states, mode.scope)
            outcome = constant_tensor(y._array, Node(next_id(), pullback, tuple(frontier), saved, (), y.shape, y.dtype, mode.scope))
        form, shapes = forms[0]
        if len(shapes) == 1:
            return form.unflatten([outcome])
        sizes = [int(np.prod(shape)) for shape in shapes]
        ends = np.cumsum([0, *sizes]).tolist()
        return form.unflatten([ops.reshape(outcome[a:b], shape) for a, b, shape in zip(ends, ends[1:], shapes)])

    return checkpointed


def older_than(first: int, root: Node) -> list[Node]:
    """The nodes created before number `first` that `root` leads to directly, oldest first."""
    seen, stack, found = {root}, [root], []
    while stack:
        node = stack.pop()
        for parent in node.inputs:
            if parent is not None and parent not in seen:
                seen.add(parent)
                (stack if parent.id >= first else found).append(parent)
    return sorted(found, key=lambda node: node.id)
