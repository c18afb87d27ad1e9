"""Polynomials, samples, statistics, histograms, sets, sequences, ranges: are they NumPy's where the laws do not look?

On integers, lists, corner cases and rarely used options the results are compared with NumPy's; where elements of two arguments are
equal, or a length depends on the values, so that the laws have nothing to compare, gradients are checked here.

Read next: `test_overrides.py`.
"""

import warnings

import numpy as np
import pytest

from autograd import check_grads, elementwise_grad, grad, jacobian, ops, tensor
from autograd.differences import plain
from autograd.tree import flatten

X = np.array([[0.3, -1.2, 2.5], [1.1, 0.3, -0.4]])
ROW = np.array([0.5, 2.0, -1.0, 2.0, 4.0])
HOLES = np.array([[1.0, np.nan, 3.0, 2.0], [np.nan, 5.0, np.nan, 4.0], [0.5, 6.0, 2.0, 7.0]])
Z = np.array([1 + 2j, -0.5j, 3])

CALLS = [
    ("append", ([1, 2], [[3], [4]]), {}), ("append", (X, X[:1]), {"axis": 0}),
    ("insert", ([1, 2, 3], 1, 9), {}), ("insert", (X, 1, [7.0, 8.0]), {"axis": 1}), ("insert", (X, [0, 2], 9.0), {"axis": 1}),
    ("insert", (X, [0, 2], [[1.0, 2.0], [3.0, 4.0]]), {"axis": 1}), ("insert", (X, slice(0, 2), 5.0), {"axis": 1}),
    ("insert", (ROW, [-1, 2, 2], [1.0, 2.0, 3.0]), {}), ("insert", (ROW, np.array([True, False, True, False, False]), 0.0), {}),
    ("insert", (X, 1, X[:, :1].T), {"axis": 1}),
    ("delete", (X, 1), {"axis": 1}), ("delete", (X, [0, -1]), {"axis": 1}), ("delete", (ROW, slice(None, None, 2)), {}),
    ("delete", (ROW, np.array([True, False, True, False, False])), {}), ("delete", (X, []), {}),
    ("trim_zeros", (np.array([0, 0, 1, 0, 2, 0]),), {}), ("trim_zeros", (np.array([0, 0, 1, 0, 2, 0]), "F"), {}),
    ("trim_zeros", (np.zeros(3),), {}), ("trim_zeros", (np.array([0.0, 1.0, 0.0]), "b"), {}),
    ("meshgrid", ([1, 2], [3.0, 4.0, 5.0], [6]), {"sparse": True}), ("meshgrid", (), {}), ("meshgrid", (2.0, [1, 2]), {"indexing": "ij"}),
    ("sliding_window_view", (np.arange(24).reshape(2, 3, 4), (2, 2)), {"axis": (0, -1)}),
    ("union1d", ([3, 1, 2], [2, 5]), {}), ("intersect1d", ([3, 1, 2, 2], [2, 5, 1]), {"return_indices": True}),
    ("intersect1d", ([3, 1, 2], [2, 5, 1]), {"assume_unique": True}), ("setdiff1d", ([3, 1, 2, 3], [2, 5]), {}),
    ("setdiff1d", ([3, 1, 2], [2, 5]), {"assume_unique": True}), ("setxor1d", ([3, 1, 2, 3], [2, 5]), {}),
    ("setxor1d", ([3, 1, 2], [2, 5]), {"assume_unique": True}), ("unique", (HOLES,), {"equal_nan": False, "return_counts": True}),
    ("unique", (X,), {"axis": 1, "return_inverse": True}), ("unique_counts", (HOLES,), {}), ("unique_all", ([[3, 1], [1, 3]],), {}),
    ("linspace", (0, 10), {"num": 5, "dtype": int}), ("linspace", (0, [1.0, 2.0]), {"num": 3, "axis": -1, "endpoint": False}),
    ("linspace", (0, 1), {"num": 1, "retstep": True}), ("linspace", (1j, 2), {"num": 3}), ("linspace", (2.0, 2.0), {"num": 3}),
    ("logspace", (0, 3), {"num": 4, "base": 2}), ("logspace", (0, [1.0, 2.0]), {"num": 3, "base": [2.0, 3.0], "axis": 1}),
    ("logspace", (0, 3), {"num": 4, "dtype": int}), ("geomspace", (1, 1000), {"num": 4}), ("geomspace", (-1, -8.0), {"num": 4}),
    ("geomspace", (1j, 1000j), {"num": 4}), ("geomspace", (1, [8.0, 27.0]), {"num": 4, "axis": -1, "endpoint": False}),
    ("geomspace", (1, 8), {"num": 4, "dtype": int}),
    ("convolve", ([1, 2, 3], [0, 1, 5]), {"mode": "same"}), ("convolve", (Z, [1j, 2]), {}), ("correlate", (Z, [1j, 2]), {"mode": "full"}),
    ("correlate", ([1.0, 2.0], ROW), {"mode": "same"}), ("correlate", (ROW, [1, 2]), {}), ("convolve", (2.0, ROW), {}),
    ("polyadd", ([1, 2], [3, 4, 5]), {}), ("polysub", ([1, 2], 3), {}), ("polymul", ([0, 1, 2], [0, 0]), {}),
    ("polymul", ([1, 2], 3.0), {}),
    ("polydiv", ([1, 5, 6, 0], [1, 2]), {}), ("polydiv", ([1.0], [1.0, 2.0]), {}), ("polydiv", ([2.0, 4.0, 1.0], [2.0]), {}),
    ("polydiv", ([1, -3, 2], [1, -1]), {}), ("polydiv", (Z, [1j, 1.0]), {}),
    ("polyder", ([1, 2, 3],), {"m": 0}), ("polyder", ([1, 2, 3],), {"m": 5}), ("polyint", ([1, 2, 3],), {"m": 2, "k": [1.0, 2.0]}),
    ("polyint", ([6.0],), {"m": 3, "k": 4.0}), ("polyval", ([1, 2, 3], [[1, 2], [3, 4]]), {}), ("polyval", ([], 3.0), {}),
    ("polyval", ([1, 2j], Z), {}), ("vander", ([1, 2, 3],), {}), ("vander", (ROW, 3), {"increasing": True}), ("vander", ([], 3), {}),
    ("roots", ([1, -3, 2, 0, 0],), {}), ("roots", ([0, 0, 1, 0, 1],), {}), ("roots", ([5.0],), {}), ("poly", ([],), {}),
    ("poly", ([1, 2, 3],), {}), ("poly", ([1j, -1j, 2],), {}), ("poly", ([1j, 2],), {}), ("poly", ([[1, 2], [3, 4]],), {}),
    ("polyfit", ([0, 1, 2, 3], [1, 3, 2, 5], 1), {}), ("polyfit", (ROW[:4] + np.arange(4), ROW[1:], 2), {"full": True}),
    ("polyfit", (np.arange(5), np.stack([ROW, ROW**2], 1), 2), {"w": [1, 2, 1, 2, 1], "cov": True}),
    ("polyfit", (np.arange(5), ROW, 1), {"cov": "unscaled"}),
    ("interp", ([0.5, 9.0, -3.0, 2.0, np.nan], [0, 1, 2], [3, 5, 4]), {"left": -1, "right": -2}), ("interp", (2.5, [1.0], [7.0]), {}),
    ("interp", ([2.0, 0.0, 1.0, 1.5], [0, 1, 2], [3j, 5, 4]), {}),
    ("interp", ([-5.0, 0.0, 400.0], [190, 370, 10.0], [5, 10, 3]), {"period": 360}),
    ("gradient", (np.array([1, 4, 9, 16]),), {}), ("gradient", (np.outer(ROW, ROW), 2.0, [0.0, 1.0, 3.0, 3.5, 9.0]), {"edge_order": 2}),
    ("gradient", (X,), {"axis": (1, 0)}), ("gradient", (Z, [0.0, 1.0, 3.0]), {}), ("gradient", (X,), {"axis": -1, "edge_order": 2}),
    ("ediff1d", ([1, 2, 4, 7],), {"to_begin": -9, "to_end": [8, 9]}), ("ediff1d", (X,), {}), ("ediff1d", (5.0,), {"to_end": 1.0}),
    ("unwrap", ([0.0, 0.8, 2.4, 3.1, 6.3, 0.1, 0.4],), {}), ("unwrap", ([0, 1, 2, -1, 0],), {"period": 4}),
    ("unwrap", (np.array([0.0, 3.0, 8.0, 1.0]),), {"discont": 6.0}), ("unwrap", ([[0.0, 5.0], [6.0, 0.0]],), {"axis": 0}),
    ("unwrap", ([2, 3, 4, 5, 2, 3, 4, 5],), {"period": 4}), ("unwrap", ([1.0],), {}), ("unwrap", ([0.0, np.pi, 0.0, -np.pi],), {}),
    ("cumulative_sum", ([1, 2, 3],), {"include_initial": True}), ("cumulative_prod", (X,), {"axis": 1, "include_initial": True}),
    ("cumulative_sum", (np.array([1, 2], np.int8),), {"dtype": float}),
    ("sort_complex", ([3, 1, 2],), {}), ("sort_complex", (Z,), {}), ("sort_complex", (np.array([2, 1], np.int8),), {}),
    ("cov", ([1, 2, 4],), {}), ("cov", (X,), {"rowvar": False}), ("cov", (X, X[::-1] ** 2), {"ddof": 0}),
    ("cov", (X,), {"fweights": [1, 2, 1], "aweights": [0.5, 1.0, 2.0]}), ("cov", (X,), {"aweights": [0.5, 1.0, 2.0], "bias": True}),
    ("cov", (np.stack([Z, Z * 1j]),), {}), ("cov", ([1.0, 2.0], [3.0, 5.0]), {"rowvar": False}), ("cov", (X,), {"fweights": [1, 2, 1]}),
    ("corrcoef", (X,), {}), ("corrcoef", ([1.0, 2.0, 4.0],), {}), ("corrcoef", (np.stack([Z, Z**2]),), {}),
    ("corrcoef", (X[0], X[1]), {"rowvar": False}),
    ("nanmedian", (HOLES,), {"axis": (0, 1), "keepdims": True}), ("nanmedian", (HOLES,), {"axis": 1}), ("nanmedian", ([1, 2, 4],), {}),
    ("nanquantile", (HOLES, [0.1, 0.5]), {"axis": 0}), ("nanquantile", (HOLES, 0.4), {"axis": 1, "method": "weibull"}),
    ("nanquantile", (HOLES, [0.3, 0.8]), {"axis": 1, "method": "inverted_cdf", "weights": np.ones(HOLES.shape) + np.eye(3, 4)}),
    ("nanpercentile", (HOLES, 40), {}), ("quantile", (X, 0.4), {"method": "inverted_cdf", "weights": np.abs(X), "axis": 1}),
    ("quantile", (HOLES, [0.4, 0.9]), {"axis": 0}), ("percentile", (X, 40), {"method": "inverted_cdf", "weights": np.abs(X)}),
    ("quantile", (X, 0.4), {"method": "inverted_cdf", "weights": [2, 1, 5], "axis": 1, "keepdims": True}),
    ("bincount", ([0, 1, 1, 5],), {}), ("bincount", ([0, 1, 1, 5],)  , {"weights": [1, 2, 3, 4], "minlength": 8}),
    ("bincount", (np.zeros(0, int),), {"minlength": 2}),
    ("histogram", ([1, 2, 1, 7, 3],), {}), ("histogram", ([1, 2, 1, 7, 3],), {"bins": 3, "range": (0, 5), "density": True}),
    ("histogram", (ROW,), {"bins": "auto"}), ("histogram", (ROW,), {"bins": "fd", "range": (-2, 3)}), ("histogram", ([],), {"bins": 2}),
    ("histogram", ([3, 3],), {"bins": 2}), ("histogram", ([2, 1, 2],), {"bins": [0, 1, 2]}),
    ("histogram", (ROW,), {"bins": 4, "weights": [1, 2, 3, 4, 5]}), ("histogram", (ROW,), {"bins": 4, "weights": ROW * 1j}),
    ("histogram", (HOLES,), {"bins": [0, 2, 4]}), ("histogram_bin_edges", (X,), {"bins": "sturges"}),
    ("histogram_bin_edges", (X,), {"bins": [1, 2, 2, 3]}),
    ("histogram2d", (ROW, ROW[::-1]), {"bins": [2, [0, 1, 5]]}), ("histogram2d", (ROW, ROW[::-1]), {"bins": [-1.0, 0.0, 1.0, 5.0]}),
    ("histogram2d", (ROW, ROW**2), {"bins": 3, "range": [[0, 3], [0, 9]], "density": True}),
    ("histogramdd", (X.T,), {"bins": (2, 3), "weights": [1.0, 2.0, 4.0]}), ("histogramdd", ([ROW, ROW**2, ROW],), {"bins": 2}),
    ("histogramdd", (X.T,), {"bins": 2, "range": [None, (-1, 2)], "density": True}),
    ("piecewise", (ROW, ROW > 1, [5.0]), {}), ("piecewise", (2.0, [False, True], [1.0, lambda x: x * 3]), {}),
    ("piecewise", (ROW, [ROW < 0, ROW > 1], [lambda x, k: x * k, -1.0, lambda x, k: k], 7.0), {}),
    ("piecewise", (np.array([1, 2, 3]), [[True, False, False]], [lambda x: x * 2, 9]), {}),
    ("apply_along_axis", (sorted, 1, X), {}), ("apply_along_axis", (lambda r, k: r.sum() * k, 0, X, 3.0), {}),
    ("apply_along_axis", (np.diag, -1, X), {}), ("apply_over_axes", (np.sum, np.arange(24).reshape(2, 3, 4), [0, 2]), {}),
    ("apply_over_axes", (np.cumsum, X, -1), {}),
    ("pad", (X, 2, "linear_ramp"), {"end_values": ((1, 2), (3, 4))}), ("pad", ([1, 2, 4], 2, "mean"), {}),
    ("pad", (X, ((0, 3), (7, 1)), "reflect"), {"reflect_type": "odd"}), ("pad", ([5.0], 2, "symmetric"), {"reflect_type": "odd"}),
    ("pad", (X, 1, "median"), {"stat_length": ((1, 2), (2, 2))}), ("pad", (X, {1: (2, 0)}, "maximum"), {}),
    ("pad", (X, 1, lambda row, widths, axis, options: row.__setitem__(0, options["k"])), {"k": 3.0}),
]


