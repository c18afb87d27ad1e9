"""What does the page know of the graph?

All that the picture, the search, the card of a node and the steps need, and no more: a page with ten thousand nodes should stay
small. So the nodes are written column by column, a text that occurs often is written once and named by its number, and a
column with one value throughout is that value. What a box says (`title`, `lines`, `value`, `gradient`) is worked out here, once;
which boxes there are is worked out in the page, again and again (`viewer/view.js`). The page reads this in `viewer/payload.js`.

Read next: `html.py`.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from autograd.drawing.boxes import caption_of, unreached_boxes, written_out
from autograd.drawing.formula import formula, told_in_words
from autograd.drawing.graph import KNOWN, GraphIR, GraphNode, Stats
from autograd.drawing.groups import Groups
from autograd.drawing.labels import clean
from autograd.drawing.numerals import gradient_text, scientific, value_text
from autograd.drawing.overlay import Paint, time_text
from autograd.drawing.problems import problems_of
from autograd.drawing.signs import COMMUTATIVE, gate
from autograd.drawing.steps import Step, steps_of
from autograd.drawing.view import CHOICES
from autograd.listing import bytes_text

if TYPE_CHECKING:
    from autograd.drawing import Drawing

STEPS_UP_TO = 200
"""The steps of graphs with more operations are not sent: nobody walks through them one by one."""

LONGEST = 1000
"""Characters of a text that are sent. A picture shows fewer; a search and a card may want more."""

ALPHABET = str.maketrans("+/et", "-_.~")
"""Base64 in which no word can occur by chance: a page is searched for 'http' or 'eval' to see that it is harmless."""


class Strings:
    """Texts by number: each is written once. Number 0 is the empty one."""

    def __init__(self) -> None:
        self.table: dict[str, int] = {"": 0}
        self.known: dict[str | tuple[str, ...], int] = {}  # as they were before they were cleaned

    def __call__(self, text: str) -> int:
        if text not in self.known:
            self.known[text] = self.table.setdefault(clean(text, LONGEST), len(self.table))
        return self.known[text]

    def joined(self, texts: Iterable[str]) -> int:
        """Several texts as one; the page takes them apart again at the line ends, which no cleaned text has."""
        texts = tuple(texts)
        if texts not in self.known:
            self.known[texts] = self.table.setdefault("\n".join(clean(text, LONGEST) for text in texts), len(self.table))
        return self.known[texts]


def packed(drawing: Drawing) -> str:
    """The payload as text that may stand in a page: JSON, deflated, in letters, digits and four signs."""
    text = json.dumps(payload_of(drawing), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return base64.b64encode(zlib.compress(text.encode(), 9)).decode().rstrip("=").translate(ALPHABET)


def payload_of(drawing: Drawing) -> dict[str, Any]:
    """What the page knows, as JSON can write it."""
    graph, groups, options = drawing.graph, drawing.groups, drawing.options
    text = Strings()
    payload = {
        "title": text(graph.title), "caption": text(caption_of(graph)), "notes": [text(note) for note in graph.notes],
        "options": {**options._asdict(), "open": sorted(options.open), "only": None if options.only is None else sorted(options.only)},
        "count": len(graph.nodes), "outputs": list(graph.outputs), "known": any(node.state == KNOWN for node in graph.nodes),
        "nodes": node_columns(graph, options.style == "circuit", text), "operands": operand_columns(graph, text),
        "groups": group_columns(groups, text), "chips": short(list(groups.chips)),
        "paint": {color: paint_columns(graph, groups, color, text) for color in CHOICES["color"] if color != "kind"},
        "ops": {op: [op in COMMUTATIVE, text.joined(told(name, rule) for name, rule in graph.rules.get(op, {}).items())]
                for op in sorted({node.op for node in graph.nodes})},
        "unreached": [len(graph.unreached), *([text(box.id), text(box.kind), text(box.title), text.joined(box.lines), text(box.gradient),
                                               text(box.about)] for box in unreached_boxes(graph, -1))],
        "problems": [[text(p.kind), p.node, text(p.name), text(p.text)] for p in problems_of(graph)],
        "steps": [[text(step.kind), step.node, text(step.title), text(step.text), [[i, text(words)] for i, words in step.values],
                   [[i, text(words)] for i, words in step.gradients], list(step.lit)] for step in steps_sent(graph, options.style)]}
    return {"strings": list(text.table), **payload}


def steps_sent(graph: GraphIR, style: str) -> Iterable[Step]:
    """The steps, if there is something to walk through, with numbers."""
    ops = [node for _, node in graph.ops]
    return steps_of(graph) if len(ops) <= STEPS_UP_TO and (style == "circuit" or any(node.gradient for node in ops)) else ()


def node_columns(graph: GraphIR, circuit: bool, text: Strings) -> dict[str, Any]:
    """The nodes, one column for each thing to know of them. Names that count on from the operation before are left out."""
    nodes = graph.nodes
    columns: dict[str, Any] = {
        "name": [text(name) for name in names(graph)], "op": [text(node.op) for node in nodes], "kind": [text(node.kind) for node in nodes],
        "title": [text(node.name if node.kind != "op" else gate(node) if circuit else node.op) for node in nodes],
        "type": [text(node.type) for node in nodes], "dtype": [text(node.dtype) for node in nodes],
        "lines": [text.joined((*(written_out(node) if node.kind == "op" else ()), node.type)) for node in nodes],
        "path": [text(graph.path(node.scope)) for node in nodes],
        "scope": [text(graph.scopes[node.scope].kind if node.scope >= 0 else "") for node in nodes],
        "options": [text.joined(f"{name}={value}" for name, value in node.options) for node in nodes],
        "value": [text(value_text(node.value)) for node in nodes], "gradient": [text(gradient_text(node)) for node in nodes],
        "bytes": [node.bytes for node in nodes], "keptBytes": [node.kept_bytes for node in nodes],
        "kept": [text(kept_text(node)) for node in nodes], "state": [text(node.state) for node in nodes],
        "line": [text(node.line) for node in nodes], "error": [text(node.error) for node in nodes],
        "active": [int(node.active) for node in nodes], "seconds": [figure(node.seconds) for node in nodes],
        "backward": [figure(node.backward_seconds) for node in nodes],
        "values": stats_columns([node.value for node in nodes], text), "gradients": stats_columns([node.gradient for node in nodes], text)}
    return {name: short(column) for name, column in columns.items()}


def told(name: str, rule: str) -> str:
    """'∂a = ∂y · b': a rule as on the blackboard."""
    return f"∂{name}{':' if told_in_words(rule) else ' ='} {formula(rule, {'g': '∂y'})}"


def names(graph: GraphIR) -> Iterable[str]:
    number = 0
    for node in graph.nodes:
        number += node.kind == "op"
        yield "" if node.kind == "op" and node.name == f"%{number}" else node.name


def kept_text(node: GraphNode) -> str:
    """'keeps a, y (16 kB)', 'freed a, y', or ''."""
    kept = ", ".join(dict.fromkeys(kept.name for kept in node.kept))
    if not kept:
        return ""
    return f"freed {kept}" if node.freed else f"keeps {kept}" + (f" ({bytes_text(node.kept_bytes)})" if node.kept_bytes else "")


def stats_columns(stats: Sequence[Stats | None], text: Strings) -> Any:
    """Numbers about values or gradients, or 0 if there are none: size, minimum, maximum, mean, rms, NaN, infinite, zeros; elements."""
    if not any(stats):
        return 0
    return [s and [s.size, *(figure(x) for x in s[1:5]), *s[5:8], text(", ".join(map(element, s.first)))] for s in stats]


def element(x: Any) -> str:
    return str(figure(x) if isinstance(x, float) and x - x == 0 else x).replace("-", "−")


def figure(x: float | None) -> float | None:
    """Four digits are enough for a picture."""
    return None if x is None else float(f"{x:.4g}")


def operand_columns(graph: GraphIR, text: Strings) -> dict[str, Any]:
    """The operands of all nodes, one after the other: how many each node has, how far back each comes from (0: a constant)."""
    each = [(i, operand) for i, node in enumerate(graph.nodes) for operand in node.operands]
    return {"of": short([len(node.operands) for node in graph.nodes]), "back": [i - o.source if o.source >= 0 else 0 for i, o in each],
            "label": short([text(o.label) for _, o in each]), "text": short([text(o.text) for _, o in each])}


def group_columns(groups: Groups, text: Strings) -> dict[str, Any]:
    """The tree of groups."""
    table = groups.table
    return {"count": len(table), "of": short(list(groups.of)), "title": [text(g.title) for g in table],
            "kind": [text(g.kind) for g in table], "label": [text(g.label) for g in table], "parent": [g.parent for g in table],
            "ops": [g.ops for g in table], "lines": [text.joined(g.lines) for g in table]}


def paint_columns(graph: GraphIR, groups: Groups, color: str, text: Strings) -> Any:
    """What everything is coloured by: shades and words of the nodes and the groups, and the ends of the scale; 0 if nothing is known."""
    paint = Paint(graph, groups, color)
    nodes, table = range(len(graph.nodes)), range(len(groups.table))
    shades = [paint.shade(i) for i in nodes]
    if max(shades, default=-1) < 0:
        return 0
    amounts = [amount for amount in paint.nodes if amount > 0]
    dtypes = sorted({node.dtype for node in graph.nodes if node.dtype})
    scale = dtypes if color == "dtype" else [plain(color, min(amounts)), plain(color, max(amounts))]
    return {"nodes": short(shades), "text": short([text(paint.text(i)) for i in nodes]),
            "groups": short([paint.group_shade(k) for k in table]), "groupText": short([text(paint.group_text(k)) for k in table]),
            "scale": [text(end) for end in scale]}


def plain(color: str, amount: float) -> str:
    """An end of a scale in words."""
    return time_text(amount) if color == "time" else bytes_text(int(amount)) if color == "bytes" else scientific(amount)


def short(column: Any) -> Any:
    """A column with one value throughout is that value."""
    one = isinstance(column, list) and column and not isinstance(column[0], list) and all(item == column[0] for item in column)
    return column[0] if one else column
