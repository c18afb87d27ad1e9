"""Which part of a graph is asked for?

    focus(graph, "fc.weight")               what is at most two wires away
    path(graph, "conv1.weight", "%40")      what lies between two values
    find(graph, "conv")                     what has this in its name, operation, module, type or line

A name is that of a value ('%3', 'x'), of a parameter ('layer1.0.conv1.weight'), or of a module ('layer1.0', all its calls; or
'cell#2', its third one). Positions of nodes come back; a view shows them alone (`Options.only`) and counts the rest.

Read next: `diff.py`.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

from autograd.drawing.graph import GraphIR
from autograd.drawing.groups import Groups


def focus(graph: GraphIR, name: str, hops: int = 2) -> frozenset[int]:
    """The nodes that are at most `hops` wires away from a value or a module, against the wires or along them.

    Raises KeyError if there is nothing of that name, ValueError for a negative number of hops.
    """
    if type(hops) is not int or hops < 0:
        raise ValueError(f"hops={hops}: a distance is a whole number, and cannot be negative; hops=0 is the node itself")
    uses = graph.uses()
    found = set(positions(graph, name))
    edge = list(found)
    for _ in range(hops):
        following = []
        for i in edge:
            near = [operand.source for operand in graph.nodes[i].operands if operand.source >= 0]
            for other in near + [place for place, _ in uses[i]]:
                if other not in found:
                    found.add(other)
                    following.append(other)
        edge = following
    return frozenset(found)


def path(graph: GraphIR, start: str, end: str = "") -> frozenset[int]:
    """The nodes on all ways from one value, parameter or module to another, ends included; without `end`, to the outputs.

    Raises KeyError if there is nothing of a name, ValueError if no way leads from one to the other.
    """
    first = set(positions(graph, start))
    last = set(graph.outputs) if isinstance(end, str) and not end else set(positions(graph, end))
    found = between(graph, first, last)
    if not found:
        back = f"; it leads the other way: path({end!r}, {start!r})" if between(graph, last, first) else ""
        raise ValueError(f"no path leads from {start!r} to {end or 'an output'!r}: the one does not depend on the other{back}")
    return found


def between(graph: GraphIR, first: set[int], last: set[int]) -> frozenset[int]:
    """The nodes that depend on one of `first` and that one of `last` depends on."""
    after = [i in first for i in range(len(graph.nodes))]
    before = [i in last for i in range(len(graph.nodes))]
    for i, node in enumerate(graph.nodes):
        if not after[i]:
            after[i] = any(operand.source >= 0 and after[operand.source] for operand in node.operands)
    for i in range(len(graph.nodes) - 1, -1, -1):
        if before[i]:
            for operand in graph.nodes[i].operands:
                if operand.source >= 0:
                    before[operand.source] = True
    return frozenset(i for i in range(len(graph.nodes)) if after[i] and before[i])


def find(graph: GraphIR, text: str) -> tuple[int, ...]:
    """The nodes that have the text in their name, operation, type, module or line of source; capital letters do not matter."""
    text = text.casefold()
    modules = ["\n".join((graph.path(k), scope.kind)) for k, scope in enumerate(graph.scopes)]
    words = ((node.name, node.op, node.type, node.line, modules[node.scope] if node.scope >= 0 else "") for node in graph.nodes)
    return tuple(i for i, about in enumerate(words) if text in "\n".join(about).casefold())


def positions(graph: GraphIR, name: str) -> list[int]:
    """The nodes of this name: a value or a parameter, or all the operations of a module. Raises KeyError, naming near ones."""
    if not isinstance(name, str):
        raise TypeError(f"a part of a graph is asked for by its name, as it stands in the picture ('x', '%3', 'layer1.0'), and not by "
                        f"{type(name).__name__}")
    for i, node in enumerate(graph.nodes):
        if node.name == name:
            return [i]
    inside = [False] * len(graph.scopes)
    for k, scope in enumerate(graph.scopes):
        own = name in (scope.path, graph.path(k)) or scope.path.startswith(name + ".")
        inside[k] = own or (scope.parent >= 0 and inside[scope.parent])
    found = [i for i, node in graph.ops if node.scope >= 0 and inside[node.scope]]
    if found and name:
        return found
    if any(node.name == name for node in graph.unreached):
        raise KeyError(f"{name!r} is a parameter of this model that the outputs do not depend on: it is not in the graph")
    raise KeyError(unknown(name, [*(node.name for node in graph.nodes), *(graph.path(k) for k in range(len(graph.scopes)))]))


def unknown(name: str, names: Sequence[str]) -> str:
    """What to say about a name that is not there."""
    near = difflib.get_close_matches(name, dict.fromkeys(names[:20_000]), n=5) or list(dict.fromkeys(names))[:5]
    return f"there is no {name!r} in this graph; there are {', '.join(map(repr, near))}" + (", ..." if len(names) > len(near) else "")


# ---- groups ------------------------------------------------------------------------------------------------------------


def opened(groups: Groups, open: frozenset[int], names: Sequence[str] = ()) -> frozenset[int]:
    """The open groups after these were opened, with all around them; without names, all. Raises KeyError for an unknown name."""
    if not names:
        return frozenset(range(len(groups.table)))
    result = set(open)
    for k in named(groups, names):
        while k >= 0:
            result.add(k)
            k = groups.table[k].parent
    return frozenset(result)


def shut(groups: Groups, open: frozenset[int], names: Sequence[str] = ()) -> frozenset[int]:
    """The open groups after these were closed; without names, none. Raises KeyError for an unknown name."""
    return open - frozenset(named(groups, names)) if names else frozenset()


def named(groups: Groups, names: Iterable[str]) -> list[int]:
    """The groups of these names: 'layer1.0', 'cell' (all its calls), 'cell#2', 'BasicBlock ×3', or a class: 'BasicBlock'."""
    found = []
    for name in names:
        same = [k for k, group in enumerate(groups.table) if name in (group.title, group.label) or (
            group.kind == "module" and group.title.startswith(name + "#"))]
        if not same:
            if not groups.table:
                raise KeyError(f"there is no {name!r} to open or close: this graph has no modules and is too small to be divided")
            raise KeyError(unknown(name, [group.title for group in groups.table]))
        found += same
    return found
