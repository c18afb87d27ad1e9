"""Do the networks of CS231n give the numbers that it prints?

The numbers are from the public notes (cs231n.github.io) and assignments; each test names the page. More of them are where the
parts are tested: circuits in `test_circuits.py`; affine layers, losses and two-layer nets in `nn/test_loss.py`; convolution and
pooling in `nn/test_conv.py`; batch, layer and group normalisation in `nn/test_norm.py`; dropout in `nn/test_dropout.py`;
SGD with momentum, RMSprop and Adam in `optim/test_course.py`.
"""

from math import log, prod

import numpy as np
import pytest

import nn
import optim
from autograd import no_grad, tensor
from nn import functional as F
from nn import models


def ramp(low, high, *shape):
    """What the assignments make their inputs of."""
    return np.linspace(low, high, prod(shape)).reshape(shape)


def weights_of(module):
    return sum(p.size for name, p in module.named_parameters() if "weight" in name)


def biases_of(module):
    return sum(p.size for name, p in module.named_parameters() if "bias" in name)


# ---- notes, "Linear classification" -------------------------------------------------------------------------------


def test_scores_of_the_cat():
    """"Linear classification", an image of four pixels and three classes. (The picture adds no bias to the third score.)"""
    W = np.array([[0.2, -0.5, 0.1, 2.0], [1.5, 1.3, 2.1, 0.0], [0, 0.25, 0.2, -0.3]])
    x, b = np.array([56.0, 231, 24, 2]), np.array([1.1, 3.2, -1.2])
    np.testing.assert_allclose(F.linear(x, W, b), [-96.8, 437.9, 61.95 - 1.2])
    both, one = np.c_[W, b], np.append(x, 1)  # the bias trick
    np.testing.assert_allclose(F.linear(one, both), F.linear(x, W, b))


def test_svm_loss_of_one_example():
    """"Linear classification", multiclass SVM loss: scores 13, -7, 11, of which the first is right, and delta = 10, give 0 + 8."""
    assert F.multi_margin_loss(np.array([[13.0, -7, 11]]), np.array([0]), margin=10, over_classes="sum") == 8


def test_softmax_is_stable_and_has_a_temperature():
    """"Linear classification", softmax: scores 123, 456, 789; and 1, -2, 0, whose probabilities are nearer to each other when halved."""
    np.testing.assert_allclose(F.softmax(np.array([123.0, 456, 789])), [0, 0, 1], atol=1e-12)
    np.testing.assert_allclose(F.softmax(np.array([1.0, -2, 0])), [0.7, 0.04, 0.26], atol=6e-3)
    np.testing.assert_allclose(F.softmax(np.array([0.5, -1, 0])), [0.55, 0.12, 0.33], atol=6e-3)


@pytest.mark.parametrize("classes", [3, 10, 1000])
def test_losses_at_chance(classes):
    """"Neural networks 3", sanity checks: weights of 0 give the softmax loss ln C (2.302 for CIFAR-10) and the SVM loss C - 1 (9)."""
    layer = nn.Linear(5, classes)
    nn.init.zeros_(layer.weight), nn.init.zeros_(layer.bias)
    scores = layer(np.random.default_rng(0).standard_normal((4, 5)).astype(np.float32))
    target = np.arange(4) % classes
    assert nn.CrossEntropyLoss()(scores, target).item() == pytest.approx(log(classes), rel=1e-6)
    assert nn.MultiMarginLoss(over_classes="sum")(scores, target).item() == classes - 1


# ---- notes, "Neural networks 1" -----------------------------------------------------------------------------------


@pytest.mark.parametrize("sizes, weights, biases", [([3, 4, 2], 20, 6), ([3, 4, 4, 1], 32, 9)])
def test_sizes_of_networks(sizes, weights, biases):
    """"Neural networks 1", sizing neural networks: 26 parameters, and 41."""
    model = models.MLP(sizes)
    assert (weights_of(model), biases_of(model)) == (weights, biases)


# ---- notes, "Convolutional networks" ------------------------------------------------------------------------------


@pytest.mark.parametrize("width, kernel, padding, stride, expected", [
    (7, 3, 0, 1, 5), (7, 3, 0, 2, 3), (5, 3, 1, 1, 5), (5, 3, 1, 2, 3), (227, 11, 0, 4, 55), (11, 5, 0, 2, 4), (32, 5, 2, 1, 32)])
def test_output_sizes(width, kernel, padding, stride, expected):
    """"Convolutional networks", spatial arrangement: (W - F + 2P) / S + 1."""
    assert (width - kernel + 2 * padding) / stride + 1 == expected
    assert nn.Conv1d(1, 1, kernel, stride, padding)(np.zeros((1, 1, width), np.float32)).shape == (1, 1, expected)


