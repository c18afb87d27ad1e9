"""Do the pictures show what was measured, and does looking change nothing?"""

import numpy as np
import pytest

import autograd
import nn
import optim
from nn.training import Accuracy, Callback, Checkpoints, History, Trainer, pictures
from nn.training.signals import UpdateRatios, signals

pytest.importorskip("matplotlib")


def history(epochs=4, steps=3, validation=True):
    h = History()
    for epoch in range(epochs):
        for i in range(steps):
            h.step(loss=2.0 / (1 + epoch * steps + i), lr=0.1 * 0.5**epoch)
        row = {"epoch": epoch, "loss": 2.0 / (1 + epoch * steps), "accuracy": 0.5 + 0.1 * epoch}
        h.epochs.append({**row, **({"val_loss": 3.0 - (epoch == 1), "val_accuracy": 0.4} if validation else {}), "lr": 0.1})
    return h


def lines(axes):
    return {line.get_label(): np.array(line.get_xydata()) for line in axes.lines if not line.get_label().startswith("_")}


def test_curves(tmp_path):
    h = history()
    figure = h.plot(tmp_path / "new" / "curves.png")
    assert (tmp_path / "new" / "curves.png").read_bytes().startswith(b"\x89PNG")
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["loss", "accuracy", "learning rate"]
    loss, accuracy, rate = figure.axes
    shown = lines(loss)
    assert list(shown) == ["trained on  0.2", "held out  3"]
    np.testing.assert_array_equal(shown["held out  3"], [[1, 3], [2, 2], [3, 3], [4, 3]])
    np.testing.assert_array_equal(lines(accuracy)["trained on  80.00%"][:, 1], h.column("accuracy"))
    best = [line.get_xydata().tolist() for line in loss.lines if len(line.get_xydata()) == 1]
    assert best == [[[2, 2]]] and loss.get_yscale() == "log" and accuracy.get_yscale() == "linear"
    steps = loss.lines[0].get_xydata()
    assert steps[-1, 0] == 4 and len(steps) == 12
    np.testing.assert_array_equal(rate.lines[0].get_ydata(), h.steps["lr"])


@pytest.mark.parametrize("epochs, steps", [(1, 1), (1, 5), (2, 1)])
def test_short_curves(epochs, steps, tmp_path):
    pictures.curves(history(epochs, steps, validation=False), tmp_path / "a.svg")
    assert "<svg" in (tmp_path / "a.svg").read_text(encoding="utf-8")


def test_nothing_to_draw():
    with pytest.raises(ValueError, match="before fit"):
        pictures.curves(History())
    with pytest.raises(ValueError, match="no update"):
        pictures.update_ratios(UpdateRatios())
    with pytest.raises(ValueError, match="no layer"):
        pictures.histograms([])


@pytest.mark.parametrize("weight, tiles, pixels", [
    (np.random.default_rng(0).normal(size=(6, 3, 5, 5)), 6, (5, 5, 3)),
    (np.random.default_rng(0).normal(size=(6, 1, 5, 4)), 6, (5, 4)),
    (np.random.default_rng(0).normal(size=(100, 3, 3, 3)), 64, (3, 3, 3)),
    (np.random.default_rng(0).normal(size=(4, 5, 3, 3)), 20, (3, 3)),
    (np.random.default_rng(0).normal(size=(7, 16)), 7, (4, 4)),
])
def test_filters(weight, tiles, pixels):
    images = [image.get_array() for image in pictures.filters(weight).axes[0].images]
    assert len(images) == tiles and images[0].shape == pixels
    assert images[0].min() >= 0 and images[0].max() <= 1
    if weight.ndim == 4 and pixels[-1] == 3 and weight.shape[1] == 3:
        w = weight[0].transpose(1, 2, 0)
        np.testing.assert_allclose(images[0], (w - w.min()) / (w.max() - w.min()))


def test_filters_of_a_model():
    model = nn.Sequential(nn.Conv2d(3, 4, 1), nn.Conv2d(4, 5, 3), nn.Linear(3, 2))
    assert "5 × 4 × 3 × 3" in pictures.filters(model).get_suptitle()
    flat = pictures.filters(nn.Linear(12, 3), shape=(3, 2, 2))
    assert flat.axes[0].images[0].get_array().shape == (2, 2, 3)
    with pytest.raises(ValueError, match="12 inputs, and they are no image"):
        pictures.filters(nn.Linear(12, 3))
    with pytest.raises(ValueError, match="no convolution"):
        pictures.filters(nn.ReLU())


def test_confusion_and_mistakes(tmp_path):
    counts = np.array([[8, 2], [0, 5]])
    figure = pictures.confusion(counts, ["cat", "dog"], tmp_path / "c.png")
    axes = figure.axes[0]
    assert {(round(t.get_position()[0]), round(t.get_position()[1])): t.get_text() for t in axes.texts} == {
        (0, 0): "8", (1, 0): "2", (1, 1): "5"}
    assert axes.get_title(loc="left") == "86.67% right of 15"
    assert [label.get_text() for label in axes.get_yticklabels()] == ["cat", "dog"]
    with pytest.raises(ValueError, match="3 names for 2 classes"):
        pictures.confusion(counts, ["a", "b", "c"])
    with pytest.raises(ValueError, match="square"):
        pictures.confusion(counts[:1])

    images = np.random.default_rng(0).random((5, 1, 4, 4))
    scores = np.log([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [0.1, 0.9], [0.5, 0.5]])
    figure = pictures.mistakes(images, [1, 1, 1, 0, 0], scores, tmp_path / "m.png")
    shown = [text.get_text() for text in figure.axes[0].texts]
    assert shown == ["0, is 1\n90% sure", "1, is 0\n90% sure", "0, is 1\n60% sure"]
    assert "3 of 5" in figure.get_suptitle()
    assert "no mistake among 5" in pictures.mistakes(images, scores.argmax(1), scores).get_suptitle()
    with pytest.raises(ValueError, match="classes"):
        pictures.mistakes(images, [0, 1], scores)


