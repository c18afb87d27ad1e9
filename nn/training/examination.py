"""What does one training step show, if somebody looks closely?

An `Examination` runs a step on a batch - forward, loss, backward, update - and writes down everything on the way: each operation with its
arrays, each call of a loss function with what it was given, the gradients, what the update did. Then it puts everything back:
parameters, buffers, attributes, gradients and random generators are what they were before.

Read next: `ownership.py`.
"""

from __future__ import annotations

import copy
import random
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np

import optim
from autograd import Tensor, enable_grad, ops
from autograd.node import MODE, Leaf, Mode, Node, Observer, get_mode
from autograd.random import watched
from autograd.tape import history
from autograd.tensor import constant_tensor
from autograd.tree import flatten
from nn.loss import classification, margin, regression
from nn.module import Module
from nn.parameter import Parameter
from nn.training.randomness import generators

LOSSES: dict[Any, str] = {getattr(function, "__code__", None): name for module, names in (
    (classification, ("nll_loss", "binary_cross_entropy", "binary_cross_entropy_with_logits")),
    (margin, ("multi_margin_loss", "soft_margin_loss")), (regression, ("mse_loss", "l1_loss", "huber_loss", "kl_div")),
    (ops, ("cross_entropy",))) for name in names for function in [getattr(module, name)]}
"""The loss functions that are recognised when they are called, by their code."""


PIECE = 1 << 20
"""How many numbers are squared at a time: no large array is copied."""


class Operation(NamedTuple):
    """One operation: its name, the module it ran in, its operands by slot with their nodes, its other arguments, and its result."""

    op: str
    path: str
    kind: str
    arrays: tuple[Any, ...]
    nodes: tuple[Node | None, ...]
    options: dict[str, Any]
    result: Any
    in_loss: bool


class LossCall(NamedTuple):
    """One call of a loss function: its name, the outputs and targets as arrays, its other arguments."""

    name: str
    x: Any
    target: Any
    options: dict[str, Any]


class Watcher(Observer):
    """Writes down every operation."""

    def __init__(self) -> None:
        self.operations: list[Operation] = []
        self.in_loss = False

    def __call__(self, primitive: Any, arrays: tuple[Any, ...], nodes: tuple[Node | None, ...], params: tuple[Any, ...],
                 results: tuple[Any, ...], tensor: Tensor) -> None:
        scope = get_mode().scope
        path, kind = (scope.path or scope.kind, scope.kind) if scope is not None else ("", "")
        self.operations.append(Operation(primitive.name, path, kind, arrays, nodes, dict(zip(primitive.params, params)), results[0],
                                         self.in_loss))

    def detached(self, tensor: Tensor) -> None:
        """Somebody takes a value off the tape; that is no operation."""


