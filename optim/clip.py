"""What if a gradient is too large?

Then it is cut: to a length (`clip_grad_norm_`: the direction stays), or element by element (`clip_grad_value_`). Both change
the gradients of the parameters in place, between backward and step. (Pascanu, Mikolov & Bengio 2013.)

Read next: `averaging.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import inf, isfinite
from typing import Any

import numpy as np

from autograd.node import effect
from autograd.tensor import Tensor
from autograd.writing import borrow


def gradients(parameters: Tensor | Iterable[Tensor]) -> list[Tensor]:
    """The gradients there are, of one parameter or several."""
    if hasattr(parameters, "named_parameters"):
        raise TypeError(f"clipping takes parameters, not {type(parameters).__name__}: write model.parameters()")
    given = [parameters] if isinstance(parameters, Tensor) else list(parameters)
    for p in given:
        if not isinstance(p, Tensor):
            raise TypeError(f"clipping takes parameters, such as model.parameters(), not {type(p).__name__}")
    return [p.grad for p in given if p.grad is not None]


def get_total_norm(tensors: Tensor | Iterable[Any], norm_type: float = 2.0, error_if_nonfinite: bool = False) -> float:
    """The norm of all elements of all arrays or Tensors, as if they were one long vector: (sum |x|^norm_type)^(1 / norm_type).

    Raises RuntimeError for a norm that is infinite or NaN, if asked to.
    """
    p = float(norm_type)
    given = [tensors] if isinstance(tensors, Tensor) else list(tensors)
    norms = [norm(x._array if isinstance(x, Tensor) else np.asarray(x), p) for x in given if x.size]
    total = float(np.linalg.norm(norms, p)) if norms else 0.0
    if error_if_nonfinite and not isfinite(total):
        raise RuntimeError(f"the norm of order {norm_type} of the gradients is {total}, so they cannot be clipped; nothing was changed. "
                           "To skip such steps, set optimizer.skip_nonfinite = True")
    return total


def norm(x: Any, order: float) -> float:
    """The norm of the elements of x, of whatever shape."""
    flat = x.reshape(-1)
    return float(np.sqrt(flat.dot(flat)) if order == 2 and flat.dtype.kind == "f" else np.linalg.norm(flat, order))


@effect(number=True)
def clip_grad_norm_(parameters: Tensor | Iterable[Tensor], max_norm: float, norm_type: float = 2.0,
                    error_if_nonfinite: bool = False) -> float:
    """g <- g min(1, max_norm / (norm + 1e-6)), with the norm of all gradients together. Returns that norm, as it was before.

    parameters:          whose gradients are clipped; those without one are passed over
    norm_type:           2, 1, any other order, or inf for the largest element
    error_if_nonfinite:  raise RuntimeError, and change nothing, if the norm is infinite or NaN
    """
    if not max_norm >= 0:
        raise ValueError(f"max_norm must be a number of at least 0, not {max_norm!r}")
    grads = gradients(parameters)
    total = get_total_norm(grads, norm_type, error_if_nonfinite)
    factor = float(max_norm) / (total + 1e-6)
    if not factor >= 1:  # smaller, or NaN
        for grad in grads:
            change(grad, lambda g: np.multiply(g, factor, out=g))
    return total


@effect()
def clip_grad_value_(parameters: Tensor | Iterable[Tensor], clip_value: float) -> None:
    """g <- min(max(g, -clip_value), clip_value), element by element."""
    if not 0 <= clip_value <= inf:
        raise ValueError(f"clip_value must be a number of at least 0, not {clip_value!r}")
    low, high = -float(clip_value), float(clip_value)
    for grad in gradients(parameters):
        change(grad, lambda g: np.clip(g, low, high, out=g))


def change(tensor: Tensor, call: Callable[[Any], Any]) -> None:
    """Change the values of a Tensor, by a function that keeps no view of them."""
    array = borrow(tensor)
    if array is None:
        with tensor.writing() as array:
            call(array)
        return
    try:
        call(array)
    finally:
        tensor._array = array
