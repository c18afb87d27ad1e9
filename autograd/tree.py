"""What is a tree of arrays?

Functions take and return not only arrays but tuples, lists and dicts of them, nested as one likes. `flatten` takes such
a tree apart into its leaves and a `Structure` that remembers the containers; `Structure.unflatten` builds it again.

Read next: `recording.py`, which uses it for arguments and results.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any


class Structure:
    """The containers of a tree, without its leaves. Two trees of equal structure can be walked side by side."""

    __slots__ = ("kind", "keys", "children")

    def __init__(self, kind: type | None, keys: tuple[Any, ...] = (), children: tuple[Structure, ...] = ()) -> None:
        self.kind = kind
        self.keys = keys
        self.children = children

    def __eq__(self, other: object) -> bool:
        return (isinstance(other, Structure) and self.kind is other.kind and self.keys == other.keys
                and self.children == other.children)

    def __hash__(self) -> int:
        return hash((self.kind, self.keys, self.children))

    def __repr__(self) -> str:
        if self.kind is None:
            return "*"
        if self.kind is type(None):
            return "None"
        if issubclass(self.kind, dict):
            return "{" + ", ".join(f"{k!r}: {c!r}" for k, c in zip(self.keys, self.children)) + "}"
        inner = ", ".join(map(repr, self.children))
        return f"[{inner}]" if issubclass(self.kind, list) else f"({inner})"

    @property
    def size(self) -> int:
        """The number of leaves."""
        return 1 if self.kind is None else sum(child.size for child in self.children)

    def unflatten(self, leaves: Sequence[Any]) -> Any:
        """The tree with these leaves."""
        tree, rest = self._take(list(leaves)[::-1])
        if rest:
            raise ValueError(f"{len(rest)} leaves too many for a tree of structure {self}")
        return tree

    def _take(self, stack: list[Any]) -> tuple[Any, list[Any]]:
        if self.kind is None:
            return stack.pop(), stack
        if self.kind is type(None):
            return None, stack
        values = [child._take(stack)[0] for child in self.children]
        make: Any = self.kind if self.kind in (dict, OrderedDict) or not issubclass(self.kind, dict) else dict
        if issubclass(self.kind, dict):
            return make(zip(self.keys, values)), stack
        return (make(*values) if hasattr(make, "_fields") else make(values)), stack  # a named tuple takes its fields one by one


LEAF = Structure(None)


def flatten(tree: Any) -> tuple[list[Any], Structure]:
    """The leaves of a tree, from left to right, and its structure. Dicts are walked in insertion order; None has no leaves."""
    if tree is None:
        return [], Structure(type(None))
    if isinstance(tree, dict):
        keys, values = tuple(tree), list(tree.values())
    elif isinstance(tree, (list, tuple)):
        keys, values = (), list(tree)
    else:
        return [tree], LEAF
    leaves, children = [], []
    for value in values:
        found, structure = flatten(value)
        leaves += found
        children.append(structure)
    return leaves, Structure(type(tree), keys, tuple(children))


def map_tree(function: Callable[..., Any], tree: Any, *others: Any) -> Any:
    """Apply a function to the leaves of trees of equal structure, and build the tree of the results."""
    leaves, structure = flatten(tree)
    columns = [leaves]
    for other in others:
        found, same = flatten(other)
        if same != structure:
            raise ValueError(f"trees of different structure: {structure} and {same}")
        columns.append(found)
    return structure.unflatten([function(*row) for row in zip(*columns)])
