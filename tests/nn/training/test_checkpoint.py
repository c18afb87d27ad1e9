"""Does a run survive being killed, and a folder of checkpoints whatever a disk may do to it?"""

import errno
import json
import os
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

import autograd
import nn
import nn.training.checkpoint
import optim
from nn.data import ArrayDataset, DataLoader
from nn.training import Accuracy, Callback, Checkpoints, NonFiniteLoss, Trainer, latest, load_checkpoint, save_checkpoint
from nn.training.checkpoint import checkpoints_in, sealed

ROOT = Path(__file__).parents[3]


def loader(seed=3):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(48, 3)).astype(np.float32)
    return DataLoader(ArrayDataset(x, (x[:, 0] > 0).astype(int)), batch_size=16, shuffle=True, seed=seed)


def trainer(*callbacks, lr=0.1, **options):
    model = nn.Sequential(nn.Linear(3, 8, rng=0), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.2), nn.Linear(8, 2, rng=1))
    return Trainer(model, nn.CrossEntropyLoss(), optim.Adam(model.parameters(), lr=lr), metrics=[Accuracy()], callbacks=callbacks,
                   progress=False, **options)


def steps_in(folder):
    return [path.name for path in checkpoints_in(folder)]


def same(a, b):
    return sealed(a.state_dict()) == sealed(b.state_dict())


# ---- kill -9 ------------------------------------------------------------------------------------------------------


