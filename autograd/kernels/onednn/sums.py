"""How are arrays added, over and over?

Where two ways through a network meet, their results are added; where two gradients meet, too. What stands here does that for arrays like
those that it was shown (`bound.py`), along with what comes next: a relu, or the way back through one. If one of the two is needed by
nobody afterwards, the sum is written over it: that takes half of the time, because memory that is only written is read first all the same.

A shortcut may leave out pixels and have channels of zeros at its sides. Then only a part of the other array changes.

Read next: `../multiplication.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.kernels.layout import steps
from autograd.kernels.onednn import binary, elementwise
from autograd.kernels.onednn.elementwise import dense, has_nan
from autograd.kernels.onednn.library import Library
from autograd.kernels.onednn.primitives import Call, address

Kernel = Callable[..., Any]


def add(library: Library, a: Any, b: Any, relu: bool, above: bool = False, over: bool = False) -> Kernel | None:
    """`binary.add`. The relu that keeps NaN makes it of minus infinity, too: where there is NaN, the answer is None.

    above:  are both never minus infinity? Then NaN is NaN, and not looked for
    over:   may a be written over?
    """
    plan = binary.planned(library, a.size, relu) if steps(a) == steps(b) and dense(a) is not None else None
    if plan is None:
        return None
    call, known, doubtful = Call(plan), steps(a), relu and not above

    def kernel(a: Any, b: Any) -> Any:
        if steps(a) != known or steps(b) != known:
            return None
        y = a if over and not doubtful else np.empty_like(a)
        call(address(a), address(b), address(y))
        return None if doubtful and has_nan(y) else y

    return kernel


def add_relu_to_x(library: Library, a: Any, b: Any, y: Any, over: bool = False) -> Kernel | None:
    """(a + b) * (y > 0): what arrives from two sides, on its way through a relu. In the layout of y; where y is NaN, the sum passes.

    over:  may a be written over?
    """
    known, plan = steps(y), elementwise.planned(library, y.size, True)
    together = add(library, y, y, False, over=over)
    if together is None or plan is None:
        return None
    call = Call(plan)

    def kernel(a: Any, b: Any, y: Any) -> Any:
        if steps(y) != known:
            return None
        g = together(*[p if steps(p) == known else laid_as(y, p) for p in (a, b)])
        if g is not None:
            where = address(g)
            call(address(y), where, where)
        return g

    return kernel


def add_deposit_relu_to_x(library: Library, a: Any, v: Any, y: Any, pattern: Any) -> Kernel | None:
    """(a + zeros with v at this part) * (y > 0), written over a."""
    known, plan = steps(y), elementwise.planned(library, y.size, True)
    put = adding_to_part(library, a, v, pattern)
    if plan is None or put is None or steps(a) != known or dense(y) is None:
        return None
    call = Call(plan)

    def kernel(a: Any, v: Any, y: Any) -> Any:
        if steps(y) != known or not put(a, v):
            return None
        where = address(a)
        call(address(y), where, where)
        return a

    return kernel


def add_pad_relu(library: Library, a: Any, x: Any, pattern: Any) -> Kernel | None:
    """max(a + zeros with x at this part, 0), written over a. Neither is minus infinity."""
    put, plan = adding_to_part(library, a, x, pattern), binary.planned(library, a.size, True, True)
    if put is None or plan is None or dense(a) is None:
        return None
    call, zero = Call(plan), np.zeros(1, a.dtype)
    nothing = address(zero)

    def kernel(a: Any, x: Any, zero: Any = zero) -> Any:
        if not put(a, x):
            return None
        where = address(a)
        call(where, nothing, where)
        return a

    return kernel


def adding_to_part(library: Library, a: Any, v: Any, pattern: Any) -> Callable[[Any, Any], bool] | None:
    """What adds v to a part of a, and says whether it did: not if they lie otherwise than these."""
    part, of_a, of_v = a[pattern], a.strides, v.strides
    plan = elementwise.placing(library, v, part, True)
    if plan is None:
        return None
    call, offset = Call(plan), offset_of(part, a)

    def put(a: Any, v: Any) -> bool:
        if a.strides != of_a or v.strides != of_v:
            return False
        call(address(v), address(a) + offset)
        return True

    return put


def pad_constant(library: Library, x: Any, shape: tuple[int, ...], pattern: Any) -> Kernel | None:
    """Zeros of this shape around x, which is at this part."""
    example = np.empty_like(x, shape=shape)
    placing = elementwise.placing(library, x, example[pattern], False)
    if placing is None:
        return None
    put, of_x, offset = Call(placing), x.strides, offset_of(example[pattern], example)

    def kernel(x: Any) -> Any:
        if x.strides != of_x:
            return None
        y = np.zeros_like(x, shape=shape)
        put(address(x), address(y) + offset)
        return y

    return kernel


def offset_of(part: Any, a: Any) -> int:
    """How many bytes after a part of a begins."""
    return int(part.__array_interface__["data"][0] - a.__array_interface__["data"][0])


def laid_as(y: Any, p: Any) -> Any:
    """A copy of p in the layout of y."""
    copy = np.empty_like(y)
    copy[...] = p
    return copy
