"""What do `out=`, `where=` and `dtype=` do, and `np.add.reduce`, `.accumulate`, `.reduceat`, `.outer` and `.at`?

A ufunc of two arguments can be folded over an axis. For sums, products and extrema that is an operation of ours; for the
others the fold is written out, one step for each element of the axis. `at` is an assignment: of the Tensor's handle, with
gradients to what was there and to what came in, however often an index is repeated.

`where=` leaves elements out: there the result is that of `out=`, and the arguments are replaced by harmless ones, so that neither
the values nor the gradient meet log(-1).

Read next: `writes.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from autograd import ops
from autograd.node import get_mode
from autograd.ops.shapes import as_array
from autograd.overrides.arguments import NOT_GIVEN, cast, cast_by_rule, put_out
from autograd.overrides.reducing import fitting, reduced
from autograd.overrides.value_only import constant, unwrapped, wrapped
from autograd.primitive import REAL, Domain
from autograd.tensor import Tensor, constant_tensor

Function = Callable[..., Any]

# ---- calls with options -------------------------------------------------------------------------------------------

CORE = {"matmul": (2, 2, 2), "vecdot": (1, 1, 0), "matvec": (2, 1, 1), "vecmat": (1, 2, 1)}
"""How many axes, at the end, an operation is about: of each operand, and of the result."""


def called(name: str, ours: Function, inputs: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """A ufunc called with options."""
    options = dict(options)
    what = f"np.{name}"
    out: tuple[Any, ...] = options.pop("out", None) or ()
    where, dtype = options.pop("where", True), options.pop("dtype", None)
    nowhere = all(o is None for o in out)
    casting = options.pop("casting", "same_kind")
    options.pop("order", None), options.pop("subok", None)  # memory, and classes of arrays: without effect
    about = {key: options.pop(key) for key in ("axes", "axis", "keepdims") if key in options and name in CORE}
    if options:
        raise TypeError(f"{what}(..., {', '.join(options)}=) is not taken on Tensors: convert the arguments with .astype(dtype) instead.")
    if dtype is not None:
        inputs = converted(inputs, dtype, casting, what, ours)
    elsewhere = where is not True
    if elsewhere and nowhere:
        raise TypeError(f"{what}(x, where=mask) without out= leaves the other elements undefined. Write np.where(mask, {what}(x), 0), or "
                        "give out=.")
    if elsewhere:
        inputs = tuple([harmless(x, where, ours, i) for i, x in enumerate(inputs)])
    result = over_axes(name, ours, inputs, **about) if about else ours(*inputs)
    if nowhere:
        return result
    if isinstance(result, tuple):
        for y, o in zip(result, out):  # what is refused is refused before anything is written
            if o is not None:
                written(y, twin(o), where, casting, what)
        return tuple([y if o is None else written(y, o, where, casting, what) for y, o in zip(result, out)])
    return written(result, out[0], where, casting, what)


def twin(out: Any) -> Any:
    """Another place like `out`, to try a write on."""
    return constant_tensor(out._array, out.node) if isinstance(out, Tensor) else np.empty_like(out)


def written(result: Any, out: Any, where: Any, casting: Any, what: str) -> Any:
    """Put a result where `out=` says, or only where a mask holds."""
    if where is not True:
        result = ops.where(where, cast_by_rule(result, out.dtype, casting, what), out)
    return put_out(result, out, casting, f"{what}(..., out=)")


def converted(inputs: tuple[Any, ...], dtype: Any, casting: Any, what: str, ours: Function) -> tuple[Any, ...]:
    """The arguments in the dtype that is to be computed in. Python's numbers adapt by themselves."""
    if getattr(ours, "needs", True) == {} and np.dtype(dtype) != bool:
        raise TypeError(f"{what}(..., dtype={dtype!r}) is not taken on Tensors: convert the result with .astype(dtype) instead.")
    if getattr(ours, "needs", True) == {}:
        return inputs
    return tuple([x if isinstance(x, (int, float, complex)) and not isinstance(x, np.generic)
                  else cast_by_rule(as_array(x), dtype, casting, f"{what}(..., dtype=)") for x in inputs])


