"""How is a call with NumPy's arguments turned into a call of ours?

NumPy's `sum(a, axis, dtype, out, keepdims, initial, where)` is our `sum(x, axis, keepdims)` and four options that many
functions of NumPy's share. What a call names is matched with what our function takes: by name, and what we call differently (`a`
and `x`) by position. Of the rest,

* `out=` writes the result: a Tensor gets it as its new value, as in `x += v`;
* `dtype=` casts, and the gradient is cast back;
* `where=`, `initial=` and `mean=` belong to reductions (`reducing.py`);
* what only says how an array lies in memory, or that it may be destroyed, changes nothing here (`WITHOUT_EFFECT`);
* everything else is refused by name, unless it has its default.

A call without options takes the short way, straight to our function.

Read next: `signatures.py`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd import ops
from autograd.ops.shapes import as_array
from autograd.overrides.value_only import constant, unwrapped, wrapped
from autograd.primitive import Primitive
from autograd.tensor import Tensor, constant_tensor

Function = Callable[..., Any]
NOT_GIVEN = np._NoValue  # type: ignore[attr-defined]  # what NumPy's own wrappers pass for an argument they were not given

WITHOUT_EFFECT: dict[str, tuple[Any, ...]] = {
    "order": ("K", "A", "C", "F", None), "subok": (True, False), "copy": (True, False, None), "device": ("cpu", None),
    "overwrite_input": (True, False), "writeable": (True, False), "casting": ("no", "equiv", "safe", "same_kind", "unsafe"),
    "kind": (None, "quicksort", "mergesort", "heapsort", "stable", "introselect"), "stable": (True, False, None),
    "sorted": (True, False), "optimize": (True, False, "greedy", "optimal"),
}
"""Options about memory or method, by the values that are taken; the numbers are the same with any of them."""

FIELDS = "it names a field of records, and a Tensor holds numbers of one kind"
REFUSED = {
    **{f"{name}.interpolation": "it is the old name of method=" for name in ("quantile", "percentile", "nanquantile", "nanpercentile")},
    "reshape.newshape": "it is the old name of shape=",
    "corrcoef.bias": "it has had no effect for years", "corrcoef.ddof": "it has had no effect for years",
    "sort.order": FIELDS, "argsort.order": FIELDS, "partition.order": FIELDS, "argpartition.order": FIELDS,
}
"""Options that are not taken, and why."""

UNKNOWN = "the function of autograd.ops that answers has no such option. Leave it out, or compose the result from other functions"

REDUCTIONS = frozenset(("sum", "prod", "max", "min", "amax", "amin", "mean", "std", "var", "any", "all", "nansum", "nanprod", "nanmax",
                        "nanmin", "nanmean", "nanstd", "nanvar"))
CAST_FIRST = REDUCTIONS | {"cumsum", "cumprod", "nancumsum", "nancumprod", "cumulative_sum", "cumulative_prod", "trace", "einsum", "cov",
                           "corrcoef"}
"""The functions that compute in the dtype they are given; the others compute, and then cast."""


def parameters(function: Any) -> list[inspect.Parameter]:
    """The parameters of a function of NumPy's or of ours."""
    if isinstance(function, Primitive):
        if not hasattr(function.forward, "__code__"):  # a ufunc
            return [inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD) for name in function.inputs]
        function = function.forward
    try:
        return list(inspect.signature(function).parameters.values())
    except ValueError:  # written in C, in a NumPy that does not tell
        from autograd.overrides.signatures import SIGNATURES

        return SIGNATURES[function.__name__]


