"""Does a history say what happened?"""

import csv
import json
from math import inf, isnan, nan

import numpy as np
import pytest

import autograd
from nn.training import History


def history():
    h = History()
    h.step(loss=2.0, lr=0.1)
    h.step(loss=1.0, lr=0.1, grad_norm=3.0)
    h.step(loss=0.5, lr=0.05)
    h.epochs += [{"epoch": 0, "loss": 2.0, "val_accuracy": 0.5}, {"epoch": 1, "loss": 1.0, "val_accuracy": 0.75, "val_mse": 4.0},
                 {"epoch": 2, "loss": 1.5, "val_accuracy": 0.7, "val_mse": 5.0}]
    return h


def test_steps_stay_equally_long():
    steps = history().steps
    assert steps["loss"] == [2, 1, 0.5] and steps["lr"] == [0.1, 0.1, 0.05]
    np.testing.assert_array_equal(steps["grad_norm"], [nan, 3, nan])


def test_columns_and_the_best():
    h = history()
    assert len(h) == 3
    assert h.column("loss") == [2, 1, 1.5]
    assert isnan(h.column("val_mse")[0]) and h.column("val_mse")[1:] == [4, 5]
    assert h.best("loss")["epoch"] == h.best("val_accuracy")["epoch"] == h.best("val_mse")["epoch"] == 1
    assert h.best("loss", higher=True)["epoch"] == 0
    with pytest.raises(KeyError, match="measured were epoch, loss, val_accuracy, val_mse"):
        h.column("accuracy")
    h.epochs[:] = [{"epoch": 0, "loss": nan}]
    with pytest.raises(ValueError, match="NaN in every epoch"):
        h.best("loss")


def test_files(tmp_path):
    h = history()
    h.epochs[2]["loss"] = inf
    rows = list(csv.DictReader(h.to_csv(tmp_path / "a" / "log.csv").read_text(encoding="utf-8").splitlines()))
    assert [row["val_mse"] for row in rows] == ["", "4.0", "5.0"] and rows[1]["val_accuracy"] == "0.75"
    read = json.loads(h.to_json(tmp_path / "b" / "log.json").read_text(encoding="utf-8"), parse_constant=pytest.fail)
    assert read["steps"]["grad_norm"] == [None, 3, None] and read["epochs"][1] == h.epochs[1] and read["epochs"][2]["loss"] is None


def test_state_goes_through_a_file(tmp_path):
    h, again = history(), History()
    h.step(loss=1 / 3, lr=1e-300)
    autograd.save(h.state_dict(), tmp_path / "h.npz")
    again.load_state_dict(autograd.load(tmp_path / "h.npz"))
    assert repr(again.steps) == repr(h.steps) and again.epochs == h.epochs
    again.step(loss=1.0, lr=0.0)
    assert len(h.steps["loss"]) == 4  # nothing is shared


def test_in_words():
    h = history()
    lines = repr(h).splitlines()
    assert lines[0].split() == ["epoch", "loss", "val_accuracy", "val_mse"] and len(lines) == 4 and len(set(map(len, lines))) == 1
    h.epochs *= 20
    assert len(repr(h).splitlines()) == 22
    assert repr(History()) == "history of no epochs"
