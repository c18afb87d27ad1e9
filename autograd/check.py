"""Is this gradient right?

The definition of a derivative is a limit of differences, and differences can be computed. So a gradient is checked by

    d/dt <v, f(x + t d)>   at t = 0   ==   <vjp(v), d>

with a random direction d, no component of it near zero, and a random cotangent v. One number tests the whole gradient;
only when it disagrees are the elements gone through one by one, to say which is wrong and what it looks like.

Where f has a kink, the gradient must lie between the derivatives from either side.

Of complex numbers <a, b> is Re(sum of a b) (`backward.py`), and every element is a direction twice, by 1 and by i.

Second derivatives are checked by the same comparison on the function (x, v) -> vjp(v), and so on.

Read next: `differences.py`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from autograd.differences import Array, Line, bounded, complex_slope, jumps, one_sided, plain, slope, total, typical
from autograd.differences import numerical_gradient as numerical_gradient
from autograd.differences import numerical_jacobian as numerical_jacobian
from autograd.functional import jvp, vjp
from autograd.node import no_grad
from autograd.primitive import Primitive
from autograd.tensor import Tensor, constant_tensor
from autograd.tree import Structure, flatten


class GradientError(AssertionError):
    """A gradient and the numbers disagree. The message says where, by how much, and what it looks like."""


# ---- a function at a point ----------------------------------------------------------------------------------------


class Call:
    """A function, its arguments, and which of them are differentiated: the floating-point arrays in the trees `args`.

    inputs:   those arrays, from left to right
    names:    what to call them: 'argument 1 (b)', "argument 0 (params) ['w']"
    scalars:  do Python numbers count as inputs too

    Calling a Call with other inputs (arrays or Tensors) calls f with them in place.
    """

    def __init__(self, f: Callable[..., Any], args: Sequence[Any], kwargs: dict[str, Any] | None = None, scalars: bool = False,
                 names: Sequence[str] | None = None) -> None:
        self.f = f
        self.kwargs = kwargs or {}
        self.__name__ = getattr(f, "__name__", "the function")
        self.leaves, self.structure = flatten(tuple(args))
        places = list(paths(self.structure))
        self.places = [k for k, (leaf, path) in enumerate(zip(self.leaves, places)) if self._is_input(leaf, path[0], scalars)]
        self.inputs: list[Any] = [self.leaves[k]._array if isinstance(self.leaves[k], Tensor) else self.leaves[k] if
                                  isinstance(self.leaves[k], np.ndarray) else np.asarray(self.leaves[k]) for k in self.places]
        self.names = list(names) if names else [self._name(places[k]) for k in self.places]
        self.linear = isinstance(f, Primitive) and f.linear

    def __call__(self, *inputs: Any) -> Any:
        leaves = list(self.leaves)
        for place, value in zip(self.places, inputs):
            leaves[place] = value
        return self.f(*self.structure.unflatten(leaves), **self.kwargs)

    def _is_input(self, leaf: Any, position: int, scalars: bool) -> bool:
        if not (isinstance(leaf, (np.ndarray, np.generic, Tensor)) or (scalars and isinstance(leaf, (float, complex)))):
            return False
        if isinstance(self.f, Primitive) and not (position < len(self.f.inputs) and self.f.inputs[position] in self.f.needs):
            return False
        return np.dtype(getattr(leaf, "dtype", float)).kind in "fc"

    def _name(self, path: tuple[Any, ...]) -> str:
        position, *rest = path
        try:
            names = list(self.f.inputs) if isinstance(self.f, Primitive) else list(inspect.signature(self.f).parameters)
        except (TypeError, ValueError):
            names = []
        name = f" ({names[position]})" if position < len(names) else ""
        return f"argument {position}{name}" + (" " if rest else "") + "".join(f"[{key!r}]" for key in rest)

    def value(self, inputs: Sequence[Any]) -> Array:
        """All differentiable results at these inputs, one after the other in one vector."""
        with no_grad(), np.errstate(all="ignore"):
            results, _ = flatten(self(*[constant_tensor(np.asarray(x)[()]) for x in inputs]))
        vectors = [plain(r).ravel() for r in results]
        vectors = [v for v in vectors if v.dtype.kind in "fc"]
        return np.concatenate(vectors) if vectors else np.zeros(0)

    def split(self, v: Array, result: Any) -> Any:
        """A vector like those that `value` returns, as a cotangent of the form of `result`."""
        leaves, structure = flatten(result)
        parts, start = [], 0
        for leaf in leaves:
            array = plain(leaf)
            if array.dtype.kind in "fc":
                part = v[start: start + array.size].reshape(array.shape)
                parts.append((part if array.dtype.kind == "c" else part.real).astype(array.dtype)[()])
                start += array.size
            else:
                parts.append(np.zeros(array.shape)[()])
        return structure.unflatten(parts)

    def vjp(self, v: Array, inputs: Sequence[Any] | None = None) -> list[Any]:
        """The cotangents of the inputs for the cotangent v of the results."""
        result, pullback = vjp(self, *(self.inputs if inputs is None else inputs), argnums=tuple(range(len(self.inputs))))
        return list(pullback(self.split(v, result)))

    def jvp(self, tangents: Sequence[Any]) -> Array:
        """How the results change along the tangents, as a vector."""
        result, pushed = jvp(self, self.inputs, list(tangents))
        chosen = [plain(t).ravel() for r, t in zip(flatten(result)[0], flatten(pushed)[0]) if plain(r).dtype.kind in "fc"]
        return np.concatenate(chosen) if chosen else np.zeros(0)

    def gradient_call(self, v: Array) -> Call:
        """The function (inputs, cotangents) -> cotangents of the inputs, at this point: what second order checks."""
        n = len(self.inputs)

        def gradient(*z: Any) -> Any:
            result, pullback = vjp(self, *z[:n], argnums=tuple(range(n)))
            leaves, structure = flatten(result)
            given = iter(z[n:])
            return pullback(structure.unflatten([next(given) if plain(r).dtype.kind in "fc" else plain(r) for r in leaves]))

        with no_grad():
            result = self(*[constant_tensor(np.asarray(x)[()]) for x in self.inputs])
        cotangents = [c for c, r in zip(flatten(self.split(v, result))[0], flatten(result)[0]) if plain(r).dtype.kind in "fc"]
        gradient.__name__ = f"the gradient of {self.__name__}"
        names = [*self.names, *(f"the cotangent of result {i}" if len(cotangents) > 1 else "the cotangent" for i in range(len(cotangents)))]
        return Call(gradient, [*self.inputs, *cotangents], names=names, scalars=True)


def paths(structure: Structure, start: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to each leaf of a tree: positions and keys, from the outside in."""
    if structure.kind is None:
        yield start
    elif structure.kind is not type(None):
        keys = structure.keys if issubclass(structure.kind, dict) else getattr(structure.kind, "_fields", range(len(structure.children)))
        for key, child in zip(keys, structure.children):
            yield from paths(child, (*start, key))


