"""How does a folder of images become a data set?

    root/cat/1.jpg        every folder is a class, numbered in alphabetical order;
    root/cat/more/2.png   images may lie deeper
    root/dog/3.jpg

Images are read when they are asked for, by Pillow: `pip install "onetape[train]"`. For a batch they must be of one size: say `size`, or
give a transform that makes them alike.

Read next: `table.py`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from nn.data.draws import Array, draws_for
from nn.data.files import damaged
from nn.data.transforms.transform import pair, stacked, transformed

EXTENSIONS = (".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp", ".gif")
CHANNELS = {"RGB": 3, "L": 1}


def pillow() -> Any:
    try:
        import PIL.Image  # type: ignore[import-not-found]
    except ImportError as missing:
        raise ImportError('images are read by Pillow: pip install "onetape[train]"') from missing
    return PIL.Image


def read_image(path: str | os.PathLike[str], mode: str = "RGB", size: tuple[int, int] | None = None) -> Array:
    """An image file as bytes (C, H, W). Raises ValueError, naming the file, if it is none or damaged.

    mode:  'RGB', or 'L' for grey
    size:  (height, width) to bring it to
    """
    image = pillow()
    try:
        with image.open(path) as file:
            picture = file.convert(mode)
    except FileNotFoundError:
        raise
    except Exception as error:  # Pillow's readers raise all kinds of them
        raise damaged(path, error) from error
    if size is not None:
        picture = picture.resize((size[1], size[0]), image.Resampling.BILINEAR)
    return np.asarray(picture, np.uint8).reshape(picture.height, picture.width, CHANNELS[mode]).transpose(2, 0, 1)


class ImageFolder:
    """The images below a folder: `dataset[i]` is (image, class), the image float32 (C, H, W) in [0, 1].

    root:              the folder with a folder for each class
    transform:         applied to the images in [0, 1]; see `nn.data.transforms`
    target_transform:  applied to the classes
    size:              the size that every image is brought to, one integer or (height, width); None leaves it as it is
    mode:              'RGB', or 'L' for grey
    extensions:        which files are images, by the end of their names

    classes:           the names of the classes, in order
    files:             the path of each sample
    targets:           the class of each sample

    Raises FileNotFoundError if there is no folder or a class has no images; reading raises ValueError for an image that is damaged.
    """

    def __init__(self, root: str | os.PathLike[str], transform: Callable[..., Any] | None = None,
                 target_transform: Callable[..., Any] | None = None, size: int | tuple[int, int] | None = None, mode: str = "RGB",
                 extensions: Sequence[str] = EXTENSIONS) -> None:
        if mode not in CHANNELS:
            raise ValueError(f"mode is {' or '.join(map(repr, CHANNELS))}, and not {mode!r}")
        pillow()  # better now than in a worker
        self.root, self.transform, self.target_transform = Path(root), transform, target_transform
        self.size, self.mode = None if size is None else pair(size, "size"), mode
        if not self.root.is_dir():
            raise FileNotFoundError(f"{self.root} is no folder")
        self.classes = sorted(place.name for place in self.root.iterdir() if place.is_dir() and not place.name.startswith("."))
        if not self.classes:
            raise FileNotFoundError(f"{self.root} has no folders, and each class needs one: {self.root}/cat/1.jpg")
        self.files: list[Path] = []
        targets: list[int] = []
        for number, name in enumerate(self.classes):
            found = sorted(place for place in (self.root / name).rglob("*") if place.suffix.lower() in extensions and place.is_file())
            if not found:
                raise FileNotFoundError(f"the class {name!r} has no images: there is no file in {self.root / name} that ends in "
                                        f"{', '.join(extensions)}")
            self.files += found
            targets += [number] * len(found)
        self.targets = np.array(targets, np.int64)

    def describe(self, index: int) -> str:
        return f"sample {index} ({self.files[index]})"

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, index: int) -> Any:
        if not -len(self) <= index < len(self):
            raise IndexError(f"there is no sample {index} among {len(self)}")
        return self.__getitems__([index % len(self)])[0]

    def __getitems__(self, indices: Sequence[int] | Array) -> list[Any]:
        """Many samples; transforms work on all images at once if they are of one size."""
        rows = [int(i) for i in indices]
        images = stacked([np.multiply(read_image(self.files[i], self.mode, self.size), np.float32(1 / 255)) for i in rows])
        targets: Any = self.targets[rows]
        draws = draws_for(rows)
        for_images, for_targets = draws.fork(), draws.fork()
        if self.transform is not None:
            images = transformed(self.transform, images, for_images)
        if self.target_transform is not None:
            targets = transformed(self.target_transform, targets, for_targets)
        return list(zip(images, targets))

    def __repr__(self) -> str:
        return f"ImageFolder({self.root}, {len(self)} images of {len(self.classes)} classes)"
