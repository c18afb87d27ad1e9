"""How does one look into a module, or change what passes, without touching its code?

By hooks, four kinds through one mechanism, called in the order they were registered:

    before      hook(module, args)                      -> None, or other arguments
    after       hook(module, args, output)              -> None, or another output
    receiving   hook(module, grad_output)               -> None, or another gradient of the output
    backward    hook(module, grad_input, grad_output)   -> None, or another gradient of the input

The names under which one registers them are PyTorch's (`Module.register_forward_hook`, ...). A module without hooks
pays one test for an empty attribute.

Read next: `container.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from autograd import Tensor, ops
from autograd.tree import flatten

if TYPE_CHECKING:
    from nn.module import Module

Hook = Callable[..., Any]


class Handle:
    """One registered hook. `handle.remove()`, or leaving a `with handle:` block, takes it away again."""

    def __init__(self, module: Module, kind: str, hook: Hook) -> None:
        if not callable(hook):
            raise TypeError(f"a hook is a function, not {hook!r}")
        self.module, self.kind, self.hook = module, kind, hook
        module._hooks = (*module._hooks, self)

    def remove(self) -> None:
        """Take the hook away; doing it twice is harmless."""
        self.module._hooks = tuple(handle for handle in self.module._hooks if handle is not self)

    def __enter__(self) -> Handle:
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()

    def __repr__(self) -> str:
        return f"<{self.kind} hook {getattr(self.hook, '__name__', self.hook)}>"


def call_with_hooks(module: Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """`module.forward(*args, **kwargs)` with everything that is hooked around it."""
    hooks: dict[str, list[Hook]] = {"before": [], "after": [], "receiving": [], "backward": []}
    for handle in module._hooks:
        hooks[handle.kind].append(handle.hook)
    for hook in hooks["before"]:
        result = hook(module, args)
        if result is not None:
            args = result if isinstance(result, tuple) else (result,)
    passage = Passage(module, hooks) if hooks["receiving"] or hooks["backward"] else None
    if passage is not None:
        args = passage.watch_inputs(args)
    output = module.forward(*args, **kwargs)
    for hook in hooks["after"]:
        result = hook(module, args, output)
        if result is not None:
            output = result
    return output if passage is None else passage.watch_outputs(output)


class Passage:
    """One call of a module with backward hooks. Its Tensors go in and come out through identity nodes, where the gradients
    are caught: first those of the outputs arrive, then those of the inputs.

    The hooks on the inputs run when the gradients of all inputs that require one have arrived. Only of a single input can
    the gradient be replaced.
    """

    def __init__(self, module: Module, hooks: dict[str, list[Hook]]) -> None:
        self.module, self.hooks = module, hooks
        self.grad_input: list[Tensor | None] = []
        self.grad_output: list[Tensor | None] = []
        self.places: list[int] = []

    def watch_inputs(self, args: tuple[Any, ...]) -> tuple[Any, ...]:
        self.places = [i for i, x in enumerate(args) if isinstance(x, Tensor) and x.requires_grad] if self.hooks["backward"] else []
        self.grad_input = [None] * len(args)
        watched = list(args)
        for i in self.places:
            watched[i] = ops.identity(args[i])
            if watched[i].requires_grad:  # not under no_grad
                watched[i].register_hook(lambda g, i=i: self.input_arrived(i, g))
        return tuple(watched)

    def watch_outputs(self, output: Any) -> Any:
        leaves, structure = flatten(output)
        self.grad_output = [None] * len(leaves)
        for i, y in enumerate(leaves):
            if isinstance(y, Tensor) and y.requires_grad:
                leaves[i] = ops.identity(y)
                if leaves[i].requires_grad:
                    leaves[i].register_hook(lambda g, i=i: self.output_arrived(i, g))
        return structure.unflatten(leaves)

    def output_arrived(self, i: int, g: Tensor) -> Tensor:
        self.grad_output[i] = g
        for hook in self.hooks["receiving"]:
            result = hook(self.module, tuple(self.grad_output))
            if result is not None:
                self.grad_output[i] = g = result[i] if isinstance(result, tuple) else result
        if self.hooks["backward"] and not self.places:  # no gradient will come out below: this is the last we see
            self.tell()
        return g

    def input_arrived(self, i: int, g: Tensor) -> Tensor:
        self.grad_input[i] = g
        if any(self.grad_input[k] is None for k in self.places):
            return g
        replaced = self.tell()
        self.grad_input = [None] * len(self.grad_input)  # ready for another backward pass
        return g if replaced is None else replaced

    def tell(self) -> Tensor | None:
        """Run the backward hooks; what replaces the gradient of the (only) input, or None."""
        replaced = None
        for hook in self.hooks["backward"]:
            result = hook(self.module, tuple(self.grad_input), tuple(self.grad_output))
            if result is not None:
                if len(self.places) != 1:
                    name, n = type(self.module).__name__, len(self.places)
                    raise TypeError(f"a backward hook of {name} returned a gradient, but the call has {n} inputs that require grad: "
                                    "only of a single one can the gradient be replaced")
                replaced = result[self.places[0]] if isinstance(result, tuple) else result
                self.grad_input[self.places[0]] = replaced
        return replaced
