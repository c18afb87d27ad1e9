"""Are gradients clipped as in PyTorch, and gathered over several passes?"""

from math import inf

import numpy as np
import pytest

import nn
import optim
from autograd import tensor
from nn import Parameter


def parameters():
    a, b, c = Parameter(np.zeros((2, 3))), Parameter(0.0), Parameter(np.zeros(2))
    a.grad, b.grad = np.array([[3.0, -1, 2], [0.5, 4, -6]]), np.float64(2.0)
    return [a, b, c]


FLAT = np.array([3.0, -1, 2, 0.5, 4, -6, 2])


@pytest.mark.parametrize("order", [2, 1, 3, 0.5, inf, -inf])
@pytest.mark.parametrize("most", [1.0, 1000.0])
def test_by_norm(order, most):
    params = parameters()
    norm = np.linalg.norm([np.linalg.norm(FLAT[:6], order), np.linalg.norm(FLAT[6:], order)], order)
    assert optim.get_total_norm([p.grad for p in params[:2]], order) == pytest.approx(norm, rel=1e-14)
    assert optim.clip_grad_norm_(iter(params), most, order) == pytest.approx(norm, rel=1e-14)
    factor = min(1, most / (norm + 1e-6))
    np.testing.assert_allclose(params[0].grad.data.ravel(), FLAT[:6] * factor, rtol=1e-14)
    assert params[1].grad.item() == pytest.approx(2 * factor, rel=1e-14)
    assert params[2].grad is None


def test_by_value():
    params = parameters()
    optim.clip_grad_value_(params, 2.5)
    np.testing.assert_array_equal(params[0].grad.data.ravel(), np.clip(FLAT[:6], -2.5, 2.5))
    optim.clip_grad_value_(params[1], 1)
    assert params[1].grad.item() == 1


def test_float32_and_nothing():
    p = Parameter(np.ones(4, np.float32))
    p.grad = np.full(4, 3, np.float32)
    assert optim.clip_grad_norm_(p, 3.0) == 6
    assert p.grad.dtype == np.float32
    np.testing.assert_allclose(p.grad.data, 1.5, rtol=1e-6)
    assert optim.clip_grad_norm_([], 1.0) == 0
    assert optim.get_total_norm([]) == 0


def test_norms_that_are_not_finite():
    params = parameters()
    params[1].grad = np.inf
    with pytest.raises(RuntimeError, match=r"norm of order 2\.0 of the gradients is inf"):
        optim.clip_grad_norm_(params, 1.0, error_if_nonfinite=True)
    np.testing.assert_array_equal(params[0].grad.data.ravel(), FLAT[:6])
    with np.errstate(invalid="ignore"):
        assert optim.clip_grad_norm_(params, 1.0) == inf
    assert (params[0].grad.data == 0).all()


def test_bad_input():
    for function, value in ((optim.clip_grad_norm_, -1), (optim.clip_grad_norm_, np.nan), (optim.clip_grad_value_, -1)):
        with pytest.raises(ValueError, match="at least 0"):
            function(parameters(), value)
    with pytest.raises(TypeError, match="ndarray"):
        optim.clip_grad_norm_([np.ones(2)], 1.0)


def test_accumulation_is_the_large_batch():
    rng = np.random.default_rng(0)
    x, t = rng.standard_normal((7, 2, 3)), rng.standard_normal((7, 2, 1))
    whole, parts = nn.Linear(3, 1, dtype=np.float64), nn.Linear(3, 1, dtype=np.float64)
    parts.load_state_dict(whole.state_dict())
    one, many = optim.SGD(whole.parameters(), lr=0.1), optim.SGD(parts.parameters(), lr=0.1)
    accumulation, loss = optim.GradientAccumulation(many, every=3), nn.MSELoss()
    stepped = []
    for xi, ti in zip(x, t):
        loss(parts(tensor(xi)), tensor(ti)).backward()
        stepped.append(accumulation.step())
    assert stepped == [False, False, True, False, False, True, False]
    assert accumulation.flush()
    assert not accumulation.flush()
    for cut in (slice(0, 3), slice(3, 6), slice(6, 7)):
        one.zero_grad()
        loss(whole(tensor(x[cut].reshape(-1, 3))), tensor(t[cut].reshape(-1, 1))).backward()
        one.step()
    np.testing.assert_allclose(parts.weight.data, whole.weight.data, rtol=1e-12)
    assert parts.weight.grad is None


def test_accumulation_clips_the_mean():
    p = Parameter([1.0])
    accumulation = optim.GradientAccumulation(optim.SGD([p], lr=1.0), 2, max_norm=0.5)
    for _ in range(2):
        (p * 3).sum().backward()
        accumulation.step()
    assert p.item() == pytest.approx(0.5, abs=1e-6)
    for every in (0, 1.5, True):
        with pytest.raises(ValueError, match="every"):
            optim.GradientAccumulation(optim.SGD([p]), every)


def test_a_module_is_no_list_of_parameters():
    for clip in (optim.clip_grad_norm_, optim.clip_grad_value_):
        with pytest.raises(TypeError, match=r"not Linear: write model.parameters\(\)"):
            clip(nn.Linear(2, 3), 1.0)
    with pytest.raises(TypeError, match=r"not Linear: write model.parameters\(\)"):
        optim.SGD([nn.Linear(2, 3)])
