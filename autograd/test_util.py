"""How are gradients checked in HIPS/autograd's way?

    check_grads(f, modes=["rev"], order=2)(x, y)          by the first argument of f; argnum=(0, 1) for others

The checks are those of `check.py`: an error says which element is wrong, what it is, what it should be, and what that looks like.

Read next: `differential_operators.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

import numpy as np

from autograd import check
from autograd.check import numerical_gradient as nd
from autograd.differential_operators import chosen_of, of_chosen
from autograd.recording import Argnums, positions
from autograd.vspace import vspace

__all__ = ["check_equivalent", "check_grads", "check_jvp", "check_vjp", "combo_check", "nd", "scalar_close"]

TOL = RTOL = 1e-6


def check_grads(f: Callable[..., Any], argnum: Argnums = 0, modes: Sequence[str] = ("fwd", "rev"), order: int = 2) -> Callable[..., None]:
    """(args) -> None, after comparing the derivatives of f with differences, up to the given order. Raises AssertionError.

    argnum:  the position of the argument to check, or a tuple of positions
    modes:   "rev" checks vector-Jacobian products, "fwd" Jacobian-vector products

    >>> import numpy as np
    >>> from autograd.test_util import check_grads
    >>> check_grads(lambda x: np.sin(x) * x, modes=["rev"], order=2)(0.5)
    """
    argnum = positions(argnum)

    def checked(*args: Any, **kwargs: Any) -> None:
        check.check_grads(of_chosen(f, args, kwargs, argnum), chosen_of(args, argnum), order=order, modes=modes)

    return checked


def check_vjp(f: Callable[[Any], Any], x: Any) -> None:
    """Compare the vector-Jacobian product of f at x with differences."""
    check_grads(f, modes=["rev"], order=1)(x)


def check_jvp(f: Callable[[Any], Any], x: Any) -> None:
    """Compare the Jacobian-vector product of f at x with differences."""
    check_grads(f, modes=["fwd"], order=1)(x)


def check_equivalent(x: Any, y: Any) -> None:
    """Are two values, or trees, of one space and equal? Raises AssertionError."""
    if vspace(x) != vspace(y):
        raise AssertionError(f"the values belong to different spaces: {vspace(x)} and {vspace(y)}")
    v = vspace(x).randn()
    if not scalar_close(vspace(x).inner_prod(x, v), vspace(y).inner_prod(y, v)):
        raise AssertionError(f"the values are different:\n{x}\n{y}")


def scalar_close(a: Any, b: Any) -> bool:
    """Are two numbers equal up to an absolute or a relative 1e-6?"""
    return bool(abs(a - b) < TOL or abs(a - b) < RTOL * np.abs(a + b))


def combo_check(f: Callable[..., Any], *args: Any, **kwargs: Any) -> Callable[..., None]:
    """`check_grads(f, *args, **kwargs)` for every combination of lists of arguments.

    >>> import numpy as np
    >>> from autograd.test_util import combo_check
    >>> combo_check(np.sum, order=1)([np.ones(3), np.ones((2, 2))], axis=[None, 0])
    """
    check_one = check_grads

    def checked(*lists: Sequence[Any], **named: Sequence[Any]) -> None:
        for given in product(*lists):
            for values in product(*named.values()):
                check_one(f, *args, **kwargs)(*given, **dict(zip(named, values)))

    return checked
