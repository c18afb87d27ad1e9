"""Reverse-mode automatic differentiation for NumPy, on one tape.

    A primitive is a NumPy function plus one line of calculus per input.
    The names a rule asks for are the arrays the tape keeps.

The engine is meant to be read, in this order; each file answers one question and names the next.

    node.py        what does the tape remember about one operation?
    tensor.py      what does a user hold?
    primitive.py   what is an operation?
    codegen.py     how does a declaration become fast?
    backward.py    how does a gradient flow back?
    ops/           the operations themselves: constants, elementwise, reductions, shapes, ...
    operators.py   why do `a * b` and `np.exp(x)` work on Tensors?
    listing.py     how is a computation printed?
    tape.py        what happened? The tape as text
    program.py     how does a computation run again?
    tracer.py      how is a computation written down?
    random.py      where do random numbers come from?
    tree.py        what is a tree of arrays?
    recording.py   how is a function put on the tape?
    functional.py  how do I differentiate a function?
    checkpoint.py  how is memory traded for time?
    check.py       is this gradient right?
    testing/       the laws every operation obeys, for our operations and for yours
    drawing/       how does the graph look?

For any operation, `multiply` say: its forward and its gradient are one line in `ops/`; `print(multiply)` shows the rule
and what the tape keeps, `print(multiply.source)` the code that runs; its tests are the laws in `testing/laws.py`, run for
everything that was ever declared, on arguments drawn by its case in `tests/cases/`.
"""

from __future__ import annotations

from typing import Any

from autograd import operators as _operators  # noqa: F401  - gives Tensor its operators and methods
from autograd import ops, random
from autograd.checkpoint import checkpoint
from autograd.functional import elementwise_grad, ggnvp, grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp
from autograd.node import enable_grad, is_grad_enabled, no_grad
from autograd.primitive import Domain, primitive
from autograd.tensor import Tensor, tensor

__version__ = "0.1.0"

__all__ = [
    "Domain", "Program", "Tape", "Tensor", "check_grads", "checkpoint", "draw", "elementwise_grad", "enable_grad", "ggnvp", "grad",
    "hessian", "hvp", "is_grad_enabled", "jacobian", "jvp", "no_grad", "ops", "primitive", "random", "tensor", "trace",
    "value_and_grad", "vjp",
]

# What only some programs need is imported when it is first asked for.
_LAZY = {"Tape": "autograd.tape", "Program": "autograd.program", "trace": "autograd.tracer", "check_grads": "autograd.check",
         "draw": "autograd.drawing"}


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        import importlib

        return getattr(importlib.import_module(_LAZY[name]), name)
    raise AttributeError(f"module 'autograd' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_LAZY])
