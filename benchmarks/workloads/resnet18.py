"""ResNet-18 (He et al. 2015) on a batch of images, float32: inference, and training on small ones.

The same network is built from the modules of each library, with the same weights. Inference is in evaluation mode, without gradients,
and normalisation has its initial statistics. Training is forward, backward and SGD with momentum, see `training.py`.
"""

import numpy as np

from . import plain, training

UNIT = "batch"
VARIANTS = {"8x 64x64": (8, 64, False), "4x 224x224": (4, 224, False), "training 8x 64x64": (8, 64, True)}
SMOKE = ("8x 64x64", "training 8x 64x64")
TOLERANCE = 1e-2  # float32 decides a few of the ReLUs otherwise; logits and losses agree to six digits
LIMIT = 120.0
GOALS = {
    **{("4x 224x224", peer): 1.1 for peer in ("torch", "torch_last")},
    **{("4x 224x224", peer, "compiled"): 0.8 for peer in ("torch", "torch_last")},
}
WIDTHS = (64, 128, 256, 512)
OPTIMIZER = {"name": "SGD", "lr": 0.01, "momentum": 0.9}


def count(variant):
    return 1


def layers():
    """(into, out, stride) of each block."""
    before = 64
    for stage, width in enumerate(WIDTHS):
        for block in range(2):
            yield before, width, 2 if stage and not block else 1
            before = width


def inputs(variant):
    rng = np.random.default_rng(0)
    n, side, learns = VARIANTS[variant]
    shapes = [(64, 3, 7, 7)]
    for into, out, stride in layers():
        shapes += [(out, into, 3, 3), (out, out, 3, 3), *([(out, into, 1, 1)] if stride != 1 else [])]
    kernels = [(rng.standard_normal(shape) * (1 / np.prod(shape[1:])) ** 0.5).astype(np.float32) for shape in shapes]
    head = (rng.standard_normal((1000, 512)) * 0.05).astype(np.float32)
    return rng.standard_normal((n, 3, side, side)).astype(np.float32), kernels, head, rng.integers(0, 1000, n) if learns else None


def reference(x, kernels, head, labels):
    """The logits of inference; or the loss of the second step of training, and the parameters after it."""
    x = x.astype(np.float64)
    units = [array for k in kernels for array in (k, np.ones(len(k)), np.zeros(len(k)))]
    if labels is None:
        return (forward(x, *units, head, known)[0],)

    def loss_and_gradients(*parameters):
        logits, back_of_net = forward(x, *parameters, plain.conv_norm)
        loss, back = plain.cross_entropy(logits, labels)
        return loss, back_of_net(back())

    loss, parameters = plain.trained(loss_and_gradients, [*units, head], **OPTIMIZER)
    return (loss, *parameters)


def known(x, w, weight, bias, stride=1, rectified=True):
    """Convolution and normalisation with the initial statistics: mean 0, variance 1."""
    y = plain.conv(x, w.astype(np.float64), stride, w.shape[-1] // 2)[0] / np.sqrt(1 + 1e-5)
    return (np.maximum(y, 0) if rectified else y), None


def forward(x, *parameters_and_unit):
    """The logits, and the way back. `unit` is a convolution with its normalisation."""
    *parameters, head, unit = parameters_and_unit
    rest = iter([parameters[i:i + 3] for i in range(0, len(parameters), 3)])
    y, stem = unit(x, *next(rest), 2)
    y, pool = plain.max_pool(y, 3, 2, 1)
    backs = []
    for _, _, stride in layers():
        z, first = unit(y, *next(rest), stride)
        z, second = unit(z, *next(rest), rectified=False)
        shortcut, third = unit(y, *next(rest), stride, rectified=False) if stride != 1 else (y, lambda g: (g,))
        y, relu = plain.relu(z + shortcut)
        backs.append((relu, second, first, third))
    logits, back_of_head = plain.linear(y.mean((2, 3)), head.T)

    def back(g):
        g, dw, _ = back_of_head(g)
        gradients = [dw.T]
        g = np.broadcast_to(g[:, :, None, None], y.shape) / y[0, 0].size
        for relu, second, first, third in reversed(backs):
            g = relu(g)
            dz, *of_second = second(g)
            dy, *of_first = first(dz)
            shortcut, *of_third = third(g)
            g = dy + shortcut
            gradients = [*of_first, *of_second, *of_third, *gradients]
        return [*stem(pool(g))[1:], *gradients]

    return logits, back


def network(nn, parameter, kernels, head):
    """The model, in either library: they have the same names."""
    rest = iter(kernels)

    def conv(into, out, k, stride):
        layer = nn.Conv2d(into, out, k, stride=stride, padding=k // 2, bias=False)
        layer.weight = parameter(next(rest))
        return layer

    class Block(nn.Module):
        def __init__(self, into, out, stride):
            super().__init__()
            self.conv1, self.bn1 = conv(into, out, 3, stride), nn.BatchNorm2d(out)
            self.conv2, self.bn2 = conv(out, out, 3, 1), nn.BatchNorm2d(out)
            self.relu = nn.ReLU()
            self.downsample = nn.Sequential(conv(into, out, 1, stride), nn.BatchNorm2d(out)) if stride != 1 else None

        def forward(self, x):
            y = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
            return self.relu(y + (x if self.downsample is None else self.downsample(x)))

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.stem = nn.Sequential(conv(3, 64, 7, 2), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(3, 2, 1))
            self.blocks = nn.Sequential(*[Block(*block) for block in layers()])
            self.head = nn.Linear(512, 1000, bias=False)
            self.head.weight = parameter(head)

        def forward(self, x):
            return self.head(self.blocks(self.stem(x)).mean((2, 3)))

    return Net()


def ours(x, kernels, head, labels, compiling=False):
    import autograd
    import nn

    if labels is not None:
        return training.ours(lambda nn, parameter: network(nn, parameter, kernels, head), x, labels, compiling, **OPTIMIZER)
    model = network(nn, nn.Parameter, kernels, head).eval()
    f = autograd.compile(lambda x: model(x)) if compiling else model

    def step():
        with autograd.no_grad():
            return (f(autograd.tensor(x)).data,)

    step()
    return step


def onetape(*given):
    return ours(*given)


def compiled(*given):
    return ours(*given, compiling=True)


def theirs(x, kernels, head, labels, last=False, compiling=False):
    import torch

    if labels is not None:
        return training.theirs(lambda nn, parameter: network(nn, parameter, kernels, head), x, labels, last, compiling, **OPTIMIZER)
    model = network(torch.nn, lambda array: torch.nn.Parameter(torch.tensor(array)), kernels, head).eval()
    x = torch.tensor(x)
    if last:
        model, x = model.to(memory_format=torch.channels_last), x.to(memory_format=torch.channels_last)
    f = torch.compile(model) if compiling else model

    def step():
        with torch.no_grad():
            return (f(x).numpy(),)

    step()
    return step


def torch(*given):
    return theirs(*given)


def torch_last(*given):
    return theirs(*given, last=True)


def torch_compiled(*given):
    return theirs(*given, compiling=True)
