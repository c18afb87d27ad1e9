"""Which operation made the first NaN?

    with detect_anomaly():
        loss = model(x).mean()
        loss.backward()

    AnomalyError: log made the first Inf: 1 of 4 elements.
      operand x   f64[4] from 0 to 3, 1 zero
      in module   head.1 (LogSoftmax)
      at          train.py, line 12

An operation is to blame if its result holds a NaN and no operand did, or an infinity and all operands were finite; of the
backward pass, likewise, a rule. Somebody else's `where` that hides such a number later is not asked: the first is named.

It is an `Observer` (see `node.py`), so it costs nothing when it is off. When it is on, every result is looked at and every
step of a backward pass runs twice.

Read next: `random.py`.
"""

from __future__ import annotations

import warnings
from types import TracebackType
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from autograd.errors import node_text, user_line
from autograd.node import MODE, Mode, Node, Observer, get_mode, type_text
from autograd.tensor import Tensor


class AnomalyError(FloatingPointError):
    """An operation, or its gradient rule, made the first NaN or infinity."""

    explained = True  # nothing needs to be added to it on its way out of a backward pass


class detect_anomaly(Observer):
    """Inside, the first operation that makes a NaN or an infinity raises an AnomalyError that names it.

    inf:  look for infinities too, and not for NaN alone (a program that masks with -inf brings its own: those are no anomaly)

    A context manager. Forward and backward passes both belong inside; of an operation recorded before, the line is not known.

    >>> import numpy as np
    >>> from autograd import detect_anomaly, grad
    >>> with np.errstate(all="ignore"), detect_anomaly():
    ...     grad(lambda x: np.sum(np.log(x - 1)))(np.array([1.0, 3.0]))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    autograd.anomaly.AnomalyError: log made the first infinity: 1 of 2 elements...

    Raises AnomalyError, a FloatingPointError; RuntimeError if somebody else watches already (a program is being traced, say).
    """

    def __init__(self, inf: bool = True) -> None:
        self.inf = inf
        self.seen: WeakKeyDictionary[Node, tuple[str, tuple[Any, ...]]] = WeakKeyDictionary()  # the line of a node, and its operands

    def __enter__(self) -> detect_anomaly:
        mode = get_mode()
        if mode.observer is not None:
            raise RuntimeError(f"detect_anomaly() cannot watch while a {type(mode.observer).__name__} does: one at a time")
        self._token = MODE.set(Mode(mode.recording, mode.scope, self))
        self._quiet = warnings.catch_warnings()
        self._quiet.__enter__()  # the error says more than NumPy's warning about the same number
        warnings.filterwarnings("ignore", "(invalid value|divide by zero|overflow)", RuntimeWarning)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self._quiet.__exit__(kind, error, traceback)
        MODE.reset(self._token)

    def __call__(self, primitive: Any, arrays: tuple[Any, ...], nodes: tuple[Node | None, ...], params: tuple[Any, ...],
                 results: tuple[Any, ...], tensor: Tensor) -> None:
        if tensor.node is not None:
            self.seen[tensor.node] = user_line(), arrays
        what = self.made(results[0], arrays)
        if what:
            scope = get_mode().scope
            raise AnomalyError("\n".join([
                f"{primitive.name} made the first {what}: {amount(results[0], what)}.",
                *operand_lines(primitive, arrays),
                *([f"  in module   {scope}" + (f" ({scope.kind})" if scope.path else "")] if scope is not None else []),
                f"  at          {user_line()}"]))

    def pulled(self, node: Node, g: Any, sent: tuple[Any, ...], seconds: float) -> None:
        for i, dx in enumerate(sent):
            what = self.made(dx, (g,))
            if what:
                primitive: Any = node.pullback.primitive  # type: ignore[union-attr]
                name = primitive.inputs[0 if primitive.sequence else i]
                line, arrays = self.seen.get(node, ("a line before detect_anomaly()", ()))
                raise AnomalyError("\n".join([
                    f"the gradient of {node_text(node)} to {name} made the first {what}: {amount(dx, what)}.",
                    f"  rule        d{name} = {primitive.formula(name)}",
                    f"  operand g   {range_text(g)}",
                    *operand_lines(primitive, arrays),
                    f"  computed at {line}"]))

    def arrived(self, cotangents: dict[Node, Any]) -> None:
        for node, g in cotangents.items():
            what = self.made(g, ())
            if what:  # every step was looked at, but for those inside a function that is computed again
                raise AnomalyError(f"the gradient that arrived at {node_text(node)} holds the first {what}: {amount(g, what)}. It was made "
                                   "inside a function under checkpoint(), or by adding gradients up: call that function without "
                                   "checkpoint() to see where.")

    def made(self, y: Any, operands: tuple[Any, ...]) -> str:
        """'NaN' or 'infinity' if y holds one and the operands do not account for it, else ''."""
        if y is None or not floating(y) or np.isfinite(y).all():
            return ""
        if np.isnan(y).any() and not any(floating(x) and np.isnan(x).any() for x in operands):
            return "NaN"
        if self.inf and np.isinf(y).any() and all(not floating(x) or np.isfinite(x).all() for x in operands):
            return "infinity"
        return ""


def operand_lines(primitive: Any, arrays: tuple[Any, ...]) -> list[str]:
    names = [f"{primitive.inputs[0]}[{i}]" for i in range(len(arrays))] if primitive.sequence else primitive.inputs
    return [f"  operand {name:<4}{range_text(array)}" for name, array in zip(names, arrays) if array is not None]


def floating(x: Any) -> bool:
    return isinstance(x, (float, complex)) or getattr(getattr(x, "dtype", None), "kind", "") in ("f", "c")


def amount(y: Any, what: str) -> str:
    """'3 of 10 elements'."""
    bad = np.isnan(y) if what == "NaN" else np.isinf(y)
    return f"{int(np.sum(bad))} of {np.size(y)} elements"


def range_text(x: Any) -> str:
    """'f64[4] from 0 to 3, 1 zero'."""
    x = np.asarray(x)
    if not x.size:
        return f"{type_text(x.shape, x.dtype)} (empty)"
    size = np.abs(x) if x.dtype.kind == "c" else x
    finite = size[np.isfinite(size)]
    words = [type_text(x.shape, x.dtype)]
    words.append(("absolute values " if x.dtype.kind == "c" else "") + f"from {finite.min():.4g} to {finite.max():.4g}" if finite.size
                 else "without a finite element")
    counts = [(int(np.sum(x == 0)), "zero"), (int(np.isnan(x).sum()), "NaN"), (int(np.isinf(x).sum()), "infinite")]
    return " ".join(words) + "".join(f", {n} {kind}" for n, kind in counts if n)
