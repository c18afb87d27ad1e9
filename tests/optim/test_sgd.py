"""Does SGD follow PyTorch's, step by step, in place?"""

import numpy as np
import pytest

import nn
import optim
from autograd import ops
from nn import Parameter


def wave(*shape, k=1.0):
    return np.sin(k * np.arange(1, np.prod(shape) + 1)).reshape(shape)


# The parameters p and q after 50 steps, printed by PyTorch 2.13 in float64.
PYTORCH = [
    ({"lr": 0.1}, [1.12010628120396, 0.9999250111791547, 0.9992950118252415],
     [0.1451057239067717, -0.6401229476776644, 0.3911579544313668, 0.4295704013216005]),
    ({"lr": 0.1, "momentum": 0.9}, [8.882693910826847, 1.00097021548038, 1.0091212321106715],
     [0.02893391907910503, -28.39288643317938, 0.0689351073936553, 0.07342106415807814]),
    ({"lr": 0.1, "momentum": 0.9, "nesterov": True}, [9.32234550397162, 1.0000718749008846, 1.0006757134545448],
     [0.01742444253994305, -30.358351706712433, 0.04155784345715248, 0.0443253061353016]),
    ({"lr": 0.05, "momentum": 0.8, "dampening": 0.3, "weight_decay": 0.01}, [1.3350351472562656, 0.9900980619268502, 0.990073137485763],
     [0.05175609554040054, -1.3869219033312667, 0.15377177582442889, 0.1720702768902119]),
    ({"lr": 0.05, "weight_decay": 0.1}, [0.8561538484901906, 0.9136037460035635, 0.9063792915474723],
     [0.1853942757189008, -0.06056412181142665, 0.47400345130993105, 0.5146787006427853]),
    ({"lr": 0.05, "momentum": 0.5, "maximize": True, "weight_decay": 0.2}, [1.2193878117255925, 0.8334154586812689, 0.8333494629530518],
     [0.37156445768365126, 1.6674894759494798, 0.7488937634124664, 0.7832372790178975]),
]


@pytest.mark.parametrize("options, p_after, q_after", PYTORCH)
def test_fifty_steps_as_in_pytorch(options, p_after, q_after):
    p, q = Parameter(wave(3, k=0.7)), Parameter(wave(2, 2, k=0.4))
    sgd = optim.SGD([p, q], **options)
    for _ in range(50):
        sgd.zero_grad()
        f = ((p - 1) ** 2).sum() / 2 * (-1 if options.get("maximize") else 1) + (q * ops.sin(q)).sum() * 0.1 + p[0] * q[0, 1] * 0.3
        f.backward()
        sgd.step()
    np.testing.assert_allclose(p.data, p_after, rtol=0, atol=1e-10)
    np.testing.assert_allclose(q.data.ravel(), q_after, rtol=0, atol=1e-10)


@pytest.mark.parametrize("options", [{}, {"momentum": 0.9}, {"momentum": 0.9, "nesterov": True, "weight_decay": 0.1},
                                     {"momentum": 0.9, "dampening": 0.1, "maximize": True}])
def test_memory_is_reused(options):
    """In a normal loop, parameters and state stay where they are, and a step allocates no array."""
    import tracemalloc

    model = nn.Sequential(nn.Linear(200, 300), nn.ReLU(), nn.Linear(300, 2))
    sgd = optim.SGD(model.parameters(), lr=0.1, **options)
    x, t = np.ones((4, 200), np.float32), np.array([0, 1, 0, 1])

    def step():
        sgd.zero_grad()
        loss = nn.CrossEntropyLoss()(model(x), t)
        loss.backward()
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        sgd.step()
        return tracemalloc.get_traced_memory()[1] - before

    def places():
        return [id(p._array) for p in model.parameters()] + [id(a) for s in sgd.state.values() for a in s.values()]

    tracemalloc.start()
    try:
        step(), step()  # the first makes the state, the second writes the formula down
        first, values = places(), model[0].weight.data.copy()
        grown = [step() for _ in range(3)]
    finally:
        tracemalloc.stop()
    assert places() == first
    assert max(grown) < 20_000 < model[0].weight.nbytes
    assert not np.array_equal(values, model[0].weight.data)


def test_a_snapshot_is_not_written_to():
    p = Parameter(np.ones(3))
    view = p.data
    p.grad = np.ones(3)
    optim.SGD([p], lr=1.0).step()
    assert (view == 1).all()
    assert (p.data == 0).all()


def test_scalars_and_float32():
    p, q = Parameter(3.0), Parameter(np.float32(3.0))
    sgd = optim.SGD([p, q], lr=0.1, momentum=0.9, weight_decay=0.1)
    for _ in range(2):
        sgd.zero_grad()
        (p * p + q * q).backward()
        sgd.step()
    assert p.item() == pytest.approx(q.item(), rel=1e-6)
    assert q.dtype == np.float32
    assert isinstance(p._array, np.float64)


def test_nesterov_needs_momentum():
    p = Parameter([1.0])
    for options in ({"nesterov": True}, {"nesterov": True, "momentum": 0.9, "dampening": 0.1}):
        with pytest.raises(ValueError, match="Nesterov"):
            optim.SGD([p], **options)
