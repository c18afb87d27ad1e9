"""How is data from a file turned back into tuples with names?

By their declarations. `GraphNode` says that `shape` is a `tuple[int, ...]`; that is enough to read the JSON list `[32, 256]` back, and
to refuse `[32, "x"]`. `reader(GraphNode)` is a function that does so for all fields: it returns an object that is as declared,
or raises ValueError and says which field is not.

What JSON cannot write - NaN, infinity, complex numbers - is written by `plain`, and read back here.

Read next: `groups.py`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

Reader = Callable[[Any], Any]

NAN_PAIRS: dict[str, complex] = {}
"""The complex numbers with NaN that there have been: there are few."""

NOT_FINITE = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


def comparable(number: Any) -> Any:
    """The same number. NaN is always the same object, so that tuples of the same numbers are equal."""
    if not isinstance(number, complex):
        return math.nan if number != number else number
    return number if number == number else NAN_PAIRS.setdefault(f"{number.real} {number.imag}", complex(number.real, number.imag))


# ---- to JSON ------------------------------------------------------------------------------------------------------


def fields(item: Any) -> dict[str, Any]:
    """A tuple with names as a dict, without what is at its default."""
    defaults = item._field_defaults
    return {name: plain(value) for name, value in zip(item._fields, item) if name not in defaults or value != defaults[name]}


def plain(value: Any) -> Any:
    """A value as JSON has it: what JSON cannot write becomes a string or a pair."""
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, complex):
        return {"re": plain(value.real), "im": plain(value.imag)}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return fields(value)
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    return value


# ---- from JSON ----------------------------------------------------------------------------------------------------


@cache
def reader(kind: Any) -> Reader:
    """The function that reads a value of this type. It raises ValueError for anything else."""
    arguments = get_args(kind)
    if kind in (str, int, bool, NoneType):
        return exactly(kind)
    if kind in (float, complex):
        return {float: real_of, complex: complex_of}[kind]
    if hasattr(kind, "_fields"):
        return record_of(kind)
    if get_origin(kind) is tuple:
        return list_of(arguments[0]) if arguments[-1] is Ellipsis else row_of(arguments)
    if get_origin(kind) is dict:
        return table_of(arguments[1])
    return one_of(arguments)


def exactly(kind: type) -> Reader:
    def read(data: Any) -> Any:
        if type(data) is not kind:
            raise ValueError(f"{shown(data)} is no {kind.__name__}")
        return data

    return read


def real_of(data: Any) -> Any:
    if type(data) in (float, int):
        return data
    if type(data) is str and data in NOT_FINITE:
        return NOT_FINITE[data]
    raise ValueError(f"{shown(data)} is no number")


def complex_of(data: Any) -> Any:
    if type(data) is not dict or data.keys() != {"re", "im"}:
        raise ValueError(f"{shown(data)} is no complex number")
    parts = real_of(data["re"]), real_of(data["im"])
    try:
        return comparable(complex(*parts))
    except OverflowError:
        raise ValueError(f"{shown(data)} is no complex number") from None


def list_of(kind: Any) -> Reader:
    read_item = reader(kind)

    def read(data: Any) -> Any:
        if type(data) is not list:
            raise ValueError(f"{shown(data)} is no list")
        return tuple([read_item(item) for item in data])

    return read


def row_of(kinds: tuple[Any, ...]) -> Reader:
    readers = [reader(kind) for kind in kinds]

    def read(data: Any) -> Any:
        if type(data) is not list or len(data) != len(readers):
            raise ValueError(f"{shown(data)} is no list of {len(readers)}")
        return tuple([read_item(item) for read_item, item in zip(readers, data)])

    return read


def table_of(kind: Any) -> Reader:
    read_item = reader(kind)

    def read(data: Any) -> Any:
        if type(data) is not dict:
            raise ValueError(f"{shown(data)} is no table")
        return {name: read_item(item) for name, item in data.items()}

    return read


def one_of(kinds: tuple[Any, ...]) -> Reader:
    readers = [reader(kind) for kind in kinds if kind is not NoneType]
    optional = NoneType in kinds

    def read(data: Any) -> Any:
        if data is None and optional:
            return None
        for read_item in readers[:-1]:
            try:
                return read_item(data)
            except ValueError:
                pass
        return readers[-1](data)

    return read


def record_of(kind: Any) -> Reader:
    """Reads a tuple with names; fields that are left out are at their defaults."""
    hints = get_type_hints(kind)
    readers = {name: reader(hints[name]) for name in kind._fields}
    needed = [name for name in kind._fields if name not in kind._field_defaults]

    def read(data: Any) -> Any:
        if type(data) is not dict:
            raise ValueError(f"{shown(data)} is no {kind.__name__}")
        for name in needed:
            if name not in data:
                raise ValueError(f"a {kind.__name__} needs {name!r}")
        given = {}
        for name, item in data.items():
            if name not in readers:
                raise ValueError(f"a {kind.__name__} has no {name!r}")
            try:
                given[name] = readers[name](item)
            except ValueError as error:
                raise ValueError(f"{name}: {error}") from None
        return kind(**given)

    return read


def shown(data: Any) -> str:
    text = repr(data)
    return text if len(text) <= 60 else text[:57] + "..."
