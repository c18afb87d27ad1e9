"""Does float32 stay float32, at any size, and does float16 work?

That every operation keeps its dtype, forward and backward, is a law (`autograd/testing/dtype_laws.py`, run by `test_laws.py`). The law
looks at small arrays, and at what NumPy makes of its inputs; here is what it cannot see: how much memory is taken for large ones, how
exact float16 is, what integers do, and layers and optimisers.

Read next: `test_half.py`.
"""

import tracemalloc

import numpy as np
import pytest

import nn
import optim
from autograd import grad, no_grad, ops, primitive, tensor, vjp
from autograd.node import Leaf
from autograd.primitive import REAL, REGISTRY
from autograd.tensor import constant_tensor
from autograd.testing import automatic
from autograd.testing.strategies import values

LARGE = 250_000  # elements, 1 MB in float32

# ---- memory -----------------------------------------------------------------------------------------------------------


def peak(f):
    """The result of f, and the most memory that was taken at once while it ran, in bytes."""
    tracemalloc.start()
    try:
        with np.errstate(all="ignore"):
            result = f()
        return result, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


class Unshared(np.ndarray):
    """An array of which NumPy does not reuse temporaries. (It does of plain ones, but not for float32 times a number of Python's.)"""


def measured(f, inputs):
    """What going forward and backward takes at most, in bytes."""
    tensors = [constant_tensor(x.view(Unshared), Leaf(x.shape, x.dtype)) for x in inputs]

    def run():
        y = f(*tensors)
        y.backward(constant_tensor(np.ones(y.shape, y.dtype).view(Unshared)))

    run()  # compiled now
    for t in tensors:
        t.grad = None
    return peak(run)[1]


ELEMENTWISE = [p for name, p in sorted(REGISTRY.items()) if name.startswith("autograd.ops.") and p.needs and p.pointwise
               and automatic(p) is not None]


def drawn(p, dtype):
    domains = p.domain if isinstance(p.domain, dict) else dict.fromkeys(p.inputs, p.domain)
    rng = np.random.default_rng(0)
    return [values(rng, (LARGE,), domains.get(x, REAL)).astype(dtype) for x in p.inputs]


LEFT_OUT = {"float_power": "computes in float64, as its name says", "sinc_derivative": "takes seconds"}

BY_SCIPY = ("autograd.ops.special", "autograd.ops.decaying", "autograd.ops.incomplete", "autograd.ops.probability")


@pytest.mark.parametrize("p", [p for p in ELEMENTWISE if p.name not in LEFT_OUT and p.module not in BY_SCIPY],
                         ids=lambda p: f"{p.module.split('.')[-1]}.{p.name}")
def test_half_the_memory_for_half_the_width(p):
    """A float64 array on the way would show: float32 takes half the memory of float64, forward and backward, and not more."""
    narrow, wide = (measured(p, drawn(p, dtype)) for dtype in (np.float32, np.float64))
    assert narrow < 0.55 * wide + 200_000, f"{p.name}: {narrow / LARGE / 4:.2f} arrays of float32, {wide / LARGE / 8:.2f} of float64"


COMPOSED = {  # (whatever keeps integers is as large for both dtypes, and cannot be measured so)
    "sum": (lambda x: x.sum(), (LARGE,)),
    "mean": (lambda x: x.mean(0), (500, 500)),
    "var": (lambda x: x.var(1), (500, 500)),
    "std, ddof": (lambda x: x.std(1, ddof=1), (500, 500)),
    "max": (lambda x: x.max(1), (500, 500)),
    "cumsum": (lambda x: np.cumsum(x, 1), (500, 500)),
    "prod": (lambda x: np.prod(x, 1), (500, 500)),
    "softmax": (lambda x: ops.softmax(x, 1), (500, 500)),
    "log_softmax": (lambda x: ops.log_softmax(x, 1), (500, 500)),
    "logsumexp": (lambda x: ops.logsumexp(x, 1), (500, 500)),
    "cross_entropy": (lambda x: ops.cross_entropy(x, np.zeros(500, int)), (500, 500)),
    "layer_norm": (lambda x: nn.functional.layer_norm(x, (500,)), (500, 500)),
    "where": (lambda x: np.where(x > 0, x, 0.5), (LARGE,)),
    "clip": (lambda x: np.clip(x, -0.5, 0.5), (LARGE,)),
    "2.0 ** x": (lambda x: 2.0 ** x, (LARGE,)),
    "x ** 3": (lambda x: x ** 3, (LARGE,)),
    "1 / (1 + x * x)": (lambda x: 1 / (1 + x * x), (LARGE,)),
    "np.float64 as number": (lambda x: x * float(np.float64(2)) + 1, (LARGE,)),
    "index": (lambda x: x[::2] * x[1::2], (LARGE,)),
    "matmul": (lambda x: x @ x, (500, 500)),
    "einsum": (lambda x: np.einsum("ij,kj->ik", x, x), (500, 500)),
    "concatenate": (lambda x: np.concatenate([x, x]), (LARGE,)),
    "pad": (lambda x: np.pad(x, 3), (500, 500)),
    "norm": (lambda x: np.linalg.norm(x, axis=1), (500, 500)),
    "diff": (lambda x: np.diff(x), (LARGE,)),
    "conv": (lambda x: nn.functional.conv2d(x, np.full((4, 4, 3, 3), 0.1, x.dtype)), (4, 4, 125, 125)),
    "max_pool": (lambda x: nn.functional.max_pool2d(x, 2), (4, 4, 124, 124)),
    "avg_pool": (lambda x: nn.functional.avg_pool2d(x, 2), (4, 4, 124, 124)),
}