def theirs(name):
    return np.lib.stride_tricks.sliding_window_view if name == "sliding_window_view" else getattr(np, name)


@pytest.mark.parametrize(("name", "args", "kwargs"), CALLS, ids=[f"{name}-{k}" for k, (name, _, _) in enumerate(CALLS)])
def test_results_are_those_of_numpy(name, args, kwargs):
    expected, got = flatten(theirs(name)(*args, **kwargs))[0], flatten(getattr(ops, name)(*args, **kwargs))[0]
    assert len(expected) == len(got)
    for a, b in zip(expected, got):
        a, b = plain(a), plain(b)
        assert a.shape == b.shape and a.dtype == b.dtype
        np.testing.assert_allclose(b, a, rtol=1e-12, atol=1e-14)


# ---- gradients where the laws have nothing to compare -------------------------------------------------------------


@pytest.mark.parametrize("f", [
    lambda x: np.union1d(x[:3], x[1:]), lambda x: np.intersect1d(x[:3], x[1:]), lambda x: np.setdiff1d(x[:3], x[1:]),
    lambda x: np.setxor1d(x[:3], x[1:]), lambda x: np.unique_values(np.concatenate([x, x])),
    lambda x: np.trim_zeros(np.concatenate([[0.0], x, [0.0, 0.0]])), lambda x: np.polymul(np.append([0.0, 0.0], x), x),
    lambda x: np.bincount([1, 1, 0, 3], x),
])
def test_elements_move_together(f):
    check_grads(f, (np.array([3.0, 1.0, 4.0, 2.0]),))


