"""Do the losses obey their formulas, where PyTorch has no twin, and refuse what does not fit? (Against PyTorch: `../peer/grid_loss.py`.)"""

from itertools import groupby, product

import numpy as np
import pytest

import autograd
import nn
from autograd import grad, tensor
from nn import functional as F

RNG = np.random.default_rng(0)
X, T = RNG.standard_normal((6, 4)), np.array([0, 3, 2, 1, 1, 0])


# ---- without a twin -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("alpha", [0.25, 0.9, -1])
@pytest.mark.parametrize("gamma", [0.0, 0.5, 2.0])
def test_focal_loss_is_equation_5_of_lin_et_al(alpha, gamma):
    y = (RNG.random((6, 4)) < 0.3).astype(float)
    p = 1 / (1 + np.exp(-X))
    p_t, alpha_t = np.where(y == 1, p, 1 - p), np.where(y == 1, alpha, 1 - alpha) if alpha >= 0 else 1
    loss = -alpha_t * (1 - p_t) ** gamma * np.log(p_t)
    np.testing.assert_allclose(F.sigmoid_focal_loss(X, y, alpha, gamma), loss, atol=1e-14)
    np.testing.assert_allclose(nn.FocalLoss(alpha, gamma, "mean")(X, y), loss.mean(), atol=1e-14)
    autograd.check_grads(nn.FocalLoss(alpha, gamma), (X, y), order=2)


def test_the_svm_loss_of_the_course_sums_over_classes():
    """CS231n, lecture 3, the three examples cat, car and frog: 2.9, 0 and 12.9."""
    scores = np.array([[3.2, 5.1, -1.7], [1.3, 4.9, 2.0], [2.2, 2.5, -3.1]])
    np.testing.assert_allclose(nn.MultiMarginLoss(over_classes="sum", reduction="none")(scores, np.arange(3)), [2.9, 0, 12.9], atol=1e-12)
    assert nn.MultiMarginLoss(over_classes="sum")(scores, np.arange(3)) == pytest.approx(5.27, abs=0.005)
    assert nn.MultiMarginLoss()(scores, np.arange(3)) == pytest.approx(15.8 / 9)
    for p in (1, 2):
        autograd.check_grads(nn.MultiMarginLoss(p, over_classes="sum"), (X, T), order=2)


def spoken(path):
    """What a CTC path says: repetitions merged, blanks (0) dropped."""
    return [label for label, _ in groupby(path) if label]


def test_ctc_is_the_sum_over_all_paths():
    """Graves et al. 2006, equation 3."""
    log_p = F.log_softmax(RNG.standard_normal((5, 1, 3)), -1)
    for target in ([], [1], [1, 2], [1, 1], [2, 1, 2], [1, 1, 2], [1, 1, 1]):
        total = sum(np.exp(sum(log_p[t, 0, c] for t, c in enumerate(path)))
                    for path in product(range(3), repeat=5) if spoken(path) == target)
        loss = F.ctc_loss(log_p, np.array([target], int).reshape(1, -1), [5], [len(target)], reduction="sum")
        np.testing.assert_allclose(loss, -np.log(total), rtol=1e-13)


def test_ctc_gradients_are_right_and_stop_at_the_impossible():
    targets, lengths = np.array([[1, 1, 2], [2, 0, 0]]), (np.array([5, 3]), np.array([3, 1]))
    log_p = F.log_softmax(RNG.standard_normal((6, 2, 3)), -1)
    autograd.check_grads(lambda x: F.ctc_loss(x, targets, *lengths), (log_p,), order=2)
    impossible = (np.array([3, 3]), np.array([3, 1]))
    assert F.ctc_loss(log_p, targets, *impossible) == np.inf
    g = grad(lambda x: F.ctc_loss(x, targets, *impossible, reduction="sum", zero_infinity=True))(log_p)
    assert (g[:, 0] == 0).all() and np.isfinite(g).all() and (g[:3, 1] != 0).any() and (g[3:] == 0).all()


def test_half_a_batch_of_float32():
    x = X.astype(np.float32)
    weight = np.array([1.0, 2, 3, 4])
    for loss in (nn.NLLLoss(weight), nn.CrossEntropyLoss(weight), nn.MultiMarginLoss(weight=weight)):
        t = tensor(x, requires_grad=True)
        y = loss(t, T)
        y.backward()
        assert y.dtype == t.grad.dtype == np.float32
        assert list(loss.state_dict()) == ["weight"]