# ---- the comparison -----------------------------------------------------------------------------------------------


def check_call(call: Call, mode: str = "rev", tolerance: float = 1e-8, rng: np.random.Generator | None = None) -> None:
    """Compare the derivative by each input with differences; raise GradientError where they disagree."""
    rng = rng or np.random.default_rng(0)
    here = call.value(call.inputs)
    v = bounded(rng, here.shape, here.dtype)
    if not here.size:
        return
    eps = float(max(np.finfo(a.dtype).eps for a in [here, *call.inputs]))
    gradients = call.vjp(v) if mode == "rev" else []
    for i, x in enumerate(call.inputs):
        if not x.size:
            continue
        d = bounded(rng, x.shape, x.dtype)
        at = moved(call, i, d)
        numeric, rounding = slope(at, typical(x), call.linear, eps)
        analytic = total(plain(gradients[i]) * d) if mode == "rev" else total(v * pushed(call, i, d))
        size = max(float(np.sum(np.abs(v * numeric))), float(np.sum(np.abs(gradients[i] * d))) if mode == "rev" else abs(analytic))
        allowed = tolerance * size + 4 * float(np.sum(np.abs(v) * rounding))
        if x.dtype.kind == "c":  # its products are rounded sums, so what is zero may not be exactly so
            allowed += 4096 * eps * float(np.sum(np.abs(v)))
        if abs(analytic - total(v * numeric)) <= allowed:
            continue
        exact = complex_slope(at) if x.dtype.kind == here.dtype.kind == "f" and not call.linear else None
        if (exact is not None and np.allclose(exact, numeric, rtol=1e-6, atol=1e-6 * float(np.abs(numeric).max()))
                and abs(analytic - total(v * exact)) <= allowed):
            continue
        explain(call, i, v, mode, plain(gradients[i]) if mode == "rev" else None, eps, tolerance, d, analytic, total(v * numeric))


