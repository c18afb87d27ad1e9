"""Where does the randomness of one sample come from?

From three numbers, the seed, the epoch and the index of the sample, and from nothing else. So it does not matter which worker prepares
the sample, in which batch it lands, or whether the run was stopped and continued in between.

A generator for each sample would do that, but making one takes longer than cropping an image. So the draws are computed for a whole
batch at once: the three numbers are hashed to a key of 64 bits, and draw number n of a sample is the hash of its key plus n times a
constant (SplitMix64; Steele, Lea & Flood 2014, "Fast splittable pseudorandom number generators"):

    draw(n) = mix(key + (n + 1) * golden)          key = mix(mix(mix(seed) + epoch) + index), roughly

Draws of a sample are the same alone and in a batch, since they are a function of the key. `fork()` starts another sequence, so that one
step of a pipeline cannot shift the draws of the next.

Read next: `dataset.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np

from autograd.random import generator

Array = np.ndarray[Any, Any]

MASK = 2 ** 64 - 1
GOLDEN = 0x9E3779B97F4A7C15
"""2**64 divided by the golden ratio, odd."""


def mix(x: Array) -> Array:
    """Every bit of 64 depends on every bit of x (Stafford's variant 13 of the finaliser of MurmurHash3). x is uint64."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def key_of(*numbers: int) -> int:
    """One number of 64 bits from several, in their order."""
    key = np.zeros(1, np.uint64)
    for number in numbers:
        key = mix(key * np.uint64(3) + np.array([(number + 1) * GOLDEN & MASK], np.uint64))
    return int(key[0])


def checked_seed(seed: Any, name: str = "seed") -> int:
    """A seed or an epoch: an integer from 0 to 2**63 - 1."""
    if isinstance(seed, (bool, np.bool_)) or not isinstance(seed, (int, np.integer)) or not 0 <= seed < 2 ** 63:
        raise ValueError(f"{name} is an integer from 0 to 2**63 - 1, not {seed!r}")
    return int(seed)


# ---- which epoch is it? -------------------------------------------------------------------------------------------

EPOCH_0 = key_of(0, 0)
_root: ContextVar[int] = ContextVar("nn.data.root", default=EPOCH_0)


@contextmanager
def rooted(*numbers: int) -> Iterator[None]:
    """Inside, the draws of samples follow from these numbers and the index."""
    token = _root.set(key_of(*numbers))
    try:
        yield
    finally:
        _root.reset(token)


@contextmanager
def branch(number: int) -> Iterator[None]:
    """Inside, the draws are others: for a data set within a data set, whose samples have the same indices."""
    with rooted(_root.get(), number):
        yield


def draws_for(indices: Sequence[int] | Array) -> Draws:
    """The draws of these samples, in the epoch for which a loader is fetching; outside a loader, in epoch 0 with seed 0."""
    keys = np.asarray(indices, np.int64).reshape(-1).astype(np.uint64)
    return Draws(mix(keys * np.uint64(GOLDEN) + np.array([_root.get()], np.uint64)))


def sample_rng(index: int) -> np.random.Generator:
    """A generator for the `__getitem__` of your own data set: it depends on the loader's seed, the epoch and this index alone.

    >>> import nn.data
    >>> class Noisy:
    ...     def __len__(self):
    ...         return 4
    ...     def __getitem__(self, index):
    ...         return nn.data.sample_rng(index).normal()
    """
    return np.random.Generator(np.random.Philox(key=int(draws_for([index]).keys[0])))


# ---- draws --------------------------------------------------------------------------------------------------------


class Draws:
    """Random numbers for each sample of a batch: every method draws anew, the same count for each sample.

    keys:  uint64 (N,), one for each sample
    """

    __slots__ = ("keys", "used")

    def __init__(self, keys: Array) -> None:
        self.keys = keys
        self.used = 0

    @classmethod
    def of(cls, rng: Draws | np.random.Generator | int | None, n: int) -> Draws:
        """Draws for n samples: the given ones, or new ones from a generator, a seed, or (None) the default generator."""
        if isinstance(rng, Draws):
            if len(rng) != n:
                raise ValueError(f"there are draws for {len(rng)} samples, but the batch holds {n}")
            return rng
        return cls(generator(rng).integers(0, MASK, n, np.uint64, endpoint=True))

    def __len__(self) -> int:
        return len(self.keys)

    def __getitem__(self, which: Any) -> Draws:
        """The draws of some of the samples: by a mask, by indices or by a slice."""
        some = Draws(self.keys[which])
        some.used = self.used
        return some

    def fork(self) -> Draws:
        """Another, independent sequence for each sample."""
        return Draws(self._bits(1)[:, 0])

    def _bits(self, n: int) -> Array:
        steps = np.arange(self.used + 1, self.used + n + 1, dtype=np.uint64) * np.uint64(GOLDEN)
        self.used += n
        return mix(self.keys[:, None] + steps)

    def uniform(self, low: Any = 0.0, high: Any = 1.0, size: int | None = None) -> Array:
        """Between low and high, which may differ from sample to sample: float64 (N,) or (N, size)."""
        u = (self._bits(1 if size is None else size) >> np.uint64(11)) * 2.0 ** -53
        return low + (high - low) * (u[:, 0] if size is None else u)  # type: ignore[no-any-return]

    def integers(self, high: Any) -> Array:
        """From 0 to high - 1, where high may differ from sample to sample: int64 (N,)."""
        return np.asarray(self.uniform() * high).astype(np.int64)

    def chance(self, p: float) -> Array:
        """True with probability p: bool (N,)."""
        return self.uniform() < p

    def orders(self, n: int) -> Array:
        """A permutation of 0 ... n - 1 for each sample: (N, n)."""
        return self.uniform(size=n).argsort(axis=1, kind="stable")

    def normal(self, shape: tuple[int, ...], dtype: Any = np.float32) -> Array:
        """From the standard normal distribution: (N, *shape)."""
        values = np.empty((len(self), *shape), np.float64 if dtype == np.float64 else np.float32)
        for i, rng in enumerate(self.generators()):
            values[i] = rng.standard_normal(shape, values.dtype)
        return values

    def generators(self) -> Iterator[np.random.Generator]:
        """A NumPy generator for each sample in turn. Each is good until the next one is asked for: one object is keyed anew."""
        used, self.used = self.used, self.used + 1
        bits = np.random.Philox(key=0)
        start, rng = bits.state, np.random.Generator(bits)
        for key in self.keys:
            start["state"]["key"][:] = (key, used)
            bits.state = start
            yield rng
