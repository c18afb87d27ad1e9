"""Do the first layers and losses compute what PyTorch computes?

The inputs are sine waves, so that both sides can make them; the numbers were printed by PyTorch 2.13 in float64.
"""

import numpy as np
import pytest

import autograd
import nn
from autograd import tensor


def wave(*shape, k=1.0):
    return np.sin(k * np.arange(1, np.prod(shape) + 1)).reshape(shape)


def model():
    m = nn.Sequential(nn.Linear(4, 6, dtype=float), nn.ReLU(), nn.Linear(6, 3, dtype=float))
    m.load_state_dict({"0.weight": wave(6, 4, k=0.7), "0.bias": wave(6, k=0.3), "2.weight": wave(3, 6, k=1.3), "2.bias": wave(3, k=0.9)})
    return m


X, T = wave(5, 4), np.array([0, 2, 1, 2, 0])

# name: the first six numbers of the gradient, the sum of the absolute values of all
PYTORCH = {
    "0.weight": ([-0.0836952199487, 0.259963993731, 0.36461351046, 0.134039047173, 0.268133547689, 0.04726091547], 4.149692694085433),
    "0.bias": ([0.534374966726, -0.0113139631016, -0.456399109517, -0.419327685909, 0.346601299972, 0.419920373848], 2.187937399075349),
    "2.weight": ([0.2553994026, 0.17525756168, 0.107160247572, 0.363423118533, -0.193125360163, 0.421755573257], 5.864867457353919),
    "2.bias": ([0.116532569005, 0.19776920025, -0.314301769255], 0.6286035385105779),
}


def test_a_network_agrees_with_pytorch():
    m = model()
    loss = nn.CrossEntropyLoss()(m(X), T)
    loss.backward()
    assert loss.item() == pytest.approx(1.930801213269658, abs=1e-12)
    np.testing.assert_allclose(m(X).data[0], [2.9804350791729637, 1.7102371659442914, -1.690263875186803], atol=1e-12)
    for name, p in m.named_parameters():
        first, total = PYTORCH[name]
        np.testing.assert_allclose(p.grad.data.ravel()[:6], first, atol=1e-11)
        assert np.abs(p.grad.data).sum() == pytest.approx(total, abs=1e-11)


@pytest.mark.parametrize("options, expected", [
    ({"weight": np.array([0.5, 1, 2]), "label_smoothing": 0.1}, 2.5123530038884265), ({"ignore_index": 2}, 1.0583001517360529),
    ({"reduction": "sum"}, 9.65400606634829)])
def test_cross_entropy_options_agree_with_pytorch(options, expected):
    assert nn.CrossEntropyLoss(**options)(model()(X), T).item() == pytest.approx(expected, abs=1e-12)


def test_losses():
    assert float(nn.MSELoss()(X, np.cos(X))) == pytest.approx(1.051733738487068, abs=1e-12)
    images, classes = wave(2, 3, 4), np.array([[0, 1, 2, 0], [1, 1, 0, 2]])
    assert float(nn.CrossEntropyLoss()(images, classes)) == pytest.approx(1.738702391543, abs=1e-12)
    assert nn.CrossEntropyLoss(reduction="none")(images, classes).shape == (2, 4)
    loss = nn.CrossEntropyLoss(weight=np.ones(3, np.float32), label_smoothing=0.1)
    assert repr(loss) == "CrossEntropyLoss(label_smoothing=0.1)"
    assert list(loss.state_dict()) == ["weight"]
    with pytest.raises(ValueError, match=r"\(5, 1\).*\(5,\).*reshape"):
        nn.MSELoss()(np.ones((5, 1)), np.ones(5))
    with pytest.raises(ValueError, match="reduction"):
        nn.MSELoss(reduction="average")(X, X)
    with pytest.raises(IndexError):
        nn.CrossEntropyLoss()(X, np.array([0, 1, 2, 3, 4]))


@pytest.mark.parametrize("shape", [(4,), (2, 4), (3, 2, 4), (0, 4)])
def test_linear(shape):
    layer = nn.Linear(4, 3)
    x = tensor(np.ones(shape, np.float32), requires_grad=True)
    y = layer(x)
    assert y.shape == (*shape[:-1], 3)
    assert y.dtype == np.float32
    np.testing.assert_allclose(y.data, x.data @ layer.weight.data.T + layer.bias.data, rtol=1e-6)
    (y * y).sum().backward()
    assert layer.weight.grad.dtype == x.grad.dtype == np.float32
    assert not nn.Linear(4, 3, bias=False).state_dict().keys() - {"weight"}


def test_linear_starts_as_in_pytorch():
    weight = nn.Linear(400, 300, rng=0).weight.data
    bound = 1 / 20
    assert weight.dtype == np.float32
    assert 0.99 * bound < weight.max() < bound
    assert -bound < weight.min() < 0.99 * -bound
    np.testing.assert_array_equal(weight, nn.Linear(400, 300, rng=np.random.default_rng(0)).weight.data)
    autograd.random.seed(5)
    first = nn.Linear(2, 2).weight.data
    autograd.random.seed(5)
    np.testing.assert_array_equal(first, nn.Linear(2, 2).weight.data)


def test_wrong_features_are_explained():
    m = nn.Sequential(nn.Linear(64, 10))
    with pytest.raises(ValueError) as error:
        m(np.ones((32, 784)))
    for said in ("Linear(in_features=64, out_features=10, bias=True) at '0'", "takes 64 features", "(32, 784)", "Linear(784, 10)"):
        assert said in str(error.value)
    with pytest.raises(ValueError, match=r"x\.reshape\(\(32, -1\)\)"):
        m(np.ones((32, 8, 8)))
    with pytest.raises(TypeError, match="list"):
        m([[1.0] * 64])
    with pytest.raises(ValueError, match="sizes"):
        nn.Linear(64, -1)
    with pytest.raises(ValueError, match="sizes"):
        nn.Linear(64, 2.5)


@pytest.mark.parametrize("layer, f", [
    (nn.ReLU(), lambda x: np.maximum(x, 0)), (nn.Tanh(), np.tanh), (nn.Sigmoid(), lambda x: 1 / (1 + np.exp(-x)))])
def test_activations(layer, f):
    np.testing.assert_allclose(layer(X), f(X), atol=1e-15)
    autograd.check_grads(layer, (X,), order=2)
    assert not layer.state_dict()
