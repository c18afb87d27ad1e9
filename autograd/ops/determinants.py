r"""What is a determinant, and how does it change?

By Jacobi's formula: d det(a) = sum(cofactors * da). For an invertible matrix the cofactors are det(a) a^-T; but they are
polynomials in a, and exist without an inverse, too. So det has a gradient at every matrix, and so has its gradient:

    det(a)    gradient      g c                             c = cofactors(a)
    c         gradient of sum(h c):                         (c sum(h c) - c h^T c) / det(a)
              for a singular a = u s v^H, in its axes:      sums of products of n - 2 singular values

From the third derivative on a is inverted. `slogdet` takes the logarithm, which a singular matrix has not.

Read next: `triangular.py`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.ops.constants import zeros_like
from autograd.ops.hermitian import is_complex, square
from autograd.ops.inverses import inv
from autograd.ops.reductions import sum
from autograd.ops.shapes import imag, matrix_transpose, real
from autograd.primitive import primitive


def wide(g: Any) -> Any:
    """A number for each matrix, as it multiplies the matrices."""
    return g[..., None, None]


def dots(a: Any, b: Any) -> Any:
    """sum(a * b) of each pair of matrices."""
    return sum(a * b, (-2, -1), keepdims=True)


@primitive(a=lambda g, a: wide(g) * cofactors(a))
def det(a: Any) -> Any:
    """The determinant of each matrix, with a gradient at singular matrices, too.

    >>> import numpy as np
    >>> from autograd import grad
    >>> grad(det)(np.array([[1.0, 2.0], [2.0, 4.0]]))
    array([[ 4., -2.],
           [-2.,  1.]])
    """
    return np.linalg.det(square(a, "det"))


@primitive(a=lambda g, a: cofactor_slope(a, g))
def cofactors(a: Any) -> Any:
    """The gradient of each determinant by the matrix: the determinants of what is left without a row and a column, with signs."""
    try:
        return np.linalg.det(a)[..., None, None] * np.swapaxes(np.linalg.inv(a), -1, -2)
    except np.linalg.LinAlgError:  # one is singular: all by singular values, which costs more
        turn, u, s, vh = axes_of(a)
        return turn * np.conj(u * products_without(s, 1)[..., None, :]) @ np.conj(vh)


@primitive(a=lambda g, a, h: third_derivative(a, g, h), h=lambda g, a: cofactor_slope(a, g))
def cofactor_slope(a: Any, h: Any) -> Any:
    """The gradient of sum(h * cofactors(a)) by a: the second derivative of the determinant, times h."""
    turn, u, s, vh = axes_of(a)
    h = np.conj(np.swapaxes(u, -1, -2)) @ h @ np.conj(np.swapaxes(vh, -1, -2))  # in the axes of a, in which it is diagonal
    pairs = products_without(s, 2)
    y = -pairs * np.swapaxes(h, -1, -2)
    n = np.arange(s.shape[-1])
    y[..., n, n] = (pairs * np.diagonal(h, axis1=-2, axis2=-1)[..., None, :]).sum(-1)
    return turn * np.conj(u) @ y @ np.conj(vh)


def axes_of(a: Any) -> tuple[Any, Any, Any, Any]:
    """The axes and singular values of each matrix, and the determinant of both turns (of absolute value 1)."""
    u, s, vh = np.linalg.svd(a)
    return (np.linalg.det(u) * np.linalg.det(vh))[..., None, None], u, s, vh


def products_without(s: Any, count: int) -> Any:
    """The products of all numbers but the i-th; or all but the i-th and the j-th, and 0 for i = j."""
    n = s.shape[-1]
    left = ~np.eye(n, dtype=bool)
    if count == 1:
        return np.where(left, s[..., None, :], 1).prod(-1).astype(s.dtype)
    both = left[:, None, :] & left[None, :, :]
    return (np.where(both, s[..., None, None, :], 1).prod(-1) * left).astype(s.dtype)


def third_derivative(a: Any, g: Any, h: Any) -> Any:
    """The gradient of sum(g * cofactor_slope(a, h)) by a, which must be invertible. (For fewer than three rows it is zero.)"""
    if a.shape[-1] < 3:
        return zeros_like(a)
    b = matrix_transpose(inv(a))
    by_g, by_h = b @ matrix_transpose(g) @ b, b @ matrix_transpose(h) @ b
    y = b * (dots(b, g) * dots(b, h) - dots(by_g, h)) - by_g * dots(b, h) - by_h * dots(b, g)
    y = y + by_h @ matrix_transpose(g) @ b + by_g @ matrix_transpose(h) @ b
    return wide(det(a)) * y


# ---- the logarithm ------------------------------------------------------------------------------------------------


def sign_and_log_to_a(g: Any, y: Any, a: Any) -> Any:
    """da = g[1] a^-T; for complex matrices (g[1] + i Im(g[0] sign)) a^-T, as the sign turns with Im tr(a^-1 da)."""
    by_log = real(g[1])
    turned = by_log + 1j * imag(g[0] * y[0]) if is_complex(y) else by_log
    return wide(turned) * matrix_transpose(inv(a))


@primitive(a=sign_and_log_to_a)
def sign_and_log(a: Any) -> Any:
    """[sign, log |det|]: both results of `slogdet` in one array, the logarithm as a complex number if the sign is one."""
    return np.stack(tuple(np.linalg.slogdet(square(a, "slogdet"))))


Slogdet: Any = type(np.linalg.slogdet(np.eye(1)))


def slogdet(a: Any) -> Any:
    """(sign, logabsdet), so that det(a) = sign exp(logabsdet), without overflow. The sign of real matrices has the gradient 0.

    >>> import numpy as np
    >>> from autograd import grad
    >>> grad(lambda a: slogdet(a).logabsdet)(np.array([[1.0, 1.0], [1.0, 3.0]])).round(12)
    array([[ 1.5, -0.5],
           [-0.5,  0.5]])
    """
    y = sign_and_log(a)
    return Slogdet(y[0], real(y[1]))
