"""How does a graph become a page?

One file that needs nothing else: the graph as data (`payload.py`), the viewer that draws it (`viewer/`), and the picture as it
looks at first as plain SVG, so that the page says something where no script runs. Nothing is fetched from anywhere, and the page
itself forbids it: its content security policy allows one script, the one with the right hash, and no connection at all.

The viewer is written as modules of JavaScript, and tested as such. A page has one script, so `bundled` wraps each module in a
function that returns what it exports.

Read next: `viewer/viewer.js`.
"""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from autograd.drawing.labels import escaped
from autograd.drawing.opening import default_open
from autograd.drawing.payload import packed
from autograd.drawing.style import css, root_class
from autograd.drawing.svg import svg_of
from autograd.drawing.view import View, view_of

if TYPE_CHECKING:
    from autograd.drawing import Drawing

VIEWER = Path(__file__).parent / "viewer"
POLICY = "style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
"""What else a page may do. (The styles are its own; a style cannot fetch anything where nothing may be fetched.)"""

LARGEST_STILL = 500
"""Boxes of the plain picture in the page."""

FRAME_HEIGHT = 560
"""Pixels of a page in a notebook."""


def html_of(drawing: Drawing) -> str:
    """The page."""
    graph, options = drawing.graph, drawing.options
    code = script()
    title = escaped(graph.title, 200) or "Computation graph"
    policy = f"default-src 'none'; script-src '{digest(code)}'; {POLICY}"
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style id="sheet">{css("all")}</style>
<style>{sheet()}</style>
</head>
<body class="{root_class(options.theme, options.color)}" data-theme="{escaped(options.theme)}">
<main id="still"><h1>{title}</h1>
{inline(svg_of(still_of(drawing), options, "builtin"))}</main>
<script type="application/json" id="payload">"{packed(drawing)}"</script>
<script>{code}</script>
</body>
</html>
"""


def still_of(drawing: Drawing) -> View:
    """What the plain picture in the page shows: the first view, or one with fewer groups open, if that would be too large to read."""
    if len(drawing.view.boxes) <= LARGEST_STILL:
        return drawing.view
    graph, groups = drawing.graph, drawing.groups
    return view_of(graph, groups, drawing.options._replace(open=default_open(graph, groups)), drawing.problems())


def notebook_html(drawing: Drawing) -> str:
    """The page in a frame of its own, in which it can reach nothing of the notebook. Where no script runs it shows the plain picture."""
    page = html_of(drawing).replace("&", "&amp;").replace('"', "&quot;")
    title = escaped(drawing.graph.title) or "Computation graph"
    return (f'<iframe srcdoc="{page}" sandbox="allow-scripts allow-downloads" title="{title}" '
            f'style="width:100%;height:{FRAME_HEIGHT}px;border:1px solid #d5dae0;border-radius:8px"></iframe>')


def inline(svg: str) -> str:
    """An SVG document as part of a page, where its namespace goes without saying."""
    return re.sub(r'(<\?xml[^>]*>\s*)|( xmlns="[^"]*")', "", svg).strip()


# ---- the script -----------------------------------------------------------------------------------------------------


@cache
def script() -> str:
    """The viewer. A few spaces at its end see to it that its hash does not look like the address of a page."""
    code = "(() => {\n'use strict';\n" + "\n".join(bundled(name) for name in modules()) + "\n})();\n"
    while "//" in digest(code):
        code += " "
    return code


IMPORT = re.compile(r"""^import (\{[^}]*\}) from ['"]\./(\w+)\.js['"];$""", re.MULTILINE)
EXPORT = re.compile(r"^export (?:async )?(?:function\*?|const|class) (\w+)", re.MULTILINE)


@cache
def modules(name: str = "viewer") -> list[str]:
    """The modules that one of them needs, and itself: each after those it imports from."""
    found: dict[str, None] = {}
    for _, needed in IMPORT.findall(source(name)):
        found.update(dict.fromkeys(modules(needed)))
    return [*found, name]


def source(name: str) -> str:
    return (VIEWER / f"{name}.js").read_text(encoding="utf-8")


def bundled(name: str) -> str:
    """A module as a constant with its exports: `import { a } from './b.js'` becomes `const { a } = b_js`."""
    code = without_comments(source(name))
    exports = EXPORT.findall(code)
    code = re.sub(r"^export ", "", IMPORT.sub(r"const \1 = \2_js;", code), flags=re.MULTILINE)
    return f"const {name}_js = (() => {{\n{code.strip()}\nreturn {{ {', '.join(exports)} }};\n}})();"


def without_comments(code: str) -> str:
    """Without comments, empty lines and indentation. The modules have no string that looks like a comment."""
    code = re.sub(r"/\*.*?\*/", "", code, flags=re.DOTALL)
    code = re.sub(r"(^|\s)//[^\n]*", "", code)
    return "\n".join(line.strip() for line in code.splitlines() if line.strip())


@cache
def sheet() -> str:
    """The style of the page around the picture."""
    return without_comments((VIEWER / "viewer.css").read_text(encoding="utf-8"))


def digest(code: str) -> str:
    """The name of a script in a content security policy."""
    return f"sha256-{base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()}"
