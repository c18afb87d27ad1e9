"""Are averages of answers what their formulas say?"""

import numpy as np
import pytest

import autograd
import nn
from nn.data import transforms as T
from nn.training import Ensemble, calibration_error, compare_stochastic, monte_carlo, test_time_augmentation

X = np.random.default_rng(0).standard_normal((6, 8)).astype(np.float32)
IMAGES = np.random.default_rng(1).random((5, 3, 8, 8)).astype(np.float32)


def softmax(x):
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def member(seed, p=0.5):
    rng = np.random.default_rng(seed)
    return nn.Sequential(nn.Linear(8, 16, rng=rng), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(p), nn.Linear(16, 4, rng=rng))


def scores(model, x=X):
    """In evaluation mode, by hand."""
    training = model.training
    y = model.eval()(x).data
    model.train(training)
    return y


def test_ensembles_average_what_they_say():
    models = [member(seed) for seed in range(3)]
    each = np.stack([scores(m) for m in models])
    expected = {"probabilities": np.mean([softmax(y) for y in each], axis=0), "logits": softmax(each.mean(axis=0)),
                "log_probabilities": softmax(np.mean([np.log(softmax(y)) for y in each], axis=0)), "outputs": each.mean(axis=0),
                "votes": np.mean([np.eye(4)[y.argmax(axis=1)] for y in each], axis=0)}
    for mode, p in expected.items():
        y = Ensemble(models, mode)(X)
        assert isinstance(y, autograd.Tensor) and y.dtype == np.float32 and not y.requires_grad
        np.testing.assert_allclose(y.numpy(), p, rtol=1e-5, atol=1e-6)
    weighted = Ensemble(models, weights=[1, 0, 3])(X).numpy()
    np.testing.assert_allclose(weighted, (softmax(each[0]) + 3 * softmax(each[2])) / 4, rtol=1e-5)
    assert all(m.training for model in models for m in model.modules())  # modes are put back
    assert len(list(Ensemble(models).parameters())) == 3 * 6


def test_an_ensemble_errs_less_than_its_members():
    x, t = nn.data.moons(200, noise=0.35, rng=0)
    import optim

    models = []
    for seed in range(5):
        model = nn.models.MLP([2, 16, 2], rng=seed)
        rows = np.random.default_rng(seed).integers(0, 400, 60)
        optimizer = optim.Adam(model.parameters(), lr=0.05)
        for _ in range(60):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(x[rows]), t[rows]).backward()
            optimizer.step()
        models.append(model)

    def loss(p):
        return -np.log(p[np.arange(len(t)), t]).mean()

    assert loss(Ensemble(models)(x).numpy()) < np.mean([loss(softmax(scores(m, x))) for m in models])


def test_ensembles_of_images_and_segmentations():
    model = nn.Conv2d(3, 4, 3, padding=1, rng=0)
    y = Ensemble([model, model])(IMAGES).numpy()
    np.testing.assert_allclose(y, softmax(model(IMAGES).data), rtol=1e-4, atol=1e-6)
    assert Ensemble([model], "votes")(IMAGES).numpy().sum(axis=1) == pytest.approx(1)


def test_snapshots(tmp_path):
    model, states = member(0), []
    for seed in range(3):
        states.append(member(seed + 5).state_dict())
    expected = []
    for state in states:
        other = member(1)
        other.load_state_dict(state)
        expected.append(softmax(scores(other)))
    np.testing.assert_allclose(Ensemble.of_snapshots(model, states)(X).numpy(), np.mean(expected, axis=0), rtol=1e-5)
    np.testing.assert_array_equal(scores(model), scores(member(0)))  # the model itself is as it was


def test_snapshots_in_checkpoints(tmp_path):
    import optim
    from nn.training import Trainer, save_checkpoint

    model = member(0)
    trainer = Trainer(model, nn.CrossEntropyLoss(), optim.SGD(model.parameters(), lr=0.1), progress=False)
    paths, expected = [], []
    for epoch in range(2):
        trainer.fit([(X, np.arange(6) % 4)], epochs=epoch + 1)
        paths.append(save_checkpoint(trainer, tmp_path / f"{epoch}.npz"))
        expected.append(softmax(scores(model)))
    np.testing.assert_allclose(Ensemble.of_snapshots(model, paths)(X).numpy(), np.mean(expected, axis=0), rtol=1e-5)


def test_bad_ensembles():
    with pytest.raises(ValueError, match="at least one model"):
        Ensemble([])
    with pytest.raises(TypeError, match="is a int"):
        Ensemble([1])
    with pytest.raises(ValueError, match="mode is one of"):
        Ensemble([member(0)], "mean")
    for weights in ([1], [0, 0], [-1, 2]):
        with pytest.raises(ValueError, match="for each of the 2 models"):
            Ensemble([member(0), member(1)], weights=weights)


def test_views_of_the_same_image():
    model = nn.Sequential(nn.Conv2d(3, 4, 3, rng=0), nn.ReLU(), nn.Dropout(0.5), nn.GlobalAvgPool(), nn.Linear(4, 5, rng=1))
    flip = T.RandomHorizontalFlip(1.0)
    p = test_time_augmentation(model, IMAGES, [None, flip])
    np.testing.assert_allclose(p, (softmax(scores(model, IMAGES)) + softmax(scores(model, IMAGES[..., ::-1]))) / 2, rtol=1e-4, atol=1e-6)
    crops = np.stack([T.TenCrop(6)(image) for image in IMAGES])
    p = test_time_augmentation(model, IMAGES, [T.TenCrop(6)], mode="outputs")
    np.testing.assert_allclose(p, np.mean([scores(model, crops[:, i]) for i in range(10)], axis=0), rtol=1e-4, atol=1e-6)
    by_hand = test_time_augmentation(model, IMAGES, [lambda image: image[:, ::-1]], mode="logits")
    np.testing.assert_allclose(by_hand, softmax(scores(model, IMAGES[:, :, ::-1])), rtol=1e-4, atol=1e-6)
    noisy = [T.RandomCrop(8, padding=2)]
    first, again = (test_time_augmentation(model, IMAGES, noisy, seed=3) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, test_time_augmentation(model, IMAGES, noisy, seed=4))
    np.testing.assert_allclose(test_time_augmentation(model, IMAGES[:2], noisy, seed=3), first[:2], rtol=1e-5)
    assert model.training
    with pytest.raises(ValueError, match="at least one"):
        test_time_augmentation(model, IMAGES, [])


