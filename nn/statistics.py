r"""How does the signal fare from layer to layer?

In a badly initialised network the activations shrink to 0 or saturate after a few layers, and so do the gradients. Look:

    model = nn.Sequential(nn.Linear(500, 500), nn.Tanh(), nn.Linear(500, 500), nn.Tanh())
    print(nn.activation_statistics(model, x))

    layer  kind     shape            mean      std  zeros  saturated  histogram
    0      Linear   (100, 500)   0.009036    1.117     0%          -  -4.5 ▁▁▁▁▁▂▄▆███▆▄▃▁▁▁▁▁▁ 4.9
    1      Tanh     (100, 500)   0.005498   0.6598     0%         4%  -1 █▆▅▅▄▄▄▄▄▃▄▄▄▄▄▄▅▅▇█ 1
    ...

(CS231n, "Setting up the data and the model", weight initialization, and the histograms of lecture 6.)

Read next: `functional.py`.
"""

from __future__ import annotations

from math import inf, nan
from typing import Any, NamedTuple

from autograd import Tensor, no_grad, ops
from autograd.tree import flatten
from nn.module import Module

BARS = " ▁▂▃▄▅▆▇█"
NEAR = 0.01
"""A value nearer to its bound than this share of the range is saturated: the gradient there is next to nothing."""


class ActivationStatistics(NamedTuple):
    """What came out of one layer in one call.

    path, kind, shape:  which layer, e.g. 'layer1.0', 'Conv2d'; the shape of its output
    mean, std:          of all values
    zeros:              the share that is exactly 0
    saturated:          the share that is within 1 % of a bound of the activation; None where there are no bounds
    counts, edges:      the histogram: counts[i] values lie between edges[i] and edges[i + 1]
    """

    path: str
    kind: str
    shape: tuple[int, ...]
    mean: float
    std: float
    zeros: float
    saturated: float | None
    counts: list[int]
    edges: list[float]


class Statistics(list[ActivationStatistics]):
    """One `ActivationStatistics` for each call of each layer, in order; prints as a table."""

    def __repr__(self) -> str:
        heads = ["layer", "kind", "shape", "mean", "std", "zeros", "saturated", "histogram"]
        rows = [[s.path, s.kind, str(s.shape), f"{s.mean:.4g}", f"{s.std:.4g}", f"{s.zeros:.0%}",
                 "-" if s.saturated is None else f"{s.saturated:.0%}", f"{s.edges[0]:.2g} {bars(s.counts)} {s.edges[-1]:.2g}"]
                for s in self]
        widths = [max(map(len, column)) for column in zip(heads, *rows)]
        justify = [str.ljust, str.ljust, str.ljust, str.rjust, str.rjust, str.rjust, str.rjust, str.ljust]
        return "\n".join("  ".join(j(cell, w) for j, cell, w in zip(justify, row, widths)).rstrip() for row in [heads, *rows])


def bars(counts: list[int]) -> str:
    """A histogram in one line."""
    top = max([*counts, 1])
    return "".join(BARS[-(-n * 8 // top)] for n in counts)


def activation_statistics(model: Module, *inputs: Any, bins: int = 20) -> Statistics:
    """What comes out of each layer of a model: mean, spread, share of zeros and of saturated values, histogram.

    model, inputs:  model(*inputs) is called once, without recording. Modules that hold no others are the layers
    bins:           how many bins the histograms have

    >>> import numpy as np, nn
    >>> model = nn.Sequential(nn.Linear(4, 3), nn.ReLU())
    >>> [(s.path, s.kind, s.shape) for s in nn.activation_statistics(model, np.ones((2, 4), np.float32))]
    [('0', 'Linear', (2, 3)), ('1', 'ReLU', (2, 3))]
    """
    found = Statistics()
    layers = {module: path for path, module in model.named_modules() if next(module.named_children(), None) is None}

    def look(layer: Module, args: Any, output: Any) -> None:
        for y in flatten(output)[0]:
            if hasattr(y, "dtype") and y.dtype.kind == "f" and y.size:
                values = y.detach().numpy() if isinstance(y, Tensor) else y
                found.append(statistics_of(layers[layer], type(layer).__name__, getattr(layer, "bounds", None), values, bins))

    handles = [layer.register_forward_hook(look) for layer in layers]
    try:
        with no_grad():
            model(*inputs)
    finally:
        for handle in handles:
            handle.remove()
    return found


def statistics_of(path: str, kind: str, bounds: tuple[float, float] | None, y: Any, bins: int) -> ActivationStatistics:
    """The numbers of one output."""
    low, high, mean, std = float(ops.min(y)), float(ops.max(y)), nan, nan
    if not high - low < inf:
        edges, counts = [low, high], []  # the signal has exploded
    else:
        mean, std = float(ops.mean(y)), float(ops.std(y))
        width = (high - low or 1.0) / bins
        edges = [low + i * width for i in range(bins)] + [max(high, low + bins * width)]
        ends = ops.searchsorted(ops.sort(ops.ravel(y)), edges[1:-1])
        counts = [int(n) for n in ops.diff(ends, prepend=0, append=y.size)]
    saturated = None
    if bounds is not None:
        near = NEAR * (bounds[1] - bounds[0])
        saturated = float(ops.mean((y < bounds[0] + near) | (y > bounds[1] - near)))
    return ActivationStatistics(path, kind, tuple(y.shape), mean, std, 1 - int(ops.count_nonzero(y)) / y.size,
                                saturated, counts, edges)
