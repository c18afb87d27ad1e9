"""Does freezing stop everything that training changes, and does it say so?"""

import numpy as np
import pytest

import autograd
import nn
import optim
from autograd import tensor


def model():
    return nn.Sequential({"conv": nn.Conv2d(1, 4, 3, rng=0), "norm": nn.BatchNorm2d(4), "act": nn.ReLU(), "drop": nn.Dropout2d(0.5),
                          "flat": nn.Flatten(), "fc": nn.Linear(64, 3, rng=0)})


X = np.random.default_rng(0).standard_normal((5, 1, 6, 6)).astype(np.float32)


def snapshot(module):
    return {name: value.copy() for name, value in module.state_dict().items()}


def test_nothing_of_a_frozen_model_changes():
    body = model()
    report = nn.freeze(body)
    before = snapshot(body)
    net = nn.Sequential(body, nn.Linear(3, 2, rng=1)).train()
    optimizer = optim.SGD(net.parameters(), lr=0.5, momentum=0.9, weight_decay=0.1)
    first = body(X)
    for _ in range(3):
        optimizer.zero_grad()
        nn.functional.cross_entropy(net(X), np.zeros(5, int)).backward()
        optimizer.step()
    assert all(np.array_equal(before[name], value) for name, value in body.state_dict().items())
    assert np.array_equal(first.data, body(X).data)  # no dropout either
    assert not body(X).requires_grad
    assert net.training
    assert net[1].training
    assert not any(m.training for m in body.modules())
    assert [p.grad is None for p in net.parameters()] == [True] * 6 + [False] * 2
    assert report.names == ["conv.weight", "conv.bias", "norm.weight", "norm.bias", "fc.weight", "fc.bias"]
    assert report.statistics == ["norm"]
    assert report.random == ["drop"]


def test_the_report_says_it():
    net = model()
    assert repr(nn.freeze(net)) == (
        "froze 6 of 6 parameters of Sequential (243 of 243 numbers)\n"
        "  parameters: conv.weight, conv.bias, norm.weight, norm.bias, fc.weight, fc.bias\n"
        "  running statistics held: norm\n"
        "  randomness off: drop\n"
        "  trained now: nothing")
    again = nn.freeze(net)
    assert not again.parameters
    assert repr(again).startswith("froze 0 of 6 parameters")
    opened = nn.unfreeze(net, last=1)
    assert repr(opened) == ("unfroze 2 of 6 parameters of Sequential (195 of 243 numbers)\n"
                            "  parameters: fc.weight, fc.bias\n"
                            "  trained now: fc.weight, fc.bias")
    assert repr(nn.unfreeze(net)).splitlines()[1:] == [
        "  parameters: conv.weight, conv.bias, norm.weight, norm.bias", "  running statistics updated again: norm",
        "  randomness on again: drop",
        "  trained now: conv.weight, conv.bias, norm.weight, norm.bias, fc.weight, fc.bias"]


def test_long_reports_are_short():
    with nn.init.skipped():
        from nn.models import resnet18

        net = resnet18()
    text = repr(nn.freeze(net))
    assert "froze 62 of 62 parameters of ResNet (11,689,512 of 11,689,512 numbers)" in text
    assert "conv1.weight, bn1.weight, bn1.bias, ... 57 more ..., fc.weight, fc.bias" in text
    assert len(text) < 600


def test_a_new_head_on_a_frozen_body():
    net = model()
    nn.freeze(net)
    net.fc = nn.Linear(64, 7)
    assert [name for name, p in net.train().named_parameters() if p.requires_grad] == ["fc.weight", "fc.bias"]
    assert net.fc.training
    assert not net.norm.training
    net.eval().train()
    assert [name for name, m in net.named_modules() if m.training] == ["fc"]


def test_unfreezing_in_stages():
    net = model()
    nn.freeze(net)
    assert nn.unfreeze(net, last=1).names == ["fc.weight", "fc.bias"]
    assert not net.drop.training
    stage = nn.unfreeze(net, last=2)
    assert stage.names == ["norm.weight", "norm.bias"]
    assert stage.parameters[0] is net.norm.weight
    assert net.norm.training
    assert net.drop.training
    assert not net.training
    assert nn.unfreeze(net, last=3).names == ["conv.weight", "conv.bias"]
    assert all(m.training for m in net.modules())
    for bad in (0, 4, -1, 1.5, True):
        with pytest.raises(ValueError, match=r"from 1 to 3.*the parts are fc, norm, conv"):
            nn.unfreeze(net, last=bad)


def test_unfrozen_is_in_the_mode_asked_for_last():
    net = model().eval()
    nn.unfreeze(net)
    nn.freeze(net)
    nn.freeze(net)
    nn.unfreeze(net, last=1)
    nn.unfreeze(net)
    assert not any(m.training for m in net.modules())
    nn.freeze(net)
    net.train()
    nn.unfreeze(net)
    assert all(m.training for m in net.modules())
    nn.freeze(net.norm)
    nn.freeze(net)
    net.eval()
    nn.unfreeze(net)
    assert not any(m.training for m in net.modules())
    net.train().requires_grad_(False)
    nn.freeze(net.fc)
    net.eval()
    assert len(nn.unfreeze(net).names) == 6
    assert not any(m.training for m in net.modules())


def test_groups_with_learning_rates_of_their_own():
    net = model()
    nn.freeze(net)
    net.fc = nn.Linear(64, 3, rng=0)
    optimizer = optim.SGD(net.fc.parameters(), lr=0.1)
    optimizer.add_param_group({"params": nn.unfreeze(net, last=2).parameters, "lr": 0.01})
    before = {name: p.data.copy() for name, p in net.named_parameters()}
    autograd.random.seed(0)
    net(X).sum().backward()
    optimizer.step()
    for name, lr in (("fc.bias", 0.1), ("norm.weight", 0.01), ("conv.weight", 0)):
        p = dict(net.named_parameters())[name]
        expected = before[name] - lr * (p.grad.data if lr else 0)
        np.testing.assert_allclose(p.data, expected, rtol=1e-6)


def test_names_and_copies_survive():
    import copy

    net = model()
    net(X)
    nn.freeze(net)
    twin = copy.deepcopy(net).train()
    assert not twin.norm.training
    nn.unfreeze(net)
    assert net.conv.weight.name == "conv.weight"
    assert not twin.norm.training
    state = net.state_dict()
    assert list(state) == list(twin.state_dict())  # being frozen is no part of the state


def test_random_layers_are_known():
    net = nn.Sequential(nn.Dropout(0.0), nn.Dropout(0.1), nn.RReLU(), nn.LSTM(2, 2, 2, dropout=0.5), nn.MultiheadAttention(4, 2),
                        nn.MultiheadAttention(4, 2, dropout=0.1), nn.StochasticDepth(0.5), nn.DropConnect(2, 2),
                        nn.FractionalMaxPool2d(2, 2))
    assert nn.freeze(net).random == ["1", "2", "3", "5", "6", "7", "8"]


def test_what_is_no_module():
    with pytest.raises(TypeError, match=r"p.requires_grad_\(False\)"):
        nn.freeze(nn.Parameter([1.0]))
    with pytest.raises(TypeError, match="takes a Module, not Tensor"):
        nn.unfreeze(tensor(1.0))
