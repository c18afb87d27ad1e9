"""How does the graph look?

    autograd.draw(loss).save("graph.svg")

`draw` takes a loss, several losses, a `Tape` or a `Program`, and returns a `Drawing`: a picture in a notebook, text in a
terminal, a file by its suffix. Nothing in here is imported before something is drawn.

    picture.py    what is in a picture?
    scalars.py    where do the numbers in a circuit come from?
    dot.py        how does a picture look in DOT?
    circuit.py    how does a circuit look?
    renderer.py   who turns DOT into a picture?

Read next: `picture.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Any

from autograd.drawing import circuit
from autograd.drawing.dot import dot_lines
from autograd.drawing.picture import Picture, picture_of
from autograd.drawing.renderer import GraphvizFailed, GraphvizMissing, render
from autograd.listing import Listing
from autograd.tape import Tape

__all__ = ["Drawing", "GraphvizFailed", "GraphvizMissing", "Picture", "draw"]


def draw(*what: Any) -> Drawing:
    """A drawing of how something was computed.

    what:  a Tensor with a graph, several of them (or a list), a `Tape`, or a `Program`

    Scalar graphs of up to 40 operations are drawn as circuits, with the value above each wire and the gradient below. The
    gradients are computed for the picture alone: no `.grad` changes, and `backward()` may still be called. (After it they
    are gone: draw first.)

    >>> from autograd import draw, tensor
    >>> x = tensor(3.0, requires_grad=True, name="x")
    >>> g = draw(x * x)
    >>> g
    tape(x: f64)
      %1: f64 = multiply x x  keeps a, b  8 B
    1 op, keeps 8 B
    >>> g.to_dot().count("->")
    2

    Raises ValueError if nothing was recorded, TypeError for what is not a result.
    """
    if len(what) == 1 and isinstance(what[0], Listing):
        return Drawing(what[0])
    return Drawing(Tape.of(*what))


class Drawing:
    """A picture of a tape or a program. It holds text and numbers, no arrays.

    >>> from autograd import draw, tensor
    >>> w = tensor([1.0, 2.0], requires_grad=True, name="w")
    >>> draw((w * w).sum()).save("graph.txt")  # doctest: +SKIP
    """

    def __init__(self, listing: Listing) -> None:
        self.picture: Picture = picture_of(listing)
        self._text, self._short = listing.text(), repr(listing)

    def to_text(self) -> str:
        """The listing, one line per operation."""
        return self._text + "\n"

    def to_dot(self) -> str:
        """The picture in Graphviz's language."""
        return "\n".join(["digraph {", *dot_lines(self.picture), "}", ""])

    def to_svg(self) -> str:
        """The picture as SVG. Circuits are laid out here; everything else needs Graphviz (GraphvizMissing says how to get it)."""
        return self._svg

    @cached_property
    def _svg(self) -> str:
        return circuit.svg(self.picture) if self.picture.circuit else scalable(render(self.to_dot(), "svg").decode())

    def to_graphviz(self) -> Any:
        """The picture as a `graphviz.Digraph` (from PyPI's `graphviz`), to change or render it by yourself."""
        import graphviz  # type: ignore[import-untyped]

        graph = graphviz.Digraph()
        graph.body.extend(line + "\n" for line in dot_lines(self.picture))
        return graph

    def save(self, path: str | Path) -> Path:
        """Write a file: .txt, .dot, .svg, .png or .pdf. Returns its path.

        .png and .pdf, and .svg unless it is a circuit, need Graphviz. Without it the DOT text is written beside, and
        GraphvizMissing says how to get Graphviz.
        """
        path = Path(path)
        form = path.suffix[1:].lower()
        if form not in ("txt", "dot", "svg", "png", "pdf"):
            raise ValueError(f"save({str(path)!r}): the suffix says what to write, and can be .txt, .dot, .svg, .png or .pdf")
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            data = (self.to_text().encode() if form == "txt" else self.to_dot().encode() if form == "dot" else
                    self.to_svg().encode() if form == "svg" else render(self.to_dot(), form))
        except (GraphvizMissing, GraphvizFailed) as error:
            beside = path.with_suffix(".dot")
            beside.write_text(self.to_dot(), encoding="utf-8")
            raise type(error)(f"{error}\nThe graph itself is in {beside}.") from None
        path.write_bytes(data)
        return path

    def save_if_possible(self, path: str | Path) -> str:
        """Write what can be written, and say in a sentence what that was. For demos: never raises because Graphviz is missing."""
        try:
            return f"wrote {self.save(path)}"
        except (GraphvizMissing, GraphvizFailed) as error:
            return f"wrote {Path(path).with_suffix('.dot')} instead of {path}. {str(error).rsplit(chr(10), 1)[0]}"

    def __repr__(self) -> str:
        return self._short

    def _repr_svg_(self) -> str | None:
        """For notebooks; None without Graphviz, and then they show the text."""
        try:
            return self.to_svg()
        except (GraphvizMissing, GraphvizFailed):
            return None

    def _repr_mimebundle_(self, include: Iterable[str] | None = None, exclude: Iterable[str] | None = None) -> dict[str, str]:
        forms = {"text/plain", "image/svg+xml"} if include is None else set(include)
        forms -= set(exclude or ())
        bundle = {"text/plain": repr(self)} if "text/plain" in forms else {}
        svg = self._repr_svg_() if "image/svg+xml" in forms else None
        return {**bundle, "image/svg+xml": svg} if svg is not None else bundle


def scalable(svg: str) -> str:
    """Graphviz's SVG as wide as its place, not of a fixed size in points, which notebooks clip."""
    import re

    return re.sub(r'<svg width="(\d+)pt" height="\d+pt"', r'<svg role="img" width="100%" style="max-width:\1pt"', svg, count=1)
