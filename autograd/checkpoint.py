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
from autograd.node import MODE, Mode, Node, get_mode, next_id
from autograd.random import replayed, watched
from autograd.tensor import Tensor, constant_tensor
from autograd.tree import flatten


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
        token = MODE.set(Mode(True, self.scope, get_mode().observer))
        try:
            with replayed(self.states):
                y = self.f([constant_tensor(array, parent) for array, parent in saved[0]])
        finally:
            MODE.reset(token)
        pull_through(node, y, g, cotangents, owned, record)

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
    seen, stack = {root}, [root]
    found: list[Node] = []
    while stack:
        node = stack.pop()
        for parent in node.inputs:
            if parent is not None and parent not in seen:
                seen.add(parent)
                (stack if parent.id >= first else found).append(parent)
    return sorted(found, key=lambda node: node.id)
