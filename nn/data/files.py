"""How is a data set found on the disk?

Under the name it was published with: unpacked, in the folder that is given or in the folder it comes in, or still in its archive. What
is missing, truncated or unreadable is an error that names the file.

Read next: `pickled.py`.
"""

from __future__ import annotations

import gzip
import os
import tarfile
import zlib
from collections.abc import Sequence
from pathlib import Path

UNREADABLE = (EOFError, OSError, zlib.error, tarfile.TarError)


def damaged(path: object, why: object) -> ValueError:
    return ValueError(f"{path} is truncated, corrupted, or not what its name says: {why}. (Download it again.)")


def read_bytes(path: Path) -> bytes:
    """The content of a file; of a .gz file what was compressed."""
    if path.suffix != ".gz":
        return path.read_bytes()
    try:
        with gzip.open(path) as file:
            return file.read()
    except FileNotFoundError:
        raise
    except UNREADABLE as error:
        raise damaged(path, error) from error


def read_from_tar(path: Path, names: Sequence[str]) -> dict[str, bytes]:
    """Files of an archive by name, in whatever folder they are; those that are not there are left out."""
    found = {}
    try:
        with tarfile.open(path) as archive:
            for member in archive:
                name = os.path.basename(member.name)
                if name in names and member.isfile():
                    content = archive.extractfile(member)
                    assert content is not None
                    data = content.read()
                    if len(data) != member.size:
                        raise EOFError(f"{name} ends early")
                    found[name] = data
    except FileNotFoundError:
        raise
    except UNREADABLE as error:
        raise damaged(path, error) from error
    return found


def first_of(root: Path, names: Sequence[str], folders: Sequence[str]) -> Path:
    """The first of these files that is there, in the folder or in one of those below it. FileNotFoundError if there is none."""
    for folder in ("", *folders):
        for name in names:
            if (root / folder / name).is_file():
                return root / folder / name
    raise FileNotFoundError(f"there is no {names[0]} in {root}{' or in ' + ', '.join(folders) + ' below it' if folders else ''}")
