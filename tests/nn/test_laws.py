"""What holds for every module? Its gradients are right, its state can be saved, evaluation is repeatable, it says what it is.

The modules and their inputs are in `instances.py`; so are the initialisers, for which the last laws hold.

Read next: `test_complete.py`.
"""

import copy
import pickle

import numpy as np
import pytest

import autograd
import nn
from autograd import Tape, Tensor, no_grad, tensor
from autograd.check import check_grads
from autograd.node import Leaf
from autograd.tape import history
from autograd.tree import flatten, map_tree
from tests.nn.instances import FAN_IN, FAN_OUT, INITIALISERS, INSTANCES, TWO_WAYS

every = pytest.mark.parametrize("cls", INSTANCES, ids=lambda cls: cls.__name__)
every_initialiser = pytest.mark.parametrize("name", INITIALISERS)


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

    small = len(places) <= 12 and sum(owned.size for _, _, owned in places) < 1000  # what is large is made of what is small
    check_grads(f, ([owned.data for _, _, owned in places], *inputs), order=2 if small else 1, modes=["rev"])


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
def test_training_and_use(cls):
    """A module does the same in both modes, unless it, or one below, is of a class that is known to do otherwise."""
    module, inputs = made(cls)
    autograd.random.seed(1)
    trained = values(module.train()(*inputs))
    module, inputs = made(cls)
    used = values(module.eval()(*inputs))
    same = all(np.array_equal(a, b) for a, b in zip(trained, used))
    assert same or any(type(m) in TWO_WAYS for m in module.modules())
    assert not (same and cls in TWO_WAYS)


@every
@pytest.mark.parametrize("copied", [copy.deepcopy, lambda module: pickle.loads(pickle.dumps(module))], ids=["deepcopy", "pickle"])
def test_copies(cls, copied):
    module, inputs = made(cls)
    twin = copied(module)
    assert type(twin) is type(module)
    assert repr(twin) == repr(module)
    assert list(twin.state_dict()) == list(module.state_dict())
    for (name, a), (_, b) in zip(module.named_parameters(), twin.named_parameters(), strict=True):
        assert type(a) is type(b) and a.requires_grad == b.requires_grad, name
        assert not np.shares_memory(a.data, b.data), name
    results = []
    for m in (module, twin):
        autograd.random.seed(1)
        results.append(values(m(*inputs)))
    for a, b in zip(*results):
        np.testing.assert_array_equal(a, b)


@every
def test_it_says_what_it_is(cls):
    module, _ = made(cls)
    text, count = repr(module), sum(p.size for p in module.parameters())
    assert text.startswith(f"{type(module).__name__}(")
    assert cls.__doc__, f"{cls.__name__} has no docstring"
    assert not count or f"# {count:,}" in text
    if not list(module.children()) and cls is not nn.parametrize.SpectralNorm:  # which takes a weight
        assert repr(eval(text, {**vars(nn), **vars(nn.models), **vars(nn.parametrize), **vars(nn.regularizer)})) == text


@every
def test_the_tape_names_the_modules(cls):
    module, inputs = made(cls)
    results = [y for y in real(module(*each_real(lambda x: tensor(x, requires_grad=True), inputs))) if y.requires_grad]
    kinds = {path: type(m).__name__ for path, m in module.named_modules(remove_duplicate=False)}
    for node in history([y.node for y in results]):
        assert isinstance(node, Leaf) or kinds[node.scope.path] == node.scope.kind
    assert not results or repr(Tape.of(*results))


# ---- initialisers -------------------------------------------------------------------------------------------------


def initialised(name, dtype=np.float64, **options):
    p = nn.Parameter(np.zeros((FAN_OUT, FAN_IN, 1) if name == "dirac_" else (FAN_OUT, FAN_IN), dtype))
    assert getattr(nn.init, name)(p, *INITIALISERS[name][0], **options) is p
    assert p.requires_grad
    assert p.dtype == dtype
    return p.data


def is_random(name):
    return name not in ("zeros_", "ones_", "constant_", "eye_", "dirac_")


@every_initialiser
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_weights_start_with_the_mean_and_spread_of_the_formula(name, dtype):
    array = initialised(name, dtype, **({"rng": 0} if is_random(name) else {}))
    _, mean, std = INITIALISERS[name]
    assert array.mean() == pytest.approx(mean, abs=4 * std / np.sqrt(array.size) if is_random(name) else 1e-6)
    assert array.std() == pytest.approx(std, rel=0.01)


@pytest.mark.parametrize("name", [name for name in INITIALISERS if is_random(name)])
def test_weights_come_from_the_generator(name):
    autograd.random.seed(3)
    by_default, after = initialised(name), autograd.random.get_state()
    for rng in (3, np.random.default_rng(3)):
        np.testing.assert_array_equal(initialised(name, rng=rng), by_default)
    assert autograd.random.get_state() == after
    assert not np.array_equal(initialised(name, rng=4), by_default)


@pytest.mark.parametrize("name", [name for name in INITIALISERS if is_random(name)])
def test_skipped_initialisers_draw_nothing(name):
    before = autograd.random.get_state()
    with nn.init.skipped():
        assert not initialised(name).any()
    assert autograd.random.get_state() == before


@every_initialiser
def test_initialisers_want_a_tensor(name):
    with pytest.raises(TypeError, match="ndarray"):
        getattr(nn.init, name)(np.zeros((3, 3)), *INITIALISERS[name][0])
