"""Is what comes out of a normalisation normal, and are running statistics what they should be?

PyTorch's numbers are in tests/peer/grid_norm.py; these are the numbers of the course (CS231n assignment 2,
BatchNormalization.ipynb and ConvolutionalNetworks.ipynb) and the formulas.

Read next: `test_dropout.py`.
"""

import numpy as np
import pytest

import autograd
import nn
from autograd import grad, no_grad, ops, tensor, trace
from autograd.tracer import TraceError


def with_affine(layer, weight, bias):
    layer.load_state_dict({"weight": weight, "bias": bias}, strict=False)
    return layer.to(float)


def activations():
    """What the notebook normalises: the outputs of a random two-layer network, 200 x 3."""
    rng = np.random.RandomState(231)
    x, w1, w2 = rng.randn(200, 50), rng.randn(50, 60), rng.randn(60, 3)
    return np.maximum(0, x @ w1) @ w2


def test_batch_normalisation_of_the_course():
    a = activations()
    y = nn.BatchNorm1d(3)(a).data
    np.testing.assert_allclose(y.mean(0), 0, atol=1e-12)
    np.testing.assert_allclose(y.std(0), 1, atol=1e-6)
    y = with_affine(nn.BatchNorm1d(3), [1, 2, 3], [11, 12, 13])(a).data
    np.testing.assert_allclose(y.mean(0), [11, 12, 13], atol=1e-12)
    np.testing.assert_allclose(y.std(0), [1, 2, 3], atol=1e-6)


def test_running_statistics_of_the_course():
    rng = np.random.RandomState(231)
    w1, w2 = rng.randn(50, 60), rng.randn(60, 3)
    layer = nn.BatchNorm1d(3).to(float)
    for _ in range(50):
        layer(np.maximum(0, rng.randn(200, 50) @ w1) @ w2)
    y = layer.eval()(np.maximum(0, rng.randn(200, 50) @ w1) @ w2).data
    assert abs(y.mean(0)).max() < 0.2  # "means should be close to zero and stds close to one, but noisier than training-time"
    assert abs(y.std(0) - 1).max() < 0.15


def test_spatial_batch_normalisation_of_the_course():
    x = 4 * np.random.RandomState(231).randn(2, 3, 4, 5) + 10
    y = nn.BatchNorm2d(3)(x).data
    assert y.shape == x.shape
    np.testing.assert_allclose(y.mean((0, 2, 3)), 0, atol=1e-12)
    np.testing.assert_allclose(y.std((0, 2, 3)), 1, atol=1e-6)
    y = with_affine(nn.BatchNorm2d(3), [3, 4, 5], [6, 7, 8])(x).data
    np.testing.assert_allclose(y.mean((0, 2, 3)), [6, 7, 8], atol=1e-12)
    np.testing.assert_allclose(y.std((0, 2, 3)), [3, 4, 5], atol=1e-5)


def test_layer_and_group_normalisation_of_the_course():
    y = with_affine(nn.LayerNorm(3), [3, 3, 3], [5, 5, 5])(activations()[:4]).data
    np.testing.assert_allclose(y.mean(1), 5, atol=1e-12)
    np.testing.assert_allclose(y.std(1), 3, atol=1e-5)
    x = 4 * np.random.RandomState(231).randn(2, 6, 4, 5) + 10
    y = nn.GroupNorm(2, 6)(x).data.reshape(4, -1)
    np.testing.assert_allclose(y.mean(1), 0, atol=1e-12)
    np.testing.assert_allclose(y.std(1), 1, atol=1e-6)


def test_the_running_variance_is_unbiased():
    x = np.random.default_rng(0).normal(3, 2, (5, 2, 3))
    layer = nn.BatchNorm1d(2).to(float)
    layer(x)
    np.testing.assert_allclose(layer.running_mean.data, 0.1 * x.mean((0, 2)))
    np.testing.assert_allclose(layer.running_var.data, 0.9 + 0.1 * x.var((0, 2), ddof=1))
    assert layer.num_batches_tracked.data == 1
    assert layer.num_batches_tracked.dtype == np.int64
    layer.reset_running_stats()
    assert layer.num_batches_tracked.data == layer.running_mean.data.sum() == 0


def test_without_momentum_all_batches_count_alike():
    batches = np.random.default_rng(0).normal(3, 2, (4, 6, 2))
    layer = nn.BatchNorm1d(2, momentum=None).to(float)
    for x in batches:
        layer(x)
    np.testing.assert_allclose(layer.running_mean.data, batches.mean((0, 1)))
    np.testing.assert_allclose(layer.running_var.data, batches.var(1, ddof=1).mean(0))
    compiled = nn.BatchNorm1d(2, momentum=None).to(float)
    step = autograd.compile(lambda x: compiled(x).detach())
    for x in batches:
        step(x)
    assert sum(map(len, step.programs.values())) == 1
    np.testing.assert_array_equal(compiled.running_mean.data, layer.running_mean.data)
    np.testing.assert_array_equal(compiled.running_var.data, layer.running_var.data)


def test_evaluation_uses_running_statistics_and_leaves_them():
    x = np.random.default_rng(0).normal(3, 2, (5, 2))
    layer = nn.BatchNorm1d(2).to(float)
    layer(x)
    mean, var = layer.running_mean.data.copy(), layer.running_var.data.copy()
    y = layer.eval()(x + 100)
    np.testing.assert_allclose(y.data, (x + 100 - mean) / np.sqrt(var + 1e-5))
    np.testing.assert_array_equal(layer.running_mean.data, mean)
    np.testing.assert_allclose(layer(x[:1]).data, ((x - mean) / np.sqrt(var + 1e-5))[:1])  # one example is enough


