"""Reverse-mode automatic differentiation for NumPy, on one tape.

    A primitive is a NumPy function plus one line of calculus per input.
    The names a rule asks for are the arrays the tape keeps.

The engine is meant to be read. The spine, in this order, is an hour; each file answers one question and names the next.

    node.py        what does the tape remember about one operation?
    tensor.py      what does a user hold?
    primitive.py   what is an operation?
    backward.py    how does a gradient flow back?
    contributions.py  what is done with each cotangent that a rule returns?
    codegen.py     how does a declaration become fast?
    ops/elementwise.py   what do operations look like?
    operators.py   why do `a * b` and `x.sum()` work on Tensors?
    tree.py        what is a tree of arrays?
    recording.py   how is a function put on the tape?
    functional.py  how do I differentiate a function?

The rest, when you need it.

Operations:

    ops/           the other operations; `ops/__init__.py` is their index
    methods.py     which methods and attributes of NumPy's arrays does a Tensor have?
    kernels/       where are the fast ways to the same numbers?
    configuration.py  what can be set, and what is in use?
    random.py      where do random numbers come from?
    checkpoint.py  how is memory traded for time?
    invalid.py     what happens when a gradient rule computes 0/0?

Values, and how they come and go:

    writing.py     how is the memory of a Tensor written?
    interchange.py  how do values leave a Tensor?
    array_api.py   which functions does code see that is written for any array library?
    files.py       how does one keep what was learned?
    torchfile.py   how is a file of PyTorch read without PyTorch?
    unpickling.py  what does a pickle say, when nobody runs it?

NumPy and SciPy:

    overrides/     why does `np.exp(x)` work on Tensors?
    numpy/         why does `import autograd.numpy as np` work?
    scipy/         which of SciPy's functions have gradients?

Computations as text, as pictures, as programs:

    listing.py     how is a computation printed?
    tape.py        what happened?
    program.py     how does a computation run again?
    tracer.py      how is a computation written down?
    rule_text.py   how is a rule shown?
    drawing/       how does the graph look?
    compiler/      how does a function run without Python's bookkeeping?

What tells right from wrong:

    check.py       is this gradient right?
    differences.py  how do numbers tell a derivative?
    testing/       which laws does every operation obey, ours and yours?
    anomaly.py     which operation made the first NaN?
    errors.py      what does an error say?
    suggestions.py  which edit would mend it?

HIPS/autograd's names, for code that was written for it:

    differential_operators.py  what are the functions of `functional.py` called in HIPS/autograd, and which more does it have?
    extend.py      how is an operation declared in HIPS/autograd's way?
    declared.py    what is a function whose derivative is declared, on the tape?
    vspace.py      what can be differentiated by, besides arrays?
    builtins.py    which of Python's built-ins see through a Tensor?
    spectator.py   how does a user's own class watch a computation?
    test_util.py   how are gradients checked in HIPS/autograd's way?
    util.py        which small functions do HIPS/autograd's examples import from here?
    misc/          which helpers of HIPS/autograd's examples are here?

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
    from autograd.suggestions import TORCH_FUNCTIONS

    hint = f": write {TORCH_FUNCTIONS[name]}" if name in TORCH_FUNCTIONS else ""
    raise AttributeError(f"module 'autograd' has no attribute {name!r}{hint}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_LAZY])
