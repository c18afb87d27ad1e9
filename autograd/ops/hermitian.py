"""Which Hermitian matrix is meant, where NumPy reads one triangle only?

`cholesky` and `eigh` never look at the other triangle. So there are two ways to differentiate by such a matrix, and `hermitian`
decides between them, once for all:

* If a is Hermitian (up to rounding), it is one matrix with one gradient, which is Hermitian too: df = Re sum(gradient * da) for
  every Hermitian step da. It is the gradient of f((a + a^H) / 2), which differences of that function agree with.
* If a is not, the triangle that is read is mirrored, and the gradient goes to that triangle alone, as the values do.

Read next: `inverses.py`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.ops.diagonals import tril, triu
from autograd.ops.elementwise import where
from autograd.ops.shapes import as_array, conjugated, matrix_transpose, real
from autograd.primitive import primitive


def is_complex(x: Any) -> bool:
    return bool(x.dtype.kind == "c")


def adjoint(x: Any) -> Any:
    """x^H, the conjugate transpose of each matrix."""
    return conjugated(matrix_transpose(x))


def hermitian_part(x: Any) -> Any:
    """(x + x^H) / 2; of a Hermitian matrix, itself to the last bit."""
    return (x + adjoint(x)) / 2


def square(x: Any, name: str) -> Any:
    """x as an array, if it is a square matrix or a stack of them."""
    x = as_array(x)
    if x.ndim < 2 or x.shape[-1] != x.shape[-2]:
        raise np.linalg.LinAlgError(f"{name}: the last 2 dimensions must be square, but the shape is {x.shape}")
    return x


def hermitian_to_a(g: Any, lower: bool, is_so: Any) -> Any:
    """(g + g^H) / 2 if a is Hermitian; else both g's triangles, one conjugated, in the triangle that was read."""
    whole, one, other = (hermitian_part(g), tril, triu) if lower else (hermitian_part(g), triu, tril)
    if not is_complex(g):
        strict = one(g + matrix_transpose(g), -1 if lower else 1)
        return where(is_so, whole, strict + one(other(g)))
    strict = one(g + adjoint(g), -1 if lower else 1)
    return where(is_so, whole, strict + real(one(other(g))))


@primitive(a=hermitian_to_a, residuals=("is_so",))
def hermitian(a: Any, lower: bool = True) -> Any:
    """a, made exactly Hermitian: its average with a^H, or if a is not Hermitian, its lower (upper) triangle and the mirror image."""
    a = np.asarray(a)
    mirrored = np.conj(np.swapaxes(a, -1, -2))
    tolerance = 16 * (np.finfo(a.dtype).eps if a.dtype.kind in "fc" else 0) * np.abs(a).max(axis=(-2, -1), keepdims=True, initial=0)
    is_so = (np.abs(a - mirrored) <= tolerance).all(axis=(-2, -1), keepdims=True)
    if is_so.all():
        return (a + mirrored) / 2, is_so
    take, other = (np.tril, -1) if lower else (np.triu, 1)
    off = take(a, other)
    diagonal = np.zeros_like(a)
    n = np.arange(a.shape[-1])
    diagonal[..., n, n] = a[..., n, n].real
    read = off + np.conj(np.swapaxes(off, -1, -2)) + diagonal
    return np.where(is_so, (a + mirrored) / 2, read), is_so
