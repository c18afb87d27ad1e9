"""What does drawing cost? `python -m benchmarks.drawing` prints a table of times and sizes; there is no peer in it.

Times are the median of several runs on one core. The layout alone, then `draw` from the loss to the boxes, then the files; and
what everybody pays who draws nothing: the module call that each recorded operation points at.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from statistics import median
from typing import Any

import numpy as np

from autograd import codegen, draw, ops, tensor
from autograd.tensor import Tensor
from tests.drawing.fixtures import chain, lstm, resnet18, wide


def seconds(work: Callable[[], Any], times: int = 5) -> float:
    """The median time of some runs."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return median(taken)


def layouts() -> list[tuple[str, str]]:
    """How long the built-in layout takes."""
    from autograd.drawing.svg import placed

    rows = []
    for name, make in {"a chain of 1,000": lambda: chain(1000), "a chain of 10,000": chain, "1,000 of a network": lambda: wide(1000),
                       "2,000": lambda: wide(2000), "10,000": wide, "20,000": lambda: wide(20_000), "LSTM, 60 steps": lambda: lstm(60),
                       "LSTM, 600 steps": lambda: lstm(600)}.items():
        result, _alive = make()
        g = draw(result).expand()
        view = g.view
        taken = seconds(partial(placed, view, g.options, "builtin"), 3)
        rows.append((f"layout: {name} ({len(view.boxes):,} boxes)", f"{1000 * taken:,.0f} ms"))
    return rows


def drawings() -> list[tuple[str, str]]:
    """How long it takes from a loss to a picture, and how large the files are."""
    rows = []
    x = tensor(np.ones(3), requires_grad=True)
    y = x
    for _ in range(500):
        y = ops.tanh(y) * x
    rows.append(("draw: 1,000 operations", f"{1000 * seconds(lambda: draw(y).view):.0f} ms"))
    for name, make in {"ResNet-18": resnet18, "10,000 scalars": wide}.items():
        result, _alive = make()
        g = draw(result)
        taken = seconds(partial(lambda result: draw(result).view, result), 3)
        rows.append((f"draw: {name}", f"{1000 * taken:.0f} ms, {len(g.view.boxes)} boxes"))
        for form, work in (("svg", partial(g.to_svg, "builtin")), ("html", g.to_html)):
            rows.append((f"{form}: {name}", f"{1000 * seconds(work, 3):.0f} ms, {len(work().encode()) / 1000:.0f} kB"))
    return rows


def bookkeeping(rounds: int = 60) -> list[tuple[str, str]]:
    """A chain of 1,000 operations forward and backward, as it is, and with operations that know no module. In turn."""
    x = tensor(np.ones((4, 4)), requires_grad=True)

    def run() -> None:
        y = x
        for _ in range(500):
            y = y * 0.5 + x
        y.sum().backward()
        x.zero_grad()

    usual = Tensor.__mul__, Tensor.__add__
    source, primitives = codegen.node_source, (ops.multiply, ops.add)
    codegen.node_source = lambda *given: [line.replace("mode.scope", "None") for line in source(*given)]
    without = tuple(codegen.compile_record(p) for p in primitives)
    codegen.node_source = source
    times: dict[bool, list[float]] = {True: [], False: []}
    for _ in range(rounds):
        for scoped in (True, False):
            Tensor.__mul__, Tensor.__add__ = usual if scoped else without  # type: ignore[method-assign, assignment]
            times[scoped].append(seconds(run, 3))
    Tensor.__mul__, Tensor.__add__ = usual  # type: ignore[method-assign]
    ratio = median(a / b for a, b in zip(times[True], times[False]))
    return [("1,000 operations, forward and backward", f"{1000 * median(times[True]):.2f} ms"),
            ("of this for knowing the module", f"{100 * (ratio - 1):+.1f} %")]


def main() -> None:
    for name, figure in [*layouts(), *drawings(), *bookkeeping()]:
        print(f"{name:<55} {figure:>22}", flush=True)


if __name__ == "__main__":
    main()
