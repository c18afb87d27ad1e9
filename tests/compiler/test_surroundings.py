"""Whatever a function decides by may change between two calls: does a compiled one give what the function itself would give then?

Read next: `../test_laws.py`.
"""

import argparse
import collections
import contextvars
import copy
import functools
import gc
import pickle
import random
import threading
import types
from array import array as array_of_python

import numpy as np
import pytest

import autograd
import nn
import optim
from autograd import grad, no_grad, tensor
from autograd.tracer import TraceError
from nn import functional as F
from tests.compiler.test_compile import rng, same

FACTOR = 2.0


def by_global(x):
    return x * FACTOR


class Plain:
    kind = 1.0

    def __init__(self):
        self.scale, self.config, self.sizes = 2.0, {"a": 1.0}, [1.0, 2.0]

    def run(self, x):
        return self.scaled(x) * self.config["a"] * self.sizes[0] * self.kind

    def scaled(self, x):
        return x * self.scale

    __call__ = run


class Slotted:
    __slots__ = ("scale",)


class Scaled:
    k = 2.0

    def __mul__(self, x):
        return x * self.k


class Made:
    def __init__(self):
        self.k = FACTOR


class Late:
    given = 2.0

    @functools.cached_property
    def k(self):
        return self.given


def closure():
    scale = 2.0

    def change(value):
        nonlocal scale
        scale = value

    return (lambda x: np.sum(x * x * scale)), change


def set_global(value):
    globals()["FACTOR"] = value


def worlds():
    """What is compiled, and how what it decides by is changed."""
    f, change = closure()
    yield "gradient of a closure", grad(f), change
    f, change = closure()
    yield "partial", functools.partial(lambda k, x: f(x) * k, 3.0), change
    yield "function called", lambda x: by_global(x), set_global
    yield "gradient of a function called", grad(lambda x: np.sum(by_global(x))), set_global
    a, b, c, d = Plain(), Plain(), Plain(), Plain()
    yield "attribute", a.run, lambda v: setattr(a, "scale", v)
    yield "callable object", b, lambda v: setattr(b, "scale", v)
    yield "dict of an object", c.run, lambda v: c.config.update(a=v)
    yield "list of an object", lambda x: d.run(x), lambda v: d.sizes.__setitem__(0, v)
    yield "class", lambda x: x * Plain.kind, lambda v: setattr(Plain, "kind", v)
    slotted = Slotted()
    slotted.scale = 2.0
    yield "slots", lambda x: x * slotted.scale, lambda v: setattr(slotted, "scale", v)
    config = {"a": 2.0}
    yield "dict", lambda x: x * config["a"], lambda v: config.update(a=v)
    module = types.ModuleType("mine")
    module.k = 2.0
    yield "module of Python", lambda x: x * module.k, lambda v: setattr(module, "k", v)
    by_default = lambda x, k=2.0: x * k
    yield "default value", by_default, lambda v: setattr(by_default, "__defaults__", (v,))
    array = np.arange(3.0)
    yield "computed from an array", lambda x: x * (array * 2) + array[1], lambda v: array.__setitem__(slice(None), v)
    mask = np.arange(3.0)
    yield "mask of an array", lambda x: np.where(mask > 3, x, -x), lambda v: mask.__setitem__(slice(None), v)
    kinds = {2.0: np.sin, 5.0: lambda x: x * 5.0}
    inner = [kinds[2.0]]
    yield "list of functions", lambda x: inner[0](x), lambda v: inner.__setitem__(0, kinds[v])
    both = np.arange(3.0)
    yield "an operand, and computed from", lambda x: x * both + x * (both * 2), lambda v: both.__setitem__(1, v)
    parts = np.arange(6.0)
    yield "part an operand, part computed from", lambda x: x * parts[:3] + float(parts[4]), lambda v: parts.__setitem__(4, v)
    space, parsed, own = types.SimpleNamespace(k=2.0), argparse.Namespace(k=2.0), collections.UserDict(k=2.0)
    yield "SimpleNamespace", lambda x: x * space.k, lambda v: setattr(space, "k", v)
    yield "Namespace of argparse", lambda x: x * parsed.k, lambda v: setattr(parsed, "k", v)
    yield "UserDict", lambda x: x * own["k"], lambda v: own.update(k=v)
    line, numbers, small, shown = collections.deque([2.0]), array_of_python("d", [2.0]), bytearray(1), types.MappingProxyType(config)
    yield "deque", lambda x: x * line[0], lambda v: line.__setitem__(0, v)
    yield "array of Python", lambda x: x * numbers[0], lambda v: numbers.__setitem__(0, v)
    yield "bytearray", lambda x: x * small[0], lambda v: small.__setitem__(0, int(v))
    yield "read-only dict", lambda x: x * shown["a"], lambda v: config.update(a=v)
    variable = contextvars.ContextVar("variable", default=1.0)
    yield "variable of a context", lambda x: x * variable.get(), variable.set
    dressed = type("Dressed", (dict,), {})()
    yield "attribute of a dict", lambda x: x * dressed.k, lambda v: setattr(dressed, "k", v)
    shadowed = Scaled()
    yield "attribute before that of the class", lambda x: x * shadowed.k, lambda v: (
        setattr(shadowed, "k", v) if v > 2 else vars(shadowed).clear())
    extended = types.SimpleNamespace(inner=Scaled())
    yield "attribute that was not there", lambda x: x * 2 if hasattr(extended.inner, "w") else x, lambda v: (
        setattr(extended.inner, "w", v) if v > 2 else vars(extended.inner).clear())
    scaled = Scaled()
    yield "operator of an object", lambda x: scaled * x, lambda v: setattr(scaled, "k", v)
    yield "object made inside", lambda x: x * Made().k, set_global
    yield "property that is kept", lambda x: x * Late().k, lambda v: setattr(Late, "given", v)


