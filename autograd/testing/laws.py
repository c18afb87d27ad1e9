"""What is true of every differentiable operation?

Each law is a function of one call, `law(f, args, kwargs)`, that returns None or raises an AssertionError saying what is
wrong. Our test suite runs every law over every case of every primitive; yours can do the same:

    @laws_for(my_op)
    def test_my_op(draw):
        return (draw(arrays()), draw(arrays())), {}

or, for one call or for a primitive whose declaration says all, `check_primitive(my_op)`. `LAWS` has them by name.

The floating-point arrays among the positional arguments are those that are differentiated; of a primitive, those with
a rule. A law that says nothing about an operation (memory, of a composition) passes.

Read next: the tests, `tests/test_laws.py`.
"""

from __future__ import annotations

import gc
import sys
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Protocol

import numpy as np
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from autograd.backward import pull, reachable
from autograd.check import Call, check_call, moved, paths
from autograd.differences import Array, bounded, jumps, one_sided, plain, total
from autograd.functional import vjp
from autograd.node import Leaf
from autograd.primitive import Primitive
from autograd.tensor import Tensor, constant_tensor
from autograd.testing.cases import Arguments, Case, cases_of
from autograd.testing.strategies import LAYOUTS, laid_out
from autograd.tracer import trace
from autograd.tree import flatten


class Law(Protocol):
    """A law: f, its positional and keyword arguments; the relative tolerance, and the highest order of derivative that exists."""

    __name__: str

    def __call__(self, f: Callable[..., Any], args: Sequence[Any], kwargs: dict[str, Any] | None = None, tolerance: float = 1e-8,
                 order: int = 2) -> None: ...


LAWS: dict[str, Law] = {}
"""Every law by name."""


def law(check: Callable[[Call, float, int], None]) -> Law:
    """Make a law of a check of a `Call`, and enter it in LAWS."""

    def holds(f: Callable[..., Any], args: Sequence[Any], kwargs: dict[str, Any] | None = None, tolerance: float = 1e-8,
              order: int = 2) -> None:
        check(Call(f, args, kwargs), tolerance, order)

    holds.__name__ = holds.__qualname__ = check.__name__
    holds.__doc__, holds.__module__ = check.__doc__, check.__module__
    LAWS[check.__name__] = holds
    return holds


def require(condition: Any, message: str) -> None:
    if not condition:
        raise AssertionError(message)


# ---- a call, in the forms the laws need ---------------------------------------------------------------------------


def scalar(x: Any) -> Any:
    """0-d arrays as NumPy scalars, which is what Tensors hold; other arrays unchanged."""
    return x if np.ndim(x) else np.asarray(x)[()]


def recorded(x: Any) -> Tensor:
    """A leaf on this very array: same memory, same layout."""
    return constant_tensor(scalar(x), Leaf(np.shape(x), x.dtype))


def cotangent(call: Call, seed: int = 0) -> Array:
    """A random cotangent of the results, as one vector."""
    here = call.value(call.inputs)
    return bounded(np.random.default_rng(seed), here.shape, here.dtype)


def same(a: Any, b: Any) -> bool:
    """Equal to the last bit, in shape and in dtype. (NaN equals NaN.)"""
    a, b = plain(a), plain(b)
    return a.shape == b.shape and a.dtype == b.dtype and np.array_equal(a, b, equal_nan=a.dtype.kind in "fc")


def close(a: Any, b: Any, tolerance: float) -> bool:
    """Equal up to rounding: relative to the largest element, because elements are sums of such."""
    a, b = plain(a), plain(b)
    if a.shape != b.shape or a.dtype != b.dtype:
        return False
    size = max((float(np.abs(x[np.isfinite(x)]).max(initial=0.0)) for x in (a, b)), default=0.0)
    return bool(np.allclose(a, b, rtol=tolerance, atol=tolerance * size, equal_nan=True))


def differentiable(call: Call) -> bool:
    return bool(call.inputs) and call.value(call.inputs).size > 0


# ---- derivatives --------------------------------------------------------------------------------------------------


@law
def gradient(call: Call, tolerance: float, order: int) -> None:
    """The gradient is right: <vjp(v), d> = d/dt <v, f(x + t d)>, for each input."""
    check_call(call, "rev", tolerance)


@law
def second_order(call: Call, tolerance: float, order: int) -> None:
    """So is the gradient of the gradient: the first law, applied to the function (x, v) -> vjp(v)."""
    if order >= 2 and differentiable(call):
        check_call(call.gradient_call(cotangent(call)), "rev", tolerance)


