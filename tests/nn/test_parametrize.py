"""Are computed weights what they should be, and do the modules that have them stay ordinary modules?

PyTorch's numbers are in tests/peer/grid_parametrize.py.
"""

import copy
import pickle

import numpy as np
import pytest

import nn
from nn.parametrize import is_parametrized, register_parametrization, remove_parametrizations, spectral_norm, weight_norm


class Symmetric(nn.Module):
    """The upper triangle, mirrored."""

    def forward(self, w):
        from autograd import ops

        return ops.triu(w) + ops.triu(w, 1).T


class Doubled(nn.Module):
    """Twice the original."""

    def forward(self, w):
        return 2 * w

    def right_inverse(self, w):
        return w / 2


X = np.random.default_rng(0).standard_normal((5, 4))


def test_weight_norm_keeps_the_function_and_trains_length_and_direction():
    layer = nn.Linear(4, 3).to(float)
    before = layer(X).data
    assert weight_norm(layer) is layer
    np.testing.assert_allclose(layer(X).data, before)
    assert set(layer.state_dict()) == {"bias", "parametrizations.weight.original0", "parametrizations.weight.original1"}
    assert type(layer).__name__ == "ParametrizedLinear"
    assert isinstance(layer, nn.Linear)
    g = layer.parametrizations["weight"].original0
    with g.writing() as array:
        array[...] = 3
    np.testing.assert_allclose(np.linalg.norm(layer.weight.data, axis=1), 3)
    layer(X).sum().backward()
    assert all(p.grad is not None for p in layer.parameters())


def test_spectral_norm_is_the_largest_singular_value():
    layer = spectral_norm(nn.Linear(4, 3).to(float), rng=0)
    for _ in range(100):
        layer(X)
    assert np.linalg.svd(layer.weight.data)[1][0] == pytest.approx(1, abs=1e-8)
    u = layer.eval().parametrizations["weight"][0]._u.data.copy()
    layer(X)
    np.testing.assert_array_equal(layer.parametrizations["weight"][0]._u.data, u)


@pytest.mark.parametrize("kind", [weight_norm, spectral_norm])
def test_copies_pickles_and_states(kind):
    layer = nn.Sequential(kind(nn.Linear(4, 3))).eval()
    other = nn.Sequential(kind(nn.Linear(4, 3))).eval()
    other.load_state_dict(layer.state_dict())
    for twin in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer)), other):
        np.testing.assert_array_equal(twin(X).data, layer(X).data)
        assert not {id(p) for p in twin.parameters()} & {id(p) for p in layer.parameters()}
    assert "ParametrizedLinear(in_features=4, out_features=3, bias=True" in repr(layer).replace("\n    ", "")


def test_one_after_the_other_and_gone_again():
    layer = nn.Linear(3, 3).to(float)
    w = layer.weight.data.copy()
    register_parametrization(layer, "weight", Symmetric())
    register_parametrization(layer, "weight", Doubled())
    assert is_parametrized(layer)
    assert is_parametrized(layer, "weight")
    assert not is_parametrized(layer, "bias")
    symmetric = np.triu(w) + np.triu(w, 1).T
    np.testing.assert_allclose(layer.weight.data, symmetric)  # what it was, through right_inverse
    layer.weight = np.ones((3, 3))
    np.testing.assert_allclose(layer.weight.data, 1)
    remove_parametrizations(layer, "weight")
    assert type(layer) is nn.Linear
    assert isinstance(layer.weight, nn.Parameter)
    np.testing.assert_allclose(layer.weight.data, 1)
    assert set(layer.state_dict()) == {"weight", "bias"}


def test_what_is_not_there():
    layer = nn.Linear(3, 3)
    with pytest.raises(ValueError, match="no parameter 'wait'; it has weight, bias"):
        register_parametrization(layer, "wait", Doubled())
    with pytest.raises(ValueError, match="no parametrisation"):
        remove_parametrizations(layer, "weight")
    weight_norm(layer)
    with pytest.raises(AttributeError, match="wait"):
        layer.wait  # noqa: B018
    with pytest.raises(ValueError, match="2 originals"):
        remove_parametrizations(layer, "weight", leave_parametrized=False)
