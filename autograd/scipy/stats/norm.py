"""What is the normal distribution?

    p(z) = exp(-z^2 / 2) / sqrt(2 pi)

Read next: `t.py`.
"""

from __future__ import annotations

import math

from autograd.ops import log_ndtr, ndtr, ndtri
from autograd.scipy.stats.family import Family

HALF_LOG_2PI = 0.5 * math.log(2 * math.pi)

FAMILY = Family(
    "norm",
    log_density=lambda z: -z * z / 2 - HALF_LOG_2PI,
    cdf=lambda z: ndtr(z),
    sf=lambda z: ndtr(-z),
    logcdf=lambda z: log_ndtr(z),
    logsf=lambda z: log_ndtr(-z),
    ppf=lambda q: ndtri(q),
    isf=lambda q: -ndtri(q),
    entropy=lambda: HALF_LOG_2PI + 0.5)

globals().update(FAMILY.functions())
__getattr__ = FAMILY.others
