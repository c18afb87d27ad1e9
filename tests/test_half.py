"""Is float16 multiplied in float32, and rounded once?

And by one rule, in two modes, whatever the memory layout. How fast it is, no test asks.

Read next: `test_convolution.py`.
"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Tensor, grad, ops, vjp
from autograd.check import Call
from autograd.kernels import product
from autograd.testing import CASES, LAWS
from autograd.testing.cases import full_name
from autograd.testing.law import same
from autograd.testing.strategies import LAYOUTS, laid_out


def cases(*functions):
    return [case for f in functions for case in CASES[full_name(f)]]


PRODUCTS = cases(ops.matmul, ops.linear, ops.contract, ops.conv, ops.conv_transpose, ops.conv_weight)
COMPOSED = cases(ops.einsum, ops.tensordot, ops.dot, ops.vecdot, ops.matvec)

products = pytest.mark.parametrize("case", PRODUCTS, ids=lambda case: case.name)
all_products = pytest.mark.parametrize("case", PRODUCTS + COMPOSED, ids=lambda case: case.name)


def called(case, data, whole=False):
    """A call with float16 arrays; whole numbers are small enough for every result to be exact, and known in any order of summing."""
    args, kwargs = data.draw(case.arguments)
    call = Call(case.f, args, kwargs)
    return converted(call, lambda x: (np.rint(x) if whole else x).astype(np.float16))


def converted(call, convert):
    leaves = [convert(x) if isinstance(x, np.ndarray) and x.dtype.kind == "f" else x for x in call.leaves]
    return Call(call.f, call.structure.unflatten(leaves), call.kwargs)


def wide(call):
    return converted(call, lambda x: x.astype(np.float32))


def gradients(call, v):
    """Of sum(v * result), by all inputs."""
    _, pullback = vjp(call, *call.inputs, argnums=tuple(range(len(call.inputs))))
    return [np.asarray(g) for g in pullback(v)]


@products
@given(data=st.data())
def test_the_result_is_that_of_float32_rounded_once(case, data):
    call = called(case, data)
    half, full = call(*call.inputs), wide(call)(*wide(call).inputs)
    assert full.dtype == np.float32 and same(half, full.astype(np.float16))


@all_products
@given(data=st.data())
def test_whole_numbers_are_exact(case, data):
    """Results and gradients, in every memory layout."""
    call = called(case, data, whole=True)
    y, exact = call(*call.inputs), wide(call)(*wide(call).inputs)
    assert y.dtype == np.float16 and np.array_equal(y, exact)
    v = np.rint(np.random.default_rng(0).uniform(-3, 3, np.shape(y))).astype(np.float16)
    expected = gradients(wide(call), v.astype(np.float32)[()])
    for layout in LAYOUTS:
        arranged = converted(call, lambda x, layout=layout: laid_out(x, layout))
        assert np.array_equal(arranged(*arranged.inputs), y)
        for g, e in zip(gradients(arranged, laid_out(v, layout)[()]), expected, strict=True):
            assert g.dtype == np.float16 and np.array_equal(g, e)


@all_products
@pytest.mark.parametrize("law", ["one_rule", "replay"])
@given(data=st.data())
def test_the_laws_hold_for_float16(case, law, data):
    call = called(case, data)
    LAWS[law](call.f, call.structure.unflatten(call.leaves), call.kwargs)


LARGE = {
    "matmul": (ops.matmul, (30, 200), (200, 40)),
    "stack": (ops.matmul, (5, 6, 100), (100, 40)),
    "vector": (ops.matmul, (30, 200), (200,)),
    "linear": (ops.linear, (4, 10, 100), (60, 100), (60,)),
    "einsum": (lambda a, b: ops.einsum("bij,bkj->bik", a, b), (3, 20, 50), (3, 30, 50)),
    "conv": (lambda x, w: ops.conv(x, w, None, 1, 1), (4, 16, 9, 9), (8, 16, 3, 3)),
    "stride": (lambda x, w: ops.conv(x, w, None, 2, 1), (4, 16, 9, 9), (32, 16, 3, 3)),
    "transpose": (lambda x, w: ops.conv_transpose(x, w, None, 2), (4, 16, 5, 5), (16, 8, 3, 3)),
    "depthwise": (lambda x, w: ops.conv(x, w, None, 1, 1, 1, 8), (4, 8, 9, 9), (8, 1, 3, 3)),
}


@pytest.mark.parametrize("name", LARGE)
def test_gradients_are_those_of_float32_rounded_once(name):
    """The rules multiply as the forward functions do: bit for bit, for sums in which every further rounding would show."""
    f, *shapes = LARGE[name]
    rng = np.random.default_rng(0)
    inputs = [rng.normal(size=shape).astype(np.float16) for shape in shapes]
    v = rng.normal(size=f(*inputs).shape).astype(np.float16)
    slots = tuple(range(len(inputs)))
    half = vjp(f, *inputs, argnums=slots)[1](v)
    full = vjp(f, *[x.astype(np.float32) for x in inputs], argnums=slots)[1](v.astype(np.float32))
    for h, g in zip(half[:2], full):  # a bias has a sum, no product
        assert same(h, np.asarray(g).astype(np.float16))


def test_a_convolution_stays_channels_last():
    x, w = np.ones((2, 3, 5, 6), np.float16), np.ones((4, 3, 2, 2), np.float16)
    for y in (ops.conv(x, w), ops.conv_transpose(ops.conv(x, w), w)):
        assert y.base is None and np.moveaxis(y, 1, -1).flags.c_contiguous


@pytest.mark.parametrize("other", [np.bool_, np.int8, np.int16, np.float32, np.float64, np.complex64])
def test_other_types_take_part_as_in_numpy(other):
    a, b = np.array([[1, 2], [3, 4]], np.float16), np.array([[0, 1], [1, 1]], other)
    for x, y in ((a, b), (b, a)):
        for ours in (ops.matmul(x, y), ops.linear(x, y.T), ops.contract(x, y, "ij,jk->ik", (2, 2)),
                     ops.conv(x[:, :, None], y.T[:, :, None])[:, :, 0]):
            assert same(ours, np.matmul(x, y))


def test_integers_of_two_bytes_are_no_float16():
    x = np.array([[30001]], np.int16)
    assert same(ops.matmul(x, x), np.matmul(x, x)) and same(product(x, x), x @ x)


def test_too_large_is_infinite():
    x = np.full((1, 2), 60000, np.float16)
    with np.errstate(over="ignore"):
        assert ops.matmul(x, np.ones((2, 1), np.float16)) == np.inf
    assert ops.matmul(x, np.array([[1], [-1]], np.float16)) == 0


def test_product_of_lists_and_of_tensors():
    assert product([[1, 2]], [[3], [4]]).tolist() == [[11]]
    w = Tensor(np.eye(2, dtype=np.float16), requires_grad=True)
    for y in (product(np.ones((1, 2), np.float16), w), product(w, w), product(w, np.ones(2, np.float16))):
        assert isinstance(y, Tensor) and y.dtype == np.float16 and y.requires_grad
    assert grad(lambda w: product(w, w).sum())(w.data).dtype == np.float16
