"""How does a declaration become fast?

A primitive is data: a function and a few lambdas. Interpreting that data at every call costs four times as much as the
arithmetic on a small array, so it is compiled once into two small functions, in readable Python (print `multiply.source`):

* **record** unwraps Tensors, calls NumPy, saves exactly the named arrays in a tuple, and makes one node;
* **pullback** unpacks the tuple, calls each rule, and adds the results to the cotangents of the inputs.

For exp they are, in short (the rest of this file is templates for just this, so keep it in view):

    def exp(x):
        if not isinstance(x, Tensor):
            return forward(x)                               # arrays in, arrays out
        x_node, x = x.node, x._array
        y = forward(x)
        mode = get_mode()
        if x_node is not None and mode.recording:
            node = ...                                      # a Node with saved=(y,), inputs=(x_node,), pullback=pullback_1
        else:
            node = None
        ...                                                 # a Tensor of y and node

    def exp_to_x(node, g, saved, cotangents, owned):
        x_node, = node.inputs
        y, = saved
        dx = g * y                                          # a simple rule is written out, a longer one is called: x_rule(g, y)
        if node.shape != x_node.shape or node.dtype is not x_node.dtype:
            dx = fit(dx, x_node, 'x', node)
        if x_node in cotangents:
            accumulate(x_node, dx, cotangents, owned)
        else:
            cotangents[x_node] = dx

There is one pullback for each set of inputs that want a cotangent (a bit mask, `active`), compiled when it first runs.
The layout of the saved tuple is the same for all of them: `primitive.keeps`, with None for what this node does not need.

Read next: `ops/elementwise.py`, a page of declarations.
"""

from __future__ import annotations

import linecache
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.errors import constant_required, forward_failed
from autograd.interchange import never_changes
from autograd.node import Node, get_mode, next_id
from autograd.rule_text import rule_text
from autograd.tensor import Tensor

if TYPE_CHECKING:
    from autograd.invalid import Owned
    from autograd.primitive import Primitive, Rule


RESERVED = ("y", "node", "mode", "tensor", "saved", "pullback", "cotangents", "owned", "forward", "primitive", "error", "nodes", "slot",
            "Tensor", "Node", "new", "next_id", "get_mode", "isinstance", "operand", "snapshot", "frozen",
            "constant_required")
"""The names that generated code uses, and that no argument can have."""


class Pullback:
    """How one primitive sends a cotangent back to one set of its inputs.

    primitive:  whose rules these are
    active:     bit i is set if input i gets a cotangent
    run:        run(node, g, saved, cotangents, owned), the generated function; see `backward.py`
    """

    __slots__ = ("primitive", "active", "run")

    def __init__(self, primitive: Primitive, active: int) -> None:
        self.primitive = primitive
        self.active = active
        self.run: Callable[..., None] = self._compile_and_run

    def _compile_and_run(self, *args: Any) -> None:
        self.run = compile_pullback(self.primitive, self.active)
        self.run(*args)

    def run_recorded(self, node: Node, g: Any, saved: Any, cotangents: dict[Node, Any], owned: Owned) -> None:
        """The same on Tensors, so that this step of the backward pass is itself on the tape."""
        from autograd.backward import pull_recorded

        pull_recorded(node, self, g, saved, cotangents, owned)

    def only(self, active: int) -> Pullback:
        """The pullback for fewer inputs."""
        return self if active == self.active or self.primitive.sequence else self.primitive.pullback(active)

    @property
    def keeps(self) -> tuple[str, ...]:
        """The names this node keeps alive."""
        p = self.primitive
        if p.sequence or p.definition is not None:
            return p.keeps
        return tuple(n for n in p.keeps if any(n in p.needs.get(slot, ()) for i, slot in enumerate(p.inputs) if self.active >> i & 1))

    def __repr__(self) -> str:
        return f"<pullback of {self.primitive.name} to {[s for i, s in enumerate(self.primitive.inputs) if self.active >> i & 1]}>"


# ---- what generated code calls ------------------------------------------------------------------------------------


def operand(value: Any) -> Any:
    """A constant operand as NumPy sees it: lists become arrays, numbers and None stay themselves."""
    if isinstance(value, (float, int, np.generic, complex)) or value is None:
        return value
    if type(value) is np.ndarray and value.dtype.kind in "biufc":
        return value
    if isinstance(value, (np.matrix, np.ma.MaskedArray)):
        raise TypeError(f"a {type(value).__name__} multiplies, or counts, differently from an array: write np.asarray(m)"
                        + (" or m.filled(value)" if isinstance(value, np.ma.MaskedArray) else ""))
    if not isinstance(value, np.ndarray) and hasattr(value, "__array_function__"):
        return value  # an array of another library
    array = np.asarray(value)
    if array.dtype.kind not in "biufc":
        raise TypeError(f"an operand must be numeric, but this {type(value).__name__} gives an array of {array.dtype}")
    return array


