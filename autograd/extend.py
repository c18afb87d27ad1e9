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

Read next: `builtins.py`.
"""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Iterable, Sequence
from functools import update_wrapper
from itertools import count
from keyword import iskeyword
from types import MethodType
from typing import Any

import numpy as np

from autograd.backward import accumulate, unbroadcast
from autograd.codegen import RESERVED, Pullback, snapshot
from autograd.functional import vjp
from autograd.node import Node, get_mode, next_id
from autograd.primitive import REGISTRY, Primitive
from autograd.tensor import Tensor, constant_tensor
from autograd.tree import Structure, flatten
from autograd.vspace import Box, SparseObject, VSpace, getval, new_box, vspace

__all__ = [
    "Box", "SparseObject", "VSpace", "def_linear", "defjvp", "defjvp_argnum", "defjvp_argnums", "defvjp", "defvjp_argnum",
    "defvjp_argnums", "notrace_primitive", "primitive", "register_notrace", "vspace",
]

Maker = Callable[..., Any]


class Declared:
    """A function whose derivative is declared and not looked for inside: what `primitive` returns.

    fun:   the function on plain values
    vjps:  (argnums, ans, args, kwargs) -> (g -> one cotangent for each of argnums); None until there is a rule
    """

    def __init__(self, fun: Callable[..., Any]) -> None:
        update_wrapper(self, fun)
        self.__name__: str = getattr(fun, "__name__", type(fun).__name__)
        self.fun = fun
        self.vjps: Maker | None = None
        self.jvps: Maker | None = None
        self.known: frozenset[int] | None = frozenset()  # the arguments with a rule; None: all
        self.zero: frozenset[int] = frozenset()  # those whose derivative is zero
        self.operation = Operation(self)

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else MethodType(self, instance)

    def __repr__(self) -> str:
        return f"<primitive {self.__name__}>"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        leaves, structure = flatten(args)
        places = [i for i, leaf in enumerate(leaves) if isinstance(leaf, (Tensor, Box))]
        if any(isinstance(leaf, (Tensor, Box)) and leaf.node is not None for leaf in flatten(kwargs)[0]):
            raise TypeError(f"{self.__name__} is a primitive, and its rules are for arguments by position: a Tensor that was given by "
                            f"name ({', '.join(kwargs)}=) would lose its gradient")
        if not places:
            return self.fun(*args, **kwargs)
        call = Call(self, leaves, structure, places, kwargs)
        given = [leaves[i] for i in places]
        if get_mode().recording:
            call.check({argnum for argnum, leaf in zip(call.argnums, given) if leaf.node is not None})
        if any(isinstance(leaf, Box) for leaf in given):
            return call.boxed(given)
        return self.operation(given, call)

    # HIPS/autograd's interface before version 1.2

    def defvjp(self, maker: Maker, argnum: int = 0) -> None:
        """The old spelling of `defvjp(f, ...)`: a rule (g, ans, vs, gvs, *args) -> cotangent for one argument."""
        outdated("f.defvjp(rule)")
        self._one(argnum, lambda ans, *args, **kw: lambda g: maker(g, ans, vspace(args[argnum]), vspace(g), *args, **kw))

    def defgrad(self, maker: Maker, argnum: int = 0) -> None:
        """The oldest spelling: a rule (ans, *args) -> (g -> cotangent) for one argument."""
        outdated("f.defgrad(rule)")
        self._one(argnum, maker)

    def defvjp_is_zero(self, argnums: Iterable[int] = (0,)) -> None:
        outdated("f.defvjp_is_zero()")
        for argnum in argnums:
            self._one(argnum, None)

    def _one(self, argnum: int, maker: Maker | None) -> None:
        rules = {**self.__dict__.setdefault("single", {}), argnum: maker}
        self.__dict__["single"] = rules
        defvjp(self, *rules.values(), argnums=tuple(rules))


def outdated(what: str) -> None:
    warnings.warn(f"{what} is the interface before HIPS/autograd 1.2. Write defvjp(f, lambda ans, x: lambda g: ...) with "
                  "`from autograd.extend import defvjp`.", DeprecationWarning, stacklevel=3)


class Call:
    """One call of a declared function: everything but the values that may be on the tape.

    places:   where those are among the leaves of the arguments
    argnums:  which argument each of them is in
    """

    def __init__(self, declared: Declared, leaves: list[Any], structure: Structure, places: list[int], kwargs: dict[str, Any]) -> None:
        self.declared, self.structure, self.places, self.kwargs = declared, structure, places, kwargs
        self.rest = [None if isinstance(leaf, (Tensor, Box)) else kept(leaf) for leaf in leaves]
        owners = [argnum for argnum, child in enumerate(structure.children) for _ in range(child.size)]
        self.argnums = [owners[i] for i in places]

    def arguments(self, values: Sequence[Any]) -> tuple[Any, ...]:
        leaves = list(self.rest)
        for place, value in zip(self.places, values):
            leaves[place] = value
        return tuple(self.structure.unflatten(leaves))

    def check(self, active: set[int]) -> None:
        """Is there a rule for every argument that wants a gradient?"""
        known, name = self.declared.known, self.declared.__name__
        missing = sorted(active - known) if known is not None else []
        if missing:
            raise NotImplementedError(f"the gradient of {name} by argument {missing[0]} is not defined. Write defvjp({name}, rule, "
                                      f"argnums=({missing[0]},)), or None instead of a rule if the derivative is zero.")

    def value(self, values: Sequence[Any]) -> Any:
        """What the function returns for plain values, which it can read but not write."""
        y = self.declared.fun(*self.arguments([read_only(v) for v in values]), **self.kwargs)
        if isinstance(y, Tensor):
            if y.node is not None:
                raise TypeError(f"{self.declared.__name__} is a primitive, but it uses a Tensor that requires grad and is not among its "
                                "arguments (of a closure?), and its gradient would be lost: pass it as an argument")
            y = y._array
        if type(y) in Box.type_mappings:
            return y
        array = np.asarray(y)
        if isinstance(y, (tuple, list, dict)) or array.dtype.kind not in "biufc":
            raise TypeError(f"a primitive returns one array, and {self.declared.__name__} returned a {type(y).__name__}. "
                            "Write one primitive for each result, or np.stack them.")
        return array[()] if not array.ndim else array

    def cotangents(self, g: Any, y: Any, values: Sequence[Any], active: Sequence[bool]) -> list[Any]:
        """The cotangent of each value that wants one; None where it is zero."""
        d = self.declared
        argnums = tuple(dict.fromkeys(argnum for argnum, wanted in zip(self.argnums, active) if wanted and argnum not in d.zero))
        if not argnums or d.vjps is None:
            return [None] * len(values)
        args = self.arguments(values)
        results = dict(zip(argnums, d.vjps(argnums, y, args, self.kwargs)(g)))
        found: dict[int, list[Any]] = {}
        for argnum, result in results.items():
            found[argnum], structure = flatten(result.dense() if isinstance(result, SparseObject) else result)
            if structure.size != self.structure.children[argnum].size:
                raise ValueError(f"the rule of {d.__name__} for argument {argnum} returned a cotangent of the structure {structure}, but "
                                 f"the argument has the structure {self.structure.children[argnum]}")
        first = np.cumsum([0, *(child.size for child in self.structure.children)]).tolist()
        return [found[argnum][place - first[argnum]] if wanted and argnum in found else None
                for argnum, place, wanted in zip(self.argnums, self.places, active)]

    def boxed(self, given: list[Any]) -> Any:
        """A call with values that are no arrays: what a primitive's generated code does, for anything."""
        values = [leaf._array if isinstance(leaf, Tensor) else leaf._value for leaf in given]
        y = self.value(values)
        mode, node = get_mode(), None
        if mode.recording and any(leaf.node is not None for leaf in given):
            array = y if isinstance(y, (np.ndarray, np.generic)) else np.empty((), object)
            node = Node(next_id(), Staged(self.declared.operation, 1), tuple(leaf.node for leaf in given), (tuple(values), y), (self,),
                        array.shape, array.dtype, mode.scope)
        return placed(y, node)

    def __repr__(self) -> str:
        shown = ["_" if i in self.places else f"{leaf!r:.20}" for i, leaf in enumerate(self.rest)]
        return f"({', '.join([*shown, *(f'{name}={value!r:.20}' for name, value in self.kwargs.items())])})"


