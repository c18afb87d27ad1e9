"""How is a pickle of arrays read without running it?

The Python version of CIFAR is a set of pickles, and unpickling a file from the internet runs whatever its author liked; see
`autograd/unpickling.py`. Here is the same remedy for another vocabulary: a machine that knows the instructions which build data, and of
the names that a pickle may ask for those of a NumPy array. Dicts, lists, tuples, numbers, strings, bytes and arrays come out; anything
else is refused by name.

Strings of Python 2, in which CIFAR was written, are bytes in the file; they come out as text, one letter for each byte.

Read next: `cifar.py`.
"""

from __future__ import annotations

import pickletools
from math import prod
from typing import Any, NamedTuple

import numpy as np


class Refused(ValueError):
    """A pickle asks for something other than data, or contradicts itself. Nothing of it was run."""


class Name(NamedTuple):
    """Something that the pickle asks for by name."""

    full: str


class Blank:
    """An array or a dtype whose state comes with the next instruction."""

    def __init__(self, code: str = "") -> None:
        self.code = code
        self.array: Any = None


ARRAY, DTYPE, ENCODE, NOTHING = "numpy._core.multiarray._reconstruct", "numpy.dtype", "_codecs.encode", "builtins.bytes"
NAMES = {"numpy._core.multiarray._reconstruct": ARRAY, "numpy.core.multiarray._reconstruct": ARRAY, "numpy.dtype": DTYPE,
         "numpy.ndarray": "numpy.ndarray", "_codecs.encode": ENCODE, "__builtin__.bytes": NOTHING}
"""All that a pickle can ask for."""
CODES = {"u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f4", "f8"}

CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
VALUES = {"BININT", "BININT1", "BININT2", "LONG1", "BINFLOAT", "BINUNICODE", "SHORT_BINUNICODE", "BINSTRING", "SHORT_BINSTRING", "BINBYTES",
          "SHORT_BINBYTES", "BINBYTES8", "BINUNICODE8"}
EMPTY: dict[str, Any] = {"EMPTY_DICT": dict, "EMPTY_LIST": list, "EMPTY_TUPLE": tuple}
TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}


def read_pickle(data: bytes) -> Any:
    """What a pickle builds. Raises Refused for anything but data, and for one that is truncated or malformed."""
    try:
        return built(data)
    except Refused:
        raise
    except Exception as error:  # a malformed pickle: an empty stack, an unknown instruction, a length beyond the end
        raise Refused(f"it is truncated or no pickle ({type(error).__name__}: {error})") from error


def built(data: bytes) -> Any:
    stack: list[Any] = []
    marks: list[int] = []
    memo: dict[Any, Any] = {}

    def since_mark() -> list[Any]:
        start = marks.pop()
        values = stack[start:]
        del stack[start:]
        return values

    for opcode, argument, _ in pickletools.genops(data):
        op = opcode.name
        if op in VALUES:
            stack.append(argument)
        elif op in CONSTANTS:
            stack.append(CONSTANTS[op])
        elif op in EMPTY:
            stack.append(EMPTY[op]())
        elif op == "MARK":
            marks.append(len(stack))
        elif op in TUPLES:
            stack[-TUPLES[op]:] = [tuple(stack[-TUPLES[op]:])]
        elif op == "TUPLE":
            stack.append(tuple(since_mark()))
        elif op in ("BINPUT", "LONG_BINPUT"):
            memo[argument] = stack[-1]
        elif op == "MEMOIZE":
            memo[len(memo)] = stack[-1]
        elif op in ("BINGET", "LONG_BINGET"):
            stack.append(memo[argument])
        elif op in ("SETITEM", "SETITEMS"):
            values = [stack.pop(-2), stack.pop()] if op == "SETITEM" else since_mark()
            if type(stack[-1]) is not dict or not all(type(key) in (str, int, bytes) for key in values[::2]):
                raise Refused("it fills something that is no dict, or one with keys other than strings and integers")
            stack[-1].update(zip(values[::2], values[1::2]))
        elif op in ("APPEND", "APPENDS"):
            values = [stack.pop()] if op == "APPEND" else since_mark()
            if type(stack[-1]) is not list:
                raise Refused("it appends to something that is no list")
            stack[-1].extend(values)
        elif op == "GLOBAL":
            stack.append(named(*str(argument).split(" ", 1)))
        elif op == "STACK_GLOBAL":
            module, name = stack.pop(-2), stack.pop()
            stack.append(named(module, name))
        elif op == "REDUCE":
            function, arguments = stack.pop(-2), stack.pop()
            stack.append(called(function, arguments))
        elif op == "BUILD":
            state = stack.pop()
            fill(stack[-1], state)
        elif op == "STOP":
            break
        elif op not in ("PROTO", "FRAME"):
            raise Refused(f"it holds the instruction {op}")
    (result,) = stack
    return finished(result)


def named(module: Any, name: Any) -> Name:
    full = f"{module}.{name}"
    if full not in NAMES:
        raise Refused(f"it asks for {full[:100]!r}, and only arrays, numbers and strings are read")
    return Name(NAMES[full])


def called(function: Any, arguments: Any) -> Any:
    """What a call that the pickle asks for gives: never by calling it."""
    if type(function) is not Name or type(arguments) is not tuple:
        raise Refused("it calls something that is no function")
    if function.full == ARRAY:
        return Blank()
    if function.full == DTYPE and arguments and arguments[0] in CODES:
        return Blank(arguments[0])
    if function.full == ENCODE and len(arguments) == 2 and type(arguments[0]) is str and arguments[1] in ("latin1", "latin-1"):
        return arguments[0].encode("latin-1")
    if function.full == NOTHING and not arguments:  # how Python 3 writes no bytes at all in protocol 2
        return b""
    raise Refused(f"it calls {function.full} with {str(arguments)[:60]}")


def fill(blank: Any, state: Any) -> None:
    """Give an array its elements, or a dtype its byte order."""
    if type(blank) is not Blank or type(state) is not tuple:
        raise Refused("it sets attributes of something that is no array")
    if blank.code:
        if len(state) < 2 or state[1] not in ("|", "<", ">", "="):
            raise Refused("the byte order of a dtype is malformed")
        blank.array = np.dtype(state[1] + blank.code)
        return
    _, shape, dtype, fortran, data = state
    data = data.encode("latin-1") if type(data) is str else data
    if type(dtype) is not Blank or not isinstance(dtype.array, np.dtype) or type(data) is not bytes or type(shape) is not tuple:
        raise Refused("an array is described by something that is no shape, dtype and bytes")
    if not all(type(n) is int and n >= 0 for n in shape) or prod(shape) * dtype.array.itemsize != len(data):
        raise Refused(f"an array of shape {shape} does not consist of {len(data)} bytes")
    blank.array = np.frombuffer(data, dtype.array).reshape(shape, order="F" if fortran else "C")


def finished(value: Any) -> Any:
    """The dict, with arrays in the place of what was filled step by step."""
    if type(value) is dict:
        return {finished(key): finished(item) for key, item in value.items()}
    if type(value) in (list, tuple) and any(type(item) in (Blank, list, tuple, dict) for item in value):
        return type(value)(finished(item) for item in value)
    if type(value) in (Blank, Name):
        if type(value) is Name or not isinstance(value.array, np.ndarray):
            raise Refused("it holds an array without elements")
        return value.array
    return value
