"""Who is told what happens during training?

Callbacks. One of your own is a class with the events that it cares about:

    class Watch(Callback):
        def on_epoch_end(self, trainer):
            print(trainer.history.epochs[-1])

    on_fit_start        on_epoch_start       on_step_end (after each update)      on_epoch_end (after validation)     on_fit_end
    on_before_zero_grad (after an update, while the gradients are still there)    on_error (before an exception leaves `fit`)

A callback whose decisions depend on the past saves what it remembers (`state_dict`), so that a resumed run decides the same.

Read next: `checkpoint.py`.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nn.training.trainer import Trainer


class Callback:
    """The base of all callbacks: does nothing, at every event."""

    def on_fit_start(self, trainer: Trainer) -> None: ...

    def on_epoch_start(self, trainer: Trainer) -> None: ...

    def on_before_zero_grad(self, trainer: Trainer) -> None: ...

    def on_step_end(self, trainer: Trainer) -> None: ...

    def on_epoch_end(self, trainer: Trainer) -> None: ...

    def on_fit_end(self, trainer: Trainer) -> None: ...

    def on_error(self, trainer: Trainer) -> None: ...

    def last_good(self) -> str:
        """Where one could go on after a failure, in a sentence; '' if this callback keeps nothing."""
        return ""

    def state_dict(self) -> dict[str, Any]:
        """What it remembers."""
        return {}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over what `state_dict()` returned."""


class Progress(Callback):
    """A progress bar per epoch: loss, metrics, learning rate, time left. Without tqdm (the extra `train`), a line per epoch.

    leave:  leave the bars of past epochs on the screen
    """

    def __init__(self, leave: bool = True) -> None:
        self.leave = leave
        self.bar: Any = None
        self.started = 0.0

    def on_epoch_start(self, trainer: Trainer) -> None:
        self.started = time.monotonic()
        try:
            from tqdm.auto import tqdm
        except ImportError:
            return
        batches = trainer.train_batches
        total = len(batches) if hasattr(batches, "__len__") else None
        if total is not None:
            total = -(-total // trainer.accumulate)
        self.bar = tqdm(total=total, initial=-(-trainer.batch // trainer.accumulate), desc=f"epoch {trainer.epoch + 1}/{trainer.epochs}",
                        leave=self.leave, unit="step", dynamic_ncols=True)

    def on_step_end(self, trainer: Trainer) -> None:
        if self.bar is not None:
            self.bar.set_postfix({**numbers({"loss": trainer.mean_loss, **trainer.measured()}),
                                  "lr": f"{trainer.optimizer.param_groups[0]['lr']:.2g}"}, refresh=False)
            self.bar.update()

    def on_epoch_end(self, trainer: Trainer) -> None:
        row = {name: value for name, value in trainer.history.epochs[-1].items() if name not in ("epoch", "lr")}
        if self.bar is None:
            shown = ", ".join(f"{name} {value}" for name, value in numbers(row).items())
            print(f"epoch {trainer.epoch}/{trainer.epochs}: {shown} ({time.monotonic() - self.started:.1f} s)", flush=True)
        else:
            self.bar.set_postfix(numbers(row))
            self.close()

    def on_error(self, trainer: Trainer) -> None:
        self.close()

    def close(self) -> None:
        if self.bar is not None:
            self.bar.close()
            self.bar = None


class EarlyStopping(Callback):
    """Stops when what is watched has not become better for `patience` epochs. (CS231n, babysitting the learning process.)

    monitor:    a column of the history: 'val_loss', 'val_accuracy', 'loss', ...
    patience:   how many epochs without an improvement are borne
    min_delta:  what counts as one
    restore:    give the model its best parameters back at the end
    """

    def __init__(self, monitor: str = "val_loss", patience: int = 5, min_delta: float = 0.0, restore: bool = False) -> None:
        if patience < 1:
            raise ValueError(f"EarlyStopping(patience={patience!r}): at least 1 epoch without an improvement is borne")
        self.monitor, self.patience, self.min_delta, self.restore = monitor, patience, min_delta, restore
        self.best: float | None = None
        self.best_epoch = self.waited = 0
        self.kept: dict[str, Any] = {}

    def on_epoch_end(self, trainer: Trainer) -> None:
        value, higher = trainer.monitored(self.monitor)
        better = self.best is None or (value > self.best + self.min_delta if higher else value < self.best - self.min_delta)
        if better:
            self.best, self.best_epoch, self.waited = value, trainer.epoch - 1, 0
            if self.restore:
                self.kept = trainer.model.state_dict()
        else:
            self.waited += 1
            if self.waited >= self.patience:
                trainer.stop(f"{self.monitor} has not been better than {self.best:.4g} (epoch {self.best_epoch}) for {self.waited} epochs")

    def on_fit_end(self, trainer: Trainer) -> None:
        if self.kept:
            trainer.model.load_state_dict(self.kept)

    def state_dict(self) -> dict[str, Any]:
        return {"best": self.best, "best_epoch": self.best_epoch, "waited": self.waited, "kept": self.kept}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        self.best, self.kept = state_dict["best"], dict(state_dict["kept"])
        self.best_epoch, self.waited = int(state_dict["best_epoch"]), int(state_dict["waited"])


def numbers(row: Mapping[str, float]) -> dict[str, str]:
    """Short texts: losses with four digits, shares in percent."""
    return {name: f"{value:.1%}" if any(word in name for word in ("accuracy", "top")) else f"{value:.4g}" for name, value in row.items()}
