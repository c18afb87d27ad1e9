"""A training step of the CIFAR ResNet-20 (He et al. 2015) on 32x32 images: forward, backward, SGD with momentum, float32.

The modules and the optimiser of each library, with the same weights, see `training.py`. "checkpointed" computes each block again in the
backward pass instead of keeping what is inside: the time that this costs; `peak_memory.py` has the bytes.
"""

import numpy as np

from . import plain, training

UNIT = "step"
VARIANTS = {"batch 32": (32, False), "batch 128": (128, False), "batch 128 checkpointed": (128, True)}
SMOKE = ("batch 32",)
TOLERANCE = 2e-2  # float32 decides a few of the ReLUs otherwise; the losses agree to six digits
LIMIT = 240.0  # seconds for a row: a step takes a second
GOALS = {(f"batch {n}", peer, ours): goal for n in (32, 128) for peer in ("torch", "torch_last")
         for ours, goal in (("onetape", 1.0), ("compiled", 0.7), ("numpy_only", 2.5), ("compiled_numpy", 2.0))}
GOALS |= {(f"batch {n}", "torch_compiled", "compiled"): 1.0 for n in (32, 128)}
OPTIMIZER = {"name": "SGD", "lr": 0.01, "momentum": 0.9}
WIDTHS, BLOCKS = (16, 32, 64), 3


def count(variant):
    return 1


def layers():
    """(name, shape, stride) of each convolution, in order."""
    yield "stem", (16, 3, 3, 3), 1
    before = 16
    for stage, width in enumerate(WIDTHS):
        for block in range(BLOCKS):
            stride = 2 if stage and not block else 1
            yield f"{stage}.{block}.1", (width, before, 3, 3), stride
            yield f"{stage}.{block}.2", (width, width, 3, 3), 1
            before = width


def inputs(variant):
    rng = np.random.default_rng(0)
    n, checkpointed = VARIANTS[variant]
    kernels = [(rng.standard_normal(shape) * (2 / np.prod(shape[1:])) ** 0.5).astype(np.float32) for _, shape, _ in layers()]
    head = (rng.standard_normal((10, 64)) * 0.1).astype(np.float32)
    return rng.standard_normal((n, 3, 32, 32)).astype(np.float32), rng.integers(0, 10, n), kernels, head, checkpointed


def reference(x, labels, kernels, head, checkpointed):
    """The loss of the second step, and the parameters after it."""
    x = x.astype(np.float64)
    strides = [stride for _, _, stride in layers()]

    def loss_and_gradients(*parameters):
        *units, (head, bias) = [parameters[i:i + 3] for i in range(0, len(parameters), 3)]
        y, stem = plain.conv_norm(x, *units[0])
        backs = []
        for i in range(1, len(units), 2):
            z, first = plain.conv_norm(y, *units[i], strides[i])
            z, second = plain.conv_norm(z, *units[i + 1], rectified=False)
            shortcut, back_of_shortcut = widened(y, strides[i], z.shape[1])
            y, relu = plain.relu(z + shortcut)
            backs.append((relu, second, first, back_of_shortcut))
        logits, back_of_head = plain.linear(y.mean((2, 3)), head.T, bias)
        loss, back = plain.cross_entropy(logits, labels)
        g, dw, db = back_of_head(back())
        gradients = [dw.T, db]
        g = np.broadcast_to(g[:, :, None, None], y.shape) / y[0, 0].size
        for relu, second, first, back_of_shortcut in reversed(backs):
            g = relu(g)
            dz, *of_second = second(g)
            dy, *of_first = first(dz)
            g = dy + back_of_shortcut(g)
            gradients = [*of_first, *of_second, *gradients]
        return loss, [*stem(g)[1:], *gradients]

    start = [array for k in kernels for array in (k, np.ones(len(k)), np.zeros(len(k)))]
    loss, parameters = plain.trained(loss_and_gradients, [*start, head, np.zeros(10)], **OPTIMIZER)
    return (loss, *parameters)


def widened(x, stride, channels):
    """The shortcut of a block: every stride-th pixel, with channels of zeros on both sides."""
    before = (channels - x.shape[1]) // 2
    y = np.zeros((len(x), channels, *x[0, 0, ::stride, ::stride].shape))
    y[:, before:before + x.shape[1]] = x[:, :, ::stride, ::stride]

    def back(g):
        dx = np.zeros_like(x)
        dx[:, :, ::stride, ::stride] = g[:, before:before + x.shape[1]]
        return dx

    return y, back


def network(nn, pad, parameter, kernels, head):
    """The model, in either library: they have the same names. `pad` widens the channels of a shortcut, `parameter` makes a weight."""

    class Block(nn.Module):
        def __init__(self, i, into, out, stride):
            super().__init__()
            self.stride, self.extra = stride, out - into
            self.conv1 = nn.Conv2d(into, out, 3, stride=stride, padding=1, bias=False)
            self.bn1 = nn.BatchNorm2d(out)
            self.conv2 = nn.Conv2d(out, out, 3, padding=1, bias=False)
            self.bn2 = nn.BatchNorm2d(out)
            self.relu = nn.ReLU()
            self.conv1.weight, self.conv2.weight = parameter(kernels[i]), parameter(kernels[i + 1])

        def forward(self, x):
            y = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
            if self.stride != 1:
                x = pad(x[:, :, ::self.stride, ::self.stride], self.extra)
            return self.relu(y + x)

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(3, 16, 3, padding=1, bias=False)
            self.conv.weight = parameter(kernels[0])
            self.bn, self.relu = nn.BatchNorm2d(16), nn.ReLU()
            blocks, before = [], 16
            for i, (_, shape, stride) in enumerate(list(layers())[1::2]):
                blocks.append(Block(1 + 2 * i, before, shape[0], stride))
                before = shape[0]
            self.blocks = nn.Sequential(*blocks)
            self.head = nn.Linear(64, 10)
            self.head.weight, self.head.bias = parameter(head), parameter(np.zeros(10, np.float32))

        def forward(self, x):
            y = self.blocks(self.relu(self.bn(self.conv(x))))
            return self.head(y.mean((2, 3)))

    return Net()


def ours(x, labels, kernels, head, checkpointed, **options):
    from autograd import ops

    def pad(x, extra):
        return ops.pad(x, ((0, 0), (extra // 2, extra - extra // 2), (0, 0), (0, 0)))

    def build(nn, parameter):
        return network(nn, pad, parameter, kernels, head)

    return training.ours(build, x, labels, checkpointed=checkpointed, **options, **OPTIMIZER)


def onetape(*given):
    return ours(*given)


def compiled(*given):
    return ours(*given, compiling=True)


def theirs(x, labels, kernels, head, checkpointed, **options):
    import torch.nn.functional as F

    def pad(x, extra):
        return F.pad(x, (0, 0, 0, 0, extra // 2, extra - extra // 2))

    def build(nn, parameter):
        return network(nn, pad, parameter, kernels, head)

    return training.theirs(build, x, labels, checkpointed=checkpointed, **options, **OPTIMIZER)


def torch(*given):
    return theirs(*given)


def torch_last(*given):
    return theirs(*given, last=True)


def torch_compiled(*given):
    return theirs(*given, compiling=True)
