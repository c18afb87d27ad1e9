"""Does `python -m autograd.drawing` draw what it is told to, and say what it cannot?"""

import io
import subprocess
import sys

import pytest

from autograd import draw, tensor
from autograd.drawing.__main__ import main


def test_the_demo_in_words(capsys):
    assert main(["demo"]) == 0
    printed = capsys.readouterr().out
    assert "0.73" in printed and "∂−0.20" in printed


@pytest.mark.parametrize("suffix, start", [("svg", "<svg"), ("html", "<!doctype html>"), ("dot", "digraph"), ("json", "{"),
                                           ("txt", "tape")])
def test_every_format(tmp_path, capsys, suffix, start):
    assert main(["demo", "cs231n", "-o", str(tmp_path / f"g.{suffix}"), "--theme", "cs231n"]) == 0
    assert (tmp_path / f"g.{suffix}").read_text().lower().startswith(start)
    assert "wrote" in capsys.readouterr().out


def test_a_saved_graph(tmp_path, capsys):
    x = tensor(2.0, requires_grad=True, name="x")
    draw(x * x).save(tmp_path / "g.json")
    assert main([str(tmp_path / "g.json")]) == 0
    assert "multiply x x" in capsys.readouterr().out


def test_a_function_of_a_module(tmp_path):
    (tmp_path / "train.py").write_text("import nn, numpy as np\n"
                                       "def loss():\n    return nn.Linear(2, 1, rng=0)(np.ones((3, 2), np.float32)).sum()\n"
                                       "def model():\n    return nn.Linear(2, 1, rng=0), np.ones((3, 2), np.float32)\n")
    for name in ("loss", "model"):
        done = subprocess.run([sys.executable, "-m", "autograd.drawing", f"train:{name}", "-o", "net.html"], cwd=tmp_path,
                              capture_output=True, text=True, check=True)
        assert "wrote net.html" in done.stdout and "<!doctype html>" in (tmp_path / "net.html").read_text().lower()


@pytest.mark.parametrize("what, said", [("nothing", "neither demo, nor"), ("os:no_such_function", "has no function 'no_such_function'"),
                                        ("no_such_module_at_all:f", "no module 'no_such_module_at_all'"), ("missing.json", "missing.json"),
                                        ("os:getcwd", "str"), ("demo -o x.jpeg", "suffix")])
def test_what_cannot_be_drawn(what, said, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(what.split())
    assert stopped.value.code == 2
    assert said in capsys.readouterr().err


def test_a_broken_file(tmp_path, capsys):
    (tmp_path / "g.json").write_text('{"format": 1}')
    with pytest.raises(SystemExit):
        main([str(tmp_path / "g.json")])
    assert "no graph that autograd.drawing wrote" in capsys.readouterr().err


def test_a_terminal_without_box_drawing(monkeypatch):
    narrow = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", narrow)
    assert main(["demo"]) == 0
    narrow.flush()
    assert b"`- %8: f64  divide 1 %7" in narrow.buffer.getvalue()
