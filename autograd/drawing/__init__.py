"""How does the graph look?

    autograd.draw(loss).save("graph.svg")

`draw` captures a computation once, as a `GraphIR`, and returns a `Drawing` of it: a page to explore in a notebook, text in a
terminal, a file by its suffix. A Drawing never changes; whatever is asked of it (`expand`, `focus`, `color`, ...) gives another
one of the same graph. Nothing in here is imported before something is drawn.

A picture is made in four steps, and each can be read alone:

    graph.py       what is in a graph? Captured by capture.py, written and read as JSON with reader.py, schema.json
    groups.py      what belongs together? With structure.py, clusters.py, chips.py; opening.py says which are open at first
    view.py        what is to be seen? With the words of boxes.py, signs.py and numerals.py and the shades of overlay.py
    layout/        where does everything stand? With the sizes of measure.py

    svg.py         how does a view look as SVG? With the colours of style.py; labels.py, wires.py, shapes.py, legend.py
    dot.py         how does it look in Graphviz's language, and who renders that? renderer.py
    text.py        how does a graph look in a terminal?
    html.py        how does it become a page? payload.py says what the page knows, viewer/ is what runs in it

What is known about a computation, besides its structure:

    values.py      where do the numbers come from? And gradients.py: which gradients are known, and why not the others?
    recorder.py    how is everything recorded that happens? By witness.py, in the rows of seen.py; failure.py is there on errors
    problems.py    what is wrong with this computation?
    cause.py       why does a parameter get no gradient? With cuts.py
    steps.py       what happens, step by step? Told by formula.py
    backward_view.py   which way do the gradients go?
    memory.py      what is kept for the backward pass?
    select.py      which part of a graph is asked for?
    diff.py        how did one graph become another? With alignment.py

Read next: `graph.py`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograd.drawing.capture import graph_of
from autograd.drawing.graph import GraphIR, from_json, to_json
from autograd.drawing.groups import Groups, default_open, groups_of
from autograd.drawing.renderer import GraphvizFailed, GraphvizMissing, render
from autograd.drawing.values import CHOICES
from autograd.drawing.view import Options, View, view_of
from autograd.listing import Listing
from autograd.tape import Tape
from autograd.tensor import Tensor
from autograd.tree import flatten

if TYPE_CHECKING:
    from autograd.drawing.diff import Diff
    from autograd.drawing.memory import Memory
    from autograd.drawing.problems import Problem
    from autograd.drawing.steps import Steps

__all__ = ["Drawing", "GraphIR", "GraphvizFailed", "GraphvizMissing", "draw", "from_json", "on_error", "record", "to_json", "why_no_grad"]

# What only some drawings need is imported when it is first asked for.
_LAZY = {"record": "autograd.drawing.recorder", "on_error": "autograd.drawing.recorder", "why_no_grad": "autograd.drawing.cause"}


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        import importlib

        return getattr(importlib.import_module(_LAZY[name]), name)
    raise AttributeError(f"module 'autograd.drawing' has no attribute {name!r}")


def draw(*what: Any, values: str = "auto", grads: str = "auto", title: str = "", max_nodes: int = 80, **options: Any) -> Drawing:
    """A drawing of how something was computed.

    what:       a Tensor with a graph, several of them (or a list), a `Tape`, a `Program`, a recording (`drawing.record`) and
                perhaps its results, a graph read from a file, or a module and example inputs, which it is called with
    values:     'auto' (of circuits), 'stats' (of everything that can be found), 'none'
    grads:      'auto' (computed for circuits, else those in .grad), 'compute', 'kept' (those in .grad), 'none'. Gradients
                are computed for the picture alone: no `.grad` changes, and `backward()` may still be called
    title:      what to call it
    max_nodes:  how many boxes are shown at first, if there is something that can be closed
    options:    direction='LR' or 'TB', theme='light', 'dark' or 'cs231n', color='grad', ...: see `view.Options`

    Scalar graphs of up to 40 operations are drawn as circuits, with the value above each wire and the gradient below.

    >>> from autograd import draw, tensor
    >>> x = tensor(3.0, requires_grad=True, name="x")
    >>> g = draw(x * x)
    >>> g.to_dot().count("->")
    2

    Raises ValueError if nothing was recorded, or for an unknown option; TypeError for what is not a result.
    """
    for name, value in (("values", values), ("grads", grads)):
        if value not in CHOICES[name]:
            raise ValueError(f"draw({name}={value!r}): {name} is one of {', '.join(map(repr, CHOICES[name]))}")
    if not isinstance(title, str):
        raise TypeError(f"draw(title={title!r}): a title is a text")
    if type(max_nodes) is not int:
        raise TypeError(f"draw(max_nodes={max_nodes!r}): how many boxes are shown at first is a whole number")
    return Drawing.of(captured(what, values, grads, title), max_nodes, **options)


def captured(what: tuple[Any, ...], values: str, grads: str, title: str) -> GraphIR:
    """The graph of whatever `draw` was given."""
    if not what:
        raise ValueError("draw() needs something to draw: draw(loss), draw(tape), draw(model, x)")
    first = what[0]
    if isinstance(first, (GraphIR, Drawing)) and len(what) == 1:
        return first if isinstance(first, GraphIR) else first.graph
    if isinstance(first, Listing) and len(what) == 1:
        if not first.ops:
            raise ValueError(f"this {first.kind} is empty: it has no operations to draw")
        return graph_of(first, values, grads, title)
    if hasattr(first, "named_parameters") and callable(first) and not isinstance(first, type):
        from autograd.drawing.recorder import graph_of_module

        return graph_of_module(first, *what[1:], values=values, grads=grads, title=title)
    if type(first).__module__ == "autograd.drawing.recorder":
        from autograd.drawing.recorder import graph_of_record

        return graph_of_record(*what, title=title)
    results = flatten(what)[0]
    for other in results or [None]:
        if not isinstance(other, Tensor):
            raise TypeError(f"draw() takes the result of a computation, a Tensor, and not {said(other)}")
    return graph_of(Tape.of(*results), values, grads, title)


def said(other: Any) -> str:
    """What something is that cannot be drawn, and what to write instead."""
    if other is None:
        return "None: does the function return its result?"
    if isinstance(other, type):
        return f"the class {other.__name__}: make a module of it, draw({other.__name__}(...), x)"
    kind = type(other).__name__
    if isinstance(other, (Listing, GraphIR, Drawing)):
        return f"{kind} with something else: give it alone"
    return f"{kind}: to draw a function, draw(autograd.trace(function, x))" if callable(other) else kind


class Drawing:
    """A picture of a graph. It holds text and numbers, no arrays, and never changes.

    graph:    what is drawn
    groups:   its parts
    options:  what to see of it

    >>> from autograd import draw, tensor
    >>> w = tensor([1.0, 2.0], requires_grad=True, name="w")
    >>> draw((w * w).sum()).save("graph.html")  # doctest: +SKIP
    """

    def __init__(self, graph: GraphIR, groups: Groups, options: Options) -> None:
        self.graph, self.groups, self.options = graph, groups, options

    @classmethod
    def of(cls, graph: GraphIR, max_nodes: int = 80, **options: Any) -> Drawing:
        """The first view of a graph: which style, and which groups are open, depends on its size."""
        groups = groups_of(graph)
        return cls(graph, groups, Options(open=default_open(graph, groups, max_nodes), style=graph.style).with_(**options))

    @cached_property
    def view(self) -> View:
        """What is to be seen: boxes, frames and wires."""
        return view_of(self.graph, self.groups, self.options, self.problems())

    # ---- other views of the same graph --------------------------------------------------------------------------------

    def with_options(self, **options: Any) -> Drawing:
        """The same with other options: direction='LR', theme='dark', constants=True, wrap=True, ... (see `view.Options`)."""
        return Drawing(self.graph, self.groups, self.options.with_(**options))

    def color(self, by: str) -> Drawing:
        """Coloured by 'kind', 'grad', 'value', 'time', 'bytes' or 'dtype'."""
        return self.with_options(color=by)

    def expand(self, *names: str) -> Drawing:
        """With these modules open: 'layer1.0'. Without names, everything."""
        from autograd.drawing.select import opened

        return self.with_options(open=opened(self.groups, self.options.open, names))

    def collapse(self, *names: str) -> Drawing:
        """With these modules closed: 'layer3'. Without names, everything."""
        from autograd.drawing.select import shut

        return self.with_options(open=shut(self.groups, self.options.open, names))

    def focus(self, name: str, hops: int = 2) -> Drawing:
        """Only what is near: at most `hops` wires away from a value, a parameter or a module. The rest is counted."""
        from autograd.drawing.select import focus

        return self.with_options(only=focus(self.graph, name, hops), open=frozenset(range(len(self.groups.table))))

    def path(self, start: str, end: str = "") -> Drawing:
        """Only what lies between two values, parameters or modules; between one and the outputs. The rest is counted."""
        from autograd.drawing.select import path

        return self.with_options(only=path(self.graph, start, end), open=frozenset(range(len(self.groups.table))))

    def find(self, text: str) -> list[str]:
        """The names of the nodes in whose name, operation, module, type or line the text occurs."""
        from autograd.drawing.select import find

        return [self.graph.nodes[i].name for i in find(self.graph, text)]

    # ---- other things to look at -----------------------------------------------------------------------------------

    def backward_view(self) -> Drawing:
        """The backward pass as a graph of its own: one node for each rule that runs, wires reversed, sums where gradients meet."""
        from autograd.drawing.backward_view import backward_graph

        return Drawing.of(backward_graph(self.graph))

    def memory_view(self) -> Drawing:
        """The picture, coloured by what each operation keeps for the backward pass; `memory()` has the numbers."""
        return self.color("bytes")

    def memory(self) -> Memory:
        """What is kept for the backward pass, by whom, and how much of it at once."""
        from autograd.drawing.memory import memory_of

        return memory_of(self.graph)

    def steps(self) -> Steps:
        """Backpropagation step by step: what each operation does, in words and numbers."""
        from autograd.drawing.steps import Steps

        return Steps(self)

    def problems(self) -> tuple[Problem, ...]:
        """What is wrong: where NaN came from, dead, vanishing and unreachable gradients, ..."""
        from autograd.drawing.problems import problems_of

        return problems_of(self.graph)

    def diff(self, other: Drawing | GraphIR, tolerance: float = 0.0) -> Diff:
        """How this graph became the other one: what was added, removed, renamed, changed."""
        from autograd.drawing.diff import diff

        if not isinstance(other, (Drawing, GraphIR)):
            raise TypeError(f"diff() compares with another drawing, and not with {type(other).__name__}: g.diff(draw(other))")
        return diff(self.graph, other.graph if isinstance(other, Drawing) else other, tolerance)

    # ---- formats ----------------------------------------------------------------------------------------------------

    def to_text(self, width: int = 0, max_lines: int = 40, ascii: bool = False) -> str:
        """The graph in words, by module. width: 0 is that of the terminal; max_lines: what is hidden is counted."""
        from autograd.drawing.text import text_of

        return text_of(self.graph, self.groups, width, max_lines, ascii, self.options.only)

    def to_dot(self) -> str:
        """The picture in Graphviz's language."""
        from autograd.drawing.dot import dot_lines

        return "\n".join(["digraph {", *dot_lines(self.view), "}", ""])

    def to_svg(self, engine: str = "auto") -> str:
        """The picture as SVG. engine: 'builtin', 'graphviz', or 'auto': Graphviz if it is there and the graph is not too large."""
        from autograd.drawing.svg import svg_of

        return svg_of(self.view, self.options, engine)

    def to_html(self) -> str:
        """The picture as one page that can be explored: search, zoom, open and close modules, step through."""
        from autograd.drawing.html import html_of

        return html_of(self)

    def to_json(self) -> str:
        """The graph as data; `autograd.drawing.from_json` reads it back."""
        return to_json(self.graph)

    def to_graphviz(self) -> Any:
        """The picture as a `graphviz.Digraph` (from PyPI's `graphviz`), to change or render it by yourself."""
        from autograd.drawing.dot import dot_lines

        try:
            import graphviz  # type: ignore[import-untyped]
        except ModuleNotFoundError as error:
            raise ModuleNotFoundError("to_graphviz() needs the package of that name: pip install graphviz. to_dot() gives the same "
                                      "text, and save() pictures, without it.", name=error.name) from None

        graph = graphviz.Digraph()
        graph.body.extend(line + "\n" for line in dot_lines(self.view))
        return graph

    # ---- files ------------------------------------------------------------------------------------------------------

    def save(self, path: str | Path) -> Path:
        """Write a file, by its suffix: .svg, .html, .txt, .dot, .json, or .png and .pdf. Returns its path.

        .png and .pdf need Graphviz. Without it the DOT text is written beside, and GraphvizMissing says how to get it.
        """
        path = Path(path)
        form = path.suffix[1:].lower()
        forms: dict[str, Callable[[], str]] = {"svg": self.to_svg, "html": self.to_html, "dot": self.to_dot, "json": self.to_json,
                                               "txt": lambda: self.to_text(120, 10**9) + "\n"}
        if form not in (*forms, "png", "pdf"):
            raise ValueError(f"save({str(path)!r}): the suffix says what to write, and can be .svg, .html, .txt, .dot, .json, .png or .pdf")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(forms[form]().encode() if form in forms else render(self.to_dot(), form))
        except (GraphvizMissing, GraphvizFailed) as error:
            beside = path.with_suffix(".dot")
            beside.write_text(self.to_dot(), encoding="utf-8")
            raise type(error)(f"{error}\nThe graph itself is in {beside}.") from None
        except OSError as error:
            raise type(error)(error.errno, f"the drawing cannot be written: {error.strerror}", str(path)) from None
        return path

    def save_if_possible(self, path: str | Path) -> str:
        """Write what can be written, and say in a sentence what that was. For demos: never raises because Graphviz is missing."""
        try:
            return f"wrote {self.save(path)}"
        except (GraphvizMissing, GraphvizFailed) as error:
            return f"wrote {Path(path).with_suffix('.dot')} instead of {path}. {str(error).rsplit(chr(10), 1)[0]}"

    # ---- in a terminal and a notebook -------------------------------------------------------------------------------

    def __repr__(self) -> str:
        text = self.to_text()
        try:
            text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
        except UnicodeEncodeError:  # a terminal without box-drawing characters
            return self.to_text(ascii=True)
        return text

    def _repr_svg_(self) -> str:
        return self.to_svg(engine="builtin")

    def _repr_html_(self) -> str:
        from autograd.drawing.html import notebook_html

        return notebook_html(self)

    def _repr_mimebundle_(self, include: Iterable[str] | None = None, exclude: Iterable[str] | None = None) -> dict[str, str]:
        forms: dict[str, Callable[[], str]] = {"text/html": self._repr_html_, "image/svg+xml": self._repr_svg_, "text/plain": self.__repr__}
        wanted = set(forms if include is None else include) - set(exclude or ())
        return {form: make() for form, make in forms.items() if form in wanted}
