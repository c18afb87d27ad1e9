"""How do I see one now?

    python -m autograd.drawing demo                          # the sigmoid neuron of CS231n, in words
    python -m autograd.drawing demo -o neuron.html           # as a page to step through
    python -m autograd.drawing train:loss -o net.html        # what the function `loss` of train.py returns
    python -m autograd.drawing graph.json -o graph.svg       # a graph that was saved

A function is called without arguments and returns what `draw` takes: a loss, a tape, a program, or a tuple of a module and
its inputs.

Read next: `graph.py`.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from autograd import ops, tensor
from autograd.drawing import Drawing, draw, from_json
from autograd.drawing.view import CHOICES


def neuron(**options: Any) -> Drawing:
    """The circuit of the lecture's slide: 1 / (1 + exp(-(w0 x0 + w1 x1 + w2)))."""
    w0, x0, w1, x1, w2 = (tensor(value, requires_grad=True, name=name)
                          for name, value in {"w0": 2.0, "x0": -1.0, "w1": -3.0, "x1": -2.0, "w2": -3.0}.items())
    return draw(1 / (1 + ops.exp(-(w0 * x0 + w1 * x1 + w2))), **options)


def drawing_of(what: str, options: dict[str, Any]) -> Drawing:
    """What the command line names, drawn. Raises ValueError if it names nothing that can be."""
    if what in ("demo", "cs231n"):
        return neuron(**options)
    if what.endswith(".json"):
        options = {name: value for name, value in options.items() if name not in ("values", "grads")}
        return draw(from_json(Path(what).read_text(encoding="utf-8")), **options)
    module, colon, name = what.partition(":")
    if not colon or not name:
        raise ValueError(f"{what!r} is neither demo, nor a .json file, nor a function written as module:function")
    sys.path.insert(0, "")  # modules of the folder we are in, as `python -c` finds them
    try:
        found = importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise ValueError(f"there is no module {error.name!r} to import here") from None
    finally:
        sys.path.pop(0)
    if not callable(function := getattr(found, name, None)):
        functions = [key for key, value in vars(found).items() if callable(value) and not key.startswith("_")]
        raise ValueError(f"{module} has no function {name!r}; it has {', '.join(functions[:8]) or 'none'}")
    result = function()
    return draw(*(result if isinstance(result, tuple) else (result,)), **options)


def main(arguments: Sequence[str] | None = None) -> int:
    """Draw what the command line names; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m autograd.drawing", description="Draw a computation graph.",
                                     formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("what", help="module:function, a .json file, or demo")
    parser.add_argument("example", nargs="?", choices=["cs231n"], help="which demo")
    parser.add_argument("-o", "--output", help="a .html, .svg, .png, .pdf, .dot, .json or .txt file; without one, words are printed")
    for name in ("theme", "direction", "color"):
        parser.add_argument(f"--{name}", choices=CHOICES[name], default=CHOICES[name][0])
    parser.add_argument("--values", choices=["auto", "stats", "none"], default="auto", help="which values to look for")
    parser.add_argument("--grads", choices=["auto", "compute", "kept", "none"], default="auto", help="which gradients to show")
    parser.add_argument("--max-nodes", type=int, default=80, help="how many boxes to show at first")
    options = vars(parser.parse_args(arguments))
    what, output, _ = options.pop("what"), options.pop("output"), options.pop("example")
    try:
        drawing = drawing_of(what, options)
        print(drawing if output is None else drawing.save_if_possible(output))
    except (ValueError, TypeError, OSError) as error:
        parser.exit(2, f"{parser.prog}: {error}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
