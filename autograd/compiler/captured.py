"""What does a captured call consist of?

Steps, as every program does, and what it does to the world outside, which is one of three things:

* it reads the value of a Tensor that existed before: a weight, a running mean (`Read`);
* it gives a Tensor, or the `.grad` of a leaf, another value (`Write`);
* it calls something that works on arrays directly, as a clipping of gradients does (`Effect`).

Read next: `capture.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd.compiler.updates import Update
from autograd.node import Leaf, Node
from autograd.program import Step
from autograd.tensor import Tensor


class Operation:
    """An operation that only compiled programs have: none of `ops`, and on no tape."""

    sequence, operator, definition = False, None, None
    residuals: Any = ()
    params: Any = ()
    inputs: Any = ()
    keeps: Any = ()
    defaults: Any = {}


class Several(Operation):
    """Steps that run as one.

    parts:              the steps, in order
    operands, results:  the places of what it is given and gives; the place of what no part computes is None
    constants:          the other operands of its parts, by place
    """

    def __init__(self, parts: Sequence[Step], operands: Sequence[int], results: Sequence[int | None], constants: dict[int, Any]) -> None:
        self.parts, self.operands, self.results, self.constants = tuple(parts), tuple(operands), tuple(results), constants

    def by_parts(self, *arrays: Any) -> Any:
        """The readable twin: the steps as they stood, on whole arrays."""
        values: Any = {**self.constants, **dict(zip(self.operands, arrays))}
        for part in self.parts:
            part.runner()(values)
        found = tuple([None if place is None else values[place] for place in self.results])
        return found if len(found) > 1 else found[0]


class Read(NamedTuple):
    """The value of a Tensor, or of the gradient of a leaf, goes to a place. After the effect number `after` (0: at the start)."""

    place: int
    owner: Any
    gradient: bool
    after: int


class Write(NamedTuple):
    """A Tensor, or the gradient of a leaf, gets the value at a place (None: no gradient). Is a gradient added to the one that is there?"""

    owner: Any
    gradient: bool
    place: int | None
    added: bool = False


class Effect(NamedTuple):
    """Something is called that reads and writes Tensors itself, once the writes before it are done. (An `Update` is given the gradients
    instead: its writes say whose gradient is where.)"""

    call: Any
    writes: tuple[Write, ...]
    result: int | None = None


class Before(NamedTuple):
    """What a Tensor was before f was called."""

    tensor: Tensor
    array: Any
    node: Node | None
    grad: Tensor | None


class Captured(NamedTuple):
    """What a call consists of.

    items:      Steps, Reads and Effects, in order
    inputs:     the places of the arguments
    outputs:    the places of the results, with their Structure
    constants:  the values at the places that nobody computes
    values:     the value that each place had in the captured call; of a large one only the shape, dtype and layout
    roots:      for each place, the first one with the same memory
    writes:     what the world gets at the end
    checks:     Tensors whose value Python looked at, with the value seen
    used:       the Tensors that were read or written, as they were; and those that share memory with one of them
    asked:      the leaves of which it matters whether they had a gradient
    draws:      the generators that were drawn from
    modules:    the modules that were called
    quiet:      of which floating-point errors f said that they are to be ignored (np.errstate)
    updates:    the steps of optimisers that are told the gradients
    """

    items: list[Any]
    inputs: list[int]
    outputs: list[int]
    form: Any
    constants: dict[int, Any]
    values: list[Any]
    roots: list[int]
    writes: list[Write]
    checks: list[tuple[Tensor, Any]]
    used: list[Before]
    asked: set[Leaf]
    draws: list[np.random.Generator]
    modules: list[Any]
    quiet: tuple[str, ...] = ()
    updates: tuple[Update, ...] = ()


LARGE = 1 << 14
"""From so many bytes on, an array is not kept while a function is captured, and its memory is worth asking for again later."""


def hollow(array: Any) -> Any:
    """An array of the same shape, dtype and layout, without its memory."""
    if not isinstance(array, np.ndarray) or not array.ndim:
        return array
    return np.lib.stride_tricks.as_strided(np.empty(1, array.dtype), array.shape, array.strides, writeable=False)


def anew(array: Any) -> Any:
    """The same value, as another object."""
    return array.view() if isinstance(array, np.ndarray) and array.ndim else np.array(array)[()]
