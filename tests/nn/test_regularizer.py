"""Do weights cost what they should, and only the weights?"""

import numpy as np
import pytest

import nn
import optim
from autograd import tensor
from nn.regularizer import L1, L2, ElasticNet


def model():
    return nn.Sequential(nn.Linear(4, 3, rng=0, dtype=float), nn.BatchNorm1d(3).to(float), nn.Linear(3, 2, rng=1, dtype=float))


@pytest.mark.parametrize("penalty, price, slope", [
    (L1(0.1), lambda w: 0.1 * np.abs(w), lambda w: 0.1 * np.sign(w)),
    (L2(0.1), lambda w: 0.1 * w**2, lambda w: 0.2 * w),
    (L2(0.1, half=True), lambda w: 0.05 * w**2, lambda w: 0.1 * w),
    (ElasticNet(0.1, 0.5), lambda w: 0.1 * (0.5 * w**2 + np.abs(w)), lambda w: 0.1 * w + 0.1 * np.sign(w))])
def test_the_formulas_of_the_course(penalty, price, slope):
    """CS231n, "Linear classification", and lecture 3: R(W) = sum W^2, sum |W|, sum beta W^2 + |W|."""
    m = model()
    weights = [m[0].weight, m[2].weight]
    r = penalty(m)
    r.backward()
    assert r.item() == pytest.approx(sum(price(w.data).sum() for w in weights), rel=1e-14)
    for w in weights:
        np.testing.assert_allclose(w.grad.data, slope(w.data), rtol=1e-14)
    assert all(p.grad is None for p in (m[0].bias, m[1].weight, m[1].bias, m[2].bias))


def test_l2_prefers_many_small_weights():
    """CS231n, "Linear classification": w1 = (1, 0, 0, 0) costs 1, w2 = (1/4, 1/4, 1/4, 1/4) costs 1/4; to L1 they are equal."""
    few, many = np.array([1.0, 0, 0, 0]), np.full(4, 0.25)
    assert (L2(1)(few), L2(1)(many)) == (1, 0.25)
    assert L1(1)(few) == L1(1)(many) == 1


def test_weights_may_be_chosen():
    m = model()
    assert L2(1)([m[0].bias]).item() == pytest.approx((m[0].bias.data**2).sum())
    assert L1(1)(m[0].parameters()).item() == pytest.approx(np.abs(m[0].weight.data).sum() + np.abs(m[0].bias.data).sum())
    m[0].requires_grad_(False)
    assert L2(1)(m).item() == pytest.approx((m[2].weight.data**2).sum())
    shared = nn.Sequential(m[2], nn.Linear(2, 3), m[2])
    assert L2(1)(shared).item() == pytest.approx((m[2].weight.data**2).sum() + (shared[1].weight.data**2).sum())


def test_half_of_l2_is_the_weight_decay_of_sgd():
    decayed, priced = nn.Linear(3, 2, rng=0, dtype=float), nn.Linear(3, 2, rng=0, dtype=float)
    x = np.ones((5, 3))
    for layer, steps, penalty in ((decayed, optim.SGD([decayed.weight], lr=0.1, weight_decay=0.3), None),
                                  (priced, optim.SGD([priced.weight], lr=0.1), L2(0.3, half=True))):
        for _ in range(3):
            steps.zero_grad()
            loss = layer(x).sum()
            (loss if penalty is None else loss + penalty(layer)).backward()
            steps.step()
    np.testing.assert_allclose(decayed.weight.data, priced.weight.data, rtol=1e-14)


def test_bad_input():
    for wrong in (lambda: L2(-1), lambda: L1(float("nan")), lambda: ElasticNet(1, -1)):
        with pytest.raises(ValueError, match="not negative"):
            wrong()
    with pytest.raises(ValueError, match="found no weights"):
        L2(1)(nn.ReLU())
    with pytest.raises(ValueError, match="found no weights"):
        L2(1)([])
    assert repr(ElasticNet(0.1, 0.5)) == "ElasticNet(strength=0.1, beta=0.5)"
    assert L1(2)(tensor([1.0, -1.0])).item() == 4
