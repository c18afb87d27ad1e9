"""How does a list of Tensors become one Tensor?

NumPy asks nobody when it makes an array of a list, so `np.array([t1, t2])` cannot work there. These functions look into
the list first. If there is a Tensor in it, the parts are stacked, which is recorded; if not, NumPy does all of it.

Read next: `rows.py`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import ops
from autograd.ops.joining import holds_tensor, stacked
from autograd.tensor import Tensor


def array(object: Any, dtype: Any = None, *, copy: bool | None = True, order: str = "K", subok: bool = False, ndmin: int = 0,
          ndmax: int = 0, like: Any = None) -> Any:
    """A new array; of lists with Tensors in them a Tensor, recorded.

    object:  an array, a number, a Tensor, or nested lists of them
    ndmin:   new axes are put in front until there are so many
    The other arguments are NumPy's. (How a Tensor lies in memory is not promised: for it `order` changes nothing.)

    >>> import autograd.numpy as np
    >>> from autograd import tensor
    >>> x = tensor(2.0, requires_grad=True)
    >>> np.array([[x, 1.0], [0.0, x * x]])
    tensor([[2., 1.],
            [0., 4.]], node=<stack>)

    Raises ValueError if the parts of a list have different shapes.
    """
    if like is None and not holds_tensor(object):
        more = {"ndmax": ndmax} if ndmax else {}
        return np.array(object, dtype, copy=copy, order=order, subok=subok, ndmin=ndmin, **more)  # type: ignore[call-overload]
    return recorded(object, dtype, bool(copy), ndmin)


def recorded(x: Any, dtype: Any = None, copy: bool = False, ndmin: int = 0) -> Tensor:
    """x as a Tensor, whatever it is made of."""
    y = as_tensor(x, dtype)
    if copy and y is x:
        y = ops.copy(y)
    return ops.reshape(y, (1,) * (ndmin - y.ndim) + y.shape) if y.ndim < ndmin else y


def as_tensor(x: Any, dtype: Any = None) -> Any:
    """x as a Tensor: itself, or its parts joined."""
    y = stacked(x)
    if not isinstance(y, Tensor):
        y = Tensor(y)
    return y if dtype is None or y.dtype == dtype else ops.astype(y, dtype)


def asarray(a: Any, dtype: Any = None, order: Any = None, *, device: Any = None, copy: bool | None = None, like: Any = None) -> Any:
    """a itself if it is an array or a Tensor already, else what `array` makes of it."""
    if like is None and not holds_tensor(a):
        return np.array(a, dtype, copy=copy, order=order or "K")
    return recorded(a, dtype, bool(copy))


def asanyarray(a: Any, dtype: Any = None, order: Any = None, *, device: Any = None, copy: bool | None = None, like: Any = None) -> Any:
    """As `asarray`; subclasses of NumPy's array stay what they are."""
    if like is None and not holds_tensor(a):
        return np.array(a, dtype, copy=copy, order=order or "K", subok=True)
    return recorded(a, dtype, bool(copy))


def ascontiguousarray(a: Any, dtype: Any = None, *, like: Any = None) -> Any:
    """As `asarray`, and with at least one axis; arrays are made contiguous."""
    if like is None and not holds_tensor(a):
        return np.ascontiguousarray(a, dtype)
    return recorded(a, dtype, ndmin=1)


def asfortranarray(a: Any, dtype: Any = None, *, like: Any = None) -> Any:
    """As `asarray`; arrays lie in memory with the first axis fastest."""
    if like is None and not holds_tensor(a):
        return np.asfortranarray(a, dtype)
    return recorded(a, dtype)


def require(a: Any, dtype: Any = None, requirements: Any = None, *, like: Any = None) -> Any:
    """As `asarray`; arrays are made to lie in memory as required. A Tensor cannot be written to, so 'W' is refused for it."""
    if like is None and not holds_tensor(a):
        return np.require(a, dtype, requirements)
    wanted = {str(r).upper() for r in (requirements if not isinstance(requirements, str) else [requirements])} if requirements else set()
    if wanted & {"W", "WRITEABLE"}:
        raise TypeError("np.require(x, requirements='W'): the memory of a Tensor cannot be written. Write x[...] = v, or take "
                        "x.detach().numpy().copy().")
    return recorded(a, dtype)


def full(shape: Any, fill_value: Any, dtype: Any = None, order: Any = "C", *, device: Any = None, like: Any = None) -> Any:
    """An array of this shape full of one value, or of a row of values, broadcast; gradients flow to a Tensor."""
    if like is None and not holds_tensor(fill_value):
        return np.full(shape, fill_value, dtype, order)
    return ops.broadcast_to(as_tensor(fill_value, dtype), shape)
