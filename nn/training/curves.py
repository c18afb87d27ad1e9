"""What do the loss and accuracy curves say?

Their form tells what to change next (CS231n, "Neural networks part 3", babysitting the learning process): a loss that rises or jumps means
a learning rate that is too high, a straight line down one that is too low; a gap between training and validation means overfitting, none at
a poor level that the model is too small.

Read next: `recipe.py`.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from nn.training.history import History
from nn.training.problem import Step


class Verdict(NamedTuple):
    """One thing that curves say: its name, what is seen, and what helps."""

    name: str
    text: str
    mend: str


GAP = 0.1
"""Training and validation accuracy may differ by so much."""


def verdicts_of(history: History, start: float | None = None) -> list[Verdict]:
    """All that the curves of a run say; empty if they look healthy.

    history:  with at least 3 epochs
    start:    the loss before training; default: that of the first epoch
    """
    losses = np.array(history.column("loss"))
    if len(losses) < 3:
        raise ValueError(f"curves say something after a few epochs, at least 3, and these have {len(losses)}")
    if not np.isfinite(losses).all():
        return [Verdict("learning rate too high", "the loss is not finite", "a tenth of the learning rate, or clip_norm=1.0")]
    first = float(losses[0]) if start is None else max(start, float(losses[0]))
    scale = max(abs(first), 1e-12)
    third = max(len(losses) // 3, 1)
    late = float(losses[-third - 1] - losses[-1])  # how much it fell in the last third
    fall, rises = first - float(losses[-1]), np.diff(losses)
    found = []
    worse = losses[-1] > 1.05 * (first if start is None else start)
    if worse or (np.mean(rises > 0.05 * losses[:-1].clip(1e-12)) > 0.3 and losses[-1] > 0.05 * scale):
        found.append(Verdict("learning rate too high", f"the loss rises or jumps, from {first:.3g} to {losses[-1]:.3g}",
                             "a third or a tenth of the learning rate, or a schedule that lets it fall"))
    elif fall < 0.1 * scale and losses[-1] > 0.1 * scale:
        found.append(Verdict("plateau", f"the loss hardly falls: from {first:.3g} to {losses[-1]:.3g}",
                             "another learning rate (lr_range_test), other initial weights, or ask the doctor"))
    elif losses[-1] > 0.3 * scale and late > 0.25 * fall * third / max(len(losses) / 3, 1) and (rises < 0).mean() > 0.8:
        found.append(Verdict("learning rate too low", f"the loss still falls as fast as before, and is at {losses[-1]:.3g}",
                             "a larger learning rate, or more epochs"))
    has = {name for row in history.epochs for name in row}
    gap = overfitting(history, has)
    if gap:
        found.append(Verdict("overfitting", gap, "more data, augmentation, weight decay, dropout, a smaller model, or stop earlier"))
    elif "accuracy" in has and not found and history.column("accuracy")[-1] < 0.8 and losses[-1] > 0.5 * scale and late < 0.05 * scale:
        right = history.column("accuracy")[-1]
        found.append(Verdict("underfitting", f"training accuracy stays at {right:.0%}, and validation is no worse",
                             "a larger model, less regularisation, or longer training"))
    return found


def overfitting(history: History, has: set[str]) -> str:
    """What shows that a model learns by heart, or ''."""
    if {"accuracy", "val_accuracy"} <= has:
        train, held_out = history.column("accuracy")[-1], history.column("val_accuracy")[-1]
        if train - held_out > GAP:
            return f"training accuracy is {train:.0%}, validation accuracy {held_out:.0%}"
    if "val_loss" in has:
        losses, held = history.column("loss"), np.array(history.column("val_loss"))
        best = int(np.nanargmin(held))
        if held[-1] > 1.2 * held[best] + 0.02 and best < len(held) - 2 and losses[-1] < losses[best]:
            return f"validation loss was {held[best]:.3g} after {best + 1} epochs and is {held[-1]:.3g}, while training loss falls"
    return ""


def look_at_curves(history: History, start: float | None = None) -> Step:
    """What do the curves of a run say, and what helps?

    history:  of a run of at least 3 epochs, with or without validation
    start:    the loss before training

    Passes if they look healthy. `result` holds the `Verdict`s.
    """
    found = verdicts_of(history, start)
    row = history.epochs[-1]
    numbers = {name: float(value) for name, value in row.items() if name not in ("epoch", "seconds")}
    held_out = f", validation loss {row['val_loss']:.3g}" if "val_loss" in row else ""
    text = " ".join(f"{v.name.capitalize()}: {v.text}. What helps: {v.mend}." for v in found) or (
        f"The curves look healthy: loss {row['loss']:.3g}{held_out}.")

    def draw(axes: Any) -> None:
        epochs = range(1, len(history) + 1)
        axes.plot(epochs, history.column("loss"), color="#1f77b4", label="training")
        if "val_loss" in row:
            axes.plot(epochs, history.column("val_loss"), color="#e4572e", label="validation")
        axes.set_xlabel("epoch")
        axes.set_ylabel("loss")
        if all(x > 0 and math.isfinite(x) for x in history.column("loss")):
            axes.set_yscale("log")
        axes.legend(frameon=False, fontsize=8)

    return Step("look at the curves", not found, text, numbers, draw, found)
