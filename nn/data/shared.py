"""How does a batch get from one process to another?

Through memory that both see. Sending a batch through a pipe would copy it four times, in pieces; here the worker writes it into a slot of
shared memory, and the main process copies it out once. What is written is a pickle whose arrays stand beside it (protocol 5), so a batch
may be a tuple, a dict, or hold strings.

The main process makes the slots and removes them, so that a worker that is killed leaves nothing behind. Should the main process be
killed itself, Python's resource tracker removes them.

Read next: `workers.py`.
"""

from __future__ import annotations

import os
import pickle
import secrets
import sys
from contextlib import suppress
from multiprocessing.shared_memory import SharedMemory
from typing import Any

import numpy as np

ALIGNMENT = 64
LEAST = 1 << 16


def aligned(n: int) -> int:
    return -(-n // ALIGNMENT) * ALIGNMENT


class Packed:
    """A batch as bytes: the pickle, and the arrays as they lie in memory."""

    def __init__(self, batch: Any) -> None:
        buffers: list[pickle.PickleBuffer] = []
        head = pickle.dumps(batch, protocol=5, buffer_callback=buffers.append)
        self.parts = [memoryview(head), *(buffer.raw() for buffer in buffers)]
        self.sizes = [part.nbytes for part in self.parts]
        self.size = sum(map(aligned, self.sizes))

    def write(self, slot: SharedMemory) -> None:
        start = 0
        for part in self.parts:
            memory(slot)[start: start + part.nbytes] = part
            start += aligned(part.nbytes)


def memory(slot: SharedMemory) -> memoryview:
    assert slot.buf is not None  # it is open
    return slot.buf


def unpacked(slot: SharedMemory, sizes: list[int]) -> Any:
    """The batch, copied out of the slot: its arrays can be written to."""
    start = 0
    parts: list[Any] = []
    for size in sizes:
        part: Any = np.empty(size, np.uint8)
        memoryview(part)[:] = memory(slot)[start: start + size]
        parts.append(part)
        start += aligned(size)
    return pickle.loads(parts[0], buffers=parts[1:])  # written by our own worker


def new_slot(size: int) -> SharedMemory:
    """Shared memory for a batch of this size, and a little more. Raises OSError where the system has no more."""
    size = max(LEAST, aligned(size + size // 8))
    slot = SharedMemory(f"onetape-{os.getpid()}-{secrets.token_hex(4)}", create=True, size=size)
    try:
        if hasattr(os, "posix_fallocate") and hasattr(slot, "_fd"):
            os.posix_fallocate(slot._fd, 0, size)  # else a worker would be killed when it writes to memory that is not there
    except OSError as error:
        remove(slot)
        raise OSError(error.errno, f"there is no shared memory for a batch of {size / 1e6:.1f} MB ({error.strerror}): enlarge /dev/shm (in "
                                   "Docker --shm-size), or take smaller batches, fewer workers, a smaller prefetch_factor, or "
                                   "num_workers=0") from error
    return slot


def attached(name: str) -> SharedMemory:
    """A slot that the main process made; it also removes it."""
    options: dict[str, Any] = {"track": False} if sys.version_info >= (3, 13) else {}
    return SharedMemory(name=name, **options)


def remove(slot: SharedMemory) -> None:
    slot.close()
    with suppress(FileNotFoundError):
        slot.unlink()
