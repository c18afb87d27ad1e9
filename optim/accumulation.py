"""What if the batch does not fit into memory?

Then go through it in parts. Gradients add up over backward passes until `zero_grad`, so a step after every fourth pass, with a
fourth of the sum, is a step on a batch four times as large.

    accumulation = GradientAccumulation(optimizer, every=4)
    for x, t in loader:
        loss(model(x), t).backward()
        accumulation.step()          # at every fourth call: average, optimizer.step(), zero_grad()
    accumulation.flush()             # what is left over

(Batch normalisation still sees the parts.)

Read next: `lr_scheduler/scheduler.py`.
"""

from __future__ import annotations

import numpy as np

from autograd.node import effect
from optim.clip import change, clip_grad_norm_, gradients
from optim.optimizer import Optimizer


class GradientAccumulation:
    """Steps an optimiser at every n-th call, on the mean of the gradients since the last step.

    optimizer:  what takes the steps
    every:      how many backward passes make a step
    max_norm:   clip the mean gradient to this norm
    """

    def __init__(self, optimizer: Optimizer, every: int, max_norm: float | None = None) -> None:
        if isinstance(every, bool) or not isinstance(every, int) or every < 1:
            raise ValueError(f"GradientAccumulation: every must be an integer of at least 1, not {every!r}")
        self.optimizer, self.every, self.max_norm = optimizer, every, max_norm
        self.passes = 0

    @effect(number=True)
    def step(self) -> bool:
        """Note that a backward pass is done; at every n-th, take the step. Returns whether it was taken."""
        self.passes += 1
        return self.passes == self.every and self.flush()

    def flush(self) -> bool:
        """Take the step now, on the mean of the passes so far. Returns whether there were any."""
        if not self.passes:
            return False
        params = [p for group in self.optimizer.param_groups for p in group["params"]]
        share = 1 / self.passes
        for grad in gradients(params):
            change(grad, lambda g: np.multiply(g, share, out=g))
        if self.max_norm is not None:
            clip_grad_norm_(params, self.max_norm)
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.passes = 0
        return True
