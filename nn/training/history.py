"""What happened during training?

A `History` is plain data: the loss, learning rate and gradient norm of every step, and for every epoch a row with what was measured.

    history.steps["loss"][-1]        the loss of the last step
    history.epochs[-1]               {"epoch": 9, "loss": ..., "accuracy": ..., "val_loss": ..., "val_accuracy": ..., "lr": ...}
    history.column("val_loss")       one number per epoch
    history.best("val_accuracy")     the row where it was highest
    history.to_csv("log.csv")
    history.plot("curves.png")

Read next: `pairs.py`.
"""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Mapping
from math import isfinite, nan
from pathlib import Path
from typing import Any

import numpy as np


class History:
    """The course of a training run. `steps` has a list per quantity, one number per step; `epochs` a row per epoch."""

    def __init__(self) -> None:
        self.steps: dict[str, list[float]] = {"loss": [], "lr": []}
        self.epochs: list[dict[str, float]] = []

    def step(self, **measured: float) -> None:
        """Add what was measured in a step; what was not is NaN there, so that all lists stay equally long."""
        done = len(self.steps["loss"])
        for name in measured:
            self.steps.setdefault(name, [nan] * done)
        for name, values in self.steps.items():
            values.append(float(measured.get(name, nan)))

    def column(self, name: str) -> list[float]:
        """One number per epoch; NaN where it was not measured. Raises KeyError for what was never measured."""
        if not any(name in row for row in self.epochs):
            known = sorted({key for row in self.epochs for key in row})
            raise KeyError(f"no epoch has {name!r}; measured were {', '.join(known) or 'none'}")
        return [row.get(name, nan) for row in self.epochs]

    def best(self, name: str, higher: bool | None = None) -> dict[str, float]:
        """The row of the best epoch by this quantity. higher: is more better? Default: unless it is a loss or an error."""
        values = np.array(self.column(name))
        if np.isnan(values).all():
            raise ValueError(f"{name!r} is NaN in every epoch")
        more = better_when_higher(name) if higher is None else higher
        return self.epochs[int(np.nanargmax(values) if more else np.nanargmin(values))]

    def to_csv(self, path: str | os.PathLike[str]) -> Path:
        """Write one line per epoch. Returns the path."""
        path = Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        names = list(dict.fromkeys(name for row in self.epochs for name in row))
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, names)
            writer.writeheader()
            writer.writerows(self.epochs)
        return path

    def to_json(self, path: str | os.PathLike[str]) -> Path:
        """Write everything; NaN and infinity, which JSON has not, become null. Returns the path."""
        path = Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        steps = {name: [known(value) for value in values] for name, values in self.steps.items()}
        epochs = [{name: known(value) for name, value in row.items()} for row in self.epochs]
        path.write_text(json.dumps({"steps": steps, "epochs": epochs}, indent=1, allow_nan=False), encoding="utf-8")
        return path

    def plot(self, path: str | os.PathLike[str] | None = None) -> Any:
        """Loss and metrics over the epochs, as a matplotlib figure; written to a file if a path is given."""
        from nn.training.pictures import curves

        return curves(self, path)

    def state_dict(self) -> dict[str, Any]:
        """Everything, with an array for each quantity of the steps."""
        return {"steps": {name: np.array(values, np.float64) for name, values in self.steps.items()},
                "epochs": [dict(row) for row in self.epochs]}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over what `state_dict()` returned."""
        self.steps = {name: np.asarray(values, np.float64).tolist() for name, values in state_dict["steps"].items()}
        self.epochs = [dict(row) for row in state_dict["epochs"]]

    def __len__(self) -> int:
        """How many epochs there are."""
        return len(self.epochs)

    def __repr__(self) -> str:
        if not self.epochs:
            return "history of no epochs"
        names = [name for name in self.epochs[-1] if name != "epoch"]
        rows = [["epoch", *names], *([f"{row['epoch']:g}", *(text(row.get(name)) for name in names)] for row in self.epochs)]
        if len(rows) > 22:
            rows[6: -15] = [["..."] + [""] * len(names)]
        widths = [max(map(len, column)) for column in zip(*rows)]
        return "\n".join("  ".join(cell.rjust(width) for cell, width in zip(row, widths)) for row in rows)


def text(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"


def known(value: float) -> float | None:
    """A number as JSON may hold it."""
    return value if isfinite(value) else None


def better_when_higher(name: str) -> bool:
    """Losses, errors and times are better when they are lower; everything else when it is higher."""
    return not any(word in name for word in ("loss", "error", "mse", "mae", "seconds"))
