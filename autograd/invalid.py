"""What happens when a gradient rule computes 0/0?

    where(x > 0, log(x), 0)

At x = 0 no gradient arrives at the logarithm: its cotangent there is exactly zero. But its rule computes g / x = 0/0, which is
not a number, and one NaN is enough to ruin a training. So in operations that work element by element **a cotangent that is
exactly zero stays zero**, whatever the slope. (PyTorch, JAX and HIPS/autograd give NaN here, and ask for the trick of two wheres.)

This costs nothing where it is not needed. NumPy itself notices 0/0, 0 * inf and inf - inf, as "invalid values"; a backward pass
asks to be told, and only then looks which elements had a cotangent of zero. What is invalid for another reason is reported as
`np.seterr(invalid=...)` says, with the name of the operation. A NaN that was there before, in x, is not noticed: hide it first,
as in log(where(isnan(x), 1, x)).

`with zero_stays_zero(False):` switches it off, for comparisons with other libraries.

Read next: `codegen.py`, whose pullbacks ask `owned.invalid`.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from weakref import WeakSet

import numpy as np

from autograd.errors import node_text
from autograd.node import Node
from autograd.tensor import Tensor

_STAYS: ContextVar[bool] = ContextVar("autograd.zero_stays_zero", default=True)


@contextmanager
def zero_stays_zero(on: bool) -> Iterator[None]:
    """Inside, is a cotangent that is exactly zero sent on as zero, even where the slope is infinite? (By default it is.)

    >>> import numpy as np
    >>> from autograd import grad, zero_stays_zero
    >>> f = lambda x: np.sum(np.where(x > 0, np.sqrt(x), 0.0))
    >>> grad(f)(np.array([0.0, 4.0]))
    array([0.  , 0.25])
    >>> with np.errstate(invalid="ignore"), zero_stays_zero(False):
    ...     grad(f)(np.array([0.0, 4.0]))
    array([ nan, 0.25])
    """
    token = _STAYS.set(bool(on))
    try:
        yield
    finally:
        _STAYS.reset(token)


MENDED: WeakSet[Node] = WeakSet()
"""Where a recorded backward pass was mended: NaN stands in the graph behind these nodes, and NumPy does not tell of it again."""


class Owned(set[Node]):
    """What one backward pass knows about itself: the nodes whose cotangent is memory of its own, and whether a rule may be `invalid`.

    A context: inside it, NumPy tells of invalid values.

    careful:  NaN stands in the graph already, so every rule is looked at
    noted:    NumPy met an invalid value in the rule that just ran
    invalid:  one of the two
    """

    __slots__ = ("careful", "noted", "invalid", "stays", "_told")

    ever = False  # was anything mended in this process?

    def __init__(self, order: Sequence[Node] = ()) -> None:
        super().__init__()
        self.careful = Owned.ever and not MENDED.isdisjoint(order)
        self.noted, self.invalid = False, self.careful
        self.stays = _STAYS.get()

    def __enter__(self) -> Owned:
        self._told = np.errstate(invalid="call", call=self.note)
        self._told.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self._told.__exit__(*error)
        del self._told  # it knows `note`, and so this pass: a cycle

    def outer(self) -> tuple[str, Any]:
        """What to do about invalid values outside of this pass: `np.geterr` and `np.geterrcall` there."""
        self.__exit__()
        try:
            return np.geterr()["invalid"], np.geterrcall()
        finally:
            self.__enter__()

    def note(self, kind: str, flag: int) -> None:
        """NumPy calls this when it meets an invalid value."""
        self.noted = self.invalid = True

    def mended(self, g: Any, dx: Any) -> Any:
        """The cotangent that a rule made of g, with zeros for NaN where g is zero."""
        if not self.stays or dx.shape != g.shape:
            return dx
        from autograd.ops.elementwise import where

        g_array, dx_array = (x._array if isinstance(x, Tensor) else x for x in (g, dx))
        nan = np.isnan(dx_array)
        zero = nan & (g_array == 0)
        self.noted = self.noted and bool((nan & ~zero).any())
        self.invalid = self.careful or self.noted
        if not zero.any():
            return dx
        found = where(zero, np.zeros((), dx.dtype)[()], dx)
        if isinstance(found, Tensor) and found.node is not None:
            MENDED.add(found.node)
            Owned.ever = True
        return found

    def report(self, node: Node) -> None:
        """If NumPy met an invalid value in the rule of this node, say so in the way that `np.seterr` asks for."""
        noted, self.noted, self.invalid = self.noted, False, self.careful
        if not noted:
            return
        outer, outer_call = self.outer()
        if outer == "ignore":
            return
        if outer == "call" and callable(outer_call):
            outer_call("invalid value", 8)
            return
        text = f"invalid value (0/0, 0 * inf or inf - inf) in the gradient of {node_text(node)}"
        if outer == "raise":
            raise FloatingPointError(text)
        warnings.warn(text, RuntimeWarning, stacklevel=5)
