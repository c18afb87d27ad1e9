"""How good is a model, apart from its loss?

A metric looks at one batch after the other and says what it comes to for all of them together:

    metric.update(outputs, targets)      arrays of one batch
    metric.value()                       a number (of a ConfusionMatrix: an array)
    metric.reset()

What it remembers are sums and counts, so the size of the batches does not matter, and it is saved in the middle of an epoch.

Read next: `history.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


class Metric:
    """The base of all metrics. A subclass says what it sums up (`sums`), what a batch adds (`update`), and what it comes to (`value`).

    name:    what it is called in logs and on the progress bar
    higher:  is more better?
    sums:    what is remembered, by name: numbers or arrays, all zero at first
    """

    name = "metric"
    higher = True

    def __init__(self) -> None:
        self.sums: dict[str, Any] = {}
        self.reset()

    def reset(self) -> None:
        """Forget all batches."""
        self.sums = {name: np.zeros_like(value) if isinstance(value, np.ndarray) else 0.0 for name, value in self.start().items()}

    def start(self) -> dict[str, Any]:
        """The sums, before the first batch."""
        return {"total": 0.0, "count": 0.0}

    def update(self, outputs: Array, targets: Array) -> None:
        """Look at one batch."""
        raise NotImplementedError(f"{type(self).__name__} does not define update(): add what a batch brings to self.sums")

    def value(self) -> Any:
        """The result for all batches since the last reset; NaN if there was none."""
        return self.sums["total"] / self.sums["count"] if self.sums["count"] else float("nan")

    def state_dict(self) -> dict[str, Any]:
        """What it remembers."""
        return {name: value.copy() if isinstance(value, np.ndarray) else value for name, value in self.sums.items()}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over what `state_dict()` returned. Raises ValueError if it is another metric's."""
        if set(state_dict) != set(self.sums):
            raise ValueError(f"this is not the state of the metric {self.name!r}: it has {sorted(state_dict)}, not {sorted(self.sums)}")
        self.sums = {name: np.array(value) if isinstance(self.sums[name], np.ndarray) else float(value)
                     for name, value in state_dict.items()}

    def __repr__(self) -> str:
        return f"{self.name}: {self.value()}"


class TopK(Metric):
    """The share of examples whose class is among the k highest scores. (ILSVRC counts k = 5; Russakovsky et al. 2015.)

    outputs (N, C) are scores; targets (N,) are classes, or (N, C) weights of classes, of which the heaviest counts.
    """

    def __init__(self, k: int = 5) -> None:
        if k < 1:
            raise ValueError(f"TopK(k={k}): k must be at least 1")
        self.k = k
        self.name = "accuracy" if k == 1 else f"top{k}"
        super().__init__()

    def update(self, outputs: Array, targets: Array) -> None:
        outputs, classes = scores_and_classes(outputs, targets, self.name)
        if self.k > outputs.shape[1]:
            raise ValueError(f"TopK({self.k}) of scores for {outputs.shape[1]} classes would be 1 for every answer: take a smaller k")
        if self.k == 1:
            right = outputs.argmax(axis=1) == classes
        else:
            own = np.take_along_axis(outputs, classes[:, None], axis=1)
            right = (outputs > own).sum(axis=1) < self.k
        self.sums["total"] += float(right.sum())
        self.sums["count"] += len(classes)


class Accuracy(TopK):
    """The share of examples whose class has the highest score."""

    def __init__(self) -> None:
        super().__init__(1)


class ConfusionMatrix(Metric):
    """How often each class was taken for each other: element [i, j] counts examples of class i that were given class j."""

    name = "confusion"

    def __init__(self, num_classes: int) -> None:
        self.num_classes = num_classes
        super().__init__()

    def start(self) -> dict[str, Any]:
        return {"counts": np.zeros((self.num_classes, self.num_classes), np.int64)}

    def update(self, outputs: Array, targets: Array) -> None:
        outputs, classes = scores_and_classes(outputs, targets, self.name)
        if outputs.shape[1] != self.num_classes:
            raise ValueError(f"ConfusionMatrix({self.num_classes}) got scores for {outputs.shape[1]} classes")
        np.add.at(self.sums["counts"], (classes, outputs.argmax(axis=1)), 1)

    def value(self) -> Array:
        return self.sums["counts"].copy()  # type: ignore[no-any-return]

    def recall(self) -> Array:
        """For each class, the share of its examples that were found; NaN where there were none."""
        return ratio(np.diag(self.sums["counts"]), self.sums["counts"].sum(axis=1))

    def precision(self) -> Array:
        """For each class, the share of what was given this class that belongs to it; NaN where there was none."""
        return ratio(np.diag(self.sums["counts"]), self.sums["counts"].sum(axis=0))


