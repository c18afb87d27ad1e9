"""Is the Trainer the loop that one would write by hand, and no more?"""

import math

import numpy as np
import pytest

import autograd
import nn
import optim
from nn.data import ArrayDataset, DataLoader, IterableDataset
from nn.training import Accuracy, Callback, ConfusionMatrix, EarlyStopping, MeanSquaredError, Trainer


def problem(n=48, dtype="float32"):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(n, 3)).astype(dtype)
    return x, (x[:, 0] * x[:, 1] > 0).astype(np.int64)


def network(dtype="float32", dropout=0.2, norm=True):
    layers = [nn.Linear(3, 12, rng=0), *([nn.BatchNorm1d(12)] if norm else []), nn.ReLU(), nn.Dropout(dropout), nn.Linear(12, 2, rng=1)]
    return nn.Sequential(*layers).to(dtype)


def trainer(model=None, lr=0.3, momentum=0.9, **options):
    model = network() if model is None else model
    options = {"progress": False, **options}
    make = options.pop("scheduler", None)
    optimizer = optim.SGD(model.parameters(), lr=lr, momentum=momentum)
    return Trainer(model, options.pop("criterion", nn.CrossEntropyLoss()), optimizer, scheduler=make and make(optimizer), **options)


def loader(**options):
    return DataLoader(ArrayDataset(*problem()), **{"batch_size": 16, "shuffle": True, "seed": 3, **options})


def parameters(model):
    return {name: value.copy() for name, value in model.state_dict().items()}


def assert_same(a, b):
    assert list(a) == list(b)
    for name in a:
        np.testing.assert_array_equal(a[name], b[name], err_msg=name)


# ---- the loop -----------------------------------------------------------------------------------------------------


def test_equals_a_loop_by_hand_bit_for_bit():
    x, t = problem()
    autograd.random.seed(5)
    model, loss_of, losses, accuracies = network(), nn.CrossEntropyLoss(), [], []
    optimizer = optim.SGD(model.parameters(), lr=0.3, momentum=0.9)
    scheduler = optim.lr_scheduler.StepLR(optimizer, 2, gamma=0.5)
    batches = loader()
    for _ in range(5):
        model.train()
        right = 0
        for inputs, targets in batches:
            outputs = model(inputs)
            loss = loss_of(outputs, targets)
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            losses.append(loss.item())
            right += (outputs.data.argmax(1) == targets).sum()
        accuracies.append(right / 48)
        scheduler.step()

    autograd.random.seed(5)
    own = trainer(metrics=[Accuracy()], scheduler=lambda o: optim.lr_scheduler.StepLR(o, 2, gamma=0.5))
    history = own.fit(loader(), [(x, t)], epochs=5)
    assert_same(parameters(own.model), parameters(model))
    assert history.steps["loss"] == losses
    assert history.column("accuracy") == accuracies
    assert history.column("lr") == [0.3, 0.3, 0.15, 0.15, 0.075]
    np.testing.assert_allclose(history.column("loss"), np.reshape(losses, (5, 3)).mean(1))
    with autograd.no_grad():
        assert history.epochs[-1]["val_loss"] == pytest.approx(loss_of(model.eval()(x), t).item())
    assert history.epochs[-1]["val_accuracy"] == np.mean(own.predict([x]).argmax(1) == t)
    assert (own.epoch, own.step, own.batch) == (5, 15, 0)


@pytest.mark.parametrize("sizes", [[8, 8, 8, 8], [20, 7, 4, 1]])
def test_accumulated_batches_equal_a_large_one(sizes):
    """Each example counts once, however the batches are cut."""
    x, t = problem(64, "float64")
    cuts = np.cumsum([*sizes, *sizes])[:-1]
    small = list(zip(np.split(x, cuts), np.split(t, cuts)))
    options = {"penalty": nn.regularizer.L2(1e-2), "clip_norm": 0.25}
    one, many = (trainer(network("float64", 0, norm=False), accumulate=k, **options) for k in (1, 4))
    one.fit([(x[:32], t[:32]), (x[32:], t[32:])], epochs=6)
    many.fit(small, epochs=6)
    assert many.step == one.step == 12
    for name, value in one.model.state_dict().items():
        np.testing.assert_allclose(many.model.state_dict()[name], value, rtol=0, atol=1e-12, err_msg=name)
    np.testing.assert_allclose(many.history.steps["loss"], one.history.steps["loss"], rtol=0, atol=1e-12)
    np.testing.assert_allclose(many.history.steps["grad_norm"], one.history.steps["grad_norm"], rtol=0, atol=1e-12)
    assert min(one.history.steps["grad_norm"]) < 0.25 < max(one.history.steps["grad_norm"])  # some were clipped, some not