WORLDS = list(worlds())


@pytest.mark.parametrize("name, f, change", WORLDS, ids=[name for name, _, _ in WORLDS])
def test_what_it_names_is_guarded(name, f, change):
    compiled, x, answers = autograd.compile(f), np.arange(1.0, 4.0), []
    for value in (2.0, 2.0, 5.0, 5.0, 2.0):
        change(value)
        answers.append(np.array(compiled(x)))
        assert same(answers[-1], f(x)), value
    assert same(answers[0], answers[1]) and not same(answers[1], answers[2]) and same(answers[0], answers[4])
    assert sum(map(len, compiled.programs.values())) == 2, "it was compiled for each of the two"


class Net(nn.Module):
    def __init__(self):
        self.fc, self.act, self.layers = nn.Linear(3, 2, rng=rng(0)), np.tanh, [nn.Linear(2, 2, rng=rng(1))]
        self.options, self.tuple = {"k": 1.0}, (1.0, 2.0)
        self.rest = nn.Sequential(nn.ReLU(), nn.Identity())

    def forward(self, x):
        x = self.act(self.fc(x))
        for layer in self.layers:
            x = layer(x)
        return self.rest(x) * self.options["k"] * self.tuple[0]


def test_what_a_module_holds_is_guarded():
    net, x = Net(), rng(5).standard_normal((2, 3)).astype(np.float32)
    compiled = autograd.compile(no_grad()(lambda x: net(x)))
    handles = []
    changes = [
        lambda: setattr(net, "fc", nn.Linear(3, 2, rng=rng(2))), lambda: net.layers.append(nn.Linear(2, 2, rng=rng(3))),
        lambda: setattr(net, "act", np.sin), lambda: net.options.update(k=7.0), lambda: setattr(net, "tuple", (3.0,)),
        lambda: net.rest.__setitem__(0, nn.Sigmoid()), lambda: net.rest.append(nn.Tanh()), lambda: setattr(net.fc, "bias", None),
        lambda: setattr(net.fc, "weight", nn.Parameter(np.ones((2, 3), np.float32))),
        lambda: handles.append(net.register_forward_hook(lambda module, args, y: y * 2)), lambda: handles[0].remove(), net.layers.clear,
        lambda: nn.parametrize.weight_norm(net.fc, "weight") if hasattr(nn.parametrize, "weight_norm") else None,
        lambda: net.to(np.float64) if hasattr(net, "to") else None,
    ]
    for change in changes:
        assert same(compiled(x), no_grad()(net)(x)) and same(compiled(x), no_grad()(net)(x))
        change()
    assert same(compiled(x), no_grad()(net)(x))


