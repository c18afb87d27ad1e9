"""Does `python -m nn.training` train what it was told to?"""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import nn.training.__main__ as main
from nn.training import load_checkpoint
from nn.training.named import DATA, MODELS, OPTIMIZERS, SCHEDULES, Data, data_named, model_named, size_for
from tests.nn.training.killed import spelled

pytest.importorskip("sklearn")
pytest.importorskip("matplotlib")
ROOT = Path(__file__).parents[3]


def called(*arguments):
    return subprocess.run([sys.executable, "-m", "nn.training", *map(str, arguments)], cwd=ROOT, capture_output=True, text=True,
                          timeout=300, check=False)


def test_from_the_shell(tmp_path):
    out = tmp_path / "run"
    done = called("--epochs", 2, "--out", out, "--workers", 1, "--draw", "--schedule", "onecycle")
    assert done.returncode == 0, done.stderr
    assert "mlp on digits: 1198 samples to learn from, 599 held out" in done.stdout
    assert "epoch 2/2: 100%" in done.stderr
    assert {"best.npz", "confusion.png", "curves.png", "graph.html", "graph.svg", "log.csv", "settings.json", "step-00000038.npz",
            "steps.jsonl"} <= {path.name for path in out.iterdir()}
    accuracy = float(done.stdout.split("accuracy ")[1].split()[0])
    assert accuracy > 0.7


def test_help_and_unknown_names():
    done = called("--help")
    assert done.returncode == 0 and "resnet20" in done.stdout and "cifar10:PATH" in done.stdout
    done = called("--optimizer", "sdg")
    assert done.returncode == 2 and "'adamw'" in done.stderr


@pytest.mark.parametrize("arguments, message", [
    (["--model", "resnet21"], "there is no model 'resnet21'; known are linear, mlp, lenet5, resnet20"),
    (["--data", "imagenet"], "there is no data set 'imagenet'; known are digits, cifar10:PATH"),
    (["--data", "cifar10"], "--data cifar10:PATH"),
    (["--data", "cifar10:nowhere"], "there is no CIFAR10 in nowhere"),
    (["--data", "csv:nowhere.csv"], "nowhere.csv"),
    (["--epochs", "-1"], "--epochs is at least 0"),
    (["--batch-size", "0"], "--batch-size is at least 1"),
    (["--evaluate"], "there is no checkpoint in"),
])
def test_errors_are_one_line(tmp_path, capsys, arguments, message):
    assert main.main([*arguments, "--out", str(tmp_path / "new")]) == 2
    error = capsys.readouterr().err
    assert error.startswith("python -m nn.training: ") and message in error and error.count("\n") == 1
    assert not (tmp_path / "new").exists()


