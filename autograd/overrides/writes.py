"""What happens when NumPy writes into a Tensor: copyto, put, place, putmask, fill_diagonal, put_along_axis?

A Tensor is a value, so its handle gets another one, as in `x[i] = v`, with gradients to what was kept and to what was written.
An array cannot keep a gradient: to write a Tensor that has one into an array is refused.

Read next: `value_only.py`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import ops
from autograd.ops.shapes import as_array
from autograd.overrides.arguments import cast_by_rule
from autograd.overrides.value_only import tensors, unwrapped
from autograd.tensor import Tensor


def into_array(function: Any, *args: Any, **kwargs: Any) -> None:
    """NumPy's own function on an array: of Tensors only constants."""
    name = function.__name__
    for t in tensors((args, kwargs)):
        if t.node is not None:
            raise TypeError(f"np.{name}(a, ...): a is an array, which cannot keep the gradient of {t._describe()}. Make it a Tensor first, "
                            "a = autograd.tensor(a); then a is given the new value.")
        t._refuse_while_traced(f"np.{name}")
    function(*unwrapped(args), **unwrapped(kwargs))


def fitting(v: Any, x: Tensor, casting: Any, what: str) -> Any:
    """v in the dtype of x, if it may be cast. Python's numbers adapt."""
    if isinstance(v, (int, float, complex)) and not isinstance(v, np.generic):
        return np.asarray(v, np.result_type(x.dtype, v))
    return cast_by_rule(as_array(v), x.dtype, casting, what)


def copyto(dst: Any, src: Any, casting: Any = "same_kind", where: Any = True) -> None:
    """dst[...] = src, where the mask holds."""
    if not isinstance(dst, Tensor):
        return into_array(np.copyto, dst, src, casting=casting, where=where)
    v = fitting(src, dst, casting, "np.copyto")
    try:
        v = ops.broadcast_to(v, dst.shape)
    except ValueError:
        raise ValueError(f"np.copyto: values of shape {v.shape} do not broadcast to x, of shape {dst.shape}") from None
    dst.assign(ops.copy(v) if where is True else ops.where(where, v, dst), "np.copyto(x, v)")


def put(a: Any, ind: Any, v: Any, mode: str = "raise") -> None:
    """a.flat[ind] = v, the values being repeated if there are too few."""
    if not isinstance(a, Tensor):
        return into_array(np.put, a, ind, v, mode)
    a.assign(ops.set_flat(a, ind, v, mode), "np.put(x, indices, v)")


def place(arr: Any, mask: Any, vals: Any) -> None:
    """The first values into the places where the mask holds, in order."""
    if not isinstance(arr, Tensor):
        return into_array(np.place, arr, mask, vals)
    if np.size(mask) != arr.size:
        raise ValueError(f"np.place: the mask has {np.size(mask)} elements, and x has {arr.size}")
    arr.assign(ops.set_flat(arr, ops.flatnonzero(mask), vals), "np.place(x, mask, v)")


def putmask(a: Any, mask: Any, values: Any) -> None:
    """a.flat[i] = values[i], repeated in the size of a, where the mask holds."""
    if not isinstance(a, Tensor):
        return into_array(np.putmask, a, mask, values)
    v = fitting(values, a, "same_kind", "np.putmask")
    if v.shape != a.shape:
        v = ops.reshape(ops.take(v, np.arange(a.size), mode="wrap"), a.shape)
    a.assign(ops.where(ops.reshape(mask, a.shape), v, a), "np.putmask(x, mask, v)")


def fill_diagonal(a: Any, val: Any, wrap: bool = False) -> None:
    """a[i, i, ..., i] = val; wrap: begin again below, in a matrix of many rows."""
    if not isinstance(a, Tensor):
        return into_array(np.fill_diagonal, a, val, wrap)
    if a.ndim < 2:
        raise ValueError(f"np.fill_diagonal: an array of at least two dimensions, and not one of shape {a.shape}")
    marks = np.zeros(a.shape, bool)
    np.fill_diagonal(marks, True, wrap)
    a.assign(ops.set_flat(a, np.flatnonzero(marks), val), "np.fill_diagonal(x, v)")


def put_along_axis(arr: Any, indices: Any, values: Any, axis: int | None) -> None:
    """The values into the positions that indices give along an axis."""
    if not isinstance(arr, Tensor):
        return into_array(np.put_along_axis, arr, indices, values, axis)
    arr.assign(ops.set_along_axis(arr, indices, values, axis), "np.put_along_axis(x, indices, v, axis)")
