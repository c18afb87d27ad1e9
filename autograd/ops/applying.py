"""Operations that apply a function of yours: to the elements a condition chooses, to each row, or over one axis after the other.

Your function is given Tensors, and whatever it computes with them has a gradient.

Read next: `fourier.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from autograd.ops.constants import any as any_of
from autograd.ops.indexing import getitem, set_item
from autograd.ops.joining import stack
from autograd.ops.shapes import as_array, astype, expand_dims, reshape, transpose


def conditions(condlist: Any, x: Any) -> list[Any]:
    """The conditions as arrays of truth values; one alone is a list of one."""
    if hasattr(condlist, "dtype"):
        alone = condlist.ndim == 0 or (condlist.ndim == 1 and x.ndim != 0)
    else:
        first = condlist if np.isscalar(condlist) else condlist[0]
        alone = np.isscalar(condlist) or (x.ndim != 0 and not isinstance(first, list) and getattr(first, "ndim", 0) == 0)
    return [astype(as_array(c), bool) for c in ([condlist] if alone else condlist)]


def piecewise(x: Any, condlist: Any, funclist: Any, *args: Any, **kw: Any) -> Any:
    """At the elements where condition i holds, function i of those elements; where several hold, the last one counts.

    condlist:  truth values, each in the shape of x
    funclist:  functions, called with the chosen elements (and *args, **kw), or numbers; one more than there are conditions for
               the elements where none holds. (Elsewhere the result is 0.)

    The result has the dtype of x.

    >>> import numpy as np
    >>> from autograd import elementwise_grad
    >>> elementwise_grad(lambda x: piecewise(x, [x < 0, x >= 0], [lambda x: -x, lambda x: x * x]))(np.array([-1.0, 3.0]))
    array([-1.,  6.])

    Raises ValueError for another number of functions; TypeError for fractions among integers, instead of rounding them.
    """
    x = as_array(x)
    conds, functions = conditions(condlist, x), list(funclist)
    if len(conds) == len(functions) - 1:
        conds.append(~any_of(stack(conds), 0) if conds else np.ones(x.shape, bool))
    if len(conds) != len(functions):
        raise ValueError(f"piecewise: {len(conds)} conditions need as many functions, or one more, but there are {len(functions)}")
    y: Any = np.zeros(x.shape, x.dtype)[()]
    for cond, function in zip(conds, functions):
        part: Any = function
        if callable(function):
            chosen = getitem(x, cond)
            if not chosen.size:
                continue
            part = function(chosen, *args, **kw)
        y = set_item(y, part, cond)
    return y


def apply_along_axis(func1d: Callable[..., Any], axis: int, arr: Any, *args: Any, **kwargs: Any) -> Any:
    """func1d of each row of arr along an axis; its results take the place of that axis.

    func1d:  from a 1-d Tensor (or array) to one of any shape, the same for all rows

    Raises ValueError if there is no row.
    """
    arr = as_array(arr)
    axis = normalize_axis_index(axis, arr.ndim)
    shape = arr.shape[:axis] + arr.shape[axis + 1:]
    if 0 in shape:
        raise ValueError(f"apply_along_axis: an array of shape {arr.shape} has no row along axis {axis}")
    rows = transpose(arr, (*[i for i in range(arr.ndim) if i != axis], axis))
    results = [as_array(func1d(rows[place], *args, **kwargs)) for place in np.ndindex(*shape)]
    y = reshape(stack(results), (*shape, *results[0].shape))
    n, inner = len(shape), results[0].ndim
    return transpose(y, (*range(axis), *range(n, n + inner), *range(axis, n)))


def apply_over_axes(func: Callable[..., Any], a: Any, axes: Any) -> Any:
    """func(a, axis) for one axis after the other; an axis that it takes away comes back with length 1.

    Raises ValueError if func returns another number of axes.
    """
    y = as_array(a)
    ndim = y.ndim
    for axis in (axes,) if np.ndim(axes) == 0 else axes:
        axis = int(axis) % ndim
        result = as_array(func(y, axis))
        if result.ndim == ndim - 1:
            result = expand_dims(result, axis)
        if result.ndim != ndim:
            raise ValueError(f"apply_over_axes: of an array with {ndim} axes the function returned one with shape {result.shape}: "
                             "it may keep the axis or take it away")
        y = result
    return y