def test_resumed_and_evaluated(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(main, "show", lambda *_: None)  # pictures take longer than all else here
    whole, own = tmp_path / "whole", tmp_path / "own"
    first = ["--model", "linear", "--optimizer", "adamw", "--batch-size", "128", "--seed", "3", "--accumulate", "2"]
    assert main.main([*first, "--epochs", "3", "--schedule", "none", "--out", str(whole)]) == 0
    assert main.main([*first, "--epochs", "1", "--schedule", "none", "--out", str(own)]) == 0
    assert main.main(["--out", str(own), "--resume", "--epochs", "3"]) == 0  # the other settings are those of the run
    a, b = (load_checkpoint(folder / "step-00000015.npz") for folder in (whole, own))
    assert spelled(a) == spelled(b)
    assert (own / "log.csv").read_text() == (whole / "log.csv").read_text()
    capsys.readouterr()
    assert main.main(["--out", str(own), "--evaluate"]) == 0
    text = capsys.readouterr().out
    assert "epoch 3, held out: loss" in text
    assert float(text.split("accuracy ")[1].split()[0]) == pytest.approx(a["history"]["epochs"][-1]["val_accuracy"], abs=1e-4)
    assert main.main(["--out", str(own)]) == 2  # a new run does not run over it
    assert "--resume goes on with it, --overwrite removes it" in capsys.readouterr().err
    assert json.loads((own / "settings.json").read_text())["optimizer"] == "adamw"
    assert main.main(["--out", str(own), "--overwrite", "--epochs", "1", "--batch-size", "600", "--tensorboard"]) == 0
    assert sorted(path.name for path in own.glob("step*.npz")) == ["step-00000002.npz"] and list(own.glob("*tfevents*"))


def test_numbers_and_names_in_a_csv_file(tmp_path, capsys):
    rng = np.random.default_rng(0)
    x = rng.normal(5, 3, size=(80, 3))
    lines = ["a,b,c,y", *(f"{r[0]},{r[1]},{r[2]},{(r - 5) @ [1, 2, 3] / 9 + 0.5}" for r in x)]
    (tmp_path / "numbers.csv").write_text("\n".join(lines))
    assert main.main(["--data", f"csv:{tmp_path / 'numbers.csv'}", "--optimizer", "adam", "--lr", "0.1", "--model", "linear", "--epochs",
                      "30", "--batch-size", "32", "--out", str(tmp_path / "numbers")]) == 0
    assert float(capsys.readouterr().out.split("r2 ")[1].split()[0]) > 0.9
    lines = ["a,b,c,y", *(f"{r[0]},{r[1]},{r[2]},{'high' if r[0] > 5 else 'low'}" for r in x)]
    (tmp_path / "names.csv").write_text("\n".join(lines))
    assert main.main(["--data", f"csv:{tmp_path / 'names.csv'}", "--model", "linear", "--epochs", "20", "--out",
                      str(tmp_path / "names")]) == 0
    assert float(capsys.readouterr().out.split("accuracy ")[1].split()[0]) > 0.8


def test_a_folder_of_images(tmp_path, capsys):
    image = pytest.importorskip("PIL.Image")
    rng = np.random.default_rng(0)
    for part, count in (("train", 12), ("val", 4)):
        for label, level in (("dark", 40), ("light", 200)):
            (tmp_path / part / label).mkdir(parents=True)
            for i in range(count):
                pixels = np.clip(rng.normal(level, 20, (12, 12 + i % 2, 3)), 0, 255).astype(np.uint8)
                image.fromarray(pixels).save(tmp_path / part / label / f"{i}.png")
    common = ["--data", f"folder:{tmp_path}", "--epochs", "4", "--batch-size", "8", "--size", "10", "--lr", "0.01"]
    assert main.main([*common, "--out", str(tmp_path / "run")]) == 0
    assert "accuracy 1.0000" in capsys.readouterr().out
    data = data_named(f"folder:{tmp_path / 'train'}", 10)
    assert (len(data.train), len(data.held_out), data.shape, data.names) == (19, 5, (3, 10, 10), ["dark", "light"])


@pytest.fixture(scope="module")
def small():
    image = np.random.default_rng(0).normal(size=(3, 32, 32)).astype(np.float32)
    return Data(None, [(image, 0), (image * 2, 1)], None, (3, 32, 32), 4, None)


@pytest.mark.parametrize("name", ["linear", "mlp", "lenet5", "resnet20", "resnet18"])
def test_models_fit_the_data(small, name):
    assert size_for(name, small) == 0
    model = model_named(name, small).eval()
    assert model(np.stack([x for x, _ in small.plain])).shape == (2, 4)
    grey = [(x[:1], t) for x, t in small.plain]
    assert model_named(name, small._replace(plain=grey, shape=(1, 32, 32))).eval()(np.stack([x for x, _ in grey])).shape == (2, 4)


def test_what_models_need(small):
    assert size_for("alexnet", small) == 63 and size_for("lenet5", small._replace(shape=(1, 28, 28))) == 32
    assert size_for("resnet20", small._replace(shape=(1, 8, 8))) == 0
    with pytest.raises(ValueError, match="vgg11 takes images, and a sample of this data has shape"):
        size_for("vgg11", small._replace(shape=(7,)))
    assert set(MODELS) >= {"vgg16_bn", "googlenet", "resnet110"} and "npz" in DATA


def test_images_are_resized_for_a_model(capsys, tmp_path):
    options = main.parser_with({}).parse_args(["--model", "lenet5"])
    data = main.prepared(options)
    assert data.shape == (1, 32, 32) and data.train[0][0].shape == (1, 32, 32)
    assert "those of 8 x 8 are resized" in capsys.readouterr().out


@pytest.mark.parametrize("name", SCHEDULES)
def test_schedules(name):
    make, lr = OPTIMIZERS["sgd"]
    parameter = nn_parameter()
    optimizer = make([parameter], lr=lr)
    scheduler = SCHEDULES[name](optimizer, 8)
    for _ in range(7 if name == "onecycle" else 8):
        optimizer.step()
        if scheduler is not None:
            scheduler.step()
    assert (optimizer.param_groups[0]["lr"] < lr / 50) == (name != "none")


def nn_parameter():
    import nn

    return nn.Parameter(np.ones(2))


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizers(name):
    make, lr = OPTIMIZERS[name]
    parameter = nn_parameter()
    optimizer = make([parameter], lr=lr)
    (parameter**2).sum().backward()
    optimizer.step()
    assert (parameter.data < 1).all()