def harmless(x: Any, where: Any, ours: Function, i: int) -> Any:
    """x, with a number from the middle of the operation's domain where the mask does not hold."""
    domain = getattr(ours, "domain", REAL)
    if not isinstance(domain, Domain):
        domain = domain.get(ours.inputs[i], REAL)  # type: ignore[attr-defined]
    x = as_array(x)
    safe = domain.low + 0.6 * (domain.high - domain.low)
    return ops.where(where, x, x.dtype.type(safe if x.dtype.kind in "fc" else 1))


def over_axes(name: str, ours: Function, inputs: tuple[Any, ...], axes: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    """A product of vectors or matrices that lie along other axes than the last."""
    core = CORE[name]
    if axes is None:
        axes = [(-1,) if axis is None else (axis,)] * 2 if core[:2] == (1, 1) else None
        if axes is None:
            raise TypeError(f"np.{name}: axis= and keepdims= are for products of two vectors; give axes=")
    axes = [a if isinstance(a, tuple) else (a,) for a in axes]
    ends = [tuple(range(-len(a), 0)) for a in axes]
    if [len(a) for a in axes[:2]] != [min(n, np.ndim(x)) for n, x in zip(core, inputs)]:
        raise ValueError(f"np.{name}: axes={axes} does not name the {core[0]} and {core[1]} axes that are multiplied")
    first = tuple([ops.moveaxis(x, a, end) for x, a, end in zip(inputs, axes, ends)])
    y = ours(*first)
    if keepdims:
        return ops.expand_dims(y, axes[0])
    return ops.moveaxis(y, ends[2], axes[2]) if len(axes) > 2 and axes[2] else y


# ---- folds --------------------------------------------------------------------------------------------------------

REDUCE = {"add": "sum", "multiply": "prod", "maximum": "max", "minimum": "min", "logical_and": "all", "logical_or": "any"}
ACCUMULATE = {"add": "cumsum", "multiply": "cumprod"}
"""The folds that are operations of ours."""


def foldable(ufunc: np.ufunc, method: str) -> None:
    if ufunc.nin != 2 or ufunc.nout != 1 or ufunc.signature is not None:
        raise TypeError(f"np.{ufunc.__name__}.{method}: only ufuncs of two arguments, element by element, can be folded over an axis")


def reduce(ufunc: np.ufunc, ours: Function, a: Any, axis: Any = 0, dtype: Any = None, out: Any = None, keepdims: bool = False,
           initial: Any = NOT_GIVEN, where: Any = True) -> Any:
    """f(f(f(a[0], a[1]), a[2]), ...) along an axis (or several)."""
    foldable(ufunc, "reduce")
    a = as_array(a) if dtype is None else cast(a, dtype)
    name = REDUCE.get(ufunc.__name__)
    if name is not None:
        given = {} if initial is NOT_GIVEN or initial is None else {"initial": initial}
        reduction = getattr(ops, name)
        options = {"axis": axis, "keepdims": keepdims}
        y = reduction(a, **options) if not given and where is True else reduced(name, reduction, a, options, where=where, **given)
    else:
        y = folded(ufunc, ours, a, axis, keepdims, initial, where)
    return y if out is None else put_out(y, out, what=f"np.{ufunc.__name__}.reduce(..., out=)")


def folded(ufunc: np.ufunc, ours: Function, a: Any, axis: Any, keepdims: bool, initial: Any, where: Any) -> Any:
    """A fold written out. It starts from `initial`, or the neutral element, or else the first element."""
    what = f"np.{ufunc.__name__}.reduce"
    axes = () if not a.ndim else tuple(range(a.ndim)) if axis is None else normalize_axis_tuple(axis, a.ndim)
    if len(axes) > 1 and ufunc.identity is None and ufunc.__name__ not in COMMUTES:
        raise ValueError(f"{what}: the order of several axes would matter; reduce one after the other")
    start = ufunc.identity if initial is NOT_GIVEN else initial
    if where is not True and start is None:
        raise ValueError(f"{what}(..., where=): there is no neutral element, so initial= must say what to start from")
    parts = slices(a, axes)
    masks = slices(ops.broadcast_to(as_array(where), a.shape), axes) if where is not True else [True] * len(parts)
    if start is None and not parts:
        raise ValueError(f"{what}: of no elements at all, and without initial=, there is no result")
    rest = tuple([m for i, m in enumerate(a.shape) if i not in axes])
    y = parts[0] if start is None else ops.broadcast_to(fitting(start, a.dtype), rest)
    for part, mask in list(zip(parts, masks))[start is None:]:
        y = ours(y, part) if mask is True else ops.where(mask, ours(y, ops.where(mask, part, 1)), y)
    return ops.reshape(y, tuple([1 if i in axes else m for i, m in enumerate(a.shape)])) if keepdims else y


def slices(a: Any, axes: tuple[int, ...]) -> list[Any]:
    """What is folded, in order."""
    n = int(np.prod([a.shape[i] for i in axes], dtype=int))
    rows = ops.reshape(ops.moveaxis(a, axes, tuple(range(len(axes)))), (n, *[m for i, m in enumerate(a.shape) if i not in axes]))
    return [rows[i] for i in range(n)]


COMMUTES = ("fmax", "fmin", "logaddexp", "logaddexp2", "hypot", "bitwise_and", "bitwise_or", "bitwise_xor", "logical_xor", "gcd", "lcm")


def accumulate(ufunc: np.ufunc, ours: Function, a: Any, axis: int = 0, dtype: Any = None, out: Any = None) -> Any:
    """What the fold is after each element."""
    foldable(ufunc, "accumulate")
    a = as_array(a) if dtype is None else cast(a, dtype)
    name = ACCUMULATE.get(ufunc.__name__)
    if not a.ndim:
        raise TypeError(f"np.{ufunc.__name__}.accumulate: a 0-d array has no axis")
    if name is not None or not a.shape[axis]:
        y = getattr(ops, name or "copy")(a, *((axis,) if name else ()))
    else:
        rows = ops.moveaxis(a, axis, 0)
        parts = [rows[0]]
        for i in range(1, len(rows)):
            parts.append(ours(parts[-1], rows[i]))
        y = ops.stack(parts, axis % a.ndim)
    return y if out is None else put_out(y, out, what=f"np.{ufunc.__name__}.accumulate(..., out=)")


def reduceat(ufunc: np.ufunc, ours: Function, a: Any, indices: Any, axis: int = 0, dtype: Any = None, out: Any = None) -> Any:
    """The folds of a[indices[i] : indices[i+1]]; where that is empty, a[indices[i]]."""
    foldable(ufunc, "reduceat")
    a = as_array(a) if dtype is None else cast(a, dtype)
    rows = ops.moveaxis(a, axis, 0)
    starts = list(map(int, indices))
    if any(not 0 <= i < len(rows) for i in starts):
        raise IndexError(f"np.{ufunc.__name__}.reduceat: an index of {starts} is not in [0, {len(rows)})")
    parts = [reduce(ufunc, ours, rows[i:end]) if end > i + 1 else rows[i] for i, end in zip(starts, [*starts[1:], len(rows)])]
    y = ops.stack(parts, axis % a.ndim)
    return y if out is None else put_out(y, out, what=f"np.{ufunc.__name__}.reduceat(..., out=)")


def outer(ufunc: np.ufunc, ours: Function, a: Any, b: Any, **options: Any) -> Any:
    """f(a[i], b[j]) for all i and j."""
    if ufunc.nin != 2 or ufunc.signature is not None:
        raise TypeError(f"np.{ufunc.__name__}.outer: only for ufuncs of two arguments, element by element")
    a, b = as_array(a), as_array(b)
    inputs = (ops.reshape(a, a.shape + (1,) * b.ndim), b)
    return called(ufunc.__name__, ours, inputs, options) if options else ours(*inputs)


# ---- at -----------------------------------------------------------------------------------------------------------


def at(ufunc: np.ufunc, ours: Function, a: Any, indices: Any, b: Any = None) -> None:
    """a[indices] = f(a[indices], b), once for each index, repeated ones too. The handle a gets the new value."""
    what = f"np.{ufunc.__name__}.at"
    if not isinstance(a, Tensor):
        at_array(ufunc, a, indices, b, what)
        return
    if ufunc.nout != 1 or ufunc.nin != (1 if b is None else 2):
        raise TypeError(f"{what}: {ufunc.__name__} takes {ufunc.nin} arguments and returns {ufunc.nout}")
    if ufunc.__name__ in ("add", "subtract"):
        b = as_array(b)
        y = ops.scatter_add(a, indices, b if ufunc.__name__ == "add" else -b)
    else:
        y = one_by_one(ours, a, indices, b)
    a.assign(y, f"{what}(x, ...)")


def one_by_one(ours: Function, a: Tensor, indices: Any, b: Any) -> Any:
    """Assign in rounds: in the first each place's first turn, in the second each place's second turn, and so on."""
    places = np.arange(a.size).reshape(a.shape)[plain_index(indices)]
    if b is not None:
        b = ops.reshape(ops.broadcast_to(as_array(b), places.shape), -1)
    places = places.ravel()
    order = np.argsort(places, kind="stable")
    turns = np.empty(places.size, int)
    turns[order] = np.arange(places.size) - np.searchsorted(places[order], places[order])
    flat = ops.reshape(a, -1)
    for turn in range(turns.max(initial=-1) + 1):
        chosen = np.flatnonzero(turns == turn)
        here = flat[places[chosen]]
        flat = ops.set_item(flat, ours(here) if b is None else ours(here, b[chosen]), places[chosen])
    return ops.reshape(flat, a.shape)


def plain_index(index: Any) -> Any:
    """An index with arrays in place of Tensors."""
    if isinstance(index, tuple):
        return tuple(map(plain_index, index))
    if isinstance(index, Tensor):
        index._refuse_while_traced("an index of .at")
        return index._array
    return index


def at_array(ufunc: np.ufunc, a: Any, indices: Any, b: Any, what: str) -> None:
    """The same on an array, which takes constants alone."""
    if isinstance(b, Tensor):
        if b.node is not None:
            raise TypeError(f"{what}(a, ...): a is an array, which cannot keep the gradient of what is put into it. Make it a Tensor "
                            "first, a = autograd.tensor(a), or write autograd.ops.scatter_add(a, index, v).")
        b._refuse_while_traced(what)
        b = b._array
    ufunc.at(a, plain_index(indices), *(() if b is None else (b,)))


def method(ufunc: np.ufunc, name: str, ours: Function, inputs: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """`np.add.reduce` and its like. What has no gradient NumPy does itself, if nobody writes it down."""
    without = getattr(ours, "needs", None) == {} and get_mode().observer is None
    if name != "at" and (without or constant(inputs, options)):
        options, out = dict(options), options.get("out")
        options.pop("out", None)
        y = wrapped(getattr(ufunc, name)(*unwrapped(inputs), **unwrapped(options)))
        return y if out is None else put_out(y, out, what=f"np.{ufunc.__name__}.{name}(..., out=)")
    return METHODS[name](ufunc, ours, *inputs, **options)


METHODS: dict[str, Function] = {"reduce": reduce, "accumulate": accumulate, "reduceat": reduceat, "outer": outer, "at": at}
