"""What does a function do, step by step?

`capture(f, args)` calls f once and writes down what a later call must do again: the operations of its forward pass, the steps of its
backward passes as they are (`lowering.py`), the random numbers it draws, and what it does to the world outside (`captured.py`).

While it is captured nothing outside changes: afterwards every Tensor has its value, its gradient and its node back, and every
generator its state. Then the captured call is run like every later one.

Read next: `simplify.py`.
"""

from __future__ import annotations

import gc
import weakref
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.compiler.captured import LARGE, Before, Captured, Effect, Read, Write, anew, hollow
from autograd.compiler.draws import Draw, Draws
from autograd.compiler.lowering import Lowering
from autograd.compiler.updates import Update, by_formula
from autograd.errors import user_line
from autograd.node import MODE, RUNNING, Leaf, Mode, Node, get_mode
from autograd.program import Step
from autograd.random import drawing, watched
from autograd.tape import scopes
from autograd.tensor import Tensor, constant_tensor
from autograd.tracer import INSTEAD, TraceError, stands_alone, type_of, unmistakable
from autograd.tree import flatten


class Capture(Lowering):
    """Watches the one call. A `Tracer` that knows of the world outside."""

    def __init__(self, leaves: list[Tensor]) -> None:
        super().__init__()
        arguments = set(map(id, leaves))
        tensors = [t for t in every_object() if isinstance(t, Tensor) and hasattr(t, "_array") and id(t) not in arguments]
        self.before = [Before(t, t._array, t.node, t.node.grad if isinstance(t.node, Leaf) else None) for t in tensors]
        self.before.sort(key=lambda b: isinstance(b.node, Leaf))  # of several that share an array a leaf counts
        self.owners = {id(b.array): b for b in self.before}
        self.gradients = {id(b.grad._array): b for b in self.before if b.grad is not None}
        self.items: list[Any] = []
        self.roots: list[int] = []
        self.memory: dict[int, int] = {}  # the first place in the memory of an array, by the id of its owner
        self.alive: list[Any] = []
        self.held: list[Any] = []
        self.effects = 0
        self.updates: list[Update] = []
        self.checks: list[tuple[Tensor, Any]] = []
        self.modules: dict[int, Any] = {}
        self.written: dict[tuple[int, bool], Any] = {}
        self.assigned_to: dict[int, Tensor] = {}  # what else changes, changes in another thread
        self.set: set[Leaf] = set()  # whose gradient was replaced
        self.asked: set[Leaf] = set()  # whose gradient of before was looked at
        self.drawn: dict[str, Any] = {}
        self.told, self.quiet = np.geterr(), set[str]()

    # ---- operations -------------------------------------------------------------------------------------------------

    def __call__(self, primitive: Any, arrays: tuple[Any, ...], nodes: tuple[Node | None, ...], params: tuple[Any, ...],
                 results: tuple[Any, ...], tensor: Tensor) -> None:
        from autograd.program import mapped

        operands = tuple(self.place(array, node) for array, node in zip(arrays, nodes))
        for kind, how in np.geterr().items():
            if how == "ignore" != self.told.get(kind):
                self.quiet.add(kind)
            elif how == "raise" != self.told.get(kind):
                raise TraceError(f"{user_line()}: np.errstate({kind}='raise') inside of a compiled function would not be repeated: "
                                 "write it around the call.")
        step = Step(primitive, operands, mapped(params, self.option), (), scopes(get_mode().scope), *type_of(results[0]))
        tensors = [tensor, *(constant_tensor(residual) for residual in results[1:])]
        for t in tensors:
            t._array = unmistakable(t._array)
        if tensor.node is not None and tensor._array is not results[0] and "y" in primitive.keeps:
            at = primitive.keeps.index("y")
            tensor.node.saved = (*tensor.node.saved[:at], tensor._array, *tensor.node.saved[at + 1:])
        depends = any(self.depends[i] for i in step.uses)
        self.items.append(step._replace(results=tuple(self.new(t._array, depends) for t in tensors)))
        if tensor.node is not None:  # a rule that is recorded must meet Tensors, or we would not see what it does
            tensor.node.saved = tuple(self.visible_to(tensor.node, name, value, primitive) for name, value in
                                      zip(primitive.keeps, tensor.node.saved))

    def visible_to(self, node: Node, name: str, value: Any, primitive: Any) -> Any:
        """What a node saved, as a Tensor, unless it is an input or the result, and so has a node of its own."""
        if primitive.sequence and name == primitive.inputs[0]:
            return tuple(x if parent is not None else self.shown(x) for x, parent in zip(value, node.inputs))
        own = name == "y" or (name in primitive.inputs and node.inputs[primitive.inputs.index(name)] is not None)
        return value if own else self.shown(value)

    def new(self, array: Any, depends: bool) -> int:
        """The next place. A large array is not kept alive: when it goes, so does its `id`."""
        place = len(self.seen)
        owner = array
        while isinstance(owner, np.ndarray) and isinstance(owner.base, np.ndarray):
            owner = owner.base
        self.roots.append(self.memory.setdefault(id(owner), place) if isinstance(array, np.ndarray) else place)
        self.depends.append(depends)
        if stands_alone(array):
            self.places[id(array)] = place
        if isinstance(array, np.ndarray) and depends and array.nbytes >= LARGE:
            self.seen.append(hollow(array))
            self.alive += [weakref.ref(array, forget(self.places, id(array))), weakref.ref(owner, forget(self.memory, id(owner)))]
        else:
            self.seen.append(array)
            self.held.append(owner)
        return place

    def place(self, array: Any, node: Node | None = None) -> int:
        """Where an operand is. What is not known yet belongs to a Tensor that existed before, or is a constant."""
        place = self.places.get(id(array)) if stands_alone(array) else None
        if place is not None:
            return place
        owner = self.gradients.get(id(array)) if stands_alone(array) else None
        if owner is not None and owner.grad is not None and owner.grad._array is array:
            return self.read(array, owner, True)
        owner = self.owners.get(id(array)) if stands_alone(array) else None
        if owner is not None and owner.array is array:
            return self.read(array, owner, False)
        if self.looks_into_traced(array):
            raise TraceError(f"{user_line()}: an array is used that was taken out of a captured Tensor (by .data, say). It would have the "
                             "value of the first call in every call: use the Tensor itself.")
        place = self.new(array, False)
        self.constants[place] = (None, array)
        return place

    def read(self, array: Any, owner: Before, gradient: bool) -> int:
        place = self.new(array, True)
        self.items.append(Read(place, owner.tensor, gradient, self.effects))
        return place

    def refuse_value(self, tensor: Tensor, what: str) -> None:
        place = self.place(tensor._array, tensor.node)
        if not self.depends[place]:
            return
        source = next((item for item in self.items if isinstance(item, Read) and item.place == place), None)
        if source is not None and not source.gradient and source.after == 0 and tensor.size <= 64:
            self.checks.append((source.owner, np.array(tensor._array)))
            return
        instead = INSTEAD.get(what, "Keep it a Tensor, or return it and look at the result.")
        raise TraceError(f"{user_line()}: {what} asks for the value of {tensor._describe()} while the function is compiled. Later calls "
                         f"repeat the same operations, and there the value will be another. {instead}")

    def draw(self, draw: Draw, y: Any, tensor: Tensor, state: str) -> None:
        """A generator is asked for numbers. In the same state as before, it gives the same again (`checkpoint` asks for that)."""
        if state in self.drawn:
            tensor._array = self.drawn[state]
            return
        self.drawn[state] = tensor._array = unmistakable(y)
        self.items.append(Step(draw, (), (), (self.new(tensor._array, True),), scopes(get_mode().scope), *type_of(y)))  # type: ignore[arg-type]

    def grad_asked(self, leaf: Leaf) -> None:
        if leaf not in self.set:
            self.asked.add(leaf)

    def grad_set(self, leaf: Leaf) -> None:
        self.set.add(leaf)

    def assigned(self, tensor: Tensor) -> None:
        self.assigned_to[id(tensor)] = tensor

    def entered(self, module: Any) -> None:
        self.modules[id(module)] = module

    # ---- the world outside ------------------------------------------------------------------------------------------

    def effect(self, call: Callable[[], Any], number: bool = False, given: tuple[Any, ...] = ()) -> Any:
        """f calls something that works on arrays. It is not called now; afterwards every Tensor may have another value."""
        if any(isinstance(x, Tensor) and not any(b.tensor is x for b in self.before) for x in given):
            raise TraceError(f"{user_line()}: a Tensor that was computed here is given to something that looks at its value, which a "
                             "compiled function cannot do in between: return it, and do that outside.")
        if by_formula(call) and self.update(call.__self__):  # type: ignore[attr-defined]
            return None
        result = constant_tensor(np.array(np.nan)) if number else None
        self.items.append(Effect(call, tuple(self.changes()), None if result is None else self.new(result._array, True)))
        self.effects += 1
        ours, self.owners, known, self.gradients = self.owners, {}, self.gradients, {}
        for i, b in enumerate(self.before):
            t, leaf, array = b.tensor, b.tensor.node, b.tensor._array
            if isinstance(array, (np.ndarray, np.generic)):
                if id(t) not in self.assigned_to and id(array) not in ours:  # another thread has changed it meanwhile
                    self.before[i] = b = b._replace(array=array)
                t._array = anew(array)
                self.owners[id(t._array)] = b._replace(array=t._array)
            grad = leaf.grad if isinstance(leaf, Leaf) else None
            if isinstance(leaf, Leaf) and grad is not None:
                if leaf not in self.set and leaf not in self.asked and id(grad._array) not in known:
                    self.before[i] = b = b._replace(grad=grad)
                leaf.grad = constant_tensor(anew(grad._array))
                self.gradients[id(leaf.grad._array)] = b._replace(grad=leaf.grad)
        return result

    def update(self, optimizer: Any) -> bool:
        """The step of an optimiser, as one that is told the gradients. (Not where a parameter is in other hands or was just assigned.)"""
        stepped = [p for group in optimizer.param_groups for p in group["params"] if p.size and p.grad is not None]
        at, arrays = {id(b.tensor): i for i, b in enumerate(self.before)}, Counter(id(b.array) for b in self.before)
        if any(id(p) not in at or id(p) in self.assigned_to or arrays[id(self.before[at[id(p)]].array)] > 1 for p in stepped):
            return False
        gradients = tuple(Write(p, True, self.place(p.grad._array, p.grad.node)) for p in stepped)
        self.updates.append(Update(optimizer, stepped))
        self.items.append(Effect(self.updates[-1], gradients))
        self.effects += 1
        for p in stepped:
            b = self.before[at[id(p)]]
            p._array = anew(p._array)
            self.owners[id(p._array)] = b._replace(array=p._array)
        return True

    def changes(self) -> list[Write]:
        """What f has given to Tensors from outside, and not written yet."""
        found = []
        for b in self.before:
            t, leaf = b.tensor, b.tensor.node
            known = self.owners.get(id(t._array))
            same = t._array is b.array or (known is not None and known.tensor is t and known.array is t._array)
            if not same and id(t) in self.assigned_to and self.written.get((id(t), False)) is not t._array:
                found.append(Write(t, False, self.place(t._array, None)))
                self.written[id(t), False] = t._array
            if isinstance(leaf, Leaf) and (leaf in self.set or leaf in self.asked):
                now = leaf.grad._array if leaf.grad is not None else None
                was = self.written.get((id(t), True), self if leaf in self.set else b.grad._array if b.grad is not None else None)
                known = self.gradients.get(id(now))
                if now is not was and not (known is not None and known.tensor is t and known.grad is not None and known.grad._array is now):
                    found.append(Write(t, True, None if now is None else self.place(now, None), leaf not in self.set))
                    self.written[id(t), True] = now
        return found

    def restore(self) -> None:
        """Every Tensor as it was; but not what another thread has changed."""
        for b in self.before:
            known, leaf = self.owners.get(id(b.tensor._array)), b.node
            if id(b.tensor) in self.assigned_to or (known is not None and known.tensor is b.tensor):
                b.tensor._array = b.array
            b.tensor.node = leaf
            if isinstance(leaf, Leaf) and (leaf in self.set or leaf in self.asked or (
                    leaf.grad is not None and id(leaf.grad._array) in self.gradients)):
                leaf.grad = b.grad


