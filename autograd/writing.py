"""How is the memory of a Tensor written?

Only in `with x.writing() as array:`, and so that nobody else notices. A node of the tape, a detached twin or a view may still
look at the memory: then the write goes to fresh memory, and the others keep what they had. Who looks is counted by Python.

* While it is written, the Tensor itself has no values: what computes with it gets an error, and not half of an update.
* When it has been written, nobody keeps a way in: `array` becomes read-only, and if a view of it was kept (`part = array[1:]`),
  the Tensor moves to memory of its own.

What a user writes to a Tensor (`x[i] = v`, `x += v`) gives the handle another value instead, and touches no memory. There lies
the one difference from NumPy: `row = y[0]; row *= 2` would change y there. Here a part is a value of its own, and as long as
there is a y to be wrong about, such a write is refused.

Read next: `interchange.py`, how values leave a Tensor.
"""

from __future__ import annotations

import sys
from opcode import opmap
from operator import attrgetter
from types import FrameType
from typing import TYPE_CHECKING, Any
from weakref import ref

import numpy as np

if TYPE_CHECKING:
    from autograd.tensor import Tensor


class BeingWritten:
    """What a Tensor has in place of its array while that is being written. It knows its shape and type, and answers for nothing else."""

    __slots__ = ("array", "code", "at")

    def __init__(self, array: np.ndarray[Any, Any]) -> None:
        frame = sys._getframe(2)  # where it says `with x.writing()`; to find out the line takes long, and is left for later
        self.array, self.code, self.at = array, frame.f_code, frame.f_lasti

    def refuse(self, *_: Any, **__: Any) -> Any:
        line = next(line for start, end, line in self.code.co_lines() if start <= self.at < end)
        raise RuntimeError(f"this Tensor of shape {self.array.shape} is being written by `with x.writing() as array`, in "
                           f"{self.code.co_filename}, line {line}: what is computed from it here would change under the tape. Inside, "
                           "use the array; compute with the Tensor before, or after.")

    shape, dtype, ndim, size, nbytes, itemsize = (
        property(attrgetter(f"array.{name}")) for name in ("shape", "dtype", "ndim", "size", "nbytes", "itemsize"))
    __array__ = __array_ufunc__ = __array_function__ = __getattr__ = __getitem__ = __len__ = __bool__ = __float__ = __int__ = refuse
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = __pow__ = __rpow__ = refuse
    __matmul__ = __rmatmul__ = __mod__ = __rmod__ = __floordiv__ = __rfloordiv__ = __neg__ = __pos__ = __abs__ = __invert__ = refuse
    __lt__ = __le__ = __gt__ = __ge__ = __eq__ = __ne__ = refuse
    __hash__ = object.__hash__


class Writing:
    """`with x.writing() as array:`, see `Tensor.writing`."""

    __slots__ = ("tensor", "array", "view")

    def __init__(self, tensor: Tensor) -> None:
        self.tensor = tensor

    def __enter__(self) -> np.ndarray[Any, Any]:
        tensor = self.tensor
        if isinstance(tensor._array, BeingWritten):
            tensor._array.refuse()
        own = tensor.ndim and not held_elsewhere(tensor)
        self.array = tensor._array if own else np.array(tensor._array)
        tensor._array = BeingWritten(self.array)  # type: ignore[assignment]
        self.view = self.array.view()
        return self.view

    def __exit__(self, *_: object) -> None:
        self.view.flags.writeable = False  # whoever keeps it can look, but not write behind our back
        if visits(self) > ALONE_AND_VIEWED:  # a part of the view was kept, which still is writable
            self.array = np.array(self.array)
        self.tensor._array = self.array if self.array.ndim else self.array[()]
        del self.array


def borrow(tensor: Tensor) -> np.ndarray[Any, Any] | None:
    """A quick way in, for a caller that keeps no view, and always ends with `tensor._array = array`. None if it needs `writing`: the
    memory is not the Tensor's alone, or is being written already."""
    array: Any = None
    if tensor._array.__class__ is np.ndarray and tensor.is_leaf and tensor.ndim and not held_elsewhere(tensor):
        array = tensor._array
        tensor._array = BeingWritten(array)  # type: ignore[assignment]
    return array  # type: ignore[no-any-return]


def references(tensor: Tensor) -> int:
    return sys.getrefcount(tensor._array)


def visits(writing: Writing) -> int:
    return sys.getrefcount(writing.array)


class Alone:
    """Stands for a Tensor that has just been made: it is the only one to know its array."""

    ndim = 1

    def __init__(self) -> None:
        self._array: Any = np.array([0.0])


def measure() -> tuple[int, int]:
    """What Python counts for an array that only its Tensor knows, and for one that is being written. (Versions of Python differ.)"""
    alone: Any = Alone()
    writing = Writing(alone)
    writing.array = np.array([0.0])
    writing.view, being_written = writing.array.view(), BeingWritten(writing.array)
    return references(alone), visits(writing) + 0 * being_written.ndim


ALONE, ALONE_AND_VIEWED = measure()


def held_elsewhere(tensor: Tensor) -> bool:
    """Can anyone but this Tensor see its array: a node that saved it, a view, a detached twin, or the owner of its memory?"""
    return references(tensor) > ALONE or tensor._array.base is not None


# ---- parts --------------------------------------------------------------------------------------------------------

STORES = {opmap[name] for name in ("STORE_SUBSCR", "STORE_SLICE") if name in opmap}
PASSED_OVER = {opmap[name] for name in ("CACHE", "SWAP", "ROT_THREE", "ROT_FOUR", "NOP") if name in opmap}


def stores(frame: FrameType) -> bool:
    """Is this frame in the midst of `a[i] = v`, or of `a[i] += v`? Its instructions tell."""
    code, at = frame.f_code.co_code, frame.f_lasti
    if code[at] not in STORES:
        at += 2
        while code[at] in PASSED_OVER:
            at += 2
    return code[at] in STORES


def stores_back(frame: FrameType, whole: Any) -> bool:
    """Is it in the midst of `y[i] = operator.iadd(y[i], v)`, where y is the whole? Then next are y and i read, and it is stored."""
    from dis import get_instructions

    names: list[str] = []
    for step in get_instructions(frame.f_code):
        if step.offset <= frame.f_lasti or step.opname in ("PRECALL", "CALL", "BUILD_SLICE", "NOP"):
            continue
        if not step.opname.startswith("LOAD_"):
            return step.opname.startswith("STORE_S") and frame.f_locals.get(names[0] if names else "") is whole
        names += step.argrepr.split(", ")
    return False


def part_of(part: Tensor, whole: Tensor) -> Tensor:
    """Note of a part that in NumPy it would be a view of the whole."""
    base = part._array.base
    if base is not None and (base is whole._array or base is whole._array.base) and part is not whole:
        part.whole = ref(whole)
    return part


def refuse_part(tensor: Tensor, what: str, frame: FrameType | None = None) -> None:
    """Refuse to write to a part of something that is still there. With a frame: unless that writes the part back, as `y[0] += v` does."""
    whole = getattr(tensor, "whole", None)
    if whole is None or whole() is None or (frame is not None and (stores(frame) or stores_back(frame, whole()))):
        return
    raise TypeError(f"{what} on a part of another Tensor (y[0], y.T, a row in `for row in y`): in NumPy it is a view, and y would "
                    f"change with it; here it is {tensor._describe()}, a value of its own.\nIf y is meant, write to y: y[0] = v, "
                    "y[0] *= v. If only the part is meant, compute a new one, row = row * v, or start with row = y[0].copy().")
