"""Do the layers that slide do what the course and the papers say, and say what is wrong? (PyTorch's numbers: `../peer/grid_*.py`.)"""

import numpy as np
import pytest

import nn
import optim
from autograd import tensor
from nn import functional as F


def test_the_courses_numbers():
    """CS231n, assignment 2, ConvolutionalNetworks.ipynb: conv_forward_naive and max_pool_forward_naive."""
    x = np.linspace(-0.1, 0.5, 96).reshape(2, 3, 4, 4)
    layer = nn.Conv2d(3, 3, 4, stride=2, padding=1, dtype=float)
    layer.load_state_dict({"weight": np.linspace(-0.2, 0.3, 144).reshape(3, 3, 4, 4), "bias": np.linspace(-0.1, 0.2, 3)})
    np.testing.assert_allclose(layer(x).data, [
        [[[-0.08759809, -0.10987781], [-0.18387192, -0.2109216]], [[0.21027089, 0.21661097], [0.22847626, 0.23004637]],
         [[0.50813986, 0.54309974], [0.64082444, 0.67101435]]],
        [[[-0.98053589, -1.03143541], [-1.19128892, -1.24695841]], [[0.69108355, 0.66880383], [0.59480972, 0.56776003]],
         [[2.36270298, 2.36904306], [2.38090835, 2.38247847]]]], atol=1e-8)
    pooled = nn.MaxPool2d(2)(np.linspace(-0.3, 0.4, 96).reshape(2, 3, 4, 4))
    np.testing.assert_allclose(pooled[:, 1], [[[-0.14526316, -0.13052632], [-0.08631579, -0.07157895]],
                                              [[0.20842105, 0.22315789], [0.26736842, 0.28210526]]], atol=1e-8)


def test_a_depthwise_convolution_sees_one_channel():
    layer = nn.Conv2d(3, 3, 3, groups=3, bias=False)
    assert layer.weight.shape == (3, 1, 3, 3)
    x = np.zeros((1, 3, 5, 5), np.float32)
    x[:, 1] = 1
    assert [bool(y.any()) for y in layer(x).data[0]] == [False, True, False]


def test_weights_start_as_in_pytorch():
    layer = nn.Conv2d(8, 32, 5, groups=2, rng=0)
    bound = 1 / np.sqrt(4 * 25)
    for p in layer.parameters():
        assert 0.9 * bound < np.abs(p.data).max() <= bound
    np.testing.assert_array_equal(layer.weight.data, nn.Conv2d(8, 32, 5, groups=2, rng=0).weight.data)


@pytest.mark.parametrize("make, message", [
    (lambda: nn.Conv2d(3, 8, 3, groups=2), "groups=2 must divide in_channels=3"), (lambda: nn.Conv2d(3, 8, 0), "kernel_size"),
    (lambda: nn.Conv2d(3, 8, (3, 3, 3)), "kernel_size"), (lambda: nn.Conv2d(3, 8, 3, stride=2, padding="same"), "stride 1"),
    (lambda: nn.Conv1d(3, 8, 3, padding_mode="mirror"), "'reflect'"),
    (lambda: nn.ConvTranspose1d(3, 8, 3, padding_mode="reflect"), "zeros"),
    (lambda: nn.MaxPool2d(0), "kernel_size"), (lambda: nn.AdaptiveAvgPool2d((1, 2, 3)), "2 axes"), (lambda: nn.LPPool1d(0, 2), "0-norm"),
    (lambda: nn.FractionalMaxPool2d(2), "either output_size or output_ratio"),
    (lambda: nn.FractionalMaxPool2d(2, output_ratio=2), "between 0 and 1"), (lambda: nn.ReflectionPad2d((1, 2)), "4 of them"),
    (lambda: nn.Upsample(2, 2), "either size or scale_factor"), (lambda: nn.Upsample(2, mode="cubic"), "'bicubic'")])
