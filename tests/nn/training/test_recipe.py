"""Do the steps of the recipe give the right verdict, on problems of which it is known?"""

import math

import numpy as np
import pytest

import autograd
import nn
import optim
from nn.training import (
    History,
    Problem,
    check_initial_loss,
    coarse_search,
    fine_search,
    look_at_curves,
    lr_range_test,
    overfit_few,
    run_recipe,
)
from nn.training.range_test import smoothed, suggested, verdict

X, T = nn.data.spiral(60, rng=0)
CLOUDS = nn.data.blobs(40, centers=[[-2.0, 0], [2, 0], [0, 3]], noise=0.5, rng=0)


def mlp(width=32):
    return nn.models.MLP([2, width, 3])


def problem(make=mlp, loss=None, data=CLOUDS, **options):
    return Problem(make, loss or nn.CrossEntropyLoss(), data, batch_size=16, **options)


def small(make):
    """The same model with a last layer of small weights, which guesses."""
    def made():
        model = make()
        layers = [m for m in model.modules() if isinstance(m, nn.Linear)]
        nn.init.normal_(layers[-1].weight, 0, 0.01)
        return model
    return made


# ---- the problem --------------------------------------------------------------------------------------------------------


def test_a_problem_gives_the_same_every_time():
    autograd.random.seed(3)
    p, state = problem(), autograd.random.get_state()
    a, b = p.model(), p.model()
    assert a is not b and all(np.array_equal(u.data, v.data) for u, v in zip(a.parameters(), b.parameters()))
    assert len(p.train) == 96 and len(p.validation) == 24
    (_, one), (_, two) = (p.fit(0.1, 0.0, 2) for _ in range(2))
    assert one.epochs == two.epochs
    assert autograd.random.get_state() == state
    dropping = problem(lambda: nn.models.MLP([2, 32, 3], dropout=0.5))
    assert dropping.fit(0.1, 0.0, 2)[1].steps == dropping.fit(0.1, 0.0, 2)[1].steps
    with pytest.raises(TypeError, match="makes a fresh model"):
        Problem(mlp(), nn.CrossEntropyLoss(), CLOUDS)
    with pytest.raises(TypeError, match=r"give the \.dataset"):
        Problem(mlp, nn.CrossEntropyLoss(), iter([]))
    with pytest.raises(ValueError, match="only 4 samples"):
        Problem(mlp, nn.CrossEntropyLoss(), (X[:4], T[:4]))


# ---- 1 initial loss ---------------------------------------------------------------------------------------------------


def test_what_guessing_costs():
    yes = (CLOUDS[1] > 0).astype(np.float32)[:, None]
    one = small(lambda: nn.models.MLP([2, 32, 1]))
    cases = [
        (small(mlp), nn.CrossEntropyLoss(), CLOUDS, math.log(3)),
        (small(mlp), nn.CrossEntropyLoss(reduction="sum"), CLOUDS, 96 * math.log(3)),
        (small(mlp), lambda y, t: nn.functional.nll_loss(nn.functional.log_softmax(y, 1), t), CLOUDS, math.log(3)),
        (small(mlp), nn.MultiMarginLoss(over_classes="sum"), CLOUDS, 2.0),
        (small(mlp), nn.MultiMarginLoss(), CLOUDS, 2 / 3),
        (one, nn.BCEWithLogitsLoss(), (CLOUDS[0], yes), math.log(2)),
        (one, nn.MSELoss(), (CLOUDS[0], 3 * yes), None),
    ]
    for make, loss, data, expected in cases:
        step = check_initial_loss(problem(make, loss, data))
        assert step.passed, step
        assert step.numbers["loss"] == pytest.approx(step.numbers["expected"], rel=0.15)
        assert expected is None or step.numbers["expected"] == pytest.approx(expected)
        assert step.numbers["with penalty"] > step.numbers["loss"]


def test_an_initial_loss_that_is_wrong():
    def large():
        model = mlp()
        nn.init.normal_(model[2].weight, 0, 3.0)
        return model

    step = check_initial_loss(problem(large))
    assert not step.passed and "far above" in step.text and step.numbers["loss"] > 2
    leaky = check_initial_loss(problem(small(mlp)), expected=5.0)
    assert not leaky.passed and "far below" in leaky.text
    unknown = check_initial_loss(problem(small(mlp), lambda y, t: (y * y).mean() + 1))
    assert unknown.passed and "is not known" in unknown.text and "expected" not in unknown.numbers
    assert not check_initial_loss(problem(small(mlp), lambda y, t: (y * y).mean() * np.float32(np.nan))).passed
    assert not check_initial_loss(problem(small(mlp)), strength=0.0).passed  # the penalty does nothing


# ---- 2 overfit a few ------------------------------------------------------------------------------------------------------