class Examination:
    """One training step, looked at closely.

    model, criterion, optimizers, inputs, targets:  what was examined

    outputs:     what the model returned; None if it failed
    loss:        what the criterion returned
    error, failed:  the exception that ended it, and where: 'model', 'loss' or 'backward'
    operations:  all operations of the forward pass
    losses:      the calls of loss functions
    gradients:   by leaf: the gradient of the loss
    users:       by leaf: the operation of the model that used it first
    before:      by parameter: the gradient that was there already
    losses_after:  the loss on the same batch after each update
    ratios:      by name of a weight: how large its update was, compared with the weight
    not_updated: why no update could be tried, or ''
    """

    def __init__(self, model: Module, criterion: Callable[..., Any], optimizers: tuple[Any, ...], inputs: tuple[Any, ...], targets: Any,
                 steps: int) -> None:
        self.model, self.criterion, self.optimizers = model, criterion, optimizers
        self.inputs, self.targets = inputs, targets
        self.parameters = dict(model.named_parameters())
        self.names = {id(p): name for name, p in self.parameters.items()}
        self.held = [(p, index) for index, optimizer in enumerate(optimizers) for group in optimizer.param_groups for p in group["params"]]
        self.before = {name: p.grad.numpy().copy() for name, p in self.parameters.items() if p.grad is not None}
        self.outputs: Any = None
        self.loss: Any = None
        self.error: BaseException | None = None
        self.failed = ""
        self.operations: list[Operation] = []
        self.losses: list[LossCall] = []
        self.gradients: dict[Node, Any] = {}
        self.users: dict[Node, Operation] = {}
        self.losses_after: list[float] = []
        self.ratios: dict[str, float] = {}
        self.not_updated = ""
        self.lazy = [path for path, module in model.named_modules() if hasattr(module, "becoming")]
        if not self.lazy:
            with (undisturbed(model, criterion, [p for p, _ in self.held]), enable_grad(), np.errstate(all="ignore"),
                  warnings.catch_warnings()):
                warnings.simplefilter("ignore")
                self.run(steps)

    # ---- the step -----------------------------------------------------------------------------------------------------

    def run(self, steps: int) -> None:
        with watched() as drawn:
            self.forward()
        if self.error is None and self.differentiable:
            self.backward()
        if self.error is None and self.differentiable and np.isfinite(self.value) and self.gradients and self.optimizers:
            self.update(steps, drawn)

    def forward(self) -> None:
        watcher = Watcher()
        token = MODE.set(Mode(True, None, watcher))
        try:
            self.failed = "model"
            self.outputs = self.model(*self.inputs)
            self.failed, watcher.in_loss = "loss", True
            with losses_noted(self.losses):
                self.loss = self.criterion(self.outputs, self.targets)
            self.failed = ""
        except Exception as error:
            self.error = error
        finally:
            MODE.reset(token)
            self.operations = watcher.operations
        for operation in self.operations:
            for node in operation.nodes:
                if isinstance(node, Leaf) and not operation.in_loss:
                    self.users.setdefault(node, operation)

    @property
    def differentiable(self) -> bool:
        """Is the loss one number, with a graph behind it?"""
        return self.real and self.loss.node is not None

    @property
    def real(self) -> bool:
        """Is the loss one real number?"""
        return isinstance(self.loss, Tensor) and self.loss.size == 1 and self.loss.dtype.kind == "f"

    @property
    def value(self) -> float:
        return float(self.loss.data.reshape(())) if self.real else float("nan")

    def backward(self) -> None:
        leaves = [node for node in history([self.loss.node]) if isinstance(node, Leaf)]
        kept = [leaf.grad for leaf in leaves]
        try:
            for leaf in leaves:
                leaf.grad = None
            self.loss.reshape(()).backward()
            self.gradients = {leaf: leaf.grad.numpy() for leaf in leaves if leaf.grad is not None}
        except Exception as error:
            self.error, self.failed = error, "backward"
        finally:
            for leaf, grad in zip(leaves, kept):
                leaf.grad = grad

    def gradient(self, p: Parameter) -> Any:
        """The gradient of a parameter, as an array, or None."""
        return self.gradients.get(p.node) if p.node is not None else None

    def update(self, steps: int, drawn: Any) -> None:
        """Try some updates with a copy of the optimisers, always with the same random numbers."""
        mine = {id(p): p for p, _ in self.held}
        try:
            twins = [copy.deepcopy(optimizer, dict(mine)) for optimizer in self.optimizers]
            old = {name: p.data for name, p in self.parameters.items()}
            with self.only_these_gradients():
                for number in range(steps):
                    for twin in twins:
                        twin.step()
                    if not number:
                        self.ratios = {name: norm(p.data - old[name]) / norm(old[name]) for name, p in self.parameters.items()
                                       if p.ndim > 1 and p.requires_grad and norm(old[name])}
                    for generator, state in drawn.values():
                        generator.bit_generator.state = state
                    for twin in twins:
                        twin.zero_grad()
                    loss = self.criterion(self.model(*self.inputs), self.targets)
                    self.losses_after.append(float(loss.data.reshape(())))
                    if not np.isfinite(self.losses_after[-1]):
                        return
                    if number + 1 < steps:
                        loss.reshape(()).backward()
        except Exception as error:  # an optimiser that cannot be copied, or needs a closure: nothing is known about updates then
            self.ratios, self.losses_after, self.not_updated = {}, [], repr(error)

    @contextmanager
    def only_these_gradients(self) -> Iterator[None]:
        leaves = {node for node in (p.node for p in [*self.parameters.values(), *(p for p, _ in self.held)]) if isinstance(node, Leaf)}
        leaves |= {leaf for leaf in self.gradients if isinstance(leaf, Leaf)}
        kept = [(leaf, leaf.grad) for leaf in leaves]
        try:
            for leaf in leaves:
                found = self.gradients.get(leaf)
                leaf.grad = None if found is None else constant_tensor(found)
            yield
        finally:
            for leaf, grad in kept:
                leaf.grad = grad


