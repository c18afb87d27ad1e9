r"""How does a network learn not to rely on any single number?

By losing some of them at random while it trains. What is left is scaled up, so that its expectation is what it would be
without ("inverted dropout", CS231n), and nothing needs to be done in use: after `eval()` each of these is the identity.

    Dropout           single numbers                         x * m / (1 - p),    m = 1 with probability 1 - p, else 0
    Dropout1d-3d      whole channels
    AlphaDropout      single numbers, keeping mean and variance for SELU
    DropConnect       single weights of a linear layer
    StochasticDepth   whole branches of a residual network

Masks come from `rng=`, or from the default generator (`autograd.random.seed`); a checkpointed computation draws the same ones twice.

Read next: `embedding.py`.
"""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, Any

from autograd import ops
from autograd.interchange import unchanging
from autograd.random import generator
from nn import init
from nn.linear import Linear
from nn.module import Module

if TYPE_CHECKING:
    from numpy.typing import DTypeLike


def check_probability(p: Any, name: str = "p") -> float:
    if not 0 <= p <= 1:
        raise ValueError(f"{name} is the probability to drop something, between 0 and 1, not {p!r}")
    return float(p)


def kept(x: Any, shape: tuple[int, ...], p: float, rng: init.Rng) -> Any:
    """1 with probability 1 - p, else 0: a constant of this shape, in the dtype of x."""
    mask = (generator(rng).random(shape, dtype="float32") >= p).astype(x.dtype)
    return unchanging(mask)


def masked(x: Any, shape: tuple[int, ...], p: float, rng: init.Rng) -> Any:
    """x with a share p dropped and the rest scaled by 1 / (1 - p), together wherever `shape` has length 1."""
    if p == 0:
        return x
    if p == 1:
        return x * 0
    mask = (generator(rng).random(shape, dtype="float32") >= p) * x.dtype.type(1 / (1 - p))
    return x * unchanging(mask)


def dropout(x: Any, p: float = 0.5, training: bool = True, rng: init.Rng = None) -> Any:
    """x * m / (1 - p) with m = 0 with probability p, else 1, for each number; x itself if not `training`.

    (Srivastava et al. 2014; CS231n, "Setting up the data and the model", inverted dropout.)
    """
    check_probability(p)
    return masked(x, x.shape, p, rng) if training else x


def channel_dropout(x: Any, n: int, p: float, training: bool, rng: init.Rng) -> Any:
    """`dropout` of whole channels, for x of shape (N, C, *space), or (C, *space), with n axes of space."""
    check_probability(p)
    channels = len(x.shape) - n
    if channels not in (1, 2):
        raise ValueError(f"dropout{n}d takes (N, C, *space) or (C, *space) with {n} axes of space, but the input has shape {x.shape}")
    return masked(x, x.shape[:channels] + (1,) * n, p, rng) if training else x


def dropout1d(x: Any, p: float = 0.5, training: bool = True, rng: init.Rng = None) -> Any:
    """`dropout` of whole channels; x is (N, C, L) or (C, L)."""
    return channel_dropout(x, 1, p, training, rng)


def dropout2d(x: Any, p: float = 0.5, training: bool = True, rng: init.Rng = None) -> Any:
    """`dropout` of whole channels; x is (N, C, H, W) or (C, H, W)."""
    return channel_dropout(x, 2, p, training, rng)


def dropout3d(x: Any, p: float = 0.5, training: bool = True, rng: init.Rng = None) -> Any:
    """`dropout` of whole channels; x is (N, C, D, H, W) or (C, D, H, W)."""
    return channel_dropout(x, 3, p, training, rng)


SATURATED = -1.7580993408473766  # where SELU ends on the left, - scale * alpha


def alpha_masked(x: Any, shape: tuple[int, ...], p: float, rng: init.Rng) -> Any:
    """a (m x + (1 - m) s) + b: what is dropped becomes s, where SELU saturates; a and b restore mean 0 and variance 1."""
    if p == 0:
        return x
    if p == 1:
        return x * 0
    a = 1 / sqrt((1 - p) * (1 + p * SATURATED**2))
    b = -a * p * SATURATED
    mask = kept(x, shape, p, rng)
    return x * (a * mask) + (a * SATURATED * (1 - mask) + b)


def alpha_dropout(x: Any, p: float = 0.5, training: bool = True, rng: init.Rng = None) -> Any:
    """Dropout that keeps mean 0 and variance 1. (Klambauer et al. 2017, "Self-normalizing neural networks".)"""
    check_probability(p)
    return alpha_masked(x, x.shape, p, rng) if training else x


def feature_alpha_dropout(x: Any, p: float = 0.5, training: bool = True, rng: init.Rng = None) -> Any:
    """`alpha_dropout` of whole channels; x is (N, C, *space)."""
    check_probability(p)
    return alpha_masked(x, x.shape[:2] + (1,) * (len(x.shape) - 2), p, rng) if training else x


