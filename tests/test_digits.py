"""Does the first network learn to read? And the second one to see?"""

import csv
import importlib.util
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("sklearn")
pytest.importorskip("tqdm")
ROOT = Path(__file__).parent.parent


def example(name):
    spec = importlib.util.spec_from_file_location(name, ROOT / "examples" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def digits():
    return example("train_digits")


@pytest.mark.parametrize("seed", [0, 1])
def test_digits(digits, tmp_path, capsys, seed):
    """A shorter run; the whole one of 22 epochs reaches 99 % with any seed from 0 to 3."""
    pytest.importorskip("matplotlib")
    out = tmp_path / "new" / "out"
    accuracy = digits.main(["--seed", str(seed), "--epochs", "6", "--out", str(out)])
    captured = capsys.readouterr()
    assert accuracy >= 0.97
    assert f"{accuracy:.2%} on the 599 held out" in captured.out
    assert "172,218 parameters" in captured.out  # the summary
    assert "stage3" in captured.out and "linear" in captured.out  # the graph in words
    assert "epoch 6/6: 100%" in captured.err
    written = {path.name for path in out.iterdir()}
    assert {"curves.png", "confusion.png", "mistakes.png", "filters.png", "graph.svg", "graph.html", "log.csv", "checkpoints"} <= written
    assert written & {"graph.png", "graph.dot"}
    with (out / "log.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 6 and float(rows[-1]["val_accuracy"]) == accuracy


def test_digits_without_graphviz_and_resumed(digits, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("autograd.drawing.renderer.command", lambda form: None)
    small = digits.network(4)
    monkeypatch.setattr(digits, "network", lambda: small)
    common = ["--batch", "256", "--out", str(tmp_path)]
    digits.main([*common, "--epochs", "2"])
    assert (tmp_path / "graph.dot").exists() and (tmp_path / "graph.svg").exists()
    assert "onetape[draw]" in capsys.readouterr().out
    digits.main([*common, "--epochs", "2", "--resume"])  # there is nothing left to do
    assert "epoch 1/2" not in capsys.readouterr().err


def test_cifar10(tmp_path, capsys):
    """On files in the form of the real ones: classes that differ in colour."""
    pytest.importorskip("matplotlib")
    rng = np.random.default_rng(0)
    folder = tmp_path / "cifar-10-batches-bin"
    folder.mkdir()
    for name, count in [*((f"data_batch_{i}", 8) for i in range(1, 6)), ("test_batch", 10)]:
        labels = rng.integers(0, 2, count)
        pixels = np.clip(rng.normal(128, 30, (count, 3, 1024)), 0, 255)
        pixels[labels == 1, 0] *= 0.2
        rows = np.concatenate([labels[:, None], pixels.reshape(count, 3072)], axis=1).astype(np.uint8)
        (folder / f"{name}.bin").write_bytes(rows.tobytes())
    (folder / "batches.meta.txt").write_text("\n".join(f"kind {i}" for i in range(10)), encoding="utf-8")
    cifar = example("cifar10")
    common = ["--data", str(tmp_path), "--batch", "10", "--out", str(tmp_path / "run"), "--workers", "0", "--lr", "0.02"]
    cifar.main([*common, "--epochs", "1", "--limit", "20"])
    assert "269,722 parameters" in capsys.readouterr().out
    assert {"curves.png", "confusion.png", "filters.png", "log.csv", "step-00000002.npz", "best.npz"} <= {
        path.name for path in (tmp_path / "run").iterdir()}
    with pytest.raises(FileExistsError):
        cifar.main([*common, "--epochs", "1", "--limit", "20"])
