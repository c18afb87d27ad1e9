"""Which methods and attributes of NumPy's arrays does a Tensor have?

All that make sense of a value on a tape. Code that was written for arrays calls them with NumPy's arguments (`x.sum(0, float, None,
True)`, `x.std(ddof=1)`, `x.reshape(-1, order="F")`), so they have those, too. A call that our function understands goes straight to it;
any other is made into the call of NumPy's function of the same name, which knows the rest (`overrides/arguments.py`).

What writes (`x.fill(0)`, `x.sort()`, `x.flat[::2] = v`) gives the handle a new value, as `x[i] = v` does. What shows memory (`x.strides`,
`x.flags`) is told; what reinterprets or opens it (`x.view(dtype)`, `x.byteswap()`, `x.ctypes`) is missing, and `suggestions.py` says why.

Read next: `overrides/__init__.py`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autograd import ops
from autograd.interchange import sealed
from autograd.ops.shapes import in_order
from autograd.suggestions import MEMORY, TORCH_KEYWORDS, TORCH_METHODS, missing_attribute
from autograd.tensor import Tensor
from autograd.writing import part_of, refuse_part

Method = Callable[..., Any]

# ---- those that are functions of ours -----------------------------------------------------------------------------

for _name in ("abs", "absolute", "exp", "flip", "log", "logsumexp", "log_softmax", "median", "relu", "sigmoid", "softmax", "sqrt", "tanh",
              "tile", "tril", "triu"):
    setattr(Tensor, _name, getattr(ops, _name))

# ---- those that take NumPy's arguments ----------------------------------------------------------------------------

SHARED = {
    "all": (1, "axis keepdims"), "any": (1, "axis keepdims"), "argmax": (1, "axis keepdims"), "argmin": (1, "axis keepdims"),
    "argpartition": (2, "kth axis"), "argsort": (2, "axis kind descending"), "cumprod": (1, "axis"), "cumsum": (1, "axis"),
    "dot": (1, "b"), "max": (1, "axis keepdims"), "mean": (1, "axis keepdims"), "min": (1, "axis keepdims"), "nonzero": (0, ""),
    "prod": (1, "axis keepdims"), "ptp": (1, "axis keepdims"), "repeat": (2, "repeats axis"), "round": (1, "decimals"),
    "searchsorted": (2, "v side"), "std": (1, "axis ddof keepdims"), "sum": (1, "axis keepdims"), "take": (2, "axis mode"),
    "trace": (3, "offset axis1 axis2"), "var": (1, "axis ddof keepdims"),
}
"""The arguments that mean the same to NumPy's method and to our function: so many by position, and these by name."""

THEIRS = frozenset(("dtype", "out", "where", "initial", "mean", "order", "kind", "stable", "sorter"))
"""What else NumPy's methods take, by name. (Any other name is our function's to explain.)"""


def as_numpy(name: str) -> Method:
    """A method that goes straight to our function, or by way of NumPy's if the arguments are such as only that one takes."""
    ours, theirs = getattr(ops, name), getattr(np, name)
    places, words = SHARED[name]
    same = frozenset(words.split())

    def method(self: Tensor, *args: Any, **kwargs: Any) -> Any:
        if not kwargs and len(args) <= places:
            return ours(self, *args)
        if len(args) <= places and kwargs.keys() <= same:
            return ours(self, *args, **kwargs)
        if kwargs.keys() <= same | THEIRS and not (len(args) > places and isinstance(args[places], bool)):
            return theirs(self, *args, **kwargs)
        torch = [word for word in kwargs if word in TORCH_KEYWORDS]
        if torch:
            raise TypeError(f"{name}() got an unexpected keyword argument {torch[0]!r}. What PyTorch calls {torch[0]} is "
                            f"{TORCH_KEYWORDS[torch[0]]} here. It takes {', '.join(['x', *words.split()])}.")
        return ours(self, *args, **kwargs)  # x.sum(0, True), PyTorch's habit, and names that are explained there

    method.__name__ = name
    method.__doc__ = ours.__doc__
    return method


for _name in SHARED:
    setattr(Tensor, _name, as_numpy(_name))

# ---- shapes -------------------------------------------------------------------------------------------------------


def seen(function: Method) -> Method:
    """A method whose result is, in NumPy, a view of the array: to write to it is refused (see `part_of`)."""
    return lambda self, *args, **kwargs: part_of(function(self, *args, **kwargs), self)


def sizes(given: tuple[Any, ...]) -> Any:
    """`x.reshape(2, 3)` and `x.reshape((2, 3))` mean the same."""
    return given[0] if len(given) == 1 else given


def reshape(self: Tensor, *shape: Any, order: Any = "C", copy: Any = None) -> Any:
    y = ops.reshape(self, sizes(shape), order if order == "C" else in_order(self, order, "A"))
    return ops.copy(y) if copy else y


def astype(self: Tensor, dtype: Any, order: Any = "K", casting: str = "unsafe", subok: bool = True, copy: bool = True) -> Any:
    if casting != "unsafe" and not np.can_cast(self.dtype, dtype, casting):  # type: ignore[arg-type]
        raise TypeError(f"astype: cannot cast from {self.dtype} to {np.dtype(dtype)} according to the rule {casting!r}")
    return ops.astype(self, dtype)


def clip(self: Tensor, low: Any = None, high: Any = None, out: Any = None, **options: Any) -> Any:
    """min(max(x, low), high). NumPy's names for the bounds are min and max."""
    low, high = options.pop("min", low), options.pop("max", high)
    return np.clip(self, low, high, out, **options) if options or out is not None else ops.clip(self, low, high)