def test_the_gradient_goes_to_the_first_of_equal_elements():
    a, b = np.array([1.0, 2.0, 2.0]), np.array([2.0, 5.0])
    np.testing.assert_array_equal(grad(lambda a: np.union1d(a, b).sum())(a), [1, 1, 0])
    np.testing.assert_array_equal(grad(lambda b: np.union1d(a, b).sum())(b), [0, 1])
    np.testing.assert_array_equal(grad(lambda b: np.intersect1d(a, b).sum())(b), [0, 0])


def test_roots_at_zero_and_complex_ones():
    p = np.array([2.0, 0.0, 2.0, 0.0])  # 2 x (x^2 + 1)
    np.testing.assert_allclose(sorted(ops.roots(p), key=lambda r: r.imag), [-1j, 0, 1j], atol=1e-15)
    product = grad(lambda p: np.prod(np.roots(p)[:2]).real)  # of the two others it is p[2] / p[0]
    np.testing.assert_allclose(product(p), [-0.5, 0, 0.5, 0], atol=1e-12)
    total = grad(lambda p: np.sum(np.roots(p)).real)  # -p[1] / p[0]
    np.testing.assert_allclose(total(np.array([2.0, 3.0, 4.0, 5.0])), [0.75, -0.5, 0, 0], atol=1e-12)


