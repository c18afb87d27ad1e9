"""Which of SciPy's special functions have a gradient?

Those that `autograd.ops` has, under SciPy's names, and the four below, which take SciPy's arguments. The same functions record when
`scipy.special` itself is called on Tensors, if it is one of NumPy's universal functions there (`scipy.special.expit(x)`; not
`logsumexp`, `softmax` and `polygamma`, which NumPy is not asked about). All other names are SciPy's own functions, for plain arrays.

Read next: `../ops/special.py`; or `stats/__init__.py`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import ops
from autograd.ops.shapes import as_array, floating
from autograd.ops.special import scipy_special

NAMES = (
    "beta", "betainc", "betaln", "cbrt", "dawsn", "digamma", "entr", "erf", "erfc", "erfcinv", "erfcx", "erfinv", "exp1", "exp2",
    "expi", "expit", "expm1", "gamma", "gammainc", "gammaincc", "gammaln", "gammasgn", "i0", "i0e", "i1", "i1e", "iv", "ive",
    "j0", "j1", "jn", "jv", "k0", "k1", "kl_div", "kn", "kv", "log1p", "log_ndtr", "logit", "multigammaln", "ndtr", "ndtri",
    "polygamma", "psi", "rel_entr", "rgamma", "sinc", "stdtr", "xlog1py", "xlogy", "y0", "y1", "yn", "yv")
"""The functions of `autograd.ops` that are SciPy's, too."""


def logsumexp(a: Any, axis: Any = None, b: Any = None, keepdims: bool = False, return_sign: bool = False) -> Any:
    """log(sum(b exp(a))) along the given axes, computed without overflow.

    a, b:         broadcastable; b may be negative or zero, and is 1 if left out
    return_sign:  also return the sign of the sum, of whose size the logarithm then is; without it the log of a negative sum is NaN

    >>> import numpy as np
    >>> from autograd import grad
    >>> grad(logsumexp)(np.array([0.0, 0.0]))
    array([0.5, 0.5])
    """
    a = floating(a)
    if b is None:
        y = ops.logsumexp(a, axis=axis, keepdims=keepdims)
        return (y, ops.ones_like(y)) if return_sign else y
    a, b = ops.broadcast_arrays(a, as_array(b))
    high = largest(a, b, axis)
    total = ops.sum(b * ops.exp(ops.where(b == 0, 0, a - high)), axis=axis, keepdims=True)
    size = ops.absolute(total) if return_sign else total
    with np.errstate(divide="ignore", invalid="ignore"):
        y = ops.log(size) + high
    y, sign = (x if keepdims else ops.squeeze(x, axis) for x in (y, ops.sign(total)))
    return (y, sign) if return_sign else y


def largest(a: Any, b: Any, axis: Any) -> Any:
    """The largest a that counts, a constant: it is only there to keep exp from overflowing."""
    a, b = (x.detach() if hasattr(x, "detach") else x for x in (a, b))
    high = ops.max(ops.where(b == 0, -np.inf, a), axis=axis, keepdims=True)
    return ops.where(ops.isfinite(high), high, 0)


def softmax(x: Any, axis: Any = None) -> Any:
    """exp(x) / sum(exp(x)) along the given axes, all of them by default."""
    x = floating(x)
    return ops.exp(x - ops.logsumexp(x, axis=axis, keepdims=True))


def log_softmax(x: Any, axis: Any = None) -> Any:
    """log(softmax(x)), accurate where that is tiny."""
    x = floating(x)
    return x - ops.logsumexp(x, axis=axis, keepdims=True)


def log_expit(x: Any) -> Any:
    """log(expit(x)), accurate where that is tiny."""
    return -ops.softplus(-x)


def __getattr__(name: str) -> Any:
    return getattr(ops, name) if name in NAMES else getattr(scipy_special(), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *NAMES})
