"""Random numbers come from one default generator whose state can be kept and put back, or from the caller's."""

import numpy as np
import pytest

import autograd


def draw(rng=None):
    return autograd.random.generator(rng).normal(size=3).tolist()


def test_the_same_seed_gives_the_same_numbers():
    autograd.random.seed(1)
    first = draw()
    assert draw() != first
    autograd.random.seed(1)
    assert draw() == first == draw(1) == draw(np.random.default_rng(1))


def test_the_state_can_be_put_back():
    autograd.random.seed(2)
    state = autograd.random.get_state()
    first = draw()
    autograd.random.set_state(state)
    assert draw() == first


def test_what_is_no_generator():
    with pytest.raises(TypeError, match="default_rng"):
        autograd.random.generator("seed")
