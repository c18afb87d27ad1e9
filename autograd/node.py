"""What does the tape remember about one operation?

A `Node` is the machine's half of a `Tensor`: which operation made the value, from which nodes, and the few arrays
its gradient rule asks for. A `Leaf` is where the chain rule ends: a value nobody computed, which collects `.grad`.

The tape is no object: it is the nodes that a result leads to. Three decisions live here.

* **The node of an operation points at no Tensor.** Tensors point at nodes, nodes at older nodes, so there are no reference
  cycles, and memory is freed the moment the last user lets go, without the garbage collector. (One is possible: after
  `backward(create_graph=True)` the `.grad` of a leaf leads back to the leaf; `zero_grad()` breaks it.)
* **Nodes are numbered as they are created.** An operation is always younger than its inputs, so sorting by number *is*
  the topological order. Nothing recurses, and a graph of a million nodes is fine.
* **Recording has one piece of ambient state, the `Mode`**: are we recording, inside which module, and is anybody watching.
  It is a context variable, so threads and coroutines are independent.

Read next: `tensor.py`, the half of this pair that users hold.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar, cast

if TYPE_CHECKING:
    import numpy as np

    from autograd.codegen import Pullback
    from autograd.tensor import Tensor

Function = TypeVar("Function", bound=Callable[..., Any])

next_id: Callable[[], int] = itertools.count(1).__next__
"""The creation counter. Calling a C iterator is atomic, so threads never draw the same number."""


def type_text(shape: tuple[int, ...], dtype: Any) -> str:
    """'f32[32,256]': a shape and a dtype in the fewest letters. A scalar is 'f64'."""
    letters = "bool" if dtype.kind == "b" else f"{dtype.kind}{8 * dtype.itemsize}" if dtype.kind in "iufc" else str(dtype)
    return letters + (f"[{','.join(map(str, shape))}]" if shape else "")


class Freed:
    """The mark left in `Node.saved` once a backward pass has used it up."""

    def __repr__(self) -> str:
        return "<freed by backward>"


FREED = Freed()


class Node:
    """One recorded operation.

    id:        creation number; larger than that of every input
    pullback:  how to turn the cotangent of the result into cotangents of the inputs (`codegen.Pullback`)
    inputs:    the input nodes in argument order; None stands for a constant. `x * x` names x's node twice
    saved:     the arrays the gradient rules name, in the order of `pullback.primitive.keeps`; `FREED` after use
    params:    the operation's other arguments (axis, keepdims, ...), in the order of its signature
    shape, dtype: of the result. The result itself is kept only if a rule names it
    scope:     the module call the operation belongs to, or None
    extra:     `Extra` if somebody asked for the gradient or hooked it, else None
    """

    __slots__ = ("id", "pullback", "inputs", "saved", "params", "shape", "dtype", "scope", "extra", "__weakref__")

    def __init__(self, id: int, pullback: Pullback | None, inputs: tuple[Node | None, ...], saved: Any, params: tuple[Any, ...],
                 shape: tuple[int, ...], dtype: np.dtype[Any], scope: Scope | None) -> None:
        self.id = id
        self.pullback = pullback
        self.inputs = inputs
        self.saved = saved
        self.params = params
        self.shape = shape
        self.dtype = dtype
        self.scope = scope
        self.extra: Extra | None = None

    @property
    def op(self) -> str:
        """The name of the operation: 'multiply', 'matmul', ..., or 'leaf'."""
        return self.pullback.primitive.name if self.pullback is not None else "leaf"

    def __repr__(self) -> str:
        return f"<{self.op} %{self.id} {type_text(self.shape, self.dtype)}>"


class Leaf(Node):
    """A value that requires a gradient and was not computed: a parameter, or an input one differentiates by.

    grad:  the accumulated gradient, a Tensor, or None before the first backward pass
    name:  what to call it in print-outs and pictures, or None
    """

    __slots__ = ("grad", "name")

    rebinds = False  # may `x += v` give the handle of such a leaf another value?

    def __init__(self, shape: tuple[int, ...], dtype: np.dtype[Any], name: str | None = None) -> None:
        super().__init__(next_id(), None, (), (), (), shape, dtype, None)
        self.grad: Tensor | None = None
        self.name = name


class Extra:
    """What only few nodes need: hooks on the gradient, and the gradient itself where `retain_grad()` asked for it."""

    __slots__ = ("hooks", "retains", "grad")

    def __init__(self) -> None:
        self.hooks: dict[int, Callable[[Tensor], Tensor | None]] = {}
        self.retains = False
        self.grad: Tensor | None = None


class Scope:
    """One call of a module: its path in the model ('layer1.0.conv1'), its class, and which call of that path it is."""

    __slots__ = ("path", "kind", "call", "parent")

    def __init__(self, path: str, kind: str, call: int = 0, parent: Scope | None = None) -> None:
        self.path = path
        self.kind = kind
        self.call = call
        self.parent = parent

    def __repr__(self) -> str:
        name = self.path or self.kind  # the outermost module has no path
        return name if not self.call else f"{name}#{self.call}"


class Observer:
    """Somebody who watches: called with every operation as it happens, while he is the `observer` of the `Mode`.

    traces:  does he write the backward pass down as operations, too? Then it runs on Tensors (a `tracer.Tracer` does).
             Of others the backward pass takes no notice; it only tells them of its steps, by `pulled` and `arrived`.
    lowers:  of a tracer: does he take the steps of a backward pass that nobody differentiates as they are, by `lower`? (A compiler does.)
    """

    traces: bool = False
    lowers: bool = False

    def __call__(self, primitive: Any, arrays: tuple[Any, ...], nodes: tuple[Node | None, ...], params: tuple[Any, ...],
                 results: tuple[Any, ...], tensor: Tensor) -> None:
        """An operation: its operands, their nodes, its other arguments, its result and residuals, and the Tensor it returns."""

    def lower(self, node: Node, pullback: Any, g: Any, saved: Any, cotangents: dict[Node, Any], owned: Any) -> None:
        """Run a step of a backward pass, and write it down."""
        raise NotImplementedError

    def effect(self, call: Callable[[], Any], number: bool = False, given: tuple[Any, ...] = ()) -> Any:
        """Something is about to happen that works on arrays and not on Tensors, like the step of an optimiser; it does not happen now.
        Does it return a number? What is it given?"""
        raise NotImplementedError

    def grad_asked(self, leaf: Leaf) -> None:
        """The gradient of a leaf is about to be read, or added to. (Told to those who lower.)"""

    def grad_set(self, leaf: Leaf) -> None:
        """The gradient of a leaf is about to be replaced, whatever it was."""

    def assigned(self, tensor: Tensor) -> None:
        """A Tensor is about to be given another value."""

    def entered(self, module: Any) -> None:
        """A module is called."""

    def pulled(self, node: Node, g: Any, sent: tuple[Any, ...], seconds: float) -> None:
        """A step of a backward pass on arrays: the cotangent that came in, what was sent to each input (None where nothing was; empty
        if that cannot be told apart), and how long it took."""

    def arrived(self, cotangents: dict[Node, Any]) -> None:
        """The end of a backward pass on arrays: what arrived where the chain rule ends."""

    def refuse_value(self, tensor: Tensor, what: str) -> None:
        """Python asks for the value of a Tensor (`float(x)`, `if x:`). A tracer raises if it would be another for other inputs."""

    def detached(self, tensor: Tensor) -> None:
        """A Tensor is asked for a detached twin."""


def effect(number: bool = False) -> Callable[[Function], Function]:
    """Decorate a function that changes Tensors, or Python's own objects, from one call to the next: a compiled function then calls it,
    instead of repeating what it did once. Such a function returns nothing, or a `number`."""

    def decorate(function: Function) -> Function:
        @wraps(function)
        def called(*args: Any, **kwargs: Any) -> Any:
            observer = get_mode().observer
            if observer is not None and observer.lowers:
                args = tuple(list(arg) if isinstance(arg, Iterator) else arg for arg in args)  # it is called more than once
                return observer.effect(lambda: function(*args, **kwargs), number, (*args, *kwargs.values()))
            return function(*args, **kwargs)

        return cast(Function, called)

    return decorate


class Mode:
    """The ambient state of one thread or coroutine. Immutable: to change it, set another one.

    recording: are operations recorded (`no_grad` says no)
    scope:     the module call we are in
    observer:  who is told of every operation as it happens, or None (see `Observer`)
    """

    __slots__ = ("recording", "scope", "observer")

    def __init__(self, recording: bool = True, scope: Scope | None = None, observer: Observer | None = None) -> None:
        self.recording = recording
        self.scope = scope
        self.observer = observer

    @property
    def traced(self) -> bool:
        """Is the computation being written down as a program, its backward pass included?"""
        return self.observer is not None and self.observer.traces

    @property
    def lowered(self) -> bool:
        """Is it written down step by step, as it is?"""
        return self.observer is not None and self.observer.lowers


SETTINGS = [0]
"""How often a setting of some module was changed: what a compiled function asks before it looks at them all."""

RUNNING: ContextVar[int] = ContextVar("autograd.running", default=0)
"""How many functions under `grad` and its kin are running here: in them, `float(x)` would silently lose a gradient."""

MODE: ContextVar[Mode] = ContextVar("autograd.mode", default=Mode())  # noqa: B039 - a Mode is never changed
get_mode = MODE.get


class _Recording:
    """The common half of `no_grad` and `enable_grad`: usable as a context manager and as a decorator."""

    recording: bool

    def __init__(self) -> None:
        self._tokens: list[Any] = []

    def __enter__(self) -> None:
        mode = get_mode()
        self._tokens.append(MODE.set(Mode(self.recording, mode.scope, mode.observer)))

    def __exit__(self, *_: object) -> None:
        MODE.reset(self._tokens.pop())

    def __call__(self, function: Function) -> Function:
        @wraps(function)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            with type(self)():
                return function(*args, **kwargs)

        return cast(Function, wrapped)


class no_grad(_Recording):
    """Inside, nothing is recorded: results are constants and keep no graph alive.

    >>> import autograd
    >>> w = autograd.tensor(2.0, requires_grad=True)
    >>> with autograd.no_grad():
    ...     y = w * w
    >>> y.requires_grad
    False

    Also a decorator: `@no_grad()`.
    """

    recording = False


class enable_grad(_Recording):
    """Inside, recording is on again, whatever is outside. Also a decorator: `@enable_grad()`."""

    recording = True


def is_grad_enabled() -> bool:
    """Are operations on Tensors that require grad recorded here and now?"""
    return get_mode().recording
