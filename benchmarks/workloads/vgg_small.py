"""A training step of a small VGG (Simonyan and Zisserman 2015) on 32x32 images, float32: forward, backward, SGD with momentum.

Three times two convolutions 3x3 with ReLU and a pooling, 32, 64 and 128 channels, then a linear layer; the modules and the optimiser of
each library, see `training.py`. "checkpointed" computes each of the three parts again in the backward pass instead of keeping what is
inside (`autograd.checkpoint`, `torch.utils.checkpoint`): the time that this costs; `peak_memory.py` has the bytes.
"""

import numpy as np

from . import plain, training

UNIT = "step"
VARIANTS = {"batch 32": (32, False), "batch 128": (128, False), "batch 128 checkpointed": (128, True)}
SMOKE = ("batch 32",)
TOLERANCE = 2e-3
LIMIT = 60.0
GOALS = {}
OPTIMIZER = {"name": "SGD", "lr": 0.01, "momentum": 0.9}
WIDTHS = (32, 64, 128)


def count(variant):
    return 1


def inputs(variant):
    rng = np.random.default_rng(0)
    n, checkpointed = VARIANTS[variant]
    shapes = [shape for into, out in zip((3, *WIDTHS), WIDTHS) for shape in ((out, into, 3, 3), (out, out, 3, 3))]
    weights = [(rng.standard_normal(shape) * (2 / np.prod(shape[1:])) ** 0.5).astype(np.float32) for shape in shapes]
    weights.append((rng.standard_normal((10, WIDTHS[-1] * 16)) * 0.02).astype(np.float32))
    return rng.standard_normal((n, 3, 32, 32)).astype(np.float32), rng.integers(0, 10, n), weights, checkpointed


def reference(x, labels, weights, checkpointed):
    """The loss of the second step, and the weights after it."""
    x = x.astype(np.float64)

    def loss_and_gradients(*weights):
        y, backs = x, []
        for layer, w in enumerate(weights[:-1]):
            y, back = plain.conv(y, w, padding=1)
            y, relu = plain.relu(y)
            y, pool = plain.max_pool(y, 2) if layer % 2 else (y, lambda g: g)
            backs.append(lambda g, back=back, relu=relu, pool=pool: back(relu(pool(g))))
        logits, back_of_head = plain.linear(y.reshape(len(y), -1), weights[-1].T)
        loss, back = plain.cross_entropy(logits, labels)
        g, dw, _ = back_of_head(back())
        g, gradients = g.reshape(y.shape), [dw.T]
        for back in reversed(backs):
            g, dw = back(g)
            gradients.insert(0, dw)
        return loss, gradients

    loss, weights = plain.trained(loss_and_gradients, weights, **OPTIMIZER)
    return (loss, *weights)


def network(weights):
    """How the model is built: `build(nn, parameter)`."""

    def build(nn, parameter):
        rest = iter(weights)

        def given(layer):
            layer.weight = parameter(next(rest))
            return layer

        def part(into, out):
            return nn.Sequential(given(nn.Conv2d(into, out, 3, padding=1, bias=False)), nn.ReLU(),
                                 given(nn.Conv2d(out, out, 3, padding=1, bias=False)), nn.ReLU(), nn.MaxPool2d(2))

        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.blocks = nn.Sequential(*[part(into, out) for into, out in zip((3, *WIDTHS), WIDTHS)])
                self.head = nn.Sequential(nn.Flatten(), given(nn.Linear(WIDTHS[-1] * 16, 10, bias=False)))

            def forward(self, x):
                return self.head(self.blocks(x))

        return Net()

    return build


def onetape(x, labels, weights, checkpointed):
    return training.ours(network(weights), x, labels, checkpointed=checkpointed, **OPTIMIZER)


def compiled(x, labels, weights, checkpointed):
    return training.ours(network(weights), x, labels, compiling=True, checkpointed=checkpointed, **OPTIMIZER)


def torch(x, labels, weights, checkpointed):
    return training.theirs(network(weights), x, labels, checkpointed=checkpointed, **OPTIMIZER)


def torch_last(x, labels, weights, checkpointed):
    return training.theirs(network(weights), x, labels, last=True, checkpointed=checkpointed, **OPTIMIZER)


def torch_compiled(x, labels, weights, checkpointed):
    return training.theirs(network(weights), x, labels, compiling=True, checkpointed=checkpointed, **OPTIMIZER)
