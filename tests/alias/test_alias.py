"""Is there a silently wrong cell?

Read next: `table.py`.
"""

import json
from pathlib import Path

import numpy as np
import pytest

from autograd import codegen, interchange, ops, primitive, tensor, writing
from autograd.check import Call
from autograd.primitive import REGISTRY, Primitive
from autograd.testing.cases import CASES, automatic
from tests.alias.matrix import Row, attempt, drawn
from tests.alias.routes import ACTS, GRIPS, WRITES
from tests.alias.table import PYTORCH

PRIMITIVES = [p for name, p in sorted(REGISTRY.items()) if name.startswith("autograd.") and p.needs]
SUBJECTS = {f"{p.module.removeprefix('autograd.')}.{p.name}": CASES.get(f"{p.module}.{p.name}") or [automatic(p)] for p in PRIMITIVES}
COMPOSED = {name.removeprefix("autograd."): cases for name, cases in CASES.items()
            if not isinstance(cases[0].f, Primitive) and name.startswith("autograd.")}
THOROUGH = (ops.multiply, ops.exp, ops.subscript)


def row(name, case):
    """The cells of a case; None if it has no inputs to write to."""
    for call in drawn(case):
        return Row(call, sum(map(ord, name)), case.f in THOROUGH).fill(light=name in COMPOSED)
    return None


@pytest.mark.parametrize("name", [*SUBJECTS, *COMPOSED])
def test_no_cell_is_wrong(name):
    for case in {**COMPOSED, **SUBJECTS}[name]:
        cells = row(name, case)
        assert cells is None or not cells.wrong, f"{case.name}, called with {cells.call.leaves}, {cells.call.kwargs}"


@pytest.mark.parametrize("module, name, broken, route", [
    (writing, "held_elsewhere", lambda tensor: False, "x.writing()"),
    (writing, "visits", lambda writing: 0, "a part of it, later"),
    (interchange, "sealed", lambda array: np.asarray(array).view(), "x.data,"),
    (interchange, "never_changes", lambda array: True, "an operand, the caller's array"),
    (codegen, "frozen", lambda option: option, "an option, an index"),
], ids=lambda value: value if isinstance(value, str) else None)
def test_a_cell_can_be_wrong(monkeypatch, module, name, broken, route):
    """The tests are tested: where the engine is careless, the matrix says so."""
    monkeypatch.setattr(module, name, broken)
    monkeypatch.setattr(codegen, "never_changes", interchange.never_changes)

    @primitive(x=lambda g, y, shifts: np.roll(g, [-s for s in shifts], range(g.ndim)) * y, b=lambda g, x: g * x)
    def rolled(x, b, shifts):
        return np.roll(x, shifts, range(x.ndim)) * b

    call = Call(rolled, (np.array([[1.0, 2.0], [3.0, 5.0]]), np.array([[2.0, 7.0], [4.0, 3.0]]), [1, 1]))
    assert any(cell.startswith(route) for cell in Row(call).fill().wrong)


def test_of_what_is_seen_something_is_written():
    """No route is idle: each write does change an array that may be written."""
    for name, write in WRITES.items():
        for array in (np.array([2.0, 3.0, 1.0]), np.array([[2.0, 3.0], [1.0, 5.0]])):
            before = array.copy()
            attempt(write, array)
            if not (array.ndim == 1 and name == "np.fill_diagonal"):
                assert not np.array_equal(array, before), name


def test_the_one_hole_is_numpys():
    """`np.add.at` does not ask whether an array may be written, be it one of ours or not. No array without a copy is safe from it."""
    for array in (tensor([1.0, 2.0]).data, np.broadcast_to(1.0, (2,))):
        assert not array.flags.writeable
        try:
            np.add.at(array, [0], 5.0)
        except ValueError:
            continue  # NumPy has mended it: then say so in docs/values.md
        assert array[0] == 6


def test_the_page_has_the_table():
    """docs/values.md says of each route what the matrix says, and of PyTorch what was frozen."""
    page = (Path(__file__).parents[2] / "docs" / "values.md").read_text(encoding="utf-8")
    frozen = json.loads(PYTORCH.read_text())
    for route, said in frozen["routes"].items():
        assert any(line.startswith(f"| `{route}` |") and line.endswith(f"| {said} |") for line in page.splitlines()), route
    for route in (*GRIPS, *ACTS):
        assert f"| `{route}` |" in page, f"{route}: run python -m tests.alias.table --page"
    assert f"PyTorch {frozen['version']}, {frozen['date']}" in page and "| WRONG |" not in page