# ---- what goes through the layers ---------------------------------------------------------------------------------


def test_signals():
    x = np.random.default_rng(0).normal(size=(6, 4)).astype(np.float32)
    t = np.arange(6) % 3
    model = nn.Sequential(nn.Linear(4, 5, rng=0), nn.BatchNorm1d(5), nn.Tanh(), nn.Dropout(0.5, rng=1), nn.Linear(5, 3, rng=2))
    nn.CrossEntropyLoss()(model(x), t).backward()
    before = {name: values.copy() for name, values in model.state_dict().items()}
    gradients, chance = [p.grad.data.copy() for p in model.parameters()], model[3].rng.bit_generator.state
    seen = signals(model, x, t, nn.CrossEntropyLoss())
    assert [(s.path, s.kind) for s in seen] == [("0", "Linear"), ("1", "BatchNorm1d"), ("2", "Tanh"), ("3", "Dropout"), ("4", "Linear")]
    for name, values in model.state_dict().items():
        np.testing.assert_array_equal(values, before[name])
    assert model[3].rng.bit_generator.state == chance and not model._hooks and not model[0]._hooks
    for p, g in zip(model.parameters(), gradients):
        np.testing.assert_array_equal(p.grad.data, g)

    hidden = model[:-1](x)
    scores = autograd.tensor(model[-1](hidden).data, requires_grad=True)
    nn.CrossEntropyLoss()(scores, t).backward()
    np.testing.assert_allclose(seen[4].activations, scores.data, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(seen[4].gradients, scores.grad.data, rtol=1e-4, atol=1e-7)
    np.testing.assert_allclose(seen[3].gradients, scores.grad.data @ model[-1].weight.data, rtol=1e-4, atol=1e-7)
    figure = pictures.histograms(seen)
    assert len(figure.axes) == 10 and "Linear" in figure.axes[0].get_ylabel()


def test_a_layer_that_no_gradient_reaches(tmp_path):
    class Cut(nn.Module):
        def __init__(self):
            self.a, self.b = nn.Linear(3, 3, rng=0), nn.Linear(3, 2, rng=0)

        def forward(self, x):
            return self.b(self.a(x).detach())

    seen = signals(Cut(), np.ones((4, 3), np.float32), np.zeros(4, int), nn.CrossEntropyLoss())
    assert seen[0].gradients is None and seen[1].gradients is not None
    spoilt = [seen[0]._replace(activations=np.array([np.nan, 0, 0, 1, 2]))]
    texts = [text.get_text() for axes in pictures.histograms(spoilt, tmp_path / "h.png").axes for text in axes.texts]
    assert "no gradient arrives" in texts and any("1 not finite" in text and "40% zero" in text for text in texts)


def test_update_ratios(tmp_path):
    x = np.random.default_rng(0).normal(size=(32, 4)).astype(np.float32)
    model = nn.Sequential(nn.Linear(4, 5, rng=0), nn.Tanh(), nn.Linear(5, 2, rng=1))
    record, own = UpdateRatios(every=2), []

    class ByHand(Callback):
        def on_epoch_start(self, trainer):
            self.weight = model[0].weight.data.copy()

        def on_step_end(self, trainer):
            own.append(np.linalg.norm(model[0].weight.data - self.weight) / np.linalg.norm(self.weight))
            self.weight = model[0].weight.data.copy()

    trainer = Trainer(model, nn.CrossEntropyLoss(), optim.SGD(model.parameters(), lr=0.1), callbacks=[record, ByHand()], progress=False)
    trainer.fit([(x, (x[:, 0] > 0).astype(int))] * 5, epochs=1)
    assert record.steps == [0, 2, 4] and set(record.ratios) == {"0.weight", "2.weight"}
    np.testing.assert_allclose(record.ratios["0.weight"], own[::2], rtol=1e-5)
    assert "0.weight" in repr(record) and "median" in repr(record)
    axes = pictures.update_ratios(record, tmp_path / "r.png").axes[0]
    np.testing.assert_allclose(lines(axes)["2.weight"][:, 1], record.ratios["2.weight"])
    assert axes.get_yscale() == "log" and (tmp_path / "r.png").exists()
    with pytest.raises(ValueError, match="at least 1"):
        UpdateRatios(0)


def test_update_ratios_are_resumed(tmp_path):
    def trained(folder, *epochs):
        for last in epochs:
            x = np.random.default_rng(0).normal(size=(32, 4)).astype(np.float32)
            model, record = nn.Linear(4, 2, rng=0), UpdateRatios(every=3)
            Trainer(model, nn.CrossEntropyLoss(), optim.SGD(model.parameters(), lr=0.1), metrics=[Accuracy()], progress=False,
                    callbacks=[record, Checkpoints(folder)]).fit([(x, (x[:, 0] > 0).astype(int))] * 5, epochs=last, resume=True)
        return record.steps, record.ratios

    assert trained(tmp_path / "a", 4) == trained(tmp_path / "b", 1, 2, 4)


def test_without_matplotlib(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "matplotlib.figure", None)
    with pytest.raises(ImportError, match=r'pip install "onetape\[plot\]"'):
        pictures.curves(history())
