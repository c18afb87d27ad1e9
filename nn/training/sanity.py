"""Is there a mistake somewhere, before anything is trained for long?

Two checks that take seconds and find most mistakes (CS231n, "Neural networks part 3", before learning: sanity checks):

    check_initial_loss    a fresh model guesses, and guessing has a price: ln C for softmax, C - 1 for the hinge; a penalty makes it higher
    overfit_few           a model that cannot learn 20 samples by heart will not learn anything

Read next: `range_test.py`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd import no_grad
from nn.regularizer import L2
from nn.training.examination import LossCall, losses_noted
from nn.training.problem import Problem, Step, accuracy_of, asked, without_chance


def guess(calls: list[LossCall]) -> tuple[float, str] | None:
    """What a model that guesses pays, and why; None for a loss that nobody knows."""
    if len(calls) != 1 or not calls[0].x.ndim:
        return None
    name, x, t, options = calls[0]
    total = x.shape[0] if options.get("reduction", "mean") == "sum" else 1
    c = x.shape[options.get("axis", min(1, x.ndim - 1))]
    if name in ("cross_entropy", "nll_loss"):
        return total * math.log(c), f"ln {c}: each of {c} classes is as likely"
    if name.startswith("binary_cross_entropy"):
        return (x.size if total > 1 else 1) * math.log(2), "ln 2: yes is as likely as no"
    if name == "multi_margin_loss":
        margin, mean = options.get("margin", 1.0), options.get("over_classes", "mean") == "mean"
        cost = (c - 1) * margin ** options.get("p", 1)
        return total * (cost / c if mean else cost), f"(C - 1) margin{' / C' if mean else ''}: no class is ahead of another"
    if name == "mse_loss":
        return (x.size if total > 1 else 1) * float(np.mean(np.square(np.asarray(t, np.float64)))), "mean of t^2: outputs of 0"
    return None


def check_initial_loss(problem: Problem, expected: float | None = None, tolerance: float = 0.3, strength: float = 1.0,
                       samples: int = 512) -> Step:
    """Does a fresh model pay what guessing costs, and more with a penalty?

    expected:   what it should pay; default: what is known of the loss (ln C, C - 1, ln 2, mean of t^2), if it is known
    tolerance:  how far off it may be, as a share
    strength:   of the L2 penalty
    samples:    on how many it is measured, at most

    Fails if the loss is far from its expectation, not finite, or does not rise with the penalty.
    """
    asked(problem, "check_initial_loss")
    model, (inputs, targets) = problem.model(), problem.some(min(samples, len(problem.train)))
    calls: list[LossCall] = []
    with no_grad(), without_chance(model), losses_noted(calls):
        loss = float(problem.loss(model(*inputs), targets))
    penalised = loss + float(L2(strength)(model).data)
    found = (expected, "as you say") if expected is not None else guess(calls)
    numbers = {"loss": loss, "with penalty": penalised}
    rises = penalised > loss
    said = f"The loss of a fresh model is {loss:.4g}"
    if found is None:
        passed, text = math.isfinite(loss) and rises, f"{said}; what guessing costs is not known for this loss (give expected=)."
    else:
        numbers["expected"] = found[0]
        passed = math.isfinite(loss) and abs(loss - found[0]) <= tolerance * abs(found[0]) and rises
        text = f"{said}; guessing costs {found[0]:.4g} ({found[1]})."
        if not passed and rises:
            text += (" It is far above: the initial weights of the last layer are too large, or the inputs not normalised."
                     if not loss < found[0] else " It is far below: do the inputs hold the answer, or are the targets of one class?")
    text += f" With an L2 penalty it is {penalised:.4g}, {'higher, as it should be' if rises else 'and should be higher'}."

    def draw(axes: Any) -> None:
        bars = {"fresh": loss, "with penalty": penalised}
        axes.bar(list(bars), list(bars.values()), color=["#1f77b4", "#e4572e"], width=0.55)
        if found is not None:
            axes.axhline(found[0], color="#6b7280", linestyle="--", linewidth=1)
            axes.text(0.5, found[0], f"guessing\n{found[0]:.3g}", ha="center", va="bottom", color="#6b7280", fontsize=9)
        if penalised > 20 * max(loss, 1e-12):
            axes.set_yscale("log")
        axes.set_ylabel("loss")

    return Step("initial loss", passed, text, numbers, draw)


def overfit_few(problem: Problem, samples: int = 20, rates: Sequence[float] = (1e-1, 1e-2, 1e-3, 1.0), steps: int = 500,
                goal: float = 0.02) -> Step:
    """Can the model learn a handful of samples by heart? Without penalty, weight decay and dropout.

    samples:  how many
    rates:    learning rates, of which one must do it
    steps:    how many each has
    goal:     the loss must fall below this share of what it was; of classes, all must be right
    """
    asked(problem, "overfit_few")
    inputs, targets = problem.some(samples)
    classifies, best, courses = problem.classifies, (math.inf, 0.0, 0.0), {}
    passed = False
    for rate in rates:
        model = problem.model()
        optimizer = problem.optimizer(model.parameters(), rate, 0.0)
        losses: list[float] = []
        accuracy = 1.0
        with problem.repeatable(), without_chance(model), np.errstate(all="ignore"):
            for _ in range(steps):
                outputs = model(*inputs)
                loss = problem.loss(outputs, targets)
                losses.append(loss.item())
                if classifies:
                    accuracy = accuracy_of(outputs, targets)
                passed = losses[-1] < goal * losses[0] and accuracy == 1
                if passed or not math.isfinite(losses[-1]):
                    break
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        courses[rate] = losses
        last = losses[-1] if math.isfinite(losses[-1]) else math.inf
        if passed or last < best[0]:
            best = (last, accuracy, rate)
        if passed:
            break
    right = f", and {best[1]:.0%} are right" if classifies else ""
    text = (f"The loss of {len(np.asarray(targets))} samples goes from {next(iter(courses.values()))[0]:.4g} to {best[0]:.2g} in "
            f"{len(courses.get(best[2], []))} steps with a learning rate of {best[2]:g}{right}.")
    if not passed:
        text += (" It should go to 0: is the model large enough, does the gradient reach all of it (ask the doctor), and do the targets "
                 "belong to the inputs?")

    def draw(axes: Any) -> None:
        for rate, losses in courses.items():
            axes.plot([x if x > 0 else np.nan for x in losses], label=f"{rate:g}", linewidth=1.6)
        axes.set_yscale("log")
        axes.set_xlabel("step")
        axes.set_ylabel(f"loss of {samples} samples")
        axes.legend(title="learning rate", frameon=False, fontsize=8)

    return Step("overfit a few samples", passed, text, {"loss": best[0], "accuracy": best[1], "lr": best[2]}, draw)
