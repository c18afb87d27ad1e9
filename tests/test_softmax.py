"""Does cross entropy mean what PyTorch means by it, and does it say what is wrong?

The numbers are PyTorch 2.13's: the loss, and the gradient of the first and of the last row of logits.
"""

import numpy as np
import pytest

from autograd import compile, ops, tensor, trace, value_and_grad

X = np.array([[0.5, -1.0, 2.0], [1.5, 0.3, -0.7], [-0.2, 0.9, 0.1], [3.0, -2.0, 0.4]])
W = np.array([0.2, 1.0, 2.5])
TARGETS = {"t": np.array([2, 0, 1, 1]), "ignored": np.array([2, -100, 1, 1]),
           "q": np.array([[0.2, 0.3, 0.5], [1, 0, 0], [0.1, 0.1, 0.8], [0, 0.5, 0.5]])}
PYTORCH = [
    ("t", {}, 1.56051559,
     [0.0438226, 0.00977814, -0.05360074], [0.23126488, -0.24844175, 0.01717687]),
    ("t", {"weight": W}, 1.34638831,
     [0.09323957, 0.02080456, -0.11404413], [0.19682117, -0.21143979, 0.01461861]),
    ("t", {"label_smoothing": 0.1}, 1.58051559,
     [0.03548926, 0.00144481, -0.03693407], [0.22293155, -0.23177508, 0.00884354]),
    ("t", {"weight": W, "label_smoothing": 0.1}, 1.41256956,
     [0.08709699, 0.01265826, -0.09975526], [0.19999523, -0.19722445, -0.00277078]),
    ("t", {"weight": W, "label_smoothing": 0.1, "reduction": "none"}, [0.68271214, 0.32798493, 0.66533172, 4.96304813],
     [0.40935586, 0.05949384, -0.4688497], [0.93997757, -0.92695489, -0.01302268]),
    ("t", {"reduction": "sum"}, 6.24206236,
     [0.17529039, 0.03911257, -0.21440297], [0.92505952, -0.993767, 0.06870748]),
    ("ignored", {}, 1.96568569,
     [0.05843013, 0.01303752, -0.07146766], [0.30835317, -0.33125567, 0.02290249]),
    ("ignored", {"weight": W}, 1.39089423,
     [0.09738355, 0.02172921, -0.11911276], [0.20556878, -0.22083711, 0.01526833]),
    ("ignored", {"label_smoothing": 0.1}, 1.95457458,
     [0.04731902, 0.00192641, -0.04924543], [0.29724206, -0.30903344, 0.01179138]),
    ("ignored", {"weight": W, "label_smoothing": 0.1}, 1.40246489,
     [0.09096797, 0.01322085, -0.10418882], [0.20888391, -0.20598998, -0.00289393]),
    ("ignored", {"weight": W, "label_smoothing": 0.1, "reduction": "none"}, [0.68271214, 0.0, 0.66533172, 4.96304813],
     [0.40935586, 0.05949384, -0.4688497], [0.93997757, -0.92695489, -0.01302268]),
    ("ignored", {"reduction": "sum"}, 5.89705708,
     [0.17529039, 0.03911257, -0.21440297], [0.92505952, -0.993767, 0.06870748]),
    ("q", {}, 1.74801559,
     [-0.0061774, -0.06522186, 0.07139926], [0.23126488, -0.12344175, -0.10782313]),
    ("q", {"weight": W}, 2.53651128,
     [0.05967793, -0.05945275, -0.00022518], [0.40471354, -0.12227306, -0.28244048]),
    ("q", {"label_smoothing": 0.1}, 1.74926559,
     [-0.00951074, -0.06605519, 0.07556593], [0.22293155, -0.11927508, -0.10365646]),
    ("q", {"weight": W, "label_smoothing": 0.1}, 2.51882374,
     [0.05744826, -0.06063484, 0.00318658], [0.39109819, -0.1181869, -0.27291128]),
    ("q", {"weight": W, "label_smoothing": 0.1, "reduction": "none"}, [1.34907819, 0.32798493, 2.70760309, 5.69062874],
     [0.22979303, -0.24253936, 0.01274632], [1.56439275, -0.47274762, -1.09164513]),
    ("q", {"reduction": "sum"}, 6.99206236,
     [-0.02470961, -0.26088743, 0.28559703], [0.92505952, -0.493767, -0.43129252]),
]


@pytest.mark.parametrize("target, options, loss, first, last", PYTORCH)
def test_cross_entropy_is_that_of_pytorch(target, options, loss, first, last):
    x = tensor(X, requires_grad=True)
    y = ops.cross_entropy(x, TARGETS[target], **options)
    ops.sum(y).backward()
    np.testing.assert_allclose(y.data, loss, atol=2e-8)
    np.testing.assert_allclose(x.grad.data[[0, -1]], [first, last], atol=2e-8)


def test_the_class_axis_may_be_any():
    x, t = np.random.default_rng(0).normal(size=(2, 5, 3, 4)), np.random.default_rng(1).integers(0, 5, (2, 3, 4))
    np.testing.assert_allclose(ops.cross_entropy(x, t, axis=1), ops.cross_entropy(np.moveaxis(x, 1, -1), t))