def test_the_neuron_on_one_axis():
    """"Convolutional networks", spatial arrangement: weights 1, 0, -1 on the input 1, 2, -1, 1, -3, with strides of 1 and 2."""
    x, w = np.array([[[1.0, 2, -1, 1, -3]]]), np.array([[[1.0, 0, -1]]])
    np.testing.assert_array_equal(F.conv1d(x, w, padding=1), [[[-2, 2, 1, 2, 1]]])
    np.testing.assert_array_equal(F.conv1d(x, w, padding=1, stride=2), [[[-2, 1, 1]]])


def test_first_layer_of_krizhevsky():
    """"Convolutional networks", parameter sharing: 55 x 55 x 96 neurons; 34,848 weights and 96 biases, not 105,705,600."""
    layer = nn.Conv2d(3, 96, 11, stride=4)
    with no_grad():
        shape = layer(np.zeros((1, 3, 227, 227), np.float32)).shape
    assert shape == (1, 96, 55, 55)
    assert prod(shape) == 290_400
    assert (weights_of(layer), biases_of(layer)) == (34_848, 96)
    assert sum(p.size for p in layer.parameters()) == 34_944
    assert prod(shape) * (11 * 11 * 3 + 1) == 105_705_600


def test_a_pool_halves_the_sides():
    """"Convolutional networks", pooling: 224 x 224 x 64 to 112 x 112 x 64, without parameters."""
    pool = nn.MaxPool2d(2)
    assert pool(np.zeros((1, 64, 224, 224), np.float32)).shape == (1, 64, 112, 112)
    assert not list(pool.parameters())
    np.testing.assert_array_equal(pool(np.array([[[[1.0, 1, 2, 4], [5, 6, 7, 8], [3, 2, 1, 0], [1, 2, 3, 4]]]])), [[[[6, 8], [3, 4]]]])


def test_three_small_kernels_see_what_a_large_one_sees():
    """"Convolutional networks", layer patterns: three of 3 x 3 see 7 x 7 pixels, with 27 C^2 weights, not 49 C^2."""
    C = 4
    stack = nn.Sequential(*[nn.Conv2d(C, C, 3, padding=1, bias=False, rng=0) for _ in range(3)])
    assert weights_of(stack) == 27 * C**2
    assert weights_of(nn.Conv2d(C, C, 7, bias=False)) == 49 * C**2
    x = tensor(np.zeros((1, C, 11, 11), np.float32), requires_grad=True)
    stack(x)[0, 0, 5, 5].backward()
    seen = (x.grad.data != 0).any((0, 1))
    assert seen.sum() == 49
    assert seen[2:9, 2:9].all()


def test_a_fully_connected_layer_is_a_convolution():
    """"Convolutional networks", converting FC layers: a kernel of 7 x 7, as large as the input; on 12 x 12 it
    gives 6 x 6 scores."""
    full, sliding = nn.Linear(3 * 7 * 7, 4, rng=0, dtype=float), nn.Conv2d(3, 4, 7, dtype=float)
    sliding.load_state_dict({"weight": full.weight.data.reshape(4, 3, 7, 7), "bias": full.bias.data})
    x = np.random.default_rng(0).standard_normal((2, 3, 12, 12))
    scores = sliding(x).data
    assert scores.shape == (2, 4, 6, 6)
    for i, j in ((0, 0), (2, 5), (5, 3)):
        np.testing.assert_allclose(scores[:, :, i, j], full(x[:, :, i: i + 7, j: j + 7].reshape(2, -1)).data, atol=1e-12)


VGG16 = [
    ((64, 224, 224), "3.2M", 1_728), ((64, 224, 224), "3.2M", 36_864), ((64, 112, 112), "800K", 0),
    ((128, 112, 112), "1.6M", 73_728), ((128, 112, 112), "1.6M", 147_456), ((128, 56, 56), "400K", 0),
    ((256, 56, 56), "800K", 294_912), ((256, 56, 56), "800K", 589_824), ((256, 56, 56), "800K", 589_824), ((256, 28, 28), "200K", 0),
    ((512, 28, 28), "400K", 1_179_648), ((512, 28, 28), "400K", 2_359_296), ((512, 28, 28), "400K", 2_359_296), ((512, 14, 14), "100K", 0),
    ((512, 14, 14), "100K", 2_359_296), ((512, 14, 14), "100K", 2_359_296), ((512, 14, 14), "100K", 2_359_296), ((512, 7, 7), "25K", 0)]
"""From top to bottom: the size of what a layer returns, how many numbers these are, and its weights."""


