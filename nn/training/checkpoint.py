r"""How does a run survive?

Every so often all that the rest of the run depends on is written into a file, and after a crash the newest good file is loaded. What is
in it says `Trainer.state_dict`; the result of the resumed run is that of the uninterrupted one, bit for bit.

    trainer = Trainer(..., callbacks=[Checkpoints("runs/one", every=100, best="val_accuracy")])
    trainer.fit(loader, validation, epochs=10, resume=True)        # the same line starts the run and restarts it

    runs/one/step-00000200.npz      the newest `keep` of them
    runs/one/step-00000300.npz
    runs/one/best.npz               where `best` was best, at the end of an epoch

A file is written under another name, flushed to the disk, and renamed. What a disk does to it later shows in a seal: the file ends with
the SHA-256 of all that stands before. It is a .npz file all the same (the seal is the comment of its archive): `autograd.load` reads it.

Read next: `log.py`.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import tempfile
import warnings
from collections.abc import Mapping
from math import nan
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import autograd
from autograd.files import described, replacing, write_npz
from nn.training.callbacks import Callback, improved
from nn.training.failure import MENDS, NonFiniteLoss

if TYPE_CHECKING:
    from nn.training.trainer import Trainer

SEAL = b"sha256 "
DIGITS = 64
"""How many characters a SHA-256 has in hexadecimal."""


# ---- one file -----------------------------------------------------------------------------------------------------


def save_checkpoint(trainer: Trainer, path: str | os.PathLike[str]) -> Path:
    """Write the state of a trainer into a .npz file, all of it or nothing. Returns the path.

    Raises OSError where the disk refuses, for instance because it is full; an older file of this name stays then.
    """
    path = Path(path)
    if path.suffix != ".npz":
        raise ValueError(f"a checkpoint is a .npz file, and not {path.name!r}")
    path.parent.mkdir(parents=True, exist_ok=True)
    write(sealed(trainer.state_dict()), path)
    return path


def load_checkpoint(path: str | os.PathLike[str]) -> dict[str, Any]:
    """The state in a checkpoint, for `Trainer.load_state_dict`. Raises ValueError if the file is damaged, FileNotFoundError."""
    path = Path(path)
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder, and a checkpoint is a file in it: load_checkpoint(latest({str(path)!r}))")
    check_seal(path)
    state = autograd.load(path)
    if not isinstance(state, dict) or "counts" not in state:
        raise ValueError(f"{path} is no checkpoint of a Trainer")
    return state


def sealed(state: Mapping[str, Any]) -> bytes:
    """The content of the file: an .npz archive with a comment that is the word sha256 and the hash of all bytes before the hash."""
    arrays: dict[str, Any] = {}
    structure = json.dumps(described(state, "", arrays))
    buffer = io.BytesIO()
    write_npz(buffer, arrays, structure)
    content = bytearray(buffer.getbuffer())
    content[-2:] = (len(SEAL) + DIGITS).to_bytes(2, "little")  # an archive ends with the length of its comment
    content += SEAL
    content += hashlib.sha256(content).hexdigest().encode()
    return bytes(content)


def check_seal(path: Path) -> None:
    """ValueError if a file is not as it was written."""
    content = memoryview(path.read_bytes())
    seal = bytes(content[-len(SEAL) - DIGITS:])
    if not seal.startswith(SEAL) or hashlib.sha256(content[:-DIGITS]).hexdigest().encode() != seal[len(SEAL):]:
        raise ValueError(f"{path} is damaged, or no checkpoint: its bytes do not have the checksum that was written with them")


def write(content: bytes, path: Path) -> None:
    """The file, whole, or the older one of this name."""
    with replacing(Path(os.path.realpath(path))) as file:
        file.write(content)


# ---- a folder of them ---------------------------------------------------------------------------------------------


def step_of(path: Path) -> int:
    """The step in the name of a checkpoint; -1 for best.npz and all else."""
    found = re.fullmatch(r"step-(\d+)\.npz", path.name)
    return int(found[1]) if found else -1


def checkpoints_in(folder: str | os.PathLike[str]) -> list[Path]:
    """The checkpoints of a folder by step, oldest first, good or not; without best.npz."""
    folder = Path(folder)
    return sorted((path for path in folder.iterdir() if step_of(path) >= 0), key=step_of) if folder.is_dir() else []


def latest(folder: str | os.PathLike[str]) -> Path | None:
    """The newest good checkpoint of a folder, best.npz only if there is no other; None if there is none. Warns about damaged ones."""
    last = Path(folder) / "best.npz"
    for path in [*checkpoints_in(folder)[::-1], *([last] if last.is_file() else [])]:
        try:
            check_seal(path)
            return path
        except (ValueError, OSError) as error:
            warnings.warn(f"{error}. An older checkpoint is used, if there is one", RuntimeWarning, stacklevel=2)
    return None


def newest_state(place: str | os.PathLike[str]) -> dict[str, Any] | None:
    """The state in this file, or in the newest good checkpoint of this folder; None if the folder holds none, or is not there."""
    place = Path(place)
    if place.is_file():
        return load_checkpoint(place)
    if place.suffix == ".npz":
        raise FileNotFoundError(f"there is no checkpoint {place}")
    path = latest(place)
    return None if path is None else load_checkpoint(path)


def check_writable(folder: Path) -> None:
    """Make a folder, and see that a file can be written into it: not only after the first epoch. Raises OSError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise type(error)(error.errno, f"no checkpoint can be written into this folder ({error.strerror or error}): name another one",
                          str(folder)) from error