def snapshot(value: Any) -> Any:
    """A constant operand that the tape will keep. The caller may write to his array before the backward pass, so it is copied, in its
    memory order, by which the last bit of a product goes; unless it `never_changes`. Wrap large data once in a Tensor, and no copy is
    made again."""
    if isinstance(value, float):  # the usual constant, and the fast way out
        return value
    value = operand(value)
    return value.copy("K") if isinstance(value, np.ndarray) and not (never_changes(value) or get_mode().lowered) else value


PLAIN = frozenset({int, float, bool, str, type(None), slice})
"""The types of options that nobody can change."""


def frozen(option: Any) -> Any:
    """An option as the tape keeps it: the caller may change his list of axes, or array of shifts, before the backward pass."""
    kind = option.__class__
    if kind is tuple and PLAIN.issuperset(map(type, option)):
        return option
    if kind is tuple or kind is list:
        return tuple([frozen(part) for part in option])
    if kind is dict:
        return {key: frozen(part) for key, part in option.items()}
    return snapshot(option) if isinstance(option, np.ndarray) else option


def compile_source(name: str, source: str, scope: dict[str, Any]) -> Callable[..., Any]:
    """Run generated source and return the function it defines; tracebacks and `inspect` find its lines."""
    filename = f"<generated by autograd for {name}>"
    linecache.cache[filename] = (len(source), None, source.splitlines(True), filename)
    namespace = dict(scope)
    exec(compile(source, filename, "exec"), namespace)
    return namespace[name]  # type: ignore[no-any-return]


# ---- record -------------------------------------------------------------------------------------------------------


def record_source(p: Primitive) -> str:
    """The source of the function that runs when `p` is called."""
    return sequence_record_source(p) if p.sequence else fixed_record_source(p)


def parameters_source(p: Primitive) -> str:
    """The signature: 'x, axis=_axis, keepdims=_keepdims'."""
    return ", ".join(f"{n}=_{n}" if n in p.defaults else n for n in (*p.inputs, *p.params))


def fixed_record_source(p: Primitive) -> str:
    tensors = " or ".join(f"isinstance({x}, Tensor)" for x in p.inputs)
    arguments = ", ".join([*p.inputs, *(f"{n}={n}" for n in p.params)])
    if p.operator:  # "a * b" or "-x"
        compute = f" {p.operator} ".join(p.inputs) if len(p.inputs) == 2 else f"{p.operator}{p.inputs[0]}"
    else:
        compute = f"forward({arguments})"
    first = "[0]" if p.residuals else ""
    lines = [f"def {p.name}({parameters_source(p)}):",
             f"    if not ({tensors}):",
             f"        return forward({arguments}){first}"]
    for x in p.inputs:
        keep = "snapshot" if x in p.keeps else "operand"
        if len(p.inputs) == 1:
            lines += [f"    {x}_node, {x} = {x}.node, {x}._array"]
        else:
            lines += [f"    if isinstance({x}, Tensor):",
                      f"        {x}_node, {x} = {x}.node, {x}._array",
                      "    else:",
                      f"        {x}_node, {x} = None, {keep}({x})"]
        if x in p.constants:
            lines += [f"    if {x}_node is not None and get_mode().recording:", f"        raise constant_required(primitive, '{x}')"]
    results = ", ".join(["y", *p.residuals])
    arrays, nodes, params = (tuple_source(names) for names in (p.inputs, [f"{x}_node" for x in p.inputs], p.params))
    kept = tuple_source([f"{n} if {n}.__class__ in PLAIN else frozen({n})" for n in p.params])
    lines += ["    try:",
              f"        {results} = {compute}",
              "    except Exception as error:",
              f"        raise forward_failed(primitive, error, {arrays}, {params}) from error",
              "    mode = get_mode()",
              f"    pullback = {choose_source(p)}",
              "    if pullback is not None and mode.recording:",
              *node_source(nodes, saved_source(p), kept),
              "    else:",
              "        node = None",
              "    tensor = new(Tensor)",
              "    tensor._array, tensor.node = y, node",
              "    if mode.observer is not None:",
              f"        mode.observer(primitive, {arrays}, {nodes}, {params}, {tuple_source(['y', *p.residuals])}, tensor)",
              "    return tensor"]
    return "\n".join(lines)


def tuple_source(names: list[str] | tuple[str, ...]) -> str:
    return f"({', '.join(names)},)" if names else "()"


