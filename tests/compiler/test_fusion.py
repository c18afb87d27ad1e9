"""Does a program whose steps were fused compute what the steps compute?

Every pattern is met by a small function, with arrays of all kinds of sizes, and compared with the same function as it is. Where oneDNN
is not in use nothing is fused, and every bit is that of the function.

Read next: `../kernels/test_onednn.py`.
"""

import numpy as np
import pytest

import autograd
import nn
import optim
from autograd import grad, ops
from autograd.compiler import fusion, sums
from autograd.kernels import active
from autograd.kernels.layout import channels_last
from nn import functional as F
from tests.kernels.backends import MISSING, WHY, normal

with_onednn = pytest.mark.skipif(MISSING, reason=WHY)
BACK = {"normalise_relu_back", "normalise_back", "add_relu_to_x", "relu_to_x"}


@pytest.fixture
def small(monkeypatch):
    """The smallest operation counts as large."""
    for name in ("PRODUCTS", "ELEMENTS", "MULTIPLIED"):
        monkeypatch.setattr(active, name, 1)
    monkeypatch.setattr(sums, "SHARED", 1)
    monkeypatch.setattr(fusion, "leads", lambda captured: True)
    with autograd.config.kernels.using(onednn=True):
        yield


def names(f):
    return [entry.op for entry in f.steps.ops]


def near(ours, exact, tolerance=2e-5):
    assert np.shape(ours) == np.shape(exact)
    assert np.max(np.abs(ours - exact), initial=0) <= tolerance * (np.max(np.abs(exact), initial=0) + 1e-3)


class Block(nn.Module):
    """The smallest network that has every pattern: a residual block."""

    def __init__(self, channels, affine=True):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(channels, channels, 3, padding=1), nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn1, self.bn2 = (nn.BatchNorm2d(channels, affine=affine) for _ in range(2))
        self.relu = nn.ReLU()

    def forward(self, x):
        y = self.relu(self.bn1(self.conv1(x)))
        return self.relu(self.bn2(self.conv2(y)) + x)


def trained(channels, compiled, steps=3, affine=True, spoil=None):
    """The losses, the gradients and the state after some steps, and the names of the steps."""
    autograd.random.seed(3)
    rng = np.random.default_rng(5)
    model = nn.Sequential(Block(channels, affine), Block(channels, affine), nn.Flatten(), nn.Linear(channels * 30, 3))
    optimizer = optim.SGD(model.parameters(), lr=0.05, momentum=0.9)

    def step(x, labels):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), labels)
        loss.backward()
        optimizer.step()
        return loss.detach()

    run = autograd.compile(step) if compiled else step
    x, labels = channels_last(rng.standard_normal((4, channels, 6, 5)).astype(np.float32)), np.array([0, 1, 2, 1])
    losses = []
    for i in range(steps):
        if spoil is not None and i == steps - 1:
            spoil(x)
        with np.errstate(invalid="ignore"):
            losses.append(run(x, labels).item())
    state = {name: np.array(value) for name, value in model.state_dict().items()}
    return losses, [p.grad.numpy().copy() for p in model.parameters()], state, names(run) if compiled else []


@with_onednn
@pytest.mark.parametrize("channels", [1, 3, 8, 16])
def test_a_training_step(small, channels):
    losses, gradients, state, _ = trained(channels, False)
    ours, grads, now, steps = trained(channels, True)
    assert BACK - {"relu_to_x"} <= set(steps) and {"normalise_relu", "normalise_with_moments", "add_relu"} <= set(steps)
    assert not {"moments", "normalise", "normalise_to_x", "greater"} & set(steps)
    near(np.array(ours), np.array(losses))
    for mine, exact in zip((*grads, *now.values()), (*gradients, *state.values())):
        near(mine, exact, 2e-4)


@with_onednn
def test_without_weight_and_bias(small):
    losses, gradients, _, _ = trained(4, False, affine=False)
    ours, grads, _, steps = trained(4, True, affine=False)
    assert "normalise_relu" in steps and "normalise_back" not in steps
    near(np.array(ours), np.array(losses))
    for mine, exact in zip(grads, gradients):
        near(mine, exact, 2e-4)


@with_onednn
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_no_number_is_not_hidden(small, bad):
    def spoil(x):
        x[1, 2, 3, 3] = bad

    losses, _, state, _ = trained(8, False, spoil=spoil)
    ours, _, now, steps = trained(8, True, spoil=spoil)
    assert "normalise_relu" in steps and np.isnan(ours[-1]) and np.isnan(losses[-1])
    for mine, theirs in zip(now.values(), state.values()):
        assert np.array_equal(np.isnan(mine), np.isnan(theirs))


