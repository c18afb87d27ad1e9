"""What is the product of two sequences?

    convolve    y[i] = sum over k of a[k] v[i - k]: the coefficients of a product of polynomials
    correlate   y[i] = sum over k of a[i + k] v[k]: how well v fits at place i

Two primitives, `full_convolution` and `valid_convolution`, are each other's rules, so every order of derivative stays between
them. Images and batches are for `convolution.py`.

Read next: `polynomials.py`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.ops.shapes import as_array, conj, flip, reshape
from autograd.primitive import primitive


@primitive(a=lambda g, v: valid_convolution(g, flip(v)), v=lambda g, a: valid_convolution(g, flip(a)), linear=True)
def full_convolution(a: Any, v: Any) -> Any:
    """y[i] = sum over k of a[k] v[i - k] wherever a and v overlap; the result is as long as both together, less one."""
    return np.convolve(a, v, "full")


@primitive(a=lambda g, v: full_convolution(g, flip(v)), v=lambda g, a: flip(valid_convolution(a, flip(g))), linear=True)
def valid_convolution(a: Any, v: Any) -> Any:
    """The part of `full_convolution` where all of v lies on a, which is at least as long."""
    return np.convolve(a, v, "valid")


MODES = ("valid", "same", "full")


def mode_of(mode: Any, what: str) -> str:
    """The name of a mode, of which NumPy also takes the first letter or the number."""
    found = MODES[mode] if isinstance(mode, int) and 0 <= mode < 3 else next((m for m in MODES if m[0] == str(mode)[:1]), "")
    if not found:
        raise ValueError(f"{what}: mode must be 'full', 'same' or 'valid', but is {mode!r}")
    return found


def two_rows(a: Any, v: Any, what: str) -> tuple[Any, Any]:
    """The operands as one-dimensional arrays that are not empty."""
    a, v = (reshape(x, -1) if not x.ndim else x for x in map(as_array, (a, v)))
    if a.ndim != 1 or v.ndim != 1:
        raise ValueError(f"{what} takes two one-dimensional sequences, but got shapes {a.shape} and {v.shape}; "
                         "for images and batches see ops.conv, for rows ops.apply_along_axis")
    if not a.shape[0] or not v.shape[0]:
        raise ValueError(f"{what}: {'a' if not a.shape[0] else 'v'} cannot be empty")
    return a, v


def convolve(a: Any, v: Any, mode: Any = "full") -> Any:
    """y[i] = sum over k of a[k] v[i - k], the discrete convolution of two sequences.

    a, v:  1-d, of any two lengths m and n
    mode:  'full' (m + n - 1 places), 'same' (the middle max(m, n)), or 'valid' (the places where the shorter lies on the longer)

    >>> import numpy as np
    >>> convolve(np.array([1.0, 2.0]), np.array([1.0, 0.0, 3.0]))
    array([1., 2., 3., 6.])

    Raises ValueError for operands that are empty or have more than one axis.
    """
    mode = mode_of(mode, "convolve")
    a, v = two_rows(a, v, "convolve")
    if a.shape[0] < v.shape[0]:
        a, v = v, a
    if mode == "valid":
        return valid_convolution(a, v)
    y = full_convolution(a, v)
    start = (v.shape[0] - 1) // 2
    return y if mode == "full" else y[start: start + a.shape[0]]


def correlate(a: Any, v: Any, mode: Any = "valid") -> Any:
    """y[i] = sum over k of a[i + k] conj(v[k]), the cross-correlation of two sequences. `mode` as in `convolve`.

    Raises ValueError for operands that are empty or have more than one axis.
    """
    mode = mode_of(mode, "correlate")
    a, v = two_rows(a, v, "correlate")
    if mode != "same" or a.shape[0] >= v.shape[0]:
        return convolve(a, flip(conj(v)), mode)
    return flip(convolve(conj(v), flip(a), mode))  # NumPy finds the middle of the shorter one, from the other side
