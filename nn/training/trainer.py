"""What is training?

Four lines, again and again, and they stand in `Trainer.run_epoch`:

    for inputs, targets in batches:             # sample
        loss = criterion(model(inputs), ...)    # forward
        loss.backward()                         # backward
        optimizer.step()                        # update

Everything else is what one wants around them. In this file: the loss and the metrics of an epoch, validation, gradients that are
summed over several batches or clipped, a schedule, and `callbacks.py`, which are told what happens: the progress bar, logs,
checkpoints, early stopping. Beside it: what can be trained (`parts.py`), a model measured without being disturbed (`measuring.py`),
the state that a run goes on from (`run_state.py`), and what happens when a number is not finite (`divergence.py`). A trainer's
`state_dict` holds all that the rest of the run depends on, so a run that is resumed in the middle of an epoch is bit for bit the run
that was never interrupted.

Read next: `parts.py`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from math import isfinite, nan
from typing import Any

import numpy as np

import optim
from autograd import Tensor
from nn.module import Module
from nn.training.callbacks import Callback, Progress
from nn.training.checkpoint import Checkpoints
from nn.training.divergence import gradient_norm, non_finite
from nn.training.failure import origin_in
from nn.training.history import History, better_when_higher
from nn.training.measuring import evaluated, predicted
from nn.training.metrics import Metric
from nn.training.pairs import checked, count_of, first, plain, split
from nn.training.parts import check_limits, check_parts
from nn.training.precision import Precision, precision_named
from nn.training.run_state import another_run, load, saved_state, state_of


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
        check_limits(accumulate, clip_norm, clip_value)
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
            raise non_finite(self, f"the loss is {loss.item()}", loss, origin_in(loss, "origin"))
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
            measured["grad_norm"] = gradient_norm(self, parameters, measured["loss"])
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
        return evaluated(self, batches)

    def predict(self, batches: Iterable[Any]) -> Any:
        """The outputs of the model for all inputs, joined along the first axis, in evaluation mode; nothing is changed.

        batches:  of inputs, or of pairs (inputs, targets), of which only the inputs count
        """
        return predicted(self, batches)

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

    # ---- saving and loading ---------------------------------------------------------------------------------------------

    def state_dict(self) -> dict[str, Any]:
        """All that the rest of the run depends on: model, optimiser, schedule, place in the data, random states, sums of the epoch.

        It is complete between two steps; gradients that were gathered since the last update are not in it.
        """
        return state_of(self)

    def load_state_dict(self, state_dict: Mapping[str, Any], batches: Any = None) -> None:
        """Go on where `state_dict()` was taken.

        batches:  the training data that `fit` will be given, so that its place in the epoch is restored

        Raises ValueError or RuntimeError for the state of another run; nothing is changed then. Callbacks may be others than then.
        """
        if batches is not None:
            self.train_batches = batches
        load(self, state_dict)

    def resume(self, place: bool | str | os.PathLike[str]) -> None:
        """Load the newest good checkpoint of the own folder (True), of another one, or this file; nothing if a folder holds none."""
        state = saved_state(self, place)
        if state is not None:
            try:
                self.load_state_dict(state, self.train_batches)
            except (ValueError, RuntimeError) as error:
                raise type(error)(another_run(self, place, error)) from error

    def __repr__(self) -> str:
        return f"Trainer of a {type(self.model).__name__}: epoch {self.epoch}, step {self.step}, loss {self.mean_loss:.4g}"
