"""How does a network shrink an image by less than one half at a time?

Max-pooling over regions that are chosen at random, so that on average they lie length / out apart, a number that is no integer.
Each draw looks at the image a little differently, which regularises. (Graham 2014, "Fractional max-pooling".)

Read next: `upsample.py`.
"""

from __future__ import annotations

from typing import Any

from autograd import ops
from autograd.random import generator
from nn.axes import check_axes, each, for_axes
from nn.module import Module
from nn.parameter import Buffer


def fractional_max_pool(n: int, x: Any, kernel_size: Any, output_size: Any = None, output_ratio: Any = None, return_indices: bool = False,
                        _random_samples: Any = None, rng: Any = None) -> Any:
    """The maxima of regions at random places.

    x:             (N, C, *lengths) or (C, *lengths)
    kernel_size:   of the regions: an integer, or one for each axis
    output_size:   how many regions along each axis; or instead
    output_ratio:  their number divided by the length, between 0 and 1
    return_indices:   return (y, where the maxima are): positions in the flattened lengths
    _random_samples:  (N, C, n) numbers in [0, 1) that choose the places; default: drawn from `rng`
    """
    what = f"fractional_max_pool{n}d"
    batch = x.shape[: len(x.shape) - n]
    check_axes(what, x.shape, n)
    out = each(what, "output_size", output_size, n) if output_size is not None else tuple(
        int(length * r) for length, r in zip(x.shape[-n:], ratios(what, output_ratio, n)))
    if _random_samples is None:
        u = generator(rng).random((*batch, n))
    else:
        u = _random_samples if len(_random_samples.shape) == len(batch) + 1 else _random_samples[0]
        u = u[..., ::-1] if n == 2 else u  # PyTorch's samples for images say width before height
    y = ops.fractional_max_pool(x, u, each(what, "kernel_size", kernel_size, n), out)
    return (y, ops.fractional_index(x, u, each(what, "kernel_size", kernel_size, n), out)) if return_indices else y


def ratios(what: str, ratio: Any, n: int) -> tuple[float, ...]:
    values = tuple(ratio) if isinstance(ratio, (tuple, list)) else (ratio,) * n
    if len(values) != n or any(not isinstance(r, (int, float)) or not 0 < r < 1 for r in values):
        raise ValueError(f"{what}: give output_size, or output_ratio between 0 and 1, for all or for each of {n} axes, and not {ratio!r}")
    return values


fractional_max_pool2d, fractional_max_pool3d = for_axes(fractional_max_pool)[1:]


class FractionalMaxPool(Module):
    """The maxima of regions at random places, a new choice for each call, image and channel.

    kernel_size:   of the regions: an integer, or one for each axis
    output_size:   how many regions along each axis; or instead
    output_ratio:  their number divided by the length, between 0 and 1
    return_indices:  return (y, where the maxima are)
    eval_draws:    in evaluation: None draws as in training (PyTorch); 0 takes the regions of u = 1/2, evenly spread and always the
                   same; k > 0 averages over k draws, as Graham averages the predictions of several passes
    rng:           where the places come from; see `autograd.random`
    _random_samples:  (N, C, n) numbers in [0, 1) that choose the places, instead of drawing (PyTorch's name)
    """

    axes: int

    def __init__(self, kernel_size: Any, output_size: Any = None, output_ratio: Any = None, return_indices: bool = False,
                 _random_samples: Any = None, *, eval_draws: int | None = None, rng: Any = None) -> None:
        what = type(self).__name__
        each(what, "kernel_size", kernel_size, self.axes)
        if (output_size is None) == (output_ratio is None):
            raise ValueError(f"{what}: give either output_size or output_ratio")
        if output_size is not None:
            each(what, "output_size", output_size, self.axes)
        else:
            ratios(what, output_ratio, self.axes)
        if eval_draws is not None and (not isinstance(eval_draws, int) or eval_draws < 0 or (eval_draws > 1 and return_indices)):
            raise ValueError(f"{what}: eval_draws is None, 0 or a number of draws (1 with return_indices), not {eval_draws!r}")
        self.kernel_size, self.output_size, self.output_ratio = kernel_size, output_size, output_ratio
        self.return_indices, self.eval_draws = return_indices, eval_draws
        self.rng = None if rng is None else generator(rng)  # a seed starts one sequence of draws, not each draw
        self._random_samples = None if _random_samples is None else Buffer(_random_samples)

    def forward(self, x: Any) -> Any:
        batch = self.shape_of(x)[: -self.axes]
        check_axes(self.place(), x.shape, self.axes)
        if self.training or self.eval_draws is None:
            return self.pooled(x, self._random_samples)
        if self.eval_draws == 0:
            return self.pooled(x, ops.broadcast_to(0.5, (*batch, self.axes)))
        total = self.pooled(x, None)
        for _ in range(self.eval_draws - 1):
            total = total + self.pooled(x, None)
        return total if self.eval_draws == 1 else total / self.eval_draws

    def pooled(self, x: Any, samples: Any) -> Any:
        return fractional_max_pool(self.axes, x, self.kernel_size, self.output_size, self.output_ratio, self.return_indices, samples,
                                   self.rng)

    def extra_repr(self) -> str:
        size = f"output_size={self.output_size}" if self.output_size is not None else f"output_ratio={self.output_ratio}"
        return f"kernel_size={self.kernel_size}, {size}" + (f", eval_draws={self.eval_draws}" if self.eval_draws is not None else "")


class FractionalMaxPool2d(FractionalMaxPool):
    """`FractionalMaxPool` for images (N, C, H, W)."""

    axes = 2


class FractionalMaxPool3d(FractionalMaxPool):
    """`FractionalMaxPool` for volumes (N, C, D, H, W)."""

    axes = 3
