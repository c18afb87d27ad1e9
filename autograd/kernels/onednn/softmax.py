"""How does oneDNN turn scores into probabilities?

In one pass over an array that NumPy goes over five times, along the last axis; along another, oneDNN is slower than NumPy. So is its own
function for the way back, but not the product and difference of rows and a number each, which are all that is left when NumPy has found
the sums. A row in which something is NaN, or all is minus infinity, is NaN in NumPy's result, and only partly so in oneDNN's: where
there is NaN, the answer is None, for NumPy to compute.

Read next: `elementwise.py`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from autograd.kernels.onednn import primitives as dnn
from autograd.kernels.onednn.activations import exp
from autograd.kernels.onednn.elementwise import has_nan
from autograd.kernels.onednn.library import Library, Refused
from autograd.kernels.onednn.primitives import Plan, address, description, layout, operand_after
from autograd.kernels.softmax import is_last, products

ACCURATE, LOG = 0x30000, 0x30001
"""dnnl_softmax_accurate, dnnl_softmax_log"""

SHORTEST = 32
"""To shorter rows it takes longer to come than NumPy takes for them."""


def softmax(library: Library, x: Any, axis: Any) -> Any:
    """exp(x) / sum(exp(x))."""
    return computed(library, x, axis, ACCURATE)


def log_softmax(library: Library, x: Any, axis: Any) -> Any:
    """x - log(sum(exp(x)))."""
    return computed(library, x, axis, LOG)


def computed(library: Library, x: Any, axis: Any, what: int) -> Any:
    plan = planned(library, x.size // x.shape[-1], x.shape[-1], what) if is_last(x, axis) else None
    if plan is None:
        return None
    x = np.ascontiguousarray(x)
    y = np.empty_like(x)
    plan(address(x), address(y))
    return None if has_nan(y) else y


def softmax_to_x(library: Library, g: Any, y: Any, axis: Any) -> Any:
    """(g - sum(g y)) y."""
    plan = rows_of(library, g, y, dnn.SUBTRACT, dnn.MULTIPLY) if is_last(y, axis) else None
    if plan is None:
        return None
    g, y = np.ascontiguousarray(g), np.ascontiguousarray(y)
    total, dx = np.asarray(products(g, y)), np.empty_like(y)
    plan(address(g), address(total), address(dx), address(y))
    return dx


def log_softmax_to_x(library: Library, g: Any, y: Any, axis: Any) -> Any:
    """g - exp(y) sum(g), with oneDNN's exponential, which takes NaN for infinity."""
    if not is_last(y, axis) or g.shape != y.shape or has_nan(y):
        return None
    g, dx = np.ascontiguousarray(g), exp(library, np.ascontiguousarray(y))
    if dx is None:
        return None
    total, plan = g.sum(-1, keepdims=True), rows_of(library, g, y, dnn.MULTIPLY, dnn.ADD)
    if plan is None:
        dx *= total
        return np.subtract(g, dx, out=dx)
    less = np.negative(total)
    plan(address(dx), address(less), address(dx), address(g))
    return dx


def rows_of(library: Library, g: Any, y: Any, what: int, after: int) -> Plan | None:
    """How rows meet a number each, and what comes of that another array, if g and y have the same rows, long enough to be worth it."""
    length = y.shape[-1]
    return planned_rows(library, y.size // length, length, what, after) if g.shape == y.shape and length >= SHORTEST else None


@lru_cache(dnn.KEPT)
def planned_rows(library: Library, rows: int, length: int, what: int, after: int) -> Plan | None:
    x, each = layout(library, (1, rows, length), (rows * length, length, 1)), layout(library, (1, rows, 1), (rows, 1, 1))
    try:
        described = description(library, "binary", what, x, each, x, after=[(after, x)])
        return Plan(library, described, [(dnn.SRC, x), (dnn.SECOND, each), (dnn.DST, x), (operand_after(0), x)])
    except Refused:
        return None


@lru_cache(dnn.KEPT)
def planned(library: Library, rows: int, length: int, what: int) -> Plan | None:
    """How to compute one of the two for so many rows."""
    x = layout(library, (rows, length), (length, 1))
    try:
        return Plan(library, description(library, "softmax_forward", dnn.FORWARD_INFERENCE, what, x, x, 1), [(dnn.SRC, x), (dnn.DST, x)])
    except Refused:
        return None
