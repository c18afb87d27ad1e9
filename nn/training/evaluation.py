"""How does one get more out of trained models?

By asking more than once. Several models err in different places, so do views of one image, and so does one model with dropout left on;
the average of their answers errs less than each.

    Ensemble([model1, model2, model3])(x)                  averaged probabilities; of snapshots: Ensemble.of_snapshots(model, paths)
    test_time_augmentation(model, x, [views])              averaged over changed inputs
    monte_carlo(model, x, samples=30).mean                 f(x) = E_z f(x, z), averaged over the randomness of the model
    compare_stochastic(model, x, targets)                  once without randomness, or often with it?

(CS231n, "Neural networks part 3", model ensembles; Gal & Ghahramani 2016 for dropout at test time.)

Read next: `signals.py`.
"""

from __future__ import annotations

import copy
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np

import autograd
from autograd import no_grad, ops
from nn.container import ModuleList, Sequential
from nn.data.draws import Draws
from nn.data.transforms.transform import transformed
from nn.freeze import is_random
from nn.module import Module
from nn.training.checkpoint import load_checkpoint
from nn.training.pairs import arguments, first, plain

MODES = ("probabilities", "logits", "log_probabilities", "votes", "outputs")
"""What is averaged: softmax(scores); the scores, with a softmax after; log softmax(scores), a geometric mean; the classes; or what the
model returns, as it is (regression, models that return probabilities)."""


def answer(scores: Any, mode: str) -> Any:
    """What one member says, in the form in which it is averaged."""
    scores = first(scores)
    if mode == "probabilities":
        return np.asarray(ops.softmax(scores, axis=class_axis(scores)))
    if mode == "log_probabilities":
        return np.asarray(ops.log_softmax(scores, axis=class_axis(scores)))
    if mode == "votes":
        axis = class_axis(scores)
        return np.moveaxis(np.eye(scores.shape[axis], dtype=scores.dtype)[scores.argmax(axis=axis)], -1, axis)
    return np.asarray(scores)


def class_axis(scores: Any) -> int:
    return min(1, scores.ndim - 1)


def averaged(answers: Iterable[Any], mode: str, weights: Sequence[float] | None = None) -> Any:
    """The mean of the members' answers, as probabilities if it is not of outputs."""
    total, weight = None, 0.0
    for i, one in enumerate(answers):
        w = 1.0 if weights is None else weights[i]
        if total is not None and one.shape != total.shape:
            raise ValueError(f"answer {i} has shape {one.shape}, and those before {total.shape}: the members must answer the same "
                             "question, with the same classes")
        total, weight = one * one.dtype.type(w) if total is None else total + one * one.dtype.type(w), weight + w
    if total is None:
        raise ValueError("there is nothing to average")
    mean = total / total.dtype.type(weight)
    return np.asarray(ops.softmax(mean, axis=class_axis(mean))) if mode in ("logits", "log_probabilities") else mean


def check_mode(mode: str) -> str:
    if mode not in MODES:
        raise ValueError(f"mode is one of {', '.join(map(repr, MODES))}, not {mode!r}")
    return mode


@contextmanager
def in_mode(model: Module, random: bool = False) -> Iterator[None]:
    """Evaluation mode, without recording; with the random layers in training mode if wanted. Modes are put back."""
    modes = [(module, module.training) for module in model.modules()]
    try:
        for module, _ in modes:
            module.training = random and is_random(module)
        with no_grad():
            yield
    finally:
        for module, training in modes:
            module.training = training


