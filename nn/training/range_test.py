"""Which learning rates learn at all?

Two answers. A few rates, each for some steps: it explodes, it barely changes, or it learns. And one sweep, in which the rate grows a little
with each step: where the loss falls fastest is a good rate, where it rises again is too high. (CS231n, "Neural networks part 3";
Smith 2017, "Cyclical learning rates for training neural networks".)

Read next: `curves.py`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from nn.training.pairs import split
from nn.training.problem import Problem, Step, asked

EXPLODES, BARELY, LEARNS = "explodes", "barely changes", "learns"


def losses_of(problem: Problem, steps: int, rate: Callable[[int], float]) -> list[float]:
    """The losses of some steps from a fresh model, each before its update; they end where the loss is not finite."""
    model, losses = problem.model(), list[float]()
    optimizer = problem.optimizer(model.parameters(), rate(0), 0.0)
    batches = endless(problem)
    with problem.repeatable(), np.errstate(all="ignore"):
        for number in range(steps):
            for group in optimizer.param_groups:
                group["lr"] = rate(number)
            inputs, targets = next(batches)
            loss = problem.loss(model(*inputs), targets)
            losses.append(loss.item())
            if not math.isfinite(losses[-1]):
                break
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return losses


def endless(problem: Problem) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Batches, epoch after epoch."""
    batches = problem.batches()
    while True:
        for batch in batches:
            yield split(batch)


def verdict(losses: list[float], start: float) -> str:
    """What a learning rate does, from its losses and what the first loss was."""
    last = float(np.mean(losses[-max(len(losses) // 5, 3):]))
    if not math.isfinite(last) or last > 1.3 * start:
        return EXPLODES
    return BARELY if start - last < 0.05 * abs(start) else LEARNS


def smoothed(losses: Sequence[float], weight: float = 0.8) -> list[float]:
    """The exponential mean of what came so far, without the bias of its start."""
    mean, found = 0.0, []
    for number, loss in enumerate(losses, 1):
        mean = weight * mean + (1 - weight) * loss
        found.append(mean / (1 - weight ** number))
    return found


def suggested(rates: Sequence[float], losses: Sequence[float]) -> float | None:
    """The rate at which the smoothed loss falls fastest per decade; None if it never falls."""
    smooth = np.array(smoothed([x for x in losses if math.isfinite(x)]))
    if len(smooth) < 10:
        return None
    lowest = int(smooth.argmin())
    if lowest < 3 or smooth[lowest] > 0.95 * smooth[:3].mean():
        return None
    slopes = np.gradient(smooth[: lowest + 1], np.log10(np.asarray(rates[: lowest + 1])))
    return float(rates[int(slopes.argmin())])


def lr_range_test(problem: Problem, rates: Sequence[float] = (1e-1, 1e-2, 1e-3, 1e-4), steps: int = 60,
                  sweep: tuple[float, float] = (1e-6, 10.0), sweep_steps: int = 100) -> Step:
    """What do some learning rates do, and which one is suggested?

    rates:        each is tried for `steps` steps on a fresh model
    sweep:        from which rate to which the sweep goes, in `sweep_steps` steps, by a constant factor

    Fails if none of the rates learns and the sweep suggests none. `numbers["suggestion"]` is the rate at which the sweep falls fastest;
    where it never falls, the largest of `rates` that learns.
    """
    asked(problem, "lr_range_test")
    if not 0 < sweep[0] < sweep[1] or sweep_steps < 10 or steps < 3 or not rates:
        raise ValueError("lr_range_test: rates are given, each has at least 3 steps, and a sweep goes from a small positive rate to a "
                         "larger one in at least 10")
    courses = {rate: losses_of(problem, steps, lambda _, rate=rate: rate) for rate in rates}  # type: ignore[misc]
    start = float(np.mean([losses[0] for losses in courses.values()]))
    verdicts = {rate: verdict(losses, start) for rate, losses in courses.items()}
    factor = (sweep[1] / sweep[0]) ** (1 / (sweep_steps - 1))
    swept = losses_of(problem, sweep_steps, lambda number: sweep[0] * factor ** number)
    grown = [sweep[0] * factor ** number for number in range(len(swept))]
    suggestion = suggested(grown, swept)
    learning = [rate for rate in rates if verdicts[rate] == LEARNS]
    if suggestion is None and learning:
        suggestion = max(learning)
    text = "; ".join(f"{rate:g} {said}" for rate, said in verdicts.items()) + "."
    text += f" The sweep suggests {suggestion:.2g}." if suggestion is not None else " No rate learns: ask the doctor."
    numbers = {f"loss at {rate:g}": losses[-1] for rate, losses in courses.items()}
    if suggestion is not None:
        numbers["suggestion"] = suggestion

    def draw(axes: Any) -> None:
        finite = [(rate, loss) for rate, loss in zip(grown, swept) if math.isfinite(loss)]
        smooth = smoothed([loss for _, loss in finite])
        axes.plot([rate for rate, _ in finite], smooth, color="#1f77b4", linewidth=1.8)
        for rate, said in verdicts.items():
            colour = {LEARNS: "#2a9d5b", BARELY: "#6b7280", EXPLODES: "#e4572e"}[said]
            axes.axvline(rate, color=colour, linewidth=1, linestyle=":")
            axes.text(rate, 0.98, said, rotation=90, color=colour, fontsize=8, ha="right", va="top",
                      transform=axes.get_xaxis_transform())
        if suggestion is not None:
            axes.axvline(suggestion, color="#e4572e", linewidth=1.4)
            axes.text(suggestion, 0.02, f"{suggestion:.2g} ", color="#e4572e", fontsize=9, ha="right", va="bottom",
                      transform=axes.get_xaxis_transform())
        axes.set_xscale("log")
        axes.set_ylim(min(smooth) - 0.1 * start, 1.6 * start)
        axes.set_xlabel("learning rate")
        axes.set_ylabel("loss, smoothed")

    return Step("learning-rate range test", bool(learning) or suggestion is not None, text, numbers, draw, verdicts)
