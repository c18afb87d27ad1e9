"""What is a workload?

A file with the same computation in several libraries. It needs NumPy alone to be imported, and has

    inputs(variant)     the arrays to start from: a tuple
    reference(*inputs)  the results, in plain NumPy written by hand: a tuple of arrays
    onetape(*inputs)    ours; compiled(*inputs), ours through `autograd.compile`; and one function named after each peer (torch,
                        torch_last, torch_compiled, jax, hips, micrograd, mygrad). Each prepares, and returns `step`, which computes
                        once and returns the same results, or a function that returns them where it takes time to make arrays of
                        them. What is compiled is compiled before, so that each step is a replay

    UNIT, count(variant)     what a step consists of, to divide the time by
    VARIANTS                 the sizes it comes in; the key is shown in the table
    SMOKE                    those of them that tests run
    TOLERANCE                relative, for the comparison with the reference
    GOALS                    by variant and peer (and which of ours, if not "onetape"): the ratio we want to reach; see the last column
    MOST                     if given, by variant and which of ours: a goal in seconds or bytes
    EFFORT                   if given, limits of `rounds.Effort` for this workload: fewer launches or rounds, where rows are many
    LIMIT                    if given, seconds for a row, where a step takes long

A `step` that measures itself (one that starts a process, say) has `SELF_TIMED = True` and returns seconds, or, if `MEASURES = "bytes"`,
bytes.

What several share is no workload and not in NAMES: `plain.py` has layers in plain NumPy, `training.py` the loop of each library,
`single.py` what is done with one operation.

Read next: `chain_4x4.py`, the shortest.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

NAMES = ("chain_4x4", "chain_scalar", "graph", "mlp", "lenet", "vgg_small", "resnet20", "resnet18", "lstm", "transformer", "layers",
         "operations", "optimizers", "hessian", "peak_memory", "import_time")


def load(name: str) -> Any:
    """The module of a workload. (The package is called `benchmarks.workloads` here and `workloads` in a peer's process.)"""
    return import_module(f"{__name__}.{name}")


def results(step: Any) -> Any:
    """What a step computes, as arrays."""
    found = step()
    return found() if callable(found) else found


def way(library: str) -> str:
    """The function of a workload that stands for a library: of ours with NumPy's kernels, the same one."""
    return {"numpy_only": "onetape", "compiled_numpy": "compiled"}.get(library, library)
