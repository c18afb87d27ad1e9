"""How is a function of oneDNN called?

oneDNN first plans and then computes. A plan (a "primitive") is made for exact shapes, strides and options, and takes a
millisecond, because it writes machine code; to run it takes ten microseconds. So plans are kept, the last `KEPT` of them.

`Plan` is one: it takes NumPy arrays in the order in which they were described, checks nothing, and returns when all is computed.
oneDNN may prefer a layout of its own for some operand, such as weights; then the operand is reordered on the way in, or the
result on the way out, every time: nothing is remembered of an array's values.

Threads may run the same plan at once: each run takes its own memory objects from a list, and its own working memory.

Read next: `convolution.py`.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.kernels.address import address
from autograd.kernels.onednn.library import HANDLE, Library, Refused

KEPT = 1024
"""How many plans are kept: a ResNet-152 with its gradients needs 600."""

FLOAT = 3
"""dnnl_f32"""

# How the operands of a function are numbered.
SRC, SECOND, DST, WEIGHTS, BIAS, MEAN, VARIANCE, SCALE, SHIFT, WORKSPACE, SCRATCHPAD = 1, 2, 17, 33, 41, 49, 50, 51, 52, 64, 80
DIFF_SRC, DIFF_DST, DIFF_WEIGHTS, DIFF_SCALE, DIFF_SHIFT = 129, 145, 161, 255, 256

# What a description can be asked for: the layout of an operand.
QUERIES = {SRC: 129, DIFF_SRC: 130, WEIGHTS: 131, DIFF_WEIGHTS: 132, DST: 133, DIFF_DST: 134, WORKSPACE: 135, SCRATCHPAD: 136}

FORWARD_TRAINING, FORWARD_INFERENCE, BACKWARD, BACKWARD_DATA = 64, 96, 128, 160


class Argument(ctypes.Structure):
    """dnnl_exec_arg_t: which operand, and its memory."""

    _fields_ = [("number", ctypes.c_int), ("memory", HANDLE)]


def integers(values: Sequence[int]) -> Any:
    return (ctypes.c_int64 * len(values))(*values)


class Owned:
    """A handle of oneDNN's, destroyed when nothing refers to it any more."""

    def __init__(self, library: Library, kind: str, handle: Any) -> None:
        self.handle = handle
        self.destroy: Callable[[Any], int] = getattr(library, f"{kind}_destroy")

    def __del__(self) -> None:
        self.destroy(self.handle)


def layout(library: Library, shape: Sequence[int], strides: Sequence[int] | None) -> Any:
    """The shape and strides (in elements) of float32 numbers; strides None lets oneDNN choose."""
    if strides is None:
        handle = library.made("memory_desc_create_with_tag", len(shape), integers(shape), FLOAT, 1)
    else:
        handle = library.made("memory_desc_create_with_strides", len(shape), integers(shape), FLOAT, integers(strides))
    return Owned(library, "memory_desc", handle)


def description(library: Library, function: str, *arguments: Any, after: Sequence[tuple[int, Any]] = ()) -> Any:
    """What is to be computed, before it is planned. Layouts among the arguments may be None: there is no such operand.

    after:  what else happens to each number of the result before it is written: (ADD or MULTIPLY, the layout of another operand), or
            (RELU or SQUARE, None), or (SUM, None)
    """
    handles = [a.handle if isinstance(a, Owned) else a for a in arguments]
    engine = () if function == "reorder" else (library.engine,)
    owner = followed(library, after) if after else None
    attributes = library.attributes if owner is None else owner.handle
    return Owned(library, "primitive_desc", library.made(f"{function}_primitive_desc_create", *engine, *handles, attributes))


ADD, MULTIPLY, SUBTRACT = 0x1FFF0, 0x1FFF1, 0x1FFF5
"""dnnl_binary_add, dnnl_binary_mul, dnnl_binary_sub"""

SQUARE = 0x23
"""dnnl_eltwise_square"""

RELU = 0x34
"""dnnl_eltwise_hardswish, x min(max(a x, 0), 1): for the largest a that is x, or 0. It keeps NaN, of which dnnl_eltwise_relu makes 0."""

LINEAR = 0x26
"""dnnl_eltwise_linear, a x + b"""

SUM = 0
"""What was there is added. (Not a number of oneDNN's: it has a function of its own.)"""

STEEP = float(np.finfo(np.float32).max)


def followed(library: Library, after: Sequence[tuple[int, Any]]) -> Owned:
    """The attributes that say what happens after a computation."""
    operations = Owned(library, "post_ops", library.made("post_ops_create"))
    for what, other in after:
        if what == RELU:
            library.call("post_ops_append_eltwise", operations.handle, what, STEEP, 0.0)
            library.call("post_ops_append_eltwise", operations.handle, LINEAR, 1.0, 0.0)  # plus 0: of -0 it makes 0
        elif what == SUM:
            library.call("post_ops_append_sum", operations.handle, 1.0, 0, 0)
        elif other is None:
            library.call("post_ops_append_eltwise", operations.handle, what, 0.0, 0.0)
        else:
            library.call("post_ops_append_binary", operations.handle, what, other.handle)
    attributes = Owned(library, "primitive_attr", library.made("primitive_attr_create"))
    library.call("primitive_attr_set_scratchpad_mode", attributes.handle, 1)
    library.call("primitive_attr_set_post_ops", attributes.handle, operations.handle)
    return attributes


def operand_after(i: int) -> int:
    """The number of the other operand of the i-th thing that happens after."""
    return (i + 1) << 15 | SECOND


