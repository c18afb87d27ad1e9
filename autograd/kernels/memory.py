"""Why are large arrays slow to make, and how are they made faster?

What is freed at the end of the heap the C library gives back to the system, and the next large array gets pages that the system must
first fill with zeros: four sums of 8 MB each took 12 ms, of which 9 were this. A training step makes and frees the same arrays over
and over. So the C library is told, when the first large operation runs, to keep up to `KEPT` bytes that are free for the next array.

    autograd.config.keep_memory = False

gives them back, and returns to the C library's own rule. Only glibc (Linux) is told anything.

Read next: `address.py`.
"""

from __future__ import annotations

import sys
from typing import Any

KEPT = 1 << 30
"""How many free bytes at the end of the heap are kept."""

HEAPED = 32 << 20
"""Larger arrays have pages of their own, which always go back: the C library allows no more."""

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3
"""M_TRIM_THRESHOLD, M_MMAP_THRESHOLD of malloc.h"""

USUAL = 128 << 10
"""What the C library starts with, for both."""


class Keeping:
    """wanted: shall memory be kept? told: does the C library know?"""

    def __init__(self) -> None:
        self.wanted, self.told = True, False


KEEPING = Keeping()


def keep() -> None:
    """Tell the C library, once, what is wanted."""
    KEEPING.told = True
    c = library()
    if c is not None and KEEPING.wanted:
        c.mallopt(MMAP_THRESHOLD, HEAPED)
        c.mallopt(TRIM_THRESHOLD, KEPT)


def set_keeping(wanted: bool) -> None:
    """Keep memory, or return to the usual rule and give back what is free."""
    was, KEEPING.wanted = KEEPING.told and KEEPING.wanted, wanted
    if wanted:
        KEEPING.told = False  # the next large operation tells
    elif was and (c := library()) is not None:
        c.mallopt(MMAP_THRESHOLD, USUAL)
        c.mallopt(TRIM_THRESHOLD, USUAL)
        c.malloc_trim(0)


def library() -> Any:
    """The C library, if it is glibc."""
    if not sys.platform.startswith("linux"):
        return None
    import ctypes

    c = ctypes.CDLL(None)
    return c if hasattr(c, "gnu_get_libc_version") and hasattr(c, "mallopt") else None
