"""Does oneDNN multiply matrices as NumPy does?

Read next: `test_pooling.py`.
"""

import numpy as np
import pytest

from autograd import compile, grad, kernels, ops
from autograd.kernels import active
from autograd.kernels.multiplication import product_into
from tests.kernels.backends import LAYOUTS, MISSING, ROUNDING, WHY, backend, normal, wide  # noqa: F401

pytestmark = [pytest.mark.skipif(MISSING, reason=WHY), pytest.mark.parametrize("backend", ["onednn"], indirect=True)]

SHAPES = [((30, 40), (40, 50)), ((600, 1), (1, 3)), ((1, 600), (600, 7)), ((23, 31), (31, 1)), ((4, 20, 30), (30, 11)),
          ((4, 20, 30), (4, 30, 7)), ((2, 3, 20, 30), (2, 3, 30, 5))]
TURNED = {**LAYOUTS, "transposed": lambda x: np.ascontiguousarray(x.swapaxes(-1, -2)).swapaxes(-1, -2),
          "every other": lambda x: x.repeat(2, -1)[..., ::2]}


@pytest.mark.parametrize("left", TURNED)
@pytest.mark.parametrize("right", TURNED)
def test_against_numpy(backend, left, right):  # noqa: F811
    for a_shape, b_shape in SHAPES:
        a, b, before = TURNED[left](normal(*a_shape)), TURNED[right](normal(*b_shape)), len(backend[1])
        y = ops.matmul(a, b)
        assert len(backend[1]) > before or a_shape[-1] == 1 or a.size < 512
        exact, scale = (np.matmul(*wide(*pair)) for pair in ((a, b), (abs(a), abs(b))))
        assert y.shape == exact.shape and y.dtype == np.float32 and y.flags.c_contiguous
        assert np.all(abs(y - exact) <= 8 * ROUNDING * scale)


def test_gradients_of_any_order(backend):  # noqa: F811
    for a_shape, b_shape in SHAPES[:1] + SHAPES[4:]:
        a, b = normal(*a_shape), normal(*b_shape)

        def loss(a, b):
            return (ops.matmul(a, b) ** 3).sum()

        def steepness(a, b):
            return sum((g**2).sum() for g in grad(loss, (0, 1))(a, b))

        for f in (loss, steepness):
            for ours, theirs in zip(grad(f, (0, 1))(a, b), grad(f, (0, 1))(*wide(a, b))):
                assert ours.dtype == np.float32 and np.max(abs(ours - theirs)) < 2e-5 * np.max(abs(theirs))


def test_linear(backend):  # noqa: F811
    for shape in ((20, 30), (4, 5, 30), (30,)):
        x, w, b = normal(*shape), normal(11, 30), normal(11)
        for bias in (b, None):
            y = ops.linear(x, w, bias)
            exact = wide(x)[0] @ wide(w)[0].T + (0 if bias is None else b)
            assert y.shape == exact.shape and np.allclose(y, exact, rtol=1e-5, atol=1e-5)


def test_what_numpy_does(backend):  # noqa: F811
    """Vectors, stacks that are broadcast, other types, nothing at all; and what does not fit is refused by NumPy."""
    for a, b in ((normal(600), normal(600, 3)), (normal(3, 600), normal(600)), (normal(1, 20, 30), normal(4, 30, 5)),
                 (normal(0, 600), normal(600, 3)), (normal(30, 20).astype(np.float64), normal(20, 10)),
                 (normal(30, 20).astype(int), normal(20, 10))):
        assert np.array_equal(ops.matmul(a, b), np.matmul(a, b)) and not backend[1]
    with pytest.raises(ValueError, match="matmul"):
        ops.matmul(normal(30, 40), normal(41, 50))


def test_no_number_is_lost(backend):  # noqa: F811
    a, b = normal(30, 40), normal(40, 50)
    a[3, 4], b[5, 6] = np.nan, np.inf
    with np.errstate(invalid="ignore"):
        y = ops.matmul(a, b)
        assert np.array_equal(np.isnan(y), np.isnan(a @ b)) and np.array_equal(np.isinf(y), np.isinf(a @ b))


def test_small_products_are_numpys(backend, monkeypatch):  # noqa: F811
    monkeypatch.setattr(active, "MULTIPLIED", 1 << 18)
    kernels.product(normal(30, 40), normal(40, 50))
    assert not backend[1]


def test_who_leads(backend, monkeypatch):  # noqa: F811
    """NumPy multiplies until oneDNN has convolved; then oneDNN does, in compiled functions as well."""
    monkeypatch.setattr(active.SWITCH, "threads", "")
    a, b, w, bias = normal(30, 40), normal(40, 50), normal(11, 40), normal(11)
    both = compile(lambda a, b: (ops.exp(ops.matmul(a, b)), ops.exp(ops.linear(a, w, bias))))
    for f in (ops.matmul, both, both):
        f(a, b)
    first = both(a, b)
    assert np.array_equal(ops.matmul(a, b), a @ b) and np.array_equal(ops.relu(a), np.maximum(a, 0)) and not backend[1]
    ops.conv(normal(2, 3, 8, 8), normal(4, 3, 3, 3))
    for f in (ops.matmul, both):
        before = len(backend[1])
        f(a, b)
        assert len(backend[1]) - before == (1 if f is ops.matmul else 2)
    assert all(np.allclose(y, z, rtol=1e-4) for y, z in zip(first, both(a, b)))


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64])
def test_a_column_times_a_row(backend, dtype):  # noqa: F811
    for rows, columns in ((3, 4), (300, 5), (784, 256), (600, 700)):
        a, b = (normal(n, 1) * 9 for n in (rows, columns))
        for column, row in ((a.astype(dtype), b.T.astype(dtype)), (a.repeat(2, 0)[::2].astype(dtype), b.astype(dtype)[::-1].T)):
            y, out = ops.matmul(column, row), np.empty((columns, rows), dtype).T
            assert y.dtype == dtype and np.array_equal(y, column * row) and np.array_equal(product_into(column, row, out), y)