class Ensemble(Module):
    """The average of several models: calling it returns averaged probabilities, (N, C), as a Tensor.

    models:   modules that give scores, (N, C, ...); each is called in evaluation mode, whatever its own
    mode:     what is averaged: 'probabilities', 'logits', 'log_probabilities' (the geometric mean), 'votes' (of the classes), or
              'outputs', as they are (regression; models that end in a softmax or a sigmoid)
    weights:  how much each counts; default: all the same

    >>> import numpy as np, nn
    >>> from nn.training import Ensemble
    >>> models = [nn.Linear(4, 3, rng=i) for i in range(5)]
    >>> Ensemble(models)(np.ones((2, 4), np.float32)).sum(1)
    tensor([1., 1.], dtype=float32)

    Raises ValueError for no models, an unknown mode, and weights that do not fit.
    """

    def __init__(self, models: Iterable[Module], mode: str = "probabilities", weights: Sequence[float] | None = None) -> None:
        if isinstance(models, Sequential) or (isinstance(models, Module) and not isinstance(models, ModuleList)):
            raise TypeError(f"an ensemble is of several models, and this is one, a {type(models).__name__}: write "
                            "Ensemble([first, second])")
        self.models = list(models)
        if not self.models:
            raise ValueError("an ensemble needs at least one model")
        for model in self.models:
            if not isinstance(model, Module):
                raise TypeError(f"an ensemble is of Modules, and one of these is a {type(model).__name__}")
        if weights is not None and (len(weights) != len(self.models) or min(weights) < 0 or not sum(weights) > 0):
            raise ValueError(f"weights needs a number of at least 0 for each of the {len(self.models)} models, not all of them 0, and is "
                             f"{weights!r}")
        self.mode, self.weights = check_mode(mode), None if weights is None else [float(w) for w in weights]

    @classmethod
    def of_snapshots(cls, model: Module, snapshots: Iterable[Any], mode: str = "probabilities",
                     weights: Sequence[float] | None = None) -> Ensemble:
        """An ensemble of one model at several times. (Huang et al. 2017, "Snapshot ensembles: train 1, get M for free".)

        model:      how it is built; it is copied
        snapshots:  a `state_dict()` of it, or the path of a checkpoint, for each time
        """
        members = []
        for snapshot in snapshots:
            state = snapshot
            if isinstance(snapshot, (str, os.PathLike)):
                state = load_checkpoint(snapshot)
            if isinstance(state, Mapping) and "model" in state and isinstance(state["model"], Mapping):
                state = state["model"]
            members.append(copy.deepcopy(model))
            members[-1].load_state_dict(state)
        return cls(members, mode, weights)

    def forward(self, *inputs: Any) -> Any:
        return autograd.tensor(averaged(self.answers(inputs), self.mode, self.weights))

    def answers(self, inputs: tuple[Any, ...]) -> Iterator[Any]:
        """What each model says."""
        for model in self.models:
            with in_mode(model):
                one = answer(model(*inputs), self.mode)
            yield one  # outside: who takes it may raise, and the modes are back by then

    def extra_repr(self) -> str:
        return f"mode={self.mode!r}" + ("" if self.weights is None else f", weights={self.weights}")


def test_time_augmentation(model: Module, x: Any, transforms: Sequence[Callable[..., Any]], mode: str = "probabilities",
                           seed: int = 0) -> Any:
    """The average of what a model says about several views of the same inputs.

    x:           a batch, (N, ...)
    transforms:  each makes a view, from `nn.data.transforms` or f(sample); also those that make several, such as `TenCrop`; None is the
                 batch as it is
    mode:        what is averaged; see `Ensemble`
    seed:        of random transforms; the view of a sample depends on (seed, transform, sample) alone

    Returns an array. (Krizhevsky et al. 2012, section 4.1: ten crops.) Raises ValueError for no transforms.
    """
    check_mode(mode)
    if not transforms:
        raise ValueError("test_time_augmentation() needs transforms, at least one; None stands for the batch as it is")
    x = np.asarray(plain(x))
    answers = []
    with in_mode(model):
        for number, transform in enumerate(transforms):
            view = x if transform is None else transformed(transform, x, Draws.of(np.random.default_rng([seed, number]), len(x)))
            if np.ndim(view) == x.ndim + 1:  # several views of each
                answers += [answer(model(np.ascontiguousarray(view[:, i])), mode) for i in range(view.shape[1])]
            else:
                answers.append(answer(model(view), mode))
    return averaged(answers, mode)


test_time_augmentation.__test__ = False  # type: ignore[attr-defined]  # its name looks like a test to pytest


class MonteCarlo(NamedTuple):
    """What a random model says about a batch.

    mean:     E_z f(x, z), averaged over the samples
    std:      the deviation from sample to sample
    samples:  all of them, (samples, N, ...)
    """

    mean: Any
    std: Any
    samples: Any

    @property
    def entropy(self) -> Any:
        """How unsure the average is, for each example: -sum p log p. For probabilities."""
        return -np.sum(self.mean * np.log(np.maximum(self.mean, 1e-30)), axis=class_axis(self.mean))

    @property
    def information(self) -> Any:
        """How much of that comes from the samples' disagreement: the entropy of the mean minus the mean entropy. (Houlsby et al. 2011.)"""
        each = -np.sum(self.samples * np.log(np.maximum(self.samples, 1e-30)), axis=1 + class_axis(self.mean))
        return self.entropy - each.mean(axis=0)


