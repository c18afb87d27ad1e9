"""How is the course of a run written down?

    CSVLog("runs/one/log.csv")             a line for each epoch: for spreadsheets and pandas
    JSONLog("runs/one/log.jsonl")          a line of JSON for each epoch
    TensorBoardLog("runs/one")             curves, and histograms if asked for: tensorboard --logdir runs

Each takes every="step" as well. A resumed run goes on with its file: lines of steps that came after the checkpoint, which will be done
again, are taken out, so none stands there twice. A new run starts the file anew.

Read next: `pictures.py`.
"""

from __future__ import annotations

import csv
import io
import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nn.training import tfevents
from nn.training.callbacks import Callback
from nn.training.history import known

if TYPE_CHECKING:
    from nn.training.trainer import Trainer

Row = dict[str, float]


class Log(Callback):
    """What logs in lines share. A subclass says how a row becomes a line.

    path:   the file; folders are made
    every:  'epoch' or 'step'
    """

    def __init__(self, path: str | os.PathLike[str], every: str = "epoch") -> None:
        if every not in ("epoch", "step"):
            raise ValueError(f"{type(self).__name__}(every={every!r}): a line is written for each 'epoch' or for each 'step'")
        self.path, self.every = Path(path), every
        self.names: list[str] = []

    def line(self, row: Row) -> str:
        """A row as a line of the file, '\\n' included."""
        raise NotImplementedError(f"{type(self).__name__} does not define line()")

    def head(self) -> str:
        """What stands above the lines."""
        return ""

    def rows(self, trainer: Trainer) -> list[Row]:
        """All rows so far, from the history: so that a resumed run has those that were before it."""
        if self.every == "epoch":
            return [dict(row) for row in trainer.history.epochs]
        steps = trainer.history.steps
        return [{"step": i + 1, **{name: values[i] for name, values in steps.items()}} for i in range(len(steps["loss"]))]

    def on_fit_start(self, trainer: Trainer) -> None:
        self.rewrite(self.rows(trainer))

    def rewrite(self, rows: list[Row]) -> None:
        """The whole file."""
        self.names = list(dict.fromkeys(name for row in rows for name in row))
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text("".join([self.head() if rows else "", *map(self.line, rows)]), encoding="utf-8", newline="")

    def add(self, trainer: Trainer, row: Row) -> None:
        if any(name not in self.names for name in row):
            self.rewrite(self.rows(trainer))  # a new column
        else:
            with self.path.open("a", encoding="utf-8", newline="") as file:
                file.write(self.line(row))

    def on_step_end(self, trainer: Trainer) -> None:
        if self.every == "step":
            steps = trainer.history.steps
            self.add(trainer, {"step": trainer.step, **{name: values[-1] for name, values in steps.items()}})

    def on_epoch_end(self, trainer: Trainer) -> None:
        if self.every == "epoch":
            self.add(trainer, trainer.history.epochs[-1])


class CSVLog(Log):
    """Writes a table with a head. What was not measured is an empty cell.

    path:   the file, such as 'log.csv'
    every:  'epoch' or 'step'
    """

    def head(self) -> str:
        return ",".join(map(cell, self.names)) + "\n"

    def line(self, row: Row) -> str:
        return ",".join(cell(row.get(name, "")) for name in self.names) + "\n"


class JSONLog(Log):
    """Writes a JSON object in each line. NaN and infinity, which JSON has not, become null.

    path:   the file, such as 'log.jsonl'
    every:  'epoch' or 'step'
    """

    def line(self, row: Row) -> str:
        return json.dumps({name: known(value) for name, value in row.items()}, allow_nan=False) + "\n"


def cell(value: float | str) -> str:
    """A cell of a table, in quotes where it needs them."""
    if not isinstance(value, str):
        return repr(value)
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow([value])
    return text.getvalue()


class TensorBoardLog(Callback):
    """Writes what TensorBoard shows: 'step/loss', 'step/lr', ... by step and 'epoch/loss', 'epoch/val_accuracy', ... by epoch.

    folder:      a folder of its own for each run; TensorBoard compares all those below its --logdir
    histograms:  also those of the weights and gradients, at the last step of each epoch: 'weights/layer1.weight', ...

    Nothing needs to be installed to write it.
    """

    name = "events.out.tfevents.0.onetape"

    def __init__(self, folder: str | os.PathLike[str], histograms: bool = False) -> None:
        self.folder, self.histograms = Path(folder), histograms
        self.gradients: dict[str, Any] = {}

    @property
    def path(self) -> Path:
        """The file."""
        return self.folder / self.name

    def on_fit_start(self, trainer: Trainer) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        content, end = self.path.read_bytes() if trainer.step and self.path.exists() else b"", 0
        for place, data in tfevents.records(content):
            step, values = tfevents.read_event(data)
            if step > (trainer.step if any(tag.startswith("step/") for tag in values) else trainer.epoch):
                break  # it will be done again
            end = place
        start = content[:end] or tfevents.record(tfevents.event(time.time(), version="brain.Event:2"))
        self.path.write_bytes(start)

    def write(self, step: int, summary: bytes) -> None:
        with self.path.open("ab") as file:
            file.write(tfevents.record(tfevents.event(time.time(), step, summary)))

    def on_before_zero_grad(self, trainer: Trainer) -> None:
        if self.histograms:
            self.gradients = {name: p.grad.data for name, p in trainer.model.named_parameters() if p.grad is not None}

    def on_step_end(self, trainer: Trainer) -> None:
        values = {f"step/{name}": column[-1] for name, column in trainer.history.steps.items()}
        self.write(trainer.step, tfevents.scalars(values))

    def on_epoch_end(self, trainer: Trainer) -> None:
        row = trainer.history.epochs[-1]
        self.write(trainer.epoch, tfevents.scalars({f"epoch/{name}": value for name, value in row.items() if name != "epoch"}))
        if self.histograms:
            for name, p in trainer.model.named_parameters():
                self.write(trainer.epoch, tfevents.histogram(f"weights/{name}", p.data))
            for name, gradient in self.gradients.items():
                self.write(trainer.epoch, tfevents.histogram(f"gradients/{name}", gradient))
        self.gradients = {}
