"""How good is a model on other data, and is all as it was afterwards?

In the middle of a training a model can be looked at from outside: `evaluated` measures it, `predicted` asks for its outputs.
Around both stands `undisturbed`, so that a run with validation is the run without it.

Read next: `run_state.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import no_grad
from nn.training.pairs import checked, count_of, first, inputs_of, plain, split
from nn.training.randomness import random_state, restore_random_state

if TYPE_CHECKING:
    from nn.training.trainer import Trainer


@contextmanager
def undisturbed(trainer: Trainer, batches: Any) -> Iterator[None]:
    """Inside, the model is in evaluation mode; afterwards everything is as it was: modes, metrics, random states, the loader's place."""
    if batches is not None and batches is trainer.train_batches and trainer.batch and not trainer.drained:
        raise ValueError("in the middle of an epoch the training loader cannot be used for something else, it would lose its place: "
                         "make a second DataLoader of the same data")
    model, holders = trainer.model, (trainer.model, trainer.criterion, batches)
    modes = [(module, module.training, module._mode) for module in model.modules()]
    sums = [metric.state_dict() for metric in trainer.metrics]
    chance = random_state(*holders)
    place = batches.state_dict() if hasattr(batches, "state_dict") else None
    if place is not None and hasattr(batches, "set_epoch"):
        batches.set_epoch(place["epoch"])  # a whole pass, also if the last one was broken off
    model.eval()
    try:
        yield
    finally:
        for module, training, mode in modes:
            module.training, module._mode = training, mode
        for metric, state in zip(trainer.metrics, sums):
            metric.load_state_dict(state)
        restore_random_state(chance, *holders)
        if place is not None:
            batches.load_state_dict(place)


def evaluated(trainer: Trainer, batches: Iterable[Any]) -> dict[str, Any]:
    """Loss and metrics on these batches: see `Trainer.evaluate`."""
    checked(batches, "evaluate()", again=False)
    total, count = 0.0, 0
    with undisturbed(trainer, batches), no_grad():
        for metric in trainer.metrics:
            metric.reset()
        for batch in batches:
            inputs, targets = split(batch)
            outputs, n = trainer.model(*inputs), count_of(inputs, targets)
            total += float(trainer.loss_of(outputs, targets).item()) * n
            count += n
            for metric in trainer.metrics:
                metric.update(first(outputs), plain(targets))
        if not count:
            raise ValueError("evaluate(): there are no batches to evaluate on")
        return {"loss": total / count, **{metric.name: metric.value() for metric in trainer.metrics}}


def predicted(trainer: Trainer, batches: Iterable[Any]) -> Any:
    """The outputs for all inputs: see `Trainer.predict`."""
    checked(batches, "predict()", again=False)
    with undisturbed(trainer, batches), no_grad():
        outputs = [first(trainer.model(*inputs_of(batch))) for batch in batches]
    if not outputs:
        raise ValueError("predict(): there are no batches to predict")
    return np.concatenate(outputs)
