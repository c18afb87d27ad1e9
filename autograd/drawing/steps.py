"""What happens, step by step?

First every operation computes its value, in the order of the tape. Then, from the last to the first, every operation that a
gradient reaches sends one to each of its operands, by its rule:

    ×: ∂w0 = ∂y · x0 = 0.20 · (−1.00) = −0.20

In a rule y is the result of the operation (`out`, if one of its operands is called y), and ∂y what arrived there. Where a value
is used k times, k contributions meet, and k − 1 steps `+=` add them up, at the moment when the engine does (`backward.py`).
With a step at either end there are

    forward operations + backward operations + additions + 2

steps. They are the same in a file, in a page and in a terminal.

Read next: `backward_view.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Any, NamedTuple, overload

import numpy as np

from autograd.drawing.backward_view import contribution, contributions, seeds, sends
from autograd.drawing.formula import bracketed, call, described, gradient_of, known, operand_names, result_name, said, sign
from autograd.drawing.graph import GraphIR, GraphNode, Stats
from autograd.drawing.labels import LONGEST
from autograd.drawing.numerals import gradient_text, value_text

if TYPE_CHECKING:
    from autograd.drawing import Drawing
    from autograd.drawing.view import View


BLANK = "\u2007"
"""A space as wide as a digit."""


class Step(NamedTuple):
    """One step.

    kind:       'start', 'forward', 'backward', 'add' or 'end'
    node:       the operation that computes or sends, or -1
    slot:       of a step 'add': the operand of that operation whose gradient grows; else -1
    title:      'forward 3 of 8: ×'
    text:       what happens, in words and numbers
    values:     the values that become known, as (position of the node, text)
    gradients:  the gradients that become known or change, as (position of the node, text)
    lit:        the nodes to look at, the acting one first
    sent:       of a step 'backward': what is sent, as (slot, number), where that is known: exact, not rounded as in the text
    """

    kind: str
    node: int
    slot: int
    title: str
    text: str
    values: tuple[tuple[int, str], ...] = ()
    gradients: tuple[tuple[int, str], ...] = ()
    lit: tuple[int, ...] = ()
    sent: tuple[tuple[int, Any], ...] = ()


def steps_of(graph: GraphIR) -> tuple[Step, ...]:
    """All steps of a computation and of its backward pass."""
    circuit = graph.style == "circuit"
    forward = [forward_step(graph, i, circuit) for i, _ in graph.ops]
    backward = Backward(graph)
    return (start(graph), *(step._replace(title=f"forward {k} of {len(forward)}: {step.title}") for k, step in enumerate(forward, 1)),
            *backward.steps(), end(graph, backward))


class Steps:
    """The steps of a drawing: `len`, an index, a loop, text, and a picture of each.

    >>> from autograd import draw, tensor
    >>> w, x = tensor(2.0, requires_grad=True, name="w"), tensor(-1.0, requires_grad=True, name="x")
    >>> print(draw(w * x).steps().text())
    0  start             Given: w = 2.00, x = −1.00.
    1  forward 1 of 1    ×: y = w · x = 2.00 · (−1.00) = −2.00
    2  backward 1 of 1   ×: ∂w = ∂y · x = 1.00 · (−1.00) = −1.00; ∂x = ∂y · w = 1.00 · 2.00 = 2.00
    3  end               Done: ∂w = −1.00, ∂x = 2.00.
    """

    def __init__(self, drawing: Drawing) -> None:
        self.drawing = drawing
        self.all = steps_of(drawing.graph)

    def __len__(self) -> int:
        return len(self.all)

    def __iter__(self) -> Iterator[Step]:
        return iter(self.all)

    @overload
    def __getitem__(self, k: int) -> Step: ...
    @overload
    def __getitem__(self, k: slice) -> tuple[Step, ...]: ...
    def __getitem__(self, k: int | slice) -> Step | tuple[Step, ...]:
        return self.all[k]

    def text(self) -> str:
        """One line for each step."""
        titles = [step.title.partition(":")[0] for step in self.all]
        widths = len(str(len(self))), max(map(len, titles)) + 2
        return "\n".join(f"{k:>{widths[0]}}  {title:<{widths[1]}} {step.text}" for k, (title, step) in enumerate(zip(titles, self.all)))

    def view(self, k: int) -> View:
        """What is to be seen at step k: the values and gradients that are known by then, and the step's text below.

        What is not known yet is blank, and as wide as it will be, so that nothing moves from step to step.
        """
        so_far = self.all[: range(len(self))[k] + 1]
        values = {i: text for step in so_far for i, text in step.values}
        gradients = {i: text for step in so_far for i, text in step.gradients}
        boxes = tuple(box._replace(value=padded(values.get(box.node, ""), box.value),
                                   gradient=padded(gradients.get(box.node, ""), box.gradient)) for box in self.drawing.view.boxes)
        caption, *notes = wrap(f"{len(so_far) - 1} of {len(self) - 1}: {so_far[-1].text}", LONGEST)
        return self.drawing.view._replace(boxes=boxes, caption=caption, notes=tuple(notes))

    def lit(self, k: int) -> set[str]:
        """The ids of the boxes to look at: those of the nodes, and of the groups around them, which may be closed."""
        found = set()
        for i in self.all[k].lit:
            found.add(f"n{i}")
            group = self.drawing.groups.of[i]
            while group >= 0:
                found.add(f"g{group}")
                group = self.drawing.groups.table[group].parent
        return found

    def pictures(self, engine: str = "builtin") -> list[str]:
        """A picture of each step, as SVG. Boxes to look at have the class `lit` and a heavy border; all pictures are of one size."""
        from autograd.drawing.svg import svg_of

        return same_size([highlighted(svg_of(self.view(k), self.drawing.options, engine), self.lit(k)) for k in range(len(self))])

    def save(self, folder: str | Path, engine: str = "builtin") -> list[Path]:
        """Write a picture of each step, 000.svg, 001.svg, ..., into a folder. Returns their paths."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        paths = []
        for k, picture in enumerate(self.pictures(engine)):
            paths.append(folder / f"{k:03}.svg")
            paths[-1].write_bytes(picture.encode())
        return paths

    def __repr__(self) -> str:
        return self.text()


