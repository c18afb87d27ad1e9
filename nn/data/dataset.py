"""What is a data set?

Anything with `__len__` and `__getitem__`: `dataset[i]` is one sample, mostly a tuple (input, target). A list will do. What cannot be
indexed, a log that is read line by line, is an `IterableDataset`: anything with `__iter__`.

Two methods more make it faster and clearer, where they exist:

    __getitems__(indices)   many samples at once, as one batch (a tuple of arrays) or as a list of samples
    describe(index)         what to call a sample in a message, such as the file it came from

`ArrayDataset` holds arrays, and takes a batch out of them with one indexing each.

Read next: `combined.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np

from autograd import Tensor
from nn.data.draws import Array, draws_for
from nn.data.transforms.transform import transformed


@runtime_checkable
class Dataset(Protocol):
    """Anything with `__len__` and `__getitem__`."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int, /) -> Any: ...


class IterableDataset:
    """Samples that come one after another. A subclass defines `__iter__`, which starts from the beginning each time it is called.

    source:     what to iterate over, or a function that returns that; a subclass that defines `__iter__` needs none
    transform:  applied to the input of each sample by the loader, with draws that depend on (seed, epoch, position)

    Each worker goes through the whole stream and prepares every n-th batch of it, so batches and their order are the same for any number
    of workers. `__iter__` should be cheap, then, and the costly part stand in `transform`.

    >>> import nn.data
    >>> class Squares(nn.data.IterableDataset):
    ...     def __iter__(self):
    ...         return ((float(i), i * i) for i in range(5))
    >>> [targets.tolist() for inputs, targets in nn.data.DataLoader(Squares(), batch_size=2)]
    [[0, 1], [4, 9], [16]]
    """

    transform: Callable[..., Any] | None = None

    def __init__(self, source: Any = None, transform: Callable[..., Any] | None = None) -> None:
        if hasattr(source, "__next__"):
            raise TypeError(f"a {type(source).__name__} can be gone through once only, and every epoch starts from the beginning: give "
                            "IterableDataset a function that returns a new one")
        self.source, self.transform = source, transform

    def __iter__(self) -> Iterator[Any]:
        source = getattr(self, "source", None)
        if source is None:
            raise NotImplementedError(f"{type(self).__name__} does not define __iter__(): write 'def __iter__(self): ...' in the class, or "
                                      "give IterableDataset something to iterate over")
        return iter(source() if callable(source) else source)


class ArrayDataset:
    """Arrays whose first axis counts the samples: `dataset[i]` is the tuple of the i-th rows.

    arrays:            inputs, targets, ...; anything array-like, of equal lengths. They are not copied
    transform:         applied to the inputs; see `nn.data.transforms`
    target_transform:  applied to the targets
    names:             makes each sample a dict with these keys
    num_classes:       checks that the targets are classes from 0 to num_classes - 1
    classes:           the names of the classes; implies num_classes
    allow_nan:         True lets NaN and infinity pass

    >>> import numpy as np, nn.data
    >>> data = nn.data.ArrayDataset(np.eye(3, dtype=np.float32), [0, 1, 1], num_classes=2)
    >>> len(data), data[2]
    (3, (array([0., 0., 1.], dtype=float32), np.int64(1)))

    Raises ValueError for lengths that differ, NaN, and targets outside the classes, with the index of the first bad sample.
    """

    def __init__(self, *arrays: Any, transform: Callable[..., Any] | None = None, target_transform: Callable[..., Any] | None = None,
                 names: Sequence[str] | None = None, num_classes: int | None = None, classes: Sequence[str] | None = None,
                 allow_nan: bool = False) -> None:
        if not arrays:
            raise ValueError("ArrayDataset() needs at least one array: write ArrayDataset(inputs, targets)")
        self.arrays = tuple(as_array(array, i) for i, array in enumerate(arrays))
        if len({len(array) for array in self.arrays}) > 1:
            lengths = ", ".join(str(len(array)) for array in self.arrays)
            raise ValueError(f"the arrays hold different numbers of samples ({lengths}): each needs one row for each sample")
        if names is not None and (len(names) != len(arrays) or len(set(names)) != len(arrays)):
            raise ValueError(f"names needs a name of its own for each of the {len(arrays)} arrays, and is {list(names)}")
        if target_transform is not None and len(arrays) < 2:
            raise ValueError("target_transform needs targets, a second array")
        self.names = None if names is None else tuple(names)
        self.transform, self.target_transform = transform, target_transform
        self.classes = None if classes is None else list(classes)
        if not allow_nan:
            for i, array in enumerate(self.arrays):
                check_finite(array, self.names[i] if self.names else f"array {i}", self.describe)
        if num_classes is None and classes is not None:
            num_classes = len(classes)
        if num_classes is not None:
            check_classes(self.targets, num_classes, self.describe)

    @property
    def inputs(self) -> Array:
        """The first array, without transforms."""
        return self.arrays[0]

    @property
    def targets(self) -> Array:
        """The second array, without transforms."""
        if len(self.arrays) < 2:
            raise AttributeError("this data set has one array, so there are no targets")
        return self.arrays[1]

    def describe(self, index: int) -> str:
        return f"sample {index}"

    def __len__(self) -> int:
        return len(self.arrays[0])

    def __getitem__(self, index: int) -> Any:
        if isinstance(index, slice):
            raise TypeError("a data set is indexed by one integer; for several samples write nn.data.Subset(dataset, range(...))")
        if not -len(self) <= index < len(self):
            raise IndexError(f"there is no sample {index} among {len(self)}")
        batch = self.__getitems__([index % len(self)])
        return {name: array[0] for name, array in batch.items()} if isinstance(batch, dict) else tuple(array[0] for array in batch)

    def __getitems__(self, indices: Sequence[int] | Array) -> Any:
        """Many samples as one batch; the transforms work on all of them at once."""
        rows = np.asarray(indices, np.int64)
        if (rows < 0).any():  # counted from the end: the draws go by the index from the start
            rows = np.where(rows < 0, rows + len(self), rows)
        batch = [array[rows] for array in self.arrays]
        if self.transform is not None or self.target_transform is not None:
            draws = draws_for(rows)
            if self.transform is not None:
                batch[0] = transformed(self.transform, batch[0], draws.fork())
            if self.target_transform is not None:
                batch[1] = transformed(self.target_transform, batch[1], draws.fork())
        return tuple(batch) if self.names is None else dict(zip(self.names, batch))

    def __repr__(self) -> str:
        inner = ", ".join(f"{array.dtype}{list(array.shape[1:])}" for array in self.arrays)
        return f"{type(self).__name__}({len(self)} samples of {inner})"


