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

Read next: `failure.py`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from math import isfinite, nan
from typing import Any

import numpy as np

import optim
from autograd import Tensor, no_grad
from nn.module import Module
from nn.training.callbacks import Callback, Progress
from nn.training.checkpoint import Checkpoints, newest_state
from nn.training.failure import MENDS, NonFiniteLoss, bad_data, bad_gradients, origin_in
from nn.training.history import History, better_when_higher
from nn.training.metrics import Metric
from nn.training.pairs import checked, count_of, first, inputs_of, plain, split
from nn.training.precision import Precision, precision_named
from nn.training.randomness import random_state, restore_random_state

COUNTS = {"epoch": int, "step": int, "batch": int, "drained": bool, "loss_sum": float, "loss_count": float}
"""Where a run is, and what its epoch has summed up."""


class Trainer:
    """Trains a model.

    model:      what is trained; called with the inputs of a batch
    criterion:  called with the model's outputs and the targets of a batch; returns the loss
    optimizer:  of the model's parameters
    scheduler:  of the optimizer, or None; `schedule` says when it steps: after each "epoch" or "step" (an update)
    monitor:    what `ReduceLROnPlateau` looks at; default: 'val_loss', or 'loss' without validation
    metrics:    see `metrics.py`; measured in training, and again in validation under 'val_...'
    callbacks:  see `callbacks.py`
    penalty:    added to the loss in training: `penalty(model)`, such as `nn.regularizer.L2(1e-4)`
    accumulate: how many batches make one update. Each counts by its number of examples, as in one large batch
    clip_norm, clip_value:  limits for the gradient, see `optim.clip`
    precision:  "float32" (whatever the model has), or "mixed": float16 with loss scaling, see `precision.py`
    folder:     keep checkpoints there: short for callbacks=[Checkpoints(folder)], see `checkpoint.py`
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
                 schedule: str = "epoch", monitor: str | None = None, metrics: Sequence[Metric] = (), callbacks: Sequence[Callback] = (),
                 penalty: Callable[[Module], Any] | None = None, accumulate: int = 1, clip_norm: float | None = None,
                 clip_value: float | None = None, precision: str | Precision = "float32",
                 folder: str | os.PathLike[str] | None = None, progress: bool = True) -> None:
        check_parts(model, criterion, optimizer, scheduler, schedule, metrics, callbacks)
        if isinstance(accumulate, bool) or not isinstance(accumulate, int) or accumulate < 1:
            raise ValueError(f"Trainer(accumulate={accumulate!r}): a whole number of batches, at least 1, makes an update")
        for name, limit in (("clip_norm", clip_norm), ("clip_value", clip_value)):
            if limit is not None and not limit > 0:
                raise ValueError(f"Trainer({name}={limit!r}): a limit is positive, or None for no limit")
        self.model, self.criterion, self.optimizer = model, criterion, optimizer
        self.scheduler, self.schedule, self.monitor = scheduler, schedule, monitor
        self.metrics = list(metrics)
        self.penalty, self.accumulate = penalty, accumulate
        self.clip_norm, self.clip_value = clip_norm, clip_value
        self.precision = precision_named(precision)
        kept = [Checkpoints(folder)] if folder is not None else []
        self.callbacks = sorted([*([Progress()] if progress else []), *callbacks, *kept], key=lambda callback: callback.order)
        self.history = History()
        self.epoch = self.step = self.batch = self.epochs = 0
        self.stopping = ""  # why, if the training is to end
        self.drained = False  # has the data of this epoch all been used?
        self.loss_sum = self.loss_count = 0.0  # of this epoch
        self.gathered, self.gathered_loss, self.gathered_weight, self.unit = 0, 0.0, 0.0, 1  # since the last update
        self.train_batches: Any = None
        self.seen: tuple[Any, ...] = ((), None)  # the newest batch
        self.buffers: list[Any] = []  # of the model
        self.before: list[Any] = []  # and their values before the step

    # ---- the loop -----------------------------------------------------------------------------------------------------

    def fit(self, batches: Iterable[Any], validation: Iterable[Any] | None = None, epochs: int = 1, *,
            resume: bool | str | os.PathLike[str] = False) -> History:
        """Train until `epochs` epochs are done, those before included; returns the history.

        batches:     what an epoch goes through, such as a `nn.data.DataLoader`: pairs (inputs, targets). Inputs may be a tuple, and
                     are the model's arguments then
        validation:  the same, to measure on after each epoch
        resume:      go on from the newest good checkpoint: in the trainer's own folder (True), in another folder, or this file. If a
                     folder holds none, a new run starts, so that one command starts a run and restarts it

        Called again it goes on, also in the middle of an epoch that was broken off. Raises NonFiniteLoss when the loss or a gradient
        becomes NaN or infinite; the model then is as it was before that step.
        """
        checked(batches, "fit()")
        if validation is not None:
            checked(validation, "fit(validation=)")
        if isinstance(epochs, bool) or not isinstance(epochs, (int, np.integer)) or epochs < 0:
            raise ValueError(f"fit(epochs={epochs!r}): the number of epochs is a whole number")
        self.train_batches, self.epochs, self.stopping = batches, int(epochs), ""
        if resume is not False:
            self.resume(resume)
        try:
            self.tell("on_fit_start")
            while self.epoch < epochs and not self.stopping:
                self.tell("on_epoch_start")
                self.run_epoch(batches)
                if self.drained:  # else it was stopped on the way
                    self.end_epoch(validation)
            self.tell("on_fit_end")
        except BaseException:
            self.optimizer.zero_grad()
            self.gathered, self.gathered_loss, self.gathered_weight = 0, 0.0, 0.0
            self.tell("on_error")
            raise
        finally:
            self.seen, self.buffers, self.before = ((), None), [], []
        return self.history

    def run_epoch(self, batches: Iterable[Any]) -> None:
        """The loop: one epoch, or what is left of it."""
        self.model.train()
        self.buffers = list(self.model.buffers())
        for inputs, targets in self.sampled(batches):                       # sample
            outputs, loss = self.forward(inputs, targets)                   # forward
            self.precision.backward(loss, self.weight_of(inputs, targets))  # backward
            self.update(inputs, outputs, targets, loss)                     # update
        if self.gathered:  # fewer batches than `accumulate` were left
            self.take_step()

    def sampled(self, batches: Iterable[Any]) -> Iterator[tuple[tuple[Any, ...], Any]]:
        """The batches of an epoch, or what is left of them, as (inputs, targets)."""
        if not self.batch:
            self.loss_sum = self.loss_count = 0.0
            for metric in self.metrics:
                metric.reset()
        elif self.drained:  # a checkpoint between the last batch and the end of the epoch
            return
        elif not hasattr(batches, "state_dict"):
            batches = islice(iter(batches), self.batch, None)
        else:  # a loader whose last pass was broken off would start a new epoch
            batches.load_state_dict(batches.state_dict())  # type: ignore[attr-defined]
        for batch in batches:
            yield split(batch)
            if self.stopping:
                return
        if not self.batch:
            raise ValueError("fit(): the training data has no batches: is it empty, or smaller than a batch, with drop_last=True?")
        self.drained = True

    def forward(self, inputs: tuple[Any, ...], targets: Any) -> tuple[Any, Tensor]:
        """The model's outputs and the loss, which must be a finite number."""
        self.seen = inputs, targets
        if not self.gathered:
            self.before = [buffer.data for buffer in self.buffers]
        outputs = self.precision.call(self.model, inputs)
        loss = self.loss_of(outputs, targets)
        if self.penalty is not None:
            loss = loss + self.penalty(self.model)
        if not isinstance(loss, Tensor) or not loss.requires_grad:
            raise ValueError("the loss depends on no parameter that requires grad: is all of the model frozen, or does the criterion turn "
                             "its outputs into arrays?")
        if not isfinite(loss.item()):
            raise self.non_finite(f"the loss is {loss.item()}", loss, origin_in(loss, "origin"))
        return outputs, loss

    def loss_of(self, outputs: Any, targets: Any) -> Tensor:
        """The criterion's result, if it is a loss."""
        loss = self.criterion(outputs, targets)
        if not hasattr(loss, "item") or np.size(plain(loss)) != 1:
            raise TypeError(f"the criterion returned {loss!r:.60}, and a loss is a Tensor with one element: reduction='mean' makes one")
        return loss

    def weight_of(self, inputs: tuple[Any, ...], targets: Any) -> float:
        """How much a batch counts among those of an update, where the first counts 1."""
        count = count_of(inputs, targets)
        if not self.gathered:
            self.unit = max(count, 1)
        return count / self.unit

    def update(self, inputs: tuple[Any, ...], outputs: Any, targets: Any, loss: Tensor) -> None:
        """Count a batch, and take a step if it is time for one."""
        count, weight = count_of(inputs, targets), self.weight_of(inputs, targets)
        self.loss_sum += loss.item() * count
        self.loss_count += count
        for metric in self.metrics:
            metric.update(first(outputs), plain(targets))
        self.batch += 1
        self.gathered += 1
        self.gathered_loss += loss.item() * weight
        self.gathered_weight += weight
        if self.gathered == self.accumulate:
            self.take_step()

    def take_step(self) -> None:
        """Divide the gathered gradients by what they weigh, limit them, and update the parameters."""
        parameters = [p for group in self.optimizer.param_groups for p in group["params"]]
        measured = {"loss": self.gathered_loss / self.gathered_weight, "lr": self.lr, "grad_norm": nan}
        if self.precision.gather(parameters, self.gathered_weight):  # False: a float16 gradient overflowed, and this step is left out
            measured["grad_norm"] = self.gradient_norm(parameters, measured["loss"])
            if self.clip_value is not None:
                optim.clip_grad_value_(parameters, self.clip_value)
            if self.clip_norm is not None:
                optim.clip_grad_norm_(parameters, self.clip_norm)
            self.optimizer.step()
        self.tell("on_before_zero_grad")
        self.optimizer.zero_grad()
        self.gathered, self.gathered_loss, self.gathered_weight = 0, 0.0, 0.0
        self.step += 1
        self.history.step(**measured)
        if self.scheduler is not None and self.schedule == "step":
            self.scheduler.step()
        self.tell("on_step_end")

    def gradient_norm(self, parameters: Sequence[Tensor], loss: float) -> float:
        """The length of the whole gradient, which must be finite."""
        gradients = [p.grad.data for p in parameters if p.grad is not None]
        with np.errstate(over="ignore", invalid="ignore"):
            norm = optim.get_total_norm(gradients)
        if not isfinite(norm) and not all(np.isfinite(g).all() for g in gradients):
            where, origin, (inputs, targets) = bad_gradients(self.model), "", self.seen
            with undisturbed(self, None), np.errstate(all="ignore"):  # once more, to find where
                self.model.train()
                self.restore_buffers()
                origin = origin_in(self.loss_of(self.precision.call(self.model, inputs), targets), "backward origin")
            raise self.non_finite(f"the loss is {loss:.6g}, but its gradient is not finite", None, origin, where)
        return norm

    def restore_buffers(self) -> None:
        """Give running means and the like the values that they had before the step."""
        for buffer, values in zip(self.buffers, self.before):
            buffer.assign(Tensor(values))

    def end_epoch(self, validation: Iterable[Any] | None) -> None:
        """Validate, write the epoch into the history, and step the scheduler."""
        row: dict[str, float] = {"epoch": self.epoch, "loss": self.mean_loss, **self.measured()}
        if validation is not None:
            row.update({f"val_{name}": float(value) for name, value in self.evaluate(validation).items() if np.ndim(value) == 0})
        row["lr"] = self.lr
        self.history.epochs.append(row)
        if self.scheduler is not None and self.schedule == "epoch":
            if isinstance(self.scheduler, optim.lr_scheduler.ReduceLROnPlateau):
                self.scheduler.step(self.monitored(self.monitor or ("val_loss" if "val_loss" in row else "loss"))[0])
            else:
                self.scheduler.step()
        self.epoch += 1
        self.batch, self.drained = 0, False
        self.tell("on_epoch_end")

    # ---- use ----------------------------------------------------------------------------------------------------------

    def evaluate(self, batches: Iterable[Any]) -> dict[str, Any]:
        """Loss and metrics on other data, in evaluation mode: {"loss": ..., "accuracy": ...}.

        Nothing is changed: neither the model, nor the sums of the epoch, nor any random state, nor the loader's place. So a loader
        that shuffles or augments shows the same in each evaluation.
        """
        checked(batches, "evaluate()", again=False)
        total, count = 0.0, 0
        with undisturbed(self, batches), no_grad():
            for metric in self.metrics:
                metric.reset()
            for batch in batches:
                inputs, targets = split(batch)
                outputs, n = self.model(*inputs), count_of(inputs, targets)
                total += float(self.loss_of(outputs, targets).item()) * n
                count += n
                for metric in self.metrics:
                    metric.update(first(outputs), plain(targets))
            if not count:
                raise ValueError("evaluate(): there are no batches to evaluate on")
            return {"loss": total / count, **{metric.name: metric.value() for metric in self.metrics}}

    def predict(self, batches: Iterable[Any]) -> Any:
        """The outputs of the model for all inputs, joined along the first axis, in evaluation mode; nothing is changed.

        batches:  of inputs, or of pairs (inputs, targets), of which only the inputs count
        """
        checked(batches, "predict()", again=False)
        with undisturbed(self, batches), no_grad():
            outputs = [first(self.model(*inputs_of(batch))) for batch in batches]
        if not outputs:
            raise ValueError("predict(): there are no batches to predict")
        return np.concatenate(outputs)

    def stop(self, reason: str) -> None:
        """End the training after this step. For callbacks. `fit` goes on from there if it is called again."""
        self.stopping = reason or "stop() was called"

    # ---- what was measured ----------------------------------------------------------------------------------------------

    @property
    def lr(self) -> float:
        """The learning rate of the first group."""
        return float(self.optimizer.param_groups[0]["lr"])

    @property
    def mean_loss(self) -> float:
        """The loss of the epoch so far, averaged over its examples."""
        return self.loss_sum / self.loss_count if self.loss_count else nan

    def measured(self) -> dict[str, float]:
        """The metrics of the epoch so far that are numbers."""
        values = {metric.name: metric.value() for metric in self.metrics}
        return {name: float(value) for name, value in values.items() if np.ndim(value) == 0}

    def monitored(self, name: str) -> tuple[float, bool]:
        """The newest value of what a callback watches, and whether more of it is better."""
        row = self.history.epochs[-1]
        if name not in row:
            hint = ": give fit() validation data" if name.startswith("val_") and not any(key.startswith("val_") for key in row) else ""
            raise KeyError(f"{name!r} was not measured in this epoch; measured were {', '.join(row)}{hint}")
        metric = next((m for m in self.metrics if m.name == name.removeprefix("val_")), None)
        return row[name], metric.higher if metric is not None else better_when_higher(name)

    def tell(self, event: str) -> None:
        """Tell all callbacks."""
        for callback in self.callbacks:
            getattr(callback, event)(self)

    def non_finite(self, what: str, loss: Tensor | None, origin: str, where: str = "") -> NonFiniteLoss:
        """The error: what happened, where it began, and where one can go on. Running means, which have seen the NaN, forget it."""
        self.restore_buffers()
        checkpoint = next((path for callback in self.callbacks if (path := callback.last_good())), "")
        lines = [f"{what} at step {self.step} (epoch {self.epoch}, batch {self.batch}).", bad_data(*self.seen), where,
                 f"It began here: {origin}" if origin else "",
                 f"The last good checkpoint is {checkpoint}." if checkpoint else "",
                 f"The model is as it was before this step. {MENDS}"]
        return NonFiniteLoss("\n".join(line for line in lines if line), self.step, self.epoch, loss.item() if loss is not None else nan,
                             origin, checkpoint)

    # ---- saving and loading ---------------------------------------------------------------------------------------------

    def chances(self) -> tuple[Any, ...]:
        """Where random generators may be held."""
        return self.model, self.criterion, self.penalty, self.train_batches

    def state_dict(self) -> dict[str, Any]:
        """All that the rest of the run depends on: model, optimiser, schedule, place in the data, random states, sums of the epoch.

        It is complete between two steps; gradients that were gathered since the last update are not in it.
        """
        return {
            "model": self.model.state_dict(), "optimizer": self.optimizer.state_dict(),
            "scheduler": self.scheduler.state_dict() if self.scheduler is not None else None,
            "precision": self.precision.state_dict(),
            "metrics": {metric.name: metric.state_dict() for metric in self.metrics},
            "callbacks": {name: callback.state_dict() for name, callback in named(self.callbacks).items()},
            "batches": self.train_batches.state_dict() if hasattr(self.train_batches, "state_dict") else None,
            "random": random_state(*self.chances()),
            "history": self.history.state_dict(),
            "counts": {name: getattr(self, name) for name in COUNTS},
        }

    def load_state_dict(self, state_dict: Mapping[str, Any], batches: Any = None) -> None:
        """Go on where `state_dict()` was taken.

        batches:  the training data that `fit` will be given, so that its place in the epoch is restored

        Raises ValueError or RuntimeError for the state of another run; nothing is changed then. Callbacks may be others than then.
        """
        if batches is not None:
            self.train_batches = batches
        before = self.state_dict()
        missing = [name for name in before if name not in state_dict]
        if missing:
            raise ValueError(f"this is not the state of a Trainer: it has no {', '.join(missing)}")
        try:
            self.take_over(state_dict)
        except BaseException:
            self.take_over(before)
            raise

    def take_over(self, state: Mapping[str, Any]) -> None:
        """Load all parts."""
        names = [metric.name for metric in self.metrics]
        if list(state["metrics"]) != names:
            raise ValueError(f"the saved run has the metrics {', '.join(state['metrics']) or 'none'}, and this one "
                             f"{', '.join(names) or 'none'}")
        if (state["scheduler"] is None) != (self.scheduler is None):
            raise ValueError("the saved run has " + ("no scheduler, and this one has" if state["scheduler"] is None else
                                                      "a scheduler, and this one has none"))
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        if self.scheduler is not None:
            self.scheduler.load_state_dict(state["scheduler"])
        self.precision.load_state_dict(state["precision"])
        for metric in self.metrics:
            metric.load_state_dict(state["metrics"][metric.name])
        for name, callback in named(self.callbacks).items():
            if name in state["callbacks"]:
                callback.load_state_dict(state["callbacks"][name])
        if state["batches"] is not None and hasattr(self.train_batches, "load_state_dict"):
            self.train_batches.load_state_dict(state["batches"])
        restore_random_state(state["random"], *self.chances())
        self.history.load_state_dict(state["history"])
        for name, kind in COUNTS.items():
            setattr(self, name, kind(state["counts"][name]))

    def resume(self, place: bool | str | os.PathLike[str]) -> None:
        """Load the newest good checkpoint of the own folder (True), of another one, or this file; nothing if a folder holds none."""
        if place is True:
            folder = next((callback.folder for callback in self.callbacks if isinstance(callback, Checkpoints)), None)
            if folder is None:
                raise ValueError("fit(resume=True) goes on from the trainer's checkpoints, and it keeps none: write Trainer(..., "
                                 "folder='runs/one'), or name the place, resume='runs/one'")
            place = folder
        state = newest_state(place)  # type: ignore[arg-type]
        if state is not None:
            self.load_state_dict(state, self.train_batches)

    def __repr__(self) -> str:
        return f"Trainer of a {type(self.model).__name__}: epoch {self.epoch}, step {self.step}, loss {self.mean_loss:.4g}"


