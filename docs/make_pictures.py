"""Draws the pictures of the README: `python docs/make_pictures.py`. They are the same on every machine."""

from pathlib import Path

import numpy as np

from autograd import draw, tensor

HERE = Path(__file__).parent


def neuron() -> None:
    """The sigmoid neuron of CS231n's notes on backpropagation, with its published numbers."""
    values = {"w0": 2.0, "x0": -1.0, "w1": -3.0, "x1": -2.0, "w2": -3.0}
    w0, x0, w1, x1, w2 = (tensor(value, requires_grad=True, name=name) for name, value in values.items())
    y = 1 / (1 + np.exp(-(w0 * x0 + w1 * x1 + w2)))
    draw(y).save(HERE / "neuron.svg")


if __name__ == "__main__":
    neuron()