def node_source(nodes: str, saved: str, params: str) -> list[str]:
    """Make the node by setting its fields. Calling `Node` instead would make the whole of recording a sixth slower."""
    fields = {"id": "next_id()", "pullback": "pullback", "inputs": nodes, "saved": saved, "params": params,
              "shape": "y.shape", "dtype": "y.dtype", "scope": "mode.scope", "extra": "None"}
    return ["        node = new(Node)", *(f"        node.{name} = {value}" for name, value in fields.items())]


def choose_source(p: Primitive, i: int = 0, active: int = 0) -> str:
    """A nested conditional expression that picks the pullback by which inputs have a node."""
    if i == len(p.inputs):
        return f"pullback_{active}" if active else "None"
    without = choose_source(p, i + 1, active)
    if p.inputs[i] not in p.needs:
        return without
    return f"({choose_source(p, i + 1, active | 1 << i)} if {p.inputs[i]}_node is not None else {without})"


def saved_source(p: Primitive) -> str:
    """The tuple of what the tape keeps: each name, on condition that an active input's rule asks for it."""
    parts = []
    for name in p.keeps:
        askers = [slot for slot, needs in p.needs.items() if name in needs]
        is_shape = name.endswith("_shape") and name not in (*p.inputs, *p.residuals)
        value = f"getattr({name.removesuffix('_shape')}, 'shape', ())" if is_shape else name
        if len(askers) == len(p.needs) or (p.definition is not None and name in p.inputs):
            parts.append(value)
        else:
            parts.append(f"{value} if {' or '.join(f'{a}_node is not None' for a in askers)} else None")
    return tuple_source(parts)


def sequence_record_source(p: Primitive) -> str:
    xs, arguments = p.inputs[0], ", ".join([p.inputs[0], *(f"{n}={n}" for n in p.params)])
    keep = "snapshot" if xs in p.keeps else "operand"
    params = tuple_source(p.params)
    kept = tuple_source([f"frozen({n})" for n in p.params])
    results = ", ".join(["y", *p.residuals])
    saved = tuple_source([f"tuple(x.shape for x in {xs})" if n == f"{xs}_shapes" else n for n in p.keeps])
    return "\n".join([
        f"def {p.name}({parameters_source(p)}):",
        f"    if isinstance({xs}, Tensor):",
        f"        {xs} = tuple({xs})",
        f"    if not any([isinstance(x, Tensor) for x in {xs}]):",
        f"        return forward({arguments}){'[0]' if p.residuals else ''}",
        f"    nodes = tuple([x.node if isinstance(x, Tensor) else None for x in {xs}])",
        f"    {xs} = tuple([x._array if isinstance(x, Tensor) else {keep}(x) for x in {xs}])",
        "    try:",
        f"        {results} = forward({arguments})",
        "    except Exception as error:",
        f"        raise forward_failed(primitive, error, ({xs},), {params}) from error",
        "    mode = get_mode()",
        "    if mode.recording and any([node is not None for node in nodes]):",
        f"        node = Node(next_id(), pullback_1, nodes, {saved}, {kept}, y.shape, y.dtype, mode.scope)",
        "    else:",
        "        node = None",
        "    tensor = new(Tensor)",
        "    tensor._array, tensor.node = y, node",
        "    if mode.observer is not None:",
        f"        mode.observer(primitive, {xs}, nodes, {params}, {tuple_source(['y', *p.residuals])}, tensor)",
        "    return tensor"])


def compile_record(p: Primitive) -> Callable[..., Any]:
    scope: dict[str, Any] = {
        "Tensor": Tensor, "Node": Node, "new": object.__new__, "next_id": next_id, "get_mode": get_mode, "operand": operand,
        "snapshot": snapshot, "PLAIN": PLAIN,
        "constant_required": constant_required, "frozen": frozen, "forward_failed": forward_failed, "forward": p.forward, "primitive": p,
        **{f"_{n}": value for n, value in p.defaults.items()}}
    differentiable = 0
    for i, slot in enumerate(p.inputs):
        differentiable |= (slot in p.needs) << i
    for active in range(1, 1 << len(p.inputs)):
        if active & differentiable == active:
            scope[f"pullback_{active}"] = p.pullback(active)
    function = compile_source(p.name, record_source(p), scope)
    function.__module__ = p.module
    return function


# ---- pullback -----------------------------------------------------------------------------------------------------


def pullback_source(p: Primitive, active: int, comments: bool = True) -> str:
    """The source of the function that runs backward when `active` inputs want a cotangent."""
    return sequence_pullback_source(p, comments) if p.sequence else fixed_pullback_source(p, active, comments)


def comment(p: Primitive, x: str, comments: bool) -> str:
    return f"  # {' '.join(rule_text(p.rules[x]).split())}" if comments else ""


def unpack_source(p: Primitive, names: tuple[str, ...]) -> list[str]:
    lines = [f"    {tuple_source(names)[1:-1]} = saved"] if names else []
    return lines + ([f"    {tuple_source(p.params)[1:-1]} = node.params"] if p.params else [])