def test_only_random_layers_are_random():
    """E_z f(x, z) with dropout of the last layer has a closed form: the layer is linear in the mask."""
    model = nn.Sequential(nn.Linear(8, 16, rng=0), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(0.5), nn.Linear(16, 4, rng=1))
    before = {name: value.copy() for name, value in model.state_dict().items()}
    found = monte_carlo(model, X, samples=4000, mode="outputs", seed=0)
    h = np.maximum(model.eval()[1](model[0](X)).data, 0)
    w = model[4].weight.data
    np.testing.assert_allclose(found.mean, scores(model), atol=5 * found.std.max() / np.sqrt(4000))
    deviation = np.sqrt(h ** 2 @ (w ** 2).T)  # mask / (1 - p) has variance p / (1 - p) = 1
    np.testing.assert_allclose(found.std, deviation, rtol=0.1)
    assert found.samples.shape == (4000, 6, 4)
    assert all(np.array_equal(before[name], value) for name, value in model.state_dict().items())  # running statistics too


def test_monte_carlo_is_repeatable_and_leaves_things_alone():
    for rng in (None, np.random.default_rng(7)):
        model = nn.Sequential(nn.Linear(8, 16, rng=0), nn.Dropout(0.5, rng=rng), nn.Linear(16, 4, rng=1)).train()
        states = autograd.random.get_state(), None if rng is None else rng.bit_generator.state
        a, b, c = (monte_carlo(model, X, 5, seed=seed) for seed in (1, 1, 2))
        np.testing.assert_array_equal(a.samples, b.samples)
        assert not np.array_equal(a.samples, c.samples)
        assert states == (autograd.random.get_state(), None if rng is None else rng.bit_generator.state)
        assert model[1].rng is rng
        assert all(m.training for m in model.modules())
        np.testing.assert_allclose(a.mean, a.samples.mean(axis=0))
        np.testing.assert_allclose(a.mean.sum(axis=1), 1, rtol=1e-5)
        assert not np.array_equal(monte_carlo(model, X, 5).samples, monte_carlo(model, X, 5).samples)


def test_entropy_and_information():
    found = monte_carlo(member(0), X, 50, seed=0)
    p = found.mean
    np.testing.assert_allclose(found.entropy, -(p * np.log(p)).sum(axis=1), rtol=1e-5)
    each = np.array([-(q * np.log(q)).sum(axis=1) for q in found.samples])
    np.testing.assert_allclose(found.information, found.entropy - each.mean(axis=0), rtol=1e-4, atol=1e-6)
    assert (found.information >= -1e-6).all()  # Jensen


def test_nothing_random_to_average():
    with pytest.raises(ValueError, match="no random layers"):
        monte_carlo(nn.Linear(8, 4), X)
    with pytest.raises(ValueError, match="no random layers"):
        monte_carlo(member(0, p=0.0), X)
    with pytest.raises(ValueError, match="at least 1 sample"):
        monte_carlo(member(0), X, 0)
    with pytest.raises(ValueError, match="averages 'probabilities' or 'outputs'"):
        monte_carlo(member(0), X, mode="votes")


def test_stochastic_and_deterministic_side_by_side():
    model, t = member(0), np.arange(6) % 4
    table = compare_stochastic(model, X, t, samples=(1, 2000))
    once = softmax(scores(model))
    row = table[0]
    assert (row["evaluation"], row["agrees"], row["distance"]) == ("deterministic", 1.0, 0.0)
    assert row["accuracy"] == (once.argmax(axis=1) == t).mean()
    assert row["loss"] == pytest.approx(-np.log(once[np.arange(6), t]).mean(), rel=1e-5)
    one, many = table[1], table[2]
    assert one["evaluation"] == "average of 1" and many["distance"] < one["distance"]
    drawn = monte_carlo(model, X, 2000, seed=0).samples
    assert many["distance"] == pytest.approx(np.abs(drawn.mean(axis=0) - once).mean(), rel=1e-4)
    lines = repr(table).splitlines()
    assert lines[0].split() == ["evaluation", "accuracy", "loss", "agrees", "distance"] and len(lines) == 4
    assert set(compare_stochastic(model, X)[0]) == {"evaluation", "agrees", "distance"}
    with pytest.raises(ValueError, match="each at least 1"):
        compare_stochastic(model, X, samples=(0, 3))


def test_calibration():
    rng = np.random.default_rng(0)
    p = rng.dirichlet(np.ones(3), 20000)
    t = np.array([rng.choice(3, p=row) for row in p[:5000]])
    assert calibration_error(p[:5000], t) < 0.03  # calibrated by construction
    sure = np.eye(3)[rng.integers(0, 3, 3000)]
    wrong = rng.integers(0, 3, 3000)
    assert calibration_error(sure, wrong) == pytest.approx(1 - (sure.argmax(1) == wrong).mean())
    for bad in ((p[0], t[:1]), (p[:3], t[:2]), (p[:3] * 2, t[:3])):
        with pytest.raises(ValueError, match="calibration_error takes"):
            calibration_error(*bad)
