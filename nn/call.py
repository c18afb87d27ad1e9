"""How does the tape know which module an operation belongs to?

`Module.__call__` opens a `Call`, a scope that says 'layer1.0.conv1, a Conv2d, its second call', and every node recorded
inside points at it. A module does not know its own name: the name is a matter of where it hangs in the tree. So a call
asks the module whose `forward` is running, its caller, and the module remembers the answer (`_address`: the keys that
lead from the caller to it). An address is checked each time it is used, by following it. That costs a tenth of a
microsecond, and a name can never be stale, whatever was inserted, moved or replaced meanwhile.

Read next: `linear.py`, the first layer.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from autograd.node import Scope

if TYPE_CHECKING:
    from nn.module import Module


class Call(Scope):
    """The scope of one call of one module.

    path, kind, call, parent: as in `Scope`; the path of the outermost module, the root, is empty
    module:  whose `forward` is running; None when it has returned, because a tape must not keep a model alive
    counts:  how often each path was called so far under the root; shared by all calls there
    """

    __slots__ = ("module", "counts")

    module: Module | None
    counts: dict[str, int]


def named_root(module: Module) -> None:
    """The first time that a module is called by nobody, and so is a root: tell all parameters below what they are called."""
    module._address = ""
    name_parameters(module)


def path_under(outer: Call, module: Module) -> str:
    """The path of a module that is called while `outer` runs: relative to the innermost caller that it is a part of."""
    address = module._address
    caller: Any = outer
    while address and caller.__class__ is Call:
        if follow(caller.module, address) is module:
            return joined(caller.path, address)
        caller = caller.parent
    caller = outer
    while caller.__class__ is Call:
        for keys, found in descend(caller.module):
            if found is module:
                module._address = keys[0] if len(keys) == 1 else keys
                path = joined(caller.path, keys)
                name_parameters(module, path)
                return path
        caller = caller.parent
    return joined(outer.path, module.__class__.__name__)  # made on the spot: not a part of any caller


def joined(path: str, keys: str | tuple[Any, ...]) -> str:
    """'encoder' and ('layers', 0) make 'encoder.layers.0'."""
    relative = keys if isinstance(keys, str) else ".".join([str(key) for key in keys])
    return f"{path}.{relative}" if path else relative


def follow(start: Any, keys: str | tuple[Any, ...]) -> Any:
    """What hangs at the end of an address, or None. Keys are attribute names of modules, and keys of lists, tuples and dicts."""
    try:
        for key in (keys,) if isinstance(keys, str) else keys:
            start = start[key] if isinstance(start, (list, tuple, dict)) else start.__dict__[key]
    except (AttributeError, KeyError, IndexError, TypeError):
        return None
    return start


def descend(module: Module | None) -> Iterator[tuple[tuple[Any, ...], Module]]:
    """Every module below this one with its address, nearest first (a shared one at its first address on each level)."""
    level: list[tuple[tuple[Any, ...], Any]] = [((), module)] if module is not None else []
    seen = set()
    while level:
        below = []
        for keys, parent in level:
            if id(parent) not in seen:
                seen.add(id(parent))
                below += [((*keys, *more), child) for more, child in parent._members() if hasattr(child, "_members")]
        yield from below
        level = below


def name_parameters(module: Module, path: str = "") -> None:
    """Write on the parameters what print-outs call them: their paths. A name that the user gave stays."""
    for name, p in module.named_parameters(path):
        if p.requires_grad and (p.name is None or name.endswith(f".{p.name}")):
            p.name = name