class Checkpoints(Callback):
    """Writes checkpoints into a folder, and removes old ones.

    folder:     where
    every:      "epoch", or after how many steps. At the end of the training there is one in any case
    keep:       how many of the newest are kept; None keeps all
    best:       a column of the history, such as 'val_accuracy'. Where it was best is kept too, as best.npz
    overwrite:  True removes the checkpoints of an earlier run when a new one starts; else that is an error

    `newest` and `best_path` are the files; `best_value` is what was best.
    """

    order = 10  # after all that decide something in the same event

    def __init__(self, folder: str | os.PathLike[str], every: str | int = "epoch", keep: int | None = 3, best: str | None = None,
                 overwrite: bool = False) -> None:
        if every != "epoch" and (isinstance(every, (bool, str)) or every < 1):
            raise ValueError(f"Checkpoints(every={every!r}): it is 'epoch', or after how many steps")
        if keep is not None and keep < 1:
            raise ValueError(f"Checkpoints(keep={keep!r}): at least 1 is kept; None keeps all")
        self.folder, self.every, self.keep, self.best, self.overwrite = Path(folder), every, keep, best, overwrite
        self.best_value: float | None = None

    @property
    def newest(self) -> Path | None:
        """The newest good checkpoint."""
        return latest(self.folder)

    @property
    def best_path(self) -> Path | None:
        """The checkpoint of the best epoch."""
        path = self.folder / "best.npz"
        return path if path.exists() else None

    def on_fit_start(self, trainer: Trainer) -> None:
        check_writable(self.folder)
        for path in self.folder.glob(".*.npz.*.tmp"):  # a process was killed while it wrote
            path.unlink(missing_ok=True)
        for path in checkpoints_in(self.folder):
            if step_of(path) > trainer.step:
                self.make_way(path, trainer)
        if trainer.step == 0 and self.overwrite:
            (self.folder / "best.npz").unlink(missing_ok=True)

    def make_way(self, path: Path, trainer: Trainer) -> None:
        """Remove a checkpoint that a later resume would take for our own, if it is damaged or we may."""
        if not self.overwrite:
            try:
                check_seal(path)
            except ValueError:
                pass
            else:
                raise FileExistsError(
                    f"{path} is a checkpoint of another run, and this run is at step {trainer.step}: a later resume would take it for "
                    "ours. To go on with that run write fit(..., resume=True); for a new one give another folder, or "
                    "Checkpoints(..., overwrite=True)")
        path.unlink(missing_ok=True)

    def on_step_end(self, trainer: Trainer) -> None:
        if isinstance(self.every, int) and trainer.step % self.every == 0:
            self.save(trainer)

    def on_epoch_end(self, trainer: Trainer) -> None:
        better = False
        if self.best is not None:
            value, higher = trainer.monitored(self.best)
            better = improved(value, self.best_value, higher)
            if better:
                self.best_value = value
        if self.every == "epoch" or better or trainer.epoch >= trainer.epochs or trainer.stopping:
            self.save(trainer, better)

    def on_fit_end(self, trainer: Trainer) -> None:
        if trainer.batch:  # stopped on the way
            self.save(trainer)

    def save(self, trainer: Trainer, better: bool = False) -> None:
        """Write the present state, and remove what is not kept."""
        bad = [name for name, p in trainer.model.named_parameters() if p.dtype.kind == "f" and not np.isfinite(p.data).all()]
        if bad:
            newest = self.last_good()
            raise NonFiniteLoss(f"{bad[0]} became NaN or infinite in step {trainer.step - 1}, so this is not saved. "
                                f"{f'The last good checkpoint is {newest}. ' if newest else ''}{MENDS}", trainer.step - 1, trainer.epoch,
                                nan, "", newest)
        content, path = sealed(trainer.state_dict()), self.folder / f"step-{trainer.step:08d}.npz"
        try:
            for place in ([self.folder / "best.npz"] if better else []) + [path]:  # the newest last: it knows what is best
                write(content, place)
        except OSError as error:
            newest = self.last_good()
            raise OSError(error.errno, f"the checkpoint of step {trainer.step} could not be written ({error.strerror or error}). "
                          f"{f'The last good one is {newest}' if newest else 'There is none before it'}; nothing was lost of it", str(path)
                          ) from error
        if self.keep is not None:
            for old in checkpoints_in(self.folder)[: -self.keep]:
                old.unlink(missing_ok=True)

    def last_good(self) -> str:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return str(self.newest or "")

    def state_dict(self) -> dict[str, Any]:
        return {"best_value": self.best_value}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        self.best_value = state_dict["best_value"]
