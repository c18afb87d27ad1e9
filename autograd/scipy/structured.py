"""What if most of a matrix is zero, or repeats itself?

Triangular and banded matrices are solved with fewer steps than others, and so are the systems in their gradients: their transposes
have the same structure. Toeplitz matrices and their kin are vectors, indexed.

Read next: `linalg.py`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import ops
from autograd.ops.hermitian import square
from autograd.ops.shapes import as_array, conjugated, matrix_transpose
from autograd.primitive import primitive
from autograd.scipy.matrix_functions import for_lapack, scipy_linalg

# ---- triangular ---------------------------------------------------------------------------------------------------


def triangular_to_b(g: Any, a: Any, trans: int, lower: bool, unit_diagonal: bool) -> Any:
    """db = the solution of the transposed system for g."""
    if trans == 2:
        return conjugated(triangular_solution(a, conjugated(g), 0, lower, unit_diagonal))
    return triangular_solution(a, g, 1 - trans, lower, unit_diagonal)


def triangular_to_a(g: Any, y: Any, a: Any, trans: int, lower: bool, unit_diagonal: bool) -> Any:
    """da = the triangle of -z y^T, where z is what b gets; of -y z^T if a is transposed, conjugated if a is."""
    z = triangular_to_b(g, a, trans, lower, unit_diagonal)
    da = -z @ matrix_transpose(y) if trans == 0 else -y @ matrix_transpose(z)
    return (ops.tril if lower else ops.triu)(conjugated(da) if trans == 2 else da, (-1 if lower else 1) if unit_diagonal else 0)


@primitive(a=triangular_to_a, b=triangular_to_b)
def triangular_solution(a: Any, b: Any, trans: int = 0, lower: bool = False, unit_diagonal: bool = False) -> Any:
    """The x with a x = b (trans = 0), a^T x = b (1) or a^H x = b (2), where only a triangle of a counts."""
    a, b = for_lapack(a, b)
    if a.ndim == 2 and b.size:
        return scipy_linalg().solve_triangular(a, b, trans, lower, unit_diagonal, check_finite=False)
    y = np.zeros(b.shape, np.result_type(a, b, np.float32))
    for i in np.ndindex(*(b.shape[:-2] if b.size else (0,))):
        y[i] = scipy_linalg().solve_triangular(a[i], b[i], trans, lower, unit_diagonal, check_finite=False)
    return y


def solve_triangular(a: Any, b: Any, trans: Any = 0, lower: bool = False, unit_diagonal: bool = False, overwrite_b: bool = False,
                     check_finite: bool = True) -> Any:
    """The x with a x = b, where only the upper (with `lower` the lower) triangle of a counts.

    a:              a matrix (n, n), or a stack of them
    b:              a vector (n,), or a matrix (n, k) of columns; of a stack, matrices
    trans:          0 or 'N'; 1 or 'T' for a^T x = b; 2 or 'C' for a^H x = b
    unit_diagonal:  the diagonal counts as ones

    >>> import numpy as np
    >>> solve_triangular(np.array([[2.0, 0.0], [1.0, 1.0]]), np.array([2.0, 3.0]), lower=True)
    array([1., 2.])
    """
    a, b = square(a, "solve_triangular"), as_array(b)
    numbers: dict[Any, int] = {0: 0, "N": 0, 1: 1, "T": 1, 2: 2, "C": 2}
    if trans not in numbers:
        raise ValueError(f"solve_triangular: trans must be 0 or 'N', 1 or 'T', 2 or 'C', and not {trans!r}")
    fits = b.shape == a.shape[-1:] or (b.ndim > 1 and b.shape[:-1] == a.shape[:-1])
    if not fits:
        raise ValueError(f"solve_triangular: a has shape {a.shape}; b must be {a.shape[-1:]} or {(*a.shape[:-1], 'k')}, and is {b.shape}")
    if b.ndim == 1:
        b = ops.broadcast_to(b[:, None], (*a.shape[:-1], 1)) if a.ndim > 2 else b[:, None]
        return triangular_solution(a, b, numbers[trans], bool(lower), bool(unit_diagonal))[..., 0]
    return triangular_solution(a, b, numbers[trans], bool(lower), bool(unit_diagonal))


# ---- banded -------------------------------------------------------------------------------------------------------


def shifted(x: Any, d: int) -> Any:
    """x moved d rows down, zeros moving in."""
    empty = np.zeros((min(abs(d), x.shape[0]), *x.shape[1:]), x.dtype)
    return ops.concatenate([empty, x[: max(x.shape[0] - d, 0)]]) if d > 0 else ops.concatenate([x[-d:], empty]) if d else x


def transposed_bands(ab: Any, below: int, above: int) -> Any:
    """The bands of the transposed matrix, those above the diagonal first."""
    return ops.stack([shifted(ab[above + d], d) for d in range(below, -above - 1, -1)])


def bands_to_ab(g: Any, y: Any, ab: Any, below: int, above: int) -> Any:
    """dab = the bands of -z y^T, where z is what b gets."""
    z = bands_to_b(g, ab, below, above)
    return ops.stack([-ops.sum(shifted(z, -d) * y, -1) for d in range(-above, below + 1)])


def bands_to_b(g: Any, ab: Any, below: int, above: int) -> Any:
    """db = the solution of the transposed system for g."""
    return banded_solution(transposed_bands(ab, below, above), g, above, below)


@primitive(ab=bands_to_ab, b=bands_to_b)
def banded_solution(ab: Any, b: Any, below: int, above: int) -> Any:
    """The x with a x = b, of a matrix with so many diagonals below and above the main one, which are the rows of ab."""
    return scipy_linalg().solve_banded((below, above), *for_lapack(ab, b), check_finite=False)


def solve_banded(l_and_u: tuple[int, int], ab: Any, b: Any, overwrite_ab: bool = False, overwrite_b: bool = False,
                 check_finite: bool = True) -> Any:
    """The x with a x = b, where a has l diagonals below the main one and u above, given as rows: ab[u + i - j, j] = a[i, j].

    b:  a vector (n,) or a matrix (n, k)
    """
    below, above = l_and_u
    ab, b = as_array(ab), as_array(b)
    if ab.ndim != 2 or ab.shape[0] != below + above + 1 or b.ndim not in (1, 2) or ab.shape[1] != b.shape[0]:
        raise ValueError(f"solve_banded: with {below} diagonals below and {above} above, ab must have shape ({below + above + 1}, n) and b "
                         f"n rows; the shapes are {ab.shape} and {b.shape}")
    return banded_solution(ab, b[:, None], below, above)[:, 0] if b.ndim == 1 else banded_solution(ab, b, below, above)


# ---- made of vectors ----------------------------------------------------------------------------------------------


def vector(x: Any) -> Any:
    return ops.reshape(as_array(x), -1)


def toeplitz(c: Any, r: Any = None) -> Any:
    """The matrix with first column c and first row r (whose first element does not count), and the same along each diagonal; without r,
    the Hermitian one.

    >>> toeplitz([1, 2, 3], [1, 4, 5])
    array([[1, 4, 5],
           [2, 1, 4],
           [3, 2, 1]])
    """
    c = vector(c)
    r = conjugated(c) if r is None else vector(r)
    values = ops.concatenate([ops.flip(c), r[1:]])
    return values[np.arange(c.shape[0])[::-1, None] + np.arange(r.shape[0])]


def hankel(c: Any, r: Any = None) -> Any:
    """The matrix with first column c and last row r (whose first element does not count), and the same along each anti-diagonal."""
    c = vector(c)
    r = ops.zeros_like(c) if r is None else vector(r)
    return ops.concatenate([c, r[1:]])[np.arange(c.shape[0])[:, None] + np.arange(r.shape[0])]


def circulant(c: Any) -> Any:
    """The matrix with first column c, and each further column the one before moved down by one, around the end."""
    c = vector(c)
    n = np.arange(c.shape[0])
    return c[(n[:, None] - n) % max(c.shape[0], 1)]


def block_diag(*arrs: Any) -> Any:
    """The matrix with these matrices along its diagonal, and zeros elsewhere; a vector counts as one row."""
    blocks = [ops.atleast_2d(as_array(a)) for a in arrs] or [np.zeros((1, 0))]
    if any(b.ndim != 2 for b in blocks):
        raise ValueError(f"block_diag: matrices and vectors are joined, and the shapes are {[b.shape for b in blocks]}")
    columns = sum(b.shape[1] for b in blocks)
    rows, before = [], 0
    for b in blocks:
        after = columns - before - b.shape[1]
        rows.append(ops.concatenate([np.zeros((b.shape[0], before), b.dtype), b, np.zeros((b.shape[0], after), b.dtype)], 1))
        before += b.shape[1]
    return ops.concatenate(rows)
