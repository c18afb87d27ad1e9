"""Do searches cover their space, and does what they find depend on the seed alone?"""

import csv
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from nn.training import choice, grid_search, integers, log_uniform, random_search, uniform

SPACE = {"lr": log_uniform(1e-4, 1e-1), "decay": choice(1e-4, 1e-5, 0), "width": integers(4, 64), "p": uniform(0, 1)}


def bowl(params, seed):
    """Best at lr = 0.01, p = 0.3. At the top of the module, so that it can be pickled."""
    noise = autograd.random.generator().standard_normal() + np.random.standard_normal()
    return {"loss": (np.log10(params["lr"]) + 2) ** 2 + (params.get("p", 0.3) - 0.3) ** 2, "noise": noise, "seed": seed % 1000}


def sometimes(params, seed):
    if params["lr"] > 0.01:
        raise FloatingPointError("the loss is inf")
    return -params["lr"]


def plain(trials):
    return [(t.number, t.params, t.score, t.numbers) for t in trials]


@given(st.floats(1e-6, 1e3), st.floats(1, 1e4), st.integers(0, 1000))
def test_samples_lie_in_their_range(low, factor, seed):
    rng = np.random.default_rng(seed)
    high = low * factor
    for r in (uniform(low, high), log_uniform(low, high)):
        values = [r.sample(rng) for _ in range(5)] + r.grid(4) + r.grid(1)
        assert all(low * (1 - 1e-9) <= v <= high * (1 + 1e-9) for v in values)
    assert log_uniform(low, high).grid(3)[1] == pytest.approx(np.sqrt(low * high))
    assert uniform(low, high).grid(3)[1] == pytest.approx((low + high) / 2)
    assert all(isinstance(v, int) and 2 <= v <= 9 for v in [integers(2, 9).sample(rng) for _ in range(20)] + integers(2, 9).grid(5))


def test_log_uniform_is_uniform_in_the_exponent():
    rng = np.random.default_rng(0)
    values = np.log10([log_uniform(1e-4, 1).sample(rng) for _ in range(2000)])
    counts, _ = np.histogram(values, 4, (-4, 0))
    assert abs(counts - 500).max() < 80
    assert {integers(1, 3).sample(rng) for _ in range(50)} == {1, 2, 3}
    assert {choice([1, "a"]).sample(rng) for _ in range(50)} == {1, "a"}


def test_bad_spaces():
    for make in (lambda: uniform(2, 1), lambda: log_uniform(0, 1), lambda: integers(1, 2.5), lambda: uniform(0, np.inf), lambda: choice()):
        with pytest.raises(ValueError, match=r"first is the smaller|have a logarithm|whole numbers|at least one value"):
            make()
    for search in (random_search, grid_search):
        with pytest.raises(TypeError, match="a space is a dict"):
            search(bowl, [1])
        with pytest.raises(ValueError, match="no hyper-parameters"):
            search(bowl, {})
        with pytest.raises(TypeError, match="the objective is a function"):
            search(3, SPACE)
        with pytest.raises(ValueError, match="at least 1 of each"):
            search(bowl, SPACE, 0)
    with pytest.raises(ValueError, match="'builtin' or 'optuna'"):
        random_search(bowl, SPACE, engine="magic")


def test_random_search_finds_the_bottom():
    trials = random_search(bowl, SPACE, trials=60, seed=1)
    assert not trials.higher and trials.name == "loss"
    assert 0.003 < trials.best.params["lr"] < 0.03
    assert trials.best.score == min(t.score for t in trials)
    assert [t.number for t in trials] == list(range(60))
    assert plain(random_search(bowl, SPACE, trials=5, seed=1)) == plain(trials[:5])  # what a trial tries depends on its number alone
    assert plain(random_search(bowl, SPACE, trials=5, seed=2)) != plain(trials[:5])


def test_generators_are_left_alone():
    before = autograd.random.get_state(), np.random.get_state()[1].tolist()
    random_search(bowl, SPACE, trials=2)
    assert (autograd.random.get_state(), np.random.get_state()[1].tolist()) == before


def test_the_grid_has_all_combinations():
    trials = grid_search(bowl, {"lr": log_uniform(1e-3, 1e-1), "decay": [1e-4, 0], "fixed": "adam"}, points=3)
    assert [(t.params["lr"], t.params["decay"]) for t in trials] == [
        (pytest.approx(lr), d) for lr in (1e-3, 1e-2, 1e-1) for d in (1e-4, 0)]
    assert {t.params["fixed"] for t in trials} == {"adam"}
    assert trials.best.params["lr"] == pytest.approx(1e-2)


