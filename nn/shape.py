"""How do features change their shape between layers?

    Flatten      (N, C, H, W) to (N, C H W)
    Unflatten    and back
    Identity     not at all

Read next: `lazy.py`.
"""

from __future__ import annotations

from math import prod
from typing import Any

from autograd import ops
from nn.module import Module


def flatten(x: Any, start_dim: int = 0, end_dim: int = -1) -> Any:
    """x with the axes from start_dim to end_dim, both included, as one."""
    n = max(len(x.shape), 1)
    if not (-n <= start_dim < n and -n <= end_dim < n and start_dim % n <= end_dim % n):
        raise ValueError(f"flatten: there are no axes from {start_dim} to {end_dim} in an input of shape {x.shape}")
    start, end = start_dim % n, end_dim % n
    return ops.reshape(x, (*x.shape[:start], prod(x.shape[start:end + 1]), *x.shape[end + 1:]))


def unflatten(x: Any, dim: int, sizes: tuple[int, ...]) -> Any:
    """x with axis `dim` as several axes of these sizes; one of them may be -1, which is what is left."""
    n = len(x.shape)
    if not -n <= dim < n:
        raise ValueError(f"unflatten: there is no axis {dim} in an input of shape {x.shape}")
    dim, known = dim % n, prod(size for size in sizes if size != -1)
    if sizes.count(-1) > 1 or (x.shape[dim] % known if -1 in sizes and known else known != x.shape[dim]):
        raise ValueError(f"unflatten: axis {dim} of an input of shape {x.shape} cannot be divided into {tuple(sizes)}")
    sizes = tuple(x.shape[dim] // known if size == -1 else size for size in sizes)
    return ops.reshape(x, (*x.shape[:dim], *sizes, *x.shape[dim + 1:]))


class Flatten(Module):
    """The axes from start_dim to end_dim, both included, as one; by default all but the batch.

    >>> import numpy as np, nn
    >>> nn.Flatten()(np.ones((5, 3, 32, 32))).shape
    (5, 3072)
    """

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        self.start_dim, self.end_dim = start_dim, end_dim

    def forward(self, x: Any) -> Any:
        self.shape_of(x)
        return flatten(x, self.start_dim, self.end_dim)

    def extra_repr(self) -> str:
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"


class Unflatten(Module):
    """Axis `dim` as several axes of sizes `unflattened_size`; one of them may be -1, which is what is left.

    >>> import numpy as np, nn
    >>> nn.Unflatten(1, (3, 32, 32))(np.ones((5, 3072))).shape
    (5, 3, 32, 32)
    """

    def __init__(self, dim: int, unflattened_size: Any) -> None:
        if not isinstance(unflattened_size, (tuple, list)) or not unflattened_size or any(not isinstance(n, int) for n in unflattened_size):
            raise TypeError(f"Unflatten: unflattened_size is a tuple of integers, not {unflattened_size!r}")
        self.dim, self.unflattened_size = dim, tuple(unflattened_size)

    def forward(self, x: Any) -> Any:
        self.shape_of(x)
        return unflatten(x, self.dim, self.unflattened_size)

    def extra_repr(self) -> str:
        return f"dim={self.dim}, unflattened_size={self.unflattened_size}"


class Identity(Module):
    """x, unchanged. Takes any arguments and ignores them, so that it can stand in the place of any layer."""

    def __init__(self, *args: Any, **options: Any) -> None:
        pass

    def forward(self, x: Any) -> Any:
        return x
