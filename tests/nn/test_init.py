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
