"""What is the distribution whose distribution function is the sigmoid?

    p(z) = exp(-z) / (1 + exp(-z))^2

Read next: `cauchy.py`.
"""

from __future__ import annotations

from typing import Any

from autograd.ops import expit, softplus, xlog1py, xlogy
from autograd.scipy.stats.family import Family


def quantile(q: Any) -> Any:
    """log(q / (1 - q))."""
    return xlogy(1, q) - xlog1py(1, -q)


FAMILY = Family(
    "logistic",
    log_density=lambda z: -softplus(z) - softplus(-z),
    cdf=lambda z: expit(z),
    sf=lambda z: expit(-z),
    logcdf=lambda z: -softplus(-z),
    logsf=lambda z: -softplus(z),
    ppf=lambda q: quantile(q),
    isf=lambda q: -quantile(q),
    entropy=lambda: 2.0)

globals().update(FAMILY.functions())
__getattr__ = FAMILY.others
