"""Which hyper-parameters are best?

    def objective(params, seed):
        ...                                                    # train with params["lr"], ...
        return {"val_accuracy": 0.93, "loss": 0.2}             # or just a number

    trials = random_search(objective, {"lr": log_uniform(1e-4, 1e-1)}, trials=20, processes=2, file="search.jsonl")
    print(trials)                                              # a table, the best first
    trials.best.params

Random search tries more different values of what matters than a grid of the same size (Bergstra & Bengio 2012). What trial number i tries
depends on (seed, i) alone, not on the number of processes or on what was done before. With a file, a search that was killed goes
on where it was.

Read next: `recipe.py`.
"""

from __future__ import annotations

import csv
import json
import multiprocessing
import pickle
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import autograd
from nn.training.history import better_when_higher
from nn.training.space import space_of

Objective = Callable[[dict[str, Any], int], Any]
ROUND = 4
"""How many trials optuna is asked for at once, however many processes there are."""


class Trial(NamedTuple):
    """One trial.

    number:   which; what it tries depends on (seed, number) alone
    params:   the hyper-parameters
    score:    what the objective returned; NaN if it failed
    numbers:  all that it returned, by name
    seconds:  how long it took
    error:    why it failed, or ''
    """

    number: int
    params: dict[str, Any]
    score: float
    numbers: dict[str, float]
    seconds: float
    error: str = ""


class Trials(Sequence[Trial]):
    """All trials of a search, by number. Prints as a table, the best first.

    name:    what the score is called
    higher:  is more better?
    """

    def __init__(self, trials: Iterable[Trial], name: str = "score", higher: bool = True) -> None:
        self.trials, self.name, self.higher = sorted(trials, key=lambda trial: trial.number), name, higher

    def __len__(self) -> int:
        return len(self.trials)

    def __getitem__(self, i: Any) -> Any:
        return self.trials[i]

    def __iter__(self) -> Iterator[Trial]:
        return iter(self.trials)

    @property
    def names(self) -> list[str]:
        """The hyper-parameters."""
        return list(dict.fromkeys(name for t in self for name in t.params))

    @property
    def ranked(self) -> list[Trial]:
        """The best first; those that failed last."""
        sign = -1.0 if self.higher else 1.0
        return sorted(self.trials, key=lambda t: (np.isnan(t.score), sign * t.score if not np.isnan(t.score) else 0.0, t.number))

    @property
    def best(self) -> Trial:
        """The best trial. Raises RuntimeError if all failed, with the first error."""
        best = self.ranked[0]
        if np.isnan(best.score):
            raise RuntimeError(f"all {len(self)} trials failed; the first one with: {self.trials[0].error or 'a score that is NaN'}")
        return best

    def to_csv(self, path: Any) -> Path:
        """Write one line per trial. Returns the path."""
        path = Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        params = self.names
        numbers = [name for name in dict.fromkeys(name for t in self for name in t.numbers) if name != self.name]
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["trial", *params, self.name, *numbers, "seconds", "error"])
            for t in self:
                writer.writerow([t.number, *(t.params.get(n, "") for n in params), t.score, *(t.numbers.get(n, "") for n in numbers),
                                 f"{t.seconds:.3f}", t.error])
        return path

    def plot(self, path: Any = None) -> Any:
        """The score over each hyper-parameter, as a matplotlib figure; written to a file if a path is given."""
        from nn.training.pictures import HELD_OUT, TRAINED, figure, finished, styled

        names = [name for name in self.names if len({repr(t.params.get(name)) for t in self}) > 1]
        made = figure(3.6 * max(len(names), 1), 3.2)
        for i, name in enumerate(names):
            axes = styled(made.add_subplot(1, len(names), i + 1), xlabel=name, ylabel=self.name if not i else "")
            values: list[Any] = [t.params.get(name) for t in self]
            plain = all(isinstance(v, (int, float)) for v in values)
            if plain and min(values) > 0 and max(values) > 20 * min(values):
                axes.set_xscale("log")
            elif plain and min(values) == 0 and max(values) < 0.1:
                axes.set_xscale("symlog", linthresh=min(v for v in values if v) / 3)
            axes.scatter(values if plain else [str(v) for v in values], [t.score for t in self], s=24, color=TRAINED, alpha=0.8)
            best = self.ranked[0]
            axes.scatter([best.params[name] if plain else str(best.params[name])], [best.score], s=90, facecolors="none",
                         edgecolors=HELD_OUT, linewidths=1.8)
        return finished(made, path)

    def __repr__(self) -> str:
        params = self.names
        rows = [["trial", *params, self.name, "seconds"]]
        rows += [[str(t.number), *(shown(t.params.get(n)) for n in params), t.error[:60] or shown(t.score), f"{t.seconds:.1f}"]
                 for t in self.ranked]
        widths = [max(map(len, column)) for column in zip(*rows)]
        return "\n".join("  ".join(cell.rjust(width) for cell, width in zip(row, widths)) for row in rows)


