"""What holds for every module? Its gradients are right, its state can be saved, evaluation is repeatable, it says what it is.

The modules and their inputs are in `instances.py`.

Read next: `test_layers.py`.
"""

import inspect

import numpy as np
import pytest

import autograd
import nn
from autograd import Tape, Tensor, no_grad, tensor
from autograd.check import check_grads
from autograd.tape import history
from autograd.tree import flatten, map_tree
from tests.nn.instances import INSTANCES

MODULES = sorted({name: value for name, value in vars(nn).items() if inspect.isclass(value) and issubclass(value, nn.Module)}.items())
FRAMES = (nn.Module, nn.ModuleList, nn.ModuleDict)
every = pytest.mark.parametrize("cls", INSTANCES, ids=lambda cls: cls.__name__)


@pytest.mark.parametrize("name, cls", MODULES)
def test_every_module_has_an_instance(name, cls):
    found = cls in INSTANCES or cls in FRAMES
    assert found, f"write a line for nn.{name} in tests/nn/instances.py"


def made(cls, dtype=np.float64, seed=0):
    """A module that has been called once, and its inputs."""
    autograd.random.seed(seed)
    module, inputs = INSTANCES[cls]()
    module = module.to(dtype)
    inputs = each_real(lambda x: x.astype(dtype), inputs)
    module(*inputs)
    return module, inputs


def each_real(f, inputs):
    """f of the real arrays in a tree."""
    return map_tree(lambda x: f(x) if getattr(x, "dtype", np.dtype(int)).kind == "f" else x, inputs)


def outputs(result):
    return [leaf for leaf in flatten(result)[0] if hasattr(leaf, "dtype")]


def values(result):
    return [np.array(y.data if isinstance(y, Tensor) else y) for y in outputs(result)]


def real(result):
    return [leaf for leaf in outputs(result) if leaf.dtype.kind == "f"]


def homes(module):
    """Where each parameter hangs: in which dict or list, under which key."""
    for _, below in module.named_modules():
        for keys, owned in below._members():
            if isinstance(owned, nn.Parameter):
                held = below.__dict__
                for key in keys[:-1]:
                    held = held[key]
                yield held, keys[-1], owned


@every
def test_gradients(cls):
    module, inputs = made(cls)
    places = list(homes(module))

    def f(parameters, *inputs):
        autograd.random.seed(1)
        for (held, key, _), value in zip(places, parameters):
            held[key] = value
        try:
            return real(module(*inputs))
        finally:
            for held, key, owned in places:
                held[key] = owned

    check_grads(f, ([owned.data for _, _, owned in places], *inputs), order=2, modes=["rev"])


@every
def test_state_round_trip(cls):
    (first, inputs), (second, _) = made(cls, seed=0), made(cls, seed=1)
    state = first.state_dict()
    second.load_state_dict(state)
    assert list(second.state_dict()) == list(state)
    for name, array in second.state_dict().items():
        np.testing.assert_array_equal(array, state[name])
    for a, b in zip(values(first.eval()(*inputs)), values(second.eval()(*inputs))):
        np.testing.assert_array_equal(a, b)


@every
def test_evaluation_is_repeatable(cls):
    module, inputs = made(cls)
    assert module.eval() is module
    assert not any(m.training for m in module.modules())
    state = {name: array.copy() for name, array in module.state_dict().items()}
    first = values(module(*inputs))
    before = autograd.random.get_state()
    with no_grad():
        again = module(*inputs)
    assert autograd.random.get_state() == before
    for a, b in zip(first, values(again)):
        np.testing.assert_array_equal(a, b)
    for name, array in module.state_dict().items():
        np.testing.assert_array_equal(array, state[name])
    assert all(m.training for m in module.train().modules())


@every
def test_float32_stays_float32(cls):
    module, inputs = made(cls, np.float32)
    inputs = each_real(lambda x: tensor(x, requires_grad=True), inputs)
    results = real(module(*inputs))
    assert all(y.dtype == np.float32 for y in results)
    for y in results:
        if getattr(y, "requires_grad", False):
            y.sum().backward(retain_graph=True)
    assert all(x.grad is None or x.grad.dtype == np.float32 for x in [*flatten(inputs)[0], *module.parameters()] if hasattr(x, "grad"))


@every
def test_inputs_are_left_alone(cls):
    module, inputs = made(cls)
    before = [np.array(x) for x in flatten(inputs)[0]]
    for y in real(module(*inputs)):
        if getattr(y, "requires_grad", False):
            y.sum().backward(retain_graph=True)
    for a, b in zip(before, flatten(inputs)[0]):
        np.testing.assert_array_equal(a, b)


@every
def test_it_says_what_it_is(cls):
    module, inputs = made(cls)
    assert repr(module).startswith(f"{type(module).__name__}(")
    assert cls.__doc__, f"{cls.__name__} has no docstring"
    count = sum(p.size for p in module.parameters())
    assert not count or f"# {count:,}" in repr(module)
    results = real(module(*each_real(lambda x: tensor(x, requires_grad=True), inputs)))
    for node in history([y.node for y in results if getattr(y, "node", None) is not None]):
        scope = node.scope
        while scope is not None and scope.parent is not None:
            scope = scope.parent
        assert scope is None or scope.kind == type(module).__name__
    assert repr(Tape.of(*[y for y in results if y.requires_grad])) if any(y.requires_grad for y in results) else True
