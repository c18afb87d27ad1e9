"""How do I see one now?

    python -m autograd.drawing demo -o circuit.svg

draws the sigmoid neuron of CS231n, 1 / (1 + exp(-(w0 x0 + w1 x1 + w2))), with every value and gradient of the lecture's slide.
"""

from __future__ import annotations

import argparse

from autograd import draw, ops, tensor
from autograd.drawing import Drawing


def neuron() -> Drawing:
    """The circuit of the slide."""
    w0, x0, w1, x1, w2 = (tensor(value, requires_grad=True, name=name)
                          for name, value in {"w0": 2.0, "x0": -1.0, "w1": -3.0, "x1": -2.0, "w2": -3.0}.items())
    return draw(1 / (1 + ops.exp(-(w0 * x0 + w1 * x1 + w2))))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m autograd.drawing", description="Draw an example.")
    parser.add_argument("what", choices=["demo"])
    parser.add_argument("-o", "--output", default="circuit.svg", help="a .svg, .png, .pdf, .dot or .txt file (default: %(default)s)")
    print(neuron().save_if_possible(parser.parse_args().output))


if __name__ == "__main__":
    main()
