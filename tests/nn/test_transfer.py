"""Does what was learned about the digits 0 to 4 help with the digits 5 to 9, and is the example repeatable?"""

import importlib.util
from pathlib import Path

import pytest

pytest.importorskip("sklearn")


def test_transfer(capsys):
    spec = importlib.util.spec_from_file_location("transfer", Path(__file__).parents[2] / "examples" / "transfer.py")
    example = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(example)
    result = example.main(["--seed", "1"])
    printed = capsys.readouterr().out
    assert result["source"] > 0.96
    assert result["new head"] > 0.8  # guessing: 0.2
    assert result["fine-tuned"] > result["new head"]
    assert "froze 10 of 10 parameters" in printed
    assert printed.count("unfroze 4 of 10 parameters") == 2
    assert example.main(["--seed", "1"]) == result
