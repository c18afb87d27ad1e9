"""The corners of the reductions: zeros, ties, NaN, infinities, and what is refused.

That the gradients are right where nothing special happens, `test_laws.py` shows. The numbers here are PyTorch 2.13's.
"""

import math
import sys

import numpy as np
import pytest

from autograd import elementwise_grad, grad, hessian, ops
from autograd.ops.scans import row_by_row

Z = np.array([[3.0, 1.0, 3.0], [0.0, 0.0, 0.0], [2.0, 5.0, -1.0]])


@pytest.mark.parametrize("f, expected", [
    (lambda x: ops.amax(x, 1), [[0.5, 0, 0.5], [1 / 3, 1 / 3, 1 / 3], [0, 1, 0]]),
    (lambda x: ops.amin(x, (0, 1)), [[0, 0, 0], [0, 0, 0], [0, 0, 1]]),
    (lambda x: ops.std(x, 1, ddof=1), [[0.28867513459481287, -0.5773502691896258, 0.28867513459481287], [0, 0, 0], [0, 0.5, -0.5]]),
    (lambda x: ops.prod(x, 1), [[3, 9, 3], [0, 0, 0], [-5, -2, 10]]),
    (lambda x: ops.norm(x, axis=1), [[0.6882472016116852, 0.22941573387056174, 0.6882472016116852], [0, 0, 0],
                                     [0.3651483716701107, 0.9128709291752769, -0.18257418583505536]]),
    (lambda x: ops.norm(x, 3, axis=1), [[0.6223013117609552, 0.06914459019566169, 0.6223013117609552], [0, 0, 0],
                                        [0.15275313274364327, 0.9547070796477705, -0.03818828318591082]]),
    (lambda x: ops.norm(x, 0.5, axis=1), [[2.577350269189626, 4.464101615137754, 2.577350269189626], [0, 0, 0],
                                          [3.288245611270737, 2.079669127533634, -4.650281539872885]]),
    (lambda x: ops.norm(x, np.inf, axis=1), [[0.5, 0, 0.5], [0, 0, 0], [0, 1, 0]]),
    (lambda x: ops.median(x, 1), [[1, 0, 0], [0, 1, 0], [1, 0, 0]]),
])
def test_kinks_are_those_of_pytorch(f, expected):
    np.testing.assert_allclose(elementwise_grad(f)(Z), expected, rtol=1e-12)


@pytest.mark.parametrize("x", [[0.0, 2, 3], [0.0, 0, 3], [0.0, 0, 0], [1e-200, 1e-200, 1e200]])
def test_product_with_any_number_of_zeros(x):
    a, b, c = x
    np.testing.assert_allclose(grad(ops.prod)(np.array(x)), [b * c, a * c, a * b])
    np.testing.assert_allclose(hessian(ops.prod)(np.array(x)), [[0, c, b], [c, 0, a], [b, a, 0]])
    third = grad(lambda x: grad(lambda x: grad(ops.prod)(x)[0])(x)[1])
    np.testing.assert_allclose(third(np.array(x)), [0, 0, 1])


def test_running_product_with_zeros():
    x = np.array([2.0, 0, 3, 0, 5])
    np.testing.assert_array_equal(elementwise_grad(ops.cumprod)(x), [1, 8, 0, 0, 0])
    np.testing.assert_array_equal(hessian(lambda x: ops.cumprod(x)[3])(x)[1], [0, 0, 0, 6, 0])


def test_logsumexp_of_infinities():
    x = np.array([[-np.inf, -np.inf], [0, -np.inf]])
    np.testing.assert_array_equal(ops.logsumexp(x, 1), [-np.inf, 0])
    np.testing.assert_array_equal(elementwise_grad(lambda x: ops.logsumexp(x, 1))(x), [[0, 0], [1, 0]])
    assert ops.logsumexp(np.array([])) == -np.inf
    assert ops.logsumexp([1, 2]) == pytest.approx(2 + math.log1p(math.exp(-1)))


