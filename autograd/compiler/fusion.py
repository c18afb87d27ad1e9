"""Which steps run as one?

Between two convolutions of a network stand small computations on large arrays: a mean, a variance, a product, a sum, a maximum. Each
alone reads all its numbers from memory and writes all its results. oneDNN does several at once:

    n m r = normalise x w b None
    both = measured_by n x              y both m r passed = normalise_relu x w b
    y = relu n

`PATTERNS` and `ALONG` list what is looked for, in this notation: results, `=`, an operation and its operands. The steps that match
(`matching.py`) become one `Fused` step, which computes by a kernel, and step by step, as they stood, where the kernel cannot: when oneDNN
was switched off, or met a number that is none.

Where oneDNN is not in use nothing is fused, so there a program gives every bit that the function itself would give.

Read next: `into.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np

from autograd import kernels
from autograd.compiler.captured import Captured
from autograd.compiler.matching import Fused, Graph, Kernel, Match, Pattern
from autograd.compiler.sums import above, adding, adding_back, adding_padded_relu, adding_part_back, adding_relu, large, padding, singles
from autograd.kernels import active
from autograd.kernels.normalization import kind_of
from autograd.ops.convolution import conv_axes, transpose_axes
from autograd.ops.windows import per_axis
from autograd.program import Step


def fused(captured: Captured) -> Captured:
    """The program with fewer steps, where oneDNN is in use."""
    if not any(np.size(value) >= active.ELEMENTS for value in captured.values) or active.library_for(1, 0) is None:
        return captured
    for pattern in PATTERNS:
        captured = Graph(captured).fused(pattern)
    for pattern in ALONG if leads(captured) else ():
        captured = Graph(captured).fused(pattern)
    return captured


def leads(captured: Captured) -> bool:
    """Does oneDNN compute what is most of the work?"""
    return any(isinstance(item, Step) and isinstance(item.primitive, Fused) for item in captured.items)


# ---- what is looked for ----------------------------------------------------------------------------------------------


def channels(match: Match, axis: Any, *parameters: str) -> bool:
    """Is x normalised over all but the channels, by parameters of float32?"""
    return large(match, "x") and singles(match, *parameters) and kind_of(match.value("x"), axis, *match.like(*parameters)) == "batch"


def normalising(relu: bool) -> Callable[[Match], Kernel | None]:
    def kernel(match: Match) -> Kernel | None:
        axis, eps = match.option("normalise", "axis"), match.option("normalise", "eps")
        measuring = {entry.operation for entry in match.pattern.lines} & {"moments", "measured_by"}
        if not channels(match, axis, "w", "b") or any(match.option(name, "axis") != axis for name in measuring):
            return None
        return kernels.bound("normalise_at_once", *match.like("x", "w", "b"), axis, eps, relu)

    return kernel


def normalising_back(relu: bool) -> Callable[[Match], Kernel | None]:
    def kernel(match: Match) -> Kernel | None:
        axis = (0, *range(2, match.value("x").ndim))
        if not large(match, "x", "g") or not channels(match, axis, "w", "m", "r"):
            return None
        known = kernels.bound("normalise_back", *match.like("g", "x", "w", "m", "r"), axis, relu, match.free("g"))
        return (lambda g, x, w, m, r, passed, y: known(g, x, w, m, r, passed)) if known is not None and relu else known

    return kernel


def convolving(*after: str) -> Callable[[Match], Kernel | None]:
    return lambda match: convolution(match, after)


def convolution(match: Match, after: tuple[str, ...]) -> Kernel | None:
    """A convolution, and what is done to its result."""
    x, w, b = match.like("x", "w", "b")
    stride, padding, dilation, groups = (match.option("conv", name) for name in ("stride", "padding", "dilation", "groups"))
    axes = conv_axes(x.shape, w.shape[2:], stride, padding, dilation)
    shape = (len(x), len(w), *(axis.out for axis in axes))
    channel = (1, len(w), *(1,) * len(axes))
    if not singles(match, *match.pattern.fused.operands) or any(
            match.value(name).shape != (shape if name == "z" else channel) for name in ("z", "scale", "shift") if name in match.places):
        return None
    more = match.steady("w"), after, "z" in match.places and above(match, "z")
    return kernels.bound("conv", x, w, b, axes, groups, *more) if many(x, w, axes) else None


def convolving_back(match: Match) -> Kernel | None:
    y, w = match.like("y", "w")
    stride, padding, more, groups, dilation = (match.option("conv_transpose", name) for name in (
        "stride", "padding", "output_padding", "groups", "dilation"))
    axes = transpose_axes(y.shape, w.shape[2:], stride, padding, more, dilation)
    return kernels.bound("conv_transpose", y, w, axes, groups) if many(y, w, axes) else None


def convolving_weight(match: Match) -> Kernel | None:
    x, z = match.like("x", "z")
    size, stride, padding, dilation, groups = (match.option("conv_weight", name) for name in (
        "size", "stride", "padding", "dilation", "groups"))
    size = per_axis("conv_weight", "size", size, x.ndim - 2, 1)
    axes = conv_axes(x.shape, size, stride, padding, dilation)
    return kernels.bound("conv_weight", x, z, axes, groups) if many(x, np.empty((z.shape[1], x.shape[1] // groups, *size)), axes) else None


def many(x: Any, w: Any, axes: Any) -> bool:
    """Is it a convolution of so many products that oneDNN would be called anyway?"""
    return len(x) * w.size * prod([axis.out for axis in axes]) >= active.PRODUCTS


def relu_back(match: Match) -> Kernel | None:
    return kernels.relu_to_x if large(match, "y", "g") else None


BACK = """
    dx = normalise_to_x {g} x w m r
    ? dw = normalise_to_weight {g} x m r
    ? db = normalise_to_bias {g} x