def moved(call: Call, i: int, d: Any) -> Line:
    """t -> f(x + t d), where only input i moves."""

    def at(t: Any) -> Array:
        inputs = list(call.inputs)
        inputs[i] = inputs[i] + t * d
        return call.value(inputs)

    return at


def pushed(call: Call, i: int, d: Any) -> Array:
    return call.jvp([np.asarray(d, x.dtype) if j == i else np.zeros(x.shape, x.dtype) for j, x in enumerate(call.inputs)])


def explain(call: Call, i: int, v: Array, mode: str, gradient: Array | None, eps: float, tolerance: float, d: Array,
            along: float, along_numeric: float) -> None:
    """Go through the elements of input i, and raise an error about the worst. At kinks that are obeyed nothing is raised."""
    x = call.inputs[i]
    units = (1, 1j) if x.dtype.kind == "c" else (1,)
    elements = [(element, unit) for element in list(np.ndindex(*x.shape))[:1000] for unit in units]
    complete = len(elements) == x.size * len(units)
    analytic, numeric, allowed = [], [], []
    kinks: dict[int, tuple[float, float]] = {}
    for k, (element, unit) in enumerate(elements):
        e = np.zeros(x.shape, x.dtype)
        e[element] = unit
        at = moved(call, i, e)
        with np.errstate(all="ignore"):
            difference, rounding = slope(at, typical(x), call.linear, eps)
        analytic.append(float((gradient[element] * unit).real) if gradient is not None else total(v * pushed(call, i, e)))
        numeric.append(total(v * difference))
        allowed.append(tolerance * float(np.sum(np.abs(v * difference))) + 4 * float(np.sum(np.abs(v) * rounding)))
        if not abs(analytic[k] - numeric[k]) <= allowed[k]:
            sides = one_sided(at, v)
            if sides is not None and abs(sides[0] - sides[1]) > 1e-4 * (1 + max(map(abs, sides))):
                kinks[k] = sides
                if min(sides) - 1e-4 <= analytic[k] <= max(sides) + 1e-4:
                    numeric[k] = analytic[k]
            elif sides is None and np.isfinite(analytic[k]) and jumps(at, v):
                kinks[k] = (np.nan, np.nan)
                numeric[k] = analytic[k]
    if complete and kinks and all(abs(a - n) <= c for a, n, c in zip(analytic, numeric, allowed)):
        return
    a, n = np.array(analytic), np.array(numeric)
    with np.errstate(all="ignore"):
        apart = np.where(np.isfinite(a) & np.isfinite(n), np.abs(a - n), np.inf)
    worst = int(np.argmax(apart))
    element, unit = elements[worst]
    direction = ", in the imaginary direction" if unit == 1j else ""
    text = [f"the derivative of {call.__name__} by {call.names[i]} is wrong" + (" (forward mode)." if mode == "fwd" else "."),
            f"  element   {element} of shape {x.shape}, where the input is {x[element]}{direction}",
            f"  analytic  {a[worst]:.12g}", f"  numeric   {n[worst]:.12g}"]
    if worst in kinks:
        left, right = kinks[worst]
        text[-1] = f"  numeric   {left:.6g} from the left, {right:.6g} from the right: a kink, and the gradient must lie between"
    elif complete and np.all(apart <= np.array(allowed)):
        text.append(f"  Each element is right within rounding, but their sum is not: {along:.12g} and {along_numeric:.12g}.")
    if not complete or worst in kinks:
        hint = ""
    elif len(units) == 2 and np.allclose(a * np.tile([1, -1], x.size), n, rtol=1e-5, atol=1e-9):
        hint = "It is the conjugate of what it should be."
    else:
        hint = looks_like(a, n, x.shape if len(units) == 1 else ())
    raise GradientError("\n".join(text) + (f"\n  {hint}" if hint else ""))


