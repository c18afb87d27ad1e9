"""How are modules put together?

`Sequential` calls one after the other. A plain list, tuple or dict of modules in an attribute works too (see `module.py`);
`ModuleList` and `ModuleDict` are for those who want the list itself to be a module, with PyTorch's names.

The modules of a container are its attributes, under the names '0', '1', ... or their keys, like those of any other module.

Read next: `loss/__init__.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, overload

from autograd.node import SETTINGS
from nn.module import Module


class ModuleList(Module):
    """A list of modules. Calling them is up to the module that holds it.

    modules:  an iterable of modules
    """

    def __init__(self, modules: Iterable[Module] = ()) -> None:
        self._set(list(modules))

    def _held(self) -> list[Module]:
        return [module for module in self.__dict__.values() if isinstance(module, Module)]

    def _names(self) -> list[str]:
        return [name for name, module in self.__dict__.items() if isinstance(module, Module)]

    def _set(self, modules: Iterable[Module] | Mapping[str, Module]) -> None:
        """Hold these modules and no others; numbered, unless given with names."""
        named = dict(modules) if isinstance(modules, Mapping) else {str(i): module for i, module in enumerate(modules)}
        for name, module in named.items():
            check(self, name, module)
        for name in self._names():
            del self.__dict__[name]
        self.__dict__.update(named)
        SETTINGS[0] += 1

    def __len__(self) -> int:
        return len(self._held())

    def __iter__(self) -> Iterator[Module]:
        return iter(self._held())

    @overload
    def __getitem__(self, i: int) -> Module: ...
    @overload
    def __getitem__(self, i: slice) -> ModuleList: ...
    def __getitem__(self, i: int | slice) -> Module | ModuleList:
        if not isinstance(i, slice):
            return self._held()[self._index(i)]
        part = type(self).__new__(type(self))
        names, held = self._names()[i], self._held()[i]
        part._set(held if all(name.isdigit() for name in names) else dict(zip(names, held)))
        return part

    def __setitem__(self, i: int, module: Module) -> None:
        name = self._names()[self._index(i)]
        check(self, name, module)
        self.__dict__[name] = module
        SETTINGS[0] += 1

    def __delitem__(self, i: int | slice) -> None:
        names, held = self._names(), self._held()
        del names[i], held[i]
        self._set(held if all(name.isdigit() for name in names) else dict(zip(names, held)))

    def _index(self, i: int) -> int:
        n = len(self)
        if not -n <= i < n:
            raise IndexError(f"{type(self).__name__} has {n} modules: there is no number {i}")
        return i

    def insert(self, i: int, module: Module) -> None:
        """Put a module before number i; those behind it are renumbered."""
        held = self._held()
        held.insert(i, module)
        self._set(held)

    def append(self, module: Module) -> ModuleList:
        """Add a module at the end. Returns the container."""
        return self.extend([module])

    def extend(self, modules: Iterable[Module]) -> ModuleList:
        """Add modules at the end. Returns the container."""
        held = dict(zip(self._names(), self._held()))
        self._set(held | {str(len(held) + i): module for i, module in enumerate(modules)})
        return self


class Sequential(ModuleList):
    """Modules called one after the other: y = layer_n(... layer_1(x)).

    modules:  the layers in order, or one dict that also names them

    >>> import nn
    >>> nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))[0]
    Linear(in_features=64, out_features=32, bias=True)  # 2,080
    """

    def __init__(self, *modules: Any) -> None:
        self._set(modules[0] if len(modules) == 1 and isinstance(modules[0], Mapping) else modules)

    def forward(self, x: Any) -> Any:
        for layer in self._held():
            x = layer(x)
        return x


class ModuleDict(Module):
    """A dict of modules.

    modules:  a mapping from names to modules
    """

    def __init__(self, modules: Mapping[str, Module] | None = None) -> None:
        self.update(modules or {})

    def __getitem__(self, name: str) -> Module:
        module = self.__dict__.get(name)
        if not isinstance(module, Module):
            raise KeyError(f"there is no {name!r} in this ModuleDict; there are {', '.join(map(repr, self.keys()))}")
        return module

    def __setitem__(self, name: str, module: Module) -> None:
        self.update({name: module})

    def __delitem__(self, name: str) -> None:
        self[name]
        del self.__dict__[name]
        SETTINGS[0] += 1

    def __len__(self) -> int:
        return len(self.keys())

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def __contains__(self, name: str) -> bool:
        return name in self.keys()

    def keys(self) -> list[str]:
        """The names, in order of insertion."""
        return [name for name, module in self.__dict__.items() if isinstance(module, Module)]

    def values(self) -> list[Module]:
        """The modules, in order of insertion."""
        return [self[name] for name in self.keys()]

    def items(self) -> list[tuple[str, Module]]:
        """(name, module), in order of insertion."""
        return list(zip(self.keys(), self.values()))

    def update(self, modules: Mapping[str, Module]) -> None:
        """Add modules, or replace those of the same name. Nothing is changed if one of them is refused."""
        for name, module in modules.items():
            check(self, name, module)
        self.__dict__.update(modules)
        SETTINGS[0] += 1


def check(container: Module, name: Any, module: Any) -> None:
    """Refuse what is no module, and names that already mean something else."""
    if isinstance(module, type) and issubclass(module, Module):
        raise TypeError(f"{type(container).__name__} holds modules, and {module.__name__} is a class: write {module.__name__}(...)")
    if not isinstance(module, Module):
        hint = " (for the function relu write nn.ReLU())" if callable(module) else ""
        raise TypeError(f"{type(container).__name__} holds modules, but number or name {name!r} is {module!r}{hint}")
    if not isinstance(name, str) or not name or "." in name:
        raise ValueError(f"the name of a module is a word without a dot, not {name!r}")
    if hasattr(type(container), name) or (name in container.__dict__ and not isinstance(container.__dict__[name], Module)):
        raise ValueError(f"a {type(container).__name__} cannot hold a module called {name!r}: that is an attribute of its own")