@law
def linear(call: Call, tolerance: float, order: int) -> None:
    """The gradient is linear in the cotangent: vjp(2u - 3v) = 2 vjp(u) - 3 vjp(v)."""
    if not differentiable(call):
        return
    u, v = cotangent(call, 1), cotangent(call, 2)
    for name, both, gu, gv in zip(call.names, call.vjp(2 * u - 3 * v), call.vjp(u), call.vjp(v)):
        size = float(np.abs(2 * gu).max(initial=0.0) + np.abs(3 * gv).max(initial=0.0))
        require(np.allclose(both, 2 * gu - 3 * gv, rtol=0, atol=1e-10 * size),
                f"the gradient of {call.__name__} by {name} is not linear in the cotangent: "
                f"vjp(2u - 3v) = {both}, but 2 vjp(u) - 3 vjp(v) = {2 * gu - 3 * gv}")


@law
def adjoint(call: Call, tolerance: float, order: int) -> None:
    """Forward and reverse mode are each other's transpose: <v, J u> = <J' v, u>."""
    if not differentiable(call):
        return
    v, rng = cotangent(call), np.random.default_rng(3)
    u = [bounded(rng, x.shape, x.dtype) for x in call.inputs]
    pushed, pulled = v * call.jvp(u), [g * d for g, d in zip(call.vjp(v), u)]
    forward, reverse = total(pushed), sum(map(total, pulled))
    size = float(np.abs(pushed).sum()) + sum(float(np.abs(p).sum()) for p in pulled)
    require(abs(forward - reverse) <= 1e-10 * size, f"{call.__name__}: <v, J u> = {forward}, but <J' v, u> = {reverse}")


# ---- values -------------------------------------------------------------------------------------------------------


@law
def one_rule(call: Call, tolerance: float, order: int) -> None:
    """One rule, two modes: on Tensors the result is that on arrays, bit for bit; so is the gradient, recorded or not, up to rounding."""
    raw, recordings = flatten(call(*map(scalar, call.inputs)))[0], flatten(call(*map(recorded, call.inputs)))[0]
    require(len(raw) == len(recordings), f"{call.__name__} returns {len(raw)} results on arrays and {len(recordings)} on Tensors")
    for a, b in zip(raw, recordings):
        require(same(a, b), f"{call.__name__}: on arrays the result is {plain(a)!r}, on Tensors {plain(b)!r}")
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
        tensors = [recorded(x) if isinstance(x, np.ndarray) and x.dtype.kind == "f" else x for x in call.leaves]
        y = f(*call.structure.unflatten(tensors), **call.kwargs)
        require(not isinstance(y, Tensor) or y.node is None, f"{call.__name__} has no rule, but its result requires a gradient")


@law
def type(call: Call, tolerance: float, order: int) -> None:
    """float32 in, float32 out, float32 gradient, and float64 likewise; gradients in memory of their own; arguments untouched."""
    if not all(x.dtype.kind == "f" for x in call.inputs):
        return
    for dtype in (np.float64, np.float32):
        leaves = [x.astype(dtype) if isinstance(x, (np.ndarray, np.generic)) and x.dtype.kind == "f" else x for x in call.leaves]
        now = Call(call.f, call.structure.unflatten(leaves), call.kwargs)
        before = [np.array(x) for x in now.leaves if isinstance(x, np.ndarray)]
        result, pullback = vjp(now, *now.inputs, argnums=tuple(range(len(now.inputs))))
        ufunc = isinstance(call.f, Primitive) and isinstance(call.f.forward, np.ufunc)  # there NumPy decides, in one_rule
        for y in flatten(result)[0]:
            if plain(y).dtype.kind == "f" and now.inputs and not ufunc:
                require(plain(y).dtype == dtype, f"{call.__name__} of {dtype.__name__} arrays returns {plain(y).dtype}")
        if not now.inputs:
            continue
        v = now.split(cotangent(now), result)
        given = [plain(leaf) for leaf in flatten(v)[0]]
        cotangents = [np.array(leaf) for leaf in given]
        gradients = list(pullback(v))
        for name, x, g in zip(now.names, now.inputs, gradients):
            require(np.shape(g) == x.shape, f"{call.__name__}: the gradient by {name} has shape {np.shape(g)}, and the input {x.shape}")
            require(g.dtype == dtype, f"{call.__name__}: the gradient by {name} is {g.dtype}, and the input {x.dtype}")
            if x.ndim == 0:
                continue
            require(g.flags.writeable and (g.base is None or references_to_memory(g) <= OWN),
                    f"{call.__name__}: the gradient by {name} is not an array of its own")
            for other in [*now.inputs, *given, *(plain(y) for y in flatten(result)[0]), *(h for h in gradients if h is not g)]:
                require(not np.shares_memory(g, other), f"{call.__name__}: the gradient by {name} shares memory with something else")
        after = [x for x in now.leaves if isinstance(x, np.ndarray)]
        require(all(map(same, [*before, *cotangents], [*after, *given])), f"{call.__name__} writes to its arguments or to the cotangent")
        if dtype is np.float32 and isinstance(call.f, Primitive):
            require_narrow_rules(now, call.f)


