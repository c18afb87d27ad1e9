"""Element-wise steps on large arrays, block by block: every bit is that of the steps one by one."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
from autograd import ops
from autograd.compiler import chains
from autograd.compiler.chains import Chain


@pytest.fixture(autouse=True)
def numpy_alone():
    """To the last bit only NumPy is like NumPy."""
    with autograd.config.kernels.using(onednn=False):
        yield


RNG = np.random.default_rng(0)


def chains_of(compiled):
    return [item.primitive for item in compiled.last.items if isinstance(getattr(item, "primitive", None), Chain)]


def bits(value):
    return np.asarray(value).tobytes()


def assert_same(f, *args, chained=True):
    """Compiled, f gives what it gives: the same bits in the same layout, again and again."""
    compiled = autograd.compile(f)
    for _ in range(3):
        expected, found = f(*args), compiled(*args)
        for a, b in zip(*((y if isinstance(y, tuple) else (y,)) for y in (expected, found))):
            assert bits(a) == bits(b) and a.shape == b.shape and a.dtype == b.dtype
    assert chained is None or bool(chains_of(compiled)) == chained, compiled.source
    return compiled


FUNCTIONS = {
    "relu": lambda x, b: ops.relu(x),
    "bias and relu": lambda x, b: ops.relu(x + b),
    "numbers": lambda x, b: ops.relu(2 * x - 0.5) / 3 + 1,
    "minimum": lambda x, b: np.minimum(np.maximum(x, -0.1), 0.1) * x,
    "gelu": lambda x, b: 0.5 * x * (1 + np.tanh(0.8 * (x + 0.04 * x**3))),
    "squares": lambda x, b: ops.relu((x**2 + x) ** 2 - b),
    "masks": lambda x, b: (x > b) * x + (x <= 0) * b + ops.relu(x),
    "two results": lambda x, b: (ops.relu(x + b), (x + b) * ops.relu(x)),
    "an intermediate result is a result": lambda x, b: (y := ops.relu(x), y * 2 + x),
    "used again": lambda x, b: (y := ops.relu(x + b) * x, y.sum(), y * 2)[1:],
    "a sum in between": lambda x, b: ops.relu(x - ops.relu(x + 1).sum(axis=0)) * x,
    "gradient": autograd.grad(lambda x, b: (ops.relu(x + b) * x).sum(), (0, 1)),
    "second": autograd.grad(lambda x, b: (autograd.grad(lambda x: (ops.relu(x) ** 3).sum())(x) * x).sum()),
}


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(1 << 17,), (1031, 257), (7, 33, 1001), (3, 2, 5, 9001)])
def test_every_bit_is_that_of_the_steps(name, dtype, shape):
    x, b = RNG.standard_normal(shape).astype(dtype), RNG.standard_normal(shape[-1:]).astype(dtype)
    assert_same(FUNCTIONS[name], x, b)


@pytest.mark.parametrize("name", ["relu", "numbers", "minimum", "masks", "bias and relu", "gradient"])
def test_layouts(name):
    """In another order of axes, with gaps, backwards, and of two kinds at once."""
    f, x = FUNCTIONS[name], RNG.standard_normal((40, 30, 20, 16)).astype(np.float32)
    for y in (x.transpose(0, 3, 1, 2), x.transpose(3, 2, 1, 0), x[::2, :, :, ::2], x[::-1]):
        b = RNG.standard_normal(y.shape[-1]).astype(np.float32)[::-1]
        assert_same(f, y, b, chained=None)
    y = x.transpose(0, 3, 1, 2)
    assert_same(lambda x, y: ops.relu(x + y) * y, y, np.ascontiguousarray(y))
    assert_same(lambda x, y: ops.relu(x + y) * y, y, np.broadcast_to(y[:1], y.shape))


def test_small_arrays_and_single_steps_are_left_alone():
    x = RNG.standard_normal((100, 100))
    assert_same(lambda x: ops.relu(x + 1) * x, x, chained=False)
    assert_same(lambda x: x + 1, RNG.standard_normal((1000, 1000)), chained=False)
    assert_same(lambda x: ops.relu(x + 1) * x, np.zeros((0, 1 << 20)), chained=False)
    assert_same(lambda x: ops.relu(x) + 1, np.float64(3), chained=False)
    assert_same(lambda x: np.maximum(x, 2) + x, np.arange(1 << 17), chained=True)


OPERATIONS = [
    lambda a, b: a + b, lambda a, b: a * b, lambda a, b: a - b, lambda a, b: ops.relu(a), lambda a, b: np.maximum(b, a),
    lambda a, b: np.minimum(a, b), lambda a, b: (a > b) * a, lambda a, b: np.tanh(a), lambda a, b: a**2,
]


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_random_programs(data):
    shape = data.draw(st.sampled_from([(1 << 16,), (257, 300), (5, 130, 101), (40001, 2)]))
    dtype = data.draw(st.sampled_from([np.float32, np.float64]))
    steps = data.draw(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 99), st.integers(0, 99)), min_size=2, max_size=12))
    keep = data.draw(st.sets(st.integers(0, 12)))

    def f(x, row, number):
        values = [x, row, number, 1.5, 2]
        for kind, i, j in steps:
            a, b = values[i % len(values)], values[j % len(values)]
            a = x if np.ndim(a) == 0 else a
            values.append(OPERATIONS[kind](a, b))
        return tuple(values[5 + i] for i in sorted(keep) if i < len(steps)) + (values[-1] + x,)

    rng = np.random.default_rng(1)
    args = rng.standard_normal(shape).astype(dtype), rng.standard_normal(shape[-1:]).astype(dtype), dtype(0.25)
    compiled = autograd.compile(f)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        for _ in range(2):
            for a, b in zip(f(*args), compiled(*args)):
                assert bits(a) == bits(b)


def test_values_that_are_none():
    """NaN, infinities and the two zeros go through as they do one by one."""
    x = np.tile(np.float32([np.nan, np.inf, -np.inf, 0.0, -0.0, 1e-45, -1, 1]), 1 << 14)
    with np.errstate(invalid="ignore"):
        assert_same(lambda x: (ops.relu(x), np.minimum(x, 0) + 1, np.maximum(0, x)), x)


def test_what_is_invalid_is_told_of_as_by_the_function_itself():
    x = np.ones(1 << 18, np.float32)
    f = autograd.compile(lambda x: ops.relu(x * 2) / ops.relu(x - 1) * x)
    with np.errstate(divide="ignore"):
        f(x)
        f(x)
    x[1 << 17] = 0
    for how, error in (("raise", FloatingPointError), ("warn", RuntimeWarning)):
        with np.errstate(all="ignore", invalid=how), warnings.catch_warnings(), pytest.raises(error):
            warnings.simplefilter("error")
            f(x)
    with np.errstate(over="raise"), pytest.raises(FloatingPointError):
        autograd.compile(lambda x: ops.relu(x * 1e38) * 1e38)(x)


def test_results_belong_to_the_caller():
    f = autograd.compile(lambda x: ops.relu(x + 1) * x)
    results = []
    for i in range(4):
        x = np.full(1 << 17, float(i))
        results.append((f(x), (x + 1) * x))
    for found, expected in results:
        assert np.array_equal(found, expected)


def test_intermediate_results_are_never_there():
    """Of five steps nothing but the result is stored, and blocks."""
    x = RNG.standard_normal(1 << 20).astype(np.float32)
    f = assert_same(lambda x: np.tanh(ops.relu(x + 1) * x) - x, x)
    assert f.steps.peak == x.nbytes and len(f.steps.ops) == 1
    assert f.last.bytes == 0  # what the caller gets is his, and blocks belong to the function


def test_a_result_may_take_the_memory_of_an_operand():
    x = RNG.standard_normal((1000, 300))

    def f(x, w):
        y = x @ w
        return (ops.relu(y + 1) * 2 + y) @ w

    f = assert_same(f, x, RNG.standard_normal((300, 300)))
    assert len(f.last.plan.buffers) == 2  # of the first product, which the chain writes over, and of the result
    assert_same(lambda x, w: ops.relu((y := x @ w) + y[::-1]) * 2 + 1, x, RNG.standard_normal((300, 300)))
    assert_same(lambda w: ops.relu((y := w @ w) + y.T) * 2 + y.T, RNG.standard_normal((400, 400)))


def test_how_it_looks(monkeypatch):
    f = autograd.compile(lambda x, b: ops.relu(x + b) * 2)
    f(np.zeros((1024, 256), np.float32), np.zeros(256, np.float32))
    text = str(f.steps)
    assert "= chain x0 x1 parts='add relu multiply'" in text
    assert "def chain1(" in f.source and "for at, " in f.source
    autograd.draw(f.steps)
    chain, = chains_of(f)
    x, b = RNG.standard_normal((1024, 256)).astype(np.float32), RNG.standard_normal(256).astype(np.float32)
    assert bits(chain.forward(x, b)) == bits(f(x, b))  # the readable twin
    monkeypatch.setattr(chains, "BLOCK", 1000)  # a row at a time
    g = autograd.compile(lambda x, b: ops.relu(x + b) * 2)
    assert bits(g(x, b)) == bits(f(x, b))


def test_long_programs_are_several_chains():
    def f(x):
        for i in range(200):
            x = ops.relu(x - 0.01 * i) + 0.5
        return x

    assert next(len(chain.parts) for chain in chains_of(assert_same(f, RNG.standard_normal(1 << 16)))) == chains.MANY