def test_a_model_that_can_learn_by_heart():
    for make in (mlp, lambda: nn.models.MLP([2, 32, 3], dropout=0.5)):  # dropout is off meanwhile
        step = overfit_few(problem(make))
        assert step.passed and step.numbers["accuracy"] == 1 and step.numbers["loss"] < 0.03, step
    number = overfit_few(problem(lambda: nn.models.MLP([2, 32, 1]), nn.MSELoss(), (X, X[:, :1] * X[:, 1:])), samples=10)
    assert number.passed and "are right" not in number.text


def test_models_that_cannot():
    linear = overfit_few(problem(lambda: nn.Linear(2, 3), data=(X, T)), steps=60, rates=(0.1,))
    assert not linear.passed and "should go to 0" in linear.text and linear.numbers["accuracy"] < 1

    def cut():
        model = mlp()
        model.requires_grad_(False)
        model[2].bias.requires_grad_(True)
        return model

    assert not overfit_few(problem(cut, data=(X, T)), steps=30, rates=(0.1,)).passed


# ---- 3 range test -----------------------------------------------------------------------------------------------------------


def test_verdicts():
    assert verdict([2.3, 2.29, 2.31], 2.3) == "barely changes"
    assert verdict([2.3, 1.9, 1.2, 1.0, 0.9], 2.3) == "learns"
    assert verdict([2.3, 5.0, 9.0, 20.0], 2.3) == verdict([2.3, math.nan], 2.3) == verdict([2.3, math.inf], 2.3) == "explodes"
    assert smoothed([1.0, 1.0, 1.0]) == pytest.approx([1, 1, 1])
    assert smoothed([0.0, 1.0], 0.5) == pytest.approx([0, 2 / 3])


def test_the_suggestion_is_where_the_loss_falls_fastest():
    rates = np.geomspace(1e-5, 10, 121)
    losses = 2 - 1.5 / (1 + np.exp(-4 * (np.log10(rates) + 2))) + np.maximum(0, np.log10(rates)) * 5  # falls fastest at 0.01
    assert 0.01 < suggested(rates, losses) < 0.06  # the smoothing lags behind
    assert suggested(rates, np.full(121, 2.0)) is None
    assert suggested(rates, np.linspace(2, 3, 121)) is None
    assert suggested(rates[:5], losses[:5]) is None


def test_learning_rates_are_told_apart():
    step = lr_range_test(problem(), rates=(1e4, 1e-1, 1e-7), steps=30, sweep_steps=60)
    assert step.result == {1e4: "explodes", 1e-1: "learns", 1e-7: "barely changes"}
    assert step.passed
    assert 1e-3 < step.numbers["suggestion"] < 1
    again = lr_range_test(problem(), rates=(1e4, 1e-1, 1e-7), steps=30, sweep_steps=60)
    assert again.numbers == step.numbers
    stuck = lr_range_test(problem(half_frozen), rates=(0.1,), steps=10, sweep_steps=20)
    assert not stuck.passed and "ask the doctor" in stuck.text
    with pytest.raises(ValueError, match="at least 10"):
        lr_range_test(problem(), sweep=(1.0, 0.1))


def half_frozen():
    """A model of which a single useless number is trained."""
    model = mlp().requires_grad_(False)
    model.extra = nn.Parameter(np.zeros(1, np.float32))
    model.register_forward_hook(lambda module, args, y: y + 0 * module.extra)
    return model


# ---- 4, 5 searches ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def coarse():
    return coarse_search(problem(), trials=6, epochs=2, lr=(1e-4, 1.0))


def test_the_coarse_search(coarse):
    assert coarse.passed and len(coarse.result) == 6
    assert coarse.numbers["val_accuracy"] == coarse.result.best.score >= 0.9
    assert all(1e-4 <= t.params["lr"] <= 1 and t.params["weight_decay"] in (1e-4, 1e-5, 0) for t in coarse.result)
    assert coarse_search(problem(), trials=6, epochs=2, lr=(1e-4, 1.0)).numbers == coarse.numbers
    grid = coarse_search(problem(), trials=2, epochs=1, method="grid", weight_decay=(1e-4, 0.0), space={"width": [4, 8]})
    assert {(round(t.params["lr"], 9), t.params["weight_decay"], t.params["width"]) for t in grid.result} == {
        (lr, w, n) for lr in (1e-4, 1e-1) for w in (1e-4, 0.0) for n in (4, 8)}
    with pytest.raises(ValueError, match="'random' or 'grid'"):
        coarse_search(problem(), method="magic")


def test_the_fine_search_stays_near_the_best(coarse):
    fine = fine_search(problem(), coarse.result, trials=4, epochs=3)
    best = coarse.result.best.params
    assert all(best["lr"] / 3 <= t.params["lr"] <= best["lr"] * 3 for t in fine.result)
    decays = [t.params["weight_decay"] for t in fine.result]
    assert all(best["weight_decay"] / 3 <= d <= best["weight_decay"] * 3 for d in decays) or (
        best["weight_decay"] == 0 and set(decays) <= {0.0, 1e-6})
    assert fine.passed == (fine.result.best.score >= coarse.result.best.score)


