"""Do containers hold, number and name what they are given?"""

import numpy as np
import pytest

import nn


def names(model):
    return [name for name, _ in model.named_children()]


def test_sequential_is_a_list():
    a, b, c = nn.ReLU(), nn.Tanh(), nn.Sigmoid()
    model = nn.Sequential(a, b)
    assert len(model) == 2
    assert list(model) == [a, b]
    assert model[-1] is b
    model.append(c).insert(0, c)
    assert list(model) == [c, a, b, c]
    assert names(model) == ["0", "1", "2"]  # c is one module
    del model[0]
    model[1] = nn.ReLU()
    assert [type(m).__name__ for m in model] == ["ReLU", "ReLU", "Sigmoid"]
    assert type(model[:2]) is nn.Sequential
    assert list(model[1:]) == list(model)[1:]
    assert names(model[1:]) == ["0", "1"]
    with pytest.raises(IndexError, match="3 modules"):
        model[3]


def test_sequential_with_names():
    model = nn.Sequential({"in": nn.Linear(2, 3), "out": nn.Linear(3, 1)})
    assert list(model.state_dict()) == ["in.weight", "in.bias", "out.weight", "out.bias"]
    assert model(np.ones((5, 2))).shape == (5, 1)
    assert names(model[:1]) == ["in"]


def test_module_list_and_dict():
    layers = nn.ModuleList(nn.Linear(2, 2) for _ in range(3))
    assert list(layers.state_dict())[:2] == ["0.weight", "0.bias"]
    layers.extend([nn.ReLU()])
    assert len(layers) == 4
    with pytest.raises(NotImplementedError):
        layers(1)
    table = nn.ModuleDict({"a": nn.ReLU()})
    table["b"] = nn.Linear(1, 1)
    assert "b" in table
    assert list(table) == table.keys() == ["a", "b"]
    assert [name for name, _ in table.items()] == ["a", "b"]
    del table["a"]
    assert list(table.state_dict()) == ["b.weight", "b.bias"]
    assert len(table) == 1
    with pytest.raises(KeyError, match="'b'"):
        table["a"]


def test_what_is_no_module_is_refused_and_nothing_changed():
    model = nn.Sequential(nn.ReLU())
    for bad, hint in ((nn.ReLU, r"write ReLU\(\.\.\.\)"), (nn.functional.relu, "nn.ReLU"), (3, "3")):
        with pytest.raises(TypeError, match=hint):
            model.append(bad)
        with pytest.raises(TypeError, match=hint):
            nn.Sequential(nn.ReLU(), bad)
    assert len(model) == 1
    for name in ("forward", "a.b", "", "training"):
        with pytest.raises(ValueError):
            nn.ModuleDict({"good": nn.ReLU()}).update({"fine": nn.ReLU(), name: nn.ReLU()})