# ---- forward ------------------------------------------------------------------------------------------------------


def start(graph: GraphIR) -> Step:
    """The leaves are given."""
    leaves = [i for i, node in enumerate(graph.nodes) if node.kind != "op"]
    return Step("start", -1, -1, "start", f"Given: {listed([f'{graph.nodes[i].name} = {known(graph.nodes[i])}' for i in leaves])}.",
                values=tuple((i, value_text(graph.nodes[i].value)) for i in leaves))


def forward_step(graph: GraphIR, i: int, circuit: bool) -> Step:
    """An operation computes its value."""
    node = graph.nodes[i]
    named = [name for _, name in operand_names(graph, node)]
    numbers = [known(graph.nodes[o.source]) if o.source >= 0 else name for o, name in zip(node.operands, named)]
    scalar = node.size == 1 and all(graph.nodes[o.source].size == 1 for o in node.operands if o.source >= 0)
    parts = [result_name(named), call(node.op, named), *([call(node.op, numbers)] if scalar and "∅" not in numbers else []), known(node)]
    return Step("forward", i, -1, sign(node, circuit), f"{sign(node, circuit)}: {' = '.join(dict.fromkeys(parts))}",
                values=((i, value_text(node.value)),), lit=(i, *sources(node)))


# ---- backward -----------------------------------------------------------------------------------------------------


class Backward:
    """The backward pass, as the engine makes it.

    totals:    the gradient of each node so far; None where one has arrived, but is not known as a number
    expected:  for each node, how many contributions there are in all
    left:      and how many are still to come
    """

    def __init__(self, graph: GraphIR) -> None:
        self.graph, self.circuit = graph, graph.style == "circuit"
        self.totals: dict[int, Stats | None] = {}
        self.sends = sends(graph)
        self.expected = contributions(graph, self.sends)
        self.left = list(self.expected)

    def steps(self) -> list[Step]:
        order = [i for i in range(len(self.graph.nodes) - 1, -1, -1) if self.sends[i]]
        outputs = seeds(self.graph)
        for output in outputs:
            self.totals[output] = self.seed(output)
            self.left[output] -= 1
        found: list[Step] = []
        for k, i in enumerate(order, 1):
            title = f"backward {k} of {len(order)}: {sign(self.graph.nodes[i], self.circuit)}"
            found += self.operation(i, title, outputs if k == 1 else [])
        return found

    def seed(self, output: int) -> Stats | None:
        """The backward pass starts with 1 at each output."""
        node = self.graph.nodes[output]
        if self.expected[output] == 1 or node.gradient is None or node.size != 1:
            return node.gradient
        return Stats.of(np.ones(node.shape, node.dtype))

    def operation(self, i: int, title: str, seeds: Sequence[int]) -> list[Step]:
        """An operation sends what its rules say; where something has arrived before, it is added."""
        node = self.graph.nodes[i]
        names = [name for _, name in operand_names(self.graph, node)]
        gradients = [(output, gradient_of(self.graph.nodes[output], self.totals[output])) for output in seeds]
        texts, sent, additions = [], [], []
        for slot in self.sends[i]:
            source, part = node.operands[slot].source, contribution(self.graph, node, slot, self.expected)
            self.left[source] -= 1
            again = source in self.totals
            texts.append(f"∂{names[slot]} {'+=' if again else '='} {said(self.graph, i, slot, part)}")
            if part is not None and part.size == 1 and part.first:
                sent.append((slot, part.first[0]))
            if again:
                additions.append(self.addition(i, slot, part))
            else:
                self.totals[source] = part
                gradients.append((source, gradient_of(self.graph.nodes[source], part)))
        text = f"{sign(node, self.circuit)}: {'; '.join(texts)}"
        return [Step("backward", i, -1, title, text, (), tuple(gradients), (i, *sources(node)), tuple(sent)), *additions]

    def addition(self, i: int, slot: int, part: Stats | None) -> Step:
        """A second or later contribution is added to what has arrived."""
        source = self.graph.nodes[i].operands[slot].source
        node, have = self.graph.nodes[source], self.totals[source]
        self.totals[source] = total = node.gradient if self.left[source] == 0 else added(have, part, node)
        terms = f"{described(node, have)} + {bracketed(described(node, part))} = " if have and part and node.size == 1 else ""
        return Step("add", i, slot, f"+= ∂{node.name}", f"+=: ∂{node.name} = {terms}{described(node, total)}", (),
                    ((source, gradient_of(node, total)),), (source, i))


