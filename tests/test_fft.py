"""Do the Fourier transforms have NumPy's values, and the gradients of the matrices that they stand for?

The laws (`test_laws.py`, `cases/fourier.py`) hold them against differences. Here: every argument against NumPy, the transform as a
matrix written out, what users do with spectra, and what bad calls are told.
"""

import numpy as np
import pytest

from autograd import grad, hessian, jacobian, ops, tensor, value_and_grad, vjp
from autograd.check import check_grads

ONE_AXIS = ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft")
TWO_AXES = ("fft2", "ifft2", "rfft2", "irfft2")
MANY_AXES = ("fftn", "ifftn", "rfftn", "irfftn")
OF_REAL = ("rfft", "ihfft", "rfft2", "rfftn")
NORMS = (None, "backward", "ortho", "forward")


def signal(name, shape, dtype=np.complex128, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=shape)
    if np.dtype(dtype).kind == "c" and name not in OF_REAL:
        x = x + 1j * rng.normal(size=shape)
    return x.astype(dtype if name not in OF_REAL else np.zeros(0, dtype).real.dtype)


def agree(name, x, **options):
    expected = getattr(np.fft, name)(x, **options)
    for given in (x, tensor(x)):
        y = getattr(ops, name)(given, **options)
        y = y if given is x else y.data
        assert y.dtype == expected.dtype and np.array_equal(y, expected), (name, options)


@pytest.mark.parametrize("name", ONE_AXIS)
def test_one_axis_is_numpys(name):
    x = signal(name, (3, 5, 4))
    for n in (None, 1, 2, 3, 6, 7):
        for axis in (-1, 0, 1, -2):
            for norm in NORMS:
                agree(name, x, n=n, axis=axis, norm=norm)


@pytest.mark.parametrize("name", TWO_AXES + MANY_AXES)
def test_several_axes_are_numpys(name):
    x = signal(name, (3, 5, 4))
    for norm in NORMS:
        agree(name, x, norm=norm)
        for s, axes in [((2, 7), (0, 1)), ((4, 4), (-1, -3)), ((-1, 3), (1, 2)), (None, (2, 0)), ((3, 4), (1, 1)), (None, (-1, 2))]:
            agree(name, x, s=s, axes=axes, norm=norm)
    if name in MANY_AXES:
        agree(name, x, axes=(1,))
        agree(name, x, s=(3, 2, 5), axes=(0, 2, 1))


@pytest.mark.parametrize("name", MANY_AXES)
def test_lengths_without_axes_are_those_of_the_last(name):
    x = signal(name, (3, 5, 4))
    assert np.array_equal(getattr(ops, name)(x, s=(2, 6)), getattr(np.fft, name)(x, s=(2, 6), axes=(-2, -1)))


@pytest.mark.parametrize("name", ["fftshift", "ifftshift"])
def test_shifts_are_numpys(name):
    x = signal(name, (3, 5, 4))
    for axes in (None, 0, -1, (0, 2), [1]):
        agree(name, x, axes=axes)


@pytest.mark.parametrize("name", ONE_AXIS + TWO_AXES + MANY_AXES)
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.complex64, np.int16])
def test_dtypes_are_numpys_and_gradients_those_of_the_input(name, dtype):
    x = np.round(signal(name, (4, 4), dtype) * 3).astype(dtype if name not in OF_REAL else np.zeros(0, dtype).real.dtype)
    agree(name, x)
    if x.dtype.kind in "fc":
        y, pullback = vjp(getattr(ops, name), x)
        (g,) = pullback(np.ones(y.shape, y.dtype)),
        assert g.dtype == x.dtype and g.shape == x.shape


# ---- the matrix written out ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [1, 2, 5, 6])
def test_the_gradient_is_the_product_with_the_transposed_matrix(n):
    k = np.arange(n)
    matrix = np.exp(-2j * np.pi * np.outer(k, k) / n)
    x, g = signal("fft", (n,)), signal("fft", (n,), seed=1)
    for f, m in ((ops.fft, matrix), (ops.ifft, matrix.conj() / n)):
        assert np.allclose(f(x), m @ x)
        assert np.allclose(vjp(f, x)[1](g), m.T @ g)


