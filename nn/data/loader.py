"""How does training get its batches?

    loader = DataLoader(dataset, batch_size=128, shuffle=True, num_workers=2, seed=0)
    for epoch in range(10):
        for x, targets in loader:
            ...

Each pass is an epoch: the loader counts them, and shuffles and augments by (seed, epoch). What comes out depends on nothing else: not on
the number of workers, and not on whether the run was stopped in the middle. `state_dict()` holds the epoch and how many batches *you*
were given, those prepared ahead not counted; a loader that loads it goes on with the next batch.

Read next: `cifar.py`, where data comes from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sized
from itertools import count, islice
from typing import Any

import numpy as np

from autograd.random import generator
from nn.data.draws import checked_seed
from nn.data.fetch import End, Fetcher, Task
from nn.data.sampler import BatchSampler, RandomSampler, SequentialSampler, checked_batch_size
from nn.data.workers import Pool


class DataLoader:
    """Batches of a data set, as tuples of NumPy arrays. (PyTorch's arguments, without those about GPUs.)

    dataset:          anything with `__len__` and `__getitem__`, or an `IterableDataset`
    batch_size:       samples in a batch; None gives single samples, not stacked
    shuffle:          a new order in every epoch
    sampler:          in which order; see `nn.data.WeightedRandomSampler` and its kin, or any iterable of indices
    batch_sampler:    which samples in which batch: an iterable of lists of indices, instead of the above and drop_last
    num_workers:      processes that prepare batches ahead; with 0 this process does it when a batch is asked for
    collate_fn:       makes a batch of a list of samples; default: `nn.data.collate`
    drop_last:        leave out the last batch if it is smaller
    timeout:          seconds to wait for a worker; 0 is for ever
    worker_init_fn:   called with its number in each worker when it starts
    multiprocessing_context:  'fork' (default on Linux), 'spawn' (elsewhere) or 'forkserver'. The latter two need a data set that can be
                      pickled, and `if __name__ == "__main__":` around the program
    prefetch_factor:  batches that each worker is ahead
    persistent_workers:  keep the workers from epoch to epoch. They go on with the data set as it was when they started
    seed:             of order and augmentation, an integer; None draws one from `autograd.random`
    batch_transform:  applied to whole batches: `MixUp`, `CutMix`, or f(batch) or f(batch, rng)
    allow_nan:        True lets NaN and infinity pass

    Forked workers may use NumPy as they like. A data set that calls another library with threads of its own (OpenMP), or uses a GPU, after
    this process did, needs 'spawn'.

    >>> import numpy as np, nn.data
    >>> data = nn.data.ArrayDataset(np.arange(6.0), np.arange(6))
    >>> loader = nn.data.DataLoader(data, batch_size=4, shuffle=True, seed=0)
    >>> [targets.tolist() for x, targets in loader]
    [[3, 2, 5, 4], [0, 1]]

    Raises ValueError for an empty data set, no batches, and arguments that contradict each other. Iterating raises what the data set
    raised, with the sample; ValueError for samples that do not fit together or hold NaN; and RuntimeError for a worker that died.
    """

    def __init__(self, dataset: Any, batch_size: int | None = 1, shuffle: bool | None = None, sampler: Any = None,
                 batch_sampler: Any = None, num_workers: int = 0, collate_fn: Callable[[list[Any]], Any] | None = None,
                 drop_last: bool = False, timeout: float = 0, worker_init_fn: Callable[[int], None] | None = None,
                 multiprocessing_context: str | None = None, *, prefetch_factor: int = 2, persistent_workers: bool = False,
                 seed: int | np.random.Generator | None = None, batch_transform: Callable[..., Any] | None = None,
                 allow_nan: bool = False) -> None:
        self.dataset, self.num_workers, self.collate_fn, self.drop_last = dataset, num_workers, collate_fn, drop_last
        self.batch_size = batch_size if batch_size is None else checked_batch_size(batch_size)
        self.timeout, self.worker_init_fn, self.multiprocessing_context = timeout, worker_init_fn, multiprocessing_context
        self.prefetch_factor, self.persistent_workers = prefetch_factor, persistent_workers
        self.batch_transform, self.allow_nan = batch_transform, allow_nan
        for name, value, least in (("num_workers", num_workers, 0), ("prefetch_factor", prefetch_factor, 1)):
            if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < least:
                raise ValueError(f"{name} is an integer of at least {least}, and not {value!r}")
        if not timeout >= 0:
            raise ValueError(f"timeout is a number of seconds, or 0 for ever, and not {timeout!r}")
        drawn = seed is None or isinstance(seed, np.random.Generator)
        self.seed = int(generator(seed).integers(2 ** 31)) if drawn else checked_seed(seed)  # type: ignore[arg-type]
        self.stream = not hasattr(dataset, "__getitem__")
        self.sampler, self.batch_sampler = self._samplers(shuffle, sampler, batch_sampler)
        if batch_size is None and batch_transform is not None:
            raise ValueError("batch_transform needs batches, and batch_size=None makes none")
        self.epoch = 0
        """The epoch of the current pass, or of the next one."""
        self.batch = 0
        """How many batches of it were delivered."""
        self._begun, self._pass = False, 0
        self._sampler_state: Any = None
        self._pool: Pool | None = None

    def _samplers(self, shuffle: bool | None, sampler: Any, batch_sampler: Any) -> tuple[Any, Any]:
        """Who says which samples come when; checked."""
        data = self.dataset
        if self.stream:
            if not hasattr(data, "__iter__"):
                raise TypeError(f"a data set has __len__ and __getitem__, or __iter__, and a {type(data).__name__} has neither")
            if hasattr(data, "__next__"):
                raise TypeError(f"a {type(data).__name__} can be gone through once only, and every epoch starts from the beginning: write "
                                "IterableDataset(function that returns a new one)")
            if shuffle or sampler is not None or batch_sampler is not None:
                raise ValueError("an iterable data set comes in its own order: shuffle, sampler and batch_sampler need __getitem__")
            return None, None
        if not hasattr(data, "__len__"):
            raise TypeError(f"a {type(data).__name__} has __getitem__, but no __len__: a data set needs both")
        if len(data) == 0:
            raise ValueError("the data set is empty: there is nothing to make batches of")
        if sampler is not None and shuffle:
            raise ValueError("sampler says the order itself: leave out shuffle=True")
        if batch_sampler is not None and (self.batch_size != 1 or shuffle or sampler is not None or self.drop_last):
            raise ValueError("batch_sampler says everything: leave out batch_size, shuffle, sampler and drop_last")
        if sampler is None and batch_sampler is None:
            sampler = RandomSampler(data, seed=self.seed) if shuffle else SequentialSampler(data)
        if batch_sampler is None:
            batch_sampler = BatchSampler(sampler, self.batch_size or 1, self.drop_last)
        known = hasattr(sampler if sampler is not None else batch_sampler, "__len__")
        if known and hasattr(batch_sampler, "__len__") and len(batch_sampler) == 0:
            raise ValueError(f"there is no batch in an epoch: {len(data)} samples in the data set, batch_size={self.batch_size}, "
                             f"drop_last={self.drop_last}")
        return sampler, batch_sampler

    def __len__(self) -> int:
        """How many batches an epoch has. TypeError for a stream without `__len__`."""
        if not self.stream:
            return len(self.batch_sampler)
        n, size = len(self.dataset), self.batch_size or 1
        return n // size if self.drop_last else -(-n // size)

    # ---- an epoch -----------------------------------------------------------------------------------------------------

    def set_epoch(self, epoch: int) -> None:
        """The next pass is this epoch, from its beginning."""
        self.epoch, self.batch, self._begun = checked_seed(epoch, "epoch"), 0, False
        self._pass += 1

    def __iter__(self) -> Iterator[Any]:
        """A pass: the rest of the epoch that was loaded, or a new one, also if the last pass was broken off."""
        if self._begun:
            self.epoch, self.batch = self.epoch + 1, 0
        self._begun = True
        self._pass += 1
        return self._batches(self._pass, self._tasks(self.epoch, self.batch))

    def _batches(self, number: int, tasks: Iterator[Task]) -> Iterator[Any]:
        batches: Iterator[Any]
        if self.num_workers == 0:
            fetcher, pool = self._fetcher(), None
            batches = (fetcher.fetch(task) for task in tasks)
        else:
            pool = self._pool if self._pool is not None else Pool(
                self._fetcher(), self.num_workers, self.prefetch_factor, self.timeout, self.worker_init_fn, self.multiprocessing_context)
            self._pool = pool if self.persistent_workers else None
            batches = pool.batches(tasks)
        try:
            for batch in batches:
                if batch is End:
                    break
                if number == self._pass:
                    self.batch += 1
                yield batch
        except GeneratorExit:  # broken off
            if pool is not None and self._pool is not pool:
                pool.close()
            raise
        except BaseException:
            if pool is not None:
                pool.close()
                self._pool = None
            raise
        if pool is not None and self._pool is not pool:
            pool.close()
        if number == self._pass:
            self.epoch, self.batch, self._begun = self.epoch + 1, 0, False

    def _fetcher(self) -> Fetcher:
        return Fetcher(self.dataset, self.collate_fn, self.batch_transform, self.seed, self.batch_size, self.drop_last, self.allow_nan)

    def _tasks(self, epoch: int, start: int) -> Iterator[Task]:
        """What is to be prepared, from batch number `start` on."""
        if self.stream:
            return (Task(epoch, number, None) for number in count(start))
        for sampler in (self.sampler, self.batch_sampler):
            if hasattr(sampler, "set_epoch"):
                sampler.set_epoch(epoch)
        if hasattr(self.sampler, "state_dict"):
            self._sampler_state = self.sampler.state_dict()  # prefetching goes ahead of what was delivered
        indices = islice(self.batch_sampler, start, None)
        return (Task(epoch, number, np.asarray(rows, np.int64).reshape(-1)) for number, rows in enumerate(indices, start))

    def close(self) -> None:
        """End workers that were kept from epoch to epoch."""
        if self._pool is not None:
            self._pool.close()
            self._pool = None

    # ---- state --------------------------------------------------------------------------------------------------------

    def state_dict(self) -> dict[str, Any]:
        """Where we are: plain numbers, for a checkpoint. The batch that you hold counts as done."""
        state = {"seed": self.seed, "epoch": self.epoch, "batch": self.batch, "batch_size": self.batch_size,
                 "samples": len(self.dataset) if isinstance(self.dataset, Sized) else None}
        if hasattr(self.sampler, "state_dict"):
            state["sampler"] = self._sampler_state if self._begun else self.sampler.state_dict()
        return state

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from there: the next pass is the rest of that epoch.

        Raises ValueError for a state of a loader whose batches were others (batch size, number of samples); nothing is changed then.
        """
        missing = [key for key in ("seed", "epoch", "batch", "batch_size", "samples") if key not in state]
        if missing:
            raise ValueError(f"this is no state of a DataLoader: {', '.join(missing)} is missing")
        own = self.state_dict()
        for key in ("batch_size", "samples"):
            if state[key] != own[key]:
                raise ValueError(f"this state is of a loader with {key}={state[key]}, and this one has {key}={own[key]}: its batches are "
                                 "others, so it cannot go on where that one was")
        seed, epoch, batch = (checked_seed(state[key], key) for key in ("seed", "epoch", "batch"))
        if isinstance(self.sampler, RandomSampler) and self.sampler.seed == self.seed:
            self.sampler.seed = seed
        if seed != self.seed:
            self.close()  # workers that were kept know the old seed
        self.seed, self.epoch, self.batch, self._begun = seed, epoch, batch, False
        if hasattr(self.sampler, "load_state_dict") and "sampler" in state:
            self.sampler.load_state_dict(state["sampler"])
        self._pass += 1

    def __repr__(self) -> str:
        how = "a stream" if self.stream else type(self.sampler or self.batch_sampler).__name__
        return f"DataLoader({self.dataset!r}, batch_size={self.batch_size}, {how}, num_workers={self.num_workers}, seed={self.seed})"
