"""How is one operation measured, in each library?

An operation is an `Op`: the shapes it is given, the same call in every library, and plain NumPy. "forward" runs it on arrays that
need no gradient; "both" runs it on arrays that do, and `backward` with a cotangent that is given. Nothing is compiled but JAX's, which
knows no other way: a single operation leaves nothing to a compiler; see the workloads of networks for that.

Images lie in memory as each library keeps them between its layers: ours and PyTorch's channels last have their channels last, PyTorch
itself has them first.

Read next: `layers.py`, `operations.py`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass
class Op:
    """shapes:  of the arrays that get gradients, float32
    call:      f(t, F, *arrays): t has arithmetic (`ops`, `torch`, `jax.numpy`), F has layers (`nn.functional` of both, `jax.nn`)
    plain:     f(*arrays) in NumPy: the result, and the way back
    more:      makes further arguments, of integers or truth values, from a generator
    others:    the call of a library that spells it another way
    distinct:  are all numbers different? What is sorted should be: equal numbers may go either way
    """

    shapes: tuple[tuple[int, ...], ...]
    call: Callable[..., Any]
    plain: Callable[..., Any]
    more: Callable[[Any], tuple[Any, ...]] = lambda rng: ()
    others: dict[str, Callable[..., Any]] = field(default_factory=dict)
    distinct: bool = False


def variants(table):
    """Two rows of each operation."""
    return {f"{name} {mode}": (name, mode) for name in table for mode in ("forward", "both")}


def inputs(op, mode):
    """The operation and "forward" or "both"; the arrays; further arguments; the cotangent."""
    rng = np.random.default_rng(0)
    arrays = [different(rng, shape) if op.distinct else rng.standard_normal(shape).astype(np.float32) for shape in op.shapes]
    more = op.more(rng)
    y, _ = op.plain(*arrays, *more)
    return op, mode, arrays, more, rng.standard_normal(np.shape(y)).astype(np.float32)


def different(rng, shape):
    """Numbers between -4 and 4 in disorder, no two the same."""
    n = int(np.prod(shape))
    return (rng.permutation(n).reshape(shape) * (8 / n) - 4).astype(np.float32)


def reference(op, mode, arrays, more, g):
    y, back = op.plain(*[array.astype(np.float64) for array in arrays], *more)
    if mode == "forward":
        return (y,)
    gradients = back(g.astype(np.float64))
    return (y, *(gradients if isinstance(gradients, tuple) else (gradients,)))


def onetape(op, mode, arrays, more, g):
    from autograd import ops, tensor
    from autograd.kernels.layout import channels_last
    from nn import functional as F

    def given(array):
        return channels_last(array) if array.ndim == 4 else array

    f, both = op.others.get("onetape", op.call), mode == "both"
    x = [tensor(given(array) if i == 0 else array, requires_grad=both) for i, array in enumerate(arrays)]
    g = tensor(given(g))

    def step():
        y = f(ops, F, *x, *more)
        if not both:
            return lambda: (y.data,)
        for a in x:
            a.grad = None
        y.backward(g)
        return lambda: (y.data, *(a.grad.data for a in x))

    return step


def torch(op, mode, arrays, more, g, last=False):
    import torch
    import torch.nn.functional as F

    def given(array):
        y = torch.tensor(array)
        return y.contiguous(memory_format=torch.channels_last) if last and y.ndim == 4 else y

    f, both = op.others.get("torch", op.call), mode == "both"
    x, more, g = [given(array).requires_grad_(both) for array in arrays], [torch.tensor(array) for array in more], given(g)

    def step():
        y = f(torch, F, *x, *more)
        if not both:
            return lambda: (y.numpy(),)
        for a in x:
            a.grad = None
        y.backward(g)
        return lambda: (y.detach().numpy(), *(a.grad.numpy() for a in x))

    return step


def jax(op, mode, arrays, more, g):
    import jax
    import jax.numpy as jnp

    call = op.others.get("jax", op.call)

    def f(*x):
        return call(jnp, jax.nn, *x, *more)

    @jax.jit
    def both(g, *x):
        y, back = jax.vjp(f, *x)
        return y, *back(g)

    x, g = [jnp.asarray(array) for array in arrays], jnp.asarray(g)
    forward = jax.jit(f)

    def step():
        found = jax.block_until_ready(both(g, *x) if mode == "both" else (forward(*x),))
        return lambda: [np.asarray(array) for array in found]

    step()
    return step