def stochastic_depth(x: Any, p: float, mode: str, training: bool = True, rng: init.Rng = None) -> Any:
    """`dropout` of everything at once ('batch') or of whole examples ('row'); x is (N, ...). (torchvision's name and arguments.)"""
    check_probability(p)
    if mode not in ("batch", "row"):
        raise ValueError(f"mode is 'batch' (drop all examples or none) or 'row' (each by itself), not {mode!r}")
    rows = x.shape[0] if mode == "row" else 1
    return masked(x, (rows,) + (1,) * (len(x.shape) - 1), p, rng) if training else x


# ---- the layers -----------------------------------------------------------------------------------------------------


class Dropout(Module):
    """x * m / (1 - p) in training, with m = 0 with probability p, else 1, for each number by itself; x in use.

    p:    the probability to drop
    rng:  where the masks come from: a `numpy.random.Generator`, a seed, or the default generator

    (Srivastava et al. 2014, "Dropout: a simple way to prevent neural networks from overfitting"; CS231n assignment 2.)
    """

    def __init__(self, p: float = 0.5, *, rng: init.Rng = None) -> None:
        self.p = check_probability(p)
        self.rng = rng if rng is None else generator(rng)

    def forward(self, x: Any) -> Any:
        self.shape_of(x)
        return dropout(x, self.p, self.training, self.rng)

    def extra_repr(self) -> str:
        return f"p={self.p}"


class Dropout1d(Dropout):
    """`Dropout` of whole channels of x, (N, C, L) or (C, L). (Tompson et al. 2015.)"""

    def forward(self, x: Any) -> Any:
        self.shape_of(x)
        return dropout1d(x, self.p, self.training, self.rng)


class Dropout2d(Dropout):
    """`Dropout` of whole channels of x, (N, C, H, W) or (C, H, W)."""

    def forward(self, x: Any) -> Any:
        self.shape_of(x)
        return dropout2d(x, self.p, self.training, self.rng)


class Dropout3d(Dropout):
    """`Dropout` of whole channels of x, (N, C, D, H, W) or (C, D, H, W)."""

    def forward(self, x: Any) -> Any:
        self.shape_of(x)
        return dropout3d(x, self.p, self.training, self.rng)


class AlphaDropout(Dropout):
    """Dropout for SELU networks: what is dropped becomes -1.758, and a linear map keeps mean 0 and variance 1.

    (Klambauer et al. 2017, "Self-normalizing neural networks".)
    """

    def forward(self, x: Any) -> Any:
        self.shape_of(x)
        return alpha_dropout(x, self.p, self.training, self.rng)


class FeatureAlphaDropout(Dropout):
    """`AlphaDropout` of whole channels of x, (N, C, *space)."""

    def forward(self, x: Any) -> Any:
        self.shape_of(x)
        return feature_alpha_dropout(x, self.p, self.training, self.rng)


class StochasticDepth(Dropout):
    """`Dropout` of a whole residual branch: y = x + StochasticDepth(p, 'row')(branch(x)).

    p:     the probability to drop it
    mode:  'batch': for all examples or none; 'row': for each example by itself

    (Huang et al. 2016, "Deep networks with stochastic depth"; torchvision's `StochasticDepth`, scaled in training, not in use.)
    """

    def __init__(self, p: float, mode: str = "batch", *, rng: init.Rng = None) -> None:
        super().__init__(p, rng=rng)
        if mode not in ("batch", "row"):
            raise ValueError(f"mode is 'batch' (drop all examples or none) or 'row' (each by itself), not {mode!r}")
        self.mode = mode

    def forward(self, x: Any) -> Any:
        self.shape_of(x)
        return stochastic_depth(x, self.p, self.mode, self.training, self.rng)

    def extra_repr(self) -> str:
        return f"p={self.p}, mode={self.mode!r}"


class DropConnect(Linear):
    """y = x (W * M / (1 - p))^T + b in training, with M = 0 with probability p, else 1, for each weight by itself; a `Linear` in use.

    in_features, out_features, bias, dtype, rng:  as for `Linear`; `rng` draws the initial weights and then the masks
    p:  the probability to drop a weight

    One mask for the whole batch. (Wan et al. 2013, "Regularization of neural networks using DropConnect", where use is approximated
    by a Gaussian; here by its mean, as in dropout.)
    """

    def __init__(self, in_features: int, out_features: int, p: float = 0.5, bias: bool = True, *, dtype: DTypeLike | None = None,
                 rng: init.Rng = None) -> None:
        self.p = check_probability(p)
        self.rng = rng if rng is None else generator(rng)
        super().__init__(in_features, out_features, bias, dtype=dtype, rng=self.rng)

    def forward(self, x: Any) -> Any:
        self.check(x)
        return ops.linear(x, dropout(self.weight, self.p, self.training, self.rng), self.bias)

    def extra_repr(self) -> str:
        return f"{super().extra_repr()}, p={self.p}"
