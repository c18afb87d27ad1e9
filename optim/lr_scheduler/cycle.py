"""Why not go up again?

A larger learning rate shakes the weights out of a bad place. `CosineAnnealingWarmRestarts` falls and jumps back, `CyclicLR` goes
up and down in straight lines, `OneCycleLR` goes up once and far down, with the momentum the other way round.

Read next: `plateau.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from math import cos, floor, pi
from typing import Any

from autograd.node import effect
from optim.lr_scheduler.decay import at_least, between
from optim.lr_scheduler.scheduler import LRScheduler, read, write
from optim.optimizer import Optimizer


class CosineAnnealingWarmRestarts(LRScheduler):
    """lr = eta_min + (initial - eta_min) (1 + cos(pi T_cur / T_i)) / 2, where T_cur starts again after T_i steps.

    (Loshchilov & Hutter 2017.)

    T_0:     the first T_i
    T_mult:  by how much T_i grows at each restart

    `step(epoch)` takes fractions too: `step(epoch + i / batches)` in the loop over batches.
    """

    def __init__(self, optimizer: Optimizer, T_0: int, T_mult: int = 1, eta_min: float = 0.0, last_epoch: int = -1, *,
                 param: str = "lr") -> None:
        self.T_0, self.T_mult, self.eta_min = at_least(1, "T_0", T_0), at_least(1, "T_mult", T_mult), eta_min
        self.T_i: float = T_0
        self.T_cur: float = last_epoch
        super().__init__(optimizer, last_epoch, param=param)

    def get_lr(self) -> list[float]:
        low = self.eta_min
        return [low + (base - low) * (1 + cos(pi * self.T_cur / self.T_i)) / 2 for base in self.base_lrs]

    def restart(self) -> None:
        self.step(0)

    @effect()
    def step(self, epoch: float | None = None) -> None:
        """Count on; or go to `epoch`."""
        self.adopt()
        if epoch is None and self.last_epoch >= 0:
            epoch, self.T_cur = self.last_epoch + 1, self.T_cur + 1
        else:
            epoch = epoch or 0
            if epoch < 0:
                raise ValueError(f"CosineAnnealingWarmRestarts: epoch must be at least 0, not {epoch}")
            self.T_i, self.T_cur = self.T_0, epoch
        while self.T_cur >= self.T_i:
            self.T_cur, self.T_i = self.T_cur - self.T_i, self.T_i * self.T_mult
        self.last_epoch = floor(epoch)
        self.write(self.get_lr())


class Cycle(LRScheduler):
    """What `CyclicLR` and `OneCycleLR` share: the momentum goes down while lr goes up."""

    def cycle_momentum_between(self, base: Any, top: Any, new: bool) -> None:
        """Note the bounds in the groups, and start at the top."""
        try:
            for group in self.optimizer.param_groups:
                read(self.optimizer, group, "momentum")
        except ValueError as error:
            raise ValueError(f"{self.optimizer.name} has neither momentum nor betas: write cycle_momentum=False") from error
        bounds = zip(self.optimizer.param_groups, self.per_group("base_momentum", base), self.per_group("max_momentum", top))
        for group, low, high in bounds:
            if new:
                write(group, "momentum", high)
                group["base_momentum"], group["max_momentum"] = low, high

    def adopt(self) -> None:
        groups = len(self.optimizer.param_groups)
        if groups != len(self.base_lrs):
            raise ValueError(f"{type(self).__name__} was made with bounds for {len(self.base_lrs)} groups, and the optimiser has {groups} "
                             "now: add the groups first, then make the scheduler")


class CyclicLR(Cycle):
    """Up from base_lr to max_lr in step_size_up steps, down in step_size_down, again and again (Smith 2017).

    mode:            "triangular"; "triangular2" halves the height in each cycle; "exp_range" multiplies it by gamma in each step
    scale_fn:        a factor of the height in place of mode, of the number of the cycle or, for scale_mode "iterations", of t
    cycle_momentum:  let the momentum go from max_momentum down to base_momentum meanwhile
    """

    def __init__(self, optimizer: Optimizer, base_lr: Any, max_lr: Any, step_size_up: int = 2000, step_size_down: int | None = None,
                 mode: str = "triangular", gamma: float = 1.0, scale_fn: Callable[[Any], float] | None = None, scale_mode: str = "cycle",
                 cycle_momentum: bool = True, base_momentum: Any = 0.8, max_momentum: Any = 0.9, last_epoch: int = -1) -> None:
        if mode not in ("triangular", "triangular2", "exp_range") and scale_fn is None:
            raise ValueError(f"CyclicLR: mode is 'triangular', 'triangular2' or 'exp_range', not {mode!r}; or give scale_fn")
        if not isinstance(optimizer, Optimizer):
            raise TypeError(f"CyclicLR takes an optimiser first, not {type(optimizer).__name__}")
        self.optimizer, self.mode, self.gamma, self.cycle_momentum = optimizer, mode, gamma, cycle_momentum
        self._scale_fn_custom = scale_fn
        self.scale_mode = scale_mode if scale_fn else "iterations" if mode == "exp_range" else "cycle"
        up, down = float(step_size_up), float(step_size_up if step_size_down is None else step_size_down)
        self.total_size, self.step_ratio = up + down, up / (up + down)
        base_lrs, self.max_lrs = self.per_group("base_lr", base_lr), self.per_group("max_lr", max_lr)
        if cycle_momentum:
            self.cycle_momentum_between(base_momentum, max_momentum, last_epoch == -1)
        if last_epoch == -1:
            for group, lr in zip(optimizer.param_groups, base_lrs):
                group["lr"] = group["initial_lr"] = lr
        super().__init__(optimizer, last_epoch)
        self.base_lrs = base_lrs

    def scale_fn(self, x: float) -> float:
        """The height of the cycle x, or at the step x."""
        if self._scale_fn_custom:
            return self._scale_fn_custom(x)
        return 1.0 if self.mode == "triangular" else 0.5 ** (x - 1) if self.mode == "triangular2" else float(self.gamma**x)

    def get_lr(self) -> list[float]:
        t = self.last_epoch
        cycle = floor(1 + t / self.total_size)
        x = 1.0 + t / self.total_size - cycle
        height = x / self.step_ratio if x <= self.step_ratio else (x - 1) / (self.step_ratio - 1)
        height *= self.scale_fn(cycle if self.scale_mode == "cycle" else t)
        if self.cycle_momentum:
            for group in self.optimizer.param_groups:
                write(group, "momentum", group["max_momentum"] - (group["max_momentum"] - group["base_momentum"]) * height)
        return [base + (top - base) * height for base, top in zip(self.base_lrs, self.max_lrs)]


class OneCycleLR(Cycle):
    """Up from max_lr / div_factor to max_lr, then down to a final_div_factor-th of where it began, in total_steps (Smith & Topin 2019).

    total_steps:      or epochs and steps_per_epoch
    pct_start:        the share of the steps that go up
    anneal_strategy:  "cos" or "linear"
    cycle_momentum:   let the momentum go from max_momentum down to base_momentum and back meanwhile
    three_phase:      come down to the first lr in as many steps as it took to go up, then further down
    """

    def __init__(self, optimizer: Optimizer, max_lr: Any, total_steps: int | None = None, epochs: int | None = None,
                 steps_per_epoch: int | None = None, pct_start: float = 0.3, anneal_strategy: str = "cos", cycle_momentum: bool = True,
                 base_momentum: Any = 0.85, max_momentum: Any = 0.95, div_factor: float = 25.0, final_div_factor: float = 1e4,
                 three_phase: bool = False, last_epoch: int = -1) -> None:
        if not isinstance(optimizer, Optimizer):
            raise TypeError(f"OneCycleLR takes an optimiser first, not {type(optimizer).__name__}")
        if total_steps is None:
            if epochs is None or steps_per_epoch is None:
                raise ValueError("OneCycleLR: give total_steps, or epochs and steps_per_epoch")
            total_steps = at_least(1, "epochs", epochs) * at_least(1, "steps_per_epoch", steps_per_epoch)
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(f"OneCycleLR: anneal_strategy is 'cos' or 'linear', not {anneal_strategy!r}")
        self.optimizer, self.total_steps = optimizer, at_least(1, "total_steps", total_steps)
        self.anneal_strategy, self.cycle_momentum, self.three_phase = anneal_strategy, cycle_momentum, three_phase
        up = between(0, 1, "pct_start", pct_start) * total_steps
        self.ends = [up - 1, 2 * up - 2, total_steps - 1] if three_phase else [up - 1, total_steps - 1]
        tops = self.per_group("max_lr", max_lr)
        if cycle_momentum:
            self.cycle_momentum_between(base_momentum, max_momentum, last_epoch == -1)
        if last_epoch == -1:
            for group, top in zip(optimizer.param_groups, tops):
                group["initial_lr"], group["max_lr"], group["min_lr"] = top / div_factor, top, top / div_factor / final_div_factor
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        t = self.last_epoch
        if t > self.total_steps:
            raise ValueError(f"OneCycleLR was made for total_steps={self.total_steps}, and this is step {t}")
        phase = next((i for i, end in enumerate(self.ends[:-1]) if t <= end), len(self.ends) - 1)
        start, end = self.ends[phase - 1] if phase else 0.0, self.ends[phase]
        done = (t - start) / (end - start) if end != start else 1.0
        if self.anneal_strategy == "cos":
            done = (1 - cos(pi * done)) / 2
        lrs = ["initial_lr", "max_lr", *(["initial_lr"] if self.three_phase else []), "min_lr"]
        momenta = ["max_momentum", "base_momentum", "max_momentum", "max_momentum"]
        if self.cycle_momentum:
            for group in self.optimizer.param_groups:
                a, b = group[momenta[phase]], group[momenta[phase + 1]]
                write(group, "momentum", a + (b - a) * done)
        return [group[lrs[phase]] + (group[lrs[phase + 1]] - group[lrs[phase]]) * done for group in self.optimizer.param_groups]
