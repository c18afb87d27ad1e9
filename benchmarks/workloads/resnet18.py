"""Inference of ResNet-18 (He et al. 2015) on a batch of images, float32, in evaluation mode and without gradients.

The same network is built from the modules of each library, with the same weights; normalisation has its initial statistics.
"""

import numpy as np

UNIT = "batch"
VARIANTS = {"8x 64x64": (8, 64), "4x 224x224": (4, 224)}
SMOKE = ("8x 64x64",)
TOLERANCE = 2e-3
LIMIT = 120.0
GOALS = {
    **{("4x 224x224", peer): 1.1 for peer in ("torch", "torch_last")},
    **{("4x 224x224", peer, "compiled"): 0.8 for peer in ("torch", "torch_last")},
}
WIDTHS = (64, 128, 256, 512)


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
    n, side = VARIANTS[variant]
    shapes = [(64, 3, 7, 7)]
    for into, out, stride in layers():
        shapes += [(out, into, 3, 3), (out, out, 3, 3), *([(out, into, 1, 1)] if stride != 1 else [])]
    kernels = [(rng.standard_normal(shape) * (1 / np.prod(shape[1:])) ** 0.5).astype(np.float32) for shape in shapes]
    head = (rng.standard_normal((1000, 512)) * 0.05).astype(np.float32)
    return rng.standard_normal((n, 3, side, side)).astype(np.float32), kernels, head


def reference(x, kernels, head):
    """The logits, in plain NumPy, float64."""
    rest = iter(kernels)

    def conv(x, stride):
        w = next(rest).astype(np.float64)
        k = w.shape[-1]
        p = k // 2
        x = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
        windows = np.lib.stride_tricks.sliding_window_view(x, (k, k), (2, 3))[:, :, ::stride, ::stride]
        return np.tensordot(windows, w, ((1, 4, 5), (1, 2, 3))).transpose(0, 3, 1, 2) / np.sqrt(1 + 1e-5)

    y = np.maximum(conv(x.astype(np.float64), 2), 0)
    y = np.pad(y, ((0, 0), (0, 0), (1, 1), (1, 1)))
    y = np.lib.stride_tricks.sliding_window_view(y, (3, 3), (2, 3))[:, :, ::2, ::2].max((4, 5))
    for _, _, stride in layers():
        z = conv(np.maximum(conv(y, stride), 0), 1)
        y = np.maximum(z + (conv(y, stride) if stride != 1 else y), 0)
    return (y.mean((2, 3)) @ head.T,)


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

    return Net().eval()


def ours(x, kernels, head, compiling):
    import autograd
    import nn

    model = network(nn, nn.Parameter, kernels, head)
    f = autograd.compile(lambda x: model(x)) if compiling else model

    def step():
        with autograd.no_grad():
            return (f(autograd.tensor(x)).data,)

    step()
    return step


def onetape(*arrays):
    return ours(*arrays, compiling=False)


def compiled(*arrays):
    return ours(*arrays, compiling=True)


def theirs(x, kernels, head, last=False, compiling=False):
    import torch

    model = network(torch.nn, lambda array: torch.nn.Parameter(torch.tensor(array)), kernels, head)
    x = torch.tensor(x)
    if last:
        model, x = model.to(memory_format=torch.channels_last), x.to(memory_format=torch.channels_last)
    f = torch.compile(model) if compiling else model

    def step():
        with torch.no_grad():
            return (f(x).numpy(),)

    step()
    return step


def torch(*arrays):
    return theirs(*arrays)


def torch_last(*arrays):
    return theirs(*arrays, last=True)


def torch_compiled(*arrays):
    return theirs(*arrays, compiling=True)