def killed(folder, moments):
    folder.mkdir()
    done = subprocess.run([sys.executable, "-m", "tests.nn.training.killed", str(folder), *moments], cwd=ROOT, capture_output=True,
                          text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the chain of killed runs is forked")
def test_killed_at_twenty_random_moments(tmp_path):
    """Augmentation, dropout, workers, momentum, schedule, metrics, early stopping: the result is that of the uninterrupted run."""
    whole = killed(tmp_path / "whole", [])
    assert 25 <= whole["step"] < 40  # stopped early
    rng = np.random.default_rng(20)
    for chain in range(2):
        steps = np.sort(rng.choice(np.arange(1, whole["step"]), 10, replace=False))
        moments = [f"w{step}" if step % 2 == 0 and rng.random() < 0.7 else str(step) for step in steps]
        for i in rng.choice(10, 3, replace=False):  # by the clock, wherever it is by then
            moments[i] = f"t{rng.uniform(0.02, 0.4):.2f}-{steps[i]}"
        result = killed(tmp_path / f"chain{chain}", moments)
        assert result["statuses"] == [-9] * 10
        assert result["result"] == whole["result"]
        folder = tmp_path / f"chain{chain}"
        assert not list(folder.glob(".*")) and len(steps_in(folder)) == 2 and (folder / "best.npz").exists()


# ---- damaged files ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A folder with three checkpoints."""
    folder = tmp_path_factory.mktemp("run")
    trainer(Checkpoints(folder)).fit(loader(), epochs=3)
    return folder


def copied(run, folder):
    for path in checkpoints_in(run):
        (folder / path.name).write_bytes(path.read_bytes())
    return checkpoints_in(folder)


@pytest.mark.parametrize("damage", ["cut", "flipped", "longer", "zeroed"])
def test_a_damaged_file_is_never_loaded(run, tmp_path, damage):
    older, newest = copied(run, tmp_path)[-2:]
    whole, rng = newest.read_bytes(), np.random.default_rng(50)
    places = [0, 1, len(whole) - 1, len(whole) - 64, len(whole) - 71, *rng.integers(0, len(whole), 50)]
    for place in places:
        spoilt = bytearray(whole)
        if damage == "cut":
            del spoilt[place:]
        elif damage == "flipped":
            spoilt[place] ^= 1 << int(rng.integers(8))
        elif damage == "longer":
            spoilt[place:place] = b"\0"
        else:
            spoilt[place:] = bytes(len(spoilt) - place)
        newest.write_bytes(spoilt)
        with pytest.raises(ValueError, match="is damaged"):
            load_checkpoint(newest)
        with pytest.warns(RuntimeWarning, match=f"{newest.name} is damaged.*An older checkpoint is used"):
            assert latest(tmp_path) == older
    newest.write_bytes(whole)
    assert latest(tmp_path) == newest


def test_the_previous_one_is_used(run, tmp_path):
    """And the run is the same in the end."""
    whole = trainer(Checkpoints(tmp_path / "whole"))
    autograd.random.seed(1)
    whole.fit(loader(), epochs=5)
    autograd.random.seed(1)
    trainer(Checkpoints(tmp_path / "own")).fit(loader(), epochs=3)
    newest = checkpoints_in(tmp_path / "own")[-1]
    newest.write_bytes(newest.read_bytes()[:1000])
    own = trainer(Checkpoints(tmp_path / "own"))
    with pytest.warns(RuntimeWarning, match="damaged"):
        own.fit(loader(seed=8), epochs=5, resume=True)
    assert same(own, whole)
    assert steps_in(tmp_path / "own") == ["step-00000009.npz", "step-00000012.npz", "step-00000015.npz"]


def test_nothing_good_is_left(run, tmp_path):
    for path in copied(run, tmp_path):
        path.write_bytes(b"nonsense")
    own = trainer(Checkpoints(tmp_path))
    with pytest.warns(RuntimeWarning, match="damaged"):
        assert latest(tmp_path) is None
    with pytest.warns(RuntimeWarning, match="damaged"):
        own.fit(loader(), epochs=1, resume=True)
    assert own.step == 3 and steps_in(tmp_path) == ["step-00000003.npz"]


def test_other_files(tmp_path):
    autograd.save({"a": np.ones(3)}, tmp_path / "model.npz")
    with pytest.raises(ValueError, match="is damaged, or no checkpoint"):
        load_checkpoint(tmp_path / "model.npz")
    nn.training.checkpoint.write(sealed({"a": np.ones(3)}), tmp_path / "model.npz")
    with pytest.raises(ValueError, match="is no checkpoint of a Trainer"):
        load_checkpoint(tmp_path / "model.npz")
    with pytest.raises(FileNotFoundError, match="nowhere"):
        load_checkpoint(tmp_path / "nowhere.npz")
    with pytest.raises(FileNotFoundError, match=r"there is no checkpoint .*nowhere\.npz"):
        trainer().fit(loader(), resume=tmp_path / "nowhere.npz")
    with pytest.raises(ValueError, match=r"a \.npz file"):
        save_checkpoint(trainer(), tmp_path / "a.pt")
    assert latest(tmp_path / "nowhere") is None


def test_a_checkpoint_is_an_npz_file(run):
    path = latest(run)
    state = load_checkpoint(path)
    with np.load(path) as archive:
        np.testing.assert_array_equal(archive["model/0.weight"], state["model"]["0.weight"])
    assert autograd.load(path)["counts"] == state["counts"] == {"epoch": 3, "step": 9, "batch": 0, "drained": False,
                                                                 "loss_sum": state["counts"]["loss_sum"], "loss_count": 48.0}


# ---- a full disk --------------------------------------------------------------------------------------------------


def test_a_full_disk(tmp_path, monkeypatch):
    own = trainer(Checkpoints(tmp_path, every=1, keep=2))
    content = sealed(own.state_dict())

    class Full:
        """A file on a disk with room for some bytes more."""

        def __init__(self, file):
            self.file = file

        def write(self, data):
            self.file.write(data[: len(data) // 3])
            raise OSError(errno.ENOSPC, "No space left on device")

    def write(content, path):
        with nn.training.checkpoint.replacing(path) as file:
            (Full(file) if own.step == 5 else file).write(content)

    monkeypatch.setattr(nn.training.checkpoint, "write", write)
    with pytest.raises(OSError, match=r"checkpoint of step 5 could not be written \(No space left.*last good one is .*step-00000004.npz"
                       ) as error:
        own.fit(loader(), epochs=3)
    assert error.value.errno == errno.ENOSPC and len(content) > 1000
    assert sorted(os.listdir(tmp_path)) == ["step-00000003.npz", "step-00000004.npz"]
    monkeypatch.undo()
    own.fit(loader(), epochs=3, resume=True)
    assert own.step == 9


def test_a_limit_on_files(tmp_path):
    """A real refusal of the system, in the middle of a write."""
    resource = pytest.importorskip("resource")
    path = save_checkpoint(trainer(), tmp_path / "a.npz")
    before, limits = path.read_bytes(), resource.getrlimit(resource.RLIMIT_FSIZE)
    own = trainer()
    own.fit(loader(), epochs=1)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) // 2, limits[1]))
    try:
        with pytest.raises(OSError) as error:
            save_checkpoint(own, path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert error.value.errno == errno.EFBIG
    assert path.read_bytes() == before and os.listdir(tmp_path) == ["a.npz"]


# ---- which are kept -----------------------------------------------------------------------------------------------


def test_the_last_and_the_best(tmp_path):
    values = iter([0.1, 0.5, 0.9, 0.3, 0.2, 0.9])

    class Script(Callback):
        def on_epoch_end(self, trainer):
            trainer.history.epochs[-1]["val_score"] = next(values)

    keeper = Checkpoints(tmp_path, keep=2, best="val_score")
    trainer(keeper, Script()).fit(loader(), epochs=6)  # checkpoints come last, whatever the order here
    assert steps_in(tmp_path) == ["step-00000015.npz", "step-00000018.npz"]
    assert load_checkpoint(keeper.best_path)["counts"]["epoch"] == 3 and keeper.best_value == 0.9
    assert keeper.newest == tmp_path / "step-00000018.npz"
    assert load_checkpoint(keeper.newest)["callbacks"]["Checkpoints"] == {"best_value": 0.9}


@pytest.mark.parametrize("every, kept", [("epoch", [3, 6, 9]), (2, [2, 4, 6, 8, 9]), (4, [4, 8, 9]), (100, [9])])
def test_how_often(tmp_path, every, kept):
    trainer(Checkpoints(tmp_path, every=every, keep=None)).fit(loader(), epochs=3)
    assert steps_in(tmp_path) == [f"step-{step:08d}.npz" for step in kept]


def test_stopped_on_the_way_is_saved_too(tmp_path):
    class Stop(Callback):
        def on_step_end(self, trainer):
            if trainer.step == 5 and self in trainer.callbacks:
                trainer.stop("here")

    autograd.random.seed(0)
    trainer(Stop(), folder=tmp_path).fit(loader(), epochs=3)
    assert steps_in(tmp_path)[-1] == "step-00000005.npz"
    own, whole = trainer(folder=tmp_path), trainer(folder=tmp_path / "whole")
    own.fit(loader(), epochs=3, resume=True)
    autograd.random.seed(0)
    whole.fit(loader(), epochs=3)
    assert same(own, whole)


# ---- resuming -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["own", "folder", "file"])
def test_where_to_resume_from(run, place):
    own = trainer(**({"folder": run} if place == "own" else {}))
    own.fit(loader(), epochs=3, resume={"own": True, "folder": str(run), "file": latest(run)}[place])
    assert own.step == 9 and len(own.history) == 3
    saved, now = load_checkpoint(latest(run)), own.state_dict()
    for part in ("model", "optimizer", "counts", "random", "batches", "metrics"):
        assert sealed({"": now[part]}) == sealed({"": saved[part]}), part


def test_nothing_there_starts_anew(tmp_path):
    own = trainer(folder=tmp_path / "new" / "run")
    own.fit(loader(), epochs=1, resume=True)
    assert own.step == 3 and steps_in(tmp_path / "new" / "run") == ["step-00000003.npz"]


def test_another_run_is_not_mixed_up(run, tmp_path):
    paths = copied(run, tmp_path)
    with pytest.raises(FileExistsError, match=r"step-00000003.npz is a checkpoint of another run.*fit\(\.\.\., resume=True\)"):
        trainer(folder=tmp_path).fit(loader(), epochs=1)
    with pytest.raises(FileExistsError, match="this run is at step 6"):
        trainer(folder=tmp_path).fit(loader(), epochs=3, resume=paths[1])
    assert checkpoints_in(tmp_path) == paths
    trainer(Checkpoints(tmp_path, overwrite=True)).fit(loader(), epochs=1)
    assert steps_in(tmp_path) == ["step-00000003.npz"]


def test_another_model_is_refused(run):
    model = nn.Linear(3, 2)
    own = Trainer(model, nn.CrossEntropyLoss(), optim.Adam(model.parameters()), metrics=[Accuracy()], progress=False)
    before = model.weight.data.copy()
    with pytest.raises(RuntimeError, match="does not fit the Linear"):
        own.fit(loader(), epochs=9, resume=run)
    np.testing.assert_array_equal(model.weight.data, before)
    assert own.step == 0


def test_remains_of_a_killed_write_are_removed(tmp_path):
    (tmp_path / ".step-00000003.npz.abcd.tmp").write_bytes(b"half")
    trainer(folder=tmp_path).fit(loader(), epochs=1)
    assert os.listdir(tmp_path) == ["step-00000003.npz"]


@pytest.mark.parametrize("arguments", [{"every": "step"}, {"every": 0}, {"every": True}, {"keep": 0}])
def test_settings(arguments, tmp_path):
    with pytest.raises(ValueError, match="Checkpoints"):
        Checkpoints(tmp_path, **arguments)


# ---- a loss that is no number -------------------------------------------------------------------------------------


class Planted(nn.Module):
    """A network whose tenth training step takes the logarithm of zero, or whose gradient there is infinite."""

    def __init__(self, what):
        self.body, self.norm, self.head = nn.Linear(3, 8, rng=0), nn.BatchNorm1d(8), nn.Linear(8, 2, rng=1)
        self.what, self.calls = what, nn.Buffer(0)

    def forward(self, x):
        h = self.norm(self.body(x))
        if self.training:
            self.calls.assign(self.calls + 1)
            if int(self.calls) == 10:
                zero = (h * 0).relu()
                h = zero.log() if self.what == "log" else h + ((zero**2).sum(axis=1, keepdims=True)).sqrt()
        return self.head(h)


@pytest.mark.parametrize("what", ["log", "sqrt", "data"])
def test_a_loss_that_is_not_finite(tmp_path, what):
    model = Planted(what)
    own = Trainer(model, nn.CrossEntropyLoss(), optim.SGD(model.parameters(), lr=0.1), progress=False,
                  callbacks=[Checkpoints(tmp_path, every=2, keep=2)])
    batches = list(loader())
    if what == "data":
        x = batches[1][0].copy()
        batches *= 4
        x[5, 2] = np.nan
        batches[9] = x, batches[1][1]
    snapshots = {}

    class Watch(Callback):
        def on_step_end(self, trainer):
            snapshots[trainer.step] = sealed(trainer.model.state_dict())

    own.callbacks.insert(0, Watch())
    with np.errstate(all="ignore"), pytest.raises(NonFiniteLoss) as caught:
        own.fit(batches, epochs=12)
    error, text = caught.value, str(caught.value)
    assert (error.step, own.step) == (9, 9) and f"at step 9 (epoch {own.epoch}, batch" in text
    assert error.checkpoint == str(tmp_path / "step-00000008.npz") and error.checkpoint in text
    assert sealed(model.state_dict()) == snapshots[9]  # running means, too
    assert all(p.grad is None for p in model.parameters())
    if what == "log":
        assert text.startswith("the loss is nan") and "log" in error.origin and error.origin in text
    elif what == "sqrt":
        assert "its gradient is not finite" in text and "NaN or infinite is the gradient of body.weight" in text
        assert "sqrt" in error.origin
    else:
        assert "The inputs of this batch hold NaN or infinity, in sample 5 of the batch." in text and "body" in error.origin
    assert steps_in(tmp_path) == ["step-00000006.npz", "step-00000008.npz"]
    good = load_checkpoint(error.checkpoint)
    assert all(np.isfinite(values).all() for values in good["model"].values())


def test_parameters_that_are_not_finite_are_not_saved(tmp_path):
    class Spoil(Callback):
        def on_step_end(self, trainer):
            if trainer.step == 4:
                with trainer.model[0].weight.writing() as values:
                    values[0, 0] = np.inf

    own = trainer(Checkpoints(tmp_path, every=1), Spoil())
    with pytest.raises(NonFiniteLoss, match=r"0\.weight became NaN or infinite in step 3.*last good checkpoint is .*step-00000003.npz"):
        own.fit(loader(), epochs=4)
    assert steps_in(tmp_path)[-1] == "step-00000003.npz"


def test_no_warning_where_all_is_well(run):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert latest(run).name == "step-00000009.npz"
