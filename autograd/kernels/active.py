"""Which kernels are in use?

NumPy's, always; and oneDNN's where the library is found (`onednn/library.py`), an operation is large, and its arrays are float32.
What is large was measured: below, the call costs more than it saves. `autograd.config` prints and sets what is decided here.

AUTOGRAD_KERNELS=numpy in the environment does without oneDNN from the start.

Read next: `memory.py`.
"""

from __future__ import annotations

import os
import threading
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy import ndarray

from autograd.kernels.memory import KEEPING, keep

if TYPE_CHECKING:
    from autograd.kernels.onednn.library import Library

FLOAT32 = np.dtype(np.float32)

PRODUCTS = 1 << 18
"""A convolution of so many products is large."""

MULTIPLIED = 1 << 18
"""A matrix product of so many products is large: NumPy's would use several threads."""

ELEMENTS = 1 << 14
"""An array of so many numbers is large."""

UPDATED = 1 << 16
"""Weights of so many numbers are large, when they are changed in place."""

SUMMED = 1 << 14
"""So many, when one array is added to another in place, times a number: BLAS takes as long to call as three of NumPy's functions, and uses
all threads from 10 000 on."""


THREADED = 9216
"""For a product of so many products NumPy may use several threads (if it is a matrix times a vector)."""

ALONG = frozenset({"matmul", "relu", "relu_to_x", "add", "add_relu_to_x"})
"""What NumPy computes nearly as fast. Each of the two libraries has threads of its own, and those of the one keep a processor busy for a
while after their work, waiting for more, when the other needs it: taking turns costs a third of the time, or more. So in a process of
matrix products NumPy has the processors and does these, too; from the first convolution, normalisation or recurrent
layer on, oneDNN has, and does."""

ASIDE = frozenset({"combine", "add_square", "descend"})
"""What changes weights. It decides nothing about whose threads are in use: with NumPy's it does with one (`onednn/update.py`)."""


class Switch:
    """What is decided about oneDNN.

    wanted:   may it be used?
    threads:  whose threads are in use, "numpy" or "onednn"? Of none so far: ""
    looked:   has it been looked for?
    library:  what was found
    reason:   why it is not there, if that is another than that it was not found
    """

    def __init__(self) -> None:
        self.wanted = chosen_kernels(os.environ.get("AUTOGRAD_KERNELS", ""))
        self.looked = False
        self.threads = ""
        self.library: Library | None = None
        self.looking = threading.Lock()
        self.reason = ""

    def find(self) -> Library | None:
        """The library, looked for once."""
        with self.looking:
            if not self.looked:
                from autograd.kernels.onednn.library import load

                self.library = load()
                self.looked = True
        return self.library


def chosen_kernels(names: str) -> bool:
    """Does AUTOGRAD_KERNELS allow oneDNN? Nothing said allows all."""
    asked = [name.strip() for name in names.split(",") if name.strip()]
    unknown = [name for name in asked if name not in ("numpy", "onednn")]
    if unknown:
        raise ValueError(f"AUTOGRAD_KERNELS={names!r} names {', '.join(unknown)}, but there are only 'numpy', which is always there, "
                         "and 'onednn'; separate them by commas")
    return not asked or "onednn" in asked


SWITCH = Switch()


def library_for(work: int, large: int, *arrays: Any) -> Library | None:
    """oneDNN, if the work is large, and it is wanted and found and can work on these arrays (None among them is none)."""
    if work < large:
        return None
    if not KEEPING.told:
        keep()
    if not SWITCH.wanted:
        return None
    for x in arrays:
        if x is not None and (x.__class__ is not ndarray or x.dtype != FLOAT32):
            return None
    return SWITCH.library if SWITCH.looked else SWITCH.find()


def left_to_numpy(name: str) -> bool:
    """Is oneDNN's function of this name not called, because NumPy has the processors?"""
    return name in ALONG and SWITCH.threads == "numpy"


def by_onednn(name: str, work: int, large: int, arrays: tuple[Any, ...], *arguments: Any) -> Any:
    """What oneDNN's function of this name answers; None if it cannot, or is not there, or the work is not large."""
    if work < large:
        return None
    if name == "matmul" and not SWITCH.threads:
        SWITCH.threads = "numpy"
    if left_to_numpy(name):
        if not KEEPING.told:
            keep()
        return None
    library = library_for(work, large, *arrays)
    if library is None:
        return None
    from autograd.kernels import onednn

    try:
        y = getattr(onednn, name)(library, *arguments)
        if y is not None and name not in ALONG and name not in ASIDE:
            SWITCH.threads = "onednn"
        return y
    except onednn.Refused as error:
        give_up(error)
        return None


def give_up(error: Exception) -> None:
    """oneDNN failed where it should not: it is not asked again."""
    SWITCH.looked, SWITCH.library, SWITCH.reason = True, None, f"it failed: {error}"
    warnings.warn(f"oneDNN is not used any more, NumPy computes instead: {error}", RuntimeWarning, stacklevel=3)


def in_forked_process() -> None:
    """A child has none of its parent's threads, and oneDNN would wait for them."""
    SWITCH.looking = threading.Lock()
    if SWITCH.library is not None:
        SWITCH.looked, SWITCH.library, SWITCH.reason = True, None, "this process was forked, and has none of its parent's threads"


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=in_forked_process)
