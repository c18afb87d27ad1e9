"""The step of an optimiser inside of a compiled program gives what an eager step gives: every bit of parameters, state and gradients."""

import warnings

import numpy as np
import pytest

import autograd
import nn
import optim
from nn import functional as F
from optim.formulas import written_down
from optim.optimizer import plain
from optim.state import State
from tests.kernels.backends import MISSING


@pytest.fixture(autouse=True)
def numpy_alone():
    """To the last bit only NumPy is like NumPy."""
    with autograd.config.kernels.using(onednn=False):
        yield


OPTIMISERS = {
    "SGD": lambda p: optim.SGD(p, lr=0.1),
    "SGD momentum": lambda p: optim.SGD(p, lr=0.1, momentum=0.9),
    "SGD dampening": lambda p: optim.SGD(p, lr=0.1, momentum=0.9, dampening=0.3, weight_decay=0.01),
    "SGD nesterov": lambda p: optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.01),
    "SGD maximize": lambda p: optim.SGD(p, lr=0.01, maximize=True, weight_decay=0.1),
    "ASGD": lambda p: optim.ASGD(p, lr=0.1, t0=2),
    "Adam": lambda p: optim.Adam(p, lr=0.01),
    "Adam amsgrad": lambda p: optim.Adam(p, lr=0.01, amsgrad=True, weight_decay=0.01, betas=(0.8, 0.9)),
    "AdamW": lambda p: optim.AdamW(p, lr=0.01, eps=1e-5),
    "Adamax": lambda p: optim.Adamax(p, lr=0.01),
    "NAdam": lambda p: optim.NAdam(p, lr=0.01),
    "RAdam": lambda p: optim.RAdam(p, lr=0.01),
    "RMSprop": lambda p: optim.RMSprop(p, lr=0.01, momentum=0.5, centered=True),
    "Adagrad": lambda p: optim.Adagrad(p, lr=0.01),
    "Adadelta": lambda p: optim.Adadelta(p),
    "Rprop": lambda p: optim.Rprop(p, lr=0.01),
    "Lion": lambda p: optim.Lion(p, lr=0.01),
}


class Wide(nn.Module):
    """Weights of more elements than a block has; one is frozen, one is no operand."""

    def __init__(self):
        super().__init__()
        self.first, self.second, self.last = nn.Linear(300, 257), nn.Linear(257, 40), nn.Linear(40, 3)
        self.first.weight.name = "w"
        self.idle = nn.Linear(2, 2)
        self.second.bias.requires_grad_(False)

    def forward(self, x):
        return self.last(F.relu(self.second(F.relu(self.first(x)))))


def training(make, after="keep", compiled=True, between=None, build=Wide):
    """A model, its optimiser, and a step. What becomes of the gradients: keep, none, none first."""
    autograd.random.seed(0)
    model = build()
    optimizer = make([p for p in model.parameters() if p.requires_grad])
    optimizer.ours = compiled  # an eager step that goes through `update` each time, written down nowhere

    def step(x, y):
        if after != "none":
            optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        if between is not None:
            between(model, optimizer)
        optimizer.step()
        if after == "none":
            optimizer.zero_grad()
        return loss.detach()

    return model, optimizer, autograd.compile(step) if compiled else step


def batch(n, seed=0, width=300):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((n, width)).astype(np.float32), rng.integers(0, 3, n)


def bits(value):
    return value.tobytes() if isinstance(value, (np.ndarray, np.generic)) else value


def assert_same(one, two):
    """Parameters, gradients, states and settings."""
    (a, optimizer, _), (b, other, _) = one, two
    for (name, p), (_, q) in zip(a.named_parameters(), b.named_parameters()):
        assert bits(p.data) == bits(q.data), name
        assert (p.grad is None) == (q.grad is None), name
        assert p.grad is None or bits(p.grad.data) == bits(q.grad.data), name
    mine, theirs = optimizer.state_dict(), other.state_dict()
    assert mine["param_groups"] == theirs["param_groups"] and list(mine["state"]) == list(theirs["state"])
    for i, state in mine["state"].items():
        assert {name: bits(value) for name, value in state.items()} == {name: bits(v) for name, v in theirs["state"][i].items()}


