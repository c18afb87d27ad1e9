"""How is a number distributed whose logarithm is normal, with deviation s?

    p(z) = exp(-log(z)^2 / (2 s^2)) / (s z sqrt(2 pi)),    z > 0

Read next: `discrete.py`.
"""

from __future__ import annotations

import math

from autograd.ops import exp, log, log_ndtr, ndtr, ndtri
from autograd.scipy.stats.family import Family

HALF_LOG_2PI = 0.5 * math.log(2 * math.pi)

FAMILY = Family(
    "lognorm", ("s",), support=(0, math.inf), open=True,
    log_density=lambda z, s: -((log(z) / s) ** 2) / 2 - log(s * z) - HALF_LOG_2PI,
    cdf=lambda z, s: ndtr(log(z) / s),
    sf=lambda z, s: ndtr(-log(z) / s),
    logcdf=lambda z, s: log_ndtr(log(z) / s),
    logsf=lambda z, s: log_ndtr(-log(z) / s),
    ppf=lambda q, s: exp(s * ndtri(q)),
    isf=lambda q, s: exp(-s * ndtri(q)),
    entropy=lambda s: HALF_LOG_2PI + 0.5 + log(s))

globals().update(FAMILY.functions())
__getattr__ = FAMILY.others
