"""How does the alias matrix look?

    python -m tests.alias.table             one line for each route, with PyTorch's column beside ours
    python -m tests.alias.table multiply    one line for each route, for the operations whose name contains that
    python -m tests.alias.table --page      as docs/values.md has it

A cell says of how many operations the write was refused, and of how many the gradient was right. (`a/b`: a refused, b right.)

Read next: `docs/values.md`.
"""

import importlib
import json
import pkgutil
import sys
import warnings
from collections import Counter
from pathlib import Path

import tests.cases
from tests.alias.matrix import AFTER, BEFORE, EARLY, REFUSED, RIGHT, WRONG

PYTORCH = Path(__file__).with_name("pytorch.json")


def matrix(part=""):
    """(route, time) -> how often it was refused, right and wrong, over all primitives that keep something."""
    for module in pkgutil.iter_modules(tests.cases.__path__):
        importlib.import_module(f"tests.cases.{module.name}")
    from autograd.primitive import Primitive
    from tests.alias.test_alias import SUBJECTS, row

    cells, subjects = {}, 0
    for name, cases in SUBJECTS.items():
        f = cases[0].f
        if not isinstance(f, Primitive) or not f.keeps or part not in name:
            continue
        subjects += 1
        for case in cases:
            filled = row(name, case)
            for cell, counts in (filled.cells if filled is not None else {}).items():
                worst = WRONG if counts[WRONG] else REFUSED if counts[REFUSED] else RIGHT
                cells.setdefault(cell, Counter())[worst] += 1
    return cells, subjects


def text(counts):
    if counts is None:
        return ""
    wrong = f"  {counts[WRONG]} WRONG" if counts[WRONG] else ""
    return f"{counts[REFUSED]}/{counts[RIGHT]}{wrong}"


def table(part=""):
    cells, subjects = matrix(part)
    theirs = json.loads(PYTORCH.read_text()) if PYTORCH.exists() else {"version": "?", "date": "?", "routes": {}}
    columns = ["route", EARLY, BEFORE, AFTER, f"PyTorch {theirs['version']}, {theirs['date']}"]
    lines = []
    for route in dict.fromkeys(route for route, _ in cells):
        lines.append([route, *(text(cells.get((route, time))) for time in (EARLY, BEFORE, AFTER)), theirs["routes"].get(route, "")])
    lines += [[route, "", "", "", said] for route, said in theirs["routes"].items() if route not in {line[0] for line in lines}]
    widths = [max(map(len, column)) for column in zip(columns, *lines)]
    print(f"{subjects} primitives that keep an input, their result or a residual. Refused/right; what is wrong is said.\n")
    for line in (columns, ["-" * width for width in widths], *lines):
        print("  ".join(entry.ljust(width) for entry, width in zip(line, widths)).rstrip())


def page():
    """The lines of the table in docs/values.md: in words what becomes of the write here, in numbers what becomes of it in PyTorch."""
    cells, _ = matrix()
    theirs = json.loads(PYTORCH.read_text())["routes"]
    for route in dict.fromkeys([*(route for route, _ in cells), *theirs]):
        counts = sum((cells.get((route, time), Counter()) for time in (EARLY, BEFORE, AFTER)), Counter())
        said = "" if not counts else "WRONG" if counts[WRONG] else REFUSED if not counts[RIGHT] else RIGHT if not counts[REFUSED] else \
            "refused or right"
        yield f"| `{route}` | {said} | {theirs.get(route, '')} |"


if __name__ == "__main__":
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if sys.argv[1:2] == ["--page"]:
            print(*page(), sep="\n")
        else:
            table(*sys.argv[1:2])