def test_large_scores_do_not_overflow():
    x = tensor(np.array([[1e4, 0.0], [-1e4, 0.0]]), requires_grad=True)
    ops.cross_entropy(x, np.array([1, 0]), reduction="sum").backward()
    np.testing.assert_array_equal(x.grad.data, [[1, -1], [-1, 1]])
    np.testing.assert_array_equal(ops.softmax(x.data), [[1, 0], [0, 1]])


@pytest.mark.parametrize("target, message", [
    (np.array([0, 3, 1, 1]), r"position 1 is class 3, but logits of shape \(4, 3\) have 3 classes"),
    (np.array([0, 1, 2, -1]), "position 3 is class -1"),
])
def test_a_target_that_is_no_class(target, message):
    for x in (X, tensor(X, requires_grad=True)):
        with pytest.raises(IndexError, match=message):
            ops.cross_entropy(x, target)


def test_a_wrong_target_says_where_in_several_axes():
    with pytest.raises(IndexError, match=r"position \(1, 0\) is class 9"):
        ops.cross_entropy(np.zeros((2, 2, 3)), np.array([[0, 1], [9, 2]]))


@pytest.mark.parametrize("arguments, error, message", [
    ((X, np.array([0, 1])), ValueError, r"integer targets of shape \(4,\), not \(2,\)"),
    ((X, np.eye(3, dtype=int)[[0, 1, 2, 0]]), ValueError, r"one-hot.*astype\(float\)"),
    ((X, np.array([0.0, 1, 1, 2])), ValueError, r"astype\(int\)"),
    ((X, np.array([True, False, True, True])), TypeError, "not bool"),
    ((X.astype(int), np.array([0, 1, 1, 2])), TypeError, "floating-point scores"),
    ((X, np.array([0, 1, 1, 2]), 2), ValueError, "no axis 2"),
    ((X, np.array([0, 1, 1, 2]), -1, W[:2]), ValueError, "each of the 3 classes"),
    ((X, np.array([0, 1, 1, 2]), -1, None, -100, "average"), ValueError, "'mean', 'sum', 'none'"),
    ((X, np.array([0, 1, 1, 2]), -1, None, -100, "mean", 1.5), ValueError, "between 0 and 1"),
])
def test_bad_input_is_explained(arguments, error, message):
    with pytest.raises(error, match=message):
        ops.cross_entropy(*arguments)


def test_fused_gradient_is_float32():
    x = tensor(X.astype(np.float32), requires_grad=True)
    y = ops.cross_entropy(x, TARGETS["t"], weight=W, label_smoothing=0.1)
    y.backward()
    assert y.dtype == x.grad.dtype == np.float32


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_how_many_positions_count_may_change_from_call_to_call(reduction):
    rng = np.random.default_rng(0)
    x = rng.standard_normal((6, 5)).astype(np.float32)

    def loss(x, target):
        return ops.cross_entropy(x, target, ignore_index=2, reduction=reduction).sum()

    w = tensor(np.zeros_like(x), requires_grad=True)

    @compile
    def step(x, target):
        w.zero_grad()
        y = loss(w + x, target)
        y.backward()
        return y.detach(), w.grad

    ways = [compile(value_and_grad(loss)), step, trace(value_and_grad(loss), x, np.zeros(6, int))]
    for target in ([0, 1, 3, 4, 0, 1], [2, 1, 3, 4, 0, 1], [2, 1, 2, 2, 0, 1], [0, 1, 3, 4, 0, 1]):
        y, g = value_and_grad(loss)(x, np.array(target))
        for f in ways:
            for ours, theirs in zip(f(x, np.array(target)), (y, g)):
                assert np.array_equal(getattr(ours, "_array", ours), theirs) if f is not ways[2] else np.allclose(ours, theirs, atol=1e-6)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_one_row_is_as_a_row_of_two(reduction, dtype):
    """A single example of few classes is computed with Python's numbers."""
    rng, ignored = np.random.default_rng(0), -100
    rows = [*(rng.standard_normal((5, 7)) * 9), np.full(7, 3e4), np.linspace(-6e4, 6e4, 7), np.array([0, 1, np.nan, 2, 3, 4, 5]),
            np.array([-np.inf, 0, 1, 2, 3, 4, 5]), np.full(7, -np.inf)]

    def loss(x, target):
        return ops.cross_entropy(x, target, reduction=reduction).sum()

    with np.errstate(invalid="ignore", over="ignore"):
        for row in rows:
            x = row.astype(dtype)[None]
            for t in (0, 6):
                y, g = value_and_grad(loss)(x, np.array([t]))
                twice, both = value_and_grad(loss)(np.concatenate([x, x]), np.array([t, ignored]))
                assert y.dtype == g.dtype == dtype and g.shape == x.shape
                eps = 8 * np.finfo(dtype).eps
                np.testing.assert_allclose(y, twice, rtol=eps, atol=eps)
                np.testing.assert_allclose(g, both[:1], rtol=eps, atol=eps * 100)
        for target in (7, -1):
            with pytest.raises(IndexError, match="class"):
                ops.cross_entropy(tensor(x), np.array([target]))
