"""Do the logs say what happened, once, also after a crash?"""

import contextlib
import csv
import json
import struct

import numpy as np
import pytest

import nn
import optim
from nn.data import ArrayDataset, DataLoader
from nn.training import Accuracy, Callback, Checkpoints, CSVLog, JSONLog, TensorBoardLog, Trainer, tfevents


class Crash(Callback):
    order = 20

    def __init__(self, step):
        self.step = step

    def on_step_end(self, trainer):
        if trainer.step == self.step:
            raise KeyboardInterrupt


def trained(folder, make, crash=None, epochs=3, resume=False):
    """Four steps in an epoch, a checkpoint after every third step."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(64, 3)).astype(np.float32)
    t = (x[:, 0] > 0).astype(int)
    model = nn.Linear(3, 2, rng=0)
    callbacks = [make(), Checkpoints(folder / "checkpoints", every=3), *([Crash(crash)] if crash else [])]
    trainer = Trainer(model, nn.CrossEntropyLoss(), optim.SGD(model.parameters(), lr=0.1), metrics=[Accuracy()], callbacks=callbacks,
                      progress=False)
    with contextlib.suppress(KeyboardInterrupt):
        trainer.fit(DataLoader(ArrayDataset(x, t), batch_size=16, shuffle=True, seed=0), [(x, t)], epochs=epochs, resume=resume)
    return trainer


LOGS = {"csv": (CSVLog, "log.csv"), "json": (JSONLog, "log.jsonl")}


@pytest.mark.parametrize("kind", LOGS)
@pytest.mark.parametrize("every", ["epoch", "step"])
def test_lines(tmp_path, kind, every):
    cls, name = LOGS[kind]
    path = tmp_path / "new" / name
    trainer = trained(tmp_path, lambda: cls(path, every))
    text = path.read_text(encoding="utf-8").splitlines()
    rows = list(csv.DictReader(text)) if kind == "csv" else list(map(json.loads, text))
    history = trainer.history
    expected = history.epochs if every == "epoch" else [
        {"step": i + 1, **{name: values[i] for name, values in history.steps.items()}} for i in range(12)]
    assert [{name: float(value) for name, value in row.items()} for row in rows] == expected
    assert {"epoch", "loss", "accuracy", "val_loss", "val_accuracy", "lr"} <= set(rows[0]) or every == "step"


@pytest.mark.parametrize("kind", LOGS)
@pytest.mark.parametrize("every", ["epoch", "step"])
def test_a_crashed_run_leaves_no_line_twice(tmp_path, kind, every):
    cls, name = LOGS[kind]
    whole, own = tmp_path / "whole", tmp_path / "own"
    trained(whole, lambda: cls(whole / name, every))
    trained(own, lambda: cls(own / name, every), crash=8)
    with (own / name).open("a") as file:
        file.write('{"half a li')
    trained(own, lambda: cls(own / name, every), resume=True)
    assert (own / name).read_text() == (whole / name).read_text()
    trained(own / "other", lambda: cls(own / name, every), epochs=1)  # a new run starts the file anew
    assert len((own / name).read_text().splitlines()) == (1 if every == "epoch" else 4) + (kind == "csv")


def test_what_was_not_measured_at_first(tmp_path):
    class Late(Callback):
        def on_epoch_end(self, trainer):
            if trainer.epoch == 2:
                trainer.history.epochs[-1]['odd, "name"'] = float("nan")

    x, t = np.ones((4, 3), np.float32), np.array([0, 1, 0, 1])
    model = nn.Linear(3, 2)
    logs = [CSVLog(tmp_path / "log.csv"), JSONLog(tmp_path / "log.jsonl")]
    Trainer(model, nn.CrossEntropyLoss(), optim.SGD(model.parameters()), callbacks=[Late(), *logs], progress=False).fit([(x, t)], epochs=3)
    rows = list(csv.DictReader((tmp_path / "log.csv").read_text().splitlines()))
    assert [row['odd, "name"'] for row in rows] == ["", "nan", ""]
    lines = [json.loads(line, parse_constant=pytest.fail) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert [line.get('odd, "name"', "missing") for line in lines] == ["missing", None, "missing"]


def test_settings(tmp_path):
    with pytest.raises(ValueError, match="each 'epoch' or for each 'step'"):
        CSVLog(tmp_path / "a.csv", every="minute")


# ---- TensorBoard --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("data, crc", [(b"123456789", 0xE3069283), (bytes(32), 0x8A9136AA), (b"\xff" * 32, 0x62A8AB43),
                                       (bytes(range(32)), 0x46DD794E)])
def test_checksums_of_rfc_3720(data, crc):
    assert tfevents.crc32c(data) == crc


def test_bytes_of_a_known_file():
    """The first record of every file that TensorFlow writes, but for the time."""
    written = tfevents.record(tfevents.event(0.0, version="brain.Event:2"))
    assert struct.unpack("<Q", written[:8])[0] == len(written) - 16
    assert written[12:] == b"\x09" + bytes(8) + b"\x10\x00\x1a\x0dbrain.Event:2" + written[-4:]
    assert tfevents.masked(b"123456789") == struct.pack("<I", (((0xE3069283 >> 15) | (0xE3069283 << 17)) + 0xA282EAD8) & 0xFFFFFFFF)


@pytest.mark.parametrize("n", [0, 1, 127, 128, 300, 2**40, 2**63 - 1])
def test_integers(n):
    assert list(tfevents.fields(tfevents.field(2, tfevents.VARINT, n))) == [(2, n)]
    assert tfevents.varint(300) == b"\xac\x02"  # the example in Google's description of the format


def events(path):
    content = path.read_bytes()
    found = list(tfevents.records(content))
    assert found[-1][0] == len(content)
    assert b"brain.Event:2" in found[0][1]
    return [tfevents.read_event(data) for _, data in found[1:]]


def test_curves(tmp_path):
    trainer = trained(tmp_path, lambda: TensorBoardLog(tmp_path / "board"))
    (path,) = (tmp_path / "board").iterdir()
    assert "tfevents" in path.name
    found = events(path)
    steps = [(step, values) for step, values in found if "step/loss" in values]
    epochs = [(step, values) for step, values in found if "epoch/loss" in values]
    assert [step for step, _ in steps] == list(range(1, 13)) and [step for step, _ in epochs] == [1, 2, 3]
    assert [values["step/loss"] for _, values in steps] == [np.float32(v) for v in trainer.history.steps["loss"]]
    assert [values["epoch/val_accuracy"] for _, values in epochs] == [np.float32(v) for v in trainer.history.column("val_accuracy")]
    assert set(steps[0][1]) == {"step/loss", "step/lr", "step/grad_norm"}


def test_histograms(tmp_path):
    trainer = trained(tmp_path, lambda: TensorBoardLog(tmp_path / "board", histograms=True))
    histograms = {tag: value for _, values in events(next((tmp_path / "board").iterdir())) for tag, value in values.items()
                  if isinstance(value, dict)}
    assert set(histograms) == {"weights/weight", "weights/bias", "gradients/weight", "gradients/bias"}
    weights = trainer.model.weight.data.astype(float)
    h = histograms["weights/weight"]
    assert [h[1], h[2], h[3]] == [weights.min(), weights.max(), 6]
    assert h[4] == pytest.approx(weights.sum()) and h[5] == pytest.approx((weights**2).sum())
    assert len(h[6]) == len(h[7]) == 30 and sum(h[7]) == 6 and h[6] == sorted(h[6]) and h[6][-1] == pytest.approx(weights.max())
    empty = dict(tfevents.fields(dict(tfevents.fields(tfevents.histogram("a", [np.nan])))[1]))
    assert dict(tfevents.fields(empty[5]))[3] == 0


@pytest.mark.parametrize("tail", [b"", b"\x01\x02", b"\0" * 40])
def test_a_crashed_run_shows_no_step_twice(tmp_path, tail):
    whole, own = tmp_path / "whole", tmp_path / "own"
    trained(whole, lambda: TensorBoardLog(whole))
    crashed = trained(own, lambda: TensorBoardLog(own), crash=8)
    path = own / TensorBoardLog.name
    path.write_bytes(path.read_bytes() + tail)  # the last record was not complete
    assert crashed.step == 8  # and the checkpoint is that of step 6
    trained(own, lambda: TensorBoardLog(own), resume=True)
    assert events(path) == events(whole / TensorBoardLog.name)


def test_a_damaged_record_ends_the_file():
    good = tfevents.record(tfevents.event(1.0, 1, tfevents.scalars({"a": 1.0})))
    for place in range(len(good)):
        spoilt = bytearray(good)
        spoilt[place] ^= 16
        assert len(list(tfevents.records(good + bytes(spoilt) + good))) == 1
    assert [data for _, data in tfevents.records(good + good)] == [good[12:-4]] * 2


def test_tensorboard_itself_reads_it(tmp_path):
    reader = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator", reason="tensorboard is not installed")
    trainer = trained(tmp_path, lambda: TensorBoardLog(tmp_path / "board", histograms=True))
    events = reader.EventAccumulator(str(tmp_path / "board"))
    events.Reload()
    assert [e.value for e in events.Scalars("step/loss")] == [np.float32(v) for v in trainer.history.steps["loss"]]
    assert "weights/weight" in events.Tags()["histograms"]
