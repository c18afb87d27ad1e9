"""What is to be seen?

A `View` is a graph as it is shown: boxes, the frames of open groups around them, and wires, with every word that is written
on them, and nothing about where they stand (`layout/`) or which colour they have (`style.py`). What is hidden in a closed
group is counted on its box. A view is a function of the graph, its groups and the `Options`; the viewer in a browser
computes the same one (`viewer/view.js`).

Three styles. A **circuit**, where everything is a scalar: gates with values above and gradients below the wires. **Ops**: a
box for each operation. **Modules**: closed groups are boxes.

A leaf that is used often, or far apart, is no box with long wires, but a chip: a small tag in each box that uses it. So are
constant arrays.

Read next: `layout/`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from autograd.drawing.boxes import Box, Chip, caption_of, circuit_box, group_box, is_array, node_box, stub_box, unreached_boxes
from autograd.drawing.chips import BOX, LEAF, SHAPE
from autograd.drawing.graph import KNOWN, GraphIR, GraphNode
from autograd.drawing.groups import Groups
from autograd.drawing.overlay import Paint
from autograd.drawing.signs import COMMUTATIVE
from autograd.listing import count

__all__ = ["CHOICES", "Box", "Chip", "Frame", "Options", "View", "Wire", "view_of"]


class Options(NamedTuple):
    """What a user asked to see.

    open:        the groups that are open (positions in the table of groups)
    style:       'circuit' or 'boxes'
    direction:   'LR', 'TB', or 'auto'
    color:       what the boxes are coloured by: 'kind', 'grad', 'value', 'time', 'bytes' or 'dtype'
    only:        the nodes to show, or None for all; what is left out is counted in stubs
    constants:   show constant arrays and operations that only change the shape as boxes, not as chips
    theme:       'light', 'dark', 'auto' (as the reader's device says) or 'cs231n'
    wrap:        fold a long chain into rows
    """

    open: frozenset[int] = frozenset()
    style: str = "boxes"
    direction: str = "auto"
    color: str = "kind"
    only: frozenset[int] | None = None
    constants: bool = False
    theme: str = "auto"
    wrap: bool = False

    def with_(self, **changes: Any) -> Options:
        """The same with other values. Raises ValueError for an option, or a value of one, that does not exist."""
        for name, value in changes.items():
            if name not in self._fields:
                raise ValueError(f"there is no option {name!r} for a drawing; there are {', '.join(self._fields)}")
            if name in CHOICES and value not in CHOICES[name]:
                raise ValueError(f"{name}={value!r}: {name} is one of {', '.join(map(repr, CHOICES[name]))}")
        return self._replace(**changes)


CHOICES = {"style": ("circuit", "boxes"), "direction": ("auto", "LR", "TB"), "theme": ("auto", "light", "dark", "cs231n"),
           "color": ("kind", "grad", "value", "time", "bytes", "dtype")}
"""The values that an option can have."""


class Frame(NamedTuple):
    """An open group: a frame around its boxes, inside the frame `parent` (or -1)."""

    id: str
    group: int
    title: str
    label: str
    parent: int


class Wire(NamedTuple):
    """From box `source` to box `target`, by position.

    slot:   which operand it is; of several operands in a closed group the first
    label:  what the operation calls the operand, where the order matters
    count:  how many wires of the graph it stands for
    """

    source: int
    target: int
    slot: int = 0
    label: str = ""
    count: int = 1  # type: ignore[assignment]  # a tuple has a method of this name, which nobody calls


class View(NamedTuple):
    """A graph as it is shown.

    The `ops` of the boxes add up to the operations of the graph, whatever is open and whatever is left out.

    outputs:  positions of boxes
    caption:  sums the graph up
    """

    style: str
    direction: str
    boxes: tuple[Box, ...]
    frames: tuple[Frame, ...]
    wires: tuple[Wire, ...]
    outputs: tuple[int, ...]
    caption: str
    notes: tuple[str, ...] = ()


def view_of(graph: GraphIR, groups: Groups, options: Options, problems: Iterable[Any] = ()) -> View:
    """The graph as it is shown with these options.

    problems:  what is wrong where: anything with a `kind` and a `node`. Their kinds are the badges
    """
    circuit = options.style == "circuit"
    chips = chips_shown(groups, options)
    outer = [-1] * len(groups.table) if circuit else closed_around(groups, options.open)  # a circuit is small: it shows every gate
    hosts = hosts_of(graph, chips)
    units = units_of(groups, chips, outer, hosts)  # the number of the box that stands for each node: see there
    stubs = stubs_of(graph, chips, units, options.only)
    paint = Paint(graph, groups, options.color)
    badges = badges_of(problems, units)
    hidden = [0] * len(graph.nodes)
    for i in range(len(chips)):
        if chips[i] == SHAPE:
            hidden[hosts[i]] += 1

    shown = {units[i] for i in range(len(units)) if stubs[i] == SHOWN}
    frames = [] if circuit else frames_of(groups, outer, shown, len(graph.nodes))
    frame_of = {frame.group: place for place, frame in enumerate(frames)}
    boxes: list[Box] = []
    places: dict[int, int] = {}  # where the box of each number stands; a stub's number is negative
    results = set(graph.outputs)
    known = any(node.state == KNOWN for node in graph.nodes)
    if BEFORE in stubs:
        places[-BEFORE] = 0
        boxes.append(stub_box(graph, stubs, BEFORE, "before"))
    for i, node in enumerate(graph.nodes):
        unit = units[i]
        if unit < 0 or unit in places or stubs[i] != SHOWN or (unit != i and unit < len(graph.nodes)):
            continue
        if unit >= len(graph.nodes):
            k = unit - len(graph.nodes)
            box = group_box(groups, k, frame_of.get(groups.table[k].parent, -1), paint, badges.get(unit, ()))
        else:
            frame = frame_of.get(groups.of[i], -1)
            if options.constants and not circuit:
                for slot, operand in enumerate(node.operands):
                    if is_array(operand):
                        boxes.append(Box(f"c{i}_{slot}", "constant", operand.text, frame=frame, about=f"constant {operand.text}"))
            kind = "loss" if i in results and node.kind == "op" else node.kind
            box = circuit_box(graph, i, kind, badges.get(i, ())) if circuit else \
                node_box(graph, i, kind, frame, chips, hidden[i], known, paint, badges.get(i, ()), options.constants)
        places[unit] = len(boxes)
        boxes.append(box)
    for stub, side in ((AFTER, "after"), (APART, "elsewhere")):
        if stub in stubs:
            places[-stub] = len(boxes)
            boxes.append(stub_box(graph, stubs, stub, side))
    if graph.unreached and options.only is None and not circuit:
        frames.append(Frame("u", -1, "not reached by the loss", count(len(graph.unreached), "parameter"), -1))
        boxes.extend(unreached_boxes(graph, len(frames) - 1))

    where = [-1 if units[i] < 0 else places[units[i] if stubs[i] == SHOWN else -stubs[i]] for i in range(len(units))]
    wires = wires_of(graph, chips, boxes, where, places)
    outputs = tuple(dict.fromkeys(where[output] for output in graph.outputs))
    direction = options.direction if options.direction != "auto" else "LR" if circuit else "TB"
    return View("circuit" if circuit else "boxes", direction, tuple(boxes), tuple(frames), tuple(wires), outputs, caption_of(graph),
                graph.notes)


# ---- what stands for what ----------------------------------------------------------------------------------------------


def chips_shown(groups: Groups, options: Options) -> list[int]:
    """BOX, LEAF or SHAPE for each node, in this view: a circuit has no chips, and who asks for constants wants shapes as boxes."""
    if options.style == "circuit":
        return [BOX] * len(groups.chips)
    if options.constants:
        return [BOX if chip == SHAPE else chip for chip in groups.chips]
    return list(groups.chips)


def closed_around(groups: Groups, open: frozenset[int]) -> list[int]:
    """For each group, the outermost closed one around it (itself, perhaps), or -1 if all are open."""
    found: list[int] = []
    for k, group in enumerate(groups.table):
        outer = found[group.parent] if group.parent >= 0 else -1
        found.append(outer if outer >= 0 else k if k not in open else -1)
    return found


def hosts_of(graph: GraphIR, chips: list[int]) -> list[int]:
    """For each node the one whose box it is in: itself, or for an operation that is a chip the first that takes its result."""
    hosts = list(range(len(graph.nodes)))
    for i in range(len(graph.nodes) - 1, -1, -1):  # from the end, so that the last one set is the first that takes it
        for operand in graph.nodes[i].operands:
            if operand.source >= 0 and chips[operand.source] == SHAPE:
                hosts[operand.source] = hosts[i]
    return hosts


def units_of(groups: Groups, chips: list[int], outer: list[int], hosts: list[int]) -> list[int]:
    """Numbers for what will be a box: i for node i, the number of nodes + k for the closed group k. -1 for the chip of a leaf."""
    found: list[int] = []
    for i in range(len(chips)):
        k = groups.of[i]
        if chips[i] == LEAF:
            found.append(-1)
        elif k >= 0 and outer[k] >= 0:
            found.append(len(chips) + outer[k])
        else:
            found.append(hosts[i])
    return found


SHOWN, BEFORE, AFTER, APART = 0, 1, 2, 3
"""What becomes of a node: it is shown, or counted in the stub of what comes before the shown, after it, or has no part in it."""


def stubs_of(graph: GraphIR, chips: list[int], units: list[int], only: frozenset[int] | None) -> list[int]:
    """Which stub each node is counted in, if only some are asked for."""
    stubs = [SHOWN] * len(units)
    if only is None:
        return stubs
    asked = {units[i] for i in only if 0 <= i < len(units)}
    for i in range(len(units)):
        if units[i] >= 0 and units[i] not in asked:
            stubs[i] = APART
    for i in range(len(units)):  # what takes from the shown, directly or not, comes after
        if stubs[i] == APART:
            for operand in graph.nodes[i].operands:
                if operand.source >= 0 and chips[operand.source] != LEAF and stubs[operand.source] in (SHOWN, AFTER):
                    stubs[i] = AFTER
    for i in range(len(units) - 1, -1, -1):  # what the shown takes from comes before; even if it takes from it, too
        if stubs[i] in (SHOWN, BEFORE):
            for operand in graph.nodes[i].operands:
                if operand.source >= 0 and units[operand.source] >= 0 and stubs[operand.source] != SHOWN:
                    stubs[operand.source] = BEFORE
    return stubs


def frames_of(groups: Groups, outer: list[int], shown: set[int], nodes: int) -> list[Frame]:
    """The open groups that have something shown in them. shown: the numbers of the boxes."""
    used = [False] * len(groups.table)
    for i in range(nodes):
        if groups.of[i] >= 0 and i in shown:
            used[groups.of[i]] = True
    for k in range(len(groups.table) - 1, -1, -1):
        parent = groups.table[k].parent
        if parent >= 0 and (used[k] or nodes + k in shown):
            used[parent] = True
    frames: list[Frame] = []
    frame_of: dict[int, int] = {-1: -1}
    for k, group in enumerate(groups.table):
        if used[k] and outer[k] < 0:
            frame_of[k] = len(frames)
            frames.append(Frame(f"g{k}", k, group.title, group.label, frame_of[group.parent]))
    return frames


def badges_of(problems: Iterable[Any], units: list[int]) -> dict[int, tuple[str, ...]]:
    """The kinds of problems on each box, by its number; each once."""
    found: dict[int, tuple[str, ...]] = {}
    for problem in problems:
        if 0 <= problem.node < len(units) and units[problem.node] >= 0:
            before = found.get(units[problem.node], ())
            if problem.kind not in before:
                found[units[problem.node]] = (*before, problem.kind)
    return found


# ---- wires -------------------------------------------------------------------------------------------------------------


def origin(graph: GraphIR, chips: list[int], source: int) -> int:
    """Where an operand really comes from: through operations that are chips."""
    while chips[source] == SHAPE:
        for operand in graph.nodes[source].operands:
            if operand.source >= 0:
                source = operand.source
                break
    return source


def wires_of(graph: GraphIR, chips: list[int], boxes: list[Box], where: list[int], places: dict[int, int]) -> list[Wire]:
    """A wire for each operand; those that say the same in this view are joined, with their number."""
    found: list[Wire] = []
    joined: dict[tuple[int, int, int], int] = {}
    stubs = {place for unit, place in places.items() if unit < 0}
    constants = {box.id: place for place, box in enumerate(boxes) if box.id[0] == "c"}
    for i, node in enumerate(graph.nodes):
        if chips[i] == SHAPE or not node.operands:
            continue
        target = where[i]
        if -BEFORE in places and target == places[-BEFORE]:
            continue  # what the shown gives to what it takes from would be a wire back
        single = boxes[target].node >= 0
        labels = labels_of(node) if single else ()
        for slot, operand in enumerate(node.operands):
            if operand.source >= 0:
                source = where[origin(graph, chips, operand.source)]
                if source < 0 or source == target or (source in stubs and target in stubs):
                    continue
            elif single and f"c{i}_{slot}" in constants:
                source = constants[f"c{i}_{slot}"]
            else:
                continue
            key = (source, target, slot if single else -1)
            if key in joined:
                wire = found[joined[key]]
                found[joined[key]] = wire._replace(count=wire.count + 1)
            else:
                joined[key] = len(found)
                found.append(Wire(source, target, slot, labels[slot] if labels else ""))
    return found


def labels_of(node: GraphNode) -> tuple[str, ...]:
    """What to write at the operands, where their order matters: 'a', or '0' in a list; long names say what the wire shows anyway."""
    if node.op in COMMUTATIVE or sum(operand.source >= 0 for operand in node.operands) < 2:
        return ()
    return tuple(o.label[o.label.find("[") + 1: -1] if o.label.endswith("]") else o.label if len(o.label) <= 2 else ""
                 for o in node.operands)
