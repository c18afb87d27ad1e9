"""Does dropout drop what it should, as often as it should, and nothing in use?

Sources: CS231n assignment 2, Dropout.ipynb; Wan et al. 2013 (DropConnect); Huang et al. 2016 (StochasticDepth).

Read next: `test_sequences.py`.
"""

import copy

import numpy as np
import pytest

import autograd
import nn
from autograd import checkpoint, tensor
from nn import functional as F

ALL = [nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d, nn.AlphaDropout, nn.FeatureAlphaDropout, nn.StochasticDepth]
SHAPES = {nn.Dropout1d: (4, 5, 6), nn.Dropout2d: (4, 5, 6, 2), nn.Dropout3d: (2, 3, 4, 2, 2), nn.FeatureAlphaDropout: (4, 5, 6)}


@pytest.mark.parametrize("p", [0.25, 0.4, 0.7])
def test_numbers_of_the_course(p):
    x = np.random.RandomState(231).randn(500, 500) + 10
    y = nn.Dropout(1 - p, rng=0)(x)
    assert y.mean() == pytest.approx(x.mean(), abs=0.1)
    assert (y == 0).mean() == pytest.approx(1 - p, abs=0.005)
    np.testing.assert_allclose(y[y != 0], (x / p)[y != 0])
    np.testing.assert_array_equal(nn.Dropout(1 - p).eval()(x), x)


@pytest.mark.parametrize("cls", ALL)
def test_in_use_it_is_the_identity(cls):
    x = np.ones(SHAPES.get(cls, (3, 4)))
    assert cls(0.5).eval()(x) is x
    assert cls(0.0)(x) is x
    assert not np.any(cls(1.0)(x))


@pytest.mark.parametrize("n", [1, 2, 3])
def test_whole_channels(n):
    x = np.ones((20, 30, *range(2, 2 + n)))
    y = getattr(nn, f"Dropout{n}d")(0.3, rng=0)(x).reshape(20, 30, -1)
    assert (y == y[:, :, :1]).all()
    assert (y[:, :, 0] == 0).mean() == pytest.approx(0.3, abs=0.05)
    assert getattr(nn, f"Dropout{n}d")(0.3)(x[0]).shape == x[0].shape
    with pytest.raises(ValueError, match="axes of space"):
        getattr(nn, f"Dropout{n}d")(0.3)(np.ones(3))


def test_the_mean_over_masks_is_what_is_used():
    """For a linear layer exactly: E[W (m x / (1 - p))] = W x."""
    model = nn.Sequential(nn.Dropout(0.3, rng=0), nn.Linear(6, 4, rng=0)).to(float)
    x = np.random.default_rng(1).normal(size=(1, 6))
    mean = model(np.repeat(x, 40_000, 0)).data.mean(0)
    np.testing.assert_allclose(mean, model.eval()(x).data[0], atol=0.02)


def test_alpha_dropout_keeps_mean_and_variance():
    x = np.random.default_rng(0).normal(size=(400, 500))
    for y in (nn.AlphaDropout(0.3, rng=1)(x), nn.FeatureAlphaDropout(0.3, rng=1)(x)):
        assert y.mean() == pytest.approx(0, abs=0.02)
        assert y.std() == pytest.approx(1, abs=0.02)
    y = F.alpha_dropout(np.zeros(10_000), 0.4, rng=0)
    a = (0.6 * (1 + 0.4 * 1.7580993408473766**2)) ** -0.5
    assert sorted({round(float(v), 6) for v in y}) == pytest.approx([a * (0.4 - 1) * 1.758099340847, a * 0.4 * 1.758099340847], abs=1e-6)


def test_drop_connect_drops_weights():
    """Wan et al. 2013, equation 2: r = a((M * W) v), with M_ij = 1 with probability 1 - p; here scaled by 1 / (1 - p)."""
    layer = nn.DropConnect(6, 5, 0.4, rng=0).to(float)
    x = np.random.default_rng(1).normal(size=(3, 6))
    again = copy.deepcopy(layer)
    y = layer(x)
    M = again.rng.random((5, 6), dtype=np.float32) >= 0.4
    np.testing.assert_allclose(y.data, x @ (layer.weight.data * M / 0.6).T + layer.bias.data)
    y.sum().backward()
    np.testing.assert_allclose(layer.weight.grad.data, np.ones((5, 3)) @ x * M / 0.6)
    np.testing.assert_allclose(layer.eval()(x).data, x @ layer.weight.data.T + layer.bias.data)
    assert list(layer.state_dict()) == ["weight", "bias"]
    with pytest.raises(ValueError, match="takes 6 features"):
        layer(np.ones((3, 5)))


@pytest.mark.parametrize("mode", ["row", "batch"])
def test_stochastic_depth_drops_branches(mode):
    """Huang et al. 2016, equation 2: H = relu(b f(H) + id(H)), b = 1 with probability p_l; here b / p_l in training, not p_l in use."""
    y = np.array([nn.StochasticDepth(0.25, mode, rng=seed)(np.ones((8, 3))) for seed in range(500)])
    assert set(np.unique(y)) == {0, 1 / 0.75}
    assert (y == y[..., :1]).all()
    assert y.mean() == pytest.approx(1, abs=0.08)
    assert (y == y[:, :1]).all() == (mode == "batch")
    with pytest.raises(ValueError, match=r"'batch'.*'row'"):
        nn.StochasticDepth(0.1, "rows")


def test_masks_come_from_the_generator():
    x = np.ones((4, 5))
    np.testing.assert_array_equal(nn.Dropout(rng=3)(x), nn.Dropout(rng=np.random.default_rng(3))(x))
    autograd.random.seed(1)
    first = nn.Dropout()(x)
    autograd.random.seed(1)
    np.testing.assert_array_equal(nn.Dropout()(x), first)
    layer = nn.Dropout(rng=0)
    assert (layer(x) != layer(x)).any()


def test_a_checkpoint_draws_the_same_mask_twice():
    layer, x = nn.Dropout(0.5, rng=0), tensor(np.ones((20, 30)), requires_grad=True)
    y = checkpoint(lambda x: layer(x) * 3)(x)
    y.sum().backward()
    np.testing.assert_array_equal(x.grad.data, y.data)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("cls", ALL)
def test_masks_have_the_dtype_of_the_input(cls, dtype):
    x = tensor(np.ones(SHAPES.get(cls, (3, 4)), dtype), requires_grad=True)
    y = cls(0.5)(x)
    assert y.dtype == dtype
    assert all(saved.dtype == dtype for saved in y.node.saved if saved is not None)


@pytest.mark.parametrize("p", [-0.1, 1.1, float("nan")])
def test_a_probability_is_one(p):
    for make in (nn.Dropout, nn.StochasticDepth, lambda p: nn.DropConnect(2, 2, p), lambda p: F.dropout(np.ones(3), p)):
        with pytest.raises(ValueError, match="between 0 and 1"):
            make(p)