def test_hooks_on_gradients_are_guarded():
    w = tensor(np.ones(3), requires_grad=True)

    def step(x):
        w.grad = None
        (w * x).sum().backward()

    compiled, x = autograd.compile(step), np.arange(3.0)
    compiled(x), compiled(x)
    assert same(w.grad, x)
    remove = w.register_hook(lambda g: g * 2)
    for _ in range(2):
        compiled(x)
        assert same(w.grad, 2 * x)
    remove()
    compiled(x)
    assert same(w.grad, x)


def test_an_argument_is_read_after_an_effect_too():
    """As in a GAN: two optimisers in one step."""
    def make():
        w, v = (tensor(np.ones(2), requires_grad=True) for _ in range(2))
        a, b = optim.SGD([w], lr=0.1), optim.SGD([v], lr=0.1)

        def step(x):
            a.zero_grad()
            (w * w).sum().backward()
            a.step()
            b.zero_grad()
            loss = (w * v * x).sum()
            loss.backward()
            b.step()
            return loss.detach()

        return step, w, v

    (eager, w, v), (replayed, p, q) = make(), make()
    compiled = autograd.compile(replayed)
    for i in range(4):
        x = np.arange(2.0) + i
        assert same(eager(x), compiled(x)) and same(w, p) and same(v, q) and same(v.grad, q.grad)


def test_an_invalid_value_after_an_effect():
    """The call cannot be done again: the optimiser would make its step twice."""
    w, v = (tensor(np.ones(2), requires_grad=True) for _ in range(2))
    a = optim.SGD([w], lr=0.1)

    def step(x):
        a.zero_grad()
        (w * w).sum().backward()
        a.step()
        v.grad = None
        np.sum(np.where(x > 0, np.sqrt(x * v), 0.0)).backward()

    compiled = autograd.compile(step)
    compiled(np.array([1.0, 4.0]))
    with np.errstate(divide="ignore"), pytest.raises(FloatingPointError, match="function of its own"):
        compiled(np.array([1.0, 0.0]))
    assert np.allclose(w.data, 0.8**2), "one step for each call"


def test_an_optimiser_may_meet_infinities():
    def make():
        w = tensor(np.ones(2), requires_grad=True)
        a, b = optim.Adam([w], lr=0.1), optim.SGD([w], lr=0.1, momentum=0.9)

        def step(x):
            a.zero_grad()
            (w * x).sum().backward()
            a.step()
            b.step()

        return step, w

    (eager, w), (replayed, p) = make(), make()
    compiled = autograd.compile(replayed)
    with np.errstate(invalid="ignore"):
        for x in (np.ones(2), np.array([1.0, np.inf]), np.ones(2)):
            eager(x), compiled(x)
            assert same(w, p)


def test_captured_where_it_is_invalid():
    f = grad(lambda x: np.sum(np.where(x > 0, np.sqrt(x), 0.0)))
    compiled = autograd.compile(f)
    with np.errstate(divide="ignore"):
        for x in (np.array([0.0, 4.0]), np.array([4.0, 0.0]), np.array([4.0, 9.0])):
            assert same(compiled(x), f(x))


def test_errors_that_are_ignored_stay_ignored():
    def f(x):
        with np.errstate(divide="ignore"):
            return np.log(x)

    compiled = autograd.compile(f)
    for _ in range(2):
        assert same(compiled(np.array([0.0, 1.0])), np.array([-np.inf, 0.0]))  # a warning is an error here


class Remembers(nn.Module):
    def __init__(self):
        self.h, self.n = tensor(np.zeros(3)), 0

    def forward(self, x):
        self.h = (self.h * 0.5 + x).detach()
        return self.h


