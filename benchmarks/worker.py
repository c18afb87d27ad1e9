"""What does a process of one library do?

    python benchmarks/worker.py <workload> <variant> <library>

It prepares, then answers on its standard output the lines it reads: `check FILE` computes one step and saves the
results; `time N` runs N steps and tells the seconds, after a quarter as many that are not counted: they wake the
threads. Run as a script, it sees this folder and not the one above, so that `import autograd` finds the library that is
installed in its environment, whoever's that is.

Read next: `rounds.py`, which asks.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path


def main(name: str, variant: str, library: str) -> None:
    import numpy as np
    import workloads

    answers, sys.stdout = sys.stdout, sys.stderr  # what a library prints is no answer
    workload = workloads.load(name)
    step = getattr(workload, workloads.way(library))(*workload.inputs(variant))
    self_timed = getattr(workload, "SELF_TIMED", False)
    answer(answers, {"library": library, "version": version(library), "python": sys.version.split()[0], "numpy": np.__version__})
    for line in sys.stdin:
        command, argument = line.split(maxsplit=1)
        if command == "check":
            np.savez(Path(argument.strip()), *([] if self_timed else workloads.results(step)))
            answer(answers, "saved")
        elif command == "time":
            number = int(argument)
            if self_timed:
                answer(answers, sum(step() for _ in range(number)))
                continue
            for _ in range(-(-number // 4) if number > 1 else 0):
                step()
            start = time.perf_counter()
            for _ in range(number):
                step()
            answer(answers, time.perf_counter() - start)


def answer(stream, value) -> None:
    print(json.dumps(value), file=stream, flush=True)


def version(library: str) -> str:
    from importlib import metadata

    names = {"hips": "autograd", "torch_last": "torch", "torch_compiled": "torch", "compiled": "onetape", "numpy_only": "onetape",
             "compiled_numpy": "onetape"}
    return metadata.version(names.get(library, library))


if __name__ == "__main__":
    main(*sys.argv[1:])
