"""Does a compiled function do what the function does, bit for bit, whatever has changed since?

Read next: `../test_laws.py`.
"""

import threading
import tracemalloc

import numpy as np
import pytest

import autograd
import nn
import optim
from autograd import Tensor, checkpoint, detect_anomaly, grad, hessian, no_grad, ops, tensor, value_and_grad
from autograd.compiler import Compiled
from autograd.tracer import TraceError
from nn import functional as F


def rng(n=0):
    return np.random.default_rng(n)


def mlp():
    return nn.Sequential(nn.Linear(6, 8, rng=rng(1)), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.3, rng=rng(2)),
                         nn.Linear(8, 3, rng=rng(3)))


def cnn():
    return nn.Sequential(nn.Conv2d(1, 4, 3, padding=1, rng=rng(1)), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
                         nn.Linear(16, 3, rng=rng(2)))


class Recurrent(nn.Module):
    def __init__(self):
        self.lstm = nn.LSTM(4, 5, batch_first=True, rng=rng(1))
        self.head = nn.Linear(5, 3, rng=rng(2))

    def forward(self, x):
        return self.head(self.lstm(x)[0][:, -1])


class Attentive(nn.Module):
    def __init__(self):
        self.attention = nn.MultiheadAttention(4, 2, rng=rng(1))
        self.norm = nn.LayerNorm(4)
        self.head = nn.Linear(4, 3, rng=rng(2))

    def forward(self, x):
        y = self.norm(x + self.attention(x, x, x)[0])
        return self.head(ops.mean(F.gelu(y), axis=0))


MODELS = {
    "mlp": (mlp, (5, 6)), "cnn": (cnn, (5, 1, 4, 4)), "lstm": (Recurrent, (5, 3, 4)), "attention": (Attentive, (3, 5, 4)),
}
OPTIMISERS = {
    "sgd": lambda p: optim.SGD(p, lr=0.1), "momentum": lambda p: optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.01),
    "adamw": lambda p: optim.AdamW(p, lr=0.01),
}


def trainer(model, optimizer):
    model = model()
    optimizer = optimizer(model.parameters())

    def step(x, y):
        optimizer.zero_grad()
        logits = model(x)
        loss = F.cross_entropy(logits, y)
        loss.backward()
        optimizer.step()
        return {"loss": loss.detach(), "logits": logits.detach()}

    return model, optimizer, step


def batches(shape, n=5, seed=0):
    draw = rng(seed)
    return [(draw.standard_normal(shape).astype(np.float32), draw.integers(0, 3, 5)) for _ in range(n)]


def same(a, b):
    return np.array_equal(*(np.asarray(t.data if isinstance(t, Tensor) else t) for t in (a, b)), equal_nan=True)


def assert_same_model(a, b):
    for (name, p), (_, q) in zip(a.state_dict().items(), b.state_dict().items()):
        assert same(p, q), name
    for (name, p), (_, q) in zip(a.named_parameters(), b.named_parameters()):
        assert (p.grad is None) == (q.grad is None) and (p.grad is None or same(p.grad, q.grad)), name


@pytest.mark.parametrize("optimizer", OPTIMISERS)
@pytest.mark.parametrize("name", MODELS)
def test_a_training_step_is_the_same_bit_for_bit(name, optimizer):
    make, shape = MODELS[name]
    eager, _, step = trainer(make, OPTIMISERS[optimizer])
    replayed, _, again = trainer(make, OPTIMISERS[optimizer])
    compiled = autograd.compile(again)
    for x, y in batches(shape):
        expected, found = step(x, y), compiled(x, y)
        assert same(expected["loss"], found["loss"]) and same(expected["logits"], found["logits"])
        assert_same_model(eager, replayed)
    assert sum(map(len, compiled.programs.values())) == 1, "captured once"


def test_other_shapes_and_dtypes_are_captured_on_their_own():
    f = autograd.compile(grad(lambda x: np.sum(x * x * x)))
    for x in (np.ones(3), np.ones((2, 2)), np.ones(3, np.float32), np.full(3, 2.0), np.ones((2, 2)) * 3):
        assert same(f(x), 3 * x * x) and f(x).dtype == x.dtype
    assert len(f.programs) == 3


