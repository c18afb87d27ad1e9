"""Which activation functions besides relu does oneDNN compute?

gelu and its slope, for which NumPy needs thirty passes, because it has no error function; and the sigmoid, whose exponential is four
times faster than NumPy's. tanh is slower than NumPy's; exp takes NaN for infinity, so it is only for those who know that there is
none. In the others, NaN and infinity give what they give in NumPy. (gelu of infinity is NaN on processors with AVX-512, and there 3e38
overflows. That is tried once, and where it is so, NumPy computes again what has no finite sum.)

Read next: `binary.py`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from autograd.kernels.onednn import primitives as dnn
from autograd.kernels.onednn.elementwise import dense
from autograd.kernels.onednn.library import Library, Refused
from autograd.kernels.onednn.primitives import Plan, address, description, layout

LOGISTIC, EXP, GELU = 0x29, 0x2A, 0x31
"""dnnl_eltwise_logistic, dnnl_eltwise_exp, dnnl_eltwise_gelu_erf"""


def gelu(library: Library, x: Any) -> Any:
    """x (1 + erf(x / sqrt(2))) / 2."""
    y = computed(library, x, GELU)
    return None if y is not None and overflows(library) and not finite(y) else y


def finite(y: Any) -> bool:
    """Is its sum?"""
    with np.errstate(all="ignore"):
        return bool(np.isfinite(np.add.reduce(y, axis=None)))


@lru_cache(1)
def overflows(library: Library) -> bool:
    """Does its gelu lose the largest numbers?"""
    x = np.tile(np.array([np.inf, 3e38], np.float32), 32)
    return not np.array_equal(computed(library, x, GELU), x)


def sigmoid(library: Library, x: Any) -> Any:
    """1 / (1 + exp(-x))."""
    return computed(library, x, LOGISTIC)


def exp(library: Library, x: Any) -> Any:
    """exp(x), of numbers: for NaN it is infinity."""
    return computed(library, x, EXP)


def exp_in_place(library: Library, x: Any) -> Any:
    """exp(x) in the memory of x, which has no gaps."""
    plan = planned(library, x.size, EXP, False) if x.size and (x.flags.c_contiguous or dense(x) is not None) else None
    if plan is None:
        return None
    plan(address(x), address(x))
    return x


def gelu_to_x(library: Library, g: Any, x: Any) -> Any:
    """g times the slope of gelu at x."""
    dx = dense(x)
    plan = None if dx is None or g.shape != x.shape or not x.size else planned(library, x.size, GELU, True)
    if plan is None:
        return None
    if g.strides != x.strides:
        dx[...] = g
        g = dx  # in place
    plan(address(x), address(g), address(dx))
    return dx


def computed(library: Library, x: Any, what: int) -> Any:
    y = dense(x)
    plan = None if y is None or not x.size else planned(library, x.size, what, False)
    if plan is None:
        return None
    plan(address(x), address(y))
    return y


@lru_cache(dnn.KEPT)
def planned(library: Library, size: int, what: int, back: bool) -> Plan | None:
    """A function of so many numbers, or its gradient."""
    x = layout(library, (size,), (1,))
    try:
        forward = description(library, "eltwise_forward", dnn.FORWARD_TRAINING, what, x, x, 0.0, 0.0)
        if not back:
            return Plan(library, forward, [(dnn.SRC, x), (dnn.DST, x)])
        described = description(library, "eltwise_backward", what, x, x, x, 0.0, 0.0, forward)
        return Plan(library, described, [(dnn.SRC, x), (dnn.DIFF_DST, x), (dnn.DIFF_SRC, x)])
    except Refused:
        return None
