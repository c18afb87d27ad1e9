"""How does one definition serve signals, images and volumes?

Convolution and pooling slide over 1, 2 or 3 axes and do the same on each. They are written once, for n axes; what differs
between `conv1d`, `conv2d` and `conv3d` (PyTorch's names) is n.

Read next: `padding.py`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from autograd.ops.windows import per_axis

LENGTHS = {1: "L", 2: "H, W", 3: "D, H, W"}


def for_axes(f: Callable[..., Any]) -> list[Any]:
    """f(n, x, ...) as the three functions f1d(x, ...), f2d and f3d."""
    def over(n: int) -> Any:
        def bound(*args: Any, **options: Any) -> Any:
            return f(n, *args, **options)

        bound.__name__ = bound.__qualname__ = f"{f.__name__}{n}d"
        bound.__module__, bound.__doc__ = f.__module__, f.__doc__
        signature = inspect.signature(f)
        bound.__signature__ = signature.replace(parameters=list(signature.parameters.values())[1:])  # type: ignore[attr-defined]
        return bound

    return [over(n) for n in (1, 2, 3)]


def each(what: str, name: str, value: Any, n: int, least: int = 1) -> tuple[int, ...]:
    """One integer for each of n axes; (3,) is 3 for all."""
    return per_axis(what, name, value[0] if isinstance(value, (tuple, list)) and len(value) == 1 else value, n, least)


def check_axes(what: str, shape: tuple[int, ...], n: int) -> bool:
    """Has x n axes to slide over? Returns whether it is a batch, (N, C, *lengths), and not one example, (C, *lengths)."""
    if len(shape) in (n + 1, n + 2):
        return len(shape) == n + 2
    right = "" if not 3 <= len(shape) <= 5 else f" For an input (N, C, {LENGTHS[len(shape) - 2]}) take its {len(shape) - 2}d sibling."
    if n > 1 and len(shape) == 2:
        right = f" Flat examples become images by x.reshape((N, C, {LENGTHS[n]}))."
    raise ValueError(f"{what} slides over {n} {'axes' if n > 1 else 'axis'} and takes (N, C, {LENGTHS[n]}) or (C, {LENGTHS[n]}), "
                     f"but the input has shape {shape}.{right}")
