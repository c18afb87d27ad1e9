"""What is shown? The goals, a table of each workload in Markdown, and the numbers as JSON; pictures are drawn by `picture.py`.

A ratio is our time over the peer's: below 1 we are faster. Behind it, in brackets, the quartiles over the rounds.

Read next: `picture.py`.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import picture, workloads
from benchmarks.peers import OURS, PEERS, ROOT, TITLES
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
    """What the terminal shows: a line for each of ours and each peer; one line where there is none; and one for each problem."""
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


def outcomes(row: Row) -> list[tuple[str, ...]]:
    """A line for each goal of the row: what was to be reached, what was, and whether that is enough."""
    text, found = size if row.measures == "bytes" else duration, []
    for pair, goal in row.goals.items():
        ours, peer = pair.split()
        if ours in row.seconds and peer in row.seconds:
            ratio = row.ratio(peer, ours)[0]
            found.append((row.title, TITLES[ours], TITLES[peer], f"{goal:g}", f"{ratio:.2f}", "met" if ratio <= goal else "**missed**"))
        else:
            found.append((row.title, TITLES[ours], TITLES[peer], f"{goal:g}", "", "not measured"))
    for (variant, ours), most in getattr(workloads.load(row.workload), "MOST", {}).items():
        if variant == row.variant and ours in row.seconds:
            reached = row.typical(ours)
            found.append((row.title, TITLES[ours], "", text(most), text(reached), "met" if reached <= most else "**missed**"))
    return found


def tabular(head: Sequence[str], body: list[tuple[str, ...]]) -> list[str]:
    """A table in Markdown, with even columns."""
    widths = [max(len(line[i]) for line in [head, *body]) for i in range(len(head))]
    table = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths)) + " |" for line in [head, *body]]
    return [table[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *table[1:]]


def section(name: str, rows: list[Row]) -> list[str]:
    """The table of a workload: under each row the times of the peers, then for each of ours its time and its ratios."""
    what, text = ("memory", size) if rows[0].measures == "bytes" else ("time", duration)
    peers = [peer for peer in PEERS if any(peer in row.seconds for row in rows)]
    body = []
    for row in rows:
        theirs = [text(row.typical(peer)) if peer in row.seconds else "" for peer in peers]
        if peers:
            body.append((row.variant, f"the peer's {what}", "", *theirs))
        for ours in (ours for ours in OURS if ours in row.seconds):
            ratios = ["{:.2f} ({:.2f} - {:.2f})".format(*row.ratio(peer, ours)) if peer in row.seconds else "" for peer in peers]
            body.append(("" if peers else row.variant, TITLES[ours], text(row.typical(ours)), *ratios))
    problems = [f"* {row.title}, {TITLES[library]}: not measured: {problem}" for row in rows for library, problem in row.problems.items()]
    about = " ".join((workloads.load(name).__doc__ or "").strip().split("\n\n")[0].split())
    table = tabular(("", "", f"{what} per {rows[0].unit}", *(TITLES[peer] for peer in peers)), body) if body else []
    return [f"### {name.replace('_', ' ')}", "", about, "", *table, "", *problems, *([""] if problems else [])]


def markdown(rows: list[Row], about: dict[str, Any], skipped: dict[str, str]) -> str:
    versions = {TITLES[library]: version for row in rows for library, version in row.versions.items() if library not in OURS}
    goals = [line for row in rows for line in outcomes(row)]
    met = sum(line[-1] == "met" for line in goals)
    groups = {row.workload: [other for other in rows if other.workload == row.workload] for row in rows}
    return "\n".join([
        "# Benchmarks", "",
        "Ratios of our time to the peer's, below 1 is faster: the median of the ratios within each round, and in brackets their quartiles.",
        "Written by `python -m benchmarks`; what each workload computes is in `benchmarks/workloads/`, and how it is measured in",
        "`docs/benchmarks.md`.", "",
        f"{about['processor']}, {about['cores']} cores, {about['threads']} threads for every library; {about['system']}; "
        f"Python {about['python']}, NumPy {about['numpy']}; {''.join(f'{name} {version}, ' for name, version in versions.items())}"
        f"commit {about['commit']}, {about['date']}.", "",
        *[f"{TITLES[name]} was left out: {reason}" for name, reason in skipped.items()], *([""] if skipped else []),
        *(["## Goals", "", f"{met} of {len(goals)} are met.", "",
           *tabular(("workload", "ours", "to", "goal", "reached", ""), goals), ""] if goals else []),
        "## Workloads", "",
        *[line for name, group in groups.items() for line in section(name, group)]]).rstrip() + "\n"


def write(rows: list[Row], skipped: dict[str, str], effort: Effort, folder: Path) -> str:
    """Write table.md, table.json and pictures into the folder; return the table."""
    folder.mkdir(parents=True, exist_ok=True)
    about = machine(effort)
    text = markdown(rows, about, skipped)
    (folder / "table.md").write_text(text)
    (folder / "table.json").write_text(json.dumps({"machine": about, "effort": asdict(effort), "skipped": skipped,
                                                   "rows": [asdict(row) for row in rows]}, indent=1) + "\n")
    problem = picture.drawn(rows, folder)
    return text + (f"\n{problem}\n" if problem else "")
