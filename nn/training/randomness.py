"""Where does chance stand?

A run that is resumed must draw the numbers that it would have drawn. Chance comes from three places. Two have states, which are a part
of a checkpoint: the default generator (`autograd.random.seed`), and generators that objects hold (`nn.Dropout(0.5, rng=generator)`, a
transform of your own). The third has none: what happens to a sample in `nn.data` is a function of seed, epoch and index.

Read next: `precision.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

import autograd

MANY = 1000
"""A list that is longer than this holds data, and is not searched for generators."""

NO_HOLDERS = (str, bytes, int, float, type(None), np.ndarray, type, ModuleType, FunctionType)
"""What is not searched."""


def generators(*objects: Any) -> Iterator[tuple[str, np.random.Generator]]:
    """The generators that these objects hold, in attributes, lists, tuples and dicts at any depth, with their paths; each once."""
    seen: set[int] = set()
    stack: list[tuple[str, Any]] = [(str(number), thing) for number, thing in enumerate(objects)][::-1]
    while stack:
        path, thing = stack.pop()
        if isinstance(thing, NO_HOLDERS) or id(thing) in seen:
            continue
        seen.add(id(thing))
        if isinstance(thing, np.random.Generator):
            yield path, thing
        elif isinstance(thing, Mapping):
            stack += [(f"{path}.{key}", value) for key, value in list(thing.items())[:MANY]][::-1]
        elif isinstance(thing, (list, tuple)):
            stack += [(f"{path}.{key}", value) for key, value in enumerate(thing[:MANY])][::-1]
        elif hasattr(thing, "__dict__"):
            stack += [(f"{path}.{name}", value) for name, value in vars(thing).items()][::-1]


def random_state(*objects: Any) -> dict[str, Any]:
    """The state of the default generator and of all that these objects hold, as plain data."""
    return {"default": plain(autograd.random.get_state()),
            "generators": {path: plain(generator.bit_generator.state) for path, generator in generators(*objects)}}


def restore_random_state(state: Mapping[str, Any], *objects: Any) -> None:
    """Put all of them back. Raises ValueError if the objects hold other generators than those that were saved."""
    held = dict(generators(*objects))
    if set(held) != set(state["generators"]):
        raise ValueError(f"the saved run has random generators at {sorted(state['generators'])}, and this one at {sorted(held)}: it was "
                         "made of other parts")
    for path, generator in held.items():
        generator.bit_generator.state = whole(state["generators"][path])
    autograd.random.set_state(whole(state["default"]))


def plain(state: Any) -> Any:
    """A generator's state without integers that a file may not hold: they become text."""
    if isinstance(state, Mapping):
        return {key: plain(value) for key, value in state.items()}
    if isinstance(state, (int, np.integer)) and not isinstance(state, bool):
        return f"int:{int(state)}"
    if isinstance(state, Sequence) and not isinstance(state, str):
        return [plain(value) for value in state]
    return state


def whole(state: Any) -> Any:
    """The reverse of `plain`."""
    if isinstance(state, Mapping):
        return {key: whole(value) for key, value in state.items()}
    if isinstance(state, list):
        return [whole(value) for value in state]
    return int(state[4:]) if isinstance(state, str) and state.startswith("int:") else state
