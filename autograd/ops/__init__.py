"""Every operation, by family. This page is the index; the formulas are in the files.

constants.py      comparisons, tests, indices: results without a gradient
elementwise.py    arithmetic, exp, sin, maximum, relu, ...
reductions.py     sum, mean, max, var, cumsum, ...
shapes.py         reshape, transpose, concatenate, pad, ...

Read next: `constants.py`, then in this order.
"""

from autograd.ops.constants import (  # noqa: F401
    all, any, argmax, argmin, argpartition, argsort, argwhere, bitwise_and, bitwise_or, bitwise_xor, count_nonzero, equal, greater,
    greater_equal, invert, isclose, isfinite, isinf, isnan, less, less_equal, logical_and, logical_not, logical_or, logical_xor,
    not_equal, ones_like, searchsorted, signbit, zeros_like,
)
from autograd.ops.elementwise import (  # noqa: F401
    absolute, add, arccos, arccosh, arcsin, arcsinh, arctan, arctan2, arctanh, cbrt, ceil, clip, copysign, cos, cosh, deg2rad, degrees,
    divide, exp, exp2, expm1, fabs, fix, float_power, floor, floor_divide, fmax, fmin, fmod, heaviside, hypot, log, log1p, log2, log10,
    logaddexp, logaddexp2, maximum, minimum, multiply, nan_to_num, negative, positive, power, rad2deg, radians, reciprocal, relu,
    remainder, rint, round, sigmoid, sign, sin, sinc, sinc_derivative, sinh, softplus, sqrt, square, subtract, tan, tanh, trunc, where,
)
from autograd.ops.reductions import sum  # noqa: F401
from autograd.ops.shapes import (  # noqa: F401
    astype, broadcast_to, concatenate, expand_dims, identity, joined, ravel, reshape, squeeze, stack, swapaxes, transpose,
)
from autograd.ops.indexing import deposit, getitem, subscript  # noqa: F401
from autograd.ops.contractions import matmul  # noqa: F401

abs = absolute
