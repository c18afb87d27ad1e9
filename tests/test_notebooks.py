"""Do the notebooks of the course run, and do they show what they say?"""

import importlib.util
import json
import re
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
IDS = [path.stem for path in NOTEBOOKS]
IMAGES = ("image/png", "image/svg+xml")

for needed in ("nbclient", "ipykernel", "matplotlib", "sklearn"):
    pytest.importorskip(needed, reason=f"notebooks need {needed}: pip install 'onetape[notebooks]'")


def run():
    spec = importlib.util.spec_from_file_location("run_notebooks", ROOT / "notebooks" / "run.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def pictures(cells):
    return sum(any(kind in output.get("data", {}) for kind in IMAGES) for cell in cells if cell["cell_type"] == "code"
               for output in cell["outputs"])


@pytest.mark.parametrize("path", NOTEBOOKS, ids=IDS)
def test_it_runs(path, monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    module, start = run(), time.monotonic()
    notebook = module.executed(path)  # an exception in a cell, or a cell that takes too long, fails here
    print(f"{path.stem}: {time.monotonic() - start:.1f} s")
    stored = json.loads(path.read_text())["cells"]
    assert pictures(notebook.cells) == pictures(stored) > 0, "its pictures are not those that are stored: python notebooks/run.py"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=IDS)
def test_it_is_in_its_one_form(path):
    notebook = json.loads(path.read_text())
    first = "".join(notebook["cells"][0]["source"])
    assert notebook["cells"][0]["cell_type"] == "markdown" and re.match(r"# \d\d · .+\n", first), "it opens with '# 01 · Title'"
    assert first.startswith(f"# {path.stem[:2]} ·")
    assert all(cell.get("execution_count") is None for cell in notebook["cells"] if cell["cell_type"] == "code")
    assert not any(output["output_type"] == "error" for cell in notebook["cells"] if cell["cell_type"] == "code"
                   for output in cell["outputs"])
    assert path.stat().st_size < 1_500_000
    assert not re.search(r"/home/|/root/|/work/|/tmp/", path.read_text())
