"""Which products can be said with labels? Einstein's summation, and the products that have names of their own.

`einsum` reads its labels once for each combination of shapes, brings them into plain form (no ellipsis, the result
written out), and calls `relabel` for one operand, `contract` for two, and for more `contract` on one pair after the other
in the cheapest order. So the gradient of a product of many arrays costs a few times as much as the product.

Read next: `hermitian.py`, for linear algebra, or `affine.py`.
"""

from __future__ import annotations

import string
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from autograd.ops.contractions import contract, matmul, relabel
from autograd.ops.shapes import as_array, conj, moveaxis, ravel, reshape
from autograd.primitive import primitive

LETTERS = string.ascii_uppercase + string.ascii_lowercase  # in the order in which an implicit result has them

Shape = tuple[int, ...]


def einsum(*operands: Any, optimize: Any = True) -> Any:
    """Einstein's summation: arrays multiplied where their labels agree, and summed over the labels the result does not have.

    operands:  the labels, 'ij,jk->ik', and then the arrays; or einsum(a, [0, 1], b, [1, 2], [0, 2]).
               Without '->' the result has the labels that occur once, in alphabetic order. '...' stands for further axes,
               which are broadcast; an operand with one label twice gives its diagonal
    optimize:  how the order of three or more operands is chosen, as in `numpy.einsum_path` (False means True)

    >>> import numpy as np
    >>> m = np.array([[1.0, 2.0], [3.0, 4.0]])
    >>> float(einsum("ii", m)), einsum("ij->j", m), float(einsum("i,ij,j->", [1.0, 1.0], m, [1.0, 0.0]))
    (5.0, array([4., 6.]), 4.0)

    Raises ValueError for labels that do not fit the shapes.
    """
    subscripts, arrays = (operands[0], operands[1:]) if operands and isinstance(operands[0], str) else from_lists(operands)
    xs = [as_array(x) for x in arrays]
    shapes = tuple([x.shape for x in xs])
    terms, result, shape = plain(subscripts, shapes)
    if len(xs) == 1:
        return relabel(xs[0], f"{terms[0]}->{result}", shape)
    if len(xs) > 2:
        for i, j, labels, shape in pairs(terms, shapes, result, tuple(optimize) if isinstance(optimize, list) else optimize or True):
            xs.append(contract(xs.pop(i), xs.pop(j), labels, shape))
        return xs[0]
    return contract(*xs, f"{terms[0]},{terms[1]}->{result}", shape)


def from_lists(operands: Sequence[Any]) -> tuple[str, list[Any]]:
    """The labels as letters, and the arrays, of einsum(a, [0, 1], b, [1, 2], [0, 2])."""

    def term(labels: Any) -> str:
        return "".join(["..." if label is Ellipsis else LETTERS[label] for label in labels])

    count = len(operands) // 2
    subscripts = ",".join(map(term, operands[1: 2 * count: 2]))
    return subscripts + ("->" + term(operands[-1]) if len(operands) % 2 else ""), list(operands[: 2 * count: 2])


@lru_cache(1024)
def plain(subscripts: str, shapes: tuple[Shape, ...]) -> tuple[tuple[str, ...], str, Shape]:
    """The labels of each operand and of the result without ellipses, and the shape of the result."""
    try:  # NumPy knows the grammar. All that it may not know here is the lengths, so that it has nothing to compute
        np.einsum(subscripts, *[np.empty([n if n == 1 else 0 for n in shape]) for shape in shapes])
        operands, arrow, result = subscripts.replace(" ", "").partition("->")
        free = "".join([c for c in LETTERS if c not in subscripts])
        terms, further = [], ""
        for term, shape in zip(operands.split(","), shapes):
            names = free[: len(shape) - len(term.replace("...", ""))][::-1]  # broadcast axes count from the right
            terms.append(term.replace("...", names))
            further = max(further, names, key=len)
        if not arrow:
            once = [c for c in sorted(set(operands)) if c in LETTERS and operands.count(c) == 1]
            result = ("..." if "..." in operands else "") + "".join(once)
        result = result.replace("...", further)
        lengths = lengths_of(terms, shapes)
    except ValueError as error:
        raise ValueError(f"einsum: {error}\n  called as einsum({subscripts!r}, {', '.join(map(str, shapes))})") from None
    return tuple(terms), result, tuple([lengths[c] for c in result])