def monte_carlo(model: Module, x: Any, samples: int = 30, mode: str = "probabilities", seed: int | None = None) -> MonteCarlo:
    """f(x) = E_z f(x, z): the average over the randomness of a model, at test time.

    Dropout, DropConnect, stochastic depth, fractional pooling and their kin stay on; everything else, batch normalisation too, behaves as
    in use.

    x:        a batch, or a tuple of arguments
    samples:  how often the model is called
    mode:     'probabilities' (softmax of the scores) or 'outputs'; see `Ensemble`
    seed:     of all random layers, for the same result every time; None draws from their generators as training does

    Raises ValueError for no samples, and for a model without random layers.
    """
    if samples < 1:
        raise ValueError(f"monte_carlo() takes at least 1 sample, and not {samples}")
    if mode in ("logits", "log_probabilities", "votes"):
        raise ValueError(f"monte_carlo() averages 'probabilities' or 'outputs', not {mode!r}")
    check_mode(mode)
    if not any(is_random(module) for module in model.modules()):
        raise ValueError(f"{type(model).__name__} has no random layers (dropout, ...): call it once, in evaluation mode")
    with in_mode(model, random=True), seeded(model, seed):
        drawn = np.stack([answer(model(*arguments(x)), mode) for _ in range(samples)])
    return MonteCarlo(drawn.mean(axis=0), drawn.std(axis=0), drawn)


@contextmanager
def seeded(model: Module, seed: int | None) -> Iterator[None]:
    """Inside, the default generator and those of the random layers start from this seed; afterwards they are where they were."""
    if seed is None:
        yield
        return
    own: list[tuple[Any, Any]] = [(module, getattr(module, "rng", None)) for module in model.modules()]
    own = [(module, rng) for module, rng in own if isinstance(rng, np.random.Generator)]
    state = autograd.random.get_state()
    try:
        autograd.random.set_state(dict(np.random.default_rng(seed).bit_generator.state))
        for number, (module, _) in enumerate(own):
            module.rng = np.random.default_rng([seed, number])
        yield
    finally:
        autograd.random.set_state(state)
        for module, rng in own:
            module.rng = rng


class Comparison(list[dict[str, float]]):
    """One row for each way to evaluate; prints as a table."""

    def __repr__(self) -> str:
        names = list(dict.fromkeys(name for row in self for name in row))
        rows = [names, *([text(row.get(name)) for name in names] for row in self)]
        widths = [max(map(len, column)) for column in zip(*rows)]
        return "\n".join("  ".join(cell.rjust(width) for cell, width in zip(row, widths)) for row in rows)


def text(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else f"{value:.4g}"


def compare_stochastic(model: Module, x: Any, targets: Any = None, samples: Sequence[int] = (1, 5, 30), seed: int = 0) -> Comparison:
    """The model without randomness, and averaged over more and more of it.

    x, targets:  a batch of a classification problem; without targets there is no accuracy and no loss
    samples:     over how many calls is averaged

    Returns a table: the evaluation, its accuracy and loss (-log p of the true class), how often it names the same class as the model
    without randomness ('agrees'), and how far its probabilities are from that model's on average ('distance').
    """
    if not samples or min(samples) < 1:
        raise ValueError(f"compare_stochastic(samples={samples!r}): numbers of calls, each at least 1")
    with in_mode(model):
        once = answer(model(*arguments(x)), "probabilities")
    drawn = monte_carlo(model, x, max(samples), seed=seed).samples
    ways = [("deterministic", once), *((f"average of {n}", drawn[:n].mean(axis=0)) for n in samples)]
    table = Comparison()
    for name, p in ways:
        row: dict[str, Any] = {"evaluation": name}
        if targets is not None:
            t = np.asarray(plain(targets))
            axis = class_axis(p)
            row["accuracy"] = float((p.argmax(axis=axis) == t).mean())
            row["loss"] = float(-np.log(np.maximum(np.take_along_axis(p, np.expand_dims(t, axis), axis), 1e-30)).mean())
        row["agrees"] = float((p.argmax(axis=class_axis(p)) == once.argmax(axis=class_axis(p))).mean())
        row["distance"] = float(np.abs(p - once).mean())
        table.append(row)
    return table


def calibration_error(probabilities: Any, targets: Any, bins: int = 15) -> float:
    """Expected calibration error: sum over bins of the share of examples times |accuracy - mean confidence|. (Guo et al. 2017.)

    probabilities:  (N, C)
    targets:        classes (N,)
    bins:           the confidences are put into so many bins of equal width

    >>> import numpy as np
    >>> from nn.training import calibration_error
    >>> round(calibration_error(np.array([[0.8, 0.2]] * 10), np.array([0] * 6 + [1] * 4)), 4)  # 80 % sure, 60 % right
    0.2
    """
    p, t = np.asarray(plain(probabilities), np.float64), np.asarray(plain(targets))
    if p.ndim != 2 or t.shape != p.shape[:1] or not len(p):
        raise ValueError(f"calibration_error takes probabilities (N, C) and classes (N,), and not {p.shape} and {t.shape}")
    if p.min() < 0 or not np.allclose(p.sum(axis=1), 1, atol=1e-3):
        raise ValueError("calibration_error takes probabilities: rows that sum to 1. Of scores take softmax first")
    confidence, right = p.max(axis=1), p.argmax(axis=1) == t
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    return float(sum(abs(right[place == b].mean() - confidence[place == b].mean()) * (place == b).mean() for b in np.unique(place)))


