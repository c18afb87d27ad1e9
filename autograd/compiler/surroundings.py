"""What does a function decide by, besides its arguments?

By what it names: variables of its closure and its module, default values, attributes of objects, the lists and dicts there, settings of
modules, and the functions that it calls, which name things in turn. `Surroundings(f)` walks all that, as far as it is the user's and not
a library's, and remembers what was found. Then it can say

    holds()     is it all as it was? If not, a compiled program must not run
    changed()   what has the function changed while it was captured? A later call would not repeat it
    restore()   put everything back

What it does not see: what is asked of the system (the time, a file, an environment variable), a name made by `getattr`, the inside of a
library's objects, arrays and lists that are very long.

Read next: `program.py`.
"""

from __future__ import annotations

import dis
import functools
import gc
import io
import random
import sys
from array import array as Array
from collections import deque
from collections.abc import Iterable, Iterator
from contextvars import ContextVar
from types import BuiltinMethodType, CodeType, FunctionType, MappingProxyType, MethodType, ModuleType
from typing import Any

import numpy as np

from autograd.compiler.sameness import (
    SIMPLE,
    Slots,
    Variable,
    alike,
    attributes_of,
    filled,
    inside_of,
    refill,
    same,
    same_bits,
    same_state,
    set_state,
    state_of,
)
from autograd.node import SETTINGS
from autograd.tensor import Tensor

LIBRARIES = {"autograd", "nn", "optim", "numpy", "scipy", *sys.stdlib_module_names}
GENERATORS = (np.random.Generator, np.random.RandomState, random.Random)
LONG, LARGE = 256, 1 << 20
"""Longer lists, and arrays of more bytes, are not looked through."""

CONTAINERS = (list, tuple, dict, set, frozenset, deque, bytearray, Array)
HOLDERS = {"types.SimpleNamespace", "argparse.Namespace", "collections.UserDict", "collections.UserList", "collections.ChainMap"}
"""Classes of Python's own whose objects hold what the user puts there."""

WRAPPERS = (MethodType, functools.partial, functools.cached_property, functools.partialmethod, type(functools.lru_cache(len)), property,
            staticmethod, classmethod)
WRAPPED = ("__func__", "__self__", "func", "args", "keywords", "fget", "f", "__wrapped__")
"""Where they, and compiled functions, have what they call."""

UNASKED = {"__repr__", "__str__", "__format__", "__del__", "__reduce__", "__reduce_ex__", "__getstate__", "__setstate__", "__copy__",
           "__deepcopy__"}
"""Methods with such names that do not compute; all others (`__call__`, `__mul__`, ...) are called without being named."""
MAKING = {"__init__", "__new__", "__post_init__", "__init_subclass__", "__set_name__", "__class_getitem__"}
"""What has been called when there is an object."""

MISSING = object()