# ---- around it ------------------------------------------------------------------------------------------------------


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


def check_parts(model: Any, criterion: Any, optimizer: Any, scheduler: Any, schedule: str, metrics: Sequence[Metric],
                callbacks: Sequence[Callback]) -> None:
    """Refuse what cannot train."""
    if not isinstance(model, Module):
        raise TypeError(f"Trainer: the model is a nn.Module, and not a {type(model).__name__}")
    if not callable(criterion):
        raise TypeError(f"Trainer: the criterion is called with outputs and targets, such as nn.CrossEntropyLoss(), and this is a "
                        f"{type(criterion).__name__}")
    if not isinstance(optimizer, optim.Optimizer):
        raise TypeError(f"Trainer: the optimizer is one of optim's, such as optim.SGD(model.parameters(), lr=0.1), and not a "
                        f"{type(optimizer).__name__}")
    if isinstance(optimizer, optim.LBFGS):
        raise TypeError("Trainer: LBFGS computes the loss several times in a step, and a Trainer once: write the loop by hand, "
                        "optimizer.step(closure)")
    if schedule not in ("epoch", "step"):
        raise ValueError(f"Trainer(schedule={schedule!r}): a scheduler steps after each 'epoch' or each 'step'")
    if scheduler is not None and not hasattr(scheduler, "step"):
        raise TypeError(f"Trainer: the scheduler is one of optim.lr_scheduler, and not a {type(scheduler).__name__}")
    if getattr(scheduler, "optimizer", optimizer) is not optimizer:
        raise ValueError("Trainer: the scheduler belongs to another optimizer, and would change nothing here")
    if schedule == "step" and isinstance(scheduler, optim.lr_scheduler.ReduceLROnPlateau):
        raise ValueError("Trainer: ReduceLROnPlateau looks at what is measured in an epoch: schedule='epoch'")
    for kind, things in ((Metric, metrics), (Callback, callbacks)):
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
