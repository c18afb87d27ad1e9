"""Do hooks see and change what passes?"""

import numpy as np
import pytest

import autograd
import nn
from autograd import tensor


def test_forward_hooks_see_and_change():
    layer, seen = nn.ReLU(), []
    before = layer.register_forward_pre_hook(lambda m, args: seen.append(args[0]))
    change = layer.register_forward_pre_hook(lambda m, args: (args[0] + 1,))
    after = layer.register_forward_hook(lambda m, args, y: y * 10)
    assert layer(np.array([1.0])) == 20
    assert seen == [1.0]
    change.remove()
    assert layer(np.array([1.0])) == 10
    with after:
        pass
    before.remove()
    before.remove()
    assert layer(np.array([1.0])) == 1
    with pytest.raises(TypeError, match="function"):
        layer.register_forward_hook(3)


def test_backward_hooks_see_and_change():
    layer, seen = nn.Tanh(), []
    handle = layer.register_full_backward_hook(lambda m, gx, gy: seen.append((gx[0].item(), gy[0].item())))
    x = tensor(0.0, requires_grad=True)
    (layer(x) * 3).backward()
    assert seen == [(3.0, 3.0)]
    assert x.grad.item() == 3
    handle.remove()
    x.zero_grad()
    layer.register_full_backward_hook(lambda m, gx, gy: (gx[0] * 100,))
    layer.register_full_backward_pre_hook(lambda m, gy: (gy[0] * 2,))
    (layer(x) * 3).backward()
    assert x.grad.item() == 600


def test_backward_hooks_with_several_inputs():
    class Product(nn.Module):
        def forward(self, a, b):
            return a * b, a + b

    seen, module = [], Product()
    a, b = tensor(2.0, requires_grad=True), tensor(5.0, requires_grad=True)
    with module.register_full_backward_hook(lambda m, gx, gy: seen.append(([float(g) for g in gx], [float(g) for g in gy]))):
        product, total = module(a, b)
        (product + 10 * total).backward()
    assert seen == [([15.0, 12.0], [1.0, 10.0])]
    with module.register_full_backward_hook(lambda m, gx, gy: gx), pytest.raises(TypeError, match="2 inputs"):
        module(a, b)[0].backward()


def test_backward_hooks_where_no_gradient_flows():
    seen = []
    layer = nn.Linear(2, 1)
    layer.register_full_backward_hook(lambda m, gx, gy: seen.append((gx, gy[0].shape)))
    layer(np.ones((3, 2), np.float32)).sum().backward()
    assert seen == [((None,), (3, 1))]
    with autograd.no_grad():
        assert layer(tensor(np.ones((3, 2), np.float32))).shape == (3, 1)
