"""Which sums run as one with what comes next, and where are they written?

A sum of large arrays, and its relu; or a sum of gradients, on its way back through a relu. It is written over one of the two if nobody
looks at that afterwards (`Match.free`). A shortcut that leaves out pixels, or is padded with channels of zeros, is added to a part.

Read next: `fusion.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd import kernels
from autograd.compiler.matching import Fused, Kernel, Match
from autograd.kernels import active
from autograd.kernels.layout import steps
from autograd.ops.repetition import middle
from autograd.program import Step

# ---- what is asked of arrays --------------------------------------------------------------------------------------------


def large(match: Match, *names: str) -> bool:
    """Are they all float32, of one shape, and large?"""
    arrays = [match.value(name) for name in names]
    return all(isinstance(a, np.ndarray) and a.dtype == active.FLOAT32 and a.shape == arrays[0].shape for a in arrays) and (
        arrays[0].size >= active.ELEMENTS)


def singles(match: Match, *names: str) -> bool:
    """Are they all arrays of float32, or None?"""
    return all(a is None or (isinstance(a, np.ndarray) and a.dtype == active.FLOAT32) for a in match.like(*names))


def alike(match: Match, *names: str) -> bool:
    """Are they large, and do they lie alike in memory?"""
    return large(match, *names) and len({steps(match.value(name)) for name in names}) == 1


# ---- sums -----------------------------------------------------------------------------------------------------------------

SHARED = 1 << 18
"""An array of so many numbers is added faster by all threads than by one that writes where it read."""


ABOVE = {"conv", "rescale", "normalise", "conv_rescale", "normalise_with_moments"}
"""What yields minus infinity only where numbers have left the range of float32. A relu never does."""

THROUGH = {"max_pool", "subscript", "pad_constant"}
"""What yields no other numbers than it gets. (Or zeros around them.)"""


def above(match: Match, *names: str) -> bool:
    """Are these never minus infinity, by what they are made of?"""
    graph = match.graph
    for place in [match.places[name] for name in names]:
        while True:
            step = graph.items[graph.maker[place]] if place in graph.maker else None
            if not isinstance(step, Step):
                return False
            made_by = step.primitive.name
            if made_by in ABOVE or made_by == "relu" or (isinstance(step.primitive, Fused) and made_by.endswith("_relu")):
                break
            if made_by not in THROUGH or (made_by == "pad_constant" and step.options[step.primitive.params.index("values")] != 0):
                return False
            place = step.operands[0]
    return True


def adding_relu(match: Match) -> Kernel | None:
    return two(match, True, above(match, "a", "b")) if alike(match, "a", "b") else None


def adding(match: Match) -> Kernel | None:
    large = np.size(match.value("a")) >= SHARED or match.free("a") or match.free("b")
    return two(match, False) if large and alike(match, "a", "b") else None


def two(match: Match, relu: bool, above: bool = False) -> Kernel | None:
    """The sum of a and b, written over one of them if that may be."""
    return freely(match, lambda a, b, over: kernels.bound("add", a, b, relu, above, over))


def freely(match: Match, bound: Callable[[Any, Any, bool], Kernel | None]) -> Kernel | None:
    """A kernel of a and b, and perhaps more, which may be written over a; with the two exchanged where that is true of b."""
    a, b = match.like("a", "b")
    distinct = match.places["a"] != match.places["b"]
    if distinct and not match.free("a") and match.free("b"):
        known = bound(b, a, True)
        return (lambda a, b, *more: known(b, a, *more)) if known is not None else None
    return bound(a, b, distinct and match.free("a"))


def adding_back(match: Match) -> Kernel | None:
    if not large(match, "y", "a", "b"):
        return None
    return freely(match, lambda a, b, over: kernels.bound("add_relu_to_x", a, b, match.value("y"), over))


def adding_part_back(match: Match) -> Kernel | None:
    pattern = match.option("deposit", "pattern")
    if not large(match, "y", "a") or not singles(match, "v") or not match.free("a") or not slices(pattern):
        return None
    return kernels.bound("add_deposit_relu_to_x", *match.like("a", "v", "y"), pattern)


def slices(pattern: Any) -> bool:
    """Does an index pick no element twice, and give a view?"""
    return isinstance(pattern, tuple) and all(isinstance(part, slice) for part in pattern)


def padding(match: Match) -> Kernel | None:
    x, shape, pattern = match.value("x"), match.value("y").shape, padded(match)
    return kernels.bound("pad_constant", x, shape, pattern) if large(match, "x") and pattern is not None else None


def adding_padded_relu(match: Match) -> Kernel | None:
    pattern = padded(match)
    if pattern is None or not large(match, "a") or not singles(match, "x") or not match.free("a") or not above(match, "a", "x"):
        return None
    return kernels.bound("add_pad_relu", *match.like("a", "x"), pattern)


def padded(match: Match) -> Any:
    """Where x is in the result, if that is padded with zeros; else None."""
    widths, values = match.option("pad_constant", "widths"), match.option("pad_constant", "values")
    zeros = widths and not np.ndim(values) and values == 0 and min(map(min, widths)) >= 0
    return middle(match.value("x").shape, widths) if zeros else None
