"""How do numbers tell a derivative?

By the definition: (f(x + h) - f(x)) / h for a small h. `numerical_gradient` and `numerical_jacobian` write that out, for
learners. The rest is what `check.py` needs to do it to ten digits, along one direction t -> f(x + t d):

* `slope`, a difference over five points at several distances, each element of the result taking the distances that agree best;
* `complex_slope`, a step in the imaginary direction, which has no rounding error, where f is analytic;
* `one_sided` and `jumps`, for the points where there is no derivative.

Read next: `listing.py`.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.tensor import Tensor

Array = np.ndarray[Any, Any]
Line = Callable[[Any], Array]
"""t -> f(x + t d), flattened to a vector."""

DISTANCES = (1e-2, 3e-3, 1e-3, 1e-4)
"""How far to step, relative to the size of x where that is below 1."""


# ---- the definition, written out ----------------------------------------------------------------------------------


def numerical_gradient(f: Callable[[Any], Any], x: Any, h: float = 1e-5) -> Array:
    """df/dx[i] = (f(x + h e_i) - f(x - h e_i)) / 2h, element by element. (CS231n, gradient checks: "use the centered formula".)

    f:  from an array to a number
    x:  where; it is not changed

    Of complex x = a + ib, df/da - i df/db, as `grad` has it.

    >>> numerical_gradient(lambda x: (x ** 2).sum(), [1.0, 2.0]).round(6)
    array([2., 4.])
    """
    x = np.array(x, dtype=complex if np.iscomplexobj(x) else float)
    gradient = np.zeros_like(x)
    for i in np.ndindex(*x.shape):
        step = np.zeros_like(x)
        step[i] = h
        gradient[i] = (float(f(x + step)) - float(f(x - step))) / (2 * h)
        if x.dtype.kind == "c":
            gradient[i] -= 1j * (float(f(x + 1j * step)) - float(f(x - 1j * step))) / (2 * h)
    return gradient


def numerical_jacobian(f: Callable[[Any], Any], x: Any, h: float = 1e-5) -> Array:
    """J[..., i] = (f(x + h e_i) - f(x - h e_i)) / 2h: the result's shape followed by x's, as `jacobian(f)(x)` has it.
    (By complex x the derivative along the real line, which is that in every direction if f is holomorphic.)

    >>> numerical_jacobian(lambda x: x ** 2, [1.0, 2.0]).round(6)
    array([[2., 0.],
           [0., 4.]])
    """
    x = np.array(x, dtype=complex if np.iscomplexobj(x) else float)
    columns = []
    for i in np.ndindex(*x.shape):
        step = np.zeros_like(x)
        step[i] = h
        columns.append((plain(f(x + step)) - plain(f(x - step))) / (2 * h))
    shape = columns[0].shape if columns else plain(f(x)).shape
    return np.stack(columns, axis=-1).reshape(shape + x.shape) if columns else np.zeros(shape + x.shape)


def plain(value: Any) -> Array:
    """The values of a Tensor or of anything else, as an array."""
    return np.asarray(value._array if isinstance(value, Tensor) else value)


# ---- along a direction --------------------------------------------------------------------------------------------


def bounded(rng: np.random.Generator, shape: tuple[int, ...], dtype: Any = np.float64) -> Array:
    """Random numbers of either sign with absolute values between 1/2 and 1: no element can hide behind a small factor."""
    x = rng.uniform(0.5, 1.0, shape) * rng.choice([-1.0, 1.0], shape)
    if np.dtype(dtype).kind == "c":
        x = x + 1j * bounded(rng, shape)
    return np.asarray(x, dtype=dtype)


def slope(at: Line, size: float, linear: bool, eps: float) -> tuple[Array, Array]:
    """The derivative of t -> at(t) at 0, and how far off it may be, for each element.

    (8 (f(h) - f(-h)) - (f(2h) - f(-2h))) / 12h has an error of the order of h^4. A linear function takes h = 1.
    """
    if linear:
        ahead, behind = at(1.0), at(-1.0)
        return (ahead - behind) / 2, eps * (np.abs(ahead) + np.abs(behind))
    best: Any = None
    error = rounding = last = best
    largest: Any = 0.0
    for distance in DISTANCES if eps < 1e-10 else (0.3, 0.1, 0.03):
        h = distance * size
        near, far = (at(h), at(-h)), (at(2 * h), at(-2 * h))
        now = (8 * (near[0] - near[1]) - (far[0] - far[1])) / (12 * h)
        noise = eps * (np.abs(near[0]) + np.abs(near[1])) / h
        if last is not None:
            apart = np.abs(now - last)
            if error is None:
                best, error, rounding = now, apart, noise
            else:
                better = apart < error
                best, error, rounding = np.where(better, now, best), np.where(better, apart, error), np.where(better, noise, rounding)
        last, largest = now, np.maximum(largest, np.abs(now))
    return best, rounding + np.minimum(error, 1e-6 * largest)


def complex_slope(at: Line) -> Array | None:
    """Im f(x + ih d) / h with h = 1e-20: exact to rounding where f is analytic. None if f does not take complex numbers."""
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            return at(1e-20j).imag / 1e-20
    except Exception:
        return None


def one_sided(at: Line, v: Array, h: float = 1e-6) -> tuple[float, float] | None:
    """The derivatives of <v, at(t)> from the left and from the right; None where one of them is not finite, as at a jump."""
    with np.errstate(all="ignore"):
        middle = at(0.0)
        left, right, far_left, far_right = (float(np.sum(v * (at(s * h) - middle)).real) / (s * h) for s in (-1, 1, -30, 30))
    found = np.array([left, right, far_left, far_right])
    scale = 1e-3 * (1 + np.abs(found).max())
    if not np.isfinite(found).all() or abs(left - far_left) > scale or abs(right - far_right) > scale:
        return None
    return left, right


def jumps(at: Line, v: Array) -> bool:
    """Is <v, at(t)> discontinuous at 0, as floor is at 1 and the gradient of relu at 0? There is no derivative then.

    Nor is there where it is infinitely steep, like sqrt at 0. A kink is neither: nearer by, the difference is smaller in proportion.
    """
    with np.errstate(all="ignore"):
        middle, *near = (v * at(t) for t in (0.0, 1e-10, -1e-10, 1e-12, -1e-12))
        far, close = (max(np.abs(side - middle).sum() for side in sides) for sides in (near[:2], near[2:]))
        return bool(far > 1e-6 * (1e-6 + np.abs(middle).sum() + np.abs(near[0]).sum()) and not close < 0.05 * far)


def total(a: Any) -> float:
    return float(np.sum(a).real)


def typical(x: Array) -> float:
    """The size of x's elements, but at most 1."""
    size = float(np.sqrt(np.mean(np.abs(x) ** 2)))
    return min(1.0, size) if size > 0 else 1.0