@with_onednn
def test_when_onednn_is_switched_off_the_parts_are_computed(small):
    x, w, b = channels_last(normal(4, 8, 6, 5)), normal(1, 8, 1, 1), normal(1, 8, 1, 1)

    def f(x, w, b):
        g = grad(lambda x: (ops.relu(ops.relu(ops.normalise(x, w, b, ops.moments(x, (0, 2, 3)), (0, 2, 3))) + x) ** 3).sum())
        return g(x)

    compiled = autograd.compile(f)
    compiled(x, w, b)
    first = compiled(x, w, b)
    assert {"normalise_relu", "add_relu", "normalise_relu_back"} <= set(names(compiled))
    with autograd.config.kernels.using(onednn=False):
        near(compiled(x, w, b), f(x, w, b), 1e-5)
    near(first, f(x, w, b))
    assert np.array_equal(compiled(x, w, b), first)


@with_onednn
def test_a_library_that_fails_is_given_up(small, monkeypatch):
    x = channels_last(normal(4, 8, 6, 5))

    def f(x):
        return ops.relu(ops.normalise(x, None, None, None, (0, 2, 3)))

    compiled = autograd.compile(f)
    expected = compiled(x)
    compiled(x)
    from autograd.kernels.onednn.bound import Call
    from autograd.kernels.onednn.library import Refused

    def fails(self, *addresses):
        raise Refused("for the test")

    for name in ("looked", "library", "reason"):
        monkeypatch.setattr(active.SWITCH, name, getattr(active.SWITCH, name))
    monkeypatch.setattr(Call, "__call__", fails)
    with pytest.warns(RuntimeWarning, match="NumPy computes instead"):
        near(compiled(x), expected)
    near(compiled(x), expected)


@pytest.mark.parametrize("channels", [3, 16])
def test_numpy_kernels_are_not_fused_and_give_the_same_bits(monkeypatch, channels):
    with autograd.config.kernels.using(onednn=False):
        losses, gradients, state, _ = trained(channels, False)
        ours, grads, now, steps = trained(channels, True)
    assert not (BACK | {"normalise_relu", "add_relu", "normalise_with_moments"}) & set(steps)
    assert ours == losses
    for mine, exact in zip((*grads, *now.values()), (*gradients, *state.values())):
        assert np.array_equal(mine, exact)


def fused_names(f, *args):
    """What a function of arrays became, once it has been compared with itself."""
    compiled = autograd.compile(f)
    compiled(*args)
    ours, exact = compiled(*args), f(*args)
    for mine, theirs in zip(ours if isinstance(ours, tuple) else (ours,), exact if isinstance(exact, tuple) else (exact,)):
        assert mine.dtype == theirs.dtype
        near(mine, theirs)
    return names(compiled)


X, Z = channels_last(normal(4, 8, 6, 5)), channels_last(normal(4, 8, 6, 5))
ALONE = {
    "the sum is returned": lambda x, z: (x + z, ops.relu(x + z)),
    "the sum is used": lambda x, z: ops.relu(s := x + z) * s,
    "the other sum is of other shape": lambda x, z: ops.relu(x + z[:1]),
    "other layout": lambda x, z: ops.relu(x + ops.reshape(ops.reshape(z, (4, 8, 30)), (4, 8, 6, 5)).transpose((0, 1, 2, 3))[:, ::-1]),
    "other numbers": lambda x, z: ops.relu(x.astype(np.float64) + z.astype(np.float64)),
    "one is a number": lambda x, z: ops.relu(x + 1),
}


@with_onednn
@pytest.mark.parametrize("why", ALONE)
def test_what_is_not_fused(small, why):
    assert "add_relu" not in fused_names(ALONE[why], X, Z)


@with_onednn
def test_a_mean_that_is_needed_before_stays(small):
    """The normalised values are needed elsewhere: moments and normalisation are one step, the relu is not in it."""

    def f(x, z):
        n = ops.normalise(x, None, None, ops.moments(x, (0, 2, 3)), (0, 2, 3))
        return n, ops.relu(n)

    def measured_after(x, z):
        n = ops.normalise(x, None, None, None, (0, 2, 3))
        return n, ops.relu(n), ops.measured_by(n, x, (0, 2, 3))

    for steps in (fused_names(f, X, Z), fused_names(measured_after, X, Z)):
        assert "normalise_with_moments" in steps and "normalise_relu" not in steps


@with_onednn
@pytest.mark.parametrize("axis", [(2, 3), (0, 1, 2, 3), -1])
def test_other_normalisations_are_not_fused(small, axis):
    steps = fused_names(lambda x, z: ops.relu(ops.normalise(x, None, None, None, axis)), X, Z)
    assert "normalise_relu" not in steps and "normalise" in steps


