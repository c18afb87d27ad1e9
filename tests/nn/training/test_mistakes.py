"""What does a user hear who gives a trainer something else than was meant?

Read next: `test_main.py`.
"""

import json

import numpy as np
import pytest

import nn
import nn.training.__main__ as main
import optim
from nn.data import ArrayDataset, DataLoader, spiral
from nn.training import (
    Accuracy,
    Checkpoints,
    EarlyStopping,
    Ensemble,
    Trainer,
    check_initial_loss,
    coarse_search,
    doctor,
    load_checkpoint,
    lr_range_test,
    overfit_few,
)

X, T = spiral(20, rng=0)


def trainer(model=None, criterion=None, **options):
    model = nn.models.MLP([2, 8, 3], rng=0) if model is None else model
    return Trainer(model, criterion or nn.CrossEntropyLoss(), optim.SGD(model.parameters(), lr=0.1), progress=False, **options)


# ---- what is no series of batches ---------------------------------------------------------------------------------


@pytest.mark.parametrize("given, words", [
    (X, r"array of shape \(60, 2\), whose rows.*\[inputs\]"),
    ((X, T), r"pair of arrays: write \[\(inputs, targets\)\]"),
    (ArrayDataset(X, T), r"a data set, ArrayDataset.*DataLoader\(dataset, batch_size=64\)"),
])
@pytest.mark.parametrize("ask", [lambda t, b: t.fit(b), lambda t, b: t.evaluate(b), lambda t, b: t.predict(b)])
def test_what_is_no_series_of_batches(given, words, ask):
    with pytest.raises(TypeError, match=words):
        ask(trainer(), given)


def test_what_they_should_have_written():
    some = trainer()
    some.fit([(X, T)])
    assert some.predict([X]).shape == some.predict(DataLoader(ArrayDataset(X, T), batch_size=7)).shape == (60, 3)


def test_lists_of_numbers():
    with pytest.raises(TypeError, match=r"a single sample, with the target 0, and no batch"):
        trainer().fit(list(zip(X, T)))
    with pytest.raises(TypeError, match=r"list of 2 str.*names"):
        trainer().fit(DataLoader([("a.png", 0), ("b.png", 1)], batch_size=2))
    with pytest.raises(TypeError, match=r"list of 2 NoneType"):
        trainer().fit(DataLoader([(X[0], None)] * 2, batch_size=2))
    with pytest.raises(TypeError, match=r"inputs of this batch are a list of 60.*numpy.array\(inputs, dtype=numpy.float32\)"):
        trainer().fit([(X.tolist(), T)])
    with pytest.raises(TypeError, match=r"targets of this batch are a list of 60.*numpy.array\(targets\)"):
        trainer().fit([(X, T.tolist())])


def test_targets_that_a_loss_ignores():
    with pytest.raises(ValueError, match=r"accuracy.*ignore_index"):
        trainer(metrics=[Accuracy()]).fit([(X, np.where(T == 1, -100, T))])


def test_one_column_has_no_highest_score():
    """The highest of one score is the first, always: an accuracy of 100 %."""
    binary = DataLoader(ArrayDataset(X, (T == 1).astype(np.float32)[:, None]), batch_size=16)
    with pytest.raises(ValueError, match=r"'accuracy' takes scores.*one column.*CrossEntropyLoss"):
        trainer(nn.models.MLP([2, 8, 1]), nn.BCEWithLogitsLoss(), metrics=[Accuracy()]).fit(binary)


# ---- the parts of a trainer ---------------------------------------------------------------------------------------


def test_without_brackets():
    with pytest.raises(TypeError, match=r"the class CrossEntropyLoss: write it with brackets"):
        trainer(criterion=nn.CrossEntropyLoss)
    for options in ({"metrics": Accuracy()}, {"metrics": Accuracy}, {"callbacks": EarlyStopping("loss")}):
        with pytest.raises(TypeError, match=rf"takes a list, and not one .*: write {next(iter(options))}=\[...\]"):
            trainer(**options)


def test_a_scheduler_and_limits():
    with pytest.raises(TypeError, match=r"the class StepLR: write StepLR\(optimizer, ...\)"):
        trainer(scheduler=optim.lr_scheduler.StepLR)
    with pytest.raises(ValueError, match="clip_norm='1'"):
        trainer(clip_norm="1")


def test_an_ensemble_of_one_model():
    model = nn.models.MLP([2, 8, 3])
    with pytest.raises(TypeError, match=r"several models, and this is one, a MLP"):
        Ensemble(model)
    assert len(Ensemble(nn.ModuleList([model, model])).models) == 2


def test_an_ensemble_of_other_classes():
    with pytest.raises(ValueError, match=r"answer 1 has shape \(60, 4\).*same classes"):
        Ensemble([nn.Linear(2, 3), nn.Linear(2, 4)])(X)


# ---- the doctor ---------------------------------------------------------------------------------------------------


