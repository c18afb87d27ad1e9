"""How large is a model, how much work is it, and what does training it keep in memory?

    nn.summary(model, input)

calls the model once and writes one line per module: what comes out, how many parameters it has, how many multiply-adds it takes, and
how many bytes its operations keep for the backward pass. The last two are not estimated by formulas for known layers, but read
off the operations that ran, so they are right for any module.

Read next: `pretrained.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import Any, NamedTuple

from autograd import Tensor, tensor
from autograd.listing import bytes_text
from autograd.node import MODE, Mode, Node, Observer, get_mode, type_text
from autograd.random import watched
from autograd.tape import Memory
from autograd.tree import flatten, map_tree
from nn.call import Call
from nn.hooks import Handle
from nn.init import blank
from nn.module import Module


class Row(NamedTuple):
    """One module. Counts include the modules below.

    path, kind:     where it is, and its class; the path of the whole model is empty
    output:         the types of what it returned last, as text: 'f32[1,64,112,112]'
    calls:          how often it was called
    parameters:     how many numbers it trains or could train, each counted once
    trainable:      those that are not frozen
    multiply_adds:  in matrix products and convolutions, each one multiplication and one addition; other work is not counted
    kept:           bytes that its operations keep for the backward pass, beyond parameters, buffers and the inputs of the model;
                    shared memory counts where it is first kept
    """

    path: str
    kind: str
    output: str
    calls: int
    parameters: int
    trainable: int
    multiply_adds: int
    kept: int


class Summary:
    """The table; `rows` is its data, in the order of the modules, the whole model first."""

    def __init__(self, rows: list[Row]) -> None:
        self.rows = rows

    parameters = property(lambda self: self.rows[0].parameters)
    trainable = property(lambda self: self.rows[0].trainable)
    multiply_adds = property(lambda self: self.rows[0].multiply_adds)
    kept = property(lambda self: self.rows[0].kept)

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __getitem__(self, path: str) -> Row:
        """The row of one module: summary['layer1.0']."""
        for row in self.rows:
            if row.path == path:
                return row
        raise KeyError(f"there is no module at {path!r}; there are {', '.join(repr(row.path) for row in self.rows[1:9])}, ...")

    def __repr__(self) -> str:
        cells = [("module", "output", "parameters", "multiply-adds", "kept")]
        for row in self.rows:
            depth = row.path.count(".") + 1 if row.path else 0
            times = f" x{row.calls}" if row.calls > 1 else ""
            name = f"{'  ' * depth}{row.path.rpartition('.')[2]}{' ' if row.path else ''}{row.kind}{times}"
            frozen = " frozen" if row.parameters and not row.trainable else ""
            cells.append((name, row.output, f"{row.parameters:,}{frozen}" if row.parameters else "",
                          f"{row.multiply_adds:,}" if row.multiply_adds else "", bytes_text(row.kept) if row.kept else ""))
        widths = [max(map(len, column)) for column in zip(*cells)]
        lines = ["  ".join([a.ljust(w) for a, w in zip(line[:2], widths)] + [a.rjust(w) for a, w in zip(line[2:], widths[2:])]).rstrip()
                 for line in cells]
        note = f" ({self.trainable:,} of them trainable)" if self.trainable != self.parameters else ""
        foot = (f"{self.parameters:,} parameters{note}, {self.multiply_adds:,} multiply-adds, "
                f"keeps {bytes_text(self.kept)} for the backward pass")
        rule = "-" * max(*map(len, lines), len(foot))
        return "\n".join([lines[0], rule, *lines[1:], rule, foot])


def summary(model: Module, *inputs: Any, **options: Any) -> Summary:
    """A table of the modules of a model: what they return, their parameters, their multiply-adds, and what they keep.

    inputs:   what to call the model with; a tuple of integers stands for float32 zeros of that shape
    options:  keyword arguments of the call

    The model is called once, in the mode that it is in. Running statistics and random generators are left as they were.

    >>> import nn
    >>> nn.summary(nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10)), (8, 64))
    module      output     parameters  multiply-adds    kept
    --------------------------------------------------------------------------
    Sequential  f32[8,10]       2,410         18,944  1.0 kB
      0 Linear  f32[8,32]       2,080         16,384
      1 ReLU    f32[8,32]                             1.0 kB
      2 Linear  f32[8,10]         330          2,560
    --------------------------------------------------------------------------
    2,410 parameters, 18,944 multiply-adds, keeps 1.0 kB for the backward pass
    """
    if not isinstance(model, Module):
        raise TypeError(f"summary() takes a Module and what to call it with, not {type(model).__name__}")
    args: Any = [blank(*x).detach() if isinstance(x, tuple) and x and all(isinstance(n, int) for n in x) else x for x in inputs]
    args, options = map_tree(recorded, args), map_tree(recorded, options)
    watch = Watch([*model.parameters(), *model.buffers(), *(x for x in flatten([args, options])[0] if isinstance(x, Tensor))])
    handles = [Handle(module, "after", watch.returned) for module in model.modules()]
    buffers = [(buffer, tensor(buffer)) for buffer in model.buffers()]
    token = MODE.set(Mode(True, None, watch))
    try:
        with watched() as generators:
            model(*args, **options)
    finally:
        MODE.reset(token)
        for handle in handles:
            handle.remove()
        for buffer, value in buffers:
            buffer.assign(value)
        for generator, state in generators.values():
            generator.bit_generator.state = state
    rows = []
    for path, module in model.named_modules():
        parameters = list(module.parameters())
        output, calls = watch.outputs.get(id(module), ("" if any(True for _ in module.children()) else "(not called)", 0))
        rows.append(Row(path, type(module).__name__, output, calls, sum(p.size for p in parameters),
                        sum(p.size for p in parameters if p.requires_grad), *watch.work.get(id(module), (0, 0))))
    return Summary(rows)


def recorded(x: Any) -> Any:
    """Arrays as Tensors, so that what is done with them is seen."""
    return tensor(x) if hasattr(x, "__array_function__") and not isinstance(x, Tensor) else x


class Watch(Observer):
    """Watches the operations and modules of one call: a `Mode.observer`.

    work:     for each module, by its id: the multiply-adds in it and below, and the bytes kept there
    outputs:  for each module, by its id: what it returned last, and how often it was called
    """

    def __init__(self, known: list[Tensor]) -> None:
        self.work: dict[int, list[int]] = {}
        self.outputs: dict[int, tuple[str, int]] = {}
        self.nodes: list[Node] = []  # kept, so that no array's identity is given to another one meanwhile
        self.memory = Memory()
        self.memory.held(("", x) for x in known)  # only what comes on top of it counts

    def __call__(self, primitive: Any, arrays: tuple[Any, ...], nodes: Any, params: Any, results: tuple[Any, ...], result: Tensor) -> None:
        kept = self.memory.total
        if result.node is not None:
            self.memory.held(("", value) for value in result.node.saved)
            self.nodes.append(result.node)
        kept, products = self.memory.total - kept, multiply_adds(primitive.name, arrays, params, results[0])
        scope: Any = get_mode().scope
        modules = set()
        while isinstance(scope, Call):
            modules.add(id(scope.module))
            scope = scope.parent
        for module in modules:
            work = self.work.setdefault(module, [0, 0])
            work[0] += products
            work[1] += kept

    def returned(self, module: Module, args: Any, output: Any) -> None:
        types = [type_text(y.shape, y.dtype) for y in flatten(output)[0] if hasattr(y, "dtype")]
        self.outputs[id(module)] = ", ".join(types), self.outputs.get(id(module), ("", 0))[1] + 1


def multiply_adds(op: str, arrays: tuple[Any, ...], params: tuple[Any, ...], y: Any) -> int:
    """How many products an operation adds up: for each element of the result, the length of the sum.

    (A convolution's is the size of one filter. A transposed one uses each element of x with all filters of its channel.)
    """
    if op in ("matmul", "linear"):
        return prod(y.shape) * int(arrays[0].shape[-1])
    if op == "conv":
        return prod(y.shape) * prod(arrays[1].shape[1:])
    if op == "conv_transpose":
        return prod(arrays[0].shape) * prod(arrays[1].shape[1:])
    if op == "contract":
        operands = str(params[0]).split("->")[0].split(",")
        return prod({label: n for term, x in zip(operands, arrays) for label, n in zip(term, x.shape)}.values())
    return 0