@with_onednn
def test_small_arrays_are_not_fused():
    steps = fused_names(lambda x, z: ops.relu(x + z), X, Z)
    assert steps == ["add", "relu"]


@with_onednn
def test_without_a_convolution_numpy_adds():
    x, w = channels_last(normal(2, 16, 32, 32)), normal(16, 16, 3, 3)
    assert "add_relu" not in fused_names(lambda x, w: ops.relu(x + x * 2), x, w)
    assert {"conv_relu", "add_relu"} <= set(fused_names(lambda x, w: ops.relu(x + ops.relu(ops.conv(x, w, None, 1, 1))), x, w))


@with_onednn
def test_adding_and_relu(small):
    for shape in ((1,), (7,), (3, 5), (2, 3, 4, 5), (2, 1, 3, 3)):
        a, b = normal(*shape), normal(*shape)
        assert fused_names(lambda a, b: ops.relu(a + b), a, b) == ["add_relu"]
        assert fused_names(lambda a, b: a + b, a, b) == ["add_large"]
        steps = fused_names(lambda a, b: grad(lambda a, b: (ops.relu(a * b + a) ** 2).sum(), (0, 1))(a, b), a, b)
        assert "relu_to_x" in steps


@with_onednn
def test_convolutions(small):
    for groups, stride, channels in ((1, 1, 3), (2, 2, 4), (4, 1, 4), (1, (2, 1), 1)):
        x, w, b = normal(2, channels, 7, 6), normal(channels * 2, channels // groups, 3, 2), normal(channels * 2)

        def f(x, w, b, options=(stride, 1, 1, groups)):
            return grad(lambda x, w, b: (ops.conv(x, w, b, *options) ** 2).sum(), (0, 1, 2))(x, w, b)

        assert {"conv", "conv_transpose", "conv_weight"} <= set(fused_names(f, x, w, b))
        for layout in (channels_last, np.asfortranarray):
            fused_names(f, layout(x), layout(w), b)


@with_onednn
def test_nothing_to_compute(small):
    empty = np.zeros((0, 8, 6, 5), np.float32)
    fused_names(lambda x, z: ops.relu(x + z), empty, empty)


@with_onednn
def test_it_prints_and_draws(small):
    f = autograd.compile(lambda x, z: ops.relu(x + z))
    f(X, Z)
    assert "%1: f32[4,8,6,5] = add_relu x0 x1" in str(f.steps)


class Wider(nn.Module):
    """A residual block that leaves out every second pixel and adds channels."""

    def __init__(self, channels, into):
        super().__init__()
        self.conv, self.bn, self.relu = nn.Conv2d(channels, into, 3, 2, 1), nn.BatchNorm2d(into), nn.ReLU()
        self.extra = into - channels

    def forward(self, x):
        shortcut = ops.pad(x[:, :, ::2, ::2], ((0, 0), (self.extra // 2, self.extra - self.extra // 2), (0, 0), (0, 0)))
        return self.relu(self.bn(self.conv(x)) + shortcut)


@with_onednn
@pytest.mark.parametrize("into", [8, 13])
def test_a_shortcut_that_widens(small, into):
    def gradients(compiled):
        autograd.random.seed(4)
        model = nn.Sequential(Block(8), Wider(8, into), nn.Flatten(), nn.Linear(into * 9, 3))

        def step(x):
            model.zero_grad()
            loss = (model(x) ** 2).mean()
            loss.backward()
            return loss.detach()

        run = autograd.compile(step) if compiled else step
        found = [run(channels_last(np.roll(X, i, 0))).item() for i in range(3)]
        return [np.array(found), *(p.grad.numpy().copy() for p in model.parameters())], names(run) if compiled else []

    ours, steps = gradients(True)
    assert {"add_pad_relu", "add_deposit_relu_to_x"} <= set(steps) and not {"pad_constant", "deposit"} & set(steps)
    for mine, exact in zip(ours, gradients(False)[0]):
        near(mine, exact, 2e-4)


@with_onednn
def test_padding(small):
    for widths in (((0, 0), (1, 2), (0, 0), (0, 0)), ((1, 0), (0, 0), (2, 2), (0, 1)), ((0, 0),) * 4):
        assert fused_names(lambda x, w=widths: ops.pad(x, w), X) == ["pad_large"]
    assert fused_names(lambda x: ops.pad(x, 1, constant_values=2.0), X) == ["pad_constant"]


SEEN = {
    "it is returned": lambda c, z: (c, ops.relu(c + z)),
    "a part of it is returned": lambda c, z: (c[1:], c + z),
    "it is used later": lambda c, z: (c + z) * ops.exp(c),
    "it is on both sides": lambda c, z: ops.relu(c + c),
    "it is an argument": lambda c, z: (ops.relu(z + c), z + c, z),
}


@with_onednn
@pytest.mark.parametrize("why", SEEN)
def test_what_is_seen_is_not_written_over(small, why):
    def f(x, z):
        return SEEN[why](ops.conv(x, W, None, 1, 1), z)

    x, z = X.copy("K"), Z.copy("K")
    compiled, exact = autograd.compile(f), f(X, Z)
    for _ in range(3):
        for mine, theirs in zip(compiled(x, z), exact):
            near(mine, theirs)
    assert np.array_equal(x, X) and np.array_equal(z, Z)


W = normal(8, 8, 3, 3)
SHORTCUTS = {
    "relu": (lambda x: ops.relu(x), True),
    "pooled": (lambda x: ops.max_pool(ops.relu(x), 3, 1, 1), True),
    "widened": (lambda x: ops.pad(ops.relu(ops.concatenate([x, x], 2))[:, 2:6, ::2], ((0, 0), (1, 3), (0, 0), (0, 0))), True),
    "normalised": (lambda x: ops.normalise(x, None, None, None, (0, 2, 3)), True),
    "pooled, of anything": (lambda x: ops.max_pool(x, 3, 1, 1), False),
    "widened by minus infinity": (lambda x: ops.pad(ops.relu(x)[:, 2:6], ((0, 0), (1, 3), (0, 0), (0, 0)), constant_values=-np.inf), False),
    "as it came": (lambda x: x, False),
    "a difference": (lambda x: x - 1, False),
}


@with_onednn
@pytest.mark.parametrize("kind", SHORTCUTS)
@pytest.mark.parametrize("beside", [lambda x: ops.conv(x, W, None, 1, 1), lambda x: ops.normalise(x, None, None, None, (0, 2, 3))])
def test_a_shortcut_that_may_be_minus_infinity_is_looked_at(small, monkeypatch, kind, beside):
    """The relu that makes NaN of it need not be guarded where it cannot come. NaN stays NaN either way."""
    from autograd.kernels.onednn import bound
    from autograd.kernels.onednn import sums as added

    looked, has_nan = [], bound.has_nan
    for file in (bound, added):
        monkeypatch.setattr(file, "has_nan", lambda y: looked.append(1) or has_nan(y))
    shortcut, never = SHORTCUTS[kind]
    x, z = X.copy("K"), Z.copy("K")
    f = autograd.compile(lambda x, z: ops.relu(beside(x) + shortcut(z)))
    f(x, z)
    looked.clear()
    for bad in (0, -np.inf, np.nan):
        z[1, 3, 3:, 3:] = bad
        if kind == "normalised" and bad:
            continue
        with np.errstate(invalid="ignore"):
            ours, exact = f(x, z), np.maximum(beside(x) + shortcut(z), 0)
        assert np.array_equal(np.isnan(ours), np.isnan(exact))
        near(np.nan_to_num(ours), np.nan_to_num(exact))
    fused = bool({"conv_add_relu", "add_relu"} & set(names(f)))
    assert fused or kind == "widened by minus infinity"  # which lies otherwise in memory
    assert bool(looked) is (fused and not never)


# ---- inference ----------------------------------------------------------------------------------------------------------


class Tail(nn.Module):
    """What follows a convolution: normalisation, a shortcut, a relu, or not."""

    def __init__(self, channels, norm, shortcut, relu, bias, groups=1):
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1, bias=bias, groups=groups)
        self.norm = nn.BatchNorm2d(channels) if norm else nn.Identity()
        self.shortcut, self.relu = shortcut, relu

    def forward(self, x):
        y = self.norm(self.conv(x))
        y = {"": y, "before": x + y if self.shortcut == "before" else y, "after": y + x if self.shortcut == "after" else y}[self.shortcut]
        return ops.relu(y) if self.relu else y


def evaluated(*args, channels=8, layout=channels_last, **options):
    """A model in evaluation mode with statistics of its own, its compiled function, and an input."""
    model = Tail(channels, *args, **options)
    rng = np.random.default_rng(2)
    if args[0]:
        for buffer in (model.norm.running_mean, model.norm.running_var, model.norm.weight, model.norm.bias):
            with autograd.no_grad():
                buffer.assign((rng.random(channels) + 0.5).astype(np.float32))
    model.eval()

    @autograd.compile
    def infer(x):
        with autograd.no_grad():
            return model(x)

    return model, infer, layout(rng.standard_normal((3, channels, 7, 6)).astype(np.float32))


TAILS = {(True, "before", True): "conv_rescale_add_relu", (True, "after", True): "conv_rescale_add_relu",
         (True, "", True): "conv_rescale_relu", (True, "", False): "conv_rescale", (False, "before", True): "conv_add_relu",
         (False, "", True): "conv_relu", (False, "", False): "conv"}


@with_onednn
@pytest.mark.parametrize("tail", TAILS)
@pytest.mark.parametrize("bias", [False, True])
def test_what_follows_a_convolution(small, tail, bias):
    kinds = ((1, np.ascontiguousarray, 1), (3, channels_last, 1), (16, channels_last, 2), (8, np.asfortranarray, 8))
    for channels, layout, groups in kinds:
        model, infer, x = evaluated(*tail, bias, groups, channels=channels, layout=layout)
        infer(x)
        for spoil in (0.0, np.nan):
            x[1, 0, 2, 3] += spoil
            with autograd.no_grad(), np.errstate(invalid="ignore"):
                ours, exact = infer(x), model(x)
            assert np.array_equal(np.isnan(ours), np.isnan(exact))
            near(np.nan_to_num(ours), np.nan_to_num(exact))
        assert TAILS[tail] in names(infer) and len({"rescale", "relu", "conv"} & set(names(infer))) <= (tail == (False, "", False))


@with_onednn
def test_weights_that_change_are_seen(small):
    """They are brought into oneDNN's layout once, and again when they have changed, in whatever way."""
    model, infer, x = evaluated(True, "", True, True, channels=16)
    infer(x)

    def agree():
        with autograd.no_grad():
            near(infer(x), model(x))
            near(infer(x), model(x))

    agree()
    with autograd.no_grad():
        model.conv.weight.assign(model.conv.weight * 2)
    agree()
    with model.conv.weight.writing() as w:
        w *= -0.5
    agree()
    kept = model.conv.weight.detach().numpy().copy()
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    for _ in range(2):
        optimizer.zero_grad()
        (model(x) ** 2).sum().backward()
        optimizer.step()
        agree()
    assert not np.array_equal(kept, model.conv.weight.detach().numpy())
    model.load_state_dict({name: np.asarray(value) * 2 for name, value in model.state_dict().items()})
    agree()


@with_onednn
def test_weights_that_the_program_changes_are_not_kept(small):
    w = nn.Parameter(normal(4, 4, 3, 3))
    x = channels_last(normal(2, 4, 5, 5))

    @autograd.compile
    def step(x):
        with autograd.no_grad():
            y = ops.conv(x, w)
            w.assign(w * 0.5)
            return y

    first = step(x)
    for i in range(1, 4):
        near(step(x), first * 0.5 ** i)


@with_onednn
def test_a_convolution_whose_result_is_needed_stays_alone(small):
    x, w = channels_last(normal(2, 4, 5, 5)), normal(4, 4, 3, 3)
    assert "conv_relu" not in fused_names(lambda x, w: (y := ops.conv(x, w), ops.relu(y)), x, w)


@with_onednn
def test_numbers_where_arrays_were_expected(small):
    x, w = channels_last(normal(2, 4, 5, 5)), normal(4, 4, 3, 3)
    assert "add" in fused_names(lambda x, w: ops.relu(ops.conv(x, w) + 1.0), x, w)
    assert "rescale" in fused_names(lambda x, w: ops.relu(ops.rescale(ops.conv(x, w), 2.0, 1.0)), x, w)
    assert "rescale" in fused_names(lambda x, w: ops.rescale(ops.conv(x, w), w[:1, :1, :1], 1.0), x, w)
    assert "normalise" in fused_names(lambda x, w: ops.relu(ops.normalise(x, w[:1, :1, :1, 0], None, None, (0, 2, 3))), x, w)
    double = x.astype(np.float64)
    assert "add_relu" not in fused_names(lambda x, w, z: ops.relu(ops.conv(x, w) + z), x, w, np.zeros((2, 4, 3, 3)))
    assert "normalise" in fused_names(lambda x, z: ops.relu(ops.normalise(x, z[:1, :, :1, :1], None, None, (0, 2, 3))), x, double)


@with_onednn
def test_the_shortcut_may_be_computed_after_the_convolution(small):
    x, w, v = channels_last(normal(2, 4, 5, 5)), normal(4, 4, 3, 3), normal(4, 4, 3, 3)
    assert {"conv_add_relu", "conv"} <= set(fused_names(lambda x, w, v: ops.relu(ops.conv(x, w) + ops.conv(x, v)), x, w, v))
