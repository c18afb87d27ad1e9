"""Where do random numbers come from?

Always from a `numpy.random.Generator`. `seed(n)` sets the default one; every random layer and initialiser takes `rng=`.
Draws go through `generator()`, so that a checkpointed computation can see which generators it used and replay them.

Read next: `check.py`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np

_default: np.random.Generator | None = None  # made when it is first needed: to import numpy.random takes a quarter of `import autograd`
_making = threading.Lock()
_watch: ContextVar[dict[int, tuple[np.random.Generator, Any]] | None] = ContextVar("autograd.random.watch", default=None)
_stand_in: ContextVar[Callable[[np.random.Generator, bool], np.random.Generator] | None] = ContextVar(
    "autograd.random.stand_in", default=None)


def seed(n: int | None = None) -> None:
    """Start the default generator anew, from a number, or from the system's entropy for None."""
    global _default
    _default = np.random.default_rng(n)


def default() -> np.random.Generator:
    """The default generator, as it is now."""
    global _default
    if _default is None:
        with _making:
            if _default is None:  # another thread was first
                _default = np.random.default_rng()
    return _default


def generator(rng: np.random.Generator | int | None = None) -> np.random.Generator:
    """The generator to draw from: the given one, one seeded with the given number, or the default."""
    lasts = rng is None or isinstance(rng, np.random.Generator)
    if rng is None:
        rng = default()
    elif not isinstance(rng, np.random.Generator):
        if not isinstance(rng, (int, np.integer)):
            raise TypeError(f"rng must be a numpy.random.Generator, an integer seed or None, not {type(rng).__name__}: "
                            "write numpy.random.default_rng(seed)")
        rng = np.random.default_rng(rng)
    seen = _watch.get()
    if seen is not None and id(rng) not in seen:
        seen[id(rng)] = (rng, rng.bit_generator.state)
    stand_in = _stand_in.get()
    return rng if stand_in is None else stand_in(rng, lasts)


def get_state() -> dict[str, Any]:
    """The state of the default generator, for a checkpoint."""
    return dict(default().bit_generator.state)


def set_state(state: dict[str, Any]) -> None:
    """Put the default generator into a state that `get_state` returned."""
    default().bit_generator.state = state


@contextmanager
def watched() -> Iterator[dict[int, tuple[np.random.Generator, Any]]]:
    """Inside, note the state of each generator before its first draw."""
    outer, seen = _watch.get(), {}  # type: ignore[var-annotated]
    token = _watch.set(seen)
    try:
        yield seen
    finally:
        _watch.reset(token)
        if outer is not None:
            for key, value in seen.items():
                outer.setdefault(key, value)


@contextmanager
def replayed(states: dict[int, tuple[np.random.Generator, Any]]) -> Iterator[None]:
    """Inside, the generators start again from these states; afterwards they are where they were."""
    now = [(rng, rng.bit_generator.state) for rng, _ in states.values()]
    for rng, state in states.values():
        rng.bit_generator.state = state
    try:
        yield
    finally:
        for rng, state in now:
            rng.bit_generator.state = state


@contextmanager
def drawing(stand_in: Callable[[np.random.Generator, bool], np.random.Generator]) -> Iterator[None]:
    """Inside, `generator()` answers with what `stand_in(rng, lasts)` makes of the generator: one that writes draws down, say.
    Does it last beyond this call, or was it just made from a number?"""
    token = _stand_in.set(stand_in)
    try:
        yield
    finally:
        _stand_in.reset(token)
