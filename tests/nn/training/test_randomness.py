"""Are all random generators of a run found, and put back?"""

import types

import numpy as np
import pytest

import autograd
import nn
import optim
from nn.data import ArrayDataset, DataLoader, TransformedDataset
from nn.training import Checkpoints, Trainer
from nn.training.randomness import generators, random_state, restore_random_state


def test_they_are_found_wherever_they_are():
    a, b, c, d = (np.random.default_rng(seed) for seed in range(4))
    model = nn.Sequential(nn.Dropout(0.5, rng=a), nn.Sequential(nn.Dropout(0.5, rng=a)), nn.Dropout(0.5, rng=b))
    holder = types.SimpleNamespace(steps=[(c,), {"x": d}], numpy=np, text="text", numbers=np.ones(3), me=None)
    holder.me = holder  # going round in a circle
    found = dict(generators(model, holder, None))
    assert set(map(id, found.values())) == set(map(id, (a, b, c, d))) and len(found) == 4
    assert found["1.steps.0.0"] is c and found["1.steps.1.x"] is d
    assert dict(generators(list(range(10**6)), np)) == {}


@pytest.mark.parametrize("kind", [np.random.PCG64, np.random.Philox, np.random.MT19937, np.random.SFC64])
def test_they_go_on_where_they_were(kind, tmp_path):
    """Through a file, and whatever bit generator they have."""
    model = nn.Dropout(0.5, rng=np.random.Generator(kind(3)))
    autograd.random.seed(7)
    model.rng.random(5)
    model.rng.integers(10, dtype=np.int32)  # PCG64 keeps half of a word back
    autograd.save(random_state(model), tmp_path / "state.npz")
    expected = autograd.random.generator().random(4), model.rng.random(4), model.rng.integers(10, size=3, dtype=np.int32)
    autograd.random.seed(8)
    restore_random_state(autograd.load(tmp_path / "state.npz"), model)
    again = autograd.random.generator().random(4), model.rng.random(4), model.rng.integers(10, size=3, dtype=np.int32)
    for a, b in zip(expected, again):
        np.testing.assert_array_equal(a, b)


def test_a_transform_of_your_own_is_resumed(tmp_path):
    """It draws from a generator that it holds, so its draws depend on what was drawn before; without workers they are resumed."""
    class Noise:
        def __init__(self):
            self.rng = np.random.default_rng(0)

        def __call__(self, x):
            return x + self.rng.normal(size=x.shape).astype(np.float32)

    def trained(folder, *epochs):
        for last in epochs:
            x = np.random.default_rng(0).normal(size=(32, 4)).astype(np.float32)
            data = TransformedDataset(ArrayDataset(x, (x[:, 0] > 0).astype(int)), Noise())
            model = nn.Linear(4, 2, rng=0)
            Trainer(model, nn.CrossEntropyLoss(), optim.SGD(model.parameters(), lr=0.1), callbacks=[Checkpoints(folder)], progress=False
                    ).fit(DataLoader(data, batch_size=8, shuffle=True, seed=1), epochs=last, resume=True)
        return model.weight.data

    np.testing.assert_array_equal(trained(tmp_path / "a", 3), trained(tmp_path / "b", 1, 3))
