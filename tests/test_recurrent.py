"""Does one operation along a sequence do what its steps do?"""

import numpy as np
import pytest

import nn
from autograd import compile, grad, no_grad, ops, tensor, vjp
from autograd.kernels import recurrent
from autograd.kernels.sequences import SWEPT
from nn.recurrent import RecurrentLayers

KINDS = {"rnn": (1, 1, {}), "relu": (1, 1, {"activation": "relu"}), "lstm": (4, 2, {}), "gru": (3, 1, {})}


def sequence(kind, length=9, examples=4, size=16, dtype=np.float64, seed=0):
    """The operation, and its arguments."""
    rng = np.random.default_rng(seed)
    blocks, states, options = KINDS[kind]
    weights = [(blocks * size, size + 3), (blocks * size, size)]
    shapes = [(length, examples, size + 3), *[(examples, size)] * states, *weights, *[(blocks * size,)] * (1 + (kind == "gru"))]
    arrays = [(rng.standard_normal(shape) * (size**-0.5 if shape in weights else 1)).astype(dtype) for shape in shapes]
    return ops.rnn if kind == "relu" else getattr(ops, kind), arrays, options


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("kind", KINDS)
def test_the_definition_with_many_numbers(kind, dtype, reverse):
    f, arrays, options = sequence(kind, dtype=dtype)
    tolerance = 1e-12 if dtype == np.float64 else 1e-4
    found = []
    for way in (f, f.definition):
        y, back = vjp(lambda *given: way(*given, reverse=reverse, **options), *arrays)  # noqa: B023
        found.append([y, *back(np.random.default_rng(1).standard_normal(y.shape).astype(dtype))])
    for a, b in zip(*found):
        assert a.dtype == b.dtype == dtype and np.max(abs(a - b)) <= tolerance * np.max(abs(b))


@pytest.mark.parametrize("kind", KINDS)
def test_half_is_computed_as_single_and_rounded_once(kind):
    f, arrays, options = sequence(kind, dtype=np.float16)
    exact = f(*[x.astype(np.float32) for x in arrays], **options)
    assert np.array_equal(f(*arrays, **options), exact.astype(np.float16))


@pytest.mark.parametrize("kind", KINDS)
def test_a_cotangent_that_was_changed_is_seen(kind):
    """What one sweep found for later rules is not given to those who ask with other numbers in the same array."""
    f, arrays, options = sequence(kind)
    results = f.forward(*arrays, **options)
    known = {**f.defaults, **options, **dict(zip(f.inputs, arrays)),
             **dict(zip(("y", *f.residuals), results if isinstance(results, tuple) else (results,)))}

    def cotangent(slot, g):
        return f.rules[slot](**{name: {**known, "g": g}[name] for name in f.needs[slot]}).copy()

    for first in f.inputs:
        for then in f.inputs:
            g = np.random.default_rng(1).standard_normal(known["y"].shape)
            cotangent(first, g)
            g *= 3
            found = cotangent(then, g)
            SWEPT.found.clear()
            assert np.array_equal(found, cotangent(then, g))


def test_one_sweep_serves_all_rules(monkeypatch):
    f, arrays, _ = sequence("lstm")
    sweeps, back = [], recurrent.lstm_back
    monkeypatch.setattr(recurrent, "lstm_back", lambda *given: sweeps.append(1) or back(*given))
    given = [tensor(x, requires_grad=True) for x in arrays]
    f(*given).sum().backward()
    assert len(sweeps) == 1 and not SWEPT.found and all(np.any(x.grad.data) for x in given)


@pytest.mark.parametrize("kind", KINDS)
def test_shapes_that_do_not_fit(kind):
    f, arrays, options = sequence(kind)
    x, *states, v, w = arrays[: 4 + (kind == "lstm")]
    b = arrays[-1]
    for wrong in ((x[..., :-1], *states, v, w), (x, *states, v, w[:, :-1]), (x, *states, v, w[:-1]), (x, *states, v[:-1], w),
                  (x, *[s[:-1] for s in states], v, w), (x[0, 0, 0], *states, v, w), (x[0, 0], *[s[0] for s in states], v, w),
                  (x, *states, v, w[0]), (x, *states, v, w, b[:-1]), (x, *states, v, w, b[None])):
        with pytest.raises(ValueError, match=r"reads x \(T, \.\.\., I\), starts from states \(\.\.\., H\) and has weights"):
            f(*wrong, **options)
    with pytest.raises(TypeError, match="real"):
        f(x + 1j, *states, v, w, **options)


