"""What is done with each cotangent that a rule returns?

It is summed over the axes along which its input was repeated, cast to the input's dtype, and added to what came from other operations.
The functions that `codegen.py` generates call these where it is needed, and mostly it is not.

Read next: `codegen.py`, which makes fast functions of the declarations.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.node import Node, get_mode
from autograd.tensor import Tensor

if TYPE_CHECKING:
    from autograd.invalid import Owned


SHARED = 1 << 18
"""Cotangents of so many numbers are added faster by all threads than by NumPy's one."""


def added(a: Any, b: Any, over: bool) -> Any:
    """a + b of large arrays, by oneDNN; None where that has not the processors. over: written over a?"""
    from autograd.kernels.active import by_onednn

    return by_onednn("add", b.size, SHARED, (a, b), a, b, False, over)


def accumulate(node: Node, g: Any, cotangents: dict[Node, Any], owned: Owned) -> None:
    """Add a second or later contribution to the cotangent of `node`."""
    have = cotangents[node]
    if g.__class__ is np.ndarray and g.size >= SHARED:
        total = added(have, g, node in owned)
        if total is not None:
            cotangents[node] = total
            owned.add(node)
            return
    if node in owned and g.__class__ is not Tensor:
        have += g  # in place where it is an array
        cotangents[node] = have
    else:
        cotangents[node] = total = have + g
        if total.__class__ is not Tensor:  # a Tensor is a value, and nobody's memory
            owned.add(node)


def takes_in_place(node: Node, cotangents: dict[Node, Any], owned: Owned) -> bool:
    """May a contribution be written into a part of the cotangent of `node`? (Of one in C order: `into` functions reshape it.)"""
    if node not in owned or get_mode().recording:
        return False
    total = cotangents[node]
    return isinstance(total, np.ndarray) and total.ndim > 0 and total.flags.c_contiguous


added_up: Any = np.add.reduce


def unbroadcast(g: Any, node: Node, slot: str, of: Node) -> Any:
    """Sum a cotangent over the axes along which NumPy repeated the input: the transpose of broadcasting."""
    shape = node.shape
    if g.shape != shape:
        extra = len(g.shape) - len(shape)
        if extra == 1 and g.shape[0] == 1 and g.shape[1:] == shape:  # a bias, and a single row
            return fit(g.reshape(shape), node, slot, of)
        axes = (*range(extra), *[i + extra for i, n in enumerate(shape) if n == 1 and g.shape[i + extra] != 1])
        if extra >= 0 and axes:
            in_front = len(axes) == extra  # the usual case: a bias
            g = (added_up(g, axes, None, None, not in_front) if g.__class__ is np.ndarray else
                 g.sum(axis=axes, keepdims=not in_front))
            if extra and not in_front and g.size == prod(shape):
                g = g.reshape(shape)
    return fit(g, node, slot, of)


def fit(g: Any, node: Node, slot: str, of: Node) -> Any:
    """Give a cotangent its input's dtype; refuse one of another shape."""
    if g.shape != node.shape:
        raise ValueError(f"the rule for {slot} returned a cotangent of shape {g.shape}, but {slot} has shape {node.shape}. "
                         f"(Declare broadcasts=True if {of.op} repeats its inputs along axes.)")
    if g.dtype != node.dtype:
        if g.dtype.kind == "c" and node.dtype.kind != "c":
            g = g.real
        g = g.astype(node.dtype)
    return g
