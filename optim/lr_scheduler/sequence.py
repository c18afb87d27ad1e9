"""How are schedulers put together?

One after the other (`SequentialLR`), or all at once (`ChainedScheduler`).

Read next: `../clip.py`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from autograd.node import effect
from optim.lr_scheduler.plateau import ReduceLROnPlateau
from optim.lr_scheduler.scheduler import LRScheduler
from optim.optimizer import Optimizer


class Several(LRScheduler):
    """What both share: schedulers of one optimiser."""

    def __init__(self, schedulers: Sequence[LRScheduler], optimizer: Optimizer | None) -> None:
        kind = type(self).__name__
        if not schedulers:
            raise ValueError(f"{kind} was given no schedulers")
        for scheduler in schedulers:
            if not isinstance(scheduler, LRScheduler):
                raise TypeError(f"{kind} takes schedulers, not {type(scheduler).__name__}")
            if isinstance(scheduler, ReduceLROnPlateau):
                raise ValueError(f"{kind} cannot hold a ReduceLROnPlateau, whose step() needs a measure: step it yourself")
            if scheduler.optimizer is not (optimizer or schedulers[0].optimizer):
                raise ValueError(f"{kind}: all schedulers must belong to the same optimiser, and {type(scheduler).__name__} does not")
        self._schedulers, self.optimizer = list(schedulers), optimizer or schedulers[0].optimizer
        self.param, self._last_lr = self._schedulers[-1].param, self._schedulers[-1].current()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(map(repr, self._schedulers))})"

    def adopt(self) -> None:
        for scheduler in self._schedulers:
            scheduler.adopt()

    def reset(self) -> None:
        """Put the initial values back, and all counts before the start."""
        for scheduler in self._schedulers:
            if isinstance(scheduler, Several):
                scheduler.reset()
            else:
                scheduler.write([group[f"initial_{scheduler.param}"] for group in self.optimizer.param_groups])
                scheduler.last_epoch = -1


class SequentialLR(Several):
    """The first scheduler until the first milestone, then the second from its start, and so on.

        SequentialLR(optimizer, [LinearLR(optimizer), CosineAnnealingLR(optimizer, 90)], milestones=[5])
    """

    def __init__(self, optimizer: Optimizer, schedulers: Sequence[LRScheduler], milestones: Sequence[int], last_epoch: int = -1) -> None:
        if len(milestones) != len(schedulers) - 1:
            raise ValueError(f"SequentialLR: between {len(schedulers)} schedulers there are {len(schedulers) - 1} milestones, "
                             f"not {len(milestones)}")
        super().__init__(schedulers, optimizer)
        self._milestones, self.last_epoch = list(milestones), last_epoch + 1
        self.reset()
        self._schedulers[0].begin()
        self._last_lr = self._schedulers[0].get_last_lr()

    def begin(self) -> None:
        self.restart()

    def restart(self) -> None:
        self.last_epoch = 0
        self._schedulers[0].restart()
        self._last_lr = self._schedulers[0].get_last_lr()

    @effect()
    def step(self) -> None:
        """Step the scheduler whose turn it is."""
        self.adopt()
        self.last_epoch += 1
        turn = bisect_right(self._milestones, self.last_epoch)
        scheduler = self._schedulers[turn]
        if turn and self._milestones[turn - 1] == self.last_epoch:
            scheduler.restart()
        else:
            scheduler.step()
        self._last_lr = scheduler.get_last_lr()


class ChainedScheduler(Several):
    """All schedulers in each step: their factors multiply."""

    def __init__(self, schedulers: Sequence[LRScheduler], optimizer: Optimizer | None = None) -> None:
        super().__init__(schedulers, optimizer)

    def begin(self) -> None:
        self.restart()

    def restart(self) -> None:
        self.reset()
        for scheduler in self._schedulers:
            scheduler.begin()
        self._last_lr = self._schedulers[-1].current()

    @effect()
    def step(self) -> None:
        self.adopt()
        for scheduler in self._schedulers:
            scheduler.step()
        self._last_lr = self._schedulers[-1].current()
