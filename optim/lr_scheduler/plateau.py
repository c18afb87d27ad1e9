"""When should one take smaller steps?

When larger ones no longer help.

Read next: `sequence.py`.
"""

from __future__ import annotations

from math import inf
from typing import Any

from autograd.node import effect
from optim.lr_scheduler.scheduler import LRScheduler, read, write
from optim.optimizer import Optimizer


class ReduceLROnPlateau(LRScheduler):
    """lr <- max(min_lr, factor lr) once a measure has not improved for more than `patience` steps: `scheduler.step(validation_loss)`.

    mode:            is it better to be small ("min") or large ("max")?
    threshold:       by how much it must improve: as a share ("rel") or as it is ("abs"), says threshold_mode
    cooldown:        how many steps to wait after a reduction
    eps:             smaller changes of lr are not made
    """

    def __init__(self, optimizer: Optimizer, mode: str = "min", factor: float = 0.1, patience: int = 10, threshold: float = 1e-4,
                 threshold_mode: str = "rel", cooldown: int = 0, min_lr: Any = 0, eps: float = 1e-8, *, param: str = "lr") -> None:
        if not isinstance(optimizer, Optimizer):
            raise TypeError(f"ReduceLROnPlateau takes an optimiser first, not {type(optimizer).__name__}")
        if not 0 <= factor < 1:
            raise ValueError(f"ReduceLROnPlateau: factor must be at least 0 and below 1, not {factor!r}")
        if mode not in ("min", "max"):
            raise ValueError(f"ReduceLROnPlateau: mode is 'min' or 'max', not {mode!r}")
        if threshold_mode not in ("rel", "abs"):
            raise ValueError(f"ReduceLROnPlateau: threshold_mode is 'rel' or 'abs', not {threshold_mode!r}")
        self.optimizer, self.param, self.mode, self.factor, self.patience = optimizer, param, mode, factor, patience
        self.threshold, self.threshold_mode, self.cooldown, self.eps = threshold, threshold_mode, cooldown, eps
        self.min_lrs = self.per_group("min_lr", min_lr)
        self.best = inf if mode == "min" else -inf
        self.num_bad_epochs = self.cooldown_counter = self.last_epoch = 0
        self._last_lr = self.current()

    def improved(self, value: float) -> bool:
        """Is this better than the best so far, by more than the threshold?"""
        sign = 1 if self.mode == "min" else -1
        target = self.best - sign * self.threshold if self.threshold_mode == "abs" else self.best * (1 - sign * self.threshold)
        return value < target if self.mode == "min" else value > target

    def adopt(self) -> None:
        self.min_lrs = self.shared("min_lr", self.min_lrs)

    @effect()
    def step(self, metrics: Any = None) -> None:  # type: ignore[override]
        """Look at the measure, and reduce lr if it has been on a plateau for too long."""
        if metrics is None:
            raise TypeError("ReduceLROnPlateau looks at a measure: write scheduler.step(validation_loss)")
        self.adopt()
        self.last_epoch += 1
        if self.improved(value := float(metrics)):
            self.best, self.num_bad_epochs = value, 0
        else:
            self.num_bad_epochs += 1
        if self.cooldown_counter > 0:
            self.cooldown_counter, self.num_bad_epochs = self.cooldown_counter - 1, 0
        if self.num_bad_epochs > self.patience:
            for group, least in zip(self.optimizer.param_groups, self.min_lrs):
                lr = read(self.optimizer, group, self.param)
                lower = max(lr * self.factor, least)
                if lr - lower > self.eps:
                    write(group, self.param, lower)
            self.cooldown_counter, self.num_bad_epochs = self.cooldown, 0
        self._last_lr = self.current()