def test_a_characteristic_polynomial_has_a_derivative_where_eigenvalues_meet():
    np.testing.assert_allclose(jacobian(np.poly)(np.eye(2)), [[[0, 0], [0, 0]], [[-1, 0], [0, -1]], [[1, 0], [0, 1]]])
    check_grads(np.poly, (np.diag([1.0, 1.0, 2.0]) + 0.0,))


def test_knots_have_the_slope_on_the_right():
    xp, fp = np.array([0.0, 1.0, 3.0]), np.array([0.0, 2.0, 3.0])
    x = np.array([-1.0, 0.0, 0.5, 1.0, 2.0, 3.0, 4.0])
    np.testing.assert_array_equal(elementwise_grad(lambda x: np.interp(x, xp, fp))(x), [0, 2, 2, 0.5, 0.5, 0.5, 0])


@pytest.mark.parametrize("f, results", [(np.nanmedian, 1), (lambda x: np.nanquantile(x, 0.3), 1),
                                        (lambda x: np.nanpercentile(x, 60, axis=1).sum(), 3)])
def test_no_gradient_goes_to_nan(f, results):
    g = grad(f)(HOLES)
    assert not g[np.isnan(HOLES)].any() and g.sum() == pytest.approx(results)  # moving all elements moves all quantiles


