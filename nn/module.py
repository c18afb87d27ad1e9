"""What is a module?

An object whose attributes hold parameters, buffers and other modules, and whose `forward` computes with them. That is
all: nothing is registered. `parameters()`, `state_dict()`, `train()` and their kin walk the attributes, and the lists,
tuples and dicts there, in the order in which they were assigned. What an attribute is called is what its parameters are called.

    class MLP(nn.Module):
        def __init__(self):
            self.layers = [nn.Linear(64, 32), nn.Linear(32, 10)]       # 'layers.0.weight', 'layers.0.bias', ...

        def forward(self, x):
            for layer in self.layers[:-1]:
                x = layer(x).relu()
            return self.layers[-1](x)

A module used in two places is one module: its parameters are yielded once. (PyTorch's names and defaults throughout.)

Read next: `call.py`, what happens when a module is called.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, nullcontext
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from autograd.node import MODE, SETTINGS, Leaf, Mode, get_mode, type_text
from autograd.suggestions import TORCH_MODULES, Unavailable
from autograd.tensor import Tensor
from nn.call import Call, joined, named_root, path_under
from nn.hooks import Handle, Hook, call_with_hooks
from nn.parameter import Buffer, Parameter, cast

if TYPE_CHECKING:
    from numpy.typing import DTypeLike

new = object.__new__
Self = TypeVar("Self", bound="Module")
Keys = tuple[Any, ...]
"""An address: the name of an attribute, followed by keys of the lists, tuples and dicts in it."""


class LoadResult(NamedTuple):
    """What `load_state_dict(strict=False)` let pass."""

    missing_keys: list[str]
    unexpected_keys: list[str]


class Module:
    """The base of all layers, losses and models. A subclass defines `forward`; calling the module calls it.

    training:  whether dropout, batch normalisation and the like behave as in training; see `train()` and `eval()`

    >>> import nn
    >>> model = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
    >>> [name for name, p in model.named_parameters()]
    ['0.weight', '0.bias', '2.weight', '2.bias']
    >>> model
    Sequential(
      (0): Linear(in_features=64, out_features=32, bias=True)  # 2,080
      (1): ReLU()
      (2): Linear(in_features=32, out_features=10, bias=True)  # 330
    )  # 2,410 parameters
    """

    training: bool = True
    _frozen: bool = False  # stays in evaluation mode whatever train() says; see freeze.py
    _mode: bool = True  # while frozen: what `training` would be now, and is again once unfrozen
    _address: Any = None  # where the last caller found us, '' for a root; see call.py
    _hooks: tuple[Handle, ...] = ()

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """The computation; every subclass defines it."""
        raise NotImplementedError(f"{type(self).__name__} does not define forward(): write 'def forward(self, x): return ...' in the class")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        mode = get_mode()
        outer: Any = mode.scope
        call = new(Call)
        if outer.__class__ is Call:
            name, caller = self._address, outer.module
            if caller is not None and caller.__dict__.get(name) is self:
                path = f"{outer.path}.{name}" if outer.path else name
            else:
                path = path_under(outer, self)
            counts = outer.counts
            call.call = n = counts.get(path, 0)
            counts[path] = n + 1
        else:
            if self._address != "":
                named_root(self)
            path, counts, call.call = "", {}, 0
        call.path, call.kind, call.parent, call.module, call.counts = path, self.__class__.__name__, outer, self, counts
        inside = new(Mode)
        inside.recording, inside.scope, inside.observer = mode.recording, call, mode.observer
        token = MODE.set(inside)
        try:
            if mode.observer is not None:
                mode.observer.entered(self)
            return call_with_hooks(self, args, kwargs) if self._hooks else self.forward(*args, **kwargs)
        finally:
            MODE.reset(token)
            call.module = None

    def __setattr__(self, name: str, value: Any) -> None:
        # Nothing is registered here. But a plain value in the place of a parameter would silently no longer be trained or saved,
        # and one of another shape would broadcast, or fail much later.
        held = self.__dict__.get(name)
        if isinstance(held, (Parameter, Buffer)) and value is not None:
            place, kind, trained = f"{type(self).__name__}.{name}", type(held).__name__, isinstance(held, Parameter)
            if not isinstance(value, (Parameter, Buffer)):
                raise TypeError(f"{place} is a {kind} of shape {held.shape}, and a plain {type(value).__name__} "
                                f"cannot take its place: it would no longer be {'trained or saved' if trained else 'saved'}.\n"
                                f"To change the values write .{name}.assign(tensor){' under no_grad()' if trained else ''}; "
                                f"to put in another one, nn.{kind}(...); to remove it, None.")
            if value.shape != held.shape:
                raise ValueError(f"{place} is a {kind} of shape {held.shape}, and one of shape {value.shape} cannot take its place: the "
                                 f"{type(self).__name__} was made for that shape.\nMake a new {type(self).__name__} of the size that you "
                                 f"want; if the other shape is meant, write .{name} = None first.")
        object.__setattr__(self, name, value)
        SETTINGS[0] += 1

    # ---- the walk ---------------------------------------------------------------------------------------------------

    def _members(self) -> Iterator[tuple[Keys, Module | Parameter | Buffer]]:
        """What this module holds itself, with its address."""
        for name, value in tuple(self.__dict__.items()):  # who walks may call the module, which then learns its address
            yield from members((name,), value, self)

    def named_modules(self, prefix: str = "", remove_duplicate: bool = True) -> Iterator[tuple[str, Module]]:
        """This module and all below, with their paths; parents before children."""
        seen: set[int] = set()
        stack: list[tuple[str, Module, frozenset[int]]] = [(prefix, self, frozenset())]
        while stack:
            path, module, above = stack.pop()
            if id(module) in (seen if remove_duplicate else above):
                continue
            seen.add(id(module))
            yield path, module
            above |= {id(module)}
            stack += [(joined(path, keys), child, above) for keys, child in module._members() if isinstance(child, Module)][::-1]

    def _named(self, kind: type[Any], prefix: str = "", recurse: bool = True, remove_duplicate: bool = True) -> Iterator[tuple[str, Any]]:
        seen: set[int] = set()
        for path, module in self.named_modules(prefix, remove_duplicate) if recurse else [(prefix, self)]:
            for keys, value in module._members():
                if isinstance(value, kind) and not (remove_duplicate and id(value) in seen):
                    seen.add(id(value))
                    yield joined(path, keys), value

    def named_parameters(self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True) -> Iterator[tuple[str, Parameter]]:
        """Every parameter with its path, such as 'layer1.0.weight'."""
        return self._named(Parameter, prefix, recurse, remove_duplicate)

    def named_buffers(self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True) -> Iterator[tuple[str, Buffer]]:
        """Every buffer with its path."""
        return self._named(Buffer, prefix, recurse, remove_duplicate)

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """The modules this one holds itself, with their names."""
        return self._named(Module, recurse=False)

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """Every parameter once."""
        return (p for _, p in self.named_parameters(recurse=recurse))

    def buffers(self, recurse: bool = True) -> Iterator[Buffer]:
        """Every buffer once."""
        return (b for _, b in self.named_buffers(recurse=recurse))

    def modules(self) -> Iterator[Module]:
        """This module and all below, each once."""
        return (m for _, m in self.named_modules())

    def children(self) -> Iterator[Module]:
        """The modules this one holds itself."""
        return (m for _, m in self.named_children())

    def get_submodule(self, path: str) -> Module:
        """The module at a path such as 'layer1.0'. Raises KeyError, naming the nearest paths, if there is none."""
        modules = dict(self.named_modules(remove_duplicate=False))
        if path not in modules:
            import difflib

            near = difflib.get_close_matches(path, modules, n=3) or list(modules)[1:6]
            raise KeyError(f"{type(self).__name__} has no module at {path!r}; there are {', '.join(map(repr, near))}, ...")
        return modules[path]

    # ---- what is done to every one of them --------------------------------------------------------------------------

    def train(self: Self, mode: bool = True) -> Self:
        """Behave as in training (dropout drops, batch normalisation uses the batch). Returns the module."""
        if not isinstance(mode, bool):
            raise TypeError(f"train() takes True or False, not {mode!r}")
        for module in self.modules():
            module.training = mode and not module._frozen
            if module._frozen:
                module._mode = mode
        return self

    def eval(self: Self) -> Self:
        """Behave as in use: no randomness, running statistics. Returns the module."""
        return self.train(False)

    def requires_grad_(self: Self, requires_grad: bool = True) -> Self:
        """Freeze (False) or unfreeze the parameters. Returns the module."""
        for name, p in self.named_parameters():
            p.requires_grad_(requires_grad, p.name or name)
        return self

    def zero_grad(self) -> None:
        """Forget the gradients of all parameters."""
        for p in self.parameters():
            p.zero_grad()

    def apply(self: Self, function: Callable[[Module], Any]) -> Self:
        """Call `function` once on every module below and on this one, children first. Returns the module."""
        seen: set[int] = set()

        def visit(module: Module) -> None:
            if id(module) not in seen:
                seen.add(id(module))
                for child in list(module.children()):
                    visit(child)
                function(module)

        visit(self)
        return self

    def to(self: Self, dtype: DTypeLike) -> Self:
        """Give all floating-point parameters and buffers another dtype, in place. Returns the module.

        Raises TypeError for a dtype that is not floating-point or complex; nothing is changed then.
        """
        for _, owned in self._named((Parameter, Buffer)):  # type: ignore[arg-type]
            cast(owned, dtype)
        return self

    astype = to

    # ---- state --------------------------------------------------------------------------------------------------------

    def _state(self, prefix: str = "") -> dict[str, Parameter | Buffer]:
        """What is saved: parameters and persistent buffers. A shared one stands under each of its paths, as in PyTorch."""
        state: dict[str, Parameter | Buffer] = {}
        for path, module in self.named_modules(prefix, remove_duplicate=False):
            own = [(joined(path, keys), value) for keys, value in module._members() if isinstance(value, (Parameter, Buffer))]
            own.sort(key=lambda named: isinstance(named[1], Buffer))  # parameters first, as in PyTorch
            for name, value in own:
                if getattr(value, "persistent", True) and state.setdefault(name, value) is not value:
                    raise ValueError(f"{type(self).__name__} has two things at {name!r}, {about(state[name])} and {about(value)}, and a "
                                     "state holds one under each path: rename one of them (the keys 1 and '1' of a dict, or an attribute "
                                     "'a.b' and b in a, make the same path).")
        return state

    def state_dict(self, prefix: str = "") -> dict[str, Any]:
        """The values of all parameters and persistent buffers by path, as read-only NumPy arrays.

        It is a snapshot without a copy: training on writes to fresh memory and leaves these arrays as they are.
        """
        return {name: value.data for name, value in self._state(prefix).items()}

    def load_state_dict(self, state_dict: Mapping[str, Any], strict: bool = True) -> LoadResult:
        """Copy values into the parameters and buffers, by path.

        state_dict:  anything array-like under each path: our own `state_dict()`, or PyTorch's
        strict:      False lets keys be missing or unexpected; they are returned. Shapes must fit anyway

        A lazy layer that was not called yet takes its size from the state.
        Raises RuntimeError listing every problem (missing, unexpected, wrong shape, no number); nothing is changed then.
        """
        if not isinstance(state_dict, Mapping):
            raise TypeError(f"load_state_dict() takes a dict from paths to arrays, not {type(state_dict).__name__}")
        with ExitStack() as sizes:
            for path, module in list(self.named_modules()):
                sizes.enter_context(module._sized_by(state_dict, path))
            return self._load(state_dict, strict)

    def _sized_by(self, state_dict: Mapping[str, Any], path: str) -> AbstractContextManager[None]:
        """Take the size from a state, and give it up if it turns out not to fit: for lazy layers."""
        return nullcontext()

    def _load(self, state_dict: Mapping[str, Any], strict: bool) -> LoadResult:
        own, problems = self._state(), []
        missing = [name for name in own if name not in state_dict]
        unexpected = [name for name in state_dict if name not in own]
        arrays = {}
        for name in [name for name in own if name in state_dict]:  # in order: of two paths to one parameter the last one counts
            try:
                arrays[name] = Tensor(state_dict[name]).data
            except (TypeError, ValueError) as error:
                problems.append(f"{name}: {error}")
                continue
            if arrays[name].shape != own[name].shape:
                problems.append(f"{name}: the model has {about(own[name])}, the state has {about(arrays[name])}")
            elif arrays[name].dtype.kind == "c" and own[name].dtype.kind != "c":
                problems.append(f"{name}: the model has {about(own[name])}, and complex values would lose their imaginary parts")
        if strict:
            problems += [f"{name}: missing in the state; the model has {about(own[name])}" for name in missing]
            problems += [f"{name}: in the state, but not in the model" for name in unexpected]
        if problems:
            order = {name: i for i, name in enumerate([*own, *map(str, unexpected)])}
            problems.sort(key=lambda line: order.get(line.split(": ")[0], 0))
            raise RuntimeError(f"this state does not fit the {type(self).__name__} (nothing was changed):\n  " + "\n  ".join(problems))
        for name, array in arrays.items():
            with own[name].writing() as values:
                values[...] = array
        return LoadResult(missing, unexpected)

    # ---- hooks --------------------------------------------------------------------------------------------------------

    def register_forward_pre_hook(self, hook: Hook) -> Handle:
        """Before each call: hook(module, args) -> None, or other arguments. Returns a handle with `remove()`."""
        return Handle(self, "before", hook)

    def register_forward_hook(self, hook: Hook) -> Handle:
        """After each call: hook(module, args, output) -> None, or another output. Returns a handle with `remove()`."""
        return Handle(self, "after", hook)

    def register_full_backward_pre_hook(self, hook: Hook) -> Handle:
        """When the gradient of an output arrives: hook(module, grad_output) -> None, or another one. Returns a handle with `remove()`."""
        return Handle(self, "receiving", hook)

    def register_full_backward_hook(self, hook: Hook) -> Handle:
        """When the gradients of the inputs are known: hook(module, grad_input, grad_output) -> None, or another grad_input.
        Returns a handle with `remove()`."""
        return Handle(self, "backward", hook)

    # ---- in words -----------------------------------------------------------------------------------------------------

    def extra_repr(self) -> str:
        """What the print-out shows between the brackets: the arguments that made this layer."""
        return ""

    def __repr__(self) -> str:
        text, count = self._lines(), sum(p.size for p in self.parameters())
        return text if not count or "\n" not in text else f"{text[: text.rindex(')')]})  # {count:,} parameters"

    def _lines(self, above: tuple[Module, ...] = ()) -> str:
        if any(self is module for module in above):  # a module may hold its parent
            return f"{type(self).__name__}(...)  # above"
        own, children = self.extra_repr(), list(self.named_children())
        if children:
            inner = [*([own] if own else []), *(f"({name}): {child._lines((*above, self))}" for name, child in children)]
            return f"{type(self).__name__}(\n  " + "\n".join(inner).replace("\n", "\n  ") + "\n)"
        count, frozen = (sum(p.size for p in self.parameters() if p.requires_grad or not only) for only in (False, True))
        note = f"  # {count:,}{' (frozen)' if not frozen else ''}" if count else ""
        return f"{type(self).__name__}({own}){note}"

    def place(self) -> str:
        """For messages: "Linear(in_features=64, ...) at '0'"."""
        scope = get_mode().scope
        path = scope.path if isinstance(scope, Call) and scope.module is self else ""
        return f"{type(self).__name__}({self.extra_repr()})" + (f" at {path!r}" if path else "")

    def shape_of(self, x: Any, what: str = "the input") -> tuple[int, ...]:
        """The shape of an array or Tensor; TypeError for anything else."""
        if isinstance(x, Tensor) or hasattr(x, "__array_function__"):
            return x.shape  # type: ignore[no-any-return]
        raise TypeError(f"{self.place()} takes arrays and Tensors, but {what} is of type {type(x).__name__}: "
                        "write numpy.array(..., dtype=numpy.float32) or autograd.tensor(...)")


for _name, _instead in TORCH_MODULES.items():
    setattr(Module, _name, Unavailable(_name, _instead))


def members(keys: Keys, value: Any, of: Module) -> Iterator[tuple[Keys, Module | Parameter | Buffer]]:
    """The modules, parameters and buffers in one attribute."""
    if isinstance(value, (Module, Parameter, Buffer)):
        yield keys, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from members((*keys, key), item, of)
    elif isinstance(value, (list, tuple)):
        for key, item in enumerate(value):
            yield from members((*keys, key), item, of)
    elif isinstance(value, Tensor) and isinstance(value.node, Leaf):
        raise TypeError(f"{type(of).__name__}.{joined('', keys)} is a Tensor that requires grad, but no Parameter, so it would be "
                        "neither trained nor saved: write nn.Parameter(...)")


def about(array: Any) -> str:
    return type_text(array.shape, array.dtype)