@pytest.mark.parametrize("context", ["spawn", "fork"])
def test_the_number_of_processes_does_not_matter(context):
    alone = random_search(bowl, SPACE, trials=5, seed=3)
    assert plain(random_search(bowl, SPACE, trials=5, seed=3, processes=2, multiprocessing_context=context)) == plain(alone)


def test_what_cannot_be_pickled():
    with pytest.raises(TypeError, match="at the top of a module"):
        random_search(lambda params, seed: 0.0, SPACE, processes=2)
    assert len(random_search(lambda params, seed: params["p"], SPACE, 3, processes=2, multiprocessing_context="fork")) == 3


def test_failures_are_trials_too():
    trials = random_search(sometimes, {"lr": log_uniform(1e-4, 1)}, trials=20, higher=True)
    failed = [t for t in trials if t.error]
    assert 0 < len(failed) < 20
    assert failed[0].error == "FloatingPointError: the loss is inf"
    assert trials.best.score == -min(t.params["lr"] for t in trials)
    assert trials.ranked[-len(failed):] == failed
    with pytest.raises(RuntimeError, match=r"all 3 trials failed.*the loss is inf"):
        random_search(sometimes, {"lr": [1.0]}, trials=3)


def test_a_search_that_was_killed_goes_on(tmp_path):
    file, calls = tmp_path / "search.jsonl", []

    def counted(params, seed):
        calls.append(params)
        return bowl(params, seed)

    whole = random_search(counted, SPACE, trials=6, seed=4, file=file)
    lines = file.read_text().splitlines()
    file.write_text("\n".join(lines[:3]) + "\n" + lines[3][:20])  # killed while it wrote the fourth
    calls.clear()
    assert plain(random_search(counted, SPACE, trials=6, seed=4, file=file)) == plain(whole)
    assert len(calls) == 3
    calls.clear()
    assert plain(random_search(counted, SPACE, trials=6, seed=4, file=file)) == plain(whole)
    assert not calls
    assert len([line for line in file.read_text().splitlines() if line.endswith("}") and json.loads(line)]) == 6
    with pytest.raises(ValueError, match="another seed"):
        random_search(counted, SPACE, trials=6, seed=5, file=file)
    with pytest.raises(ValueError, match="of another search: its trial 0 tried"):
        random_search(counted, {"lr": uniform(0.1, 1)}, trials=6, seed=4, file=file)


def test_the_table(tmp_path):
    trials = random_search(bowl, SPACE, trials=4)
    lines = repr(trials).splitlines()
    assert lines[0].split() == ["trial", "lr", "decay", "width", "p", "loss", "seconds"]
    assert int(lines[1].split()[0]) == trials.best.number
    with trials.to_csv(tmp_path / "deep" / "trials.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["trial", "lr", "decay", "width", "p", "loss", "noise", "seed", "seconds", "error"]
    assert [float(row["lr"]) for row in rows] == [t.params["lr"] for t in trials]
    assert [float(row["loss"]) for row in rows] == [t.score for t in trials]


def test_the_picture(tmp_path):
    pytest.importorskip("matplotlib", reason="pictures need matplotlib")
    made = random_search(bowl, {**SPACE, "kind": ["a", "b"]}, trials=8).plot(tmp_path / "search.png")
    assert [axes.get_xlabel() for axes in made.axes] == ["lr", "decay", "width", "p", "kind"]
    assert made.axes[0].get_xscale() == "log"
    assert (tmp_path / "search.png").stat().st_size > 5000


def test_optuna():
    pytest.importorskip("optuna", reason="optuna is an extra: pip install 'onetape[search]'")
    trials = random_search(bowl, SPACE, trials=24, seed=1, engine="optuna")
    assert len(trials) == 24
    assert 0.001 < trials.best.params["lr"] < 0.1
    assert plain(random_search(bowl, SPACE, trials=10, seed=1, engine="optuna", processes=2)) == plain(trials[:10])


def test_optuna_is_named_where_it_is_missing(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "optuna", None)
    with pytest.raises(ImportError, match=r"onetape\[search\]"):
        random_search(bowl, SPACE, engine="optuna")