def lengths_of(terms: Sequence[str], shapes: Sequence[Shape]) -> dict[str, int]:
    """How long the axes with each label are; a length of 1 is broadcast."""
    lengths: dict[str, int] = {}
    for term, shape in zip(terms, shapes):
        for label, n in zip(term, shape):
            if lengths.setdefault(label, n) == 1:
                lengths[label] = n
            elif n not in (1, lengths[label]):
                raise ValueError(f"operands could not be broadcast together: label {label!r} stands for lengths {lengths[label]} and {n}")
    return lengths


@lru_cache(1024)
def pairs(terms: tuple[str, ...], shapes: tuple[Shape, ...], result: str, optimize: Any) -> list[tuple[int, int, str, Shape]]:
    """In which order three or more operands are contracted: (i, j, labels, shape), where operand j is taken out after i."""
    views = [np.broadcast_to(0.0, shape) for shape in shapes]
    optimize = list(optimize) if isinstance(optimize, tuple) else optimize
    path = np.einsum_path(f"{','.join(terms)}->{result}", *views, optimize=optimize)[0][1:]
    names, known, plan = list(terms), list(shapes), []
    for group in path:
        positions = sorted(group)
        while len(positions) > 1:  # NumPy may leave several operands to one step
            j, i = positions.pop(), positions.pop()
            (b, b_shape), (a, a_shape) = ((names.pop(k), known.pop(k)) for k in (j, i))
            later = set("".join(names) + result)
            made = result if not names else "".join([c for c in dict.fromkeys(a + b) if c in later])
            lengths = lengths_of((a, b), (a_shape, b_shape))
            plan.append((j, i, f"{b},{a}->{made}", tuple([lengths[c] for c in made])))
            names.append(made)
            known.append(plan[-1][3])
            positions = [*positions, len(names) - 1]
    return plan


# ---- products with names ------------------------------------------------------------------------------------------


def dot(a: Any, b: Any) -> Any:
    """NumPy's dot: the product with a number; the inner product of vectors; the matrix product. For more axes,
    y[i, j, k, m] = sum over n of a[i, j, n] b[k, n, m] (where `matmul` would pair i with k)."""
    a, b = as_array(a), as_array(b)
    if not a.ndim or not b.ndim:
        return a * b
    return matmul(a, b) if b.ndim < 3 or a.ndim == 1 else tensordot(a, b, (-1, -2))


def inner(a: Any, b: Any) -> Any:
    """The sum of products over the last axes: y[i, j] = sum over n of a[i, n] b[j, n]."""
    a, b = as_array(a), as_array(b)
    return a * b if not a.ndim or not b.ndim else tensordot(a, b, (-1, -1))


def outer(a: Any, b: Any) -> Any:
    """All products: y[i, j] = a[i] b[j], of the flattened arrays."""
    return tensordot(ravel(a), ravel(b), 0)


def vdot(a: Any, b: Any) -> Any:
    """The inner product of the flattened arrays, a complex conjugated."""
    a = ravel(a)
    return matmul(conj(a) if a.dtype.kind == "c" else a, ravel(b))


def tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    """The sum of products over the given axes of a and of b, (axes of a, axes of b); or over the last n of a and the first n of b."""
    a, b = as_array(a), as_array(b)
    if isinstance(axes, (int, np.integer)):
        axes = range(a.ndim - int(axes), a.ndim), range(int(axes))
    a_axes, b_axes = (normalize_axis_tuple(each, x.ndim) for each, x in zip(axes, (a, b)))
    if [a.shape[i] for i in a_axes] != [b.shape[i] for i in b_axes]:
        raise ValueError(f"tensordot: shape-mismatch for sum: axes {a_axes} of shape {a.shape} and axes {b_axes} of shape {b.shape}")
    summed = dict(zip(b_axes, a_axes))
    a_labels = list(range(a.ndim))
    b_labels = [summed.get(i, a.ndim + i) for i in range(b.ndim)]
    return einsum(a, a_labels, b, b_labels, [c for c in a_labels if c not in a_axes] + [c for c in b_labels if c >= a.ndim])


