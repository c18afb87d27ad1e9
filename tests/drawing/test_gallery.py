"""Are the pictures in the documentation those that the code draws? (V47.) And are they the same everywhere? (V12.)"""

import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
GALLERY = ROOT / "docs" / "gallery"

ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1"}
"""On a busy machine the threads of a matrix product mostly wait for each other, and use the processor meanwhile."""


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    folder = tmp_path_factory.mktemp("gallery")
    subprocess.run([sys.executable, ROOT / "docs" / "gallery.py", "--out", folder], check=True, cwd=ROOT, capture_output=True,
                   env={**os.environ, **ONE_THREAD, "PYTHONHASHSEED": "7", "PYTHONPATH": str(ROOT)})
    return folder


def test_v47_the_gallery_is_what_the_code_draws(drawn):
    assert {path.name for path in drawn.iterdir()} == {path.name for path in GALLERY.iterdir()}
    different = [path.name for path in sorted(drawn.iterdir()) if path.read_bytes() != (GALLERY / path.name).read_bytes()]
    assert not different, f"draw them anew: python docs/gallery.py ({', '.join(different)})"


def test_every_picture_is_shown(drawn):
    pages = (ROOT / "README.md").read_text() + (ROOT / "docs" / "gallery.md").read_text()
    missing = [path.name for path in drawn.iterdir() if f"gallery/{path.name}" not in pages]
    assert not missing, f"no page shows {missing}"


@pytest.mark.parametrize("seed", ["1", "2"])
def test_v12_the_same_in_every_process(seed):
    done = subprocess.run([sys.executable, "-m", "tests.drawing.hashes"], check=True, cwd=ROOT, capture_output=True, text=True,
                          env={**os.environ, **ONE_THREAD, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)})
    expected = (Path(__file__).parent / "hashes.txt").read_text()
    assert done.stdout == expected, "if the pictures were meant to change: python -m tests.drawing.hashes > tests/drawing/hashes.txt"


def test_v12_no_address_time_path_or_host():
    for path in GALLERY.iterdir():
        text = path.read_text()
        assert not re.search(r"0x[0-9a-f]{6,}|/home/|/tmp/|/root/|/work/|20\d\d-\d\d-\d\d", text), path.name
        assert hashlib.sha256(text.encode()).hexdigest()
