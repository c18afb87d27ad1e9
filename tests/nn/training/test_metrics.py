"""Does a metric say the same for many batches as a formula for all of them?"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import tensor
from nn.training import R2, Accuracy, ConfusionMatrix, MeanAbsoluteError, MeanSquaredError, Metric, TopK


def scores(seed, n=57, classes=7):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, classes)), rng.integers(classes, size=n)


def in_batches(metric, outputs, targets, cuts):
    for a, b in zip([0, *cuts], [*cuts, len(outputs)]):
        if b > a:
            metric.update(outputs[a:b], targets[a:b])
    return metric.value()


FORMULAS = {
    "accuracy": (Accuracy, lambda y, t: np.mean(y.argmax(1) == t)),
    "top3": (lambda: TopK(3), lambda y, t: np.mean([t[i] in np.argsort(-y[i])[:3] for i in range(len(t))])),
    "mse": (MeanSquaredError, lambda y, t: np.mean((y - t) ** 2)),
    "mae": (MeanAbsoluteError, lambda y, t: np.mean(np.abs(y - t))),
    "r2": (R2, lambda y, t: 1 - np.sum((y - t) ** 2) / np.sum((t - t.mean()) ** 2)),
}


@pytest.mark.parametrize("name", FORMULAS)
@given(seed=st.integers(0, 1000), cuts=st.lists(st.integers(0, 57), max_size=4).map(sorted))
def test_in_batches_as_in_one(name, seed, cuts):
    make, formula = FORMULAS[name]
    metric = make()
    y, t = scores(seed)
    if name in ("mse", "mae", "r2"):
        t = 1e6 + 3 * y + np.random.default_rng(seed + 1).normal(size=y.shape)
        y = y + 1e6
    assert metric.name == name
    assert in_batches(metric, y, t, cuts) == pytest.approx(formula(y, t), rel=1e-9)


def test_r2_against_sklearn():
    sklearn = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(0)
    t = rng.normal(size=200)
    y = t + rng.normal(size=200) / 3
    assert in_batches(R2(), y, t, [13, 100]) == pytest.approx(sklearn.r2_score(t, y), rel=1e-12)


@given(seed=st.integers(0, 1000))
def test_confusion_matrix(seed):
    y, t = scores(seed, 80, 4)
    matrix = ConfusionMatrix(4)
    counts = in_batches(matrix, y, t, [30])
    expected = [[np.sum((t == i) & (y.argmax(1) == j)) for j in range(4)] for i in range(4)]
    np.testing.assert_array_equal(counts, expected)
    assert np.trace(counts) / 80 == pytest.approx(in_batches(Accuracy(), y, t, []))
    found = [np.mean(y.argmax(1)[t == i] == i) for i in range(4)]
    np.testing.assert_allclose(matrix.recall(), found)
    right = [np.mean(t[y.argmax(1) == j] == j) for j in range(4)]
    np.testing.assert_allclose(matrix.precision(), right)


def test_what_was_never_seen_is_nan():
    matrix = ConfusionMatrix(3)
    matrix.update(np.eye(3)[[0, 0]], np.array([0, 1]))
    np.testing.assert_array_equal(matrix.recall(), [1, 0, np.nan])
    np.testing.assert_array_equal(matrix.precision(), [0.5, np.nan, np.nan])
    assert np.isnan(Accuracy().value()) and np.isnan(R2().value())


def test_soft_targets_count_by_their_heaviest_class():
    y = np.eye(3)[[0, 1, 2]]
    soft = np.array([[0.6, 0.4, 0], [0.7, 0.3, 0], [0, 0, 1.0]])
    assert in_batches(Accuracy(), y, soft, []) == pytest.approx(2 / 3)


@pytest.mark.parametrize("make", [Accuracy, lambda: TopK(2), lambda: ConfusionMatrix(7), R2])
def test_state_in_the_middle(make):
    whole, first, second = make(), make(), make()
    y, t = scores(3)
    if isinstance(whole, R2):
        t = y * 2
    in_batches(whole, y, t, [20])
    first.update(y[:20], t[:20])
    state = first.state_dict()
    first.update(y[20:], t[20:])  # the state is a copy
    second.load_state_dict(state)
    second.update(y[20:], t[20:])
    np.testing.assert_array_equal(second.value(), whole.value())
    second.reset()
    np.testing.assert_array_equal(second.value(), make().value())


def test_ties_are_counted_for_the_class():
    assert in_batches(TopK(2), np.array([[1.0, 1, 1]]), np.array([2]), []) == 1
    assert in_batches(TopK(1), np.array([[1.0, 1, 1]]), np.array([2]), []) == 0  # argmax is what one would answer


def test_one_of_your_own():
    class Positive(Metric):
        name = "positive"

        def update(self, outputs, targets):
            self.sums["total"] += float((outputs > 0).sum())
            self.sums["count"] += len(outputs)

    metric = Positive()
    metric.update(np.array([1.0, -1]), None)
    metric.update(np.array([2.0, 3]), None)
    assert metric.value() == 0.75 and repr(metric) == "positive: 0.75"
    with pytest.raises(NotImplementedError, match="Metric does not define update"):
        Metric().update(0, 0)


@pytest.mark.parametrize("act, message", [
    (lambda: Accuracy().update(np.ones((3, 2)), np.ones((3, 1), int)), r"scores \(N, C\) and classes \(N,\)"),
    (lambda: Accuracy().update(np.ones((3, 2)), np.ones(3)), "float64"),
    (lambda: Accuracy().update(np.ones((3, 2)), np.array([0, 1, 2])), "classes from 0 to 2, and scores for 2"),
    (lambda: Accuracy().update(np.ones((3, 2)), np.array([0, 1, -1])), "classes from -1"),
    (lambda: MeanSquaredError().update(np.ones((3, 1)), np.ones(3)), "compare everything with everything"),
    (lambda: R2().update(np.ones((3, 1)), np.ones(3)), r"\(3, 1\) and \(3,\)"),
    (lambda: ConfusionMatrix(4).update(np.ones((3, 2)), np.array([0, 1, 1])), "scores for 2 classes"),
    (lambda: TopK(0), "at least 1"),
    (lambda: Accuracy().load_state_dict(R2().state_dict()), "not the state of the metric 'accuracy'"),
])
def test_what_cannot_be_measured(act, message):
    with pytest.raises(ValueError, match=message):
        act()


def test_tensors_are_welcome():
    metric = Accuracy()
    metric.update(tensor(np.eye(3)), np.arange(3))
    assert metric.value() == 1


def test_more_places_than_classes():
    with pytest.raises(ValueError, match=r"TopK\(5\) of scores for 3 classes"):
        TopK(5).update(np.ones((2, 3)), np.array([0, 1]))