class Surroundings:
    """What f decides by, as it is now.

    places:      (a dict, a name in it, its value)
    cells:       (a variable of a closure, its value)
    functions:   (a function, its default values)
    containers:  (a list, dict or set, its contents)
    arrays:      (a NumPy array, a copy)
    settings:    (a module, its attributes), looked at only after an attribute of some module was set
    objects:     (what an attribute was set on, its attributes): for `changed` alone
    counts:      (the attributes of an object, how many there are)
    generators:  (a generator of random numbers, its state): for `changed` alone
    iterators:   the names of what gives another value each time
    """

    def __init__(self, *roots: Any) -> None:
        self.places: list[tuple[Any, str, Any]] = []
        self.cells: list[tuple[Any, Any]] = []
        self.functions: list[tuple[Any, Any]] = []
        self.containers: list[tuple[Any, Any]] = []
        self.arrays: list[tuple[Any, Any]] = []
        self.settings: list[tuple[Any, dict[str, Any]]] = []
        self.objects: list[tuple[Any, dict[str, Any]]] = []
        self.counts: list[tuple[Any, int]] = []
        self.generators: list[tuple[Any, Any]] = []
        self.iterators: list[str] = []
        self.edits = SETTINGS[0]
        self._names, self._spaces, self._seen = {"forward"}, list[Any](), dict[int, Any]()
        self._found: set[tuple[int, str]] = set()
        self._stack: list[tuple[str, Any]] = [("an argument", root) for root in roots]  # the name is for messages
        self.walk()
        import autograd.random

        self._seen[id(autograd.random.default())] = autograd.random.default()  # other threads may draw from it
        self.place(vars(autograd.random), "_default")
        self.walk()
        if "random" in self._names:
            self.generators.append((np.random, np.random.get_state()))
            self.generators.append((random, random.getstate()))

    # ---- the walk ---------------------------------------------------------------------------------------------------

    def walk(self) -> None:
        while self._stack:
            while self._stack:
                name, x = self._stack.pop()
                if type(x) not in SIMPLE and id(x) not in self._seen:
                    self._seen[id(x)] = x  # kept, so that its id stays its own
                    self.visit(name, x)
            for space in self._spaces:  # what has the names that were met by now
                for name in self._names.intersection(space):
                    self.place(space, name)

    def visit(self, name: str, x: Any) -> None:
        from autograd.compiler import Compiled

        if isinstance(x, Tensor):
            extra = x.node.extra if x.node is not None else None
            self.push(name, extra.hooks.values() if extra is not None else ())
        elif isinstance(x, FunctionType):
            self.function(x)
        elif isinstance(x, (*WRAPPERS, Compiled)):
            self.push(name, (getattr(x, part, None) for part in WRAPPED))
        elif isinstance(x, BuiltinMethodType):
            self.push(name, [x.__self__] if isinstance(x.__self__, GENERATORS) else ())
        elif isinstance(x, CONTAINERS):
            inside = list(x.values()) if isinstance(x, dict) else list(x)
            if not isinstance(x, (tuple, frozenset)):
                self.containers.append((x, inside_of(x) if len(inside) <= LONG else None))
            self.push(name, inside[:LONG])
            if type(x).__module__ != "builtins":  # a class of its own, which may have more
                self.object(name, x)
        elif isinstance(x, MappingProxyType):
            self.push(name, gc.get_referents(x))
        elif isinstance(x, ContextVar):
            self.places.append((Variable(x), name, x.get(MISSING)))
            self.push(name, [x.get(None)])
        elif isinstance(x, np.ndarray):
            self.arrays.append((x, x.copy(order="K") if x.nbytes <= LARGE and x.dtype.kind != "O" else None))
        elif isinstance(x, GENERATORS):
            self.generators.append((x, state_of(x)))
        elif isinstance(x, Iterator) and not isinstance(x, io.IOBase):
            self.iterators.append(name)
        elif isinstance(x, ModuleType):
            if not foreign(x.__name__):
                self._spaces.append(vars(x))
        elif isinstance(x, type):
            self.kind(name, x, UNASKED)
        else:
            self.object(name, x)

    def push(self, name: str, values: Iterable[Any]) -> None:
        self._stack += [(name, value) for value in values]

    def function(self, f: FunctionType) -> None:
        for name, cell in zip(f.__code__.co_freevars, f.__closure__ or ()):
            try:
                self.cells.append((cell, cell.cell_contents))
            except ValueError:  # not filled yet
                continue
            self.push(name, [cell.cell_contents])
        self.functions.append((f, (f.__code__, f.__defaults__, f.__kwdefaults__)))
        self.push(f.__name__, [f.__defaults__, f.__kwdefaults__])
        if foreign(f.__globals__.get("__name__", "")):
            return
        attributes, names = named_by(f.__code__)
        self._names |= attributes
        for name in names:
            if name in f.__globals__:
                self.place(f.__globals__, name)
        if vars(f):
            self._spaces.append(vars(f))

    def kind(self, name: str, x: type, unasked: set[str]) -> None:
        own = [vars(kind) for kind in x.__mro__ if not foreign(kind.__module__)]
        self._spaces += own
        self.push(name, [f for space in own for word, f in space.items() if word[:2] == "__" == word[-2:] and word not in unasked])

    def object(self, name: str, x: Any) -> None:
        inside = getattr(x, "__dict__", None)
        if inside is not None and any(f"{kind.__module__}.{kind.__name__}" in HOLDERS for kind in type(x).__mro__):
            self.push(name, [inside])
        if hasattr(x, "named_parameters"):  # a module: all that it has is a setting
            self.settings.append((x, attributes_of(x)))
            self.push(name, inside.values() if inside is not None else ())
            self.kind(name, type(x), UNASKED | MAKING)
        elif not foreign(type(x).__module__):
            if isinstance(inside, dict):
                self._spaces.append(inside)
                self.objects.append((x, dict(inside)))
                self.counts.append((inside, len(inside)))
            self._spaces.append(Slots(x))
            self.kind(name, type(x), UNASKED | MAKING)
        elif isinstance(inside, dict) and type(x).__module__.split(".")[0] in ("nn", "optim", "autograd"):
            self._spaces.append(inside)

    def place(self, space: Any, name: str) -> None:
        if (id(space), name) not in self._found:
            self._found.add((id(space), name))
            value = space[name]
            self.places.append((space, name, value))
            self._stack.append((name, value))

    def include(self, more: Iterable[Any]) -> None:
        """Look at these, too."""
        self._stack += [("", x) for x in more]
        self.walk()

    # ---- afterwards -------------------------------------------------------------------------------------------------

    def settle(self) -> None:
        """From now on only `holds` is asked."""
        self.arrays = [(array, copy) for array, copy in self.arrays if copy is not None]
        self.generators, self.objects, self._seen, self._spaces = [], [], {}, []
        self.places = [place for place in self.places if place[1] != "_default"]  # a draw looks it up

    def holds(self) -> bool:
        """Is everything as it was?"""
        for cell, value in self.cells:
            if cell.cell_contents is not value and not same(cell.cell_contents, value):
                return False
        for space, name, value in self.places:
            now = space.get(name, MISSING)
            if now is not value and not same(now, value):
                return False
        for inside, count in self.counts:  # one more may stand before an attribute of the class, or be asked for by `hasattr`
            if len(inside) != count:
                return False
        for f, (code, defaults, words) in self.functions:
            if f.__code__ is not code:
                return False
            for now, before in ((f.__defaults__, defaults), (f.__kwdefaults__, words)):
                if now is not before and not alike(filled(now), filled(before)):
                    return False
        for now, before in self.containers:
            if not alike(now, before):
                return False
        if self.edits != SETTINGS[0]:
            if not all(alike(attributes_of(module), before) for module, before in self.settings):
                return False
            self.edits = SETTINGS[0]
        return all(same_bits(array, copy) for array, copy in self.arrays)

    def changed(self) -> str:
        """What is no longer as it was, in words, or ''."""
        for cell, value in self.cells:
            if not same(cell.cell_contents, value):
                return "a variable around it (`nonlocal`)"
        for space, name, value in self.places:
            if not same(space.get(name, MISSING), value):
                return f"`{name}`"
        for now, before in self.containers:
            if not alike(now, before):
                return f"a {type(now).__name__}, {now!r:.60},"
        for module, before in (*self.settings, *self.objects):
            now = attributes_of(module)
            if not alike(now, before):
                other = (name for name in {**now, **before} if not same(now.get(name, MISSING), before.get(name, MISSING)))
                return f"`{next(other, 'the order')}` of {type(module).__name__}"
        for array, copy in self.arrays:
            if copy is not None and not same_bits(array, copy):
                return f"an array of shape {array.shape}"
        if any(not same_state(state_of(rng), state) for rng, state in self.generators):
            return "the state of a generator (it draws from NumPy's or Python's directly)"
        return ""

    def restore(self) -> None:
        """Everything as it was."""
        for cell, value in self.cells:
            cell.cell_contents = value
        for space, name, value in self.places:
            if isinstance(space, (dict, Slots)) and space.get(name, MISSING) is not value:
                space[name] = value
        for now, before in self.containers:
            if before is not None and not alike(now, before):
                refill(now, before)
        for owner, before in (*self.settings, *self.objects):
            if not alike(attributes_of(owner), before):
                address = {"_address": vars(owner)["_address"]} if "_address" in vars(owner) else {}
                vars(owner).clear()
                vars(owner).update(before | address)
                SETTINGS[0] += 1
        for array, copy in self.arrays:
            if copy is not None and array.flags.writeable:
                array[...] = copy
        for rng, state in self.generators:
            set_state(rng, state)


def foreign(module: str) -> bool:
    return module.split(".")[0] in LIBRARIES


def named_by(code: CodeType) -> tuple[set[str], set[str]]:
    """The attributes that a piece of code names, and the globals; those of functions inside it, too."""
    names = {i.argval for i in dis.get_instructions(code) if i.opname in ("LOAD_GLOBAL", "LOAD_NAME", "STORE_GLOBAL")}
    attributes = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            more, others = named_by(constant)
            attributes |= more
            names |= others
    return attributes, names
