"""Do the examples run, and do they show what they say? On tiny settings. (`test_digits.py` and `nn/test_transfer.py` have three more.)"""

import importlib.util
import runpy
import sys
from math import log
from pathlib import Path

import numpy as np
import pytest

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
TESTED_ELSEWHERE = {"train_digits": "test_digits.py", "cifar10": "test_digits.py", "transfer": "nn/test_transfer.py"}


@pytest.fixture(autouse=True)
def one_thread():
    """Small matrix products on a machine that runs other tests too: threads would only wait for each other."""
    limits = pytest.importorskip("threadpoolctl", reason="comes with scikit-learn, from the extra 'train'").threadpool_limits(1)
    yield
    limits.restore_original_limits()


def example(name):
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def written(folder):
    return {path.name for path in folder.iterdir()}


def test_every_example_is_run():
    here = {name.removeprefix("test_") for name in globals() if name.startswith("test_")}
    names = {path.stem for path in EXAMPLES.glob("*.py")}
    assert names - TESTED_ELSEWHERE.keys() <= here, "write a test for each example"
    for name, file in TESTED_ELSEWHERE.items():
        assert name in names and name in (EXAMPLES.parent / "tests" / file).read_text()


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.py")), ids=lambda path: path.stem)
def test_it_opens_with_its_question(path):
    first, _, rest = path.read_text().removeprefix('"""').partition("\n")
    assert first.split(".")[0].split("?")[0] + "?" in first, "the first line asks what the example answers"
    assert f"python examples/{path.name}" in rest


def test_physics(tmp_path, capsys):
    pytest.importorskip("matplotlib")
    found = example("physics").main(["--steps", "25", "--dt", "0.02", "--links", "20", "--out", str(tmp_path)])
    assert found["apart"] < 1e-12  # the textbook's accelerations are those of the Lagrangian
    assert found["drift"] < 0.05
    assert found["error"] < 0.02  # metres, from a guess that was wrong by 0.4
    assert found["steps"] < 12
    assert found["weight"] == pytest.approx(0.5)
    assert found["pull"] == pytest.approx(found["rope"], rel=0.01)
    assert found["gap"] < 0.005
    assert written(tmp_path) == {"pendulum.png", "chain.png"}
    assert "lengths 0.8000 m, 1.1000 m" in capsys.readouterr().out


def test_the_slopes_of_a_hanging_chain_are_evenly_spaced():
    """Each joint bears what hangs below it: the tangents of the links are an arithmetic progression."""
    angles, force, norms = example("physics").hanging(15, 2.0, 1.2)
    assert np.ptp(np.diff(np.tan(angles))) < 1e-9
    np.testing.assert_allclose(np.tan(angles[-1]) * force[0], 0.5 - 0.5 / 15)
    assert norms[-1] < 1e-12


def test_characters(capsys):
    characters = example("characters")
    found = characters.main(["--epochs", "3", "--length", "40", "--context", "24", "--quiet"])
    printed = capsys.readouterr().out
    assert f"an alphabet of {found['nothing']:.0f}: ln C = {log(found['nothing']):.2f}" in printed
    assert printed.count("This is the ") == 2
    for name in ("LSTM", "Transformer"):
        assert 1 < found[name] < 0.6 * found["nothing"]


def test_the_rhyme_grows():
    characters = example("characters")
    assert characters.verse(3) == "This is the rat, that ate\nthe malt, that lay in\nthe house that Jack built.\n\n"


def test_writing_carries_the_state():
    """Letter by letter with a state is the whole text at once."""
    characters = example("characters")
    model, text = characters.LSTM(5, hidden=6), [0, 3, 1]
    likeliest = model.generate(text, 6, 1e-4, np.random.default_rng(0))
    for i in range(len(text), len(likeliest)):
        assert model(np.array([likeliest[:i]])).data[0, -1].argmax() == likeliest[i]


def test_recipe(monkeypatch, capsys):
    pytest.importorskip("sklearn")
    monkeypatch.setattr(sys, "argv", ["recipe.py", "--quick"])
    runpy.run_path(str(EXAMPLES / "recipe.py"), run_name="__main__")
    assert "6. " in capsys.readouterr().out