def test_what_is_left_over_makes_a_step_too():
    own = trainer(accumulate=2)
    own.fit(loader(), epochs=2)
    assert own.step == 4 and len(own.history.steps["loss"]) == 4


def test_clipping():
    x, t = problem()
    plain, limited, valued = trainer(momentum=0), trainer(momentum=0, clip_norm=0.01), trainer(momentum=0, clip_value=0.001)
    start = parameters(plain.model)
    for own in (plain, limited, valued):
        autograd.random.seed(0)
        own.fit([(x, t)], epochs=1)
    step = {own: np.concatenate([(own.model.state_dict()[n] - start[n]).ravel() for n, _ in own.model.named_parameters()]) / -0.3
            for own in (plain, limited, valued)}
    assert np.linalg.norm(step[plain]) == pytest.approx(plain.history.steps["grad_norm"][0], rel=1e-5)
    assert limited.history.steps["grad_norm"] == plain.history.steps["grad_norm"]
    assert np.linalg.norm(step[limited]) == pytest.approx(0.01, rel=1e-3)
    assert np.abs(step[valued]).max() == pytest.approx(0.001, rel=1e-3)


def test_the_schedule_steps_by_epoch_or_by_step():
    rates = {}
    for schedule in ("epoch", "step"):
        own = trainer(lr=1.0, scheduler=lambda o: optim.lr_scheduler.ExponentialLR(o, 0.5), schedule=schedule)
        own.fit(loader(), epochs=2)
        rates[schedule] = own.history.steps["lr"]
    assert rates == {"epoch": [1, 1, 1, 0.5, 0.5, 0.5], "step": [0.5**i for i in range(6)]}


def test_plateau():
    x, t = problem()
    own = trainer(lr=0.0, scheduler=lambda o: optim.lr_scheduler.ReduceLROnPlateau(o, patience=1), metrics=[Accuracy()])
    own.optimizer.param_groups[0]["lr"] = 1e-7  # nothing improves
    own.fit([(x, t)], [(x, t)], epochs=6)
    assert own.history.column("lr")[0] == 1e-7 and own.history.column("lr")[-1] < 1e-7
    seen = []
    own = trainer(scheduler=lambda o: optim.lr_scheduler.ReduceLROnPlateau(o, mode="max"), metrics=[Accuracy()], monitor="val_accuracy")
    own.scheduler.step = seen.append
    own.fit([(x, t)], [(x, t)], epochs=3)
    assert seen == own.history.column("val_accuracy")


def test_a_penalty_is_a_part_of_the_loss():
    x, t = problem()
    model = network()
    penalty = nn.regularizer.L2(0.1)
    priced, free = trainer(model, penalty=penalty), trainer(model)
    price = penalty(model).item()
    autograd.random.seed(0)
    priced.forward((x,), t)
    autograd.random.seed(0)
    with_price = priced.forward((x,), t)[1].item()
    autograd.random.seed(0)
    assert with_price == pytest.approx(free.forward((x,), t)[1].item() + price)
    assert priced.evaluate([(x, t)])["loss"] == free.evaluate([(x, t)])["loss"]


def test_several_inputs_outputs_and_soft_targets():
    class Two(nn.Module):
        def __init__(self):
            self.a, self.b = nn.Linear(3, 2, rng=0), nn.Linear(3, 2, rng=1)

        def forward(self, x, y):
            return self.a(x) + self.b(y), x

    x, t = problem()
    soft = np.eye(2, dtype=np.float32)[t]
    own = trainer(Two(), criterion=lambda outputs, target: nn.CrossEntropyLoss()(outputs[0], target), metrics=[Accuracy()])
    own.fit([((x, 2 * x), soft)], epochs=3)
    assert own.history.steps["loss"][-1] < own.history.steps["loss"][0]
    assert own.predict([((x, x), soft), ((x, x), soft)]).shape == (96, 2)


