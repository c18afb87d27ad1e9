"""Why do `a * b`, `x.sum()` and `np.exp(x)` work on Tensors?

Python's operators are bound straight to the functions generated for the primitives, with no dispatch in between.
Methods are the functions of `autograd.ops` under NumPy's names. And NumPy's own functions ask the Tensor (NEP 13 and 18):
the answer is the primitive whose forward they are.

Read next: `functional.py`.
"""

from __future__ import annotations

from typing import Any

from autograd import ops
from autograd.primitive import Primitive
from autograd.tensor import Tensor


def reflected(p: Primitive) -> Any:
    """The operator for `other * self`."""
    record = p.compile()
    return lambda self, other: record(other, self)


BINARY = {"add": ops.add, "sub": ops.subtract, "mul": ops.multiply, "truediv": ops.divide, "pow": ops.power, "mod": ops.remainder,
          "floordiv": ops.floor_divide, "and": ops.bitwise_and, "or": ops.bitwise_or, "xor": ops.bitwise_xor}
COMPARISONS = {"eq": ops.equal, "ne": ops.not_equal, "lt": ops.less, "le": ops.less_equal, "gt": ops.greater, "ge": ops.greater_equal}
UNARY = {"neg": ops.negative, "pos": ops.positive, "abs": ops.absolute, "invert": ops.invert}

for _name, _primitive in BINARY.items():
    setattr(Tensor, f"__{_name}__", _primitive.compile())
    setattr(Tensor, f"__r{_name}__", reflected(_primitive))
for _name, _primitive in {**COMPARISONS, **UNARY}.items():
    setattr(Tensor, f"__{_name}__", _primitive.compile())
Tensor.__hash__ = object.__hash__  # type: ignore[method-assign] - `==` compares elements, but a Tensor is still a key

# ---- in place: `x += v` gives the handle a new value; a leaf that requires grad refuses outside no_grad ----------------


def in_place(p: Primitive, symbol: str) -> Any:
    def method(self: Tensor, other: Any) -> Tensor:
        self.assign(p(self, other), f"x {symbol} v")
        return self

    return method


for _name, _symbol in {"add": "+=", "sub": "-=", "mul": "*=", "truediv": "/=", "pow": "**=", "mod": "%=", "floordiv": "//="}.items():
    setattr(Tensor, f"__i{_name}__", in_place(BINARY[_name], _symbol))

# ---- methods ------------------------------------------------------------------------------------------------------

METHODS = """all any argmax argmin argsort astype broadcast_to clip cumprod cumsum diagonal dot flatten flip max mean median min
    moveaxis prod ravel repeat reshape round searchsorted sort sqrt exp log tanh sigmoid relu squeeze std sum swapaxes take trace
    transpose var abs expand_dims nonzero argpartition conj ptp softmax log_softmax""".split()

for _name in METHODS:
    if hasattr(ops, _name):  # placeholder while ops grow
        setattr(Tensor, _name, (lambda f: lambda self, *args, **kwargs: f(self, *args, **kwargs))(getattr(ops, _name)))


# ---- NumPy's own functions ----------------------------------------------------------------------------------------

def array_ufunc(self: Tensor, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
    p = NUMPY.get(ufunc)
    if p is None or method != "__call__" or kwargs:
        raise TypeError(f"np.{ufunc.__name__}{'' if method == '__call__' else '.' + method} with these arguments is not recorded for Tensors; "
                        "write x.detach().numpy() if the gradient is not needed")
    return p(*inputs)


def array_function(self: Tensor, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
    p = NUMPY.get(function)
    if p is None:
        raise TypeError(f"np.{function.__name__} is not recorded for Tensors; write x.detach().numpy() if the gradient is not needed")
    return p(*args, **kwargs)


import numpy as np
NUMPY = {getattr(np, name): getattr(ops, name) for name in dir(ops) if callable(getattr(np, name, None)) and callable(getattr(ops, name))}
Tensor.__array_ufunc__ = array_ufunc
Tensor.__array_function__ = array_function