def refused():
    """Functions that change what is not a Tensor in each call."""
    seen, counts, table = [], np.zeros(1), {}
    net = Remembers()
    n = 0

    def count(x):
        nonlocal n
        n += 1
        return x * n

    def tally(x):
        counts[0] += 1
        return x

    draws, old, python = rng(1), np.random.RandomState(1), random.Random(1)
    yield "list", lambda x: seen.append(x.sum()) or x, lambda: len(seen)
    yield "dict", lambda x: table.update(n=table.get("n", 0) + 1) or x, lambda: table.get("n", 0)
    yield "module", lambda x: net(x), lambda: net.h.data[0]
    yield "nonlocal", count, lambda: n
    yield "array", tally, lambda: counts[0]
    yield "Generator", lambda x: x * draws.random(3), lambda: str(draws.bit_generator.state)
    yield "RandomState", lambda x: x * old.rand(3), lambda: str(old.get_state())
    yield "random.Random", lambda x: x * python.random(), lambda: str(python.getstate())
    yield "numpy.random", lambda x: x * np.random.random(), lambda: str(np.random.get_state())


REFUSED = list(refused())


@pytest.mark.parametrize("name, f, state", REFUSED, ids=[name for name, _, _ in REFUSED])
def test_what_changes_in_each_call_is_refused(name, f, state):
    compiled = autograd.compile(f)
    compiled(np.ones(3))  # once may be a beginning: something is made when it is first needed
    before = state()
    with pytest.raises(TraceError, match="return the value"):
        compiled(np.ones(3))
    assert state() == before, "nothing happens while it is captured"


def test_what_is_made_when_it_is_first_needed():
    table, layer = {}, nn.LazyLinear(4)

    def f(x):
        if x.shape not in table:
            table[x.shape] = np.ones(x.shape, np.float32)
        return (layer(x * table[x.shape]) * 1).detach()

    compiled, x = autograd.compile(f), rng(1).standard_normal((2, 3)).astype(np.float32)
    for i in range(4):
        assert same(compiled(x + i), f(x + i))
    assert sum(map(len, compiled.programs.values())) == 1


CHANGES = {
    "x += v": lambda x: x.__iadd__(1.0), "x[i] = v": lambda x: x.__setitem__(0, 7.0), "assign": lambda x: x.assign(x * 2),
    "requires_grad_": lambda x: x.requires_grad_(),
}


@pytest.mark.parametrize("change", CHANGES)
def test_changes_of_arguments_are_refused(change):
    x = tensor(np.ones(3))
    with pytest.raises(TraceError, match="changes its arguments"):
        autograd.compile(lambda x: (CHANGES[change](x), None)[1])(x)
    assert same(x, np.ones(3)) and not x.requires_grad
    with pytest.raises(TraceError, match="a list or dict among its arguments"):
        autograd.compile(lambda d: d.update(y=1))({"x": x})


def test_iterators_are_refused():
    batches = iter([np.ones(2), np.zeros(2)])
    with pytest.raises(TraceError, match="`batches`, an iterator"):
        autograd.compile(lambda x: x * next(batches))(np.ones(2))
    assert same(next(batches), np.ones(2))


def test_arguments_that_are_settings():
    f = autograd.compile(lambda x, k: x * k)
    assert [str(f(np.ones(1), k)[0]) for k in (0.0, -0.0, 0.0, complex(0.0, -0.0))][:3] == ["0.0", "-0.0", "0.0"]
    part = autograd.compile(lambda x, i: x[i])
    assert [len(part(np.ones(5), slice(0, n))) for n in (1, 2, 1)] == [1, 2, 1]
    with pytest.raises(TypeError, match="type set"):
        f(np.ones(1), {1})


def test_a_buffer_of_another_dtype_is_another_program():
    b = nn.Buffer(np.ones(3, np.float32))
    compiled = autograd.compile(lambda x: np.exp(x * b) + b)
    assert compiled(np.ones(3, np.float32)).dtype == np.float32
    nn.parameter.cast(b, np.float64)
    assert compiled(np.ones(3, np.float32)).dtype == np.float64


def test_frozen_objects_are_known():
    w = tensor(np.ones(2))
    gc.freeze()
    try:
        compiled = autograd.compile(lambda x: x * w)
        compiled(np.ones(2))
        w.assign(tensor(np.full(2, 3.0)))
        assert same(compiled(np.ones(2)), np.full(2, 3.0))
    finally:
        gc.unfreeze()


def test_a_parameter_is_not_given_back():
    w = tensor(np.ones(2), requires_grad=True)
    with pytest.raises(TraceError, match="requires grad"):
        autograd.compile(lambda x: w)(np.ones(2))