def assert_told(compiled, optimizer):
    """Is the optimiser's step one that is given the gradients?"""
    assert f"{optimizer.name.lower()}" in [entry.op for entry in compiled.steps.ops]


@pytest.mark.parametrize("after", ["keep", "none"])
@pytest.mark.parametrize("name", OPTIMISERS)
@pytest.mark.parametrize("n", [1, 5])
def test_every_bit_is_that_of_an_eager_step(name, after, n):
    one, two = training(OPTIMISERS[name], after), training(OPTIMISERS[name], after, compiled=False)
    for i in range(4):
        x, y = batch(n, i)
        assert bits(one[2](x, y).data) == bits(two[2](x, y).data)
        assert_same(one, two)
    assert len(one[2].programs) == 1 and sum(map(len, one[2].programs.values())) == 1
    assert_told(one[2], one[1])


def test_a_schedule_and_settings_that_are_changed_count():
    pairs = [training(lambda p: optim.SGD(p, lr=0.1, momentum=0.9), compiled=compiled) for compiled in (True, False)]
    schedules = [optim.lr_scheduler.ExponentialLR(optimizer, 0.5) for _, optimizer, _ in pairs]
    for i in range(5):
        for (_, optimizer, step), schedule in zip(pairs, schedules):
            step(*batch(3, i))
            schedule.step()
            if i == 2:
                optimizer.param_groups[0].update(momentum=0.5, nesterov=True, weight_decay=0.1)
        assert_same(*pairs)
    assert sum(map(len, pairs[0][2].programs.values())) == 1


def test_groups_and_one_that_is_added_later():
    def make(params):
        return optim.AdamW([{"params": params[:2], "lr": 0.1}, {"params": params[2:], "weight_decay": 0.5}], lr=0.01)

    pairs = [training(make, compiled=compiled) for compiled in (True, False)]
    for i in range(5):
        for model, optimizer, step in pairs:
            if i == 3:
                model.second.bias.requires_grad_()
                optimizer.add_param_group({"params": [model.second.bias], "lr": 0.3})
            step(*batch(3, i))
        assert_same(*pairs)


def test_a_state_that_is_loaded_goes_on():
    pairs = [training(lambda p: optim.Adam(p, lr=0.1), compiled=compiled) for compiled in (True, False)]
    saved = []
    for i in range(6):
        for _, optimizer, step in pairs:
            if i == 2:
                saved.append(optimizer.state_dict())
            if i == 4:
                optimizer.load_state_dict(saved.pop(0))
            step(*batch(3, i))
        assert_same(*pairs)


@pytest.mark.parametrize("between", [
    lambda model, optimizer: optim.clip_grad_norm_(model.parameters(), 0.1),
    lambda model, optimizer: optim.clip_grad_value_(model.parameters(), 0.001),
    lambda model, optimizer: setattr(model.first.weight, "grad", model.first.weight.grad * 2),
    lambda model, optimizer: optimizer.step(),
    lambda model, optimizer: setattr(model.first.bias, "grad", None),
])
@pytest.mark.parametrize("after", ["keep", "none"])
def test_what_happens_between_backward_and_step(between, after):
    pairs = [training(lambda p: optim.SGD(p, lr=0.1, momentum=0.9), after, compiled, between) for compiled in (True, False)]
    for i in range(4):
        for _, _, step in pairs:
            step(*batch(1 + i % 2, i))
        assert_same(*pairs)


def test_gradients_are_added_up_where_nobody_clears_them():
    def run(compiled):
        autograd.random.seed(0)
        model = nn.Linear(4, 3)
        optimizer = optim.SGD(model.parameters(), lr=0.1)

        def step(x, y):
            F.cross_entropy(model(x), y).backward()
            optimizer.step()

        return model, optimizer, autograd.compile(step) if compiled else step

    pairs = [run(compiled) for compiled in (True, False)]
    for i in range(5):
        for _, _, step in pairs:
            step(*batch(2, i, 4))
        assert_same(*pairs)


