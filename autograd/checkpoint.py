"""How is memory traded for time?

What happens inside `checkpoint(f)` is not remembered: the tape gets a single node, and its pullback runs f again when the
backward pass comes by. A chain of n checkpointed segments keeps n values instead of everything inside them.

Read next: `random.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from autograd import ops
from autograd.backward import pull_through
from autograd.invalid import Owned
from autograd.node import MODE, Mode, Node, get_mode, next_id
from autograd.random import replayed, watched
from autograd.tensor import Tensor, constant_tensor
from autograd.tree import flatten


class Recompute:
    """The pullback of a checkpointed call: run the function again, this time remembering, and go backward through that.

    It stands where a generated `codegen.Pullback` stands otherwise, and answers to the same names.
    """

    class primitive:
        name, keeps, inputs, params, sequence = "checkpoint", ("args", "y"), ("args",), (), True

    keeps = primitive.keeps

    def __init__(self, f: Callable[[list[Any]], Any], states: dict[Any, Any], scope: Any) -> None:
        self.f, self.states, self.scope = f, states, scope

    def only(self, active: int) -> Recompute:
        return self

    def run(self, node: Node, g: Any, saved: Any, cotangents: dict[Node, Any], owned: Owned, record: bool = False) -> None:
        args, before = saved
        token = MODE.set(Mode(True, self.scope, get_mode().observer))
        try:
            with replayed(self.states):
                y = self.f([constant_tensor(array, parent) for array, parent in args])
        finally:
            MODE.reset(token)
        if not np.array_equal(y._array, before, equal_nan=True):
            raise RuntimeError("a checkpointed function returned something else when it ran again for the gradient. Something it uses was "
                               "changed in between (parameters, before backward()?), or it draws random numbers past autograd.random.")
        pull_through(node, y, g, cotangents, owned, record)

    def run_recorded(self, node: Node, g: Any, saved: Any, cotangents: dict[Node, Any], owned: Owned) -> None:
        self.run(node, g, saved, cotangents, owned, record=True)


def checkpoint(f: Callable[..., Any]) -> Callable[..., Any]:
    """f, with memory traded for time: what happens inside is not remembered but computed again in the backward pass.

    Gradients are those of f, to its arguments and to whatever else it uses (the weights of a model); derivatives of any
    order work. Random numbers drawn through `autograd.random` are the same ones the second time. If what f uses was
    changed before the backward pass, that raises RuntimeError.

    f may take and return trees. (Chen et al. 2016, "Training deep nets with sublinear memory cost".)
    """

    @wraps(f)
    def checkpointed(*args: Any, **kwargs: Any) -> Any:
        leaves, structure = flatten((args, kwargs))
        places = [i for i, leaf in enumerate(leaves) if isinstance(leaf, Tensor)]
        rest = [leaf.copy() if isinstance(leaf, np.ndarray) else None if isinstance(leaf, Tensor) else leaf for leaf in leaves]

        def run(tensors: list[Any]) -> tuple[list[Any], Any]:
            """The results of the call on these Tensors, and their structure."""
            filled = list(rest)
            for place, tensor in zip(places, tensors):
                filled[place] = tensor
            call_args, call_kwargs = structure.unflatten(filled)
            return flatten(f(*call_args, **call_kwargs))

        mode, first = get_mode(), next_id()
        with watched() as states:
            results, form = run([leaves[i] for i in places])
        new = [i for i, y in enumerate(results) if isinstance(y, Tensor) and y.node is not None and y.node.id > first]
        if not new or not mode.recording:
            return form.unflatten(results)
        y = joined([results[i] for i in new])
        # It ran once on the tape, to find the older nodes that it leads to; everything in between is let go of.
        frontier = older_than(first, y.node)
        saved = ([(leaves[i]._array, leaves[i].node) for i in places], y._array)

        def again(tensors: list[Any]) -> Any:
            repeated = run(tensors)[0]
            return joined([repeated[i] for i in new])

        pullback: Any = Recompute(again, states, mode.scope)
        outcome = constant_tensor(y._array, Node(next_id(), pullback, tuple(frontier), saved, (), y.shape, y.dtype, mode.scope))
        for i, part in zip(new, taken_apart(outcome, [results[i].shape for i in new])):
            results[i] = part
        return form.unflatten(results)

    return checkpointed


def joined(results: list[Any]) -> Any:
    """Several results as one vector, because a node has one result."""
    if len(results) == 1:
        return results[0]
    dtypes = {str(y.dtype) for y in results}
    if len(dtypes) > 1:
        raise TypeError(f"a checkpointed function must return results of one dtype, and returned {', '.join(sorted(dtypes))}")
    return ops.concatenate([ops.reshape(y, (-1,)) for y in results])


def taken_apart(y: Any, shapes: list[tuple[int, ...]]) -> list[Any]:
    """The results again."""
    if len(shapes) == 1:
        return [y]
    ends = np.cumsum([0, *(int(np.prod(shape)) for shape in shapes)]).tolist()
    return [ops.reshape(y[a:b], shape) for a, b, shape in zip(ends, ends[1:], shapes)]


def older_than(first: int, root: Node) -> list[Node]:
    """The nodes created before number `first` that `root` leads to directly, oldest first."""
    seen, stack = {root}, [root]
    found: list[Node] = []
    while stack:
        node = stack.pop()
        for parent in node.inputs:
            if parent is not None and parent not in seen:
                seen.add(parent)
                (stack if parent.id >= first else found).append(parent)
    return sorted(found, key=lambda node: node.id)
