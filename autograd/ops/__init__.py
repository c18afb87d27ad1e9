"""Every operation, by family. This page is the index; the formulas are in the files.

constants.py      comparisons, tests, indices: results without a gradient
elementwise.py    arithmetic, exp, sin, maximum, relu, ...
shapes.py         reshape, transpose, broadcast_to, flip, astype, ...
joining.py        concatenate, stack, split, ...
indexing.py       x[index] and its transpose, x[index] = v, take
selection.py      take_along_axis, sort, unique, nonzero, choose, ...
repetition.py     repeat, tile, pad, resize
diagonals.py      diagonal, trace, tril, ...
scans.py          cumsum, cumprod, diff, ...
reductions.py     sum, mean, max, var, ...
norms.py          norm
quantiles.py      median, quantile
contractions.py   matmul, and products by labels
products.py       einsum, tensordot, dot, kron, cross, ...
affine.py         linear: x W^T + b
softmax.py        softmax, log_softmax, cross_entropy
normalization.py  moments, normalise
windows.py        windows, fold
convolution.py    conv, conv_transpose, conv_weight
pooling.py        max_pool, avg_pool, ...
fractional.py     fractional_max_pool
resampling.py     interpolate
special.py        erf, gammaln, Bessel functions, ...
fourier.py        fft, ifft, rfft, ... of one axis or several

Families that few programs need are imported when one of their names is first asked for; `LATER` lists them.

Many functions have the names of Python's own (sum, max, any, ...), as in NumPy: inside these files those names are ours.

Read next: `constants.py`, then in this order.
"""

from importlib import import_module
from typing import Any

from autograd.ops.constants import (  # noqa: F401
    all, any, argmax, argmin, argpartition, argsort, argwhere, bitwise_and, bitwise_or, bitwise_xor, count_nonzero, equal, greater,
    greater_equal, invert, isclose, isfinite, isinf, isnan, less, less_equal, logical_and, logical_not, logical_or, logical_xor,
    not_equal, ones_like, searchsorted, signbit, zeros_like,
)
from autograd.ops.elementwise import (  # noqa: F401
    absolute, add, arccos, arccosh, arcsin, arcsinh, arctan, arctan2, arctanh, cbrt, ceil, clip, copysign, cos, cosh, deg2rad, degrees,
    divide, exp, exp2, expm1, fabs, fix, float_power, floor, floor_divide, fmax, fmin, fmod, heaviside, hypot, log, log1p, log2, log10,
    logaddexp, logaddexp2, maximum, minimum, multiply, nan_to_num, negative, positive, power, rad2deg, radians, reciprocal, relu,
    remainder, rint, round, saturate, sigmoid, sign, sin, sinc, sinc_derivative, sinh, softplus, sqrt, square, subtract, tan, tanh, trunc,
    where,
)
from autograd.ops.scans import cumprod, cumsum, diff, nancumprod, nancumsum, recurrence, shift, trapezoid  # noqa: F401
from autograd.ops.reductions import (  # noqa: F401
    amax, amin, average, logsumexp, max, mean, min, nanmax, nanmean, nanmin, nanprod, nanstd, nansum, nanvar, prod, ptp, std, sum, var,
)
from autograd.ops.quantiles import median, percentile, quantile  # noqa: F401
from autograd.ops.norms import matrix_norm, norm, p_norm, vector_norm  # noqa: F401
from autograd.ops.softmax import class_loss, cross_entropy, log_softmax, one_hot, softmax  # noqa: F401
from autograd.ops.normalization import moments, normalise  # noqa: F401
from autograd.ops.special import (  # noqa: F401
    beta, betaln, digamma, erf, erfc, erfcinv, erfinv, expit, gamma, gammaln, i0, i1, iv, j0, j1, jn, jv, lgamma, logit, multigammaln,
    polygamma, psi, y0, y1, yn, yv,
)
from autograd.ops.shapes import (  # noqa: F401
    astype, atleast_1d, atleast_2d, atleast_3d, broadcast_arrays, broadcast_to, cast, cast_away, conj, conjugate, copy,
    expand_dims, flatten, flip, fliplr, flipud, identity, imag, imaginary_part, matrix_transpose, moveaxis, permute_dims, ravel, real,
    real_part, reshape, roll, rollaxis, rot90, squeeze, swapaxes, transpose,
)
from autograd.ops.joining import (  # noqa: F401
    array_split, block, column_stack, concat, concatenate, dsplit, dstack, hsplit, hstack, joined, split, stack, unstack, vsplit, vstack,
)
from autograd.ops.indexing import deposit, getitem, lasting, overwrite, put_at, scatter_add, set_flat, set_item, subscript, take  # noqa: F401
from autograd.ops.selection import (  # noqa: F401
    choose, compress, deposit_along, extract, flatnonzero, nonzero, partition, select, set_along_axis, sort, take_along_axis, taken_along,
    unique, unique_part,
)
from autograd.ops.repetition import pad, pad_constant, repeat, repeated, resize, tile  # noqa: F401
from autograd.ops.diagonals import diag, diagflat, diagonal, on_diagonal, trace, tril, triu  # noqa: F401
from autograd.ops.contractions import contract, matmul, relabel  # noqa: F401
from autograd.ops.affine import linear  # noqa: F401
from autograd.ops.products import (  # noqa: F401
    cross, crossed, dot, einsum, inner, kron, matvec, multi_dot, outer, tensordot, vdot, vecdot, vecmat,
)
from autograd.ops.windows import fold, windows  # noqa: F401
from autograd.ops.convolution import conv, conv_transpose, conv_weight  # noqa: F401
from autograd.ops.pooling import (  # noqa: F401
    adaptive_avg_pool, adaptive_max_pool, adaptive_max_pool_index, avg_pool, first_maximum, lp_pool, max_pool, max_pool_index, max_unpool,
    window_count, window_put, window_spread, window_sum, window_take,
)
from autograd.ops.fractional import fractional_index, fractional_max_pool  # noqa: F401
from autograd.ops.resampling import interpolate  # noqa: F401

abs = absolute

LATER: dict[str, tuple[str, ...]] = {
    "fourier": ("fft", "fft2", "fftn", "fftshift", "hfft", "ifft", "ifft2", "ifftn", "ifftshift", "ihfft", "irfft", "irfft2", "irfftn",
                "rfft", "rfft2", "rfftn"),
}
"""The names of each family that is imported when one of them is first asked for."""

_HOME = {name: family for family, names in LATER.items() for name in names}


def __getattr__(name: str) -> Any:
    if name in _HOME:
        found = globals()[name] = getattr(import_module(f"autograd.ops.{_HOME[name]}"), name)
        return found
    raise AttributeError(f"module 'autograd.ops' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOME])