def test_a_gradient_from_outside():
    def run(compiled):
        w = autograd.tensor(np.ones(5), requires_grad=True)
        optimizer = optim.Adam([w], lr=0.1)
        return w, autograd.compile(lambda: optimizer.step()) if compiled else optimizer.step

    (a, step), (b, eager) = run(True), run(False)
    for i in range(4):
        for w, call in ((a, step), (b, eager)):
            w.grad = autograd.tensor(np.arange(5.0) - i)
            call()
        assert bits(a.data) == bits(b.data)
    a.grad = None
    before = a.data.copy()
    step()
    assert np.array_equal(a.data, before)


def test_the_value_before_and_the_value_after():
    def run(compiled):
        w = autograd.tensor(np.arange(40000.0), requires_grad=True)
        optimizer = optim.SGD([w], lr=0.1)

        def step(x):
            before = w.detach()
            (w * x).sum().backward()
            optimizer.step()
            optimizer.zero_grad()
            return before, w.detach() * 2, w.detach()

        return w, autograd.compile(step) if compiled else step

    (a, step), (b, eager) = run(True), run(False)
    kept = []
    for i in range(4):
        x = np.linspace(i, 1, 40000)
        kept.append((step(x), eager(x)))
        assert bits(a.data) == bits(b.data)
    for mine, theirs in kept:
        assert [bits(y.data) for y in mine] == [bits(y.data) for y in theirs]


def test_who_holds_a_parameter_keeps_what_he_had():
    pair = training(OPTIMISERS["SGD momentum"], "none")
    x, y = batch(1)
    held = []
    for _ in range(4):
        pair[2](x, y)
        held.append((pair[0].first.weight.data, pair[0].first.weight.data.copy(), pair[0].first.weight.detach()[3:5]))
    for data, copied, part in held:
        assert np.array_equal(data, copied) and np.array_equal(part.data, copied[3:5])


def test_two_tensors_with_one_memory():
    def run(compiled):
        w = autograd.tensor(np.arange(6.0), requires_grad=True)
        twin = w.detach()
        optimizer = optim.SGD([w], lr=0.5)

        def step(x):
            optimizer.zero_grad()
            (w * x * twin).sum().backward()
            optimizer.step()
            return w.detach() + 0, twin + 0

        return autograd.compile(step) if compiled else step

    step, eager = run(True), run(False)
    for i in range(4):
        x = np.arange(6.0) + i
        assert [bits(y.data) for y in step(x)] == [bits(y.data) for y in eager(x)]


def test_a_parameter_that_is_assigned_to_before_the_step():
    def run(compiled):
        w = autograd.tensor(np.arange(6.0), requires_grad=True)
        optimizer = optim.SGD([w], lr=0.5)

        def step(x):
            optimizer.zero_grad()
            (w * x).sum().backward()
            with autograd.no_grad():
                w.assign(w * 0.9)
            optimizer.step()
            return w.detach() + 0

        return autograd.compile(step) if compiled else step

    step, eager = run(True), run(False)
    for i in range(4):
        assert bits(step(np.arange(6.0) + i).data) == bits(eager(np.arange(6.0) + i).data)


@pytest.mark.parametrize("name", ["SGD nesterov", "Adam"])
def test_numbers_complex_numbers_and_empty_parameters(name):
    def run(compiled):
        params = [autograd.tensor(value, requires_grad=True) for value in
                  (2.0, np.zeros((0, 3)), np.arange(4) * (1 + 1j), np.arange(70000) * (1 - 1j), np.float32(3.0))]
        optimizer = OPTIMISERS[name](params)

        def step(x):
            optimizer.zero_grad()
            a, b, c, d, e = params
            (a * x + b.sum() + (c * c.conj()).real.sum() + (d * d.conj()).real.sum() + e * e).backward()
            optimizer.step()

        return params, optimizer, autograd.compile(step) if compiled else step

    pairs = [run(compiled) for compiled in (True, False)]
    for i in range(3):
        for _, _, step in pairs:
            step(np.float64(i))
        for p, q in zip(pairs[0][0], pairs[1][0]):
            assert bits(p.data) == bits(q.data) and type(p._array) is type(q._array)


