"""What can be trained?

A trainer looks at what it is given before it starts: a model, a criterion, an optimiser that holds the model's parameters, and
what belongs to them. What cannot train is refused here, with what to write instead.

Read next: `measuring.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import optim
from nn.module import Module
from nn.training.callbacks import Callback
from nn.training.metrics import Metric


def check_parts(model: Any, criterion: Any, optimizer: Any, scheduler: Any, schedule: str, metrics: Sequence[Metric],
                callbacks: Sequence[Callback]) -> None:
    """Refuse what cannot train."""
    if not isinstance(model, Module):
        raise TypeError(f"Trainer: the model is a nn.Module, and not a {type(model).__name__}")
    if not callable(criterion):
        raise TypeError(f"Trainer: the criterion is called with outputs and targets, such as nn.CrossEntropyLoss(), and this is a "
                        f"{type(criterion).__name__}")
    if isinstance(criterion, type):
        raise TypeError(f"Trainer: the criterion is the class {criterion.__name__}: write it with brackets, {criterion.__name__}()")
    if not isinstance(optimizer, optim.Optimizer):
        raise TypeError(f"Trainer: the optimizer is one of optim's, such as optim.SGD(model.parameters(), lr=0.1), and not a "
                        f"{type(optimizer).__name__}")
    if isinstance(optimizer, optim.LBFGS):
        raise TypeError("Trainer: LBFGS computes the loss several times in a step, and a Trainer once: write the loop by hand, "
                        "optimizer.step(closure)")
    if schedule not in ("epoch", "step"):
        raise ValueError(f"Trainer(schedule={schedule!r}): a scheduler steps after each 'epoch' or each 'step'")
    if isinstance(scheduler, type):
        raise TypeError(f"Trainer: the scheduler is the class {scheduler.__name__}: write {scheduler.__name__}(optimizer, ...)")
    if scheduler is not None and not hasattr(scheduler, "step"):
        raise TypeError(f"Trainer: the scheduler is one of optim.lr_scheduler, and not a {type(scheduler).__name__}")
    if getattr(scheduler, "optimizer", optimizer) is not optimizer:
        raise ValueError("Trainer: the scheduler belongs to another optimizer, and would change nothing here")
    if schedule == "step" and isinstance(scheduler, optim.lr_scheduler.ReduceLROnPlateau):
        raise ValueError("Trainer: ReduceLROnPlateau looks at what is measured in an epoch: schedule='epoch'")
    for name, kind, things in (("metrics", Metric, metrics), ("callbacks", Callback, callbacks)):
        if isinstance(things, (kind, type)) or not isinstance(things, Iterable):
            one = things.__name__ if isinstance(things, type) else type(things).__name__
            raise TypeError(f"Trainer({name}=) takes a list, and not one {one}: write {name}=[...] around it")
        for thing in things:
            if not isinstance(thing, kind):
                hint = ": write it with brackets" if isinstance(thing, type) else ""
                raise TypeError(f"Trainer: {thing!r:.60} is no {kind.__name__}{hint}")
    names = [metric.name for metric in metrics]
    if len({*names, "loss", "lr", "epoch"}) < len(names) + 3:
        raise ValueError(f"Trainer: each metric needs a name of its own, and they are called {', '.join(names)}")
    trained = {id(p) for group in optimizer.param_groups for p in group["params"]}
    if not any(id(p) in trained for p in model.parameters()):
        raise ValueError("Trainer: the optimizer holds none of the model's parameters. Make it after the model, and again after "
                         "parameters were replaced: optim.SGD(model.parameters(), ...)")


def check_limits(accumulate: Any, clip_norm: float | None, clip_value: float | None) -> None:
    """Refuse numbers that make no update."""
    if isinstance(accumulate, bool) or not isinstance(accumulate, int) or accumulate < 1:
        raise ValueError(f"Trainer(accumulate={accumulate!r}): a whole number of batches, at least 1, makes an update")
    for name, limit in (("clip_norm", clip_norm), ("clip_value", clip_value)):
        if limit is not None and (isinstance(limit, (str, bool)) or not limit > 0):
            raise ValueError(f"Trainer({name}={limit!r}): a limit is positive, or None for no limit")
