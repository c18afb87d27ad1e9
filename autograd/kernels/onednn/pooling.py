"""How does oneDNN find the largest number of each window, or the sum?

It says nothing of NaN, which it skips, and begins with the lowest finite number, so a window of minus infinity alone would answer that.
So x is searched for NaN, and y for that number, and then the answer is None, for NumPy to compute; on the way back, NumPy's y tells both.
A large x is searched with all threads: the mean of each channel is NaN if anything in it is.

Where a maximum came from, oneDNN writes down on the way forward. Here it is found anew on the way back, in working memory: that is
a fraction of the time, and the tape keeps no more than it must. At a tie it is the first.

Read next: `softmax.py`.
"""

from __future__ import annotations

from functools import lru_cache
from math import prod
from typing import Any

import numpy as np

from autograd.kernels.layout import channels_last, empty_channels_last
from autograd.kernels.onednn import primitives as dnn
from autograd.kernels.onednn.elementwise import has_nan
from autograd.kernels.onednn.library import Library, Refused
from autograd.kernels.onednn.primitives import QUERIES, Plan, address, description, integers, layout, strides_channels_last
from autograd.ops.windows import Axis

Axes = tuple[Axis, ...]
MAXIMUM, MEAN = 0x1FF, 0x2FF
"""dnnl_pooling_max, dnnl_pooling_avg_include_padding"""

SEARCHED = 1 << 20
"""Of so many numbers it is faster to compute means with all threads than to look for the largest with one."""

LOWEST = float(np.finfo(np.float32).min)


def max_pool(library: Library, x: Any, axes: Axes) -> Any:
    """The largest element of each window."""
    plans = planned(library, x.shape, axes, MAXIMUM, False)
    if plans is None:
        return None
    x = channels_last(x)
    if mean_is_nan(library, x) and has_nan(x):
        return None
    y = empty_channels_last(x, (*x.shape[:2], *(axis.out for axis in axes)), x.dtype)
    plans[0](address(x), address(y))
    return None if y.min() == LOWEST else y


def mean_is_nan(library: Library, x: Any) -> bool:
    """May there be NaN? Not if no channel's mean is."""
    if x.size < SEARCHED or x.shape[1] % 8:
        return True
    plans = planned(library, x.shape, tuple([Axis(n, n, n, 1, 0, 0, 1) for n in x.shape[2:]]), MEAN, False)
    if plans is None:
        return True
    means = np.empty(x.shape[:2], x.dtype)
    plans[0](address(x), address(means))
    return bool(np.isnan(means.max()))


def max_pool_to_x(library: Library, g: Any, x: Any, y: Any, axes: Axes) -> Any:
    """Each g to the first maximum of its window, which is y; where that is a number, what is none beside it does not matter."""
    plans = planned(library, x.shape, axes, MAXIMUM, True)
    if plans is None or not y.min() > LOWEST:  # NaN is not greater, either
        return None
    forward, backward, size = plans
    x, g = channels_last(x), channels_last(g)
    dx = np.empty_like(x)
    places, unused = np.empty(size, np.uint8), np.empty_like(g)
    forward(address(x), address(unused), address(places))
    backward(address(g), address(places), address(dx))
    return dx


def window_sum(library: Library, x: Any, axes: Axes) -> Any:
    """The sum of each window."""
    plans = planned(library, x.shape, axes, MEAN, False)
    if plans is None:
        return None
    x = channels_last(x)
    y = empty_channels_last(x, (*x.shape[:2], *(axis.out for axis in axes)), x.dtype)
    plans[0](address(x), address(y))
    y *= prod([axis.size for axis in axes])
    return y


def window_spread(library: Library, g: Any, lengths: tuple[int, ...], axes: Axes) -> Any:
    """Each g to all elements of its window, added up."""
    shape = (*g.shape[:2], *lengths)
    plans = planned(library, shape, axes, MEAN, True)
    if plans is None:
        return None
    g = channels_last(g)
    dx, whole = empty_channels_last(g, shape, g.dtype), g * np.float32(prod([axis.size for axis in axes]))
    plans[1](address(whole), address(dx))
    return dx


@lru_cache(dnn.KEPT)
def planned(library: Library, shape: tuple[int, ...], axes: Axes, what: int, back: bool) -> Any:
    """How to pool, forward; or, forward noting the places, and backward, and the size of the notes."""
    if len(axes) != len(shape) - 2 or len(axes) > 3 or 0 in shape:
        return None
    out = (*shape[:2], *(axis.out for axis in axes))
    x, y = (layout(library, s, strides_channels_last(s)) for s in (shape, out))
    after = [max(axis.hi, axis.span - axis.length - axis.lo) for axis in axes]
    sliding = [integers([getattr(axis, name) for axis in axes]) for name in ("stride", "size")]
    sliding += [integers([axis.dilation - 1 for axis in axes]), integers([axis.lo for axis in axes]), integers(after)]
    try:
        forward = description(library, "pooling_forward", dnn.FORWARD_TRAINING if back else dnn.FORWARD_INFERENCE, what, x, y, *sliding)
        if not back:
            return (Plan(library, forward, [(dnn.SRC, x), (dnn.DST, y)]),)
        backward = description(library, "pooling_backward", what, x, y, *sliding, forward)
        if what == MEAN:
            return None, Plan(library, backward, [(dnn.DIFF_DST, y), (dnn.DIFF_SRC, x)])
        places = library.query_md(forward.handle, QUERIES[dnn.WORKSPACE], 0)
        return (Plan(library, forward, [(dnn.SRC, x), (dnn.DST, y), (dnn.WORKSPACE, places)]),
                Plan(library, backward, [(dnn.DIFF_DST, y), (dnn.WORKSPACE, places), (dnn.DIFF_SRC, x)]),
                int(library.memory_desc_get_size(places)))
    except Refused:
        return None