def test_layouts():
    """A parameter in Fortran's order, and one whose gradient is in another order than itself."""
    def run(compiled):
        start = np.random.default_rng(0).standard_normal((300, 270))
        params = [autograd.tensor(np.asfortranarray(start), requires_grad=True), autograd.tensor(start, requires_grad=True)]
        optimizer = optim.Adam(params, lr=0.1)

        def step(x):
            optimizer.zero_grad()
            ((params[0].T @ x) ** 2).sum().backward()
            ((x.T @ params[1].T.T) ** 2).sum().backward()
            optimizer.step()
            optimizer.zero_grad()

        return params, autograd.compile(step) if compiled else step

    (mine, step), (theirs, eager) = run(True), run(False)
    for i in range(3):
        x = np.random.default_rng(i).standard_normal((300, 1))
        step(x)
        eager(x)
        for p, q in zip(mine, theirs):
            assert bits(p.data) == bits(q.data) and p._array.strides == q._array.strides


def test_two_optimisers_in_turn():
    """As a GAN has them: the second loss sees what the first step has changed."""
    def run(compiled):
        autograd.random.seed(1)
        one, two = nn.Linear(6, 6), nn.Linear(6, 1)
        first, second = optim.Adam(two.parameters(), lr=0.1), optim.SGD(one.parameters(), lr=0.1)

        def step(x):
            first.zero_grad()
            (two(one(x).detach()) ** 2).sum().backward()
            first.step()
            second.zero_grad()
            loss = two(one(x)).sum()
            loss.backward()
            second.step()
            return loss.detach()

        return one, two, autograd.compile(step) if compiled else step

    a, b = run(True), run(False)
    for i in range(4):
        x = np.random.default_rng(i).standard_normal((3, 6))
        assert bits(a[2](x).data) == bits(b[2](x).data)
        for m, k in zip(a[:2], b[:2]):
            for p, q in zip(m.parameters(), k.parameters()):
                assert bits(p.data) == bits(q.data) and bits(p.grad.data) == bits(q.grad.data)


def test_others_are_called_as_they_are():
    class Mine(optim.Optimizer):
        elementwise = True

        def __init__(self, params):
            super().__init__(params, {"lr": 0.1})

        def update(self, array, g, state, group):
            array -= group["lr"] * np.sign(g)

    for make in (Mine, lambda p: optim.LAMB(p, lr=0.1)):
        pairs = [training(make, compiled=compiled) for compiled in (True, False)]
        for i in range(3):
            for _, _, step in pairs:
                step(*batch(2, i))
            assert_same(*pairs)


def test_steps_that_are_skipped():
    pairs = [training(OPTIMISERS["SGD"], compiled=compiled) for compiled in (True, False)]
    for i in range(4):
        x, y = batch(2, i)
        if i == 2:
            x[0, 0] = np.nan
        for _, optimizer, step in pairs:
            optimizer.skip_nonfinite = i > 1
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                step(x, y)
        assert_same(*pairs)
        assert len(pairs[0][1].skipped) == len(pairs[1][1].skipped) == (i >= 2)


@pytest.mark.parametrize("n", [1, 3])
@pytest.mark.parametrize("value", [np.inf, np.nan, 3e38])
def test_values_that_are_invalid(value, n):
    """What NumPy tells of is told of, and what comes out is the same."""
    pairs = [training(OPTIMISERS["SGD momentum"], "none", compiled=compiled) for compiled in (True, False)]
    for i in range(4):
        x, y = batch(n, i)
        if i == 2:
            x[0, 5] = value
        told = []
        for _, _, step in pairs:
            with warnings.catch_warnings(record=True) as seen:
                warnings.simplefilter("always")
                step(x, y)
            told.append(bool(seen))
        assert told[0] == told[1]
        for p, q in zip(pairs[0][0].parameters(), pairs[1][0].parameters()):
            assert np.array_equal(p.data, q.data, equal_nan=True)


