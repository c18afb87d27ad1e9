"""Why do `a * b` and `x.sum()` work on Tensors?

Python's operators are bound straight to the functions generated for the primitives, with no dispatch in between. Methods
are the functions of `autograd.ops` under NumPy's names (`methods.py`). Why `np.exp(x)` works says `overrides/`.

Read next: `tree.py`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autograd import methods as _methods  # noqa: F401  - gives Tensor its methods
from autograd import ops
from autograd import overrides as _overrides  # noqa: F401  - makes NumPy's own functions take Tensors
from autograd.node import Leaf
from autograd.primitive import Primitive
from autograd.tensor import Tensor
from autograd.writing import part_of, refuse_part

Method = Callable[..., Any]

# ---- operators ----------------------------------------------------------------------------------------------------

BINARY = {"add": ops.add, "sub": ops.subtract, "mul": ops.multiply, "truediv": ops.divide, "pow": ops.power, "mod": ops.remainder,
          "floordiv": ops.floor_divide, "matmul": ops.matmul, "and": ops.bitwise_and, "or": ops.bitwise_or, "xor": ops.bitwise_xor}
COMPARISONS = {"eq": ops.equal, "ne": ops.not_equal, "lt": ops.less, "le": ops.less_equal, "gt": ops.greater, "ge": ops.greater_equal}
UNARY = {"neg": ops.negative, "pos": ops.positive, "abs": ops.absolute, "invert": ops.invert}
IN_PLACE = {"add": "+=", "sub": "-=", "mul": "*=", "truediv": "/=", "pow": "**=", "mod": "%=", "floordiv": "//=", "matmul": "@=",
            "and": "&=", "or": "|=", "xor": "^="}


def reflected(p: Primitive) -> Method:
    """The operator for `other * self`."""
    record = p.compile()

    def method(self: Tensor, other: Any) -> Tensor:
        if type(other) is complex:  # 1j * np.float64(2) is a number of Python's, without shape and dtype
            other = np.result_type(self.dtype, other).type(other)
        return record(other, self)

    return method


def in_place(p: Primitive, symbol: str) -> Method:
    """`x += v` gives the handle x a new value; a leaf that requires grad refuses outside `no_grad` (see `Tensor.assign`)."""
    what = f"x {symbol} v"

    def method(self: Tensor, other: Any) -> Tensor:
        refuse_part(self, what, sys._getframe(1))
        if not self.ndim and self.node is not None and self.node.__class__ is not Leaf:
            return p(self, other)  # like NumPy's scalars, results of shape () do not change: `y = x; y += 1` leaves x alone
        return self.assign(p(self, other), what)

    return method


for _name, _primitive in {**BINARY, **COMPARISONS, **UNARY}.items():
    setattr(Tensor, f"__{_name}__", _primitive.compile())
for _name, _primitive in BINARY.items():
    setattr(Tensor, f"__r{_name}__", reflected(_primitive))
for _name, _symbol in IN_PLACE.items():
    setattr(Tensor, f"__i{_name}__", in_place(BINARY[_name], _symbol))
for _name, _rare in {"divmod": np.divmod, "lshift": np.left_shift, "rshift": np.right_shift}.items():  # their families come later
    setattr(Tensor, f"__{_name}__", lambda self, other, f=_rare: f(self, other))
    setattr(Tensor, f"__r{_name}__", lambda self, other, f=_rare: f(other, self))
setattr(Tensor, "__contains__", lambda self, value: ops.any(ops.equal(self, value)))  # noqa: B010
setattr(Tensor, "__hash__", object.__hash__)  # noqa: B010 - `==` compares elements, but a Tensor is still a key


def get_item(self: Tensor, index: Any) -> Tensor:
    return part_of(ops.getitem(self, index), self)


def references_of_a_temporary() -> int:
    """How many references `f()[i] = v` sees to what f returned; 0 where Python counts them like those of a name."""
    counts = []

    class Probe:
        def __setitem__(self, index: Any, value: Any) -> None:
            counts.append(sys.getrefcount(self))

    named = Probe()
    named[0] = 0
    Probe()[0] = 0
    return counts[1] if counts[1] < counts[0] else 0


TEMPORARY = references_of_a_temporary()


def set_item(self: Tensor, index: Any, value: Any) -> None:
    """`x[i] = v` gives the handle x a new value, with gradients to what was kept and to what was written."""
    if sys.getrefcount(self) <= TEMPORARY:
        raise TypeError("this writes into a Tensor that nobody holds, and would have no effect: y[0] is a value of its own, and no view "
                        "into y. For y[0][1] = v write y[0, 1] = v; for y.T[0] = v write y[:, 0] = v.")
    refuse_part(self, "x[i] = v")
    self.assign(ops.set_item(self, value, index), "x[i] = v")


def iterate(self: Tensor) -> Iterator[Tensor]:
    if not self.ndim:
        raise TypeError("a 0-d Tensor is one number and cannot be iterated over")
    return (part_of(ops.getitem(self, i), self) for i in range(len(self)))


setattr(Tensor, "__getitem__", get_item)  # noqa: B010
setattr(Tensor, "__setitem__", set_item)  # noqa: B010
setattr(Tensor, "__iter__", iterate)  # noqa: B010