def kept(leaf: Any) -> Any:
    """An argument as the tape keeps it: the caller may write to his array before the backward pass."""
    return snapshot(leaf) if isinstance(leaf, np.ndarray) and leaf.dtype.kind in "biufc" else leaf


def read_only(value: Any) -> Any:
    if not isinstance(value, np.ndarray):
        return value
    view = value.view()
    view.flags.writeable = False
    return view


def placed(value: Any, node: Node | None) -> Any:
    """A plain value with its place on the tape: a Tensor, or a box."""
    if isinstance(value, (np.ndarray, np.generic)):
        return constant_tensor(value, node)
    return value if node is None else new_box(value, None, node)


class Operation(Primitive):
    """The operation that a `Declared` function is on the tape: a primitive with a list of arrays as its one input."""

    def __init__(self, declared: Declared) -> None:
        name = writable(declared.__name__)
        super().__init__(lambda args, call: call.value(args), {"args": lambda g, y, args, call: None}, name=name, sequence=True,
                         module=str(getattr(declared.fun, "__module__", "")))
        self.declared = declared
        del REGISTRY[f"{self.module}.{name}"]  # the laws know how to call primitives of ours; here there is `test_util.check_grads`

    def pullback(self, active: int) -> Pullback:
        return Staged(self, active)


