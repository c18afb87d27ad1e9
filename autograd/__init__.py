"""Reverse-mode automatic differentiation for NumPy, on one tape.

    A primitive is a NumPy function plus one line of calculus per input.
    The names a rule asks for are the arrays the tape keeps.

The engine is meant to be read. The spine, in this order, is an hour; each file answers one question and names the next.

    node.py        what does the tape remember about one operation?
    tensor.py      what does a user hold?
    primitive.py   what is an operation?
    backward.py    how does a gradient flow back?
    codegen.py     how does a declaration become fast?
    ops/elementwise.py   what do operations look like?
    operators.py   why do `a * b` and `x.sum()` work on Tensors?
    tree.py        what is a tree of arrays?
    recording.py   how is a function put on the tape?
    functional.py  how do I differentiate a function?

The rest, when you need it:

    ops/           the other operations; `ops/__init__.py` is their index
    overrides.py   why does `np.exp(x)` work on Tensors? By arguments.py (and signatures.py), reducing.py, ufuncs.py, writes.py, plain.py
    numpy/         NumPy's namespace, for programs that start with `import autograd.numpy as np`
    interchange.py how do values leave a Tensor? And writing.py, how do they change? To other libraries by array_api.py
    kernels/       faster ways to the same numbers
    differential_operators.py  HIPS/autograd's names of derivatives: make_vjp, hessian_vector_product, grad_and_aux, ...
    extend.py      HIPS/autograd's way of declaring operations, for classes of one's own with vspace.py; and builtins.py, util.py
    misc/          what its examples are helped by: flatten, optimisers; test_util.py, how it checks, spectator.py, how it traces
    checkpoint.py  how is memory traded for time?
    invalid.py     what happens when a gradient rule computes 0/0?
    anomaly.py     which operation made the first NaN?
    random.py      where do random numbers come from?
    check.py       is this gradient right? With numbers from differences.py
    listing.py     how is a computation printed? By tape.py, what happened, and program.py, what runs again, written by tracer.py
    configuration.py  what can be set, and what is in use?
    compiler/      how does a function run without Python's bookkeeping?
    rule_text.py   how is a rule shown?
    errors.py      what does an error say? With suggestions.py: which edit would mend it?
    files.py       how are arrays saved? And, without torch, those of torchfile.py, which unpickling.py reads safely
    testing/       the laws every operation obeys, for our operations and for yours
    drawing/       how does the graph look?

How to find an operation. A primitive is its forward and its rules, declared in `ops/`: `print(ops.multiply)` shows the rules
and what the tape keeps, `print(ops.multiply.source)` the code that runs. A composed function (`getitem`, `concatenate`,
`einsum`, `cross_entropy`) names the primitives it calls. All are tested by the laws in `testing/*_laws.py`, run by
`tests/test_laws.py`, on arguments that `tests/cases/` draws, or `testing.automatic` for element-wise primitives, whose
declaration says enough: `pytest tests/test_laws.py -k elementwise.multiply-`.
"""

from __future__ import annotations

from typing import Any

from autograd import operators as _operators  # noqa: F401  - gives Tensor its operators and methods
from autograd import ops, random
from autograd.checkpoint import checkpoint
from autograd.functional import elementwise_grad, ggnvp, grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp
from autograd.invalid import zero_stays_zero
from autograd.node import enable_grad, is_grad_enabled, no_grad
from autograd.primitive import Domain, primitive
from autograd.tensor import Tensor, tensor

__version__ = "0.1.0"

__all__ = [
    "Domain", "Program", "Tape", "Tensor", "check_grads", "checkpoint", "compile", "config", "detect_anomaly", "draw",
    "elementwise_grad", "enable_grad", "from_dlpack", "ggnvp", "grad", "hessian", "hvp", "is_grad_enabled", "jacobian", "jvp", "load",
    "no_grad", "ops", "primitive", "random", "save", "tensor", "trace", "value_and_grad", "vjp", "zero_stays_zero",
]

# What only some programs need is imported when it is first asked for.
_LAZY = {"Tape": "autograd.tape", "compile": "autograd.compiler", "config": "autograd.configuration", "Program": "autograd.program",
         "trace": "autograd.tracer", "check_grads": "autograd.check", "detect_anomaly": "autograd.anomaly", "draw": "autograd.drawing",
         "from_dlpack": "autograd.interchange", "load": "autograd.files", "save": "autograd.files",
         **dict.fromkeys(("deriv", "grad_and_aux", "grad_named", "hessian_tensor_product", "hessian_vector_product", "holomorphic_grad",
                          "make_ggnvp", "make_hvp", "make_jvp", "make_vjp", "multigrad_dict", "tensor_jacobian_product",
                          "vector_jacobian_product"), "autograd.differential_operators"),
         **dict.fromkeys(("dict", "isinstance", "list", "tuple", "type"), "autograd.builtins")}

_MODULES = ("builtins", "differential_operators", "extend", "misc", "numpy", "scipy", "test_util")


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        import importlib

        return getattr(importlib.import_module(_LAZY[name]), name)
    if name in _MODULES:
        import importlib

        return importlib.import_module(f"autograd.{name}")
    raise AttributeError(f"module 'autograd' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_LAZY])