def test_regression_and_an_array_that_is_a_batch_of_inputs():
    x, _ = problem()
    own = trainer(nn.Linear(3, 1, rng=0), criterion=nn.MSELoss(), metrics=[MeanSquaredError()], lr=0.1)
    own.fit([(x, x[:, :1])], epochs=40)
    assert own.history.epochs[-1]["mse"] < 1e-2
    data = DataLoader(ArrayDataset(x), batch_size=20)  # 1-tuples
    np.testing.assert_allclose(own.predict(data), own.predict([x]), atol=1e-6)


def test_a_stream_has_no_length():
    x, t = problem()
    stream = DataLoader(IterableDataset(lambda: zip(x, t)), batch_size=16)
    own, same = trainer(), trainer()
    for each, data in ((own, stream), (same, loader(shuffle=False))):
        autograd.random.seed(1)
        each.fit(data, epochs=2)
    assert_same(parameters(own.model), parameters(same.model))

    class Endless:
        def __iter__(self):
            while True:
                yield x, t

    class Enough(Callback):
        def on_step_end(self, trainer):
            if trainer.step == 7:
                trainer.stop("enough")

    own = trainer(callbacks=[Enough()], progress=True)
    own.fit(Endless(), epochs=1)
    assert own.step == 7 and own.stopping == "enough"


# ---- going on -----------------------------------------------------------------------------------------------------


def test_fit_again_goes_on():
    autograd.random.seed(2)
    once, twice = trainer(), trainer()
    once.fit(loader(), epochs=5)
    autograd.random.seed(2)
    batches = loader()
    twice.fit(batches, epochs=2)
    twice.fit(batches, epochs=2)  # they are done: nothing happens
    assert twice.epoch == 2
    twice.fit(batches, epochs=5)
    assert_same(parameters(twice.model), parameters(once.model))
    assert repr(twice.history.steps) == repr(once.history.steps)


class StopAt(Callback):
    def __init__(self, step, error=None):
        self.step, self.error = step, error

    def on_step_end(self, trainer):
        if trainer.step == self.step:
            if self.error is not None:
                raise self.error
            trainer.stop("here")


@pytest.mark.parametrize("how", ["loader", "workers", "list", "interrupted"])
def test_stopped_in_the_middle_and_fit_again(how):
    """The rest of the epoch follows, and the whole is the run that was not stopped."""
    x, t = problem()

    def data():
        if how == "list":
            return [(x[i: i + 16], t[i: i + 16]) for i in (0, 16, 32)]
        return loader(num_workers=2 if how == "workers" else 0)

    autograd.random.seed(4)
    whole = trainer(metrics=[Accuracy()])
    whole.fit(data(), epochs=3)
    autograd.random.seed(4)
    own, batches = trainer(metrics=[Accuracy()], callbacks=[StopAt(5, KeyboardInterrupt() if how == "interrupted" else None)]), data()
    if how == "interrupted":
        with pytest.raises(KeyboardInterrupt):
            own.fit(batches, epochs=3)
    else:
        own.fit(batches, epochs=3)
    assert (own.epoch, own.batch, len(own.history)) == (1, 2, 1)
    own.fit(batches, epochs=3)
    assert_same(parameters(own.model), parameters(whole.model))
    assert own.history.epochs == whole.history.epochs


def test_state_in_the_middle_of_an_epoch():
    """What another trainer loads goes on as the first one would have."""
    autograd.random.seed(6)
    whole = trainer(metrics=[Accuracy()], scheduler=lambda o: optim.lr_scheduler.StepLR(o, 1), accumulate=2)
    states = []

    class Keep(Callback):
        def on_step_end(self, trainer):
            states.append(trainer.state_dict())

    whole.callbacks.append(Keep())
    whole.fit(loader(), epochs=3)
    assert len(states) == 6
    for state in states:  # every other one stands between the last batch and the end of the epoch
        own = trainer(lr=9.0, metrics=[Accuracy()], scheduler=lambda o: optim.lr_scheduler.StepLR(o, 1), accumulate=2)
        batches = loader(seed=99)
        own.load_state_dict(state, batches)
        own.fit(batches, epochs=3)
        assert_same(parameters(own.model), parameters(whole.model))
        assert own.history.epochs == whole.history.epochs and repr(own.history.steps) == repr(whole.history.steps)