def writable(name: str) -> str:
    """A name that generated code can define: that of a lambda, say, it cannot."""
    if not name.isidentifier() or iskeyword(name):
        return "function"
    return f"{name}_" if name in ("g", *RESERVED) or name.endswith(("_node", "_rule", "_into")) else name


class Staged(Pullback):
    """How a cotangent goes back through a declared function: call the maker of each rule, and what it returns on g."""

    __slots__ = ()

    def __init__(self, operation: Primitive, active: int) -> None:
        self.primitive, self.active, self.run = operation, active, send

    def run_recorded(self, node: Node, g: Any, saved: Any, cotangents: dict[Node, Any], owned: Any) -> None:
        values, y = saved
        inputs = tuple(placed(value, parent) for value, parent in zip(values, node.inputs))
        send(node, g, (inputs, placed(y, node)), cotangents, owned)


def send(node: Node, g: Any, saved: Any, cotangents: dict[Node, Any], owned: Any) -> None:
    values, y = saved
    call = node.params[0]
    if not isinstance(y, Tensor):
        values, y = [read_only(v) for v in values], read_only(y)
    wanted = [parent is not None for parent in node.inputs]
    for parent, argnum, dx in zip(node.inputs, call.argnums, call.cotangents(g, y, values, wanted)):
        if parent is None or dx is None:
            continue
        if parent.dtype == object:
            cotangents[parent] = vspace(dx).add(cotangents[parent], dx) if parent in cotangents else dx
            continue
        if not isinstance(dx, (Tensor, np.ndarray, np.generic)):
            dx = np.asarray(dx)[()]
        if not repeats(dx.shape, parent.shape):
            raise ValueError(f"the rule of {node.op} for argument {argnum} returned a cotangent of shape {dx.shape}, but the argument has "
                             f"shape {parent.shape}: multiply it out, g * np.ones(x.shape)")
        dx = unbroadcast(dx, parent, f"argument {argnum}", node)
        if parent in cotangents:
            accumulate(parent, dx, cotangents, owned)
        else:
            cotangents[parent] = dx


def repeats(shape: tuple[int, ...], of: tuple[int, ...]) -> bool:
    """Is `shape` what broadcasting makes of the other one?"""
    return len(shape) >= len(of) and all(n in (1, m) for n, m in zip(of[::-1], shape[::-1]))


# ---- declaring ----------------------------------------------------------------------------------------------------


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

    def vjps(argnums: tuple[int, ...], ans: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Callable[[Any], list[Any]]:
        staged = [rules[argnum](ans, *args, **kwargs) for argnum in argnums]  # type: ignore[misc]
        return lambda g: [rule(g) for rule in staged]

    f.vjps, f.known = vjps, frozenset(rules)
    f.zero = frozenset(argnum for argnum, rule in rules.items() if rule is None)


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