def test_certain_and_wrong_is_expensive_but_finite():
    """PyTorch's BCELoss holds logarithms above -100, and so do we; the slope there is steep."""
    x = tensor([0.0, 1.0], requires_grad=True)
    loss = nn.BCELoss(reduction="sum")(x, np.array([1.0, 0.0]))
    loss.backward()
    assert loss.item() == 200
    np.testing.assert_allclose(x.grad.data, [-1e12, 1e12])
    assert F.binary_cross_entropy(np.array([0.0, 1.0]), np.array([0, 1])) == 0


# ---- numbers from the course --------------------------------------------------------------------------------------


def test_affine_and_relu_outputs():
    """CS231n assignment 2, FullyConnectedNets.ipynb: affine_forward and relu_forward."""
    x, w, b = np.linspace(-0.1, 0.5, 240).reshape(2, 120), np.linspace(-0.2, 0.3, 360).reshape(120, 3), np.linspace(-0.3, 0.1, 3)
    np.testing.assert_allclose(F.linear(x, w.T, b), [[1.49834967, 1.70660132, 1.91485297], [3.25553199, 3.5141327, 3.77273342]], atol=5e-9)
    np.testing.assert_allclose(F.relu(np.linspace(-0.5, 0.5, 12).reshape(3, 4)), [
        [0, 0, 0, 0], [0, 0, 0.04545455, 0.13636364], [0.22727273, 0.31818182, 0.40909091, 0.5]], atol=5e-9)


def test_svm_and_softmax_of_small_scores():
    """CS231n assignment 2, FullyConnectedNets.ipynb: the losses of ten classes with scores near 0 are near 9 and near log 10 = 2.3."""
    x = 0.001 * np.random.RandomState(231).randn(50, 10)
    y = np.arange(50) % 10
    assert nn.MultiMarginLoss(over_classes="sum")(x, y) == pytest.approx(9, abs=1e-2)
    assert nn.CrossEntropyLoss()(x, y) == pytest.approx(2.3, abs=5e-3)


def test_svm_and_softmax_of_one_example():
    """CS231n notes, "Linear classification", SVM vs. softmax: scores -2.85, 0.86, 0.28, of which the third is right."""
    scores = np.array([[-2.85, 0.86, 0.28]])
    assert nn.MultiMarginLoss(over_classes="sum")(scores, np.array([2])) == pytest.approx(1.58)
    np.testing.assert_allclose(F.softmax(scores), [[0.016, 0.631, 0.353]], atol=1e-3)
    assert nn.CrossEntropyLoss()(scores, np.array([2])) == pytest.approx(1.04, abs=5e-3)


def test_the_toy_net_of_assignment_1():
    """CS231n assignment 1, two_layer_net.ipynb: scores and loss of a net of 4, 10 and 3 units."""
    rng = np.random.RandomState(0)
    weights = 0.1 * rng.randn(4, 10), 0.1 * rng.randn(10, 3)
    x, y = 10 * np.random.RandomState(1).randn(5, 4), np.array([0, 1, 2, 2, 1])
    model = two_layers(weights[0], np.zeros(10), weights[1], np.zeros(3))
    scores = model(x)
    np.testing.assert_allclose(scores.data, [
        [-0.81233741, -1.27654624, -0.70335995], [-0.17129677, -1.18803311, -0.47310444], [-0.51590475, -1.01354314, -0.8504215],
        [-0.15419291, -0.48629638, -0.52901952], [-0.00618733, -0.12435261, -0.15226949]], atol=5e-9)
    loss = F.cross_entropy(scores, y) + nn.regularizer.L2(0.05)(model)
    assert loss.item() == pytest.approx(1.30378789133, abs=1e-11)


def test_the_two_layer_net_of_assignment_2():
    """CS231n assignment 2, FullyConnectedNets.ipynb: scores and losses of TwoLayerNet, with half of the squares as the price."""
    model = two_layers(np.linspace(-0.7, 0.3, 250).reshape(5, 50), np.linspace(-0.1, 0.9, 50), np.linspace(-0.3, 0.4, 350).reshape(50, 7),
                       np.linspace(-0.9, 0.1, 7))
    x, y = np.linspace(-5.5, 4.5, 15).reshape(5, 3).T, np.array([0, 5, 1])
    scores = model(x)
    np.testing.assert_allclose(scores.data, [
        [11.53165108, 12.2917344, 13.05181771, 13.81190102, 14.57198434, 15.33206765, 16.09215096],
        [12.05769098, 12.74614105, 13.43459113, 14.1230412, 14.81149128, 15.49994135, 16.18839143],
        [12.58373087, 13.20054771, 13.81736455, 14.43418138, 15.05099822, 15.66781506, 16.2846319]], atol=5e-9)
    loss = F.cross_entropy(scores, y)
    assert loss.item() == pytest.approx(3.4702243556, abs=5e-11)
    assert (loss + nn.regularizer.L2(1.0, half=True)(model)).item() == pytest.approx(26.5948426952, abs=5e-11)