METHODS: dict[str, Method] = {
    "reshape": seen(reshape),
    "astype": astype,
    "transpose": seen(lambda self, *axes: ops.transpose(self, sizes(axes) if axes else None)),
    "broadcast_to": lambda self, *shape: ops.broadcast_to(self, sizes(shape)),
    "expand_dims": lambda self, axis: ops.expand_dims(self, axis),
    "conj": lambda self: ops.conj(self),
    "conjugate": lambda self: ops.conj(self),
    "clone": lambda self: ops.copy(self),
    "copy": lambda self, order="C": ops.copy(self),
    "flatten": lambda self, order="C": ops.flatten(self, order),
    "clip": clip,
    "choose": lambda self, choices, out=None, mode="raise": np.choose(self, choices, out, mode),  # type: ignore[call-overload]
    "compress": lambda self, condition, axis=None, out=None: np.compress(condition, self, axis, out),  # type: ignore[call-overload]
    **{_name: seen(getattr(ops, _name)) for _name in ("diagonal", "moveaxis", "ravel", "squeeze", "swapaxes")},
}
PROPERTIES: dict[str, Method] = {_name: seen(getattr(ops, f)) for _name, f in
                                 {"T": "transpose", "mT": "matrix_transpose", "real": "real", "imag": "imag"}.items()}

# ---- memory -------------------------------------------------------------------------------------------------------


def flags(self: Tensor) -> Any:
    """How the values lie in memory; nobody may write there."""
    return sealed(self._array).flags


PROPERTIES.update({
    "strides": lambda self: np.asarray(self._array).strides,
    "flags": flags,
    "base": lambda self: None,  # a Tensor is a view of nothing that anybody else has
    "flat": lambda self: Flat(self),
})
METHODS.update({
    "tobytes": lambda self, order="C": self.data.tobytes(order),
    "tofile": lambda self, fid, sep="", format="%s": self.data.tofile(fid, sep, format),
})

# ---- what writes --------------------------------------------------------------------------------------------------


def fill(self: Tensor, value: Any) -> None:
    """x[...] = value."""
    refuse_part(self, "x.fill(v)")
    self.assign(ops.set_item(self, value, ...), "x.fill(v)")


def put(self: Tensor, indices: Any, values: Any, mode: str = "raise") -> None:
    """x.flat[indices] = values, which are repeated if there are too few."""
    refuse_part(self, "x.put(i, v)")
    np.put(self, indices, values, mode)  # type: ignore[arg-type]


def sort(self: Tensor, axis: int = -1, kind: Any = None, order: Any = None, *, stable: Any = None,
         descending: Any = None) -> None:
    """Sort along an axis: the handle gets the sorted value. (`np.sort(x)` is a new one.)"""
    refuse_part(self, "x.sort()")
    backwards = {"descending": True} if descending else {}  # NumPy's has it since 2.5
    self.assign(np.sort(self, axis, kind, order, stable=stable, **backwards), "x.sort()")  # type: ignore[call-overload]


def partition(self: Tensor, kth: Any, axis: int = -1, kind: str = "introselect", order: Any = None) -> None:
    """Put what is smaller than the element number kth before it: the handle gets the new value."""
    refuse_part(self, "x.partition(k)")
    self.assign(np.partition(self, kth, axis, kind, order), "x.partition(k)")  # type: ignore[call-overload]


METHODS.update({f.__name__: f for f in (fill, put, sort, partition)})


class Flat:
    """x.flat: the elements in one row, to go through, to look up and to write to."""

    def __init__(self, x: Tensor) -> None:
        self.base = x

    def __len__(self) -> int:
        return self.base.size

    def __iter__(self) -> Iterator[Any]:
        row = ops.ravel(self.base)
        return (row[i] for i in range(self.base.size))

    def __getitem__(self, index: Any) -> Any:
        return ops.getitem(ops.ravel(self.base), index)

    def __setitem__(self, index: Any, value: Any) -> None:
        """x.flat[index] = values, which are repeated if there are too few."""
        self.base.put(np.arange(self.base.size)[index], value)

    def copy(self) -> Any:
        """The elements in one row."""
        return ops.ravel(self.base)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        return ops.ravel(self.base).__array__(dtype, copy)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"x.flat has no attribute {name!r}: write x.ravel().{name}" if not name.startswith("_") else name)


for _name in ("eq", "ne", "lt", "le", "gt", "ge"):
    setattr(Flat, f"__{_name}__", lambda self, other, compare=getattr(operator, _name): compare(ops.ravel(self.base), other))


def set_flat(self: Tensor, value: Any) -> None:
    Flat(self)[...] = value


# ---- all of them --------------------------------------------------------------------------------------------------

for _name, _method in METHODS.items():
    _method.__name__ = _name
    setattr(Tensor, _name, _method)
for _name, _method in PROPERTIES.items():
    setattr(Tensor, _name, property(_method, set_flat if _name == "flat" else None))


# ---- what there is elsewhere --------------------------------------------------------------------------------------


class Elsewhere:
    """Stands for an attribute that a Tensor does not have, and says what to write: np.cosh(x), x.reshape(...).

    A `__getattr__` could say so for every name. But a class that has one reads all of its attributes slowly, `x.node` included,
    and every operation would take a tenth longer.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        raise AttributeError(missing_attribute(owner.__name__, self.name), name=self.name, obj=instance)


for _name in {*TORCH_METHODS, *MEMORY, *np.__all__}:
    if not hasattr(Tensor, _name):
        setattr(Tensor, _name, Elsewhere(_name))


def listed(self: Tensor) -> list[str]:
    """What `dir(x)` shows."""
    elsewhere = {name for name, held in vars(Tensor).items() if isinstance(held, Elsewhere)}
    return [name for name in object.__dir__(self) if name not in elsewhere]


setattr(Tensor, "__dir__", listed)  # noqa: B010
