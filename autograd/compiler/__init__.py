"""How does a function run without Python's bookkeeping?

    @autograd.compile
    def step(x, y):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        return loss.detach()

The first call with arguments of some shapes runs f as it is and writes down what it does, the backward pass and the update included.
Later calls repeat that: no nodes, no modules, no rules looked up; constants folded, results in memory that is kept. They give what f
itself would give, bit for bit.

    capture.py    what does a function do, step by step? Its backward passes by lowering.py, optimisers by updates.py, random numbers by
                  draws.py. What comes out is in captured.py
    simplify.py   which steps need not be run?
    fusion.py     which steps run as one, where oneDNN computes? Found by matching.py; sums and where they go by sums.py
    chains.py     how are element-wise operations done on large arrays? They are written by blocks.py
    buffers.py    where does each result go? If into memory that is there, by into.py; in which order its axes lie says layout.py
    source.py     what does a compiled function look like? Its lines are short by spelling.py
    program.py    when may a compiled program run again? What the function decides by knows surroundings.py (and
                  sameness.py, when that is as it was); what it is shows steps.py

Read next: `capture.py`.
"""

from __future__ import annotations

import threading
import warnings
from collections import deque
from collections.abc import Callable
from copy import deepcopy
from functools import update_wrapper
from types import MethodType
from typing import Any

import numpy as np

from autograd.node import RUNNING, get_mode
from autograd.tensor import Tensor, constant_tensor
from autograd.tree import flatten


class Invalid(Exception):
    """A step met what only the function itself can deal with: an invalid value (0/0), of which an eager backward pass would make zero where
    no gradient arrives; or a result of another shape."""


MOST = 16
"""So many programs of one function are kept; the oldest goes first."""


