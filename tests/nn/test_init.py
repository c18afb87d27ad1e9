"""Have the initial weights the distribution they should have?"""

from math import sqrt

import numpy as np
import pytest

import nn
from nn import init

SHAPE, FAN_IN, FAN_OUT = (40, 30, 5, 5), 750, 1000


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("f, std, bounded", [
    (lambda p: init.xavier_uniform_(p, 2.0, rng=0), 2 * sqrt(2 / (FAN_IN + FAN_OUT)), True),
    (lambda p: init.xavier_normal_(p, 2.0, rng=0), 2 * sqrt(2 / (FAN_IN + FAN_OUT)), False),
    (lambda p: init.kaiming_uniform_(p, nonlinearity="relu", rng=0), sqrt(2 / FAN_IN), True),
    (lambda p: init.kaiming_normal_(p, mode="fan_out", nonlinearity="relu", rng=0), sqrt(2 / FAN_OUT), False),
    (lambda p: init.kaiming_normal_(p, a=1, rng=0), sqrt(1 / FAN_IN), False),
    (lambda p: init.uniform_(p, -3, 3, rng=0), sqrt(3), True),
    (lambda p: init.normal_(p, 0, 0.01, rng=0), 0.01, False)])
def test_spread(f, std, bounded, dtype):
    p = nn.Parameter(np.zeros(SHAPE, dtype))
    assert f(p) is p
    assert p.dtype == dtype
    assert p.data.std() == pytest.approx(std, rel=0.02)
    assert p.data.mean() == pytest.approx(0, abs=0.02 * std)
    assert (np.abs(p.data).max() <= std * sqrt(3) * 1.0001) == bounded


def test_constants_and_other_layouts():
    p = nn.Parameter(np.zeros((3, 4)))
    assert (init.ones_(p).data == 1).all()
    assert (init.zeros_(p).data == 0).all()
    assert (init.constant_(p, 7).data == 7).all()
    half = nn.Parameter(np.zeros((300, 30), np.float16).T)
    assert init.normal_(half, rng=1).dtype == np.float16
    assert half.data.std() == pytest.approx(1, rel=0.05)
    shift = nn.Parameter(np.zeros(()))
    assert 5 <= init.uniform_(shift, 5, 6).item() < 6


def test_gains_are_pytorchs():
    assert [init.calculate_gain(n) for n in ("linear", "conv2d", "sigmoid", "tanh", "relu", "selu")] == [1, 1, 1, 5 / 3, sqrt(2), 0.75]
    assert init.calculate_gain("leaky_relu") == pytest.approx(1.4141428569978354)
    assert init.calculate_gain("leaky_relu", 0.2) == pytest.approx(1.3867504905630728)


def test_errors_change_nothing():
    p = nn.Parameter(np.ones(3))
    matrix = nn.Parameter(np.ones((2, 2)))
    for bad in (lambda: init.xavier_normal_(p), lambda: init.kaiming_normal_(p), lambda: init.uniform_(p, 1, 0),
                lambda: init.normal_(p, std=-1), lambda: init.calculate_gain("reul"), lambda: init.kaiming_normal_(matrix, mode="in")):
        with pytest.raises(ValueError):
            bad()
    with pytest.raises(TypeError, match="ndarray"):
        init.normal_(np.ones(3))
    with pytest.raises(TypeError, match="complex"):
        init.normal_(nn.Parameter(np.ones(3, complex)))
    assert (p.data == 1).all()


# ---- the others ---------------------------------------------------------------------------------------------------


def p(*shape, dtype=float):
    return nn.Parameter(np.ones(shape, dtype))


def test_identities_are_pytorchs():
    np.testing.assert_array_equal(init.eye_(p(3, 5)).data, np.eye(3, 5))
    w = init.dirac_(p(4, 2, 3, 4), groups=2).data  # torch.nn.init.dirac_: the middle of a kernel of n is n // 2
    assert w.sum() == 4 and all(w[o, i, 1, 2] == 1 for o, i in ((0, 0), (1, 1), (2, 0), (3, 1)))
    conv = nn.Conv2d(3, 3, 3, padding=1, bias=False, dtype=float)
    init.dirac_(conv.weight)
    x = np.random.default_rng(0).standard_normal((2, 3, 5, 5))
    np.testing.assert_array_equal(conv(x).data, x)
    assert init.dirac_(p(2, 3, 3)).data.sum() == 2 and init.dirac_(p(2, 3, 1, 1, 1)).data.sum() == 2


