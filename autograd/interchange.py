"""How do values leave a Tensor?

As numbers (`float(x)`, `x.item()`), as arrays (`x.data`, `x.numpy()`, `np.asarray(x)`), to other libraries (DLPack, the
Array API), as copies and pickles. Two promises hold for all of them.

* **Nobody can write to a Tensor's memory through what he was given.** Arrays without a copy are `sealed`: read-only, and
  NumPy refuses to make them writable again. DLPack always gets a copy, because PyTorch ignores its mark for read-only.
* **A gradient is not lost unawares.** What NumPy asks for (`np.array([t1, t2])`, `out[:] = t`) is refused where the Tensor
  requires grad; what a user asks for in words (`t.item()`, `t.data`, `t.detach()`) is answered. `float(t)` is both, so it is
  refused where a gradient would be lost for certain: in a function under `grad`, and in `out[i] = t`, for which NumPy calls it.

Read next: `primitive.py`, back on the spine.
"""

from __future__ import annotations

import copy
import sys
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.node import RUNNING, Leaf, Node, get_mode
from autograd.writing import stores

if TYPE_CHECKING:
    from numpy.typing import DTypeLike

    from autograd.tensor import Tensor

def sealed(array: Any) -> np.ndarray[Any, Any]:
    """A view that cannot be written to, and cannot be made writable.

    (Of a view with the flag off, NumPy switches the flag on again if the owner of the memory is writable. What it gets from a
    read-only buffer stays so.)
    """
    if not isinstance(array, np.ndarray):  # a scalar: its array is nobody else's
        array = np.asarray(array)
    return np.asarray(memoryview(array).toreadonly())


def never_changes(array: np.ndarray[Any, Any]) -> bool:
    """Is it certain that nobody will write to this memory? It is that of `bytes`, or `sealed`, and read-only underneath."""
    owner: Any = array
    while isinstance(owner, np.ndarray):
        if owner.flags.writeable:
            return False
        owner = owner.base
    if isinstance(owner, memoryview):
        return owner.readonly and isinstance(owner.obj, np.ndarray) and not owner.obj.flags.writeable and owner.obj.base is None
    return isinstance(owner, bytes)


def unchanging(array: Any) -> Any:
    """An array that was made for this purpose, as one that nobody can write to any more: the tape need not copy it."""
    if not isinstance(array, np.ndarray):  # a scalar
        return array
    array.flags.writeable = False
    return np.asarray(memoryview(array))  # type: ignore[arg-type]