def test_searches_that_find_nothing():
    step = coarse_search(problem(), trials=3, epochs=1, lr=(1e-12, 1e-11))
    assert not step.passed and "no better than before" in step.text
    exploding = coarse_search(problem(loss=lambda y, t: (y - t[:, None]) ** 2 @ np.ones(3, np.float32) @ np.ones(len(t), np.float32)),
                              trials=5, epochs=2, lr=(1e-6, 1e4))
    assert "exploded" in exploding.text


# ---- 6 curves -------------------------------------------------------------------------------------------------------------------


def history(losses, val=None, accuracy=None, val_accuracy=None):
    made = History()
    columns = {"loss": losses, "val_loss": val, "accuracy": accuracy, "val_accuracy": val_accuracy}
    for i in range(len(losses)):
        made.epochs.append({"epoch": i, **{name: float(values[i]) for name, values in columns.items() if values is not None}})
    return made


N = np.arange(12)
FALLING = 0.05 + 2.2 * np.exp(-N / 2)


@pytest.mark.parametrize("run, expected", [
    (history(FALLING, FALLING * 1.1, 1 - FALLING / 4, 0.98 - FALLING / 4), []),
    (history(FALLING), []),
    (history(FALLING, FALLING * 1.1, 1 - FALLING / 4, np.full(12, 0.7)), ["overfitting"]),
    (history(FALLING, 0.5 + np.abs(N - 4) * 0.1), ["overfitting"]),
    (history(2.3 - 0.1 * N), ["learning rate too low"]),
    (history(np.full(12, 2.3)), ["plateau"]),
    (history(2.3 + 0.5 * N), ["learning rate too high"]),
    (history(1.5 + 0.6 * (-1.0) ** N), ["learning rate too high"]),
    (history(np.r_[2.3, 1.0, np.nan]), ["learning rate too high"]),
    (history(1.3 + np.exp(-N), 1.3 + np.exp(-N), np.full(12, 0.5), np.full(12, 0.5)), ["underfitting"]),
])
def test_curves_of_every_kind(run, expected):
    step = look_at_curves(run)
    assert [v.name for v in step.result] == expected
    assert step.passed == (not expected)
    assert all(v.mend in step.text for v in step.result)
    assert "healthy" in step.text if not expected else "What helps" in step.text


def test_worse_than_before_training_is_not_healthy():
    after_a_jump = history([10.6, 5.2, 3.0, 2.5, 2.45, 2.44, 2.45, 2.43])  # it falls, but stays above what guessing costs
    assert [v.name for v in look_at_curves(after_a_jump, start=2.3).result] == ["learning rate too high"]


def test_curves_need_some_epochs():
    with pytest.raises(ValueError, match="at least 3"):
        look_at_curves(history([2.0, 1.0]))


# ---- all of it --------------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def report():
    return run_recipe(mlp, nn.CrossEntropyLoss(), CLOUDS, batch_size=16, coarse=4, coarse_epochs=1, fine=2, fine_epochs=2, epochs=4)


def test_the_whole_recipe(report):
    assert [step.name for step in report.steps] == ["initial loss", "overfit a few samples", "learning-rate range test", "coarse search",
                                                    "fine search", "look at the curves"]
    assert all(step.passed for step in report.steps[:4]), report
    assert set(report.best) == {"lr", "weight_decay"}
    assert report.history.epochs[-1]["val_accuracy"] > 0.9
    text = report.text()
    assert text.startswith("1. initial loss: passed\n   The loss of a fresh model is") and "\nbest: lr = " in text
    assert report["coarse search"] is report.steps[3]
    with pytest.raises(KeyError, match="there are initial loss"):
        report["dessert"]


def test_the_same_seed_gives_the_same_report(report):
    again = run_recipe(mlp, nn.CrossEntropyLoss(), CLOUDS, batch_size=16, coarse=4, coarse_epochs=1, fine=2, fine_epochs=2, epochs=4)
    assert again.text() == report.text()
    assert all(np.array_equal(a.data, b.data) for a, b in zip(report.model.parameters(), again.model.parameters()))


def test_it_ends_where_something_must_be_mended():
    stopped = run_recipe(lambda: nn.models.MLP([2, 3]), nn.CrossEntropyLoss(), (X, T), batch_size=16)
    assert [step.passed for step in stopped.steps] == [True, False] or [step.passed for step in stopped.steps] == [False]
    assert not stopped.passed and stopped.best == {} and stopped.model is None


def test_pictures(report, tmp_path):
    pytest.importorskip("matplotlib", reason="pictures need matplotlib")
    made = report.plot(tmp_path / "recipe.png")
    assert len(made.axes) == 6
    assert (tmp_path / "recipe.png").stat().st_size > 20000
    assert report.steps[2].plot(tmp_path / "range.png").axes[0].get_xscale() == "log"


def test_other_optimisers(coarse):
    p = problem(optimizer=lambda params, lr, weight_decay: optim.AdamW(params, lr=lr, weight_decay=weight_decay))
    assert coarse_search(p, trials=3, epochs=2, lr=(1e-3, 1e-1)).passed