class MeanSquaredError(Metric):
    """mean (y - t)^2."""

    name, higher = "mse", False

    def update(self, outputs: Array, targets: Array) -> None:
        difference = same_shape(outputs, targets, self.name)
        self.sums["total"] += float(np.square(difference).sum())
        self.sums["count"] += difference.size


class MeanAbsoluteError(Metric):
    """mean |y - t|."""

    name, higher = "mae", False

    def update(self, outputs: Array, targets: Array) -> None:
        difference = same_shape(outputs, targets, self.name)
        self.sums["total"] += float(np.abs(difference).sum())
        self.sums["count"] += difference.size


class R2(Metric):
    """1 - sum (y - t)^2 / sum (t - mean t)^2: the share of the variance that is explained, all outputs together."""

    name = "r2"

    def start(self) -> dict[str, Any]:
        return {"errors": 0.0, "count": 0.0, "mean": 0.0, "spread": 0.0}

    def update(self, outputs: Array, targets: Array) -> None:
        difference = same_shape(outputs, targets, self.name)
        t = np.asarray(targets, np.float64)
        s = self.sums  # mean and spread are merged as Chan, Golub & LeVeque (1979) do: no large numbers are subtracted
        mean, count = float(t.mean()) if t.size else 0.0, s["count"] + t.size
        if count:
            s["spread"] += float(np.square(t - mean).sum()) + (mean - s["mean"]) ** 2 * s["count"] * t.size / count
            s["mean"] += (mean - s["mean"]) * t.size / count
        s["count"] = count
        s["errors"] += float(np.square(difference).sum())

    def value(self) -> float:
        return 1 - self.sums["errors"] / self.sums["spread"] if self.sums["spread"] else float("nan")


def scores_and_classes(outputs: Array, targets: Array, name: str) -> tuple[Array, Array]:
    """Scores (N, C) and classes (N,), checked."""
    outputs, targets = np.asarray(outputs), np.asarray(targets)
    if outputs.ndim == 2 and outputs.shape[1] == 1:
        raise ValueError(f"the metric {name!r} takes scores (N, C), one for each class, and got one column, whose highest score is always "
                         "the same. For two classes let the model end in two outputs, with CrossEntropyLoss and targets 0 and 1; for "
                         "numbers take R2() or MeanAbsoluteError()")
    if targets.ndim == 2 and targets.shape == outputs.shape:  # soft targets
        targets = targets.argmax(axis=1)
    if outputs.ndim != 2 or targets.shape != outputs.shape[:1] or targets.dtype.kind not in "iu":
        raise ValueError(f"the metric {name!r} takes scores (N, C) and classes (N,), and got {outputs.shape} and {targets.dtype} "
                         f"{targets.shape}")
    if targets.size and (targets.min() < 0 or targets.max() >= outputs.shape[1]):
        raise ValueError(f"the metric {name!r} got classes from {targets.min()} to {targets.max()}, and scores for {outputs.shape[1]}"
                         + (": it counts every sample, also those that a loss leaves out (ignore_index)" if targets.min() < 0 else ""))
    return outputs, targets


def same_shape(outputs: Array, targets: Array, name: str) -> Array:
    """outputs - targets, in float64, if they have one shape."""
    if np.shape(outputs) != np.shape(targets):
        raise ValueError(f"the metric {name!r} compares element by element, and got shapes {np.shape(outputs)} and {np.shape(targets)}: "
                         "broadcasting would compare everything with everything")
    return np.asarray(outputs, np.float64) - np.asarray(targets, np.float64)


def ratio(a: Array, b: Array) -> Array:
    with np.errstate(invalid="ignore"):
        return np.where(b > 0, a / np.maximum(b, 1), np.nan)
