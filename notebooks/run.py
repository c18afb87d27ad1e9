"""Runs the notebooks and keeps what they print and draw: `python notebooks/run.py [01 02 ...]`

A notebook is run from top to bottom in a new kernel, in the folder `notebooks/`. Its file is written in one form (no kernel's name, no
times, no numbers of cells), so that a change in it is a change in what it says. `--check` runs without writing: the tests use it.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
LIMIT = 120
"""Seconds that a notebook may take."""


def executed(path: Path) -> Any:
    """The notebook with its outputs. Raises nbclient's CellExecutionError if a cell fails."""
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.read(path, as_version=4)
    os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")
    for threads in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):  # several notebooks may run side by side
        os.environ.setdefault(threads, "1")
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(HERE.parent), os.environ.get("PYTHONPATH", "")]))
    NotebookClient(notebook, timeout=LIMIT, kernel_name="python3", resources={"metadata": {"path": str(HERE)}}).execute()
    return notebook


def tidy(notebook: Any) -> Any:
    """The notebook in its one form."""
    notebook.metadata = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
                         "language_info": {"name": "python"}}
    notebook.nbformat_minor = 5
    for i, cell in enumerate(notebook.cells):
        cell.id = f"cell-{i:02d}"
        cell.metadata = {}
        if cell.cell_type == "code":
            cell.execution_count = None
            cell.outputs = [joined for joined in merged(cell.outputs) if not noise(joined)]
            for output in cell.outputs:
                if "execution_count" in output:
                    output.execution_count = None
                output.pop("metadata", None)
                if output.output_type in ("display_data", "execute_result"):
                    output.metadata = {}
    return notebook


def merged(outputs: list[Any]) -> list[Any]:
    """Text that was printed in several pieces as one piece."""
    result: list[Any] = []
    for output in outputs:
        if result and output.output_type == "stream" == result[-1].output_type and output.name == result[-1].name:
            result[-1].text += output.text
        else:
            result.append(output)
    return result


def noise(output: Any) -> bool:
    """Progress bars and warnings of the kernel belong to one run, not to the text."""
    return bool(output.output_type == "stream" and output.name == "stderr")


def main() -> int:
    parser = argparse.ArgumentParser(description="Run notebooks and keep their outputs.")
    parser.add_argument("names", nargs="*", help="the beginnings of their names (default: all)")
    parser.add_argument("--check", action="store_true", help="run them, and write nothing")
    options = parser.parse_args()
    import nbformat

    for path in sorted(HERE.glob("*.ipynb")):
        if options.names and not path.name.startswith(tuple(options.names)):
            continue
        start = time.monotonic()
        notebook = executed(path)
        if not options.check:
            nbformat.write(tidy(notebook), path)
        print(f"{path.name:<45} {time.monotonic() - start:5.1f} s   {path.stat().st_size / 1000:7.0f} kB", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
