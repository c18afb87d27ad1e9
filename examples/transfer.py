"""How does one network start where another one ended?

    python examples/transfer.py

A small convolutional network learns to tell the digits 0 to 4 apart. What its layers see, strokes and corners, should help with
the digits 5 to 9 too, of which it gets only ten examples each:

    new head       the trained network, frozen, with a new last layer: an eighth of the numbers is trained, and no gradient goes below
    fine-tuned     then the layers below are unfrozen from the top, and learn more slowly
    from scratch   for comparison: a new network, all of it, for as many steps

Look at the numbers with care. The frozen layers carry over most of what is needed, and fine-tuning most of the rest. But images of
8 x 8 pixels are easy: here a new network does at least as well. Transfer pays where learning the body anew would take weeks.

The digits are real, bundled with scikit-learn (Alpaydin & Kaynak 1998, UCI). It takes seconds. (CS231n, Transfer Learning.)
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

import autograd
import nn
import optim

try:
    from sklearn.datasets import load_digits
except ImportError as missing:
    sys.exit(f"{missing}.\nThis example needs the digits of scikit-learn: pip install \"onetape[train]\"")

Array = np.ndarray[Any, Any]


def network() -> nn.Module:
    """(N, 1, 8, 8) -> (N, 5)."""
    return nn.Sequential({
        "block1": nn.Sequential(nn.Conv2d(1, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2)),
        "block2": nn.Sequential(nn.Conv2d(16, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2)),
        "flatten": nn.Flatten(),
        "dropout": nn.Dropout(0.2),
        "head": nn.Linear(128, 5),
    })


def train(model: nn.Module, optimizer: optim.Optimizer, x: Array, t: Array, steps: int, rng: np.random.Generator) -> None:
    """So many steps, each on 32 examples."""
    model.train()
    for _ in range(steps):
        rows = rng.permutation(len(x))[:32]
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(x[rows]), t[rows]).backward()
        optimizer.step()


def accuracy(model: nn.Module, x: Array, t: Array) -> float:
    """The share of examples with the right answer."""
    model.eval()
    with autograd.no_grad():
        return float(np.mean(model(x).data.argmax(axis=1) == t))


def main(arguments: Sequence[str] | None = None) -> dict[str, float]:
    """Run the example; returns the accuracies."""
    parser = argparse.ArgumentParser(description="Transfer what was learned about the digits 0-4 to the digits 5-9.",
                                     formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--examples", type=int, default=10, help="of each of the digits 5 to 9")
    parser.add_argument("--steps", type=int, default=40,
                        help="of training the new head, and again of fine-tuning; the digits 0 to 4 get five times as many")
    parser.add_argument("--seed", type=int, default=0, help="of the weights and the order")
    options = parser.parse_args(arguments)

    autograd.random.seed(options.seed)
    rng = np.random.default_rng(options.seed)
    pixels, digits = load_digits(return_X_y=True)
    images = ((pixels - pixels.mean()) / pixels.std()).astype(np.float32).reshape(-1, 1, 8, 8)
    low, high = rng.permutation(np.flatnonzero(digits < 5)), rng.permutation(np.flatnonzero(digits >= 5))
    few = np.concatenate([high[digits[high] == digit][: options.examples] for digit in range(5, 10)])
    rest = np.setdiff1d(high, few)
    x, t, x_test, t_test = images[few], digits[few] - 5, images[rest], digits[rest] - 5
    result = {}

    source = network()
    train(source, optim.Adam(source.parameters(), lr=0.01), images[low[:700]], digits[low[:700]], 5 * options.steps, rng)
    result["source"] = accuracy(source, images[low[700:]], digits[low[700:]])
    print(f"digits 0-4, trained on 700: {result['source']:.1%}\n")

    scratch = network()
    train(scratch, optim.Adam(scratch.parameters(), lr=0.01), x, t, 2 * options.steps, rng)
    result["from scratch"] = accuracy(scratch, x_test, t_test)

    # ---- transfer: keep what was learned, and learn a new head ----
    print(nn.freeze(source), end="\n\n")
    source.head = nn.Linear(128, 5)
    optimizer = optim.Adam(source.head.parameters(), lr=0.01)
    train(source, optimizer, x, t, options.steps, rng)
    result["new head"] = accuracy(source, x_test, t_test)

    # ---- fine-tuning: unfreeze from the top, with a smaller learning rate ----
    for last in (2, 3):
        opened = nn.unfreeze(source, last=last)
        optimizer.add_param_group({"params": opened.parameters, "lr": 0.003})
        print(opened, end="\n\n")
        train(source, optimizer, x, t, options.steps // 2, rng)
    result["fine-tuned"] = accuracy(source, x_test, t_test)

    print(f"digits 5-9, trained on {len(few)}, asked about {len(rest)}:")
    for name in ("new head", "fine-tuned", "from scratch"):
        print(f"    {name:<14} {result[name]:.1%}")
    return result


if __name__ == "__main__":
    main()