def test_a_row_of_nan_has_no_quantile():
    with pytest.warns(RuntimeWarning, match="no element but NaN"):
        y = ops.nanmedian(np.array([[np.nan, np.nan], [1.0, 2.0]]), axis=1)
    np.testing.assert_array_equal(y, [np.nan, 1.5])


def test_a_fit_that_is_not_determined_warns():
    with pytest.warns(RuntimeWarning, match="rank deficient"):
        ops.polyfit([1.0, 1.0, 1.0], [1.0, 2.0, 3.0], 1)


@pytest.mark.parametrize("f", [
    np.emath.sqrt, np.emath.log, np.emath.log2, np.emath.log10, lambda x: np.emath.logn(3, x), lambda x: np.emath.power(x, 1.5),
    np.emath.arccos, np.emath.arcsin, np.emath.arctanh,
])
@pytest.mark.parametrize("x", [[0.5, 0.7], [0.5, -0.7], [0.5, 1.7, -2.5]])
def test_principal_values_are_those_of_numpy(f, x):
    x = np.array(x)
    y = f(tensor(x))
    assert y.dtype == f(x).dtype
    np.testing.assert_array_equal(y.numpy(), f(x))
    check_grads(lambda x: f(x).imag + f(x).real, (x,))


def test_what_is_padded_with_has_a_gradient():
    check_grads(lambda x, c: np.pad(x, 1, constant_values=((c, 2.0), (c * c, 3.0))), (X, np.float64(2.0)))
    check_grads(lambda x, c: np.pad(x, (2, 1), "linear_ramp", end_values=c), (X, np.array([1.0, -2.0])))

    def doubled(row, widths, axis, options):
        row[:1] = row[1] * options["k"]

    check_grads(lambda x, k: np.pad(x, 1, doubled, k=k), (X, np.float64(3.0)))


