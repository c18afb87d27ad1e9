"""How does one keep what was learned?

`save(state, path)` writes arrays into a file and `load(path)` reads them again. A state is what `state_dict()` of a model or an
optimiser returns, or any tree of them: dicts, lists and tuples of arrays, numbers, strings and None.

    .npz          NumPy's own archive; `numpy.load` reads it
    .safetensors  what Hugging Face and PyTorch users exchange (pip install "onetape[files]")

Two promises. **A file is whole or not there**: it is written beside its place, flushed to the disk, and renamed, so a crash
leaves the old one. **Reading runs nothing**: neither format is a pickle. Arrays stand in the file under their paths, so a flat
`state_dict` is a file that anyone can read; what is no array is one line of JSON beside them.

Read next: `unpickling.py`.
"""

from __future__ import annotations

import json
import os
import secrets
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np

from autograd.tensor import Tensor

Array = np.ndarray[Any, Any]
STRUCTURE = "__structure__"
"""Where the file keeps what is no array; absent in the file of a flat dict of arrays."""


def save(state: Any, path: str | os.PathLike[str]) -> None:
    """Write a state into a file: all of it, or nothing.

    state:  a `state_dict`, or a tree of dicts, lists and tuples of arrays, Tensors, numbers, strings and None
    path:   ends in .npz or .safetensors

    >>> import autograd, nn, tempfile
    >>> model = nn.Linear(3, 2)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     autograd.save({"model": model.state_dict(), "epoch": 7}, f"{folder}/checkpoint.npz")
    ...     checkpoint = autograd.load(f"{folder}/checkpoint.npz")
    >>> checkpoint["epoch"], list(checkpoint["model"])
    (7, ['weight', 'bias'])

    Raises TypeError for what is no state, ValueError for another ending or a name that the format cannot hold, OSError where the disk
    refuses; an older file stays then.
    """
    place = Path(os.path.realpath(path))
    writes = writer(place)
    if not isinstance(state, (Mapping, list, tuple)):
        hint = ": write save(model.state_dict(), path)" if hasattr(state, "state_dict") else ""
        raise TypeError(f"save() takes a dict, list or tuple of arrays, not {type(state).__name__}{hint}")
    if isinstance(state, Mapping) and all(isinstance(k, str) and k and k != STRUCTURE and is_array(v) for k, v in state.items()):
        arrays, structure = {key: plain(value, key) for key, value in state.items()}, None
    else:
        arrays = {}
        structure = json.dumps(described(state, "", arrays))
    with replacing(place) as file:
        writes(file, arrays, structure)


def load(path: str | os.PathLike[str]) -> Any:
    """What was saved, as NumPy arrays. Files of others are read too: a dict from names to arrays; bfloat16 becomes float32.

    Raises FileNotFoundError, and ValueError if the file is truncated, corrupted, or of no kind that is read here.
    """
    place = Path(path)
    arrays, structure = reader(place)(place)
    if structure is None:
        return arrays
    try:
        return rebuilt(json.loads(structure), arrays)
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise broken(place, f"what it says about its structure does not fit its arrays ({error})") from error


# ---- trees --------------------------------------------------------------------------------------------------------


def is_array(value: Any) -> bool:
    return isinstance(value, (np.ndarray, np.generic, Tensor))


def plain(value: Any, name: str) -> Array:
    """An array of numbers in C order and in this machine's byte order."""
    array = np.asarray(value.data if isinstance(value, Tensor) else value)
    if array.dtype.kind not in "biufc":
        raise TypeError(f"{name} has dtype {array.dtype}, but only numbers are saved")
    return np.require(array, array.dtype.newbyteorder("="), "C")


def described(value: Any, path: str, arrays: dict[str, Array]) -> Any:
    """The tree as JSON: lists, numbers and strings as themselves, all else as a dict with one key, that says what it is."""
    if is_array(value):
        name, n = path or "array", 1
        while name in arrays or name == STRUCTURE:
            n += 1
            name = f"{path}#{n}"
        arrays[name] = plain(value, name)
        return {"array": name}
    if isinstance(value, Mapping):
        pairs = [(key if isinstance(key, str) else described_key(key, path), described(item, f"{path}/{key}" if path else str(key), arrays))
                 for key, item in value.items()]
        return {"dict": pairs}
    if isinstance(value, (list, tuple)):
        items = [described(item, f"{path}/{i}" if path else str(i), arrays) for i, item in enumerate(value)]
        return items if isinstance(value, list) else {"tuple": items}
    if value is None or type(value) in (bool, int, float, str):
        return value
    raise TypeError(f"{path or 'the state'} is a {type(value).__name__}, "
                    "but a file holds arrays, numbers, strings, None, dicts, lists and tuples")


def described_key(key: Any, path: str) -> int:
    if type(key) is not int:
        raise TypeError(f"the keys of {path or 'the state'} are strings or integers, not {key!r:.60}")
    return key


def rebuilt(value: Any, arrays: Mapping[str, Array]) -> Any:
    """The tree that `described` wrote down."""
    if isinstance(value, list):
        return [rebuilt(item, arrays) for item in value]
    if not isinstance(value, dict):
        return value
    ((kind, content),) = value.items()
    if kind == "array":
        return arrays[content]
    if kind == "tuple":
        return tuple(rebuilt(item, arrays) for item in content)
    if kind == "dict":
        return {key: rebuilt(item, arrays) for key, item in content}
    raise ValueError(f"unknown kind {kind!r}")


