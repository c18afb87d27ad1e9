"""What is a law?

A function of one call, `law(f, args, kwargs)`, that returns None or raises an AssertionError saying what is wrong. It is
written as a check of a `Call` (see `check.py`) and made a law by the decorator:

    @law
    def positive(call, tolerance, order):
        require(np.all(call.value(call.inputs) > 0), f"{call.__name__} is not positive")

Read next: `derivative_laws.py`, then `value_laws.py` and `memory_laws.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np

from autograd.check import Call
from autograd.differences import Array, bounded, plain
from autograd.node import Leaf
from autograd.tensor import Tensor, constant_tensor


class Law(Protocol):
    """A law: f, its positional and keyword arguments; the relative tolerance, and the highest order of derivative that exists.

    share:  of the examples that are drawn for other laws, how many are enough for this one
    """

    __name__: str
    share: float

    def __call__(self, f: Callable[..., Any], args: Sequence[Any], kwargs: dict[str, Any] | None = None, tolerance: float = 1e-8,
                 order: int = 2) -> None: ...


LAWS: dict[str, Law] = {}
"""Every law by name."""


def law(check: Callable[[Call, float, int], None], share: float = 1.0) -> Law:
    """Make a law of a check of a `Call`, and enter it in LAWS."""

    def holds(f: Callable[..., Any], args: Sequence[Any], kwargs: dict[str, Any] | None = None, tolerance: float = 1e-8,
              order: int = 2) -> None:
        check(Call(f, args, kwargs), tolerance, order)

    holds.__name__ = holds.__qualname__ = check.__name__
    holds.__doc__, holds.__module__ = check.__doc__, check.__module__
    holds.share = share  # type: ignore[attr-defined]
    LAWS[check.__name__] = holds  # type: ignore[assignment]
    return holds  # type: ignore[return-value]


def require(condition: Any, message: str) -> None:
    if not condition:
        raise AssertionError(message)


# ---- a call, in the forms the laws need -------------------------------------------------------------------------------


def scalar(x: Any) -> Any:
    """0-d arrays as NumPy scalars, which is what Tensors hold; other arrays unchanged."""
    return x if np.ndim(x) else np.asarray(x)[()]


def recorded(x: Any) -> Tensor:
    """A leaf on this very array: same memory, same layout."""
    return constant_tensor(scalar(x), Leaf(np.shape(x), x.dtype))


def cotangent(call: Call, seed: int = 0) -> Array:
    """A random cotangent of the results, as one vector."""
    here = call.value(call.inputs)
    return bounded(np.random.default_rng(seed), here.shape, here.dtype)


def same(a: Any, b: Any) -> bool:
    """Equal to the last bit, in shape and in dtype. (NaN equals NaN.)"""
    a, b = plain(a), plain(b)
    return a.shape == b.shape and a.dtype == b.dtype and np.array_equal(a, b, equal_nan=a.dtype.kind in "fc")


def close(a: Any, b: Any, tolerance: float, like: Any = 0.0) -> bool:
    """Equal up to rounding: relative to the largest element of a, b and `like`, because elements are sums of such."""
    a, b, like = plain(a), plain(b), plain(like)
    if a.shape != b.shape or a.dtype != b.dtype:
        return False
    size = max((float(np.abs(x[np.isfinite(x)]).max(initial=0.0)) for x in (a, b, like)), default=0.0)
    return bool(np.allclose(a, b, rtol=tolerance, atol=tolerance * size, equal_nan=True))


def differentiable(call: Call) -> bool:
    return bool(call.inputs) and call.value(call.inputs).size > 0