class Matching:
    """Which argument of ours each argument of NumPy's is.

    ours:       our function
    arguments:  its name for each argument of NumPy's that it takes
    options:    those that it does not take
    first:      those of ours that are given by position only
    direct:     so many arguments by position are the same
    defaults:   NumPy's, for the options
    """

    def __init__(self, function: Any, ours: Function) -> None:
        self.ours = ours
        self.function = function
        self.short = function.__name__
        theirs, own = parameters(function), parameters(ours)
        by_position = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
        names = [p.name for p in theirs]
        places = [p.name for p in own if p.kind in by_position]
        taken = {p.name for p in own if p.kind in (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)}
        self.many = any(p.kind is inspect.Parameter.VAR_POSITIONAL for p in theirs)
        self.any_name = any(p.kind is inspect.Parameter.VAR_KEYWORD for p in own)
        some_more = any(p.kind is inspect.Parameter.VAR_KEYWORD for p in theirs)
        self.order = [p.name for p in theirs if p.kind in by_position]
        self.first = [p.name for p in own if p.kind is inspect.Parameter.POSITIONAL_ONLY]
        self.arguments: dict[str, str] = {}
        for i, p in enumerate(theirs):
            if p.kind in by_position and p.name not in taken and i < len(places) and (places[i] == p.name or places[i] not in names):
                self.arguments[p.name] = places[i]
            elif p.name in taken:
                self.arguments[p.name] = p.name
        if some_more:  # np.pad(x, 1, **kwargs): ours names them
            self.arguments.update({name: name for name in taken if name not in self.arguments.values()})
        self.options = [p.name for p in theirs if p.name not in self.arguments
                        and p.kind not in (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)]
        self.defaults = {p.name: p.default for p in theirs}
        self.direct = 0
        for name, place in zip(self.order, places):
            if self.arguments.get(name) != place:
                break
            self.direct += 1
        if self.many:
            self.direct = 1000
        self.same = frozenset(name for name, own_name in self.arguments.items() if name == own_name)

    def bound(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any], dict[str, Any]]:
        """A call in two parts, (by position, by our names), and its options by NumPy's names."""
        if len(args) > len(self.order) and not self.many:
            raise TypeError(f"np.{self.short} takes {len(self.order)} arguments by position, and {len(args)} were given")
        given = {**({} if self.many else dict(zip(self.order, args))), **kwargs}
        given = {name: value for name, value in given.items() if value is not NOT_GIVEN}
        named = {self.arguments.get(name, name): given.pop(name) for name in list(given) if name in self.arguments or (
            self.any_name and name not in self.options)}
        return args if self.many else tuple([named.pop(name) for name in self.first if name in named]), named, given

    def what_becomes_of(self, option: str) -> str:
        """'taken', 'without effect' or the reason why an option is refused."""
        if option in self.arguments or option == "out" or option in ("dtype", "like"):
            return "taken"
        if f"{self.short}.{option}" in REFUSED:
            return REFUSED[f"{self.short}.{option}"]
        if self.short in REDUCTIONS and option in ("where", "initial", "mean"):
            return "taken"
        return "without effect" if option in WITHOUT_EFFECT else UNKNOWN

    def refuse(self, option: str, value: Any) -> None:
        """Raise TypeError if this value of an option is not taken."""
        default = self.defaults.get(option, NOT_GIVEN)
        if value is default or (isinstance(value, (str, int, float)) and value == default):
            return
        why = self.what_becomes_of(option)
        if why == "without effect" and (value is None or isinstance(value, (str, bool))) and value in WITHOUT_EFFECT[option]:
            return
        if why == "without effect":
            why = f"it can be {', '.join(map(repr, WITHOUT_EFFECT[option]))}"
        raise TypeError(f"np.{self.short}(..., {option}={value!r:.40}) is not taken on Tensors: {why}.")


def adapted(function: Any, ours: Function) -> Function:
    """Our function, called as NumPy's is."""
    matching = Matching(function, ours)
    direct, same = matching.direct, matching.same

    def called(*args: Any, **kwargs: Any) -> Any:
        if len(args) <= direct and (not kwargs or (kwargs.keys() <= same and NOT_GIVEN not in map(type_or_self, kwargs.values()))):
            return ours(*args, **kwargs)
        return with_options(matching, args, kwargs)

    called.__name__ = matching.short
    return called