def test_the_table_of_vgg():
    """"Convolutional networks", case studies, VGGNet in detail: numbers and weights of each layer; 138M weights in all."""
    with nn.init.skipped(), no_grad():
        model, x, rows = models.vgg16(), np.zeros((1, 3, 224, 224), np.float32), []
        for layer in model.features:
            x = layer(x)
            if not isinstance(layer, nn.ReLU):
                rows.append((x.shape[1:], weights_of(layer)))
    assert rows == [(shape, weights) for shape, _, weights in VGG16]
    for shape, printed, _ in VGG16:
        unit = {"K": 1e3, "M": 1e6}[printed[-1]]
        assert prod(shape) / unit == pytest.approx(float(printed[:-1]), rel=0.01)
    assert [weights_of(layer) for layer in model.classifier if isinstance(layer, nn.Linear)] == [102_760_448, 16_777_216, 4_096_000]
    assert round(weights_of(model) / 1e6) == 138


# ---- assignment 3, "RNN_Captioning" and "LSTM_Captioning" ---------------------------------------------------------


def recurrent(kind, suffix, Wx, Wh, b):
    """A layer with the assignment's weights: transposed, one bias; its LSTM has the gates i, f, o, g, where ours has i, f, g, o."""
    size = len(Wh)

    def turned(w):
        return w if len(w) == size else np.concatenate([w[:2 * size], w[3 * size:], w[2 * size: 3 * size]])

    layer = kind(len(Wx), size, **({"batch_first": True} if suffix else {})).to(float)
    layer.load_state_dict({f"weight_ih{suffix}": turned(Wx.T), f"weight_hh{suffix}": turned(Wh.T), f"bias_ih{suffix}": turned(b),
                           f"bias_hh{suffix}": 0 * b})
    return layer


def close(actual, expected):
    np.testing.assert_allclose(actual.data, expected, rtol=0, atol=1e-8)


def test_a_step_of_an_rnn():
    """RNN_Captioning.ipynb: rnn_step_forward."""
    cell = recurrent(nn.RNNCell, "", ramp(-0.1, 0.9, 10, 4), ramp(-0.3, 0.7, 4, 4), ramp(-0.2, 0.4, 4))
    close(cell(ramp(-0.4, 0.7, 3, 10), ramp(-0.2, 0.5, 3, 4)), [
        [-0.58172089, -0.50182032, -0.41232771, -0.31410098], [0.66854692, 0.79562378, 0.87755553, 0.92795967],
        [0.97934501, 0.99144213, 0.99646691, 0.99854353]])


def test_an_rnn():
    """RNN_Captioning.ipynb: rnn_forward."""
    layer = recurrent(nn.RNN, "_l0", ramp(-0.2, 0.4, 4, 5), ramp(-0.4, 0.1, 5, 5), ramp(-0.7, 0.1, 5))
    y, _ = layer(ramp(-0.1, 0.3, 2, 3, 4), ramp(-0.3, 0.1, 2, 5)[None])
    close(y, [
        [[-0.42070749, -0.27279261, -0.11074945, 0.05740409, 0.22236251], [-0.39525808, -0.22554661, -0.0409454, 0.14649412, 0.32397316],
         [-0.42305111, -0.24223728, -0.04287027, 0.15997045, 0.35014525]],
        [[-0.55857474, -0.39065825, -0.19198182, 0.02378408, 0.23735671], [-0.27150199, -0.07088804, 0.13562939, 0.33099728, 0.50158768],
         [-0.51014825, -0.30524429, -0.06755202, 0.17806392, 0.40333043]]])


def test_a_step_of_an_lstm():
    """LSTM_Captioning.ipynb: lstm_step_forward."""
    cell = recurrent(nn.LSTMCell, "", ramp(-2.1, 1.3, 4, 20), ramp(-0.7, 2.2, 5, 20), ramp(0.3, 0.7, 20))
    h, c = cell(ramp(-0.4, 1.2, 3, 4), (ramp(-0.3, 0.7, 3, 5), ramp(-0.4, 0.9, 3, 5)))
    close(h, [[0.24635157, 0.28610883, 0.32240467, 0.35525807, 0.38474904], [0.49223563, 0.55611431, 0.61507696, 0.66844003, 0.7159181],
              [0.56735664, 0.66310127, 0.74419266, 0.80889665, 0.858299]])
    close(c, [[0.32986176, 0.39145139, 0.451556, 0.51014116, 0.56717407], [0.66382255, 0.76674007, 0.87195994, 0.97902709, 1.08751345],
              [0.74192008, 0.90592151, 1.07717006, 1.25120233, 1.42395676]])


