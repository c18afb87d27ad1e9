"""How much does a function do? Counted, not timed: a busy machine does not change it.

Read next: `test_tape.py`, which asks.
"""

import sys
from collections.abc import Callable
from typing import Any


def calls(f: Callable[[], Any]) -> int:
    """How many functions are called, Python's and those written in C, while f runs."""
    count = 0

    def counted(frame: Any, event: str, argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(counted)
    try:
        f()
    finally:
        sys.setprofile(before)
    return count


def grows_in_proportion(small: Callable[[], Any], large: Callable[[], Any], times: float) -> bool:
    """Does what is `times` as large need about `times` as many calls?"""
    few, many = calls(small), calls(large)
    assert few > 100, f"only {few} calls: too few to tell"
    return many <= 1.3 * times * few