def shown(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, (int, float)) and not isinstance(value, bool) else str(value)


# ---- the searches -----------------------------------------------------------------------------------------------------


def random_search(objective: Objective, space: Mapping[str, Any], trials: int = 20, *, seed: int = 0, processes: int = 1,
                  higher: bool | None = None, engine: str = "builtin", file: Any = None,
                  multiprocessing_context: str = "spawn") -> Trials:
    """Try hyper-parameters at random.

    objective:  f(params, seed) -> a number, or a dict of numbers, of which the first is the score. The generators of autograd and NumPy
                are seeded with `seed` before. An error, such as `NonFiniteLoss`, makes the trial fail, not the search
    space:      see `space.py`
    trials:     how many
    seed:       of everything
    processes:  how many trials run at the same time; the results do not depend on it
    higher:     is a larger score better? Default: unless it is called a loss or an error
    engine:     'builtin', or 'optuna': its sampler looks at earlier trials (the extra `search`)
    file:       a path; each finished trial is a line there, and trials that stand there are not run again
    multiprocessing_context:  'spawn' needs an objective that can be pickled, 'fork' none of that, but hangs with some threaded libraries

    >>> from nn.training import log_uniform, random_search
    >>> trials = random_search(lambda params, seed: -abs(params["lr"] - 0.01), {"lr": log_uniform(1e-4, 1)}, trials=30)
    >>> 0.001 < trials.best.params["lr"] < 0.1
    True

    Raises ValueError for an unknown engine, and a file of another search; TypeError for an objective that cannot be pickled;
    RuntimeError if all trials failed.
    """
    ranges = space_of(space)
    if trials < 1 or processes < 1:
        raise ValueError(f"random_search(trials={trials}, processes={processes}): at least 1 of each")
    if engine not in ("builtin", "optuna"):
        raise ValueError(f"engine is 'builtin' or 'optuna', not {engine!r}")
    with Runner(objective, seed, processes, file, multiprocessing_context) as runner:
        if engine == "optuna":
            return with_optuna(runner, ranges, trials, seed, higher)
        drawn = []
        for number in range(trials):
            rng = np.random.default_rng([seed, number])
            drawn.append((number, {name: r.sample(rng) for name, r in ranges.items()}))
        return collected(runner.run(drawn), higher)


def grid_search(objective: Objective, space: Mapping[str, Any], points: int = 3, *, seed: int = 0, processes: int = 1,
                higher: bool | None = None, file: Any = None, multiprocessing_context: str = "spawn") -> Trials:
    """Try all combinations.

    points:  how many values a range is covered with; a `choice` has all of its own

    All else is as in `random_search`.
    """
    ranges = space_of(space)
    if points < 1 or processes < 1:
        raise ValueError(f"grid_search(points={points}, processes={processes}): at least 1 of each")
    combinations = product(*(r.grid(points) for r in ranges.values()))
    with Runner(objective, seed, processes, file, multiprocessing_context) as runner:
        return collected(runner.run([(number, dict(zip(ranges, values))) for number, values in enumerate(combinations)]), higher)


def collected(trials: list[Trial], higher: bool | None) -> Trials:
    name = next((next(iter(t.numbers)) for t in trials if t.numbers), "score")
    found = Trials(trials, name, better_when_higher(name) if higher is None else higher)
    _ = found.best  # raises if there is none
    return found


def with_optuna(runner: Runner, ranges: Mapping[str, Any], trials: int, seed: int, higher: bool | None) -> Trials:
    """Trials that optuna suggests, a few at a time, so that what it knows does not depend on the number of processes."""
    try:
        import optuna
    except ImportError as missing:
        raise ImportError('engine="optuna" needs optuna: pip install "onetape[search]"; engine="builtin" needs nothing') from missing
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study, done, sign = None, list[Trial](), 1.0
    while len(done) < trials:
        if study is None:
            study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=seed))
        asked = [study.ask() for _ in range(min(ROUND, trials - len(done)))]
        found = runner.run([(t.number, {name: r.suggest(t, name) for name, r in ranges.items()}) for t in asked])
        done += found
        sign = 1.0 if collected(done, higher).higher else -1.0
        for t, trial in zip(asked, found):
            if np.isnan(trial.score):
                study.tell(t, state=optuna.trial.TrialState.FAIL)
            else:
                study.tell(t, sign * trial.score)
    return collected(done, higher)


