"""What is in a batch?

A pair (inputs, targets). Inputs may be a tuple, and are the model's arguments then; so may what a model puts out. These functions take
such things apart.

Read next: `trainer.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from autograd import Tensor
from nn.data.combined import ConcatDataset, MixedDataset, Subset, TransformedDataset
from nn.data.dataset import ArrayDataset
from nn.data.folder import ImageFolder

SAMPLES = (ArrayDataset, ImageFolder, Subset, ConcatDataset, TransformedDataset, MixedDataset)
"""What gives samples, and no batches."""
NO_ARRAYS = (list, int, float, str, bytes, type(None))
"""What stands in a list that is no list of arrays."""


def split(batch: Any) -> tuple[tuple[Any, ...], Any]:
    """A batch as (arguments of the model, targets)."""
    if not isinstance(batch, (tuple, list)) or len(batch) != 2:
        raise TypeError(f"a batch is a pair (inputs, targets), and this is a {type(batch).__name__}"
                        + (f" of length {len(batch)}" if hasattr(batch, "__len__") else "")
                        + ". If the model takes several inputs, make them a tuple: ((x1, x2), targets)")
    inputs, targets = batch
    if isinstance(targets, np.generic):
        raise TypeError(f"this is a single sample, with the target {targets}, and no batch: write "
                        "nn.data.DataLoader(dataset, batch_size=64)")
    if isinstance(targets, list) and targets and isinstance(targets[0], NO_ARRAYS):
        raise TypeError(f"the targets of this batch are a list of {len(targets)} {type(targets[0]).__name__}, and a loss takes arrays: "
                        "write numpy.array(targets), which makes class numbers of whole numbers")
    return arguments(inputs), targets


def arguments(inputs: Any) -> tuple[Any, ...]:
    """Inputs as the arguments of a model. TypeError for a list of numbers, whose items would each be taken for an argument."""
    if isinstance(inputs, list) and inputs and isinstance(inputs[0], NO_ARRAYS):
        raise TypeError(f"the inputs of this batch are a list of {len(inputs)} {type(inputs[0]).__name__}, and a model takes arrays: write "
                        "numpy.array(inputs, dtype=numpy.float32) for numbers; names, such as those of files, must be turned into "
                        "numbers first")
    return tuple(inputs) if isinstance(inputs, (tuple, list)) else (inputs,)


def inputs_of(batch: Any) -> tuple[Any, ...]:
    """The arguments of the model in a batch of inputs alone, or of inputs and targets."""
    if not isinstance(batch, (tuple, list)):
        return (batch,)
    return arguments(batch[0]) if len(batch) == 1 else split(batch)[0]


def count_of(inputs: tuple[Any, ...], targets: Any) -> int:
    """How many examples a batch has: the length of its first array of targets, or of inputs."""
    for value in (*leaves(targets), *leaves(inputs)):
        if np.ndim(value):
            return len(value)
    return 1


def leaves(value: Any) -> Iterable[Any]:
    """The arrays in tuples, lists and dicts."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, (tuple, list)):
        for item in value:
            yield from leaves(item)
    elif isinstance(value, (np.ndarray, np.generic, Tensor, int, float)):
        yield plain(value)


def plain(value: Any) -> Any:
    """A Tensor as an array; anything else as it is."""
    return value.data if isinstance(value, Tensor) else value


def first(outputs: Any) -> Any:
    """The outputs as an array; of a model with several outputs the first."""
    while isinstance(outputs, (tuple, list)):
        outputs = outputs[0]
    return plain(outputs)


def checked(batches: Any, where: str, again: bool = True) -> None:
    """TypeError for what cannot be gone through, or (`again`) not more than once, and for what is no series of batches."""
    if isinstance(batches, (np.ndarray, Tensor)):
        raise TypeError(f"{where} takes batches, and this is an array of shape {np.shape(batches)}, whose rows would each be taken for "
                        "one: write [inputs] for one batch of inputs, [(inputs, targets)] with their targets")
    if isinstance(batches, tuple) and len(batches) == 2 and all(isinstance(part, (np.ndarray, Tensor)) for part in batches):
        raise TypeError(f"{where} takes batches, and this is a pair of arrays: write [(inputs, targets)] to use them as one batch, or "
                        "nn.data.DataLoader(nn.data.ArrayDataset(inputs, targets), batch_size=64)")
    if isinstance(batches, SAMPLES):
        raise TypeError(f"{where} takes batches, and this is a data set, {type(batches).__name__}, which gives single samples: write "
                        "nn.data.DataLoader(dataset, batch_size=64)" + (", with shuffle=True for training" if again else ""))
    if again and hasattr(batches, "__next__"):
        raise TypeError(f"{where} goes through the batches once per epoch, and a {type(batches).__name__} can be gone through only once: "
                        "give it the DataLoader, or a list")
    if not hasattr(batches, "__iter__") and not hasattr(batches, "__getitem__"):
        raise TypeError(f"{where} takes something to iterate over that gives pairs (inputs, targets), such as a nn.data.DataLoader, and "
                        f"not a {type(batches).__name__}")
