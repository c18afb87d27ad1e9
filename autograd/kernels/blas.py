"""What else can the library do that multiplies NumPy's matrices?

NumPy calls its BLAS for products. There is more in it that NumPy never asks for: to add a multiple of one array to another in one pass,
with all threads, where NumPy's functions go over the arrays twice with one:

    add_multiple    y <- y + a x            "axpy"
    mix             y <- b y + a x          "axpby"

200 000 numbers of float32 take 16 us instead of 50. And a product of matrices can be added to what is there, where `np.matmul` only
replaces it:

    multiplication  out <- a b, or out <- out + a b         "gemm"

The library is the one that NumPy has loaded, so nothing is installed, and no other threads come to compete for the processors. It is
found through NumPy's own module, under the names that its builds use, and tried on a few numbers before it is trusted. Where it is not
found so (Windows; a BLAS of another kind) NumPy's functions do the work.

The product is not rounded before it is added, so results differ from NumPy's in the last bit; and, as in NumPy's matrix products, nobody
is told of an overflow.

Read next: `half.py`.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from ctypes import c_double, c_float, c_int, c_int64, c_void_p
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

ROW_AFTER_ROW, AS_IT_IS, TURNED = 101, 111, 112
"""CblasRowMajor, CblasNoTrans, CblasTrans of cblas.h"""


class Functions(NamedTuple):
    """The functions for one dtype."""

    axpy: Function
    axpby: Function | None
    gemm: Function | None = None


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
        axpy, axpby, gemm = (getattr(shared, f"{begin}{letter}{name}{end}", None) for name in ("axpy", "axpby", "gemm"))
        if axpy is None:
            continue
        axpy.argtypes, axpy.restype = (c_int64, number, c_void_p, c_int64, c_void_p, c_int64), None
        if axpby is not None:
            axpby.argtypes, axpby.restype = (c_int64, number, c_void_p, c_int64, number, c_void_p, c_int64), None
        if not end:  # how wide an integer is there, is not known, and of the many of gemm some are not in registers
            gemm = None
        if gemm is not None:
            gemm.argtypes = (*(c_int,) * 3, *(c_int64,) * 3, number, *(c_void_p, c_int64) * 2, number, c_void_p, c_int64)
            gemm.restype = None
        functions = Functions(axpy, axpby, gemm)
        if computes(functions, dtype):
            found[np.dtype(dtype)] = functions
    return found


def computes(functions: Functions, dtype: Any) -> bool:
    """Do these functions what their names say?"""
    x, y = np.arange(9, dtype=dtype), np.full(9, 5, dtype)
    functions.axpy(8, 2.0, address(x), 1, address(y), 1)
    if y.tolist() != [5.0, 7, 9, 11, 13, 15, 17, 19, 5]:
        return False
    if functions.axpby is not None:
        functions.axpby(8, 1.0, address(x), 1, 2.0, address(y), 1)
        if y.tolist() != [10.0, 15, 20, 25, 30, 35, 40, 45, 5]:
            return False
    if functions.gemm is not None:
        a, b, out = x[:6].reshape(2, 3), x[:4].reshape(2, 2), np.full((3, 3), np.nan, dtype)
        for add in (False, True):
            bound(functions.gemm, a.T, b, out[:, :2], add)()
        return out[:, :2].tolist() == [[12, 18], [16, 26], [20, 34]] and bool(np.isnan(out[:, 2]).all())
    return True


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


def multiplies(dtype: Any) -> bool:
    """Is there a `multiplication` of such matrices?"""
    functions = library().get(dtype)
    return functions is not None and functions.gemm is not None


def multiplication(a: Any, b: Any, out: Any, add: bool = False) -> Callable[[], None]:
    """A function that computes out <- a @ b, or out <- out + a @ b, of what is in these matrices whenever it is called.

    a, b, out:  (l, m), (m, n), (l, n), of one dtype that `multiplies`. The rows of `out` may lie apart; those of a and b, or their columns.
    """
    return bound(library()[out.dtype].gemm, a, b, out, add)


def bound(gemm: Function, a: Any, b: Any, out: Any, add: bool) -> Callable[[], None]:
    (way, step), (other_way, other_step), (upright, out_step) = lines(a), lines(b), lines(out)
    if upright != AS_IT_IS or not a.dtype == b.dtype == out.dtype or (*a.shape, *b.shape) != (len(out), len(b), len(b), out.shape[1]):
        raise ValueError(f"matrices {a.shape} and {b.shape} of {a.dtype} and {b.dtype} are not multiplied into {out.shape} of {out.dtype}")
    numbers = (ROW_AFTER_ROW, way, other_way, *out.shape, len(b), 1.0, address(a), step, address(b), other_step, float(add),
               address(out), out_step)

    def multiply(alive: Any = (a, b, out)) -> None:
        gemm(*numbers)

    return multiply


def lines(matrix: Any) -> tuple[int, int]:
    """How a matrix lies in memory: its rows or its columns one after the other, and from one to the next how many numbers."""
    (rows, columns), (down, along), size = matrix.shape, matrix.strides, matrix.itemsize
    if along == size and down >= columns * size:
        return AS_IT_IS, down // size
    if down == size and along >= rows * size:
        return TURNED, along // size
    raise ValueError(f"neither rows nor columns of a matrix {matrix.shape} with the strides {matrix.strides} lie as BLAS wants them")