@pytest.mark.parametrize("n", [1, 2, 5, 6])
@pytest.mark.parametrize("norm", NORMS)
def test_real_transforms_and_their_matrices(n, norm):
    forward = np.fft.rfft(np.eye(n), axis=0, norm=norm)  # y = forward x
    x, g = signal("rfft", (n,)), signal("fft", (n // 2 + 1,), seed=1)
    assert np.allclose(vjp(lambda x: ops.rfft(x, norm=norm), x)[1](g), (forward.T @ g).real)
    half = len(g)
    to_real, to_imag = (np.stack([np.fft.irfft(unit, n, norm=norm) for unit in np.eye(half) * one], 1) for one in (1, 1j))
    v = signal("rfft", (n,), seed=2)  # y = to_real Re x + to_imag Im x, so dL = Re(sum g dx) with g = to_real^T v - i to_imag^T v
    assert np.allclose(vjp(lambda x: ops.irfft(x, n, norm=norm), g)[1](v), to_real.T @ v - 1j * to_imag.T @ v)


@pytest.mark.parametrize("n", [6, 7])
def test_what_irfft_ignores_gets_no_gradient(n):
    x = signal("irfft", (n // 2 + 1,))
    gradient = vjp(lambda x: ops.irfft(x, n), x)[1](signal("rfft", (n,), seed=1))
    ignored = [0, -1] if n % 2 == 0 else [0]
    assert np.all(gradient.imag[ignored] == 0) and np.all(gradient.imag[1: n - n // 2 - 1] != 0) and np.all(gradient.real != 0)


def test_a_real_input_has_a_real_gradient():
    x = signal("rfft", (5,))
    for f in (lambda x: ops.sum(ops.imag(ops.fft(x) ** 3)), lambda x: ops.sum(ops.real(ops.ifft(ops.fft(x, 8))) ** 3)):
        assert grad(f)(x).dtype == np.float64
        check_grads(f, x)


def test_parseval():
    """The energy of a signal is that of its spectrum: the gradient of both is 2 x, the Hessian 2."""
    x = signal("rfft", (6,))

    def energy(x):
        y = ops.fft(x, norm="ortho")
        return ops.sum(ops.real(y) ** 2 + ops.imag(y) ** 2)

    value, gradient = value_and_grad(energy)(x)
    assert np.isclose(value, np.sum(x ** 2)) and np.allclose(gradient, 2 * x) and np.allclose(hessian(energy)(x), 2 * np.eye(6))


def test_the_convolution_theorem():
    a, b = signal("rfft", (5,)), signal("rfft", (4,), seed=1)

    def convolved(a, b):
        return ops.irfft(ops.rfft(a, 8) * ops.rfft(b, 8), 8)

    assert np.allclose(convolved(a, b), np.convolve(a, b))
    toeplitz = jacobian(convolved)(a, b)
    assert np.allclose(toeplitz, np.stack([np.convolve(row, b) for row in np.eye(5)], 1))
    check_grads(convolved, (a, b))


def test_a_filter_is_learnt():
    """Gradient descent on a spectrum finds the filter that made the data."""
    rng = np.random.default_rng(0)
    x, true = rng.normal(size=(8, 16)), np.fft.rfft(np.array([1.0, -0.5, 0.25]), 16)
    target = np.fft.irfft(np.fft.rfft(x) * true, 16)

    def loss(parts):
        return ops.mean((ops.irfft(ops.rfft(x) * (parts[0] + 1j * parts[1]), 16) - target) ** 2)

    parts = np.zeros((2, 9))
    for _ in range(300):
        parts -= 1.0 * grad(loss)(parts)
    assert loss(parts) < 1e-6 and np.allclose(parts[0], true.real, atol=1e-2)


# ---- bad calls ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("call", "error", "says"), [
    (lambda t: ops.fft(t[0, 0]), ValueError, "runs along an axis, and this is one number"),
    (lambda t: ops.rfft(t + 1j), TypeError, "x must be real, and is complex128. For complex x write fft"),
    (lambda t: ops.ihfft(t + 1j), TypeError, "x must be real"),
    (lambda t: ops.fft(t, 0), ValueError, r"fft: Invalid number of FFT data points \(0\)[^$]*called as fft\(x: f64\[2,3\], n=0"),
    (lambda t: ops.fft(t, axis=5), ValueError, r"axis 5 is out of bounds[^$]*f64\[2,3\]"),
    (lambda t: ops.fft(t, norm="none"), ValueError, "Invalid norm value none"),
    (lambda t: ops.hfft(t, norm="none"), ValueError, "norm='none' is none of"),
    (lambda t: ops.fftn(t, s=(3,), axes=(0, 1)), ValueError, r"s=\(3,\) has 1 lengths, and axes=\(0, 1\) names 2"),
    (lambda t: ops.rfftn(t, axes=()), ValueError, r"the last axis named is that of the half spectrum[^$]*shape \(2, 3\)"),
    (lambda t: ops.irfftn(t, axes=()), ValueError, "the half spectrum")])
def test_bad_calls_are_told(call, error, says):
    with pytest.raises(error, match=says):
        call(tensor(np.ones((2, 3)), requires_grad=True))
