"""Are the averages of models the averages of their parameters?"""

import copy

import numpy as np
import pytest

import nn
import optim
from autograd import tensor
from nn import Buffer, Module, Parameter


class Norm(Module):
    """As much of a batch normalisation as `update_bn` needs."""

    def __init__(self):
        self.weight, self.running_mean, self.momentum, self.seen = Parameter([1.0]), Buffer([5.0]), 0.1, 0

    def reset_running_stats(self):
        self.running_mean.assign(tensor([0.0]))
        self.seen = 0

    def forward(self, x):
        if self.training:
            self.seen += 1
            share = 1 / self.seen if self.momentum is None else self.momentum
            self.running_mean.assign(self.running_mean + share * (x.mean() - self.running_mean))
        return x * self.weight


def models():
    """A model at four times of its training, as values of its parameters and its buffer."""
    model = nn.Sequential(nn.Linear(2, 3, dtype=np.float64), Norm())
    for k in range(4):
        for p in [*model.parameters(), *model.buffers()]:
            with p.writing() as array:
                array[...] = np.sin(k + np.arange(p.size).reshape(p.shape))
        yield model


@pytest.mark.parametrize("use_buffers", [False, True])
@pytest.mark.parametrize("kind", ["mean", "ema", "own"])
def test_averages(kind, use_buffers):
    seen, average = [], None
    function = {"mean": None, "ema": optim.get_ema_avg_fn(0.9), "own": lambda averaged, current, n: averaged + current * n}[kind]
    for model in models():
        average = average or optim.AveragedModel(model, function, use_buffers)
        average.update_parameters(model)
        seen.append({name: np.array(value) for name, value in model.state_dict().items()})
    assert average.n_averaged == 4
    for name, value in average.module.state_dict().items():
        values = [state[name] for state in seen]
        expected = values[0]
        for n, v in enumerate(values[1:], 1):
            expected = {"mean": (expected * n + v) / (n + 1), "ema": 0.9 * expected + 0.1 * v, "own": expected + v * n}[kind]
        if "running" in name and not use_buffers:
            expected = values[-1]
        np.testing.assert_allclose(value, expected, rtol=1e-12, atol=1e-14)
    assert average(tensor([1.0, 2.0])).shape == (3,)
    assert average.module is not model


def test_states():
    model = next(models())
    average = optim.AveragedModel(model)
    average.update_parameters(model)
    state = average.state_dict()
    assert set(state) == {"n_averaged", "module.0.weight", "module.0.bias", "module.1.weight", "module.1.running_mean"}
    other = optim.AveragedModel(model)
    other.load_state_dict(state)
    assert other.n_averaged == 1
    with pytest.raises(ValueError, match="n_averaged"):
        other.load_state_dict({})
    with pytest.raises(ValueError, match="shape"):
        other.update_parameters(nn.Sequential(nn.Linear(4, 3), Norm()))
    with pytest.raises(ValueError, match="decay"):
        optim.get_ema_avg_fn(1.5)


def test_another_model_is_refused():
    def make(names):
        return nn.Sequential({name: nn.Linear(2, 2) for name in names})

    average, other = optim.AveragedModel(make("ab")), make("ba")
    average.update_parameters(other)  # by name, in whatever order
    assert np.array_equal(average.module.a.weight.data, other.a.weight.data)
    before = {name: np.array(value) for name, value in average.state_dict().items()}
    for model, said in ((make("abc"), "c.weight: nothing in the average, shape \\(2, 2\\) in the model\n.*c.bias"),
                        (make("ac"), "b.bias: shape \\(2,\\) in the average, nothing in the model"),
                        (nn.Sequential({"a": nn.Linear(2, 2), "b": nn.Linear(3, 2)}), "b.weight: shape")):
        with pytest.raises(ValueError, match=said):
            average.update_parameters(model)
    state = optim.AveragedModel(make("ab")).state_dict()
    for wrong in ("hello", None, -1, 1.5, float("nan"), [1, 2], True):
        with pytest.raises(ValueError, match="n_averaged"):
            average.load_state_dict({**state, "n_averaged": wrong})
    assert all(np.array_equal(before[name], value) for name, value in average.state_dict().items())


def test_it_is_used_as_a_module():
    model = nn.Sequential(nn.Linear(2, 3, rng=0), nn.BatchNorm1d(3), nn.Dropout(0.5))
    average = optim.AveragedModel(model)
    average.update_parameters(model)
    x = np.random.default_rng(0).normal(size=(8, 2)).astype(np.float32)
    optim.update_bn([x], average)
    np.testing.assert_allclose(average.module[1].running_mean.data, model[0](x).data.mean(0), rtol=1e-4, atol=1e-6)
    assert average.eval() is average
    assert not average.training
    assert np.array_equal(average(x).data, average(x).data)
    assert average.train().training
    assert list(average.parameters()) == list(average.module.parameters())
    twin = copy.deepcopy(average)
    assert twin.n_averaged == 1
    assert list(twin.state_dict()) == list(average.state_dict())
    with pytest.raises(AttributeError, match="weights"):
        average.weights  # noqa: B018


def test_running_statistics_are_computed_anew():
    model = nn.Sequential(nn.Identity() if hasattr(nn, "Identity") else nn.ReLU(), Norm()).eval()
    batches = [tensor(np.full((2, 1), k)) for k in (1.0, 2.0, 6.0)]
    optim.update_bn([batches[0], (batches[1], None), [batches[2], None]], model)
    assert model[1].running_mean.item() == 3
    assert model[1].momentum == 0.1
    assert not model.training
    assert not model[1].training
    optim.update_bn([], nn.Linear(2, 2))


def test_frozen_statistics_stay():
    held, free = nn.BatchNorm1d(2), nn.BatchNorm1d(2)
    model = nn.Sequential(held, free)
    x = np.random.default_rng(0).normal(3, 2, (16, 2)).astype(np.float32)
    model(x)
    nn.freeze(held)
    before = {name: np.array(value) for name, value in held.state_dict().items()}
    optim.update_bn([x], model)
    assert all(np.array_equal(before[name], value) for name, value in held.state_dict().items())
    np.testing.assert_allclose(free.running_mean.data, held(x).data.mean(0), rtol=1e-5)
    nn.freeze(model)
    before = {name: np.array(value) for name, value in model.state_dict().items()}
    optim.update_bn([x], model)
    assert all(np.array_equal(before[name], value) for name, value in model.state_dict().items())
