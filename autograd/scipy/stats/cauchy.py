"""What is the distribution that has no mean?

    p(z) = 1 / (pi (1 + z^2))

Read next: `lognorm.py`.
"""

from __future__ import annotations

import math
from typing import Any

from autograd.ops import arctan2, cos, log1p, ones_like, sin
from autograd.scipy.stats.family import Family


def share(z: Any) -> Any:
    """F(z) = 1/2 + arctan(z) / pi, accurate where that is tiny."""
    return arctan2(ones_like(z), -z) / math.pi


def quantile(q: Any) -> Any:
    """tan(pi (q - 1/2))."""
    return -cos(math.pi * q) / sin(math.pi * q)


FAMILY = Family(
    "cauchy",
    log_density=lambda z: -math.log(math.pi) - log1p(z * z),
    cdf=lambda z: share(z),
    sf=lambda z: share(-z),
    ppf=lambda q: quantile(q),
    isf=lambda q: -quantile(q),
    entropy=lambda: math.log(4 * math.pi))

globals().update(FAMILY.functions())
__getattr__ = FAMILY.others
