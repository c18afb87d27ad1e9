"""What is a scheduler?

A function of a count t. The first value is set when it is made; each `step()` counts on and sets the next one, in every group
of the optimiser. A subclass is that function: `get_lr()`, which returns one value per group.

    scheduler = StepLR(optimizer, step_size=30)
    for epoch in range(90):
        train(...)
        scheduler.step()

It need not be the learning rate: every scheduler takes `param=`, the name of another setting, such as "weight_decay" or
"momentum" (which is the first of the betas where there are such; "beta2" is the second). A `Schedule` is written in one line.

Read next: `decay.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import FunctionType
from typing import Any

from autograd.node import effect
from optim.optimizer import Group, Optimizer

BETAS = {"momentum": 0, "beta1": 0, "beta2": 1}
"""What stands for one of the betas, in a group that has them."""


class LRScheduler:
    """The base of all schedulers. A subclass defines `get_lr`.

    optimizer:   whose groups are written to
    last_epoch:  the count so far, to go on where another run stopped: load the optimiser's state first. -1: a new start
    param:       which setting is scheduled

    base_lrs:    the values before the first step, by group. They also stand in the groups, as "initial_lr" (or "initial_<param>")

    A group that is added to the optimiser later follows from the next step on; its base is the value it was added with.
    """

    _initial = False  # are we setting the first value?

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1, *, param: str = "lr") -> None:
        if not isinstance(optimizer, Optimizer):
            raise TypeError(f"{type(self).__name__} takes an optimiser first, not {type(optimizer).__name__}")
        self.optimizer, self.param, self.last_epoch = optimizer, param, last_epoch
        values, key = self.current(), f"initial_{param}"
        for group, value in zip(optimizer.param_groups, values):
            if last_epoch == -1:
                group.setdefault(key, value)
            elif key not in group:
                raise ValueError(f"{type(self).__name__}: last_epoch={last_epoch} goes on with an earlier run, but the groups have no "
                                 f"{key!r}: load the state of the optimiser first")
        self.base_lrs: list[float] = [group[key] for group in optimizer.param_groups]
        self._last_lr = values
        self.begin()

    def begin(self) -> None:
        """Set the first value."""
        self._initial = True
        try:
            self.step()
        finally:
            del self._initial

    def restart(self) -> None:
        """Start again at t = 0, whatever the present values are."""
        self.last_epoch = 0
        self.write(self.get_lr())

    def adopt(self) -> None:
        """Take in the groups that were added to the optimiser since the last step. Raises ValueError if that cannot be."""
        new, key = self.optimizer.param_groups[len(self.base_lrs):], f"initial_{self.param}"
        self.base_lrs = self.base_lrs + [group.setdefault(key, read(self.optimizer, group, self.param)) for group in new]

    @effect()
    def step(self) -> None:
        """Count on, and set the value that belongs to the new count."""
        self.adopt()
        self.last_epoch += 1
        self.write(self.get_lr())

    def get_lr(self) -> list[float]:
        """The values at `last_epoch`, by group. May use `base_lrs` and the present values, `current()`."""
        raise NotImplementedError(f"{type(self).__name__} does not define get_lr()")

    def get_last_lr(self) -> list[float]:
        """The values that were set last, by group."""
        return self._last_lr

    def current(self) -> list[float]:
        """The present values, by group."""
        return [read(self.optimizer, group, self.param) for group in self.optimizer.param_groups]

    def write(self, values: Sequence[float]) -> None:
        groups = self.optimizer.param_groups
        if len(values) != len(groups):
            raise ValueError(f"{type(self).__name__}: there are {len(values)} values for {len(groups)} groups")
        for group, value in zip(groups, values):
            write(group, self.param, value)
        self._last_lr = list(values)

    def state_dict(self) -> dict[str, Any]:
        """Everything but the optimiser and functions. (Of callable objects, their attributes.)"""
        return {name: saved(value) for name, value in self.__dict__.items() if name != "optimizer"}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over what `state_dict()` returned, here or in PyTorch. The values in the groups are the optimiser's state, and stay.

        Raises ValueError if it is not the state of such a scheduler; nothing is changed then.
        """
        if not isinstance(state_dict, Mapping) or ("last_epoch" in self.__dict__ and "last_epoch" not in state_dict):
            raise ValueError(f"this is not the state of a {type(self).__name__}: {state_dict!r:.60}")
        for name, value in state_dict.items():
            if name in self.__dict__ and name != "optimizer":
                self.__dict__[name] = loaded(self.__dict__[name], value)

    def per_group(self, name: str, value: Any) -> list[Any]:
        """One value per group, given one for all or a list."""
        groups = len(self.optimizer.param_groups)
        values = list(value) if isinstance(value, (list, tuple)) else [value] * groups
        if len(values) != groups:
            raise ValueError(f"{type(self).__name__}: {name} has {len(values)} values, but the optimiser has {groups} groups")
        return values

    def shared(self, name: str, values: list[Any]) -> list[Any]:
        """One value per group, where groups were added: theirs is that of all others. Raises ValueError if these differ."""
        added = len(self.optimizer.param_groups) - len(values)
        if added > 0 and any(value != values[0] for value in values):
            raise ValueError(f"{type(self).__name__}: {name} has a value of its own for each of {len(values)} groups, and {added} more "
                             "groups were added to the optimiser: make a new scheduler, with a value for each")
        return values + values[:1] * added

    def __repr__(self) -> str:
        values = ", ".join(f"{value:.6g}" for value in self._last_lr)
        return f"{type(self).__name__}({self.param}: {values} at step {self.last_epoch})"


