"""Who owns which memory, and of which type?

Results and gradients have the type of the inputs; a gradient is its owner's alone; the tape keeps what the rules name
and nothing else, and lets go of it without the garbage collector.

Read next: `complex_laws.py`.
"""

from __future__ import annotations

import builtins
import gc
import sys
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from autograd.backward import reachable
from autograd.check import Call, paths
from autograd.differences import Array, plain
from autograd.functional import vjp
from autograd.primitive import Primitive
from autograd.tensor import Tensor, constant_tensor
from autograd.testing.law import cotangent, law, recorded, require, same, scalar
from autograd.tree import flatten

# ---- type and ownership -----------------------------------------------------------------------------------------------


@law
def type(call: Call, tolerance: float, order: int) -> None:
    """float32 in, float32 out, float32 gradient, and float64 likewise; complex64 and complex128, too; gradients in memory of their own;
    arguments untouched. (Whoever asks for a dtype gets that.)"""
    for dtype in (np.float64, np.float32):
        leaves = [x.astype(as_wide(x, dtype)) if isinstance(x, (np.ndarray, np.generic)) and x.dtype.kind in "fc" else x
                  for x in call.leaves]
        now = Call(call.f, call.structure.unflatten(leaves), call.kwargs)
        before = [np.array(x) for x in now.leaves if isinstance(x, np.ndarray)]
        result, pullback = vjp(now, *now.inputs, argnums=tuple(range(len(now.inputs))))
        asked = any(isinstance(x, (np.dtype, builtins.type)) for x in call.leaves)
        ufunc = isinstance(call.f, Primitive) and isinstance(call.f.forward, np.ufunc)  # there NumPy decides, in one_rule
        for y in flatten(result)[0]:
            if plain(y).dtype.kind in "fc" and now.inputs and not ufunc and not asked:
                require(plain(y).dtype == as_wide(plain(y), dtype),
                        f"{call.__name__} of {' and '.join(sorted({str(x.dtype) for x in now.inputs}))} arrays returns {plain(y).dtype}")
        if not now.inputs:
            continue
        v = now.split(cotangent(now), result)
        given = [plain(leaf) for leaf in flatten(v)[0]]
        cotangents = [np.array(leaf) for leaf in given]
        gradients = list(pullback(v))
        for name, x, g in zip(now.names, now.inputs, gradients):
            require(np.shape(g) == x.shape, f"{call.__name__}: the gradient by {name} has shape {np.shape(g)}, and the input {x.shape}")
            require(g.dtype == x.dtype, f"{call.__name__}: the gradient by {name} is {g.dtype}, and the input {x.dtype}")
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


def as_wide(x: Any, dtype: Any) -> Any:
    """The dtype that is real or complex like x, and as precise as the given one."""
    return dtype if x.dtype.kind == "f" else np.result_type(dtype, np.complex64)


def references_to_memory(view: Array) -> int:
    return sys.getrefcount(view.base)


OWN = references_to_memory(np.zeros(1).reshape(1, 1))
"""How many references the memory of an array has that nobody else looks at."""


def require_narrow_rules(call: Call, p: Primitive) -> None:
    """The rules themselves compute in float32, or complex64: the cast at the end of a step does not hide a float64 array."""
    y = call(*map(recorded, call.inputs))
    if y.node is None or y.dtype not in (np.float32, np.complex64) or p.definition is not None:
        return
    known: dict[str, Any] = {"g": scalar(np.ones(y.shape, y.dtype))}
    known.update(zip((*p.keeps, *p.params), (*y.node.saved, *y.node.params)))
    for slot, needs in p.needs.items():
        for k, parent in enumerate(y.node.inputs) if p.sequence else [(p.inputs.index(slot), y.node.inputs[p.inputs.index(slot)])]:
            if parent is None:
                continue
            known.update({f"{slot}_shape": parent.shape, "slot": k})
            g = p.rules[slot](*[known[name] for name in needs])  # type: ignore[misc]
            require(g.real.dtype.itemsize <= 4, f"{call.__name__}: the rule for {slot} makes a {g.dtype} array out of float32 ones")


# ---- what the tape keeps ----------------------------------------------------------------------------------------------


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
