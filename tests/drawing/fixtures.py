"""Which graphs are drawn in the tests? Each is a function that returns what to give to `draw`, and what must stay alive meanwhile.

The large ones are made once: nobody may call `backward()` on them, or write into them.
"""

from functools import cache

import numpy as np

import nn
from autograd import draw, grad, ops, random, tensor, trace
from nn.models.inception import Inception
from nn.models.resnet import BasicBlock


def leaves(**values):
    return [tensor(float(value), requires_grad=True, name=name) for name, value in values.items()]


def circuit1():
    """CS231n: f = (x + y) z."""
    x, y, z = parts = leaves(x=-2, y=5, z=-4)
    return (x + y) * z, parts


def circuit2():
    """CS231n's sigmoid neuron."""
    w0, x0, w1, x1, w2 = parts = leaves(w0=2, x0=-1, w1=-3, x1=-2, w2=-3)
    return 1 / (1 + ops.exp(-(w0 * x0 + w1 * x1 + w2))), parts


def circuit3():
    """CS231n: 2 (x y + max(z, w))."""
    x, y, z, w = parts = leaves(x=3, y=-4, z=2, w=-1)
    return (x * y + ops.maximum(z, w)) * 2.0, parts


def square():
    x, = parts = leaves(x=3)
    return x * x, parts


def mlp():
    """Three linear layers and a loss."""
    model = nn.Sequential(nn.Linear(64, 32, rng=0), nn.ReLU(), nn.Linear(32, 16, rng=1), nn.ReLU(), nn.Linear(16, 10, rng=2))
    x = np.linspace(-1, 1, 8 * 64, dtype=np.float32).reshape(8, 64)
    return nn.CrossEntropyLoss()(model(x), np.arange(8)), model


def residual():
    """Two residual blocks of a ResNet on an image of 8 x 8."""
    model = nn.Sequential(*(BasicBlock(8, 8, rng=0) for _ in range(2)))
    return model(tensor(np.linspace(-1, 1, 2 * 8 * 64, dtype=np.float32).reshape(2, 8, 8, 8))).sum(), model


def inception():
    """A block of GoogLeNet: four branches, joined."""
    model = Inception(16, 8, 4, 8, 2, 4, 4, rng=0)
    return model(tensor(np.linspace(-1, 1, 16 * 64, dtype=np.float32).reshape(1, 16, 8, 8))).sum(), model


@cache
def resnet18():
    model = nn.models.resnet18(num_classes=10, rng=0)
    return nn.CrossEntropyLoss()(model(np.zeros((8, 3, 32, 32), np.float32)), np.arange(8)), model


class Unrolled(nn.Module):
    """A recurrent network, one step after the other: the same cell every time."""

    def __init__(self):
        self.cell, self.head = nn.LSTMCell(3, 4), nn.Linear(4, 1)

    def forward(self, x):
        state = None
        for t in range(x.shape[0]):
            state = self.cell(x[t], state)
        return self.head(state[0])


def lstm(steps=4):
    """An LSTM unrolled over time: each parameter is used at each step."""
    random.seed(0)
    model = Unrolled()
    return model(np.linspace(0, 1, steps * 6, dtype=np.float32).reshape(steps, 2, 3)).sum(), model


def second_order():
    """A gradient that was recorded, and can be differentiated."""
    x = tensor([0.5, -1.0, 2.0], requires_grad=True, name="x")
    y = ops.tanh(x * x).sum()
    y.backward(create_graph=True)
    g, x.grad = x.grad, None
    return g, (x, y)


def program():
    return trace(grad(lambda w, x: (ops.relu(x * w) ** 2).sum()), np.ones(3), np.ones((2, 3))), None


@cache
def chain(n=10_000):
    """A long chain of scalars."""
    x, = parts = leaves(x=1)
    y = x
    for _ in range(n // 2):
        y = y * 1.0 + 0.0
    return y, parts


@cache
def wide(n=10_000):
    """A network of scalars: layers of neurons, each a sum of products, as micrograd builds them."""
    width = max(2, int((n / 8) ** 0.5 / 2))
    parts = [tensor(0.01 * i, requires_grad=True, name=f"x[{i}]") for i in range(width)]
    layer, count = parts, 0
    while count < n:
        following = []
        for j in range(width):
            total = layer[0] * (0.1 + 0.01 * j)
            for x in layer[1:]:
                total = total + x * 0.1
            following.append(ops.tanh(total))
            count += 2 * width
        layer = following
    total = layer[0]
    for x in layer[1:]:
        total = total + x
    return total, parts


FIXTURES = {f.__name__: f for f in (circuit1, circuit2, circuit3, square, mlp, residual, inception, resnet18, lstm, second_order, program)}
LARGE = {f.__name__: f for f in (chain, wide)}
EVERY = {**FIXTURES, **LARGE}


@cache
def drawn(name):
    """A fixture, drawn once; with what it was drawn from."""
    result, keep = EVERY[name]()
    return draw(result), result, keep
