"""Writes the table of NumPy's functions: `python docs/coverage.py`. It replaces what is below the line in `docs/numpy.md`.

The table is `autograd/overrides/table.py` in another form. `tests/test_overrides.py` writes it anew and compares.
"""

from __future__ import annotations

from pathlib import Path

from autograd.overrides.table import REFUSED, TABLE, Refusal, Row, written

PAGE = Path(__file__).parent / "numpy.md"
LINE = "<!-- Below this line everything is written by docs/coverage.py. -->\n"

SECTIONS = {
    "ufunc": "Ufuncs", "numpy": "Functions", "numpy.linalg": "numpy.linalg", "numpy.fft": "numpy.fft",
    "numpy.lib.scimath": "numpy.emath", "numpy.lib.stride_tricks": "numpy.lib.stride_tricks",
    "numpy.polynomial.polynomial": "numpy.polynomial.polynomial",
}

BY_NUMPY = {"autograd.overrides.value_only.values": "NumPy, on the values",
            "autograd.overrides.value_only.shapes": "NumPy, on shapes and dtypes",
            "autograd.overrides.value_only.made": "NumPy, asked for with `like=`"}


def answer(row: Row) -> str:
    """Which function answers, as it is called in `autograd`."""
    if row.answer in BY_NUMPY:
        return BY_NUMPY[row.answer]
    module, _, name = row.answer.rpartition(".")
    return f"`{module.removeprefix('autograd.') or 'ops'}.{name}`"


def section(module: str, title: str, rows: list[Row]) -> list[str]:
    """The functions of one module that answer."""
    inside = [row for row in rows if row.name.rpartition(".")[0] == module]
    return [f"\n## {title}\n\n| function | class | answered by |\n|---|---|---|",
            *[f"| `{written(row.name)}` | {row.kind} | {answer(row)} |" for row in inside]]


def refused(refusal: Refusal) -> str:
    """The functions that are refused for one reason."""
    names = [f"`{written(f'{module}.{short}')}`" for module, shorts in refusal.names.items() for short in shorts.split()]
    return f"| {', '.join(names)} | {refusal.reason} | {refusal.instead} |"


def table() -> str:
    """The page below the line."""
    rows = sorted(TABLE.values(), key=lambda row: row.name.lower())
    numbers = ", ".join(f"{sum(row.kind == kind for row in rows)} {kind}" for kind in ("differentiable", "value-only", "refused"))
    answered = [row for row in rows if row.kind != "refused"]
    text = [f"{len(rows)} functions: {numbers}."]
    for module, title in SECTIONS.items():
        text += section(module, title, answered)
    missing = {row.name.rpartition(".")[0] for row in answered} - set(SECTIONS)
    assert not missing, f"a module of NumPy has no section: {missing}"
    text += ["\n## Refused\n\n| functions | because | instead |\n|---|---|---|", *map(refused, REFUSED)]
    return "\n".join(text) + "\n"


def page() -> str:
    """The whole page, with the table anew."""
    head, line, _ = PAGE.read_text(encoding="utf-8").partition(LINE)
    assert line, f"{PAGE} has lost its line"
    return head + line + "\n" + table()


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