def test_arguments_that_cannot_be(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize("layer, shape, message", [
    (nn.Conv2d(3, 8, 3, padding=1), (2, 5, 4, 4), r"takes 3 channels.*\(2, 5, 4, 4\) has 5.*\n.*Conv2d\(5, 8, kernel_size=\(3, 3\)"),
    (nn.Conv2d(3, 8, 3), (2, 32, 32, 3), r"moveaxis\(x, -1, -3\)"), (nn.Conv2d(3, 8, 3), (2, 48), r"reshape\(\(N, C, H, W\)\)"),
    (nn.Conv2d(3, 8, 3), (2, 3, 4, 4, 4), "3d sibling"), (nn.MaxPool2d(2), (2, 3, 4, 4, 4), r"slides over 2 axes.*\(2, 3, 4, 4, 4\)"),
    (nn.Conv2d(3, 8, 5), (2, 3, 4, 4), "5 is longer than 4"), (nn.MaxPool1d(2), (5,), r"\(N, C, L\)"),
    (nn.MaxPool1d(2, padding=2), (1, 1, 4), "half"), (nn.ReflectionPad1d(4), (2, 4), "length 4"), (nn.CircularPad1d(3), (2, 2), "length 2"),
    (nn.PixelShuffle(2), (1, 6, 2, 2), "multiple"), (nn.Fold((3, 3), 2), (1, 4, 5), r"\(N, C \* 4, 4\)"),
    (nn.Unflatten(1, (2, 3)), (4, 5), "axis 1"), (nn.Upsample(4, mode="bilinear"), (1, 2, 3), "'linear'"),
    (nn.FractionalMaxPool2d(2, 4), (1, 1, 4, 4), r"size \+ out - 1"), (nn.GlobalAvgPool(), (2, 3), "lengths")])
def test_inputs_that_do_not_fit(layer, shape, message):
    with pytest.raises(ValueError, match=f"(?s){message}"):
        layer(np.ones(shape, np.float32))


def test_the_path_is_named():
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Conv2d(5, 4, 3))
    with pytest.raises(ValueError, match="at '1' takes 5 channels"):
        model(np.ones((1, 3, 8, 8), np.float32))
    with pytest.raises(TypeError, match="list"):
        model([[1.0]])
    transposed = nn.ConvTranspose2d(2, 2, 3, stride=2)
    with pytest.raises(ValueError, match=r"from \(7, 7\) to \(8, 8\)"):
        transposed(np.ones((1, 2, 3, 3), np.float32), output_size=(9, 9))


def test_lazy_layers_keep_their_parameters():
    model = nn.Sequential(nn.LazyConv2d(4, 3), nn.ReLU(), nn.Flatten(), nn.LazyLinear(2))
    parameters = list(model.parameters())
    optimizer = optim.SGD(parameters, lr=0.1, momentum=0.9)
    model(np.ones((2, 3, 5, 5), np.float32)).sum().backward()
    optimizer.step()
    assert [p is q for p, q in zip(model.parameters(), parameters)] == [True] * 4
    assert [type(layer) for layer in model] == [nn.Conv2d, nn.ReLU, nn.Flatten, nn.Linear]
    assert [p.shape for p in parameters] == [(4, 3, 3, 3), (4,), (2, 36), (2,)]
    assert parameters[0].data.std() > 0
    with pytest.raises(ValueError, match="has 5"):
        model(np.ones((2, 5, 5, 5), np.float32))
    with pytest.raises(ValueError, match="groups=2"):
        nn.LazyConv1d(4, 1, groups=2)(np.ones((1, 3, 4), np.float32))


def test_a_state_tells_lazy_layers_their_sizes():
    def model(lazy):
        return nn.Sequential(nn.LazyConv2d(4, 3, groups=2), nn.LazyBatchNorm2d(), nn.LazyConvTranspose2d(2, 2), nn.Flatten(),
                             nn.LazyLinear(2)) if lazy else nn.Sequential(
            nn.Conv2d(6, 4, 3, groups=2), nn.BatchNorm2d(4), nn.ConvTranspose2d(4, 2, 2), nn.Flatten(), nn.Linear(32, 2))

    lazy, built = model(True), model(False)
    state, parameters = built.state_dict(), list(lazy.parameters())
    with pytest.raises(RuntimeError, match="not in the model"):
        lazy.load_state_dict({**state, "more": np.ones(1)})
    assert type(lazy[0]) is nn.LazyConv2d and type(lazy[4]) is nn.LazyLinear and parameters[0].shape == (4, 0, 3, 3)
    lazy.load_state_dict(state)
    assert repr(lazy) == repr(built) and all(p is q for p, q in zip(lazy.parameters(), parameters))
    x = np.random.default_rng(0).standard_normal((2, 6, 5, 5)).astype(np.float32)
    np.testing.assert_array_equal(lazy(x).data, built(x).data)
    model(True).load_state_dict(model(True).state_dict())


