"""What does a user hold?

A `Tensor` is a value: a handle on an array (`_array`) and on its place in the tape (`node`, None for a constant).
Arithmetic, indexing and NumPy's functions arrive through `operators.py`; here is what a Tensor *is*.

A Tensor's memory cannot change behind its back. `tensor(a)` copies, `.data` and `.numpy()` are read-only views
(`interchange.py`), and the only way to write, `writing()`, first makes sure that nobody else can see the memory
(`writing.py`). So a gradient is that of the values that were recorded, whatever was written since.

0-d values are stored as NumPy scalars, because `a * b` on scalars is ten times cheaper than on 0-d arrays.

Read next: `primitive.py`, what an operation is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.errors import user_line
from autograd.interchange import Interchange, rebuild  # noqa: F401  - older pickles look for `rebuild` here
from autograd.node import Extra, Leaf, Node, get_mode, next_id
from autograd.writing import Writing

if TYPE_CHECKING:
    from weakref import ref

    from numpy.typing import ArrayLike, DTypeLike

    def _binary(self: Tensor, other: Any) -> Tensor: ...
    def _unary(self: Tensor) -> Tensor: ...


class Handle:
    """A hook that was registered on a gradient. `handle.remove()` takes it away; doing it twice is harmless."""

    __slots__ = ("_hooks", "_key")

    def __init__(self, hooks: dict[int, Any], key: int) -> None:
        self._hooks, self._key = hooks, key

    def remove(self) -> None:
        """Take the hook away."""
        self._hooks.pop(self._key, None)

    __call__ = remove


class Tensor(Interchange):
    """A NumPy array that remembers how it was computed.

    data:           anything NumPy turns into an array; it is copied
    requires_grad:  start a new leaf of the graph, whose gradient `backward()` puts into `.grad`
    dtype:          as in `numpy.array`
    name:           how print-outs and pictures call this leaf

    >>> from autograd import Tensor
    >>> x = Tensor([1.0, 2.0, 3.0], requires_grad=True)
    >>> (x * x).sum().backward()
    >>> x.grad
    tensor([2., 4., 6.])

    Raises TypeError for data that is not numeric, and for `requires_grad=True` on integers or booleans.
    """

    __slots__ = ("_array", "node", "whole", "__weakref__")

    _array: np.ndarray[Any, Any]  # or a NumPy scalar for 0-d values
    node: Node | None
    whole: ref[Tensor]  # what this is a part of, see `writing.part_of`; else not set

    def __init__(self, data: ArrayLike | Tensor, requires_grad: bool = False, dtype: DTypeLike | None = None,
                 name: str | None = None) -> None:
        array: Any
        if isinstance(data, Tensor) and get_mode().lowered:  # the copy is an operation like others, and its array is known
            array = (data.detach() if dtype is None else data.detach().astype(dtype)).copy()._array
        else:
            if isinstance(data, Tensor):
                data._refuse_while_traced("Tensor(x)")
                data = data._array
            array = np.array(data, dtype=dtype)
            array = array if array.ndim else array[()]
        if array.dtype.kind not in "biufc":
            raise TypeError(f"a Tensor holds numbers, but this data has dtype {array.dtype}."
                            + (" A list of Tensors is joined by np.stack(list)." if array.dtype == object else ""))
        self._array = array
        self.node = None
        if requires_grad:
            self.requires_grad_(True, name)
        elif name is not None:
            raise TypeError("only a Tensor that requires grad takes a name: there is no node to write it on")

    if TYPE_CHECKING:  # what operators.py binds, for those who read types
        T: Tensor
        mT: Tensor
        real: Tensor
        imag: Tensor
        __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _binary
        __pow__ = __rpow__ = __mod__ = __rmod__ = __floordiv__ = __rfloordiv__ = __matmul__ = __rmatmul__ = _binary
        __and__ = __rand__ = __or__ = __ror__ = __xor__ = __rxor__ = _binary
        __lt__ = __le__ = __gt__ = __ge__ = __eq__ = __ne__ = _binary  # type: ignore[assignment]
        __neg__ = __pos__ = __abs__ = __invert__ = _unary
        def backward(self, gradient: ArrayLike | Tensor | None = None, retain_graph: bool | None = None,
                     create_graph: bool = False) -> None: ...  # `backward.py`
        def __getattr__(self, name: str) -> Callable[..., Any]: ...  # sum, mean, reshape, ...: the functions of autograd.ops

    # ---- what it is -------------------------------------------------------------------------------------------

    @property
    def shape(self) -> tuple[int, ...]:
        return self._array.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        return self._array.dtype

    @property
    def ndim(self) -> int:
        return self._array.ndim

    @property
    def size(self) -> int:
        return self._array.size

    @property
    def nbytes(self) -> int:
        return self._array.nbytes

    @property
    def itemsize(self) -> int:
        return self._array.itemsize

    def __len__(self) -> int:
        if not self.ndim:
            raise TypeError("len() of a 0-d Tensor")
        return self._array.shape[0]

    def __repr__(self) -> str:
        body = np.array2string(np.asarray(self._array), separator=", ", prefix="tensor(")
        suffix = "" if self.dtype in (np.float64, np.int64, np.bool_, np.complex128) else f", dtype={self.dtype}"
        if isinstance(self.node, Leaf):
            suffix += ", requires_grad=True"
        elif self.node is not None:
            suffix += f", node=<{self.node.op}>"
        return f"tensor({body}{suffix})"

    # ---- its place on the tape --------------------------------------------------------------------------------

    @property
    def requires_grad(self) -> bool:
        """Does a backward pass from something computed with this Tensor come by here?"""
        return self.node is not None

    @requires_grad.setter
    def requires_grad(self, value: bool) -> None:
        self.requires_grad_(value)

    @property
    def is_leaf(self) -> bool:
        """True unless this Tensor was computed from one that requires grad."""
        return self.node is None or isinstance(self.node, Leaf)

    @property
    def name(self) -> str | None:
        """What print-outs and pictures call this leaf."""
        return self.node.name if isinstance(self.node, Leaf) else None

    @name.setter
    def name(self, name: str | None) -> None:
        if not isinstance(self.node, Leaf):
            raise TypeError("only a leaf that requires grad has a name")
        self.node.name = name

    def requires_grad_(self, requires_grad: bool = True, name: str | None = None) -> Tensor:
        """Make this Tensor a leaf that collects a gradient, or a constant. Returns the Tensor itself."""
        if not requires_grad:
            if self.node is not None and not isinstance(self.node, Leaf):
                raise RuntimeError(f"{self._describe()} is a result: it cannot be told not to require grad. Write x = x.detach().")
            self.node = None
        elif self.node is None:
            if self.dtype.kind not in "fc":
                raise TypeError(f"only floating-point and complex Tensors have gradients, not {self.dtype}: "
                                "write the numbers with a point (3.0) or give dtype=float")
            self.node = Leaf(self.shape, self.dtype, name)
        return self

    @property
    def grad(self) -> Tensor | None:
        """The gradient the backward passes so far have summed up here; None before the first. (Of complex x = a + ib it is
        PyTorch's, dL/da + i dL/db, and not its conjugate, which `grad(f)(x)` is.)

        Kept for leaves, and for results that `retain_grad()` was called on.
        """
        if isinstance(self.node, Leaf):
            mode = get_mode()
            if mode.observer is not None and mode.lowered:
                mode.observer.grad_asked(self.node)
            return self.node.grad
        if self.node is not None and self.node.extra is not None:
            return self.node.extra.grad
        return None

    @grad.setter
    def grad(self, grad: Tensor | None) -> None:
        if not isinstance(self.node, Leaf):
            raise RuntimeError(f".grad can be set on leaves that require grad only, and this is {self._describe()}")
        if grad is not None:
            if not isinstance(grad, Tensor):
                grad = Tensor(grad)
            if grad.shape != self.shape:
                raise ValueError(f".grad of a Tensor of shape {self.shape} cannot have shape {grad.shape}")
            if grad.dtype != self.dtype:
                raise TypeError(f".grad of a {self.dtype} Tensor cannot be {grad.dtype}: write grad.astype({str(self.dtype)!r})")
        mode = get_mode()
        if mode.observer is not None and mode.lowered:
            mode.observer.grad_set(self.node)
        self.node.grad = grad

    def zero_grad(self) -> None:
        """Forget the gradient (set it to None)."""
        if isinstance(self.node, Leaf):
            mode = get_mode()
            if mode.observer is not None and mode.lowered:
                mode.observer.grad_set(self.node)
            self.node.grad = None

    def retain_grad(self) -> Tensor:
        """Ask the backward pass to keep the gradient of this intermediate result in `.grad`. Returns the Tensor."""
        if not isinstance(self.node, Leaf):
            self._extra("retain_grad()").retains = True
        return self

    def register_hook(self, hook: Callable[[Tensor], Tensor | None]) -> Handle:
        """Call `hook(gradient)` when the gradient of this Tensor is complete; what it returns, if anything, replaces it.

        Returns a handle: `handle.remove()`, or `handle()`, takes the hook away again.
        """
        hooks = self._extra("register_hook()").hooks
        key = next_id()
        hooks[key] = hook
        return Handle(hooks, key)

    def _extra(self, what: str) -> Extra:
        if self.node is None:
            raise RuntimeError(f"{what} on a Tensor that does not require grad: no gradient will ever come by")
        if self.node.extra is None:
            self.node.extra = Extra()
        return self.node.extra

    def detach(self) -> Tensor:
        """The same values, as a constant: no gradient flows through."""
        observer = get_mode().observer
        if observer is not None:
            observer.detached(self)
        return constant_tensor(self._array)

    # ---- writing ----------------------------------------------------------------------------------------------

    def writing(self) -> Writing:
        """The one way to change the values: `with p.writing() as array: array -= step`.

        The array is this Tensor's own memory if nobody else refers to it, else a copy that becomes its memory. Only
        leaves and constants can be written. Meant for optimisers and initialisers. Inside, the Tensor has no values:
        RuntimeError says so to whoever computes with it.
        """
        if not self.is_leaf:
            raise RuntimeError(f"{self._describe()} is a result: writing into it would cut it off from its inputs. "
                               "Write x = x.detach() first, or compute a new Tensor.")
        if get_mode().lowered:
            from autograd.tracer import TraceError

            raise TraceError(f"{user_line()}: memory is written while a function is compiled, and a later call would not repeat it. Give "
                             "the Tensor another value, x.assign(value) (of a parameter under no_grad()), or use an optimiser.")
        return Writing(self)

    def assign(self, value: Any, what: str = "assign()") -> Tensor:
        """Give this handle another value of the same shape: what `x[i] = v` and `x += v` do. Other Tensors are not affected.

        On a leaf that requires grad only under `no_grad()`, and then its memory is overwritten, as `writing()` does.
        """
        value = value if isinstance(value, Tensor) else Tensor(value)
        if value.shape != self.shape:
            raise ValueError(f"{what} cannot change the shape of a Tensor from {self.shape} to {value.shape}: write x = x ... instead")
        if value.dtype != self.dtype:
            if not np.can_cast(value.dtype, self.dtype, "same_kind"):
                raise TypeError(f"{what} cannot put {value.dtype} values into a {self.dtype} Tensor: write x = x ... instead")
            value = value.astype(self.dtype)
        mode = get_mode()
        if mode.observer is not None and mode.lowered:
            mode.observer.assigned(self)
        if isinstance(self.node, Leaf) and not self.node.rebinds:
            if mode.recording:
                raise RuntimeError(f"{what} on a leaf that requires grad would hide the value its gradient belongs to.\n"
                                   "To compute with the new value write x = x ...; to update a parameter do it under no_grad().")
            if mode.lowered:
                self._array = value._array
                return self
            with self.writing() as array:
                array[...] = value._array
        else:
            self._array, self.node = value._array, value.node
        return self


def constant_tensor(array: Any, node: Node | None = None) -> Tensor:
    """A Tensor on this very array, without a copy: the engine's own constructor."""
    self = Tensor.__new__(Tensor)
    self._array = array
    self.node = node
    return self


def tensor(data: ArrayLike | Tensor, requires_grad: bool = False, dtype: DTypeLike | None = None, name: str | None = None) -> Tensor:
    """A new Tensor with a copy of `data`. The same as `Tensor(data, ...)`, in NumPy's and PyTorch's spelling."""
    return Tensor(data, requires_grad, dtype, name)
