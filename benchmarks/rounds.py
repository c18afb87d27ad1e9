"""How is time measured on a machine that is never quiet?

Libraries take turns: in each round every library runs for a tenth of a second, in an order that changes from
round to round, and only the ratio within a round counts, because whatever slows the machine slows neighbours in time
alike. Between turns all wait for a moment: the threads of a linear algebra library go on asking for work for some
tenths of a second, and would take a processor from whose turn it is. Processes also differ by chance (where their
memory lies), so each row is measured in several sets of fresh ones. Reported are the median of all ratios and the quartiles.

Read next: `report.py`.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import workloads
from benchmarks.peers import OURS, PEERS

WORKER = Path(__file__).with_name("worker.py")


@dataclass
class Effort:
    """How long to measure: a turn and the pause before it in seconds, rounds in each set of processes, sets, and a limit in seconds
    for a row."""

    turn: float = 0.1
    pause: float = 0.2
    rounds: int = 15
    launches: int = 3
    limit: float = 25.0
    threads: int = 2


@dataclass
class Row:
    """What was measured for one variant of a workload.

    measures: "seconds", or "bytes"
    seconds:  for each library, the time (or memory) of one unit in each round
    versions: of the libraries
    problems: what went wrong, by library; such a library is not timed
    """

    workload: str
    variant: str
    title: str
    unit: str
    measures: str = "seconds"
    goals: dict[str, float] = field(default_factory=dict)
    seconds: dict[str, list[float]] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)

    def typical(self, library: str) -> float:
        return statistics.median(self.seconds[library])

    def ratio(self, peer: str, ours: str = "onetape") -> tuple[float, float, float]:
        """The median, lower and upper quartile of our time over the peer's, within a round."""
        ratios = [a / b for a, b in zip(self.seconds[ours], self.seconds[peer])]
        low, middle, high = statistics.quantiles(ratios, n=4, method="inclusive") if len(ratios) > 1 else ratios * 3
        return middle, low, high


class Worker:
    """A process of one library, and a line of questions and answers with it."""

    def __init__(self, workload: str, variant: str, library: str, threads: int) -> None:
        python = sys.executable if library in OURS else str(PEERS[library].python)
        self.said = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed by close()
        limits = {name: str(threads) for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
        kernels = {"AUTOGRAD_KERNELS": "numpy"} if library in ("numpy_only", "compiled_numpy") else {}
        self.process = subprocess.Popen([python, str(WORKER), workload, variant, library], text=True,
                                        env={**os.environ, **limits, **kernels}, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=self.said)
        self.about: dict[str, Any] = {}

    def ask(self, question: str) -> Any:
        assert self.process.stdin and self.process.stdout
        try:
            if question:
                self.process.stdin.write(question + "\n")
                self.process.stdin.flush()
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            self.process.wait()
            self.said.seek(0)
            raise RuntimeError((self.said.read().strip() or f"it ended with status {self.process.returncode}").splitlines()[-1])
        return json.loads(line)

    def check(self, expected: tuple[Any, ...], tolerance: float) -> None:
        """Run one step and compare with the reference."""
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "results.npz"
            self.ask(f"check {file}")
            with np.load(file) as saved:
                agree(list(saved.values()), expected, tolerance)

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()
        self.said.close()


def agree(results: Any, expected: tuple[Any, ...], tolerance: float) -> None:
    """Are the results the expected ones, relative to the largest number in each?"""
    if len(results) != len(expected):
        raise RuntimeError(f"{len(results)} results instead of {len(expected)}")
    for place, (ours, right) in enumerate(zip(results, expected)):
        error = np.max(np.abs(np.asarray(ours, float) - right), initial=0.0) / max(np.max(np.abs(right), initial=0.0), 1e-300)
        if not error <= tolerance:
            raise RuntimeError(f"result {place} is off by {error:.1e}, relative; {tolerance:.0e} is allowed")


def measure(name: str, variant: str, libraries: list[str], effort: Effort) -> Row:
    """One row of the table."""
    workload = workloads.load(name)
    row = Row(name, variant, title(name, variant), workload.UNIT, getattr(workload, "MEASURES", "seconds"))
    row.goals = {f"{ours} {peer}": goal for (of, peer, *who), goal in workload.GOALS.items() if of == variant
                 for ours in who or ["onetape"]}
    libraries = [library for library in libraries if hasattr(workload, workloads.way(library))]
    expected = workload.reference(*workload.inputs(variant))
    deadline = time.perf_counter() + max(effort.limit, getattr(workload, "LIMIT", 0.0))
    for _ in range(effort.launches):
        if row.seconds and time.perf_counter() > deadline:
            break
        workers = {library: Worker(name, variant, library, effort.threads) for library in libraries if library not in row.problems}
        try:
            numbers = {}
            for library, worker in list(workers.items()):
                try:
                    worker.about = worker.ask("")
                    worker.check(expected, workload.TOLERANCE)
                    time.sleep(effort.pause)
                    numbers[library] = calibrate(worker, effort.turn)
                    row.versions[library] = worker.about["version"]
                except RuntimeError as error:
                    row.problems[library] = str(error)
                    workers.pop(library).close()
            if not any(library in OURS for library in workers):
                break
            for turn in range(effort.rounds):
                if row.seconds and time.perf_counter() > deadline:
                    break
                for library in list(workers) if turn % 2 else list(workers)[::-1]:
                    time.sleep(effort.pause)
                    seconds = workers[library].ask(f"time {numbers[library]}")
                    row.seconds.setdefault(library, []).append(seconds / numbers[library] / workload.count(variant))
        finally:
            for worker in workers.values():
                worker.close()
    row.seconds = {library: row.seconds[library] for library in libraries if library in row.seconds and library not in row.problems}
    return row


def calibrate(worker: Worker, turn: float) -> int:
    """How many steps fill a turn. Each try is made twice: a first step, or one in which threads wake, can take fifty times as long."""
    number = 1
    while (seconds := min(worker.ask(f"time {number}") for _ in range(2))) < turn / 2:
        number = max(2 * number, min(10 * number, int(number * turn / max(seconds, 1e-9))))
    return max(1, round(number * turn / seconds))


def title(name: str, variant: str) -> str:
    return " ".join([name.replace("_", " "), variant]).strip()
