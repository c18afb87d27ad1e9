"""What can be differentiated by, besides arrays?

Anything that can be added and scaled: a vector space. A cotangent is an element of it, and a backward pass needs no more of
it than zeros and sums. Arrays, numbers and trees of them are known; a class of your own is made known with two small classes,
in HIPS/autograd's way:

    class PolyBox(Box): ...             what stands for a Poly in a function that is differentiated: it has `_value`, the Poly
    PolyBox.register(Poly)

    class PolySpace(VSpace):            zeros(), and how two are added: _add(p, q)
        ...
    PolySpace.register(Poly)

Operations on it are declared by `extend.primitive`, which calls your function with the value and not the box. The gradient of a
scalar by a Poly is a Poly.

Read next: `extend.py`, which declares operations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import numpy as np

from autograd import ops
from autograd.node import Node
from autograd.tensor import Tensor
from autograd.tree import flatten, map_tree


class Box:
    """A value that is no array, on the tape. Subclass it for a class of your own, and `register` that class.

    _value:  the value itself
    _node:   its place on the tape
    """

    type_mappings: ClassVar[dict[type, type[Box]]] = {}
    types: ClassVar[set[type]] = set()

    def __init__(self, value: Any, trace: Any, node: Node) -> None:
        self._value, self._trace, self._node = value, trace, node

    @property
    def node(self) -> Node:
        return self._node

    @classmethod
    def register(cls, value_type: type) -> None:
        """Let boxes of this class stand for values of that type."""
        Box.types.add(cls)
        Box.type_mappings[value_type] = Box.type_mappings[cls] = cls

    def __bool__(self) -> bool:
        return bool(self._value)

    def __str__(self) -> str:
        return f"{type(self).__name__} of {self._value}"


def new_box(value: Any, trace: Any, node: Node) -> Any:
    """The box for a value of a registered type. Raises TypeError if it is none."""
    made = Box.type_mappings.get(type(value))
    if made is None:
        raise TypeError(f"values of type {type(value).__name__} are not known to be differentiable: give them a Box and a VSpace "
                        "(autograd.extend), or use arrays, numbers, and tuples, lists and dicts of them")
    return made(value, trace, node)


def getval(x: Any) -> Any:
    """The plain value of a Tensor or Box; anything else is its own value."""
    if isinstance(x, Tensor):
        x._refuse_while_traced("getval()")
        return x._array if not isinstance(x._array, np.ndarray) else x.data
    return x._value if isinstance(x, Box) else x


def isbox(x: Any) -> bool:
    """Is this on the tape, a Tensor or a Box?"""
    return isinstance(x, (Tensor, Box))


# ---- vector spaces ------------------------------------------------------------------------------------------------


class VSpace:
    """The vector space that a value belongs to. Subclass it for a class of your own, write `zeros` and `_add`, and `register`.

    `randn`, `_scalar_mul` and `_inner_prod` are what checks of gradients need; `ones` and `standard_basis` what Jacobians do.
    """

    mappings: ClassVar[dict[type, Callable[[Any], VSpace]]] = {}
    iscomplex = False

    def __init__(self, value: Any) -> None:
        pass

    @classmethod
    def register(cls, value_type: type, vspace_maker: Callable[[Any], VSpace] | None = None) -> None:
        """Let this be the space of values of that type (or what `vspace_maker(value)` returns)."""
        VSpace.mappings[value_type] = vspace_maker or cls

    def _missing(self, what: str) -> NotImplementedError:
        return NotImplementedError(f"{type(self).__name__} has no {what}: write that method to use it here")

    def zeros(self) -> Any:
        raise self._missing("zeros()")

    def ones(self) -> Any:
        raise self._missing("ones()")

    def randn(self) -> Any:
        raise self._missing("randn()")

    def standard_basis(self) -> Iterator[Any]:
        raise self._missing("standard_basis()")

    def add(self, x: Any, y: Any) -> Any:
        return self._add(x, y)

    def mut_add(self, x: Any, y: Any) -> Any:
        return self._mut_add(self.zeros() if x is None else x, y)

    def scalar_mul(self, x: Any, a: Any) -> Any:
        return self._scalar_mul(x, a)

    def inner_prod(self, x: Any, y: Any) -> Any:
        return self._inner_prod(x, y)

    def covector(self, x: Any) -> Any:
        return self._covector(x)

    def _add(self, x: Any, y: Any) -> Any:
        return x + y

    def _mut_add(self, x: Any, y: Any) -> Any:
        x += y
        return x

    def _scalar_mul(self, x: Any, a: Any) -> Any:
        return x * a

    def _inner_prod(self, x: Any, y: Any) -> Any:
        raise self._missing("_inner_prod(x, y)")

    def _covector(self, x: Any) -> Any:
        return x

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.__dict__ == other.__dict__

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self.__dict__.items())})"


class ArrayVSpace(VSpace):
    """Arrays of one shape and dtype; numbers are arrays of shape ()."""

    def __init__(self, value: Any) -> None:
        array = value._array if isinstance(value, Tensor) else np.asarray(value)
        self.shape, self.dtype = array.shape, array.dtype

    @property
    def size(self) -> int:
        return int(np.prod(self.shape))

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def iscomplex(self) -> bool:  # type: ignore[override]
        return self.dtype.kind == "c"

    def zeros(self) -> Any:
        return np.zeros(self.shape, self.dtype)[()]

    def ones(self) -> Any:
        return np.ones(self.shape, self.dtype)[()]

    def randn(self) -> Any:
        drawn = np.asarray(np.random.randn(*self.shape))
        if self.iscomplex:
            drawn = drawn + 1j * np.random.randn(*self.shape)
        return drawn.astype(self.dtype)[()]

    def standard_basis(self) -> Iterator[Any]:
        for index in np.ndindex(*self.shape):
            for unit in (1, 1j) if self.iscomplex else (1,):
                element = np.zeros(self.shape, self.dtype)
                element[index] = unit
                yield element[()]

    def _mut_add(self, x: Any, y: Any) -> Any:
        return x + y if isinstance(x, Tensor) or isinstance(y, Tensor) or not self.shape else super()._mut_add(x, y)

    def _inner_prod(self, x: Any, y: Any) -> Any:
        return ops.real(ops.sum(ops.conj(x) * y)) if self.iscomplex else ops.sum(ops.multiply(x, y))

    def _covector(self, x: Any) -> Any:
        return ops.conj(x) if self.iscomplex else x


class TreeVSpace(VSpace):
    """Tuples, lists and dicts of vectors. `shape` is the tree of their spaces."""

    def __init__(self, value: Any) -> None:
        self.shape = map_tree(vspace, value)

    @property
    def size(self) -> int:
        return sum(getattr(space, "size", 0) for space in flatten(self.shape)[0])

    def zeros(self) -> Any:
        return map_tree(lambda space: space.zeros(), self.shape)

    def ones(self) -> Any:
        return map_tree(lambda space: space.ones(), self.shape)

    def randn(self) -> Any:
        return map_tree(lambda space: space.randn(), self.shape)

    def standard_basis(self) -> Iterator[Any]:
        spaces, structure = flatten(self.shape)
        for i, space in enumerate(spaces):
            for element in space.standard_basis():
                yield structure.unflatten([element if j == i else other.zeros() for j, other in enumerate(spaces)])

    def _add(self, x: Any, y: Any) -> Any:
        return map_tree(lambda space, a, b: space.add(a, b), self.shape, x, y)

    _mut_add = _add

    def _scalar_mul(self, x: Any, a: Any) -> Any:
        return map_tree(lambda space, b: space.scalar_mul(b, a), self.shape, x)

    def _inner_prod(self, x: Any, y: Any) -> Any:
        return sum(flatten(map_tree(lambda space, a, b: space.inner_prod(a, b), self.shape, x, y))[0], 0.0)

    def _covector(self, x: Any) -> Any:
        return map_tree(lambda space, a: space.covector(a), self.shape, x)


class SparseObject:
    """A cotangent that is zero but for what `mut_add(total)` adds to a total; it returns the total. `vs` is its space."""

    def __init__(self, vs: VSpace, mut_add: Callable[[Any], Any]) -> None:
        self.vs, self.mut_add = vs, mut_add

    def dense(self) -> Any:
        return self.mut_add(self.vs.zeros())


def vspace(value: Any) -> VSpace:
    """The vector space of a value: of an array, a number, a tree of these, or of a registered type.

    >>> from autograd.extend import vspace
    >>> vspace([1.0, {"a": 2.0}]).zeros()
    [np.float64(0.0), {'a': np.float64(0.0)}]
    """
    if isinstance(value, Box):
        value = value._value
    known = VSpace.mappings.get(type(value))
    if known is not None:
        return known(value)
    if isinstance(value, (tuple, list, dict)):
        return TreeVSpace(value)
    if isinstance(value, (Tensor, np.ndarray, np.generic, float, complex)) and np.dtype(getattr(value, "dtype", float)).kind in "biufc":
        return ArrayVSpace(value)
    raise TypeError(f"a {type(value).__name__} ({value!r:.40}) belongs to no vector space: there are arrays, floating-point numbers, and "
                    "tuples, lists and dicts of these. For a class of your own: VSpace.register (autograd.extend)")
