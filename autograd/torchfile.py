"""How is a file of PyTorch read without PyTorch?

`torch.save` writes a zip archive: one pickle, `data.pkl`, which says what the tensors are called and where their elements are,
and the bytes of each storage, `data/0`, `data/1`, ... The pickle is not run but read (`unpickling.py`); then each description
of a tensor becomes an array, within the bounds of its storage. An archive that is not as PyTorch writes it is refused.

(PyTorch, `torch/serialization.py`.)

Read next: `kernels/__init__.py`.
"""

from __future__ import annotations

import math
import os
import stat
import zipfile
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from autograd.files import widened
from autograd.unpickling import Described, Refused, Storage, described_by

Array = np.ndarray[Any, Any]

REPEATED = 2 ** 24
"""Tensors may have more elements than the file has bytes, by strides of 0 and by sharing: four times as many, and this many more."""

LEGACY = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."
NEWER = 'with PyTorch, once, in a place you trust: torch.save(torch.load("old.pth", weights_only=True), "new.pth")'


class Archive:
    """A file of `torch.save`: its pickle, and its storages by their keys. Nothing is unpacked to the disk."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with open(path, "rb") as file:
            start = file.read(len(LEGACY))
        if not zipfile.is_zipfile(path):
            old = start == LEGACY or start[:2] in (b"\x80\x02", b"\x80\x04", b"\x80\x03")
            raise Refused(f"it is a bare pickle, as PyTorch wrote before 1.6; {NEWER}" if old
                          else "it is no zip archive: truncated, or not saved by PyTorch")
        self.zip = zipfile.ZipFile(path)
        self.members = {member.filename: member for member in self.zip.infolist()}
        self.check()
        pickles = [name for name in self.members if name.count("/") == 1 and name.endswith("/data.pkl")]
        if len(pickles) != 1:
            raise Refused(f"it is a zip archive with {len(pickles)} data.pkl: not saved by torch.save")
        self.folder = pickles[0].removesuffix("data.pkl")
        self.pickle = self.zip.read(pickles[0])
        order = self.zip.read(self.folder + "byteorder") if self.folder + "byteorder" in self.members else b"little"
        if order not in (b"little", b"big"):
            raise Refused("its byte order is neither little nor big")
        self.order = "<" if order == b"little" else ">"
        self.read: dict[str, Array] = {}

    def check(self) -> None:
        """Is this an archive as PyTorch writes it: plain files, uncompressed, none twice, no larger together than the file?"""
        for member in self.zip.infolist():
            parts = member.filename.split("/")
            if member.filename != member.orig_filename or {"\\", ":"} & {*member.filename} or {"", ".", ".."} & {*parts}:
                raise Refused(f"a member has the path {member.filename[:60]!r}")
            if stat.S_IFMT(member.external_attr >> 16) not in (0, stat.S_IFREG):
                raise Refused(f"its member {member.filename[:60]!r} is a link, not a file")
            if member.compress_type != zipfile.ZIP_STORED or member.flag_bits & 1:
                raise Refused(f"its member {member.filename[:60]!r} is compressed or encrypted, which PyTorch never does")
        if len(self.members) != len(self.zip.infolist()):
            raise Refused("two members have the same name")
        if sum(member.file_size for member in self.members.values()) > os.path.getsize(self.path):
            raise Refused("its members are larger than the file")

    def storage(self, storage: Storage) -> Array:
        """The bytes of a storage; the checksum of the archive is checked."""
        name = f"{self.folder}data/{storage.key}"
        if name not in self.members:
            raise Refused(f"storage {storage.key} is missing: the file is truncated")
        if storage.key not in self.read:
            self.read[storage.key] = np.frombuffer(self.zip.read(name), np.uint8)
        data = self.read[storage.key]
        if data.size != storage.bytes:  # what was read counts, not what the archive says about it: views must not reach beyond
            raise Refused(f"storage {storage.key} has {data.size} bytes, and not the {storage.bytes} that its tensors need")
        return data

    def array(self, tensor: Described) -> Array:
        """A tensor as an array: a read-only view of its storage, where NumPy has its dtype."""
        dtype = np.dtype(self.order + tensor.dtype.code)
        data = self.storage(tensor.storage)
        elements = data[: data.size - data.size % dtype.itemsize].view(dtype)
        strides = [s * dtype.itemsize for s in tensor.strides]
        start = elements[tensor.offset:] if math.prod(tensor.shape) else elements[:0]
        array = np.lib.stride_tricks.as_strided(start, tensor.shape, strides, writeable=False)
        if tensor.dtype.name in ("bfloat16", "bool"):
            return widened(array) if tensor.dtype.name == "bfloat16" else array != 0
        return array if dtype.isnative else array.astype(dtype.newbyteorder("="))


def read(path: str | os.PathLike[str], key: str | None = None) -> dict[str, Array]:
    """The state dict in a .pt or .pth file, as arrays. See `nn.load_pretrained`."""
    place = Path(path)
    try:
        archive = Archive(place)
        with archive.zip:
            state = described_by(archive.pickle)
            if key is not None and type(state) is dict and key in state:
                state = state[key]
            elif key is not None:
                raise Refused(f"there is no {key!r} in it{keys_of(state)}")
            tensors = checked(state)
            elements = sum(math.prod(value.shape) for value in tensors.values() if isinstance(value, Described))
            if elements > 4 * place.stat().st_size + REPEATED:
                raise Refused(f"its tensors have {elements:,} elements, far more than the file holds")
            return {name: archive.array(value) if isinstance(value, Described) else np.array(value) for name, value in tensors.items()}
    except Refused as error:
        raise Refused(f"{place} was not loaded, and nothing in it was run: {error}.") from error
    except (FileNotFoundError, PermissionError, IsADirectoryError):
        raise
    except Exception as error:  # zipfile and pickletools raise all kinds of them
        why = f"{type(error).__name__}: {str(error)[:200]}"
        raise Refused(f"{place} is truncated or corrupted, and nothing in it was run: {why}") from error


def checked(state: Any) -> dict[str, Any]:
    """A dict from names to tensors and numbers. Anything else gets a hint."""
    if type(state) is not dict:
        raise Refused(f"it holds a {kind(state)}, not a state dict: save model.state_dict()")
    inside = [key for key, value in state.items()
              if type(value) is dict and any(isinstance(item, Described) for item in islice(value.values(), 100))]
    if inside:
        raise Refused(f"the state dict is inside: write key={inside[0]!r}{keys_of(state)}")
    for name, value in state.items():
        if type(name) is not str or not (isinstance(value, Described) or type(value) in (bool, int, float)):
            raise Refused(f"{str(name)[:60]!r} is a {kind(value)}, but a state dict maps names to tensors")
    return state


def keys_of(state: Any) -> str:
    return f" (there are {', '.join(repr(key)[:40] for key in islice(state, 8))})" if type(state) is dict else ""


def kind(value: Any) -> str:
    return "tensor" if isinstance(value, Described) else type(value).__name__
