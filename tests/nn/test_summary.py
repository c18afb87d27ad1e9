"""Does the table say what happened?"""

import numpy as np
import pytest

import autograd
import nn
from autograd import Tape, no_grad
from nn import models


def test_a_small_table_by_hand():
    table = nn.summary(nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10)), (8, 64))
    rows = [tuple(row) for row in table]
    assert rows == [("", "Sequential", "f32[8,10]", 1, 2410, 2410, 8 * 32 * 64 + 8 * 10 * 32, 8 * 32 * 4),
                    ("0", "Linear", "f32[8,32]", 1, 2080, 2080, 8 * 32 * 64, 0),
                    ("1", "ReLU", "f32[8,32]", 1, 0, 0, 0, 8 * 32 * 4),
                    ("2", "Linear", "f32[8,10]", 1, 330, 330, 8 * 10 * 32, 0)]
    assert len(table) == 4
    assert table["1"].kept == table.kept == 1024
    assert table.parameters == table.trainable == 2410
    with pytest.raises(KeyError, match="'0', '1', '2'"):
        table["3"]


@pytest.mark.parametrize("name, size, expected", [("resnet18", 224, 1_814_073_344), ("alexnet", 224, 714_188_480),
                                                  ("resnet50", 64, None), ("googlenet", 64, None)])
def test_models_of_the_field(name, size, expected):
    """The multiply-adds of ResNet-18 (1.8 billion; He et al. 2015, table 1) and AlexNet, summed by hand over their layers."""
    with nn.init.skipped():
        model = getattr(models, name)().eval()
    table = nn.summary(model, (1, 3, size, size))
    by_hand = 0
    for row in table:
        module = dict(model.named_modules())[row.path]
        if isinstance(module, nn.Conv2d) and row.calls:
            pixels = np.prod([int(n) for n in row.output[4:-1].split(",")[2:]])
            assert row.multiply_adds == pixels * module.weight.size
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            by_hand += row.multiply_adds
    assert table.multiply_adds == by_hand
    assert expected in (None, table.multiply_adds)
    assert table.parameters == sum(p.size for p in model.parameters())


def test_what_is_kept_is_what_the_tape_keeps():
    model = models.LeNet5(rng=0)
    x = np.random.default_rng(0).standard_normal((4, 1, 32, 32)).astype(np.float32)
    tape = Tape.of(model(x))
    known = x.nbytes + sum(p.nbytes for name, p in model.named_parameters() if "weight" in name)
    assert abs(nn.summary(model, x).kept - (tape.kept_bytes - known)) <= sum(p.nbytes for p in model.parameters() if p.ndim == 1)


def test_the_model_is_as_before():
    model = nn.Sequential(nn.Linear(3, 3), nn.BatchNorm1d(3), nn.Dropout(0.5), nn.Dropout(0.5, rng=0))
    before = {name: value.copy() for name, value in model.state_dict().items()}
    autograd.random.seed(0)
    states = autograd.random.get_state(), model[3].rng.bit_generator.state
    x = np.random.default_rng(0).standard_normal((5, 3))
    nn.summary(model, x)
    assert all(np.array_equal(before[name], value) for name, value in model.state_dict().items())
    assert states == (autograd.random.get_state(), model[3].rng.bit_generator.state)
    assert not any(module._hooks for module in model.modules())
    assert all(p.grad is None for p in model.parameters())

    class Failing(nn.Module):
        def __init__(self):
            self.inner = nn.BatchNorm1d(3)

        def forward(self, x):
            self.inner(x)
            raise RuntimeError("on purpose")

    failing = Failing()
    with pytest.raises(RuntimeError, match="on purpose"):
        nn.summary(failing, x)
    assert not failing.inner._hooks
    assert not failing.inner.running_mean.data.any()
    assert autograd.node.get_mode().observer is None


def test_shared_frozen_uncalled_and_several():
    class Odd(nn.Module):
        def __init__(self):
            self.shared = nn.Linear(4, 4)
            self.again = self.shared
            self.spare = nn.Linear(2, 2)
            self.parts = [nn.Linear(4, 3), nn.Tanh()]

        def forward(self, x, scale=1.0):
            y = self.again(self.shared(x))
            return {"a": self.parts[1](self.parts[0](y)) * scale, "b": y}

    model = Odd()
    nn.freeze(model.shared)
    table = nn.summary(model, np.ones((2, 4), np.float32), scale=2.0)
    assert table[""].output == "f32[2,3], f32[2,4]"
    assert table["shared"].calls == 2
    assert table["shared"].multiply_adds == 2 * 2 * 16
    assert (table["shared"].parameters, table["shared"].trainable) == (20, 0)
    assert table["spare"].output == "(not called)"
    assert table.trainable == table.parameters - 20
    text = repr(table)
    assert "shared Linear x2" in text
    assert "20 frozen" in text
    assert "(21 of them trainable)" in text
    assert "parts.1" not in text
    assert text == repr(nn.summary(model, (2, 4), scale=2.0))


def test_all_products_count():
    class Products(nn.Module):
        def __init__(self):
            self.up = nn.ConvTranspose1d(2, 3, 2)

        def forward(self, x):
            y = autograd.ops.einsum("ncl,mcl->nm", x, x)
            return (y @ y).sum() + self.up(x).sum()

    assert nn.summary(Products(), (2, 2, 5)).multiply_adds == 2 * 2 * 2 * 5 + 2 * 2 * 2 + 2 * 5 * 2 * 3 * 2
    with nn.init.skipped():
        attention = nn.MultiheadAttention(8, 2, batch_first=True)
    table = nn.summary(attention, *[np.ones((3, 5, 8), np.float32)] * 3)
    assert table.multiply_adds == 4 * 3 * 5 * 8 * 8 + 2 * 3 * 5 * 5 * 8


def test_inside_no_grad_and_bad_input():
    with no_grad():
        assert nn.summary(nn.Sequential(nn.Linear(3, 2), nn.Tanh()), (1, 3)).kept == 8
    with pytest.raises(TypeError, match="takes a Module"):
        nn.summary(np.tanh, (1, 3))
    with pytest.raises(ValueError, match="takes 3 features"):
        nn.summary(nn.Linear(3, 2), (1, 4))
