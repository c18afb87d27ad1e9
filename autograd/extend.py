"""How is an operation declared in HIPS/autograd's way?

    @primitive
    def logsumexp(x):                                    any Python: it is called with plain arrays, and not looked into
        top = np.max(x)
        return top + np.log(np.sum(np.exp(x - top)))

    defvjp(logsumexp, lambda ans, x: lambda g: g * np.exp(x - ans))

For each argument a function (ans, *args, **kwargs) -> (g -> cotangent), or None where the derivative is zero. It takes its place
on the tape as one operation: it is printed, drawn, traced and checkpointed like ours, and written with `autograd.numpy` its rules
give derivatives of every order. What is better than in the original: arguments may be tuples, lists and dicts with Tensors inside,
forward mode needs no rule of its own, and where a gradient would be lost there is an error.

(Our own way, `autograd.primitive`, is shorter, and keeps only the arrays that the rules name. Here the rules are closures that
no one can look into, so the arguments and the result are kept.)

Read next: `declared.py`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from functools import update_wrapper
from itertools import count
from types import MethodType
from typing import Any

from autograd.declared import Declared, Maker
from autograd.functional import vjp
from autograd.vspace import Box, SparseObject, VSpace, getval, vspace

__all__ = [
    "Box", "SparseObject", "VSpace", "def_linear", "defjvp", "defjvp_argnum", "defjvp_argnums", "defvjp", "defvjp_argnum",
    "defvjp_argnums", "notrace_primitive", "primitive", "register_notrace", "vspace",
]


def primitive(fun: Callable[..., Any]) -> Declared:
    """Declare that a function is one operation, whose derivative `defvjp` gives. A decorator.

    fun:  takes arrays and whatever else, and returns one array or number. It is called with plain values, which it must not
          write to. Its arrays come by position

    >>> import autograd.numpy as np
    >>> from autograd import grad
    >>> from autograd.extend import defvjp, primitive
    >>> @primitive
    ... def cube(x):
    ...     return x ** 3
    >>> defvjp(cube, lambda ans, x: lambda g: g * 3 * x ** 2)
    >>> float(grad(cube)(2.0)), float(grad(grad(cube))(2.0))
    (12.0, 12.0)
    """
    return fun if isinstance(fun, Declared) else Declared(fun)


def declared(fun: Any, who: str) -> Declared:
    if isinstance(fun, MethodType):
        fun = fun.__func__
    if not isinstance(fun, Declared):
        raise TypeError(f"{who} gives rules to a function made by autograd.extend.primitive, not to {fun!r:.60}. "
                        "Write f = primitive(f) first.")
    return fun


def defvjp(fun: Any, *vjpmakers: Maker | None, argnums: Iterable[int] | None = None) -> None:
    """Give the rules of a primitive, one for each argument: (ans, *args, **kwargs) -> (g -> v^T J), or None for a zero derivative.

    argnums:  the arguments the rules are for; default: 0, 1, 2, ...
    """
    f = declared(fun, "defvjp")
    rules = dict(zip(count() if argnums is None else argnums, vjpmakers))
    for argnum, rule in rules.items():
        if rule is not None and not callable(rule):
            raise TypeError(f"the rule of {f.__name__} for argument {argnum} must be a function (ans, *args) -> (g -> cotangent) or None, "
                            f"not {rule!r}")
    f.give(rules)


def defvjp_argnum(fun: Any, vjpmaker: Maker) -> None:
    """Give one rule for all arguments: (argnum, ans, args, kwargs) -> (g -> cotangent of that argument)."""

    def vjps(argnums: tuple[int, ...], ans: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Callable[[Any], list[Any]]:
        staged = [vjpmaker(argnum, ans, args, kwargs) for argnum in argnums]
        return lambda g: [rule(g) for rule in staged]

    defvjp_argnums(fun, vjps)


def defvjp_argnums(fun: Any, vjpmaker: Maker) -> None:
    """Give one rule for all arguments at once: (argnums, ans, args, kwargs) -> (g -> one cotangent for each of argnums)."""
    f = declared(fun, "defvjp_argnums")
    f.vjps, f.known, f.zero = vjpmaker, None, frozenset()


def defjvp(fun: Any, *jvpmakers: Any, argnums: Iterable[int] | None = None) -> None:
    """Give forward rules, one for each argument: (g, ans, *args, **kwargs) -> J g, None for zero, or "same" where `fun` is linear.

    Where `defvjp` was called they are not needed: forward mode runs the backward rules twice. Where it was not, they are
    transposed, for they are linear in g; but "same" says nothing that could be.
    """
    f = declared(fun, "defjvp")
    rules = dict(zip(count() if argnums is None else argnums, jvpmakers))
    for argnum, rule in rules.items():
        if rule is not None and rule != "same" and not callable(rule):
            raise TypeError(f"the forward rule of {f.__name__} for argument {argnum} must be a function (g, ans, *args) -> J g, None, or "
                            f"'same', not {rule!r}")

    def jvp(argnum: int, g: Any, ans: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        return rules[argnum](g, ans, *args, **kwargs)

    transposes(f, jvp, frozenset(i for i, rule in rules.items() if rule != "same"), frozenset(i for i, r in rules.items() if r is None))


def defjvp_argnum(fun: Any, jvpmaker: Maker) -> None:
    """Give one forward rule for all arguments: (argnum, g, ans, args, kwargs) -> J g by that argument."""
    transposes(declared(fun, "defjvp_argnum"), jvpmaker, None, frozenset())


def defjvp_argnums(fun: Any, jvpmaker: Maker) -> None:
    """Give one forward rule for all arguments at once: (argnums, gs, ans, args, kwargs) -> the sum of their J g."""

    def jvp(argnum: int, g: Any, ans: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        return jvpmaker((argnum,), [g], ans, args, kwargs)

    transposes(declared(fun, "defjvp_argnums"), jvp, None, frozenset())


def transposes(f: Declared, jvp: Maker, known: frozenset[int] | None, zero: frozenset[int]) -> None:
    """Use forward rules backward, unless there are backward ones: the pullback of g -> J g is v -> v^T J."""
    f.jvps = jvp
    if f.vjps is not None:
        return

    def transposed(argnum: int, ans: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Callable[[Any], Any]:
        return vjp(lambda t: jvp(argnum, t, ans, args, kwargs), vspace(args[argnum]).zeros())[1]

    defvjp_argnum(f, transposed)
    f.known, f.zero = known, zero


def def_linear(fun: Any) -> None:
    """Say that a function is linear in each argument. Only forward rules follow from that; the backward ones are `defvjp`'s."""
    f = declared(fun, "def_linear")
    f.jvps = f.jvps or (lambda argnum, g, ans, args, kwargs: f(*args[:argnum], g, *args[argnum + 1:], **kwargs))


def notrace_primitive(fun: Callable[..., Any]) -> Callable[..., Any]:
    """A function of values alone: Tensors among its arguments are seen as plain arrays, and its result is a constant."""

    def of_values(*args: Any, **kwargs: Any) -> Any:
        return fun(*map(getval, args), **kwargs)

    return update_wrapper(of_values, fun) if inspect.isroutine(fun) or hasattr(fun, "__name__") else of_values


def register_notrace(trace_type: Any, fun: Any) -> None:
    """Say that the derivative of a primitive is zero by every argument (for any kind of trace: there is one)."""
    defvjp(fun, *[None] * 32)
