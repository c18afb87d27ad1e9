"""Does training in float16 come to the same, and is the model float32 for whoever holds it?

Source: Micikevicius et al. 2018, "Mixed precision training".
"""

import numpy as np
import pytest

import autograd
import nn
import optim
from nn.training import Accuracy, Callback, Checkpoints, Mixed, NonFiniteLoss, Trainer
from nn.training.precision import computing_in


def problem(n=96):
    rng = np.random.default_rng(0)
    t = rng.integers(0, 3, n)
    x = rng.normal(size=(n, 1, 8, 8)).astype(np.float32)
    x[np.arange(n), 0, 2 * t, :] += 1.5
    return [(x[i: i + 32], t[i: i + 32]) for i in range(0, n, 32)]


def network(dropout=0.1):
    return nn.Sequential(nn.Conv2d(1, 8, 3, padding=1, rng=0), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
                         nn.Dropout(dropout), nn.Linear(128, 16, rng=1), nn.LayerNorm(16), nn.GELU(), nn.Linear(16, 3, rng=2))


def trainer(precision, *callbacks, model=None, lr=0.05, **options):
    model = network() if model is None else model
    return Trainer(model, nn.CrossEntropyLoss(), optim.SGD(model.parameters(), lr=lr, momentum=0.9), metrics=[Accuracy()],
                   precision=precision, callbacks=callbacks, progress=False, **options)


def test_it_converges_like_float32():
    curves = {}
    for precision in ("float32", "mixed"):
        autograd.random.seed(0)
        own = trainer(precision, penalty=nn.regularizer.L2(1e-4), clip_norm=5.0)
        curves[precision] = own.fit(problem(), problem(), epochs=5)
    full, half = curves["float32"], curves["mixed"]
    assert full.epochs[-1]["loss"] < 0.3 * full.epochs[0]["loss"] and full.epochs[-1]["val_accuracy"] > 0.95
    np.testing.assert_allclose(half.column("loss"), full.column("loss"), rtol=0.05, atol=0.01)
    np.testing.assert_allclose(half.steps["grad_norm"][:3], full.steps["grad_norm"][:3], rtol=0.02)
    assert half.steps["loss"] != full.steps["loss"]  # it did compute in another precision


def test_what_is_float16_and_what_is_not():
    seen, inputs = [], []
    model = network()
    for name, module in model.named_children():
        module.register_forward_hook(lambda module, args, y, name=name: seen.append((name, y.dtype.name)))
    model.register_forward_hook(lambda module, args, y: inputs.append(args[0].dtype.name))
    losses = []

    class Look(Callback):
        def on_before_zero_grad(self, trainer):
            assert all(p.grad.dtype == np.float32 for p in model.parameters())

    own = trainer("mixed", Look(), model=model)
    own.criterion = lambda y, t: losses.append(y.dtype.name) or nn.CrossEntropyLoss()(y, t)
    before = {name: id(p) for name, p in model.named_parameters()}
    own.fit(problem()[:1])
    assert {dtype for _, dtype in seen} == {"float16"} and [name for name, _ in seen] == list("0123456789")
    assert inputs == ["float16"] and losses == ["float32"]
    assert {name: id(p) for name, p in model.named_parameters()} == before  # the same parameters, of the same names
    assert all(isinstance(p, nn.Parameter) and p.name == name for name, p in model.named_parameters())
    assert {values.dtype.name for name, values in model.state_dict().items() if "tracked" not in name} == {"float32"}
    assert model(problem()[0][0]).dtype == np.float32


def test_the_gradient_is_that_of_the_rounded_network():
    """Against float64, with parameters and inputs rounded to float16: what differs is rounding on the way."""
    x, t = problem()[0]
    model, exact = network(0.0), network(0.0).to("float64")
    rounded = {name: np.asarray(values, np.float16).astype(np.float64) if "running" not in name else values
               for name, values in model.state_dict().items()}
    exact.load_state_dict(rounded)
    nn.CrossEntropyLoss()(exact(x.astype(np.float16).astype(np.float64)), t).backward()
    own = trainer("mixed", model=model)
    loss = own.forward((x,), t)[1]
    own.precision.backward(loss)
    assert own.precision.gather(list(model.parameters()), 1.0)
    for (name, p), q in zip(model.named_parameters(), exact.parameters()):
        scale = max(np.abs(q.grad.data).max(), 0.05)  # before a normalisation the bias has no gradient but rounding
        assert np.abs(p.grad.data - q.grad.data).max() < 0.02 * scale, name