def test_an_lstm():
    """LSTM_Captioning.ipynb: lstm_forward, which starts from c = 0."""
    layer = recurrent(nn.LSTM, "_l0", ramp(-0.2, 0.9, 5, 16), ramp(-0.3, 0.6, 4, 16), ramp(0.2, 0.7, 16))
    y, _ = layer(ramp(-0.4, 0.6, 2, 3, 5), (ramp(-0.4, 0.8, 2, 4)[None], np.zeros((1, 2, 4))))
    close(y, [[[0.01764008, 0.01823233, 0.01882671, 0.0194232], [0.11287491, 0.12146228, 0.13018446, 0.13902939],
               [0.31358768, 0.33338627, 0.35304453, 0.37250975]],
              [[0.45767879, 0.4761092, 0.4936887, 0.51041945], [0.6704845, 0.69350089, 0.71486014, 0.7346449],
               [0.81733511, 0.83677871, 0.85403753, 0.86935314]]])


# ---- notes, "Putting it together: minimal neural network case study" ----------------------------------------------


class Spiral:
    """The case study: three arms of 100 points, and networks that start from its random numbers."""

    reg, step_size = 1e-3, 1.0

    def __init__(self):
        self.random = np.random.RandomState(0)
        arms = []
        for j in range(3):
            r, t = np.linspace(0, 1, 100), np.linspace(4 * j, 4 * (j + 1), 100) + 0.2 * self.random.randn(100)
            arms.append(np.c_[r * np.sin(t), r * np.cos(t)])
        self.x, self.y = np.concatenate(arms), np.repeat(np.arange(3), 100)

    def start(self, *sizes):
        return [(0.01 * self.random.randn(a, b), np.zeros(b)) for a, b in zip(sizes, sizes[1:])]

    def network(self, layers):
        model = models.MLP([2, *(len(b) for _, b in layers)], dtype=float)
        for layer, (W, b) in zip([m for m in model if isinstance(m, nn.Linear)], layers):
            layer.load_state_dict({"weight": W.T, "bias": b})
        return model

    def train(self, model, steps):
        """Full-batch gradient descent on cross-entropy + reg / 2 |W|^2. Returns the loss before each step."""
        price, losses = nn.regularizer.L2(self.reg, half=True), []
        optimizer = optim.SGD(model.parameters(), lr=self.step_size)
        for _ in range(steps):
            loss = F.cross_entropy(model(self.x), self.y) + price(model)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        return losses

    def by_hand(self, layers, steps):
        """The same, with the notes' formulas in NumPy."""
        layers, losses = [[W.copy(), b.copy()] for W, b in layers], []
        for _ in range(steps):
            inputs, h = [], self.x
            for W, b in layers:
                inputs.append(h)
                h = np.maximum(0, h @ W + b)
            scores = inputs[-1] @ layers[-1][0] + layers[-1][1]
            p = np.exp(scores)
            p /= p.sum(1, keepdims=True)
            losses.append(-np.log(p[np.arange(300), self.y]).mean() + self.reg / 2 * sum((W**2).sum() for W, _ in layers))
            p[np.arange(300), self.y] -= 1
            d = p / 300
            for layer, h in zip(layers[::-1], inputs[::-1]):
                dW, db, d = h.T @ d + self.reg * layer[0], d.sum(0), (d @ layer[0].T) * (h > 0)
                layer[0] -= self.step_size * dW
                layer[1] -= self.step_size * db
        return losses

    def accuracy(self, model):
        return (model(self.x).data.argmax(1) == self.y).mean()


def test_the_spiral_with_a_linear_classifier():
    """"Neural networks case study", training a softmax linear classifier: the loss falls to 0.7879 and 0.7863, and 49 % are right."""
    spiral = Spiral()
    layers = spiral.start(2, 3)
    model = spiral.network(layers)
    losses = spiral.train(model, 200)
    np.testing.assert_allclose(losses, spiral.by_hand(layers, 200), rtol=1e-10)
    assert [round(losses[i], 4) for i in (100, 190)] == [0.7879, 0.7863]
    assert round(spiral.accuracy(model), 2) == 0.49


def test_the_spiral_with_two_layers():
    """"Neural networks case study", training a neural network: 100 hidden units, and 98 % are right."""
    spiral = Spiral()
    spiral.start(2, 3)  # the linear classifier drew its numbers before
    layers = spiral.start(2, 100, 3)
    model = spiral.network(layers)
    losses = spiral.train(model, 3500)  # of 10,000; from here on the accuracy stays
    np.testing.assert_allclose(losses[:100], spiral.by_hand(layers, 100), rtol=1e-9)
    assert round(losses[0], 3) == 1.099
    assert round(spiral.accuracy(model), 2) == 0.98