# ---- what is no data ----------------------------------------------------------------------------------------------


def as_array(values: Any, position: int) -> Array:
    """An array of numbers, whose first axis counts the samples."""
    try:
        array = np.asarray(values.data if isinstance(values, Tensor) else values)
    except ValueError as error:
        raise ValueError(f"array {position} is ragged: its samples have different shapes. (NumPy: {error})") from error
    if array.dtype.kind not in "biufc":
        raise TypeError(f"array {position} has dtype {array.dtype}, and a network needs numbers: turn names into class numbers by "
                        "names, numbers = numpy.unique(values, return_inverse=True)")
    if array.ndim == 0:
        raise ValueError(f"array {position} is a single number; the first axis counts the samples")
    return array


def check_finite(array: Array, name: str, describe: Callable[[int], str]) -> None:
    """ValueError that names the first sample with NaN or infinity."""
    if array.dtype.kind not in "fc" or not array.size or is_finite(array):
        return
    per_sample = (~np.isfinite(array)).reshape(len(array), -1).sum(axis=1)
    bad = np.flatnonzero(per_sample)
    raise ValueError(f"{describe(int(bad[0]))} has {per_sample[bad[0]]} values in {name} that are NaN or infinite"
                     f"{f' ({len(bad)} samples have such)' if len(bad) > 1 else ''}: one of them would make every weight NaN.\n"
                     "Fill or drop them, or pass allow_nan=True if the model knows what to do with them.")


def is_finite(array: Array) -> bool:
    """Are all values finite? The sum of squares mostly tells: it is NaN or infinite if one of them is."""
    flat = array.reshape(-1)
    with np.errstate(all="ignore"):
        return bool(np.isfinite(np.vdot(flat, flat))) or bool(np.isfinite(flat).all())


def check_classes(targets: Array, num_classes: int, describe: Callable[[int], str]) -> None:
    """ValueError that names the first sample whose target is no class."""
    if targets.dtype.kind not in "iu" or targets.ndim != 1:
        raise TypeError(f"targets that are classes are integers of shape (N,), not {targets.dtype} of shape {targets.shape}")
    bad = np.flatnonzero((targets < 0) | (targets >= num_classes))
    if len(bad):
        raise ValueError(f"{describe(int(bad[0]))} has class {targets[bad[0]]}, but there are {num_classes} classes, 0 to {num_classes - 1}"
                         f"{f' ({len(bad)} samples are outside)' if len(bad) > 1 else ''}")
