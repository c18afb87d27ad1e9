"""Do the activations obey their formulas, where PyTorch has no twin?

Are their options checked? (Against PyTorch: `../peer/grid_activation.py`.)"""

import copy
import inspect
import pickle

import numpy as np
import pytest

import autograd
import nn
from autograd import grad, no_grad, tensor
from nn import functional as F

X = np.random.default_rng(0).standard_normal((5, 12))


def test_maxout_is_the_largest_of_linear_functions():
    """Goodfellow et al. 2013, equation 1: h_i = max_j (x W_ij + b_ij)."""
    linear = nn.Linear(12, 4 * 3, dtype=float)
    w, b = linear.weight.data.reshape(4, 3, 12), linear.bias.data.reshape(4, 3)
    h = np.max(np.einsum("nd,ijd->nij", X, w) + b, axis=2)
    model = nn.Sequential(linear, nn.Maxout(3))
    np.testing.assert_allclose(model(X).data, h, atol=1e-14)
    autograd.check_grads(model, (X,), order=1)


def test_maxout_generalises_relu_and_leaky_relu():
    """CS231n, "Neural networks": "both ReLU and Leaky ReLU are a special case", with w1 = b1 = 0, or a small multiple."""
    for slope in (0.0, 0.1):
        np.testing.assert_array_equal(F.maxout(np.stack([slope * X, X], axis=2).reshape(5, -1)), F.leaky_relu(X, slope))


def test_maxout_of_channels_and_of_other_axes():
    x = np.arange(2 * 6 * 3).reshape(2, 6, 3)
    np.testing.assert_array_equal(nn.Maxout(2)(x), x[:, 1::2])
    assert nn.Maxout(3, dim=-1)(x).shape == (2, 6, 1)


def test_rrelu_draws_a_slope_for_each_number_in_training():
    """Xu et al. 2015: a ~ U(lower, upper) in training, (lower + upper) / 2 in use."""
    x = -np.ones((300, 100))
    layer = nn.RReLU(0.1, 0.3, rng=0)
    slopes = -layer(x)
    assert 0.1 <= slopes.min() < 0.101 and 0.299 < slopes.max() < 0.3 and abs(slopes.mean() - 0.2) < 1e-3
    assert not np.array_equal(-layer(x), slopes)
    np.testing.assert_array_equal(-nn.RReLU(0.1, 0.3, rng=0)(x), slopes)
    assert (layer.eval()(x) == -0.2).all()
    assert layer.train()(x.astype(np.float32)).dtype == np.float32
    t = tensor(x, requires_grad=True)
    y = layer(t)
    y.sum().backward()
    np.testing.assert_array_equal(t.grad.data, -y.data)


@pytest.mark.parametrize("f", [F.elu, F.selu, F.celu, F.gelu, F.silu, F.mish, F.softplus, F.logsigmoid, F.hardswish, F.softsign,
                               lambda x: F.gelu(x, "tanh"), F.sigmoid, F.tanh, F.tanhshrink], ids=lambda f: f.__name__)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_nothing_overflows(f, dtype):
    with np.errstate(over="raise", invalid="raise"):
        x = np.array([-1e4, -100, 0, 100, 1e4], dtype)
        y, slope = f(x), grad(lambda x: f(x).sum())(x)
    assert y.dtype == slope.dtype == dtype and np.isfinite(y).all() and np.isfinite(slope).all()


@pytest.mark.parametrize("name", ["ReLU", "ReLU6", "LeakyReLU", "ELU", "SELU", "CELU", "GELU", "SiLU", "Mish", "Hardtanh", "Hardshrink",
                                  "Softshrink", "Hardsigmoid", "Hardswish", "Softplus", "Sigmoid", "Tanh"])
def test_nan_is_not_hidden(name):
    with np.errstate(invalid="ignore"):
        assert np.isnan(getattr(nn, name)()(np.array([np.nan, 1.0]))).tolist() == [True, False]


