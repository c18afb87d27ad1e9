"""What else can the library do that multiplies NumPy's matrices?

NumPy calls its BLAS for products. There is more in it that NumPy never asks for: to add a multiple of one array to another in one pass,
with all threads, where NumPy's functions go over the arrays twice with one:

    add_multiple    y <- y + a x            "axpy"
    mix             y <- b y + a x          "axpby"

200 000 numbers of float32 take 16 us instead of 50. The library is the one that NumPy has loaded, so nothing is installed, and no other
threads come to compete for the processors. It is found through NumPy's own module, under the names that its builds use, and tried on
a few numbers before it is trusted. Where it is not found so (Windows; a BLAS of another kind) NumPy's functions do the work.

The product is not rounded before it is added, so results differ from NumPy's in the last bit; and, as in NumPy's matrix products, nobody
is told of an overflow.

Read next: `half.py`.
"""

from __future__ import annotations

import ctypes
import sys
from ctypes import c_double, c_float, c_int64, c_void_p
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy import ndarray

from autograd.kernels.address import address

Function = Any

BUILDS = (("scipy_cblas_", "64_"), ("cblas_", "64_"), ("cblas_", ""))
"""How the names of functions begin and end: in NumPy's own wheels, and in other builds."""

MOST = 1 << 31
"""Some builds count with 32 bits."""


class Functions(NamedTuple):
    """The functions for one dtype."""

    axpy: Function
    axpby: Function | None


@lru_cache(1)
def library() -> dict[np.dtype[Any], Functions]:
    """What was found, by dtype."""
    try:
        shared = ctypes.CDLL(sys.modules["numpy._core._multiarray_umath"].__file__)
        begin, end = next((begin, end) for begin, end in BUILDS if hasattr(shared, f"{begin}saxpy{end}"))
    except (KeyError, OSError, TypeError, StopIteration):
        return {}
    found = {}
    for letter, number, dtype in (("s", c_float, np.float32), ("d", c_double, np.float64)):
        axpy, axpby = (getattr(shared, f"{begin}{letter}{name}{end}", None) for name in ("axpy", "axpby"))
        if axpy is None:
            continue
        axpy.argtypes, axpy.restype = (c_int64, number, c_void_p, c_int64, c_void_p, c_int64), None
        if axpby is not None:
            axpby.argtypes, axpby.restype = (c_int64, number, c_void_p, c_int64, number, c_void_p, c_int64), None
        functions = Functions(axpy, axpby)
        if computes(functions, dtype):
            found[np.dtype(dtype)] = functions
    return found


def computes(functions: Functions, dtype: Any) -> bool:
    """Do these functions what their names say?"""
    x, y = np.arange(9, dtype=dtype), np.full(9, 5, dtype)
    functions.axpy(8, 2.0, address(x), 1, address(y), 1)
    expected = [5.0, 7, 9, 11, 13, 15, 17, 19, 5]
    if y.tolist() != expected or functions.axpby is None:
        return y.tolist() == expected
    functions.axpby(8, 1.0, address(x), 1, 2.0, address(y), 1)
    return y.tolist() == [10.0, 15, 20, 25, 30, 35, 40, 45, 5]


def functions_for(y: Any, x: Any) -> Functions | None:
    """The functions for two arrays, if they fill their memory without gaps, in the same order."""
    if y.__class__ is not ndarray or x.__class__ is not ndarray or y.dtype != x.dtype or y.shape != x.shape or y.strides != x.strides:
        return None
    flags = y.flags
    return library().get(y.dtype) if (flags.c_contiguous or flags.f_contiguous) and flags.writeable and y.size < MOST else None


def add_multiple(y: Any, x: Any, a: float) -> bool:
    """y <- y + a x, of float32 or float64. Is it done?"""
    functions = functions_for(y, x)
    if functions is None:
        return False
    functions.axpy(y.size, a, address(x), 1, address(y), 1)
    return True


def mix(y: Any, x: Any, b: float, a: float) -> bool:
    """y <- b y + a x. Is it done?"""
    functions = functions_for(y, x)
    if functions is None or functions.axpby is None:
        return False
    functions.axpby(y.size, a, address(x), 1, b, address(y), 1)
    return True


def combine(out: Any, x: Any, y: Any, a: float, b: float) -> bool:
    """out <- a x + b y, where one of the two is `out`. Is it done? (0 times NaN is NaN, but BLAS does not read what counts 0 times.)"""
    if y is out:
        x, y, a, b = y, x, b, a
    if x is not out or y is out or not a or not b:
        return False
    return add_multiple(out, y, b) if a == 1 else mix(out, y, a, b)
