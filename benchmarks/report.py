"""What is shown? A table on the terminal and in Markdown, the numbers as JSON, and a picture of the ratios.

A ratio is our time over the peer's: below 1 we are faster. Behind it, in brackets, the quartiles over the rounds.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
from dataclasses import asdict
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.peers import OURS, ROOT, TITLES
from benchmarks.rounds import Effort, Row


def machine(effort: Effort) -> dict[str, Any]:
    """Where and with what it was measured."""
    processor = platform.processor()
    if Path("/proc/cpuinfo").exists():
        names = [line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
        processor = names[0] if names else processor
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True).stdout.strip()
    return {"processor": processor, "cores": os.cpu_count(), "system": platform.platform(), "python": platform.python_version(),
            "numpy": np.__version__, "threads": effort.threads, "date": datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
            "commit": commit or "unknown"}


def duration(seconds: float) -> str:
    """1.23 us, 45.6 ms, 7.89 s: three digits and a unit."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"


def size(number: float) -> str:
    return f"{number / 1e6:.0f} MB"


HEAD = ("workload", "time per", "ours", "our time", "peer", "its time", "ratio", "quartiles", "goal")


def lines(row: Row) -> list[tuple[str, ...]]:
    """A line of the table for each of ours and each peer; one line where there is none; and one for each problem."""
    found = []
    start = (row.title, row.unit)
    for ours in OURS:
        if ours not in row.seconds:
            continue
        text = size if row.measures == "bytes" else duration
        mine, theirs = text(row.typical(ours)), [peer for peer in row.seconds if peer not in OURS]
        for peer in theirs:
            middle, low, high = row.ratio(peer, ours)
            goal = row.goals.get(f"{ours} {peer}")
            found.append((*start, TITLES[ours], mine, TITLES[peer], text(row.typical(peer)), f"{middle:.2f}", f"{low:.2f} - {high:.2f}",
                          "" if goal is None else f"{goal:g} {'met' if middle <= goal else 'missed'}"))
        if not theirs:
            found.append((*start, TITLES[ours], mine, "", "", "", "", ""))
    found += [(*start, TITLES[library] if library in OURS else "", "", "" if library in OURS else TITLES[library],
               f"not measured: {problem}", "", "", "") for library, problem in row.problems.items()]
    return found


def markdown(rows: list[Row], about: dict[str, Any], skipped: dict[str, str]) -> str:
    body = [line for row in rows for line in lines(row)]
    widths = [max(len(line[i]) for line in [HEAD, *body] if "not measured" not in line[5] or i != 5) for i in range(len(HEAD))]
    table = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths)) + " |" for line in [HEAD, *body]]
    table.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    versions = {TITLES[library]: version for row in rows for library, version in row.versions.items()}
    return "\n".join([
        "# Benchmarks", "",
        "Ratios of our time to the peer's, below 1 is faster: the median of the ratios within each round, and their quartiles.",
        "Written by `python -m benchmarks`; what each workload computes is in `benchmarks/workloads/`.", "",
        f"{about['processor']}, {about['cores']} cores, {about['threads']} threads for every library; {about['system']}; "
        f"Python {about['python']}, NumPy {about['numpy']}; {', '.join(f'{name} {version}' for name, version in versions.items())}; "
        f"commit {about['commit']}, {about['date']}.", "", *table, "",
        *[f"{TITLES[name]} was left out: {reason}" for name, reason in skipped.items()]]).rstrip() + "\n"


def picture(rows: list[Row], file: Path) -> str | None:
    """Ratios as points with their quartiles, on a logarithmic axis. Returns None, or why there is no picture."""
    try:
        import matplotlib
    except ImportError:
        return "no picture: pip install matplotlib"
    matplotlib.use("Agg")
    matplotlib.rcParams["svg.hashsalt"] = "benchmarks"
    from matplotlib import pyplot

    compared = [(row, ours) for row in rows for ours in OURS if ours in row.seconds and set(row.seconds) - set(OURS)]
    marks = {"torch": ("o", "#0b4f8a"), "torch_last": ("P", "#0b4f8a"), "torch_compiled": ("X", "#0891b2"), "jax": ("v", "#9d174d"),
             "hips": ("s", "#a8321a"), "micrograd": ("^", "#4d7c0f"), "mygrad": ("D", "#7c3aed")}
    figure, axes = pyplot.subplots(figsize=(8, 1.4 + 0.24 * len(compared)), layout="constrained")
    for place, (row, ours) in enumerate(compared):
        for peer in (peer for peer in row.seconds if peer not in OURS):
            middle, low, high = row.ratio(peer, ours)
            mark, colour = marks[peer]
            axes.plot([low, high], [place, place], color=colour, linewidth=2, alpha=0.5)
            axes.plot(middle, place, mark, color=colour, label=TITLES[peer])
            if (goal := row.goals.get(f"{ours} {peer}")) is not None:
                axes.plot(goal, place, "|", color=colour, markersize=12, label="goal")
    axes.axvline(1, color="black", linewidth=0.8)
    axes.set_xscale("log")
    axes.set_yticks(range(len(compared)), [row.title + TITLES[ours].removeprefix("onetape") for row, ours in compared])
    axes.invert_yaxis()
    axes.set_xlabel("our time / its time (left of 1: we are faster)")
    axes.grid(axis="x", which="both", alpha=0.2)
    handles, labels = axes.get_legend_handles_labels()
    unique = dict(zip(labels, handles))
    axes.legend(unique.values(), unique.keys(), loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=5, frameon=False)
    figure.savefig(file, metadata={"Date": None})
    pyplot.close(figure)
    return None


def write(rows: list[Row], skipped: dict[str, str], effort: Effort, folder: Path) -> str:
    """Write table.md, table.json and ratios.svg into the folder; return the table."""
    folder.mkdir(parents=True, exist_ok=True)
    about = machine(effort)
    text = markdown(rows, about, skipped)
    (folder / "table.md").write_text(text)
    (folder / "table.json").write_text(json.dumps({"machine": about, "effort": asdict(effort), "skipped": skipped,
                                                   "rows": [asdict(row) for row in rows]}, indent=1) + "\n")
    problem = picture(rows, folder / "ratios.svg")
    return text + (f"\n{problem}\n" if problem else "")