def test_the_doctor_is_given_something_else():
    model = nn.models.MLP([2, 8, 3])
    sgd = optim.SGD(model.parameters(), lr=0.1)
    with pytest.raises(TypeError, match="brackets"):
        doctor(model, nn.CrossEntropyLoss, sgd, (X, T))
    with pytest.raises(TypeError, match=r"next\(iter\(loader\)\)"):
        doctor(model, nn.CrossEntropyLoss(), sgd, DataLoader(ArrayDataset(X, T)))
    with pytest.raises(TypeError, match="list of 60"):
        doctor(model, nn.CrossEntropyLoss(), sgd, (X.tolist(), T))


def test_the_doctor_sees_a_leap():
    """The loss is four times as large, which alone would not be called too much; the weights are others."""
    model = nn.models.MLP([2, 16, 3], rng=0)
    found = doctor(model, nn.CrossEntropyLoss(), optim.SGD(model.parameters(), lr=100), (X, T))
    assert [finding.kind for finding in found] == ["learning rate"]


@pytest.mark.parametrize("step", [check_initial_loss, overfit_few, lr_range_test, coarse_search])
def test_a_step_of_the_recipe_takes_a_problem(step):
    with pytest.raises(TypeError, match=rf"write {step.__name__}\(Problem\(make_model, loss, data\)\)"):
        step(lambda: nn.models.MLP([2, 8, 3]))


# ---- resuming -----------------------------------------------------------------------------------------------------


def test_resume_takes_a_path():
    for place in (None, 1):
        with pytest.raises(TypeError, match=r"fit\(resume=.*True for the trainer's own"):
            trainer().fit([(X, T)], resume=place)


def test_another_run_is_named_with_what_to_do(tmp_path):
    trainer(folder=tmp_path).fit(DataLoader(ArrayDataset(X, T), batch_size=16))
    other = trainer(folder=tmp_path)
    with pytest.raises(ValueError, match=rf"{tmp_path.name} holds another run.*batch_size=16.*(?s:.*)overwrite=True"):
        other.fit(DataLoader(ArrayDataset(X, T), batch_size=8), resume=True)
    with pytest.raises(RuntimeError, match=r"holds another run(?s:.*)load_checkpoint"):
        trainer(nn.models.MLP([2, 9, 3])).fit(DataLoader(ArrayDataset(X, T), batch_size=16), resume=tmp_path)
    assert other.step == 0


def test_load_checkpoint_takes_a_file(tmp_path):
    with pytest.raises(IsADirectoryError, match=r"load_checkpoint\(latest"):
        load_checkpoint(tmp_path)


def test_a_folder_that_cannot_be_written_is_seen_before_the_first_step(tmp_path):
    (tmp_path / "file").write_text("in the way")
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        some = trainer(callbacks=[Checkpoints(folder)])
        with pytest.raises(OSError, match="no checkpoint can be written into this folder"):
            some.fit([(X, T)])
        assert some.step == 0


# ---- the shell ----------------------------------------------------------------------------------------------------


def said(capsys, *arguments):
    assert main.main([str(argument) for argument in arguments]) == 2
    return capsys.readouterr().err


def test_a_resume_that_fails_leaves_the_settings_alone(tmp_path, capsys):
    x, out = np.random.default_rng(0).normal(size=(40, 3)).astype("float32"), tmp_path / "run"
    np.savez(tmp_path / "a.npz", inputs=x, targets=(x[:, 0] > 0).astype(int))
    first = ["--data", f"npz:{tmp_path / 'a.npz'}", "--model", "linear", "--epochs", "1", "--out", str(out)]
    assert main.main(first) == 0
    before = (out / "settings.json").read_text()
    assert "holds another run" in said(capsys, "--model", "mlp", "--out", out, "--resume")
    assert (out / "settings.json").read_text() == before
    assert main.main(["--out", str(out), "--epochs", "2", "--resume"]) == 0
    assert "the cosine schedule was planned for 1 epochs" in capsys.readouterr().err
    assert json.loads((out / "settings.json").read_text())["epochs"] == 2


def test_files_that_hold_no_problem(tmp_path, capsys):
    x = np.ones((30, 2), np.float32)
    np.savez(tmp_path / "one.npz", inputs=x)
    np.savez(tmp_path / "negative.npz", inputs=x, targets=np.arange(30) % 3 - 1)
    (tmp_path / "two.csv").write_text("a,y\n1,0\n2,1\n")
    out = ("--out", tmp_path / "run")
    assert "two arrays, inputs and targets" in said(capsys, "--data", f"npz:{tmp_path / 'one.npz'}", *out)
    assert "negative targets" in said(capsys, "--data", f"npz:{tmp_path / 'negative.npz'}", *out)
    assert "too few samples for that, 2" in said(capsys, "--data", f"csv:{tmp_path / 'two.csv'}", *out)
    assert f"write --data npz:{tmp_path / 'one.npz'}" in said(capsys, "--data", tmp_path / "one.npz", *out)
    assert f"write --data folder:{tmp_path}" in said(capsys, "--data", tmp_path, *out)
    assert "no checkpoint can be written into this folder" in said(capsys, "--model", "linear", "--out", tmp_path / "two.csv")
    assert "the digits are bundled" in said(capsys, "--data", "digits:here", *out)
