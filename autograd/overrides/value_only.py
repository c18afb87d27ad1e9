"""How does a NumPy function run whose result has no gradient?

On the values: the Tensors among its arguments, in lists too, are replaced by their arrays, NumPy is called, and arrays that it
returns become constant Tensors. Three kinds differ in little. What looks at values is refused while a program is traced, because
it would be replayed with other ones. What looks at shapes and dtypes alone is always allowed. What makes a new array is asked
for with `like=`.

Read next: `../numpy/__init__.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.node import get_mode
from autograd.tensor import Tensor, constant_tensor


def tensors(x: Any) -> list[Tensor]:
    """The Tensors in a tree of lists, tuples and dicts."""
    if isinstance(x, Tensor):
        return [x]
    parts = x.values() if isinstance(x, dict) else x if isinstance(x, (list, tuple)) else ()
    return [t for part in parts for t in tensors(part)]


def unwrapped(x: Any) -> Any:
    """The same tree with arrays in place of Tensors."""
    if isinstance(x, Tensor):
        view = np.asarray(x._array).view()
        view.flags.writeable = False
        return view if view.ndim else x._array
    if isinstance(x, dict):
        return {key: unwrapped(part) for key, part in x.items()}
    if type(x) in (list, tuple):
        return type(x)(map(unwrapped, x))
    return x


def wrapped(y: Any) -> Any:
    """The same tree with constant Tensors in place of arrays."""
    if isinstance(y, (np.ndarray, np.generic)) and y.dtype.kind in "biufc":
        return constant_tensor(y if y.ndim else y[()])  # type: ignore[index]
    if isinstance(y, tuple) and hasattr(y, "_fields"):
        return type(y)(*map(wrapped, y))
    return type(y)(map(wrapped, y)) if type(y) in (list, tuple) else y


def constant(*trees: Any) -> bool:
    """Are all Tensors in these trees constants, and nobody writes down what is done to them? Then NumPy may do it."""
    return get_mode().observer is None and not any(t.node is not None for t in tensors(trees))


def values(function: Any) -> Callable[..., Any]:
    """For a function that looks at values."""

    def called(*args: Any, **kwargs: Any) -> Any:
        for t in tensors((args, kwargs)):
            t._refuse_while_traced(f"np.{function.__name__}")
        if isinstance(kwargs.get("out"), Tensor):
            raise TypeError(f"np.{function.__name__}(..., out=) a Tensor: its values cannot be written. Use what is returned.")
        return wrapped(function(*unwrapped(args), **unwrapped(kwargs)))

    called.__name__ = function.__name__
    return called


def shapes(function: Any) -> Callable[..., Any]:
    """For a function that looks at shapes and dtypes alone. Its result is NumPy's."""

    def called(*args: Any, **kwargs: Any) -> Any:
        return function(*unwrapped(args), **unwrapped(kwargs))

    called.__name__ = function.__name__
    return called


def made(function: Any) -> Callable[..., Any]:
    """For a function that makes an array: with `like=` a Tensor, it makes a constant Tensor."""

    def called(*args: Any, **kwargs: Any) -> Any:
        kwargs.pop("like", None)
        return wrapped(np.asarray(function(*args, **kwargs)))

    called.__name__ = function.__name__
    return called
