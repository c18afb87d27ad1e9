"""How does oneDNN turn scores into probabilities?

In one pass over an array that NumPy goes over five times, along the last axis; along another, oneDNN is slower than NumPy, and so it is
on the way back. A row in which something is NaN, or all is minus infinity, is NaN in NumPy's result, and only partly so in oneDNN's: where
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
from autograd.kernels.onednn.primitives import Plan, address, description, layout
from autograd.kernels.softmax import is_last

ACCURATE, LOG = 0x30000, 0x30001
"""dnnl_softmax_accurate, dnnl_softmax_log"""


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


def log_softmax_to_x(library: Library, g: Any, y: Any, axis: Any) -> Any:
    """g - exp(y) sum(g), with oneDNN's exponential, which takes NaN for infinity."""
    if not is_last(y, axis) or g.shape != y.shape or has_nan(y):
        return None
    dx = exp(library, np.ascontiguousarray(y))
    if dx is not None:
        dx *= g.sum(-1, keepdims=True)
        np.subtract(g, dx, out=dx)
    return dx


@lru_cache(dnn.KEPT)
def planned(library: Library, rows: int, length: int, what: int) -> Plan | None:
    """How to compute one of the two for so many rows."""
    x = layout(library, (rows, length), (length, 1))
    try:
        return Plan(library, description(library, "softmax_forward", dnn.FORWARD_INFERENCE, what, x, x, 1), [(dnn.SRC, x), (dnn.DST, x)])
    except Refused:
        return None