SIMPLE = ("g", "-g", "g * {x}", "g / {x}")
"""Rules that are written into the generated code as they are: to call them would take as long as to compute them, for few numbers."""


def written_out(rule: Rule | None) -> str:
    """The formula of a simple rule, like 'g * b'; of others ''."""
    if rule is not None and rule.__defaults__ is None:
        names = rule.__code__.co_varnames
        for formula in SIMPLE if len(names) in (1, 2) and names[0] == "g" else ():
            text = formula.format(x=names[-1])
            same = eval(f"lambda {', '.join(names)}: {text}").__code__
            if same.co_code == rule.__code__.co_code and same.co_consts == rule.__code__.co_consts:
                return text
    return ""


def has_the_type_of_result(p: Primitive, formula: str) -> bool:
    """Does a simple rule give a cotangent with the shape and dtype that g has, those of the result? Then the nodes alone tell whether it
    fits. The operands of arithmetic are broadcast and promoted to the type of its result, so that it takes them in."""
    return formula in ("g", "-g") or (formula != "" and (formula[4:] == "y" or (p.operator is not None and p.operator in "+-*/")))


def fixed_pullback_source(p: Primitive, active: int, comments: bool) -> str:
    slots = [x for i, x in enumerate(p.inputs) if active >> i & 1 and x in p.needs]
    fit = "unbroadcast" if p.broadcasts else "fit"
    lines = [f"def {p.name}_to_{'_'.join(slots)}(node, g, saved, cotangents, owned):",
             f"    {tuple_source([f'{x}_node' for x in p.inputs])[1:-1]} = node.inputs", *unpack_source(p, p.keeps)]
    for x in slots:
        arguments = ", ".join(f"{x}_node.shape" if n == f"{x}_shape" else n for n in p.needs[x])
        formula = written_out(p.rules[x])
        cotangent = formula or f"{x}_rule({arguments})"
        known = "node" if has_the_type_of_result(p, formula) else f"d{x}"
        contribute = [f"d{x} = {cotangent}{comment(p, x, comments) if cotangent != formula else ''}",
                      *([] if formula == "g" or not p.pointwise else ["if owned.invalid:", f"    d{x} = owned.mended(g, d{x})"]),
                      f"if {known}.shape != {x}_node.shape or {known}.dtype is not {x}_node.dtype:",
                      f"    d{x} = {fit}(d{x}, {x}_node, '{x}', node)",
                      f"if {x}_node in cotangents:",
                      f"    accumulate({x}_node, d{x}, cotangents, owned)",
                      "else:",
                      f"    cotangents[{x}_node] = d{x}"]
        if x in p.into:  # the first contribution is new memory, and later ones go straight into it
            names = p.into[x].__code__.co_varnames[1: p.into[x].__code__.co_argcount]
            lines += [f"    if takes_in_place({x}_node, cotangents, owned):",
                      f"        {x}_into(cotangents[{x}_node], {', '.join(names)})", "    else:"]
            contribute = ["    " + line for line in [*contribute, f"    if d{x}.__class__ is ndarray:", f"        owned.add({x}_node)"]]
        lines += ["    " + line for line in contribute]
    return "\n".join(lines)


def sequence_pullback_source(p: Primitive, comments: bool) -> str:
    xs = p.inputs[0]
    arguments = ", ".join(p.needs[xs])
    return "\n".join([
        f"def {p.name}_to_{xs}(node, g, saved, cotangents, owned):", *unpack_source(p, p.keeps),
        "    for slot, x_node in enumerate(node.inputs):",
        "        if x_node is None:",
        "            continue",
        f"        dx = rule({arguments}){comment(p, xs, comments)}",
        "        if dx.shape != x_node.shape or dx.dtype is not x_node.dtype:",
        f"            dx = {'unbroadcast' if p.broadcasts else 'fit'}(dx, x_node, f'{xs}[{{slot}}]', node)",
        "        if x_node in cotangents:",
        "            accumulate(x_node, dx, cotangents, owned)",
        "        else:",
        "            cotangents[x_node] = dx"])


def compile_pullback(p: Primitive, active: int) -> Callable[..., None]:
    from autograd.contributions import accumulate, fit, takes_in_place, unbroadcast

    source = pullback_source(p, active, comments=False)
    scope = {"ndarray": np.ndarray, "accumulate": accumulate, "fit": fit, "unbroadcast": unbroadcast, "takes_in_place": takes_in_place,
             "rule": p.rules[p.inputs[0]], **{f"{x}_rule": p.rules[x] for x in p.needs},
             **{f"{x}_into": p.into[x] for x in p.into}}
    return compile_source(source[4: source.index("(")], source, scope)
