"""How does a picture look in DOT?

DOT is Graphviz's language, and the user's door to all its tools. Kinds are told apart by shape and colour, so that a
black-and-white print reads as well: inputs are rounded and blue, parameters folded at the corner and amber, operations
plain white boxes, the loss violet with a double border, constants dotted. In a circuit the wire leaves its gate as a
line with the value above and the gradient below.

The text depends on the tape alone - not on addresses, hashes or time - and every label is escaped.

Read next: `renderer.py`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from autograd.drawing.picture import Mark, Picture

INK, GREY, VALUE, GRADIENT = "#1a1a1a", "#444444", "#0b4f8a", "#a8321a"
STYLES = {
    "input": ('shape=box style="rounded,filled"', "#e6f0fa", VALUE),
    "parameter": ('shape=note style=filled', "#fff1d0", "#8a5a00"),
    "constant": ('shape=box style="dotted,filled"', "#ffffff", "#666666"),
    "op": ("shape=box style=filled", "#ffffff", GREY),
    "loss": ("shape=box style=filled peripheries=2 penwidth=1.4", "#efe6fb", "#5b2a9d"),
}
CHIPS = 3  # a leaf that is used more often is drawn again at each use: long wires hide what happens
LONGEST = 60


def dot_lines(picture: Picture) -> list[str]:
    """The statements of the graph, without the `digraph { }` around them."""
    return list(circuit_lines(picture) if picture.circuit else box_lines(picture))


# ---- boxes --------------------------------------------------------------------------------------------------------


def box_lines(picture: Picture) -> Iterator[str]:
    yield "  graph [rankdir=TB ordering=in nodesep=0.3 ranksep=0.35 fontname=\"Helvetica,Arial,sans-serif\" fontsize=11"
    yield f"    labelloc=b fontcolor=\"{GREY}\" label={caption(picture)}]"
    yield "  node [fontname=\"Helvetica,Arial,sans-serif\" fontsize=12 margin=\"0.14,0.07\" height=0.3]"
    yield f"  edge [color=\"{GREY}\" arrowsize=0.6 fontname=\"Helvetica,Arial,sans-serif\" fontsize=9 fontcolor=\"{GREY}\"]"
    uses = Counter(wire.source for wire in picture.wires)
    kinds = {mark.id: mark for mark in picture.marks}
    repeated = {mark.id for mark in picture.marks if mark.kind not in ("op", "loss") and uses[mark.id] > CHIPS}
    yield from clusters([mark for mark in picture.marks if mark.id not in repeated])
    drawn: Counter[str] = Counter()
    for wire in picture.wires:
        source = wire.source
        if source in repeated:  # a chip at the place of use
            drawn[source] += 1
            chip = kinds[source]._replace(id=f"{source}_{drawn[source]}", scope=())
            source = chip.id
            yield f"  {box(chip)}"
        label = f" [headlabel={quoted(wire.label)} labeldistance=1.3]" if wire.label else ""
        yield f"  {source} -> {wire.target}{label}"


def clusters(marks: list[Mark]) -> Iterator[str]:
    """The boxes inside the frames of their modules. A frame is opened when its first box comes, and opened again when it is left and
    entered: Graphviz takes frames of one name for one."""
    names: dict[tuple[tuple[str, str], ...], str] = {}
    open_: tuple[tuple[str, str], ...] = ()
    for mark in marks:
        while open_ != mark.scope[: len(open_)]:
            yield "  " * len(open_) + "}"
            open_ = open_[:-1]
        while open_ != mark.scope:
            open_ = mark.scope[: len(open_) + 1]
            indent = "  " * len(open_)
            if open_ in names:
                yield f"{indent}subgraph {names[open_]} {{"
            else:
                names[open_] = f"cluster_{len(names)}"
                yield f"{indent}subgraph {names[open_]} {{ graph [style=\"rounded,filled\" color=\"#9aa3ad\" fillcolor=\"#f5f7f9\" " \
                      f"label={html(font('  '.join(open_[-1]), GREY, 10))} labelloc=t labeljust=l margin=10]"
        yield "  " * (len(open_) + 1) + box(mark)
    for depth in range(len(open_), 0, -1):
        yield "  " * depth + "}"


def box(mark: Mark) -> str:
    style, fill, line = STYLES[mark.kind]
    rows = [shown(mark.title) if mark.kind == "constant" else f"<B>{shown(mark.title)}</B>"]
    rows += [font(option, GREY, 10) for option in mark.options]
    if mark.type:
        rows.append(font(mark.type, GREY if mark.kind in ("op", "constant") else line, 10))
    return f"{mark.id} [{style} fillcolor=\"{fill}\" color=\"{line}\" fontcolor=\"{INK}\" label={html(*rows)} tooltip={quoted(mark.about)}]"


# ---- circuits -----------------------------------------------------------------------------------------------------


def circuit_lines(picture: Picture) -> Iterator[str]:
    yield "  graph [rankdir=LR ordering=in nodesep=0.2 ranksep=0.3 labelloc=b fontname=\"Helvetica,Arial,sans-serif\""
    yield f"    label={caption(picture)}]"
    yield "  node [shape=plain fontname=\"Menlo,Consolas,monospace\" fontsize=12]"
    yield f"  edge [arrowhead=none color=\"{GREY}\"]"
    for mark in picture.marks:
        yield f"  {mark.id} [label=<{gate_table(mark)}> tooltip={quoted(mark.about)}]"
    for wire in picture.wires:
        yield f"  {wire.source}:e -> {wire.target}:w"


def gate_table(mark: Mark) -> str:
    """A gate or a name, and the beginning of its wire: the value above the line, the gradient below."""
    if mark.kind in ("op", "loss"):
        width = max(34, 8 * len(mark.title) + 14)
        line, pen = ("#5b2a9d", 2) if mark.kind == "loss" else (INK, 1)
        head = (f'<TABLE STYLE="ROUNDED" BORDER="{pen}" COLOR="{line}" CELLBORDER="0" CELLPADDING="0" CELLSPACING="0"><TR>'
                f'<TD FIXEDSIZE="TRUE" WIDTH="{width}" HEIGHT="34">{shown(mark.title)}</TD></TR></TABLE>')
    else:
        head = f"<B>{shown(mark.title)}</B>"
    value = font(mark.value, VALUE, 12) if mark.value else " "
    gradient = f"<I>{font(mark.gradient, GRADIENT, 12)}</I>" if mark.gradient else " "
    return ('<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="2"><TR>'
            f'<TD ROWSPAN="2">{head}</TD><TD BORDER="1" SIDES="B" COLOR="{GREY}">{value}</TD></TR><TR><TD>{gradient}</TD></TR></TABLE>')


# ---- escaping -----------------------------------------------------------------------------------------------------


def clean(text: str, longest: int = LONGEST) -> str:
    """Without control characters and lone surrogates, which no format can hold, and not too long to read."""
    text = re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]", "\ufffd", text)
    return text if len(text) <= longest else text[: longest - 1] + "…"


def escaped(text: str, longest: int = LONGEST) -> str:
    """For HTML and SVG."""
    return clean(text, longest).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;").replace("'", "&#39;")


def shown(text: str, longest: int = LONGEST) -> str:
    """For an HTML-like label, in which Graphviz takes backslashes for escapes."""
    return escaped(text, longest).replace("\\", "\\\\")


def font(text: str, color: str, size: int) -> str:
    return f'<FONT COLOR="{color}" POINT-SIZE="{size}">{shown(text)}</FONT>'


def caption(picture: Picture) -> str:
    return html(*(f'<FONT COLOR="{GREY}" POINT-SIZE="10">{shown(line, 200)}</FONT>' for line in picture.caption.splitlines()))


def html(*rows: str) -> str:
    """An HTML-like label of several lines."""
    return f"<{'<BR/>'.join(rows)}>"


def quoted(text: str) -> str:
    """A quoted string, in which Graphviz replaces nothing."""
    return '"' + clean(text, 500).replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"') + '"'