def test_a_lazy_layer_whose_first_call_fails_stays_lazy():
    layer = nn.LazyConv2d(4, 7)
    parameters = list(layer.parameters())
    with pytest.raises(ValueError):
        layer(np.ones((1, 3, 5, 5), np.float32))
    assert type(layer) is nn.LazyConv2d and [p.shape for p in layer.parameters()] == [(4, 0, 7, 7), (4,)]
    layer(np.ones((1, 5, 7, 7), np.float32))
    assert type(layer) is nn.Conv2d and all(p is q for p, q in zip(layer.parameters(), parameters))
    assert parameters[0].shape == (4, 5, 7, 7) and parameters[0].data.std() > 0


def test_fractional_pooling():
    """Graham 2014: regions of 2 with steps of 1 and 2, so that 25 becomes 18 = floor(25 / sqrt 2) and 18 becomes 12."""
    x = np.random.default_rng(0).standard_normal((2, 3, 25, 25))
    layer = nn.FractionalMaxPool2d(2, output_ratio=1 / np.sqrt(2), return_indices=True, rng=np.random.default_rng(1))
    y, index = layer(x)
    assert y.shape == (2, 3, 17, 17)
    np.testing.assert_array_equal(np.take_along_axis(x.reshape(2, 3, -1), index.reshape(2, 3, -1), -1), y.reshape(2, 3, -1))
    assert (layer(x)[0] != y).any()
    even = nn.FractionalMaxPool2d(2, 12, eval_draws=0).eval()
    np.testing.assert_array_equal(even(x), even(x))
    average = nn.FractionalMaxPool2d(2, 12, eval_draws=8, rng=0)
    assert len(np.unique(average.eval()(np.tile(np.arange(25.0), (1, 1, 25, 1))) % 1)) > 1
    assert set(np.unique(average.train()(np.tile(np.arange(25.0), (1, 1, 25, 1))) % 1)) == {0}


def test_unpooling_puts_maxima_back():
    x = np.array([[[1.0, 4, 3, 2]]])
    y, index = nn.MaxPool1d(2, return_indices=True)(x)
    np.testing.assert_array_equal(nn.MaxUnpool1d(2)(y, index), [[[0, 4, 3, 0]]])
    with pytest.raises(ValueError, match="stride"):
        nn.MaxUnpool1d(2)(y, index, output_size=(9,))


def test_global_pools():
    x = tensor(np.arange(12.0).reshape(1, 2, 2, 3), requires_grad=True)
    np.testing.assert_array_equal(nn.GlobalAvgPool()(x).data, [[2.5, 8.5]])
    assert nn.GlobalMaxPool(keepdims=True)(x).shape == (1, 2, 1, 1)
    nn.GlobalMaxPool()(x).sum().backward()
    assert x.grad.data.sum() == 2


def test_fold_and_unfold_are_transposes():
    rng = np.random.default_rng(0)
    options = {"dilation": (1, 2), "padding": (1, 0), "stride": (2, 1)}
    x, columns = rng.standard_normal((2, 3, 6, 5)), F.unfold(np.ones((2, 3, 6, 5)), (3, 2), **options)
    columns = rng.standard_normal(columns.shape)
    np.testing.assert_allclose((F.unfold(x, (3, 2), **options) * columns).sum(), (F.fold(columns, (6, 5), (3, 2), **options) * x).sum())
    shuffled = F.pixel_shuffle(x.reshape(1, 4, 5, 9), 2)
    np.testing.assert_array_equal(F.pixel_unshuffle(shuffled, 2), x.reshape(1, 4, 5, 9))


def test_functions_have_names_and_signatures():
    assert F.max_pool2d.__name__ == "max_pool2d"
    with pytest.raises(ValueError, match="conv2d takes a weight of 4 axes"):
        F.conv2d(np.ones((1, 1, 3)), np.ones((1, 1, 1)))
    import inspect

    assert list(inspect.signature(F.conv1d).parameters) == ["x", "weight", "bias", "stride", "padding", "dilation", "groups"]
