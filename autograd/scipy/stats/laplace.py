"""What is the distribution whose most likely centre is the median?

    p(z) = exp(-|z|) / 2

Read next: `logistic.py`.
"""

from __future__ import annotations

import math
from typing import Any

from autograd.ops import absolute, exp, where, xlogy
from autograd.scipy.stats.family import Family


def share(z: Any) -> Any:
    """F(z) = exp(z) / 2 below 0, and 1 - exp(-z) / 2 above."""
    tail = exp(-absolute(z)) / 2
    return where(z > 0, 1 - tail, tail)


def quantile(q: Any) -> Any:
    return where(q > 0.5, -xlogy(1, 2 - 2 * q), xlogy(1, 2 * q))


FAMILY = Family(
    "laplace",
    log_density=lambda z: -absolute(z) - math.log(2),
    cdf=lambda z: share(z),
    sf=lambda z: share(-z),
    ppf=lambda q: quantile(q),
    isf=lambda q: -quantile(q),
    entropy=lambda: 1 + math.log(2))

globals().update(FAMILY.functions())
__getattr__ = FAMILY.others