def test_small_gradients_survive_because_of_the_scale():
    """1e-7 rounds to a few multiples of 6e-8 in float16, and 1e-8 to nothing."""
    gradients = {}
    for scale in (1.0, 2.0**15):
        model = nn.Linear(4, 1, bias=False, rng=0)
        own = trainer(Mixed(scale), model=model)
        own.criterion = lambda y, t: (y * 1e-8).sum()
        x = np.linspace(0.5, 1.5, 4, dtype=np.float32)[None]
        loss = own.forward((x,), None)[1]
        own.precision.backward(loss)
        own.precision.gather(list(model.parameters()), 1.0)
        gradients[scale] = model.weight.grad.data / (1e-8 * x)
    assert not gradients[1.0].any()
    np.testing.assert_allclose(gradients[2.0**15], 1, rtol=2e-3)


def test_overflow_halves_the_scale_and_leaves_the_step_out():
    own = trainer(Mixed(scale=2.0**24, growth=3))
    before = [p.data.copy() for p in own.model.parameters()]
    scales, changed = [], []

    class Look(Callback):
        def on_step_end(self, trainer):
            scales.append(trainer.precision.scale)
            changed.append(any((p.data != b).any() for p, b in zip(trainer.model.parameters(), before)))

    own.callbacks.append(Look())
    own.fit(problem(), epochs=8)
    skipped = own.precision.skipped
    assert skipped > 3 and scales[:3] == [2.0**23, 2.0**22, 2.0**21] and changed[:3] == [False] * 3
    first = changed.index(True)
    assert scales[first] == scales[first - 1] and scales[first + 2] == 2 * scales[first]  # after three good steps
    norms = np.array(own.history.steps["grad_norm"])
    assert np.isnan(norms).sum() == skipped and own.step == 24 == len(norms)
    assert f"{skipped} steps left out" in repr(own.precision)
    assert own.history.epochs[-1]["loss"] < own.history.epochs[0]["loss"]


def test_the_scale_never_grows_beyond_its_limit():
    own = trainer(Mixed(scale=4.0, growth=1, largest=8.0))
    own.fit(problem(), epochs=2)
    assert own.precision.scale == 8 and own.precision.skipped == 0


def test_real_nan_still_stops():
    """If it is not the scale, halving it does not help."""
    class Root(nn.Module):
        def __init__(self):
            self.layer = nn.Linear(3, 3, rng=0)

        def forward(self, x):
            return self.layer(x) + (self.layer(x) * 0).relu().sqrt()

    own = trainer("mixed", model=Root())
    x = np.ones((4, 3), np.float32)
    with np.errstate(all="ignore"), pytest.raises(NonFiniteLoss, match="gradient is not finite"):
        own.fit([(x, np.arange(4) % 3)] * 40)
    assert own.precision.skipped == 15 and own.precision.scale == 1


def test_accumulation():
    parts = [(x[i: i + 16], t[i: i + 16]) for x, t in problem() for i in (0, 16)]
    norm_free = lambda: nn.Sequential(nn.Flatten(), nn.Linear(64, 8, rng=0), nn.Tanh(), nn.Linear(8, 3, rng=1))
    one, two = trainer("mixed", model=norm_free()), trainer("mixed", model=norm_free(), accumulate=2)
    one.fit(problem())
    two.fit(parts)
    assert one.step == two.step == 3
    for name, value in one.model.state_dict().items():
        np.testing.assert_allclose(two.model.state_dict()[name], value, atol=2e-4, err_msg=name)


