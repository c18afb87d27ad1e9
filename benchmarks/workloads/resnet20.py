"""A training step of the CIFAR ResNet-20 (He et al. 2015) on 32x32 images: forward, backward, SGD with momentum, float32.

The modules and the optimiser of each library, with the same weights. What is compared before it is timed is the loss of the first step.
"""

import numpy as np

UNIT = "step"
VARIANTS = {f"batch {n}": n for n in (32, 128)}
SMOKE = ("batch 32",)
TOLERANCE = 2e-3
LIMIT = 240.0  # seconds for a row: a step takes a second
GOALS = {
    **{(v, peer): 1.0 for v in VARIANTS for peer in ("torch", "torch_last")},
    **{(v, peer, "compiled"): 0.7 for v in VARIANTS for peer in ("torch", "torch_last")},
    **{(v, "torch_compiled", "compiled"): 1.0 for v in VARIANTS},
    **{(v, peer, "numpy_only"): 2.5 for v in VARIANTS for peer in ("torch", "torch_last")},
    **{(v, peer, "compiled_numpy"): 2.0 for v in VARIANTS for peer in ("torch", "torch_last")},
}
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
    n = VARIANTS[variant]
    kernels = [(rng.standard_normal(shape) * (2 / np.prod(shape[1:])) ** 0.5).astype(np.float32) for _, shape, _ in layers()]
    head = (rng.standard_normal((10, 64)) * 0.1).astype(np.float32)
    return rng.standard_normal((n, 3, 32, 32)).astype(np.float32), rng.integers(0, 10, n), kernels, head


def reference(x, labels, kernels, head):
    """The loss before the first step, in plain NumPy, float64."""

    def conv(x, w, stride):
        x = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
        windows = np.lib.stride_tricks.sliding_window_view(x, (3, 3), (2, 3))[:, :, ::stride, ::stride]
        return np.tensordot(windows, w, ((1, 4, 5), (1, 2, 3))).transpose(0, 3, 1, 2)

    def norm(x):
        return (x - x.mean((0, 2, 3), keepdims=True)) / np.sqrt(x.var((0, 2, 3), keepdims=True) + 1e-5)

    strides = [stride for _, _, stride in layers()]
    kernels = [k.astype(np.float64) for k in kernels]
    y = np.maximum(norm(conv(x.astype(np.float64), kernels[0], 1)), 0)
    for i in range(1, len(kernels), 2):
        z = np.maximum(norm(conv(y, kernels[i], strides[i])), 0)
        z = norm(conv(z, kernels[i + 1], 1))
        shortcut = y[:, :, ::strides[i], ::strides[i]]
        extra = z.shape[1] - shortcut.shape[1]
        y = np.maximum(z + np.pad(shortcut, ((0, 0), (extra // 2, extra - extra // 2), (0, 0), (0, 0))), 0)
    logits = y.mean((2, 3)) @ head.T
    logits -= logits.max(1, keepdims=True)
    return (np.mean(np.log(np.exp(logits).sum(1)) - logits[np.arange(len(x)), labels]),)


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


def ours(x, labels, kernels, head, compiling):
    import autograd
    import nn
    import optim
    from autograd import ops
    from nn import functional as F

    def build():
        model = network(nn, lambda x, extra: ops.pad(x, ((0, 0), (extra // 2, extra - extra // 2), (0, 0), (0, 0))), nn.Parameter,
                        kernels, head)
        optimizer = optim.SGD(model.parameters(), lr=0.01, momentum=0.9)

        def train(x, labels):
            optimizer.zero_grad()
            loss = F.cross_entropy(model(x), labels)
            loss.backward()
            optimizer.step()
            return loss.detach()

        return model, train

    model, train = build()
    if compiling:
        train = autograd.compile(train)
        start = {name: np.array(value) for name, value in model.state_dict().items()}
        train(x, labels)
        model.load_state_dict(start)
    return lambda: (train(x, labels).item(),)


def onetape(*arrays):
    return ours(*arrays, compiling=False)


def compiled(*arrays):
    return ours(*arrays, compiling=True)


def theirs(x, labels, kernels, head, last=False, compiling=False):
    import torch
    import torch.nn.functional as F

    model = network(torch.nn, lambda x, extra: F.pad(x, (0, 0, 0, 0, extra // 2, extra - extra // 2)),
                    lambda array: torch.nn.Parameter(torch.tensor(array)), kernels, head)
    x, labels = torch.tensor(x), torch.tensor(labels)
    if last:
        model, x = model.to(memory_format=torch.channels_last), x.to(memory_format=torch.channels_last)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    forward = torch.compile(model) if compiling else model
    if compiling:
        state = {name: value.clone() for name, value in model.state_dict().items()}
        F.cross_entropy(forward(x), labels).backward()
        model.load_state_dict(state)

    def step():
        optimizer.zero_grad()
        loss = F.cross_entropy(forward(x), labels)
        loss.backward()
        optimizer.step()
        return (loss.item(),)

    return step


def torch(*arrays):
    return theirs(*arrays)


def torch_last(*arrays):
    return theirs(*arrays, last=True)


def torch_compiled(*arrays):
    return theirs(*arrays, compiling=True)