class Compiled:
    """A function that is captured once for each kind of arguments, and then replayed. Made by `compile`.

    programs:  what was captured, by the kind of arguments
    source:    the code that ran last
    """

    def __init__(self, f: Callable[..., Any]) -> None:
        update_wrapper(self, f)  # first: f may have been made of a compiled function (`grad(compiled)`), and have its attributes, too
        self.f = f
        self.programs: dict[Any, list[Any]] = {}
        self.last: Any = None
        self._recent: tuple[Any, Any] = None, ()  # the last key, and its programs: to compare takes less time than to look up
        self._keys: deque[Any] = deque()
        self._unsettled: set[Any] = set()
        self._anew = 0  # calls in a row for which there was no program
        self._lock = threading.Lock()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        mode = get_mode()
        if mode.observer is not None or RUNNING.get() or not self._lock.acquire(blocking=False):
            return self.f(*args, **kwargs)  # somebody watches, or differentiates through us, or another thread is inside
        try:
            leaves: Any
            structure: Any
            if not kwargs and SINGLE.issuperset(map(type, args)):
                leaves, structure = args, len(args)
            else:
                leaves, structure = flatten((args, kwargs))
            parts: list[Any] = []
            arrays: list[Any] = []
            for leaf in leaves:
                if isinstance(leaf, Tensor):
                    if leaf.node is not None and mode.recording:
                        return self.f(*args, **kwargs)
                    leaf = leaf._array
                    parts.append((leaf.shape, leaf.strides, leaf.dtype, True))
                    arrays.append(leaf)
                elif isinstance(leaf, (np.ndarray, np.generic)):
                    parts.append((leaf.shape, leaf.strides, leaf.dtype, False))
                    arrays.append(leaf)
                else:
                    parts.append((type(leaf), leaf) if type(leaf) in SETTLED else setting(leaf))
            if len(arrays) > 1 and len(set(map(id, arrays))) < len(arrays):  # `if key is value` may decide something
                parts.append(tuple(map(list(map(id, arrays)).index, map(id, arrays))))
            key = (structure, parts, mode.recording)
            recent = self._recent
            if recent[0] != key:
                recent = self._recent = key, self.programs.get((structure, tuple(parts), mode.recording), ())
            for program in recent[1]:
                if program.holds():
                    self.last, self._anew = program, 0
                    found = self.replay(program, arrays, args, kwargs)
                    return self.f(*args, **kwargs) if found is None else found[0]
            self._recent = None, ()
            self._anew += 1
            if self._anew > MOST and self.futile(recent[1]):
                return self.f(*args, **kwargs)
            return self.first((structure, tuple(parts), mode.recording), args, kwargs, *flatten((args, kwargs)))
        finally:
            self._lock.release()

    def replay(self, program: Any, arrays: list[Any], args: Any, kwargs: Any) -> tuple[Any] | None:
        """Run a program; None if it must not go on (see `invalid.py`)."""
        states = [rng.bit_generator.state for rng in program.draws]
        invalid = program.invalid
        invalid.noted = invalid.begun = False
        if program.effects:
            invalid.outer = np.geterr()["invalid"], np.geterrcall()
        try:
            with np.errstate(invalid="call", call=invalid.note, **program.quiet):
                results = program.run(*arrays)
        except Exception as error:
            if invalid.begun:
                raise
            for rng, state in zip(program.draws, states):
                rng.bit_generator.state = state
            if not isinstance(error, Invalid):
                self.write_down(*flatten((args, kwargs)))  # f explains it better, and changes nothing; or it catches the error
            return None
        leaves = [constant_tensor(y) if kind else y for y, kind in zip(results, program.kinds)]
        for i, tensor in program.itself:
            leaves[i] = tensor
        return (program.form.unflatten(leaves),)

    def write_down(self, leaves: list[Any], structure: Any) -> tuple[Any, Any, str, Exception | None]:
        """What f does, without doing it: the captured call, what f decides by, what it changed there; and why it cannot be compiled."""
        from autograd.compiler.capture import capture
        from autograd.compiler.captured import anew
        from autograd.compiler.surroundings import Surroundings
        from autograd.tracer import TraceError

        name = self._name
        instead = {id(leaf): constant_tensor(anew(leaf._array if isinstance(leaf, Tensor) else leaf))
                   for leaf in leaves if isinstance(leaf, (Tensor, np.ndarray, np.generic))}
        fresh = [instead.get(id(leaf), leaf) for leaf in leaves]
        tree = structure.unflatten(fresh)
        around = Surroundings(self.f, *(leaf for leaf in leaves if not isinstance(leaf, (Tensor, np.ndarray, np.generic))))
        if around.iterators:
            raise TraceError(f"compile: {name} names `{around.iterators[0]}`, an iterator. What it gives next would be taken once, and be "
                             "the same in every call: call next() outside, and pass what it gives as an argument.")
        captured = refused = None
        try:
            captured = capture(self.f, tree[0], tree[1], [leaf for leaf in fresh if isinstance(leaf, Tensor)])
        except TraceError as error:
            refused = error
        finally:
            changed = around.changed()
            around.restore()
        now, same_structure = flatten(tree)
        if refused is None and (same_structure != structure or any(a is not b for a, b in zip(now, fresh))):
            raise TraceError(f"compile: {name} changes a list or dict among its arguments, which a later call would not repeat: return "
                             "a new one.")
        return captured, around, changed, refused

    def first(self, key: Any, args: Any, kwargs: Any, leaves: list[Any], structure: Any) -> Any:
        """Write down what f does; then do it."""
        from autograd.compiler.program import CompiledProgram
        from autograd.tracer import TraceError

        captured, around, changed, refused = self.write_down(leaves, structure)
        if refused is not None and (not changed or key in self._unsettled):
            raise refused
        if changed and key in self._unsettled:
            raise TraceError(f"compile: {self._name} changes {changed} in each call, which a later call would not repeat: return the value "
                             "and do that outside; or keep it in a Tensor (in a module a Buffer) and write t.assign(value).")
        results = self.f(*args, **kwargs)
        if changed or captured is None:
            self._unsettled.add(key)  # what is made when it is first needed, perhaps: the next call will tell
            return results
        around.include(captured.modules)
        outputs = flatten(results)[0]
        self.last = program = CompiledProgram(captured, around, [isinstance(leaf, Tensor) for leaf in outputs])
        outside = {id(b.tensor) for b in captured.used}
        program.itself = [(i, leaf) for i, leaf in enumerate(outputs) if id(leaf) in outside]
        self.programs.setdefault(key, []).append(program)
        self._keys.append(key)
        if len(self._keys) > MOST:
            oldest = self._keys.popleft()
            self.programs[oldest].pop(0)
            if not self.programs[oldest]:
                del self.programs[oldest]
        return results

    def futile(self, programs: Any) -> bool:
        """Something changes in every call, so that no program was ever used again: f runs as it is, but for one call in 16."""
        if self._anew == MOST + 1:
            changed = programs[-1].around.changed() or "what it reads" if programs else "its arguments (shapes; numbers, words)"
            warnings.warn(f"compile: {self._name} was written down anew in {MOST} calls in a row, since {changed} changed each time. It "
                          "runs as it is now, which is faster. What changes should be an argument, as an array or a Tensor, not a number: "
                          "np.asarray(k).", RuntimeWarning, stacklevel=3)
        return self._anew % MOST != 0

    @property
    def _name(self) -> str:
        return getattr(self.f, "__name__", "the function")

    @property
    def steps(self) -> Any:
        """What ran last, as a `Listing`: `print(f.steps)`, `autograd.draw(f.steps)`."""
        if self.last is None:
            raise RuntimeError(f"{self!r} was not called yet, so there is nothing to show: call it once")
        return self.last.steps(getattr(self.f, "__name__", ""))

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        """As a function does: `@autograd.compile` may stand above a method."""
        return self if instance is None else MethodType(self, instance)

    def __reduce__(self) -> Any:
        return compile, (self.f,)

    def __deepcopy__(self, memo: dict[int, Any]) -> Compiled:
        return Compiled(deepcopy(self.f, memo))

    @property
    def source(self) -> str:
        return self.last.source if self.last is not None else "(not called yet)"

    def __repr__(self) -> str:
        return f"<compiled {getattr(self.f, '__name__', 'function')}: {self.last!r}>"


