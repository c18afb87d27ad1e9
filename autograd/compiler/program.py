"""When may a compiled program run again?

If nothing that Python decided by has changed since it was captured. A program holds for the shapes and dtypes of the arguments (that is
its key), and as long as its guards do:

* the modules that were called have the settings they had (`training`, `p`, ...): asked only after some setting of some module changed;
* the Tensors that are read or written are the leaves, or the constants, that they were, and have a gradient where they had one;
* what f names, in its closure and among the globals, is what it was;
* a Tensor whose value Python looked at has the same value.

Else the function is captured anew. (What Python decides by otherwise, like the contents of a list, is not seen: pass it as an argument.)

Read next: nothing; this is the last file of the compiler.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autograd.compiler.buffers import planned
from autograd.compiler.capture import Captured, Effect, Read
from autograd.compiler.simplify import simplified
from autograd.compiler.source import written
from autograd.invalid import Owned
from autograd.listing import Listing
from autograd.node import SETTINGS
from autograd.program import Step

SIMPLE = (bool, int, float, str, type(None))


class CompiledProgram:
    """One captured call, ready to run.

    source:   what runs
    bytes:    of the buffers that are kept from call to call
    """

    def __init__(self, captured: Captured, names: Callable[[], tuple[Any, ...]], kinds: list[bool]) -> None:
        self.whole = len([item for item in captured.items if isinstance(item, Step)])
        captured = simplified(captured)
        self.plan = planned(captured)
        self.invalid = Owned()
        self.source, self.run, self.arrays = written(captured, self.plan, self.invalid)
        self.captured = captured._replace(values=[hollow(value) for value in captured.values])
        self.items, self.form, self.kinds = captured.items, captured.form, kinds
        self.draws, self.checks = captured.draws, captured.checks
        self.names, self.named = names, names()
        self.modules, self.settings, self.edits = captured.modules, settings(captured.modules), SETTINGS[0]
        self.used = [(b.tensor, b.node) for b in captured.used]
        self.asked = [(b.node, b.grad is None) for b in captured.used if b.node in captured.asked]
        shared: dict[int, Any] = {}
        self.twins = [(shared[id(b.array)], b.tensor) for b in captured.used if shared.setdefault(id(b.array), b.tensor) is not b.tensor]

    def holds(self) -> bool:
        """Is everything as it was captured?"""
        for tensor, node in self.used:
            if tensor.node is not node:
                return False
        for leaf, none in self.asked:
            if (leaf.grad is None) is not none:  # type: ignore[union-attr]
                return False
        if any(a is not b for a, b in zip(self.names(), self.named)):
            return False
        if self.edits != SETTINGS[0]:
            if settings(self.modules) != self.settings:
                return False
            self.edits = SETTINGS[0]
        return (all(a._array is b._array for a, b in self.twins)
                and all(np.array_equal(tensor._array, value) for tensor, value in self.checks))

    def steps(self, name: str) -> Listing:
        """What it consists of, to print and to draw."""
        from autograd.compiler.steps import Steps

        return Steps(name, self.captured, self.plan)

    @property
    def bytes(self) -> int:
        return sum(array.nbytes for array in self.arrays)

    def __repr__(self) -> str:
        steps = [item for item in self.items if isinstance(item, Step)]
        reads, effects = (sum(isinstance(item, kind) for item in self.items) for kind in (Read, Effect))
        return (f"{len(steps)} ops of {self.whole}, {len(self.arrays)} buffers of {self.bytes} bytes for {len(self.plan.of)} results, "
                f"{reads} reads, {effects} effects")


def hollow(value: Any) -> Any:
    """An array of the same shape and dtype, without its memory."""
    return np.broadcast_to(np.zeros((), value.dtype), value.shape) if isinstance(value, np.ndarray) and value.ndim else value


def settings(modules: list[Any]) -> tuple[Any, ...]:
    """What modules can decide by: their numbers, flags and words."""
    return tuple(tuple((name, value) for name, value in vars(module).items() if type(value) in SIMPLE) for module in modules)


def names_of(f: Callable[..., Any]) -> Callable[[], tuple[Any, ...]]:
    """A function that says what f names now, in its closure and among the globals."""
    code, scope = getattr(f, "__code__", None), getattr(f, "__globals__", {})
    cells = getattr(f, "__closure__", None) or ()
    if code is None:
        return tuple
    globals_ = [name for name in code.co_names if name in scope]

    def names() -> tuple[Any, ...]:
        return (*(cell.cell_contents for cell in filled(cells)), *(scope.get(name) for name in globals_))

    return names


def filled(cells: Any) -> Iterator[Any]:
    for cell in cells:
        try:
            cell.cell_contents  # noqa: B018 - an empty cell raises
        except ValueError:
            continue
        yield cell
