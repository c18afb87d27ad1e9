"""Does what is asked of NumPy's BLAS beside NumPy give what NumPy's functions give?"""

import ctypes

import numpy as np
import pytest

import autograd
import optim
from autograd.kernels import active, blas, multiplication
from autograd.kernels.address import address, read_address, stands_there, told_address
from autograd.kernels.multiplication import product, product_into
from nn import Parameter
from optim.passes import combine
from tests.kernels.backends import MISSING, WHY, normal
from tests.optim.test_laws import walk

here = pytest.mark.skipif(not blas.library(), reason="the BLAS that NumPy uses has other names")
DTYPES = (np.float32, np.float64)
SHAPES = [(1,), (7,), (33, 47), (2, 3, 5), (20011,)]
ORDERS = (np.ascontiguousarray, np.asfortranarray)
FORMS = {"add": (1, -0.3), "mix": (0.7, -0.3), "add whole": (1, 1), "subtract": (1, -1), "negate": (-1, 2)}


@pytest.fixture
def numpys_threads(monkeypatch):
    """Every array counts as large, and oneDNN has no work. Gives a list of what BLAS has done."""
    monkeypatch.setattr(active, "SUMMED", 0)
    monkeypatch.setattr(active.SWITCH, "threads", "numpy")
    done, usual = [], blas.combine

    def noted(*arguments):
        answer = usual(*arguments)
        done.append(answer)
        return answer

    monkeypatch.setattr(blas, "combine", noted)
    with autograd.config.kernels.using(onednn=False):
        yield done


@here
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("shape", SHAPES)
def test_sums(shape, form, dtype, numpys_threads):
    a, b = FORMS[form]
    for order in ORDERS:
        x, y = (order(normal(*shape).astype(dtype)) for _ in range(2))
        exact = a * x.astype(np.longdouble) + b * y.astype(np.longdouble)
        size = abs(a * x) + abs(b * y)
        for out, first, second, p, q in ((x.copy("K"), None, y, a, b), (x.copy("K"), y, None, b, a)):
            kept = y.copy()
            result = combine(out, out if first is None else first, p, out if second is None else second, q, np.empty_like(out))
            assert result is out and np.all(abs(out - exact) <= 2 * np.finfo(dtype).eps * size)
            np.testing.assert_array_equal(y, kept)
    assert all(numpys_threads[i] for i in (0, 2)) and (numpys_threads[1] or b in (1, -1))


@here
def test_what_it_does_not_take():
    x, y = normal(6, 8), normal(6, 8)
    still = y.copy()
    still.flags.writeable = False
    others = {"another dtype": (y.astype(np.float64), x), "another order": (np.asfortranarray(y), x), "gaps": (y[:, ::2], x[:, ::2]),
              "another shape": (y[:3], x), "integers": (np.arange(4), np.arange(4)), "half": (y.astype(np.float16), x.astype(np.float16)),
              "complex": (y + 1j, x + 1j), "a matrix": (y.view(np.matrix) if hasattr(np, "matrix") else y[::2], x), "read only": (still, x)}
    for kind, (out, given) in others.items():
        before = out.copy()
        assert not blas.add_multiple(out, given, 2.0) and not blas.mix(out, given, 0.5, 2.0), kind
        np.testing.assert_array_equal(out, before, err_msg=kind)
    assert blas.add_multiple(np.zeros(0), np.zeros(0), 2.0)
    for a, b in ((0, 1), (1, 0), (0, 0)):
        assert not blas.combine(y, y, x, a, b)
    assert not blas.combine(y, x, x, 1, 1) and not blas.combine(y, y, y, 1, 1)


def test_zero_times_nan_is_nan(numpys_threads):
    with np.errstate(invalid="ignore"):
        for a, b in ((0, 1), (1, 0)):
            x, y = np.array([np.nan, 1, np.inf]), np.array([1, np.nan, np.inf])
            expected = a * x + b * y
            np.testing.assert_array_equal(combine(x, x, a, y, b, np.empty(3)), expected)


@here
@pytest.mark.parametrize("dtype", DTYPES)
def test_numbers_that_are_none(dtype):
    odd = np.array([np.nan, np.inf, -np.inf, 0, -0.0, 1, 1e-40, 1e30], dtype)
    x, y = (a.ravel() for a in np.meshgrid(odd, odd))
    with np.errstate(all="ignore"):
        for a, b in ((1, -2.0), (0.5, 3.0)):
            out = x.copy()
            assert blas.combine(out, out, y, a, b)
            np.testing.assert_allclose(out, a * x + dtype(b) * y, rtol=1e-6)


@here
def test_a_library_that_computes_something_else_is_not_trusted():
    kept = []

    def wrong(count, number, x, step, y, other):
        kept.append(count)

    number = ctypes.c_double
    kind = ctypes.CFUNCTYPE(None, ctypes.c_int64, number, ctypes.c_void_p, ctypes.c_int64, ctypes.c_void_p, ctypes.c_int64)
    right = blas.library()[np.dtype(np.float64)]
    assert blas.computes(right, np.float64) and blas.computes(right._replace(axpby=None), np.float64)
    assert not blas.computes(blas.Functions(kind(wrong), None), np.float64) and kept == [8]