def test_a_state_that_does_not_fit_changes_nothing():
    own, other = trainer(metrics=[Accuracy()]), trainer(network(norm=False), metrics=[Accuracy()])
    own.fit(loader(), epochs=1)
    before, state = parameters(own.model), own.history.state_dict()
    with pytest.raises(RuntimeError, match="does not fit the Sequential"):
        own.load_state_dict(other.state_dict())
    with pytest.raises(ValueError, match="has the metrics none, and this one accuracy"):
        own.load_state_dict(trainer().state_dict())
    with pytest.raises(ValueError, match="has a scheduler, and this one has none"):
        own.load_state_dict({**own.state_dict(), "scheduler": {}})
    with pytest.raises(ValueError, match="not the state of a Trainer: it has no optimizer"):
        own.load_state_dict({"model": own.model.state_dict()})
    with pytest.raises(ValueError, match="has another precision"):
        own.load_state_dict({**own.state_dict(), "precision": {"scale": 1.0, "good": 0, "skipped": 0}})
    random = autograd.random.get_state()
    with pytest.raises(ValueError, match="random generators"):
        own.load_state_dict({**own.state_dict(), "random": {"default": {}, "generators": {"0.rng": {}}}})
    assert autograd.random.get_state() == random
    assert_same(parameters(own.model), before)
    assert repr(own.history.state_dict()) == repr(state)


# ---- early stopping -----------------------------------------------------------------------------------------------


class Script(nn.training.Metric):
    """Says what it was told to, one number per validation."""

    name = "script"

    def __init__(self, values, higher=True):
        self.values, self.higher = list(values), higher
        super().__init__()

    def update(self, outputs, targets):
        self.sums["total"], self.sums["count"] = 0.0, 1.0

    def value(self):
        return self.values.pop(0)


@pytest.mark.parametrize("values, higher, epochs, best", [
    ([1, 2, 3, 2, 2, 9], True, 5, 2),
    ([5, 4, 4, 4, 0], False, 4, 1),
    ([math.nan, 1, math.nan, 0, 5], True, 4, 1),
    ([3, 3.05, 3.0, 9], True, 3, 0),  # by less than min_delta
    ([math.nan, math.nan, 5], True, 2, None),
])
def test_early_stopping_and_the_best_parameters(values, higher, epochs, best):
    x, t = problem()
    kept = []

    class Keep(Callback):
        def on_epoch_end(self, trainer):
            kept.append(parameters(trainer.model))

    metric = Script([v for value in values for v in (0.0, value)], higher)  # in training, in validation
    stop = EarlyStopping("val_script", patience=2, min_delta=0.1, restore=True)
    own = trainer(metrics=[metric], callbacks=[Keep(), stop])
    own.fit([(x, t)], [(x, t)], epochs=10)
    assert own.epoch == epochs
    assert "val_script has not been better" in own.stopping
    assert_same(parameters(own.model), kept[-1 if best is None else best])
    assert stop.best == (None if best is None else values[best])


def test_early_stopping_asks_for_what_is_measured():
    with pytest.raises(KeyError, match=r"'val_loss' was not measured.*give fit\(\) validation data"):
        trainer(callbacks=[EarlyStopping()]).fit(loader(), epochs=1)
    with pytest.raises(ValueError, match="patience=0"):
        EarlyStopping(patience=0)


# ---- callbacks ----------------------------------------------------------------------------------------------------


def test_who_is_told_what_when():
    told = []

    class Spy(Callback):
        def __init__(self, name, order=0):
            self.name, self.order = name, order

        def __getattribute__(self, event):
            if event.startswith("on_"):
                return lambda trainer: told.append((self.name, event, trainer.step, trainer.epoch))
            return super().__getattribute__(event)

    x, t = problem()
    own = trainer(callbacks=[Spy("late", 5), Spy("a"), Spy("b")])
    own.fit([(x, t), (x, t)], epochs=1)
    assert [name for name, event, *_ in told if event == "on_fit_start"] == ["a", "b", "late"]
    assert [what[1:] for what in told if what[0] == "a"] == [
        ("on_fit_start", 0, 0), ("on_epoch_start", 0, 0), ("on_before_zero_grad", 0, 0), ("on_step_end", 1, 0),
        ("on_before_zero_grad", 1, 0), ("on_step_end", 2, 0), ("on_epoch_end", 2, 1), ("on_fit_end", 2, 1)]
    told.clear()
    own.criterion = None
    with pytest.raises(TypeError):
        own.fit([(x, t)], epochs=2)
    assert told[-1][1] == "on_error"