def test_a_formula_takes_the_options_of_its_function():
    assert repr(nn.ELU()) == "ELU()" and repr(nn.ELU(0.5)) == "ELU(alpha=0.5)" == repr(nn.ELU(alpha=0.5, inplace=True))
    assert nn.ReLU(True).inplace and repr(nn.Hardtanh(-2, 2)) == "Hardtanh(min_val=-2, max_val=2)"
    assert list(inspect.signature(nn.LeakyReLU).parameters) == ["negative_slope", "inplace"]
    assert nn.ELU.__doc__ == F.elu.__doc__
    layer = nn.LeakyReLU(0.3)
    layer.negative_slope = 0.5
    assert layer(np.array([-1.0])) == copy.deepcopy(layer)(np.array([-1.0])) == pickle.loads(pickle.dumps(layer))(np.array([-1.0])) == -0.5
    for wrong in (lambda: nn.ELU(beta=1), lambda: nn.Tanh(1), lambda: nn.Threshold(1), lambda: nn.Sigmoid(inplace=True)):
        with pytest.raises(TypeError, match=r"was called with other arguments"):
            wrong()


def test_prelu_learns_its_slopes():
    layer = nn.PReLU(3)
    assert layer.weight.shape == (3,) and (layer.weight.data == 0.25).all() and layer.weight.dtype == np.float32
    with pytest.raises(ValueError, match="each of the 12 channels"):
        layer(X)


@pytest.mark.parametrize("f, said", [
    (lambda: nn.Softmax()(np.ones((2, 3, 4))), "along which axis"), (lambda: nn.LogSoftmax(3)(X), "has 2 axes"),
    (lambda: nn.Softmax2d()(X), "images"), (lambda: nn.GLU()(np.ones((2, 3))), "odd"), (lambda: nn.Maxout(5)(X), "no multiple"),
    (lambda: nn.Hardtanh(1, 1)(X), "min_val"), (lambda: nn.GELU("erf")(X), "'none' or 'tanh'"), (lambda: nn.RReLU(0.4, 0.3)(X), "lower"),
    (lambda: nn.Softshrink(-1)(X), "not negative"), (lambda: nn.CELU(0)(X), "alpha"), (lambda: nn.Softplus(0)(X), "beta")])
def test_bad_input(f, said):
    with pytest.raises(ValueError, match=said):
        f()


def test_lists_are_refused():
    with pytest.raises(TypeError, match="list"):
        nn.ELU()([1.0])


@pytest.mark.parametrize("make", [
    lambda: nn.Softmax(1), lambda: nn.Softmin(1), lambda: nn.LogSoftmax(1), lambda: nn.GLU(1), lambda: nn.GELU("tanh"), nn.LogSigmoid,
    nn.Mish, nn.Softsign, nn.Hardswish, nn.SELU, nn.Tanhshrink, nn.Softplus, nn.PReLU, lambda: nn.AvgPool2d(2), lambda: nn.LPPool2d(2, 2),
    lambda: nn.AdaptiveAvgPool2d(3), lambda: nn.Upsample(scale_factor=2, mode="bilinear"), lambda: nn.Upsample(size=3, mode="area"),
    lambda: nn.BatchNorm2d(4), lambda: nn.LayerNorm(6), lambda: nn.RMSNorm(6), lambda: nn.GroupNorm(2, 4), lambda: nn.InstanceNorm2d(4),
    lambda: nn.LocalResponseNorm(3), lambda: nn.ConstantPad2d(1, -1.5), lambda: nn.ConstantPad2d(1, 300)])
def test_images_of_bytes_do_not_wrap_around(make):
    x = np.random.default_rng(0).integers(0, 256, (2, 4, 6, 6), np.uint8)
    with no_grad():
        expected = make()(x.astype(float))
        for given in (x, tensor(x), x.astype(int)):
            np.testing.assert_allclose(make()(given), expected, rtol=1e-12)