def added(a: Stats | None, b: Stats | None, node: GraphNode) -> Stats | None:
    """The sum of two scalar contributions, in the precision of the engine."""
    if a is None or b is None or node.size != 1:
        return None
    with np.errstate(all="ignore"):
        return Stats.of(np.asarray(a.first, node.dtype) + np.asarray(b.first, node.dtype))


def end(graph: GraphIR, backward: Backward) -> Step:
    """All that can be known is known."""
    if not backward.totals:
        return Step("end", -1, -1, "end", f"Done: {listed([f'{graph.nodes[i].name} = {known(graph.nodes[i])}' for i in graph.outputs])}.")
    leaves = [i for i, node in enumerate(graph.nodes) if node.kind != "op"]
    gradients = [f"∂{graph.nodes[i].name} = {described(graph.nodes[i], graph.nodes[i].gradient)}" for i in leaves]
    rest = tuple((i, gradient_text(node)) for i, node in enumerate(graph.nodes) if i not in backward.totals or not any(backward.sends))
    return Step("end", -1, -1, "end", f"Done: {listed(gradients)}.", (), rest, tuple(i for i in leaves if i in backward.totals))


def sources(node: GraphNode) -> tuple[int, ...]:
    return tuple(dict.fromkeys(operand.source for operand in node.operands if operand.source >= 0))


def listed(items: Sequence[str], most: int = 8) -> str:
    """Some of the items, and how many more there are."""
    shown = ", ".join(items[:most])
    return f"{shown}, and {len(items) - most:,} more" if len(items) > most else shown or "nothing"


# ---- pictures -----------------------------------------------------------------------------------------------------


def padded(text: str, final: str) -> str:
    """The text, made as wide as what stands there at the end; nothing, if nothing does."""
    return text.ljust(len(final), BLANK) if final else ""


def highlighted(svg: str, lit: set[str]) -> str:
    """The picture with the class `lit` on these boxes."""
    svg = re.sub(r'class="([^"]*)" data-id="(\w+)"', lambda m: f'class="{m[1]} lit" data-id="{m[2]}"' if m[2] in lit else m[0], svg)
    return svg.replace("</style>", ".drawing .lit>.shape{stroke-width:4}.drawing .lit>.title{text-decoration:underline}</style>", 1)


def same_size(pictures: list[str]) -> list[str]:
    """The pictures with the extent of the largest."""
    extents = [re.search(r'viewBox="(-?\d+) (-?\d+) (\d+) (\d+)"', picture) for picture in pictures]
    width, height = (max((int(found[i]) for found in extents if found), default=0) for i in (3, 4))
    resized = []
    for picture, found in zip(pictures, extents):
        if found:
            picture = picture.replace(found[0], f'viewBox="{found[1]} {found[2]} {width} {height}"', 1)
            picture = picture.replace(f"max-width:{found[3]}px", f"max-width:{width}px", 1)
            picture = picture.replace(f'width="{found[3]}" height="{found[4]}"', f'width="{width}" height="{height}"', 1)  # the paper
        resized.append(picture)
    return resized
