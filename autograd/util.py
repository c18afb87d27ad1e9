"""Which small functions do HIPS/autograd's examples import from here? (The name of this file is HIPS/autograd's.)

Read next: `extend.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def func(f: Any) -> Any:
    """f itself: a method, as its class has it."""
    return f


def subvals(xs: Iterable[Any], changes: Iterable[tuple[int, Any]]) -> tuple[Any, ...]:
    """A tuple with some elements replaced, given as (position, value).

    >>> subvals("abc", [(1, "B")])
    ('a', 'B', 'c')
    """
    changed = list(xs)
    for i, value in changes:
        changed[i] = value
    return tuple(changed)


def subval(xs: Iterable[Any], i: int, value: Any) -> tuple[Any, ...]:
    """A tuple with one element replaced."""
    return subvals(xs, [(i, value)])
