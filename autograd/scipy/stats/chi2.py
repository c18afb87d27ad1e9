"""How is a sum of df squares of normal numbers distributed?

    p(z) = z^(df / 2 - 1) exp(-z / 2) / (2^(df / 2) gamma(df / 2)),    z >= 0

Read next: `beta.py`.
"""

from __future__ import annotations

import math

from autograd.ops import digamma, gammainc, gammaincc, gammaln, xlogy
from autograd.scipy.stats.family import Family

FAMILY = Family(
    "chi2", ("df",), support=(0, math.inf),
    log_density=lambda z, df: xlogy(df / 2 - 1, z) - z / 2 - gammaln(df / 2) - df / 2 * math.log(2),
    cdf=lambda z, df: gammainc(df / 2, z / 2),
    sf=lambda z, df: gammaincc(df / 2, z / 2),
    entropy=lambda df: df / 2 + math.log(2) + gammaln(df / 2) + (1 - df / 2) * digamma(df / 2))

globals().update(FAMILY.functions())
__getattr__ = FAMILY.others