class Interchange:
    """The half of `Tensor` that gives values away."""

    __slots__ = ()

    if TYPE_CHECKING:
        _array: np.ndarray[Any, Any]
        node: Node | None
        name: Any
        requires_grad: Any
        def detach(self) -> Tensor: ...

        @property
        def shape(self) -> tuple[int, ...]: ...
        @property
        def ndim(self) -> int: ...
        @property
        def size(self) -> int: ...
        @property
        def dtype(self) -> np.dtype[Any]: ...
        @property
        def is_leaf(self) -> bool: ...

    # ---- as arrays --------------------------------------------------------------------------------------------

    @property
    def data(self) -> np.ndarray[Any, Any]:
        """The values as a read-only NumPy array, without a copy."""
        self._refuse_while_traced(".data")
        return sealed(self._array)

    @data.setter
    def data(self, value: Any) -> None:
        raise AttributeError("x.data cannot be set: write x.assign(value), of a parameter under no_grad() (and with no_grad(): p -= step)")

    def numpy(self) -> np.ndarray[Any, Any]:
        """The values as a read-only NumPy array, without a copy. Raises if that would lose a gradient.

        For a Tensor that requires grad write `x.detach().numpy()` (or `x.data`): it says that the loss is meant.
        """
        if self.node is not None:
            raise TypeError(f"numpy() on {self._describe()} would leave the tape and lose its gradient.\n"
                            "Write x.detach().numpy() if that is meant.")
        return self.data

    __array_priority__ = 1000.0

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        """What `np.asarray(x)` gets: a read-only view, or a copy where one is asked for or needed. Refused if x requires grad."""
        if self.node is not None:
            raise TypeError(f"NumPy asked for the plain values of {self._describe()}, which would lose its gradient.\n"
                            "A method of a plain array cannot record it: for X.dot(t) write X @ t. "
                            "To make one Tensor of several write np.stack([t1, t2]), or autograd.numpy.array([t1, 1.0]); to write "
                            "into an array, make it a Tensor: a = autograd.tensor(a). For the values alone: x.detach().numpy().")
        self._refuse_while_traced("NumPy")
        if dtype is not None and np.dtype(dtype) != self.dtype:
            if copy is False:
                raise ValueError(f"a copy is needed to read a {self.dtype} Tensor as {np.dtype(dtype)}")
            return np.array(self._array, dtype=dtype)
        return np.array(self._array) if copy else self.data

    def tolist(self) -> Any:
        """The values as nested Python lists."""
        self._refuse_while_traced("tolist()")
        return self._array.tolist()

    # ---- as numbers -------------------------------------------------------------------------------------------

    def item(self, *index: Any) -> Any:
        """The one value of a size-1 Tensor as a Python number; or the one at an index: `item(1, 2)`, or `item(5)` of all in one row."""
        self._refuse_while_traced("item()")
        return self._array.item(*index)

    def __float__(self) -> float:
        self._refuse_conversion("float()")
        return float(self._array)

    def __int__(self) -> int:
        self._refuse_conversion("int()")
        return int(self._array)

    def __complex__(self) -> complex:
        self._refuse_conversion("complex()")
        return complex(self._array)

    def __index__(self) -> int:
        self._refuse_while_traced("an index")
        if self.ndim or self.dtype.kind not in "biu":
            raise TypeError(f"{self._describe()} and dtype {self.dtype} is no index and no length: only a single integer is. "
                            "Write int(x) if that is meant.")
        return int(self._array)

    def __bool__(self) -> bool:
        self._refuse_while_traced("if")
        if self.size != 1:
            raise ValueError(f"the truth of {self._describe()} is ambiguous: write .any() or .all()")
        return bool(self._array)

    def __format__(self, spec: str) -> str:
        self._refuse_while_traced("format()")
        return format(self._array[()] if not self.ndim else self._array, spec) if spec else str(self)

    # ---- to other libraries -----------------------------------------------------------------------------------

    @property
    def device(self) -> str:
        """Where the values are: 'cpu'. (The Array API's name.)"""
        return "cpu"

    def to_device(self, device: str, /, *, stream: Any = None) -> Any:
        """The Tensor itself, which is on the only device there is. Raises ValueError for any other than 'cpu'."""
        if str(device) != "cpu":
            raise ValueError(f"to_device({device!r}): Tensors are on the 'cpu'")
        return self

    def __array_namespace__(self, *, api_version: str | None = None) -> Any:
        """The functions for code that is written for any array library (the Array API): see `array_api.py`."""
        from autograd import array_api

        return array_api

    def __dlpack__(self, *, stream: Any = None, max_version: tuple[int, int] | None = None,
                   dl_device: tuple[int, int] | None = None, copy: bool | None = None) -> Any:
        """A copy of the values, for any library that knows DLPack: `torch.from_dlpack(x)`, `np.from_dlpack(x)`.

        Raises BufferError if x requires grad, and for `copy=False`: who shares the memory could write to it.
        """
        if self.node is not None:
            raise BufferError(f"DLPack would lose the gradient of {self._describe()}: write x.detach()")
        if copy is False:
            raise BufferError("the memory of a Tensor is not shared, or others could write to it: leave copy=False out")
        self._refuse_while_traced("DLPack")
        if dl_device is not None and tuple(dl_device) != self.__dlpack_device__():
            raise BufferError(f"DLPack: Tensors are on the CPU, {self.__dlpack_device__()}, and not on the device {tuple(dl_device)}")
        new = np.array(self._array)
        if max_version is None or np.lib.NumpyVersion(np.__version__) < "2.1.0":
            return new.__dlpack__()
        return new.__dlpack__(max_version=max_version)  # type: ignore[call-arg]

    def __dlpack_device__(self) -> tuple[int, int]:
        return (1, 0)  # the CPU

    # ---- as copies --------------------------------------------------------------------------------------------

    def __copy__(self) -> Any:
        return self.__deepcopy__({})

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        """A leaf or a constant with the same values, name and `requires_grad`, and what a subclass has in its `__dict__`.

        Gradient and hooks are not copied: the copy is another leaf, for which no backward pass has run.
        """
        self._refuse_while_traced("copy()")
        if not self.is_leaf:
            raise RuntimeError(f"{self._describe()} is a result on the tape and cannot be copied on its own: write x.detach()")
        memo[id(self)] = twin = rebuild(type(self), np.array(self._array), self.requires_grad, self.name)
        if hasattr(self, "__dict__"):
            twin.__dict__.update(copy.deepcopy(self.__dict__, memo))
        return twin

    def __reduce__(self) -> Any:
        """For pickle: the same as for a copy."""
        self._refuse_while_traced("pickling")
        if not self.is_leaf:
            raise RuntimeError(f"{self._describe()} is a result on the tape and cannot be pickled: write x.detach()")
        return rebuild, (type(self), self.data, self.requires_grad, self.name), getattr(self, "__dict__", None) or None

    # ---- refusals ---------------------------------------------------------------------------------------------

    def _describe(self) -> str:
        """For messages: 'a Tensor of shape (2, 3), computed by exp in layer1.0'."""
        made = "" if self.node is None or isinstance(self.node, Leaf) else f", computed by {self.node.op}"
        where = f" in {self.node.scope}" if self.node is not None and self.node.scope is not None else ""
        return f"a Tensor of shape {self.shape}{made}{where}"

    def _refuse_conversion(self, what: str) -> None:
        """`math.sin(x)` and `out[0] = x` ask for a Python number. The result would lose its gradient."""
        self._refuse_while_traced(what)
        if self.node is None:
            return
        if get_mode().recording and stores(sys._getframe(2)):
            raise TypeError(f"a[i] = t would write the plain value of {self._describe()} into an array, and lose its gradient.\n"
                            "Make the array a Tensor first, a = autograd.tensor(a), or collect the values in a list and join them by "
                            "autograd.numpy.array(list). If the number alone is meant, write a[i] = t.item().")
        if RUNNING.get():
            raise TypeError(f"{what} of {self._describe()} would leave the tape and lose its gradient.\nUse np.sin and not math.sin; "
                            "join results by autograd.numpy.array([t1, t2]) or np.stack, or write them into a Tensor, and not into an "
                            "array. If the number alone is meant: x.item(), and to print it f'{x:.3f}'.")

    def _refuse_while_traced(self, what: str) -> None:
        """A traced program is replayed on other values, so Python must not look at these."""
        observer = get_mode().observer
        if observer is not None:
            observer.refuse_value(self, what)  # type: ignore[arg-type]


