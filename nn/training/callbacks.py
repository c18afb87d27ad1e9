"""Who is told what happens during training?

Callbacks. One of your own is a class with the events that it cares about:

    class Watch(Callback):
        def on_epoch_end(self, trainer):
            print(trainer.history.epochs[-1])

    on_fit_start           before anything else
    on_epoch_start         before the first batch of an epoch, or of what is left of it after a resume
    on_before_zero_grad    after an update, while the gradients are still there
    on_step_end            after an update
    on_epoch_end           after the validation, when the epoch stands in the history
    on_fit_end             after the last epoch
    on_error               before an exception leaves `fit`

They are told in the order in which the trainer was given them, those with a higher `order` later. A callback whose decisions depend on
the past saves what it remembers (`state_dict`), so that a resumed run decides the same; checkpoints come last, and hold what the others
have decided.

Read next: `checkpoint.py`.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from math import isnan
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nn.training.trainer import Trainer


class Callback:
    """The base of all callbacks: does nothing, at every event.

    order:  callbacks with a higher one are told later
    """

    order = 0

    def on_fit_start(self, trainer: Trainer) -> None: ...

    def on_epoch_start(self, trainer: Trainer) -> None: ...

    def on_before_zero_grad(self, trainer: Trainer) -> None: ...

    def on_step_end(self, trainer: Trainer) -> None: ...

    def on_epoch_end(self, trainer: Trainer) -> None: ...

    def on_fit_end(self, trainer: Trainer) -> None: ...

    def on_error(self, trainer: Trainer) -> None: ...

    def last_good(self) -> str:
        """The newest good checkpoint; '' if this callback keeps none."""
        return ""

    def state_dict(self) -> dict[str, Any]:
        """What it remembers."""
        return {}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over what `state_dict()` returned."""


class Progress(Callback):
    """A progress bar per epoch: loss, metrics, learning rate, time left. Without tqdm (the extra `train`), a line per epoch.

    The loss and the metrics are those of the epoch so far, in training.

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
        try:
            total = -(-len(trainer.train_batches) // trainer.accumulate)
        except TypeError:  # a stream does not know its length
            total = None
        self.close()
        self.bar = tqdm(total=total, initial=-(-trainer.batch // trainer.accumulate), desc=f"epoch {trainer.epoch + 1}/{trainer.epochs}",
                        leave=self.leave, unit="step", dynamic_ncols=True)

    def on_step_end(self, trainer: Trainer) -> None:
        if self.bar is not None:
            self.bar.set_postfix({**numbers({"loss": trainer.mean_loss, **trainer.measured()}), "lr": f"{trainer.lr:.2g}"}, refresh=False)
            self.bar.update()

    def on_epoch_end(self, trainer: Trainer) -> None:
        row = {name: value for name, value in trainer.history.epochs[-1].items() if name not in ("epoch", "lr")}
        if self.bar is None:
            shown = ", ".join(f"{name} {value}" for name, value in numbers(row).items())
            print(f"epoch {trainer.epoch}/{trainer.epochs}: {shown} ({time.monotonic() - self.started:.1f} s)", flush=True)
        else:
            self.bar.set_postfix({**numbers(row), "lr": f"{trainer.history.epochs[-1]['lr']:.2g}"})
            self.close()

    def on_fit_end(self, trainer: Trainer) -> None:
        self.close()
        if trainer.stopping:
            print(f"stopped after epoch {trainer.epoch}: {trainer.stopping}", flush=True)

    def on_error(self, trainer: Trainer) -> None:
        self.close()

    def close(self) -> None:
        if self.bar is not None:
            self.bar.close()
            self.bar = None


class EarlyStopping(Callback):
    """Stops when what is watched has not become better for `patience` epochs. (CS231n, babysitting the learning process.)

    monitor:    a column of the history: 'val_loss', 'val_accuracy', 'loss', ...
    patience:   how many epochs in a row without an improvement are too many
    min_delta:  an improvement is more than this
    restore:    give the model its best parameters back at the end

    Whether more is better the metric says; of a loss less is. NaN is never an improvement.
    """

    def __init__(self, monitor: str = "val_loss", patience: int = 5, min_delta: float = 0.0, restore: bool = False) -> None:
        if patience < 1:
            raise ValueError(f"EarlyStopping(patience={patience!r}): at least 1, as an epoch without an improvement must come first")
        if not min_delta >= 0:
            raise ValueError(f"EarlyStopping(min_delta={min_delta!r}): an improvement is more than this, and not negative")
        self.monitor, self.patience, self.min_delta, self.restore = monitor, patience, min_delta, restore
        self.best: float | None = None
        self.best_epoch = self.waited = 0
        self.kept: dict[str, Any] = {}
        self.resumed = False

    def on_fit_start(self, trainer: Trainer) -> None:
        if self.resumed and self.waited >= self.patience:  # the run had ended when it was saved
            self.stop(trainer)
        self.resumed = False

    def on_epoch_end(self, trainer: Trainer) -> None:
        value, higher = trainer.monitored(self.monitor)
        if improved(value, self.best, higher, self.min_delta):
            self.best, self.best_epoch, self.waited = value, trainer.epoch - 1, 0
            if self.restore:
                self.kept = trainer.model.state_dict()
        else:
            self.waited += 1
            if self.waited >= self.patience:
                self.stop(trainer)

    def stop(self, trainer: Trainer) -> None:
        best = "no number" if self.best is None else f"{self.best:.4g} (epoch {self.best_epoch + 1})"
        trainer.stop(f"{self.monitor} has not been better than {best} for {self.waited} epochs")

    def on_fit_end(self, trainer: Trainer) -> None:
        if self.kept:
            trainer.model.load_state_dict(self.kept)

    def state_dict(self) -> dict[str, Any]:
        return {"best": self.best, "best_epoch": self.best_epoch, "waited": self.waited, "kept": self.kept}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        self.best, self.kept = state_dict["best"], dict(state_dict["kept"])
        self.best_epoch, self.waited = int(state_dict["best_epoch"]), int(state_dict["waited"])
        self.resumed = True


def improved(value: float, best: float | None, higher: bool, min_delta: float = 0.0) -> bool:
    """Is a value better than the best so far?"""
    if isnan(value):
        return False
    return best is None or (value > best + min_delta if higher else value < best - min_delta)


def numbers(row: Mapping[str, float]) -> dict[str, str]:
    """Short texts: losses with four digits, shares in percent."""
    return {name: f"{value:.1%}" if any(word in name for word in ("accuracy", "top")) else f"{value:.4g}" for name, value in row.items()}
