"""How does oneDNN add two arrays?

With all threads, where NumPy's addition runs on one; and while a number is at hand, its relu can be taken, too.

`add` takes float32 arrays of one shape, and returns None where oneDNN cannot.

Read next: `product.py`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from autograd.kernels.layout import steps
from autograd.kernels.onednn import primitives as dnn
from autograd.kernels.onednn.elementwise import dense
from autograd.kernels.onednn.library import Library, Refused
from autograd.kernels.onednn.primitives import Plan, address, description, layout


def add(library: Library, a: Any, b: Any, relu: bool = False, over: bool = False) -> Any:
    """a + b, or max(a + b, 0); written over a?"""
    y = dense(a) if a.shape == b.shape and steps(a) == steps(b) else None
    plan = None if y is None or not y.size else planned(library, a.size, relu)
    if plan is None:
        return None
    y = a if over else y
    plan(address(a), address(b), address(y))
    return y


@lru_cache(dnn.KEPT)
def planned(library: Library, size: int, relu: bool, one: bool = False) -> Plan | None:
    """How to add so many numbers to as many others; or the same number to all of them."""
    x, other = layout(library, (size,), (1,)), layout(library, (1 if one else size,), (1,))
    try:
        described = description(library, "binary", dnn.ADD, x, other, x, after=[(dnn.RELU, None)] if relu else ())
        return Plan(library, described, [(dnn.SRC, x), (dnn.SECOND, other), (dnn.DST, x)])
    except Refused:
        return None
