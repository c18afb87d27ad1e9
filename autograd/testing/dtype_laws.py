"""Do dtypes stay what they are?

float32 in gives float32 out and float32 gradients, and so for complex64; an option does not make a result wider, be it one of Python's
numbers or one of NumPy's. float16 works: its gradients are float16, and its results, too, unless linear algebra or SciPy, which know
no float16, answer in float32. (And where NumPy or SciPy has the function and answers in something wider, that may be the answer.)

Nothing of array size is computed in float64 on the way, which would cost twice the memory and the time, and nobody would see it.
To see it, inputs are given as a kind of array that writes down of which dtype the arrays are that NumPy makes from it.

Read next: `laws.py`, which runs all laws.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

import numpy as np

from autograd.backward import pull, reachable
from autograd.check import Call
from autograd.differences import plain
from autograd.node import Leaf
from autograd.primitive import Primitive
from autograd.tensor import Tensor, constant_tensor
from autograd.testing.law import cotangent, law, require
from autograd.tree import flatten

NARROW: dict[Any, dict[str, Any]] = {np.float32: {"f": np.float32, "c": np.complex64}, np.float16: {"f": np.float16, "c": np.complex64}}
"""What floating-point and complex inputs become."""


class Watched(np.ndarray[Any, Any]):
    """An array of which every array that NumPy makes from it is `Watched`, too. Wide ones are written down, but for those that NumPy makes
    inside of its own functions (`np.mean` divides so)."""

    def __array_finalize__(self, made_from: Any) -> None:
        if self.dtype.char in "dgDG" and self.size > 2 and not sys._getframe(1).f_globals.get("__name__", "").startswith("numpy."):
            WIDE.append(self.shape)


WIDE: list[tuple[int, ...]] = []

WIDE_INSIDE = {"histogram": "np.bincount adds weights up in float64, an array as long as there are bins"}
"""The operations that compute something in float64, and why."""


@contextmanager
def watching() -> Iterator[list[tuple[int, ...]]]:
    """A list of the shapes of the float64 arrays made from `Watched` ones inside. (That narrow numbers are not exact is no news here.)"""
    WIDE.clear()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield WIDE


def narrowed(call: Call, dtype: Any, numbers: bool) -> Call:
    """The same call on narrower arrays; with `numbers`, its options are NumPy's numbers in place of Python's."""
    to = NARROW[dtype]
    leaves = [leaf.astype(to[leaf.dtype.kind]) if isinstance(leaf, (np.ndarray, np.generic)) and leaf.dtype.kind in to else leaf
              for leaf in call.leaves]
    args, kwargs = call.structure.unflatten(leaves), dict(call.kwargs)
    if numbers:
        n = len(call.f.inputs) if isinstance(call.f, Primitive) else len(args)
        args = (*args[:n], *(np.float64(a) if type(a) is float else a for a in args[n:]))
        kwargs = {key: np.float64(a) if type(a) is float else a for key, a in kwargs.items()}
    return Call(call.f, args, kwargs)


class Library:
    """The functions of the same name in NumPy and SciPy: what dtypes they answer with, and whether they compute in float64 themselves."""

    def __init__(self, call: Call) -> None:
        ufunc = [call.f.forward] if isinstance(call.f, Primitive) and isinstance(call.f.forward, np.ufunc) else []
        named = [getattr(sys.modules.get(module), call.__name__, None) for module in LIBRARIES]
        leaves = [x.view(Watched) if isinstance(x, np.ndarray) and x.ndim else x for x in call.leaves]
        self.answers: list[list[Any]] = []
        self.wide = False
        for theirs in ufunc or filter(callable, named):
            with np.errstate(all="ignore"), watching() as wide, suppress(TypeError, ValueError, IndexError):
                self.answers.append([plain(y).dtype for y in flatten(theirs(*call.structure.unflatten(leaves), **call.kwargs))[0]])
                self.wide |= bool(wide) or any(dtype.char in "dgDG" for dtype in self.answers[-1])

    def allows(self, k: int, dtype: Any) -> bool:
        """May result k have this dtype?"""
        return any(k < len(answer) and answer[k] == dtype for answer in self.answers)


LIBRARIES = ("numpy", "numpy.linalg", "numpy.fft", "scipy.special", "scipy.linalg")


def names_a_dtype(call: Call) -> bool:
    return any(isinstance(a, (np.dtype, type)) for a in (*call.leaves, *call.kwargs.values()))


@partial(law, share=1 / 4)
def dtypes(call: Call, tolerance: float, order: int) -> None:
    """float32 in, float32 out, float32 gradients, and no float64 in between; likewise complex64; and float16 works."""
    if not call.inputs or names_a_dtype(call):
        return
    for dtype in NARROW:
        now = narrowed(call, dtype, numbers=False)
        if dtype is np.float16 and refused(now):
            continue
        what = f"{call.__name__} of {dtype.__name__} arrays"
        require_narrow(now, dtype, what)
        require_narrow(narrowed(call, dtype, numbers=True), dtype, f"{what}, its options NumPy's numbers,")
        for i, other in enumerate(with_numbers(now)):
            require_narrow(other, dtype, f"{what} and, as operand {i}, a number of Python's")


def with_numbers(call: Call) -> Iterator[Call]:
    """The calls in which one operand of several is a number."""
    if not isinstance(call.f, Primitive) or not call.f.pointwise or len(call.inputs) < 2:
        return
    for place, x in zip(call.places, call.inputs):
        if x.size and x.dtype.kind == "f":
            leaves = list(call.leaves)
            leaves[place] = float(x.flat[0])
            yield Call(call.f, call.structure.unflatten(leaves), call.kwargs)


def refused(call: Call) -> bool:
    """NumPy's and SciPy's linear algebra takes no float16."""
    try:
        with np.errstate(all="ignore"), watching():
            call(*[x[()] for x in call.inputs])
    except TypeError as error:
        return "float16" in str(error)
    return False


def require_narrow(call: Call, dtype: Any, what: str) -> None:
    library = Library(call)
    tensors = [constant_tensor(x.view(Watched) if x.ndim else x[()], Leaf(x.shape, x.dtype)) for x in call.inputs]
    with np.errstate(all="ignore"), watching() as wide:
        results = flatten(call(*tensors))[0]
    wide_forward = list(wide)
    for k, y in enumerate(results):
        got = plain(y).dtype
        right = got.kind not in "fc" or got.char in ("efF" if dtype is np.float16 else "fF") or library.allows(k, got)
        require(right, f"{what}: result {k} is {got}")
    if any(plain(y).dtype.char in "dgDG" for y in results):
        return  # where NumPy widens, it may
    may = dtype is np.float16 or library.wide or call.__name__ in WIDE_INSIDE
    require(may or not wide_forward, f"{what}: computes float64 arrays of the shapes {wide_forward}")
    roots = [y for y in results if isinstance(y, Tensor) and y.node is not None]
    v = flatten(call.split(cotangent(call), results))[0]
    start = {y.node: (np.asarray(g).view(Watched) if np.ndim(g) else g) for y, g in zip(results, v) if isinstance(y, Tensor) and y.node}
    with np.errstate(all="ignore"), watching() as wide:
        arrived = pull(dict(start), reachable([y.node for y in roots])[1], keep=True, record=False)  # type: ignore[arg-type, misc]
    for name, t in zip(call.names, tensors):
        if t.node in arrived:
            require(plain(arrived[t.node]).dtype == t.dtype, f"{what}: the gradient by {name} is {plain(arrived[t.node]).dtype}")
    require(dtype is np.float16 or not wide, f"{what}: its gradient computes float64 arrays of the shapes {wide}")
