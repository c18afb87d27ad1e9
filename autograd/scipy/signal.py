"""How are two arrays convolved, along some of their axes and summed over others?

`convolve` takes HIPS/autograd's arguments, and SciPy's: it is a sliding product along the axes of `axes`, an inner product over those
of `dot_axes`, and an outer product of the rest. All that is done here is to put the axes in the order in which `ops.conv`, which has
the gradients, takes them. What is not here is SciPy's own, for plain arrays.

Read next: `integrate.py`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from autograd import ops
from autograd.ops.shapes import as_array

Axes = tuple[Sequence[int], Sequence[int]] | list[Sequence[int]]
MODES = ("full", "same", "valid")


def convolve(A: Any, B: Any, axes: Any = None, dot_axes: Any = ((), ()), mode: str = "full", method: str = "auto") -> Any:
    """y[i] = sum over k of A[k] B[i - k], along several axes at once.

    A, B:      arrays
    axes:      (axes of A, axes of B) that are convolved, in pairs; by default all, in order. (A string is taken as the mode, as in SciPy)
    dot_axes:  (axes of A, axes of B) that are summed over, in pairs
    mode:      'full', wherever A and B overlap: m + n - 1 places; 'same', the middle m of these; 'valid', where the shorter lies
               wholly on the longer: |m - n| + 1
    method:    SciPy's; the result does not depend on it

    Returns the other axes of A, the other axes of B, and then the convolved ones. Raises ValueError for axes that do not pair.

    >>> import numpy as np
    >>> convolve(np.array([1.0, 2.0]), np.array([1.0, 0.0, 3.0]))
    array([1., 2., 3., 6.])
    """
    if isinstance(axes, str):
        axes, mode = None, axes
    if mode not in MODES:
        raise ValueError(f"convolve: mode must be 'full', 'same' or 'valid', but is {mode!r}")
    a, b = as_array(A), as_array(B)
    if axes is None:
        if a.ndim != b.ndim:
            raise ValueError(f"convolve: {a.shape} and {b.shape} are shapes of unlike numbers of axes. Say which to convolve, axes=([...], "
                             "[...]), and which to sum over, dot_axes=([...], [...])")
        axes = (range(a.ndim), range(b.ndim))
    a, rest_a = ordered(a, axes[0], dot_axes[0])
    b, rest_b = ordered(b, axes[1], dot_axes[1])
    if a.ndim != b.ndim or a.shape[1] != b.shape[1]:
        raise ValueError(f"convolve: the axes {axes} of shapes {as_array(A).shape} and {as_array(B).shape} come in pairs, and so do those "
                         f"of dot_axes={dot_axes}, which have equal lengths")
    if mode == "valid" and all(m <= n for m, n in zip(a.shape[2:], b.shape[2:])):
        y = ops.swapaxes(slid(b, a, mode), 0, 1)
    else:
        y = slid(a, b, mode)
    return ops.reshape(y, (*rest_a, *rest_b, *(y.shape[2:] if len(axes[0]) else ())))


def ordered(x: Any, along: Sequence[int], over: Sequence[int]) -> tuple[Any, tuple[int, ...]]:
    """x as (others, summed over, *convolved), and the lengths of the others."""
    named = [axis % x.ndim for axis in (*over, *along)]
    if len(set(named)) < len(named):
        raise ValueError(f"convolve: an axis is named twice among {tuple(along)} and {tuple(over)}")
    rest = [axis for axis in range(x.ndim) if axis not in named]
    x = ops.transpose(x, (*rest, *named))
    lengths = x.shape
    n = len(rest) + len(over)
    return ops.reshape(x, (math.prod(lengths[: len(rest)]), math.prod(lengths[len(rest): n]), *(lengths[n:] or (1,)))), lengths[: len(rest)]


def slid(a: Any, b: Any, mode: str) -> Any:
    """The convolution of (N, C, *m) and (O, C, *n): (N, O, *places)."""
    sizes = b.shape[2:]
    if mode == "valid" and any(m < n for m, n in zip(a.shape[2:], sizes)):
        raise ValueError(f"convolve: for mode='valid' one array must be the longer along each axis, but they are {a.shape[2:]} and {sizes} "
                         "places long")
    before = {"full": [n - 1 for n in sizes], "same": [n // 2 for n in sizes], "valid": [0] * len(sizes)}[mode]
    after = {"full": before, "same": [(n - 1) // 2 for n in sizes], "valid": before}[mode]
    return ops.conv(a, ops.flip(b, tuple(range(2, b.ndim))), padding=list(zip(before, after)))


def fftconvolve(in1: Any, in2: Any, mode: str = "full", axes: Any = None) -> Any:
    """The convolution of two arrays along the given axes (by default all), by Fourier transforms: fast where both are long."""
    a, b = as_array(in1), as_array(in2)
    if a.ndim != b.ndim or mode not in MODES:
        raise ValueError(f"fftconvolve: takes arrays of equally many axes, and a mode of {MODES}; got shapes {a.shape} and {b.shape}, and "
                         f"{mode!r}")
    axes = range(a.ndim) if axes is None else (axes,) if isinstance(axes, int) else axes
    along = sorted({axis % a.ndim for axis in axes})
    if mode == "valid" and all(a.shape[i] <= b.shape[i] for i in along):
        a, b = b, a
    if mode == "valid" and any(a.shape[i] < b.shape[i] for i in along):
        raise ValueError(f"fftconvolve: for mode='valid' one array must be the longer along every axis, but the shapes are {a.shape} and "
                         f"{b.shape}")
    lengths = [a.shape[i] + b.shape[i] - 1 for i in along]
    real = "c" not in (a.dtype.kind, b.dtype.kind)
    forward, back = (ops.rfftn, ops.irfftn) if real else (ops.fftn, ops.ifftn)
    y = back(forward(a, lengths, along) * forward(b, lengths, along), lengths, along)
    part = [slice(None)] * a.ndim
    for i in along:
        m, n = a.shape[i], b.shape[i]
        start, size = {"full": (0, m + n - 1), "same": ((n - 1) // 2, m), "valid": (n - 1, m - n + 1)}[mode]
        part[i] = slice(start, start + size)
    return ops.getitem(y, tuple(part))


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        from scipy import signal
    except ImportError as error:
        raise ImportError('this function is that of SciPy, which is not installed: pip install "onetape[scipy]"') from error
    return getattr(signal, name)