@pytest.mark.parametrize("name", COMPOSED)
def test_composed_functions_take_half_the_memory(name):
    f, shape = COMPOSED[name]
    x = np.random.default_rng(0).normal(size=shape)
    narrow, wide = measured(f, [x.astype(np.float32)]), measured(f, [x])
    assert narrow < 0.6 * wide + 300_000, f"{name}: {narrow / x.size / 4:.2f} arrays of float32, {wide / x.size / 8:.2f} of float64"


def test_a_wide_array_on_the_way_shows():
    """The measurement is measured: a float64 temporary is found, forward and backward."""
    forward = primitive(lambda x: np.exp(x.astype(np.float64)).astype(x.dtype), name="wide_forward", x=lambda g, y: g * y)
    backward = primitive(np.exp, name="wide_rule", x=lambda g, y: (g * np.float64(1.0) * y))
    for p in (forward, backward):
        narrow, wide = (measured(p, [np.ones(LARGE, dtype)]) for dtype in (np.float32, np.float64))
        assert narrow >= 0.55 * wide + 200_000


# ---- float16 ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("p", [p for p in ELEMENTWISE if isinstance(p.forward, np.ufunc) and p.name != "spacing"], ids=lambda p: p.name)
def test_float16_is_as_exact_as_it_can_be(p):
    """Values and gradients in float16 are those in float64 up to a few roundings of the largest."""
    inputs = [x[:200].astype(np.float16) for x in drawn(p, np.float16)]
    with np.errstate(all="ignore"):
        (y, pullback), (z, exact) = (vjp(p, *[x.astype(d) for x in inputs], argnums=tuple(range(len(inputs)))) for d in ("e", "d"))
        pairs = [(y, z), *zip(pullback(np.ones_like(y)), exact(np.ones_like(z)))]
    for got, right in pairs:
        assert got.dtype == np.float16 or p.name == "float_power"
        finite = np.isfinite(got) & (np.abs(right) < 6e4)
        scale = np.max(np.abs(right[finite]), initial=1e-3)
        assert np.max(np.abs(got[finite] - right[finite]), initial=0) < 0.02 * scale


@pytest.mark.parametrize("f", [lambda x: x.sum(), lambda x: x.mean(), lambda x: x.var(), lambda x: x.std(), lambda x: ops.logsumexp(x)])
def test_sums_of_float16_are_added_up_wider(f):
    """As NumPy does it: ten thousand numbers of size 1 do not stop counting at 2048."""
    x = np.random.default_rng(0).uniform(0.5, 1.5, 10_000).astype(np.float16)
    y, right = f(tensor(x)), f(tensor(x.astype(float)))
    assert y.dtype == np.float16 and np.isclose(float(y), float(right), rtol=2e-3)
    g = grad(f)(x)
    assert g.dtype == np.float16
    np.testing.assert_allclose(g, grad(f)(x.astype(float)), rtol=0.02, atol=1e-4)


# ---- integers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.int8, np.int32, np.int64, np.uint8, np.bool_])
def test_integers_are_constants(dtype):
    n = np.array([1, 0, 1], dtype)
    x = tensor(np.ones(3, np.float32), requires_grad=True)
    for y in (x * n, n * x, x + n, np.maximum(x, n), x * tensor(n), np.where(n, x, 0), x[n.astype(int)]):
        assert y.requires_grad and y.dtype in (np.float32, np.result_type(np.float32, n))
    y = (x * n).sum()
    y.backward()
    assert x.grad.dtype == np.float32 and x.grad.tolist() == [1, 0, 1]
    t = tensor(n)
    for z in (t * 2, t + t, np.sum(t), np.cumsum(t), t[0]):
        assert not z.requires_grad
    with pytest.raises(TypeError, match="floating-point"):
        tensor(n, requires_grad=True)
    with pytest.raises(TypeError, match="derivative"):
        grad(lambda x: x.sum())(n)


# ---- layers and optimisers --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_a_model_stays_what_it_is(dtype):
    model = nn.Sequential(nn.Conv2d(2, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(0.3), nn.Flatten(), nn.Linear(4, 3))
    model = model.to(dtype) if hasattr(model, "to") else model.astype(dtype)
    x = tensor(np.random.default_rng(0).normal(size=(5, 2, 4, 4)).astype(dtype))
    makes = [lambda ps: optim.SGD(ps, lr=np.float64(0.1), momentum=0.9), lambda ps: optim.AdamW(ps, lr=1e-3)]
    for make in makes if dtype is np.float32 else makes[:1]:  # in float16 Adam's epsilon is 0, as it is in PyTorch
        optimizer = make(model.parameters())
        for _ in range(2):
            optimizer.zero_grad()
            y = model(x)
            loss = ops.cross_entropy(y, np.zeros(5, int), label_smoothing=0.1)
            loss.backward()
            assert y.dtype == loss.dtype == dtype
            assert all(p.grad.dtype == p.dtype == dtype for p in model.parameters())
            optimizer.step()
            assert all(p.dtype == dtype for p in model.parameters())
    with no_grad():
        assert model.eval()(x).dtype == dtype