def test_integers_stay_integers():
    assert np.emath.power(tensor([2, 3]), 2).dtype == int and np.emath.power(tensor([2, 4]), -1).tolist() == [0.5, 0.25]
    assert np.emath.power(tensor([-2, 4]), np.array([2, -1])).dtype == complex


@pytest.mark.parametrize("call, error, message", [
    (lambda: ops.insert([1, 2], 0, 0.5), TypeError, "would round them"),
    (lambda: ops.trim_zeros(ROW, "x"), ValueError, "'f', 'b' or 'fb'"),
    (lambda: ops.meshgrid(ROW, indexing="ji"), ValueError, "'xy' or 'ij'"),
    (lambda: ops.linspace(0, 1, -1), ValueError, "must not be negative"),
    (lambda: ops.geomspace(0, 1), ValueError, "from zero"),
    (lambda: ops.convolve([], ROW), ValueError, "a cannot be empty"),
    (lambda: ops.convolve(X, ROW), ValueError, "ops.conv"),
    (lambda: ops.correlate(ROW, ROW, "all"), ValueError, "'full', 'same' or 'valid'"),
    (lambda: ops.polyder(ROW, -1), ValueError, "0 or more"),
    (lambda: ops.polyint(ROW, 2, [1.0, 2.0, 3.0][:0]), ValueError, "constants"),
    (lambda: ops.polyval(ROW, np.poly1d([1, 2])), TypeError, "polymul and polyadd"),
    (lambda: ops.vander(X), ValueError, "one axis"),
    (lambda: ops.poly(X), ValueError, "square matrix"),
    (lambda: ops.polyfit(ROW, ROW[1:], 1), TypeError, r"\(n,\)"),
    (lambda: ops.polyfit(ROW, ROW, -1), ValueError, "0 or more"),
    (lambda: ops.polyfit(ROW[:2], ROW[:2], 1, cov=True), ValueError, "unscaled"),
    (lambda: ops.polyfit(ROW, ROW, 1, w=X), TypeError, "one weight for each"),
    (lambda: ops.interp(1.0, ROW, ROW[1:]), ValueError, "one length"),
    (lambda: ops.interp(1j, ROW, ROW), TypeError, "real numbers"),
    (lambda: ops.interp(1.0, ROW, ROW, period=0), ValueError, "must not be 0"),
    (lambda: ops.gradient(X, 1.0, 2.0, 3.0), TypeError, "3 spacings for 2 axes"),
    (lambda: ops.gradient(X, ROW, ROW), ValueError, "2 numbers"),
    (lambda: ops.gradient(X[:1]), ValueError, "too few samples"),
    (lambda: ops.gradient(X, edge_order=3), ValueError, "1 or 2"),
    (lambda: ops.ediff1d([1, 2], to_end=0.5), TypeError, "does not fit"),
    (lambda: ops.sliding_window_view(X, (2,)), ValueError, "1 lengths"),
    (lambda: ops.sliding_window_view(X, (-1, 2)), ValueError, "cannot be negative"),
    (lambda: ops.cumulative_sum(X), ValueError, "axis="),
    (lambda: ops.cov(X, ddof=0.5), ValueError, "integer"),
    (lambda: ops.cov(np.zeros((2, 2, 2))), ValueError, "two axes"),
    (lambda: ops.cov(X, aweights=[1.0, -1.0, 0.0]), ValueError, "negative"),
    (lambda: ops.cov(X, fweights=[0.5, 1.0, 0.0]), TypeError, "whole numbers"),
    (lambda: ops.cov(X, fweights=[1, 2]), RuntimeError, "3 observations"),
    (lambda: ops.quantile(X, 0.5, weights=ROW, method="inverted_cdf"), ValueError, "fit neither"),
    (lambda: ops.nanquantile(Z, 0.5), TypeError, "no order"),
    (lambda: grad(lambda q: ops.nanquantile(X, q))(0.3), TypeError, "no gradient with respect to q"),
    (lambda: ops.histogram(X, weights=ROW), ValueError, "shape of the samples"),
    (lambda: ops.histogram(X, 0), ValueError, "at least one bin"),
    (lambda: ops.histogram(X, 2.5), TypeError, "an integer, a name, or the edges"),
    (lambda: ops.histogram(X, [2, 1]), ValueError, "must not decrease"),
    (lambda: ops.histogram(X, X), ValueError, "one row"),
    (lambda: ops.histogram(X, range=(1, 0)), ValueError, "smaller to the larger"),
    (lambda: ops.histogram(HOLES), ValueError, "not finite"),
    (lambda: ops.histogram(Z), TypeError, "no order"),
    (lambda: ops.histogramdd(X, (1, 2)), ValueError, "3 coordinates"),
    (lambda: ops.histogram2d(ROW, X), ValueError, "rows of one length"),
    (lambda: ops.pad(ROW, 1, "mirror"), ValueError, "one of 'constant'"),
    (lambda: ops.pad(ROW, 1, "edge", constant_values=1), ValueError, "takes no constant_values"),
    (lambda: ops.pad(ROW, 1, "mean", stat_length=0), ValueError, "1 or more"),
    (lambda: ops.pad(ROW[:0], 1, "mean"), ValueError, "nothing to take"),
    (lambda: ops.pad(ROW, 1, "reflect", reflect_type="both"), ValueError, "'even' or 'odd'"),
    (lambda: ops.piecewise(ROW, [ROW > 1], [1, 2, 3]), ValueError, "1 conditions need as many"),
    (lambda: ops.apply_along_axis(np.sum, 0, np.zeros((2, 0))), ValueError, "no row"),
    (lambda: ops.apply_over_axes(lambda a, k: a.sum(), X, 0), ValueError, "keep the axis or take it away"),
])
def test_what_is_said_to_bad_arguments(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_what_numpy_refuses_is_refused():
    """Random bad calls: wherever NumPy raises, so do we."""
    for name, args, kwargs in (("append", (X, ROW), {"axis": 0}), ("insert", (ROW, 9, 1.0), {}), ("delete", (ROW, 9), {}),
                               ("delete", (ROW, 0), {"axis": 1}), ("linspace", (0, 1, 2.5), {}), ("sliding_window_view", (X, (9, 1)), {}),
                               ("bincount", ([-1],), {}), ("bincount", ([0, 1], [1.0]), {}), ("insert", (X, [0, 1], ROW), {"axis": 0})):
        for f in (theirs(name), getattr(ops, name)):
            with pytest.raises((ValueError, IndexError, TypeError)), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                f(*args, **kwargs)
