"""What do all pictures have in common?

A white figure of matplotlib's, axes without a frame, one set of colours, images in a grid, and a file at the end if a path is
given. The colour of what was trained on and of what was held out is the same everywhere.

Read next: `__main__.py`.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np

Path_ = str | os.PathLike[str] | None
Array = np.ndarray[Any, Any]

TRAINED, HELD_OUT, GREY, GOOD = "#1f77b4", "#e4572e", "#6b7280", "#2a9d5b"
COLOURS = ("#1f77b4", "#e4572e", "#2a9d5b", "#8e5bb5", "#c99700", "#00857c", "#c2477f", "#6b7280")


def figure(width: float, height: float) -> Any:
    """An empty Figure. ImportError, with what to install, without matplotlib."""
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as missing:
        raise ImportError('pictures need matplotlib: pip install "onetape[plot]"') from missing
    made = Figure(figsize=(width, height), layout="constrained", facecolor="white")
    FigureCanvasAgg(made)
    return made


def finished(made: Any, path: Path_) -> Any:
    """The figure, written into a file if there is a path."""
    if path is not None:
        place = Path(path)
        place.parent.mkdir(parents=True, exist_ok=True)
        made.savefig(place, dpi=150)
    return made


def styled(axes: Any, title: str = "", xlabel: str = "", ylabel: str = "", grid: bool = True) -> Any:
    """Axes without frame, with a faint grid."""
    axes.set_title(title, loc="left", fontsize=11, fontweight="bold", color="#222222")
    axes.set_xlabel(xlabel, color=GREY)
    axes.set_ylabel(ylabel, color=GREY)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color("#c0c4cc")
    axes.tick_params(colors=GREY, labelsize=9)
    if grid:
        axes.grid(alpha=0.25, linewidth=0.8)
    axes.set_axisbelow(True)
    return axes


def stretched(values: Array) -> Array:
    """Between 0 and 1."""
    low, high = values.min(), values.max()
    return (values - low) / (high - low) if high > low else np.full_like(values, 0.5)


def tiled(tiles: Sequence[Array], columns: int, title: str, labels: Sequence[str] = (), size: float = 0.7) -> Any:
    """Images in a grid, with text above them. All in one pair of axes: many of these take long to lay out."""
    columns = max(min(columns, len(tiles)), 1)
    rows = max(ceil(len(tiles) / columns), 1)
    tall = tiles[0].shape[0] / tiles[0].shape[1] if len(tiles) else 1.0
    across, down = 1.12, tall + (0.5 if labels else 0.12)
    made = figure(max(size * columns * across + 0.2, 3.6), max(size * rows * down, 0.2) + 0.5)
    made.suptitle(title, x=0.02, ha="left", fontsize=11, fontweight="bold", color="#222222")
    axes = made.add_subplot()
    axes.set_axis_off()
    for number, tile in enumerate(tiles):
        x, y = number % columns * across, number // columns * down + down - tall
        axes.imshow(tile, cmap="gray", vmin=0, vmax=1, interpolation="nearest", extent=(x, x + 1, y + tall, y))
        if labels:
            axes.text(x + 0.5, y - 0.04, labels[number], fontsize=8, color="#333333", ha="center", va="bottom", linespacing=1.1)
    axes.set_aspect("equal")
    axes.set_xlim(-0.05, columns * across)
    axes.set_ylim(rows * down + 0.05, 0)
    return made
