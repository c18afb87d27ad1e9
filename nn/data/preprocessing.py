r"""In which form does a network see its input?

Around 0 and of size about 1: then the first layer's weights need not be large, small or unequal, and gradients do not all have one sign.
(CS231n, "Setting up the data and the model", data preprocessing.)

    MeanImage           x - mean image                       AlexNet (Krizhevsky et al. 2012, section 2)
    ChannelMean         x - mean of each channel             VGG (Simonyan & Zisserman 2014, section 2.1)
    ChannelStandardize  (x - mean) / deviation, by channel   ResNet (He et al. 2016, as implemented for ImageNet)
    MinMax              between 0 and 1, by channel
    PCA, ZCA            without correlations; see `whitening.py`

The numbers come from the training data alone: `fit(train)`, and the same are then used for validation and test. Each is a module that
holds them as buffers. So it can be the first layer of a model, and is saved and loaded with it; or a transform of a data set.

    scale = ChannelStandardize().fit(train)
    model = nn.Sequential(scale, resnet20())

Read next: `whitening.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

import numpy as np

from autograd import Tensor
from nn.call import joined
from nn.data.collate import collate
from nn.data.combined import fetched
from nn.data.dataset import check_finite
from nn.data.draws import Array, Draws
from nn.data.fetch import Names
from nn.module import Module
from nn.parameter import Buffer

Self = TypeVar("Self", bound="Preprocessing")
CHUNK = 1024


class Preprocessing(Module):
    """The base: `fit`, `transform`, `inverse`. Calling it transforms.

    dtype:  of the numbers it keeps

    A subclass names its numbers in `learned`, finds them in `found(chunks)`, and computes in `applied` and `undone`.
    """

    learned: tuple[str, ...] = ()

    def __init__(self, dtype: Any = np.float32) -> None:
        self.dtype = np.dtype(dtype)
        for name in self.learned:
            setattr(self, name, None)

    def fit(self: Self, data: Any) -> Self:
        """Find the numbers in training data. Returns itself.

        data:  an array (N, ...), or a data set, whose inputs are taken, after its transforms

        Raises ValueError for no data, and for NaN, naming the sample.
        """
        found = self.found(Chunks(data))
        for name in self.learned:
            setattr(self, name, None)
            setattr(self, name, Buffer(np.asarray(found[name]), dtype=self.dtype))
        return self

    def transform(self, x: Any) -> Any:
        """One sample or a batch, in the new form: an array for an array, a Tensor for a Tensor."""
        return self.applied(self._checked(x))

    def inverse(self, x: Any) -> Any:
        """Back again: inverse(transform(x)) is x, but for rounding and what PCA left out."""
        self._fitted()
        return self.undone(x if isinstance(x, Tensor) else np.asarray(x))

    def forward(self, x: Any) -> Any:
        return self.transform(x)

    def batch(self, x: Array, draws: Draws) -> Any:
        """As a transform of a data set."""
        return self.transform(x)

    def found(self, chunks: Chunks) -> dict[str, Any]:
        raise NotImplementedError(f"{type(self).__name__} does not define found()")

    def applied(self, x: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__} does not define applied()")

    def undone(self, x: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__} does not define undone()")

    def _number(self, name: str, x: Any) -> Any:
        """What was learned, in the kind and the type of x."""
        held: Any = getattr(self, name)
        if isinstance(x, Tensor):
            return held
        return held.data.astype(x.dtype, copy=False) if x.dtype.kind == "f" else held.data

    def _fitted(self) -> None:
        if getattr(self, self.learned[0]) is None:
            raise RuntimeError(f"this {type(self).__name__} was not fitted: write .fit(training data) first, or load its state")

    def _checked(self, x: Any) -> Any:
        self._fitted()
        x = x if isinstance(x, Tensor) else np.asarray(x)
        if x.dtype.kind != "f":
            raise TypeError(f"{type(self).__name__} takes floating-point numbers, not {x.dtype}: for bytes put ToFloat() before it")
        shape = getattr(self, self.learned[0]).shape
        fits = x.shape[-len(shape):] if shape else ()
        if len(x.shape) not in (len(shape), len(shape) + 1) or any(n not in (1, m) for n, m in zip(shape, fits)):
            raise ValueError(f"this {type(self).__name__} was fitted to samples of shape {tuple(shape)} (1 is any length), and gets an "
                             f"input of shape {x.shape}")
        return x

    @contextmanager
    def _sized_by(self, state_dict: Mapping[str, Any], path: str) -> Iterator[None]:
        """A state tells the shapes of what was learned."""
        before = [getattr(self, name) for name in self.learned]
        keys = [joined(path, (name,)) for name in self.learned]
        missing = [key for key in keys if key not in state_dict]
        if missing and len(missing) < len(keys):
            raise RuntimeError(f"this state does not fit the {type(self).__name__} (nothing was changed): {', '.join(missing)} is missing")
        try:
            for name, key in zip(self.learned, keys):
                if hasattr(state_dict.get(key), "shape"):
                    object.__setattr__(self, name, Buffer(np.zeros(tuple(state_dict[key].shape)), dtype=self.dtype))
            yield
        except BaseException:
            for name, value in zip(self.learned, before):
                object.__setattr__(self, name, value)
            raise

    def extra_repr(self) -> str:
        held = getattr(self, self.learned[0])
        return "not fitted" if held is None else f"samples of {tuple(held.shape)}"


class Chunks:
    """Training data, some samples at a time, as float64."""

    def __init__(self, data: Any) -> None:
        self.data = data.data if isinstance(data, Tensor) else data
        if not hasattr(self.data, "__len__") or not hasattr(self.data, "__getitem__"):
            raise TypeError(f"fit() takes an array (N, ...) or a data set, not {type(data).__name__}")
        if len(self.data) == 0:
            raise ValueError("there is no data to fit to")
        if isinstance(self.data, np.ndarray) and (self.data.ndim < 2 or self.data.dtype.kind not in "fiu"):
            raise ValueError(f"fit() takes numbers (N, ...), N samples of some shape, not {self.data.dtype} of shape {self.data.shape}")

    def __iter__(self) -> Iterator[Array]:
        for start in range(0, len(self.data), CHUNK):
            rows = np.arange(start, min(start + CHUNK, len(self.data)))
            names = Names(self.data, rows)
            if isinstance(self.data, np.ndarray):
                x = self.data[start: start + CHUNK]
            else:
                batch = fetched(self.data, rows)
                batch = collate(batch, names) if isinstance(batch, list) else batch  # type: ignore[arg-type]
                x = batch if isinstance(batch, np.ndarray) else next(iter(batch.values())) if isinstance(batch, dict) else batch[0]
            check_finite(x, "the input", names.__getitem__)
            yield x.astype(np.float64)


def per_channel(x: Array) -> tuple[int, ...]:
    """The axes to sum over for one number per channel: all but axis 1, of (N, C, ...)."""
    return (0, *range(2, x.ndim))


class MeanImage(Preprocessing):
    """x - mean, where the mean over all training images is an image itself.

    >>> import numpy as np, nn.data
    >>> nn.data.MeanImage().fit(np.array([[1.0, 5.0], [3.0, 5.0]]))(np.array([[2.0, 6.0]]))
    array([[0., 1.]])
    """

    learned = ("mean",)
    mean: Any

    def found(self, chunks: Chunks) -> dict[str, Any]:
        return {"mean": sum(x.sum(axis=0) for x in chunks) / len(chunks.data)}

    def applied(self, x: Any) -> Any:
        return x - self._number("mean", x)

    def undone(self, x: Any) -> Any:
        return x + self._number("mean", x)


class ChannelMean(MeanImage):
    """x - mean, with one mean for each channel (for tables: each column)."""

    def found(self, chunks: Chunks) -> dict[str, Any]:
        return {"mean": moments(chunks)[0]}


class ChannelStandardize(Preprocessing):
    """(x - mean) / std, with one of both for each channel (for tables: each column). A channel that does not vary is not divided.

    >>> import numpy as np, nn.data
    >>> nn.data.ChannelStandardize().fit(np.array([[0.0, 5.0], [4.0, 5.0]]))(np.array([[4.0, 6.0]]))
    array([[1., 1.]])
    """

    learned = ("mean", "std")
    mean: Any
    std: Any

    def found(self, chunks: Chunks) -> dict[str, Any]:
        mean, variance = moments(chunks)
        std = np.sqrt(variance)
        return {"mean": mean, "std": np.where(std <= 1e-12 * (1 + np.abs(mean)), 1, std)}

    def applied(self, x: Any) -> Any:
        return (x - self._number("mean", x)) / self._number("std", x)

    def undone(self, x: Any) -> Any:
        return x * self._number("std", x) + self._number("mean", x)


def moments(chunks: Chunks) -> tuple[Array, Array]:
    """Mean and variance of each channel, (C, 1, ...), in one pass. (Chan, Golub & LeVeque 1979: how to join those of two parts.)"""
    n, mean, squares = 0, 0.0, 0.0
    for x in chunks:
        axes = per_channel(x)
        m = x.size // x.shape[1]
        mean_x = x.mean(axis=axes, keepdims=True)
        squares_x = np.square(x - mean_x).sum(axis=axes, keepdims=True)
        gap = mean_x - mean
        mean = mean + gap * m / (n + m)
        squares = squares + squares_x + np.square(gap) * n * m / (n + m)
        n += m
    return mean[0], squares[0] / n  # type: ignore[index]


class MinMax(Preprocessing):
    """(x - low) / (high - low), with the extremes of each channel: the training data lie in [0, 1]. One that does not vary becomes 0."""

    learned = ("low", "high")
    low: Any
    high: Any

    def found(self, chunks: Chunks) -> dict[str, Any]:
        ends = [(x.min(axis=per_channel(x), keepdims=True)[0], x.max(axis=per_channel(x), keepdims=True)[0]) for x in chunks]
        low, high = np.min([low for low, _ in ends], axis=0), np.max([high for _, high in ends], axis=0)
        return {"low": low, "high": np.where(high == low, low + 1, high)}

    def applied(self, x: Any) -> Any:
        low = self._number("low", x)
        return (x - low) / (self._number("high", x) - low)

    def undone(self, x: Any) -> Any:
        low = self._number("low", x)
        return x * (self._number("high", x) - low) + low
