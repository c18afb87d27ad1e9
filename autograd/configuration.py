"""What can be set, and what is in use?

    print(autograd.config)                      which kernels are active, and why others are not
    autograd.config.kernels.onednn = False      from now on, NumPy alone
    with autograd.config.kernels.using(onednn=False): ...
    autograd.config.keep_memory = False         see `kernels/memory.py`

None of it changes what is computed, only how fast: kernels agree to rounding. The settings are the process's, the same for all
threads. What is set by the environment, before the start: AUTOGRAD_KERNELS=numpy does without oneDNN, AUTOGRAD_ONEDNN names its file.

Read next: `kernels/__init__.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from autograd.kernels import blas
from autograd.kernels.active import SWITCH
from autograd.kernels.memory import KEEPING, set_keeping

INSTALL = 'pip install "onetape[fast]"'


class Kernels:
    """Which kernels may be used: an attribute for each, True or False."""

    @property
    def numpy(self) -> bool:
        """Always True: NumPy is what everything falls back to."""
        return True

    @numpy.setter
    def numpy(self, on: bool) -> None:
        if not on:
            raise ValueError("config.kernels.numpy cannot be switched off: NumPy computes whatever no other kernel can")

    @property
    def onednn(self) -> bool:
        """Is oneDNN used for large operations on float32? To ask is to look for it."""
        return SWITCH.wanted and SWITCH.find() is not None

    @onednn.setter
    def onednn(self, on: bool) -> None:
        if not isinstance(on, (bool, np.bool_)):
            raise TypeError(f"config.kernels.onednn is True or False, not {on!r}")
        if on and SWITCH.find() is None:
            raise RuntimeError(f"oneDNN cannot be switched on: {self.why_not()}")
        SWITCH.wanted = bool(on)

    @contextmanager
    def using(self, *, onednn: bool) -> Iterator[None]:
        """With other kernels, until the block ends.

        >>> import autograd
        >>> with autograd.config.kernels.using(onednn=False):
        ...     autograd.config.kernels.onednn
        False
        """
        before = SWITCH.wanted
        self.onednn = onednn
        try:
            yield
        finally:
            SWITCH.wanted = before

    def why_not(self) -> str:
        if SWITCH.reason:
            return SWITCH.reason
        return f"there is no usable libdnnl.so.3 among Python's packages or the system's libraries; {INSTALL} brings it"

    def __repr__(self) -> str:
        library = SWITCH.find()
        if library is None:
            state = f"off: {self.why_not()}"
        elif not SWITCH.wanted:
            state = "off: switched off"
        else:
            state = f"on, for large float32 arrays: oneDNN {library.version}, {library.runtime}, {library.path}"
        sums = "its BLAS adds in place" if blas.library() else "its BLAS was not found, so NumPy's functions add in place"
        return f"kernels.onednn  {state}\nkernels.numpy   on, always: NumPy {np.__version__}; {sums}"


class Config:
    """`autograd.config`: the settings of this process. Print it."""

    __slots__ = ("kernels",)
    kernels: Kernels

    def __init__(self) -> None:
        object.__setattr__(self, "kernels", Kernels())

    @property
    def keep_memory(self) -> bool:
        """Is memory that is free kept for the next large array?"""
        return KEEPING.wanted

    @keep_memory.setter
    def keep_memory(self, on: bool) -> None:
        if not isinstance(on, (bool, np.bool_)):
            raise TypeError(f"config.keep_memory is True or False, not {on!r}")
        set_keeping(bool(on))

    def __setattr__(self, name: str, value: object) -> None:
        if name != "keep_memory":
            raise AttributeError(f"config has no setting {name!r}; there are config.kernels.onednn and config.keep_memory")
        object.__setattr__(self, name, value)

    def __repr__(self) -> str:
        return f"{self.kernels!r}\nkeep_memory     {'on' if KEEPING.wanted else 'off'}: see autograd/kernels/memory.py"


config = Config()
