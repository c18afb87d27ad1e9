"""What do the files of CIFAR look like?

60000 photographs of 32 x 32 pixels in 10 or 100 classes (Krizhevsky 2009, "Learning multiple layers of features from tiny images"),
published in two forms, each as a folder in a .tar.gz:

    Python    pickled dicts: 'data', uint8 (N, 3072), all of red, then green, then blue; and 'labels' or 'fine_labels', 'coarse_labels'
    binary    for each image its class, one byte, or its coarse and its fine class; then 3072 bytes in the same order

Both are read, packed or unpacked. The pickles are read without being run; see `pickled.py`.

Read next: `folder.py`.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from nn.data.draws import Array
from nn.data.files import damaged, read_from_tar
from nn.data.idx import ByteImages
from nn.data.pickled import Refused, read_pickle

PIXELS = 3 * 32 * 32


class Form(NamedTuple):
    """One way in which the data set was published."""

    folder: str
    archive: str
    train: tuple[str, ...]
    test: tuple[str, ...]
    names: str


class CIFAR10(ByteImages):
    """Photographs of ten kinds of things, 50000 to learn from and 10000 to test: images (3, 32, 32), float32 in [0, 1], and classes.

    root:              the folder that holds cifar-10-batches-py, cifar-10-batches-bin or one of their archives; or one of these itself
    train:             the part to learn from, or the test images
    transform:         applied to the images
    target_transform:  applied to the classes

    Nothing is downloaded. Raises FileNotFoundError for a file that is not there, ValueError for one that is damaged.
    """

    forms = (
        Form("cifar-10-batches-py", "cifar-10-python.tar.gz", tuple(f"data_batch_{i}" for i in range(1, 6)), ("test_batch",),
             "batches.meta"),
        Form("cifar-10-batches-bin", "cifar-10-binary.tar.gz", tuple(f"data_batch_{i}.bin" for i in range(1, 6)), ("test_batch.bin",),
             "batches.meta.txt"),
    )
    labels, label_names, count = "labels", "label_names", 10
    columns, column = 1, 0  # of the binary form: how many bytes stand before an image, and which of them is its class

    def __init__(self, root: str | os.PathLike[str], train: bool = True, transform: Callable[..., Any] | None = None,
                 target_transform: Callable[..., Any] | None = None) -> None:
        form, place = self._found(Path(root))
        wanted = form.train if train else form.test
        files = contents(place, (*wanted, form.names))
        missing = [name for name in wanted if name not in files]
        if missing:
            raise FileNotFoundError(f"there is no {missing[0]} in {place}, and it belongs to the {'training' if train else 'test'} images")
        read = self._from_pickle if "." not in wanted[0] else self._from_bytes
        batches = [read(place / name, files[name]) for name in wanted]
        self.starts = np.cumsum([0, *(len(targets) for _, targets in batches)])
        self.files = wanted
        super().__init__(np.concatenate([images for images, _ in batches]), np.concatenate([targets for _, targets in batches]),
                         transform, target_transform, self._class_names(place / form.names, files.get(form.names)))

    def describe(self, index: int) -> str:
        part = int(np.searchsorted(self.starts, index, side="right")) - 1
        return f"sample {index} (number {index - int(self.starts[part])} of {self.files[part]})"

    def _found(self, root: Path) -> tuple[Form, Path]:
        """In which form it is there, and where: a folder or an archive."""
        for form in self.forms:
            for place in (root, root / form.folder, root / form.archive):
                first = [(place / name).is_file() for name in (form.train[0], form.test[0])]
                if any(first) or (place.is_file() and (place != root or place.name == form.archive)):
                    return form, place
        if root.is_file():  # an archive under another name
            for form in self.forms:
                if contents(root, (*form.train, *form.test)):
                    return form, root
        names = ", ".join(name for form in self.forms for name in (form.folder, form.archive))
        raise FileNotFoundError(f"there is no {type(self).__name__} in {root}; sought: {names}")

    def _from_pickle(self, path: Path, data: bytes) -> tuple[Array, Array]:
        try:
            content = read_pickle(data)
        except Refused as error:
            raise damaged(path, error) from error
        if isinstance(content, dict):  # its keys are bytes if Python 3 wrote it again
            content = {key.decode("latin-1") if isinstance(key, bytes) else key: value for key, value in content.items()}
        pixels, targets = (content.get("data"), content.get(self.labels)) if isinstance(content, dict) else (None, None)
        if not isinstance(pixels, np.ndarray) or pixels.dtype != np.uint8 or pixels.ndim != 2 or pixels.shape[1] != PIXELS:
            raise damaged(path, f"there is no array 'data' of bytes (N, {PIXELS}) in it")
        if not isinstance(targets, list) or len(targets) != len(pixels) or not all(type(label) is int for label in targets):
            raise damaged(path, f"there is no list {self.labels!r} of {len(pixels)} integers in it")
        return pixels.reshape(-1, 3, 32, 32), np.array(targets, np.int64)

    def _from_bytes(self, path: Path, data: bytes) -> tuple[Array, Array]:
        size = self.columns + PIXELS
        if not data or len(data) % size:
            raise damaged(path, f"{len(data)} bytes are no multiple of the {size} that an image has")
        rows = np.frombuffer(data, np.uint8).reshape(-1, size)
        return rows[:, self.columns:].reshape(-1, 3, 32, 32), rows[:, self.column].astype(np.int64)

    def _class_names(self, path: Path, data: bytes | None) -> list[str]:
        if data is None:
            return [str(number) for number in range(self.count)]
        try:
            names = data.decode().split("\n") if path.suffix == ".txt" else read_pickle(data)[self.label_names]
            names = [str(name) for name in names if name]
        except (KeyError, TypeError, ValueError) as error:
            raise damaged(path, error) from error
        if len(names) != self.count:
            raise damaged(path, f"it names {len(names)} classes of {self.count}")
        return names


class CIFAR100(CIFAR10):
    """Photographs of a hundred kinds of things, which fall into twenty coarse classes.

    root, train, transform, target_transform:  as for `CIFAR10`, with cifar-100-python and cifar-100-binary
    coarse:                                    the twenty coarse classes instead of the hundred fine ones
    """

    columns, column = 2, 1

    def __init__(self, root: str | os.PathLike[str], train: bool = True, transform: Callable[..., Any] | None = None,
                 target_transform: Callable[..., Any] | None = None, coarse: bool = False) -> None:
        kind = "coarse" if coarse else "fine"
        self.forms = (
            Form("cifar-100-python", "cifar-100-python.tar.gz", ("train",), ("test",), "meta"),
            Form("cifar-100-binary", "cifar-100-binary.tar.gz", ("train.bin",), ("test.bin",), f"{kind}_label_names.txt"),
        )
        self.labels, self.label_names, self.count = f"{kind}_labels", f"{kind}_label_names", 20 if coarse else 100
        self.column = 0 if coarse else 1
        super().__init__(root, train, transform, target_transform)


def contents(place: Path, names: tuple[str, ...]) -> dict[str, bytes]:
    """These files of a folder or an archive, as far as they are there."""
    if place.is_file():
        return read_from_tar(place, names)
    return {name: (place / name).read_bytes() for name in names if (place / name).is_file()}
