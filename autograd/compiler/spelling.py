"""How is a step written shortest?

A forward function asks what the compiler knows already: is it an array, which shape, is there a bias? Where the answer is known, the
line calls NumPy itself. Each entry gives the same bits as the forward function of its operation, or None where it does not know.

Read next: `source.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd import ops
from autograd.kernels import active, product
from autograd.program import Step


class Line(NamedTuple):
    """What there is to write a step with.

    step:      the step
    operands:  their names
    values:    what they were when it was captured
    out:       where the result goes, or None
    named:     gives an object a name
    """

    step: Step
    operands: Sequence[str]
    values: Sequence[Any]
    out: str | None
    named: Callable[[str, Any], str]

    def call(self, function: Any, *operands: str, last: str = "") -> str:
        return f"{self.named('f', function)}({', '.join([*operands, *([self.out] if self.out else [])])}{last})"


def same_kind(line: Line) -> bool:
    """Are all operands arrays, of the dtype of the result?"""
    return all(isinstance(v, np.ndarray) and v.ndim and v.dtype == line.step.dtype for v in line.values) and line.step.dtype != np.float16


def perhaps_onednn(line: Line, work: int) -> bool:
    """Is a product so large that who multiplies is decided when it runs?"""
    return work >= active.MULTIPLIED and line.step.dtype == np.float32


def write_product(line: Line) -> str | None:
    a, b = line.values
    single = a.shape[-1:] == (1,) and a.ndim > 1 < b.ndim and b.shape[-2] == 1
    if not same_kind(line) or single or perhaps_onednn(line, a.size * b.shape[-1]):
        return None
    return line.call(np.matmul, *line.operands)


def write_linear(line: Line) -> str | None:
    if not same_kind(line) or len(line.operands) != 3 or line.out is None:
        return None
    if perhaps_onednn(line, line.values[0].size * len(line.values[1])):
        return None
    x, weight, bias = line.operands
    name = line.named("f", np.matmul)
    return f"{line.named('f', np.add)}({name}({x}, {weight}.T, {line.out}), {bias}, {line.out})"


def write_sum(line: Line) -> str | None:
    axis, keepdims = line.step.options
    if not isinstance(line.values[0], np.ndarray) or not isinstance(axis, (int, tuple, type(None))):
        return None
    return f"{line.named('f', np.add.reduce)}({line.operands[0]}, {axis!r}, None, {line.out}, {keepdims!r})"


def write_reshape(line: Line) -> str | None:
    order = line.step.options[1]
    if order != "C" or not line.step.shape or not np.ndim(line.values[0]):
        return None
    return f"{line.operands[0]}.reshape({line.step.shape!r})"


def write_swapaxes(line: Line) -> str | None:
    return f"{line.operands[0]}.swapaxes({line.step.options[0]!r}, {line.step.options[1]!r})" if np.ndim(line.values[0]) else None


def write_transpose(line: Line) -> str | None:
    axes = line.step.options[0]
    if not np.ndim(line.values[0]) or not (axes is None or all(type(a) is int for a in axes)):
        return None
    return f"{line.operands[0]}.transpose({'' if axes is None else repr(tuple(axes))})"


SPELLED: dict[Any, Callable[[Line], str | None]] = {
    product: write_product, ops.linear.forward: write_linear, ops.sum.forward: write_sum, ops.reshape.forward: write_reshape,
    ops.swapaxes.forward: write_swapaxes, ops.transpose.forward: write_transpose,
}
"""By forward function."""
