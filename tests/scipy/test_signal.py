"""Is `convolve` SciPy's, and the sum that it stands for, with any axes?"""

import numpy as np
import pytest
import scipy.signal

from autograd import grad
from autograd.check import check_grads
from autograd.scipy.signal import convolve, fftconvolve

rng = np.random.default_rng(0)


@pytest.mark.parametrize("mode", ["full", "same", "valid"])
@pytest.mark.parametrize(("a", "b"), [((5,), (3,)), ((3,), (5,)), ((6,), (4,)), ((4,), (1,)), ((5, 4), (3, 2)), ((2, 3), (4, 3)),
                                      ((5, 4, 3), (2, 2, 3)), ((3, 4, 3, 3), (2, 2, 1, 2))])
def test_all_axes_are_scipys(a, b, mode):
    a, b = rng.normal(size=a), rng.normal(size=b)
    for f in (convolve, fftconvolve):
        assert np.allclose(f(a, b, mode=mode), scipy.signal.convolve(a, b, mode=mode)), f
    assert np.allclose(convolve(a, b, mode), convolve(a, b, mode=mode))  # SciPy's place for the mode
    if a.ndim < 4:
        check_grads(lambda a, b: convolve(a, b, mode=mode), (a, b))
    if a.ndim < 3:
        check_grads(lambda a, b: fftconvolve(a, b, mode), (a, b))


def naive(a, b, mode):
    """(N, C, H, W) with (C, O, h, w): slid over the last two axes, summed over C."""
    return np.stack([np.stack([sum(scipy.signal.convolve(a[n, c], b[c, o], mode) for c in range(a.shape[1])) for o in range(b.shape[1])])
                     for n in range(a.shape[0])])


@pytest.mark.parametrize("mode", ["full", "same", "valid"])
def test_images_and_filters(mode):
    a, b = rng.normal(size=(2, 3, 5, 4)), rng.normal(size=(3, 2, 3, 2))
    y = convolve(a, b, axes=([2, 3], [2, 3]), dot_axes=([1], [0]), mode=mode)
    assert np.allclose(y, naive(a, b, mode))
    turned = convolve(a.transpose(3, 1, 0, 2), b.transpose(1, 2, 3, 0), axes=([0, -1], [2, 1]), dot_axes=([1], [-1]), mode=mode)
    assert np.allclose(turned, y.swapaxes(2, 3))
    check_grads(lambda a, b: convolve(a, b, axes=([2, 3], [2, 3]), dot_axes=([1], [0]), mode=mode), (a, b))


def test_axes_that_are_neither_are_an_outer_product():
    a, b = rng.normal(size=(5, 4)), rng.normal(size=(3, 2))
    y = convolve(a, b, axes=([0], [0]))
    assert y.shape == (4, 2, 7) and np.allclose(y[1, 0], np.convolve(a[:, 1], b[:, 0]))
    assert np.allclose(convolve(a, a, axes=([], []), dot_axes=([0, 1], [0, 1])), np.sum(a * a))


@pytest.mark.parametrize("axes", [None, 0, [1], (0, -1)])
def test_fftconvolve_along_some_axes(axes):
    a, b = rng.normal(size=(4, 5)), rng.normal(size=(4 if axes == [1] else 3, 5 if axes == 0 else 2))
    for mode in ("full", "same", "valid"):
        assert np.allclose(fftconvolve(a, b, mode, axes), scipy.signal.fftconvolve(a, b, mode, axes))
    z = a + 1j * a[::-1]
    assert np.allclose(fftconvolve(z, b, "full", axes), scipy.signal.fftconvolve(z, b, "full", axes))


@pytest.mark.parametrize(("call", "says"), [
    (lambda: convolve(np.ones(3), np.ones((2, 2))), r"unlike numbers of axes. Say which to convolve"),
    (lambda: convolve(np.ones((5, 4)), np.ones((3, 5)), mode="valid"), "one array must be the longer along each axis"),
    (lambda: convolve(np.ones(3), np.ones(3), mode="circular"), "mode must be 'full', 'same' or 'valid', but is 'circular'"),
    (lambda: convolve(np.ones((3, 3)), np.ones((3, 3)), axes=([0], [0, 1])), "come in pairs"),
    (lambda: convolve(np.ones((3, 2)), np.ones((3, 3)), axes=([0], [0]), dot_axes=([1], [1])), "have equal lengths"),
    (lambda: convolve(np.ones((3, 2)), np.ones((3, 2)), axes=([0, 0], [0, 1])), "an axis is named twice"),
    (lambda: fftconvolve(np.ones(3), np.ones((2, 2))), "equally many axes"),
    (lambda: fftconvolve(np.ones((5, 4)), np.ones((3, 5)), "valid"), "the longer along every axis")])
def test_bad_calls_are_told(call, says):
    with pytest.raises(ValueError, match=says):
        call()


def test_a_kernel_is_found():
    """Least squares by gradient descent finds the kernel that blurred a signal."""
    x, true = rng.normal(size=64), np.array([0.2, 0.6, 0.2])
    y, kernel = np.convolve(x, true), np.zeros(3)
    for _ in range(200):
        kernel -= 0.005 * grad(lambda k: np.sum((convolve(x, k) - y) ** 2))(kernel)
    assert np.allclose(kernel, true, atol=1e-6)


def test_the_rest_is_scipys():
    from autograd.scipy import signal

    assert signal.get_window is scipy.signal.get_window