def two_layers(w1, b1, w2, b2):
    model = nn.Sequential(nn.Linear(*w1.shape, dtype=float), nn.ReLU(), nn.Linear(*w2.shape, dtype=float))
    model.load_state_dict({"0.weight": w1.T, "0.bias": b1, "2.weight": w2.T, "2.bias": b2})
    return model


# ---- what does not fit --------------------------------------------------------------------------------------------

COLUMN, ROW = np.full((5, 1), 0.5), np.full(5, 0.5)


@pytest.mark.parametrize("name", [
    "BCELoss", "BCEWithLogitsLoss", "CosineEmbeddingLoss", "CosineSimilarity", "FocalLoss", "GaussianNLLLoss", "HingeEmbeddingLoss",
    "HuberLoss", "KLDivLoss", "L1Loss", "MSELoss", "MarginRankingLoss", "MultiLabelMarginLoss", "MultiLabelSoftMarginLoss",
    "PairwiseDistance", "PoissonNLLLoss", "SmoothL1Loss", "SoftMarginLoss", "TripletMarginLoss", "TripletMarginWithDistanceLoss"])
def test_a_column_and_a_row_are_not_broadcast(name):
    more = {"GaussianNLLLoss": [COLUMN], "MarginRankingLoss": [ROW], "CosineEmbeddingLoss": [ROW], "TripletMarginLoss": [ROW],
            "TripletMarginWithDistanceLoss": [ROW]}.get(name, [])
    with pytest.raises(ValueError, match=r"\(5, 1\).*\(5,\)"):
        getattr(nn, name)()(COLUMN, ROW, *more)


@pytest.mark.parametrize("name", [name for name in nn.__all__ if name.endswith("Loss")])
def test_an_unknown_reduction_is_refused_at_once(name):
    with pytest.raises(ValueError, match=r"'mean'.*'sum'.*'none'.*'average'"):
        getattr(nn, name)(reduction="average")


@pytest.mark.parametrize("loss", [nn.CrossEntropyLoss(), nn.NLLLoss(), nn.MultiMarginLoss()], ids=repr)
def test_targets_are_classes(loss):
    for wrong in (4, -1):
        with pytest.raises(IndexError, match=rf"at position 2 is class {wrong}.*4 classes.*0 to 3"):
            loss(X, np.where(np.arange(6) == 2, wrong, T))
    with pytest.raises(ValueError, match=r"\(6,\).*\(6, 1\)"):
        loss(X, T[:, None])
    with pytest.raises((TypeError, ValueError), match="class numbers"):
        loss(X, T * 1.0)


@pytest.mark.parametrize("error, said, f", [
    (IndexError, "4 classes", lambda: F.multilabel_margin_loss(X, np.full((6, 4), 4))),
    (IndexError, "classes", lambda: F.one_hot(T, 3)),
    (ValueError, "with_logits", lambda: F.binary_cross_entropy(X, X)),
    (ValueError, r"2 \* target - 1", lambda: F.soft_margin_loss(X, (X > 0) * 1)),
    (ValueError, r"2 \* target - 1", lambda: F.hinge_embedding_loss(X, (X > 0) * 1)),
    (ValueError, "each of the 4 classes", lambda: F.nll_loss(X, T, np.ones(3))),
    (ValueError, "each of the 4 classes", lambda: F.multi_margin_loss(X, T, weight=np.ones(3))),
    (ValueError, "do not fit losses of shape", lambda: F.binary_cross_entropy_with_logits(X, X, np.ones(3))),
    (ValueError, "do not fit losses of shape", lambda: F.binary_cross_entropy_with_logits(X, X, pos_weight=np.ones((2, 6, 4)))),
    (ValueError, "p is 1 or 2", lambda: F.multi_margin_loss(X, T, p=3)),
    (ValueError, "over_classes", lambda: F.multi_margin_loss(X, T, over_classes="none")),
    (ValueError, "scores", lambda: F.multi_margin_loss(X[..., None], T[:, None])),
    (ValueError, "delta", lambda: F.huber_loss(X, X, delta=0)),
    (ValueError, "beta", lambda: F.smooth_l1_loss(X, X, beta=-1)),
    (ValueError, "variances of that shape", lambda: F.gaussian_nll_loss(X, X, np.ones((4, 1)))),
    (ValueError, "Predict their logarithm", lambda: F.gaussian_nll_loss(X, X, -np.ones_like(X))),
    (ValueError, "one length", lambda: F.cosine_similarity(X, X[:, :3])),
    (ValueError, "blank", lambda: F.ctc_loss(X[:, None], [[1]], [6], [1], blank=4)),
    (ValueError, "input_lengths are between 0 and 6", lambda: F.ctc_loss(X[:, None], [[1]], [7], [1])),
    (ValueError, "target_lengths are between 0 and 1", lambda: F.ctc_loss(X[:, None], [[1]], [6], [2])),
    (ValueError, "for 1 sequences", lambda: F.ctc_loss(X[:, None], [[1], [1]], [6, 6], [1, 1])),
    (IndexError, "0 to 3", lambda: F.ctc_loss(X[:, None], [[4]], [6], [1])),
    (ValueError, "add up to 3", lambda: F.ctc_loss(np.stack([X, X], 1), [1, 2], [6, 6], [1, 2])),
    (TypeError, "list", lambda: nn.MSELoss()([1.0], [2.0])),
    (TypeError, "list", lambda: nn.MSELoss()(X, X.tolist())),
])
def test_bad_input(error, said, f):
    with pytest.raises(error, match=said):
        f()


