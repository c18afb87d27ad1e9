"""How is a data set made of others?

    Subset              some of the samples, in a given order
    ConcatDataset       one data set after the other
    TransformedDataset  the same samples, with a transform: augmentation for the training part of a split
    MixedDataset        each sample mixed with another one

The samples keep what made them reproducible: the draws of a subset's sample are those of the index it has in the whole, and data sets
that are stacked or joined draw independently of each other.

Read next: `split.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from nn.data.collate import collate
from nn.data.draws import Array, branch, draws_for
from nn.data.transforms.mix import Mix
from nn.data.transforms.transform import transformed


def fetched(dataset: Any, indices: Sequence[int] | Array) -> Any:
    """These samples: as a batch, if the data set makes one by itself, else as a list."""
    many = getattr(dataset, "__getitems__", None)
    return many(indices) if many is not None else [dataset[int(i)] for i in indices]


def samples_of(batch: Any) -> list[Any]:
    """A batch taken apart into samples."""
    if isinstance(batch, list):
        return batch
    if isinstance(batch, dict):
        return [dict(zip(batch, values)) for values in zip(*batch.values())]
    return list(zip(*batch)) if isinstance(batch, tuple) else list(batch)


def with_part(batch: Any, part: int, function: Callable[[Any], Any]) -> Any:
    """A batch whose inputs (part 0) or targets (part 1) went through a function; it takes an array, or a list of differing samples."""
    if isinstance(batch, dict):
        key = list(batch)[part]
        return {**batch, key: function(batch[key])}
    if isinstance(batch, tuple):
        return (*batch[:part], function(batch[part]), *batch[part + 1:])
    if not isinstance(batch, list):
        return function(batch)
    if isinstance(batch[0], dict):
        key = list(batch[0])[part]
        return [{**sample, key: value} for sample, value in zip(batch, function([sample[key] for sample in batch]))]
    if isinstance(batch[0], (tuple, list)):
        values = function([sample[part] for sample in batch])
        return [(*sample[:part], value, *sample[part + 1:]) for sample, value in zip(batch, values)]
    return list(function(batch))


def describe(dataset: Any, index: int) -> str:
    """What a message calls this sample: what the data set itself calls it, or its number."""
    own = getattr(dataset, "describe", None)
    return str(own(index)) if own is not None else f"sample {index}"


def checked_indices(indices: Any, n: int) -> Array:
    """An array of integers from 0 to n - 1; negative ones count from the end."""
    rows = np.asarray(indices)
    if rows.ndim != 1 or (rows.dtype.kind not in "iu" and rows.size):
        raise TypeError(f"indices are integers in one row, not {rows.dtype} of shape {rows.shape}"
                        f"{'; for a mask write numpy.flatnonzero(mask)' if rows.dtype == bool else ''}")
    rows = rows.astype(np.int64)
    outside = rows[(rows < -n) | (rows >= n)]
    if len(outside):
        raise IndexError(f"there is no sample {outside[0]} in a data set of {n}")
    return np.where(rows < 0, rows + n, rows)


class Wrapped:
    """A data set on top of another one, which tells targets, classes and names of samples."""

    dataset: Any

    @property
    def classes(self) -> Any:
        return self.dataset.classes

    def _rows(self) -> Any:
        """Which samples of `dataset` these are."""
        return slice(None)

    @property
    def targets(self) -> Array:
        """The targets, without transforms."""
        return np.asarray(self.dataset.targets)[self._rows()]  # type: ignore[no-any-return]

    @property
    def inputs(self) -> Array:
        """The inputs, without transforms."""
        return np.asarray(self.dataset.inputs)[self._rows()]  # type: ignore[no-any-return]

    def describe(self, index: int) -> str:
        return describe(self.dataset, index)

    def __len__(self) -> int:
        return len(self.dataset)

    def __getitem__(self, index: int) -> Any:
        if not -len(self) <= index < len(self):
            raise IndexError(f"there is no sample {index} among {len(self)}")
        return samples_of(self.__getitems__([index % len(self)]))[0]

    def __getitems__(self, indices: Sequence[int] | Array) -> Any:
        raise NotImplementedError

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self)} samples of {self.dataset!r})"


class Subset(Wrapped):
    """Some of the samples of a data set, in the order of `indices`.

    dataset:  the whole
    indices:  integers; negative ones count from the end

    >>> import nn.data
    >>> list(nn.data.Subset([10, 20, 30, 40], [3, 0]))
    [40, 10]
    """

    def __init__(self, dataset: Any, indices: Sequence[int] | Array) -> None:
        self.dataset, self.indices = dataset, checked_indices(indices, len(dataset))

    def _rows(self) -> Any:
        return self.indices

    def describe(self, index: int) -> str:
        return describe(self.dataset, int(self.indices[index]))

    def __len__(self) -> int:
        return len(self.indices)

    def __getitems__(self, indices: Sequence[int] | Array) -> Any:
        return fetched(self.dataset, self.indices[np.asarray(indices, np.int64)])


class ConcatDataset(Wrapped):
    """The samples of several data sets, one after the other.

    datasets:  at least one
    """

    def __init__(self, datasets: Sequence[Any]) -> None:
        self.datasets = list(datasets)
        if not self.datasets:
            raise ValueError("ConcatDataset() needs at least one data set")
        self.ends = np.cumsum([len(dataset) for dataset in self.datasets])

    @property
    def classes(self) -> Any:
        return self.datasets[0].classes

    @property
    def targets(self) -> Array:
        return np.concatenate([np.asarray(dataset.targets) for dataset in self.datasets])

    @property
    def inputs(self) -> Array:
        return np.concatenate([np.asarray(dataset.inputs) for dataset in self.datasets])

    def _place(self, index: int) -> tuple[int, int]:
        part = int(np.searchsorted(self.ends, index, side="right"))
        return part, index - (int(self.ends[part - 1]) if part else 0)

    def describe(self, index: int) -> str:
        part, inner = self._place(index)
        return f"{describe(self.datasets[part], inner)} of data set {part}"

    def __len__(self) -> int:
        return int(self.ends[-1])

    def __getitems__(self, indices: Sequence[int] | Array) -> Any:
        places = [self._place(int(index)) for index in indices]
        samples: list[Any] = [None] * len(places)
        for part in sorted({part for part, _ in places}):
            rows = [row for row, place in enumerate(places) if place[0] == part]
            with branch(part):
                batch = fetched(self.datasets[part], [places[row][1] for row in rows])
            if len(rows) == len(places):
                return batch
            for row, sample in zip(rows, samples_of(batch)):
                samples[row] = sample
        return samples

    def __repr__(self) -> str:
        return f"ConcatDataset({len(self)} samples of {self.datasets!r})"


class TransformedDataset(Wrapped):
    """The same samples, with a transform of the input. For augmenting the training part of a split, and not the others.

    dataset:           anything that is a data set
    transform:         applied to the inputs; see `nn.data.transforms`
    target_transform:  applied to the targets

    >>> import nn.data
    >>> list(nn.data.TransformedDataset([(1.0, 0), (2.0, 1)], lambda x: x * 10))
    [(np.float64(10.0), 0), (np.float64(20.0), 1)]
    """

    def __init__(self, dataset: Any, transform: Callable[..., Any] | None = None,
                 target_transform: Callable[..., Any] | None = None) -> None:
        self.dataset, self.transform, self.target_transform = dataset, transform, target_transform

    def __getitems__(self, indices: Sequence[int] | Array) -> Any:
        with branch(0):
            batch = fetched(self.dataset, indices)
        draws = draws_for(indices)
        for part, transform in enumerate((self.transform, self.target_transform)):
            inner = draws.fork()
            if transform is not None:
                batch = with_part(batch, part, partial(transformed, transform, draws=inner))
        return batch


class MixedDataset(Wrapped):
    """Each sample mixed with another one of the data set. The result depends on (seed, epoch, index) alone.

    dataset:  of samples (input, target)
    mix:      `MixUp` or `CutMix`
    """

    def __init__(self, dataset: Any, mix: Mix) -> None:
        self.dataset, self.mix = dataset, mix

    def __getitems__(self, indices: Sequence[int] | Array) -> Any:
        draws = draws_for(indices)
        partners = draws.integers(len(self.dataset))
        both = []
        for number, rows in enumerate((np.asarray(indices, np.int64), partners)):
            with branch(number):
                batch = fetched(self.dataset, rows)
            both.append(collate(batch) if isinstance(batch, list) else batch)
        (x, targets), (other, other_targets) = both
        return self.mix.mixed(x, other, targets, other_targets, draws.fork())