@pytest.mark.parametrize("f", [ops.nansum, ops.nanmean, ops.nanvar, ops.nanstd, ops.nanprod, ops.nanmax, ops.nanmin])
def test_no_gradient_goes_to_nan(f):
    x = np.array([1.0, np.nan, 2.5])
    np.testing.assert_allclose(grad(f)(x)[[0, 2]], grad(getattr(ops, f.__name__[3:]))(x[[0, 2]]))
    assert grad(f)(x)[1] == 0


@pytest.mark.parametrize("name", ["nanmean", "nanvar", "nanstd", "nansum", "nanprod", "nanmax", "nanmin"])
@pytest.mark.parametrize("x", [np.array([True, False, True]), np.arange(200).astype(np.int8), np.arange(300, dtype=np.uint8), [1, 2], 3])
def test_integers_are_counted_without_overflow(name, x):
    y, expected = getattr(ops, name)(x), getattr(np, name)(x)
    np.testing.assert_allclose(y, expected, rtol=1e-14)
    assert y.dtype == expected.dtype


@pytest.mark.parametrize("f", [ops.nanmean, ops.nanvar, ops.nanstd])
def test_of_nothing_but_nan_there_is_no_moment_and_no_gradient(f):
    x = np.array([[np.nan, np.nan], [1, 3]])
    with pytest.warns(RuntimeWarning, match="there is no"):
        y, dx = f(x, 1), elementwise_grad(lambda x: f(x, 1)[1:])(x)
    np.testing.assert_array_equal(np.isnan(y), [True, False])
    np.testing.assert_array_equal(dx[0], 0)
    with pytest.warns(RuntimeWarning, match="there is no"):
        np.testing.assert_array_equal(grad(f)(np.array([])), [])


@pytest.mark.parametrize("name", ["nanvar", "nanstd"])
def test_without_degrees_of_freedom_there_is_no_variance(name):
    x = np.array([[1.0, np.nan, np.nan], [1, 2, 4]])
    with pytest.warns(RuntimeWarning):
        np.testing.assert_allclose(getattr(ops, name)(x, 1, ddof=1), getattr(np, name)(x, axis=1, ddof=1), rtol=1e-14)
    with pytest.warns(RuntimeWarning):
        assert np.isnan(getattr(ops, name)(np.array([1.0, 2]), ddof=3))
    np.testing.assert_array_equal(grad(getattr(ops, name))(np.array([1.0, 1, np.nan])), 0)  # all equal, as std has it


def test_average_of_no_elements():
    with pytest.warns(RuntimeWarning):
        y, n = ops.average(np.array([]), returned=True)
        assert np.isnan(y) and n == 0
        assert grad(ops.average)(np.array([])).shape == (0,)


def test_nan_goes_through_a_median():
    np.testing.assert_array_equal(ops.median(np.array([[1.0, np.nan, 2], [1, 2, 3]]), 1), [np.nan, 2])


