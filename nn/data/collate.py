"""How do samples become a batch?

Arrays of one shape are stacked along a new first axis; tuples and dicts are taken apart and put together again; strings stay a list.
Numbers come out in the types that networks are trained with:

    float64 -> float32        integers -> int64        bytes (uint8), booleans, float16, float32, complex: as they are

Read next: `sampler.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from autograd import Tensor
from nn.data.draws import Array

CASTS = {np.dtype(name): np.dtype(to) for name, to in {
    "float64": "float32", "int8": "int64", "int16": "int64", "int32": "int64", "uint16": "int64", "uint32": "int64"}.items()}


def collate(samples: Sequence[Any], names: Sequence[str] | None = None) -> Any:
    """A batch of samples: a tuple of arrays, a dict of arrays, or an array.

    samples:  arrays, numbers, strings, and tuples, lists and dicts of such, all built alike
    names:    what messages call them; default: sample 0, sample 1, ... of the batch

    Raises ValueError for arrays of differing shapes and samples that are built differently.
    """
    first = samples[0]
    if isinstance(first, Mapping):
        same(samples, lambda s: sorted(s) if isinstance(s, Mapping) else type(s).__name__, "keys", names)
        return {key: collate([sample[key] for sample in samples], names) for key in first}
    if isinstance(first, (tuple, list)):
        same(samples, lambda s: len(s) if isinstance(s, (tuple, list)) else type(s).__name__, "parts", names)
        parts = [collate(part, names) for part in zip(*samples)]
        return type(first)(*parts) if hasattr(first, "_fields") else tuple(parts)
    if isinstance(first, (str, bytes)) or first is None:
        return list(samples)
    arrays = [np.asarray(sample.data if isinstance(sample, Tensor) else sample) for sample in samples]
    if arrays[0].dtype.kind not in "biufc":
        return list(samples)
    same(arrays, lambda a: a.shape, "shape", names,
         "Images of differing sizes need a transform that makes them alike (Resize, CenterCrop, RandomResizedCrop), or "
         "ImageFolder(size=...)")
    return cast(np.stack(arrays))


def same(samples: Sequence[Any], what: Callable[[Any], Any], word: str, names: Sequence[str] | None, hint: str = "") -> None:
    """ValueError that names the first sample which differs."""
    first = what(samples[0])
    for i, sample in enumerate(samples):
        if what(sample) != first:
            names = names or [f"sample {i}" for i in range(len(samples))]
            raise ValueError(f"{names[i]} does not fit into a batch with {names[0]}: its {word} {what(sample)} differs from {first}."
                             f"{' ' + hint if hint else ''}")


def cast(batch: Any) -> Any:
    """The arrays of a batch in the types that networks are trained with."""
    if isinstance(batch, np.ndarray):
        return batch.astype(CASTS.get(batch.dtype, batch.dtype), copy=False)
    if isinstance(batch, tuple):
        parts = [cast(part) for part in batch]
        return type(batch)(*parts) if hasattr(batch, "_fields") else tuple(parts)
    if isinstance(batch, dict):
        return {key: cast(value) for key, value in batch.items()}
    return batch


def arrays_in(batch: Any, name: str = "") -> list[tuple[str, Array]]:
    """The arrays of a batch, with what to call them."""
    if isinstance(batch, np.ndarray):
        return [(name or "the input", batch)]
    parts = batch.items() if isinstance(batch, dict) else enumerate(batch) if isinstance(batch, tuple) else ()
    return [found for key, value in parts for found in arrays_in(value, f"{name}.{key}" if name else f"part {key}")]