def test_the_gradients_are_there_before_they_are_forgotten():
    class Look(Callback):
        def on_before_zero_grad(self, trainer):
            self.norm = math.sqrt(sum(float((p.grad.data**2).sum()) for p in trainer.model.parameters()))

        def on_step_end(self, trainer):
            assert all(p.grad is None for p in trainer.model.parameters())

    look = Look()
    own = trainer(callbacks=[look])
    own.fit(loader(), epochs=1)
    assert look.norm == pytest.approx(own.history.steps["grad_norm"][-1], rel=1e-5)


def test_progress_with_and_without_tqdm(capsys, monkeypatch):
    pytest.importorskip("tqdm")
    x, t = problem()
    trainer(progress=True, metrics=[Accuracy()]).fit(loader(), [(x, t)], epochs=2)
    bar = capsys.readouterr().err
    assert "epoch 2/2: 100%" in bar and "3/3" in bar and "val_accuracy=" in bar and "lr=" in bar
    monkeypatch.setitem(__import__("sys").modules, "tqdm.auto", None)
    own = trainer(network(norm=False, dropout=0.0), progress=True, metrics=[Accuracy()], callbacks=[EarlyStopping("accuracy", patience=1)],
                  lr=0.0)
    own.fit(loader(), [(x, t)], epochs=3)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("epoch 1/3: loss 0.") and "val_accuracy" in lines[0]
    assert lines[-1].startswith("stopped after epoch 2: accuracy has not been better than")


# ---- evaluation ---------------------------------------------------------------------------------------------------


def test_evaluation_changes_nothing():
    x, t = problem()
    model = network()
    model.append(nn.Dropout(0.5, rng=7))
    nn.freeze(model[0])
    own = trainer(model, metrics=[Accuracy(), ConfusionMatrix(2)])
    own.fit(loader(), epochs=1)
    own.metrics[0].update(np.eye(2), np.array([0, 1]))
    model.train()
    model[2].eval()
    held_out = loader(seed=11)
    next(iter(held_out))
    before = (parameters(model), [m.training for m in model.modules()], own.metrics[0].state_dict(), autograd.random.get_state(),
              model[-1].rng.bit_generator.state, held_out.state_dict())
    result = own.evaluate(held_out)
    assert own.predict(held_out).shape == (48, 2)
    after = (parameters(model), [m.training for m in model.modules()], own.metrics[0].state_dict(), autograd.random.get_state(),
             model[-1].rng.bit_generator.state, held_out.state_dict())
    assert_same(before[0], after[0])
    assert before[1:] == after[1:]
    assert own.evaluate(held_out)["confusion"].sum() == 48  # all, though a pass was broken off
    assert len(list(held_out)) == 2  # and the rest of that pass is still to come
    assert result["accuracy"] == own.evaluate(held_out)["accuracy"]
    with autograd.no_grad():
        model.eval()
        assert own.evaluate([(x, t)])["loss"] == pytest.approx(nn.CrossEntropyLoss()(model(x), t).item())
    nn.unfreeze(model)
    assert not model.training


def test_evaluation_goes_through_the_data_once():
    x, t = problem()
    own = trainer(metrics=[Accuracy()])
    assert own.evaluate(iter([(x, t)])) == own.evaluate([(x, t)])
    np.testing.assert_array_equal(own.predict(x for _ in range(2)), own.predict([x, x]))
    with pytest.raises(TypeError, match="not a int"):
        own.evaluate(3)


def test_evaluation_restores_after_an_error_too():
    own = trainer()
    with pytest.raises(TypeError, match="a pair"):
        own.evaluate([1])
    assert own.model.training


def test_validation_shows_the_same_each_time():
    """A loader that shuffles is put back, so evaluations can be compared, and a resumed run measures what the other one did."""
    held_out = loader(seed=1)
    own = trainer(lr=0.0, momentum=0.0)
    own.model[1].momentum = 0.0
    own.fit(loader(), held_out, epochs=3)
    assert len(set(own.history.column("val_loss"))) == 1 and held_out.epoch == 0


