"""When is something as it was?

Numbers and words if they are equal, and of one type; of containers and the attributes of an object each element; a generator of random
numbers if its state is the same; anything else if it is the same object.

Read next: `surroundings.py`, which asks this of all that a function decides by.
"""

from __future__ import annotations

from collections.abc import Iterator
from operator import is_
from typing import Any

import numpy as np

SIMPLE = (bool, int, float, complex, str, type(None))


def same(a: Any, b: Any) -> bool:
    """The same object, or an equal number or word of the same type."""
    return a is b or (type(a) is type(b) and type(a) in SIMPLE and bool(a == b or (a != a and b != b)))


def alike(now: Any, before: Any) -> bool:
    """The same contents? (None: it was too long to look.)"""
    if before is None:
        return True
    if len(now) != len(before):
        return False
    if isinstance(now, set):
        return all(x in before for x in now)
    if isinstance(now, dict):
        if not all(map(same, now, before)):
            return False
        now, before = now.values(), before.values()
    return all(map(is_, now, before)) or all(map(same, now, before))


def filled(values: Any) -> Any:
    return () if values is None else values


def attributes_of(x: Any) -> dict[str, Any]:
    return {name: value for name, value in vars(x).items() if name != "_address"}


def state_of(rng: Any) -> Any:
    if isinstance(rng, np.random.Generator):
        return rng.bit_generator.state
    return rng.get_state() if hasattr(rng, "get_state") else rng.getstate()


def set_state(rng: Any, state: Any) -> None:
    if isinstance(rng, np.random.Generator):
        rng.bit_generator.state = state
    else:
        (rng.set_state if hasattr(rng, "set_state") else rng.setstate)(state)


def same_state(a: Any, b: Any) -> bool:
    if isinstance(a, dict):
        return all(same_state(a[key], b[key]) for key in a)
    if isinstance(a, tuple):
        return all(map(same_state, a, b))
    return bool(np.array_equal(a, b))


def inside_of(x: Any) -> Any:
    """A copy of what a container holds."""
    return dict(x) if isinstance(x, dict) else set(x) if isinstance(x, set) else list(x)


def refill(x: Any, before: Any) -> None:
    """A container holds again what it held before."""
    if isinstance(x, (dict, set)):
        x.clear()
        x.update(before)
    else:
        x.clear() if hasattr(x, "clear") else x.__delitem__(slice(None))
        x.extend(before)


def same_bits(array: Any, copy: Any) -> bool:
    """Is an array what it was, to the last bit? (So a NaN is itself, and 0 is not -0.)"""
    if array.shape != copy.shape or array.dtype != copy.dtype:
        return False
    now, before = (np.asarray(x).ravel("K" if x.strides == copy.strides else "C").view(np.uint8) for x in (array, copy))
    return bool((now == before).all())


class Variable:
    """A `contextvars.ContextVar`, looked at as a dict of one value."""

    def __init__(self, x: Any) -> None:
        self.x = x

    def get(self, name: str, default: Any) -> Any:
        return self.x.get(default)


class Slots:
    """The attributes of an object that has no dict, looked at as one."""

    def __init__(self, x: Any) -> None:
        self.x = x
        found = [getattr(kind, "__slots__", ()) for kind in type(x).__mro__]
        self.names = {name for slots in found for name in ((slots,) if isinstance(slots, str) else slots)}

    def __iter__(self) -> Iterator[str]:
        return (name for name in self.names if hasattr(self.x, name))

    def __getitem__(self, name: str) -> Any:
        return getattr(self.x, name)

    def __setitem__(self, name: str, value: Any) -> None:
        object.__setattr__(self.x, name, value)

    def get(self, name: str, default: Any) -> Any:
        return getattr(self.x, name, default)
