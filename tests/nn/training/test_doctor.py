"""Does the doctor find what is wrong, and nothing where nothing is?"""

import numpy as np
import pytest

import autograd
import nn
import optim
from nn.models import MLP
from nn.training import doctor
from nn.training.doctor import KINDS
from tests.nn.training.bugs import (
    BUGS,
    Net,
    a_bias_before_batch_normalisation,
    a_layer_that_forward_does_not_use,
    a_norm_at_zero,
    a_target_too_few,
    all_weights_zero,
    classes_from_one,
    column_against_row,
    detached_on_the_way,
    softmax_before_cross_entropy,
)
from tests.nn.training.healthy import CLASSES, CLEAN, sgd

F = nn.functional


@pytest.mark.parametrize("script", CLEAN, ids=lambda f: f.__name__)
def test_nothing_is_found_in_a_healthy_script(script):
    autograd.random.seed(0)
    diagnosis = doctor(*script())
    assert not list(diagnosis), diagnosis
    assert diagnosis.healthy
    assert "nothing is wrong" in repr(diagnosis)
    assert np.isfinite(diagnosis.numbers["loss"])


@pytest.mark.parametrize("script, kind, place", BUGS)
def test_a_seeded_bug_is_found(script, kind, place):
    autograd.random.seed(0)
    diagnosis = doctor(*script())
    assert place in [finding.place for finding in diagnosis.of(kind)], diagnosis
    assert set(diagnosis.kinds) <= set(KINDS)
    text = repr(diagnosis)
    assert all(finding.mend and finding.text[-1] in ".?" and f"{finding.kind}, at {finding.place}" in text for finding in diagnosis)


@pytest.mark.parametrize("script, kind", [
    (a_norm_at_zero, "gradient not finite"), (column_against_row, "broadcasting"), (a_target_too_few, "targets"),
    (classes_from_one, "targets"), (all_weights_zero, "symmetric units")])
def test_causes_are_told_and_not_what_follows(script, kind):
    assert doctor(*script()).kinds == [kind]


def test_there_are_thirty_of_each():
    assert len(CLEAN) >= 30
    assert len(BUGS) >= 30
    assert {bug.values[1] for bug in BUGS} == set(KINDS) - {"forgotten zero_grad", "no step"}  # those two are below


# ---- what a single look cannot tell -------------------------------------------------------------------------------------


def loop(model, optimizer, forget=False, backward=True):
    def step():
        if not forget:
            optimizer.zero_grad()
        loss = F.cross_entropy(model(CLASSES[0]), CLASSES[1])
        if backward:
            loss.backward()
        optimizer.step()
    return step


@pytest.mark.parametrize("forget", [False, True])
def test_forgotten_zero_grad_shows_at_the_second_visit(forget):
    model = Net()
    optimizer = sgd(model, 0.01)
    step, found = loop(model, optimizer, forget), []
    for _ in range(4):
        step()
        found.append(doctor(model, nn.CrossEntropyLoss(), optimizer, CLASSES).kinds)
    assert found[0] == []
    assert found[1:] == ([["forgotten zero_grad"]] * 3 if forget else [[]] * 3)


def test_accumulating_is_not_forgetting():
    model = Net()
    optimizer = sgd(model, 0.01)
    for number in range(6):
        F.cross_entropy(model(CLASSES[0]), CLASSES[1]).backward()
        assert not list(doctor(model, nn.CrossEntropyLoss(), optimizer, CLASSES))
        if number % 3 == 2:
            optimizer.step()
            optimizer.zero_grad()


def test_the_training_step_itself_is_tried():
    model = MLP([20, 30, 5], dropout=0.5, rng=0)
    for make in (lambda: sgd(model, 0.1, momentum=0.9), lambda: optim.Adam(model.parameters())):
        optimizer = make()
        loop(model, optimizer)()
        before = snapshot(model, optimizer)
        assert doctor(model, nn.CrossEntropyLoss(), optimizer, CLASSES, step=loop(model, optimizer)).kinds == []
        assert doctor(model, nn.CrossEntropyLoss(), optimizer, CLASSES, step=loop(model, optimizer, True)).kinds == ["forgotten zero_grad"]
        assert doctor(model, nn.CrossEntropyLoss(), optimizer, CLASSES, step=loop(model, optimizer, False, False)).kinds == ["no step"]
        assert same(before, snapshot(model, optimizer))


# ---- nothing is changed -------------------------------------------------------------------------------------------------


def snapshot(model, optimizer):
    return {"values": {name: value.copy() for name, value in model.state_dict().items()},
            "grads": {name: None if p.grad is None else p.grad.numpy().copy() for name, p in model.named_parameters()},
            "modes": [m.training for m in model.modules()], "optimizer": optimizer.state_dict(),
            "random": (autograd.random.get_state(), np.random.get_state()[1].tolist()),
            "rngs": [m.rng.bit_generator.state for m in model.modules() if getattr(m, "rng", None) is not None],
            "attributes": [sorted(vars(m)) for m in model.modules()],
            "hooks": [len(m._hooks) for m in model.modules()]}


def same(a, b):
    if isinstance(a, dict):
        return set(a) == set(b) and all(same(a[key], b[key]) for key in a)
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    return np.array_equal(a, b) if isinstance(a, np.ndarray) else a == b