@pytest.mark.parametrize("layer, shape", [(nn.BatchNorm1d(3), (0, 3)), (nn.BatchNorm2d(3), (2, 3, 0, 2)),
                                          (nn.InstanceNorm1d(3, affine=True, track_running_stats=True), (0, 3, 4))])
def test_an_empty_batch_leaves_the_statistics(layer, shape):
    x = tensor(np.ones(shape, np.float32), requires_grad=True)
    y = layer(x)
    y.sum().backward()
    assert y.shape == x.grad.shape == shape
    np.testing.assert_array_equal(layer.weight.grad.data, [0, 0, 0])
    np.testing.assert_array_equal(layer.running_mean.data, [0, 0, 0])
    np.testing.assert_array_equal(layer.running_var.data, [1, 1, 1])


def test_statistics_are_no_part_of_the_graph():
    x = tensor(np.random.default_rng(0).normal(size=(4, 3)), requires_grad=True)
    layer = nn.BatchNorm1d(3)
    for _ in range(3):
        layer(x)
    assert layer.running_mean.node is None
    assert layer.running_mean.dtype == np.float32
    with no_grad():
        layer(x)
    assert layer.num_batches_tracked.data == 4


def test_large_means_do_no_harm_in_float32():
    x = np.random.default_rng(0).normal(1e4, 1, (64, 3)).astype(np.float32)
    y = nn.BatchNorm1d(3)(x).data
    exact = (x.astype(float) - x.astype(float).mean(0)) / x.astype(float).std(0)
    assert abs(y - exact).max() < 2e-3


def test_local_response_normalisation_of_alexnet():
    x = np.random.default_rng(0).normal(size=(1, 4, 2))
    y = nn.LocalResponseNorm(3, alpha=0.3, beta=0.75, k=2)(x)
    for c in range(4):
        near = (x[:, max(c - 1, 0): c + 2] ** 2).sum(1)
        np.testing.assert_allclose(y[:, c], x[:, c] / (2 + 0.1 * near) ** 0.75)


@pytest.mark.parametrize("layer, x, said", [
    (nn.BatchNorm1d(3), (4, 5), r"3 channels.*BatchNorm1d\(5\)"),
    (nn.BatchNorm2d(3), (4, 3), "axes"),
    (nn.BatchNorm2d(3), (4, 3, 5), "BatchNorm1d"),
    (nn.BatchNorm1d(3), (1, 3), "single value"),
    (nn.InstanceNorm2d(3), (2, 3, 1, 1), "single place"),
    (nn.LayerNorm(4), (2, 5), r"LayerNorm\(5\)"),
    (nn.LayerNorm((3, 4)), (4,), r"\(3, 4\)"),
    (nn.GroupNorm(2, 4), (2, 6), r"GroupNorm\(\.\.\., 6\)"),
])
def test_what_does_not_fit_is_explained(layer, x, said):
    model = nn.Sequential(layer)
    before = {name: array.copy() for name, array in model.state_dict().items()}
    with pytest.raises(ValueError, match=f"(?s){said}"):
        model(np.ones(x))
    for name, array in model.state_dict().items():
        np.testing.assert_array_equal(array, before[name])


def test_groups_divide_channels():
    with pytest.raises(ValueError, match="5 channels do not make 2 groups"):
        nn.GroupNorm(2, 5)


def test_normalise_takes_what_was_measured():
    x = np.random.default_rng(0).normal(3, 2, (4, 3, 5))
    for axis in (None, 0, (0, 2), -1):
        np.testing.assert_allclose(ops.normalise(x, axis=axis, measured=ops.moments(x, axis)), ops.normalise(x, axis=axis), rtol=1e-12)


def test_programs_replay_in_use_and_are_refused_in_training():
    model = nn.Sequential(nn.BatchNorm1d(3), nn.LayerNorm(3)).to(float)
    x = np.random.default_rng(0).normal(size=(5, 3))
    with pytest.raises(TraceError):
        trace(model, x)
    np.testing.assert_array_equal(model[0].running_mean.data, 0)
    program = trace(model.eval(), x)
    np.testing.assert_allclose(program(2 * x), model(2 * x).data)


@pytest.mark.parametrize("make, deviation", [
    (lambda: nn.BatchNorm2d(4), 1), (lambda: nn.LayerNorm((4, 96, 96)), 10), (lambda: nn.GroupNorm(2, 4), 50),
    (lambda: nn.RMSNorm(96), 900), (lambda: nn.InstanceNorm2d(4), 50), (lambda: nn.LocalResponseNorm(3), 500),
    (lambda: nn.AvgPool2d(7), 3000), (lambda: nn.LPPool2d(2, 3), 300)])
def test_sums_of_squares_of_float16_do_not_overflow(make, deviation):
    x = np.random.default_rng(0).normal(deviation, deviation, (8, 4, 96, 96)).astype(np.float16)
    small, large = make().to(np.float16).requires_grad_(False), make().to(float).requires_grad_(False)
    y, expected = small(x), large(x.astype(float))
    assert y.dtype == np.float16
    np.testing.assert_allclose(y, expected, rtol=5e-3, atol=5e-3)
    g = grad(lambda x: (small(x) * 0.01)[0, 0, 0].sum())(x)
    np.testing.assert_allclose(g, grad(lambda x: (large(x) * 0.01)[0, 0, 0].sum())(x.astype(float)), rtol=1e-2, atol=1e-3)
    for b, expected in zip(small.buffers(), large.buffers()):
        np.testing.assert_allclose(b, expected, rtol=2e-3, atol=1e-4)
