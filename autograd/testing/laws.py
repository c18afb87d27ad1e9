"""What is true of every differentiable operation?

Each law is a function of one call, `law(f, args, kwargs)`, that returns None or raises an AssertionError saying what is
wrong. Our test suite runs every law over every case of every primitive; yours can do the same:

    @laws_for(my_op)
    def test_my_op(draw):
        return (draw(arrays()), draw(arrays())), {}

or, for one call or for a primitive whose declaration says all, `check_primitive(my_op)`. `LAWS` has them by name.

The floating-point arrays among the positional arguments are those that are differentiated; of a primitive, those with
a rule. A law that says nothing about an operation (memory, of a composition) passes.

Read next: the tests, `tests/test_laws.py`.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from autograd.testing.cases import Arguments, Case, cases_of
from autograd.testing.complex_laws import complex_numbers
from autograd.testing.derivative_laws import adjoint, definition, gradient, kinks, linear, second_order
from autograd.testing.dtype_laws import dtypes
from autograd.testing.law import LAWS, Law, law, require
from autograd.testing.memory_laws import memory, type
from autograd.testing.value_laws import layout, one_rule, replay, value
from autograd.tree import flatten

__all__ = ["LAWS", "Law", "adjoint", "check_primitive", "complex_numbers", "definition", "dtypes", "examples", "gradient", "hold", "kinks",
           "law", "laws_for", "layout", "linear", "memory", "one_rule", "replay", "require", "run", "second_order", "type", "value"]


def run(law: Law, case: Case, max_examples: int | None = None, shrink: bool = True) -> None:
    """Draw arguments of a case and hold the law against each. Raises what the law raises, for the simplest arguments found."""
    profile = settings() if max_examples is None else settings(max_examples=max_examples)
    profile = settings(profile, max_examples=math.ceil(profile.max_examples * law.share))
    if not shrink:  # only to know whether it holds
        profile = settings(profile, phases=(Phase.generate,), derandomize=True, database=None)

    @settings(profile, deadline=None, suppress_health_check=list(HealthCheck))
    @given(case.arguments)
    def holds(arguments: Arguments) -> None:
        args, kwargs = arguments
        law(case.f, args, kwargs, case.tolerance, case.order)

    holds()


def examples(case: Case) -> list[Arguments]:
    """The arguments that are drawn for a case, for several laws to `hold`: to draw them takes longer than most laws do."""
    found: list[Arguments] = []

    @settings(deadline=None, suppress_health_check=list(HealthCheck), phases=(Phase.generate,), database=None)
    @given(case.arguments)
    def keep(arguments: Arguments) -> None:
        found.append(arguments)

    keep()
    return found


def hold(law: Law, case: Case, drawn: Sequence[Arguments]) -> None:
    """Hold the law against `examples` of a case: each time against copies, for an operation may overwrite its arguments. Raises what
    the law raises."""
    for arguments in drawn[: math.ceil(settings().max_examples * law.share)]:
        arrays = [x for x in flatten(arguments)[0] if isinstance(x, np.ndarray)]
        args, kwargs = copy.deepcopy(arguments, {id(x): twin(x) for x in arrays})
        law(case.f, args, kwargs, case.tolerance, case.order)


def twin(x: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """A copy that lies in memory of its own as x does in its own."""
    if not x.size or x.dtype.hasobject:
        return x.copy()
    owner = x
    while isinstance(owner.base, np.ndarray):
        owner = owner.base
    offset = x.__array_interface__["data"][0] - owner.__array_interface__["data"][0]
    return np.ndarray(x.shape, x.dtype, owner.ravel("K").copy().data, offset, x.strides)


def check_primitive(f: Callable[..., Any], args: Sequence[Any] | None = None, kwargs: dict[str, Any] | None = None,
                    max_examples: int = 20) -> None:
    """Hold every law against one call of f; or, without `args`, against calls drawn as its case (or its declaration) says.

    >>> import numpy as np
    >>> from autograd import primitive
    >>> @primitive(x=lambda g, y: g * (1 - y * y))
    ... def squash(x):
    ...     return np.tanh(x)
    >>> check_primitive(squash)

    Raises an AssertionError with what is wrong, and Hypothesis adds the arguments it is wrong for; TypeError if
    nothing says how to call f.
    """
    if args is not None:
        for law in LAWS.values():
            law(f, copy.deepcopy(args), copy.deepcopy(kwargs))  # a function that overwrites its arguments deceives no other law
        return
    cases = cases_of(f)
    if not cases:
        raise TypeError(f"check_primitive({f.__name__}) needs arguments to call it with: pass args, or write a case "
                        "(see autograd.testing.cases)")
    for case in cases:
        for law in LAWS.values():
            run(law, case, max_examples)


def laws_for(f: Callable[..., Any], order: int = 2, tolerance: float = 1e-8) -> Callable[[Callable[[Any], Arguments]], Any]:
    """Turn a function `draw -> (args, kwargs)` into a pytest test that holds every law against f: see the top of this file."""

    def decorate(arguments: Callable[[Any], Arguments]) -> Any:
        import pytest

        case = Case(f, f.__name__, st.composite(arguments)(), order, tolerance)

        @pytest.mark.parametrize("law", list(LAWS))
        def test(law: str) -> None:
            run(LAWS[law], case)

        test.__name__, test.__doc__, test.__module__ = arguments.__name__, arguments.__doc__, arguments.__module__
        return test

    return decorate
