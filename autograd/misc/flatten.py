"""How do parameters become one vector?

`flatten` strings the arrays of a tree together, those of a dict in the order of its sorted keys, and returns what undoes it.
Both directions record: an optimiser that knows only vectors (SciPy's, say) can fit any tree of parameters.

Read next: `optimizers.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autograd import ops
from autograd.tensor import Tensor


def flatten(value: Any) -> tuple[Any, Callable[[Any], Any]]:
    """The numbers of a tree of arrays as one vector, and the function that makes such a tree of such a vector.

    The vector has the common dtype of the arrays. Taken apart, each has its shape, and its dtype if it is a floating-point one.

    >>> import numpy as np
    >>> from autograd.misc import flatten
    >>> vector, unflatten = flatten({"w": np.ones((1, 2)), "b": 5.0})
    >>> vector
    array([5., 1., 1.])
    >>> unflatten(2 * vector)
    {'w': array([[2., 2.]]), 'b': np.float64(10.0)}
    """
    leaves = [leaf if isinstance(leaf, Tensor) else np.asarray(leaf) for leaf in sorted_leaves(value)]
    for leaf in leaves:
        if leaf.dtype.kind not in "biufc":
            raise TypeError(f"flatten: a tree of numbers is needed, and this one holds a leaf of {leaf.dtype}")
    shapes = [leaf.shape for leaf in leaves]
    dtypes = [leaf.dtype for leaf in leaves]
    ends = np.cumsum([0, *(leaf.size for leaf in leaves)]).tolist()
    vector = ops.concatenate([ops.reshape(leaf, (-1,)) for leaf in leaves]) if leaves else np.zeros(0)

    def unflatten(v: Any) -> Any:
        if np.shape(v._array if isinstance(v, Tensor) else v) != (ends[-1],):
            raise ValueError(f"unflatten: a vector of {ends[-1]} numbers is needed, and shape {np.shape(v)} was given")
        v = v if isinstance(v, Tensor) else np.asarray(v)
        parts = iter([part_of(v, a, b, shape, dtype) for a, b, shape, dtype in zip(ends, ends[1:], shapes, dtypes)])
        return rebuilt(value, parts)

    return vector, unflatten


def part_of(v: Any, start: int, end: int, shape: tuple[int, ...], dtype: Any) -> Any:
    part = ops.reshape(v[start:end], shape)
    if part.dtype != dtype and dtype.kind in "fc" and part.dtype.kind in "fc":
        part = (ops.real(part) if part.dtype.kind == "c" and dtype.kind == "f" else part).astype(dtype)
    return part if isinstance(part, Tensor) else part.copy()[()]


def sorted_leaves(tree: Any) -> Iterator[Any]:
    """The leaves of a tree, those of a dict in the order of its keys."""
    if isinstance(tree, dict):
        for key in sorted(tree):
            yield from sorted_leaves(tree[key])
    elif isinstance(tree, (list, tuple)):
        for child in tree:
            yield from sorted_leaves(child)
    elif tree is not None:
        yield tree


def rebuilt(tree: Any, parts: Iterator[Any]) -> Any:
    """A tree like this one, with other leaves."""
    if isinstance(tree, dict):
        made = {key: rebuilt(tree[key], parts) for key in sorted(tree)}
        return {key: made[key] for key in tree}
    if isinstance(tree, (list, tuple)):
        children = [rebuilt(child, parts) for child in tree]
        return type(tree)(*children) if hasattr(tree, "_fields") else type(tree)(children)
    return None if tree is None else next(parts)


def flatten_func(func: Callable[..., Any], example: Any) -> tuple[Callable[..., Any], Callable[[Any], Any], Any]:
    """A function of a tree as a function of a vector, that returns a vector; with `unflatten`, and the example as a vector.

    >>> from autograd.misc.flatten import flatten_func
    >>> f, unflatten, start = flatten_func(lambda p: [p["a"] * p["b"]], {"a": 2.0, "b": 5.0})
    >>> f(start)
    array([10.])
    """
    start, unflatten = flatten(example)
    return lambda vector, *args: flatten(func(unflatten(vector), *args))[0], unflatten, start