# ---- whole or not there -------------------------------------------------------------------------------------------


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """A file that takes the place of `path` at the end, or leaves no trace if anything fails."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    file = open(temporary, "xb")  # noqa: SIM115 - closed before it is renamed
    try:
        with file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    if os.name == "posix":  # elsewhere a folder cannot be opened, and a rename needs no help to last
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


# ---- formats ------------------------------------------------------------------------------------------------------


def write_npz(file: IO[bytes], arrays: Mapping[str, Array], structure: str | None) -> None:
    if structure is not None:
        arrays = {**arrays, STRUCTURE: np.frombuffer(structure.encode(), np.uint8)}
    with zipfile.ZipFile(file, "w") as archive:
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, array, allow_pickle=False)


def read_npz(path: Path) -> tuple[dict[str, Array], str | None]:
    arrays = {}
    try:
        with zipfile.ZipFile(path) as archive:
            members, stated = archive.infolist(), entries(path, len(archive.comment))
            if stated not in (len(members), 0xFFFF):  # which means: too many for two bytes
                raise ValueError(f"{len(members)} arrays are listed, but there should be {stated}")
            for info in members:
                with archive.open(info) as member:
                    arrays[info.filename.removesuffix(".npy")] = np.lib.format.read_array(member, allow_pickle=False)
        structure = arrays.pop(STRUCTURE, None)
        return arrays, None if structure is None else structure.tobytes().decode()
    except (FileNotFoundError, PermissionError, IsADirectoryError):
        raise
    except Exception as error:  # zipfile and NumPy's reader raise all kinds of them
        raise broken(path, f"{type(error).__name__}: {error}") from error


def entries(path: Path, comment: int) -> int:
    """How many files an archive has by its last record, which zipfile does not compare with what it found."""
    with open(path, "rb") as file:
        file.seek(-22 - comment, os.SEEK_END)
        return int.from_bytes(file.read(12)[10:], "little")


LETTERS = {"F64": "f8", "F32": "f4", "F16": "f2", "BF16": "u2", "C64": "c8", "I64": "i8", "I32": "i4", "I16": "i2", "I8": "i1", "U64": "u8",
           "U32": "u4", "U16": "u2", "U8": "u1", "BOOL": "?"}
"""The dtypes of .safetensors. NumPy has no bfloat16: its bits are read as integers, and widened."""


def safetensors() -> Any:
    try:
        import safetensors.numpy
    except ImportError as missing:
        raise ImportError('.safetensors files need the package safetensors: pip install "onetape[files]". Or use .npz') from missing
    return safetensors


def write_safetensors(file: IO[bytes], arrays: Mapping[str, Array], structure: str | None) -> None:
    package = safetensors()
    if "__metadata__" in arrays:
        raise ValueError("__metadata__ is what .safetensors itself calls its notes: give the array another name, or save as .npz")
    for name, array in arrays.items():
        if array.dtype.str[1:] not in {*LETTERS.values(), "b1"}:
            raise TypeError(f"{name} has dtype {array.dtype}, which .safetensors has no letters for: save as .npz")
    file.write(package.numpy.save(dict(arrays), None if structure is None else {STRUCTURE: structure}))


def read_safetensors(path: Path) -> tuple[dict[str, Array], str | None]:
    package, data = safetensors(), path.read_bytes()
    try:
        content = package.deserialize(data)  # checks sizes, offsets and shapes
        head = json.loads(data[8: 8 + int.from_bytes(data[:8], "little")])
    except (package.SafetensorError, ValueError) as error:
        raise broken(path, str(error)) from error
    arrays = {}
    for name, entry in content:
        if entry["dtype"] not in LETTERS:
            raise ValueError(f"{path}: {name} has dtype {entry['dtype']}, which NumPy cannot hold")
        array = np.frombuffer(entry["data"], np.dtype("<" + LETTERS[entry["dtype"]])).reshape(entry["shape"])
        arrays[name] = widened(array) if entry["dtype"] == "BF16" else array.astype(array.dtype.newbyteorder("="), copy=False)
    return arrays, head.get("__metadata__", {}).get(STRUCTURE)


def widened(bits: Array) -> Array:
    """bfloat16 as float32, of which it is the upper half."""
    return (bits.astype(np.uint32) << np.uint32(16)).view(np.float32)


FORMATS = {".npz": (write_npz, read_npz), ".safetensors": (write_safetensors, read_safetensors)}


def format_of(path: Path) -> tuple[Any, Any]:
    if path.suffix not in FORMATS:
        hint = "; PyTorch's files are read by nn.load_pretrained" if path.suffix in (".pt", ".pth", ".bin") else ""
        raise ValueError(f"the name of a file says its format, {' or '.join(FORMATS)}, but this is {path.name!r}{hint}")
    return FORMATS[path.suffix]


def writer(path: Path) -> Any:
    return format_of(path)[0]


def reader(path: Path) -> Any:
    return format_of(path)[1]


def broken(path: Path, why: str) -> ValueError:
    return ValueError(f"{path} is truncated, corrupted, or not what its name says: {why}. (Nothing was read.)")
