"""Why does `np.exp(x)` work on Tensors?

NumPy's functions ask a Tensor what to do (NEP 13 for ufuncs, NEP 18 for the others), and it answers with a function of ours. What is
in no table (a function that a later NumPy has) is refused: never is a Tensor converted silently. An answer is looked up in `ops` when
it is first asked for, so that no family is imported before. (The ufuncs of `scipy.special` ask, too: functions of ours that have
their names answer.)

    table.py       which of our functions answers for which of NumPy's?
    arguments.py   how is a call with NumPy's arguments turned into a call of ours?
    signatures.py  which arguments does a function of NumPy's take that is written in C?
    variants.py    which functions of NumPy's are ours in another form?
    reducing.py    what do `where=`, `initial=` and `mean=` mean to a reduction?
    ufuncs.py      what do `out=`, `where=` and `dtype=` do, and `np.add.reduce` and its like?
    writes.py      what happens when NumPy writes into a Tensor?
    value_only.py  how does a NumPy function run whose result has no gradient?

Read next: `table.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any

import numpy as np

from autograd.overrides.table import TABLE, Row, name_of, written
from autograd.tensor import Tensor


def refusal(name: str, what: str = "") -> TypeError:
    """What is said of a function that no Tensor may meet."""
    row = TABLE.get(name)
    if row is not None and row.kind == "refused":
        return TypeError(f"{written(name)}{what} is not for Tensors: {row.reason}. Instead: {row.instead}.")
    return TypeError(f"{written(name)}{what} is not recorded on Tensors. If its gradient is not needed, write x.detach().numpy(); "
                     "if it is, build it from the functions of autograd.ops.")


def found(answer: str) -> Any:
    """Our function of this name: one of `ops`, or by its path. None if there is none."""
    module, _, name = answer.rpartition(".")
    return getattr(import_module(module or "autograd.ops"), name, None)


FUNCTIONS: dict[Any, Callable[..., Any]] = {}
"""What answers for the functions that were asked for so far."""


def answer(function: Any) -> Callable[..., Any]:
    """What answers for this function of NumPy's, called with the same arguments. Raises TypeError if nothing does."""
    name = name_of(function)
    row = TABLE.get(name) or (Row(name, "differentiable", function.__name__) if name.startswith("scipy.special.") else None)
    ours = None if row is None or row.kind == "refused" else found(row.answer)
    if row is None or ours is None:
        raise refusal(name)
    if row.answer.startswith("autograd.overrides.value_only."):
        ours = ours(function)
    elif row.answer.startswith("autograd.numpy."):
        ours = partial(ours, like=Tensor)  # NumPy has taken the Tensor of like= away
    elif not isinstance(function, np.ufunc) and not row.answer.startswith("autograd.overrides.writes."):
        from autograd.overrides.arguments import adapted

        ours = adapted(function, ours)
    FUNCTIONS[function] = ours
    return ours  # type: ignore[no-any-return]


def array_ufunc(self: Tensor, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
    """NumPy asks here when a ufunc meets a Tensor (NEP 13)."""
    ours = FUNCTIONS.get(ufunc) or answer(ufunc)
    if method == "__call__" and not options:
        return ours(*inputs)
    from autograd.overrides import ufuncs

    if method == "__call__":
        return ufuncs.called(ufunc.__name__, ours, inputs, options)
    return ufuncs.method(ufunc, method, ours, inputs, options)


def array_function(self: Tensor, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
    """NumPy asks here when any other of its functions meets a Tensor (NEP 18)."""
    return (FUNCTIONS.get(function) or answer(function))(*args, **kwargs)


setattr(Tensor, "__array_ufunc__", array_ufunc)  # noqa: B010
setattr(Tensor, "__array_function__", array_function)  # noqa: B010