def test_the_steps_are_shown():
    step = training(OPTIMISERS["AdamW"], "none")[2]
    step(*batch(2))
    text = str(step.steps)
    assert "= adamw w %" in text and "w.grad" not in text
    assert "adamw" in step.source
    autograd.draw(step.steps)


# ---- formulas -------------------------------------------------------------------------------------------------------


def test_which_formulas_are_written_down():
    """Those that compute with ufuncs, and with no numbers in the state."""
    found = set()
    for name, make in OPTIMISERS.items():
        optimizer = make([autograd.tensor(np.ones(3), requires_grad=True)])
        if written_down(optimizer, plain(optimizer.param_groups[0]), 8) is not None:
            found.add(name)
    assert found >= {name for name in OPTIMISERS if name.startswith(("SGD", "Adam", "RMSprop", "Adagrad"))}
    assert found.isdisjoint({"ASGD", "NAdam", "Rprop"})


def test_a_formula_as_two_functions():
    optimizer = OPTIMISERS["Adam"]([autograd.tensor(np.ones(3), requires_grad=True)])
    settings = plain(optimizer.param_groups[0])
    formula = written_down(optimizer, settings, 8)
    assert formula.remembered == ["exp_avg", "exp_avg_sq"] and "def adam(array, g, exp_avg, exp_avg_sq, scratch, " in formula.source
    array, g = np.float32([1, 2, 3]), np.float32([0.5, -1, 0])
    m, v, scratch = np.float32([0.1, 0.2, 0.3]), np.float32([0.1, 0.2, 0.3]), np.empty(3, np.float32)
    expected, state = array.copy(), State(exp_avg=m.copy(), exp_avg_sq=v.copy(), step=7)
    optimizer.change(expected, g, state, settings)
    formula.change(array, g, m, v, scratch, *formula.numbers(settings, 8))
    assert bits(array) == bits(expected) and bits(m) == bits(state["exp_avg"]) and bits(v) == bits(state["exp_avg_sq"])
    assert formula.numbers(settings, 9) is not None
    assert formula.numbers({**settings, "weight_decay": 0.1}, 9) is None  # it is decided otherwise
    assert formula.numbers({**settings, "amsgrad": True}, 9) is None


def test_a_formula_is_used_after_the_first_step(monkeypatch):
    one, two = training(OPTIMISERS["RAdam"]), training(OPTIMISERS["RAdam"], compiled=False)
    followed = []
    follow = optim.Optimizer.follow
    monkeypatch.setattr(optim.Optimizer, "follow", lambda self, *given: (followed.append(self is one[1]), follow(self, *given))[1])
    counts = []
    for i in range(9):  # its sixth step is of another kind
        followed.clear()
        one[2](*batch(2, i))
        counts.append(sum(followed))
        two[2](*batch(2, i))
        assert_same(one, two)
    assert counts[0] > 0 and max(counts[1:]) <= 1  # the one large parameter may be a kernel's


def test_an_error_leaves_the_tensor_with_its_values():
    w = autograd.tensor(np.full(5, 3e38, np.float32), requires_grad=True)
    optimizer = optim.SGD([w], lr=2.0)

    @autograd.compile
    def step(x):
        optimizer.zero_grad()
        (w * x).sum().backward()
        optimizer.step()

    step(np.float32(0))
    step(np.float32(0))
    with np.errstate(over="raise"), pytest.raises(FloatingPointError):
        step(np.full(5, -3e38, np.float32))
    assert w.shape == (5,) and np.isfinite(w.data).all()


@pytest.mark.skipif(MISSING, reason="oneDNN is not there")
@pytest.mark.parametrize("name", ["SGD", "SGD momentum", "Adam", "AdamW"])
def test_with_kernels_it_agrees_to_rounding(name):
    with autograd.config.kernels.using(onednn=True):
        one, two = training(OPTIMISERS[name]), training(OPTIMISERS[name], compiled=False)
        for i in range(3):
            for _, _, step in (one, two):
                step(*batch(5, i))
        for p, q in zip(one[0].parameters(), two[0].parameters()):
            np.testing.assert_allclose(p.data, q.data, rtol=1e-3, atol=1e-4)
