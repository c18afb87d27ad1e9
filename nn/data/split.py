"""How does one know that a network has learned, and not memorised?

It is asked about samples that it never saw: a validation set for choosing hyper-parameters, and a test set that is looked at once, at the
end. (CS231n, "Image classification", validation sets and cross-validation.) A split is stratified when each part has the proportions of
the classes of the whole: to the nearest sample, which matters where a class is rare.

Splits are a function of their seed. Give the training part its augmentation afterwards: `TransformedDataset(train, transform)`.

Read next: `collate.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from nn.data.combined import Subset
from nn.data.draws import Array, checked_seed


def random_split(dataset: Any, lengths: Sequence[float], seed: int = 0) -> list[Subset]:
    """Parts of a data set, at random.

    dataset:  anything that is a data set
    lengths:  how many samples each part has; or shares that add up to 1
    seed:     of the split

    >>> import nn.data
    >>> [len(part) for part in nn.data.random_split(range(10), [0.7, 0.3])]
    [7, 3]

    Raises ValueError for lengths that do not add up.
    """
    return parts(dataset, sizes_of(lengths, len(dataset)), None, seed)


def train_val_test_split(dataset: Any, fractions: Sequence[float] = (0.8, 0.1, 0.1), stratify: Any = True, seed: int = 0) -> list[Subset]:
    """A part to learn from, one to choose by, and one to be judged by.

    dataset:    anything that is a data set
    fractions:  shares that add up to 1, or numbers of samples; two of them make train and test
    stratify:   True by the targets of the data set, if they are classes; or a label for each sample; False for a plain random split
    seed:       of the split

    >>> import numpy as np, nn.data
    >>> data = nn.data.ArrayDataset(np.zeros(100), np.repeat([0, 1], [90, 10]))
    >>> [(len(part), int(part.targets.sum())) for part in nn.data.train_val_test_split(data)]
    [(80, 8), (10, 1), (10, 1)]
    """
    return parts(dataset, sizes_of(fractions, len(dataset)), labels_of(dataset, stratify), seed)


class KFold:
    """Cross-validation: k pairs (train, validation), so that each sample is validated once.

    n_splits:  k
    shuffle:   False takes stretches of the data set as they come; then nothing is stratified
    stratify:  as for `train_val_test_split`
    seed:      of the split
    """

    def __init__(self, n_splits: int = 5, shuffle: bool = True, stratify: Any = True, seed: int = 0) -> None:
        if n_splits < 2:
            raise ValueError(f"n_splits is at least 2, and this is {n_splits}")
        self.n_splits, self.shuffle, self.stratify, self.seed = n_splits, shuffle, stratify, checked_seed(seed)

    def split(self, dataset: Any) -> Iterator[tuple[Subset, Subset]]:
        """(train, validation), k times."""
        n = len(dataset)
        if n < self.n_splits:
            raise ValueError(f"{n} samples cannot be split into {self.n_splits} parts")
        sizes = [n // self.n_splits + (k < n % self.n_splits) for k in range(self.n_splits)]
        if self.shuffle:
            folds = [part.indices for part in parts(dataset, sizes, labels_of(dataset, self.stratify), self.seed)]
        else:
            folds = np.split(np.arange(n), np.cumsum(sizes)[:-1])
        for k, fold in enumerate(folds):
            yield Subset(dataset, np.concatenate(folds[:k] + folds[k + 1:])), Subset(dataset, fold)


# ---- how many, and which ------------------------------------------------------------------------------------------


def sizes_of(lengths: Sequence[float], n: int) -> list[int]:
    """How many samples each part has. Shares are rounded so that they add up."""
    if not isinstance(lengths, (Sequence, np.ndarray)) or isinstance(lengths, str):
        raise TypeError(f"the sizes of the parts are a list, such as [0.8, 0.2] or [1000, 200], and not {lengths!r}")
    if not lengths or not all(length >= 0 for length in lengths):
        raise ValueError(f"the sizes of the parts are not negative, and not {list(lengths)}")
    if all(isinstance(length, (int, np.integer)) for length in lengths) and sum(lengths) == n:
        return [int(length) for length in lengths]
    if not abs(sum(lengths) - 1) < 1e-6:
        raise ValueError(f"the sizes of the parts, {list(lengths)}, add up to {sum(lengths):g}, and neither to the {n} samples nor to 1")
    ends = np.rint(np.cumsum(lengths) * n).astype(int)
    return np.diff(ends, prepend=0).tolist()  # type: ignore[no-any-return]


def labels_of(dataset: Any, stratify: Any) -> Array | None:
    """The class of each sample, or None for no strata."""
    if stratify is False or stratify is None:
        return None
    labels = np.asarray(getattr(dataset, "targets", np.empty(0)) if stratify is True else stratify)
    if stratify is True and (labels.ndim != 1 or labels.dtype.kind not in "iuUS" or len(labels) != len(dataset)):
        return None
    if labels.shape != (len(dataset),):
        raise ValueError(f"stratify needs a label for each of the {len(dataset)} samples, and has shape {labels.shape}")
    return labels


def parts(dataset: Any, sizes: list[int], labels: Array | None, seed: int) -> list[Subset]:
    """Subsets of these sizes, each in increasing order."""
    rng = np.random.default_rng(checked_seed(seed))
    counts = np.array([sizes])
    groups = [np.arange(sum(sizes))]
    if labels is not None:
        groups = [np.flatnonzero(labels == label) for label in np.unique(labels)]
        counts = shares(np.array([len(group) for group in groups]), np.array(sizes))
    chosen: list[list[Array]] = [[] for _ in sizes]
    for group, row in zip(groups, counts):
        for part, rows in zip(chosen, np.split(rng.permutation(group), np.cumsum(row)[:-1])):
            part.append(rows)
    return [Subset(dataset, np.sort(np.concatenate(part))) for part in chosen]


def shares(classes: Array, sizes: Array) -> Array:
    """How many of each class go into each part: rows add up to `classes`, columns to `sizes`, each near the product of both shares."""
    exact = np.outer(classes, sizes) / max(classes.sum(), 1)
    counts = np.floor(exact + 1e-9).astype(int)
    for _ in range(int(classes.sum() - counts.sum())):  # what rounding down has left goes where it is missed most
        missing = np.where(np.outer(counts.sum(axis=1) < classes, counts.sum(axis=0) < sizes), exact - counts, -np.inf)
        counts[np.unravel_index(missing.argmax(), missing.shape)] += 1
    return counts
