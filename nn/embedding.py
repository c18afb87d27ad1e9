"""How do words become vectors?

By looking them up: row i of a trained table is the vector of word i. Backward, each row gets the sum of the gradients of all
places where its word stood; a word that did not occur gets 0.

Read next: `recurrent.py`.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeVar

from autograd import Tensor, no_grad, ops, tensor
from autograd.node import get_mode
from nn import init
from nn.module import Module
from nn.parameter import Parameter

if TYPE_CHECKING:
    from numpy.typing import DTypeLike

E = TypeVar("E", bound="Embedding")


def embedding(x: Any, weight: Any, padding_idx: int | None = None, max_norm: float | None = None, norm_type: float = 2.0,
              scale_grad_by_freq: bool = False) -> Any:
    """weight[x]: row x of the table, for each integer in x. The arguments are those of `Embedding`."""
    if max_norm is not None:
        shorten(weight, x, max_norm, norm_type)
    y = ops.take(weight, x, 0)
    if scale_grad_by_freq:
        _, which, counts = ops.unique(x, return_inverse=True, return_counts=True)
        value = constant(y)
        y = value + (y - value) / ops.astype(ops.reshape(ops.take(counts, which), (*x.shape, 1)), y.dtype)
    if padding_idx is None:
        return y
    padding = ops.expand_dims(x == padding_idx % weight.shape[0], -1)
    return ops.where(padding, constant(weight[padding_idx]), y)


def constant(x: Any) -> Any:
    """The same values, to which no gradient flows."""
    return x.detach() if isinstance(x, Tensor) else x


def shorten(weight: Any, x: Any, max_norm: float, norm_type: float) -> None:
    """Scale down, in place, the rows x of the table that are longer than max_norm."""
    with no_grad():
        used = tensor(ops.unique(x))
        rows = ops.take(weight, used, 0)
        lengths = ops.p_norm(rows, norm_type, 1, True)
        rows = ops.where(lengths > max_norm, rows * (max_norm / (lengths + 1e-7)), rows)
        with weight.writing() as table:
            table[used.data] = rows.data


class Embedding(Module):
    """weight[x]: the row of a trained table for each integer in x.

    num_embeddings, embedding_dim:  how many rows, and how long they are
    padding_idx:  this row starts as 0 and gets no gradient, so it stays what it is
    max_norm:     rows longer than this are scaled down, in the table, when they are looked up
    norm_type:    how they are measured: the p of the p-norm
    scale_grad_by_freq:  divide the gradient of each row by how often it was looked up, so that frequent words do not learn faster?

    Shapes: x any, of integers; y (*x.shape, embedding_dim); weight (num_embeddings, embedding_dim), standard normal at first.

    >>> import numpy as np, nn
    >>> nn.Embedding(1000, 8)(np.array([[3, 1, 4], [1, 5, 9]])).shape
    (2, 3, 8)

    Raises IndexError for a number that is no row, TypeError for numbers that are not integers.
    """

    def __init__(self, num_embeddings: int, embedding_dim: int, padding_idx: int | None = None, max_norm: float | None = None,
                 norm_type: float = 2.0, scale_grad_by_freq: bool = False, *, dtype: DTypeLike | None = None, rng: init.Rng = None) -> None:
        if padding_idx is not None and not -num_embeddings <= padding_idx < num_embeddings:
            raise ValueError(f"padding_idx is one of the {num_embeddings} rows of the table, not {padding_idx}")
        self.num_embeddings, self.embedding_dim = num_embeddings, embedding_dim
        self.padding_idx = None if padding_idx is None else padding_idx % num_embeddings
        self.max_norm, self.norm_type, self.scale_grad_by_freq = max_norm, norm_type, scale_grad_by_freq
        self.weight = init.blank(num_embeddings, embedding_dim, dtype=dtype)
        self.reset_parameters(rng)

    def reset_parameters(self, rng: init.Rng = None) -> None:
        """Draw new initial values."""
        init.normal_(self.weight, rng=rng)
        if self.padding_idx is not None:
            with self.weight.writing() as table:
                table[self.padding_idx] = 0

    @classmethod
    def from_pretrained(cls: type[E], embeddings: Any, freeze: bool = True, **options: Any) -> E:
        """One with this table (num_embeddings, embedding_dim), which is not trained if it is frozen. Options are those of the class."""
        table = tensor(embeddings)
        if table.ndim != 2:
            raise ValueError(f"a table has two axes, (num_embeddings, embedding_dim), not the shape {table.shape}")
        layer = cls(table.shape[0], table.shape[1], **options)
        layer.weight = Parameter(table, not freeze)
        return layer

    def checked(self, x: Any) -> Any:
        """x, if there are such rows. A compiled function does not come by here again: there the look-up itself finds no row below 0."""
        self.check(x)
        return ops.where(x < 0, self.num_embeddings, x) if get_mode().lowered else x

    def check(self, x: Any) -> None:
        shape, n = self.shape_of(x), self.num_embeddings
        if x.dtype.kind not in "iu":
            raise TypeError(f"{self.place()} looks up integers, but the input holds {x.dtype}: convert it with .astype(int)")
        words = x._array if isinstance(x, Tensor) else x
        outside = (words < 0) | (words >= n)
        if outside.any():
            first, largest = int(words[outside][0]), int(words.max())
            fits = f"\nThe table that fits has {largest + 1} rows." if largest >= n else ""
            raise IndexError(f"{self.place()} has the rows 0 to {n - 1}, but the input, of shape {shape}, asks for row {first}.{fits}")

    def forward(self, x: Any) -> Any:
        x = self.checked(x)
        return embedding(x, self.weight, self.padding_idx, self.max_norm, self.norm_type, self.scale_grad_by_freq)

    def extra_repr(self) -> str:
        said = {"padding_idx": None, "max_norm": None, "norm_type": 2.0, "scale_grad_by_freq": False}
        options = [f", {name}={getattr(self, name)}" for name, default in said.items() if getattr(self, name) != default]
        return f"{self.num_embeddings}, {self.embedding_dim}{''.join(options)}"


class EmbeddingBag(Embedding):
    """The sum, mean or maximum of the rows of each bag of integers.

    mode:                 'sum', 'mean' or 'max'
    include_last_offset:  do the offsets end with the length of the input?
    The other arguments are those of `Embedding`; padding_idx does not count as an element of a bag.

    Called with x of shape (bags, length), or with x of shape (n,) and the positions `offsets` where the bags start; and for 'sum'
    with `per_sample_weights` in the shape of x. Returns (bags, embedding_dim); an empty bag gives 0.
    """

    def __init__(self, num_embeddings: int, embedding_dim: int, max_norm: float | None = None, norm_type: float = 2.0,
                 scale_grad_by_freq: bool = False, mode: str = "mean", include_last_offset: bool = False, padding_idx: int | None = None, *,
                 dtype: DTypeLike | None = None, rng: init.Rng = None) -> None:
        if mode not in ("sum", "mean", "max"):
            raise ValueError(f"mode is 'sum', 'mean' or 'max', not {mode!r}")
        self.mode, self.include_last_offset = mode, include_last_offset
        super().__init__(num_embeddings, embedding_dim, padding_idx, max_norm, norm_type, scale_grad_by_freq, dtype=dtype, rng=rng)

    def forward(self, x: Any, offsets: Any = None, per_sample_weights: Any = None) -> Any:
        x = self.checked(x)
        if per_sample_weights is not None and (self.mode != "sum" or per_sample_weights.shape != x.shape):
            raise ValueError(f"{self.place()}: per_sample_weights belong to mode='sum' and have the shape of the input, {x.shape}, "
                             f"not {per_sample_weights.shape}")
        if (len(x.shape) == 2) != (offsets is None) or len(x.shape) not in (1, 2):
            raise ValueError(f"{self.place()} takes (bags, length), or (n,) with offsets, but the input has shape {x.shape} and offsets "
                             f"{'are missing' if offsets is None else 'are given'}")
        inside = x == x
        if offsets is not None:  # lay the bags out as rows, filled up with what does not count
            starts = [int(i) for i in offsets] + ([] if self.include_last_offset else [x.shape[0]])
            bags = list(pairwise(starts))
            if not starts or starts[0] != 0 or starts[-1] != x.shape[0] or any(start > stop for start, stop in bags):
                raise ValueError(f"{self.place()}: offsets start at 0 and never descend; with include_last_offset they end with the "
                                 f"length of the input, {x.shape[0]}; but they are {[int(i) for i in offsets]}")
            longest = max([stop - start for start, stop in bags], default=0)
            positions = tensor([[i if i < stop else -1 for i in range(start, start + max(longest, 1))] for start, stop in bags])
            if not longest:
                return ops.take(self.weight, ops.take(positions, 0, 1) * 0, 0) * 0
            inside, x = positions >= 0, ops.take(x, positions, 0)
            per_sample_weights = None if per_sample_weights is None else ops.take(per_sample_weights, positions, 0)
        if self.padding_idx is not None:
            inside = inside & (x != self.padding_idx)
        rows = embedding(x, self.weight, None, self.max_norm, self.norm_type, self.scale_grad_by_freq)
        inside = ops.expand_dims(inside, -1)
        if self.mode == "max":
            some = ops.any(inside, 1)
            return ops.where(some, ops.max(ops.where(inside, rows, float("-inf")), 1), 0.0)
        if per_sample_weights is not None:
            rows = rows * ops.expand_dims(per_sample_weights, -1)
        total = ops.sum(ops.where(inside, rows, 0.0), 1)
        return total if self.mode == "sum" else total / ops.astype(ops.maximum(ops.sum(inside, 1), 1), total.dtype)

    def extra_repr(self) -> str:
        return f"{super().extra_repr()}, mode={self.mode!r}"
