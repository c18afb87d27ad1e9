"""How fast should the learning rate fall?

Large steps find the valley, small ones its floor. Each scheduler here is a factor of t, from 1 downwards (or upwards, for a
warm-up); the learning rate is the initial one times the factor. Two of them on one optimiser multiply, as in PyTorch.
(CS231n, "Neural networks part 3", annealing the learning rate.)

Read next: `cycle.py`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from math import cos, pi
from typing import Any

from optim.lr_scheduler.scheduler import LRScheduler
from optim.optimizer import Optimizer


class Decay(LRScheduler):
    """lr = eta_min + (initial - eta_min) factor(t). A step multiplies by factor(t) / factor(t - 1), so that others may change lr too."""

    eta_min: float = 0.0

    def factor(self, t: int) -> float:
        raise NotImplementedError

    def get_lr(self) -> list[float]:
        t, low = self.last_epoch, self.eta_min
        now, before = self.factor(t), self.factor(t - 1) if t else 1.0
        if now == before or (self._initial and t):  # going on with an earlier run, lr is already there
            return self.current()
        return [low + (lr - low) * (now / before) if before else lr + (base - low) * now for lr, base in zip(self.current(), self.base_lrs)]

    def restart(self) -> None:
        self.last_epoch = 0
        self.write([self.eta_min + (base - self.eta_min) * self.factor(0) for base in self.base_lrs])


class StepLR(Decay):
    """lr = initial gamma^(t // step_size): times gamma every step_size steps."""

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1, last_epoch: int = -1, *, param: str = "lr") -> None:
        self.step_size, self.gamma = at_least(1, "step_size", step_size), gamma
        super().__init__(optimizer, last_epoch, param=param)

    def factor(self, t: int) -> float:
        return float(self.gamma ** (t // self.step_size))


class MultiStepLR(Decay):
    """Times gamma at each of the milestones."""

    def __init__(self, optimizer: Optimizer, milestones: Iterable[int], gamma: float = 0.1, last_epoch: int = -1, *,
                 param: str = "lr") -> None:
        self.milestones, self.gamma = sorted(milestones), gamma
        super().__init__(optimizer, last_epoch, param=param)

    def factor(self, t: int) -> float:
        return float(self.gamma ** bisect_right(self.milestones, t))

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        counts = state_dict.get("milestones") if isinstance(state_dict, Mapping) else None
        if isinstance(counts, Mapping):  # PyTorch counts them
            state_dict = {**state_dict, "milestones": sorted(Counter(counts).elements())}
        super().load_state_dict(state_dict)


class ConstantLR(Decay):
    """initial factor for total_iters steps, then initial."""

    def __init__(self, optimizer: Optimizer, factor: float = 1 / 3, total_iters: int = 5, last_epoch: int = -1, *,
                 param: str = "lr") -> None:
        self._factor, self.total_iters = between(0, 1, "factor", factor), at_least(0, "total_iters", total_iters)
        super().__init__(optimizer, last_epoch, param=param)

    def factor(self, t: int) -> float:
        return 1.0 if t >= self.total_iters else self._factor


class LinearLR(Decay):
    """From initial start_factor to initial end_factor in total_iters steps, in a straight line."""

    def __init__(self, optimizer: Optimizer, start_factor: float = 1 / 3, end_factor: float = 1.0, total_iters: int = 5,
                 last_epoch: int = -1, *, param: str = "lr") -> None:
        self.start_factor, self.end_factor = between(0, 1, "start_factor", start_factor), between(0, 1, "end_factor", end_factor)
        self.total_iters = at_least(1, "total_iters", total_iters)
        if not start_factor:
            raise ValueError("LinearLR: start_factor must be above 0, as later factors are relative to it")
        super().__init__(optimizer, last_epoch, param=param)

    def factor(self, t: int) -> float:
        return self.start_factor + (self.end_factor - self.start_factor) * min(t, self.total_iters) / self.total_iters


class ExponentialLR(Decay):
    """lr = initial gamma^t."""

    def __init__(self, optimizer: Optimizer, gamma: float, last_epoch: int = -1, *, param: str = "lr") -> None:
        self.gamma = gamma
        super().__init__(optimizer, last_epoch, param=param)

    def factor(self, t: int) -> float:
        return float(self.gamma**t)


class PolynomialLR(Decay):
    """lr = initial (1 - t / total_iters)^power, then 0."""

    def __init__(self, optimizer: Optimizer, total_iters: int = 5, power: float = 1.0, last_epoch: int = -1, *, param: str = "lr") -> None:
        self.total_iters, self.power = at_least(1, "total_iters", total_iters), power
        super().__init__(optimizer, last_epoch, param=param)

    def factor(self, t: int) -> float:
        return float((1.0 - min(t, self.total_iters) / self.total_iters) ** self.power)


class CosineAnnealingLR(Decay):
    """lr = eta_min + (initial - eta_min) (1 + cos(pi t / T_max)) / 2 (Loshchilov & Hutter 2017, without the restarts)."""

    def __init__(self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0, last_epoch: int = -1, *, param: str = "lr") -> None:
        self.T_max, self.eta_min = at_least(1, "T_max", T_max), eta_min
        super().__init__(optimizer, last_epoch, param=param)

    def factor(self, t: int) -> float:
        return (1 + cos(pi * t / self.T_max)) / 2


class WarmupCosine(LRScheduler):
    """A straight line up to the initial lr, then half a cosine down: what most networks are trained with today (Goyal et al. 2017).

        t < warmup_iters:   initial (start_factor + (1 - start_factor) t / warmup_iters)
        then:               eta_min + (initial - eta_min) (1 + cos(pi (t - warmup_iters) / (total_iters - warmup_iters))) / 2
        t >= total_iters:   eta_min
    """

    def __init__(self, optimizer: Optimizer, warmup_iters: int, total_iters: int, start_factor: float = 0.0, eta_min: float = 0.0,
                 last_epoch: int = -1, *, param: str = "lr") -> None:
        self.warmup_iters = at_least(0, "warmup_iters", warmup_iters)
        self.total_iters = at_least(warmup_iters + 1, "total_iters", total_iters)
        self.start_factor, self.eta_min = between(0, 1, "start_factor", start_factor), eta_min
        super().__init__(optimizer, last_epoch, param=param)

    def get_lr(self) -> list[float]:
        t, warm, low = self.last_epoch, self.warmup_iters, self.eta_min
        if t < warm:
            return [base * (self.start_factor + (1 - self.start_factor) * t / warm) for base in self.base_lrs]
        done = min(1.0, (t - warm) / (self.total_iters - warm))
        return [low + (base - low) * (1 + cos(pi * done)) / 2 for base in self.base_lrs]


def at_least(low: int, name: str, value: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < low:
        raise ValueError(f"{name} must be an integer of at least {low}, not {value!r}")
    return value


def between(low: float, high: float, name: str, value: float) -> float:
    if not low <= value <= high:
        raise ValueError(f"{name} must be between {low} and {high}, not {value!r}")
    return value
