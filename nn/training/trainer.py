"""What is training?

Four lines, again and again, and they stand in `Trainer.run_epoch`:

    for inputs, targets in batches:             # sample
        loss = criterion(model(inputs), ...)    # forward
        loss.backward()                         # backward
        optimizer.step()                        # update

Everything else in this file is what one wants around them: the loss and the metrics of an epoch, validation, gradients that are
summed over several batches or clipped, a schedule, and `callbacks.py`, which are told what happens: the progress bar, logs,
checkpoints, early stopping. A trainer's `state_dict` holds all that the rest of the run depends on, so a run that is resumed in
the middle of an epoch is bit for bit the run that was never interrupted.

Read next: `callbacks.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

import autograd
import optim
from autograd import Tensor, no_grad
from nn.module import Module
from nn.training.callbacks import Callback, Progress
from nn.training.history import History, better_when_higher
from nn.training.metrics import Metric
from nn.training.precision import Precision, precision_named
from nn.training.randomness import random_state, restore_random_state

COUNTS = ("epoch", "step", "batch", "loss_sum", "loss_count")
"""Where a run is, and what its epoch has summed up."""


class NonFiniteLoss(FloatingPointError):
    """The loss became NaN or infinite. `step`, `epoch`: where; `loss`: its value; `origin`: the first bad operation, in words."""

    def __init__(self, message: str, step: int, epoch: int, loss: float, origin: str) -> None:
        super().__init__(message)
        self.step, self.epoch, self.loss, self.origin = step, epoch, loss, origin


class Trainer:
    """Trains a model.

    model:      what is trained; called with the inputs of a batch
    criterion:  called with the model's outputs and the targets of a batch; returns the loss
    optimizer:  of the model's parameters
    scheduler:  of the optimizer, or None; `schedule` says when it steps: after each "epoch" or "step" (an update)
    metrics:    see `metrics.py`; measured in training, and again in validation under 'val_...'
    callbacks:  see `callbacks.py`
    penalty:    added to the loss: `penalty(model)`, such as `nn.regularizer.L2(1e-4)`
    accumulate: how many batches make one update; their gradients are averaged
    clip_norm, clip_value:  limits for the gradient, see `optim.clip`
    precision:  "float32" (whatever the model has), or "mixed": float16 with loss scaling, see `precision.py`
    progress:   show a progress bar (tqdm, from the extra `train`); without tqdm a line is printed per epoch

    `epoch` and `step` (updates) count what was done; `history` holds what was measured.

    >>> import numpy as np, nn, optim
    >>> from nn.training import Accuracy, Trainer
    >>> x = np.random.default_rng(0).normal(size=(64, 2)).astype("float32")
    >>> t = (x[:, 0] > 0).astype(int)
    >>> model = nn.Linear(2, 2, rng=0)
    >>> trainer = Trainer(model, nn.CrossEntropyLoss(), optim.SGD(model.parameters(), lr=1.0), metrics=[Accuracy()], progress=False)
    >>> history = trainer.fit([(x, t)], epochs=20)
    >>> history.epochs[-1]["accuracy"] > 0.95
    True
    """

    def __init__(self, model: Module, criterion: Callable[..., Any], optimizer: optim.Optimizer, *, scheduler: Any = None,
                 schedule: str = "epoch", metrics: Sequence[Metric] = (), callbacks: Sequence[Callback] = (),
                 penalty: Callable[[Module], Any] | None = None, accumulate: int = 1, clip_norm: float | None = None,
                 clip_value: float | None = None, precision: str | Precision = "float32", progress: bool = True) -> None:
        if schedule not in ("epoch", "step"):
            raise ValueError(f"Trainer(schedule={schedule!r}): a scheduler steps after each 'epoch' or each 'step'")
        if accumulate < 1:
            raise ValueError(f"Trainer(accumulate={accumulate!r}): at least 1 batch makes an update")
        names = [metric.name for metric in metrics]
        if len({*names, "loss", "lr", "epoch", "seconds"}) < len(names) + 4:
            raise ValueError(f"Trainer: each metric needs a name of its own, and they are called {', '.join(names)}")
        trained = {id(p) for group in optimizer.param_groups for p in group["params"]}
        if not any(id(p) in trained for p in model.parameters()):
            raise ValueError("Trainer: the optimizer holds none of the model's parameters. Make it after the model, and again after any "
                             "load that replaces parameters: optim.SGD(model.parameters(), ...)")
        self.model, self.criterion, self.optimizer = model, criterion, optimizer
        self.scheduler, self.schedule = scheduler, schedule
        self.metrics = list(metrics)
        self.penalty, self.accumulate = penalty, accumulate
        self.clip_norm, self.clip_value = clip_norm, clip_value
        self.precision = precision_named(precision)
        self.callbacks = [*([Progress()] if progress else []), *callbacks]
        self.history = History()
        self.epoch = self.step = self.batch = 0
        self.epochs = 0
        self.stopping = ""
        self.loss_sum = self.loss_count = 0.0
        self.gathered = 0
        self.train_batches: Any = None

    # ---- the loop -----------------------------------------------------------------------------------------------------

    def fit(self, batches: Iterable[Any], validation: Iterable[Any] | None = None, epochs: int = 1) -> History:
        """Train until `epochs` epochs are done, those before included; returns the history.

        batches:     what an epoch goes through, such as a `nn.data.DataLoader`: pairs (inputs, targets). Inputs may be a tuple, and
                     are the model's arguments then
        validation:  the same, to measure on after each epoch

        Raises NonFiniteLoss when the loss becomes NaN or infinite; the model then is as it was before that step.
        """
        if iter(batches) is batches:
            raise TypeError("fit() goes through the batches once per epoch, and an iterator can be gone through only once: "
                            "give it the DataLoader, or a list")
        self.train_batches, self.epochs, self.stopping = batches, epochs, ""
        try:
            self.tell("on_fit_start")
            while self.epoch < epochs and not self.stopping:
                self.tell("on_epoch_start")
                self.run_epoch(batches)
                self.end_epoch(validation)
            self.tell("on_fit_end")
        except BaseException:
            self.tell("on_error")
            raise
        return self.history

    def run_epoch(self, batches: Iterable[Any]) -> None:
        """The loop: one epoch, or what is left of it after a resume."""
        self.model.train()
        for inputs, targets in self.sampled(batches):                   # sample
            outputs, loss = self.forward(inputs, targets)               # forward
            self.precision.backward(loss)                               # backward
            self.update(outputs, targets, loss)                         # update
        if self.gathered:  # fewer batches than `accumulate` were left
            self.take_step()

    def sampled(self, batches: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
        """The batches of an epoch as (inputs, targets)."""
        if not self.batch:
            self.loss_sum = self.loss_count = 0.0
            for metric in self.metrics:
                metric.reset()
        for batch in batches:
            yield split(batch)
            if self.stopping:
                return
        if not self.batch:
            raise ValueError("fit(): the training data has no batches: is it empty, or smaller than a batch, with drop_last=True?")

    def forward(self, inputs: tuple[Any, ...], targets: Any) -> tuple[Any, Tensor]:
        """The model's outputs and the loss, which must be a finite number."""
        outputs = self.precision.call(self.model, inputs)
        loss = self.criterion(outputs, targets)
        if self.penalty is not None:
            loss = loss + self.penalty(self.model)
        if not isinstance(loss, Tensor) or loss.size != 1:
            raise TypeError(f"the criterion returned {loss!r:.60}, and a loss is a Tensor with one element: "
                            "nn.CrossEntropyLoss() has reduction='mean', which makes one")
        if not np.isfinite(loss.item()):
            raise self.non_finite(loss)
        return outputs, loss

    def update(self, outputs: Any, targets: Any, loss: Tensor) -> None:
        """Count a batch, and take a step if it is time for one."""
        count = len(targets) if np.ndim(targets) else 1
        self.loss_sum += loss.item() * count
        self.loss_count += count
        outputs = first(outputs)
        for metric in self.metrics:
            metric.update(outputs, plain(targets))
        self.batch += 1
        self.gathered += 1
        self.history_loss = loss.item()
        if self.gathered == self.accumulate:
            self.take_step()

    def take_step(self) -> None:
        """Divide the gathered gradients by how many batches they are of, limit them, and update the parameters."""
        parameters = [p for group in self.optimizer.param_groups for p in group["params"]]
        measured = {"loss": self.history_loss, "lr": float(self.optimizer.param_groups[0]["lr"])}
        if self.precision.gather(parameters, self.gathered):  # False: a float16 gradient overflowed, and this step is left out
            if self.clip_value is not None:
                optim.clip.clip_grad_value_(parameters, self.clip_value)
            if self.clip_norm is not None:
                measured["grad_norm"] = optim.clip.clip_grad_norm_(parameters, self.clip_norm)
            self.optimizer.step()
            self.precision.updated(self.model)
        self.tell("on_before_zero_grad")
        self.optimizer.zero_grad()
        self.gathered = 0
        self.step += 1
        self.history.step(**measured)
        if self.scheduler is not None and self.schedule == "step":
            self.scheduler.step()
        self.tell("on_step_end")

    def end_epoch(self, validation: Iterable[Any] | None) -> None:
        """Validate, write the epoch into the history, and step the scheduler."""
        if self.stopping and self.loss_count == 0:
            return
        row: dict[str, float] = {"epoch": self.epoch, "loss": self.mean_loss, **self.measured()}
        if validation is not None:
            row.update({f"val_{name}": value for name, value in self.evaluate(validation).items() if np.ndim(value) == 0})
        row["lr"] = float(self.optimizer.param_groups[0]["lr"])
        self.history.epochs.append(row)
        if self.scheduler is not None and self.schedule == "epoch":
            if isinstance(self.scheduler, optim.lr_scheduler.ReduceLROnPlateau):
                self.scheduler.step(row.get("val_loss", row["loss"]))
            else:
                self.scheduler.step()
        self.epoch += 1
        self.batch = 0
        self.tell("on_epoch_end")

    # ---- use ----------------------------------------------------------------------------------------------------------

    def evaluate(self, batches: Iterable[Any]) -> dict[str, Any]:
        """Loss and metrics on other data, in evaluation mode: {"loss": ..., "accuracy": ...}. Nothing is recorded or changed."""
        kept, total, count = [metric.state_dict() for metric in self.metrics], 0.0, 0
        modes = {module: module.training for module in self.model.modules()}
        self.model.eval()
        try:
            for metric in self.metrics:
                metric.reset()
            with no_grad():
                for batch in batches:
                    inputs, targets = split(batch)
                    outputs = self.model(*inputs)
                    n = len(targets) if np.ndim(targets) else 1
                    total += float(self.criterion(outputs, targets).item()) * n
                    count += n
                    for metric in self.metrics:
                        metric.update(first(outputs), plain(targets))
            if not count:
                raise ValueError("evaluate(): there are no batches to evaluate on")
            return {"loss": total / count, **{metric.name: metric.value() for metric in self.metrics}}
        finally:
            for module, training in modes.items():
                module.training = training
            for metric, state in zip(self.metrics, kept):
                metric.load_state_dict(state)

    def predict(self, batches: Iterable[Any]) -> Any:
        """The outputs of the model for all inputs, joined along the first axis. Batches are inputs, or (inputs, targets), of which
        only the inputs count."""
        modes = {module: module.training for module in self.model.modules()}
        self.model.eval()
        try:
            with no_grad():
                return np.concatenate([first(self.model(*(split(b)[0] if isinstance(b, (tuple, list)) else (b,)))) for b in batches])
        finally:
            for module, training in modes.items():
                module.training = training

    def stop(self, reason: str) -> None:
        """End the training after this step. For callbacks."""
        self.stopping = reason

    # ---- what was measured ----------------------------------------------------------------------------------------------

    @property
    def mean_loss(self) -> float:
        """The loss of the epoch so far, averaged over its examples."""
        return self.loss_sum / self.loss_count if self.loss_count else float("nan")

    def measured(self) -> dict[str, float]:
        """The metrics of the epoch so far that are numbers."""
        values = {metric.name: metric.value() for metric in self.metrics}
        return {name: float(value) for name, value in values.items() if np.ndim(value) == 0}

    def monitored(self, name: str) -> tuple[float, bool]:
        """The newest value of what a callback watches, and whether more of it is better."""
        if name not in self.history.epochs[-1]:
            raise KeyError(f"{name!r} was not measured in this epoch; measured were {', '.join(self.history.epochs[-1])}")
        metric = next((m for m in self.metrics if m.name == name.removeprefix("val_")), None)
        return self.history.epochs[-1][name], metric.higher if metric is not None else better_when_higher(name)

    def tell(self, event: str) -> None:
        """Tell all callbacks."""
        for callback in self.callbacks:
            getattr(callback, event)(self)

    def non_finite(self, loss: Tensor) -> NonFiniteLoss:
        """The error for a loss that is NaN or infinite: with the operation where it began."""
        origin = ""
        if loss.node is not None:
            problems = autograd.draw(loss, values="stats").problems()
            origin = next((problem.text for problem in problems if problem.kind == "origin"), "")
        kept = next((text for callback in self.callbacks if (text := callback.last_good())), "")
        found = f" It began here: {origin}" if origin else ""
        after = f"\n{kept}" if kept else ""
        return NonFiniteLoss(f"the loss is {loss.item()} at step {self.step} (epoch {self.epoch}, batch {self.batch}).{found}{after}\n"
                             "The parameters are as they were before this step. A smaller learning rate, clip_norm=1.0, or data without "
                             "NaN are the usual mends.", self.step, self.epoch, loss.item(), origin)

    # ---- saving and loading ---------------------------------------------------------------------------------------------

    def state_dict(self) -> dict[str, Any]:
        """All that the rest of the run depends on: model, optimiser, schedule, place in the data, random states, sums of the epoch."""
        state: dict[str, Any] = {
            "model": self.model.state_dict(), "optimizer": self.optimizer.state_dict(),
            "scheduler": self.scheduler.state_dict() if self.scheduler is not None else None,
            "precision": self.precision.state_dict(),
            "metrics": [metric.state_dict() for metric in self.metrics],
            "callbacks": [callback.state_dict() for callback in self.callbacks],
            "batches": self.train_batches.state_dict() if hasattr(self.train_batches, "state_dict") else None,
            "random": random_state(self.model, self.criterion),
            "history": self.history.state_dict(),
            "counts": {name: getattr(self, name) for name in COUNTS},
        }
        return state

    def load_state_dict(self, state_dict: Mapping[str, Any], batches: Any = None) -> None:
        """Go on where `state_dict()` was taken.

        batches:  the training data that `fit` will be given, so that its place in the epoch is restored
        """
        if len(state_dict["metrics"]) != len(self.metrics) or len(state_dict["callbacks"]) != len(self.callbacks):
            raise ValueError(f"this state is of a trainer with {len(state_dict['metrics'])} metrics and {len(state_dict['callbacks'])} "
                             f"callbacks, and this one has {len(self.metrics)} and {len(self.callbacks)}")
        if (state_dict["scheduler"] is None) != (self.scheduler is None):
            raise ValueError("this state is of a trainer " + ("without" if state_dict["scheduler"] is None else "with") + " a scheduler")
        self.model.load_state_dict(state_dict["model"])
        self.optimizer.load_state_dict(state_dict["optimizer"])
        if self.scheduler is not None:
            self.scheduler.load_state_dict(state_dict["scheduler"])
        self.precision.load_state_dict(state_dict["precision"], self.model)
        for metric, state in zip(self.metrics, state_dict["metrics"]):
            metric.load_state_dict(state)
        for callback, state in zip(self.callbacks, state_dict["callbacks"]):
            callback.load_state_dict(state)
        if state_dict["batches"] is not None and batches is not None:
            batches.load_state_dict(state_dict["batches"])
        restore_random_state(state_dict["random"], self.model, self.criterion)
        self.history.load_state_dict(state_dict["history"])
        counts = state_dict["counts"]
        self.epoch, self.step, self.batch = int(counts["epoch"]), int(counts["step"]), int(counts["batch"])
        self.loss_sum, self.loss_count = float(counts["loss_sum"]), float(counts["loss_count"])

    def __repr__(self) -> str:
        return f"Trainer of a {type(self.model).__name__}: epoch {self.epoch}, step {self.step}, loss {self.mean_loss:.4g}"


def split(batch: Any) -> tuple[tuple[Any, ...], Any]:
    """A batch as (arguments of the model, targets)."""
    if not isinstance(batch, (tuple, list)) or len(batch) != 2:
        raise TypeError(f"a batch is a pair (inputs, targets), and this is {type(batch).__name__}"
                        + (f" of length {len(batch)}" if hasattr(batch, "__len__") else "")
                        + ". If the model takes several inputs, make them a tuple: ((x1, x2), targets)")
    inputs, targets = batch
    return (tuple(inputs) if isinstance(inputs, (tuple, list)) else (inputs,)), targets


def plain(value: Any) -> Any:
    return value.data if isinstance(value, Tensor) else value


def first(outputs: Any) -> Any:
    """The outputs as an array; of a model with several outputs the first."""
    while isinstance(outputs, (tuple, list)):
        outputs = outputs[0]
    return plain(outputs)
