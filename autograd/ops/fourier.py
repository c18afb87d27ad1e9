r"""Fourier transforms: numpy.fft, with gradients of any order.

A discrete Fourier transform multiplies by the matrix F[k, j] = exp(-2 pi i j k / n), which is symmetric. So the gradient of a
transform is the same transform of the cotangent: no conjugate, and the same scale. Two primitives say that, `fft` and `ifft`.

Of real x the second half of the result mirrors the first: `rfft` returns the first half alone, and `irfft` goes back. Each is
the other's gradient, up to a weight: what the half spectrum mentions once counts twice, but for the first term and (n even) the
last, which have no mirror image and of which `irfft` ignores the imaginary part. All else is composed of these four.

`n` is how many places of the axis are transformed: x is cut off, or filled up with zeros. `norm` is NumPy's: "backward" divides
the inverse by n, "forward" the transform, "ortho" both by sqrt(n). (`fftfreq` and `rfftfreq` take no arrays: use NumPy's.)

Read next: `../operators.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from autograd.ops.indexing import getitem
from autograd.ops.joining import along
from autograd.ops.repetition import pad_constant
from autograd.ops.shapes import as_array, conj, roll
from autograd.primitive import primitive

Norm = Literal["backward", "ortho", "forward"] | None

OPPOSITE: dict[Norm, Norm] = {None: "forward", "backward": "forward", "ortho": "ortho", "forward": "backward"}
"""The scale of a transform is, by this name, that of its inverse."""


def fitted(x: Any, n: int, axis: int) -> Any:
    """x cut off after n places of the axis, or filled up with zeros."""
    have = x.shape[axis]
    if n == have:
        return x
    if n < have:
        return getitem(x, along(axis, x.ndim, slice(n)))
    return pad_constant(x, tuple([(0, n - have if i == axis % x.ndim else 0) for i in range(x.ndim)]), 0)


def mentions(g: Any, n: int, axis: int, interior: float) -> Any:
    """The weights of a half spectrum of n places in all: 1 for the terms without a mirror image, and `interior` for the others."""
    weights = np.full(g.shape[axis], interior, np.finfo(g.dtype).dtype)
    weights[0] = 1
    if n % 2 == 0:
        weights[-1] = 1
    return weights.reshape((-1,) + (1,) * (g.ndim - 1 - axis % g.ndim))


def rfft_to_x(g: Any, x_shape: tuple[int, ...], n: int | None, axis: int, norm: Norm) -> Any:
    """dx = irfft(conj(g) / weight) without the factor 1 / n."""
    n = x_shape[axis] if n is None else n
    return fitted(irfft(conj(g) * mentions(g, n, axis, 0.5), n, axis, OPPOSITE[norm]), x_shape[axis], axis)


def irfft_to_x(g: Any, x_shape: tuple[int, ...], axis: int, norm: Norm) -> Any:
    """dx = conj(rfft(g)) weight, with the factor 1 / n."""
    half = conj(rfft(g, None, axis, OPPOSITE[norm]))
    return fitted(half * mentions(half, g.shape[axis], axis, 2.0), x_shape[axis], axis)


def transformable(x: Any, axis: int, name: str) -> Any:
    """x as an array that has such an axis."""
    x = as_array(x)
    if not x.ndim:
        raise ValueError(f"{name}: a transform runs along an axis, and this is one number, {x}. Give an array of at least one dimension.")
    normalize_axis_index(axis, x.ndim)
    return x


# ---- one axis: the four primitives --------------------------------------------------------------------------------


@primitive(x=lambda g, x_shape, axis, norm: fitted(fft(g, None, axis, norm), x_shape[axis], axis), linear=True)
def fft(x: Any, n: int | None = None, axis: int = -1, norm: Norm = None) -> Any:
    """y[k] = sum over j of x[j] exp(-2 pi i j k / n) along the axis: the Fourier transform. Its gradient: fft(g), cut or filled to x."""
    return np.fft.fft(transformable(x, axis, "fft"), n, axis, norm)


@primitive(x=lambda g, x_shape, axis, norm: fitted(ifft(g, None, axis, norm), x_shape[axis], axis), linear=True)
def ifft(x: Any, n: int | None = None, axis: int = -1, norm: Norm = None) -> Any:
    """y[j] = 1 / n sum over k of x[k] exp(2 pi i j k / n) along the axis: the inverse of `fft`."""
    return np.fft.ifft(transformable(x, axis, "ifft"), n, axis, norm)


@primitive(x=rfft_to_x, linear=True)
def rfft(x: Any, n: int | None = None, axis: int = -1, norm: Norm = None) -> Any:
    """The first n // 2 + 1 places of `fft` of real x, which tell the others."""
    x = transformable(x, axis, "rfft")
    if x.dtype.kind == "c":
        raise TypeError(f"rfft: x must be real, and is {x.dtype}. For complex x write fft(x); or rfft(x.real) if its imaginary part is 0.")
    return np.fft.rfft(x, n, axis, norm)


@primitive(x=irfft_to_x, linear=True)
def irfft(x: Any, n: int | None = None, axis: int = -1, norm: Norm = None) -> Any:
    """The real y of n places with rfft(y) = x; n is 2 (x.shape[axis] - 1) unless given, since a half spectrum does not tell if it is odd.

    The imaginary part of x[0], and of x[n / 2] for even n, has no effect, and gets no gradient.
    """
    return np.fft.irfft(transformable(x, axis, "irfft"), n, axis, norm)


