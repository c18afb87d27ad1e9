"""How does oneDNN compute a relu?

With all threads, where NumPy's functions of single elements run on one. It takes NaN for 0, and NumPy does not; so the largest element
is looked for first, which is NaN if any is, and then the answer is None, for NumPy to compute. The same holds on the way back, but for
a result that was computed here: while the tape keeps it, nobody writes to it, and it has no NaN (`WITHOUT_NAN`).

Other functions of single elements stay NumPy's: those of float32 are vectorised, and treat NaN and infinity as they should.

Read next: `activations.py`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from weakref import WeakValueDictionary

import numpy as np

from autograd.kernels.layout import steps
from autograd.kernels.onednn import primitives as dnn
from autograd.kernels.onednn.library import Library, Refused
from autograd.kernels.onednn.primitives import Plan, address, description, layout

RELU, RELU_FROM_RESULT = 0x20, 0x100
"""dnnl_eltwise_relu, dnnl_eltwise_relu_use_dst_for_bwd"""


WITHOUT_NAN: WeakValueDictionary[int, Any] = WeakValueDictionary()
"""Results of `relu`, by their `id`."""


def dense(x: Any) -> Any:
    """An empty array like x, if x fills its memory without gaps, in whatever order of axes; else None."""
    y = np.empty_like(x)
    return y if steps(y) == steps(x) else None


def has_nan(x: Any) -> bool:
    return bool(np.isnan(x.ravel("K").max()))


def relu(library: Library, x: Any) -> Any:
    """max(x, 0)."""
    y = dense(x)
    plan = None if y is None or has_nan(x) else planned(library, x.size, False)
    if plan is None:
        return None
    plan(address(x), address(y))
    WITHOUT_NAN[id(y)] = y
    return y


def relu_to_x(library: Library, g: Any, y: Any) -> Any:
    """g * (y > 0)."""
    dx = dense(y)
    plan = None if dx is None or g.shape != y.shape else planned(library, y.size, True)
    if plan is None or (WITHOUT_NAN.get(id(y)) is not y and has_nan(y)):
        return None
    if steps(g) != steps(y):
        dx[...] = g
        g = dx  # in place
    plan(address(y), address(g), address(dx))
    return dx


@lru_cache(dnn.KEPT)
def planned(library: Library, size: int, back: bool) -> Plan | None:
    """A relu of so many numbers, or its gradient."""
    x = layout(library, (size,), (1,))
    try:
        forward = description(library, "eltwise_forward", dnn.FORWARD_TRAINING, RELU_FROM_RESULT if back else RELU, x, x, 0.0, 0.0)
        if not back:
            return Plan(library, forward, [(dnn.SRC, x), (dnn.DST, x)])
        described = description(library, "eltwise_backward", RELU_FROM_RESULT, x, x, x, 0.0, 0.0, forward)
        return Plan(library, described, [(dnn.DST, x), (dnn.DIFF_DST, x), (dnn.DIFF_SRC, x)])
    except Refused:
        return None


def placing(library: Library, v: Any, part: Any, added: bool) -> Plan | None:
    """How to write v to a part of another array; or to add it to what is there."""
    if not v.size or v.shape != part.shape or min(v.strides) < 0 or min(part.strides) <= 0 or (added and min(v.strides) == 0):
        return None
    source, target = [layout(library, x.shape, [step // x.itemsize for step in x.strides]) for x in (v, part)]
    try:
        after = [(dnn.SUM, None)] if added else []
        described = description(library, "reorder", source, library.engine, target, library.engine, after=after)
        return Plan(library, described, [(dnn.SRC, source), (dnn.DST, target)])
    except Refused:
        return None