# ---- running trials ---------------------------------------------------------------------------------------------------


class Runner:
    """Runs trials, in this process or in others, and remembers those that are done in a file."""

    def __init__(self, objective: Objective, seed: int, processes: int, file: Any, context: str) -> None:
        if not callable(objective):
            raise TypeError(f"the objective is a function f(params, seed), and not {type(objective).__name__}")
        self.objective, self.seed, self.processes = objective, seed, processes
        self.file = None if file is None else Path(file)
        self.context = multiprocessing.get_context(context) if processes > 1 else None
        if processes > 1 and context != "fork":
            try:
                pickle.dumps(objective)
            except Exception as error:
                raise TypeError(f"with processes={processes} the objective is pickled, and this one cannot be ({error}): define it at the "
                                "top of a module, or write multiprocessing_context='fork'") from error
        self.pool: Any = None
        self.done = {} if self.file is None or not self.file.exists() else read(self.file, seed)

    def __enter__(self) -> Runner:
        return self

    def __exit__(self, *_: object) -> None:
        if self.pool is not None:
            self.pool.terminate()
            self.pool.join()

    def run(self, wanted: list[tuple[int, dict[str, Any]]]) -> list[Trial]:
        """These trials, in their order; those in the file are not run again."""
        found = {number: self.known(number, params) for number, params in wanted if number in self.done}
        tasks = [(self.objective, number, params, self.seed) for number, params in wanted if number not in found]
        for trial in self.results(tasks):
            found[trial.number] = trial
            self.write(trial)
        return [found[number] for number, _ in wanted]

    def results(self, tasks: list[Any]) -> Iterator[Trial]:
        if self.context is None or len(tasks) < 2:
            return map(tried, tasks)
        if self.pool is None:
            global FORKED
            FORKED = self.objective
            self.pool = self.context.Pool(self.processes)  # a fork takes FORKED along, anything else gets it pickled
        forked = self.context.get_start_method() == "fork"
        return iter(self.pool.imap_unordered(tried, [(None if forked else task[0], *task[1:]) for task in tasks]))

    def known(self, number: int, params: dict[str, Any]) -> Trial:
        trial = self.done[number]
        if json.loads(json.dumps(params, default=repr)) != trial.params:
            raise ValueError(f"{self.file} is of another search: its trial {number} tried {trial.params}, and here it would be {params}. "
                             "Give another file, or delete this one.")
        return trial._replace(params=params)

    def write(self, trial: Trial) -> None:
        if self.file is not None:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            cut = self.file.exists() and self.file.read_bytes()[-1:] not in (b"", b"\n")  # its last line was not finished
            with self.file.open("a", encoding="utf-8") as lines:
                lines.write("\n" * cut + json.dumps({"seed": self.seed, **trial._asdict()}, default=repr) + "\n")


FORKED: Any = None
"""The objective, for processes that were forked."""


def read(file: Path, seed: int) -> dict[int, Trial]:
    """The trials in a file. A last line that was not finished is left out."""
    found = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if entry.pop("seed", None) != seed:
            raise ValueError(f"{file} is of a search with another seed. Give another file, or delete this one.")
        found[entry["number"]] = Trial(**entry)
    return found


def tried(task: tuple[Any, int, dict[str, Any], int]) -> Trial:
    """Run one trial."""
    objective, number, params, seed = task
    objective = FORKED if objective is None else objective
    own = int(np.random.SeedSequence([seed, number, 1]).generate_state(1)[0])
    states = autograd.random.get_state(), np.random.get_state()
    autograd.random.set_state(dict(np.random.default_rng(own).bit_generator.state))
    np.random.seed(own)
    started = time.perf_counter()
    try:
        result = objective(dict(params), own)
        numbers = {name: float(value) for name, value in (result if isinstance(result, Mapping) else {"score": result}).items()}
        return Trial(number, params, next(iter(numbers.values())), numbers, time.perf_counter() - started)
    except Exception as error:
        return Trial(number, params, float("nan"), {}, time.perf_counter() - started, f"{type(error).__name__}: {error}")
    finally:
        autograd.random.set_state(states[0])
        np.random.set_state(states[1])
