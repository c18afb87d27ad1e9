"""Every operation, by family. This page is the index; the formulas are in the files.

What all else is made of:

    constants.py      comparisons, tests, indices: results without a gradient
    elementwise.py    arithmetic, exp, sin, maximum, relu, ...

Shapes and places:

    shapes.py         reshape, transpose, broadcast_to, flip, astype, ...
    joining.py        concatenate, stack, split, ...
    indexing.py       x[index] and its transpose, x[index] = v, take
    selection.py      take_along_axis, sort, unique, nonzero, choose, ...
    repetition.py     repeat, tile, pad, resize
    padding.py        the modes of pad: statistics, ramps, reflections
    diagonals.py      diagonal, trace, tril, ...

Along an axis:

    scans.py          cumsum, cumprod, diff, ...
    reductions.py     sum, mean, max, var, ...
    norms.py          norm
    quantiles.py      median, quantile

Products:

    contractions.py   matmul, and products by labels
    products.py       einsum, tensordot, dot, kron, cross, ...

Linear algebra:

    hermitian.py      the triangle that cholesky and eigh read
    inverses.py       inv, solve, matrix_power, ...
    determinants.py   det, slogdet
    triangular.py     cholesky, qr
    eigen.py          eigh, eig, ...
    singular.py       svd, cond, ...
    least_squares.py  lstsq, pinv

Networks:

    affine.py         linear: x W^T + b
    softmax.py        softmax, log_softmax, cross_entropy
    normalization.py  moments, measured_by, normalise, rescale
    windows.py        windows, fold
    convolution.py    conv, conv_transpose, conv_weight
    pooling.py        max_pool, avg_pool, ...
    fractional.py     fractional_max_pool
    resampling.py     interpolate
    recurrent.py      rnn, lstm, gru, along whole sequences

Special functions:

    special.py        erf, gammaln, Bessel functions, ...
    gaussian.py       gelu, a relu without a corner
    decaying.py       kv, ive, erfcx, exp1, ...
    probability.py    xlogy, entr, ndtr, ...
    incomplete.py     gammainc, betainc, stdtr

The rest of NumPy:

    integers.py       gcd, lcm, shifts, isin, lexsort, ...: without a gradient, too
    floats.py         frexp, ldexp, modf, divmod, ...
    emath.py          roots and logarithms of negative numbers, as numpy.emath has them
    samples.py        interp, gradient, unwrap, ediff1d, sliding_window_view
    ranges.py         linspace, logspace, geomspace
    sequences.py      append, insert, delete, trim_zeros, meshgrid
    sets.py           union1d, intersect1d, setdiff1d, unique_values, ...
    signals.py        convolve, correlate
    polynomials.py    polyval, polyfit, polymul, roots, vander, ...
    statistics.py     cov, corrcoef, nanmedian, nanquantile
    histograms.py     bincount, histogram, histogramdd
    applying.py       piecewise, apply_along_axis
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
    absolute, add, angle, arccos, arccosh, arcsin, arcsinh, arctan, arctan2, arctanh, cbrt, ceil, clip, copysign, cos, cosh, deg2rad,
    degrees, divide, exp, exp2, expm1, fabs, fix, float_power, floor, floor_divide, fmax, fmin, fmod, heaviside, hypot, log, log1p, log2,
    log10, logaddexp, logaddexp2, maximum, minimum, multiply, nan_to_num, negative, positive, power, rad2deg, radians, reciprocal, relu,
    remainder, rint, round, saturate, sigmoid, sign, sin, sinc, sinc_derivative, sinh, softplus, sqrt, square, subtract, tan, tanh, trunc,
    where,
)
from autograd.ops.scans import (  # noqa: F401
    cumprod, cumsum, cumulative_prod, cumulative_sum, diff, nancumprod, nancumsum, recurrence, shift, trapezoid,
)
from autograd.ops.reductions import (  # noqa: F401
    amax, amin, average, logsumexp, max, mean, min, nanmax, nanmean, nanmin, nanprod, nanstd, nansum, nanvar, prod, ptp, std, sum, var,
)
from autograd.ops.quantiles import median, percentile, quantile  # noqa: F401
from autograd.ops.norms import matrix_norm, norm, p_norm, vector_norm  # noqa: F401
from autograd.ops.softmax import class_loss, cross_entropy, log_softmax, log_softmax_slope, one_hot, softmax, softmax_slope  # noqa: F401
from autograd.ops.normalization import measured_by, moments, normalise, rescale  # noqa: F401
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
    choose, compress, deposit_along, extract, flatnonzero, nonzero, partition, select, set_along_axis, sort, sort_complex, take_along_axis,
    taken_along, unique, unique_part,
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
    maximum_put, window_count, window_put, window_spread, window_sum, window_take,
)
from autograd.ops.fractional import fractional_index, fractional_max_pool  # noqa: F401
from autograd.ops.resampling import interpolate  # noqa: F401

abs = absolute

LATER: dict[str, tuple[str, ...]] = {
    "integers": ("bitwise_count", "digitize", "gcd", "iscomplex", "isin", "isneginf", "isposinf", "isreal", "lcm", "left_shift", "lexsort",
                 "nanargmax", "nanargmin", "packbits", "ravel_multi_index", "right_shift", "unpackbits", "unravel_index"),
    "floats": ("divmod", "frexp", "ldexp", "modf", "nextafter", "spacing"),
    "triangular": ("cholesky", "qr"),
    "determinants": ("det", "slogdet"),
    "inverses": ("inv", "matrix_power", "solve", "tensorinv", "tensorsolve"),
    "eigen": ("eig", "eigh", "eigvals", "eigvalsh"),
    "singular": ("cond", "matrix_rank", "svd", "svdvals"),
    "least_squares": ("lstsq", "pinv"),
    "ranges": ("geomspace", "linspace", "logspace"),
    "sequences": ("append", "delete", "insert", "meshgrid", "trim_zeros"),
    "sets": ("intersect1d", "setdiff1d", "setxor1d", "union1d", "unique_all", "unique_counts", "unique_inverse", "unique_values"),
    "signals": ("convolve", "correlate", "full_convolution", "valid_convolution"),
    "polynomials": ("characteristic", "poly", "polyadd", "polyder", "polydiv", "polyfit", "polyint", "polymul", "polysub", "polyval",
                    "roots", "vander"),
    "samples": ("ediff1d", "gradient", "interp", "sliding_window_view", "unwrap"),
    "statistics": ("corrcoef", "cov", "nanmedian", "nanpercentile", "nanquantile"),
    "histograms": ("bincount", "histogram", "histogram2d", "histogram_bin_edges", "histogramdd"),
    "applying": ("apply_along_axis", "apply_over_axes", "piecewise"),
    "emath": ("complex_outside", "principal_arccos", "principal_arcsin", "principal_arctanh", "principal_log", "principal_log2",
              "principal_log10", "principal_logn", "principal_power", "principal_sqrt"),
    "fourier": ("fft", "fft2", "fftn", "fftshift", "hfft", "ifft", "ifft2", "ifftn", "ifftshift", "ihfft", "irfft", "irfft2", "irfftn",
                "rfft", "rfft2", "rfftn"),
    "recurrent": ("gru", "lstm", "rnn"),
    "gaussian": ("gelu",),
    "decaying": ("dawsn", "erfcx", "exp1", "expi", "gammasgn", "i0e", "i1e", "ive", "k0", "k1", "kn", "kv", "rgamma"),
    "probability": ("entr", "kl_div", "log_ndtr", "ndtr", "ndtri", "rel_entr", "xlog1py", "xlogy"),
    "incomplete": ("betainc", "betainc_slope", "gammainc", "gammainc_slope", "gammaincc", "stdtr", "student_share"),
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
