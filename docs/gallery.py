"""Draws every picture of the documentation: `python docs/gallery.py`. They are the same, byte for byte, on every machine.

    python docs/gallery.py --out somewhere

`tests/drawing/test_gallery.py` draws them anew and compares.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

import nn
from autograd import draw, ops, random, tensor
from autograd.drawing import Drawing
from nn.models.inception import Inception
from nn.models.resnet import BasicBlock

HERE = Path(__file__).parent
Files = Iterator[tuple[str, str]]


def leaves(**values: float) -> list[Any]:
    return [tensor(value, requires_grad=True, name=name) for name, value in values.items()]


def ramp(*shape: int) -> Any:
    """Numbers from -1 to 1: an input that needs no generator."""
    return np.linspace(-1, 1, int(np.prod(shape)), dtype=np.float32).reshape(shape)


def neuron(**options: Any) -> Drawing:
    """1 / (1 + exp(-(w0 x0 + w1 x1 + w2))), the sigmoid neuron of CS231n."""
    w0, x0, w1, x1, w2 = leaves(w0=2.0, x0=-1.0, w1=-3.0, x1=-2.0, w2=-3.0)
    return draw(1 / (1 + np.exp(-(w0 * x0 + w1 * x1 + w2))), **options)


def circuits() -> Files:
    x, y, z = leaves(x=-2.0, y=5.0, z=-4.0)
    yield "circuit.svg", svg(draw((x + y) * z))
    yield "neuron.svg", svg(neuron())
    yield "neuron-cs231n.svg", svg(neuron(theme="cs231n"))
    yield "neuron-dark.svg", svg(neuron(theme="dark"))
    yield "neuron.html", neuron().to_html()
    x, y, z, w = leaves(x=3.0, y=-4.0, z=2.0, w=-1.0)
    yield "max.svg", svg(draw((x * y + np.maximum(z, w)) * 2.0))


def step() -> Files:
    """One frame of backpropagation, and all of them in words."""
    steps = neuron().steps()
    yield "step.svg", steps.pictures()[12]
    yield "steps.txt", steps.text() + "\n"


def mlp() -> Files:
    model = nn.Sequential(nn.Linear(64, 32, rng=0), nn.ReLU(), nn.Linear(32, 10, rng=1))
    yield "mlp.svg", svg(draw(nn.CrossEntropyLoss()(model(ramp(8, 64)), np.arange(8))))


def residual() -> Files:
    """Drawn from the module and an input: the shortcut is the long wire."""
    yield "residual.svg", svg(draw(BasicBlock(8, 8, rng=0), ramp(1, 8, 8, 8)))


def inception() -> Files:
    model = Inception(192, 64, 96, 128, 16, 32, 32, rng=0)
    g = draw(model, ramp(1, 192, 28, 28), max_nodes=40)
    yield "inception.svg", svg(g)


def resnet() -> Files:
    model = nn.models.resnet18(num_classes=10, rng=0)
    g = draw(nn.CrossEntropyLoss()(model(ramp(8, 3, 32, 32)), np.arange(8)), title="ResNet-18")
    yield "resnet18.svg", svg(g)
    yield "resnet18-block.svg", svg(g.focus("layer2.0", hops=1))
    yield "memory.svg", svg(g.memory_view())
    yield "memory.txt", g.memory().text() + "\n"
    yield "resnet18.txt", g.to_text(width=110) + "\n"
    yield "resnet18.html", g.to_html()


class Unrolled(nn.Module):
    """An LSTM cell, step after step."""

    def __init__(self) -> None:
        self.cell, self.head = nn.LSTMCell(8, 16), nn.Linear(16, 1)

    def forward(self, x: Any) -> Any:
        state = None
        for t in range(x.shape[0]):
            state = self.cell(x[t], state)
        return self.head(state[0])


def lstm() -> Files:
    random.seed(0)
    model = Unrolled()
    yield "lstm.svg", svg(draw(model(ramp(12, 4, 8)).sum()))


def second_order() -> Files:
    """The gradient of sum tanh(x^2), recorded, so that it has a gradient of its own."""
    x = tensor([0.5, -1.0, 2.0], requires_grad=True, name="x")
    y = ops.tanh(x * x).sum()
    yield "backward.svg", svg(draw(y).backward_view())
    y.backward(create_graph=True)
    g, x.grad = x.grad, None
    yield "second-order.svg", svg(draw(g))


def nan_hunt() -> Files:
    """Where did the NaN come from? And where would it come from in the backward pass?"""
    x = tensor(ramp(2, 4), requires_grad=True, name="x")
    w = tensor(ramp(4, 3), requires_grad=True, name="w")
    scores = ops.exp(100.0 * (x @ w))
    g = draw((scores / scores.sum(axis=1, keepdims=True)).sum(), values="stats", grads="compute")
    yield "nan.svg", svg(g)
    yield "nan.txt", g.to_text(width=110) + "\n"


def difference() -> Files:
    """What changed between two versions of a block?"""
    before, after = BasicBlock(8, 8, rng=0), BasicBlock(8, 8, rng=0)
    after.conv1.padding, after.conv1.dilation = (2, 2), (2, 2)
    a, b = draw(before, ramp(1, 8, 8, 8)), draw(after, ramp(1, 8, 8, 8))
    yield "diff.txt", a.diff(b).text() + "\n"


def svg(g: Drawing) -> str:
    return g.to_svg(engine="builtin")


PICTURES: tuple[Callable[[], Files], ...] = (circuits, step, mlp, residual, inception, resnet, lstm, second_order, nan_hunt, difference)


def main() -> None:
    parser = argparse.ArgumentParser(description="Draw the pictures of the documentation.")
    parser.add_argument("--out", type=Path, default=HERE / "gallery", help="folder (default: docs/gallery)")
    folder = parser.parse_args().out
    folder.mkdir(parents=True, exist_ok=True)
    with np.errstate(all="ignore"):
        for picture in PICTURES:
            for name, text in picture():
                (folder / name).write_text(text, encoding="utf-8")
                print(f"{name:<22} {len(text.encode()):>9,} B")


if __name__ == "__main__":
    main()
