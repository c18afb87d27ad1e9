"""What do all losses share?

They compare an output with a target of the same shape, never broadcasting one against the other, and reduce many losses to one.

Read next: `classification.py`.
"""

from __future__ import annotations

from typing import Any

from autograd import ops
from autograd.node import get_mode
from autograd.ops.shapes import as_array
from nn.formula import Formula


class Loss(Formula):
    """A module that computes a loss. Arguments are PyTorch's; the deprecated `size_average` and `reduce` do not exist.

    reduction:  'mean', 'sum', or 'none' for the losses of all elements or examples
    """

    REDUCTIONS: tuple[str, ...] = ("mean", "sum", "none")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        check_reduction(getattr(self, "reduction", "mean"), self.REDUCTIONS)


def check_reduction(reduction: str, known: tuple[str, ...] = Loss.REDUCTIONS) -> None:
    if reduction not in known:
        raise ValueError(f"reduction is one of {', '.join(map(repr, known))}, not {reduction!r}")


def reduced(loss: Any, reduction: str) -> Any:
    """The losses as they are ('none'), their 'sum' or their 'mean'."""
    check_reduction(reduction)
    return loss if reduction == "none" else ops.sum(loss) if reduction == "sum" else ops.mean(loss)


def same_shape(name: str, x: Any, target: Any, what: str = "the target") -> tuple[Any, ...]:
    """Both as floating-point numbers. They are not broadcast: (N, 1) and (N,) would silently compare each with all."""
    if x.shape != target.shape:
        hint = ""
        if tuple(n for n in x.shape if n != 1) == tuple(n for n in target.shape if n != 1):
            hint = f" Write .reshape({x.shape}) if they mean the same."
        raise ValueError(f"{name} compares each element with its own, but the input has shape {x.shape} and {what} {target.shape}.{hint}")
    return numbers(x, target)


def weighted(name: str, loss: Any, weight: Any) -> Any:
    """The losses times weights that are broadcast to them."""
    if weight is None:
        return loss
    weight = as_array(weight)
    shape = loss.shape[len(loss.shape) - len(weight.shape):]
    if len(weight.shape) > len(loss.shape) or any(n not in (1, m) for n, m in zip(weight.shape, shape)):
        raise ValueError(f"{name}: weights of shape {weight.shape} do not fit losses of shape {loss.shape}")
    return loss * ops.astype(weight, loss.dtype)


def anywhere(condition: Any) -> bool:
    """Is it true anywhere? What is being traced (`autograd.trace`) has no values yet, and is not asked."""
    return not get_mode().traced and bool(ops.any(condition))


def numbers(*arrays: Any) -> tuple[Any, ...]:
    """Integers and booleans in the dtype of the first array that has neither, or as float64: in uint8, 1 - 255 would be 2."""
    dtype = next((x.dtype for x in arrays if x.dtype.kind in "fc"), "float64")
    return tuple([x if x.dtype.kind in "fc" else ops.astype(x, dtype) for x in arrays])
