"""Which colour does everything have?

All colours are here: `THEMES` gives each a name in each theme, `css` writes them as custom properties, with the rules that use
them. The static SVG and the page in a browser share this one text, so they look the same.

No colour says anything alone. A kind of box has a shape and a mark in its corner as well; a value stands upright above its wire, a
gradient in italics below it and with a `∂`; a shade stands beside the number that it shows. Every text has a contrast of at least
4.5 : 1 with what it stands on (8.7 : 1 in the dark theme), and value and gradient stay far apart for readers who see no red, no
green or no blue: in the theme 'cs231n', which has the course's green values and red gradients, the red is a crimson for that reason.

Read next: `svg.py`.
"""

from __future__ import annotations

from collections.abc import Iterable

KINDS = {
    "input": "input",
    "parameter": "parameter",
    "constant": "constant",
    "op": "operation",
    "loss": "result",
    "group": "closed group",
    "more": "left out",
}
"""The kinds of boxes, and what a legend calls them."""

LIGHT = {
    "paper": "#ffffff", "ink": "#1a1a1a", "muted": "#4a4f55", "wire": "#5b6570", "value": "#0b4f8a", "gradient": "#a8321a",
    "input": "#e6f0fa", "input-line": "#0b4f8a", "parameter": "#fff1d0", "parameter-line": "#8a5a00",
    "constant": "#ffffff", "constant-line": "#5f6368", "op": "#ffffff", "op-line": "#3c4043",
    "loss": "#efe6fb", "loss-line": "#5b2a9d", "group": "#e9ecef", "group-line": "#4f5963", "more": "#ffffff", "more-line": "#5f6368",
    "frame": "#f6f8fa", "frame2": "#eef1f4", "frame-line": "#8a949e", "badge": "#b3261e", "badge-text": "#ffffff",
}
DARK = {
    "paper": "#121416", "ink": "#f1f3f4", "muted": "#d2d6da", "wire": "#98a2ad", "value": "#a3d1ff", "gradient": "#ffbba4",
    "input": "#12263a", "input-line": "#8ec7ff", "parameter": "#2f2503", "parameter-line": "#e6b84a",
    "constant": "#121416", "constant-line": "#b0b6bc", "op": "#1b1e21", "op-line": "#c4c9ce",
    "loss": "#2a1d3f", "loss-line": "#cbb0ff", "group": "#23282c", "group-line": "#b9c1c9", "more": "#121416", "more-line": "#b0b6bc",
    "frame": "#191c1f", "frame2": "#202427", "frame-line": "#78828c", "badge": "#ffb4ab", "badge-text": "#410002",
}
CS231N = LIGHT | {
    "value": "#007a00", "gradient": "#a00060", "input": "#ffffff", "input-line": "#1a1a1a", "parameter": "#fffbe8",
    "loss": "#ffffff", "loss-line": "#1a1a1a", "group": "#f4f4f4", "frame": "#fafafa", "frame2": "#f4f4f4",
}
THEMES = {"light": LIGHT, "dark": DARK, "cs231n": CS231N}

SHADES = 8
SCALES = {
    "grad": {"light": ("#fff4f0", "#f29a78"), "dark": ("#1f1512", "#5c2a1a")},
    "value": {"light": ("#f0f6fd", "#86b8e8"), "dark": ("#11181f", "#1c4468")},
    "time": {"light": ("#f6f2fd", "#b79ae6"), "dark": ("#18141f", "#46306b")},
    "bytes": {"light": ("#eff8f1", "#7cc492"), "dark": ("#101a13", "#1c4a2a")},
}
"""What boxes can be coloured by: the shades of the smallest and the largest, of one hue. The steps between are equal."""

DTYPES = {"light": ("#ffffff", "#dcebf9", "#fde9b8", "#dff2e1", "#f9dfe0", "#eadff8", "#d5f0ee", "#e7e3da"),
          "dark": ("#1b1e21", "#163350", "#3d3006", "#173a1f", "#4a1f22", "#372457", "#103c3a", "#383327")}
"""For dtypes, which have no order: fills that differ in hue."""

COLORS = ("kind", *SCALES, "dtype")

FORCED = {"paper": "Canvas", "ink": "CanvasText", "muted": "CanvasText", "wire": "CanvasText", "value": "CanvasText",
          "gradient": "CanvasText", "badge": "CanvasText", "badge-text": "Canvas"}
"""With forced colours (Windows' high contrast) everything is drawn in the reader's two; shapes, marks and italics remain."""

MONOSPACE = "ui-monospace,SFMono-Regular,Menlo,Consolas,DejaVu Sans Mono,monospace"