"""

PATTERNS = [
    Pattern("""
        n = rescale c scale shift
        c = conv x w b
        s = add n z
        y = relu s
    """, "y = conv_rescale_add_relu x w b scale shift z", convolving("rescale", "add", "relu")),
    Pattern("""
        n = rescale c scale shift
        c = conv x w b
        y = relu n
    """, "y = conv_rescale_relu x w b scale shift", convolving("rescale", "relu")),
    Pattern("""
        n = rescale c scale shift
        c = conv x w b
    """, "n = conv_rescale x w b scale shift", convolving("rescale")),
    Pattern("""
        c = conv x w b
        s = add c z
        y = relu s
    """, "y = conv_add_relu x w b z", convolving("add", "relu")),
    Pattern("""
        c = conv x w b
        y = relu c
    """, "y = conv_relu x w b", convolving("relu")),
    Pattern("y = conv x w b", "y = conv x w b", convolving()),
    Pattern("x = conv_transpose y w None", "x = conv_transpose y w", convolving_back),
    Pattern("w = conv_weight x z", "w = conv_weight x z", convolving_weight),
    Pattern("""
        y = relu n
        n m r = normalise x w b both
        both = moments x
    """, "y both m r passed = normalise_relu x w b", normalising(True)),
    Pattern("""
        y = relu n
        n m r = normalise x w b None
        both = measured_by n x
    """, "y both m r passed = normalise_relu x w b", normalising(True)),
    Pattern("""
        y = relu n
        n m r = normalise x w b None
    """, "y both m r passed = normalise_relu x w b", normalising(True)),
    Pattern("""
        n m r = normalise x w b both
        both = moments x
    """, "n both m r = normalise_with_moments x w b", normalising(False)),
    Pattern("""
        n m r = normalise x w b None
        both = measured_by n x
    """, "n both m r = normalise_with_moments x w b", normalising(False)),
    Pattern("""
        given y both m r passed = normalise_relu x w b
        up = greater y 0
        h = multiply g up
    """ + BACK.format(g="h"), "dx dw db = normalise_relu_back g x w m r passed y", normalising_back(True)),
    Pattern(BACK.format(g="g"), "dx dw db = normalise_back g x w m r", normalising_back(False)),
]
"""In this order: the longest first."""

ALONG = [
    *[Pattern(f"""
        y = relu s
        s = add {both}
        p = pad_constant x
    """, "y = add_pad_relu a x", adding_padded_relu) for both in ("a p", "p a")],
    Pattern("""
        y = relu s
        s = add a b
    """, "y = add_relu a b", adding_relu),
    *[Pattern(f"""
        dx = multiply g up
        up = greater y 0
        g = add {both}
        d = deposit v None
    """, "dx = add_deposit_relu_to_x a v y", adding_part_back) for both in ("a d", "d a")],
    Pattern("""
        dx = multiply g up
        up = greater y 0
        g = add a b
    """, "dx = add_relu_to_x a b y", adding_back),
    Pattern("""
        dx = multiply g up
        up = greater y 0
    """, "dx = relu_to_x g y", relu_back),
    Pattern("y = add a b", "y = add_large a b", adding),
    Pattern("y = pad_constant x", "y = pad_large x", padding),
]
"""What NumPy computes nearly as fast, and chains of such steps faster (`chains.py`): by oneDNN only where that convolves or normalises."""