def test_settings_of_modules_are_guarded():
    (x, y), = batches((5, 6), 1)
    eager, _, step = trainer(mlp, OPTIMISERS["sgd"])
    replayed, _, again = trainer(mlp, OPTIMISERS["sgd"])
    compiled = autograd.compile(again)

    def both():
        assert same(step(x, y)["logits"], compiled(x, y)["logits"])
        assert_same_model(eager, replayed)

    for change in (lambda m: m.train(), lambda m: m.eval(), lambda m: m.train(), lambda m: setattr(m[3], "p", 0.8),
                   lambda m: setattr(m[1], "momentum", 0.5), lambda m: None):
        change(eager), change(replayed)
        both()
        both()


def test_a_changed_learning_rate_counts_at_once():
    (x, y), = batches((5, 6), 1)
    eager, a, step = trainer(mlp, OPTIMISERS["momentum"])
    replayed, b, again = trainer(mlp, OPTIMISERS["momentum"])
    compiled = autograd.compile(again)
    for lr in (0.1, 0.1, 0.5, 0.01):
        a.param_groups[0]["lr"] = b.param_groups[0]["lr"] = lr
        step(x, y), compiled(x, y)
        assert_same_model(eager, replayed)


def test_what_is_loaded_assigned_frozen_or_seeded_in_between_counts():
    data = batches((5, 6), 8)
    eager, _, step = trainer(mlp, OPTIMISERS["sgd"])
    replayed, _, again = trainer(mlp, OPTIMISERS["sgd"])
    compiled = autograd.compile(again)
    other = mlp().state_dict()

    def assign(model):
        with no_grad():
            model[0].weight *= 2.0

    changes = [lambda m: None, lambda m: None, lambda m: m.load_state_dict(other), assign,
               lambda m: m[0].weight.requires_grad_(False), lambda m: m[0].weight.requires_grad_(True), lambda m: m.zero_grad(),
               lambda m: m[1].running_mean.assign(np.ones(8, np.float32))]
    for (x, y), change in zip(data, changes):
        change(eager), change(replayed)
        assert same(step(x, y)["loss"], compiled(x, y)["loss"])
        assert_same_model(eager, replayed)


def test_gradients_that_add_up():
    """A step without zero_grad: the second call finds gradients, and is another program."""
    w = tensor([1.0, 2.0], requires_grad=True)

    def step(x):
        loss = (w * w * x).sum()
        loss.backward()
        return loss.detach()

    compiled = autograd.compile(step)
    for n in range(1, 5):
        assert same(compiled(np.ones(2)), np.array(5.0))
        assert np.allclose(w.grad.data, n * 2 * w.data)


def test_the_default_generator_may_be_seeded_anew():
    f = autograd.compile(lambda x: F.dropout(x, 0.5))
    x = np.ones(100, np.float32)
    for seed in (1, 1, 2, 1):
        autograd.random.seed(seed)
        expected = [F.dropout(x, 0.5), F.dropout(x, 0.5)]
        autograd.random.seed(seed)
        assert [same(f(x), e) for e in expected] == [True, True]


def test_results_belong_to_the_caller():
    w = tensor(np.ones(4), requires_grad=True)

    def f(x):
        w.grad = None
        y = w * x
        z = y.sum()
        z.backward()
        return y.detach(), y.reshape(2, 2).detach(), x, z.detach()

    compiled = autograd.compile(f)
    given = [np.arange(4.0) + i for i in range(4)]
    results, grads = [], []
    for x in given:
        results.append(compiled(x))
        grads.append(w.grad)
    for x, (y, part, back, z), g in zip(given, results, grads):
        assert same(y, x) and same(part, x.reshape(2, 2)) and same(back, x) and same(z, x.sum()) and same(g, x)
    results[-1][0].writing().__enter__()[...] = 7  # nobody else has this memory
    assert same(given[-1], np.arange(4.0) + 3) and same(compiled(given[0])[0], given[0])


def test_closures_and_globals_are_guarded():
    scale = 2.0

    def f(x):
        return np.sum(x * scale)

    compiled = autograd.compile(f)
    x = np.ones(3)
    assert compiled(x) == 6.0 == compiled(x)
    scale = 3.0
    assert compiled(x) == 9.0 == compiled(x)


def test_arrays_from_outside_are_read_when_they_are_needed():
    data = np.ones(3)
    state = tensor(np.ones(3))
    compiled = autograd.compile(lambda x: x * data + state)
    assert same(compiled(np.ones(3)), np.full(3, 2.0))
    data[:] = 5.0
    assert same(compiled(np.ones(3)), np.full(3, 6.0))
    state.assign(tensor(np.zeros(3)))
    assert same(compiled(np.ones(3)), np.full(3, 5.0))


