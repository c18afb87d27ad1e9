"""What is written down of a value?

A `Seen` is a row in the notes of a `Witness`: what `graph.GraphNode` will say, and what is needed to know the value again. Here
are also the questions that a witness asks of an array: what memory it is in, what a module around us calls it, and
which line of the user's code is to blame.

Read next: `cuts.py`.
"""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from types import FrameType
from typing import Any, NamedTuple

import numpy as np

from autograd.drawing.graph import Stats
from autograd.errors import user_frame
from autograd.listing import Kept, Literal
from autograd.node import get_mode


@dataclass(slots=True, eq=False)
class Seen:
    """One value: what a computation started from, or the result of an operation. Fields are as in `graph.GraphNode`, except:

    operands:  the places of the operands, or the text of a constant
    scope:     the calls around it, as `tape.scopes` writes them
    reached:   did a backward pass come by?
    state:     of the gradient, if something is known that the backward passes of the block do not tell; else ''
    node:      a weak reference to its node on the tape, or None
    mark:      what tells whether the array of a leaf or constant was written to
    """

    kind: str
    op: str
    shape: tuple[int, ...]
    dtype: Any
    bytes: int
    name: str = ""
    operands: tuple[int | Literal, ...] = ()
    labels: tuple[str, ...] = ()
    options: tuple[tuple[str, str], ...] = ()
    kept: tuple[Kept, ...] = ()
    freed: bool = False
    active: bool = False
    scope: tuple[tuple[str, str], ...] = ()
    value: Stats | None = None
    gradient: Stats | None = None
    reached: bool = False
    sent: tuple[Stats | None, ...] = ()
    seconds: float | None = None
    backward_seconds: float | None = None
    line: str = ""
    error: str = ""
    state: str = ""
    primitive: Any = None
    node: Any = None
    mark: Any = None

    @property
    def size(self) -> int:
        return math.prod(self.shape)


class Look(NamedTuple):
    """Python asked for the value at a place: by 'item()', 'float()', '.data', 'NumPy', 'if', ... at a line."""

    place: int
    what: str
    line: str


def window(array: np.ndarray[Any, Any]) -> Any:
    """What part of the memory an array looks at, and how."""
    return array.__array_interface__["data"][0], array.shape, array.strides, array.dtype


def nbytes(value: Any) -> int:
    return sum(map(nbytes, value)) if isinstance(value, tuple) else int(np.asarray(value).nbytes)


def called(array: Any) -> tuple[str, str]:
    """The name of a constant that a module around us holds, a frozen parameter or a buffer, and its kind."""
    scope: Any = get_mode().scope
    while scope is not None:
        module = getattr(scope, "module", None)
        if module is not None:
            for kind in ("parameter", "buffer"):
                for name, tensor in getattr(module, f"named_{kind}s")(recurse=False):
                    if tensor._array is array:
                        return f"{scope.path}.{name}" if scope.path else name, "parameter" if kind == "parameter" else "constant"
        scope = scope.parent
    return "", ""


def user_line() -> str:
    """'train.py:12': the line of the user's code that we were called from."""
    return line_of(user_frame())


def line_of(frame: FrameType) -> str:
    return f"{os.path.basename(frame.f_code.co_filename)}:{frame.f_lineno}"
