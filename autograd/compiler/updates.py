"""How does an optimiser step inside of a compiled program?

If it is one of `optim`'s, the step is one line of the program, which is told the gradients:

    sgd35(v46, v40, v32)

The optimiser's own `updater` (`optim/updater.py`) changes one parameter after the other, by the settings that its groups have now: so the
learning rate of a schedule counts, the state is the optimiser's, and every bit is that of an eager step. Only the gradients need not
stand in `p.grad`: one that nobody looks at afterwards is an intermediate result, in memory that is kept.

Those that do more (LBFGS, a formula of your own, steps that are skipped) are called as they are, like every other `Effect`.

Read next: `source.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import is_
from types import MethodType
from typing import Any

from autograd.tensor import Tensor


class Update:
    """The step of an optimiser, given the gradients.

    optimizer:  the optimiser
    parameters: those that have a gradient, in order
    """

    def __init__(self, optimizer: Any, parameters: list[Tensor]) -> None:
        self.optimizer, self.parameters = optimizer, parameters
        self.groups = [list(group["params"]) for group in optimizer.param_groups]
        updated = set(map(id, parameters))
        self.counts = [sum(id(p) in updated for p in params) for params in self.groups]

    @property
    def name(self) -> str:
        return str(self.optimizer.name).lower()

    def holds(self) -> bool:
        """Has the optimiser the parameters that it had, and is it one that we can follow?"""
        groups = self.optimizer.param_groups
        return len(groups) == len(self.groups) and by_formula(self.optimizer.step) and all(
            len(group["params"]) == len(params) and all(map(is_, group["params"], params)) for group, params in zip(groups, self.groups))

    def runner(self) -> Callable[..., None]:
        """The function that a program calls with the gradients."""
        return self.optimizer.updater(self.counts, self.parameters)  # type: ignore[no-any-return]


def by_formula(call: Any) -> bool:
    """Is this the `step` of an optimiser that is known to do nothing but change each parameter by its gradient?"""
    if not isinstance(call, MethodType):
        return False
    optimizer: Any = call.__self__
    kind = type(optimizer)
    return (kind.__module__.startswith("optim.") and call.__func__.__qualname__ == "Optimizer.step" and not optimizer.skip_nonfinite
            and call.__func__.__module__ == "optim.optimizer")