def test_state_without_an_optimiser():
    mean = tensor(np.zeros(2))

    def f(x):
        mean.assign(mean * 0.9 + x * 0.1)
        return mean * 2

    compiled, expected = autograd.compile(f), np.zeros(2)
    for i in range(4):
        expected = expected * 0.9 + np.full(2, float(i)) * 0.1
        assert same(compiled(np.full(2, float(i))), expected * 2) and same(mean, expected)


def test_an_update_written_out():
    w, v = (tensor(np.ones(3), requires_grad=True) for _ in range(2))

    def step(w):
        def run(x):
            w.grad = None
            loss = ((w - x) ** 2).sum()
            loss.backward()
            with no_grad():
                w.assign(w - 0.1 * w.grad)
            return loss.detach()
        return run

    eager, compiled = step(w), autograd.compile(step(v))
    for i in range(4):
        x = np.arange(3.0) * i
        assert same(eager(x), compiled(x)) and same(w, v) and same(w.grad, v.grad)


def test_a_tensor_made_of_an_argument():
    """As users write it: NumPy arrays come in, and Tensors are made of them inside."""
    def step(x, w):
        x, w = tensor(x, dtype=np.float32), Tensor(w, requires_grad=True, name="w")
        loss = ops.sum(ops.tanh(x @ w) ** 2)
        loss.backward()
        first, w.grad = w.grad, None
        x += 1  # a Tensor of its own: the argument stays as it is
        ops.sum((x @ w) ** 3).backward()
        return loss.detach(), first, w.grad, tensor(loss), w.detach()

    compiled = autograd.compile(step)
    for i in range(3):
        x, w = rng(i).standard_normal((4, 3)), rng(i + 9).standard_normal((3, 2)).astype(np.float32)
        kept = x.copy(), w.copy()
        for ours, right in zip(compiled(x, w), step(x, w)):
            assert ours.dtype == right.dtype and ours.data.tobytes() == right.data.tobytes()
        assert np.array_equal(x, kept[0]) and np.array_equal(w, kept[1])
    assert len(compiled.programs) == 1
    with pytest.raises(TraceError, match="asks for the value"):  # a program of one function's operations knows no new leaves
        autograd.trace(lambda x: tensor(x) * 2, np.ones(3))


def test_python_numbers_are_settings():
    f = autograd.compile(lambda x, n, name="a": x * n if name == "a" else x)
    x = np.ones(2, np.float32)
    assert [f(x, 2).dtype, f(x, 2.5).dtype, f(x, 3, name="b").tolist()] == [np.float32, np.float32, [1.0, 1.0]]
    assert len(f.programs) == 3


def test_functional_gradients():
    def f(p, x):
        return np.sum(np.tanh(x @ p["w"] + p["b"]) ** 2)

    p, x = {"w": rng().standard_normal((4, 3)), "b": np.zeros(3)}, rng(1).standard_normal((5, 4))
    for make in (grad, value_and_grad):
        compiled = autograd.compile(make(f))
        for k in range(3):
            expected, found = make(f)(p, x + k), compiled(p, x + k)
            a, b = (expected, found) if make is grad else (expected[1], found[1])
            assert type(found) is type(expected) and same(a["w"], b["w"]) and same(a["b"], b["b"]) and isinstance(b["w"], np.ndarray)
    second = hessian(lambda w: np.sum(np.sin(w) * w[::-1]))
    compiled = autograd.compile(second)
    for k in range(3):
        assert np.allclose(second(np.arange(3.0) + k), compiled(np.arange(3.0) + k), rtol=1e-13, atol=1e-13)


def test_checkpoint_inside():
    w = tensor(rng().standard_normal((4, 4)), requires_grad=True)
    block = checkpoint(lambda x: np.tanh(x @ w))

    def step(x):
        w.grad = None
        loss = (block(block(x)) ** 2).sum()
        loss.backward()
        return loss.detach()

    compiled = autograd.compile(step)
    for k in range(3):
        x = rng(k).standard_normal((2, 4))
        expected = step(x)
        g = w.grad
        assert same(compiled(x), expected) and same(w.grad, g)