def rebuild(cls: Any, array: np.ndarray[Any, Any], requires_grad: bool, name: str | None) -> Any:
    """A leaf or a constant on this very array; on a copy of it, if its memory could belong to somebody else."""
    if not (array.flags.owndata and array.flags.writeable):
        array = np.array(array)
    self = cls.__new__(cls)
    self._array = array if array.ndim else array[()]
    self.node = Leaf(array.shape, array.dtype, name) if requires_grad else None
    return self


def from_dlpack(x: Any, /, *, device: Any = None, copy: bool | None = None) -> Tensor:
    """A Tensor with a copy of the values of another library's array: PyTorch's, JAX's, CuPy's, ...

    x:       anything with `__dlpack__`, on the CPU
    device:  None or 'cpu'
    copy:    None or True

    >>> import numpy as np
    >>> from autograd import from_dlpack
    >>> from_dlpack(np.array([1.0, 2.0]))
    tensor([1., 2.])

    Raises BufferError if x is not on the CPU or requires a gradient there (`x.detach()`), and for `copy=False`: the memory
    of a Tensor is its own. TypeError if x has no `__dlpack__`.
    """
    from autograd.tensor import Tensor

    if not hasattr(x, "__dlpack__"):
        raise TypeError(f"from_dlpack: a {type(x).__name__} does not know DLPack; for lists and numbers write autograd.tensor(x)")
    if copy is False:
        raise BufferError("from_dlpack: the memory of a Tensor is its own, so the values are copied: leave copy=False out")
    if device not in (None, "cpu"):
        raise BufferError(f"from_dlpack(device={device!r}): Tensors are on the 'cpu'")
    return Tensor(np.from_dlpack(x))