def test_an_activation_that_there_is_not():
    f, arrays, _ = sequence("rnn")
    with pytest.raises(ValueError, match="'tanh' or 'relu', not 'sigmoid'"):
        f(*arrays, activation="sigmoid")


@pytest.mark.parametrize("kind", KINDS)
def test_no_steps_at_all(kind):
    f, (x, *rest), options = sequence(kind)
    y, back = vjp(lambda *given: f(*given, **options), x[:0], *rest)
    if kind == "lstm":  # what is there is the first c
        assert np.array_equal(y, rest[1][None]) and np.array_equal(f.definition(x[:0], *rest), y)
        (dc,) = [dx for dx in back(y) if np.any(dx)]
        assert np.array_equal(dc, y[0])
    else:
        assert y.size == 0 and all(not np.any(dx) for dx in back(y))


def test_products_in_blocks():
    """Of any shape, with as many blocks as are needed for each to be small; else as one."""
    rng = np.random.default_rng(3)
    for rows, inner, columns, blocks in ((16, 128, 512, 4), (16, 512, 128, 4), (16, 128, 128, 1), (16, 129, 512, 8), (16, 128, 515, 1),
                                         (128, 128, 512, 1), (0, 3, 4, 1), (3, 0, 4, 1), (2, 3, 0, 1)):
        a, b = rng.standard_normal((rows, inner)), rng.standard_normal((inner, columns))
        for matrix in (b, np.asfortranarray(b)):
            many, out = recurrent.Columns(matrix, a.shape), np.empty((rows, columns))
            assert many.blocks == blocks
            assert many.times(a, out) is out and np.allclose(out, a @ b, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_the_definition_where_products_are_made_in_blocks(kind):
    f, arrays, options = sequence(kind, 3, 17, 144)
    found = [vjp(lambda *given: way(*given, **options), *arrays) for way in (f, f.definition)]  # noqa: B023
    assert np.allclose(found[0][0], found[1][0], rtol=1e-11, atol=1e-12)
    g = np.random.default_rng(4).standard_normal(found[0][0].shape)
    for a, b in zip(*(back(g) for _, back in found)):
        assert np.allclose(a, b, rtol=1e-10, atol=1e-10)


LAYERS = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}


@pytest.mark.parametrize("kind", LAYERS)
def test_layers_step_by_step(kind, monkeypatch):
    """A layer of two ways, as operations along the sequence and as steps."""
    x, model = np.random.default_rng(2).standard_normal((5, 3, 4)), LAYERS[kind](4, 6, 2, bidirectional=True, dtype=np.float64, rng=0)

    def gradients():
        model.zero_grad()
        y, state = model(tensor(x))
        last = sum((s * s).sum() for s in (state if kind == "lstm" else (state,)))
        (y.sum() + last).backward()
        return [y.data, *(p.grad.data.copy() for p in model.parameters())]

    def stepped(self, x, state, name, backward):
        weight, bias, w, b = [getattr(self, f"{part}{name}") for part in ("weight_hh", "bias_hh", "weight_ih", "bias_ih")]
        return self._stepped(ops.linear(x, w, b), state, (weight, bias), backward)

    fast = gradients()
    monkeypatch.setattr(RecurrentLayers, "_run", stepped)
    for a, b in zip(fast, gradients()):
        assert np.allclose(a, b, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_compiled(kind):
    """Bit for bit, again and again, with the one sweep found by all rules."""
    f, arrays, options = sequence(kind, dtype=np.float32)

    def gradients(*given):
        return grad(lambda *given: (f(*given, **options) ** 2).sum(), tuple(range(len(given))))(*given)

    fast = compile(gradients)
    for seed in range(3):
        arrays = sequence(kind, dtype=np.float32, seed=seed)[1]
        for a, b in zip(fast(*arrays), gradients(*arrays)):
            assert np.array_equal(a, b)


def test_one_node_for_a_sequence():
    model = nn.LSTM(4, 6, rng=0)
    y, _ = model(tensor(np.ones((50, 3, 4), np.float32)))
    nodes, ahead = set(), [y.node]
    while ahead:
        node = ahead.pop()
        if node is not None and node not in nodes:
            nodes.add(node)
            ahead += getattr(node, "inputs", ())
    assert len(nodes) < 12
    with no_grad():
        assert model(tensor(np.ones((50, 3, 4), np.float32)))[0].node is None