def test_a_zero_cotangent_stays_zero():
    f = grad(lambda x: np.sum(np.where(x > 0, np.sqrt(x), 0.0)))
    compiled = autograd.compile(f)
    for x in (np.array([1.0, 4.0]), np.array([4.0, 9.0]), np.array([0.0, 4.0]), np.array([1.0, 4.0])):
        with np.errstate(divide="ignore"):
            assert same(compiled(x), f(x)) and np.isfinite(compiled(x)).all()


def test_nothing_happens_while_it_is_captured():
    """The first call has every effect once."""
    w = tensor(np.ones(2), requires_grad=True)
    optimizer = optim.SGD([w], lr=0.5)
    draws = rng(5)
    seen = []

    def step(x):
        optimizer.zero_grad()
        (F.dropout(w, 0.5, rng=draws) * x).sum().backward()
        optimizer.step()
        seen.append(1)

    autograd.compile(step)(np.ones(2))
    reference = rng(5).random(2, dtype="float32") >= 0.5
    assert same(w, 1 - 0.5 * 2.0 * reference)


REFUSED = [
    (lambda x: x if x.sum() > 0 else -x, "ops.where"),
    (lambda x: x * float(x.sum()), "float()"),
    (lambda x: x * x.sum().item(), "item()"),
    (lambda x: x * np.sum(x.data), "asks for the value"),
]


@pytest.mark.parametrize("f, word", REFUSED, ids=[word for _, word in REFUSED])
def test_decisions_by_values_are_refused(f, word):
    with pytest.raises(TraceError) as caught:
        autograd.compile(f)(np.ones(2))
    assert word in str(caught.value) and "test_compile.py, line" in str(caught.value)


def test_writing_into_memory_is_refused():
    w = tensor(np.ones(2), requires_grad=True)

    def f(x):
        with w.writing() as array:
            array += 1
        return x

    with pytest.raises(TraceError, match="an optimiser"):
        autograd.compile(f)(np.ones(2))
    assert same(w, np.ones(2))


def test_a_result_that_requires_grad_is_refused():
    w = tensor(np.ones(2), requires_grad=True)
    f = autograd.compile(lambda x: (w * x).sum())
    with pytest.raises(TraceError, match="no_grad"):
        f(np.ones(2))
    with no_grad():
        assert same(f(np.ones(2)), np.array(2.0)) and same(f(np.full(2, 3.0)), np.array(6.0))


def test_an_error_leaves_everything_as_it_was():
    model, _, step = trainer(mlp, OPTIMISERS["momentum"])
    compiled = autograd.compile(step)
    (x, y), = batches((5, 6), 1)
    compiled(x, y)
    before = {k: np.array(v) for k, v in model.state_dict().items()}
    with pytest.raises(IndexError):
        compiled(x, y + 7)
    assert all(np.array_equal(before[k], v) for k, v in model.state_dict().items())


def test_a_value_that_python_looked_at_is_guarded():
    count = tensor(np.array(1.0))

    def f(x):
        return x * 2 if count.item() > 0 else x * 3

    compiled = autograd.compile(f)
    assert same(compiled(np.ones(1)), np.array([2.0])) and same(compiled(np.ones(1)), np.array([2.0]))
    count.assign(tensor(np.array(-1.0)))
    assert same(compiled(np.ones(1)), np.array([3.0])) and same(compiled(np.ones(1)), np.array([3.0]))


def test_it_runs_as_it_is_where_it_is_differentiated_or_watched():
    compiled = autograd.compile(lambda x: np.sum(x * x))
    assert compiled(np.ones(2)) == 2.0 and compiled(np.ones(2)) == 2.0
    assert same(grad(compiled)(np.array([3.0])), np.array([6.0]))
    x = tensor([3.0], requires_grad=True)
    compiled(x).backward()
    assert same(x.grad, np.array([6.0]))
    with detect_anomaly():
        assert compiled(np.ones(2)) == 2.0


