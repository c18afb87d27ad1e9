"""How does a picture look in DOT?

DOT is Graphviz's language, and the user's door to all its tools. Kinds are told apart by shape and colour, so that a
black-and-white print reads as well: inputs are rounded and blue, parameters folded at the corner and amber, operations
plain white boxes, the result violet with a heavy double border, closed modules grey with a thin one, constants dotted, what is left
out dashed. In a circuit the wire leaves its gate as a line with the value above and the gradient below.

The text depends on the view alone - not on addresses, hashes or time - and every label is escaped.

Read next: `text.py`.
"""

from __future__ import annotations

from collections.abc import Iterator

from autograd.drawing.labels import clean, escaped
from autograd.drawing.style import LIGHT
from autograd.drawing.view import Box, View

INK, GREY, VALUE, GRADIENT, WIRE = LIGHT["ink"], LIGHT["muted"], LIGHT["value"], LIGHT["gradient"], LIGHT["wire"]
STYLES = {
    "input": 'shape=box style="rounded,filled"',
    "parameter": "shape=note style=filled",
    "constant": 'shape=box style="dotted,filled"',
    "op": "shape=box style=filled",
    "loss": "shape=box style=filled peripheries=2 penwidth=1.8",
    "group": 'shape=box style="rounded,filled" peripheries=2',
    "more": 'shape=box style="dashed,filled"',
}
FONT = 'fontname="Menlo,Consolas,DejaVu Sans Mono,monospace"'


def dot_lines(view: View) -> list[str]:
    """The statements of the graph, without the `digraph { }` around them."""
    return list(circuit_lines(view) if view.style == "circuit" else box_lines(view))


# ---- boxes --------------------------------------------------------------------------------------------------------


def box_lines(view: View) -> Iterator[str]:
    """The settings, the boxes in their frames, and the wires."""
    yield f"  graph [rankdir={view.direction} ordering=in nodesep=0.3 ranksep=0.35 {FONT} fontsize=11"
    yield f"    labelloc=b fontcolor=\"{GREY}\" label={caption(view)}]"
    yield f"  node [{FONT} fontsize=12 fontcolor=\"{INK}\" margin=\"0.14,0.07\" height=0.3]"
    yield f"  edge [color=\"{WIRE}\" arrowsize=0.6 {FONT} fontsize=9 fontcolor=\"{GREY}\"]"
    yield from framed(view)
    for wire in view.wires:
        words = [f"headlabel={quoted(wire.label, 60)} labeldistance=1.3"] if wire.label else []
        words += [f'label="×{wire.count}"'] if wire.count > 1 else []
        more = f" [{' '.join(words)}]" if words else ""
        yield f"  {view.boxes[wire.source].id} -> {view.boxes[wire.target].id}{more}"


def framed(view: View) -> Iterator[str]:
    """The boxes, each inside its frames."""
    inside: list[list[Box]] = [[] for _ in (*view.frames, None)]  # the last one: outside of all
    for box in view.boxes:
        inside[box.frame].append(box)
    frames: list[list[int]] = [[] for _ in (*view.frames, None)]
    for k, frame in enumerate(view.frames):
        frames[frame.parent].append(k)
    stack, depth = [(-1, False)], 0
    while stack:  # without recursion: modules may be nested deeply
        k, done = stack.pop()
        if done:
            yield "  " * depth + "}"
            depth -= 1
            continue
        if k >= 0:
            depth += 1
            frame, fill = view.frames[k], LIGHT["frame2" if depth % 2 == 0 else "frame"]
            title = font(f"{frame.title}  {frame.label}" if frame.label else frame.title, GREY, 10, 120)
            yield (f"{'  ' * depth}subgraph cluster_{frame.id} {{ graph [style=\"rounded,filled\" color=\"{LIGHT['frame-line']}\" "
                   f"fillcolor=\"{fill}\" label=<{title}> labelloc=t labeljust=l margin=10]")
            stack.append((k, True))
        for box in inside[k]:
            yield "  " * (depth + 1) + box_line(box)
        stack += [(inner, False) for inner in reversed(frames[k])]