def test_a_tensor_is_given_the_value_of_another():
    a, b = tensor(np.ones(3)), tensor(np.zeros(3))

    def swap(x):
        t = a * 1.0
        a.assign(b)
        b.assign(t)
        return a + x

    compiled = autograd.compile(swap)
    for i in range(5):
        assert same(compiled(np.zeros(3)), np.full(3, i % 2)) and same(a, np.full(3, i % 2)) and same(b, np.full(3, 1 - i % 2))


def test_a_learning_rate_that_python_reads():
    w = tensor(np.ones(2), requires_grad=True)
    optimizer = optim.SGD([w], lr=0.5)
    schedule = optim.lr_scheduler.StepLR(optimizer, 1, 0.5)

    def step(x):
        schedule.step()
        return x * optimizer.param_groups[0]["lr"]

    optimizer.step()
    compiled = autograd.compile(lambda x: x * optimizer.param_groups[0]["lr"])
    for lr in (0.5, 0.5, 0.25):
        optimizer.param_groups[0]["lr"] = lr
        assert same(compiled(np.ones(2)), np.full(2, lr))
    assert step(np.ones(2))[0] == 0.125 == schedule.get_last_lr()[0]


def test_how_many_elements_there_are():
    """A program that was captured with three positive numbers is of no use where there are two, or one, which would broadcast."""
    f = lambda x: (np.sum(x[x > 0] * 2.0 + np.ones(np.shape(x[x > 0]))), np.unique(x))
    g = grad(lambda x: np.sum(x[x > 0] ** 3))
    compiled, slope = autograd.compile(f), autograd.compile(g)
    for x in ([1.0, 2.0, 3.0, -1.0], [1.0, 5.0, -3.0, -1.0], [-4.0, 2.0, -3.0, -1.0], [2.0, 2.0, 2.0, -1.0], [-1.0, -2.0, -3.0, -4.0]):
        x = np.array(x)
        assert all(map(same, compiled(x), f(x))) and same(slope(x), g(x))


@pytest.mark.parametrize("options", [{"padding_idx": 1}, {"scale_grad_by_freq": True}], ids=str)
def test_embeddings(options):
    def make():
        layer = nn.Embedding(6, 3, rng=rng(1), **options)

        def step(x):
            layer.zero_grad()
            (layer(x) ** 2).sum().backward()
            return layer.weight.grad

        return step

    eager, compiled = make(), autograd.compile(make())
    for i in range(4):
        x = rng(i).integers(0, 6, (2, 4))
        assert same(eager(x), compiled(x))
    for bad in (-1, 6):
        with pytest.raises(IndexError, match=rf"rows 0 to 5, but the input, of shape \(2, 4\), asks for row {bad}"):
            compiled(np.full((2, 4), bad))


def test_an_error_names_the_line_of_the_caller_and_not_one_of_numpy():
    with pytest.raises(TraceError, match=r"test_surroundings\.py, line"):
        autograd.compile(lambda x: np.full(3, x[0]))(np.ones(3))


def test_parts_of_large_results_belong_to_the_caller():
    """Their memory is not given out again as long as somebody looks at a part of it."""
    compiled = autograd.compile(lambda x: x * 2.0 + 1.0)
    for shape in ((50000,), (300, 300)):
        parts = [compiled(np.full(shape, float(i)))[1:4] for i in range(8)]
        assert all((part == 2 * i + 1).all() for i, part in enumerate(parts))


def test_another_thread_trains_on():
    """What it changes while a function is captured stays changed."""
    w, count, steps, stop = tensor(np.zeros(2), requires_grad=True), tensor(np.zeros(2)), [0], threading.Event()
    optimizer = optim.SGD([w], lr=1.0)

    def train():
        while not stop.is_set():
            w.grad = None
            w.sum().backward()
            optimizer.step()
            count.assign(count + 1)
            steps[0] += 1

    thread = threading.Thread(target=train)
    thread.start()
    try:
        for _ in range(12):
            model = nn.Linear(3, 2)
            own = optim.SGD(model.parameters(), lr=0.1)

            def step(x, model=model, own=own):
                own.zero_grad()
                (model(x) ** 2).sum().backward()
                own.step()
                return model(x).detach()

            autograd.compile(step)(np.ones((2, 3), np.float32))
    finally:
        stop.set()
        thread.join()
    assert same(count, np.full(2, float(steps[0]))) and same(w, np.full(2, -float(steps[0])))


