"""What does PyTorch answer? Asks it, freezes its answers and compares ours with them.

    python -m tests.peer.run                  all families
    python -m tests.peer.run conv loss        these
    python -m tests.peer.run conv -k Unpool   those comparisons whose name contains that; nothing is frozen

Needs torch; `make peer` makes an environment that has it. The exit status is the number of disagreements.

Read next: `test_frozen.py`.
"""

from __future__ import annotations

import argparse
import os
import sys
import traceback

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import torch

from tests.peer.comparison import FAMILIES, Comparison, Side, answers, differences, family, ours, write


def torchs(c: Comparison) -> dict[str, np.ndarray]:
    """What PyTorch's side answers."""
    return answers(c, Side(torch.nn, torch.float64, torch.tensor, lambda array: torch.tensor(array, requires_grad=True)))


def main() -> int:
    parser = argparse.ArgumentParser(description="Compare nn with PyTorch, and freeze PyTorch's answers for tests without it.")
    parser.add_argument("families", nargs="*", default=FAMILIES, metavar="family", help=f"of {', '.join(FAMILIES)}; default all")
    parser.add_argument("-k", default="", metavar="text", help="only comparisons whose name contains this; freezes nothing")
    options = parser.parse_args()
    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(1)
    wrong = 0
    for name in options.families:
        theirs, bad = {}, 0
        for c in family(name):
            if options.k not in c.id:
                continue
            try:
                theirs[c.id] = torchs(c)
                found = differences(ours(c), theirs[c.id])
            except Exception as error:
                where = "".join(traceback.format_tb(error.__traceback__)[-1:]).strip()
                found = [f"{type(error).__name__}: {error}", where]
            bad += bool(found)
            if found:
                print(f"\n{name}: {c.id}\n    " + "\n    ".join(found))
        wrong += bad
        size = "" if options.k else f", {write(name, theirs) / 1000:.0f} kB frozen"
        print(f"{name}: {len(theirs)} compared with PyTorch {torch.__version__}, {bad} disagree{size}")
    return min(wrong, 100)


if __name__ == "__main__":
    sys.exit(main())