def test_without_it(monkeypatch, numpys_threads):
    """The same update from NumPy's functions."""
    results = []
    for found in (blas.library(), {}):
        monkeypatch.setattr(blas, "library", lambda found=found: found)
        for options in ({}, {"momentum": 0.9}, {"momentum": 0.9, "nesterov": True}):
            p = Parameter(np.linspace(-1, 1, 40000, dtype=np.float32))
            results.append(walk(optim.SGD([p], lr=0.1, **options), [p], 3)[0])
        assert any(numpys_threads) == bool(found)
        numpys_threads.clear()
    for ours, theirs in zip(results[:3], results[3:]):
        np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=1e-6)


def test_who_has_the_processors_adds(monkeypatch, numpys_threads):
    for threads, asked in (("numpy", True), ("", True), ("onednn", False)):
        monkeypatch.setattr(active.SWITCH, "threads", threads)
        p = Parameter(normal(300))
        walk(optim.SGD([p], lr=0.1), [p], 1)
        assert bool(numpys_threads) == asked
        numpys_threads.clear()
    monkeypatch.setattr(active.SWITCH, "threads", "")
    with autograd.config.kernels.using(onednn=True):  # nobody's threads are in use so far: one update is all by one library
        for dtype in DTYPES:
            for more in {}, {"momentum": 0.9}, {"weight_decay": 0.1}:
                p = Parameter(normal(300).astype(dtype))
                walk(optim.SGD([p], lr=0.1, **more), [p], 1)
                assert bool(numpys_threads) == (not more or dtype is np.float64 or MISSING)
                numpys_threads.clear()


def test_addresses(monkeypatch):
    whole = normal(5, 7)
    for a in (whole, whole[2:, ::3].T, whole[::-1], np.zeros((0, 3)), np.array(2.0), np.broadcast_to(whole, (4, 5, 7))):
        assert address(a) == told_address(a)
    assert address is (read_address if stands_there() else told_address)
    monkeypatch.setattr("autograd.kernels.address.HEAD", 24)  # another place: the number of dimensions, say
    assert not stands_there()


@here
@pytest.mark.parametrize("dtype", DTYPES)
def test_products_that_are_added(dtype):
    """Of matrices whose rows lie apart, or their columns; bound once, computed anew with each call."""
    def apart(m):
        return np.concatenate([m, m], 1)[:, : m.shape[1]]

    for rows, inner, columns in ((1, 1, 1), (5, 3, 4), (64, 33, 70)):
        for kind, other in ((np.ascontiguousarray, apart), (apart, np.asfortranarray), (np.asfortranarray, np.asfortranarray)):
            a, b = kind(normal(rows, inner).astype(dtype)), other(normal(inner, columns).astype(dtype))
            memory = np.full((rows, columns + 3), np.nan, dtype)
            out = memory[:, :columns]
            blas.multiplication(a, b, out)()
            np.testing.assert_allclose(out, a @ b, rtol=1e-4, atol=1e-5)
            add = blas.multiplication(a, b, out, add=True)
            add()
            a *= 2
            add()
            np.testing.assert_allclose(out, 2 * (a @ b), rtol=1e-4, atol=1e-5)
            assert np.isnan(memory[:, columns:]).all()
    a, b, out = np.ones((2, 3), dtype), np.ones((3, 4), dtype), np.ones((2, 4), dtype)
    for given in ((a, a, out), (a, b, a), (a, b.astype(np.float16), out), (a, b, np.asfortranarray(out)), (a[:, ::2], b[::2], out),
                  (a, np.ones((3, 8), dtype)[:, ::2], out), (a[::-1], b, out)):
        with pytest.raises(ValueError, match=r"are not multiplied into|lie as BLAS wants them"):
            blas.multiplication(*given)
    assert np.all(out == 1)


@here
def test_a_product_that_is_not_added_is_not_trusted():
    right = blas.library()[np.dtype(np.float64)]

    def replaces(*numbers):
        right.gemm(*numbers[:11], 0.0, *numbers[12:])

    kind = ctypes.CFUNCTYPE(None, *right.gemm.argtypes)
    assert blas.computes(right, np.float64) and not blas.computes(right._replace(gemm=kind(replaces)), np.float64)
    assert not blas.multiplies(np.dtype(np.int64)) and not blas.multiplies(np.dtype(np.complex64))


@pytest.mark.skipif(MISSING, reason=WHY)
def test_numpys_threads_are_not_woken_beside_onednns(monkeypatch):
    """A small matrix times a long one, and a row times a matrix: NumPy would use several threads, which would wait beside oneDNN's."""
    asked, usual = [], multiplication.by_onednn

    def noted(name, work, *rest):
        asked.append(work)
        return usual(name, work, *rest)

    monkeypatch.setattr(multiplication, "by_onednn", noted)
    shapes = [((32, 10), (10, 2048)), ((10, 32), (32, 2048)), ((2048, 10), (10, 32)), ((1, 128), (128, 96)), ((96, 128), (128, 1))]
    for threads, expected in (("onednn", 5), ("numpy", 3)):
        monkeypatch.setattr(active.SWITCH, "threads", threads)
        for a, b in shapes:
            x, y = normal(*a), normal(*b)
            np.testing.assert_allclose(product(x, y), x @ y, rtol=1e-4, atol=1e-4)
            out = np.empty((a[0], b[1]), np.float32)
            np.testing.assert_allclose(product_into(x, y, out), x @ y, rtol=1e-4, atol=1e-4)
        assert len(asked) == 2 * expected
        asked.clear()
        product(normal(20, 20), normal(20, 20))
        assert not asked
