"""How does oneDNN change weights?

In place, with all threads if they are free, and each array is read and written once, where NumPy goes over it for every product and sum:

    combine     out <- a x + b y
    add_square  v <- a v + b g^2
    descend     p <- keep p - size m / (sqrt(c v) + eps)

What changes from step to step, such as a learning rate, is given to a plan when it runs. (a of `add_square` is not: it is a constant of
the optimiser.) `optim/passes.py` has the same in NumPy. The results differ by rounding: sums of products are taken in another order, and
m / x is m (1 / x) here.

Each function takes float32 arrays of one shape and order in memory, and returns True; None where oneDNN cannot.

Read next: `recurrent.py`.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from autograd.kernels.active import SWITCH
from autograd.kernels.onednn import primitives as dnn
from autograd.kernels.onednn.library import Library, Refused
from autograd.kernels.onednn.primitives import Owned, Plan, address, layout

ADD, MULTIPLY, SQRT, POWER = 0x1FFF0, 0x1FFF1, 0x25, 0x30
"""dnnl_binary_add, dnnl_binary_mul, dnnl_eltwise_sqrt, dnnl_eltwise_pow"""

SECOND, SCALE_OF = 2, 4096
"""The second operand of a sum or product; and what to multiply an operand with (DNNL_ARG_ATTR_SCALES)"""

TINY = float(np.finfo(np.float32).tiny)


class Numbers(threading.local):
    """Where a thread puts the numbers that a plan is given."""

    def __init__(self) -> None:
        self.values = (ctypes.c_float * 4)()
        self.places = [ctypes.addressof(self.values) + 4 * i for i in range(4)]


NUMBERS = Numbers()


def placed(*numbers: float) -> list[int]:
    """The addresses of these numbers. They stay until the next call."""
    for i, number in enumerate(numbers):
        NUMBERS.values[i] = number
    return NUMBERS.places


def run(library: Library, plan: Plan, *addresses: int) -> bool | None:
    """Run a plan: with one thread where NumPy's threads have the processors, which would not let go of them for milliseconds."""
    if SWITCH.threads != "numpy" or library.runtime == "one thread":
        plan(*addresses)
        return True
    use = threads(library)
    if use is None:
        return None
    usual = use.omp_get_max_threads()
    use.omp_set_num_threads(1)  # of this thread of Python's
    try:
        plan(*addresses)
    finally:
        use.omp_set_num_threads(usual)
    return True


@lru_cache(1)
def threads(library: Library) -> Any:
    """The library of OpenMP that oneDNN uses; None if it is another that runs its threads."""
    found = ctypes.CDLL(library.path)  # where its dependencies are found, too
    return found if library.runtime == "OpenMP" and hasattr(found, "omp_set_num_threads") else None


def alike(first: Any, *others: Any) -> bool:
    """Do these arrays fill their memory without gaps, in the same order?"""
    flags, shape, strides = first.flags, first.shape, first.strides
    return (flags.c_contiguous or flags.f_contiguous) and all(a.shape == shape and a.strides == strides for a in others)


def combine(library: Library, out: Any, x: Any, y: Any, a: float, b: float) -> Any:
    """out <- a x + b y."""
    plan = sum_planned(library, out.size) if alike(out, x, y) else None
    if plan is None:
        return None
    at = placed(a, b)
    return run(library, plan, address(x), address(y), address(out), at[0], at[1])


def add_square(library: Library, v: Any, g: Any, a: float, b: float) -> Any:
    """v <- a v + b g^2."""
    plan = square_planned(library, v.size, float(a)) if alike(v, g) else None
    if plan is None:
        return None
    where = address(g)
    return run(library, plan, where, where, address(v), placed(b)[0])


def descend(library: Library, p: Any, m: Any, v: Any, size: float, eps: float, c: float, keep: float) -> Any:
    """p <- keep p - size m / (sqrt(c v) + eps), as keep (p - size / keep m / ...)."""
    plan = root_planned(library, p.size) if keep and (eps == 0 or eps > TINY) and alike(p, m, v) else None  # 1 / eps must be a number
    if plan is None:
        return None
    at, where = placed(c, eps, -size / keep, keep), address(p)
    return run(library, plan, address(v), at[0], where, at[1], at[2], address(m), where, at[3])


@lru_cache(dnn.KEPT)
def sum_planned(library: Library, size: int) -> Plan | None:
    """a x + b y."""
    return planned(library, size, ADD, (dnn.SRC, SECOND))


@lru_cache(dnn.KEPT)
def square_planned(library: Library, size: int, a: float) -> Plan | None:
    """a v + b g^2, as the product g (b g), which is added to a v."""
    return planned(library, size, MULTIPLY, (SECOND,), sum_with=a)


@lru_cache(dnn.KEPT)
def root_planned(library: Library, size: int) -> Plan | None:
    """keep (p + size m (1 / (eps + sqrt(c v)))): seven operations, one after the other on each number."""
    return planned(library, size, MULTIPLY, (), after=((SQRT, 0.0), (ADD, 1), (POWER, -1.0), (MULTIPLY, 1), (MULTIPLY, size), (ADD, size),
                                                       (MULTIPLY, 1)))


def planned(library: Library, size: int, what: int, scaled: Sequence[int], after: Sequence[tuple[int, float]] = (),
            sum_with: float | None = None) -> Plan | None:
    """A sum or product of `size` numbers.

    scaled:    the operands that are multiplied first, each with a number of its own
    after:     what happens to each result: (SQRT, 0), (POWER, exponent), or ADD and MULTIPLY with so many other numbers (1: one for all)
    sum_with:  multiply what was there with this, and add it
    """
    x, one = layout(library, (size,), (1,)), layout(library, (1,), (1,))
    operations = Owned(library, "post_ops", library.made("post_ops_create"))
    attributes = Owned(library, "primitive_attr", library.made("primitive_attr_create"))
    second = x if scaled else one
    operands = [(dnn.SRC, x), (SECOND, second), (dnn.DST, x)]
    try:
        library.call("primitive_attr_set_scratchpad_mode", attributes.handle, 1)
        for operand in scaled:
            library.call("primitive_attr_set_scales_mask", attributes.handle, operand, 0)
            operands.append((SCALE_OF | operand, one))
        for i, (kind, value) in enumerate(after):
            if kind in (ADD, MULTIPLY):
                other = one if value == 1 else x
                library.call("post_ops_append_binary", operations.handle, kind, other.handle)
                operands.append(((i + 1) << 15 | SECOND, other))
            else:
                library.call("post_ops_append_eltwise", operations.handle, kind, 1.0, value)
        if sum_with is not None:
            library.call("post_ops_append_sum", operations.handle, sum_with, 0, 0)
        library.call("primitive_attr_set_post_ops", attributes.handle, operations.handle)
        described = library.made("binary_primitive_desc_create", library.engine, what, x.handle, second.handle, x.handle, attributes.handle)
        return Plan(library, Owned(library, "primitive_desc", described), operands)
    except Refused:
        return None