def test_a_scalar_leaf_is_its_own_loss():
    def make():
        w = tensor(2.0, requires_grad=True)

        def step(x):
            w.backward()
            (w * x).backward()
            return x * 1

        return step, w

    (eager, w), (replayed, p) = make(), make()
    compiled = autograd.compile(replayed)
    for i in range(4):
        eager(float(i) + np.zeros(())), compiled(float(i) + np.zeros(()))
        assert same(w.grad, p.grad)


class WithMethod:
    def __init__(self, k):
        self.k = k

    @autograd.compile
    def scaled(self, x):
        return x * self.k


def test_methods_and_copies():
    a, b, x = WithMethod(2.0), WithMethod(3.0), np.ones(2)
    for _ in range(2):
        assert same(a.scaled(x), np.full(2, 2.0)) and same(b.scaled(x), np.full(2, 3.0))
    a.k = 5.0
    assert same(a.scaled(x), np.full(2, 5.0))
    f = autograd.compile(by_global)
    assert same(copy.deepcopy(f)(x), f(x)) and same(pickle.loads(pickle.dumps(f))(x), f(x))


def test_a_recorded_backward_pass_on_constants_is_seen():
    """The gradient of a linear function is its constants: here the argument, and an array from outside."""
    w, data = tensor(np.ones(3), requires_grad=True), np.arange(3.0)
    f = lambda x: grad(lambda a: (a * x * data).sum())(w)
    compiled = autograd.compile(f)
    for i in range(3):
        data[:] = np.arange(3.0) + i
        assert same(compiled(np.full(3, i + 1.0)), (i + 1.0) * data)


def test_a_checkpoint_draws_the_same_numbers_again():
    def make():
        layer, dropout = nn.Linear(6, 4, rng=rng(1)), nn.Dropout(0.5, rng=rng(2))
        block = autograd.checkpoint(lambda x: dropout(layer(x)))

        def step(x):
            layer.zero_grad()
            (block(x) ** 2).sum().backward()
            return layer.weight.grad

        return step

    eager, compiled = make(), autograd.compile(make())
    for i in range(4):
        x = tensor(rng(i).standard_normal((3, 6)).astype(np.float32))
        assert same(eager(x), compiled(x))


def test_who_holds_a_gradient_sees_it_grow():
    w = tensor(np.ones(3), requires_grad=True)
    compiled = autograd.compile(lambda x: (w * x).sum().backward())
    compiled(np.ones(3))
    held = w.grad
    values = held.data
    for i in range(2, 5):
        compiled(np.ones(3))
        assert w.grad is held and same(held, np.full(3, float(i))) and (values == 1).all()


def test_seeding_inside_is_refused():
    def f(x):
        autograd.random.seed(3)
        return F.dropout(x, 0.5)

    compiled = autograd.compile(f)
    compiled(np.ones(4, np.float32))
    default = autograd.random.default()
    with pytest.raises(TraceError, match="return the value"):
        compiled(np.ones(4, np.float32))
    assert autograd.random.default() is default


def test_arguments_that_are_one_object():
    f = autograd.compile(lambda a, b: a * 2 if a is b else b)
    x, y = np.arange(3.0), np.arange(3.0)
    for _ in range(2):
        assert same(f(x, x), x * 2) and same(f(x, y), y) and same(f(tensor(x), tensor(x)), x)


def test_functions_made_of_compiled_ones():
    f = autograd.compile(lambda x: np.sum(np.sin(x)))
    x = np.arange(3.0)
    f(x)
    for made, expected in ((grad(f), np.cos(x)), (no_grad()(f), np.sum(np.sin(x))), (autograd.checkpoint(f), np.sum(np.sin(x)))):
        compiled = autograd.compile(made)
        assert all(same(compiled(x), expected) for _ in range(2)) and compiled.f is made


