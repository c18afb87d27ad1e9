"""When may a compiled program run again?

If nothing that Python decided by has changed since it was captured. A program holds for the shapes and dtypes of the arguments (that is
its key), and as long as its guards do:

* what f names is what it was, and so is what that names in turn: variables, attributes, lists, modules with all their settings
  (`surroundings.py`);
* the Tensors that are read or written are the leaves, or the constants, that they were, in the same layout, with the same hooks, and have
  a gradient where they had one;
* a Tensor whose value Python looked at has the same value.

Else the function is captured anew.

Read next: nothing; this is the last file of the compiler.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.compiler.buffers import planned
from autograd.compiler.captured import Captured, Effect, Read, hollow
from autograd.compiler.chains import chained
from autograd.compiler.fusion import fused
from autograd.compiler.simplify import simplified
from autograd.compiler.source import written
from autograd.compiler.surroundings import Surroundings
from autograd.listing import Listing
from autograd.program import Step


class Told:
    """Did NumPy meet an invalid value while the program ran?

    begun:  has the program changed anything yet? Until then the call may be done again
    outer:  what the caller wants done about it, and the function that he wants called
    """

    def __init__(self) -> None:
        self.noted = self.begun = False
        self.outer: tuple[Any, Any] = "warn", None

    def note(self, kind: str, flag: int) -> None:
        self.noted = True


class CompiledProgram:
    """One captured call, ready to run.

    source:   what runs
    bytes:    of the buffers that are kept from call to call
    """

    def __init__(self, captured: Captured, around: Surroundings, kinds: list[bool]) -> None:
        self.whole = len([item for item in captured.items if isinstance(item, Step)])
        captured = chained(fused(simplified(captured)))
        self.plan = planned(captured)
        self.invalid = Told()
        self.source, self.run, self.arrays = written(captured, self.plan, self.invalid)
        self.captured = captured._replace(values=[hollow(value) for value in captured.values])
        self.items, self.form, self.kinds = captured.items, captured.form, kinds
        self.itself: list[tuple[int, Any]] = []  # the results that are Tensors from outside, and where they stand
        self.draws, self.checks = captured.draws, captured.checks
        self.effects = any(isinstance(item, Effect) for item in captured.items)
        self.quiet = dict.fromkeys(captured.quiet, "ignore")
        self.around = around
        around.settle()
        self.used = [(b.tensor, b.node, b.array.dtype, b.array.shape, b.array.strides) for b in captured.used]
        self.hooked = [(b.node, hooks(b.node)) for b in captured.used if b.node is not None]
        self.asked = [(b.node, b.grad is None) for b in captured.used if b.node in captured.asked]
        shared: dict[int, Any] = {}
        self.twins = [(shared[id(b.array)], b.tensor) for b in captured.used if shared.setdefault(id(b.array), b.tensor) is not b.tensor]

    def holds(self) -> bool:
        """Is everything as it was captured?"""
        for tensor, node, dtype, shape, strides in self.used:
            array = tensor._array
            if tensor.node is not node or array.dtype is not dtype or array.shape != shape or array.strides != strides:
                return False
        for leaf, none in self.asked:
            if (leaf.grad is None) is not none:  # type: ignore[union-attr]
                return False
        for node, before in self.hooked:
            if (node.extra is not None or before) and hooks(node) != before:
                return False
        if not self.around.holds():
            return False
        for update in self.captured.updates:
            if not update.holds():
                return False
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


def hooks(node: Any) -> tuple[int, ...]:
    """The hooks on the gradient of a leaf, by number."""
    return () if node.extra is None else tuple(node.extra.hooks)