def shades(color: str, theme: str) -> tuple[str, ...]:
    """The eight fills for a measure, in a theme.

    >>> shades("bytes", "light")[0]
    '#eff8f1'
    """
    tone = "dark" if theme == "dark" else "light"
    if color == "dtype":
        return DTYPES[tone]
    first, last = (tuple(int(end[i: i + 2], 16) for i in (1, 3, 5)) for end in SCALES[color][tone])
    return tuple("#" + "".join(f"{a + (b - a) * i // (SHADES - 1):02x}" for a, b in zip(first, last)) for i in range(SHADES))


def css(theme: str = "auto", colors: Iterable[str] = COLORS) -> str:
    """The style sheet of a drawing.

    theme:   'light', 'dark', 'cs231n', 'auto' (light or dark, as the reader's device says), or 'all' for a page that can change:
             then the class of the drawing says which it is, `drawing drawing-dark`
    colors:  the overlays it must know

    The class of the root element is `root_class(theme, color)`.
    """
    known = ("light", "dark", "cs231n", "auto") if theme == "all" else (theme,)
    blocks = [block for name in known for block in properties(name, tuple(color for color in colors if color != "kind"))]
    return "\n".join([*blocks, *rules("dark" if theme == "dark" else "cs231n" if theme == "cs231n" else "light"), ""])


def root_class(theme: str, color: str = "kind") -> str:
    """The classes of the element around a drawing: 'drawing drawing-auto by-grad'."""
    return f"drawing drawing-{theme}" + (f" by-{color}" if color != "kind" else "")


def properties(theme: str, colors: tuple[str, ...]) -> list[str]:
    """The custom properties of a theme: the colours, and the shades of each overlay."""
    name = f".drawing-{theme}"
    base = "light" if theme == "auto" else theme
    found = [f"{name}{{color-scheme:{'dark' if theme == 'dark' else 'light dark' if theme == 'auto' else 'light'};{listed(THEMES[base])}}}",
             *(f"{name}.by-{color}{{{shade_list(color, base)}}}" for color in colors)]
    if theme == "auto":
        dark = [f"{name}{{{listed(DARK)}}}", *(f"{name}.by-{color}{{{shade_list(color, 'dark')}}}" for color in colors)]
        found.append(f"@media (prefers-color-scheme:dark){{{''.join(dark)}}}")
    forced = {role: FORCED.get(role, "CanvasText" if role.endswith("-line") else "Canvas") for role in LIGHT}
    overlay = ";".join(f"--shade{i}:Canvas" for i in range(SHADES)) if colors else ""
    found.append(f"@media (forced-colors:active){{{name}{name}{{{listed(forced)}{';' + overlay if overlay else ''}}}}}")
    return found


def listed(colours: dict[str, str]) -> str:
    return ";".join(f"--{role}:{colour}" for role, colour in colours.items())


def shade_list(color: str, theme: str) -> str:
    return ";".join(f"--shade{i}:{colour}" for i, colour in enumerate(shades(color, theme)))


def rules(theme: str) -> list[str]:
    """What has which colour. A program that knows no custom properties finds each colour of the theme written before them."""

    def use(what: str, role: str) -> str:
        return f"{what}:{THEMES[theme][role]};{what}:var(--{role})"

    found = [
        f".drawing text{{font-family:{MONOSPACE};{use('fill', 'ink')}}}",
        f".drawing .paper{{{use('fill', 'paper')}}}",
        ".drawing .title{font-weight:bold;font-size:13px}",
        f".drawing .muted{{{use('fill', 'muted')}}}",
        f".drawing .value{{{use('fill', 'value')}}}",
        f".drawing .gradient{{font-style:italic;{use('fill', 'gradient')}}}",
        f".drawing .wire{{fill:none;stroke-linejoin:round;{use('stroke', 'wire')}}}",
        f".drawing .head{{stroke:none;{use('fill', 'wire')}}}",
        f".drawing .frame{{{use('fill', 'frame')};{use('stroke', 'frame-line')}}}",
        f".drawing rect.odd{{{use('fill', 'frame2')}}}",
        f".drawing .band{{paint-order:stroke;stroke-width:4px;stroke-linejoin:round;{use('stroke', 'frame')}}}",
        f".drawing .band.odd{{{use('stroke', 'frame2')}}}",
        ".drawing .name{font-weight:bold;font-size:12px}",
    ]
    for kind in KINDS:
        found.append(f".drawing .{kind}>.shape{{{use('fill', kind)};{use('stroke', kind + '-line')}}}")
        found.append(f".drawing .{kind}>.mark{{{use('fill', kind + '-line')};stroke:none}}")
    found += [f".drawing .shade{i}>.shape{{fill:var(--shade{i})}}" for i in range(SHADES)]
    found += [f".drawing .shaded text{{{use('fill', 'ink')}}}",
              f".drawing .chip text{{{use('fill', 'ink')}}}",
              f".drawing .badge>.shape{{{use('fill', 'badge')};stroke:none}}",
              f".drawing .badge text{{{use('fill', 'badge-text')}}}"]
    return found