@pytest.mark.parametrize("call, error, message", [
    (lambda: ops.norm(Z, 7), ValueError, "ord=7 is not a norm of matrices"),
    (lambda: ops.norm(Z, axis=(0, 0)), ValueError, "names one twice"),
    (lambda: ops.norm(np.zeros((2, 2, 2)), 1), ValueError, "a vector has one axis and a matrix two"),
    (lambda: ops.vector_norm(Z, ord="fro"), ValueError, "norms of matrices"),
    (lambda: ops.average(Z, weights=np.zeros((3, 3))), ZeroDivisionError, "sum to zero"),
    (lambda: ops.average(Z, weights=[1.0, 2.0, 3.0]), ValueError, "weights of shape"),
    (lambda: ops.var(Z, ddof=1, correction=1), ValueError, "two names"),
    (lambda: ops.diff(Z, -1), ValueError, "negative"),
    (lambda: ops.sort(Z, kind="bogus"), ValueError, "no way of sorting"),
    (lambda: ops.partition(Z, 1, kind="bogus"), ValueError, "no way of selecting"),
    (lambda: grad(lambda q: ops.quantile(Z, q))(0.3), TypeError, "no gradient with respect to q"),
    (lambda: ops.median(np.zeros(0)), ValueError, "no elements"),
])
def test_bad_input_is_explained(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize("f, exact", [(ops.erf, math.erf), (ops.erfc, math.erfc)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_error_function_to_the_last_digits(f, exact, dtype):
    x = np.concatenate([np.linspace(-7, 26 if f is ops.erfc else 7, 20001), np.logspace(-12, 0, 200)]).astype(dtype)
    expected = np.array([exact(v) for v in x.tolist()])
    normal = np.abs(expected) > np.finfo(dtype).tiny
    error = np.abs(f(x) - expected)[normal] / np.spacing(np.abs(expected[normal]).astype(dtype))
    assert error.max() <= 10
    ends = np.array([0, np.inf, -np.inf, np.nan, 1e30], dtype)
    np.testing.assert_array_equal(f(ends), [exact(v) for v in ends.tolist()])
    assert f(x[:3]).dtype == dtype and isinstance(f(x[0]), dtype)


def test_without_scipy_the_error_names_the_extra(monkeypatch):
    from autograd.ops.special import scipy_special

    monkeypatch.setitem(sys.modules, "scipy", None)
    scipy_special.cache_clear()
    with pytest.raises(ImportError, match=r'pip install "onetape\[scipy\]"'):
        ops.gammaln(2.0)
    assert ops.erf(1.0) == pytest.approx(math.erf(1.0))


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, ">f4", np.complex64, np.int32, bool])
def test_sum_and_mean_are_numpys_to_the_last_bit(dtype):
    rng = np.random.default_rng(0)
    for shape, axes in (((), [None, ()]), ((7,), [None, 0, -1]), ((3, 50, 17), [None, 0, 1, -1, (0, 2), (-1, 1), ()])):
        x = (rng.standard_normal(shape) * 9).astype(dtype)
        for y in (x, np.asarray(x)[()], np.asfortranarray(x)):
            for axis in axes:
                for keepdims in (False, True):
                    for ours, theirs in ((ops.sum, np.sum), (ops.mean, np.mean)):
                        a, b = ours(y, axis, keepdims), theirs(y, axis=axis, keepdims=keepdims)
                        assert np.array_equal(a, b) and a.dtype == b.dtype and a.shape == b.shape and type(a) is type(b)
    with pytest.raises(np.exceptions.AxisError):
        ops.mean(np.ones((2, 3)), 2)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, ">f4", np.float16, np.complex64, np.int32])
def test_running_sums_and_products_are_numpys_to_the_last_bit(dtype):
    rng = np.random.default_rng(0)
    for shape, axes in (((6, 700), [0, 1, -2, None]), ((8, 5, 80), [0, 1, 2, -2]), ((2, 4, 3, 600), [0, 1, 2, -3]), ((0, 600), [0, 1])):
        x = rng.standard_normal(shape).astype(dtype)
        for y in (x, np.asfortranarray(x), np.flip(x, 0), x[..., ::-1]):
            for axis in axes:
                for ours, theirs in ((ops.cumsum, np.cumsum), (ops.cumprod, np.cumprod)):
                    a, b = ours(y, axis), theirs(y, axis)
                    assert np.array_equal(a, b) and a.dtype == b.dtype
    for axis in (2, -3):
        with pytest.raises(np.exceptions.AxisError):
            ops.cumsum(np.ones((3, 700)), axis)
    x = rng.standard_normal((6, 700))
    assert np.allclose(grad(lambda x: (ops.cumsum(x, 0) * x).sum())(x), np.cumsum(x, 0) + np.cumsum(x[::-1], 0)[::-1])
    assert row_by_row(np.add, x, 0) is not None and row_by_row(np.add, x.T, 0) is None