def looks_like(a: Array, n: Array, shape: tuple[int, ...]) -> str:
    """A guess at what went wrong."""
    if not np.isfinite(a).all():
        return "The analytic gradient is not finite: a division by zero, or a logarithm or root at the edge of its domain?"
    if not np.isfinite(n).all():
        return "The numbers are not finite: is the point at the edge of the function's domain?"
    if np.any(n) and not np.any(a):
        return "The analytic gradient is zero: does the rule ignore this input, or was the value detached?"
    if np.any(a) and not np.any(n):
        return "The function does not depend on this input."
    square = len(shape) >= 2 and shape[-1] == shape[-2] and a.size > 1
    if square and np.allclose(np.swapaxes(a.reshape(shape), -1, -2).ravel(), n, rtol=1e-5, atol=1e-9):
        return "It is the transpose of what it should be."
    there = np.abs(n) > 1e-6 * np.abs(n).max()
    ratio = a[there] / n[there]
    if np.any(there) and np.allclose(ratio, ratio[0], rtol=1e-3 * abs(1 - ratio[0]), atol=0) and np.allclose(a[~there], 0, atol=1e-5):
        r = float(ratio[0])
        if abs(r + 1) < 1e-6:
            return "It has the wrong sign."
        for k in sorted({2, 3, 4, a.size, *shape} - {0, 1}):
            if abs(r - k) < 1e-6 * k or abs(r * k - 1) < 1e-6:
                which = f"{k}" if r > 1 else f"1/{k}"
                why = " - as many as an axis is long: a sum and a mean confused?" if k in (*shape, a.size) and k > 1 else ""
                return f"Every element is off by the factor {which}{why}"
        return f"Every element is off by the factor {r:.8g}."
    if a.size > 1 and np.allclose(np.sort(a), np.sort(n), rtol=1e-5, atol=1e-9):
        return "The right numbers in the wrong places: a transpose, flip or permutation?"
    wrong = int(np.sum(np.abs(a - n) > 1e-6 * (np.abs(n) + np.abs(n).max())))
    return f"{wrong} of {a.size} elements are wrong." if wrong else ""


def check_grads(f: Callable[..., Any], args: Any, order: int = 2, modes: Sequence[str] = ("rev", "fwd"), tolerance: float | None = None,
                rng: np.random.Generator | int | None = None, kwargs: dict[str, Any] | None = None) -> None:
    """Compare the derivatives of f with differences: <vjp(v), d> == d/dt <v, f(x + t d)>, up to the given order.

    f:          any function of arrays, or of trees of them; its result may be a tree too
    args:       its positional arguments, a tuple (or one array); all floating-point numbers in them are checked
    order:      2 checks the gradient of the gradient too
    modes:      'rev' checks `vjp`, 'fwd' checks `jvp`
    tolerance:  relative to the size of what is compared; default 1e-6 in float64, 1e-2 if a float32 is among the numbers
    rng:        where directions come from: a Generator or a seed (default 0)
    kwargs:     further arguments, not differentiated

    Returns None. Raises GradientError, an AssertionError, that says which input and which element is wrong, what it is
    and what it should be. At a kink (relu at 0, max at a tie) it accepts what
    lies between the one-sided derivatives, and at a jump, where there is no derivative, anything finite.

    >>> import numpy as np
    >>> from autograd.check import check_grads
    >>> check_grads(lambda x, y: np.sin(x) * y, (0.5, 2.0))
    """
    for mode in modes:
        if mode not in ("rev", "fwd"):
            raise ValueError(f"modes are 'rev' (vjp) and 'fwd' (jvp), not {mode!r}")
    call = Call(f, args if isinstance(args, tuple) else (args,), kwargs, scalars=True)
    if not call.inputs:
        raise TypeError(f"check_grads of {call.__name__}: no argument holds floating-point numbers, so there is nothing to differentiate")
    rng = rng if isinstance(rng, np.random.Generator) else np.random.default_rng(0 if rng is None else rng)
    if tolerance is None:
        tolerance = 1e-6 if all(np.finfo(x.dtype).eps < 1e-10 for x in call.inputs) else 1e-2
    for _ in range(order):
        for mode in modes:
            check_call(call, mode, tolerance, rng)
        here = call.value(call.inputs)
        call = call.gradient_call(bounded(rng, here.shape, here.dtype))
