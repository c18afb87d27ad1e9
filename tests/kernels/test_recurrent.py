"""Do the kernels of recurrent layers give what their steps give? Of every shape, and where there are no numbers.

Read next: `test_update.py`.
"""

import threading

import numpy as np
import pytest

import autograd
from autograd import compile, grad, ops, tensor, vjp
from autograd.kernels import active, sequences
from autograd.kernels.onednn import Refused, recurrent
from autograd.kernels.sequences import SWEPT
from tests.kernels.backends import BACKENDS, backend, normal, wide  # noqa: F401

pytestmark = pytest.mark.parametrize("backend", BACKENDS, indirect=True)

KINDS = {"rnn": (ops.rnn, 1, 1, {}), "relu": (ops.rnn, 1, 1, {"activation": "relu"}), "lstm": (ops.lstm, 4, 2, {}),
         "gru": (ops.gru, 3, 1, {})}
SHAPES = [(1, (1,), 1, 1), (3, (), 5, 7), (5, (3,), 8, 16), (4, (2, 3), 17, 24), (7, (16,), 64, 33), (2, (5,), 3, 130), (40, (4,), 10, 12)]
"""Steps, examples, inputs and units."""


def layer(kind, steps, examples, inputs, size, biases=None):
    """The operation, and its arguments."""
    f, blocks, states, options = KINDS[kind]
    weights = [normal(blocks * size, n) / np.float32(n**0.5) for n in (inputs, size)]
    biases = (1 + (kind == "gru")) if biases is None else biases
    given = [normal(steps, *examples, inputs), *(normal(*examples, size) for _ in range(states)), *weights]
    return f, [*given, *(normal(blocks * size) for _ in range(biases))], options


def both(f, arrays, options, g):
    """The result, and the cotangents of all arguments."""
    y, back = vjp(lambda *given: f(*given, **options), *arrays)
    return [y, *back(g)]


def alike(found, exact):
    for a, b in zip(found, exact):
        assert a.shape == b.shape and np.max(abs(a - b)) <= 1e-5 * np.max(abs(b), initial=1.0)


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("kind", KINDS)
def test_steps(backend, kind, shape, reverse):  # noqa: F811
    name, ran = backend
    for biases in (None, 0) if kind != "gru" else (None, 0, 1):
        f, arrays, options = layer(kind, *shape, biases=biases)
        options = {**options, "reverse": reverse}
        g = normal(*f(*arrays, **options).shape)
        before = len(ran)
        found = both(f, arrays, options, g)
        assert all(a.dtype == np.float32 for a in found)
        if name == "onednn" and kind != "relu":
            assert len(ran) >= before + 2
        alike(found, both(f.definition, wide(*arrays), options, g))


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_long_sequences(backend, kind, reverse, monkeypatch):  # noqa: F811
    """In parts: of one step, of some, and a shorter one at the end."""
    f, arrays, options = layer(kind, 23, (3,), 9, 16)
    options = {**options, "reverse": reverse}
    g = normal(*f(*arrays, **options).shape)
    exact = both(f.definition, wide(*arrays), options, g)
    for long in (1, 1 << 13, 1 << 14, 1 << 15):
        monkeypatch.setattr(recurrent, "LONG", long)
        before = len(backend[1])
        alike(both(f, arrays, options, g), exact)
        if long == 1 and backend[0] == "onednn" and kind != "relu":
            assert len(backend[1]) >= before + 46


def test_what_is_kept_may_be_copied(backend):  # noqa: F811
    """To memory that does not begin where a line of the cache does."""
    f, arrays, _ = layer("lstm", 5, (3,), 8, 16)
    y, kept = f.forward(*arrays)
    g = normal(*y.shape)
    known = {**dict(zip(f.inputs, arrays)), "g": g, "y": y, "reverse": False}
    expected = f.rules["x"](**{name: {**known, "kept": kept}[name] for name in f.needs["x"]})
    for shift in range(0, 64, 4):
        other = np.empty(kept.nbytes + 64, np.uint8)[shift: shift + kept.nbytes].view(kept.dtype)
        other[...] = kept
        assert np.array_equal(f.rules["x"](**{name: {**known, "kept": other}[name] for name in f.needs["x"]}), expected)


def test_only_the_candidates_own_bias(backend):  # noqa: F811
    f, arrays, _ = layer("gru", 4, (3,), 5, 6)
    g = normal(4, 3, 6)
    x, h, v, w, _, b = arrays
    found = both(lambda x, h, v, w, b: f(x, h, v, w, None, b), (x, h, v, w, b), {}, g)
    alike(found, both(lambda x, h, v, w, b: f.definition(x, h, v, w, None, b), wide(x, h, v, w, b), {}, g))


