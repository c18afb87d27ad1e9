"""Is a stack of matrices times one matrix what it is one after the other?

Read next: `test_product.py`.
"""

import numpy as np
import pytest

from autograd import compile, grad, ops
from autograd.kernels.multiplication import product, product_into, rows_times
from autograd.ops.affine import linear_into

LARGE = ((4, 64, 40), (40, 56))


def arrays(dtype=np.float32):
    rng = np.random.default_rng(0)
    return [rng.standard_normal(shape).astype(dtype) for shape in LARGE]


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("gaps", [False, True])
def test_one_product_for_all(turned, gaps):
    """With the same numbers when there is memory for the result, of whatever layout."""
    a, b = arrays()
    b = np.asfortranarray(b) if turned else b
    y = rows_times(a, b)
    assert np.array_equal(y.reshape(-1, 56), a.reshape(-1, 40) @ b) and y.shape == (4, 64, 56)
    memory = np.full((4, 64, 112), np.nan, np.float32)
    out = memory[..., ::2] if gaps else np.empty_like(y)
    assert rows_times(a, b, out) is out and np.array_equal(out, y)
    assert not gaps or np.all(np.isnan(memory[..., 1::2]))
    assert np.array_equal(product(a, b), product_into(a, b, np.empty_like(y)))


def test_what_is_no_stack_of_rows():
    a, b = arrays()
    for x in (a[0], a[:, ::2], a.swapaxes(0, 1), np.broadcast_to(a[0], a.shape)):
        assert np.array_equal(rows_times(x, b), np.matmul(x, b))
    many = np.stack([b] * 4)
    assert np.array_equal(rows_times(a, many), np.matmul(a, many))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_eager_and_compiled_alike(dtype, monkeypatch):
    monkeypatch.setattr("autograd.kernels.active.SWITCH.wanted", False)
    x, w = arrays(dtype)
    weight, bias = np.ascontiguousarray(w.T), np.arange(56).astype(dtype)

    def gradients(x, weight, bias):
        return grad(lambda *given: ((ops.linear(*given) @ weight) ** 2).sum(), (0, 1, 2))(x, weight, bias)

    fast = compile(gradients)
    for _ in range(3):
        for a, b in zip(fast(x, weight, bias), gradients(x, weight, bias)):
            assert np.array_equal(a, b)
    out = np.empty((4, 64, 56), dtype)
    assert np.array_equal(linear_into(x, weight, bias, out=out), ops.linear(x, weight, bias))


def test_a_wrong_shape_is_told():
    a, b = arrays()
    with pytest.raises(ValueError, match="matmul"):
        product(a, b[:-1])
