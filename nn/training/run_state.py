"""What does the rest of a run depend on?

`state_of` gathers it from all parts of a trainer, `load` gives it back to them, and `chances` says where random generators may
hide. A run that goes on from its state is bit for bit the run that was never interrupted.

Read next: `divergence.py`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nn.training.callbacks import Callback
from nn.training.checkpoint import Checkpoints, newest_state
from nn.training.randomness import random_state, restore_random_state

if TYPE_CHECKING:
    from nn.training.trainer import Trainer

COUNTS = {"epoch": int, "step": int, "batch": int, "drained": bool, "loss_sum": float, "loss_count": float}
"""Where a run is, and what its epoch has summed up."""


def state_of(trainer: Trainer) -> dict[str, Any]:
    """All of it, by the name of the part: see `Trainer.state_dict`."""
    return {
        "model": trainer.model.state_dict(), "optimizer": trainer.optimizer.state_dict(),
        "scheduler": trainer.scheduler.state_dict() if trainer.scheduler is not None else None,
        "precision": trainer.precision.state_dict(),
        "metrics": {metric.name: metric.state_dict() for metric in trainer.metrics},
        "callbacks": {name: callback.state_dict() for name, callback in named(trainer.callbacks).items()},
        "batches": trainer.train_batches.state_dict() if hasattr(trainer.train_batches, "state_dict") else None,
        "random": random_state(*chances(trainer)),
        "history": trainer.history.state_dict(),
        "counts": {name: getattr(trainer, name) for name in COUNTS},
    }


def load(trainer: Trainer, state: Mapping[str, Any]) -> None:
    """Give each part its state, or none of them, if this is the state of another run: see `Trainer.load_state_dict`."""
    before = trainer.state_dict()
    missing = [name for name in before if name not in state]
    if missing:
        raise ValueError(f"this is not the state of a Trainer: it has no {', '.join(missing)}")
    try:
        take_over(trainer, state)
    except BaseException:
        take_over(trainer, before)
        raise


def take_over(trainer: Trainer, state: Mapping[str, Any]) -> None:
    """Load all parts."""
    names = [metric.name for metric in trainer.metrics]
    if list(state["metrics"]) != names:
        raise ValueError(f"the saved run has the metrics {', '.join(state['metrics']) or 'none'}, and this one "
                         f"{', '.join(names) or 'none'}")
    if (state["scheduler"] is None) != (trainer.scheduler is None):
        raise ValueError("the saved run has " + ("no scheduler, and this one has" if state["scheduler"] is None else
                                                  "a scheduler, and this one has none"))
    trainer.model.load_state_dict(state["model"])
    trainer.optimizer.load_state_dict(state["optimizer"])
    if trainer.scheduler is not None:
        trainer.scheduler.load_state_dict(state["scheduler"])
    trainer.precision.load_state_dict(state["precision"])
    for metric in trainer.metrics:
        metric.load_state_dict(state["metrics"][metric.name])
    for name, callback in named(trainer.callbacks).items():
        if name in state["callbacks"]:
            callback.load_state_dict(state["callbacks"][name])
    if state["batches"] is not None and hasattr(trainer.train_batches, "load_state_dict"):
        trainer.train_batches.load_state_dict(state["batches"])
    restore_random_state(state["random"], *chances(trainer))
    trainer.history.load_state_dict(state["history"])
    for name, kind in COUNTS.items():
        setattr(trainer, name, kind(state["counts"][name]))


def chances(trainer: Trainer) -> tuple[Any, ...]:
    """Where random generators may be held."""
    return trainer.model, trainer.criterion, trainer.penalty, trainer.train_batches


def named(callbacks: Sequence[Callback]) -> dict[str, Callback]:
    """Callbacks by the names under which they are saved: that of their class, with a number from the second on."""
    found: dict[str, Callback] = {}
    for callback in callbacks:
        name, n = type(callback).__name__, 1
        while name in found:
            n += 1
            name = f"{type(callback).__name__} {n}"
        found[name] = callback
    return found


def saved_state(trainer: Trainer, place: bool | str | os.PathLike[str]) -> Any:
    """The newest good state in the trainer's own folder (True), in another one, or in this file; None if a folder holds none."""
    if place is not True and not isinstance(place, (str, os.PathLike)):
        raise TypeError(f"fit(resume={place!r}): it is True for the trainer's own checkpoints, False to go on with none, or the path of a "
                        "folder or file of them")
    if place is True:
        folder = own_folder(trainer)
        if folder is None:
            raise ValueError("fit(resume=True) goes on from the trainer's checkpoints, and it keeps none: write Trainer(..., "
                             "folder='runs/one'), or name the place, resume='runs/one'")
        place = folder
    return newest_state(place)  # type: ignore[arg-type]


def own_folder(trainer: Trainer) -> Path | None:
    """Where the trainer keeps its checkpoints, if it does."""
    return next((callback.folder for callback in trainer.callbacks if isinstance(callback, Checkpoints)), None)


def another_run(trainer: Trainer, place: Any, error: Exception) -> str:
    """What to say when a saved state does not fit."""
    return (f"{own_folder(trainer) if place is True else place} holds another run, and this one cannot go on from it: {error}\n"
            "Take the model, optimizer and data of that run; or start anew without resume, in another folder or with "
            "Checkpoints(..., overwrite=True), from the shell --overwrite. Weights alone: "
            "model.load_state_dict(nn.training.load_checkpoint(file)['model'])")
