"""What is a function whose derivative is declared, on the tape?

One operation. `extend.py` makes a `Declared` of a function and gives it rules; a call of it with Tensors is a `Call`, which is a
parameter of the node: the function runs on plain values, and the backward pass calls the makers of the rules with the arguments and
the result, and what they return with the cotangent.

Read next: `builtins.py`.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Sequence
from functools import update_wrapper
from keyword import iskeyword
from types import MethodType
from typing import Any

import numpy as np

from autograd.codegen import RESERVED, Pullback, snapshot
from autograd.contributions import accumulate, unbroadcast
from autograd.node import Node, get_mode, next_id
from autograd.primitive import REGISTRY, Primitive
from autograd.tensor import Tensor, constant_tensor
from autograd.tree import Structure, flatten
from autograd.vspace import Box, SparseObject, new_box, vspace

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
        self.give(rules)

    def give(self, rules: dict[int, Maker | None]) -> None:
        """A rule for each of these arguments, instead of the rules that there were."""

        def vjps(argnums: tuple[int, ...], ans: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Callable[[Any], list[Any]]:
            staged = [rules[argnum](ans, *args, **kwargs) for argnum in argnums]  # type: ignore[misc]
            return lambda g: [rule(g) for rule in staged]

        self.vjps, self.known = vjps, frozenset(rules)
        self.zero = frozenset(argnum for argnum, rule in rules.items() if rule is None)


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
