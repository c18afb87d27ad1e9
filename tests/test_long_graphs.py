"""Does size matter? A million nodes deep, and ten thousand steps long: linear time, no recursion, no garbage, flat memory.

Read next: `test_random_programs.py`.
"""

import gc
import sys
import weakref

import numpy as np
import pytest

from autograd import Tensor, no_grad, ops, tensor

MILLION = 1_000_000


@pytest.fixture
def without_collector():
    """Reference counting must do: the collector is off, and has nothing to find afterwards."""
    gc.collect()
    gc.disable()
    try:
        yield
        assert gc.collect() < 100, "a graph was left to the garbage collector"
    finally:
        gc.enable()


def chain(x, n):
    y = x
    for _ in range(n):
        y = y * 1.0000001
    return y, 1.0000001**n


def diamond(x, n):
    """Every node is used twice by the next: two paths from each to each, 2^n in all."""
    y = x
    for _ in range(n // 2):
        y = (y + y) * 0.5
    return y, 1.0


@pytest.mark.parametrize("shape", [chain, diamond])
def test_a_million_nodes(shape, without_collector):
    assert sys.getrecursionlimit() <= 3000
    x = tensor(1.0, requires_grad=True)
    y, expected = shape(x, MILLION)
    first = weakref.ref(y.node)
    y.backward()
    assert float(x.grad) == pytest.approx(expected, rel=1e-6)
    del y
    assert first() is None


def test_a_long_graph_is_dropped_without_backward(without_collector):
    x = tensor(1.0, requires_grad=True)
    y, _ = chain(x, 300_000)
    first = weakref.ref(y.node)
    del y
    assert first() is None


def test_recorded_gradients_of_a_long_graph(without_collector):
    x = tensor(1.0, requires_grad=True)
    y = x
    for _ in range(5_000):
        y = y * x
    y.backward(create_graph=True)
    first = x.grad
    x.zero_grad()
    first.backward()
    assert float(x.grad) == pytest.approx(5_000 * 5_001)
    x.zero_grad()


def resident():
    with open("/proc/self/statm") as memory:
        return int(memory.read().split()[1]) * 4096


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_ten_thousand_training_steps_leave_memory_flat(without_collector):
    rng = np.random.default_rng(0)
    x, t = Tensor(rng.normal(size=(16, 8))), Tensor(rng.normal(size=(16, 1)))
    parameters = [tensor(rng.normal(size=shape) * 0.3, requires_grad=True) for shape in ((8, 16), (16,), (16, 1), (1,))]

    def step():
        w1, b1, w2, b2 = parameters
        loss = ((ops.relu(x @ w1 + b1) @ w2 + b2 - t) ** 2).mean()
        loss.backward()
        with no_grad():
            for p in parameters:
                with p.writing() as array:
                    array -= 0.01 * p.grad.data
                p.zero_grad()
        return float(loss)

    first = step()
    for _ in range(1_000):
        step()
    before = resident()
    for _ in range(9_000):
        last = step()
    assert last < first / 2
    assert resident() - before < 2_000_000
