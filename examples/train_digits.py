"""How does a network learn to read handwritten digits?

    python examples/train_digits.py            # or: make demo

1797 real digits of 8 x 8 pixels, bundled with scikit-learn (Alpaydin & Kaynak 1998, UCI). A network of three layers learns from
two thirds of them and is asked about the rest. It takes seconds. The folder `out/` then holds the learning curves and a picture of
the network's graph, drawn from the tape that the gradients flowed back on.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

import autograd
import nn
import optim

try:
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split
    from tqdm import tqdm
except ImportError as missing:
    sys.exit(f"{missing}.\nThis example needs the digits of scikit-learn and a progress bar: pip install \"onetape[train,plot]\"")

Array = np.ndarray[Any, Any]


def digits(seed: int) -> tuple[Array, Array, Array, Array]:
    """Pixels and classes to learn from, and a third of both held out. Each pixel has mean 0 and standard deviation 1."""
    pixels, classes = load_digits(return_X_y=True)
    x, x_test, t, t_test = train_test_split(pixels, classes, test_size=1 / 3, stratify=classes, random_state=seed)
    mean, std = x.mean(axis=0), x.std(axis=0) + 1  # pixels in the corners are nearly always 0: do not blow up their noise
    return ((x - mean) / std).astype(np.float32), t, ((x_test - mean) / std).astype(np.float32), t_test


def network() -> nn.Module:
    """Scores for ten classes from 64 pixels, initialised as He et al. (2015) advise for layers before a ReLU."""
    model = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 10))
    for layer in model:
        if isinstance(layer, nn.Linear):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            nn.init.zeros_(layer.bias)
    return model


def batches(x: Array, t: Array, size: int, rng: np.random.Generator) -> Iterator[tuple[Array, Array]]:
    """All examples once, in random order, a few at a time."""
    order = rng.permutation(len(x))
    for start in range(0, len(x), size):
        rows = order[start: start + size]
        yield x[rows], t[rows]


def score(model: nn.Module, x: Array, t: Array) -> tuple[float, float]:
    """(loss, accuracy) on these examples; nothing is recorded."""
    with autograd.no_grad():
        logits = model(x)
        return float(nn.functional.cross_entropy(logits, t)), float(np.mean(logits.data.argmax(axis=1) == t))


def train(model: nn.Module, data: tuple[Array, Array, Array, Array], epochs: int, lr: float, batch: int, seed: int) -> Array:
    """Train; returns one row per epoch: loss and accuracy in training, loss and accuracy on what was held out."""
    x_train, t_train, x_test, t_test = data
    rng = np.random.default_rng(seed)
    loss_of = nn.CrossEntropyLoss()
    optimizer = optim.SGD(model.parameters(), lr=lr, momentum=0.9, weight_decay=1e-3)
    curves = []
    with tqdm(range(epochs), unit="epoch", desc="training") as bar:
        for _ in bar:
            for x, t in batches(x_train, t_train, batch, rng):
                optimizer.zero_grad()
                loss = loss_of(model(x), t)
                loss.backward()
                optimizer.step()
            curves.append((*score(model, x_train, t_train), *score(model, x_test, t_test)))
            bar.set_postfix(loss=f"{curves[-1][0]:.4f}", accuracy=f"{curves[-1][1]:.1%}", held_out=f"{curves[-1][3]:.1%}")
    return np.array(curves)


def plot(curves: Array, path: Path) -> None:
    """The curves every training run should be looked at. (CS231n, "Neural networks part 3", babysitting the learning process.)"""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    epochs = np.arange(1, len(curves) + 1)
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
    for column, (name, colour) in enumerate([("trained on", "tab:blue"), ("held out", "tab:orange")]):
        loss, accuracy = curves[:, 2 * column], curves[:, 2 * column + 1]
        left.semilogy(epochs, loss, color=colour, label=f"{name}: {loss[-1]:.3f}")
        right.plot(epochs, accuracy, color=colour, label=f"{name}: {accuracy[-1]:.1%}")
    left.set(title="Loss (cross entropy)", xlabel="epoch")
    left.yaxis.set_major_formatter("{x:g}")
    right.set(title="Accuracy", xlabel="epoch", ylim=(min(0.9, curves[:, 1::2].min()) - 0.005, 1.005))
    right.yaxis.set_major_formatter(matplotlib.ticker.PercentFormatter(1, decimals=0))
    for axes in (left, right):
        axes.grid(alpha=0.3)
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(frameon=False)
    figure.savefig(path, dpi=150)
    plt.close(figure)


def main(arguments: Sequence[str] | None = None) -> float:
    """Run the example; returns the accuracy on the held-out third."""
    parser = argparse.ArgumentParser(description="Train a small network on handwritten digits, and look at it.",
                                     formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--epochs", type=int, default=30, help="how often every digit is seen")
    parser.add_argument("--lr", type=float, default=0.05, help="step size")
    parser.add_argument("--batch", type=int, default=32, help="digits per step")
    parser.add_argument("--seed", type=int, default=0, help="of the split, the weights and the order")
    parser.add_argument("--out", type=Path, default=Path("out"), help="folder for the pictures")
    options = parser.parse_args(arguments)

    autograd.random.seed(options.seed)
    data = digits(options.seed)
    model = network()
    print(model)
    curves = train(model, data, options.epochs, options.lr, options.batch, options.seed)
    accuracy = float(curves[-1, 3])
    print(f"accuracy: {curves[-1, 1]:.2%} on the {len(data[0])} digits it learned from, {accuracy:.2%} on the {len(data[2])} held out\n")

    loss = nn.CrossEntropyLoss()(model(data[0][:4]), data[1][:4])
    print(autograd.Tape.of(loss), end="\n\n")
    options.out.mkdir(parents=True, exist_ok=True)
    graph = autograd.draw(loss)
    for name in ("graph.svg", "graph.png"):
        print(graph.save_if_possible(options.out / name))
    try:
        plot(curves, options.out / "curves.png")
        print("wrote", options.out / "curves.png")
    except ImportError as missing:
        print(f"no learning curves: {missing}. For them, pip install \"onetape[train,plot]\"")
    return accuracy


if __name__ == "__main__":
    main()
