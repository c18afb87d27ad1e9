"""What do the files of MNIST look like?

An idx file is a header and then the numbers of an array, in C order, most significant byte first (LeCun, Cortes & Burges, "The MNIST
database of handwritten digits"):

    0 0         two bytes of zero
    type        8 uint8, 9 int8, 11 int16, 12 int32, 13 float32, 14 float64
    axes        how many
    lengths     four bytes for each axis

Fashion-MNIST has the same files with other pictures (Xiao, Rasul & Vollgraf 2017).

Read next: `files.py`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from nn.data.dataset import ArrayDataset
from nn.data.draws import Array
from nn.data.files import damaged, first_of, read_bytes
from nn.data.transforms.compose import Compose, ToFloat

TYPES = {8: "u1", 9: "i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}


def read_idx(path: str | os.PathLike[str]) -> Array:
    """The array in an idx file, or in an idx.gz file. Raises ValueError, naming the file, if it is no such file or truncated."""
    place = Path(path)
    data = read_bytes(place)
    if len(data) < 4 or data[:2] != b"\0\0" or data[2] not in TYPES:
        raise damaged(place, f"an idx file starts with 0 0 and a type, and this one with {list(data[:4])}")
    dtype, axes = np.dtype(TYPES[data[2]]), data[3]
    start = 4 + 4 * axes
    shape = tuple(np.frombuffer(data[4: start], ">u4").tolist()) if len(data) >= start else None
    if shape is None or len(data) != start + prod(shape) * dtype.itemsize:
        raise damaged(place, f"its header speaks of shape {shape}, and it has {max(len(data) - start, 0)} bytes of data")
    array = np.frombuffer(data, dtype, offset=start).reshape(shape)
    return array.astype(dtype.newbyteorder("="))


class ByteImages(ArrayDataset):
    """Images kept as bytes, (N, C, H, W), that come out as float32 in [0, 1].

    images, targets:              uint8 and integers
    transform, target_transform:  applied to the images in [0, 1], and to the targets
    classes:                      their names
    """

    def __init__(self, images: Array, targets: Array, transform: Callable[..., Any] | None, target_transform: Callable[..., Any] | None,
                 classes: Sequence[str]) -> None:
        steps: list[Callable[..., Any]] = [ToFloat()] if transform is None else [ToFloat(), transform]
        super().__init__(images, targets, transform=Compose(steps), target_transform=target_transform, classes=classes)


class MNIST(ByteImages):
    """Handwritten digits, 60000 to learn from and 10000 to test: images (1, 28, 28), float32 in [0, 1], and classes.

    root:              the folder with train-images-idx3-ubyte(.gz) and the other three files, or torchvision's folder above it
    train:             the part to learn from, or the test images
    transform:         applied to the images
    target_transform:  applied to the classes

    Nothing is downloaded. Raises FileNotFoundError for a file that is not there, ValueError for one that is damaged.
    """

    def __init__(self, root: str | os.PathLike[str], train: bool = True, transform: Callable[..., Any] | None = None,
                 target_transform: Callable[..., Any] | None = None) -> None:
        part, folders = "train" if train else "t10k", ("raw", f"{type(self).__name__}/raw", type(self).__name__)
        images, labels = (first_of(Path(root), [f"{part}-{kind}{dot}idx{axes}-ubyte{end}" for dot in "-." for end in ("", ".gz")], folders)
                          for kind, axes in (("images", 3), ("labels", 1)))
        pixels, classes = read_idx(images), read_idx(labels)
        if pixels.ndim != 3 or pixels.dtype != np.uint8:
            raise damaged(images, f"images are bytes with three axes, and these are {pixels.dtype} with {pixels.ndim}")
        if classes.shape != pixels.shape[:1]:
            raise damaged(labels, f"there are {len(pixels)} images and labels of shape {classes.shape}")
        self.file = labels
        super().__init__(pixels[:, None], classes.astype(np.int64), transform, target_transform, self.class_names())

    @classmethod
    def class_names(cls) -> list[str]:
        return [str(digit) for digit in range(10)]

    def describe(self, index: int) -> str:
        return f"sample {index} of {self.file.name}"


class FashionMNIST(MNIST):
    """Pictures of clothes in the files of MNIST.

    root, train, transform, target_transform:  as for `MNIST`
    """

    @classmethod
    def class_names(cls) -> list[str]:
        return ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"]