def test_the_loader_of_the_training_is_busy():
    batches = loader()

    class Peek(Callback):
        def on_step_end(self, trainer):
            trainer.evaluate(batches)

    class Between(Callback):
        def on_epoch_end(self, trainer):
            self.loss = trainer.evaluate(batches)["loss"]

    with pytest.raises(ValueError, match="make a second DataLoader"):
        trainer(callbacks=[Peek()]).fit(batches, epochs=1)
    autograd.random.seed(0)
    between, plain = trainer(callbacks=[Between()]), trainer()
    batches = loader()
    between.fit(batches, epochs=2)
    autograd.random.seed(0)
    plain.fit(loader(), epochs=2)
    assert_same(parameters(between.model), parameters(plain.model))


# ---- what cannot be trained ---------------------------------------------------------------------------------------


def optimizer_of(model):
    return optim.SGD(model.parameters(), lr=0.1)


@pytest.mark.parametrize("act, error, message", [
    (lambda: trainer(schedule="batch"), ValueError, "'epoch' or each 'step'"),
    (lambda: trainer(accumulate=0), ValueError, "at least 1"),
    (lambda: trainer(accumulate=1.5), ValueError, "whole number"),
    (lambda: trainer(clip_norm=0), ValueError, "a limit is positive"),
    (lambda: trainer(precision="bfloat16"), ValueError, "'float32' or 'mixed', not 'bfloat16'"),
    (lambda: trainer(metrics=[Accuracy(), Accuracy()]), ValueError, "accuracy, accuracy"),
    (lambda: trainer(metrics=[Accuracy]), TypeError, "no Metric: write it with brackets"),
    (lambda: trainer(callbacks=[print]), TypeError, "is no Callback"),
    (lambda: trainer(scheduler=lambda o: 3), TypeError, "optim.lr_scheduler, and not a int"),
    (lambda: trainer(scheduler=lambda o: optim.lr_scheduler.StepLR(optimizer_of(network()), 1)), ValueError, "another optimizer"),
    (lambda: trainer(scheduler=lambda o: optim.lr_scheduler.ReduceLROnPlateau(o), schedule="step"), ValueError, "schedule='epoch'"),
    (lambda: Trainer(network(), nn.CrossEntropyLoss(), optimizer_of(network())), ValueError, "none of the model's parameters"),
    (lambda: Trainer(network(), nn.CrossEntropyLoss(), 0.1), TypeError, "is one of optim's"),
    (lambda: Trainer(print, nn.CrossEntropyLoss(), 0.1), TypeError, "nn.Module"),
    (lambda: Trainer((m := network()), "loss", optimizer_of(m)), TypeError, "criterion is called"),
    (lambda: Trainer((m := network()), nn.CrossEntropyLoss(), optim.LBFGS(m.parameters())), TypeError, "closure"),
    (lambda: trainer().fit(iter([problem()])), TypeError, "gone through only once"),
    (lambda: trainer().fit(7), TypeError, "not a int"),
    (lambda: trainer().fit([problem()], iter([problem()])), TypeError, "gone through only once"),
    (lambda: trainer().fit([problem()], epochs=-1), ValueError, "whole number"),
    (lambda: trainer().fit([]), ValueError, "no batches"),
    (lambda: trainer().fit([problem()[0]]), TypeError, r"a pair \(inputs, targets\), and this is a ndarray of length 48"),
    (lambda: trainer().fit([problem()], []), ValueError, "no batches to evaluate on"),
    (lambda: trainer().predict([]), ValueError, "no batches to predict"),
    (lambda: trainer(criterion=nn.CrossEntropyLoss(reduction="none")).fit([problem()]), TypeError, "reduction='mean'"),
    (lambda: trainer(criterion=lambda y, t: y.detach().sum()).fit([problem()]), ValueError, "depends on no parameter"),
    (lambda: trainer().fit([problem()], resume=True), ValueError, "folder='runs/one'"),
])
def test_errors_teach(act, error, message):
    with pytest.raises(error, match=message):
        act()


def test_a_frozen_model_says_so():
    model = network(norm=False, dropout=0.0)
    own = trainer(model)
    nn.freeze(model)
    with pytest.raises(ValueError, match="is all of the model frozen"):
        own.fit([problem()])
