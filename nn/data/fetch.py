"""How does a batch come out of a data set?

A `Task` says which samples, and of which epoch; a `Fetcher` turns it into a batch: fetch, collate, check, transform the batch. It does
the same in the main process and in a worker, and it holds no state that the result depends on, so results do not depend on who does it.

When something fails, the error that is raised again names the sample.

Read next: `workers.py`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from typing import Any, NamedTuple

import numpy as np

from nn.data.collate import arrays_in, cast, collate
from nn.data.combined import describe, with_part
from nn.data.dataset import IterableDataset, check_finite
from nn.data.draws import Array, branch, draws_for, rooted
from nn.data.transforms.transform import takes_rng, transformed


class Task(NamedTuple):
    """One batch to prepare: number `number` of the epoch. A stream has no indices."""

    epoch: int
    number: int
    indices: Array | None


class End:
    """What comes instead of a batch when a stream has no more."""


class Fetcher:
    """Prepares batches. The arguments are those of `DataLoader`."""

    def __init__(self, dataset: Any, collate_fn: Callable[[list[Any]], Any] | None, batch_transform: Callable[..., Any] | None, seed: int,
                 batch_size: int | None, drop_last: bool, allow_nan: bool) -> None:
        self.dataset, self.collate_fn, self.batch_transform, self.seed = dataset, collate_fn, batch_transform, seed
        self.batch_size, self.drop_last, self.allow_nan = batch_size, drop_last, allow_nan
        self.stream: Stream | None = None

    def fetch(self, task: Task) -> Any:
        """The batch, or `End`. Raises what the data set raised, with the name of the sample."""
        with rooted(self.seed, task.epoch):
            if task.indices is None:
                return self.next_of_stream(task)
            names = Names(self.dataset, task.indices)
            return self.finished(self.samples(task.indices, names), task.indices, names)

    def samples(self, indices: Array, names: Names) -> Any:
        many = getattr(self.dataset, "__getitems__", None)
        if many is None or self.collate_fn is not None or self.batch_size is None:
            return [attempt(partial(self.dataset.__getitem__, int(i)), names, n) for n, i in enumerate(indices)]
        try:
            return many(indices)
        except Exception as error:
            for n in range(len(indices)):  # which one was it?
                attempt(partial(many, indices[n: n + 1]), names, n)
            raise again(type(error), f"{names}: {error}") from error

    def next_of_stream(self, task: Task) -> Any:
        """Batch number `task.number` of a stream: go on to it, or start again if it is behind."""
        size, stream = self.batch_size or 1, self.stream
        start = task.number * size
        if stream is None or stream.epoch != task.epoch or stream.position > start:
            stream = self.stream = Stream(task.epoch, self.dataset)
        samples = stream.take(start - stream.position, size)
        if not samples or (len(samples) < size and self.drop_last):
            return End
        positions = np.arange(start, start + len(samples))
        transform = self.dataset.transform if isinstance(self.dataset, IterableDataset) else None
        names = Names(self.dataset, positions)
        if transform is not None:
            draws = draws_for(positions)
            samples = [attempt(partial(with_part, [sample], 0, partial(transformed, transform, draws=draws[n: n + 1])), names, n)[0]
                       for n, sample in enumerate(samples)]
        return self.finished(samples, positions, names)

    def finished(self, batch: Any, indices: Array, names: Names) -> Any:
        if self.batch_size is None:
            batch = batch[0] if isinstance(batch, list) else batch
            return cast(batch) if self.collate_fn is None else self.collate_fn(batch)
        if self.collate_fn is not None:
            batch = self.collate_fn(batch)
        else:
            batch = collate(batch, names) if isinstance(batch, list) else cast(batch)  # type: ignore[arg-type]
        if not self.allow_nan:
            for name, array in arrays_in(batch):
                check_finite(array, name, lambda n: names[n] if n < len(names) else f"row {n} of the batch")
        if self.batch_transform is not None:
            with branch(1):
                batch = mixed(self.batch_transform, batch, indices)
        return batch


class Stream:
    """Where a worker is in an `IterableDataset`."""

    def __init__(self, epoch: int, dataset: Any) -> None:
        self.epoch, self.position = epoch, 0
        self.samples: Iterator[Any] = iter(dataset)

    def take(self, skip: int, n: int) -> list[Any]:
        """The next n samples after leaving out some; fewer at the end."""
        taken: list[Any] = []
        try:
            deque(islice(self.samples, skip), maxlen=0)
            self.position += skip
            for sample in islice(self.samples, n):
                taken.append(sample)
        except Exception as error:
            raise again(type(error), f"at sample {self.position + len(taken)} of the stream or before: {error}") from error
        self.position += n
        return taken


class Names:
    """What messages call the samples of a batch; looked up when they are needed."""

    def __init__(self, dataset: Any, indices: Array) -> None:
        self.dataset, self.indices = dataset, indices

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, n: int) -> str:
        try:
            return describe(self.dataset, int(self.indices[n]))
        except Exception:  # the message is about another error
            return f"sample {self.indices[n]}"

    def __repr__(self) -> str:
        return "samples " + listed(self.indices)


def listed(indices: Array, most: int = 10) -> str:
    """[3, 1, 4, ... 128 in all]"""
    shown = ", ".join(str(i) for i in indices[:most])
    return f"[{shown}]" if len(indices) <= most else f"[{shown}, ... {len(indices)} in all]"


def mixed(transform: Callable[..., Any], batch: Any, indices: Array) -> Any:
    """A batch after the transform of batches."""
    draws = draws_for(indices)
    method = getattr(transform, "batch", None)
    if method is not None:
        return method(batch, draws)
    return transform(batch, next(draws.generators())) if takes_rng(transform) else transform(batch)


# ---- errors that name the sample ----------------------------------------------------------------------------------


def attempt(fetch: Callable[[], Any], names: Names, n: int) -> Any:
    """fetch(), whose errors name the n-th sample of the batch."""
    try:
        return fetch()
    except Exception as error:
        name = names[n]
        text = str(error)
        raise again(type(error), text if text.startswith(name) else f"{name}: {text}") from error


def again(kind: type[Exception], text: str) -> Exception:
    """An error of the same type with this text; a RuntimeError that names the type where that cannot be made."""
    try:
        error = kind(text)
        if str(error) == text and not isinstance(error, (StopIteration, StopAsyncIteration)):
            return error
    except Exception:  # its constructor wants something else
        pass
    return RuntimeError(f"{kind.__name__}: {text}")
