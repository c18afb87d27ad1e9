"""Where is an array's first number?

A library that is called through ctypes wants addresses. NumPy tells them in 1.5 us (`array.ctypes.data`, `__array_interface__`), which for
ten operands is more than such a call takes. But an array begins, in memory, as the C interface of NumPy says it does (`PyArrayObject`):
with what every object of Python has, and then the address of its numbers. To read that takes 0.2 us.

Whether it is so is tried when this file is imported.

Read next: `blas.py`.
"""

from __future__ import annotations

import sys
from ctypes import c_size_t
from typing import Any

import numpy as np

HEAD = object.__basicsize__
"""How many bytes every object begins with."""


def read_address(array: Any) -> int:
    """Where an array's first number is, by what stands in the array."""
    if array.__class__ is not np.ndarray:  # a number of NumPy's is another kind of object
        return told_address(array)
    return c_size_t.from_address(id(array) + HEAD).value


def told_address(array: Any) -> int:
    """The same, as NumPy tells it."""
    return array.__array_interface__["data"][0]  # type: ignore[no-any-return]


def stands_there() -> bool:
    """Are the two the same here? (`id` is a place in memory in CPython only.)"""
    whole = np.zeros((5, 7), np.float32)
    return sys.implementation.name == "cpython" and all(
        read_address(a) == told_address(a) for a in (whole, whole[1:, ::2].T, np.zeros(0), np.array(1.0)))


address = read_address if stands_there() else told_address
"""Where an array's first number is."""
