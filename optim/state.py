"""What does an optimiser remember?

For every parameter a `State`: arrays by name (averages of past gradients, ...) and numbers (how many steps).

It is also where long arrays are cut. A formula of five arrays and a dozen NumPy calls would fetch five long arrays from main
memory a dozen times; taken piece by piece, a piece stays in the cache until the formula is done with it. On 10^7 float32
numbers Adam takes 46 ms that way in NumPy and 95 ms without. So the step hands the formula one piece of the parameter after the
other, and `state.zeros(...)` answers with the same piece of what is remembered. The formula does not notice.

Read next: `optimizer.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from autograd.kernels import updates
from autograd.tensor import Tensor

Array = np.ndarray[Any, Any]
Pick = Callable[[Any], Any]
"""A function that takes the same piece out of every array of one shape."""

PIECE = 1 << 17
"""How many elements a piece has. Measured with Adam: in pieces of 32768 a step takes a tenth longer, with SGD a quarter."""

LONG_PIECE = 1 << 20
"""The same where a kernel computes, which goes over an array less often and starts its threads each time."""


class State(dict[str, Any]):
    """What is remembered about one parameter: arrays and numbers by name."""

    t: int = 1  # the number of the step being taken
    keep: float = 1  # what the parameter is to be multiplied with in this step, by `update`: decoupled weight decay
    pick: Pick | None = None  # the piece we are at, in a step; None: all
    whole: Array | None = None  # the parameter, while it is taken in pieces
    made: tuple[str, ...] = ()  # the arrays that this step has made

    def full(self, name: str, array: Array, value: Any) -> Array:
        """The array of this name; made like the parameter, where it lives, and filled with `value`, if there is none yet."""
        held = self.get(name)
        if held is None:
            whole = array if self.whole is None else self.whole
            held = self[name] = np.full_like(whole, value * (1 + 1j) if value and whole.dtype.kind == "c" else value)
            self.made += (name,)
        return held if self.pick is None else self.pick(held)  # type: ignore[no-any-return]

    def zeros(self, name: str, array: Array) -> Array:
        """The array of this name; zeros like the parameter, where it lives, if there is none yet."""
        return self.full(name, array, 0)

    def lacks(self, name: str) -> bool:
        """Was there no array of this name before this step?"""
        return name in self.made or self.get(name) is None

    def pieces(self, array: Array, g: Any, by_kernels: bool, sums: bool = False) -> Iterable[tuple[Array, Any]]:
        """Parameter and gradient, in pieces that fit the cache. Complex numbers are taken as two real ones, as PyTorch does."""
        most = PIECE
        if by_kernels and array.size > PIECE and array.flags.c_contiguous and g.flags.c_contiguous and updates(array, sums):
            most = LONG_PIECE
        if array.size <= most and array.dtype.kind != "c":
            return ((array, g),)
        return self.taken(array, g, most)

    def taken(self, array: Array, g: Any, most: int) -> Iterator[tuple[Array, Any]]:
        """One piece after the other, while `zeros` and `full` answer with the same piece."""
        remembered = [a for a in self.values() if isinstance(a, np.ndarray) and a.shape == array.shape]
        self.whole = array
        try:
            for self.pick in picks(array, array.dtype.kind == "c", all(a.flags.c_contiguous for a in (array, g, *remembered)), most):
                yield self.pick(array), self.pick(g)
        finally:
            self.whole = self.pick = None


def picks(array: Array, is_complex: bool, flat: bool, most: int) -> Iterator[Pick]:
    """All pieces: of the flattened array where the memory of all arrays is in order, else some rows at a time."""
    def cut(part: Pick, where: slice) -> Pick:
        if part is itself:
            return (lambda a: a.reshape(-1)[where]) if flat else (lambda a: a[where])
        return (lambda a: part(a).reshape(-1)[where]) if flat else (lambda a: part(a)[where])

    length = array.size if flat else len(array) if array.ndim else 1
    step = max(1, most * length // max(1, array.size))
    for part in (np.real, np.imag) if is_complex else (itself,):
        if array.size <= most:
            yield part
        else:
            yield from (cut(part, slice(i, i + step)) for i in range(0, length, step))


def itself(a: Any) -> Any:
    return a


def copied(value: Any) -> Any:
    """A value of the state with arrays copied, in lists too."""
    if isinstance(value, list):
        return [copied(item) for item in value]
    return np.array(value) if isinstance(value, np.ndarray) else value


def restored(value: Any, p: Tensor) -> Any:
    """A saved value as a state keeps it: an array of its own, in the dtype and memory order of the parameter, or a Python number."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (list, tuple)):
        return [restored(item, p) for item in value]
    array = np.array(value)
    if array.ndim == 0 and p.ndim:  # PyTorch keeps step counts as 0-d tensors
        return array.item()
    if array.dtype.kind not in "fc":
        return array
    if array.shape != p.shape:
        return array.astype(p._array.real.dtype if array.dtype.kind == "f" else p.dtype)
    like = np.empty_like(p._array)
    like[...] = array
    return like


def taken_over(saved: Any, p: Tensor, fresh: State | None, shaped: bool, optional: Collection[str]) -> tuple[State, list[str]]:
    """A saved state of a parameter as we keep it, and what is wrong with it.

    fresh:     the state after a first step, which has the same names and kinds of values; None if it is not known
    shaped:    does every array have the shape of the parameter?
    optional:  what may be missing
    """
    if not isinstance(saved, Mapping):
        return State(), [f"its state is a dict of arrays and numbers, not {saved!r:.60}"]
    state, problems = State(), []
    saved = {name: value for name, value in saved.items() if value is not None}
    for name, value in saved.items():
        like = 0 if name == "step" else fresh.get(name) if fresh is not None else None
        if fresh is not None and name not in fresh:
            problems.append(f"{name} is unknown here, where {', '.join(fresh) or 'nothing'} is remembered")
        elif isinstance(like, (int, float)):
            state[name] = count = np.asarray(value).item() if np.size(value) == 1 else value
            if isinstance(count, bool) or not isinstance(count, (int, float)):
                problems.append(f"{name} must be a number, not {value!r:.60}")
            elif name == "step" and (not count >= 0 or count % 1):
                problems.append(f"step must be the number of steps so far, not {value!r:.60}")
        elif isinstance(like, list):
            state[name] = restored(value, p)
            if not isinstance(value, (list, tuple)):
                problems.append(f"{name} must be a list, not {value!r:.60}")
        elif like is not None and not fits(value, p):
            problems.append(f"{name} must be an array of {p.dtype}, not {value!r:.60}")
        else:
            given = value if like is None else np.asarray(value)
            state[name] = array = restored(given, p)
            shape = p.shape if like is None else like.shape
            if (like is not None or (shaped and isinstance(array, np.ndarray))) and given.shape != shape:
                problems.append(f"its {name} has shape {given.shape}, not {shape}")
    if saved and fresh is not None:
        problems += [f"{name} is missing" for name in fresh if name not in saved and name not in optional]
    return state, problems


def fits(value: Any, p: Tensor) -> bool:
    """Are these floating-point numbers, and real ones if the parameter is real?"""
    kind = np.asarray(value).dtype.kind
    return kind == "f" or kind == "c" == p.dtype.kind