def type_or_self(value: Any) -> Any:
    return NOT_GIVEN if value is NOT_GIVEN else None


def with_options(matching: Matching, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """The long way: a call with options that our function does not take."""
    direct, named, options = matching.bound(args, kwargs)
    short = matching.short
    out, dtype = options.pop("out", None), options.pop("dtype", None)
    casting = options.get("casting", "same_kind")
    reducing = {name: options.pop(name) for name in ("where", "initial", "mean") if short in REDUCTIONS and name in options}
    for option, value in options.items():
        matching.refuse(option, value)
    if short in REDUCTIONS and constant(args, kwargs):
        call = {name: x for name, x in {**dict(zip(matching.order, args)), **kwargs}.items() if x is not NOT_GIVEN and name != "out"}
        result = wrapped(matching.function(**unwrapped(call)))
        return result if out is None else put_out(result, out, casting, f"np.{short}(..., out=)")
    if dtype is not None and short in CAST_FIRST:
        direct = tuple([x if isinstance(x, str) else in_dtype(x, dtype) for x in direct])
        if not direct:
            first = next(iter(matching.arguments.values()))
            named[first] = in_dtype(named[first], dtype)
    if reducing:
        from autograd.overrides.reducing import reduced

        result = reduced(short, matching.ours, named.pop(next(iter(matching.arguments.values()))), named, **reducing)
    else:
        result = matching.ours(*direct, **named)
    if dtype is not None:
        result = cast(result, dtype) if short in CAST_FIRST else cast_by_rule(result, dtype, casting, f"np.{short}(..., dtype=)")
    return result if out is None else put_out(result, out, casting, f"np.{short}(..., out=)")


def cast(x: Any, dtype: Any) -> Any:
    """x, a list or an array, in another dtype."""
    x = as_array(x)
    return x if x.dtype == dtype else ops.astype(x, dtype)


def in_dtype(x: Any, dtype: Any) -> Any:
    """x in the dtype that is to be computed in."""
    x = as_array(x)
    if x.dtype.kind == "c" and np.dtype(dtype).kind != "c":
        raise TypeError(f"dtype={np.dtype(dtype)} would drop the imaginary parts of {x.dtype}: write x.real if that is meant")
    return cast(x, dtype)


def cast_by_rule(x: Any, dtype: Any, casting: Any, what: str) -> Any:
    """x in another dtype, if NumPy's rule of this name allows it."""
    if not np.can_cast(x.dtype, dtype, casting):
        raise TypeError(f"{what}: cannot cast from {x.dtype} to {np.dtype(dtype)} according to the rule {casting!r}")
    return x if x.dtype == dtype else ops.astype(x, dtype)


def put_out(result: Any, out: Any, casting: Any = "same_kind", what: str = "out=") -> Any:
    """Write a result where `out=` says, and return that. A Tensor gets it as its new value; an array can only take constants.

    Raises TypeError if a gradient would be lost, ValueError if the shapes differ.
    """
    if isinstance(out, tuple) and len(out) == 1:
        out = out[0]
    if isinstance(out, Tensor):
        value = result if isinstance(result, Tensor) else constant_tensor(result)
        if value.dtype != out.dtype:
            value = cast_by_rule(value, out.dtype, casting, what)
        return out.assign(value, what)
    if isinstance(result, Tensor):
        if result.node is not None:
            raise TypeError(f"{what} an array: the result has a gradient, which an array cannot keep. Leave out= away and use what is "
                            "returned, or make out a Tensor: out = autograd.tensor(out).")
        result._refuse_while_traced(what)
        result = result._array
    if out.shape != np.shape(result):
        raise ValueError(f"{what}: the result has shape {np.shape(result)}, and out has shape {out.shape}")
    np.copyto(out, result, casting=casting)
    return out
