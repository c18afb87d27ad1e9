"""What does a module own?

Two kinds of Tensor, told apart by their type and by nothing else: a `Parameter` is trained, a `Buffer` is kept with the
model but not trained (a running mean). Assign one to an attribute of a module, or put it into a list, tuple or dict
there, and the module finds it.

Read next: `module.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from autograd import Tensor, tensor
from autograd.node import Leaf, get_mode
from autograd.ops.indexing import zeros

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, DTypeLike


class Parameter(Tensor):
    """A Tensor that is trained: a leaf of the graph that collects `.grad`, found by `Module.parameters()`.

    data:           anything NumPy turns into an array; it is copied
    requires_grad:  False freezes it; it stays a parameter
    dtype:          default: that of the data. (Layers make theirs float32, as PyTorch does, or take `dtype=`.)
    name:           what print-outs call it; default: its path in the model, e.g. 'layer1.0.weight', once that is called

    >>> from nn import Parameter
    >>> w = Parameter([1.0, 2.0])
    >>> (w * w).sum().backward()
    >>> w.grad
    tensor([2., 4.])

    Raises TypeError for integers and booleans, which have no gradient.
    """

    __slots__ = ()

    def __init__(self, data: ArrayLike | Tensor, requires_grad: bool = True, dtype: DTypeLike | None = None,
                 name: str | None = None) -> None:
        super().__init__(data, True, dtype, name)
        if not requires_grad:
            self.requires_grad_(False)


class Buffer(Tensor):
    """A Tensor that belongs to the state of a module but is not trained: a running mean, a mask, a table of positions.

    data, dtype:  as for `Parameter`; integers are welcome
    persistent:   is it in the `state_dict`? (PyTorch's name)

    To change it write `self.mean.assign(value)`; the graph of the value, if it has one, is left behind.
    """

    __slots__ = ("persistent",)

    def __init__(self, data: ArrayLike | Tensor, dtype: DTypeLike | None = None, persistent: bool = True) -> None:
        super().__init__(data, False, dtype)
        self.persistent = persistent

    def assign(self, value: Any, what: str = "assign()") -> Tensor:
        """Give this buffer another value of the same shape, as a constant."""
        kept = isinstance(value, Tensor) and get_mode().lowered  # a compiled function sees where it comes from; others copy
        return super().assign(value.detach() if kept else tensor(value), what)

    def __deepcopy__(self, memo: dict[int, Any]) -> Buffer:
        memo[id(self)] = twin = Buffer(self, persistent=self.persistent)
        return twin

    def __reduce__(self) -> Any:
        return Buffer, (self.data, None, self.persistent)


def cast(owned: Parameter | Buffer, dtype: DTypeLike) -> None:
    """Give a parameter or buffer another dtype, and its gradient with it. The object stays the same, so optimisers keep it."""
    dtype = tensor(0, dtype=dtype).dtype
    if dtype.kind not in "fc":
        raise TypeError(f"parameters are floating-point or complex numbers, not {dtype}")
    if owned.dtype.kind not in "fc" or owned.dtype == dtype:
        return  # counters and masks stay integers and booleans
    node, grad = owned.node, owned.grad
    owned._array = owned._array.astype(dtype)
    if isinstance(node, Leaf):
        owned.node = Leaf(owned.shape, dtype, node.name)
        owned.node.grad = None if grad is None else tensor(grad, dtype=dtype)
        owned.node.extra = node.extra


def resize(owned: Parameter | Buffer, shape: tuple[int, ...]) -> None:
    """Give a parameter or buffer another shape, and zeros to fill it. The object stays the same, so optimisers keep it."""
    owned._array = zeros(shape, owned._array)
    if isinstance(owned.node, Leaf):
        owned.node = Leaf(owned.shape, owned.dtype, owned.node.name)
