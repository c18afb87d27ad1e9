"""In which order are the samples seen?

A sampler is an iterable of indices. Those here are a function of (seed, epoch): `set_epoch` is all the state they have, and the order of
any epoch can be had again. The loader sets the epoch by itself.

Read next: `fetch.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Sized
from typing import Any

import numpy as np

from nn.data.combined import checked_indices
from nn.data.draws import Array, checked_seed


class Sampler:
    """The base: a subclass defines `order()` and `__len__`. Your own sampler may be any iterable instead."""

    def __init__(self, seed: int = 0) -> None:
        self.seed, self.epoch = checked_seed(seed), 0

    def set_epoch(self, epoch: int) -> None:
        """The epoch whose order comes next."""
        self.epoch = checked_seed(epoch, "epoch")

    def rng(self) -> np.random.Generator:
        return np.random.default_rng([self.seed, self.epoch])

    def order(self) -> Array:
        """The indices of this epoch, int64."""
        raise NotImplementedError

    def __len__(self) -> int:
        raise NotImplementedError

    def __iter__(self) -> Iterator[int]:
        return iter(self.order().tolist())


class SequentialSampler(Sampler):
    """0, 1, 2, ...

    data_source:  the data set
    """

    def __init__(self, data_source: Sized) -> None:
        super().__init__()
        self.data_source = data_source

    def order(self) -> Array:
        return np.arange(len(self.data_source))

    def __len__(self) -> int:
        return len(self.data_source)


class RandomSampler(Sampler):
    """A permutation, or draws with replacement.

    data_source:  the data set
    replacement:  may a sample come more than once?
    num_samples:  how many; default: as many as there are. Without replacement more than that are several permutations
    seed:         of the order

    >>> import nn.data
    >>> sampler = nn.data.RandomSampler("abcdef", seed=1)
    >>> sorted(sampler), list(sampler) == list(sampler)
    ([0, 1, 2, 3, 4, 5], True)
    """

    def __init__(self, data_source: Sized, replacement: bool = False, num_samples: int | None = None, seed: int = 0) -> None:
        super().__init__(seed)
        if num_samples is not None and num_samples < 1:
            raise ValueError(f"num_samples is at least 1, and this is {num_samples}")
        self.data_source, self.replacement, self.num_samples = data_source, replacement, num_samples

    def order(self) -> Array:
        n, rng = len(self.data_source), self.rng()
        if self.replacement:
            return rng.integers(n, size=len(self))
        rounds = -(-len(self) // n) if n else 0
        return np.concatenate([np.empty(0, np.int64), *(rng.permutation(n) for _ in range(rounds))])[: len(self)]

    def __len__(self) -> int:
        return len(self.data_source) if self.num_samples is None else self.num_samples


class SubsetRandomSampler(Sampler):
    """A permutation of the given indices.

    indices:  of the data set
    seed:     of the order
    """

    def __init__(self, indices: Sequence[int] | Array, seed: int = 0) -> None:
        super().__init__(seed)
        self.indices = checked_indices(indices, 2 ** 62)

    def order(self) -> Array:
        return self.rng().permutation(self.indices)

    def __len__(self) -> int:
        return len(self.indices)


class WeightedRandomSampler(Sampler):
    """Sample i with probability weights[i] / sum(weights): rare classes more often than they occur.

    weights:      one for each sample, none negative
    num_samples:  how many are drawn in an epoch
    replacement:  may a sample come more than once?
    seed:         of the draws

    For batches in which all classes are equally likely: `weights = 1 / numpy.bincount(targets)[targets]`.
    """

    def __init__(self, weights: Sequence[float] | Array, num_samples: int, replacement: bool = True, seed: int = 0) -> None:
        super().__init__(seed)
        self.weights = np.asarray(weights, np.float64)
        if self.weights.ndim != 1 or not np.isfinite(self.weights).all() or (self.weights < 0).any() or not self.weights.sum() > 0:
            raise ValueError("weights needs a finite number for each sample, none negative and not all 0")
        possible = int((self.weights > 0).sum())
        if num_samples < 1 or (not replacement and num_samples > possible):
            raise ValueError(f"num_samples is {num_samples}, but without replacement {possible} can be drawn" if num_samples > 0 else
                             f"num_samples is at least 1, and this is {num_samples}")
        self.num_samples, self.replacement = int(num_samples), replacement

    def order(self) -> Array:
        return self.rng().choice(len(self.weights), self.num_samples, self.replacement, self.weights / self.weights.sum())

    def __len__(self) -> int:
        return self.num_samples


class StratifiedSampler(Sampler):
    """A permutation in which each class is spread evenly: every stretch of it, so every batch, has about the proportions of the whole.

    labels:  the class of each sample
    seed:    of the order

    Sample k of n in a class stands at (k + u) / n of the way, where u is drawn for each class.
    """

    def __init__(self, labels: Any, seed: int = 0) -> None:
        super().__init__(seed)
        self.labels = np.asarray(labels)
        if self.labels.ndim != 1:
            raise ValueError(f"labels needs one class for each sample, and has shape {self.labels.shape}")

    def order(self) -> Array:
        rng, place = self.rng(), np.empty(len(self.labels))
        for label in np.unique(self.labels):
            rows = rng.permutation(np.flatnonzero(self.labels == label))
            place[rows] = (np.arange(len(rows)) + rng.random()) / len(rows)
        return np.argsort(place, kind="stable")

    def __len__(self) -> int:
        return len(self.labels)


class DistributedSampler(Sampler):
    """Every `num_replicas`-th sample of a common order, from `rank` on: each of several processes sees another part.

    dataset:       the data set
    num_replicas:  how many processes there are
    rank:          which one this is, from 0
    shuffle:       permute, the same in all processes
    seed:          of the order, the same in all processes
    drop_last:     all parts are equally long: True leaves out what is over, False repeats samples from the beginning
    """

    def __init__(self, dataset: Sized, num_replicas: int, rank: int, shuffle: bool = True, seed: int = 0, drop_last: bool = False) -> None:
        super().__init__(seed)
        if not 0 <= rank < num_replicas:
            raise ValueError(f"rank is from 0 to num_replicas - 1, and this is {rank} of {num_replicas}")
        self.dataset, self.num_replicas, self.rank, self.shuffle, self.drop_last = dataset, num_replicas, rank, shuffle, drop_last

    def order(self) -> Array:
        n = len(self.dataset)
        order = self.rng().permutation(n) if self.shuffle else np.arange(n)
        return np.resize(order, len(self) * self.num_replicas)[self.rank:: self.num_replicas]

    def __len__(self) -> int:
        n = len(self.dataset)
        return n // self.num_replicas if self.drop_last else -(-n // self.num_replicas)


class BatchSampler:
    """The indices of a sampler, `batch_size` at a time.

    sampler:     any iterable of indices
    batch_size:  how many in a batch
    drop_last:   leave out the last batch if it is smaller
    """

    def __init__(self, sampler: Any, batch_size: int, drop_last: bool = False) -> None:
        self.sampler, self.batch_size, self.drop_last = sampler, checked_batch_size(batch_size), drop_last

    def set_epoch(self, epoch: int) -> None:
        if hasattr(self.sampler, "set_epoch"):
            self.sampler.set_epoch(epoch)

    def __iter__(self) -> Iterator[Array]:
        if isinstance(self.sampler, Sampler):
            order = self.sampler.order()
            for start in range(0, len(order), self.batch_size):
                if start + self.batch_size <= len(order) or not self.drop_last:
                    yield order[start: start + self.batch_size]
            return
        rows: list[int] = []
        for index in self.sampler:
            rows.append(index)
            if len(rows) == self.batch_size:
                yield np.asarray(rows, np.int64)
                rows = []
        if rows and not self.drop_last:
            yield np.asarray(rows, np.int64)

    def __len__(self) -> int:
        n = len(self.sampler)
        return n // self.batch_size if self.drop_last else -(-n // self.batch_size)


def checked_batch_size(batch_size: Any) -> int:
    if isinstance(batch_size, bool) or not isinstance(batch_size, (int, np.integer)) or batch_size < 1:
        raise ValueError(f"batch_size is a positive integer, and not {batch_size!r}")
    return int(batch_size)
