"""How do the ratios look? Points with their quartiles on a logarithmic axis, a line for each row, workload by workload.

What is left of 1 is faster. The colour says which way of ours, the shape which peer; a short bar is a goal. Single layers and
operations, which are many, have a picture of their own.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks.peers import OURS, TITLES
from benchmarks.rounds import Row

SHAPES = {"torch": "o", "torch_last": "P", "torch_compiled": "X", "jax": "v", "hips": "s", "micrograd": "^", "mygrad": "D"}
COLOURS = {"onetape": "#0b4f8a", "compiled": "#c2410c", "numpy_only": "#93b7d9", "compiled_numpy": "#f3b489"}
FILES = {"ratios.svg": None, "operations.svg": ("layers", "operations")}
"""Which workloads are in which picture; None are all that are in no other. One column of axes for each that is named."""


def drawn(rows: list[Row], folder: Path) -> str | None:
    """Write the pictures. Returns None, or why there are none."""
    try:
        import matplotlib
    except ImportError:
        return "no picture: pip install matplotlib"
    matplotlib.use("Agg")
    matplotlib.rcParams["svg.hashsalt"] = "benchmarks"
    rows = [row for row in rows if set(row.seconds) - set(OURS) and set(row.seconds) & set(OURS)]
    elsewhere = {name for names in FILES.values() for name in names or ()}
    for file, names in FILES.items():
        columns = [[row for row in rows if row.workload == name] for name in names] if names else \
            [[row for row in rows if row.workload not in elsewhere]]
        if any(columns):
            figure([column for column in columns if column], folder / file)
    return None


def figure(columns: list[list[Row]], file: Path) -> None:
    from matplotlib import pyplot

    height = max(len(column) + 1.5 * len({row.workload for row in column}) for column in columns)
    whole, places = pyplot.subplots(1, len(columns), figsize=(9 * len(columns), 1.6 + 0.27 * height), layout="constrained", squeeze=False)
    shown: set[str] = set()
    for axes, column in zip(places[0], columns):
        shown |= fill(axes, column)
    handles = legend(shown)
    whole.legend(handles=handles, loc="outside upper center", ncols=3 * len(columns), frameon=False, fontsize=9)
    whole.savefig(file, metadata={"Date": None})
    pyplot.close(whole)


def fill(axes: Any, rows: list[Row]) -> set[str]:
    """Draw rows from top to bottom, and say which libraries are seen."""
    place, ticks, shown, before = 0.0, [], set(), ""
    for row in rows:
        if row.workload != before:
            place += 1.5 if row.variant else 0.7
            if row.variant:
                axes.text(-0.01, place - 0.95, row.workload.replace("_", " "), transform=axes.get_yaxis_transform(), ha="right",
                          va="center", weight="bold", fontsize=9)
            before = row.workload
        ticks.append((place, row.variant or row.title, "normal" if row.variant else "bold"))
        axes.axhline(place, color="#f1f5f9", linewidth=13 if len(ticks) % 2 else 0, zorder=0)
        ours_here = [ours for ours in OURS if ours in row.seconds]
        for i, ours in enumerate(ours_here):
            height = place + 0.5 * ((i + 0.5) / len(ours_here) - 0.5)
            for peer in (peer for peer in row.seconds if peer not in OURS):
                middle, low, high = row.ratio(peer, ours)
                axes.plot([low, high], [height, height], color=COLOURS[ours], linewidth=1.2, alpha=0.6)
                axes.plot(middle, height, SHAPES[peer], color=COLOURS[ours], markersize=4.5, markeredgewidth=0)
                if (goal := row.goals.get(f"{ours} {peer}")) is not None:
                    axes.plot(goal, height, "|", color=COLOURS[ours], markersize=8, markeredgewidth=1.5)
                    shown.add("goal")
                shown |= {ours, peer}
        place += 1
    axes.axvline(1, color="black", linewidth=0.8, zorder=1)
    axes.set_xscale("log")
    axes.set_ylim(place, -0.2)
    axes.set_yticks([where for where, _, _ in ticks], [text for _, text, _ in ticks], fontsize=8)
    for label, (_, _, weight) in zip(axes.get_yticklabels(), ticks):
        label.set_weight(weight)
    axes.tick_params("y", length=0)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.set_xlabel("our time / its time (left of 1: we are faster)")
    axes.grid(axis="x", which="major", alpha=0.4)
    axes.grid(axis="x", which="minor", alpha=0.15)
    axes.spines[["top", "right", "left"]].set_visible(False)
    return shown


def legend(shown: set[str]) -> list[Any]:
    from matplotlib.lines import Line2D

    colours = [Line2D([], [], color=COLOURS[name], linewidth=4, label=TITLES[name]) for name in OURS if name in shown]
    shapes = [Line2D([], [], color="#475569", linestyle="", marker=mark, label="to " + TITLES[name]) for name, mark in SHAPES.items()
              if name in shown]
    goal = [Line2D([], [], color="#475569", linestyle="", marker="|", markersize=9, label="goal")] if "goal" in shown else []
    return colours + shapes + goal