def forget(known: dict[int, int], key: int) -> Callable[[Any], None]:
    """What to do when an array goes: its id may be that of another one soon."""

    def gone(_: Any) -> None:
        known.pop(key, None)

    return gone


def capture(f: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], leaves: list[Any]) -> Captured:
    """Call f and write down what it does. `leaves` are the arrays among its arguments, each a fresh Tensor."""
    watch, mode = Capture(leaves), get_mode()
    inputs, given = [watch.new(leaf._array, True) for leaf in leaves], [leaf._array for leaf in leaves]
    collecting = gc.isenabled()
    gc.disable()  # what is met stays alive, so that an id stands for one object
    token, running = MODE.set(Mode(mode.recording, mode.scope, watch)), RUNNING.set(0)
    try:
        with watched() as drawn, drawing(lambda rng, lasts: Draws(rng, lasts, watch)):
            try:
                y = f(*args, **kwargs)
            finally:
                for rng, state in drawn.values():
                    rng.bit_generator.state = state
        outputs, form = flatten(y)
        for out in outputs:
            refuse_loss_of_gradient(out, f)
        places = [watch.place(out._array, out.node) if isinstance(out, Tensor) else watch.place(out) for out in outputs]
        writes = watch.changes()
        if any(leaf._array is not array or leaf.node is not None for leaf, array in zip(leaves, given)):
            raise changed_arguments(f)
    finally:
        MODE.reset(token)
        RUNNING.reset(running)
        watch.restore()
        if collecting:
            gc.enable()
    asked = watch.asked | {item.owner.node for item in watch.items if isinstance(item, Read) and item.gradient and item.after == 0}
    owners = [item.owner for item in watch.items if isinstance(item, Read)] + [write.owner for write in writes]
    owners += [write.owner for item in watch.items if isinstance(item, Effect) for write in item.writes]
    met = {id(owner) for owner in owners}
    arrays = {id(b.array) for b in watch.before if id(b.tensor) in met}
    used = [b for b in watch.before if id(b.tensor) in met or id(b.array) in arrays]
    constants = {place: value for place, (_, value) in watch.constants.items()}
    return Captured(watch.items, inputs, places, form, constants, watch.seen, watch.roots, writes, watch.checks, used, asked,
                    [rng for rng, _ in drawn.values()], list(watch.modules.values()), tuple(watch.quiet - {"invalid"}),
                    tuple(watch.updates))


def every_object() -> list[Any]:
    """What Python's garbage collector knows of, what `gc.freeze()` has put aside included."""
    if gc.get_freeze_count():
        gc.unfreeze()
        found = gc.get_objects()
        gc.freeze()
        return found
    return gc.get_objects()


def changed_arguments(f: Callable[..., Any]) -> TraceError:
    """An argument was given another value, or made to require grad: in a later call it is another array, which would stay as it is."""
    return TraceError(f"compile: {getattr(f, '__name__', 'the function')} changes its arguments (x[i] = v, x += v, requires_grad_()), "
                      "which a later call would not repeat. Compute a new value, x = x + v, or begin with x = x.copy(); to have a "
                      "gradient by an argument compile grad(f).")


def refuse_loss_of_gradient(out: Any, f: Callable[..., Any]) -> None:
    """A result that could still be differentiated would come back as a constant."""
    from autograd.node import FREED

    if isinstance(out, Tensor) and out.node is not None and out.node.saved is not FREED:
        raise TraceError(f"compile: {getattr(f, '__name__', 'the function')} returns {out._describe()} that requires grad, and a compiled "
                         "function gives back plain values: call backward() inside of it and return out.detach(), compile grad(f), or call "
                         "it under no_grad() if no gradient is wanted.")
