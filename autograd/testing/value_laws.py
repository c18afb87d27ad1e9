"""When are values right?

When an operation is NumPy's on arrays, the same on Tensors, the same for every memory layout, and the same when a
traced program is replayed.

Read next: `memory_laws.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from autograd.backward import pull, reachable
from autograd.check import Call
from autograd.differences import plain
from autograd.functional import vjp
from autograd.primitive import Primitive
from autograd.tensor import Tensor
from autograd.testing.law import close, cotangent, differentiable, law, recorded, require, same, scalar
from autograd.testing.strategies import LAYOUTS, laid_out
from autograd.tracer import trace
from autograd.tree import flatten


@law
def one_rule(call: Call, tolerance: float, order: int) -> None:
    """One rule, two modes: on Tensors the result is that on arrays, bit for bit; so is the gradient, recorded or not, up to rounding."""
    raw, recordings = flatten(call(*map(scalar, call.inputs)))[0], flatten(call(*map(recorded, call.inputs)))[0]
    require(len(raw) == len(recordings), f"{call.__name__} returns {len(raw)} results on arrays and {len(recordings)} on Tensors")
    for a, b in zip(raw, recordings):
        exact = same(a, b) or (plain(a).dtype.kind == "c" and close(a, b, 1e-14))  # NumPy rounds complex scalars differently
        require(exact, f"{call.__name__}: on arrays the result is {plain(a)!r}, on Tensors {plain(b)!r}")
        require(not (isinstance(b, Tensor) and isinstance(b._array, np.ndarray) and b.ndim == 0),
                f"{call.__name__} returns a 0-d array and not a NumPy scalar: end the forward function with [()]")
    if not differentiable(call):
        return
    v = cotangent(call)
    result, pullback = vjp(call, *call.inputs, argnums=tuple(range(len(call.inputs))))
    leaves, structure = flatten(call.split(v, result))
    for name, a, b in zip(call.names, call.vjp(v), pullback(structure.unflatten([recorded(np.asarray(leaf)) for leaf in leaves]))):
        require(close(a, b, 1e-12), f"{call.__name__}: the gradient by {name} is {a}, but {b} when it is recorded")


@law
def value(call: Call, tolerance: float, order: int) -> None:
    """The result is NumPy's, where NumPy has a function of that name; and without a rule it carries no gradient."""
    f = call.f
    args = call.structure.unflatten(call.leaves)
    result = f(*args, **call.kwargs)
    theirs = getattr(np, call.__name__, None) if f.__module__.startswith("autograd.ops") else None
    if theirs is not None:
        try:
            expected = theirs(*args, **call.kwargs)
        except TypeError:  # an option of ours that NumPy does not have
            expected = result
        for a, b in zip(flatten(result)[0], flatten(expected)[0], strict=True):
            require(plain(a).shape == plain(b).shape and plain(a).dtype == plain(b).dtype and close(a, b, 1e-12),
                    f"{call.__name__} returns {a!r}, NumPy {b!r}")
    if isinstance(f, Primitive) and not f.needs:
        tensors = [recorded(x) if isinstance(x, np.ndarray) and x.dtype.kind in "fc" else x for x in call.leaves]
        y = f(*call.structure.unflatten(tensors), **call.kwargs)
        require(not isinstance(y, Tensor) or y.node is None, f"{call.__name__} has no rule, but its result requires a gradient")


@partial(law, share=1 / 2)  # each example is held in eight layouts
def layout(call: Call, tolerance: float, order: int) -> None:
    """Memory layout does not matter: C, Fortran, reversed, strided, a part of something, or one number repeated as cotangent."""
    if not differentiable(call):
        return
    ordinary = [np.array(x, order="C") if isinstance(x, np.ndarray) else x for x in call.leaves]
    v = cotangent(call)
    form = call(*map(scalar, call.inputs))

    def run(layout: str, leaves_only: bool, one: bool) -> list[Any]:
        arrays = [laid_out(np.array(x), layout) if isinstance(x, np.ndarray) and not leaves_only else x for x in ordinary]
        now = Call(call.f, call.structure.unflatten(arrays), call.kwargs)
        leaves = flatten(now.split(v, form))[0]
        if one:
            make = broadcast_ones if layout == "broadcast" else np.ones_like
            leaves = [make(leaf) for leaf in leaves]
        else:
            leaves = [laid_out(leaf, layout) if np.ndim(leaf) else leaf for leaf in leaves]
        return pulled(now, leaves)

    expected = run("C", False, False)
    for kind in LAYOUTS[1:]:
        for what, leaves_only in (("inputs", False), ("the cotangent", True)):
            got = run(kind, leaves_only, False)
            require(all(close(a, b, 1e-10) for a, b in zip(expected, got)),
                    f"{call.__name__}: with {what} in the layout {kind!r} the answer is {got}, else {expected}")
    # Of a cotangent of ones the gradient may cancel to nothing but rounding: what counts is the size it usually has.
    require(all(close(a, b, 1e-10, like) for a, b, like in zip(run("C", True, True), run("broadcast", True, True), expected)),
            f"{call.__name__}: a cotangent that is one number repeated gives another gradient than the same in memory")


def pulled(call: Call, cotangents: Sequence[Any]) -> list[Any]:
    """The results, and the gradients in plain arrays, on exactly these arrays and cotangents: nothing is copied on the way in."""
    tensors = [recorded(x) for x in call.inputs]
    results = flatten(call(*tensors))[0]
    start: dict[Any, Any] = {}
    for y, g in zip(results, cotangents):
        if isinstance(y, Tensor) and y.node is not None:
            start[y.node] = start[y.node] + g if y.node in start else g
    arrived = pull(start, reachable(start)[1], keep=True, record=False)
    return [*results, *(arrived.get(t.node, np.zeros(t.shape, t.dtype)) for t in tensors)]  # type: ignore[arg-type]


def broadcast_ones(like: Any) -> Any:
    return np.broadcast_to(np.ones((), like.dtype), like.shape)


@law
def replay(call: Call, tolerance: float, order: int) -> None:
    """A traced program, run on other inputs, gives what the function gives there; or refuses, if a length depends on the values."""
    call = Call(with_any_input(call.f), call.structure.unflatten(call.leaves), call.kwargs)
    if not call.inputs:
        return
    rng = np.random.default_rng(7)
    program = trace(call, *map(scalar, call.inputs))
    nearby = [np.asarray(x * (1 - 1e-3 * rng.random(x.shape)), x.dtype) for x in call.inputs]
    turned = [x[(slice(None, None, -1),) * x.ndim] for x in call.inputs]
    for others in (nearby, turned):
        try:
            expected = flatten(call(*map(scalar, others)))[0]
        except (ValueError, ArithmeticError, np.linalg.LinAlgError):
            continue  # outside the domain
        try:
            replayed = flatten(program(*map(scalar, others)))[0]
        except ValueError as error:
            lengths = [np.shape(plain(y)) for y in expected], [np.shape(plain(y)) for y in flatten(call(*map(scalar, call.inputs)))[0]]
            require("depends on the values" in str(error) and lengths[0] != lengths[1], f"{call.__name__}: the program refuses: {error}")
            continue
        for a, b in zip(replayed, expected):
            require(close(a, b, 1e-12), f"{call.__name__}: the traced program returns {plain(a)}, the function {plain(b)}")


def with_any_input(f: Callable[..., Any]) -> Callable[..., Any]:
    """f, as a function of which every floating-point array is an input, not only those with a rule."""

    def function(*args: Any, **kwargs: Any) -> Any:
        return f(*args, **kwargs)

    function.__name__ = f.__name__
    return function
