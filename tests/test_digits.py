"""Does the first network learn to read?"""

import importlib.util
from pathlib import Path

import pytest

pytest.importorskip("sklearn")
pytest.importorskip("tqdm")


@pytest.fixture(scope="module")
def example():
    spec = importlib.util.spec_from_file_location("train_digits", Path(__file__).parent.parent / "examples" / "train_digits.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("seed", [0, 1])
def test_digits(example, tmp_path, capsys, seed):
    pytest.importorskip("matplotlib")
    accuracy = example.main(["--seed", str(seed), "--out", str(tmp_path / "new" / "out")])
    printed = capsys.readouterr().out
    assert accuracy >= 0.97
    assert f"{accuracy:.2%} on the 599 held out" in printed
    assert "linear" in printed
    assert "0.weight: f32[128,64]" in printed
    written = {path.name for path in (tmp_path / "new" / "out").iterdir()}
    assert "curves.png" in written
    assert written & {"graph.svg", "graph.dot"}


def test_digits_without_graphviz(example, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("autograd.drawing.renderer.command", lambda form: None)
    example.main(["--epochs", "1", "--out", str(tmp_path)])
    assert (tmp_path / "graph.dot").exists()
    assert "onetape[draw]" in capsys.readouterr().out