def test_threads():
    compiled = autograd.compile(grad(lambda x: np.sum(np.sin(x) * x)))
    f, wrong = compiled.f, []

    def run(seed):
        for i in range(30):
            x = rng(seed * 100 + i).standard_normal(5)
            if not same(compiled(x), f(x)):
                wrong.append(x)

    threads = [threading.Thread(target=run, args=(i,)) for i in range(4)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert not wrong


def test_it_prints():
    compiled = autograd.compile(grad(lambda x: np.sum(np.sin(x) ** 2)))
    assert "not called yet" in compiled.source
    compiled(np.ones(3))
    assert "def run(v0):" in compiled.source and "sin" in compiled.source and "buffers" in repr(compiled)
    assert isinstance(compiled, Compiled)


def test_fewer_steps():
    """Constants are folded, twins merged, and the dead left out."""

    def f(x):
        dead = np.exp(x) * 3  # noqa: F841
        return np.sin(x) + np.sin(x) * (np.arange(3.0) + np.ones(3)).sum()

    compiled = autograd.compile(f)
    compiled(np.ones(3))
    assert compiled.source.count("sin") == 1 and "exp" not in compiled.source and "sum" not in compiled.source
    assert same(compiled(np.full(3, 2.0)), f(np.full(3, 2.0)))


def test_buffers_are_used_again():
    def f(x):
        for _ in range(20):
            x = np.sin(x) * 2.0
        return x.sum()

    compiled = autograd.compile(f)
    compiled(np.ones((100, 100)))
    assert len(compiled.last.arrays) <= 2
    assert same(compiled(np.ones((100, 100)) * 0.3), f(np.ones((100, 100)) * 0.3))


def test_effects_happen_in_every_call():
    """Clipping, schedules and averages work on arrays, or on Python's objects: they are called, not repeated."""

    def make():
        model = nn.Linear(4, 3, rng=rng(1))
        optimizer = optim.SGD(model.parameters(), lr=0.5, momentum=0.9)
        schedule = optim.lr_scheduler.StepLR(optimizer, 2, 0.5)
        average = optim.AveragedModel(model)

        def step(x):
            optimizer.zero_grad()
            loss = (model(x) ** 2).sum()
            loss.backward()
            norm = optim.clip_grad_norm_(model.parameters(), 0.7)
            optimizer.step()
            schedule.step()
            average.update_parameters(model)
            return loss.detach(), norm

        return model, optimizer, average, step

    eager, a, mean, step = make()
    replayed, b, other, again = make()
    compiled = autograd.compile(again)
    for i in range(5):
        x = rng(i).standard_normal((2, 4)).astype(np.float32)
        (loss, norm), (found, norm_found) = step(x), compiled(x)
        assert same(loss, found) and norm == norm_found and type(norm) is type(norm_found)
        assert_same_model(eager, replayed)
        assert a.param_groups[0]["lr"] == b.param_groups[0]["lr"]
        assert_same_model(mean.module, other.module)
    assert a.param_groups[0]["lr"] == 0.125


def test_a_value_cannot_go_through_python():
    model = nn.Linear(4, 3)
    schedule = optim.lr_scheduler.ReduceLROnPlateau(optim.SGD(model.parameters(), lr=0.1))

    def step(x):
        loss = (model(x) ** 2).sum().detach()
        schedule.step(loss)
        return loss

    with pytest.raises(TraceError, match="looks at its value"):
        autograd.compile(step)(np.ones((2, 4), np.float32))


def test_the_oldest_program_goes():
    compiled = autograd.compile(lambda x: x * 2)
    for n in range(1, 40):
        assert same(compiled(np.ones(n)), np.full(n, 2.0)) and same(compiled(np.ones(n)), np.full(n, 2.0))
    assert sum(map(len, compiled.programs.values())) == 16


def test_its_steps_print_and_draw():
    _, _, step = trainer(mlp, OPTIMISERS["sgd"])
    compiled = autograd.compile(step)
    with pytest.raises(RuntimeError, match="not called yet"):
        compiled.steps  # noqa: B018
    (x, y), = batches((5, 6), 1)
    compiled(x, y)
    steps = compiled.steps
    text = str(steps)
    assert "linear x0" in text and "into=b" in text and "buffers of" in text and "at once" in text
    assert steps.peak >= steps.bytes > 0
    assert [entry.op for entry in steps][:2] == ["linear", "reshape"] and steps.outputs[0] in {entry.name for entry in steps}
    assert {name for name, _ in steps.written if name.startswith("0.")} == {"0.weight.grad", "0.bias.grad"}
    assert "<svg" in autograd.draw(steps).to_svg()


def test_memory_is_given_back_as_it_goes():
    def f(x):
        for _ in range(6):
            x = np.cumsum(np.where(x > 0, x, -x), axis=0)  # neither is a ufunc: each result is new memory
        return x.sum()

    compiled, x = autograd.compile(f), np.ones((200, 200))
    expected = compiled(x)
    tracemalloc.start()
    try:
        assert same(compiled(x), expected)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 5 * x.nbytes, "of twelve results"
