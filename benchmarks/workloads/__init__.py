"""What is a workload?

A file with the same computation in several libraries. It needs NumPy alone to be imported, and has

    inputs(variant)     the arrays to start from: a tuple
    reference(*inputs)  the results, in plain NumPy written by hand: a tuple of arrays
    onetape(*inputs)    ours; and one function named after each peer (torch, hips, micrograd, mygrad).
                        Each prepares, and returns `step`, which computes once and returns the same results

    UNIT, count(variant)     what a step consists of, to divide the time by
    VARIANTS                 the sizes it comes in; the key is shown in the table
    SMOKE                    those of them that tests run
    TOLERANCE                relative, for the comparison with the reference
    GOALS                    by variant and peer: the ratio we want to reach; see the table's last column

A `step` that measures itself (one that starts a process, say) has `SELF_TIMED = True` and returns seconds.

Read next: `chain_4x4.py`, the shortest.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

NAMES = ("chain_4x4", "chain_scalar", "graph", "mlp", "hessian", "import_time")


def load(name: str) -> Any:
    """The module of a workload. (The package is called `benchmarks.workloads` here and `workloads` in a peer's process.)"""
    return import_module(f"{__name__}.{name}")