def hfft(x: Any, n: int | None = None, axis: int = -1, norm: Norm = None) -> Any:
    """The transform, real, of a signal with x[-j] = conj(x[j]), of which the first half is given: irfft(conj(x)) without 1 / n."""
    return irfft(conj(transformable(x, axis, "hfft")), n, axis, opposite(norm))


def ihfft(x: Any, n: int | None = None, axis: int = -1, norm: Norm = None) -> Any:
    """The inverse of `hfft`: conj(rfft(x)) / n."""
    return conj(rfft(transformable(x, axis, "ihfft"), n, axis, opposite(norm)))


def opposite(norm: Norm) -> Norm:
    if norm not in OPPOSITE:
        raise ValueError(f'norm={norm!r} is none of "backward", "ortho" and "forward"')
    return OPPOSITE[norm]


# ---- several axes: one after the other ----------------------------------------------------------------------------

Lengths = list[tuple[int | None, int]]


def lengths_and_axes(x: Any, s: Sequence[int | None] | None, axes: Sequence[int] | None, name: str, inverse: bool = False) -> Lengths:
    """(n, axis) for each axis to transform: n as `s` says, or all of it; for the last of an inverse, what it was before it was halved."""
    if axes is None:
        axes = range(-(x.ndim if s is None else len(s)), 0)
    if s is None:
        s = [x.shape[axis] for axis in axes]
        if inverse and axes:
            s[-1] = 2 * (x.shape[axes[-1]] - 1)
    if len(s) != len(axes):
        raise ValueError(f"{name}: s={tuple(s)} has {len(s)} lengths, and axes={tuple(axes)} names {len(axes)}")
    return [(x.shape[axis] if n == -1 else n, axis) for n, axis in zip(s, axes)]


def over(transform: Callable[..., Any], x: Any, lengths: Lengths, norm: Norm) -> Any:
    for n, axis in lengths:
        x = transform(x, n, axis, norm)
    return x


def halved(x: Any, s: Any, axes: Any, name: str, inverse: bool = False) -> Lengths:
    """As `lengths_and_axes`; but there must be an axis, since the last one named is that of the half spectrum."""
    lengths = lengths_and_axes(x, s, axes, name, inverse)
    if not lengths:
        raise ValueError(f"{name}: the last axis named is that of the half spectrum, but none is: axes={axes}, and x has shape {x.shape}")
    return lengths


def fftn(x: Any, s: Any = None, axes: Any = None, norm: Norm = None) -> Any:
    """`fft` along several axes (all of them by default), each with its length of `s`. An axis named twice is transformed twice."""
    x = as_array(x)
    return over(fft, x, lengths_and_axes(x, s, axes, "fftn")[::-1], norm)


def ifftn(x: Any, s: Any = None, axes: Any = None, norm: Norm = None) -> Any:
    """The inverse of `fftn`."""
    x = as_array(x)
    return over(ifft, x, lengths_and_axes(x, s, axes, "ifftn")[::-1], norm)


def rfftn(x: Any, s: Any = None, axes: Any = None, norm: Norm = None) -> Any:
    """`rfft` along the last of several axes, then `fft` along the others."""
    x = as_array(x)
    lengths = halved(x, s, axes, "rfftn")
    return over(fft, over(rfft, x, lengths[-1:], norm), lengths[-2::-1], norm)


def irfftn(x: Any, s: Any = None, axes: Any = None, norm: Norm = None) -> Any:
    """The inverse of `rfftn`: `ifft` along all but the last of the axes, then `irfft` along that one."""
    x = as_array(x)
    lengths = halved(x, s, axes, "irfftn", inverse=True)
    return over(irfft, over(ifft, x, lengths[:-1], norm), lengths[-1:], norm)


def fft2(x: Any, s: Any = None, axes: Any = (-2, -1), norm: Norm = None) -> Any:
    """`fftn` over two axes, by default the last."""
    return fftn(x, s, axes, norm)


def ifft2(x: Any, s: Any = None, axes: Any = (-2, -1), norm: Norm = None) -> Any:
    """The inverse of `fft2`."""
    return ifftn(x, s, axes, norm)


def rfft2(x: Any, s: Any = None, axes: Any = (-2, -1), norm: Norm = None) -> Any:
    """`rfftn` over two axes, by default the last."""
    return rfftn(x, s, axes, norm)


def irfft2(x: Any, s: Any = None, axes: Any = (-2, -1), norm: Norm = None) -> Any:
    """The inverse of `rfft2`."""
    return irfftn(x, s, axes, norm)


# ---- where zero frequency stands ----------------------------------------------------------------------------------


def shifted(x: Any, axes: Any, sign: int) -> Any:
    x = as_array(x)
    axes = tuple(range(x.ndim)) if axes is None else (axes,) if isinstance(axes, (int, np.integer)) else tuple(axes)
    return roll(x, [sign * (x.shape[axis] // 2) for axis in axes], axes) if axes else x


def fftshift(x: Any, axes: Any = None) -> Any:
    """x with frequency 0 moved from the start of each axis to its middle."""
    return shifted(x, axes, 1)


def ifftshift(x: Any, axes: Any = None) -> Any:
    """The inverse of `fftshift`, from which it differs for axes of odd length."""
    return shifted(x, axes, -1)