def norm(a: Any) -> float:
    """The square root of the sum of squares, in float64, piece by piece."""
    flat = np.asarray(a).reshape(-1)
    return float(np.sqrt(sum(float(np.sum(np.square(np.abs(flat[i: i + PIECE]), dtype=np.float64)))
                             for i in range(0, flat.size, PIECE))))


# ---- nothing is changed -----------------------------------------------------------------------------------------------


@contextmanager
def undisturbed(model: Module, criterion: Any, others: list[Any]) -> Iterator[None]:
    """Put everything back that a training step changes: values, attributes of modules, gradients, random generators."""
    roots = [thing for thing in (model, criterion) if isinstance(thing, Module)]
    modules = list({id(m): m for root in roots for m in root.modules()}.values())
    attributes = [(m, dict(vars(m))) for m in modules]
    owned = {id(t): t for m in modules for t in (*m.parameters(recurse=False), *m.buffers(recurse=False))}
    owned |= {id(p): p for p in others}
    values = [(t, t._array, t.node, t.grad if t.node is not None else None, t.name) for t in owned.values()]
    own = [(generator, copy.deepcopy(generator.bit_generator.state)) for _, generator in generators(*roots)]
    numpys, pythons = np.random.get_state(), random.getstate()
    with watched() as drawn:
        try:
            yield
        finally:
            for module, attribute in attributes:
                vars(module).clear()
                vars(module).update(attribute)
            for t, array, node, grad, name in values:
                t._array, t.node = array, node
                if isinstance(node, Leaf):
                    node.grad, node.name = grad, name
            for generator, state in [*drawn.values(), *own]:
                generator.bit_generator.state = state
            np.random.set_state(numpys)
            random.setstate(pythons)


@contextmanager
def losses_noted(calls: list[LossCall]) -> Iterator[None]:
    """Inside, write down each call of a loss function that is known."""
    outer = sys.getprofile()

    def look(frame: Any, event: str, argument: Any) -> None:
        if event == "call" and frame.f_code in LOSSES:
            given = dict(frame.f_locals)
            x, target = given.pop("x", given.pop("logits", None)), given.pop("target", None)
            calls.append(LossCall(LOSSES[frame.f_code], array_of(x), array_of(target), given))

    sys.setprofile(look)
    try:
        yield
    finally:
        sys.setprofile(outer)


def array_of(x: Any) -> Any:
    """The values of a Tensor, array or number."""
    return x._array if isinstance(x, Tensor) else np.asarray(x)


def arrays_of(tree: Any) -> list[Any]:
    """All arrays in a tree of inputs or targets."""
    return [np.asarray(array_of(leaf)) for leaf in flatten(tree)[0] if isinstance(leaf, Tensor) or hasattr(leaf, "dtype")]


def optimizers_of(optimizer: Any) -> tuple[Any, ...]:
    """One optimiser, several, or none."""
    if optimizer is None:
        return ()
    found = tuple(optimizer) if isinstance(optimizer, (list, tuple)) else (optimizer,)
    for one in found:
        if not isinstance(one, optim.Optimizer):
            raise TypeError(f"doctor() takes an optimiser, a list of them or None, not {type(one).__name__}")
    return found