SINGLE = frozenset({np.ndarray, Tensor, bool, int, float, str, np.float32, np.float64})
"""Types of arguments that are one leaf each."""

SETTLED = {bool, int, str, bytes}
"""Types of arguments whose equal values are one and the same."""


def setting(leaf: Any) -> tuple[Any, ...]:
    """What tells an argument that is no array from others: two numbers only if they are the same to the last bit."""
    if isinstance(leaf, (float, complex)):
        return type(leaf), repr(leaf)
    if isinstance(leaf, slice):
        return slice, leaf.start, leaf.stop, leaf.step
    try:
        hash(leaf)
    except TypeError:
        raise TypeError(f"a compiled function got an argument of type {type(leaf).__name__}, which cannot be told from another by its "
                        "hash: pass arrays, numbers, words, and tuples, lists and dicts of them") from None
    return type(leaf), leaf


def compile(f: Callable[..., Any]) -> Compiled:
    """f, captured at its first call and replayed at later ones.

    f:  a function of arrays, Tensors and trees of them; numbers, words and other objects among its arguments count as settings. It may
        use models, optimisers and Tensors from outside, go backward and update

    >>> import numpy as np, autograd
    >>> f = autograd.compile(autograd.grad(lambda x: np.sum(np.sin(x) ** 2)))
    >>> f(np.array([1.0, 2.0])), f(np.array([3.0, 4.0]))
    (array([ 0.90929743, -0.7568025 ]), array([-0.2794155 ,  0.98935825]))

    Raises TraceError, with the line, if f decides by a value that will be another in the next call.
    """
    return Compiled(f)
