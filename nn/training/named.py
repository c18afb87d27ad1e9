"""What is called what on the command line?

Tables of models, data sets, optimisers and schedules by name, and what has to be fitted to what: how many channels and classes a model
has, how images become large enough for it, how a data set is augmented.

Read next: `__main__.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import prod
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import optim
from autograd import ops
from nn import models
from nn.container import Sequential
from nn.data import (
    CIFAR10,
    CIFAR100,
    MNIST,
    ChannelStandardize,
    CSVDataset,
    Digits,
    FashionMNIST,
    ImageFolder,
    NpzDataset,
    TransformedDataset,
    train_val_test_split,
    transforms,
)
from nn.module import Module
from nn.shape import Flatten

# ---- data ---------------------------------------------------------------------------------------------------------


class Data(NamedTuple):
    """A data set that is ready: its parts (the first with augmentation, and again without), the shape of a sample, how many classes it has
    (0: numbers are to be predicted), and their names."""

    train: Any
    plain: Any
    held_out: Any
    shape: tuple[int, ...]
    classes: int
    names: list[str] | None


SHIFTED = transforms.RandomAffine(degrees=8, translate=(0.1, 0.1), scale=(0.9, 1.1))
"""For digits: a little elsewhere, larger, or askew."""


def mirrored(shape: tuple[int, ...]) -> Any:
    """For photographs: mirrored, and moved by up to an eighth. (He et al. 2015, section 4.2.)"""
    crop = transforms.RandomCrop((shape[1], shape[2]), padding=max(shape[2] // 8, 1))
    return transforms.Compose([crop, transforms.RandomHorizontalFlip()])


def two_parts(cls: Any, path: str, **options: Any) -> tuple[Any, Any]:
    """A data set that was published in two parts."""
    return cls(path, train=True, **options), cls(path, train=False, **options)


def folder(path: str, size: int, seed: int) -> tuple[Any, Any]:
    """A folder with folders 'train' and 'val' or 'test', or one that is split."""
    root, side = Path(path), (size, size) if size else None
    held_out = next((root / name for name in ("val", "test", "valid") if (root / name).is_dir()), None)
    if (root / "train").is_dir() and held_out is not None:
        return ImageFolder(root / "train", size=side), ImageFolder(held_out, size=side)
    return split(ImageFolder(root, size=side), seed)


def split(data: Any, seed: int) -> tuple[Any, Any]:
    """Four fifths to learn from, and one to measure on."""
    train, held_out = train_val_test_split(data, (0.8, 0.2), seed=seed)
    if not len(train) or not len(held_out):
        raise ValueError(f"{data!r}: a fifth is held out to measure on, and there are too few samples for that, {len(data)}")
    return train, held_out


DATA: dict[str, Callable[[str, int, int], tuple[Any, Any]]] = {
    "digits": lambda path, size, seed: (Digits(True, seed=seed), Digits(False, seed=seed)),
    "cifar10": lambda path, size, seed: two_parts(CIFAR10, path),
    "cifar100": lambda path, size, seed: two_parts(CIFAR100, path),
    "mnist": lambda path, size, seed: two_parts(MNIST, path),
    "fashion": lambda path, size, seed: two_parts(FashionMNIST, path),
    "folder": folder,
    "csv": lambda path, size, seed: split(CSVDataset(path), seed),
    "npz": lambda path, size, seed: split(NpzDataset(path), seed),
}
AUGMENTED = {"digits": lambda shape: SHIFTED, "mnist": lambda shape: SHIFTED, "cifar10": mirrored, "cifar100": mirrored,
             "fashion": mirrored, "folder": mirrored}


def data_named(text: str, size: int = 0, augment: bool = True, seed: int = 0) -> Data:
    """The data set of this name, such as 'digits', 'cifar10:PATH' or 'csv:PATH'.

    size:     bring images to this height and width; 0 leaves them
    augment:  change the training images, each time anew
    seed:     of the split, where the files have none
    """
    kind, _, path = text.partition(":")
    if kind not in DATA:
        known = ", ".join(name if name == "digits" else f"{name}:PATH" for name in DATA)
        place = ""
        if Path(text).suffix in (".csv", ".npz"):
            place = f". For this file write --data {Path(text).suffix[1:]}:{text}"
        elif Path(text).is_dir():
            place = f". For a folder of images write --data folder:{text}"
        raise ValueError(f"there is no data set {kind!r}; known are {known}{place}")
    if path and kind == "digits":
        raise ValueError(f"--data {text}: the digits are bundled and have no place; for images of your own write --data folder:{path}")
    if not path and kind != "digits":
        raise ValueError(f"--data {kind} needs a place: --data {kind}:PATH")
    train, held_out = DATA[kind](path, size, seed)
    if size and kind not in ("csv", "npz", "folder"):
        bigger = transforms.Resize((size, size))
        train, held_out = TransformedDataset(train, bigger), TransformedDataset(held_out, bigger)
    sample = train[0]
    if not isinstance(sample, tuple) or len(sample) != 2:
        raise ValueError(f"{path}: a sample is a pair (inputs, target), and here it has {len(sample) if isinstance(sample, tuple) else 1} "
                         "parts: the file needs two arrays, inputs and targets")
    inputs, target = sample
    shape = np.shape(inputs)
    names = getattr(held_out, "classes", None)
    if np.asarray(target).dtype.kind == "f":
        classes = 0
    elif not names and min(int(np.min(part.targets)) for part in (train, held_out)) < 0:
        raise ValueError(f"{path}: classes are numbered from 0, and there are negative targets. For numbers, not classes, store "
                         "them as floats")
    else:
        classes = len(names) if names else 1 + max(int(np.max(part.targets)) for part in (train, held_out))
    augmented = TransformedDataset(train, AUGMENTED[kind](shape)) if augment and kind in AUGMENTED else train
    return Data(augmented, train, held_out, shape, classes, names)


# ---- models -------------------------------------------------------------------------------------------------------


class InColour(Module):
    """(N, 1, H, W) -> (N, 3, H, W): grey images for a model that expects red, green and blue."""

    def forward(self, x: Any) -> Any:
        return ops.concatenate([x, x, x], axis=1)


def mlp(hidden: tuple[int, ...], shape: tuple[int, ...], outputs: int) -> Module:
    return Sequential(Flatten(), models.MLP([prod(shape), *hidden, outputs]))


class Kind(NamedTuple):
    """How a model is made for samples of a shape, with so many outputs; and how many pixels it needs, 0 for any number."""

    make: Callable[[tuple[int, ...], int], Module]
    least: int = 0


def photographic(make: Callable[..., Module], least: int, **options: Any) -> Kind:
    """A model for images of three channels."""
    return Kind(lambda shape, outputs: make(num_classes=outputs, **options), least)


MODELS = {
    "linear": Kind(partial(mlp, ())), "mlp": Kind(partial(mlp, (128, 64))),
    "lenet5": Kind(lambda shape, outputs: models.LeNet5(outputs, shape[0]), 32),
    **{name: photographic(getattr(models, name), 8) for name in ("resnet20", "resnet32", "resnet44", "resnet56", "resnet110")},
    **{name: photographic(getattr(models, name), 32) for name in ("resnet18", "resnet34", "resnet50", "resnet101", "resnet152")},
    **{name: photographic(getattr(models, name), 32) for name in ("vgg11", "vgg13", "vgg16", "vgg19", "vgg11_bn", "vgg13_bn", "vgg16_bn",
                                                                  "vgg19_bn")},
    "alexnet": photographic(models.alexnet, 63), "googlenet": photographic(models.googlenet, 32, aux_logits=False),
}


def size_for(model: str, data: Data) -> int:
    """The size that images must be brought to for a model; 0 if they may stay as they are."""
    kind = MODELS[model]
    if kind.least and len(data.shape) != 3:
        raise ValueError(f"{model} takes images, and a sample of this data has shape {data.shape}: use mlp or linear")
    exact = model == "lenet5" and data.shape[1:] != (32, 32)
    return kind.least if kind.least and (exact or min(data.shape[1:]) < kind.least) else 0


def model_named(name: str, data: Data) -> Module:
    """The model of this name, for this data: first its scale (mean 0, deviation 1 of the training data), then the network."""
    if name not in MODELS:
        raise ValueError(f"there is no model {name!r}; known are {', '.join(MODELS)}")
    network = MODELS[name].make(data.shape, data.classes or 1)
    grey = len(data.shape) == 3 and data.shape[0] == 1 and MODELS[name].least and name != "lenet5"
    return Sequential({"scale": ChannelStandardize().fit(data.plain),
                       **({"colour": InColour()} if grey else {}), "network": network})


# ---- optimisers and schedules -------------------------------------------------------------------------------------

OPTIMIZERS: dict[str, tuple[Callable[..., optim.Optimizer], float]] = {
    "sgd": (partial(optim.SGD, momentum=0.9, nesterov=True, weight_decay=5e-4), 0.1),
    "adam": (optim.Adam, 1e-3), "adamw": (partial(optim.AdamW, weight_decay=0.05), 1e-3), "rmsprop": (optim.RMSprop, 1e-3),
    "adagrad": (optim.Adagrad, 1e-2), "lion": (optim.Lion, 1e-4), "lamb": (optim.LAMB, 1e-2),
}
"""How it is made, and its usual learning rate."""

SCHEDULES: dict[str, Callable[[optim.Optimizer, int], Any]] = {
    "none": lambda optimizer, steps: None,
    "cosine": lambda optimizer, steps: optim.lr_scheduler.CosineAnnealingLR(optimizer, steps),
    "onecycle": lambda optimizer, steps: optim.lr_scheduler.OneCycleLR(optimizer, optimizer.param_groups[0]["lr"], total_steps=steps),
    "step": lambda optimizer, steps: optim.lr_scheduler.MultiStepLR(optimizer, [steps // 2, steps * 3 // 4]),
    "linear": lambda optimizer, steps: optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.0, steps),
}
"""Of an optimiser, for so many steps."""