class Schedule(LRScheduler):
    """value = f(t), of any setting.

        Schedule(optimizer, "momentum", lambda t: min(0.99, 0.5 + 0.01 * t))
    """

    def __init__(self, optimizer: Optimizer, param: str, f: Callable[[int], float], last_epoch: int = -1) -> None:
        if not callable(f):
            raise TypeError(f"Schedule takes a function of the count, such as lambda t: 0.1 / (1 + t), not {f!r}")
        self.f = f
        super().__init__(optimizer, last_epoch, param=param)

    def get_lr(self) -> list[float]:
        return [self.f(self.last_epoch)] * len(self.optimizer.param_groups)


class LambdaLR(LRScheduler):
    """lr = initial f(t): any factor. `lr_lambda` is f, or a list with one f per group."""

    def __init__(self, optimizer: Optimizer, lr_lambda: Any, last_epoch: int = -1, *, param: str = "lr") -> None:
        self.optimizer = optimizer
        self.lr_lambdas = self.per_group("lr_lambda", lr_lambda)
        for f in self.lr_lambdas:
            if not callable(f):
                raise TypeError(f"{type(self).__name__}: lr_lambda is a function of the count, such as lambda t: 0.95**t, not {f!r}")
        super().__init__(optimizer, last_epoch, param=param)

    def adopt(self) -> None:
        self.lr_lambdas = self.shared("lr_lambda", self.lr_lambdas)
        super().adopt()

    def get_lr(self) -> list[float]:
        return [base * f(self.last_epoch) for base, f in zip(self.base_lrs, self.lr_lambdas)]


class MultiplicativeLR(LambdaLR):
    """lr <- lr f(t) in each step."""

    def get_lr(self) -> list[float]:
        return self.current() if self._initial else [lr * f(self.last_epoch) for lr, f in zip(self.current(), self.lr_lambdas)]


def read(optimizer: Optimizer, group: Group, param: str) -> Any:
    """A setting of a group by name."""
    if param not in group and "betas" in group and param in BETAS:
        return group["betas"][BETAS[param]]
    value = group.get(param)
    if isinstance(value, bool) or not hasattr(value, "__float__"):
        raise ValueError(f"{optimizer.name} has no number {param!r} to schedule; its settings are {', '.join(optimizer.defaults)}")
    return value


def write(group: Group, param: str, value: float) -> None:
    """Set a setting of a group by name."""
    if param not in group:
        betas = list(group["betas"])
        betas[BETAS[param]] = value
        group["betas"] = tuple(betas)
    else:
        group[param] = value


def saved(value: Any) -> Any:
    """A value as it stands in a state: no functions; copies of lists."""
    if isinstance(value, list):
        return [saved(item) for item in value]
    if isinstance(value, LRScheduler):
        return value.state_dict()
    if callable(value):
        return None if isinstance(value, FunctionType) else dict(getattr(value, "__dict__", {}))
    return value


def loaded(held: Any, value: Any) -> Any:
    """What is held, with a saved value taken over."""
    if isinstance(held, list) and isinstance(value, list):
        return [loaded(a, b) for a, b in zip(held, value)] if len(held) == len(value) else list(value)
    if isinstance(held, LRScheduler):
        held.load_state_dict(value)
        return held
    if callable(held):
        if value:
            held.__dict__.update(value)
        return held
    return value