@pytest.mark.parametrize("kind", KINDS)
def test_arrays_that_lie_otherwise(backend, kind):  # noqa: F811
    f, arrays, options = layer(kind, 6, (3,), 9, 10)
    g = normal(*f(*arrays, **options).shape)
    expected = both(f, arrays, options, g)
    for place in range(len(arrays)):
        for turned in (np.asfortranarray, lambda a: np.repeat(a, 2, -1)[..., ::2], lambda a: np.ascontiguousarray(a[::-1])[::-1]):
            others = list(arrays)
            others[place] = turned(arrays[place])
            assert np.array_equal(others[place], arrays[place])
            alike(both(f, others, options, turned(g)), expected)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_number(backend, kind):  # noqa: F811
    """It goes where it goes in the definition."""
    f, arrays, options = layer(kind, 5, (2,), 8, 16)
    for place in range(len(arrays)):
        for bad in (np.nan, np.inf, -np.inf, 1e30):
            others = [a.copy() for a in arrays]
            others[place].reshape(-1)[3] = bad
            with np.errstate(all="ignore"):
                found, exact = f(*others, **options), f.definition(*others, **options)
            assert np.allclose(found, exact, rtol=1e-4, atol=1e-5, equal_nan=True), (place, bad)


@pytest.mark.parametrize("kind", KINDS)
def test_second_derivatives(backend, kind):  # noqa: F811
    f, arrays, options = layer(kind, 3, (2,), 4, 5)

    def squared_slope(way, *given):
        return (grad(lambda x: (way(x, *given[1:], **options) ** 2).sum())(given[0]) ** 2).sum()

    slots = tuple(range(len(arrays)))
    found, exact = [grad(lambda *given: squared_slope(way, *given), slots)(*some)  # noqa: B023
                    for way, some in ((f, arrays), (f.definition, wide(*arrays)))]
    for a, b in zip(found, exact):
        assert np.max(abs(a - b)) <= 1e-4 * max(1, np.max(abs(b)))


@pytest.mark.parametrize("kind", KINDS)
def test_compiled(backend, kind):  # noqa: F811
    f, arrays, options = layer(kind, 6, (3,), 9, 10)
    slots = tuple(range(len(arrays)))

    def gradients(*given):
        return grad(lambda *given: (f(*given, **options) ** 2).sum(), slots)(*given)

    fast = compile(gradients)
    for _ in range(3):
        arrays = [a + np.float32(0.1) for a in arrays]
        for a, b in zip(fast(*arrays), gradients(*arrays)):
            assert np.array_equal(a, b)


def test_backward_twice(backend):  # noqa: F811
    f, arrays, _ = layer("lstm", 5, (3,), 8, 16)
    given = [tensor(a, requires_grad=True) for a in arrays]
    y = f(*given)
    g = normal(*y.shape)
    y.backward(g, retain_graph=True)
    once = [a.grad.data.copy() for a in given]
    y.backward(g)
    for a, b in zip(given, once):
        assert np.array_equal(a.grad.data, 2 * b)


def test_many_threads(backend):  # noqa: F811
    """All go back through one forward pass at once."""
    f, arrays, _ = layer("lstm", 20, (4,), 16, 32)
    y, back = vjp(lambda *given: f(*given), *arrays)
    gs = [normal(*y.shape) for _ in range(6)]
    expected = [back(g) for g in gs]
    found = [None] * len(gs)

    def work(i):
        for _ in range(5):
            found[i] = back(gs[i])

    threads = [threading.Thread(target=work, args=(i,)) for i in range(len(gs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for a, b in zip(found, expected):
        alike(a, b)


@pytest.mark.parametrize("kind", KINDS)
def test_switched_off_on_the_way(backend, kind):  # noqa: F811
    """What oneDNN began, NumPy ends."""
    f, arrays, options = layer(kind, 5, (3,), 8, 16)
    y, back = vjp(lambda *given: f(*given, **options), *arrays)
    g = normal(*y.shape)
    with autograd.config.kernels.using(onednn=False):
        found = back(g)
    alike(found, both(f.definition, wide(*arrays), options, g)[1:])


@pytest.mark.parametrize("kind", KINDS)
def test_a_way_back_that_onednn_does_not_know(backend, kind, monkeypatch):  # noqa: F811
    """NumPy goes it, and oneDNN stays in use."""
    def refused(layer):
        raise Refused("no such function")

    monkeypatch.setattr(recurrent.Layer, "plan_back", refused)
    f, arrays, options = layer(kind, 5, (3,), 8, 16)
    y, back = vjp(lambda *given: f(*given, **options), *arrays)
    g = normal(*y.shape)
    alike(back(g), both(f.definition, wide(*arrays), options, g)[1:])
    assert (active.SWITCH.library is not None) or backend[0] == "numpy"


def test_a_frozen_input_is_not_asked_for(backend, monkeypatch):  # noqa: F811
    """With NumPy's kernels, the products for it are not made."""
    made, outer = [], sequences.recurrent.summed_outer
    monkeypatch.setattr(sequences.recurrent, "summed_outer", lambda *given: made.append(1) or outer(*given))
    f, arrays, _ = layer("lstm", 5, (3,), 8, 16)
    grad(lambda x: f(x, *arrays[1:]).sum())(arrays[0])
    assert not made
    SWEPT.found.clear()
    grad(lambda v: f(*arrays[:3], v, *arrays[4:]).sum())(arrays[3])
    assert len(made) == (backend[0] == "numpy")


def test_small_work_is_numpys(backend, monkeypatch):  # noqa: F811
    for name in ("PRODUCTS", "MULTIPLIED"):
        monkeypatch.setattr(active, name, 1 << 40)
    f, arrays, _ = layer("lstm", 5, (3,), 8, 16)
    y, back = vjp(lambda *given: f(*given), *arrays)
    back(normal(*y.shape))
    assert not backend[1] and active.SWITCH.threads == "onednn"
