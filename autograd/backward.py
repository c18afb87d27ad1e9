"""How does a gradient flow back?

A backward pass starts with cotangents at some results and walks the nodes from the newest to the oldest. Every node
takes the cotangent of its result, runs its rules, and adds what they return to the cotangents of its inputs. That is
all of reverse-mode differentiation; the loop is in `pull`. Around it, once for all operations (the first three in `contributions.py`):

* `unbroadcast` sums a cotangent over the axes along which its input was repeated;
* `fit` casts it to the input's dtype (float32 in, float32 gradient out) and refuses a wrong shape;
* `accumulate` adds contributions: the first is borrowed, the second makes an array of our own, later ones add in place;
* `handed_out` makes sure that no two gradients, nor a gradient and a saved array, share memory.

With `record=True` the rules run on Tensors instead of arrays, and the result can be differentiated again.

Of complex numbers the cotangent g says dL = Re(sum of g dx), without a conjugate. So the rule of a holomorphic f is g f'(x), as
it is for real numbers, and `fit` takes the real part where the input is real. What `grad` returns is this g = dL/da - i dL/db (for
x = a + ib). `.grad`, hooks and the `gradient=` of `backward()` speak PyTorch's language, its conjugate, which is taken there and only
there (`conjugated`): x - step * x.grad goes downhill.

Read next: `contributions.py`.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.contributions import accumulate, fit, unbroadcast  # noqa: F401
from autograd.errors import backward_failed, graph_consumed, node_text
from autograd.invalid import Owned
from autograd.node import FREED, MODE, Leaf, Mode, Node, Observer, enable_grad, get_mode
from autograd.tensor import Tensor, constant_tensor

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

by_id = attrgetter("id")
adding = threading.Lock()
"""Held while a gradient is added to `.grad`: threads may go backward into the same parameters."""


def backward(self: Tensor, gradient: ArrayLike | Tensor | None = None, retain_graph: bool | None = None,
             create_graph: bool = False) -> None:
    """Add dL/dx to `x.grad` for every leaf x this Tensor was computed from.

    gradient:      the cotangent dL/d(self), same shape; may be left out for a scalar, where it is 1
    retain_graph:  keep what the nodes saved, so that backward can run again (default: `create_graph`)
    create_graph:  record the backward pass itself, so that gradients can be differentiated

    Raises RuntimeError if there is no graph, or it was already used up; ValueError for a non-scalar without
    `gradient`, or a gradient of the wrong shape. Nothing is changed then.
    """
    root = self.node
    if root is None:
        raise RuntimeError("backward() needs a graph, and this Tensor has none: nothing it was computed from requires grad, "
                           "or it was detached, or computed under no_grad(). Start from tensor(data, requires_grad=True), or from the "
                           "parameters of a module, and leave out .detach(), .data, .numpy() and no_grad() on the way to the loss.")
    g, mode = conjugated(seed(self, gradient), root), get_mode()
    record = create_graph or (mode.observer is not None and mode.traced and not mode.lowered)
    leaves, order = reachable([root])
    cotangents = pull({root: g}, order, keep=create_graph if retain_graph is None else retain_graph, record=record)
    arrived = {}
    for leaf in leaves:
        if leaf in cotangents:
            total = cotangents[leaf]
            arrived[leaf] = total if leaf.extra is None else with_hooks(leaf, total)
            if leaf.dtype.kind == "c":
                arrived[leaf] = conjugated(arrived[leaf], leaf)
    with adding:
        for leaf, total in handed_out(arrived, g).items():
            add_to_grad(leaf, total)


Tensor.backward = backward  # type: ignore[method-assign]


def seed(output: Tensor, gradient: Any) -> Any:
    """The cotangent a backward pass starts with: what was given, checked, or 1 for a scalar."""
    if gradient is None:
        array = output._array
        if array.ndim == 0 and array.dtype.kind == "f":
            return array.dtype.type(1)
        if output.size != 1:
            raise RuntimeError(f"backward() of a Tensor of shape {output.shape} needs a gradient of that shape: only a scalar has an "
                               "obvious one. Reduce it to a scalar first (.sum(), .mean()), or pass gradient=.")
        if output.dtype.kind == "c":
            raise RuntimeError(f"backward() of a {output.dtype} Tensor needs a gradient: only a real scalar has an obvious one. Make the "
                               "loss real (.real, abs(z) ** 2), or pass gradient=. For the derivative of a holomorphic f write grad(f)(z).")
        return np.ones(output.shape, output.dtype)
    g = gradient if isinstance(gradient, Tensor) else np.array(gradient)[()]
    if g.shape != output.shape:
        raise ValueError(f"the gradient given to backward() has shape {g.shape}, but the Tensor has shape {output.shape}")
    if g.dtype.kind not in "biufc" or (g.dtype.kind == "c" and output.dtype.kind != "c"):
        raise TypeError(f"the gradient of a {output.dtype} Tensor cannot have dtype {g.dtype}")
    if g.dtype != output.dtype:
        g = g.astype(output.dtype)
    return g if not isinstance(g, Tensor) or g.node is not None else g._array


def reachable(roots: Iterable[Node], wanted: Sequence[Node] | None = None) -> tuple[list[Node], list[Node]]:
    """What a cotangent of `roots` meets: the leaves, and the recorded nodes from the newest to the oldest.

    Raises RuntimeError if one of the nodes was used up by an earlier pass. With `wanted`, nodes behind a wanted node
    are not visited.
    """
    seen, stack = set(roots), list(roots)
    stop = set(wanted or ())
    leaves, order = [], []
    while stack:
        node = stack.pop()
        if node.pullback is None or (stop and node in stop):
            leaves.append(node)
            continue
        if node.saved is FREED:
            raise graph_consumed(node)
        order.append(node)
        for parent in node.inputs:
            if parent is not None and parent not in seen:
                seen.add(parent)
                stack.append(parent)
    order.sort(key=by_id, reverse=True)
    return leaves, order


def pull(cotangents: dict[Node, Any], order: list[Node], keep: bool, record: bool, needed: set[Node] | None = None) -> dict[Node, Any]:
    """The backward pass: send `cotangents` through the nodes in `order`, and return those that arrived at the end.

    keep:    leave the saved arrays in the nodes, for another pass
    record:  run the rules on Tensors, so that the result has a graph of its own
    needed:  if given, only nodes in this set get a cotangent
    """
    mode = get_mode()
    observer = None if record else mode.observer  # who sees the rules at work as operations need not be told
    plain = not record and observer is None and needed is None  # the usual pass, and the fast one
    token = MODE.set(QUIET if mode.scope is None and mode.observer is None and not record else Mode(record, mode.scope, mode.observer))
    try:
        with Owned(order) as owned:
            for node in order:
                g = cotangents.pop(node, None)
                if g is None:
                    continue
                if node.extra is not None:
                    g = with_hooks(node, g)
                saved = node.saved
                if not keep:
                    node.saved = FREED
                pullback: Any = node.pullback
                try:
                    if plain:
                        pullback.run(node, g, saved, cotangents, owned)
                    else:
                        pull_one(observer, node, g, saved, cotangents, owned, record, needed)
                    if owned.invalid:
                        owned.report(node)
                except Exception as error:
                    raise backward_failed(node, error) from error
    finally:
        MODE.reset(token)
    if observer is not None:
        observer.arrived(cotangents)
    return cotangents


QUIET = Mode(False)
"""Outside of modules, and with nobody watching: a backward pass that is not recorded."""


def pull_one(observer: Observer | None, node: Node, g: Any, saved: Any, cotangents: dict[Node, Any], owned: Owned, record: bool,
             needed: set[Node] | None) -> None:
    """One step of a backward pass that is recorded, watched, or needed in parts."""
    pullback: Any = node.pullback
    if needed is not None:
        pullback = pullback.only(needed_slots(node, needed))
    if observer is not None and observer.lowers:
        observer.lower(node, pullback, g, saved, cotangents, owned)
    elif observer is not None:
        pull_watched(observer, node, pullback, g, saved, cotangents, owned)
    else:
        (pullback.run_recorded if record else pullback.run)(node, g, saved, cotangents, owned)


def needed_slots(node: Node, needed: set[Node]) -> int:
    """The bit mask of the inputs that want a cotangent and are needed."""
    return sum(1 << i for i, parent in enumerate(node.inputs) if parent is not None and parent in needed)


def pull_watched(observer: Observer, node: Node, pullback: Any, g: Any, saved: Any, cotangents: dict[Node, Any],
                 owned: Owned) -> None:
    """One step of a backward pass that somebody watches.

    In `cotangents` what it sends is added to what others have sent, so the step runs once more, on its own, for him; and that is
    what he is told the time of. A function that is recomputed (`checkpoint.py`) runs only once: it may count its calls.
    """
    from autograd.codegen import Pullback

    sent: tuple[Any, ...] = ()
    token = MODE.set(Mode(False, get_mode().scope))  # what happens inside is no operation of the user's
    try:
        start = time.perf_counter()
        pullback.run(node, g, saved, cotangents, owned)
        seconds = time.perf_counter() - start
        if isinstance(pullback, Pullback):
            apart = tuple(None if x is None else Node(0, None, (), (), (), x.shape, x.dtype, None) for x in node.inputs)
            alone, arrived = Node(node.id, pullback, apart, (), node.params, node.shape, node.dtype, node.scope), dict[Node, Any]()
            start = time.perf_counter()
            pullback.run(alone, g, saved, arrived, owned)
            seconds = time.perf_counter() - start
            sent = tuple(None if x is None else arrived.get(x) for x in apart)
    finally:
        MODE.reset(token)
    observer.pulled(node, g, sent, seconds)


def pull_recorded(node: Node, pullback: Any, g: Any, saved: Any, cotangents: dict[Node, Any], owned: Owned) -> None:
    """One step of a backward pass that is itself recorded: the saved arrays go in as Tensors, in their place on the tape."""
    primitive = pullback.primitive
    tensors = tuple(as_recorded(name, value, primitive, node) for name, value in zip(primitive.keeps, saved))
    if primitive.definition is None:
        pullback.run(node, g, tensors, cotangents, owned)
        return
    # A fused operation: the derivatives are those of its definition, run again on the inputs.
    inputs = tensors[: len(primitive.inputs)]
    pull_through(node, primitive.definition(*inputs, **dict(zip(primitive.params, node.params))), g, cotangents, owned, record=True)


def pull_through(node: Node, y: Any, g: Any, cotangents: dict[Node, Any], owned: Owned, record: bool) -> None:
    """Go backward through what a node stands for: y is its result, computed once more, step by step, from its inputs."""
    if not isinstance(y, Tensor) or y.node is None:
        return  # it does not depend on them
    stop = [parent for parent in dict.fromkeys(node.inputs) if parent is not None]
    _, order = reachable([y.node], stop)
    arrived = pull({y.node: g}, order, keep=record, record=record)
    for parent in stop:
        if parent in arrived:
            if parent in cotangents:
                accumulate(parent, arrived[parent], cotangents, owned)
            else:
                cotangents[parent] = arrived[parent]


def as_recorded(name: str, value: Any, primitive: Any, node: Node) -> Any:
    """A saved array as the Tensor it came from: an input, the result, or a constant."""
    if primitive.sequence and name == primitive.inputs[0]:
        return tuple(constant_tensor(x, parent) if parent is not None else x for x, parent in zip(value, node.inputs))
    if name == "y":
        return constant_tensor(value, node)
    if name in primitive.inputs:
        parent = node.inputs[primitive.inputs.index(name)]
        return constant_tensor(value, parent) if parent is not None and value is not None else value
    return value


def conjugated(g: Any, node: Node) -> Any:
    """A cotangent of a node as `.grad` and hooks have it, or back again: the conjugate; of real numbers the same."""
    if node.dtype.kind != "c":
        return g
    if isinstance(g, Tensor) and g.node is not None:
        with enable_grad():
            return g.conj()
    return g.conj()


def with_hooks(node: Node, g: Any) -> Any:
    """Let the hooks of a node see, and perhaps replace, its complete cotangent; keep it where `retain_grad` asked."""
    extra = node.extra
    if extra is None:
        return g
    g = conjugated(g, node)
    for hook in list(extra.hooks.values()):
        given = g if isinstance(g, Tensor) else constant_tensor(g.copy())  # he may keep it, and write to it
        before = given._array
        result = hook(given)
        if result is None:
            if given._array is before:
                continue
            result = given  # he wrote `g *= 2`
        if not isinstance(result, Tensor):
            result = constant_tensor(np.array(result)[()])
        if result.shape != node.shape:
            raise ValueError(f"a hook on {node_text(node)} returned a gradient of shape {result.shape} instead of {node.shape}")
        if result.dtype.kind == "c" and node.dtype.kind != "c":
            raise TypeError(f"a hook on {node_text(node)} returned a {result.dtype} gradient of a {node.dtype} value: "
                            "its gradient is real; write g.real if that is meant")
        g = fit(result if isinstance(g, Tensor) or result.node is not None else result._array.copy(), node, "the hook", node)
    if extra.retains:
        grad = g if isinstance(g, Tensor) else constant_tensor(np.array(g)[()])
        extra.grad = grad if extra.grad is None else extra.grad + grad
    return conjugated(g, node)


def base_references(view: np.ndarray[Any, Any]) -> int:
    return sys.getrefcount(view.base)


# A transposed temporary: nobody but the view itself knows its base. (The number differs between versions of Python.)
ONLY_VIEW = base_references(np.ones((1, 2)).T)


def handed_out(gradients: dict[Node, Any], *taken: Any) -> dict[Node, Any]:
    """Gradients that are safe to give away: each in memory of its own, writable, shared with nothing."""
    known = {id(t) for t in taken}
    result = {}
    for node, g in gradients.items():
        if isinstance(g, np.ndarray):
            shared = g.base is not None and (base_references(g) > ONLY_VIEW or not isinstance(g.base, np.ndarray))
            if shared or id(g) in known or not g.flags.writeable:
                g = g.copy()
        known.add(id(g))
        result[node] = g
    return result


def add_to_grad(leaf: Node, g: Any) -> None:
    """Add one backward pass's gradient to `.grad`, in place where nobody else looks at it."""
    assert leaf.__class__ is Leaf or isinstance(leaf, Leaf)
    observer = get_mode().observer
    if observer is not None and observer.lowers:
        observer.grad_asked(leaf)
        g = g if isinstance(g, Tensor) else constant_tensor(g)
    if isinstance(g, Tensor):
        leaf.grad = g if leaf.grad is None else leaf.grad + g
    elif leaf.grad is None or leaf.grad.node is not None:  # a gradient with a graph of its own is never written to
        leaf.grad = constant_tensor(g if leaf.grad is None else leaf.grad._array + g)
    elif leaf.grad.ndim:
        with leaf.grad.writing() as total:
            np.add(total, g, out=total)
    else:
        leaf.grad._array = leaf.grad._array + g