def kron(a: Any, b: Any) -> Any:
    """Kronecker's product: b, times each element of a, in the place of that element."""
    a, b = as_array(a), as_array(b)
    ndim = max(a.ndim, b.ndim)
    a, b = (reshape(x, (1,) * (ndim - x.ndim) + x.shape) for x in (a, b))
    y = einsum(a, list(range(0, 2 * ndim, 2)), b, list(range(1, 2 * ndim, 2)), list(range(2 * ndim)))
    return reshape(y, [m * n for m, n in zip(a.shape, b.shape)])


def multi_dot(arrays: Sequence[Any]) -> Any:
    """The matrix product of several matrices in the cheapest order; the first and the last may be vectors."""
    xs = [as_array(x) for x in arrays]
    if len(xs) < 2:
        raise ValueError("multi_dot expects at least two arrays")
    labels = [[i, i + 1] for i in range(len(xs))]
    labels[0] = labels[0][-xs[0].ndim:]
    labels[-1] = labels[-1][: xs[-1].ndim]
    if [len(each) for each in labels] != [x.ndim for x in xs]:
        raise ValueError(f"multi_dot: only matrices, and vectors at the ends, can be multiplied; the shapes are {[x.shape for x in xs]}")
    result = [c for c in (0, len(xs)) if any(c in each for each in labels)]
    return einsum(*[part for x, each in zip(xs, labels) for part in (x, each)], result, optimize="optimal")


def vecdot(a: Any, b: Any, axis: int = -1) -> Any:
    """The inner product of vectors along an axis, a complex conjugated."""
    a, b = (moveaxis(x, axis, -1) if axis != -1 else as_array(x) for x in (a, b))
    return einsum("...i,...i->...", conj(a) if a.dtype.kind == "c" else a, b)


def matvec(a: Any, b: Any) -> Any:
    """Matrices times vectors: the last two axes of a, the last of b."""
    return einsum("...ij,...j->...i", a, b)


def vecmat(a: Any, b: Any) -> Any:
    """Vectors, complex conjugated, times matrices: the last axis of a, the last two of b."""
    a = as_array(a)
    return einsum("...i,...ij->...j", conj(a) if a.dtype.kind == "c" else a, b)


@primitive(a=lambda g, b: crossed(b, g), b=lambda g, a: crossed(g, a), broadcasts=True, linear=True)
def crossed(a: Any, b: Any) -> Any:
    """The cross products of the 3-vectors along the last axis. (g . (da x b) = da . (b x g): the gradients are cross products.)"""
    a, b = (np.moveaxis(x, -1, 0) for x in (a, b))
    return np.stack([a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]], -1)


def cross(a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None) -> Any:
    """The cross products of the 3-vectors along an axis (`axis`, or one for each of a, b and the result).

    Raises ValueError for vectors of other lengths. In the plane, write a[0] * b[1] - a[1] * b[0].
    """
    axisa, axisb, axisc = (axisa, axisb, axisc) if axis is None else (axis, axis, axis)
    a, b = as_array(a), as_array(b)
    a, b = moveaxis(a, normalize_axis_index(axisa, a.ndim), -1), moveaxis(b, normalize_axis_index(axisb, b.ndim), -1)
    if a.shape[-1] != 3 or b.shape[-1] != 3:
        raise ValueError(f"cross: incompatible dimensions for cross product: the vectors must have 3 components, and have {a.shape[-1]} "
                         f"and {b.shape[-1]}. In the plane write a[0] * b[1] - a[1] * b[0].")
    return moveaxis(crossed(a, b), -1, axisc)