def references_to_memory(view: Array) -> int:
    return sys.getrefcount(view.base)


OWN = references_to_memory(np.zeros(1).reshape(1, 1))
"""How many references the memory of an array has that nobody else looks at."""


def require_narrow_rules(call: Call, p: Primitive) -> None:
    """The rules themselves compute in float32: the cast at the end of a step does not hide a float64 array."""
    y = call(*map(recorded, call.inputs))
    if y.node is None or y.dtype != np.float32 or p.definition is not None:
        return
    known: dict[str, Any] = {"g": scalar(np.ones(y.shape, y.dtype))}
    known.update(zip((*p.keeps, *p.params), (*y.node.saved, *y.node.params)))
    for slot, needs in p.needs.items():
        for k, parent in enumerate(y.node.inputs) if p.sequence else [(p.inputs.index(slot), y.node.inputs[p.inputs.index(slot)])]:
            if parent is None:
                continue
            known.update({f"{slot}_shape": parent.shape, "slot": k})
            g = p.rules[slot](*[known[name] for name in needs])  # type: ignore[misc]
            require(g.dtype.itemsize <= 4, f"{call.__name__}: the rule for {slot} makes a {g.dtype} array out of float32 ones")


@law
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
    require(all(close(a, b, 1e-10) for a, b in zip(run("C", True, True), run("broadcast", True, True))),
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


# ---- memory -------------------------------------------------------------------------------------------------------


@law
def memory(call: Call, tolerance: float, order: int) -> None:
    """Exactly the arrays that the rules name are alive after the call; and nothing is once its user lets go, without the collector."""
    if not call.inputs:
        return
    with no_collector():
        if isinstance(call.f, Primitive):
            n = len(call.inputs)
            subsets = [(1 << n) - 1] if call.f.sequence else range(1, 1 << n)
            for bits in subsets:
                require_kept(call, call.f, tuple(i for i in range(n) if bits >> i & 1))
        left = [what for what, reference in traces(call) if reference() is not None]
        require(not left, f"{call.__name__}: {left} stay alive when everything is dropped: a reference cycle")


@contextmanager
def no_collector() -> Iterator[None]:
    on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if on:
            gc.enable()


def require_kept(call: Call, p: Primitive, active: tuple[int, ...]) -> None:
    """Call with some inputs on the tape, drop everything but the node, and see which arrays are left."""
    recording = {call.places[i] for i in active}

    def run() -> tuple[Any, dict[str, Any], dict[str, set[str]]]:
        leaves, arrays = list(call.leaves), {}
        for j, (position, *rest) in enumerate(paths(call.structure)):
            if isinstance(leaves[j], (np.ndarray, np.generic)) and position < len(p.inputs):
                array = np.array(leaves[j])
                if array.ndim:
                    arrays[p.inputs[position] + "".join(f"[{k!r}]" for k in rest)] = array
                leaves[j] = recorded(array) if j in recording else constant_tensor(scalar(array))
        y = p(*call.structure.unflatten(leaves), **call.kwargs)
        if isinstance(y._array, np.ndarray):
            arrays["y"] = y._array
        held = {n: {m for m, b in arrays.items() if any(b is owner for owner in owners(a))} for n, a in arrays.items()}
        return y.node, {n: weakref.ref(a) for n, a in arrays.items()}, held

    node, references, held = run()
    require(node is not None, f"{call.__name__}: inputs {active} require a gradient, but the result does not")
    named = set(node.pullback.keeps)
    if p.sequence and p.inputs[0] in named:
        named |= {n for n in references if n.startswith(p.inputs[0] + "[")}
    alive = {n for n, reference in references.items() if reference() is not None}
    kept = {n for n in references if n in named}
    expected = set().union(*(held[n] for n in kept))
    residuals = [owner for name, value in zip(p.keeps, node.saved) if name in p.residuals for owner in owners(value)]
    expected |= {n for n, reference in references.items() if any(reference() is owner for owner in residuals)}
    require(alive == expected, f"{call.__name__}: the rules name {sorted(named) or 'nothing'}, but the tape keeps "
            f"{sorted(alive) or 'nothing'} alive when the inputs that require a gradient are {[call.names[i] for i in active]}")
    for name, value in zip(p.keeps, node.saved):
        require(name in node.pullback.keeps or value is None, f"{call.__name__}: {name} is saved, though no active rule names it")


def owners(a: Any) -> Iterator[Any]:
    """An array, and the arrays whose memory it looks at."""
    while a is not None:
        yield a
        a = getattr(a, "base", None)


def traces(call: Call) -> list[tuple[str, Any]]:
    """Go forward, backward, and backward on the tape; return weak references to all that was made."""
    tensors = [recorded(np.array(x)) for x in call.inputs]
    results = [y for y in flatten(call(*tensors))[0] if isinstance(y, Tensor) and y.node is not None]
    made: list[tuple[str, Any]] = [("an input", t) for t in tensors] + [("a result", y) for y in results]
    for y in results:
        made += [(f"a node of {node.op}", node) for node in reachable([y.node])[1]]  # type: ignore[list-item]
        if y.ndim:
            made.append(("the array of a result", y._array))
    v = [recorded(np.ones(y.shape, y.dtype)) for y in results]
    if results:
        result, pullback = vjp(call, *tensors, argnums=tuple(range(len(tensors))))
        given = iter(v)
        leaves, structure = flatten(result)
        filled = [next(given) if isinstance(r, Tensor) and r.node is not None else np.zeros(plain(r).shape) for r in leaves]
        made += [("a recorded gradient", g) for g in pullback(structure.unflatten(filled)) if isinstance(g, Tensor)]
    for y in results:
        y.backward(np.ones(y.shape, y.dtype), retain_graph=True)
    made += [("a gradient", t.grad) for t in tensors if t.grad is not None]
    return [(what, weakref.ref(thing)) for what, thing in made]


# ---- the other way to say it --------------------------------------------------------------------------------------


@law
def definition(call: Call, tolerance: float, order: int) -> None:
    """A fused operation equals its definition: result, gradient, and gradient of the gradient."""
    p = call.f
    if not isinstance(p, Primitive) or p.definition is None:
        return
    args, options = call.structure.unflatten(call.leaves), dict(p.defaults)
    options.update(zip(p.params, args[len(p.inputs):]))
    options.update(call.kwargs)

    def composed(*arrays: Any) -> Any:
        return p.definition(*arrays, **{name: v for name, v in options.items() if name in p.params})  # type: ignore[misc]

    composed.__name__ = f"the definition of {p.name}"
    twin = Call(composed, args[: len(p.inputs)])
    twin.places = call.places
    twin.inputs, twin.names = call.inputs, call.names
    mine, theirs = call(*map(recorded, call.inputs)), twin(*map(recorded, call.inputs))
    require(close(mine, theirs, tolerance), f"{p.name} is {plain(mine)}, but its definition {plain(theirs)}")
    if not differentiable(call):
        return
    v = cotangent(call)
    a, b = call.vjp(v), twin.vjp(v)
    for name, g, h in zip(call.names, a, b):
        require(close(g, h, tolerance), f"the gradient of {p.name} by {name} is {g}, but that of its definition {h}")
    if order < 2:
        return
    mine, theirs = call.gradient_call(v), twin.gradient_call(v)
    w = cotangent(mine, 5)
    for name, g, h in zip(mine.names, mine.vjp(w), theirs.vjp(w)):
        require(close(g, h, tolerance), f"the second derivative of {p.name} by {name} is {g}, but that of its definition {h}")


@law
def replay(call: Call, tolerance: float, order: int) -> None:
    """A traced program, run on other inputs, gives what the function gives there."""
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
        for a, b in zip(flatten(program(*map(scalar, others)))[0], expected):
            require(close(a, b, 1e-12), f"{call.__name__}: the traced program returns {plain(a)}, the function {plain(b)}")


def with_any_input(f: Callable[..., Any]) -> Callable[..., Any]:
    """f, as a function of which every floating-point array is an input, not only those with a rule."""

    def function(*args: Any, **kwargs: Any) -> Any:
        return f(*args, **kwargs)

    function.__name__ = f.__name__
    return function


@law
def kinks(call: Call, tolerance: float, order: int) -> None:
    """Where elements tie or vanish, the gradient is finite and lies between the derivatives from the left and from the right."""
    if not differentiable(call):
        return
    rng = np.random.default_rng(11)
    for inputs in kinked(call, rng):
        leaves = list(call.leaves)
        for place, x in zip(call.places, inputs):
            leaves[place] = x
        now = Call(call.f, call.structure.unflatten(leaves), call.kwargs)
        with np.errstate(all="ignore"):
            try:
                v = cotangent(now)
                gradients = now.vjp(v)
            except (ValueError, ArithmeticError, np.linalg.LinAlgError):
                continue  # outside the domain
            for i, (x, g) in enumerate(zip(inputs, gradients)):
                if x.dtype.kind == "f":
                    for element in list(np.ndindex(*x.shape))[:12]:
                        require_between(now, i, element, v, float(g[element]))


def kinked(call: Call, rng: np.random.Generator) -> Iterator[list[Array]]:
    """Points where two elements of an input are equal, where one is zero, and where two inputs are equal."""
    copies = [np.array(x) for x in call.inputs]
    together: list[Any] = [range(len(copies))] if len(copies) <= 2 else [[k] for k in range(len(copies))]
    for change in ("equal", "zero"):
        for chosen in together:
            changed = [x.copy() for x in copies]
            for x in (changed[k] for k in chosen if changed[k].size):
                i, j = rng.integers(x.size, size=2)
                x.flat[i] = 0 if change == "zero" else x.flat[j]
            yield changed
    if len(copies) > 1:
        with suppress(ValueError):  # inputs of different shapes do not tie
            yield [copies[0], np.array(np.broadcast_to(copies[0], copies[1].shape)), *copies[2:]]


def require_between(call: Call, i: int, element: tuple[int, ...], v: Array, g: float) -> None:
    e = np.zeros(call.inputs[i].shape)
    e[element] = 1
    at = moved(call, i, e)
    try:
        sides = one_sided(at, v)
        if sides is None or jumps(at, v):
            return
    except (ValueError, ArithmeticError, np.linalg.LinAlgError):
        return
    slack = 1e-4 * (1 + max(map(abs, sides)))
    require(min(sides) - slack <= g <= max(sides) + slack,
            f"{call.__name__}: at a tie or kink ({call.names[i]}, element {element}) the gradient is {g}, but the derivatives from left "
            f"and right are {sides[0]:.6g} and {sides[1]:.6g}")


# ---- running them -------------------------------------------------------------------------------------------------


def run(law: Law, case: Case, max_examples: int | None = None, shrink: bool = True) -> None:
    """Draw arguments of a case and hold the law against each. Raises what the law raises, for the simplest arguments found."""
    profile = settings() if max_examples is None else settings(max_examples=max_examples)
    if not shrink:  # only to know whether it holds
        profile = settings(profile, phases=(Phase.generate,), derandomize=True, database=None)

    @settings(profile, deadline=None, suppress_health_check=list(HealthCheck))
    @given(case.arguments)
    def holds(arguments: Arguments) -> None:
        args, kwargs = arguments
        law(case.f, args, kwargs, case.tolerance, case.order)

    holds()


def check_primitive(f: Callable[..., Any], args: Sequence[Any] | None = None, kwargs: dict[str, Any] | None = None,
                    max_examples: int = 20) -> None:
    """Hold every law against one call of f; or, without `args`, against calls drawn as its case (or its declaration) says.

    >>> import numpy as np
    >>> from autograd import primitive
    >>> @primitive(x=lambda g, y: g * (1 - y * y))
    ... def squash(x):
    ...     return np.tanh(x)
    >>> check_primitive(squash)

    Raises an AssertionError with what is wrong, and Hypothesis adds the arguments it is wrong for; TypeError if
    nothing says how to call f.
    """
    if args is not None:
        for law in LAWS.values():
            law(f, args, kwargs)
        return
    cases = cases_of(f)
    if not cases:
        raise TypeError(f"check_primitive({f.__name__}) needs arguments to call it with: pass args, or write a case "
                        "(see autograd.testing.cases)")
    for case in cases:
        for law in LAWS.values():
            run(law, case, max_examples)


def laws_for(f: Callable[..., Any], order: int = 2, tolerance: float = 1e-8) -> Callable[[Callable[[Any], Arguments]], Any]:
    """Turn a function `draw -> (args, kwargs)` into a pytest test that holds every law against f: see the top of this file."""

    def decorate(arguments: Callable[[Any], Arguments]) -> Any:
        import pytest

        case = Case(f, f.__name__, st.composite(arguments)(), order, tolerance)

        @pytest.mark.parametrize("law", list(LAWS))
        def test(law: str) -> None:
            run(LAWS[law], case)

        test.__name__, test.__doc__, test.__module__ = arguments.__name__, arguments.__doc__, arguments.__module__
        return test

    return decorate