@pytest.mark.parametrize("mean, std, a, b", [(0, 1, -2, 2), (1, 2, -1, 2), (0, 1, -8, 8), (0, 1, 3, 9), (0, 0.02, -2, 2), (5, 1, -1, 1),
                                             (0, 1, -np.inf, 0)])
def test_trunc_normal_has_the_moments_of_the_truncated_normal(mean, std, a, b):
    from scipy.stats import truncnorm

    x = init.trunc_normal_(p(200, 300), mean, std, a, b, rng=0).data.ravel()
    law = truncnorm((a - mean) / std, (b - mean) / std, mean, std)
    assert a <= x.min() and x.max() <= b
    n = sqrt(x.size)
    assert abs(x.mean() - law.mean()) < 4 * law.std() / n
    assert x.std() == pytest.approx(law.std(), rel=0.02)
    assert np.abs(law.cdf(np.sort(x)) - np.linspace(0, 1, x.size)).max() < 1.7 / n  # Kolmogorov-Smirnov: 99.4 %


@pytest.mark.parametrize("shape", [(5, 5), (3, 8), (8, 3), (6, 2, 3, 3), (4, 1)])
def test_orthogonal(shape):
    w = init.orthogonal_(p(*shape), gain=2, rng=0).data.reshape(shape[0], -1)
    gram = w @ w.T if w.shape[0] <= w.shape[1] else w.T @ w
    np.testing.assert_allclose(gram, 4 * np.eye(len(gram)), atol=1e-13)


def test_orthogonal_matrices_are_uniform():
    """Without the signs of R the diagonal of Q would lean to one side."""
    rng = np.random.default_rng(0)
    traces = [np.trace(init.orthogonal_(p(3, 3), rng=rng).data) for _ in range(2000)]
    assert abs(np.mean(traces)) < 0.1 and np.var(traces) == pytest.approx(1, abs=0.15)


def test_sparse():
    w = init.sparse_(p(100, 40), 0.25, std=0.5, rng=0).data
    assert ((w == 0).sum(0) == 25).all() and len({tuple(column) for column in (w == 0).T}) == 40
    assert w[w != 0].std() == pytest.approx(0.5, rel=0.05)
    assert (init.sparse_(p(3, 4), 0.5, rng=0).data == 0).sum(0).tolist() == [2] * 4  # ceil(1.5), as in PyTorch


@pytest.mark.parametrize("f, std", [
    (init.small_random_, 0.01), (init.lecun_uniform_, sqrt(1 / FAN_IN)), (init.lecun_normal_, sqrt(1 / FAN_IN)),
    (lambda p, rng: init.small_random_(p, 0.5, rng), 0.5)])
def test_the_course_and_lecun(f, std):
    assert f(p(*SHAPE, dtype=np.float32), rng=0).data.std() == pytest.approx(std, rel=0.02)


@pytest.mark.parametrize("name, args", [
    ("uniform_", ()), ("normal_", ()), ("small_random_", ()), ("trunc_normal_", ()), ("xavier_uniform_", ()), ("xavier_normal_", ()),
    ("kaiming_uniform_", ()), ("kaiming_normal_", ()), ("lecun_uniform_", ()), ("lecun_normal_", ()), ("orthogonal_", ()),
    ("sparse_", (0.3,))])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_seed_says_everything(name, args, dtype):
    f = getattr(init, name)
    first, again, other = (f(p(6, 5, dtype=dtype), *args, rng=seed).data for seed in (1, 1, 2))
    assert first.dtype == dtype and np.array_equal(first, again) and not np.array_equal(first, other)


@pytest.mark.parametrize("f", [
    lambda p: init.eye_(p), lambda p: init.dirac_(p), lambda p: init.trunc_normal_(p, std=0), lambda p: init.trunc_normal_(p, a=1, b=1),
    lambda p: init.orthogonal_(p), lambda p: init.sparse_(p, 0.1), lambda p: init.lecun_normal_(p)])
def test_bad_input_changes_nothing(f):
    vector = p(3)
    with pytest.raises(ValueError):
        f(vector)
    assert (vector.data == 1).all()


def test_wrong_shares_and_groups():
    for wrong in (lambda: init.sparse_(p(3, 3), 1.5), lambda: init.dirac_(p(3, 3, 3), groups=2)):
        with pytest.raises(ValueError):
            wrong()
    for f in (init.trunc_normal_, init.orthogonal_, init.kaiming_normal_):
        with pytest.raises(TypeError, match="complex"):
            f(nn.Parameter(np.ones((3, 3), complex)))
