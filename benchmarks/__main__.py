"""The command line: `python -m benchmarks`. See the package's docstring."""

from __future__ import annotations

import argparse
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks import report, workloads
from benchmarks.peers import OURS, PEERS, ROOT
from benchmarks.rounds import Effort, measure, title


def within(effort: Effort, workload: Any) -> Effort:
    """No more effort than the workload asks for."""
    return replace(effort, **{name: min(getattr(effort, name), most) for name, most in getattr(workload, "EFFORT", {}).items()})


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure onetape and its peers in turn.")
    parser.add_argument("names", nargs="*", help="workloads, by the beginning of the name shown by --list (default: all)")
    parser.add_argument("--list", action="store_true", help="show the workloads and stop")
    parser.add_argument("--peers", default=",".join(PEERS), help="comma-separated (default: %(default)s)")
    parser.add_argument("--ours", default=",".join(OURS), help="comma-separated (default: %(default)s)")
    parser.add_argument("--threads", type=int, default=min(2, os.cpu_count() or 1), help="for every library (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=Effort.rounds, help="in each set of processes (default: %(default)s)")
    parser.add_argument("--launches", type=int, default=Effort.launches, help="sets of fresh processes (default: %(default)s)")
    parser.add_argument("--limit", type=float, default=Effort.limit, help="seconds for a row, about (default: %(default)s)")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results", help="folder for the results (default: %(default)s)")
    options = parser.parse_args()
    chosen = [(name, variant) for name in workloads.NAMES for variant in workloads.load(name).VARIANTS
              if not options.names or any(title(name, variant).startswith(n.replace("_", " ")) for n in options.names)]
    if options.list or not chosen:
        print("\n".join(title(name, variant) for name in workloads.NAMES for variant in workloads.load(name).VARIANTS))
        return
    peers = [name for name in options.peers.split(",") if name]
    for name in peers:
        if name not in PEERS:
            parser.error(f"no peer is called {name!r}: choose from {', '.join(PEERS)}")
    skipped = {}
    for name in peers:
        if (problem := PEERS[name].set_up()) is not None:
            skipped[name] = problem
            print(f"{PEERS[name].title} is left out: {problem}")
    effort = Effort(rounds=options.rounds, launches=options.launches, limit=options.limit, threads=options.threads)
    rows = []
    for name, variant in chosen:
        libraries = [*options.ours.split(","), *(peer for peer in peers if peer not in skipped)]
        rows.append(measure(name, variant, libraries, within(effort, workloads.load(name))))
        for line in report.lines(rows[-1]):
            print("  ".join(cell.ljust(width) for cell, width in zip(line, (24, 8, 32, 8, 22, 8, 6, 12, 0))), flush=True)
    print("\n" + report.write(rows, skipped, effort, options.out))
    print(f"in {options.out}: table.md, table.json, pictures")


if __name__ == "__main__":
    main()