def test_resumed(tmp_path):
    finals = []
    for stops in ([4], [2, 4]):
        autograd.random.seed(0)
        for epochs in stops:
            own = trainer(Mixed(scale=2.0**24, growth=2), Checkpoints(tmp_path / str(len(stops))))
            own.fit(problem(), epochs=epochs, resume=True)
        finals.append(own)
    whole, own = finals
    assert own.precision.state_dict() == whole.precision.state_dict() and own.precision.skipped > 0
    for name, value in whole.model.state_dict().items():
        np.testing.assert_array_equal(own.model.state_dict()[name], value)
    with pytest.raises(ValueError, match="another precision"):
        trainer("float32").load_state_dict(own.state_dict())


def test_parameters_wherever_they_are():
    """Shared ones, in lists, tuples and dicts, and after an error."""
    class Odd(nn.Module):
        def __init__(self):
            self.list, self.pair = [nn.Parameter([2.0]), nn.Parameter([3.0])], (nn.Parameter([5.0]),)
            self.dict = {"a": nn.Parameter([7.0])}
            self.again = self.list[0]

        def forward(self, x):
            held = [*self.list, *self.pair, self.dict["a"], self.again]
            assert {p.dtype.name for p in held} == {"float16"} and held[0] is held[-1]
            if x is None:
                raise KeyError("no input")
            return x * held[0] * held[1] * held[2] * held[3] * held[4]

    odd = Odd()
    with computing_in(odd, np.dtype(np.float16)):
        y = odd(np.float16([1.0]))
    assert y.item() == 420 and odd.again is odd.list[0] and type(odd.pair) is tuple and odd.list[0].dtype != np.float16
    y.backward()
    assert odd.again.grad.item() == 420 and odd.dict["a"].grad.item() == 60
    with pytest.raises(KeyError), computing_in(odd, np.dtype(np.float16)):
        odd(None)
    assert [name for name, _ in odd.named_parameters()] == ["list.0", "list.1", "pair.0", "dict.a"]


def test_buffers():
    """A table is cast; statistics are not; what a module writes arrives."""
    class Table(nn.Module):
        def __init__(self):
            self.table, self.seen = nn.Buffer(np.full(3, 0.5, np.float32)), nn.Buffer(np.zeros(3, np.float32))
            self.frozen, self.norm, self.head = nn.BatchNorm1d(3), nn.BatchNorm1d(3), nn.Linear(3, 2, rng=0)

        def forward(self, x):
            assert self.table.dtype == np.float16 and self.norm.running_mean.dtype == np.float32
            self.seen.assign(self.seen + 2)
            y = self.frozen(x + self.table)
            assert y.dtype == np.float16
            return self.head(self.norm(y))

    model = Table()
    nn.freeze(model.frozen)
    own = trainer("mixed", model=model)
    table, frozen = model.table, model.frozen.running_mean
    own.fit([(np.random.default_rng(0).normal(size=(8, 3)).astype(np.float32), np.arange(8) % 2)] * 3)
    assert model.seen.data.tolist() == [6, 6, 6] and model.seen.dtype == np.float32
    assert model.table is table and model.frozen.running_mean is frozen and table.dtype == np.float32
    assert model.norm.running_mean.dtype == np.float32 and model.norm.running_mean.data.any() and not frozen.data.any()


def test_recurrent_and_attention():
    x = np.random.default_rng(0).normal(size=(6, 5, 8)).astype(np.float32)
    for layer in (nn.LSTM(8, 8, batch_first=True, rng=0), nn.TransformerEncoderLayer(8, 2, 16, batch_first=True, rng=0)):
        class Last(nn.Module):
            def __init__(self, layer):
                self.layer, self.head = layer, nn.Linear(8, 2, rng=0)

            def forward(self, x):
                y = self.layer(x)
                return self.head((y[0] if isinstance(y, tuple) else y)[:, -1])

        own = trainer("mixed", model=Last(layer), lr=0.2)
        own.fit([(x, np.arange(6) % 2)], epochs=25)
        assert own.history.steps["loss"][-1] < 0.7 * own.history.steps["loss"][0]


@pytest.mark.parametrize("arguments", [{"scale": 0}, {"scale": 2.0**30}, {"growth": 0}])
def test_settings(arguments):
    with pytest.raises(ValueError, match="Mixed"):
        Mixed(**arguments)