class Scratch(threading.local):
    """A thread's working memory, which grows as needed, and its stream, where functions are run one after the other."""

    def __init__(self) -> None:
        self.buffers: dict[str, tuple[int, int, Any]] = {}
        self.stream: Any = None

    def address(self, use: str, size: int) -> int:
        """Where `size` bytes are free for this use until the next request."""
        known = self.buffers.get(use)
        if known is None or known[1] < size:
            buffer = np.empty(size + 64, np.uint8)
            start = address(buffer)
            known = self.buffers[use] = (start + -start % 64, size, buffer)
        return known[0]


SCRATCH = Scratch()


def stream(library: Library) -> Any:
    """The stream of this thread."""
    if SCRATCH.stream is None:
        SCRATCH.stream = Owned(library, "stream", library.made("stream_create", library.engine, 1))
    return SCRATCH.stream.handle


class Plan:
    """A function of oneDNN, ready to run on arrays of the shapes and strides it was made for.

    library, described:  what to compute
    operands:            the number of each argument and its layout, in the order in which their addresses will be given
    """

    def __init__(self, library: Library, described: Owned, operands: Sequence[tuple[int, Any]]) -> None:
        self.library = library
        self.primitive = Owned(library, "primitive", library.made("primitive_create", described.handle))
        scratch = library.query_md(described.handle, QUERIES[SCRATCHPAD], 0)
        self.scratch = int(library.memory_desc_get_size(scratch)) if scratch else 0
        operands = [*operands, *([(SCRATCHPAD, scratch)] if self.scratch else [])]
        self.numbers = [number for number, _ in operands]
        memories = [self.memory(chosen.handle if isinstance(chosen, Owned) else chosen) for _, chosen in operands]
        self.first = memories
        self.free = [self.arguments(memories)]
        self.execute: Any = library.primitive_execute
        self.place: Any = library.memory_set_data_handle

    def memory(self, chosen: Any) -> Owned:
        return Owned(self.library, "memory", self.library.made("memory_create", chosen, self.library.engine, None))

    def arguments(self, memories: list[Owned]) -> tuple[Any, list[Any], list[Owned]]:
        """What one run needs: the arguments, the handles of their memories, and the owners of these."""
        given = (Argument * len(memories))(*[Argument(n, m.handle) for n, m in zip(self.numbers, memories)])
        return given, [m.handle for m in memories], memories

    def more_arguments(self) -> tuple[Any, list[Any], list[Owned]]:
        """The same for a second thread."""
        layouts = [self.library.made_from("memory_get_memory_desc", m.handle) for m in self.first]
        return self.arguments([self.memory(chosen) for chosen in layouts])

    def __call__(self, *addresses: int) -> None:
        """Compute, with operands at these addresses."""
        try:
            mine = self.free.pop()
        except IndexError:  # all are in use, by other threads
            mine = self.more_arguments()
        arguments, memories, _ = mine
        if self.scratch:
            addresses = (*addresses, SCRATCH.address("scratch", self.scratch))
        place = self.place
        for memory, where in zip(memories, addresses):
            place(memory, where)
        status = self.execute(self.primitive.handle, stream(self.library), len(memories), arguments)
        self.free.append(mine)
        if status:
            raise Refused(f"oneDNN {self.library.version} ({self.library.path}): status {status} when a function was run")


class Call:
    """A plan, and the memory objects that one place in a compiled program calls it with: one thread at a time may run it."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.library = plan, plan.library
        self.arguments, self.memories, self.owners = plan.more_arguments()
        self.place: Any = plan.library.memory_set_data_handle
        self.execute: Any = plan.library.primitive_execute
        self.handle, self.count, self.scratch = plan.primitive.handle, len(self.memories), plan.scratch
        self.placed: tuple[int, ...] = ()  # a program's arrays often stand where they stood in its last call

    def __call__(self, *addresses: int) -> None:
        """Compute, with operands at these addresses."""
        if self.scratch:
            addresses = (*addresses, SCRATCH.address("scratch", self.scratch))
        if addresses != self.placed:
            for _ in map(self.place, self.memories, addresses):
                pass
            self.placed = addresses
        status = self.execute(self.handle, stream(self.library), self.count, self.arguments)
        if status:
            raise Refused(f"oneDNN {self.library.version} ({self.library.path}): status {status} when a function was run")


class Weights:
    """An operand whose layout oneDNN chooses: reordered in working memory on the way in (or, a result, on the way out).

    plain:   its layout as we know it
    chosen:  the layout that the description asks for
    """

    def __init__(self, library: Library, plain: Owned, chosen: Any, inward: bool) -> None:
        self.size = int(library.memory_desc_get_size(chosen))
        self.plan: Plan | None = None
        if not library.memory_desc_equal(plain.handle, chosen):
            source, target = (plain.handle, chosen) if inward else (chosen, plain.handle)
            described = description(library, "reorder", source, library.engine, target, library.engine)
            self.plan = Plan(library, described, [(SRC, source), (DST, target)])

    def into(self, where: int) -> int:
        """Where the weights stand as oneDNN wants them."""
        if self.plan is None:
            return where
        there = SCRATCH.address("weights", self.size)
        self.plan(where, there)
        return there

    def place(self, where: int) -> int:
        """Where oneDNN may write weights that are to end up at `where`."""
        return where if self.plan is None else SCRATCH.address("weights", self.size)

    def back(self, there: int, where: int) -> None:
        """Bring them from the place they were written to."""
        if self.plan is not None:
            self.plan(there, where)


def strides_channels_last(shape: Sequence[int]) -> tuple[int, ...]:
    """The strides of (N, C, *lengths) in memory ordered (N, *lengths, C)."""
    strides, step = [1] * len(shape), shape[1]
    for i in range(len(shape) - 1, 1, -1):
        strides[i], step = step, step * shape[i]
    strides[0] = step
    return tuple(strides)
