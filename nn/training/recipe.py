"""How does one find hyper-parameters?

By the recipe of the course, in six steps (CS231n, "Training neural networks 2"; "Neural networks part 3"):

    1  check_initial_loss   does a fresh model pay what guessing costs?                         sanity.py
    2  overfit_few          can it learn 20 samples by heart?
    3  lr_range_test        which learning rates learn at all?                                  range_test.py
    4  coarse_search        many learning rates and weight decays, for an epoch or a few        here
    5  fine_search          fewer, around the best, for longer
    6  look_at_curves       what would help next?                                               curves.py

    report = run_recipe(lambda: nn.models.MLP([64, 100, 10]), nn.CrossEntropyLoss(), (x, t))
    print(report.text())
    report.plot("recipe.png")
    report.best                                     # {"lr": 0.031, "weight_decay": 1e-05}

Each step is a function of a `Problem`, makes its own fresh models from its seed, and returns a `Step` with a verdict and a picture.

Read next: `evaluation.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from nn.module import Module
from nn.training.curves import look_at_curves
from nn.training.history import History
from nn.training.problem import Problem, Step, asked, momentum
from nn.training.range_test import lr_range_test
from nn.training.sanity import check_initial_loss, overfit_few
from nn.training.search import Trial, Trials, grid_search, random_search
from nn.training.space import choice, log_uniform


class Objective:
    """What a trial does: train a fresh model for some epochs, and say how good it is on validation data."""

    def __init__(self, problem: Problem, epochs: int) -> None:
        self.problem, self.epochs = problem, epochs

    def __call__(self, params: dict[str, Any], seed: int) -> dict[str, float]:
        _, history = self.problem.fit(epochs=self.epochs, **params)
        row = history.epochs[-1]
        names = ("val_accuracy", "val_loss", "accuracy", "loss")  # the first one that there is is the score
        return {name: row[name] for name in names if name in row}


def coarse_search(problem: Problem, trials: int = 12, epochs: int = 1, lr: tuple[float, float] = (1e-4, 1e-1),
                  weight_decay: Sequence[float] = (1e-4, 1e-5, 0.0), method: str = "random", space: Mapping[str, Any] | None = None,
                  **options: Any) -> Step:
    """Many trials of few epochs.

    trials:        how many; of a grid, how many learning rates
    lr:            between which learning rates, by their logarithm
    weight_decay:  the values tried
    method:        'random' or 'grid'
    space:         more hyper-parameters, which are arguments of `make_model`
    options:       processes, engine, file, ... of `random_search`

    Fails if no trial is better than guessing.
    """
    asked(problem, "coarse_search")
    if method not in ("random", "grid"):
        raise ValueError(f"method is 'random' or 'grid', not {method!r}")
    whole = {"lr": log_uniform(*lr), "weight_decay": choice(*weight_decay), **(space or {})}
    search: Callable[..., Trials] = random_search if method == "random" else grid_search
    found = search(Objective(problem, epochs), whole, trials, seed=problem.seed, **options)
    return step_of("coarse search", problem, found, better_than_guessing(problem, found), f"{epochs} epoch{'s' if epochs > 1 else ''}")


def fine_search(problem: Problem, coarse: Trials, trials: int = 8, epochs: int = 5, factor: float = 3.0, **options: Any) -> Step:
    """Fewer trials, longer, around the best ones so far.

    coarse:   the trials of a coarse search: `step.result`
    factor:   how far around the best learning rate and weight decay
    options:  processes, engine, file, ... of `random_search`

    Fails if none is as good as the best of the coarse search.
    """
    best = coarse.best.params
    decay = best["weight_decay"]
    near = log_uniform(decay / factor, decay * factor) if decay else choice(0.0, 1e-6)
    space = {**best, "lr": log_uniform(best["lr"] / factor, best["lr"] * factor), "weight_decay": near}
    found = random_search(Objective(problem, epochs), space, trials, seed=problem.seed + 1, **options)
    better = found.best.score >= coarse.best.score if found.higher else found.best.score <= coarse.best.score
    return step_of("fine search", problem, found, better, f"{epochs} epochs")


def better_than_guessing(problem: Problem, trials: Trials) -> bool:
    """Is the best trial better than a model that was not trained?"""
    if trials.name == "val_accuracy":
        targets = [problem.validation[i][1] for i in range(min(len(problem.validation), 500))]
        most = max(targets.count(t) for t in set(map(int, targets))) / len(targets)
        return bool(trials.best.score > min(1.2 * most, (1 + most) / 2))
    return bool(trials.best.score < check_initial_loss(problem).numbers["loss"])


def step_of(name: str, problem: Problem, trials: Trials, passed: bool, length: str) -> Step:
    """A search as a step."""
    best: Trial = trials.best
    failed = sum(bool(t.error) for t in trials)
    chosen = ", ".join(f"{key} = {value:.3g}" if isinstance(value, float) else f"{key} = {value}" for key, value in best.params.items())
    text = (f"The best of {len(trials)} trials of {length} has {trials.name} {best.score:.4g}, with {chosen}."
            + (f" {failed} exploded." if failed else "") + edge(trials)
            + ("" if passed else " That is no better than before: other ranges, more epochs, or ask the doctor."))

    def draw(axes: Any) -> None:
        fine = [t for t in trials if not t.error]
        axes.scatter([t.params["lr"] for t in fine], [t.score for t in fine], s=26, color="#1f77b4", alpha=0.85)
        bad = [t.params["lr"] for t in trials if t.error]
        axes.plot(bad, [0.03] * len(bad), "x", color="#6b7280", transform=axes.get_xaxis_transform())
        axes.scatter([best.params["lr"]], [best.score], s=110, facecolors="none", edgecolors="#e4572e", linewidths=1.8)
        axes.set_xscale("log")
        axes.tick_params(which="minor", labelsize=7, labelcolor="#6b7280")
        axes.set_xlabel("learning rate")
        axes.set_ylabel(trials.name)

    return Step(name, passed, text, {**best.numbers, "lr": best.params["lr"], "weight_decay": best.params["weight_decay"]}, draw, trials)


def edge(trials: Trials) -> str:
    """A best value at the edge of what was tried may have a better one beyond. (CS231n: careful with best values on the border.)"""
    rates = sorted(t.params["lr"] for t in trials)
    if len(rates) >= 5 and trials.best.params["lr"] in (rates[0], rates[-1]):
        return f" It is the {'smallest' if trials.best.params['lr'] == rates[0] else 'largest'} learning rate that was tried: look beyond."
    return ""


class Report:
    """All steps of the recipe.

    steps:    each with its verdict
    best:     the best hyper-parameters
    model:    trained with them, as it was after the last epoch
    history:  of that training
    """

    def __init__(self, steps: list[Step], best: dict[str, Any], model: Module | None, history: History | None) -> None:
        self.steps, self.best, self.model, self.history = steps, best, model, history

    @property
    def passed(self) -> bool:
        """Did all steps pass?"""
        return all(step.passed for step in self.steps)

    def __getitem__(self, name: str) -> Step:
        """A step by its name: report["coarse search"]."""
        for step in self.steps:
            if step.name == name:
                return step
        raise KeyError(f"there is no step {name!r}; there are {', '.join(step.name for step in self.steps)}")

    def text(self) -> str:
        """The verdicts."""
        import textwrap

        lines = []
        for number, step in enumerate(self.steps, 1):
            lines.append(f"{number}. {step.name}: {'passed' if step.passed else 'FAILED'}")
            lines += textwrap.wrap(step.text, 110, initial_indent="   ", subsequent_indent="   ")
        if self.best:
            lines.append("best: " + ", ".join(f"{name} = {value:.4g}" if isinstance(value, float) else f"{name} = {value}"
                                              for name, value in self.best.items()))
        return "\n".join(lines)

    def plot(self, path: Any = None) -> Any:
        """The pictures of all steps, as one matplotlib figure; written to a file if a path is given."""
        from nn.training.pictures import figure, finished, styled

        rows = -(-len(self.steps) // 3)
        made = figure(13, 3.6 * rows)
        for number, step in enumerate(self.steps, 1):
            axes = styled(made.add_subplot(rows, 3, number), title=f"{number}  {step.name}{'' if step.passed else '  (failed)'}")
            step.draw(axes)
        return finished(made, path)

    def __repr__(self) -> str:
        return self.text()


def run_recipe(make_model: Callable[..., Module], loss: Callable[..., Any], data: Any, validation: Any = None, *,
               optimizer: Callable[[Any, float, float], Any] = momentum, batch_size: int = 64, seed: int = 0, coarse: int = 12,
               fine: int = 6, coarse_epochs: int = 1, fine_epochs: int = 5, epochs: int = 10, anyway: bool = False,
               space: Mapping[str, Any] | None = None, **options: Any) -> Report:
    """The whole recipe.

    make_model, loss, data, validation, optimizer, batch_size, seed:  see `Problem`
    coarse, fine:  how many trials the two searches have, of `coarse_epochs` and `fine_epochs` each
    epochs:        of the last training, with the best hyper-parameters
    anyway:        go on although one of the first three steps failed; by default the recipe ends there, for what is wrong must be mended
                   first
    space:         more hyper-parameters for the searches, which are arguments of `make_model`
    options:       processes, engine, ... of `random_search`

    The same seed gives the same report. Raises what the model and the loss raise.
    """
    problem = Problem(make_model, loss, data, validation, optimizer=optimizer, batch_size=batch_size, seed=seed)
    steps: list[Step] = []
    for check in (check_initial_loss, overfit_few, lr_range_test):
        steps.append(check(problem))
        if not steps[-1].passed and not anyway:
            return Report(steps, {}, None, None)
    middle = steps[-1].numbers.get("suggestion", 1e-2)
    steps.append(coarse_search(problem, coarse, coarse_epochs, (middle / 30, middle * 10), space=space, **options))
    steps.append(fine_search(problem, steps[-1].result, fine, fine_epochs, **options))
    searches = [steps[-2].result, steps[-1].result]
    best = dict((searches[1] if steps[-1].passed else searches[0]).best.params)
    model, history = problem.fit(epochs=epochs, **best)
    steps.append(look_at_curves(history, steps[0].numbers["loss"]))
    return Report(steps, best, model, history)