def box_line(box: Box) -> str:
    """A box: its title, what stands below it, its chips, its gradient and what is wrong with it."""
    line = LIGHT[f"{box.kind}-line"]
    rows = [shown(box.title) if box.kind == "constant" else f"<B>{shown(box.title)}</B>"]
    rows += [italic(words) if words.startswith("∂") else font(words, GREY, 10) for words in box.lines]
    rows += [font(box.value, VALUE, 10)] if box.value else []
    rows += [italic(box.gradient)] if box.gradient else []
    rows += [font(f"! {badge}", LIGHT["badge"], 10) for badge in box.badges]
    return (f"{box.id} [{STYLES[box.kind]} fillcolor=\"{LIGHT[box.kind]}\" color=\"{line}\" "
            f"label=<{with_chips(box, rows) if box.chips else '<BR/>'.join(rows)}> tooltip={quoted(box.about)}]")


def with_chips(box: Box, rows: list[str]) -> str:
    """A table, in which each chip has a cell of its own colour, and a border: dotted in DOT is not possible, so constants have none."""
    cells = "".join(f"<TR><TD>{row}</TD></TR>" for row in rows)
    for chip in box.chips:
        border = 0 if chip.kind == "constant" else 1
        style = ' STYLE="ROUNDED"' if chip.kind == "input" else ""
        cells += (f'<TR><TD BORDER="{border}"{style} COLOR="{LIGHT[chip.kind + "-line"]}" BGCOLOR="{LIGHT[chip.kind]}" CELLPADDING="3">'
                  f"{font(chip.text, INK, 10)}</TD></TR>")
    return f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="2" CELLPADDING="0">{cells}</TABLE>'


# ---- circuits -----------------------------------------------------------------------------------------------------


def circuit_lines(view: View) -> Iterator[str]:
    """The settings, the gates with the beginnings of their wires, and the wires."""
    yield "  graph [rankdir=LR ordering=in nodesep=0.2 ranksep=0.3 labelloc=b " + FONT
    yield f"    label={caption(view)}]"
    yield f"  node [shape=plain {FONT} fontsize=12 fontcolor=\"{INK}\"]"
    yield f"  edge [arrowhead=none color=\"{WIRE}\" {FONT} fontsize=9 fontcolor=\"{GREY}\"]"
    for box in view.boxes:
        yield f"  {box.id} [label=<{gate_table(box)}> tooltip={quoted(box.about)}]"
    for wire in view.wires:
        label = f" [headlabel={quoted(wire.label, 60)} labeldistance=1.6]" if wire.label else ""
        yield f"  {view.boxes[wire.source].id}:e -> {view.boxes[wire.target].id}:w{label}"


def gate_table(box: Box) -> str:
    """A gate or a name, and the beginning of its wire: the value above the line, the gradient below."""
    if box.ops or box.kind in ("group", "more"):
        width = max(34, 8 * len(box.title) + 14)
        line, pen = (LIGHT["loss-line"], 2) if box.kind == "loss" else (INK, 1)
        head = (f'<TABLE STYLE="ROUNDED" BORDER="{pen}" COLOR="{line}" CELLBORDER="0" CELLPADDING="0" CELLSPACING="0"><TR>'
                f'<TD FIXEDSIZE="TRUE" WIDTH="{width}" HEIGHT="34">{shown(box.title)}</TD></TR></TABLE>')
    else:
        head = f"<B>{shown(box.title)}</B>"
    value = font(box.value, VALUE, 12) if box.value else " "
    gradient = f"<I>{font(box.gradient, GRADIENT, 12)}</I>" if box.gradient else " "
    return ('<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="2"><TR>'
            f'<TD ROWSPAN="2">{head}</TD><TD BORDER="1" SIDES="B" COLOR="{WIRE}">{value}</TD></TR><TR><TD>{gradient}</TD></TR></TABLE>')


# ---- escaping -----------------------------------------------------------------------------------------------------


def shown(text: str, longest: int = 60) -> str:
    """For an HTML-like label, in which Graphviz takes backslashes for escapes, and nothing at all for a mistake."""
    return escaped(text, longest).replace("\\", "\\\\") or " "


def font(text: str, color: str, size: int, longest: int = 60) -> str:
    return f'<FONT COLOR="{color}" POINT-SIZE="{size}">{shown(text, longest)}</FONT>'


def italic(text: str) -> str:
    """A gradient."""
    return f"<I>{font(text, GRADIENT, 10)}</I>"


def caption(view: View) -> str:
    """What the graph amounts to, and the notes, as a label of several lines."""
    lines = [font(line, GREY, 10, 200) for line in (view.caption, *view.notes) if line]
    return f"<{'<BR/>'.join(lines)}>" if lines else '""'


def quoted(text: str, longest: int = 500) -> str:
    """A quoted string, in which Graphviz replaces nothing."""
    return '"' + clean(text, longest).replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"') + '"'