def test_a_replay_that_fails_says_what_the_function_would_have_said():
    def f(a):
        try:
            return np.linalg.inv(a)
        except np.linalg.LinAlgError:
            return np.zeros_like(a)

    caught, told = autograd.compile(f), autograd.compile(lambda a: np.linalg.inv(a))
    for a in (np.eye(2), np.eye(2) * 2, np.zeros((2, 2)), np.eye(2)):
        assert same(caught(a), f(a))
        if a.any():
            assert same(told(a), np.linalg.inv(a))
        else:
            with pytest.raises(np.linalg.LinAlgError, match=r"called as inv\(a: f64\[2,2\]\)"):
                told(a)


def test_a_replay_that_fails_changes_nothing():
    count, rate = tensor(np.zeros(())), tensor(np.zeros(3))

    @autograd.compile
    def step(x, i):
        count.assign(count + 1)
        rate.assign(F.dropout(x, 0.5))
        return np.take(x, i)

    x = np.ones(3)
    step(x, 0), step(x, np.array(1)), step(x, np.array(2))
    kept, state = np.array(rate), autograd.random.default().bit_generator.state
    with pytest.raises(IndexError, match="called as subscript"):
        step(x, np.array(3))
    assert count == 3 and same(rate, kept) and autograd.random.default().bit_generator.state == state


def test_a_tensor_from_outside_is_given_back_itself():
    state = tensor(np.zeros(2))

    @autograd.compile
    def step(x):
        state.assign(state + x)
        return state, state * 2

    for _ in range(3):
        assert step(np.ones(2))[0] is state
    assert same(state, np.full(2, 3.0))


def test_bits_of_an_array_count():
    zero = np.array([0.0, np.nan])
    f = autograd.compile(lambda x: x + np.copysign(1, zero)[0])
    assert same(f(np.ones(2)), np.full(2, 2.0)) and same(f(np.ones(2)), np.full(2, 2.0))
    zero[0] = -0.0
    assert same(f(np.ones(2)), np.zeros(2)) and sum(map(len, f.programs.values())) == 2


def test_what_changes_in_every_call_is_done_as_it_is():
    scale, x = 0.0, np.ones(2)
    by_closure, by_argument = autograd.compile(lambda x: x * scale), autograd.compile(lambda x, k: x * k)
    with pytest.warns(RuntimeWarning) as told:
        for i in range(40):
            scale = float(i)
            assert same(by_closure(x), x * i) and same(by_argument(x, i), x * i)
    assert [("around it" in str(w.message), "its arguments" in str(w.message)) for w in told] == [(True, False), (False, True)]
    for _ in range(17):
        by_closure(x)
    source, by_closure.last = by_closure.source, None
    assert same(by_closure(x), x * 39) and by_closure.source == source, "it is compiled again, once nothing changes"


def test_errors_that_are_raised_inside_are_refused():
    def f(x):
        with np.errstate(divide="raise"):
            return 1 / x

    with pytest.raises(TraceError, match=r"np\.errstate\(divide='raise'\)"):
        autograd.compile(f)(np.ones(2))
    compiled = autograd.compile(lambda x: 1 / x)
    with np.errstate(divide="raise"):
        assert same(compiled(np.ones(2)), np.ones(2)) and same(compiled(np.ones(2)), np.ones(2))
        with pytest.raises(FloatingPointError, match="called as divide"):
            compiled(np.zeros(2))


def test_what_made_an_object_is_not_asked_again():
    """`__init__` has been called when there is an object: what it names decides nothing any more. Where the class is named, it may be."""
    rest = iter([2.0, 3.0])
    weights = [np.full(3, 4.0)]

    class Layer(nn.Module):
        def __init__(self):
            super().__init__()
            self.w, self.k = nn.Parameter(weights[0]), next(rest)

        def forward(self, x):
            return self.w * x * self.k

    layer = Layer()
    f = autograd.compile(lambda x: layer(x).detach())
    assert f(np.ones(3)).data.tolist() == f(np.ones(3)).data.tolist() == [8.0] * 3
    assert not f.last.around.arrays
    weights[0] = np.zeros(3)
    assert f(np.ones(3)).data.tolist() == [8.0] * 3 and len(f.programs) == 1

    factor = np.array(5.0)

    class Scale:
        def __init__(self):
            self.by = factor

    g = autograd.compile(lambda x: x * Scale().by)
    assert g(np.ones(1)).tolist() == g(np.ones(1)).tolist() == [5.0]
    factor[...] = 6.0
    assert g(np.ones(1)).tolist() == [6.0]
