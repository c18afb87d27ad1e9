"""How does a compiled program take the step of an optimiser?

`optimizer.updater(...)` makes a function of the gradients alone. It asks for the settings of each group and changes one parameter after
the other, as `step` does, and with the same bits; but without most of the Python in between. A formula that can be written down
(`formulas.py`) is one function call for each parameter; long arrays go through it some elements at a time, each while it is in the cache.
What cannot be written down, what a kernel does in one pass, and a first step, which makes the state, go through `Optimizer.follow`.

Read next: `sgd.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.kernels import active, updates
from autograd.tensor import Tensor
from autograd.writing import held_elsewhere
from optim.formulas import Formula, written_down

if TYPE_CHECKING:
    from optim.optimizer import Optimizer

BLOCK = 1 << 16
"""So many elements are changed at a time."""

def updater(optimizer: Optimizer, counts: Sequence[int], parameters: Sequence[Tensor]) -> Callable[..., None]:
    """A function that takes the step of some parameters, given their gradients in the same order.

    counts:      how many of them belong to each group
    parameters:  the parameters that have a gradient
    """
    from optim.optimizer import plain

    given, memory = iter(parameters), dict[Any, Any]()
    parts = [(i, [Member(next(given), memory) for _ in range(count)], Written(optimizer)) for i, count in enumerate(counts) if count]

    def update(*gradients: Any) -> None:
        rest = iter(gradients)
        for i, members, written in parts:
            settings = plain(optimizer.param_groups[i])
            written.t = -1
            for member, g in zip(members, rest):
                state = optimizer.state.get(member.p)
                if state is None or not written.known(settings, state) or not member.change(g, state, written):
                    optimizer.follow(member.p, g, settings)

    return update


class Written:
    """The formula of a group, and its numbers in this step."""

    def __init__(self, optimizer: Any) -> None:
        self.optimizer, self.counted = optimizer, optimizer.counted
        self.formula: Formula | None = None
        self.possible, self.t = True, -1
        self.numbers: tuple[Any, ...] | None = None
        self.arrays: dict[Any, list[Any]] = {}

    def known(self, settings: dict[str, Any], state: Any) -> bool:
        t = int(state.get("step", 0)) + 1 if self.counted else 0
        if t != self.t:
            self.t, self.numbers, self.arrays = t, None, {}
            if self.formula is not None:
                self.numbers = self.formula.numbers(settings, t)
            if self.numbers is None and self.possible:
                self.formula = written_down(self.optimizer, settings, t)
                self.numbers = self.formula.numbers(settings, t) if self.formula is not None else None
                self.possible = self.formula is not None
        return self.numbers is not None

    def of(self, dtype: Any) -> list[Any]:
        """The numbers as arrays of a dtype, which a ufunc takes faster."""
        if dtype not in self.arrays:
            self.arrays[dtype] = [np.array(number, dtype) for number in self.numbers or ()]
        return self.arrays[dtype]


class Member:
    """A parameter that is updated by a formula.

    memory:  the scratch memory of all of them, by name and dtype
    """

    def __init__(self, p: Tensor, memory: dict[Any, Any]) -> None:
        self.p, self.memory = p, memory
        self.large = p.size > BLOCK
        self.plain = isinstance(p._array, np.ndarray) and p.ndim > 0 and p.dtype.kind == "f"
        self.formula: Formula | None = None
        self.scratch: list[Any] = []

    def scratched(self, name: str) -> Any:
        """A piece of the scratch memory: in the shape of the parameter, or of a block."""
        key = name, self.p.dtype
        if key not in self.memory:
            self.memory[key] = np.empty(BLOCK, self.p.dtype)
        return self.memory[key] if self.large else self.memory[key][:self.p.size].reshape(self.p.shape)

    def change(self, g: Any, state: Any, written: Written) -> bool:
        """Update the parameter by the formula, if that can be: if nobody else sees its array, and no kernel does it better."""
        formula, p = written.formula, self.p
        if formula is not self.formula:
            self.formula, self.scratch = formula, [self.scratched(name) for name in formula.scratch]  # type: ignore[union-attr]
        remembered = [state.get(name) for name in formula.remembered]  # type: ignore[union-attr]
        if not self.plain or (remembered and any(map(is_none, remembered))) or p._array.__class__ is not np.ndarray or held_elsewhere(p):
            return False
        array = p._array
        if array.size >= active.SUMMED and self.left_to_others(array, g, *remembered):
            return False
        if self.large:
            self.blocks(array, g, remembered, written.of(array.dtype))
        else:
            formula.change(array, g, *remembered, *self.scratch, *written.of(array.dtype))  # type: ignore[union-attr]
        if written.counted:
            state["step"] = written.t
        return True

    def left_to_others(self, array: Any, *others: Any) -> bool:
        """Does a kernel compute it in one pass? Are pieces of the memory not pieces of all arrays?"""
        if updates(array, self.formula.sums):  # type: ignore[union-attr]
            return True
        return self.large and not (array.flags.c_contiguous and all(a.flags.c_contiguous for a in others))

    def blocks(self, array: Any, g: Any, remembered: list[Any], numbers: Any) -> None:
        """One piece after the other, each while it is in the cache."""
        change, scratch = self.formula.change, self.scratch  # type: ignore[union-attr]
        flat = [a.reshape(-1) for a in (array, g, *remembered)]
        for i in range(0, array.size, BLOCK):
            part = [a[i:i + BLOCK] for a in flat]
            change(*part, *(s[:part[0].size] for s in scratch), *numbers)


def is_none(x: Any) -> bool:
    return x is None
