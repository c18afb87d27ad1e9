"""Do the statistics of activations say what came out of each layer?"""

import numpy as np
import pytest

import autograd
import nn


def deep(std, layers=6, kind=nn.Tanh):
    autograd.random.seed(0)
    model = nn.Sequential(*[layer for _ in range(layers) for layer in (nn.Linear(200, 200, bias=False), kind())])
    for module in model.modules():
        if isinstance(module, nn.Linear):
            nn.init.normal_(module.weight, std=std)
    return model


X = np.random.default_rng(0).standard_normal((100, 200)).astype(np.float32)


def test_the_three_networks_of_the_course():
    """CS231n, lecture on training neural networks: with weights of 0.01 the signal dies, with 1 it saturates, Xavier's keeps it."""
    small, large, xavier = (nn.activation_statistics(deep(std), X)[-1] for std in (0.01, 1.0, 1 / np.sqrt(200)))
    assert small.std < 1e-3 and small.saturated == 0
    assert large.saturated > 0.7 and large.std > 0.9
    assert 0.2 < xavier.std < 0.7 and xavier.saturated < 0.01


def test_numbers():
    model = deep(0.1, 1, nn.ReLU)
    linear, relu = nn.activation_statistics(model, X, bins=7)
    y, z = model[0](X).data, model(X).data
    assert (linear.path, linear.kind, linear.shape) == ("0", "Linear", (100, 200)) and (relu.path, relu.kind) == ("1", "ReLU")
    assert linear.mean == pytest.approx(y.mean()) and relu.std == pytest.approx(z.std())
    assert relu.zeros == (z == 0).mean() and linear.zeros == 0 and relu.saturated is None
    counts, edges = np.histogram(y, 7)
    np.testing.assert_allclose(linear.edges, edges, rtol=1e-5)
    assert abs(np.array(linear.counts) - counts).max() <= 1 and sum(linear.counts) == y.size
    assert not model[0]._hooks


def test_saturation_is_nearness_to_a_bound():
    for layer, x in ((nn.Sigmoid(), [-9, 0, 1, 9.0]), (nn.Hardtanh(-2, 2), [-2, -1.9, 0, 1.97]), (nn.ReLU6(), [3.0, 7]),
                     (nn.Softsign(), [0.0, 1e4])):
        assert nn.activation_statistics(layer, np.array(x))[0].saturated == 0.5


def test_it_prints_as_a_table():
    text = repr(nn.activation_statistics(deep(0.1, 2), X))
    lines = text.split("\n")
    assert lines[0].split() == ["layer", "kind", "shape", "mean", "std", "zeros", "saturated", "histogram"]
    assert [line.split()[:2] for line in lines[1:]] == [["0", "Linear"], ["1", "Tanh"], ["2", "Linear"], ["3", "Tanh"]]
    assert "█" in lines[1] and "%" in lines[2]


def test_odd_signals():
    constant, = nn.activation_statistics(nn.ReLU(), -np.ones((3, 4)))
    assert (constant.zeros, constant.std, sum(constant.counts)) == (1, 0, 12)
    broken, = nn.activation_statistics(nn.ReLU(), np.array([1.0, np.nan, np.inf]))
    assert broken.counts == [] and "nan" in repr(nn.activation_statistics(nn.ReLU(), np.array([1.0, np.nan])))
    assert len(nn.activation_statistics(nn.LSTM(4, 3), np.ones((2, 3, 4), np.float32))) == 3  # output, h and c
    with pytest.raises(ValueError):
        nn.activation_statistics(deep(1), X[:, :3])
