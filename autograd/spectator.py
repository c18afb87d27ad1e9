"""How does a user's own class watch a computation?

In HIPS/autograd's way: a subclass of `Node` is made for each operation, and is told its value, its function and arguments, and
the nodes of those arguments that were computed. What it does with that is its own business: print a line, draw a graph.

    class Printed(Node):
        def __init__(self, value, fun, args, kwargs, parent_argnums, parents):
            print(fun.__name__, value)
        def initialize_root(self):
            pass

    from autograd.tracer import Node, trace
    value, node = trace(Printed.new_root(), f, 1.23)

The operations are ours, and those of a gradient inside f are among them. (To see a computation, `autograd.trace(f, x)` prints one
with its types, and `autograd.draw` draws it.)

Read next: `tracer.py`.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.node import MODE, Mode, Observer, get_mode
from autograd.tensor import Tensor, constant_tensor


class Node:
    """The base class: what `trace` makes for each operation. `new_root` makes one for the argument."""

    __slots__ = ()

    def __init__(self, value: Any, fun: Any, args: Any, kwargs: Any, parent_argnums: Any, parents: Any) -> None:
        raise NotImplementedError(f"{type(self).__name__} needs __init__(self, value, fun, args, kwargs, parent_argnums, parents)")

    def initialize_root(self, *args: Any, **kwargs: Any) -> None:
        raise NotImplementedError(f"{type(self).__name__} needs initialize_root(self)")

    @classmethod
    def new_root(cls, *args: Any, **kwargs: Any) -> Any:
        root = cls.__new__(cls)
        root.initialize_root(*args, **kwargs)
        return root


class Spectator(Observer):
    """Makes a node of the user's class for every operation. `known` has each array that was seen, and its node, by its id."""

    traces = True

    def __init__(self, kind: type[Node]) -> None:
        self.kind = kind
        self.known: dict[int, tuple[Any, Node]] = {}

    def __call__(self, primitive: Any, arrays: tuple[Any, ...], nodes: tuple[Any, ...], params: tuple[Any, ...], results: tuple[Any, ...],
                 tensor: Tensor) -> None:
        args = [*arrays, *params]
        while len(args) > len(arrays) and args[-1] is primitive.defaults.get(primitive.params[len(args) - len(arrays) - 1]):
            args.pop()  # an option at its default
        places = [i for i, arg in enumerate(arrays) if id(arg) in self.known]
        if not places:
            return
        if isinstance(tensor._array, (bool, np.bool_)):
            tensor._array = np.array(tensor._array)
        fun = getattr(primitive, "declared", primitive)
        parents = tuple(self.known[id(args[i])][1] for i in places)
        self.add(tensor._array, self.kind(results[0], fun, tuple(args), {}, tuple(places), parents))

    def add(self, array: Any, node: Node) -> None:
        self.known[id(array)] = array, node


def trace(start_node: Any, fun: Callable[[Any], Any], x: Any) -> tuple[Any, Any]:
    """Call fun(x) and make a node of start_node's class for each operation. Returns the value, and the node of the last one."""
    spectator = Spectator(type(start_node))
    start = constant_tensor(np.array(x._array if isinstance(x, Tensor) else x)[()])
    spectator.add(start._array, start_node)
    ambient = get_mode()
    token = MODE.set(Mode(ambient.recording, ambient.scope, spectator))
    try:
        y = fun(start)
    finally:
        MODE.reset(token)
    value = y._array if isinstance(y, Tensor) else y
    if id(value) not in spectator.known:
        warnings.warn("the result does not depend on the argument, so it has no node", stacklevel=2)
        return value, None
    return value, spectator.known[id(value)][1]