@pytest.mark.parametrize("make", [lambda p: optim.SGD(p, lr=0.1, momentum=0.9), lambda p: optim.Adam(p), lambda p: optim.LBFGS(p)])
def test_nothing_is_changed(make):
    class Counting(nn.Module):
        def __init__(self):
            self.body = nn.Sequential(nn.Linear(20, 16, bias=False, rng=0), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(0.5),
                                      nn.Dropout(0.2, rng=np.random.default_rng(3)))
            self.head, self.calls = nn.Linear(16, 5, rng=1), 0

        def forward(self, x):
            self.calls += 1
            self.last = self.body(x) + np.float32(np.random.rand())
            return self.head(self.last)

    model = Counting()
    model.head.register_forward_hook(lambda *_: None)
    optimizer = make(model.parameters())
    autograd.random.seed(5)
    for _ in range(2):
        def closure():
            optimizer.zero_grad()
            loss = F.cross_entropy(model(CLASSES[0]), CLASSES[1])
            loss.backward()
            return loss
        optimizer.step(closure)
    before, calls, arrays = snapshot(model, optimizer), model.calls, [p.data for p in model.parameters()]
    nodes = [p.node for p in model.parameters()]
    doctor(model, nn.CrossEntropyLoss(), optimizer, CLASSES, steps=3)
    assert same(before, snapshot(model, optimizer))
    assert model.calls == calls
    assert all(np.shares_memory(p.data, a) for p, a in zip(model.parameters(), arrays))
    assert all(p.node is node for p, node in zip(model.parameters(), nodes))
    names = [p.name for p in model.parameters()]
    fresh = Counting()
    doctor(fresh, nn.CrossEntropyLoss(), sgd(fresh), (CLASSES[0][:, :7], CLASSES[1]))  # fails in the middle
    assert names[0] == "body.0.weight"
    assert [p.grad for p in fresh.parameters()] == [None] * 5
    assert fresh.calls == 0


def test_two_looks_say_the_same():
    model = MLP([20, 30, 5], dropout=0.5, rng=0)
    looks = [doctor(model, nn.CrossEntropyLoss(), sgd(model), CLASSES, steps=2) for _ in range(2)]
    assert looks[0].numbers == looks[1].numbers
    assert set(looks[0].numbers) == {"loss", "loss after 2 updates", "update / weight"}


def test_the_numbers_are_those_of_a_step():
    model = Net()
    numbers = doctor(model, nn.CrossEntropyLoss(), sgd(model, 0.5), CLASSES).numbers
    before = [p.data for p in (model.first.weight, model.last.weight)]
    loss = F.cross_entropy(model(CLASSES[0]), CLASSES[1])
    loss.backward()
    sgd(model, 0.5).step()
    ratios = [np.linalg.norm(p.data - b) / np.linalg.norm(b) for p, b in zip((model.first.weight, model.last.weight), before)]
    assert numbers["loss"] == pytest.approx(loss.item())
    assert numbers["update / weight"] == pytest.approx(np.median(ratios), rel=1e-4)
    assert numbers["loss after 1 update"] == pytest.approx(F.cross_entropy(model(CLASSES[0]), CLASSES[1]).item(), rel=1e-5)


def test_the_report():
    text = repr(doctor(*softmax_before_cross_entropy()))
    assert text.startswith("Sequential, CrossEntropyLoss, SGD: 1 finding\n  loss 1.6")
    assert ("\n1. softmax twice, at loss\n   CrossEntropyLoss takes scores and applies log-softmax itself, but is given probabilities. It "
            "squeezes all") in text
    assert "\n   Mend: leave the softmax out of the model." in text
    assert doctor(*a_bias_before_batch_normalisation()).healthy
    assert not doctor(*softmax_before_cross_entropy()).healthy
    assert "first.weight, first.bias get no gradient. No gradient reaches first.weight: the result of relu" in repr(
        doctor(*detached_on_the_way())).replace("\n   ", " ")
    assert "is never used" in repr(doctor(*a_layer_that_forward_does_not_use()))


def test_bad_arguments():
    model = Net()
    for args, message in (((1, nn.MSELoss(), None, CLASSES), "takes a Module"), ((model, 3, None, CLASSES), "takes a loss"),
                          ((model, nn.MSELoss(), 3, CLASSES), "takes an optimiser"), ((model, nn.MSELoss(), None, CLASSES[0]), "a pair")):
        with pytest.raises(TypeError, match=message):
            doctor(*args)
    with pytest.raises(ValueError, match="at least 1 step"):
        doctor(model, nn.MSELoss(), None, CLASSES, steps=0)
    assert not list(doctor(model, nn.CrossEntropyLoss(), None, CLASSES))
    with autograd.no_grad():
        assert not list(doctor(model, nn.CrossEntropyLoss(), None, CLASSES))  # it records, whatever is outside


def test_odd_data_is_no_reason_to_fail():
    """Targets that are nothing, words, or several things; inputs in a dict; a batch of no samples."""
    class Named(nn.Module):
        def __init__(self):
            self.net = Net()

        def forward(self, x):
            return {"scores": self.net(x["x"]), "note": 3}

    model, x, t = Net(), *CLASSES
    assert not list(doctor(model, lambda y, t: (y * y).mean(), None, (x, None)))
    assert not list(doctor(model, lambda y, t: (y * y).mean(), None, (x, ["word"] * 32)))
    assert not list(doctor(model, lambda y, t: F.cross_entropy(y, t[0]) + t[1], None, (x, (t, 0.5))))
    assert not list(doctor(Named(), lambda y, t: F.cross_entropy(y["scores"], t["t"]), None, ({"x": x}, {"t": t})))
    assert not list(doctor(model, nn.CrossEntropyLoss(), None, (autograd.tensor(x, requires_grad=True), autograd.tensor(t))))
    assert doctor(model, nn.CrossEntropyLoss(), None, (x[:0], t[:0])).kinds == ["loss not finite"]
    assert doctor(model, lambda y, t: 1 / 0, None, CLASSES).kinds == ["error"]