def test_a_distance_may_be_a_module():
    loss = nn.TripletMarginWithDistanceLoss(distance_function=nn.PairwiseDistance(p=1.0), margin=0.5)
    assert repr(loss) == "TripletMarginWithDistanceLoss(\n  margin=0.5\n  (distance_function): PairwiseDistance(p=1.0)\n)"
    np.testing.assert_allclose(loss(X, X + 1, X - 2), F.triplet_margin_loss(X, X + 1, X - 2, 0.5, p=1.0))


def test_losses_are_traced():
    """What looks at values (are these classes?) is skipped in a traced program, which runs on other values."""
    for loss, inputs in ((nn.BCELoss(), (np.full(3, 0.5), np.array([0.0, 1, 1]))), (nn.NLLLoss(), (X, T)), (nn.MultiMarginLoss(), (X, T)),
                         (nn.SoftMarginLoss(), (X[:, 0], np.array([1, -1, 1, 1, -1, 1])))):
        program = autograd.trace(loss, *inputs)
        np.testing.assert_array_equal(program(*inputs), loss(*inputs))


@pytest.mark.parametrize("loss", [nn.CrossEntropyLoss(), nn.CrossEntropyLoss(weight=np.ones(4)), nn.CrossEntropyLoss(label_smoothing=0.1),
                                  nn.NLLLoss()])
def test_a_batch_in_which_no_target_counts_leaves_the_model_alone(loss):
    x, ignored = tensor(X, requires_grad=True), np.full(6, -100)
    with np.errstate(invalid="ignore", divide="ignore"):
        loss(x, ignored).backward()
        assert not x.grad.data.any()
        assert not grad(lambda x: (grad(lambda x: loss(x, ignored))(x) ** 2).sum())(X).any()


SIGNS, LABELS = np.array([1, -1], np.int8), np.array([1, 0])
INTEGERS = {"L1Loss": 2, "MSELoss": 2, "HuberLoss": 2, "SmoothL1Loss": 2, "PoissonNLLLoss": 2, "GaussianNLLLoss": 3, "KLDivLoss": 2,
            "PairwiseDistance": 2, "CosineSimilarity": 2, "TripletMarginLoss": 3, "TripletMarginWithDistanceLoss": 3,
            "BCEWithLogitsLoss": 2, "FocalLoss": 2, "MultiLabelSoftMarginLoss": 2, "CosineEmbeddingLoss": (2, SIGNS),
            "MarginRankingLoss": (2, np.broadcast_to(SIGNS, (3, 2)).T), "SoftMarginLoss": (1, np.broadcast_to(SIGNS, (3, 2)).T),
            "HingeEmbeddingLoss": (1, np.broadcast_to(SIGNS, (3, 2)).T), "NLLLoss": (1, LABELS), "MultiMarginLoss": (1, LABELS),
            "MultiLabelMarginLoss": (1, np.array([[0, -1, -1], [1, 0, -1]]))}


@pytest.mark.parametrize("name", INTEGERS)
def test_integers_are_numbers(name):
    """In uint8 1 - 255 is 2 and 16 * 16 is 0; the error of two images is neither."""
    n, *target = INTEGERS[name] if isinstance(INTEGERS[name], tuple) else (INTEGERS[name],)
    inputs = np.array([[[80, 0, 16], [1, 1, 85]], [[1, 80, 0], [1, 0, 2]], [[0, 16, 3], [100, 3, 2]]], np.uint8)[:n]
    loss = getattr(nn, name)()
    expected = loss(*inputs.astype(float), *target)
    np.testing.assert_allclose(loss(*inputs, *target), expected)
    np.testing.assert_allclose(loss(*map(tensor, inputs), *map(tensor, target)).data, expected)
    if n > 1:
        assert loss(inputs[0].astype(np.float32), *inputs[1:], *target).dtype == np.float32
