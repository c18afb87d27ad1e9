"""Operations on each element: NumPy's differentiable ufuncs, and the few that deep learning adds.

Every entry is the mathematics and nothing else. `g` is the cotangent of the result `y`; broadcasting is undone, dtypes
are cast and contributions added elsewhere (`backward.py`). Where two formulas are equal, the one that names what is
alive anyway (`y`) or less memory is used.

At kinks the rules choose as PyTorch does: relu'(0) = 0, abs'(0) = 0, maximum and minimum share evenly at ties, clip
passes the gradient at its bounds.

Complex numbers need no rules of their own where f is holomorphic, like exp: the cotangent is not conjugated (`backward.py`). Those
that are not are |x|, x / |x| and the angle. Complex numbers are compared as NumPy does, by their real parts and then by the imaginary ones.

Read next: `../operators.py`; or `shapes.py`, for more operations.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import kernels
from autograd.ops.constants import isfinite, ones_like, zeros_like
from autograd.ops.shapes import as_array, astype, conjugated, floating, imag, real
from autograd.primitive import NONZERO, POSITIVE, UNIT, Domain, primitive

LN2, LN10 = float(np.log(2)), float(np.log(10))

# ---- arithmetic ---------------------------------------------------------------------------------------------------

add = primitive(np.add, a=lambda g: g, b=lambda g: g, broadcasts=True, linear=True, operator="+")
subtract = primitive(np.subtract, a=lambda g: g, b=lambda g: -g, broadcasts=True, linear=True, operator="-")
multiply = primitive(np.multiply, a=lambda g, b: g * b, b=lambda g, a: g * a, broadcasts=True, linear=True, operator="*")
divide = primitive(np.divide, a=lambda g, b: g / b, b=lambda g, y, b: -g * y / b, broadcasts=True, operator="/", domain={"b": POSITIVE})
negative = primitive(np.negative, x=lambda g: -g, linear=True, operator="-")
positive = primitive(np.positive, x=lambda g: g, linear=True, operator="+")
reciprocal = primitive(np.reciprocal, x=lambda g, y: -g * y * y, domain=NONZERO)
square = primitive(np.square, x=lambda g, x: 2 * g * x)


def power_to_base(g: Any, a: Any, b: Any) -> Any:
    """g b a^(b-1), and 0 for b = 0 even at a = 0."""
    if not getattr(b, "shape", ()) and not hasattr(b, "node"):  # one number for all: the usual case, and the fast one
        return zeros_like(g) if b == 0 else 2 * g * a if b == 2 else g * b * a ** (b - 1)
    return g * b * a ** (b - 1 + (a == 0) * (b == 0))


def power_to_exponent(g: Any, y: Any, a: Any) -> Any:
    """g y log(a), and 0 for a = 0. (The logarithm of a negative number is complex, if the result is.)"""
    a = astype(a, y.dtype) if y.dtype.kind == "c" else a
    slope = log(a + (a == 0))
    return g * y * (float(slope) if a.__class__ in (int, float) else slope)  # a number of Python's leaves float32 as it is


power = primitive(np.power, a=power_to_base, b=power_to_exponent, broadcasts=True, operator="**", domain={"a": POSITIVE})
float_power = primitive(np.float_power, a=power_to_base, b=power_to_exponent, broadcasts=True, domain={"a": POSITIVE})
remainder = primitive(np.remainder, a=lambda g: g, b=lambda g, a, b: -g * floor_divide(a, b), broadcasts=True,
                      domain={"a": Domain(0.1, 0.9), "b": Domain(1.0, 3.0)})
fmod = primitive(np.fmod, a=lambda g: g, b=lambda g, y, a, b: -g * rint((a - y) / b), broadcasts=True,
                 domain={"a": Domain(0.1, 0.9), "b": Domain(1.0, 3.0)})
floor_divide = primitive(np.floor_divide, a=lambda g: zeros_like(g), b=lambda g: zeros_like(g), broadcasts=True, operator="//",
                         domain={"a": Domain(0.1, 0.9), "b": Domain(1.0, 3.0)})
hypot = primitive(np.hypot, a=lambda g, y, a: g * a / (y + (y == 0)), b=lambda g, y, b: g * b / (y + (y == 0)), broadcasts=True,
                  domain=POSITIVE)



def attained(y: Any) -> Any:
    """A logarithm of a sum, and 0 where it is -inf: all summands are 0 there, and none of them has a share."""
    return where(y == -np.inf, 0, y)


# ---- exponentials and logarithms ----------------------------------------------------------------------------------

exp = primitive(np.exp, x=lambda g, y: g * y)
exp2 = primitive(np.exp2, x=lambda g, y: g * y * LN2)
expm1 = primitive(np.expm1, x=lambda g, y: g * (y + 1))
log = primitive(np.log, x=lambda g, x: g / x, domain=POSITIVE)
log2 = primitive(np.log2, x=lambda g, x: g / (x * LN2), domain=POSITIVE)
log10 = primitive(np.log10, x=lambda g, x: g / (x * LN10), domain=POSITIVE)
log1p = primitive(np.log1p, x=lambda g, x: g / (1 + x), domain=POSITIVE)
logaddexp = primitive(np.logaddexp, a=lambda g, y, a: g * exp(a - attained(y)), b=lambda g, y, b: g * exp(b - attained(y)), broadcasts=True)
logaddexp2 = primitive(np.logaddexp2, a=lambda g, y, a: g * exp2(a - attained(y)), b=lambda g, y, b: g * exp2(b - attained(y)),
                       broadcasts=True)
sqrt = primitive(np.sqrt, x=lambda g, y: g / (2 * y), domain=POSITIVE)
cbrt = primitive(np.cbrt, x=lambda g, y: g / (3 * y * y), domain=NONZERO)



def turned(g: Any, along: Any, across: Any) -> Any:
    """g along / (along^2 + across^2), without overflow in the squares, and 0 at the origin."""
    distance = hypot(along, across)
    distance = distance + (distance == 0)
    return g * (along / distance) / distance


# ---- trigonometric and hyperbolic ---------------------------------------------------------------------------------

sin = primitive(np.sin, x=lambda g, x: g * cos(x))
cos = primitive(np.cos, x=lambda g, x: -g * sin(x))
tan = primitive(np.tan, x=lambda g, y: g * (1 + y * y), domain=UNIT)
arcsin = primitive(np.arcsin, x=lambda g, x: g / sqrt(1 - x * x), domain=UNIT)
arccos = primitive(np.arccos, x=lambda g, x: -g / sqrt(1 - x * x), domain=UNIT)
arctan = primitive(np.arctan, x=lambda g, x: g / (1 + x * x))
arctan2 = primitive(np.arctan2, a=lambda g, a, b: turned(g, b, a), b=lambda g, a, b: -turned(g, a, b), broadcasts=True, domain=POSITIVE)
sinh = primitive(np.sinh, x=lambda g, x: g * cosh(x))
cosh = primitive(np.cosh, x=lambda g, x: g * sinh(x))
tanh = primitive(np.tanh, x=lambda g, y: g * (1 - y * y))
arcsinh = primitive(np.arcsinh, x=lambda g, x: g / (sqrt(x * x + 1) if x.dtype.kind == "c" else hypot(x, 1)))
arccosh = primitive(np.arccosh, x=lambda g, x: g / (sqrt(x - 1) * sqrt(x + 1)), domain=Domain(1.3, 4.0))
arctanh = primitive(np.arctanh, x=lambda g, x: g / (1 - x * x), domain=UNIT)
deg2rad = primitive(np.deg2rad, x=lambda g: deg2rad(g), linear=True)
rad2deg = primitive(np.rad2deg, x=lambda g: rad2deg(g), linear=True)
radians, degrees = deg2rad, rad2deg


@primitive(x=lambda g, x, order: g * sinc_derivative(x, order + 1), pointwise=True)
def sinc_derivative(x: Any, order: int = 0) -> Any:
    r"""The derivative of the given order of sinc(x) = sin(pi x) / (pi x), right at 0 too.

    From x f = sin(pi x) / pi, differentiated n times: f_n = (pi^(n-1) sin(pi x + n pi/2) - n f_(n-1)) / x. Near 0, where
    that cancels, the power series.
    """
    x = np.asarray(x)
    small = np.abs(x) < 1 + 0.25 * order
    safe = np.where(small, 1, x).astype(x.dtype, copy=False)
    f = np.sin(np.pi * safe) / (np.pi * safe)
    for n in range(1, order + 1):
        f = (np.pi ** (n - 1) * np.sin(np.pi * safe + n * np.pi / 2) - n * f) / safe
    # sum over k of (-1)^k pi^2k / (2k+1)! x^2k, differentiated term by term
    series, term, z = np.zeros_like(f), 1.0, np.where(small, x, 0)
    for k in range(40 + order):
        if 2 * k >= order:
            falling = 1.0
            for j in range(order):
                falling *= 2 * k - j
            series = series + term * falling * z ** (2 * k - order)
        term *= -np.pi**2 / ((2 * k + 2) * (2 * k + 3))
    return np.where(small, series, f).astype(f.dtype, copy=False)[()]


def sinc(x: Any) -> Any:
    """sin(pi x) / (pi x), and 1 at 0; with derivatives of any order, at 0 too."""
    return sinc_derivative(x, 0)


# ---- choosing -----------------------------------------------------------------------------------------------------


def share_of_a(g: Any, y: Any, a: Any, b: Any) -> Any:
    """g where a was taken, half of it at a tie, 0 elsewhere. That fits fmax and fmin too, which skip NaN."""
    return g * (a == y) - g * (a == b) / 2


def share_of_b(g: Any, y: Any, a: Any, b: Any) -> Any:
    """g where b was taken, half of it at a tie, 0 elsewhere."""
    return g * (b == y) - g * (a == b) / 2


maximum = primitive(np.maximum, a=share_of_a, b=share_of_b, broadcasts=True)
minimum = primitive(np.minimum, a=share_of_a, b=share_of_b, broadcasts=True)
fmax = primitive(np.fmax, a=share_of_a, b=share_of_b, broadcasts=True)
fmin = primitive(np.fmin, a=share_of_a, b=share_of_b, broadcasts=True)


@primitive(condition=None, a=lambda g, condition: where(condition, g, 0), b=lambda g, condition: where(condition, 0, g),
           broadcasts=True, linear=True)
def where(condition: Any, a: Any, b: Any) -> Any:
    """a where the condition holds, b elsewhere. No gradient crosses from the branch that was not taken.

    Call it with all three arguments; for the indices of the true elements use `nonzero`.
    """
    return np.where(condition, a, b)[()]


@primitive(x=lambda g, x, low, high: g * inside(x, low, high), low=lambda g, x, low: g * (x < low), high=lambda g, x, high: g * (x > high),
           broadcasts=True, domain={"x": Domain(-3, 3, avoid=(-1, 1)), "low": Domain(-1, -1), "high": Domain(1, 1)})
def clip(x: Any, low: Any = None, high: Any = None) -> Any:
    """min(max(x, low), high); None leaves a side open. At the bounds the gradient passes."""
    return np.clip(x, low, high)


@primitive(x=lambda g, x, low, high: g * ((x > low) & (x < high)), domain=Domain(-3, 3, avoid=(-1, 1)))
def saturate(x: Any, low: float = -1.0, high: float = 1.0) -> Any:
    """min(max(x, low), high), as `clip`, but no gradient passes at the bounds: the relu of two sides."""
    return np.clip(x, low, high)


def inside(x: Any, low: Any, high: Any) -> Any:
    """Where low <= x <= high; a missing bound is no bound."""
    if low is None:
        return x <= high if high is not None else x == x
    return x >= low if high is None else (x >= low) & (x <= high)


absolute = primitive(np.absolute, x=lambda g, x: g * conjugated(sign(x)), domain=NONZERO)
fabs = primitive(np.fabs, x=lambda g, x: g * sign(x), domain=NONZERO)
copysign = primitive(np.copysign, a=lambda g, a, b: g * sign(a) * copysign(ones_like(a), b), b=lambda g: zeros_like(g), broadcasts=True,
                     domain=NONZERO)


def where_finite(g: Any, x: Any) -> Any:
    """g where x is finite; of complex x each part on its own."""
    if x.dtype.kind != "c":
        return g * isfinite(x)
    return real(g) * isfinite(real(x)) + imag(g) * isfinite(imag(x)) * 1j


@primitive(x=where_finite)
def nan_to_num(x: Any, copy: bool = True, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None) -> Any:
    """x with NaN and infinities replaced by numbers; the gradient passes where x is finite. (`copy` is NumPy's; a copy is made anyway.)"""
    return np.nan_to_num(x, True, nan, posinf, neginf)


# ---- steps: flat almost everywhere, so the gradient is zero -------------------------------------------------------

STEPS = Domain(-2.9, 2.9, avoid=(-2.5, -2, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2, 2.5))
floor = primitive(np.floor, x=lambda g: zeros_like(g), domain=STEPS)
ceil = primitive(np.ceil, x=lambda g: zeros_like(g), domain=STEPS)
trunc = primitive(np.trunc, x=lambda g: zeros_like(g), domain=STEPS)
fix = trunc


@primitive(x=lambda g: zeros_like(g), domain=STEPS, pointwise=True)
def step_sign(x: Any) -> Any:
    """-1, 0 or 1, of real x."""
    if np.iscomplexobj(x):
        raise TypeError("step_sign is for real numbers; the sign of complex ones has a gradient, see direction")
    return np.sign(x)


def turn_only(g: Any, y: Any, x: Any) -> Any:
    """i Im(g y) conj(y) / |x|: what moves x / |x| is a step across x, and not one along it. (0 at 0.)"""
    size = absolute(x)
    return imag(g * y) * 1j * conjugated(y) / (size + (size == 0))


direction = primitive(np.sign, name="direction", x=turn_only, domain=NONZERO)


def sign(x: Any) -> Any:
    """-1, 0 or 1; of complex x the direction x / |x|, which has a gradient, and 0 at 0."""
    x = as_array(x)
    return direction(x) if x.dtype.kind == "c" else step_sign(x)


def angle_to_x(g: Any, x: Any, deg: bool) -> Any:
    """Im(dx / x) = Re(-i dx / x), so -i g / x; and 0 at 0, and along the real line."""
    if x.dtype.kind != "c":
        return zeros_like(g)
    return (rad2deg(g) if deg else g) * (x != 0) * -1j / (x + (x == 0))


@primitive(x=angle_to_x, domain=NONZERO)
def angle(x: Any, deg: bool = False) -> Any:
    """The angle of x in the complex plane, from -pi to pi, or in degrees; its gradient at 0 is 0."""
    return np.angle(x, deg)


rint = primitive(np.rint, x=lambda g: zeros_like(g), domain=STEPS)
heaviside = primitive(np.heaviside, x=lambda g: zeros_like(g), h=lambda g, x: g * (x == 0), broadcasts=True, domain={"x": NONZERO})


@primitive(x=lambda g: zeros_like(g), domain=STEPS)
def round(x: Any, decimals: int = 0) -> Any:
    """x rounded to the given number of decimals; its gradient is zero."""
    return np.round(x, decimals)


# ---- the additions of deep learning -------------------------------------------------------------------------------


@primitive(x=lambda g, y: g * y * (1 - y), pointwise=True)
def sigmoid(x: Any) -> Any:
    """1 / (1 + exp(-x)), computed without overflow. (CS231n, backpropagation: dsigma = (1 - sigma) sigma.)"""
    y = kernels.sigmoid(x)
    if y is not None:
        return y
    half = np.tanh(np.multiply(x, 0.5))  # sigma(x) = (1 + tanh(x/2)) / 2
    return half * 0.5 + 0.5


@primitive(x=lambda g, x: g * sigmoid(x), pointwise=True)
def softplus(x: Any) -> Any:
    """log(1 + exp(x)), computed without overflow: max(x, 0) + log(1 + exp(-|x|))."""
    x = floating(x)
    if x.dtype.kind == "c":
        raise TypeError("softplus is a smooth relu, of real numbers; for complex x write np.log(1 + np.exp(x))")
    small = np.exp(-np.abs(x))
    u = 1 + small  # log(1 + small) from the rounded sum u, and what the rounding lost; faster than log1p, and as exact
    return np.maximum(x, 0) + (np.log(u) - ((u - 1) - small) / u)


def relu_to_x(g: Any, y: Any) -> Any:
    """g * (y > 0)."""
    dx = kernels.relu_to_x(g, y)
    return g * (y > 0) if dx is None else dx


@primitive(x=relu_to_x, domain=NONZERO)
def relu(x: Any) -> Any:
    """max(x, 0), with relu'(0) = 0."""
    y = kernels.relu(x)
    return positive_part(x) if y is None else y


ZEROS = {np.dtype(kind): np.zeros(1 << 15, kind) for kind in (np.float32, np.float64)}


def positive_part(x: Any) -> Any:
    """max(x, 0). NumPy takes four times as long for an array and a number as for two arrays: so a large x meets zeros, some at a time."""
    if x.__class__ is not np.ndarray or x.size < 8192 or x.dtype not in ZEROS:
        return np.maximum(x, 0)
    y, zeros = np.empty_like(x), ZEROS[x.dtype]
    if y.strides != x.strides:  # x has gaps
        return np.maximum(x, 0)
    source, target = x.ravel("K"), y.ravel("K")
    for i in range(0, x.size, zeros.size):
        part = source[i:i + zeros.size]
        np.maximum(part, zeros[:part.size], out=target[i:i + zeros.size])
    return y
