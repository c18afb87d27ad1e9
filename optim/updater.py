"""How does an optimiser take a step in little time?

A `Part` takes the step of a group: it changes one parameter after the other, as `update` would, and with the same bits; but without most
of the Python in between. `Optimizer.step` goes through it, and so does a compiled program, which is told the gradients (`updater`). A
formula that can be written down (`formulas.py`) is one function call for each parameter; long arrays go through it some elements at a
time, each while it is in the cache, or as wholes where kernels go over them. What cannot be written down, and a first step, which makes
the state, go through `Optimizer.follow`.

Read next: `sgd.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.kernels import active, updates
from autograd.tensor import Tensor
from autograd.writing import held_elsewhere
from optim.formulas import Formula, written_down
from optim.state import LONG_PIECE

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

    given = iter(parameters)
    parts = [(i, [next(given) for _ in range(count)], Part(optimizer)) for i, count in enumerate(counts) if count]

    def update(*gradients: Any) -> None:
        rest = iter(gradients)
        for i, ours, part in parts:
            part.step(plain(optimizer.param_groups[i]), zip(ours, rest))

    return update


class Part:
    """A group of parameters, each updated by the formula, if that can be."""

    def __init__(self, optimizer: Optimizer) -> None:
        self.optimizer, self.written = optimizer, Written(optimizer)
        self.members: dict[Tensor, Member] = {}

    def step(self, settings: dict[str, Any], pairs: Iterable[tuple[Tensor, Any]]) -> None:
        """The step of some of them, each with its gradient."""
        written, states, members = self.written, self.optimizer.state, self.members
        written.t = -1
        for p, g in pairs:
            state, member = states.get(p), members.get(p)
            if member is None:
                member = members[p] = Member(p, self.optimizer)
            if state is None or not written.known(settings, state) or not member.change(g, state, written):
                self.optimizer.follow(p, g, settings)


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
    """A parameter that is updated by a formula. Scratch memory is the optimiser's, for a block if the parameter has more elements."""

    def __init__(self, p: Tensor, optimizer: Optimizer) -> None:
        self.p, self.optimizer = p, optimizer
        self.fit()

    def fit(self) -> None:
        """Take the shape and dtype that the parameter has now."""
        self.shape, self.dtype = self.p.shape, self.p.dtype
        self.large, self.long = self.p.size > BLOCK, False
        self.plain = self.p.ndim > 0 and self.p.dtype.kind == "f"
        self.formula: Formula | None = None
        self.scratch: list[Any] = []

    def prepare(self, formula: Any, array: Any) -> None:
        """Find scratch memory."""
        like = array.reshape(-1)[:BLOCK] if self.large and not self.long else array
        self.formula = formula
        self.scratch = [self.optimizer.scratch(like, name.removesuffix("scratch").removesuffix("_")) for name in formula.scratch]

    def change(self, g: Any, state: Any, written: Written) -> bool:
        """Update the parameter by the formula, if that can be: if nobody else sees its array, and no kernel does it better."""
        formula: Any = written.formula
        remembered, p = [state.get(name) for name in formula.remembered], self.p
        if p._array.__class__ is not np.ndarray or held_elsewhere(p) or (remembered and any(map(is_none, remembered))):
            return False
        array = p._array
        if array.shape != self.shape or array.dtype != self.dtype:
            self.fit()
        if not self.plain:
            return False
        long = array.size >= active.SUMMED and updates(array, formula.sums)
        if (long or self.large) and not self.whole(long, array, g, *remembered):
            return False
        if formula is not self.formula or long is not self.long:
            self.long = long
            self.prepare(formula, array)
        if long:
            formula.long(array, g, *remembered, *self.scratch, *written.numbers)  # type: ignore[misc]
        elif self.large:
            self.blocks(array, g, remembered, written.of(array.dtype))
        else:
            formula.change(array, g, *remembered, *self.scratch, *written.of(array.dtype))
        if written.counted:
            state["step"] = written.t
        return True

    def whole(self, long: bool, *arrays: Any) -> bool:
        """Are pieces of the memory pieces of all arrays? And if kernels will change them, are they taken as wholes?"""
        if long and not (self.optimizer.by_kernels and arrays[0].size <= LONG_PIECE):
            return False
        return all(a.flags.c_contiguous for a in arrays)

    def blocks(self, array: Any, g: Any, remembered: list[Any], numbers: Any) -> None:
        """One piece after the other, each while it is in the cache."""
        change, scratch = self.formula.change, self.scratch  # type: ignore[union-attr]
        flat = [a.reshape(-1) for a in (array, g, *remembered)]
        for i in range(0, array.size, BLOCK):
            part = [a[i:i + BLOCK] for a in flat]
            change(*part, *(s[:part[0].size] for s in scratch), *numbers)


def is_none(x: Any) -> bool:
    return x is None
