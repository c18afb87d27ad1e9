"""What happens when a loss or a gradient is not finite?

The step is not taken. The model is put back to where it was before it, and the error says what happened, where it began, and
from which checkpoint the run can go on.

Read next: `failure.py`, which finds where it began.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite, nan
from typing import TYPE_CHECKING

import numpy as np

import optim
from autograd import Tensor
from nn.training.failure import MENDS, NonFiniteLoss, bad_data, bad_gradients, origin_in
from nn.training.measuring import undisturbed

if TYPE_CHECKING:
    from nn.training.trainer import Trainer


def gradient_norm(trainer: Trainer, parameters: Sequence[Tensor], loss: float) -> float:
    """The length of the whole gradient, which must be finite."""
    gradients = [p.grad.data for p in parameters if p.grad is not None]
    with np.errstate(over="ignore", invalid="ignore"):
        norm = optim.get_total_norm(gradients)
    if not isfinite(norm) and not all(np.isfinite(g).all() for g in gradients):
        where, origin, (inputs, targets) = bad_gradients(trainer.model), "", trainer.seen
        with undisturbed(trainer, None), np.errstate(all="ignore"):  # once more, to find where
            trainer.model.train()
            restore_buffers(trainer)
            origin = origin_in(trainer.loss_of(trainer.precision.call(trainer.model, inputs), targets), "backward origin")
        raise non_finite(trainer, f"the loss is {loss:.6g}, but its gradient is not finite", None, origin, where)
    return norm


def non_finite(trainer: Trainer, what: str, loss: Tensor | None, origin: str, where: str = "") -> NonFiniteLoss:
    """The error: what happened, where it began, and where one can go on. Running means, which have seen the NaN, forget it."""
    restore_buffers(trainer)
    checkpoint = next((path for callback in trainer.callbacks if (path := callback.last_good())), "")
    lines = [f"{what} at step {trainer.step} (epoch {trainer.epoch}, batch {trainer.batch}).", bad_data(*trainer.seen), where,
             f"It began here: {origin}" if origin else "",
             f"The last good checkpoint is {checkpoint}." if checkpoint else "",
             f"The model is as it was before this step. {MENDS}"]
    return NonFiniteLoss("\n".join(line for line in lines if line), trainer.step, trainer.epoch, loss.item() if loss is not None else nan,
                         origin, checkpoint)


def restore_buffers(trainer: Trainer) -> None:
    """Give running means and the like the values that they had before the step."""
    for buffer, values in zip(trainer.buffers, trainer.before):
        buffer.assign(Tensor(values))
