"""Where does chance stand?

A run that is resumed must draw the numbers that it would have drawn. Chance comes from the default generator
(`autograd.random.seed`), and from generators that modules were given (`nn.Dropout(0.5, rng=generator)`): their states are a
part of a checkpoint.

Read next: `history.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

import autograd
from nn.module import Module


def generators(*objects: Any) -> Iterator[tuple[str, np.random.Generator]]:
    """The generators that modules hold, with their paths, each once."""
    seen: set[int] = set()
    for number, thing in enumerate(objects):
        for path, module in thing.named_modules() if isinstance(thing, Module) else ():
            for name, value in vars(module).items():
                if isinstance(value, np.random.Generator) and id(value) not in seen:
                    seen.add(id(value))
                    yield f"{number}:{path}.{name}", value


def random_state(*objects: Any) -> dict[str, Any]:
    """The state of the default generator and of all that these modules hold, as plain data."""
    return {"default": plain(autograd.random.get_state()),
            "generators": {path: plain(generator.bit_generator.state) for path, generator in generators(*objects)}}


def restore_random_state(state: Mapping[str, Any], *objects: Any) -> None:
    """Put all of them back. Raises ValueError if the modules hold other generators than those that were saved."""
    held = dict(generators(*objects))
    if set(held) != set(state["generators"]):
        raise ValueError(f"the saved run has random generators at {sorted(state['generators'])}, and this model at {sorted(held)}")
    autograd.random.set_state(whole(state["default"]))
    for path, generator in held.items():
        generator.bit_generator.state = whole(state["generators"][path])


def plain(state: Any) -> Any:
    """A generator's state without integers that a file may not hold: beyond 53 bits they become text."""
    if isinstance(state, Mapping):
        return {key: plain(value) for key, value in state.items()}
    if isinstance(state, (int, np.integer)) and not isinstance(state, bool):
        return f"int:{int(state)}"
    return state


def whole(state: Any) -> Any:
    """The reverse of `plain`."""
    if isinstance(state, Mapping):
        return {key: whole(value) for key, value in state.items()}
    return int(state[4:]) if isinstance(state, str) and state.startswith("int:") else state
